"""A cohort scored at once has the values of its entities scored one at a time."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bareme
import generators as g
from bareme.exact import round_each_half_up, round_half_up
from bareme.plan import Plan
from bareme.project import Rules, frameworks
from bareme.scoring import cohort
from bareme.scoring.cohort import SHORT, score_cohort
from bareme.scoring.exact import included, score
from bareme.scoring.surroundings import Surroundings

ROOT = Path(__file__).parent.parent


def surroundings(rules: Rules, plan: Plan, edition: str) -> Surroundings:
    """What the editions before one know of an index."""
    around = Surroundings()
    for earlier in rules.editions[: rules.editions.index(edition)]:
        scored = score_cohort(plan, rules.cohort(earlier).profiles, around)
        around = Surroundings(carried=scored.carried_on())
    return around


def assert_equal(rules: Rules) -> int:
    """Hold every step of every entity of every edition against `score`; how many entities."""
    many = 0
    for edition in rules.editions:
        profiles = rules.cohort(edition).profiles
        for plan in rules.plans.values():
            around = surroundings(rules, plan, edition)
            at_once = score_cohort(plan, profiles, around)
            alone = [score(plan, each, at_once.around) for each in profiles if included(plan, each)]
            assert [each.values for each in at_once.traces] == [each.values for each in alone]
            many += len(alone)
    return many


@pytest.mark.parametrize("framework", frameworks(ROOT))
def test_every_project_here(framework):
    assert assert_equal(bareme.load(ROOT, framework))


def invented(tapes: range) -> int:
    many = 0
    for seed in tapes:
        world = g.draw_world(g.Tape(random.Random(seed).randbytes(1000)))
        with g.written(g.project_texts(world)) as root:
            many += assert_equal(bareme.load(root))
    return many


def test_invented_worlds():
    assert invented(range(40)) > 40


@pytest.mark.long
def test_many_invented_worlds():
    assert invented(range(1000, 5000)) > 4000


RULES = """scale yes_no: Yes = 33.3, No = 0

index safety "Safety"
    publish 1 decimal, half up
    category a "A"
        aggregate by harmonic mean
        question q1 "Q" on yes_no
            "Is it?"
        measure m1 "M" in km, plausible 0 to 1000
            "How far?"
            normalise from 0 to 997
    category b "B" weight 3
        question q2 "Q" on yes_no weight 2
            "Is it?"
        question q3 "Q" on yes_no
            "Is it?"
"""


def project(root: Path, profiles: list[str]) -> Rules:
    (root / "rules" / "own").mkdir(parents=True)
    (root / "rules" / "own" / "safety.bareme").write_text(RULES)
    folder = root / "profiles" / "own" / "2024"
    folder.mkdir(parents=True)
    for at, text in enumerate(profiles):
        (folder / f"e{at:03}.yaml").write_text(f"entity: E{at}\nname: E{at}\n{text}")
    return bareme.load(root)


def measured(at: int) -> str:
    return f"answers:\n  q1: Yes\n  m1: {at + 1}.{at:017}1\n  q2: No\n  q3: Yes\n"


def test_a_column_that_no_short_denominator_holds_is_kept_in_fractions(tmp_path):
    rules = project(tmp_path, [measured(at) for at in range(12)])
    columns = score_cohort(rules.plans["safety"], rules.cohort("2024").profiles).columns

    assert all(column.over.bit_length() <= SHORT for column in columns)
    assert not all(column.whole for column in columns)
    assert assert_equal(rules) == 12


def test_long_scores_that_are_carried_forward_stand_beside_short_ones(tmp_path):
    """Nobody measured anything in 2025, so that each long score of `a` is that of 2024."""
    carrying = RULES.replace("    publish", "    when missing carry forward\n    publish")
    carrying = carrying.replace(
        "        aggregate", "        when missing leave out\n        aggregate"
    )
    project(tmp_path, [measured(at) for at in range(12)])
    (tmp_path / "rules" / "own" / "safety.bareme").write_text(carrying)
    folder = tmp_path / "profiles" / "own" / "2025"
    folder.mkdir()
    for at in range(12):
        (folder / f"e{at:03}.yaml").write_text(f"entity: E{at}\nanswers: {{q2: Yes, q3: No}}\n")
    rules = bareme.load(tmp_path)

    assert assert_equal(rules) == 24
    around = surroundings(rules, rules.plans["safety"], "2025")
    scored = score_cohort(rules.plans["safety"], rules.cohort("2025").profiles, around)
    root = scored.columns[-1]
    assert not root.whole
    assert root.over > 1


def test_missing_given_and_answered_entities_side_by_side(tmp_path):
    rules = project(
        tmp_path,
        [
            "answers:\n  q1: Yes\n  m1: 3\n  q2: No\n  q3: Yes\n",
            "answers:\n  q1: No\n  q2: Yes\n  q3: Yes\n",
            "answers:\n  m1: 5\ngiven:\n  safety:\n    b: 41.7\n",
            "given:\n  safety:\n    a: 12\nanswers:\n  q3: No\n",
            "given:\n  safety:\n    safety: 50\n",
            "",
        ],
    )
    results = rules.score(rules.cohort("2024"))["safety"]

    assert assert_equal(rules) == 6
    assert [results.by_entity[f"E{at}"][0].status for at in range(6)] == [
        "computed", "computed", "rests on given", "rests on given", "given", "missing",
    ]  # fmt: skip
    assert "E9" not in results.by_entity
    assert len(results.by_entity) == 6


def test_only_what_has_to_be_is_evaluated_one_by_one(tmp_path, monkeypatch):
    """Measures and harmonic means are; of answers and arithmetic means, what misses something."""
    profiles = [f"answers:\n  q1: Yes\n  m1: {at}\n  q2: No\n  q3: Yes\n" for at in range(3)]
    profiles.append("answers:\n  q1: Yes\n  m1: 3\n  q3: Yes\n")
    profiles.append(profiles[0] + "given:\n  safety:\n    b: 41.7\n")
    profiles.append("answers:\n  q2: Yes\n  q3: No\n")
    rules = project(tmp_path, profiles)
    looked_at: Counter[tuple[str, str]] = Counter()

    def one(step, so_far, evaluate=cohort.evaluate):
        looked_at[step.path[-1], so_far.profile.entity] += 1
        return evaluate(step, so_far)

    monkeypatch.setattr(cohort, "evaluate", one)
    score_cohort(rules.plans["safety"], rules.cohort("2024").profiles)

    everybody = {(path, f"E{at}") for path in ("m1", "a") for at in range(6)}
    wanted = everybody | {("b", "E3"), ("b", "E4"), ("safety", "E5")}
    assert looked_at == dict.fromkeys(wanted, 1)


@given(
    st.lists(st.one_of(st.none(), st.fractions(max_denominator=10**6)), max_size=8),
    st.integers(1, 10**9),
    st.integers(0, 6),
)
def test_many_are_rounded_as_one(cells, over, places):
    assert round_each_half_up(cells, over, places) == [
        None if each is None else round_half_up(Fraction(each, over), places) for each in cells
    ]
