"""`bareme explain … --history`: who changed a line that a figure rests on."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest
from dulwich import porcelain
from dulwich.repo import Repo

from bareme.audit.history import Edit, OnPath, follow
from bareme.cli import run

RULES = """scale yes_no: Yes = 100, No = 0
index ports "Ports"
    question lit on yes_no
    indicator sea
        question depth
            options
                Deep = 100
                Shallow = 40
"""
PROFILE = "entity: A\nname: Aby\nanswers:\n  lit: Yes\n  depth: Shallow\n"
RULE_FILE, PROFILE_FILE = "rules/ports/ports.bareme", "profiles/ports/2024/aby.yaml"


class Project:
    """A project in a folder of a repository; every commit is a day later than the one before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "index"
        self.day = 0
        porcelain.init(str(root))

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write(name, text.replace(old, new))

    def commit(self, subject: str, author: str = "A. K.") -> str:
        self.day += 1
        porcelain.add(str(self.root), [str(p) for p in self.folder.rglob("*") if p.is_file()])
        who = f"{author} <a@example.org>".encode()
        at = 1_700_000_000 + self.day * 86_400
        made = porcelain.commit(
            str(self.root), message=subject.encode(), author=who, committer=who,
            author_timestamp=at, author_timezone=0, commit_timestamp=at, commit_timezone=0,
        )  # fmt: skip
        return made.decode()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Written, then edited: on the path of `sea`, above it, beside it, and on it again."""
    made = Project(tmp_path)
    made.write(RULE_FILE, RULES)
    made.write(PROFILE_FILE, PROFILE)
    made.commit("Write the ports")
    made.edit(RULE_FILE, "Shallow = 40", "Shallow = 30")
    made.commit("Shallow water is worth less", "B. L.")
    made.edit(RULE_FILE, "index ports", "# Invented.\n\nindex ports")
    made.commit("Say that it is invented")
    made.edit(RULE_FILE, "question lit on yes_no", "question lit on yes_no weight 2")
    made.commit("Weigh the lights")
    made.edit(PROFILE_FILE, "depth: Shallow", "depth: Deep")
    made.commit("Correct an answer")
    made.edit(PROFILE_FILE, "depth: Deep", "depth: Shallow")
    made.edit(RULE_FILE, "Shallow = 30", "Shallow = 25")
    made.commit("Go back on the answer", "B. L.")
    return made


def history(capfd, project: Project, *arguments: str) -> str:
    assert run(["-C", str(project.folder), "explain", *arguments, "--history"]) == 0
    return capfd.readouterr().out


def as_json(capfd, project: Project, *arguments: str) -> list[dict]:
    found = json.loads(history(capfd, project, *arguments, "--format", "json"))
    assert found["format"] == "bareme.history/1"
    return found["revisions"]


def test_lines_are_followed_back_to_where_they_were_written(capfd, project):
    found = as_json(capfd, project, "aby", "ports.sea")

    changed = [
        (
            each["subject"],
            each["author"],
            [(c["line"], c["was"], c["now"]) for c in each["changes"]],
        )
        for each in found
    ]
    assert changed[:3] == [
        ("Go back on the answer", "B. L.", [
            (5, "  depth: Deep", "  depth: Shallow"),
            (10, "                Shallow = 30", "                Shallow = 25"),
        ]),
        ("Correct an answer", "A. K.", [(5, "  depth: Shallow", "  depth: Deep")]),
        ("Shallow water is worth less", "B. L.", [
            (10, "                Shallow = 40", "                Shallow = 30"),
        ]),
    ]  # fmt: skip
    assert changed[3][0] == "Write the ports"
    assert all(was is None for _, was, _ in changed[3][2])
    assert {line for line, _, _ in changed[3][2]} == {5, 6, 7, 10}
    assert len(changed) == 4
    assert [each["date"] for each in found] == [
        "2023-11-20", "2023-11-19", "2023-11-16", "2023-11-15",
    ]  # fmt: skip


def test_history_in_words(capfd, project):
    project.edit(RULE_FILE, "Shallow = 25", "Shallow = 20")
    found = as_json(capfd, project, "aby", "ports.sea")
    ids = [each["revision"] and each["revision"][:10] for each in found]

    assert ids[0] is None
    assert history(capfd, project, "aby", "ports.sea").splitlines() == [
        "Aby · ports 2024 · ports.sea",
        "There are edits on the path that are not committed.",
        "         now  not committed",
        "              rules/ports/ports.bareme:10: Shallow = 25",
        "              now: Shallow = 20",
        f"  2023-11-20  Go back on the answer (B. L.)                           {ids[1]}",
        "              profiles/ports/2024/aby.yaml:5: depth: Deep",
        "              now: depth: Shallow",
        "              rules/ports/ports.bareme:10: Shallow = 30",
        "              now: Shallow = 25",
        f"  2023-11-19  Correct an answer (A. K.)                               {ids[2]}",
        "              profiles/ports/2024/aby.yaml:5: depth: Shallow",
        "              now: depth: Deep",
        f"  2023-11-16  Shallow water is worth less (B. L.)                     {ids[3]}",
        "              rules/ports/ports.bareme:10: Shallow = 40",
        "              now: Shallow = 30",
        f"  2023-11-15  Write the ports (A. K.)                                 {ids[4]}",
        "              profiles/ports/2024/aby.yaml: 1 line written",
        "              rules/ports/ports.bareme: 3 lines written",
        "The figure rests on 4 lines of 2 files.",
    ]


def test_a_line_off_the_path_is_not_told_of(capfd, project):
    subjects = {each["subject"] for each in as_json(capfd, project, "aby", "ports.sea")}
    assert not subjects & {"Weigh the lights", "Say that it is invented"}

    subjects = {each["subject"] for each in as_json(capfd, project, "aby", "ports")}
    assert "Weigh the lights" in subjects
    assert "Say that it is invented" not in subjects


def test_edits_on_two_branches_are_both_told_of(capfd, project):
    """A branch from the first revision changes the title line of `sea`, and is merged."""
    repo = Repo(str(project.root))
    main = repo.refs.read_ref(b"HEAD")
    head = repo.head()
    now = (project.folder / RULE_FILE).read_text(encoding="utf-8")
    first = next(e.commit.id for e in repo.get_walker() if e.commit.message == b"Write the ports")
    assert main is not None
    porcelain.branch_create(str(project.root), "side", first.decode())
    porcelain.checkout(str(project.root), "side")
    project.edit(RULE_FILE, "indicator sea", 'indicator sea "The sea"')
    side = project.commit("Name the sea", "C. M.")
    porcelain.checkout(str(project.root), main.rpartition(b"/")[2].decode())
    project.write(RULE_FILE, now.replace("indicator sea", 'indicator sea "The sea"'))
    porcelain.add(str(project.root), [str(project.folder / RULE_FILE)])
    at = 1_700_000_000 + 30 * 86_400
    repo.get_worktree().commit(
        message=b"Merge", committer=b"A <a@b>", author=b"A <a@b>", commit_timestamp=at,
        commit_timezone=0, author_timestamp=at, author_timezone=0, merge_heads=[side.encode()],
    )  # fmt: skip
    assert repo.head() != head

    found = as_json(capfd, project, "aby", "ports.sea")
    told = {each["subject"]: each["changes"] for each in found}
    assert {"Merge", "Go back on the answer", "Shallow water is worth less"} <= {*told}
    titles = [c for c in told.get("Name the sea", told["Merge"]) if "sea" in (c["was"] or "")]
    assert [(c["was"], c["now"]) for c in titles] == [
        ("    indicator sea", '    indicator sea "The sea"')
    ]


def test_files_that_are_not_in_the_repository_are_named(capfd, project):
    project.write("profiles/ports/2025/aby.yaml", PROFILE)
    out = history(capfd, project, "aby", "ports.sea")

    assert "Not in the repository: profiles/ports/2025/aby.yaml." in out
    assert "Go back on the answer" in out


def test_a_shallow_copy_says_where_it_ends(capfd, project):
    repo = Repo(str(project.root))
    commits = {e.commit.message.decode(): e.commit.id.decode() for e in repo.get_walker()}
    end, gone = commits["Shallow water is worth less"], commits["Write the ports"]
    (project.root / ".git" / "shallow").write_text(end + "\n", encoding="utf-8")
    (project.root / ".git" / "objects" / gone[:2] / gone[2:]).unlink()

    out = history(capfd, project, "aby", "ports.sea")
    assert f"The repository is a shallow copy: it has nothing before {end[:10]}." in out
    assert "Correct an answer" in out
    assert "written" not in out


def test_without_a_repository_or_the_library_it_is_refused(capfd, tmp_path, monkeypatch):
    for name, text in ((RULE_FILE, RULES), (PROFILE_FILE, PROFILE)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = ["-C", str(tmp_path), "explain", "aby", "ports.sea", "--history"]

    assert run(command) == 2
    assert capfd.readouterr() == ("", "error: this folder is in no git repository\n")

    porcelain.init(str(tmp_path))
    assert run(command) == 2
    assert capfd.readouterr() == ("", "error: there is no revision `HEAD`\n")

    monkeypatch.setitem(sys.modules, "dulwich.repo", None)
    assert run(command) == 2
    assert "needs the library dulwich" in capfd.readouterr().err


def test_history_and_another_view_do_not_go_together(capfd, project):
    arguments = ["-C", str(project.folder), "explain", "aby", "ports.sea", "--history", "--lost"]
    assert run(arguments) == 2
    assert "`--lost` and `--history` do not go together" in capfd.readouterr().err


def test_a_csv_of_history_has_a_record_a_line(capfd, project):
    out = history(capfd, project, "aby", "ports.sea", "--format", "csv").splitlines()

    assert out[0] == "revision,date,author,subject,file,line,figure,was,now"
    assert len(out) == 1 + 2 + 1 + 1 + 4
    page = history(capfd, project, "aby", "ports.sea", "--format", "html")
    assert "Go back on the answer (B. L.)" in page


@pytest.mark.parametrize("seed", range(100))
def test_following_a_line_through_any_edits_finds_all_that_was_made_of_it(seed):
    """Lines have words of their own, so it is known what was made of each and when.

    A line that is deleted beside one that is written could be taken for it; no revision does both.
    """
    chance = random.Random(seed)
    texts = [[(f"line_{number}", 0) for number in range(chance.randint(3, 12))]]
    made: dict[str, list[int]] = {name: [0] for name, _ in texts[0]}
    for revision in range(1, chance.randint(2, 9)):
        text = list(texts[-1])
        deletes = chance.random() < 0.3
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            if deletes:
                text[at : at + 1] = [] if len(text) > 2 else text[at : at + 1]
            elif chance.random() < 0.5:
                name = f"new_{revision}_{len(made)}"
                text.insert(at, (name, revision))
                made[name] = [revision]
            elif text[at][1] != revision:
                text[at] = (text[at][0], revision)
                made[text[at][0]].append(revision)
        texts.append(text)

    def written(text: list[tuple[str, int]]) -> str:
        return "\n".join(f"{name} = {name}, {name} {last}" for name, last in text)

    edits = [
        Edit(str(at), "", "", "", "f", written(texts[at - 1]) if at else None, written(texts[at]))
        for at in range(len(texts) - 1, -1, -1)
        if at == 0 or texts[at] != texts[at - 1]
    ]
    lines = [OnPath("f", number, name) for number, (name, _) in enumerate(texts[-1], 1)]
    found: dict[str, list[int]] = {line.figure: [] for line in lines}
    for touch in follow(lines, {"f": written(texts[-1])}, edits):
        for change in touch.changes:
            found[change.line.figure].append(int(touch.revision))
    assert {name: revisions[::-1] for name, revisions in found.items()} == {
        line.figure: made[line.figure] for line in lines
    }
