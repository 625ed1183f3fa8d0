"""How far down results are shown: to a level of the language, or one that an index has named."""

from __future__ import annotations

from collections.abc import Iterable

from bareme.plan import Plan
from bareme.record import Record
from bareme.results import PublishedFigure

LEVELS = ("index", "category", "indicator", "question")
_STAND_FOR = {"measure": "question", "rating": "index"}


class DownTo(Record):
    """A level; of categories those of so many levels below the index, all where it is None."""

    level: str
    depth: int | None = None

    def shows(self, figure: PublishedFigure) -> bool:
        """Whether a figure is of this level or above; ratings are of the index."""
        own = _STAND_FOR.get(figure.level, figure.level)
        deeper = self.depth is not None and own == "category" and figure.depth > self.depth
        return LEVELS.index(own) <= LEVELS.index(self.level) and not deeper


def down_to(plan: Plan, named: str) -> DownTo:
    """The level of an index of this name, in any case; the index alone where it has none.

    The words of the language go before names that an index has given.
    """
    wanted = named.casefold()
    if wanted in LEVELS:
        return DownTo(wanted)
    names = [each.casefold() for each in plan.levels]
    if wanted not in names:
        return DownTo("index")
    at = names.index(wanted)
    return DownTo("indicator") if at == len(names) - 1 else DownTo("category", at + 1)


def level_names(plans: Iterable[Plan]) -> list[str]:
    """What `--level` may name, of some indices."""
    return list(dict.fromkeys([*LEVELS, *(name for plan in plans for name in plan.levels)]))
