"""Who changed what a figure rests on: its lines of rules and profiles, followed back in time.

A line is followed as `git log -L` does it: through a revision that leaves it alone to where it
stood before, through one that changes it to the line that it was, up to the one that wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from bareme.audit.explain import Explanation, Row
from bareme.plan import Aggregate, Ask, Count, Decide, Each, Finished
from bareme.record import Record
from bareme.scoring.trace import Line
from bareme.source import Span

Lines = tuple[str, ...]


class OnPath(Record):
    """A line that a figure rests on.

    Attributes:
        file: its name.
        number: counted from 1, as the file stands now.
        figure: of the first step that rests on it.
    """

    file: str
    number: int
    figure: str


class Edit(Record):
    """What one revision made of a file.

    Attributes:
        revision: its id; empty where it is not committed yet.
        date, author, subject: of the revision.
        before: the text before; None where the file was not there.
        after: the text after; None where it is no more.
    """

    revision: str
    date: str
    author: str
    subject: str
    file: str
    before: str | None
    after: str | None


class Change(Record):
    """What a revision made of one line on the path.

    Attributes:
        line: as it stands now.
        was: None where the line was added.
        now: as the revision left it.
    """

    line: OnPath
    was: str | None
    now: str


class Touch(Record):
    """A revision that changed or wrote lines on the path."""

    revision: str
    date: str
    author: str
    subject: str
    changes: tuple[Change, ...]


class History(Record):
    """The revisions that touched a line on the path of a figure, newest first.

    Attributes:
        lines: all that the figure rests on.
        untracked: files that the repository does not have.
        cut: the revision before which the repository, a shallow copy, has none; else empty.
    """

    explanation: Explanation
    lines: tuple[OnPath, ...]
    touches: tuple[Touch, ...]
    untracked: tuple[str, ...]
    cut: str = ""


def lines_on_path(explanation: Explanation) -> tuple[OnPath, ...]:
    """The lines of rules and profiles that a figure rests on, each once, by file and number."""
    found: dict[tuple[str, int], OnPath] = {}
    for row in explanation.rows:
        for span in _spans(row):
            source = explanation.sources[span.file]
            last = source.position(max(span.start, span.end - 1))[0]
            first = source.position(span.start)[0]
            for number in range(first, last + 1):
                line = OnPath(span.file, number, row.line.step.figure)
                found.setdefault((span.file, number), line)
    return tuple(found[key] for key in sorted(found))


def _spans(row: Row) -> Iterator[Span]:
    """Where all is said that the score of a row rests on."""
    line, step = row.line, row.line.step
    published = step.publication if row.depth == 0 else None
    spans: list[Span | None] = [
        step.span,
        *((published.places.span, published.bands.span) if published else ()),
        *(used.span for used in line.inputs),
        *(when.span for when in step.skip),
        line.points_span,
        line.answer.span if line.answer else None,
        line.given.span if line.given else None,
        *_rules(line),
    ]
    yield from (each for each in spans if each is not None)


def _rules(line: Line) -> Iterator[Span | None]:
    """The lines of the rules that make the score of a step."""
    step = line.step
    match step:
        case Ask():
            if "points as written" not in step.how:  # every label has its part in the spacing
                yield from (span for _, span in step.labels.values())
        case Count():
            yield step.by.span
            if step.formula is not None:
                yield step.formula.span
            read = line.worked_out.read if line.worked_out else ()
            yield from (answer.span for _, answer in read if answer is not None)
        case Aggregate():
            yield from (step.method.span, step.when_missing.span)
        case Each():
            yield from (step.unit.span, step.when_missing.span)
            yield from (unit.part.span for unit in line.value.units)
        case Decide():
            yield from (each.span for each in step.decisions)
    if isinstance(step, Finished):
        finish = step.finish
        yield finish.rescale
        yield finish.require.span if finish.require else None
        yield from (each.span for each in finish.adjustments)


def follow(
    lines: Iterable[OnPath], texts: dict[str, str], edits: Iterable[Edit]
) -> tuple[Touch, ...]:
    """Follow lines back through the edits of their files.

    Args:
        lines: as they stand now.
        texts: of their files now.
        edits: newest first; no more are asked for once every line has been written.

    Returns:
        The revisions that touched any of them, in the order of the edits.
    """
    where = {line: (_lines(texts[line.file]), line.number - 1) for line in lines}
    touches: dict[str, Touch] = {}
    for edit in edits:
        for line in [each for each in where if each.file == edit.file]:
            change = _follow(line, edit, where)
            if change is None:
                continue
            touch = touches.get(edit.revision)
            before = touch.changes if touch else ()
            touches[edit.revision] = Touch(
                edit.revision, edit.date, edit.author, edit.subject, (*before, change)
            )
        if not where:
            break
    return tuple(touches.values())


def _follow(line: OnPath, edit: Edit, where: dict[OnPath, tuple[Lines, int]]) -> Change | None:
    """What an edit made of one line, which is from then on where it was before."""
    text, at = where[line]
    after, before = _lines(edit.after), _lines(edit.before)
    if text != after:  # beside this edit there was another
        found = _match(text, after)[at]
        if found is None or text[at] != after[found]:
            return None
        at = found
    earlier = _match(after, before)[at]
    if earlier is None:
        del where[line]
        return Change(line, None, after[at])
    where[line] = before, earlier
    if after[at] == before[earlier]:
        return None
    return Change(line, before[earlier], after[at])


def _lines(text: str | None) -> Lines:
    return tuple(each.removesuffix("\r") for each in text.split("\n")) if text else ()


ALIKE = 0.5
"""How alike two lines have to be, of 1, for one to be what the other was."""


@lru_cache(maxsize=256)
def _match(lines: Lines, others: Lines) -> tuple[int | None, ...]:
    """For each line the one that it is among the others, or was; None where it is none of them."""
    same, most = 0, min(len(lines), len(others))
    while same < most and lines[same] == others[same]:
        same += 1
    tail = 0
    while tail < most - same and lines[-1 - tail] == others[-1 - tail]:
        tail += 1
    shift = len(others) - len(lines)
    middle = _match_middle(lines[same : len(lines) - tail], others[same : len(others) - tail])
    return (
        *range(same),
        *(None if each is None else each + same for each in middle),
        *(at + shift for at in range(len(lines) - tail, len(lines))),
    )


def _match_middle(lines: Lines, others: Lines) -> list[int | None]:
    """The same of what differs; of what took the place of something else, what it was."""
    found: list[int | None] = [None] * len(lines)
    for kind, start, end, low, high in SequenceMatcher(None, lines, others, False).get_opcodes():
        if kind == "equal":
            found[start:end] = range(low, high)
        elif kind == "replace":
            before = start, low
            for at, other in [
                *_most_alike(lines[start:end], others[low:high]),
                (end - start, high - low),
            ]:
                here = start + at, low + other
                if here[0] - before[0] == here[1] - before[1]:  # as many as there were: in turn
                    found[before[0] : here[0]] = range(before[1], here[1])
                if here[0] < end:
                    found[here[0]] = here[1]
                before = here[0] + 1, here[1] + 1
    return found


MOST_PAIRS = 10_000
"""Pairs of lines that are looked at one by one."""


def _most_alike(lines: Lines, others: Lines) -> list[tuple[int, int]]:
    """The pairs of lines, in their order, that are together the most alike."""
    if len(lines) * len(others) > MOST_PAIRS:
        return []
    best: list[
        list[tuple[float, tuple[int, int] | None]]
    ]  # from a pair on, and the first pair of it
    best = [[(0, None)] * (len(others) + 1) for _ in range(len(lines) + 1)]
    for at in range(len(lines) - 1, -1, -1):
        for other in range(len(others) - 1, -1, -1):
            skipped = max(best[at + 1][other], best[at][other + 1], key=lambda each: each[0])
            alike = _alike(lines[at], others[other])
            taken = best[at + 1][other + 1][0] + alike
            best[at][other] = (
                (taken, (at, other)) if alike >= ALIKE and taken >= skipped[0] else skipped
            )
    pairs, here = [], best[0][0][1]
    while here is not None:
        pairs.append(here)
        here = best[here[0] + 1][here[1] + 1][1]
    return pairs


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()
