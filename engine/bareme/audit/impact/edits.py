"""The edits between two plans of one index, as an author thinks of them.

A plan has a step for every figure, and one line of rules may reach many: the points of a label,
a setting. Here every difference between two steps is a *slot*, and every slot belongs to the edit
that made it: the label, the weight, the cap, the line of a setting.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import field
from difflib import SequenceMatcher
from fractions import Fraction
from typing import TypeVar

from bareme.exact import written
from bareme.framework import (
    Adjustment,
    AtLeast,
    Bound,
    Condition,
    Decision,
    Goalposts,
    IsAnswer,
    Not,
    Scale,
    Setting,
    Steps,
    When,
)
from bareme.plan import (
    Aggregate,
    AnyStep,
    Ask,
    Count,
    Decide,
    Each,
    Finish,
    Finished,
    Part,
    Plan,
    Repeat,
    Take,
)
from bareme.record import Record, replace
from bareme.source import Span

T = TypeVar("T")
S = TypeVar("S", bound=AnyStep)

Key = tuple[str, ...]
"""What an edit is known by: its kind, and what it is of."""

EXCLUDED = "excluded"


class Edit(Record):
    """One thing that is different between two states.

    Attributes:
        what: the label, weight, cap, answer … in the words of the rules.
        before, after: what it was and is; empty where it was not or is not there.
        span_before, span_after: where that is said.
        entity: whose answer it is; empty for an edit of rules.
        also: what follows from it in other scales, in words.
    """

    key: Key
    what: str
    before: str
    after: str
    span_before: Span | None = field(default=None, compare=False, repr=False)
    span_after: Span | None = field(default=None, compare=False, repr=False)
    entity: str = ""
    also: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.key[0]


Scales = Mapping[str, Scale]


class Slot(Record):
    """What edits do to one step: it is done once all of them are in force."""

    keys: frozenset[Key]
    put: Callable[[AnyStep], AnyStep] = field(compare=False, repr=False)


class Found:
    """The edits found so far, each once.

    Attributes:
        points: by question the points of every label that it has on either side.
        scales: before and after, by name.
        reached: by edit the figures, questions and measures that it is said of.
    """

    def __init__(
        self, points: Mapping[str, Mapping[str, Fraction | None]], scales: tuple[Scales, Scales]
    ) -> None:
        self.edits: dict[Key, Edit] = {}
        self.reached: dict[Key, list[str]] = {}
        self.points = points
        self.scales = scales

    def add(self, edit: Edit, figure: str) -> Key:
        """Know an edit, and that it is said of a figure."""
        self.edits.setdefault(edit.key, edit)
        reached = self.reached.setdefault(edit.key, [])
        if figure not in reached:
            reached.append(figure)
        return edit.key


class Parts(Record):
    """The parts of figures on either side: what each is called, and which only moved.

    Attributes:
        names: by the number of a step its dotted path.
        moved: by the dotted path of a part that came or went, the other one.
    """

    names: Sequence[str]
    moved: Mapping[str, str]


def every_label(*plans: Plan) -> dict[str, dict[str, Fraction | None]]:
    """By question the points of every label that it has in any of the plans."""
    found: dict[str, dict[str, Fraction | None]] = {}
    for plan in plans:
        for step in plan.steps:
            if isinstance(step, Each):
                for question, points in every_label(step.inner).items():
                    found.setdefault(question, {}).update(points)
            elif isinstance(step, Ask):
                found.setdefault(step.question, {}).update(step.points)
    return found


def slots(
    before: AnyStep, after: AnyStep, parts: Parts, found: Found
) -> tuple[AnyStep, list[Slot]]:
    """What it takes to make one step into another.

    Args:
        before, after: steps of one path, the steps that they need numbered alike.
        parts: what the parts of figures are called.
        found: edits are added to it.

    Returns:
        The step before, in which labels of either side are known, and the slots in order.
    """
    if type(before) is not type(after) or _counts(before) != _counts(after):
        return before, [_kind(before, after, found)]
    before, slots = _skip(before, after, found)
    match before, after:
        case Ask(), Ask():
            before, more = _asked(before, after, found)
            slots += more
        case Count(), Count():
            slots += _counted(before, after, found)
        case Decide(), Decide():
            before, more = _decided(before, after, found)
            slots += more
        case Aggregate(), Aggregate():
            slots += _settings(before, after, found)
            slots += _parts(before, after, parts, found)
        case Each(), Each():
            slots += _policy(before, after, found)
    if isinstance(before, Finished) and isinstance(after, Finished):
        before, more = _finished(before, after, found)
        slots += more
    return before, slots


def _counts(step: AnyStep) -> object:
    """What makes a step another kind of step, beside its class."""
    if isinstance(step, Repeat):
        return step.of
    if isinstance(step, Each):
        return step.unit.value
    if isinstance(step, Aggregate):
        return {part.step for part in step.parts} == set(step.below)
    return step.question if isinstance(step, Ask) else None


def _kind(before: AnyStep, after: AnyStep, found: Found) -> Slot:
    edit = Edit(
        ("kind", before.figure),
        f"`{before.figure}`",
        in_words(before),
        in_words(after),
        before.span,
        after.span,
    )
    return _one(found, edit, before, lambda _: after)


def in_words(step: AnyStep) -> str:
    """How a step gets its score, in few words."""
    match step:
        case Ask():
            return "a question"
        case Count():
            return "a measure"
        case Take():
            return "given"
        case Decide():
            return "scored by conditions"
        case Repeat():
            return "same as another figure"
        case Each():
            return f"for each {step.unit.value}"
        case Aggregate():
            over = {part.step for part in step.parts} != set(step.below)
            return "aggregated over indicators" if over else step.method.value


def _one(found: Found, edit: Edit, step: AnyStep, put: Callable[[AnyStep], AnyStep]) -> Slot:
    return Slot(frozenset([found.add(edit, step.figure)]), put)


def _whens(whens: Sequence[When]) -> str:
    return ", ".join(each.written for each in whens)


def _skip(before: S, after: AnyStep, found: Found) -> tuple[S, list[Slot]]:
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
    return before, [_one(found, edit, before, lambda step: replace(step, skip=after.skip))]


def _alike(one: When, other: When) -> When:
    """A condition that knows the labels of both sides, where that is all that differs."""
    if one.written != other.written:
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
    if one is None or other is None or one.written != other.written:
        return one is not other
    return _knowing(one.condition, other.condition) != _knowing(other.condition, one.condition)


# ---- questions and measures


def points_in_words(points: Fraction | None) -> str:
    return EXCLUDED if points is None else written(points)


def _asked(before: Ask, after: Ask, found: Found) -> tuple[Ask, list[Slot]]:
    known = {**found.points[before.question], **before.points}
    start = replace(before, points=known, labels={**after.labels, **before.labels})
    slots: list[Slot] = []
    if (before.scale, before.own_options) != (after.scale, after.own_options):
        edit = Edit(
            ("scale of", before.question),
            f"scale of question `{before.question}`",
            _scale_name(before),
            _scale_name(after),
            before.span,
            after.span,
        )
        whole = {**known, **after.points}
        slots.append(_one(found, edit, before, lambda step: replace(step, points=whole)))
    else:
        slots += _labels(before, after, found)
    return start, slots


def _scale_name(step: Ask) -> str:
    return "its own options" if step.own_options else step.scale


def _labels(before: Ask, after: Ask, found: Found) -> list[Slot]:
    """A slot for each label whose points are others; an edit of its scale reaches all like it."""
    slots: list[Slot] = []
    texts = [list(dict.fromkeys(text for text, _ in s.labels.values())) for s in (before, after)]
    if texts[0] != texts[1]:
        slots.append(_one(found, _of_labels(before, after, texts, found), before, lambda s: s))
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
        slots.append(_one(found, edit, before, _scoring(name, after.points[name])))
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
    if old.how == new.how in ("best first", "worst first"):
        return _of_scale(name, "", found)
    return Edit(("labels", "scale", name), f"scale {name}", *listed, old.span, new.span)


def _of_scale(name: str, label: str, found: Found) -> Edit:
    """The edit of a label of a scale, or of the scale that it is the reverse of.

    Where labels came or went, the points of all that are evenly spaced follow: that is one edit.
    """
    name = _root(name, found)
    old, new = (scales[name] for scales in found.scales)
    texts = [each.text for each in old.labels], [each.text for each in new.labels]
    if texts[0] != texts[1] and old.how == new.how in ("best first", "worst first"):
        key = ("points", "scale", name, EVERY_LABEL)
        listed = ", ".join(texts[0]), ", ".join(texts[1])
        return Edit(key, f"scale {name}, {new.how}", *listed, old.span, new.span)
    one, other = old.label(label), new.label(label)
    assert one is not None
    assert other is not None
    words = points_in_words(one.points), points_in_words(other.points)
    key = ("points", "scale", name, label)
    what = f"scale {name}: {label}"
    return Edit(key, what, *words, one.span, other.span, also=tuple(_also(name, label, found)))


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


def _scoring(name: str, points: Fraction | None) -> Callable[[AnyStep], AnyStep]:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Ask)
        return replace(step, points={**step.points, name: points})

    return put


def _counted(before: Count, after: Count, found: Found) -> list[Slot]:
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
        slots.append(_one(found, edit, before, lambda step: replace(step, formula=after.formula)))
    if before.by == after.by:
        return slots
    one, other = before.by, after.by
    if isinstance(one, Setting) and isinstance(other, Setting):
        key = ("normalise", repr(one.value), repr(other.value), _line(other.span or one.span))
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
    slots.append(_one(found, edit, before, lambda step: replace(step, by=after.by)))
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


# ---- figures


def _line(span: Span | None) -> str:
    return f"{span.file}:{span.start}" if span else ""


def _settings(before: Aggregate, after: Aggregate, found: Found) -> list[Slot]:
    slots: list[Slot] = []
    one, other = before.method, after.method
    if one.value != other.value:
        key = ("method", one.value, other.value, _line(other.span or one.span))
        edit = Edit(key, "aggregate by", one.value, other.value, one.span, other.span)
        slots.append(_one(found, edit, before, lambda step: replace(step, method=after.method)))
    return slots + _policy(before, after, found)


def _policy(before: Aggregate | Each, after: Aggregate | Each, found: Found) -> list[Slot]:
    one, other = before.when_missing, after.when_missing
    if one.value == other.value:
        return []
    key = ("when missing", one.value, other.value, _line(other.span or one.span))
    edit = Edit(key, "when missing", one.value, other.value, one.span, other.span)
    return [_one(found, edit, before, lambda step: replace(step, when_missing=after.when_missing))]


def _parts(before: Aggregate, after: Aggregate, parts: Parts, found: Found) -> list[Slot]:
    """Weights, and parts that come, go or move."""
    olds = {part.step: part for part in before.parts}
    news = {part.step: part for part in after.parts}
    slots: list[Slot] = []
    for number, old in olds.items():
        new = news.get(number)
        if new is None:
            edit = _moving(parts, number, old.span, came=False)
            slots.append(_one(found, edit, before, _without(number)))
        elif old.weight != new.weight:
            edit = Edit(
                ("weight", parts.names[number]),
                f"weight of `{parts.names[number]}`",
                old.written or "none, so 1",
                new.written or "none, so 1",
                old.span,
                new.span,
            )
            slots.append(
                _one(found, edit, before, _weighing(number, new.weight, new.written, new.span))
            )
    for number, new in news.items():
        if number not in olds:
            edit = _moving(parts, number, new.span, came=True)
            slots.append(_one(found, edit, before, _with(new)))
    return slots


def _moving(parts: Parts, number: int, span: Span, *, came: bool) -> Edit:
    """The edit by which a part came or went; of one that moved it is the same at both ends."""
    here = parts.names[number]
    there = parts.moved.get(here, "")
    old, new = (there, here) if came else (here, there)
    key = ("moved", old, new) if there else ("part", here)
    what = f"`{here.rpartition('.')[2]}`" if there else f"`{here}`"
    return Edit(key, what, old, new, None if came else span, span if came else None)


def _without(number: int) -> Callable[[AnyStep], AnyStep]:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Aggregate)
        return replace(
            step,
            parts=tuple(each for each in step.parts if each.step != number),
            below=tuple(each for each in step.below if each != number),
        )

    return put


def _with(part: Part) -> Callable[[AnyStep], AnyStep]:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Aggregate)
        below = (*step.below, part.step) if part.step not in step.below else step.below
        return replace(step, parts=(*step.parts, part), below=below)

    return put


def _weighing(
    number: int, weight: Fraction, spelt: str, span: Span
) -> Callable[[AnyStep], AnyStep]:
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


# ---- caps, floors, decisions, requirements


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


def _finished(before: Finished, after: Finished, found: Found) -> tuple[Finished, list[Slot]]:
    one, other = before.finish, after.finish
    slots: list[Slot] = []
    if (one.range, one.rescale is None) != (other.range, other.rescale is None):
        edit = Edit(
            ("range", before.figure), f"`{before.figure}` range", _range(one), _range(other),
            before.span, after.span,
        )  # fmt: skip
        slots.append(
            _one(found, edit, before, _on_finish(range=other.range, rescale=other.rescale))
        )
    pairs = paired(one.adjustments, other.adjustments, lambda a: (a.kind, _when(a.when)))
    pairs = [(_knows(old, new), new) for old, new in pairs]
    place = {id(each): at for at, pair in enumerate(pairs) for each in pair if each is not None}
    for at, (old, new) in enumerate(pairs):
        if old and new and old.points == new.points and not _differ(old.when, new.when):
            continue
        edit = Edit(
            ("adjustment", before.figure, str(at), _adjustment(old or new)),
            f"`{before.figure}`",
            _adjustment(old),
            _adjustment(new),
            old.span if old else None,
            new.span if new else None,
        )
        slots.append(_one(found, edit, before, _adjusting(old, new, place)))
    start = tuple(old for old, _ in pairs if old is not None)
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
        slots.append(_one(found, edit, before, _on_finish(require=other.require)))
    return before, slots


A = TypeVar("A", Adjustment, Decision)


def _knows(old: A | None, new: A | None) -> A | None:
    """A cap or a decision whose condition knows the labels of both sides."""
    if old is None or new is None or old.when is None or new.when is None:
        return old
    return replace(old, when=_alike(old.when, new.when))


def _when(when: When | None) -> str:
    return when.written if when else ""


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
    return f"{written(require.least * 100)}%" if require.share else written(require.least)


def _on_finish(**changes: object) -> Callable[[AnyStep], AnyStep]:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Finished)
        return replace(step, finish=replace(step.finish, **changes))

    return put


def _adjusting(
    old: Adjustment | None, new: Adjustment | None, place: Mapping[int, int]
) -> Callable[[AnyStep], AnyStep]:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Finished)
        kept = [each for each in step.finish.adjustments if each is not old]
        kept += [new] if new is not None else []
        kept.sort(key=lambda each: place[id(each)])
        return replace(step, finish=replace(step.finish, adjustments=tuple(kept)))

    return put


def _decided(before: Decide, after: Decide, found: Found) -> tuple[Decide, list[Slot]]:
    slots: list[Slot] = []
    pairs = paired(before.decisions, after.decisions, lambda each: _when(each.when))
    pairs = [(_knows(old, new), new) for old, new in pairs]
    place = {id(each): at for at, pair in enumerate(pairs) for each in pair if each is not None}
    for at, (old, new) in enumerate(pairs):
        if old and new and old.points == new.points and not _differ(old.when, new.when):
            continue
        edit = Edit(
            ("decision", before.figure, str(at), _decision(old or new)),
            f"`{before.figure}`",
            _decision(old),
            _decision(new),
            old.span if old else None,
            new.span if new else None,
        )
        slots.append(_one(found, edit, before, _deciding(old, new, place)))
    return replace(before, decisions=tuple(old for old, _ in pairs if old is not None)), slots


def _decision(each: Decision | None) -> str:
    if each is None:
        return ""
    return f"score {written(each.points)} " + (
        f"when {each.when.written}" if each.when else "otherwise"
    )


def _deciding(
    old: Decision | None, new: Decision | None, place: Mapping[int, int]
) -> Callable[[AnyStep], AnyStep]:
    def put(step: AnyStep) -> AnyStep:
        assert isinstance(step, Decide)
        kept = [each for each in step.decisions if each is not old]
        kept += [new] if new is not None else []
        kept.sort(key=lambda each: place[id(each)])
        return replace(step, decisions=tuple(kept))

    return put
