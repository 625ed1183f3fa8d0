"""How much each question weighs, how far it can move an index, and whether it does anything."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from itertools import combinations

from bareme.methods.aggregation import method_named, shares
from bareme.plan import Aggregate, AnyStep, Ask, Count, Each, Plan, Repeat, Take
from bareme.proofs.choices import Choice, Kind, Way, whens_of
from bareme.proofs.goals import Apart, Told
from bareme.proofs.search import BETWEEN, TOO_MANY, Furthest, Outcome, Prover, Shown
from bareme.record import replace
from bareme.scoring.trace import Trace

FEW_LOOKS = 12
"""Choices that are looked at for one goal here, where there is no solver."""


MOST_SOLVED = 300
"""Goals that the solver is asked for the effects of all answers; of each a share, and some."""

LEAST_SOLVED = 2


def weights(plan: Plan) -> dict[Choice, Fraction | None]:
    """The share of the last step that each answer has, where all is answered and nothing acts.

    Shares are multiplied on the way up and added over the ways; None where a way leads through a
    method that does not add its parts up. Through a sum a share is what a point adds to it.
    """
    found: dict[Choice, Fraction | None] = {}
    _weigh(plan, "", frozenset(), Fraction(1), found)
    return found


def _weigh(
    plan: Plan,
    unit: str,
    own: frozenset[str],
    whole: Fraction | None,
    found: dict[Choice, Fraction | None],
) -> None:
    nothing: Fraction | None = Fraction(0)
    reach: list[Fraction | None] = [nothing] * len(plan.steps)
    reach[-1] = whole
    for step in reversed(plan.steps):
        share = reach[step.number]
        if isinstance(step, Ask):
            _add(found, _choice(Kind.ANSWER, step.question, unit, own), share)
        elif isinstance(step, Count):
            for id in step.reads:  # of a formula nobody can say how much each number weighs
                one = share if step.formula is None or share == 0 else None
                _add(found, _choice(Kind.NUMBER, id, unit, own), one)
        elif isinstance(step, Take):
            _add(found, Choice(Kind.GIVEN, "", step.figure), share)
        elif isinstance(step, Repeat):
            reach[step.of] = _plus(reach[step.of], _rescaled(step, share))
        elif isinstance(step, Each):
            _weigh(step.inner, step.unit.value, step.asked, _rescaled(step, share), found)
        elif isinstance(step, Aggregate):
            for number, part in _shared(step, _rescaled(step, share)):
                reach[number] = _plus(reach[number], part)


def _choice(kind: Kind, id: str, unit: str, own: frozenset[str]) -> Choice:
    return Choice(kind, unit if id in own else "", id)


def _rescaled(step: Repeat | Each | Aggregate, share: Fraction | None) -> Fraction | None:
    if share is None or step.finish.rescale is None:
        return share
    low, high = step.finish.range
    return share * 100 / (high - low)


def _shared(step: Aggregate, share: Fraction | None) -> Iterator[tuple[int, Fraction | None]]:
    """What each part has of the share of the whole."""
    method = method_named(step.method.value)
    each = [part.weight for part in step.parts]
    if not method.adds:
        for part in step.parts:
            none = share == 0 or (method.weighs and not part.weight)
            yield part.step, Fraction(0) if none else None
        return
    parted = shares(each) if method.mean else each
    for part, fraction in zip(step.parts, parted, strict=True):
        yield part.step, Fraction(0) if not fraction else _times(share, fraction)


def _times(share: Fraction | None, fraction: Fraction) -> Fraction | None:
    return None if share is None else share * fraction


def _plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other


def _add(found: dict[Choice, Fraction | None], choice: Choice, share: Fraction | None) -> None:
    found[choice] = _plus(found.get(choice, Fraction(0)), share)


# ---- how far an answer can move the index


def effect(complete: Prover, choice: Choice) -> Furthest:
    """How far two answers can set the last step apart, everything else being the same.

    Args:
        complete: the prover of profiles that answer everything.
        choice: of which two answers are compared.
    """
    return _Farthest(complete, choice).run()


class _Farthest:
    def __init__(self, prover: Prover, choice: Choice) -> None:
        self.prover = prover
        self.choice = choice
        self.step = prover.plan.root.number
        self.most: Fraction | None = None
        self.shown: Shown | None = None
        self.tried = 0
        self.share = max(LEAST_SOLVED, MOST_SOLVED // len(prover.choices.points))
        self.started: set[tuple[Way, Way]] = set()

    def run(self) -> Furthest:
        bounds: dict[tuple[Way, Way], Fraction] = {}
        within = Fraction(0)  # two numbers of a stretch of which the better gives more
        for one, other in self.pairs():
            delta = self.prover.deltas(self.choice, one, other, {}).found[self.step]
            bounds[one, other] = delta.high
            if one != other:
                bounds[other, one] = -delta.low
            else:
                within = max(within, -delta.low)
        if not bounds:
            return Furthest(None, None, None, 0)
        halved = False
        solved = 0
        while True:
            pair = max(bounds, key=bounds.__getitem__)
            bound = bounds[pair]
            for each in bounds:  # of a stretch and its end the bounds are the same: the end has it
                if bounds[each] == bound:
                    self.start(each, bound)
            if bound <= (self.most or 0):
                most = self.most or Fraction(0)
                if within > most:
                    return Furthest(most, within, self.shown, self.tried, BETWEEN)
                return Furthest(most, most, self.shown, self.tried)
            furthest = max(bound, within)
            if solved == self.share:
                return Furthest(self.most, furthest, self.shown, self.tried, TOO_MANY)
            goal = self.goal(*pair)
            if halved:  # what would rise in small steps is asked for in great ones
                goal = replace(goal, by=(goal.by + bound) / 2)
            outcome = self.prover.look(goal, looks=1 if self.prover.solve else FEW_LOOKS)
            solved += outcome.solved
            self.tried += outcome.tried
            if self.better(outcome.shown):
                self.climb(pair)
                halved = True
            elif outcome.impossible:
                bounds[pair] = goal.by
                halved = False
            elif halved:
                halved = False
            else:
                return Furthest(self.most, furthest, self.shown, self.tried, outcome.reason)

    def start(self, pair: tuple[Way, Way], bound: Fraction) -> None:
        """Try two ways for the first time."""
        if pair in self.started or bound <= (self.most or 0):
            return
        self.started.add(pair)
        before = self.most
        for base in self.prover.bases:
            self.tried += 1
            self.better(self.prover.shows(self.goal(*pair), base))
        if self.most != before and self.most != bound:
            self.climb(pair)

    def climb(self, pair: tuple[Way, Way]) -> None:
        """Better what was found one choice at a time, as long as that helps."""
        rose = self.shown is not None
        while rose and self.shown is not None:
            rose = False
            for choice in self.near:
                for way in self.prover.choices.ways[choice]:
                    chosen = {**self.shown.chosen, choice: way}
                    self.tried += 1
                    rose |= self.better(self.prover.shows(self.goal(*pair), chosen))

    @cached_property
    def near(self) -> list[Choice]:
        """The choices that are nearest to what this one moves.

        They are read where it acts, or can leave out what stands beside it, or count beside it at
        the lowest figure.
        """
        structure, steps = self.prover.structure, self.prover.plan.steps
        moved = [step for step in steps if self.choice in structure.rests[step.number]]
        found: set[Choice] = set()
        for step in moved:
            found |= structure.of_whens(whens_of(step))
            for part in step.parts if isinstance(step, Aggregate) else ():
                found |= structure.of_whens(list(steps[part.step].skip))
        lowest = next((step for step in moved if isinstance(step, Aggregate)), None)
        if lowest is not None:
            found |= structure.rests[lowest.number]
        order = self.prover.order
        return sorted((c for c in found - {self.choice} if not c.unit), key=order.__getitem__)

    def pairs(self) -> Iterator[tuple[Way, Way]]:
        ways = [way for way in self.prover.choices.ways[self.choice] if way.said]
        yield from combinations(ways, 2)
        if self.choice in self.prover.choices.rising | self.prover.choices.falling:
            yield from ((way, way) for way in ways if way.stretch)

    def goal(self, one: Way, other: Way) -> Apart:
        return Apart(self.step, self.choice, one, other, self.most or Fraction(0))

    def better(self, shown: Shown | None) -> bool:
        if shown is None:
            return False
        first, second = (trace.score for trace in shown.traces)
        assert first is not None
        assert second is not None
        if self.most is not None and second - first <= self.most:
            return False
        self.most, self.shown = second - first, shown
        return True


# ---- dead questions


def alive(prover: Prover, choice: Choice) -> Outcome:
    """Whether two answers, or an answer and none, ever tell any figure apart."""
    ways = prover.choices.ways[choice]
    tried = 0
    for base in prover.bases:
        traces: list[tuple[Way, Trace]] = []
        for way in ways:
            trace = prover.trace(prover.complete({**base, choice: way}))
            tried += 1
            if trace is None:
                continue
            for other, before in traces:
                step = _told(before, trace)
                if step is not None:
                    both = Shown(base, choice, (other, way), (before, trace))
                    return Outcome(both, False, tried)
            traces.append((way, trace))
    reason = ""
    for one, other in [*combinations(ways, 2), *((w, w) for w in ways if w.stretch)]:
        for figure in prover.plan.steps:
            deltas = prover.deltas(choice, one, other, {}, figure.number).found  # by all learned
            if deltas[figure.number].same or not _is_figure(figure):
                continue
            outcome = prover.look(Told(figure.number, choice, one, other))
            tried += outcome.tried
            if outcome.shown is not None:
                return Outcome(outcome.shown, False, tried)
            reason = reason or outcome.reason
    return Outcome(None, not reason, tried, reason)


def _told(one: Trace, other: Trace) -> int | None:
    """The first figure that comes to something else."""
    for step, a, b in zip(one.plan.steps, one.values, other.values, strict=True):
        if _is_figure(step) and (a.score, a.status) != (b.score, b.status):
            return step.number
    return None


def _is_figure(step: AnyStep) -> bool:
    return not isinstance(step, Ask | Count)
