"""What holds a figure down: the points it lacks to the best that it could have, by what lacks them.

The best is what the rules allow with the best answer to everything that counts, and with no cap
that hangs on a condition. What is left out now stays left out, and conditions hold as they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from bareme.audit.differences import Divided, NoScoreToCompare
from bareme.audit.division import (
    ONE,
    Division,
    Making,
    State,
    Worth,
    counts_of,
    divide,
    making,
    state_of,
)
from bareme.audit.explain import Path, published_of
from bareme.framework import Adjustment, Bound, Range
from bareme.plan import Each
from bareme.record import Record
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.trace import Line, Trace
from bareme.source import Sources, Span

Bounds = Mapping[Path, Range]


class Loss(Record):
    """What one thing takes from a figure.

    Attributes:
        trace: of the entity or of one of its parts.
        line: an answer, a given score, or a figure that is not divided any further.
        rule: the cap or floor of it that takes the points; None where it is its score.
        counts_as: the score that counts; of a missing part what stands for it.
        best: what it could be at the best: the least, where it is subtracted.
        points: of the figure asked about.
        weight: how many points of the figure asked about one of its own is worth; None where that
            rests on other parts.
    """

    trace: Trace
    line: Line
    rule: Adjustment | None
    counts_as: Fraction
    best: Fraction
    points: Fraction
    weight: Fraction | None


class HeldDown(Record):
    """What holds one figure of one entity down.

    Attributes:
        trace: all steps of the index.
        line: the figure asked about.
        published: as published; None for a question.
        best: the best score that it could have, all that is left out now being left out then.
        parts: largest first; they add up to `best` less the unrounded score.
        left_out: what counts for nothing, now and then.
        divided: the figures that do not simply add their parts up.
    """

    edition: str
    trace: Trace
    line: Line
    published: PublishedFigure | None
    best: Fraction
    parts: tuple[Loss, ...]
    left_out: tuple[Line, ...]
    divided: tuple[Divided, ...]
    sources: Sources

    @property
    def lost(self) -> Fraction:
        """The best score less the unrounded one."""
        assert self.line.value.score is not None
        return self.best - self.line.value.score

    def place(self, span: Span) -> str:
        """`FILE:LINE` of a rule or an answer."""
        return self.sources[span.file].place(span)


def hold_down(
    results: IndexResults, entity: str, path: Path, bounds: Bounds, sources: Sources
) -> HeldDown:
    """Find what holds a figure or question of an entity down.

    Args:
        results: of the index.
        entity: the id of the entity.
        path: the full path of the figure or question, which is the entity's own.
        bounds: for each figure, question and measure the least and the greatest score.
        sources: the files that rules and profiles were read from.

    Raises:
        NoScoreToCompare: where there is no score.
    """
    trace = results.trace(entity)
    line = trace.lines[trace.by_path[path]]
    if line.value.score is None:
        raise NoScoreToCompare(trace, line)
    best, parts, left_out, divided = losses(trace, line.step.number, bounds)
    published = published_of(results, entity, path)
    return HeldDown(
        results.edition.id, trace, line, published, best, parts, left_out, divided, sources
    )


def losses(
    trace: Trace, root: int, bounds: Bounds
) -> tuple[Fraction, tuple[Loss, ...], tuple[Line, ...], tuple[Divided, ...]]:
    """Divide what one step, which has a score, lacks to its best.

    Returns:
        The best, the parts, largest first, what is left out, and the figures that do not simply add
        their parts up.
    """
    way = _Way(bounds)
    best = way.best(trace, root, up=True)
    way.go_down(trace, root, Worth(ONE, ONE), up=True)
    parts = [each for each in way.found if each.points != 0]
    parts.sort(key=lambda each: (-each.points, each.line.step.number))
    return best, tuple(parts), tuple(way.left_out), tuple(way.divided)


class _Way:
    """The way down from a figure to what it loses points by.

    A step is wanted up, or down where it is subtracted; it may be both, by two ways.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._best: dict[tuple[int, int, bool], Fraction] = {}
        self._traces: dict[int, Trace] = {}  # of the parts of the entity, each put together once
        self.found: list[Loss] = []
        self.left_out: list[Line] = []
        self.divided: list[Divided] = []

    def best(self, trace: Trace, number: int, *, up: bool) -> Fraction:
        """The best score of a step that has one: the greatest, or the least where it is wanted."""
        key = id(trace), number, up
        if key not in self._best:
            self._best[key] = self._best_of(trace, trace.lines[number], up=up)
        return self._best[key]

    def _best_of(self, trace: Trace, line: Line, *, up: bool) -> Fraction:
        score, how = line.value.score, making(line)
        assert score is not None
        if how is None:
            best = self._bounds[line.step.path][1 if up else 0]
        else:
            made = how.score(self._at_best(trace, line, how, up=up))
            assert made is not None
            best = made
        return max(best, score) if up else min(best, score)

    def _at_best(self, trace: Trace, line: Line, how: Making, *, up: bool) -> State:
        """The state of a step with all that counts at its best and no condition against it."""
        counts = tuple(
            None if counts is None else self._best_part(part, counts, up=up == (weight >= 0))
            for part, counts, weight in zip(
                self._parts(trace, line), counts_of(line), how.weights, strict=True
            )
        )
        against = Bound.CAP if up else Bound.FLOOR
        rules = how.finish.adjustments
        kept = {
            at
            for at in state_of(line, counts).applied
            if rules[at].kind is not against or rules[at].when is None
        }
        return State(counts, frozenset(kept))

    def _best_part(self, part: tuple[Trace, int], counts: Fraction, *, up: bool) -> Fraction:
        trace, number = part
        if trace.lines[number].value.score is not None:
            return self.best(trace, number, up=up)
        bound = self._bounds[trace.plan.steps[number].path][1 if up else 0]
        return max(bound, counts) if up else min(bound, counts)

    def go_down(self, trace: Trace, root: int, worth: Worth, *, up: bool) -> None:
        """From one step of a trace to all that it loses points by."""
        waiting = {(root, up): worth}
        while waiting:
            number, up = max(waiting)  # parts have lower numbers than what they are parts of
            worth, line = waiting.pop((number, up)), trace.lines[number]
            how = making(line)
            after = None if how is None else self._at_best(trace, line, how, up=up)
            division = None if how is None or after is None else _divided(line, how, after)
            if how is None or after is None or division is None:
                self._lose(trace, line, self.best(trace, number, up=up), worth)
                continue
            if division.is_shared:
                self.divided.append(Divided(line, division.how))
            for at, points in division.rules.items():
                self._lose_by(trace, line, how.finish.adjustments[at], worth.scale * points)
            for at, (of, part) in enumerate(self._parts(trace, line)):
                best, below, wanted = after.counts[at], worth.below(division, at), up
                if how.weights[at] < 0:
                    wanted = not up
                if best is None:
                    self.left_out.append(of.lines[part])
                elif of.lines[part].value.score is None:
                    self._lose_missing(of, part, counts_of(line)[at], best, below)
                elif of is not trace:
                    self.go_down(of, part, below, up=wanted)
                else:
                    waiting[part, wanted] = below.beside(waiting.get((part, wanted)))

    def _parts(self, trace: Trace, line: Line) -> list[tuple[Trace, int]]:
        """What a step rests on, with the trace that it is a step of."""
        if line.repeats is not None:
            return [(trace, line.repeats)]
        if not isinstance(line.step, Each):
            return [(trace, used.step) for used in line.inputs]
        found = []
        for unit in line.value.units:
            of = self._traces.setdefault(id(unit), unit.trace)
            found.append((of, unit.plan.root.number))
        return found

    def _lose(self, trace: Trace, line: Line, best: Fraction, worth: Worth) -> None:
        now = line.value.score
        assert now is not None
        points = worth.scale * (best - now)
        self.found.append(Loss(trace, line, None, now, best, points, worth.weight))

    def _lose_by(self, trace: Trace, line: Line, rule: Adjustment, points: Fraction) -> None:
        now = line.value.score
        assert now is not None
        self.found.append(Loss(trace, line, rule, now, now, points, None))

    def _lose_missing(
        self, trace: Trace, number: int, counts: Fraction | None, best: Fraction, worth: Worth
    ) -> None:
        assert counts is not None
        line, points = trace.lines[number], worth.points
        self.found.append(Loss(trace, line, None, counts, best, points, worth.weight))


def _divided(line: Line, how: Making, after: State) -> Division | None:
    """What a step lacks to its best state, divided."""
    before = state_of(line, counts_of(line))
    straight = how.method.adds and not how.moved(before) and not how.moved(after)
    return divide(how, before, after, straight=straight)
