"""Why one entity's figure is not another's: the difference, divided down to answers."""

from __future__ import annotations

from fractions import Fraction

from bareme.audit.division import (
    NOTHING,
    ONE,
    Division,
    How,
    Worth,
    counts_of,
    divide,
    is_moved,
    making,
    state_of,
)
from bareme.audit.explain import Path, published_of
from bareme.framework import Adjustment
from bareme.plan import Each
from bareme.record import Record
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.trace import Line, Trace
from bareme.source import Sources, Span


class Difference(Record):
    """What one thing adds to the difference of two entities in a figure.

    Attributes:
        line, other: the step of each: an answer, a given score, or a figure that cannot be divided
            any further.
        rule: the cap or floor of it that applies to one of the two alone; None where the difference
            is in its score.
        points: of the figure asked about; above 0 where it is in favour of the first entity.
        weight: how many points of the figure asked about one of its own is worth; None where that
            rests on other parts.
    """

    line: Line
    other: Line
    rule: Adjustment | None
    points: Fraction
    weight: Fraction | None

    @property
    def is_cut_short(self) -> bool:
        """Whether it has parts, and they cannot be exchanged one by one."""
        is_made = making(self.line) is not None and making(self.other) is not None
        return self.rule is None and is_made and not isinstance(self.line.step, Each)


class Divided(Record):
    """A figure whose difference is divided by something else than adding up."""

    line: Line
    how: How


class Comparison(Record):
    """The difference of two entities in one figure.

    Attributes:
        trace, other: all steps of the index for each of them.
        line, other_line: the figure asked about.
        published, other_published: as published; None for a question.
        parts: largest first; they add up to the difference of the unrounded scores.
        alike: how many answers and given scores below the figure are the same for both.
        divided: the figures that do not simply add their parts up.
    """

    edition: str
    trace: Trace
    other: Trace
    line: Line
    other_line: Line
    published: PublishedFigure | None
    other_published: PublishedFigure | None
    parts: tuple[Difference, ...]
    alike: int
    divided: tuple[Divided, ...]
    sources: Sources

    @property
    def difference(self) -> Fraction:
        """The unrounded score of the first less that of the second."""
        assert self.line.value.score is not None
        assert self.other_line.value.score is not None
        return self.line.value.score - self.other_line.value.score

    def place(self, span: Span) -> str:
        """`FILE:LINE` of a rule or an answer."""
        return self.sources[span.file].place(span)


class NoScoreToCompare(LookupError):
    """An entity that has no score of the figure asked about."""

    def __init__(self, trace: Trace, line: Line) -> None:
        super().__init__(line.step.figure)
        self.trace = trace
        self.line = line


def compare(
    results: IndexResults, entity: str, other: str, path: Path, sources: Sources
) -> Comparison:
    """Divide the difference of two entities in a figure or question.

    Args:
        results: of the index.
        entity: the id of one entity.
        other: the id of the entity that it is held against.
        path: the full path of the figure or question, which is the entity's own.
        sources: the files that rules and profiles were read from.

    Raises:
        NoScoreToCompare: where either has no score.
    """
    trace, against = results.trace(entity), results.trace(other)
    root = trace.by_path[path]
    for one in (trace, against):
        if one.lines[root].value.score is None:
            raise NoScoreToCompare(one, one.lines[root])
    parts, alike, divided = differences(trace, against, root)
    return Comparison(
        results.edition.id,
        trace,
        against,
        trace.lines[root],
        against.lines[root],
        published_of(results, entity, path),
        published_of(results, other, path),
        parts,
        alike,
        divided,
        sources,
    )


def differences(
    own: Trace, other: Trace, root: int
) -> tuple[tuple[Difference, ...], int, tuple[Divided, ...]]:
    """Divide the difference in one step, which has a score in both traces.

    Returns:
        The parts, largest first; how many steps without parts are alike; and the figures that do
        not simply add their parts up.
    """
    way = _Way(own, other)
    way.go_down(root)
    parts = [each for each in way.found.values() if each.points != 0]
    parts.sort(key=lambda each: (-abs(each.points), each.line.step.number))
    return tuple(parts), way.alike, tuple(way.divided)


class _Way:
    """The way down from a figure to what two entities differ in."""

    def __init__(self, own: Trace, other: Trace) -> None:
        self.own, self.other = own.lines, other.lines
        self.found: dict[tuple[int, Adjustment | None], Difference] = {}
        self.divided: list[Divided] = []
        self.alike = 0

    def go_down(self, root: int) -> None:
        """From one step to all that the two entities differ in there."""
        waiting = {root: Worth(ONE, ONE)}
        while waiting:
            number = max(waiting)  # parts have lower numbers than what they are parts of
            worth, line = waiting.pop(number), self.own[number]
            how, division = making(line), between(line, self.other[number])
            if how is None or division is None:
                self._end_at(number, worth)
                continue
            if division.is_shared:
                self.divided.append(Divided(line, division.how))
            for at, points in division.rules.items():
                rule = how.finish.adjustments[at]
                self._find(number, Worth(NOTHING, None, worth.scale * points), rule)
            for at, part in enumerate(_part_numbers(line)):
                below = worth.below(division, at)
                if self.own[part].value.score is None or self.other[part].value.score is None:
                    self._find(part, below)
                else:
                    waiting[part] = below.beside(waiting.get(part))

    def _end_at(self, number: int, worth: Worth) -> None:
        """A step that the two entities have no parts of in common."""
        own, other = self.own[number].value.score, self.other[number].value.score
        assert own is not None
        assert other is not None
        self.alike += own == other
        self._find(number, Worth(worth.scale, worth.weight, worth.scale * (own - other)))

    def _find(self, number: int, worth: Worth, rule: Adjustment | None = None) -> None:
        before = self.found.get((number, rule))
        points = worth.points + (before.points if before else NOTHING)
        line, other = self.own[number], self.other[number]
        self.found[number, rule] = Difference(line, other, rule, points, worth.weight)


def between(own: Line, other: Line) -> Division | None:
    """One step's difference, divided; None where it has no parts that both entities share."""
    how = making(own)
    if how is None or making(other) is None or isinstance(own.step, Each):
        return None
    after, before = state_of(own, counts_of(own)), state_of(other, counts_of(other))
    straight = how.method.adds and not is_moved(own) and not is_moved(other)
    return divide(how, before, after, straight=straight)


def _part_numbers(line: Line) -> list[int]:
    return [line.repeats] if line.repeats is not None else [used.step for used in line.inputs]
