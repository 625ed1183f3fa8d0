"""Which steps of a plan need which, and which may move where a choice comes out in another way.

A part of an entity that answers what another figure asks of it is heard wherever it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bareme.framework import AtLeast, Condition, InGroup, IsAnswer, Not
from bareme.plan import Aggregate, AnyStep, Ask, Count, Each, Plan, Repeat, Take
from bareme.proofs.choices import Choice, Kind, whens_of
from bareme.proofs.sayings import Ways


def own_of(plan: Plan) -> dict[str, frozenset[str]]:
    """The questions and measures that parts answer themselves, by their unit."""
    own: dict[str, frozenset[str]] = {}
    for step in plan.steps:
        if isinstance(step, Each):
            own[step.unit.value] = own.get(step.unit.value, frozenset()) | step.asked
    return own


def deps_of(plan: Plan, step: AnyStep) -> Iterator[int]:
    """The steps that a step reads."""
    if isinstance(step, Aggregate):
        yield from (part.step for part in step.parts)
    elif isinstance(step, Repeat):
        yield step.of
    for when in whens_of(step):
        yield from (plan.numbers[path] for path in when.reads)


def needed(plan: Plan, steps: Iterable[int]) -> set[int]:
    """These steps and all that they rest on."""
    found: set[int] = set()
    waiting = [*steps]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += deps_of(plan, plan.steps[number])
    return found


def resting_on(plan: Plan, choice: Choice, ways: Ways) -> frozenset[int]:
    """The steps that may come to something else where a choice comes out in another way."""
    ids = {choice.id}
    if choice.kind is Kind.EDITION:
        ids = {id for way in ways.get(choice, ()) for id in way.unasked}
    found: set[int] = set()
    for step in plan.steps:
        if _reads(step, choice.kind, ids) or any(n in found for n in deps_of(plan, step)):
            found.add(step.number)
    return frozenset(found)


def _reads(step: AnyStep, kind: Kind, ids: set[str]) -> bool:
    """Whether a step itself asks for one of these, or a part of an entity in it does."""
    match step:
        case Ask() if step.question in ids:
            return True
        case Count() if ids.intersection(step.reads):
            return True
        case Take() if kind is Kind.GIVEN and step.figure in ids:
            return True
        case Each() if any(_reads(each, kind, ids) for each in step.inner.steps):
            return True
    return any(_mentions(when.condition, kind, ids) for when in whens_of(step))


def _mentions(condition: Condition, kind: Kind, ids: set[str]) -> bool:
    match condition:
        case IsAnswer():
            return condition.question in ids
        case InGroup():
            return kind is Kind.GROUP and condition.group in ids
        case Not():
            return _mentions(condition.of, kind, ids)
        case AtLeast():
            return any(_mentions(each, kind, ids) for each in condition.of)
    if condition.kind == "figure":
        return False
    read = condition.formula.reads if condition.formula else condition.id[-1:]
    return bool(ids.intersection(read))
