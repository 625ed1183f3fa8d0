"""Weights are shares of a parent: percents add up to exactly 100 %, nothing is negative."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Fix, Note, instead, without, without_lines
from bareme.exact import decimal_places, percent, rational
from bareme.exact import written as written_out
from bareme.framework import Figure, Framework, Notation, Part, Question
from bareme.methods.aggregation import method_named
from bareme.source import Span


def check_weights(framework: Framework) -> Iterator[Diagnostic]:
    """Report every parent whose children's weights are not shares of it."""
    passed = {each.path for f in framework.figures.values() for each in f.passed_over}
    for figure in framework.figures.values():
        yield from _negative(figure)
        yield from _subtracted(figure)
        yield from _over(figure)
        if figure.children and not any(child.damaged for child in figure.counted):
            shares = [] if figure.path in passed else _not_100(figure)
            amiss = shares or _other_total(figure)
            yield from _mixed(figure) or amiss or _all_zero(figure) or _idle(figure)


def _over(figure: Figure) -> Iterator[Diagnostic]:
    """What a category says of itself means nothing where its indicators count in its place."""
    if figure.over is None:
        return
    if not figure.passed_over:
        yield Diagnostic(
            "E311",
            f"{_named(figure)} holds no categories, so it counts what stands in it anyway",
            figure.over,
            "take the line out",
            fix=without_lines(figure.over),
        )
    for each in figure.passed_over:
        note = Note("`aggregate over indicators` is set here", figure.over)
        if each.weight is not None:
            yield Diagnostic(
                "E311",
                f"category `{each.id}` has a weight, and {_named(figure)} counts its indicators",
                each.weight.span,
                "take the weight out, and give its indicators weights",
                (note,),
            )
        for when in each.skip:
            yield Diagnostic(
                "E311",
                f"category `{each.id}` is skipped, and {_named(figure)} counts its indicators",
                when.span,
                "let the indicators be skipped, each by itself",
                (note,),
            )
        if each.each is not None:  # a part's score is no part of the entity's
            yield Diagnostic(
                "E311",
                f"category `{each.id}` is scored for each {each.each.value}, and {_named(figure)} "
                "counts its indicators",
                each.each.span or each.name_span,
                f"write `for each {each.each.value}` in its indicators, or let categories count",
                (note,),
            )


def _negative(figure: Figure) -> Iterator[Diagnostic]:
    for child in figure.children:
        if child.weight and child.weight.value < 0 and not child.weight.subtracts:
            yield Diagnostic(
                "E303",
                f"the weight of `{child.path[-1]}` is {child.weight.written}; "
                "a weight is 0 or more",
                child.weight.span,
                "turn its scale round with `reverse of` if less is better",
            )


def _subtracted(figure: Figure) -> Iterator[Diagnostic]:
    method = figure.settings.aggregation
    for child in figure.counted:
        if child.weight and child.weight.subtracts and method.value != "sum":
            yield Diagnostic(
                "E303",
                f"`{child.path[-1]}` is subtracted, and {_named(figure)} is no sum: it aggregates "
                f"by {method.value}",
                child.weight.span,
                "write `aggregate by sum` for the figure around it, or take `subtract` out",
                (Note(f"`aggregate by {method.value}` is set here", method.span),)
                if method.span
                else (),
            )
            return


def _mixed(figure: Figure) -> list[Diagnostic]:
    percents = [c for c in figure.counted if c.weight and c.weight.notation is Notation.PERCENT]
    others = [
        c for c in figure.counted if not c.weight or c.weight.notation is not Notation.PERCENT
    ]
    if not percents or not others:
        return []
    odd, rest = (others, percents) if len(others) <= len(percents) else (percents, others)
    first = odd[0]
    written = f"weight {first.weight.written}" if first.weight else "no weight"
    theirs = "percents" if odd is others else "no percents"
    left = 1 - sum((c.weight.value for c in percents if c.weight), Fraction(0))
    help, fix = f"under {_named(figure)} write percents for all, or for none", Fix()
    if odd is others and not odd[1:] and left > 0 and not _asked(first):
        help += f"; what is left is `weight {percent(left)}`"
        fix = _weighted(first, percent(left))
    return [
        Diagnostic(
            "E302",
            f"`{first.path[-1]}` has {written} while its siblings have {theirs}",
            first.weight.span if first.weight else first.name_span,
            help,
            (Note(f"`{rest[0].path[-1]}` has {_weight(rest[0])}", _place(rest[0])),),
            fix,
        )
    ]


def _not_100(figure: Figure) -> list[Diagnostic]:
    weights = [child.weight for child in figure.counted if child.weight is not None]
    if not weights or weights[0].notation is not Notation.PERCENT:
        return []
    total = sum((weight.value for weight in weights), Fraction(0))
    if total == 1 or any(weight.value < 0 for weight in weights):  # reported, or of a sum
        return []
    place, fix = weights[-1].span, Fix()
    by = f"{'raise' if total < 1 else 'lower'} them by {percent(abs(1 - total))} in all"
    if len({weight.value for weight in weights}) == 1 and len(weights) > 1:
        by = f"for equal weights write none at all, or `weight 1/{len(weights)}` for each"
        fix = _unweighted(figure.counted)
    elif one := _most_likely_wrong(figure, 1 - total, percent):
        assert one.weight is not None
        right = one.weight.value + 1 - total
        by += f"; if this one is wrong, `weight {percent(right)}`"
        place, fix = one.weight.span, _weighted(one, percent(right))
    return [
        Diagnostic(
            "E301",
            f"the weights under {_named(figure)} add up to {percent(total)}, not 100%",
            place,
            by,
            (Note(f"they are {_all_weights(figure)}"),),
            fix,
        )
    ]


def _other_total(figure: Figure) -> list[Diagnostic]:
    """Weights that do not add up to what the rules say that they do."""
    total = figure.settings.weights_total
    written = [child.weight for child in figure.counted if child.weight is not None]
    if total.value is None or not written or written[0].notation is Notation.PERCENT:
        return []
    weights = [abs(child.weight.value) if child.weight else Fraction(1) for child in figure.counted]
    added = sum(weights, Fraction(0))
    if added == total.value:
        return []
    missing = total.value - added
    help = f"{'raise' if missing > 0 else 'lower'} them by {_shown(abs(missing))} in all"
    place, fix = written[-1].span, Fix()
    one = _most_likely_wrong(figure, missing, _shown)
    if one is not None and one.weight is not None:
        right = _shown(one.weight.value + missing)
        help += f"; if this one is wrong, `weight {right}`"
        place, fix = one.weight.span, _weighted(one, right)
    set_here = (Note(f"`weights total {_shown(total.value)}` is set here", total.span),)
    return [
        Diagnostic(
            "E312",
            f"the weights under {_named(figure)} add up to {_shown(added)}, "
            f"not {_shown(total.value)}",
            place,
            help,
            (Note(f"they are {_all_weights(figure)}"), *set_here),
            fix,
        )
    ]


def _shown(value: Fraction) -> str:
    return rational(value) if decimal_places(value) is None else written_out(value)


def _most_likely_wrong(
    figure: Figure, missing: Fraction, shown: Callable[[Fraction], str]
) -> Part | None:
    """The part whose weight is the plainest number once it makes up for what is missing.

    A spreadsheet leaves `40.0000001`; of weights that are all as plain, the last is taken.
    """
    written = [each for each in figure.counted if each.weight and not _asked(each)]
    right = [(each.weight.value + missing, each) for each in written if each.weight]
    plain = [(len(shown(value)), -at, each) for at, (value, each) in enumerate(right) if value > 0]
    return min(plain, key=lambda each: each[:2])[2] if plain else None


def _asked(part: Part) -> bool:
    """Whether a question stands elsewhere, so that its weight may hold in several figures."""
    return isinstance(part, Question) and part.asked_by is not None


def _weighted(part: Part, weight: str) -> Fix:
    """The fix that gives a part another weight."""
    text = f"weight {weight}"
    if part.weight is not None:
        return instead(part.weight.span, text)
    end = max(part.span.end, part.name_span.end)
    return instead(Span(part.span.file, end, end), f" {text}")


def _unweighted(parts: Iterable[Part]) -> Fix:
    """The fix that takes the weights of parts out, each with the space before it."""
    spans = dict.fromkeys(each.weight.span for each in parts if each.weight)
    return without(*(Span(each.file, each.start - 1, each.end) for each in spans))


def _all_weights(figure: Figure) -> str:
    texts = [f"`{each.path[-1][:40]}` {_written(each)}" for each in figure.counted]
    if len(texts) > 8:
        return f"{', '.join(texts[:8])} and {len(texts) - 8} more"
    return f"{', '.join(texts[:-1])} and {texts[-1]}" if texts[1:] else f"{texts[0]} alone"


def _weight(child: Part) -> str:
    return f"weight {_written(child)}" if child.weight else "none"


def _written(child: Part) -> str:
    return child.weight.written if child.weight else "none"


def _all_zero(figure: Figure) -> list[Diagnostic]:
    if any(child.weight is None or child.weight.value != 0 for child in figure.counted):
        return []
    return [
        Diagnostic(
            "E303",
            f"the weights under {_named(figure)} are all 0, so nothing counts",
            _place(figure.counted[0]),
            "give at least one a weight above 0",
        )
    ]


def _idle(figure: Figure) -> list[Diagnostic]:
    method = figure.settings.aggregation
    first = next((child for child in figure.counted if child.weight), None)
    if method_named(method.value).weighs or first is None or first.weight is None:
        return []
    return [
        Diagnostic(
            "E307",
            f"`{first.path[-1]}` has weight {first.weight.written}, and a {method.value} "
            "knows no weights",
            first.weight.span,
            f"take the weights under {_named(figure)} out, or aggregate by a mean",
            (Note(f"`aggregate by {method.value}` is set here", method.span),),
            _unweighted(figure.counted),
        )
    ]


def _named(figure: Figure) -> str:
    return f"{figure.level} `{figure.id}`"


def _place(child: Part) -> Span:
    return child.weight.span if child.weight else child.name_span
