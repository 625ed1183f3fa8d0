"""What would move, for people, for reviewers as Markdown, and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from bareme.audit.whatif import Change, Moved, Silent, WhatIf
from bareme.diagnostics import counted
from bareme.exact import decimal, shorten
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, pad, plain, right
from bareme.reports.machine import Json, Record
from bareme.reports.records import score_record
from bareme.results import PublishedFigure
from bareme.scoring.trace import Status
from bareme.source import Span

Place = Callable[[Span], str]

NAME, CELL, BY, DEEPEST = 32, 8, 7, 8

_BOTH = (
    "score", "exact", "status", "band", "rank", "tied", "change", "unrounded_rank",
    "unrounded_tied",
)  # fmt: skip

WHATIF_COLUMNS = (
    "entity", "name", "edition", "index", "figure", "label", "level", "part",
    *(name for each in _BOTH for name in (each, f"{each}_after")),
)  # fmt: skip


# ---- for programs


def whatif_json(found: WhatIf, place: Place) -> Json:
    """All that would move, each figure as `score` has it, before and after."""
    return {
        "format": "bareme.whatif/1",
        "framework": found.framework,
        "edition": found.edition,
        "entity": found.entity,
        "name": found.name,
        "changes": [change_json(each, place) for each in found.changes],
        "figures": [_moved_json(each) for each in found.figures],
        "others": [_moved_json(each) for each in found.others],
        "silent": [
            {
                "id": each.id,
                "figure": each.figure,
                "status": str(each.status),
                "place": place(each.place),
            }
            for each in found.silent
        ],
    }


def change_json(each: Change, place: Place) -> Json:
    return {
        "what": each.what,
        "id": each.id,
        "title": each.title,
        "part": each.part or None,
        "before": each.before or None,
        "after": each.after or None,
        "place": place(each.place) if each.place else None,
    }


def _moved_json(each: Moved) -> Json:
    return {
        "before": score_record(each.before) if each.before else None,
        "after": score_record(each.after) if each.after else None,
    }


def whatif_records(found: WhatIf) -> list[Record]:
    """A flat record for each figure that moves, those of other entities last."""
    return [_flat(each) for each in (*found.figures, *found.others)]


def _flat(each: Moved) -> Record:
    whole = score_record(each.figure)
    row = {name: whole[name] for name in WHATIF_COLUMNS if name in whole and name not in _BOTH}
    before = score_record(each.before) if each.before else {}
    after = score_record(each.after) if each.after else {}
    for name in _BOTH:
        row |= {name: before.get(name), f"{name}_after": after.get(name)}
    return row


# ---- for people


def whatif_lines(found: WhatIf, place: Place, pen: Pen) -> list[TextLine]:
    """What is supposed, what of the entity moves, and who else moves."""
    heading = [pen.text(found.name), f"{found.framework} {found.edition}", "what if"]
    lines = [line((pen.between.join(heading), "bold"))]
    for change in _named(found):
        lines += change_lines(change, place, pen)
    lines += [line((f"  {text}", "dim")) for text in _siblings(found)]
    for each in found.silent:
        lines += [line((text, "dim")) for text in fold(_silence(each, place), WIDTH - 1)]
    for _, group in groupby(found.figures, key=lambda each: each.figure.index):
        lines += [line(), _heads("unrounded")]
        for moved in group:
            lines += _row(moved, pen)
    shown = [each for each in found.others if published_moves(each)]
    for index, group in groupby(shown, key=lambda each: each.figure.index):
        lines += [line(), _heads("rank", f"others in {index}")]
        for moved in group:
            lines += _other(moved, pen)
    return [*lines, line(), *(line((part, "dim")) for part in _summary(found, pen))]


def change_lines(change: Change, place: Place, pen: Pen) -> list[TextLine]:
    """One thing supposed: what it is now, what it would be, and where it stands."""
    who = f", {change.part}" if change.part else ""
    none = "not given" if change.what == "score" else "not answered"
    before, after = (pen.text(text) or none for text in (change.before, change.after))
    what = f"{change.id}{pen.text(who)}: {before} {arrow(pen)} {after}"
    where = f"  ({place(change.place)})" if change.place else ""
    rows = fold(what + where, WIDTH - 3)
    return [line(f"  {row}") for row in rows]


def _named(found: WhatIf) -> list[Change]:
    return [each for each in found.changes if each.what != "sibling"]


def _siblings(found: WhatIf) -> list[str]:
    """That other parts of a figure share what a named one leaves."""
    many = len(found.changes) - len(_named(found))
    if not many:
        return []
    share = "shares" if many == 1 else "share"
    return [f"{counted(many, 'sibling')} {share} the rest as before"]


def arrow(pen: Pen) -> str:
    return pen.text("→")


def _silence(each: Silent, place: Place) -> str:
    why = "is skipped"
    if each.status is Status.GIVEN:
        why = "is given by the profile, so what stands below it does not count"
    return f"{each.id} counts for nothing there: `{each.figure}` {why} ({place(each.place)})"


def _heads(last: str, first: str = "") -> TextLine:
    numbers = f"{right('before', CELL)}{right('after', CELL)}{right('change', BY)}"
    return line((f"{pad(first, NAME)}{numbers}   {last}", "dim"))


def _row(moved: Moved, pen: Pen) -> list[TextLine]:
    figure = moved.figure
    indent = "  " * min(figure.depth, DEEPEST)
    title = f"{figure.label}, {figure.part}" if figure.part else figure.label
    names = fold(pen.text(title), NAME - 1 - len(indent))
    style = "bold" if figure.level == "index" else ""
    if figure.level == "rating":
        band = pair(moved, lambda each: pen.text(each.band or missing(each)), pen)
        return [line((pad(indent + names[0], NAME), style), f"  {band}")]
    rows = [
        line(
            (pad(indent + names[0], NAME), style),
            *_cells(moved, pen),
            f"   {unrounded(moved, pen)}",
        )
    ]
    rows += [line((indent + name, style)) for name in names[1:]]
    beside = pen.between.join(_beside(moved, pen))
    return rows + [line((f"{indent}  {part}", "dim")) for part in fold(beside, WIDTH - 3) if part]


def _cells(moved: Moved, pen: Pen) -> list[tuple[str, str]]:
    before, after = score(moved.before, pen), score(moved.after, pen)
    by = by_how_much(moved, pen)
    style = "bold" if before != after else "dim"
    return [(right(before, CELL), ""), (right(after, CELL), style), (right(by, BY), "")]


def _other(moved: Moved, pen: Pen) -> list[TextLine]:
    names = fold(pen.text(moved.figure.name), NAME - 1)
    beside = list(_beside(moved, pen, named=False)) or [""]
    rows = [line(pad(names[0], NAME), *_cells(moved, pen), f"   {beside[0]}")]
    rows += [line(name) for name in names[1:]]
    return rows + [line((f"  {each}", "dim")) for each in beside[1:]]


def _beside(moved: Moved, pen: Pen, named: bool = True) -> Iterator[str]:
    """Ranks, bands and changes that move."""
    if _differ(moved, lambda each: rank_of(each, pen)):
        rank = pair(moved, lambda each: rank_of(each, pen), pen)
        yield f"rank {rank}" if named else rank
    if _differ(moved, lambda each: each.band):
        yield pair(moved, lambda each: pen.text(each.band or pen.dash), pen)
    if named and _differ(moved, lambda each: each.change):
        yield f"change {pair(moved, lambda each: signed(each.change, each.places, pen), pen)}"
    if _differ(moved, lambda each: each.status) and moved.before and moved.after:
        yield f"{moved.before.status} {arrow(pen)} {moved.after.status}"


def pair(moved: Moved, read: Callable[[PublishedFigure], str], pen: Pen) -> str:
    """What is read of a figure, before and after."""
    before = read(moved.before) if moved.before else "not in the index"
    after = read(moved.after) if moved.after else "not in the index"
    return f"{before} {arrow(pen)} {after}"


def _differ(moved: Moved, read: Callable[[PublishedFigure], object]) -> bool:
    before = read(moved.before) if moved.before else None
    after = read(moved.after) if moved.after else None
    return before != after


def published_moves(each: Moved) -> bool:
    """Whether what is printed moves, and not the unrounded score alone."""
    return _differ(each, lambda f: (f.score, f.band, f.rank, f.tied, f.unrounded_rank, f.change))


def score(figure: PublishedFigure | None, pen: Pen) -> str:
    """A published score, or why there is none."""
    if figure is None:
        return pen.dash
    if figure.score is None:
        return missing(figure)
    return decimal(figure.score, figure.places).replace("-", pen.minus)


def missing(figure: PublishedFigure) -> str:
    return "missing" if figure.status is Status.MISSING else "n/a"


def by_how_much(moved: Moved, pen: Pen) -> str:
    return signed(moved.published, moved.figure.places, pen)


def signed(value: Fraction | None, places: int, pen: Pen) -> str:
    """A published difference with its sign."""
    if value is None:
        return pen.dash
    sign = "+" if value > 0 else pen.minus if value < 0 else ""
    return f"{sign}{decimal(abs(value), places)}"


def exactly(value: Fraction | None, pen: Pen) -> str:
    """An unrounded score for the eye."""
    return pen.dash if value is None else pen.text(shorten(value)).replace("-", pen.minus)


def signed_exactly(value: Fraction, pen: Pen) -> str:
    """An unrounded difference with its sign."""
    sign = "+" if value > 0 else pen.minus if value < 0 else ""
    return f"{sign}{pen.text(shorten(abs(value)))}"


def unrounded(moved: Moved, pen: Pen) -> str:
    return pair(moved, lambda each: exactly(each.exact, pen), pen)


def rank_of(figure: PublishedFigure, pen: Pen) -> str:
    """A rank as it is printed, that by unrounded scores in brackets where there is one."""
    if figure.rank is None:
        return pen.dash
    rank = _rank(figure.rank, figure.tied)
    if figure.unrounded_rank is None:
        return rank
    return f"{rank} ({_rank(figure.unrounded_rank, figure.unrounded_tied)})"


def _rank(rank: int, tied: bool) -> str:
    return f"{'=' if tied else ''}{rank}"


def _summary(found: WhatIf, pen: Pen) -> list[str]:
    figures = len(found.figures)
    what = f"{counted(figures, 'figure')} of {pen.text(found.name)} {_moves(figures)}"
    parts = [what if figures else f"no published figure of {pen.text(found.name)} moves"]
    others = {each.figure.entity for each in found.others if published_moves(each)}
    if others:
        parts.append(
            f"{counted(len(others), 'other entity', 'other entities')} {_moves(len(others))}"
        )
    rest = {each.figure.entity for each in found.others} - others
    if rest:
        parts.append(f"unrounded alone {len(rest)} more")
    return fold(pen.between.join([*parts, "nothing was written"]), WIDTH - 1)


def _moves(number: int) -> str:
    return "moves" if number == 1 else "move"


# ---- for reviewers


def whatif_markdown(found: WhatIf, place: Place) -> str:
    """The same as Markdown."""
    pen = Pen(minus="-", dash="")
    rows = [f"**{cell(found.name)}**, {cell(f'{found.framework} {found.edition}')}: what if", ""]
    rows += changes_markdown(_named(found), place)
    rows += [f"- {text}" for text in _siblings(found)]
    rows += [f"- {cell(_silence(each, place))}" for each in found.silent]
    if found.figures:
        rows += ["", *_table("Figure", found.figures, pen)]
    shown = [each for each in found.others if published_moves(each)]
    if shown:
        rows += ["", *_table("Other entity", shown, pen)]
    return "\n".join([*rows, "", *(f"{part}." for part in [" ".join(_summary(found, pen))]), ""])


def changes_markdown(changes: Sequence[Change], place: Place) -> list[str]:
    """A list of what is supposed."""
    drawn = [plain(change_lines(each, place, Pen())) for each in changes]
    return [f"- {cell(each)}" for each in drawn]


def _table(first: str, moved: Sequence[Moved], pen: Pen) -> Iterator[str]:
    yield f"| {first} | before | after | change | unrounded | rank | band |"
    yield "| --- | ---: | ---: | ---: | --- | --- | --- |"
    for each in moved:
        figure = each.figure
        who = figure.part if first == "Figure" else figure.name
        name = f"`{figure.figure}`" + (f", {cell(who)}" if who else "")
        label = figure.level == "rating"
        band = _either(each, lambda f: f.band or "", pen)
        rank = _either(each, lambda f: rank_of(f, pen), pen)
        numbers = ["", "", "", ""] if label else [
            score(each.before, pen), score(each.after, pen), by_how_much(each, pen),
            unrounded(each, pen),
        ]  # fmt: skip
        yield f"| {' | '.join([name, *map(cell, [*numbers, rank, band])])} |"


def _either(moved: Moved, read: Callable[[PublishedFigure], str], pen: Pen) -> str:
    """What is read of a figure, once where it stays."""
    return pair(moved, read, pen) if _differ(moved, read) else read(moved.figure)


_MARKS = str.maketrans({each: f"\\{each}" for each in "\\|*_`<[]"})


def cell(text: str) -> str:
    """A text in which nothing is a mark of Markdown."""
    return " ".join(text.split()).translate(_MARKS)
