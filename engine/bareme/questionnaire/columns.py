"""What each column of a table is, by its header alone: nothing is guessed from what is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bareme.diagnostics import SUGGESTED, Diagnostic, Note, listing, nearest, quote
from bareme.profiles.cells import Sheet
from bareme.questionnaire.choices import COLUMNS, Choices
from bareme.record import Record
from bareme.text import as_seen

LEVELS = ("index", "category", "indicator")
"""Columns that repeat on each row where it stands, from the whole down."""

_ALSO_CALLED = {  # what headers like to say, for a message to name the column
    "answer": "option", "answers": "options", "answer_options": "options", "choices": "options",
    "comment": "note", "comments": "note", "description": "text", "dimension": "category",
    "domain": "category", "indicator_name": "title", "level": "kind", "marks": "points",
    "max": "out_of", "max_points": "out_of", "max_score": "out_of", "maximum": "out_of",
    "measurement_unit": "unit", "name": "title", "no": "code", "notes": "note", "number": "code",
    "pillar": "category", "question": "text", "question_text": "text", "remarks": "note",
    "response": "option", "responses": "options", "score": "points", "scores": "points",
    "subcategory": "indicator", "theme": "category", "type": "kind",
}  # fmt: skip
_ASKED = ("title", "text", "code", "id")
_TITLES = 50  # rows that are looked at for a header below a title
_SCORED = ("options", "option", "scale", "points", "steps", "normalise", "kind")


def folded(text: str) -> str:
    """A header as it is compared: in any case, with spaces, hyphens and `_` alike."""
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def first_known(header: list[str], choices: Choices) -> str:
    """A header that names a column, if there is one: what shows that commas separate."""
    named = {*choices.columns.values(), *choices.ignore}
    return next((each for each in header if each in named or folded(each) in COLUMNS), "")


def header_below(sheet: Sheet, choices: Choices) -> Diagnostic | None:
    """A title above the table: the row that names the columns is not the first one."""
    if not sheet.rows or first_known(sheet.header, choices):
        return None
    for row in sheet.rows[1:_TITLES]:
        named = [_named_by(text, choices) for text in row.texts]
        if {*named} & {*_ASKED} and {*named} & {*_SCORED}:
            at = next(column for column, name in enumerate(named) if name)
            message = (
                f"row {row.number} names the columns, and row {sheet.rows[0].number} is read as "
                "the header"
            )
            help = "delete what stands above it; the first row names the columns"
            return Diagnostic("E422", message, sheet.span(row, at), help)
    return None


def _named_by(header: str, choices: Choices) -> str:
    """The column that a header names; nothing where it names none."""
    chosen = {folded(each): name for name, each in choices.columns.items()}
    name = chosen.get(folded(header), folded(header))
    return name if name in COLUMNS else ""


class Columns(Record):
    """The number of each column by its name.

    Attributes:
        whole: whether every header was understood; else what is missing may stand under another.
    """

    by_name: Mapping[str, int]
    whole: bool


def resolve_columns(sheet: Sheet, choices: Choices, found: list[Diagnostic]) -> Columns | None:
    """Find every column; None where the table cannot be read without one that is not there."""
    return _Resolver(sheet, choices, found).columns()


class _Resolver:
    def __init__(self, sheet: Sheet, choices: Choices, found: list[Diagnostic]) -> None:
        self.sheet = sheet
        self.choices = choices
        self.found = found
        self.header = [as_seen(each).strip() for each in sheet.header]
        self.by_name: dict[str, int] = {}
        self.settled: set[int] = set()  # columns that were spoken of
        self.whole = True

    def columns(self) -> Columns | None:
        for name, header in self.choices.columns.items():
            column = self.place(header, f"which holds `{name}`")
            if column is not None:
                self.take(name, column)
        for header in self.choices.ignore:
            column = self.place(header, "to be ignored")
            if column is not None and (
                self.header[column] == header.strip() or folded(self.header[column]) not in COLUMNS
            ):
                self.settled.add(column)
        rest = [at for at, each in enumerate(self.header) if each and at not in self.settled]
        for column in rest:
            if folded(self.header[column]) in COLUMNS:
                self.take(folded(self.header[column]), column)
        for column in rest:
            if folded(self.header[column]) not in COLUMNS:
                self.unknown(column)
        return Columns(self.by_name, self.whole) if self.enough() else None

    def place(self, header: str, what: str) -> int | None:
        """The column of a header that was named by choice; where there is none, of the nearest."""
        if header.strip() in self.header:
            return self.header.index(header.strip())
        near = nearest(header, [each for each in self.header if each])
        help = f"`{near}`" if near else f"the columns are {listing(self.header)}"
        message = f"no column is named {quote(header)}, {what}"
        span = self.sheet.span(self.sheet.rows[0], 0)
        self.found.append(Diagnostic("E422", message, span, help))
        return self.header.index(near) if near else None

    def take(self, name: str, column: int) -> None:
        first = self.by_name.setdefault(name, column)
        self.settled.add(column)
        if self.header[first] != self.header[column]:  # else it is said that there are two
            header = self.sheet.rows[0]
            message = f"two columns are read as `{name}`"
            help = f'`--ignore "{self.header[column]}"`, or rename one'
            note = Note("the other is here", self.sheet.span(header, first))
            span = self.sheet.span(header, column)
            self.found.append(Diagnostic("E421", message, span, help, (note,)))

    def unknown(self, column: int) -> None:
        """Report a header that names no column; what it is near to, it is read as."""
        header = self.header[column]
        free = [name for name in COLUMNS if name not in self.by_name]
        near = nearest(folded(header), free) if len(self.found) < SUGGESTED else None
        if near is None and _ALSO_CALLED.get(folded(header)) in free:
            near = _ALSO_CALLED[folded(header)]
        leave = f'leave it out, `--ignore "{header}"`'
        if near:
            say = f'`--column {near}="{header}"`'
            help = f"`{near}`; else say which it is, as in {say}, or {leave}"
        else:
            help = f'{leave}, or say which it is, as in `--column note="{header}"`'
        span = self.sheet.span(self.sheet.rows[0], column)
        message = f"{quote(header)} is no column of a questionnaire"
        self.found.append(Diagnostic("E421", message, span, help))
        if near is None:
            self.whole = False
        else:
            self.by_name[near] = column

    def enough(self) -> bool:
        """Whether there are columns for what is asked and how it is scored."""
        span = self.sheet.span(self.sheet.rows[0], 0)
        wanted = (
            ("what is asked", _ASKED, "title"),
            ("how answers are scored", _SCORED, "options"),
        )
        missing = [each for each in wanted if not any(name in self.by_name for name in each[1])]
        for what, names, example in missing:
            message = f"no column says {what}: {listing(names, last='or')}"
            help = f'name one so, or say which it is, as in `--column {example}="…"`'
            self.found.append(Diagnostic("E422", message, span, help))
        return not missing
