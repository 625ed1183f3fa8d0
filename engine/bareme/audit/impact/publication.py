"""The edits of how scores are published: rounding, bands, ranks, ratings, what is compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bareme.audit.impact.edits import Edit
from bareme.diagnostics import counted
from bareme.exact import written
from bareme.framework import Band, Range, Rating, Setting, When
from bareme.plan import Plan, Publication
from bareme.source import Span


def published_edits(before: Plan, after: Plan) -> Iterator[Edit]:
    """Everything that is different between how two plans are published."""
    index = after.index
    pairs: list[tuple[str, str, str, tuple[Span | None, Span | None]]] = [
        (
            "include",
            _when(before.include),
            _when(after.include),
            _at(before.include, after.include),
        ),
        ("rank", _when(before.ranked), _when(after.ranked), _at(before.ranked, after.ranked)),
        ("rank by", before.rank_by.value, after.rank_by.value, _at(before.rank_by, after.rank_by)),
        (
            "compare with",
            _compared(before),
            _compared(after),
            _at(before.compare_with, after.compare_with),
        ),
    ]
    alike = {"include": before.include == after.include, "rank": before.ranked == after.ranked}
    for what, old, new, spans in pairs:
        if old != new and not alike.get(what):
            yield Edit((what, index), f"index `{index}` {what}", old, new, *spans)
    yield from _ratings(before.ratings, after.ratings)
    seen: set[tuple[str, ...]] = set()
    olds = {step.path: step for step in before.steps}
    for step in reversed(after.steps):
        if step.path not in olds:
            continue
        for edit in _publication(olds[step.path].publication, step.publication):
            if edit.key not in seen:
                seen.add(edit.key)
                yield edit


def _publication(before: Publication, after: Publication) -> Iterator[Edit]:
    for what, old, new, one, other in (
        ("publish", _places(before), _places(after), before.places, after.places),
        ("bands", _bands(before.bands.value), _bands(after.bands.value), before.bands, after.bands),
        ("band by", _by(before), _by(after), before.band_by_unrounded, after.band_by_unrounded),
    ):
        if old != new:
            place = _line(other) or _line(one)
            yield Edit((what, old, new, place), what, old, new, one.span, other.span)


def _line(setting: Setting[Any]) -> str:
    return f"{setting.span.file}:{setting.span.start}" if setting.span else ""


def _places(publication: Publication) -> str:
    places = publication.places.value
    decimals = counted(places, "decimal") if places else "whole numbers"
    return decimals if publication.on == publication.own else f"{_on(publication.on)}, {decimals}"


def _on(on: Range) -> str:
    return f"as {written(on[0])} to {written(on[1])}"


def _bands(bands: Sequence[Band]) -> str:
    return ", ".join(f"{band.label} from {written(band.floor)}" for band in bands)


def _by(publication: Publication) -> str:
    return "unrounded scores" if publication.band_by_unrounded.value else "rounded scores"


def _when(when: When | None) -> str:
    return when.written if when else ""


def _at(
    before: When | Setting[Any] | None, after: When | Setting[Any] | None
) -> tuple[Span | None, Span | None]:
    return before.span if before else None, after.span if after else None


def _compared(plan: Plan) -> str:
    if plan.compare_with is None:
        return ""
    named = plan.compare_with.value or "previous edition"
    how = ", by unrounded scores" if plan.compare_by_unrounded.value else ""
    return f"{named} as published{how}" if plan.as_published else f"{named}{how}"


def _ratings(before: Sequence[Rating], after: Sequence[Rating]) -> Iterator[Edit]:
    olds, news = ({each.path: each for each in side} for side in (before, after))
    for path in dict.fromkeys([*olds, *news]):
        old, new = olds.get(path), news.get(path)
        if old != new:
            yield Edit(
                ("rating", ".".join(path)),
                f"rating `{'.'.join(path)}`",
                _rating(old),
                _rating(new),
                old.span if old else None,
                new.span if new else None,
            )


def _rating(rating: Rating | None) -> str:
    if rating is None:
        return ""
    word = "up to" if rating.ascending else "from"
    grades = [
        f"{each.label} {word} {written(each.number)}" if each.number is not None else each.label
        for each in rating.grades
    ]
    return f"of {', '.join('.'.join(path) for path in rating.of)}: {', '.join(grades)}"
