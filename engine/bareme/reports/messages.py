"""Messages as JSON: the same diagnostics that `diagnostics.render` draws, for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bareme.diagnostics import Diagnostic, as_written, escape
from bareme.reports.machine import Json
from bareme.source import Sources, Span

FORMAT = "bareme.messages/1"


def messages_json(
    diagnostics: Iterable[Diagnostic], sources: Sources, **results: Sequence[Json]
) -> Json:
    """Every message, in the order given, as docs/formats.md describes it.

    Args:
        diagnostics: what is said.
        sources: the files that it is said of.
        results: what a command found beside it, by name.
    """
    messages = [_message(each, sources) for each in diagnostics]
    return {"format": FORMAT, "messages": messages, **results}


def _message(diagnostic: Diagnostic, sources: Sources) -> Json:
    fix = as_written(diagnostic.fix, sources)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        **_place(diagnostic.span, sources),
        "message": escape(diagnostic.message),
        "help": escape(diagnostic.help) or None,
        "fix": [{**_place(each.span, sources), "text": each.text} for each in fix] or None,
        "notes": [
            {"message": escape(note.message), **_place(note.span, sources)}
            for note in diagnostic.notes
        ],
    }


def _place(span: Span | None, sources: Sources) -> dict[str, Json]:
    """Lines and columns count from 1, columns in code points; the end is the first beyond."""
    source = sources.get(span.file) if span else None
    line = column = end_line = end_column = None
    if span and source:
        line, column = source.position(span.start)
        end_line, end_column = source.position(span.end)
    return {
        "file": escape(span.file) if span else None,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "cell": source.cell(span) if span and source else None,
    }
