"""The order of editions, and the place in it of every edition that rules name."""

from __future__ import annotations

from collections.abc import Iterable

from bareme.diagnostics import Diagnostic, instead, quote
from bareme.framework import Asked, Framework
from bareme.profiles.profile import Edition
from bareme.record import Record

Place = tuple[int, str]


class EditionOrder(Record, caches=True):
    """Editions, oldest first."""

    ids: tuple[str, ...]

    @classmethod
    def of(cls, editions: Iterable[Edition]) -> EditionOrder:
        """Editions in order of their dates, of their names where they have none."""
        return cls(tuple(each.id for each in sorted(editions, key=lambda each: each.order)))

    def place(self, named: str) -> Place | None:
        """Where an edition stands among these, in terms that can be compared.

        One that is not here, of a year before profiles were kept or of a year to come, stands where
        its name puts it. That is no one place, None, where the names around it are in another order
        than the editions.
        """
        if named in self.ids:
            return 2 * self.ids.index(named) + 1, ""
        before = [each < named for each in self.ids]
        count = sum(before)
        return (2 * count, named) if all(before[:count]) else None

    def not_asked(self, framework: Framework, edition: str) -> frozenset[str]:
        """The ids of the questions that are not asked in an edition."""
        return frozenset(
            each.id
            for each in framework.questions.values()
            if each.asked_in and not self._asks(each.asked_in, edition)
        )

    def _asks(self, asked: Asked, edition: str) -> bool:
        """Whether it is asked in one of these editions; in all of them where the ends are wrong."""
        if any(_check(asked, self)):
            return True
        here = self.place(edition)
        ends = [self.place(each) if each else here for each in (asked.first, asked.last)]
        known = [each for each in (ends[0], here, ends[1]) if each]
        return known == sorted(known)


def check_asked(framework: Framework, order: EditionOrder) -> list[Diagnostic]:
    """Report `asked from … to …` that ends before it starts, or names what has no place."""
    asked = [each.asked_in for each in framework.questions.values() if each.asked_in]
    return [found for each in asked for found in _check(each, order)]


def _check(asked: Asked, order: EditionOrder) -> Iterable[Diagnostic]:
    nowhere = False
    for named, span in ((asked.first, asked.first_span), (asked.last, asked.last_span)):
        if named is not None and span is not None and order.place(named) is None:
            nowhere = True
            yield Diagnostic(
                "E231",
                f"there is no edition {quote(named)}, and its name does not say between which "
                "editions it comes, since these are in another order than their names",
                span,
                f"name one of them; they come in this order: {', '.join(order.ids)}",
            )
    if nowhere or asked.first is None or asked.last is None or asked.last_span is None:
        return
    first, last = order.place(asked.first), order.place(asked.last)
    if first and last and last < first:
        right = f"asked from {asked.last} to {asked.first}"
        yield Diagnostic(
            "E231",
            f"edition {quote(asked.last)} comes before {quote(asked.first)}",
            asked.last_span,
            f"`{right}`",
            fix=instead(asked.span, right),
        )
