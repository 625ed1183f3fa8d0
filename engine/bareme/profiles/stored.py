"""What a workbook stores of a number, as the text that somebody typed; never through a float.

A spreadsheet keeps `1.1` as `1.1000000000000001`, `0.005` as `5.0000000000000001E-3`, `25%` as
`0.25` and a format, and a date as a count of days and a format.
"""

from __future__ import annotations

import re
from fractions import Fraction

from bareme.exact import as_typed, decimal, decimal_places

SHOWN_DIGITS = 15  # that a spreadsheet shows of a number, at most
_LONGEST = 60
_STORED = re.compile(r"(-?[0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,2}))?")
_NOT_A_UNIT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # that need no format
_PERCENTS = {9, 10}


def read_stored(text: str) -> tuple[Fraction, Fraction] | None:
    """The number that was typed, and the one that is stored; None where it is none.

    The two differ where the stored one was computed: no number of at most 15 digits is kept so.
    """
    found = _STORED.fullmatch(text[: _LONGEST + 1])
    if found is None:
        return None
    decimals = found[2] or ""
    stored = Fraction(int(found[1] + decimals), 10 ** len(decimals))
    if found[1].startswith("-") and stored > 0:  # -0.5: the sign stands before a zero
        stored = -stored
    stored *= Fraction(10) ** int(found[3] or 0)
    typed, same = as_typed(stored, SHOWN_DIGITS)
    return typed, typed if same else stored


def plain_number(value: Fraction, percent: bool = False) -> str:
    """A decimal number in digits, and with its sign where it is a percent."""
    value = value * 100 if percent else value
    places = decimal_places(value)
    assert places is not None
    return decimal(value, places) + ("%" if percent else "")


def is_date(number: int, form: str) -> bool:
    """Whether a number of this format is a date or a time.

    Args:
        number: the format's, which says it all where the workbook does not write it out.
        form: the format as written out, or nothing.
    """
    return re.search("[ymdhs]", _units(form)) is not None if form else number in _DATES


def is_percent(number: int, form: str) -> bool:
    """Whether a number of this format is shown as a percent."""
    return "%" in _units(form) if form else number in _PERCENTS


def _units(form: str) -> str:
    """A format without its texts, colours and conditions."""
    return _NOT_A_UNIT.sub("", form).casefold().replace("general", "")
