"""Check that conditions on an entity read what the entity answers, and not its parts alone."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic, Note
from bareme.framework import Figure, Framework, When

Path = tuple[str, ...]


def check_answering(framework: Framework) -> Iterator[Diagnostic]:
    """Warn of each condition on an entity that reads what only its parts answer."""
    apart = _of_parts_alone(framework)
    if not apart:
        return
    for when in _on_entities(framework):
        for id in dict.fromkeys(when.answers):
            if id in apart:
                yield _never_known(framework, when, id, apart[id])


def _of_parts_alone(framework: Framework) -> dict[str, Path]:
    """The questions and measures that are asked of parts only; the figure that is scored so."""
    scopes = framework.scopes
    inside: dict[str, Path] = {}
    outside: set[str] = set()
    for figure in framework.figures.values():
        for child in figure.children:
            if isinstance(child, Figure):
                continue
            scope = scopes.get(child.path)
            if scope is None:
                outside.add(child.id)
            else:
                inside.setdefault(child.id, scope)
    return {id: scope for id, scope in inside.items() if id not in outside}


def _on_entities(framework: Framework) -> Iterator[When]:
    """Every condition that is asked about the entity as a whole."""
    scopes = framework.scopes
    for index in framework.indices:
        yield from (when for when in (index.include, index.ranked) if when)
    for figure in framework.figures.values():
        if figure.path not in scopes:
            yield from figure.own_whens
        for child in figure.children:
            if not isinstance(child, Figure) and child.path not in scopes:
                yield from child.skip


def _never_known(framework: Framework, when: When, id: str, scope: Path) -> Diagnostic:
    figure = framework.figures[scope]
    assert figure.each is not None
    unit = figure.each.value
    return Diagnostic(
        "W205",
        f"`{id}` is asked of each {unit}, and this condition is about the entity, "
        "which is not asked",
        when.span,
        f"read an answer of the entity or the score of `{figure.dotted}`, or put the rule below it",
        (Note(f"`{figure.dotted}` is scored for each {unit} here", figure.each.span),)
        if figure.each.span
        else (),
    )
