"""Text for a terminal as lines of styled pieces, so that colour is laid over the same characters.

A `Pen` knows which characters the terminal has; nothing here depends on a terminal's width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import combining, east_asian_width

from bareme.diagnostics import escape
from bareme.record import Record

WIDTH = 80

Piece = tuple[str, str]  # text, and a style by name: "", "dim", "bold", "good", "fair", "poor"
TextLine = tuple[Piece, ...]


def line(*pieces: Piece | str) -> TextLine:
    """A line of pieces; a bare text has no style."""
    return tuple(each if isinstance(each, tuple) else (each, "") for each in pieces if each)


def plain(lines: Iterable[TextLine]) -> str:
    """The characters alone, without spaces at the ends of lines."""
    return "".join("".join(text for text, _ in each).rstrip() + "\n" for each in lines)


def width(text: str) -> int:
    """How many terminal cells a text takes."""
    return sum(
        0 if combining(each) else 2 if east_asian_width(each) in "WF" else 1 for each in text
    )


def pad(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))


def right(text: str, cells: int) -> str:
    return " " * (cells - width(text)) + text


def fold(text: str, cells: int) -> list[str]:
    """The text in lines of at most so many cells, broken at spaces where it has any."""
    lines: list[str] = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if width(joined) <= cells or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return [piece for each in lines for piece in _cut(each, cells)]


def _cut(text: str, cells: int) -> list[str]:
    pieces: list[str] = []
    while len(text) > 1 and width(text) > cells:
        end = max(cells, 1)
        while end > 1 and width(text[:end]) > cells:
            end -= 1
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]


class Pen(Record):
    """The characters a terminal can show."""

    dot: str = "·"
    minus: str = "−"
    dash: str = "–"
    times: str = "×"
    arrow: str = "→"
    between: str = " · "
    median: str = "○"
    tee: str = "├─ "
    corner: str = "└─ "
    bar: str = "│  "
    bands: tuple[str, ...] = ("●", "■", "▲", "◆", "▼")
    more: str = "…"
    ascii: bool = False

    def text(self, text: str) -> str:
        """A text from rules or profiles, in characters that the terminal has."""
        text = escape(text)
        if not self.ascii:
            return text
        folded = text.translate(_ASCII)
        return folded.encode("ascii", "backslashreplace").decode("ascii")


ASCII = Pen(
    dot=".",
    minus="-",
    dash="-",
    times="x",
    arrow="->",
    between=" | ",
    median="o",
    tee="|- ",
    corner="`- ",
    bar="|  ",
    bands=("H", "M", "L", "4", "5"),
    more="...",
    ascii=True,
)

_ASCII = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "×": "x",
     "→": "->", "·": "|"}
)  # fmt: skip

STYLES: Sequence[str] = ("good", "fair", "poor", "", "")
"""Styles of the bands, best first; shapes tell them apart without colour."""
