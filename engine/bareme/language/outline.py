"""Lines and their indentation: what stands under what, before any line is understood.

Lark's own indenter gives messages without a place and lets one slip cascade, so blocks are read
here: one stack, one message a slip, and the line is put where it was most likely meant.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from bareme.diagnostics import Diagnostic, Note, counted
from bareme.source import Source, Span

MAX_NESTING = 64
MAX_LINE = 25_000
_CONFLICT = re.compile(r"(<{7}|={7}|\|{7}|>{7})( .*)?")


@dataclass(slots=True)
class Entry:
    """One line with what is indented below it; `text` is without indentation and comment."""

    text: str
    start: int  # offset of the text in the file
    file: str
    children: list[Entry] = field(default_factory=list)

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.start + len(self.text))


@dataclass(frozen=True, slots=True)
class _Slip:
    """A wrong indentation and the depth it stands for; lines below it are read relative to it."""

    indent: int
    depth: int

    def governs(self, indent: int, unit: int) -> bool:
        return 0 <= self.indent <= indent and (indent - self.indent) % unit == 0


def read_outline(source: Source) -> tuple[list[Entry], list[Diagnostic]]:
    """Split a file into lines, comments and blank lines dropped, and nest them by indentation."""
    found: list[Diagnostic] = []
    lines = [entry for entry in _lines(source, found) if entry[1]]
    unit = _unit([indent for indent, _, _ in lines])
    top: list[Entry] = []
    open_blocks: list[list[Entry]] = [top]  # open_blocks[d] takes the lines of depth d
    slip = _Slip(-1, 0)  # the last line whose indentation was reported
    tabs: list[Span] = []
    too_deep = False
    for indent, text, start in lines:
        lead = source.text[start - indent : start]
        if "\t" in lead:
            tabs.append(Span(source.name, start - indent, start))
            indent = len(lead.replace("\t", " " * unit))
        deepest = len(open_blocks) - 1
        if slip.governs(indent, unit):
            depth = min(slip.depth + (indent - slip.indent) // unit, deepest)
        else:
            depth, wrong = _depth(indent, unit, deepest)
            if wrong and not too_deep:
                slip = _Slip(indent, depth)
                place = Span(source.name, start - len(lead), start)
                help = f"indent it by {depth * unit}" + _or_deeper(depth, unit, deepest)
                found.append(Diagnostic("E103", wrong, place, help))
            elif indent < slip.indent:
                slip = _Slip(-1, 0)
        entry = Entry(text, start, source.name)
        if depth >= MAX_NESTING:
            if not too_deep:
                found.append(
                    Diagnostic(
                        "E111",
                        f"blocks are nested more than {MAX_NESTING} deep here",
                        entry.span,
                        "an index rarely needs more than four levels; bring this one up",
                    )
                )
            too_deep = True
            continue
        del open_blocks[depth + 1 :]
        open_blocks[depth].append(entry)
        open_blocks.append(entry.children)
    found += _report_tabs(tabs)
    return top, found


def _lines(source: Source, found: list[Diagnostic]) -> list[tuple[int, str, int]]:
    """Indentation, text without comment, and offset of the text, of each line."""
    lines: list[tuple[int, str, int]] = []
    conflict: Span | None = None
    theirs = False
    for number in range(1, source.lines + 1):
        line = source.line(number)
        start = source.line_start(number)
        if len(line) > MAX_LINE:
            found.append(
                Diagnostic(
                    "E114",
                    f"this line has {len(line):,} characters; a line has at most {MAX_LINE:,}",
                    Span(source.name, start, start + 1),
                    "break a long note into several `note` lines",
                )
            )
            continue
        if line[:1] in "<=|>" and (mark := _CONFLICT.fullmatch(line)):
            span = Span(source.name, start, start + len(line))
            if mark[1][0] == "<" and conflict is None:
                conflict = span
                found.append(
                    Diagnostic(
                        "E005",
                        "an unfinished merge: two versions of these lines stand here",
                        span,
                        "keep one version and delete the lines `<<<<<<<`, `=======`, `>>>>>>>`",
                    )
                )
                continue
            if conflict is not None:
                theirs = mark[1][0] != ">"
                conflict = None if mark[1][0] == ">" else conflict
                continue
        if theirs:
            continue
        body = line.lstrip(" \t")
        indent = len(line) - len(body)
        lines.append((indent, strip_comment(body), start + indent))
    return lines


def strip_comment(text: str) -> str:
    """The text before a `#` that starts it or follows a space outside quotes, spaces trimmed."""
    if "#" not in text:
        return text.rstrip(" \t")
    inside = False
    for at, character in enumerate(text):
        if character == '"':
            inside = not inside
        elif character == "#" and not inside and (at == 0 or text[at - 1] in " \t"):
            return text[:at].rstrip(" \t")
    return text.rstrip(" \t")


def _unit(indents: list[int]) -> int:
    """The step of this file's blocks: its most common step inwards, 4 where it has none."""
    steps = Counter(b - a for a, b in pairwise(indents) if b > a)
    if not steps:
        return 4
    most = max(steps.values())
    return 4 if steps.get(4) == most else min(step for step, n in steps.items() if n == most)


def _depth(indent: int, unit: int, deepest: int) -> tuple[int, str]:
    """The depth a line stands for, and what is wrong with its indentation (or nothing)."""
    depth, odd = divmod(indent, unit)
    if odd:
        near = depth + (odd * 2 >= unit)
        return min(near, deepest), (
            f"this line is indented by {indent}; blocks of this file step by {unit}"
        )
    if depth > deepest:
        return deepest, (
            f"this line is indented by {indent}, deeper than a block can be here"
            if deepest
            else "the first line of a file is not indented"
        )
    return depth, ""


def _or_deeper(depth: int, unit: int, deepest: int) -> str:
    other = [d for d in (depth - 1, depth + 1) if 0 <= d <= deepest]
    return f" (or by {' or '.join(str(d * unit) for d in other)})" if other else ""


def _report_tabs(tabs: list[Span]) -> list[Diagnostic]:
    if not tabs:
        return []
    more = f"; {counted(len(tabs) - 1, 'more line')} of this file" if tabs[1:] else ""
    return [
        Diagnostic(
            "E104",
            f"this line is indented with a tab{more}",
            tabs[0],
            "indent with spaces, four a step; most editors have `convert tabs to spaces`",
            tuple(Note("the next one is here", span) for span in tabs[1:2]),
        )
    ]
