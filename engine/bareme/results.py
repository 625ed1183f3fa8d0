"""Cohort results: published scores, ranks, bands, medians and changes.

This is the edge at which rounding happens, once. Bands, ranks, medians and changes read the
published score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from bareme.exact import round_half_up
from bareme.framework import Band, Range, RankBy
from bareme.plan import Aggregate, AnyStep, Plan, Publication, Take
from bareme.profiles.profile import Edition
from bareme.scoring.conditions import holds, no_scores
from bareme.scoring.trace import Status, Trace


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One figure of one entity as it is published.

    Attributes:
        figure: the dotted id from the index down.
        score: rounded half up to `places`; None where there is none.
        exact: the unrounded score, on the figure's own range.
        rank, tied: competition rank in the cohort and whether it is shared; None and False where
            the cohort is partial or the entity is not ranked.
        cohort: how many ranked entities have a score of this figure; None where the cohort is
            partial. Median and mean are of these.
        median, mean: of the published scores of the cohort, rounded like a score.
        unrounded_rank, unrounded_tied: beside the rank by published scores, where the rules ask for
            both.
        change: this published score minus that of the earlier edition, restated under these rules.
        earlier: the earlier published score itself, and where that came from.
    """

    entity: str
    name: str
    edition: str
    index: str
    figure: str
    label: str
    level: str
    depth: int
    places: int
    score: Fraction | None
    exact: Fraction | None
    status: Status
    band: str | None
    rank: int | None
    tied: bool
    cohort: int | None
    median: Fraction | None
    change: Fraction | None
    earlier: Fraction | None
    earlier_status: Status | None
    overridden: bool  # given by the profile in place of what the rules derive
    mean: Fraction | None
    unrounded_rank: int | None
    unrounded_tied: bool
    printed_on: Range  # that `score`, `median`, `mean` and the bands are on


@dataclass(frozen=True)
class IndexResults:
    """One index over one cohort: a trace and the published figures of every entity."""

    plan: Plan
    edition: Edition
    compared_with: Edition | None
    traces: tuple[Trace, ...]
    figures: tuple[PublishedFigure, ...]

    @cached_property
    def by_entity(self) -> Mapping[str, tuple[PublishedFigure, ...]]:
        """The figures of each entity, index first, then in the order of the rules."""
        grouped: dict[str, list[PublishedFigure]] = {}
        for figure in self.figures:
            grouped.setdefault(figure.entity, []).append(figure)
        return {entity: tuple(figures) for entity, figures in grouped.items()}

    def trace(self, entity: str) -> Trace:
        return next(trace for trace in self.traces if trace.profile.entity == entity)


def publish(
    plan: Plan,
    edition: Edition,
    traces: Sequence[Trace],
    compared_with: Edition | None = None,
    earlier: Sequence[Trace] = (),
) -> IndexResults:
    """Round, rank, band and compare.

    Args:
        plan: the index.
        edition: the edition of `traces`.
        traces: one an entity, each evaluated by `plan`.
        compared_with: the earlier edition, if there is one to compare with.
        earlier: traces of that edition's answers by the same `plan`: the change is restated.
    """
    steps = _own_steps(plan)
    before = {trace.profile.entity: trace for trace in earlier}
    ranked = [
        not edition.partial
        and (plan.ranked is None or holds(plan.ranked.condition, trace.profile, no_scores) is True)
        for trace in traces
    ]
    columns = [_Column(step, traces, ranked, edition.partial, plan.rank_by.value) for step in steps]
    figures = tuple(
        column.figure(position, trace, edition, plan.index, before.get(trace.profile.entity))
        for position, trace in enumerate(traces)
        for column in columns
    )
    return IndexResults(plan, edition, compared_with, tuple(traces), figures)


def band_of(score: Fraction, bands: Sequence[Band]) -> str | None:
    """The name of the highest band that starts at or below a published score."""
    return next((band.label for band in bands if score >= band.floor), None)


def competition_ranks(scores: Sequence[Fraction | int | None]) -> list[tuple[int, bool] | None]:
    """Rank from the highest down; equals share a rank and the next is skipped: 1, =2, =2, 4.

    Returns:
        For each score its rank and whether it is tied; None where there is no score.
    """
    ordered = sorted((score for score in scores if score is not None), reverse=True)
    many = Counter(ordered)
    ranks: dict[Fraction | int, tuple[int, bool]] = {}
    rank = 1
    for score, count in many.items():  # from the highest down, as they were counted
        ranks[score] = (rank, count > 1)
        rank += count
    return [None if score is None else ranks[score] for score in scores]


def median(units: Sequence[int]) -> int | None:
    """The middle published score; of an even count the mean of the middle two, rounded alike.

    Scores and median are counted in units of the last published decimal.
    """
    if not units:
        return None
    ordered = sorted(units)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return round_half_up(Fraction(ordered[middle - 1] + ordered[middle], 2), 0)


def mean(units: Sequence[int]) -> int | None:
    """The mean published score, rounded like one."""
    return round_half_up(Fraction(sum(units), len(units)), 0) if units else None


def published(score: Fraction | None, step: AnyStep) -> Fraction | None:
    """A score of a step as it is printed: on its printed range, rounded half up."""
    if score is None:
        return None
    places = step.publication.places.value
    return Fraction(round_half_up(_printed(score, step.publication), places), 10**places)


def _printed(score: Fraction, publication: Publication) -> Fraction:
    """A score on the range that it is printed on."""
    if publication.on == publication.own:
        return score
    (low, high), (start, end) = publication.own, publication.on
    return start + (score - low) * (end - start) / (high - low)


def _own_steps(plan: Plan) -> list[AnyStep]:
    """The steps of this index itself, parents first in the order written; not those it borrows."""
    own: list[AnyStep] = []
    stack: list[AnyStep] = [plan.root]
    while stack:
        step = stack.pop()
        own.append(step)
        if isinstance(step, Aggregate):
            stack += [plan.steps[part.step] for part in reversed(step.parts)]
    return own


@dataclass(frozen=True, slots=True)
class _Rounded:
    """A score as published, once in units of its last decimal: whole numbers compare fastest."""

    units: int
    score: Fraction
    band: str | None


class _Column:
    """One figure over the whole cohort."""

    def __init__(
        self,
        step: AnyStep,
        traces: Sequence[Trace],
        ranked: Sequence[bool],
        partial: bool,
        rank_by: RankBy,
    ) -> None:
        self.step = step
        self.places = step.publication.places.value
        self._rounded: dict[Fraction, _Rounded] = {}
        self.column = [self.rounded(trace) for trace in traces]
        counted = list(zip(self.column, ranked, strict=True))
        units = [each.units if each and among else None for each, among in counted]
        exact = [
            trace.values[step.number].score if among else None
            for trace, among in zip(traces, ranked, strict=True)
        ]
        present = [each for each in units if each is not None]
        self.ranks = competition_ranks(exact if rank_by is RankBy.UNROUNDED else units)
        self.unrounded_ranks = competition_ranks(exact) if rank_by is RankBy.BOTH else None
        self.cohort = None if partial else len(present)
        self.median = self.unit(median(present))
        self.mean = self.unit(mean(present))

    def unit(self, units: int | None) -> Fraction | None:
        return None if units is None else Fraction(units, 10**self.places)

    def rounded(self, trace: Trace) -> _Rounded | None:
        exact = trace.values[self.step.number].score
        if exact is None:
            return None
        known = self._rounded.get(exact)
        if known is None:
            units = round_half_up(_printed(exact, self.step.publication), self.places)
            score = Fraction(units, 10**self.places)
            known = _Rounded(units, score, band_of(score, self.step.publication.bands.value))
            self._rounded[exact] = known
        return known

    def figure(
        self, position: int, trace: Trace, edition: Edition, index: str, before: Trace | None
    ) -> PublishedFigure:
        value = trace.values[self.step.number]
        now, rank = self.column[position], self.ranks[position]
        unrounded = self.unrounded_ranks[position] if self.unrounded_ranks else None
        then = self.rounded(before) if before else None
        return PublishedFigure(
            entity=trace.profile.entity,
            name=trace.profile.name,
            edition=edition.id,
            index=index,
            figure=self.step.figure,
            label=self.step.title,
            level=self.step.level,
            depth=len(self.step.path) - 1,
            places=self.places,
            score=now.score if now else None,
            exact=value.score,
            status=value.status,
            band=now.band if now else None,
            rank=rank[0] if rank else None,
            tied=bool(rank and rank[1]),
            cohort=self.cohort,
            median=self.median,
            change=now.score - then.score if now and then else None,
            earlier=then.score if then else None,
            earlier_status=before.values[self.step.number].status if before else None,
            overridden=value.status is Status.GIVEN and not isinstance(self.step, Take),
            mean=self.mean,
            unrounded_rank=unrounded[0] if unrounded else None,
            unrounded_tied=bool(unrounded and unrounded[1]),
            printed_on=self.step.publication.on,
        )
