"""Rule text, each piece of it with the cell of the table that says so."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from bareme.diagnostics import Diagnostic, quote
from bareme.language.format import STEP_OF_BLOCKS, format_line
from bareme.language.statement import STATEMENT, SyntaxFault, read_line
from bareme.language.words import EVERYDAY, WORDS
from bareme.questionnaire.lines import Cell
from bareme.questionnaire.options import Answers, Option, number_in
from bareme.questionnaire.sharing import SharedScale
from bareme.questionnaire.structure import FIGURES, Node
from bareme.source import Span

WIDTH = 100  # characters of a line, where there is a choice
_INLINE = re.compile(r"[^\W_][^\"=,:#]*")
_ON_A_LINE = re.compile(r"[^\W_][^\"=#]*")
_PLAIN_UNIT = re.compile("[a-z]+")

Piece = tuple[str, Span]


class RuleText:
    """Lines of rules, put down one after the other."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.length = 0
        self.starts: list[int] = []
        self.spans: list[Span] = []

    def put(self, depth: int, pieces: Iterable[Piece]) -> None:
        """A line, indented; its pieces stand side by side as they are."""
        line = " " * (STEP_OF_BLOCKS * depth)
        for text, span in pieces:
            self.starts.append(self.length + (len(line) if line.strip() else 0))
            self.spans.append(span)
            line += text
        self.lines.append(line)
        self.length += len(line) + 1

    def blank(self) -> None:
        self.lines.append("")
        self.length += 1

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    def cell(self, offset: int) -> Span:
        """The cell that says what stands at an offset of the text."""
        return self.spans[max(bisect_right(self.starts, offset) - 1, 0)]


def write_text(
    uses: Iterable[str],
    scales: Iterable[SharedScale],
    roots: Iterable[Node],
    on: Mapping[Node, Cell],
    found: list[Diagnostic],
) -> RuleText:
    """Put down scales, then indices with everything in them.

    Args:
        on: the name of the scale of each question that is on one.
    """
    out = RuleText()
    roots = list(roots)
    for use in uses:
        out.put(0, [(f"use {use}", roots[0].row)])
    if out.lines:
        out.blank()
    for scale in scales:
        _options(out, 0, [(f"scale {scale.name}", scale.span)], scale.answers, scale.span)
    writer = _Writer(out, on, found)
    for root in roots:
        if out.lines and out.lines[-1]:
            out.blank()
        writer.node(root, 0)
    return out


class _Writer:
    def __init__(self, out: RuleText, on: Mapping[Node, Cell], found: list[Diagnostic]) -> None:
        self.out = out
        self.on = on
        self.found = found

    def node(self, node: Node, depth: int) -> None:
        """A figure or what is asked, with everything below it; never deeper than blocks nest."""
        kind = "indicator" if node.kind == "given" else node.kind
        head: list[Piece] = [(f"{kind} ", node.name_span), (node.id, node.name_span)]
        head += self.quoted(node, "title", "")
        if node in self.on:
            name = self.on[node]
            head += [(" on ", name.span), (name.text, name.span)]
        head += [*self.unit(node), *self.plausible(node)]
        head += [*self.quoted(node, "code", "code "), *self.weight(node)]
        self.out.put(depth, head)
        self.texts(node, depth + 1)
        if node not in self.on and (node.answers.options or node.answers.order):
            span = node.answers.span or node.name_span
            _options(self.out, depth + 1, [("options", span)], node.answers, span)
        self.scoring(node, depth + 1)
        if node.kind == "given":
            self.out.put(depth + 1, [("given", node.row)])
        for child in node.children:
            if depth == 0 and child.kind == "category" and child is not node.children[0]:
                self.out.blank()
            self.node(child, depth + 1)

    def quoted(self, node: Node, column: str, word: str) -> Iterator[Piece]:
        cell = node.cells.get(column)
        if cell is not None:
            yield f" {word}", cell.span
            yield quoted(cell.flat), cell.span

    def texts(self, node: Node, depth: int) -> None:
        """What is asked in full, on as many lines as it takes; then the note."""
        text, note = node.cells.get("text"), node.cells.get("note")
        if text is not None and node.kind in FIGURES:
            self.out.put(depth, [(f"note {quoted(text.flat)}", text.span)])
        elif text is not None:
            for line in _wrapped(text.text, max(40, WIDTH - STEP_OF_BLOCKS * depth - 2)):
                self.out.put(depth, [(quoted(line), text.span)])
        if note is not None:
            self.out.put(depth, [(f"note {quoted(note.flat)}", note.span)])

    # ---- numbers

    def weight(self, node: Node) -> Iterator[Piece]:
        cell = node.cells.get("weight")
        if cell is None:
            return
        text = cell.flat
        if text.endswith("%"):
            text = self.number(text[:-1].rstrip(), cell) + "%"
        elif text.count("/") == 1:
            above, below = (self.number(each.strip(), cell) for each in text.split("/"))
            text = f"{above}/{below}"
        else:
            text = self.number(text, cell)
        yield " weight ", cell.span
        yield text, cell.span

    def number(self, text: str, cell: Cell) -> str:
        return number_in(text, cell.span, self.found)

    def unit(self, node: Node) -> Iterator[Piece]:
        cell = node.cells.get("unit")
        if cell is not None:
            plain = _PLAIN_UNIT.fullmatch(cell.flat) and cell.flat not in WORDS
            yield " in ", cell.span
            yield cell.flat if plain else quoted(cell.flat), cell.span

    def plausible(self, node: Node) -> Iterator[Piece]:
        cell = node.cells.get("plausible")
        if cell is None:
            return
        ends = cell.flat.split(" to ")
        if len(ends) != 2:
            message = f"{quote(cell.flat)} is no range of values"
            help = "write two numbers with `to` between them, as in `0 to 100`"
            self.found.append(Diagnostic("E425", message, cell.span, help))
            return
        low, high = (self.number(each.strip(), cell) for each in ends)
        yield ", plausible ", cell.span
        yield f"{low} to {high}", cell.span

    def scoring(self, node: Node, depth: int) -> None:
        """Steps and goalposts, in the words of the language; `;` and line breaks are commas."""
        for column in ("steps", "normalise"):
            cell = node.cells.get(column)
            if cell is None:
                continue
            parts = [each.strip() for each in re.split(r"[;\n]", cell.text)]
            line = f"{column} {', '.join(each for each in parts if each)}"
            read = read_line(line, STATEMENT)
            if isinstance(read, SyntaxFault):
                example = f"as in `{_EXAMPLES[column]}`"
                help = f"{read.help}; {example}" if read.help else example
                message = f"`{column}` cannot be read: {read.message}"
                self.found.append(Diagnostic("E425", message, cell.span, help))
            else:
                self.out.put(depth, [(format_line(line, STATEMENT), cell.span)])


_EXAMPLES = {"steps": "up to 5 = 100; above = 0", "normalise": "from 0 to 100"}


def _options(out: RuleText, depth: int, head: list[Piece], answers: Answers, span: Span) -> None:
    """A scale, or the options of a question: on one line where they fit and have no codes."""
    if answers.order:
        head.append((f", {answers.order}", answers.order_span or span))
    if answers.out_of:
        head.append((f", out of {answers.out_of}", answers.out_of_span or span))
    inline: list[Piece] = []
    for option in answers.options:
        inline += [(", " if inline else ": ", option.span), (_inline(option.label), option.span)]
        inline += _points(option)
    width = STEP_OF_BLOCKS * depth + sum(len(text) for text, _ in (*head, *inline))
    if width <= WIDTH and not any(option.code for option in answers.options):
        out.put(depth, [*head, *inline])
        return
    out.put(depth, head)
    for option in answers.options:
        out.put(depth + 1, [(_on_a_line(option), option.span), *_points(option)])


def _points(option: Option) -> Iterator[Piece]:
    if option.points:
        yield " = ", option.points_span
        yield option.points, option.points_span


def _inline(label: str) -> str:
    reserved = any(word in WORDS - EVERYDAY for word in label.split())
    return label if _INLINE.fullmatch(label) and not reserved else quoted(label)


def _on_a_line(option: Option) -> str:
    if option.code:
        return f"{option.code} {quoted(option.label)}"
    return option.label if _ON_A_LINE.fullmatch(option.label) else quoted(option.label)


def quoted(text: str) -> str:
    """A text as the language quotes it."""
    return '"' + text.replace('"', '""') + '"'


def _wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text, broken at spaces where they are too long."""
    for line in text.split("\n"):
        kept = ""
        for word in line.split(" "):
            if kept and len(quoted(kept)) + 1 + len(word) > width:
                yield kept
                kept = word
            else:
                kept = f"{kept} {word}" if kept else word
        yield kept
