"""What two frameworks say otherwise that is no matter of scores: what may be answered, and print.

A profile that one accepts and the other refuses is a difference; so is whatever is printed of the
same scores. What only names things is none: titles, codes of questions, notes, names of scales.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bareme.diagnostics import counted
from bareme.exact import written
from bareme.framework import Band, Framework, Index, Measure, Question, Range, Rating, Settings
from bareme.profiles.order import EditionOrder
from bareme.record import Record
from bareme.source import Span

ACCEPTED, REFUSED = "accepted", "refused"


class Difference(Record):
    """One thing that two frameworks say otherwise.

    Attributes:
        kind: "figure", "answer" or "print".
        what: a figure, an answer, a setting, in the words of the rules.
        before, after: what it was and is; empty where it was not or is not there.
        span_before, span_after: where that is said.
    """

    kind: str
    what: str
    before: str
    after: str
    span_before: Span | None = None
    span_after: Span | None = None


def answers_unlike(
    before: Framework, after: Framework, editions: Sequence[str], order: EditionOrder
) -> tuple[Difference, ...]:
    """Everything that a profile may say by one framework, and not by the other.

    Args:
        before, after: without errors.
        editions: that a question may be asked in.
        order: of those there are.
    """
    sides = _Accepts(before, editions, order), _Accepts(after, editions, order)
    found: list[Difference] = []
    gone = {
        f"{what} " for what in sides[0].said.keys() ^ sides[1].said.keys() if what.count("`") == 2
    }
    for what in dict.fromkeys([*sides[0].said, *sides[1].said]):
        if any(what.startswith(each) for each in gone):
            continue  # its labels go without saying
        one, other = (side.said.get(what, (REFUSED, None)) for side in sides)
        if one[0] != other[0]:
            found.append(Difference("answer", what, one[0], other[0], one[1], other[1]))
    return tuple(found)


def editions_named(frameworks: Iterable[Framework], there: Iterable[str]) -> tuple[str, ...]:
    """The editions that there are, and those that rules name: a question may begin or end there."""
    named: dict[str, None] = dict.fromkeys(there)
    for framework in frameworks:
        for question in framework.questions.values():
            if question.asked_in is not None:
                ends = (question.asked_in.first, question.asked_in.last)
                named |= dict.fromkeys(each for each in ends if each is not None)
    return tuple(named)


class _Accepts:
    """What a framework lets a profile say: each thing with what becomes of it, and its place."""

    def __init__(self, framework: Framework, editions: Sequence[str], order: EditionOrder) -> None:
        self.framework = framework
        self.said: dict[str, tuple[str, Span | None]] = {}
        for question in framework.questions.values():
            self.question(question)
        for measure in framework.recorded.values():
            self.measure(measure)
        for group in framework.groups.values():
            labels = ", ".join(sorted(group.labels)) or "any"
            self.said[f"group `{group.id}`"] = (labels, group.span)
        for figure in framework.figures.values():
            if not figure.children and figure.same_as is None and not figure.decisions:
                range = _range(framework.given_range(figure))
                self.said[f"given `{figure.dotted}`"] = (range, figure.span)
        self.parts()
        for edition in editions:
            for id in sorted(order.not_asked(framework, edition)):
                asked = framework.questions[id].asked_in
                place = asked.span if asked else None
                self.said[f"question `{id}` in edition {edition}"] = ("not asked", place)

    def question(self, question: Question) -> None:
        self.said[f"question `{question.id}`"] = ("asked", question.span)
        for label in question.scale.labels if question.scale else ():
            for name in label.names:
                meaning = ACCEPTED if name == label.text else f"means {label.text}"
                self.said[f"question `{question.id}` answered `{name}`"] = (meaning, label.span)
        self.blank("question", question)

    def measure(self, measure: Measure) -> None:
        range = _range(measure.plausible) if measure.plausible else "any number"
        self.said[f"measure `{measure.id}`"] = (range, measure.span)
        self.blank("measure", measure)

    def blank(self, kind: str, asked: Question | Measure) -> None:
        word = REFUSED if asked.id in self.framework.required else ACCEPTED
        self.said[f"{kind} `{asked.id}` not answered"] = (word, asked.span)

    def parts(self) -> None:
        for unit in self.framework.units:
            self.said[f"parts that are `{unit}`"] = (ACCEPTED, None)
        for path, scope in self.framework.scopes.items():
            figure = self.framework.figures[scope]
            asked = path[-1]
            if figure.each is not None and path not in self.framework.figures:
                what = f"`{asked}` answered by parts that are `{figure.each.value}`"
                self.said[what] = (ACCEPTED, figure.each.span)


def _range(range: Range) -> str:
    return f"{written(range[0])} to {written(range[1])}"


# ---- what is printed


def figures_unlike(before: Framework, after: Framework) -> Iterator[Difference]:
    """The figures and ratings that only one has."""
    for path, figure in before.figures.items():
        if path not in after.figures:
            yield Difference("figure", f"`{figure.dotted}`", figure.level, "", figure.span)
    for path, figure in after.figures.items():
        if path not in before.figures:
            place = figure.span
            yield Difference("figure", f"`{figure.dotted}`", "", figure.level, None, place)


def print_unlike(before: Framework, after: Framework) -> Iterator[Difference]:
    """The settings of what is printed that are others, each line once."""
    seen: dict[tuple[str, str, str, object, object], Difference] = {}
    for path, old in before.figures.items():
        new = after.figures.get(path)
        if new is None:
            continue
        sides = _settings(old.settings, old.score_range), _settings(new.settings, new.score_range)
        for what, (one, here) in sides[0].items():
            other, there = sides[1][what]
            if one != other:
                key = (what, one, other, here, there)
                told = f"`{old.dotted}` {what}"
                seen.setdefault(key, Difference("print", told, one, other, here, there))
    yield from seen.values()
    for index in before.indices:
        now = after.index(index.id)
        if now is not None:
            yield from _of_index(index, now)


Said = Mapping[str, tuple[str, Span | None]]


def _settings(settings: Settings, own: Range) -> Said:
    """How a figure is printed, in words."""
    places = settings.places.value
    decimals = counted(places, "decimal") if places else "whole numbers"
    on = settings.printed_on.value or own
    if on != own:
        decimals = f"as {_range(on)}, {decimals}"
    by = "unrounded" if settings.band_by_unrounded.value else "rounded"
    return {
        "publish": (decimals, settings.places.span or settings.printed_on.span),
        "range": (_range(own), None),
        "bands": (_bands(settings.bands.value), settings.bands.span),
        "band by": (f"{by} scores", settings.band_by_unrounded.span),
    }


def _bands(bands: Sequence[Band]) -> str:
    return ", ".join(f"{band.label} from {written(band.floor)}" for band in bands)


def _of_index(before: Index, after: Index) -> Iterator[Difference]:
    sides = _index_settings(before), _index_settings(after)
    for what, (one, here) in sides[0].items():
        other, there = sides[1][what]
        if one != other:
            told = f"index `{before.id}` {what}"
            yield Difference("print", told, one, other, here, there)
    olds, news = ({each.dotted: each for each in index.ratings} for index in (before, after))
    for id in dict.fromkeys([*olds, *news]):
        old, now = olds.get(id), news.get(id)
        one, other = (_rating(each) if each else "" for each in (old, now))
        if one != other:
            here, there = (each.span if each else None for each in (old, now))
            yield Difference("print", f"rating `{id}`", one, other, here, there)


def _index_settings(index: Index) -> Said:
    return {
        "rank by": (index.rank_by.value.value, index.rank_by.span),
        "compare with": (
            _compared(index), index.compare_with.span if index.compare_with else None
        ),
    }  # fmt: skip


def _compared(index: Index) -> str:
    if index.compare_with is None:
        return ""
    named = index.compare_with.value or "previous edition"
    how = "unrounded" if index.compare_by_unrounded.value else "rounded"
    return f"{named} as published" if index.as_published else f"{named}, by {how} scores"


def _rating(rating: Rating) -> str:
    word = "up to" if rating.ascending else "from"
    grades = [
        (f"{each.label} {word} {written(each.number)}" if each.number is not None else each.label)
        + (f" = {written(each.value)}" if each.value is not None else "")
        for each in rating.grades
    ]
    by = " by unrounded scores" if rating.by_unrounded.value else ""
    of = ", ".join(sorted(".".join(path) for path in rating.of))
    return f"of {of}{by}: {', '.join(sorted(grades))}"
