"""Missing values: what a part that is missing does to its parent.

Each policy has a name, as the rules write it. A part that does not apply is no missing one: it is
left out under every policy.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from bareme.record import Record

ALL = "all"
"""Stands where a group is named, and means the whole cohort."""

AVERAGE_OF = "average of "


class Policy(Record):
    """What a missing part counts as.

    Attributes:
        counts_as: of the least score that the part could have, what it counts as; None where it is
            left out and its siblings take over its share.
        blocks: whether the parent has no score either.
        average_of: the group of the entities whose mean score of the part it counts as, or `ALL`.
        carries: whether it counts as the last score of the part that is known.
    """

    counts_as: Callable[[Fraction], Fraction | None]
    blocks: bool = False
    average_of: str | None = None
    carries: bool = False

    @property
    def imputes(self) -> bool:
        """Whether it reads scores of other entities or editions; where there is none, it leaves
        the part out.
        """
        return self.average_of is not None or self.carries


POLICIES = {
    "leave out": Policy(lambda _: None),
    "zero": Policy(lambda _: Fraction(0)),
    "worst": Policy(lambda lowest: lowest),
    "no score": Policy(lambda _: None, blocks=True),
    "carry forward": Policy(lambda _: None, carries=True),
}
"""Every policy that reads no group, by the name that rules give it."""


@cache
def policy_named(name: str) -> Policy:
    """A policy by the name that rules give it, as in `average of region`."""
    if name.startswith(AVERAGE_OF):
        return Policy(lambda _: None, average_of=name.removeprefix(AVERAGE_OF))
    return POLICIES[name]
