"""The laws of the field, proved from the rules alone before anything is scored; one law a file."""

from bareme.checks.bands import check_bands
from bareme.checks.cycles import check_cycles
from bareme.checks.imputed import check_imputed
from bareme.checks.nesting import check_nesting
from bareme.checks.ranges import check_ranges
from bareme.checks.scopes import check_scopes
from bareme.checks.unused import check_unused
from bareme.checks.weights import check_weights
from bareme.diagnostics import Diagnostic
from bareme.framework import Framework

CHECKS = (
    check_ranges,
    check_weights,
    check_bands,
    check_cycles,
    check_nesting,
    check_scopes,
    check_imputed,
    check_unused,
)


def check(framework: Framework) -> list[Diagnostic]:
    """Everything that breaks a law, of every index."""
    return [found for law in CHECKS for found in law(framework)]


__all__ = ["CHECKS", "check"]
