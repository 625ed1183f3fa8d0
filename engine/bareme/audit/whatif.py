"""What would move, and for whom, were an answer, a given score or a weight another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from bareme.audit.beside import Beside
from bareme.exact import written
from bareme.framework import Framework
from bareme.plan import Ask, Count, Each, Plan
from bareme.profiles.profile import Answer, GivenScore, Path, Profile
from bareme.profiles.supposed import Supposed, part_of
from bareme.record import Record
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.trace import Status, Trace
from bareme.source import Source, Span

Results = Mapping[str, IndexResults]


class Change(Record):
    """One thing that is supposed to be other than it is.

    Attributes:
        what: `answer`, `score` of a figure, `weight`, or that of a `sibling` of one that was named.
        id: of the question or measure; the dotted path of a figure.
        part: of the entity, where its parts answer for themselves.
        before, after: as written; empty where nothing is recorded.
        place: where it stands now; None where it does not.
    """

    what: str
    id: str
    title: str
    part: str
    before: str
    after: str
    place: Span | None


class Moved(Beside):
    """One published figure or rating of one entity, as it is and as it would be."""

    @property
    def published(self) -> Fraction | None:
        """By how much the published score moves."""
        if self.before is None or self.after is None:
            return None
        return _minus(self.after.score, self.before.score)


class Silent(Record):
    """Why an answer counts for nothing in an index: a score that stands above it, or a skip.

    Attributes:
        id: of the question or measure.
        figure: what is given or skipped.
        status: `given` or `not applicable`.
    """

    id: str
    figure: str
    status: Status
    place: Span


class WhatIf(Record):
    """What would move.

    Attributes:
        changes: what is supposed.
        figures: of the entity, in the order of the rules; only those that move.
        others: indices and ratings of other entities that move: their scores, ranks or bands.
        silent: answers that are supposed and count for nothing.
        source: what was supposed, as a text that places of it point into.
    """

    framework: str
    edition: str
    entity: str
    name: str
    changes: tuple[Change, ...]
    figures: tuple[Moved, ...]
    others: tuple[Moved, ...]
    silent: tuple[Silent, ...]
    source: Source


def changes_of(supposed: Supposed, framework: Framework, profile: Profile) -> Iterator[Change]:
    """What is supposed of a profile, beside what it says."""
    part = part_of(profile, supposed)
    now: Mapping[str, Answer] = part.answers if part else profile.answers
    for id, answer in supposed.answers.items():
        asked = framework.questions.get(id) or framework.recorded[id]
        was = now.get(id)
        yield Change(
            "answer", id, asked.title, supposed.part,
            was.text if was else "", answer.text if answer else "", was.span if was else None,
        )  # fmt: skip
    for path, given in supposed.given.items():
        before = profile.given.get(path)
        figure = framework.figures[path]
        yield Change(
            "score", figure.dotted, figure.title, "",
            _score(before), _score(given), before.span if before else None,
        )  # fmt: skip


def moved(before: Results, after: Results, entity: str) -> tuple[Moved, ...]:
    """The figures of one entity that move, those of its parts included."""
    found: list[Moved] = []
    for index in after:
        then, now = _figures(before[index], entity), _figures(after[index], entity)
        keys = [*now, *(key for key in then if key not in now)]
        both = [Moved(then.get(key), now.get(key)) for key in keys]
        found += [each for each in both if _moves(each)]
    return tuple(found)


def others_moved(before: Results, after: Results, entity: str) -> tuple[Moved, ...]:
    """The indices and ratings of all other entities that move, index by index."""
    found: list[Moved] = []
    for index in after:
        there = before[index].scored.position
        for other in after[index].scored.position:
            if other == entity or other not in there:
                continue
            pairs = zip(_of_all(before[index], other), _of_all(after[index], other), strict=True)
            found += [each for each in (Moved(*pair) for pair in pairs) if _moves(each)]
    return tuple(found)


def _of_all(results: IndexResults, entity: str) -> list[PublishedFigure]:
    """What an index says of an entity as a whole: its score, and its ratings."""
    plan = results.plan
    if not plan.ratings:
        root = results.figure(entity, plan.root.path)
        return [root] if root else []
    return [each for each in results.by_entity[entity] if each.level in ("index", "rating")]


def silent(supposed: Supposed, after: Results, entity: str) -> Iterator[Silent]:
    """The answers that are supposed and count for nothing, in each index that asks for them."""
    for results in after.values():
        if entity not in results.by_entity:
            continue
        trace = results.trace(entity)
        for id in supposed.answers:
            yield from _silent(trace, id, supposed.part)


def _silent(trace: Trace, id: str, part: str) -> Iterator[Silent]:
    for step in trace.plan.steps:
        if isinstance(step, Ask | Count) and not part and id in _read(step):
            yield from _stopped(trace, step.path, id)
        elif isinstance(step, Each) and part:
            for unit in trace.values[step.number].units:
                if unit.part.name == part:
                    yield from _silent(unit.trace, id, "")


def _stopped(trace: Trace, path: Path, id: str) -> Iterator[Silent]:
    """The first on the way up that does not hear of it."""
    for end in range(len(path), 0, -1):
        number = trace.plan.numbers.get(path[:end])
        if number is None:
            return
        step, value = trace.plan.steps[number], trace.values[number]
        given = trace.profile.given.get(step.path)
        if given is not None:
            yield Silent(id, step.figure, value.status, given.span)
            return
        skipped = trace.skipped(step)
        if skipped is not None:
            yield Silent(id, step.figure, value.status, skipped.span)
            return


def _read(step: Ask | Count) -> tuple[str, ...]:
    return (step.question,) if isinstance(step, Ask) else step.reads


def asks_for(plan: Plan, id: str) -> bool:
    """Whether an index scores a question or measure, or reads it in a formula."""
    steps = [
        *plan.steps,
        *(inner for step in plan.steps if isinstance(step, Each) for inner in step.inner.steps),
    ]
    return any(isinstance(step, Ask | Count) and id in _read(step) for step in steps)


def _figures(results: IndexResults, entity: str) -> dict[tuple[str, str], PublishedFigure]:
    """Every figure of an entity and of its parts, by path and part; none where it is not in it."""
    if entity not in results.by_entity:
        return {}
    figures = (*results.by_entity[entity], *results.parts_of(entity))
    return {(each.figure, each.part): each for each in figures if each.level not in _LEAVES}


_LEAVES = ("question", "measure")


def _moves(each: Moved) -> bool:
    if each.before is None or each.after is None:
        return True
    return _seen(each.before) != _seen(each.after)


def _seen(figure: PublishedFigure) -> tuple[object, ...]:
    """What is published of an entity alone: not the median of its cohort."""
    return (
        figure.score, figure.exact, figure.status, figure.band, figure.rank, figure.tied,
        figure.change, figure.unrounded_rank, figure.unrounded_tied,
    )  # fmt: skip


def _minus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _score(given: GivenScore | None) -> str:
    return "" if given is None else written(given.score)
