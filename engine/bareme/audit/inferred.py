"""Which weights a print allows: the range of each, simple ones that fit, or the proof of none."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from bareme.audit.printed_lines import LeftOut, PrintedLine
from bareme.framework import Figure, Part
from bareme.methods.aggregation import shares
from bareme.methods.inference import (
    WeightRange,
    reach,
    rows_of,
    simple_weights,
    weight_ranges,
)
from bareme.methods.linear import Contradiction, Multipliers, Row
from bareme.record import Record, replace


class Condition(Record):
    """One of the two things that a printed line says of the weights.

    Attributes:
        line: the number of the line.
        up: whether it says that the parts have to reach up to what is printed, rather than down.
    """

    line: int
    up: bool
    row: Row


class Refuted(Record):
    """A printed line that weights do not reproduce, and the stretch that the mean can have."""

    line: int
    least: Fraction
    most: Fraction  # the mean stays below it, or reaches it where no part is open


class Tried(Record):
    """Weights held against the print.

    Attributes:
        name: what they are: `rules`, `equal` or `tried`.
        weights: shares of 1.
        against: the lines that they do not reproduce; where there is none, they fit.
    """

    name: str
    weights: tuple[Fraction, ...]
    against: tuple[Refuted, ...]

    @property
    def fits(self) -> bool:
        return not self.against


class Inferred(Record):
    """What the print says of the weights of one figure's parts.

    Attributes:
        alongside: the other figures that are taken to have the same weights.
        conditions: what the lines say; what holds for any weights is not in it.
        ranges: the range of each weight; None where no weights fit.
        contradiction: multipliers of conditions that prove so.
        simple: weights that fit and are simple to say; they fit the parts as they are scored too,
            where any do.
        as_scored: whether parts are taken exactly as they are scored, rather than as printed.
        off_score: the lines that the simple weights do not reproduce with parts as scored.
    """

    figure: Figure
    alongside: tuple[Figure, ...]
    edition: str
    lines: tuple[PrintedLine, ...]
    left_out: tuple[LeftOut, ...]
    conditions: tuple[Condition, ...]
    ranges: tuple[WeightRange, ...] | None
    contradiction: Multipliers | None
    simple: tuple[Fraction, ...] | None
    tried: tuple[Tried, ...]
    as_scored: bool = False
    off_score: tuple[Refuted, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.figure.counted

    def lines_in(self, multipliers: Multipliers) -> list[int]:
        """The numbers of the lines that take part in a proof, in order."""
        return sorted({self.conditions[number].line for number in multipliers})


def infer_weights(
    figures: Sequence[Figure],
    edition: str,
    read: Sequence[PrintedLine | LeftOut],
    typed: Sequence[Fraction] | None = None,
    as_scored: bool = False,
) -> Inferred:
    """What printed lines say of the weights of a figure's parts.

    Args:
        figures: the figure, then those that are taken to have the same weights.
        read: the lines of all of them, their parts in the order of the first.
        typed: weights to try, as relative numbers.
        as_scored: take parts exactly as they are scored, given scores included, where all are.
    """
    lines = tuple(each for each in read if isinstance(each, PrintedLine))
    if as_scored:
        lines = tuple(replace(each, line=each.line_as_scored) for each in lines)
    size = len(figures[0].counted)
    conditions = _conditions(lines)
    rows = [each.row for each in conditions]
    found = weight_ranges(rows, size)
    simple = None if isinstance(found, Contradiction) else _simple(lines, rows, found)
    hypotheses = [("rules", of_rules(figures[0])), ("equal", (Fraction(1, size),) * size)]
    if typed is not None:
        hypotheses.append(("tried", tuple(shares(typed))))
    return Inferred(
        figure=figures[0],
        alongside=tuple(figures[1:]),
        edition=edition,
        lines=lines,
        left_out=tuple(each for each in read if isinstance(each, LeftOut)),
        conditions=conditions,
        ranges=None if isinstance(found, Contradiction) else tuple(found),
        contradiction=found.multipliers if isinstance(found, Contradiction) else None,
        simple=simple,
        tried=tuple(Tried(name, w, refuted(lines, w)) for name, w in hypotheses),
        as_scored=as_scored,
        off_score=refuted(_as_scored(lines), simple) if simple else (),
    )


def _simple(
    lines: Sequence[PrintedLine], rows: Sequence[Row], ranges: Sequence[WeightRange]
) -> tuple[Fraction, ...] | None:
    """Simple weights with which the rules, as they stand below, give what is printed; else any."""
    scored = rows_of([each.line for each in _as_scored(lines) if each.scored is not None])
    size = len(ranges)
    return simple_weights([*rows, *scored], size, ranges) or simple_weights(rows, size, ranges)


def _as_scored(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    return [replace(each, line=each.line_as_scored) for each in lines]


def of_rules(figure: Figure) -> tuple[Fraction, ...]:
    """The weights that the rules give the parts, as shares of 1."""
    written = [part.weight.value if part.weight else Fraction(1) for part in figure.counted]
    return tuple(shares(written))


def refuted(lines: Sequence[PrintedLine], weights: Sequence[Fraction]) -> tuple[Refuted, ...]:
    """The lines that weights do not reproduce."""
    return tuple(
        Refuted(number, *reach(each.line, weights))
        for number, each in enumerate(lines)
        if not all(row.holds(weights) for row in rows_of([each.line]))
    )


def _conditions(lines: Sequence[PrintedLine]) -> tuple[Condition, ...]:
    """What the lines say of the weights, each once, without what holds for any weights."""
    found: dict[Row, Condition] = {}
    for number, each in enumerate(lines):
        for up, row in zip((True, False), rows_of([each.line]), strict=True):
            least = min(row.coefficients)
            if least < 0 or (least == 0 and row.strict):
                found.setdefault(row, Condition(number, up, row))
    return tuple(found.values())
