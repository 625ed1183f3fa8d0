"""The machine formats of a difference and of what is lost."""

from __future__ import annotations

from collections.abc import Iterable

from bareme.audit.differences import Comparison, Difference, Divided
from bareme.audit.losses import HeldDown, Loss
from bareme.exact import rational
from bareme.framework import Adjustment
from bareme.reports.ledger import Place, best_labels
from bareme.reports.machine import Json, Record
from bareme.reports.records import because, exact, made_by, score_record
from bareme.scoring.trace import Line, Trace


def json_of(found: Comparison | HeldDown) -> Json:
    """A difference or a loss as one object, which adds up by itself."""
    return _difference_json(found) if isinstance(found, Comparison) else _loss_json(found)


def table_of(found: Comparison | HeldDown) -> tuple[tuple[str, ...], list[Record]]:
    """The columns, and a record a part, largest first."""
    if isinstance(found, Comparison):
        return DIFFERENCE_COLUMNS, [_difference_record(found, each) for each in found.parts]
    return LOSS_COLUMNS, [_loss_record(found, each) for each in found.parts]


DIFFERENCE_COLUMNS = (
    "figure", "label", "level", "rule", "rule_place", "points", "effective_weight", "status",
    "exact", "answer", "profile", "applies", "against_status", "against_exact", "against_answer",
    "against_profile", "against_applies",
)  # fmt: skip

LOSS_COLUMNS = (
    "figure", "label", "level", "part", "rule", "rule_place", "points", "effective_weight",
    "status", "counts_as", "best", "answer", "best_answer", "profile",
)  # fmt: skip


def _difference_json(found: Comparison) -> Json:
    return {
        "format": "bareme.difference/1",
        **made_by(found.sources),
        "framework": found.trace.plan.framework,
        "edition": found.edition,
        "figure": found.line.step.figure,
        "entity": found.trace.profile.entity,
        "name": found.trace.profile.name,
        "exact": exact(found.line.value.score),
        "published": score_record(found.published) if found.published else None,
        "against": found.other.profile.entity,
        "against_name": found.other.profile.name,
        "against_exact": exact(found.other_line.value.score),
        "against_published": (
            score_record(found.other_published) if found.other_published else None
        ),
        "difference": exact(found.difference),
        "parts": [_difference_part(found, each) for each in found.parts],
        "alike": found.alike,
        "shares": _shares(found.divided),
    }


def _difference_part(found: Comparison, each: Difference) -> Json:
    own, other = (
        _side(line, each.rule, trace, found.place)
        for line, trace in ((each.line, found.trace), (each.other, found.other))
    )
    return {**_what(each, found.place), "own": own, "other": other}


def _difference_record(found: Comparison, each: Difference) -> Record:
    record = dict(_what(each, found.place))
    for prefix, line in (("", each.line), ("against_", each.other)):
        side = _of_side(line, each.rule, found.place)
        record |= {prefix + name: value for name, value in side.items()}
    return record


def _what(each: Difference | Loss, place: Place) -> Record:
    """What some points are due to, and how many they are."""
    step = each.line.step
    return {
        "figure": step.figure,
        "label": step.title,
        "level": step.level,
        "rule": rule_text(each.rule) if each.rule else None,
        "rule_place": place(each.rule.span if each.rule else each.line.points_span or step.span),
        "points": exact(each.points),
        "effective_weight": exact(each.weight),
    }


def rule_text(rule: Adjustment) -> str:
    """A cap or a floor as the rules write it."""
    when = f" when {rule.when.written}" if rule.when else ""
    return f"{rule.kind} {rational(rule.points)}{when}"


def _of_side(line: Line, rule: Adjustment | None, place: Place) -> Record:
    recorded = line.given or line.answer
    stage = next((each for each in line.stages if rule and each.what is rule), None)
    return {
        "status": str(line.value.status),
        "exact": exact(line.value.score),
        "answer": line.answer.text if line.answer else None,
        "profile": place(recorded.span) if recorded else None,
        "applies": stage.applies if stage else None,
    }


def _side(line: Line, rule: Adjustment | None, trace: Trace, place: Place) -> Json:
    """What one of the two entities has."""
    return {
        **_of_side(line, rule, place),
        "because": because(rule.when if rule else None, trace, place),
    }


def _loss_json(found: HeldDown) -> Json:
    left_out = dict.fromkeys(each.step.figure for each in found.left_out)
    return {
        "format": "bareme.loss/1",
        **made_by(found.sources),
        "framework": found.trace.plan.framework,
        "edition": found.edition,
        "figure": found.line.step.figure,
        "entity": found.trace.profile.entity,
        "name": found.trace.profile.name,
        "exact": exact(found.line.value.score),
        "published": score_record(found.published) if found.published else None,
        "best": exact(found.best),
        "lost": exact(found.lost),
        "parts": [_loss_record(found, each) for each in found.parts],
        "left_out": list(left_out),
        "shares": _shares(found.divided),
    }


def _loss_record(found: HeldDown, each: Loss) -> Record:
    recorded = each.line.given or each.line.answer
    labels = best_labels(each)
    return {
        **_what(each, found.place),
        "part": each.trace.profile.part or None,
        "status": str(each.line.value.status),
        "counts_as": exact(each.counts_as),
        "best": exact(each.best),
        "answer": each.line.answer.text if each.line.answer else None,
        "best_answer": labels[0][0] if labels and each.rule is None else None,
        "profile": found.place(recorded.span) if recorded else None,
    }


def _shares(divided: Iterable[Divided]) -> Json:
    """The figures whose points are not simply added up."""
    found = dict.fromkeys((each.line.step.figure, str(each.how)) for each in divided)
    return [{"figure": figure, "how": how} for figure, how in found]
