"""How far so many changed answers can move a figure: bounds that no choice of answers exceeds.

The steps of an index are gone through once, in order. Of each it is worked out how high and how low
it can come, and whether it can be without a score, with no more than so many answers changed. What
stands apart in the tree shares the changes out among itself; an arithmetic mean or a sum of parts
that have no answer in common is so bounded exactly. Two things are bounded generously:

- an answer that counts in several places costs at each its share of one change;
- a condition may come out in any way that its answers allow, at no cost.

So a bound may be too wide and never too narrow, and who searches by it misses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from bareme.audit.scopes import Costs, Scope
from bareme.audit.sharing import Options, Part, Picks, Reach, better, combined
from bareme.audit.varied import Asked, Varied, answers_read
from bareme.framework import (
    Adjustment,
    AtLeast,
    Bound,
    Compared,
    Condition,
    Exists,
    InGroup,
    IsAnswer,
    Not,
    When,
)
from bareme.methods.missing import policy_named
from bareme.methods.normalisation import linear
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Repeat, Take
from bareme.profiles.profile import Answer
from bareme.record import Record, replace
from bareme.scoring.conditions import holds
from bareme.scoring.exact import evaluate, score
from bareme.scoring.trace import Evaluation, Status, Trace, Value


class Truth(Record):
    """How a condition can come out."""

    true: bool
    false: bool
    unknown: bool


Settled = Mapping[Asked, Answer | None]
"""Answers that may not change any more; None where one is to stay as it is."""

Key = tuple[str, str, int, frozenset[tuple[Asked, Answer | None]]]
"""What a step comes to depends on: whose it is, its number, and what is settled below it."""


class Bounds:
    """What every step of an index can come to, some answers being settled and others open."""

    def __init__(
        self,
        scope: Scope,
        base: Trace,
        open_answers: Mapping[Asked, Varied],
        costs: Costs,
        changes: int,
        settled: Settled = MappingProxyType({}),
        known: dict[Key, Reach] | None = None,
    ) -> None:
        """Bound.

        Args:
            scope: of the entity.
            base: its trace as it is settled so far, what is open being as it is.
            open_answers: that may change.
            costs: of each.
            changes: that may be made.
            settled: what may not change any more, as `base` has it.
            known: what steps came to before, with other answers settled but as many changes; what
                they come to now is added.
        """
        self.open = open_answers
        self.costs = costs
        self.room = changes * costs.units
        self.names = frozenset(open_answers)
        self.settled = settled
        self.known = {} if known is None else known
        self.reach = _Walk(self, scope, base).steps()[-1]


class _Walk:
    """One scope gone through step by step."""

    def __init__(self, bounds: Bounds, scope: Scope, base: Trace) -> None:
        self.bounds = bounds
        self.scope = scope
        self.base = base
        self.room = bounds.room
        self.found: list[Reach] = []

    def steps(self) -> list[Reach]:
        for step in self.scope.plan.steps:
            rests = self.scope.rests[step.number]
            if not rests & self.bounds.names:
                self.found.append(self.settled(self.base.values[step.number]))
                continue
            settled = self.bounds.settled
            fixed = frozenset((each, settled[each]) for each in rests if each in settled)
            key = self.scope.unit, self.scope.part, step.number, fixed
            if key not in self.bounds.known:
                self.bounds.known[key] = self.skippable(step)
            self.found.append(self.bounds.known[key])
        return self.found

    def settled(self, value: Value) -> Reach:
        many = self.room + 1
        score: Options = [None if value.score is None else (value.score, ())] * many
        missing = value.status is Status.MISSING
        none = value.score is None
        return Reach(
            score,
            score,
            [() if none and missing else None] * many,
            [() if none and not missing else None] * many,
        )

    def skippable(self, step: AnyStep) -> Reach:
        truths = [self.truth(when) for when in step.skip]
        many = self.room + 1
        never: Options = [None] * many
        if any(each.true and not each.false and not each.unknown for each in truths):
            return Reach(never, never, [None] * many, [()] * many)
        reach = self.step(step)
        if any(each.true for each in truths):
            reach = replace(reach, absent=[()] * many)
        return reach

    def step(self, step: AnyStep) -> Reach:
        match step:
            case Ask() | Count():
                return self.leaf(step)
            case Decide():
                return self.finished(step, self.decided(step))
            case Repeat():
                return self.finished(step, self.found[step.of])
            case Each():
                return self.finished(step, self.each(step))
            case Aggregate():
                return self.finished(step, self.aggregate(step))
            case Take():
                return self.settled(self.base.values[step.number])

    # ---- answers

    def answers(self, id: str) -> list[Answer | None]:
        """What can be answered: as it is first, then what it could be."""
        asked = self.scope.asked(id)
        varied = self.bounds.open.get(asked)
        now = self.base.profile.answers.get(id)
        return [now, *(answer for _, answer in varied.others)] if varied else [now]

    def leaf(self, step: Ask | Count) -> Reach:
        id = step.question if isinstance(step, Ask) else step.measure
        asked = self.scope.asked(id)
        cost = self.bounds.costs.each.get(asked, 0)
        bare = replace(step, skip=())
        now = evaluate(bare, self.base)
        ways: list[tuple[int, Value, Picks]] = [(0, now, ())]
        if asked in self.bounds.names:
            for answer in self.answers(id)[1:]:
                assert answer is not None
                profile = self.base.profile
                tried = replace(profile, answers={**profile.answers, id: answer})
                value = evaluate(bare, Evaluation(self.scope.plan, tried, ()))
                ways.append((cost, value, (asked, answer)))
        return self.reach_of(ways)

    def reach_of(self, ways: Iterable[tuple[int, Value, Picks]]) -> Reach:
        """What can be had of ways that each cost something."""
        many = self.room + 1
        up: Options = [None] * many
        down: Options = [None] * many
        missing: list[Picks | None] = [None] * many
        absent: list[Picks | None] = [None] * many
        for cost, value, picks in sorted(ways, key=lambda way: way[0]):
            for spent in range(cost, many):
                if value.score is not None:
                    up[spent] = better(up[spent], (value.score, picks), 1)
                    down[spent] = better(down[spent], (value.score, picks), -1)
                elif value.status is Status.MISSING:
                    missing[spent] = missing[spent] if missing[spent] is not None else picks
                else:
                    absent[spent] = absent[spent] if absent[spent] is not None else picks
        return Reach(up, down, missing, absent)

    # ---- conditions

    def truth(self, when: When) -> Truth:
        """How a condition can come out, whatever that would cost."""
        asked = {self.scope.asked(id) for id in answers_read(when.condition)}
        for path in when.reads:
            asked |= self.scope.rests[self.scope.plan.numbers[path]]
        if not asked & self.bounds.names:
            return _only(self.base.holds(when))
        return self.can(when.condition)

    def can(self, condition: Condition) -> Truth:
        match condition:
            case IsAnswer():
                found = self.answers(condition.question)
                return _truths(None if a is None else a.text in condition.answers for a in found)
            case InGroup():
                return _only(holds(condition, self.base.profile, self.base.score_of))
            case Exists() | Compared() if condition.kind == "figure":
                return self.can_figure(condition)
            case Exists() | Compared() if condition.formula is not None:
                return _only(holds(condition, self.base.profile, self.base.score_of))
            case Exists() | Compared():
                return self.can_answer(condition)
            case Not():
                of = self.can(condition.of)
                return Truth(of.false, of.true, of.unknown)
            case AtLeast():
                return _at_least(condition.count, [self.can(each) for each in condition.of])

    def can_answer(self, condition: Exists | Compared) -> Truth:
        profile, id = self.base.profile, condition.id[-1]
        found: list[bool | None] = []
        for answer in self.answers(id):
            answers = {key: value for key, value in profile.answers.items() if key != id}
            tried = replace(profile, answers=answers | ({id: answer} if answer else {}))
            found.append(holds(condition, tried, self.base.score_of))
        return _truths(found)

    def can_figure(self, condition: Exists | Compared) -> Truth:
        reach = self.found[self.scope.plan.numbers[condition.id]]
        high, low = reach.up[-1], reach.down[-1]
        none = reach.missing[-1] is not None or reach.absent[-1] is not None
        if isinstance(condition, Exists):
            return Truth(high is not None, none, False)
        if high is None or low is None:
            return Truth(False, False, True)
        true, false = _between(low[0], high[0], condition.sign, condition.number)
        return Truth(true, false, none)

    # ---- figures

    def decided(self, step: Decide) -> Reach:
        ways: list[tuple[int, Value, Picks]] = []
        for each in step.decisions:
            truth = _only(True) if each.when is None else self.truth(each.when)
            if truth.true:
                ways.append((0, Value(each.points, Status.COMPUTED, False), ()))
            if truth.unknown:
                ways.append((0, Value(None, Status.MISSING, False), ()))
            if not truth.false:
                break
        return self.reach_of(ways)

    def each(self, step: Each) -> Reach:
        policy = policy_named(step.when_missing.value)
        units = self.base.values[step.number].units
        scopes = self.scope.inside[step.number]
        counts_as = policy.counts_as(step.worst)
        parts = []
        for scope, part in zip(scopes, self.base.profile.parts[step.unit.value], strict=True):
            known = next((unit.trace for unit in units if unit.part.name == part.name), None)
            if known is None:  # the figure is skipped as things are, so its parts were not scored
                of_part = self.base.profile.of_part(part, step.asked)
                known = score(step.inner, of_part)
            reach = _Walk(self.bounds, scope, known).steps()[-1]
            parts.append(Part(Fraction(1), reach, counts_as, policy.blocks))
        return self.put_together("arithmetic mean", parts)

    def aggregate(self, step: Aggregate) -> Reach:
        policy = policy_named(step.when_missing.value)
        parts = []
        for part in step.parts:
            imputed = None
            if policy.imputes:
                imputed = self.base.around.imputed(
                    part.step, step.when_missing.value, self.base.profile
                )
            counts_as = imputed.score if imputed else policy.counts_as(part.worst)
            blocks = policy.blocks and part.weight != 0
            parts.append(Part(part.weight, self.found[part.step], counts_as, blocks))
        return self.put_together(step.method.value, parts)

    def put_together(self, method: str, parts: Sequence[Part]) -> Reach:
        many = self.room + 1
        missing: list[Picks | None] = [None] * many
        absent: list[Picks | None] = [None] * many
        for part in parts:
            for spent, picks in enumerate(part.reach.missing):
                if part.blocks and missing[spent] is None:
                    missing[spent] = picks
        weighing = [part for part in parts if part.weight]
        spent, picks = 0, ()
        for part in weighing:  # what it takes to leave all out
            first = next((at for at, drop in enumerate(part.drops) if drop is not None), many)
            spent += first
            picks = (picks, part.drops[first]) if first < many else picks
        for at in range(spent, many):
            absent[at] = picks
            if missing[at] is None and any(p.reach.missing[-1] is not None for p in parts):
                missing[at] = picks
        up = combined(method, weighing, many, 1)
        return Reach(up, combined(method, weighing, many, -1), missing, absent)

    def finished(self, step: Finished, reach: Reach) -> Reach:
        many = self.room + 1
        if step.finish.require is not None:
            met = self.required(step)
            if met is not True:
                reach = replace(reach, missing=[()] * many)
            if met is False:
                reach = replace(reach, up=[None] * many, down=[None] * many)
        if step.finish.rescale is not None:
            ends = step.finish.range
            reach = _mapped(reach, lambda s: linear(s, *ends), lambda s: linear(s, *ends))
        for each in step.finish.adjustments:
            truth = _only(True) if each.when is None else self.truth(each.when)
            if truth.true:
                sure = not truth.false and not truth.unknown
                reach = _bounded(reach, each, sure)
        return reach

    def required(self, step: Finished) -> bool | None:
        """Whether a figure has the answers that it requires; None where that can change."""
        open_here = self.scope.rests[step.number] & self.bounds.names
        if self.scope.whens[step.number] & self.bounds.names:
            return None
        if not all(self.bounds.open[each].steady for each in open_here):
            return None
        units = self.base.values[step.number].units
        return self.base.required(step, units).met


def _bounded(reach: Reach, by: Adjustment, sure: bool) -> Reach:
    """A cap or a floor that is surely there, or may be."""

    def bound(score: Fraction) -> Fraction:
        return min(score, by.points) if by.kind is Bound.CAP else max(score, by.points)

    def keep(score: Fraction) -> Fraction:
        return score

    if sure:
        return _mapped(reach, bound, bound)
    return _mapped(reach, keep, bound) if by.kind is Bound.CAP else _mapped(reach, bound, keep)


def _mapped(
    reach: Reach, up: Callable[[Fraction], Fraction], down: Callable[[Fraction], Fraction]
) -> Reach:
    return replace(
        reach,
        up=[each and (up(each[0]), each[1]) for each in reach.up],
        down=[each and (down(each[0]), each[1]) for each in reach.down],
    )


def _only(held: bool | None) -> Truth:
    return Truth(held is True, held is False, held is None)


def _truths(found: Iterable[bool | None]) -> Truth:
    seen = set(found)
    return Truth(True in seen, False in seen, None in seen)


def _at_least(count: int, of: Sequence[Truth]) -> Truth:
    """How a condition can come out that needs so many of several to hold."""
    true = sum(each.true for each in of)
    surely = sum(each.true and not each.false and not each.unknown for each in of)
    not_false = sum(each.true or each.unknown for each in of)
    never_false = sum(not each.false for each in of)
    unknown = any(each.unknown for each in of) and surely < count <= not_false
    return Truth(true >= count, never_false < count, unknown)


def _between(low: Fraction, high: Fraction, sign: str, number: Fraction) -> tuple[bool, bool]:
    """Whether some score from low to high is, and whether some is not, so beside a number."""
    match sign:
        case "<":
            return low < number, high >= number
        case "≤":
            return low <= number, high > number
        case "≥":
            return high >= number, low < number
        case ">":
            return high > number, low <= number
        case _:
            return low <= number <= high, not low == high == number
