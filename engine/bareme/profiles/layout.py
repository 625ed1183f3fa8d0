"""How an edition's table is laid out, as `edition.yaml` declares it; nothing is ever guessed."""

from __future__ import annotations

from bareme.profiles.nodes import Node, Text
from bareme.record import Record
from bareme.source import Span

Pair = tuple[Text, Text]


class DeclaredSlip(Record):
    """A printed value that is known to be wrong: whose, of which figure, and why."""

    entity: Text
    figure: Text
    reason: Text
    span: Span


class Layout(Record):
    """The roles of a table's columns. A text that names a column keeps its place.

    Attributes:
        long: a row is an answer; otherwise a row is an entity.
        groups: of each, the group's id and its column.
        rows: a column and the texts that it must hold for a row to be read.
        columns: the id of a question or measure, and its column.
        missing: texts that mean: not answered.
        published: the block as written; it is read when the rules are at hand.
        ties: whether printed ranks mark ties, as in `=13`.
        part: in a long table, the column that names the part of the entity that answers.
        units: by the id of a unit the parts that are such; `unit` is what all others are.
        evidence: in a long table, by `source`, `note` and `date`, the column.
        sound: whether the declaration can be used.
    """

    file: Text
    long: bool
    entity: Text
    name: Text | None
    groups: tuple[Pair, ...]
    rows: tuple[tuple[Text, tuple[Text, ...]], ...]
    columns: tuple[Pair, ...]
    missing: frozenset[str]
    published: Node | None
    ties: bool
    ignore: tuple[Text, ...]
    differs: tuple[DeclaredSlip, ...]
    question: Text | None
    answer: Text | None
    part: Text | None
    units: tuple[tuple[Text, tuple[Text, ...]], ...]
    unit: Text | None
    evidence: tuple[tuple[str, Text], ...]
    sound: bool
    span: Span
