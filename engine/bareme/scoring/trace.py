"""The trace of one index for one entity: every step with what it rested on.

The score is the trace's last line. Lines are put together from the evaluated values when somebody
reads them; there is no second path by which a number and its explanation could come to disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from bareme.methods.aggregation import METHODS, shares
from bareme.methods.missing import POLICIES
from bareme.plan import Aggregate, AnyStep, Ask, Plan, Repeat, Take
from bareme.profiles.profile import Answer, GivenScore, Profile
from bareme.source import Span


class Status(StrEnum):
    """Where a score comes from, or why there is none."""

    ANSWERED = "answered"
    COMPUTED = "computed"
    RESTS_ON_GIVEN = "rests on given"
    GIVEN = "given"
    MISSING = "missing"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Value:
    """What one step came to; `rests_on_given` where a given score has a part in it."""

    score: Fraction | None
    status: Status
    rests_on_given: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One part of an aggregate as it was used."""

    step: int
    written: str  # the weight as written, empty where none was
    weight: Fraction
    share: Fraction | None  # of the parent, siblings without a score left out; None for those
    contribution: Fraction | None  # share times score; contributions add up to the parent's score
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a trace.

    Attributes:
        value: what it came to.
        inputs: what an aggregate put together, in the order written; empty where a given score
            stands in place of it.
        repeats: the step whose score this one takes over.
        answer, label, points_span: of a question: what was recorded, the label it names, and the
            rule line of that label's points.
        given: the score given by the profile; `overrides` where the rules would derive another.
    """

    step: AnyStep
    value: Value
    inputs: tuple[Input, ...] = ()
    repeats: int | None = None
    answer: Answer | None = None
    label: str = ""
    points_span: Span | None = None
    given: GivenScore | None = None
    overrides: bool = False


@dataclass(frozen=True)
class Trace:
    """Every step of one index for one entity, in the order of the plan."""

    plan: Plan
    profile: Profile
    values: tuple[Value, ...]

    @property
    def score(self) -> Fraction | None:
        """The index's score, from 0 to 100, never rounded."""
        return self.values[-1].score

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The steps with what each rested on."""
        return tuple(self._line(step) for step in self.plan.steps)

    @cached_property
    def by_path(self) -> Mapping[tuple[str, ...], int]:
        """The number of the step that scores a figure or question."""
        return {step.path: step.number for step in self.plan.steps}

    def _line(self, step: AnyStep) -> Line:
        value = self.values[step.number]
        given = self.profile.given.get(step.path)
        if given is not None:
            return Line(step, value, given=given, overrides=not isinstance(step, Take))
        match step:
            case Ask():
                answer = self.profile.answers.get(step.question)
                if answer is None:
                    return Line(step, value)
                label, span = step.labels[answer.text]
                return Line(step, value, answer=answer, label=label, points_span=span)
            case Repeat():
                return Line(step, value, repeats=step.of)
            case Aggregate():
                return Line(step, value, inputs=self._inputs(step))
            case Take():
                return Line(step, value)

    def _inputs(self, step: Aggregate) -> tuple[Input, ...]:
        scores, weights = counted(step, self.values)
        added = METHODS[step.method.value].contributions(scores, weights) if scores else []
        used = iter(zip(shares(weights) if weights else [], added, strict=True))
        inputs: list[Input] = []
        for part, weight in zip(step.parts, weights_of(step, self.values), strict=True):
            share, contribution = (None, None) if weight is None else next(used)
            value = self.values[part.step]
            inputs.append(
                Input(part.step, part.written, part.weight, share, contribution, value, part.span)
            )
        return tuple(inputs)


def weights_of(step: Aggregate, values: Sequence[Value]) -> list[Fraction | None]:
    """What each part of an aggregate counts for, None where it is left out, by its policy."""
    scores = [values[part.step].score for part in step.parts]
    return POLICIES[step.when_missing.value](scores, [part.weight for part in step.parts])


def counted(step: Aggregate, values: Sequence[Value]) -> tuple[list[Fraction], list[Fraction]]:
    """The scores and weights of the parts that count, for the method that puts them together."""
    scores: list[Fraction] = []
    weights: list[Fraction] = []
    for part, weight in zip(step.parts, weights_of(step, values), strict=True):
        score = values[part.step].score
        if weight is not None and score is not None:
            scores.append(score)
            weights.append(weight)
    return scores, weights
