"""Choices by which a condition is likely to hold: what a search starts from, and proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, islice, product

from bareme.framework import AtLeast, Compared, Condition, Exists, InGroup, IsAnswer, Not
from bareme.proofs.choices import Choice, Choices, Kind, Way
from bareme.proofs.truth import OPPOSITE, SIGNS

Aim = dict[Choice, Way]

Below = Callable[[tuple[str, ...]], Sequence[Choice]]
"""The choices below a figure, by its path."""

Worth = Callable[[Choice, Way], tuple[Fraction, Fraction]]
"""What a way earns: among the best, and among the worst."""

WAYS_EACH = 4  # in which one condition is made to hold


class Aiming:
    """Makes conditions hold.

    Args:
        choices: that there are.
        below: which of them a figure rests on.
        worth: what each way earns.
    """

    def __init__(self, choices: Choices, below: Below, worth: Worth) -> None:
        self.ways: Mapping[Choice, Sequence[Way]] = choices.ways
        self.by_id = {choice.id: choice for choice in choices.ways}
        self.below = below
        self.worth = worth

    def at(self, condition: Condition, holds: bool = True) -> Iterator[Aim]:
        """Some choices by which a condition may hold, or may not."""
        yield from islice(self._at(condition, holds), WAYS_EACH)

    def _at(self, condition: Condition, holds: bool) -> Iterator[Aim]:
        match condition:
            case IsAnswer():
                id, texts = condition.question, condition.answers
                yield from self.where(id, lambda way: way.said and (way.text in texts) == holds)
            case InGroup():
                id, texts = condition.group, condition.labels
                yield from self.where(id, lambda way: way.said and (way.text in texts) == holds)
            case Exists(kind="figure"):
                yield {} if holds else self.blank(self.below(condition.id))
            case Exists():
                yield from self.where(condition.id[-1], lambda way: way.said == holds)
            case Compared():
                yield from self.compared(condition, holds)
            case Not():
                yield from self._at(condition.of, not holds)
            case AtLeast():
                count = condition.count if holds else len(condition.of) - condition.count + 1
                for some in islice(combinations(condition.of, count), WAYS_EACH):
                    aims = (list(self.at(each, holds)) for each in some)
                    for each in islice(product(*aims), WAYS_EACH):
                        yield {choice: way for aim in each for choice, way in aim.items()}

    def compared(self, condition: Compared, holds: bool) -> Iterator[Aim]:
        sign = condition.sign if holds else OPPOSITE[condition.sign]
        if condition.kind == "figure":
            yield self.end(self.below(condition.id), best=sign in (">", "≥"))
        elif condition.formula is None:
            held, number = SIGNS[sign], condition.number
            id = condition.id[-1]
            yield from self.where(id, lambda way: way.said and held(way.number, number))

    def where(self, id: str, wanted: Callable[[Way], bool]) -> Iterator[Aim]:
        """Each way that is wanted of one choice."""
        choice = self.by_id.get(id)
        if choice is not None:
            yield from ({choice: way} for way in self.ways[choice] if wanted(way))

    def end(self, choices: Sequence[Choice], *, best: bool) -> Aim:
        """The best of every choice, or the worst."""
        found: Aim = {}
        for choice in choices:
            ways = self.ways[choice]
            if best:
                found[choice] = max(ways, key=lambda way: self.worth(choice, way)[0])
            else:
                found[choice] = min(ways, key=lambda way: self.worth(choice, way)[1])
        return found

    def blank(self, choices: Sequence[Choice]) -> Aim:
        return {each: self.ways[each][-1] for each in choices if each.kind is not Kind.EDITION}
