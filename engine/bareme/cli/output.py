"""Where a command's words go: results to standard output or a file, messages to standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bareme import files
from bareme.reports.lines import ASCII, Pen, TextLine, plain

FORMATS = ("table", "json", "csv")
DOCUMENTS = (*FORMATS, "markdown", "html")  # for what is read as a document as well
_ENDINGS = {
    ".json": "json",
    ".csv": "csv",
    ".txt": "table",
    ".md": "markdown",
    ".html": "html",
}
_COLOURS = {"dim": "dim", "bold": "bold", "good": "green", "fair": "yellow", "poor": "red"}
_NEEDED = "·●■▲○–−…├─└│×"


def format_of(
    chosen: str | None, output: Path | None, formats: Sequence[str] = FORMATS
) -> str | None:
    """The format asked for, by name or by the file's ending; None where the ending names none."""
    if chosen:
        return chosen
    named = _ENDINGS.get(output.suffix.lower(), "") if output else "table"
    return named if named in formats else None


def pen_for(output: Path | None) -> Pen:
    """The characters that the place written to can show; a file is UTF-8 and shows all."""
    if output is not None:
        return Pen()
    try:
        _NEEDED.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return Pen()


def emit_text(text: str, output: Path | None) -> None:
    """Write a machine format: UTF-8 with LF line ends, whatever the locale or system."""
    data = text.encode("utf-8")
    if output is not None:
        files.write(output, data)
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough; the command's own status stands.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as failed:
        raise OSError(failed.errno, failed.strerror, "standard output") from failed


def emit_lines(lines: Sequence[TextLine], output: Path | None) -> None:
    """Write lines for people; with colour only on a terminal, and not under NO_COLOR."""
    if output is not None or not _colour():
        text = plain(lines)
        if output is not None or pen_for(None).ascii is False:
            emit_text(text, output)
        else:
            emit_text(text.encode("ascii", "backslashreplace").decode("ascii"), None)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, emoji=False, markup=False)
    for each in lines:
        styled = Text.assemble(*((text, _COLOURS.get(style, "")) for text, style in each))
        styled.rstrip()
        console.print(styled, soft_wrap=True)


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def say_json(text: str) -> None:
    """Messages for a program, to standard error: UTF-8, whatever the locale or system."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.flush()
            sys.stderr.buffer.write(text.encode("utf-8"))
            sys.stderr.buffer.flush()


def say(text: str) -> None:
    """A message to standard error, in characters that it can show."""
    if text and sys.stderr is not None:
        encoding = sys.stderr.encoding or "ascii"
        shown = text.encode(encoding, "backslashreplace").decode(encoding)
        with suppress(OSError):  # there is nowhere left to say it
            print(shown, file=sys.stderr, flush=True)
