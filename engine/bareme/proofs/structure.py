"""Which choices every step of a plan rests on, and in how many places each of them counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bareme.framework import (
    AtLeast,
    Compared,
    Condition,
    Exists,
    InGroup,
    IsAnswer,
    Not,
    When,
)
from bareme.plan import Aggregate, AnyStep, Ask, Count, Each, Plan, Repeat, Take
from bareme.proofs.choices import Choice, Choices, Kind, whens_of
from bareme.record import Record, replace

Rests = frozenset[Choice]
NONE: Rests = frozenset()
EDITION = Choice(Kind.EDITION, "", "")


class Structure(Record):
    """The steps of an entity, or of a part of it, and the choices that each rests on.

    Attributes:
        choices: all of them; of the entity and of its parts.
        plan: of the steps.
        unit: of the parts that are scored by it; empty for the entity.
        own: ids that a part answers itself.
        asked_here: of them those that its own steps ask.
        rests: by step every choice that can move it.
        read: by step those that conditions at it or below read, or that count twice below it.
        inside: by step the structure of the parts that are scored there.
    """

    choices: Choices
    plan: Plan
    unit: str
    own: frozenset[str]
    asked_here: frozenset[str]
    rests: tuple[Rests, ...]
    read: tuple[Rests, ...]
    inside: Mapping[int, Structure]

    def choice(self, kind: Kind, id: str) -> Choice:
        """The choice that is meant where something is read here."""
        return Choice(kind, self.unit if id in self.own else "", id)

    def reads(self, condition: Condition) -> Rests:
        """The choices that a condition reads, those below figures that it reads included."""
        match condition:
            case IsAnswer(question=id) | Exists(kind="question", id=(*_, id)):
                return self.asked(id)
            case InGroup(group=id) | Exists(kind="group", id=(*_, id)):
                return frozenset({Choice(Kind.GROUP, "", id)})
            case Exists(kind="figure") | Compared(kind="figure"):
                return self.rests[self.plan.numbers[condition.id]]
            case Exists() | Compared():
                ids = condition.formula.reads if condition.formula else condition.id[-1:]
                return frozenset(self.choice(Kind.NUMBER, id) for id in ids)
            case Not():
                return self.reads(condition.of)
            case AtLeast():
                return NONE.union(*(self.reads(each) for each in condition.of))

    def asked(self, id: str) -> Rests:
        """The choices that the answer to a question rests on."""
        found = frozenset({self.choice(Kind.ANSWER, id)})
        of_entity = self.in_its_place(id)
        if of_entity is not None:
            found |= {of_entity}
        editions = self.choices.ways.get(EDITION, ())
        if any(id in way.unasked for way in editions):
            found |= {EDITION}
        return found

    def in_its_place(self, id: str) -> Choice | None:
        """What holds where a part does not say what only another figure asks of it, if anything."""
        of_entity = Choice(Kind.ANSWER, "", id)
        apart = id in self.own and id not in self.asked_here
        return of_entity if apart and of_entity in self.choices.ways else None

    def of_whens(self, whens: list[When]) -> Rests:
        return NONE.union(*(self.reads(when.condition) for when in whens))


def structure_of(choices: Choices) -> Structure:
    """Work out what rests on what; none of it depends on how choices come out."""
    return _structure(choices, choices.plan, "", frozenset(), frozenset())


def _structure(
    choices: Choices, plan: Plan, unit: str, own: frozenset[str], asked: frozenset[str]
) -> Structure:
    of_unit: dict[str, frozenset[str]] = {}
    for step in plan.steps:
        if isinstance(step, Each):
            unit_of = step.unit.value
            of_unit[unit_of] = of_unit.get(unit_of, frozenset()) | step.asked
    inside = {
        step.number: _structure(
            choices, step.inner, step.unit.value, of_unit[step.unit.value], step.asked
        )
        for step in plan.steps
        if isinstance(step, Each)
    }
    rests: list[Rests] = []
    read: list[Rests] = []
    draft = Structure(choices, plan, unit, own, asked, (), (), inside)
    for step in plan.steps:
        so_far = replace(draft, rests=tuple(rests))
        conditions = so_far.of_whens(whens_of(step))
        below = _below(so_far, step)
        counted = Counter(choice for each in below for choice in each[0])
        twice = frozenset(choice for choice, many in counted.items() if many > 1)
        deeper = NONE.union(*(read[number] for _, number in below if number is not None))
        if isinstance(step, Each):
            deeper |= inside[step.number].read[-1]
        rests.append(conditions.union(*(each for each, _ in below)))
        read.append(conditions | twice | deeper)
    return replace(draft, rests=tuple(rests), read=tuple(read))


def _below(structure: Structure, step: AnyStep) -> list[tuple[Rests, int | None]]:
    """What each part of a step rests on, and the number of the part."""
    match step:
        case Ask():
            return [(structure.asked(step.question), None)]
        case Count():
            return [(frozenset({structure.choice(Kind.NUMBER, id)}), None) for id in step.reads]
        case Take():
            return [(frozenset({Choice(Kind.GIVEN, "", step.figure)}), None)]
        case Repeat():
            return [(structure.rests[step.of], step.of)]
        case Each():
            return [(structure.inside[step.number].rests[-1], None)]
        case Aggregate():
            return [(structure.rests[part.step], part.step) for part in step.parts]
        case _:
            return []
