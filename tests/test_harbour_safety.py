"""The invented cohort that teaches: every statement at work, and what it is there to show."""

from __future__ import annotations

from pathlib import Path

import pytest
from lark import Tree

import bareme
from bareme.cli import run
from bareme.language import outline
from bareme.language.statement import OPTION, STATEMENT, STEP, SyntaxFault, _parser, read_line
from bareme.scoring.trace import Status

ROOT = Path(__file__).parent.parent
RULES = sorted((ROOT / "rules" / "harbour-safety").iterdir())
PROFILES = sorted((ROOT / "profiles" / "harbour-safety").rglob("*.*"))
SELDOM = {  # statements that few indices need; tests/conformance has cases of each
    "subtract", "per", "formula", "expression", "product", "factor", "curve", "score_when",
    "score_otherwise", "units", "questions", "ask", "asked", "for_each", "over_indicators",
    "also", "asked_from", "asked_to", "band_by", "levels", "level_name", "weights",
    "as_printed", "answer", "compare_by", "rating", "grade_from", "grade_up_to", "grade_above",
    "monotone",
}  # fmt: skip


@pytest.fixture(scope="module")
def results():
    rules = bareme.load(ROOT, framework="harbour-safety")
    return rules.score(rules.cohort("2024"))


@pytest.fixture(scope="module")
def index(results):
    """The index's own figure of each harbour, by its name."""
    figures = results["harbour_safety"].by_entity.values()
    return {each[0].name: each[0] for each in figures}


def test_every_printed_figure_is_reproduced_but_for_the_known_slip(capfd):
    assert run(["-C", str(ROOT), "check", "--framework", "harbour-safety"]) == 0
    out, err = capfd.readouterr()

    assert err == ""
    assert "22 of 22 printed ranks agree" in out
    assert "23 of 23 printed bands agree" in out
    assert "1 printed value is a known slip" in out


def test_it_says_everywhere_that_it_is_invented():
    for path in [*RULES, *PROFILES]:
        text = path.read_text(encoding="utf-8")
        if path.name != "answers.csv":  # a long table has no room for it; its edition says so
            assert "nvented" in text, path.name


def test_it_uses_every_everyday_statement():
    forms = {str(rule.alias or rule.origin.name) for rule in _parser().rules}
    shown: set[str] = set()
    for path in RULES:
        for row in path.read_text(encoding="utf-8").splitlines():
            text = outline.strip_comment(row.strip())
            for kind in (STATEMENT, OPTION, STEP):
                read = read_line(text, kind) if text else None
                if isinstance(read, Tree) and not isinstance(read, SyntaxFault):
                    shown |= {str(each.data) for each in read.iter_subtrees()}

    everyday = {each for each in forms - {STATEMENT, OPTION, STEP} if each[0] != "_"} - SELDOM
    assert everyday - shown == set()
    assert forms.issuperset(SELDOM), "a statement that the language does not have"


def test_two_harbours_tie_on_what_is_printed_and_not_below(index):
    marsk, birkhaven = index["Marsk"], index["Birkhaven"]

    assert marsk.score == birkhaven.score
    assert marsk.exact != birkhaven.exact
    assert (marsk.rank, birkhaven.rank, marsk.tied) == (5, 5, True)
    assert (marsk.unrounded_rank, birkhaven.unrounded_rank) == (5, 6)


def test_two_harbours_are_really_equal(index):
    garrow, hollin = index["Garrow"], index["Hollin"]

    assert garrow.exact == hollin.exact
    assert (garrow.rank, garrow.unrounded_rank) == (hollin.rank, hollin.unrounded_rank)
    assert garrow.unrounded_tied


def test_one_crosses_a_band_and_changes_are_restated(index):
    marsk = index["Marsk"]

    assert marsk.earlier is not None
    assert marsk.earlier >= 75 > marsk.score
    assert marsk.change == marsk.score - marsk.earlier
    assert index["Yarrow"].change is None  # it joined later


def test_who_is_in_and_who_is_ranked(index):
    assert "Oxley" not in index  # a naval harbour
    assert index["Rossan"].score is not None
    assert index["Rossan"].rank is None
    assert index["Aldwick"].cohort == 22


def test_answers_are_missing_skipped_and_not_applicable(results, index):
    assert index["Zennick"].status is Status.MISSING  # fewer than 60% of its answers
    marsk = results["harbour_safety"].trace("MAR")
    traffic = marsk.lines[marsk.by_path[("harbour_safety", "works", "traffic")]]
    assert traffic.skipped is not None
    assert traffic.skipped.written == "ships = 0"
    penrow = results["harbour_safety"].trace("PEN")
    pilotage = penrow.lines[penrow.by_path[("harbour_safety", "rules", "law", "pilotage")]]
    assert pilotage.value.status is Status.NOT_APPLICABLE


def test_a_cap_bites_and_a_floor_lifts(results):
    kinds = {
        (stage.what.kind.value, stage.score != before.score)
        for trace in results["harbour_safety"].traces
        for line in trace.lines
        for before, stage in zip(line.stages, line.stages[1:], strict=False)
        if stage.what is not None
    }

    assert {("cap", True), ("floor", True), ("cap", False)} <= kinds


def test_the_second_index_is_printed_from_0_to_1(results):
    figures = [each[0] for each in results["harbour_confidence"].by_entity.values()]

    assert all(each.score is None or 0 <= each.score <= 1 for each in figures)
    assert any(each.score is None for each in figures)
    assert {each.band for each in figures if each.score is not None} == {"High", "Low"}
