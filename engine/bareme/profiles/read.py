"""YAML nodes to profiles, every value read by the rules and every fault in its place."""

from __future__ import annotations

from bareme.diagnostics import Diagnostic, instead, listing, nearest, quote, without_lines
from bareme.exact import shorten
from bareme.framework import Framework
from bareme.profiles.answers import (
    NO_ANSWER,
    Asked,
    all_asked,
    blank_answer,
    example_answer,
    find_asked,
    read_answer,
    unknown_question,
)
from bareme.profiles.fields import EVIDENCE, first_line, keys_of, respelt
from bareme.profiles.groups import check_label, find_group
from bareme.profiles.nodes import Mapping, Node, Text, read_nodes
from bareme.profiles.profile import Answer, Evidence, GivenScore, PartOf, Path, Profile
from bareme.profiles.published import PrintedOf, PublishedReader
from bareme.profiles.slips import as_yaml
from bareme.record import replace
from bareme.source import Source, Span
from bareme.text import hidden_in

MAX_ENTITY = 120
_SECTIONS = ("entity", "name", "groups", "answers", "parts", "given", "published")


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


class _Reader(PublishedReader):
    """Reads one profile against one framework; what is wrong goes to `found`."""

    def __init__(self, source: Source, framework: Framework, found: list[Diagnostic]) -> None:
        super().__init__(source, framework, found)
        self.off_scale: dict[str, Answer] = {}
        self.blank: dict[str, Span] = {}

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
        for what, text in (("entity", entity), ("name", name)):
            if text is not None and text.value.strip() and not _on_one_line(text.value):
                self.error(
                    "E405",
                    f"`{what}` holds a line break or starts or ends with a space",
                    first_line(text, self.source),
                    f"write `{what}` on one line, without spaces around it",
                    fix=instead(text.span, as_yaml(text.value.strip()))
                    if _on_one_line(text.value.strip())
                    else (),
                )
        answers, blank = self.answers(fields.get("answers")), self.blank
        parts = self.parts(fields.get("parts"))
        given = self.given(fields.get("given"))
        groups = self.groups(fields.get("groups"))
        printed = self.published(fields.get("published"))
        if entity is None or not entity.value.strip():
            return None
        return Profile(
            entity=entity.value,
            name=name.value if name and name.value.strip() else entity.value,
            answers=answers,
            off_scale=self.off_scale,
            given=given,
            printed=printed.figures,
            printed_ranks=printed.ranks,
            printed_bands=printed.bands,
            printed_ratings=printed.ratings,
            groups=groups,
            span=entity.span,
            parts=parts,
            blank=blank,
        )

    # ---- answers and groups

    def parts(self, node: Node | None) -> dict[str, tuple[PartOf, ...]]:
        """The parts that answer for themselves: by unit and by name, each with its answers."""
        units = self.framework.units
        parts: dict[str, tuple[PartOf, ...]] = {}
        for unit, block in self.mapping(node, "`parts`", f"{units[0] if units else 'unit'}:"):
            if unit.value not in units:
                near = nearest(unit.value, units)
                help = f"`{near}`" if near else f"declare it in the rules, `units {unit.value}`"
                if not unit.value.isidentifier():
                    help = f"the units are {listing(units)}" if units else "the rules have no units"
                fix = instead(unit.span, near if near not in keys_of(node) else None)
                message = f"there is no unit {quote(unit.value)}"
                self.error("E230", message, unit.span, help, fix=fix)
                continue
            read: list[PartOf] = []
            for name, body in self.mapping(block, f"the parts under `{unit.value}`", "Name:"):
                if not (name.value and _on_one_line(name.value)):
                    message = f"{quote(name.value)} is no name of a part"
                    help = "write a name on one line, without spaces around it"
                    self.error("E230", message, name.span, help)
                    continue
                outer, self.off_scale, self.blank = self.off_scale, {}, {}
                answers = self.answers(body)
                part = PartOf(name.value, answers, self.off_scale, name.span, self.blank)
                read.append(part)
                self.off_scale = outer
            parts[unit.value] = tuple(read)
        return parts

    def answers(self, node: Node | None) -> dict[str, Answer]:
        answers: dict[str, Answer] = {}
        example = next(iter(all_asked(self.framework).values()), None)
        shown = f"{example.id}: {example_answer(example)}" if example else "question: answer"
        for key, value in self.mapping(node, "`answers`", shown):
            asked = find_asked(self.framework, key.value)
            if asked is None:
                fault = unknown_question(self.framework, key.value, key.span)
                there = keys_of(node)
                taken = any(each.text in there for each in fault.fix)
                self.found.append(replace(fault, fix=()) if taken else fault)
                continue
            answer = self.answer(asked, key, value)
            if answer is not None:
                answers.setdefault(asked.id, answer)
        return answers

    def answer(self, asked: Asked, key: Text, node: Node) -> Answer | None:
        evidence = Evidence()
        alone = not isinstance(node, Mapping)
        if isinstance(node, Mapping):
            fields = self.fields(node, ("answer", *EVIDENCE), f"the answer to `{asked.id}`")
            evidence = self.evidence(fields)
            if "answer" not in fields and self.lost_in(key, node):
                return None
            if "answer" not in fields:
                self.error(
                    "E404",
                    f"`{asked.id}` has evidence but no answer",
                    first_line(node, self.source),
                    f"add `answer: {example_answer(asked)}`, say",
                )
                return None
            node = fields["answer"]
        text = self.text(node, f"the answer to `{asked.id}`")
        if text is None:
            return None
        if not text.value.strip():
            place = text.span if text.value else key.span
            self.blank.setdefault(asked.id, place)
            self.found.append(blank_answer(asked, place))
            return None
        answer = read_answer(asked, text.value, evidence, text.span)
        if isinstance(answer, Answer):
            return answer
        if answer.fault is not None and not self.escapes(text):
            fault = respelt(answer.fault, as_yaml)
            if answer.remark and alone:
                label, note = map(as_yaml, answer.remark)
                fault = replace(fault, fix=instead(text.span, f"{{answer: {label}, note: {note}}}"))
            elif text.value.lower() in NO_ANSWER and alone and not fault.fix:
                fault = self.not_answered(fault, key.span.to(text.span))
            self.found.append(fault)
        if answer.off_scale is not None:
            self.off_scale.setdefault(asked.id, answer.off_scale)
        return None

    def escapes(self, text: Text) -> bool:
        """Whether a text holds what nobody sees, which was said of it; a space is seen."""
        hidden = hidden_in(text.value)
        told = any(each.code == "E003" and each.span == text.span for each in self.found)
        return told and hidden is not None and not hidden.isspace()

    def not_answered(self, fault: Diagnostic, line: Span) -> Diagnostic:
        fix = without_lines(line) if self.alone_on_its_lines(line) else ()
        return replace(fault, help="if it means: not answered, delete the line", fix=fix)

    def groups(self, node: Node | None) -> dict[str, str]:
        groups: dict[str, str] = {}
        for key, value in self.mapping(node, "`groups`", "region: North"):
            group = find_group(self.framework, key.value, key.span)
            text = self.text(value, f"the label of `{key.value}`")
            if isinstance(group, Diagnostic):
                if not self.framework.groups and node is not None:
                    group = replace(group, fix=self.without_entry(node, key, value))
                self.found.append(group)
                continue
            if text is None or not text.value.strip():
                continue
            fault = check_label(group, text.value, text.span)
            if fault is not None:
                self.found.append(respelt(fault, as_yaml))
            else:
                groups[group.id] = text.value
        return groups

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
            number = self.number(value, "a given score", least=0)
            if number is None or figure is None:
                continue
            if self.of_each_part(figure, key, "give"):
                continue
            low, high = self.framework.given_range(figure)
            if not low <= number[0] <= high:
                ends = f"{shorten(low)} to {shorten(high)}"
                self.error(
                    "E225",
                    f"a score of {shorten(number[0])} is outside {ends}",
                    number[1],
                    f"give the score from {ends}, with the decimals that are known",
                )
                continue
            if self.fresh(given, figure, number[1], {p: g.span for p, g in given.items()}):
                given[figure.path] = GivenScore(number[0], evidence, number[1])
        return given

    def published(self, node: Node | None) -> PrintedOf:
        printed = PrintedOf()
        for slot, texts in self.slots(node):
            self.found += printed.add(slot, texts, True, self.out if "differs" in texts else ())
        return printed


def _on_one_line(text: str) -> bool:
    return text == text.strip() and not set(text) & {"\n", "\t"}


def _key_span(text: Text, key: str, source: Source) -> Span:
    """A blank value has no width; point at its key on the same line."""
    line = source.position(text.span.start)[0]
    at = source.line(line).find(key)
    if at < 0:
        return text.span
    start = source.line_start(line) + at
    return Span(text.span.file, start, start + len(key))
