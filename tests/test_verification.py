"""What `bareme verify` says, and where something to compare with is at hand."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time

import pytest

import seals
from bareme import __version__, files, sealing
from bareme.audit.sealed import packed
from bareme.cli import run
from bareme.project import InputRefused, read_rules
from bareme.sealing import against
from test_diagnostics import CASES, read_case, write
from test_docs import DOCS, _keys, first_column, section

DATA = seals.sealed("2023")
NOR = "profiles/norms/2023/nor.yaml"


@pytest.fixture
def project(tmp_path):
    """The project that the edition was sealed from, with the sealed edition in it."""
    write(tmp_path, {name: text.encode() for name, text in seals.PROJECT.items()})
    (tmp_path / "x.sealed").write_bytes(DATA)
    return tmp_path


def said(project, capfd, *arguments: str) -> tuple[int, list[str]]:
    status = run(["-C", str(project), "verify", *arguments])
    out, err = capfd.readouterr()
    assert err == "" or status == 2
    return status, (out + err).splitlines()


def codes(lines: list[str]) -> list[str]:
    return [each[1] for line in lines if (each := re.search(r": (?:error|differs) (\w+):", line))]


@pytest.mark.parametrize(
    "path", [each for each in CASES if each.stem.startswith("verify_")], ids=lambda path: path.stem
)
def test_json_says_what_is_drawn(path, tmp_path, capfd):
    case = read_case(path)
    write(tmp_path, case.files)

    status = run(["-C", str(tmp_path), *case.command.split(), "--format", "json"])
    told = json.loads(capfd.readouterr().out)
    drawn = re.findall(r"^(\S.*?):(\d+):(\d+): (?:error|differs) (\w+): (.*)$", case.says, re.M)

    assert f"(exit {status})" in case.says
    assert drawn == [
        (each["file"], str(each["line"] or 1), str(each["column"] or 1), each["code"],
         each["message"])
        for each in told["messages"]
    ]  # fmt: skip
    verified = [each["verified"] for each in told["editions"]]
    assert not all(verified)


def test_every_key_of_the_json_is_documented(project, capfd):
    (project / "y.sealed").write_bytes(seals.sealed("2024", after=DATA))
    assert run(["-C", str(project), "verify", "x.sealed", "y.sealed", "--format", "json"]) == 0
    told = json.loads(capfd.readouterr().out)

    listed = first_column(section(DOCS / "sealed.md", "The JSON of `verify`"))
    assert set(_keys(told["editions"])) == set(listed)
    assert told["editions"][1]["previous"] == {"edition": "2023", "sha256": seals.hash_of(DATA)}
    assert [each["verified"] for each in told["editions"]] == [True, True]
    assert (told["editions"][0]["entities"], told["editions"][0]["figures"]) == (1, 3)


def test_a_sealed_edition_needs_no_project(tmp_path, capfd):
    (tmp_path / "x.sealed").write_bytes(DATA)

    status, lines = said(tmp_path, capfd, "x.sealed")
    assert (status, lines[0]) == (
        0,
        f"Seal intact. Recomputed 1 entity, 3 figures with bareme {__version__}: 0 differ.",
    )


def test_an_edition_sealed_by_an_earlier_version_says_so(tmp_path, capfd):
    older = seals.with_manifest(DATA, f"engine bareme {__version__}", "engine bareme 0.0.9")
    (tmp_path / "x.sealed").write_bytes(older)

    status, lines = said(tmp_path, capfd, "x.sealed")
    assert (status, lines[1]) == (0, "Sealed with bareme 0.0.9.")


def test_a_sealed_edition_is_a_project_in_memory(project):
    sealed, sha256 = sealing.opened(project / "x.sealed", "x.sealed")
    rules = read_rules(files.Held(sealed.files), "norms")

    assert sha256 == seals.hash_of(DATA)
    assert rules.score(rules.cohort("2023"))["norms"].by_entity["NOR"][0].score == 33
    (project / "x.sealed").write_bytes(DATA[:-1])
    with pytest.raises(InputRefused, match="P601"):
        sealing.opened(project / "x.sealed", "x.sealed")


def test_a_chain_that_begins_later_says_what_it_comes_after(tmp_path, capfd):
    (tmp_path / "y.sealed").write_bytes(seals.sealed("2024", after=DATA))

    status, lines = said(tmp_path, capfd, "y.sealed")
    assert status == 0
    assert f"Sealed after 2023, sha256 {seals.hash_of(DATA)}: not given, not read." in lines


def test_verify_without_a_file_is_a_usage_error(capfd):
    assert run(["verify"]) == 2
    assert "Missing argument 'FILE...'" in capfd.readouterr().err


# ---- against a project, or another sealed edition


def test_the_project_it_was_sealed_from_is_alike(project, capfd):
    status, lines = said(project, capfd, "x.sealed", "--against", ".")
    assert status == 0
    assert "Every line is as in `.`." in lines


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("guards: Yes", "guards: No", "3:3", "`guards: Yes` is `guards: No` in `.`"),
        ("  guards: Yes\n", "", "3:3", "1 line from here on: not in `.`"),
        (
            "  guards: Yes\n", "  # new\n  guards: Yes\n", "3:3",
            "before this line `.` has `# new`",
        ),
        (
            "  guards: Yes\n  fence: No\n", "  fence: No\n  # a\n  # b\n", "3:3",
            "1 line from here on: not in `.`",
        ),
        ("answers:", "# a\n# b\nanswers:", "2:1", "before this line `.` has `# a` and 1 more line"),
        ("entity: NOR\nanswers:\n", "x\ny\nz\n", "1:1", "2 lines from here on: 3 in `.`"),
    ],
)  # fmt: skip
def test_each_line_that_is_otherwise_is_named(project, capfd, old, new, place, message):
    text = seals.PROJECT[NOR]
    assert old in text
    (project / NOR).write_text(text.replace(old, new), encoding="utf-8")

    status, lines = said(project, capfd, "x.sealed", "--against", ".")
    assert status == 1
    assert lines[0] == f"x.sealed!{NOR}:{place}: differs P607: {message}"
    assert lines[-1] == f"Not verified. Recomputed 3 figures with bareme {__version__}: 0 differ."


def test_two_lines_apart_are_named_and_not_those_between(project, capfd):
    text = seals.PROJECT[NOR].replace("entity: NOR", "entity: SUD").replace("No", "Yes")
    (project / NOR).write_text(text, encoding="utf-8")

    _, lines = said(project, capfd, "x.sealed", "--against", ".")
    assert [each.split(":")[1] for each in lines if "P607" in each] == ["1", "4"]


def test_what_cannot_be_read_is_held_against_nothing(project, capfd):
    (project / "x.sealed").write_bytes(DATA[:200])
    status, lines = said(project, capfd, "x.sealed", "--against", ".")
    assert (status, codes(lines)) == (1, ["P601"])


def test_one_of_a_chain_that_cannot_be_read_is_left_out_of_it(project, capfd):
    later = seals.sealed("2024", after=DATA)
    (project / "y.sealed").write_bytes(later)
    (project / "cut.sealed").write_bytes(DATA[:200])
    status, lines = said(project, capfd, "x.sealed", "cut.sealed", "y.sealed")
    assert (status, codes(lines)) == (1, ["P601"])
    assert lines[-1].startswith("y.sealed: Seal intact.")


def test_sealed_evidence_is_counted(project, capfd):
    evidence = project / "profiles/norms/2023/evidence/acts"
    evidence.mkdir(parents=True)
    (evidence / "12.txt").write_text("Every store has a fence.\n", encoding="utf-8")

    assert run(["-C", str(project), "seal", "2023"]) == 0
    told = capfd.readouterr().out.splitlines()[0]
    assert told.endswith("1 rule file · 1 entity · 3 figures · 1 file of evidence")


def test_files_that_are_in_one_alone_are_named(project, capfd):
    (project / NOR).unlink()
    (project / "profiles/norms/2023/sud.yaml").write_text("entity: SUD\n", encoding="utf-8")
    (project / "rules/norms/more.bareme").write_text("# nothing\n", encoding="utf-8")

    status, lines = said(project, capfd, "x.sealed", "--against", ".")
    assert status == 1
    assert codes(lines) == ["P607"] * 3
    assert f"x.sealed!{NOR}:1:1: differs P607: this file is not in `.`" in lines
    more = "`rules/norms/more.bareme` is in `.` and was not sealed"
    assert f"x.sealed:1:1: differs P607: {more}" in lines


def test_another_sealed_edition_is_compared_where_both_have_a_file(project, capfd):
    changed = seals.PROJECT | {
        "rules/norms/norms.bareme": seals.RULES.replace("weight 2", "weight 3")
    }
    (project / "y.sealed").write_bytes(seals.sealed("2024", changed))

    status, lines = said(project, capfd, "x.sealed", "--against", "y.sealed")
    assert status == 1
    assert codes(lines) == ["P607"]
    assert lines[0].startswith("x.sealed!rules/norms/norms.bareme:4:5: differs P607: ")


def test_a_file_that_is_no_text_is_only_said_to_be_another(project, capfd):
    data = seals.opened(DATA)
    name = "profiles/norms/2023/evidence/plan.png"
    for file, byte in (("x", b"\xff"), ("y", b"\xfe")):
        (project / f"{file}.sealed").write_bytes(packed(data.head, {**data.files, name: byte}))

    status, lines = said(project, capfd, "x.sealed", "--against", "y.sealed")
    assert status == 1
    assert lines[0] == f"x.sealed!{name}:1:1: differs P607: this file is another in `y.sealed`"


def test_a_long_stretch_is_said_as_one(project, capfd, monkeypatch):
    monkeypatch.setattr(against, "MOST_COMPARED", 3)
    (project / NOR).write_text("entity: SUD\n# a\nanswers:\n  guards: No\n  fence: Yes\n", "utf-8")

    _, lines = said(project, capfd, "x.sealed", "--against", ".")
    assert [each.partition("P607: ")[2] for each in lines if "P607" in each] == [
        "4 lines from here on: 5 in `.`"
    ]


def test_lines_are_compared_in_time_whatever_they_are():
    """Also where all are alike, or none is where it was."""
    many = 1_000
    for ours, theirs in (
        (["a"] * many, ["b", *["a"] * many]),
        (["a", "b"] * (many // 2), ["b", "a"] * (many // 2) + ["a"]),
        ([str(n % 90) for n in range(many)], [str(n * 7 % 90) for n in range(many + 1)]),
        ([str(n) for n in range(many)], [str(n) for n in reversed(range(many + 1))]),
    ):
        start = time.process_time()
        stretches = list(against._stretches(ours, theirs))
        assert time.process_time() - start < 2
        rebuilt, at = [], 0
        for first, end, start_there, stop in stretches:
            rebuilt += ours[at:first] + theirs[start_there:stop]
            at = end
        assert rebuilt + ours[at:] == theirs


def test_what_is_neither_a_project_nor_sealed_is_refused(project, capfd):
    assert said(project, capfd, "x.sealed", "--against", NOR)[0] == 2
    assert said(project, capfd, "x.sealed", "--against", "nothing")[0] == 2


def test_nothing_of_the_machine_is_in_a_sealed_edition(project, tmp_path_factory):
    """The same project elsewhere, three seconds and another user later, gives the same bytes."""
    other = tmp_path_factory.mktemp("elsewhere") / "a folder of another name"
    shutil.copytree(project, other)
    for each in (project, other):
        (each / "x.sealed").unlink()
        assert run(["-C", str(each), "seal", "2023"]) == 0
    ours, theirs = ((each / "norms-2023.sealed").read_bytes() for each in (project, other))

    assert ours == theirs == DATA
    assert str(project).encode() not in ours


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_no_name_of_a_file_hides_or_acts(project, capfd):
    (project / "x\x1b[2J.sealed").write_bytes(DATA)
    for arguments in (["x\x1b[2J.sealed"], ["x.sealed", "x\x1b[2J.sealed"],
                      ["x.sealed", "--against", "x\x1b[2J.sealed"]):  # fmt: skip
        assert "\x1b" not in "".join(said(project, capfd, *arguments)[1])
    assert run(["-C", str(project), "seal", "2023", "-o", "y\x1b.sealed"]) == 0
    assert "\x1b" not in capfd.readouterr().out


def test_no_message_hides_or_acts(tmp_path, capfd):
    hostile = seals.PROJECT[NOR].replace("NOR", "N\u00d8R")
    data = seals.sealed("2023", seals.PROJECT | {NOR: hostile})
    bell = data.replace(b"guards: Yes\n  fence: No", b"guards: \x1b[\x07\n  fence: No")
    (tmp_path / "x.sealed").write_bytes(bell)

    status, lines = said(tmp_path, capfd, "x.sealed")
    assert status == 1
    assert codes(lines) == ["P601", "P602"]
    assert not re.search("[\x00-\x1f\x7f]", "".join(lines))


# ---- limits, and files that change meanwhile


def test_limits_are_raised_and_lowered_on_the_command_line_alone(project, capfd):
    (project / "x.sealed").unlink()
    for option in (["--max-files", "2"], ["--max-bytes", "300"]):
        assert run(["-C", str(project), "seal", "2023", *option]) == 2
        assert "error E604: this edition is not sealed: it is 3 files of" in capfd.readouterr().err
    assert sorted(each.name for each in project.iterdir()) == ["profiles", "rules"]
    (project / "x.sealed").write_bytes(DATA)
    for option in (["--max-files", "2"], ["--max-bytes", "300"]):
        status, lines = said(project, capfd, "x.sealed", *option)
        assert (status, codes(lines)) == (2, ["E604"])
        assert f"`{option[0]}` raises that" in " ".join(lines)

    more = {f"profiles/norms/2023/evidence/{n:05}.txt": b"" for n in range(10_000)}
    data = seals.opened(DATA)
    (project / "x.sealed").write_bytes(packed(data.head, {**data.files, **more}))
    assert said(project, capfd, "x.sealed")[0] == 2
    assert said(project, capfd, "x.sealed", "--max-files", "10003")[0] == 0


def test_a_file_that_changes_while_the_edition_is_scored_is_not_sealed(project, capfd, monkeypatch):
    read = files.read

    def changes(root, name, limit):
        data = read(root, name, limit)
        return data.replace(b"Yes", b"No ") if name == NOR else data

    monkeypatch.setattr(files, "read", changes)
    assert run(["-C", str(project), "seal", "2023"]) == 2
    assert "this file is not sealed: it was changed while the edition was scored" in (
        capfd.readouterr().err
    )
    assert not (project / "norms-2023.sealed").exists()
