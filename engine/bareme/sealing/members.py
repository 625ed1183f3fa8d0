"""The files that an edition's figures follow from, and those that its sources name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from bareme import files
from bareme.diagnostics import Diagnostic, nearest, quote
from bareme.exact import FIGURES, MAX_BITS
from bareme.profiles.profile import Cohort, Evidence
from bareme.project import Rules
from bareme.scoring.surroundings import carried_parts
from bareme.source import Span

SETTINGS = f"digits {FIGURES}, bits {MAX_BITS}"
"""What numbers depend on beside rules and answers: digits of what is irrational, and most bits."""


def members_of(rules: Rules, edition: str) -> list[str]:
    """The files that an edition's figures follow from, and its evidence, by name."""
    found = list(files.rule_files(rules.root, rules.name))
    for each in _read_editions(rules, edition):
        folder = f"profiles/{rules.name}/{each}"
        about = f"{folder}/{files.EDITION_FILE}"
        found += [about] if files.exists(rules.root, about) else []
        found += files.profile_files(rules.root, rules.name, each)
        table = rules.cohort(each).edition.table
        found += [f"{folder}/{table.file.value}"] if table else []
    return found + files.evidence_files(rules.root, rules.name, edition)


def _read_editions(rules: Rules, edition: str) -> list[str]:
    """The editions that scoring one reads: those that it is compared with or carries on, and it."""
    before = list(rules.editions[: rules.editions.index(edition)])
    if any(carried_parts(plan) for plan in rules.plans.values()):
        return [*before, edition]
    compared = {rules.earlier(index, edition) for index in rules.framework.indices}
    return [*(each for each in before if each in compared), edition]


def recorded(cohort: Cohort) -> Iterator[tuple[Evidence, Span]]:
    """The evidence of every answer and every given score, of parts as well."""
    for profile in cohort.profiles:
        parts = chain.from_iterable(profile.parts.values())
        answers = [profile.answers, *(part.answers for part in parts)]
        for answer in chain.from_iterable(each.values() for each in answers):
            yield answer.evidence, answer.span
        for given in profile.given.values():
            yield given.evidence, given.span


def named_file(source: str) -> str | None:
    """The file of evidence that a source names, as in `evidence/report.pdf, page 3`."""
    if not source.startswith(f"{files.EVIDENCE}/"):
        return None
    return source.partition(",")[0].partition("#")[0].rstrip()


def evidence_missing(cohort: Cohort, members: Sequence[str], code: str) -> list[Diagnostic]:
    """Sources that name a file of evidence that is not there."""
    there = set(members)
    found = []
    for evidence, span in recorded(cohort):
        named = named_file(evidence.source)
        folder = span.file.rpartition("/")[0]
        if named is None or f"{folder}/{named}" in there:
            continue
        inside = [
            each.removeprefix(f"{folder}/") for each in members if f"/{files.EVIDENCE}/" in each
        ]
        near = nearest(named, inside)
        said = f"the source of this is the file {quote(named)}, which is not there"
        found.append(Diagnostic(code, said, span, f"`{near}`?" if near else ""))
    return found
