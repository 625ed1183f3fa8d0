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
    """A weight as written: `20%` and `1/5` are both the value 1/5."""

    value: Fraction
    notation: Notation
    written: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Publish:
    places: int
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


Setting = Publish | Bands | CompareWith | Aggregate | WhenMissing


@dataclass(frozen=True, slots=True)
class Question:
    name: Name
    title: Text | None
    code: Text | None
    on_scale: Name | None
    options: ScaleBody | None
    weight: Weight | None
    text: tuple[Text, ...]
    notes: tuple[Text, ...]
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
    notes: tuple[Text, ...]
    children: tuple[Level | Question, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """One file of rules; `stem` is its name without folder and ending, as `use` names it."""

    stem: str
    uses: tuple[Name, ...]
    scales: tuple[Scale, ...]
    indices: tuple[Level, ...]
    span: Span = field(compare=False, repr=False)
