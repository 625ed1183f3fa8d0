"""What stands in for a missing part is read of entities, and of those of its own index."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic, Note
from bareme.framework import Figure, Framework
from bareme.methods.missing import policy_named
from bareme.source import Span

Path = tuple[str, ...]


def check_imputed(framework: Framework) -> Iterator[Diagnostic]:
    """Report averages and carried scores of parts of entities, and such of two cohorts."""
    told: set[Span | None] = set()
    for figure in framework.figures.values():
        if figure.each is not None:
            yield from _of_units(framework, figure, told)
        yield from _of_two_cohorts(framework, figure)


def _imputes(figure: Figure) -> bool:
    return bool(figure.children) and policy_named(figure.settings.when_missing.value).imputes


def _of_units(framework: Framework, figure: Figure, told: set[Span | None]) -> Iterator[Diagnostic]:
    assert figure.each is not None
    around = framework.figures.get(figure.path[:-1])
    inherited = around.settings.when_missing.span if around else None
    for inner in figure.figures():
        policy = inner.settings.when_missing
        if not _imputes(inner) or policy.span in told:
            continue
        told.add(policy.span)
        yield Diagnostic(
            "E235",
            f"`when missing {policy.value}` fills in from scores of whole entities, and "
            f"{inner.level} `{inner.id}` is scored for each {figure.each.value}",
            policy.span or inner.span,
            "write `when missing leave out`, say, "
            + ("in its place" if policy.span != inherited else f"under `{figure.id}`"),
            (Note(f"it is scored for each {figure.each.value} here", figure.each.span),)
            if figure.each.span
            else (),
        )


def _of_two_cohorts(framework: Framework, figure: Figure) -> Iterator[Diagnostic]:
    """A score that is taken from an index of other entities would be another one there."""
    taken = [(path, when.span) for when in figure.whens for path in when.reads]
    if figure.same_as is not None:
        taken.append((figure.same_as, figure.origin_span or figure.span))
    here = framework.index(figure.path[0])
    for path, span in taken:
        there = framework.index(path[0])
        if here is None or there is None or here.include == there.include:
            continue
        source = _source(framework, path)
        if source is not None:
            policy = source.settings.when_missing
            yield Diagnostic(
                "E235",
                f"`{'.'.join(path)}` cannot be taken from index `{there.id}`, which includes "
                f"other entities than `{here.id}`: its missing parts count as scores of those",
                span,
                "include the same entities in both, or write another `when missing`",
                (Note(f"`when missing {policy.value}` is set here", policy.span),)
                if policy.span
                else (),
            )


def _source(framework: Framework, path: Path) -> Figure | None:
    """The first figure that imputes, of all that a score rests on."""
    stack, seen = [path], {path}
    while stack:
        figure = framework.figures.get(stack.pop())
        if figure is None:
            continue
        if _imputes(figure):
            return figure
        below = [each for each in figure.rests_on if each not in seen]
        seen.update(below)
        stack += below
    return None
