"""A whole cohort at once, step by step: the same values as one entity at a time, far sooner.

A column holds one step for every entity, in whole numbers over one denominator wherever that stays
short. Answers are looked up and arithmetic means taken a column at a time; whatever else there is,
and every entity of which something is missing, given or conditional, goes through
`exact.evaluate`. That stays the definition: tests hold every value of a column against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm

from bareme.exact import TooManyBits
from bareme.plan import Aggregate, AnyStep, Ask, Count, Path, Plan
from bareme.profiles.profile import Profile
from bareme.record import Record, replace
from bareme.scoring.exact import TooLong, evaluate, included, ranked
from bareme.scoring.surroundings import (
    ALONE,
    Average,
    Carried,
    Known,
    Surroundings,
    averaged,
    carried_parts,
    label_of,
)
from bareme.scoring.trace import Evaluation, Status, Trace, Unit, Value
from bareme.source import Span

SHORT = 512
"""Bits up to which one denominator for a whole column is worth having."""

Cell = int | Fraction | None


class Column(Record):
    """One step's scores over a cohort.

    Attributes:
        cells: each score times `over`; None where there is none.
        over: what every score is a fraction of, above 0.
        statuses: where each score comes from.
        rests: whether a given score has a part in each; None where it has in none.
        whole: whether every cell is a whole number, or none.
        units: the parts of each entity, of a figure that is scored for each.
    """

    cells: Sequence[Cell]
    over: int
    statuses: Sequence[Status]
    rests: Sequence[bool] | None
    whole: bool
    units: Mapping[int, tuple[Unit, ...]] = field(default_factory=dict)

    def score(self, at: int) -> Fraction | None:
        cell = self.cells[at]
        return None if cell is None else Fraction(cell, self.over)

    def value(self, at: int) -> Value:
        rests = bool(self.rests and self.rests[at])
        return Value(self.score(at), self.statuses[at], rests, self.units.get(at, ()))

    def linear(self, times: Fraction, plus: Fraction) -> tuple[Sequence[Cell], int]:
        """Every score times one number, plus another: cells, and what they are fractions of."""
        under = lcm(self.over * times.denominator, plus.denominator)
        factor = times.numerator * (under // (self.over * times.denominator))
        added = plus.numerator * (under // plus.denominator)
        return [None if cell is None else cell * factor + added for cell in self.cells], under


class Scored(Record, caches=True):
    """One index scored for the entities of a cohort that are in it.

    Attributes:
        columns: one a step, in the order of the plan.
        ranked: whether each entity is among those that are ranked.
        around: what stands in place of missing parts.
    """

    plan: Plan
    profiles: tuple[Profile, ...]
    columns: tuple[Column, ...]
    ranked: tuple[bool, ...]
    around: Surroundings = ALONE

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Where an entity stands in `profiles` and in every column."""
        return {profile.entity: at for at, profile in enumerate(self.profiles)}

    def trace(self, entity: str) -> Trace:
        """Every step of one entity.

        Raises:
            KeyError: where the entity is not in the index.
        """
        at = self.position[entity]
        values = tuple(column.value(at) for column in self.columns)
        return Trace(self.plan, self.profiles[at], values, self.around)

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """One an entity."""
        return tuple(self.trace(entity) for entity in self.position)

    def carried_on(self) -> Mapping[int, Mapping[str, Carried]]:
        """The last known score of every part that is carried forward, this edition included.

        What does not apply has no score to carry, whatever it was before. Of an entity that is not
        here nothing new is known.
        """
        carried: dict[int, Mapping[str, Carried]] = {}
        for number in carried_parts(self.plan):
            known = dict(self.around.carried.get(number, {}))
            for at, profile in enumerate(self.profiles):
                value = self.columns[number].value(at)
                if value.score is not None:
                    span = _recorded(self.plan.steps[number], profile)
                    known[profile.entity] = Carried(
                        value.score, value.rests_on_given, profile.edition, span
                    )
                elif not value.status.applies:
                    known.pop(profile.entity, None)
            carried[number] = known
        return carried


def _recorded(step: AnyStep, profile: Profile) -> Span:
    """Where a profile says what a score comes from, or where it starts."""
    given = profile.given.get(step.path)
    asked = ""
    if isinstance(step, Ask | Count):
        asked = step.question if isinstance(step, Ask) else step.measure
    recorded = given or profile.answers.get(asked)
    return recorded.span if recorded else profile.span


def score_cohort(plan: Plan, profiles: Iterable[Profile], around: Surroundings = ALONE) -> Scored:
    """Evaluate one index for every entity that is in it.

    Args:
        plan: of the index.
        profiles: of the cohort.
        around: what earlier editions know; the averages of this one are worked out here.

    Raises:
        TooLong: where an exact value would be too long to compute with.
    """
    entities = tuple(profile for profile in profiles if included(plan, profile))
    columns: list[Column] = []
    given: dict[Path, list[int]] = {}
    for at, profile in enumerate(entities):
        for path in profile.given:
            given.setdefault(path, []).append(at)
    averages: dict[tuple[int, str], Average] = {}  # filled before what reads them is evaluated
    around = replace(around, averages=averages)
    so_far = [Evaluation(plan, each, _Row(columns, at), around) for at, each in enumerate(entities)]

    def one_by_one(step: AnyStep, positions: Iterable[int]) -> dict[int, Value]:
        values: dict[int, Value] = {}
        for at in positions:
            try:
                values[at] = evaluate(step, so_far[at])
            except TooManyBits:
                raise TooLong(step, entities[at]) from None
        return values

    for step in plan.steps:
        if isinstance(step, Aggregate) and (group := averaged(step)) is not None:
            for part in step.parts:
                if (part.step, group) not in averages:
                    known = _known(columns[part.step], entities, group)
                    averages[part.step, group] = Average(group, around.partial, known)
        draft = _draft(step, entities, columns)
        if draft is None:
            draft = _Draft([None] * len(entities), 1, [Status.MISSING] * len(entities))
            aside: Iterable[int] = range(len(entities))
        else:
            aside = sorted({*draft.aside, *given.get(step.path, ())})
        columns.append(_column(draft, one_by_one(step, aside)))
    among = tuple(ranked(plan, profile) for profile in entities)
    return Scored(plan, entities, tuple(columns), among, around)


def _known(column: Column, entities: Sequence[Profile], group: str) -> dict[str, Known]:
    """The scores in a column, of the entities that say what they are of a group."""
    known: dict[str, Known] = {}
    for at, profile in enumerate(entities):
        value, label = column.value(at), label_of(profile, group)
        if value.score is not None and label is not None:
            known[profile.entity] = Known(label, value.score, value.rests_on_given)
    return known


class _Row(Sequence[Value]):
    """One entity's values, as far as the columns are there."""

    def __init__(self, columns: Sequence[Column], at: int) -> None:
        self._columns = columns
        self._at = at

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, number: int) -> Value:  # type: ignore[override]
        return self._columns[number].value(self._at)


@dataclass(slots=True)
class _Draft:
    """A column in whole numbers, and the positions that have to be evaluated one by one."""

    cells: list[int | None]
    over: int
    statuses: list[Status]
    rests: list[bool] | None = None
    aside: Sequence[int] = ()


def _draft(step: AnyStep, entities: Sequence[Profile], columns: Sequence[Column]) -> _Draft | None:
    """A step as a column; None where every entity has to be evaluated by itself."""
    if step.skip:
        return None
    if isinstance(step, Ask):
        return _looked_up(step, entities)
    if isinstance(step, Aggregate) and step.method.value == "arithmetic mean":
        finish = step.finish
        if finish.require is None and finish.rescale is None and not finish.adjustments:
            return _mean(step, [columns[part.step] for part in step.parts])
    return None


def _looked_up(step: Ask, entities: Sequence[Profile]) -> _Draft:
    """The points of every answer."""
    over = lcm(*(points.denominator for points in step.points.values() if points is not None))
    units = {
        name: None if points is None else points.numerator * (over // points.denominator)
        for name, points in step.points.items()
    }
    question = step.question
    answers = [profile.answers.get(question) for profile in entities]
    cells = [None if answer is None else units[answer.text] for answer in answers]
    statuses = [Status.ANSWERED] * len(cells)
    if None in cells:
        for at, (cell, answer) in enumerate(zip(cells, answers, strict=True)):
            if cell is None:
                unasked = question in entities[at].unasked
                missing = Status.NOT_ASKED if unasked else Status.MISSING
                statuses[at] = missing if answer is None else Status.NOT_APPLICABLE
    return _Draft(cells, over, statuses)


def _mean(step: Aggregate, parts: Sequence[Column]) -> _Draft | None:
    """The arithmetic mean wherever every part has a score."""
    weights = [part.weight for part in step.parts]
    common = lcm(*(weight.denominator for weight in weights))
    whole = [weight.numerator * (common // weight.denominator) for weight in weights]
    under = lcm(*(part.over for part in parts))
    over = under * sum(whole)
    if not over or over.bit_length() > SHORT or not all(part.whole for part in parts):
        return None
    factors = [weight * (under // part.over) for weight, part in zip(whole, parts, strict=True)]
    shared = gcd(over, *factors)
    scaled: list[list[int]] = []
    aside: set[int] = set()
    for factor, part in zip(factors, parts, strict=True):
        times = factor // shared
        if None in part.cells:
            aside.update(at for at, cell in enumerate(part.cells) if cell is None)
            scaled.append([0 if cell is None else times * cell for cell in part.cells])  # type: ignore[misc]
        else:
            scaled.append([times * cell for cell in part.cells])  # type: ignore[misc, operator]
    cells: list[int | None] = [*map(sum, zip(*scaled, strict=True))]
    statuses = [Status.COMPUTED] * len(cells)
    resting = [part.rests for part, w in zip(parts, whole, strict=True) if part.rests and w > 0]
    rests = [any(each) for each in zip(*resting, strict=True)] if resting else None
    for at, rest in enumerate(rests or ()):
        if rest:
            statuses[at] = Status.RESTS_ON_GIVEN
    return _Draft(cells, over // shared, statuses, rests, sorted(aside))


def _column(draft: _Draft, values: Mapping[int, Value]) -> Column:
    """A draft with what was evaluated one by one."""
    if not values:
        return Column(draft.cells, draft.over, draft.statuses, draft.rests, whole=True)
    over: int = draft.over
    for value in values.values():
        if value.score is not None and over.bit_length() <= SHORT:
            over = lcm(over, value.score.denominator)
    whole = over.bit_length() <= SHORT
    over = over if whole else draft.over
    times = over // draft.over
    cells: list[Cell] = [None if cell is None else cell * times for cell in draft.cells]
    statuses = list(draft.statuses)
    rests = list(draft.rests or [False] * len(cells))
    for at, value in values.items():
        score = value.score
        if score is None:
            cells[at] = None
        else:
            cells[at] = score.numerator * (over // score.denominator) if whole else score * over
        statuses[at], rests[at] = value.status, value.rests_on_given
    units = {at: value.units for at, value in values.items() if value.units}
    return Column(cells, over, statuses, rests if True in rests else None, whole, units)
