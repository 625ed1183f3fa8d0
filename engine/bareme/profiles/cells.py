"""CSV as typed text with places: RFC 4180 and nothing more, never sniffed.

Commas separate, quotes may surround a cell and are doubled within it, lines end in LF or CRLF.
A cell is cited as spreadsheets do, `harbours.csv!B2`; the header is row 1.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from bareme.diagnostics import (
    MAX_EDITS,
    Diagnostic,
    Edit,
    Fix,
    Note,
    counted,
    instead,
    quote,
    without,
    without_lines,
)
from bareme.record import Record
from bareme.source import Source, Span

MAX_CELL = 1 << 16
MAX_FAULTS = 10_000  # in a table, after which more are not looked for
MAX_QUOTES = 100  # slips with quotes, after which a table is not read further
_PLAIN = re.compile(r"[^,\n]*")


class Row(Record):
    """One row: the texts of its cells, where each starts, and where one more would start."""

    number: int
    texts: list[str]
    starts: list[int]


class Sheet(Source, caches=True):
    """A table's text, with its cells; the first row is the header.

    `rows` holds every row, for places; `sound` those that have a cell for each column; `refused`
    the places of cells that were reported, so that what is in them is not held against anybody.
    """

    rows: tuple[Row, ...] = ()
    sound: tuple[Row, ...] = ()
    refused: frozenset[Span] = frozenset()

    @property
    def header(self) -> list[str]:
        return self.rows[0].texts if self.rows else []

    def column_name(self, column: int) -> str:
        """What a spreadsheet calls a column of this table, counted from 0."""
        return letters(column)

    def span(self, row: Row, column: int) -> Span:
        """The place of a cell, its quotes included."""
        return Span(self.name, row.starts[column], row.starts[column + 1] - 1)

    @cached_property
    def _row_starts(self) -> list[int]:
        return [row.starts[0] for row in self.rows]

    def place(self, span: Span) -> str:
        return self.cite(span)

    def cite(self, span: Span) -> str:
        cell = self.cell(span)
        return f"{self.name}!{cell}" if cell else super().cite(span)

    def cell(self, span: Span, /) -> str | None:
        at = bisect_right(self._row_starts, span.start) - 1
        if at < 0:
            return None
        row = self.rows[at]
        column = min(bisect_right(row.starts, span.start), len(row.texts)) - 1
        return f"{self.column_name(column)}{row.number}"


def letters(column: int) -> str:
    """The name of a column, counted from 0: A, B, … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def read_sheet(source: Source) -> tuple[Sheet, list[Diagnostic]]:
    """Read the cells of one table, and what is wrong with its rows."""
    reader = _Reader(source)
    rows, broken = reader.rows()
    found = reader.found
    width = len(rows[0].texts) if rows else 0
    odd = {row.number for row in rows[1:] if len(row.texts) != width or row.texts == [""]}
    unread = odd | broken
    ragged = [row for row in rows[1:] if row.number in odd and row.number not in broken]
    sound = tuple(row for row in rows[1:] if row.number not in unread)
    sheet = Sheet(source.name, source.text, tuple(rows), sound)
    found += _ragged(sheet, ragged, width)
    return sheet, sorted(found, key=lambda each: each.span.start)


class _Reader:
    """Reads row by row; a line without a quote is split, any other is read cell by cell."""

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self.text = source.text
        self.found: list[Diagnostic] = []
        self.width: int | None = None  # of the header

    def rows(self) -> tuple[list[Row], set[int]]:
        rows: list[Row] = []
        broken: set[int] = set()
        text, at, number, blank = self.text, 0, 0, 0
        while at < len(text) and len(self.found) < MAX_QUOTES and blank <= MAX_FAULTS:
            number += 1
            before = len(self.found)
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            blank += end == at
            line = text[at : end - 1 if text.startswith("\r", end - 1) and end > at else end]
            if '"' in line:
                row, end = self.quoted(number, at, end)
            else:
                texts = line.split(",")
                row = Row(number, texts, list(accumulate(map(_wide, texts), initial=at)))
            if end - at > MAX_CELL:
                self.too_long(row)
            rows.append(row)
            self.width = len(rows[0].texts)
            if len(self.found) > before:
                broken.add(number)
            at = end + 1
        return rows, broken

    def quoted(self, number: int, at: int, line_end: int) -> tuple[Row, int]:
        """One row that has quotes, and where its last line ends."""
        text = self.text
        texts: list[str] = []
        starts = [at]
        while True:
            if len(self.found) >= MAX_QUOTES:
                return Row(number, texts, starts), line_end
            if text.startswith('"', at):
                close = self.closing(at + 1)
                after = close + 1
                ends = close >= 0 and text[after : after + 1] in ("", ",", "\n")
                ends = ends or (close >= 0 and text.startswith("\r\n", after))
                if not ends and (close < 0 or close > line_end):
                    self.unclosed(at, line_end, len(texts))
                    texts.append(text[at + 1 : line_end])
                    return Row(number, texts, [*starts, line_end + 1]), line_end
                value = text[at + 1 : close].replace('""', '"').replace("\r\n", "\n")
                if not ends:
                    self.stray(after, "a text goes on after the quote that closes its cell")
                    after = _PLAIN.match(text, after).end()  # type: ignore[union-attr]
                if close > line_end:
                    line_end = text.find("\n", close)
                    line_end = len(text) if line_end < 0 else line_end
            else:
                after = _PLAIN.match(text, at).end()  # type: ignore[union-attr]
                value = text[at:after].removesuffix("\r")
                if '"' in value:
                    self.stray(
                        text.find('"', at), "a quote stands inside a cell that has none around it"
                    )
            if text.startswith("\r\n", after):
                after += 1
            texts.append(value)
            ended = after >= len(text) or text[after] == "\n"
            crlf = ended and text.startswith("\r", after - 1)
            starts.append(after + 1 - crlf)
            if ended:
                return Row(number, texts, starts), after
            at = after + 1

    def closing(self, at: int) -> int:
        """Where the quote stands that closes a cell; -1 where none does within reach."""
        last = at + 2 * MAX_CELL
        while True:
            at = self.text.find('"', at, last)
            if at < 0 or self.text[at + 1 : at + 2] != '"':
                return at
            at += 2

    def unclosed(self, start: int, end: int, fields: int) -> None:
        message = "a quote opens here and is not closed"
        texts = self.text[start:end].removesuffix("\r").split(",")
        missing = (self.width or 0) - fields  # the fields that are left for the rest of the row
        at = start + len(texts[0]) if len(texts) == missing else 0
        fix = instead(Span(self.name, at, at), '"') if at and '"' not in texts[0][1:] else ()
        help = 'close it; a quote that belongs to the text is doubled, `""`, and its cell quoted'
        span = Span(self.name, start, end)
        self.found.append(Diagnostic("E412", message, span, help, fix=fix))

    def stray(self, at: int, message: str) -> None:
        help = 'surround the whole cell with quotes, and double those that belong to the text: `""`'
        self.found.append(Diagnostic("E413", message, Span(self.name, at, at + 1), help))

    def too_long(self, row: Row) -> None:
        for column, cell in enumerate(row.texts):
            if len(cell) > MAX_CELL:
                self.found.append(
                    Diagnostic(
                        "E408",
                        f"this cell has {len(cell):,} characters; there may be {MAX_CELL:,}",
                        Span(self.name, row.starts[column], row.starts[column + 1] - 1),
                        "shorten it, and name the document that holds the rest",
                    )
                )


def as_cell(text: str) -> str:
    """A text as a cell has to be written to be read as itself."""
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text


def _wide(text: str) -> int:
    return len(text) + 1


def _ragged(sheet: Sheet, rows: list[Row], width: int) -> list[Diagnostic]:
    """Rows that are too short or too long; where most are, the header is odd: said once."""
    widths = Counter(len(row.texts) for row in rows)
    found: list[Diagnostic] = []
    said: set[int] = set()
    for row in rows[:MAX_FAULTS]:
        fields = len(row.texts)
        many = widths[fields] > 1 and 2 * widths[fields] > len(sheet.rows) - 1
        if many and fields in said:
            continue
        said.add(fields)
        more = widths[fields] - 1
        message = f"row {row.number} has {counted(fields, 'cell')}, the header {width}"
        help = "a text that holds a comma stands in quotes" if fields > width else (
            "a blank cell still needs its comma"
        )  # fmt: skip
        split = [at for at, text in enumerate(row.texts) if at and text[:1] == " "]
        if fields == width + 1 and len(split) == 1:
            help += f": {quote(as_cell(','.join(row.texts[split[0] - 1 : split[0] + 1])))}"
        if row.texts == [""]:
            message, help = f"row {row.number} is a blank line", "delete the line"
        column = min(width, fields - 1)
        note = Note(f"{counted(more, 'more row')} likewise")
        alike = [each for each in rows if len(each.texts) == fields] if many else [row]
        fix = _evened(sheet, alike, width)
        if fix and fields > width:
            help = "take the comma at its end out" if fields == width + 1 else (
                "take the commas at its end out"
            )  # fmt: skip
        notes = (note,) if many else ()
        found.append(Diagnostic("E411", message, sheet.span(row, column), help, notes, fix))
    return found


def _evened(sheet: Sheet, rows: Sequence[Row], width: int) -> Fix:
    """The fix that gives rows their blank cells at the end, or takes those beyond the header."""
    edits: list[Edit] = []
    for row in rows:
        end = row.starts[-1] - 1
        if row.texts == [""]:
            edits += without_lines(Span(sheet.name, row.starts[0], row.starts[0]))
        elif len(row.texts) < width:
            edits += instead(Span(sheet.name, end, end), "," * (width - len(row.texts)))
        elif any(row.texts[width:]):
            return ()
        else:
            edits += without(Span(sheet.name, row.starts[width] - 1, end))
    return tuple(edits) if len(edits) <= MAX_EDITS else ()


def check_header(sheet: Sheet, expected: str) -> list[Diagnostic]:
    """What is wrong with the first row: nothing there, another separator, blanks, repeats.

    Args:
        sheet: the table.
        expected: a column that has to be there.
    """
    whole = Span(sheet.name, 0, 0)
    if not sheet.rows or sheet.header == [""]:
        return [Diagnostic("E419", "this table is empty", whole, "the first row names the columns")]
    header = sheet.rows[0]
    line = sheet.line(1)
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if line.count(sign) > line.count(",") and expected not in header.texts:
            message = f"this table looks separated by {name}; only commas are read"
            at = line.index(sign)
            help = "save it as CSV with commas; nothing is guessed"
            signs = [each.start() for each in re.finditer(re.escape(sign), sheet.text)]
            plain = not set(sheet.text) & {",", '"'} and len(signs) <= MAX_EDITS
            fix = tuple(Edit(Span(sheet.name, each, each + 1), ",") for each in signs if plain)
            return [Diagnostic("E414", message, Span(sheet.name, at, at + 1), help, fix=fix)]
    found: list[Diagnostic] = []
    first: dict[str, int] = {}
    for column, text in enumerate(header.texts):
        span = sheet.span(header, column)
        if not text.strip():
            message = f"column {sheet.column_name(column)} has no name"
            found.append(Diagnostic("E415", message, span, "name it, or delete the column"))
        elif first.setdefault(text, column) != column:
            place = Note("it first stands here", sheet.span(header, first[text]))
            message = f"two columns are named {quote(text)}"
            found.append(Diagnostic("E415", message, span, "delete one, or rename it", (place,)))
    return found
