"""What was not answered, and what each answer could be worth to the index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from bareme.audit.tried import candidates
from bareme.diagnostics import Diagnostic, Note, quote
from bareme.plan import Aggregate, Ask, Count, Each, Plan, Repeat
from bareme.profiles.profile import Answer, Evidence, GivenScore, PartOf, Profile
from bareme.record import Record, replace
from bareme.results import IndexResults, published
from bareme.scoring.exact import TooLong, rescore
from bareme.scoring.trace import Status, Trace


class Worth(Record):
    """A published score of the index, and the answer that would give it; None is no score."""

    score: Fraction | None
    answer: str


class Unanswered(Record):
    """One question of an index that one entity has not answered.

    Attributes:
        question: its id.
        part: of the entity, where its parts answer for themselves.
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
    part: str = ""


def unanswered(results: IndexResults) -> list[Unanswered]:
    """Everything that an index asks and that is not answered, in the order of the rules.

    What is skipped is not asked, and an answer below a given score stands for nothing: neither is
    missing. Of a measure those values are tried at which a rule may change its mind: its ends, its
    goalposts, its steps, and the numbers of conditions.
    """
    found: list[Unanswered] = []
    blanks = {trace.profile.entity: _missing(trace) for trace in results.traces}
    for of in _places(results.plan):
        tried = candidates(results.plan, of.step)
        for trace in results.traces:
            for blank in blanks[trace.profile.entity]:
                if blank.place == of:
                    found.append(_worth(results, trace, blank, tried))
    return found


def how_many(results: Sequence[IndexResults], entities: Sequence[str]) -> int:
    """How many answers of these entities are missing; one that several indices ask for once."""
    wanted = set(entities)
    return len(
        {
            (trace.profile.entity, blank.place.unit, blank.part, blank.asked)
            for each in results
            for trace in each.traces
            if trace.profile.entity in wanted
            for blank in _missing(trace)
        }
    )


def must_be_answered(trace: Trace) -> list[Diagnostic]:
    """Report each answer that the rules require and one entity, or a part of it, has not given."""
    needed = {
        (blank.place.unit, blank.part, blank.asked): blank
        for blank in reversed(list(_blanks(trace)))
        if blank.place.step.required.value
    }
    return [_not_given(trace.profile, blank) for blank in reversed(needed.values())]


def _not_given(profile: Profile, blank: _Blank) -> Diagnostic:
    """The message for one answer that lacks, at the blank if there is one."""
    said = blank.place.step.required.span
    whose: Profile | PartOf = profile
    if blank.part:
        parts = profile.parts[blank.place.unit]
        whose = next(each for each in parts if each.name == blank.part)
    who = f"{profile.name}, {blank.part}" if blank.part else profile.name
    return Diagnostic(
        "E432",
        f"`{blank.asked}` has to be answered, and there is no answer of {quote(who)}",
        whose.blank.get(blank.asked, whose.span),
        "answer it, or write `answer optional` under it in the rules",
        (Note("it is required here", said),) if said else (),
    )


class _Place(Record):
    """Where an index asks: a step of its own, or of the plan of its parts."""

    step: Ask | Count
    unit: str = ""  # of the parts that answer


class _Blank(Record):
    """What is not answered: where it is asked, by which part, and the id of what lacks."""

    place: _Place
    part: str
    asked: str


def _places(plan: Plan) -> Iterator[_Place]:
    for step in plan.steps:
        if isinstance(step, Ask | Count):
            yield _Place(step)
        elif isinstance(step, Each):
            for inner in step.inner.steps:
                if isinstance(inner, Ask | Count):
                    yield _Place(inner, step.unit.value)


def _missing(trace: Trace) -> list[_Blank]:
    """What is not answered, of what the score comes from; each once, however often it counts."""
    found: dict[tuple[str, str, str], _Blank] = {}
    for blank in _blanks(trace):
        found.setdefault((blank.place.unit, blank.part, blank.asked), blank)
    return list(found.values())


def _blanks(trace: Trace) -> Iterator[_Blank]:
    """What is not answered, of what the score comes from, as often as it counts."""
    live = _live(trace)
    for step in trace.plan.steps:
        if step.number not in live:
            continue
        if isinstance(step, Each):
            for unit in trace.values[step.number].units:
                for blank in _blanks(unit.trace):
                    place = replace(blank.place, unit=step.unit.value)
                    yield _Blank(place, unit.part.name, blank.asked)
            continue
        status = trace.values[step.number].status
        if isinstance(step, Ask | Count) and status is Status.MISSING:
            yield _Blank(_Place(step), "", _asked(step, trace.profile))


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
    results: IndexResults, trace: Trace, blank: _Blank, tried: Sequence[tuple[str, Answer]]
) -> Unanswered:
    root, asked = results.plan.root, blank.asked
    found: list[Worth] = []
    for said, answer in tried:
        profile = _answering(trace.profile, blank, answer)
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
        title=blank.place.step.title,
        now=published(trace.score, root),
        places=root.publication.places.value,
        lowest=least,
        highest=most,
        part=blank.part,
    )


def _asked(step: Ask | Count, profile: Profile) -> str:
    """What is not answered: of a formula the first number that is missing."""
    if isinstance(step, Ask):
        return step.question
    missing = [each for each in step.reads if each not in profile.answers]
    return missing[0] if missing else step.measure


def _answering(profile: Profile, blank: _Blank, answer: Answer) -> Profile:
    """The profile as it would be with an answer."""
    step, asked = blank.place.step, blank.asked
    if blank.part:
        parts = [
            replace(part, answers={**part.answers, asked: answer})
            if part.name == blank.part
            else part
            for part in profile.parts[blank.place.unit]
        ]
        return replace(profile, parts={**profile.parts, blank.place.unit: tuple(parts)})
    if isinstance(step, Count) and step.formula is not None:  # answers stand for points there
        assert answer.value is not None
        points = GivenScore(answer.value, Evidence(), step.span)
        return replace(profile, given={**profile.given, step.path: points})
    return replace(profile, answers={**profile.answers, asked: answer})
