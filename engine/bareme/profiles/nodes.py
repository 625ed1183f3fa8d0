"""YAML as typed text with places: what was written, and nothing more.

The stock loaders read `Yes` as true, `010` as 8, and keep the last of two equal keys.
This reader takes the parser's events only: every scalar is the text that was typed; aliases,
anchors, tags, merge keys, second documents and duplicate keys are refused where they stand;
nesting is counted, never left to the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from bareme.diagnostics import Diagnostic, Note, escape, quote
from bareme.source import Source, Span

MAX_NESTING = 64


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: the text that was typed, quoted or plain."""

    value: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys as text in the order written; no key stands twice."""

    entries: tuple[tuple[Text, Node], ...]
    span: Span = field(compare=False, repr=False)

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.value == key), None)


Node = Text | Sequence | Mapping

_CONFLICT = re.compile(r"^<{7} .*$", re.MULTILINE)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Refused(Exception):
    """Carries the one diagnostic after which a file is not read further."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def read_nodes(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """Read one YAML document.

    Returns:
        Its root (None for an empty or a refused document), and what is wrong with it. Duplicate
        keys are all reported; anything else is reported at the first place.
    """
    found: list[Diagnostic] = []
    conflict = _CONFLICT.search(source.text)
    if conflict:
        span = Span(source.name, conflict.start(), conflict.end())
        message = "an unfinished merge: two versions of these lines stand here"
        help = "keep one version and delete the lines `<<<<<<<`, `=======`, `>>>>>>>`"
        return None, [Diagnostic("E005", message, span, help)]
    loader = _Loader(source.text.removeprefix("\ufeff"))
    try:
        return _Composer(source, found).document(_events(loader)), found
    except _Refused as refused:
        return None, [*found, refused.diagnostic]
    except yaml.MarkedYAMLError as fault:
        return None, [*found, _syntax(source, fault)]
    except yaml.YAMLError as fault:  # the reader's own, without a mark
        message = f"this is not YAML: {escape(str(fault).splitlines()[0][:200])}"
        return None, [*found, Diagnostic("E401", message, Span(source.name, 0, 1))]
    finally:
        loader.dispose()


def _events(loader: Any) -> Iterator[yaml.Event]:
    while loader.check_event():
        yield loader.get_event()


class _Composer:
    """Builds nodes from events with a stack of its own."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.source = source
        self.found = found

    def document(self, events: Iterator[yaml.Event]) -> Node | None:
        root: Node | None = None
        stack: list[_Open] = []
        documents = 0
        for event in events:
            node: Node | None = None
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self.refuse(event, "a second document starts here", "one file, one profile")
                    if event.version or event.tags:
                        self.refuse(event, "a YAML directive stands here", "take it out")
                case yaml.AliasEvent():
                    self.refuse(event, f"an alias, {quote(f'*{event.anchor}')}, stands here",
                                "write the value out; a profile has no references")  # fmt: skip
                case yaml.ScalarEvent():
                    self.plain(event)
                    node = Text(event.value, self.span(event))
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self.plain(event)
                    if len(stack) >= MAX_NESTING:
                        self.refuse(event, f"this is nested more than {MAX_NESTING} deep", "")
                    stack.append(_Open(isinstance(event, yaml.MappingStartEvent), self.span(event)))
                    continue
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    node = stack.pop().close(_offset(event.start_mark))
            if node is None:
                continue
            if stack:
                self.add(stack[-1], node)
            else:
                root = node
        return root

    def add(self, parent: _Open, node: Node) -> None:
        if not parent.is_mapping or parent.key is not None:
            parent.add(node)
            return
        if not isinstance(node, Text):
            raise _Refused(
                Diagnostic("E402", "a key must be plain text", node.span, "write `name: value`")
            )
        if node.value == "<<":
            raise _Refused(
                Diagnostic(
                    "E402", "a merge key `<<` stands here", node.span, "write the values out"
                )
            )
        first = parent.seen.setdefault(node.value, node)
        if first is not node:
            self.found.append(
                Diagnostic(
                    "E403",
                    f"{quote(node.value)} stands twice in this block",
                    node.span,
                    "keep one; nothing is overwritten in silence",
                    (Note("it first stands here", first.span),),
                )
            )
        parent.key = node

    def plain(
        self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent
    ) -> None:
        if event.anchor is not None:
            self.refuse(event, f"an anchor, {quote(f'&{event.anchor}')}, stands here",
                        "a profile has no references")  # fmt: skip
        if event.tag is not None:
            self.refuse(event, f"a tag, {quote(str(event.tag))}, stands here",
                        "every value is text, read by the rules alone")  # fmt: skip

    def refuse(self, event: yaml.Event, message: str, help: str) -> None:
        raise _Refused(Diagnostic("E402", message, self.span(event), help))

    def span(self, event: yaml.Event) -> Span:
        start, end = _offset(event.start_mark), _offset(event.end_mark)
        return Span(self.source.name, start, max(end, start))


def _offset(mark: Any) -> int:
    """Where a mark points; both of PyYAML's parsers count code points."""
    return int(mark.index)


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not come yet."""

    is_mapping: bool
    span: Span
    key: Text | None = None
    seen: dict[str, Text] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Text, Node]] = field(default_factory=list)

    def add(self, node: Node) -> None:
        if self.key is not None:
            self.entries.append((self.key, node))
            self.key = None
        else:
            self.items.append(node)

    def close(self, end: int) -> Node:
        span = Span(self.span.file, self.span.start, max(end, self.span.start))
        if self.is_mapping:
            return Mapping(tuple(self.entries), span)
        return Sequence(tuple(self.items), span)


def _syntax(source: Source, fault: yaml.MarkedYAMLError) -> Diagnostic:
    mark = fault.problem_mark or fault.context_mark
    at = min(mark.index if mark else 0, len(source.text))
    problem = escape((fault.problem or "it cannot be read")[:200])
    line = source.line(source.position(at)[0]).strip() if source.text else ""
    help = ""
    if "mapping values are not allowed" in problem:
        help = 'a text that holds `: ` is quoted: `key: "one: two"`'
    elif "\t" in line or "\\t" in problem:
        help = "indent with spaces, not with tabs"
    return Diagnostic("E401", f"this is not YAML: {problem}", Span(source.name, at, at + 1), help)
