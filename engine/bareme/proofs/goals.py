"""What is looked for: a profile, or two that differ in one choice, that show something of a rule.

Whether profiles show it is for the exact engine to say, and for nothing else.
"""

from __future__ import annotations

from fractions import Fraction

from bareme.audit.unanswered import must_be_answered
from bareme.framework import When
from bareme.methods.aggregation import method_named
from bareme.methods.missing import policy_named
from bareme.plan import Aggregate, Decide, Finished
from bareme.proofs.choices import Choice, Choices, Chosen, Kind, Way
from bareme.record import Record
from bareme.scoring.exact import TooLong, rescore, score
from bareme.scoring.trace import Status, Trace


class Beyond(Record):
    """A step has a score above (or below) one; any score at all where none is said."""

    step: int
    up: bool
    than: Fraction | None


class Holds(Record):
    """A condition of a step is known to hold."""

    step: int
    when: When


class Binds(Record):
    """A cap or a floor of a step, by its place, moves the score."""

    step: int
    place: int


class Taken(Record):
    """A decision of a step, by its place, is the first that holds."""

    step: int
    place: int


class Opposed(Record):
    """Two caps or floors of a step, by their places, both hold."""

    step: int
    one: int
    other: int


class Weightless(Record):
    """Parts of a step have scores, all of those weigh 0, and nothing stands for the others."""

    step: int


class Apart(Record):
    """A step scores lower, by more than so much, with one way of a choice than with another.

    Both may be the same stretch of numbers; then the lower way is the number that earns more.
    """

    step: int
    choice: Choice
    lower: Way
    higher: Way
    by: Fraction = Fraction(0)


class Told(Record):
    """A step comes to something else, in score or in status, with one way than with another."""

    step: int
    choice: Choice
    one: Way
    other: Way


Goal = Beyond | Holds | Binds | Taken | Opposed | Weightless | Apart | Told


def pair_of(goal: Goal) -> tuple[Choice, Way, Way] | None:
    """The choice in which the two profiles of a goal differ, and how; None where one will do."""
    if isinstance(goal, Apart):
        return goal.choice, goal.lower, goal.higher
    return (goal.choice, goal.one, goal.other) if isinstance(goal, Told) else None


def shown(goal: Goal, choices: Choices, chosen: Chosen) -> tuple[Trace, ...] | None:
    """The traces by which a profile shows a goal, two where it takes two; None where it does not.

    Args:
        goal: of the plan of the choices.
        choices: of that plan.
        chosen: one way of every choice; of the choice in which two differ none is needed.
    """
    pair = pair_of(goal)
    try:
        if pair is None:
            trace = score(choices.plan, choices.profile(chosen))
            return (trace,) if _shows(goal, trace) and accepted(choices, trace) else None
        choice, *ways = pair
        both = two_of(*ways, falling=choice in choices.falling)
        profiles = [choices.profile({**chosen, choice: way}) for way in both]
        first_trace = score(choices.plan, profiles[0])
        if choice.unit or choice.kind not in (Kind.ANSWER, Kind.NUMBER):
            second_trace = score(choices.plan, profiles[1])
        else:
            second_trace = rescore(first_trace, profiles[1], choice.id)
        traces = first_trace, second_trace
    except TooLong:
        return None
    if not all(accepted(choices, trace) for trace in traces):
        return None
    first, second = (trace.values[goal.step] for trace in traces)
    if isinstance(goal, Told):
        differ = (first.score, first.status) != (second.score, second.status)
        return traces if differ else None
    assert isinstance(goal, Apart)
    if first.score is None or second.score is None or second.score - first.score <= goal.by:
        return None
    return traces


def accepted(choices: Choices, trace: Trace) -> bool:
    """Whether a profile answers all that it has to."""
    return not choices.let_off or not must_be_answered(trace)


def two_of(one: Way, other: Way, *, falling: bool) -> tuple[Way, Way]:
    """Two ways made exact; of the same stretch of numbers two, of which the first earns more.

    Args:
        one, other: of a choice.
        falling: whether smaller numbers earn more.
    """
    if one != other or not one.stretch:
        return exactly(one), exactly(other)
    if one.low is None or one.high is None:
        less = one.number
        more = less + 1 if one.high is None else less - 1
        less, more = sorted((less, more))
    else:
        less, more = ((one.low * k + one.high * (4 - k)) / 4 for k in (3, 1))
    first, second = (less, more) if falling else (more, less)
    return Way("", first, first), Way("", second, second)


def exactly(way: Way) -> Way:
    """One number of a stretch; anything else as it is."""
    return Way("", way.number, way.number) if way.stretch else way


def _shows(goal: Goal, trace: Trace) -> bool:
    step, value = trace.plan.steps[goal.step], trace.values[goal.step]
    match goal:
        case Beyond():
            if value.score is None or goal.than is None:
                return value.score is not None
            return value.score > goal.than if goal.up else value.score < goal.than
        case Holds():
            return trace.holds(goal.when) is True
        case Binds():
            return value.score is not None and binds(trace, goal.step, goal.place)
        case Taken():
            assert isinstance(step, Decide)
            applies = trace.skipped(step) is None
            return applies and trace.decided(step) is step.decisions[goal.place]
        case Opposed():
            assert isinstance(step, Finished)
            both = (step.finish.adjustments[each] for each in (goal.one, goal.other))
            holding = all(each.when is None or trace.holds(each.when) is True for each in both)
            return value.score is not None and holding
        case Weightless():
            assert isinstance(step, Aggregate)
            return weightless(step, trace)
    raise AssertionError(goal)


def binds(trace: Trace, number: int, place: int) -> bool:
    """Whether a cap or floor moves the score of a step that has one."""
    stages = trace.line(number).stages
    step = trace.plan.steps[number]
    assert isinstance(step, Finished)
    first = len(stages) - len(step.finish.adjustments)
    return bool(stages) and stages[first + place].score != stages[first + place - 1].score


def weightless(step: Aggregate, trace: Trace) -> bool:
    """Whether parts have scores, all of those weigh 0, and nothing stands for the others."""
    if trace.skipped(step) is not None or not method_named(step.method.value).mean:
        return False
    policy = policy_named(step.when_missing.value)
    values = [(part, trace.values[part.step]) for part in step.parts]
    for part, value in values:
        missing = value.score is None and value.status is Status.MISSING
        stands = policy.counts_as(part.worst) is not None or trace.imputed(step, part) is not None
        if part.weight and (value.score is not None or (missing and (policy.blocks or stands))):
            return False
    return any(value.score is not None for _, value in values)
