"""Every figure of an edition as canonical text, and where two such texts differ.

A line a figure, each a flat JSON object with sorted keys: texts, whole numbers and truth values,
never a float. What a figure does not have is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from bareme.exact import decimal, rational
from bareme.profiles.profile import Answer, Cohort, Profile
from bareme.record import Record
from bareme.results import IndexResults, PublishedFigure

FORMAT = "bareme.figures/1"

Fields = Mapping[str, "str | int | bool"]

OF_COHORT = frozenset(
    {"rank", "tied", "cohort", "median", "mean", "unrounded_rank", "unrounded_tied"}
)
"""What a figure says of the others of its cohort."""

_TEXT = r'"(?:[ !#-\[\]-~]|\\(?:["\\bfnrt]|u[0-9a-f]{4}))*"'
_FIELD = rf'"[a-z_]+":(?:{_TEXT}|-?(?:0|[1-9][0-9]{{0,8}})|true|false)'
_FLAT = re.compile(rf"\{{{_FIELD}(?:,{_FIELD})*\}}")


class Key(Record):
    """What a line is about: a figure of an entity or its part, or an answer that none shows.

    Attributes:
        figure: the dotted id; empty for an answer.
        unit, part: the part, and what it is; empty for the entity.
        question: of an answer: what was asked.
    """

    figure: str
    entity: str
    unit: str = ""
    part: str = ""
    question: str = ""

    @property
    def who(self) -> tuple[str, str, str]:
        """The entity, or its part."""
        return self.entity, self.unit, self.part


class Difference(Record):
    """One line that two texts say differently.

    Attributes:
        line: where it stands in the first text, counted from 1; 0 where it does not.
        sealed, ours: what the first and the second say; None where they do not have it.
    """

    key: Key
    line: int
    sealed: Fields | None
    ours: Fields | None

    @property
    def figure(self) -> str:
        return self.key.figure

    @property
    def entity(self) -> str:
        return self.key.entity

    @property
    def question(self) -> str:
        """The id of the question or measure; empty for any other figure."""
        levels = {each.get("level") for each in (self.sealed, self.ours) if each}
        asked = self.figure.rpartition(".")[2] if levels & {"question", "measure"} else ""
        return self.key.question or asked

    @property
    def fields(self) -> list[str]:
        """Which of its values differ."""
        sealed, ours = self.sealed or {}, self.ours or {}
        return [each for each in {**sealed, **ours} if sealed.get(each) != ours.get(each)]


class NotCanonical(Exception):
    """A line that is not written in the one way, by its number."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def figures_text(framework: str, cohort: Cohort, results: Mapping[str, IndexResults]) -> bytes:
    """Every figure of every index, entity by entity, in the order of the rules; then what is left.

    That is answers which no figure shows: data, and those of entities that no index includes.
    """
    compared = [
        f"{id} {each.compared_with.id}" for id, each in results.items() if each.compared_with
    ]
    head: dict[str, str | int | bool] = {
        "edition": cohort.edition.id,
        "format": FORMAT,
        "framework": framework,
    }
    if compared:
        head["compared_with"] = ", ".join(compared)
    rows = [row for each in results.values() for row in _rows(each, cohort)]
    lines = [head, *rows, *_answers_left(cohort, rows)]
    return "".join(f"{_written(line)}\n" for line in lines).encode("ascii")


def figure_count(text: bytes) -> int:
    """How many figures there are in a text of them."""
    return text.count(b'"figure":"')


def _answers_left(cohort: Cohort, rows: Iterable[Fields]) -> Iterator[Fields]:
    """The answers that no figure shows, by entity and part, then by id."""
    shown = {
        (row["entity"], row.get("part", ""), str(row["figure"]).rpartition(".")[2])
        for row in rows
        if "answer" in row
    }
    for profile in cohort.profiles:
        parts = [(unit, each) for unit, those in profile.parts.items() for each in those]
        of_parts = [(unit, each.name, each.answers) for unit, each in parts]
        for unit, part, answers in [("", "", profile.answers), *sorted(of_parts, key=_named)]:
            for id in sorted(answers):
                if (profile.entity, part, id) not in shown:
                    fields = {"answer": answers[id].text, "entity": profile.entity, "question": id}
                    yield fields | ({"part": part, "unit": unit} if part else {})


def _named(part: tuple[str, str, Mapping[str, Answer]]) -> tuple[str, str]:
    return part[:2]


def _written(fields: Fields) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def _rows(results: IndexResults, cohort: Cohort) -> Iterator[Fields]:
    for profile in cohort.profiles:
        if profile.entity not in results.by_entity:
            continue
        for figure in results.figures_of(profile.entity):
            yield _fields(figure, profile.answers)
        if profile.parts:
            for figure in results.parts_of(profile.entity):
                yield _fields(figure, _of_part(profile, figure))


def _of_part(profile: Profile, figure: PublishedFigure) -> Mapping[str, Answer]:
    own = [each for each in profile.parts.get(figure.unit, ()) if each.name == figure.part]
    return {**profile.answers, **own[0].answers} if own else profile.answers


def _fields(figure: PublishedFigure, answers: Mapping[str, Answer]) -> Fields:
    """What is published of a figure; of a question with the answer it rests on."""
    places = figure.places
    fields: dict[str, str | int | bool] = {
        "entity": figure.entity,
        "figure": figure.figure,
        "level": figure.level,
        "status": str(figure.status),
    }
    if figure.exact is not None:
        fields["exact"] = rational(figure.exact)
    for name, score in (
        ("score", figure.score),
        ("change", figure.change),
        ("median", figure.median),
        ("mean", figure.mean),
    ):
        if score is not None:
            fields[name] = decimal(score, places)
    for name, text in (("band", figure.band), ("part", figure.part), ("unit", figure.unit)):
        if text:
            fields[name] = text
    if figure.cohort is not None:
        fields["cohort"] = figure.cohort
    if figure.rank is not None:
        fields["rank"], fields["tied"] = figure.rank, figure.tied
    if figure.unrounded_rank is not None:
        fields["unrounded_rank"] = figure.unrounded_rank
        fields["unrounded_tied"] = figure.unrounded_tied
    if figure.level in ("question", "measure"):
        answer = answers.get(figure.figure.rpartition(".")[2])
        if answer is not None:
            fields["answer"] = answer.text
    return fields


def read_figures(text: bytes) -> tuple[Fields, dict[Key, tuple[int, Fields]]]:
    """What a text of figures says: its first line, then each figure with the number of its line.

    Raises:
        NotCanonical: where a line is not as it would be written, or a figure stands twice.
    """
    lines = text.decode("utf-8", "replace").split("\n")
    if lines[-1]:
        raise NotCanonical(len(lines))
    head: Fields = {}
    found: dict[Key, tuple[int, Fields]] = {}
    for number, line in enumerate(lines[:-1], 1):
        if not _FLAT.fullmatch(line):
            raise NotCanonical(number)
        fields: Fields = json.loads(line)
        if _written(fields) != line:
            raise NotCanonical(number)
        if number == 1:
            head = fields
        elif found.setdefault(_key(fields), (number, fields))[0] != number:
            raise NotCanonical(number)
    if head.get("format") != FORMAT:
        raise NotCanonical(1)
    return head, found


def head_of(text: bytes) -> Fields:
    """The first line of a text of figures: what they are of.

    Raises:
        NotCanonical: where it is not as it would be written.
    """
    line, end, _ = text.partition(b"\n")
    return read_figures(line + end)[0]


def _key(fields: Fields) -> Key:
    figure, entity, unit, part, question = (
        str(fields.get(each, "")) for each in ("figure", "entity", "unit", "part", "question")
    )
    return Key(figure, entity, unit, part, question)


def compare_figures(sealed: bytes, ours: bytes) -> list[Difference]:
    """Where two texts of figures differ, in the order of the second; both are canonical."""
    if sealed == ours:
        return []
    (_, theirs), (_, own) = read_figures(sealed), read_figures(ours)
    found = [
        Difference(key, theirs[key][0] if key in theirs else 0, theirs.get(key, (0, None))[1], now)
        for key, (_, now) in own.items()
        if key not in theirs or theirs[key][1] != now
    ]
    extra = [Difference(key, at, was, None) for key, (at, was) in theirs.items() if key not in own]
    return found + extra


def deepest(differences: Iterable[Difference]) -> list[Difference]:
    """Those that do not follow from others: below them nothing of the same entity differs.

    A rank, a median or a mean follows from the scores of the others in the cohort.
    """
    every = list(differences)
    moved: dict[tuple[str, str, str], set[str]] = {}  # figures that have something below that moved
    columns: set[str] = set()
    for each in every:
        if {"exact", "status", "answer", "score"} & set(each.fields):
            columns.add(each.figure)
            path = each.figure.split(".")
            above = [".".join(path[:depth]) for depth in range(1, len(path) + 1)]
            moved.setdefault(each.key.who, set()).update(above[:-1])
            if each.key.part and each.figure:  # the entity's own figure is the mean of its parts'
                moved.setdefault((each.entity, "", ""), set()).update(above)
    return [
        each
        for each in every
        if each.figure not in moved.get(each.key.who, ())
        and not (set(each.fields) <= OF_COHORT and each.figure in columns)
    ]
