"""One figure's derivation, read off its trace: answers, evidence, weights and rule lines."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from bareme.framework import Bound
from bareme.plan import Each
from bareme.record import Record, replace
from bareme.results import IndexResults, PublishedFigure, Rated
from bareme.scoring.trace import Input, Line, Status, Trace, Unit
from bareme.source import Sources, Span

Path = tuple[str, ...]


class Row(Record):
    """One step on the way down.

    Attributes:
        depth: 0 for the figure asked about.
        line: the step in the trace.
        used: how its parent counts it; None for the figure asked about and for a `same as`.
        shown_before: its own parts stand further up already.
        last: whether it is the last of its parent's parts.
        trace: the steps among which it stands, of the entity or of one of its parts.
        unit: the part of the entity, in the row where its own steps begin.
    """

    depth: int
    line: Line
    used: Input | None
    shown_before: bool
    last: bool
    trace: Trace
    unit: Unit | None = None

    @property
    def path(self) -> Path:
        return self.line.step.path


class Remarks(Record):
    """What an auditor must not overlook on the path; empty tuples deny it."""

    given: tuple[Row, ...]
    overridden: tuple[Row, ...]
    missing: tuple[Row, ...]
    not_applicable: tuple[Row, ...]
    not_asked: tuple[Row, ...]
    skipped: tuple[Row, ...]
    capped: tuple[Row, ...]
    floored: tuple[Row, ...]


class Explanation(Record, caches=True):
    """The derivation of one figure of one entity, parents before their parts.

    Attributes:
        published: the figure as published; None for a question, which is not.
        trace: all steps of the index; `rows` are those that bear on the figure.
        sources: the files that spans point into.
    """

    edition: str
    published: PublishedFigure | None
    trace: Trace
    rows: tuple[Row, ...]
    sources: Sources

    @property
    def remarks(self) -> Remarks:
        own = [row for row in self.rows if not row.shown_before]

        def with_status(status: Status) -> tuple[Row, ...]:
            return tuple(row for row in own if row.line.value.status is status)

        given = with_status(Status.GIVEN)
        return Remarks(
            given=tuple(row for row in given if not row.line.overrides),
            overridden=tuple(row for row in given if row.line.overrides),
            missing=tuple(row for row in with_status(Status.MISSING) if not _parts(row.line)),
            not_applicable=tuple(
                row
                for row in with_status(Status.NOT_APPLICABLE)
                if not _parts(row.line) and row.line.skipped is None
            ),
            not_asked=with_status(Status.NOT_ASKED),
            skipped=tuple(row for row in own if row.line.skipped is not None),
            capped=tuple(row for row in own if _moved(row.line, Bound.CAP)),
            floored=tuple(row for row in own if _moved(row.line, Bound.FLOOR)),
        )

    def place(self, span: Span) -> str:
        """`FILE:LINE` of a rule or an answer."""
        return self.sources[span.file].place(span)


class RatingExplained(Record):
    """How a rating of one entity came about.

    Attributes:
        published: the rating as published.
        read: what it reads as published, each with the number that was read.
    """

    framework: str
    edition: str
    published: PublishedFigure
    rated: Rated
    read: tuple[tuple[PublishedFigure, Fraction | None], ...]
    sources: Sources

    def place(self, span: Span) -> str:
        """`FILE:LINE` of a rule."""
        return self.sources[span.file].place(span)


def explain_rating(
    results: IndexResults, entity: str, path: Path, sources: Sources
) -> RatingExplained:
    """Explain a rating of an index.

    Args:
        results: of the index.
        entity: the entity's id.
        path: of the rating.
        sources: the files that rules and profiles were read from.
    """
    rated = results.rated(entity)[path]
    by_path = {tuple(each.figure.split(".")): each for each in results.by_entity[entity]}
    read = tuple((by_path[source], number) for source, number in rated.read)
    framework = results.plan.framework
    return RatingExplained(framework, results.edition.id, by_path[path], rated, read, sources)


class NotForEntity(LookupError):
    """A figure that is scored for each part, and not for the entity itself; or the other way.

    Attributes:
        unit: what the parts are; empty where the figure is not scored for each.
        parts: their names.
    """

    def __init__(self, unit: str, parts: tuple[str, ...]) -> None:
        super().__init__(unit)
        self.unit = unit
        self.parts = parts


def explain(
    results: IndexResults, entity: str, path: Path, sources: Sources, part: str | None = None
) -> Explanation:
    """Explain a figure or question that an index scores.

    Args:
        results: of the index.
        entity: the entity's id.
        path: the full path of the figure or question.
        sources: the files that rules and profiles were read from.
        part: the part of the entity that the figure is of, where parts are scored by themselves.

    Raises:
        NotForEntity: where the figure is scored for each part and the entity has none of that name,
            or a part is named and it is not.
    """
    trace = results.trace(entity)
    dotted = ".".join(path)
    if part is not None or path not in trace.by_path:
        steps = (step for step in trace.plan.steps if isinstance(step, Each))
        each = next((step for step in steps if path in step.inner.numbers), None)
        if each is None:
            raise NotForEntity("", ())
        units = trace.values[each.number].units
        unit = next((unit for unit in units if unit.part.name == part), None)
        if unit is None:
            raise NotForEntity(each.unit.value, tuple(unit.part.name for unit in units))
        printed = (f for f in results.parts_of(entity) if f.figure == dotted and f.part == part)
        rows = _rows(unit.trace, unit.trace.by_path[path])
        rows = (replace(rows[0], unit=unit), *rows[1:])
        return Explanation(results.edition.id, _figure(printed), unit.trace, rows, sources)
    published = _figure(f for f in results.by_entity[entity] if f.figure == dotted)
    rows = _rows(trace, trace.by_path[path])
    return Explanation(results.edition.id, published, trace, rows, sources)


def _figure(found: Iterable[PublishedFigure]) -> PublishedFigure | None:
    """The first figure; None for a question or measure, which is not published."""
    first = next(iter(found), None)
    return None if first is None or first.level in ("question", "measure") else first


def _rows(trace: Trace, root: int) -> tuple[Row, ...]:
    rows: list[Row] = []
    seen: set[tuple[int, int]] = set()  # the trace, the step in it
    stack: list[tuple[Trace, int, int, Input | None, bool, Unit | None]]
    stack = [(trace, root, 0, None, True, None)]
    while stack:
        trace, number, depth, used, last, unit = stack.pop()
        line = trace.lines[number]
        parts = _parts(line)
        units = line.value.units if line.given is None and line.skipped is None else ()
        here = (id(trace), number)
        shown = bool(parts or units) and here in seen
        rows.append(Row(depth, line, used, shown, last, trace, unit))
        if here in seen:
            continue
        seen.add(here)
        below: list[tuple[Trace, int, int, Input | None, Unit | None]]
        below = [(trace, step, depth + 1, how, None) for step, how in parts]
        below += [
            (of.trace, of.plan.root.number, depth + 1, how, of)
            for of, how in zip(units, unit_inputs(line), strict=True)
        ]
        final = len(below) - 1
        stack += reversed([(*b[:4], at == final, b[4]) for at, b in enumerate(below)])
    return tuple(rows)


def unit_inputs(line: Line) -> tuple[Input, ...]:
    """The parts of an entity as its figure counts them, each as much as the others."""
    units = line.value.units if line.given is None and line.skipped is None else ()
    count = sum(unit.counts_as is not None for unit in units)
    blocked = any(unit.blocks for unit in units)
    return tuple(
        Input(
            step=unit.plan.root.number,
            written="",
            weight=Fraction(1),
            share=None if counts is None else Fraction(1, count),
            contribution=None if counts is None else counts / count,
            counts_as=counts,
            value=unit.value,
            span=unit.part.span,
        )
        for unit in units
        for counts in [None if blocked else unit.counts_as]
    )


def _moved(line: Line, bound: Bound) -> bool:
    """Whether a cap or a floor changed the score."""
    return any(
        stage.what is not None and stage.what.kind is bound and stage.score != before.score
        for before, stage in pairwise(line.stages)
    )


def _parts(line: Line) -> list[tuple[int, Input | None]]:
    if line.repeats is not None:
        return [(line.repeats, None)]
    return [(used.step, used) for used in line.inputs]
