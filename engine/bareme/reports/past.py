"""Who changed what a figure rests on, for people and for machines."""

from __future__ import annotations

from bareme.audit.history import Change, History, Touch
from bareme.diagnostics import counted, escape
from bareme.reports.derivation import heading
from bareme.reports.ledger import Entry, Ledger
from bareme.reports.lines import Pen
from bareme.reports.machine import Json, Record
from bareme.reports.records import made_by

HISTORY_COLUMNS = (
    "revision", "date", "author", "subject", "file", "line", "figure", "was", "now",
)  # fmt: skip


def history(found: History, pen: Pen) -> Ledger:
    """The revisions in words, newest first."""
    files = len({line.file for line in found.lines})
    rests = f"{counted(len(found.lines), 'line')} of {counted(files, 'file')}"
    closing = [f"The figure rests on {rests}."]
    if found.untracked:
        listed = pen.text(escape(", ".join(found.untracked)))
        closing.append(f"Not in the repository: {listed}.")
    if found.cut:
        closing.append(f"The repository is a shallow copy: it has nothing before {found.cut[:10]}.")
    title = f"{counted(len(found.touches), 'revision')} touched a line on the path."
    if any(not each.revision for each in found.touches):
        title = "There are edits on the path that are not committed."
    entries = tuple(_entry(each, pen) for each in found.touches)
    return Ledger(heading(found.explanation, pen), title, entries, tuple(closing))


def _entry(touch: Touch, pen: Pen) -> Entry:
    notes = [note for each in touch.changes if each.was is not None for note in _note(each)]
    written: dict[str, int] = {}
    for each in touch.changes:
        if each.was is None:
            written[each.line.file] = written.get(each.line.file, 0) + 1
    notes += [f"{file}: {counted(many, 'line')} written" for file, many in written.items()]
    shown = tuple(pen.text(escape(note)) for note in notes)
    if not touch.revision:
        return Entry("now", "not committed", "", shown)
    by = pen.text(escape(f"{touch.subject} ({touch.author})"))
    return Entry(touch.date, by, touch.revision[:10], shown)


def _note(change: Change) -> list[str]:
    assert change.was is not None
    place = f"{change.line.file}:{change.line.number}"
    return [f"{place}: {change.was.strip()}", f"now: {change.now.strip()}"]


def history_json(found: History) -> Json:
    """The revisions with every line that they touched."""
    explanation = found.explanation
    return {
        "format": "bareme.history/1",
        **made_by(explanation.sources),
        "framework": explanation.trace.plan.framework,
        "entity": explanation.trace.profile.entity,
        "name": explanation.trace.profile.name,
        "edition": explanation.edition,
        "figure": explanation.rows[0].line.step.figure,
        "lines": len(found.lines),
        "untracked": list(found.untracked),
        "cut": found.cut or None,
        "revisions": [
            {
                "revision": each.revision or None,
                "date": each.date or None,
                "author": each.author or None,
                "subject": each.subject or None,
                "changes": [_change(change) for change in each.changes],
            }
            for each in found.touches
        ],
    }


def _change(change: Change) -> Record:
    return {
        "file": change.line.file,
        "line": change.line.number,
        "figure": change.line.figure,
        "was": change.was,
        "now": change.now,
    }


def history_records(found: History) -> list[Record]:
    """A record a line that a revision touched."""
    return [
        {
            "revision": touch.revision or None,
            "date": touch.date or None,
            "author": touch.author or None,
            "subject": touch.subject or None,
            **_change(change),
        }
        for touch in found.touches
        for change in touch.changes
    ]
