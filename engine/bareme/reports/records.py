"""The flat records of the machine formats, the same columns in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import bareme
from bareme.audit.conditions import facts
from bareme.audit.division import NOTHING, ONE, Worth
from bareme.audit.explain import (
    Contribution,
    Explanation,
    RatingExplained,
    Row,
    contributions,
    unit_inputs,
)
from bareme.audit.printed import Comparison
from bareme.exact import rational, shorten
from bareme.framework import Steps, When
from bareme.plan import Aggregate, Ask, Count, Decide, Each, Publication
from bareme.profiles.profile import Answer
from bareme.reports.machine import Json, Record
from bareme.results import PublishedFigure
from bareme.scoring.surroundings import Averaged, Carried
from bareme.scoring.trace import Input, Line, Stage, Trace, WorkedOut
from bareme.source import Sources, Span

SCORE_COLUMNS = (
    "entity", "name", "edition", "index", "figure", "label", "level", "score", "exact", "status",
    "band", "rank", "tied", "cohort", "median", "change", "mean", "unrounded_rank",
    "unrounded_tied", "part", "unit",
)  # fmt: skip


def score_record(figure: PublishedFigure) -> Record:
    """One published figure, as docs/formats.md describes it."""
    return {
        "entity": figure.entity,
        "name": figure.name,
        "edition": figure.edition,
        "index": figure.index,
        "figure": figure.figure,
        "label": figure.label,
        "level": figure.called or figure.level,
        "score": figure.score,
        "exact": exact(figure.exact),
        "status": str(figure.status),
        "band": figure.band,
        "rank": figure.rank,
        "tied": None if figure.rank is None else figure.tied,
        "cohort": figure.cohort,
        "median": figure.median,
        "change": figure.change,
        "mean": figure.mean,
        "unrounded_rank": figure.unrounded_rank,
        "unrounded_tied": None if figure.unrounded_rank is None else figure.unrounded_tied,
        "part": figure.part or None,
        "unit": figure.unit or None,
    }


PRINTED_COLUMNS = (
    "framework", "edition", "entity", "name", "index", "figure", "what", "printed", "ours",
    "exact", "basis", "outcome", "reason", "place",
)  # fmt: skip


def printed_record(framework: str, comparison: Comparison, place: Callable[[Span], str]) -> Record:
    """One printed number beside ours."""
    return {
        "framework": framework,
        "edition": comparison.edition,
        "entity": comparison.entity,
        "name": comparison.name,
        "index": comparison.index,
        "figure": comparison.figure,
        "what": comparison.what,
        "printed": comparison.printed,
        "ours": comparison.ours or None,
        "exact": exact(comparison.exact),
        "basis": str(comparison.basis),
        "outcome": str(comparison.outcome),
        "reason": comparison.reason or None,
        "place": place(comparison.span),
    }


STEP_COLUMNS = (
    "step", "depth", "figure", "label", "code", "level", "status", "exact", "weight", "share",
    "contribution", "effective_weight", "points", "answer", "scale", "same_as", "rule", "profile",
    "source", "date", "note", "part",
)  # fmt: skip


def step_records(explanation: Explanation) -> list[Record]:
    """A derivation as a table, the figure asked about first."""
    return [_step_record(explanation, row) for row in explanation.rows]


def _step_record(explanation: Explanation, row: Row) -> Record:
    line, used = row.line, row.used
    evidence = _evidence(line)
    recorded = _recorded(line)
    return {
        "step": line.step.number,
        "depth": row.depth,
        "figure": line.step.figure,
        "label": line.step.title,
        "code": line.step.code,
        "level": line.step.level,
        "status": str(line.value.status),
        "exact": exact(line.value.score),
        "weight": (used.written or None) if used else None,
        "share": exact(used.share) if used else None,
        "contribution": exact(used.contribution) if used else None,
        "effective_weight": exact(row.weight),
        "points": exact(row.points),
        "answer": line.answer.text if line.answer else None,
        "scale": line.step.scale if isinstance(line.step, Ask) else None,
        "same_as": _repeated(row),
        "rule": explanation.place(line.points_span or line.step.span),
        "profile": explanation.place(recorded) if recorded else None,
        "source": evidence["source"],
        "date": evidence["date"],
        "note": evidence["note"],
        "part": row.trace.profile.part or None,
    }


def made_by(sources: Sources) -> dict[str, Json]:
    """What computed it, and from what: every file of rules and profiles that was read.

    The digest is of the text in UTF-8: of the file's bytes, but for a byte order mark.
    """
    from hashlib import sha256  # no other format needs it

    return {
        "engine": bareme.__version__,
        "files": [
            {"file": name, "sha256": sha256(sources[name].text.encode("utf-8")).hexdigest()}
            for name in sorted(sources)
        ],
    }


def explanation_json(explanation: Explanation) -> Json:
    """A derivation as JSON: every step once, by number, each after those it needs.

    A reader can recompute the figure from this alone: a `mean` is the sum of its inputs' share
    times their exact score, a `same as` is the step it names, an answer is its points.
    """
    own = [row for row in explanation.rows if row.trace is explanation.trace]
    lines = {row.line.step.number: row.line for row in own}
    root = explanation.rows[0].line
    profile = explanation.trace.profile
    published = explanation.published
    remarks = explanation.remarks
    worth = Worth(ONE, ONE, root.value.score or NOTHING)
    divided = {row.line.step.number: row.division for row in own}
    own_points = contributions(explanation.trace, root.step.number, worth, divided)
    return {
        "format": "bareme.explanation/1",
        **made_by(explanation.sources),
        "framework": explanation.trace.plan.framework,
        "entity": profile.entity,
        "name": profile.name,
        "part": profile.part or None,
        "edition": explanation.edition,
        "figure": root.step.figure,
        "exact": exact(root.value.score),
        "published": score_record(published) if published else None,
        "publish": _publish_json(explanation, root.step.publication) if published else None,
        "steps": [
            _step_json(explanation, explanation.trace, lines[number], own_points[number])
            for number in sorted(lines)
        ],
        "remarks": {
            "given": _paths(remarks.given),
            "overridden": _paths(remarks.overridden),
            "missing": _paths(remarks.missing),
            "not_applicable": _paths(remarks.not_applicable),
            "not_asked": _paths(remarks.not_asked),
            "skipped": _paths(remarks.skipped),
            "capped": _paths(remarks.capped),
            "floored": _paths(remarks.floored),
            "not_applied": [
                f"{rule} of {row.line.step.figure}" for row, rule in remarks.not_applied
            ],
        },
    }


def rating_json(explained: RatingExplained) -> Json:
    """How a rating came about; it can be read again from this alone."""
    rated, rating = explained.rated, explained.rated.rating
    holds, by = "up_to" if rating.ascending else "from", rating.by_unrounded
    return {
        "format": "bareme.rating/1",
        **made_by(explained.sources),
        "framework": explained.framework,
        "entity": explained.published.entity,
        "name": explained.published.name,
        "edition": explained.edition,
        "figure": rating.dotted,
        "published": score_record(explained.published),
        "reads": [
            {"published": score_record(figure), "number": exact(number)}
            for figure, number in explained.read
        ],
        "by_unrounded_rule": explained.place(by.span) if by.value and by.span else None,
        "mean": exact(rated.mean),
        "label": rated.grade.label if rated.grade else None,
        "holds": holds,
        "grades": [{"label": each.label, "number": exact(each.number)} for each in rating.grades],
        "rule": explained.place(rating.span),
    }


def rating_records(explained: RatingExplained) -> list[Record]:
    """A rating as a table: its own record of `score`, then those of what it reads."""
    return [score_record(each) for each in (explained.published, *(f for f, _ in explained.read))]


def _publish_json(explanation: Explanation, publication: Publication) -> Json:
    places, bands = publication.places, publication.bands
    return {
        "decimals": places.value,
        "range": [rational(each) for each in publication.on],
        "decimals_rule": explanation.place(places.span) if places.span else None,
        "bands": [{"label": each.label, "from": rational(each.floor)} for each in bands.value],
        "bands_rule": explanation.place(bands.span) if bands.span else None,
    }


def _step_json(
    explanation: Explanation, trace: Trace, line: Line, contributed: Contribution
) -> Json:
    step, worth, division = line.step, contributed.worth, contributed.division
    body: dict[str, Json] = {
        "step": step.number,
        "figure": step.figure,
        "label": step.title,
        "code": step.code,
        "level": step.level,
        "status": str(line.value.status),
        "exact": exact(line.value.score),
        "rests_on_given": line.value.rests_on_given,
        "rule": explanation.place(step.span),
        "notes": list(step.notes),
        "effective_weight": exact(worth.weight) if worth else None,
        "points": exact(worth.points) if worth else None,
        "divided_by": str(division.how) if division else None,
    }
    if division is not None:
        body["points_of_rules"] = exact(worth.scale * division.before) if worth else None
    if accepted := explanation.accepted.get(step.path):
        rule = explanation.place(accepted.span)
        body["accepted"] = {"reason": accepted.reason, "rule": rule}
    if step.skip and line.given is None:
        body["skip_rules"] = [_condition_json(explanation, trace, when) for when in step.skip]
    body |= _origin_json(explanation, trace, line, contributed)
    if line.required is not None:
        there, apply, met = line.required.there, line.required.apply, line.required.met
        body["required"] = {"there": there, "apply": apply, "met": met}
    if line.stages:
        body["stages"] = [_stage_json(explanation, trace, stage) for stage in line.stages]
    return body


def _condition_json(explanation: Explanation, trace: Trace, when: When) -> Json:
    """A condition, whether it holds, and what it read."""
    return {
        "condition": when.written,
        "applies": trace.holds(when),
        "rule": explanation.place(when.span),
        "because": because(when, trace, explanation.place),
    }


def because(when: When | None, trace: Trace, place: Callable[[Span], str]) -> Json:
    """What a condition read."""
    return [] if when is None else [
        {
            "id": fact.id,
            "says": fact.says,
            "exact": exact(fact.score),
            "profile": place(fact.span) if fact.span else None,
        }
        for fact in facts(when, trace)
    ]  # fmt: skip


def _decisions_json(explanation: Explanation, trace: Trace, line: Line) -> list[Json]:
    """The decisions in their order, up to the one that holds or cannot be told."""
    found: list[Json] = []
    for each in line.step.decisions if isinstance(line.step, Decide) else ():
        applies = True if each.when is None else trace.holds(each.when)
        found.append(
            {
                "score": exact(each.points),
                "condition": each.when.written if each.when else None,
                "applies": applies,
                "rule": explanation.place(each.span),
                "because": because(each.when, trace, explanation.place),
            }
        )
        if applies is not False:
            break
    return found


def _origin_json(
    explanation: Explanation, trace: Trace, line: Line, contributed: Contribution
) -> dict[str, Json]:
    """Where the score of a step comes from, with what that rests on."""
    step = line.step
    if line.given is not None:
        return {
            "how": "given",
            "overrides": line.overrides,
            "profile": explanation.place(line.given.span),
            "evidence": _evidence(line),
        }
    if line.answer is not None and isinstance(step, Ask):
        return _answered_json(explanation, line, line.answer, step)
    if line.worked_out is not None and isinstance(step, Count):
        return _worked_out_json(explanation, line, line.worked_out, step)
    if line.decided is not None:
        when = line.decided.when
        return {
            "how": "decided",
            "score": exact(line.decided.points),
            "condition": when.written if when else None,
            "rule_of_decision": explanation.place(line.decided.span),
            "decisions": _decisions_json(explanation, trace, line),
        }
    if line.answer is not None and isinstance(step, Count):
        return _measured_json(explanation, line, line.answer, step)
    if line.skipped is not None:
        return {
            "how": "skipped",
            "condition": line.skipped.written,
            "condition_rule": explanation.place(line.skipped.span),
        }
    if line.repeats is not None:
        return {"how": "same as", "same_as": line.repeats}
    if isinstance(step, Each):
        return _parts_json(explanation, line, step, contributed)
    if isinstance(step, Aggregate):
        return {
            "how": step.method.value,
            "method_rule": explanation.place(step.method.span) if step.method.span else None,
            "when_missing": step.when_missing.value,
            "inputs": [
                _input_json(used, contributed, at) | _imputed_json(explanation, used)
                for at, used in enumerate(line.inputs)
            ],
        }
    if isinstance(step, Decide):
        decisions = _decisions_json(explanation, trace, line)
        return {"how": "nothing recorded", "decisions": decisions}
    return {"how": "nothing recorded"}


def _answered_json(
    explanation: Explanation, line: Line, answer: Answer, step: Ask
) -> dict[str, Json]:
    assert line.points_span is not None
    return {
        "how": "answer",
        "answer": answer.text,
        "label_on_scale": line.label,
        "scale": step.scale,
        "question": step.text,
        "points_rule": explanation.place(line.points_span),
        "profile": explanation.place(answer.span),
        "evidence": _evidence(line),
    }


def _measured_json(
    explanation: Explanation, line: Line, answer: Answer, step: Count
) -> dict[str, Json]:
    assert line.points_span is not None
    return {
        "how": "value",
        "value": answer.text,
        "unit": step.unit or None,
        "normalisation": normalisation_words(step, line),
        "points_rule": explanation.place(line.points_span),
        "profile": explanation.place(answer.span),
        "evidence": _evidence(line),
    }


def _parts_json(
    explanation: Explanation, line: Line, step: Each, contributed: Contribution
) -> dict[str, Json]:
    return {
        "how": "for each",
        "unit": step.unit.value,
        "unit_rule": explanation.place(step.unit.span) if step.unit.span else None,
        "when_missing": step.when_missing.value,
        "parts": [
            _input_json(used, contributed, at)
            | {
                "part": unit.part.name,
                "profile": explanation.place(unit.part.span),
                "steps": _unit_json(explanation, unit.trace, contributed, at),
            }
            for at, (unit, used) in enumerate(zip(line.value.units, unit_inputs(line), strict=True))
        ],
    }


def _unit_json(
    explanation: Explanation, trace: Trace, contributed: Contribution, at: int
) -> list[Json]:
    """The steps of one part of the entity."""
    root = trace.plan.root.number
    points = contributions(trace, root, contributed.parts[at])
    return [_step_json(explanation, trace, each, points[each.step.number]) for each in trace.lines]


def _worked_out_json(
    explanation: Explanation, line: Line, worked_out: WorkedOut, step: Count
) -> dict[str, Json]:
    assert step.formula is not None
    counted = line.points_span is not None
    return {
        "how": "formula",
        "formula": step.formula.written,
        "formula_rule": explanation.place(step.formula.span),
        "exact_value": exact(worked_out.value),
        "unit": step.unit or None,
        "reads": [
            {
                "id": id,
                "value": answer.text if answer else None,
                "profile": explanation.place(answer.span) if answer else None,
            }
            for id, answer in worked_out.read
        ],
        "normalisation": normalisation_words(step, line) if counted else None,
        "points_rule": explanation.place(line.points_span) if line.points_span else None,
    }


def _stage_json(explanation: Explanation, trace: Trace, stage: Stage) -> Json:
    if stage.what is None:
        return {"exact": exact(stage.score)}
    when = stage.what.when
    return {
        "exact": exact(stage.score),
        "what": f"{stage.what.kind} {rational(stage.what.points)}",
        "when": when.written if when else None,
        "applies": stage.applies,
        "rule": explanation.place(stage.what.span),
        "because": because(when, trace, explanation.place),
    }


def normalisation_words(step: Count, line: Line) -> str:
    """How a number became points: its step, or the goalposts, as the rules write them."""
    if isinstance(step.by, Steps):
        return f"steps {line.label}"
    posts = step.by.value
    assert posts is not None
    curve, clamped = "log " if posts.log else "", "" if posts.clamped else " unclamped"
    if posts.power != 1:
        curve = f"power {shorten(posts.power)} "
    return f"normalise {curve}from {shorten(posts.worst)} to {shorten(posts.best)}{clamped}"


def _input_json(used: Input, contributed: Contribution, at: int) -> dict[str, Json]:
    division = contributed.division
    counts = used.counts_as is not None and division is not None
    return {
        "step": used.step,
        "weight": used.written or None,
        "relative_weight": exact(used.weight),
        "share": exact(used.share),
        "contribution": exact(used.contribution),
        "counts_as": exact(used.counts_as),
        "adds": exact(division.points[at]) if counts and division else None,
        "status": str(used.value.status),
    }


def _imputed_json(explanation: Explanation, used: Input) -> dict[str, Json]:
    """Where the score comes from that stands in place of a missing part."""
    match used.imputed:
        case Averaged() as averaged:
            return {
                "imputed": {
                    "how": "average",
                    "group": averaged.group,
                    "label": averaged.label or None,
                    "entities": averaged.entities,
                    "partial": averaged.partial,
                }
            }
        case Carried() as carried:
            return {
                "imputed": {
                    "how": "carry forward",
                    "edition": carried.edition,
                    "profile": explanation.place(carried.span),
                }
            }
        case None:
            return {}


def _recorded(line: Line) -> Span | None:
    if line.given is not None:
        return line.given.span
    return line.answer.span if line.answer else None


def _evidence(line: Line) -> dict[str, str | None]:
    recorded = line.given or line.answer
    if recorded is None:
        return {"source": None, "date": None, "note": None}
    evidence = recorded.evidence
    return {
        "source": evidence.source or None,
        "date": evidence.date or None,
        "note": evidence.note or None,
    }


def _repeated(row: Row) -> str | None:
    if row.line.repeats is None:
        return None
    return row.trace.plan.steps[row.line.repeats].figure


def _paths(rows: Sequence[Row]) -> list[str]:
    return [row.line.step.figure for row in rows]


def exact(value: Fraction | None) -> str | None:
    """An exact value as text; None where there is none."""
    return None if value is None else rational(value)
