"""What a shell may complete: frameworks, indices, figures, entities, editions, message codes.

Completing never prints, and never fails: where rules or profiles hold mistakes it offers what can
be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from bareme import project
from bareme.cli import pages
from bareme.framework import Question
from bareme.profiles.answers import all_asked
from bareme.project import NoSuchName, Rules
from bareme.reports.levels import LEVELS

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _of(names: Callable[[click.Context], Iterator[tuple[str, str]]]) -> Complete:
    """Offer the names that start as what was typed, in any case, each with what it is."""

    def complete(
        context: click.Context,
        parameter: click.Parameter,  # noqa: ARG001 as click asks
        typed: str,
    ) -> list[CompletionItem]:
        try:
            offered = dict(names(context))
        except (OSError, NoSuchName):
            return []
        return [
            CompletionItem(name, help=what)
            for name, what in offered.items()
            if name.casefold().startswith(typed.casefold())
        ]

    return complete


def _folder(context: click.Context) -> Path:
    return Path(context.find_root().params.get("folder") or ".")


def _rules(context: click.Context) -> Iterator[Rules]:
    only = context.params.get("framework")
    for name in project.frameworks(_folder(context)):
        if only in (None, name):
            yield project.read_rules(_folder(context), name)


def _frameworks(context: click.Context) -> Iterator[tuple[str, str]]:
    return ((name, "framework") for name in project.frameworks(_folder(context)))


def _indices(context: click.Context) -> Iterator[tuple[str, str]]:
    for rules in _rules(context):
        for index in rules.framework.indices:
            yield index.id, index.root.title


def _figures(context: click.Context) -> Iterator[tuple[str, str]]:
    for rules in _rules(context):
        for figure in rules.framework.figures.values():
            yield figure.dotted, figure.title
        for rating in rules.framework.ratings.values():
            yield rating.dotted, rating.title
        for question in rules.framework.questions.values():
            yield question.id, question.title


def _editions(context: click.Context) -> Iterator[tuple[str, str]]:
    for rules in _rules(context):
        yield from ((edition, f"edition of {rules.name}") for edition in rules.editions)


def _levels(context: click.Context) -> Iterator[tuple[str, str]]:
    yield from ((name, "level") for name in LEVELS)
    for rules in _rules(context):
        for index in rules.framework.indices:
            yield from ((name, f"level of {index.id}") for name in index.levels)


def _entities(context: click.Context) -> Iterator[tuple[str, str]]:
    for rules in _rules(context):
        wanted = context.params.get("edition")
        for edition in [wanted] if wanted in rules.editions else rules.editions[-1:]:
            for profile in rules.read_cohort(edition)[0].profiles:
                yield profile.entity, profile.name
                yield profile.name, profile.entity


def supposed(
    context: click.Context,
    parameter: click.Parameter,  # noqa: ARG001 as click asks
    typed: str,
) -> list[CompletionItem]:
    """Questions and measures with a `=`; once that is typed, the labels there are."""
    name, sign, _ = typed.partition("=")
    offered: dict[str, str] = {}
    with suppress(OSError, NoSuchName):
        for rules in _rules(context):
            for each in all_asked(rules.framework).values():
                scale = each.scale if isinstance(each, Question) else None
                if not sign:
                    offered[f"{each.id}="] = each.title
                elif each.id == name and scale is not None:
                    offered |= {f"{name}={label.text}": each.title for label in scale.labels}
    return [
        CompletionItem(text, help=what)
        for text, what in offered.items()
        if text.casefold().startswith(typed.casefold())
    ]


def _codes(context: click.Context) -> Iterator[tuple[str, str]]:
    yield from ((row[:4], row[6:]) for row in pages.listing())
    root = context.find_root().command
    if isinstance(root, click.Group):
        yield from ((name, "command") for name in root.list_commands(context))


frameworks = _of(_frameworks)
indices = _of(_indices)
figures = _of(_figures)
editions = _of(_editions)
entities = _of(_entities)
levels = _of(_levels)
codes = _of(_codes)
