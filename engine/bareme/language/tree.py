"""The syntax tree: what an author wrote, names still as text.

Nothing here is resolved or proved. A node's span stays out of equality, so two files that mean the
same compare equal wherever their lines stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from bareme.source import Span


@dataclass(frozen=True, slots=True)
class Name:
    """An id, a path or a file as it was written."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text, without its quotes."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written, read exactly."""

    value: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Excluded:
    """In place of points: who answers this is scored without the question."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of a scale; `points` is None where they follow from the order."""

    text: str
    code: str | None
    points: Number | Excluded | None
    span: Span = field(compare=False, repr=False)


class Order(StrEnum):
    """Which end of an evenly spaced scale comes first."""

    BEST_FIRST = "best first"
    WORST_FIRST = "worst first"


@dataclass(frozen=True, slots=True)
class ScaleBody:
    """How answers become points, of a named scale or of a question's own options."""

    order: Order | None
    out_of: Number | None
    reverse_of: Name | None
    labels: tuple[Label, ...]
    damaged: bool  # a part could not be read, so its absence proves nothing
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scale:
    name: Name
    body: ScaleBody
    span: Span = field(compare=False, repr=False)


class Notation(StrEnum):
    """How a weight was written; percents and relative numbers do not mix under one parent."""

    PERCENT = "percent"
    FRACTION = "fraction"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight as written: `20%` and `1/5` are the value 1/5; what is subtracted is below 0."""

    value: Fraction
    notation: Notation
    written: str
    span: Span = field(compare=False, repr=False)
    subtracts: bool = False  # from the sum that it is a part of


@dataclass(frozen=True, slots=True)
class Publish:
    """Decimals, and the range that scores are printed on where it is not their own."""

    places: int
    on: tuple[Number, Number] | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Band:
    """Published scores at or above `floor` carry this name, up to the next band."""

    label: str
    floor: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Bands:
    bands: tuple[Band, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CompareWith:
    """The earlier edition that changes are counted from; None for the one just before."""

    edition: str | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    method: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class WhenMissing:
    policy: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """Only the score is known; profiles give it."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Normalise:
    """Goalposts: the worst value scores 0 and the best 100, straight or on a curve between."""

    log: bool
    worst: Number
    best: Number
    clamped: bool
    span: Span = field(compare=False, repr=False)
    power: Number | None = None  # to which the share of the way is raised


@dataclass(frozen=True, slots=True)
class RankBy:
    """Which scores ranks read: the published ones, the unrounded ones, or both."""

    rounded: bool
    unrounded: bool
    span: Span = field(compare=False, repr=False)


Setting = Publish | Bands | CompareWith | Aggregate | WhenMissing | Normalise | RankBy


# ---- conditions


@dataclass(frozen=True, slots=True)
class Is:
    """The answer is one of these labels."""

    subject: Name
    labels: tuple[Text, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    subject: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A measure or a score beside a number; `sign` is one of `<`, `≤`, `=`, `≥`, `>`."""

    subject: Name
    sign: str
    number: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    of: Condition
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of these hold; all of them for `and`, one for `or`."""

    count: int
    of: tuple[Condition, ...]
    span: Span = field(compare=False, repr=False)


Condition = Is | Answered | Compare | Not | AtLeast


@dataclass(frozen=True, slots=True)
class When:
    """A condition and the words it was written in."""

    condition: Condition
    written: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


# ---- rules of one figure, question or measure


@dataclass(frozen=True, slots=True)
class Cap:
    """No more than so many points, always or under a condition."""

    points: Number
    when: When | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Floor:
    """No fewer than so many points, always or under a condition."""

    points: Number
    when: When | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Skip:
    """Not applicable under a condition: siblings take over the weight."""

    when: When
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Require:
    """No score unless so many answers below are there: a share of those that apply, or a count."""

    least: Number
    share: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """The range of a score that is not counted from 0 to 100."""

    low: Number
    high: Number
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rescale:
    """From the figure's own range to 0 to 100."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Include:
    """Who is in the index at all."""

    when: When
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RankEntities:
    """Who is ranked; the others are scored all the same."""

    when: When
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ScoreWhen:
    """The score itself, under a condition or, for the last, where none of the others holds."""

    points: Number
    when: When | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ForEach:
    """Every part of an entity that is such a unit is scored by itself, then they are averaged."""

    unit: Name
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OverIndicators:
    """Indicators below are put together, and not the categories that they stand in."""

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
)


# ---- formulas


@dataclass(frozen=True, slots=True)
class Product:
    """Factors, each after its sign, `*` or `/`; the first sign is `*`."""

    factors: tuple[tuple[str, Factor], ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """Products, each after its sign, `+` or `-`; the first sign is `+`."""

    products: tuple[tuple[str, Product], ...]


Factor = Name | Number | Expression


@dataclass(frozen=True, slots=True)
class Formula:
    """A number that is worked out from measures and data."""

    of: Expression
    written: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Per:
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


@dataclass(frozen=True, slots=True)
class Step:
    """Values up to (or from) a limit earn these points; the last step has no limit."""

    kind: StepKind
    limit: Number | None
    points: Number | Excluded
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Steps:
    steps: tuple[Step, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """What entities are sorted by; without labels any text will do."""

    name: Name
    title: Text | None
    labels: tuple[Label, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Measure:
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


@dataclass(frozen=True, slots=True)
class Question:
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


@dataclass(frozen=True, slots=True)
class Questions:
    """A list of questions outside any index; figures `ask` them."""

    on_scale: Name | None
    questions: tuple[Question, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ask:
    """Questions declared elsewhere that count here too: single ones, and runs from one to another.

    Their own weights hold unless `weight` says otherwise.
    """

    asked: tuple[tuple[Name, Name | None], ...]
    weight: Weight | None
    damaged: bool
    span: Span = field(compare=False, repr=False)


class LevelKind(StrEnum):
    INDEX = "index"
    CATEGORY = "category"
    INDICATOR = "indicator"


@dataclass(frozen=True, slots=True)
class Level:
    """An index, a category or an indicator, with what stands under it in order."""

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


@dataclass(frozen=True, slots=True)
class File:
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
