"""The page of each message, as the documentation has it, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from bareme import files
from bareme.reports.lines import WIDTH, fold

_HEADING = re.compile(r"# ([A-Z][0-9]{3}): (.*)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@cache
def _pages() -> dict[str, str]:
    """The text of every page by its code."""
    return {name.removesuffix(".md"): text for name, text in files.message_pages().items()}


def codes() -> list[str]:
    """Every code that has a page, sorted."""
    return sorted(_pages())


def listing() -> list[str]:
    """Every code with what its message says."""
    return [found[0][2:] for code in codes() if (found := _HEADING.match(_pages()[code]))]


def page(code: str) -> list[str] | None:
    """The lines of a page, no wider than a terminal; None where there is no such code."""
    text = _pages().get(code.upper())
    return None if text is None else list(_plain(text))


def _plain(text: str) -> Iterator[str]:
    fenced = False
    paragraph: list[str] = []
    for row in [*text.splitlines(), ""]:
        if row.startswith("```"):
            fenced = not fenced
        elif fenced:
            yield f"    {row}".rstrip()
        elif not row.strip() or row.startswith(("#", "|", "- ")):
            yield from fold(" ".join(paragraph), WIDTH - 1) if paragraph else ()
            paragraph = []
            text = _LINK.sub(r"\1", row.lstrip("# "))
            yield from fold(text, WIDTH - 1) if row.startswith("#") else [text]
        else:
            paragraph.append(_LINK.sub(r"\1", row.strip()))
