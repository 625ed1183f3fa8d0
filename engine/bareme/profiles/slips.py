"""What YAML's parser stumbled over, said of the author's text and not of YAML's grammar.

Each slip comes with a stretch of the file and what to read there instead, of the same length, so
that the rest of the file can be read and every place in it stays true.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import yaml

from bareme.diagnostics import MAX_EDITS, SHOWN, Diagnostic, Edit, Fix, escape
from bareme.record import Record
from bareme.source import Source, Span

_PLAIN = re.compile(r"\w(?:[\w ()/%'–—’.+-]*[\w)%.+])?")
MAX_LINE = 2_000  # characters of a line in which a slip is looked for
_FAR = 500  # lines that are looked at for what stands around one
_FREE_TEXT = re.compile(r" *(?:- )?(?:name|title|source|note|date|differs|reason):")
_UNCLOSED = re.compile(r"""(?:^|: +|- +|[\[{,] *)(['"])(?:(?!\1)[^\n])*$""", re.MULTILINE)


class Slip(Record):
    """One message, and how the file is read on: `instead` stands for what `place` covers."""

    diagnostic: Diagnostic
    place: Span
    instead: str

    def mend(self, source: Source) -> Source:
        before, after = source.text[: self.place.start], source.text[self.place.end :]
        return Source(source.name, before + self.instead + after)


def find_slip(source: Source, fault: yaml.MarkedYAMLError) -> Slip:
    """The likeliest slip behind a fault of the parser."""
    mark = fault.problem_mark or fault.context_mark
    at = min(mark.index if mark else 0, len(source.text))
    stumble = _Stumble(source, at, fault.problem or "it cannot be read", fault.context or "",
                       fault.context_mark.index if fault.context_mark else at)  # fmt: skip
    around = range(max(1, stumble.number - 1), min(source.lines, stumble.number + 1) + 1)
    if all(len(source.line(number)) <= MAX_LINE for number in around):
        for read in _READINGS:
            slip = read(stumble)
            if slip is not None:
                return slip
    message = f"this is not YAML: {escape(stumble.problem[:200])}"
    return whole_block(source, Diagnostic("E401", message, Span(source.name, at, at + 1)))


def whole_block(source: Source, diagnostic: Diagnostic) -> Slip:
    """Set aside the line of a message and all that is indented below it."""
    number = source.position(min(diagnostic.span.start, len(source.text)))[0]
    start, last = source.line_start(number), number
    indent = _indent(source.line(number))
    while last < source.lines and (
        not source.line(last + 1).strip() or _indent(source.line(last + 1)) > indent
    ):
        last += 1
    end = source.line_start(last) + len(source.line(last))
    text = source.text[start:end]
    return Slip(diagnostic, Span(source.name, start, end), re.sub(r"[^\r\n]", " ", text))


class _Stumble(Record):
    """Where the parser stopped and what it said; `since` is where what it was reading starts."""

    source: Source
    at: int
    problem: str
    context: str
    since: int

    @property
    def number(self) -> int:
        return self.source.position(self.at)[0]

    def slip(
        self,
        message: str,
        start: int,
        end: int,
        help: str,
        instead: str | None = None,
        fix: Fix = (),
    ) -> Slip:
        """A slip from `start` to `end`; what stands from there on is read as `instead`.

        Without anything to read instead, the line is set aside with all that stands below it.
        """
        name = self.source.name
        diagnostic = Diagnostic("E401", message, Span(name, start, end), help, fix=fix)
        if instead is None:
            return whole_block(self.source, diagnostic)
        return Slip(diagnostic, Span(name, start, start + len(instead)), instead)

    def put(self, start: int, end: int, text: str) -> Fix:
        """The fix that puts a text in place of a stretch."""
        return (Edit(Span(self.source.name, start, end), text),)


# ---- what authors do, the likeliest reading first; each returns None where it is not that


def _tab(stumble: _Stumble) -> Slip | None:
    source = stumble.source
    start = source.line_start(stumble.number)
    line = source.line(stumble.number)
    if "\t" not in line[: _indent(line)]:
        return None
    # All tabs that indent are one slip: a file has them by its editor, not by its author.
    spaced, more = re.subn(
        r"(?m)^ *\t[ \t]*", lambda found: " " * len(found[0]), source.text[start:]
    )
    lines = f"this line and {more - 1:,} more are" if more > 1 else "this line is"
    fix = tuple(
        edit
        for found in re.finditer(r"(?m)^ *\t[ \t]*", source.text)
        for edit in stumble.put(*found.span(), " " * _width(stumble, found[0]))
    )
    return stumble.slip(
        f"{lines} indented with tabs",
        start,
        start + _indent(line),
        "indent with spaces; most editors have `convert tabs to spaces`",
        spaced,
        fix if len(fix) <= MAX_EDITS else (),
    )


def _width(stumble: _Stumble, lead: str) -> int:
    """What an indentation with tabs comes to: two spaces each, or among spaces a slip of one."""
    there = _open_indents(_above(stumble.source, stumble.number))
    widths = [len(lead.replace("\t", " " * each)) for each in ((2, 1, 0) if " " in lead else (2,))]
    return next((each for each in widths if each in there), widths[0])


def _open_quote(stumble: _Stumble) -> Slip | None:
    """A quoted text that is not closed on its line: the lines up to the next quote are in it."""
    source = stumble.source
    first = source.line_start(source.position(stumble.since)[0])
    last = source.line_start(stumble.number) + len(source.line(stumble.number))
    found = _UNCLOSED.search(source.text, first, last)
    if found is None:
        return None
    sign, at = found[1], found.start(1)
    number = source.position(at)[0]
    text = source.text[at + 1 : source.line_start(number) + len(source.line(number))]
    end = at + 1 + len(text.rstrip())
    flow = re.search(r"[{\[]", source.text[source.line_start(number) : at])
    return stumble.slip(
        "this quoted text is not closed on its line",
        at,
        at + 1 + len(text),
        f"end it with `{sign}`",
        f" {text}",
        () if flow else stumble.put(end, end, sign),
    )


def _backslash(stumble: _Stumble) -> Slip | None:
    if "escape" not in stumble.problem or "quoted" not in stumble.context:
        return None
    at = stumble.source.text.rfind("\\", 0, stumble.at + 1)
    line = stumble.source.line_start(stumble.number)
    whole = re.search(r'"([^"\n]*)"', stumble.source.text[stumble.since :])
    fix: Fix = ()
    if whole and whole.start() == 0 and stumble.since >= line:
        single = "'" + whole[1].replace("'", "''") + "'"
        fix = stumble.put(stumble.since, stumble.since + whole.end(), single)
    return stumble.slip(
        "a backslash in double quotes has a meaning of its own in YAML",
        at,
        at + 1,
        "put the text into single quotes, `'…'`",
        "/",
        fix,
    )


def _open_bracket(stumble: _Stumble) -> Slip | None:
    sign = stumble.source.text[stumble.since : stumble.since + 1]
    close = {"{": "}", "[": "]"}.get(sign)
    if "flow" not in stumble.context or close is None:
        return None
    line = stumble.source.position(stumble.since)[0]
    end = stumble.source.line_start(line) + len(stumble.source.line(line))
    closed = close in stumble.source.text[stumble.since : end]
    message = f"the parts between `{sign}` and `{close}` cannot be told apart"
    help = "a comma stands between two parts, and `: ` between a name and its value"
    fix: Fix = ()
    if not closed:
        message, help = f"the `{sign}` that opens here is not closed", f"end it with `{close}`"
        last = len(stumble.source.text[:end].rstrip())
        fix = stumble.put(last, last, close)
    return stumble.slip(message, stumble.since, end, help, fix=fix)


def _reserved_sign(stumble: _Stumble) -> Slip | None:
    text = stumble.source.text
    sign = text[stumble.at : stumble.at + 1]
    if sign not in ("@", "`", "%", "*", "&", "|", ">", "!") or "mapping val" in stumble.problem:
        return None
    line = stumble.source.line(stumble.number)
    end = stumble.source.line_start(stumble.number) + len(line.rstrip())
    value = text[stumble.at : end]
    help = f'`"{value}"`' if not re.search(r'["`\\]', value) else "write it in single quotes"
    free = _FREE_TEXT.match(line)  # an answer in quotes would be none of its scale
    fix = stumble.put(stumble.at, end, as_yaml(value)) if free else ()
    shown = f"`{sign}`" if sign != "`" else "a backtick"
    message = f"a text that starts with {shown} stands in quotes"
    return stumble.slip(message, stumble.at, end, help, "x" * len(value), fix)


def _no_space(stumble: _Stumble) -> Slip | None:
    """A line `name:value` at or before the place, which reads as a text that goes on below."""
    source = stumble.source
    for number in (stumble.number, stumble.number - 1):
        line = source.line(number) if number >= 1 else ""
        found = re.fullmatch(r" *([\w.-]+):([^\s:/].*?) *", line)
        if found:
            start = source.line_start(number)
            help = f"`{found[1]}: {escape(found[2][:SHOWN])}`"
            message = "a space is missing after the colon"
            first, end = start + found.start(1), start + found.end(2)
            fix = stumble.put(first, end, f"{found[1]}: {found[2]}")
            return stumble.slip(message, first, end, help, fix=fix)
    return None


def _no_colon(stumble: _Stumble) -> Slip | None:
    """A line without `name: value` where such lines stand, at the place or before it."""
    source = stumble.source
    for number in (source.position(stumble.since)[0], stumble.number - 1, stumble.number):
        line = source.line(number) if number >= 1 else ""
        above = _above(source, number)
        beside = not above or _indent(above[-1]) >= _indent(line) or above[-1].endswith(":")
        if not _says(line) or not beside or re.match(r" *(- |[\]}])|.*:( |$)", line):
            continue
        start = source.line_start(number)
        found = re.fullmatch(r" *([\w.-]+)( +[^:]*[^\s:])? *", line)
        if found is None:
            help = "a line reads `name: value`"
            end = start + len(line.rstrip())
            return stumble.slip("a name and a colon are missing", start + _indent(line), end, help)
        name = found[1].rstrip("-.") or found[1]
        if any(text.startswith("#") for text in _beside(source, number)) and not _indent(line):
            fix = stumble.put(start, start, "# ")
            help = f"`# {found[0][:SHOWN]}`"
            message = "a remark starts with `#`"
            return stumble.slip(message, start, start + len(line.rstrip()), help, fix=fix)
        help = f"`{name}: {(found[2] or ' …').strip()[:SHOWN]}`"
        message = f"a colon is missing after `{name[:SHOWN]}`"
        first, end = start + found.start(1), start + found.end(1)
        value = (found[2] or "").strip()
        last = start + len(line.rstrip())
        fix = stumble.put(first, last, f"{name}: {value}") if value else ()
        return stumble.slip(message, first, end, help, fix=fix)
    return None


def _indentation(stumble: _Stumble) -> Slip | None:
    """A line that stands deeper than one that has its value already, or at a depth of its own."""
    source, number = stumble.source, stumble.number
    line, above = source.line(number), _above(source, number)
    if not above or not re.match(r" *(- +)?[^\s:]+:( |$)", line):
        return None
    indent, before = _indent(line), _indent(above[-1])
    after = _indent(_below(source, number))
    if re.search(r": +[^\s#]", above[-1]) is not None and indent > before:
        if _goes_on(source, number, above):
            last = _number_above(source, number)
            wanted = max(indent, _indent(above[-2]))
            wrong = f"the lines around this one are indented by {wanted}, and this one by {before}"
            return _shifted(stumble, last, wrong, wanted)
        wrong = "this line is indented deeper than the one above, which has its value already"
        if after == indent and not line.rstrip().endswith(":"):
            return _without_a_name(stumble, wrong.replace("this line is", "lines here are"))
        return _shifted(stumble, number, wrong, _room_for(source, number, above))
    if indent >= before or indent in _open_indents(above):
        return None
    if after != before and (not above[1:] or above[-2].endswith(":")):
        last = _number_above(source, number)  # it alone stands so deep
        wrong = f"the lines after this one are indented by {indent}, and this one by {before}"
        return _shifted(stumble, last, wrong, indent)
    near = min(_open_indents(above), key=lambda each: (abs(each - indent), -each))
    if line.rstrip().endswith(":"):
        near = _room_for(source, number, above)
    elif after == before:  # the block goes on after it
        near = before
    return _shifted(stumble, number, "this line is indented like none above it", near)


def _without_a_name(stumble: _Stumble, message: str) -> Slip:
    """A block whose first line, its name, is missing: it is set aside in whole."""
    source, first = stumble.source, stumble.number
    start, indent = source.line_start(first), _indent(source.line(first))
    last = first
    while last < source.lines and (
        not _says(source.line(last + 1)) or _indent(source.line(last + 1)) >= indent
    ):
        last += 1
    end = source.line_start(last) + len(source.line(last))
    instead = re.sub(r"[^\r\n]", " ", source.text[start:end])
    help = "put the line `name:` that they belong to above them"
    return stumble.slip(message, start, start + indent, help, instead)


def _shifted(stumble: _Stumble, number: int, message: str, wanted: int) -> Slip:
    """A slip of a line's indentation; where the line can be moved to the left, it is read so."""
    line, start = stumble.source.line(number), stumble.source.line_start(number)
    indent = _indent(line)
    moved = line[indent - wanted :].ljust(len(line)) if wanted < indent else None
    end = start + max(indent, 1)
    fix = stumble.put(start, start + indent, " " * wanted)
    return stumble.slip(message, start, end, f"indent it by {wanted}", moved, fix)


def _goes_on(source: Source, number: int, above: list[str]) -> bool:
    """Whether the line above interrupts a block that this line and the next ones belong to."""
    indent, before = _indent(source.line(number)), above[-2] if above[1:] else ""
    opened = before.endswith(":") and _indent(before) < indent
    was_open = indent in _open_indents(above[:-1])
    return was_open or (opened and _indent(_below(source, number)) == indent)


def _room_for(source: Source, number: int, above: list[str]) -> int:
    """How deep a line may stand so that the lines below it are still under it."""
    most = (
        _indent(_below(source, number))
        if source.line(number).rstrip().endswith(":")
        else _indent(above[-1]) + 1
    )
    return max((each for each in _open_indents(above) if each < most), default=0)


def _open_indents(above: list[str]) -> list[int]:
    """The indentations of the blocks that are open below these lines, outermost first."""
    stack: list[int] = []
    for indent in map(_indent, above):
        while stack and stack[-1] > indent:
            stack.pop()
        if not stack or stack[-1] < indent:
            stack.append(indent)
    return stack


def _colon(stumble: _Stumble) -> Slip | None:
    line, start = stumble.source.line(stumble.number), stumble.source.line_start(stumble.number)
    found = re.fullmatch(r" *(?:- +)?([^\s:]+: +)(.*: .*|.*:)", line.rstrip())
    if found is None or "mapping values" not in stumble.problem:
        return None
    text = found[2]
    quoted = as_yaml(text)
    help = f"`{escape(quoted)}`" if len(text) <= SHOWN else 'write it in quotes, `"…"`'
    return stumble.slip(
        "a text that holds a colon and a space stands in quotes",
        start + found.start(2),
        start + found.end(2),
        help,
        text.replace(":", ";"),
        stumble.put(start + found.start(2), start + found.end(2), quoted),
    )


_READINGS: tuple[Callable[[_Stumble], Slip | None], ...] = (
    _tab,
    _backslash,
    _open_quote,
    _open_bracket,
    _reserved_sign,
    _no_space,
    _indentation,
    _colon,
    _no_colon,
)


def as_yaml(text: str) -> str:
    """A text as it has to be written to be read as itself, wherever in a file it stands."""
    if _PLAIN.fullmatch(text):
        return text
    if "'" not in text and re.search(r'["\\]', text):
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _above(source: Source, number: int) -> list[str]:
    """The lines before this one that say something, as far as one looks."""
    near = range(max(1, number - _FAR), number)
    return [text.rstrip() for n in near if _says(text := source.line(n))]


def _below(source: Source, number: int) -> str:
    """The next line that says something; empty at the end."""
    near = range(number + 1, min(source.lines, number + _FAR) + 1)
    return next((t for n in near if _says(t := source.line(n))), "")


def _beside(source: Source, number: int) -> list[str]:
    """The lines just before and after one."""
    near = (number - 1, number + 1)
    return [source.line(each) for each in near if 1 <= each <= source.lines]


def _number_above(source: Source, number: int) -> int:
    return next(n for n in range(number - 1, 0, -1) if _says(source.line(n)))


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
