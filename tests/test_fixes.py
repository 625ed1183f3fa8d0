"""Every fix works when pasted: what it is about is gone, and nothing new is wrong at that place.

Fixes are read from the JSON of `bareme check` and put in by line and column, as a program would.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bareme.cli import run
from bareme.diagnostics import Diagnostic, as_written, mend
from bareme.profiles.read import read_profile
from bareme.project import read_rules
from bareme.source import Source, Sources
from bareme.text import read_text
from test_diagnostics import CASES as RECORDED
from test_diagnostics import read_case, write
from test_hundred_faults import (
    FAULTS,
    RULES,
    SLIPS,
    built,
    profile_with_a_hundred_faults,
    rules_of_a_hundred_questions,
    slipped,
)

OTHER = ("import_", "infer_", "seal_", "verify_")
CASES = [path for path in RECORDED if not path.stem.startswith(OTHER)]
"""What `check` and `check --prove` say, and not another command."""


ROOT = Path(__file__).parent.parent
Message = dict[str, Any]


def told(root: Path, capfd: pytest.CaptureFixture[str], command: str = "check") -> list[Message]:
    run(["-C", str(root), *command.split(), "--format", "json"])
    out = capfd.readouterr().out
    messages: list[Message] = json.loads(out)["messages"] if out else []
    return messages


def paste(root: Path, message: Message) -> None:
    """Put a fix into the files of a project."""
    for file in {edit["file"] for edit in message["fix"]}:
        text = (root / file).read_bytes().decode("utf-8")
        marked = text.startswith("\ufeff")
        lines = text.removeprefix("\ufeff").split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        text = "\n".join(lines)
        places = [
            (
                starts[edit["line"] - 1] + edit["column"] - 1,
                starts[edit["end_line"] - 1] + edit["end_column"] - 1,
                edit["text"],
            )
            for edit in message["fix"]
            if edit["file"] == file
        ]
        assert places == sorted(places)
        for start, end, put in reversed(places):
            text = text[:start] + put + text[end:]
        (root / file).write_bytes(("\ufeff" * marked + text).encode("utf-8"))


def fails(
    root: Path, message: Message, before: list[Message], capfd: Any, command: str = "check"
) -> str:
    """What is wrong with a fix; empty where it works."""
    mended = root.with_name(root.name + "-mended")
    shutil.copytree(root, mended)
    try:
        paste(mended, message)
        after = told(mended, capfd, command)
    finally:
        shutil.rmtree(mended)
    was = Counter(map(key, before))
    now = Counter(map(key, after))
    if now[key(message)] >= was[key(message)]:
        return f"{message['code']} {message['message']} is still there"
    new = [f"{code} {file}: {said}" for code, file, said in now - was]
    return f"{message['code']} {message['message']} brings about {new}" if new else ""


def key(message: Message) -> tuple[str, str, str]:
    return message["code"], message["file"], message["message"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_fix_works_when_pasted(path, tmp_path, capfd):
    root = tmp_path / "project"
    case = read_case(path)
    write(root, case.files)

    before = told(root, capfd, case.command)

    mending = [each for each in before if each["fix"]]
    assert [f for each in mending if (f := fails(root, each, before, capfd, case.command))] == []


def test_every_fix_of_a_hundred_faults_in_rules_works(tmp_path, capfd):
    root = tmp_path / "project"
    text, _ = built(RULES, iter(SLIPS.values()), len(SLIPS))
    write(root, {"rules/norms/theft.bareme": text.encode()})

    before = told(root, capfd)

    mending = [each for each in before if each["fix"]]
    assert len(before) == len(SLIPS)
    assert [f for each in mending if (f := fails(root, each, before, capfd))] == []
    assert len(mending) / len(before) >= 0.6


def test_every_fix_of_a_hundred_faults_in_a_profile_works(tmp_path, capfd):
    root = tmp_path / "project"
    text, _ = profile_with_a_hundred_faults(1)
    rules = rules_of_a_hundred_questions()
    names = "rules/norms/theft.bareme", "profiles/norms/2023/norland.yaml"
    write(root, dict(zip(names, (rules.encode(), text.encode()), strict=True)))

    before = told(root, capfd)

    mending = [each for each in before if each["fix"]]
    assert len(before) == FAULTS
    assert [f for each in mending if (f := fails(root, each, before, capfd))] == []
    assert len(mending) / len(before) >= 0.6


# ---- fixes of slips that nobody thought of


def test_most_fixes_of_slips_in_the_real_rules_work(tmp_path):
    for name in ("nuclear-security", "harbour-safety"):
        shutil.copytree(ROOT / "rules" / name, tmp_path / "rules" / name)
    paths = sorted(tmp_path.glob("rules/*/*.bareme"))
    chance = Random(2024)
    works: list[bool] = []
    for _ in range(100):
        path = chance.choice(paths)
        text = path.read_text(encoding="utf-8")
        path.write_text(slipped(text, chance), encoding="utf-8")
        rules = read_rules(tmp_path, path.parent.name)
        for each in rules.diagnostics[:3]:
            if each.fix:
                broken = {edit.span.file for edit in each.fix}
                mended = pasted(each, rules.sources)
                for file in broken:
                    (tmp_path / file).write_text(mended[file].text, encoding="utf-8")
                after = read_rules(tmp_path, path.parent.name).diagnostics
                works.append(is_mended(each, rules.diagnostics, after))
                for file in broken:
                    kept = rules.sources[file].text
                    (tmp_path / file).write_text(kept, encoding="utf-8", newline="")
        path.write_text(text, encoding="utf-8")

    assert len(works) > 30
    assert works.count(True) / len(works) >= 0.9


def test_most_fixes_of_slips_in_the_real_profile_work():
    framework = read_rules(ROOT, "nuclear-security").framework
    name = "profiles/nuclear-security/2023/kazakhstan.yaml"
    text = (ROOT / name).read_text(encoding="utf-8")
    chance = Random(2024)
    works: list[bool] = []
    for _ in range(200):
        source, before = read_text(name, slipped(text, chance).encode("utf-8"))
        before = before or read_profile(source, framework)[1]
        for each in before[:3]:
            if each.fix:
                mended = pasted(each, {name: source})[name]
                again, after = read_text(name, mended.text.encode("utf-8"))
                works.append(is_mended(each, before, after or read_profile(again, framework)[1]))

    assert len(works) > 60
    assert works.count(True) / len(works) >= 0.9


def pasted(found: Diagnostic, sources: Sources) -> Sources:
    """The files of a fix as it leaves them."""
    edits = as_written(found.fix, sources)
    assert all(a.span.end <= b.span.start or a.span.file != b.span.file for a, b in pairwise(edits))
    files = {edit.span.file for edit in edits}
    of = {file: [edit for edit in edits if edit.span.file == file] for file in files}
    return {file: Source(file, mend(sources[file], of[file])) for file in files}


def is_mended(found: Diagnostic, before: Iterable[Diagnostic], after: Iterable[Diagnostic]) -> bool:
    was = Counter((each.code, each.span.file, each.message) for each in before)
    now = Counter((each.code, each.span.file, each.message) for each in after)
    own = (found.code, found.span.file, found.message)
    return now[own] < was[own] and not now - was


def test_most_recorded_cases_have_a_fix(tmp_path, capfd):
    mended = 0
    for number, path in enumerate(CASES):
        root = tmp_path / str(number)
        case = read_case(path)
        write(root, case.files)
        mended += any(each["fix"] for each in told(root, capfd, case.command))

    assert mended / len(CASES) >= 0.65
