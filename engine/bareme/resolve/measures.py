"""Measures: units, plausible values, and how a number becomes points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from bareme.diagnostics import Diagnostic, Edit, Fix, Note
from bareme.exact import shorten, written
from bareme.framework import Goalposts, Range, Setting, Step, Steps
from bareme.language import tree
from bareme.record import replace
from bareme.source import Span


def ordered(
    low: tree.Number, high: tree.Number, span: Span, what: str, found: list[Diagnostic]
) -> Range | None:
    """Two numbers that have to ascend, as `plausible 0 to 100` does."""
    if low.value < high.value:
        return low.value, high.value
    found.append(
        Diagnostic(
            "E220",
            f"{what} runs from {shorten(low.value)} to {shorten(high.value)}, which is no range",
            span,
            "write the lower number first, then a higher one",
            fix=(Edit(low.span, written(high.value)), Edit(high.span, written(low.value)))
            if low.value > high.value
            else (),
        )
    )
    return None


def goalposts(written: tree.Normalise, found: list[Diagnostic]) -> Setting[Goalposts | None]:
    """From the worst value to the best, either of which may be the lower."""
    worst, best = written.worst, written.best
    if worst.value == best.value:
        found.append(
            Diagnostic(
                "E220",
                f"the worst and the best value are both {shorten(worst.value)}",
                written.span,
                "write the value that scores 0, then the one that scores 100",
            )
        )
    elif written.log and min(worst.value, best.value) <= 0:
        odd = worst if worst.value <= 0 else best
        found.append(
            Diagnostic(
                "E220",
                f"{shorten(odd.value)} has no logarithm; goalposts of `normalise log` are above 0",
                odd.span,
                "write a number above 0, or `normalise from` without `log`",
            )
        )
    power = written.power.value if written.power else Fraction(1)
    posts = Goalposts(written.log, worst.value, best.value, written.clamped, power)
    return Setting(posts, written.span)


def resolve_steps(written: tree.Steps, found: list[Diagnostic]) -> Steps | None:
    """Steps that hold every value once; None where they do not."""
    if written.damaged:
        return None
    faults = list(_faults(written))
    found += faults[:1]
    if faults:
        return None
    ascending = written.steps[0].kind in (tree.StepKind.UP_TO, tree.StepKind.ABOVE)
    return Steps(
        ascending,
        tuple(
            Step(
                limit=each.limit.value if each.limit else None,
                points=each.points.value if isinstance(each.points, tree.Number) else None,
                written=_worded(each),
                span=each.span,
            )
            for each in written.steps
        ),
        written.span,
    )


def _worded(step: tree.Step) -> str:
    return f"{step.kind} {shorten(step.limit.value)}" if step.limit else f"{step.kind} that"


def _faults(written: tree.Steps) -> Iterator[Diagnostic]:
    steps = written.steps
    upward = steps[0].kind in (tree.StepKind.UP_TO, tree.StepKind.ABOVE)
    kinds = (
        (tree.StepKind.UP_TO, tree.StepKind.ABOVE)
        if upward
        else (tree.StepKind.FROM, tree.StepKind.BELOW)
    )
    for before, step in zip((None, *steps), steps, strict=False):
        if step.kind not in kinds:
            yield Diagnostic(
                "E219",
                f"`{step.kind}` stands among steps that count `{kinds[0]}` a limit"
                + (_between(before, step) if before else ""),
                step.span,
                f"write all of them with `{kinds[0]}` and the last with `{kinds[1]}`",
                (Note("the first step is here", steps[0].span),),
                _last_of(written, *kinds),
            )
    for at, (step, after) in enumerate(pairwise(steps)):
        if step.limit is None:
            yield Diagnostic(
                "E219",
                f"nothing can follow `{step.kind}`, which holds all that is left",
                after.span,
                f"move `{step.kind}` to the end",
                fix=_in_order(steps, upward),
            )
        elif after.limit is not None:
            if step.limit.value == after.limit.value:
                yield _twice(steps[at - 1] if at else None, step, after)
            elif (step.limit.value < after.limit.value) != upward:
                yield Diagnostic(
                    "E219",
                    f"{_said(after)} comes after {_said(step)}, which holds all of that: "
                    f"these limits {'ascend' if upward else 'descend'}",
                    after.span,
                    "put them in order",
                    fix=_in_order(steps, upward),
                )
    if steps[-1].limit is not None:
        last = steps[-1]
        assert last.limit is not None
        side = "above" if upward else "below"
        yield Diagnostic(
            "E219",
            f"values {side} {shorten(last.limit.value)} have no points",
            last.span,
            f"end the steps with `{side} = 0`, say, or `{side} = excluded`",
        )


def _said(step: tree.Step) -> str:
    return f"`{step.kind} {shorten(_limit(step))}`" if step.limit else f"`{step.kind}`"


def _twice(before: tree.Step | None, step: tree.Step, after: tree.Step) -> Diagnostic:
    """The message for a limit that stands twice, with the values that both steps hold."""
    held = f"{step.kind} {shorten(_limit(step))}"
    if before is not None and before.limit is not None:
        end = shorten(_limit(before))
        upward = step.kind is tree.StepKind.UP_TO
        held = f"above {end}, {held}" if upward else f"{held} to below {end}"
    return Diagnostic(
        "E219",
        f"two steps hold the values {held}",
        after.span,
        "take one of them out, or write another limit",
        (Note("the first one is here", step.span),),
    )


def _between(before: tree.Step, step: tree.Step) -> str:
    """What two steps that count from opposite sides hold twice, or leave out."""
    if before.limit is None or step.limit is None:
        return ""
    upper, lower = (before, step) if before.kind is tree.StepKind.UP_TO else (step, before)
    high, low = shorten(_limit(upper)), shorten(_limit(lower))
    if _limit(upper) == _limit(lower):
        return f"; both hold at {high}"
    if _limit(upper) > _limit(lower):
        return f"; both hold from {low} to {high}"
    return f"; nothing holds above {high} and below {low}"


def _last_of(written: tree.Steps, kind: tree.StepKind, last_kind: tree.StepKind) -> Fix:
    """The fix that lets the last step hold all that is left, where nothing else is amiss then."""
    *steps, last = written.steps
    rest = replace(last, kind=last_kind, limit=None)
    if not steps or any(each.kind is not kind for each in steps):
        return ()
    amiss = any(_faults(replace(written, steps=(*steps, rest))))
    return () if amiss else (Edit(last.span, _spelt(rest)),)


def _in_order(steps: Sequence[tree.Step], upward: bool) -> Fix:
    """The fix that puts steps in the order of their limits, the one without any last."""
    limits = [each.limit.value for each in steps if each.limit]
    if len(set(limits)) < len(limits) or len(limits) < len(steps) - 1:
        return ()
    by = sorted((each for each in steps if each.limit), key=_limit, reverse=not upward)
    by += [each for each in steps if each.limit is None]
    return tuple(Edit(old.span, _spelt(new)) for old, new in zip(steps, by, strict=True))


def _limit(step: tree.Step) -> Fraction:
    assert step.limit is not None
    return step.limit.value


def _spelt(step: tree.Step) -> str:
    limit = f" {written(step.limit.value)}" if step.limit else ""
    points = step.points
    earned = written(points.value) if isinstance(points, tree.Number) else "excluded"
    return f"{step.kind}{limit} = {earned}"
