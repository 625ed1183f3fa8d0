"""Every score lies in its range, 0 to 100 unless it declares another, whatever a profile says.

A question scores the points of one of its labels, a measure those of a step, or lies between its
goalposts. What a mean gives lies between the least and the greatest of its parts, a sum between
the sum of the least and that of the greatest; a given score is refused outside its range where it
is read. So no score can leave its range unless one of the lines below lets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Edit, Fix, Note, instead, quote, without
from bareme.exact import shorten, written
from bareme.framework import (
    FULL,
    HIGHEST,
    LOWEST,
    Figure,
    Framework,
    Goalposts,
    Label,
    Measure,
    Origin,
    Part,
    Range,
    Scale,
    Setting,
    Steps,
    aggregate_bounds,
)
from bareme.methods.aggregation import method_named
from bareme.methods.missing import policy_named
from bareme.source import Span


def check_ranges(framework: Framework) -> Iterator[Diagnostic]:
    """Report each line that would take a score out of its range."""
    asked: dict[str, str] = {}
    own: dict[str, Scale] = {}
    for question in framework.questions.values():
        if question.scale is not None:
            asked.setdefault(question.scale.name, question.id)
            if question.scale.own:
                own[question.id] = question.scale
    for scale in [*framework.scales, *own.values()]:
        if scale.reverse_of is None:  # a reversal is out of range only where its origin is
            for label in scale.labels:
                if label.points is not None and not LOWEST <= label.points <= HIGHEST:
                    yield _out_of_range(scale, label, asked.get(scale.name))
    for measure in framework.measures.values():
        yield from _measure(measure)
    for figure in framework.figures.values():
        yield from _figure(framework, figure)


def _out_of_range(scale: Scale, label: Label, question: str | None) -> Diagnostic:
    assert label.points is not None
    points = shorten(label.points)
    side = "above 100" if label.points > HIGHEST else "below 0"
    whom = f"a profile that answers {quote(label.text)} to `{question}`" if question else (
        f"whoever answers {quote(label.text)}"
    )  # fmt: skip
    marks = f" ({scale.how})" if scale.how.startswith("out of") else ""
    return Diagnostic(
        "E305",
        f"{whom} would score {points}{marks}, {side}",
        label.span,
        f"points lie from 0 to the maximum, `{scale.how}`"
        if marks
        else "points lie from 0 to 100; the worst answer earns 0"
        if label.points < LOWEST
        else "points lie from 0 to 100; write `out of` a maximum if they are counted otherwise",
    )


def _measure(measure: Measure) -> Iterator[Diagnostic]:
    if isinstance(measure.scoring, Steps):
        for step in measure.scoring.steps:
            if step.points is not None and not LOWEST <= step.points <= HIGHEST:
                side = "above 100" if step.points > HIGHEST else "below 0"
                yield Diagnostic(
                    "E305",
                    f"`{measure.id}` {step.written} would score {shorten(step.points)}, {side}",
                    step.span,
                    "points lie from 0 to 100",
                )
    elif isinstance(measure.scoring, Setting) and measure.scoring.value is not None:
        posts = measure.scoring.value
        if not posts.clamped and posts.worst != posts.best:
            yield from _unclamped(measure, posts)


def _unclamped(measure: Measure, posts: Goalposts) -> Iterator[Diagnostic]:
    assert isinstance(measure.scoring, Setting)
    inside = sorted((posts.worst, posts.best))
    if measure.formula is not None:
        yield Diagnostic(
            "E305",
            f"what `{measure.id}` is worked out to may lie beyond its goalposts, and they are "
            "`unclamped`",
            measure.scoring.span or measure.span,
            "take `unclamped` out",
            fix=_clamped(measure.scoring.span),
        )
        return
    plausible = measure.plausible
    if plausible is not None and inside[0] <= plausible[0] and plausible[1] <= inside[1]:
        return
    ends = plausible or (inside[1] + 1,)
    beyond = next(each for each in ends if not inside[0] <= each <= inside[1])
    yield Diagnostic(
        "E305",
        f"a profile with {shorten(beyond)} for `{measure.id}` would leave 0 to 100: "
        "its goalposts are `unclamped`",
        measure.scoring.span or measure.span,
        "take `unclamped` out, or declare values that keep within the goalposts, "
        f"`plausible {shorten(inside[0])} to {shorten(inside[1])}`",
        () if measure.scoring.span else (Note("the measure is here", measure.span),),
        _clamped(measure.scoring.span),
    )


def _clamped(normalise: Span | None) -> Fix:
    """The fix that takes `unclamped` from the end of a line."""
    if normalise is None:
        return ()
    end = normalise.end
    return without(Span(normalise.file, end - len(" unclamped"), end))


def _figure(framework: Framework, figure: Figure) -> Iterator[Diagnostic]:
    own = figure.score_range
    for each in figure.adjustments:
        if not own[0] <= each.points <= own[1]:
            yield Diagnostic(
                "E305",
                f"`{each.kind} {shorten(each.points)}` lies outside {_shown(own)}, where the "
                f"scores of {figure.level} `{figure.id}` are",
                each.span,
                "write a score of that range",
            )
    for decided in figure.decisions:
        if not figure.range[0] <= decided.points <= figure.range[1]:
            yield Diagnostic(
                "E305",
                f"`score {shorten(decided.points)}` lies outside {_shown(figure.range)}, where the "
                f"scores of {figure.level} `{figure.id}` are",
                decided.span,
                "write a score of that range",
            )
    if figure.rescale is not None and figure.range == FULL:
        yield Diagnostic(
            "E309",
            f"{figure.level} `{figure.id}` is on 0 to 100 already",
            figure.rescale,
            "declare the range that its parts are summed in, `range 0 to 40`, or take it out",
        )
    if figure.origin is Origin.GIVEN and figure.adjustments:
        first = figure.adjustments[0]
        yield Diagnostic(
            "E215",
            f"{figure.level} `{figure.id}` is `given` by profiles and also has a {first.kind}",
            first.span,
            "a given score stands as it is; take one of the two out",
        )
    if figure.same_as is not None and figure.same_as in framework.figures:
        theirs = framework.figures[figure.same_as].score_range
        if theirs != figure.range:
            yield _mixed(figure, f"`{'.'.join(figure.same_as)}`", theirs, None)
    elif figure.children and not any(child.damaged for child in figure.children):
        yield from _aggregate(framework, figure)


def _aggregate(framework: Framework, figure: Figure) -> Iterator[Diagnostic]:
    method = method_named(figure.settings.aggregation.value)
    policy = figure.settings.when_missing
    low, high = aggregate_bounds(figure, framework.bounds)
    if method.mean:
        for child in figure.counted:
            if part_range(child) != figure.range:
                yield _mixed(figure, f"`{child.path[-1]}`", part_range(child), child)
                return
        if method.from_0 and figure.range[0] < LOWEST:
            yield _below_0(figure)
        if policy.value == "zero" and not figure.range[0] <= LOWEST <= figure.range[1]:
            yield _leaves(framework, figure, LOWEST, "a missing part that counts as 0")
        return
    imputes = policy_named(policy.value).imputes
    if policy.value == "leave out" or imputes:
        unless = ", where no score stands for it," if imputes else ""
        yield Diagnostic(
            "E308",
            f"{figure.level} `{figure.id}` is a sum, and to leave a missing part out of it"
            f"{unless} would count it as 0",
            figure.settings.aggregation.span or figure.span,
            "say what a missing part does: `when missing zero`, `when missing worst` or "
            "`when missing no score`",
            (Note(f"`when missing {policy.value}` is set here", policy.span),)
            if policy.span
            else (),
        )
    elif high > figure.range[1]:
        yield _leaves(framework, figure, high, "the best answers to everything below it")
    elif low < figure.range[0]:
        yield _leaves(framework, figure, low, "the worst answers to everything below it, or none")


def part_range(part: Part) -> Range:
    """The range of a part's score."""
    return part.score_range if isinstance(part, Figure) else FULL


def _mixed(figure: Figure, part: str, theirs: Range, child: Part | None) -> Diagnostic:
    notes: tuple[Note, ...] = ()
    fix: Fix = ()
    if isinstance(child, Figure) and child.range_span is not None:
        notes = (Note(f"the range of {part} is declared here", child.range_span),)
        at = Span(child.range_span.file, child.range_span.start, child.range_span.start)
        if figure.range == FULL and child.rescale is None:
            fix = instead(at, "rescale\n")
    return Diagnostic(
        "E309",
        f"{figure.level} `{figure.id}` is on {_shown(figure.range)}, "
        f"and {part}, which it is made of, on {_shown(theirs)}",
        figure.range_span or figure.name_span,
        "scores on different ranges can be summed, and averaged only after `rescale`",
        notes,
        fix,
    )


def _below_0(figure: Figure) -> Diagnostic:
    method = figure.settings.aggregation
    name = f"mean of {method.value}" if method.value.startswith("power") else method.value
    return Diagnostic(
        "E309",
        f"a {name} is of scores of 0 or more, and those of {figure.level} `{figure.id}` are on "
        f"{_shown(figure.range)}",
        figure.range_span or figure.name_span,
        "`rescale` what it is made of and take its range out, or aggregate by arithmetic mean",
        (Note(f"`aggregate by {method.value}` is set here", method.span),) if method.span else (),
    )


def _leaves(framework: Framework, figure: Figure, score: Fraction, whom: str) -> Diagnostic:
    settings = figure.settings
    place = figure.range_span or settings.aggregation.span or figure.name_span
    above = score > figure.range[1]
    fix: Fix = ()
    if above and place in (figure.range_span, settings.aggregation.span):
        low = min(figure.range[0], LOWEST)
        line = f"range {written(low)} to {written(score)}"
        parent = framework.figures.get(figure.path[:-1])
        rescale = parent and method_named(parent.settings.aggregation.value).mean
        if place == figure.range_span:
            fix = (Edit(place, line),)
        elif place.start > figure.name_span.start:  # its own line, and not that of a figure around
            line += "\nrescale\n" if rescale and figure.rescale is None else "\n"
            fix = (Edit(Span(place.file, place.start, place.start), line),)
    return Diagnostic(
        "E305",
        f"{whom} would give {figure.level} `{figure.id}` {shorten(score)}, outside "
        f"{_shown(figure.range)}",
        place,
        f"declare the range of what is summed, `range 0 to {shorten(score)}`"
        if above
        else "declare a range that holds it",
        fix=fix,
    )


def _shown(range: Range) -> str:
    return f"{shorten(range[0])} to {shorten(range[1])}"
