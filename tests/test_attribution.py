"""What several things make together, divided among them: laws that every game obeys."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bareme.methods.attribution import MOST, both_ways, shapley

worths = st.fractions(min_value=-100, max_value=100, max_denominator=60)


@st.composite
def games(draw: st.DrawFn, players: int = 5) -> tuple[int, list[Fraction]]:
    """A number of players, and the worth of every coalition of them."""
    count = draw(st.integers(0, players))
    return count, draw(st.lists(worths, min_size=1 << count, max_size=1 << count))


def by_all_orders(count: int, worth: list[Fraction]) -> tuple[Fraction, ...]:
    """The definition as it is said: what each adds when it joins, averaged over every order."""
    added = [Fraction(0)] * count
    orders = list(permutations(range(count)))
    for order in orders:
        mask = 0
        for player in order:
            added[player] += worth[mask | 1 << player] - worth[mask]
            mask |= 1 << player
    return tuple(each / len(orders) for each in added)


@given(games())
def test_shares_are_the_average_over_all_orders(game):
    count, worth = game

    assert shapley(count, worth.__getitem__) == by_all_orders(count, worth)


@given(games())
def test_shares_add_up_to_what_all_players_make(game):
    count, worth = game

    assert sum(shapley(count, worth.__getitem__), Fraction(0)) == worth[-1] - worth[0]
    assert sum(both_ways(count, worth.__getitem__), Fraction(0)) == worth[-1] - worth[0]


@given(games(), st.randoms(use_true_random=False))
def test_players_that_add_the_same_have_the_same_share(game, random):
    """Renaming players renames their shares, so two that can be swapped share alike."""
    count, worth = game
    names = random.sample(range(count), count)

    def renamed(mask: int) -> Fraction:
        return worth[sum(1 << names[i] for i in range(count) if mask >> i & 1)]

    shares = shapley(count, worth.__getitem__)
    assert shapley(count, renamed) == tuple(shares[name] for name in names)


@given(games(), st.integers(0, 5))
def test_a_player_that_adds_nothing_has_no_share(game, place):
    count, worth = game
    at = min(place, count)

    def with_an_idle_player(mask: int) -> Fraction:
        return worth[mask & ((1 << at) - 1) | mask >> (at + 1) << at]

    shares = list(shapley(count + 1, with_an_idle_player))
    assert shares.pop(at) == 0
    assert tuple(shares) == shapley(count, worth.__getitem__)
    assert both_ways(count + 1, with_an_idle_player)[at] == 0


@given(games(), st.data(), worths)
def test_shares_of_two_games_add_up_to_those_of_both_together(game, data, times):
    count, one = game
    other = data.draw(st.lists(worths, min_size=1 << count, max_size=1 << count))
    both = [a + times * b for a, b in zip(one, other, strict=True)]

    added = zip(shapley(count, one.__getitem__), shapley(count, other.__getitem__), strict=True)
    assert shapley(count, both.__getitem__) == tuple(a + times * b for a, b in added)


def test_the_airport_game_of_a_maximum():
    """Of a maximum each shares the cost of the runway it needs with those that need it as well.

    Littlechild and Owen (1973): of 10, 40 and 100 the first 10 is shared by three, the next 30
    by two, and the last 60 is one's own: 10/3, 10/3 + 15, 10/3 + 15 + 60.
    """
    runways = (10, 40, 100)

    def longest(mask: int) -> Fraction:
        return Fraction(max((r for i, r in enumerate(runways) if mask >> i & 1), default=0))

    assert shapley(3, longest) == (Fraction(10, 3), Fraction(55, 3), Fraction(235, 3))


def test_each_coalition_is_asked_for_once_and_more_players_are_refused():
    asked: list[int] = []

    def counted(mask: int) -> Fraction:
        asked.append(mask)
        return Fraction(mask.bit_count())

    assert shapley(MOST, counted) == (Fraction(1),) * MOST
    assert sorted(asked) == list(range(2**MOST))
    with pytest.raises(ValueError, match="13 players"):
        shapley(MOST + 1, counted)


def test_two_orders_rest_on_how_the_players_stand():
    """Where the first and the last are needed, the one between adds nothing in any order."""

    def needed(mask: int) -> Fraction:
        return Fraction(12 if mask & 0b101 == 0b101 else 0)

    assert both_ways(3, needed) == (6, 0, 6)
    assert shapley(3, needed) == (6, 0, 6)
    # A majority of three: by two orders the middle one decides in both, by all of them each alike.
    assert both_ways(3, lambda mask: Fraction(mask.bit_count() >= 2)) == (0, 1, 0)
    assert shapley(3, lambda mask: Fraction(mask.bit_count() >= 2)) == (Fraction(1, 3),) * 3
