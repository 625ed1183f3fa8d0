"""What `format` would change, as a unified diff."""

from __future__ import annotations

import difflib

from bareme.diagnostics import escape
from bareme.reports.lines import TextLine, line


def diff_lines(name: str, before: str, after: str) -> list[TextLine]:
    """The lines of a file that differ, each with what stands around it."""
    rows = difflib.unified_diff(
        before.splitlines(), after.splitlines(), name, name, lineterm="", n=2
    )
    styles = {"+": "good", "-": "poor"}
    return [line((escape(row), styles.get(row[:1], "dim"))) for row in rows]
