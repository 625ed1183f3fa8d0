"""Aggregation: how the scores of parts make a parent's score.

Each method has a name, as the rules write it, an exact form, and the parts' contributions to what
it gives. Which parts count, and with what weight, is decided before (see `missing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

Scores = Sequence[Fraction]
Weights = Sequence[Fraction]


def arithmetic_mean(scores: Scores, weights: Weights) -> Fraction:
    """Weighted arithmetic mean, exact.

    Args:
        scores: points of the parts that count, 0 to 100.
        weights: their weights, 0 or more and not all 0; as many as scores.

    Returns:
        Points between the least and the greatest score.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6.
    """
    # Integers over common denominators, one Fraction at the end: ten times a chain of Fractions.
    over = lcm(*(weight.denominator for weight in weights))
    whole = [weight.numerator * (over // weight.denominator) for weight in weights]
    total = sum(whole)
    under = lcm(*(score.denominator for score in scores))
    points = sum(
        weight * score.numerator * (under // score.denominator)
        for weight, score in zip(whole, scores, strict=True)
    )
    return Fraction(points, under * total)


def shares(weights: Weights) -> list[Fraction]:
    """Weights, not all 0, normalised exactly to shares of 1."""
    total = sum(weights, Fraction(0))
    return [weight / total for weight in weights]


def arithmetic_contributions(scores: Scores, weights: Weights) -> list[Fraction]:
    """What each part adds to the arithmetic mean: its share times its score."""
    return [share * score for share, score in zip(shares(weights), scores, strict=True)]


@dataclass(frozen=True, slots=True)
class Method:
    """One aggregation: the parent's score, and what each part adds to it."""

    score: Callable[[Scores, Weights], Fraction]
    contributions: Callable[[Scores, Weights], list[Fraction]]


METHODS = {"arithmetic mean": Method(arithmetic_mean, arithmetic_contributions)}
"""Every aggregation by the name that rules give it."""
