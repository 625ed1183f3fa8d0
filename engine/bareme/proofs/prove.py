"""Everything that can be said of a framework from its rules alone, index by index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from fractions import Fraction

from bareme.framework import Framework
from bareme.plan import Aggregate, AnyStep, Ask, Count, Each, Plan, Repeat, plan_index
from bareme.proofs.choices import Choice, Kind
from bareme.proofs.effects import alive, effect, weights
from bareme.proofs.extremes import extreme
from bareme.proofs.monotone import Lowering, Monotony, Undecided, monotony
from bareme.proofs.rules import Claim, claims
from bareme.proofs.search import LIMITS, Furthest, Outcome, Prover, Solve
from bareme.record import Record


class Verdict(StrEnum):
    """How sure a claim is."""

    PROVED = "proved"
    REFUTED = "refuted"
    ACCEPTED = "accepted"  # refuted, and the author said so
    TESTED = "tested"  # many profiles were tried and none showed otherwise
    OUT_OF_REACH = "out of reach"  # the same, and nothing here could ever prove it

    @property
    def open(self) -> bool:
        """Whether it is not known."""
        return self in (Verdict.TESTED, Verdict.OUT_OF_REACH)


def unproved(reason: str) -> Verdict:
    """The verdict on what is not decided for a reason."""
    return Verdict.TESTED if reason in LIMITS else Verdict.OUT_OF_REACH


class FigureProof(Record):
    """What is known of one figure.

    Attributes:
        step: its number in the plan.
        least, greatest: how far it comes.
        lowerings: better answers that lower it, one of each question.
        accepted: those of them that the author accepts.
        undecided: questions of which it is not known.
    """

    step: AnyStep
    least: Furthest
    greatest: Furthest
    lowerings: tuple[Lowering, ...]
    accepted: frozenset[Choice]
    undecided: tuple[Undecided, ...]

    @property
    def monotone(self) -> Verdict:
        """Whether better answers never lower it."""
        if any(each.choice not in self.accepted for each in self.lowerings):
            return Verdict.REFUTED
        if self.lowerings:
            return Verdict.ACCEPTED
        return unproved(self.undecided[0].reason) if self.undecided else Verdict.PROVED


class AnswerProof(Record):
    """What is known of one question, measure or given score in an index.

    Attributes:
        weight: its share of the index where all is answered and nothing else acts; None where that
            cannot be said.
        effect: how far it can move the index, everything being answered.
    """

    choice: Choice
    weight: Fraction | None
    effect: Furthest


class PlanProof(Record):
    """What is known of one index, or of what is scored there for each part of an entity.

    Attributes:
        unit: of the parts; empty for the index itself.
        figures: in the order of the rules.
        answers: in the order of the rules; of an index only.
        claims: on its rules.
    """

    prover: Prover
    unit: str
    figures: tuple[FigureProof, ...]
    answers: tuple[AnswerProof, ...]
    claims: tuple[Claim, ...]

    @property
    def plan(self) -> Plan:
        return self.prover.plan


class AliveProof(Record):
    """Whether a question or a measure ever moves a figure of any index.

    Attributes:
        outcome: what came of looking for two answers that some figure tells apart; None where a
            condition on who is in an index, or ranked, reads it.
    """

    choice: Choice
    outcome: Outcome | None

    @property
    def verdict(self) -> Verdict:
        if self.outcome is None or self.outcome.shown is not None:
            return Verdict.PROVED
        return Verdict.REFUTED if self.outcome.impossible else unproved(self.outcome.reason)


class FrameworkProof(Record):
    """What is known of a framework.

    Attributes:
        plans: each index, followed by the plans of its parts.
        alive: each question and measure, in the order in which the indices come to them.
    """

    framework: Framework
    plans: tuple[PlanProof, ...]
    alive: tuple[AliveProof, ...]


Say = Callable[[str, int, int], None]
"""Told what is being proved, how much of it is done, and of how much."""


def prove(
    framework: Framework,
    unasked: Iterable[frozenset[str]] = (),
    solve: Solve | None = None,
    say: Say = lambda *_: None,
) -> FrameworkProof:
    """Prove what can be proved of a framework without errors.

    Args:
        framework: the rules.
        unasked: of each edition the ids of the questions that are not asked in it.
        solve: for what structure and a bounded search leave open.
        say: is told how far it is.
    """
    editions = tuple(unasked)
    plans: list[PlanProof] = []
    for index in framework.indices:
        plan = plan_index(framework, index)
        prover = Prover.of(framework, plan, editions, solve)
        plans.append(_proved(framework, prover, "", say))
        for step in plan.steps:
            if isinstance(step, Each):
                inner = Prover.of(framework, step.inner, editions, solve)
                plans.append(_proved(framework, inner, step.unit.value, say))
    return FrameworkProof(framework, tuple(plans), _alive_of(plans))


def _alive_of(plans: Iterable[PlanProof]) -> tuple[AliveProof, ...]:
    """Of each question whether it moves a figure of any index, or of a part of an entity."""
    found: dict[tuple[Kind, str], AliveProof] = {}
    for plan in plans:
        for choice in plan.prover.choices.ways:
            key = choice.kind, choice.id
            known = found.get(key)
            if choice.kind not in (Kind.ANSWER, Kind.NUMBER):
                continue
            if known is None or known.verdict is not Verdict.PROVED:
                now = _alive(plan.prover, choice)
                if known is None or now.verdict is Verdict.PROVED or not known.verdict.open:
                    found[key] = now
    return tuple(found.values())


def _alive(prover: Prover, choice: Choice) -> AliveProof:
    whens = [each for each in (prover.plan.include, prover.plan.ranked) if each]
    if any(choice in prover.structure.reads(when.condition) for when in whens):
        return AliveProof(choice, None)
    return AliveProof(choice, alive(prover, choice))


def _proved(framework: Framework, prover: Prover, unit: str, say: Say) -> PlanProof:
    plan = prover.plan
    name = ".".join(plan.root.path)
    steps = [s for s in plan.steps if not isinstance(s, Ask | Count) and s.path[0] == plan.index]
    if unit:
        steps = [step for step in steps if step is not plan.root]
    place = {path: number for number, path in enumerate(framework.figures)}
    steps.sort(key=lambda step: place[step.path])
    points = () if unit else tuple(prover.choices.points)
    many = 2 * len(steps) + 2 * len(points)
    ends: list[tuple[Furthest, Furthest]] = []
    for done, step in enumerate(steps):
        say(name, 2 * done, many)
        ends.append((extreme(prover, step.number, up=False), extreme(prover, step.number, up=True)))
    whole = monotony(prover, lambda done: say(name, 2 * len(steps) + done, many))
    figures = [
        _figure(framework, prover, step, low, high, whole)
        for step, (low, high) in zip(steps, ends, strict=True)
    ]
    shares = weights(plan)
    complete = Prover(prover.choices.without_blanks, prover.solve)
    answers: list[AnswerProof] = []
    for done, choice in enumerate(points):
        say(name, 2 * len(steps) + len(points) + done, many)
        answers.append(
            AnswerProof(choice, shares.get(choice, Fraction(0)), effect(complete, choice))
        )
    return PlanProof(prover, unit, tuple(figures), tuple(answers), tuple(claims(prover)))


def _figure(
    framework: Framework,
    prover: Prover,
    step: AnyStep,
    low: Furthest,
    high: Furthest,
    whole: Monotony,
) -> FigureProof:
    lowerings = tuple(each for each in whole.lowerings if each.step == step.number)
    accepted = frozenset(
        each.choice for each in lowerings if _accepts(framework, prover, step, each.choice)
    )
    undecided = tuple(each for each in whole.undecided if each.step == step.number)
    return FigureProof(step, low, high, lowerings, accepted, undecided)


def _accepts(framework: Framework, prover: Prover, step: AnyStep, choice: Choice) -> bool:
    """Whether the author accepts that better answers lower a figure, there or below it."""
    for each in _counted(prover.plan, step):
        if each.path in framework.accepted and choice in prover.structure.rests[each.number]:
            return True
        if isinstance(each, Each):
            inside = prover.structure.inside[each.number]
            for inner in each.inner.steps:
                if inner.path in framework.accepted and choice in inside.rests[inner.number]:
                    return True
    return False


def _counted(plan: Plan, step: AnyStep) -> Iterator[AnyStep]:
    """A step and all that count towards it."""
    stack = [step]
    while stack:
        each = stack.pop()
        yield each
        if isinstance(each, Repeat):
            stack.append(plan.steps[each.of])
        elif isinstance(each, Aggregate):
            stack += [plan.steps[part.step] for part in each.parts]
