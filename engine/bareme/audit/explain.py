"""One figure's derivation, read off its trace: answers, evidence, weights and rule lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from bareme.audit.division import NOTHING, ONE, Division, Worth, contributed, counts_of, making
from bareme.exact import shorten
from bareme.framework import Accepted, Bound
from bareme.plan import Decide, Each
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
        weight: the share of the figure asked about that it has by weights alone, multiplied down
            the path; None below what has no weights.
        points: what it contributes to the figure asked about; None where it does not count.
        division: of its own score among its parts, from 0; None where it has none.
        scale: the points of the figure asked about that one of its own is worth.
    """

    depth: int
    line: Line
    used: Input | None
    shown_before: bool
    last: bool
    trace: Trace
    unit: Unit | None = None
    weight: Fraction | None = None
    points: Fraction | None = None
    division: Division | None = None
    scale: Fraction = NOTHING

    @property
    def path(self) -> Path:
        return self.line.step.path

    @property
    def own_points(self) -> Fraction:
        """What no part of it contributes to the figure asked about, but its own rules do."""
        return NOTHING if self.division is None else self.scale * self.division.before


class Remarks(Record):
    """What an auditor must not overlook on the path; empty tuples deny it.

    Attributes:
        not_applied: rules that did not apply, each in words with the row that it is a rule of.
    """

    given: tuple[Row, ...]
    overridden: tuple[Row, ...]
    missing: tuple[Row, ...]
    not_applicable: tuple[Row, ...]
    not_asked: tuple[Row, ...]
    skipped: tuple[Row, ...]
    capped: tuple[Row, ...]
    floored: tuple[Row, ...]
    not_applied: tuple[tuple[Row, str], ...]


class Explanation(Record, caches=True):
    """The derivation of one figure of one entity, parents before their parts.

    Attributes:
        published: the figure as published; None for a question, which is not.
        trace: all steps of the index; `rows` are those that bear on the figure.
        sources: the files that spans point into.
        accepted: by its path each figure that a better answer may lower, which the rules accept.
    """

    edition: str
    published: PublishedFigure | None
    trace: Trace
    rows: tuple[Row, ...]
    sources: Sources
    accepted: Mapping[Path, Accepted]

    @property
    def remarks(self) -> Remarks:
        own = [row for row in self.rows if not row.shown_before]

        def with_status(status: Status) -> tuple[Row, ...]:
            return tuple(row for row in own if row.line.value.status is status)

        given = with_status(Status.GIVEN)
        return Remarks(
            given=tuple(row for row in given if not row.line.overrides),
            overridden=tuple(row for row in given if row.line.overrides),
            missing=tuple(row for row in with_status(Status.MISSING) if not _rests(row.line)),
            not_applicable=tuple(
                row
                for row in with_status(Status.NOT_APPLICABLE)
                if not _rests(row.line) and row.line.skipped is None
            ),
            not_asked=with_status(Status.NOT_ASKED),
            skipped=tuple(row for row in own if row.line.skipped is not None),
            capped=tuple(row for row in own if _moved(row.line, Bound.CAP)),
            floored=tuple(row for row in own if _moved(row.line, Bound.FLOOR)),
            not_applied=tuple((row, rule) for row in own for rule in _not_applied(row)),
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
    results: IndexResults,
    entity: str,
    path: Path,
    sources: Sources,
    accepted: Mapping[Path, Accepted],
    part: str | None = None,
) -> Explanation:
    """Explain a figure or question that an index scores.

    Args:
        results: of the index.
        entity: the entity's id.
        path: the full path of the figure or question.
        sources: the files that rules and profiles were read from.
        accepted: of the rules, by path: that a better answer may lower a figure.
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
        rows = rows_of(unit.trace, unit.trace.by_path[path])
        rows = (replace(rows[0], unit=unit), *rows[1:])
        printed_of = _figure(printed)
        return Explanation(results.edition.id, printed_of, unit.trace, rows, sources, accepted)
    published = published_of(results, entity, path)
    rows = rows_of(trace, trace.by_path[path])
    return Explanation(results.edition.id, published, trace, rows, sources, accepted)


def published_of(results: IndexResults, entity: str, path: Path) -> PublishedFigure | None:
    """A figure of an entity as it is published; None for a question or measure."""
    dotted = ".".join(path)
    return _figure(f for f in results.by_entity[entity] if f.figure == dotted)


def _figure(found: Iterable[PublishedFigure]) -> PublishedFigure | None:
    """The first figure; None for a question or measure, which is not published."""
    first = next(iter(found), None)
    return None if first is None or first.level in ("question", "measure") else first


class _Below(Record):
    """A step that a row is to be made of."""

    trace: Trace
    number: int
    depth: int
    used: Input | None
    last: bool
    unit: Unit | None
    weight: Fraction | None
    scale: Fraction
    points: Fraction | None


def rows_of(trace: Trace, root: int) -> tuple[Row, ...]:
    """The derivation of one step: parents before their parts, in the order written."""
    rows: list[Row] = []
    seen: set[tuple[int, int]] = set()  # the trace, the step in it
    score = trace.lines[root].value.score
    stack = [_Below(trace, root, 0, None, True, None, ONE, ONE, score)]
    while stack:
        at = stack.pop()
        line = at.trace.lines[at.number]
        here = (id(at.trace), at.number)
        shown = here in seen and bool(_parts(line))
        division = contributed(line)
        row = Row(
            at.depth, line, at.used, shown, at.last, at.trace, at.unit, at.weight, at.points,
            division, at.scale,
        )  # fmt: skip
        rows.append(row)
        if here not in seen:
            seen.add(here)
            stack += reversed(list(_below(row)))
    return tuple(rows)


def _below(row: Row) -> Iterator[_Below]:
    """The parts of a row, each with what it is worth to the figure asked about."""
    worth = Worth(row.scale, row.weight)
    parts = list(_worths_of_parts(row.line, row.division, worth))
    for at, (part, each) in enumerate(parts):
        points = None if part.counts_as is None or row.points is None else each.points
        yield _Below(
            part.trace or row.trace, part.number, row.depth + 1, part.used, at == len(parts) - 1,
            part.unit, each.weight, each.scale, points,
        )  # fmt: skip


def _worths_of_parts(
    line: Line, division: Division | None, worth: Worth
) -> Iterator[tuple[_Part, Worth]]:
    """The parts of a step, each with what it is worth; its weight is that by weights alone."""
    for at, part in enumerate(_parts(line)):
        scale = points = NOTHING
        if division is not None and part.counts_as is not None:
            scale, points = worth.scale * division.slopes[at], worth.scale * division.points[at]
        nominal = part.nominal(line)
        weight = None if worth.weight is None or nominal is None else worth.weight * nominal
        yield part, Worth(scale, weight, points)


class Contribution(Record):
    """What one step contributes to the figure asked about, by every way that leads to it.

    Attributes:
        worth: of the step; None where it counts for nothing.
        division: of its own score among its parts.
        parts: what each of its parts is worth by the way through this step.
    """

    worth: Worth | None
    division: Division | None
    parts: tuple[Worth, ...]


def contributions(
    trace: Trace, root: int, worth: Worth, known: Mapping[int, Division | None] | None = None
) -> Mapping[int, Contribution]:
    """What every step below one contributes, by its number.

    Args:
        trace: of the entity, or of a part of it.
        root: the number of the step.
        worth: of that step.
        known: what is divided already, by number.
    """
    known = known or {}
    worths = {root: worth}
    found: dict[int, Contribution] = {}
    for number in range(root, -1, -1):  # parts come before what they are parts of
        line, own = trace.lines[number], worths.get(number)
        division = known[number] if number in known else contributed(line)
        below = list(_worths_of_parts(line, division, own or Worth(NOTHING, None)))
        found[number] = Contribution(own, division, tuple(each for _, each in below))
        for part, each in below:
            if own is not None and part.trace is None and part.counts_as is not None:
                worths[part.number] = each.beside(worths.get(part.number))
    return found


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


def _not_applied(row: Row) -> Iterator[str]:
    """The rules of a step that would have changed its score under another condition."""
    line = row.line
    if line.given is not None:
        return
    for when in line.step.skip:
        if line.skipped is None:
            yield f"skip when {when.written}"
    for stage in line.stages:
        if stage.what is not None and not stage.applies:
            yield f"{stage.what.kind} {shorten(stage.what.points)}"
    if isinstance(line.step, Decide):
        for each in line.step.decisions:
            if each is line.decided:
                return
            yield f"score {shorten(each.points)}"


def _rests(line: Line) -> bool:
    """Whether a step takes its score from other steps of its trace."""
    return bool(line.inputs) or line.repeats is not None


class _Part(Record):
    """What a step rests on: another step, or the last step of a part of the entity.

    Attributes:
        used: how it is counted; None for a `same as`.
        counts_as: its score, or what stands for a missing one; None where it is left out.
        trace: of the part of the entity; None for a step of the same trace.
    """

    number: int
    used: Input | None
    counts_as: Fraction | None
    trace: Trace | None = None
    unit: Unit | None = None

    def nominal(self, line: Line) -> Fraction | None:
        """Its share of the figure by weights alone, or how often a sum counts it."""
        how = making(line)
        if self.used is None or how is None:
            return None if how is None else how.slope
        if self.used.share is not None:
            return self.used.share * how.slope
        return None if how.method.mean or self.counts_as is None else self.used.weight * how.slope


def _parts(line: Line) -> list[_Part]:
    """What a step rests on, in the order written."""
    if line.repeats is not None:
        return [_Part(line.repeats, None, counts_of(line)[0])]
    parts = [_Part(used.step, used, used.counts_as) for used in line.inputs]
    units = line.value.units if line.given is None and line.skipped is None else ()
    parts += [
        _Part(of.plan.root.number, how, how.counts_as, of.trace, of)
        for of, how in zip(units, unit_inputs(line), strict=True)
    ]
    return parts
