"""Exact numbers, and the one place that rounds.

A score is a `Fraction` from the first answer to the last mean. It is rounded once, when a figure
is published (`round_half_up`), and shortened only for the eye (`shorten`, which never rounds: it
cuts and says so with `…`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from bareme.record import Record

MAX_BITS = 65_536
"""Bits that an exact value may need; nothing an index scores comes near."""

FIGURES = 50
"""Significant digits of a value that is irrational, and so is rounded when it is computed."""

MAX_DIGITS = 18
"""Digits a written number may have before its point, and as many after it."""

_LONGEST = MAX_DIGITS + MAX_DIGITS + 3  # one character more than the longest number
_DECIMAL = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")


class NotANumber(Record):
    """Why a text is not a number as this project reads them; a sentence for a message."""

    reason: str


def read_number(text: str) -> Fraction | NotANumber:
    """Read `-?digits(.digits)?`, in ASCII only, to the exact rational; `-0` is 0."""
    found = _DECIMAL.fullmatch(text[:_LONGEST])
    if not found:
        return NotANumber("a number is written in digits, with a point for decimals, as in `12.5`")
    sign, whole, decimals = found[1], found[2], found[3] or ""
    if len(text) > _LONGEST or len(whole) > MAX_DIGITS or len(decimals) > MAX_DIGITS:
        return NotANumber(
            f"a number has at most {MAX_DIGITS} digits before the point and {MAX_DIGITS} after it"
        )
    value = Fraction(int(whole + decimals), 10 ** len(decimals))
    return -value if sign else value


class TooManyBits(ArithmeticError):
    """An exact value would need more than `MAX_BITS` bits."""


def bounded(value: Fraction) -> Fraction:
    """The value itself, if it is not too long to compute with.

    Raises:
        TooManyBits: where it is.
    """
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise TooManyBits
    return value


def fifty_digits(compute: Callable[[Context], Decimal]) -> Fraction:
    """An irrational value, correctly rounded to 50 significant digits and exact from then on.

    Args:
        compute: gives the value in a context, wrong by less than 10^-(precision - 50) of it.
    """
    rounding = Context(prec=FIGURES, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
    for precision in (110, 160, 300, 600):
        context = Context(prec=precision, Emax=MAX_EMAX, Emin=MIN_EMIN)
        value = compute(context)
        margin = context.multiply(abs(value), Decimal(10) ** (FIGURES - precision))
        low = rounding.plus(context.subtract(value, margin))
        if low == rounding.plus(context.add(value, margin)):
            return Fraction(low)
    return Fraction(rounding.plus(value))  # it lies on a half, as far as anyone can tell


def decimal_in(context: Context, value: Fraction) -> Decimal:
    """A rational as a decimal of a context's precision."""
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def logarithm_in(context: Context, value: Fraction) -> Decimal:
    """The natural logarithm of a rational above 0, in a context's precision.

    The scores of a cohort, and of the coalitions of a figure's parts, are few different ones.
    """
    return _logarithm(value, context.prec)


@lru_cache(maxsize=1 << 14)
def _logarithm(value: Fraction, precision: int) -> Decimal:
    context = Context(prec=precision, Emax=MAX_EMAX, Emin=MIN_EMIN)
    return context.ln(decimal_in(context, value))


def root(value: int, degree: int) -> int | None:
    """The whole number whose power of that degree is `value`, 0 or more; None where none is."""
    if value < 2 or degree == 1:
        return value
    low, high = 1, 1 << -(-value.bit_length() // degree)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**degree <= value:
            low = middle
        else:
            high = middle - 1
    return low if low**degree == value else None


def as_typed(stored: Fraction, digits: int) -> tuple[Fraction, bool]:
    """The number that somebody typed where a program has kept a 64-bit float of it.

    Programs that compute in floats show some 15 digits and write 17, so that the `1.1` of a person
    is `1.1000000000000001` in a file.

    Returns:
        The number, rounded half up to so many significant digits; and whether a float holds the
        same in its place as in place of `stored`: else somebody computed it.
    """
    if stored == 0:
        return stored, True
    size, sign = abs(stored), -1 if stored < 0 else 1
    if size >= 1:
        places = digits - len(str(math.floor(size)))
    else:
        places = digits - 1 + len(str(math.ceil(1 / size) - 1))
    unit = Fraction(10) ** places
    typed = math.floor(size * unit + Fraction(1, 2)) / unit
    return sign * typed, _float(typed) == _float(size)


def _float(value: Fraction) -> Fraction:
    """What a 64-bit float holds in place of a number above 0: 53 bits, halves to even."""
    shift = 53 - value.numerator.bit_length() + value.denominator.bit_length()
    shift -= value * Fraction(2) ** shift >= 2**53
    scaled = value * Fraction(2) ** shift
    whole = math.floor(scaled)
    rest = scaled - whole
    whole += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2)
    return whole / Fraction(2) ** shift


def round_half_up(value: Fraction, places: int) -> int:
    """Round to `places` decimals, halves upwards (towards plus infinity), as printed tables do.

    Published tables print 62.45 as 62.5; Python's `round` goes half to even, and a binary float
    can miss the tie altogether, so this stays in integers to the last step.

    Returns:
        The rounded value counted in units of its last decimal: 22.45 at one place is 225. Whole
        numbers compare far faster than fractions, and a cohort has many to compare.
    """
    power: int = 10**places
    return (2 * power * value.numerator + value.denominator) // (2 * value.denominator)


def round_each_half_up(
    numerators: Sequence[int | Fraction | None], denominator: int, places: int
) -> list[int | None]:
    """Round many values over one denominator, above 0, as `round_half_up` does each.

    Args:
        numerators: None where there is no value; None stands in its place.
    """
    doubled, under = 2 * 10**places, 2 * denominator
    return [
        None if each is None else (doubled * each + denominator) // under for each in numerators
    ]


def decimal(value: Fraction, places: int) -> str:
    """A value that has at most `places` decimals, written with exactly that many."""
    scaled = value * 10**places
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than {places} decimals")
    digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def shorten(value: Fraction, places: int = 3) -> str:
    """A value for the eye: all its decimals if it has few, else cut after `places` with `…`."""
    exact_places = decimal_places(value)
    if exact_places is not None and exact_places <= places:
        return decimal(value, exact_places)
    cut = Fraction(math.trunc(value * 10**places), 10**places)
    sign = "-" if value < 0 and cut == 0 else ""
    return f"{sign}{decimal(cut, places)}…"


def written(value: Fraction) -> str:
    """A number that somebody wrote, as they may write it again: with all its decimals."""
    return shorten(value, MAX_DIGITS)


def rational(value: Fraction) -> str:
    """The canonical text of an exact value, as in `45/2` or `30`."""
    return str(value)


def percent(share: Fraction) -> str:
    """A share of 1 as a percentage: `105%`, `33.333…%`, a tiny excess in full, `100.0000001%`."""
    value = share * 100
    places = decimal_places(value)
    if places is not None:
        return f"{decimal(value, places)}%"
    return f"{shorten(value)}%"


def decimal_places(value: Fraction) -> int | None:
    """How many decimals write the value exactly; None where no number of them does."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None
