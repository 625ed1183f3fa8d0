"""What is amiss with the rules, as messages: each at its line, with a profile that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Note, counted, quote, without_lines
from bareme.exact import shorten
from bareme.framework import Bound, Framework
from bareme.plan import Finished
from bareme.proofs.choices import Choice, Kind, Way
from bareme.proofs.monotone import Lowering
from bareme.proofs.prove import FigureProof, FrameworkProof, PlanProof, Verdict
from bareme.proofs.rules import Claim, Flaw
from bareme.proofs.search import Shown

MOST_SAID = 4
"""Choices of a profile that a message names; the records have them all."""


def findings(proof: FrameworkProof) -> list[Diagnostic]:
    """Every flaw that is proved or shown; those that the author accepts are none."""
    found: list[Diagnostic] = []
    for plan in proof.plans:
        found += [_of_claim(plan, claim) for claim in plan.claims if claim.found]
        found += _lowered(proof.framework, plan)
    found += _dead(proof)
    found += _not_needed(proof)
    return found


def named(choice: Choice) -> str:
    """What is answered: `fenced`; of the parts of an entity, `fenced` of one site."""
    return f"`{choice.id}` of one {choice.unit}" if choice.unit else f"`{choice.id}`"


def said(choice: Choice, way: Way) -> str:
    """A choice as a reader would say it: `fenced` Yes, `height` 12."""
    return f"{named(choice)} {_short(choice, way)}"


def with_profile(shown: Shown) -> str:
    """What profiles that show something have in common: `, with `fenced` Yes`; or nothing."""
    said_so = [
        said(choice, way)
        for choice, way in shown.chosen.items()
        if way.said and choice.kind is not Kind.EDITION
    ]
    if len(said_so) > MOST_SAID:
        said_so = [*said_so[: MOST_SAID - 1], f"{len(said_so) - MOST_SAID + 1} more"]
    *others, last = said_so or [""]
    if others:
        return f", with {', '.join(others)} and {last}"
    return f", with {last}" if last else ""


def _short(choice: Choice, way: Way) -> str:
    if choice.kind in (Kind.ANSWER, Kind.GROUP):
        return quote(way.text)
    return shorten(way.number)


# ---- rules that do nothing, or fight


def _of_claim(plan: PlanProof, claim: Claim) -> Diagnostic:
    step = plan.plan.steps[claim.step]
    figure = f"`{'.'.join(step.path)}`"
    match claim.flaw:
        case Flaw.NEVER_HOLDS:
            return Diagnostic(
                "W301",
                f"this condition never holds: no profile makes `{claim.written}` true",
                claim.span,
                "mend the condition, or take out what it decides",
            )
        case Flaw.NEVER_BINDS:
            return _never_binds(plan, claim)
        case Flaw.NEVER_TAKEN:
            when = "wherever its condition holds, one before it does" if claim.written else (
                "one of the conditions before it always holds"
            )  # fmt: skip
            return Diagnostic(
                "W303",
                f"no profile gets this score: {when}",
                claim.span,
                "put the narrower condition first, or take the line out"
                if claim.written
                else "mend the conditions before it, if somebody should get it",
            )
        case Flaw.OPPOSED:
            return _opposed(plan, claim)
        case Flaw.WEIGHTLESS:
            return Diagnostic(
                "W305",
                f"{figure} can be left with parts of weight 0 alone{_shown(plan, claim)}, and has "
                "no score then",
                claim.span,
                "give the part a weight, or say what a missing part counts as",
            )


def _shown(plan: PlanProof, claim: Claim) -> str:
    shown = claim.outcome.shown
    return with_profile(plan.prover.shortest(claim.goal, shown)) if shown else ""


def _opposed(plan: PlanProof, claim: Claim) -> Diagnostic:
    step = plan.plan.steps[claim.step]
    assert isinstance(step, Finished)
    assert claim.other is not None
    by_span = {each.span: each for each in step.finish.adjustments}
    later, earlier = by_span[claim.span], by_span[claim.other]
    return Diagnostic(
        "W304",
        f"this {later.kind} of {shorten(later.points)} undoes the {earlier.kind} of "
        f"{shorten(earlier.points)} of `{'.'.join(step.path)}`: both can hold"
        f"{_shown(plan, claim)}",
        claim.span,
        "the later line wins; let their conditions exclude each other, or the floor be no higher",
        (Note(f"the {earlier.kind} is here", claim.other),),
    )


def _never_binds(plan: PlanProof, claim: Claim) -> Diagnostic:
    step = plan.plan.steps[claim.step]
    assert isinstance(step, Finished)
    adjustment = next(each for each in step.finish.adjustments if each.span == claim.span)
    cap = adjustment.kind is Bound.CAP
    where = f"where `{claim.written}`, " if claim.written else ""
    return Diagnostic(
        "W302",
        f"this {adjustment.kind} never acts: {where}`{'.'.join(step.path)}` is never "
        f"{'above' if cap else 'below'} {shorten(adjustment.points)} without it",
        claim.span,
        f"make it {'lower' if cap else 'higher'}, or take the line out",
    )


# ---- better answers that lower


def _lowered(framework: Framework, plan: PlanProof) -> Iterator[Diagnostic]:
    """Each question once, at the lowest figure that a better answer to it lowers."""
    first: dict[Choice, tuple[FigureProof, Lowering]] = {}
    above: dict[Choice, int] = {}
    for figure in sorted(plan.figures, key=lambda figure: figure.step.number):
        for each in figure.lowerings:
            if each.choice in figure.accepted:
                continue
            if each.choice in first:
                above[each.choice] = above.get(each.choice, 0) + 1
            first.setdefault(each.choice, (figure, each))
    for choice, (figure, each) in first.items():
        yield _lowering(framework, figure, each, above.get(choice, 0))


def _lowering(framework: Framework, proof: FigureProof, each: Lowering, above: int) -> Diagnostic:
    figure = framework.figures[proof.step.path]
    better, worse = each.shown.ways
    low, high = (trace.values[each.step].score or Fraction(0) for trace in each.shown.traces)
    others = f"; it can lower {counted(above, 'figure')} above it too" if above else ""
    return Diagnostic(
        "P701",
        f"a better answer lowers {figure.level} `{figure.dotted}` from {shorten(high)} to "
        f"{shorten(low)}: {said(each.choice, better)} in place of {_short(each.choice, worse)}"
        f"{with_profile(each.shown)}{others}",
        figure.name_span,
        'mend the rule that does it, or accept it in the open: `monotone no "why"`',
    )


# ---- questions that do nothing, and acceptances that are not needed


def _dead(proof: FrameworkProof) -> Iterator[Diagnostic]:
    framework = proof.framework
    for each in proof.alive:
        if each.verdict is Verdict.REFUTED:
            id = each.choice.id
            asked = framework.questions.get(id) or framework.measures[id]
            yield Diagnostic(
                "W306",
                f"no answer to `{id}` ever changes a figure",
                asked.name_span,
                "give it a weight, mend what overrides it, or ask it no more",
            )


def _not_needed(proof: FrameworkProof) -> Iterator[Diagnostic]:
    lowered: set[tuple[str, ...]] = set()
    proved: set[tuple[str, ...]] = set()
    for plan in proof.plans:
        for figure in plan.figures:
            path = figure.step.path
            (proved if figure.monotone is Verdict.PROVED else lowered).add(path)
    for path, accepted in proof.framework.accepted.items():
        if path in proved - lowered:
            yield Diagnostic(
                "W307",
                f"no better answer ever lowers `{'.'.join(path)}`, so there is nothing to accept",
                accepted.span,
                "take the line out",
                fix=without_lines(accepted.span),
            )


def refuted(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those that make the answer no: better answers that lower a figure, and nobody accepts it."""
    return [each for each in found if each.code.startswith("P")]
