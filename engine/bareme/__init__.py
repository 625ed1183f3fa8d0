"""Barème: declarative rules and an exact, auditable scoring engine for composite indices.

`bareme.load(path)` gives the rules of a framework; `rules.cohort(edition)` the profiles of an
edition; `rules.score(cohort)` the published figures with their traces; `rules.explain` one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bareme.project import InputRefused, NoSuchName, Rules, load

__all__ = ["InputRefused", "NoSuchName", "Rules", "__version__", "load"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Looked up when asked for, so that a room can be imported without those below it.
    if name in __all__:
        from bareme import project

        return getattr(project, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
