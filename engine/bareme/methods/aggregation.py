"""Aggregation: how the scores of parts make a parent's score.

Each method has a name, as the rules write it, an exact form, and the parts' contributions to what
it gives. Which parts count, and with what weight, is decided before (see `missing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache
from math import gcd, lcm

from bareme.exact import (
    MAX_BITS,
    TooManyBits,
    bounded,
    decimal_in,
    fifty_digits,
    logarithm_in,
    read_number,
    root,
)
from bareme.record import Record

Scores = Sequence[Fraction]
Weights = Sequence[Fraction]


def arithmetic_mean(scores: Scores, weights: Weights) -> Fraction:
    """Weighted arithmetic mean, exact.

    Args:
        scores: points of the parts that count, 0 to 100.
        weights: their weights, 0 or more and not all 0; as many as scores.

    Returns:
        Points between the least and the greatest score.

    Raises:
        TooManyBits: where it would be too long to compute with.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6.
    """
    # Integers over common denominators, one Fraction at the end: ten times a chain of Fractions.
    over = lcm(*(weight.denominator for weight in weights))
    whole = [weight.numerator * (over // weight.denominator) for weight in weights]
    total = sum(whole)
    under = lcm(*(score.denominator for score in scores))
    if under.bit_length() > MAX_BITS or over.bit_length() > MAX_BITS:
        raise TooManyBits
    points = sum(
        weight * score.numerator * (under // score.denominator)
        for weight, score in zip(whole, scores, strict=True)
    )
    return bounded(Fraction(points, under * total))


def shares(weights: Weights) -> list[Fraction]:
    """Weights, not all 0, normalised exactly to shares of 1."""
    total = sum(weights, Fraction(0))
    return [weight / total for weight in weights]


def arithmetic_contributions(scores: Scores, weights: Weights) -> list[Fraction | None]:
    """What each part adds to the arithmetic mean: its share times its score."""
    return [share * score for share, score in zip(shares(weights), scores, strict=True)]


def geometric_mean(scores: Scores, weights: Weights) -> Fraction:
    """Weighted geometric mean; 0 where a part is 0.

    A rational mean is exact where the weights are small whole numbers; any other is rounded to 50
    significant digits.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6.
    """
    scores, weights = _of_weight(scores, weights)
    low, high = min(scores), max(scores)
    if low == high or low <= 0:
        return max(low, Fraction(0))
    whole = _whole(weights)
    exact = _exact_root(scores, whole) if sum(whole) <= _SMALL else None
    if exact is not None:
        return exact
    total = Decimal(sum(whole))

    def compute(context: Context) -> Decimal:
        logarithms = Decimal(0)
        for weight, score in zip(whole, scores, strict=True):
            part = logarithm_in(context, score)
            logarithms = context.add(logarithms, context.multiply(Decimal(weight), part))
        return context.exp(context.divide(logarithms, total))

    return min(max(fifty_digits(compute), low), high)


_SMALL = 64  # whole weights that add up to no more are looked at for a rational mean


def _exact_root(scores: Scores, whole: Sequence[int]) -> Fraction | None:
    product = Fraction(1)
    for weight, score in zip(whole, scores, strict=True):
        product = bounded(product * score**weight)
    above = root(product.numerator, sum(whole))
    below = root(product.denominator, sum(whole)) if above is not None else None
    return None if above is None or below is None else Fraction(above, below)


def _whole(weights: Weights) -> list[int]:
    """The weights as the smallest whole numbers in the same proportion."""
    over = lcm(*(weight.denominator for weight in weights))
    whole = [weight.numerator * (over // weight.denominator) for weight in weights]
    common = gcd(*whole)
    return [each // common for each in whole]


def harmonic_mean(scores: Scores, weights: Weights) -> Fraction:
    """Weighted harmonic mean, exact; 0 where a part is 0.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6.
    """
    scores, weights = _of_weight(scores, weights)
    if min(scores) <= 0:
        return Fraction(0)
    return 1 / bounded(arithmetic_mean([1 / score for score in scores], weights))


def power_mean(scores: Scores, weights: Weights, power: Fraction) -> Fraction:
    """Weighted power mean; 0 where the power is below 0 and a part is 0.

    A rational mean of a whole power is exact where it is short; any other is rounded to 50
    significant digits. Power 1 is the arithmetic mean, -1 the harmonic.

    Args:
        scores: 0 or more.
        weights: as of the arithmetic mean.
        power: not 0.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 6.
    """
    scores, weights = _of_weight(scores, weights)
    low, high = min(scores), max(scores)
    if low == high or (low <= 0 and power < 0):
        return max(low, Fraction(0))
    exact = _exact_power_mean(scores, weights, power)
    if exact is not None:
        return exact
    whole = _whole(weights)

    def compute(context: Context) -> Decimal:
        exponent = decimal_in(context, power)
        added = Decimal(0)
        for weight, score in zip(whole, scores, strict=True):
            if score > 0:
                each = _raised(score, exponent, context.prec)
                added = context.add(added, context.multiply(Decimal(weight), each))
        mean = context.divide(added, Decimal(sum(whole)))
        return context.exp(context.divide(context.ln(mean), exponent))

    return min(max(fifty_digits(compute), low), high)


@lru_cache(maxsize=1 << 14)
def _raised(score: Fraction, exponent: Decimal, precision: int) -> Decimal:
    """A score to a power, in a precision; those of a cohort are few different ones."""
    context = Context(prec=precision, Emax=MAX_EMAX, Emin=MIN_EMIN)
    return context.exp(context.multiply(exponent, logarithm_in(context, score)))


_SMALL_POWER = 8  # whole powers up to it are looked at for a rational mean


def _exact_power_mean(scores: Scores, weights: Weights, power: Fraction) -> Fraction | None:
    if power.denominator != 1 or abs(power) > _SMALL_POWER:
        return None
    degree = abs(power.numerator)
    raised = [(score if power > 0 else 1 / score) ** degree for score in scores]
    mean = arithmetic_mean(raised, weights)
    above, below = root(mean.numerator, degree), root(mean.denominator, degree)
    if above is None or below is None:
        return None
    return Fraction(above, below) if power > 0 else Fraction(below, above)


def middle(scores: Scores, weights: Weights) -> Fraction:
    """The median of the parts; of an even count the mean of the middle two. No weights count."""
    ordered = sorted(_of_weight(scores, weights)[0])
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def best_of(scores: Scores, weights: Weights, count: int) -> Fraction:
    """The arithmetic mean of the best parts, so many of them; of all where there are fewer."""
    best = sorted(_of_weight(scores, weights)[0], reverse=True)[:count]
    return arithmetic_mean(best, [Fraction(1)] * len(best))


def least(scores: Scores, weights: Weights) -> Fraction:
    """The least score of any part."""
    return min(_of_weight(scores, weights)[0])


def greatest(scores: Scores, weights: Weights) -> Fraction:
    """The greatest score of any part."""
    return max(_of_weight(scores, weights)[0])


def total(scores: Scores, weights: Weights) -> Fraction:
    """The sum of the parts, each as often as its weight says."""
    result = Fraction(0)
    for weight, score in zip(weights, scores, strict=True):
        result = bounded(result + weight * score)
    return result


def sum_contributions(scores: Scores, weights: Weights) -> list[Fraction | None]:
    """What each part adds to a sum."""
    return [weight * score for weight, score in zip(weights, scores, strict=True)]


def no_contributions(scores: Scores, weights: Weights) -> list[Fraction | None]:
    """Of a method that does not add its parts up."""
    return [None for _ in zip(scores, weights, strict=True)]


def _of_weight(scores: Scores, weights: Weights) -> tuple[Scores, Weights]:
    """Without the parts of weight 0, which do not count."""
    kept = [(s, w) for s, w in zip(scores, weights, strict=True) if w != 0]
    return [s for s, _ in kept], [w for _, w in kept]


class Method(Record):
    """One aggregation: the parent's score, and what each part adds to it.

    Attributes:
        score: of scores and weights, not all 0.
        contributions: they add up to the score; None where the method does not add.
        mean: between the least and the greatest part, so that parts need one range.
        weighs: whether weights have an effect.
        from_0: whether it is of scores of 0 or more only.
    """

    score: Callable[[Scores, Weights], Fraction]
    contributions: Callable[[Scores, Weights], list[Fraction | None]]
    mean: bool = True
    weighs: bool = True
    from_0: bool = False

    @property
    def adds(self) -> bool:
        """Whether the score is the sum of what its parts contribute."""
        return self.contributions is not no_contributions


METHODS = {
    "arithmetic mean": Method(arithmetic_mean, arithmetic_contributions),
    "geometric mean": Method(geometric_mean, no_contributions, from_0=True),
    "harmonic mean": Method(harmonic_mean, no_contributions, from_0=True),
    "minimum": Method(least, no_contributions, weighs=False),
    "maximum": Method(greatest, no_contributions, weighs=False),
    "median": Method(middle, no_contributions, weighs=False),
    "sum": Method(total, sum_contributions, mean=False),
}
"""Every aggregation that has no number of its own, by the name that rules give it."""


@cache
def method_named(name: str) -> Method:
    """The aggregation of a name as the rules give it: `geometric mean`, `power 2`, `best 3`."""
    if name in METHODS:
        return METHODS[name]
    word, _, number = name.partition(" ")
    read = read_number(number)
    assert isinstance(read, Fraction)
    if word == "best":
        count = int(read)
        return Method(lambda s, w: best_of(s, w, count), no_contributions, weighs=False)
    assert word == "power"
    return Method(lambda s, w: power_mean(s, w, read), no_contributions, from_0=True)
