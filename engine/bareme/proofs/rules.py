"""Rules that can do nothing, or that work against each other, whoever answers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from bareme.framework import Bound, When
from bareme.methods.aggregation import method_named
from bareme.plan import Aggregate, AnyStep, Decide, Finished
from bareme.proofs.goals import Binds, Goal, Holds, Opposed, Taken, Weightless
from bareme.proofs.search import Outcome, Prover
from bareme.record import Record
from bareme.source import Span


class Flaw(StrEnum):
    """What can be amiss with a rule."""

    NEVER_HOLDS = "never holds"
    NEVER_BINDS = "never binds"
    NEVER_TAKEN = "never decides"
    OPPOSED = "contradict each other"
    WEIGHTLESS = "weights sum to zero"


class Claim(Record):
    """One thing asked of a rule, and what came of it.

    Attributes:
        flaw: that it would have.
        step: of the figure that the rule is about.
        goal: that was looked for.
        span: of the rule.
        written: the rule in its own words; a condition without its `when`.
        other: of two rules that work against each other the second.
        found: whether it has the flaw; None where that is not known.
    """

    flaw: Flaw
    step: int
    goal: Goal
    span: Span
    written: str
    other: Span | None
    outcome: Outcome

    @property
    def found(self) -> bool | None:
        if not self.outcome.decided:
            return None
        shown = self.outcome.shown is not None
        return shown if self.flaw in (Flaw.OPPOSED, Flaw.WEIGHTLESS) else not shown


def claims(prover: Prover) -> Iterator[Claim]:
    """Ask everything of the rules of a plan; of a rule that has a flaw nothing more is asked."""
    for step in prover.plan.steps:
        if step.path[0] == prover.plan.index:
            yield from _of_step(prover, step)
    root = prover.plan.root
    for when in (prover.plan.include, prover.plan.ranked):
        if when is not None:
            yield _condition(prover, root, when)


def _of_step(prover: Prover, step: AnyStep) -> Iterator[Claim]:
    for when in step.skip:
        yield _condition(prover, step, when)
    if isinstance(step, Decide):
        yield from _decisions(prover, step)
    if isinstance(step, Finished):
        yield from _bounds(prover, step)
    if isinstance(step, Aggregate) and any(not part.weight for part in step.parts):
        method = method_named(step.method.value)
        if method.mean:
            goal = Weightless(step.number)
            zero = next(part for part in step.parts if not part.weight)
            yield _claim(prover, Flaw.WEIGHTLESS, step, goal, zero.span, "")


def _condition(prover: Prover, step: AnyStep, when: When) -> Claim:
    goal = Holds(step.number, when)
    return _claim(prover, Flaw.NEVER_HOLDS, step, goal, when.span, when.written)


def _decisions(prover: Prover, step: Decide) -> Iterator[Claim]:
    for place, each in enumerate(step.decisions):
        if each.when is not None:
            held = _condition(prover, step, each.when)
            yield held
            if held.found is not False:
                continue
        written = each.when.written if each.when else ""
        goal = Taken(step.number, place)
        yield _claim(prover, Flaw.NEVER_TAKEN, step, goal, each.span, written)


def _bounds(prover: Prover, step: Finished) -> Iterator[Claim]:
    adjustments = step.finish.adjustments
    for place, each in enumerate(adjustments):
        if each.when is not None:
            held = _condition(prover, step, each.when)
            yield held
            if held.found is not False:
                continue
        binds = Binds(step.number, place)
        written = each.when.written if each.when else ""
        yield _claim(prover, Flaw.NEVER_BINDS, step, binds, each.span, written)
    for place, one in enumerate(adjustments):
        for later, other in enumerate(adjustments[place + 1 :], place + 1):
            cap, floor = (one, other) if one.kind is Bound.CAP else (other, one)
            apart = cap.kind is Bound.CAP and floor.kind is Bound.FLOOR
            if apart and floor.points > cap.points:
                goal = Opposed(step.number, place, later)
                outcome = prover.look(goal)
                written = other.when.written if other.when else ""
                yield Claim(Flaw.OPPOSED, step.number, goal, other.span, written, one.span, outcome)


def _claim(
    prover: Prover, flaw: Flaw, step: AnyStep, goal: Goal, span: Span, written: str
) -> Claim:
    return Claim(flaw, step.number, goal, span, written, None, prover.look(goal))
