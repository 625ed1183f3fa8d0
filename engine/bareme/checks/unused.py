"""Scales that no question is answered on: often a slip, never an error."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic
from bareme.framework import Framework


def check_unused(framework: Framework) -> Iterator[Diagnostic]:
    """Warn of each named scale that nothing refers to."""
    used = {q.scale.name for q in framework.questions.values() if q.scale and not q.scale.own}
    used |= {scale.reverse_of for scale in framework.scales if scale.reverse_of}
    for scale in framework.scales:
        if scale.name not in used:
            yield Diagnostic(
                "W201",
                f"scale `{scale.name}` is used by no question",
                scale.span,
                f"delete it, or write `on {scale.name}` after a question",
            )
