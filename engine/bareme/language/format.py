"""Rules in the one layout that everybody's have: spaces, indentation and blank lines, no more.

Each line keeps its words, its texts, its labels and its comment, letter for letter; what stands
between them is written as in the documentation. So the meaning stays, and a second run changes
nothing. Line ends stay as the file has them, LF or CRLF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lark import Token

from bareme.language.outline import Entry, read_outline, strip_comment
from bareme.language.statement import OPTION, STATEMENT, STEP, SyntaxFault, read_line
from bareme.record import Record
from bareme.source import Source

STEP_OF_BLOCKS = 4
_KEPT = {  # tokens that are written as they stand; everything between them is words and signs
    "QUOTED", "CODE_AND_QUOTED", "LINE_LABEL", "INLINE_LABEL", "INLINE_LABEL_BEFORE_FROM",
    "CONDITION_LABEL", "NAME", "FILE", "PATH", "EDITION_ID", "SUBJECT", "NUMBER", "SIGN",
    "OPERAND", "OPERAND_NUMBER", "PLUS", "MINUS", "TIMES", "DIVIDED",
}  # fmt: skip
_SIGNS = {"<=": "≤", ">=": "≥", "−": "-", "×": "*", "÷": "/"}
_WRITTEN_AS_SIGNS = {"SIGN", "MINUS", "TIMES", "DIVIDED"}
_FIRST_PLACE = 0xF0000  # a private code point stands for a kept token while signs are spaced
_SPACING = (
    (re.compile(r" *, *"), ", "),
    (re.compile(r" *: *"), ": "),
    (re.compile(r" *= *"), " = "),
    (re.compile(r" *% *"), "% "),
    (re.compile(r" */ *"), "/"),
    (re.compile(r" *\( *"), " ("),
    (re.compile(r" *\) *"), ") "),
    (re.compile(r"\) (?=[,)])"), ")"),
    (re.compile(r"\( (?=\()"), "("),
    (re.compile(r"% (?=,)"), "%"),
    (re.compile(r" +"), " "),
)


def format_rules(source: Source) -> str:
    """The text of a file of rules, tidied.

    Args:
        source: a file without errors.

    Raises:
        ValueError: where a line cannot be read.
    """
    kinds = dict(_kinds(read_outline(source)[0], source, 0, STATEMENT))
    rows = [_row(source.line(number), kinds.get(number)) for number in range(1, source.lines + 1)]
    lines = _aligned(list(_spaced(_indented(rows))))
    end = "\r\n" if "\r\n" in source.text else "\n"
    return "".join(line + end for line in lines)


class _Row(Record):
    """One line: its depth, its text and its comment; both are empty for a blank line."""

    depth: int | None  # None for a line that is only a comment, until it is known
    text: str
    comment: str
    indent: int = 0  # as it was

    @property
    def blank(self) -> bool:
        return not self.text and not self.comment


def _kinds(
    entries: Sequence[Entry], source: Source, depth: int, kind: str
) -> Iterator[tuple[int, tuple[int, str]]]:
    """For each line that says something its number, its depth and what the grammar reads it as."""
    for entry in entries:
        yield source.position(entry.start)[0], (depth, kind)
        below = STATEMENT
        if kind == STATEMENT and re.match(r"(scale|options)\b", entry.text):
            below = OPTION
        elif kind == STATEMENT and re.match(r"steps\b", entry.text):
            below = STEP
        yield from _kinds(entry.children, source, depth + 1, below)


def _row(line: str, read_as: tuple[int, str] | None) -> _Row:
    whole = line.strip()
    indent = len(line) - len(line.lstrip())
    if read_as is None:
        return _Row(None, "", whole, indent)
    depth, kind = read_as
    text = strip_comment(whole)
    return _Row(depth, format_line(text.strip(), kind), whole[len(text) :].strip(), indent)


def format_line(text: str, kind: str) -> str:
    """One line without its indentation and comment, tidied.

    Raises:
        ValueError: where the grammar cannot read it.
    """
    read = read_line(text, kind)
    if isinstance(read, SyntaxFault):
        raise ValueError(read.message)
    kept = [t for t in read.scan_values(lambda each: isinstance(each, Token)) if t.type in _KEPT]
    kept.sort(key=lambda token: token.start_pos or 0)
    pieces: list[str] = []
    at = 0
    for number, token in enumerate(kept):
        pieces += [text[at : token.start_pos], f" {chr(_FIRST_PLACE + number)} "]
        at = token.end_pos or 0
    spaced = " ".join("".join([*pieces, text[at:]]).split())
    for pattern, written in _SPACING:
        spaced = pattern.sub(written, spaced)
    words = [_written(token) for token in kept]
    return "".join(
        words[ord(each) - _FIRST_PLACE] if ord(each) >= _FIRST_PLACE else each
        for each in spaced.strip()
    )


def _written(token: Token) -> str:
    text = str(token).rstrip()
    if token.type == "CODE_AND_QUOTED":
        code, _, rest = text.partition(" ")
        return f"{code} {rest.lstrip()}"
    return _SIGNS.get(text, text) if token.type in _WRITTEN_AS_SIGNS else text


def _indented(rows: Sequence[_Row]) -> list[_Row]:
    """Comments on lines of their own stand like the line below; at the end of a block like it."""
    placed: list[_Row] = []
    following = _Row(0, "", "")
    for row in reversed(rows):
        following = row if row.depth is not None else following
        placed.append(following if row.depth is None else row)
    belows = placed[::-1]
    placed.clear()
    open_blocks: dict[int, int] = {}  # by the indentation that they had, the depth of the blocks
    for row, below in zip(rows, belows, strict=True):
        depth = row.depth
        if depth is not None:
            open_blocks = {i: d for i, d in open_blocks.items() if d < depth} | {row.indent: depth}
        elif row.indent > below.indent:
            depth = open_blocks.get(row.indent, below.depth)
        else:
            depth = below.depth
        placed.append(_Row(depth, row.text, row.comment, row.indent))
    return placed


def _spaced(rows: Sequence[_Row]) -> Iterator[_Row]:
    """At most one blank line in a row, none at the ends, one before each index."""
    before: _Row | None = None
    waiting = False
    for number, row in enumerate(rows):
        if row.blank:
            waiting = before is not None
            continue
        opens = row.depth == 0 and _leads_to_index(rows, number)
        starts = opens and not (before is not None and before.depth == 0 and not before.text)
        if before is not None and (waiting or starts):
            yield _Row(0, "", "")
        yield row
        before, waiting = row, False


def _leads_to_index(rows: Sequence[_Row], number: int) -> bool:
    """Whether this is an index, or a comment right above one."""
    for row in rows[number:]:
        if row.text:
            return row.text.startswith("index ")
        if row.blank:
            return False
    return False


def _aligned(rows: Sequence[_Row]) -> list[str]:
    """The lines; comments behind lines that follow each other stand under one another."""
    lines: list[str] = []
    at = 0
    while at < len(rows):
        run = at
        while run < len(rows) and rows[run].text and rows[run].comment:
            run += 1
        widest = max((len(_lead(row)) for row in rows[at:run]), default=0)
        lines += [f"{_lead(row):<{widest}}  {row.comment}" for row in rows[at:run]]
        if run == at:
            lines.append(f"{_lead(rows[at])}{rows[at].comment}".rstrip())
            run += 1
        at = run
    return lines


def _lead(row: _Row) -> str:
    return " " * (STEP_OF_BLOCKS * (row.depth or 0)) + row.text if not row.blank else ""
