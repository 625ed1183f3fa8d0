"""One index flattened to ordered steps; every evaluator reads the plan and nothing else.

A step needs only steps before it, and the last step is the index. Figures taken over from another
index with `same as` bring their own steps along, so a plan is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from typing import TypedDict

from bareme.framework import (
    FULL,
    Adjustment,
    Band,
    Decision,
    Figure,
    Formula,
    Framework,
    Goalposts,
    Index,
    Measure,
    Origin,
    Question,
    Range,
    RankBy,
    Rating,
    Require,
    Setting,
    Steps,
    When,
    aggregate_bounds,
)
from bareme.framework import Part as Scored
from bareme.record import Record, replace
from bareme.source import Span

Path = tuple[str, ...]


class Publication(Record):
    """How a figure is printed: its decimals, its range, the bands that read the printed score."""

    places: Setting[int]
    own: Range  # of the score
    on: Range  # that it is printed on
    bands: Setting[tuple[Band, ...]]  # descending by floor
    band_by_unrounded: Setting[bool] = Setting(False)


class Step(Record, kw_only=True):
    """What every step has: what it scores, when it does not apply, and the line that says how."""

    number: int
    path: Path
    level: str
    title: str
    code: str | None
    publication: Publication
    skip: tuple[When, ...]
    notes: tuple[str, ...]
    span: Span = field(compare=False, repr=False)
    called: str = ""  # what the rules call its level, where they have a name for it

    @property
    def figure(self) -> str:
        """The dotted id from the index down."""
        return ".".join(self.path)


class Ask(Step, kw_only=True):
    """Look an answer up on a scale; None is an excluded label."""

    question: str
    required: Setting[bool]  # whether it has to be answered
    text: str
    scale: str  # its name, or the question's id where the options are its own
    own_options: bool
    how: str
    points: Mapping[str, Fraction | None]  # by label and by code
    labels: Mapping[str, tuple[str, Span]]  # by label and by code: the label, and its rule line


class Count(Step, kw_only=True):
    """Turn a measured number into points, by steps or goalposts."""

    measure: str
    required: Setting[bool]  # whether its numbers have to be recorded
    text: str
    unit: str
    plausible: Range | None
    by: Steps | Setting[Goalposts | None]
    formula: Formula | None = None  # what is scored, where that is not the recorded number

    @property
    def reads(self) -> tuple[str, ...]:
        """The measures and data whose recorded numbers it needs."""
        return self.formula.reads if self.formula else (self.measure,)


class Take(Step, kw_only=True):
    """A score that only profiles can give."""


class Decide(Step, kw_only=True):
    """The score of the first decision whose condition holds."""

    decisions: tuple[Decision, ...]
    finish: Finish


class Repeat(Step, kw_only=True):
    """The score of an earlier step, under another name."""

    of: int
    finish: Finish


class Finish(Record):
    """What becomes of a figure's score once its parts are put together."""

    require: Require | None
    rescale: Span | None
    range: Range  # from which it is rescaled
    adjustments: tuple[Adjustment, ...]


class Part(Record):
    """One child of an aggregate: its step, its weight, and the score that is worst for the sum."""

    step: int
    worst: Fraction
    written: str  # empty where no weight was written
    weight: Fraction
    span: Span = field(compare=False, repr=False)


class Aggregate(Step, kw_only=True):
    """Put the parts together by a named method of `methods.aggregation`."""

    method: Setting[str]
    when_missing: Setting[str]
    parts: tuple[Part, ...]
    below: tuple[int, ...]  # the steps of what stands under it, whatever it counts
    finish: Finish


class Each(Step, kw_only=True):
    """The mean of the parts of an entity that are such a unit, each scored by a plan of its own.

    Attributes:
        inner: its last step has the path of this one; nothing but its parts is put together there,
            and whatever else there is to the figure is done to the mean.
        asked: the questions and measures that are each part's own.
        worst: the least that a part can score.
    """

    unit: Setting[str]
    inner: Plan
    asked: frozenset[str]
    worst: Fraction
    when_missing: Setting[str]
    finish: Finish


Finished = Repeat | Aggregate | Decide | Each
"""Steps whose score is finished: rescaled, capped, floored."""

AnyStep = Ask | Count | Take | Finished


class Plan(Record, caches=True):
    """The steps of one index, and what its publication compares with."""

    framework: str
    index: str
    steps: tuple[AnyStep, ...]
    numbers: Mapping[Path, int]  # of the step that scores a figure, a question or a measure
    compare_with: Setting[str | None] | None
    include: When | None
    ranked: When | None
    rank_by: Setting[RankBy]
    as_published: bool = False  # changes count from what was printed then
    compare_by_unrounded: Setting[bool] = Setting(False)
    levels: tuple[str, ...] = ()  # what the rules call the levels below the index
    ratings: tuple[Rating, ...] = ()  # each after those that it reads

    @property
    def root(self) -> AnyStep:
        return self.steps[-1]


def plan_index(framework: Framework, index: Index) -> Plan:
    """Flatten one index of a framework that has no errors."""
    steps, numbers = _flatten(framework, index.root, inside=False)
    return Plan(
        framework.name,
        index.id,
        steps,
        numbers,
        index.compare_with,
        index.include,
        index.ranked,
        index.rank_by,
        index.as_published,
        index.compare_by_unrounded,
        index.levels,
        index.ratings,
    )


def plan_figure(framework: Framework, figure: Figure, *, of_part: bool = False) -> Plan:
    """What one figure needs and no more, as a plan that ends with it.

    Args:
        framework: without errors.
        figure: of the framework; one inside a unit is planned for one part of an entity.
        of_part: of a figure that is scored for each part, whether one part is planned.
    """
    steps, numbers = _flatten(framework, figure, inside=of_part)
    index = figure.path[0]
    return Plan(framework.name, index, steps, numbers, None, None, None, Setting(RankBy.ROUNDED))


def _flatten(
    framework: Framework, root: Figure, *, inside: bool
) -> tuple[tuple[AnyStep, ...], dict[Path, int]]:
    """A figure and all that it needs as steps.

    Args:
        framework: without errors.
        root: the last step.
        inside: whether it is a part of an entity that is scored, and not the entity.
    """
    numbers: dict[Path, int] = {}
    steps: list[AnyStep] = []
    stack: list[tuple[Scored, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if node.path in numbers:
            continue
        if ready:
            numbers[node.path] = len(steps)
            if isinstance(node, Figure) and inside and node is root:
                node = _bare(node)
            steps.append(_step(framework, node, len(steps), numbers))
            continue
        stack.append((node, True))
        if isinstance(node, Figure):
            if node.same_as is not None:
                stack.append((framework.figures[node.same_as], False))
            apart = node.each is not None and not (inside and node is root)
            if not apart:
                stack += [(child, False) for child in reversed(node.children)]
            own = node.own_whens if apart else node.whens
            if not (inside and node is root):
                stack += [(framework.figures[p], False) for when in own for p in when.reads]
            else:
                skips = [c.skip for c in node.children if not isinstance(c, Figure)]
                read = [path for skip in skips for when in skip for path in when.reads]
                stack += [(framework.figures[path], False) for path in read]
    return tuple(steps), numbers


def _bare(figure: Figure) -> Figure:
    """A figure as it is put together for one part: the rest is done to the mean of all parts."""
    return replace(
        figure, each=None, skip=(), adjustments=(), require=None, rescale=None, weight=None
    )


def _each(framework: Framework, node: Figure, common: _Common, finish: Finish) -> Each:
    assert node.each is not None
    steps, numbers = _flatten(framework, node, inside=True)
    asked = {step.question if isinstance(step, Ask) else step.measure
             for step in steps if isinstance(step, Ask | Count)}  # fmt: skip
    inner = Plan(
        framework.name, node.path[0], steps, numbers, None, None, None, Setting(RankBy.ROUNDED)
    )
    low, _ = aggregate_bounds(node, framework.bounds)
    return Each(
        **common,
        unit=node.each,
        inner=inner,
        asked=frozenset(asked),
        worst=low,
        when_missing=node.settings.when_missing,
        finish=finish,
    )


def _step(framework: Framework, node: Scored, number: int, numbers: Mapping[Path, int]) -> AnyStep:
    if isinstance(node, Question):
        return _ask(node, number)
    if isinstance(node, Measure):
        return count_step(node, number)
    common = _Common(
        number=number,
        path=node.path,
        level=node.level,
        title=node.title,
        code=node.code,
        publication=Publication(
            node.settings.places,
            node.score_range,
            node.printed_range,
            node.settings.bands,
            node.settings.band_by_unrounded,
        ),
        skip=node.skip,
        notes=node.notes,
        span=node.span,
        called=_called(framework, node),
    )
    finish = Finish(node.require, node.rescale, node.range, node.adjustments)
    if node.origin is Origin.GIVEN:
        return Take(**common)
    if node.origin is Origin.DECIDED:
        return Decide(**common, decisions=node.decisions, finish=finish)
    if node.same_as is not None:
        return Repeat(**common, of=numbers[node.same_as], finish=finish)
    if node.each is not None:
        return _each(framework, node, common, finish)
    weights = [child.weight.value if child.weight else Fraction(1) for child in node.counted]
    parts = tuple(
        Part(
            step=numbers[child.path],
            worst=framework.bounds[child.path][0 if weight >= 0 else 1],
            written=child.weight.written if child.weight else "",
            weight=weight,
            span=child.weight.span if child.weight else child.span,
        )
        for child, weight in zip(node.counted, weights, strict=True)
    )
    settings = node.settings
    return Aggregate(
        **common,
        method=settings.aggregation,
        when_missing=settings.when_missing,
        parts=parts,
        below=tuple(numbers[child.path] for child in node.children),
        finish=finish,
    )


def _called(framework: Framework, figure: Figure) -> str:
    """What its index calls the level of a figure: categories from the top down, then indicators."""
    index = framework.index(figure.path[0])
    names = index.levels if index else ()
    if figure.level == "indicator" and names:
        return names[-1]
    depth = len(figure.path) - 2
    return names[depth] if figure.level == "category" and depth < len(names) - 1 else ""


def count_step(measure: Measure, number: int = 0) -> Count:
    """The step of a measure that is scored."""
    assert measure.scoring is not None
    return Count(
        number=number,
        path=measure.path,
        level="measure",
        title=measure.title,
        code=measure.code,
        publication=_leaf_publication(measure),
        skip=measure.skip,
        notes=measure.notes,
        span=measure.span,
        measure=measure.id,
        required=measure.settings.answer_required,
        text=measure.text,
        unit=measure.unit,
        plausible=measure.plausible,
        by=measure.scoring,
        formula=measure.formula,
    )


def _leaf_publication(leaf: Question | Measure) -> Publication:
    settings = leaf.settings
    return Publication(
        settings.places,
        FULL,
        settings.printed_on.value or FULL,
        settings.bands,
        settings.band_by_unrounded,
    )


def _ask(question: Question, number: int) -> Ask:
    scale = question.scale
    assert scale is not None
    labels = {name: label for label in scale.labels for name in label.names}
    return Ask(
        number=number,
        path=question.path,
        level="question",
        title=question.title,
        code=question.code,
        publication=_leaf_publication(question),
        skip=question.skip,
        notes=question.notes,
        span=question.span,
        question=question.id,
        required=question.settings.answer_required,
        text=question.text,
        scale=scale.name,
        own_options=scale.own,
        how=scale.how,
        points={name: label.points for name, label in labels.items()},
        labels={name: (label.text, label.span) for name, label in labels.items()},
    )


class _Common(TypedDict):
    """The fields that every step of a figure has."""

    number: int
    path: Path
    level: str
    title: str
    code: str | None
    publication: Publication
    skip: tuple[When, ...]
    notes: tuple[str, ...]
    span: Span
    called: str
