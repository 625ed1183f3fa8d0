"""Bytes to text: UTF-8, one kind of line end, nothing that hides.

What a person sees in a file is what is read from it. A byte order mark and CRLF line ends change
nothing; any other encoding, a lone CR, mixed line ends and invisible characters are refused.
"""

from __future__ import annotations

import re
import unicodedata

from bareme.diagnostics import Diagnostic, counted, name_of
from bareme.source import Source, Span

# Everything invisible or reordering, written as code points because that is the point. The class
# is the Unicode categories Cc (but tab, line feed and the CR of a CRLF), Cf, Zl, Zp and Cs, with
# the no-break spaces that look like a space and are not.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u180e\u2007\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f\ud800-\udfff]"
)


def read_text(name: str, data: bytes) -> tuple[Source, list[Diagnostic]]:
    """Decode one file.

    Returns:
        The source, empty where the bytes are no UTF-8 text, and what is wrong with it.
    """
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        return _not_utf8(name, body, fault.start)
    source = Source(name, text)
    return source, [*_line_ends(source), *_hidden(source), *_composed(source)]


def _not_utf8(name: str, body: bytes, at: int) -> tuple[Source, list[Diagnostic]]:
    before = body[:at].decode("utf-8")
    source = Source(name, before)
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    looks = "UTF-16" if wide else "an older encoding such as Latin-1 or Windows-1252"
    found = Diagnostic(
        "E001",
        f"this file is not UTF-8 text: the byte 0x{body[at]:02X} stands here",
        Span(name, len(before), len(before) + 1),
        f"it looks like {looks}; save it again as UTF-8",
    )
    return source, [found]


def _line_ends(source: Source) -> list[Diagnostic]:
    text, name = source.text, source.name
    lone = re.search(r"\r(?!\n)", text)
    if lone:
        return [
            Diagnostic(
                "E002",
                "a carriage return stands alone here; lines end in LF or CRLF",
                Span(name, lone.start(), lone.end()),
                "save the file with Unix (LF) or Windows (CRLF) line ends",
            )
        ]
    windows = text.count("\r\n")
    unix = text.count("\n") - windows
    if windows and unix:
        odd = re.search(r"\r\n" if windows <= unix else r"(?<!\r)\n", text)
        assert odd is not None
        kind, rest = ("CRLF", "LF") if windows <= unix else ("LF", "CRLF")
        line = source.position(odd.start())[0]
        return [
            Diagnostic(
                "E002",
                f"line {line} ends in {kind} while others end in {rest}",
                Span(name, odd.start(), odd.start() + 1),
                "save the file with one kind of line end",
            )
        ]
    return []


def _hidden(source: Source) -> list[Diagnostic]:
    found: dict[str, list[int]] = {}
    for each in _HIDDEN.finditer(source.text):
        found.setdefault(each[0], []).append(each.start())
    return [
        Diagnostic(
            "E003",
            f"a character that cannot be seen, {name_of(character)}, stands here",
            Span(source.name, places[0], places[0] + 1),
            "delete it, or write a plain space"
            + (f"; {counted(len(places) - 1, 'more place')} in this file" if places[1:] else ""),
        )
        for character, places in found.items()
    ]


def _composed(source: Source) -> list[Diagnostic]:
    if unicodedata.is_normalized("NFC", source.text):
        return []
    for number in range(1, source.lines + 1):
        line = source.line(number)
        composed = unicodedata.normalize("NFC", line)
        if composed != line:
            at = next(
                (i for i, (a, b) in enumerate(zip(line, composed, strict=False)) if a != b), 0
            )
            start = source.line_start(number) + at
            return [
                Diagnostic(
                    "E004",
                    f"`{line[at]}` is written in parts here (a letter and a separate accent); "
                    "text must be composed (Unicode NFC)",
                    Span(source.name, start, start + 2),
                    f"type it as the one character `{composed[at]}`",
                )
            ]
    return []
