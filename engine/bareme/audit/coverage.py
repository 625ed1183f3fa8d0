"""What the rules hold that no entity of an edition reaches, and no printed figure either."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from bareme.exact import TooManyBits, shorten
from bareme.framework import (
    Figure,
    Framework,
    Index,
    Measure,
    Question,
    Rating,
    Steps,
    When,
)
from bareme.methods.normalisation import step_of
from bareme.plan import Count, Decide, Each, Finished, Path, Plan
from bareme.profiles.profile import Answer, Cohort, Edition, PrintedBand
from bareme.record import Record, replace
from bareme.results import IndexResults, PublishedFigure, band_of
from bareme.scoring.trace import Evaluation, Trace
from bareme.source import Span

SMALL = 10
"""Entities below which much can stay unreached by chance."""


class Kind(StrEnum):
    """What entities can reach."""

    LABEL = "label"
    EXCLUDED_LABEL = "excluded label"
    STEP = "step"
    EXCLUDED_STEP = "excluded step"
    GROUP = "group label"
    INCLUDE = "include"
    RANK = "rank"
    SKIP = "skip"
    DECISION = "decision"
    CAP = "cap"
    FLOOR = "floor"
    BAND = "band"
    GRADE = "grade"


class Covered(Record):
    """One thing of the rules that entities can reach, and how many of them do.

    Attributes:
        index: that it belongs to; empty of a group, and of a question that no index asks.
        of: the id of a question, measure or group; the path of a figure or rating, with points.
        what: the thing itself, in the words of the rules.
        counted: `entity`, or the unit whose parts are counted.
        reached: how many are of that label, fall into that step or band, have that grade; of a cap
            or floor how many scores it moves; of a decision how many it decides.
        holds: for how many its condition holds; None where it has none.
        printed: for how many entities it is printed, known slips left out.
        span: its rule line.
    """

    kind: Kind
    index: str
    of: str
    title: str
    what: str
    counted: str
    span: Span
    reached: int = 0
    holds: int | None = None
    printed: int = 0

    @property
    def is_reached(self) -> bool:
        return bool(self.reached or self.printed)


class Coverage(Record):
    """What one edition reaches of the rules, thing by thing, in the order of the rules.

    Attributes:
        entities: how many there are, in an index or not.
        parts: how many parts they have, by the unit that they are.
        not_asked: ids of the questions that the edition does not ask; nothing of them is counted.
    """

    framework: str
    edition: Edition
    entities: int
    parts: Mapping[str, int]
    not_asked: frozenset[str]
    things: tuple[Covered, ...]

    @property
    def small(self) -> bool:
        return self.entities < SMALL


def coverage(framework: Framework, cohort: Cohort, results: Sequence[IndexResults]) -> Coverage:
    """Hold everything that entities can reach against a scored cohort.

    Answers, numbers and groups count of every entity; conditions, bands and grades of those that
    are in an index. What is not evaluated, as below a given score, reaches nothing.
    """
    not_asked = frozenset(id for profile in cohort.profiles for id in profile.unasked)
    seen = _Seen()
    _see_answers(framework, cohort, seen)
    _see_print(framework, cohort, seen)
    for each in results:
        _see_numbers(each.plan, cohort, seen)
        index = framework.index(each.plan.index)
        assert index is not None
        _see_entities(index, each, cohort, seen)
        _see_published(framework, each, seen)
        for trace in each.traces:
            for who, one in _traces(trace):
                _see_trace(one, who, seen)
    return Coverage(
        framework.name,
        cohort.edition,
        len(cohort.profiles),
        Counter(unit for p in cohort.profiles for unit, parts in p.parts.items() for _ in parts),
        not_asked,
        tuple(seen.of(key, thing) for key, thing in _things(framework, not_asked)),
    )


Key = tuple[Hashable, ...]
"""What is reached: a kind of thing, whose it is, and which of them."""

Who = tuple[str, ...]
"""An entity; or an entity, a unit and a part."""


@dataclass
class _Seen:
    """Who reaches a thing, for whom its condition holds, for whom it is printed; each once."""

    reached: dict[Key, set[Who]] = field(default_factory=lambda: defaultdict(set))
    holding: dict[Key, set[Who]] = field(default_factory=lambda: defaultdict(set))
    printed: dict[Key, set[Who]] = field(default_factory=lambda: defaultdict(set))

    def of(self, key: Key, thing: Covered) -> Covered:
        """A thing with what was seen of it."""
        return replace(
            thing,
            reached=len(self.reached.get(key, ())),
            holds=None if thing.holds is None else len(self.holding.get(key, ())),
            printed=len(self.printed.get(key, ())),
        )


# ---- what there is to reach


def _things(framework: Framework, not_asked: frozenset[str]) -> Iterator[tuple[Key, Covered]]:
    """Everything that can be reached; what is asked in several places is labelled once."""
    for group in framework.sorted_by:
        for label in group.labels:
            thing = Covered(Kind.GROUP, "", group.id, group.title, label, "entity", group.span)
            yield ("group", group.id, label), thing
    labelled: set[str] = set(not_asked)
    for index in framework.indices:
        yield from _of_index(index)
        for figure in index.root.figures():
            yield from _of_figure(figure, framework)
            for part in figure.children:
                if isinstance(part, Question) and part.id not in labelled:
                    yield from _labels(part, index.id, _counted(framework, part.path))
                    labelled.add(part.id)
                if not isinstance(part, Figure) and part.id not in not_asked:
                    yield from _of_leaf(part, index.id, _counted(framework, part.path))
        for rating in index.ratings:
            yield from _grades(rating)
    for id, question in framework.questions.items():
        if id not in labelled:
            yield from _labels(question, "", "entity")


def _counted(framework: Framework, path: tuple[str, ...]) -> str:
    """What is counted of a figure or of what it asks: entities, or the parts it is scored for."""
    scope = framework.scopes.get(path)
    each = framework.figures[scope].each if scope else None
    return each.value if each else "entity"


def _of_index(index: Index) -> Iterator[tuple[Key, Covered]]:
    root = index.root
    for kind, when in ((Kind.INCLUDE, index.include), (Kind.RANK, index.ranked)):
        if when is not None:
            what = f"{kind} entities where {when.written}"
            yield (
                (kind, root.path),
                Covered(kind, index.id, root.dotted, root.title, what, "entity", when.span, 0, 0),
            )


def _of_figure(figure: Figure, framework: Framework) -> Iterator[tuple[Key, Covered]]:
    """The conditions, caps, floors and bands of a figure."""
    counted = _counted(framework, figure.path)

    def thing(kind: Kind, what: str, span: Span, when: When | None = None) -> Covered:
        holding = None if when is None else 0
        return Covered(
            kind, figure.path[0], figure.dotted, figure.title, what, counted, span, 0, holding
        )

    for at, when in enumerate(figure.skip):
        yield ("skip", figure.path, at), thing(Kind.SKIP, _skip(when), when.span, when)
    for at, decision in enumerate(figure.decisions):
        why = f"when {decision.when.written}" if decision.when else "otherwise"
        what = f"score {shorten(decision.points)} {why}"
        key = ("decision", figure.path, at)
        yield key, thing(Kind.DECISION, what, decision.span, decision.when)
    for at, each in enumerate(figure.adjustments):
        why = f" when {each.when.written}" if each.when else ""
        what = f"{each.kind} {shorten(each.points)}{why}"
        yield ("bound", figure.path, at), thing(Kind(each.kind), what, each.span, each.when)
    for band in figure.settings.bands.value:
        yield ("band", figure.path, band.label), thing(Kind.BAND, band.label, band.span)


def _of_leaf(leaf: Question | Measure, index: str, counted: str) -> Iterator[tuple[Key, Covered]]:
    """The steps of a measure, and the conditions of a measure or a question."""
    scoring = leaf.scoring if isinstance(leaf, Measure) else None
    steps = scoring.steps if isinstance(scoring, Steps) else ()
    for at, step in enumerate(steps):
        kind = Kind.EXCLUDED_STEP if step.points is None else Kind.STEP
        thing = Covered(kind, index, leaf.id, leaf.title, step.written, counted, step.span)
        yield ("step", leaf.id, at), thing
    for at, when in enumerate(leaf.skip):
        thing = Covered(
            Kind.SKIP, index, leaf.id, leaf.title, _skip(when), counted, when.span, 0, 0
        )
        yield ("skip", leaf.path, at), thing


def _labels(question: Question, index: str, counted: str) -> Iterator[tuple[Key, Covered]]:
    for label in question.scale.labels if question.scale else ():
        kind = Kind.EXCLUDED_LABEL if label.points is None else Kind.LABEL
        thing = Covered(kind, index, question.id, question.title, label.text, counted, label.span)
        yield ("label", question.id, label.text), thing


def _grades(rating: Rating) -> Iterator[tuple[Key, Covered]]:
    for grade in rating.grades:
        thing = Covered(
            Kind.GRADE,
            rating.path[0],
            rating.dotted,
            rating.title,
            grade.label,
            "entity",
            grade.span,
        )
        yield ("grade", rating.path, grade.label), thing


def _skip(when: When) -> str:
    return f"skip when {when.written}"


# ---- what was reached


def _see_answers(framework: Framework, cohort: Cohort, seen: _Seen) -> None:
    """The labels that somebody answered, and the groups that somebody is in."""
    meant = {
        id: {name: label.text for label in question.scale.labels for name in label.names}
        for id, question in framework.questions.items()
        if question.scale is not None
    }
    for profile in cohort.profiles:
        for group, label in profile.groups.items():
            seen.reached["group", group, label].add((profile.entity,))
        answered: list[tuple[Who, Mapping[str, Answer]]] = [((profile.entity,), profile.answers)]
        for unit, parts in profile.parts.items():
            answered += [((profile.entity, unit, part.name), part.answers) for part in parts]
        for who, answers in answered:
            for id, answer in answers.items():
                if id in meant:
                    seen.reached["label", id, meant[id][answer.text]].add(who)


def _see_numbers(plan: Plan, cohort: Cohort, seen: _Seen) -> None:
    """The steps that the numbers of a measure fall into, recorded or worked out."""
    for step in plan.steps:
        if isinstance(step, Count):
            for profile in cohort.profiles:
                _see_number(step, Evaluation(plan, profile, ()), (profile.entity,), seen)
        elif isinstance(step, Each):
            unit, inner = step.unit.value, step.inner
            counts = [each for each in inner.steps if isinstance(each, Count)]
            for profile in cohort.profiles if counts else ():
                for part in profile.parts.get(unit, ()):
                    own = Evaluation(inner, profile.of_part(part, step.asked), ())
                    for each in counts:
                        _see_number(each, own, (profile.entity, unit, part.name), seen)


def _see_number(step: Count, of: Evaluation, who: Who, seen: _Seen) -> None:
    if not isinstance(step.by, Steps):
        return
    try:
        number = of.counted_number(step)
    except TooManyBits:  # no score rests on it, or the edition would have been refused
        return
    if number is not None:
        limits = [each.limit for each in step.by.steps if each.limit is not None]
        at = step_of(number, limits, ascending=step.by.ascending)
        seen.reached["step", step.measure, at].add(who)


def _see_entities(index: Index, results: IndexResults, cohort: Cohort, seen: _Seen) -> None:
    """Who is known to be in an index, and who of them to be ranked."""
    inside = [trace.profile for trace in results.traces]
    conditions = (
        (Kind.INCLUDE, index.include, cohort.profiles),
        (Kind.RANK, index.ranked, inside),
    )
    for kind, when, profiles in conditions:
        for profile in profiles:
            if when is not None and _holds(when, Evaluation(results.plan, profile, ())):
                for seen_of in (seen.reached, seen.holding):
                    seen_of[kind, index.root.path].add((profile.entity,))


def _see_published(framework: Framework, results: IndexResults, seen: _Seen) -> None:
    """The bands and grades of what is published of entities and of their parts."""
    for entity, figures in results.by_entity.items():
        rows: list[tuple[Who, PublishedFigure]] = [((entity,), row) for row in figures]
        if framework.units:
            rows += [((entity, row.unit, row.part), row) for row in results.parts_of(entity)]
        for who, row in rows:
            path = tuple(row.figure.split("."))
            of_part = len(who) > 1
            if row.band is not None and of_part == (path in framework.scopes):
                kind = "grade" if row.level == "rating" else "band"
                seen.reached[kind, path, row.band].add(who)


def _see_print(framework: Framework, cohort: Cohort, seen: _Seen) -> None:
    """The bands and grades that are printed, or that a printed score falls into; no slips."""
    for profile in cohort.profiles:
        bands: list[tuple[Path, PrintedBand]] = [
            ((index,), band) for index, band in profile.printed_bands.items()
        ]
        for path, figure in profile.printed.items():
            if figure.differs is not None:
                continue
            if figure.band is not None:
                bands.append((path, figure.band))
            falls_into = band_of(figure.score.value, framework.figures[path].settings.bands.value)
            if falls_into is not None:
                seen.printed["band", path, falls_into].add((profile.entity,))
        for path, band in bands:
            if band.differs is None:
                seen.printed["band", path, band.label].add((profile.entity,))
        for path, rating in profile.printed_ratings.items():
            if rating.differs is None:
                seen.printed["grade", path, rating.label].add((profile.entity,))


def _traces(trace: Trace) -> Iterator[tuple[Who, Trace]]:
    """The steps of an entity, and those of each of its parts."""
    who = (trace.profile.entity,)
    yield who, trace
    for step in trace.plan.steps:
        if isinstance(step, Each):
            for unit in trace.values[step.number].units:
                yield (*who, step.unit.value, unit.part.name), unit.trace


def _see_trace(trace: Trace, who: Who, seen: _Seen) -> None:
    """The conditions that hold, the score that is decided, the caps and floors that act."""
    for step in trace.plan.steps:
        for at, when in enumerate(step.skip):
            if _holds(when, trace):
                for seen_of in (seen.reached, seen.holding):
                    seen_of["skip", step.path, at].add(who)
        if isinstance(step, Decide):
            _see_decisions(step, trace, who, seen)
        if isinstance(step, Finished) and step.finish.adjustments:
            _see_bounds(step, trace, who, seen)


def _see_decisions(step: Decide, trace: Trace, who: Who, seen: _Seen) -> None:
    decided = trace.line(step.number).decided
    for at, each in enumerate(step.decisions):
        key = ("decision", step.path, at)
        if each is decided:
            seen.reached[key].add(who)
        if each.when is not None and _holds(each.when, trace):
            seen.holding[key].add(who)


def _see_bounds(step: Finished, trace: Trace, who: Who, seen: _Seen) -> None:
    for at, each in enumerate(step.finish.adjustments):
        if each.when is not None and _holds(each.when, trace):
            seen.holding["bound", step.path, at].add(who)
    stages = trace.line(step.number).stages
    at = 0
    for before, stage in pairwise(stages):
        if stage.what is not None:
            if stage.score != before.score:
                seen.reached["bound", step.path, at].add(who)
            at += 1


def _holds(when: When, of: Evaluation) -> bool:
    """Whether a condition is known to hold, wherever what it is for is evaluated or not."""
    try:
        return of.holds(when) is True
    except TooManyBits:
        return False
