"""A profile that shows something of a rule, or a proof that there is none.

Branch and bound: where the bounds leave no room for it, nothing below has to be looked at. Where
they do, the choices that they stand on are scored by the exact engine; if that does not show it,
one choice that conditions read, or that counts twice, is settled in each way in turn. What is left
open after so many looks goes to the solver, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial

from bareme.audit.sharing import Picks, Reach
from bareme.framework import Bound, Framework, When
from bareme.methods.missing import policy_named
from bareme.plan import Aggregate, Decide, Finished, Plan
from bareme.proofs.choices import NOTHING, Choice, Choices, Chosen, Way, choices_of
from bareme.proofs.deltas import Deltas, Learned
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
    accepted,
    exactly,
    pair_of,
    shown,
    two_of,
)
from bareme.proofs.reach import Bounds, Key, flat
from bareme.proofs.solver import Decided, available, decide
from bareme.proofs.structure import NONE, Rests, Structure, structure_of
from bareme.record import Record, replace
from bareme.scoring.exact import TooLong, score
from bareme.scoring.trace import Trace

MOST_LOOKS = 30
"""Choices that are looked at for one goal before it goes to the solver; the same everywhere."""

MOST_GUESSES = 3
"""Guesses that are tried where choices are settled; where none is, all are."""

FEW_LOOKS = 3
"""The same where the solver is at hand, which is quicker."""

MOST_BETTERED = 30
"""How often what was found is bettered; scores may come ever nearer to one that none has."""

TOO_MANY = "the limit of the search"
TOO_LONG = "the time limit"
BETWEEN = "numbers between those at which rules turn"
LIMITS = (TOO_MANY, TOO_LONG)
"""Why something is not decided that more time could decide."""


class Shown(Record):
    """One profile, or two that differ in one choice, that show a goal.

    Attributes:
        chosen: what they have in common.
        ways: of the choice in which they differ, in each; empty where there is one profile.
        traces: of each, by the exact engine.
    """

    chosen: Chosen
    choice: Choice | None
    ways: tuple[Way, ...]
    traces: tuple[Trace, ...]


class Furthest(Record):
    """How far something was found to come, and how far it can.

    Attributes:
        value: the furthest that was found; None where there is none.
        bound: what no profile exceeds; the same where it is proved.
        shown: the profile, or the two, that come so far.
        tried: how many profiles were scored.
        reason: why it is not proved; empty where it is.
    """

    value: Fraction | None
    bound: Fraction | None
    shown: Shown | None
    tried: int
    reason: str = ""

    @property
    def proved(self) -> bool:
        return self.value == self.bound


class Outcome(Record):
    """What came of looking for a goal.

    Attributes:
        shown: what shows it, if it was found.
        impossible: whether it is proved that nothing does.
        tried: how many profiles were scored.
        reason: why it is neither, in words for a reader; empty where it is one of them.
        solved: whether the solver was asked.
    """

    shown: Shown | None
    impossible: bool
    tried: int
    reason: str = ""
    solved: bool = False

    @property
    def decided(self) -> bool:
        return self.shown is not None or self.impossible


Solve = Callable[[Goal, Choices], Decided]
"""Decides a goal: by choices that show it, as impossible, or neither, and then why."""


def solver_of(seconds: int) -> Solve | None:
    """The solver, where it is installed.

    Args:
        seconds: that it may take for one goal.
    """
    return partial(decide, seconds=seconds) if available() else None


class Prover:
    """One plan, and all that is known of how far it can come.

    Attributes:
        plan: of an index, or of the parts of an entity that are scored by themselves.
        choices: of the plan.
        structure: what rests on what.
        whole: the bounds where nothing is settled.
    """

    def __init__(self, choices: Choices, solve: Solve | None = None) -> None:
        self.choices = choices
        self.plan: Plan = choices.plan
        self.solve = solve
        self.structure: Structure = structure_of(choices)
        self.known: dict[Key, Reach] = {}
        self.learned: dict[tuple[Choice, Way, Way], dict[int, Learned]] = {}
        self.whole = Bounds(self.structure, {}, self.known)
        self.order = {choice: number for number, choice in enumerate(choices.ways)}
        self.bases = tuple(self._bases())

    @classmethod
    def of(
        cls,
        framework: Framework,
        plan: Plan,
        unasked: Iterable[frozenset[str]] = (),
        solve: Solve | None = None,
    ) -> Prover:
        """The prover of a plan of a framework without errors.

        Args:
            framework: whose plan it is.
            plan: of an index of it, or of the parts of an entity.
            unasked: of each edition the questions that are not asked in it.
            solve: for what the search leaves open.
        """
        return cls(choices_of(framework, plan, unasked), solve)

    def bounds(self, settled: Chosen, until: int | None = None) -> Bounds:
        """How far steps can come, some choices being settled."""
        if not settled:
            return self.whole
        return Bounds(self.structure, settled, self.known, self.whole.reach, until)

    def _bases(self) -> Iterator[dict[Choice, Way]]:
        """Profiles to start from: nothing said, all at its best, all at its worst.

        Then the last two once more, with a part of each unit.
        """
        yield self.complete({})
        own = [choice for choice in self.choices.ways if not choice.unit]
        for choices in (own, self.choices.ways) if self.choices.units else (own,):
            for sign in (1, -1):
                yield self.complete({choice: self._end(choice, sign) for choice in choices})

    def _end(self, choice: Choice, sign: int) -> Way:
        """The way that earns most, or least; the first where none is scored."""
        points = self.choices.points.get(choice, {})
        ways = [way for way in self.choices.ways[choice] if points.get(way) is not None]

        def earned(way: Way) -> Fraction:
            return (points[way] or Fraction(0)) * sign

        return max(ways, key=earned) if ways else self.choices.ways[choice][0]

    def complete(self, chosen: Mapping[Choice, Way]) -> dict[Choice, Way]:
        """Exact choices, and one of everything that has to be said besides."""
        found = {choice: exactly(way) for choice, way in chosen.items()}
        units = {choice.unit for choice in found}
        for choice, ways in self.choices.ways.items():
            if choice not in found and choice.unit in units | {""} and NOTHING not in ways:
                found[choice] = exactly(ways[0])
        return found

    # ---- looking

    def look(self, goal: Goal, first: Iterable[Chosen] = (), looks: int | None = None) -> Outcome:
        """Look for a goal.

        Args:
            goal: of a step of the plan.
            first: choices that may well show it.
            looks: after which it goes to the solver; as many as is usual where none are said.
        """
        usual = FEW_LOOKS if self.solve else MOST_LOOKS
        outcome = _Looking(self, goal).run(first, looks or usual)
        if outcome.impossible:
            self.learn(goal)
        return outcome

    def learn(self, goal: Goal) -> None:
        """Keep what it means for other figures that nothing shows a goal."""
        pair = pair_of(goal)
        if pair is None or pair[1] == pair[2]:
            return
        choice, one, other = pair
        for two, sign in (((one, other), 1), ((other, one), -1)):
            known = self.learned.setdefault((choice, *two), {})
            now = known.get(goal.step, Learned())
            if isinstance(goal, Told):
                now = replace(now, same=True)
            elif isinstance(goal, Apart) and sign > 0:
                now = replace(now, high=goal.by if now.high is None else min(now.high, goal.by))
            elif isinstance(goal, Apart):
                now = replace(now, low=-goal.by if now.low is None else max(now.low, -goal.by))
            known[goal.step] = now

    def shows(self, goal: Goal, chosen: Chosen) -> Shown | None:
        """What a profile shows of a goal, by the exact engine."""
        pair = pair_of(goal)
        # The answer in which two differ may be of a part, which then has to answer the rest too.
        whole = self.complete(chosen if pair is None else {**chosen, pair[0]: pair[1]})
        traces = shown(goal, self.choices, whole)
        if traces is None:
            return None
        if pair is None:
            return Shown(whole, None, (), traces)
        choice, one, other = pair
        whole.pop(choice, None)
        ways = two_of(one, other, falling=choice in self.choices.falling)
        return Shown(whole, choice, ways, traces)

    def confirms(self, goal: Goal, decided: Decided) -> Shown | None:
        """What the solver found, by the exact engine."""
        if decided.chosen is None:
            return None
        if decided.two is not None and isinstance(goal, Apart):
            goal = replace(goal, lower=decided.two[0], higher=decided.two[1])
        elif decided.two is not None and isinstance(goal, Told):
            goal = replace(goal, one=decided.two[0], other=decided.two[1])
        return self.shows(goal, decided.chosen)

    def shortest(self, goal: Goal, found: Shown) -> Shown:
        """The same with nothing said that it does not take; what is not needed goes by halves."""
        size = len(found.chosen)
        while size > 1:
            size = (size + 1) // 2
            order = [
                choice
                for choice in found.chosen
                if NOTHING in self.choices.ways[choice] or choice.unit
            ]
            for start in range(0, len(order), size):
                out = set(order[start : start + size])
                fewer = {each: way for each, way in found.chosen.items() if each not in out}
                found = self.shows(goal, fewer) or found
        return found

    def trace(self, chosen: Chosen) -> Trace | None:
        """The trace of a profile; None where it would be too long to compute, or is refused."""
        try:
            trace = score(self.plan, self.choices.profile(chosen))
        except TooLong:
            return None
        return trace if accepted(self.choices, trace) else None

    # ---- bounds of goals

    def possible(self, goal: Goal, settled: Chosen) -> list[Picks] | None:
        """Guesses at choices that show a goal; None where the bounds exclude it."""
        if isinstance(goal, Apart | Told):
            return self._pair(goal, settled)
        bounds = self.bounds(settled, goal.step)
        match goal:
            case Beyond():
                return self._beyond(goal, bounds)
            case Holds():
                return _guesses(bounds.truth(goal.when).true)
            case Binds():
                return self._binds(goal, bounds)
            case Taken():
                return self._taken(goal, bounds)
            case Opposed():
                return self._opposed(goal, bounds)
            case Weightless():
                return self._weightless(goal, bounds)

    def _beyond(self, goal: Beyond, bounds: Bounds) -> list[Picks] | None:
        reach = bounds.reach[goal.step]
        option = (reach.up if goal.up else reach.down)[0]
        if option is None:
            return None
        if goal.than is not None:
            beyond = option[0] > goal.than if goal.up else option[0] < goal.than
            return [option[1]] if beyond else None
        return [option[1]]

    def _binds(self, goal: Binds, bounds: Bounds) -> list[Picks] | None:
        step = self.plan.steps[goal.step]
        assert isinstance(step, Finished)
        by = step.finish.adjustments[goal.place]
        held = _holding(bounds, by.when)
        before = bounds.before(step, goal.place)
        option = (before.up if by.kind is Bound.CAP else before.down)[0]
        if held is None or option is None or _never_scored(bounds.reach[goal.step]):
            return None
        cap = by.kind is Bound.CAP
        beyond = option[0] > by.points if cap else option[0] < by.points
        return [(held, option[1]), (option[1], held)] if beyond else None

    def _taken(self, goal: Taken, bounds: Bounds) -> list[Picks] | None:
        step = self.plan.steps[goal.step]
        assert isinstance(step, Decide)
        picks: Picks = ()
        for place, each in enumerate(step.decisions[: goal.place + 1]):
            if place == goal.place:
                held = _holding(bounds, each.when)
                return None if held is None else [(picks, held), (held, picks)]
            truth = bounds.truth(each.when) if each.when else None
            if truth is None or truth.false is None:
                return None
            picks = (picks, truth.false)
        return None

    def _opposed(self, goal: Opposed, bounds: Bounds) -> list[Picks] | None:
        step = self.plan.steps[goal.step]
        assert isinstance(step, Finished)
        one, other = (
            _holding(bounds, step.finish.adjustments[place].when)
            for place in (goal.one, goal.other)
        )
        reach = bounds.reach[goal.step]
        if one is None or other is None or _never_scored(reach):
            return None
        scored = reach.up[0][1] if reach.up[0] else ()
        return [(one, (other, scored)), (scored, (other, one))]

    def _weightless(self, goal: Weightless, bounds: Bounds) -> list[Picks] | None:
        step = self.plan.steps[goal.step]
        assert isinstance(step, Aggregate)
        picks: Picks = ()
        scored: Picks | None = None
        policy = policy_named(step.when_missing.value)
        for part in step.parts:
            reach = bounds.reach[part.step]
            if part.weight:
                none = reach.absent[0]
                if none is None and not policy.blocks and policy.counts_as(part.worst) is None:
                    none = reach.missing[0]
                if none is None:
                    return None
                picks = (picks, none)
            elif reach.up[0] is not None and scored is None:
                scored = reach.up[0][1]
        return None if scored is None else [(scored, picks), (picks, scored)]

    def _pair(self, goal: Apart | Told, settled: Chosen) -> list[Picks] | None:
        pair = pair_of(goal)
        assert pair is not None
        choice, one, other = pair
        deltas = self.deltas(choice, one, other, settled, goal.step)
        found = deltas.found[goal.step]
        if isinstance(goal, Told):
            if found.same:
                return None
        elif found.high <= goal.by:
            return None
        first, second = deltas.first.reach[goal.step], deltas.second.reach[goal.step]
        low = first.down[0][1] if first.down[0] else ()
        high = second.up[0][1] if second.up[0] else ()
        top = first.up[0][1] if first.up[0] else ()
        least = second.down[0][1] if second.down[0] else ()
        if isinstance(goal, Told):
            return [(), found.highest, found.lowest, low, high]
        return [found.highest, (), (low, high), (high, low), top, least]

    def deltas(
        self, choice: Choice, one: Way, other: Way, settled: Chosen, until: int | None = None
    ) -> Deltas:
        """By how much steps can score more with the other way of a choice than with the one."""
        if choice.unit:
            first = second = self.bounds(settled, until)
        else:
            first = self.bounds({**settled, choice: one}, until)
            second = self.bounds({**settled, choice: other}, until)
        learned = self.learned.get((choice, one, other), {})
        return Deltas(first, second, choice, (one, other), learned)

    # ---- what to settle next

    def tangled(self, goal: Goal) -> tuple[Rests, Rests]:
        """Choices that are worth settling for a goal, and all that it rests on."""
        rests, read = self.structure.rests[goal.step], self.structure.read[goal.step]
        if isinstance(goal, Holds):
            rests = self.structure.reads(goal.when.condition)
            for path in goal.when.reads:
                read = read | self.structure.read[self.plan.numbers[path]]
            read = rests
        pair = pair_of(goal)
        without = frozenset({pair[0]}) if pair else NONE
        return (
            frozenset(each for each in read - without if not each.unit),
            frozenset(each for each in rests - without if not each.unit),
        )

    def candidates(
        self, settled: Chosen, guesses: Sequence[Picks]
    ) -> Iterator[Mapping[Choice, Way]]:
        """Profiles by guesses, what they leave open being blank, or as a base has it."""
        seen: set[frozenset[tuple[Choice, Way]]] = set()
        bases = [{}, *self.bases] if not settled else [{}, self.bases[1]]
        for guess in [*guesses, ()] if not settled else guesses[:MOST_GUESSES]:
            for base in bases:
                chosen = {**base, **flat(guess), **settled}
                key = frozenset(chosen.items())
                if key not in seen:
                    seen.add(key)
                    yield chosen

    def next(
        self, settled: Chosen, guesses: Sequence[Picks], read: Rests, rests: Rests
    ) -> Choice | None:
        """The choice to settle: one that conditions read, that a guess stands on, if there is."""
        guessed = {choice for guess in guesses for choice in flat(guess)}
        for group in (read & guessed, read, rests & guessed, rests):
            left = [each for each in group if each not in settled]
            if left:
                return min(left, key=self.order.__getitem__)
        return None


class _Looking:
    """One search."""

    def __init__(self, prover: Prover, goal: Goal) -> None:
        self.prover = prover
        self.goal = goal
        self.tried = 0
        self.read, self.rests = prover.tangled(goal)

    def run(self, first: Iterable[Chosen], most: int) -> Outcome:
        for chosen in first:
            for base in ({}, *self.prover.bases):
                found = self.attempt({**base, **chosen})
                if found:
                    return self.outcome(found)
        stack: list[dict[Choice, Way]] = [{}]
        looks, loose = 0, False
        while stack and looks < most:
            settled = stack.pop()
            guesses = self.prover.possible(self.goal, settled)
            if guesses is None:
                continue
            looks += 1
            for chosen in self.prover.candidates(settled, guesses):
                found = self.attempt(chosen)
                if found:
                    return self.outcome(found)
            choice = self.prover.next(settled, guesses, self.read, self.rests)
            if choice is None:
                loose = True
                continue
            ways = self.prover.bounds(settled).ways(choice)
            stack += [{**settled, choice: way} for way in reversed(ways)]
        if not stack and not loose:
            return Outcome(None, True, self.tried)
        return self.solved(TOO_MANY if stack else BETWEEN)

    def outcome(self, found: Shown) -> Outcome:
        return Outcome(found, False, self.tried)

    def attempt(self, chosen: Chosen) -> Shown | None:
        self.tried += 1
        return self.prover.shows(self.goal, chosen)

    def solved(self, reason: str) -> Outcome:
        """What the solver makes of it."""
        if self.prover.solve is None:
            return Outcome(None, False, self.tried, reason)
        decided = self.prover.solve(self.goal, self.prover.choices)
        self.tried += decided.looked
        found = self.prover.confirms(self.goal, decided)
        if found is None and not decided.impossible:
            return Outcome(None, False, self.tried, decided.reason or reason, True)
        return Outcome(found, decided.impossible, self.tried, "", True)


def _holding(bounds: Bounds, when: When | None) -> Picks | None:
    return () if when is None else bounds.truth(when).true


def _guesses(picks: Picks | None) -> list[Picks] | None:
    return None if picks is None else [picks]


def _never_scored(reach: Reach) -> bool:
    return reach.up[0] is None
