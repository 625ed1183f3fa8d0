"""No figure depends on itself, by `same as` or by holding what repeats it."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic, Note, quote
from bareme.framework import Figure, Framework
from bareme.source import Span


def check_cycles(framework: Framework) -> Iterator[Diagnostic]:
    """Report each circle of figures once, whole, at the first `same as` on it."""
    figures = framework.figures
    done: set[tuple[str, ...]] = set()
    for start in figures:
        path: list[tuple[str, ...]] = []
        stack = [(start, iter(figures[start].rests_on))]
        path.append(start)
        on_path = {start}
        while stack:
            at, needs = stack[-1]
            following = next(needs, None)
            if following is None:
                stack.pop()
                path.pop()
                on_path.discard(at)
                done.add(at)
            elif following in on_path:
                yield _report(framework, [*path[path.index(following) :], following])
            elif following not in done:
                stack.append((following, iter(figures[following].rests_on)))
                path.append(following)
                on_path.add(following)


def _report(framework: Framework, circle: list[tuple[str, ...]]) -> Diagnostic:
    on_it = [framework.figures[path] for path in circle[:-1]]
    around = set(circle)
    repeating = [f for f in on_it if f.same_as in around] or [
        f for f in on_it if around.intersection(f.reads)
    ]
    first = min(repeating, key=lambda figure: (figure.span.file, figure.span.start))
    turned = circle[:-1]
    turned = turned[turned.index(first.path) :] + turned[: turned.index(first.path)]
    shown = " → ".join(quote(".".join(path)) for path in [*turned, turned[0]])
    assert first.origin_span is not None
    others = [each for each in repeating if each is not first and each.same_as in around]
    place, help = (
        first.origin_span,
        "let one of them be scored from questions of its own, or `given`",
    )
    if first.same_as not in around:
        place = _reading(first, around)
        help = "a condition may read scores that do not rest on the figure it is about"
    notes = [Note(f"and `{each.dotted}` is the same as that", each.origin_span) for each in others]
    notes += [
        Note(f"and `{each.dotted}` reads that", _reading(each, around))
        for each in on_it
        if each is not first and each.same_as not in around and around.intersection(each.reads)
    ]
    return Diagnostic(
        "E304", f"`{first.dotted}` depends on itself: {shown}", place, help, tuple(notes)
    )


def _reading(figure: Figure, circle: set[tuple[str, ...]]) -> Span:
    """The condition of a figure, or of what stands in it, that reads a score on the circle."""
    return next(when.span for when in figure.whens if circle & set(when.reads))
