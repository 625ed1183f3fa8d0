"""How a rating came about, for people: what it read, the mean, and the grade that holds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bareme.audit.explain import RatingExplained
from bareme.diagnostics import escape
from bareme.exact import decimal, shorten
from bareme.framework import Grade
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, width
from bareme.results import PublishedFigure


def rating_lines(explained: RatingExplained, pen: Pen) -> list[TextLine]:
    """Draw how a rating came about."""
    rating, published = explained.rated.rating, explained.published
    name = pen.text(escape(published.name))
    facts = [name, f"{explained.framework} {explained.edition}", rating.dotted]
    label = pen.text(escape(published.band)) if published.band else f"none ({published.status})"
    head = f"{pen.text(escape(rating.title))} = {label}"
    lines = [line((pen.between.join(facts), "dim"))]
    lines.append(_with_place("", head, explained.place(rating.span)))
    for text in _because(explained, pen):
        lines += [line((pen.bar, "dim"), (part, "")) for part in fold(text, WIDTH - 4)]
    for at, (figure, number) in enumerate(explained.read):
        last = at == len(explained.read) - 1
        lead = pen.corner if last else pen.tee
        title, value = pen.text(escape(figure.label)), _published(figure, pen)
        lines.append(_with_place(lead, f"{title} = {value}", figure.figure))
        lines += [
            line(("   " if last else pen.bar, "dim"), (f"   {text}", "dim"))
            for text in _read(explained, figure, number, pen)
        ]
    missing = [figure for figure, number in explained.read if number is None]
    first = [*missing, explained.read[0][0]][0]
    which = f"{_shell(published.entity)} {first.figure} --edition {explained.edition}"
    on = f"`bareme explain {which}` goes on from there."
    return [*lines, *(line((part, "bold")) for part in fold(pen.text(on), WIDTH - 1))]


def _because(explained: RatingExplained, pen: Pen) -> Iterator[str]:
    """The mean, and the grade that holds for it."""
    rated = explained.rated
    numbers = [number for _, number in explained.read if number is not None]
    if rated.mean is None:
        names = [figure.figure for figure, number in explained.read if number is None]
        yield f"no rating: {', '.join(names)} {'are' if names[1:] else 'is'} missing"
        return
    if numbers[1:]:
        shown = " + ".join(shorten(each) for each in numbers)
        yield pen.text(f"mean: ({shown}) / {len(numbers)} = {shorten(rated.mean)}")
    if rated.grade is not None:
        grade = escape(_written(rated.grade, rated.rating.ascending))
        yield pen.text(f"`{grade}` holds for {shorten(rated.mean)}")


def _written(grade: Grade, ascending: bool) -> str:
    if grade.number is None:
        return f"{grade.label} above"
    return f"{grade.label} {'up to' if ascending else 'from'} {shorten(grade.number)}"


def _published(figure: PublishedFigure, pen: Pen) -> str:
    """The published score of a figure, or the label of a rating."""
    if figure.level == "rating":
        return pen.text(escape(figure.band)) if figure.band else f"none ({figure.status})"
    if figure.score is None:
        return f"no score ({figure.status})"
    return pen.text(decimal(figure.score, figure.places))


def _read(
    explained: RatingExplained, figure: PublishedFigure, number: Fraction | None, pen: Pen
) -> Iterator[str]:
    """Where something else than what is published was read."""
    by = explained.rated.rating.by_unrounded
    if number is not None and by.value and by.span and figure.level != "rating":
        place = explained.place(by.span)
        yield pen.text(f"read as {shorten(number)}, `band by unrounded scores` is set: {place}")


def _with_place(lead: str, head: str, place: str) -> TextLine:
    gap = max(2, WIDTH - width(lead) - width(head) - width(place))
    return line((lead, "dim"), (head, "bold"), (" " * gap, ""), (place, "dim"))


def _shell(text: str) -> str:
    return text if text.isalnum() else f'"{text}"'
