"""What `explain` found, in the format asked for."""

from __future__ import annotations

from pathlib import Path

from bareme.audit.differences import Comparison
from bareme.audit.explain import Explanation, RatingExplained
from bareme.audit.history import History
from bareme.audit.losses import HeldDown
from bareme.cli.output import emit_lines, emit_text, pen_for
from bareme.reports import derivation, machine, rated, records
from bareme.reports.lines import Pen, TextLine

Explained = Explanation | RatingExplained | Comparison | HeldDown | History


def emit(found: Explained, how: str, output: Path | None, depth: int | None) -> None:
    """Print it, or write it to a file.

    Args:
        found: what is explained.
        how: the format.
        output: the file; None for standard output.
        depth: how many levels of a derivation a person is shown; None for all.
    """
    if how == "table":
        emit_lines(_lines(found, pen_for(output), depth), output)
    elif how == "json":
        emit_text(machine.json_text(_json(found)), output)
    elif how == "csv":
        emit_text(machine.csv_text(*_table(found)), output)
    else:
        emit_text(_document(found, how, depth), output)


def _lines(found: Explained, pen: Pen, depth: int | None) -> list[TextLine]:
    match found:
        case Explanation():
            return derivation.derivation(found, pen, depth)
        case RatingExplained():
            return rated.rating_lines(found, pen)
        case Comparison():
            from bareme.reports import ledger

            return ledger.ledger_lines(ledger.compared(found, pen))
        case HeldDown():
            from bareme.reports import ledger

            return ledger.ledger_lines(ledger.held_down(found, pen))
        case History():
            from bareme.reports import ledger, past

            return ledger.ledger_lines(past.history(found, pen))


def _json(found: Explained) -> machine.Json:
    match found:
        case Explanation():
            return records.explanation_json(found)
        case RatingExplained():
            return records.rating_json(found)
        case History():
            from bareme.reports import past

            return past.history_json(found)
        case _:
            from bareme.reports import divided

            return divided.json_of(found)


def _table(found: Explained) -> tuple[tuple[str, ...], list[machine.Record]]:
    """The columns and the records of a table."""
    match found:
        case Explanation():
            return records.STEP_COLUMNS, records.step_records(found)
        case RatingExplained():
            return records.SCORE_COLUMNS, records.rating_records(found)
        case History():
            from bareme.reports import past

            return past.HISTORY_COLUMNS, past.history_records(found)
        case _:
            from bareme.reports import divided

            return divided.table_of(found)


def _document(found: Explained, how: str, depth: int | None) -> str:
    """Markdown, or a page of HTML."""
    from bareme.reports import documents

    document = documents.document(found, depth)
    return documents.html(document) if how == "html" else documents.markdown(document)
