"""Formulas: a number worked out, exactly, from recorded ones."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from bareme.exact import bounded
from bareme.framework import Factor, Formula
from bareme.profiles.profile import Answer


def work_out(formula: Formula, answers: Mapping[str, Answer]) -> Fraction | None:
    """What a formula comes to; None where a number is missing, or it would divide by 0.

    Raises:
        TooManyBits: where it would be too long to compute with.
    """
    total = Fraction(0)
    for term in formula.terms:
        product = Fraction(1)
        for times, factor in term.factors:
            value = _value(factor, answers)
            if value is None or (value == 0 and not times):
                return None
            product = bounded(product * value if times else product / value)
        total = bounded(total + product if term.plus else total - product)
    return total


def _value(factor: Factor, answers: Mapping[str, Answer]) -> Fraction | None:
    if isinstance(factor, Formula):
        return work_out(factor, answers)
    if isinstance(factor, str):
        answer = answers.get(factor)
        return answer.value if answer else None
    return factor
