"""Sealing an edition with everything that its figures follow from, and recomputing it elsewhere."""

from bareme.audit.sealed import LIMITS, Limits
from bareme.language import VERSION as LANGUAGE
from bareme.sealing.against import held_against
from bareme.sealing.before import given, newest_before, opened
from bareme.sealing.members import SETTINGS
from bareme.sealing.seal import Made, name_of, seal
from bareme.sealing.verify import chained, verify

__all__ = [
    "LANGUAGE",
    "LIMITS",
    "SETTINGS",
    "Limits",
    "Made",
    "chained",
    "given",
    "held_against",
    "name_of",
    "newest_before",
    "opened",
    "seal",
    "verify",
]
