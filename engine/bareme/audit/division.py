"""How the points of one figure are divided among its parts, its caps and its floors.

A figure is looked at in two states, before and after: with its parts at nothing and as they are,
as another entity has them, or at their best. What lies between is divided. Where parts add up and
no cap or floor interferes, each has the weight it counts with times its own points. Anywhere else
what a part adds rests on the others, and each has its Shapley share. Both add up exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from bareme.exact import TooManyBits
from bareme.framework import HIGHEST, Bound
from bareme.methods.aggregation import METHODS, Method, method_named, shares
from bareme.methods.attribution import MOST, both_ways, shapley
from bareme.methods.normalisation import linear
from bareme.plan import Aggregate, AnyStep, Each, Finish, Repeat
from bareme.record import Record
from bareme.scoring.trace import Line

NOTHING = Fraction(0)
ONE = Fraction(1)


class How(StrEnum):
    """By what the points of a figure are divided."""

    ADDED = "added up"
    SHAPLEY = "Shapley shares"
    TWO_ORDERS = "shares by two orders"


class State(Record):
    """What a figure is put together from.

    Attributes:
        counts: the score that each part counts as; None where it is left out.
        applied: which of the caps and floors apply, by their position.
    """

    counts: tuple[Fraction | None, ...]
    applied: frozenset[int]


class Making(Record):
    """How a figure is put together: its method, the weights of its parts, what is done to it."""

    method: Method
    weights: tuple[Fraction, ...]
    finish: Finish

    @property
    def slope(self) -> Fraction:
        """How many points one point is worth once rescaled."""
        if self.finish.rescale is None:
            return ONE
        low, high = self.finish.range
        return HIGHEST / (high - low)

    def raw(self, state: State) -> Fraction | None:
        """The score before caps and floors; None where no part counts."""
        used = [
            (score, weight)
            for score, weight in zip(state.counts, self.weights, strict=True)
            if score is not None
        ]
        if not any(weight for _, weight in used):
            return None
        score = self.method.score([score for score, _ in used], [weight for _, weight in used])
        return score if self.finish.rescale is None else linear(score, *self.finish.range)

    def score(self, state: State) -> Fraction | None:
        """The score in a state."""
        raw = self.raw(state)
        return None if raw is None else self.finished(raw, state.applied)

    def finished(self, raw: Fraction, applied: frozenset[int]) -> Fraction:
        """A score after the caps and floors that apply."""
        for at, each in enumerate(self.finish.adjustments):
            if at in applied:
                raw = (min if each.kind is Bound.CAP else max)(raw, each.points)
        return raw

    def moved(self, state: State) -> bool:
        """Whether a cap or a floor changes the score."""
        return self.raw(state) != self.score(state)

    def slopes(self, counts: Sequence[Fraction | None]) -> tuple[Fraction, ...]:
        """How many points of the figure one point of each part is worth, where parts add up."""
        if not self.method.mean:
            return tuple(weight * self.slope for weight in self.weights)
        there = [
            weight if score is not None else NOTHING
            for weight, score in zip(self.weights, counts, strict=True)
        ]
        return tuple(share * self.slope for share in shares(there))


class Division(Record):
    """What lies between two states of a figure, divided.

    Attributes:
        points: of each part.
        slopes: for each part, points of the figure for one point of the part.
        rules: of the caps and floors that apply in one state alone, by position.
        before: the score in the state before: what no part makes.
    """

    points: tuple[Fraction, ...]
    slopes: tuple[Fraction, ...]
    rules: Mapping[int, Fraction]
    before: Fraction
    how: How

    @property
    def is_shared(self) -> bool:
        """Whether two or more have a share of what is no plain sum."""
        given = [each for each in (*self.points, *self.rules.values()) if each != 0]
        return self.how is not How.ADDED and len(given) > 1


class Worth(Record):
    """What a step is worth to the figure asked about, by one way or by several together.

    Attributes:
        scale: points of the figure for one of the step.
        weight: the same; None where that rests on other parts.
        points: what lies between the two states of the step.
    """

    scale: Fraction
    weight: Fraction | None
    points: Fraction = NOTHING

    def below(self, division: Division, at: int) -> Worth:
        """What a part of the step is worth."""
        straight = self.weight is not None and division.how is How.ADDED
        scale = self.scale * division.slopes[at]
        return Worth(scale, scale if straight else None, self.scale * division.points[at])

    def beside(self, other: Worth | None) -> Worth:
        """What it is worth by this way and another together."""
        if other is None:
            return self
        weight = None
        if self.weight is not None and other.weight is not None:
            weight = self.weight + other.weight
        return Worth(self.scale + other.scale, weight, self.points + other.points)


def making(line: Line) -> Making | None:
    """How the score of a step is put together; None where it is not, or there is none."""
    if line.given is not None or line.skipped is not None or line.value.score is None:
        return None
    return _making(line.step, len(line.value.units))


def _making(step: AnyStep, units: int) -> Making | None:
    match step:
        case Aggregate():
            weights = tuple(part.weight for part in step.parts)
            return Making(method_named(step.method.value), weights, step.finish)
        case Repeat():
            return Making(METHODS["arithmetic mean"], (ONE,), step.finish)
        case Each():
            return Making(METHODS["arithmetic mean"], (ONE,) * units, step.finish)
    return None


def state_of(line: Line, counts: Sequence[Fraction | None]) -> State:
    """The state that a line is in, of the scores that its parts count as."""
    bounds = [stage for stage in line.stages if stage.what is not None]
    return State(tuple(counts), frozenset(at for at, each in enumerate(bounds) if each.applies))


def is_moved(line: Line) -> bool:
    """Whether a cap or a floor changed the score of a line."""
    return any(
        after.what is not None and after.score != before.score
        for before, after in pairwise(line.stages)
    )


def counts_of(line: Line) -> tuple[Fraction | None, ...]:
    """The score that each part of a step counts as; None where it is left out."""
    if line.repeats is not None:
        return (line.stages[0].score if line.stages else line.value.score,)
    if line.inputs:
        return tuple(used.counts_as for used in line.inputs)
    return tuple(unit.counts_as for unit in line.value.units)


def contributed(line: Line) -> Division | None:
    """What each part contributes to a score, from 0; with the caps and floors that change it."""
    how = making(line)
    if how is None:
        return None
    moved = is_moved(line)
    counts = counts_of(line)
    applied = state_of(line, counts).applied if moved else frozenset[int]()
    nothing = tuple(None if each is None else NOTHING for each in counts)
    straight = how.method.adds and not moved
    return divide(how, State(nothing, applied), State(counts, applied), straight=straight)


def divide(how: Making, before: State, after: State, *, straight: bool) -> Division | None:
    """Divide what lies between two states.

    Args:
        how: the figure is put together.
        before: one state.
        after: the other.
        straight: whether parts add up and no cap or floor changes the score in either.

    Returns:
        None where it cannot be divided: a mixture of the two states has no score, or none that is
        short enough to compute with.
    """
    alike = [a is None for a in before.counts] == [b is None for b in after.counts]
    if straight and (alike or not how.method.mean):
        return _added(how, before, after)
    changed = [at for at, pair in enumerate(zip(before.counts, after.counts, strict=True))
               if pair[0] != pair[1]]  # fmt: skip
    rules = sorted(before.applied ^ after.applied)
    value = _Mixtures(how, before, after, changed, rules)
    count = len(changed) + len(rules)
    try:
        divided = (shapley if count <= MOST else both_ways)(count, value)
        start = value(0)
    except (TooManyBits, NoScore):
        return None
    points = [NOTHING] * len(before.counts)
    slopes = [NOTHING] * len(before.counts)
    for at, added in zip(changed, divided, strict=False):
        points[at] = added
        was, now = before.counts[at], after.counts[at]
        if was is not None and now is not None:
            slopes[at] = added / (now - was)
    by_rule = dict(zip(rules, divided[len(changed) :], strict=True))
    means = How.SHAPLEY if count <= MOST else How.TWO_ORDERS
    return Division(tuple(points), tuple(slopes), by_rule, start, means)


class NoScore(Exception):
    """A mixture of two states in which no part counts."""


class _Mixtures:
    """The game of a figure: the players are the parts and the rules that two states differ in."""

    def __init__(
        self, how: Making, before: State, after: State, changed: list[int], rules: list[int]
    ) -> None:
        self._how = how
        self._before = before
        self._after = after
        self._changed = changed
        self._rules = rules

    def __call__(self, mask: int) -> Fraction:
        counts = list(self._before.counts)
        for bit, at in enumerate(self._changed):
            if mask >> bit & 1:
                counts[at] = self._after.counts[at]
        applied = set(self._before.applied)
        for bit, at in enumerate(self._rules, len(self._changed)):
            if mask >> bit & 1:
                applied ^= {at}
        score = self._how.score(State(tuple(counts), frozenset(applied)))
        if score is None:
            raise NoScore
        return score


def _added(how: Making, before: State, after: State) -> Division:
    slopes = how.slopes(after.counts)
    points = tuple(
        slope * ((now or NOTHING) - (was or NOTHING))
        for slope, was, now in zip(slopes, before.counts, after.counts, strict=True)
    )
    made = how.raw(after)
    assert made is not None
    return Division(points, slopes, {}, made - sum(points, NOTHING), How.ADDED)
