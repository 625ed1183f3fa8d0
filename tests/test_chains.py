"""Editions form a chain (F6): what is mixed, rolled back, forked or missing is named so."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from functools import cache

import pytest

import seals
from bareme import sealing
from bareme.audit.chain import Given, check_chain
from bareme.audit.sealed import Head, Link, hash_of, packed
from bareme.audit.verified import Verified
from bareme.cli import run


@cache
def made(
    edition: int, answer: str, framework: str = "norms", dated: bool = False
) -> dict[str, bytes]:
    """The files of one sealed edition."""
    project = {
        f"rules/{framework}/norms.bareme": seals.RULES,
        f"profiles/{framework}/{edition}/nor.yaml": seals.profile(answer, "No"),
    }
    if dated:
        about = f"profiles/{framework}/{edition}/edition.yaml"
        project[about] = f"date: {3000 + edition}\n"
    return seals.opened(seals.sealed(str(edition), project)).files


def linked(files: dict[str, bytes], before: bytes | None, edition: int, dated: bool) -> bytes:
    framework = next(name for name in files if name.startswith("rules/")).split("/")[1]
    link = None
    if before is not None:
        link = Link(seals.opened(before).head.edition, hash_of(before))
    date = str(3000 + edition) if dated else ""
    head = Head(framework, str(edition), date, "0.1.0", 1, sealing.SETTINGS, link)
    return packed(head, files)


def chain_of(parts: Sequence[tuple[int, dict[str, bytes]]], dated: bool) -> list[bytes]:
    """Editions sealed one after the other."""
    found: list[bytes] = []
    for edition, files in parts:
        found.append(linked(files, found[-1] if found else None, edition, dated))
    return found


@cache
def checked(data: bytes) -> Verified:
    return sealing.verify("x", data)


def faults_of(chain: Sequence[bytes]) -> list[str]:
    """What our verifier says of a chain: the first word of each fault."""
    all_checked = [checked(data) for data in chain]
    found = [each for one in all_checked for each in one.found]
    heads = [Given(f"{at}", e.sha256, e.head) for at, e in enumerate(all_checked) if e.head]
    found += check_chain(heads)
    assert {each.code for each in found} <= {"P603"}
    return [each.message.partition(":")[0] for each in found]


def faults_alone(chain: Sequence[bytes]) -> list[str]:
    """The same of the verifier that needs Python alone."""
    alone = seals.stand_alone()
    found, before = [], []
    for data in chain:
        try:
            alone.check_next(before, data)
        except alone.Changed as wrong:
            found.append(str(wrong).partition(":")[0])
    return found


def a_chain(chance: random.Random) -> tuple[list[tuple[int, dict[str, bytes]]], bool]:
    first, dated = chance.randrange(1990, 2020), chance.random() < 0.3
    years = sorted(chance.sample(range(first, first + 12), chance.randrange(3, 7)))
    return [(year, made(year, chance.choice(("Yes", "No")), dated=dated)) for year in years], dated


def mixed(chance: random.Random) -> list[bytes]:
    """The results of one edition in another, or an edition of another framework among them."""
    parts, dated = a_chain(chance)
    at, other = chance.sample(range(len(parts)), 2)
    edition = parts[at][0]
    if chance.random() < 0.5:
        figures = parts[other][1]["figures.jsonl"]
        parts[at] = (edition, parts[at][1] | {"figures.jsonl": figures})
    else:
        at = max(at, 1)
        parts[at] = (parts[at][0], made(parts[at][0], "Yes", "forms", dated))
    return chain_of(parts, dated)


def rolled_back(chance: random.Random) -> list[bytes]:
    """An older edition where the newest should be: as it was, or sealed anew after the newest."""
    parts, dated = a_chain(chance)
    chain = chain_of(parts, dated)
    older = chance.randrange(len(chain) - 1)
    if chance.random() < 0.5:
        edition, files = parts[older]
        return [*chain, linked(files, chain[-1], edition, dated)]
    return [*chain[older + 1 :], chain[older]] if chance.random() < 0.3 else [*chain, chain[older]]


def forked(chance: random.Random) -> list[bytes]:
    """Two successors of one edition, the second right behind the first or at the end."""
    parts, dated = a_chain(chance)
    chain = chain_of(parts, dated)
    at = chance.randrange(1, len(chain))
    edition = parts[-1][0]
    answer = "No" if parts[-1][1] == made(edition, "Yes", dated=dated) else "Yes"
    second = linked(made(edition, answer, dated=dated), chain[at - 1], edition, dated)
    return [*chain[: chance.randrange(at, len(chain)) + 1], second]


def with_a_gap(chance: random.Random) -> list[bytes]:
    """An edition in the middle that is missing."""
    parts, dated = a_chain(chance)
    chain = chain_of(parts, dated)
    at = chance.randrange(1, len(chain) - 1)
    return [*chain[:at], *chain[at + 1 :]]


FAULTS = {
    "mix-and-match": mixed,
    "rollback": rolled_back,
    "fork": forked,
    "gap": with_a_gap,
}


def name_faults(many: int) -> None:
    for seed in range(many):
        chance = random.Random(seed)
        parts, dated = a_chain(chance)
        assert faults_of(chain_of(parts, dated)) == [], seed
        name = chance.choice(list(FAULTS))
        chain = FAULTS[name](chance)

        assert faults_of(chain)[:1] == [name], seed
        assert set(faults_of(chain)) == {name}, seed
        assert faults_alone(chain) == faults_of(chain), seed


def test_each_fault_of_random_chains_has_its_name():
    name_faults(60)


@pytest.mark.long
def test_each_fault_of_a_thousand_random_chains_has_its_name():
    name_faults(1_000)


# ---- the links, one by one

A = seals.sealed("2022")
B = seals.sealed("2023", after=A)
C = seals.sealed("2024", after=B)


@pytest.mark.parametrize(
    ("chain", "fault"),
    [
        ([A, B, C], []),
        ([B, C], []),  # it may begin anywhere, and says what it comes after
        ([A, B, B], ["rollback"]),
        ([B, A], ["rollback"]),
        ([A, C], ["gap"]),
        ([A, seals.sealed("2023")], ["gap"]),
        ([C, seals.sealed("2023")], ["rollback"]),
        ([A, B, seals.sealed("2024", after=A)], ["fork"]),
        ([B, seals.sealed("2024", after=A)], ["fork"]),
        ([A, seals.sealed("2022", after=A)], []),  # a correction
        ([A, seals.with_manifest(B, " 2022\nfiles", " 2021\nfiles")], ["mix-and-match"]),
    ],
)
def test_a_chain_says_what_is_amiss(chain, fault):
    assert faults_of(chain) == faults_alone(chain) == fault


# ---- which edition one is sealed after


@pytest.fixture
def project(tmp_path):
    for name, text in seals.PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def sealed_in(project, *arguments: str) -> int:
    return run(["-C", str(project), "seal", *arguments])


def previous(project, name: str) -> str | None:
    head = seals.opened((project / name).read_bytes()).head
    return head.previous.edition if head.previous else None


def test_an_edition_is_sealed_after_the_newest_earlier_one_in_the_folder(project, capfd):
    for edition in ("2022", "2023", "2024"):
        assert sealed_in(project, edition) == 0
    said = capfd.readouterr().out.splitlines()

    names = [f"norms-{edition}.sealed" for edition in ("2022", "2023", "2024")]
    assert [previous(project, name) for name in names] == [None, "2022", "2023"]
    assert said[0] == "Sealed norms-2022.sealed: 1 rule file · 1 entity · 3 figures"
    assert said[1] == f"sha256 {hash_of((project / names[0]).read_bytes())}"
    assert said[4] == f"after 2022, sha256 {hash_of((project / names[0]).read_bytes())}"
    assert run(["-C", str(project), "verify", *names]) == 0
    assert "Chain intact: 2022, 2023, 2024" in capfd.readouterr().out


def test_sealing_again_changes_nothing_and_another_seal_is_kept(project, capfd):
    assert sealed_in(project, "2024") == 0
    first = (project / "norms-2024.sealed").read_bytes()
    assert sealed_in(project, "2024") == 0
    assert (project / "norms-2024.sealed").read_bytes() == first
    assert sealed_in(project, "2023") == 0  # now 2024 would come after it
    assert sealed_in(project, "2024") == 2
    assert "--force replaces it" in capfd.readouterr().err
    assert (project / "norms-2024.sealed").read_bytes() == first
    assert sealed_in(project, "2024", "--force") == 0
    assert previous(project, "norms-2024.sealed") == "2023"


def test_a_correction_is_sealed_after_what_it_corrects(project, capfd):
    assert sealed_in(project, "2022") == 0
    profile = project / "profiles/norms/2022/nor.yaml"
    profile.write_text(seals.profile("Yes", "No"), encoding="utf-8")
    options = ["-o", "corrected.sealed", "--after", "norms-2022.sealed"]
    assert sealed_in(project, "2022", *options) == 0
    # Of two of one date the one that the other names is the older.
    assert sealed_in(project, "2023") == 0
    assert "after 2022, sha256 " + hash_of((project / "corrected.sealed").read_bytes()) in (
        capfd.readouterr().out
    )
    files = ["norms-2022.sealed", "corrected.sealed", "norms-2023.sealed"]
    assert run(["-C", str(project), "verify", *files]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2031"], "there is no edition `2031`"),
        (["2023", "--framework", "forms"], "there is no framework `forms`"),
        (["2023", "-o", "rules/norms/x.sealed"], "lies in rules/"),
        (["2023", "-o", "nowhere/x.sealed"], "there is no folder"),
        (["2023", "--after", "nothing.sealed"], "nothing.sealed:1:1: error E007"),
        (["2023", "--after", "rules/norms/norms.bareme"], "error E601: this is no sealed edition"),
    ],
)
def test_what_cannot_be_sealed_is_refused(project, arguments, said, capfd):
    assert sealed_in(project, *arguments) == 2
    assert said in capfd.readouterr().err
    assert sorted(each.name for each in project.iterdir()) == ["profiles", "rules"]


def test_an_edition_of_two_frameworks_has_to_be_named_with_one(project, capfd):
    for name, text in seals.PROJECT.items():
        copy = project / name.replace("/norms/", "/forms/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")

    assert sealed_in(project, "2023") == 2
    assert "name one with --framework" in capfd.readouterr().err
    assert sealed_in(project, "2023", "--framework", "forms") == 0
    assert sealed_in(project, "2024", "--framework", "norms") == 0
    assert previous(project, "norms-2024.sealed") is None  # that of another framework is none


def test_a_sealed_edition_of_another_framework_is_not_the_one_before(project, capfd):
    forms = {name.replace("/norms/", "/forms/"): text for name, text in seals.PROJECT.items()}
    (project / "forms.sealed").write_bytes(seals.sealed("2022", forms))
    assert sealed_in(project, "2023", "--after", "forms.sealed") == 2
    assert "this is of framework `forms`, not `norms`" in capfd.readouterr().err


def test_mistakes_in_the_rules_are_said_and_nothing_is_sealed(project, capfd):
    (project / "rules/norms/norms.bareme").write_text(seals.RULES.replace("Yes =", "Yes"), "utf-8")

    assert sealed_in(project, "2023") == 2
    assert "rules/norms/norms.bareme:1:" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="links and FIFOs")
def test_evidence_that_is_no_file_inside_the_project_is_refused(project, tmp_path_factory, capfd):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("secret", encoding="utf-8")
    evidence = project / "profiles/norms/2023/evidence"
    evidence.symlink_to(outside, target_is_directory=True)
    assert sealed_in(project, "2023") == 0  # a folder that leads outside is none
    assert b"secret" not in (project / "norms-2023.sealed").read_bytes()
    assert "W405" in capfd.readouterr().err
    (project / "norms-2023.sealed").unlink()

    evidence.unlink()
    for make in (
        lambda: (evidence / "x.txt").symlink_to(outside / "secret.txt"),
        lambda: (evidence / "x.txt").symlink_to(outside, target_is_directory=True),
        lambda: os.mkfifo(evidence / "x.txt"),
    ):
        evidence.mkdir()
        make()
        assert sealed_in(project, "2023") == 2
        said = capfd.readouterr().err
        assert "profiles/norms/2023/evidence/x.txt:1:1: error E007" in said
        assert str(outside) not in said
        assert not (project / "norms-2023.sealed").exists()
        (evidence / "x.txt").unlink()
        evidence.rmdir()


def test_names_of_evidence_that_cannot_be_sealed_are_refused(project, capfd):
    evidence = project / "profiles/norms/2023/evidence"
    evidence.mkdir()
    names = ["a\u202eb.txt", "e\u0301.txt", "a:b.txt", "con.txt", "x .txt ", "new\nline"]
    for name in names:
        (evidence / name).write_text("x", encoding="utf-8")
    (evidence / ".hidden").write_text("x", encoding="utf-8")

    assert sealed_in(project, "2023") == 2
    said = capfd.readouterr().err
    assert said.count("error E603: a file of this name is not sealed") == len(names)
    assert "\u202e" not in said
    assert not (project / "norms-2023.sealed").exists()


def test_mistakes_are_said_and_nothing_is_sealed(project, capfd):
    (project / "profiles/norms/2023/nor.yaml").write_text(seals.profile("Yess", "No"), "utf-8")

    assert sealed_in(project, "2023") == 2
    assert "E222" in capfd.readouterr().err
    assert sorted(each.name for each in project.iterdir()) == ["profiles", "rules"]
