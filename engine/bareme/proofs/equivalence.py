"""Whether two texts of rules are the same index for every profile; else a profile that shows it.

Figures are put into one form, from the bottom up. Where two are one form nothing else is looked
at: that is proved. Where they are not, profiles are looked for by which they come to something
else: all of them where there are few. Figures found alike count as one in those above them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from fractions import Fraction

from bareme.framework import FULL, AtLeast, Decision, Framework, Index, RankBy, Setting, When
from bareme.plan import (
    AnyStep,
    Decide,
    Each,
    Finish,
    Finished,
    Path,
    Plan,
    Take,
    plan_figure,
    plan_index,
)
from bareme.profiles.order import EditionOrder
from bareme.profiles.profile import Profile
from bareme.proofs.choices import NOTHING, Choice, Choices, Chosen, Kind
from bareme.proofs.forms import Forms, Numbers
from bareme.proofs.telling import AS_CHOSEN, Came, Pair, Told, around, came, profiles_of, shortened
from bareme.proofs.unlike import (
    Difference,
    answers_unlike,
    editions_named,
    figures_unlike,
    print_unlike,
)
from bareme.record import Record
from bareme.results import band_read, published
from bareme.scoring.exact import TooLong, score
from bareme.scoring.trace import Trace, Value

MORE = 500
"""Profiles that are looked at once one tells apart, for one by which both have a score."""


class Verdict(StrEnum):
    PROVED = "proved"
    REFUTED = "refuted"
    TESTED = "tested"


class Solved(Record):
    """What a solver found of a figure by two frameworks.

    Attributes:
        alike: whether no profile tells them apart; None where it could not say.
        chosen: choices by which they come to something else.
    """

    alike: bool | None
    chosen: Chosen | None = None


Solve = Callable[[Pair], Solved]


class Side(Record):
    """What a figure comes to by one framework, and how that is printed."""

    came: Came
    printed: Fraction | None
    places: int
    band: str | None


class Apart(Record):
    """A figure that one profile scores otherwise by two frameworks.

    Attributes:
        part: whose figure it is, where it is of a part of the entity.
    """

    path: Path
    part: str
    before: Side
    after: Side


class Witness(Record):
    """A profile by which two frameworks are not the same, scored by the exact engine.

    Attributes:
        edition: that it is of, where that makes the difference.
        high: whether what counts in place of missing parts, of other entities or editions, is the
            greatest score they can have, or the least; None where nothing is known of others.
        figures: all that differ, in the order of the rules, the index first.
        what: what differs where no figure does: who is in the index, who is ranked.
    """

    profile: Profile
    edition: str
    high: bool | None
    figures: tuple[Apart, ...]
    what: str = ""


class Equivalence(Record):
    """How two frameworks stand to each other.

    Attributes:
        differences: of figures, answers and settings that are said otherwise.
        witness: the first profile found on which a figure differs.
        figures: how many figures were held side by side.
        alike: how many of them are one form, written in whatever way.
        enumerated: the figures that all profiles score alike, each of which was looked at.
        solved: the figures of which a solver proved the same.
        tested: the figures that no profile tried told apart, and that are not proved to be alike.
        tried: how many profiles were looked at.
    """

    framework: str
    differences: tuple[Difference, ...]
    witness: Witness | None
    figures: int
    alike: int
    enumerated: tuple[str, ...]
    solved: tuple[str, ...]
    tested: tuple[str, ...]
    tried: int

    @property
    def verdict(self) -> Verdict:
        if self.differences or self.witness:
            return Verdict.REFUTED
        return Verdict.TESTED if self.tested else Verdict.PROVED


def equivalence(
    before: Framework,
    after: Framework,
    editions: Sequence[str] = (),
    solve: Solve | None = None,
) -> Equivalence:
    """Hold two frameworks side by side.

    Args:
        before, after: without errors.
        editions: those there are, oldest first; a question may be asked in some only. Those that
            rules name are looked at as well.
        solve: decides what structure and trying do not, if it can.
    """
    named = editions_named((before, after), editions)
    order = EditionOrder(tuple(editions))
    unlike = answers_unlike(before, after, named, order)
    unasked = {edition: order.not_asked(after, edition) for edition in named}
    found = [*unlike, *figures_unlike(before, after), *print_unlike(before, after)]
    deciding = _Deciding((before, after), unasked, solve)
    if not unlike:  # else no profile is there to be scored by both
        deciding.all()
    return Equivalence(
        after.name,
        (*found, *deciding.differences),
        deciding.witness,
        0 if unlike else len(deciding.shared),
        0 if unlike else len(deciding.shared) - len(deciding.looked_at),
        tuple(deciding.enumerated),
        tuple(deciding.solved),
        tuple(deciding.tested),
        deciding.tried,
    )


Key = tuple[Path, Path]
"""A figure, and the figure in which it is scored for each part, if it is."""

Held = tuple[Forms, int]
"""Where a figure is scored: the forms of a plan, and a step of it."""


class _Deciding:
    """Goes through the figures that two frameworks share, from the bottom up.

    Attributes:
        shared: the figures of both.
        looked_at: those that are not one form.
    """

    def __init__(
        self,
        frameworks: tuple[Framework, Framework],
        unasked: dict[str, frozenset[str]],
        solve: Solve | None,
    ) -> None:
        self.frameworks = frameworks
        self.unasked = unasked
        self.solve = solve
        self.numbers = Numbers()
        self.indices = [
            (one, other)
            for one in frameworks[0].indices
            for other in frameworks[1].indices
            if one.id == other.id
        ]
        self.plans = [
            (plan_index(frameworks[0], one), plan_index(frameworks[1], other))
            for one, other in self.indices
        ]
        before, after = self.places()
        self.shared = [key for key in after if key in before]
        self.requires = any(
            figure.require for each in frameworks for figure in each.figures.values()
        )  # else nobody asks how many answers there are
        self.looked_at: set[Key] = set()
        self.settled: set[Key] = set()
        self.enumerated: list[str] = []
        self.solved: list[str] = []
        self.tested: list[str] = []
        self.differences: list[Difference] = []
        self.witness: Witness | None = None
        self.tried = 0

    def places(self) -> tuple[dict[Key, Held], dict[Key, Held]]:
        """Where each figure of either side is scored, parts before what counts them."""
        found: tuple[dict[Key, Held], dict[Key, Held]] = {}, {}
        for plans in self.plans:
            for framework, plan, held in zip(self.frameworks, plans, found, strict=True):
                held |= _figures(Forms(framework, plan, self.numbers), ())
        return found

    def all(self) -> None:
        """Decide figure by figure until one differs, then who is in each index and ranked."""
        while self.witness is None:
            before, after = self.places()
            key = next((k for k in self.shared if self.differs(k, before, after)), None)
            if key is None:
                break
            self.looked_at.add(key)
            self.decide(key, before, after)
        for pair, plans in zip(self.indices, self.plans, strict=True):
            self.entities(pair, plans)

    def differs(self, key: Key, before: dict[Key, Held], after: dict[Key, Held]) -> bool:
        return key not in self.settled and _number(before[key]) != _number(after[key])

    def decide(self, key: Key, before: dict[Key, Held], after: dict[Key, Held]) -> None:
        path, scope = key
        plans = tuple(
            plan_figure(each, each.figures[path], of_part=path == scope) for each in self.frameworks
        )
        pair = self.pair((plans[0], plans[1]))
        told, verdict, counted_alike = self.look(pair, ".".join(path))
        if told is not None:
            self.witness = self.shown(pair, told, scope)
            return
        if counted_alike or verdict is Verdict.TESTED:
            self.numbers.join(_number(before[key]), _number(after[key]))
        self.settled.add(key)

    def pair(self, plans: tuple[Plan, Plan]) -> Pair:
        return Pair(self.frameworks, plans, tuple(self.unasked.values()))

    def look(self, pair: Pair, name: str) -> tuple[Told | None, Verdict, bool]:
        """Look for a profile that tells a figure apart.

        Returns:
            The profile, what was found, and whether all counted as many answers in both.
        """
        profiles, every = profiles_of(pair)
        counted_alike = True
        best: tuple[int, Told] | None = None
        more, too_long = MORE, False
        for told in profiles:
            self.tried += 1
            traces = pair.traces(told)
            if traces is None:
                too_long = True
                continue
            if came(traces[0]) != came(traces[1]):
                scored = sum(trace.score is not None for trace in traces)
                best = max(best or (scored, told), (scored, told), key=lambda one: one[0])
            counted_alike &= _coverage(traces[0]) == _coverage(traces[1])
            more -= best is not None
            if best is not None and (best[0] == 2 or not more):
                break
        if best is not None:
            return shortened(pair, best[1]), Verdict.REFUTED, False
        if every and pair.exact and not too_long:
            self.enumerated.append(name)
            return None, Verdict.PROVED, counted_alike
        solved = self.solve(pair) if self.solve else Solved(None)
        if solved.chosen is not None:
            known = {c: way for c, way in solved.chosen.items() if c in pair.choices.ways}
            told = Told(known, AS_CHOSEN, None)
            if pair.apart(told):
                return shortened(pair, told), Verdict.REFUTED, False
        if solved.alike:
            self.solved.append(name)
            return None, Verdict.PROVED, counted_alike and not self.requires
        self.tested.append(name)
        return None, Verdict.TESTED, counted_alike

    # ---- who is in an index, and ranked

    def entities(self, pair: tuple[Index, Index], plans: tuple[Plan, Plan]) -> None:
        """Whether the same entities are in an index, and the same are ranked."""
        forms = [Forms(f, p, self.numbers) for f, p in zip(self.frameworks, plans, strict=True)]
        for what, whens in (
            ("include", (plans[0].include, plans[1].include)),
            ("rank", (plans[0].ranked, plans[1].ranked)),
        ):
            if forms[0].known(whens[0]) == forms[1].known(whens[1]):
                continue
            name = f"index `{pair[0].id}` {what}"
            held = self.pair((_whether(plans[0], whens[0]), _whether(plans[1], whens[1])))
            told, _, _ = self.look(held, name)
            if told is None:
                continue
            one, other = (f"entities where {w.written}" if w else "everyone" for w in whens)
            here, there = (each.span if each else None for each in whens)
            self.differences.append(Difference("print", name, one, other, here, there))
            if self.witness is None:
                profile = held.profile(told)
                self.witness = Witness(profile, self.edition(told.chosen), None, (), name)

    # ---- what is shown

    def shown(self, pair: Pair, told: Told, scope: Path) -> Witness:
        """The profile that tells two figures apart, with all figures that it tells apart.

        Args:
            pair: of the figure.
            told: its choices.
            scope: the figure in which it is scored for each part, if it is.
        """
        profile = pair.profile(told)
        if scope:
            profile = self.of_part(told, scope)
        figures: list[Apart] = []
        for plans in self.plans:
            figures += _apart(self.frameworks, plans, profile, told.high)
        if not figures:  # of a part, where the figure that counts it does not apply
            figures.append(_by_itself(pair, told))
        return Witness(profile, self.edition(told.chosen), told.high, tuple(figures))

    def of_part(self, told: Told, scope: Path) -> Profile:
        """The entity with a part that has chosen so."""
        steps = [each for plans in self.plans for each in plans[1].steps if each.path == scope]
        step = next(each for each in steps if isinstance(each, Each))
        unit = step.unit.value
        chosen = {
            Choice(c.kind, unit if c.id in step.asked and _says(c) else "", c.id): way
            for c, way in told.chosen.items()
        }
        chosen.setdefault(Choice(Kind.ANSWER, unit, ""), NOTHING)  # a part that says nothing
        return Choices(step.inner, {}).profile(chosen)

    def edition(self, chosen: Chosen) -> str:
        """An edition in which all is asked that is asked there."""
        for choice, way in chosen.items():
            if choice.kind is Kind.EDITION:
                asked = {c.id for c in chosen if c.kind is Kind.ANSWER}
                for edition, unasked in self.unasked.items():
                    if unasked & asked == way.unasked & asked:
                        return edition
        return ""


def _figures(forms: Forms, scope: Path) -> dict[Key, Held]:
    found: dict[Key, Held] = {}
    for step in forms.plan.steps:
        if isinstance(step, Each):
            found |= _figures(forms.inner[step.number], step.path)
        own = step.path[: len(scope)] == scope and step.path[0] == forms.plan.index
        if own and isinstance(step, Finished | Take):
            found[step.path, scope] = forms, step.number
    return found


def _number(held: Held) -> int:
    forms, number = held
    return forms.shared.find(forms.of[number])


def _coverage(trace: Trace) -> tuple[int, int]:
    """How many answers below a figure count as there, and how many apply."""
    return trace.coverage(trace.plan.root)


def _says(choice: Choice) -> bool:
    return choice.kind in (Kind.ANSWER, Kind.NUMBER)


def _whether(plan: Plan, when: When | None) -> Plan:
    """A plan whose only step does not apply where a condition is known to hold."""
    root = plan.root
    step = Decide(
        number=0,
        path=root.path,
        level=root.level,
        title=root.title,
        code=root.code,
        publication=root.publication,
        skip=(when,) if when else (_always(root),),
        notes=(),
        span=root.span,
        decisions=(Decision(FULL[1], None, root.span),),
        finish=Finish(None, None, FULL, ()),
    )
    by = Setting(RankBy.ROUNDED)
    return Plan(plan.framework, plan.index, (step,), {step.path: 0}, None, None, None, by)


def _always(step: AnyStep) -> When:
    return When(AtLeast(0, ()), "everyone", (), step.span)


def _apart(
    frameworks: tuple[Framework, Framework],
    plans: tuple[Plan, Plan],
    profile: Profile,
    high: bool | None,
) -> Iterator[Apart]:
    """The figures of one index that a profile scores otherwise by two frameworks."""
    try:
        one, other = (score(p, profile, around(frameworks, p, high)) for p in plans)
    except TooLong:
        return
    before, after = (dict(_values(trace)) for trace in (one, other))
    for key in reversed(after):
        if key in before:
            sides = _side(*before[key]), _side(*after[key])
            if sides[0].came != sides[1].came:
                yield Apart(*key, *sides)


def _by_itself(pair: Pair, told: Told) -> Apart:
    """A figure that two frameworks score otherwise, as its own plans do."""
    traces = pair.traces(told)
    assert traces is not None
    one, other = (_side(trace.plan.root, trace.values[-1]) for trace in traces)
    return Apart(pair.plans[1].root.path, "", one, other)


def _values(trace: Trace) -> Iterator[tuple[tuple[Path, str], tuple[AnyStep, Value]]]:
    """What the figures of an index come to, those of parts included."""
    for step, value in zip(trace.plan.steps, trace.values, strict=True):
        if not isinstance(step, Finished | Take) or step.path[0] != trace.plan.index:
            continue
        for unit in value.units:
            for inner, of_part in zip(unit.plan.steps, unit.values, strict=True):
                if isinstance(inner, Finished | Take):
                    yield (inner.path, unit.part.name), (inner, of_part)
        yield (step.path, ""), (step, value)


def _side(step: AnyStep, value: Value) -> Side:
    printed = published(value.score, step)
    band = band_read(printed, value.score, step.publication)
    return Side((value.score, value.status), printed, step.publication.places.value, band)
