"""The edits of scales, options, questions and measures."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bareme.audit.impact.edits import Edit, Found, Key, Put, Slot, line_of, slot
from bareme.exact import shorten, written
from bareme.framework import Goalposts, Scale, Setting, Steps
from bareme.plan import AnyStep, Ask, Count
from bareme.record import replace

EXCLUDED = "excluded"


def points_in_words(points: Fraction | None) -> str:
    if points is None:
        return EXCLUDED
    whole = written(points)
    return shorten(points) if whole.endswith("…") else whole


def asked(before: Ask, after: Ask, found: Found) -> tuple[Ask, list[Slot]]:
    known = {**found.points[before.question], **before.points}
    start = replace(before, points=known, labels={**after.labels, **before.labels})
    slots: list[Slot] = []
    texts = [list(dict.fromkeys(text for text, _ in s.labels.values())) for s in (before, after)]
    renamed = (before.scale, before.own_options) != (after.scale, after.own_options)
    if renamed and (before.points, texts[0]) != (after.points, texts[1]):
        edit = Edit(
            ("scale of", before.question),
            f"scale of question `{before.question}`",
            _scale_name(before),
            _scale_name(after),
            before.span,
            after.span,
        )
        whole = {**known, **after.points}
        slots.append(slot(found, edit, before, lambda step: replace(step, points=whole)))
    elif not renamed:
        slots += _labels(before, after, texts, found)
    return start, slots


def _scale_name(step: Ask) -> str:
    return "its own options" if step.own_options else step.scale


def _labels(before: Ask, after: Ask, texts: list[list[str]], found: Found) -> list[Slot]:
    """A slot for each label whose points are others; an edit of its scale reaches all like it."""
    slots: list[Slot] = []
    if texts[0] != texts[1]:
        slots.append(slot(found, _of_labels(before, after, texts, found), before, lambda s: s))
    for name in before.points:
        if name not in after.points or before.points[name] == after.points[name]:
            continue
        (label, span), (_, span_now) = before.labels[name], after.labels[name]
        if before.own_options:
            edit = Edit(
                ("points", "options", before.question, label),
                f"question `{before.question}`: {label}",
                points_in_words(before.points[name]),
                points_in_words(after.points[name]),
                span,
                span_now,
            )
        else:
            edit = _of_scale(before.scale, label, found)
        slots.append(slot(found, edit, before, _scoring(name, after.points[name])))
    return slots


EVERY_LABEL = "*"


def _of_labels(before: Ask, after: Ask, texts: list[list[str]], found: Found) -> Edit:
    """The edit by which labels came or went: what is worst, or evenly spaced, follows from it."""
    listed = ", ".join(texts[0]), ", ".join(texts[1])
    if before.own_options:
        key: Key = ("labels", "options", before.question)
        return Edit(key, f"options of `{before.question}`", *listed, before.span, after.span)
    name = _root(before.scale, found)
    old, new = (scales[name] for scales in found.scales)
    if _evenly(old, new):
        return _of_scale(name, "", found)
    return Edit(("labels", "scale", name), f"scale {name}", *listed, old.span, new.span)


def _of_scale(name: str, label: str, found: Found) -> Edit:
    """The edit of a label of a scale, or of the scale that it is the reverse of.

    Where labels came or went, the points of all that are evenly spaced follow: that is one edit.
    """
    name = _root(name, found)
    old, new = (scales[name] for scales in found.scales)
    texts = [each.text for each in old.labels], [each.text for each in new.labels]
    if texts[0] != texts[1] and _evenly(old, new):
        key = ("points", "scale", name, EVERY_LABEL)
        listed = ", ".join(texts[0]), ", ".join(texts[1])
        what = f"scale {name}, {new.how.partition(',')[0]}:"
        also = *_points_of(old, new), *_reversed(name, found)
        return Edit(key, what, *listed, old.span, new.span, also=also)
    one, other = old.label(label), new.label(label)
    assert one is not None
    assert other is not None
    words = points_in_words(one.points), points_in_words(other.points)
    key = ("points", "scale", name, label)
    what = f"scale {name}: {label}"
    return Edit(key, what, *words, one.span, other.span, also=tuple(_also(name, label, found)))


def _evenly(old: Scale, new: Scale) -> bool:
    """Whether the points of a scale follow from the number of its labels, before and after."""
    return old.how == new.how and old.how.endswith("evenly spaced")


def _points_of(old: Scale, new: Scale) -> Iterator[str]:
    """What the labels that a scale keeps earn otherwise, as nobody typed it."""
    pairs = [(one, new.label(one.text)) for one in old.labels]
    moved = [
        f"{one.text} {points_in_words(one.points)} → {points_in_words(two.points)}"
        for one, two in pairs
        if two and one.points != two.points
    ]
    if moved:
        yield ", ".join(moved)


def _reversed(name: str, found: Found) -> Iterator[str]:
    """The scales that are the reverse of one."""
    before, after = found.scales
    for other, scale in before.items():
        if other != name and other in after and _root(other, found) == name:
            yield f"scale {other} ({scale.how})"


def _root(name: str, found: Found) -> str:
    """The scale that one is the reverse of, however many times over, before and after."""
    while True:
        above = {scales[name].reverse_of for scales in found.scales}
        only = above.pop() if len(above) == 1 else None
        if only is None or any(only not in scales for scales in found.scales):
            return name
        name = only


def _also(name: str, label: str, found: Found) -> Iterator[str]:
    """What an edit of a label does to the scales that are the reverse of its own."""
    before, after = found.scales
    for other, scale in before.items():
        if other != name and other in after and _root(other, found) == name:
            one, two = scale.label(label), after[other].label(label)
            if one and two and one.points != two.points:
                words = f"{points_in_words(one.points)} → {points_in_words(two.points)}"
                yield f"scale {other} ({scale.how}): {label} {words}"


def _scoring(name: str, points: Fraction | None) -> Put:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Ask)
        return replace(step, points={**step.points, name: points})

    return put


def counted(before: Count, after: Count, found: Found) -> list[Slot]:
    slots: list[Slot] = []
    if before.formula != after.formula:
        edit = Edit(
            ("formula", before.measure),
            f"measure `{before.measure}`",
            before.formula.written if before.formula else "as recorded",
            after.formula.written if after.formula else "as recorded",
            before.formula.span if before.formula else before.span,
            after.formula.span if after.formula else after.span,
        )
        slots.append(slot(found, edit, before, lambda step: replace(step, formula=after.formula)))
    if before.by == after.by:
        return slots
    one, other = before.by, after.by
    if isinstance(one, Setting) and isinstance(other, Setting):
        key = ("normalise", repr(one.value), repr(other.value), line_of(other.span or one.span))
        edit = Edit(key, "normalise", _posts(one), _posts(other), one.span, other.span)
    elif isinstance(one, Steps) and isinstance(other, Steps):
        edit = Edit(
            ("steps", before.measure),
            f"steps of `{before.measure}`",
            _steps(one),
            _steps(other),
            one.span,
            other.span,
        )
    else:
        edit = Edit(
            ("steps", before.measure),
            f"measure `{before.measure}`",
            "steps" if isinstance(one, Steps) else "goalposts",
            "steps" if isinstance(other, Steps) else "goalposts",
            one.span,
            other.span,
        )
    slots.append(slot(found, edit, before, lambda step: replace(step, by=after.by)))
    return slots


def _steps(steps: Steps) -> str:
    return ", ".join(
        f"{each.written} = {points_in_words(each.points)}" if each.written else ""
        for each in steps.steps
    )


def _posts(setting: Setting[Goalposts | None]) -> str:
    posts = setting.value
    if posts is None:
        return ""
    curve = "log " if posts.log else ""
    power = f", power {written(posts.power)}" if posts.power != 1 else ""
    free = "" if posts.clamped else ", unclamped"
    return f"{curve}from {written(posts.worst)} to {written(posts.best)}{power}{free}"
