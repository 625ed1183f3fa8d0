"""Exact linear programming over weights, held against every corner there is."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bareme.methods.linear import Contradiction, Row, greatest, inside

F = Fraction


def solve(lines: list[list[Fraction]], sides: list[Fraction]) -> list[Fraction] | None:
    """The one solution of as many equations as unknowns, by Gauss; None where there is not one."""
    size = len(sides)
    table = [[*line, side] for line, side in zip(lines, sides, strict=True)]
    for at in range(size):
        pivot = next((row for row in range(at, size) if table[row][at]), None)
        if pivot is None:
            return None
        table[at], table[pivot] = table[pivot], table[at]
        table[at] = [each / table[at][at] for each in table[at]]
        for row in range(size):
            if row != at:
                times = table[row][at]
                table[row] = [a - times * b for a, b in zip(table[row], table[at], strict=True)]
    return [row[size] for row in table]


def corners(forms: list[tuple[int, ...]], size: int) -> list[list[Fraction]]:
    """Every corner of the weights that keep to `form ≥ 0`: where size - 1 of the walls meet."""
    walls = [[F(a) for a in form] for form in forms]
    walls += [[F(at == each) for at in range(size)] for each in range(size)]
    found = []
    for chosen in combinations(walls, size - 1):
        point = solve([[F(1)] * size, *chosen], [F(1), *[F(0)] * (size - 1)])
        if point is not None and all(
            sum(a * w for a, w in zip(wall, point, strict=True)) >= 0 for wall in walls
        ):
            found.append(point)
    return found


sizes = st.integers(1, 4)


@st.composite
def programmes(draw):
    size = draw(sizes)
    numbers = st.tuples(*[st.integers(-6, 6)] * size)
    return draw(numbers), draw(st.lists(numbers, max_size=5))


@given(programmes())
def test_the_greatest_is_that_of_the_best_corner(programme):
    goal, forms = programme
    rows = [Row(tuple(map(F, form))) for form in forms]
    found = greatest(tuple(map(F, goal)), rows)
    all_corners = corners(forms, len(goal))

    if not all_corners:
        assert isinstance(found, Contradiction)
        added = [
            sum(times * forms[number][at] for number, times in found.multipliers.items())
            for at in range(len(goal))
        ]
        assert all(times > 0 for times in found.multipliers.values())
        assert max(added) < 0
        return
    assert not isinstance(found, Contradiction)
    best = max(sum(g * w for g, w in zip(goal, corner, strict=True)) for corner in all_corners)
    assert found.value == best
    assert sum(g * w for g, w in zip(goal, found.weights, strict=True)) == best
    assert sum(found.weights) == 1
    assert min(found.weights) >= 0
    assert all(row.value(found.weights) >= 0 for row in rows)


@given(programmes(), st.data())
def test_strict_rows_are_kept_strictly_or_proved_to_leave_nothing(programme, data):
    _, forms = programme
    if not forms:
        return
    strict = data.draw(st.lists(st.booleans(), min_size=len(forms), max_size=len(forms)))
    rows = [Row(tuple(map(F, form)), s) for form, s in zip(forms, strict, strict=True)]
    found = inside(rows)
    all_corners = corners(forms, len(forms[0]))

    # What every strict row is above 0 at somewhere is above 0 at the middle of all corners.
    middle = [sum(c[at] for c in all_corners) for at in range(len(forms[0]))]
    possible = bool(all_corners) and all(row.value(middle) > 0 for row in rows if row.strict)
    if possible:
        assert not isinstance(found, Contradiction)
        assert sum(found.weights) == 1
        assert min(found.weights) >= 0
        assert all(row.holds(found.weights) for row in rows)
        return
    assert isinstance(found, Contradiction)
    added = [
        sum(times * forms[number][at] for number, times in found.multipliers.items())
        for at in range(len(forms[0]))
    ]
    assert all(times > 0 for times in found.multipliers.values())
    assert max(added) < 0 or (
        max(added) == 0 and any(rows[number].strict for number in found.multipliers)
    )


def test_a_programme_that_makes_the_steepest_rule_go_round_comes_to_an_end():
    # Every form is 0 at equal weights, so that each step there may leave the value where it is.
    forms = [(2, -1, -1, 0), (-1, 2, 0, -1), (1, 0, -2, 1), (0, -1, 1, 0), (-1, 0, 0, 1)]
    rows = [Row(tuple(map(F, form))) for form in forms]

    found = greatest((F(-3), F(1), F(4), F(-2)), rows)

    assert not isinstance(found, Contradiction)
    assert found.value == max(-3 * a + b + 4 * c - 2 * d for a, b, c, d in corners(forms, 4))
