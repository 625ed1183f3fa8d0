"""Every fix works when pasted: what it is about is gone, and nothing new is wrong at that place.

Fixes are read from the JSON of `bareme check` and put in by line and column, as a program would.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bareme.cli import run
from test_diagnostics import CASES, read_case, write
from test_hundred_faults import (
    FAULTS,
    RULES,
    SLIPS,
    built,
    profile_with_a_hundred_faults,
    rules_of_a_hundred_questions,
)

Message = dict[str, Any]


def told(root: Path, capfd: pytest.CaptureFixture[str]) -> list[Message]:
    run(["-C", str(root), "check", "--format", "json"])
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


def fails(root: Path, message: Message, before: list[Message], capfd: Any) -> str:
    """What is wrong with a fix; empty where it works."""
    mended = root.with_name(root.name + "-mended")
    shutil.copytree(root, mended)
    try:
        paste(mended, message)
        after = told(mended, capfd)
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
    write(root, read_case(path).files)

    before = told(root, capfd)

    mending = [each for each in before if each["fix"]]
    assert [f for each in mending if (f := fails(root, each, before, capfd))] == []


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
