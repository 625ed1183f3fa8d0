"""Scales: labels to points, evenly spaced or as written, marks out of a maximum, reversals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Note, listing, nearest, quote
from bareme.exact import shorten
from bareme.framework import HIGHEST, Label, Scale
from bareme.language import tree
from bareme.source import Span


def resolve_scale(name: str, body: tree.ScaleBody, own: bool, found: list[Diagnostic]) -> Scale:
    """A scale that is written out, its points worked out; what is wrong goes to `found`."""
    before = len(found)
    what = f"the options of question `{name}`" if own else f"scale `{name}`"
    found += _check_labels(what, body)
    scored = [each for each in body.labels if not isinstance(each.points, tree.Excluded)]
    if body.order is None:
        labels, how = _as_written(body), "points as written"
        if body.out_of is not None:
            how = f"out of {shorten(body.out_of.value)}"
    else:
        labels, how = _evenly(body, [each.span for each in scored]), f"{body.order}, evenly spaced"
    complete = not body.damaged and len(found) == before
    return Scale(name, labels, how, None, own, complete, body.span)


def reverse(scale: Scale, name: str, span: Span) -> Scale:
    """The same labels with 100 minus the points; excluded labels stay excluded."""
    labels = tuple(
        Label(each.text, each.code, None if each.points is None else HIGHEST - each.points, span)
        for each in scale.labels
    )
    return Scale(name, labels, f"reverse of {scale.name}", scale.name, False, scale.complete, span)


def _as_written(body: tree.ScaleBody) -> tuple[Label, ...]:
    most = body.out_of.value if body.out_of and body.out_of.value > 0 else HIGHEST
    return tuple(
        Label(
            each.text,
            each.code,
            each.points.value * HIGHEST / most if isinstance(each.points, tree.Number) else None,
            each.span,
        )
        for each in body.labels
    )


def _evenly(body: tree.ScaleBody, scored: list[Span]) -> tuple[Label, ...]:
    steps = max(len(scored) - 1, 1)
    labels: list[Label] = []
    at = 0
    for each in body.labels:
        points: Fraction | None = None
        if not isinstance(each.points, tree.Excluded):
            rank = at if body.order is tree.Order.WORST_FIRST else steps - at
            points = HIGHEST * rank / steps
            at += 1
        labels.append(Label(each.text, each.code, points, each.span))
    return tuple(labels)


def _check_labels(what: str, body: tree.ScaleBody) -> Iterator[Diagnostic]:
    yield from _check_duplicates(what, body.labels)
    if body.out_of is not None and body.out_of.value <= 0:
        yield Diagnostic(
            "E305",
            f"{what} counts out of {shorten(body.out_of.value)}; a maximum is above 0",
            body.out_of.span,
        )
    if body.order is None:
        yield from _check_points_written(what, body)
    else:
        yield from _check_evenly_spaced(what, body)
    scored = [each for each in body.labels if not isinstance(each.points, tree.Excluded)]
    if not body.labels and not body.damaged:
        yield Diagnostic(
            "E210",
            f"{what} has no labels",
            body.span,
            "write them on lines of their own below, `Label = 100`, or after a colon",
        )
    elif len(scored) < 2 and body.order is not None and not body.damaged:
        yield Diagnostic(
            "E212",
            f"{what} cannot be spaced evenly: it has {len(scored)} scored label",
            body.span,
            "give at least two labels, or write the points",
        )


def _check_duplicates(what: str, labels: Iterable[tree.Label]) -> Iterator[Diagnostic]:
    first: dict[str, tree.Label] = {}
    for label in labels:
        for name in (label.text, *([label.code] if label.code else [])):
            other = first.setdefault(name, label)
            if other is not label:
                yield Diagnostic(
                    "E205",
                    f"{quote(name)} stands twice in {what}",
                    label.span,
                    "every label and code names one answer",
                    (Note("it first stands here", other.span),),
                )


def _check_points_written(what: str, body: tree.ScaleBody) -> Iterator[Diagnostic]:
    bare = [each for each in body.labels if each.points is None]
    if body.damaged:
        return
    if bare and len(bare) == len(body.labels):
        yield Diagnostic(
            "E211",
            f"{what} says neither points nor which end is best",
            body.span,
            "write `best first` for even spacing, or points, `Label = 100`",
        )
        return
    for label in bare:
        yield Diagnostic(
            "E211", f"label {quote(label.text)} has no points", label.span, _hint(label)
        )


def _hint(label: tree.Label) -> str:
    words = label.text.replace("=", " ").replace(":", " ").split()
    if label.text.isdecimal():
        return "a number has a decimal point, not a comma; or quote and score this label"
    if len(words) > 1 and words[-1].isdecimal():
        return f"`{' '.join(words[:-1])} = {words[-1]}`, with a space on both sides of `=`"
    return f"`{label.text} = 50`, or `= excluded` if it does not count"


def _check_evenly_spaced(what: str, body: tree.ScaleBody) -> Iterator[Diagnostic]:
    for label in body.labels:
        if isinstance(label.points, tree.Number):
            yield Diagnostic(
                "E213",
                f"{what} is `{body.order}`, evenly spaced, and yet {quote(label.text)} has points",
                label.points.span,
                f"take `, {body.order}` out and give every label points, or take the points out",
            )
    if body.out_of is not None:
        yield Diagnostic(
            "E213",
            f"{what} is evenly spaced, so nothing counts `out of` a maximum",
            body.out_of.span,
            "take `out of …` out",
        )


def unknown_scale(name: tree.Name, visible: Iterable[str], elsewhere: dict[str, str]) -> Diagnostic:
    """A scale that is not there: misspelt, or in a file that this one does not use."""
    if name.text in elsewhere:
        return Diagnostic(
            "E206",
            f"scale {quote(name.text)} stands in another file",
            name.span,
            f"write `use {elsewhere[name.text]}` at the top of this file",
        )
    known = sorted(visible)
    near = nearest(name.text, known) or nearest(name.text, sorted(elsewhere))
    if near and near in elsewhere:
        help = f"`{near}`, with `use {elsewhere[near]}` at the top of this file"
    elif near:
        help = f"`{near}`"
    else:
        help = f"the scales here are {listing(known)}" if known else "no scale is declared yet"
    return Diagnostic("E201", f"there is no scale {quote(name.text)}", name.span, help)
