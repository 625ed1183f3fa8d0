"""Exact linear programming over weights: what is greatest, and what proves it.

Weights are 0 or more and add up to 1. They are bound by rows, each a linear form of the weights
that is 0 or more, or above 0 where the row is strict. There are few weights and many rows, so the
simplex method goes over the rows' multipliers, which start feasible at 0; and the multipliers that
it ends with are themselves the proof of the answer. Everything is in fractions: what is a bound
and what lies on it is never a matter of a tolerance. Every answer is held against its proof before
it is given.

Source: Dantzig, Linear Programming and Extensions (1963), with Bland's rule against cycling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import lcm
from operator import mul

from bareme.record import Record, replace

ZERO, ONE = Fraction(0), Fraction(1)

Weights = Sequence[Fraction]
Multipliers = Mapping[int, Fraction]
"""By the number of the row; a row that takes no part is not in it."""


class Row(Record, caches=True):
    """A linear form of the weights that is 0 or more; above 0 where it is strict."""

    coefficients: tuple[Fraction, ...]
    strict: bool = False

    @cached_property
    def whole(self) -> tuple[list[int], int]:
        """The coefficients as whole numbers over one denominator."""
        return in_whole(self.coefficients)

    def value(self, weights: Weights) -> Fraction:
        """What the form comes to for these weights."""
        return values([self], weights)[0]

    def holds(self, weights: Weights) -> bool:
        """Whether weights keep to the row."""
        value = self.value(weights)
        return value > 0 if self.strict else value >= 0


def in_whole(numbers: Sequence[Fraction]) -> tuple[list[int], int]:
    """Numbers as whole numbers over one denominator."""
    under = lcm(*(each.denominator for each in numbers))
    return [each.numerator * (under // each.denominator) for each in numbers], under


def values(rows: Sequence[Row], weights: Weights) -> list[Fraction]:
    """What the form of each row comes to for these weights."""
    shares, whole = in_whole(weights)
    return [
        Fraction(sum(map(mul, coefficients, shares)), under * whole)
        for coefficients, under in (row.whole for row in rows)
    ]


class Optimum(Record):
    """The greatest value, weights that reach it, and multipliers of rows that prove it."""

    value: Fraction
    weights: tuple[Fraction, ...]
    multipliers: Multipliers


class Contradiction(Record):
    """Multipliers of rows that no weights keep to together.

    The rows, each times its multiplier, add up to a form that has no coefficient above 0; so it is
    0 or less for any weights. Yet the rows say that it is above 0.
    """

    multipliers: Multipliers


def greatest(goal: Weights, rows: Sequence[Row]) -> Optimum | Contradiction:
    """The greatest value of a linear form of the weights, strict rows taken with their ends.

    Args:
        goal: the coefficients of the form, as many as there are weights, at least one.
        rows: what the weights keep to.
    """
    found = _with_few(rows, lambda few: _greatest(goal, few), strictly=False)
    if isinstance(found, Contradiction):
        assert contradicts(rows, found.multipliers)
    else:
        assert _proves(goal, rows, found)
    return found


def inside(rows: Sequence[Row]) -> Optimum | Contradiction:
    """Weights that keep to every row, as far inside of the strict ones as there are."""
    found = _with_few(rows, _inside, strictly=True)
    if isinstance(found, Contradiction):
        assert contradicts(rows, found.multipliers)
    else:
        assert all(row.holds(found.weights) for row in rows)
    return found


def _with_few(
    rows: Sequence[Row],
    solve: Callable[[Sequence[Row]], Optimum | Contradiction],
    *,
    strictly: bool,
) -> Optimum | Contradiction:
    """The answer for all rows from a few of them; those that it does not keep to are added.

    A print has many rows, of which as many as there are weights decide.

    Args:
        strictly: whether the value that is found is that of the least strict row.
    """
    size = len(rows[0].coefficients) if rows else 0
    chosen = list(range(min(len(rows), 2 * size)))
    while True:
        found = solve([rows[number] for number in chosen])
        multipliers = {chosen[at]: times for at, times in found.multipliers.items()}
        found = replace(found, multipliers=dict(sorted(multipliers.items())))
        if isinstance(found, Contradiction):
            return found
        missed = sorted(
            (value, number)
            for number, value in enumerate(values(rows, found.weights))
            if value < (found.value if strictly and rows[number].strict else 0)
        )
        if not missed:
            return found
        chosen += [number for _, number in missed[: max(size // 2, 1)]]


def _greatest(goal: Weights, rows: Sequence[Row]) -> Optimum | Contradiction:
    return _Dictionary(goal, [row.coefficients for row in rows]).minimise()


def _inside(rows: Sequence[Row]) -> Optimum | Contradiction:
    size = len(rows[0].coefficients)
    strict = [number for number, row in enumerate(rows) if row.strict]
    if not strict:
        return _greatest((ZERO,) * size, rows)
    # The least of the strict rows is made as great as can be. Their multipliers then add up to 1,
    # so that of the first is what the others leave of it.
    first, *others = strict
    start = rows[first].coefficients
    forms = [
        tuple(a - b for a, b in zip(row.coefficients, start, strict=True)) if row.strict
        else row.coefficients
        for row in rows
    ]  # fmt: skip
    solved = _Dictionary(start, forms, shared=set(others), left_out=first).minimise()
    if isinstance(solved, Contradiction):
        return solved
    rest = ONE - sum((solved.multipliers.get(number, ZERO) for number in others), ZERO)
    multipliers = {**solved.multipliers, **({first: rest} if rest else {})}
    if solved.value <= 0:
        return Contradiction(multipliers)
    return Optimum(solved.value, solved.weights, multipliers)


def combined(rows: Sequence[Row], multipliers: Multipliers) -> list[Fraction]:
    """The coefficients of the rows, each times its multiplier, added up."""
    size = len(rows[0].coefficients) if rows else 0
    return [
        sum((times * rows[number].coefficients[at] for number, times in multipliers.items()), ZERO)
        for at in range(size)
    ]


def contradicts(rows: Sequence[Row], multipliers: Multipliers) -> bool:
    """Whether multipliers prove that no weights keep to all rows."""
    most = max(combined(rows, multipliers))
    strictly = any(rows[number].strict for number in multipliers)
    return min(multipliers.values()) > 0 and (most < 0 or (most == 0 and strictly))


def _proves(goal: Weights, rows: Sequence[Row], found: Optimum) -> bool:
    """Whether weights keep to the rows and reach the value, and nothing can be above it."""
    weights, times = found.weights, found.multipliers
    keeps = min(values(rows, weights), default=0) >= 0 and min(weights) >= 0
    reached = sum((g * w for g, w in zip(goal, weights, strict=True)), ZERO) == found.value
    added = combined(rows, times) if rows else [ZERO] * len(goal)
    above = max(g + a for g, a in zip(goal, added, strict=True))
    proved = all(each > 0 for each in times.values()) and above <= found.value
    return keeps and sum(weights) == 1 and reached and proved


class _Dictionary:
    """The simplex method on the multipliers m of rows A: the least t with t ≥ goal + A·m, m ≥ 0.

    It is written for the slack of each weight, which is t less its side, and t is expressed by
    that of one of them. A line holds a basic variable by the variables that are 0: a constant, then
    a coefficient for each of these. Variables are numbered: rows first, then the weights' slacks,
    then what the shared multipliers leave of 1.

    All numbers are whole, over one denominator; every division on the way comes out even, as each
    number is a determinant of some of the first ones (Edmonds, 1967).
    """

    def __init__(
        self,
        goal: Weights,
        forms: Sequence[Sequence[Fraction]],
        shared: set[int] | None = None,
        left_out: int | None = None,
    ) -> None:
        """Start from multipliers of 0.

        Args:
            goal: the side of each weight where every multiplier is 0.
            forms: what a multiplier of 1 adds to the sides, by row.
            shared: the rows whose multipliers add up to 1 at most.
            left_out: a row that has no multiplier of its own.
        """
        self.rows, self.size = len(forms), len(goal)
        self.scale = lcm(*(each.denominator for form in (goal, *forms) for each in form))
        sides = [
            [each.numerator * (self.scale // each.denominator) for each in form]
            for form in (goal, *forms)
        ]
        at = max(range(self.size), key=lambda each: goal[each])
        own = [number for number in range(self.rows) if number != left_out]
        of = [sides[0], *(sides[number + 1] for number in own)]
        self.free = [*own, self.rows + at]
        self.basic: list[int] = []
        self.lines: list[list[int]] = []
        self.under = 1
        # t is the side of the greatest goal, plus its slack
        self.aim = [*(side[at] for side in of), 1]
        for each in range(self.size):
            if each != at:
                self.basic.append(self.rows + each)
                self.lines.append([*(side[at] - side[each] for side in of), 1])
        if shared:
            self.basic.append(self.rows + self.size)
            self.lines.append([1, *(-1 if number in shared else 0 for number in own), 0])

    def minimise(self) -> Optimum | Contradiction:
        """Pivot until t is least, or has no end."""
        stuck = False
        while True:
            enters = self._entering(stuck)
            if enters is None:
                return self._optimum()
            leaves = self._leaving(enters)
            if leaves is None:
                return self._without_end(enters)
            stuck = self.lines[leaves][0] == 0
            self._pivot(leaves, enters)

    def _entering(self, stuck: bool) -> int | None:
        """A variable that lowers t: the steepest, and while that is stuck the first of them."""
        lower = [at for at in range(1, len(self.aim)) if self.aim[at] < 0]
        if not lower:
            return None
        if stuck:
            return min(lower, key=lambda at: self.free[at - 1])
        return min(lower, key=lambda at: (self.aim[at], self.free[at - 1]))

    def _leaving(self, enters: int) -> int | None:
        """The basic variable that comes to 0 first; None where none does."""
        ends = [
            (Fraction(line[0], -line[enters]), self.basic[number], number)
            for number, line in enumerate(self.lines)
            if line[enters] < 0
        ]
        return min(ends)[2] if ends else None

    def _pivot(self, leaves: int, enters: int) -> None:
        old, by, under = self.lines[leaves], -self.lines[leaves][enters], self.under
        for line in [*self.lines[:leaves], *self.lines[leaves + 1 :], self.aim]:
            times = line[enters]
            line[:] = [(a * by + times * b) // under for a, b in zip(line, old, strict=True)]
            line[enters] = -times
        old[enters] = -under
        self.under = by
        self.basic[leaves], self.free[enters - 1] = self.free[enters - 1], self.basic[leaves]

    def _optimum(self) -> Optimum:
        values = {name: line[0] for name, line in zip(self.basic, self.lines, strict=True)}
        weights = [ZERO] * self.size
        for name, rate in zip(self.free, self.aim[1:], strict=True):
            if self.rows <= name < self.rows + self.size:
                weights[name - self.rows] = Fraction(rate, self.under)
        value = Fraction(self.aim[0], self.under * self.scale)
        return Optimum(value, tuple(weights), self._of_rows(values))

    def _without_end(self, enters: int) -> Contradiction:
        values = {name: line[enters] for name, line in zip(self.basic, self.lines, strict=True)}
        values[self.free[enters - 1]] = self.under
        return Contradiction(self._of_rows(values))

    def _of_rows(self, values: Mapping[int, int]) -> dict[int, Fraction]:
        return {
            name: Fraction(values[name], self.under)
            for name in sorted(values)
            if name < self.rows and values[name]
        }
