"""Two plans of one index as one, in which any of the edits between them can be in force.

Every figure of either plan is a step, known by its path; a step that both have is made from the one
before by the slots of the edits in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from bareme.audit.impact.differences import slots
from bareme.audit.impact.edits import Edit, Found, Key, Parts, Scales, Slot, every_label
from bareme.audit.impact.parts import worst_slot
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Path, Plan, Repeat
from bareme.record import Record, replace


class NotSeparable(Exception):
    """The two plans need their figures in orders that exclude each other."""


class Variation(Record):
    """One step of a union.

    Attributes:
        start: the step with none of the edits in force; of one that is new, the step itself.
        slots: what the edits do to it, in the order in which it is done.
        inner: of a figure that is scored for each part: the plans of a part as one.
        inputs: the steps that it needs on either side, in order.
    """

    start: AnyStep
    slots: tuple[Slot, ...]
    inner: Union | None
    inputs: tuple[int, ...]

    @property
    def keys(self) -> frozenset[Key]:
        """The edits that are made to this step itself."""
        own = frozenset(key for slot in self.slots for key in slot.keys)
        return own | self.inner.keys if self.inner else own

    def step(self, on: frozenset[Key]) -> AnyStep:
        """The step with some edits in force."""
        step = self.start
        for slot in self.slots:
            if slot.keys <= on:
                step = slot.put(step)
        if self.inner is not None and isinstance(step, Each):
            inner = self.inner.plan(on)
            step = replace(step, inner=inner, asked=_asked(inner))
        return step


class Union:
    """Two plans as one.

    Attributes:
        steps: in an order in which each comes after those that it needs; the last is the index.
        numbers: where each path stands in it.
        edits: by key, in the order of the steps.
        reached: by key the figures and questions that an edit is said of.
    """

    def __init__(
        self,
        before: Plan,
        after: Plan,
        scales: tuple[Scales, Scales],
    ) -> None:
        """Put two plans together.

        Args:
            before, after: plans of one index.
            scales: of the rules before and after, by name.

        Raises:
            NotSeparable: where figures need each other in orders that exclude each other.
        """
        plans = [before, after]
        self._after = after
        self.numbers = _order(plans)
        sides = [{step.path: _renumbered(step, p, self.numbers) for step in p.steps} for p in plans]
        found = Found(every_label(*plans), scales)
        parts = Parts([".".join(path) for path in self.numbers], _moved(*sides))
        steps: list[Variation] = []
        closed: list[frozenset[Key]] = []
        for path in self.numbers:
            inputs = sorted(
                {self.numbers[each] for plan in plans for each in _needs_at(plan, path)}
            )
            made = _variation(sides[0].get(path), sides[1].get(path), parts, found, closed)
            steps.append(replace(made, inputs=tuple(inputs)))
            closed.append(steps[-1].keys.union(*(closed[number] for number in inputs)))
        self.steps = tuple(steps)
        self.below: Sequence[frozenset[Key]] = closed
        """For each step the edits that it, or any step that it needs, is made with."""
        self.edits: Mapping[Key, Edit] = found.edits
        self.reached: Mapping[Key, list[str]] = found.reached
        self.keys = frozenset(found.edits)
        self._plans: dict[frozenset[Key], Plan] = {}
        self._needed: dict[int, tuple[int, ...]] = {}

    def needed(self, number: int) -> tuple[int, ...]:
        """The steps that one needs on either side, each after those that it needs; itself last."""
        if number not in self._needed:
            found = {number}
            for each in range(number, -1, -1):
                if each in found:
                    found.update(self.steps[each].inputs)
            self._needed[number] = tuple(sorted(found))
        return self._needed[number]

    def plan(self, on: Iterable[Key]) -> Plan:
        """The plan with some edits in force; its steps are numbered as here."""
        wanted = frozenset(on) & self.keys
        if wanted not in self._plans:
            steps = tuple(each.step(wanted) for each in self.steps)
            self._plans[wanted] = replace(self._after, steps=steps, numbers=self.numbers)
        return self._plans[wanted]


def _variation(
    before: AnyStep | None,
    after: AnyStep | None,
    parts: Parts,
    found: Found,
    below: Sequence[frozenset[Key]],
) -> Variation:
    """One step of the union, those that it needs being there; its inputs are added later."""
    if before is None or after is None:
        alone = before or after
        assert alone is not None
        return Variation(_with_labels(alone, found), (), None, ())
    start, made = slots(before, after, parts, found)
    inner = None
    if isinstance(before, Each) and isinstance(after, Each):
        inner = Union(before.inner, after.inner, found.scales)
        for key, edit in inner.edits.items():
            for figure in inner.reached[key]:
                found.add(edit, figure)
        if before.worst != after.worst:
            made.append(Slot(inner.keys, _each_worst(after)))
    if isinstance(before, Aggregate) and isinstance(after, Aggregate):
        made += _worsts(before, after, below, made)
    return Variation(start, tuple(made), inner, ())


def _with_labels(step: AnyStep, found: Found) -> AnyStep:
    """A step that only one side has, where answers of the other may be read by it."""
    if not isinstance(step, Ask):
        return step
    return replace(step, points={**found.points[step.question], **step.points})


def _each_worst(after: Each) -> Callable[[AnyStep], AnyStep]:
    return lambda step: replace(step, worst=after.worst) if isinstance(step, Each) else step


def _worsts(
    before: Aggregate, after: Aggregate, below: Sequence[frozenset[Key]], made: Sequence[Slot]
) -> list[Slot]:
    """Let what counts for a missing part follow the edits below it, and the weights beside it."""
    if "worst" not in (before.when_missing.value, after.when_missing.value):
        return []
    worst = {part.step: part.worst for part in before.parts}
    own = frozenset(key for slot in made for key in slot.keys if key[0] == "weight")
    return [
        worst_slot(part.step, part.worst, below[part.step] | own)
        for part in after.parts
        if part.step in worst and worst[part.step] != part.worst
    ]


def _asked(plan: Plan) -> frozenset[str]:
    """The questions and measures of a plan."""
    asked = (step for step in plan.steps if isinstance(step, Ask | Count))
    return frozenset(s.question if isinstance(s, Ask) else s.measure for s in asked)


# ---- what the steps of both sides are called, and their order


def needs(step: AnyStep, plan: Plan) -> list[Path]:
    """The paths of the steps that one needs, in the order written."""
    numbers: list[int] = []
    whens = list(step.skip)
    match step:
        case Aggregate():
            numbers = [*step.below, *(part.step for part in step.parts)]
        case Repeat():
            numbers = [step.of]
        case Decide():
            whens += [each.when for each in step.decisions if each.when]
    if isinstance(step, Aggregate | Repeat | Decide | Each):
        whens += [each.when for each in step.finish.adjustments if each.when]
    reads = [path for when in whens for path in when.reads]
    return [*(plan.steps[number].path for number in numbers), *reads]


def _needs_at(plan: Plan, path: Path) -> list[Path]:
    return needs(plan.steps[plan.numbers[path]], plan) if path in plan.numbers else []


def _order(plans: Sequence[Plan]) -> dict[Path, int]:
    """Every path of any plan after those that it needs in any."""
    found: dict[Path, int] = {}
    on_way: set[Path] = set()
    stack: list[tuple[Path, bool]] = [(plans[0].root.path, False)]
    while stack:
        path, ready = stack.pop()
        if path in found:
            continue
        if ready:
            found[path] = len(found)
            on_way.discard(path)
            continue
        if path in on_way:
            raise NotSeparable(".".join(path))
        on_way.add(path)
        stack.append((path, True))
        wanted = dict.fromkeys(each for plan in plans for each in _needs_at(plan, path))
        stack += [(each, False) for each in reversed(wanted) if each not in found]
    return found


def _renumbered(step: AnyStep, plan: Plan, numbers: Mapping[Path, int]) -> AnyStep:
    """A step of one plan as it stands in the union."""
    number = numbers.get(step.path, -1)
    match step:
        case Aggregate():
            return replace(
                step,
                number=number,
                parts=tuple(
                    replace(part, step=numbers[plan.steps[part.step].path]) for part in step.parts
                ),
                below=tuple(numbers[plan.steps[each].path] for each in step.below),
            )
        case Repeat():
            return replace(step, number=number, of=numbers[plan.steps[step.of].path])
        case _:
            return replace(step, number=number)


def _moved(before: Mapping[Path, AnyStep], after: Mapping[Path, AnyStep]) -> dict[str, str]:
    """Parts that stand elsewhere: of one id, once among those that went and those that came."""
    gone = [path for path in before if path not in after]
    came = [path for path in after if path not in before]
    moved: dict[str, str] = {}
    for id in {path[-1] for path in gone}:
        olds = [path for path in gone if path[-1] == id]
        news = [path for path in came if path[-1] == id]
        if len(olds) == len(news) == 1:
            old, new = ".".join(olds[0]), ".".join(news[0])
            moved |= {old: new, new: old}
    return moved
