"""Profiles that may tell two plans of one figure apart, the likeliest first; or every profile.

Where the choices that matter are few every combination is looked at, and nothing is left to be
found. Else the search starts from profiles where all is best, worst, first or blank, lets
conditions of the figure hold or not, changes one choice at a time, or two that they read, and ends
at random.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice, product
from math import prod

from bareme.framework import Condition, Exists, Framework, InGroup, Not, Steps
from bareme.methods.missing import ALL, policy_named
from bareme.plan import Aggregate, AnyStep, Ask, Count, Each, Path, Plan, Take, plan_figure
from bareme.profiles.profile import Profile
from bareme.proofs.aiming import Aiming, Worth
from bareme.proofs.choices import (
    Choice,
    Choices,
    Chosen,
    Kind,
    Way,
    choices_of,
    choices_of_both,
    whens_of,
)
from bareme.record import Record, replace
from bareme.scoring.exact import TooLong, points_of, score
from bareme.scoring.surroundings import ALONE, Carried, Imputed, Surroundings, label_of
from bareme.scoring.trace import Status, Trace
from bareme.source import Span

EVERY = 20_000
"""Profiles that are looked at where that is all there are."""

AIMED = 600
AT_RANDOM = 400
MOST = 4_000
"""Profiles that are looked at where there are more."""

AS_CHOSEN = (1, 0)
_MANY = 50  # parts of an entity, at most

Came = tuple[Fraction | None, Status]
"""What a figure comes to: its score and its status."""


class Supposed(Surroundings):
    """Where a missing part counts as the score of others, that score is supposed.

    Attributes:
        scores: by the step of a part.
    """

    scores: Mapping[int, Fraction] = field(default_factory=dict)

    def imputed(self, number: int, policy: str, profile: Profile) -> Imputed | None:
        """What is supposed, where the policy reads others at all."""
        read = policy_named(policy)
        named = read.average_of is None or label_of(profile, read.average_of) is not None
        if not read.imputes or not named or number not in self.scores:
            return None
        return Carried(self.scores[number], False, "", Span("", 0, 0))


class Told(Record):
    """A profile by which two plans come to something else.

    Attributes:
        chosen: of the choices.
        parts: how many parts it has of each unit that say what is chosen, and how many that say
            nothing.
        high: whether what stands in for missing parts is the greatest score they can have, or the
            least; None where nothing stands in for them.
    """

    chosen: Chosen
    parts: tuple[int, int]
    high: bool | None


class Pair(Record, caches=True):
    """One figure by two frameworks that accept the same profiles, each with what it needs.

    Attributes:
        plans: that end with the figure.
        unasked: for each edition the questions that are not asked in it, the same in both.
    """

    frameworks: tuple[Framework, Framework]
    plans: tuple[Plan, Plan]
    unasked: tuple[frozenset[str], ...]

    @cached_property
    def choices(self) -> Choices:
        """The choices that either rests on."""
        one, other = zip(self.frameworks, self.plans, strict=True)
        return choices_of_both(one, other, self.unasked)

    @property
    def sides(self) -> tuple[Choices, Choices]:
        """The choices that each rests on by itself, for a solver."""
        one, other = zip(self.frameworks, self.plans, strict=True)
        return choices_of(*one, self.unasked), choices_of(*other, self.unasked)

    @property
    def steps(self) -> Iterator[AnyStep]:
        """The steps of both, those of parts included."""
        for plan in self.plans:
            yield from every_step(plan)

    @cached_property
    def imputing(self) -> tuple[str, ...]:
        """The policies by which missing parts count as scores of others."""
        named = {s.when_missing.value for s in self.steps if isinstance(s, Aggregate)}
        return tuple(sorted(each for each in named if policy_named(each).imputes))

    @cached_property
    def units(self) -> bool:
        """Whether parts of an entity are scored."""
        return any(isinstance(step, Each) for step in self.steps)

    @cached_property
    def many(self) -> tuple[tuple[int, int], ...]:
        """How many parts are tried of a unit: also as many as some figure requires answers."""
        if not self.units:
            return (AS_CHOSEN,)
        each = [step.finish.require for step in self.steps if isinstance(step, Each)]
        required = sorted({int(r.least) for r in each if r and not r.share and r.least <= _MANY})
        more = [(number, 0) for number in required if number > 1]
        return tuple(dict.fromkeys([AS_CHOSEN, (1, 1), (0, 0), (2, 0), *more]))

    @property
    def stand_ins(self) -> tuple[bool | None, ...]:
        """What is tried in place of missing parts that count as scores of others."""
        return (None, True, False) if self.imputing else (None,)

    @cached_property
    def exact(self) -> bool:
        """Whether nothing is left where every combination of choices was looked at."""
        return not (self.units or self.imputing or any(self.sloping) or self.let_off)

    @cached_property
    def let_off(self) -> bool:
        """Whether some answer that is required need not be there after all.

        None is needed where a question is skipped, or not asked, or the entity not in the index.
        """
        needed = any(ways[-1].said for c, ways in self.choices.ways.items() if c.kind in _ANSWERS)
        return needed and any(_lets_off(framework) for framework in self.frameworks)

    @cached_property
    def sloping(self) -> tuple[Choice, ...]:
        """The choices with stretches of numbers along which a score may rise or fall."""
        return tuple(
            choice
            for choice, ways in self.choices.ways.items()
            if any(way.stretch and not self.flat(choice, way) for way in ways)
        )

    def flat(self, choice: Choice, way: Way) -> bool:
        """Whether all numbers of a stretch are alike to the rules."""
        if choice.kind is not Kind.NUMBER or choice.id in self._in_formulas:
            return False
        counts = [s for s in self.steps if isinstance(s, Count) and s.measure == choice.id]
        return all(isinstance(step.by, Steps) or _beyond(step, way) for step in counts)

    @cached_property
    def _in_formulas(self) -> set[str]:
        found: set[str] = set()
        for step in self.steps:
            if isinstance(step, Count) and step.formula is not None:
                found |= set(step.formula.reads)
            for when in whens_of(step):
                found |= set(_formulas(when.condition))
        return found

    @cached_property
    def focus(self) -> tuple[Choice, ...]:
        """The choices that conditions of the figure itself read."""
        ids: set[str] = set()
        for plan in self.plans:
            for when in whens_of(plan.root):
                ids |= {*when.answers, *_groups(when.condition)}
        return tuple(choice for choice in self.choices.ways if choice.id in ids)

    def below(self, path: Path) -> list[Choice]:
        """The choices that a figure rests on, by either framework."""
        ids: set[str] = set()
        for framework in self.frameworks:
            figure = framework.figures.get(path)
            for step in every_step(plan_figure(framework, figure)) if figure else ():
                ids |= set(_asked(step))
        return [choice for choice in self.choices.ways if choice.id in ids]

    def profile(self, told: Told) -> Profile:
        """The profile that is told of."""
        profile = self.choices.profile(told.chosen)
        if told.parts != AS_CHOSEN:
            copies, blank = told.parts
            more = {
                unit: tuple(
                    replace(
                        parts[0],
                        name=f"{unit} {n + 1}",
                        answers=parts[0].answers if n < copies else {},
                    )
                    for n in range(copies + blank)
                )
                for unit, parts in profile.parts.items()
            }
            profile = replace(profile, parts=more)
        if told.high is not None:
            profile = replace(profile, groups=self._with_groups(profile.groups))
        return profile

    def _with_groups(self, groups: Mapping[str, str]) -> Mapping[str, str]:
        """An entity that is in some group, where missing parts count as the average of it."""
        found = dict(groups)
        for policy in self.imputing:
            id = policy_named(policy).average_of
            if id is not None and id != ALL and id not in found:
                found[id] = next(iter(self.frameworks[0].groups[id].labels), "any")
        return found

    def around(self, plan: Plan, high: bool | None) -> Surroundings:
        """What stands in for the missing parts of a plan."""
        return around(self.frameworks, plan, high)

    def traces(self, told: Told) -> tuple[Trace, Trace] | None:
        """How both score a profile; None where a number is too long to compute with."""
        profile = self.profile(told)
        try:
            one, other = (score(p, profile, self.around(p, told.high)) for p in self.plans)
        except TooLong:
            return None
        return one, other

    def apart(self, told: Told) -> bool:
        """Whether both come to something else."""
        traces = self.traces(told)
        return traces is not None and came(traces[0]) != came(traces[1])

    def every_told(self, profiles: Iterable[Chosen]) -> Iterator[Told]:
        """The profiles of many choices."""
        for chosen in profiles:
            yield from self.told(chosen)

    def told(self, chosen: Chosen) -> Iterator[Told]:
        """The profiles of a choice: with other parts, and other scores in place of missing ones."""
        for parts in self.many:
            for high in self.stand_ins:
                yield Told(chosen, parts, high)


_ANSWERS = (Kind.ANSWER, Kind.NUMBER)


def _lets_off(framework: Framework) -> bool:
    """Whether anything is skipped, left out, or not asked in every edition."""
    skipped = any(
        figure.skip or any(child.skip for child in figure.children)
        for figure in framework.figures.values()
    )
    asked_in = any(question.asked_in for question in framework.questions.values())
    return skipped or asked_in or any(index.include for index in framework.indices)


def around(frameworks: tuple[Framework, Framework], plan: Plan, high: bool | None) -> Surroundings:
    """What stands in for the missing parts of a plan.

    Args:
        frameworks: both; what stands in can be scored by both.
        plan: of either.
        high: whether it is the greatest score there can be, or the least; None for nothing.
    """
    if high is None:
        return ALONE
    scores: dict[int, Fraction] = {}
    for step in plan.steps:
        bounds = [each.bounds[step.path] for each in frameworks if step.path in each.bounds]
        ends = [side[1 if high else 0] for side in bounds]
        scores[step.number] = min(ends) if high else max(ends)
    return Supposed(scores=scores)


def came(trace: Trace) -> Came:
    """What the last step of a plan came to."""
    return trace.values[-1].score, trace.values[-1].status


def every_step(plan: Plan) -> Iterator[AnyStep]:
    """The steps of a plan and of what is scored for parts."""
    for step in plan.steps:
        yield step
        if isinstance(step, Each):
            yield from every_step(step.inner)


def _asked(step: AnyStep) -> Sequence[str]:
    """What an entity says for a step."""
    if isinstance(step, Count):
        return step.reads
    if isinstance(step, Ask):
        return (step.question,)
    return (step.figure,) if isinstance(step, Take) else ()


def _beyond(step: Count, way: Way) -> bool:
    """Whether all numbers of a stretch earn the points of a goalpost."""
    assert not isinstance(step.by, Steps)
    posts = step.by.value
    if posts is None or not posts.clamped:
        return False
    low, high = sorted((posts.worst, posts.best))
    below = way.high is not None and way.high <= low
    return below or (way.low is not None and way.low >= high)


def _parts_of(condition: Condition) -> Iterator[Condition]:
    waiting = [condition]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, Not):
            waiting.append(each.of)
        elif not isinstance(each, Exists) and hasattr(each, "of"):
            waiting += each.of


def _formulas(condition: Condition) -> Iterator[str]:
    for each in _parts_of(condition):
        formula = getattr(each, "formula", None)
        yield from formula.reads if formula else ()


def _groups(condition: Condition) -> Iterator[str]:
    for each in _parts_of(condition):
        if isinstance(each, InGroup):
            yield each.group
        elif isinstance(each, Exists) and each.kind == "group":
            yield each.id[-1]


# ---- the profiles that are looked at


def profiles_of(pair: Pair) -> tuple[Iterator[Told], bool]:
    """The profiles that are looked at, and whether they are every combination of choices."""
    tried_each = len(pair.many) * len(pair.stand_ins)
    every = combined(pair, EVERY // tried_each)
    if every is not None:
        return pair.every_told(every), True
    return islice(pair.every_told(likely(pair)), MOST), False


def combined(pair: Pair, most: int) -> Iterator[Chosen] | None:
    """Every combination of choices; None where there are more than so many.

    A stretch along which a score may change is looked at in two places.
    """
    ways = {
        choice: [each for way in ways for each in _places(pair, choice, way)]
        for choice, ways in pair.choices.ways.items()
    }
    if prod(map(len, ways.values())) > most:
        return None
    return (dict(zip(ways, each, strict=True)) for each in product(*ways.values()))


def _places(pair: Pair, choice: Choice, way: Way) -> list[Way]:
    if not way.stretch or pair.flat(choice, way):
        return [way]
    return [_at(way, Fraction(3, 8)), _at(way, Fraction(3, 4))]


def _at(way: Way, share: Fraction) -> Way:
    """One number of a stretch, so far along it."""
    if not way.stretch:
        return way
    if way.low is not None and way.high is not None:
        number = way.low + (way.high - way.low) * share
    elif way.low is None and way.high is None:
        number = (share - Fraction(1, 2)) * 1000
    else:
        number = way.number * (1 + share) if way.number else share
        inside = (way.low is None or number > way.low) and (way.high is None or number < way.high)
        number = number if inside else way.number
    return Way("", number, number)


def likely(pair: Pair) -> Iterator[Chosen]:
    """Profiles that may tell apart, the likeliest first."""
    chance = random.Random(0)
    aiming = Aiming(pair.choices, pair.below, _worth(pair))
    ends = [aiming.end([*pair.choices.ways], best=best) for best in (True, False)]
    bases = [*ends, *_bases(pair, chance)]
    yield from bases
    yield from islice(_aimed(pair, ends, aiming), AIMED)
    for base in bases:
        yield from _changed(pair.choices, base, pair.focus)
    for two in combinations(pair.focus[:12], 2):
        for base in bases[:3]:
            for ways in product(*(pair.choices.ways[each] for each in two)):
                yield {**base, **dict(zip(two, ways, strict=True))}
    for _ in range(AT_RANDOM):
        yield _random(pair.choices, chance)
    rest = [choice for choice in pair.choices.ways if choice not in pair.focus]
    for base in bases[:3]:
        yield from _changed(pair.choices, base, rest)


def _bases(pair: Pair, chance: random.Random) -> Iterator[Chosen]:
    ways = pair.choices.ways
    yield {choice: each[0] for choice, each in ways.items()}
    yield {choice: each[-1] for choice, each in ways.items()}
    for _ in range(2):
        yield _random(pair.choices.without_blanks, chance)


def _aimed(pair: Pair, ends: Sequence[Chosen], aiming: Aiming) -> Iterator[Chosen]:
    """Where all is best or worst, but for what lets one condition of the figure hold, or two."""
    whens = [when for plan in pair.plans for when in whens_of(plan.root)]
    aims = [aim for when in whens for aim in aiming.at(when.condition)]
    others = [aim for when in whens for aim in aiming.at(when.condition, False)]
    for end in ends:
        for aim in aims:
            yield {**end, **aim}
        for aim, other in product(aims, others):
            yield {**end, **aim, **other}
            yield {**end, **other, **aim}


def _worth(pair: Pair) -> Worth:
    """What a way of a choice earns, where blanks are neither best nor worst."""
    asks = {s.question: s for s in pair.steps if isinstance(s, Ask)}
    counts = {s.measure: s for s in pair.steps if isinstance(s, Count) and not s.formula}

    def worth(choice: Choice, way: Way) -> tuple[Fraction, Fraction]:
        points: Fraction | None = None
        if not way.said or choice.kind in (Kind.GROUP, Kind.EDITION):
            points = None
        elif choice.kind is Kind.ANSWER and choice.id in asks:
            points = asks[choice.id].points[way.text]
        elif choice.kind is Kind.NUMBER and choice.id in counts:
            points = points_of(counts[choice.id], way.number)
        elif choice.kind is not Kind.ANSWER:
            points = way.number
        return (-_FAR, _FAR) if points is None else (points, points)

    return worth


_FAR = Fraction(10**30)


def _changed(choices: Choices, base: Chosen, among: Iterable[Choice]) -> Iterator[Chosen]:
    """One choice after the other in every other way."""
    for choice in among:
        for way in choices.ways[choice]:
            if way != base[choice]:
                yield {**base, choice: way}


def _random(choices: Choices, chance: random.Random) -> Chosen:
    def one(ways: Sequence[Way]) -> Way:
        way = chance.choice(ways)
        if way.stretch and chance.random() < _ROUND_SHARE:
            return _round(way, chance)
        return _at(way, Fraction(chance.randint(1, 15), 16))

    return {choice: one(ways) for choice, ways in choices.ways.items()}


_ROUND_SHARE = 0.5


def _round(way: Way, chance: random.Random) -> Way:
    """A number of a stretch such as 2, 50 or 1000: formulas turn at any size of number."""
    number = Fraction(chance.choice((1, 2, 5)) * 10 ** chance.randint(0, 6), 10)
    if way.low is not None and number <= way.low:
        number += way.low
    inside = way.high is None or number < way.high
    return Way("", number, number) if inside else _at(way, Fraction(chance.randint(1, 15), 16))


def shortened(pair: Pair, told: Told) -> Told:
    """The same with as little said as will still tell apart, by as many scores."""
    scored = _how_many_scored(pair, told)
    for choice, way in told.chosen.items():
        blank = pair.choices.ways[choice][-1]
        if way.said and not blank.said:
            shorter = replace(told, chosen={**told.chosen, choice: blank})
            if pair.apart(shorter) and _how_many_scored(pair, shorter) == scored:
                told = shorter
    return told


def _how_many_scored(pair: Pair, told: Told) -> int:
    return sum(trace.score is not None for trace in pair.traces(told) or ())
