"""Exact evaluation to a trace: the reference that every other backend must agree with."""

from __future__ import annotations

from bareme.methods.aggregation import METHODS
from bareme.plan import Aggregate, AnyStep, Ask, Plan, Repeat, Take
from bareme.profiles.profile import Profile
from bareme.scoring.trace import Status, Trace, Value, counted

_MISSING = Value(None, Status.MISSING, False)
_NOT_APPLICABLE = Value(None, Status.NOT_APPLICABLE, False)


def score(plan: Plan, profile: Profile) -> Trace:
    """Evaluate one index for one entity.

    Returns:
        The trace of every step in order; its last value is the index's score, from 0 to 100 and
        never rounded, or None where nothing could be scored.
    """
    values: list[Value] = []
    for step in plan.steps:
        given = profile.given.get(step.path)
        if given is not None:
            values.append(Value(given.score, Status.GIVEN, True))
        else:
            values.append(_evaluate(step, values, profile))
    return Trace(plan, profile, tuple(values))


def _evaluate(step: AnyStep, values: list[Value], profile: Profile) -> Value:
    match step:
        case Ask():
            answer = profile.answers.get(step.question)
            if answer is None:
                return _MISSING
            points = step.points[answer.text]
            return _NOT_APPLICABLE if points is None else Value(points, Status.ANSWERED, False)
        case Take():
            return _MISSING
        case Repeat():
            source = values[step.of]
            if source.score is None:
                return source
            return Value(source.score, _computed(source.rests_on_given), source.rests_on_given)
        case Aggregate():
            return _aggregate(step, values)


def _aggregate(step: Aggregate, values: list[Value]) -> Value:
    parts = [values[part.step] for part in step.parts]
    scores, weights = counted(step, values)
    if not scores:
        # Missing if any part is; otherwise whatever could count does not apply.
        missing = any(part.status is Status.MISSING for part in parts)
        return _MISSING if missing else _NOT_APPLICABLE
    rests = any(
        value.rests_on_given and part.weight > 0
        for value, part in zip(parts, step.parts, strict=True)
    )
    return Value(METHODS[step.method.value].score(scores, weights), _computed(rests), rests)


def _computed(rests_on_given: bool) -> Status:
    return Status.RESTS_ON_GIVEN if rests_on_given else Status.COMPUTED
