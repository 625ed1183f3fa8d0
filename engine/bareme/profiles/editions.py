"""An edition's own file: its title, its date, whether its cohort is whole, and its table."""

from __future__ import annotations

import re
from calendar import monthrange

from bareme.diagnostics import Diagnostic, instead, nearest, quote
from bareme.profiles.declared import read_layout
from bareme.profiles.fields import FieldReader
from bareme.profiles.nodes import read_nodes
from bareme.profiles.profile import Edition
from bareme.source import Source

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_OTHER_DATES = (
    r"(?P<day>[0-9]{1,2})\.? +(?P<month>[A-Za-z]{3,9})\.? +(?P<year>[0-9]{4})",
    r"(?P<month>[A-Za-z]{3,9})\.? +(?P<day>[0-9]{1,2}),? +(?P<year>[0-9]{4})",
    r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4})",
    r"(?P<year>[0-9]{4})[/.](?P<month>[0-9]{1,2})[/.](?P<day>[0-9]{1,2})",
)
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def _is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day of the calendar."""
    if not _DATE.fullmatch(text):
        return False
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def _date_meant(text: str) -> str | None:
    """A date as it is written here, where another way of writing leaves no doubt."""
    for pattern in _OTHER_DATES:
        if found := re.fullmatch(pattern, text.strip()):
            month = found["month"].lower()[:3]
            number = _MONTHS.index(month) + 1 if month in _MONTHS else month
            date = f"{found['year']}-{number:0>2}-{found['day']:0>2}"
            return date if _is_date(date) else None
    return None


def read_edition(id: str, source: Source) -> tuple[Edition, list[Diagnostic]]:
    """Read an `edition.yaml`: title, date, whether the cohort is whole, how its table is laid."""
    root, found = read_nodes(source)
    if root is None:
        return Edition(id, id, "", False), found
    reader = FieldReader(source, found)
    fields = reader.fields(root, ("title", "date", "cohort", "table"), "an edition")
    table = fields.pop("table", None)
    texts = {key: reader.text(node, f"`{key}`") for key, node in fields.items()}
    date = texts.get("date")
    if date and not _is_date(date.value):
        meant = _date_meant(date.value)
        help = f"`{meant}`" if meant else "as in `2023-07-18`"
        if _DATE.fullmatch(date.value):
            help = "it is in no calendar: look at the month and the day"
        fix = instead(date.span, meant)
        reader.error("E407", f"{quote(date.value)} is not a date", date.span, help, fix=fix)
    cohort = texts.get("cohort")
    if cohort and cohort.value not in ("partial", "complete"):
        reader.error(
            "E407",
            f"a cohort is `partial` or `complete`, not {quote(cohort.value)}",
            cohort.span,
            "`partial` where not every entity is there: then no ranks or medians are published",
            fix=instead(cohort.span, nearest(cohort.value, ("partial", "complete"))),
        )
    title = texts.get("title")
    return (
        Edition(
            id=id,
            title=title.value if title and title.value else id,
            date=date.value if date else "",
            partial=bool(cohort and cohort.value == "partial"),
            partial_span=cohort.span if cohort else None,
            table=read_layout(reader, table) if table is not None else None,
        ),
        found,
    )
