"""Printed figures as intervals: what a print says of a mean and its parts, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from bareme.exact import written
from bareme.framework import LOWEST, Figure, Framework, Index, Origin
from bareme.methods.aggregation import method_named
from bareme.methods.inference import Interval, Line
from bareme.profiles.profile import Cohort, PrintedFigure, Profile
from bareme.record import Record, replace
from bareme.source import Span

Path = tuple[str, ...]

MOST_PARTS = 100
"""Parts of a figure whose weights are inferred; the work grows with the cube of their number."""

METHOD = "arithmetic mean"
"""The one aggregation that is linear in its weights as well as in its parts."""


class PrintedLine(Record):
    """What is printed of one figure of one entity and of its parts, in one edition.

    Attributes:
        edition: the edition that the scores are of.
        score: of the figure, as text.
        parts: the scores of its parts; None where none is known.
        then: whether the scores are those before the printed changes.
        line: the same as intervals.
        scored: the parts' scores as the rules have them, given ones included; None where a part
            has none.
        span: where the score, or the change, of the figure was typed.
    """

    figure: Path
    entity: str
    name: str
    edition: str
    score: Fraction
    parts: tuple[Fraction | None, ...]
    then: bool
    line: Line
    span: Span
    scored: tuple[Fraction, ...] | None = None

    @property
    def line_as_scored(self) -> Line:
        """The same with every part exactly as it is scored, where it is."""
        if self.scored is None:
            return self.line
        return Line(tuple(Interval(each, each, True) for each in self.scored), self.line.mean)


class LeftOut(Record):
    """A printed figure that is not used, and why."""

    figure: Path
    entity: str
    name: str
    edition: str
    reason: str
    span: Span


class NotInferred(Record):
    """Why nothing can be said of the weights of a figure, and the line that is the reason."""

    figure: Path
    reason: str
    span: Span


def not_inferred(framework: Framework, figure: Figure) -> NotInferred | None:
    """Why the print cannot bear on the weights of a figure's parts; None where it can."""

    def because(reason: str, span: Span | None) -> NotInferred:
        return NotInferred(figure.path, reason, span or figure.name_span)

    if figure.same_as is not None:
        return because(f"it is the same as `{'.'.join(figure.same_as)}`", figure.origin_span)
    if figure.origin is Origin.DECIDED:
        return because("it is decided by conditions, not by weights", figure.origin_span)
    if not figure.counted:
        return because("its score is given: there are no parts that it is made of", None)
    if framework.scopes.get(figure.path) is not None or figure.each is not None:
        return because("it is scored for each part of an entity, and such scores are not printed",
                       figure.each.span if figure.each else None)  # fmt: skip
    setting = figure.settings.aggregation
    if not method_named(setting.value).weighs:
        return because(f"its parts make {_a(setting.value)}, which has no weights", setting.span)
    if setting.value != METHOD:
        return because(f"it is {_a(setting.value)}; only of an {METHOD} is it decided exactly",
                       setting.span)  # fmt: skip
    if figure.adjustments:
        return because("a cap or a floor is put on its mean", figure.adjustments[0].span)
    if len(figure.counted) > MOST_PARTS:
        return because(f"it has more than {MOST_PARTS} parts", None)
    if not any(isinstance(part, Figure) for part in figure.counted):
        return because("its parts are questions, of which no scores are printed", None)
    return None


def _a(method: str) -> str:
    if method.startswith("best "):
        return f"the mean of the {method}"
    if method.startswith("power "):
        return f"a mean of {method}"
    return f"the {method}"


def in_order_of(first: Figure, figure: Figure) -> Figure | None:
    """The figure with its parts in the order of another's; None where they have other ids."""
    if figure.over is not None or first.over is not None:
        same = [part.id for part in figure.counted] == [part.id for part in first.counted]
        return figure if same else None
    by_id = {part.id: part for part in figure.children}
    if len(by_id) != len(figure.children) or set(by_id) != {part.id for part in first.children}:
        return None
    return replace(figure, children=tuple(by_id[part.id] for part in first.children))


class Print(Record):
    """Where printed figures are read: an edition, and what its changes are counted from.

    Attributes:
        before: the edition of the scores before the changes; empty where it has no name.
        changes: whether changes are read.
        scores: by entity and whether it is before the changes, the score of each figure.
    """

    cohort: Cohort
    before: str
    changes: bool
    scores: Mapping[tuple[str, bool], Mapping[Path, Fraction]]


def lines_of(index: Index, figure: Figure, of: Print) -> Iterator[PrintedLine | LeftOut]:
    """What is printed of one figure and its parts: a line an entity, and one for its change."""
    for profile in of.cohort.profiles:
        printed = profile.printed.get(figure.path)
        if printed is None:
            continue
        yield _line(figure, profile, printed, of, then=False)
        if printed.change is None or not of.changes:
            continue
        if reason := _no_use_of_changes(index):
            yield _left_out(figure, profile, of.before, reason, printed.change.span)
        else:
            yield _line(figure, profile, printed, of, then=True)


def _no_use_of_changes(index: Index) -> str:
    if index.compare_with is None:
        return "the rules do not say what its change is counted from"
    if index.as_published:
        return "its change is counted from what was published then, by the rules of then"
    return ""


def _left_out(figure: Figure, profile: Profile, edition: str, reason: str, span: Span) -> LeftOut:
    return LeftOut(figure.path, profile.entity, profile.name, edition, reason, span)


def _line(
    figure: Figure, profile: Profile, printed: PrintedFigure, of: Print, *, then: bool
) -> PrintedLine | LeftOut:
    edition = of.before if then else of.cohort.edition.id
    span = printed.change.span if then and printed.change else printed.score.span

    def left_out(reason: str) -> LeftOut:
        return _left_out(figure, profile, edition, reason, span)

    if printed.differs is not None:
        return left_out(f"it is marked as differing: {printed.differs.reason}")
    if figure.path in profile.given:
        return left_out("the profile gives it in place of what the rules derive")
    score = _score(printed, then)
    assert score is not None
    mean = _interval(figure, score, figure.range)
    if isinstance(mean, str):
        return left_out(mean)
    scores, parts = list[Fraction | None](), list[Interval]()
    for part in figure.counted:
        known, interval = None, _anything(figure)
        beside = profile.printed.get(part.path)
        if isinstance(part, Figure) and beside is not None and beside.differs is None:
            known = _score(beside, then)
        if isinstance(part, Figure) and known is not None:
            read = _interval(part, known, part.score_range)
            if isinstance(read, str):
                return left_out(f"of `{part.id}`, {read}")
            interval = read
        scores.append(known)
        parts.append(interval)
    if all(each is None for each in scores):
        return left_out("no score is printed of any of its parts")
    return PrintedLine(
        figure=figure.path,
        entity=profile.entity,
        name=profile.name,
        edition=edition,
        score=score,
        parts=tuple(scores),
        then=then,
        line=Line(tuple(parts), mean),
        span=span,
        scored=_scored(figure, of.scores.get((profile.entity, then), {})),
    )


def _scored(figure: Figure, scores: Mapping[Path, Fraction]) -> tuple[Fraction, ...] | None:
    """The scores of all parts, where all have one."""
    if any(part.path not in scores for part in figure.counted):
        return None
    return tuple(scores[part.path] for part in figure.counted)


def _score(printed: PrintedFigure, then: bool) -> Fraction | None:
    """The printed score, or the one before its change."""
    if not then:
        return printed.score.value
    return printed.score.value - printed.change.value if printed.change else None


def _anything(figure: Figure) -> Interval:
    """Where a part lies that is not printed, or was left out: then it counts like the others."""
    low, high = figure.range
    if figure.settings.when_missing.value == "zero":
        low, high = min(low, LOWEST), max(high, LOWEST)
    return Interval(low, high, closed=True)


def _interval(figure: Figure, score: Fraction, onto: tuple[Fraction, Fraction]) -> Interval | str:
    """The scores, on the range of what is put together, that a printed one can stand for."""
    places = figure.settings.places.value
    least, most = figure.printed_range
    if (score * 10**places).denominator != 1:
        return f"{written(score)} is printed with more decimals than the rules publish"
    half = Fraction(1, 2 * 10**places)
    low, high = max(score - half, least), min(score + half, most)
    closed = score + half > most
    if low > high or (low == high and not closed):
        return f"the score would be {written(score)}, outside {written(least)} to {written(most)}"
    start, end = onto
    times = (end - start) / (most - least)
    return Interval(start + (low - least) * times, start + (high - least) * times, closed)
