"""What weights a print allows: nothing true is lost, and nothing wider is said."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bareme.exact import round_half_up
from bareme.methods.inference import (
    End,
    Interval,
    Line,
    WeightRange,
    rows_of,
    scores_behind,
    simple_weights,
    simplest,
    weight_ranges,
)
from bareme.methods.linear import Contradiction

F = Fraction
HALF = F(1, 2)


def printed(score: int) -> Interval:
    """What a whole printed score from 0 to 100 can stand for."""
    return Interval(max(score - HALF, F(0)), min(score + HALF, F(100)), closed=score == 100)


def line(parts: tuple[int, ...], mean: int) -> Line:
    return Line(tuple(map(printed, parts)), printed(mean))


def mean_of(weights, scores) -> Fraction:
    return sum((w * s for w, s in zip(weights, scores, strict=True)), F(0))


def weights_in(steps: int, size: int) -> list[tuple[Fraction, ...]]:
    """Every set of weights in whole steps."""
    return [
        tuple(F(each, steps) for each in (*some, steps - sum(some)))
        for some in product(range(steps + 1), repeat=size - 1)
        if sum(some) <= steps
    ]


def reproduces(weights: tuple[Fraction, ...], parts: tuple[int, ...], mean: int) -> bool:
    """Whether unrounded scores give the print, by trying the outermost ones there are.

    The weights are twentieths and the ends halves, so that a mean which stays below an end stays
    below it by 1/40 or more; a part that comes within a thousandth of its end is near enough.
    """
    low = [max(F(p) - HALF, F(0)) for p in parts]
    high = [F(100) if p == 100 else p + HALF - F(1, 1000) for p in parts]
    least, most = (round_half_up(mean_of(weights, each), 0) for each in (low, high))
    return least <= mean <= most


scores = st.integers(0, 100)
prints = st.lists(st.tuples(st.tuples(scores, scores, scores), scores), min_size=1, max_size=4)


@given(prints)
def test_ranges_agree_with_every_set_of_a_grid(rows):
    lines = [line(parts, mean) for parts, mean in rows]
    found = weight_ranges(rows_of(lines), 3)
    fit = [
        weights
        for weights in weights_in(20, 3)
        if all(reproduces(weights, parts, mean) for parts, mean in rows)
    ]

    for weights in weights_in(20, 3):
        assert all(row.holds(weights) for row in rows_of(lines)) == (weights in fit)
    if isinstance(found, Contradiction):
        assert fit == []
        return
    for weights in fit:
        assert all(each.holds(weight) for each, weight in zip(found, weights, strict=True))


@st.composite
def true_prints(draw):
    """Weights, and prints of scores that they make means of, rounded half up."""
    size = draw(st.integers(1, 5))
    relative = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size).filter(any))
    weights = tuple(F(each, sum(relative)) for each in relative)
    exact = st.fractions(0, 100, max_denominator=60) | st.sampled_from([F(0), F(100), F(37, 2)])
    rows = draw(st.lists(st.tuples(*[exact] * size), min_size=1, max_size=6))
    return weights, [
        line(tuple(round_half_up(each, 0) for each in row), round_half_up(mean_of(weights, row), 0))
        for row in rows
    ]


@given(true_prints())
def test_the_true_weights_lie_in_every_range(made):
    weights, lines = made
    found = weight_ranges(rows_of(lines), len(weights))

    assert not isinstance(found, Contradiction)
    assert all(each.holds(weight) for each, weight in zip(found, weights, strict=True))


@given(true_prints())
def test_simple_weights_reproduce_the_print_from_scores_that_round_to_it(made):
    weights, lines = made
    simple = simple_weights(rows_of(lines), len(weights))

    assert simple is not None
    assert sum(simple) == 1
    assert min(simple) >= 0
    for each in lines:
        behind = scores_behind(each, simple)
        assert behind is not None
        for score, part in zip(behind, each.parts, strict=True):
            assert printed(round_half_up(score, 0)) == part
            assert 0 <= score <= 100
        assert printed(round_half_up(mean_of(simple, behind), 0)) == each.mean


@given(prints)
def test_an_end_is_as_wide_as_the_weights_that_reach_it(rows):
    """At an end that belongs to its range weights fit; next to one that does not, they do."""
    conditions = rows_of([line(parts, mean) for parts, mean in rows])
    found = weight_ranges(conditions, 3)
    if isinstance(found, Contradiction):
        return
    for at, each in enumerate(found):
        for end, inwards in ((each.low, 1), (each.high, -1)):
            wanted = end.value
            if end.open:
                wanted += inwards * (each.high.value - each.low.value) / 10**6
            assert any_with(conditions, at, wanted)
            if end.open:
                assert not any_with(conditions, at, end.value)


def any_with(conditions, at: int, weight: Fraction) -> bool:
    """Whether weights keep to all conditions with one of three fixed; the others share the rest."""
    one, other = (each for each in range(3) if each != at)
    low, low_open, high, high_open = F(0), False, 1 - weight, False
    for row in conditions:  # slope times the weight of `one`, plus a start, above 0 or from it
        a = row.coefficients
        slope, start = a[one] - a[other], a[at] * weight + a[other] * (1 - weight)
        if slope == 0:
            if start < 0 or (start == 0 and row.strict):
                return False
        elif slope > 0:
            low, low_open = max((low, low_open), (-start / slope, row.strict))
        else:
            high, not_open = min((high, not high_open), (-start / slope, not row.strict))
            high_open = not not_open
    return low < high or (low == high and not low_open and not high_open)


@given(prints)
def test_every_end_and_every_contradiction_is_proved_by_its_rows(rows):
    conditions = rows_of([line(parts, mean) for parts, mean in rows])
    found = weight_ranges(conditions, 3)

    def added(multipliers):
        assert all(times > 0 for times in multipliers.values())
        return [
            sum((times * conditions[n].coefficients[at] for n, times in multipliers.items()), F(0))
            for at in range(3)
        ]

    if isinstance(found, Contradiction):
        strictly = any(conditions[number].strict for number in found.multipliers)
        most = max(added(found.multipliers))
        assert most < 0 or (most == 0 and strictly)
        return
    for at, each in enumerate(found):
        for end, way in ((each.high, 1), (each.low, -1)):
            proof = added(end.multipliers)
            sides = [way * (other == at) + a for other, a in enumerate(proof)]
            assert max(sides) <= way * end.value


@given(prints, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_range(rows, chance):
    def ends(of):
        found = weight_ranges(rows_of([line(parts, mean) for parts, mean in of]), 3)
        if isinstance(found, Contradiction):
            return None
        return [(r.low.value, r.low.open, r.high.value, r.high.open) for r in found]

    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert ends(shuffled) == ends(rows)


def test_a_half_belongs_to_the_number_above_it():
    # 0 and 1 printed; the mean is printed 1, so it is 0.5 or more and below 1.5.
    known = Line((Interval(F(0), F(0), True), Interval(F(1), F(1), True)), printed(1))
    found = weight_ranges(rows_of([known]), 2)

    assert not isinstance(found, Contradiction)
    assert found[1] == WeightRange(End(HALF, False, found[1].low.multipliers), End(F(1), False, {}))

    # With 0 printed, it is below 0.5.
    known = Line(known.parts, printed(0))
    found = weight_ranges(rows_of([known]), 2)
    assert not isinstance(found, Contradiction)
    assert (found[1].high.value, found[1].high.open) == (HALF, True)


def test_a_contradiction_of_one_line_is_shown_before_one_of_many():
    # The third line is above all of its parts; the first two contradict each other as well.
    lines = [line((80, 20, 50), 40), line((20, 80, 30), 60), line((10, 20, 30), 50)]
    found = weight_ranges(rows_of(lines), 3)

    assert isinstance(found, Contradiction)
    assert found.multipliers == {4: 1}  # the first of its two rows


# ---- simple weights


def test_equal_weights_come_first():
    assert simple_weights(rows_of([line((20, 40, 60), 40)]), 3) == (F(1, 3),) * 3


def far(weights: tuple[Fraction, ...]) -> tuple[int, Fraction]:
    """How many different weights there are, and how far they are from equal."""
    return len(set(weights)), sum((w - F(1, len(weights))) ** 2 for w in weights)


@pytest.mark.parametrize(
    ("parts", "mean"), [((38, 88, 100), 72), ((10, 50, 90), 80), ((5, 5, 95), 10), ((0, 9, 100), 7)]
)
def test_of_steps_of_5_percent_the_fewest_and_nearest_to_equal_are_taken(parts, mean):
    fit = [w for w in weights_in(20, 3) if min(w) > 0 and reproduces(w, parts, mean)]
    assert fit
    best = min(map(far, fit))

    simple = simple_weights(rows_of([line(parts, mean)]), 3)

    assert simple in fit
    assert far(simple) == best


def test_what_no_step_of_5_percent_reproduces_takes_steps_of_1_percent():
    # 0 and 100 printed at one place more: 33 of 100 is 0.325 to 0.335, and no twentieth is.
    narrow = Line((Interval(F(0), F(0), True), Interval(F(100), F(100), True)), printed(33))

    assert simple_weights(rows_of([narrow]), 2) == (F(67, 100), F(33, 100))


def test_what_no_step_of_1_percent_reproduces_takes_a_small_denominator():
    # The second weight is from 0.3325 up to 0.3335, which holds 1/3 and no smaller denominator.
    ends = Interval(F(3325, 100), F(3335, 100), closed=False)
    narrow = Line((Interval(F(0), F(0), True), Interval(F(100), F(100), True)), ends)

    assert simple_weights(rows_of([narrow]), 2) == (F(2, 3), F(1, 3))


def test_weights_that_are_known_exactly_are_found_whatever_their_denominator():
    exact = Interval(F(100 * 617, 7919), F(100 * 617, 7919), closed=True)
    known = Line((Interval(F(0), F(0), True), Interval(F(100), F(100), True)), exact)

    assert simple_weights(rows_of([known]), 2) == (F(7302, 7919), F(617, 7919))


def test_a_weight_is_0_only_where_it_has_to_be():
    # The mean is 100 only where the parts of 0 have no weight; that of 99 leaves them some.
    zero, full = Interval(F(0), F(0), True), Interval(F(100), F(100), True)

    assert simple_weights(rows_of([Line((zero, full), full)]), 2) == (0, 1)
    above = simple_weights(rows_of([line((0, 100), 99)]), 2)
    assert above is not None
    assert min(above) > 0


def test_where_nothing_fits_there_are_no_simple_weights():
    assert simple_weights(rows_of([line((10, 20), 50)]), 2) is None


@given(
    st.fractions(0, 1, max_denominator=40),
    st.fractions(0, 1, max_denominator=40),
    st.booleans(),
    st.booleans(),
)
def test_the_simplest_fraction_has_the_smallest_denominator(one, other, low_open, high_open):
    low, high = sorted((one, other))
    if low == high:
        low_open = high_open = False
    allowed = WeightRange(End(low, low_open, {}), End(high, high_open, {}))
    found = simplest(allowed)

    assert allowed.holds(found)
    for below in range(1, found.denominator):
        first = ceil(low * below)
        assert not any(allowed.holds(F(each, below)) for each in (first, first + 1))
