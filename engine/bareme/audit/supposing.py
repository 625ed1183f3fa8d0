"""Answers and weights that are supposed, read, put in place and scored beside what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bareme.audit.reweighed import read_weights, reweighed, weight_changes
from bareme.audit.unanswered import must_be_answered
from bareme.audit.whatif import Results, WhatIf, changes_of, moved, others_moved, silent
from bareme.checks import check
from bareme.diagnostics import Diagnostic
from bareme.framework import Framework
from bareme.profiles.profile import Cohort, Path, Profile
from bareme.profiles.supposed import Argument, arguments_of, read_supposed, supposing
from bareme.record import replace
from bareme.results import IndexResults
from bareme.source import Source

Pairs = Sequence[tuple[str, str]]
Score = Callable[[Framework, Cohort], Mapping[str, IndexResults]]


class Refused(Exception):
    """What is supposed is no answer or no weight.

    Attributes:
        source: what was supposed, as a text that the messages point into.
    """

    def __init__(self, diagnostics: list[Diagnostic], source: Source) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics
        self.source = source


def what_if(
    framework: Framework,
    cohort: Cohort,
    profile: Profile,
    answers: Pairs,
    weights: Pairs,
    paths: Sequence[Path],
    part: str | None,
    score: Score,
) -> WhatIf:
    """What would move.

    Args:
        framework: without errors.
        cohort: of the profile.
        profile: of the entity whose answers are other ones.
        answers: names with answers, as they were typed.
        weights: names with weights.
        paths: what the weights are of.
        part: the part of the entity that answers.
        score: scores a cohort by rules.

    Raises:
        Refused: where a profile or the rules would be refused with that in it.
    """
    arguments, source = arguments_of([*answers, *weights])
    supposed, found = read_supposed(arguments[: len(answers)], framework, profile, part)
    weighed, faults = read_weights(
        list(zip(paths, arguments[len(answers) :], strict=True)), framework
    )
    if found or faults:
        raise Refused([*found, *faults], source)
    after = reweighed(framework, weighed) if weighed else framework
    broken = check(after) if weighed else []
    if any(each.severity == "error" for each in broken):
        raise Refused([each for each in broken if each.severity == "error"], source)
    changed = supposing(profile, supposed)
    profiles = tuple(changed if each is profile else each for each in cohort.profiles)
    then = score(framework, cohort)
    now = score(after, replace(cohort, profiles=profiles))
    lacking = _lacking(then, now, profile.entity, arguments)
    if lacking:
        raise Refused(lacking, source)
    changes = [*changes_of(supposed, framework, profile)]
    if weighed:
        changes += weight_changes(framework, after, paths)
    return WhatIf(
        framework=framework.name,
        edition=cohort.edition.id,
        entity=profile.entity,
        name=profile.name,
        changes=tuple(changes),
        figures=moved(then, now, profile.entity),
        others=others_moved(then, now, profile.entity),
        silent=tuple(silent(supposed, now, profile.entity)),
        source=source,
    )


def _lacking(
    then: Results, now: Results, entity: str, arguments: Sequence[Argument]
) -> list[Diagnostic]:
    """The answers that the rules require and that would not be there any more."""
    found: dict[str, Diagnostic] = {}
    for index, results in now.items():
        if entity not in results.scored.position:
            continue
        before: set[str] = set()
        if entity in then[index].scored.position:
            before = {each.message for each in must_be_answered(then[index].trace(entity))}
        for each in must_be_answered(results.trace(entity)):
            if each.message not in before:
                said = [a for a in arguments if each.message.startswith(f"`{_id(a.name)}` ")]
                span = (said or arguments)[0].name_span
                found.setdefault(each.message, replace(each, span=span))
    return list(found.values())


def _id(name: str) -> str:
    return name.rpartition(".")[2]
