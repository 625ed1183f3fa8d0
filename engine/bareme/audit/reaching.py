"""Which answers carry a figure, and the fewest that would bring it somewhere else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from bareme.audit.scopes import scope_of
from bareme.audit.search import Found, search
from bareme.audit.standing import Standing, goal_of, standing, up_to
from bareme.audit.varied import Asked, Varied, kept, varied, with_changes
from bareme.audit.whatif import Change
from bareme.framework import Framework
from bareme.plan import Aggregate, Plan, Repeat
from bareme.profiles.profile import Answer, Path, Profile
from bareme.record import Record
from bareme.results import IndexResults
from bareme.scoring.exact import TooLong, rescore, score
from bareme.scoring.surroundings import averaged
from bareme.scoring.trace import Trace


class Tried(Record):
    """An answer in place of another, all others kept, and what it would give.

    Attributes:
        answer: as it is said; the one that there is where none is better, or worse.
        by: how much it moves the unrounded score; None where there is no score then, or now.
        score: published.
        rank, tied: None and False where there is none.
    """

    answer: str
    exact: Fraction | None
    by: Fraction | None
    score: Fraction | None
    rank: int | None
    tied: bool


class Carrying(Record):
    """What one answer could do to a figure.

    Attributes:
        now: the answer that there is; empty where there is none.
        best, worst: those that give the most and the least.
    """

    id: str
    title: str
    part: str
    now: str
    best: Tried
    worst: Tried

    @property
    def most(self) -> Fraction:
        """How far it moves the score at most, either way."""
        return max(abs(each.by or Fraction(0)) for each in (self.best, self.worst))


class Largest(Record):
    """The answers that could move a figure most, largest first.

    Attributes:
        of: how many answers could move it at all.
        kept: ids of what was left as it is, since any number could stand there.
        numbers: ids of measures of which only numbers where rules turn were tried.
    """

    framework: str
    edition: str
    standing: Standing
    answers: tuple[Carrying, ...]
    of: int
    kept: tuple[str, ...]
    numbers: tuple[str, ...]


class Reached(Record):
    """The fewest answers that bring a figure where it is wanted.

    Attributes:
        wanted: in words, `at least 70`.
        changes: what would have to change; empty where nothing has to, None where none was found.
        found: how the search went.
        after: what the figure would be; None where no changes were found.
        of: how many answers could move it.
        proved: whether what is said of smaller sets, or of all, is proved.
        kept, numbers: as of `Largest`.
    """

    framework: str
    edition: str
    standing: Standing
    wanted: str
    changes: tuple[Change, ...] | None
    found: Found
    after: Tried | None
    of: int
    proved: bool
    kept: tuple[str, ...]
    numbers: tuple[str, ...]


def largest(
    framework: Framework, results: IndexResults, entity: str, path: Path, most: int
) -> Largest:
    """Change every answer by itself, in every way, and keep what moves the figure most."""
    at = standing(results, entity, path)
    plan = up_to(results.plan, path)
    profile = results.trace(entity).profile
    moving = scope_of(plan, profile).rests[-1]
    answers = [each for each in varied(framework, plan, profile) if each.asked in moving]
    found = [_carrying(plan, results, profile, each, at) for each in answers]
    found = [each for each in found if each.most or each.best.exact != each.worst.exact]
    found.sort(key=lambda each: -each.most)
    return Largest(
        results.plan.framework, results.edition.id, at, tuple(found[:most]), len(found),
        _kept(plan, moving), _numbers(answers),
    )  # fmt: skip


def reach(
    framework: Framework,
    results: IndexResults,
    entity: str,
    path: Path,
    wanted: str,
    keep: Collection[str] = (),
) -> Reached:
    """Find the fewest answers that bring a figure to a score or a rank.

    Args:
        framework: of the index.
        results: of the index.
        entity: the entity's id.
        path: of the figure.
        wanted: `70`, or `rank 10`.
        keep: ids of questions and measures whose answers may not change.

    Raises:
        NotThere: where the figure can have no such score or rank.
    """
    at = standing(results, entity, path)
    plan = up_to(results.plan, path)
    profile = results.trace(entity).profile
    goal, words = goal_of(wanted, at, results.plan)
    moving = scope_of(plan, profile).rests[-1]
    answers = [each for each in varied(framework, plan, profile) if each.asked in moving]
    answers = [each for each in answers if each.id not in keep]
    found = search(plan, profile, results.scored.around, answers, goal)
    changes, after = None, None
    if found.changes is not None:
        changes = tuple(_change(each, found.changes[each.asked]) for each in answers
                        if each.asked in found.changes)  # fmt: skip
        other = with_changes(profile, found.changes)
        after = _tried("", score(plan, other, results.scored.around).score, at)
    return Reached(
        results.plan.framework, results.edition.id, at, words, changes, found, after,
        len(answers), (found.proved or found.impossible) and not _nested(plan),
        _kept(plan, moving), _numbers(answers),
    )  # fmt: skip


def _carrying(
    plan: Plan, results: IndexResults, profile: Profile, each: Varied, at: Standing
) -> Carrying:
    now = each.now.text if each.now else ""
    values = results.trace(profile.entity).values[: len(plan.steps)]
    trace = Trace(plan, profile, values, results.scored.around)
    found: list[tuple[Fraction, str]] = []
    for said, answer in each.others:
        try:
            other = rescore(trace, with_changes(profile, {each.asked: answer}), each.id).score
        except TooLong:  # it would be refused
            continue
        if other is not None:
            found.append((other, said))
    if at.figure.exact is not None:
        found.insert(0, (at.figure.exact, now))
    if not found:
        nothing = _tried(now, None, at)
        return Carrying(each.id, each.title, each.part, now, nothing, nothing)
    most = max(found, key=lambda pair: pair[0])
    least = min(found, key=lambda pair: pair[0])
    best, worst = (_tried(said, points, at) for points, said in (most, least))
    return Carrying(each.id, each.title, each.part, now, best, worst)


def _tried(said: str, exact: Fraction | None, at: Standing) -> Tried:
    now = at.figure.exact
    by = None if exact is None or now is None else exact - now
    rank = at.rank(exact)
    return Tried(
        said, exact, by, at.printed(exact), rank[0] if rank else None, bool(rank and rank[1])
    )


def _change(each: Varied, answer: Answer) -> Change:
    now = each.now
    return Change(
        "answer", each.id, each.title, each.part, now.text if now else "", answer.text,
        now.span if now else None,
    )  # fmt: skip


def _kept(plan: Plan, moving: Collection[Asked]) -> tuple[str, ...]:
    """What could move the figure and is left as it is, as `varied` says."""
    ids = {asked[2] for asked in moving}
    return tuple(dict.fromkeys(id for id in kept(plan) if id in ids))


def _numbers(answers: Iterable[Varied]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.id for each in answers if each.numbers))


def _nested(plan: Plan) -> bool:
    """Whether a part that is averaged over the cohort holds one that is averaged itself.

    Then other answers of an entity may come back to it through the scores of others.
    """
    below: list[bool] = []  # whether something is averaged at a step or below it
    found = False
    for step in plan.steps:
        parts = [part.step for part in step.parts] if isinstance(step, Aggregate) else []
        parts += [step.of] if isinstance(step, Repeat) else []
        deeper = any(below[number] for number in parts)
        own = isinstance(step, Aggregate) and averaged(step) is not None
        found |= own and deeper
        below.append(own or deeper)
    return found
