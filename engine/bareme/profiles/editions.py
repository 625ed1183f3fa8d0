"""An edition's own file: its title, its date, whether its cohort is whole, and its table."""

from __future__ import annotations

import re
from calendar import monthrange

from bareme.diagnostics import Diagnostic, quote
from bareme.profiles.declared import read_layout
from bareme.profiles.fields import FieldReader
from bareme.profiles.nodes import read_nodes
from bareme.profiles.profile import Edition
from bareme.source import Source

_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def _is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day of the calendar."""
    if not _DATE.fullmatch(text):
        return False
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


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
        reader.error("E407", f"{quote(date.value)} is not a date", date.span, "as in `2023-07-18`")
    cohort = texts.get("cohort")
    if cohort and cohort.value not in ("partial", "complete"):
        reader.error(
            "E407",
            f"a cohort is `partial` or `complete`, not {quote(cohort.value)}",
            cohort.span,
            "`partial` where not every entity is there: then no ranks or medians are published",
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
