"""Exact evaluation to a trace: the reference that every other backend must agree with."""

from __future__ import annotations

from fractions import Fraction

from bareme.exact import TooManyBits
from bareme.framework import Steps, When
from bareme.methods.missing import policy_named
from bareme.methods.normalisation import between_goalposts, step_of
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Plan, Repeat, Take
from bareme.profiles.profile import Profile
from bareme.record import replace
from bareme.scoring.conditions import holds, no_scores
from bareme.scoring.surroundings import ALONE, Surroundings
from bareme.scoring.trace import Evaluation, Status, Trace, Unit, Value, mean_of_units

_MISSING = Value(None, Status.MISSING, False)
_NOT_APPLICABLE = Value(None, Status.NOT_APPLICABLE, False)
_NOT_ASKED = Value(None, Status.NOT_ASKED, False)


class TooLong(Exception):
    """A score of one entity that would need more bits than an exact value may have."""

    def __init__(self, step: AnyStep, profile: Profile) -> None:
        super().__init__(step.figure)
        self.step = step
        self.profile = profile


def included(plan: Plan, profile: Profile) -> bool:
    """Whether an entity is in the index at all."""
    return _holds_for(plan.include, plan, profile)


def ranked(plan: Plan, profile: Profile) -> bool:
    """Whether an entity that is in the index is ranked."""
    return _holds_for(plan.ranked, plan, profile)


def _holds_for(when: When | None, plan: Plan, profile: Profile) -> bool:
    """Whether what is said of entities is known to hold for one; true where nothing is said.

    Raises:
        TooLong: where a number in it would be too long to compute with.
    """
    if when is None:
        return True
    try:
        return holds(when.condition, profile, no_scores) is True
    except TooManyBits:
        raise TooLong(plan.root, profile) from None


def score(plan: Plan, profile: Profile, around: Surroundings = ALONE) -> Trace:
    """Evaluate one index for one entity.

    Args:
        plan: of the index.
        profile: of the entity.
        around: what stands in place of its missing parts, as its cohort has it.

    Returns:
        The trace of every step in order; its last value is the index's score, in its range and
        never rounded, or None where nothing could be scored.

    Raises:
        TooLong: where an exact value would be too long to compute with.
    """
    values: list[Value] = []
    so_far = Evaluation(plan, profile, values, around)
    for step in plan.steps:
        try:
            values.append(evaluate(step, so_far))
        except TooManyBits:
            raise TooLong(step, profile) from None
    return Trace(plan, profile, tuple(values), around)


def rescore(trace: Trace, profile: Profile, asked: str) -> Trace:
    """Evaluate again where one answer is another, and only what can rest on it.

    Args:
        trace: of the profile as it was.
        profile: the same but for the answer to `asked`.
        asked: the id of a question, a measure or of data.

    Raises:
        TooLong: as `score` does.
    """
    values = list(trace.values)
    so_far = Evaluation(trace.plan, profile, values, trace.around)
    changed: set[int] = set()
    for step in trace.plan.steps:
        if _may_change(step, asked, changed):
            try:
                value = evaluate(step, so_far)
            except TooManyBits:
                raise TooLong(step, profile) from None
            if value != values[step.number]:
                values[step.number] = value
                changed.add(step.number)
    return Trace(trace.plan, profile, tuple(values), trace.around)


def _may_change(step: AnyStep, asked: str, changed: set[int]) -> bool:
    """Whether a step reads an answer or a step that changed; one with conditions may always."""
    if step.skip:
        return True
    match step:
        case Ask():
            return step.question == asked
        case Count():
            return asked in step.reads
        case Take():
            return False
        case Decide():
            return True
        case Each():
            return any(_may_change(each, asked, changed) for each in step.inner.steps)
        case Repeat():
            return step.of in changed or bool(step.finish.adjustments or step.finish.require)
        case Aggregate():
            conditional = bool(step.finish.adjustments or step.finish.require)
            return conditional or any(part.step in changed for part in step.parts)


def evaluate(step: AnyStep, so_far: Evaluation) -> Value:
    """What one step comes to for one entity, the steps before it being evaluated."""
    given = so_far.profile.given.get(step.path)
    if given is not None:
        return Value(given.score, Status.GIVEN, True)
    if step.skip and so_far.skipped(step) is not None:
        return _NOT_APPLICABLE
    match step:
        case Ask() if step.question in so_far.profile.unasked:
            return _NOT_ASKED
        case Ask():
            answer = so_far.profile.answers.get(step.question)
            return _MISSING if answer is None else _answered(step.points[answer.text])
        case Count():
            value = so_far.counted_number(step)
            return _MISSING if value is None else _answered(points_of(step, value))
        case Take():
            return _MISSING
        case Each():
            return _each(step, so_far)
        case Decide():
            decided = so_far.decided(step)
            if decided is None:
                return _MISSING
            return _finished(step, decided.points, False, so_far)
        case Repeat():
            source = so_far.values[step.of]
            if source.score is None:
                return source
            return _finished(step, source.score, source.rests_on_given, so_far)
        case Aggregate():
            return _aggregate(step, so_far)


def points_of(step: Count, value: Fraction) -> Fraction | None:
    """The points that a measured number earns; None where its step is excluded."""
    if isinstance(step.by, Steps):
        limits = [each.limit for each in step.by.steps if each.limit is not None]
        return step.by.steps[step_of(value, limits, ascending=step.by.ascending)].points
    posts = step.by.value
    assert posts is not None
    return between_goalposts(
        value, posts.worst, posts.best, log=posts.log, clamped=posts.clamped, power=posts.power
    )


def _answered(points: Fraction | None) -> Value:
    return _NOT_APPLICABLE if points is None else Value(points, Status.ANSWERED, False)


def _aggregate(step: Aggregate, so_far: Evaluation) -> Value:
    parts = [so_far.values[part.step] for part in step.parts]
    score = so_far.put_together(step)
    if score is None:
        # Missing if any part that counts is; otherwise whatever could count does not apply.
        missing = any(
            value.status is Status.MISSING and part.weight != 0
            for value, part in zip(parts, step.parts, strict=True)
        )
        return _MISSING if missing else _NOT_APPLICABLE
    imputed = [so_far.imputed(step, part) for part in step.parts]
    rests = any(
        part.weight != 0 and (value.rests_on_given or (other is not None and other.rests_on_given))
        for value, part, other in zip(parts, step.parts, imputed, strict=True)
    )
    return _finished(step, score, rests, so_far)


def _each(step: Each, so_far: Evaluation) -> Value:
    units = _units(step, so_far.profile)
    score = mean_of_units(units)
    if score is None:
        missing = any(each.value.status is Status.MISSING for each in units)
        return Value(None, Status.MISSING if missing else Status.NOT_APPLICABLE, False, units)
    return replace(_finished(step, score, False, so_far, units), units=units)


def _units(step: Each, profile: Profile) -> tuple[Unit, ...]:
    """The parts of an entity that are such a unit, each evaluated by itself."""
    policy = policy_named(step.when_missing.value)
    units: list[Unit] = []
    for part in profile.parts.get(step.unit.value, ()):
        of_part = profile.of_part(part, step.asked)
        values = score(step.inner, of_part).values
        counts_as, blocks = values[-1].score, False
        if values[-1].status is Status.MISSING:
            counts_as, blocks = policy.counts_as(step.worst), policy.blocks
        units.append(Unit(part, of_part, step.inner, counts_as, blocks, tuple(values)))
    return tuple(units)


def _finished(
    step: Finished,
    score: Fraction,
    rests_on_given: bool,
    so_far: Evaluation,
    units: tuple[Unit, ...] = (),
) -> Value:
    """What becomes of a score once its parts are put together."""
    finish = step.finish
    if finish.require is not None and not so_far.required(step, units).met:
        return _MISSING
    if finish.rescale is not None or finish.adjustments:
        score = so_far.stages(step, score)[-1].score
    status = Status.RESTS_ON_GIVEN if rests_on_given else Status.COMPUTED
    return Value(score, status, rests_on_given)
