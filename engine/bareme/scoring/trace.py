"""The trace of one index for one entity: every step with what it rested on.

The score is the trace's last line. Lines are put together from the evaluated values when somebody
reads them; there is no second path by which a number and its explanation could come to disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from bareme.framework import Adjustment, Bound, Decision, Steps, When
from bareme.methods.aggregation import arithmetic_mean, method_named, shares
from bareme.methods.missing import policy_named
from bareme.methods.normalisation import linear, step_of
from bareme.plan import (
    Aggregate,
    AnyStep,
    Ask,
    Count,
    Decide,
    Each,
    Finished,
    Part,
    Plan,
    Repeat,
    Take,
)
from bareme.profiles.profile import Answer, GivenScore, PartOf, Profile
from bareme.record import Record
from bareme.scoring.conditions import holds
from bareme.scoring.formulas import work_out
from bareme.scoring.surroundings import ALONE, Imputed, Surroundings
from bareme.source import Span


class Status(StrEnum):
    """Where a score comes from, or why there is none."""

    ANSWERED = "answered"
    COMPUTED = "computed"
    RESTS_ON_GIVEN = "rests on given"
    GIVEN = "given"
    MISSING = "missing"
    NOT_APPLICABLE = "not applicable"
    NOT_ASKED = "not asked"

    @property
    def applies(self) -> bool:
        """Whether a score was to be had: neither excluded nor skipped, and asked."""
        return self not in (Status.NOT_APPLICABLE, Status.NOT_ASKED)


class Value(Record):
    """What one step came to.

    Attributes:
        rests_on_given: whether a given score has a part in it.
        units: of a figure that is scored for each part: the parts.
    """

    score: Fraction | None
    status: Status
    rests_on_given: bool
    units: tuple[Unit, ...] = ()


class Input(Record):
    """One part of an aggregate as it was used.

    Attributes:
        imputed: of a missing part that counts as a score of other entities or editions: that score.
    """

    step: int
    written: str  # the weight as written, empty where none was
    weight: Fraction
    share: Fraction | None  # of the parent, siblings without a score left out; of a mean only
    contribution: Fraction | None  # contributions add up to the score; None where none does
    counts_as: Fraction | None  # its score, or what stands for a missing one; None if left out
    value: Value
    span: Span
    imputed: Imputed | None = None


class Stage(Record):
    """A score after one thing was done to it.

    Attributes:
        what: the cap or floor; None for the score as put together, and once rescaled.
        applies: whether its condition holds; None where that cannot be told.
    """

    score: Fraction
    what: Adjustment | None = None
    applies: bool | None = True


class Required(Record):
    """How many answers below a figure are there, of those that apply."""

    there: int
    apply: int
    met: bool


class Unit(Record):
    """One part of an entity, scored by itself.

    Attributes:
        value: what it came to.
        counts_as: its score, or what stands for a missing one; None where it is left out.
        blocks: whether the figure has no score since this one is missing.
        values: every step of the plan that the part is scored by.
    """

    part: PartOf
    profile: Profile
    plan: Plan
    counts_as: Fraction | None
    blocks: bool
    values: tuple[Value, ...]

    @property
    def value(self) -> Value:
        return self.values[-1]

    @property
    def trace(self) -> Trace:
        """Every step of the part."""
        return Trace(self.plan, self.profile, self.values)


class WorkedOut(Record):
    """What a formula came to, and the recorded numbers that it read.

    Attributes:
        value: None where a number is missing, or it would divide by 0.
        read: by the id of the measure or data; None where nothing is recorded.
    """

    value: Fraction | None
    read: tuple[tuple[str, Answer | None], ...]


class Line(Record):
    """One step of a trace.

    Attributes:
        value: what it came to.
        inputs: what an aggregate put together, in the order written; empty where a given score
            stands in place of it.
        repeats: the step whose score this one takes over.
        answer, label, points_span: of a question: what was recorded, the label it names, and the
            rule line of that label's points.
        given: the score given by the profile; `overrides` where the rules would derive another.
        skipped: the condition by which it does not apply.
        stages: of a figure whose score is rescaled, capped or floored: what became of it, first
            the score as its parts made it.
        required: of a figure that requires answers.
        worked_out: of a measure with a formula.
        decided: of a figure that conditions decide: the one that did.
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
    skipped: When | None = None
    stages: tuple[Stage, ...] = ()
    required: Required | None = None
    worked_out: WorkedOut | None = None
    decided: Decision | None = None


class Evaluation(Record, caches=True):
    """The steps of one index for one entity, as far as they are evaluated.

    Attributes:
        around: what the rules may read of other entities and editions.
    """

    plan: Plan
    profile: Profile
    values: Sequence[Value]
    around: Surroundings = ALONE

    def score_of(self, path: tuple[str, ...]) -> Fraction | None:
        return self.values[self.plan.numbers[path]].score

    def holds(self, when: When) -> bool | None:
        """Whether a condition of the rules holds; None where that cannot be told."""
        return holds(when.condition, self.profile, self.score_of)

    def skipped(self, step: AnyStep) -> When | None:
        """The first condition by which a step does not apply."""
        return next((when for when in step.skip if self.holds(when)), None)

    def counted(self, step: Aggregate) -> list[tuple[Fraction, Fraction] | None]:
        """For each part of an aggregate the score and weight it counts with, None if left out."""
        policy = policy_named(step.when_missing.value)
        counted: list[tuple[Fraction, Fraction] | None] = []
        for part in step.parts:
            value = self.values[part.step]
            score = value.score
            if score is None and value.status is Status.MISSING:
                if policy.blocks and part.weight:
                    return [None] * len(step.parts)
                imputed = self.imputed(step, part)
                score = imputed.score if imputed else policy.counts_as(part.worst)
            counted.append(None if score is None else (score, part.weight))
        return counted if any(each and each[1] for each in counted) else [None] * len(step.parts)

    def imputed(self, step: Aggregate, part: Part) -> Imputed | None:
        """The score of others, or of an earlier edition, that a missing part counts as."""
        if not policy_named(step.when_missing.value).imputes:
            return None
        if self.values[part.step].status is not Status.MISSING:
            return None
        return self.around.imputed(part.step, step.when_missing.value, self.profile)

    def counted_number(self, step: Count) -> Fraction | None:
        """The number that a measure is scored by, recorded or worked out; None where it is not."""
        if step.formula is not None:
            return work_out(step.formula, self.profile.answers)
        answer = self.profile.answers.get(step.measure)
        return answer.value if answer else None

    def decided(self, step: Decide) -> Decision | None:
        """The first decision that holds; None where one before it cannot be told."""
        for each in step.decisions:
            applies = True if each.when is None else self.holds(each.when)
            if applies is None:
                return None
            if applies:
                return each
        return None

    def put_together(self, step: Aggregate) -> Fraction | None:
        """What the parts make, before anything else is done to it."""
        used = [each for each in self.counted(step) if each is not None]
        if not used:
            return None
        scores, weights = [score for score, _ in used], [weight for _, weight in used]
        return method_named(step.method.value).score(scores, weights)

    def required(self, step: Finished, units: Sequence[Unit] = ()) -> Required:
        """Whether a figure has the answers that it requires.

        Args:
            units: the parts, of a figure that is scored for each.
        """
        require = step.finish.require
        there, apply = _coverage_of(units) if isinstance(step, Each) else self.coverage(step)
        if require is None:
            return Required(there, apply, True)
        enough = there >= require.least * (apply if require.share else 1)
        return Required(there, apply, enough)

    def coverage(self, step: AnyStep) -> tuple[int, int]:
        """How many answers and given scores below a step are there, and how many apply."""
        there = apply = 0
        if isinstance(step, Decide):  # conditions read what they need, or there is no score
            return 1, 1
        stack: list[AnyStep] = [step]
        while stack:
            each = stack.pop()
            value = self.values[each.number] if each is not step else None
            if value is not None and not value.status.applies:
                continue
            if isinstance(each, Aggregate) and (value is None or value.status is not Status.GIVEN):
                stack += [self.plan.steps[part.step] for part in each.parts]
            elif isinstance(each, Each) and value is not None and value.status is not Status.GIVEN:
                more, applying = _coverage_of(value.units)
                there, apply = there + more, apply + applying
            elif isinstance(each, Repeat) and (value is None or value.status is not Status.GIVEN):
                stack.append(self.plan.steps[each.of])
            else:
                apply += 1
                there += value is not None and value.score is not None
        return there, apply

    def stages(self, step: Finished, score: Fraction) -> list[Stage]:
        """What becomes of a figure's score: rescaled, then each cap and floor in turn."""
        stages = [Stage(score)]
        if step.finish.rescale is not None:
            stages.append(Stage(linear(score, *step.finish.range)))
        for each in step.finish.adjustments:
            now = stages[-1].score
            applies = True if each.when is None else self.holds(each.when)
            bounded = min(now, each.points) if each.kind is Bound.CAP else max(now, each.points)
            stages.append(Stage(bounded if applies else now, each, applies))
        return stages


def mean_of_units(units: Sequence[Unit]) -> Fraction | None:
    """The mean of the parts that count; None where none does, or a missing one forbids it."""
    counted = [each.counts_as for each in units if each.counts_as is not None]
    if not counted or any(each.blocks for each in units):
        return None
    return arithmetic_mean(counted, [Fraction(1)] * len(counted))


def _coverage_of(units: Sequence[Unit]) -> tuple[int, int]:
    """How many answers of all parts are there, and how many apply."""
    counts = [unit.trace.coverage(unit.plan.root) for unit in units]
    return sum(there for there, _ in counts), sum(apply for _, apply in counts)


class Trace(Evaluation, caches=True):
    """Every step of one index for one entity, in the order of the plan."""

    @property
    def score(self) -> Fraction | None:
        """The index's score, in its range, never rounded."""
        return self.values[-1].score

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The steps with what each rested on."""
        return tuple(self._line(step) for step in self.plan.steps)

    def line(self, number: int) -> Line:
        """One step with what it rested on."""
        return self._line(self.plan.steps[number])

    @property
    def by_path(self) -> Mapping[tuple[str, ...], int]:
        """The number of the step that scores a figure, a question or a measure."""
        return self.plan.numbers

    def _line(self, step: AnyStep) -> Line:
        value = self.values[step.number]
        given = self.profile.given.get(step.path)
        if given is not None:
            return Line(step, value, given=given, overrides=not isinstance(step, Take))
        skipped = self.skipped(step)
        if skipped is not None:
            return Line(step, value, skipped=skipped)
        match step:
            case Ask():
                answer = self.profile.answers.get(step.question)
                if answer is None:
                    return Line(step, value)
                label, span = step.labels[answer.text]
                return Line(step, value, answer=answer, label=label, points_span=span)
            case Count():
                return self._counted(step, value)
            case Each():
                stages, required = self._finish(step, mean_of_units(value.units), value.units)
                return Line(step, value, stages=stages, required=required)
            case Decide():
                decided = self.decided(step)
                raw = decided.points if decided else None
                stages, required = self._finish(step, raw)
                return Line(step, value, decided=decided, stages=stages, required=required)
            case Repeat():
                score = self.values[step.of].score
                stages, required = self._finish(step, score)
                return Line(step, value, repeats=step.of, stages=stages, required=required)
            case Aggregate():
                inputs = self._inputs(step)
                raw = self.put_together(step)
                stages, required = self._finish(step, raw)
                return Line(step, value, inputs=inputs, stages=stages, required=required)
            case Take():
                return Line(step, value)

    def _counted(self, step: Count, value: Value) -> Line:
        answer = self.profile.answers.get(step.measure)
        number = self.counted_number(step)
        worked_out = None
        if step.formula is not None:
            read = tuple((each, self.profile.answers.get(each)) for each in step.formula.reads)
            worked_out = WorkedOut(number, read)
        if number is None:
            return Line(step, value, answer=answer, worked_out=worked_out)
        label, span = "", step.by.span
        if isinstance(step.by, Steps):
            limits = [each.limit for each in step.by.steps if each.limit is not None]
            at = step.by.steps[step_of(number, limits, ascending=step.by.ascending)]
            label, span = at.written, at.span
        return Line(
            step, value, answer=answer, label=label, points_span=span, worked_out=worked_out
        )

    def _finish(
        self, step: Finished, raw: Fraction | None, units: Sequence[Unit] = ()
    ) -> tuple[tuple[Stage, ...], Required | None]:
        required = self.required(step, units) if step.finish.require else None
        if raw is None or (required is not None and not required.met):
            return (), required
        done = step.finish.rescale is not None or step.finish.adjustments
        return tuple(self.stages(step, raw)) if done else (), required

    def _inputs(self, step: Aggregate) -> tuple[Input, ...]:
        counted = self.counted(step)
        used = [each for each in counted if each is not None]
        scores, weights = [score for score, _ in used], [weight for _, weight in used]
        method = method_named(step.method.value)
        added = method.contributions(scores, weights) if used else []
        divides = method.mean and method.weighs and bool(used)
        parted = shares(weights) if divides else [None] * len(used)
        following = iter(zip(parted, added, strict=True))
        inputs: list[Input] = []
        for part, each in zip(step.parts, counted, strict=True):
            share, contribution = (None, None) if each is None else next(following)
            inputs.append(
                Input(
                    step=part.step,
                    written=part.written,
                    weight=part.weight,
                    share=share,
                    contribution=contribution,
                    counts_as=None if each is None else each[0],
                    value=self.values[part.step],
                    span=part.span,
                    imputed=None if each is None else self.imputed(step, part),
                )
            )
        return tuple(inputs)
