"""Questions that figures ask of a list: found by id, and put where they are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bareme.diagnostics import SUGGESTED, Diagnostic, Fix, Note, instead, nearest, quote
from bareme.language import tree
from bareme.record import Record, replace


class Declared(Record):
    """A question where it is declared.

    Attributes:
        home: the stem of its file.
        row: the questions that are declared in one block, itself among them, in order.
    """

    question: tree.Question
    home: str
    row: Sequence[tree.Question]


def declared(files: Sequence[tree.File]) -> dict[str, Declared]:
    """Every question of a framework by its id; of two with one id the first."""
    found: dict[str, Declared] = {}
    for file in files:
        rows = [each.questions for each in file.questions]
        stack = list(file.indices)
        while stack:
            level = stack.pop()
            rows.append(tuple(c for c in level.children if isinstance(c, tree.Question)))
            stack += [child for child in level.children if isinstance(child, tree.Level)]
        for row in rows:
            for each in row:
                found.setdefault(each.name.text, Declared(each, file.stem, row))
    return found


def put_in(level: tree.Level, known: Mapping[str, Declared], found: list[Diagnostic]) -> tree.Level:
    """A figure, and all below it, with the questions that it asks among its children."""
    children: list[tree.Level | tree.Question | tree.Measure] = [
        put_in(child, known, found) if isinstance(child, tree.Level) else child
        for child in level.children
    ]
    if not level.asks:
        return replace(level, children=tuple(children))
    before, lost = len(found), False
    for position, ask in reversed(level.asks):
        asked = [
            replace(each, asked_by=ask.span, weight=_weight(ask, each))
            for each in _questions(ask, known, [] if ask.damaged else found)
        ]
        children[position:position] = asked
        lost |= ask.damaged
    lost |= len(found) > before
    return replace(level, children=tuple(children), damaged=level.damaged or lost)


def _weight(ask: tree.Ask, question: tree.Question) -> tree.Weight | None:
    """The weight that a question counts with: of the line that asks it, or its own.

    A line that says `subtract` alone takes as many points away as the question would add.
    """
    own = question.weight
    if ask.weight is None or own is None or ask.weight.stated:
        return ask.weight or own
    if own.subtracts:
        return own
    return replace(ask.weight, value=-own.value, written=f"-{own.written}", notation=own.notation)


def _questions(
    ask: tree.Ask, known: Mapping[str, Declared], found: list[Diagnostic]
) -> Iterator[tree.Question]:
    for first, last in ask.asked:
        start = _find(first, known, found)
        if last is None:
            yield from [start.question] if start else []
            continue
        end = _find(last, known, found)
        if start is None or end is None:
            continue
        ids = [each.name.text for each in start.row]
        if last.text not in ids or ids.index(last.text) < ids.index(first.text):
            message = f"the questions of one list do not run from {quote(first.text)} to "
            help = "a run goes down one list, from a question to one below it"
            note = Note("that one is declared here", end.question.name.span)
            fix: Fix = ()
            if last.text in ids:
                help = f"a run goes down one list: `{last.text} to {first.text}`"
                fix = instead(first.span.to(last.span), f"{last.text} to {first.text}")
            message += quote(last.text)
            found.append(Diagnostic("E229", message, last.span, help, (note,), fix))
            continue
        yield from start.row[ids.index(first.text) : ids.index(last.text) + 1]


def _find(
    name: tree.Name, known: Mapping[str, Declared], found: list[Diagnostic]
) -> Declared | None:
    if name.text not in known:
        near = nearest(name.text, known) if len(found) < SUGGESTED else None
        help = f"`{near}`" if near else "declare it in a block `questions` at the left edge"
        message = f"there is no question {quote(name.text)}"
        found.append(Diagnostic("E216", message, name.span, help, fix=instead(name.span, near)))
        return None
    return known[name.text]
