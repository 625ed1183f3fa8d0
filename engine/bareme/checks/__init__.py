"""The laws of the field, proved from the rules alone before anything is scored; one law a file."""

from bareme.checks.answering import check_answering
from bareme.checks.bands import check_bands
from bareme.checks.changes import check_changes
from bareme.checks.cycles import check_cycles
from bareme.checks.imputed import check_imputed
from bareme.checks.nesting import check_nesting
from bareme.checks.ranges import check_ranges
from bareme.checks.ratings import check_ratings
from bareme.checks.scopes import check_scopes
from bareme.checks.unused import check_unused
from bareme.checks.weights import check_weights
from bareme.diagnostics import Diagnostic
from bareme.framework import Framework

CHECKS = (
    check_ranges,
    check_weights,
    check_bands,
    check_ratings,
    check_cycles,
    check_nesting,
    check_scopes,
    check_imputed,
    check_changes,
    check_answering,
    check_unused,
)


def check(framework: Framework) -> list[Diagnostic]:
    """Everything that breaks a law, of every index."""
    found = [each for law in CHECKS for each in law(framework)]
    apart = {each.span for each in found if each.code == "E230"}  # nor do they depend on each other
    return [each for each in found if each.code != "E304" or each.span not in apart]


__all__ = ["CHECKS", "check"]
