"""The edits of conditions, caps, floors, decisions and requirements of a figure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from bareme.audit.impact.edits import Edit, Found, Put, Slot, slot
from bareme.exact import written
from bareme.framework import (
    Adjustment,
    AtLeast,
    Bound,
    Condition,
    Decision,
    IsAnswer,
    Not,
    When,
)
from bareme.plan import AnyStep, Decide, Finish, Finished
from bareme.record import replace

T = TypeVar("T")
S = TypeVar("S", bound=AnyStep)
F = TypeVar("F", bound=Finished)
A = TypeVar("A", Adjustment, Decision)


def _whens(whens: Sequence[When]) -> str:
    return ", ".join(each.written for each in whens)


def skipped(before: S, after: AnyStep, found: Found) -> tuple[S, list[Slot]]:
    if len(before.skip) == len(after.skip):
        pairs = zip(before.skip, after.skip, strict=True)
        before = replace(before, skip=tuple(_alike(one, other) for one, other in pairs))
        if not any(_differ(*pair) for pair in zip(before.skip, after.skip, strict=True)):
            return before, []
    edit = Edit(
        ("skip", before.figure),
        f"`{before.figure}` skip when",
        _whens(before.skip),
        _whens(after.skip),
        before.skip[0].span if before.skip else None,
        after.skip[0].span if after.skip else None,
    )
    return before, [slot(found, edit, before, lambda step: replace(step, skip=after.skip))]


def _alike(one: When, other: When) -> When:
    """A condition that knows the labels of both sides, where that is all that differs."""
    if _words(one) != _words(other):
        return one
    return replace(one, condition=_knowing(one.condition, other.condition))


def _knowing(one: Condition, other: Condition) -> Condition:
    match one, other:
        case IsAnswer(), IsAnswer() if one.question == other.question:
            return replace(one, answers=one.answers | other.answers)
        case Not(), Not():
            return replace(one, of=_knowing(one.of, other.of))
        case AtLeast(), AtLeast() if len(one.of) == len(other.of):
            pairs = zip(one.of, other.of, strict=True)
            return replace(one, of=tuple(_knowing(*pair) for pair in pairs))
    return one


def _differ(one: When | None, other: When | None) -> bool:
    """Whether two conditions say something else, but for labels that only one side has."""
    if one is None or other is None:
        return one is not other
    if _words(one) != _words(other):
        return one != other
    return _knowing(one.condition, other.condition) != _knowing(other.condition, one.condition)


def paired(
    before: Sequence[T], after: Sequence[T], same: Callable[[T], Hashable]
) -> list[tuple[T | None, T | None]]:
    """Two sequences in one order, what is the same or stands in its place side by side."""
    matcher = SequenceMatcher(None, [*map(same, before)], [*map(same, after)], autojunk=False)
    pairs: list[tuple[T | None, T | None]] = []
    for _, start, end, first, last in matcher.get_opcodes():
        olds: list[T | None] = [*before[start:end]]
        news: list[T | None] = [*after[first:last]]
        long = max(len(olds), len(news))
        olds += [None] * (long - len(olds))
        news += [None] * (long - len(news))
        pairs += zip(olds, news, strict=True)
    return pairs


def finished(before: F, after: Finished, found: Found) -> tuple[F, list[Slot]]:
    one, other = before.finish, after.finish
    slots: list[Slot] = []
    if (one.range, one.rescale is None) != (other.range, other.rescale is None):
        words = _range(one), _range(other)
        key = ("range", before.figure)
        edit = Edit(key, f"`{before.figure}` range", *words, before.span, after.span)
        put = _on_finish(range=other.range, rescale=other.rescale)
        slots.append(slot(found, edit, before, put))
    pairs = paired(one.adjustments, other.adjustments, lambda a: (a.kind, _words(a.when)))
    start, more = _listed(before, "adjustment", pairs, _adjustment, _adjusted, found)
    slots += more
    before = replace(before, finish=replace(one, adjustments=start))
    if one.require != other.require:
        edit = Edit(
            ("require", before.figure),
            f"`{before.figure}` require",
            _require(one),
            _require(other),
            one.require.span if one.require else None,
            other.require.span if other.require else None,
        )
        slots.append(slot(found, edit, before, _on_finish(require=other.require)))
    return before, slots


def decided(before: Decide, after: Decide, found: Found) -> tuple[Decide, list[Slot]]:
    pairs = paired(before.decisions, after.decisions, lambda each: _words(each.when))
    start, slots = _listed(before, "decision", pairs, _decision, _deciding, found)
    return replace(before, decisions=start), slots


Exchange = Callable[[AnyStep, Callable[[Sequence[A]], tuple[A, ...]]], AnyStep]
"""A step whose caps and floors, or decisions, are others."""


def _listed(
    step: AnyStep,
    kind: str,
    pairs: Sequence[tuple[A | None, A | None]],
    words: Callable[[A | None], str],
    exchange: Exchange[A],
    found: Found,
) -> tuple[tuple[A, ...], list[Slot]]:
    """Caps and floors, or decisions, side by side: those before, and a slot for each other one."""
    pairs = [(_knows(old, new), new) for old, new in pairs]
    place = {id(each): at for at, pair in enumerate(pairs) for each in pair if each is not None}
    slots: list[Slot] = []
    for at, (old, new) in enumerate(pairs):
        if old and new and old.points == new.points and not _differ(old.when, new.when):
            continue
        said = f"`{step.figure}`", words(old), words(new)
        if old and new and _words(old.when) == _words(new.when):
            said = _of_points(step.figure, old, new, words)
        edit = Edit(
            (kind, step.figure, str(at), words(old or new)),
            *said,
            old.span if old else None,
            new.span if new else None,
        )
        slots.append(slot(found, edit, step, _exchanging(old, new, place, exchange)))
    return tuple(old for old, _ in pairs if old is not None), slots


def _of_points(
    figure: str, old: A, new: A, words: Callable[[A | None], str]
) -> tuple[str, str, str]:
    """An edit of points alone: `cap when q is No: 50 → 40`."""
    one, other = written(old.points), written(new.points)
    kind, _, rest = words(new).partition(f" {other}")
    return f"`{figure}` {kind}{rest}:" if old.when else f"`{figure}` {kind}{rest}", one, other


def _exchanging(
    old: A | None, new: A | None, place: Mapping[int, int], exchange: Exchange[A]
) -> Put:
    def exchanged(items: Sequence[A]) -> tuple[A, ...]:
        kept = [each for each in items if each is not old]
        kept += [new] if new is not None else []
        return tuple(sorted(kept, key=lambda each: place[id(each)]))

    return lambda step: exchange(step, exchanged)


def _adjusted(
    step: AnyStep, change: Callable[[Sequence[Adjustment]], tuple[Adjustment, ...]]
) -> AnyStep:
    assert isinstance(step, Finished)
    adjustments = change(step.finish.adjustments)
    return replace(step, finish=replace(step.finish, adjustments=adjustments))


def _deciding(
    step: AnyStep, change: Callable[[Sequence[Decision]], tuple[Decision, ...]]
) -> AnyStep:
    assert isinstance(step, Decide)
    return replace(step, decisions=change(step.decisions))


def _knows(old: A | None, new: A | None) -> A | None:
    """A cap or a decision whose condition knows the labels of both sides."""
    if old is None or new is None or old.when is None or new.when is None:
        return old
    return replace(old, when=_alike(old.when, new.when))


def _words(when: When | None) -> str:
    """A condition as it is written, whatever spaces and signs it is written with."""
    text = "".join(when.written.split()) if when else ""
    return text.replace("<=", "≤").replace(">=", "≥")


def _adjustment(each: Adjustment | None) -> str:
    if each is None:
        return ""
    when = f" when {each.when.written}" if each.when else ""
    return f"{'cap' if each.kind is Bound.CAP else 'floor'} {written(each.points)}{when}"


def _range(finish: Finish) -> str:
    low, high = finish.range
    rescaled = ", rescaled" if finish.rescale is not None else ""
    return f"{written(low)} to {written(high)}{rescaled}"


def _require(finish: Finish) -> str:
    require = finish.require
    if require is None:
        return ""
    if require.share:
        return f"{written(require.least * 100)}% of answers"
    return "1 answer" if require.least == 1 else f"{written(require.least)} answers"


def _on_finish(**changes: object) -> Put:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Finished)
        return replace(step, finish=replace(step.finish, **changes))

    return put


def _decision(each: Decision | None) -> str:
    if each is None:
        return ""
    return f"score {written(each.points)} " + (
        f"when {each.when.written}" if each.when else "otherwise"
    )
