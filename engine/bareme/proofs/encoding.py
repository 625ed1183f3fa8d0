"""What the steps of a plan come to, told to a logic: one world is one entity with its choices.

A mean over the parts that count would divide by the weights of those. It need not: a mean stays as
it is where parts that do not count score the mean itself, and so it is one sum over all weights.

What cannot be told exactly is told as lying between bounds that hold for certain. Nothing that an
entity can do is ever left out, so that where the logic finds nothing, there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from itertools import product
from math import prod

from bareme.framework import (
    Adjustment,
    AtLeast,
    Bound,
    Compared,
    Condition,
    Exists,
    Formula,
    Goalposts,
    InGroup,
    IsAnswer,
    Not,
    Steps,
    When,
)
from bareme.methods.aggregation import method_named
from bareme.methods.missing import policy_named
from bareme.plan import (
    Aggregate,
    AnyStep,
    Ask,
    Count,
    Decide,
    Each,
    Finished,
    Part,
    Plan,
    Repeat,
    Take,
)
from bareme.proofs.choices import Choice, Kind, Way
from bareme.proofs.dependence import needed, own_of
from bareme.proofs.logic import Fact, Logic, Term
from bareme.proofs.sayings import EDITION, Beside, Saying, Sayings
from bareme.record import Record, replace
from bareme.scoring.exact import points_of

_ZERO, _ONE = Fraction(0), Fraction(1)


class Loosely(Record):
    """What is told more loosely than it is.

    Attributes:
        units: any number of parts of an entity, and not one of each unit.
        none: one part of each unit or none.
        others: scores of other entities or editions.
        formulas: formulas that multiply, or divide by, what is recorded.
    """

    units: bool = False
    none: bool = False
    others: bool = False
    formulas: bool = False


class Node(Record):
    """What one step comes to.

    Attributes:
        scored: whether it has a score.
        applies: whether one was to be had; where it has none then, it is missing.
        score: a number that counts for nothing where it has none.
        low, high: between which the score lies, None where there is no end.
        cases: each a fact and the score where it holds; one of them holds where it has a score.
        rests: whether a given score has a part in it.
        unasked: whether it is a question that is not asked.
        how: where a score of it comes from, but for what rests on a given one.
    """

    scored: Fact
    applies: Fact
    missing: Fact
    score: Term
    low: Fraction | None
    high: Fraction | None
    cases: tuple[tuple[Fact, Term], ...]
    rests: Fact = False
    unasked: Fact = False
    how: str = "computed"


class Case(Record):
    """A score where its fact holds, and between what it lies."""

    fact: Fact
    score: Term
    low: Fraction | None
    high: Fraction | None


class Entry(Record):
    """A part of an aggregate that weighs something.

    Attributes:
        cases: each a fact and what it counts with where it holds.
        there: whether one of them holds.
        low, high: between what it counts, None where there is no end.
    """

    cases: tuple[tuple[Fact, Term], ...]
    there: Fact
    low: Fraction | None
    high: Fraction | None
    weight: Fraction
    step: int


class Bounded(Record):
    """A score that is told by bounds alone: an irrational mean, points on a curve.

    Attributes:
        parts: that count, each a fact and a number where it holds.
        weights: of the parts.
        score: between bounds that hold for certain.
        step: that makes it, by its method or its goalposts.
        what: it is, in words.
    """

    parts: tuple[tuple[Fact, Term], ...]
    weights: tuple[Fraction, ...]
    score: Term
    step: Aggregate | Count
    what: str


class Number(Record):
    """A number that a formula comes to, or a part of one, and where it exists."""

    there: Fact
    value: Term
    low: Fraction | None = None
    high: Fraction | None = None


class Mean(Record):
    """A mean as it was told: its score, and what stands for each part."""

    score: Term
    stand: tuple[Term, ...]
    steps: tuple[int, ...]


class Made(Record):
    """An aggregate as it was told, before anything else is done to its score."""

    entries: tuple[Entry, ...]
    score: Term
    scored: Fact


class Notes(Record):
    """What is gathered while a world is told.

    Attributes:
        bounded: scores that are told by bounds alone.
        loose: what is told more loosely than it is, or could be, in words.
    """

    bounded: list[Bounded] = field(default_factory=list)
    loose: dict[str, None] = field(default_factory=dict)


PARTS = "an entity may have any number of parts"
OTHERS = "scores of other entities or editions can stand in place of missing ones"
FORMULA = "a formula multiplies or divides recorded numbers"


class World:
    """The steps of a plan for one entity, or one part of it.

    Attributes:
        beside: another world of the same entity, by other rules or with another choice.
        base: another world of the same plan, of which all is taken over that is not changed.
        changed: the steps that may come to something else than there.
    """

    def __init__(
        self,
        logic: Logic,
        plan: Plan,
        sayings: Sayings,
        loosely: Loosely,
        notes: Notes,
        unit: str = "",
        own: Mapping[str, frozenset[str]] | None = None,
        asked: frozenset[str] = frozenset(),
        beside: World | None = None,
        base: World | None = None,
        changed: frozenset[int] = frozenset(),
    ) -> None:
        self.logic = logic
        self.plan = plan
        self.sayings = sayings
        self.loosely = loosely
        self.notes = notes
        self.unit = unit
        self.own = own if own is not None else own_of(plan)
        self.asked = asked
        self.base = base
        self.other = base if beside is None else beside
        self.changed = changed
        self.nodes: dict[int, Node] = {}
        self.means: dict[int, Mean] = {}
        self.made: dict[int, Made] = {}
        self.ones: dict[int, tuple[Node, Node]] = {}
        self.imputed: dict[tuple[int, int], tuple[Fact, Term]] = {}
        self.units: dict[int, World] = {}
        self.uncertain: set[int] = set()
        self.stages: dict[tuple[int, int], Fact] = {}
        self.parts: dict[str, Sayings] = {}
        self.has_part: dict[str, Fact] = {}
        self.numbers: dict[str, Number] = {}

    def tell(self, *steps: int) -> None:
        """Everything that these steps rest on, in order."""
        for number in sorted(needed(self.plan, steps)):
            if number not in self.nodes:
                if self.base is not None and number not in self.changed:
                    self.nodes[number] = self.base.nodes[number]
                    if number in self.base.units:
                        self.units[number] = self.base.units[number]
                    if number in self.base.uncertain:
                        self.uncertain.add(number)
                else:
                    self.nodes[number] = self.node(self.plan.steps[number])

    # ---- what is said

    def said(self, kind: Kind, id: str) -> Saying:
        """What is said of a question or a measure, by the part where one is scored."""
        unit = self.unit if id in self.own.get(self.unit, ()) else ""
        saying = self.sayings.of(Choice(kind, unit, id))
        if unit and id not in self.asked:  # another figure asks the parts, and the entity answers
            of_entity = self.sayings.of(Choice(kind, "", id))
            silent = self.logic.no(saying.said)
            more = [(self.logic.all(silent, f), w, t) for f, w, t in of_entity.options if w.said]
            options = (*(each for each in saying.options if each[1].said), *more)
            return Saying(options, self.logic.any(saying.said, of_entity.said))
        return saying

    def unasked(self, id: str) -> Fact:
        options = self.sayings.of(EDITION).options
        return self.logic.any(*(fact for fact, way, _ in options if id in way.unasked))

    def answered(self, id: str) -> Fact:
        said = self.said(Kind.ANSWER, id).said
        return self.logic.all(said, self.logic.no(self.unasked(id)))

    # ---- conditions

    def holds(self, when: When | None) -> Fact:
        """That a condition is known to hold."""
        return True if when is None else self.condition(when.condition)[0]

    def condition(self, condition: Condition) -> tuple[Fact, Fact]:
        """That it is known to hold, and that it is known not to."""
        logic = self.logic
        match condition:
            case IsAnswer():
                saying = self.said(Kind.ANSWER, condition.question)
                asked = logic.no(self.unasked(condition.question))
                return self.among(saying, condition.answers, asked)
            case InGroup():
                saying = self.sayings.of(Choice(Kind.GROUP, "", condition.group))
                return self.among(saying, condition.labels, True)
            case Not():
                yes, no = self.condition(condition.of)
                return no, yes
            case AtLeast():
                both = [self.condition(each) for each in condition.of]
                yes = logic.named(self.so_many(condition.count, [y for y, _ in both]))
                against = len(both) - condition.count + 1
                return yes, logic.named(self.so_many(against, [n for _, n in both]))
            case Exists():
                there = self.exists(condition)
                return there, logic.no(there)
        return self.compared(condition)

    def so_many(self, count: int, facts: list[Fact]) -> Fact:
        """That so many hold or more: all of them, one of them, or between."""
        if count == len(facts):
            return self.logic.all(*facts)
        return self.logic.any(*facts) if count == 1 else self.logic.at_least(count, facts)

    def among(self, saying: Saying, texts: frozenset[str], there: Fact) -> tuple[Fact, Fact]:
        logic = self.logic
        yes = logic.any(*(f for f, way, _ in saying.options if way.said and way.text in texts))
        no = logic.any(*(f for f, way, _ in saying.options if way.said and way.text not in texts))
        return logic.all(there, yes), logic.all(there, no)

    def exists(self, condition: Exists) -> Fact:
        match condition.kind:
            case "figure":
                return self.nodes[self.plan.numbers[condition.id]].scored
            case "group":
                return self.sayings.of(Choice(Kind.GROUP, "", condition.id[-1])).said
            case "question":
                return self.answered(condition.id[-1])
        if condition.formula is not None:
            return self.worked_out(condition.formula).there
        return self.said(Kind.NUMBER, condition.id[-1]).said

    def compared(self, condition: Compared) -> tuple[Fact, Fact]:
        if condition.kind == "figure":
            node = self.nodes[self.plan.numbers[condition.id]]
            yes = self.logic.holds(node.score, condition.sign, condition.number)
            return self.either(node.scored, yes)
        if condition.formula is None:
            return self.compared_ways(condition)
        number = self.worked_out(condition.formula)
        yes = self.logic.holds(number.value, condition.sign, condition.number)
        return self.either(number.there, yes)

    def compared_ways(self, condition: Compared) -> tuple[Fact, Fact]:
        """A recorded number beside another, by the ways that it can come out."""
        logic = self.logic
        yes: list[Fact] = []
        no: list[Fact] = []
        for fact, way, term in self.said(Kind.NUMBER, condition.id[-1]).options:
            if not way.said:
                continue
            open = way.stretch and _inside(way, condition.number)
            number = term if open else way.number
            holds = logic.holds(number, condition.sign, condition.number)
            yes.append(logic.all(fact, holds))
            no.append(logic.all(fact, logic.no(holds)))
        return logic.any(*yes), logic.any(*no)

    def either(self, there: Fact, yes: Fact) -> tuple[Fact, Fact]:
        return self.logic.all(there, yes), self.logic.all(there, self.logic.no(yes))

    # ---- numbers and formulas

    def recorded(self, id: str) -> Number:
        """A recorded number."""
        if id not in self.numbers:
            self.numbers[id] = self._recorded(self.said(Kind.NUMBER, id))
        return self.numbers[id]

    def _recorded(self, saying: Saying) -> Number:
        logic = self.logic
        options = [(fact, way, term) for fact, way, term in saying.options if way.said]
        if not options:
            return Number(False, _ZERO, _ZERO, _ZERO)
        lows, highs = [way.low for _, way, _ in options], [way.high for _, way, _ in options]
        low = min([each for each in lows if each is not None], default=None)
        high = max([each for each in highs if each is not None], default=None)
        low, high = (None if None in lows else low), (None if None in highs else high)
        if len(options) == 1:
            return Number(saying.said, options[0][2], low, high)
        value = logic.number(low, high)
        for fact, _, term in options:
            logic.set(fact, value, term)
        return Number(saying.said, value, low, high)

    def worked_out(self, formula: Formula) -> Number:
        """What a formula comes to."""
        there: Fact = True
        terms: list[tuple[Fraction, Term]] = []
        low: Fraction | None = _ZERO
        high: Fraction | None = _ZERO
        for term in formula.terms:
            made = Number(True, _ONE, _ONE, _ONE)
            for times, factor in term.factors:
                made = self.multiplied(made, self.factor(factor), times)
            there = self.logic.all(there, made.there)
            terms.append((_ONE if term.plus else -_ONE, made.value))
            least, most = (made.low, made.high) if term.plus else (_minus(made.high),
                                                                    _minus(made.low))  # fmt: skip
            low, high = _plus(low, least), _plus(high, most)
        return Number(there, self.logic.sum(terms), low, high)

    def factor(self, factor: Fraction | str | Formula) -> Number:
        if isinstance(factor, Formula):
            return self.worked_out(factor)
        if isinstance(factor, str):
            return self.recorded(factor)
        return Number(True, factor, factor, factor)

    def multiplied(self, one: Number, other: Number, times: bool) -> Number:
        """One number times another, or divided by it."""
        logic = self.logic
        there = logic.all(one.there, other.there)
        by = other.value
        if isinstance(by, Fraction) and (times or by):
            by = by if times else 1 / by
            ends = [None if end is None else end * by for end in (one.low, one.high)]
            low, high = ends if by >= 0 else reversed(ends)
            return Number(there, logic.sum([(by, one.value)]), low, high)
        if isinstance(one.value, Fraction) and times:
            return self.multiplied(other, one, True)
        if not times:
            there = logic.all(there, logic.no(logic.holds(by, "=", _ZERO)))
        self.notes.loose[FORMULA] = None
        low, high = _hull(one, other, times)
        value = logic.number(low, high) if self.loosely.formulas or not times else None
        if self.loosely.formulas:
            return Number(there, value, low, high)
        if times:
            return Number(there, logic.times(one.value, by), low, high)
        logic.given(there, logic.holds(logic.times(value, by), "=", one.value))
        return Number(there, value, low, high)

    # ---- steps

    def node(self, step: AnyStep) -> Node:
        skipped = self.logic.any(*(self.holds(when) for when in step.skip))
        applies = self.logic.no(self.logic.named(skipped))
        if isinstance(step, Take):  # a given score stands whatever the rules say
            made = self.taken(step)
            applies = self.logic.any(made.scored, applies)
        else:
            made = self.worked(step)
        return made if applies is True else self.where(made, applies)

    def worked(self, step: AnyStep) -> Node:
        match step:
            case Ask():
                return self.asked_for(step)
            case Count():
                return self.counted(step)
            case Decide():
                return self.decided(step)
            case Each():
                return self.of_units(step)
            case Repeat():
                return self.finished(step, replace(self.nodes[step.of], how="computed"))
        assert isinstance(step, Aggregate)
        return self.aggregated(step)

    def where(self, made: Node, applies: Fact) -> Node:
        """The same where something holds; else it does not apply."""
        logic = self.logic
        scored = logic.named(logic.all(applies, made.scored))
        return replace(
            made,
            scored=scored,
            applies=logic.named(logic.all(applies, made.applies)),
            missing=logic.named(logic.all(applies, made.missing)),
            cases=tuple((logic.all(applies, fact), term) for fact, term in made.cases),
            rests=logic.all(applies, made.rests),
            unasked=logic.all(applies, made.unasked),
        )

    def selected(self, cases: Sequence[Case], blank: Fact, out: Fact = False) -> Node:
        """A score that is one of these where its fact holds.

        Args:
            blank: whether it is missing.
            out: whether it does not apply; where neither is, one of the cases holds.
        """
        logic = self.logic
        applies = logic.no(out)
        missing = logic.all(applies, blank)
        if not cases:
            return Node(False, applies, missing, _ZERO, _ZERO, _ZERO, ())
        scored = logic.no(logic.any(out, blank))
        low = _least([each.low for each in cases])
        high = _greatest([each.high for each in cases])
        told: dict[Term, Fact] = {}
        if all(isinstance(each.score, Fraction) for each in cases):
            for each in cases:
                told[each.score] = logic.any(told.get(each.score, False), each.fact)
        pairs = [(fact, term) for term, fact in told.items()]
        pairs = pairs or [(each.fact, each.score) for each in cases]
        if len(pairs) == 1:
            score = pairs[0][1]
            return Node(scored, applies, missing, score, low, high, ((scored, score),))
        score = logic.number(low, high)
        for fact, term in pairs:
            logic.set(fact, score, term)
        return Node(scored, applies, missing, score, low, high, tuple(pairs))

    def taken(self, step: Take) -> Node:
        if self.unit:  # a part is given no score
            return Node(False, True, True, _ZERO, _ZERO, _ZERO, ())
        saying = self.sayings.of(Choice(Kind.GIVEN, "", step.figure))
        cases = [Case(f, term, w.low, w.high) for f, w, term in saying.options if w.said]
        made = self.selected(cases, self.logic.no(saying.said))
        return replace(made, rests=saying.said, how="given")

    def asked_for(self, step: Ask) -> Node:
        logic, saying = self.logic, self.said(Kind.ANSWER, step.question)
        unasked = self.unasked(step.question)
        asked = logic.no(unasked)
        cases: list[Case] = []
        out: list[Fact] = [unasked]
        for fact, way, _ in saying.options:
            if way.said:
                points = step.points[way.text]
                here = logic.all(asked, fact)
                if points is None:
                    out.append(here)
                else:
                    cases.append(Case(here, points, points, points))
        made = self.selected(cases, logic.no(saying.said), logic.any(*out))
        return replace(made, unasked=unasked, how="answered")

    def counted(self, step: Count) -> Node:
        if step.formula is not None:
            return replace(self.by_formula(step, step.formula), how="answered")
        saying = self.said(Kind.NUMBER, step.measure)
        cases: list[Case] = []
        out: list[Fact] = []
        for fact, way, term in saying.options:
            if way.said:
                case = self.points(step, fact, way, term)
                if case is None:
                    out.append(fact)
                else:
                    cases.append(case)
        made = self.selected(cases, self.logic.no(saying.said), self.logic.any(*out))
        return replace(made, how="answered")

    def points(self, step: Count, fact: Fact, way: Way, term: Term) -> Case | None:
        """The points of one way that a number can be; None where it is excluded."""
        if way.stretch and not isinstance(step.by, Steps):
            posts = step.by.value
            assert posts is not None
            if not posts.clamped or _between(way, posts):
                low, high = (None if end is None else points_of(step, end)
                             for end in _ends(way, posts))  # fmt: skip
                return Case(fact, self.on_way(step, posts, fact, term, low, high), low, high)
        points = points_of(step, way.number)
        return None if points is None else Case(fact, points, points, points)

    def on_way(
        self,
        step: Count,
        posts: Goalposts,
        there: Fact,
        value: Term,
        low: Fraction | None,
        high: Fraction | None,
    ) -> Term:
        """Points between goalposts, or where they are not clamped beyond them."""
        if posts.power == 1 and not posts.log:
            times = 100 / (posts.best - posts.worst)
            return self.logic.sum([(times, value), (-times * posts.worst, _ONE)])
        score = self.logic.number(low, high)
        what = "a logarithm is irrational" if posts.log else "goalposts on a curve"
        self.notes.bounded.append(Bounded(((there, value),), (_ONE,), score, step, what))
        return score

    def by_formula(self, step: Count, formula: Formula) -> Node:
        logic, number = self.logic, self.worked_out(formula)
        cases: list[Case] = []
        out: list[Fact] = []
        for fact, points in self.by_steps(step, number):
            here = logic.all(number.there, fact)
            if points is None:
                out.append(here)
            elif isinstance(points, Fraction):
                cases.append(Case(here, points, points, points))
            else:
                cases.append(self.between(step, points, here, number))
        return self.selected(cases, logic.no(number.there), logic.any(*out))

    def by_steps(
        self, step: Count, number: Number
    ) -> Iterator[tuple[Fact, Fraction | Goalposts | None]]:
        """Where a number lies, one of which holds, and what it earns there."""
        logic, by = self.logic, step.by
        limits: list[tuple[Fraction | None, Fraction | Goalposts | None]]
        if isinstance(by, Steps):
            ascending = by.ascending
            limits = [(each.limit, each.points) for each in by.steps]
        else:
            posts = by.value
            assert posts is not None
            ascending = posts.worst < posts.best
            limits = [(posts.worst, _ZERO)] if posts.clamped else []
            limits.append((None, posts))
        before: list[Fact] = []
        for limit, points in limits:
            here = (
                True
                if limit is None
                else logic.holds(number.value, "≤" if ascending else "≥", limit)
            )
            rest = logic.all(*(logic.no(each) for each in before))
            before.append(here)
            if isinstance(points, Goalposts) and points.clamped:
                best = logic.holds(number.value, "≥" if ascending else "≤", points.best)
                yield logic.all(rest, best), Fraction(100)
                rest = logic.all(rest, logic.no(best))
            yield logic.all(rest, here), points

    def between(self, step: Count, posts: Goalposts, here: Fact, number: Number) -> Case:
        """The points of a formula's number that goalposts, clamped or not, do not settle."""
        low: Fraction | None = _ZERO if posts.clamped else None
        high: Fraction | None = Fraction(100) if posts.clamped else None
        return Case(here, self.on_way(step, posts, here, number.value, low, high), low, high)

    def decided(self, step: Decide) -> Node:
        facts = self.decisions(step)
        cases = [
            Case(fact, each.points, each.points, each.points)
            for fact, each in zip(facts, step.decisions, strict=True)
        ]
        return self.finished(step, self.selected(cases, self.logic.no(self.logic.any(*facts))))

    def decisions(self, step: Decide) -> list[Fact]:
        """For each decision that it is the first that holds, and that all before it are false."""
        found: list[Fact] = []
        open: Fact = True
        for each in step.decisions:
            yes, no = (True, False) if each.when is None else self.condition(each.when.condition)
            found.append(self.logic.named(self.logic.all(open, yes)))
            open = self.logic.all(open, no)
        return found

    # ---- parts put together

    def aggregated(self, step: Aggregate) -> Node:
        logic, policy = self.logic, policy_named(step.when_missing.value)
        entries = [self.entry(step, part) for part in step.parts if part.weight]
        if not entries:
            return self.finished(step, Node(False, False, False, _ZERO, _ZERO, _ZERO, ()))
        nodes = [self.nodes[each.step] for each in entries]
        scored = logic.any(*(each.there for each in entries))
        if policy.blocks:
            scored = logic.all(scored, *(logic.no(node.missing) for node in nodes))
        scored = logic.named(scored)
        applies = logic.named(logic.any(*(node.applies for node in nodes)))
        missing = logic.all(applies, logic.no(scored))
        rests = logic.any(*(node.rests for node in nodes))
        if policy.imputes and self.loosely.others:
            some = logic.any(*(node.missing for node in nodes))
            rests = logic.any(rests, logic.all(some, logic.fact()))
        score, low, high = self.put_together(step, entries, scored)
        self.made[step.number] = Made(tuple(entries), score, scored)
        self.no_better(step)
        cases = ((scored, score),)
        made = Node(scored, applies, missing, score, low, high, cases, logic.all(scored, rests))
        return self.finished(step, made)

    def entry(self, step: Aggregate, part: Part) -> Entry:
        """What a part counts with: its score, or what stands for a missing one."""
        logic, policy = self.logic, policy_named(step.when_missing.value)
        node = self.nodes[part.step]
        value = policy.counts_as(part.worst)
        if node.missing is False or (value is None and not policy.imputes):
            return Entry(node.cases, node.scored, node.low, node.high, part.weight, part.step)
        if value is not None:
            low, high = _least([node.low, value]), _greatest([node.high, value])
            cases = (*node.cases, (node.missing, value)) if node.cases else ((node.missing, value),)
            return Entry(cases, node.applies, low, high, part.weight, part.step)
        self.notes.loose[OTHERS] = None
        if not self.loosely.others:
            return Entry(node.cases, node.scored, node.low, node.high, part.weight, part.step)
        ends = any_score(self.plan.steps[part.step])
        low, high = (node.low, node.high) if node.cases else ends
        key = step.number, part.step
        if key not in self.imputed:
            self.imputed[key] = logic.fact(), logic.number(*ends)
        known, other = self.imputed[key]
        fact = logic.all(node.missing, known)
        cases = (*node.cases, (fact, other))
        low, high = _least([low, ends[0]]), _greatest([high, ends[1]])
        return Entry(cases, logic.any(node.scored, fact), low, high, part.weight, part.step)

    def put_together(
        self, step: Aggregate, entries: Sequence[Entry], scored: Fact
    ) -> tuple[Term, Fraction | None, Fraction | None]:
        """What the parts make, and its bounds."""
        name = step.method.value
        if name == "sum":
            return self.summed(entries)
        low = _least([each.low for each in entries])
        high = _greatest([each.high for each in entries])
        score = self.logic.number(low, high)
        if name in ("minimum", "maximum"):
            sign = "≤" if name == "minimum" else "≥"
            for fact, term in _flat(entries):
                self.logic.given(fact, self.logic.holds(score, sign, term))
            self.given_one(scored, entries, score, "=")
        elif name == "median":
            self.median(entries, score, scored)
        elif name.startswith("best "):
            self.best(entries, score, int(name.partition(" ")[2]))
        else:
            self.mean(step, entries, score, scored)
        return score, low, high

    def given_one(self, scored: Fact, entries: Sequence[Entry], score: Term, sign: str) -> None:
        """Where there is a score it stands so to one of the parts."""
        logic = self.logic
        facts = (logic.all(f, logic.holds(score, sign, term)) for f, term in _flat(entries))
        logic.given(scored, logic.any(*facts))

    def summed(self, entries: Sequence[Entry]) -> tuple[Term, Fraction | None, Fraction | None]:
        low: Fraction | None = _ZERO
        high: Fraction | None = _ZERO
        terms: list[tuple[Fraction, Term]] = []
        for each in entries:
            stand = self.stand(each.cases, each.there, _ZERO, *_and_zero(each))
            terms.append((each.weight, stand))
            ends = [None if end is None else end * each.weight for end in _and_zero(each)]
            least, most = ends if each.weight > 0 else reversed(ends)
            low, high = _plus(low, least), _plus(high, most)
        score = self.logic.number(low, high)
        self.logic.hold(self.logic.holds(score, "=", self.logic.sum(terms)))
        return score, low, high

    def stand(
        self,
        cases: Sequence[tuple[Fact, Term]],
        there: Fact,
        otherwise: Term,
        low: Fraction | None,
        high: Fraction | None,
    ) -> Term:
        """A number that is a part's score where it counts, and another where it does not."""
        if len(cases) == 1 and there is True:
            return cases[0][1]
        made = self.logic.number(low, high)
        for fact, term in cases:
            self.logic.set(fact, made, term)
        self.logic.set(self.logic.no(there), made, otherwise)
        return made

    def stands(self, entries: Sequence[Entry], score: Term) -> list[Term]:
        """Of each part its score, or the mean's own where it does not count."""
        ends = _least([each.low for each in entries]), _greatest([each.high for each in entries])
        found: list[Term] = []
        for each in entries:
            node = self.nodes[each.step]
            if each.there is True and each.cases is node.cases:
                found.append(node.score)
                continue
            low, high = (each.low, each.high) if each.there is True else ends
            found.append(self.stand(each.cases, each.there, score, low, high))
        return found

    def mean(self, step: Aggregate, entries: Sequence[Entry], score: Term, scored: Fact) -> None:
        """A weighted mean; parts that do not count stand at the mean itself."""
        logic, name = self.logic, step.method.value
        weights = tuple(each.weight for each in entries)
        total = sum(weights, _ZERO)
        stand = tuple(self.stands(entries, score))
        added = [(weight / total, each) for weight, each in zip(weights, stand, strict=True)]
        arithmetic = logic.sum(added)
        if _power(name) == 1:
            logic.hold(logic.holds(score, "=", arithmetic))
            mean = Mean(score, stand, tuple(each.step for each in entries))
            self.means[step.number] = mean
            self.beside(step.number, mean)
            return
        self.given_one(scored, entries, score, "≥")
        self.given_one(scored, entries, score, "≤")
        self.on_one_side(_power(name), entries, score, scored, arithmetic)
        if not self.tabulated(step, entries, score) and len(entries) > 1:
            each = tuple(entry.weight for entry in entries for _ in entry.cases)
            parts = tuple(_flat(entries))
            self.notes.bounded.append(Bounded(parts, each, score, step, _what(name)))

    def on_one_side(
        self, power: Fraction, entries: Sequence[Entry], score: Term, scored: Fact, arithmetic: Term
    ) -> None:
        """No mean of a power below 1 is above the arithmetic one, none above 1 below it."""
        logic = self.logic
        if power <= 0:
            facts = (logic.all(f, logic.holds(t, "≤", _ZERO)) for f, t in _flat(entries))
            logic.given(logic.all(scored, logic.any(*facts)), logic.holds(score, "=", _ZERO))
        sign, slack = ("≥", 1 + _ROUNDED) if power > 1 else ("≤", 1 - _ROUNDED)
        logic.given(scored, logic.holds(logic.sum([(slack, score)]), sign, arithmetic))

    def beside(self, number: int, mean: Mean) -> None:
        """Of two worlds: parts that are the same in both move no mean more than it moves."""
        if self.base is None or number not in self.base.means or not self.same_others:
            return
        logic, other = self.logic, self.base.means[number]
        moved = logic.sum([(_ONE, mean.score), (-_ONE, other.score)])
        up, down = logic.holds(moved, "≥", _ZERO), logic.holds(moved, "≤", _ZERO)
        for step, here, there in zip(mean.steps, mean.stand, other.stand, strict=True):
            if step in self.changed or isinstance(here, Fraction) or here is there:
                continue
            by = logic.sum([(_ONE, here), (-_ONE, there)])
            none = logic.holds(by, "≥", _ZERO), logic.holds(by, "≤", _ZERO)
            logic.given(up, none[0], logic.holds(by, "≤", moved))
            logic.given(down, none[1], logic.holds(by, "≥", moved))

    def no_better(self, step: Aggregate) -> None:
        """Of two worlds: where no part that counts is better in one, the aggregate is no better.

        That is so of every method, but for what is rounded at the fiftieth digit of an irrational
        mean. The logic would find it out by itself for a few only.
        """
        theirs = self.base.made.get(step.number) if self.base is not None else None
        if theirs is None or not self.same_others:
            return
        logic, mine = self.logic, self.made[step.number]
        facts: dict[str, list[Fact]] = {"≤": [], "≥": []}
        for here, there in zip(mine.entries, theirs.entries, strict=True):
            if here.step not in self.changed:
                continue
            assert self.base is not None
            one, other = self.value(here), self.base.value(there)
            same = logic.no(logic.differ(here.there, there.there))
            for sign, found in facts.items():
                side = sign if here.weight > 0 else {"≤": "≥", "≥": "≤"}[sign]
                holds = logic.holds(one, side, other)
                found.append(logic.all(same, logic.any(logic.no(here.there), holds)))
        for sign, found in facts.items():
            both = logic.all(mine.scored, theirs.scored, *found)
            logic.given(both, logic.holds(mine.score, sign, theirs.score))

    def value(self, entry: Entry) -> Term:
        """What a part counts with, where it counts."""
        node = self.nodes[entry.step]
        if entry.cases is node.cases:
            return node.score
        return self.stand(entry.cases, entry.there, _ZERO, None, None)

    @property
    def same_others(self) -> bool:
        """Whether what others score, in place of missing parts, is the same as in the base."""
        return self.base is None or self.imputed is self.base.imputed

    def tabulated(self, step: Aggregate, entries: Sequence[Entry], score: Term) -> bool:
        """Tells a mean by a table of all that its parts can be, where they are few."""
        rows: list[list[tuple[Fact, Term]]] = []
        for each in entries:
            if any(not isinstance(term, Fraction) for _, term in each.cases):
                return False
            absent = [] if each.there is True else [(self.logic.no(each.there), None)]
            rows.append([*each.cases, *absent])
        if prod(map(len, rows)) > _TABLE:
            return False
        method = method_named(step.method.value)
        for chosen in product(*rows):
            used = [(term, each.weight) for (_, term), each in zip(chosen, entries, strict=True)
                    if term is not None]  # fmt: skip
            if used:
                value = method.score([term for term, _ in used], [weight for _, weight in used])
                self.logic.set(self.logic.all(*(fact for fact, _ in chosen)), score, value)
        return True

    def median(self, entries: Sequence[Entry], score: Term, scored: Fact) -> None:
        """One or two parts in the middle, as many below as above; the mean of those."""
        logic = self.logic
        low, high = logic.number(), logic.number()
        places: list[list[Fact]] = []
        stand: list[tuple[Fraction, Term]] = []
        for each in entries:
            middle, below, above = (logic.all(each.there, fact) for fact in logic.one_of(3))
            places.append([middle, below, above])
            for fact, term in each.cases:
                logic.given(logic.all(fact, middle), logic.holds(low, "≤", term),
                            logic.holds(term, "≤", high))  # fmt: skip
                logic.given(logic.all(fact, below), logic.holds(term, "≤", low))
                logic.given(logic.all(fact, above), logic.holds(term, "≥", high))
            stand.append((Fraction(1, len(entries)), self.among_those(each, middle, score)))
        middles, belows, aboves = ([row[at] for row in places] for at in range(3))
        logic.given(scored, logic.at_least(1, middles), logic.at_most(2, middles))
        balance = [(_ONE, each) for each in belows] + [(-_ONE, each) for each in aboves]
        back = [(-weight, fact) for weight, fact in balance]
        logic.given(scored, logic.weighed(balance, _ZERO), logic.weighed(back, _ZERO))
        logic.given(scored, logic.holds(low, "≤", high), logic.holds(score, "=", logic.sum(stand)))

    def among_those(self, each: Entry, chosen: Fact, score: Term) -> Term:
        """A part's score where it is one of some, else the score of all of those."""
        cases = [(self.logic.all(fact, chosen), term) for fact, term in each.cases]
        return self.stand(cases, chosen, score, None, None)

    def best(self, entries: Sequence[Entry], score: Term, count: int) -> None:
        """The mean of so many parts, all others being no better."""
        logic, limit = self.logic, self.logic.number()
        best: list[Fact] = []
        stand: list[tuple[Fraction, Term]] = []
        for each in entries:
            chosen = logic.all(each.there, logic.fact())
            best.append(chosen)
            for fact, term in each.cases:
                logic.given(logic.all(fact, chosen), logic.holds(term, "≥", limit))
                logic.given(logic.all(fact, logic.no(chosen)), logic.holds(term, "≤", limit))
            stand.append((Fraction(1, len(entries)), self.among_those(each, chosen, score)))
        everyone = logic.all(*(logic.any(logic.no(each.there), chosen)
                               for each, chosen in zip(entries, best, strict=True)))  # fmt: skip
        logic.hold(logic.at_most(count, best), logic.any(everyone, logic.at_least(count, best)))
        logic.hold(logic.holds(score, "=", logic.sum(stand)))

    # ---- parts of an entity

    def of_units(self, step: Each) -> Node:
        self.notes.loose[PARTS] = None
        if self.loosely.units:
            return self.finished(step, self.of_many(step))
        unit = step.unit.value
        if unit not in self.parts:
            self.parts[unit] = self.sayings_of(unit)
        inner = self.part(step, self.parts[unit])
        self.units[step.number] = inner
        made = self.where(self.counts_as(step, inner), self.has_part_of(unit))
        return self.finished(step, replace(made, rests=False, how="computed"))

    def has_part_of(self, unit: str) -> Fact:
        if self.other is not None:
            return self.other.has_part_of(unit)
        if unit not in self.has_part:
            self.has_part[unit] = self.logic.fact() if self.loosely.none else True
        return self.has_part[unit]

    def sayings_of(self, unit: str) -> Sayings:
        """What a part of a unit says, as another world has it but for what is settled here."""
        made = Sayings(self.logic, self.sayings.ways, self.sayings)
        if self.other is not None:
            if unit not in self.other.parts:
                self.other.parts[unit] = self.other.sayings_of(unit)
            made = Beside(self.other.parts[unit], self.sayings)
        made.settled |= {c: s for c, s in self.sayings.settled.items() if c.unit == unit}
        return made

    def part(self, step: Each, sayings: Sayings) -> World:
        inner = World(
            self.logic, step.inner, sayings, self.loosely, self.notes,
            unit=step.unit.value, own=self.own, asked=step.asked,
        )  # fmt: skip
        inner.tell(step.inner.root.number)
        return inner

    def counts_as(self, step: Each, inner: World) -> Node:
        """A part's score, or what stands for a missing one."""
        node = inner.nodes[step.inner.root.number]
        value = policy_named(step.when_missing.value).counts_as(step.worst)
        if value is None or node.missing is False:
            return node
        cases = [Case(fact, term, node.low, node.high) for fact, term in node.cases]
        cases.append(Case(node.missing, value, value, value))
        return self.selected(cases, False, self.logic.no(node.applies))

    def of_many(self, step: Each) -> Node:
        """Any number of parts: the score lies between those of two of them."""
        logic = self.logic
        least, most = (
            self.counts_as(step, self.part(step, Sayings(logic, self.sayings.ways, self.sayings)))
            for _ in range(2)
        )
        scored = logic.named(logic.all(logic.fact(), least.scored, most.scored))
        missing = logic.named(logic.all(logic.no(scored), logic.fact()))
        score = logic.number(least.low, least.high)
        logic.given(scored, logic.holds(least.score, "≤", score),
                    logic.holds(score, "≤", most.score))  # fmt: skip
        self.uncertain.add(step.number)
        applies = logic.any(scored, missing)
        cases = ((scored, score),)
        made = Node(scored, applies, missing, score, least.low, least.high, cases)
        self.one_of_many(step, made)
        return made

    def one_of_many(self, step: Each, made: Node) -> None:
        """Of two worlds that differ in one part: the mean moves as that part does, and no more."""
        unit = step.unit.value
        if not any(choice.unit == unit for choice in self.sayings.settled):
            return
        if unit not in self.parts:
            self.parts[unit] = self.sayings_of(unit)
        mine = self.counts_as(step, self.part(step, self.parts[unit]))
        self.ones[step.number] = mine, made
        if self.base is None or step.number not in self.base.ones:
            return
        logic, (theirs, before) = self.logic, self.base.ones[step.number]
        part = logic.sum([(_ONE, mine.score), (-_ONE, theirs.score)])
        mean = logic.sum([(_ONE, made.score), (-_ONE, before.score)])
        both = logic.all(made.scored, before.scored)
        counts = logic.all(both, mine.scored, theirs.scored)
        for sign, back in (("≥", "≤"), ("≤", "≥")):
            here = logic.all(counts, logic.holds(part, sign, _ZERO))
            logic.given(here, logic.holds(mean, sign, _ZERO), logic.holds(mean, back, part))
        neither = logic.all(both, logic.no(mine.scored), logic.no(theirs.scored))
        logic.given(neither, logic.holds(mean, "=", _ZERO))

    # ---- what becomes of a score

    def finished(self, step: Finished, made: Node) -> Node:
        """Requirements, then the range, then caps and floors in turn."""
        logic, finish = self.logic, step.finish
        if finish.require is not None:
            met = logic.named(self.required(step))
            scored = logic.named(logic.all(made.scored, met))
            made = replace(
                made,
                scored=scored,
                missing=logic.all(made.applies, logic.no(scored)),
                cases=tuple((logic.all(fact, met), term) for fact, term in made.cases),
                rests=logic.all(made.rests, met),
            )
        if finish.rescale is not None:
            low, high = finish.range
            times = 100 / (high - low)
            score = logic.sum([(times, made.score), (-times * low, _ONE)])
            ends = [None if e is None else (e - low) * times for e in (made.low, made.high)]
            made = self.moved(made, score, *ends)
        for place, each in enumerate(finish.adjustments):
            made = self.adjusted(step, place, each, made)
        return made

    def moved(self, made: Node, score: Term, low: Fraction | None, high: Fraction | None) -> Node:
        return replace(made, score=score, low=low, high=high, cases=((made.scored, score),))

    def adjusted(self, step: AnyStep, place: int, each: Adjustment, made: Node) -> Node:
        logic, points, cap = self.logic, each.points, each.kind is Bound.CAP
        applies = logic.named(self.holds(each.when))
        beyond = logic.holds(made.score, ">" if cap else "<", points)
        binds = logic.named(logic.all(applies, beyond))
        self.stages[step.number, place] = binds
        if binds is False:
            return made
        low, high = made.low, made.high
        if cap:
            low = None if low is None else min(low, points)
            high = points if applies is True else high
        else:
            high = None if high is None else max(high, points)
            low = points if applies is True else low
        if low is not None and high is not None and low > high:
            low = high = points
        score = logic.number(low, high)
        logic.set(binds, score, points)
        logic.set(logic.no(binds), score, made.score)
        return self.moved(made, score, low, high)

    def required(self, step: Finished) -> Fact:
        """Whether there are the answers that a figure requires."""
        require = step.finish.require
        assert require is not None
        found = self.coverage(step)
        if found is None:
            return self.logic.fact()
        least = require.least
        if not require.share:
            return self.logic.weighed([(_ONE, there) for _, there in found], least)
        there = [(_ONE, each) for _, each in found]
        return self.logic.weighed([*there, *((-least, apply) for apply, _ in found)], _ZERO)

    def coverage(self, step: AnyStep) -> list[tuple[Fact, Fact]] | None:
        """Of each answer below a step whether it applies and whether it is there.

        None where the parts of an entity are any number.
        """
        if isinstance(step, Decide):
            return [(True, True)]
        if isinstance(step, Each):
            return self.coverage_of_units(step, True)
        found: list[tuple[Fact, Fact]] = []
        waiting: list[tuple[AnyStep, Fact]] = [(each, True) for each in self.below(step)]
        if not waiting and not isinstance(step, Aggregate):
            return [(True, False)]
        while waiting:
            each, applies = waiting.pop()
            node = self.nodes[each.number]
            here = self.logic.all(applies, node.applies)
            if isinstance(each, Each):
                more = self.coverage_of_units(each, here)
                if more is None:
                    return None
                found += more
            elif isinstance(each, Aggregate | Repeat):
                waiting += [(other, here) for other in self.below(each)]
            else:
                found.append((here, self.logic.all(here, node.scored)))
        return found

    def below(self, step: AnyStep) -> list[AnyStep]:
        if isinstance(step, Repeat):
            return [self.plan.steps[step.of]]
        parts = step.parts if isinstance(step, Aggregate) else ()
        return [self.plan.steps[part.step] for part in parts]

    def coverage_of_units(self, step: Each, here: Fact) -> list[tuple[Fact, Fact]] | None:
        if step.number in self.uncertain or step.number not in self.units:
            return None
        inner = self.units[step.number]
        has = self.has_part_of(step.unit.value)
        found = inner.coverage(step.inner.root)
        if found is None:
            return None
        return [(self.logic.all(here, has, a), self.logic.all(here, has, t)) for a, t in found]


_TABLE = 256  # combinations of parts that are told one by one
_ROUNDED = Fraction(1, 10**40)  # more than rounding to 50 significant digits can move a mean


def any_score(step: AnyStep) -> tuple[Fraction | None, Fraction | None]:
    """Between what the scores lie that any entity can have of a step; None where there is no end.

    What one entity says does not bound the scores of others.
    """
    match step:
        case Ask():
            points = [each for each in step.points.values() if each is not None]
        case Count(by=Steps(steps=steps)):
            points = [each.points for each in steps if each.points is not None]
        case Count():
            posts = step.by.value if not isinstance(step.by, Steps) else None
            if posts is None or not posts.clamped:
                return None, None
            points = [_ZERO, Fraction(100)]
        case _:
            points = [*step.publication.own]
    return min(points, default=_ZERO), max(points, default=_ZERO)


def _flat(entries: Iterable[Entry]) -> Iterator[tuple[Fact, Term]]:
    """Every case of every part."""
    for each in entries:
        yield from each.cases


def _and_zero(each: Entry) -> tuple[Fraction | None, Fraction | None]:
    """Between what a part adds to a sum, which is nothing where it does not count."""
    if each.there is True:
        return each.low, each.high
    return _least([each.low, _ZERO]), _greatest([each.high, _ZERO])


def _power(name: str) -> Fraction:
    """Of a mean that is one of powers: which."""
    if name in ("arithmetic mean", "geometric mean"):
        return _ONE if name == "arithmetic mean" else _ZERO
    return -_ONE if name == "harmonic mean" else Fraction(name.partition(" ")[2])


def _what(name: str) -> str:
    if name == "harmonic mean":
        return "a harmonic mean divides by scores"
    return "a geometric mean is irrational" if _power(name) == 0 else "a power mean is irrational"


def _inside(way: Way, number: Fraction) -> bool:
    """Whether a stretch holds a number."""
    above = way.low is None or way.low < number
    return above and (way.high is None or number < way.high)


def _between(way: Way, posts: Goalposts) -> bool:
    low, high = sorted((posts.worst, posts.best))
    return low < way.number < high


def _ends(way: Way, posts: Goalposts) -> tuple[Fraction | None, Fraction | None]:
    """The end of a stretch with fewer points, and the one with more."""
    return (way.low, way.high) if posts.worst < posts.best else (way.high, way.low)


def _least(ends: Sequence[Fraction | None]) -> Fraction | None:
    known = [each for each in ends if each is not None]
    return min(known) if len(known) == len(ends) and known else None


def _greatest(ends: Sequence[Fraction | None]) -> Fraction | None:
    known = [each for each in ends if each is not None]
    return max(known) if len(known) == len(ends) and known else None


def _plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other


def _minus(one: Fraction | None) -> Fraction | None:
    return None if one is None else -one


def _hull(one: Number, other: Number, times: bool) -> tuple[Fraction | None, Fraction | None]:
    """Between what a product or a quotient lies, None where there is no end."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return None, None
    if not times and other.low <= 0 <= other.high:
        return None, None
    others = [other.low, other.high] if times else [1 / other.low, 1 / other.high]
    ends = [a * b for a in (one.low, one.high) for b in others]
    return min(ends), max(ends)
