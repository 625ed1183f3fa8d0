"""Profiles at random that a framework accepts, told from its rules alone."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

from bareme.exact import written
from bareme.framework import Framework, Measure, Question
from bareme.profiles.profile import Answer, Evidence, GivenScore, PartOf, Profile
from bareme.source import Span

HERE = Span("", 0, 0)
NUMBERS = (0, 1, 5, 7, 10, 20, Fraction(81, 2), 50, 100, 250, 333, 500, 700, 999, 1000)


def _answer(asked: Question | Measure, chance: random.Random) -> Answer:
    if isinstance(asked, Question):
        return Answer(chance.choice(asked.scale.labels).text, Evidence(), HERE)
    low, high = asked.plausible or (Fraction(0), Fraction(1000))
    value = Fraction(chance.choice([n for n in NUMBERS if low <= n <= high] or [low]))
    return Answer(written(value), Evidence(), HERE, value)


def _answers(asked, chance: random.Random, required: frozenset[str]) -> dict[str, Answer]:
    blank = chance.choice((0, 0.2, 0.7))
    return {
        each.id: _answer(each, chance)
        for each in asked
        if each.id in required or chance.random() >= blank
    }


def random_profile(framework: Framework, chance: random.Random) -> Profile:
    """An entity with parts, groups and given scores, where rules know any."""
    inside = {path[-1]: framework.figures[s].each.value for path, s in framework.scopes.items()
              if path not in framework.figures}  # fmt: skip
    asked = [*framework.questions.values(), *framework.recorded.values()]
    own = [each for each in asked if each.id not in inside]
    parts: dict[str, tuple[PartOf, ...]] = {}
    for unit in framework.units:
        theirs = [each for each in asked if inside.get(each.id) == unit]
        parts[unit] = tuple(
            PartOf(f"{unit} {n}", _answers(theirs, chance, framework.required), {}, HERE)
            for n in range(chance.choice((0, 1, 1, 2)))
        )
    given = {
        figure.path: GivenScore(
            low + (high - low) * Fraction(chance.randint(0, 8), 8), Evidence(), HERE
        )
        for figure in framework.figures.values()
        if not figure.children and figure.same_as is None and not figure.decisions
        for low, high in [framework.given_range(figure)]
        if chance.random() < 0.8
    }
    groups = {
        group.id: chance.choice(group.labels or ("one", "other"))
        for group in framework.groups.values()
        if chance.random() < 0.8
    }
    return profile_of(_answers(own, chance, framework.required), given, groups, parts)


def profile_of(answers, given=None, groups=None, parts=None) -> Profile:
    return Profile("e", "E", answers, {}, given or {}, {}, {}, HERE, groups or {}, {}, parts or {})


def every_profile(framework: Framework):
    """All that answer questions alone."""
    choices = [
        [*(Answer(label.text, Evidence(), HERE) for label in q.scale.labels),
         *([] if id in framework.required else [None])]
        for id, q in framework.questions.items()
    ]  # fmt: skip
    for each in product(*choices):
        said = zip(framework.questions, each, strict=True)
        yield profile_of({id: answer for id, answer in said if answer is not None})
