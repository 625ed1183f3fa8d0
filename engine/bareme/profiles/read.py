"""YAML nodes to profiles, every value read by the rules and every fault in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import (
    Diagnostic,
    Note,
    difference,
    listing,
    nearest,
    number_meant,
    quote,
)
from bareme.exact import NotANumber, read_number, shorten
from bareme.framework import HIGHEST, LOWEST, Figure, Framework, Question
from bareme.profiles.nodes import Mapping, Node, Sequence, Text, read_nodes
from bareme.profiles.profile import (
    Answer,
    Edition,
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
MAX_NOTE = 20_000
_EVIDENCE = ("source", "note", "date")
_SECTIONS = ("entity", "name", "answers", "given", "published")
_RANK = re.compile(r"(=?)([0-9]{1,9})")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


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


def read_edition(id: str, source: Source) -> tuple[Edition, list[Diagnostic]]:
    """Read an `edition.yaml`: title, date, and whether the cohort is whole or partial."""
    root, found = read_nodes(source)
    if root is None:
        return Edition(id, id, "", False), found
    reader = _Reader(source, Framework("", (), ()), found)
    fields = reader.fields(root, ("title", "date", "cohort"), "an edition")
    texts = {key: reader.text(node, f"`{key}`") for key, node in fields.items()}
    date = texts.get("date")
    if date and not _DATE.fullmatch(date.value):
        reader.error("E407", f"{quote(date.value)} is not a date", date.span, "as in `2023-07-18`")
    cohort = texts.get("cohort")
    if cohort and cohort.value not in ("partial", "complete"):
        reader.error(
            "E407",
            f"a cohort is `partial` or `complete`, not {quote(cohort.value)}",
            cohort.span,
            "`partial` where not every entity is there: then no ranks or medians are published",
        )
    title = texts.get("title")
    return (
        Edition(
            id=id,
            title=title.value if title and title.value else id,
            date=date.value if date else "",
            partial=bool(cohort and cohort.value == "partial"),
            partial_span=cohort.span if cohort else None,
        ),
        found,
    )


class _Reader:
    """Reads one file against one framework; what is wrong goes to `found`."""

    def __init__(self, source: Source, framework: Framework, found: list[Diagnostic]) -> None:
        self.source = source
        self.framework = framework
        self.found = found
        self.off_scale: dict[str, Answer] = {}

        self.broken = [each.span for each in found if each.code == "E401"]

    def error(self, code: str, message: str, span: Span, help: str = "", *notes: Note) -> None:
        self.found.append(Diagnostic(code, message, span, help, notes))

    def without_knock_on(self) -> list[Diagnostic]:
        """What was found, but for what a line that is no YAML has brought about on that line."""
        lines = {self.source.position(span.start)[0] for span in self.broken}
        return [
            each
            for each in self.found
            if each.code == "E401" or self.source.position(each.span.start)[0] not in lines
        ]

    def lost_in(self, key: Text, node: Node) -> bool:
        """Whether a line of the block under a key could not be read."""
        return any(key.span.start <= span.start <= node.span.end for span in self.broken)

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

    def fields(self, node: Node, known: Iterable[str], what: str) -> dict[str, Node]:
        """The entries of a mapping whose keys are all known; others are reported."""
        known = list(known)
        fields: dict[str, Node] = {}
        meant: dict[str, Node] = {}
        example = {"a profile": "entity: NOR", "an edition": "title: Norms 2023"}
        for key, value in self.mapping(node, what, example.get(what, "source: annual report")):
            if key.value in known:
                fields.setdefault(key.value, value)
                continue
            near = nearest(key.value, known)
            self.error(
                "E404",
                f"{quote(key.value)} is not part of {what}",
                key.span,
                f"`{near}`" if near else f"{what} has {listing(known)}",
            )
            if near:
                meant.setdefault(near, value)  # so that it is not missed as well
        return meant | fields

    def mapping(
        self, node: Node | None, what: str, example: str = "name: value"
    ) -> Iterator[tuple[Text, Node]]:
        if isinstance(node, Mapping):
            yield from node.entries
        elif node is not None and not (isinstance(node, Text) and not node.value):
            self.error(
                "E404",
                f"{what} is written as lines of `name: value`",
                _first_line(node, self.source),
                "take the dash out"
                if isinstance(node, Sequence) and self.source.text[node.span.start] == "-"
                else f"as in `{example}`",
            )

    def text(self, node: Node, what: str) -> Text | None:
        if isinstance(node, Text):
            if len(node.value) > MAX_NOTE:
                self.error(
                    "E408",
                    f"{what} has {len(node.value):,} characters; there may be {MAX_NOTE:,}",
                    node.span,
                    "shorten it, and name the document that holds the rest",
                )
            return node
        kind = "a list" if isinstance(node, Sequence) else "a block"
        message = f"{what} is one text, not {kind}"
        self.error("E404", message, _first_line(node, self.source), "write one text")
        return None

    def evidence(self, fields: dict[str, Node]) -> Evidence:
        texts = {key: self.text(fields[key], f"`{key}`") for key in _EVIDENCE if key in fields}
        return Evidence(**{key: text.value.strip() for key, text in texts.items() if text})

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
            fields = self.fields(node, ("answer", *_EVIDENCE), f"the answer to `{question.id}`")
            evidence = self.evidence(fields)
            if "answer" not in fields and self.lost_in(key, node):
                return None
            if "answer" not in fields:
                self.error(
                    "E404",
                    f"`{question.id}` has evidence but no answer",
                    _first_line(node, self.source),
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
                fields = self.fields(value, ("score", *_EVIDENCE), f"the given `{key.value}`")
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
                    _first_line(value, self.source),
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

    def number(self, node: Node, what: str) -> tuple[Fraction, Span] | None:
        text = self.text(node, what)
        if text is None:
            return None
        value = read_number(text.value)
        if isinstance(value, NotANumber):
            help = number_meant(text.value) or value.reason
            self.error("E110", f"{quote(text.value)} is not a number", text.span, help)
            return None
        return value, text.span

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


def _first_line(node: Node, source: Source) -> Span:
    """What stands of a node on the line that it starts on."""
    start = node.span.start
    number = source.position(start)[0]
    end = source.line_start(number) + len(source.line(number).rstrip())
    return Span(node.span.file, start, max(start + 1, min(node.span.end, end)))


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
