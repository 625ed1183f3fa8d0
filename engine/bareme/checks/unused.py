"""Scales that no question is answered on: often a slip, never an error."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic
from bareme.framework import Framework


def check_unused(framework: Framework) -> Iterator[Diagnostic]:
    """Warn of each named scale and each listed question that nothing refers to."""
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
    whens = [when for figure in framework.figures.values() for when in figure.whens]
    whens += [w for index in framework.indices for w in (index.include, index.ranked) if w]
    read = {id for when in whens for id in when.answers}
    for question in framework.apart:
        if question.id not in framework.asked_at and question.id not in read:
            yield Diagnostic(
                "W204",
                f"question `{question.id}` is asked by no figure, and no condition reads it",
                question.name_span,
                f"write `ask {question.id}` under a figure, or delete it",
            )
