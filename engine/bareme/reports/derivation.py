"""An explanation for people: the tree from a figure down to answers, sources and rule lines."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bareme.audit.explain import Explanation, Row
from bareme.diagnostics import counted, escape
from bareme.exact import decimal, percent, shorten
from bareme.plan import Aggregate, AnyStep, Ask, Take
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, width
from bareme.scoring.trace import Input, Line
from bareme.source import Span


def derivation(explanation: Explanation, pen: Pen, depth: int | None = None) -> list[TextLine]:
    """Draw a derivation.

    Args:
        explanation: what to draw.
        pen: the characters the terminal has.
        depth: how many levels below the figure asked about; None for all.
    """
    lines: list[TextLine] = [_heading(explanation, pen)]
    below = False  # whether anything is left out by `depth`
    told: set[Span | None] = set()  # settings whose place was named once already
    open_above: list[bool] = []  # for each level above, whether a sibling is still to come
    for row in explanation.rows:
        del open_above[row.depth :]
        open_above.append(not row.last)
        if depth is not None and row.depth > depth:
            continue
        guides = _guides(open_above, row.depth, pen)
        has_parts = bool(row.line.inputs or row.line.repeats is not None) and not row.shown_before
        hidden = depth is not None and row.depth == depth and has_parts
        lines += _row(explanation, row, guides, pen, has_parts and not hidden, told)
        below |= hidden
    if below:
        lines.append(line((f"{pen.more} what is below these: `--depth all`", "dim")))
    return [*lines, *(line((text, "bold")) for text in fold(_verdict(explanation, pen), WIDTH - 1))]


def _heading(explanation: Explanation, pen: Pen) -> TextLine:
    profile = explanation.trace.profile
    name = pen.text(escape(profile.name))
    facts = [name, f"{explanation.trace.plan.framework} {explanation.edition}",
             explanation.rows[0].line.step.figure]  # fmt: skip
    return line((pen.between.join(facts), "dim"))


def _guides(open_above: list[bool], depth: int, pen: Pen) -> tuple[str, str]:
    bars = "".join(pen.bar if each else "   " for each in open_above[1:depth])
    if depth == 0:
        return "", ""
    return bars + (pen.tee if open_above[depth] else pen.corner), bars + (
        pen.bar if open_above[depth] else "   "
    )


def _row(
    explanation: Explanation,
    row: Row,
    guides: tuple[str, str],
    pen: Pen,
    opens: bool,
    told: set[Span | None],
) -> Iterator[TextLine]:
    lead, below = guides
    the_line, step = row.line, row.line.step
    place = explanation.place(step.span)
    name = step.question if isinstance(step, Ask) else pen.text(escape(step.title))
    code = f" ({pen.text(escape(step.code))})" if step.code else ""
    head = f"{name}{code} = {_value(the_line, pen)}"
    if row.depth == 0 and explanation.published and explanation.published.score is not None:
        shown = decimal(explanation.published.score, explanation.published.places)
        head += f", published {shown} (half up)"
        if explanation.published.band:
            head += f", {pen.text(escape(explanation.published.band))}"
    yield _with_place(lead, head, place)
    under = below + (pen.bar if opens else "   ")
    if row.depth == 0 and explanation.published:
        opening = list(_publication(explanation, step, pen))
    else:
        opening = []
    for text, style in [*_because(explanation, row, pen, told), *opening]:
        for part in fold(text, max(30, WIDTH - 1 - width(under))):
            yield line((under, "dim"), (part, style))


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
    if row.used is not None:
        yield _use(row.used, pen), "dim"
    if row.shown_before:
        yield "its parts are shown above", "dim"
    elif the_line.given is not None:
        yield from _given(explanation, the_line, pen)
    elif isinstance(step, Ask):
        yield from _answer(explanation, the_line, step, pen)
    elif the_line.repeats is not None:
        yield f"same as {explanation.trace.plan.steps[the_line.repeats].figure}", ""
    elif isinstance(step, Aggregate):
        yield from _mean(explanation, row, step, pen, told)
    elif isinstance(step, Take):
        yield "only profiles give its score, and this one does not", ""
    for note in step.notes:
        yield f"note: {pen.text(escape(note))}", "dim"


def _publication(explanation: Explanation, step: AnyStep, pen: Pen) -> Iterator[tuple[str, str]]:
    """Where it was said how the figure is published."""
    places = step.publication.places
    decimals = "whole numbers" if places.value == 0 else counted(places.value, "decimal")
    yield f"`publish {decimals}` is set: {_set_at(explanation, places.span)}", "dim"
    bands = step.publication.bands
    if bands.value:
        written = ", ".join(f"{b.label} from {shorten(b.floor)}" for b in bands.value)
        where = _set_at(explanation, bands.span)
        yield f"`bands {pen.text(escape(written))}` is set: {where}", "dim"


def _set_at(explanation: Explanation, span: Span | None) -> str:
    return explanation.place(span) if span else "by default"


def _use(used: Input, pen: Pen) -> str:
    weight = f"weight {used.written}, " if used.written else ""
    if used.value.score is not None and used.share is None:
        return f"{weight}not counted: nothing of any weight has a score"
    if used.share is None or used.contribution is None:
        return f"{weight}left out: it is {used.value.status}"
    share = percent(used.share) if len(percent(used.share)) <= 7 else str(used.share)
    return pen.text(f"{weight}share {share}, adds {shorten(used.contribution)}")


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
    used = [each for each in the_line.inputs if each.share is not None]
    if used:
        yield f"{step.method.value}: {_formula(used, pen)}", ""
    if step.method.span not in told:
        told.add(step.method.span)
        where = _set_at(explanation, step.method.span)
        yield f"`aggregate by {step.method.value}` is set: {where}", "dim"
    if not used and any(each.value.score is not None for each in the_line.inputs):
        yield "no part with a weight above 0 has a score", "fair"
    left = [each for each in the_line.inputs if each.value.score is None]
    if left:
        names = ", ".join(explanation.trace.plan.steps[each.step].path[-1] for each in left)
        says = (
            explanation.place(step.when_missing.span) if step.when_missing.span else "the default"
        )
        yield f"left out: {names} (`when missing {step.when_missing.value}`, {says})", "fair"


def _formula(used: list[Input], pen: Pen) -> str:
    scores = [shorten(each.value.score) for each in used if each.value.score is not None]
    weights = [each.weight for each in used]
    if len(used) == 1:
        return pen.text(f"{scores[0]} alone")
    if len(set(weights)) == 1:
        body = f"({' + '.join(scores)}) / {len(scores)}"
    else:
        written = [each.written or "1" for each in used]
        terms = [f"{w} {pen.times} {s}" for w, s in zip(written, scores, strict=True)]
        body = " + ".join(terms)
        total = sum(weights, Fraction(0))
        if total != 1:
            shown = percent(total) if used[0].written.endswith("%") else str(total)
            body = f"({body}) / {shown}"
    return pen.text(body)


def _verdict(explanation: Explanation, pen: Pen) -> str:
    """The last line: what must not be overlooked on this path is named or denied."""
    remarks = explanation.remarks
    kinds = {
        "given": remarks.given,
        "overridden": remarks.overridden,
        "missing": remarks.missing,
        "excluded": remarks.not_applicable,
    }
    named = [
        f"{counted(len(rows), 'score' if kind in ('given', 'overridden') else 'part')} {kind} "
        f"({', '.join(_name(row) for row in rows[:4])}"
        + (f" and {len(rows) - 4} more)" if len(rows) > 4 else ")")
        for kind, rows in kinds.items()
        if rows
    ]
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
