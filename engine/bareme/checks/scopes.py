"""What is scored for each part of an entity stands apart: no score from outside, none to it."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic, Note, instead, nearest, quote
from bareme.framework import Figure, Framework, Origin
from bareme.source import Span


def check_scopes(framework: Framework) -> Iterator[Diagnostic]:
    """Report units that are not declared, and rules that mix a part with its entity."""
    scopes = framework.scopes
    for figure in framework.figures.values():
        if figure.each is not None:
            yield from _unit(framework, figure, scopes.get(figure.path))
        own = scopes.get(figure.path)
        inside = figure.path if figure.each else own
        if figure.origin is Origin.GIVEN and own is not None:
            yield _mixed(
                framework,
                figure.origin_span or figure.span,
                f"{figure.level} `{figure.id}` is given, and stands in a figure that is scored",
                own,
                "give the figure around it, or let it be scored from answers",
            )
        if figure.same_as is not None and scopes.get(figure.same_as) != own:
            yield _mixed(
                framework,
                figure.origin_span or figure.span,
                f"`{'.'.join(figure.same_as)}` cannot be taken over here: one of the two is scored",
                scopes.get(figure.same_as) or own or (),
                "take over a figure that is scored for the same",
            )
        for child in (figure, *(c for c in figure.children if not isinstance(c, Figure))):
            where = own if child is figure else inside
            whens = figure.own_whens if isinstance(child, Figure) else child.skip
            for when in whens:
                for path in when.reads:
                    if scopes.get(path) != where:
                        yield _mixed(
                            framework,
                            when.span,
                            f"the score of `{'.'.join(path)}` cannot be read here: one of the two "
                            "is scored",
                            scopes.get(path) or where or (),
                            "read a score of the same part, or an answer",
                        )


def _unit(
    framework: Framework, figure: Figure, around: tuple[str, ...] | None
) -> Iterator[Diagnostic]:
    assert figure.each is not None
    unit, span = figure.each.value, figure.each.span or figure.span
    if unit not in framework.units:
        near = nearest(unit, framework.units)
        help = f"`{near}`" if near else f"declare it, `units {unit}` at the left edge"
        declare = instead(Span(span.file, 0, 0), f"units {unit}\n")
        fix = instead(span, near) if near else declare
        yield Diagnostic("E230", f"there is no unit {quote(unit)}", span, help, fix=fix)
    if around is not None:
        yield _mixed(
            framework,
            span,
            f"{figure.level} `{figure.id}` stands in a figure that is itself scored",
            around,
            "parts have no parts of their own; take one of the two lines out",
        )
    if not figure.children:
        yield Diagnostic(
            "E230",
            f"{figure.level} `{figure.id}` is made of nothing that could be scored for each {unit}",
            span,
            "indent what is asked of each under it, or take the line out",
        )


def _mixed(
    framework: Framework, span: Span, message: str, scope: tuple[str, ...], help: str
) -> Diagnostic:
    figure = framework.figures[scope]
    assert figure.each is not None
    note = Note(f"`{figure.dotted}` is scored for each {figure.each.value} here", figure.each.span)
    return Diagnostic("E230", f"{message} for each {figure.each.value}", span, help, (note,))
