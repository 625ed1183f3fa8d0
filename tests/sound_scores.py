"""Answers at random for sound rules, scored; and what has to hold of every score, whatever it is.

Every score lies in its range, every rating is the grade whose condition holds, and what counts in
place of a missing part lies within the scores that it is an average of, or is the last one known.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction

from bareme.framework import Framework, Index, Rating
from bareme.methods.missing import policy_named
from bareme.plan import Aggregate, AnyStep, Plan, plan_index
from bareme.profiles.order import EditionOrder
from bareme.profiles.profile import (
    Answer,
    Edition,
    Evidence,
    GivenScore,
    PartOf,
    Printed,
    PrintedFigure,
    Profile,
)
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.cohort import Scored, score_cohort
from bareme.scoring.surroundings import Surroundings, carried_parts
from bareme.scoring.trace import Status, Value
from bareme.source import Span
from sound_programs import EDITIONS

HERE = Span("profiles/fuzz/2020/x.yaml", 0, 0)
NOTHING = Evidence("", "", "")
NUMBERS = (0, 1, 7, 20, 50, 333, 1000)


def some_profile(framework: Framework, entity: str, edition: str, chance: random.Random) -> Profile:
    """Answers to some of the questions, numbers for some of the measures, given scores, parts."""
    answers: dict[str, Answer] = {}
    unasked = EditionOrder(EDITIONS).not_asked(framework, edition)
    for id, question in framework.questions.items():
        asked = id not in unasked
        if question.scale and question.scale.labels and asked and chance.random() < 0.8:
            label = chance.choice(question.scale.labels)
            answers[id] = Answer(chance.choice(label.names), NOTHING, HERE, None)
    for id, measure in framework.recorded.items():
        if chance.random() < 0.8:
            value = Fraction(chance.choice(NUMBERS), chance.choice((1, 2, 3)))
            if measure.plausible:
                value = min(max(value, measure.plausible[0]), measure.plausible[1])
            answers[id] = Answer(str(value), NOTHING, HERE, value)
    parts = [
        PartOf(f"site {n}", {k: v for k, v in answers.items() if chance.random() < 0.7}, {}, HERE)
        for n in range(chance.randint(0, 2))
    ]
    return Profile(
        entity,
        entity,
        answers,
        {},
        some_given(framework, chance),
        some_printed(framework, chance),
        {},
        HERE,
        {"region": chance.choice(("North", "South"))} if chance.random() < 0.8 else {},
        {},
        {"site": parts},
        edition=edition,
        unasked=unasked,
    )


def some_given(framework: Framework, chance: random.Random) -> dict[tuple[str, ...], GivenScore]:
    """Scores of most figures that are only given, and of a few others, where they have to lie."""
    given: dict[tuple[str, ...], GivenScore] = {}
    for path, figure in framework.figures.items():
        if chance.random() < (0.7 if figure.origin.value == "given" else 0.02):
            low, high = framework.given_range(figure)
            low = max(low, Fraction(0))
            if path not in framework.scopes and low <= high:
                score = low + (high - low) * Fraction(chance.randint(0, 20), 20)
                given[path] = GivenScore(score, NOTHING, HERE)
    return given


def some_printed(
    framework: Framework, chance: random.Random
) -> dict[tuple[str, ...], PrintedFigure]:
    """Printed scores of the indices that are compared with what was printed."""
    printed: dict[tuple[str, ...], PrintedFigure] = {}
    for index in framework.indices:
        if index.as_published and chance.random() < 0.7:
            low, high = index.root.printed_range
            score = low + (high - low) * Fraction(chance.randint(0, 4), 4)
            printed[index.root.path] = PrintedFigure(Printed(score, "", HERE), None)
    return printed


def score_in_range(framework: Framework, chance: random.Random) -> int:
    """Score a sound framework for three entities in as many editions as it reads.

    Returns:
        How many scores there were.

    Raises:
        AssertionError: where one is not as it has to be.
    """
    plans = [plan_index(framework, index) for index in framework.indices]
    several = any(carried_parts(plan) or plan.compare_with for plan in plans)
    editions = EDITIONS[chance.choice((0, 1)) :] if several else EDITIONS[-1:]
    cohorts = {
        edition: [some_profile(framework, name, edition, chance) for name in "ABC"
                  if len(editions) == 1 or chance.random() < 0.9]
        for edition in editions
    }  # fmt: skip
    partial = chance.random() < 0.1
    return sum(
        _one_index(index, plan, cohorts, partial=partial)
        for index, plan in zip(framework.indices, plans, strict=True)
    )


def _one_index(
    index: Index, plan: Plan, cohorts: Mapping[str, Sequence[Profile]], *, partial: bool
) -> int:
    scores = 0
    known: list[Scored] = []
    for profiles in cohorts.values():
        carried = known[-1].carried_on() if known else {}
        scored = score_cohort(plan, profiles, Surroundings(partial, carried=carried))
        scores += _in_their_ranges(scored)
        _imputed_within(scored, known)
        known.append(scored)
    compared = plan.compare_with
    then = None
    if compared is not None and len(known) > 1:
        then = 0 if compared.value is not None else len(known) - 2
    ids = list(cohorts)
    results = IndexResults(
        plan,
        Edition(ids[-1], ids[-1], "", partial),
        known[-1],
        None if then is None else Edition(ids[then], ids[then], "", False),
        None if then is None else known[then],
    )
    for entity in results.by_entity:
        _published_as_said(index, results, entity)
    return scores


# ---- scores


def _in_their_ranges(scored: Scored) -> int:
    scores = 0
    for step, column in zip(scored.plan.steps, scored.columns, strict=True):
        for at in range(len(scored.profiles)):
            scores += _in_range(step, column.score(at))
        for units in column.units.values():
            for unit in units:
                values = zip(unit.plan.steps, unit.values, strict=True)
                scores += sum(_in_range(inner, value.score) for inner, value in values)
    return scores


def _in_range(step: AnyStep, score: Fraction | None) -> bool:
    low, high = step.publication.own
    assert score is None or low <= score <= high, f"{step.figure}: {score}"
    return score is not None


# ---- what counts in place of missing parts


def _imputed_within(scored: Scored, before: Sequence[Scored]) -> None:
    """Every missing part counts as the average of its group, or as what was last known of it."""
    for step in scored.plan.steps:
        if not isinstance(step, Aggregate):
            continue
        policy = policy_named(step.when_missing.value)
        if not policy.imputes:
            continue
        for part in step.parts:
            column = scored.columns[part.step]
            for at, profile in enumerate(scored.profiles):
                if column.statuses[at] is not Status.MISSING:
                    continue
                found = scored.around.imputed(part.step, step.when_missing.value, profile)
                where = f"{step.figure}, {scored.plan.steps[part.step].figure}, {profile.entity}"
                score = None if found is None else found.score
                if policy.carries:
                    last = _last_known(before, part.step, profile.entity)
                    assert score == last, f"{where}: {score}, and {last} was last known"
                else:
                    group = policy.average_of
                    _within(score, _alike(scored, part.step, profile, group or ""), where)


def _alike(scored: Scored, number: int, profile: Profile, group: str) -> list[Fraction]:
    """The scores of one step that the entities of the same group have."""
    label = profile.groups.get(group)
    if group != "all" and label is None:
        return []
    scores = [
        scored.columns[number].score(at)
        for at, other in enumerate(scored.profiles)
        if group == "all" or other.groups.get(group) == label
    ]
    return [each for each in scores if each is not None]


def _within(score: Fraction | None, scores: Sequence[Fraction], where: str) -> None:
    if not scores:
        assert score is None, f"{where}: {score}, and nothing to average"
        return
    assert score is not None, f"{where}: no average of {scores}"
    assert min(scores) <= score <= max(scores), f"{where}: {score}, an average of {scores}"


def _last_known(before: Sequence[Scored], number: int, entity: str) -> Fraction | None:
    """The last score of a step that an entity had; none where the step then did not apply."""
    for earlier in reversed(before):
        at = earlier.position.get(entity)
        if at is None:
            continue
        value: Value = earlier.columns[number].value(at)
        if value.score is not None or not value.status.applies:
            return value.score
    return None


# ---- what is published


def _published_as_said(index: Index, results: IndexResults, entity: str) -> None:
    figures = results.by_entity[entity]
    by_path = {tuple(each.figure.split(".")): each for each in figures}
    for each in figures:
        low, high = each.printed_on
        assert each.score is None or low <= each.score <= high, f"{each.figure}: {each.score}"
        assert each.rank is None or 1 <= each.rank <= (each.cohort or 0), each.figure
    for part in results.parts_of(entity):
        low, high = part.printed_on
        assert part.score is None or low <= part.score <= high, f"{part.figure}: {part.score}"
    for path, rated in results.rated(entity).items():
        numbers = [_number_read(index, by_path, each) for each in rated.rating.of]
        assert [number for _, number in rated.read] == numbers, f"{path}: {rated.read}"
        known = [each for each in numbers if each is not None]
        if len(known) < len(numbers):
            assert by_path[path].band is None, f"{path}: rated, and something is missing"
            continue
        mean = sum(known, Fraction(0)) / len(known)
        held = _holding(rated.rating, mean)
        assert held == [by_path[path].band], f"{path}: {mean} is {by_path[path].band}, not {held}"


def _number_read(
    index: Index, by_path: Mapping[tuple[str, ...], PublishedFigure], path: tuple[str, ...]
) -> Fraction | None:
    """What a rating reads: the label of another, or the score of a figure on its printed range."""
    read = by_path[path]
    if read.level == "rating":
        return None if read.band is None else Fraction(read.band)
    if not index.root.settings.band_by_unrounded.value or read.exact is None:
        return read.score
    figure = next(each for each in index.root.figures() if each.path == path)
    (low, high), (start, end) = figure.score_range, read.printed_on
    return start + (read.exact - low) * (end - start) / (high - low)


def _holding(rating: Rating, number: Fraction) -> list[str]:
    """The grades that hold for a number, as the language page defines it: always one."""
    limits = [each.number for each in rating.grades if each.number is not None]
    if rating.ascending:
        limit = min((each for each in limits if number <= each), default=None)  # None: `above`
    else:
        limit = max((each for each in limits if each <= number), default=None)
    return [each.label for each in rating.grades if each.number == limit]
