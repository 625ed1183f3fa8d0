"""Normalisation: how a measured number becomes points from 0 to 100."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction

from bareme.exact import bounded, decimal_in, fifty_digits

_LOWEST, _HIGHEST = Fraction(0), Fraction(100)
_SMALL_POWER = 8


def linear(value: Fraction, worst: Fraction, best: Fraction) -> Fraction:
    """Points on the straight line from `worst`, 0, to `best`, 100; beyond them it goes on.

    Source: OECD/JRC, Handbook on Constructing Composite Indicators (2008), step 5, min–max with
    fixed goalposts.
    """
    return (value - worst) * 100 / (best - worst)


def logarithmic(value: Fraction, worst: Fraction, best: Fraction) -> Fraction:
    """Points by the logarithm of the value, to 50 significant digits.

    Args:
        value: above 0.
        worst: 0 points; above 0.
        best: 100 points; above 0.

    Source: UNDP, Human Development Report, technical note 1 (the income index).
    """
    if value in (worst, best):
        return _LOWEST if value == worst else _HIGHEST

    def compute(context: Context) -> Decimal:
        share = context.divide(
            context.ln(decimal_in(context, value / worst)),
            context.ln(decimal_in(context, best / worst)),
        )
        return context.multiply(share, Decimal(100))

    return fifty_digits(compute)


def raised(value: Fraction, worst: Fraction, best: Fraction, power: Fraction) -> Fraction:
    """Points by the share of the way from worst to best, raised to a power.

    A power below 1 rewards the first steps, one above 1 the last. Exact where the power is a whole
    number up to 8; any other is rounded to 50 significant digits.

    Args:
        value: between `worst` and `best`.
        worst: 0 points.
        best: 100 points.
        power: above 0.
    """
    share = (value - worst) / (best - worst)
    if share in (0, 1):
        return share * 100
    if power.denominator == 1 and power <= _SMALL_POWER:
        return bounded(share**power.numerator) * 100

    def compute(context: Context) -> Decimal:
        logarithm = context.ln(decimal_in(context, share))
        of_1 = context.exp(context.multiply(logarithm, decimal_in(context, power)))
        return context.multiply(of_1, Decimal(100))

    return fifty_digits(compute)


def between_goalposts(
    value: Fraction,
    worst: Fraction,
    best: Fraction,
    *,
    log: bool,
    clamped: bool,
    power: Fraction = Fraction(1),
) -> Fraction:
    """Points by goalposts; clamped ones give 0 to what is worse, and 100 to what is better."""
    if clamped:
        if (value <= worst) if worst < best else (value >= worst):
            return _LOWEST
        if (value >= best) if worst < best else (value <= best):
            return _HIGHEST
    if power != 1:
        return raised(value, worst, best, power)
    return logarithmic(value, worst, best) if log else linear(value, worst, best)


def step_of(value: Fraction, limits: Sequence[Fraction], *, ascending: bool) -> int:
    """The number of the step that holds a value; the last one holds what no limit does.

    Args:
        value: any number.
        limits: ascending, each up to and with it; or descending, each from it upwards.
        ascending: which of the two.
    """
    if ascending:
        return bisect_left(limits, value)
    return len(limits) - bisect_right([*reversed(limits)], value)
