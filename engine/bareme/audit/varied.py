"""The answers of one entity that could be other ones, and what each could be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from bareme.audit.tried import candidates, numbers_tried
from bareme.exact import shorten
from bareme.framework import (
    AtLeast,
    Compared,
    Condition,
    Exists,
    Framework,
    InGroup,
    IsAnswer,
    Measure,
    Not,
    Steps,
    When,
)
from bareme.plan import Ask, Count, Decide, Each, Finished, Plan
from bareme.profiles.profile import Answer, Evidence, Profile
from bareme.record import Record, replace

Asked = tuple[str, str, str]
"""The unit and the name of the part that answers, empty for the entity; the id of what is asked."""


class Varied(Record):
    """One answer of an entity, and the others that it could be.

    Attributes:
        asked: what is answered, and by which part.
        title: of the question or measure.
        now: the answer that there is; None where there is none.
        others: each as it is said, and as the profile would have it; never none at all.
        numbers: whether it is a number, of which only those where rules turn are tried.
        steady: whether it is there and applies, whatever it is changed to.
    """

    asked: Asked
    title: str
    now: Answer | None
    others: tuple[tuple[str, Answer], ...]
    numbers: bool
    steady: bool

    @property
    def id(self) -> str:
        return self.asked[2]

    @property
    def part(self) -> str:
        return self.asked[1]


Changes = Mapping[Asked, Answer]


def with_changes(profile: Profile, changes: Changes) -> Profile:
    """The profile with other answers, its parts' among them."""
    own = {asked[2]: answer for asked, answer in changes.items() if not asked[1]}
    parts = dict(profile.parts)
    for unit in {asked[0] for asked in changes if asked[1]}:
        parts[unit] = tuple(
            replace(part, answers={**part.answers, **{
                asked[2]: answer for asked, answer in changes.items()
                if asked[:2] == (unit, part.name)
            }})
            for part in parts[unit]
        )  # fmt: skip
    return replace(profile, answers={**profile.answers, **own}, parts=parts)


def varied(framework: Framework, plan: Plan, profile: Profile) -> list[Varied]:
    """Every answer that a plan reads, in the order of its steps, those of conditions last.

    What a formula reads is left out: any number could stand there. So is what decides on who is in
    the index, and who is ranked.
    """
    found: dict[Asked, Varied] = {}
    fixed = set(kept(plan))
    for unit, part, inner, of in _scopes(plan, profile):
        own = _own(inner) if part else set()
        for step in inner.steps:
            if isinstance(step, Ask | Count):
                id = step.question if isinstance(step, Ask) else step.measure
                worked_out = isinstance(step, Count) and step.formula is not None
                if id in fixed or worked_out or (part and id not in own):
                    continue
                now = of.answers.get(id)
                if now is not None and isinstance(step, Ask):  # by its label, whatever was typed
                    now = replace(now, text=step.labels[now.text][0])
                _add(found, Varied(
                    (unit, part, id), step.title, now, tuple(candidates(inner, step)),
                    isinstance(step, Count), now is not None and _always_applies(step),
                ))  # fmt: skip
    for unit, part, inner, of in _scopes(plan, profile):
        own = _own(inner) if part else set()
        for when in _whens(inner):
            for id in answers_read(when.condition):
                if id not in fixed and (not part or id in own):
                    _add_read(found, (unit, part, id), framework, inner, of)
                elif id not in fixed:
                    _add_read(found, ("", "", id), framework, inner, profile)
    return [each for each in found.values() if each.others]


def kept(plan: Plan) -> Iterator[str]:
    """What is left as it is: what formulas read, and conditions on who is there and ranked."""
    for of in (plan.include, plan.ranked):
        if of is not None:
            yield from answers_read(of.condition)
            yield from _formulas_of(of.condition)
    for inner in [plan, *(step.inner for step in plan.steps if isinstance(step, Each))]:
        for step in inner.steps:
            if isinstance(step, Count) and step.formula is not None:
                yield from step.reads
        for when in _whens(inner):
            yield from _formulas_of(when.condition)


def answers_read(condition: Condition) -> Iterator[str]:
    """The ids of the questions and measures whose answers a condition reads."""
    match condition:
        case IsAnswer():
            yield condition.question
        case Compared() | Exists():
            if condition.kind in ("question", "measure") and condition.formula is None:
                yield condition.id[-1]
        case Not():
            yield from answers_read(condition.of)
        case AtLeast():
            for each in condition.of:
                yield from answers_read(each)
        case InGroup():
            pass
        case _:  # what is not known of here would not be searched, and yet be proved
            assert_never(condition)


def _formulas_of(condition: Condition) -> Iterator[str]:
    match condition:
        case Compared() | Exists() if condition.formula is not None:
            yield from condition.formula.reads
        case Not():
            yield from _formulas_of(condition.of)
        case AtLeast():
            for each in condition.of:
                yield from _formulas_of(each)


def _scopes(plan: Plan, profile: Profile) -> Iterator[tuple[str, str, Plan, Profile]]:
    """The plan of the entity, then that of each of its parts, with who answers."""
    yield "", "", plan, profile
    for step in plan.steps:
        if isinstance(step, Each):
            for part in profile.parts.get(step.unit.value, ()):
                of_part = profile.of_part(part, step.asked)
                yield step.unit.value, part.name, step.inner, of_part


def _own(inner: Plan) -> set[str]:
    """What a part answers for itself."""
    steps = [step for step in inner.steps if isinstance(step, Ask | Count)]
    return {step.question if isinstance(step, Ask) else step.measure for step in steps}


def _whens(plan: Plan) -> Iterator[When]:
    """Every condition of a plan, but for who is in the index."""
    for step in plan.steps:
        yield from step.skip
        if isinstance(step, Decide):
            yield from (each.when for each in step.decisions if each.when is not None)
        if isinstance(step, Finished):
            yield from (each.when for each in step.finish.adjustments if each.when is not None)


def _always_applies(step: Ask | Count) -> bool:
    """Whether no answer to it is excluded."""
    if isinstance(step, Ask):
        return None not in step.points.values()
    return not isinstance(step.by, Steps) or None not in [each.points for each in step.by.steps]


def _add(found: dict[Asked, Varied], more: Varied) -> None:
    """Take in what is asked, or more answers to it, where it is asked again."""
    known = found.get(more.asked)
    others = dict(known.others if known else ())
    others |= {said: answer for said, answer in more.others if not _same(answer, more.now)}
    steady = more.steady and (known is None or known.steady)
    found[more.asked] = replace(more, others=tuple(others.items()), steady=steady)


def _same(answer: Answer, now: Answer | None) -> bool:
    if now is None:
        return False
    return answer.text == now.text if now.value is None else answer.value == now.value


def _add_read(
    found: dict[Asked, Varied], asked: Asked, framework: Framework, plan: Plan, of: Profile
) -> None:
    """Take in what only a condition reads."""
    of_id = framework.questions.get(asked[2]) or framework.recorded.get(asked[2])
    if of_id is None or asked in found:
        return
    now = of.answers.get(asked[2])
    if isinstance(of_id, Measure):
        values = numbers_tried(plan, of_id.id, of_id.plausible)
        tried = [(shorten(v), Answer(shorten(v), Evidence(), of_id.span, v)) for v in values]
    else:
        labels = of_id.scale.labels if of_id.scale else ()
        tried = [(label.text, Answer(label.text, Evidence(), label.span)) for label in labels]
        label = of_id.scale.label(now.text) if of_id.scale and now else None
        now = replace(now, text=label.text) if now and label else now
    numbers = isinstance(of_id, Measure)
    _add(found, Varied(asked, of_id.title, now, tuple(tried), numbers, steady=True))
