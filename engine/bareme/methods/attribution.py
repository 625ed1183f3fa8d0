"""How a value that several things make together is divided among them, exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import factorial, lcm

MOST = 12
"""Players up to which every coalition is looked at: 4,096 of them."""

Game = Callable[[int], Fraction]
"""The value of a coalition: bit i of its number is set where player i takes part."""


def shapley(count: int, value: Game) -> tuple[Fraction, ...]:
    """The Shapley value of each player: what it adds, averaged over all orders of joining.

    The shares add up to the value of all players less the value of none. Players that add the same
    to every coalition have the same share, and one that adds nothing to any has none.

    Args:
        count: of players, `MOST` at the most.
        value: asked for once of every coalition, 2**count times.

    Raises:
        ValueError: for more players.

    Source: Shapley, A value for n-person games (1953).
    """
    if count > MOST:
        raise ValueError(f"{count} players, and {MOST} at the most")
    over, worth = _whole([value(mask) for mask in range(1 << count)])
    sizes = [mask.bit_count() for mask in range(1 << count)]
    # In how many of the n! orders the players of a coalition are the first to join, times n!.
    first = [factorial(size) * factorial(count - 1 - size) for size in range(count)]
    shares = []
    for player in range(count):
        bit = 1 << player
        added = sum(
            first[sizes[mask]] * (worth[mask | bit] - worth[mask])
            for mask in range(1 << count)
            if not mask & bit
        )
        shares.append(Fraction(added, over * factorial(count)))
    return tuple(shares)


def both_ways(count: int, value: Game) -> tuple[Fraction, ...]:
    """What each player adds, averaged over two orders only: as they stand, and backwards.

    For more players than `shapley` takes. The shares add up as there, but rest on the order.
    """
    forth = _joining(range(count), value)
    back = _joining(range(count - 1, -1, -1), value)
    return tuple((forth[player] + back[player]) / 2 for player in range(count))


def _joining(order: Sequence[int], value: Game) -> dict[int, Fraction]:
    """What each player adds to those that joined before it."""
    mask, before, added = 0, value(0), {}
    for player in order:
        mask |= 1 << player
        now = value(mask)
        added[player] = now - before
        before = now
    return added


def _whole(values: Sequence[Fraction]) -> tuple[int, list[int]]:
    """Fractions over one denominator: adding up whole numbers is many times faster."""
    over = lcm(*(each.denominator for each in values))
    return over, [each.numerator * (over // each.denominator) for each in values]
