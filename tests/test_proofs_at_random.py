"""No profile at random is beyond what is proved of sound programs of every statement.

The long run: `python tests/test_proofs_at_random.py 0 1000`; with `--odd` of small programs of what
is hard to prove, with `--solve` by the solver too. It names the seed of a fault at once.
`python tests/test_proofs_at_random.py 17` shows program 17.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from fractions import Fraction

import pytest

from bareme.audit.unanswered import must_be_answered
from bareme.diagnostics import has_errors
from bareme.framework import Framework
from bareme.plan import Ask, Count, Each
from bareme.profiles.order import EditionOrder
from bareme.profiles.profile import Answer, GivenScore, PartOf, Profile
from bareme.proofs.choices import Choice, Kind, Way
from bareme.proofs.goals import Binds, Holds, Opposed, Taken, binds, weightless
from bareme.proofs.prove import FrameworkProof, PlanProof, Verdict, prove
from bareme.proofs.rules import Claim, Flaw
from bareme.proofs.search import Solve, solver_of
from bareme.record import replace
from bareme.scoring.exact import points_of, score
from bareme.scoring.trace import Trace
from odd_programs import Odd
from sound_programs import EDITIONS, Writer
from sound_scores import HERE, NOTHING, NUMBERS, some_profile
from test_sound_programs import framework_of, read

SHORT, LONG = 10, 2_000
PROFILES, CHANGES = 12, 8
"""Of each program so many profiles, and of each so many in which one answer is another."""
SECONDS = 3
"""For the solver, where it is asked, and one claim."""


def tried(
    framework: Framework, chance: random.Random, solve: Solve | None = None, many: int = PROFILES
) -> int:
    """Prove a framework, and hold what is proved against profiles at random.

    Returns:
        How many profiles were scored.

    Raises:
        AssertionError: with everything that is not as it is proved to be.
    """
    order = EditionOrder(EDITIONS)
    proof = prove(framework, [order.not_asked(framework, each) for each in EDITIONS], solve)
    scored = 0
    for _ in range(many):
        profile = without_overrides(
            framework, some_profile(framework, "A", chance.choice(EDITIONS), chance)
        )
        if chance.random() < 0.5:
            profile = completed(framework, profile, chance)
        before = traces_of(proof, profile)
        scored += held(proof, before)
        for _ in range(CHANGES):
            choice, other = changed(framework, profile, chance)
            if choice is None:
                continue
            after = traces_of(proof, other)
            scored += held(proof, after)
            compared(proof, choice, before, after)
            compared(proof, choice, after, before)
            if chance.random() < 0.3:
                profile, before = other, after
    return scored


# ---- profiles


def without_overrides(framework: Framework, profile: Profile) -> Profile:
    """The same without scores in place of what rules derive."""
    given = {p: s for p, s in profile.given.items() if framework.figures[p].origin.value == "given"}
    return replace(profile, given=given)


def some_number(framework: Framework, id: str, chance: random.Random) -> Answer:
    value = Fraction(chance.choice((*NUMBERS, chance.randint(0, 1000))), chance.choice((1, 2, 3)))
    plausible = framework.recorded[id].plausible
    if plausible:
        value = min(max(value, plausible[0]), plausible[1])
    elif chance.random() < 0.1:
        value = -value
    return Answer(str(value), NOTHING, HERE, value)


def some_answer(framework: Framework, id: str, chance: random.Random) -> Answer:
    if id in framework.recorded:
        return some_number(framework, id, chance)
    scale = framework.questions[id].scale
    assert scale is not None
    return Answer(chance.choice(chance.choice(scale.labels).names), NOTHING, HERE, None)


def completed(framework: Framework, profile: Profile, chance: random.Random) -> Profile:
    """The same with an answer to everything that is asked, a group, and every given score."""
    asked = [id for id in (*framework.questions, *framework.recorded) if id not in profile.unasked]

    def whole(answers: dict[str, Answer]) -> dict[str, Answer]:
        return {id: answers.get(id) or some_answer(framework, id, chance) for id in asked}

    given = dict(profile.given)
    for path, figure in framework.figures.items():
        if figure.origin.value == "given" and path not in given and path not in framework.scopes:
            given[path] = some_score(framework, path, chance)
    return replace(
        profile,
        answers=whole(dict(profile.answers)),
        given=given,
        groups=dict(profile.groups) or {"region": chance.choice(("North", "South"))},
        parts={
            unit: [replace(each, answers=whole(dict(each.answers))) for each in parts]
            for unit, parts in profile.parts.items()
        },
    )


def some_score(framework: Framework, path: tuple[str, ...], chance: random.Random) -> GivenScore:
    low, high = framework.given_range(framework.figures[path])
    return GivenScore(low + (high - low) * Fraction(chance.randint(0, 20), 20), NOTHING, HERE)


def changed(
    framework: Framework, profile: Profile, chance: random.Random
) -> tuple[Choice | None, Profile]:
    """One answer, number or given score that is another, of the entity or one of its parts."""
    paths = [
        path
        for path, figure in framework.figures.items()
        if figure.origin.value == "given" and path not in framework.scopes
    ]
    asked = [id for id in (*framework.questions, *framework.recorded) if id not in profile.unasked]
    id = chance.choice([*asked, *paths])
    blank = chance.random() < 0.2
    if isinstance(id, tuple):
        given = {path: each for path, each in profile.given.items() if path != id}
        if not blank:
            given[id] = some_score(framework, id, chance)
        return Choice(Kind.GIVEN, "", ".".join(id)), replace(profile, given=given)
    kind = Kind.NUMBER if id in framework.recorded else Kind.ANSWER
    answer = None if blank else some_answer(framework, id, chance)

    def anew(answers: dict[str, Answer]) -> dict[str, Answer]:
        rest = {each: said for each, said in answers.items() if each != id}
        return rest if answer is None else {**rest, id: answer}

    parts: list[PartOf] = list(profile.parts.get("site", ()))
    if parts and chance.random() < 0.5:
        at = chance.randrange(len(parts))
        parts[at] = replace(parts[at], answers=anew(dict(parts[at].answers)))
        return Choice(kind, "site", id), replace(profile, parts={"site": parts})
    return Choice(kind, "", id), replace(profile, answers=anew(dict(profile.answers)))


# ---- what is held against what


Traces = list[list[Trace]]
"""Of each plan of a proof the traces that are of it: of the entity, or of each of its parts."""


def traces_of(proof: FrameworkProof, profile: Profile) -> Traces | None:
    """The traces of a profile; none where it lacks an answer that is required."""
    found: Traces = []
    whole: Trace | None = None
    for plan in proof.plans:
        if not plan.unit:
            whole = score(plan.plan, of_plan(plan, profile))
            if must_be_answered(whole):
                if plan.plan.include is None:
                    return None
                whole = None  # whoever is in the index would have to answer
            found.append([whole] if whole else [])
        elif whole is not None:
            step = whole.plan.steps[whole.plan.numbers[plan.plan.root.path]]
            found.append([unit.trace for unit in whole.values[step.number].units])
        else:
            found.append([])
    return found


def of_plan(plan: PlanProof, profile: Profile) -> Profile:
    """The profile with what is asked of parts answered by parts alone, and the rest by the entity.

    A part that answers what its figure does not ask of it is refused.
    """
    own: set[str] = set()
    for step in plan.plan.steps:
        if isinstance(step, Each):
            own |= step.asked
    parts = {
        unit: [replace(p, answers={k: v for k, v in p.answers.items() if k in own}) for p in each]
        for unit, each in profile.parts.items()
    }
    answers = {id: each for id, each in profile.answers.items() if id not in own}
    return replace(profile, parts=parts, answers=answers)


def held(proof: FrameworkProof, traces: Traces | None) -> int:
    if traces is None:
        return 0
    wrong = [
        each
        for plan, of_plan in zip(proof.plans, traces, strict=True)
        for trace in of_plan
        for each in beyond(plan, trace)
    ]
    assert not wrong, "; ".join(wrong)
    return 1


def beyond(plan: PlanProof, trace: Trace) -> Iterator[str]:
    for figure in plan.figures:
        came = trace.values[figure.step.number].score
        if came is None:
            continue
        low, high = figure.least.bound, figure.greatest.bound
        if low is None or came < low:
            yield f"{figure.step.figure} comes to {came}, below {low}"
        if high is None or came > high:
            yield f"{figure.step.figure} comes to {came}, above {high}"
    for claim in plan.claims:
        said_not = claim.outcome.impossible
        if said_not and shows(claim, trace):
            yield f"{trace.plan.steps[claim.step].figure}: `{claim.written}` {claim.flaw}, not so"


def shows(claim: Claim, trace: Trace) -> bool:
    """Whether a trace shows what was looked for."""
    goal, step, value = claim.goal, trace.plan.steps[claim.step], trace.values[claim.step]
    match goal:
        case Holds():
            return trace.holds(goal.when) is True
        case Binds():
            return value.score is not None and binds(trace, goal.step, goal.place)
        case Taken():
            decided = trace.decided(step)
            return trace.skipped(step) is None and decided is step.decisions[goal.place]
        case Opposed():
            both = (step.finish.adjustments[each].when for each in (goal.one, goal.other))
            held = all(when is None or trace.holds(when) is True for when in both)
            return value.score is not None and held
    assert claim.flaw is Flaw.WEIGHTLESS
    return weightless(step, trace)


def compared(
    proof: FrameworkProof, choice: Choice, one: Traces | None, other: Traces | None
) -> None:
    """Hold what is proved of two profiles that differ in one choice against their scores."""
    if one is None or other is None:
        return
    wrong = [
        each
        for plan, first, second in zip(proof.plans, one, other, strict=True)
        if len(first) == len(second)
        for a, b in zip(first, second, strict=True)
        for each in apart(plan, choice, a, b)
    ]
    wrong += moved(proof, choice, one, other)
    assert not wrong, "; ".join(wrong)


def apart(plan: PlanProof, choice: Choice, one: Trace, other: Trace) -> Iterator[str]:
    """What is not as it is proved of two traces, of which the second has the better answer."""
    at = replace(choice, unit="") if plan.unit and choice.unit else choice
    if is_better(points(at, one), points(at, other)):
        for figure in plan.figures:
            a, b = (trace.values[figure.step.number].score for trace in (one, other))
            known = {each.choice for each in (*figure.lowerings, *figure.undecided)}
            if a is not None and b is not None and b < a and at not in known:
                yield f"a better `{at.id}` brings {figure.step.figure} from {a} to {b}"
    if plan.unit or not (complete(plan, one) and complete(plan, other)):
        return
    for answer in plan.answers:
        if answer.choice == choice and one.score is not None and other.score is not None:
            bound, came = answer.effect.bound, abs(one.score - other.score)
            if came and (bound is None or came > bound):
                yield f"`{choice.id}` moves {plan.plan.index} by {came}, beyond {bound}"


def is_better(one: list[Fraction | None], other: list[Fraction | None]) -> bool:
    """Whether the one answer that differs earns more."""
    if len(one) != len(other):
        return False
    differ = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return bool(differ) and all(None not in pair and pair[0] < pair[1] for pair in differ)


def points(choice: Choice, trace: Trace) -> list[Fraction | None]:
    """What a choice earns in a trace by itself, of a part's in every part."""
    if choice.kind is Kind.GIVEN:
        given = trace.profile.given.get(tuple(choice.id.split(".")))
        return [None if given is None else given.score]
    found: list[Fraction | None] = []
    for step, value in zip(trace.plan.steps, trace.values, strict=True):
        if choice.unit and isinstance(step, Each):
            for unit in value.units:
                found += points(replace(choice, unit=""), unit.trace)
        elif not choice.unit:
            said = trace.profile.answers.get(choice.id)
            if isinstance(step, Ask) and step.question == choice.id:
                found.append(None if said is None else step.points[said.text])
            elif isinstance(step, Count) and step.measure == choice.id and step.formula is None:
                found.append(None if said is None else points_of(step, said.value))
    return found


def complete(plan: PlanProof, trace: Trace) -> bool:
    """Whether a trace is of a profile that answers all that the index may read."""
    profile = trace.profile
    for choice in plan.prover.choices.ways:
        if choice.kind in (Kind.ANSWER, Kind.NUMBER) and choice.id not in profile.unasked:
            whose = [profile] if not choice.unit else profile.parts.get(choice.unit, ())
            if any(choice.id not in each.answers for each in whose):
                return False
        if choice.kind is Kind.GIVEN and tuple(choice.id.split(".")) not in profile.given:
            return False
        if choice.kind is Kind.GROUP and choice.id not in profile.groups:
            return False
    return True


def moved(proof: FrameworkProof, choice: Choice, one: Traces, other: Traces) -> Iterator[str]:
    """Figures that a dead question moves."""
    dead = {
        (each.choice.kind, each.choice.id)
        for each in proof.alive
        if each.verdict is Verdict.REFUTED
    }
    if (choice.kind, choice.id) not in dead:
        return
    for plan, first, second in zip(proof.plans, one, other, strict=True):
        if len(first) != len(second):
            continue
        for a, b in zip(first, second, strict=True):
            for figure in plan.figures:
                x, y = (trace.values[figure.step.number] for trace in (a, b))
                if (x.score, x.status) != (y.score, y.status):
                    yield f"dead `{choice.id}` moves {figure.step.figure}"


# ---- corners, each of which was proved wrongly once


def proof_of(text: str) -> FrameworkProof:
    return prove(framework_of({"all": YES_NO + text}))


def greatest_and_least(proof: FrameworkProof, figure: str) -> tuple[Fraction, Fraction]:
    found = next(e for p in proof.plans for e in p.figures if e.step.figure == figure)
    assert found.least.proved
    assert found.greatest.proved
    return found.least.value, found.greatest.value


def never_holds(proof: FrameworkProof, written: str) -> bool | None:
    (found,) = {
        each.found
        for plan in proof.plans
        for each in plan.claims
        if each.flaw is Flaw.NEVER_HOLDS and each.written == written
    }
    return found


YES_NO = """\
units site
scale yes_no: Yes = 100, No = 0
"""


def test_two_figures_of_the_same_unit_are_bounded_apart():
    proof = proof_of("""\
index a
    question q on yes_no
    category c
        for each site
        question q1
            options: Good = 60, Bad = 40
    category d
        for each site
        question q2
            options: Good = 90, Bad = 10
""")
    assert greatest_and_least(proof, "a.c") == (40, 60)
    assert greatest_and_least(proof, "a.d") == (10, 90)


def test_a_given_score_stands_where_it_is_skipped():
    proof = proof_of("""\
index a
    question q on yes_no
        answer required
    indicator g
        given
        skip when q is answered
    cap 20 when g > 50
""")
    assert greatest_and_least(proof, "a.g") == (0, 100)
    assert never_holds(proof, "g > 50") is False


def test_answers_below_what_does_not_apply_are_not_there():
    proof = proof_of("""\
index a
    answer required
    category c
        question q on yes_no
        indicator i
            question q3 on yes_no
    category e
        require 2 answers
        question q4 on yes_no
        indicator r same as a.c.i
            skip when q is Yes
    indicator h
        score 10 when a.e is not answered
        score 0 otherwise
""")
    assert never_holds(proof, "a.e is not answered") is False


def test_what_parts_have_to_answer_the_entity_need_not():
    proof = proof_of("""\
index a
    question q on yes_no
    category c
        for each site
        answer required
        floor 50 when q7 is not answered
        question q7 on yes_no
""")
    assert never_holds(proof, "q7 is not answered") is False


def test_a_number_that_moves_a_figure_of_a_part_is_not_dead():
    proof = proof_of("""\
data people
index a
    question q on yes_no
    category c
        for each site
        question q1 on yes_no
        indicator i weight 0
            score 100 when people = 20
            score 30 otherwise
""")
    found = {each.choice.id: each.verdict for each in proof.alive}

    assert found == {"q": Verdict.PROVED, "q1": Verdict.PROVED, "people": Verdict.PROVED}


def test_two_numbers_of_which_the_better_gives_far_more_are_bounded():
    proof = proof_of(TO_BOTH_ENDS)
    (effect,) = (e.effect for e in proof.plans[0].answers if e.choice.id == "m")

    assert effect.bound == 100  # 99.9 and 0.1 are nearly so far apart


def test_a_formula_that_is_skipped_where_nothing_is_said_has_a_score_else():
    proof = proof_of("""\
data d
index a
    when missing zero
    question q on yes_no
    indicator i
        measure m in x
            formula d * 2
            normalise from 0 to 100
            skip when q is not answered
    indicator h
        score 10 when d = 20 and a.i > 10
        score 0 otherwise
""")
    prover = proof.plans[0].prover
    d = next(each for each in prover.choices.ways if each.id == "d")
    known = prover.bounds({d: Way("", Fraction(20), Fraction(20))})
    found = known.reach[prover.plan.numbers["a", "i"]]

    assert found.up[0] is not None
    assert found.up[0][0] == 40
    assert found.absent[0] is not None


def test_what_stands_for_a_missing_part_is_as_far_from_its_scores_as_it_is():
    proof = proof_of("""\
index a
    when missing zero
    indicator k
        score 50 otherwise
    indicator l
        score 100 when c > 60
        score 0 otherwise
    category c weight 0
        skip when q is Yes
        question y on yes_no
            answer required
    question q on yes_no weight 0
""")
    prover = proof.plans[0].prover
    q = next(each for each in prover.choices.ways if each.id == "q")
    no, yes = Way("No"), Way("Yes")
    fall = prover.deltas(q, no, yes, {}).found[prover.plan.root.number].low

    assert fall <= -50  # from 75 to 25, `l` being 100 or missing


def test_a_part_that_does_not_say_is_held_to_what_the_entity_says():
    proof = proof_of("""\
questions
    question q on yes_no
index a
    category c weight 3
        for each site
        indicator d
            ask q
    category d weight 0
        ask q
    category e
        for each site
        question r on yes_no
        indicator k
            score 0 when q is Yes
            score 100 otherwise
""")
    (figure,) = (each for each in proof.plans[0].figures if each.step.figure == "a")

    assert Choice(Kind.ANSWER, "", "q") in {each.choice for each in figure.undecided}


def test_numbers_that_earn_the_same_are_no_better_one_than_the_other():
    """Beyond the goalpost more of `m` earns no more, so that a fall of `n` there lowers nothing."""
    proof = proof_of("""\
index a
    question q on yes_no
    measure m in x, plausible 60 to 100 weight 3
        normalise from 0 to 50
    measure n in x weight 1
        formula 1000 - m
        steps from 930 = 100, from 0 = 0, below = 0
""")
    (figure,) = (each for each in proof.plans[0].figures if each.step.figure == "a")

    assert "m" not in {each.choice.id for each in figure.lowerings}
    assert "m" not in {each.choice.id for each in figure.undecided}


def test_scores_that_come_ever_nearer_to_one_that_none_has_are_not_bettered_for_ever():
    pytest.importorskip("z3")
    framework = framework_of({"all": YES_NO + TO_BOTH_ENDS})
    (figure,) = prove(framework, solve=solver_of(SECONDS)).plans[0].figures

    assert figure.least.bound == 0
    assert 0 < figure.least.value < 1
    assert not figure.least.proved


TO_BOTH_ENDS = """\
index a
    question q on yes_no weight 0
    measure m in x, plausible 0 to 100
        normalise from 0 to 100
    cap 50 when m >= 100
    floor 50 when m <= 0
"""


# ---- runs


def of_seed(seed: int, solve: Solve | None = None, many: int = PROFILES) -> int:
    chance = random.Random(seed)
    framework = framework_of(Writer(chance).files)
    try:
        return tried(framework, chance, solve, many)
    except AssertionError as fault:
        raise AssertionError(f"program {seed}: {fault}") from fault


def of_odd(seed: int, solve: Solve | None = None, many: int = 4 * PROFILES) -> int:
    """The same of a small program of what is hard to prove; 0 where it is not sound."""
    chance = random.Random(seed)
    framework, found = read({"all": Odd(chance).text})
    if has_errors(found):
        return 0
    try:
        return tried(framework, chance, solve, many)
    except AssertionError as fault:
        raise AssertionError(f"odd program {seed}: {fault}") from fault


@pytest.mark.parametrize("start", range(0, SHORT, 5))
def test_no_profile_at_random_is_beyond_what_is_proved(start):
    assert sum(of_seed(seed) for seed in range(start, start + 5)) > 100


@pytest.mark.parametrize("start", range(SHORT, 2 * SHORT, 5))
def test_no_profile_of_what_is_hard_to_prove_is_beyond_what_is_proved(start):
    assert sum(of_odd(seed, many=PROFILES) for seed in range(start, start + 5)) > 100


@pytest.mark.long
def test_no_profile_of_many_programs_is_beyond_what_is_proved():
    assert sum(of_seed(seed) for seed in range(SHORT, LONG)) > 10 * LONG


def _run(first: int, last: int, solve: Solve | None, *, odd: bool) -> int:
    start, scored, faults, slowest = time.monotonic(), 0, 0, (0.0, 0)
    for seed in range(first, last):
        begun = time.process_time()
        try:
            scored += (of_odd if odd else of_seed)(seed, solve)
        except Exception as fault:
            faults += 1
            print(f"FAULT {seed} {type(fault).__name__}: {fault}", flush=True)
        slowest = max(slowest, (time.process_time() - begun, seed))
        if (seed + 1 - first) % 50 == 0 or seed + 1 == last:
            print(
                f"{seed + 1 - first:,} programs, {scored:,} profiles, {faults} faults, slowest "
                f"{slowest[0]:.0f} s (program {slowest[1]}), {time.monotonic() - start:,.0f} s",
                flush=True,
            )
    return 1 if faults else 0


if __name__ == "__main__":
    solve = solver_of(SECONDS) if "--solve" in sys.argv else None
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    if len(numbers) == 1 and "--odd" in sys.argv:
        print(Odd(random.Random(numbers[0])).text)
    elif len(numbers) == 1:
        for stem, text in Writer(random.Random(numbers[0])).files.items():
            print(f"# {stem}.bareme\n{text}")
    else:
        sys.exit(_run(*numbers, solve, odd="--odd" in sys.argv))
