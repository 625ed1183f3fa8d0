"""Exact numbers, held against plain references: by hand, or by the standard library's decimals."""

from __future__ import annotations

import decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import naive
from bareme.exact import (
    MAX_DIGITS,
    NotANumber,
    decimal_places,
    percent,
    rational,
    read_number,
    shorten,
)
from bareme.exact import decimal as written
from bareme.exact import round_half_up as in_units

PLACES = (0, 1, 2)
FRACTIONS = [(k, n) for n in range(1, 41) for k in range(n + 1)]

many = settings(max_examples=settings.default.max_examples * 5)
rationals = st.fractions(min_value=-1000, max_value=1000, max_denominator=5000)


# ---- rounding (C6)


def by_standard_library(value: Fraction, places: int) -> Fraction:
    """Half up for values of 0 and more, by `decimal`, on a quotient of 60 digits.

    A quotient that ends within 60 digits is exact, so its ties are; one that does not end is
    no tie, and 60 digits tell on which side of one it lies.
    """
    with decimal.localcontext() as context:
        context.prec = 60
        quotient = decimal.Decimal(value.numerator) / decimal.Decimal(value.denominator)
        step = decimal.Decimal(1).scaleb(-places)
        return Fraction(quotient.quantize(step, rounding=decimal.ROUND_HALF_UP))


def round_half_up(value: Fraction, places: int) -> Fraction:
    """The engine's rounding, which counts in units of the last decimal, as a number."""
    return Fraction(in_units(value, places), 10**places)


def nearest_step(value: Fraction, places: int) -> Fraction:
    """The nearest step by trying them; of two equally near, the higher."""
    around = int(value * 10**places)
    steps = [Fraction(around + k, 10**places) for k in (-2, -1, 0, 1, 2)]
    return max(steps, key=lambda step: (-abs(step - value), step))


@pytest.mark.parametrize("places", PLACES)
def test_every_fraction_with_a_denominator_up_to_40_rounds_half_up(places):
    assert len(FRACTIONS) == 860
    for k, n in FRACTIONS:
        for value in (Fraction(k, n), Fraction(100 * k, n), Fraction(k, n) / 10**places):
            wanted = by_standard_library(value, places)
            assert round_half_up(value, places) == wanted, (k, n)
            assert naive.half_up(value, places) == wanted, (k, n)


@pytest.mark.parametrize("places", PLACES)
def test_negative_values_round_halves_upwards_too(places):
    for k, n in FRACTIONS:
        for value in (Fraction(-k, n), Fraction(-100 * k, n)):
            assert round_half_up(value, places) == nearest_step(value, places), (k, n)


@pytest.mark.parametrize(
    ("value", "places", "wanted"),
    [
        ("62.45", 1, "62.5"),
        ("62.65", 1, "62.7"),  # a binary float holds 62.65000000000000568, or just below
        ("2.675", 2, "2.68"),  # and this just below the tie
        ("1.005", 2, "1.01"),
        ("22.5", 0, "23"),
        ("0.5", 0, "1"),
        ("-0.5", 0, "0"),
        ("-2.5", 0, "-2"),
        ("99.5", 0, "100"),
        ("0.4999999999999999999999999999", 0, "0"),
    ],
)
def test_ties_go_up(value, places, wanted):
    assert round_half_up(Fraction(value), places) == Fraction(wanted)


@many
@given(value=rationals, places=st.integers(0, 9))
def test_rounding_moves_by_at_most_half_a_step_and_only_once(value, places):
    rounded = round_half_up(value, places)
    half = Fraction(1, 2 * 10**places)

    assert -half <= value - rounded < half
    assert round_half_up(rounded, places) == rounded
    assert naive.half_up(value, places) == rounded
    assert round_half_up(value + 1, places) == rounded + 1


@many
@given(value=rationals, other=rationals, places=st.integers(0, 3))
def test_rounding_keeps_the_order(value, other, places):
    assume(value <= other)
    assert round_half_up(value, places) <= round_half_up(other, places)


# ---- reading (A7)

DIGITS = "0123456789"
ALPHABET = "019.-+e,_ x\u2212\u0663"  # the last two: a minus sign, an Arabic-Indic three


def read_by_hand(text: str) -> Fraction | None:
    """`-?digits(.digits)?` in ASCII, a character at a time; None where it is anything else."""
    value, scale, sign = 0, 0, 1
    state = "start"
    for at, character in enumerate(text):
        if character == "-" and at == 0:
            sign = -1
        elif character == "." and state == "whole":
            state = "point"
        elif character in DIGITS:
            value = value * 10 + DIGITS.index(character)
            if state in ("point", "decimals"):
                state, scale = "decimals", scale + 1
            else:
                state = "whole"
        else:
            return None
    return sign * Fraction(value, 10**scale) if state in ("whole", "decimals") else None


def differences(longest: int) -> list[str]:
    """The strings over the alphabet, up to a length, that the two readers read differently."""
    return [
        text
        for length in range(longest + 1)
        for characters in product(ALPHABET, repeat=length)
        if agree(text := "".join(characters)) is False
    ]


def agree(text: str) -> bool:
    ours, wanted = read_number(text), read_by_hand(text)
    if isinstance(ours, NotANumber):
        return wanted is None
    return wanted is not None and ours == wanted


def test_every_string_of_up_to_five_signs_is_read_as_by_hand():
    assert differences(5) == []  # 402,234 strings


@pytest.mark.long
def test_every_string_of_up_to_six_signs_is_read_as_by_hand():
    assert differences(6) == []


@many
@given(text=st.text(st.sampled_from(ALPHABET + "2345678\n\t/%eE∞½²٣३𝟗"), max_size=12))
def test_longer_strings_are_read_as_by_hand(text):
    assert agree(text), text


@many
@given(
    whole=st.text(DIGITS, min_size=1, max_size=MAX_DIGITS),
    decimals=st.text(DIGITS, max_size=MAX_DIGITS),
    sign=st.sampled_from(["", "-"]),
)
def test_every_number_within_the_limit_is_read_exactly(whole, decimals, sign):
    text = f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"

    assert read_number(text) == Fraction(text)
    assert read_number(text) == read_by_hand(text)


@pytest.mark.parametrize("text", ["-0", "-0.0", "-00.00", "0", "0.000"])
def test_minus_nought_is_nought(text):
    value = read_number(text)

    assert value == 0
    assert rational(value) == "0"


HOSTILE = {
    "a huge negative exponent": "1e-30000000",
    "a huge exponent": "1e30000000",
    "5,000 digits": "9" * 5_000,
    "5,000 decimals": "0." + "1" * 5_000,
    "a million digits": "1" * 1_000_000,
    "a million noughts and a letter": "0" * 1_000_000 + "x",
    "a million points": "." * 1_000_000,
    "one digit too many": "1" * (MAX_DIGITS + 1),
    "one decimal too many": "0." + "1" * (MAX_DIGITS + 1),
    "a line end after it": "1\n",
    "a space before it": " 1",
    "not a number": "NaN",
    "without end": "inf",
    "hexadecimal": "0x1F",
    "grouped": "1_000",
    "a decimal comma": "1,5",
    "a plus": "+1",
    "a minus sign of print": "\u22121",
    "Arabic-Indic": "\u0661\u0662",
    "full width": "\uff11",
    "superscript": "1\u00b2",
    "a half": "\u00bd",
    "nothing before the point": ".5",
    "nothing after the point": "5.",
    "a share": "1/3",
    "a percentage": "5%",
    "no text": "",
    "a sign alone": "-",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_number_is_refused(text):
    found = read_number(text)

    assert isinstance(found, NotANumber)
    assert found.reason


# ---- writing


@many
@given(units=st.integers(-(10**9), 10**9), places=st.integers(0, 9))
def test_a_decimal_is_written_with_exactly_its_places_and_reads_back(units, places):
    value = Fraction(units, 10**places)
    text = written(value, places)

    assert read_number(text) == value
    assert len(text.partition(".")[2]) == places
    assert ("." in text) == (places > 0)
    assert not text.startswith("-") or value < 0


@many
@given(value=rationals, places=st.integers(0, 6))
def test_a_decimal_never_rounds(value, places):
    enough = (value * 10**places).denominator == 1

    if enough:
        assert Fraction(written(value, places)) == value
    else:
        with pytest.raises(ValueError, match="decimals"):
            written(value, places)


@many
@given(value=rationals, places=st.integers(0, 5))
def test_shortening_cuts_and_says_so(value, places):
    text = shorten(value, places)
    shown = Fraction(text.removesuffix("…"))

    assert text.endswith("…") == (shown != value)
    assert abs(shown) <= abs(value)
    assert abs(value - shown) < Fraction(1, 10**places)
    assert len(text.removesuffix("…").partition(".")[2]) <= places
    assert text.startswith("-") == (value < 0)


@many
@given(value=rationals)
def test_a_rational_has_one_spelling_that_reads_back(value):
    text = rational(value)

    assert Fraction(text) == value
    assert text == str(value.numerator) + (f"/{value.denominator}" if value.denominator > 1 else "")


@many
@given(value=rationals)
def test_decimal_places_are_the_fewest_that_hold_a_value(value):
    places = decimal_places(value)
    ends = next((n for n in range(20) if (value * 10**n).denominator == 1), None)

    assert places == ends  # a denominator up to 5,000 that ends does so within 12 decimals


@many
@given(value=rationals)
def test_a_percentage_shows_even_the_smallest_excess(value):
    text = percent(value)
    assert text.endswith("%")
    shown = Fraction(text.rstrip("…%"))

    if "…" in text:
        assert shown != value * 100
        assert abs(value * 100 - shown) < Fraction(1, 1000)
    else:
        assert shown == value * 100


def test_a_percentage_off_by_one_part_in_ten_to_the_twelfth_is_shown_in_full():
    assert percent(1 + Fraction(1, 10**12)) == "100.0000000001%"
    assert percent(1 - Fraction(1, 10**12)) == "99.9999999999%"
    assert percent(Fraction(1, 3)) == "33.333…%"
    assert percent(Fraction(1)) == "100%"
