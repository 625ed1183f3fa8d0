"""The grades of a rating cover all that it can read, each number once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from bareme.checks.bands import held_from
from bareme.diagnostics import Diagnostic, Edit, Fix, Note, instead, quote
from bareme.exact import decimal_places, shorten, written
from bareme.framework import LOWEST, Framework, Grade, Range, Rating
from bareme.language.statement import label_in_a_line

Path = tuple[str, ...]


def check_ratings(framework: Framework) -> Iterator[Diagnostic]:
    """Report grades that leave a gap or hold twice, and labels that are read as numbers."""
    labels: dict[Path, Range] = {}  # the least and the greatest, of ratings whose labels are all so
    for index in framework.indices:
        for rating in index.ratings:
            values = [each.value for each in rating.grades]
            numbers = [each for each in values if each is not None]
            if numbers and len(numbers) == len(values) and not rating.damaged:
                labels[rating.path] = min(numbers), max(numbers)
            if rating.damaged:
                continue
            wrong = list(_no_numbers(framework, rating))
            yield from wrong
            read = None if wrong else _read(framework, rating, labels)
            yield from _once(rating, read[1] if read is not None else None)
            if read is not None:
                yield from _covers(rating, read)


def _no_numbers(framework: Framework, rating: Rating) -> Iterator[Diagnostic]:
    """A rating of ratings reads their labels as numbers."""
    for path, span in zip(rating.of, rating.of_spans, strict=True):
        source = framework.ratings.get(path)
        grades = source.grades if source is not None else ()
        odd = next((each for each in grades if each.value is None), None)
        if source is None or odd is None:
            continue
        yield Diagnostic(
            "E313",
            f"rating `{rating.path[-1]}` reads the labels of `{source.path[-1]}`, and "
            f"{quote(odd.label)} is not a number",
            span,
            "name a figure, or a rating whose labels are all numbers",
            (Note("the label is here", odd.span),),
        )


def _read(framework: Framework, rating: Rating, labels: Mapping[Path, Range]) -> Range | None:
    """The least and the greatest that a rating can read; None where that is not known."""
    ranges: list[Range] = []
    for path in rating.of:
        figure = framework.figures.get(path)
        found = figure.printed_range if figure is not None else labels.get(path)
        if found is None:
            return None
        ranges.append(found)
    if not ranges:
        return None
    low = sum((low for low, _ in ranges), Fraction(0))
    high = sum((high for _, high in ranges), Fraction(0))
    return low / len(ranges), high / len(ranges)


def _once(rating: Rating, most: Fraction | None) -> Iterator[Diagnostic]:
    """No two grades have one label, or hold the same numbers.

    Args:
        most: the greatest number that the rating can read; None where it is not known.
    """
    labels: dict[str, Grade] = {}
    numbers: dict[Fraction, Grade] = {}
    before: Grade | None = None
    for grade in rating.grades:
        other = labels.setdefault(grade.label, grade)
        if other is not grade:
            yield Diagnostic(
                "E313",
                f"grade {quote(grade.label)} is named twice",
                grade.span,
                "each grade has a name of its own",
                (Note("it is first named here", other.span),),
            )
        if before is not None and before.number is None:
            yield Diagnostic(
                "E313",
                f"grade {quote(grade.label)} never holds: `above` stands before it",
                grade.span,
                "let `above` be the last",
                (Note("`above` is here", before.span),),
                _in_order(rating),
            )
            return
        if grade.number is not None:
            same = numbers.setdefault(grade.number, grade)
            if same is not grade:
                yield Diagnostic(
                    "E313",
                    f"grades {quote(same.label)} and {quote(grade.label)} both hold "
                    f"{_held(grade.number, rating, most)}",
                    grade.span,
                    "let one of them have another number, or take it out",
                    (Note("the other is here", same.span),),
                )
            elif rating.ascending and before is not None and _descends(before, grade):
                assert before.number is not None
                yield Diagnostic(
                    "E313",
                    f"grade {quote(grade.label)} never holds: {quote(before.label)} before it "
                    f"holds up to {shorten(before.number)} already",
                    grade.span,
                    "write the grades in order, the lowest number first",
                    fix=_in_order(rating),
                )
        before = grade


def _descends(before: Grade, grade: Grade) -> bool:
    return before.number is not None and grade.number is not None and grade.number < before.number


def _held(number: Fraction, rating: Rating, most: Fraction | None) -> str:
    """What a grade of a number holds, in words that follow `hold`."""
    numbers = [each.number for each in rating.grades if each.number is not None]
    if not rating.ascending:
        if most is None and number == max(numbers):
            return f"from {shorten(number)} up"
        return held_from(number, numbers, max(numbers) if most is None else most)
    below = [each for each in numbers if each < number]
    return f"{f'above {shorten(max(below))}, ' if below else ''}up to {shorten(number)}"


def _in_order(rating: Rating) -> Fix:
    """The fix that puts grades that hold up to a number in order; none where that is not all."""
    numbers = [each.number for each in rating.grades if each.number is not None]
    labels = {each.label for each in rating.grades}
    if len(set(numbers)) < len(rating.grades) - 1 or len(labels) < len(rating.grades):
        return ()
    by = sorted(
        rating.grades,
        key=lambda each: (each.number is None, LOWEST if each.number is None else each.number),
    )
    return tuple(Edit(old.span, _spelt(new)) for old, new in zip(rating.grades, by, strict=True))


def _spelt(grade: Grade) -> str:
    holds = "above" if grade.number is None else f"up to {written(grade.number)}"
    return f"{label_in_a_line(grade.label)} {holds}"


def _covers(rating: Rating, read: Range) -> Iterator[Diagnostic]:
    """Every number that can be read has a grade, and every grade a number."""
    least, most = read
    start, end = shorten(least), shorten(most)
    numbered = [(each.number, each) for each in rating.grades if each.number is not None]
    for number, grade in numbered:
        if not least <= number <= most:
            how = "holds up to" if rating.ascending else "starts at"
            yield Diagnostic(
                "E313",
                f"grade {quote(grade.label)} {how} {shorten(number)}, and what it reads lies in "
                f"{start} to {end}",
                grade.span,
                f"write a number in {start} to {end}",
                fix=_to_the_end(grade, rating, read),
            )
    rest = next((each for each in rating.grades if each.number is None), None)
    numbers = [number for number, _ in numbered]
    if not rating.ascending and least < min(numbers) <= most:
        lowest = min(numbered, key=lambda each: each[0])[1]
        yield Diagnostic(
            "E313",
            f"from {start} to below {shorten(min(numbers))} no grade holds",
            rating.span,
            f"let {quote(lowest.label)} start from {start}, or add a grade that does",
            fix=_number(lowest, least),
        )
    if rating.ascending and rest is None and least <= max(numbers) < most:
        last = max(numbered, key=lambda each: each[0])[1]
        yield Diagnostic(
            "E313",
            f"above {shorten(max(numbers))} and up to {end} no grade holds",
            rating.span,
            f"let {quote(last.label)} hold `up to {end}`, or end with a grade `above`",
            fix=_number(last, most),
        )
    if rest is not None and most in numbers:
        yield Diagnostic(
            "E313",
            f"grade {quote(rest.label)} never holds: nothing that is read lies above {end}",
            rest.span,
            "take it out, or let the grade before it end lower",
        )


def _number(grade: Grade, number: Fraction) -> Fix:
    """The fix that gives a grade another number, where that can be written as a decimal."""
    if grade.number_span is None or decimal_places(number) is None:
        return ()
    return instead(grade.number_span, written(number))


def _to_the_end(grade: Grade, rating: Rating, read: Range) -> Fix:
    """The fix of the one grade that reaches beyond what is read, on the side that it has to reach.

    There is none on the other side, where it holds nothing, and where another grade ends there too.
    """
    least, most = read
    others = [each.number for each in rating.grades if each is not grade]
    assert grade.number is not None
    if not rating.ascending:
        only = grade.number < least and all(each is not None and each > least for each in others)
        return _number(grade, least) if only else ()
    only = grade.number > most and all(each is not None and each < most for each in others)
    return _number(grade, most) if only else ()
