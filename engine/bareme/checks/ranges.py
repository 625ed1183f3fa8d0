"""Every score lies from 0 to 100, for every profile that could be.

A question scores the points of one of its labels. A weighted mean with weights of 0 or more
(`check_weights`) lies between the least and the greatest of what it averages, and a given score is
refused outside the range where it is read. So no score can leave the range unless some label's
points do, and that label, answered, is the profile that does it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic, quote
from bareme.exact import shorten
from bareme.framework import HIGHEST, LOWEST, Framework, Label, Scale


def check_ranges(framework: Framework) -> Iterator[Diagnostic]:
    """Report each label whose points would take a score out of its range."""
    asked: dict[str, str] = {}
    own: dict[str, Scale] = {}
    for question in framework.questions.values():
        if question.scale is not None:
            asked.setdefault(question.scale.name, question.id)
            if question.scale.own:
                own[question.id] = question.scale
    for scale in [*framework.scales, *own.values()]:
        if scale.reverse_of is None:  # a reversal is out of range only where its origin is
            for label in scale.labels:
                if label.points is not None and not LOWEST <= label.points <= HIGHEST:
                    yield _out_of_range(scale, label, asked.get(scale.name))


def _out_of_range(scale: Scale, label: Label, question: str | None) -> Diagnostic:
    assert label.points is not None
    points = shorten(label.points)
    side = "above 100" if label.points > HIGHEST else "below 0"
    whom = f"a profile that answers {quote(label.text)} to `{question}`" if question else (
        f"whoever answers {quote(label.text)}"
    )  # fmt: skip
    marks = f" ({scale.how})" if scale.how.startswith("out of") else ""
    return Diagnostic(
        "E305",
        f"{whom} would score {points}{marks}, {side}",
        label.span,
        f"points lie from 0 to the maximum, `{scale.how}`"
        if marks
        else "points lie from 0 to 100; write `out of` a maximum if they are counted otherwise",
    )
