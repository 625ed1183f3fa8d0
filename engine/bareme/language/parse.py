"""Rule text to syntax tree, with every mistake of the file, none of them caused by another.

A line that can't be read is reported and what can be saved of it is kept, marked `damaged`, so that
the lines below it still have a place to stand and nobody complains that they are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from lark import Token, Tree

from bareme.diagnostics import Diagnostic, Note, listing, nearest, quote
from bareme.exact import NotANumber, read_number
from bareme.language import tree
from bareme.language.outline import Entry, read_outline
from bareme.language.statement import (
    OPTION,
    STATEMENT,
    SyntaxFault,
    plain_signs,
    read_line,
    unclosed_quote,
)
from bareme.language.words import WORDS
from bareme.source import Source, Span

MAX_ID = 120
MAX_LABEL = 2_000
MAX_NOTE = 20_000
MAX_PLACES = 9

_ID = re.compile(r"[a-z][a-z0-9_]*")
_HEADER = re.compile(r"(index|category|indicator|question|scale) +([^\s\":,=]+)")
_T = TypeVar("_T")

_SETTINGS = {"publish", "bands", "aggregate", "when missing", "note"}
_STANDS_UNDER = {
    "a file": {"use", "scale", "index"},
    "an index": {"category", "indicator", "question", "compare", *_SETTINGS},
    "a category": {"category", "indicator", "question", "given", *_SETTINGS},
    "an indicator": {"indicator", "question", "given", *_SETTINGS},
    "a question": {"a quoted text", "options", "note"},
}
_KINDS = {
    "use_file": "use",
    "publish_whole": "publish",
    "publish_decimals": "publish",
    "when_missing": "when missing",
    "text": "a quoted text",
}
_OPENS_A_BLOCK = {"scale", "options", "index", "category", "indicator", "question"}
_FIRST_WORDS = (
    "use",
    "scale",
    "options",
    "index",
    "category",
    "indicator",
    "question",
    "publish",
    "bands",
    "compare",
    "aggregate",
    "when",
    "given",
    "note",
)
_PART_WORDS = ("weight", "on", "code", "same")


def parse(source: Source, stem: str) -> tuple[tree.File, list[Diagnostic]]:
    """Read one file of rules.

    Args:
        source: the text, already checked to be UTF-8 without hidden characters.
        stem: the name by which other files `use` this one.

    Returns:
        What could be read, and every mistake found, in no particular order.
    """
    outline, found = read_outline(source)
    if not outline and not found:
        found.append(
            Diagnostic(
                "E006",
                "this file holds no rules",
                Span(source.name, 0, 0),
                'start with `index my_index "My index"`, or delete the file',
            )
        )
    return _Reader(source.name, found).file(outline, stem), found


@dataclass(frozen=True, slots=True)
class _Statement:
    """One line that was understood, at least in part."""

    kind: str  # its first word, as `_STANDS_UNDER` names it
    body: Tree[Token]
    entry: Entry
    base: int  # offset in the file of the text that was parsed
    damaged: bool

    @property
    def span(self) -> Span:
        return self.entry.span

    def at(self, token: Token) -> Span:
        start = max(self.entry.start, self.base + (token.start_pos or 0))
        return Span(self.entry.file, start, self.base + (token.end_pos or 0))


class _Reader:
    """Builds the tree of one file; what is wrong goes to `found`."""

    def __init__(self, file: str, found: list[Diagnostic]) -> None:
        self.name = file
        self.found = found

    def error(self, code: str, message: str, span: Span, help: str = "", *notes: Note) -> None:
        self.found.append(Diagnostic(code, message, span, help, notes))

    # ---- files and blocks

    def file(self, outline: list[Entry], stem: str) -> tree.File:
        uses: list[tree.Name] = []
        scales: list[tree.Scale] = []
        indices: list[tree.Level] = []
        for each in self.block(outline, "a file"):
            if each.kind == "use":
                uses += [self.plain_name(each, token) for token in _tokens(each.body, "FILE")]
            elif each.kind == "scale":
                scales.append(self.scale(each))
            else:
                indices.append(self.level(each))
        return tree.File(stem, tuple(uses), tuple(scales), tuple(indices), Span(self.name, 0, 0))

    def block(self, entries: list[Entry], parent: str) -> Iterator[_Statement]:
        """The statements of one block that may stand there, in order."""
        for entry in entries:
            statement = self.statement(entry, parent)
            if statement is None:
                continue
            if statement.kind not in _STANDS_UNDER[parent]:
                self.misplaced(statement, parent)
            else:
                yield statement
            if entry.children and statement.kind not in _OPENS_A_BLOCK:
                self.error(
                    "E107",
                    f"nothing can stand under {_titled(statement.kind)}",
                    entry.children[0].span,
                    "indent it like the line above",
                )
                yield from self.block(entry.children, parent)

    def misplaced(self, statement: _Statement, parent: str) -> None:
        homes = [home for home, kinds in _STANDS_UNDER.items() if statement.kind in kinds]
        where = " or ".join(homes) if homes else "nothing"
        place = "at the outer level of a file" if homes == ["a file"] else f"under {where}"
        here = "at the outer level of a file" if parent == "a file" else f"under {parent}"
        self.error(
            "E107",
            f"{_titled(statement.kind)} cannot stand {here}",
            _first_word(statement.entry),
            f"it stands {place}" if not place.startswith("at") else "it is not indented",
        )

    # ---- one line

    def statement(self, entry: Entry, parent: str) -> _Statement | None:
        text, base = entry.text, entry.start
        first = re.match(r'[^\s":=,]+', text)
        if first and first[0] not in _FIRST_WORDS:
            instead = self.unknown_word(entry, first[0], parent)
            if instead is None:
                return None
            text = instead + text[len(first[0]) :]
            base += len(first[0]) - len(instead)
        read = self.line(entry, text, base, STATEMENT)
        if read is None:
            return None
        body, damaged = read
        inner = body.children[0]
        assert isinstance(inner, Tree)
        rule = str(inner.data)
        kind = str(inner.children[0]) if rule == "level" else _KINDS.get(rule, rule)
        return _Statement(kind, inner, entry, base, damaged)

    def unknown_word(self, entry: Entry, word: str, parent: str) -> str | None:
        """Report a first word that starts no statement; the word that was meant, if clear."""
        here = [each for each in _FIRST_WORDS if each in _first_words(parent)]
        span = _first_word(entry)
        if word in _PART_WORDS:
            home = f"the line of the {parent.split()[-1]} itself, after its id"
            self.error("E107", f"`{word}` cannot start a line", span, f"it stands on {home}")
            return None
        near = nearest(word, here) or nearest(word, _FIRST_WORDS)
        if near is None and parent == "a question":
            help = f'the text of a question is quoted: `"{entry.text[:60]}"`'
        elif near is None:
            help = (
                f"{'in' if parent == 'a file' else 'under'} {parent} stand {listing(here, most=12)}"
            )
        elif near == word.lower():
            help = f"`{near}`, in lower case"
        else:
            help = f"`{near}`"
        self.error("E101", f"{quote(word)} is not a statement of the language", span, help)
        return near

    def line(
        self, entry: Entry, text: str, base: int, kind: str
    ) -> tuple[Tree[Token], bool] | None:
        """The parse tree of a line, and whether part of it was lost; None if nothing is left."""
        open_quote = unclosed_quote(text)
        if open_quote is not None:
            start = max(entry.start, base + open_quote)
            self.error(
                "E105",
                "this quoted text is not closed on its line",
                Span(self.name, start, base + len(text)),
                'end it with `"`; a quote inside a text is doubled, `""`',
            )
            return self.salvage(text[:open_quote], kind)
        read = read_line(text, kind)
        if not isinstance(read, SyntaxFault):
            return read, False
        plain = plain_signs(text)
        curly = text[read.start : read.start + 1] in ("“", "”", "„", "«", "»")
        span = Span(self.name, max(entry.start, base + read.start), base + read.end)
        code = "E106" if curly else "E109" if self.no_id(text, read) else "E102"
        if code == "E109":
            self.missing_id(text, span)
            return self.salvage_without_id(text, read, kind)
        self.error(code, read.message, span, read.help)
        if plain != text:
            again = read_line(plain, kind)
            if not isinstance(again, SyntaxFault):
                return again, False
        return self.salvage(text[: read.start], kind)

    def salvage(self, before: str, kind: str) -> tuple[Tree[Token], bool] | None:
        """Read what stands before the place at fault, or at least the id of a header."""
        candidates = [before.rstrip(" ,:=")]
        if header := _HEADER.match(before):
            candidates.append(header[0])
        for each in candidates:
            if each:
                read = read_line(each, kind)
                if not isinstance(read, SyntaxFault):
                    return read, True
        return None

    def no_id(self, text: str, fault: SyntaxFault) -> bool:
        words = text[: fault.start].split()
        return len(words) == 1 and words[0] in _OPENS_A_BLOCK - {"options"}

    def missing_id(self, text: str, span: Span) -> None:
        word = text.split()[0]
        title = re.search(r'"([^"]*)"', text)
        slug = _slug(title[1]) if title else f"my_{word}"
        self.error(
            "E109",
            f"{_titled(word)} needs an id after the word `{word}`",
            span,
            f"`{word} {slug}`" + (f' and then the title, `"{title[1][:40]}"`' if title else ""),
        )

    def salvage_without_id(
        self, text: str, fault: SyntaxFault, kind: str
    ) -> tuple[Tree[Token], bool] | None:
        # An id nobody can have written keeps the block below it readable.
        stand_in = f"{text[: fault.start].rstrip()} unnamed.{fault.start}"
        read = read_line(f"{stand_in} {text[fault.start :]}", kind)
        if isinstance(read, SyntaxFault):
            read = read_line(stand_in, kind)
        return None if isinstance(read, SyntaxFault) else (read, True)

    # ---- names, texts, numbers

    def plain_name(self, statement: _Statement, token: Token) -> tree.Name:
        return tree.Name(str(token), statement.at(token))

    def id(self, statement: _Statement) -> tree.Name:
        """The id that a header declares, checked to be one."""
        token = next(_tokens(statement.body, "NAME"))
        text, span = str(token), statement.at(token)
        name = tree.Name(text, span)
        if text.startswith("unnamed."):
            return name
        if text in WORDS:
            self.error(
                "E108",
                f"`{text}` is a word of the language and cannot be an id",
                span,
                f"`{text}_{statement.kind.split()[0]}`, say",
            )
        elif not _ID.fullmatch(text):
            self.error(
                "E109",
                f"{quote(text)} is not an id: ids are small letters a to z, digits and `_`, "
                "and start with a letter",
                span,
                f"`{_slug(text)}`",
            )
        elif len(text) > MAX_ID:
            self.error(
                "E109", f"this id has {len(text)} characters; an id has at most {MAX_ID}", span
            )
        return name

    def text(self, statement: _Statement, token: Token, most: int = MAX_NOTE) -> tree.Text:
        text = str(token)[1:-1].replace('""', '"')
        span = statement.at(token)
        if len(text) > most:
            self.error("E113", f"this text has {len(text):,} characters; at most {most:,}", span)
        if not text.strip():
            self.error(
                "E113", "this quoted text is empty", span, "write it, or take the quotes out"
            )
        return tree.Text(text, span)

    def number(self, statement: _Statement, token: Token) -> tree.Number | None:
        read = read_number(str(token))
        span = statement.at(token)
        if isinstance(read, NotANumber):
            self.error("E110", f"{quote(str(token))} is not a number", span, read.reason)
            return None
        return tree.Number(read, span)

    # ---- scales and options

    def scale(self, statement: _Statement) -> tree.Scale:
        return tree.Scale(self.id(statement), self.scale_body(statement), statement.span)

    def scale_body(self, statement: _Statement) -> tree.ScaleBody:
        before = len(self.found)
        order: tree.Order | None = None
        out_of: tree.Number | None = None
        reverse_of: tree.Name | None = None
        labels: list[tree.Label] = []
        damaged = statement.damaged
        for part in statement.body.find_pred(lambda _: True):
            match str(part.data):
                case "order":
                    order = tree.Order(f"{part.children[0]} first")
                case "out_of":
                    out_of = self.number(statement, next(_tokens(part, "NUMBER")))
                    damaged |= out_of is None
                case "reverse":
                    reverse_of = self.plain_name(statement, next(_tokens(part, "NAME")))
                case "labels":
                    labels += [
                        self.label(statement, each, inline=True)
                        for each in part.children
                        if isinstance(each, Tree)
                    ]
        if (labels or reverse_of) and statement.entry.children:
            self.error(
                "E107",
                "the labels of this scale stand on its first line; nothing can stand under it",
                statement.entry.children[0].span,
                "write all labels on one line, or each on a line of its own",
            )
        else:
            for entry in statement.entry.children:
                label = self.option(entry)
                damaged |= label is None
                labels += [label] if label else []
        damaged |= len(self.found) > before
        return tree.ScaleBody(order, out_of, reverse_of, tuple(labels), damaged, statement.span)

    def option(self, entry: Entry) -> tree.Label | None:
        if entry.children:
            self.error("E107", "nothing can stand under a label", entry.children[0].span)
        read = self.line(entry, entry.text, entry.start, OPTION)
        if read is None:
            return None
        body, damaged = read
        statement = _Statement("label", body, entry, entry.start, damaged)
        return self.label(statement, body, inline=False)

    def label(self, statement: _Statement, part: Tree[Token], inline: bool) -> tree.Label:
        token = part.children[0]
        assert isinstance(token, Token)
        text, code = str(token).rstrip(), None
        if part.data == "coded_label":
            code, _, text = text.partition(" ")
        if text.lstrip().startswith('"'):
            text = text.strip()[1:-1].replace('""', '"')
        elif inline:
            self.words_in_label(text, statement.at(token))
        if len(text) > MAX_LABEL:
            self.error(
                "E113",
                f"this label has {len(text):,} characters; at most {MAX_LABEL:,}",
                statement.at(token),
            )
        start = statement.at(token).start
        span = Span(self.name, start, start + len(str(token).rstrip()))
        return tree.Label(text, code, self.points(statement, part), span)

    def words_in_label(self, text: str, span: Span) -> None:
        reserved = [word for word in text.split() if word in WORDS]
        if reserved:
            self.error(
                "E108",
                f"{quote(text)} holds {listing(reserved)}, a word of the language",
                span,
                f'quote the label: `"{text}"`',
            )

    def points(
        self, statement: _Statement, part: Tree[Token]
    ) -> tree.Number | tree.Excluded | None:
        for token in _tokens(part, "EXCLUDED"):
            return tree.Excluded(statement.at(token))
        for token in _tokens(part, "NUMBER"):
            return self.number(statement, token)
        return None

    # ---- index, category, indicator, question

    def level(self, statement: _Statement) -> tree.Level:
        kind = tree.LevelKind(statement.kind)
        name = self.id(statement)
        parts = self.parts(statement)
        for part, thing in (("on_scale", "a scale"), ("weight", "a weight"), ("same_as", "`same`")):
            if part in parts and (part == "on_scale" or kind is tree.LevelKind.INDEX):
                self.error(
                    "E107",
                    f"{_article(statement.kind)} has no {thing.removeprefix('a ')}",
                    parts[part].span,
                    "questions are answered on a scale; put one under it"
                    if part == "on_scale"
                    else "it is the whole, so it has no siblings",
                )
        settings: dict[str, tree.Setting] = {}
        children: list[tree.Level | tree.Question] = []
        notes: list[tree.Text] = []
        given: tree.Given | None = None
        for each in self.block(statement.entry.children, _article(statement.kind)):
            match each.kind:
                case "note":
                    notes.append(self.remark(each))
                case "question":
                    children.append(self.question(each))
                case "category" | "indicator":
                    children.append(self.level(each))
                case "given":
                    given = tree.Given(each.span)
                case _:
                    self.once(settings, each.kind, self.setting(each))
        return tree.Level(
            kind=kind,
            name=name,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            weight=self.weight(statement, parts.get("weight")),
            same_as=self.path(statement, parts.get("same_as")),
            given=given,
            settings=tuple(settings.values()),
            notes=tuple(notes),
            children=tuple(children),
            damaged=statement.damaged,
            span=statement.span,
        )

    def question(self, statement: _Statement) -> tree.Question:
        name = self.id(statement)
        parts = self.parts(statement)
        if "same_as" in parts:
            self.error(
                "E107",
                "a question is never `same as` another",
                parts["same_as"].span,
                "take over the indicator that asks it: `indicator … same as index.indicator`",
            )
        text: list[tree.Text] = []
        notes: list[tree.Text] = []
        options: list[tree.ScaleBody] = []
        for each in self.block(statement.entry.children, "a question"):
            if each.kind == "note":
                notes.append(self.remark(each))
            elif each.kind == "options":
                options.append(self.scale_body(each))
            else:
                text.append(self.remark(each))
        if options[1:]:
            self.error(
                "E112",
                f"question `{name.text}` has two lists of options",
                options[1].span,
                "keep one",
                Note("the first is here", options[0].span),
            )
        on_scale = parts.get("on_scale")
        return tree.Question(
            name=name,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            on_scale=self.plain_name(statement, on_scale.token) if on_scale else None,
            options=options[0] if options else None,
            weight=self.weight(statement, parts.get("weight")),
            text=tuple(text),
            notes=tuple(notes),
            damaged=statement.damaged,
            span=statement.span,
        )

    def parts(self, statement: _Statement) -> dict[str, _Part]:
        """What follows the id on a header line, by kind; a kind written twice is reported."""
        parts: dict[str, _Part] = {}
        for each in statement.body.children:
            if not isinstance(each, Tree) or each.data == "name":
                continue
            kind = "weight" if each.data == "part" else str(each.data)
            tokens = list(each.scan_values(lambda _: True))
            span = statement.at(tokens[0]).to(statement.at(tokens[-1]))
            part = _Part(each, tokens[-1], span)
            if kind in parts:
                word = kind.replace("on_scale", "scale").replace("_", " ")
                self.error(
                    "E112",
                    f"the {word} of {_named(statement)} is written twice",
                    span,
                    "keep one",
                    Note("it is first written here", parts[kind].span),
                )
            parts.setdefault(kind, part)
        return parts

    def part_text(self, statement: _Statement, part: _Part | None) -> tree.Text | None:
        return self.text(statement, part.token, MAX_LABEL) if part else None

    def path(self, statement: _Statement, part: _Part | None) -> tree.Name | None:
        return self.plain_name(statement, part.token) if part else None

    def weight(self, statement: _Statement, part: _Part | None) -> tree.Weight | None:
        if part is None:
            return None
        numbers = [self.number(statement, token) for token in _tokens(part.body, "NUMBER")]
        if any(each is None for each in numbers):
            return None
        values = [each.value for each in numbers if each]
        written = " ".join(str(t) for t in _tokens(part.body, "NUMBER"))
        if part.body.children[-1].data == "percent":  # type: ignore[union-attr]
            return tree.Weight(values[0] / 100, tree.Notation.PERCENT, f"{written}%", part.span)
        if len(values) == 1:
            return tree.Weight(values[0], tree.Notation.RELATIVE, written, part.span)
        if values[1] == 0:
            self.error(
                "E110", "nothing can be divided by 0", part.span, "write a share, as in `1/3`"
            )
            return None
        written = written.replace(" ", "/")
        return tree.Weight(values[0] / values[1], tree.Notation.FRACTION, written, part.span)

    # ---- settings

    def once(
        self, settings: dict[str, tree.Setting], kind: str, setting: tree.Setting | None
    ) -> None:
        if setting is None:
            return
        first = settings.setdefault(kind, setting)
        if first is not setting:
            self.error(
                "E112",
                f"`{kind}` is set twice in one block",
                setting.span,
                "keep one",
                Note("it is first set here", first.span),
            )

    def setting(self, statement: _Statement) -> tree.Setting | None:
        builders: dict[str, Callable[[_Statement], tree.Setting | None]] = {
            "publish": self.publish,
            "bands": self.bands,
            "compare": self.compare,
            "aggregate": lambda s: tree.Aggregate("arithmetic mean", s.span),
            "when missing": lambda s: tree.WhenMissing("leave out", s.span),
        }
        return builders[statement.kind](statement)

    def publish(self, statement: _Statement) -> tree.Publish | None:
        numbers = list(_tokens(statement.body, "NUMBER"))
        if not numbers:
            return tree.Publish(0, statement.span)
        number = self.number(statement, numbers[0])
        if number is None:
            return None
        if number.value.denominator != 1 or not 0 <= number.value <= MAX_PLACES:
            self.error(
                "E110",
                f"figures are published with 0 to {MAX_PLACES} decimals, not {numbers[0]}",
                number.span,
            )
            return None
        return tree.Publish(int(number.value), statement.span)

    def bands(self, statement: _Statement) -> tree.Bands | None:
        bands: list[tree.Band] = []
        for each in statement.body.find_data("band"):
            label, *_, number = list(each.scan_values(lambda _: True))
            floor = self.number(statement, number)
            text = str(label)
            if text.startswith('"'):
                text = self.text(statement, label, MAX_LABEL).text
            if floor is None:
                return None
            span = statement.at(label).to(statement.at(number))
            bands.append(tree.Band(text, floor.value, span))
        in_order = tuple(sorted(bands, key=lambda band: band.span.start))
        return None if statement.damaged else tree.Bands(in_order, statement.span)

    def compare(self, statement: _Statement) -> tree.CompareWith | None:
        editions = list(_tokens(statement.body, "EDITION_ID"))
        if statement.damaged:
            return None
        return tree.CompareWith(str(editions[0]) if editions else None, statement.span)

    def remark(self, statement: _Statement) -> tree.Text:
        return self.text(statement, next(_tokens(statement.body, "QUOTED")))


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing on a header line: its tree, the token that holds its value, and its place."""

    body: Tree[Token]
    token: Token
    span: Span


def _tokens(body: Tree[Token], kind: str) -> Iterator[Token]:
    return (
        token
        for token in body.scan_values(lambda value: isinstance(value, Token))
        if token.type == kind
    )


def _first_word(entry: Entry) -> Span:
    length = len(entry.text) if entry.text.startswith('"') else len(entry.text.split()[0])
    return Span(entry.file, entry.start, entry.start + length)


def _first_words(parent: str) -> set[str]:
    return {kind.split()[0] for kind in _STANDS_UNDER[parent]}


def _titled(kind: str) -> str:
    if kind in ("index", "category", "indicator", "question", "scale"):
        return _article(kind)
    return kind if kind.startswith("a ") else f"`{kind}`"


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _named(statement: _Statement) -> str:
    return f"{statement.kind} `{next(_tokens(statement.body, 'NAME'))}`"


def _slug(text: str) -> str:
    words = re.findall(r"[a-z0-9]+", text.lower())
    slug = "_".join(words[:6]) or "my_id"
    return slug if slug[0].isalpha() else f"q_{slug}"
