"""Rule text to syntax tree, with every mistake of the file, none of them caused by another.

A line that can't be read is reported and what can be saved of it is kept, marked `damaged`, so that
the lines below it still have a place to stand and nobody complains that they are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bareme.diagnostics import Diagnostic
from bareme.language import tree
from bareme.language.blocks import MAX_FAULTS
from bareme.language.figures import FigureReader
from bareme.language.line import Statement, tokens
from bareme.language.outline import Entry, read_outline
from bareme.record import replace
from bareme.source import Source, Span
from bareme.text import visible

__all__ = ["MAX_FAULTS", "parse"]


def parse(source: Source, stem: str) -> tuple[tree.File, list[Diagnostic]]:
    """Read one file of rules.

    Args:
        source: the text as `read_text` gave it; what is reported there is not reported again.
        stem: the name by which other files `use` this one.

    Returns:
        What could be read, and every mistake found, in no particular order.
    """
    seen = visible(source)
    outline, found = read_outline(seen)
    if not outline and not found:
        found.append(
            Diagnostic(
                "E006",
                "this file holds no rules",
                Span(source.name, 0, 0),
                'start with `index my_index "My index"`, or delete the file',
            )
        )
    file = _Reader(seen, found).file(outline, stem)
    return file, _one_a_line(found, source)


_MISREAD = {"E101", "E102", "E105", "E106", "E109"}  # the line itself makes no sense


def _one_a_line(found: list[Diagnostic], source: Source) -> list[Diagnostic]:
    """Without what one slip of a line says twice: a stray sign also shifts the line, say."""
    hidden = {n for n, (a, b) in enumerate(_both(source), 1) if a != b}
    codes: dict[int, set[str]] = {}
    lines = [source.position(each.span.start)[0] for each in found]
    for each, line in zip(found, lines, strict=True):
        codes.setdefault(line, set()).add(each.code)
    return [
        each
        for each, line in zip(found, lines, strict=True)
        if not (line in hidden and each.code in {"E103", *_MISREAD})
        and not (each.code == "E103" and codes[line] & _MISREAD)
        and not (each.code == "E107" and codes[line] & {"E101", "E103"})
    ]


def _both(source: Source) -> Iterator[tuple[str, str]]:
    """Each line as it is stored and as it looks."""
    return zip(source.text.split("\n"), visible(source).text.split("\n"), strict=False)


class _Reader(FigureReader):
    """Builds the tree of one file; what is wrong goes to `found`."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        super().__init__(source, found)
        self.uses: list[tree.Name] = []
        self.scales: list[tree.Scale] = []
        self.groups: list[tree.Group] = []
        self.data: list[tree.Measure] = []
        self.units: list[tree.Name] = []
        self.questions: list[tree.Questions] = []

    def file(self, outline: list[Entry], stem: str) -> tree.File:
        steps = [each.children[0].indent for each in outline if each.children]
        self.indent_by = next((each for each in steps if each), 4)
        for each in self.block(outline, "a file"):
            self.top = each.entry
            self.declaration(each)
            self.take_in_strays()
        self.take_in_strays()
        return tree.File(
            stem,
            tuple(self.uses),
            tuple(self.scales),
            tuple(self.groups),
            tuple(self.data),
            tuple(self.indices),
            Span(self.name, 0, 0),
            tuple(self.units),
            tuple(self.questions),
            self.full(),
        )

    def declaration(self, statement: Statement) -> None:
        if statement.kind == "use":
            self.uses += [self.plain_name(statement, t) for t in tokens(statement.body, "FILE")]
            if statement.damaged:  # files after a comma
                for found in re.finditer(r", *([a-z][\w-]*)", statement.entry.text):
                    start = statement.entry.start + found.start(1)
                    span = Span(self.name, start, start + len(found[1]))
                    self.uses.append(tree.Name(found[1], span))
        elif statement.kind == "scale":
            self.scales.append(self.scale(statement))
        elif statement.kind == "group":
            self.groups.append(self.group(statement))
        elif statement.kind == "units":
            self.units += self.ids(statement)
        elif statement.kind == "questions":
            self.questions.append(self.list_of_questions(statement))
        elif statement.kind == "data":
            self.data.append(self.measure(statement))
        else:
            self.indices.append(self.level(statement))

    def take_in_strays(self) -> None:
        """What stands outside any index is counted to the one before it, so that its id exists."""
        if self.indices and self.strays:
            last = self.indices[-1]
            self.indices[-1] = replace(last, children=(*last.children, *self.strays))
            self.strays.clear()

    def rehome(self, statement: Statement, owner: Entry | None) -> None:
        """Read a misplaced line all the same: its faults are its own, and its id may be needed."""
        statement = replace(statement, damaged=True)
        match statement.kind:
            case "use" | "scale" | "index" | "group" | "units" | "questions":
                outer, self.strays = self.strays, []
                self.declaration(statement)
                self.strays = outer + self.strays
            case "category" | "indicator":
                self.strays.append(self.level(statement))
            case "question":
                self.strays.append(self.question(statement))
            case "ask":
                self.ask(statement)
            case "measure" | "data":
                measure = self.measure(statement)
                if measure.data:
                    self.data.append(measure)
                else:
                    self.strays.append(measure)
            case _:
                if owner is not None:
                    owner.lost = True
