"""YAML as typed text with places: what was written, and nothing more.

The stock loaders read `Yes` as true, `010` as 8, and keep the last of two equal keys.
This reader takes the parser's events only: every scalar is the text that was typed; aliases,
anchors, tags, merge keys, second documents and duplicate keys are refused where they stand;
nesting is counted, never left to the stack.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import yaml

from bareme.diagnostics import (
    MAX_EDITS,
    Diagnostic,
    Edit,
    Fix,
    Note,
    escape,
    instead,
    listing,
    name_of,
    quote,
    without,
    without_lines,
)
from bareme.profiles.slips import as_yaml, find_slip, whole_block
from bareme.record import Record
from bareme.source import Source, Span
from bareme.text import HIDDEN, hidden_in

MAX_NESTING = 64
MAX_APART = 2  # keys in a row that are each reported when they stand twice
MAX_MENDED = 100  # lines that are set aside before a file is given up
MAX_READ = 10_000_000  # and characters that are read again for that


class Text(Record):
    """A scalar: the text that was typed, quoted or plain."""

    value: str
    span: Span = field(compare=False, repr=False)


class Sequence(Record):
    items: tuple[Node, ...]
    span: Span = field(compare=False, repr=False)


class Mapping(Record):
    """Keys as text in the order written; no key stands twice."""

    entries: tuple[tuple[Text, Node], ...]
    span: Span = field(compare=False, repr=False)


Node = Text | Sequence | Mapping

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_CONFLICT = re.compile(r"^(?:<{7} .*|>{7} .*|={7})$", re.MULTILINE)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SHORT_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "v": "\v", "f": "\f", "e": "\x1b"} | {
    "n": "\n", "r": "\r", "t": "\t", "N": "\x85", "L": "\u2028", "P": "\u2029", "_": "-"
}  # fmt: skip
_TOO_DEEP = "exceeded maximum nesting depth"


def _escapes_of_hidden(written: str) -> list[str]:
    """The escapes in a text as it is written that spell what nobody would see, each once."""
    spelt: list[str] = []
    for each in _ESCAPE.findall(written):
        number = int(each[2:], 16) if each[2:] else ord(_SHORT_ESCAPES.get(each[1], each[1]))
        if number <= 0x10FFFF and hidden_in(chr(number)):
            spelt.append(each)
    return list(dict.fromkeys(spelt))


class _Refused(Exception):
    """Carries the one diagnostic after which a file is not read further."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def read_nodes(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """Read one YAML document.

    Returns:
        Its root (None for an empty or a refused document), and what is wrong with it. A line that
        is no YAML is reported and set aside, so that the rest is read all the same.
    """
    conflict = _CONFLICT.search(source.text)
    if conflict:
        span = Span(source.name, conflict.start(), conflict.end())
        message = "a mark that an unfinished merge left behind stands here"
        help, fix = "delete this line", without_lines(span)
        if conflict[0].startswith("<"):
            message = "an unfinished merge: two versions of these lines stand here"
            help = "keep one version and delete the lines `<<<<<<<`, `=======`, `>>>>>>>`"
            fix = ()
        return None, [Diagnostic("E005", message, span, help, fix=fix)]
    slips: list[Diagnostic] = []
    mended = source
    for _ in range(min(MAX_MENDED, 1 + MAX_READ // (1 + len(source.text)))):
        found: list[Diagnostic] = []
        try:
            return _compose(mended, found), [*slips, *found]
        except _Refused as refused:
            return None, [*slips, *found, refused.diagnostic]
        except yaml.MarkedYAMLError as fault:
            slip = find_slip(mended, fault)
            lines = {source.position(each.span.start)[0] for each in slips}
            if source.position(slip.diagnostic.span.start)[0] in lines:
                slip = whole_block(mended, slip.diagnostic)
            else:
                slips.append(slip.diagnostic)
            mended = slip.mend(mended)
        except yaml.YAMLError as fault:  # the reader's own, without a mark
            message = f"this is not YAML: {escape(str(fault).splitlines()[0][:200])}"
            help = "save it again as plain text"
            return None, [*slips, Diagnostic("E401", message, Span(source.name, 0, 1), help)]
    return None, slips


def _compose(source: Source, found: list[Diagnostic]) -> Node | None:
    try:
        return _Composer(source, found).document(_events(_Loader, source))
    except yaml.MarkedYAMLError as fault:
        if fault.problem != _TOO_DEEP:
            raise
    # LibYAML looks ahead, and from 0.2.6 on gives up there; PyYAML's own parser hands us the
    # events before, and so the place that every version of it names.
    found.clear()
    return _Composer(source, found).document(_events(yaml.SafeLoader, source))


def _events(parser: Any, source: Source) -> Iterator[yaml.Event]:
    loader = parser(source.text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


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
                        self.refuse(
                            event,
                            "a second profile starts here",
                            "put it into a file of its own; take `---` out if it is the same one",
                        )
                    if event.version or event.tags:
                        self.refuse(event, "a directive of YAML stands here", "take it out")
                case yaml.AliasEvent():
                    self.reference(event)
                    if stack:
                        stack[-1].skip()
                case yaml.ScalarEvent():
                    self.plain(event)
                    node = Text(event.value, self.span(event))
                    self.seen(node)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self.plain(event)
                    if len(stack) >= MAX_NESTING:
                        self.refuse(
                            event,
                            f"this is nested more than {MAX_NESTING} deep",
                            "a profile needs four levels at most",
                        )
                    stack.append(_Open(isinstance(event, yaml.MappingStartEvent), self.span(event)))
                    continue
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self.report_repeated(stack[-1])
                    node = stack.pop().close(_offset(event.start_mark))
            if node is None:
                continue
            if stack:
                self.add(stack[-1], node)
            else:
                root = node
        return root

    def reference(self, event: yaml.AliasEvent) -> None:
        """Report `*name`: to a part that has that name, or a star that is only that."""
        name = str(event.anchor)
        message = f"{quote(f'*{name}')} is a reference to another part, in YAML"
        named = self.named(name)
        if named is None:
            message += "; no part has that name"
            help, fix = f"take the star out: {quote(name)}", instead(self.span(event), name)
        else:
            help = f"write out what has that name: {quote(named)}" if named else "write it out"
            fix = instead(self.span(event), named or None)
        self.report(event, message, help, fix)

    def named(self, anchor: str) -> str | None:
        """What an anchor names, as it is written; empty where it is no line, None where none is."""
        found = re.search(rf"&{re.escape(anchor)} *(.*)", self.source.text)
        if found is None:
            return None
        whole = found[1].rstrip()
        alone = whole and whole.startswith("{") == whole.endswith("}") and whole[0] not in "&*[|>"
        return whole if alone else ""

    def written_out(self, anchor: str) -> Fix:
        """The fix that puts what an anchor names in place of every reference to it."""
        text = self.named(anchor) or ""
        places = re.finditer(rf"(?<=[ \[{{,])\*{re.escape(anchor)}(?![\w-])", self.source.text)
        return tuple(Edit(Span(self.source.name, *each.span()), text) for each in places)

    def add(self, parent: _Open, node: Node) -> None:
        if not parent.is_mapping or parent.key is not None:
            parent.add(node)
            return
        if not isinstance(node, Text):
            raise _Refused(
                Diagnostic("E402", "a name is one text", node.span, "write `name: value`")
            )
        if node.value == "<<":
            message = "`<<` takes over another part, in YAML"
            self.found.append(Diagnostic("E402", message, node.span, "write the values out"))
            parent.key, parent.skipped = node, True
            return
        first = parent.seen.setdefault(node.value, node)
        parent.key, parent.skipped = node, first is not node
        parent.repeated.append(node if parent.skipped else None)
        parent.again += [node] if parent.skipped else []

    def report_repeated(self, block: _Open) -> None:
        """Report keys that stand twice; a run of them, which one paste brings about, at once."""
        for is_run, keys in groupby(block.repeated, key=lambda key: key is not None):
            run = [key for key in keys if key is not None]
            step = len(run) if len(run) > MAX_APART else 1
            for key in run[::step] if is_run else []:
                more = f"; so do the {step - 1} names after it" if step > 1 else ""
                fix = self.without_repeats(block, run[:step] if step > 1 else [key])
                help = "delete it, it says the same" if fix else "keep one"
                if any(k is key and isinstance(v, Mapping) for k, v in block.repeats):
                    help += ", or put the line of the section that it belongs to above it"
                self.found.append(
                    Diagnostic(
                        "E403",
                        f"{quote(key.value)} stands twice in this block{more}",
                        key.span,
                        f"{help}; nothing is overwritten in silence",
                        (Note("it first stands here", block.seen[key.value].span),),
                        fix,
                    )
                )

    def without_repeats(self, block: _Open, keys: list[Text]) -> Fix:
        """The fix that takes out lines which say what the first of their name says."""
        first = {key.value: value for key, value in block.entries}
        spans: list[Span] = []
        for key in keys:
            value = next((v for k, v in block.repeats if k is key), None)
            if value is None or value != first.get(key.value):
                return ()
            if not isinstance(value, Text) or not self.alone_on_its_line(key.span.to(value.span)):
                return ()
            spans.append(key.span.to(value.span))
        return without_lines(*spans)

    def alone_on_its_line(self, span: Span) -> bool:
        line = self.source.line(self.source.position(span.start)[0])
        return line.strip() == self.source.text[span.start : span.end]

    def seen(self, text: Text) -> None:
        """Report a character that an escape such as `\\u200b` spells and nobody would see."""
        hidden = hidden_in(text.value)
        if hidden is not None:
            spelt = _escapes_of_hidden(self.source.text[text.span.start : text.span.end])
            what = quote(spelt[0]) if spelt else "an escape"
            message = f"{what} spells a character that cannot be seen, {name_of(hidden)}"
            plain = HIDDEN.sub("", text.value)  # a control character has company: see for yourself
            fix = () if _CONTROL.search(text.value) else instead(text.span, as_yaml(plain))
            help = f"take {listing(spelt)} out" if spelt else "take the escape out"
            self.found.append(Diagnostic("E003", message, text.span, help, fix=fix))
        elif not unicodedata.is_normalized("NFC", text.value) and unicodedata.is_normalized(
            "NFC", self.source.text
        ):  # else it was reported where the file was read
            message = "an escape spells a letter and its accent apart"
            fix = instead(text.span, as_yaml(unicodedata.normalize("NFC", text.value)))
            help = "type the letter itself"
            self.found.append(Diagnostic("E004", message, text.span, help, fix=fix))

    def plain(
        self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent
    ) -> None:
        start = _offset(event.start_mark)
        sign = re.compile(r"[&!]\S* *").match(self.source.text, start)
        fix = without(Span(self.source.name, start, sign.end())) if sign else ()
        if event.anchor is not None:
            references = self.written_out(event.anchor)
            whole = self.named(event.anchor) or not references
            self.report(
                event,
                f"{quote(f'&{event.anchor}')} names a part for other parts to refer to, in YAML",
                "take it out and write values out, or write a text that starts so in quotes",
                (*fix, *references) if whole and len(references) <= MAX_EDITS else (),
            )
        if event.tag is not None:
            written = self.source.text[_offset(event.start_mark) :].split(maxsplit=1)[:1]
            self.report(
                event,
                f"{quote(written[0] if written else '!')} gives a value a type, in YAML",
                "take it out, or write a text that starts so in quotes; the rules alone give types",
                fix,
            )

    def report(self, event: yaml.Event, message: str, help: str, fix: Fix = ()) -> None:
        self.found.append(Diagnostic("E402", message, self.span(event), help, fix=fix))

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
    skipped: bool = False  # the value of this key is left out
    seen: dict[str, Text] = field(default_factory=dict)
    repeated: list[Text | None] = field(default_factory=list)  # by entry: its key, if not the first
    again: list[Text] = field(default_factory=list)  # those keys
    repeats: list[tuple[Text, Node]] = field(default_factory=list)  # and their values
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Text, Node]] = field(default_factory=list)

    def skip(self) -> None:
        """Leave out a value, and the key that it stands behind."""
        self.key, self.skipped = None, False

    def add(self, node: Node) -> None:
        if self.skipped:
            if self.again and self.key is self.again[-1]:
                self.repeats.append((self.key, node))
            self.skip()
        elif self.key is not None:
            self.entries.append((self.key, node))
            self.key = None
        else:
            self.items.append(node)

    def close(self, end: int) -> Node:
        span = Span(self.span.file, self.span.start, max(end, self.span.start))
        if self.is_mapping:
            return Mapping(tuple(self.entries), span)
        return Sequence(tuple(self.items), span)
