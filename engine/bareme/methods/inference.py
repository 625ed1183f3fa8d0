"""What weights a print allows: printed scores stand for intervals, and so bound the weights.

A printed score stands for every score that is rounded to it. For given weights the parts of a mean
can lie anywhere in their intervals, so the mean can be anything from the mean of their lower ends
up to that of their upper ends. The print is reproduced where that stretch meets the interval of
what is printed of the mean: two conditions on the weights, each linear. Nothing is lost by them:
weights that keep to both have parts that round to the print and a mean that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import ceil, comb, floor

from bareme.exact import round_half_up
from bareme.methods.linear import (
    ONE,
    ZERO,
    Contradiction,
    Multipliers,
    Row,
    Weights,
    contradicts,
    greatest,
    inside,
    values,
)
from bareme.record import Record

GRIDS = (20, 100)
"""Steps of 5 % and of 1 %, in which simple weights are looked for."""

MOST_TRIES = 2_000_000
"""How many coefficients of rows are looked at for simple weights on one grid."""

MOST_PAIRS = 500
"""How many pairs of rows are looked at for a contradiction of two."""

MOST_STEPS = 1000
"""The greatest common denominator that is looked for before a fraction of its own for each."""


class Interval(Record):
    """The scores that one printed score can stand for; its lower end is always one of them."""

    low: Fraction
    high: Fraction
    closed: bool  # whether the upper end is one of them


class Line(Record):
    """A printed mean and what is printed of its parts, in the order of the weights."""

    parts: tuple[Interval, ...]
    mean: Interval


class End(Record):
    """An end of the range of a weight.

    Attributes:
        open: whether no weights that reproduce the print have this weight.
        multipliers: of the rows that make it, by their number; none where 0 or 1 is the end.
    """

    value: Fraction
    open: bool
    multipliers: Multipliers


class WeightRange(Record):
    """All that one weight can be."""

    low: End
    high: End

    def holds(self, weight: Fraction) -> bool:
        """Whether a weight lies in it."""
        above = weight > self.low.value or (weight == self.low.value and not self.low.open)
        below = weight < self.high.value or (weight == self.high.value and not self.high.open)
        return above and below


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """Two rows a line: the parts can reach up to what is printed, and down to it."""
    return [row for line in lines for row in (_up_to(line), _down_to(line))]


def _up_to(line: Line) -> Row:
    # A part that is closed above lies at the top of its range, where no interval of a printed mean
    # begins; so the row can be weak only where every part is closed.
    ends = tuple(each.high - line.mean.low for each in line.parts)
    return Row(ends, strict=not all(each.closed for each in line.parts))


def _down_to(line: Line) -> Row:
    return Row(tuple(line.mean.high - each.low for each in line.parts), not line.mean.closed)


def reach(line: Line, weights: Weights) -> tuple[Fraction, Fraction]:
    """The mean of the parts' lower ends, and that of their upper ends."""
    low = sum((w * each.low for w, each in zip(weights, line.parts, strict=True)), ZERO)
    high = sum((w * each.high for w, each in zip(weights, line.parts, strict=True)), ZERO)
    return low, high


def scores_behind(line: Line, weights: Weights) -> tuple[Fraction, ...] | None:
    """Scores of the parts that the print can stand for, of which the mean is as printed.

    Returns:
        One score a part, as far from the ends as may be; None where there are none.
    """
    low, high = reach(line, weights)
    least, most = max(low, line.mean.low), min(high, line.mean.high)
    if not all(row.holds(weights) for row in rows_of([line])):
        return None
    share = ((least + most) / 2 - low) / (high - low) if high > low else ZERO
    return tuple(each.low + share * (each.high - each.low) for each in line.parts)


def weight_ranges(rows: Sequence[Row], size: int) -> list[WeightRange] | Contradiction:
    """The range of every weight, or the proof that no weights keep to all rows."""
    if rows:
        found = inside(rows)
        if isinstance(found, Contradiction):
            return _plainest(rows, found)
    return [weight_range(rows, size, at) for at in range(size)]


def _plainest(rows: Sequence[Row], found: Contradiction) -> Contradiction:
    """A contradiction of one or two rows, if there is one, with small whole multipliers."""
    pairs = comb(len(rows), 2) <= MOST_PAIRS
    for count in (1, 2) if pairs else (1,):
        for numbers in combinations(range(len(rows)), count):
            few = inside([rows[number] for number in numbers])
            if isinstance(few, Contradiction):
                times = {numbers[at]: each for at, each in few.multipliers.items()}
                return _in_small_numbers(rows, Contradiction(times))
    return _in_small_numbers(rows, found)


def _in_small_numbers(rows: Sequence[Row], found: Contradiction) -> Contradiction:
    most = max(found.multipliers.values())
    for scale in range(1, 101):
        times = {
            number: Fraction(max(1, round_half_up(each * scale / most, 0)))
            for number, each in found.multipliers.items()
        }
        if contradicts(rows, times):
            return Contradiction(times)
    return found


def weight_range(rows: Sequence[Row], size: int, at: int) -> WeightRange:
    """The range of one weight, where there are weights that keep to all rows."""
    return WeightRange(_end(rows, size, at, -ONE), _end(rows, size, at, ONE))


def _end(rows: Sequence[Row], size: int, at: int, way: Fraction) -> End:
    goal = [way if each == at else ZERO for each in range(size)]
    found = greatest(goal, rows)
    assert not isinstance(found, Contradiction)
    end = found.value * way
    is_open = any(rows[number].strict for number in found.multipliers)
    if not is_open:
        on_the_end = Row(tuple(each - found.value for each in goal))
        is_open = isinstance(inside([*rows, on_the_end]), Contradiction)
    return End(end, is_open, found.multipliers)


# ---- a simple set of weights


def simple_weights(
    rows: Sequence[Row], size: int, ranges: Sequence[WeightRange] = ()
) -> tuple[Fraction, ...] | None:
    """Weights that keep to all rows and are simple to say; None where there are none.

    Equal weights, if they do; else steps of 5 %, else of 1 %, of as few different weights as will
    do, then as near to equal as will do; else a small denominator. None of them is 0 where that
    can be. Where there are too many sets to try them all, it is one that was found.

    Args:
        ranges: of the weights, where they are known; they may be wider than the rows leave them.
    """
    equal = (Fraction(1, size),) * size
    if _keep(rows, equal):
        return equal
    kept = [*rows, *(Row(_only(at, size), strict=True) for at in range(size))]
    middle = inside(kept)
    if isinstance(middle, Contradiction):
        kept = list(rows)
        middle = inside(kept)
        if isinstance(middle, Contradiction):
            return None
    ranges = ranges or [weight_range(kept, size, at) for at in range(size)]
    for steps in GRIDS:
        found = _on_a_grid(kept, ranges, steps) or _near(kept, middle.weights, steps)
        if found is not None:
            return found
    for steps in range(size, MOST_STEPS + 1):
        found = _near(kept, middle.weights, steps)
        if found is not None:
            return found
    return _one_by_one(kept, size)


def _keep(rows: Sequence[Row], weights: Weights) -> bool:
    return all(
        value > 0 if row.strict else value >= 0
        for row, value in zip(rows, values(rows, weights), strict=True)
    )


def _near(rows: Sequence[Row], middle: Weights, steps: int) -> tuple[Fraction, ...] | None:
    """Weights well inside, each taken to a whole step by the largest remainder, if they will do."""
    whole = [floor(each * steps) for each in middle]
    by_rest = sorted(range(len(middle)), key=lambda at: (whole[at] - middle[at] * steps, at))
    for at in by_rest[: steps - sum(whole)]:
        whole[at] += 1
    weights = tuple(Fraction(each, steps) for each in whole)
    return weights if _keep(rows, weights) else None


def _only(at: int, size: int) -> tuple[Fraction, ...]:
    return tuple(ONE if each == at else ZERO for each in range(size))


def _one_by_one(rows: Sequence[Row], size: int) -> tuple[Fraction, ...]:
    """The simplest fraction for each weight that those before it leave."""
    kept, weights = list(rows), list[Fraction]()
    for at in range(size):
        allowed = weight_range(kept, size, at)
        weight = simplest(allowed)
        weights.append(weight)
        above = tuple(each - weight for each in _only(at, size))
        kept += [Row(above), Row(tuple(-each for each in above))]
    return tuple(weights)


def simplest(allowed: WeightRange) -> Fraction:
    """The fraction of the smallest denominator in a range that holds one."""
    low, high = allowed.low, allowed.high
    if low.value == high.value:
        return low.value
    return _simplest(low.value, low.open, high.value, high.open)


def _simplest(low: Fraction, low_open: bool, high: Fraction | None, high_open: bool) -> Fraction:
    whole = floor(low)
    if low == whole and not low_open:
        return low
    above = Fraction(whole + 1)
    if high is None or above < high or (above == high and not high_open):
        return above
    # No whole number lies in it; so the rest, turned upside down, is searched in the same way.
    upper = None if low == whole else 1 / (low - whole)
    return whole + 1 / _simplest(1 / (high - whole), high_open, upper, low_open)


class _Grid(Record):
    """Rows in whole numbers, and the least and the greatest number of steps of each weight."""

    rows: tuple[tuple[tuple[int, ...], bool], ...]
    least: tuple[int, ...]
    most: tuple[int, ...]
    steps: int


def _on_a_grid(
    rows: Sequence[Row], ranges: Sequence[WeightRange], steps: int
) -> tuple[Fraction, ...] | None:
    """The simplest weights in whole steps, of those that are tried."""
    size = len(ranges)
    if size > steps:
        return None
    grid = _Grid(
        tuple((tuple(row.whole[0]), row.strict) for row in rows),
        tuple(ceil(each.low.value * steps) for each in ranges),
        tuple(floor(each.high.value * steps) for each in ranges),
        steps,
    )
    left = [MOST_TRIES // max(len(rows) * size, 1)]
    for different in range(2, size + 1):
        fit = list(_with_so_many(grid, size, different, left))
        if fit:
            return tuple(Fraction(each, steps) for each in min(fit, key=_distance))
    return None


def _with_so_many(
    grid: _Grid, size: int, different: int, left: list[int]
) -> Iterator[tuple[int, ...]]:
    """The sets of so many different weights that keep to the rows, while there are tries left."""
    for groups in _groupings(size, different):
        for found in _of_groups(grid, groups, different):
            if left[0] <= 0:
                return
            left[0] -= 1
            if found:
                yield found


def _distance(weights: tuple[int, ...]) -> tuple[Fraction, tuple[int, ...]]:
    """How far weights are from equal; of two as far, those come first that begin with more."""
    mean = Fraction(sum(weights), len(weights))
    far = sum(((each - mean) ** 2 for each in weights), ZERO)
    return far, tuple(-each for each in weights)


def _groupings(size: int, different: int) -> Iterator[tuple[int, ...]]:
    """Every way to sort the weights into so many groups of equal ones, as the group of each."""

    def sort(so_far: tuple[int, ...], used: int) -> Iterator[tuple[int, ...]]:
        left = size - len(so_far)
        if used + left < different:
            return
        if left == 0:
            yield so_far
            return
        for group in range(min(used + 1, different)):
            yield from sort((*so_far, group), max(used, group + 1))

    return sort((), 0)


def _of_groups(
    grid: _Grid, groups: tuple[int, ...], different: int
) -> Iterator[tuple[int, ...] | None]:
    """The sets of weights on a grid with one weight a group; None for each vain try."""
    members = [[at for at, group in enumerate(groups) if group == g] for g in range(different)]
    counts = [len(each) for each in members]
    least = [max(grid.least[at] for at in each) for each in members]
    most = [min(grid.most[at] for at in each) for each in members]
    rows = [([sum(row[at] for at in each) for each in members], s) for row, s in grid.rows]
    yield None
    if any(low > high for low, high in zip(least, most, strict=True)):
        return
    *fixed, one, other = range(different)

    def rest(of: list[int], at: int, left: int) -> Iterator[tuple[int, ...] | None]:
        if at < len(fixed):
            for weight in range(least[at], most[at] + 1):
                if weight * counts[at] < left:
                    yield from rest([*of, weight], at + 1, left - weight * counts[at])
            return
        yield None
        # What is left goes to two groups, so that a row is a bound on the first of them.
        low = max(least[one], ceil(Fraction(left - most[other] * counts[other], counts[one])))
        high = min(most[one], floor(Fraction(left - least[other] * counts[other], counts[one])))
        for row, strict in rows:
            slope = row[one] * counts[other] - row[other] * counts[one]
            start = row[other] * left
            start += counts[other] * sum(a * w for a, w in zip(row, of, strict=False))
            start -= 1 if strict else 0
            if slope > 0:
                low = max(low, -(start // slope))
            elif slope < 0:
                high = min(high, start // -slope)
            elif start < 0:
                return
        for weight in range(low, high + 1):
            second, odd = divmod(left - weight * counts[one], counts[other])
            if not odd:
                steps = [*of, weight, second]
                yield tuple(steps[group] for group in groups)

    yield from rest([], 0, grid.steps)
