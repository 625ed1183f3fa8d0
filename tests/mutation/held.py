"""One test, for `test_mutation` to hold faults against: it notices some of them."""

from __future__ import annotations

from fractions import Fraction

from bareme.framework import Formula, Term
from bareme.scoring.formulas import work_out
from bareme.source import Span


def test_a_sum():
    formula = Formula((term(2), term(3)), "2 + 3", (), Span("", 0, 0))

    assert work_out(formula, {}) == 5


def term(number: int) -> Term:
    return Term(plus=True, factors=((True, Fraction(number)),))
