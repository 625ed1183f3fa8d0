"""Fields of a YAML file: known names, one text each, exact numbers, faults in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from bareme.diagnostics import Diagnostic, Note, listing, nearest, number_meant, quote
from bareme.exact import NotANumber, read_number
from bareme.profiles.nodes import Mapping, Node, Sequence, Text
from bareme.profiles.profile import Evidence
from bareme.source import Source, Span

MAX_NOTE = 20_000
EVIDENCE = ("source", "note", "date")


class FieldReader:
    """Reads the nodes of one file; what is wrong goes to `found`."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.source = source
        self.found = found
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
                first_line(node, self.source),
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
        self.error("E404", message, first_line(node, self.source), "write one text")
        return None

    def evidence(self, fields: dict[str, Node]) -> Evidence:
        texts = {key: self.text(fields[key], f"`{key}`") for key in EVIDENCE if key in fields}
        return Evidence(**{key: text.value.strip() for key, text in texts.items() if text})

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


def first_line(node: Node, source: Source) -> Span:
    """What stands of a node on the line that it starts on."""
    start = node.span.start
    number = source.position(start)[0]
    end = source.line_start(number) + len(source.line(number).rstrip())
    return Span(node.span.file, start, max(start + 1, min(node.span.end, end)))
