"""The checked rules: names resolved, settings inherited, ready to be proved and planned.

The syntax tree holds names as text; here a question holds its scale and an indicator taken over
from elsewhere holds the path of the figure it repeats. Nothing here refers to Lark or to a file's
layout; spans remain, because every message and every explanation cites a rule line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Generic, TypeVar

from bareme.language.tree import Band, Notation, Weight
from bareme.source import Span

LOWEST = Fraction(0)
HIGHEST = Fraction(100)
"""The range of every score."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value that holds for everything below; `span` is None where it is the language's own."""

    value: T
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for one figure, each with the line that said so."""

    places: Setting[int] = Setting(0)
    bands: Setting[tuple[Band, ...]] = Setting(())  # descending by floor
    aggregation: Setting[str] = Setting("arithmetic mean")
    when_missing: Setting[str] = Setting("leave out")


@dataclass(frozen=True, slots=True)
class Label:
    """One answer of a scale: its points from 0 to 100, or None where it is excluded."""

    text: str
    code: str | None
    points: Fraction | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scale:
    """How answers become points. A question's own options are a scale named after it."""

    name: str
    labels: tuple[Label, ...]
    how: str  # in words, for an explanation: "best first", "out of 4", "reverse of risk"
    reverse_of: str | None
    own: bool  # a question's own options, rather than a scale with a name of its own
    complete: bool  # every label could be read; otherwise an unknown answer proves nothing
    span: Span = field(compare=False, repr=False)

    def label(self, answer: str) -> Label | None:
        """The label an answer names, by its text or its code, exactly as written."""
        return next((each for each in self.labels if answer in (each.text, each.code)), None)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and the scale that its answer is read on."""

    id: str
    path: tuple[str, ...]
    title: str
    text: str
    code: str | None
    scale: Scale | None  # None where the rules name one that does not exist
    weight: Weight | None
    notes: tuple[str, ...]
    settings: Settings
    damaged: bool
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that is measured, and how it becomes a score; `data` is measured and not scored."""

    id: str
    path: tuple[str, ...]
    title: str
    text: str
    code: str | None
    unit: str
    plausible: tuple[Fraction, Fraction] | None  # what lies outside is refused where it is read
    weight: Weight | None
    notes: tuple[str, ...]
    settings: Settings
    damaged: bool
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Group:
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


@dataclass(frozen=True, slots=True)
class Figure:
    """An index, a category or an indicator: anything that has a score and a place in the tree."""

    level: str
    path: tuple[str, ...]
    title: str
    code: str | None
    weight: Weight | None
    origin: Origin
    same_as: tuple[str, ...] | None  # the path of the figure repeated
    children: tuple[Figure | Question, ...]
    settings: Settings
    notes: tuple[str, ...]
    damaged: bool
    span: Span = field(compare=False, repr=False)
    name_span: Span = field(compare=False, repr=False)
    origin_span: Span | None = field(default=None, compare=False, repr=False)

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
            return [self.same_as]
        return [child.path for child in self.children if isinstance(child, Figure)]

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
            else:
                yield child


@dataclass(frozen=True, slots=True)
class Index:
    """One index: its root figure, and the earlier edition that changes are counted from."""

    root: Figure
    compare_with: Setting[str | None] | None  # None: with nothing; value None: the one before

    @property
    def id(self) -> str:
        return self.root.id


@dataclass(frozen=True)
class Framework:
    """A folder of rules: several indices that share scales and questions."""

    name: str
    scales: tuple[Scale, ...]
    indices: tuple[Index, ...]

    @cached_property
    def figures(self) -> dict[tuple[str, ...], Figure]:
        """Every figure by its path."""
        return {f.path: f for index in self.indices for f in index.root.figures()}

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Every question by its id, which is unique in a framework."""
        return {q.id: q for index in self.indices for q in index.root.questions()}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """Every measure by its id, those that are only data included; no question has its id."""
        return {}

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Every group by its id."""
        return {}

    def index(self, id: str) -> Index | None:
        return next((index for index in self.indices if index.id == id), None)

    def named(self, path: tuple[str, ...]) -> list[Figure]:
        """The figures that a path names; it may leave out levels between its ids.

        A path written in full names one figure even where a shorter reading exists.
        """
        if path in self.figures:
            return [self.figures[path]]
        return [figure for figure in self.figures.values() if _names(path, figure.path)]


def _names(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether the ids stand in this order in the full path, first and last included."""
    if short[0] != full[0] or short[-1] != full[-1]:
        return False
    rest = iter(full)
    return all(each in rest for each in short)


__all__ = [
    "HIGHEST", "LOWEST", "Band", "Figure", "Framework", "Group", "Index", "Label", "Measure",
    "Notation", "Origin", "Question", "Scale", "Setting", "Settings", "Weight",
]  # fmt: skip
