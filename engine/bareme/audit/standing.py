"""One figure of one entity among those of the others: what a score would be printed as, and where.

Scores of others are as they are: of a cohort in which nothing is averaged, no answer of one entity
moves them.
"""

from __future__ import annotations

from fractions import Fraction

from bareme.audit.search import Goal
from bareme.diagnostics import quote
from bareme.exact import decimal, decimal_places, read_number, shorten
from bareme.framework import RankBy
from bareme.plan import Aggregate, AnyStep, Plan
from bareme.profiles.profile import Path
from bareme.record import Record, replace
from bareme.results import IndexResults, PublishedFigure, onto_print, published
from bareme.scoring.surroundings import averaged


class NotThere(LookupError):
    """A score or rank that a figure cannot have; its text is a sentence."""


class Standing(Record):
    """A figure of an entity, and what the others have.

    Attributes:
        others: the scores that it is ranked among, as ranks read them; None where it has no rank.
        exactly: whether ranks read unrounded scores.
    """

    figure: PublishedFigure
    step: AnyStep
    others: tuple[Fraction, ...] | None
    exactly: bool

    def printed(self, score: Fraction | None) -> Fraction | None:
        """A score as it would be published."""
        return published(score, self.step)

    def rank(self, score: Fraction | None) -> tuple[int, bool] | None:
        """The rank that a score would have, and whether it would be shared."""
        if self.others is None or score is None:
            return None
        own = score if self.exactly else self.printed(score)
        assert own is not None
        return 1 + sum(each > own for each in self.others), own in self.others


def standing(results: IndexResults, entity: str, path: Path) -> Standing:
    """Where a figure of an entity stands."""
    step = results.plan.steps[results.plan.numbers[path]]
    figure = results.figure(entity, path)
    assert figure is not None
    exactly = results.plan.rank_by.value is RankBy.UNROUNDED
    beside = (results.figure(other, path) for other in results.scored.position if other != entity)
    others = [each for each in beside if each is not None and each.rank is not None]
    read = [each.exact if exactly else each.score for each in others]
    ranked = results.scored.ranked[results.scored.position[entity]]
    if results.edition.partial or not ranked:
        return Standing(figure, step, None, exactly)
    return Standing(figure, step, tuple(each for each in read if each is not None), exactly)


def up_to(plan: Plan, path: Path) -> Plan:
    """The plan of a figure alone: its step is the last."""
    return replace(plan, steps=plan.steps[: plan.numbers[path] + 1])


def averages(plan: Plan) -> bool:
    """Whether scores of one entity are averaged for others."""
    return any(isinstance(step, Aggregate) and averaged(step) for step in plan.steps)


def goal_of(wanted: str, at: Standing, plan: Plan) -> tuple[Goal, str]:
    """Read `70`, or `rank 10`, as the unrounded score from which on it is reached; and in words.

    What is better than now has to be reached at least, what is worse at most.

    Raises:
        NotThere: where the figure can have no such score or rank.
    """
    word, _, rest = wanted.strip().partition(" ")
    if word == "rank":
        return _rank(rest.strip(), at, plan)
    number = read_number(wanted.strip())
    if not isinstance(number, Fraction):
        raise NotThere(
            f"{quote(wanted)} is neither a score, as in `70`, nor a rank, as in `rank 10`"
        )
    return _score(number, at)


def _score(number: Fraction, at: Standing) -> tuple[Goal, str]:
    figure = at.figure
    decimals = decimal_places(number)
    if decimals is None or decimals > figure.places:
        places = f"with {figure.places} decimals" if figure.places else "in whole numbers"
        raise NotThere(f"`{figure.figure}` has no such score: it is published {places}")
    low, high = figure.printed_on
    if not low <= number <= high:
        ends = f"{shorten(low)} to {shorten(high)}"
        raise NotThere(f"`{figure.figure}` has no such score: it is published on {ends}")
    up = figure.score is None or number >= figure.score
    shown = decimal(number, figure.places)
    words = f"at {'least' if up else 'most'} {shown}"
    return _printed_at(number, at, up), words


def _printed_at(number: Fraction, at: Standing, up: bool) -> Goal:
    """From which unrounded score on a number is printed; halves are rounded up."""
    times, plus = onto_print(at.step.publication)
    half = Fraction(1, 2 * 10**at.figure.places)
    limit = (number - half if up else number + half) - plus
    return Goal(limit / times, up, exclusive=not up)


def _rank(text: str, at: Standing, plan: Plan) -> tuple[Goal, str]:
    figure = at.figure
    if not (text.isascii() and text.isdecimal() and int(text) >= 1):
        raise NotThere(f"{quote(text)} is no rank; write it as in `rank 10`")
    if at.others is None:
        raise NotThere(f"`{figure.figure}` has no rank: the cohort is partial or it is not ranked")
    if averages(plan):
        raise NotThere(
            f"ranks in `{plan.index}` move with averages of the cohort, in which these answers "
            "count; name a score instead of a rank"
        )
    rank, ordered = int(text), sorted(at.others, reverse=True)
    if rank > len(ordered) + 1:
        raise NotThere(f"there is no rank {rank}: {len(ordered) + 1} have a score")
    up = figure.rank is None or rank <= figure.rank
    words = f"rank {rank} or {'better' if up else 'worse'}"
    if up and rank > len(ordered):  # any score does
        return Goal(figure.printed_on[0] - 1, True, exclusive=False), words
    beside = ordered[rank - 1 if up else rank - 2] if up or rank > 1 else None
    if beside is None:  # the first or worse: all there are
        return Goal(figure.printed_on[1] + 1, False, exclusive=False), words
    if at.exactly:
        return Goal(beside, up, exclusive=not up), words
    unit = Fraction(1, 10**figure.places)
    return _printed_at(beside if up else beside - unit, at, up), words
