"""What is proved of rules is what trying every profile finds; flaws that are put in are found.

The long run, ten thousand small indices: `make proofs`, or a part of it,
`python tests/test_proofs.py 0 2500`. It says every hundred indices how far it is, and names the
seed of a fault at once. `python tests/test_proofs.py 17` shows index 17 and what is proved of it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from bareme.framework import Framework
from bareme.profiles.order import EditionOrder
from bareme.proofs.findings import findings
from bareme.proofs.goals import Beyond
from bareme.proofs.prove import FrameworkProof, PlanProof, Verdict, prove
from bareme.proofs.rules import Claim, Flaw
from bareme.proofs.search import Solve, solver_of
from bareme.source import Source
from enumerated import Facts, enumerate_facts
from flawed_indices import KINDS, flawed, flawless
from small_indices import loaded, small_index

SHORT, LONG = 40, 10_000
SECONDS = 5
"""For the solver, where it is there, and one claim."""

SOLVED = 20
"""Of so many indices one is proved with the solver; the others by structure and search alone."""

SPANS = {Flaw.NEVER_HOLDS: "never_true", Flaw.NEVER_BINDS: "never_binds",
         Flaw.NEVER_TAKEN: "never_taken"}  # fmt: skip


def proved(framework: Framework, editions: tuple[str, ...], solve: Solve | None) -> FrameworkProof:
    order = EditionOrder(editions)
    return prove(framework, [order.not_asked(framework, each) for each in editions], solve)


def compared(seed: int, solve: Solve | None = None) -> Counter[str]:
    """Prove one small index, and hold every verdict against what trying every profile finds.

    Returns:
        How many claims there were, by their verdict.

    Raises:
        AssertionError: with the seed and each verdict that is not so.
    """
    index = small_index(seed)
    framework = loaded(index.files)
    facts = enumerate_facts(framework, index.editions, blank_where_not_needed=True)
    proof = proved(framework, index.editions, solve)
    wrong = [
        *(each for plan in proof.plans for each in _figures(plan, facts)),
        *(each for plan in proof.plans for each in _effects(plan, facts)),
        *(each for plan in proof.plans for each in _rules(plan, facts)),
        *_dead(proof, facts),
    ]
    assert not wrong, f"seed {seed}: {'; '.join(wrong)}"
    return _verdicts(proof)


def _verdicts(proof: FrameworkProof) -> Counter[str]:
    found: Counter[str] = Counter()
    for plan in proof.plans:
        for figure in plan.figures:
            found["extreme"] += 2
            found["extreme open"] += (not figure.least.proved) + (not figure.greatest.proved)
            found["monotone"] += 1
            found["monotone open"] += figure.monotone.open
        for answer in plan.answers:
            found["effect"] += 1
            found["effect open"] += not answer.effect.proved
        for claim in plan.claims:
            found["rule"] += 1
            found["rule open"] += claim.found is None
    for each in proof.alive:
        found["question"] += 1
        found["question open"] += each.verdict.open
    return found


def _figures(plan: PlanProof, facts: Facts) -> Iterator[str]:
    for figure in plan.figures:
        path = figure.step.figure
        for each, known, sign in (
            (figure.least, facts.least, -1),
            (figure.greatest, facts.greatest, 1),
        ):
            reached = known[path].score if path in known else None
            if each.shown is not None:  # what is claimed is what the exact engine says
                assert isinstance(each.shown.traces[0].values[figure.step.number].score, object)
                assert each.shown.traces[0].values[figure.step.number].score == each.value
            if facts.extremes_exact and each.proved and each.value != reached:
                yield f"{path} comes to {reached}, not {each.value}"
            if reached is not None and (each.bound is None or (each.bound - reached) * sign < 0):
                yield f"{path} comes to {reached}, beyond {each.bound}"
        yield from _lowered(plan, facts, path, figure)


def _lowered(plan: PlanProof, facts: Facts, path: str, figure: object) -> Iterator[str]:
    known = {
        (said.id, "" if plan.unit else said.unit)
        for at, said in facts.lowered
        if at == path and (not plan.unit or said.unit in ("", plan.unit))
    }
    found = {(each.choice.id, each.choice.unit) for each in figure.lowerings}
    left = {(each.choice.id, each.choice.unit) for each in figure.undecided}
    if known - found - left:
        yield f"better answers to {known - found - left} lower {path}"
    if facts.exact and found - known:
        yield f"no better answer to {found - known} lowers {path}"
    for each in figure.lowerings:
        better, worse = (trace.values[each.step].score for trace in each.shown.traces)
        assert better is not None
        assert worse is not None
        assert better < worse


def _effects(plan: PlanProof, facts: Facts) -> Iterator[str]:
    for answer in plan.answers:
        said = next(
            (
                key
                for key in facts.effects
                if key[0] == plan.plan.index
                and (key[1].id, key[1].unit) == (answer.choice.id, answer.choice.unit)
            ),
            None,
        )
        if said is None:
            continue
        most, effect = facts.effects[said] or 0, answer.effect
        if facts.exact and effect.proved and (effect.value or 0) != most:
            yield f"{answer.choice.id} moves {said[0]} by {most}, not {effect.value}"
        if most and (effect.bound is None or effect.bound < most):
            yield f"{answer.choice.id} moves {said[0]} by {most}, beyond {effect.bound}"
        weight = facts.weights.get(said)
        if weight is not None and weight != answer.weight:
            yield f"{answer.choice.id} weighs {weight}, not {answer.weight}"


def _rules(plan: PlanProof, facts: Facts) -> Iterator[str]:
    for claim in plan.claims:
        if claim.found is None:
            continue
        known = _is_known(plan, claim, facts)
        if claim.found and not known:
            yield f"`{claim.written}` {claim.flaw}, it was said"
        if facts.exact and known and not claim.found:
            yield f"`{claim.written}` {claim.flaw}"


def _is_known(plan: PlanProof, claim: Claim, facts: Facts) -> bool:
    figure = plan.plan.steps[claim.step].figure
    if claim.flaw is Flaw.WEIGHTLESS:
        return figure in facts.zero_left
    if claim.flaw is Flaw.OPPOSED:
        spans = {claim.span, claim.other}
        return any({one.span, other.span} <= _with_whens(plan, claim) or {one.span, other.span}
                   == spans for one, other in facts.contradicting)  # fmt: skip
    rules = getattr(facts, SPANS[claim.flaw])
    return any(
        claim.span.start <= rule.span.start and rule.span.end <= claim.span.end for rule in rules
    )


def _with_whens(plan: PlanProof, claim: Claim) -> set[object]:
    """The lines of a figure's caps and floors, and their conditions, of the two that are meant."""
    finish = plan.plan.steps[claim.step].finish
    both = [finish.adjustments[at] for at in (claim.goal.one, claim.goal.other)]
    return {each.when.span if each.when else each.span for each in both}


def _dead(proof: FrameworkProof, facts: Facts) -> Iterator[str]:
    data = {each.id for each in proof.framework.data}
    inert = {said.id for said in facts.inert}
    for each in proof.alive:
        id = each.choice.id
        if id in data:
            continue
        if each.verdict is Verdict.REFUTED and id not in inert:
            yield f"{id} moves a figure"
        if facts.exact and each.verdict is Verdict.PROVED and id in inert:
            yield f"{id} moves no figure"


# ---- the default run


@pytest.mark.parametrize("start", range(0, SHORT, 10))
def test_verdicts_are_what_trying_every_profile_finds(start):
    found: Counter[str] = Counter()
    for seed in range(start, start + 10):
        found += compared(seed)

    assert found["extreme open"] * 10 < found["extreme"]
    assert found["rule open"] * 10 < found["rule"]


def test_the_solver_leaves_next_to_nothing_open():
    pytest.importorskip("z3")
    found: Counter[str] = Counter()
    for seed in range(12):
        found += compared(seed, solver_of(SECONDS))

    assert found["extreme"] > 60
    assert sum(many for name, many in found.items() if name.endswith("open")) <= 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_a_flaw_that_is_put_in_is_found_at_its_line(kind, seed):
    files, expected = flawed(seed, kind)
    framework = loaded(files)
    source = Source("rules/small/all.bareme", files["all"])

    found = findings(proved(framework, (), None))

    at = {(each.code, source.position(each.span.start)[0]) for each in found}
    assert _expected(expected, files["all"]) in at


CODES = {
    "condition that can never hold": "W301",
    "cap that never binds": "W302",
    "floor that never binds": "W302",
    "decision that is never taken": "W303",
    "cap and floor that contradict": "W304",
    "better answer that lowers": "P701",
    "dead question": "W306",
    "weights that can sum to zero": "W305",
}


def _expected(expected, text: str) -> tuple[str, int]:
    """The code and the line of what has to be found.

    What lowers is said of the figure, and of weights it is the part of weight 0 that is named.
    """
    code, line = CODES[expected.kind], expected.line
    rows = text.splitlines()
    start = next(at for at, row in enumerate(rows) if row.strip().startswith("indicator amiss"))
    if code == "P701":
        line = start + 1
    if code == "W305":
        line = next(at for at in range(start, len(rows)) if rows[at].endswith("weight 0")) + 1
    return code, line


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_found_where_nothing_is_amiss(seed):
    assert findings(proved(loaded(flawless(seed)), (), None)) == []


def test_a_score_that_no_profile_has_is_proved_not_to_be_there():
    framework = loaded({"all": HALVES})
    (plan, *_) = proved(framework, (), None).plans

    outcome = plan.prover.look(
        Beyond(plan.plan.root.number, up=True, than=plan.figures[0].greatest.bound)
    )

    assert outcome.impossible


HALVES = """\
scale yes_no: Yes = 100, No = 0
index safety
    question lights on yes_no
    question guards on yes_no
    cap 50 when lights is No or guards is No
"""


# ---- the long run


@pytest.mark.long
def test_ten_thousand_small_indices():
    for seed in range(LONG):
        compared(seed, solver_of(SECONDS) if seed % SOLVED == 0 else None)


def _run(first: int, last: int) -> None:
    found: Counter[str] = Counter()
    faults, start = 0, time.monotonic()
    for seed in range(first, last):
        try:
            found += compared(seed, solver_of(SECONDS) if seed % SOLVED == 0 else None)
        except Exception as fault:
            faults += 1
            print(f"seed {seed}: {type(fault).__name__}: {fault}", flush=True)
        if (seed + 1 - first) % 100 == 0:
            said = ", ".join(f"{name} {many:,}" for name, many in sorted(found.items()))
            spent = f"{faults} faults, {time.monotonic() - start:,.0f} s"
            print(f"{seed + 1 - first:,} of {last - first:,}: {said}; {spent}", flush=True)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    if len(numbers) == 1:
        print(small_index(numbers[0]).text)
        print(dict(compared(numbers[0], solver_of(SECONDS))))
    else:
        _run(*numbers)
