"""Exact numbers, held against plain references: by hand, or by the standard library's decimals."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import naive
from bareme.exact import (
    MAX_DIGITS,
    NotANumber,
    TooManyBits,
    as_typed,
    bounded,
    decimal_in,
    decimal_places,
    fifty_digits,
    logarithm_in,
    percent,
    rational,
    read_number,
    root,
    round_each_half_up,
    shorten,
)
from bareme.exact import _float as in_a_float
from bareme.exact import decimal as written
from bareme.exact import round_half_up as in_units
from bareme.exact import written as written_out

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


def test_many_are_rounded_over_one_denominator_each_like_one():
    tenths = [225, -225, 224, None, 0, Fraction(449, 2)]  # the last is 22.45

    assert round_each_half_up(tenths, 10, 0) == [23, -22, 22, None, 0, 22]
    assert round_each_half_up(tenths, 10, 1) == [225, -225, 224, None, 0, 225]
    assert round_each_half_up(tenths, 1000, 1) == [2, -2, 2, None, 0, 2]
    assert round_each_half_up([], 10, 0) == []


# ---- what is too long, and what is irrational


def test_a_value_may_need_so_many_bits_above_and_below_and_no_more():
    longest = 2**65_536 - 1

    for value in (Fraction(longest), Fraction(-longest), Fraction(1, longest), Fraction(0)):
        assert bounded(value) is value
    for value in (longest + 1, -longest - 1, Fraction(1, longest + 1), Fraction(3, longest + 1)):
        with pytest.raises(TooManyBits):
            bounded(Fraction(value))


LN_2 = "0.69314718055994530941723212145817656807550013436026"  # of a table; …4360255 254…
ROOT_2 = "1.4142135623730950488016887242096980785696718753769"  # of a table; …753769 48…


def test_an_irrational_value_has_fifty_digits_and_is_computed_once():
    asked = []

    def compute(context: decimal.Context) -> decimal.Decimal:
        asked.append(context.prec)
        return context.sqrt(decimal.Decimal(2))

    assert fifty_digits(compute) == Fraction(ROOT_2)
    assert len(asked) == 1


@pytest.mark.parametrize("sign", ["", "-"])
def test_of_a_value_close_to_a_half_more_digits_are_asked_for(sign):
    below = sign + "1." + "0" * 49 + "4" + "9" * 80  # a half of the fiftieth digit, less a hair
    above = sign + "1." + "0" * 49 + "5" + "0" * 79 + "1"

    for off in (decimal.Decimal("0.9"), decimal.Decimal("-0.9"), decimal.Decimal(0)):
        assert fifty_digits(wrong_by(below, off)) == Fraction(sign + "1")
        assert fifty_digits(wrong_by(above, off)) == Fraction(sign + "1." + "0" * 48 + "1")


def wrong_by(text: str, off: decimal.Decimal) -> Callable[[decimal.Context], decimal.Decimal]:
    """Gives a number in a context, off by so much of what `fifty_digits` allows."""

    def compute(context: decimal.Context) -> decimal.Decimal:
        exact = decimal.Decimal(text)
        wide = decimal.Context(prec=context.prec + 60)
        slip = wide.multiply(exact, off.scaleb(50 - context.prec))
        return context.plus(wide.add(exact, slip))

    return compute


def test_a_half_that_no_digits_decide_goes_to_the_even_digit():
    assert fifty_digits(wrong_by("1." + "0" * 49 + "5", decimal.Decimal(0))) == 1
    odd = "1." + "0" * 48 + "15"

    assert fifty_digits(wrong_by(odd, decimal.Decimal(0))) == Fraction("1." + "0" * 48 + "2")


def test_logarithms_and_quotients_have_the_digits_of_their_context():
    context = decimal.Context(prec=50)

    assert logarithm_in(context, Fraction(2)) == decimal.Decimal(LN_2)
    assert logarithm_in(context, Fraction(1, 2)) == decimal.Decimal("-" + LN_2)
    assert logarithm_in(decimal.Context(prec=5), Fraction(2)) == decimal.Decimal("0.69315")
    assert decimal_in(decimal.Context(prec=5), Fraction(2, 3)) == decimal.Decimal("0.66667")


@pytest.mark.parametrize(
    ("value", "degree", "wanted"),
    [
        (0, 3, 0),
        (1, 5, 1),
        (7, 1, 7),
        (2, 2, None),
        (3, 2, None),
        (4, 2, 2),
        (8, 3, 2),
        (9, 3, None),
        (9, 2, 3),
        (15, 2, None),
        (16, 2, 4),
        (26, 3, None),
        (27, 3, 3),
        (10**30, 3, 10**10),
        (10**30 - 1, 3, None),
        (10**30 + 1, 3, None),
        (3**64, 64, 3),
        (2**64 - 1, 64, None),
    ],
)
def test_a_root_is_whole_or_none(value, degree, wanted):
    assert root(value, degree) == wanted


# ---- what a float keeps of a number


@pytest.mark.parametrize(
    ("stored", "digits", "typed", "kept"),
    [
        ("0", 15, "0", True),
        ("1", 15, "1", True),
        ("1.1000000000000001", 15, "1.1", True),
        ("-1.1000000000000001", 15, "-1.1", True),
        ("0.30000000000000004", 15, "0.3", False),  # 0.1 + 0.2, in floats
        ("12.5", 2, "13", False),
        ("-12.5", 2, "-13", False),  # the size is rounded, whatever the sign
        ("1.25", 2, "1.3", False),
        ("9.5", 2, "9.5", True),
        ("99.5", 2, "100", False),
        ("125", 2, "130", False),
        ("0.125", 2, "0.13", False),
        ("0.0125", 2, "0.013", False),
        ("-0.0125", 2, "-0.013", False),
        ("0.1", 1, "0.1", True),
        ("0.104", 2, "0.1", False),
        ("0.1045", 2, "0.1", False),
        ("0.0996", 2, "0.1", False),
        ("0.0994", 2, "0.099", False),
    ],
)
def test_what_was_typed_is_rounded_to_the_digits_that_programs_show(stored, digits, typed, kept):
    assert as_typed(Fraction(stored), digits) == (Fraction(typed), kept)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (2**53, 2**53),
        (2**53 - 1, 2**53 - 1),
        (2**53 + 1, 2**53),  # halves to even
        (2**53 + 3, 2**53 + 4),
        (2**54 + 3, 2**54 + 4),
        (2**54 + 1, 2**54),
        (Fraction(2**53 + 1, 2**60), Fraction(2**53, 2**60)),
        (Fraction(3 * 2**54 + 1, 3 * 2**54), 1),
        (Fraction(1, 3), Fraction(6004799503160661, 2**54)),  # 0.333333333333333314829616256…
        (Fraction(1, 10), Fraction(3602879701896397, 2**55)),  # 0.1000000000000000055511151231…
    ],
)
def test_a_float_holds_53_bits(value, kept):
    assert in_a_float(Fraction(value)) == kept == Fraction(float(Fraction(value)))


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


def test_a_number_has_18_digits_on_each_side_of_its_point_and_no_more():
    digits = "1" * 18
    longest = Fraction(int(digits * 2), 10**18)

    assert read_number(f"-{digits}.{digits}") == -longest
    assert isinstance(read_number(f"{digits}1"), NotANumber)
    assert isinstance(read_number(f"0.{digits}1"), NotANumber)


def test_so_long_a_text_is_refused_for_its_length_whatever_it_ends_in():
    """Thirty-nine digits are too many, so nobody looks at what comes after them."""
    for text in ("1" * 39, "1" * 39 + "x", "1" * 40 + "x", "1" * 1_000 + "x"):
        assert read_number(text).reason.startswith("a number has at most 18 digits")
    assert read_number("1" * 38 + "x").reason.startswith("a number is written in digits")


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


def test_what_is_cut_keeps_its_sign_even_where_only_noughts_are_left():
    assert shorten(Fraction(1, 3000)) == "0.000…"
    assert shorten(Fraction(-1, 3000)) == "-0.000…"
    assert shorten(Fraction(-2, 3)) == "-0.666…"
    assert shorten(Fraction(-4, 3), 0) == "-1…"


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


def test_what_somebody_wrote_is_written_again_with_all_its_decimals():
    assert written_out(Fraction("12.50")) == "12.5"
    assert written_out(Fraction(-3)) == "-3"
    assert written_out(Fraction(1, 10**MAX_DIGITS)) == "0." + "0" * (MAX_DIGITS - 1) + "1"
