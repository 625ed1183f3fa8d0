"""Each method of scoring on its own, on numbers that were worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bareme.exact import TooManyBits
from bareme.methods.aggregation import (
    METHODS,
    arithmetic_contributions,
    arithmetic_mean,
    best_of,
    geometric_mean,
    greatest,
    harmonic_mean,
    least,
    method_named,
    middle,
    no_contributions,
    power_mean,
    shares,
    sum_contributions,
    total,
)
from bareme.methods.missing import policy_named
from bareme.methods.normalisation import (
    between_goalposts,
    linear,
    logarithmic,
    raised,
    step_of,
)

CUBE_ROOT_15_64 = "0.61655301858261752537290283078864726068387112165701"  # by `decimal`


def fractions(*texts: str | int) -> list[Fraction]:
    return [Fraction(each) for each in texts]


def ones(many: int) -> list[Fraction]:
    return fractions(*[1] * many)


# ---- means


def test_an_arithmetic_mean_weighs_exactly():
    assert arithmetic_mean(fractions(10, 40), fractions(1, 2)) == 30
    assert arithmetic_mean(fractions("1/3", "1/7"), fractions("1/2", "1/5")) == Fraction(41, 147)
    # a half of 1/3 and a fifth of 1/7 are 41/210, over seven tenths
    assert arithmetic_mean(fractions(-10, 5), fractions(1, 0)) == -10
    assert arithmetic_contributions(fractions(10, 40), fractions(1, 3)) == fractions("5/2", 30)
    assert shares(fractions(1, "1/2", "1/2")) == fractions("1/2", "1/4", "1/4")


LONGEST = 2**65_536 - 1  # of so many bits


def test_an_arithmetic_mean_that_is_too_long_is_refused():
    assert arithmetic_mean([Fraction(1, LONGEST)], ones(1)) == Fraction(1, LONGEST)
    assert arithmetic_mean([Fraction(7)], [Fraction(1, LONGEST)]) == 7
    for scores, weights in (
        ([Fraction(1, LONGEST + 1)], ones(1)),
        ([Fraction(7)], [Fraction(1, LONGEST + 1)]),
        ([Fraction(1, LONGEST), Fraction(0)], fractions(1, 2)),  # a third of it
    ):
        with pytest.raises(TooManyBits):
            arithmetic_mean(scores, weights)


ROOT_2 = "1.4142135623730950488016887242096980785696718753769"  # of a table; …753769 48…
CUBE_ROOT_2 = "1.2599210498948731647672106072782283505702514647015"  # of a table; …647015 07…


@pytest.mark.parametrize(
    ("scores", "weights", "wanted"),
    [
        (["20", "45"], ["1", "1"], "30"),
        (["8", "64"], ["2", "1"], "16"),
        (["8", "64"], ["1/3", "1/6"], "16"),  # weights in the same proportion
        (["8", "64"], ["64", "32"], "16"),
        (["1/4", "1/9"], ["1", "1"], "1/6"),
        (["3", "0"], ["1", "1"], "0"),
        (["3", "0"], ["1", "0"], "3"),  # what has no weight does not count
        (["3", "-5"], ["1", "1"], "0"),
        (["5", "5"], ["1", "2"], "5"),
        (["0", "0"], ["1", "2"], "0"),
        (["1", "2"], ["1", "1"], ROOT_2),
        (["1", "2"], ["2", "1"], CUBE_ROOT_2),
        (["1", "1/2"], ["1", "1"], "0.70710678118654752440084436210484903928483593768847"),
    ],
)
def test_a_geometric_mean(scores, weights, wanted):
    assert geometric_mean(fractions(*scores), fractions(*weights)) == Fraction(wanted)


THREES = Fraction("0." + "3" * 50)  # a third, to 50 digits


def test_a_rational_geometric_mean_is_looked_for_where_the_weights_add_up_to_64_or_less():
    assert geometric_mean([Fraction(1, 3**64), Fraction(1)], fractions(1, 63)) == Fraction(1, 3)
    assert geometric_mean([Fraction(1, 3**65), Fraction(1)], fractions(1, 64)) == THREES
    assert geometric_mean(fractions("1/9", 1), fractions(64, 64)) == Fraction(1, 3)  # as 1 and 1


@pytest.mark.parametrize(
    ("scores", "weights", "wanted"),
    [
        (["20", "30"], ["1", "1"], "24"),
        (["10", "40"], ["1", "2"], "20"),  # 3 over 1/10 and 2/40
        (["1/3", "1/4"], ["1", "1"], "2/7"),
        (["30", "0"], ["1", "1"], "0"),
        (["30", "0"], ["1", "0"], "30"),
        (["30", "-1"], ["1", "1"], "0"),
    ],
)
def test_a_harmonic_mean(scores, weights, wanted):
    assert harmonic_mean(fractions(*scores), fractions(*weights)) == Fraction(wanted)


@pytest.mark.parametrize(
    ("power", "scores", "weights", "wanted"),
    [
        ("2", ["1", "7"], ["1", "1"], "5"),  # the root of 25
        ("2", ["1", "7"], ["1", "0"], "1"),
        ("2", ["0", "2"], ["1", "1"], ROOT_2),
        ("1", ["10", "40"], ["1", "2"], "30"),
        ("-1", ["20", "30"], ["1", "1"], "24"),
        ("-2", ["1", "1/7"], ["1", "1"], "1/5"),
        ("-2", ["0", "5"], ["1", "1"], "0"),
        ("1/2", ["4", "16"], ["1", "1"], "9"),  # 2 and 4 make 3
        ("1/2", ["0", "16"], ["1", "1"], "4"),  # 0 and 4 make 2
        ("1/2", ["0", "0"], ["1", "1"], "0"),
        ("-1/2", ["4", "16"], ["1", "1"], "7." + "1" * 49),  # 1/2 and 1/4 make 3/8: 64/9
        ("1/2", ["9", "9"], ["1", "3"], "9"),
        ("-3", ["5", "5"], ["1", "3"], "5"),
        ("3", ["1", "1/2"], ["1", "7"], CUBE_ROOT_15_64),
    ],
)
def test_a_power_mean(power, scores, weights, wanted):
    found = power_mean(fractions(*scores), fractions(*weights), Fraction(power))

    assert found == Fraction(wanted)


def test_a_rational_power_mean_is_looked_for_up_to_the_power_8():
    """Of many noughts and a one; and of ones and sixths, whose powers are 1 and 6 to the power."""
    nought_and_one = fractions(0, 1)
    one_and_sixth = fractions(1, "1/6")

    def below(power: int) -> list[Fraction]:  # weights by which the mean is 3 to the power
        return [Fraction(6**power - 3**power), Fraction(3**power - 1)]

    assert power_mean(nought_and_one, fractions(3**8 - 1, 1), Fraction(8)) == Fraction(1, 3)
    assert power_mean(nought_and_one, fractions(3**9 - 1, 1), Fraction(9)) == THREES
    assert power_mean(one_and_sixth, below(8), Fraction(-8)) == Fraction(1, 3)
    assert power_mean(one_and_sixth, below(9), Fraction(-9)) == THREES


# ---- methods without weights, and sums


def test_a_median_is_in_the_middle_of_the_parts_that_count():
    assert middle(fractions(9, 1, 5), ones(3)) == 5
    assert middle(fractions(9, 1, 6, 5), ones(4)) == Fraction(11, 2)
    assert middle(fractions(9, 1, 6, 5), fractions(1, 1, 0, 1)) == 5
    assert middle(fractions(7), ones(1)) == 7
    assert middle(fractions(7, 8), ones(2)) == Fraction(15, 2)


def test_the_best_are_averaged_and_all_where_there_are_fewer():
    assert best_of(fractions(10, 40, 30), ones(3), 2) == 35
    assert best_of(fractions(10, 40, 30), ones(3), 1) == 40
    assert best_of(fractions(10, 40), ones(2), 5) == 25
    assert best_of(fractions(10, 40, 30), fractions(5, 0, 1), 2) == 20  # weights are none


def test_the_least_and_the_greatest_are_of_the_parts_that_count():
    assert least(fractions(10, 40, 5), fractions(1, 1, 0)) == 10
    assert greatest(fractions(10, 40, 50), fractions(1, 1, 0)) == 40


def test_a_sum_counts_each_part_as_often_as_its_weight_says():
    assert total(fractions(10, 40), fractions(2, -1)) == -20
    assert total(fractions(10, 40), fractions("1/2", 1)) == 45
    assert sum_contributions(fractions(10, 40), fractions(2, -1)) == fractions(20, -40)
    assert total([Fraction(LONGEST)], ones(1)) == LONGEST
    with pytest.raises(TooManyBits):
        total([Fraction(LONGEST), Fraction(1)], ones(2))


def test_methods_go_by_their_names():
    scores, weights = fractions(10, 40, 20), fractions(1, 1, 2)
    by_name = {name: method.score(scores, weights) for name, method in METHODS.items()}

    assert by_name == {
        "arithmetic mean": Fraction(45, 2),
        "geometric mean": 20,  # the fourth root of 160,000
        "harmonic mean": Fraction(160, 9),  # 4 over 1/10, 1/40 and 2/20
        "minimum": 10,
        "maximum": 40,
        "median": 20,
        "sum": 90,
    }
    assert method_named("median") is METHODS["median"]
    assert method_named("best 2").score(scores, weights) == 30
    assert method_named("power 1").score(scores, weights) == Fraction(45, 2)
    assert method_named("power -1").score(scores, weights) == Fraction(160, 9)


def test_what_each_method_says_of_itself():
    names = [*METHODS, "best 2", "power 2"]
    methods = {name: method_named(name) for name in names}
    weighs = {"arithmetic mean", "geometric mean", "harmonic mean", "sum", "power 2"}

    assert {name for name in names if methods[name].weighs} == weighs
    assert {name for name in names if not methods[name].mean} == {"sum"}
    assert {name for name in names if methods[name].adds} == {"arithmetic mean", "sum"}
    of_0_and_more = {"geometric mean", "harmonic mean", "power 2"}
    assert {name for name in names if methods[name].from_0} == of_0_and_more
    for name in names:
        nothing = methods[name].contributions(fractions(1, 2), ones(2)) == [None, None]
        assert nothing == (not methods[name].adds)
    assert no_contributions([], []) == []


# ---- what is missing


@pytest.mark.parametrize(
    ("name", "counts_as", "blocks", "average_of", "carries", "imputes"),
    [
        ("leave out", None, False, None, False, False),
        ("zero", 0, False, None, False, False),
        ("worst", -7, False, None, False, False),
        ("no score", None, True, None, False, False),
        ("carry forward", None, False, None, True, True),
        ("average of all", None, False, "all", False, True),
        ("average of region", None, False, "region", False, True),
    ],
)
def test_what_a_missing_part_counts_as(name, counts_as, blocks, average_of, carries, imputes):
    policy = policy_named(name)

    assert policy.counts_as(Fraction(-7)) == counts_as
    assert (policy.blocks, policy.average_of, policy.carries) == (blocks, average_of, carries)
    assert policy.imputes == imputes


# ---- numbers to points


def test_a_line_from_worst_to_best_goes_on_beyond_them():
    points = [linear(Fraction(value), Fraction(20), Fraction(60)) for value in (0, 20, 30, 60, 70)]
    turned = [linear(Fraction(value), Fraction(60), Fraction(20)) for value in (60, 50, 20, 10)]

    assert points == [-50, 0, 25, 100, 125]
    assert turned == [0, 25, 100, 125]


def test_points_by_the_logarithm():
    def points(value: int, worst: int, best: int) -> Fraction:
        return logarithmic(Fraction(value), Fraction(worst), Fraction(best))

    assert [points(each, 1, 10_000) for each in (1, 10, 100, 10_000)] == [0, 25, 50, 100]
    assert [points(each, 10_000, 1) for each in (1, 10, 100, 10_000)] == [100, 75, 50, 0]
    assert points(20, 2, 200) == 50
    assert points(2, 1, 8) == Fraction("33." + "3" * 48)
    assert points(16, 1, 8) == Fraction("133." + "3" * 47)


def test_points_by_a_power_of_the_share():
    def points(value: int, power: str) -> Fraction:
        return raised(Fraction(value), Fraction(20), Fraction(60), Fraction(power))

    assert [points(each, "2") for each in (20, 30, 40, 60)] == [0, Fraction(25, 4), 25, 100]
    assert [points(each, "1/2") for each in (20, 30, 60)] == [0, 50, 100]
    assert points(40, "1/2") == Fraction("70.710678118654752440084436210484903928483593768847")


def test_a_power_up_to_8_is_exact():
    third = Fraction(1, 3)

    assert raised(third, Fraction(0), Fraction(1), Fraction(8)) == Fraction(100, 6561)
    by_digits = raised(third, Fraction(0), Fraction(1), Fraction(9))
    assert by_digits != Fraction(100, 19683)
    assert abs(by_digits - Fraction(100, 19683)) < Fraction(1, 10**51)
    long = Fraction(1, 2**8192)  # its eighth power needs a bit more than there may be
    with pytest.raises(TooManyBits):
        raised(long, Fraction(0), Fraction(1), Fraction(8))


def test_goalposts_are_clamped_at_both_ends_whichever_way_they_run():
    def points(value: int, worst: int, best: int, **more: bool) -> Fraction:
        settings = {"log": False, "clamped": True, **more}
        return between_goalposts(Fraction(value), Fraction(worst), Fraction(best), **settings)

    assert [points(each, 20, 60) for each in (10, 20, 30, 60, 70)] == [0, 0, 25, 100, 100]
    assert [points(each, 60, 20) for each in (70, 60, 50, 20, 10)] == [0, 0, 25, 100, 100]
    assert [points(each, 20, 60, clamped=False) for each in (10, 70)] == [-25, 125]
    assert [points(each, 1, 10_000, log=True) for each in (1, 10, 20_000)] == [0, 25, 100]
    assert points(-5, 1, 10_000, log=True) == 0
    squared = between_goalposts(
        Fraction(40), Fraction(20), Fraction(60), log=False, clamped=True, power=Fraction(2)
    )
    assert squared == 25


def test_the_step_that_holds_a_number():
    up, down = fractions(10, 20), fractions(20, 10)

    assert [step_of(Fraction(each), up, ascending=True) for each in (5, 10, 11, 20, 21)] == [
        0, 0, 1, 1, 2,
    ]  # fmt: skip
    assert [step_of(Fraction(each), down, ascending=False) for each in (25, 20, 19, 10, 9)] == [
        0, 0, 1, 1, 2,
    ]  # fmt: skip
    assert step_of(Fraction(5), [], ascending=True) == 0
