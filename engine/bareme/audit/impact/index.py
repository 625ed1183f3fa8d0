"""What moves in one index between two states, for every entity and figure, and by which edit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property

from bareme.audit.beside import Beside
from bareme.audit.impact.answers import Answered, answered, when_asked
from bareme.audit.impact.edits import Edit, Key, Scales, every_label, said_of
from bareme.audit.impact.publication import published_edits
from bareme.audit.impact.shares import (
    OTHERS,
    Known,
    Moved,
    Read,
    Shares,
    around_union,
    what_is_read,
)
from bareme.audit.impact.union import NotSeparable, Union
from bareme.framework import Framework
from bareme.plan import Ask, Count, Path
from bareme.profiles.profile import Profile
from bareme.record import Record
from bareme.results import IndexResults, PublishedFigure
from bareme.scoring.cohort import Scored
from bareme.scoring.trace import Value

EVERYTHING: Key = ("everything",)
"""All the edits as one, where they cannot be told apart."""


class Change(Beside):
    """One figure of one entity in two states of rules and answers."""

    @property
    def published(self) -> bool:
        """Whether anything that is published of it is different."""
        return _shown(self.before) != _shown(self.after)

    @property
    def moves(self) -> bool:
        """Whether anything of it is different, published or not."""
        before, after = self.before, self.after
        exact = (before.exact if before else None) != (after.exact if after else None)
        return exact or self.published


def _shown(figure: PublishedFigure | None) -> tuple[object, ...] | None:
    if figure is None:
        return None
    places = None if figure.score is None else figure.places
    return figure.score, places, figure.rank, figure.tied, figure.band, figure.status.applies


class IndexImpact(Record, caches=True):
    """One index in two states; None where it is not there.

    Attributes:
        rules: by which each state is scored.
        apart: whether rules and answers are told apart: first the answers before by the rules
            after, then the answers after.
    """

    before: IndexResults | None
    after: IndexResults | None
    rules: tuple[Framework, Framework]
    apart: bool

    @property
    def results(self) -> IndexResults:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def index(self) -> str:
        return self.results.plan.index

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """Every entity that is in the index in either state."""
        sides = [side.scored.position for side in (self.before, self.after) if side]
        return tuple(sorted({entity for position in sides for entity in position}))

    @cached_property
    def union(self) -> Union | None:
        """Both plans as one; None where there is but one, or they cannot be put together."""
        if self.before is None or self.after is None:
            return None
        try:
            return Union(self.before.plan, self.after.plan, scales_of(self.rules))
        except NotSeparable:
            return None

    @cached_property
    def rule_edits(self) -> Mapping[Key, Edit]:
        """The edits of rules that can move an unrounded score of this index."""
        if self.union is not None:
            reached = self.union.reached
            return {key: said_of(edit, reached[key]) for key, edit in self.union.edits.items()}
        title = f"index `{self.index}`"
        if self.before is None or self.after is None:
            key: Key = ("index", self.index)
            old, new = (side.plan.root.span if side else None for side in self._sides)
            return {key: Edit(key, title, title if old else "", title if new else "", old, new)}
        return {EVERYTHING: Edit(EVERYTHING, title, "as it was", "as it is")}

    @cached_property
    def publication_edits(self) -> tuple[Edit, ...]:
        """The edits of how scores are rounded, banded, ranked and compared, and what is asked when.

        These have no share of an unrounded score.
        """
        if self.before is None or self.after is None:
            return ()
        plans = self.before.plan, self.after.plan
        return (*when_asked(self.rules, every_label(*plans)), *published_edits(*plans))

    @cached_property
    def answered(self) -> Mapping[str, Answered]:
        """What each entity that is in both states answers differently."""
        if self.before is None or self.after is None:
            return {}
        found: dict[str, Answered] = {}
        for entity in self.entities:
            old, new = _profile(self.before, entity), _profile(self.after, entity)
            if old is not None and new is not None:
                found[entity] = answered(old, new, self.rules)
        return found

    def changes(self, entity: str) -> dict[Path, Change]:
        """Every figure of an entity, index first, those of the state after in its order."""
        sides = [
            {tuple(each.figure.split(".")): each for each in side.by_entity[entity]}
            if side is not None and entity in side.by_entity
            else {}
            for side in (self.before, self.after)
        ]
        return {
            path: Change(sides[0].get(path), sides[1].get(path))
            for path in dict.fromkeys([*sides[1], *sides[0]])
        }

    def change(self, entity: str, path: Path) -> Change | None:
        """One figure of an entity, but for ratings; None where neither side has it."""
        old, new = (side.figure(entity, path) if side else None for side in self._sides)
        return None if old is None and new is None else Change(old, new)

    @property
    def _sides(self) -> tuple[IndexResults | None, IndexResults | None]:
        return self.before, self.after

    @cached_property
    def differing(self) -> Mapping[Path, tuple[str, ...]]:
        """By figure the entities of which the published score, rank or band is different."""
        paths = dict.fromkeys(path for side in self._sides if side for path in side.paths)
        found = {path: tuple(self._differing(path)) for path in paths}
        return {path: entities for path, entities in found.items() if entities}

    def _differing(self, path: Path) -> Iterator[str]:
        old, new = (side.cells(path) if side else {} for side in self._sides)
        steps = [
            side.plan.steps[side.plan.numbers[path]].publication
            for side in self._sides
            if side and path in side.plan.numbers
        ]
        alike = len(steps) == 2 and steps[0] == steps[1]
        alike = alike and not steps[0].band_by_unrounded.value
        if alike:
            if old != new:
                yield from (e for e in dict.fromkeys([*new, *old]) if old.get(e) != new.get(e))
            return
        for entity in dict.fromkeys([*new, *old]):
            change = self.change(entity, path)
            if change is not None and change.published:
                yield entity

    @cached_property
    def rated(self) -> tuple[tuple[str, Change], ...]:
        """The ratings that are different, each with the entity."""
        if not any(side and side.plan.ratings for side in self._sides):
            return ()
        return tuple(
            (entity, change)
            for entity in self.entities
            for change in self.changes(entity).values()
            if change.figure.level == "rating" and change.published
        )

    @property
    def moves(self) -> bool:
        """Whether anything that is published is different."""
        return bool(self.differing or self.rated)

    def edit(self, entity: str, key: Key) -> Edit:
        """An edit of rules, or of what an entity answers."""
        if key == OTHERS:
            return Edit(OTHERS, "scores that stand in for missing ones", "", "", entity=entity)
        return self.rule_edits.get(key) or self.answered[entity].edits[key]

    # ---- shares

    def shares(self, entity: str, path: Path) -> Shares | None:
        """What each edit adds to an unrounded score; None where there is none on a side.

        Where rules and answers are told apart: what the answers add, by the rules after.
        """
        if self._only is not None and entity in self.answered:
            moved_by = self.difference(entity, path)
            if moved_by is None:
                return None
            return {frozenset([self._only]): moved_by} if moved_by else {}
        moved, number = self._moved(entity, answers=self.apart), self._number(path)
        if moved is not None and number is not None:
            return moved.shares(number)
        difference = self.difference(entity, path)
        if difference is None:
            return None
        return {frozenset([EVERYTHING]): difference} if difference else {}

    def shares_of_rules(self, entity: str, path: Path) -> Shares | None:
        """What each edit of rules adds, on the answers before; where they are told apart."""
        moved, number = self._moved(entity, rules=True), self._number(path)
        return None if moved is None or number is None else moved.shares(number)

    def between(self, entity: str, path: Path) -> Fraction | None:
        """The score of the answers before by the rules after; None where there is none."""
        moved, number = self._moved(entity, answers=True), self._number(path)
        return None if moved is None or number is None else moved.value(number, 0).score

    def reaches(self, entity: str, path: Path) -> frozenset[Key]:
        """The edits that could move a score of an entity, whether they do or not."""
        moved, number = self._moved(entity), self._number(path)
        if moved is None or number is None:
            return frozenset()
        return frozenset(key for key in moved.keys if moved.players[number] & moved.bit(key))

    def answers_reached(self, entity: str, keys: frozenset[Key]) -> frozenset[str]:
        """The questions whose answers, as they were, earn what edits of rules change."""
        moved, union = self._moved(entity), self.union
        if moved is None or union is None:
            return frozenset()
        found: set[str] = set()
        for number, each in enumerate(union.steps):
            if isinstance(each.start, Ask | Count) and each.keys & keys:
                id = each.start.question if isinstance(each.start, Ask) else each.start.measure
                if any(moved.players[number] & moved.bit(key) for key in each.keys & keys):
                    found.add(id)
        return frozenset(found & self.answered[entity].before.answers.keys())

    def difference(self, entity: str, path: Path) -> Fraction | None:
        """By how much an unrounded score moves; None where there is none on a side."""
        change = self.change(entity, path)
        return change.difference if change else None

    def alone(self, entity: str, path: Path, key: Key) -> Fraction | None:
        """What a score would move by if only one edit were made."""
        moved, number = self._moved(entity), self._number(path)
        if moved is None or number is None:
            return None
        scores = [moved.value(number, mask).score for mask in (0, moved.bit(key))]
        return None if scores[0] is None or scores[1] is None else scores[1] - scores[0]

    @cached_property
    def _only(self) -> Key | None:
        """The one edit that there is, where there is but one: all that moves is by it."""
        union = self.union
        if union is None or len(union.keys) != 1 or self._read.others or self.apart:
            return None
        return (
            None if any(each.edits for each in self.answered.values()) else next(iter(union.keys))
        )

    def _number(self, path: Path) -> int | None:
        return self.union.numbers.get(path) if self.union else None

    @cached_property
    def _read(self) -> Read:
        assert self.union is not None
        return what_is_read(self.union)

    @cached_property
    def _games(self) -> dict[tuple[str, bool, bool], Moved]:
        return {}

    def _moved(self, entity: str, *, answers: bool = False, rules: bool = False) -> Moved | None:
        """The game of an entity: of all edits, or of those of its answers, or of rules, alone."""
        union = self.union
        if union is None or entity not in self.answered:
            return None
        assert self.before is not None
        assert self.after is not None
        key = entity, answers, rules
        if key not in self._games:
            sides = (self.before.scored, self.after.scored)
            around = tuple(around_union(side.plan, side.around, union) for side in sides)
            own = self.answered[entity]
            before, after = (_known(side, entity) for side in sides)
            self._games[key] = Moved(
                union,
                self._read,
                own,
                (around[0], around[1]),
                base=union.keys if answers else frozenset(),
                players=union.keys if rules else None,
                known=(_not if answers and union.keys else before, _not if rules else after),
            )
        return self._games[key]


def scales_of(rules: tuple[Framework, Framework]) -> tuple[Scales, Scales]:
    """The scales of both frameworks, by name."""
    before, after = ({scale.name: scale for scale in each.scales} for each in rules)
    return before, after


def _not(path: Path) -> Value | None:
    del path
    return None


def _known(scored: Scored, entity: str) -> Known:
    at, plan, columns = scored.position[entity], scored.plan, scored.columns

    def known(path: Path) -> Value | None:
        number = plan.numbers.get(path)
        return None if number is None else columns[number].value(at)

    return known


def _profile(results: IndexResults, entity: str) -> Profile | None:
    at = results.scored.position.get(entity)
    return None if at is None else results.scored.profiles[at]
