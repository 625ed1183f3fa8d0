"""The checked rules: names resolved, settings inherited, ready to be proved and planned.

The syntax tree holds names as text; here a question holds its scale and an indicator taken over
from elsewhere holds the path of the figure it repeats. Nothing here refers to Lark or to a file's
layout; spans remain, because every message and every explanation cites a rule line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Generic, TypeVar

from bareme.language.tree import Band, Notation, Weight
from bareme.record import Record, replace
from bareme.source import Span

LOWEST = Fraction(0)
HIGHEST = Fraction(100)
"""The range of every score."""

T = TypeVar("T")

Range = tuple[Fraction, Fraction]
"""The lowest and the highest value."""

FULL: Range = (LOWEST, HIGHEST)


class Goalposts(Record):
    """Straight, or on a curve, from the worst value, 0 points, to the best, 100."""

    log: bool
    worst: Fraction
    best: Fraction
    clamped: bool
    power: Fraction = Fraction(1)  # to which the share of the way is raised


class Step(Record):
    """Values up to the limit (or from it) earn these points, None where they are excluded."""

    limit: Fraction | None  # None: what no other step holds
    points: Fraction | None
    written: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


class Steps(Record):
    """Points by value: ascending limits, each up to and with it; or descending, from it."""

    ascending: bool
    steps: tuple[Step, ...]  # the last one has no limit
    span: Span = field(compare=False, repr=False)


class Term(Record):
    """Factors, each multiplied or divided by; `plus` where the term is added to those before it."""

    plus: bool
    factors: tuple[tuple[bool, Factor], ...]  # True: multiplied


class Formula(Record):
    """A number worked out from others: numbers, ids of measures and data, and formulas in brackets.

    Attributes:
        reads: the ids of the measures and data in it, each once, in the order written.
    """

    terms: tuple[Term, ...]
    written: str = field(compare=False)
    reads: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


Factor = Fraction | str | Formula


# ---- conditions: true, false, or unknown where what they speak of is missing


class IsAnswer(Record):
    """A question is answered with one of these, labels and codes alike."""

    question: str
    answers: frozenset[str]


class InGroup(Record):
    """An entity is in one of these groups."""

    group: str
    labels: frozenset[str]


class Exists(Record):
    """A question or measure is answered, a group is named, a figure has a score."""

    kind: str  # "question", "measure", "group" or "figure"
    id: tuple[str, ...]
    formula: Formula | None = None  # by which a measure is worked out


class Compared(Record):
    """A measure, or the score of a figure, beside a number."""

    kind: str  # "measure" or "figure"
    id: tuple[str, ...]
    sign: str
    number: Fraction
    formula: Formula | None = None  # by which a measure is worked out


class Not(Record):
    of: Condition


class AtLeast(Record):
    count: int
    of: tuple[Condition, ...]


Condition = IsAnswer | InGroup | Exists | Compared | Not | AtLeast


class When(Record):
    """A condition, its words as written, and the figures whose scores it reads."""

    condition: Condition
    written: str = field(compare=False)
    reads: tuple[tuple[str, ...], ...]
    span: Span = field(compare=False, repr=False)

    @property
    def answers(self) -> Iterator[str]:
        """The ids of the questions, measures and data whose answers it reads."""
        waiting = [self.condition]
        while waiting:
            match waiting.pop():
                case IsAnswer(question=id):
                    yield id
                case Exists(kind="question" | "measure", id=path, formula=formula):
                    yield from formula.reads if formula else path[-1:]
                case Compared(kind="measure", id=path, formula=formula):
                    yield from formula.reads if formula else path[-1:]
                case Not(of=condition):
                    waiting.append(condition)
                case AtLeast(of=conditions):
                    waiting += reversed(conditions)


class Bound(StrEnum):
    CAP = "cap"
    FLOOR = "floor"


class Adjustment(Record):
    """A cap or a floor on a score, always or under a condition."""

    kind: Bound
    points: Fraction
    when: When | None
    span: Span = field(compare=False, repr=False)


class Decision(Record):
    """A score that holds under a condition; the last one has none."""

    points: Fraction
    when: When | None
    span: Span = field(compare=False, repr=False)


class Require(Record):
    """No score unless so many answers below are there."""

    least: Fraction
    share: bool  # `least` is a share of 1 of what applies, rather than a count
    span: Span = field(compare=False, repr=False)


class Accepted(Record):
    """A better answer may lower the figure; the author accepts it for this reason."""

    reason: str
    span: Span = field(compare=False, repr=False)


class Setting(Record, Generic[T]):
    """A value that holds for everything below; `span` is None where it is the language's own."""

    value: T
    span: Span | None = field(default=None, compare=False, repr=False)


class Settings(Record):
    """What holds for one figure, each with the line that said so."""

    places: Setting[int] = Setting(0)
    printed_on: Setting[Range | None] = Setting(None)  # None: on the figure's own range
    bands: Setting[tuple[Band, ...]] = Setting(())  # descending by floor
    aggregation: Setting[str] = Setting("arithmetic mean")
    when_missing: Setting[str] = Setting("leave out")
    normalise: Setting[Goalposts | None] = Setting(None)
    weights_total: Setting[Fraction | None] = Setting(None)
    band_by_unrounded: Setting[bool] = Setting(False)
    answer_required: Setting[bool] = Setting(False)


class Label(Record):
    """One answer of a scale: its points from 0 to 100, or None where it is excluded."""

    text: str
    code: str | None
    points: Fraction | None
    span: Span = field(compare=False, repr=False)
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What an answer may say to mean it: the label itself, its code, its other spellings."""
        return (self.text, *([self.code] if self.code else []), *self.aliases)


class Scale(Record):
    """How answers become points. A question's own options are a scale named after it."""

    name: str
    labels: tuple[Label, ...]
    how: str  # in words, for an explanation: "best first", "out of 4", "reverse of risk"
    reverse_of: str | None
    own: bool  # a question's own options, rather than a scale with a name of its own
    complete: bool  # every label could be read; otherwise an unknown answer proves nothing
    span: Span = field(compare=False, repr=False)

    def label(self, answer: str) -> Label | None:
        """The label an answer names, by its text, its code or an alias, exactly as written."""
        return next((each for each in self.labels if answer in each.names), None)


class Asked(Record):
    """The first and the last edition that a question is asked in; None where there is no end."""

    first: str | None
    last: str | None
    span: Span = field(compare=False, repr=False)
    first_span: Span | None = field(default=None, compare=False, repr=False)
    last_span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def written(self) -> str:
        """In words, for a message."""
        ends = [f"from {self.first}"] if self.first else []
        return " ".join([*ends, *([f"to {self.last}"] if self.last else [])])


class Question(Record):
    """What is asked, and the scale that its answer is read on."""

    id: str
    path: tuple[str, ...]
    title: str
    text: str
    code: str | None
    scale: Scale | None  # None where the rules name one that does not exist
    weight: Weight | None
    skip: tuple[When, ...]
    notes: tuple[str, ...]
    settings: Settings
    damaged: bool
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)
    asked_by: Span | None = field(default=None, compare=False, repr=False)  # the `ask` line
    asked_in: Asked | None = None


class Measure(Record):
    """A number that is measured, and how it becomes a score; `data` is measured and not scored."""

    id: str
    path: tuple[str, ...]
    title: str
    text: str
    code: str | None
    unit: str
    plausible: Range | None  # what lies outside is refused where it is read
    scoring: Steps | Setting[Goalposts | None] | None  # None: data, which is not scored
    weight: Weight | None
    skip: tuple[When, ...]
    notes: tuple[str, ...]
    settings: Settings
    damaged: bool
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)
    formula: Formula | None = None  # what is scored, where that is not the recorded number

    @property
    def recorded(self) -> bool:
        """Whether profiles record a number for it."""
        return self.formula is None or self.id in self.formula.reads


class Group(Record):
    """What entities are sorted by: a region, a size. Without labels any text will do."""

    id: str
    title: str
    labels: tuple[str, ...]
    span: Span = field(compare=False, repr=False)


class Origin(StrEnum):
    """Where a figure's score comes from."""

    CHILDREN = "the figures and questions below it"
    GIVEN = "given by profiles"
    SAME_AS = "the same as another figure"
    DECIDED = "decided by conditions"


class Figure(Record):
    """An index, a category or an indicator: anything that has a score and a place in the tree."""

    level: str
    path: tuple[str, ...]
    title: str
    code: str | None
    weight: Weight | None
    origin: Origin
    same_as: tuple[str, ...] | None  # the path of the figure repeated
    children: tuple[Part, ...]
    data: tuple[Measure, ...]
    range: Range  # of what is aggregated or given; scores lie in it unless it is rescaled
    range_span: Span | None
    rescale: Span | None
    adjustments: tuple[Adjustment, ...]  # in the order written
    skip: tuple[When, ...]
    require: Require | None
    settings: Settings
    notes: tuple[str, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)
    origin_span: Span | None = field(default=None, compare=False, repr=False)
    decisions: tuple[Decision, ...] = ()  # the first that holds is the score
    each: Setting[str] | None = None  # the unit of which every part is scored by itself
    over: Span | None = field(default=None, compare=False, repr=False)  # counts indicators below
    accepted: Accepted | None = None  # that a better answer may lower it; no score rests on this

    @property
    def id(self) -> str:
        return self.path[-1]

    @property
    def dotted(self) -> str:
        """The id from the index down, as `theft.risk_environment.corruption`."""
        return ".".join(self.path)

    @property
    def rests_on(self) -> list[tuple[str, ...]]:
        """The paths of the figures whose scores this one needs."""
        if self.same_as is not None:
            return [self.same_as, *self.reads]
        return [c.path for c in self.children if isinstance(c, Figure)] + self.reads

    @property
    def reads(self) -> list[tuple[str, ...]]:
        """The paths of the figures that conditions here read, those of its questions included."""
        return [path for when in self.whens for path in when.reads]

    @property
    def whens(self) -> list[When]:
        """Every condition of the figure, and of the questions and measures in it."""
        below = [child.skip for child in self.children if not isinstance(child, Figure)]
        return [*self.own_whens, *(when for skip in below for when in skip)]

    @property
    def own_whens(self) -> list[When]:
        """Every condition of the figure itself."""
        whens = [*self.skip]
        whens += [each.when for each in self.adjustments if each.when]
        whens += [each.when for each in self.decisions if each.when]
        return whens

    @property
    def counted(self) -> tuple[Part, ...]:
        """The parts that are put together: its children, or the indicators in its categories."""
        if self.over is None:
            return self.children
        return tuple(
            part
            for child in self.children
            for part in (_through(child) if isinstance(child, Figure) else (child,))
        )

    @property
    def passed_over(self) -> list[Figure]:
        """The categories whose indicators count in their place."""
        if self.over is None:
            return []
        found = [c for c in self.children if isinstance(c, Figure) and _holds_others(c)]
        for each in found:
            found += [c for c in each.children if isinstance(c, Figure) and _holds_others(c)]
        return found

    @property
    def printed_range(self) -> Range:
        """The range of the score as it is published."""
        return self.settings.printed_on.value or self.score_range

    @property
    def score_range(self) -> Range:
        """The range of the figure's score."""
        return FULL if self.rescale is not None else self.range

    def figures(self) -> Iterator[Figure]:
        """This figure and all below it, parents first, in the order written."""
        yield self
        for child in self.children:
            if isinstance(child, Figure):
                yield from child.figures()

    def questions(self) -> Iterator[Question]:
        """The questions anywhere below, in the order written."""
        for child in self.children:
            if isinstance(child, Figure):
                yield from child.questions()
            elif isinstance(child, Question):
                yield child

    def measures(self) -> Iterator[Measure]:
        """The measures anywhere below, then the data, in the order written."""
        for child in self.children:
            if isinstance(child, Figure):
                yield from child.measures()
            elif isinstance(child, Measure):
                yield child
        yield from self.data


Part = Figure | Question | Measure


def _needed(asked: Question | Measure) -> bool:
    """Whether it has to be answered; data is not scored, so nothing asks for it."""
    scored = isinstance(asked, Question) or asked.scoring is not None
    return scored and asked.settings.answer_required.value


def _holds_others(figure: Figure) -> bool:
    """Whether a category is made of parts that can count in its place."""
    return figure.level == "category" and bool(figure.children)


def _through(figure: Figure) -> Iterator[Part]:
    """An indicator itself; of a category the indicators, questions and measures in it."""
    if not _holds_others(figure):
        yield figure
        return
    for child in figure.children:
        if isinstance(child, Figure):
            yield from _through(child)
        else:
            yield child


class Grade(Record):
    """One label of a rating.

    Attributes:
        number: from which, or up to which, the label holds; None where it is what is left.
        value: the label as a number, for ratings that read it; None where it is none.
    """

    label: str
    number: Fraction | None
    value: Fraction | None
    span: Span = field(compare=False, repr=False)
    number_span: Span | None = field(default=None, compare=False, repr=False)


class Rating(Record):
    """A label for an entity, read off what is published of it.

    Of one figure or rating its number is read, of several the mean of their numbers. The number of
    a figure is its published score, that of a rating its label.

    Attributes:
        path: the index and its own id.
        of: the paths of the figures and ratings that it reads, in the order written.
        of_spans: where each of them is named.
        ascending: whether the grades say up to which number they hold, rather than from which.
        grades: in the order written.
        by_unrounded: whether figures are read unrounded, as bands are where the index says so.
    """

    path: tuple[str, ...]
    title: str
    of: tuple[tuple[str, ...], ...]
    ascending: bool
    grades: tuple[Grade, ...]
    by_unrounded: Setting[bool]
    damaged: bool
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)
    of_spans: tuple[Span, ...] = field(compare=False, repr=False)

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    def grade(self, value: Fraction) -> Grade | None:
        """The grade that holds for a number; None where the grades leave a gap."""
        numbered = [(each.number, each) for each in self.grades if each.number is not None]
        rest = next((each for each in self.grades if each.number is None), None)
        if self.ascending:
            return next((each for number, each in numbered if value <= number), rest)
        held = [(number, each) for number, each in numbered if number <= value]
        return max(held, key=lambda one: one[0])[1] if held else None


class RankBy(StrEnum):
    """Which scores ranks read."""

    ROUNDED = "rounded scores"
    UNROUNDED = "unrounded scores"
    BOTH = "rounded and unrounded scores"


class Index(Record):
    """One index: its root figure, and the earlier edition that changes are counted from."""

    root: Figure
    compare_with: Setting[str | None] | None  # None: with nothing; value None: the one before
    include: When | None = None  # who is in it; everyone where nothing is said
    ranked: When | None = None  # who is ranked
    rank_by: Setting[RankBy] = Setting(RankBy.ROUNDED)
    as_published: bool = False  # changes count from what was printed then, not restated
    compare_by_unrounded: Setting[bool] = Setting(False)
    levels: tuple[str, ...] = ()  # what the levels below it are called
    ratings: tuple[Rating, ...] = ()  # each after those that it reads, but for circles

    @property
    def id(self) -> str:
        return self.root.id


class Framework(Record, caches=True):
    """A folder of rules: several indices that share scales and questions."""

    name: str
    scales: tuple[Scale, ...]
    indices: tuple[Index, ...]
    sorted_by: tuple[Group, ...] = ()
    data: tuple[Measure, ...] = ()  # declared beside the indices
    apart: tuple[Question, ...] = ()  # questions declared beside the indices, in lists
    units: tuple[str, ...] = ()  # kinds of parts that an entity can have

    @cached_property
    def figures(self) -> dict[tuple[str, ...], Figure]:
        """Every figure by its path."""
        return {f.path: f for index in self.indices for f in index.root.figures()}

    @cached_property
    def ratings(self) -> dict[tuple[str, ...], Rating]:
        """Every rating by its path, which no figure has."""
        return {each.path: each for index in self.indices for each in index.ratings}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by its id, which is unique in a framework."""
        asked = (q for index in self.indices for q in index.root.questions())
        found = {question.id: question for question in self.apart}
        for question in asked:
            found.setdefault(question.id, question)
        return found

    @cached_property
    def asked_at(self) -> dict[str, list[tuple[str, ...]]]:
        """Where each question is asked: the paths at which it is scored, by its id."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for index in self.indices:
            for question in index.root.questions():
                found.setdefault(question.id, []).append(question.path)
        return found

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Every measure by its id, those that are only data included; no question has its id."""
        below = [m for index in self.indices for m in index.root.measures()]
        return {measure.id: measure for measure in [*self.data, *below]}

    @cached_property
    def recorded(self) -> dict[str, Measure]:
        """The measures and data that profiles record, by id; not those that a formula works out."""
        return {id: measure for id, measure in self.measures.items() if measure.recorded}

    @cached_property
    def required(self) -> frozenset[str]:
        """The ids of questions, measures and data that some rule says have to be answered."""
        asked = [q.id for index in self.indices for q in index.root.questions() if _needed(q)]
        measured = [each for each in self.measures.values() if _needed(each)]
        read = [id for each in measured for id in (each.formula.reads if each.formula else ())]
        return frozenset([*asked, *(each.id for each in measured), *read])

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Every group by its id."""
        return {group.id: group for group in self.sorted_by}

    @cached_property
    def bounds(self) -> dict[tuple[str, ...], Range]:
        """For each figure, question and measure the least and the greatest score it can have.

        They are worked out from the rules alone, for every profile that could be; what a mean
        gives lies between the bounds of its parts. A figure on a circle has none.
        """
        found: dict[tuple[str, ...], Range] = {}
        for start in self.figures.values():
            stack = [start]
            on_way: set[tuple[str, ...]] = set()
            while stack:
                figure = stack[-1]
                below = [figure.same_as] if figure.same_as else [
                    child.path for child in figure.children if isinstance(child, Figure)
                ]  # fmt: skip
                waiting = [p for p in below if p in self.figures and p not in found]
                waiting = [p for p in waiting if p not in on_way]
                if waiting and figure.path not in found:
                    on_way.add(figure.path)
                    stack += [self.figures[path] for path in waiting]
                    continue
                stack.pop()
                if figure.path not in found:
                    for child in figure.children:
                        if not isinstance(child, Figure):
                            found[child.path] = leaf_bounds(child)
                    found[figure.path] = figure_bounds(figure, found)
        return found

    @cached_property
    def accepted(self) -> dict[tuple[str, ...], Accepted]:
        """By its path each figure of which the author accepts that a better answer may lower it."""
        return {path: each.accepted for path, each in self.figures.items() if each.accepted}

    @cached_property
    def scopes(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """For what is scored for each part of an entity, the path of the figure that says so.

        What is scored once, for the entity itself, is not in it; nor is that figure.
        """
        found: dict[tuple[str, ...], tuple[str, ...]] = {}
        for figure in self.figures.values():
            scope = figure.path if figure.each else found.get(figure.path)
            if scope is not None:
                found |= {child.path: scope for child in figure.children}
        return found

    @cached_property
    def adds_up(self) -> bool:
        """Whether any figure is a sum, whose range rests on what its parts can come to."""
        figures = self.figures.values()
        return any(f.children and f.settings.aggregation.value == "sum" for f in figures)

    def given_range(self, figure: Figure) -> Range:
        """Where a given score of a figure has to lie: in its range, so that sums keep theirs."""
        return self.bounds[figure.path] if self.adds_up else figure.score_range

    def index(self, id: str) -> Index | None:
        return next((index for index in self.indices if index.id == id), None)

    def named(self, path: tuple[str, ...]) -> list[Figure]:
        """The figures that a path names; it may leave out levels between its ids.

        A path written in full names one figure even where a shorter reading exists.
        """
        if path in self.figures:
            return [self.figures[path]]
        return [figure for figure in self._ending.get(path[-1], ()) if _names(path, figure.path)]

    @cached_property
    def _ending(self) -> dict[str, list[Figure]]:
        """The figures by the last id of their path."""
        found: dict[str, list[Figure]] = {}
        for figure in self.figures.values():
            found.setdefault(figure.path[-1], []).append(figure)
        return found


def _names(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether the ids stand in this order in the full path, first and last included."""
    if short[0] != full[0] or short[-1] != full[-1]:
        return False
    rest = iter(full)
    return all(each in rest for each in short)


def asks_alike(one: Framework, other: Framework) -> bool:
    """Whether profiles are read alike by two frameworks, whatever their answers are worth.

    Whatever is not known to have no part in reading has to be the same.
    """
    if _what_is_asked(one) != _what_is_asked(other):
        return False
    ranges = ({f.path: each.given_range(f) for f in each.figures.values()} for each in (one, other))
    return next(ranges) == next(ranges)


def _what_is_asked(framework: Framework) -> Framework:
    """A framework without points, weights and words."""
    return replace(
        framework,
        scales=tuple(_without_points(scale) for scale in framework.scales),
        indices=tuple(
            replace(index, root=_part_asked(index.root), ratings=index.ratings)
            for index in framework.indices
        ),
        apart=tuple(_part_asked(question) for question in framework.apart),
    )


def _without_points(scale: Scale) -> Scale:
    labels = tuple(replace(label, points=LOWEST) for label in scale.labels)
    return replace(scale, labels=labels, how="")


P = TypeVar("P", bound=Part)


def _part_asked(part: P) -> P:
    part = replace(part, title="", notes=(), weight=None, skip=())
    if isinstance(part, Figure):
        children = tuple(_part_asked(child) for child in part.children)
        return replace(part, children=children, adjustments=(), decisions=(), accepted=None)
    if isinstance(part, Question):
        scale = _without_points(part.scale) if part.scale else None
        return replace(part, text="", scale=scale)
    return part


def leaf_bounds(leaf: Question | Measure) -> Range:
    """The least and the greatest points of a question or a measure; 0 to 100 where it has none."""
    if isinstance(leaf, Question):
        labels = leaf.scale.labels if leaf.scale else ()
        points = [label.points for label in labels if label.points is not None]
    elif isinstance(leaf.scoring, Steps):
        points = [step.points for step in leaf.scoring.steps if step.points is not None]
    else:
        return FULL  # clamped, or proved by `check_ranges`
    return (min(points), max(points)) if points else FULL


def figure_bounds(figure: Figure, parts: Mapping[tuple[str, ...], Range]) -> Range:
    """The least and the greatest score of a figure, of those of its parts."""
    if figure.same_as is not None:
        low, high = parts.get(figure.same_as, FULL)
    elif figure.decisions:
        points = [each.points for each in figure.decisions]
        low, high = min(points), max(points)
    elif not figure.children:
        return figure.score_range  # given, and never rescaled
    else:
        low, high = aggregate_bounds(figure, parts)
    if figure.rescale is not None:
        start, end = figure.range
        low, high = ((each - start) * HIGHEST / (end - start) for each in (low, high))
    for each in figure.adjustments:
        bound = min if each.kind is Bound.CAP else max
        bounded = bound(low, each.points), bound(high, each.points)
        if each.when is None:
            low, high = bounded
        else:
            low, high = min(low, bounded[0]), max(high, bounded[1])
    return low, high


def aggregate_bounds(figure: Figure, parts: Mapping[tuple[str, ...], Range]) -> Range:
    """The least and the greatest that the parts come to together, before anything else is done."""
    ranges = [parts.get(child.path, FULL) for child in figure.counted]
    zero = [LOWEST] if figure.settings.when_missing.value == "zero" else []
    if figure.settings.aggregation.value != "sum":
        return min(zero + [low for low, _ in ranges]), max(zero + [high for _, high in ranges])
    low = high = LOWEST
    for child, (least, most) in zip(figure.counted, ranges, strict=True):
        weight = child.weight.value if child.weight else Fraction(1)
        ends = [weight * least, weight * most]
        if zero or may_not_apply(child):
            ends.append(LOWEST)
        low, high = low + min(ends), high + max(ends)
    return low, high


def may_not_apply(part: Part) -> bool:
    """Whether a part can be skipped, excluded or not asked, and so adds nothing to a sum.

    A figure does not apply where none of its parts does, or where an entity has no such unit.
    """
    if part.skip:
        return True
    if isinstance(part, Question):
        labels = part.scale.labels if part.scale is not None else ()
        return part.asked_in is not None or any(each.points is None for each in labels)
    if isinstance(part, Measure):
        steps = part.scoring.steps if isinstance(part.scoring, Steps) else ()
        return any(each.points is None for each in steps)
    if part.same_as is not None or part.each is not None:
        return True
    weighty = [each for each in part.counted if each.weight is None or each.weight.value != 0]
    return bool(weighty) and all(may_not_apply(each) for each in weighty)


__all__ = [
    "FULL",
    "HIGHEST",
    "LOWEST",
    "Accepted",
    "Adjustment",
    "Asked",
    "AtLeast",
    "Band",
    "Bound",
    "Compared",
    "Condition",
    "Decision",
    "Exists",
    "Factor",
    "Figure",
    "Formula",
    "Framework",
    "Goalposts",
    "Grade",
    "Group",
    "InGroup",
    "Index",
    "IsAnswer",
    "Label",
    "Measure",
    "Not",
    "Notation",
    "Origin",
    "Part",
    "Question",
    "Range",
    "RankBy",
    "Rating",
    "Require",
    "Scale",
    "Setting",
    "Settings",
    "Step",
    "Steps",
    "Term",
    "Weight",
    "When",
    "aggregate_bounds",
]  # fmt: skip
