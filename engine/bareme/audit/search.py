"""The fewest answers by which a figure comes to where it is wanted, found and proved.

Branch and bound: `bounds` says how far so many changes can move the figure at most; where that does
not reach, nothing below has to be looked at. Where it does, the choice that it stands on is scored
by the engine itself; if that misses, one answer that made the bound too wide is settled, each way
in turn. What is found has been scored exactly, and what is said not to exist has been excluded by
bounds that never are too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from bareme.audit.bounds import Bounds, Key, Settled
from bareme.audit.scopes import Costs, Scope, costs_of, places, scope_of
from bareme.audit.sharing import Picks, Reach
from bareme.audit.varied import Asked, Changes, Varied, with_changes
from bareme.framework import HIGHEST, LOWEST
from bareme.plan import Plan
from bareme.profiles.profile import Answer, Profile
from bareme.record import Record
from bareme.scoring.exact import TooLong, score
from bareme.scoring.surroundings import Surroundings
from bareme.scoring.trace import Trace

MOST_LOOKED_AT = 1_000
"""Choices that are looked at before the search is given up; the same on every machine."""

ROUNDS = 2
"""How often every answer is tried where the fewest were not found."""


class Goal(Record):
    """From where on, unrounded, a score is where it is wanted.

    Attributes:
        up: whether higher is better.
        exclusive: whether the limit itself does not do.
    """

    limit: Fraction
    up: bool
    exclusive: bool

    def reached(self, score: Fraction | None) -> bool:
        if score is None:
            return False
        if score == self.limit:
            return not self.exclusive
        return (score > self.limit) == self.up


class Found(Record):
    """What a search came to.

    Attributes:
        changes: that reach the goal; None where none were found.
        none_below: no set of fewer changes than this reaches it.
        impossible: no set of any size does.
        furthest: the best score that answers were found to give.
        looked_at: how many choices the search looked at.
    """

    changes: Changes | None
    none_below: int
    impossible: bool
    furthest: Fraction | None
    looked_at: int

    @property
    def proved(self) -> bool:
        """Whether the changes are known to be as few as can be."""
        return self.changes is not None and self.none_below >= len(self.changes)


def search(
    plan: Plan,
    profile: Profile,
    around: Surroundings,
    answers: Sequence[Varied],
    goal: Goal,
    most: int = MOST_LOOKED_AT,
) -> Found:
    """Find the fewest changes of answers that reach a goal.

    Args:
        plan: whose last step is the figure.
        profile: as it is.
        around: what stands in for missing parts, as it is.
        answers: that may change.
        goal: for the figure's score.
        most: choices that are looked at.
    """
    return _Search(plan, profile, around, answers, goal, most).run()


class _Search:
    def __init__(
        self,
        plan: Plan,
        profile: Profile,
        around: Surroundings,
        answers: Sequence[Varied],
        goal: Goal,
        most: int,
    ) -> None:
        self.plan = plan
        self.profile = profile
        self.around = around
        self.goal = goal
        self.most = most
        self.looked_at = 0
        self.scope: Scope = scope_of(plan, profile)
        counted = places(self.scope, profile)
        self.costs: Costs = costs_of(counted)
        moving = self.scope.rests[-1]
        self.answers = {each.asked: each for each in answers if each.asked in moving}
        whens = self.scope.whens[-1]
        self.tangled = [a for a in self.answers if a in whens or counted.get(a, 0) != 1]
        self.furthest: Fraction | None = None

    def run(self) -> Found:
        start = self.scored({})
        if start is not None and self.goal.reached(start.score):
            return self.outcome({}, 0)
        first = self.least()
        if first is None:
            return self.outcome(None, len(self.answers) + 1)
        for size in range(first, len(self.answers) + 1):
            found = self.of_size(size)
            if found is not None:
                return self.outcome(self.no_further(found), size)
            if self.looked_at >= self.most:
                return self.outcome(self.some(size), size)
        return self.outcome(None, len(self.answers) + 1)

    def outcome(self, changes: Changes | None, none_below: int) -> Found:
        impossible = changes is None and none_below > len(self.answers)
        return Found(changes, none_below, impossible, self.furthest, self.looked_at)

    def scored(self, changes: Changes) -> Trace | None:
        """The trace with some changes; None where it would be too long to compute."""
        try:
            trace = score(self.plan, with_changes(self.profile, changes), self.around)
        except TooLong:
            return None
        now, best = trace.score, self.furthest
        if now is not None and (best is None or (now > best) == self.goal.up):
            self.furthest = now
        return trace

    def bounds(
        self, base: Trace, settled: Settled, changes: int, known: dict[Key, Reach] | None = None
    ) -> Bounds:
        still_open = {key: each for key, each in self.answers.items() if key not in settled}
        return Bounds(self.scope, base, still_open, self.costs, changes, settled, known)

    def least(self) -> int | None:
        """The fewest changes that the bounds allow; None where all of them do not reach."""
        base = self.scored({})
        room = 1
        while base is not None:
            room = min(room, len(self.answers))
            bounds = self.bounds(base, {}, room)
            for changes in range(1, room + 1):
                if self.reaches(bounds, changes):
                    return changes
            if room == len(self.answers):
                self.scored(self.picked(bounds, room))
                return None
            room *= 2
        return 1 if self.answers else None

    def reaches(self, bounds: Bounds, changes: int) -> bool:
        options = bounds.reach.up if self.goal.up else bounds.reach.down
        option = options[changes * self.costs.units]
        return option is not None and self.goal.reached(option[0])

    def of_size(self, size: int) -> Changes | None:
        """Changes of at most so many answers that reach the goal; None where there are none.

        None as well where too many choices were looked at.
        """
        stack: list[Settled] = [{}]
        known: dict[Key, Reach] = {}
        while stack and self.looked_at < self.most:
            settled = stack.pop()
            self.looked_at += 1
            changes = {key: answer for key, answer in settled.items() if answer is not None}
            base = self.scored(changes)
            if base is not None and self.goal.reached(base.score):
                return changes
            left = size - len(changes)
            if left == 0 or len(settled) == len(self.answers):
                continue
            picked: dict[Asked, Answer] = {}
            if base is not None:
                bounds = self.bounds(base, settled, size, known)
                if not self.reaches(bounds, left):
                    continue
                picked = self.picked(bounds, left)
                tried = {**changes, **dict(list(picked.items())[:left])}
                trace = self.scored(tried)
                if trace is not None and self.goal.reached(trace.score):
                    return tried
            stack += self.branches(settled, picked)
        return None

    def picked(self, bounds: Bounds, left: int) -> dict[Asked, Answer]:
        """The choice that a bound stands on."""
        options = bounds.reach.up if self.goal.up else bounds.reach.down
        option = options[left * self.costs.units]
        found: dict[Asked, Answer] = {}
        for asked, answer in _flat(option[1] if option else ()):
            found.setdefault(asked, answer)
        return found

    def branches(self, settled: Settled, picked: Mapping[Asked, Answer]) -> list[Settled]:
        """One answer more settled, in every way; what is looked at next stands last."""
        loose = [key for key in self.tangled if key not in settled]
        order = [key for key in loose if key in picked] or loose
        order = order or [key for key in picked if key not in settled]
        order = order or [key for key in self.answers if key not in settled]
        key = order[0]
        others = [answer for _, answer in self.answers[key].others]
        likely = picked.get(key)
        others.sort(key=lambda answer: answer is likely)
        ways: list[Answer | None] = [None, *others] if likely else [*others, None]
        return [{**settled, key: way} for way in ways]

    def some(self, size: int) -> Changes | None:
        """Any changes that reach the goal, where the fewest were not found."""
        base = self.scored({})
        bounds = self.bounds(base, {}, len(self.answers)) if base else None
        for many in range(size, len(self.answers) + 1) if bounds else ():
            assert bounds is not None
            changes: Changes = self.picked(bounds, many)
            if self.reached(changes):
                return self.no_further(self.no_more(changes))
        climbed = self.climbed(self.picked(bounds, len(self.answers)) if bounds else {})
        return self.no_further(self.no_more(climbed)) if self.reached(climbed) else None

    def reached(self, changes: Changes) -> bool:
        trace = self.scored(changes)
        return trace is not None and self.goal.reached(trace.score)

    def climbed(self, changes: Changes) -> Changes:
        """The changes, each answer in turn made the one that brings the figure furthest."""
        sign = 1 if self.goal.up else -1
        best: tuple[Fraction | None, dict[Asked, Answer]] = (None, dict(changes))
        for key, each in list(self.answers.items()) * ROUNDS:
            start = {other: answer for other, answer in best[1].items() if other != key}
            for way in [{}, *({key: answer} for _, answer in each.others)]:
                trace = self.scored({**start, **way})
                now = trace.score if trace else None
                if now is not None and (best[0] is None or (now - best[0]) * sign > 0):
                    best = now, {**start, **way}
        return best[1]

    def no_more(self, changes: Changes) -> Changes:
        """The changes without those that are not needed."""
        kept = dict(changes)
        for key in list(kept):
            fewer = {other: answer for other, answer in kept.items() if other != key}
            if self.reached(fewer):
                kept = fewer
        return kept

    def no_further(self, changes: Changes) -> Changes:
        """The same answers, each changed no more than is needed, in the order of the rules.

        Of several that bring the figure as far, the one whose own points change least.
        """
        kept = {key: changes[key] for key in self.answers if key in changes}
        sign = 1 if self.goal.up else -1
        for key in kept:
            ways: list[tuple[Fraction, Fraction, int]] = []
            others = [answer for _, answer in self.answers[key].others]
            for number, answer in enumerate(others):
                trace = self.scored({**kept, key: answer})
                if trace is not None and trace.score is not None and self.goal.reached(trace.score):
                    ways.append((sign * trace.score, self.step_from(key, trace), number))
            if ways:
                kept[key] = others[min(ways)[2]]
        return kept

    def step_from(self, key: Asked, trace: Trace) -> Fraction:
        """By how much the points of an answer itself differ from what they are now."""
        base = self.scored({})
        number = next(
            (s.number for s in self.plan.steps if s.path[-1] == key[2] and not key[1]), None
        )
        if base is None or number is None:
            return Fraction(0)
        now, then = base.values[number].score, trace.values[number].score
        if then is None:  # that it does not apply is the greatest change
            return HIGHEST + 1
        return abs(then - (now or LOWEST))


def _flat(picks: Picks) -> Iterator[tuple[Asked, Answer]]:
    stack: list[Picks] = [picks]
    while stack:
        each = stack.pop()
        if not each:
            continue
        if isinstance(each[1], Answer):
            yield each  # type: ignore[misc]
        else:
            stack += each  # type: ignore[arg-type]
