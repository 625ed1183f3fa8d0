"""A project read from somewhere else than a folder is the same project."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bareme.diagnostics import Diagnostic
from bareme.files import Folder, Held
from bareme.files.revisions import NoRevision, Repository, _date
from bareme.project import read_rules

ROOT = Path(__file__).parent.parent
PROJECT = {
    "rules/norms/norms.bareme": 'index norms "Norms"\n    question a "A"\n'
    "        options\n            Yes = 100\n            No = 0\n",
    "profiles/norms/2024/nor.yaml": "entity: NOR\nname: Norland\nanswers: {a: Yes}\n",
}


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _held() -> dict[str, bytes]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for top in ("rules", "profiles")
        for path in (ROOT / top).rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("framework", ["nuclear-security", "harbour-safety"])
def test_a_project_held_in_memory_is_that_of_its_folder(framework):
    there, here = (read_rules(place, framework) for place in (ROOT, Held(_held())))

    assert here.framework == there.framework
    assert here.diagnostics == there.diagnostics
    assert here.editions == there.editions
    for edition in there.editions:
        one, other = there.read_cohort(edition), here.read_cohort(edition)
        assert one == other
        scored, again = there.score(one[0]), here.score(other[0])
        assert [r.figures for r in scored.values()] == [r.figures for r in again.values()]


def test_what_is_not_held_is_refused_like_a_missing_file():
    store = Held({"rules/norms/a.bareme": b"x" * 10})

    missing, long = store.read("rules/norms/b.bareme", 5), store.read("rules/norms/a.bareme", 5)

    assert isinstance(missing, Diagnostic)
    assert isinstance(long, Diagnostic)
    assert (missing.code, long.code) == ("E007", "E008")
    assert missing == Folder(ROOT).read("rules/norms/b.bareme", 5)
    assert store.exists("rules/norms")
    assert not store.exists("rules/other")
    assert [each.name for each in store.entries("rules")] == ["norms"]
    assert store.entries("nowhere") == []


@pytest.fixture
def repository(tmp_path):
    """A repository whose project lies in a folder of it, with three revisions."""
    from dulwich import porcelain

    porcelain.init(str(tmp_path))
    project = tmp_path / "work"

    def commit(subject: str) -> None:
        porcelain.add(str(tmp_path), [str(p) for p in project.rglob("*") if p.is_file()])
        porcelain.commit(
            str(tmp_path),
            message=f"{subject}\n\nMore.".encode(),
            author=b"A. K. <a@example.org>",
            committer=b"A. K. <a@example.org>",
            author_timestamp=1_700_000_000,
            author_timezone=3600,
            commit_timestamp=1_700_000_000,
            commit_timezone=3600,
        )

    _write(tmp_path, {"read.me": "x"})
    porcelain.add(str(tmp_path), [str(tmp_path / "read.me")])
    porcelain.commit(str(tmp_path), message=b"Start", author=b"A <a@b>", committer=b"A <a@b>")
    _write(project, PROJECT)
    commit("Add the norms")
    rules = project / "rules/norms/norms.bareme"
    rules.write_text(rules.read_text().replace("Yes = 100", "Yes = 80"))
    (project / "rules/norms/link.bareme").symlink_to("norms.bareme")
    commit("A yes is worth less")
    rules.write_text(rules.read_text().replace("Yes = 80", "Yes = 60"))
    return project


def points(place) -> list[int]:
    rules = read_rules(place, "norms")
    return [int(label.points) for label in rules.framework.questions["a"].scale.labels]


def test_a_revision_is_the_project_as_it_stood(repository):
    git = Repository(repository)

    assert points(repository) == [60, 0]
    assert points(git.at("HEAD~1")) == [100, 0]
    assert git.at("HEAD").read("rules/norms/norms.bareme", 1 << 20).count(b"Yes = 80") == 1
    assert git.at("HEAD").is_link("rules/norms/link.bareme")
    assert [d.code for d in read_rules(git.at("HEAD"), "norms").diagnostics] == ["E007"]
    assert git.at("HEAD~2").entries("rules") == []
    assert not git.at("HEAD~2").exists("rules/norms/norms.bareme")


def test_revisions_say_who_made_them_and_when(repository):
    git = Repository(repository)
    log = list(git.log(["rules/norms/norms.bareme"]))

    assert [each.subject for each in log] == ["A yes is worth less", "Add the norms"]
    assert (log[0].author, log[0].date) == ("A. K.", "2023-11-14")
    assert git.at(log[1].short).revision == log[1]
    assert git.before(log[0].id).revision == log[1]
    assert git.before(git.at("HEAD~2").revision.id) is None


@pytest.mark.parametrize(
    "named", ["nowhere", "HEAD~9", "HEAD:rules", "", "HEAD@{x", "-p", "\udcff"]
)
def test_a_revision_that_is_none_is_said(repository, named):
    with pytest.raises(NoRevision, match="there is no revision"):
        Repository(repository).at(named)


def test_days_are_those_of_the_calendar():
    from datetime import date, timedelta

    start = date(1970, 1, 1)
    days = [*range(-800, 800), *range(0, 60_000, 97), 11_016, 47_540, 157_113]

    assert [_date(each) for each in days] == [str(start + timedelta(each)) for each in days]


def test_a_folder_in_no_repository_is_said(tmp_path):
    with pytest.raises(NoRevision, match="in no git repository"):
        Repository(tmp_path)


def test_a_missing_library_is_named_with_the_command_that_brings_it(repository, monkeypatch):
    monkeypatch.setitem(sys.modules, "dulwich.repo", None)

    with pytest.raises(NoRevision, match=r"needs the library dulwich: pip install 'bareme\[git\]'"):
        Repository(repository)
