"""Fields of a YAML file: known names, one text each, exact numbers, faults in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import (
    MAX_EDITS,
    Diagnostic,
    Edit,
    Fix,
    Note,
    instead,
    listing,
    nearest,
    not_a_number,
    quote,
    without,
    without_lines,
)
from bareme.exact import NotANumber, read_number
from bareme.profiles.nodes import Mapping, Node, Sequence, Text
from bareme.profiles.profile import Evidence
from bareme.profiles.slips import as_yaml
from bareme.record import replace
from bareme.source import Source, Span

MAX_NOTE = 20_000
EVIDENCE = ("source", "note", "date")


class FieldReader:
    """Reads the nodes of one file; what is wrong goes to `found`."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.source = source
        self.found = found
        self.broken = [each.span for each in found if each.code == "E401"]

    def error(
        self, code: str, message: str, span: Span, help: str = "", *notes: Note, fix: Fix = ()
    ) -> None:
        self.found.append(Diagnostic(code, message, span, help, notes, fix))

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

    def fields(self, node: Node, known: Iterable[str], what: str) -> dict[str, Node]:
        """The entries of a mapping whose keys are all known; others are reported."""
        known = list(known)
        fields: dict[str, Node] = {}
        meant: dict[str, Node] = {}
        example = {"a profile": "entity: NOR", "an edition": "title: Norms 2023"}
        there = keys_of(node)
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
                fix=instead(key.span, near if near not in there else None),
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
            listed = isinstance(node, Sequence) and self.source.text[node.span.start] == "-"
            self.error(
                "E404",
                f"{what} is written as lines of `name: value`",
                first_line(node, self.source),
                "take the dash out" if listed else f"as in `{example}`",
                fix=self.without_dashes(node) if listed else (),
            )

    def without_dashes(self, node: Node) -> Fix:
        """The fix that makes a list of lines `name: value` into such lines."""
        if not isinstance(node, Sequence) or len(node.items) > MAX_EDITS:
            return ()
        if not all(isinstance(item, Mapping) for item in node.items):
            return ()
        places = (self.source.text.rfind("-", 0, item.span.start) for item in node.items)
        return tuple(Edit(Span(node.span.file, at, at + 1), " ") for at in places)

    def without_entry(self, block: Node, key: Text, value: Node) -> Fix:
        """The fix that takes one entry out of a block, be it lines or `{name: value}`."""
        if not isinstance(block, Mapping) or not isinstance(value, Text):
            return ()
        whole = key.span.to(value.span)
        if self.alone_on_its_lines(whole):
            return without_lines(whole)
        at = [each for each, _ in block.entries].index(key)
        if at + 1 < len(block.entries):
            return without(Span(whole.file, whole.start, block.entries[at + 1][0].span.start))
        if at > 0:
            return without(Span(whole.file, block.entries[at - 1][1].span.end, whole.end))
        return without(whole)

    def alone_on_its_lines(self, span: Span) -> bool:
        """Whether nothing but spaces stands before and after a stretch on its lines."""
        text = self.source.text
        before = text[text.rfind("\n", 0, span.start) + 1 : span.start]
        end = text.find("\n", span.end)
        return not (before + text[span.end : end if end >= 0 else len(text)]).strip()

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
        items = node.items if isinstance(node, Sequence) else ()
        texts = [item.value for item in items if isinstance(item, Text) and item.value]
        place, help, fix = first_line(node, self.source), "write one text", Fix()
        if texts[1:]:
            help = f"keep one of {listing(texts)}"
        elif len(texts) == len(items) == 1 and node.span.end <= place.end:
            help, fix = quote(texts[0]), instead(node.span, as_yaml(texts[0]))
        self.error("E404", message, place, help, fix=fix)
        return None

    def evidence(self, fields: dict[str, Node]) -> Evidence:
        texts = {key: self.text(fields[key], f"`{key}`") for key in EVIDENCE if key in fields}
        return Evidence(**{key: text.value.strip() for key, text in texts.items() if text})

    def number(
        self, node: Node, what: str, least: int | None = None
    ) -> tuple[Fraction, Span] | None:
        text = self.text(node, what)
        if text is None:
            return None
        value = read_number(text.value)
        if isinstance(value, NotANumber):
            self.found.append(not_a_number(text.value, text.span, value.reason, least))
            return None
        return value, text.span


def keys_of(node: Node | None) -> set[str]:
    """The names that a block holds."""
    return {key.value for key, _ in node.entries} if isinstance(node, Mapping) else set()


def respelt(fault: Diagnostic, spell: Callable[[str], str]) -> Diagnostic:
    """A message with its fix as the file that it is about has to spell it."""
    return replace(fault, fix=tuple(replace(each, text=spell(each.text)) for each in fault.fix))


def first_line(node: Node, source: Source) -> Span:
    """What stands of a node on the line that it starts on."""
    start = node.span.start
    number = source.position(start)[0]
    end = source.line_start(number) + len(source.line(number).rstrip())
    return Span(node.span.file, start, max(start + 1, min(node.span.end, end)))
