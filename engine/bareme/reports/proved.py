"""What the rules can and can never do: for people as tables, for programs as flat records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from bareme.diagnostics import counted
from bareme.exact import percent, rational, shorten
from bareme.framework import Framework
from bareme.proofs.choices import Choice, Chosen, Kind, Way
from bareme.proofs.prove import (
    AliveProof,
    AnswerProof,
    FigureProof,
    FrameworkProof,
    PlanProof,
    Verdict,
    unproved,
)
from bareme.proofs.rules import Claim, Flaw
from bareme.proofs.search import Furthest, Shown
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, pad, right, width
from bareme.reports.machine import Json, Record
from bareme.source import Span

PROOF_COLUMNS = (
    "framework", "index", "unit", "about", "id", "label", "place", "claim", "verdict", "value",
    "bound", "question", "reason", "tried",
)  # fmt: skip

_NAME = 40
_POSITIVE = {
    Flaw.NEVER_HOLDS: "can hold",
    Flaw.NEVER_BINDS: "can act",
    Flaw.NEVER_TAKEN: "can decide",
    Flaw.OPPOSED: "never contradict each other",
    Flaw.WEIGHTLESS: "weights never sum to zero",
}
"""What is claimed of a rule that lacks a flaw."""

Place = Callable[[Span], str]


# ---- for people


def proof_lines(proof: FrameworkProof, pen: Pen) -> list[TextLine]:
    """A table of figures and one of questions for each index, and how much of it is proved."""
    lines: list[TextLine] = []
    for plan in proof.plans:
        lines += _plan(proof.framework, plan, pen)
    verdicts = Counter(record["verdict"] for record in proof_records(proof, lambda _: ""))
    said = [f"{verdicts[each]} {each}" for each in Verdict if verdicts[each]]
    total = sum(verdicts.values())
    lines.append(line((f"{counted(total, 'claim')}: {', '.join(said)}", "bold")))
    return [*lines, *_open(proof)]


def _plan(framework: Framework, plan: PlanProof, pen: Pen) -> list[TextLine]:
    if not plan.figures and not plan.answers:  # of parts whose one figure is that of the entity
        return []
    root = plan.plan.root
    heads = [pen.text(root.title), framework.name]
    heads.append(f"each {plan.unit} of {root.figure}" if plan.unit else plan.plan.index)
    lines = [line((pen.between.join(heads), "bold"))]
    if plan.figures:
        lines.append(
            line((f"  {pad('', _NAME)}{right('least', 8)}{right('greatest', 10)}  a better answer",
                  "dim"))
        )  # fmt: skip
    shallow = len(root.path) + (1 if plan.unit else 0)
    for figure in plan.figures:
        indent = "  " * (len(figure.step.path) - shallow)
        lines += _row(
            indent + pen.text(figure.step.title or figure.step.path[-1]),
            f"{right(_extreme(figure.least, True, pen), 8)}"
            f"{right(_extreme(figure.greatest, False, pen), 10)}"
            f"  {_monotone(figure)}",
        )
    if plan.answers:
        lines.append(
            line((f"  {pad('', _NAME)}{right('weight', 8)}{right('moves it by at most', 22)}",
                  "dim"))
        )  # fmt: skip
    for answer in plan.answers:
        lines += _row(
            pen.text(_named(framework, answer.choice)),
            f"{right(_weight(answer, pen), 8)}{right(_effect(answer.effect, pen), 22)}",
        )
    return [*lines, line()]


def _row(name: str, rest: str) -> list[TextLine]:
    first, *more = _folded(name)
    return [line(f"  {pad(first, _NAME)}{rest}"), *(line(f"  {each}") for each in more)]


def _folded(name: str) -> list[str]:
    indent = name[: len(name) - len(name.lstrip())]
    return [indent + each for each in fold(name, _NAME - 2 - width(indent))]


def _extreme(each: Furthest, least: bool, pen: Pen) -> str:
    if each.value is None:
        return "none"
    if each.proved:
        return pen.text(shorten(each.value, 2))
    assert each.bound is not None
    sign = (">=" if least else "<=") if pen.ascii else ("≥" if least else "≤")
    return f"{sign} {pen.text(shorten(each.bound, 2))}"


def _monotone(figure: FigureProof) -> str:
    match figure.monotone:
        case Verdict.PROVED:
            return "never lowers it"
        case Verdict.REFUTED:
            others = [e for e in figure.lowerings if e.choice not in figure.accepted]
            return f"can lower it: {_some([e.choice.id for e in others])}"
        case Verdict.ACCEPTED:
            ids = _some([each.choice.id for each in figure.lowerings])
            return f"accepted: {ids}"
        case verdict:
            ids = _some([each.choice.id for each in figure.undecided])
            return f"{verdict}: {ids}"


def _some(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{ids[0]} and {len(ids) - 1} more"


def _weight(answer: AnswerProof, pen: Pen) -> str:
    return pen.dash if answer.weight is None else pen.text(percent(answer.weight))


def _effect(effect: Furthest, pen: Pen) -> str:
    if effect.bound is None:  # there are no two answers
        return pen.dash
    if effect.proved:
        return pen.text(shorten(effect.bound, 2))
    most, bound = (
        pen.text(shorten(each, 2)) for each in (effect.value or Fraction(0), effect.bound)
    )
    return f"{most} {pen.dash} {bound}"


def _named(framework: Framework, choice: Choice) -> str:
    if choice.kind is Kind.GIVEN:
        title = framework.figures[tuple(choice.id.split("."))].title
    else:
        asked = framework.questions.get(choice.id) or framework.measures.get(choice.id)
        title = asked.title if asked else ""
    return title or choice.id


def _open(proof: FrameworkProof) -> list[TextLine]:
    """What is not decided, and why, each reason with its claims."""
    reasons: dict[str, list[str]] = {}
    for record in proof_records(proof, lambda _: ""):
        if record["verdict"] in (Verdict.TESTED, Verdict.OUT_OF_REACH):
            name = f"{record['claim']} of {record['id']}"
            reasons.setdefault(f"{record['verdict']} ({record['reason']})", []).append(name)
    return [
        line(part)
        for reason, names in reasons.items()
        for part in fold(f"{reason}: {', '.join(names)}", WIDTH)
    ]


# ---- for programs


def proof_records(proof: FrameworkProof, place: Place) -> list[dict[str, Json]]:
    """A record for each claim, as docs/prove.md describes it."""
    records: list[dict[str, Json]] = []
    for plan in proof.plans:
        common = {
            "framework": proof.framework.name,
            "index": plan.plan.index,
            "unit": plan.unit or None,
        }
        found = [
            *(each for figure in plan.figures for each in _of_figure(figure, place)),
            *(each for answer in plan.answers for each in _of_answer(proof, answer, place)),
            *(_of_rule(plan, claim, place) for claim in plan.claims),
        ]
        records += [{**_EMPTY, **common, **each} for each in found]
    common = {"framework": proof.framework.name, "index": None, "unit": None}
    records += [{**_EMPTY, **common, **_alive(proof, each, place)} for each in proof.alive]
    return records


_EMPTY: dict[str, Json] = {
    "value": None, "bound": None, "question": None, "reason": None, "tried": None, "profiles": [],
}  # fmt: skip


def _of_figure(figure: FigureProof, place: Place) -> Iterator[dict[str, Json]]:
    step = figure.step
    about: dict[str, Json] = {
        "about": "figure",
        "id": step.figure,
        "label": step.title,
        "place": place(step.span),
    }
    for claim, each in (("least score", figure.least), ("greatest score", figure.greatest)):
        yield {**about, "claim": claim, **_of_furthest(each)}
    first = next((e for e in figure.lowerings if e.choice not in figure.accepted), None)
    shown = first or next(iter(figure.lowerings), None)
    undecided = figure.undecided[0] if figure.undecided else None
    told = shown or undecided
    verdict = figure.monotone
    yield {
        **about,
        "claim": "better answers never lower it",
        "verdict": verdict.value,
        "question": told.choice.id if told else None,
        "reason": undecided.reason if undecided and verdict.open else None,
        "tried": undecided.tried if undecided and verdict.open else None,
        "profiles": _profiles(shown.shown) if shown else [],
    }


def _of_furthest(each: Furthest) -> dict[str, Json]:
    verdict = Verdict.PROVED if each.proved else unproved(each.reason)
    return {
        "verdict": verdict.value,
        "value": _number(each.value),
        "bound": _number(each.bound),
        "reason": each.reason or None,
        "tried": each.tried,
        "profiles": _profiles(each.shown) if each.shown else [],
    }


def _of_answer(
    proof: FrameworkProof, answer: AnswerProof, place: Place
) -> Iterator[dict[str, Json]]:
    about: dict[str, Json] = {
        "about": "answer",
        "unit": answer.choice.unit or None,
        "id": answer.choice.id,
        "label": _named(proof.framework, answer.choice),
        "place": _place_of(proof.framework, answer.choice, place),
    }
    weight = _number(answer.weight)
    yield {**about, "claim": "weight", "verdict": "proved", "value": weight, "bound": weight}
    yield {**about, "claim": "greatest effect", **_of_furthest(answer.effect)}


def _place_of(framework: Framework, choice: Choice, place: Place) -> str:
    if choice.kind is Kind.GIVEN:
        return place(framework.figures[tuple(choice.id.split("."))].span)
    asked = framework.questions.get(choice.id) or framework.measures[choice.id]
    return place(asked.span)


def _of_rule(plan: PlanProof, claim: Claim, place: Place) -> dict[str, Json]:
    outcome = claim.outcome
    found = claim.found
    verdict = unproved(outcome.reason) if found is None else (
        Verdict.REFUTED if found else Verdict.PROVED
    )  # fmt: skip
    return {
        "about": "rule",
        "id": plan.plan.steps[claim.step].figure,
        "label": claim.written,
        "place": place(claim.span),
        "claim": _POSITIVE[claim.flaw],
        "verdict": verdict.value,
        "reason": outcome.reason or None,
        "tried": outcome.tried,
        "profiles": _profiles(outcome.shown) if outcome.shown else [],
    }


def _alive(proof: FrameworkProof, each: AliveProof, place: Place) -> dict[str, Json]:
    outcome = each.outcome
    return {
        "about": "answer",
        "unit": each.choice.unit or None,
        "id": each.choice.id,
        "label": _named(proof.framework, each.choice),
        "place": _place_of(proof.framework, each.choice, place),
        "claim": "changes a figure",
        "verdict": each.verdict.value,
        "reason": (outcome.reason or None) if outcome else None,
        "tried": outcome.tried if outcome else None,
        "profiles": _profiles(outcome.shown) if outcome and outcome.shown else [],
    }


def _number(value: Fraction | None) -> str | None:
    return None if value is None else rational(value)


def _profiles(shown: Shown) -> list[Json]:
    """The one profile, or the two, that show something: what they say, and nothing else."""
    if shown.choice is None:
        return [_profile(shown.chosen)]
    return [_profile({**shown.chosen, shown.choice: way}) for way in shown.ways]


def _profile(chosen: Chosen) -> Json:
    said: dict[str, dict[str, Any]] = {}
    unasked: list[Json] = []
    for choice, way in chosen.items():
        if choice.kind is Kind.EDITION:
            unasked = [*sorted(way.unasked)]
        elif way.said:
            where = _WHERE[choice.kind] if not choice.unit else "parts"
            inside = said.setdefault(where, {})
            if choice.unit:
                inside = inside.setdefault(choice.unit, {})
            inside[choice.id] = _text(choice, way)
    return {**said, **({"not_asked": unasked} if unasked else {})}


_WHERE = {
    Kind.ANSWER: "answers",
    Kind.NUMBER: "answers",
    Kind.GROUP: "groups",
    Kind.GIVEN: "given",
}


def _text(choice: Choice, way: Way) -> str:
    if choice.kind in (Kind.ANSWER, Kind.GROUP):
        return way.text
    return rational(way.number)


def flat(records: Iterable[dict[str, Json]]) -> list[Record]:
    """The records without profiles, for CSV."""
    return [
        {
            key: value
            for key in PROOF_COLUMNS
            if not isinstance(value := each[key], Mapping | Sequence) or isinstance(value, str)
        }
        for each in records
    ]
