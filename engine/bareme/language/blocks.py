"""Blocks: which statements may stand where, and what becomes of one that may not."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from lark import Tree

from bareme.diagnostics import Diagnostic, Edit, Fix, without
from bareme.language import tree
from bareme.language.clauses import ClauseReader
from bareme.language.line import OPENS_A_BLOCK, STANDS_UNDER, Statement, either, first_word, titled
from bareme.language.outline import Entry, shifted
from bareme.language.statement import STATEMENT
from bareme.record import replace
from bareme.source import Source, Span

MAX_FAULTS = 1_000  # in a file of rules, after which it is not read further
_SCORED = {"category", "indicator", "question", "measure"}
_FIGURES = {
    each: {parent for parent, kinds in STANDS_UNDER.items() if each in kinds} for each in _SCORED
}


class BlockReader(ClauseReader, ABC):
    """Gives the statements of a block, one after the other; each kind of block has its reader."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        super().__init__(source, found)
        self.indices: list[tree.Level] = []
        self.indent_by = 4
        self.top = Entry("", 0, source.name)  # the line at the left edge that is read
        self.after: tuple[Sequence[Entry], int] = ((), 0)  # a block, and the line that comes next

    @abstractmethod
    def rehome(self, statement: Statement, owner: Entry | None) -> None:
        """Read a misplaced line all the same: its faults are its own, and its id may be needed."""

    def full(self) -> bool:
        """Whether so much is wrong that the rest of the file is not read."""
        return len(self.found) >= MAX_FAULTS

    def block(
        self, entries: list[Entry], parent: str, owner: Entry | None = None
    ) -> Iterator[Statement]:
        """The statements of one block that may stand there, in order.

        What may not is reported, and read where it was most likely meant. The `owner` of the block
        is told when something of it was lost.
        """
        self.around.append((parent, owner))
        prose = False
        misplaced: list[Entry] = []
        told = -1
        for number, entry in enumerate(entries):
            if self.full():
                break
            self.after = (entries, number + 1)
            statement = self.statement(entry, parent, prose)
            prose = statement is None
            if statement is None:
                if owner is not None:
                    owner.lost = True
                continue
            if statement.kind in STANDS_UNDER[parent]:
                self.move(told, misplaced, entries)
                misplaced = []
                yield statement
            else:
                if not misplaced and not entry.slipped:  # a run of them is one slip
                    told = self.misplaced(statement, parent)
                misplaced.append(entry)
                self.rehome(statement, owner)
            if entry.children and statement.kind not in OPENS_A_BLOCK:
                yield from self.under_no_block(statement, parent, owner)
        self.move(told, misplaced, entries)
        self.around.pop()

    def move(self, told: int, run: Sequence[Entry], block: Sequence[Entry]) -> None:
        """Give the message about lines that stand in a wrong block the fix that moves them.

        Args:
            told: the number of that message.
            run: the lines, one after the other.
            block: all lines of the block.
        """
        if told < 0 or not run or run[0].slipped:
            return
        parent, owner = self.around[-1]
        beyond = self.around[-2][0] if self.around[1:] else ""
        kinds = [each.text.split()[0] for each in run]
        fix: Fix = ()
        if parent == "a file":
            below = run[0].children[0].indent if run[0].children else None
            alone = below is not None and below > self.indent_by and not run[1:]
            moved = [Entry(run[0].text, run[0].start, self.name, indent=0)] if alone else run
            fix = shifted(moved, self.indent_by) if self.indices and not run[0].indent else ()
        elif owner is None or owner.indent is None or run[0].indent is None:
            pass
        elif set(kinds) <= STANDS_UNDER["a file"]:
            last = self.lines_of(*run).end >= len(self.source.text.rstrip())
            fix = shifted(run, -run[0].indent) if last else self.put_first(run)
        elif run[-1] is block[-1] and kinds[0] in _SCORED and beyond in _FIGURES[kinds[0]]:
            fix = shifted(run, owner.indent - run[0].indent)
        self.found[told] = replace(self.found[told], fix=fix)

    def put_first(self, run: Sequence[Entry]) -> Fix:
        """The fix that puts lines which stand in an index before it."""
        if any(each.children for each in run):
            return ()
        text = "".join(f"{each.text}\n" for each in run)
        before = Span(self.name, self.top.start, self.top.start)
        return (Edit(before, text), *without(self.lines_of(*run)))

    def under_no_block(
        self, statement: Statement, parent: str, owner: Entry | None
    ) -> Iterator[Statement]:
        """What is indented under a line that opens no block: read as if it stood beside it."""
        children = statement.entry.children
        help = "indent it like the line above" + ", and the lines below it too" * bool(children[1:])
        if parent == "a file":  # an index has lost its first line
            help = "indent it like the line above, or put the line `index …` between them"
        message = f"nothing can stand under {titled(statement.kind)}"
        fix: Fix = ()
        entry = statement.entry
        sure = not entry.slipped and entry.indent is not None and children[0].indent is not None
        if parent != "a file" and sure:
            fix = shifted(children, (entry.indent or 0) - (children[0].indent or 0))
        self.error("E107", message, first_word(children[0]), help, fix=fix)
        if parent != "a file":
            yield from self.block(children, parent, owner)
            return
        first = children[0]
        word = len(first.text.split()[0])
        lost = Entry(
            f"index unnamed.{first.start}.lost", first.start, self.name, children, length=word
        )
        read = self.line(lost, lost.text, lost.start, STATEMENT)
        if read is not None and isinstance(read[0].children[0], Tree):
            yield Statement("index", read[0].children[0], lost, lost.start, True)

    def misplaced(self, statement: Statement, parent: str) -> int:
        """Report a line that stands in a block where it cannot; the number of the message."""
        homes = [home for home, kinds in STANDS_UNDER.items() if statement.kind in kinds]
        if homes == ["a file"]:
            help = "start it at the left edge" + ", and move what stands under it as far" * bool(
                statement.entry.children
            )
        elif parent == "a file":
            help = f"indent it under {either(homes)}"
        else:
            help = f"it stands under {either(homes)}"
        here = "at the left edge of a file" if parent == "a file" else f"under {parent}"
        self.error(
            "E107",
            f"{titled(statement.kind)} cannot stand {here}",
            first_word(statement.entry),
            help,
        )
        return len(self.found) - 1

    def on_one_line(self, entry: Entry) -> Fix:
        """The fix that lists what stands below a line on the line itself."""
        below = entry.children
        told = all(re.fullmatch(r'("[^"]*"|[^",:=]+)( = [^",:=]+)?', each.text) for each in below)
        if not told or any(each.children for each in below):
            return ()
        end = Span(self.name, entry.end, entry.end)
        text = "".join(f", {each.text}" for each in below)
        return (Edit(end, text), *without(self.lines_of(*below)))
