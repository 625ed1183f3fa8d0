"""Which weights a print allows, for people: ranges, what fits, and the lines behind them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import zip_longest
from math import gcd, lcm

from bareme.audit.inferred import Inferred, Refuted, Tried
from bareme.audit.printed_lines import LeftOut, NotInferred, PrintedLine
from bareme.diagnostics import counted
from bareme.exact import percent, rational, shorten, written
from bareme.methods.inference import Interval, WeightRange
from bareme.methods.linear import Multipliers, combined
from bareme.reports.inferred_records import Place, letter
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, pad, right, width

MOST_LINES = 12
"""Printed lines that are listed where they make no end of a range."""

MOST_MISSED = 3
"""Lines that are shown of those that some weights do not reproduce."""

_NAME = 27


def _letters(numbers: Sequence[int]) -> str:
    return ", ".join(letter(each) for each in numbers)


# ---- for people


def inferred_lines(framework: str, found: Inferred, pen: Pen, place: Place) -> list[TextLine]:
    """One figure: the range of every weight, what fits, and the printed lines behind it."""
    heads = [found.figure.title, f"{framework} {found.edition}", found.figure.dotted]
    lines = [line((part, "bold")) for part in fold(pen.between.join(map(pen.text, heads)), WIDTH)]
    if found.alongside:
        others = " and ".join(f"`{each.dotted}`" for each in found.alongside)
        lines += _said(f"taken to have the same weights: {others}")
    if found.as_scored:
        lines += _said("parts are taken as the rules score them, given scores included")
    lines += _parts(found, pen)
    if found.contradiction is not None:
        lines += _proof(found, found.contradiction, pen)
    for each in _tried_and_shown(found):
        lines += _tried(found, each, pen)
    lines += _off_score(found, pen)
    lines += _printed(found, pen, place)
    lines += _left_out(found.left_out, pen, place)
    return [tuple((pen.text(text), style) for text, style in each) for each in lines]


def not_inferred_lines(found: Sequence[NotInferred], pen: Pen, place: Place) -> list[TextLine]:
    """Figures of whose weights nothing is said, and why."""
    lines: list[TextLine] = []
    for each in found:
        said = f"`{'.'.join(each.figure)}` is left out: {pen.text(each.reason)}"
        lines += _said(f"{said} ({place(each.span)})", indent="")
    return lines


def _said(text: str, indent: str = "  ", style: str = "") -> list[TextLine]:
    first, *rest = fold(text, WIDTH - len(indent) - 2)
    return [line(indent, (first, style)), *(line(indent, "  ", (each, style)) for each in rest)]


def _parts(found: Inferred, pen: Pen) -> list[TextLine]:
    ranges = [pen.text(range_text(each)) for each in found.ranges or ()]
    made = [_made_by(found, each, pen) for each in found.ranges or ()]
    span = max([len("can be"), *map(width, ranges)])
    head = f"  {pad('part', _NAME)}{right('rules', 9)}{right('simple', 10)}   "
    head += pad("can be", span) if ranges else ""
    lines = [line((head + ("  made by" if any(made) else ""), "dim"))]
    rest = max(WIDTH - _NAME - 26 - span, 8)
    for at, part in enumerate(found.parts):
        titles = fold(pen.text(part.title), _NAME - 1)
        lettered = fold(made[at], rest) if ranges else [""]
        of_rules = share_text(found.tried[0].weights[at])
        simple = share_text(found.simple[at]) if found.simple else pen.dash
        lines.append(
            line(
                f"  {pad(titles[0], _NAME)}{right(of_rules, 9)}",
                (right(simple, 10), "bold"),
                f"   {pad(ranges[at], span)}  {lettered[0]}" if ranges else "",
            )
        )
        for title, more in zip_longest(titles[1:], lettered[1:], fillvalue=""):
            lines.append(line(f"  {pad(title, _NAME + 22 + span + 2)}{more}"))
    return lines


def share_text(share: Fraction) -> str:
    """A weight as people write it: a percent if it is a short one, else a fraction."""
    return percent(share) if (share * 1000).denominator == 1 else rational(share)


def range_text(each: WeightRange) -> str:
    """A range as an interval; a round bracket is at an end that does not belong to it."""
    if each.low.value == each.high.value:
        return share_text(each.low.value)
    low, high = percent(each.low.value), percent(each.high.value)
    return f"{'(' if each.low.open else '['}{low}, {high}{')' if each.high.open else ']'}"


def _made_by(found: Inferred, each: WeightRange, pen: Pen) -> str:
    """The lines that make the lower end and the upper end; a dash where an end is 0 or 1."""
    low, high = (_letters(found.lines_in(end.multipliers)) for end in (each.low, each.high))
    return low if low == high else f"{low or pen.dash} / {high or pen.dash}"


def _tried(found: Inferred, each: Tried, pen: Pen) -> list[TextLine]:
    names = {"rules": "The weights of the rules", "equal": "Equal weights"}
    typed = f"Weights of {', '.join(map(share_text, each.weights))}"
    name = names.get(each.name, typed)
    if each.fits:
        return _said(f"{name} fit.", "", "good") if found.conditions else []
    lines = _said(f"{name} do not fit:", "", "poor")
    for one in each.against[:MOST_MISSED]:
        lines += _said(_refuted(found, one, pen))
    if len(each.against) > MOST_MISSED:
        lines += _said(f"and {counted(len(each.against) - MOST_MISSED, 'more line')}")
    return lines


def _off_score(found: Inferred, pen: Pen) -> list[TextLine]:
    """Where the simple weights need other scores of the parts than the rules give them."""
    if not found.off_score:
        return []
    lines = _said(
        "The simple weights fit the print, but not the parts as the rules score them:", ""
    )
    for one in found.off_score[:MOST_MISSED]:
        of = found.lines[one.line]
        lines += _said(
            f"line {letter(one.line)}, {_whose(of, pen)}: they give {shorten(one.least)}, and "
            f"{written(of.score)} is printed for {interval_text(of.line.mean)}"
        )
    return lines


def _refuted(found: Inferred, one: Refuted, pen: Pen) -> str:
    of = found.lines[one.line]
    closed = all(part.closed for part in of.line.parts)
    stretch = interval_text(Interval(one.least, one.most, closed))
    return (
        f"line {letter(one.line)}, {_whose(of, pen)}: the mean lies in {stretch}, and "
        f"{written(of.score)} is printed for {interval_text(of.line.mean)}"
    )


def interval_text(each: Interval) -> str:
    """Scores from a lower end, which is one of them, to an upper end."""
    return f"[{shorten(each.low)}, {shorten(each.high)}{']' if each.closed else ')'}"


def _whose(each: PrintedLine | LeftOut, pen: Pen) -> str:
    return f"{pen.text(each.name)} {pen.text(each.edition)}".rstrip()


def _printed(found: Inferred, pen: Pen, place: Place) -> list[TextLine]:
    """The printed lines by their letters; where there are many, those that are spoken of."""
    if not found.conditions:
        return [line("Nothing printed bears on these weights.")]
    shown = _spoken_of(found) if len(found.lines) > MOST_LINES else range(len(found.lines))
    lines = [line(("printed, with the scores of the parts:", "dim"))]
    for number in shown:
        each = found.lines[number]
        scores = ", ".join("?" if score is None else written(score) for score in each.parts)
        where = f"`{'.'.join(each.figure)}`, " if found.alongside else ""
        text = f"{where}{_whose(each, pen)}: {written(each.score)} of {scores}"
        name = pad(letter(number), 3)
        first, *more = fold(f"{text} ({place(each.span)})", WIDTH - 2 - len(name))
        lines.append(line(f"  {name}{first}"))
        lines += [line("  " + " " * len(name) + rest) for rest in more]
    if len(shown) < len(found.lines):
        rest = counted(len(found.lines) - len(shown), "more line")
        lines += _said(f"and {rest}, which nothing above rests on")
    return lines


def _left_out(left_out: Sequence[LeftOut], pen: Pen, place: Place) -> list[TextLine]:
    """What is not used, each reason once, with the first place that has it."""
    lines: list[TextLine] = []
    for reason in dict.fromkeys(each.reason for each in left_out):
        first, *more = [each for each in left_out if each.reason == reason]
        whose = _whose(first, pen) + (f" and {len(more)} more" if more else "")
        lines += _said(f"not used: {whose}: {pen.text(reason)} ({place(first.span)})")
    return lines


def _spoken_of(found: Inferred) -> list[int]:
    numbers = set(found.lines_in(found.contradiction or {}))
    for each in found.ranges or ():
        numbers |= {*found.lines_in(each.low.multipliers), *found.lines_in(each.high.multipliers)}
    numbers |= {one.line for each in _tried_and_shown(found) for one in each.against[:MOST_MISSED]}
    numbers |= {one.line for one in found.off_score[:MOST_MISSED]}
    return sorted(numbers)


def _tried_and_shown(found: Inferred) -> list[Tried]:
    """Where no weights fit, only those that were asked about are held against the print."""
    return [each for each in found.tried if found.ranges is not None or each.name == "tried"]


def _proof(found: Inferred, multipliers: Multipliers, pen: Pen) -> list[TextLine]:
    """Why no weights fit, as a table that can be added up by hand."""
    times = in_whole_numbers(multipliers)
    *others, last = map(letter, found.lines_in(times))
    which = f"lines {', '.join(others)} and {last} together leave" if others else (
        f"line {last} alone leaves"
    )  # fmt: skip
    rows = [each.row for each in found.conditions]
    most = shorten(max(combined(rows, times))).replace("-", pen.minus)
    strict = [found.conditions[number].line for number in times if rows[number].strict]
    end = "is 0 or more" + (f", that of {_letters(strict)} above 0" if strict else "")
    if len(strict) == len(times):
        end = "is above 0"
    lines = _said(f"No weights fit: {which} none.", "", "poor")
    table = _added_up(found, times, pen)
    if not table:
        return lines + _said("The proof is too wide to be shown here; `--format json` has it.")
    for number in times:
        table += _said(_says(found, number))
    return [
        *lines,
        *table,
        *_said(
            f"With weights that fit, the mean of each column {end}, and so is that of the last; "
            f"but whatever the weights, it is {most} at most."
        ),
    ]


def _added_up(found: Inferred, times: Multipliers, pen: Pen) -> list[TextLine]:
    """A column for each condition, its numbers multiplied, and their sum; none if too wide."""
    rows = [each.row for each in found.conditions]
    columns = [
        [_head(found, number, factor, pen)]
        + [shorten(each * factor) for each in rows[number].coefficients]
        for number, factor in times.items()
    ]
    columns.append(["added up", *map(shorten, combined(rows, times))])
    wide = [max(map(len, column)) + 2 for column in columns]
    if _NAME + sum(wide) + 2 > WIDTH:
        return []
    lines: list[TextLine] = []
    for at, title in enumerate(["part", *(part.title for part in found.parts)]):
        first, *more = fold(pen.text(title), _NAME - 1)
        cells = [
            right(column[at].replace("-", pen.minus), w)
            for column, w in zip(columns, wide, strict=True)
        ]
        style = "dim" if at == 0 else ""
        lines.append(
            line(
                (f"  {pad(first, _NAME)}{''.join(cells[:-1])}", style), (cells[-1], style or "bold")
            )
        )
        lines += [line(f"  {each}") for each in more]
    return lines


def _head(found: Inferred, number: int, factor: Fraction, pen: Pen) -> str:
    name = letter(found.conditions[number].line)
    return name if factor == 1 else f"{factor} {pen.times} {name}"


def _says(found: Inferred, number: int) -> str:
    condition = found.conditions[number]
    mean = found.lines[condition.line].line.mean
    if condition.up:
        return (
            f"{letter(condition.line)}: the highest that the part can be, less "
            f"{shorten(mean.low)}, the lowest of what is printed"
        )
    return (
        f"{letter(condition.line)}: {shorten(mean.high)}, the end of what is printed, less the "
        "lowest that the part can be"
    )


def in_whole_numbers(multipliers: Multipliers) -> dict[int, Fraction]:
    """The same multipliers as whole numbers without a common factor."""
    under = lcm(*(each.denominator for each in multipliers.values()))
    over = gcd(*(int(each * under) for each in multipliers.values()))
    return {number: each * under / over for number, each in multipliers.items()}
