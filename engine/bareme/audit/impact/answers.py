"""What one entity answers differently in two states, and a profile with any of it in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from bareme.audit.impact.edits import Edit, Key
from bareme.exact import written
from bareme.framework import Framework
from bareme.profiles.profile import Answer, PartOf, Profile
from bareme.record import Record, replace

NOT_ANSWERED = "not answered"
NOT_ASKED = "not asked"
NOT_GIVEN = "not given"

Answers = Mapping[str, Answer]
K = TypeVar("K")
V = TypeVar("V")


class Answered(Record, caches=True):
    """One entity before and after.

    Attributes:
        edits: by key, in the order of the questions.
        labels: whether two answers to a question say the same, whatever spelling or code they use.
    """

    before: Profile
    after: Profile
    edits: Mapping[Key, Edit]

    def profile(self, on: frozenset[Key]) -> Profile:
        """The profile with some of the edits in force."""
        if not on:
            return self.before
        given = dict(self.before.given)
        groups = dict(self.before.groups)
        for key in on:
            match key:
                case ("given", *path):
                    _take(given, self.after.given, tuple(path))
                case ("group", group):
                    _take(groups, self.after.groups, group)
        asked = {key[1] for key in on if key[0] == "answer" and len(key) == 2}
        return replace(
            self.before,
            unasked=(self.before.unasked - asked) | (self.after.unasked & asked),
            answers=_mixed(self.before.answers, self.after.answers, ("answer",), on),
            given=given,
            groups=groups,
            parts=self._parts(on),
        )

    def _parts(self, on: frozenset[Key]) -> Mapping[str, tuple[PartOf, ...]]:
        parts: dict[str, tuple[PartOf, ...]] = {}
        for unit in dict.fromkeys([*self.before.parts, *self.after.parts]):
            olds = {part.name: part for part in self.before.parts.get(unit, ())}
            news = {part.name: part for part in self.after.parts.get(unit, ())}
            made: list[PartOf] = []
            for name in dict.fromkeys([*olds, *news]):
                old, new = olds.get(name), news.get(name)
                if old is None or new is None:
                    there = ("part", unit, name) in on
                    one = new if there else old
                    made += [one] if one else []
                else:
                    answers = _mixed(old.answers, new.answers, ("answer", unit, name), on)
                    made.append(replace(old, answers=answers))
            parts[unit] = tuple(made)
        return parts


def _take(into: dict[K, V], of: Mapping[K, V], key: K) -> None:
    into.pop(key, None)
    if key in of:
        into[key] = of[key]


def _mixed(before: Answers, after: Answers, kind: Key, on: frozenset[Key]) -> Answers:
    """The answers before, and of those that an edit in force is of the ones after."""
    answers = dict(before)
    for key in on:
        if len(key) == len(kind) + 1 and key[:-1] == kind:
            _take(answers, after, key[-1])
    return answers


def answered(before: Profile, after: Profile, rules: tuple[Framework, Framework]) -> Answered:
    """What one entity answers differently.

    Args:
        before, after: its two profiles.
        rules: by which each is read.
    """
    edits: dict[Key, Edit] = {}
    if before is after:
        return Answered(before, after, edits)
    same = _same_by(rules)
    edits |= dict(_answers(before.answers, after.answers, ("answer",), "", after, same))
    for question in sorted(before.unasked ^ after.unasked):
        edits[("answer", question)] = _asked(question, before, after)
    for path in dict.fromkeys([*before.given, *after.given]):
        old, new = before.given.get(path), after.given.get(path)
        if old is None or new is None or old.score != new.score:
            key = ("given", *path)
            edits[key] = Edit(
                key,
                f"given `{'.'.join(path)}`",
                written(old.score) if old else NOT_GIVEN,
                written(new.score) if new else NOT_GIVEN,
                old.span if old else None,
                new.span if new else None,
                after.entity,
            )
    for group in dict.fromkeys([*before.groups, *after.groups]):
        label, now = before.groups.get(group, ""), after.groups.get(group, "")
        if label != now:
            key = ("group", group)
            edits[key] = Edit(
                key, f"group `{group}`", label, now, before.span, after.span, after.entity
            )
    edits |= dict(_parts(before, after, same))
    return Answered(before, after, edits)


def when_asked(rules: tuple[Framework, Framework], questions: Iterable[str]) -> Iterator[Edit]:
    """The edits of the editions in which questions are asked; entities are moved by their answers.

    Args:
        rules: before and after.
        questions: those of an index.
    """
    for id in questions:
        old, new = (framework.questions.get(id) for framework in rules)
        if old is not None and new is not None and old.asked_in != new.asked_in:
            was, now = old.asked_in, new.asked_in
            yield Edit(
                ("asked", id),
                f"question `{id}` asked",
                was.written if was else "always",
                now.written if now else "always",
                was.span if was else old.span,
                now.span if now else new.span,
            )


def _asked(question: str, before: Profile, after: Profile) -> Edit:
    """The edit of an answer to what is asked in one of two editions alone."""
    old, new = (_said(question, each) for each in (before, after))
    answers = before.answers.get(question), after.answers.get(question)
    spans = [answer.span if answer else None for answer in answers]
    key = ("answer", question)
    return Edit(key, question, old, new, spans[0], spans[1], after.entity)


def _said(question: str, profile: Profile) -> str:
    if question in profile.unasked:
        return NOT_ASKED
    answer = profile.answers.get(question)
    return answer.text if answer else NOT_ANSWERED


Same = Callable[[str, Answer | None, Answer | None], bool]


def _same_by(rules: tuple[Framework, Framework]) -> Same:
    """Whether two answers to a question say the same, whatever spelling or code they use."""

    def label(framework: Framework, question: str, answer: Answer) -> str:
        asked = framework.questions.get(question)
        found = asked.scale.label(answer.text) if asked and asked.scale else None
        return found.text if found else answer.text

    def same(question: str, old: Answer | None, new: Answer | None) -> bool:
        if old is None or new is None:
            return old is new
        if old.value is not None or new.value is not None:
            return old.value == new.value
        if old.text == new.text:
            return True
        return label(rules[0], question, old) == label(rules[1], question, new)

    return same


def _answers(
    before: Answers, after: Answers, kind: Key, of: str, entity: Profile, same: Same
) -> Iterator[tuple[Key, Edit]]:
    for question in dict.fromkeys([*before, *after]):
        old, new = before.get(question), after.get(question)
        if same(question, old, new):
            continue
        key = (*kind, question)
        yield (
            key,
            Edit(
                key,
                f"{of}{question}",
                old.text if old else NOT_ANSWERED,
                new.text if new else NOT_ANSWERED,
                old.span if old else None,
                new.span if new else None,
                entity.entity,
            ),
        )


def _parts(before: Profile, after: Profile, same: Same) -> Iterator[tuple[Key, Edit]]:
    for unit in dict.fromkeys([*before.parts, *after.parts]):
        olds = {part.name: part for part in before.parts.get(unit, ())}
        news = {part.name: part for part in after.parts.get(unit, ())}
        for name in dict.fromkeys([*olds, *news]):
            old, new = olds.get(name), news.get(name)
            if old and new:
                kind = ("answer", unit, name)
                yield from _answers(old.answers, new.answers, kind, f"{name}: ", after, same)
            else:
                key = ("part", unit, name)
                one = old or new
                assert one is not None
                words = f"{unit} {name}"
                yield (
                    key,
                    Edit(
                        key,
                        words,
                        words if old else "",
                        words if new else "",
                        old.span if old else None,
                        new.span if new else None,
                        after.entity,
                    ),
                )
