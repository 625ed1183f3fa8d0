"""Missing values: what a part that is missing does to its parent.

Each policy has a name, as the rules write it. A part that does not apply is no missing one: it is
left out under every policy.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from bareme.record import Record


class Policy(Record):
    """What a missing part counts as.

    Attributes:
        counts_as: of the least score that the part could have, what it counts as; None where it is
            left out and its siblings take over its share.
        blocks: whether the parent has no score either.
    """

    counts_as: Callable[[Fraction], Fraction | None]
    blocks: bool = False


POLICIES = {
    "leave out": Policy(lambda _: None),
    "zero": Policy(lambda _: Fraction(0)),
    "worst": Policy(lambda lowest: lowest),
    "no score": Policy(lambda _: None, blocks=True),
}
"""Every policy by the name that rules give it."""
