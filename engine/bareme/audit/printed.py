"""Are these the figures that somebody printed? Each is held against what the rules give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Fix, Note, escape, quote
from bareme.exact import decimal, shorten
from bareme.profiles.profile import (
    Cohort,
    Differs,
    PrintedBand,
    PrintedFigure,
    PrintedRank,
    PrintedRating,
    Profile,
)
from bareme.record import Record, replace
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.trace import Status
from bareme.source import Span


class Outcome(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_COMPARABLE = "not comparable"
    KNOWN_SLIP = "known slip"
    NO_SLIP = "no slip"  # marked as differing, and agrees


class Basis(StrEnum):
    """What stands behind our figure: only the first two say anything about the rules."""

    COMPUTED = "computed"
    RESTS_ON_GIVEN = "rests on given"
    GIVEN = "given"
    OVERRIDDEN = "overridden"  # given in place of what the rules derive


class Comparison(Record):
    """One printed number beside ours.

    Attributes:
        what: `score`, `change`, `rank`, `band` or `rating`.
        printed, ours: as text, `66`, `-2` or `=13`; ours is empty where there is none.
        exact: our unrounded score, where it is a score.
        reason: why the two cannot be compared, why there is none of ours, or why it is a slip.
        because: the line that is the reason, if one is.
        mend: where it is marked as a slip and is none, the fix that takes the mark out.
        span: where the printed number was typed.
    """

    edition: str
    entity: str
    name: str
    index: str
    figure: str
    what: str
    printed: str
    ours: str
    exact: Fraction | None
    basis: Basis
    outcome: Outcome
    reason: str
    because: Span | None
    span: Span
    mend: Fix = ()


def compare_with_print(cohort: Cohort, results: Sequence[IndexResults]) -> list[Comparison]:
    """Hold every printed figure and rank of a cohort against the results."""
    return [
        comparison
        for profile in cohort.profiles
        for each in results
        for comparison in _profile(cohort, profile, each)
    ]


def differences(comparisons: Sequence[Comparison]) -> list[Diagnostic]:
    """A message for each printed value that the rules do not reproduce, or that is no slip."""
    messages = {Outcome.DIFFERS: _message, Outcome.NO_SLIP: _no_slip}
    return [messages[each.outcome](each) for each in comparisons if each.outcome in messages]


def _profile(cohort: Cohort, profile: Profile, results: IndexResults) -> Iterator[Comparison]:
    index = results.plan.index
    if not _is_printed(profile, index):
        return
    figures = {tuple(f.figure.split(".")): f for f in results.by_entity.get(profile.entity, ())}
    rank = profile.printed_ranks.get(index)
    if not figures:  # the entity is not in this index
        return
    if rank is not None:
        yield from _known([_rank(cohort, figures[(index,)], rank)], rank.differs)
    band = profile.printed_bands.get(index)
    if band is not None:
        yield from _known([_band(figures[(index,)], band)], band.differs)
    for path, rating in profile.printed_ratings.items():
        if path[0] == index:
            yield from _known([_rating(figures[path], rating)], rating.differs)
    for path, printed in profile.printed.items():
        if path[0] == index:
            compared = [_score(figures[path], printed)]
            if printed.change is not None:
                compared.append(_change(figures[path], printed, results))
            if printed.band is not None:
                compared.append(_band(figures[path], printed.band))
            yield from _known(compared, printed.differs)


def _is_printed(profile: Profile, index: str) -> bool:
    """Whether anything of an index was printed of an entity."""
    if index in profile.printed_ranks or index in profile.printed_bands:
        return True
    return any(path[0] == index for path in (*profile.printed, *profile.printed_ratings))


def _known(compared: list[Comparison], differs: Differs | None) -> list[Comparison]:
    """What differs is a known slip where the profile says so; if nothing does, that is said."""
    if differs is None:
        return compared
    known = [
        replace(each, outcome=Outcome.KNOWN_SLIP, reason=differs.reason)
        if each.outcome is Outcome.DIFFERS
        else each
        for each in compared
    ]
    first = known[0]
    if first.outcome is Outcome.AGREES and known == compared:
        known[0] = replace(
            first,
            outcome=Outcome.NO_SLIP,
            reason=differs.reason,
            because=differs.span,
            mend=differs.out,
        )
    return known


def _band(figure: PublishedFigure, printed: PrintedBand) -> Comparison:
    agrees = figure.band == printed.label
    none = f"its score is {figure.status}" if figure.score is None else "it has no bands"
    return _comparison(
        figure,
        what="band",
        printed=printed.label,
        ours=figure.band or "",
        exact=None,
        basis=_basis_now(figure),
        outcome=Outcome.AGREES if agrees else Outcome.DIFFERS,
        reason="" if figure.band else none,
        span=printed.span,
    )


def _rating(figure: PublishedFigure, printed: PrintedRating) -> Comparison:
    return _comparison(
        figure,
        what="rating",
        printed=printed.label,
        ours=figure.band or "",
        exact=None,
        basis=_basis_now(figure),
        outcome=Outcome.AGREES if figure.band == printed.label else Outcome.DIFFERS,
        reason="" if figure.band else f"it is {figure.status}",
        span=printed.span,
    )


def _score(figure: PublishedFigure, printed: PrintedFigure) -> Comparison:
    agrees = figure.score == printed.score.value
    return _comparison(
        figure,
        what="score",
        printed=printed.score.text,
        ours="" if figure.score is None else decimal(figure.score, figure.places),
        exact=figure.exact,
        basis=_basis_now(figure),
        outcome=Outcome.AGREES if agrees else Outcome.DIFFERS,
        reason=f"it is {figure.status}" if figure.score is None else "",
        span=printed.score.span,
    )


def _change(figure: PublishedFigure, printed: PrintedFigure, results: IndexResults) -> Comparison:
    assert printed.change is not None
    outcome, reason = Outcome.NOT_COMPARABLE, ""
    if results.compared_with is None:
        reason = "there is no earlier edition to compare with"
    elif figure.score is None:
        reason = f"its score is {figure.status}"
    elif figure.change is None:
        reason = f"there is no {results.compared_with.id} score of it"
    else:
        agrees = figure.change == printed.change.value
        outcome = Outcome.AGREES if agrees else Outcome.DIFFERS
    now, then = _basis(figure.status), _basis(figure.earlier_status or figure.status)
    both = _basis_now(figure) if now is then else Basis.RESTS_ON_GIVEN
    return _comparison(
        figure,
        what="change",
        printed=printed.change.text,
        ours="" if figure.change is None else decimal(figure.change, figure.places),
        exact=None,
        basis=both,
        outcome=outcome,
        reason=reason,
        span=printed.change.span,
    )


def _rank(cohort: Cohort, figure: PublishedFigure, printed: PrintedRank) -> Comparison:
    shown = f"{'=' if printed.tied else ''}{printed.rank}"
    tied = figure.tied and printed.tied is not None
    ours = "" if figure.rank is None else f"{'=' if tied else ''}{figure.rank}"
    outcome = Outcome.AGREES if ours == shown else Outcome.DIFFERS
    reason = f"its score is {figure.status}" if figure.score is None else ""
    if cohort.edition.partial:
        outcome, reason = Outcome.NOT_COMPARABLE, "the cohort is partial"
    return _comparison(
        figure,
        what="rank",
        printed=shown,
        ours=ours,
        exact=None,
        basis=_basis(figure.status),
        outcome=outcome,
        reason=reason,
        because=cohort.edition.partial_span if cohort.edition.partial else None,
        span=printed.span,
    )


def _comparison(
    figure: PublishedFigure,
    *,
    what: str,
    printed: str,
    ours: str,
    exact: Fraction | None,
    basis: Basis,
    outcome: Outcome,
    reason: str,
    span: Span,
    because: Span | None = None,
) -> Comparison:
    return Comparison(
        edition=figure.edition,
        entity=figure.entity,
        name=figure.name,
        index=figure.index,
        figure=figure.figure,
        what=what,
        printed=printed,
        ours=ours,
        exact=exact,
        basis=basis,
        outcome=outcome,
        reason=reason,
        because=because,
        span=span,
    )


def _basis_now(figure: PublishedFigure) -> Basis:
    return Basis.OVERRIDDEN if figure.overridden else _basis(figure.status)


def _basis(status: Status) -> Basis:
    match status:
        case Status.GIVEN:
            return Basis.GIVEN
        case Status.RESTS_ON_GIVEN:
            return Basis.RESTS_ON_GIVEN
        case _:
            return Basis.COMPUTED


_CODES = {"score": "P501", "change": "P502", "rank": "P503", "band": "P505", "rating": "P506"}


def _message(each: Comparison) -> Diagnostic:
    ours = f"the rules give {each.ours}" if each.ours else f"the rules give none: {each.reason}"
    exact = ""
    if each.exact is not None and each.exact.denominator != 1:
        exact = f" ({shorten(each.exact)} unrounded)"
    return Diagnostic(
        _CODES[each.what],
        f"{escape(each.name)}, {quote(each.figure)}: the {each.what} is printed "
        f"{escape(each.printed)}, {ours}{exact}",
        each.span,
        f"`bareme explain {_shell(each.entity)} {each.figure} --edition {each.edition}` shows why",
    )


def _no_slip(each: Comparison) -> Diagnostic:
    return Diagnostic(
        "P504",
        f"{escape(each.name)}, {quote(each.figure)}: the {each.what} {escape(each.printed)} is "
        "marked as differing and agrees",
        each.because or each.span,
        "take this slip out of the list" if _is_listed(each) else "take `differs` out",
        (Note("it is printed here", each.span),),
        each.mend,
    )


def _is_listed(each: Comparison) -> bool:
    """Whether a slip is one of a table's, which stand in the edition and not beside the figure."""
    return each.because is not None and each.because.file != each.span.file


def _shell(text: str) -> str:
    return text if text.isalnum() else f'"{text}"'
