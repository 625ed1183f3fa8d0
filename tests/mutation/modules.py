"""The modules that mutants are made of, and the tests that have to notice them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ENGINE = "bareme"
SOURCE = Path(__file__).parent.parent.parent / "engine" / ENGINE

SLOW = (
    "test_scores_of_sound_programs_are_as_they_have_to_be",
    "test_sound_programs_hold_every_form_and_word_of_the_grammar",
    "test_a_condition_holds_where_its_definition_does",
    "test_the_worlds_that_are_tried_hold_every_form_of_the_language",
    "test_what_an_answer_could_be_worth_is_what_it_is_worth",
    "test_every_fix_of_a_hundred_faults_in_a_profile_works",
    "test_most_fixes_of_slips_in_the_real_rules_work",
    "test_most_fixes_of_slips_in_the_real_profile_work",
)
"""Tests that take seconds each; the quicker ones have to notice without them."""

SCORES = (
    "test_results", "test_scoring", "test_conformance", "test_everyday_rules",
    "test_cohort_at_once", "test_imputed", "test_real_case", "test_harbour_safety",
    "test_unanswered", "test_properties",
)  # fmt: skip


class Module(NamedTuple):
    """A module of the engine, and the files of the tests that look for its faults, in turn."""

    name: str
    tests: tuple[str, ...]

    @property
    def dotted(self) -> str:
        return f"{ENGINE}.{self.name}".removesuffix(".__init__")

    @property
    def path(self) -> Path:
        return SOURCE / f"{self.name.replace('.', '/')}.py"

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(f"tests/{each}.py" for each in self.tests)


RULES = ("test_laws", "test_conformance", "test_diagnostics", "test_fixes")

MODULES = (
    Module("exact", ("test_exact",)),
    Module("results", SCORES),
    *(
        Module(f"scoring.{name}", SCORES)
        for name in ("exact", "trace", "cohort", "conditions", "formulas", "surroundings")
    ),
    *(
        Module(f"methods.{name}", ("test_methods", *SCORES))
        for name in ("aggregation", "missing", "normalisation")
    ),
    Module("plan", ("test_conformance", *SCORES)),
    *(
        Module(f"checks.{name}", RULES)
        for name in (
            "__init__", "answering", "bands", "changes", "cycles", "imputed", "nesting", "ranges",
            "ratings", "scopes", "unused", "weights",
        )
    ),
)  # fmt: skip
"""Rounding and ranking first, then what scores, then what checks."""
