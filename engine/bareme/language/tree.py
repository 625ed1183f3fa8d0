"""The syntax tree: what an author wrote, names still as text.

Nothing here is resolved or proved. A node's span stays out of equality, so two files that mean the
same compare equal wherever their lines stand.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from fractions import Fraction

from bareme.diagnostics import Fix
from bareme.record import Record
from bareme.source import Span


class Name(Record):
    """An id, a path or a file as it was written."""

    text: str
    span: Span = field(compare=False, repr=False)


class Text(Record):
    """A quoted text, without its quotes."""

    text: str
    span: Span = field(compare=False, repr=False)


class Number(Record):
    """A number as it was written, read exactly."""

    value: Fraction
    span: Span = field(compare=False, repr=False)


class Excluded(Record):
    """In place of points: who answers this is scored without the question."""

    span: Span = field(compare=False, repr=False)


class Label(Record):
    """One answer of a scale; `points` is None where they follow from the order."""

    text: str
    code: str | None
    points: Number | Excluded | None
    span: Span = field(compare=False, repr=False)
    aliases: tuple[Text, ...] = ()


class Order(StrEnum):
    """Which end of an evenly spaced scale comes first."""

    BEST_FIRST = "best first"
    WORST_FIRST = "worst first"


class ScaleBody(Record):
    """How answers become points, of a named scale or of a question's own options."""

    order: Order | None
    out_of: Number | None
    reverse_of: Name | None
    labels: tuple[Label, ...]
    damaged: bool  # a part could not be read, so its absence proves nothing
    span: Span = field(compare=False, repr=False)
    order_span: Span | None = field(default=None, compare=False, repr=False)
    out_of_span: Span | None = field(default=None, compare=False, repr=False)


class Scale(Record):
    name: Name
    body: ScaleBody
    span: Span = field(compare=False, repr=False)


class Notation(StrEnum):
    """How a weight was written; percents and relative numbers do not mix under one parent."""

    PERCENT = "percent"
    FRACTION = "fraction"
    RELATIVE = "relative"


class Weight(Record):
    """A weight as written: `20%` and `1/5` are the value 1/5; what is subtracted is below 0."""

    value: Fraction
    notation: Notation
    written: str
    span: Span = field(compare=False, repr=False)
    subtracts: bool = False  # from the sum that it is a part of
    stated: bool = True  # rather than the 1 of a line that says `subtract` and no weight


class Publish(Record):
    """Decimals, and the range that scores are printed on where it is not their own."""

    places: int
    on: tuple[Number, Number] | None
    span: Span = field(compare=False, repr=False)


class Band(Record):
    """Published scores at or above `floor` carry this name, up to the next band."""

    label: str
    floor: Fraction
    span: Span = field(compare=False, repr=False)
    floor_span: Span | None = field(default=None, compare=False, repr=False)


class Bands(Record):
    bands: tuple[Band, ...]
    span: Span = field(compare=False, repr=False)


class CompareBy(Record):
    """Whether changes read the published, rounded scores or the unrounded ones."""

    rounded: bool
    span: Span = field(compare=False, repr=False)


class CompareWith(Record):
    """The earlier edition that changes are counted from; None for the one just before."""

    edition: str | None
    span: Span = field(compare=False, repr=False)
    as_published: bool = False  # from what was printed then, in place of restating it


class Aggregate(Record):
    method: str
    span: Span = field(compare=False, repr=False)


class WhenMissing(Record):
    """What a missing part does to its figure; `of` is the group whose average it counts as."""

    policy: str
    span: Span = field(compare=False, repr=False)
    of: Name | None = None


class Given(Record):
    """Only the score is known; profiles give it."""

    span: Span = field(compare=False, repr=False)


class Normalise(Record):
    """Goalposts: the worst value scores 0 and the best 100, straight or on a curve between."""

    log: bool
    worst: Number
    best: Number
    clamped: bool
    span: Span = field(compare=False, repr=False)
    power: Number | None = None  # to which the share of the way is raised


class RankBy(Record):
    """Which scores ranks read: the published ones, the unrounded ones, or both."""

    rounded: bool
    unrounded: bool
    span: Span = field(compare=False, repr=False)


class BandBy(Record):
    """Whether bands read the published scores or the unrounded ones."""

    rounded: bool
    span: Span = field(compare=False, repr=False)


class Levels(Record):
    """What the levels below an index are called, from the top down; the last are indicators."""

    names: tuple[Text, ...]
    span: Span = field(compare=False, repr=False)


class WeightsTotal(Record):
    """What the weights of every figure below add up to."""

    total: Number
    span: Span = field(compare=False, repr=False)


class Answer(Record):
    """Whether an answer has to be given to every question and measure that is asked."""

    required: bool
    span: Span = field(compare=False, repr=False)


Setting = (
    Publish
    | Bands
    | BandBy
    | CompareWith
    | CompareBy
    | Aggregate
    | WhenMissing
    | Normalise
    | RankBy
    | Levels
    | WeightsTotal
    | Answer
)


# ---- conditions


class Is(Record):
    """The answer is one of these labels."""

    subject: Name
    labels: tuple[Text, ...]
    span: Span = field(compare=False, repr=False)


class Answered(Record):
    subject: Name
    span: Span = field(compare=False, repr=False)


class Compare(Record):
    """A measure or a score beside a number; `sign` is one of `<`, `≤`, `=`, `≥`, `>`."""

    subject: Name
    sign: str
    number: Number
    span: Span = field(compare=False, repr=False)


class Not(Record):
    of: Condition
    span: Span = field(compare=False, repr=False)


class AtLeast(Record):
    """So many of these hold; all of them for `and`, one for `or`."""

    count: int
    of: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


Condition = Is | Answered | Compare | Not | AtLeast


class When(Record):
    """A condition and the words it was written in."""

    condition: Condition
    written: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


# ---- rules of one figure, question or measure


class Cap(Record):
    """No more than so many points, always or under a condition."""

    points: Number
    when: When | None
    span: Span = field(compare=False, repr=False)


class Floor(Record):
    """No fewer than so many points, always or under a condition."""

    points: Number
    when: When | None
    span: Span = field(compare=False, repr=False)


class Skip(Record):
    """Not applicable under a condition: siblings take over the weight."""

    when: When
    span: Span = field(compare=False, repr=False)


class Require(Record):
    """No score unless so many answers below are there: a share of those that apply, or a count."""

    least: Number
    share: bool
    span: Span = field(compare=False, repr=False)


class Range(Record):
    """The range of a score that is not counted from 0 to 100."""

    low: Number
    high: Number
    span: Span = field(compare=False, repr=False)


class Rescale(Record):
    """From the figure's own range to 0 to 100."""

    span: Span = field(compare=False, repr=False)


class Include(Record):
    """Who is in the index at all."""

    when: When
    span: Span = field(compare=False, repr=False)


class RankEntities(Record):
    """Who is ranked; the others are scored all the same."""

    when: When
    span: Span = field(compare=False, repr=False)


class ScoreWhen(Record):
    """The score itself, under a condition or, for the last, where none of the others holds."""

    points: Number
    when: When | None
    span: Span = field(compare=False, repr=False)


class ForEach(Record):
    """Every part of an entity that is such a unit is scored by itself, then they are averaged."""

    unit: Name
    span: Span = field(compare=False, repr=False)


class OverIndicators(Record):
    """Indicators below are put together, and not the categories that they stand in."""

    span: Span = field(compare=False, repr=False)


class Accepted(Record):
    """A better answer may lower the figure, and the author says why that is meant."""

    reason: Text
    span: Span = field(compare=False, repr=False)


Rule = (
    Cap
    | Floor
    | Skip
    | Require
    | Range
    | Rescale
    | Include
    | RankEntities
    | ScoreWhen
    | ForEach
    | OverIndicators
    | Accepted
)


# ---- formulas


class Product(Record):
    """Factors, each after its sign, `*` or `/`; the first sign is `*`."""

    factors: tuple[tuple[str, Factor], ...]


class Expression(Record):
    """Products, each after its sign, `+` or `-`; the first sign is `+`."""

    products: tuple[tuple[str, Product], ...]


Factor = Name | Number | Expression


class Formula(Record):
    """A number that is worked out from measures and data."""

    of: Expression
    written: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


class Per(Record):
    """A measured number is divided by data, and counted in so many of its units."""

    number: Number
    of: Name
    span: Span = field(compare=False, repr=False)


class StepKind(StrEnum):
    """Which values a step holds for."""

    UP_TO = "up to"
    ABOVE = "above"
    FROM = "from"
    BELOW = "below"


class Step(Record):
    """Values up to (or from) a limit earn these points; the last step has no limit."""

    kind: StepKind
    limit: Number | None
    points: Number | Excluded
    span: Span = field(compare=False, repr=False)


class Steps(Record):
    steps: tuple[Step, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)


class Group(Record):
    """What entities are sorted by; without labels any text will do."""

    name: Name
    title: Text | None
    labels: tuple[Label, ...]
    span: Span = field(compare=False, repr=False)


class Measure(Record):
    """A number that is measured; `data` is not scored."""

    name: Name
    data: bool
    title: Text | None
    code: Text | None
    unit: Text | None
    plausible: tuple[Number, Number] | None
    weight: Weight | None
    steps: Steps | None
    normalise: Normalise | None
    skip: tuple[Skip, ...]
    text: tuple[Text, ...]
    notes: tuple[Text, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)
    per: Per | None = None
    formula: Formula | None = None
    settings: tuple[Setting, ...] = ()


class Asked(Record):
    """The first and the last edition that a question is asked in; None where there is no end."""

    first: Name | None
    last: Name | None
    span: Span = field(compare=False, repr=False)


class Question(Record):
    name: Name
    title: Text | None
    code: Text | None
    on_scale: Name | None
    options: ScaleBody | None
    weight: Weight | None
    skip: tuple[Skip, ...]
    text: tuple[Text, ...]
    notes: tuple[Text, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)
    asked_by: Span | None = field(default=None, compare=False, repr=False)  # the `ask` line
    asked_in: Asked | None = None
    settings: tuple[Setting, ...] = ()


class Questions(Record):
    """A list of questions outside any index; figures `ask` them."""

    on_scale: Name | None
    questions: tuple[Question, ...]
    span: Span = field(compare=False, repr=False)


class Ask(Record):
    """Questions declared elsewhere that count here too: single ones, and runs from one to another.

    Their own weights hold unless `weight` says otherwise.
    """

    asked: tuple[tuple[Name, Name | None], ...]
    weight: Weight | None
    damaged: bool
    span: Span = field(compare=False, repr=False)


class GradeKind(StrEnum):
    FROM = "from"
    UP_TO = "up to"
    ABOVE = "above"


class Grade(Record):
    """One label of a rating, and the number from which or up to which it holds."""

    kind: GradeKind
    label: str
    number: Number | None  # None: what no other grade holds
    span: Span = field(compare=False, repr=False)


class Rating(Record):
    """A label for an entity, read off figures or off other ratings of the index.

    `lost` is set where lines beside it could not be read: what it reads may stand there.
    """

    name: Name
    title: Text | None
    of: tuple[Name, ...]
    grades: tuple[Grade, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)
    lost: bool = False


class LevelKind(StrEnum):
    INDEX = "index"
    CATEGORY = "category"
    INDICATOR = "indicator"


class Level(Record):
    """An index, a category or an indicator, with what stands under it in order.

    `meant` is the fix that moves lines to where they were meant, in case what stands under it
    makes no sense and the lines around it show why.
    """

    kind: LevelKind
    name: Name
    title: Text | None
    code: Text | None
    weight: Weight | None
    same_as: Name | None
    given: Given | None
    settings: tuple[Setting, ...]
    rules: tuple[Rule, ...]
    notes: tuple[Text, ...]
    children: tuple[Level | Question | Measure, ...]
    data: tuple[Measure, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)
    asks: tuple[tuple[int, Ask], ...] = ()  # each before the child of that number
    meant: Fix = field(default=(), compare=False, repr=False)
    ratings: tuple[Rating, ...] = ()


class File(Record):
    """One file of rules; `stem` is its name without folder and ending, as `use` names it.

    `cut` is set where it holds so many mistakes that it was not read to its end.
    """

    stem: str
    uses: tuple[Name, ...]
    scales: tuple[Scale, ...]
    groups: tuple[Group, ...]
    data: tuple[Measure, ...]
    indices: tuple[Level, ...]
    span: Span = field(compare=False, repr=False)
    units: tuple[Name, ...] = ()
    questions: tuple[Questions, ...] = ()
    cut: bool = False
