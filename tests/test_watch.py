"""`bareme check --watch`: again on every save, each time ending in one line."""

from __future__ import annotations

import re

import pytest

from bareme.cli import run, watching
from test_cli import RULES, make


@pytest.fixture
def port(tmp_path):
    return make(
        tmp_path,
        {
            "rules/ports/port.bareme": RULES,
            "profiles/ports/2024/a.yaml": "entity: A\nanswers: {pilot: Yes}\n",
        },
    )


def watch(port, monkeypatch, *edits):
    """Run until all edits are made, one whenever the command has nothing to do; then interrupt."""
    waiting, rests = list(edits), [0]

    def sleep(_seconds):
        rests[0] += 1
        if rests[0] % 3:  # a whole interval without a change after each
            return
        if not waiting:
            raise KeyboardInterrupt
        waiting.pop(0)()

    monkeypatch.setattr(watching.time, "sleep", sleep)
    return run(["-C", str(port), "check", "--watch"])


def test_each_save_is_checked_and_ends_in_one_line(port, monkeypatch, capfd):
    rules, profile = port / "rules/ports/port.bareme", port / "profiles/ports/2024/a.yaml"
    status = watch(
        port,
        monkeypatch,
        lambda: rules.write_text(RULES.replace("yes_no weight 2", "yes_mo"), encoding="utf-8"),
        lambda: rules.write_text(RULES, encoding="utf-8"),
        lambda: profile.write_text(
            "entity: A\nanswers: {pilot: Yes}\npublished: {port: {port: 7}}\n", encoding="utf-8"
        ),
    )
    out, err = capfd.readouterr()
    ends = [
        re.sub(r"\d\d:\d\d:\d\d", "14:02:11", each)
        for each in out.splitlines()
        if re.match("(ok|no) ", each)
    ]

    assert status == 130
    assert ends == [
        "ok 14:02:11 · 0 errors",
        "no 14:02:11 · 1 error",
        "ok 14:02:11 · 0 errors",
        "no 14:02:11 · 0 errors · 1 printed figure not reproduced",
    ]
    assert err.count("error E201") == 1


def test_rules_that_are_moved_away_for_a_moment_do_not_end_it(port, monkeypatch, capfd):
    rules = port / "rules"
    status = watch(
        port,
        monkeypatch,
        lambda: rules.rename(port / "away"),
        lambda: (port / "away").rename(rules),
    )
    out = capfd.readouterr().out

    assert status == 130
    assert out.count("\nno ") == 1
    assert out.count("ok ") == 2


def test_watching_prints_for_people_only(port, capfd):
    assert run(["-C", str(port), "check", "--watch", "--format", "json"]) == 2
    assert "leave out -o and --format" in capfd.readouterr().err
