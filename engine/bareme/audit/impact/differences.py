"""What it takes to make one step into another: the slots of every edit between the two."""

from __future__ import annotations

from bareme.audit.impact.conditions import decided, finished, skipped
from bareme.audit.impact.edits import Edit, Found, Parts, Slot, slot
from bareme.audit.impact.leaves import asked, counted
from bareme.audit.impact.parts import parts_of, policy, settings
from bareme.plan import Aggregate, AnyStep, Ask, Count, Decide, Each, Finished, Repeat, Take


def slots(
    before: AnyStep, after: AnyStep, parts: Parts, found: Found
) -> tuple[AnyStep, list[Slot]]:
    """What it takes to make one step into another.

    Args:
        before, after: steps of one path, the steps that they need numbered alike.
        parts: what the parts of figures are called.
        found: edits are added to it.

    Returns:
        The step before, in which labels of either side are known, and the slots in order.
    """
    if type(before) is not type(after) or _counts(before) != _counts(after):
        return before, [_kind(before, after, parts, found)]
    before, slots = skipped(before, after, found)
    match before, after:
        case Ask(), Ask():
            before, more = asked(before, after, found)
            slots += more
        case Count(), Count():
            slots += counted(before, after, found)
        case Decide(), Decide():
            before, more = decided(before, after, found)
            slots += more
        case Aggregate(), Aggregate():
            slots += settings(before, after, found)
            slots += parts_of(before, after, parts, found)
        case Each(), Each():
            slots += policy(before, after, found)
    if isinstance(before, Finished) and isinstance(after, Finished):
        before, more = finished(before, after, found)
        slots += more
    return before, slots


def _counts(step: AnyStep) -> object:
    """What makes a step another kind of step, beside its class."""
    if isinstance(step, Repeat):
        return step.of
    if isinstance(step, Each):
        return step.unit.value
    if isinstance(step, Aggregate):
        return {part.step for part in step.parts} == set(step.below)
    return step.question if isinstance(step, Ask) else None


def _kind(before: AnyStep, after: AnyStep, parts: Parts, found: Found) -> Slot:
    edit = Edit(
        ("kind", before.figure),
        f"`{before.figure}`",
        in_words(before, parts),
        in_words(after, parts),
        before.span,
        after.span,
    )
    return slot(found, edit, before, lambda _: after)


def in_words(step: AnyStep, parts: Parts) -> str:
    """How a step gets its score, in few words."""
    match step:
        case Ask():
            return "a question"
        case Count():
            return "a measure"
        case Take():
            return "given"
        case Decide():
            return "scored by conditions"
        case Repeat():
            return f"same as `{parts.names[step.of]}`"
        case Each():
            return f"for each {step.unit.value}"
        case Aggregate():
            over = {part.step for part in step.parts} != set(step.below)
            return "aggregated over indicators" if over else step.method.value
