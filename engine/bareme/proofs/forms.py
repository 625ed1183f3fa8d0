"""Figures in one form: what scores alike for every profile, and is seen to, has one number.

Weights are shares, points are by label, `same as` is what it repeats, a part that stands alone is
what stands there, caps that commute stand in a fixed order. What only says how something is called
or laid out is in no form. Given scores in place of what rules derive are left aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

from bareme.framework import (
    FULL,
    Bound,
    Framework,
    Goalposts,
    Range,
    Steps,
    When,
    aggregate_bounds,
)
from bareme.methods.aggregation import method_named
from bareme.methods.missing import policy_named
from bareme.plan import (
    Aggregate,
    AnyStep,
    Ask,
    Count,
    Decide,
    Each,
    Finish,
    Finished,
    Plan,
    Repeat,
    Take,
)
from bareme.proofs.truth import FALSE, TRUE, Conditions, Truth, either, formula_form
from bareme.record import Record

Form = tuple[Any, ...]

Stage = tuple[Any, ...]
"""`("rescale", low, high)`, or a cap or floor: its kind, its points, when it is known to hold, and
that condition before it was made a table.
"""

Known = Callable[[Truth], Truth]
"""When a condition is known to hold."""


class Numbers:
    """The forms met so far, each with a number; those found to be alike share one."""

    def __init__(self) -> None:
        self._known: dict[Form, int] = {}
        self._alike: dict[int, int] = {}

    def of(self, form: Form) -> int:
        return self.find(self._known.setdefault(form, len(self._known)))

    def find(self, number: int) -> int:
        while number in self._alike:
            number = self._alike[number]
        return number

    def join(self, one: int, other: int) -> None:
        """From here on two forms are one."""
        one, other = self.find(one), self.find(other)
        if one != other:
            self._alike[max(one, other)] = min(one, other)


class Scored(Record):
    """What a figure is, taken apart.

    Attributes:
        core: how its parts are put together.
        skip: when it does not apply.
        requires: how many answers it needs, as written in each place.
        stages: what is done to the score in turn.
        bounds: between which the score lies before that.
        decided: whether conditions decide it.
    """

    core: Form
    skip: Truth
    requires: frozenset[tuple[Fraction, bool]]
    stages: tuple[Stage, ...]
    bounds: Range
    decided: bool

    def form(self, known: Known) -> Form:
        """The form of it."""
        stages = in_order(within_bounds(self.stages, self.bounds), known)
        stages = in_order(within_bounds(stages, self.bounds), known)
        said = tuple(each[:3] for each in stages)
        return ("figure", self.core, known(self.skip), tuple(sorted(self.requires)), said)


class Forms(Record, caches=True):
    """The forms of the steps of a plan.

    Attributes:
        framework: whose plan it is, without errors.
        plan: of an index, or of one part of an entity.
        shared: the numbers of the forms of both sides.
    """

    framework: Framework
    plan: Plan
    shared: Numbers

    @cached_property
    def of(self) -> Sequence[int]:
        """For each step the number of its form."""
        return _Forming(self).numbers

    @cached_property
    def inner(self) -> Mapping[int, Forms]:
        """The forms of what is scored for each part, by the step that says so."""
        return {
            step.number: Forms(self.framework, step.inner, self.shared)
            for step in self.plan.steps
            if isinstance(step, Each)
        }

    @cached_property
    def conditions(self) -> Conditions:
        return Conditions(self.framework, lambda path: self.of[self.plan.numbers[path]])

    def known(self, when: When | None) -> Truth:
        """When something is known to hold that is said of entities; always where nothing is."""
        if when is None:
            return TRUE
        return self.conditions.table(self.conditions.form(when.condition), known=True)


class _Forming:
    """Gives the steps of a plan their numbers, one after the other."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self.framework = forms.framework
        self.plan = forms.plan
        self.numbers: list[int] = []
        self.figures: dict[int, Scored] = {}
        self.conditions = Conditions(
            forms.framework, lambda path: self.numbers[forms.plan.numbers[path]]
        )
        for step in forms.plan.steps:
            self.numbers.append(forms.shared.of(self.step(step)))

    def step(self, step: AnyStep) -> Form:
        if isinstance(step, Finished):
            scored = self.finished(step)
            self.figures[step.number] = scored
            return scored.form(self.known)
        skip = self.known(self.either(step.skip))
        match step:
            case Ask():
                points = {step.labels[name][0]: each for name, each in step.points.items()}
                return ("ask", step.question, tuple(sorted(points.items())), skip)
            case Count():
                return ("count", self.read(step), self.scoring(step), skip)
            case Take():
                return ("given", step.path, skip)

    def finished(self, step: Finished) -> Scored:
        match step:
            case Repeat():
                return self.onto(step, step.of)
            case Decide():
                return self.scored(step, self.decided(step), _points(step))
            case Each():
                inner = self.forms.inner[step.number].of[-1]
                counts = self.counts_as(step.when_missing.value, step.worst)
                core = ("each", step.unit.value, tuple(sorted(step.asked)), inner, counts)
                return self.scored(step, core, self.bounds(step))
            case Aggregate():
                alone = self.alone(step)
                return self.onto(step, alone) if alone is not None else self.aggregate(step)

    def scored(self, step: Finished, core: Form, bounds: Range) -> Scored:
        finish = step.finish
        requires = finish.require and (finish.require.least, finish.require.share)
        return Scored(
            core,
            self.either(step.skip),
            frozenset([requires] if requires else []),
            self.stages(finish),
            bounds,
            isinstance(step, Decide),
        )

    def onto(self, step: Finished, number: int) -> Scored:
        """A figure that is another one, to whose score something more may be done."""
        of = self.figures.get(number)
        if of is None or (of.decided and step.finish.require):
            core = ("repeat", self.numbers[number])
            bounds = self.framework.bounds[self.plan.steps[number].path]
            return self.scored(step, core, bounds)
        own = self.scored(step, of.core, of.bounds)
        return Scored(
            of.core,
            either([of.skip, own.skip]),
            of.requires | own.requires,
            of.stages + own.stages,
            of.bounds,
            of.decided,
        )

    def alone(self, step: Aggregate) -> int | None:
        """The figure that is all there is in another one, if there is but one.

        A part that is missing leaves the other one missing, whether it is left out or forbids it.
        """
        if len(step.parts) != 1 or not step.parts[0].weight:
            return None
        part = step.parts[0]
        policy = policy_named(step.when_missing.value)
        stands = policy.imputes or policy.counts_as(part.worst) is not None
        if stands or part.step not in self.figures or not self.as_it_is(step):
            return None
        return part.step

    def as_it_is(self, step: Aggregate) -> bool:
        """Whether its method makes of one part alone the score of that part."""
        if not method_named(step.method.value).mean:
            return step.parts[0].weight == 1
        return all(self.bound(part.step)[0] >= 0 for part in step.parts)

    def bound(self, number: int) -> Range:
        return self.framework.bounds.get(self.plan.steps[number].path, FULL)

    def bounds(self, step: Finished) -> Range:
        return aggregate_bounds(self.framework.figures[step.path], self.framework.bounds)

    # ---- cores

    def aggregate(self, step: Aggregate) -> Scored:
        method = method_named(step.method.value)
        weights = [part.weight for part in step.parts]
        whole = sum(weights, Fraction(0))
        if method.mean and whole:
            weights = [weight / whole for weight in weights]
        heavy = [part for part in step.parts if part.weight]
        single = len(heavy) == 1 and method.mean and (method.weighs or len(step.parts) == 1)
        name = step.method.value
        if single and self.as_it_is(step):
            name = "alone"
        elif name in _POWERS:
            name = _POWERS[name]
        parts = []
        for part, weight in zip(step.parts, weights, strict=True):
            counts: object = None
            if weight or not method.weighs:
                counts = self.counts_as(step.when_missing.value, part.worst)
                if counts == "forbids" and single:
                    counts = "left out"
            parts.append((self.numbers[part.step], weight, counts))
        core = ("aggregate", name, tuple(sorted(parts, key=repr)))
        return self.scored(step, core, self.bounds(step))

    def counts_as(self, named: str, worst: Fraction) -> object:
        """What a missing part counts as."""
        policy = policy_named(named)
        if policy.imputes:
            return named, self.forms.known(self.plan.include)
        if policy.blocks:
            return "forbids"
        points = policy.counts_as(worst)
        return "left out" if points is None else points

    def decided(self, step: Decide) -> Form:
        found: list[tuple[Fraction, Truth]] = []
        for each in step.decisions:
            when = TRUE if each.when is None else self.table(each.when)
            if when != FALSE:
                found.append((each.points, when))
            if when == TRUE:
                break
        return ("decide", tuple(found))

    def read(self, step: Count) -> Form:
        return formula_form(step.formula) if step.formula else ("measure", step.measure)

    def scoring(self, step: Count) -> Form:
        if isinstance(step.by, Steps):
            return ("steps", _ascending(step.by))
        posts = step.by.value
        assert posts is not None
        clamped = posts.clamped or (step.formula is None and _holds_all(posts, step.plausible))
        return ("posts", posts.log, posts.worst, posts.best, clamped, posts.power)

    # ---- conditions

    def table(self, when: When) -> Truth:
        return self.conditions.table(self.conditions.form(when.condition))

    def either(self, whens: Iterable[When]) -> Truth:
        """Any of these."""
        return either([FALSE, *(self.conditions.form(when.condition) for when in whens)])

    def known(self, form: Truth) -> Truth:
        """When a condition is known to hold."""
        return self.conditions.table(form, known=True)

    def stages(self, finish: Finish) -> tuple[Stage, ...]:
        found: list[Stage] = []
        if finish.rescale is not None and finish.range != FULL:
            found.append(("rescale", *finish.range))
        for each in finish.adjustments:
            when = TRUE if each.when is None else self.conditions.form(each.when.condition)
            known = self.known(when)
            if known != FALSE:
                found.append((each.kind.value, each.points, known, when))
        return tuple(found)


_POWERS = {"power 1": "arithmetic mean", "power -1": "harmonic mean"}


def _points(step: Decide) -> Range:
    points = [each.points for each in step.decisions]
    return min(points), max(points)


def _ascending(steps: Steps) -> Form:
    """Points by value from the least on, each with its limit, and whether the limit is in it."""
    rows = [(each.limit, each.points) for each in steps.steps]
    if steps.ascending:
        found = [(points, limit, True) for limit, points in rows]
    else:  # each holds from its limit on, so the one below it ends there, and without it
        limits = [limit for limit, _ in rows[:-1]]
        found = [(rows[-1][1], limits[-1], False)] if limits else [(rows[-1][1], None, True)]
        for at in range(len(limits) - 1, -1, -1):
            end = limits[at - 1] if at else None
            found.append((rows[at][1], end, end is None))
    short = [now for now, after in pairwise(found) if now[0] != after[0]]
    return (*short, found[-1])


def _holds_all(posts: Goalposts, plausible: Range | None) -> bool:
    """Whether every plausible number lies between goalposts, so that nothing is clamped."""
    low, high = sorted((posts.worst, posts.best))
    return plausible is not None and low <= plausible[0] and plausible[1] <= high


# ---- caps and floors


def in_order(stages: Sequence[Stage], known: Known) -> tuple[Stage, ...]:
    """Caps and floors that can change places in a fixed order, and those of the same points as one.

    Two caps can change places, two floors, and a cap that is not below a floor.
    """
    left = list(stages)
    found: list[Stage] = []
    while left:
        free = [at for at, each in enumerate(left) if all(_commute(o, each) for o in left[:at])]
        first = min(free, key=lambda at: (left[at][0], left[at][1], repr(left[at][2])))
        found.append(left.pop(first))
    return tuple(_joined(found, known))


def _commute(one: Stage, other: Stage) -> bool:
    if "rescale" in (one[0], other[0]):
        return False
    if one[0] == other[0]:
        return True
    cap, floor = (one, other) if one[0] == Bound.CAP else (other, one)
    return bool(floor[1] <= cap[1])


def _joined(stages: Sequence[Stage], known: Known) -> list[Stage]:
    """Without what another one of a run makes needless."""
    found: list[Stage] = []
    for each in stages:
        start = len(found) - len(_run(found, each[0]))
        run = found[start:]
        if each[0] != "rescale":
            if any(_makes_needless(other, each) for other in run):
                continue
            if run and run[-1][1] == each[1]:
                when = either([run.pop()[3], each[3]])
                each = (*each[:2], known(when), when)
            run = [other for other in run if not _makes_needless(each, other)]
        found = [*found[:start], *run, each]
    return found


def _makes_needless(one: Stage, other: Stage) -> bool:
    """Whether one cap or floor of a run leaves another one nothing to do."""
    kind, points, when, _ = one
    strict = points <= other[1] if kind == Bound.CAP else points >= other[1]
    return strict and when in (TRUE, other[2])


def _run(stages: Sequence[Stage], kind: str) -> list[Stage]:
    """The stages of one kind at the end."""
    start = len(stages)
    while start and stages[start - 1][0] == kind:
        start -= 1
    return list(stages[start:])


def within_bounds(stages: Sequence[Stage], bounds: Range) -> tuple[Stage, ...]:
    """Without the caps and floors that no score between these bounds can go beyond."""
    low, high = bounds
    found: list[Stage] = []
    for each in stages:
        kind, points = each[0], each[1]
        if kind == "rescale":
            start, end = each[1:]
            low, high = ((side - start) * 100 / (end - start) for side in (low, high))
        elif kind == Bound.CAP:
            if points >= high:
                continue
            low, high = min(low, points), points if each[2] == TRUE else high
        else:
            if points <= low:
                continue
            low, high = points if each[2] == TRUE else low, max(high, points)
        found.append(each)
    return tuple(found)
