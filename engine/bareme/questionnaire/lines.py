"""The rows of a table: what each is, with the cells that are its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bareme.diagnostics import SUGGESTED, Diagnostic, Note, listing, nearest, quote
from bareme.profiles.cells import MAX_FAULTS, Row, Sheet
from bareme.questionnaire.columns import LEVELS, folded
from bareme.record import Record
from bareme.source import Span
from bareme.text import as_seen

_PLACE = {
    "parent", *LEVELS, "category_code", "category_weight", "indicator_code", "indicator_weight",
}  # fmt: skip
_NAMED = {"id", "code", "title", "text", "note"}
_OF_OPTIONS = {"option", "option_code", "points"}
_OF_MEASURES = {"unit", "plausible", "steps", "normalise"}
ALLOWED: Mapping[str, set[str]] = {
    "index": {*_NAMED, "index"},
    "category": {*_NAMED, *_PLACE, "weight"},
    "indicator": {*_NAMED, *_PLACE, "weight"},
    "given": {*_NAMED, *_PLACE, "weight"},
    "question": {*_NAMED, *_PLACE, "weight", "scale", "options", "out_of", "option", "option_code",
                 "points"},
    "measure": {*_NAMED, *_PLACE, "weight", *_OF_MEASURES},
    "data": {*_NAMED, *_PLACE, "unit", "plausible"},
    "scale": {"id", "title", "options", "out_of", "option", "option_code", "points"},
    "option": {"parent", *LEVELS, "title", "code", *_OF_OPTIONS},
}  # fmt: skip
"""What a row may be, and the columns that may then say something."""

_IDENTITY = ("id", "code", "title", "text")


class Cell(Record):
    """What stands in a cell, spaces around it and doubled ones within taken out."""

    text: str  # of several lines where it was typed so
    span: Span

    @property
    def flat(self) -> str:
        """Its lines as one."""
        return self.text.replace("\n", " ")


class Line(Record):
    """One thing that a row says: a question, an option of it, a figure.

    Attributes:
        kind: one of `ALLOWED`, or `heading` where a row only says where the next ones stand.
        cells: what is filled, by column; of an option `option`, `option_code`, `points` and levels.
        span: the first of them.
    """

    kind: str
    cells: Mapping[str, Cell]
    span: Span

    def text(self, column: str) -> str:
        """What a column says, on one line; nothing where it is blank."""
        cell = self.cells.get(column)
        return cell.flat if cell else ""


def read_lines(sheet: Sheet, columns: Mapping[str, int], found: list[Diagnostic]) -> list[Line]:
    """What the rows of a table say, one after the other; blank rows say nothing."""
    reader = _Reader(found)
    for row in sheet.sound:
        if len(found) >= MAX_FAULTS:
            break
        cells = _cells(sheet, row, columns)
        if cells:
            reader.row(cells)
    return reader.lines


def _cells(sheet: Sheet, row: Row, columns: Mapping[str, int]) -> dict[str, Cell]:
    """The cells of a row that are not blank, from left to right."""
    cells: dict[str, Cell] = {}
    for name, column in sorted(columns.items(), key=lambda each: each[1]):
        seen = as_seen(row.texts[column])
        lines = (re.sub(r"[ \t]+", " ", each).strip() for each in seen.split("\n"))
        text = "\n".join(each for each in lines if each)
        if text:
            cells[name] = Cell(text, sheet.span(row, column))
    return cells


class _Reader:
    def __init__(self, found: list[Diagnostic]) -> None:
        self.found = found
        self.lines: list[Line] = []
        self.asked: Line | None = None  # the question or scale that options below belong to

    def row(self, cells: dict[str, Cell]) -> None:
        first = next(iter(cells.values())).span
        written = cells.pop("kind", None)
        kind = self.kind(written, cells)
        if kind is None:
            self.asked = None
            return
        if kind in ("question", "scale"):
            option = {name: cell for name, cell in cells.items() if name in _OF_OPTIONS}
            cells = {name: cell for name, cell in cells.items() if name not in option}
            place: dict[str, Cell] = {}
            if option and self.asked and self.repeats(self.asked, cells):
                place = {name: cell for name, cell in cells.items() if name in LEVELS}
            else:
                self.question(kind, cells, first)
            if option:
                self.option(option | place, next(iter(option.values())).span)
        elif kind == "option":
            self.option(self.of_option(cells), first)
        else:
            self.asked = None
            self.lines.append(Line(kind, self.fitting(kind, cells), first))

    def kind(self, written: Cell | None, cells: Mapping[str, Cell]) -> str | None:
        """What a row is: as it says, or by the columns that it fills."""
        if written is not None:
            kind = folded(written.flat)
            if kind in ALLOWED:
                return kind
            near = nearest(kind, ALLOWED) if len(self.found) < SUGGESTED else None
            message = f"{quote(written.flat)} is no kind of row"
            help = f"`{near}`" if near else f"a row is {listing(list(ALLOWED), 'or', 9)}"
            self.found.append(Diagnostic("E423", message, written.span, help))
            return near
        own = set(cells) - _PLACE - _OF_OPTIONS
        if not own:
            return "option" if _OF_OPTIONS & set(cells) else "heading"
        return "measure" if _OF_MEASURES & own else "question"

    def question(self, kind: str, cells: dict[str, Cell], first: Span) -> None:
        line = Line(kind, self.fitting(kind, cells), first)
        self.lines.append(line)
        self.asked = line

    def repeats(self, asked: Line, cells: Mapping[str, Cell]) -> bool:
        """Whether a row says again what is asked above it; where it differs, report it."""
        shared = [name for name in _IDENTITY if name in cells and name in asked.cells]
        if not shared or cells[shared[0]].flat != asked.text(shared[0]):
            return False
        for name, cell in cells.items():
            above = asked.cells.get(name)
            if name in LEVELS or (above is not None and above.flat == cell.flat):
                continue
            message = f"`{name}` is {quote(cell.flat)} here, and the row above asks the same"
            if above is None:
                help, note = "say it in the question's first row", Note("it is here", asked.span)
            else:
                help, note = (
                    "write the same, or leave it blank",
                    Note(f"with {quote(above.flat)} here", above.span),
                )
            self.found.append(Diagnostic("E426", message, cell.span, help, (note,)))
        return True

    def of_option(self, cells: dict[str, Cell]) -> dict[str, Cell]:
        """The cells of a row that is an option, under the names of options' own columns."""
        cells = self.fitting("option", cells)
        for name, other in (("option", "title"), ("option_code", "code")):
            if other in cells:
                cell = cells.pop(other)
                if cells.setdefault(name, cell) is not cell:
                    message = f"an option has no `{other}` beside its `{name}`"
                    self.found.append(Diagnostic("E423", message, cell.span, "keep one of the two"))
        return cells

    def option(self, cells: dict[str, Cell], first: Span) -> None:
        if self.asked is None:
            message = "this option stands below no question"
            help = "put it right below the row of its question, or of its scale"
            self.found.append(Diagnostic("E424", message, first, help))
            return
        parent = cells.pop("parent", None)
        ids = [self.asked.text(name) for name in ("id", "code")]
        if parent is not None and parent.flat not in ids:
            message = f"the parent of this option is {quote(parent.flat)}"
            note = Note("it stands below this one", self.asked.span)
            help = "put it below that, or leave the parent of options blank"
            self.found.append(Diagnostic("E424", message, parent.span, help, (note,)))
        self.lines.append(Line("option", cells, first))

    def fitting(self, kind: str, cells: dict[str, Cell]) -> dict[str, Cell]:
        """The cells that a row of this kind may have; others are reported."""
        if kind == "heading":
            return cells
        kept: dict[str, Cell] = {}
        for name, cell in cells.items():
            if name in ALLOWED[kind]:
                kept[name] = cell
                continue
            where = [each for each in ALLOWED if name in ALLOWED[each]]
            help = f"`{name}` is for {listing(where, 'or')}; leave it blank here"
            message = f"{article(kind)} has no `{name}`"
            self.found.append(Diagnostic("E423", message, cell.span, help))
        return kept


def article(kind: str) -> str:
    """A kind of row with its article: `a question`, `an option`, `data`."""
    if kind == "data":
        return kind
    if kind == "given":
        return "a given indicator"
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"
