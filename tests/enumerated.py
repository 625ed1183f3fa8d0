"""What the rules can do and cannot, found by trying every profile there is.

The plain counterpart of the proofs: of an index so small that its profiles can be counted out, each
is scored by the exact engine, and what holds of all of them is read off. Written from the
definitions, and shares no code with what it is held against.

Every profile is one that would be accepted. Each question has one of its labels or is blank, which
it never is where it has to be answered; each measure and each number that a condition reads has a
number or none; each figure that profiles give has a score or none; a group that conditions read is
named or not. The edition is one of those that are named, a unit has no part, one or two. Left aside
are scores given in place of what rules derive, and other entities.

**What is exact.** Labels, blanks, groups and editions are all tried. Numbers are tried at each
point where a rule can turn, once between each two of these and once beyond them:

- Where numbers earn points by steps alone and there are no units or given scores, that is as good
  as trying all numbers, and every fact is exact (`Facts.exact`).
- With goalposts, given scores or units, whatever is *found* is there: a score that is reached, an
  answer that lowers, a condition that holds, a cap that binds. What is *not* found may still be
  there between the numbers tried, or with three parts. So `least` is no less than the minimum,
  `greatest` no more than the maximum, an effect no more than the largest, and "never" and "dead"
  are only not refuted.
- Then `least` and `greatest` are still exact where `Facts.extremes_exact` says so: no condition
  holds a number or a score against another, nothing is subtracted, and there are no units. Then no
  figure turns between the ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import field
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import prod

from bareme.audit.unanswered import must_be_answered
from bareme.framework import (
    AtLeast,
    Bound,
    Compared,
    Condition,
    Exists,
    Figure,
    Framework,
    InGroup,
    IsAnswer,
    Measure,
    Not,
    Origin,
    Question,
    Steps,
    When,
)
from bareme.methods.aggregation import method_named
from bareme.methods.missing import policy_named
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Plan, Repeat, Take
from bareme.plan import plan_index as planned
from bareme.profiles.order import EditionOrder
from bareme.profiles.profile import Answer, Evidence, GivenScore, PartOf, Profile
from bareme.record import Record, replace
from bareme.scoring.exact import points_of, score
from bareme.scoring.trace import Status, Trace
from bareme.source import Span

HERE = Span("profiles/enumerated/every/one.yaml", 0, 0)
NOTHING = Evidence()
PARTS = 2
"""So many parts of each unit are tried, and fewer."""

MEANS = ("arithmetic mean",)
"""The methods whose parts have a share of the score, whatever the other parts are."""


class NotEnumerable(Exception):
    """Rules that hold something whose every case this does not try; says what."""


class Said(Record):
    """Something that an entity, or a part of it, can say.

    Attributes:
        kind: "question", "measure", "data", "given" or "group".
        id: of a given figure the dotted path.
        unit: of whose parts it is asked; empty for the entity itself.
    """

    kind: str
    id: str
    unit: str = ""


class Rule(Record):
    """A line with a condition, or a cap or floor without one.

    Attributes:
        figure: the dotted path of the figure, question or measure that it is a rule of.
        kind: "skip", "cap", "floor" or "decision".
        number: among the skips, the caps and floors, or the decisions there, from 0.
        span: of the condition where there is one, else of the line.
    """

    figure: str
    kind: str
    number: int
    span: Span = field(compare=False)


class Reached(Record):
    """A score and a profile that has it."""

    score: Fraction
    profile: Profile = field(compare=False)


class Lowered(Record):
    """Two profiles that differ in one answer: the better one makes the score less.

    Attributes:
        worse, better: the profiles, by the answer that they give.
        scores: of the figure for each; the first is the greater.
    """

    worse: Profile = field(compare=False)
    better: Profile = field(compare=False)
    scores: tuple[Fraction, Fraction]


class Facts(Record):
    """What holds of every profile of a framework; figures are dotted paths.

    Attributes:
        profiles: how many were accepted and scored.
        exact, extremes_exact: see the head of the module.
        least, greatest: of each figure that any profile gives a score. Of a figure below one that
            is scored for each part: the scores of single parts.
        lowered: for each figure and each thing said of which a better answer can lower it.
        dead: the questions and measures by which no score and no status of any figure differs;
            not those that decide who is in an index or ranked, and not those that `require` counts.
        inert: the same with these.
        never_true: the conditions that hold for no profile. A skip, a cap and a decision is looked
            at for every profile, whether or not its figure has a score there.
        never_binds: caps and floors that change no score.
        never_taken: decisions that are never the first to hold.
        contradicting: a cap and a floor above it that hold at once, as (cap, floor), where there
            is a score that they can move.
        zero_weights: the figures that weigh and of which, in some profile, a part has a score and
            every part with a score has weight 0.
        zero_left: those of them where, in such a profile, nothing stands for the missing parts and
            they do not forbid a score either, so that it is the weights that leave none.
        effects: for each index and each thing said the greatest difference that two answers make to
            the index, all else being said; None where no two such profiles have a score.
        weights: see `effective_weights`.
    """

    profiles: int
    exact: bool
    extremes_exact: bool
    least: Mapping[str, Reached]
    greatest: Mapping[str, Reached]
    lowered: Mapping[tuple[str, Said], Lowered]
    dead: frozenset[Said]
    inert: frozenset[Said]
    never_true: frozenset[Rule]
    never_binds: frozenset[Rule]
    never_taken: frozenset[Rule]
    contradicting: frozenset[tuple[Rule, Rule]]
    zero_weights: frozenset[str]
    zero_left: frozenset[str]
    effects: Mapping[tuple[str, Said], Fraction | None]
    weights: Mapping[tuple[str, Said], Fraction | None]


def enumerate_facts(
    framework: Framework, editions: Sequence[str] = (), *, blank_where_not_needed: bool = False
) -> Facts:
    """Score every profile of a framework without errors, and say what holds of all of them.

    Args:
        framework: small; see `profile_count`.
        editions: the ids of those there are, oldest first; none where every question is asked.
        blank_where_not_needed: whether the answer to a question that has to be answered may still
            lack where it is skipped, as `check` lets it. By the definition that proofs go by, no
            answer is then impossible, skipped or not.

    Raises:
        NotEnumerable: where rules hold a formula, a curve, or anything read of other entities.
    """
    return _Enumeration(framework, editions, blank_where_not_needed).facts()


def profile_count(framework: Framework, editions: Sequence[str] = ()) -> int:
    """How many combinations of answers there are, those that would be refused included."""
    return prod(len(each.options) for each in _choices(framework, _unasked(framework, editions)))


# ---- what can be said


class _Choice(Record):
    """One thing that is free, and what it can be.

    Attributes:
        said: None for the edition and for a part.
        options: of a question labels, of a number its values; None where nothing is said. Of the
            edition what is not asked. Of a part the answers to each of its questions and measures.
        points: of each option, as far as one is better than another.
        unit, asked: of a part: what is asked of it, with the points of each answer.
    """

    said: Said | None
    options: tuple[object, ...]
    points: tuple[Fraction | None, ...] = ()
    unit: str = ""
    asked: tuple[_Choice, ...] = ()


def _unasked(framework: Framework, editions: Sequence[str]) -> tuple[frozenset[str], ...]:
    """The ways in which questions are not asked, of the editions there are."""
    order = EditionOrder(tuple(editions))
    return tuple(dict.fromkeys(order.not_asked(framework, each) for each in editions)) or (
        frozenset(),
    )


def _choices(framework: Framework, unasked: Sequence[frozenset[str]]) -> list[_Choice]:
    _refuse(framework)
    inside, outside = _asked_where(framework)
    read = _read(framework)
    within_parts = {id for ids in inside.values() for id in ids}
    choices = [_Choice(None, tuple(unasked))]
    for id, question in framework.questions.items():
        if id in outside or (id in read and id not in within_parts):
            choices.append(_question(question, ""))
    for id, measure in framework.recorded.items():
        if id in outside or (id in read and id not in within_parts):
            choices.append(_measure(framework, measure, ""))
    for path, figure in framework.figures.items():
        if figure.origin is Origin.GIVEN:
            choices.append(_given(framework, figure, path))
    for group in framework.sorted_by:
        if group.id in read:
            choices.append(_group(framework, group.id, group.labels))
    for unit, ids in inside.items():
        asked = tuple(_of_part(framework, id, unit) for id in sorted(ids))
        options = (None, *product(*(each.options for each in asked)))
        choices += [_Choice(None, options, (), unit, asked)] * PARTS
    return choices


def _refuse(framework: Framework) -> None:
    for index in framework.indices:
        if index.include is not None:
            raise NotEnumerable("who is in the index")
    for measure in framework.measures.values():
        posts = getattr(measure.scoring, "value", None)
        if measure.formula is not None:
            raise NotEnumerable(f"the formula of {measure.id}")
        if posts is not None and (posts.log or posts.power != 1):
            raise NotEnumerable(f"the curve of {measure.id}")
    for figure in framework.figures.values():
        if figure.children and policy_named(figure.settings.when_missing.value).imputes:
            raise NotEnumerable(f"what {figure.dotted} reads of others")
    inside, _ = _asked_where(framework)
    for unit, when in _whens_of_parts(framework):
        if set(when.answers) - inside[unit]:
            raise NotEnumerable(f"what a {unit} may answer in place of the entity")


def _whens_of_parts(framework: Framework) -> Iterator[tuple[str, When]]:
    """Every condition that is asked of each part of an entity, with the unit."""
    for figure in framework.figures.values():
        scope = framework.scopes.get(figure.path)
        each = framework.figures[scope].each if scope else figure.each
        if each is None:
            continue
        for when in figure.own_whens if scope else ():
            yield each.value, when
        for child in figure.children:
            for when in () if isinstance(child, Figure) else child.skip:
                yield each.value, when


def _asked_where(framework: Framework) -> tuple[dict[str, set[str]], set[str]]:
    """What is asked of the parts of each unit, and of the entity itself."""
    inside: dict[str, set[str]] = {}
    outside: set[str] = set()
    for figure in framework.figures.values():
        for child in figure.children:
            if isinstance(child, Figure):
                continue
            scope = framework.scopes.get(child.path)
            if scope is None:
                outside.add(child.id)
                continue
            each = framework.figures[scope].each
            assert each is not None
            inside.setdefault(each.value, set()).add(child.id)
    return inside, outside


def _whens(framework: Framework) -> Iterator[When]:
    for figure in framework.figures.values():
        yield from figure.whens


def _leaves(condition: Condition) -> Iterator[IsAnswer | InGroup | Exists | Compared]:
    match condition:
        case Not():
            yield from _leaves(condition.of)
        case AtLeast():
            for each in condition.of:
                yield from _leaves(each)
        case _:
            yield condition


def _all_leaves(framework: Framework) -> Iterator[IsAnswer | InGroup | Exists | Compared]:
    for when in _whens(framework):
        yield from _leaves(when.condition)


def _read(framework: Framework) -> set[str]:
    """The ids of the questions, numbers and groups that conditions read."""
    found: set[str] = set()
    for leaf in _all_leaves(framework):
        match leaf:
            case IsAnswer():
                found.add(leaf.question)
            case InGroup():
                found.add(leaf.group)
            case _:
                found |= {leaf.id[-1]} if leaf.kind != "figure" else set()
    return found


def _question(question: Question, unit: str) -> _Choice:
    assert question.scale is not None
    labels = question.scale.labels
    said = Said("question", question.id, unit)
    return _Choice(
        said, (None, *(each.text for each in labels)), (None, *(each.points for each in labels))
    )


def _measure(framework: Framework, measure: Measure, unit: str) -> _Choice:
    values = _numbers(framework, measure)
    scored = measure.scoring is not None
    step = _count_of(framework, measure.id) if scored else None
    points = [points_of(step, each) for each in values] if step else [None] * len(values)
    said = Said("measure" if scored else "data", measure.id, unit)
    return _Choice(said, (None, *values), (None, *points))


def _of_part(framework: Framework, id: str, unit: str) -> _Choice:
    if id in framework.questions:
        return _question(framework.questions[id], unit)
    return _measure(framework, framework.measures[id], unit)


def _count_of(framework: Framework, measure: str) -> Count:
    """The step that turns a measure into points."""
    waiting = [planned(framework, index) for index in framework.indices]
    for plan in waiting:
        for step in plan.steps:
            if isinstance(step, Count) and step.measure == measure:
                return step
            if isinstance(step, Each):
                waiting.append(step.inner)
    raise AssertionError(measure)


def _numbers(framework: Framework, measure: Measure) -> list[Fraction]:
    """The numbers of a measure at which any rule can turn, and one on each side of each."""
    turns = {
        leaf.number
        for leaf in _all_leaves(framework)
        if isinstance(leaf, Compared) and leaf.kind != "figure" and leaf.id[-1] == measure.id
    }
    if isinstance(measure.scoring, Steps):
        turns |= {each.limit for each in measure.scoring.steps if each.limit is not None}
    elif measure.scoring is not None and measure.scoring.value is not None:
        turns |= {measure.scoring.value.worst, measure.scoring.value.best}
    return _around(turns or {Fraction(0)}, measure.plausible)


def _around(turns: set[Fraction], within: tuple[Fraction, Fraction] | None) -> list[Fraction]:
    """Numbers, one between each two, and one beyond the ends; or the ends that there are."""
    if within is not None:
        turns = {each for each in turns if within[0] <= each <= within[1]} | {*within}
    ordered = sorted(turns)
    between = {(low + high) / 2 for low, high in pairwise(ordered)}
    beyond = set() if within is not None else {ordered[0] - 1, ordered[-1] + 1}
    return sorted({*ordered, *between, *beyond})


def _given(framework: Framework, figure: Figure, path: tuple[str, ...]) -> _Choice:
    turns = {
        leaf.number
        for leaf in _all_leaves(framework)
        if isinstance(leaf, Compared) and leaf.kind == "figure" and leaf.id == path
    }
    values = _around(turns, framework.given_range(figure))
    return _Choice(Said("given", figure.dotted), (None, *values), (None, *values))


def _group(framework: Framework, id: str, labels: Sequence[str]) -> _Choice:
    read = {
        label
        for leaf in _all_leaves(framework)
        if isinstance(leaf, InGroup) and leaf.group == id
        for label in leaf.labels
    }
    named = tuple(labels) or (*sorted(read), "any other")
    return _Choice(Said("group", id), (None, *named), (None,) * (len(named) + 1))


def _all_said(choices: Sequence[_Choice]) -> set[Said]:
    every = [choice.said for each in choices for choice in (each, *each.asked)]
    return {said for said in every if said is not None}


# ---- profiles


def _answer(option: object) -> Answer:
    if isinstance(option, Fraction):
        return Answer(str(option), NOTHING, HERE, option)
    assert isinstance(option, str)
    return Answer(option, NOTHING, HERE)


def _profile(choices: Sequence[_Choice], chosen: Sequence[object]) -> Profile | None:
    """The profile of one choice each; None where it answers what is not asked."""
    answers: dict[str, Answer] = {}
    given: dict[tuple[str, ...], GivenScore] = {}
    groups: dict[str, str] = {}
    parts: dict[str, list[PartOf]] = {}
    unasked = chosen[0]
    assert isinstance(unasked, frozenset)
    for choice, option in zip(choices[1:], chosen[1:], strict=True):
        if option is None:
            continue
        if choice.said is None:
            answered = _answers_of(choice, option)
            if not unasked.isdisjoint(answered):
                return None
            known = parts.setdefault(choice.unit, [])
            known.append(PartOf(f"{choice.unit} {len(known) + 1}", answered, {}, HERE))
        elif choice.said.kind == "given":
            assert isinstance(option, Fraction)
            path = tuple(choice.said.id.split("."))
            given[path] = GivenScore(option, NOTHING, HERE)
        elif choice.said.kind == "group":
            groups[choice.said.id] = str(option)
        elif choice.said.id in unasked:
            return None
        else:
            answers[choice.said.id] = _answer(option)
    return Profile(
        "one", "One", answers, {}, given, {}, {}, HERE, groups, {}, parts, unasked=unasked
    )


def _answers_of(choice: _Choice, option: object) -> dict[str, Answer]:
    assert isinstance(option, tuple)
    return {
        each.said.id: _answer(answer)
        for each, answer in zip(choice.asked, option, strict=True)
        if answer is not None and each.said is not None
    }


def _lacks(choices: Sequence[_Choice], chosen: Sequence[object], needed: Set[str]) -> bool:
    """Whether anything that has to be answered is blank, though it is asked."""
    unasked = chosen[0]
    assert isinstance(unasked, frozenset)
    for choice, option in zip(choices[1:], chosen[1:], strict=True):
        pairs: list[tuple[_Choice, object]] = [(choice, option)]
        if choice.said is None:
            pairs = (
                list(zip(choice.asked, option, strict=True)) if isinstance(option, tuple) else []
            )
        blank = {each.said.id for each, said in pairs if said is None and each.said is not None}
        if blank & (needed - unasked):
            return True
    return False


def _complete(choices: Sequence[_Choice], chosen: Sequence[object]) -> bool:
    """Whether everything that is asked is answered, and every number and group there."""
    unasked = chosen[0]
    assert isinstance(unasked, frozenset)
    for choice, option in zip(choices[1:], chosen[1:], strict=True):
        if choice.said is not None:
            if option is None and choice.said.id not in unasked:
                return False
        elif isinstance(option, tuple):
            for each, answer in zip(choice.asked, option, strict=True):
                if answer is None and each.said is not None and each.said.id not in unasked:
                    return False
    return True


# ---- all of them

_Scores = tuple[tuple[Fraction | None, Status], ...]
_Outcome = tuple[_Scores, tuple[_Scores | None, ...]]
"""The score and status of each figure, and for each part that is tried those of its own."""


class _Enumeration:
    """Every profile of one framework, what it scores, and what is found on the way."""

    def __init__(
        self, framework: Framework, editions: Sequence[str], blank_where_not_needed: bool
    ) -> None:
        self.framework = framework
        self.choices = _choices(framework, _unasked(framework, editions))
        self.blank_where_not_needed = blank_where_not_needed
        self.plans = [planned(framework, index) for index in framework.indices]
        self.rules: dict[Rule, bool] = {}  # every rule: whether it has a condition
        self.rules_at: dict[int, list[tuple[Rule, When | None]]] = {}  # by the step's identity
        self.opposed: dict[str, list[tuple[Rule, Rule]]] = {}  # caps below floors, by figure
        self.true: set[Rule] = set()
        self.binding: set[Rule] = set()
        self.taken: set[Rule] = set()
        self.contradicting: set[tuple[Rule, Rule]] = set()
        self.zero_weights: set[str] = set()
        self.zero_left: set[str] = set()
        self.figures: list[tuple[int, int, str]] = []  # plan, step, path
        self.within: dict[str, list[tuple[Each, int, int, str]]] = {}  # by unit
        for number, plan in enumerate(self.plans):
            self._survey(plan, number)
        self.profiles: list[Profile | None] = []
        self.complete: list[bool] = []
        self.outcomes: list[_Outcome | None] = []
        for chosen in product(*(each.options for each in self.choices)):
            self._try(chosen)

    def _survey(self, plan: Plan, number: int, each: Each | None = None) -> None:
        """Note the figures and the rules of a plan, each at home in its own index."""
        for step in plan.steps:
            if step.path[0] != plan.index:
                continue
            if isinstance(step, Ask | Count):
                pass
            elif each is None:
                self.figures.append((number, step.number, step.figure))
            elif step is not plan.root:
                unit = each.unit.value
                self.within.setdefault(unit, []).append((each, number, step.number, step.figure))
            self.rules_at[id(step)] = _rules_of(step)
            for rule, when in _rules_of(step):
                self.rules[rule] = when is not None
            self.opposed.setdefault(step.figure, []).extend(_opposed(step))
            if isinstance(step, Each):
                self._survey(step.inner, number, step)

    def _try(self, chosen: Sequence[object]) -> None:
        profile = _profile(self.choices, chosen)
        needed = frozenset() if self.blank_where_not_needed else self.framework.required
        if profile is not None and _lacks(self.choices, chosen, needed):
            profile = None
        traces = [score(plan, profile) for plan in self.plans] if profile is not None else []
        required = self.blank_where_not_needed and self.framework.required
        if profile is None or (required and any(must_be_answered(each) for each in traces)):
            self.profiles.append(None)
            self.complete.append(False)
            self.outcomes.append(None)
            return
        for trace in traces:
            self._look(trace)
        self.profiles.append(profile)
        self.complete.append(_complete(self.choices, chosen))
        self.outcomes.append(self._outcome(traces, chosen))

    def _outcome(self, traces: Sequence[Trace], chosen: Sequence[object]) -> _Outcome:
        values = [traces[plan].values[step] for plan, step, _ in self.figures]
        parts: list[_Scores | None] = []
        nth: dict[str, int] = {}
        for choice, option in zip(self.choices, chosen, strict=True):
            if not choice.unit:
                continue
            if option is None:
                parts.append(None)
                continue
            at = nth.setdefault(choice.unit, 0)
            nth[choice.unit] += 1
            of_part = [
                traces[plan].values[each.number].units[at].values[step]
                if traces[plan].values[each.number].units else None
                for each, plan, step, _ in self.within.get(choice.unit, ())
            ]  # fmt: skip
            parts.append(tuple((v.score, v.status) if v else _NOT_THERE for v in of_part))
        return tuple((each.score, each.status) for each in values), tuple(parts)

    # ---- what one profile shows

    def _look(self, trace: Trace) -> None:
        for step in trace.plan.steps:
            if step.path[0] != trace.plan.index:
                continue
            self._conditions(trace, step)
            if isinstance(step, Decide):
                self._decisions(trace, step)
            if isinstance(step, Finished) and step.finish.adjustments:
                self._adjustments(trace, step)
            if isinstance(step, Aggregate):
                self._weights(trace, step)
            if isinstance(step, Each):
                for unit in trace.values[step.number].units:
                    self._look(unit.trace)

    def _conditions(self, trace: Trace, step: AnyStep) -> None:
        for rule, when in self.rules_at[id(step)]:
            if when is not None and rule not in self.true and trace.holds(when):
                self.true.add(rule)

    def _decisions(self, trace: Trace, step: Decide) -> None:
        for rule, when in self.rules_at[id(step)]:
            if rule.kind != "decision":
                continue
            holds = True if when is None else trace.holds(when)
            if holds:
                self.taken.add(rule)
            if holds is not False:
                return

    def _adjustments(self, trace: Trace, step: Finished) -> None:
        rules = [each for each in self.rules_at[id(step)] if each[0].kind in ("cap", "floor")]
        hold = {rule: when is None or trace.holds(when) is True for rule, when in rules}
        scored = trace.values[step.number].score is not None
        for pair in self.opposed[step.figure]:
            if scored and all(hold[each] for each in pair):
                self.contradicting.add(pair)
        stages = trace.line(step.number).stages
        before = stages[-len(rules) - 1 : -1]  # none where there is no score
        for (rule, _), adjustment, stage in zip(
            rules, step.finish.adjustments, before, strict=False
        ):
            beyond = (
                stage.score > adjustment.points
                if rule.kind == "cap"
                else stage.score < adjustment.points
            )
            if hold[rule] and beyond:
                self.binding.add(rule)

    def _weights(self, trace: Trace, step: Aggregate) -> None:
        if not method_named(step.method.value).weighs:
            return
        values = [trace.values[part.step] for part in step.parts]
        weighed = list(zip(values, step.parts, strict=True))
        scored = [part.weight for value, part in weighed if value.score is not None]
        if scored and not any(scored):
            self.zero_weights.add(step.figure)
            lacking = any(v.status is Status.MISSING and p.weight for v, p in weighed)
            if not lacking or step.when_missing.value == "leave out":
                self.zero_left.add(step.figure)

    # ---- what all of them show

    def facts(self) -> Facts:
        least, greatest = self._extremes()
        lowered, alive, effects = self._pairs()
        asked = {each for each in _all_said(self.choices) if each.kind in ("question", "measure")}
        everywhere = {each.id for each in asked}
        asked |= {Said("question", id) for id in self.framework.questions if id not in everywhere}
        inert = asked - alive
        counted = _counted_otherwise(self.framework, self.plans)
        found = frozenset(self.rules)
        return Facts(
            profiles=sum(each is not None for each in self.profiles),
            exact=self._exact(),
            extremes_exact=self._exact() or self._never_turns(),
            least=least,
            greatest=greatest,
            lowered=lowered,
            dead=frozenset(each for each in inert if each.id not in counted),
            inert=frozenset(inert),
            never_true=frozenset(r for r in found if self.rules[r] and r not in self.true),
            never_binds=frozenset(
                r for r in found if r.kind in ("cap", "floor") and r not in self.binding
            ),
            never_taken=frozenset(r for r in found if r.kind == "decision" and r not in self.taken),
            contradicting=frozenset(self.contradicting),
            zero_weights=frozenset(self.zero_weights),
            zero_left=frozenset(self.zero_left),
            effects=effects,
            weights=effective_weights(self.framework),
        )

    def _exact(self) -> bool:
        """Whether no number is scored along a line, and no entity has parts."""
        if any(choice.unit or (choice.said and choice.said.kind == "given")
               for choice in self.choices):  # fmt: skip
            return False
        measures = self.framework.measures.values()
        return all(each.scoring is None or isinstance(each.scoring, Steps) for each in measures)

    def _never_turns(self) -> bool:
        """Whether every figure goes one way along each line, so that its ends are at its ends."""
        figures = self.framework.figures.values()
        subtracts = any(
            child.weight and child.weight.value < 0 for each in figures for child in each.counted
        )
        compares = any(isinstance(leaf, Compared) for leaf in _all_leaves(self.framework))
        return not (subtracts or compares or any(choice.unit for choice in self.choices))

    def _scores(self, outcome: _Outcome) -> Iterator[tuple[str, Fraction]]:
        for (_, _, figure), (value, _) in zip(self.figures, outcome[0], strict=True):
            if value is not None:
                yield figure, value
        units = [choice.unit for choice in self.choices if choice.unit]
        for unit, part in zip(units, outcome[1], strict=True):
            for (*_, figure), (value, _) in zip(
                self.within.get(unit, ()), part or (), strict=False
            ):
                if value is not None:
                    yield figure, value

    def _extremes(self) -> tuple[dict[str, Reached], dict[str, Reached]]:
        least: dict[str, Reached] = {}
        greatest: dict[str, Reached] = {}
        for profile, outcome in zip(self.profiles, self.outcomes, strict=True):
            if profile is None or outcome is None:
                continue
            for figure, value in self._scores(outcome):
                if figure not in least or value < least[figure].score:
                    least[figure] = Reached(value, profile)
                if figure not in greatest or value > greatest[figure].score:
                    greatest[figure] = Reached(value, profile)
        return least, greatest

    def _pairs(
        self,
    ) -> tuple[dict[tuple[str, Said], Lowered], set[Said], dict[tuple[str, Said], Fraction | None]]:
        """Every two profiles that differ in one thing said."""
        lowered: dict[tuple[str, Said], Lowered] = {}
        alive: set[Said] = set()
        effects: dict[tuple[str, Said], Fraction | None] = {}
        roots = [at for at, (_, _, path) in enumerate(self.figures) if "." not in path]
        for said in _all_said(self.choices):
            effects |= {(self.figures[root][2], said): None for root in roots}
        for said, sign, one, other, slot in self._neighbours():
            mine, theirs = self.outcomes[one], self.outcomes[other]
            if mine is None or theirs is None:
                continue
            if self.complete[one] and self.complete[other]:
                for root in roots:
                    key = self.figures[root][2], said
                    a, b = mine[0][root][0], theirs[0][root][0]
                    if a is not None and b is not None:
                        effects[key] = max(effects.get(key) or Fraction(0), abs(a - b))
            if mine == theirs:
                continue
            alive.add(said)
            if sign:
                worse, better = (other, one) if sign > 0 else (one, other)
                self._lowered(lowered, said, worse, better, slot)
        return lowered, alive, effects

    def _neighbours(self) -> Iterator[tuple[Said, int, int, int, int | None]]:
        """Two profiles by number: what they differ in, which is better, and in which part."""
        stride, slot = len(self.outcomes), -1
        for choice in self.choices:
            above = stride
            stride //= len(choice.options)
            slot += bool(choice.unit)
            pairs = list(_differ_in_one(choice))
            of_part = slot if choice.unit else None
            for first in range(0, len(self.outcomes), above):
                for base in range(first, first + stride):
                    for one, other, said, sign in pairs:
                        yield said, sign, base + one * stride, base + other * stride, of_part

    def _lowered(
        self,
        lowered: dict[tuple[str, Said], Lowered],
        said: Said,
        worse: int,
        better: int,
        slot: int | None,
    ) -> None:
        low, high = self.outcomes[worse], self.outcomes[better]
        before, after = self.profiles[worse], self.profiles[better]
        assert low is not None
        assert high is not None
        assert before is not None
        assert after is not None
        named = [path for *_, path in self.figures]
        values = list(zip(named, low[0], high[0], strict=True))
        if slot is not None:
            inner = [path for *_, path in self.within.get(said.unit, ())]
            values += list(zip(inner, low[1][slot] or (), high[1][slot] or (), strict=True))
        for figure, (a, _), (b, _) in values:
            if a is not None and b is not None and b < a:
                lowered.setdefault((figure, said), Lowered(before, after, (a, b)))


def _differ_in_one(choice: _Choice) -> Iterator[tuple[int, int, Said, int]]:
    """Two options that differ in one thing said: their numbers, what it is, which is better."""
    for one, other in combinations(range(len(choice.options)), 2):
        if choice.said is not None:
            yield one, other, choice.said, _sign(choice.points[one], choice.points[other])
            continue
        a, b = choice.options[one], choice.options[other]
        if not choice.unit or not isinstance(a, tuple) or not isinstance(b, tuple):
            continue
        differ = [at for at in range(len(a)) if a[at] != b[at]]
        if len(differ) == 1:
            asked = choice.asked[differ[0]]
            assert asked.said is not None
            places = [asked.options.index(each[differ[0]]) for each in (a, b)]
            points = [asked.points[place] for place in places]
            yield one, other, asked.said, _sign(points[0], points[1])


def _sign(one: Fraction | None, other: Fraction | None) -> int:
    """1 where the first is better, -1 where the second is, 0 where neither is known to be."""
    if one is None or other is None:
        return 0
    return (one > other) - (one < other)


# ---- rules


def _rules_of(step: AnyStep) -> list[tuple[Rule, When | None]]:
    """Every rule of a step, with its condition."""
    found: list[tuple[Rule, When | None]] = [
        (Rule(step.figure, "skip", at, when.span), when) for at, when in enumerate(step.skip)
    ]
    if isinstance(step, Finished):
        for at, each in enumerate(step.finish.adjustments):
            kind = "cap" if each.kind is Bound.CAP else "floor"
            span = each.when.span if each.when else each.span
            found.append((Rule(step.figure, kind, at, span), each.when))
    if isinstance(step, Decide):
        for at, decision in enumerate(step.decisions):
            span = decision.when.span if decision.when else decision.span
            found.append((Rule(step.figure, "decision", at, span), decision.when))
    return found


def _opposed(step: AnyStep) -> list[tuple[Rule, Rule]]:
    """Caps and floors of one figure where the floor lies above the cap."""
    if not isinstance(step, Finished):
        return []
    rules = [rule for rule, _ in _rules_of(step) if rule.kind in ("cap", "floor")]
    points = {rule: each.points for rule, each in zip(rules, step.finish.adjustments, strict=True)}
    return [
        (cap, floor)
        for cap in rules
        for floor in rules
        if cap.kind == "cap" and floor.kind == "floor" and points[floor] > points[cap]
    ]


def _counted_otherwise(framework: Framework, plans: Sequence[Plan]) -> set[str]:
    """The ids of what decides who is in an index or ranked, and of what `require` counts."""
    found: set[str] = set()
    for index in framework.indices:
        for when in (index.include, index.ranked):
            found |= {*when.answers} if when else set()
    for plan in plans:
        for step in plan.steps:
            if isinstance(step, Finished) and step.finish.require is not None:
                found |= _below(plan, step)
            if isinstance(step, Each):
                for inner in step.inner.steps:
                    if isinstance(inner, Finished) and inner.finish.require is not None:
                        found |= _below(step.inner, inner)
    return found


def _below(plan: Plan, step: AnyStep) -> set[str]:
    """The ids of the questions and measures that count in a step, through whatever figures."""
    match step:
        case Ask():
            return {step.question}
        case Count():
            return {step.measure}
        case Aggregate():
            return {id for part in step.parts for id in _below(plan, plan.steps[part.step])}
        case Repeat():
            return _below(plan, plan.steps[step.of])
        case Each():
            return _below(step.inner, step.inner.root)
        case _:
            return set()


# ---- weights


def effective_weights(framework: Framework) -> dict[tuple[str, Said], Fraction | None]:
    """The share that each thing said has of each index, if all is answered and no rule acts.

    The shares of the parts on the way are multiplied, and summed over the ways. What is taken over
    with `same as` counts whole; so does the mean of the parts of an entity, as what all of them
    answer together. None where a way goes through anything that is no arithmetic mean. What counts
    in no way at all is left out.
    """
    found: dict[tuple[str, Said], Fraction | None] = {}
    for index in framework.indices:
        plan = planned(framework, index)
        for said, share in _ways(plan, plan.root, Fraction(1), ""):
            key = index.id, said
            known = found.get(key, Fraction(0))
            found[key] = None if known is None or share is None else known + share
    return found


def _ways(
    plan: Plan, step: AnyStep, share: Fraction | None, unit: str
) -> Iterator[tuple[Said, Fraction | None]]:
    match step:
        case Ask():
            yield Said("question", step.question, unit), share
        case Count():
            yield Said("measure", step.measure, unit), share
        case Take():
            yield Said("given", step.figure, unit), share
        case Repeat():
            yield from _ways(plan, plan.steps[step.of], share, unit)
        case Each():
            yield from _ways(step.inner, step.inner.root, share, step.unit.value)
        case Aggregate():
            total = sum((part.weight for part in step.parts), Fraction(0))
            adds = step.method.value in MEANS and share is not None
            for part in step.parts:
                below = share * part.weight / total if adds and share is not None else None
                yield from _ways(plan, plan.steps[part.step], below, unit)
        case Decide():
            return


# ---- two rule texts


class Difference(Record):
    """Where two rule texts are not the same index.

    Attributes:
        what: a figure with another score or status, as a dotted path; or what is not the same
            whatever the profile, in words.
        profile: on which they differ; None where no profile is needed.
    """

    what: str
    profile: Profile | None = field(default=None, compare=False)


def difference(one: Framework, other: Framework, editions: Sequence[str] = ()) -> Difference | None:
    """Where two frameworks are not the same; None where they are, as far as can be tried.

    They are where they have the same ids of indices and figures, ask the same and take the same
    labels, publish alike, and give every figure the same unrounded score and the same status for
    every profile that both accept. What has to be answered, and which numbers are plausible, may
    differ. What is tried of numbers is every turn of either, so that what is said of `Facts.exact`
    holds here as well: a difference that is found is there.

    Raises:
        NotEnumerable: as `enumerate_facts` does.
    """
    for framework in (one, other):
        _refuse(framework)
    if one.figures.keys() != other.figures.keys():
        return Difference("the figures there are")
    if _published(one) != _published(other):
        return Difference("how figures are published")
    if _accepted(one) != _accepted(other):
        return Difference("what may be said")
    by_edition = [_by_edition(each, editions) for each in (one, other)]
    ways = dict.fromkeys(zip(by_edition[0], by_edition[1], strict=True))
    choices = _merged(one, other)
    plans = [[planned(each, index) for index in each.indices] for each in (one, other)]
    for unasked in ways:
        for rest in product(*(each.options for each in choices[1:])):
            chosen = (unasked[0] | unasked[1], *rest)
            profile = _profile(choices, chosen)
            needed = one.required | other.required
            if profile is None or _lacks(choices, chosen, needed):
                continue
            mine, theirs = (
                _by_figure(own, replace(profile, unasked=not_asked))
                for own, not_asked in zip(plans, unasked, strict=True)
            )
            for figure in dict.fromkeys((*mine, *theirs)):
                if mine.get(figure, _NOT_THERE) != theirs.get(figure, _NOT_THERE):
                    return Difference(figure[0], profile)
    return None


def _by_edition(framework: Framework, editions: Sequence[str]) -> list[frozenset[str]]:
    order = EditionOrder(tuple(editions))
    return [order.not_asked(framework, each) for each in editions] or [frozenset()]


def _published(framework: Framework) -> object:
    """How each figure is published, and each index ranked and rated."""
    figures = {
        path: (
            each.settings.places.value,
            each.score_range,
            each.printed_range,
            each.settings.bands.value,
            each.settings.band_by_unrounded.value,
        )
        for path, each in framework.figures.items()
    }
    indices = {
        each.id: (each.rank_by.value, each.ranked, each.ratings) for each in framework.indices
    }
    return figures, indices


def _accepted(framework: Framework) -> object:
    """What may be said: the labels of each question, numbers, groups, given figures, and units."""
    labels = {
        id: frozenset(name for label in each.scale.labels for name in label.names)
        for id, each in framework.questions.items()
        if each.scale is not None
    }
    given = {path for path, each in framework.figures.items() if each.origin is Origin.GIVEN}
    inside, _ = _asked_where(framework)
    groups = {each.id: frozenset(each.labels) for each in framework.sorted_by}
    return labels, framework.recorded.keys(), given, inside, groups


def _merged(one: Framework, other: Framework) -> list[_Choice]:
    """What is free in either, each number at every turn of both and between."""
    found: dict[tuple[Said | None, str, int], _Choice] = {}
    for framework in (one, other):
        nth = 0
        for choice in _choices(framework, (frozenset(),)):
            nth += bool(choice.unit)
            key = choice.said, choice.unit, nth if choice.unit else 0
            known = found.get(key)
            found[key] = _with_turns(known, choice) if known else choice
    return list(found.values())


def _with_turns(one: _Choice, other: _Choice) -> _Choice:
    if one.unit:
        asked = tuple(_with_turns(*each) for each in zip(one.asked, other.asked, strict=True))
        options = (None, *product(*(each.options for each in asked)))
        return replace(one, options=options, asked=asked)
    numbers = [each for each in (*one.options, *other.options) if isinstance(each, Fraction)]
    if not numbers:
        return replace(one, options=tuple(dict.fromkeys((*one.options, *other.options))))
    ordered = sorted(set(numbers))
    between = {(low + high) / 2 for low, high in pairwise(ordered)}
    return replace(one, options=(None, *sorted({*ordered, *between})))


def _by_figure(
    plans: Sequence[Plan], profile: Profile
) -> dict[tuple[str, int], tuple[Fraction | None, Status]]:
    """The score and status of each figure; those of parts by the number of the part, from 1."""
    found: dict[tuple[str, int], tuple[Fraction | None, Status]] = {}
    for plan in plans:
        trace = score(plan, profile)
        for step, value in zip(plan.steps, trace.values, strict=True):
            if isinstance(step, Ask | Count):
                continue
            found[step.figure, 0] = value.score, value.status
            for number, unit in enumerate(value.units, 1):
                for inner, of_part in zip(unit.plan.steps[:-1], unit.values[:-1], strict=True):
                    if not isinstance(inner, Ask | Count):
                        found[inner.figure, number] = of_part.score, of_part.status
    return found


_NOT_THERE = (None, Status.NOT_APPLICABLE)
"""Of a figure of a part that is not scored, since the figure around it is skipped."""
