"""What was not answered, for people and as flat records."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bareme.audit.unanswered import Unanswered, Worth
from bareme.diagnostics import counted
from bareme.exact import decimal
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, pad, right
from bareme.reports.machine import Record
from bareme.results import IndexResults

UNANSWERED_COLUMNS = (
    "framework", "edition", "index", "question", "title", "entity", "name", "score", "lowest",
    "lowest_with", "highest", "highest_with", "part",
)  # fmt: skip

_NAME, _NOW = 26, 8


def unanswered_record(framework: str, each: Unanswered) -> Record:
    """One missing answer of one index, as docs/formats.md describes it."""
    return {
        "framework": framework,
        "edition": each.edition,
        "index": each.index,
        "question": each.question,
        "title": each.title,
        "entity": each.entity,
        "name": each.name,
        "score": each.now,
        "lowest": each.lowest.score,
        "lowest_with": each.lowest.answer,
        "highest": each.highest.score,
        "highest_with": each.highest.answer,
        "part": each.part or None,
    }


def unanswered_lines(
    results: IndexResults, found: Sequence[Unanswered], pen: Pen
) -> list[TextLine]:
    """One index in one edition: each question with the entities that did not answer it."""
    root, edition = results.plan.root, f"{results.plan.framework} {results.edition.id}"
    lines = [line((pen.between.join([pen.text(root.title), edition]), "bold"))]
    if not found:
        return [*lines, line("  every question is answered")]
    heads = f"    {pad('entity', _NAME)}{right('now', _NOW)}   with an answer"
    lines.append(line((heads, "dim")))
    for question, group in groupby(found, key=lambda each: each.question):
        rows = list(group)
        title = rows[0].title
        heading = question if title == question else f'{question} "{pen.text(title)}"'
        lines += [line((f"  {part}", "bold")) for part in fold(heading, WIDTH - 3)]
        for each in rows:
            lines += _row(each, pen)
    entities = len({each.entity for each in found})
    total = [
        f"{counted(len(found), 'answer')} missing",
        counted(entities, "entity", "entities"),
        f"scores of {root.path[0]}, all other answers kept",
    ]
    return [*lines, line((pen.between.join(total), "dim"))]


def _row(each: Unanswered, pen: Pen) -> list[TextLine]:
    who = f"{each.name}, {each.part}" if each.part else each.name
    names = fold(pen.text(who), _NAME - 1)
    could = fold(_could(each, pen), WIDTH - 8 - _NAME - _NOW)
    now = _score(Worth(each.now, ""), each.places, pen)
    rows = [line(f"    {pad(names[0], _NAME)}", (right(now, _NOW), "bold"), f"   {could[0]}")]
    rows += [line(f"    {pad(name, _NAME)}") for name in names[1:]]
    return rows + [line(" " * (7 + _NAME + _NOW) + more) for more in could[1:]]


def _could(each: Unanswered, pen: Pen) -> str:
    low, high = (_score(worth, each.places, pen) for worth in (each.lowest, each.highest))
    if low == high:
        same = each.lowest.score == each.now
        return "the same, whatever the answer" if same else f"{low}, whatever the answer"
    return f"{low} ({pen.text(each.lowest.answer)}) to {high} ({pen.text(each.highest.answer)})"


def _score(worth: Worth, places: int, pen: Pen) -> str:
    if worth.score is None:
        return "no score"
    return decimal(worth.score, places).replace("-", pen.minus)
