"""Starting a project: a folder with rules and profiles that score as they are."""

from __future__ import annotations

import re
from pathlib import Path

from bareme import files
from bareme.audit.printed import compare_with_print
from bareme.diagnostics import quote
from bareme.language.words import WORDS
from bareme.project import load
from bareme.record import Record

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
_PATTERN = ("first-index", "first_index", "First Index")  # as the starters have it: name, id, title


class NotStarted(ValueError):
    """Why no project is created; its text is a sentence."""


class Started(Record):
    """What a new project holds.

    Attributes:
        index, entity: ids to go on with.
        printed: how many figures are written down to be checked against.
    """

    folder: Path
    rule_files: int
    entities: int
    editions: int
    printed: int
    index: str
    entity: str


def start(path: Path, example: bool = False) -> Started:
    """Create a project of one framework, named as its folder.

    Args:
        path: the folder to create, whole or not at all.
        example: with three invented entities in two editions; else with one to be replaced.

    Raises:
        NotStarted: where the name cannot be a framework's, or something is in the way.
        OSError: where the machine fails; then nothing is created.
    """
    name = path.name
    if not _NAME.fullmatch(name):
        raise NotStarted(
            f"{quote(name)} cannot be the name of a framework: take up to 60 letters a to z, "
            "digits and hyphens, a letter first, as in `first-index`"
        )
    id = name.lower().replace("-", "_")
    if id in WORDS:
        raise NotStarted(
            f"{quote(name)} is a word of the language, so no index can have that id; "
            f"take `{name}-index`, say"
        )
    if files.folders(path.absolute().parent, "rules"):
        raise NotStarted(
            "this folder is a project already, with rules in `rules/`; to add a framework to it, "
            f"write its rules to `rules/{name}/{id}.bareme`"
        )
    reason = files.refused_folder(path)
    if reason:
        raise NotStarted(reason)
    title = " ".join(word.capitalize() for word in re.split("[-_]+", name) if word)
    contents = files.starter("example" if example else "plain")
    new = dict(zip(_PATTERN, (name, id, title), strict=True))
    files.create_folder(
        path, {_filled(file, new): _filled(text, new).encode() for file, text in contents.items()}
    )
    return _held(path, len([file for file in contents if file.endswith(files.RULES_ENDING)]))


def _filled(text: str, new: dict[str, str]) -> str:
    for pattern, value in new.items():
        text = text.replace(pattern, value)
    return text


def _held(path: Path, rule_files: int) -> Started:
    rules = load(path)
    cohorts = [rules.cohort(edition) for edition in rules.editions]
    compared = [
        each
        for cohort in cohorts
        for each in compare_with_print(cohort, list(rules.score(cohort).values()))
    ]
    return Started(
        folder=path,
        rule_files=rule_files,
        entities=len({profile.entity for cohort in cohorts for profile in cohort.profiles}),
        editions=len(cohorts),
        printed=len(compared),
        index=rules.framework.indices[0].id,
        entity=cohorts[-1].profiles[0].name.lower(),
    )
