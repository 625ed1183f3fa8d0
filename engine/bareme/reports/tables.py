"""Score tables for people: one entity as a tree with a strip, or a cohort as a league table."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from bareme.audit.unanswered import how_many
from bareme.diagnostics import counted
from bareme.exact import decimal, shorten
from bareme.framework import Band, Range
from bareme.reports.levels import down_to
from bareme.reports.lines import STYLES, WIDTH, Pen, TextLine, fold, line, pad, right, width
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.trace import Status

STRIP = 21  # one cell for every five points, both ends included
NAME = 34
DEEPEST = 8  # levels that are indented; those below stand under one another
_MARKS = {Status.GIVEN: "*", Status.RESTS_ON_GIVEN: "~"}


def score_tables(
    results: Sequence[IndexResults], entities: Sequence[str], level: str, pen: Pen, trees: bool
) -> list[TextLine]:
    """A block an index and entity (`trees`), or a league table an index."""
    lines: list[TextLine] = []
    for each in results:
        shown = [e for e in entities if e in each.by_entity]
        if trees:
            for entity in shown:
                lines += [*_tree(each, _down_to(each, entity, level), pen), line()]
        else:
            lines += [*_league(each, shown, pen), line()]
    return [*lines, *_legend(results, entities, level if trees else "index", pen)]


def _down_to(results: IndexResults, entity: str, level: str) -> list[PublishedFigure]:
    down = down_to(results.plan, level)
    return [figure for figure in results.by_entity.get(entity, ()) if down.shows(figure)]


def _tree(results: IndexResults, figures: Sequence[PublishedFigure], pen: Pen) -> list[TextLine]:
    root = figures[0]
    heading = [pen.text(root.name), f"{results.plan.framework} {results.edition.id}"]
    heading.append(f"{results.plan.index} {_score(root, pen)}")
    if root.change is not None:
        heading[-1] += f" ({_change(root, pen)})"
    if root.rank is not None:
        heading.append(f"rank {_rank(root)} of {root.cohort}")
    lines = [line((pen.between.join(heading), "bold")), _column_heads(results)]
    for figure in figures:
        lines += _row(figure, results, pen)
    return lines


def _column_heads(results: IndexResults) -> TextLine:
    scale = _scale_heads(results.plan.root.publication.on)
    since = f"since {results.compared_with.id}" if results.compared_with else ""
    return line(
        (pad("", NAME), ""), (pad(scale, STRIP), "dim"), (right(results.edition.id[:8], 8), "dim"),
        ("  " + since, "dim"),
    )  # fmt: skip


def _scale_heads(printed: Range) -> str:
    """What the strip's quarters stand for, each at its place as far as there is room."""
    low, high = printed
    ends = [shorten(low + (high - low) * quarter / 4) for quarter in range(5)]
    heads = ""
    for quarter, text in enumerate(ends[:-1]):
        at = quarter * (STRIP - 1) // 4
        heads = f"{heads:<{at}}{text}" if len(heads) < at or at == 0 else heads
    return f"{heads:<{STRIP + 1 - len(ends[-1])}}{ends[-1]}"


def _row(figure: PublishedFigure, results: IndexResults, pen: Pen) -> list[TextLine]:
    indent = "  " * min(figure.depth, DEEPEST)
    names = fold(pen.text(figure.label), NAME - 1 - len(indent))
    if figure.level == "rating":
        labels = fold(pen.text(figure.band or _score(figure, pen)), WIDTH - 1 - NAME)
        names += [""] * (len(labels) - len(names))
        labels += [""] * (len(names) - len(labels))
        return [
            line((pad(indent + name, NAME) if label else indent + name, ""), (label, "bold"))
            for name, label in zip(names, labels, strict=True)
        ]
    shape, style = _shape(figure, _bands(results, figure), pen)
    name_style = "bold" if figure.level in ("index", "category") else ""
    first = line(
        (pad(indent + names[0], NAME), name_style),
        *_strip(figure, shape, style, pen),
        (right(_score(figure, pen), 8), "bold" if name_style else ""),
        (_MARKS.get(figure.status, " "), "dim"),
        (right(_change(figure, pen), 6), ""),
        ("  ", ""),
        (pen.text(figure.band or ""), style),
    )
    return [first, *(line((indent + rest, name_style)) for rest in names[1:])]


def _strip(figure: PublishedFigure, shape: str, style: str, pen: Pen) -> list[tuple[str, str]]:
    cells = [pen.dot] * STRIP
    if figure.median is not None:
        cells[_cell(figure.median, figure.printed_on)] = pen.median
    if figure.score is None:
        return [("".join(cells), "dim")]
    at = _cell(figure.score, figure.printed_on)
    return [("".join(cells[:at]), "dim"), (shape, style), ("".join(cells[at + 1 :]), "dim")]


def _cell(score: Fraction, printed: Range) -> int:
    low, high = printed
    return int((score - low) * (STRIP - 1) / (high - low) + Fraction(1, 2))


def _bands(results: IndexResults, figure: PublishedFigure) -> Sequence[Band]:
    steps = results.plan.steps
    number = results.plan.numbers[tuple(figure.figure.split("."))]
    return steps[number].publication.bands.value


def _shape(figure: PublishedFigure, bands: Sequence[Band], pen: Pen) -> tuple[str, str]:
    for place, band in enumerate(bands):
        if band.label == figure.band:
            return pen.bands[place % len(pen.bands)], STYLES[place] if place < 3 else ""
    return pen.bands[0], ""


def _score(figure: PublishedFigure, pen: Pen) -> str:
    if figure.score is not None:
        return decimal(figure.score, figure.places).replace("-", pen.minus)
    if figure.status is Status.NOT_ASKED:
        return "not asked"
    return "n/a" if figure.status is Status.NOT_APPLICABLE else "missing"


def _change(figure: PublishedFigure, pen: Pen) -> str:
    if figure.change is None:
        return pen.dash
    text = decimal(abs(figure.change), figure.places)
    if figure.change == 0:
        return text
    return f"{'+' if figure.change > 0 else pen.minus}{text}"


def _rank(figure: PublishedFigure) -> str:
    return "" if figure.rank is None else f"{'=' if figure.tied else ''}{figure.rank}"


def _second_rank(figure: PublishedFigure, both: bool) -> str:
    """The rank by unrounded scores, in brackets, where an index has both."""
    if not both:
        return ""
    if figure.unrounded_rank is None:
        return " " * 6
    return pad(f" ({'=' if figure.unrounded_tied else ''}{figure.unrounded_rank})", 6)


def _league(results: IndexResults, entities: Sequence[str], pen: Pen) -> list[TextLine]:
    figures = [results.by_entity[entity][0] for entity in entities]
    lines = [
        line((pen.between.join([pen.text(results.plan.root.title),
              f"{results.plan.framework} {results.edition.id}"]), "bold")),
        _column_heads(results),
    ]  # fmt: skip
    both = any(figure.unrounded_rank is not None for figure in figures)
    rated = {entity: _last_rating(results, entity) for entity in entities}
    worst = Fraction(-1)
    for figure in sorted(
        figures, key=lambda f: (-(worst if f.score is None else f.score), f.name, f.entity)
    ):
        rank = right(_rank(figure), 5)
        shape, style = _shape(figure, _bands(results, figure), pen)
        room = NAME - 7 - len(_second_rank(figure, both))
        names = fold(pen.text(figure.name), room - 1)
        lines.append(
            line(
                (f"{rank}{_second_rank(figure, both)}  ", "dim"),
                (pad(names[0], room), ""),
                *_strip(figure, shape, style, pen),
                (right(_score(figure, pen), 8), "bold"),
                (_MARKS.get(figure.status, " "), "dim"),
                (right(_change(figure, pen), 6), ""),
                ("  ", ""),
                (pen.text(figure.band or rated[figure.entity]), style if figure.band else ""),
            )
        )
        lines += [line((" " * (NAME - room) + rest, "")) for rest in names[1:]]
    return lines


def _last_rating(results: IndexResults, entity: str) -> str:
    """The label of the last rating, where the index has ratings and no bands."""
    if results.plan.root.publication.bands.value:
        return ""
    ratings = [each for each in results.by_entity[entity] if each.level == "rating"]
    return (ratings[-1].band or "") if ratings else ""


def _legend(
    results: Sequence[IndexResults], entities: Sequence[str], level: str, pen: Pen
) -> list[TextLine]:
    """What the signs mean, and what an honest reader must know about the edition."""
    shown = [
        figure
        for each in results
        for entity in entities
        for figure in _down_to(each, entity, level)
    ]
    signs: list[str] = []
    lists = {each.plan.index: each.plan.root.publication.bands.value for each in results}
    for index, bands in lists.items():
        if bands and bands not in [
            lists[other] for other in list(lists)[: list(lists).index(index)]
        ]:
            name = f"{index}: " if len(set(lists.values())) > 1 else ""
            signs += [
                f"{name if place == 0 else ''}{pen.bands[place % len(pen.bands)]} "
                f"{pen.text(band.label)} from {shorten(band.floor)}"
                for place, band in enumerate(bands)
            ]
    if any(figure.median is not None for figure in shown):
        signs.append(f"{pen.median} median")
    if any(figure.unrounded_rank is not None for figure in shown):
        signs.append("(1) rank by unrounded scores")
    if any(figure.status is Status.GIVEN for figure in shown):
        signs.append("* given by the profile")
    if any(figure.status is Status.RESTS_ON_GIVEN for figure in shown):
        signs.append("~ rests on given scores")
    lines = [line((part, "dim")) for part in _joined(signs, pen)]
    edition = results[0].edition if results else None
    scored = [entity for entity in entities if any(entity in each.by_entity for each in results)]
    facts = [counted(len(scored), "entity", "entities")]
    if edition and edition.partial:
        facts.append("partial cohort: no ranks, no medians")
    missing = how_many(results, entities)
    if missing:
        how = f"`bareme check --missing --edition {results[0].edition.id}`"
        facts.append(f"{counted(missing, 'answer')} missing ({how})")
    since: dict[str, list[str]] = {}
    for each in results:
        if each.compared_with:
            since.setdefault(_how_compared(each), []).append(each.compared_with.id)
    facts += [f"changes since {', '.join(dict.fromkeys(ids))} {how}" for how, ids in since.items()]
    facts += [
        f"no {each.compared_with.id} score of {each.plan.index}"
        for each in results
        if each.compared_with
        and all(each.by_entity[e][0].change is None for e in entities if e in each.by_entity)
    ]
    return lines + [line((part, "dim")) for part in _joined(facts, pen)]


def _how_compared(results: IndexResults) -> str:
    """What changes are counted from, and of what scores."""
    if results.plan.as_published:
        return "as published then"
    unrounded = results.plan.compare_by_unrounded.value
    return f"{'of unrounded scores ' if unrounded else ''}restated under today's rules"


def _joined(parts: Sequence[str], pen: Pen) -> list[str]:
    """The parts side by side, each whole, in lines no wider than a terminal."""
    lines: list[str] = []
    for part in parts:
        if lines and width(lines[-1] + pen.between + part) < WIDTH:
            lines[-1] += pen.between + part
        else:
            lines += fold(part, WIDTH - 1)
    return lines
