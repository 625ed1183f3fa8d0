"""Check that changes by unrounded scores are counted from scores that are computed."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic, Note
from bareme.framework import Framework


def check_changes(framework: Framework) -> Iterator[Diagnostic]:
    """Report changes by unrounded scores from an edition as it was printed, which is rounded."""
    for index in framework.indices:
        by, compared = index.compare_by_unrounded, index.compare_with
        if not by.value or by.span is None or not index.as_published or compared is None:
            continue
        said = compared.span
        yield Diagnostic(
            "E232",
            "printed scores are rounded, so there are no unrounded ones to count changes from",
            by.span,
            "take this line out, or `as published`",
            (Note("changes are counted from what was printed", said),) if said else (),
        )
