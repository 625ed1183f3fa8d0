"""Bands cover the whole range, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Fix, Note, instead, quote
from bareme.exact import shorten, written
from bareme.framework import Band, Figure, Framework, Range
from bareme.source import Span


def check_bands(framework: Framework) -> Iterator[Diagnostic]:
    """Report lists of bands that leave scores without a name or name them twice."""
    seen: dict[Span, set[Range]] = {}
    for figure in framework.figures.values():
        bands = figure.settings.bands
        if bands.span is None:
            continue
        ranges = seen.setdefault(bands.span, set())
        if not ranges:
            ranges.add(figure.printed_range)
            yield from _check(bands.value, bands.span, figure.printed_range)
        elif figure.printed_range not in ranges:
            ranges.add(figure.printed_range)
            yield from _below(figure, bands.value, bands.span)


def _check(bands: tuple[Band, ...], span: Span, scores: Range) -> Iterator[Diagnostic]:
    lowest_score, highest_score = scores
    start, end = shorten(lowest_score), shorten(highest_score)
    listed = sorted(bands, key=lambda band: band.span.start)
    labels: dict[str, Band] = {}
    floors: dict[Fraction, Band] = {}
    for band in listed:
        other = labels.setdefault(band.label, band)
        if other is not band:
            yield Diagnostic(
                "E306",
                f"band {quote(band.label)} is named twice",
                band.span,
                "each band has a name of its own",
                (Note("it is first named here", other.span),),
            )
            continue
        other = floors.setdefault(band.floor, band)
        if other is not band:
            yield Diagnostic(
                "E306",
                f"bands {quote(other.label)} and {quote(band.label)} both hold "
                f"{held_from(band.floor, (each.floor for each in bands), highest_score)}",
                band.span,
                "let one of them start elsewhere, or take it out",
                (Note("the other is here", other.span),),
            )
        if not lowest_score <= band.floor <= highest_score:
            yield Diagnostic(
                "E306",
                f"band {quote(band.label)} starts at {shorten(band.floor)}, "
                f"outside {start} to {end}",
                band.span,
                f"let it start from a score, {start} to {end}",
                fix=_from_the_lowest(band, bands, lowest_score),
            )
    lowest = min(bands, key=lambda band: band.floor)
    if lowest_score < lowest.floor <= highest_score:
        yield Diagnostic(
            "E306",
            f"scores from {start} to below {shorten(lowest.floor)} belong to no band",
            span,
            f"let {quote(lowest.label)} start from {start}, or add a band that does",
            fix=instead(lowest.floor_span, written(lowest_score)) if lowest.floor_span else (),
        )


def held_from(start: Fraction, starts: Iterable[Fraction], most: Fraction) -> str:
    """What is held from a number on, as `from 50 to below 75`; to the end where nothing follows."""
    above = [each for each in starts if start < each <= most]
    if above:
        return f"from {shorten(start)} to below {shorten(min(above))}"
    return f"from {shorten(start)} to {shorten(most)}" if start < most else f"at {shorten(start)}"


def _from_the_lowest(band: Band, bands: tuple[Band, ...], lowest: Fraction) -> Fix:
    """The fix of the one band that starts below every score, where no other starts at the least."""
    others = [each.floor for each in bands if each is not band]
    if band.floor_span is None or band.floor >= lowest or any(each <= lowest for each in others):
        return ()
    return instead(band.floor_span, written(lowest))


def _below(figure: Figure, bands: tuple[Band, ...], span: Span) -> Iterator[Diagnostic]:
    """Bands that hold for a figure on another range than the one they were written for."""
    start, floor = figure.printed_range[0], min(band.floor for band in bands)
    if start < floor:
        yield Diagnostic(
            "E306",
            f"these bands hold for {figure.level} `{figure.id}` too, and its scores from "
            f"{shorten(start)} to below {shorten(floor)} belong to none",
            span,
            f"write bands of its own under `{figure.id}`",
            (Note("its range is declared here", figure.range_span),) if figure.range_span else (),
        )
