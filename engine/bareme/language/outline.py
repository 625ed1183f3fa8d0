"""Lines and their indentation: what stands under what, before any line is understood.

Lark's own indenter gives messages without a place and lets one slip cascade, so blocks are read
here: one stack, one message a slip, and the line is put where it was most likely meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from bareme.diagnostics import MAX_EDITS, Diagnostic, Edit, Fix, counted, without
from bareme.record import Record, replace
from bareme.source import Source, Span

MAX_NESTING = 64
MAX_COUNTED = 1_000  # lines below a slip that a message counts
MAX_LINE = 25_000
_OPENS = re.compile(
    r"(index|category|indicator|questions?|measure|data|scale|options|steps)\b", re.IGNORECASE
)
_LEAF = re.compile(
    r"(use|group|note|publish|bands|compare|rank|include|aggregate|when|normalise|range|rescale"
    r"|require|skip|cap|floor|score|formula|units|ask|for|given|monotone)\b|[^\w]"
)
_LISTS_LABELS = re.compile(r"(scale|options|steps)\b[^:]*$")
_DECLARES = re.compile(r"(use|scale|group|units|index) +[a-z]")
_STRAY = re.compile(
    r"(\W{1,2}|\w) +(?=(index|category|indicator|question|given|note|publish|bands|options)\b)"
)
_CONFLICT = re.compile(r"(<{7}|={7}|\|{7}|>{7})( .*)?")


@dataclass(slots=True)
class Entry:
    """One line with what is indented below it; `text` is without indentation and comment."""

    text: str
    start: int  # offset of the text in the file
    file: str
    children: list[Entry] = field(default_factory=list)
    lost: bool = False  # a line below it was reported and left out
    slipped: bool = False  # its indentation was reported; where it stands is a guess
    unclear: bool = False  # a part of the line itself was reported below it
    length: int | None = None  # of what stands in the file, where the text is a stand-in
    indent: int | None = None  # the spaces before it; None where there are other signs

    @property
    def end(self) -> int:
        return self.start + (len(self.text) if self.length is None else self.length)

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


class _Slip(Record):
    """A wrong indentation and the depth it stands for; lines below it are read relative to it."""

    indent: int
    depth: int

    def governs(self, indent: int, unit: int) -> bool:
        return 0 <= self.indent <= indent and (indent - self.indent) % unit == 0


class _Lines(Record):
    """The lines of a file, each with its indentation, and the step of its blocks."""

    texts: list[str]
    indents: list[int]
    unit: int

    def depth(self, at: int) -> int:
        return self.indents[at] // self.unit

    def below(self, at: int) -> int | None:
        """The depth of the next line, if it is indented deeper and by whole steps."""
        after = self.indents[at + 1] if at + 1 < len(self.indents) else 0
        return after // self.unit if after > self.indents[at] and after % self.unit == 0 else None

    def alike(self, one: int, other: int) -> bool:
        """Whether two lines start with the same word."""
        return self.texts[one].split()[0] == self.texts[other].split()[0]


class _Place(Record):
    """The depth that a line stands for, what is wrong with its indentation, and the remedy."""

    depth: int
    wrong: str = ""
    help: str = ""
    alone: bool = False  # what follows shows that the slip is of this line only


def shifted(entries: Iterable[Entry], by: int) -> Fix:
    """The fix that moves lines, and all below them, to the right, or to the left below 0."""
    edits: list[Edit] = []
    waiting = list(entries) if by else []
    while waiting and len(edits) <= MAX_EDITS:
        each = waiting.pop()
        waiting += each.children
        if each.indent is None or each.indent + by < 0:
            return ()
        before = Span(each.file, each.start + min(by, 0), each.start)
        edits.append(Edit(before, " " * max(by, 0)))
    return tuple(edits) if len(edits) <= MAX_EDITS else ()


def read_outline(source: Source) -> tuple[list[Entry], list[Diagnostic]]:
    """Split a file into lines, comments and blank lines dropped, and nest them by indentation."""
    found: list[Diagnostic] = []
    lines = [entry for entry in _lines(source, found) if entry[1]]
    unit = _unit([indent for indent, _, _ in lines])
    leads = [source.text[start - indent : start] for indent, _, start in lines]
    indents = [
        _stands_at(_width(lead, unit), text, unit)
        for lead, (_, text, _) in zip(leads, lines, strict=True)
    ]
    outline = _Lines([text for _, text, _ in lines], indents, unit)
    top: list[Entry] = []
    open_blocks: list[list[Entry]] = [top]  # open_blocks[d] takes the lines of depth d
    slip = _Slip(-1, 0)  # the last line whose indentation was reported
    moved: dict[int, list[Edit]] = {}  # by the number of a message, the lines that it is about
    told = -1
    too_deep = False
    for number, (_, text, start) in enumerate(lines):
        indent, lead = indents[number], leads[number]
        spaces = len(lead) if lead == " " * len(lead) else None
        entry = Entry(text, start, source.name, indent=spaces)
        if slip.governs(indent, unit):
            depth = min(slip.depth + (indent - slip.indent) // unit, len(open_blocks) - 1)
            if told in moved and depth < MAX_NESTING:
                moved[told].append(_put_at(entry, lead, depth * unit))
        else:
            place = _place(outline, number, open_blocks)
            depth, told = place.depth, -1
            if place.wrong and not too_deep and "\t" not in lead:
                entry.slipped = True
                span = Span(source.name, start - len(lead), max(start, 1))
                told = len(found)
                moved[told] = [_put_at(entry, lead, depth * unit)]
                found.append(Diagnostic("E103", place.wrong, span, place.help))
            if place.wrong and not place.alone:
                slip = _Slip(indent, depth)
                for block in open_blocks[max(min(depth, indent // unit) - 1, 0) :]:
                    for last in block[-1:]:
                        last.lost = True
            elif indent < slip.indent:
                slip = _Slip(-1, 0)
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
                open_blocks[depth - 1][-1].lost = True
            too_deep = True
            continue
        too_deep = False
        del open_blocks[depth + 1 :]
        open_blocks[depth].append(entry)
        open_blocks.append(entry.children)
    for at, edits in moved.items():
        if len(edits) <= MAX_EDITS:
            found[at] = replace(found[at], fix=tuple(edits))
    tabs = [
        start - len(lead) for lead, (_, _, start) in zip(leads, lines, strict=True) if "\t" in lead
    ]
    found += _report_tabs(source, tabs, unit)
    return top, found


def _put_at(entry: Entry, lead: str, indent: int) -> Edit:
    return Edit(Span(entry.file, entry.start - len(lead), entry.start), " " * indent)


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
            opens, closes = mark[1][0] == "<", mark[1][0] == ">"
            if conflict is None:
                span = Span(source.name, start, start + len(line))
                found.append(_merge(span, source.whole_lines(number, number), whole=opens))
                conflict = span if opens else None
            else:
                theirs = not closes
                conflict = None if closes else conflict
            continue
        if theirs:
            continue
        body = line.lstrip(" \t")
        indent = len(line) - len(body)
        lines.append((indent, strip_comment(body), start + indent))
    return lines


def _width(lead: str, unit: int) -> int:
    """What an indentation comes to: a tab is a step, or among spaces a slip that is one or none."""
    widths = [len(lead.replace("\t", " " * each)) for each in (unit, 1, 0)]
    return next((each for each in widths if each % unit == 0), widths[0])


def _stands_at(indent: int, text: str, unit: int) -> int:
    """The indentation of a line; a stray sign may stand in place of one of its spaces."""
    stray = _STRAY.match(text)
    at = indent + (stray.end() if stray else 0)
    return at if at % unit == 0 else indent


def _merge(span: Span, line: Span, whole: bool) -> Diagnostic:
    if not whole:
        message = "a mark that an unfinished merge left behind stands here"
        return Diagnostic("E005", message, span, "delete this line", fix=without(line))
    return Diagnostic(
        "E005",
        "an unfinished merge: two versions of these lines stand here",
        span,
        "keep one version and delete the lines `<<<<<<<`, `=======`, `>>>>>>>`",
    )


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


def _place(lines: _Lines, at: int, open_blocks: list[list[Entry]]) -> _Place:
    """Where a line stands, given its indentation and what the lines below it show."""
    indent, unit, deepest = lines.indents[at], lines.unit, len(open_blocks) - 1
    depth, odd = divmod(indent, unit)
    by = (
        f"this line is indented by {counted(indent, 'space')}"
        if indent
        else "this line is not indented"
    )
    goes_on = _block_it_interrupts(lines, at, open_blocks)
    if goes_on is not None and goes_on > depth:
        wrong = f"{by}, and the block that it stands in by {goes_on * unit}"
        return _Place(goes_on, wrong, f"indent it by {goes_on * unit}", True)
    holder = _depth_of_a_holder(lines, at)
    if holder is not None and holder <= deepest:
        wrong = f"{by}, and what stands under it by {(holder + 1) * unit}"
        return _Place(holder, wrong, f"indent it by {holder * unit}", True)
    if odd:
        wrong = f"{by}; the blocks of this file go in by {unit}"
        if _DECLARES.match(lines.texts[at]):
            return _Place(0, wrong, "start it at the left edge")
        room = deepest - _is_leaf(deepest, open_blocks)
        near = min(_depth_beside(lines, at, open_blocks), room)
        other = [each * unit for each in {depth, depth + 1} - {near} if each <= room]
        help = f"indent it by {near * unit}" + "".join(f" or by {each}" for each in other)
        return _Place(near, wrong, help)
    if depth and _DECLARES.match(lines.texts[at]) and _LEAF.match(_owner(depth, open_blocks)):
        return _Place(
            0, f"{by}, and nothing can stand under the line above", "start it at the left edge"
        )
    if depth > deepest == 0:
        wrong = f"{by}, and the first line of a file starts at the left edge"
        return _Place(0, wrong, "start it there" + _and_below(lines, at))
    if depth > deepest:
        room = deepest - _is_leaf(deepest, open_blocks)
        help = f"indent it by {room * unit}"
        help += f" or by {(room - 1) * unit}" if room == deepest else ""
        help += _and_below(lines, at)
        return _Place(room, f"{by}, deeper than a block can be here", help)
    return _Place(depth)


def _and_below(lines: _Lines, at: int) -> str:
    """What to do with the lines below one that stands too deep, which stand as deep or deeper."""
    number = 0
    for each in lines.indents[at + 1 : at + MAX_COUNTED + 1]:
        if each < lines.indents[at]:
            break
        number += 1
    what = f"the {number} lines" if number < MAX_COUNTED else "the lines"
    what = "the line" if number == 1 else what
    return f", and move {what} below it as far" if number else ""


def _is_leaf(depth: int, open_blocks: list[list[Entry]]) -> bool:
    """Whether nothing can stand at a depth, as the line above it opens no block."""
    above = _owner(depth, open_blocks)
    if open_blocks[depth] or not above:
        return False
    labels = depth > 1 and _LISTS_LABELS.match(_owner(depth - 1, open_blocks))
    return bool(_LEAF.match(above) or (labels and not _OPENS.match(above)))


def _depth_beside(lines: _Lines, at: int, open_blocks: list[list[Entry]]) -> int:
    """Of the depths above and below an odd indentation, that where lines like this one stand."""
    own, odd = divmod(lines.indents[at], lines.unit)
    if lines.below(at) == own + 1 and lines.alike(at, at + 1):
        return own + 1
    word = lines.texts[at].split()[0]
    beside = [d for d, block in enumerate(open_blocks) if block and block[-1].text.startswith(word)]
    fits = [depth for depth in (own, own + 1) if depth in beside]
    return fits[0] if len(fits) == 1 else own + (odd * 2 >= lines.unit)


def _block_it_interrupts(lines: _Lines, at: int, open_blocks: list[list[Entry]]) -> int | None:
    """The depth at which a block goes on after a line that stands too shallow to be in it.

    Nothing can stand under a note, a setting or a text: where the next line is indented deeper, at
    the depth of a block that was open before, it is this line that slipped.
    """
    depth = lines.below(at)
    if depth is None or depth >= len(open_blocks):
        return None
    owner = _owner(depth, open_blocks)
    if not open_blocks[depth] and _LEAF.match(owner):
        return None
    label = _LISTS_LABELS.match(owner) and not _OPENS.match(lines.texts[at])
    return depth if label or _LEAF.match(lines.texts[at]) else None


def _owner(depth: int, open_blocks: list[list[Entry]]) -> str:
    """The line that the lines of a depth stand under."""
    above = open_blocks[min(depth, len(open_blocks) - 1) - 1]
    return above[-1].text if above else ""


def _depth_of_a_holder(lines: _Lines, at: int) -> int | None:
    """The depth that a line has by what is indented under it, where its own is doubtful.

    That is where its own is no whole number of steps; or where it is a step too shallow, and the
    next line that is not under it is one like it and stands where it should.
    """
    below = lines.below(at)
    own, odd = divmod(lines.indents[at], lines.unit)
    if below is None or below - 1 != own + 1:
        return None
    if odd:
        return below - 1
    after = next((n for n in range(at + 2, len(lines.texts)) if lines.depth(n) < below), at)
    beside = after > at and lines.indents[after] == (below - 1) * lines.unit
    return below - 1 if beside and lines.alike(at, after) else None


def _report_tabs(source: Source, tabs: list[int], unit: int) -> list[Diagnostic]:
    if not tabs:
        return []
    places: list[Span] = []
    for start in tabs:
        line = source.line(source.position(start)[0])
        lead = len(line) - len(line.lstrip(" \t"))
        places.append(Span(source.name, start, start + lead))
    spaced = [" " * _width(source.text[each.start : each.end], unit) for each in places]
    fix = tuple(Edit(place, text) for place, text in zip(places, spaced, strict=True))
    return [
        Diagnostic(
            "E104",
            f"this line and {len(tabs) - 1:,} more are indented with tabs"
            if tabs[1:]
            else "this line is indented with tabs",
            places[0],
            "indent with spaces, four a step; most editors have `convert tabs to spaces`",
            fix=fix if len(fix) <= MAX_EDITS else (),
        )
    ]
