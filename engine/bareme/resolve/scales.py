"""Scales: labels to points, evenly spaced or as written, marks out of a maximum, reversals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from bareme.diagnostics import (
    MAX_EDITS,
    Diagnostic,
    Edit,
    Fix,
    Note,
    counted,
    instead,
    listing,
    nearest,
    quote,
    without,
)
from bareme.exact import shorten, written
from bareme.framework import HIGHEST, Label, Scale
from bareme.language import tree
from bareme.record import Record, replace
from bareme.source import Span

_ID = re.compile(r"[a-z][a-z0-9_]*")
_WITH_POINTS = re.compile(r"(.*?[^\s:=,])\s*[\s:=]\s*([0-9]+(?:\.[0-9]+)?)$")


def resolve_scale(name: str, body: tree.ScaleBody, own: bool, found: list[Diagnostic]) -> Scale:
    """A scale that is written out, its points worked out; what is wrong goes to `found`."""
    before = len(found)
    what = f"the list of options of question `{name}`" if own else f"scale `{name}`"
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
        replace(each, points=None if each.points is None else HIGHEST - each.points, span=span)
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
            tuple(alias.text for alias in each.aliases),
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
        aliases = tuple(alias.text for alias in each.aliases)
        labels.append(Label(each.text, each.code, points, each.span, aliases))
    return tuple(labels)


def _check_labels(what: str, body: tree.ScaleBody) -> Iterator[Diagnostic]:
    yield from _check_duplicates(what, body)
    if body.out_of is not None and body.out_of.value <= 0:
        yield Diagnostic(
            "E305",
            f"{what} counts out of {shorten(body.out_of.value)}; a maximum is above 0",
            body.out_of.span,
            "write the most points that an answer can have",
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
            f"{what} cannot be spaced evenly: it has {counted(len(scored), 'label')} that counts"
            if scored
            else f"{what} cannot be spaced evenly: no label of it counts",
            body.span,
            f"give it two labels or more, or take `{body.order}` out and write the points",
        )


def _check_duplicates(what: str, body: tree.ScaleBody) -> Iterator[Diagnostic]:
    first: dict[str, tree.Label] = {}
    for label in body.labels:
        if body.order is None and label.points is None:
            continue  # reported for that; it may not be a label at all
        aliases = {alias.text: alias.span for alias in label.aliases}
        for name in dict.fromkeys((label.text, label.code, *aliases)):
            if name is None:
                continue
            other = first.setdefault(name, label)
            if other is not label:
                yield Diagnostic(
                    "E205",
                    f"{quote(name)} stands twice in {what}",
                    aliases.get(name, label.span),
                    "every label, code and alias names one answer; rename or delete one",
                    (Note("it first stands here", other.span),),
                )
                break


def _check_points_written(what: str, body: tree.ScaleBody) -> Iterator[Diagnostic]:
    bare = [each for each in body.labels if each.points is None]
    if body.damaged:
        return
    if bare and len(bare) == len(body.labels) and not any(_WITH_POINTS.match(b.text) for b in bare):
        yield Diagnostic(
            "E211",
            f"{what} says neither points nor which end is best",
            body.span,
            f"give each label points, `{bare[0].text} = {written(body.out_of.value)}`"
            if body.out_of is not None
            else "write `, best first` after it for even spacing, or give each label points, "
            f"`{bare[0].text} = 100`",
        )
        return
    for label, after in zip(body.labels, [*body.labels, None][1:], strict=True):
        if label.points is None:
            half = body.out_of.value / 2 if body.out_of is not None else Fraction(50)
            help, fix = _hint(label, after, written(half))
            message = f"label {quote(label.text)} has no points"
            yield Diagnostic("E211", message, label.span, help, fix=fix)


def _hint(label: tree.Label, after: tree.Label | None, half: str) -> tuple[str, Fix]:
    """What a label without points may have been meant to say.

    Args:
        half: points in the middle of the scale, for an example.
    """
    if found := _WITH_POINTS.match(label.text):
        meant = f"{found[1]} = {found[2]}"
        return f"`{meant}`, with a space on both sides of `=`", instead(label.span, meant)
    if after and after.points and after.span.start - label.span.end <= 2:  # on the same line
        both = f'"{label.text}, {after.text}"'
        if after.text[:1].islower():
            fix = instead(label.span.to(after.span), both)
            return f"a label that holds a comma is quoted: `{both}`", fix
        comma = f"; if the comma belongs to the label, quote it: `{both}`"
        return f"`{label.text} = {half}`, say{comma}", ()
    return f"`{label.text} = {half}`, say, or `{label.text} = excluded` if it does not count", ()


def _check_evenly_spaced(what: str, body: tree.ScaleBody) -> Iterator[Diagnostic]:
    pointed = [each for each in body.labels if isinstance(each.points, tree.Number)]
    if pointed:
        every = len(pointed) == sum(not isinstance(b.points, tree.Excluded) for b in body.labels)
        assert isinstance(pointed[0].points, tree.Number)
        yield Diagnostic(
            "E213",
            f"{what} is `{body.order}`, evenly spaced, and yet {listing([p.text for p in pointed])}"
            f" {'has' if len(pointed) == 1 else 'have'} points",
            pointed[0].points.span,
            f"take `, {body.order}` out"
            + ("" if every else " and give every label points")
            + ", or take the points out",
            fix=without(body.order_span) if every and body.order_span else (),
        )
    if body.out_of is not None:
        yield Diagnostic(
            "E213",
            f"{what} is `{body.order}`, evenly spaced, so nothing counts `out of` a maximum",
            body.out_of.span,
            f"take `out of {shorten(body.out_of.value)}` out, "
            f"or take `{body.order}` out and give every label points",
            fix=without(body.out_of_span) if body.out_of_span and not pointed else (),
        )


class InSight(Record, caches=True):
    """The scales that one file can name, in order, and those of files that it does not use."""

    names: tuple[str, ...]
    elsewhere: Mapping[str, str]  # with the file

    @cached_property
    def named(self) -> list[str]:
        """Without scales that have lost their name, which was said."""
        return [each for each in self.names if not each.startswith("unnamed.")]

    def nearest(self, name: str) -> str | None:
        """The scale that was most likely meant: one in sight, else one of another file."""
        return nearest(name, self.names) or nearest(name, sorted(self.elsewhere))


def unknown_scale(
    names: Sequence[tree.Name], there: InSight, near: str | None
) -> Iterator[Diagnostic]:
    """A scale that is not there: misspelt, or in a file that this one does not use.

    Where a scale has lost its name, or has one that is no id, that was said; it may be this one.

    Args:
        names: one name, each time that it is used.
        there: the scales that there are.
        near: the one that was most likely meant.
    """
    name, elsewhere = names[0], there.elsewhere
    if name.text in elsewhere:
        yield Diagnostic(
            "E206",
            f"scale {quote(name.text)} stands in another file, `{elsewhere[name.text]}.bareme`",
            name.span,
            f"write `use {elsewhere[name.text]}` at the top of this file",
            fix=use(name.span.file, elsewhere[name.text]),
        )
        return
    known = there.named
    if (near is None and len(known) < len(there.names)) or (near and not _ID.fullmatch(near)):
        return
    fix = tuple(Edit(each.span, near) for each in names[:MAX_EDITS] if near)
    if near and near in elsewhere:
        help = f"`{near}`, with `use {elsewhere[near]}` at the top of this file"
        fix = (*use(name.span.file, elsewhere[near]), *fix)
    elif near:
        help = f"`{near}`"
    else:
        help = f"the scales here are {listing(known)}" if known else "no scale is declared yet"
        if _ID.fullmatch(name.text):
            help += f"; else declare it at the left edge, {quote(f'scale {name.text}: …')}"
    yield Diagnostic("E201", f"there is no scale {quote(name.text)}", name.span, help, fix=fix)


def use(file: str, stem: str) -> Fix:
    """The fix that makes the names of another file known in this one."""
    return instead(Span(file, 0, 0), f"use {stem}\n")
