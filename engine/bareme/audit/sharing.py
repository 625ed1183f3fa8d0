"""The best that parts can make together, when so many changes are shared out among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from math import prod

from bareme.exact import TooManyBits, decimal_in, fifty_digits
from bareme.methods.aggregation import method_named
from bareme.record import Record

MOST_TRIED = 512
"""Ways to share changes out that are tried for a method that does not add; more are bounded."""

Picks = tuple[object, ...]
"""Changes, as pairs of what is asked and its answer, or pairs of such; kept short by sharing."""

Option = tuple[Fraction, Picks]
Options = list[Option | None]
"""By how many units are spent, the best score to be had and how."""


class Reach(Record):
    """What a step can come to, by how many units are spent below it.

    Attributes:
        up, down: the highest and the lowest score; None where it can have none.
        missing, absent: how it comes to be missing, or not to apply; None where it cannot.
    """

    up: Options
    down: Options
    missing: list[Picks | None]
    absent: list[Picks | None]


class Part:
    """One part as it can count: with a score, with what stands for a missing one, or not at all."""

    def __init__(
        self, weight: Fraction, reach: Reach, counts_as: Fraction | None, blocks: bool
    ) -> None:
        self.weight = weight
        self.reach = reach
        self.blocks = blocks
        self.top, self.low = reach.up, reach.down
        self.drops = list(reach.absent)
        if counts_as is not None:
            stands = [None if p is None else (counts_as, p) for p in reach.missing]
            self.top = [better(a, b, 1) for a, b in zip(self.top, stands, strict=True)]
            self.low = [better(a, b, -1) for a, b in zip(self.low, stands, strict=True)]
        elif not blocks:
            both = zip(reach.absent, reach.missing, strict=True)
            self.drops = [b if a is None else a for a, b in both]

    def options(self, sign: int) -> list[tuple[int, Fraction, Picks]]:
        """Each score that more units make better for the whole, and what it costs."""
        found: list[tuple[int, Fraction, Picks]] = []
        towards = sign if self.weight > 0 else -sign
        for spent, option in enumerate(self.top if towards > 0 else self.low):
            if option and (not found or (option[0] - found[-1][1]) * towards > 0):
                found.append((spent, *option))
        return found

    @property
    def drop(self) -> tuple[int, Picks] | None:
        """What it costs at least to leave the part out."""
        return next(((at, picks) for at, picks in enumerate(self.drops) if picks is not None), None)


def combined(method: str, parts: Sequence[Part], many: int, sign: int) -> Options:
    """The best that parts can make together, by units spent."""
    if not parts:
        return [None] * many
    if method == "sum":
        return _added(parts, many, sign)
    if method != "arithmetic mean":
        return _tried(method, parts, many, sign)
    if all(part.drop is None for part in parts):
        whole = sum((part.weight for part in parts), Fraction(0))
        added = _added(parts, many, sign)
        return [each and (each[0] / whole, each[1]) for each in added]
    ways = [(part.weight, part.options(sign), part.drop) for part in parts]
    return _ratio(ways, many, sign)


def _added(parts: Sequence[Part], many: int, sign: int) -> Options:
    """The best sum; what is left out adds nothing."""
    best: Options = [(Fraction(0), ())] * many
    for part in parts:
        ways = [(cost, part.weight * score, picks) for cost, score, picks in part.options(sign)]
        if part.drop is not None:
            ways.append((part.drop[0], Fraction(0), part.drop[1]))
        found: Options = [None] * many
        for spent in range(many):
            for cost, adds, picks in ways:
                before = best[spent - cost] if cost <= spent else None
                if before is not None:
                    option = before[0] + adds, (before[1], picks) if picks else before[1]
                    found[spent] = better(found[spent], option, sign)
        best = found
    return best


def _ratio(ways: _Ways, many: int, sign: int) -> Options:
    """The best mean where parts can be left out.

    Whether some choice has a mean beyond λ is whether Σ w·(s − λ) can be above 0, which adds up
    part by part; λ is raised to what the best choice gives until none is better (Dinkelbach 1967).
    """
    scores = [score for _, options, _ in ways for _, score, _ in options]
    if not scores:
        return [None] * many
    beyond = min(scores) - 1 if sign > 0 else max(scores) + 1
    found: Options = []
    best: Option | None = None
    choices = _beyond(ways, many, beyond, sign)
    for spent in range(many):
        mean = best[0] if best else beyond
        while (choice := choices[spent]) is not None:
            _, points, weight, picks = choice
            if not weight or (points / weight - mean) * sign <= 0:
                break
            mean = points / weight
            best = mean, picks
            choices = _beyond(ways, many, mean, sign)
        found.append(best)
    return found


_Choice = tuple[Fraction, Fraction, Fraction, Picks]
_Ways = Sequence[tuple[Fraction, Sequence[tuple[int, Fraction, Picks]], tuple[int, Picks] | None]]


def _beyond(ways: _Ways, many: int, mean: Fraction, sign: int) -> list[_Choice | None]:
    """By units spent the choice with the greatest Σ w·(s − mean).

    Each with that sum, its points, its weight, and how it is made.
    """
    zero = Fraction(0)
    best: list[_Choice | None] = [(zero, zero, zero, ())] * many
    for weight, options, drop in ways:
        gains = [(cost, weight * (points - mean) * sign, weight * points, picks)
                 for cost, points, picks in options]  # fmt: skip
        found: list[_Choice | None] = [None] * many
        for at in range(many):
            for cost, gain, adds, picks in gains:
                before = best[at - cost] if cost <= at else None
                if before is None:
                    continue
                now, total = found[at], before[0] + gain
                if now is None or total > now[0]:
                    joined = (before[3], picks) if picks else before[3]
                    found[at] = total, before[1] + adds, before[2] + weight, joined
            if drop is not None and drop[0] <= at:
                before, now = best[at - drop[0]], found[at]
                if before is not None and (now is None or before[0] > now[0]):
                    joined = (before[3], drop[1]) if drop[1] else before[3]
                    found[at] = before[0], before[1], before[2], joined
        best = found
    return best


def _tried(method: str, parts: Sequence[Part], many: int, sign: int) -> Options:
    """The best by a method that does not add: every way to share the units out, if they are few."""
    ways: list[list[tuple[int, Fraction | None, Picks]]] = []
    for part in parts:
        options: list[tuple[int, Fraction | None, Picks]] = [*part.options(sign)]
        ways.append(options + ([(part.drop[0], None, part.drop[1])] if part.drop else []))
    made = method_named(method).score
    weights = [part.weight for part in parts]
    if prod(map(len, ways)) > MOST_TRIED:
        try:
            by = _by_curve if method_named(method).weighs else _by_order
            return by(method, parts, many, sign)
        except TooManyBits:
            return _all_to_each(parts, many, sign)
    best: Options = [None] * many
    for cost, scores, picks in _shared(ways, many):
        kept = [(s, w) for s, w in zip(scores, weights, strict=True) if s is not None]
        if kept:
            try:
                found = made([s for s, _ in kept], [w for _, w in kept])
            except TooManyBits:
                return _all_to_each(parts, many, sign)
            best[cost] = better(best[cost], (found, picks), sign)
    for spent in range(1, many):
        before, now = best[spent - 1], best[spent]
        best[spent] = better(before, now, sign) if before else now
    return best


def _shared(
    ways: Sequence[Sequence[tuple[int, Fraction | None, Picks]]], many: int
) -> Iterator[tuple[int, list[Fraction | None], Picks]]:
    """Every choice of a way for each part that costs less than so many units."""
    found: list[tuple[int, list[Fraction | None], Picks]] = [(0, [], ())]
    for options in ways:
        found = [
            (spent + cost, [*scores, score], (picks, more) if more else picks)
            for spent, scores, picks in found
            for cost, score, more in options
            if spent + cost < many
        ]
    yield from found


# ---- bounds where there are many ways


def _by_curve(method: str, parts: Sequence[Part], many: int, sign: int) -> Options:
    """A bound on a geometric, harmonic or power mean: on its curve it is an arithmetic mean.

    Values on the curve have 50 digits, so that what comes of them is widened by far more than that
    can be wrong. Where one part of 0 makes the whole 0, parts above 0 are looked at by themselves.
    """
    power = Fraction(0) if method == "geometric mean" else Fraction(-1)
    if method.startswith("power"):
        power = Fraction(method.partition(" ")[2])
    zeros = [o for part in parts for o in part.options(sign) if o[1] <= 0] if power <= 0 else []
    ways = [
        (
            part.weight,
            [(cost, _onto(power, points), picks) for cost, points, picks in part.options(sign)
             if points > 0 or power > 0],
            part.drop,
        )
        for part in parts
    ]  # fmt: skip
    wider = 1 + Fraction(sign, 10**30)
    found: Options = [
        each and (_back(power, each[0]) * wider, each[1]) for each in _ratio(ways, many, sign)
    ]
    for spent in range(many):
        zero = next((picks for cost, _, picks in zeros if cost <= spent), None)
        if zero is not None and (sign < 0 or found[spent] is None):
            found[spent] = Fraction(0), zero
    return found


@cache
def _onto(power: Fraction, score: Fraction) -> Fraction:
    """A score on the curve of a mean, so that more is more."""
    if power == -1:
        return -1 / score
    if score == 0:
        return score
    if power == 0:
        return fifty_digits(lambda context: context.ln(decimal_in(context, score)))
    return (1 if power > 0 else -1) * _raised(score, power)


def _back(power: Fraction, value: Fraction) -> Fraction:
    """What a value on the curve stands for."""
    if power == 0:
        return fifty_digits(lambda context: context.exp(decimal_in(context, value)))
    return abs(value) if value == 0 else _raised(abs(value), 1 / power)


def _raised(score: Fraction, power: Fraction) -> Fraction:
    def compute(context: Context) -> Decimal:
        logarithm = context.ln(decimal_in(context, score))
        return context.exp(context.multiply(logarithm, decimal_in(context, power)))

    return fifty_digits(compute)


def _by_order(method: str, parts: Sequence[Part], many: int, sign: int) -> Options:
    """A bound on a minimum, maximum, median or the best few: on the parts in order of their scores.

    The third greatest score cannot be beyond the best score that three parts can have at once.
    """
    ranked = _ranked(parts, many, sign)
    drops = sorted((part.drop for part in parts if part.drop), key=lambda drop: drop[0])
    made = method_named(method).score
    found: Options = [None] * many
    spent = 0
    picks: Picks = ()
    for counted in range(len(parts), 0, -1):  # one more is left out each time
        for at in range(spent, many):
            have = [each for row in ranked[:counted] if (each := row[at - spent]) is not None]
            if len(have) == counted:
                whole = made([points for points, _ in have], [Fraction(1)] * counted)
                place = {"minimum": counted, "maximum": 1}.get(method, counted // 2 + 1)
                more = have[place - 1 if sign > 0 else counted - place][1]
                found[at] = better(found[at], (whole, (picks, more) if more else picks), sign)
        left_out = len(parts) - counted
        if left_out == len(drops):
            break
        spent, picks = spent + drops[left_out][0], (picks, drops[left_out][1])
    return found


def _ranked(parts: Sequence[Part], many: int, sign: int) -> list[Options]:
    """By how many parts, and units spent, the best score that so many have or surpass."""
    options = [part.options(sign) for part in parts]
    found: list[Options] = [[None] * many for _ in parts]
    for limit in {points for each in options for _, points, _ in each}:
        reached = [
            next(((c, picks) for c, points, picks in each if (points - limit) * sign >= 0), None)
            for each in options
        ]
        spent = 0
        picks: Picks = ()
        cheapest = sorted((each for each in reached if each), key=lambda each: each[0])
        for row, (cost, more) in zip(found, cheapest, strict=False):
            spent, picks = spent + cost, (picks, more) if more else picks
            if spent >= many:
                break
            row[spent] = better(row[spent], (limit, picks), sign)
    for row in found:
        for spent in range(1, many):
            row[spent] = better(row[spent - 1], row[spent], sign)
    return found


def _all_to_each(parts: Sequence[Part], many: int, sign: int) -> Options:
    """A bound where nothing better can be computed: the best part, all units being spent on it."""
    found: Options = [None] * many
    for part in parts:
        for cost, points, picks in part.options(sign):
            for spent in range(cost, many):
                found[spent] = better(found[spent], (points, picks), sign)
    return found


def better(one: Option | None, other: Option | None, sign: int) -> Option | None:
    """The better of two; the first where they are the same."""
    if one is None or other is None:
        return one or other
    return other if (other[0] - one[0]) * sign > 0 else one
