"""The readers that are attacked: each takes bytes and returns what it has to say of them."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import generators as g
import workbooks
from bareme.audit.sealed import Sealed, hash_of, packed, unpack
from bareme.checks import check
from bareme.diagnostics import Diagnostic, has_errors
from bareme.framework import Framework
from bareme.language.format import format_rules
from bareme.language.parse import parse
from bareme.plan import plan_index
from bareme.profiles.cells import Sheet, read_sheet
from bareme.profiles.editions import read_edition
from bareme.profiles.layout import Layout
from bareme.profiles.read import read_profile
from bareme.profiles.tables import read_table
from bareme.profiles.workbook import read_workbook
from bareme.project import read_rules
from bareme.questionnaire import Choices, write_rules
from bareme.record import replace
from bareme.resolve import resolve
from bareme.scoring.exact import score
from bareme.sealing import verify
from bareme.source import Source, Span
from bareme.text import read_text
from programs import Writer
from tables_of_questions import LAYOUTS, Asked, Option, Part

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
REAL = "nuclear-security"

Said = tuple[Source, list[Diagnostic]]


@dataclass(frozen=True)
class Reader:
    """One way into the product.

    Attributes:
        read: bytes to messages; scores what is sound.
        samples: sound files of the repository, for mutations to start from.
        generate: a sound input from a seed.
        tokens: what means something to this reader; mutations put it where it does not belong.
    """

    read: Callable[[bytes], Said]
    samples: Callable[[], list[bytes]]
    generate: Callable[[random.Random], bytes]
    tokens: tuple[str, ...]


def _rules(data: bytes) -> Said:
    source, found = read_text("rules/fuzz/all.bareme", data)
    if any(each.code == "E001" for each in found):
        return source, found
    tree, faults = parse(source, "all")
    found += faults
    framework, faults = resolve("fuzz", [tree])
    found += [*faults, *check(framework)]
    if has_errors(found):
        found = [each for each in found if not each.code.startswith("W2")]  # as read_rules does
    else:
        for index in framework.indices:
            plan_index(framework, index)
    return source, found


@cache
def real() -> Framework:
    return read_rules(ROOT, REAL).framework


def _profile(data: bytes) -> Said:
    source, found = read_text("profiles/fuzz/2023/a.yaml", data)
    if found:
        return source, found
    profile, found = read_profile(source, real())
    if profile is not None and not has_errors(found):
        for index in real().indices:
            score(plan_index(real(), index), profile)
    return source, found


def _edition(data: bytes) -> Said:
    source, found = read_text("profiles/fuzz/2023/edition.yaml", data)
    return (source, found) if found else (source, read_edition("2023", source)[1])


@cache
def harbours() -> tuple[Framework, Source, Layout]:
    """The rules that tables are read by, and what an edition says of its table."""
    name = "profiles/harbour-safety/2024/edition.yaml"
    source, _ = read_text(name, (ROOT / name).read_bytes())
    layout = read_edition("2024", source)[0].table
    assert layout is not None
    return read_rules(ROOT, "harbour-safety").framework, source, layout


def _table(data: bytes) -> Said:
    source, found = read_text("profiles/harbour-safety/2024/fuzz.csv", data)
    if found:
        return source, found
    framework, edition, layout = harbours()
    sheet, found = read_sheet(source)
    profiles, faults = read_table(sheet, layout, edition, framework)
    found = [each for each in [*found, *faults] if each.span.file == source.name]
    if profiles and not has_errors([*found, *faults]):
        for index in framework.indices:
            plan = plan_index(framework, index)
            for profile in profiles[:3]:
                score(plan, profile)
    return sheet, found


def _some_table(random_: random.Random) -> bytes:
    rows = (ROOT / "profiles/harbour-safety/2024/harbours.csv").read_text("utf-8").splitlines()
    return "\n".join([rows[0], *random_.sample(rows[1:], random_.randint(1, 4))]).encode()


def _questionnaire(data: bytes) -> Said:
    source, found = read_text("questions.csv", data)
    if any(each.code in ("E001", "E002") for each in found):
        return source, found
    sheet, faults = read_sheet(source)
    return _imported(sheet, [*found, *faults])


def _workbook(data: bytes) -> Said:
    """A workbook; or the text of its parts, each below its name, which reaches further in."""
    if not data.startswith(b"PK"):
        data = _packed(data)
    sheet, found = read_workbook("questions.xlsx", data)
    return _imported(sheet, found) if sheet.rows else (sheet, found)


def _imported(sheet: Sheet, found: list[Diagnostic]) -> Said:
    """The rules of a table; sound ones are read again, and are tidy."""
    written, faults = write_rules(sheet, Choices(), before=found)
    found += faults
    if written.text:
        again = Source("again.bareme", written.text)
        assert format_rules(again) == written.text
        tree, wrong = parse(again, "again")
        framework, more = resolve("again", [tree])
        assert not has_errors([*wrong, *more, *check(framework)])
    return sheet, found


def _sealed(data: bytes) -> Said:
    """A sealed edition; or the text of its files, each below its name, with every hash right.

    What is said of a file in it has its place there; it is handed on as said of the whole.
    """
    if not data.startswith(b"bareme.sealed/"):
        data = _sealed_from(data)
    read, wrong = unpack("x.sealed", data)
    if read is not None and not wrong:
        assert packed(read.head, read.files) == data  # there is one way to write it down
    checked = verify("x.sealed", data)
    for each in checked.found:
        source = checked.sources.get(each.span.file, Source(each.span.file, ""))
        assert each.span.file.startswith("x.sealed")
        assert 0 <= each.span.start <= each.span.end <= len(source.text) + 1, each
    whole = Span("x.sealed", 0, 0)
    return Source("x.sealed", ""), [replace(each, span=whole, notes=()) for each in checked.found]


@cache
def sealed_norms() -> Sealed:
    """The edition that files are put into."""
    found, _ = unpack("x.sealed", next(iter(_files("tests/sealed/0.1.0/norms-2024.sealed")())))
    assert found is not None
    return found


def _sealed_from(data: bytes) -> bytes:
    """A sealed edition with these files in place of its own; `manifest` is its lines."""
    pieces = _PART.split(data)
    held = dict(sealed_norms().files)
    for name, content in zip(pieces[1::2], pieces[2::2], strict=True):
        held[name.decode("utf-8", "replace")] = content
    if len(pieces) == 1:
        held["figures.jsonl"] = data
    lines = held.pop("manifest", None)
    packed_ = packed(sealed_norms().head, held)
    if lines is None:
        return packed_
    manifest, rest = packed_.split(b"\nmanifest ", 1)
    listed = manifest.partition(b"\nfiles ")[2].partition(b"\n")[2]
    head = b"bareme.sealed/1\n" + lines.rstrip(b"\n") + b"\n" + listed + b"\n"
    return head + f"manifest {hash_of(head)}\n".encode() + rest[65:]


def _some_sealed(random_: random.Random) -> bytes:
    held = sealed_norms().files
    names = random_.sample(sorted(held), random_.randint(1, 3))
    return b"".join(b"=== %s ===\n%s" % (name.encode(), held[name]) for name in names)


def _sealed_samples() -> list[bytes]:
    whole = _files("tests/sealed/*/*.sealed")()
    heads = [data.partition(b"\n")[2].partition(b"\nmanifest ")[0] for data in whole]
    lines = [re.split(rb"\n[0-9]+ [0-9a-f]{64} ", head)[0] for head in heads]
    parts = [b"=== manifest ===\n%s\n" % each for each in lines]
    return [*whole, *parts, *(_some_sealed(random.Random(seed)) for seed in range(6))]


_PART = re.compile(rb"^=== ([^\s\x00]{1,60}) ===$\n?", re.MULTILINE)


def _packed(data: bytes) -> bytes:
    """A workbook of these parts; those that are not among them are sound."""
    pieces = _PART.split(data)
    found: dict[str, str | bytes] = dict(workbooks.parts({"Questions": workbooks.sheet("")}))
    for name, content in zip(pieces[1::2], pieces[2::2], strict=True):
        found[name.decode("utf-8", "replace")] = content
    if len(pieces) == 1:
        found["xl/worksheets/sheet1.xml"] = data
    return workbooks.packed(found)


def _some_questionnaire(random_: random.Random) -> bytes:
    layout = random_.choice([*LAYOUTS.values()])
    table = layout(_questions(random_))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue().encode()


def _questions(random_: random.Random) -> list[Part]:
    """One category with one indicator with some questions."""
    labels = ("Yes", "No", "Yes, or so", 'say ""no"""', "5 = 4", "# 1", "weight", "Ü")

    def asked(number: int) -> Asked:
        options = tuple(
            Option(label, code, f"{random_.randrange(101)}")
            for label, code in zip(random_.sample(labels, 3), random_.choice(("abc", ["", "", ""])),
                                   strict=True)
        )  # fmt: skip
        weight = random_.choice(("", "2", "1/3"))
        return Asked(f"1.{number}", f"Question {number}", "What?", "", weight, options)

    questions = tuple(asked(number) for number in range(random_.randint(1, 4)))
    indicator = Part("indicator", "1", "Inner", "", (), questions)
    return [Part("category", "C", "Outer", "100%", (indicator,))]


def _some_workbook(random_: random.Random) -> bytes:
    text = _some_questionnaire(random_).decode()
    if random_.random() < 0.2:
        return workbooks.of_text(text)
    found = zipfile.ZipFile(io.BytesIO(workbooks.of_text(text)))
    names = ["xl/worksheets/sheet1.xml", *random_.sample(found.namelist(), random_.randrange(3))]
    return b"".join(b"=== %s ===\n%s\n" % (name.encode(), found.read(name))
                    for name in dict.fromkeys(names))  # fmt: skip


def _workbook_samples() -> list[bytes]:
    return [
        b"=== xl/worksheets/sheet1.xml ===\n"
        + zipfile.ZipFile(io.BytesIO(workbooks.of_text(data.decode()))).read(
            "xl/worksheets/sheet1.xml"
        ).replace(b"<row", b"\n<row").replace(b"<c ", b"\n<c ")
        for data in _files("tests/questionnaires/*.csv")()
    ]  # fmt: skip


def _files(*patterns: str) -> Callable[[], list[bytes]]:
    return lambda: [
        path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))
    ]


def _world(random_: random.Random) -> g.World:
    return g.draw_world(g.Tape(random_.randbytes(400)), most=1, room=6)


def _some_rules(random_: random.Random) -> bytes:
    if random_.random() < 0.5:
        return Writer(random_).program().encode()
    return random_.choice([*g.rule_files(_world(random_)).values()]).encode()


def _some_profile(random_: random.Random) -> bytes:
    return random_.choice([*g.profile_files(_world(random_)).values()]).encode()


def _some_edition(random_: random.Random) -> bytes:
    title = "".join(random_.choices("Norms: é–'\"#", k=random_.randrange(12)))
    return f"title: {g.yaml_scalar(title, False)}\ndate: 20{random_.randrange(100)}\n".encode()


_YAML_TOKENS = (
    "entity: ",
    "name: ",
    "answers:",
    "given:",
    "published:",
    "answer: ",
    "source: ",
    "note: ",
    "date: ",
    "rank: ",
    "score: ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: *a",
    "!!int ",
    "---",
    "...",
    "%YAML 1.1",
    '"',
    "'",
    "\\u200b",
    "\\x00",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ">",
    "@",
    "`",
    "\t",
    "~",
    "Yes",
    "No",
    "theft:",
    "theft.risk_environment: ",
    "=13",
    "-0",
    "1e9",
    "0.1",
    "null",
    "",
    "",
    "<<<<<<< a",
    "=======",
    ">>>>>>> b",
)
_TABLE_TOKENS = (
    ",", '"', '""', "\n", "\r\n", ";", "\t", "=", "'", "code", "Yes", "No", "n/a", "a", "0",
    "-1", "1e9", "0.1", "1,5", "=13", "Full", "999999999999999999999", "о", " ", "",
)  # fmt: skip
_QUESTIONNAIRE_TOKENS = (
    ",", '"', '""', "\n", ";", "=", "#", " = ", "a) ", "best first: ", "worst first", "excluded",
    "kind", "parent", "category", "indicator", "index", "question", "option", "scale", "given",
    "measure", "data", "points", "weight", "out_of", "steps", "normalise", "plausible", "unit",
    "from 0 to 9", "up to 5 = 80; above = 0", "0 to 9", "60%", "1/3", "1,5", "-1", "101", "Yes",
    "999999999999999999999", "о", "Я", "a_b", " ", "",
)  # fmt: skip
_WORKBOOK_TOKENS = (
    "=== xl/workbook.xml ===\n", "=== xl/styles.xml ===\n", "=== xl/sharedStrings.xml ===\n",
    "=== xl/worksheets/sheet1.xml ===\n", "=== _rels/.rels ===\n", "<row", "<c ", "</c>", "<f>",
    "<v>", "</v>", "<is><t>", "</t></is>", ' r="', ' t="s"', ' t="b"', ' t="e"', ' t="n"',
    ' t="d"', ' s="1"', ' hidden="1"', ' ht="0"', "XFD1048576", "A1", "A0", "B7", "1e9", "1E-3",
    "1.1000000000000001", "0.30000000000000004", "NaN", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;",
    "&#0;", "&#xD800;", "&amp;", "_x000D_", "_xD800_", "_x202E_", "<sheetData>", "</sheetData>",
    '<dimension ref="A1:A3"/>', '<col min="1" max="16384" hidden="1"/>', ' t="array" ref="A1:Z9"',
    'xmlns="x"', "PK\x01\x02", "PK\x03\x04", "<", ">", '"', "",
)  # fmt: skip
_SEALED_TOKENS = (
    "=== manifest ===\n", "=== figures.jsonl ===\n", "=== rules/norms/norms.bareme ===\n",
    "=== rules/norms/NORMS.bareme ===\n", "=== rules/../x.bareme ===\n", "=== a ===\n",
    "=== profiles/norms/2024/evidence/a.txt ===\n", "=== profiles/norms/2024/nul.yaml ===\n",
    "framework ", "edition ", "date ", "engine bareme ", "language ", "settings digits ", "bits ",
    "previous ", "none", "files ", "manifest ", "bareme.sealed/1\n", "bareme.sealed/2\n", "..",
    "/", "\\", "9000000000", "0" * 64, "f" * 64, '"', '":"', '","', "{", "}", "[", "]", ",",
    "true", "false", "null", "-0", "1e9", "0.5", '"exact":"45/2"', '"answer":"No"', '"rank":1',
    '"entity":"NOR"', "\n", "\n\n", "\r\n", "Yes", "No", "High", "weight 2", " ", "",
)  # fmt: skip
_RULES_TOKENS = (
    "index ",
    "category ",
    "indicator ",
    "question ",
    "scale ",
    "options",
    "use ",
    'note "',
    'monotone no "',
    "publish ",
    "bands ",
    "aggregate by ",
    "compare with ",
    "given",
    "same as ",
    "reverse of ",
    "weight 20%",
    "weight 1/3",
    "best first",
    "worst first",
    "out of 4",
    'code "5"',
    "excluded",
    "on ",
    ": ",
    " = ",
    ", ",
    '"',
    '""',
    "%",
    "/",
    "#",
    "High from 67",
    "half up",
    "whole numbers",
    "previous edition",
    "measure ",
    "data ",
    "group ",
    "in persons",
    ", plausible 0 to 9",
    "steps",
    "up to 5 = 80",
    "above = 0",
    "from 5 = 80",
    "below = excluded",
    "normalise log from 1 to 9",
    "normalise from 9 to 1 unclamped",
    "cap 50",
    "floor 20 ",
    "skip ",
    "when ",
    "when missing no score",
    "when missing average of a",
    "when missing carry forward",
    "require 60% of answers",
    "range 0 to 40",
    "rescale",
    "include entities where ",
    "rank entities where ",
    "rank by unrounded scores",
    "sum",
    "geometric mean",
    "minimum",
    " is ",
    " is not ",
    " is one of (",
    " and ",
    " or ",
    "not ",
    "at least 2 of (",
    "(",
    ")",
    "≤",
    ">=",
    "-1",
    "0.1",
    "1e9",
    "999999999999999999",
    "1234567890123456789",
    "ａ",
    "о",
    "<<<<<<< a",
    "=======",
    ">>>>>>> b",
)

READERS: dict[str, Reader] = {
    "rules": Reader(_rules, _files("rules/*/*.bareme"), _some_rules, _RULES_TOKENS),
    "profile": Reader(_profile, _files("profiles/*/*/[!e]*.yaml"), _some_profile, _YAML_TOKENS),
    "table": Reader(_table, _files("profiles/*/*/harbours.csv"), _some_table, _TABLE_TOKENS),
    "questionnaire": Reader(
        _questionnaire,
        _files("tests/questionnaires/*.csv"),
        _some_questionnaire,
        _QUESTIONNAIRE_TOKENS,
    ),
    "workbook": Reader(_workbook, _workbook_samples, _some_workbook, _WORKBOOK_TOKENS),
    "sealed": Reader(_sealed, _sealed_samples, _some_sealed, _SEALED_TOKENS),
    "edition": Reader(_edition, _files("profiles/*/*/edition.yaml"), _some_edition, _YAML_TOKENS),
}
