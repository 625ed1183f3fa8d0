"""The options of a question: a list in one cell, or a row for each below it.

In a cell they stand one after the other, each on its own line or after a `;`:

    a) Yes = 100; b) "Yes; at night = no" = 60; Not applicable = excluded
    best first: Full; Partial; None
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from bareme.diagnostics import Diagnostic, number_meant, quote
from bareme.exact import NotANumber, read_number
from bareme.questionnaire.columns import folded
from bareme.questionnaire.lines import Cell, Line
from bareme.record import Record
from bareme.source import Span

EXCLUDED = "excluded"
_ORDER = re.compile(r"(best|worst) first *(?:[:;,\n]|$)\s*", re.IGNORECASE)
_PIECE = re.compile(r'(?:"(?:[^"]|"")*"|[^;\n"])+')
_OPTION = re.compile(
    r"""\s*(?:(?P<code>[^\s"=;()#]+)\)\s*)?
        (?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^"]*?))
        \s*(?:=\s*(?P<points>[^="]*?)\s*)?""",
    re.VERBOSE,
)


class Option(Record):
    """One answer; `points` as written, `excluded`, or nothing."""

    label: str
    code: str
    points: str
    span: Span = field(compare=False)
    points_span: Span = field(compare=False)

    @property
    def worth(self) -> Fraction | str:
        """The points as a number, for lists to be compared."""
        read = read_number(self.points)
        return self.points if isinstance(read, NotANumber) else read


@dataclass(slots=True)
class Answers:
    """All options of a question, as they will be written.

    Attributes:
        order: `best first` or `worst first` where they are spaced evenly.
        out_of: the marks that are most, as written.
    """

    options: list[Option] = field(default_factory=list)
    order: str = ""
    out_of: str = ""
    span: Span | None = None
    order_span: Span | None = None
    out_of_span: Span | None = None
    listed: bool = False  # in a cell

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for two lists that are."""
        most = read_number(self.out_of) if self.out_of else None
        return (self.order, most, *((o.label, o.code, o.worth) for o in self.options))


def read_answers(line: Line, found: list[Diagnostic]) -> Answers:
    """The options that the row of a question lists in its cells."""
    answers = Answers()
    most = line.cells.get("out_of")
    if most is not None:
        answers.out_of, answers.out_of_span = number_in(most.flat, most.span, found), most.span
    cell = line.cells.get("options")
    if cell is None:
        return answers
    answers.span = cell.span
    text = cell.text
    order = _ORDER.match(text)
    if order is not None:
        answers.order, answers.order_span = f"{order[1].lower()} first", cell.span
        text = text[order.end() :]
    answers.listed = bool(text)
    pieces = [each.strip() for each in _PIECE.findall(text)]
    if re.sub(r"[;\n]", "", "".join(_PIECE.split(text))):
        refuse(cell.span, "a quote is not closed in these options", found)
        return answers
    if not any(pieces) and not answers.order:
        refuse(cell.span, "these options are none", found)
    answers.options = [
        option for piece in pieces if piece for option in [_option(piece, cell, found)] if option
    ]
    return answers


def _option(piece: str, cell: Cell, found: list[Diagnostic]) -> Option | None:
    read = _OPTION.fullmatch(piece)
    if read is None:
        refuse(cell.span, f"{quote(piece)} is no option", found)
        return None
    label = read["plain"]
    if label is None:
        label = read["quoted"].replace('""', '"').replace("\n", " ").strip()
    if not label:
        refuse(cell.span, f"{quote(piece)} has no label", found)
        return None
    points = points_in(read["points"] or "", cell.span, found)
    return Option(label, read["code"] or "", points, cell.span, cell.span)


def refuse(span: Span, message: str, found: list[Diagnostic]) -> None:
    help = 'as in `Yes = 100; No = 0`, `a) Yes = 100` or, with signs in a label, `"Yes; no" = 50`'
    found.append(Diagnostic("E425", message, span, help))


def read_option(line: Line, found: list[Diagnostic]) -> Option | None:
    """The option that a row is."""
    label, code, points = (line.cells.get(each) for each in ("option", "option_code", "points"))
    if label is None:
        message = "this option has no label"
        help = "write what is answered into `option`, or into `title` of a row of that kind"
        found.append(Diagnostic("E425", message, line.span, help))
        return None
    name = code.flat if code else ""
    if code is not None and (re.search(r'[\s"=#]', name)):
        message = f"{quote(name)} cannot be the code of an option"
        help = 'a code is one word without `"`, `=` and `#`'
        found.append(Diagnostic("E425", message, code.span, help))
        name = ""
    worth = points_in(points.flat, points.span, found) if points else ""
    return Option(label.flat, name, worth, label.span, points.span if points else label.span)


def points_in(text: str, span: Span, found: list[Diagnostic]) -> str:
    """Points as they will be written: a number, `excluded` or nothing; else 0, reported."""
    if not text:
        return ""
    return EXCLUDED if folded(text) == EXCLUDED else number_in(text, span, found, EXCLUDED)


def number_in(text: str, span: Span, found: list[Diagnostic], other: str = "") -> str:
    """A number as it was typed; where it is none, 0, reported.

    Args:
        other: a word that may stand in its place.
    """
    read = read_number(text)
    if not isinstance(read, NotANumber):
        return text
    instead = f", or `{other}`" if other else ""
    help = number_meant(text)[0] or f"{read.reason}{instead}"
    found.append(Diagnostic("E110", f"{quote(text)} is not a number", span, help))
    return "0"
