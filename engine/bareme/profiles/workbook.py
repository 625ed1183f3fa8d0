"""A sheet of an .xlsx workbook as typed text with places, like the cells of a CSV table.

What is read is what somebody typed: texts, and numbers as decimals. Formulas, truth values, errors
and dates are refused where they stand, whatever value the file has kept of them; what is hidden is
said. Rows are counted by what is there, not by the size that the sheet declares. A cell is cited
as `FILE!Sheet!F17`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bareme.diagnostics import Diagnostic, Note, counted, escape, listing, nearest, quote
from bareme.profiles.cells import MAX_CELL, MAX_FAULTS, Row, Sheet, letters
from bareme.profiles.package import LIMITS, Limits, NotRead, Package
from bareme.profiles.stored import is_date, is_percent, plain_number, read_stored
from bareme.record import Record, replace
from bareme.source import Source, Span
from bareme.text import what_deceives

MAX_COLUMN, MAX_ROW = 16_384, 1_048_576
_BETWEEN = " | "  # cells of a row, where a message shows it
_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MAIN = "xl/workbook.xml"
_RANGES = 16  # of array formulas that are told apart; a sheet with one is refused anyhow


class WorkbookSheet(Sheet, caches=True):
    """One sheet of a workbook; its columns and rows are those that hold anything.

    Attributes:
        title: the sheet's name.
        columns: which column of the sheet each is, counted from 0.
    """

    title: str = ""
    columns: tuple[int, ...] = ()

    def column_name(self, column: int) -> str:
        return letters(self.columns[column])

    def span(self, row: Row, column: int) -> Span:
        start = row.starts[column]
        return Span(self.name, start, start + len(row.texts[column]))

    def cite(self, span: Span) -> str:
        if not self.rows:
            return super().cite(span)
        at = max(bisect_right(self._row_starts, span.start) - 1, 0)
        row = self.rows[at]
        column = max(bisect_right(row.starts, span.start, hi=len(row.texts)) - 1, 0)
        return f"{self.name}!{self.title}!{self.column_name(column)}{row.number}"

    def position(self, offset: int) -> tuple[int, int]:
        """The number of a row, and how far into its line; 1 and 1 where there are no rows."""
        if not self.rows:
            return 1, 1
        row = self.rows[max(bisect_right(self._row_starts, offset) - 1, 0)]
        return row.number, offset - row.starts[0] + 1

    def line(self, number: int) -> str:
        """What a row holds, its line breaks as spaces."""
        at = bisect_right(self._numbers, number) - 1
        if at < 0 or self._numbers[at] != number:
            return ""
        row = self.rows[at]
        return self.text[row.starts[0] : row.starts[-1] - 1].replace("\n", " ")

    @cached_property
    def _numbers(self) -> list[int]:
        return [row.number for row in self.rows]


class _Fault(Record):
    """What keeps a cell from being read."""

    kind: str
    message: str
    help: str


@dataclass(slots=True)
class _Cells:
    """What a sheet holds, row by row; texts and faults by column."""

    rows: dict[int, dict[int, str]]
    faults: dict[tuple[int, int], _Fault]
    hidden_rows: set[int]
    hidden_columns: list[tuple[int, int]]


def read_workbook(
    name: str, data: bytes, sheet: str | None = None, limits: Limits = LIMITS
) -> tuple[WorkbookSheet, list[Diagnostic]]:
    """Read one sheet of a workbook.

    Args:
        name: the file's name, for messages.
        data: the file's bytes.
        sheet: which sheet; needed where several can be seen.
        limits: how much of it is read.

    Returns:
        The sheet, the first row that holds anything being its header, and what is wrong with it.
        It has no rows where the file is refused as a whole.
    """
    found: list[Diagnostic]
    try:
        package = Package(name, data, limits)
        part, title, found = _chosen(package, sheet)
        if part is None:
            return WorkbookSheet(name, ""), found
        cells = _read_cells(package, part)
        read = _sheet(package, title, cells)
    except NotRead as refused:
        return WorkbookSheet(name, ""), [refused.found]
    found += what_deceives(Source(name, read.text))
    found += [*_hidden(read, cells), *_faults(read, cells)]
    return read, sorted(found, key=lambda each: each.span.start)


# ---- which sheet


def _chosen(package: Package, wanted: str | None) -> tuple[str | None, str, list[Diagnostic]]:
    """The part and the title of the sheet to be read, and what is to be said of the others."""
    main = next((part for _, kind, part in package.related("") if kind == "officeDocument"), _MAIN)
    related = {id: (kind, part) for id, kind, part in package.related(main)}
    sheets: dict[str, tuple[str, bool]] = {}

    def start(element: str, attributes: Mapping[str, str]) -> None:
        kind, part = related.get(attributes.get("id", ""), ("", ""))
        if element == "sheet" and kind == "worksheet":
            seen = attributes.get("state", "visible") == "visible"
            title = attributes.get("name", "")
            if title in sheets:
                raise package.damaged(f"it is damaged: two sheets are named {quote(title)}")
            sheets[title] = part, seen

    package.parse(main, start)
    if not sheets:
        raise package.damaged("there is no sheet in it")
    top = Span(package.name, 0, 0)
    visible = [title for title, (_, seen) in sheets.items() if seen] or list(sheets)
    if wanted is not None and wanted not in sheets:
        near = nearest(wanted, sheets)
        help = f"`{escape(near)}`" if near else f"its sheets are {listing(list(sheets))}"
        return None, "", [Diagnostic("E428", f"there is no sheet {quote(wanted)}", top, help)]
    if wanted is None and len(visible) > 1:
        message = f"this workbook has {counted(len(visible), 'sheet')}; one of them is read"
        help = f"say which, with `--sheet`: {listing(visible, last='or')}"
        return None, "", [Diagnostic("E428", message, top, help)]
    title = wanted if wanted is not None else visible[0]
    part, seen = sheets[title]
    found: list[Diagnostic] = []
    unread = [each for each, (_, seen) in sheets.items() if not seen and each != title]
    if not seen:
        message = f"sheet {quote(title)} is hidden, and is read all the same"
        found.append(Diagnostic("W421", message, top, "unhide it, to see what is read"))
    if unread and wanted is None:
        sheet = "sheet is" if len(unread) == 1 else "sheets are"
        message = f"{len(unread)} hidden {sheet} not read: {listing(unread)}"
        found.append(Diagnostic("W421", message, top, "unhide what should be read"))
    return part, title, found


# ---- its cells


def _read_cells(package: Package, part: str) -> _Cells:
    main = next((part for _, kind, part in package.related("") if kind == "officeDocument"), _MAIN)
    related = {kind: part for _, kind, part in package.related(main)}
    texts = _shared_texts(package, related.get("sharedStrings"))
    reader = _Reader(package, texts, _formats(package, related.get("styles")))
    package.parse(part, reader.start, reader.end, reader.said)
    return reader.cells


def _shared_texts(package: Package, part: str | None) -> list[str]:
    """The texts that cells refer to by number."""
    if part is None or not package.has(part):
        return []
    texts: list[str] = []
    pieces: list[str] = []
    taking, phonetic = False, False

    def start(element: str, _: Mapping[str, str]) -> None:
        nonlocal taking, phonetic
        if element == "si":
            pieces.clear()
        phonetic |= element == "rPh"
        taking = element == "t" and not phonetic

    def end(element: str) -> None:
        nonlocal taking, phonetic
        taking = False
        if element == "rPh":
            phonetic = False
        elif element == "si":
            texts.append(_unescaped("".join(pieces)))

    def said(text: str) -> None:
        if taking:
            pieces.append(text)

    package.parse(part, start, end, said)
    return texts


def _unescaped(text: str) -> str:
    """A text with its `_x000D_` resolved; a line ends in LF, however it was typed."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _formats(package: Package, part: str | None) -> list[str]:
    """For each style of a cell what its numbers are: `date`, `percent` or nothing of the kind."""
    if part is None or not package.has(part):
        return []
    written: dict[int, str] = {}
    styles: list[int] = []
    inside = ""

    def start(element: str, attributes: Mapping[str, str]) -> None:
        nonlocal inside
        if element in ("cellXfs", "cellStyleXfs", "numFmts", "dxfs"):
            inside = element
        elif element == "numFmt" and inside == "numFmts":
            written[_whole(package, attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif element == "xf" and inside == "cellXfs":
            styles.append(_whole(package, attributes.get("numFmtId", "0")))

    package.parse(part, start)
    kinds = {
        number: "date"
        if is_date(number, written.get(number, ""))
        else "percent" * is_percent(number, written.get(number, ""))
        for number in set(styles)
    }
    return [kinds[number] for number in styles]


def _whole(package: Package, text: str | None) -> int:
    if text is None or not re.fullmatch(r"[0-9]{1,9}", text):
        raise package.damaged(f"it is damaged: {quote(text or '')} stands where a number should")
    return int(text)


class _Reader:
    """Takes in a sheet's XML, element by element."""

    def __init__(self, package: Package, texts: Sequence[str], formats: Sequence[str]) -> None:
        self.package = package
        self.texts = texts
        self.formats = formats
        self.cells = _Cells({}, {}, set(), [])
        self.in_data = self.in_cell = self.taking = self.phonetic = False
        self.all_hidden = False
        self.row = self.column = self.count = 0
        self.row_cells: dict[int, str] = {}
        self.kind = ""
        self.style = 0
        self.formula: str | None = None
        self.pieces: list[str] = []
        self.formula_pieces: list[str] | None = None
        self.ranges: list[tuple[int, int, int, int]] = []  # that array formulas fill

    def start(self, element: str, attributes: Mapping[str, str]) -> None:
        if element == "c" and self.in_data:
            self.start_cell(attributes)
        elif self.in_cell:
            self.phonetic |= element == "rPh"
            self.taking = element in ("v", "t") and not self.phonetic
            if element == "f":
                self.formula_pieces = []
                self.formula = ""
                if attributes.get("t") in ("array", "dataTable"):
                    self.spills(attributes.get("ref", ""))
        elif element == "row" and self.in_data:
            self.start_row(attributes)
        elif element == "sheetData":
            self.in_data = True
        elif element == "sheetFormatPr":
            self.all_hidden = attributes.get("zeroHeight") in ("1", "true")
        elif element == "col" and _is_hidden(attributes, "width"):
            first = _whole(self.package, attributes.get("min"))
            last = _whole(self.package, attributes.get("max"))
            if len(self.cells.hidden_columns) < MAX_COLUMN:
                self.cells.hidden_columns.append((first - 1, last - 1))

    def end(self, element: str) -> None:
        if element == "c" and self.in_cell:
            self.end_cell()
        elif element == "f" and self.formula_pieces is not None:
            self.formula = "".join(self.formula_pieces)
            self.formula_pieces = None
        elif element == "rPh":
            self.phonetic = False
        elif element == "row" and self.in_data:
            self.end_row()
        elif element == "sheetData":
            self.in_data = False
        self.taking = False

    def said(self, text: str) -> None:
        if self.taking:
            self.pieces.append(text)
        elif self.formula_pieces is not None:
            self.formula_pieces.append(text)

    # ---- rows

    def start_row(self, attributes: Mapping[str, str]) -> None:
        written = attributes.get("r")
        row = self.row + 1 if written is None else _whole(self.package, written)
        if not self.row < row <= MAX_ROW:
            raise self.out_of_order(f"row {row}")
        self.row, self.column, self.row_cells = row, -1, {}
        if self.all_hidden or _is_hidden(attributes, "ht"):
            self.cells.hidden_rows.add(row)

    def end_row(self) -> None:
        if self.row_cells:
            self.cells.rows[self.row] = self.row_cells
        else:
            self.cells.hidden_rows.discard(self.row)

    def out_of_order(self, what: str) -> NotRead:
        return self.package.damaged(f"it is damaged: {what} stands out of order")

    # ---- cells

    def start_cell(self, attributes: Mapping[str, str]) -> None:
        self.count += 1
        most = self.package.limits.cells
        if self.count > most:
            raise self.package.over(f"the sheet has more than {most:,} cells", "--max-cells")
        column = self.column + 1
        written = attributes.get("r")
        if written is not None:
            place = _PLACE.fullmatch(written)
            if place is None or int(place[2]) != self.row:
                raise self.out_of_order(f"cell {quote(written)}")
            column = _number_of(place[1])
        if not self.column < column < MAX_COLUMN:
            raise self.out_of_order(f"cell {quote(written or '')}")
        self.column = column
        if len(self.cells.faults) >= MAX_FAULTS:
            return  # the sheet is refused as it is
        self.kind = attributes.get("t", "n")
        style = attributes.get("s")
        self.style = 0 if style is None else _whole(self.package, style)
        self.in_cell, self.pieces, self.formula = True, [], None

    def end_cell(self) -> None:
        self.in_cell = False
        text = _unescaped("".join(self.pieces)) if self.kind != "n" else "".join(self.pieces)
        fault: _Fault | None = None
        if self.formula is None and self.in_range():
            self.formula = "…"
        if self.formula is not None:
            fault = _formula(self.formula)
            text = text or f"={self.formula}"
        elif self.kind == "s" and text:
            text = self.shared(text)
        elif self.kind == "n" and text:
            text, fault = self.number(text.strip())
        elif self.kind == "b" and text:
            text, fault = _truth(text)
        elif self.kind == "e":
            fault = _Fault("error", f"this cell holds the error {quote(text)}", "mend the cell")
        elif self.kind == "d" and text:
            fault = _date(text)
        if len(text) > MAX_CELL:
            message = f"this cell has {len(text):,} characters; there may be {MAX_CELL:,}"
            fault, text = _Fault("long", message, "shorten it"), text[:MAX_CELL]
        if not text.strip(" \t\n"):
            return
        self.row_cells[self.column] = text
        if fault is not None:
            self.cells.faults[self.row, self.column] = fault

    def shared(self, text: str) -> str:
        number = _whole(self.package, text.strip())
        if number >= len(self.texts):
            place = f"{letters(self.column)}{self.row}"
            raise self.package.damaged(f"it is damaged: the text of cell {place} is not in it")
        return self.texts[number]

    def number(self, stored: str) -> tuple[str, _Fault | None]:
        if self.style >= len(self.formats) > 0:
            raise self.package.damaged(f"it is damaged: there is no style {self.style}")
        how = self.formats[self.style] if self.formats else ""
        if how == "date":
            return stored, _date(stored)
        read = read_stored(stored)
        if read is None:
            return stored, _Fault("number", f"{quote(stored)} is no number", "type it again")
        typed, there = read
        text = plain_number(typed, how == "percent")
        if typed == there:
            return text, None
        message = f"{quote(stored)} has more digits than a spreadsheet shows: it was computed"
        return text, _Fault("number", message, f"type what should stand there, `{text}`")

    # ---- what array formulas fill

    def spills(self, ref: str) -> None:
        ends = [_PLACE.fullmatch(each) for each in ref.split(":")]
        first, last = ends[0], ends[-1]
        if first and last and len(self.ranges) < _RANGES:
            columns = _number_of(first[1]), _number_of(last[1])
            self.ranges.append((int(first[2]), int(last[2]), *columns))

    def in_range(self) -> bool:
        return any(
            top <= self.row <= bottom and left <= self.column <= right
            for top, bottom, left, right in self.ranges
        )


def _is_hidden(attributes: Mapping[str, str], size: str) -> bool:
    return attributes.get("hidden") in ("1", "true") or attributes.get(size) == "0"


def _number_of(name: str) -> int:
    """The number of a column, counted from 0, by its letters."""
    number = 0
    for each in name:
        number = number * 26 + ord(each) - ord("A") + 1
    return number - 1


def _formula(written: str) -> _Fault:
    shown = f", {quote('=' + written)}" if written not in ("", "…") else ""
    return _Fault(
        "formula",
        f"this cell holds a formula{shown}; only what was typed is read",
        "copy the column, and paste it back as values",
    )


def _truth(text: str) -> tuple[str, _Fault]:
    shown = "TRUE" if text == "1" else "FALSE"
    message = f"this cell holds the truth value {shown}, which is neither a text nor a number"
    return shown, _Fault("truth", message, "format the column as text, then type it again")


def _date(stored: str) -> _Fault:
    return _Fault(
        "date",
        f"this cell holds a date or a time, kept as {quote(stored)}; what was typed is lost",
        "format the column as text, then type it again",
    )


# ---- cells to a sheet


def _sheet(package: Package, title: str, cells: _Cells) -> WorkbookSheet:
    """The rows and columns that hold anything, every row as wide as the sheet."""
    columns = tuple(sorted({column for row in cells.rows.values() for column in row}))
    if len(columns) * len(cells.rows) > package.limits.cells:
        message = (
            f"the sheet has {counted(len(cells.rows), 'row')} and {len(columns):,} columns; "
            f"{package.limits.cells:,} cells are read at most"
        )
        raise package.over(message, "--max-cells")
    rows: list[Row] = []
    lines: list[str] = []
    at = 0
    for number, held in cells.rows.items():
        texts = [held.get(column, "") for column in columns]
        starts = [at]
        for text in texts:
            at += len(text) + len(_BETWEEN)
            starts.append(at)
        at += 1 - len(_BETWEEN)
        starts[-1] = at
        rows.append(Row(number, texts, starts))
        lines.append(_BETWEEN.join(texts))
    sheet = WorkbookSheet(
        package.name, "\n".join(lines), tuple(rows), tuple(rows[1:]), title=title, columns=columns
    )
    place = {column: at for at, column in enumerate(columns)}
    refused = frozenset(
        sheet.span(row, place[column])
        for row in rows
        for column in cells.rows[row.number]
        if (row.number, column) in cells.faults
    )
    return replace(sheet, refused=refused)


def _hidden(sheet: WorkbookSheet, cells: _Cells) -> Iterator[Diagnostic]:
    """Warn of rows and columns that hold something and cannot be seen."""
    rows = [row for row in sheet.rows if row.number in cells.hidden_rows]
    columns = [
        at
        for at, column in enumerate(sheet.columns)
        if any(first <= column <= last for first, last in cells.hidden_columns)
    ]
    if rows:
        yield _unseen("row", [str(row.number) for row in rows], sheet.span(rows[0], 0))
    if columns and sheet.rows:
        names = [sheet.column_name(at) for at in columns]
        yield _unseen("column", names, sheet.span(sheet.rows[0], columns[0]))


def _unseen(kind: str, names: Sequence[str], span: Span) -> Diagnostic:
    message = f"{kind} {names[0]} is hidden, and is read all the same"
    if names[1:]:
        more = f" and {len(names) - 8} more" if names[8:] else ""
        shown = ", ".join(names[:8])
        message = f"{kind}s {shown}{more} are hidden, and are read all the same"
    help = f"show {'them' if names[1:] else 'it'}, to see what is read"
    return Diagnostic("W421", message, span, help)


def _faults(sheet: WorkbookSheet, cells: _Cells) -> list[Diagnostic]:
    """A message for each cell that is refused; what many of a column share is said once."""
    rows = {row.number: row for row in sheet.rows}
    place = {column: at for at, column in enumerate(sheet.columns)}
    first: dict[tuple[int, str], tuple[int, int]] = {}
    second: dict[tuple[int, str], int] = {}
    many: Counter[tuple[int, str]] = Counter()
    for (number, column), fault in cells.faults.items():
        if first.setdefault((column, fault.kind), (number, column)) != (number, column):
            second.setdefault((column, fault.kind), number)
        many[column, fault.kind] += 1
    found: list[Diagnostic] = []
    for key, (number, column) in first.items():
        fault = cells.faults[number, column]
        notes: tuple[Note, ...] = ()
        if many[key] > 1:
            more = f"{counted(many[key] - 1, 'more cell')} of column {letters(column)}"
            has = "has the same fault, here" if many[key] == 2 else (
                "have the same fault; the next one is here"
            )  # fmt: skip
            notes = (Note(f"{more} {has}", sheet.span(rows[second[key]], place[column])),)
        span = sheet.span(rows[number], place[column])
        found.append(Diagnostic("E429", fault.message, span, fault.help, notes))
    return found
