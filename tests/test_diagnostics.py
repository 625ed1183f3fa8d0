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
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from bareme.cli import run

ROOT = Path(__file__).parent.parent
ENGINE = ROOT / "engine" / "bareme"
PAGES = ROOT / "docs" / "messages"
CASES = sorted((Path(__file__).parent / "diagnostics").glob("*.case"))
RECORD = os.environ.get("BAREME_RECORD") == "1"

LONGEST = 500  # characters of an output line
_SECTION = re.compile(r"^=== (.+?)((?:, (?:as|with|without) [^,\n]+?)*) ===$", re.MULTILINE)
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)(?: × (\d+))?\}")
_CODE = re.compile(r"\b(?:error|warning|differs) ([EWP][0-9]{3}):")
_IN_SOURCE = re.compile(r"\b[EWP][0-9]{3}\b")
_EXAMPLE = re.compile(r"^```(bareme|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Case:
    slip: str  # what the author did, in plain words
    files: dict[str, bytes]
    head: str  # everything up to and including the line `=== says ===`
    says: str


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
    return Case(text.partition("\n")[0], files, head, says)


def store(text: str, how: str) -> bytes:
    """The bytes of a file, stored as its section's line says."""
    if "with escapes" in how:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) * int(found[2] or 1), text)
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


def check(root: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """The output of `bareme check`: messages, the report where figures differ, the exit status."""
    status = run(["-C", str(root), "check"])
    out, err = capfd.readouterr()
    return f"{err}{out if status == 1 else ''}(exit {status})\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_slip_is_said_as_recorded(path, tmp_path, capfd):
    case = read_case(path)
    write(tmp_path, case.files)

    says = check(tmp_path, capfd)

    if RECORD:
        path.write_text(case.head + says, encoding="utf-8")
    else:
        assert says == case.says
