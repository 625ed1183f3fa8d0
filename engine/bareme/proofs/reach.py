"""How far every step can come, whatever is chosen: bounds that no profile exceeds.

The steps are gone through once, in order. Of each it is worked out how high and how low it can
come, and whether it can be without a score, some choices being settled and the others open. What
stands apart in the tree is put together exactly; what is bounded generously:

- choices that count in several places, or that a condition reads as well, may come out in one way
  at one place and in another at the next, as long as they are open;
- a formula may come to any number, and the parts of an entity to any score that one of them can
  have, for there may be any number of them;
- what stands for a missing part by the scores of others may be any score of the part.

With every bound goes a guess of the choices that attain it. So a bound may be too wide and never
too narrow; that it is attained is for the exact engine to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TypeGuard

from bareme.audit.sharing import Option, Part, Picks, Reach, better, combined
from bareme.exact import TooManyBits
from bareme.framework import (
    HIGHEST,
    LOWEST,
    Adjustment,
    AtLeast,
    Bound,
    Compared,
    Condition,
    Exists,
    InGroup,
    IsAnswer,
    Not,
    Steps,
    When,
)
from bareme.methods.missing import policy_named
from bareme.methods.normalisation import linear
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Repeat, Take
from bareme.profiles.profile import Answer
from bareme.proofs.choices import Choice, Chosen, Kind, Way, recorded
from bareme.proofs.structure import EDITION, Rests, Structure
from bareme.record import Record, replace
from bareme.scoring.exact import points_of
from bareme.scoring.formulas import work_out

Key = tuple[str, str, int, frozenset[tuple[Choice, Way]]]
"""What a step comes to rests on: whose it is, of which plan, its number, and what is settled of
what it reads. Two figures may be scored for the same unit, each by a plan of its own.
"""


class Truth(Record):
    """How a condition can come out: for each, choices by which it may; None where it cannot."""

    true: Picks | None
    false: Picks | None
    unknown: Picks | None

    @property
    def surely(self) -> bool:
        """Whether it holds, however the open choices come out."""
        return self.true is not None and self.false is None and self.unknown is None

    @property
    def otherwise(self) -> Picks | None:
        """Choices by which it is not known to hold."""
        return self.unknown if self.false is None else self.false


class Bounds:
    """What every step can come to, some choices being settled and the others open.

    Attributes:
        structure: whose steps they are.
        settled: choices that come out in one way.
        reach: by step.
    """

    def __init__(
        self,
        structure: Structure,
        settled: Chosen,
        known: dict[Key, Reach],
        hull: Sequence[Reach] = (),
        until: int | None = None,
    ) -> None:
        """Work it out.

        Args:
            structure: of the entity or of its parts.
            settled: of the entity's choices those that come out in one way.
            known: what steps came to before; what they come to now is added.
            hull: of each step where nothing is settled; empty to find that out.
            until: the last step that is wanted; all of them where none is said.
        """
        self.structure = structure
        self.settled = settled
        self.known = known
        self.hull = hull
        self.reach: list[Reach] = []
        self._together: dict[int, Reach] = {}
        self._stages: dict[int, list[Reach]] = {}
        whose = structure.unit, structure.plan.root.figure
        for step in structure.plan.steps[: None if until is None else until + 1]:
            key = *whose, step.number, self.settled_of(structure.rests[step.number])
            if key not in known:
                known[key] = self.of_step(step)
            self.reach.append(known[key])

    def settled_of(self, rests: Rests) -> frozenset[tuple[Choice, Way]]:
        settled = self.settled
        return frozenset((each, settled[each]) for each in rests if each in settled)

    def ways(self, choice: Choice) -> Sequence[Way]:
        """The ways that a choice can still come out."""
        settled = self.settled.get(choice)
        return (settled,) if settled else self.structure.choices.ways[choice]

    # ---- steps

    def of_step(self, step: AnyStep) -> Reach:
        skips = [self.truth(when) for when in step.skip]
        if isinstance(step, Take):
            return self.taken(step, skips)
        if any(each.surely for each in skips):
            return _never(absent=())
        reach = self.scored(step)
        skipped = next((each.true for each in skips if each.true is not None), None)
        if skipped is None:
            return reach
        kept = _joined(each.otherwise for each in skips)
        absent = _first(skipped, reach.absent[0])
        return replace(_with(reach, kept), absent=[absent])

    def taken(self, step: Take, skips: Sequence[Truth]) -> Reach:
        """Of a score that is only given: where it is, it stands, whether it is skipped or not."""
        reach = self.scored(step)
        missing = reach.missing[0]
        skipped = next((each.true for each in skips if each.true is not None), None)
        if missing is None or skipped is None:
            return reach
        if any(each.surely for each in skips):
            return replace(reach, missing=[None], absent=[missing])
        return replace(reach, absent=[_both(missing, skipped)])

    def scored(self, step: AnyStep) -> Reach:
        match step:
            case Ask():
                return self.asked(step)
            case Count():
                return self.counted(step)
            case Take():
                choice = Choice(Kind.GIVEN, "", step.figure)
                return _reach_of(self.numbers(choice, lambda number: number))
            case _:
                return self.before(step, len(step.finish.adjustments))

    def asked(self, step: Ask) -> Reach:
        choice = self.structure.choice(Kind.ANSWER, step.question)
        asked, unasked = self.asking(step.question)
        found: list[_Found] = [] if unasked is None else [(None, True, unasked)]
        for way in self.ways(choice) if asked is not None else ():
            picks = (asked or (), ((choice, way), ()))
            points = step.points[way.text] if way.said else None
            found.append((points, way.said, picks))
        return _reach_of(found)

    def asking(self, id: str) -> tuple[Picks | None, Picks | None]:
        """Choices of an edition that asks a question, and of one that does not."""
        editions = self.ways(EDITION) if EDITION in self.structure.choices.ways else ()
        if not any(id in each.unasked for each in editions):
            return (), None
        asks = next((each for each in editions if id not in each.unasked), None)
        leaves = next(each for each in editions if id in each.unasked)
        return (_pick(EDITION, asks) if asks else None), _pick(EDITION, leaves)

    def counted(self, step: Count) -> Reach:
        if step.formula is None:
            choice = self.structure.choice(Kind.NUMBER, step.measure)
            return _reach_of(self.numbers(choice, lambda number: points_of(step, number)))
        choices = [self.structure.choice(Kind.NUMBER, id) for id in step.reads]
        if all(_is_one(self.ways(choice)) for choice in choices):
            try:
                return self.worked_out(step)
            except TooManyBits:
                pass  # such a profile is refused
        if isinstance(step.by, Steps):
            points = {each.points for each in step.by.steps}
        else:
            points = {LOWEST, HIGHEST}
        return _reach_of([(each, True, ()) for each in points] + [(None, False, ())])

    def worked_out(self, step: Count) -> Reach:
        """What a formula comes to where every number that it reads is settled."""
        said: dict[str, Answer] = {}
        for id in step.reads:
            (way,) = self.ways(self.structure.choice(Kind.NUMBER, id))
            if way.said:
                said[id] = recorded(way)
        assert step.formula is not None
        number = work_out(step.formula, said)
        if number is None:
            return _reach_of([(None, False, ())])
        return _reach_of([(points_of(step, number), True, ())])

    def numbers(
        self, choice: Choice, points: Callable[[Fraction], Fraction | None]
    ) -> Iterator[_Found]:
        """What the numbers of a choice earn; of a stretch what its ends would."""
        for way in sorted(self.ways(choice), key=lambda way: way.stretch):  # a number is sure
            picks = _pick(choice, way)
            if not way.said:
                yield None, False, picks
            elif not way.stretch:
                yield points(way.number), True, picks
            else:
                inside = points(way.number)
                yield inside, True, picks
                if inside is not None:
                    for end in (way.low, way.high):
                        yield from self.at_end(choice, way, end, points, picks)

    def at_end(
        self,
        choice: Choice,
        way: Way,
        end: Fraction | None,
        points: Callable[[Fraction], Fraction | None],
        picks: Picks,
    ) -> Iterator[_Found]:
        """What numbers near the end of a stretch come near to, where points rise or fall in it."""
        assert way.stretch, choice
        if end is None:
            return
        inside, there = points(way.number), points(end)
        near = points((end + way.number) / 2)
        if there is not None and near != inside:  # steps earn the same all through a stretch
            yield there, True, picks

    # ---- conditions

    def truth(self, when: When) -> Truth:
        """How a condition can come out."""
        return self.can(when.condition)

    def can(self, condition: Condition) -> Truth:
        match condition:
            case IsAnswer(question=id):
                return self.can_answer(id, lambda text: text in condition.answers)
            case Exists(kind="question", id=(*_, id)):
                return _known(self.can_answer(id, lambda _: True))
            case InGroup():
                choice = Choice(Kind.GROUP, "", condition.group)
                labels = condition.labels
                return _truth((way.text in labels if way.said else None, _pick(choice, way))
                              for way in self.ways(choice))  # fmt: skip
            case Exists(kind="group", id=(*_, id)):
                choice = Choice(Kind.GROUP, "", id)
                return _truth((way.said, _pick(choice, way)) for way in self.ways(choice))
            case Exists(kind="figure") | Compared(kind="figure"):
                return self.can_figure(condition)
            case Exists() | Compared():
                return self.can_number(condition)
            case Not():
                of = self.can(condition.of)
                return Truth(of.false, of.true, of.unknown)
            case AtLeast():
                return _at_least(condition.count, [self.can(each) for each in condition.of])

    def can_answer(self, id: str, test: Callable[[str], bool]) -> Truth:
        choice = self.structure.choice(Kind.ANSWER, id)
        asked, unasked = self.asking(id)
        found: list[tuple[bool | None, Picks]] = [] if unasked is None else [(None, unasked)]
        if asked is not None:
            for way in self.ways(choice):
                held = test(way.text) if way.said else None
                found.append((held, (asked, _pick(choice, way)) if asked else _pick(choice, way)))
                of_entity = None if way.said else self.structure.in_its_place(id)
                if of_entity is not None:
                    found += [
                        (test(other.text), (asked, _pick(of_entity, other)))
                        for other in self.ways(of_entity)
                        if other.said
                    ]
        return _truth(found)

    def can_number(self, condition: Exists | Compared) -> Truth:
        ids = condition.formula.reads if condition.formula else condition.id[-1:]
        choices = [self.structure.choice(Kind.NUMBER, id) for id in ids]
        if condition.formula is not None:
            if isinstance(condition, Exists):
                return Truth((), (), None)
            return Truth((), (), ())
        (choice,) = choices
        if isinstance(condition, Exists):
            return _truth((way.said, _pick(choice, way)) for way in self.ways(choice))
        return _truth(
            (_beside(way.number, condition) if way.said else None, _pick(choice, way))
            for way in self.ways(choice)
        )

    def can_figure(self, condition: Exists | Compared) -> Truth:
        reach = self.reach[self.structure.plan.numbers[condition.id]]
        high, low = reach.up[0], reach.down[0]
        none = _first(reach.missing[0], reach.absent[0])
        if isinstance(condition, Exists):
            return Truth(high and high[1], none, None)
        if high is None or low is None:
            return Truth(None, None, () if none is None else none)
        true, false = _between(low, high, condition.sign, condition.number)
        return Truth(true, false, none)

    # ---- figures

    def decided(self, step: Decide) -> Reach:
        found: list[_Found] = []
        before: Picks = ()
        for each in step.decisions:
            truth = Truth((), None, None) if each.when is None else self.truth(each.when)
            if truth.true is not None:
                found.append((each.points, True, _both(before, truth.true)))
            if truth.unknown is not None:
                found.append((None, False, _both(before, truth.unknown)))
            if truth.false is None:
                break
            before = _both(before, truth.false)
        return _reach_of(found)

    def each(self, step: Each) -> Reach:
        policy = policy_named(step.when_missing.value)
        reach = self.inside(step).reach[-1]
        one = Part(Fraction(1), reach, policy.counts_as(step.worst), policy.blocks)
        return Reach(one.top, one.low, reach.missing, [()])

    def inside(self, step: Each, settled: Chosen | None = None) -> Bounds:
        """The bounds of one part.

        Args:
            step: that parts are scored at.
            settled: of the part's own choices those that come out in one way.
        """
        chosen = {c: way for c, way in self.settled.items() if not c.unit} | dict(settled or {})
        return Bounds(self.structure.inside[step.number], chosen, self.known)

    def parts(self, step: Aggregate) -> list[Part]:
        policy = policy_named(step.when_missing.value)
        parts: list[Part] = []
        for each in step.parts:
            reach = self.reach[each.step]
            blocks = policy.blocks and each.weight != 0
            part = Part(each.weight, reach, policy.counts_as(each.worst), blocks)
            alone = self.structure.unit  # for a part of an entity no other stands in
            if policy.imputes and reach.missing[0] is not None and not alone:
                whole = self.hull[each.step] if self.hull else reach
                high, low = whole.up[0], whole.down[0]
                if high and low:
                    part.top = [better(part.top[0], (high[0], reach.missing[0]), 1)]
                    part.low = [better(part.low[0], (low[0], reach.missing[0]), -1)]
            parts.append(part)
        return parts

    def aggregate(self, step: Aggregate) -> Reach:
        """How far the parts come together, before anything else is done."""
        if step.number not in self._together:
            self._together[step.number] = self.put_together(step)
        return self._together[step.number]

    def put_together(self, step: Aggregate) -> Reach:
        parts = self.parts(step)
        weighing = [part for part in parts if part.weight]
        missing: Picks | None = None
        for part in parts:
            if part.blocks:
                missing = _first(missing, part.reach.missing[0])
        absent: Picks | None = None
        if all(part.reach.absent[0] is not None for part in weighing):
            absent = _joined(part.reach.absent[0] for part in weighing)
        if all(part.drops[0] is not None for part in weighing):
            missing = _first(missing, _left_out(weighing))
        up = combined(step.method.value, weighing, 1, 1)
        return Reach(up, combined(step.method.value, weighing, 1, -1), [missing], [absent])

    def stages(self, step: Finished, reach: Reach) -> Iterator[Reach]:
        """What becomes of a figure: as put together, rescaled, then after each cap and floor."""
        if step.finish.require is not None and not self.surely_enough(step):
            reach = replace(reach, missing=[_first(reach.missing[0], ())])
        if step.finish.rescale is not None:
            ends = step.finish.range
            reach = _mapped(reach, lambda s: linear(s, *ends))
        yield reach
        for each in step.finish.adjustments:
            truth = Truth((), None, None) if each.when is None else self.truth(each.when)
            reach = _adjusted(reach, each, truth)
            yield reach

    def surely_enough(self, step: Finished) -> bool:
        """Whether a figure surely has the answers that it requires: none of them can be missing."""
        require = step.finish.require
        assert require is not None
        sure = 0
        stack: list[tuple[AnyStep, bool]] = [(step, True)]
        while stack:
            each, counts = stack.pop()
            if each is not step:  # where it does not apply, nothing below it is counted there
                counts = counts and self.reach[each.number].absent[0] is None
            if isinstance(each, Aggregate):
                stack += [(self.structure.plan.steps[part.step], counts) for part in each.parts]
            elif isinstance(each, Repeat):
                stack.append((self.structure.plan.steps[each.of], counts))
            elif isinstance(each, Decide) and each is step:  # it counts as one answer that is there
                sure += 1
            elif isinstance(each, Each) or self.reach[each.number].missing[0] is not None:
                return False
            else:
                sure += counts
        return require.share or sure >= require.least

    def before(self, step: Finished, place: int) -> Reach:
        """How far the score can come before a cap or floor."""
        if step.number not in self._stages:
            self._stages[step.number] = list(self.stages(step, self.raw(step)))
        return self._stages[step.number][place]

    def raw(self, step: Finished) -> Reach:
        match step:
            case Decide():
                return self.decided(step)
            case Repeat():
                return self.reach[step.of]
            case Each():
                return self.each(step)
            case Aggregate():
                return self.aggregate(step)


_Found = tuple[Fraction | None, bool, Picks]
"""Points, None where there are none; whether it is then absent, and not missing; by which picks."""


def _reach_of(found: Iterable[_Found]) -> Reach:
    up: Option | None = None
    down: Option | None = None
    missing: Picks | None = None
    absent: Picks | None = None
    for points, absence, picks in found:
        if points is not None:
            up, down = better(up, (points, picks), 1), better(down, (points, picks), -1)
        elif absence:
            absent = _first(absent, picks)
        else:
            missing = _first(missing, picks)
    return Reach([up], [down], [missing], [absent])


def _left_out(parts: Sequence[Part]) -> Picks | None:
    """Choices by which all parts are left out and one of them is missing; None where none can."""
    for at, part in enumerate(parts):
        if part.reach.missing[0] is not None:
            others = [each.drops[0] for each in (*parts[:at], *parts[at + 1 :])]
            return _both(part.reach.missing[0], _joined(others))
    return None


def _never(absent: Picks | None = None, missing: Picks | None = None) -> Reach:
    return Reach([None], [None], [missing], [absent])


def _first(one: Picks | None, other: Picks | None) -> Picks | None:
    return other if one is None else one


def _pick(choice: Choice, way: Way) -> Picks:
    return ((choice, way), ())


def _both(one: Picks, other: Picks) -> Picks:
    return (one, other) if one and other else one or other


def _joined(picks: Iterable[Picks | None]) -> Picks:
    found: Picks = ()
    for each in picks:
        found = _both(found, each or ())
    return found


def _is_one(ways: Sequence[Way]) -> bool:
    return len(ways) == 1 and not ways[0].stretch


def _with(reach: Reach, picks: Picks) -> Reach:
    """The same with more choices in every guess."""
    if not picks:
        return reach
    return Reach(
        [each and (each[0], _both(picks, each[1])) for each in reach.up],
        [each and (each[0], _both(picks, each[1])) for each in reach.down],
        [None if each is None else _both(picks, each) for each in reach.missing],
        [None if each is None else _both(picks, each) for each in reach.absent],
    )


def _mapped(reach: Reach, change: Callable[[Fraction], Fraction]) -> Reach:
    return replace(
        reach,
        up=[each and (change(each[0]), each[1]) for each in reach.up],
        down=[each and (change(each[0]), each[1]) for each in reach.down],
    )


def _adjusted(reach: Reach, by: Adjustment, truth: Truth) -> Reach:
    """A score with a cap or a floor that is surely there, or may be."""
    if truth.true is None:
        return reach
    bound = min if by.kind is Bound.CAP else max
    bounded = _with(_mapped(reach, lambda score: bound(score, by.points)), truth.true)
    if truth.otherwise is None:
        return replace(bounded, missing=reach.missing, absent=reach.absent)
    left = _with(reach, truth.otherwise)
    return replace(
        reach,
        up=[better(left.up[0], bounded.up[0], 1)],
        down=[better(left.down[0], bounded.down[0], -1)],
    )


def _truth(found: Iterable[tuple[bool | None, Picks]]) -> Truth:
    seen: dict[bool | None, Picks] = {}
    for held, picks in found:
        seen.setdefault(held, picks)
    return Truth(seen.get(True), seen.get(False), seen.get(None))


def _known(truth: Truth) -> Truth:
    """Whether an answer is there, of how a test of it can come out."""
    return Truth(truth.true, truth.unknown, None)


def _beside(number: Fraction, condition: Compared) -> bool:
    low = high = (number, ())
    true, _ = _between(low, high, condition.sign, condition.number)
    return true is not None


def _between(
    low: Option, high: Option, sign: str, number: Fraction
) -> tuple[Picks | None, Picks | None]:
    """Choices by which a score from low to high is, and is not, so beside a number."""

    def when(held: bool, option: Option) -> Picks | None:
        return option[1] if held else None

    match sign:
        case "<":
            return when(low[0] < number, low), when(high[0] >= number, high)
        case "≤":
            return when(low[0] <= number, low), when(high[0] > number, high)
        case "≥":
            return when(high[0] >= number, high), when(low[0] < number, low)
        case ">":
            return when(high[0] > number, high), when(low[0] <= number, low)
    inside = low[0] <= number <= high[0]
    at = low if low[0] == number else high if high[0] == number else (number, ())
    apart = low if low[0] != number else high
    return when(inside, at), when(not low[0] == high[0] == number, apart)


def _at_least(count: int, of: Sequence[Truth]) -> Truth:
    """How a condition can come out that needs so many of several to hold."""
    many = len(of)
    true = _so_many(count, of, lambda t: t.true, lambda t: _first(t.false, t.unknown))
    false = _so_many(many - count + 1, of, lambda t: t.false, lambda t: _first(t.true, t.unknown))
    surely = sum(each.surely for each in of)
    never = sum(each.false is not None and each.true is None and each.unknown is None
                for each in of)  # fmt: skip
    unknown: Picks | None = None
    if any(each.unknown is not None for each in of) and surely < count and never <= many - count:
        unknown = _joined(_first(each.unknown, each.false) for each in of)
    return Truth(true, false, unknown)


def _so_many(
    count: int,
    of: Sequence[Truth],
    so: Callable[[Truth], Picks | None],
    not_so: Callable[[Truth], Picks | None],
) -> Picks | None:
    """Choices by which at least so many are so; None where they cannot be."""
    can = [each for each in of if so(each) is not None]
    if len(can) < count:
        return None
    can.sort(key=lambda each: not_so(each) is not None)  # those that are so anyway first
    return _joined(so(each) for each in can[: max(count, 0)])


def flat(picks: Picks | None) -> dict[Choice, Way]:
    """The choices of a guess; of one that is named twice the first."""
    found: dict[Choice, Way] = {}
    stack: list[Picks] = [picks or ()]
    while stack:
        each = stack.pop()
        if _is_pick(each):
            found.setdefault(each[0], each[1])
        else:
            stack += reversed(each)  # type: ignore[arg-type]
    return found


def _is_pick(picks: Picks) -> TypeGuard[tuple[Choice, Way]]:
    return bool(picks) and isinstance(picks[0], Choice)
