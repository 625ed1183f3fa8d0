"""`bareme new`: a project that scores as it is, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

import bareme
from bareme.cli import run
from bareme.project import load
from bareme.starting import NotStarted, start

STARTERS = Path(bareme.__file__).parent / "starters"


def test_the_example_is_that_of_the_first_five_minutes(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert run(["new", "first-index", "--example"]) == 0
    assert capfd.readouterr().out == (
        "Created first-index/  2 rule files · 3 entities · 2 editions · "
        "4 printed figures to check against\n"
        "Next:  cd first-index   bareme check   bareme score   "
        "bareme explain aldwick first_index\n"
    )
    monkeypatch.chdir("first-index")

    rules = load()
    results = rules.score(rules.cohort("2024"))["first_index"]
    found = [
        (f.name, f.score, f.rank, f.tied, f.change, f.band)
        for f in results.figures
        if f.level == "index"
    ]
    assert found == [
        ("Aldwick", 81, 1, False, 3, "High"),
        ("Birkhaven", 66, 2, True, -2, "Medium"),
        ("Calder", 66, 2, True, 0, "Medium"),
    ]
    for command in (["check"], ["score"], ["explain", "aldwick", "first_index"]):
        assert run(command) == 0
    assert "4 printed figures agree: 4 computed, 0 given" in capfd.readouterr().out


@pytest.mark.parametrize("kind", [[], ["--example"]])
def test_what_is_created_is_sound_tidy_and_named_as_asked(tmp_path, capfd, kind):
    assert run(["-C", str(tmp_path), "new", "Port_review-2", *kind]) == 0
    project = tmp_path / "Port_review-2"

    rules = load(project)
    assert rules.name == "Port_review-2"
    assert [(i.id, i.root.title) for i in rules.framework.indices] == [
        ("port_review_2", "Port Review 2")
    ]
    assert not rules.diagnostics
    assert run(["-C", str(project), "check"]) == 0
    assert run(["-C", str(project), "format", "--check"]) == 0
    assert capfd.readouterr().err == ""
    left = [path for path in project.rglob("*") if b"irst-index" in path.name.encode()]
    assert left == []
    assert [path.name for path in tmp_path.iterdir()] == ["Port_review-2"]


def test_the_starters_hold_nothing_else():
    assert sorted(path.name for path in STARTERS.iterdir()) == ["example", "plain"]
    for path in STARTERS.rglob("*"):
        assert path.is_dir() or path.suffix in (".bareme", ".yaml")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("index", "`index` is a word of the language"),
        ("2024", "`2024` cannot be the name of a framework"),
        ("année", "cannot be the name"),
        ("x" * 61, "cannot be the name"),
        ("..", "cannot be the name"),
        ("here", "there is something named"),
        ("no/such", "there is no folder"),
    ],
)
def test_a_name_that_will_not_do_is_refused(tmp_path, capfd, monkeypatch, name, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_text("kept", encoding="utf-8")

    assert run(["new", name]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("here", "kept")]


def test_inside_a_project_one_is_told_how_to_add_a_framework(tmp_path):
    start(tmp_path / "ports")
    with pytest.raises(NotStarted, match=r"rules/others/others\.bareme"):
        start(tmp_path / "ports" / "others")


def test_a_folder_that_a_killed_writer_left_is_removed(tmp_path):
    dead = tmp_path / ".ports.12345.part" / "rules"
    dead.mkdir(parents=True)
    (dead / "half.bareme").write_text("index", encoding="utf-8")
    other = tmp_path / ".other.12345.part"
    other.mkdir()

    start(tmp_path / "ports")

    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.12345.part", "ports"]
