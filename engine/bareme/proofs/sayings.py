"""What an entity or a part of it says, told to a logic when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping

from bareme.proofs.choices import Choice, Kind, Way
from bareme.proofs.logic import Fact, Logic, Term
from bareme.record import Record

Ways = Mapping[Choice, tuple[Way, ...]]

EDITION = Choice(Kind.EDITION, "", "")


class Saying(Record):
    """What is said of one choice.

    Attributes:
        options: each a way, whether it is that, and the number that it is then, if it is one.
        said: whether anything is said.
    """

    options: tuple[tuple[Fact, Way, Term], ...]
    said: Fact


_SILENCE = Saying((), False)


class Sayings:
    """What one entity, or one part of it, says, as far as anything asks for it."""

    def __init__(self, logic: Logic, ways: Ways, of_entity: Sayings | None = None) -> None:
        self.logic = logic
        self.ways = ways
        self.of_entity = of_entity
        self.settled: dict[Choice, Saying] = {}

    def settle(self, choice: Choice, way: Way) -> Term:
        """From here on a choice comes out in one way; the number that it is, if it is one."""
        self.settled[choice] = self.saying((way,))
        return self.settled[choice].options[0][2]

    def of(self, choice: Choice) -> Saying:
        """What is said of a choice."""
        if self.of_entity is not None and not choice.unit:
            return self.of_entity.of(choice)
        if choice not in self.settled:
            ways = self.ways.get(choice)
            self.settled[choice] = self.saying(ways) if ways else _SILENCE
        return self.settled[choice]

    def saying(self, ways: tuple[Way, ...]) -> Saying:
        logic = self.logic
        number = logic.number() if any(way.stretch for way in ways) else None
        options: list[tuple[Fact, Way, Term]] = []
        for fact, way in zip(logic.one_of(len(ways)), ways, strict=True):
            if number is not None and way.said:
                ends = [(way.low, ">", "≥"), (way.high, "<", "≤")]
                for end, within, at in ends:
                    if end is not None:
                        sign = within if way.stretch else at
                        logic.given(fact, logic.holds(number, sign, end))
            options.append((fact, way, number if way.stretch else way.low))
        silent = logic.any(*(fact for fact, way, _ in options if not way.said))
        return Saying(tuple(options), logic.no(silent))


class Beside(Sayings):
    """What a part says in a second world: as in the first, but for what is settled here."""

    def __init__(self, base: Sayings, of_entity: Sayings) -> None:
        super().__init__(base.logic, base.ways, of_entity)
        self.base = base

    def of(self, choice: Choice) -> Saying:
        if choice in self.settled:
            return self.settled[choice]
        if not choice.unit and self.of_entity is not None:
            return self.of_entity.of(choice)
        return self.base.of(choice)


class Second(Sayings):
    """What an entity says in a second world: as in the first, but for one choice."""

    def __init__(self, base: Sayings) -> None:
        super().__init__(base.logic, base.ways)
        self.base = base

    def of(self, choice: Choice) -> Saying:
        return self.settled[choice] if choice in self.settled else self.base.of(choice)
