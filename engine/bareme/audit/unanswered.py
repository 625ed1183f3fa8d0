"""What was not answered, and what each answer could be worth to the index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from bareme.exact import shorten
from bareme.framework import (
    HIGHEST,
    LOWEST,
    AtLeast,
    Compared,
    Condition,
    Not,
    Range,
    Steps,
    When,
)
from bareme.plan import Aggregate, Ask, Count, Decide, Finished, Plan, Repeat
from bareme.profiles.profile import Answer, Evidence, GivenScore, Profile
from bareme.results import IndexResults, published
from bareme.scoring.exact import TooLong, rescore
from bareme.scoring.trace import Status, Trace
from bareme.source import Span


@dataclass(frozen=True, slots=True)
class Worth:
    """A published score of the index, and the answer that would give it; None is no score."""

    score: Fraction | None
    answer: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One question of an index that one entity has not answered.

    Attributes:
        question: its id.
        now: the published score of the index as it stands.
        lowest, highest: what it could be, whatever the answer, all other answers kept.
    """

    edition: str
    entity: str
    name: str
    index: str
    question: str
    title: str
    now: Fraction | None
    places: int
    lowest: Worth
    highest: Worth


def unanswered(results: IndexResults) -> list[Unanswered]:
    """Everything that an index asks and that is not answered, in the order of the rules.

    What is skipped is not asked, and an answer below a given score stands for nothing: neither is
    missing. Of a measure those values are tried at which a rule may change its mind: its ends, its
    goalposts, its steps, and the numbers of conditions.
    """
    missing = {trace.profile.entity: set(_missing(trace)) for trace in results.traces}
    return [
        _worth(results, trace, step.number, candidates)
        for step in results.plan.steps
        if isinstance(step, Ask | Count)
        for candidates in [_candidates(results.plan, step)]
        for trace in results.traces
        if step.number in missing[trace.profile.entity]
    ]


def how_many(results: Sequence[IndexResults], entities: Sequence[str]) -> int:
    """How many answers of these entities are missing; one that several indices ask for once."""
    wanted = set(entities)
    return len(
        {
            (trace.profile.entity, trace.plan.steps[number].path)
            for each in results
            for trace in each.traces
            if trace.profile.entity in wanted
            for number in _missing(trace)
        }
    )


def _missing(trace: Trace) -> list[int]:
    """The questions and measures that are not answered, of those that the score comes from."""
    blank = [
        step.number
        for step in trace.plan.steps
        if isinstance(step, Ask | Count) and trace.values[step.number].status is Status.MISSING
    ]
    live = _live(trace) if blank else set()
    return [number for number in blank if number in live]


def _live(trace: Trace) -> set[int]:
    """The steps that the index's score comes from: nothing below what is given or skipped."""
    live: set[int] = set()
    stack = [trace.plan.root.number]
    while stack:
        number = stack.pop()
        step, status = trace.plan.steps[number], trace.values[number].status
        live.add(number)
        if status is Status.GIVEN or trace.skipped(step) is not None:
            continue
        if isinstance(step, Aggregate):
            stack += [part.step for part in step.parts]
        elif isinstance(step, Repeat):
            stack.append(step.of)
    return live


def _worth(
    results: IndexResults, trace: Trace, number: int, candidates: Sequence[tuple[str, Answer]]
) -> Unanswered:
    step, root = results.plan.steps[number], results.plan.root
    assert isinstance(step, Ask | Count)
    asked = _asked(step, trace.profile)
    found: list[Worth] = []
    for said, answer in candidates:
        profile = _answering(trace.profile, step, asked, answer)
        try:
            score = rescore(trace, profile, asked).score
        except TooLong:  # it would be refused, so it is worth nothing
            score = None
        found.append(Worth(published(score, root), said))
    scored = [(each.score, each) for each in found if each.score is not None]
    least = min(scored, key=lambda pair: pair[0])[1] if scored else found[0]
    most = max(scored, key=lambda pair: pair[0])[1] if scored else found[0]
    return Unanswered(
        edition=results.edition.id,
        entity=trace.profile.entity,
        name=trace.profile.name,
        index=results.plan.index,
        question=asked,
        title=step.title,
        now=published(trace.score, root),
        places=root.publication.places.value,
        lowest=least,
        highest=most,
    )


def _asked(step: Ask | Count, profile: Profile) -> str:
    """What is not answered: of a formula the first number that is missing."""
    if isinstance(step, Ask):
        return step.question
    missing = [each for each in step.reads if each not in profile.answers]
    return missing[0] if missing else step.measure


def _answering(profile: Profile, step: Ask | Count, asked: str, answer: Answer) -> Profile:
    if isinstance(step, Count) and step.formula is not None:  # answers stand for points there
        assert answer.value is not None
        points = GivenScore(answer.value, Evidence(), step.span)
        return replace(profile, given={**profile.given, step.path: points})
    return replace(profile, answers={**profile.answers, asked: answer})


def _candidates(plan: Plan, step: object) -> list[tuple[str, Answer]]:
    """Answers to try, each as it would be said, best and worst among them."""
    if isinstance(step, Ask):
        labels = dict(step.labels.values())
        return [(label, _answer(label, None, span)) for label, span in labels.items()]
    assert isinstance(step, Count)
    if step.formula is not None:
        return [
            (f"{shorten(v)} points for {step.measure}", _answer("", v, step.span))
            for v in _points(step)
        ]
    values = sorted(_values(plan, step))
    unit = f" {step.unit}" if step.unit else ""
    return [(f"{shorten(v)}{unit}", _answer(shorten(v), v, step.span)) for v in values]


def _points(step: Count) -> list[Fraction]:
    """The least and the most that a measure can earn."""
    if not isinstance(step.by, Steps):
        return [LOWEST, HIGHEST]
    points = [each.points for each in step.by.steps if each.points is not None]
    return sorted({min(points), max(points)}) if points else [LOWEST]


def _answer(text: str, value: Fraction | None, span: Span) -> Answer:
    return Answer(text, Evidence(), span, value)


def _values(plan: Plan, step: Count) -> set[Fraction]:
    turns = set(_numbers(plan, step.measure))
    if isinstance(step.by, Steps):
        turns |= {each.limit for each in step.by.steps if each.limit is not None}
    elif step.by.value is not None:
        turns |= {step.by.value.worst, step.by.value.best}
    turns = turns or {Fraction(0)}  # one step for all
    ordered = sorted(turns)
    between = {(low + high) / 2 for low, high in pairwise(ordered)}
    beyond = {ordered[0] - 1, ordered[-1] + 1}
    if step.plausible is None:
        return turns | between | (beyond if isinstance(step.by, Steps) else set())
    return {each for each in turns | between | beyond if _lies(each, step.plausible)} | {
        *step.plausible
    }


def _lies(value: Fraction, within: Range) -> bool:
    return within[0] <= value <= within[1]


def _numbers(plan: Plan, measure: str) -> Iterator[Fraction]:
    """The numbers that conditions hold a measure against."""
    for step in plan.steps:
        whens: list[When] = list(step.skip)
        if isinstance(step, Decide):
            whens += [each.when for each in step.decisions if each.when is not None]
        if isinstance(step, Finished):
            whens += [each.when for each in step.finish.adjustments if each.when is not None]
        for when in whens:
            yield from _compared(when.condition, measure)


def _compared(condition: Condition, measure: str) -> Iterator[Fraction]:
    match condition:
        case Compared() if condition.kind != "figure" and condition.id[-1] == measure:
            yield condition.number
        case Not():
            yield from _compared(condition.of, measure)
        case AtLeast():
            for each in condition.of:
                yield from _compared(each, measure)
