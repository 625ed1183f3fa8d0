"""Whether a condition holds: true, false, or unknown where what it speaks of is missing.

`and`, `or` and `not` carry the unknown along (Kleene's logic): a rule applies only where its
condition is known to be true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction

from bareme.framework import AtLeast, Compared, Condition, Exists, InGroup, IsAnswer, Not
from bareme.profiles.profile import Profile
from bareme.scoring.formulas import work_out

ScoreOf = Callable[[tuple[str, ...]], Fraction | None]

_SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "≤": operator.le,
    "=": operator.eq,
    "≥": operator.ge,
    ">": operator.gt,
}


def holds(condition: Condition, profile: Profile, score: ScoreOf) -> bool | None:
    """Evaluate a condition for one entity.

    Args:
        condition: with every name resolved.
        profile: the entity's answers and groups.
        score: the score of a figure by its path, None where it has none.

    Returns:
        True or False; None where it cannot be told.
    """
    match condition:
        case IsAnswer():
            answer = profile.answers.get(condition.question)
            return None if answer is None else answer.text in condition.answers
        case InGroup():
            group = profile.groups.get(condition.group)
            return None if group is None else group in condition.labels
        case Exists():
            return _value(condition, profile, score) is not None
        case Compared():
            value = _value(condition, profile, score)
            if not isinstance(value, Fraction):
                return None
            return _SIGNS[condition.sign](value, condition.number)
        case Not():
            of = holds(condition.of, profile, score)
            return None if of is None else not of
        case AtLeast():
            found = [holds(each, profile, score) for each in condition.of]
            if found.count(True) >= condition.count:
                return True
            return False if found.count(True) + found.count(None) < condition.count else None


def _value(of: Exists | Compared, profile: Profile, score: ScoreOf) -> Fraction | str | None:
    if of.kind == "figure":
        return score(of.id)
    if of.kind == "group":
        return profile.groups.get(of.id[-1])
    if of.formula is not None:
        return work_out(of.formula, profile.answers)
    answer = profile.answers.get(of.id[-1])
    return None if answer is None else answer.text if answer.value is None else answer.value


def no_scores(_: tuple[str, ...]) -> None:
    """For conditions that read none: on who is in an index, and who is ranked."""
