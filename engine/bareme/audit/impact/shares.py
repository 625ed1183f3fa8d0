"""How much each edit moved each figure of one entity, exactly; the parts add up to the whole.

Where a figure is a mean or a sum of parts whose weights no edit touches, the shares of its parts
are carried up. Elsewhere edits interact (a weight and what it weighs, a cap and what it cuts), and
a figure's change is divided by the Shapley value: what an edit adds, averaged over all orders in
which the edits could be made. That takes every combination of edits, so above 12 of them those
below one part of the figure count as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from bareme.audit.impact.answers import Answered
from bareme.audit.impact.edits import Key
from bareme.audit.impact.leaves import EVERY_LABEL
from bareme.audit.impact.union import Union
from bareme.exact import TooManyBits
from bareme.framework import AtLeast, Condition, Formula, InGroup, IsAnswer, Not, When
from bareme.methods.attribution import MOST, shapley
from bareme.methods.missing import policy_named
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Path, Plan, Repeat
from bareme.profiles.profile import Profile
from bareme.record import Record
from bareme.scoring.exact import evaluate
from bareme.scoring.surroundings import Average, Surroundings
from bareme.scoring.trace import Evaluation, Value

OTHERS: Key = ("others",)
"""The scores of other entities and editions, where they stand in for missing parts."""

Shares = Mapping[frozenset[Key], Fraction]
"""By edit, or by edits that count as one, what it adds to a score."""


Known = Callable[[Path], Value | None]


def _unknown(path: Path) -> Value | None:
    del path
    return None


class Read(Record):
    """Which steps of a union read what of an entity, on either side.

    Attributes:
        by_key: the steps that each edit of rules is made to.
        by_token: the steps that read each answer or group, as the keys of edits name them.
        by_unit: the steps that score the parts of each unit.
        others: the steps in which scores of others may stand in for missing parts.
    """

    by_key: Mapping[Key, Sequence[int]]
    by_token: Mapping[Key, Sequence[int]]
    by_unit: Mapping[str, Sequence[int]]
    others: Sequence[int]


def what_is_read(union: Union) -> Read:
    """What each step of a union reads, worked out once for all entities."""
    ends = [union.plan(()), union.plan(union.keys)]
    by_key: dict[Key, list[int]] = {}
    by_token: dict[Key, list[int]] = {}
    by_unit: dict[str, list[int]] = {}
    others: list[int] = []
    for number, each in enumerate(union.steps):
        sides = [plan.steps[number] for plan in ends]
        for key in each.keys:
            by_key.setdefault(key, []).append(number)
        for token in {token for step in sides for token in _tokens(step)}:
            by_token.setdefault(token, []).append(number)
        for unit in {step.unit.value for step in sides if isinstance(step, Each)}:
            by_unit.setdefault(unit, []).append(number)
        if any(_imputes(step) for step in sides):
            others.append(number)
    return Read(by_key, by_token, by_unit, others)


def _imputes(step: AnyStep) -> bool:
    return isinstance(step, Aggregate) and policy_named(step.when_missing.value).imputes


def _tokens(step: AnyStep) -> Iterator[Key]:
    whens: list[When] = list(step.skip)
    match step:
        case Ask():
            yield "answer", step.question
        case Count():
            for each in step.reads:
                yield "answer", each
        case Decide():
            whens += [each.when for each in step.decisions if each.when]
        case Each():
            for inner in step.inner.steps:
                yield from _tokens(inner)
    if isinstance(step, Aggregate | Repeat | Decide | Each):
        whens += [each.when for each in step.finish.adjustments if each.when]
    for when in whens:
        yield from _tokens_of(when.condition)


def _tokens_of(condition: Condition) -> Iterator[Key]:
    match condition:
        case IsAnswer():
            yield "answer", condition.question
        case InGroup():
            yield "group", condition.group
        case Not():
            yield from _tokens_of(condition.of)
        case AtLeast():
            for each in condition.of:
                yield from _tokens_of(each)
        case _:
            yield from _tokens_of_value(condition.kind, condition.id, condition.formula)


def _tokens_of_value(kind: str, id: tuple[str, ...], formula: Formula | None) -> Iterator[Key]:
    if kind == "group":
        yield "group", id[-1]
    elif kind != "figure":
        for each in formula.reads if formula else (id[-1],):
            yield "answer", each


def around_union(plan: Plan, around: Surroundings, union: Union) -> Surroundings:
    """What is known around an entity, its parts numbered as in a union."""
    to = {
        step.number: union.numbers[step.path] for step in plan.steps if step.path in union.numbers
    }
    averages: dict[tuple[int, str], Average] = {
        (to[number], group): each
        for (number, group), each in around.averages.items()
        if number in to
    }
    carried = {to[number]: each for number, each in around.carried.items() if number in to}
    return Surroundings(around.partial, averages, carried)


class Moved:
    """One entity between two states: any combination of edits can be evaluated.

    Args:
        union: of the two plans.
        read: of that union.
        answered: what the entity answers differently.
        around: what is known around the entity before and after, numbered as in the union.
        base: edits that are in force throughout and have no shares.
        players: the edits among which changes are divided; all but the base where not given.
        known: the values of steps with none and with all of the players in force, where they are
            known already; by the path of a step.
    """

    def __init__(
        self,
        union: Union,
        read: Read,
        answered: Answered,
        around: tuple[Surroundings, Surroundings],
        base: frozenset[Key] = frozenset(),
        players: frozenset[Key] | None = None,
        known: tuple[Known, Known] = (_unknown, _unknown),
    ) -> None:
        self._union = union
        self._read = read
        self._answered = answered
        self._around = around
        others = [OTHERS] if read.others and around[0] != around[1] else []
        every = [*union.edits, *answered.edits, *others]
        self.keys = [key for key in every if key not in base]
        if players is not None:
            self.keys = [key for key in self.keys if key in players]
        self._bits = {key: 1 << at for at, key in enumerate(self.keys)}
        self._base = base
        self._known = known
        self._values: dict[tuple[int, int], Value] = {}
        self._evaluations: dict[int, Evaluation] = {}
        self._profiles: dict[frozenset[Key], Profile] = {}
        self._owns = self._read_by_steps()
        self.players = list(self._owns)
        given = self._given_throughout()
        for number, each in enumerate(union.steps):
            if number not in given:
                for below in each.inputs:
                    self.players[number] |= self.players[below]
        self.atoms = self._together()
        self._joined = [atom for atom in self.atoms if atom.bit_count() > 1]
        self._steady: dict[int, bool] = {}
        self._shares: dict[int, dict[int, Fraction] | None] = {}

    def bit(self, key: Key) -> int:
        """The mask of one edit; 0 where it is none of the players."""
        return self._bits.get(key, 0)

    # ---- any combination of edits

    def value(self, number: int, mask: int) -> Value:
        """What a step comes to with some of the edits in force."""
        key = number, mask & self.players[number]
        if key not in self._values:
            for each in self._union.needed(number):
                at = each, mask & self.players[each]
                if at not in self._values:
                    self._values[at] = self._worked_out(*at)
        return self._values[key]

    def _worked_out(self, number: int, mask: int) -> Value:
        """One step, those that it needs being there."""
        known = None
        if mask in (0, self.players[number]):
            known = self._known[mask != 0](self._union.steps[number].start.path)
        if known is not None:
            return known
        so_far = self._evaluation(mask)
        return evaluate(so_far.plan.steps[number], so_far)

    def _evaluation(self, mask: int) -> Evaluation:
        if mask not in self._evaluations:
            on = frozenset(key for key, bit in self._bits.items() if bit & mask) | self._base
            own = frozenset(on & self._answered.edits.keys())
            if own not in self._profiles:
                self._profiles[own] = self._answered.profile(own)
            self._evaluations[mask] = Evaluation(
                self._union.plan(on & self._union.keys),
                self._profiles[own],
                _View(self, mask),
                self._around[OTHERS in on],
            )
        return self._evaluations[mask]

    def _together(self) -> list[int]:
        """The edits one by one, but that a given score goes or comes with the answers below it."""
        atoms = list(self._bits.values())
        throughout = self._given_throughout()
        for path in dict.fromkeys([*self._answered.before.given, *self._answered.after.given]):
            number = self._union.numbers.get(path)
            given = self.bit(("given", *path))
            if number is None or not given or number in throughout:
                continue
            below = 0
            for each in self._union.steps[number].inputs:
                below |= self.players[each]
            answers = (bit for key, bit in self._bits.items() if bit & below and _of_answer(key))
            met = given | sum(answers)
            joined = sum(atom for atom in atoms if atom & met)
            atoms = [*(atom for atom in atoms if not atom & met), joined]
        return sorted(atoms)

    def _given_throughout(self) -> set[int]:
        """The steps in place of which a given score stands in both states."""
        before, after = self._answered.before.given, self._answered.after.given
        numbers = self._union.numbers
        return {numbers[path] for path in before if path in after and path in numbers}

    def _read_by_steps(self) -> list[int]:
        """For each step the edits that it reads by itself."""
        owns = [0] * len(self._union.steps)
        read, steps = self._read, self._union.steps
        for key, bit in self._bits.items():
            for number in self._steps_of(key):
                if key not in read.by_key or self._hits(steps[number].start, key):
                    owns[number] |= bit
        for number in self._given_throughout():
            owns[number] = self.bit(("given", *steps[number].start.path))
        return owns

    def _steps_of(self, key: Key) -> Sequence[int]:
        """The steps that an edit is made to, or that read what it changes."""
        read = self._read
        if key in read.by_key:
            return read.by_key[key]
        if key == OTHERS:
            return read.others
        if key[0] == "given":
            number = self._union.numbers.get(key[1:])
            return () if number is None else (number,)
        if len(key) > 2:  # of one part of the entity
            return read.by_unit.get(key[1], ())
        return read.by_token.get(key, ())

    def _hits(self, step: AnyStep, key: Key) -> bool:
        """Whether an edit can matter: the points of a label do where it is an answer."""
        if not isinstance(step, Ask):
            return True
        if key[0] == "labels":  # which only tell what is worst
            return False
        if key[0] != "points" or key[3] == EVERY_LABEL:
            return True
        sides = (self._answered.before, self._answered.after)
        answers = [profile.answers.get(step.question) for profile in sides]
        return any(each and step.labels.get(each.text, ("",))[0] == key[3] for each in answers)

    # ---- shares

    def shares(self, number: int) -> Shares | None:
        """What each edit adds to a step's score; None where there is none before or after."""
        if number not in self._shares:
            for each in self._union.needed(number):
                if each not in self._shares and (self.players[each] or each == number):
                    self._shares[each] = self._divide(each)
        found = self._shares[number]
        if found is None:
            return None
        return {self._named(mask): share for mask, share in found.items() if share}

    def _named(self, mask: int) -> frozenset[Key]:
        return frozenset(key for key, bit in self._bits.items() if bit & mask)

    def _divide(self, number: int) -> dict[int, Fraction] | None:
        players = self.players[number]
        before, after = self.value(number, 0).score, self.value(number, players).score
        if len(self._atoms_of(players)) < 2:
            self._steady[number] = before is not None and after is not None
            if before is None or after is None:
                return None
            return {players: after - before} if players else {}
        if before is None or after is None:
            self._steady[number] = False
            return None
        carried = self._carry(number)
        if carried is not None:
            self._steady[number] = True
            return carried
        try:
            return self._by_coalitions(number, players, before)
        except TooManyBits:
            self._steady[number] = False
            return {players: after - before}

    def _atoms_of(self, players: int) -> list[int]:
        return [atom & players for atom in self.atoms if atom & players]

    def _by_coalitions(self, number: int, players: int, before: Fraction) -> dict[int, Fraction]:
        """The Shapley value of every edit, or block of edits."""
        blocks = self._blocks(number, players)
        whole = len(blocks) == len(self._atoms_of(players))
        scores: list[Fraction | None] = []
        for coalition in range(1 << len(blocks)):
            mask = sum(each for at, each in enumerate(blocks) if coalition >> at & 1)
            scores.append(self.value(number, mask).score)
        self._steady[number] = whole and None not in scores
        # A combination by which there is no score moves nothing.
        game = [before if score is None else score for score in scores]
        return dict(zip(blocks, shapley(len(blocks), game.__getitem__), strict=True))

    def _carry(self, number: int) -> dict[int, Fraction] | None:
        """The shares of a mean or a sum from those of its parts, where no edit is to the figure."""
        step = self._union.steps[number].start
        if self._owns[number] or step.skip or self._given_once(step):
            return None
        times: list[tuple[int, Fraction]]
        match step:
            case Repeat():
                times = [(step.of, Fraction(1))]
            case Aggregate():
                if step.method.value not in ("arithmetic mean", "sum"):
                    return None
                counted = self._evaluation(0).counted(step)  # of parts that are steady: throughout
                total = sum((each[1] for each in counted if each), Fraction(0))
                over = total if step.method.value == "arithmetic mean" else Fraction(1)
                times = [
                    (part.step, each[1] / over)
                    for part, each in zip(step.parts, counted, strict=True)
                    if each is not None and over
                ]
                moving = {part.step for part in step.parts if self.players[part.step]}
                if not moving <= {number for number, _ in times}:
                    return None
            case _:
                return None
        if step.finish.adjustments or step.finish.require:
            return None
        if not all(self._steady[each] for each, _ in times if self.players[each]):
            return None
        scale = Fraction(1)
        if step.finish.rescale is not None:
            low, high = step.finish.range
            scale = 100 / (high - low)
        shares: dict[int, Fraction] = {}
        for each, factor in times:
            for below, share in (self._shares.get(each) or {}).items():
                mask = self._whole(below, number)
                shares[mask] = shares.get(mask, Fraction(0)) + share * factor * scale
        return shares

    def _whole(self, mask: int, number: int) -> int:
        """What counts as one with some edits in a step, of which a part may read no more."""
        for atom in self._joined:
            if atom & mask:
                return atom & self.players[number]
        return mask

    def _given_once(self, step: AnyStep) -> bool:
        sides = (self._answered.before, self._answered.after)
        return any(step.path in profile.given for profile in sides)

    def _blocks(self, number: int, players: int) -> list[int]:
        """The players of a step one by one; of more than 12, those of one indicator as one.

        Where even that is too many, those below one part count as one, then the smallest together.
        """
        blocks = self._atoms_of(players)
        steps = self._union.steps
        needed = self._union.needed(number)[:-1]
        indicators = [each for each in needed if steps[each].start.level == "indicator"]
        for groups in (indicators, steps[number].inputs):
            if len(blocks) <= MOST:
                return blocks
            blocks = self._grouped(number, players, groups)
        while len(blocks) > MOST:
            blocks.sort(key=lambda block: (block.bit_count(), block))
            blocks = [blocks[0] | blocks[1], *blocks[2:]]
        return blocks

    def _grouped(self, number: int, players: int, groups: Sequence[int]) -> list[int]:
        """The edits below each of some steps as one, but for those that more than one reads."""
        below = [self.players[each] & players for each in groups]
        apart, seen = self._owns[number], 0
        for mask in below:
            apart |= seen & mask
            seen |= mask
        atoms = self._atoms_of(players)
        home = {atom: [at for at, mask in enumerate(below) if atom & mask] for atom in atoms}
        alone = [atom for atom in atoms if atom & apart or len(home[atom]) != 1]
        together: dict[int, int] = {}
        for atom in atoms:
            if atom not in alone:
                together[home[atom][0]] = together.get(home[atom][0], 0) | atom
        return [*alone, *together.values()]


def _of_answer(key: Key) -> bool:
    return key[0] in ("answer", "given", "part")


class _View(Sequence[Value]):
    """The values of the steps with some edits in force, as far as they are evaluated."""

    def __init__(self, moved: Moved, mask: int) -> None:
        self._moved = moved
        self._mask = mask

    def __len__(self) -> int:
        return len(self._moved.players)

    def __getitem__(self, number: int) -> Value:  # type: ignore[override]
        return self._moved.value(number, self._mask)
