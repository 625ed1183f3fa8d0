"""Answers to try in place of another: every label, and the numbers at which a rule may turn."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from bareme.exact import shorten
from bareme.framework import (
    HIGHEST,
    LOWEST,
    AtLeast,
    Compared,
    Condition,
    Not,
    Range,
    Steps,
    When,
)
from bareme.plan import Ask, Count, Decide, Finished, Plan
from bareme.profiles.profile import Answer, Evidence
from bareme.source import Span


def candidates(plan: Plan, step: object) -> list[tuple[str, Answer]]:
    """Answers to try, each as it would be said, best and worst among them."""
    if isinstance(step, Ask):
        labels = dict(step.labels.values())
        return [(label, _answer(label, None, span)) for label, span in labels.items()]
    assert isinstance(step, Count)
    if step.formula is not None:
        return [
            (f"{shorten(v)} points for {step.measure}", _answer("", v, step.span))
            for v in _points(step)
        ]
    values = numbers_tried(plan, step.measure, step.plausible, step)
    unit = f" {step.unit}" if step.unit else ""
    return [(f"{shorten(v)}{unit}", _answer(shorten(v), v, step.span)) for v in values]


def numbers_tried(
    plan: Plan, measure: str, plausible: Range | None, step: Count | None = None
) -> list[Fraction]:
    """The numbers at which a rule may change its mind, and one on each side of every one.

    Args:
        plan: whose conditions may read the measure.
        measure: its id.
        plausible: where a number has to lie.
        step: that scores it, if one does.
    """
    compared = set(_numbers(plan, measure))
    turns = set(compared)
    by = step.by if step else None
    if isinstance(by, Steps):
        turns |= {each.limit for each in by.steps if each.limit is not None}
    elif by is not None and by.value is not None:
        turns |= {by.value.worst, by.value.best}
    turns = turns or {Fraction(0)}  # one step for all
    ordered = sorted(turns)
    between = {(low + high) / 2 for low, high in pairwise(ordered)}
    beyond = {ordered[0] - 1, ordered[-1] + 1}
    if plausible is not None:
        inside = {each for each in turns | between | beyond if _lies(each, plausible)}
        return sorted(inside | {*plausible})
    if not isinstance(by, Steps) and not compared & {
        ordered[0],
        ordered[-1],
    }:  # it is the same beyond
        beyond = set()
    return sorted(turns | between | beyond)


def _points(step: Count) -> list[Fraction]:
    """The least and the most that a measure can earn."""
    if not isinstance(step.by, Steps):
        return [LOWEST, HIGHEST]
    points = [each.points for each in step.by.steps if each.points is not None]
    return sorted({min(points), max(points)}) if points else [LOWEST]


def _answer(text: str, value: Fraction | None, span: Span) -> Answer:
    return Answer(text, Evidence(), span, value)


def _lies(value: Fraction, within: Range) -> bool:
    return within[0] <= value <= within[1]


def _numbers(plan: Plan, measure: str) -> Iterator[Fraction]:
    """The numbers that conditions hold a measure against."""
    for step in plan.steps:
        whens: list[When] = list(step.skip)
        if isinstance(step, Decide):
            whens += [each.when for each in step.decisions if each.when is not None]
        if isinstance(step, Finished):
            whens += [each.when for each in step.finish.adjustments if each.when is not None]
        for when in whens:
            yield from _compared(when.condition, measure)


def _compared(condition: Condition, measure: str) -> Iterator[Fraction]:
    match condition:
        case Compared() if condition.kind != "figure" and condition.id[-1] == measure:
            yield condition.number
        case Not():
            yield from _compared(condition.of, measure)
        case AtLeast():
            for each in condition.of:
                yield from _compared(each, measure)
