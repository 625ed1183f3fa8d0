"""What rests on which answers: of every step those that can move it, and in how many places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import lcm

from bareme.audit.varied import Asked, answers_read
from bareme.framework import When
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Plan, Repeat
from bareme.profiles.profile import Profile
from bareme.record import Record, replace

MOST_UNITS = 12
"""Into how many units a change is cut at most, where answers count in several places."""


class Scope(Record):
    """The steps of an entity, or of one of its parts, and the answers that each rests on.

    Attributes:
        rests: by step every answer that can move it.
        whens: those of them that conditions read, at the step or below it.
        inside: by step the scopes of the parts that are scored there.
    """

    unit: str
    part: str
    plan: Plan
    own: frozenset[str]
    rests: tuple[frozenset[Asked], ...]
    whens: tuple[frozenset[Asked], ...]
    inside: Mapping[int, tuple[Scope, ...]]

    def asked(self, id: str) -> Asked:
        return (self.unit, self.part, id) if id in self.own else ("", "", id)


def scope_of(plan: Plan, profile: Profile, unit: str = "", part: str = "") -> Scope:
    """Work out what rests on what; none of it depends on how things are answered."""
    own = frozenset(_ids(plan)) if part else frozenset()
    rests: list[frozenset[Asked]] = []
    whens: list[frozenset[Asked]] = []
    inside: dict[int, tuple[Scope, ...]] = {}
    draft = Scope(unit, part, plan, own, (), (), inside)
    for step in plan.steps:
        if step.path in profile.given:
            rests.append(frozenset())
            whens.append(frozenset())
            continue
        read = {draft.asked(id) for when in _whens(step) for id in answers_read(when.condition)}
        read |= {
            each for when in _whens(step) for p in when.reads for each in rests[plan.numbers[p]]
        }
        below: set[Asked] = set()
        deeper: set[Asked] = set()
        if isinstance(step, Ask):
            below = {draft.asked(step.question)}
        elif isinstance(step, Count):
            below = {draft.asked(id) for id in step.reads}
        elif isinstance(step, Aggregate | Repeat):
            for number in _parts(step):
                below |= rests[number]
                deeper |= whens[number]
        elif isinstance(step, Each):
            inside[step.number] = tuple(
                scope_of(step.inner, profile.of_part(each, step.asked), step.unit.value, each.name)
                for each in profile.parts.get(step.unit.value, ())
            )
            for scope in inside[step.number]:
                below |= scope.rests[-1]
                deeper |= scope.whens[-1]
        rests.append(frozenset(read | below))
        whens.append(frozenset(read | deeper))
    return replace(draft, rests=tuple(rests), whens=tuple(whens))


def _ids(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        if isinstance(step, Ask | Count):
            yield step.question if isinstance(step, Ask) else step.measure


def _whens(step: AnyStep) -> list[When]:
    whens = list(step.skip)
    if isinstance(step, Decide):
        whens += [each.when for each in step.decisions if each.when is not None]
    if isinstance(step, Finished):
        whens += [each.when for each in step.finish.adjustments if each.when is not None]
    return whens


def _parts(step: Aggregate | Repeat) -> list[int]:
    return [step.of] if isinstance(step, Repeat) else [part.step for part in step.parts]


def places(scope: Scope, profile: Profile, times: int = 1) -> dict[Asked, int]:
    """In how many places each answer counts towards the last step, conditions aside."""
    routes = [0] * len(scope.plan.steps)
    routes[-1] = times
    found: dict[Asked, int] = {}
    for step in reversed(scope.plan.steps):
        many = routes[step.number]
        if not many or step.path in profile.given:
            continue
        if isinstance(step, Ask | Count):
            ids = (step.question,) if isinstance(step, Ask) else step.reads
            for asked in map(scope.asked, ids):
                found[asked] = found.get(asked, 0) + many
        elif isinstance(step, Aggregate | Repeat):
            weights = [p.weight for p in step.parts] if isinstance(step, Aggregate) else [1]
            for number, weight in zip(_parts(step), weights, strict=True):
                routes[number] += many if weight else 0
        elif isinstance(step, Each):
            for inner in scope.inside[step.number]:
                for asked, more in places(inner, replace(profile, given={}), many).items():
                    found[asked] = found.get(asked, 0) + more
    return found


class Costs(Record):
    """What one change costs at each place where the answer counts.

    Attributes:
        units: of one change.
        each: by answer; 0 where only conditions read it.
    """

    units: int
    each: Mapping[Asked, int]


def costs_of(counted: Mapping[Asked, int]) -> Costs:
    """Shares of a change in whole units, rounded down where they would be many."""
    units = min(lcm(*(many for many in counted.values() if many)), MOST_UNITS)
    return Costs(units, {asked: units // many for asked, many in counted.items() if many})
