"""One published figure in two states, side by side."""

from __future__ import annotations

from fractions import Fraction

from bareme.record import Record
from bareme.results import PublishedFigure


class Beside(Record):
    """One figure or rating of one entity in both states; None on a side where it is not there."""

    before: PublishedFigure | None
    after: PublishedFigure | None

    @property
    def figure(self) -> PublishedFigure:
        """Whichever there is, for what both have alike."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def difference(self) -> Fraction | None:
        """Of the unrounded scores; None where there is none on a side."""
        if self.before is None or self.after is None:
            return None
        if self.before.exact is None or self.after.exact is None:
            return None
        return self.after.exact - self.before.exact
