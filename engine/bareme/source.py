"""Text with positions: what every message points into."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from bareme.record import Record


class Span(Record):
    """A stretch of one file, as offsets into its text; `end` is exclusive."""

    file: str
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The stretch from the start of this one to the end of `other`."""
        return Span(self.file, self.start, other.end)


class Source(Record, caches=True):
    """One file's name (relative to the project, with `/`) and its decoded text."""

    name: str
    text: str

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        lines = self.text.split("\n")
        starts = accumulate((len(line) + 1 for line in lines[:-1]), initial=0)
        return tuple(starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1, columns in code points."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of one line (counted from 1) without its line end."""
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].removesuffix("\r")

    @property
    def lines(self) -> int:
        """How many lines there are, a last empty one not counted."""
        return len(self._starts) - (self._starts[-1] == len(self.text))

    def line_start(self, number: int) -> int:
        """The offset at which a line (counted from 1) starts."""
        return self._starts[number - 1]

    def whole_lines(self, first: int, last: int) -> Span:
        """The lines from one to another with their line ends, so that they can be taken out."""
        start, end = self.line_start(first), len(self.text)
        if last < len(self._starts):
            end = self.line_start(last + 1)
        elif start > 0:  # the last line has no end of its own; that of the line before goes
            start -= 2 if self.text.startswith("\r\n", start - 2) else 1
        return Span(self.name, start, end)

    def cite(self, span: Span) -> str:
        """`FILE:LINE:COLUMN`, the head of a message."""
        line, column = self.position(span.start)
        return f"{self.name}:{line}:{column}"

    def place(self, span: Span) -> str:
        """`FILE:LINE`, the way a rule or an answer is cited."""
        return f"{self.name}:{self.position(span.start)[0]}"

    def cell(self, _span: Span, /) -> str | None:
        """Where the text is a table: the cell that a stretch starts in, as in `B2`."""
        return None


Sources = dict[str, Source]
"""Every file that was read, by name."""
