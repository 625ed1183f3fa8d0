"""What is amiss with the rules, as messages: each at its line, with a profile that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Note, counted, quote, without_lines
from bareme.exact import shorten
from bareme.framework import Bound, Figure, Framework
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


def said(choice: Choice, way: Way) -> str:
    """A choice as a reader would say it: `fenced` Yes, `height` 12."""
    what = f"`{choice.id}`"
    if not way.said:
        return f"{what} not answered"
    text = way.text if choice.kind in (Kind.ANSWER, Kind.GROUP) else shorten(way.number)
    return f"{what} {text}"


def with_profile(shown: Shown) -> str:
    """The choices of a profile in a line; empty where it says nothing."""
    said_so = [
        said(choice, way)
        for choice, way in shown.chosen.items()
        if way.said and choice.kind is not Kind.EDITION
    ]
    if len(said_so) > MOST_SAID:
        said_so = [*said_so[: MOST_SAID - 1], f"and {len(said_so) - MOST_SAID + 1} more"]
    return ", ".join(said_so)


def _figure_of(framework: Framework, path: tuple[str, ...]) -> Figure:
    return framework.figures[path]


# ---- rules that do nothing, or fight


def _of_claim(plan: PlanProof, claim: Claim) -> Diagnostic:
    step = plan.plan.steps[claim.step]
    figure = f"`{'.'.join(step.path)}`"
    match claim.flaw:
        case Flaw.NEVER_HOLDS:
            return Diagnostic(
                "W301",
                f"this never holds: no profile makes `{claim.written}` true",
                claim.span,
                "mend the condition, or take the line out",
            )
        case Flaw.NEVER_BINDS:
            return _never_binds(plan, claim)
        case Flaw.NEVER_TAKEN:
            when = "whenever this holds, one before it does" if claim.written else (
                "one of the conditions before it always holds"
            )  # fmt: skip
            return Diagnostic(
                "W303",
                f"this score is given to nobody: {when}",
                claim.span,
                "put it before the one that comes first, or take the line out",
            )
        case Flaw.OPPOSED:
            shown = claim.outcome.shown
            who = with_profile(shown) if shown else ""
            both = f" (with {who})" if who else ""
            return Diagnostic(
                "W304",
                f"a cap lies below a floor of {figure}, and both can hold{both}: "
                "the later line wins",
                claim.span,
                "let their conditions exclude each other, or make the floor no higher than the cap",
                (Note("the other is here", claim.other),),
            )
        case Flaw.WEIGHTLESS:
            shown = claim.outcome.shown
            who = with_profile(shown) if shown else ""
            with_them = f" (with {who})" if who else ""
            return Diagnostic(
                "W305",
                f"{figure} can be left with parts of weight 0 alone, and then has no score"
                f"{with_them}",
                claim.span,
                "give the part a weight, or say what a missing part counts as",
            )


def _never_binds(plan: PlanProof, claim: Claim) -> Diagnostic:
    step = plan.plan.steps[claim.step]
    assert isinstance(step, Finished)
    adjustment = next(each for each in step.finish.adjustments if each.span == claim.span)
    cap = adjustment.kind is Bound.CAP
    side = "above" if cap else "below"
    where = f"where `{claim.written}`, no profile" if claim.written else "no profile"
    return Diagnostic(
        "W302",
        f"this {adjustment.kind} never acts: {where} brings `{'.'.join(step.path)}` {side} "
        f"{shorten(adjustment.points)}",
        claim.span,
        f"take the line out, or make it {'lower' if cap else 'higher'}",
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
    figure = _figure_of(framework, proof.step.path)
    better, worse = each.shown.ways
    scores = [trace.values[each.step].score or Fraction(0) for trace in each.shown.traces]
    who = with_profile(each.shown)
    with_them = f", with {who}" if who else ""
    rise = f"{_short(each.choice, better)} to {quote_id(each.choice)} in place of "
    rise += _short(each.choice, worse)
    more = f"; so {'does it' if above == 1 else 'it does'} {counted(above, 'figure')} above it"
    return Diagnostic(
        "P701",
        f"a better answer lowers {figure.level} `{figure.dotted}`: {rise} gives "
        f"{shorten(scores[0])}, not {shorten(scores[1])}{with_them}"
        f"{more if above else ''}",
        figure.name_span,
        'mend the rule that does it, or accept it in the open: `monotone no "why"`',
    )


def quote_id(choice: Choice) -> str:
    return f"`{choice.id}`"


def _short(choice: Choice, way: Way) -> str:
    if choice.kind in (Kind.ANSWER, Kind.GROUP):
        return quote(way.text)
    return shorten(way.number)


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
