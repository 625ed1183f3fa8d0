"""Bands cover the whole range, once."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Note, instead, quote
from bareme.exact import shorten, written
from bareme.framework import Band, Framework, Range
from bareme.source import Span


def check_bands(framework: Framework) -> Iterator[Diagnostic]:
    """Report lists of bands that leave scores without a name or name them twice."""
    seen: set[Span] = set()
    for figure in framework.figures.values():
        bands = figure.settings.bands
        if bands.span is not None and bands.span not in seen:
            seen.add(bands.span)
            yield from _check(bands.value, bands.span, figure.printed_range)


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
                f"bands {quote(other.label)} and {quote(band.label)} both start at "
                f"{shorten(band.floor)}",
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
