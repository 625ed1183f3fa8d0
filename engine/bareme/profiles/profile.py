"""What an entity answered, with its evidence; what is given, and what somebody printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import field
from fractions import Fraction

from bareme.diagnostics import Fix
from bareme.profiles.layout import Layout
from bareme.record import Record, replace
from bareme.source import Span

Path = tuple[str, ...]


class Evidence(Record):
    """Where a value comes from, in the recorder's own words; empty where nothing was written."""

    source: str = ""
    note: str = ""
    date: str = ""


class Answer(Record):
    """One recorded answer: a label of the question's scale, or its code, exactly as written.

    The answer to a measure is a number, and `value` is that number.
    """

    text: str
    evidence: Evidence
    span: Span = field(compare=False, repr=False)
    value: Fraction | None = None


class GivenScore(Record):
    """A score whose answers are not at hand; it stands in place of what the rules would derive."""

    score: Fraction
    evidence: Evidence
    span: Span = field(compare=False, repr=False)


class Printed(Record):
    """A number that somebody printed, exactly as printed: `1.50` is not shown as 1.5."""

    value: Fraction
    text: str
    span: Span = field(compare=False, repr=False)


class Differs(Record):
    """Why what is printed is known to be a slip."""

    reason: str
    span: Span = field(compare=False, repr=False)
    out: Fix = field(default=(), compare=False, repr=False)  # for when it is none any more


class PrintedBand(Record):
    label: str
    span: Span = field(compare=False, repr=False)
    differs: Differs | None = None


class PrintedRating(Record):
    label: str
    span: Span = field(compare=False, repr=False)
    differs: Differs | None = None


class PrintedFigure(Record):
    """The printed score of one figure, with its printed change and band where there are any."""

    score: Printed
    change: Printed | None
    band: PrintedBand | None = None
    differs: Differs | None = None


class PrintedRank(Record):
    """A printed rank; `tied` is None where the print does not mark ties."""

    rank: int
    tied: bool | None
    span: Span = field(compare=False, repr=False)
    differs: Differs | None = None


class PartOf(Record, caches=True):
    """One part of an entity that answers for itself: a service, a facility.

    Attributes:
        name: as the profile names it; unique among the parts of its unit.
        answers, off_scale, blank: as of a profile.
    """

    name: str
    answers: Mapping[str, Answer]
    off_scale: Mapping[str, Answer]
    span: Span = field(compare=False, repr=False)
    blank: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)


class Profile(Record, caches=True):
    """One entity in one edition.

    Attributes:
        answers: by the id of the question or measure; a blank answer is not in it.
        off_scale: answers that are no label of their scale; a cohort that has any is not scored.
        given: by path of the figure.
        printed: by path of the figure, in the order of the file.
        printed_ranks, printed_bands: by index id.
        printed_ratings: by path of the rating.
        groups: by the group's id, as `{"region": "North"}`.
        parts: by the unit that they are, in the order written.
        part: the name of the part that this is the profile of; empty for an entity.
        edition: the id of the edition.
        unasked: ids of the questions that are not asked in that edition.
        blank: where an answer was left blank; not every place in a table is kept.
    """

    entity: str
    name: str
    answers: Mapping[str, Answer]
    off_scale: Mapping[str, Answer]
    given: Mapping[Path, GivenScore]
    printed: Mapping[Path, PrintedFigure]
    printed_ranks: Mapping[str, PrintedRank]
    span: Span = field(compare=False, repr=False)
    groups: Mapping[str, str] = field(default_factory=dict)
    printed_bands: Mapping[str, PrintedBand] = field(default_factory=dict)
    parts: Mapping[str, Sequence[PartOf]] = field(default_factory=dict)
    part: str = ""
    edition: str = ""
    printed_ratings: Mapping[Path, PrintedRating] = field(default_factory=dict)
    unasked: frozenset[str] = frozenset()
    blank: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)

    @property
    def answer_count(self) -> int:
        """How many answers there are, those of its parts included."""
        of_parts = [part for parts in self.parts.values() for part in parts]
        return len(self.answers) + sum(len(part.answers) for part in of_parts)

    def of_part(self, part: PartOf, own: Set[str]) -> Profile:
        """The profile that a part is scored by.

        Args:
            part: one of the parts.
            own: ids of the questions and measures that a part answers itself; to any other the
                entity's answer holds where the part has none.
        """
        of_entity = {id: answer for id, answer in self.answers.items() if id not in own}
        return replace(
            self,
            name=f"{self.name}, {part.name}",
            part=part.name,
            answers={**of_entity, **part.answers},
            off_scale=part.off_scale,
            blank=part.blank,
            given={},
            printed={},
            printed_ranks={},
            printed_bands={},
            printed_ratings={},
            parts={},
            span=part.span,
        )


class Edition(Record):
    """One dated, published version.

    `partial` is set where not everyone is there: then no ranks and no medians are published.
    `table` says how the edition's table is laid out, if it has one.
    """

    id: str
    title: str
    date: str
    partial: bool
    partial_span: Span | None = field(default=None, compare=False, repr=False)
    table: Layout | None = field(default=None, compare=False, repr=False)

    @property
    def order(self) -> tuple[str, str]:
        """Editions sort by their date where they have one, else by their id, which begins alike."""
        return (self.date or self.id, self.id)


class Cohort(Record):
    """All entities of one edition, in the order of their ids."""

    edition: Edition
    profiles: tuple[Profile, ...]
