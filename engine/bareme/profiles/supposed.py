"""What somebody supposes of one entity, `question=answer`, read as lines of its profile are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from bareme.diagnostics import Diagnostic, Note, instead, listing, nearest, not_a_number, quote
from bareme.exact import NotANumber, read_number, shorten
from bareme.framework import Figure, Framework
from bareme.profiles.answers import (
    NO_ANSWER,
    Asked,
    find_asked,
    read_answer,
    unknown_question,
)
from bareme.profiles.profile import Answer, Evidence, GivenScore, PartOf, Path, Profile
from bareme.record import Record, replace
from bareme.source import Source, Span

K = TypeVar("K")
V = TypeVar("V")

ARGUMENTS = "arguments"
"""Stands where a message names a file, and means what the command was given."""


class Supposed(Record):
    """What is other than one profile says.

    Attributes:
        answers: by the id of the question or measure; None where it is not answered.
        given: by path of the figure; None where no score is given.
        unit: what the part is that answers; empty where it is the entity itself.
        part: its name.
    """

    answers: Mapping[str, Answer | None] = field(default_factory=dict)
    given: Mapping[Path, GivenScore | None] = field(default_factory=dict)
    unit: str = ""
    part: str = ""


class Argument(Record):
    """One `name=value`, and where its two sides stand among the arguments."""

    name: str
    value: str
    name_span: Span
    value_span: Span


def arguments_of(pairs: Iterable[tuple[str, str]]) -> tuple[list[Argument], Source]:
    """Names with their values as one text, an argument a line, for messages to point into."""
    read: list[Argument] = []
    text = ""
    for name, value in pairs:
        start, middle = len(text), len(text) + len(name) + 1
        text += f"{name}={value}\n"
        of_name = Span(ARGUMENTS, start, middle - 1)
        of_value = Span(ARGUMENTS, middle, len(text) - 1) if value else of_name
        read.append(Argument(name, value, of_name, of_value))
    return read, Source(ARGUMENTS, text)


def read_supposed(
    given: Sequence[Argument], framework: Framework, profile: Profile, part: str | None = None
) -> tuple[Supposed, list[Diagnostic]]:
    """Read what is supposed of an entity.

    Args:
        given: names of questions, measures or figures, with an answer, a number or a score each; a
            blank one is not answered, or not given.
        framework: without errors.
        profile: of the entity.
        part: the name of the part that answers, where it is not the entity.
    """
    reader = _Reader(framework, profile, part)
    for each in given:
        reader.read(each)
    supposed = Supposed(reader.answers, reader.given, reader.unit, part or "")
    return supposed, reader.found


def supposing(profile: Profile, supposed: Supposed) -> Profile:
    """The profile as it would be."""
    given = _with(profile.given, supposed.given)
    if not supposed.part:
        return replace(profile, given=given, answers=_with(profile.answers, supposed.answers))
    parts = tuple(
        replace(each, answers=_with(each.answers, supposed.answers))
        if each.name == supposed.part
        else each
        for each in profile.parts[supposed.unit]
    )
    return replace(profile, given=given, parts={**profile.parts, supposed.unit: parts})


def part_of(profile: Profile, supposed: Supposed) -> PartOf | None:
    """The part that answers, as the profile has it; None where it is the entity itself."""
    parts = profile.parts.get(supposed.unit, ())
    return next((each for each in parts if each.name == supposed.part), None)


def _with(known: Mapping[K, V], changes: Mapping[K, V | None]) -> dict[K, V]:
    return {key: value for key, value in {**known, **changes}.items() if value is not None}


class _Reader:
    """Reads arguments against one framework and one profile; what is wrong goes to `found`."""

    def __init__(self, framework: Framework, profile: Profile, part: str | None) -> None:
        self.framework = framework
        self.profile = profile
        self.part = part
        units = profile.parts.items()
        self.unit = next((u for u, parts in units if part in [p.name for p in parts]), "")
        self.answers: dict[str, Answer | None] = {}
        self.given: dict[Path, GivenScore | None] = {}
        self.first: dict[str | Path, Span] = {}
        self.found: list[Diagnostic] = []

    def read(self, each: Argument) -> None:
        asked = self.asked(each.name)
        if asked is not None:
            if self.answers_for(asked, each) and self.once(asked.id, each):
                self.answers[asked.id] = self.answer(asked, each)
            return
        figure = self.figure(each)
        if figure is not None and self.once(figure.path, each):
            self.given[figure.path] = self.score(figure, each)

    def error(self, code: str, message: str, span: Span, help: str = "", *notes: Note) -> None:
        self.found.append(Diagnostic(code, message, span, help, notes))

    def once(self, key: str | Path, each: Argument) -> bool:
        first = self.first.setdefault(key, each.name_span)
        if first is not each.name_span:
            note = Note("it first stands here", first)
            self.error("E403", f"{quote(each.name)} stands twice", each.name_span, "keep one", note)
        return first is each.name_span

    # ---- names

    def asked(self, name: str) -> Asked | None:
        """The question or measure of a name: its id, or a path that ends in it."""
        ids = name.split(".")
        found = find_asked(self.framework, ids[-1])
        paths = self.paths(found) if found else []
        return found if not ids[1:] or any(set(ids) <= set(path) for path in paths) else None

    def paths(self, asked: Asked) -> list[Path]:
        """Where a question or measure is scored."""
        return self.framework.asked_at.get(asked.id, [asked.path])

    def figure(self, each: Argument) -> Figure | None:
        """The figure of a name, which may have a given score; else report that there is none."""
        ids = tuple(each.name.split("."))
        candidates = self.framework.named(ids)
        if not candidates and not ids[1:]:
            candidates = [f for f in self.framework.figures.values() if f.id == each.name]
        if not candidates:
            self.unknown(each)
            return None
        if candidates[1:]:
            names = listing([figure.dotted for figure in candidates], last="or")
            message = f"{quote(each.name)} names {len(candidates)} figures"
            self.error("E207", message, each.name_span, f"write {names}")
            return None
        scope = self.framework.scopes.get(candidates[0].path)
        if scope is not None:
            message = (
                f"{quote(each.name)} is scored for each part, so there is no one score to give"
            )
            help = f"give `{scope[-1]}`, the mean of the parts, or answer for each"
            self.error("E230", message, each.name_span, help)
            return None
        if self.part is not None:
            message = f"{quote(each.name)} is scored for the entity, not for each of its parts"
            self.error("E230", message, each.name_span, "leave `--part` out")
            return None
        return candidates[0]

    def unknown(self, each: Argument) -> None:
        name, span = each.name, each.name_span
        ratings = [path for path in self.framework.ratings if name in (path[-1], ".".join(path))]
        if ratings:
            help = "it is a rating, which is read off figures; suppose a score of one of them"
            self.error("E221", f"there is no question {quote(name)}", span, help)
            return
        fault = unknown_question(self.framework, name, span)
        dotted = {f.dotted for f in self.framework.figures.values()}
        near = nearest(name, [*self.framework.questions, *self.framework.recorded, *dotted])
        if near in dotted:
            fault = replace(fault, help=f"`{near}`, a figure", fix=instead(span, near))
        self.found.append(fault)

    def answers_for(self, asked: Asked, each: Argument) -> bool:
        """Whether it is the entity that answers, or the part that was named; else report it."""
        scopes = [self.framework.scopes.get(path) for path in self.paths(asked)]
        units = [self.framework.figures[scope].each for scope in scopes if scope]
        of_parts = [unit.value for unit in units if unit is not None]
        if self.part is None and of_parts and None not in scopes:
            there = [p.name for unit in of_parts for p in self.profile.parts.get(unit, ())]
            names = listing(there) or f"there is no {of_parts[0]}"
            message = f"`{asked.id}` is answered for each {of_parts[0]}"
            self.error("E230", message, each.name_span, f"name one with `--part`: {names}")
            return False
        if self.part is not None and of_parts and not self.unit:
            there = [p.name for unit in of_parts for p in self.profile.parts.get(unit, ())]
            message = f"there is no part {quote(self.part)}"
            self.error("E230", message, each.name_span, f"the parts are {listing(there)}")
            return False
        if self.part is not None and self.unit not in of_parts:
            message = f"`{asked.id}` is not answered for each part"
            self.error("E230", message, each.name_span, "leave `--part` out")
            return False
        return True

    # ---- values

    def answer(self, asked: Asked, each: Argument) -> Answer | None:
        if not each.value.strip():
            return None
        answer = read_answer(asked, each.value, Evidence(), each.value_span)
        if isinstance(answer, Answer):
            return answer
        fault = answer.fault
        if fault is not None and each.value.lower() in NO_ANSWER and not fault.fix:
            fault = replace(fault, help=f"if it means: not answered, write `{each.name}=`")
        self.found += [fault] if fault else []
        return None

    def score(self, figure: Figure, each: Argument) -> GivenScore | None:
        if not each.value.strip():
            return None
        value = read_number(each.value)
        if isinstance(value, NotANumber):
            self.found.append(not_a_number(each.value, each.value_span, value.reason, 0))
            return None
        low, high = self.framework.given_range(figure)
        if not low <= value <= high:
            ends = f"{shorten(low)} to {shorten(high)}"
            message = f"a score of {shorten(value)} is outside {ends}"
            self.error("E225", message, each.value_span, f"suppose a score from {ends}")
            return None
        return GivenScore(value, Evidence(), each.value_span)
