"""Aggregation: how child scores make a parent score.

Each method has a name, as the rules write it, and an exact form. Children that have no score are
left out before a method sees them (see `missing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm

Exact = Callable[[Sequence[Fraction], Sequence[Fraction]], Fraction | None]


def arithmetic_mean(scores: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction | None:
    """Weighted arithmetic mean, exact.

    Args:
        scores: points of the children that have a score, 0 to 100.
        weights: their weights, 0 or more, on any common scale; as many as scores.

    Returns:
        Points between the least and the greatest score; None where no weight is above 0.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6.
    """
    # Integers over common denominators, one Fraction at the end: ten times a chain of Fractions.
    over = lcm(*(weight.denominator for weight in weights))
    whole = [weight.numerator * (over // weight.denominator) for weight in weights]
    total = sum(whole)
    if total == 0:
        return None
    under = lcm(*(score.denominator for score in scores))
    points = sum(
        weight * score.numerator * (under // score.denominator)
        for weight, score in zip(whole, scores, strict=True)
    )
    return Fraction(points, under * total)


METHODS: dict[str, Exact] = {"arithmetic mean": arithmetic_mean}
"""Every aggregation by the name that rules give it."""


def shares(weights: Sequence[Fraction]) -> list[Fraction]:
    """Weights normalised exactly to shares of 1; all 0 where no weight is above 0."""
    total = sum(weights, Fraction(0))
    return [weight / total if total else Fraction(0) for weight in weights]
