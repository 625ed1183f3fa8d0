"""Which answers carry a figure, and the fewest that would bring it elsewhere, for all readers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bareme.audit.reaching import Carrying, Largest, Reached, Tried
from bareme.audit.standing import Standing
from bareme.diagnostics import counted, listing
from bareme.exact import decimal, rational
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, pad
from bareme.reports.machine import Json, Record
from bareme.reports.records import score_record
from bareme.reports.whatif import (
    Place,
    arrow,
    cell,
    change_json,
    change_lines,
    changes_markdown,
    exactly,
    rank_of,
    score,
    signed_exactly,
)

LARGEST_COLUMNS = (
    "framework", "edition", "entity", "name", "figure", "question", "title", "part", "answer",
    "best", "best_by", "best_score", "best_exact", "best_rank", "worst", "worst_by", "worst_score",
    "worst_exact", "worst_rank",
)  # fmt: skip

REACH_COLUMNS = ("question", "title", "part", "before", "after", "place")

_ID, _WAY = 26, 26


# ---- the answers that carry a figure


def largest_records(found: Largest) -> list[Record]:
    """A flat record an answer, largest first."""
    figure = found.standing.figure
    return [
        {
            "framework": found.framework,
            "edition": found.edition,
            "entity": figure.entity,
            "name": figure.name,
            "figure": figure.figure,
            "question": each.id,
            "title": each.title,
            "part": each.part or None,
            "answer": each.now or None,
            **_tried_record("best", each.best),
            **_tried_record("worst", each.worst),
        }
        for each in found.answers
    ]


def _tried_record(way: str, tried: Tried) -> Record:
    return {
        way: tried.answer or None,
        f"{way}_by": _exact(tried.by),
        f"{way}_score": tried.score,
        f"{way}_exact": _exact(tried.exact),
        f"{way}_rank": tried.rank,
    }


def largest_json(found: Largest) -> Json:
    return {
        "format": "bareme.largest/1",
        "figure": score_record(found.standing.figure),
        "answers": largest_records(found),
        "of": found.of,
        "kept": list(found.kept),
        "numbers": list(found.numbers),
    }


def largest_lines(found: Largest, pen: Pen) -> list[TextLine]:
    """A table of the answers that could move the figure most."""
    lines = [line((_heading(found.framework, found.edition, found.standing, pen), "bold"))]
    if not found.answers:
        return [*lines, line("  no single answer moves it")]
    heads = f"  {pad('each answer changed alone', _ID)}{pad('at best', _WAY)}at worst"
    lines.append(line((heads, "dim")))
    for each in found.answers:
        lines += _carrying(each, found.standing, pen)
    total = [f"{len(found.answers)} of {counted(found.of, 'answer')} that move it"]
    total += [*_left_out(found.kept, found.numbers), "nothing was written"]
    return lines + [line((part, "dim")) for part in fold(pen.between.join(total), WIDTH - 1)]


def _carrying(each: Carrying, at: Standing, pen: Pen) -> list[TextLine]:
    who = f"{each.id}, {each.part}" if each.part else each.id
    columns = [
        [
            *fold(pen.text(who), _ID - 2),
            *(f"  {t}" for t in fold(pen.text(each.now or "not answered"), _ID - 4)),
        ],
        _way(each.best, at, pen),
        _way(each.worst, at, pen),
    ]
    rows = max(map(len, columns))
    first, best, worst = (column + [""] * (rows - len(column)) for column in columns)
    return [
        line(
            "  " + pad(a, _ID),
            (pad(b, _WAY), "" if at_row else "bold"),
            (c, "" if at_row else "bold"),
        )
        for at_row, (a, b, c) in enumerate(zip(first, best, worst, strict=True))
    ]


def _way(tried: Tried, at: Standing, pen: Pen) -> list[str]:
    """By how much an answer moves the figure and to where; then the answer."""
    if tried.by == 0:
        return ["as it is"]
    to = f"{arrow(pen)} {_printed(tried, at, pen)}"
    by = f"{signed_exactly(tried.by, pen)} " if tried.by is not None else ""
    return [f"{by}{to}", *(f"  {part}" for part in fold(pen.text(tried.answer), _WAY - 4))]


def _printed(tried: Tried, at: Standing, pen: Pen) -> str:
    """A published score, with its rank where there is one."""
    if tried.score is None:
        return "no score"
    shown = decimal(tried.score, at.figure.places).replace("-", pen.minus)
    if tried.rank is None:
        return shown
    return f"{shown}, rank {'=' if tried.tied else ''}{tried.rank}"


def largest_markdown(found: Largest) -> str:
    pen = Pen(minus="-")
    rows = [f"**{cell(_heading(found.framework, found.edition, found.standing, pen))}**", ""]
    rows += ["| Answer | now | at best | | at worst | |", "| --- | --- | --- | --- | --- | --- |"]
    for each in found.answers:
        who = f"`{each.id}`" + (f", {cell(each.part)}" if each.part else "")
        ways: list[str] = []
        for tried in (each.best, each.worst):
            first, *rest = _way(tried, found.standing, pen)
            ways += [first, tried.answer if rest else ""]
        rows.append(f"| {' | '.join([who, *map(cell, [each.now or 'not answered', *ways])])} |")
    total = [f"{len(found.answers)} of {counted(found.of, 'answer')} that move it"]
    total += _left_out(found.kept, found.numbers)
    return "\n".join([*rows, "", *(f"{cell(part)}." for part in total), ""])


# ---- the fewest answers that reach something


def reach_json(found: Reached, place: Place) -> Json:
    after = found.after
    return {
        "format": "bareme.reach/1",
        "figure": score_record(found.standing.figure),
        "wanted": found.wanted,
        "changes": None
        if found.changes is None
        else [change_json(c, place) for c in found.changes],
        "score": after.score if after else None,
        "exact": _exact(after.exact) if after else None,
        "rank": after.rank if after else None,
        "tied": after.tied if after and after.rank is not None else None,
        "proved": found.proved,
        "none_below": found.found.none_below,
        "impossible": found.found.impossible,
        "furthest": _exact(found.found.furthest),
        "looked_at": found.found.looked_at,
        "of": found.of,
        "kept": list(found.kept),
        "numbers": list(found.numbers),
    }


def reach_records(found: Reached, place: Place) -> list[Record]:
    """A flat record a change."""
    return [
        {
            "question": each.id,
            "title": each.title,
            "part": each.part or None,
            "before": each.before or None,
            "after": each.after or None,
            "place": place(each.place) if each.place else None,
        }
        for each in found.changes or ()
    ]


def reach_lines(found: Reached, place: Place, pen: Pen) -> list[TextLine]:
    """What would have to change, what comes of it, and what is proved of fewer changes."""
    heading = _heading(found.framework, found.edition, found.standing, pen)
    lines = [line((pen.text(f"{heading} → {found.wanted}"), "bold"))]
    for change in found.changes or ():
        lines += change_lines(change, place, pen)
    if found.changes:
        lines.append(line((_outcome(found, pen), "bold")))
    for text in _said(found, pen):
        lines += [line((part, "")) for part in fold(text, WIDTH - 1)]
    left = [*_left_out(found.kept, found.numbers), "nothing was written"]
    return lines + [line((part, "dim")) for part in fold(pen.between.join(left), WIDTH - 1)]


def reach_markdown(found: Reached, place: Place) -> str:
    pen = Pen(minus="-")
    heading = _heading(found.framework, found.edition, found.standing, pen)
    rows = [f"**{cell(f'{heading} → {found.wanted}')}**", ""]
    if found.changes:
        rows += [*changes_markdown(found.changes, place), "", cell(_outcome(found, pen)), ""]
    rows += [cell(text) for text in _said(found, pen)]
    rows += [f"{cell(text)}." for text in _left_out(found.kept, found.numbers)]
    return "\n".join([*rows, ""])


def _outcome(found: Reached, pen: Pen) -> str:
    """`theft 66 → 70 (69.977 unrounded), rank =13 → 9`."""
    figure, after = found.standing.figure, found.after
    assert after is not None
    scores = (
        f"{figure.figure} {score(figure, pen)} {arrow(pen)} {_printed_score(after, found, pen)}"
    )
    scores += f" ({exactly(after.exact, pen)} unrounded)"
    if after.rank is None:
        return scores
    now = rank_of(figure, pen).partition(" ")[0]
    return f"{scores}, rank {now} {arrow(pen)} {'=' if after.tied else ''}{after.rank}"


def _printed_score(after: Tried, found: Reached, pen: Pen) -> str:
    if after.score is None:
        return "no score"
    return decimal(after.score, found.standing.figure.places).replace("-", pen.minus)


def _said(found: Reached, pen: Pen) -> Iterator[str]:
    """What is known of this choice, of smaller ones, and of all."""
    search, of = found.found, counted(found.of, "answer")
    if found.changes is not None and not found.changes:
        yield "It is there already: nothing has to change."
        return
    if found.changes is None and search.impossible and found.proved:
        yield f"No choice of the {of} reaches it: {_furthest(found, pen)}."
        return
    if found.changes is None:
        yield f"No choice of the {of} that reaches it was found: {_furthest(found, pen)}."
    else:
        size = len(found.changes)
        fewer = {1: "", 2: "; no single answer does"}.get(size, f"; no {size - 1} or fewer do")
        yield f"{size} of {of} reach{'es' if size == 1 else ''} it{fewer if found.proved else ''}."
        if found.proved:
            yield "Each is changed no further than the others leave it to. Other choices may do."
            return
    if search.proved or search.impossible:
        yield (
            "This is not proved: the rules average what is averaged already, so that scores of "
            "others may move with it."
        )
        return
    stopped = f"the search stopped after {search.looked_at:,} choices"
    if search.none_below > 1:
        fewer = f"No {search.none_below - 1} or fewer do"
        yield f"{fewer}; more were not searched to the end: {stopped}."
    else:
        yield f"Whether fewer do is not known: {stopped}."


def _furthest(found: Reached, pen: Pen) -> str:
    furthest = found.found.furthest
    if furthest is None:
        return "none gives a score"
    printed = found.standing.printed(furthest)
    assert printed is not None
    shown = decimal(printed, found.standing.figure.places).replace("-", pen.minus)
    return f"the furthest found is {shown} ({exactly(furthest, pen)} unrounded)"


# ---- what both have


def _heading(framework: str, edition: str, at: Standing, pen: Pen) -> str:
    figure = at.figure
    parts = [pen.text(figure.name), f"{framework} {edition}"]
    parts.append(f"{figure.figure} {score(figure, pen)}")
    if figure.rank is not None:
        parts[-1] += f", rank {rank_of(figure, pen)} of {figure.cohort}"
    return pen.between.join(parts)


def _left_out(kept: tuple[str, ...], numbers: tuple[str, ...]) -> list[str]:
    """What was not tried, or not in full."""
    said: list[str] = []
    if kept:
        said.append(f"left as it is: {listing(kept)}")
    if numbers:
        said.append(f"of {listing(numbers)} only numbers at which rules turn were tried")
    return said


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else rational(value)
