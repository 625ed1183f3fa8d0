"""README and docs say what is true: examples are read, commands run, links and lists hold.

What a fenced block is for stands after its language, where a reader does not see it:

- `bareme`: a file of rules. `under=PLACE`: a fragment, put in its place before it is read.
  `from=FILE`: lines of that file. `file=FILE`: a file of the page's own project.
- `yaml`: a profile, read by the rules of the real case; `edition`: an `edition.yaml`; `file=FILE`.
- `csv`: a table; `file=FILE`.
- `console`: commands and what they print; a line `…` stands for any lines. `project`: in the page's
  own project. `edited`: in a copy of this repository, in a revision of its own, with the `diff`
  above it applied since. `so-far`: in the page's own project as its blocks above have made it:
  files, and a `diff` of one of them.
- `wrong=CODE`: an example of what gives this message.

`BAREME_RECORD=1 pytest tests/test_docs.py` writes the outputs and the picture anew.
"""

from __future__ import annotations

import doctest
import html
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import click
import pytest
from dulwich import porcelain
from lark import Tree

import bareme
from bareme import files
from bareme.audit import names, sealed
from bareme.checks import check, nesting
from bareme.cli import INTERRUPTED, TERMINATED, commands, output
from bareme.cli import run as run_cli
from bareme.diagnostics import DEFAULT_LIMIT, Diagnostic
from bareme.exact import MAX_BITS, MAX_DIGITS, round_half_up
from bareme.framework import Settings
from bareme.language import line as parsing
from bareme.language import outline, statement
from bareme.language import parse as parsing_rules
from bareme.language.parse import parse
from bareme.language.statement import OPTION, STATEMENT, STEP, SyntaxFault, _parser, read_line
from bareme.language.words import GRAMMAR, WORDS
from bareme.profiles import (
    answers,
    cells,
    declared,
    fields,
    nodes,
    package,
    published,
)
from bareme.profiles import read as reading
from bareme.profiles.editions import read_edition
from bareme.profiles.read import read_profile
from bareme.questionnaire.choices import COLUMNS
from bareme.questionnaire.lines import ALLOWED
from bareme.reports import tables
from bareme.reports.coverage import COVERAGE_COLUMNS
from bareme.reports.divided import DIFFERENCE_COLUMNS, LOSS_COLUMNS
from bareme.reports.lines import Pen, plain
from bareme.reports.past import HISTORY_COLUMNS
from bareme.reports.proved import PROOF_COLUMNS
from bareme.reports.reaching import LARGEST_COLUMNS, REACH_COLUMNS
from bareme.reports.records import PRINTED_COLUMNS, SCORE_COLUMNS, STEP_COLUMNS
from bareme.reports.unanswered import UNANSWERED_COLUMNS
from bareme.reports.whatif import WHATIF_COLUMNS
from bareme.resolve import resolve
from bareme.scoring.trace import Status
from bareme.source import Source
from bareme.text import read_text
from test_layers import ROOMS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MESSAGES = DOCS / "messages"
PICTURE = DOCS / "score.svg"
RECORD = os.environ.get("BAREME_RECORD") == "1"

PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
MESSAGE_PAGES = sorted(MESSAGES.glob("*.md"))

_FENCE = re.compile(r"(`{3,}|~{3,})(.*)")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


# ---- what a page holds


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the words after it, and its lines."""

    page: Path
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def value(self, name: str) -> str | None:
        """What stands after `name=` in the words of the block."""
        found = [word.partition("=")[2] for word in self.words if word.startswith(f"{name}=")]
        return found[0] if found else None


@cache
def blocks(page: Path) -> tuple[Block, ...]:
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        opening = _FENCE.fullmatch(lines[at])
        if opening is None:
            at += 1
            continue
        language, *words = opening[2].split() or [""]
        end = lines.index(opening[1], at + 1)
        text = "".join(f"{line}\n" for line in lines[at + 1 : end])
        found.append(Block(page, at + 1, language, tuple(words), text))
        at = end + 1
    return tuple(found)


def of_language(language: str, *pages: Path) -> list[Block]:
    return [b for page in pages or PAGES for b in blocks(page) if b.language == language]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    lines, fence = [], ""
    for line in page.read_text(encoding="utf-8").splitlines():
        opening = _FENCE.fullmatch(line)
        if opening and not fence:
            fence = opening[1]
        elif fence and line == fence:
            fence = ""
        elif not fence:
            lines.append(line)
    return "\n".join(lines)


def section(page: Path, heading: str) -> str:
    """What stands under a heading, down to the next one of its rank or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", prose(page), re.MULTILINE)
    assert found, f"{page.name} has no section {heading!r}"
    rest = prose(page)[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def first_column(text: str) -> list[str]:
    """What the rows of a section's tables are about, without backticks."""
    cells = re.findall(r"^\| (.+?) +\|", text, re.MULTILINE)
    return [cell.strip("`") for cell in cells if cell.startswith("`")]


def slugs(page: Path) -> set[str]:
    """The anchors that headings of a page get."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def by_place(each: object) -> str:
    return str(each)


# ---- rules

_SCALES = """\
scale yes_no: Yes = 100, No = 0
scale risk, best first: Very low, Low, Moderate, High, Very high
scale commitment, out of 4: In force = 4, None = 0
group region: North, South
data population in persons
"""
_PLACES = {  # what a fragment is put under, and what makes it whole where it scores nothing
    "file": ("", "index page\n    indicator filler\n        given\n"),
    "index": ("index page\n", "    indicator filler\n        given\n"),
    "category": (
        "index page\n    category part\n",
        "        indicator filler\n            given\n",
    ),
    "indicator": (
        "index page\n    indicator part\n",
        "        question filler on yes_no\n",
    ),
    "question": ("index page\n    question asked\n", "        options: Yes = 100, No = 0\n"),
    "scale": ("scale page\n", ""),
}
_SCORED = r"^(index|category|indicator|question|given|options)\b"


def whole(block: Block, place: str | None) -> str:
    """The rules of a block, completed where it is a fragment."""
    if place is None:
        return block.text
    head, filler = _PLACES[place]
    body = textwrap.indent(block.text, "    " * head.count("\n"))
    scored = re.search(_SCORED, block.text, re.MULTILINE)
    return head + body + ("" if scored else filler)


def faults(block: Block, place: str | None) -> list[Diagnostic]:
    """What is wrong with the rules of a block; a fragment has `scales.bareme` beside it."""
    source, found = read_text("page.bareme", whole(block, place).encode("utf-8"))
    tree, wrong = parse(source, "page")
    trees = [tree]
    found += wrong
    if place is not None:
        own = {each.name.text for each in (*tree.scales, *tree.groups, *tree.data)}
        text = "".join(
            line for line in _SCALES.splitlines(True) if line.split()[1].strip(",:") not in own
        )
        beside, wrong = parse(Source("scales.bareme", text), "scales")
        assert wrong == []
        trees.append(beside)
        if "use scales" not in block.text:
            tree, _ = parse(Source(source.name, "use scales\n" + source.text), "page")
            trees[0] = tree
    framework, wrong = resolve("docs", trees)
    found += [*wrong, *check(framework)]
    quiet = {"W201", "W202"} if place is not None else set()
    return [each for each in found if each.code not in quiet]


MESSAGE_RULES = [b for page in MESSAGE_PAGES for b in of_language("bareme", page)]
RULES = [b for b in of_language("bareme") if not (b.value("from") or b.value("file"))]


@pytest.mark.parametrize("block", RULES, ids=by_place)
def test_rules_on_a_page_are_sound(block):
    found = faults(block, block.value("under"))
    wrong = block.value("wrong")

    if wrong:
        assert wrong in {each.code for each in found}
    else:
        assert [(each.code, each.message) for each in found] == []


@pytest.mark.parametrize("block", MESSAGE_RULES, ids=by_place)
def test_rules_on_a_page_about_a_message_are_sound_unless_marked_wrong(block):
    if any(word.startswith("wrong") for word in block.words):
        return
    # Its author need not say where a fragment belongs: it has to be right in some place.
    found = {place: [e.message for e in faults(block, place)] for place in (None, *_PLACES)}

    assert [] in found.values(), found


@pytest.mark.parametrize(
    "block", [b for b in of_language("bareme") if b.value("from")], ids=by_place
)
def test_rules_quoted_from_a_file_stand_in_it(block):
    text = (ROOT / block.value("from")).read_text(encoding="utf-8")
    found = re.search(rf"^ *(?={re.escape(block.text.splitlines()[0])}$)", text, re.MULTILINE)
    assert found, str(block)

    assert textwrap.indent(block.text, found[0]) in text


def forms_of(text: str, kind: str) -> set[str]:
    read = read_line(text, kind)
    if isinstance(read, SyntaxFault):
        return set()
    return {str(each.data) for each in read.iter_subtrees()}


def test_every_form_of_the_grammar_has_an_example():
    rules = _parser().rules
    forms = {str(rule.alias or rule.origin.name) for rule in rules} - {STATEMENT, OPTION, STEP}
    forms = {form for form in forms if not form.startswith("_")}
    shown: set[str] = set()
    for block in of_language("bareme", DOCS / "language.md"):
        for line in block.text.splitlines():
            text = outline.strip_comment(line.strip())
            if not text:
                continue
            shown |= forms_of(text, STATEMENT) | forms_of(text, OPTION) | forms_of(text, STEP)

    assert len(forms) > 30
    assert forms - shown == set()


def test_every_statement_has_a_section():
    # A word starts a statement where the grammar reads on after it.
    def starts(word: str) -> bool:
        read = read_line(word, STATEMENT)
        return isinstance(read, Tree) or read.start > 0

    statements = {word for word in WORDS if starts(word)}
    headings = re.findall(r"^### (.+)$", prose(DOCS / "language.md"), re.MULTILINE)

    assert {"use", "scale", "index", "given", "publish"} <= statements
    assert [word for word in sorted(statements) if f"`{word}`" not in headings] == []


def test_every_word_of_the_language_is_listed():
    text = section(DOCS / "language.md", "Words of the language").split("\n\n")[2]

    assert re.findall(r"`(\w+)`", text) == sorted(WORDS)
    assert all(word in GRAMMAR for word in WORDS - {"rank"})


def test_the_table_of_places_says_what_the_parser_accepts():
    table = section(DOCS / "language.md", "What may stand where")
    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.MULTILINE))
    for place, kinds in parsing.STANDS_UNDER.items():
        row = next(
            text for head, text in rows.items() if place.split()[-1] in head.replace("`", "")
        )
        if "settings" in row:
            row += " `publish` `bands` `band by` `aggregate` `when missing` `weights` `normalise`"
            row += " `answer`"
        if "rules" in row:
            row += " `cap` `floor` `score` `for each` `skip when` `require`"
            row += " `range` `rescale` `monotone`"
        for kind in kinds:
            named = kind if kind == "a quoted text" else f"`{kind}"
            assert named in row.replace("quoted lines", "a quoted text"), f"{kind} under {place}"


def test_the_defaults_are_those_of_the_engine():
    table = section(DOCS / "language.md", "Settings").partition("\n### ")[0]
    defaults = dict(re.findall(r"^\| `(.+?)` \| (.+?) \|$", table, re.MULTILINE))
    settings = Settings()

    assert settings.places.value == 0
    assert settings.bands.value == ()
    assert defaults == {
        "publish": "whole numbers",
        "bands": "no bands",
        "aggregate by": settings.aggregation.value,
        "when missing": settings.when_missing.value,
        "normalise": "a measure has to say how it is scored",
        "compare with": "no changes are published",
        "compare by": "rounded scores",
        "rank by": "rounded scores",
        "band by": "rounded scores",
        "weights total": "relative weights may add up to anything",
        "levels": "levels are called `category` and `indicator`",
        "answer": "optional: an answer may be blank",
    }
    assert not settings.answer_required.value


LIMITS = {
    "language.md": {
        "one file": files.MAX_FILE,
        "all rules of a framework": files.MAX_RULES,
        "one line": outline.MAX_LINE,
        "blocks in blocks": outline.MAX_NESTING,
        "brackets in brackets": statement.MAX_BRACKETS,
        "bits of an exact score, above and below its line": MAX_BITS,
        "a figure that rests on others, by `same as`": nesting.MAX_LEVELS,
        "an id": parsing.MAX_ID,
        "a label, a title, a code": parsing.MAX_LABEL,
        "a note, a reason, a line of a question": parsing.MAX_NOTE,
        "digits of a number before its point, and as many after it": MAX_DIGITS,
        "published decimals": parsing.MAX_PLACES,
        "mistakes in one file, after which it is not read to its end": parsing_rules.MAX_FAULTS,
        "messages shown at once": DEFAULT_LIMIT,
    },
    "formats.md": {
        "one file": files.MAX_FILE,
        "a table": files.MAX_TABLE,
        "a cell of a table": cells.MAX_CELL,
        "the cells of a workbook's sheet, every row as wide as the header": package.MAX_CELLS,
        "what is in a workbook's archive": package.MAX_ENTRIES,
        "a workbook, unpacked": package.MAX_INFLATED,
        "a part of a workbook that unpacks to more than 1 MiB, unpacked to packed": (
            package.MAX_RATIO
        ),
        "blocks in blocks": nodes.MAX_NESTING,
        "an answer": answers.MAX_ANSWER,
        "a name, a source, a note": fields.MAX_NOTE,
        "digits of a number before its point, and as many after it": MAX_DIGITS,
    },
    "sealed.md": {
        "the files of a sealed edition": sealed.MAX_ENTRIES,
        "all of their bytes": sealed.MAX_SEALED,
        "the bytes of a manifest": sealed.MAX_MANIFEST,
        "the characters of a name": names.MAX_NAME,
    },
}


@pytest.mark.parametrize("page", LIMITS)
def test_limits_are_those_of_the_engine(page):
    table = section(DOCS / page, "Limits")
    rows = re.findall(r"^\| (.+?) \| ([\d,]+)(?: \w+)? \|", table, re.MULTILINE)
    written = {what: int(number.replace(",", "")) for what, number in rows}

    assert {what: written.get(what) for what in LIMITS[page]} == LIMITS[page]


def test_scores_on_the_page_about_numbers_are_rounded_as_it_says():
    table = section(DOCS / "methods.md", "Rounding")
    rows = re.findall(r"^\| ([\d.]+) \| (\d+) \| ([\d.]+) \|$", table, re.MULTILINE)

    assert len(rows) == 4
    for exact, whole_number, one_decimal in rows:
        assert round_half_up(Fraction(exact), 0) == Fraction(whole_number)
        assert round_half_up(Fraction(exact), 1) == Fraction(one_decimal) * 10


def test_the_rooms_of_the_house_are_listed_in_order():
    engine = ROOT / "engine" / "bareme"
    rooms = first_column(section(DOCS / "architecture.md", "The rooms"))
    there = {path.stem for path in engine.iterdir()}
    stairs = [room for room in ROOMS if room in there]

    assert rooms == stairs


# ---- profiles


@cache
def real_rules() -> bareme.Rules:
    return bareme.load(ROOT, framework="nuclear-security")


OF_PARTS = """units service
scale yes_no: Yes = 100, No = 0
data users
index rights
    indicator policies
        for each service
        question policy_public on yes_no
        question notices_sent on yes_no
        measure lost
            formula lost_in_transit / users
            normalise from 1 to 0
        data lost_in_transit
        indicator word
            require 1 answer
            score 100 when notices_sent is Yes
            score 0 otherwise
            monotone no "Words come after deeds."
"""

PROFILES = [b for b in of_language("yaml") if not b.value("file")]


@pytest.mark.parametrize("block", PROFILES, ids=by_place)
def test_profiles_on_a_page_are_read(block):
    text = block.text
    if "edition" in block.words:
        found = read_edition("2023", Source("edition.yaml", text))[1]
    else:
        if "\nentity:" not in f"\n{text}":
            text = f"entity: KAZ\n{text}"
        framework = real_rules().framework
        if block.value("of") == "parts":
            framework = resolve("rights", [parse(Source("rights.bareme", OF_PARTS), "rights")[0]])[
                0
            ]
        found = read_profile(Source("kazakhstan.yaml", text), framework)[1]
    wrong = block.value("wrong")

    if wrong:
        assert {each.code for each in found} == {wrong}
    else:
        assert [(each.code, each.message) for each in found] == []


# ---- commands


def project_of(page: Path, folder: Path) -> Path:
    """The page's own project: every block that names a file."""
    for block in blocks(page):
        name = block.value("file")
        if name is not None and block.language == "diff":
            if (folder / name).exists():
                apply(block, folder)
        elif name is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    return folder


def project_so_far(block: Block, folder: Path) -> Path:
    """The page's own project as a reader has it who has come to this block."""
    for above in blocks(block.page):
        name = above.value("file")
        if not name or above.line >= block.line:
            continue
        if above.language == "diff":
            apply(above, folder)
        else:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(above.text, encoding="utf-8")
    return folder


def edited_copy(edit: Block, folder: Path) -> Path:
    """A copy of the repository's rules and profiles with one line changed, as a diff says."""
    for name in ("rules", "profiles"):
        shutil.copytree(ROOT / name, folder / name)
    commit(folder)
    return apply(edit, folder)


def commit(folder: Path) -> None:
    """Make a folder a repository with one revision, of what is in it."""
    porcelain.init(str(folder))
    porcelain.add(str(folder), [str(path) for path in folder.rglob("*.*") if path.is_file()])
    who = b"A. K. <a@example.org>"
    porcelain.commit(str(folder), message=b"Start", author=who, committer=who)


def apply(edit: Block, folder: Path) -> Path:
    """Change a file as a diff says."""
    path = folder / str(edit.value("file"))
    lines = edit.text.splitlines()
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(f"\n{old}\n") == 1, f"{edit}: {old!r} stands {text.count(old)} times"
    path.write_text(text.replace(f"\n{old}\n", f"\n{new}\n"), encoding="utf-8")
    return folder


def folder_of(block: Block, tmp_path: Path) -> Path:
    if "project" in block.words:
        return project_of(block.page, tmp_path)
    if "so-far" in block.words:
        return project_so_far(block, tmp_path)
    if "edited" in block.words:
        above = [b for b in blocks(block.page) if b.language == "diff" and b.line < block.line]
        return edited_copy(above[-1], tmp_path)
    return ROOT


def printed_by(command: str, folder: Path) -> tuple[str, int]:
    """What a command prints on a terminal that shows UTF-8, both streams, and its exit status."""
    program, *arguments = shlex.split(command)
    assert program == "bareme"
    done = subprocess.run(
        [sys.executable, "-m", "bareme", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=60,
        check=False,
    )
    return done.stdout.decode("utf-8"), done.returncode


def session(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines printed below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *lines = part.rstrip("\n").split("\n")
        yield command, lines


def shortened_like(shown: list[str], lines: list[str]) -> list[str]:
    """The lines, cut at `…` where the page cuts them."""
    if "…" not in shown:
        return lines
    head = shown.index("…")
    assert head, "a page shows at least one line of what is printed"
    tail = len(shown) - head - 1
    assert len(lines) > head + tail
    return [*lines[:head], "…", *(lines[-tail:] if tail else [])]


def rerun(block: Block, folder: Path) -> str:
    """The block as it reads when its commands are run now."""
    rows: list[str] = []
    status = 0
    for command, shown in session(block.text):
        if command == "echo $?":
            lines = [str(status)]
        else:
            out, status = printed_by(command, folder)
            lines = shortened_like(shown, out.rstrip("\n").split("\n") if out else [])
        rows += [f"$ {command}", *lines]
    return "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize("block", of_language("console"), ids=by_place)
def test_commands_print_what_the_page_says(block, tmp_path):
    assert block.text.startswith("$ bareme")
    now = rerun(block, folder_of(block, tmp_path))
    if RECORD and now != block.text:
        page = block.page.read_text(encoding="utf-8")
        assert page.count(f"\n{block.text}```") == 1
        fresh = page.replace(f"\n{block.text}```", f"\n{now}```")
        block.page.write_text(fresh, encoding="utf-8")
        return

    assert now == block.text


@pytest.mark.parametrize("page", [p for p in PAGES if any(b.value("file") for b in blocks(p))],
                         ids=lambda page: page.name)  # fmt: skip
def test_a_pages_own_project_is_sound(page, tmp_path, capfd):
    if not any(b.value("file") and b.language != "diff" for b in blocks(page)):
        return
    status = run_cli(["-C", str(project_of(page, tmp_path)), "check"])

    assert (status, capfd.readouterr().err) == (0, "")


@pytest.mark.parametrize("block", of_language("pycon"), ids=by_place)
def test_python_on_a_page_does_what_it_says(block, monkeypatch):
    monkeypatch.chdir(ROOT)
    example = doctest.DocTestParser().get_doctest(block.text, {}, str(block), None, 0)
    said = io.StringIO()
    failed, tried = doctest.DocTestRunner().run(example, out=said.write)

    assert tried
    assert failed == 0, said.getvalue()


def test_every_command_and_option_named_on_a_page_exists():
    names = commands.cli.list_commands(click.Context(commands.cli))  # loads every one
    groups = [each for each in commands.cli.commands.values() if isinstance(each, click.Group)]
    inner = [command for group in groups for command in group.commands.values()]
    known = {
        option
        for command in [commands.cli, *commands.cli.commands.values(), *inner]
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    } | {"--help"}
    for page in PAGES:
        for code in re.findall(r"`([^`\n]+)`", prose(page)):
            called = re.match(r"bareme (?:-C \S+ )?([a-z]+)", code)
            if called:
                assert called[1] in names, f"{page.name}: {code}"
            for option in re.findall(r"(?<!\S)(--?[A-Za-z][a-z-]*)", code):
                if code.startswith(("bareme", "-")):
                    assert option in known, f"{page.name}: {code}"


def test_every_make_target_named_on_a_page_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE)
    }

    assert {"score", "test"} <= named <= targets


def test_the_plain_commands_are_those_of_make_test():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^test:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    plain_commands = recipe[1].replace("$(BIN)", ".venv/bin").replace("\t", "").splitlines()
    shown = "".join(block.text for block in of_language("sh")).splitlines()

    assert len(plain_commands) >= 4
    assert [each for each in plain_commands if each not in shown] == []


# ---- lists that have to be complete

FORMATS = DOCS / "formats.md"


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        ("score", SCORE_COLUMNS),
        ("check", PRINTED_COLUMNS),
        ("check --missing", UNANSWERED_COLUMNS),
        ("check --coverage", COVERAGE_COLUMNS),
        ("check --prove", PROOF_COLUMNS),
        ("explain", STEP_COLUMNS),
        ("explain --against", DIFFERENCE_COLUMNS),
        ("explain --lost", LOSS_COLUMNS),
        ("explain --history", HISTORY_COLUMNS),
    ],
)
def test_every_column_is_documented(command, columns):
    assert tuple(first_column(section(FORMATS, f"Columns of `{command}`"))) == columns


@pytest.mark.parametrize(
    ("question", "columns"),
    [
        ("whatif", WHATIF_COLUMNS),
        ("whatif --largest", LARGEST_COLUMNS),
        ("whatif --to", REACH_COLUMNS),
    ],
)
def test_every_column_of_what_if_is_documented(question, columns):
    page = DOCS / "what-if.md"
    assert tuple(first_column(section(page, f"Columns of `{question}`"))) == columns


@pytest.mark.parametrize(
    "arguments", [["lorne", "lifeboat=No"], ["kazakhstan", "--of", "theft", "--to", "70"],
                  ["kazakhstan", "--of", "theft", "--largest", "2"]],
)  # fmt: skip
def test_every_key_of_what_if_is_documented(arguments, capfd):
    text = section(DOCS / "what-if.md", "JSON of `whatif`")
    assert run_cli(["-C", str(ROOT), "whatif", *arguments, "--format", "json"]) == 0
    found = json.loads(capfd.readouterr().out)

    for key in found:
        assert f"`{key}`" in text, key
    for change in found.get("changes", ()):
        for key in change:
            assert f"`{key}`" in text, key


def test_every_column_of_a_questionnaire_is_documented_with_the_rows_that_have_it():
    text = section(FORMATS, "Columns of a questionnaire")
    assert set(first_column(text)) == set(COLUMNS)

    figures = {"index", "category", "indicator", "given"}
    groups = {"figures": figures, "what is asked": {"question", "measure", "data"}}
    for column, said in re.findall(r"^\| `(\w+)` \| (.+?) \|", text, re.MULTILINE):
        if column == "kind":
            continue
        named = {kind for name, kinds in groups.items() if name in said for kind in kinds}
        named |= set(re.findall(r"`(\w+)`", said))
        if said.startswith(("all", "any row")):
            named = set(ALLOWED) - named
        without = {"index"} if column != "index" else set()  # it stands in nothing
        has = {kind for kind in ALLOWED if column in ALLOWED[kind]}
        assert has - without == named - without, column


def test_every_kind_of_row_is_documented():
    assert first_column(section(FORMATS, "Kinds of rows")) == list(ALLOWED)


def test_every_status_is_documented():
    assert first_column(section(FORMATS, "Statuses")) == [str(each) for each in Status]


def test_every_exit_status_is_documented():
    statuses = [
        commands.DONE,
        commands.ANSWER_IS_NO,
        commands.BAD_INPUT,
        commands.MACHINE_FAILED,
        INTERRUPTED,
        TERMINATED,
    ]

    assert first_column(section(FORMATS, "Exit statuses")) == [str(each) for each in statuses]


def test_every_format_and_ending_is_documented():
    text = section(FORMATS, "Output")

    assert all(f"`{name}`" in text for name in output.FORMATS)
    assert all(f"`{ending}`" in text for ending in output._ENDINGS)


def test_every_section_of_a_profile_is_documented():
    text = section(FORMATS, "Profiles")

    for key in [*reading._SECTIONS, *fields.EVIDENCE, "answer", "score", "rank"]:
        assert f"`{key}`" in text or f"`{key}:" in text, key


def test_every_key_of_a_table_is_documented():
    text = section(FORMATS, "Tables")

    for key in declared.TABLE_KEYS:
        assert f"`{key}`" in text, key
    for key in published._FIGURE:
        assert f"`{key}`" in section(FORMATS, "Printed figures"), key


def _keys(value: object, below: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{below}{key}"
            if not key.endswith("published"):  # a record of `score`
                yield from _keys(inner, f"{below}{key}.")
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner, below)


IMPUTED = """scale yes_no: Yes = 100, No = 0
index own
    when missing {policy}
    question open on yes_no
    question lit on yes_no
"""


def test_every_key_of_an_explanation_is_documented(tmp_path):
    text = section(FORMATS, "The JSON of `explain`")
    shown: set[str] = set()
    for arguments in (
        ["KAZ", "theft"],
        ["KAZ", "theft", "--edition", "2020"],
        ["KAZ", "radioactive_sources"],
        ["marsk", "harbour_safety"],
        ["zennick", "harbour_safety"],
    ):
        out, status = printed_by(f"bareme explain {shlex.join(arguments)} --format json", ROOT)
        assert status == 0
        shown |= set(_keys(json.loads(out)))

    root = tmp_path / "rules" / "rights"
    root.mkdir(parents=True)
    (root / "rights.bareme").write_text(OF_PARTS, encoding="utf-8")
    profiles = tmp_path / "profiles" / "rights" / "2022"
    profiles.mkdir(parents=True)
    answers = "{policy_public: Yes, notices_sent: No, lost_in_transit: 2}"
    profile = f"entity: A\nanswers: {{users: 9}}\nparts: {{service: {{Mail: {answers}}}}}\n"
    (profiles / "a.yaml").write_text(profile, encoding="utf-8")
    for arguments in (["A", "rights"], ["A", "policies", "--part", "Mail"]):
        out, status = printed_by(f"bareme explain {shlex.join(arguments)} --format json", tmp_path)
        assert status == 0, out
        shown |= {each.replace("steps.parts.steps.", "steps.") for each in _keys(json.loads(out))}

    for policy in ("average of all", "carry forward"):
        project = tmp_path / policy.replace(" ", "_")
        texts = {
            "rules/own/own.bareme": IMPUTED.format(policy=policy),
            "profiles/own/2020/a.yaml": "entity: A\nanswers: {open: Yes, lit: No}\n",
            "profiles/own/2021/a.yaml": "entity: A\nanswers: {open: Yes}\n",
            "profiles/own/2021/b.yaml": "entity: B\nanswers: {open: No, lit: Yes}\n",
        }
        for file, written in texts.items():
            (project / file).parent.mkdir(parents=True, exist_ok=True)
            (project / file).write_text(written, encoding="utf-8")
        out, status = printed_by("bareme explain A own --format json", project)
        assert status == 0, out
        shown |= set(_keys(json.loads(out)))

    assert "steps.inputs.share" in shown
    assert sorted(shown) == sorted(first_column(text))


@pytest.mark.parametrize("option", ["--against inverarn", "--lost"])
def test_every_key_of_a_divided_figure_is_documented(option):
    text = section(FORMATS, f"The JSON of `explain {option.split()[0]}`")
    shown: set[str] = set()
    for entity in ("marsk", "calder"):
        out, status = printed_by(
            f"bareme explain {entity} harbour_safety {option} --format json", ROOT
        )
        assert status == 0, out
        shown |= set(_keys(json.loads(out)))

    columns = LOSS_COLUMNS if option == "--lost" else ()
    assert {f"parts.{each}" for each in columns} <= shown
    shown -= {f"parts.{each}" for each in columns}
    assert sorted(shown) == sorted(first_column(text))


def test_every_key_of_a_history_is_documented(tmp_path):
    shutil.copytree(ROOT / "rules" / "harbour-safety", tmp_path / "rules" / "harbour-safety")
    shutil.copytree(ROOT / "profiles" / "harbour-safety", tmp_path / "profiles" / "harbour-safety")
    porcelain.init(str(tmp_path))
    porcelain.add(str(tmp_path), [str(each) for each in tmp_path.rglob("*") if each.is_file()])
    porcelain.commit(str(tmp_path), message=b"Start", author=b"A <a@b>", committer=b"A <a@b>")

    out, status = printed_by("bareme explain marsk works --history --format json", tmp_path)
    assert status == 0, out
    shown = set(_keys(json.loads(out)))
    assert sorted(shown) == sorted(
        first_column(section(FORMATS, "The JSON of `explain --history`"))
    )


def test_every_key_of_an_explained_rating_is_documented(tmp_path):
    root = tmp_path / "rules" / "norms"
    root.mkdir(parents=True)
    grades = "1 from 50, 2 from 0\n"
    (root / "norms.bareme").write_text(
        f"index freedom\n    indicator votes\n        given\n    rating pr of votes: {grades}"
        f"    rating status of pr, freedom: Free up to 30, Not Free above\n",
        encoding="utf-8",
    )
    profiles = tmp_path / "profiles" / "norms" / "2023"
    profiles.mkdir(parents=True)
    (profiles / "a.yaml").write_text("entity: A\ngiven: {freedom: {votes: 60}}\n", "utf-8")

    out, status = printed_by("bareme explain A freedom.status --format json", tmp_path)
    explained = json.loads(out)
    text = section(FORMATS, "The JSON of a rating")
    keys = {each for each in _keys(explained) if not each.startswith(("published.", "reads.pub"))}

    assert status == 0
    assert (explained["label"], explained["mean"]) == ("Not Free", "61/2")
    assert sorted(keys | {"reads.published"}) == sorted(first_column(text))

    shown, status = printed_by("bareme explain A freedom.status", tmp_path)
    assert status == 0
    assert [" ".join(each.split()) for each in shown.splitlines()[1:]] == [
        "Status = Not Free rules/norms/norms.bareme:5",
        "│ mean: (1 + 60) / 2 = 30.5",
        "│ `Not Free above` holds for 30.5",
        "├─ Pr = 1 freedom.pr",
        "└─ Freedom = 60 freedom",
        "`bareme explain A freedom.pr --edition 2023` goes on from there.",
    ]

    rows, status = printed_by("bareme explain A freedom.status --format csv", tmp_path)
    assert status == 0
    assert [row.split(",")[4] for row in rows.splitlines()] == [
        "figure",
        "freedom.status",
        "freedom.pr",
        "freedom",
    ]

    league, status = printed_by("bareme score --entity A", tmp_path)
    assert status == 0
    assert "  Status                          Not Free" in league.splitlines()


def test_every_message_is_linked_from_the_page_it_belongs_to():
    engine = "".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "engine").rglob("*.py"))
    )
    codes = set(re.findall(r"\"([EWP]\d{3})\"", engine))
    linked = set(
        re.findall(
            r"\]\(messages/([EWP]\d{3})\.md\)",
            "".join(prose(DOCS / f"{page}.md") for page in ("language", "formats", "sealed")),
        )
    )

    assert len(codes) > 50
    assert codes - linked == set()
    assert linked - codes == set()


# ---- links, blocks, the picture


@pytest.mark.parametrize("page", [*PAGES, *MESSAGE_PAGES], ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for link in _LINK.findall(prose(page)):
        if link.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_relative_to(ROOT.resolve()), link
        assert target.exists(), link
        if anchor:
            assert anchor in slugs(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_of_a_kind_that_is_tested(page):
    kinds = {"bareme", "yaml", "console", "diff", "pycon", "sh", "powershell", "text", "csv"}
    words = {
        "bareme": {"under", "from", "file", "wrong"},
        "yaml": {"edition", "file", "of", "wrong"},
        "csv": {"file"},
        "console": {"project", "edited", "so-far"},
        "diff": {"file"},
    }
    for block in blocks(page):
        assert block.language in kinds, str(block)
        names = {word.partition("=")[0] for word in block.words}
        assert names <= words.get(block.language, set()), str(block)


def test_pages_are_plain_text_that_fits_the_window():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert "\t" not in text
        assert not re.search(r"/(work|tmp|home|root|Users)/", text), page.name
        for number, line in enumerate(prose(page).splitlines(), 1):
            if not line.startswith(("|", "Messages:", "![")):
                assert len(line) <= 120, f"{page.name}, line {number} of its prose"


def _picture() -> tuple[str, str]:
    """`bareme score theft` as a picture and as text, both from the same lines."""
    from rich.console import Console
    from rich.text import Text

    cohort = real_rules().cohort("2023")
    results = list(real_rules().score(cohort, ["theft"]).values())
    lines = tables.score_tables(results, ["KAZ"], "indicator", Pen(), trees=True)
    console = Console(
        record=True, width=82, file=io.StringIO(), highlight=False, emoji=False, markup=False
    )
    console.print(Text("$ bareme score theft", style="bold"))
    for each in lines:
        styles = [(text, output._COLOURS.get(style, "")) for text, style in each]
        console.print(Text.assemble(*styles), soft_wrap=True)
    svg = console.export_svg(title="", code_format=_SVG, unique_id="score")
    svg = re.sub(r' clip-path="url\(#score-line-\d+\)"|<text [^>]*>\s*</text>', "", svg)
    return re.sub(r"\s*\n\s*", "\n", svg), plain(lines)


_SVG = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>The output of bareme score theft, for Kazakhstan in 2023</title>
<style>
.score-matrix {{
font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="score-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#score-clip-terminal)">
{backgrounds}
<g class="score-matrix">
{matrix}
</g>
</g>
</svg>
"""


def _letters(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_the_picture_shows_what_the_command_prints():
    svg, text = _picture()
    if RECORD:
        PICTURE.write_text(svg, encoding="utf-8")
    kept = PICTURE.read_text(encoding="utf-8")
    drawn = "".join(html.unescape(each) for each in re.findall(r"<text [^>]*>([^<]*)</text>", kept))

    assert printed_by("bareme score theft", ROOT) == (text, 0)
    assert _letters(drawn) == _letters("$ bareme score theft" + text)


def test_the_picture_is_small_and_loads_nothing():
    svg = PICTURE.read_text(encoding="utf-8")

    assert len(svg.encode("utf-8")) < 40_000
    assert "@font-face" not in svg
    assert re.findall(r"(?:https?:)?//[^\s\"')]+", svg) == ["http://www.w3.org/2000/svg"]
