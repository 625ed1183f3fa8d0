"""YAML nodes to profiles, every value read by the rules and every fault in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bareme.diagnostics import (
    Diagnostic,
    Note,
    difference,
    listing,
    nearest,
    quote,
)
from bareme.exact import read_number, shorten
from bareme.framework import HIGHEST, LOWEST, Figure, Framework, Question
from bareme.profiles.fields import EVIDENCE, FieldReader, first_line
from bareme.profiles.nodes import Mapping, Node, Sequence, Text, read_nodes
from bareme.profiles.profile import (
    Answer,
    Evidence,
    GivenScore,
    Path,
    Printed,
    PrintedFigure,
    PrintedRank,
    Profile,
)
from bareme.source import Source, Span

MAX_ENTITY = 120
MAX_ANSWER = 2_000
_SECTIONS = ("entity", "name", "answers", "given", "published")
_RANK = re.compile(r"(=?)([0-9]{1,9})")


def read_profile(source: Source, framework: Framework) -> tuple[Profile | None, list[Diagnostic]]:
    """Read one entity's file.

    Returns:
        The profile, None where it does not even say whose it is, and every fault found.
    """
    root, found = read_nodes(source)
    if root is None and found:
        return None, found
    reader = _Reader(source, framework, found)
    profile = reader.profile(root)
    return profile, reader.without_knock_on()


class _Reader(FieldReader):
    """Reads one profile against one framework; what is wrong goes to `found`."""

    def __init__(self, source: Source, framework: Framework, found: list[Diagnostic]) -> None:
        super().__init__(source, found)
        self.framework = framework
        self.off_scale: dict[str, Answer] = {}

    # ---- the shape of the file

    def profile(self, root: Node | None) -> Profile | None:
        whole = Span(self.source.name, 0, 0)
        if root is None:
            self.error("E405", "this profile is empty", whole, "start with `entity: ID`")
            return None
        fields = self.fields(root, _SECTIONS, "a profile")
        if not isinstance(root, Mapping):
            return None
        entity = self.text(fields["entity"], "`entity`") if "entity" in fields else None
        if entity is None and self.broken:
            return None  # it may be said in what could not be read
        if entity is None or not entity.value.strip():
            self.error(
                "E405",
                "this profile does not say whose it is"
                if entity is None
                else "`entity` is blank, so this profile does not say whose it is",
                _key_span(entity, "entity", self.source) if entity else whole,
                f"{'write' if entity else 'add a line'} `entity: ID`, "
                "an id that stays the same in every edition",
            )
        elif len(entity.value) > MAX_ENTITY:
            self.error(
                "E408",
                f"this id has {len(entity.value):,} characters; there may be {MAX_ENTITY}",
                entity.span,
                "take a short one, `entity: NOR`; `name` may say more",
            )
        name = self.text(fields["name"], "`name`") if "name" in fields else None
        answers = self.answers(fields.get("answers"))
        given = self.given(fields.get("given"))
        printed, ranks = self.published(fields.get("published"))
        if entity is None or not entity.value.strip():
            return None
        return Profile(
            entity=entity.value,
            name=name.value if name and name.value.strip() else entity.value,
            answers=answers,
            off_scale=self.off_scale,
            given=given,
            printed=printed,
            printed_ranks=ranks,
            span=entity.span,
        )

    # ---- answers

    def answers(self, node: Node | None) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        example = next(iter(self.framework.questions.values()), None)
        shown = f"{example.id}: {_first_label(example)}" if example else "question: answer"
        for key, value in self.mapping(node, "`answers`", shown):
            question = self.framework.questions.get(key.value)
            if question is None:
                self.unknown_question(key)
                continue
            answer = self.answer(question, key, value)
            if answer is not None:
                answers.setdefault(question.id, answer)
        return answers

    def answer(self, question: Question, key: Text, node: Node) -> Answer | None:
        evidence = Evidence()
        if isinstance(node, Mapping):
            fields = self.fields(node, ("answer", *EVIDENCE), f"the answer to `{question.id}`")
            evidence = self.evidence(fields)
            if "answer" not in fields and self.lost_in(key, node):
                return None
            if "answer" not in fields:
                self.error(
                    "E404",
                    f"`{question.id}` has evidence but no answer",
                    first_line(node, self.source),
                    f"add `answer: {_first_label(question)}`, say",
                )
                return None
            node = fields["answer"]
        text = self.text(node, f"the answer to `{question.id}`")
        if text is None:
            return None
        if not text.value.strip():
            policy = question.settings.when_missing.value.replace("leave", "leave it")
            self.error(
                "W410",
                f"the answer to `{question.id}` is blank; the rules {policy}",
                text.span if text.value else key.span,
                "answer it, or delete the line",
            )
            return None
        if len(text.value) > MAX_ANSWER:
            self.error(
                "E408",
                f"this answer has {len(text.value):,} characters; there may be {MAX_ANSWER:,}",
                text.span,
                "an answer is a label of the rules; put the text under `note:`",
            )
            return None
        scale = question.scale
        if scale is None or scale.label(text.value) is not None:
            return Answer(text.value, evidence, text.span)
        if scale.complete:
            self.off_scale.setdefault(question.id, Answer(text.value, evidence, text.span))
            self.not_on_scale(question, text)
        return None

    def not_on_scale(self, question: Question, text: Text) -> None:
        assert question.scale is not None
        labels = [label.text for label in question.scale.labels]
        codes = [label.code for label in question.scale.labels if label.code]
        points = read_number(text.value)
        scored = [each.text for each in question.scale.labels if each.points == points]
        on = "among the options of" if question.scale.own else "on scale"
        name = question.id if question.scale.own else question.scale.name
        near = nearest(text.value, [*labels, *codes])
        if near is None and len(scored) == 1:
            help = f"`{scored[0]}`, the answer that earns {text.value} points"
        elif near is None:
            help = f"`{question.id}` is answered {listing(labels, last='or')}"
        else:
            how = difference(text.value, near)
            help = f"`{near}`" + (f": {how}" if how else "")
        self.error("E222", f"{quote(text.value)} is not {on} `{name}`", text.span, help)

    def unknown_question(self, key: Text) -> None:
        questions = self.framework.questions
        coded = [q.id for q in questions.values() if q.code == key.value]
        figures = [f.path for f in self.framework.figures.values() if f.id == key.value]
        near = coded[0] if coded else nearest(key.value, questions)
        if coded:
            help = f"it is the code of `{near}`; write the id"
        elif figures:
            below = ".".join(figures[0][1:]) or figures[0][0]
            help = f"it is a figure; write `{below}` under `given:` and `{figures[0][0]}:`"
        elif near:
            help = f"`{near}`"
        else:
            help = "the ids of questions stand in the rules, after the word `question`"
        self.error("E221", f"there is no question {quote(key.value)}", key.span, help)

    # ---- given and printed figures

    def given(self, node: Node | None) -> dict[Path, GivenScore]:
        given: dict[Path, GivenScore] = {}
        for index, key, value in self.by_index(node, "`given`"):
            figure = self.figure(index, key)
            evidence = Evidence()
            if isinstance(value, Mapping):
                fields = self.fields(value, ("score", *EVIDENCE), f"the given `{key.value}`")
                evidence = self.evidence(fields)
                if "score" not in fields and self.lost_in(key, value):
                    continue
                if "score" not in fields:
                    self.error(
                        "E404",
                        f"{quote(key.value)} has evidence but no score",
                        key.span,
                        "add `score: 50`, say",
                    )
                    continue
                value = fields["score"]
            number = self.number(value, "a given score")
            if number is None or figure is None:
                continue
            if not LOWEST <= number[0] <= HIGHEST:
                self.error(
                    "E225",
                    f"a score of {shorten(number[0])} is outside 0 to 100",
                    number[1],
                    "give the score from 0 to 100, with the decimals that are known",
                )
                continue
            if self.fresh(given, figure, number[1], {p: g.span for p, g in given.items()}):
                given[figure.path] = GivenScore(number[0], evidence, number[1])
        return given

    def published(
        self, node: Node | None
    ) -> tuple[dict[Path, PrintedFigure], dict[str, PrintedRank]]:
        printed: dict[Path, PrintedFigure] = {}
        ranks: dict[str, PrintedRank] = {}
        for index, key, value in self.by_index(node, "`published`"):
            if key.value == "rank":
                rank = self.rank(value)
                if rank is not None:
                    ranks[index] = rank
                continue
            figure = self.figure(index, key)
            items = value.items if isinstance(value, Sequence) else (value,)
            if not 1 <= len(items) <= 2 or not all(isinstance(item, Text) for item in items):
                number = "" if isinstance(value, Mapping) else f", not {len(items)} numbers"
                number = number if len(items) > 2 else ""
                self.error(
                    "E404",
                    f"a printed figure is a score, or a score and a change{number}",
                    first_line(value, self.source),
                    f"as in `{key.value}: 66` or `{key.value}: [66, -2]`",
                )
                continue
            numbers = [self.number(item, "a printed figure") for item in items]
            if figure is None or any(number is None for number in numbers):
                continue
            spans = {path: each.score.span for path, each in printed.items()}
            if self.fresh(printed, figure, key.span, spans):
                values = [
                    Printed(number[0], item.value, number[1])
                    for number, item in zip(numbers, items, strict=True)
                    if number and isinstance(item, Text)
                ]
                change = values[1] if len(values) == 2 else None
                printed[figure.path] = PrintedFigure(values[0], change)
        return printed, ranks

    def by_index(self, node: Node | None, what: str) -> Iterator[tuple[str, Text, Node]]:
        known = [index.id for index in self.framework.indices]
        figures = {"rank", *(figure.id for figure in self.framework.figures.values())}
        astray = False  # a run of figures that have lost the line of their index is one slip
        for key, section in self.mapping(node, what, f"{known[0] if known else 'index'}:"):
            if astray and key.value in figures and not isinstance(section, Mapping):
                continue
            astray = key.value not in known and key.value in figures
            if key.value not in known:
                self.unknown_index(key, what)
                continue
            example = f"{key.value}: 50"
            for name, value in self.mapping(section, f"{what} of `{key.value}`", example):
                yield key.value, name, value

    def unknown_index(self, key: Text, what: str) -> None:
        known = [index.id for index in self.framework.indices]
        near = nearest(key.value, known)
        homes = [f.path[0] for f in self.framework.figures.values() if f.id == key.value]
        if key.value == "rank" and known:
            help = f"a rank is of an index; indent it under a line such as `{known[0]}:`"
        elif homes:
            help = f"it is a figure of `{homes[0]}`; indent it under a line `{homes[0]}:`"
        elif near:
            help = f"`{near}`"
        else:
            help = f"{what} goes by index: {listing(known)}"
        self.error("E223", f"there is no index {quote(key.value)}", key.span, help)

    def figure(self, index: str, key: Text) -> Figure | None:
        """The figure of an index that a key names: its id, or a path where that is not enough."""
        ids = tuple(key.value.split("."))
        candidates = self.framework.named(ids if ids[0] == index else (index, *ids))
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            shorter = [each.dotted.removeprefix(f"{index}.") for each in candidates]
            self.error(
                "E207",
                f"{quote(key.value)} names {len(candidates)} figures of `{index}`",
                key.span,
                f"write {listing(shorter, last='or')}",
            )
            return None
        below = {f.id: f for f in self.framework.figures.values() if f.path[0] == index}
        near = nearest(ids[-1], below)
        question = self.framework.questions.get(key.value)
        if question is not None:
            help = "it is a question; write it under `answers`"
        elif near is not None:
            help = f"`{near}`"
        else:
            help = f"`{index}` holds {listing(list(below))}"
        self.error("E224", f"`{index}` has no figure {quote(key.value)}", key.span, help)
        return None

    def fresh(
        self, taken: Iterable[Path], figure: Figure, span: Span, places: dict[Path, Span]
    ) -> bool:
        if figure.path not in set(taken):
            return True
        self.error(
            "E403",
            f"`{figure.dotted}` stands twice here, under two names",
            span,
            "keep one",
            Note("it first stands here", places[figure.path]),
        )
        return False

    def rank(self, node: Node) -> PrintedRank | None:
        text = self.text(node, "a rank")
        if text is None:
            return None
        found = _RANK.fullmatch(text.value)
        if not found or int(found[2]) < 1:
            digits = re.search(r"[1-9][0-9]*", text.value)
            rank = digits[0] if digits else "13"
            self.error(
                "E110",
                f"{quote(text.value)} is not a rank",
                text.span,
                f'a rank is a whole number, `{rank}`, or where it is tied `"={rank}"`',
            )
            return None
        return PrintedRank(int(found[2]), bool(found[1]), text.span)


def _first_label(question: Question) -> str:
    labels = question.scale.labels if question.scale else ()
    return labels[0].text if labels else "…"


def _key_span(text: Text, key: str, source: Source) -> Span:
    """A blank value has no width; point at its key on the same line."""
    line = source.position(text.span.start)[0]
    at = source.line(line).find(key)
    if at < 0:
        return text.span
    start = source.line_start(line) + at
    return Span(text.span.file, start, start + len(key))
