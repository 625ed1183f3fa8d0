"""The edits between two plans of one index, as an author thinks of them.

A plan has a step for every figure, and one line of rules may reach many: the points of a label,
a setting. Every difference between two steps is a *slot*, and every slot belongs to the edit that
made it: the label, the weight, the cap, the line of a setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from fractions import Fraction

from bareme.framework import Scale
from bareme.plan import AnyStep, Ask, Each, Plan
from bareme.record import Record, replace
from bareme.source import Span

Key = tuple[str, ...]
"""What an edit is known by: its kind, and what it is of."""

Put = Callable[[AnyStep], AnyStep]
"""What an edit does to a step."""


class Edit(Record):
    """One thing that is different between two states.

    Attributes:
        what: the label, weight, cap, answer … in the words of the rules.
        before, after: what it was and is; empty where it was not or is not there.
        span_before, span_after: where that is said.
        entity: whose answer it is; empty for an edit of rules.
        also: what follows from it in other scales, in words.
    """

    key: Key
    what: str
    before: str
    after: str
    span_before: Span | None = field(default=None, compare=False, repr=False)
    span_after: Span | None = field(default=None, compare=False, repr=False)
    entity: str = ""
    also: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.key[0]


_SETTINGS = ("aggregate by", "when missing", "normalise")


def said_of(edit: Edit, figures: Sequence[str]) -> Edit:
    """An edit of a setting with what it is said of: the one figure, or how many."""
    if edit.what not in _SETTINGS or not figures:
        return edit
    of = f"`{figures[0]}`" if len(figures) == 1 else f"{len(figures)} figures:"
    return replace(edit, what=f"{of} {edit.what}")


Scales = Mapping[str, Scale]


class Slot(Record):
    """What edits do to one step: it is done once all of them are in force."""

    keys: frozenset[Key]
    put: Put = field(compare=False, repr=False)


class Found:
    """The edits found so far, each once.

    Attributes:
        points: by question the points of every label that it has on either side.
        scales: before and after, by name.
        reached: by edit the figures, questions and measures that it is said of.
    """

    def __init__(
        self, points: Mapping[str, Mapping[str, Fraction | None]], scales: tuple[Scales, Scales]
    ) -> None:
        self.edits: dict[Key, Edit] = {}
        self.reached: dict[Key, list[str]] = {}
        self.points = points
        self.scales = scales

    def add(self, edit: Edit, figure: str) -> Key:
        """Know an edit, and that it is said of a figure."""
        self.edits.setdefault(edit.key, edit)
        reached = self.reached.setdefault(edit.key, [])
        if figure not in reached:
            reached.append(figure)
        return edit.key


class Parts(Record):
    """The parts of figures on either side: what each is called, and which only moved.

    Attributes:
        names: by the number of a step its dotted path.
        moved: by the dotted path of a part that came or went, the other one.
    """

    names: Sequence[str]
    moved: Mapping[str, str]


def every_label(*plans: Plan) -> dict[str, dict[str, Fraction | None]]:
    """By question the points of every label that it has in any of the plans."""
    found: dict[str, dict[str, Fraction | None]] = {}
    for plan in plans:
        for step in plan.steps:
            if isinstance(step, Each):
                for question, points in every_label(step.inner).items():
                    found.setdefault(question, {}).update(points)
            elif isinstance(step, Ask):
                found.setdefault(step.question, {}).update(step.points)
    return found


def slot(found: Found, edit: Edit, step: AnyStep, put: Put) -> Slot:
    """What an edit does to one step; the edit becomes known."""
    return Slot(frozenset([found.add(edit, step.figure)]), put)


def line_of(span: Span | None) -> str:
    """What tells the line of one setting from another; empty where it is the language's own."""
    return f"{span.file}:{span.start}" if span else ""
