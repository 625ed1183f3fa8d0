"""Points and what each of them is due to, as a list that adds up: a difference, or what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from bareme.audit.conditions import facts
from bareme.audit.differences import Comparison, Difference, Divided
from bareme.audit.losses import HeldDown, Loss
from bareme.diagnostics import counted, escape
from bareme.exact import decimal, shorten
from bareme.framework import Adjustment, When
from bareme.plan import Aggregate, Ask, Each
from bareme.record import Record
from bareme.reports.derivation import (
    HOW_WORDS,
    counted_points,
    fact_words,
    share_words,
)
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, right, width
from bareme.results import PublishedFigure
from bareme.scoring.trace import Line, Trace
from bareme.source import Span

Place = Callable[[Span], str]


class Entry(Record):
    """Some points, and what they are due to.

    Attributes:
        points: as they are drawn, with a sign where there can be one.
        name: of the question, figure or rule.
        aside: what stands at the end of the line: its effective weight.
        notes: the lines below.
    """

    points: str
    name: str
    aside: str
    notes: tuple[str, ...]


class Ledger(Record):
    """A list of points that adds up.

    Attributes:
        heading: who, which edition, which figure.
        title: what is divided, in a sentence.
        closing: what it adds up to, and how.
    """

    heading: str
    title: str
    entries: tuple[Entry, ...]
    closing: tuple[str, ...]


def ledger_lines(ledger: Ledger) -> list[TextLine]:
    """Draw a list of points."""
    lines = [line((ledger.heading, "dim"))]
    lines += [line((part, "bold")) for part in fold(ledger.title, WIDTH - 1)]
    cells = max((width(each.points) for each in ledger.entries), default=0)
    for each in ledger.entries:
        points = right(each.points, cells)
        gap = max(2, WIDTH - width(points) - 4 - width(each.name) - width(each.aside))
        aside = [(" " * gap, ""), (each.aside, "dim")] if each.aside else []
        lines.append(line(f"  {points}  ", (each.name, "bold"), *aside))
        margin = " " * (cells + 4)
        for note in each.notes:
            for part in fold(note, WIDTH - 1 - len(margin)):
                lines.append(line((margin + part, "dim")))
    for text in ledger.closing:
        lines += [line(part) for part in fold(text, WIDTH - 1)]
    return lines


# ---- the difference of two entities


def compared(found: Comparison, pen: Pen) -> Ledger:
    """The difference of two entities, put into words."""
    one, two = (pen.text(escape(each.profile.name)) for each in (found.trace, found.other))
    figure = found.line.step.figure
    scores = [
        score_words(found.line, found.published, pen),
        score_words(found.other_line, found.other_published, pen),
    ]
    gap = abs(found.difference)
    if gap:
        side = "above" if found.difference > 0 else "below"
        says = f"{one} is {counted_points(gap)} {side} {two}: {scores[0]}, against {scores[1]}"
    else:
        says = f"{one} and {two} have the same score: {scores[0]}"
    total = f"Sum {signed(found.difference, pen)}, the difference of the unrounded scores, exactly."
    alike = counted(found.alike, "answer or score", "answers and scores")
    return Ledger(
        pen.between.join(
            [f"{one}, {two}", f"{found.trace.plan.framework} {found.edition}", figure]
        ),
        f"{says}.",
        tuple(_difference(each, found, pen) for each in found.parts),
        (
            total,
            *_shares(found.divided),
            f"{alike} {'is' if found.alike == 1 else 'are'} worth the same to both.",
        ),
    )


def _difference(each: Difference, found: Comparison, pen: Pen) -> Entry:
    names = (found.trace.profile.name, found.other.profile.name)
    sides = zip(names, (each.line, each.other), (found.trace, found.other), strict=True)
    notes = []
    for name, the_line, trace in sides:
        if each.rule is None:
            text = outcome_words(the_line, trace, found.place)
        else:
            text = rule_words(the_line, each.rule, trace, found.place)
        notes.append(pen.text(f"{escape(name)}: {text}"))
    if each.is_cut_short:
        notes.append("not divided further: they rest on different parts, which cannot be mixed")
    return Entry(
        signed(each.points, pen), entry_name(each.line, each.rule, pen), _weight(each.weight),
        tuple(notes),
    )  # fmt: skip


# ---- what is lost


def held_down(found: HeldDown, pen: Pen) -> Ledger:
    """What holds a figure down, put into words."""
    name = pen.text(escape(found.trace.profile.name))
    facts = [name, f"{found.trace.plan.framework} {found.edition}", found.line.step.figure]
    score, best = score_words(found.line, found.published, pen), shorten(found.best)
    top = found.line.step.publication.own[1]
    what = "the best there is" if found.best == top else "the best that it could have"
    title = f"{name} loses {counted_points(found.lost)}: it has {score}, and {best} is {what}."
    closing = [f"Sum {shorten(found.lost)}, exactly {best} {pen.minus} {_own(found.line)}."]
    if found.best != top:
        closing.append(
            f"Not {shorten(top)}: the rules allow no more of what counts now, conditions being as "
            "they are."
        )
    closing += _shares(found.divided)
    left_out = dict.fromkeys(each.step.path[-1] for each in found.left_out)
    if left_out:
        shown = ", ".join([*left_out][:6]) + (
            f" and {len(left_out) - 6} more" * (len(left_out) > 6)
        )
        closing.append(f"Left out, and so not counted as lost: {shown}.")
    entries = tuple(_loss(each, found.place, pen) for each in found.parts)
    return Ledger(pen.between.join(facts), pen.text(title), entries, tuple(closing))


def _own(line: Line) -> str:
    assert line.value.score is not None
    return shorten(line.value.score)


def _loss(each: Loss, place: Place, pen: Pen) -> Entry:
    if each.rule is not None:
        notes = [rule_words(each.line, each.rule, each.trace, place)]
    else:
        notes = [outcome_words(each.line, each.trace, place)]
        if each.line.value.score is None:
            notes.append(f"counts as {shorten(each.counts_as)}")
        notes.append(_best(each, place))
    name = entry_name(each.line, each.rule, pen)
    if each.trace.profile.part:
        name = f"{pen.text(escape(each.trace.profile.part))}: {name}"
    return Entry(
        shorten(each.points), name, _weight(each.weight), tuple(pen.text(text) for text in notes)
    )


def best_labels(each: Loss) -> list[tuple[str, Span]]:
    """The labels of a question that give it its best score, each with its rule line."""
    step = each.line.step
    if not isinstance(step, Ask) or each.line.given is not None:
        return []
    at_best = (step.labels[name] for name, points in step.points.items() if points == each.best)
    return list(dict.fromkeys(at_best))


def _best(each: Loss, place: Place) -> str:
    labels = best_labels(each)
    if not labels:
        return f"{shorten(each.best)} is the best"
    (label, span), *others = labels
    more = f" or {counted(len(others), 'other answer')}" if others else ""
    return f'{shorten(each.best)} with "{escape(label)}"{more}: {place(span)}'


# ---- words for both


def score_words(the_line: Line, published: PublishedFigure | None, pen: Pen) -> str:
    """An unrounded score, and how it is published."""
    exact = _own(the_line)
    if published is None or published.score is None:
        return exact
    return pen.text(f"{exact}, published {decimal(published.score, published.places)}")


def signed(points: Fraction, pen: Pen) -> str:
    """Points with their sign."""
    return (
        shorten(points)
        if points == 0
        else f"{'+' if points > 0 else pen.minus}{shorten(abs(points))}"
    )


def entry_name(the_line: Line, rule: Adjustment | None, pen: Pen) -> str:
    """A question by its id, a figure by its title; a rule as it is written, with its figure."""
    step = the_line.step
    name = step.question if isinstance(step, Ask) else pen.text(escape(step.title))
    if rule is None:
        return name
    when = f" when {escape(rule.when.written)}" if rule.when else ""
    return pen.text(f"`{rule.kind} {shorten(rule.points)}{when}` of {name}")


def _weight(weight: Fraction | None) -> str:
    return "" if weight is None else f"weight {share_words(weight)}"


def outcome_words(the_line: Line, trace: Trace, place: Place) -> str:
    """What one step came to, and where that stands."""
    step, score = the_line.step, the_line.value.score
    points = f"no score ({the_line.value.status})" if score is None else shorten(score)
    if the_line.given is not None:
        instead = ", in place of what the rules derive" if the_line.overrides else ""
        return f"given {points}{instead}: {place(the_line.given.span)}"
    if the_line.skipped is not None:
        when = the_line.skipped
        return f"skipped, because {escape(when.written)}: {place(when.span)}"
    if the_line.worked_out is not None and the_line.worked_out.value is not None:
        return f"{shorten(the_line.worked_out.value)}, {points}: {_reads(the_line, place)}"
    if the_line.answer is not None:
        said = escape(the_line.answer.text)
        shown = f'"{said}"' if isinstance(step, Ask) else said
        earned = "excluded" if score is None else points
        return f"{shown}, {earned}: {place(the_line.answer.span)}"
    if the_line.decided is not None:
        decided = the_line.decided
        why = f"when {escape(decided.when.written)}" if decided.when else "otherwise"
        rule = f"`score {shorten(decided.points)} {why}`"
        return f"{points}, {rule} holds{_because(decided.when, trace)}: {place(decided.span)}"
    how = f", {step.method.value}" if isinstance(step, Aggregate) else ""
    if isinstance(step, Each):
        how = f", mean of each {step.unit.value}, {len(the_line.value.units)} in all"
    return f"{points}{how}: {place(step.span)}"


def _reads(the_line: Line, place: Place) -> str:
    """The numbers that a formula read."""
    assert the_line.worked_out is not None
    return "; ".join(
        f"{id} {escape(answer.text)} ({place(answer.span)})"
        for id, answer in the_line.worked_out.read
        if answer is not None
    )


def _because(when: When | None, trace: Trace) -> str:
    read = [] if when is None else [fact_words(each, Pen()) for each in facts(when, trace)]
    return f", as {' and '.join(read)}" if read else ""


def rule_words(the_line: Line, rule: Adjustment, trace: Trace, place: Place) -> str:
    """Whether a cap or a floor applies, and what its condition read."""
    stage = next(each for each in the_line.stages if each.what is rule)
    applies = {True: "applies", False: "does not apply", None: "cannot be told"}[stage.applies]
    return f"{applies}{_because(rule.when, trace)}: {place(rule.span)}"


def _shares(divided: Iterable[Divided]) -> list[str]:
    """The figures whose points are not simply added up, and how they are divided."""
    told: dict[str, list[str]] = {}
    for each in divided:
        step = each.line.step
        method = step.method.value if isinstance(step, Aggregate) else "cap or floor"
        told.setdefault(HOW_WORDS[each.how], []).append(f"{step.figure} ({method})")
    return [
        f"Divided by {how}: {', '.join(dict.fromkeys(figures))}." for how, figures in told.items()
    ]
