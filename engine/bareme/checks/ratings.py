"""The grades of a rating cover all that it can read, each number once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Note, quote
from bareme.exact import shorten
from bareme.framework import Framework, Grade, Range, Rating

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
            yield from _once(rating)
            if not wrong:
                read = _read(framework, rating, labels)
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


def _once(rating: Rating) -> Iterator[Diagnostic]:
    """No two grades have one label, or hold from or up to the same number."""
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
            )
            return
        if grade.number is not None:
            same = numbers.setdefault(grade.number, grade)
            if same is not grade:
                how = "hold up to" if rating.ascending else "start at"
                yield Diagnostic(
                    "E313",
                    f"grades {quote(same.label)} and {quote(grade.label)} both {how} "
                    f"{shorten(grade.number)}",
                    grade.span,
                    "let one of them have another number, or take it out",
                )
            elif rating.ascending and before is not None and _descends(before, grade):
                yield Diagnostic(
                    "E313",
                    f"grade {quote(grade.label)} never holds: {quote(before.label)} before it "
                    "reaches further",
                    grade.span,
                    "write the grades in order, the lowest number first",
                )
        before = grade


def _descends(before: Grade, grade: Grade) -> bool:
    return before.number is not None and grade.number is not None and grade.number < before.number


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
        )
    if rating.ascending and rest is None and least <= max(numbers) < most:
        last = max(numbered, key=lambda each: each[0])[1]
        yield Diagnostic(
            "E313",
            f"above {shorten(max(numbers))} to {end} no grade holds",
            rating.span,
            f"let {quote(last.label)} hold `up to {end}`, or end with a grade `above`",
        )
    if rest is not None and most in numbers:
        yield Diagnostic(
            "E313",
            f"grade {quote(rest.label)} never holds: nothing that is read lies above {end}",
            rest.span,
            "take it out, or let the grade before it end lower",
        )
