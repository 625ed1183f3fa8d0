"""Whether a better answer can lower a figure: proved from how differences go up, or shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from bareme.framework import HIGHEST, LOWEST
from bareme.plan import Ask, Count, Take
from bareme.proofs.choices import Choice, Kind, Way
from bareme.proofs.goals import Apart
from bareme.proofs.search import TOO_MANY, Prover, Shown
from bareme.record import Record

MOST_CLASSES = 6
"""Different points of one question of which every two are compared; of more, every two neighbours
are, and every two only where answers between them could make a score come or go.
"""

MOST_LOOKED_FOR = 12
"""Pairs of answers to one question that are looked for one by one at one figure."""


class Lowering(Record):
    """A better answer that lowers a figure.

    Attributes:
        step: the figure's.
        choice: the question.
        better, worse: the answers; a stretch of numbers stands for two of it.
        shown: the two profiles, first with the better answer.
    """

    step: int
    choice: Choice
    better: Way
    worse: Way
    shown: Shown


class Undecided(Record):
    """A question of which it is not known whether better answers can lower a figure."""

    step: int
    choice: Choice
    tried: int
    reason: str


class Monotony(Record):
    """What better answers can do to the figures of a plan.

    Attributes:
        lowerings: one of each figure and question where there are any.
        undecided: of the others those that are not proved.
    """

    lowerings: tuple[Lowering, ...]
    undecided: tuple[Undecided, ...]


def monotony(prover: Prover, say: Callable[[int], None] = lambda _: None) -> Monotony:
    """Find out for every figure and every question below it.

    Args:
        prover: of an index.
        say: is told how many questions are done.
    """
    lowerings: list[Lowering] = []
    undecided: list[Undecided] = []
    for done, choice in enumerate(prover.choices.points):
        say(done)
        for each in _of_choice(prover, choice):
            if isinstance(each, Lowering):
                lowerings.append(each)
            else:
                undecided.append(each)
    return Monotony(tuple(lowerings), tuple(undecided))


def _of_choice(prover: Prover, choice: Choice) -> Iterator[Lowering | Undecided]:
    suspects = _suspects(prover, choice)
    found: list[Lowering] = []
    for step in sorted(suspects):
        pairs = sorted(suspects[step], key=lambda pair: -pair[2])
        outcome = _looked_for(prover, step, choice, pairs, found)
        if outcome is not None:
            if isinstance(outcome, Lowering):
                found.append(outcome)
            yield outcome


_Pair = tuple[Way, Way, Fraction]
"""The better way, the worse, and by how much that might score more."""


def _suspects(prover: Prover, choice: Choice) -> dict[int, list[_Pair]]:
    """By figure the pairs that the bounds do not exclude."""
    found: dict[int, list[_Pair]] = {}
    coming: set[int] = set()
    every = _pairs(prover, choice, neighbours=False)
    classes = {points for points in prover.choices.points[choice].values() if points is not None}
    few = len(classes) <= MOST_CLASSES
    first = every if few else _pairs(prover, choice, neighbours=True)
    for better, worse in first:
        for step, high, steady in _differences(prover, choice, better, worse):
            if high > 0:
                found.setdefault(step, []).append((better, worse, high))
            if not steady:
                coming.add(step)
    if few or not coming:
        return found
    for better, worse in every:
        for step, high, _ in _differences(prover, choice, better, worse):
            if high > 0 and step in coming and (better, worse, high) not in found.get(step, ()):
                found.setdefault(step, []).append((better, worse, high))
    return found


def _differences(
    prover: Prover, choice: Choice, better: Way, worse: Way
) -> Iterator[tuple[int, Fraction, bool]]:
    """Of each figure by how much it can score more with the worse way, and whether it is steady."""
    deltas = prover.deltas(choice, better, worse, {}).found
    for step, delta in zip(prover.plan.steps, deltas, strict=True):
        if not isinstance(step, Ask | Count | Take) and not delta.same:
            yield step.number, delta.high, delta.steady


def _pairs(prover: Prover, choice: Choice, *, neighbours: bool) -> list[tuple[Way, Way]]:
    """Every two ways of which the first earns more; or only those next to each other."""
    classes: dict[Fraction, list[Way]] = {}
    for way, points in prover.choices.points[choice].items():
        if points is not None:
            classes.setdefault(points, []).append(way)
    ordered = sorted(classes, reverse=True)
    found = [
        (better, worse)
        for place, more in enumerate(ordered)
        for less in ordered[place + 1 : place + 2 if neighbours else None]
        for better in classes[more]
        for worse in classes[less]
    ]
    if choice in prover.choices.rising | prover.choices.falling:
        found += [
            (way, way)
            for points, ways in classes.items()
            for way in ways
            if way.stretch and _slopes(choice, way, points)
        ]
    return found


def _slopes(choice: Choice, way: Way, points: Fraction) -> bool:
    """Whether numbers of a stretch can earn different points: it has two ends.

    Beyond a goalpost all numbers earn the same.
    """
    flat = choice.kind is Kind.NUMBER and points in (LOWEST, HIGHEST)
    return way.low is not None and way.high is not None and not flat


def _looked_for(
    prover: Prover, step: int, choice: Choice, pairs: list[_Pair], below: list[Lowering]
) -> Lowering | Undecided | None:
    """Look for two answers that show it; None where it is proved that there are none."""
    tried, reason = 0, ""
    for better, worse, _ in pairs[:MOST_LOOKED_FOR]:
        goal = Apart(step, choice, better, worse)
        first = [each.shown.chosen for each in below]
        outcome = prover.look(goal, first, looks=1 if reason else None)  # it is open anyway
        tried += outcome.tried
        if outcome.shown is not None:
            shown = prover.shortest(goal, outcome.shown)
            return Lowering(step, choice, better, worse, shown)
        reason = reason or outcome.reason
    if len(pairs) > MOST_LOOKED_FOR:
        reason = reason or TOO_MANY
    return Undecided(step, choice, tried, reason) if reason else None
