"""Why a condition of the rules holds or does not: what it read, as it is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bareme.framework import AtLeast, Compared, Condition, Exists, InGroup, IsAnswer, Not, When
from bareme.record import Record
from bareme.scoring.trace import Evaluation
from bareme.source import Span


class Fact(Record):
    """One thing that a condition read.

    Attributes:
        id: of a question, measure or group; the path of a figure with points between.
        says: the answer or the label as recorded; None where there is none, and of a figure.
        score: of a figure; None where it has none.
        span: where a profile records it; None of a figure, and where nothing is recorded.
    """

    id: str
    kind: str  # "answer", "group" or "figure"
    says: str | None = None
    score: Fraction | None = None
    span: Span | None = None


def facts(when: When, of: Evaluation) -> tuple[Fact, ...]:
    """What a condition read, each once, in the order written."""
    return tuple(dict.fromkeys(_facts(when.condition, of)))


def _facts(condition: Condition, of: Evaluation) -> Iterator[Fact]:
    match condition:
        case IsAnswer():
            yield _answer(condition.question, of)
        case InGroup():
            yield Fact(condition.group, "group", of.profile.groups.get(condition.group))
        case Exists() | Compared():
            yield from _read(condition, of)
        case Not():
            yield from _facts(condition.of, of)
        case AtLeast():
            for each in condition.of:
                yield from _facts(each, of)


def _read(condition: Exists | Compared, of: Evaluation) -> Iterator[Fact]:
    if condition.kind == "figure":
        yield Fact(".".join(condition.id), "figure", score=of.score_of(condition.id))
    elif condition.kind == "group":
        yield Fact(condition.id[-1], "group", of.profile.groups.get(condition.id[-1]))
    else:
        reads = condition.formula.reads if condition.formula else condition.id[-1:]
        for id in reads:
            yield _answer(id, of)


def _answer(id: str, of: Evaluation) -> Fact:
    answer = of.profile.answers.get(id)
    return Fact(id, "answer", answer.text if answer else None, span=answer.span if answer else None)
