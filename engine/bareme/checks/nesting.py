"""No figure rests on more levels of others than a person, or an explanation, could follow."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import Diagnostic
from bareme.framework import Framework

MAX_LEVELS = 128  # a tree at its limit of 64 that takes over from another at its limit


def check_nesting(framework: Framework) -> Iterator[Diagnostic]:
    """Report the first `same as` by which a figure comes to rest on too many levels."""
    levels: dict[tuple[str, ...], int] = {}
    for start in framework.figures.values():
        stack = [start]
        on_way: set[tuple[str, ...]] = set()
        while stack:
            figure = stack[-1]
            needs = [framework.figures[path] for path in figure.rests_on]
            waiting = [n for n in needs if n.path not in levels and n.path not in on_way]
            if figure.path not in levels and waiting:
                on_way.add(figure.path)
                stack += waiting
                continue
            stack.pop()
            if figure.path in levels:
                continue
            # A circle is reported by `check_cycles`; here it counts as nothing.
            levels[figure.path] = 1 + max((levels.get(n.path, 0) for n in needs), default=0)
            if levels[figure.path] > MAX_LEVELS and figure.origin_span and figure.same_as:
                yield Diagnostic(
                    "E111",
                    f"`{figure.dotted}` rests on more than {MAX_LEVELS} levels of other figures",
                    figure.origin_span,
                    "take the score over from the figure that is scored, not through others",
                )
                return
