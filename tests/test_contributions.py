"""Contributions, differences and losses add up exactly, whatever the rules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bareme
import generators as g
from bareme.audit.differences import differences
from bareme.audit.division import How
from bareme.audit.explain import Row, rows_of
from bareme.audit.losses import losses
from bareme.framework import Framework
from bareme.plan import Ask, plan_index
from bareme.record import replace
from bareme.reports.ledger import best_labels
from bareme.scoring.cohort import score_cohort
from bareme.scoring.exact import rescore
from bareme.scoring.surroundings import Surroundings
from bareme.scoring.trace import Line, Trace
from sound_programs import EDITIONS, Writer
from sound_scores import some_profile
from test_sound_programs import framework_of

SHORT, LONG = 300, 50_000
NOTHING = Fraction(0)

few = settings(max_examples=settings.default.max_examples // 4)
"""For what tries several scores an example."""


def invented(seed: int) -> Iterator[tuple[Framework, list[Trace]]]:
    """The traces of three entities in each index of a sound program of any statements."""
    chance = random.Random(seed)
    framework = framework_of(Writer(chance).files)
    partial = chance.random() < 0.5
    editions = [
        [some_profile(framework, f"E{number}", edition, chance) for number in range(3)]
        for edition in EDITIONS[-2:]
    ]
    for index in framework.indices:
        plan, around = plan_index(framework, index), Surroundings(partial)
        for profiles in editions:
            scored = score_cohort(plan, profiles, around)
            around = Surroundings(partial, carried=scored.carried_on())
        yield framework, list(scored.traces)


def hold_rows(rows: tuple[Row, ...]) -> int:
    """Every row's points are those of its parts and of its own rules; how many were divided."""
    held = 0
    for at, row in enumerate(rows):
        if row.division is None or row.shown_before:
            continue
        below = []
        for each in rows[at + 1 :]:
            if each.depth <= row.depth:
                break
            below += [each] if each.depth == row.depth + 1 else []
        parts = sum((each.points for each in below if each.points is not None), NOTHING)
        assert parts + row.own_points == row.scale * row.line.value.score
        if row.depth == 0:
            assert row.points == row.line.value.score
        held += 1
    return held


def run(seeds: range) -> dict[str, int]:
    """Hold every sum of the program of each seed; how many of what kind there were.

    Raises:
        AssertionError: with the seed, where one is not as it has to be.
    """
    seen = dict.fromkeys((*How, "rows", "differences", "rules that differ", "losses", "caps"), 0)
    for seed in seeds:
        try:
            for framework, traces in invented(seed):
                for trace in traces:
                    hold(framework, trace, traces, seen)
        except Exception as fault:
            raise AssertionError(f"seed {seed}: {fault!r}") from fault
    return seen


def hold(framework: Framework, trace: Trace, traces: list[Trace], seen: dict[str, int]) -> None:
    for number, value in enumerate(trace.values):
        if value.score is None:
            continue
        rows = rows_of(trace, number)
        seen["rows"] += hold_rows(rows)
        best, lost, _, divided = losses(trace, number, framework.bounds)
        assert sum((each.points for each in lost), NOTHING) == best - value.score
        _, highest = trace.plan.steps[number].publication.own
        assert value.score <= best <= highest
        seen["losses"] += len(lost)
        seen["caps"] += sum(each.rule is not None for each in lost)
        if all(each.how is How.ADDED for each in divided):
            assert all(each.points > 0 for each in lost)
        for each in divided:
            seen[each.how] += 1
        for other in traces:
            if other.values[number].score is None:
                continue
            found, _, _ = differences(trace, other, number)
            total = sum((each.points for each in found), NOTHING)
            assert total == value.score - other.values[number].score
            back = {
                (e.line.step.number, e.rule): -e.points
                for e in differences(other, trace, number)[0]
            }
            assert back == {(e.line.step.number, e.rule): e.points for e in found}
            seen["differences"] += len(found)
            seen["rules that differ"] += sum(each.rule is not None for each in found)


def test_all_adds_up_in_sound_programs_of_any_statements():
    seen = run(range(SHORT))

    assert seen.pop(How.ADDED) == 0  # what adds up is not told of
    assert seen.pop(How.TWO_ORDERS) == 0  # no figure here has so many parts
    assert all(many > 50 for many in seen.values()), seen


@few
@given(world=g.worlds(most=2), data=st.data())
def test_points_are_what_scoring_with_the_other_answer_gives(world, data):
    """Where parts add up: the points lost by an answer, and those by which two answers differ."""
    edition = data.draw(g.some(world.editions))
    with g.written(g.project_texts(world)) as root:
        rules = bareme.load(root)
        cohort = rules.cohort(edition.id)
        for plan in rules.plans.values():
            traces = [t for t in score_cohort(plan, cohort.profiles).traces if t.score is not None]
            for trace in traces:
                _, lost, _, divided = losses(trace, plan.root.number, rules.framework.bounds)
                assert divided == ()
                for each in lost:
                    if each.line.answer is not None:
                        gained = rescored(trace, each.line, best_labels(each)[0][0])
                        assert gained - trace.score == each.points
                for other in traces:
                    hold_difference(trace, other)


def hold_difference(trace: Trace, other: Trace) -> None:
    """Of two entities that answered, and were given scores of, the same."""
    if [value.status for value in trace.values] != [value.status for value in other.values]:
        return
    found, _, divided = differences(trace, other, trace.plan.root.number)
    assert divided == ()
    for each in found:
        if each.other.answer is not None:
            theirs = rescored(trace, each.line, each.other.answer.text)
            assert trace.score - theirs == each.points


def rescored(trace: Trace, line: Line, answer: str) -> Fraction:
    """The score of an index where one answer is another."""
    assert isinstance(line.step, Ask)
    assert line.answer is not None
    answers = {**trace.profile.answers, line.step.question: replace(line.answer, text=answer)}
    score = rescore(trace, replace(trace.profile, answers=answers), line.step.question).score
    assert score is not None
    return score


@pytest.mark.long
def test_all_adds_up_in_many_sound_programs():
    run(range(SHORT, SHORT + LONG))
