"""An explanation for people: the tree from a figure down to answers, sources and rule lines."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from bareme.audit.conditions import Fact, facts
from bareme.audit.division import How
from bareme.audit.explain import Explanation, Row, unit_inputs
from bareme.diagnostics import counted, escape
from bareme.exact import decimal, percent, shorten
from bareme.framework import When
from bareme.methods.attribution import MOST
from bareme.methods.missing import ALL, policy_named
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Take
from bareme.record import Record
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, width
from bareme.reports.records import normalisation_words
from bareme.scoring.surroundings import Averaged, Imputed, label_of
from bareme.scoring.trace import Input, Line, Status, WorkedOut
from bareme.source import Span


class Told(Record):
    """A row of a derivation in words, whatever it is drawn on.

    Attributes:
        head: what it is, and its score.
        place: `FILE:LINE` of its rule, or of the part of the entity.
        notes: how it came about, each with a style.
        opens: whether its parts follow.
        hidden: whether it has parts that are left out.
    """

    row: Row
    head: str
    place: str
    notes: tuple[tuple[str, str], ...]
    opens: bool
    hidden: bool


def told(explanation: Explanation, pen: Pen, depth: int | None = None) -> Iterator[Told]:
    """Put each row into words, down to so many levels below the figure; None for all."""
    settings: set[Span | None] = set()  # whose place was named once already
    for row in explanation.rows:
        if depth is not None and row.depth > depth:
            continue
        has_parts = not row.shown_before and bool(
            row.line.inputs or row.line.repeats is not None or unit_inputs(row.line)
        )
        hidden = depth is not None and row.depth == depth and has_parts
        notes = list(_because(explanation, row, pen, settings))
        if row.depth == 0 and explanation.published:
            notes += _publication(explanation, row.line.step, pen)
        place = explanation.place(row.unit.part.span if row.unit else row.line.step.span)
        head = _head(explanation, row, pen)
        yield Told(row, head, place, tuple(notes), has_parts and not hidden, hidden)


def derivation(explanation: Explanation, pen: Pen, depth: int | None = None) -> list[TextLine]:
    """Draw a derivation.

    Args:
        explanation: what to draw.
        pen: the characters the terminal has.
        depth: how many levels below the figure asked about; None for all.
    """
    lines: list[TextLine] = [line((heading(explanation, pen), "dim"))]
    below = False  # whether anything is left out by `depth`
    open_above: list[bool] = []  # for each level above, whether a sibling is still to come
    for each in told(explanation, pen, depth):
        del open_above[each.row.depth :]
        open_above.append(not each.row.last)
        lead, under = _guides(open_above, each.row.depth, pen)
        lines.append(_with_place(lead, each.head, each.place))
        under += pen.bar if each.opens else "   "
        for text, style in each.notes:
            for part in fold(text, max(30, WIDTH - 1 - width(under))):
                lines.append(line((under, "dim"), (part, style)))
        below |= each.hidden
    if below:
        lines.append(line((f"{pen.more} what is below these: `--depth all`", "dim")))
    return [*lines, *(line((text, "bold")) for text in fold(verdict(explanation, pen), WIDTH - 1))]


def heading(explanation: Explanation, pen: Pen) -> str:
    """The entity, the edition and the figure."""
    profile = explanation.trace.profile
    name = pen.text(escape(profile.name))
    facts = [name, f"{explanation.trace.plan.framework} {explanation.edition}",
             explanation.rows[0].line.step.figure]  # fmt: skip
    return pen.between.join(facts)


def _guides(open_above: list[bool], depth: int, pen: Pen) -> tuple[str, str]:
    bars = "".join(pen.bar if each else "   " for each in open_above[1:depth])
    if depth == 0:
        return "", ""
    return bars + (pen.tee if open_above[depth] else pen.corner), bars + (
        pen.bar if open_above[depth] else "   "
    )


def _head(explanation: Explanation, row: Row, pen: Pen) -> str:
    the_line, step = row.line, row.line.step
    name = step.question if isinstance(step, Ask) else pen.text(escape(step.title))
    if row.unit is not None:
        name = f"{pen.text(escape(row.unit.part.name))}: {name}"
    code = f" ({pen.text(escape(step.code))})" if step.code else ""
    head = f"{name}{code} = {_value(the_line, pen)}"
    if row.depth == 0 and explanation.published and explanation.published.score is not None:
        shown = decimal(explanation.published.score, explanation.published.places)
        head += f", published {shown} (half up)"
        if explanation.published.band:
            head += f", {pen.text(escape(explanation.published.band))}"
    return head


def _with_place(lead: str, head: str, place: str) -> TextLine:
    gap = WIDTH - width(lead) - width(head) - width(place)
    if gap >= 2:
        return line((lead, "dim"), (head, "bold"), (" " * gap, ""), (place, "dim"))
    return line((lead, "dim"), (head, "bold"), (f"  {place}", "dim"))


def _value(the_line: Line, pen: Pen) -> str:
    if the_line.value.score is None:
        return f"no score ({the_line.value.status})"
    return pen.text(shorten(the_line.value.score))


def _because(
    explanation: Explanation, row: Row, pen: Pen, told: set[Span | None]
) -> Iterator[tuple[str, str]]:
    """The lines under a head: how it was scored, how its parent counts it, what was recorded."""
    the_line, step = row.line, row.line.step
    uses = [_use(explanation, row.used, pen)] if row.used is not None else []
    if row.depth > 1 and row.points is not None:
        uses.append(_of_the_whole(row))
    if use := pen.between.join(each for each in uses if each):
        yield use, "dim"
    if row.shown_before:
        yield "its parts are shown above", "dim"
    elif the_line.given is not None:
        yield from _given(explanation, the_line, pen)
    elif the_line.skipped is not None:
        when = the_line.skipped
        why = pen.text(escape(when.written))
        yield f"skipped, because {why}: {explanation.place(when.span)}", "fair"
        yield from _facts(explanation, row, when, pen)
    elif isinstance(step, Ask):
        yield from _answer(explanation, the_line, step, pen)
    elif isinstance(step, Count):
        yield from _measured(explanation, the_line, step, pen)
    elif isinstance(step, Decide):
        yield from _decided(explanation, row, step, pen)
    elif isinstance(step, Each):
        yield from _of_units(explanation, the_line, step, pen)
    elif the_line.repeats is not None:
        yield f"same as {row.trace.plan.steps[the_line.repeats].figure}", ""
    elif isinstance(step, Aggregate):
        yield from _mean(explanation, row, step, pen, told)
    elif isinstance(step, Take):
        yield "only profiles give its score, and this one does not", ""
    if not row.shown_before:
        yield from _finish(explanation, row, pen)
        yield from _not_skipped(explanation, row, pen)
        yield from _divided(row)
    for note in step.notes:
        yield f"note: {pen.text(escape(note))}", "dim"
    if accepted := explanation.accepted.get(step.path):
        place = explanation.place(accepted.span)
        yield f"monotone no: {pen.text(escape(accepted.reason))} ({place})", "dim"


def _publication(explanation: Explanation, step: AnyStep, pen: Pen) -> Iterator[tuple[str, str]]:
    """Where it was said how the figure is published."""
    places = step.publication.places
    decimals = "whole numbers" if places.value == 0 else counted(places.value, "decimal")
    if step.publication.on != step.publication.own:
        low, high = (shorten(each) for each in step.publication.on)
        decimals = f"as {low} to {high}, {decimals}"
    yield f"`publish {decimals}` is set: {_set_at(explanation, places.span)}", "dim"
    bands = step.publication.bands
    if bands.value:
        written = ", ".join(f"{b.label} from {shorten(b.floor)}" for b in bands.value)
        where = _set_at(explanation, bands.span)
        yield f"`bands {pen.text(escape(written))}` is set: {where}", "dim"
        if step.publication.band_by_unrounded.value:
            where = _set_at(explanation, step.publication.band_by_unrounded.span)
            yield f"`band by unrounded scores` is set: {where}", "dim"


def _set_at(explanation: Explanation, span: Span | None) -> str:
    return explanation.place(span) if span else "by default"


def _use(explanation: Explanation, used: Input, pen: Pen) -> str:
    weight = f"weight {used.written}, " if used.written else ""
    if used.imputed is not None and used.counts_as is not None:
        where = _imputed(explanation, used.imputed)
        return pen.text(f"{weight}missing, counted as {shorten(used.counts_as)}: {escape(where)}")
    if used.value.score is None and used.counts_as is not None:
        return pen.text(f"{weight}counts as {shorten(used.counts_as)}: it is {used.value.status}")
    if used.value.score is not None and used.counts_as is None:
        return f"{weight}not counted: nothing of any weight has a score"
    if used.counts_as is None:
        return f"{weight}left out: it is {used.value.status}"
    if used.share is None:
        added = "" if used.contribution is None else f"adds {shorten(used.contribution)}"
        return pen.text(f"{weight}{added}".removesuffix(", "))
    share = share_words(used.share)
    if used.contribution is None:
        return pen.text(f"{weight}share {share}")
    return pen.text(f"{weight}share {share}, adds {shorten(used.contribution)}")


def _imputed(explanation: Explanation, imputed: Imputed) -> str:
    """Where the score comes from that stands in place of a missing part."""
    if isinstance(imputed, Averaged):
        of = _group_words(imputed.group, imputed.label)
        cohort = " of a partial cohort" if imputed.partial else ""
        return f"average of {of}, {counted(imputed.entities, 'entity', 'entities')}{cohort}"
    return f"carried forward from {imputed.edition} ({explanation.place(imputed.span)})"


def _group_words(group: str, label: str) -> str:
    return "the whole cohort" if group == ALL else f"{group} {label}"


def _nothing_known(row: Row, policy: str) -> str:
    """Why a policy that imputes leaves a part out; empty for any other."""
    read = policy_named(policy)
    if read.carries:
        return "no earlier score is known, "
    if read.average_of is None:
        return ""
    label = label_of(row.trace.profile, read.average_of)
    if label is None:
        return f"the profile names no {read.average_of}, "
    return f"no entity of {_group_words(read.average_of, label)} has a score of it, "


def _given(explanation: Explanation, the_line: Line, pen: Pen) -> Iterator[tuple[str, str]]:
    assert the_line.given is not None
    place = explanation.place(the_line.given.span)
    what = "given by the profile"
    if the_line.overrides:
        what = "given by the profile, in place of what the rules derive"
    yield f"{what}: {place}", "fair"
    yield from _evidence(the_line, pen)


def _answer(
    explanation: Explanation, the_line: Line, step: Ask, pen: Pen
) -> Iterator[tuple[str, str]]:
    if step.text:
        yield pen.text(escape(step.text)), ""
    if the_line.answer is None:
        yield "not answered", "fair"
        return
    assert the_line.points_span is not None
    answer = pen.text(escape(the_line.answer.text))
    label = pen.text(escape(the_line.label))
    code = f" ({label})" if label != answer else ""
    where = "its own options" if step.own_options else f"scale {step.scale}"
    points = "excluded" if the_line.value.score is None else shorten(the_line.value.score)
    yield f'"{answer}"{code}: {explanation.place(the_line.answer.span)}', ""
    yield f"{points} on {where}, {step.how}: {explanation.place(the_line.points_span)}", ""
    yield from _evidence(the_line, pen)


def _measured(
    explanation: Explanation, the_line: Line, step: Count, pen: Pen
) -> Iterator[tuple[str, str]]:
    if step.text:
        yield pen.text(escape(step.text)), ""
    unit = f" {pen.text(escape(step.unit))}" if step.unit else ""
    if the_line.worked_out is not None:
        yield from _worked_out(explanation, the_line.worked_out, step, pen)
        if the_line.worked_out.value is None:
            return
    elif the_line.answer is None:
        yield "not answered", "fair"
        return
    else:
        yield f"{the_line.answer.text}{unit}: {explanation.place(the_line.answer.span)}", ""
    points = "excluded" if the_line.value.score is None else shorten(the_line.value.score)
    how = pen.text(normalisation_words(step, the_line))
    where = the_line.points_span
    yield f"{pen.text(points)} by `{how}`: {_set_at(explanation, where)}", ""
    yield from _evidence(the_line, pen)


def _worked_out(
    explanation: Explanation, worked_out: WorkedOut, step: Count, pen: Pen
) -> Iterator[tuple[str, str]]:
    """The formula, what it read, and what that came to."""
    assert step.formula is not None
    for id, answer in worked_out.read:
        if answer is None:
            yield f"{id}: not answered", "fair"
        else:
            yield f"{id}: {answer.text}: {explanation.place(answer.span)}", ""
    unit = f" {pen.text(escape(step.unit))}" if step.unit else ""
    place = explanation.place(step.formula.span)
    written = pen.text(escape(step.formula.written))
    if worked_out.value is not None:
        yield pen.text(f"{written} = {shorten(worked_out.value)}{unit}: {place}"), ""
    elif any(answer is None for _, answer in worked_out.read):
        yield f"{written} cannot be worked out: {place}", "fair"
    else:
        yield f"{written} would divide by 0: {place}", "fair"


def _of_units(
    explanation: Explanation, the_line: Line, step: Each, pen: Pen
) -> Iterator[tuple[str, str]]:
    """The mean of the parts of an entity, and which of them it leaves out."""
    place = explanation.place(step.unit.span) if step.unit.span else ""
    units = the_line.value.units
    if not units:
        yield f"there is no {step.unit.value}, so it does not apply: {place}", "fair"
        return
    used = [each for each in unit_inputs(the_line) if each.counts_as is not None]
    how = f": {_formula('arithmetic mean', used, pen)}" if used else ""
    yield f"mean of each {step.unit.value}{how}: {place}", ""
    for status, what in ((Status.MISSING, "missing"), (Status.NOT_APPLICABLE, "not applicable")):
        names = [unit.part.name for unit in units if unit.value.status is status]
        if names:
            rule = step.when_missing
            says = explanation.place(rule.span) if rule.span else "the default"
            policy = f" (`when missing {rule.value}`, {says})" if what == "missing" else ""
            yield pen.text(escape(f"{what}: {', '.join(names)}{policy}")), "fair"


def _decided(
    explanation: Explanation, row: Row, step: Decide, pen: Pen
) -> Iterator[tuple[str, str]]:
    """Each rule up to the one that decided, or to the one that cannot be told."""
    for each in step.decisions:
        why = f"when {escape(each.when.written)}" if each.when else "otherwise"
        rule = pen.text(f"`score {shorten(each.points)} {why}`")
        place = explanation.place(each.span)
        if each is row.line.decided:
            yield f"{rule} holds: {place}", ""
            if each.when is not None:
                yield from _facts(explanation, row, each.when, pen)
            return
        applies = row.trace.holds(each.when) if each.when else True
        if applies is None:
            yield f"{rule} cannot be told: what it reads is missing: {place}", "fair"
        else:
            yield f"{rule} does not hold: {place}", "dim"
        if each.when is not None:
            yield from _facts(explanation, row, each.when, pen)
        if applies is None:
            return


def _facts(explanation: Explanation, row: Row, when: When, pen: Pen) -> Iterator[tuple[str, str]]:
    """What a condition read."""
    for fact in facts(when, row.trace):
        yield f"{fact_words(fact, pen)}{_at(explanation, fact.span)}", "dim"


def _at(explanation: Explanation, span: Span | None) -> str:
    return f": {explanation.place(span)}" if span else ""


def fact_words(fact: Fact, pen: Pen) -> str:
    """What a condition read, as a sentence of a few words."""
    if fact.kind == "figure":
        score = "has no score" if fact.score is None else f"is {shorten(fact.score)}"
        return pen.text(f"{fact.id} {score}")
    if fact.says is None:
        return f"{fact.id} is not {'answered' if fact.kind == 'answer' else 'named'}"
    return pen.text(f"{fact.id} is {escape(fact.says)}")


def _not_skipped(explanation: Explanation, row: Row, pen: Pen) -> Iterator[tuple[str, str]]:
    """The conditions that would have skipped a step, and do not."""
    if row.line.given is not None or row.line.skipped is not None:
        return
    for when in row.line.step.skip:
        rule = pen.text(f"`skip when {escape(when.written)}`")
        cannot = row.trace.holds(when) is None
        why = "does not apply: what it reads is missing" if cannot else "does not apply"
        yield f"{rule} {why}: {explanation.place(when.span)}", "fair" if cannot else "dim"
        yield from _facts(explanation, row, when, pen)


def _of_the_whole(row: Row) -> str:
    """What a row is to the figure asked about."""
    assert row.points is not None
    weight = "" if row.weight is None else f"effective weight {share_words(row.weight)}, "
    return f"{weight}{counted_points(row.points)}"


def share_words(share: Fraction) -> str:
    """A share in percent; a long one as a fraction."""
    return percent(share) if len(percent(share)) <= 7 else str(share)


def counted_points(points: Fraction) -> str:
    """A number of points, with its unit."""
    return f"{shorten(points)} {'point' if abs(points) == 1 else 'points'}"


def _divided(row: Row) -> Iterator[tuple[str, str]]:
    """How a score that is no plain sum of its parts is divided among them."""
    if row.division is None:
        return
    if row.division.is_shared:
        yield f"divided by {HOW_WORDS[row.division.how]}", "dim"
    if row.own_points and row.depth == 0:
        yield f"{counted_points(row.own_points)} of it are made by its rules, by no part", "dim"
    elif row.own_points:
        yield f"{counted_points(row.own_points)} are made by its rules, by no part", "dim"


HOW_WORDS = {
    How.ADDED: "adding up",
    How.SHAPLEY: "Shapley shares, exactly",
    How.TWO_ORDERS: f"what each adds in two orders, as there are more than {MOST}",
}
"""By what points are divided, in words that follow `by`."""


def _finish(explanation: Explanation, row: Row, pen: Pen) -> Iterator[tuple[str, str]]:
    """What was done to the score once its parts were put together, and what was required."""
    the_line, step = row.line, row.line.step
    if not isinstance(step, Finished):
        return
    required, require = the_line.required, step.finish.require
    if required is not None and require is not None:
        least = percent(require.least) if require.share else shorten(require.least)
        place = explanation.place(require.span)
        met = "" if required.met else ", so there is no score"
        there = f"{required.there} of {required.apply} answers are there, {least} required"
        yield f"{there}{met}: {place}", "" if required.met else "fair"
    for before, stage in pairwise(the_line.stages):
        if stage.what is None:
            low, high = (shorten(each) for each in step.finish.range)
            place = _set_at(explanation, step.finish.rescale)
            text = f"{shorten(before.score)} on {low} to {high} rescaled to {shorten(stage.score)}"
            yield pen.text(f"{text}: {place}"), ""
            continue
        when = stage.what.when
        why = f" when {escape(when.written)}" if when else ""
        rule = f"`{stage.what.kind} {shorten(stage.what.points)}{why}`"
        place = explanation.place(stage.what.span)
        if stage.applies is None:
            yield pen.text(f"{rule} does not apply: what it reads is missing: {place}"), "fair"
        elif not stage.applies:
            yield pen.text(f"{rule} does not apply: {place}"), "dim"
        elif stage.score == before.score:
            yield pen.text(f"{rule} applies and changes nothing: {place}"), "dim"
        else:
            moved = f"{shorten(before.score)} becomes {shorten(stage.score)}"
            yield pen.text(f"{rule} applies, {moved}: {place}"), "fair"
        if when is not None:
            yield from _facts(explanation, row, when, pen)


def _evidence(the_line: Line, pen: Pen) -> Iterator[tuple[str, str]]:
    recorded = the_line.given or the_line.answer
    if recorded is not None:
        for name in ("source", "date", "note"):
            text = getattr(recorded.evidence, name)
            if text:
                yield f"{name}: {pen.text(escape(text))}", "dim"


def _mean(
    explanation: Explanation, row: Row, step: Aggregate, pen: Pen, told: set[Span | None]
) -> Iterator[tuple[str, str]]:
    the_line = row.line
    used = [each for each in the_line.inputs if each.counts_as is not None]
    if used:
        yield f"{step.method.value}: {_formula(step.method.value, used, pen)}", ""
    if step.method.span not in told:
        told.add(step.method.span)
        where = _set_at(explanation, step.method.span)
        yield f"`aggregate by {step.method.value}` is set: {where}", "dim"
    if not used and any(each.value.score is not None for each in the_line.inputs):
        yield "no part with a weight above 0 has a score", "fair"
    idle = [each for each in the_line.inputs if not each.value.status.applies]
    if idle:
        names = ", ".join(row.trace.plan.steps[each.step].path[-1] for each in idle)
        yield f"left out: {names} ({'it does' if len(idle) == 1 else 'they do'} not apply)", "fair"
    lacking = [each for each in the_line.inputs if each.value.status is Status.MISSING]
    for what, parts in (
        ("left out", [each for each in lacking if each.counts_as is None]),
        ("missing, and counted", [each for each in lacking if each.counts_as is not None]),
    ):
        if parts:
            names = ", ".join(row.trace.plan.steps[each.step].path[-1] for each in parts)
            rule = step.when_missing
            says = explanation.place(rule.span) if rule.span else "the default"
            why = _nothing_known(row, rule.value) if what == "left out" else ""
            text = f"{what}: {names} ({why}`when missing {rule.value}`, {says})"
            yield pen.text(escape(text)), "fair"


def _formula(method: str, used: list[Input], pen: Pen) -> str:
    scores = [shorten(each.counts_as) for each in used if each.counts_as is not None]
    weights = [each.weight for each in used]
    written = [each.written or "1" for each in used]
    same = len(set(weights)) == 1
    if len(used) == 1 and method != "sum":
        return pen.text(f"{scores[0]} alone")
    if method == "sum":
        ones = all(weight == 1 for weight in weights)
        terms = scores if ones else [
            f"{w} {pen.times} {s}" for w, s in zip(written, scores, strict=True)
        ]  # fmt: skip
        return pen.text(" + ".join(terms))
    if method != "arithmetic mean":
        shown = scores if same else [
            f"{s} with weight {w}" for w, s in zip(written, scores, strict=True)
        ]  # fmt: skip
        return pen.text(f"of {', '.join(shown)}")
    if same:
        return pen.text(f"({' + '.join(scores)}) / {len(scores)}")
    body = " + ".join(f"{w} {pen.times} {s}" for w, s in zip(written, scores, strict=True))
    total = sum(weights, Fraction(0))
    if total != 1:
        shown_total = percent(total) if used[0].written.endswith("%") else str(total)
        body = f"({body}) / {shown_total}"
    return pen.text(body)


def verdict(explanation: Explanation, pen: Pen) -> str:
    """The last line: what must not be overlooked on this path is named or denied."""
    remarks = explanation.remarks
    kinds = {
        "given": remarks.given,
        "overridden": remarks.overridden,
        "missing": remarks.missing,
        "excluded": remarks.not_applicable,
        "skipped": remarks.skipped,
        "capped": remarks.capped,
        "floored": remarks.floored,
    }
    if remarks.not_asked:
        kinds["not asked"] = remarks.not_asked
    named = [
        f"{counted(len(rows), 'score' if kind in ('given', 'overridden') else 'part')} {kind} "
        f"({', '.join(_name(row) for row in rows[:4])}"
        + (f" and {len(rows) - 4} more)" if len(rows) > 4 else ")")
        for kind, rows in kinds.items()
        if rows
    ]
    if remarks.not_applied:
        rules = [f"{rule} of {row.path[-1]}" for row, rule in remarks.not_applied]
        listed = ", ".join(map(escape, rules[:4]))
        more = f" and {len(rules) - 4} more" if len(rules) > 4 else ""
        named.append(f"{counted(len(rules), 'rule')} not applied ({listed}{more})")
    denied = [kind for kind, rows in kinds.items() if not rows]
    sentence = f"On this path: {'; '.join(named)}. " if named else ""
    if denied:
        listed = f"{', '.join(denied[:-1])} or {denied[-1]}" if denied[1:] else denied[0]
        sentence += f"Nothing was {listed} on this path." if not named else f"Nothing was {listed}."
    return pen.text(sentence)


def _name(row: Row) -> str:
    score = row.line.value.score
    own = row.path[-1]
    return f"{own} {shorten(score)}" if score is not None and row.line.given else own
