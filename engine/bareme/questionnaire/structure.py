"""What stands under what: figures, questions and their options, put together from the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bareme.diagnostics import Diagnostic, Note, nearest, quote
from bareme.language.outline import MAX_NESTING
from bareme.questionnaire.columns import LEVELS
from bareme.questionnaire.lines import Cell, Line, article
from bareme.questionnaire.options import Answers, read_answers, read_option
from bareme.source import Span

FIGURES = ("index", "category", "indicator", "given")
_RANK = {"index": 0, "category": 1, "indicator": 2, "given": 2, "question": 3, "measure": 3,
         "data": 3}  # fmt: skip
_DEEPEST = MAX_NESTING - 3  # below it stand options, and their labels below these
_LOOKED_AT = 100_000  # names, in search of those that were meant
_SAID_BESIDE = {  # columns that say more of a level that repeats on each row
    "category": {"code": "category_code", "weight": "category_weight"},
    "indicator": {"code": "indicator_code", "weight": "indicator_weight"},
}


@dataclass(slots=True, eq=False)
class Node:
    """A figure, a question, a measure, data or a scale.

    Attributes:
        cells: what the table says of it, by column.
        row: the span of its first cell, wherever a message is to be put.
        declared: by a row of its own, and not only as the place where others stand.
    """

    kind: str
    cells: dict[str, Cell]
    row: Span
    declared: bool = True
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    order: int = 0
    id: str = ""

    def text(self, column: str) -> str:
        cell = self.cells.get(column)
        return cell.flat if cell else ""

    @property
    def level(self) -> str:
        """The level of a figure, as columns name it."""
        return "indicator" if self.kind == "given" else self.kind

    @property
    def name_span(self) -> Span:
        """Where the table names it."""
        for column in ("id", "code", "title", "text"):
            if column in self.cells:
                return self.cells[column].span
        return self.row

    @property
    def shown(self) -> str:
        """It, in a message."""
        name = self.text("title") or self.text("code") or self.text("id") or self.text("text")
        return f"{self.kind} {quote(name)}" if name else self.kind

    def above(self) -> Iterator[Node]:
        """What it stands in, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


@dataclass(slots=True)
class Structure:
    """Everything that a table holds; `roots` are its indices."""

    roots: list[Node]
    scales: list[Node]
    nodes: list[Node]  # in the order of the table, scales left out


def build(
    lines: Sequence[Line], own_index: bool, whole: Node, lost: bool, found: list[Diagnostic]
) -> Structure:
    """Put the rows of a table together.

    Args:
        lines: what the rows say.
        own_index: whether the table names its indices itself.
        whole: the index that everything stands in where it does not.
        lost: whether there are rows or columns that could not be read.
    """
    return _Builder(own_index, whole, lost, found).structure(lines)


class _Builder:
    def __init__(self, own_index: bool, whole: Node, lost: bool, found: list[Diagnostic]) -> None:
        self.found = found
        self.lost = lost  # rows or columns were left out, so that what is missing may be there
        self.astray = False  # some rows stand elsewhere than they should
        self.roots: list[Node] = [] if own_index else [whole]
        self.open: list[Node] = [*self.roots]  # the row above and what it stands in
        self.nodes: list[Node] = [*self.roots]
        self.scales: list[Node] = []
        self.by_place: dict[tuple[Node | None, str, str], Node] = {}
        self.placed: list[tuple[Node, Cell]] = []  # what names its parent
        self.levels: list[tuple[Node, Cell, Node]] = []  # the figure that a cell of a row names
        self.repeated: list[tuple[Node, str, Cell]] = []  # levels that the rows of options say
        self.asked: Node | None = None

    def structure(self, lines: Sequence[Line]) -> Structure:
        for line in lines:
            if line.kind == "option":
                self.option(line)
            else:
                self.row(line)
        self.find_parents()
        self.break_circles()
        for node in self.nodes:
            if node.parent is not None:
                node.parent.children.append(node)
        for node, cell, figure in self.levels:
            self.agrees(node, cell, figure)
        for node, level, cell in self.repeated:
            self.stands_in(node, level, cell)
        self.astray = any(each.code in ("E423", "E424") for each in self.found)
        for each in (*self.nodes, *self.scales):
            self.complete(each)
        return Structure(self.roots, self.scales, self.nodes)

    # ---- rows

    def row(self, line: Line) -> None:
        self.asked = None
        named = self.levels_of(line)
        if line.kind == "heading":
            return
        if line.kind == "scale":
            node = Node("scale", dict(line.cells), line.span)
            self.scales.append(node)
        elif line.kind in FIGURES:
            node = self.figure_row(line)
        else:
            node = self.new(line.kind, dict(line.cells), line.span)
            node.parent = self.nearest_above(line.kind)
        parent = line.cells.get("parent")
        if parent is not None:
            self.placed.append((node, parent))
            self.levels += [(node, cell, figure) for cell, figure in named]
        elif node.parent is None and line.kind not in ("scale", "index"):
            message = "this row stands in no index"
            help = "put the row of an index above it, or leave those rows out and say `--index`"
            self.found.append(Diagnostic("E424", message, line.span, help))
        if line.kind in ("question", "scale"):
            node.answers = read_answers(line, self.found)
            self.asked = node

    def new(self, kind: str, cells: dict[str, Cell], span: Span, declared: bool = True) -> Node:
        node = Node(kind, cells, span, declared, order=len(self.nodes))
        self.nodes.append(node)
        return node

    def nearest_above(self, kind: str) -> Node | None:
        """The nearest row above that a row of this kind can stand under."""
        while self.open and _RANK[self.open[-1].kind] >= _RANK[kind]:
            self.open.pop()
        return self.open[-1] if self.open else None

    def figure_row(self, line: Line) -> Node:
        """A figure with a row of its own; rows above may have named it as where they stand."""
        level = "indicator" if line.kind == "given" else line.kind
        cells = dict(line.cells)
        if level in cells:
            title = cells.pop(level)
            if cells.setdefault("title", title).flat != title.flat:
                message = f"`{level}` is {quote(title.flat)} here, and the title is another"
                note = Note("the title is here", cells["title"].span)
                self.found.append(
                    Diagnostic("E426", message, title.span, "leave one of them blank", (note,))
                )
        for name, column in _SAID_BESIDE.get(level, {}).items():
            if column in cells:
                cells.setdefault(name, cells.pop(column))
        parent = self.nearest_above(line.kind)
        title_text = cells["title"].flat if "title" in cells else ""
        key = (parent, level, title_text)
        node = self.by_place.get(key) if title_text and "parent" not in cells else None
        if node is not None and node.declared:
            message = f"{node.shown} has two rows"
            note = Note("the first is here", node.row)
            help = "keep one, or give them titles that differ"
            self.found.append(Diagnostic("E426", message, line.span, help, (note,)))
        elif node is not None:
            node.kind, node.declared, node.row = line.kind, True, line.span
            for name, cell in cells.items():
                self.say(node, name, cell)
        else:
            node = self.new(line.kind, cells, line.span)
            node.parent = parent
            if title_text and "parent" not in cells:
                self.by_place[key] = node
            if line.kind == "index":
                self.roots.append(node)
        self.open.append(node)
        return node

    def option(self, line: Line) -> None:
        if self.asked is None:
            return  # its question is reported
        self.repeated += [
            (self.asked, level, line.cells[level]) for level in LEVELS if level in line.cells
        ]
        answers = self.asked.answers
        if answers.listed:
            message = "this option has a row, and its question lists options in a cell"
            note = Note("they are listed here", answers.span)
            help = "keep one of the two"
            self.found.append(Diagnostic("E425", message, line.span, help, (note,)))
            return
        option = read_option(line, self.found)
        answers.options += [option] if option else []
        if option is None:
            answers.span = line.span  # it has options, if not this one

    # ---- the levels that columns repeat

    def levels_of(self, line: Line) -> list[tuple[Cell, Node]]:
        """Go to where the level columns of a row say it stands; the figures that they name.

        A blank cell repeats the one above, until a level before it changes.
        """
        own = "indicator" if line.kind == "given" else line.kind
        named: list[tuple[Cell, Node]] = []
        for level in LEVELS:
            cell = line.cells.get(level)
            if level == own:
                self.not_below(line, LEVELS[LEVELS.index(level) + 1 :])
                break
            if cell is not None:
                named.append((cell, self.level(level, cell)))
            self.said_beside(line, level)
        return named

    def level(self, level: str, cell: Cell) -> Node:
        """The figure that a cell of a level's column names; it is opened."""
        for node in self.open:
            if node.level == level and node.text("title") == cell.flat:
                return node
        parent = self.nearest_above(level)
        key = (parent, level, cell.flat)
        figure = self.by_place.get(key)
        if figure is None:
            figure = self.by_place[key] = self.new(level, {"title": cell}, cell.span, False)
            figure.parent = parent
            if level == "index":
                self.roots.append(figure)
            elif parent is None:
                message = f"this {level} stands in no index"
                help = "write its `index` as well, or leave that out everywhere and say `--index`"
                self.found.append(Diagnostic("E424", message, cell.span, help))
        self.open.append(figure)
        return figure

    def not_below(self, line: Line, levels: Sequence[str]) -> None:
        for level in levels:
            if level in line.cells:
                message = f"{article(line.kind)} stands in no {level}"
                help = "leave the cell blank"
                self.found.append(Diagnostic("E424", message, line.cells[level].span, help))

    def said_beside(self, line: Line, level: str) -> None:
        """Take in the code and the weight of a level, which rows repeat."""
        for name, column in _SAID_BESIDE.get(level, {}).items():
            cell = line.cells.get(column)
            if cell is None:
                continue
            node = next((each for each in reversed(self.open) if each.level == level), None)
            if node is None:
                message = f"there is no {level} here to have a `{column}`"
                help = f"write the {level}, or leave the cell blank"
                self.found.append(Diagnostic("E424", message, cell.span, help))
            else:
                self.say(node, name, cell)

    def say(self, node: Node, name: str, cell: Cell) -> None:
        """Take in what a row says of a figure; it is the same in every row that says it."""
        first = node.cells.setdefault(name, cell)
        if first.flat != cell.flat:
            message = f"the {name} of {node.shown} is {quote(cell.flat)} here"
            note = Note(f"it is {quote(first.flat)} here", first.span)
            help = "write the same on each row, or on the first alone"
            self.found.append(Diagnostic("E426", message, cell.span, help, (note,)))

    # ---- parents that are named

    def find_parents(self) -> None:
        by_name: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys((node.text("id"), node.text("code"))):
                if name:
                    by_name.setdefault(name, []).append(node)
        figures_of = {
            name: [each for each in nodes if each.kind in FIGURES]
            for name, nodes in by_name.items()
        }
        known = [name for name, figures in figures_of.items() if figures]
        looked_at = 0
        for node, cell in self.placed:
            all_named = by_name.get(cell.flat, [])
            named = [each for each in all_named[:3] if each is not node]
            figures = [each for each in figures_of.get(cell.flat, [])[:3] if each is not node]
            if node.kind == "index":
                message, help = "an index stands under nothing", "leave its parent blank"
                self.found.append(Diagnostic("E424", message, cell.span, help))
            elif len(figures) == 1:
                node.parent = figures[0]
            elif figures:
                message = f"{len(all_named)} rows are named {quote(cell.flat)}"
                notes = tuple(Note("one is here", each.name_span) for each in figures[:2])
                help = "name the parent by an `id`, of which there is one"
                self.found.append(Diagnostic("E424", message, cell.span, help, notes))
            elif named:
                message = f"the parent {quote(cell.flat)} is {article(named[0].kind)}"
                note = Note("it is here", named[0].name_span)
                help = "a parent is an index, a category or an indicator"
                self.found.append(Diagnostic("E424", message, cell.span, help, (note,)))
            else:
                looked_at += len(known)
                near = nearest(cell.flat, known) if looked_at < _LOOKED_AT else None
                message = f"no row has the code or id {quote(cell.flat)}"
                help = f"`{near}`" if near else "a parent is named by its `code` or its `id`"
                self.found.append(Diagnostic("E424", message, cell.span, help))

    def break_circles(self) -> None:
        """Report what stands under itself, and blocks that are nested too deep."""
        named = {id(node): cell.span for node, cell in self.placed}
        depths: dict[Node, int] = {}
        too_deep = False
        for node in self.nodes:
            path: dict[Node, None] = {}
            each: Node | None = node
            while each is not None and each not in depths and each not in path:
                path[each] = None
                each = each.parent
            if each is not None and each in path:
                message = f"{each.shown} stands under itself"
                help = "name another parent, here or further up"
                span = named.get(id(each), each.name_span)
                self.found.append(Diagnostic("E424", message, span, help))
                each.parent = None
                each = None
            depth = -1 if each is None else depths[each]
            for below in reversed(path):
                depth += 1
                if depth > _DEEPEST and too_deep:
                    below.parent, depth = None, 0
                elif depth > _DEEPEST:
                    too_deep = True
                    message = f"blocks are nested more than {MAX_NESTING} deep here"
                    help = "an index rarely needs more than four levels; bring this one up"
                    span = named.get(id(below), below.name_span)
                    self.found.append(Diagnostic("E111", message, span, help))
                    below.parent, depth = None, 0
                depths[below] = depth

    def agrees(self, node: Node, cell: Cell, figure: Node) -> None:
        """A level that a row names is one that its parent stands in."""
        if figure not in node.above() and node.parent is not None:
            message = f"this row names {figure.shown}, and its parent stands elsewhere"
            note = Note("its parent is here", node.parent.name_span)
            help = "leave one of the two blank"
            self.found.append(Diagnostic("E424", message, cell.span, help, (note,)))

    def stands_in(self, node: Node, level: str, cell: Cell) -> None:
        """A level that the row of an option names is one that its question stands in."""
        above = [each for each in node.above() if each.level == level]
        if not any(each.text("title") == cell.flat for each in above):
            message = f"this option names {level} {quote(cell.flat)}, and its question another"
            note = Note("its question is here", node.name_span)
            help = "write the same on each row, or leave it blank"
            self.found.append(Diagnostic("E424", message, cell.span, help, (note,)))

    # ---- what each needs

    def complete(self, node: Node) -> None:
        """Report what a row lacks for it to be scored."""
        answers = node.answers
        if self.lost:
            return
        if node.kind in ("question", "scale") and not answers.options and answers.span is None:
            if node.kind == "question" and "scale" in node.cells:
                return
            message = f"{node.shown} has no options"
            help = "list them in `options`, as in `Yes = 100; No = 0`, or in rows below it"
        elif node.kind == "measure" and not {"steps", "normalise"} & set(node.cells):
            message = f"{node.shown} does not say how its values are scored"
            help = "as in `from 0 to 100` in `normalise`, or `up to 5 = 100; above = 0` in `steps`"
        elif node.kind in FIGURES[:3] and not (node.children or self.astray):
            message = f"{node.shown} has nothing below it"
            help = "add rows of its questions; where only its score is known its kind is `given`"
        else:
            return
        self.found.append(Diagnostic("E425", message, node.name_span, help))
