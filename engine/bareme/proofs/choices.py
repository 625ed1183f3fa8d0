"""What one entity can say that a score may rest on: every choice, and the ways it can come out.

A number is cut at every place where a rule may turn: at limits of steps, goalposts, and what
conditions hold it against. Between two of them all numbers are alike to the rules, or earn points
that only rise or only fall. Answers that no rule tells apart are one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from bareme.exact import written
from bareme.framework import (
    AtLeast,
    Compared,
    Condition,
    Exists,
    Figure,
    Framework,
    InGroup,
    IsAnswer,
    Measure,
    Not,
    Part,
    Range,
    Steps,
    When,
)
from bareme.plan import AnyStep, Ask, Count, Decide, Each, Finished, Plan, Take, count_step
from bareme.profiles.profile import Answer, Evidence, GivenScore, PartOf, Profile
from bareme.record import Record, replace
from bareme.scoring.exact import points_of
from bareme.source import Span


class Kind(StrEnum):
    ANSWER = "answer"
    NUMBER = "number"
    GROUP = "group"
    GIVEN = "given score"
    EDITION = "edition"


class Choice(Record):
    """One thing that an entity, or each of its parts, can say.

    Attributes:
        unit: of the parts that say it; empty where the entity does.
        id: of the question, measure or group; of a given score the dotted path of its figure.
    """

    kind: Kind
    unit: str
    id: str


class Way(Record):
    """One way that a choice can come out.

    Attributes:
        text: the answer, or the label of a group.
        low, high: a number, where both are the same; else any number between them, neither
            included, None where there is no end.
        stretch: whether it is such numbers, and not one thing.
        said: whether anything is said.
        unasked: of an edition, the questions that are not asked in it.
    """

    text: str = ""
    low: Fraction | None = None
    high: Fraction | None = None
    stretch: bool = False
    said: bool = True
    unasked: frozenset[str] = frozenset()

    @property
    def number(self) -> Fraction:
        """The number that it is, or one of them, with few decimals."""
        low, high = self.low, self.high
        if low is not None and high is not None:
            return (low + high) / 2
        if low is not None:
            return low + 1
        return high - 1 if high is not None else Fraction(0)


NOTHING = Way(said=False)
"""Not answered, not recorded, not given, in no group."""

Chosen = Mapping[Choice, Way]
"""Choices that are settled, each in one way."""


class Choices(Record, caches=True):
    """Every choice that the steps of a plan may rest on.

    Attributes:
        ways: of each choice; no answer last, where there can be none.
        points: what ways earn, of the choices that are scored; of a stretch some number of it.
        let_off: whether an answer that is required may lack, where it is not asked for.
        rising, falling: numbers of which, between goalposts, more or less is better.
    """

    plan: Plan
    ways: Mapping[Choice, tuple[Way, ...]]
    points: Mapping[Choice, Mapping[Way, Fraction | None]] = field(default_factory=dict)
    rising: frozenset[Choice] = frozenset()
    falling: frozenset[Choice] = frozenset()
    let_off: bool = False

    @cached_property
    def units(self) -> dict[str, Each]:
        """The units that parts can be, each with a step that is scored for each of them."""
        return {step.unit.value: step for step in self.plan.steps if isinstance(step, Each)}

    def profile(self, chosen: Chosen) -> Profile:
        """An entity that has chosen so, and says nothing else.

        It has one part of each unit of which something is chosen.
        """
        answers: dict[str, dict[str, Answer]] = {"": {}}
        groups: dict[str, str] = {}
        given: dict[tuple[str, ...], GivenScore] = {}
        unasked: frozenset[str] = frozenset()
        for choice, way in chosen.items():
            of_unit = answers.setdefault(choice.unit, {})
            if choice.kind is Kind.EDITION:
                unasked = way.unasked
            elif not way.said:
                continue
            elif choice.kind is Kind.ANSWER:
                of_unit[choice.id] = Answer(way.text, _NO_EVIDENCE, _NOWHERE)
            elif choice.kind is Kind.NUMBER:
                of_unit[choice.id] = recorded(way)
            elif choice.kind is Kind.GROUP:
                groups[choice.id] = way.text
            else:
                given[tuple(choice.id.split("."))] = GivenScore(way.number, _NO_EVIDENCE, _NOWHERE)
        own = {id: each for id, each in answers[""].items() if id not in unasked}
        parts = {
            unit: (PartOf(f"{unit} 1", {i: a for i, a in said.items() if i not in unasked}, {},
                          _NOWHERE),)
            for unit, said in answers.items()
            if unit
        }  # fmt: skip
        return Profile(
            entity="",
            name="",
            answers=own,
            off_scale={},
            given=given,
            printed={},
            printed_ranks={},
            span=_NOWHERE,
            groups=groups,
            parts=parts,
            unasked=unasked,
        )

    @cached_property
    def without_blanks(self) -> Choices:
        """The same where everything is answered."""
        ways = {c: tuple(w for w in ways if w.said) or ways for c, ways in self.ways.items()}
        return replace(self, ways=ways)


_NO_EVIDENCE = Evidence()
_NOWHERE = Span("", 0, 0)


def recorded(way: Way) -> Answer:
    """A number as a profile records it."""
    return Answer(written(way.number), _NO_EVIDENCE, _NOWHERE, way.number)


def choices_of(framework: Framework, plan: Plan, unasked: Iterable[frozenset[str]] = ()) -> Choices:
    """Every choice that an index rests on.

    Args:
        framework: without errors.
        plan: of one of its indices.
        unasked: for each edition the ids of the questions that are not asked in it.
    """
    return _choices(_Gathering(framework, plan, tuple(unasked)), plan)


def choices_of_both(
    one: tuple[Framework, Plan],
    other: tuple[Framework, Plan],
    unasked: Iterable[frozenset[str]] = (),
) -> Choices:
    """Every choice that either of two indices rests on; ways are apart that either tells apart.

    Args:
        one, other: frameworks that accept the same profiles, each with a plan; the choices are of
            the first plan.
        unasked: as of `choices_of`; the same in both.
    """
    gathered = _Gathering(*one, ())
    gathered.take_in(_Gathering(*other, ()), tuple(unasked))
    return _choices(gathered, one[1])


def _choices(found: _Gathering, plan: Plan) -> Choices:
    return Choices(
        plan,
        found.ways,
        found.points(),
        frozenset(each for each, up in found.slopes.items() if up),
        frozenset(each for each, up in found.slopes.items() if not up),
        found.let_off,
    )


class _Gathering:
    """Goes through the steps of a plan once for what is asked, and once for how it can come out."""

    def __init__(
        self, framework: Framework, plan: Plan, unasked: tuple[frozenset[str], ...]
    ) -> None:
        self.framework = framework
        self.asks: dict[Choice, Ask] = {}
        self.numbers: dict[Choice, Range | None] = {}
        self.turns: dict[Choice, set[Fraction]] = {}
        self.told_apart: dict[Choice, list[frozenset[str]]] = {}
        self.groups: dict[str, set[str]] = {}
        self.given: dict[Choice, Range] = {}
        self.own: dict[str, frozenset[str]] = {}
        self.never_blank = never_blank(framework)
        root = framework.figures[plan.root.path]
        inside = not isinstance(plan.root, Each)  # one part by itself is planned
        self.alone = root.each.value if root.each and inside else ""
        self.counts: dict[Choice, Count] = {}
        self.slopes: dict[Choice, bool] = {}  # whether more is better
        self.steps(plan, "")
        for when in (plan.include, plan.ranked):
            if when is not None:
                self.condition(when.condition, "")
        self.ways = self.come_out(unasked)

    @property
    def let_off(self) -> bool:
        """Whether something that is required may be left blank by some profiles."""
        required = self.framework.required
        return any(
            choice.id in required and not self.needed(choice)
            for choice in self.ways
            if choice.kind is not Kind.ANSWER or choice in self.asks  # else it is only read
        )

    def come_out(self, unasked: tuple[frozenset[str], ...]) -> dict[Choice, tuple[Way, ...]]:
        """How every choice can come out."""
        ways: dict[Choice, tuple[Way, ...]] = {}
        asked = {choice.id for choice in (*self.asks, *self.told_apart)}
        editions = tuple(dict.fromkeys(each & asked for each in unasked))
        if any(editions):
            ways[Choice(Kind.EDITION, "", "")] = tuple(Way(unasked=each) for each in editions)
        ways |= {choice: self.labels(choice) for choice in [*self.asks, *self.told_apart]}
        ways |= {choice: self.stretches(choice) for choice in self.numbers}
        ways |= {choice: self.scores(choice) for choice in self.given}
        ways |= {Choice(Kind.GROUP, "", id): self.of_group(id) for id in self.groups}
        return ways

    def take_in(self, other: _Gathering, unasked: tuple[frozenset[str], ...]) -> None:
        """Take in what another plan asks and tells apart; what earns other points is apart."""
        for choice, step in other.asks.items():
            apart = self.told_apart.setdefault(choice, [])
            for points in set(step.points.values()):
                apart.append(frozenset(n for n, each in step.points.items() if each == points))
            self.asks.setdefault(choice, step)
        for choice, sets in other.told_apart.items():
            self.told_apart.setdefault(choice, []).extend(sets)
        for choice, turns in other.turns.items():
            self.turns.setdefault(choice, set()).update(turns)
        for id, labels in other.groups.items():
            self.groups.setdefault(id, set()).update(labels)
        self.numbers = {**other.numbers, **self.numbers}
        self.given = {**other.given, **self.given}
        self.counts = {**other.counts, **self.counts}
        self.slopes = {**other.slopes, **self.slopes}
        self.ways = self.come_out(unasked)

    def steps(self, plan: Plan, unit: str) -> None:
        for step in plan.steps:
            if isinstance(step, Each):
                self.own[step.unit.value] = self.own.get(step.unit.value, frozenset()) | step.asked
                self.steps(step.inner, step.unit.value)
        for step in plan.steps:
            self.step(step, unit)
            for when in whens_of(step):
                self.condition(when.condition, unit)

    def step(self, step: AnyStep, unit: str) -> None:
        if isinstance(step, Ask):
            choice = Choice(Kind.ANSWER, unit, step.question)
            self.asks[choice] = step
        elif isinstance(step, Count):
            for id in step.reads:
                self.number(id, unit)
        elif isinstance(step, Take):
            figure = self.framework.figures[step.path]
            choice = Choice(Kind.GIVEN, "", step.figure)
            self.given[choice] = self.framework.given_range(figure)
            self.slopes[choice] = True
            self.turns.setdefault(choice, set())

    def of(self, id: str, unit: str) -> str:
        """The unit whose parts answer something that is read there; empty for the entity."""
        return unit if id in self.own.get(unit, ()) else ""

    def number(self, id: str, unit: str) -> None:
        choice = Choice(Kind.NUMBER, self.of(id, unit), id)
        measure = self.framework.recorded[id]
        self.numbers[choice] = measure.plausible
        turns = self.turns.setdefault(choice, set())
        if choice in self.counts or measure.formula is not None or measure.scoring is None:
            return
        step = self.counts[choice] = count_step(measure)
        if isinstance(step.by, Steps):
            turns |= {each.limit for each in step.by.steps if each.limit is not None}
        elif step.by.value is not None:
            turns |= {step.by.value.worst, step.by.value.best}
            self.slopes[choice] = step.by.value.best > step.by.value.worst

    def condition(self, condition: Condition, unit: str) -> None:
        match condition:
            case IsAnswer():
                self.question(condition.question, unit).append(condition.answers)
            case InGroup():
                self.groups.setdefault(condition.group, set()).update(condition.labels)
            case Not():
                self.condition(condition.of, unit)
            case AtLeast():
                for each in condition.of:
                    self.condition(each, unit)
            case Exists(kind="group"):
                self.groups.setdefault(condition.id[-1], set())
            case Exists(kind="question"):
                self.question(condition.id[-1], unit)
            case Exists(kind="measure") | Compared(kind="measure"):
                for id in condition.formula.reads if condition.formula else condition.id[-1:]:
                    self.number(id, unit)
                if isinstance(condition, Compared) and condition.formula is None:
                    id = condition.id[-1]
                    self.turns[Choice(Kind.NUMBER, self.of(id, unit), id)].add(condition.number)
            case Compared(kind="figure"):
                choice = Choice(Kind.GIVEN, "", ".".join(condition.id))
                self.turns.setdefault(choice, set()).add(condition.number)

    def question(self, id: str, unit: str) -> list[frozenset[str]]:
        """What tells answers to a question apart; one that is read and not scored here is kept."""
        choice = Choice(Kind.ANSWER, self.of(id, unit), id)
        return self.told_apart.setdefault(choice, [])

    def points(self) -> dict[Choice, dict[Way, Fraction | None]]:
        """What the ways of every scored choice earn."""
        found: dict[Choice, dict[Way, Fraction | None]] = {}
        for choice, ways in self.ways.items():
            said = [way for way in ways if way.said]
            if choice.kind is Kind.ANSWER:
                earned = self.earned(choice)
                found[choice] = {way: earned[way.text] for way in said}
            elif choice in self.counts:
                found[choice] = {way: points_of(self.counts[choice], way.number) for way in said}
            elif choice in self.given:
                found[choice] = {way: way.number for way in said}
        return found

    def earned(self, choice: Choice) -> dict[str, Fraction | None]:
        """What each label earns, in this index or, where only conditions read it, in another."""
        scale = self.framework.questions[choice.id].scale
        assert scale is not None
        return {label.text: label.points for label in scale.labels}

    def labels(self, choice: Choice) -> tuple[Way, ...]:
        apart = self.told_apart.get(choice, [])
        found: dict[object, Way] = {}
        for label, points in self.earned(choice).items():
            found.setdefault((points, *(label in each for each in apart)), Way(label))
        return (*found.values(), *self.blank(choice))

    def blank(self, choice: Choice) -> tuple[Way, ...]:
        return () if self.needed(choice) else (NOTHING,)

    def needed(self, choice: Choice) -> bool:
        """Whether every profile answers it; what a part is scored by is asked of that part."""
        of_part = choice in self.asks or choice in self.counts
        unit = choice.unit or (self.alone if of_part else "")
        return (unit, choice.id) in self.never_blank

    def stretches(self, choice: Choice) -> tuple[Way, ...]:
        turns = self.turns[choice] or {Fraction(0), Fraction(1)}  # only a formula reads it
        return (*cut(turns, self.numbers[choice]), *self.blank(choice))

    def scores(self, choice: Choice) -> tuple[Way, ...]:
        return (*cut(self.turns[choice], self.given[choice]), NOTHING)

    def of_group(self, id: str) -> tuple[Way, ...]:
        declared = self.framework.groups[id].labels
        if declared:
            return (*map(Way, declared), NOTHING)
        mentioned = sorted(self.groups[id])
        other = next(text for text in _others() if text not in mentioned)
        return (*map(Way, mentioned), Way(other), NOTHING)


def never_blank(framework: Framework) -> frozenset[tuple[str, str]]:
    """The ids of questions, measures and data that every profile answers, each after the unit.

    An answer that is required may lack where everything that asks for it is skipped, or an index
    includes some entities only. What is asked of parts need not be answered by the entity too.
    """
    found: set[tuple[str, str]] = set()
    stack: list[Part] = [index.root for index in framework.indices if index.include is None]
    while stack:
        part = stack.pop()
        if part.skip:
            continue
        if isinstance(part, Figure):
            stack += part.children
        elif part.settings.answer_required.value:
            formula = part.formula if isinstance(part, Measure) else None
            scope = framework.scopes.get(part.path)
            each = framework.figures[scope].each if scope else None
            unit = each.value if each else ""
            found.update((unit, id) for id in (formula.reads if formula else (part.id,)))
    return frozenset(found)


def _others() -> Iterator[str]:
    yield "another"
    number = 2
    while True:
        yield f"another {number}"
        number += 1


def cut(turns: Iterable[Fraction], within: Range | None) -> tuple[Way, ...]:
    """A range of numbers cut at every turn: the turns themselves, and the stretches between."""
    ends: tuple[Fraction | None, Fraction | None] = within or (None, None)
    low, high = ends
    inside = {t for t in turns if (low is None or low <= t) and (high is None or t <= high)}
    at = sorted(inside | {end for end in ends if end is not None})
    found: list[Way] = []
    before = None
    if not at:
        return (Way(stretch=True),)
    if low is None:
        found.append(Way("", None, at[0], stretch=True))
    for each in at:
        if before is not None:
            found.append(Way("", before, each, stretch=True))
        found.append(Way("", each, each))
        before = each
    if high is None:
        found.append(Way("", before, None, stretch=True))
    return tuple(found)


def whens_of(step: AnyStep) -> list[When]:
    """Every condition of a step, in the order in which they act."""
    whens = list(step.skip)
    if isinstance(step, Decide):
        whens += [each.when for each in step.decisions if each.when is not None]
    if isinstance(step, Finished):
        whens += [each.when for each in step.finish.adjustments if each.when is not None]
    return whens
