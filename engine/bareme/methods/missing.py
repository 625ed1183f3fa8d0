"""Missing values: what a part without a score does to its parent.

Each policy has a name, as the rules write it. It alone decides which parts count; the score, the
shares and every explanation follow from what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

Policy = Callable[[Sequence[Fraction | None], Sequence[Fraction]], list[Fraction | None]]


def leave_out(
    scores: Sequence[Fraction | None], weights: Sequence[Fraction]
) -> list[Fraction | None]:
    """Leave parts without a score out; their siblings take over their share.

    Args:
        scores: points of the parts, 0 to 100; None where there is none.
        weights: their weights, 0 or more, on any common scale; as many as scores.

    Returns:
        What each part counts for: its weight, or None where it is left out. All None where nothing
        of any weight has a score: then the parent has none either.
    """
    counted = [
        None if score is None else weight for score, weight in zip(scores, weights, strict=True)
    ]
    return counted if any(counted) else [None] * len(counted)


POLICIES: dict[str, Policy] = {"leave out": leave_out}
"""Every policy by the name that rules give it."""
