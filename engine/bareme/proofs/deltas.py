"""By how much a step can score more with one way of a choice than with another, the rest the same.

The bounds of both are at hand (`reach`); here the two are gone through side by side, so that what
does not rest on the choice is known to be the same in both. As with the bounds, a difference may be
bounded too widely and never too narrowly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType

from bareme.audit.sharing import Part, Picks, Reach
from bareme.framework import (
    Adjustment,
    AtLeast,
    Bound,
    Compared,
    Condition,
    Exists,
    IsAnswer,
    Not,
    When,
)
from bareme.methods.aggregation import method_named
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Repeat, Take
from bareme.proofs.choices import Choice, Kind, Way
from bareme.proofs.reach import Bounds
from bareme.proofs.reach import Truth as Can
from bareme.proofs.structure import Rests
from bareme.record import Record, replace

ZERO = Fraction(0)

MOST_LEFT_OUT = 3
"""Parts of a mean that can be left out of which every choice is looked at."""


class Delta(Record):
    """Of one step, the second score less the first.

    Attributes:
        low, high: within which it lies, wherever both have a score.
        steady: whether it surely has a score in both or in neither, for the same reason.
        lowest, highest: guesses at choices by which it is at its ends.
    """

    low: Fraction = ZERO
    high: Fraction = ZERO
    steady: bool = True
    lowest: Picks = field(default=(), compare=False)
    highest: Picks = field(default=(), compare=False)

    @property
    def same(self) -> bool:
        """Whether it surely comes to the same in both."""
        return self.steady and not self.low and not self.high

    @property
    def with_none(self) -> Delta:
        """The same, or no difference at all."""
        return replace(self, low=min(self.low, ZERO), high=max(self.high, ZERO))


SAME = Delta()


class Learned(Record):
    """What is proved of one step and two ways of a choice, for every profile.

    Attributes:
        low, high: as of a difference; None where nothing is.
        same: whether it comes to the same with both.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    same: bool = False


class Turn(Record):
    """How a condition can come out otherwise with the second way than with the first.

    Attributes:
        to_true, from_true: it comes, or ceases, to be known to hold.
        to_false, from_false: it comes, or ceases, to be known not to.
    """

    to_true: bool = False
    from_true: bool = False
    to_false: bool = False
    from_false: bool = False

    @property
    def turns(self) -> bool:
        return self.to_true or self.from_true


STILL = Turn()
ANYHOW = Turn(True, True, True, True)


class Deltas:
    """The steps of an entity, or of one of its parts, with one way of a choice and with another.

    Attributes:
        found: by step.
    """

    def __init__(
        self,
        first: Bounds,
        second: Bounds,
        choice: Choice,
        ways: tuple[Way, Way],
        learned: Mapping[int, Learned] = MappingProxyType({}),
    ) -> None:
        """Work it out.

        Args:
            first, second: the same but for the choice, which is settled in each of the ways. (For a
                choice of parts: the same.)
            choice: in which they differ.
            ways: of the choice.
            learned: by step what was proved of it before, whatever else is chosen.
        """
        self.first = first
        self.second = second
        self.structure = first.structure
        self.choice = choice
        self.ways = ways
        self.learned = learned
        self.found: list[Delta] = []
        for step in self.structure.plan.steps[: len(first.reach)]:
            rests = choice in self.structure.rests[step.number]
            self.found.append(self.settled(step) if rests else SAME)

    def settled(self, step: AnyStep) -> Delta:
        """The difference of a step; one that surely has a score with both ways is steady."""
        delta = self.of_step(step)
        known = self.learned.get(step.number)
        if known is not None:
            if known.same:
                return SAME
            low = delta.low if known.low is None else max(delta.low, known.low)
            high = delta.high if known.high is None else min(delta.high, known.high)
            delta = replace(delta, low=low, high=high)
        reaches = self.first.reach[step.number], self.second.reach[step.number]
        if delta.steady or any(map(_lacks, reaches)):
            return delta
        return replace(delta, steady=True)

    def of_step(self, step: AnyStep) -> Delta:
        inner = self.scored(step)
        turns = [self.turn(when) for when in step.skip]
        surely = [self.first.truth(w).surely and self.second.truth(w).surely for w in step.skip]
        if any(surely) and not isinstance(step, Take):  # a score that is given stands all the same
            return SAME
        if any(each.turns for each in turns):
            return replace(inner, steady=False)
        return inner

    def scored(self, step: AnyStep) -> Delta:
        match step:
            case Ask() | Count() | Take():
                return self.leaf(step)
            case Decide():
                return self.finished(step, self.decided(step))
            case Repeat():
                return self.finished(step, self.found[step.of])
            case Each():
                return self.finished(step, self.each(step))
            case Aggregate():
                return self.finished(step, self.aggregate(step))

    def leaf(self, step: Ask | Count | Take) -> Delta:
        if self.choice not in self.own(step):
            return SAME
        one, other = self.first.scored(step), self.second.scored(step)
        highs, lows = (one.up[0], other.up[0]), (one.down[0], other.down[0])
        may_lack = any(
            each is not None for r in (one, other) for each in (r.missing[0], r.absent[0])
        )
        if None in (*highs, *lows):  # one of them has none
            only = [r.up[0] is None and (r.missing[0] is None) != (r.absent[0] is None)
                    for r in (one, other)]  # fmt: skip
            alike = all(only) and (one.missing[0] is None) == (other.missing[0] is None)
            return Delta(ZERO, ZERO, alike and len(self.own(step)) == 1)
        low, high = _hull_of(one.down[0], one.up[0], other.down[0], other.up[0])
        first, second = self.ways
        if first == second and first.stretch and not _worked_out(step):  # the first is better
            high = min(high, ZERO)
        return Delta(low, high, not may_lack or self.lacks_alike(step))

    def own(self, step: Ask | Count | Take) -> Rests:
        """The choices that what a step earns rests on, conditions aside."""
        if isinstance(step, Ask):
            return self.structure.asked(step.question)
        if isinstance(step, Count):
            return frozenset(self.structure.choice(Kind.NUMBER, id) for id in step.reads)
        return frozenset({Choice(Kind.GIVEN, "", step.figure)})

    def lacks_alike(self, step: Ask | Count | Take) -> bool:
        """Whether a step that can lack a score does so with both ways or with neither."""
        if (
            isinstance(step, Ask) and self.choice.kind is Kind.ANSWER
        ):  # with both it is answered; not to be asked is the same in both
            points = [step.points[way.text] if way.said else None for way in self.ways]
            return all(way.said for way in self.ways) and None not in points
        return False

    # ---- conditions

    def turn(self, when: When) -> Turn:
        """How a condition can come out otherwise."""
        return self._turn(when.condition)

    def _turn(self, condition: Condition) -> Turn:
        if self.choice not in self.structure.reads(condition):
            return STILL
        one, other = self.first.can(condition), self.second.can(condition)
        turn = self._apart(condition)
        return Turn(
            turn.to_true and other.true is not None and not one.surely,
            turn.from_true and one.true is not None and not other.surely,
            turn.to_false and other.false is not None and not _surely_false(one),
            turn.from_false and one.false is not None and not _surely_false(other),
        )

    def _apart(self, condition: Condition) -> Turn:
        """The same, from what the condition itself reads."""
        match condition:
            case IsAnswer():
                held = [way.text in condition.answers if way.said else None for way in self.ways]
                return _turned(held[0], held[1])
            case Compared(kind="figure"):
                delta = self.found[self.structure.plan.numbers[condition.id]]
                return self._beside(condition, delta)
            case Exists(kind="figure"):
                steady = self.found[self.structure.plan.numbers[condition.id]].steady
                return STILL if steady else ANYHOW
            case Exists() if condition.formula is None:
                return STILL if self.ways[0].said == self.ways[1].said else ANYHOW
            case Not():
                of = self._turn(condition.of)
                return Turn(of.to_false, of.from_false, of.to_true, of.from_true)
            case AtLeast():
                turns = [self._turn(each) for each in condition.of]
                return Turn(
                    any(each.to_true for each in turns),
                    any(each.from_true for each in turns),
                    any(each.to_false for each in turns),
                    any(each.from_false for each in turns),
                )
            case _:
                return ANYHOW

    def _beside(self, condition: Compared, delta: Delta) -> Turn:
        """How a comparison of a score can come out otherwise."""
        if not delta.steady or condition.sign == "=":
            return STILL if delta.same else ANYHOW
        up, down = delta.high > 0, delta.low < 0
        if condition.sign in ("<", "≤"):
            up, down = down, up
        return Turn(up, down, down, up)

    # ---- figures

    def decided(self, step: Decide) -> Delta:
        whens = [each.when for each in step.decisions if each.when is not None]
        if all(self._turn(when.condition) == STILL for when in whens):
            return SAME
        one, other = self.first.decided(step), self.second.decided(step)
        low, high = _hull_of(one.down[0], one.up[0], other.down[0], other.up[0])
        certain = _one_score(one) and _one_score(other)
        return Delta(low, high, True) if certain else Delta(min(low, ZERO), max(high, ZERO), False)

    def each(self, step: Each) -> Delta:
        """Of all parts together: no more than of any one of them."""
        of_parts = {self.choice: self.ways[0]}, {self.choice: self.ways[1]}
        if not self.choice.unit:
            of_parts = {}, {}
        first = self.first.inside(step, of_parts[0])
        second = self.second.inside(step, of_parts[1])
        inner = Deltas(first, second, self.choice, self.ways).found[-1]
        if inner.steady:
            return inner.with_none
        one, other = self.first.each(step), self.second.each(step)
        low, high = _hull_of(one.down[0], one.up[0], other.down[0], other.up[0])
        return Delta(min(low, ZERO), max(high, ZERO), False)

    def aggregate(self, step: Aggregate) -> Delta:
        deltas = [self.found[part.step] for part in step.parts]
        moving = [(d, p) for d, p in zip(deltas, step.parts, strict=True) if p.weight]
        one, other = self.first.aggregate(step), self.second.aggregate(step)
        low, high = _hull_of(one.down[0], one.up[0], other.down[0], other.up[0])
        steady = all(each.steady for each, _ in moving)
        if not steady:
            near = self.coming(step)
            return (
                Delta(max(low, near[0]), min(high, near[1]), False)
                if near
                else Delta(low, high, False)
            )
        inner = self.combined(step, [(each, part.weight) for each, part in moving])
        return self.guessed(step, Delta(max(low, inner[0]), min(high, inner[1])))

    def guessed(self, step: Aggregate, delta: Delta) -> Delta:
        """With the guesses of what moves, and whatever else can be left out left out."""
        lowest: Picks = ()
        highest: Picks = ()
        out: Picks = ()
        parts = self.first.parts(step)
        for part, each in zip(parts, step.parts, strict=True):
            found = self.found[each.step]
            lowest, highest = (lowest, found.lowest), (highest, found.highest)
            if found.same and part.drops[0]:
                out = (out, part.drops[0])
        return replace(delta, lowest=(lowest, out), highest=(highest, out))

    def coming(self, step: Aggregate) -> tuple[Fraction, Fraction] | None:
        """Of a mean or a sum in which one part may come or go, and nothing else changes."""
        moving = [p for p in step.parts if p.weight and not self.found[p.step].same]
        if len(moving) != 1 or step.method.value not in ("arithmetic mean", "sum"):
            return None
        (part,) = moving
        at = [each for each in step.parts if each.weight].index(part)
        one, other = (
            [p for p in each.parts(step) if p.weight] for each in (self.first, self.second)
        )
        values = [each[at] for each in (one, other)]
        low_1, high_1, low_2, high_2 = (
            _end(values[0], 0), _end(values[0], 1), _end(values[1], 0), _end(values[1], 1)
        )  # fmt: skip
        if step.method.value == "sum":
            zero = [ZERO] if any(each.drops[0] is not None for each in values) else []
            first = [*_of(low_1, high_1), *zero]
            second = [*_of(low_2, high_2), *zero]
            all_of = [part.weight * (b - a) for a in first for b in second]
            return min(all_of, default=ZERO), max(all_of, default=ZERO)
        rest = [each for place, each in enumerate(one) if place != at]
        lows = [low for each in rest for low in _of(_end(each, 0))]
        highs = [high for each in rest for high in _of(_end(each, 1))]
        if not lows:
            return None
        sure = [each.weight for each in rest if each.drops[0] is None]
        others = sum(sure, ZERO) or min(each.weight for each in rest)
        alone = all(each.drops[0] is not None for each in rest)
        most = part.weight / (part.weight + others)
        inside = self.found[part.step]
        both = Fraction(1) if alone else most  # it may be all there is, in both
        gained = [most * (s - mean) for s in _of(low_2, high_2) for mean in (min(lows), max(highs))]
        lost = [most * (mean - s) for s in _of(low_1, high_1) for mean in (min(lows), max(highs))]
        kept = [ZERO, both * inside.low, both * inside.high]
        if not inside.steady:  # what stands for it where it is missing may be far from its scores
            kept += [both * (b - a) for a in _of(low_1, high_1) for b in _of(low_2, high_2)]
        return min([*gained, *lost, *kept]), max([*gained, *lost, *kept])

    def combined(
        self, step: Aggregate, moving: Sequence[tuple[Delta, Fraction]]
    ) -> tuple[Fraction, Fraction]:
        """What the differences of parts come to together, where none comes or goes."""
        method = method_named(step.method.value)
        low = min((each.low for each, _ in moving), default=ZERO)
        high = max((each.high for each, _ in moving), default=ZERO)
        if step.method.value == "sum":
            return _added([(each.with_none, weight) for each, weight in moving])
        if step.method.value == "arithmetic mean":
            return self.averaged(step, moving)
        if not method.weighs:  # of these none moves by more than some part does
            return min(low, ZERO), max(high, ZERO)
        curved = self.curved(step, moving)
        if curved is not None:
            return curved
        far = Fraction(10) ** 30  # the bounds of both are narrower
        return (-far if low < 0 else ZERO), (far if high > 0 else ZERO)

    def curved(
        self, step: Aggregate, moving: Sequence[tuple[Delta, Fraction]]
    ) -> tuple[Fraction, Fraction] | None:
        """Of a geometric or harmonic mean of which one part moves.

        The mean rises with each part, more so where that is small and the others are great. So it
        moves most where the others are at their greatest, and the part starts from its least.
        """
        changed = [place for place, (each, _) in enumerate(moving) if not each.same]
        if step.method.value not in ("geometric mean", "harmonic mean") or len(changed) != 1:
            return None
        (place,) = changed
        delta = moving[place][0]
        parts = [part for part in self.first.parts(step) if part.weight]
        theirs = [part for part in self.second.parts(step) if part.weight]
        others = [part for at, part in enumerate(parts) if at != place]
        least = _of(_end(parts[place], 0), _end(theirs[place], 0))
        most = _of(_end(parts[place], 1), _end(theirs[place], 1))
        droppable = [part for part in others if part.drops[0] is not None]
        if not least or len(droppable) > MOST_LEFT_OUT:
            return None
        start, top = min(least), max(most)
        score = method_named(step.method.value).score
        furthest = [ZERO, ZERO]
        for many in range(len(droppable) + 1):
            for left_out in combinations(droppable, many):
                kept = [(_end(part, 1), part.weight) for part in others if part not in left_out]
                there = [(value, weight) for value, weight in kept if value is not None]
                values = [value for value, _ in there]
                weights = [*(weight for _, weight in there), moving[place][1]]
                for side, far in enumerate((-delta.low, delta.high)):
                    end = min(start + max(far, ZERO), top)
                    moved = score([*values, end], weights) - score([*values, start], weights)
                    furthest[side] = max(furthest[side], moved)
        return -furthest[0], furthest[1]

    def averaged(
        self, step: Aggregate, moving: Sequence[tuple[Delta, Fraction]]
    ) -> tuple[Fraction, Fraction]:
        drops = [part.drops[0] is not None for part in self.first.parts(step) if part.weight]
        whole = sum((weight for _, weight in moving), ZERO)
        sure = sum((weight for (_, weight), drop in zip(moving, drops, strict=True) if not drop),
                   ZERO)  # fmt: skip
        low = high = ZERO
        lacks = [_lacks(self.first.reach[part.step]) for part in step.parts if part.weight]
        for (each, weight), drop, lack in zip(moving, drops, lacks, strict=True):
            delta = each.with_none if lack else each
            most = weight / (sure + (weight if drop else ZERO))
            least = ZERO if drop else weight / whole
            low += min(delta.low * most, delta.low * least)
            high += max(delta.high * most, delta.high * least)
        return low, high

    def finished(self, step: Finished, delta: Delta) -> Delta:
        if step.finish.require is not None and not self.all_steady(step):
            delta = replace(delta, steady=False)
        if step.finish.rescale is not None:
            low, high = step.finish.range
            times = 100 / (high - low)
            delta = replace(delta, low=delta.low * times, high=delta.high * times)
        for place, each in enumerate(step.finish.adjustments):
            delta = self.adjusted(step, place, each, delta)
        return delta

    def all_steady(self, step: Finished) -> bool:
        """Whether every answer below a figure is there with both ways or with neither.

        What answers parts of an entity give is not looked into: it may be any.
        """
        if isinstance(step, Each):
            return False
        return all(
            self.found[each.number].steady and not isinstance(each, Each)
            for each in self.structure.plan.steps[: step.number]
            if self.choice in self.structure.rests[each.number]
        )

    def adjusted(self, step: Finished, place: int, by: Adjustment, delta: Delta) -> Delta:
        """The difference of two scores, of which each may be capped or floored."""
        one = self.first.before(step, place)
        other = self.second.before(step, place)
        if None in (one.up[0], one.down[0], other.up[0], other.down[0]):
            return delta
        turn = STILL if by.when is None else self.turn(by.when)
        always = Can((), None, None)
        here = always if by.when is None else self.first.truth(by.when)
        there = always if by.when is None else self.second.truth(by.when)
        ends = tuple(
            each[0] for each in (one.down[0], one.up[0], other.down[0], other.up[0]) if each
        )
        low_1, high_1, low_2, high_2 = ends
        found: list[tuple[Fraction, Fraction, Picks]] = []
        if here.otherwise is not None and there.otherwise is not None:
            found.append((delta.low, delta.high, (here.otherwise, there.otherwise)))
        if here.true is not None and there.true is not None:
            found.append((*_both_bounded(delta, by, ends), (here.true, there.true)))
        fold: Callable[[Fraction, Fraction], Fraction]
        if turn.to_true:  # only the second is bounded
            fold = min if by.kind is Bound.CAP else max
            low, high = by.points - high_1, by.points - low_1
            found.append((fold(delta.low, low), fold(delta.high, high), there.true or ()))
        if turn.from_true:  # only the first is
            fold = max if by.kind is Bound.CAP else min
            low, high = low_2 - by.points, high_2 - by.points
            found.append((fold(delta.low, low), fold(delta.high, high), here.true or ()))
        if not found:
            return delta
        least = min(found, key=lambda case: case[0])
        most = max(found, key=lambda case: case[1])
        return Delta(
            least[0], most[1], delta.steady, (least[2], delta.lowest), (most[2], delta.highest)
        )


def _both_bounded(
    delta: Delta, by: Adjustment, ends: Sequence[Fraction]
) -> tuple[Fraction, Fraction]:
    """The difference of two scores that are capped or floored both."""
    bound = min if by.kind is Bound.CAP else max
    low_1, high_1, low_2, high_2 = (bound(each, by.points) for each in ends)
    low = max(min(delta.low, ZERO), low_2 - high_1)
    high = min(max(delta.high, ZERO), high_2 - low_1)
    if (low_1, high_1, low_2, high_2) == tuple(ends):  # neither ever reaches the bound
        return delta.low, delta.high
    return low, high


def _end(part: Part, side: int) -> Fraction | None:
    """The least or the greatest that a part can count as."""
    option = (part.low if side == 0 else part.top)[0]
    return option[0] if option else None


def _of(*values: Fraction | None) -> list[Fraction]:
    return [value for value in values if value is not None]


def _worked_out(step: Ask | Count | Take) -> bool:
    """Whether a formula is scored, which more of a number may raise or lower."""
    return isinstance(step, Count) and step.formula is not None


def _surely_false(truth: Can) -> bool:
    return truth.false is not None and truth.true is None and truth.unknown is None


def _turned(before: bool | None, after: bool | None) -> Turn:
    return Turn(
        after is True and before is not True,
        before is True and after is not True,
        after is False and before is not False,
        before is False and after is not False,
    )


def _lacks(reach: Reach) -> bool:
    return reach.missing[0] is not None or reach.absent[0] is not None


def _one_score(reach: Reach) -> bool:
    up, down = reach.up[0], reach.down[0]
    return up is not None and down is not None and up[0] == down[0] and not _lacks(reach)


def _hull_of(*ends: tuple[Fraction, object] | None) -> tuple[Fraction, Fraction]:
    """The least and the greatest difference of two scores, by the ends of both."""
    low_1, high_1, low_2, high_2 = ends
    if low_1 is None or high_1 is None or low_2 is None or high_2 is None:
        return ZERO, ZERO
    return low_2[0] - high_1[0], high_2[0] - low_1[0]


def _added(parts: Sequence[tuple[Delta, Fraction]]) -> tuple[Fraction, Fraction]:
    low = high = ZERO
    for each, weight in parts:
        ends = sorted((each.low * weight, each.high * weight))
        low, high = low + ends[0], high + ends[1]
    return low, high
