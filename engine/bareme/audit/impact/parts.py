"""The edits of what a figure is put together from: its parts, their weights, its settings."""

from __future__ import annotations

from fractions import Fraction

from bareme.audit.impact.edits import Edit, Found, Key, Parts, Put, Slot, line_of, slot
from bareme.plan import Aggregate, AnyStep, Each, Part
from bareme.record import replace
from bareme.source import Span


def settings(before: Aggregate, after: Aggregate, found: Found) -> list[Slot]:
    slots: list[Slot] = []
    one, other = before.method, after.method
    if one.value != other.value:
        key = ("method", one.value, other.value, line_of(other.span or one.span))
        edit = Edit(key, "aggregate by", one.value, other.value, one.span, other.span)
        slots.append(slot(found, edit, before, lambda step: replace(step, method=after.method)))
    return slots + policy(before, after, found)


def policy(before: Aggregate | Each, after: Aggregate | Each, found: Found) -> list[Slot]:
    one, other = before.when_missing, after.when_missing
    if one.value == other.value:
        return []
    key = ("when missing", one.value, other.value, line_of(other.span or one.span))
    edit = Edit(key, "when missing", one.value, other.value, one.span, other.span)
    return [slot(found, edit, before, lambda step: replace(step, when_missing=after.when_missing))]


def parts_of(before: Aggregate, after: Aggregate, parts: Parts, found: Found) -> list[Slot]:
    """Weights, and parts that come, go or move."""
    olds = {part.step: part for part in before.parts}
    news = {part.step: part for part in after.parts}
    slots: list[Slot] = []
    alike = _in_proportion(before, after)
    for number, old in olds.items():
        new = news.get(number)
        if new is None:
            edit = _moving(parts, number, old.span, came=False)
            slots.append(slot(found, edit, before, _without(number)))
        elif old.weight != new.weight and not alike:
            edit = Edit(
                ("weight", parts.names[number]),
                f"weight of `{parts.names[number]}`",
                old.written or "none, so 1",
                new.written or "none, so 1",
                old.span,
                new.span,
            )
            slots.append(
                slot(found, edit, before, _weighing(number, new.weight, new.written, new.span))
            )
    for number, new in news.items():
        if number not in olds:
            edit = _moving(parts, number, new.span, came=True)
            slots.append(slot(found, edit, before, _with(new)))
    return slots


def _in_proportion(before: Aggregate, after: Aggregate) -> bool:
    """Whether weights are but written otherwise: 30%, 70% as 3, 7; a sum counts them as such."""
    if "sum" in (before.method.value, after.method.value):
        return False
    olds, news = ({part.step: part.weight for part in side.parts} for side in (before, after))
    total, now = sum(olds.values()), sum(news.values())
    return olds.keys() == news.keys() and all(olds[at] * now == news[at] * total for at in olds)


def _moving(parts: Parts, number: int, span: Span, *, came: bool) -> Edit:
    """The edit by which a part came or went; of one that moved it is the same at both ends."""
    here = parts.names[number]
    there = parts.moved.get(here, "")
    old, new = (there, here) if came else (here, there)
    key = ("moved", old, new) if there else ("part", here)
    what = f"`{here.rpartition('.')[2]}`" if there else f"`{here}`"
    return Edit(key, what, old, new, None if came else span, span if came else None)


def _without(number: int) -> Put:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Aggregate)
        return replace(
            step,
            parts=tuple(each for each in step.parts if each.step != number),
            below=tuple(each for each in step.below if each != number),
        )

    return put


def _with(part: Part) -> Put:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Aggregate)
        below = (*step.below, part.step) if part.step not in step.below else step.below
        return replace(step, parts=(*step.parts, part), below=below)

    return put


def _weighing(number: int, weight: Fraction, spelt: str, span: Span) -> Put:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Aggregate)
        return replace(
            step,
            parts=tuple(
                replace(each, weight=weight, written=spelt, span=span)
                if each.step == number
                else each
                for each in step.parts
            ),
        )

    return put


def worst_slot(number: int, worst: Fraction, keys: frozenset[Key]) -> Slot:
    """What counts for a missing part, once every edit below it is in force."""

    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Aggregate)
        return replace(
            step,
            parts=tuple(
                replace(each, worst=worst) if each.step == number else each for each in step.parts
            ),
        )

    return Slot(keys, put)
