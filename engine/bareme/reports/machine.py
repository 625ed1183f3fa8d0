"""Machine formats: one spelling for each value, whatever the machine, locale or version.

JSON has sorted keys and no floats: published scores are decimal literals exactly as published,
unrounded ones are rationals as text; a character that nobody would see is spelt as an escape. CSV
is RFC 4180 with LF line ends; a text that a spreadsheet would compute gets a leading `'`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction

from bareme.exact import decimal, decimal_places, read_number
from bareme.text import HIDDEN

Value = None | bool | int | str | Fraction
Json = Value | Sequence["Json"] | Mapping[str, "Json"]
Record = Mapping[str, Value]


def json_text(value: Json) -> str:
    """Canonical JSON, indented by two, with a last line end."""
    return _json(value, "\n") + "\n"


def _json(value: Json, newline: str) -> str:
    inner = newline + "  "
    match value:
        case None | bool() | int():
            return json.dumps(value)
        case str():
            return _string(value)
        case Fraction():
            return number_text(value)
        case Mapping():
            items = [f"{_string(key)}: {_json(value[key], inner)}" for key in sorted(value)]
            return f"{{{inner}{f',{inner}'.join(items)}{newline}}}" if items else "{}"
        case _:
            parts = [_json(each, inner) for each in value]
            return f"[{inner}{f',{inner}'.join(parts)}{newline}]" if parts else "[]"


def _string(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], written)


def number_text(value: Fraction) -> str:
    """A published number with the decimals it needs: `66`, `65.6`."""
    places = decimal_places(value)
    if places is None:
        raise ValueError(f"{value} is no published number")
    return decimal(value, places)


def csv_text(columns: Sequence[str], records: Sequence[Record]) -> str:
    """A header and a line a record, in the order of `columns`; None is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow([_field(record[column]) for column in columns])
    return out.getvalue()


def _field(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Fraction():
            return number_text(value)
        case str():
            return f"'{value}" if _would_compute(value) else value


def _would_compute(text: str) -> bool:
    """Whether a spreadsheet would read the text as a formula; a plain negative number is none."""
    if isinstance(read_number(text), Fraction):
        return False
    return text.startswith(("=", "+", "-", "@", "\t", "\r", "'"))
