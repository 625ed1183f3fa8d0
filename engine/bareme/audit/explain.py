"""One figure's derivation, read off its trace: answers, evidence, weights and rule lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from bareme.framework import Bound
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.trace import Input, Line, Status, Trace
from bareme.source import Sources, Span

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One step on the way down.

    Attributes:
        depth: 0 for the figure asked about.
        line: the step in the trace.
        used: how its parent counts it; None for the figure asked about and for a `same as`.
        shown_before: its own parts stand further up already.
        last: whether it is the last of its parent's parts.
    """

    depth: int
    line: Line
    used: Input | None
    shown_before: bool
    last: bool

    @property
    def path(self) -> Path:
        return self.line.step.path


@dataclass(frozen=True, slots=True)
class Remarks:
    """What an auditor must not overlook on the path; empty tuples deny it."""

    given: tuple[Row, ...]
    overridden: tuple[Row, ...]
    missing: tuple[Row, ...]
    not_applicable: tuple[Row, ...]
    skipped: tuple[Row, ...]
    capped: tuple[Row, ...]
    floored: tuple[Row, ...]


@dataclass(frozen=True)
class Explanation:
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
            skipped=tuple(row for row in own if row.line.skipped is not None),
            capped=tuple(row for row in own if _moved(row.line, Bound.CAP)),
            floored=tuple(row for row in own if _moved(row.line, Bound.FLOOR)),
        )

    def place(self, span: Span) -> str:
        """`FILE:LINE` of a rule or an answer."""
        return self.sources[span.file].place(span)


def explain(results: IndexResults, entity: str, path: Path, sources: Sources) -> Explanation:
    """Explain a figure or question that an index scores.

    Args:
        results: of the index.
        entity: the entity's id.
        path: the full path of the figure or question.
        sources: the files that rules and profiles were read from.
    """
    trace = results.trace(entity)
    dotted = ".".join(path)
    published = next((f for f in results.by_entity[entity] if f.figure == dotted), None)
    if published is not None and published.level in ("question", "measure"):
        published = None
    rows = _rows(trace, trace.by_path[path])
    return Explanation(results.edition.id, published, trace, rows, sources)


def _rows(trace: Trace, root: int) -> tuple[Row, ...]:
    rows: list[Row] = []
    seen: set[int] = set()
    stack: list[tuple[int, int, Input | None, bool]] = [(root, 0, None, True)]
    while stack:
        number, depth, used, last = stack.pop()
        line = trace.lines[number]
        parts = _parts(line)
        rows.append(Row(depth, line, used, bool(parts) and number in seen, last))
        if number in seen:
            continue
        seen.add(number)
        stack += reversed(
            [
                (step, depth + 1, how, position == len(parts) - 1)
                for position, (step, how) in enumerate(parts)
            ]
        )
    return tuple(rows)


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
