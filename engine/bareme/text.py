"""Bytes to text: UTF-8, one kind of line end, nothing that hides.

What a person sees in a file is what is read from it. A byte order mark and CRLF line ends change
nothing; any other encoding, a lone CR, mixed line ends and invisible characters are refused.
"""

from __future__ import annotations

import re
import unicodedata

from bareme.diagnostics import MAX_EDITS, Diagnostic, Edit, Fix, counted, name_of, quote
from bareme.record import replace
from bareme.source import Source, Span

# Everything invisible or reordering, written as code points because that is the point. The class
# is the Unicode categories Cc (but tab, line feed and the CR of a CRLF), Cf, Zl, Zp and Cs, with
# the no-break and thin spaces that look like a space and are not.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f\ud800-\udfff]"
)


def read_text(name: str, data: bytes) -> tuple[Source, list[Diagnostic]]:
    """Decode one file.

    Returns:
        The source, and what is wrong with it. Where the bytes are no UTF-8 text, the source is a
        guess at what was meant, for a message to show.
    """
    body = data.removeprefix(b"\xef\xbb\xbf")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or body.count(0) * 3 > len(body) > 1:
        return _utf16(name, body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        return _not_utf8(name, body, fault.start)
    source = Source(name, text)
    return source, [*_line_ends(source), *what_deceives(source)]


def what_deceives(source: Source) -> list[Diagnostic]:
    """What a text holds that is not what it looks like: hidden characters, accents apart."""
    return [*_hidden(source), *_composed(source)]


def visible(source: Source) -> Source:
    """The text as it looks: what `read_text` has reported is taken out, no other line is moved.

    So one slip has one message: an id with a zero-width space in it is read as the id it seems to
    be. A line that loses characters is filled up with spaces, for offsets elsewhere to stay true.
    """
    text = re.sub(r"\r(?!\n)", "\n", source.text)
    if not HIDDEN.search(text):
        return Source(source.name, text)
    return Source(source.name, "\n".join(map(_visible, text.split("\n"))))


def _visible(line: str) -> str:
    text = line.removesuffix("\r")
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in text)
    return HIDDEN.sub("", spaced).ljust(len(text)) + line[len(text) :]


def as_seen(text: str) -> str:
    """A text as it looks, where what hides in it has been reported."""
    return visible(Source("", text)).text.strip() if hidden_in(text) else text


def hidden_in(text: str) -> str | None:
    """The first character of a text that cannot be seen, as an escape in YAML may spell one."""
    found = HIDDEN.search(text) or re.search("\r", text)
    return found[0] if found else None


def _not_utf8(name: str, body: bytes, at: int) -> tuple[Source, list[Diagnostic]]:
    before, rest = body[:at].decode("utf-8"), body[at:].decode("cp1252", "replace")
    found = Diagnostic(
        "E001",
        f"this file is not UTF-8 text: the byte 0x{body[at]:02X} stands here",
        Span(name, len(before), len(before) + 1),
        f"it looks like Windows-1252 or Latin-1, where this is {quote(rest[0])}; save it as UTF-8",
    )
    return Source(name, before + rest), [found]


def _utf16(name: str, body: bytes) -> tuple[Source, list[Diagnostic]]:
    little = body.startswith(b"\xff\xfe") or (not body.startswith(b"\xfe\xff") and body[1] == 0)
    text = body.decode("utf-16-le" if little else "utf-16-be", "replace").removeprefix("\ufeff")
    message = "this file is UTF-16 text, not UTF-8"
    found = Diagnostic("E001", message, Span(name, 0, 1), "save it again as UTF-8")
    return Source(name, text), [found]


def _line_ends(source: Source) -> list[Diagnostic]:
    text, name = source.text, source.name
    lone = re.search(r"\r(?!\n)", text)
    if lone:
        ends = "\r\n" if "\r\n" in text else "\n"
        return [
            Diagnostic(
                "E002",
                "a carriage return stands alone here; lines end in LF or CRLF",
                Span(name, lone.start(), lone.end()),
                "save the file with Unix (LF) or Windows (CRLF) line ends",
                fix=_everywhere(source, r"\r(?!\n)", ends),
            )
        ]
    windows = text.count("\r\n")
    unix = text.count("\n") - windows
    if windows and unix:
        pattern = r"\r\n" if windows <= unix else r"(?<!\r)\n"
        odd = re.search(pattern, text)
        assert odd is not None
        kind, rest = ("CRLF", "LF") if windows <= unix else ("LF", "CRLF")
        line = source.position(odd.start())[0]
        more = min(windows, unix) - 1
        lines = f"line {line} and {counted(more, 'more line')} end" if more else f"line {line} ends"
        return [
            Diagnostic(
                "E002",
                f"{lines} in {kind}, the others in {rest}",
                Span(name, odd.start(), odd.start() + 1),
                "save the file with one kind of line end",
                fix=_everywhere(source, pattern, "\n" if windows <= unix else "\r\n"),
            )
        ]
    return []


def _everywhere(source: Source, pattern: str, text: str) -> Fix:
    """The fix that puts a text in place of all that a pattern finds, unless that is a lot."""
    places = [Span(source.name, *each.span()) for each in re.finditer(pattern, source.text)]
    return tuple(Edit(each, text) for each in places) if len(places) <= MAX_EDITS else ()


def _hidden(source: Source) -> list[Diagnostic]:
    found: dict[str, list[int]] = {}
    for each in HIDDEN.finditer(source.text):
        found.setdefault(each[0], []).append(each.start())
    return [
        Diagnostic(
            "E003",
            f"{_what_hides(character)}, {name_of(character)}, stands here",
            Span(source.name, places[0], places[0] + 1),
            ("write a plain space" if unicodedata.category(character) == "Zs" else "delete it")
            + (f"; {counted(len(places) - 1, 'more place')} in this file" if places[1:] else ""),
            fix=_everywhere(
                source,
                re.escape(character),
                " " if unicodedata.category(character) == "Zs" else "",
            ),
        )
        for character, places in found.items()
    ]


def _what_hides(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return "a space that is not the plain one"
    return "a character that cannot be seen"


def _composed(source: Source) -> list[Diagnostic]:
    if unicodedata.is_normalized("NFC", source.text):
        return []
    first: Diagnostic | None = None
    edits: list[Edit] = []
    for number in range(1, source.lines + 1):
        line = source.line(number)
        composed = unicodedata.normalize("NFC", line)
        if composed == line:
            continue
        at = next((i for i, (a, b) in enumerate(zip(line, composed, strict=False)) if a != b), 0)
        same = zip(reversed(line[at:]), reversed(composed[at + 1 :]), strict=False)
        alike = next((n for n, (a, b) in enumerate(same) if a != b), len(composed) - at - 1)
        start, end = (source.line_start(number) + each for each in (at, len(line) - alike))
        composed_part = composed[at : len(composed) - alike]
        edits.append(Edit(Span(source.name, start, end), composed_part))
        first = first or Diagnostic(
            "E004",
            f"`{composed[at]}` is not stored as one character here but as {_parts(line[at:])}",
            Span(source.name, start, start + 1),
            f"type `{composed[at]}` again, or have the file saved in Unicode form NFC",
        )
    assert first is not None
    more = len(edits) - 1
    also = f"; {counted(more, 'more line')} of this file like it" if more else ""
    fix = tuple(edits) if len(edits) <= MAX_EDITS else ()
    return [replace(first, help=first.help + also, fix=fix)]


def _parts(text: str) -> str:
    """A letter and the marks that follow it, by name."""
    marks = next((i for i, c in enumerate(text[1:], 1) if not unicodedata.combining(c)), len(text))
    return " and ".join(name_of(each) for each in text[:marks][:4])
