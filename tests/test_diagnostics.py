"""What authors really get wrong, and what `bareme check` says about it, word for word.

Each tests/diagnostics/NAME.case is a small invented project with one slip in it: a first line that
says what the author did, the files, and the whole output of `bareme check`. To record the outputs
again after changing a message, run

    BAREME_RECORD=1 pytest tests/test_diagnostics.py

and read the difference before keeping it: a message is judged by eye, not by a machine.

A file of a case stands under a line `=== its/name ===`. After the name may follow how it is stored:

    as latin-1, as utf-16, with a bom     another encoding than UTF-8
    with crlf, with cr                    other line ends than LF
    with escapes                          `\\u{200b}` is that character, `\\u{78 × 9}` nine of them
    without a last line end               as it says
    as a workbook                         its CSV as the cells of one: `workbooks.of_text`

A case of another command than `check` has that command under `=== command ===`.
"""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

import workbooks
from bareme.cli import run

ROOT = Path(__file__).parent.parent
ENGINE = ROOT / "engine" / "bareme"
PAGES = ROOT / "docs" / "messages"
CASES = sorted((Path(__file__).parent / "diagnostics").glob("*.case"))
RECORD = os.environ.get("BAREME_RECORD") == "1"

UNSHOWN = {
    "E310",  # takes thousands of lines: tests/test_everyday_rules.py has one
    "E607",  # takes a library that is not there: tests/test_signatures.py does without
}
PROVED = {"W301", "W302", "W303", "W304", "W305", "W306", "W307", "P701"}
"""What `check --prove` says, and not `check`."""

LONGEST = 500  # characters of an output line
_SECTION = re.compile(r"^=== (.+?)((?:, (?:as|with|without) [^,\n]+?)*) ===$", re.MULTILINE)
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)(?: × (\d+))?\}")
_CODE = re.compile(r"\b(?:error|warning|differs|refuted) ([EWP][0-9]{3}):")
_IN_SOURCE = re.compile(r"\b[EWP][0-9]{3}\b")
_EXAMPLE = re.compile(r"^```(bareme|yaml)\b(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    slip: str  # what the author did, in plain words
    files: dict[str, bytes]
    head: str  # everything up to and including the line `=== says ===`
    says: str
    command: str


def read_case(path: Path) -> Case:
    text = path.read_text(encoding="utf-8")
    marks = list(_SECTION.finditer(text))
    files: dict[str, bytes] = {}
    for mark, after in pairwise(marks):
        body = text[mark.end() + 1 : after.start()]
        files[mark[1]] = store(body, mark[2])
    assert marks, f"{path.name} has no section"
    assert marks[-1][1] == "says", f"{path.name} does not end in `=== says ===`"
    head, says = text[: marks[-1].end() + 1], text[marks[-1].end() + 1 :]
    command = files.pop("command", b"check").decode("utf-8")
    return Case(text.partition("\n")[0], files, head, says, command)


def store(text: str, how: str) -> bytes:
    """The bytes of a file, stored as its section's line says."""
    if "with escapes" in how:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) * int(found[2] or 1), text)
    if "as a workbook" in how:
        return workbooks.of_text(text)
    if "without a last line end" in how:
        text = text.removesuffix("\n")
    if "with crlf" in how:
        text = text.replace("\n", "\r\n")
    if "with cr," in how + ",":
        text = text.replace("\n", "\r")
    if "with a bom" in how or "as utf-16" in how:
        text = "\ufeff" + text
    encoding = {"as utf-16": "utf-16-le", "as latin-1": "latin-1"}
    return text.encode(next((encoding[each] for each in encoding if each in how), "utf-8"))


def write(root: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def check(root: Path, capfd: pytest.CaptureFixture[str], command: str = "check") -> str:
    """The output of `bareme check`: messages, the report where figures differ, the exit status.

    What `check --prove` finds is its report.
    """
    status = run(["-C", str(root), *shlex.split(command)])
    out, err = capfd.readouterr()
    shown = status == 1 or "--prove" in command
    return f"{err}{out if shown else ''}(exit {status})\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_slip_is_said_as_recorded(path, tmp_path, capfd):
    case = read_case(path)
    write(tmp_path, case.files)

    says = check(tmp_path, capfd, case.command)

    if RECORD:
        path.write_text(case.head + says, encoding="utf-8")
    else:
        assert says == case.says


# ---- over all cases


def codes_of_the_engine() -> set[str]:
    return {
        code
        for path in ENGINE.rglob("*.py")
        for code in _IN_SOURCE.findall(path.read_text(encoding="utf-8"))
    }


def test_there_are_enough_cases_and_each_says_what_the_author_did():
    slips = [read_case(path).slip for path in CASES]

    assert len(CASES) >= 55
    assert len(set(slips)) == len(slips)
    assert all(slip[0].isupper() and slip.endswith((".", "!")) for slip in slips)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_message_is_a_trace_or_an_attack_or_endless(path):
    says = read_case(path).says

    assert "Traceback" not in says
    assert all(len(line) <= LONGEST for line in says.splitlines())
    # Cf holds the bidirectional and zero-width characters; Cc is what a terminal obeys.
    hidden = {c for c in says if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")} - {"\n"}
    assert hidden == set()


def test_every_message_has_a_case():
    shown = {code for path in CASES for code in _CODE.findall(read_case(path).says)}

    assert codes_of_the_engine() - shown == UNSHOWN


def test_every_message_has_a_page_and_every_page_a_message():
    pages = {path.stem for path in PAGES.glob("*.md")} - {"README"}
    index = (PAGES / "README.md").read_text(encoding="utf-8")

    assert len(codes_of_the_engine()) > 50
    assert pages == codes_of_the_engine()
    assert pages == set(re.findall(r"\[`?([EWP]\d{3})`?\]\(\1\.md\)", index))


RULES = """\
scale yes_no: Yes = 100, No = 0
index theft "Theft"
    question armed_guards on yes_no
"""
MESSAGE_PAGES = sorted(path for path in PAGES.glob("*.md") if path.stem not in {"README", *UNSHOWN})


@pytest.mark.parametrize("path", MESSAGE_PAGES, ids=lambda path: path.stem)
def test_a_page_shows_its_message_as_it_is_recorded(path):
    text = path.read_text(encoding="utf-8")
    shown = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    recorded = [read_case(each).says for each in CASES]

    assert text.startswith(f"# {path.stem}: ")
    assert any(f" {path.stem}: " in each for each in shown)
    for each in shown:
        assert any(f"{each}" in says for says in recorded), each


@pytest.mark.parametrize("path", MESSAGE_PAGES, ids=lambda path: path.stem)
def test_the_wrong_example_of_a_page_gives_its_message(path, tmp_path, capfd):
    blocks = _EXAMPLE.findall(path.read_text(encoding="utf-8"))
    rules = next((text for kind, _, text in blocks if kind == "bareme"), RULES)
    for number, (kind, words, text) in enumerate(blocks):
        if f"wrong={path.stem}" not in words.split():
            continue
        files = {"rules/norms/theft.bareme": text if kind == "bareme" else rules}
        if "scale yes_no" not in files["rules/norms/theft.bareme"]:
            files["rules/norms/scales.bareme"] = RULES.splitlines()[0] + "\n"
        if kind == "yaml":
            name = "edition" if "edition" in words.split() else "norland"
            files[f"profiles/norms/2023/{name}.yaml"] = text
        root = tmp_path / str(number)
        write(root, {each: body.encode() for each, body in files.items()})

        beside = {"W201", "W405"} - {path.stem}  # of an example that is cut to what it shows
        command = "check --prove" if path.stem in PROVED else "check"
        assert set(_CODE.findall(check(root, capfd, command))) - beside == {path.stem}


@pytest.mark.parametrize("code", sorted(PROVED))
def test_the_right_examples_of_a_page_about_proofs_leave_nothing_to_find(code, tmp_path, capfd):
    right = [
        text
        for kind, words, text in _EXAMPLE.findall((PAGES / f"{code}.md").read_text("utf-8"))
        if kind == "bareme" and "wrong" not in words
    ]
    for number, text in enumerate(right):
        root = tmp_path / str(number)
        write(root, {"rules/norms/theft.bareme": text.encode()})
        assert _CODE.findall(check(root, capfd, "check --prove")) == []
    assert right
