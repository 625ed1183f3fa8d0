"""Decides what structure and a bounded search do not: by a profile, or by a proof that none does.

What is looked for is told to a logic together with the rules (see `encoding`). Where the logic
finds nothing, there is no such profile. Where it finds one, the exact engine scores it, and only
what that shows is believed. A score that the logic knows by its bounds alone is pinned down where
it was wrong, and the logic is asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import count

from bareme.exact import TooManyBits
from bareme.methods.aggregation import method_named
from bareme.methods.missing import policy_named
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Plan
from bareme.proofs.choices import NOTHING, Choice, Choices, Chosen, Kind, Way, cut
from bareme.proofs.dependence import resting_on
from bareme.proofs.encoding import FORMULA, OTHERS, PARTS, Bounded, Loosely, Node, Notes, World
from bareme.proofs.goals import (
    Apart,
    Beyond,
    Binds,
    Goal,
    Holds,
    Opposed,
    Taken,
    Told,
    Weightless,
    exactly,
    pair_of,
    shown,
    two_of,
)
from bareme.proofs.logic import MISSING, Fact, Limit, Logic, Term, available
from bareme.proofs.sayings import EDITION, Saying, Sayings, Second, Ways
from bareme.record import Record, replace
from bareme.scoring.exact import TooLong, points_of, score

__all__ = ["MISSING", "Decided", "available", "decide", "decide_unlike", "joined"]

EFFORT = 20_000_000
"""Steps of the library that one goal may take: some seconds."""

THE_LIMIT = "the time limit"
EDITIONS = "editions ask other questions under the other rules"
NOT_SHOWN = "exact numbers did not bear it out"

_ROUNDS = 24  # how often scores that are known by their bounds alone are pinned down


class Decided(Record):
    """What came of a goal: a profile, a proof that there is none, or why there is neither.

    Attributes:
        chosen: one way of every choice, every number exact; only the choices of a unit of which
            the entity has no part are left out.
        impossible: whether it is proved that no profile shows the goal.
        reason: why neither could be told, in words; empty where one was.
        looked: how many profiles were scored.
        two: of a goal of two profiles the ways of the choice in which they differ, made exact.
    """

    chosen: Chosen | None
    impossible: bool
    reason: str
    looked: int
    two: tuple[Way, Way] | None = None


def decide(
    goal: Goal,
    choices: Choices,
    effort: int = EFFORT,
    seconds: int | Fraction | None = None,
) -> Decided:
    """Look for a profile that shows a goal.

    Args:
        goal: of the plan of the choices.
        choices: of that plan.
        effort: steps of the library that it may take; the same on every machine.
        seconds: that the library may think about one question; a goal may take a few.
    """
    return _decided(_OfGoal(goal, choices), effort, seconds)


def decide_unlike(
    one: Choices,
    one_step: int,
    other: Choices,
    other_step: int,
    effort: int = EFFORT,
    seconds: int | Fraction | None = None,
    unasked: Iterable[tuple[frozenset[str], frozenset[str]]] | None = None,
) -> Decided:
    """Look for a profile for which steps of two plans differ in score or status.

    The profiles are those that both rules accept, as far as choices tell (see `joined`). `two` of
    what is decided is what the edition does not ask under the one and under the other.

    Args:
        one, one_step: the choices of a plan, and one of its steps.
        other, other_step: of the other plan.
        effort, seconds: as of `decide`.
        unasked: for each edition what is not asked in it under the one and under the other; where
            it is not said, what the one and the other leave out may come together in any way.
    """
    return _decided(_Unlike(one, one_step, other, other_step, unasked), effort, seconds)


# ---- what is looked for


class _Asked:
    """A goal told to a logic."""

    def __init__(self, logic: Logic, ways: Ways, loosely: Loosely) -> None:
        self.logic = logic
        self.notes = Notes()
        self.loosely = loosely
        self.sayings = Sayings(logic, ways)
        self.worlds: list[World] = []
        self.fact: Fact = False

    def world(
        self,
        plan: Plan,
        sayings: Sayings,
        beside: World | None = None,
        base: World | None = None,
        changed: frozenset[int] = frozenset(),
    ) -> World:
        made = World(
            self.logic, plan, sayings, self.loosely, self.notes,
            beside=beside, base=base, changed=changed,
        )  # fmt: skip
        self.worlds.append(made)
        return made

    def said(self, choice: Choice) -> Saying | None:
        """What was told of a choice; None where nothing was asked of it."""
        if not choice.unit:
            return self.sayings.settled.get(choice)
        of = self.worlds[0].parts.get(choice.unit)
        return of.settled.get(choice) if of is not None else None

    def has_part(self, unit: str) -> bool:
        return self.logic.true(self.worlds[0].has_part.get(unit, True))

    def way(self, saying: Saying, *, simple: bool) -> Way:
        """The way that a choice came out, made exact.

        Args:
            saying: what was told of the choice.
            simple: any number of a stretch will do.
        """
        for fact, way, term in saying.options:
            if self.logic.true(fact):
                if not way.stretch or simple:
                    return exactly(way)
                number = self.logic.value(term)
                if number is not None and _long(number):
                    number = _short(number, up=False)
                within = number is not None and _holds(way, number)
                return Way("", number, number) if within else exactly(way)
        raise AssertionError(saying)

    def chosen(self, *, simple: bool) -> dict[Choice, Way]:
        found: dict[Choice, Way] = {}
        for choice, of_choice in self.sayings.ways.items():
            if choice.unit and not self.has_part(choice.unit):
                continue
            saying = self.said(choice)
            found[choice] = exactly(of_choice[0]) if saying is None else self.way(
                saying, simple=simple)  # fmt: skip
        return found


class _OfGoal:
    """A goal of one plan."""

    def __init__(self, goal: Goal, choices: Choices) -> None:
        self.goal = goal
        self.choices = choices
        self.ways = choices.ways
        self.pair = pair_of(goal)

    def tell(self, logic: Logic, loosely: Loosely, ways: Ways) -> _Asked:
        asked = _Asked(logic, ways, loosely)
        if self.pair is None:
            world = asked.world(self.choices.plan, asked.sayings)
            world.tell(self.goal.step)
            asked.fact = _fact(self.goal, world)
            return asked
        choice, one, other = self.pair
        first = asked.sayings.settle(choice, one)
        plan = self.choices.plan
        world = asked.world(plan, asked.sayings)
        if choice.unit:
            world.has_part[choice.unit] = True
        world.tell(self.goal.step)
        beside = Second(asked.sayings)
        second = beside.settle(choice, other)
        changed = resting_on(plan, choice, self.ways)
        two = asked.world(plan, beside, base=world, changed=changed)
        if choice.kind is not Kind.GROUP:  # the others of another group score something else
            two.imputed = world.imputed
        two.tell(self.goal.step)
        asked.fact = self.apart(logic, world, two)
        if isinstance(self.goal, Apart) and one == other and one.stretch:
            self.in_order(logic, choice, first, second)
        return asked

    def in_order(self, logic: Logic, choice: Choice, first: Term, second: Term) -> None:
        """Of two numbers of one stretch the first earns more."""
        if choice in self.choices.rising:
            logic.hold(logic.holds(first, ">", second))
        elif choice in self.choices.falling:
            logic.hold(logic.holds(first, "<", second))

    def apart(self, logic: Logic, one: World, other: World) -> Fact:
        first, second = one.nodes[self.goal.step], other.nodes[self.goal.step]
        if isinstance(self.goal, Told):
            return _unlike(logic, first, second)
        assert isinstance(self.goal, Apart)
        least = logic.sum([(Fraction(1), first.score), (Fraction(1), self.goal.by)])
        return logic.all(first.scored, second.scored, logic.holds(second.score, ">", least))

    def found(self, asked: _Asked) -> Iterator[tuple[dict[Choice, Way], tuple[Way, Way] | None]]:
        """What the logic found: with numbers as they are in rules, and with those that it has."""
        for simple in (True, False):
            chosen = asked.chosen(simple=simple)
            if self.pair is None:
                yield chosen, None
                continue
            choice, one, other = self.pair
            falling = choice in self.choices.falling
            two = two_of(one, other, falling=falling) if simple else self.two(asked, choice)
            yield {**chosen, choice: two[0]}, two

    def two(self, asked: _Asked, choice: Choice) -> tuple[Way, Way]:
        said: list[Way] = []
        for world in asked.worlds:
            of = world.sayings.settled[choice]
            said.append(asked.way(of, simple=False))
        return said[0], said[1]

    def shown(self, chosen: Chosen, two: tuple[Way, Way] | None) -> bool:
        goal = self.goal
        if two is not None and isinstance(goal, Apart):
            goal = replace(goal, lower=two[0], higher=two[1])
        elif two is not None and isinstance(goal, Told):
            goal = replace(goal, one=two[0], other=two[1])
        return shown(goal, self.choices, chosen) is not None


class _Unlike:
    """Two steps of two plans, for the same entity."""

    def __init__(
        self,
        one: Choices,
        one_step: int,
        other: Choices,
        other_step: int,
        unasked: Iterable[tuple[frozenset[str], frozenset[str]]] | None,
    ) -> None:
        self.ways = joined(one, other)
        self.plans = one.plan, other.plan
        self.steps = one_step, other_step
        self.known = unasked is not None
        if unasked is None:
            these, those = (each.ways.get(EDITION, (Way(),)) for each in (one, other))
            unasked = [(a.unasked, b.unasked) for a in these for b in those]
        nothing: frozenset[str] = frozenset()
        self.editions = tuple(dict.fromkeys(unasked)) or ((nothing, nothing),)

    def tell(self, logic: Logic, loosely: Loosely, ways: Ways) -> _Asked:
        asked = _Asked(logic, ways, loosely)
        facts = logic.one_of(len(self.editions))
        nodes: list[Node] = []
        for place, (plan, step) in enumerate(zip(self.plans, self.steps, strict=True)):
            sayings = asked.sayings if place == 0 else Second(asked.sayings)
            options = [(fact, Way(unasked=each[place]), None)
                       for fact, each in zip(facts, self.editions, strict=True)]  # fmt: skip
            sayings.settled[EDITION] = Saying(tuple(options), True)
            world = asked.world(plan, sayings, beside=asked.worlds[0] if place else None)
            world.tell(step)
            nodes.append(world.nodes[step])
        asked.fact = _unlike(logic, *nodes)
        if not self.known and len(self.editions) > 1:
            asked.notes.loose[EDITIONS] = None
        return asked

    def found(self, asked: _Asked) -> Iterator[tuple[dict[Choice, Way], tuple[Way, Way]]]:
        one, other = (asked.way(each.sayings.settled[EDITION], simple=True)
                      for each in asked.worlds)  # fmt: skip
        for simple in (True, False):
            yield {**asked.chosen(simple=simple), EDITION: one}, (one, other)

    def shown(self, chosen: Chosen, two: tuple[Way, Way] | None) -> bool:
        assert two is not None
        if ELSE in chosen.values() or (not self.known and two[0] != two[1]):
            return False
        values = []
        for plan, step, edition in zip(self.plans, self.steps, two, strict=True):
            profile = Choices(plan, self.ways).profile({**chosen, EDITION: edition})
            try:
                values.append(score(plan, profile).values[step])
            except TooLong:
                return False
        one, other = values
        return (one.score, one.status) != (other.score, other.status)


def _fact(goal: Goal, world: World) -> Fact:
    """What has to hold for a goal of one profile."""
    logic, node, step = world.logic, world.nodes[goal.step], world.plan.steps[goal.step]
    match goal:
        case Beyond():
            if goal.than is None:
                return node.scored
            sign = ">" if goal.up else "<"
            return logic.all(node.scored, logic.holds(node.score, sign, goal.than))
        case Holds():
            return world.holds(goal.when)
        case Binds():
            return logic.all(node.scored, world.stages[goal.step, goal.place])
        case Taken():
            assert isinstance(step, Decide)
            return logic.all(_applies(world, step), world.decisions(step)[goal.place])
        case Opposed():
            assert isinstance(step, Finished)
            both = (step.finish.adjustments[place].when for place in (goal.one, goal.other))
            return logic.all(node.scored, *(world.holds(when) for when in both))
        case Weightless():
            assert isinstance(step, Aggregate)
            if not method_named(step.method.value).mean:
                return False
            scored = [(part, world.nodes[part.step].scored) for part in step.parts]
            some = logic.any(*(fact for _, fact in scored))
            none = [logic.no(fact) for part, fact in scored if part.weight]
            policy = policy_named(step.when_missing.value)
            if (
                policy.blocks or policy.counts_as(Fraction(0)) is not None
            ):  # missing is not left out
                nodes = (world.nodes[part.step] for part in step.parts if part.weight)
                none += [logic.no(node.missing) for node in nodes]
            return logic.all(_applies(world, step), some, *none)
    raise AssertionError(goal)


def _applies(world: World, step: AnyStep) -> Fact:
    return world.logic.no(world.logic.any(*(world.holds(when) for when in step.skip)))


def _unlike(logic: Logic, one: Node, other: Node) -> Fact:
    """That two steps differ in score or in status."""
    both = logic.all(one.scored, other.scored)
    if one.how != other.how:
        scores: Fact = True
    else:
        same = logic.holds(one.score, "=", other.score)
        rests = False if one.how == "given" else logic.differ(one.rests, other.rests)
        scores = logic.any(logic.no(same), rests)
    neither = logic.all(logic.no(one.scored), logic.no(other.scored))
    kind = logic.any(
        logic.differ(one.missing, other.missing), logic.differ(one.unasked, other.unasked)
    )
    return logic.any(
        logic.differ(one.scored, other.scored), logic.all(both, scores), logic.all(neither, kind)
    )


# ---- deciding


class _Outcome(Record):
    """What one way of telling a goal came to.

    Attributes:
        possible: whether the logic found something; None where the limit came first.
        decided: what the exact engine showed.
        wrong: what was known by its bounds alone where nothing was shown, in words.
    """

    possible: bool | None
    notes: Notes
    looked: int
    decided: Decided | None = None
    wrong: tuple[str, ...] = ()


def _decided(task: _OfGoal | _Unlike, effort: int, seconds: int | Fraction | None) -> Decided:
    """Told as it is; then, where that is not all that can be, with whatever else can be."""
    limit = Limit(effort, seconds)
    if not available():
        return Decided(None, False, MISSING, 0)
    try:
        return _by_ways(task, limit)
    except TooManyBits:
        return Decided(None, False, "numbers too long to compute with", 0)


def _by_ways(task: _OfGoal | _Unlike, limit: Limit) -> Decided:
    """Where everything is answered, which is soon looked through; then whatever there can be."""
    looked = 0
    if any(_is_blank(way) for ways in task.ways.values() for way in ways):
        few = replace(limit, effort=limit.effort // 8)
        answered = _attempt(task, Loosely(), few, blanks=False)
        looked = answered.looked
        if answered.decided is not None:
            return answered.decided
    first = _attempt(task, Loosely(), limit)
    looked += first.looked
    if first.decided is not None:
        return replace(first.decided, looked=looked)
    loose = first.notes.loose
    if first.possible is False and PARTS in loose:
        none = _attempt(task, Loosely(none=True), limit)
        looked += none.looked
        if none.decided is not None:
            return replace(none.decided, looked=looked)
    if first.possible is False and not {PARTS, OTHERS} & loose.keys():
        return Decided(None, True, "", looked)
    if first.possible:
        return Decided(None, False, _reason(first), looked)
    if not {PARTS, OTHERS, FORMULA} & loose.keys():
        return Decided(None, False, THE_LIMIT, looked)
    last = _attempt(task, Loosely(True, True, True, True), limit, believed=False)
    if last.possible is False:
        return Decided(None, True, "", looked)
    return Decided(None, False, THE_LIMIT if last.possible is None else _reason(last), looked)


def _is_blank(way: Way) -> bool:
    return not way.said or way == ELSE


def _reason(outcome: _Outcome) -> str:
    return ", ".join(outcome.wrong or tuple(outcome.notes.loose) or (NOT_SHOWN,))


def _attempt(
    task: _OfGoal | _Unlike,
    loosely: Loosely,
    limit: Limit,
    *,
    believed: bool = True,
    blanks: bool = True,
) -> _Outcome:
    """Tell a goal in one way, and look.

    Args:
        believed: whether what is found can be a profile that shows it.
        blanks: whether anything may be left unsaid.
    """
    logic, looked = Logic(), 0
    ways = task.ways
    if not blanks:
        ways = {
            each: tuple(way for way in of if not _is_blank(way)) or of for each, of in ways.items()
        }
    asked = task.tell(logic, loosely, ways)
    logic.hold(asked.fact)
    wrong: tuple[str, ...] = ()
    for _ in range(_ROUNDS):
        possible = logic.check(limit)
        if not possible:
            return _Outcome(possible, asked.notes, looked)
        if believed:
            for chosen, two in task.found(asked):
                looked += 1
                if task.shown(chosen, two):
                    decided = Decided(chosen, False, "", looked, two)
                    return _Outcome(True, asked.notes, looked, decided)
        lemmas = list(_pinned(logic, asked.notes.bounded))
        wrong = tuple(dict.fromkeys(what for what, _ in lemmas)) or wrong
        if not lemmas:
            break
        for _, facts in lemmas:
            logic.hold(*facts)
    return _Outcome(True, asked.notes, looked, wrong=wrong)


def _pinned(logic: Logic, bounded: Sequence[Bounded]) -> Iterator[tuple[str, list[Fact]]]:
    """Of each score that is not what its parts make, what they make; and what is no less, no more.

    All values are read before anything is told, as what is told makes the logic forget them.
    """
    found: list[tuple[str, list[Fact]]] = []
    for each in bounded:
        there = [logic.true(fact) for fact, _ in each.parts]
        if not any(there):
            continue
        used = [at for at, holds in enumerate(there) if holds]
        values = [logic.value(each.parts[at][1]) for at in used]
        told = logic.value(each.score)
        known = [value for value in values if value is not None]
        if told is None or len(known) < len(used) or told == _exact(each, known, used):
            continue
        pattern = [fact if holds else logic.no(fact)
                   for (fact, _), holds in zip(each.parts, there, strict=True)]  # fmt: skip
        found.append((each.what, list(_lemmas(logic, each, pattern, used, known))))
    yield from found


def _long(number: Fraction) -> bool:
    """Whether a number is too long for a logic to go on with."""
    return max(number.numerator.bit_length(), number.denominator.bit_length()) > _BITS


def _short(number: Fraction, *, up: bool) -> Fraction:
    """A number close by, no greater, or no less."""
    if not _long(number):
        return number
    whole, rest = divmod(number.numerator * _PLACES, number.denominator)
    return Fraction(whole + (up and rest > 0), _PLACES)


def _exact(each: Bounded, values: Sequence[Fraction], used: Sequence[int]) -> Fraction | None:
    """What parts make; None where that is too long to work out."""
    if any(map(_long, values)):
        return None
    if isinstance(each.step, Count):
        return points_of(each.step, values[0])
    weights = [each.weights[at] for at in used]
    return method_named(each.step.method.value).score(values, weights)


def _lemmas(
    logic: Logic,
    each: Bounded,
    pattern: list[Fact],
    used: Sequence[int],
    values: Sequence[Fraction],
) -> Iterator[Fact]:
    """What parts make at one point, and that others make no more, or no less."""
    falls = isinstance(each.step, Count) and _falls(each.step)
    for sign, side in (("=", "="), ("≤", "≤"), ("≥", "≥")):
        side = {"≤": "≥", "≥": "≤"}.get(side, side) if falls else side
        point = [_short(value, up=side == "≤") for value in values]
        exact = _exact(each, point, used)
        if exact is None or _long(exact) or (sign == "=" and point != [*values]):
            continue
        slack = abs(exact) * _ROUNDED if sign != "=" else 0
        bound = exact + slack if sign == "≤" else exact - slack
        terms = (each.parts[at][1] for at in used)
        at_point = (logic.holds(t, side, value) for t, value in zip(terms, point, strict=True))
        here = logic.all(*pattern, *at_point)
        yield logic.any(logic.no(here), logic.holds(each.score, sign, bound))


def _falls(step: Count) -> bool:
    posts = getattr(step.by, "value", None)
    return posts is not None and posts.worst > posts.best


_ROUNDED = Fraction(1, 10**40)
_BITS = 400  # of numbers that are worked with as they are
_PLACES = 10**30  # to which longer ones are cut


# ---- one entity under two rules


ELSE = Way("any other answer")
"""Stands for the labels of a question that neither rules name."""


def joined(one: Choices, other: Choices) -> dict[Choice, tuple[Way, ...]]:
    """The choices of two plans of one entity, each with all ways that either tells apart.

    What only one of them accepts is left out: labels, numbers out of its range, and no answer where
    one is required. Editions are left out as well.
    """
    points = [_labels(each) for each in (one, other)]
    ways: dict[Choice, tuple[Way, ...]] = {}
    for choice in dict.fromkeys([*one.ways, *other.ways]):
        both = [each.ways[choice] for each in (one, other) if choice in each.ways]
        if choice.kind is Kind.ANSWER:
            ways[choice] = _answers(choice, both, points)
        elif choice.kind in (Kind.NUMBER, Kind.GIVEN):
            ways[choice] = _numbers(both) if len(both) > 1 else both[0]
        elif choice.kind is Kind.GROUP:
            ways[choice] = _groups(both)
    return ways


def _groups(both: list[tuple[Way, ...]]) -> tuple[Way, ...]:
    """Groups that either names, and one that neither does where they name others."""
    said = list(dict.fromkeys(way for each in both for way in each if way.said))
    if any(each != both[0] for each in both):
        named = {way.text for way in said}
        said.append(next(Way(text) for text in _others() if text not in named))
    return (*said, NOTHING)


def _others() -> Iterator[str]:
    yield "another"
    yield from (f"another {number}" for number in count(2))


def _labels(choices: Choices) -> Mapping[str, tuple[str, ...]]:
    """The labels of every question that a plan scores."""
    found: dict[str, tuple[str, ...]] = {}
    plans = [choices.plan, *(s.inner for s in choices.plan.steps if isinstance(s, Each))]
    for plan in plans:
        for step in plan.steps:
            if isinstance(step, Ask):
                texts = (text for text, _ in step.labels.values())
                found[step.question] = tuple(dict.fromkeys(texts))
    return found


def _answers(
    choice: Choice, both: list[tuple[Way, ...]], labels: list[Mapping[str, tuple[str, ...]]]
) -> tuple[Way, ...]:
    known = [each[choice.id] for each in labels if choice.id in each]
    if known:
        texts = [text for text in known[0] if all(text in each for each in known)]
    else:
        texts = list(dict.fromkeys(w.text for each in both for w in each if w.said))
    ways = [Way(text) for text in texts]
    if not known and len(both) > 1:
        ways.append(ELSE)
    silent = all(any(not way.said for way in each) for each in both)
    return (*ways, NOTHING) if silent else tuple(ways)


def _numbers(both: list[tuple[Way, ...]]) -> tuple[Way, ...]:
    """Numbers that both accept, cut wherever either cuts them."""
    said = [[way for way in each if way.said] for each in both]
    turns = {end for each in said for way in each for end in (way.low, way.high) if end is not None}
    kept: list[Way] = []
    for way in cut(turns, None):
        if all(any(_holds(wide, way.number) for wide in each) for each in said):
            kept.append(way)
    silent = all(any(not way.said for way in each) for each in both)
    return (*kept, NOTHING) if silent else tuple(kept)


def _holds(way: Way, number: Fraction) -> bool:
    if not way.stretch:
        return way.low == number
    return (way.low is None or way.low < number) and (way.high is None or number < way.high)
