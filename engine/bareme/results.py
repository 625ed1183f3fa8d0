"""Cohort results: published scores, ranks, bands, ratings, medians and changes.

This is the edge at which rounding happens, once. Medians read the published
score; so do bands, ranks, ratings and changes, unless the rules let them read the unrounded one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from bareme.exact import round_each_half_up, round_half_up
from bareme.framework import Band, Grade, Range, RankBy, Rating
from bareme.plan import Aggregate, AnyStep, Each, Plan, Publication, Take
from bareme.profiles.profile import Edition
from bareme.record import Record, replace
from bareme.scoring.cohort import Cell, Scored
from bareme.scoring.trace import Status, Trace, Unit, Value

C = TypeVar("C")
Path = tuple[str, ...]


class PublishedFigure(Record):
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
        change: this published score minus that of the earlier edition, restated under these rules;
            where the rules say so the unrounded ones are subtracted, and the difference rounded.
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
    called: str = ""  # what the rules call its level
    part: str = ""  # of the entity, where the figure is of a part
    unit: str = ""  # what that part is


class Rated(Record):
    """How a rating of one entity came about.

    Attributes:
        read: by the path of what it reads the number that was read; None where there is none.
        mean: of those numbers; None where one is missing.
        grade: that holds; None where there is no mean.
    """

    rating: Rating
    read: tuple[tuple[Path, Fraction | None], ...]
    mean: Fraction | None
    grade: Grade | None
    status: Status


class IndexResults:
    """One index over one cohort: a trace and the published figures of every entity.

    Figures are rounded, ranked and compared as columns; the row of one figure of one entity is put
    together when it is read.
    """

    def __init__(
        self,
        plan: Plan,
        edition: Edition,
        scored: Scored,
        compared_with: Edition | None = None,
        earlier: Scored | None = None,
    ) -> None:
        """Round, rank and compare.

        Args:
            plan: the index.
            edition: the edition of `scored`.
            scored: its entities, evaluated by `plan`.
            compared_with: the earlier edition, if there is one to compare with.
            earlier: that edition's answers, evaluated by the same `plan`: the change is restated.
        """
        self.plan = plan
        self.edition = edition
        self.compared_with = compared_with
        self.scored = scored
        ranked = [among and not edition.partial for among in scored.ranked]
        then = earlier.position if earlier else {}
        self._before = [then.get(each.entity) for each in scored.profiles]
        self._columns = [
            _Column(step, self, earlier, ranked, plan.rank_by.value) for step in _own_steps(plan)
        ]

    @property
    def traces(self) -> tuple[Trace, ...]:
        """One an entity that is in the index."""
        return self.scored.traces

    def trace(self, entity: str) -> Trace:
        """Every step of one entity."""
        return self.scored.trace(entity)

    @cached_property
    def figures(self) -> tuple[PublishedFigure, ...]:
        """Every published figure, entity by entity."""
        return tuple(figure for figures in self.by_entity.values() for figure in figures)

    @cached_property
    def by_entity(self) -> Mapping[str, tuple[PublishedFigure, ...]]:
        """The figures of each entity, index first, in the order of the rules; then its ratings."""
        return _ByEntity(self)

    def parts_of(self, entity: str) -> tuple[PublishedFigure, ...]:
        """The figures of the parts of one entity, part by part, in the order of the rules."""
        at = self.scored.position[entity]
        found: list[PublishedFigure] = []
        for column in self._columns:
            if isinstance(column.step, Each):
                parent = replace(column.figure(at, self._before[at]), unit=column.step.unit.value)
                for unit in column.exact.units.get(at, ()):
                    steps = _own_steps(unit.plan)
                    found += [of_part(parent, s, unit, unit.values[s.number]) for s in steps]
        return tuple(found)

    def figures_of(self, entity: str) -> tuple[PublishedFigure, ...]:
        """The figures of one entity, index first, in the order of the rules; then its ratings."""
        at = self.scored.position[entity]
        figures = tuple(column.figure(at, self._before[at]) for column in self._columns)
        if not self.plan.ratings:
            return figures
        rated = sorted(rate(self.plan, figures).values(), key=lambda each: each.rating.span.start)
        return figures + tuple(of_rating(figures[0], each) for each in rated)

    def figure(self, entity: str, path: Path) -> PublishedFigure | None:
        """One figure of one entity; None where the index has no such figure or entity.

        A rating is among `by_entity` alone.
        """
        at, column = self.scored.position.get(entity), self._by_path.get(path)
        if at is None or column is None:
            return None
        return column.figure(at, self._before[at])

    def cells(self, path: Path) -> Mapping[str, tuple[int | None, tuple[int, bool] | None]]:
        """Of each entity the published score of a figure, in units of its last decimal, and rank.

        Quicker than the figures themselves, to find where two results differ.
        """
        column = self._by_path.get(path)
        if column is None:
            return {}
        return dict(
            zip(self.scored.position, zip(column.units, column.ranks, strict=True), strict=True)
        )

    @cached_property
    def _by_path(self) -> Mapping[Path, _Column]:
        return {column.step.path: column for column in self._columns}

    @property
    def paths(self) -> tuple[Path, ...]:
        """The figures of the index, itself first, in the order of the rules."""
        return tuple(self._by_path)

    def rated(self, entity: str) -> Mapping[Path, Rated]:
        """How the ratings of one entity came about, by their paths."""
        figures = self.by_entity[entity]
        return rate(self.plan, [each for each in figures if each.level != "rating"])


def rate(plan: Plan, figures: Sequence[PublishedFigure]) -> dict[Path, Rated]:
    """Read the ratings of one entity off its published figures, each after those that it reads."""
    by_path = {tuple(each.figure.split(".")): each for each in figures}
    rated: dict[Path, Rated] = {}
    for rating in plan.ratings:
        read: list[tuple[Path, Fraction | None]] = []
        given = False
        for path in rating.of:
            if path in rated:
                grade = rated[path].grade
                read.append((path, grade.value if grade else None))
                given |= rated[path].status is Status.RESTS_ON_GIVEN
            else:
                read.append((path, _rated_number(plan, by_path[path], rating)))
                given |= by_path[path].status in (Status.GIVEN, Status.RESTS_ON_GIVEN)
        numbers = [number for _, number in read if number is not None]
        middle, status = None, Status.MISSING
        if len(numbers) == len(read):
            middle = sum(numbers, Fraction(0)) / len(numbers)
            status = Status.RESTS_ON_GIVEN if given else Status.COMPUTED
        holds_now = None if middle is None else rating.grade(middle)
        rated[rating.path] = Rated(rating, tuple(read), middle, holds_now, status)
    return rated


def _rated_number(plan: Plan, figure: PublishedFigure, rating: Rating) -> Fraction | None:
    """The published score of a figure, or the unrounded one on its printed range."""
    if not rating.by_unrounded.value or figure.exact is None:
        return figure.score
    step = plan.steps[plan.numbers[tuple(figure.figure.split("."))]]
    times, plus = onto_print(step.publication)
    return figure.exact * times + plus


_NOT_COMPARED = {
    "rank": None, "tied": False, "cohort": None, "median": None, "change": None, "earlier": None,
    "earlier_status": None, "overridden": False, "mean": None, "unrounded_rank": None,
    "unrounded_tied": False,
}  # fmt: skip
"""What a row says that is neither ranked nor compared."""


def of_rating(root: PublishedFigure, rated: Rated) -> PublishedFigure:
    """A rating as it is published: a label, and no score."""
    return replace(
        root,
        figure=rated.rating.dotted,
        label=rated.rating.title,
        level="rating",
        called="rating",
        depth=1,
        score=None,
        exact=None,
        status=rated.status,
        band=rated.grade.label if rated.grade else None,
        **_NOT_COMPARED,
    )


def of_part(parent: PublishedFigure, step: AnyStep, part: Unit, value: Value) -> PublishedFigure:
    """A figure of one part of an entity; parts are scored, and not ranked or compared."""
    score = published(value.score, step)
    return replace(
        parent,
        figure=step.figure,
        label=step.title,
        level=step.level,
        depth=len(step.path) - 1,
        places=step.publication.places.value,
        score=score,
        exact=value.score,
        status=value.status,
        band=band_read(score, value.score, step.publication),
        called=step.called or step.level,
        **_NOT_COMPARED,
        printed_on=step.publication.on,
        part=part.part.name,
    )


class _ByEntity(Mapping[str, tuple[PublishedFigure, ...]]):
    """The figures of each entity, put together when they are asked for."""

    def __init__(self, results: IndexResults) -> None:
        self._results = results
        self._read: dict[str, tuple[PublishedFigure, ...]] = {}

    def __getitem__(self, entity: str) -> tuple[PublishedFigure, ...]:
        if entity not in self._read:
            self._read[entity] = self._results.figures_of(entity)
        return self._read[entity]

    def __contains__(self, entity: object) -> bool:
        return entity in self._results.scored.position

    def __iter__(self) -> Iterator[str]:
        return iter(self._results.scored.position)

    def __len__(self) -> int:
        return len(self._results.scored.position)


def band_of(score: Fraction, bands: Sequence[Band]) -> str | None:
    """The name of the highest band that starts at or below a published score."""
    return next((band.label for band in bands if score >= band.floor), None)


def band_read(
    score: Fraction | None, exact: Fraction | None, publication: Publication
) -> str | None:
    """The band of a score, read off the published or the unrounded one as the rules say.

    Args:
        score: as published.
        exact: unrounded, on its own range.
    """
    if score is None or exact is None:
        return None
    if publication.band_by_unrounded.value:
        times, plus = onto_print(publication)
        score = exact * times + plus
    return band_of(score, publication.bands.value)


def competition_ranks(scores: Sequence[Cell]) -> list[tuple[int, bool] | None]:
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
    times, plus = onto_print(step.publication)
    places = step.publication.places.value
    return Fraction(round_half_up(score * times + plus, places), 10**places)


def onto_print(publication: Publication) -> tuple[Fraction, Fraction]:
    """By what a score is multiplied, and what is added, to stand on its printed range."""
    if publication.on == publication.own:
        return Fraction(1), Fraction(0)
    (low, high), (start, end) = publication.own, publication.on
    times = (end - start) / (high - low)
    return times, start - low * times


def _own_steps(plan: Plan) -> list[AnyStep]:
    """The steps of this index itself, parents first in the order written; not those it borrows."""
    own: list[AnyStep] = []
    stack: list[AnyStep] = [plan.root]
    while stack:
        step = stack.pop()
        own.append(step)
        if isinstance(step, Aggregate):
            stack += [plan.steps[number] for number in reversed(step.below)]
    return own


class _Column:
    """One figure over the whole cohort, in units of its last decimal: they compare fastest."""

    def __init__(
        self,
        step: AnyStep,
        results: IndexResults,
        earlier: Scored | None,
        ranked: Sequence[bool],
        rank_by: RankBy,
    ) -> None:
        self.step = step
        self.results = results
        self.earlier = earlier
        self.places = step.publication.places.value
        self.exact = results.scored.columns[step.number]
        self.units = self._rounded(results.scored)
        self.units_before = self._before(earlier) if earlier else []
        units = _where(ranked, self.units)
        exact: Sequence[Cell] = []
        if rank_by is not RankBy.ROUNDED:
            exact = _where(ranked, self.exact.cells)
        present = [each for each in units if each is not None]
        self.ranks = competition_ranks(exact if rank_by is RankBy.UNROUNDED else units)
        self.unrounded_ranks = competition_ranks(exact) if rank_by is RankBy.BOTH else None
        self.cohort = None if results.edition.partial else len(present)
        self.median = self._score(median(present))
        self.mean = self._score(mean(present))
        self._scores: dict[int, tuple[Fraction, str | None]] = {}

    def _before(self, earlier: Scored) -> Sequence[int | None]:
        """The earlier scores: restated, or as they were printed."""
        if not self.results.plan.as_published:
            return self._rounded(earlier)
        printed = [profile.printed.get(self.step.path) for profile in earlier.profiles]
        return [
            None if each is None else round_half_up(each.score.value, self.places)
            for each in printed
        ]

    def _rounded(self, scored: Scored) -> list[int | None]:
        times, plus = onto_print(self.step.publication)
        cells, over = scored.columns[self.step.number].linear(times, plus)
        return round_each_half_up(cells, over, self.places)

    def _score(self, units: int | None) -> Fraction | None:
        return None if units is None else Fraction(units, 10**self.places)

    def _change(self, at: int, before: int | None) -> Fraction | None:
        """This score minus the earlier one, of the published scores or of the unrounded ones."""
        now = self.units[at]
        then = None if before is None else self.units_before[before]
        if now is None or then is None:
            return None
        if not self.results.plan.compare_by_unrounded.value:
            return self._score(now - then)
        assert self.earlier is not None
        assert before is not None
        exact = self.exact.score(at)
        exact_then = self.earlier.columns[self.step.number].score(before)
        assert exact is not None
        assert exact_then is not None
        times, _ = onto_print(self.step.publication)
        return self._score(round_half_up((exact - exact_then) * times, self.places))

    def _with_band(self, units: int | None) -> tuple[Fraction | None, str | None]:
        """A published score and its band; few differ, so each is looked up once."""
        if units is None:
            return None, None
        if units not in self._scores:
            score = Fraction(units, 10**self.places)
            self._scores[units] = score, band_of(score, self.step.publication.bands.value)
        return self._scores[units]

    def figure(self, at: int, before: int | None) -> PublishedFigure:
        """The figure of one entity.

        Args:
            at: the entity's place in the cohort.
            before: its place in the cohort of the earlier edition, if it is there.
        """
        step, edition = self.step, self.results.edition
        profile = self.results.scored.profiles[at]
        units, rank, status = self.units[at], self.ranks[at], self.exact.statuses[at]
        score, band = self._with_band(units)
        if step.publication.band_by_unrounded.value:
            band = band_read(score, self.exact.score(at), step.publication)
        unrounded = self.unrounded_ranks[at] if self.unrounded_ranks else None
        then = None if before is None else self.units_before[before]
        status_then = None
        if before is not None and self.earlier is not None:
            status_then = self.earlier.columns[step.number].statuses[before]
        return PublishedFigure(
            entity=profile.entity,
            name=profile.name,
            edition=edition.id,
            index=self.results.plan.index,
            figure=step.figure,
            label=step.title,
            level=step.level,
            called=step.called or step.level,
            depth=len(step.path) - 1,
            places=self.places,
            score=score,
            exact=self.exact.score(at),
            status=status,
            band=band,
            rank=rank[0] if rank else None,
            tied=bool(rank and rank[1]),
            cohort=self.cohort,
            median=self.median,
            change=self._change(at, before),
            earlier=self._score(then),
            earlier_status=status_then,
            overridden=status is Status.GIVEN and not isinstance(step, Take),
            mean=self.mean,
            unrounded_rank=unrounded[0] if unrounded else None,
            unrounded_tied=bool(unrounded and unrounded[1]),
            printed_on=step.publication.on,
        )


def _where(ranked: Sequence[bool], cells: Sequence[C]) -> Sequence[C | None]:
    """The cells of the entities that are ranked."""
    if all(ranked):
        return cells
    return [cell if among else None for cell, among in zip(cells, ranked, strict=True)]
