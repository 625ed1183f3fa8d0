"""Rule text to syntax tree, with every mistake of the file, none of them caused by another.

A line that can't be read is reported and what can be saved of it is kept, marked `damaged`, so that
the lines below it still have a place to stand and nobody complains that they are missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lark import Token, Tree

from bareme.diagnostics import Diagnostic, Note, listing, nearest, number_meant, quote
from bareme.exact import NotANumber, read_number
from bareme.language import tree
from bareme.language.outline import Entry, read_outline
from bareme.language.statement import (
    OPTION,
    STATEMENT,
    SyntaxFault,
    in_quotes,
    plain_signs,
    read_line,
    unclosed_quote,
)
from bareme.language.words import WORDS, phrase
from bareme.source import Source, Span
from bareme.text import visible

MAX_ID = 120
MAX_LABEL = 2_000
MAX_NOTE = 20_000
MAX_PLACES = 9

_DECLARATION = re.compile(r'(scale|index) +[a-z][a-z0-9_]*( *$| *[:,"]| +out of )')
_ID = re.compile(r"[a-z][a-z0-9_]*")
_HEADER = re.compile(r"(index|category|indicator|question|scale) +([^\s\":,=]+)")

_SETTINGS = {"publish", "bands", "aggregate", "when missing", "note"}
_STANDS_UNDER = {
    "a file": {"use", "scale", "index"},
    "an index": {"category", "indicator", "question", "compare", *_SETTINGS},
    "a category": {"category", "indicator", "question", "given", *_SETTINGS},
    "an indicator": {"indicator", "question", "given", *_SETTINGS},
    "a question": {"a quoted text", "options", "note"},
    "a scale": set(),
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
_STAND_INS = {  # what a block of an unknown kind is read as, so that what is in it is not lost
    "a file": "index",
    "an index": "category",
    "a category": "category",
    "an indicator": "indicator",
}
_PART_WORDS = ("weight", "on", "code", "same")


def parse(source: Source, stem: str) -> tuple[tree.File, list[Diagnostic]]:
    """Read one file of rules.

    Args:
        source: the text as `read_text` gave it; what is reported there is not reported again.
        stem: the name by which other files `use` this one.

    Returns:
        What could be read, and every mistake found, in no particular order.
    """
    outline, found = read_outline(visible(source))
    if not outline and not found:
        found.append(
            Diagnostic(
                "E006",
                "this file holds no rules",
                Span(source.name, 0, 0),
                'start with `index my_index "My index"`, or delete the file',
            )
        )
    file = _Reader(source.name, found).file(outline, stem)
    return file, _one_a_line(found, source)


_MISREAD = {"E101", "E102", "E105", "E106", "E109"}  # the line itself makes no sense


def _one_a_line(found: list[Diagnostic], source: Source) -> list[Diagnostic]:
    """Without what one slip of a line says twice: a stray sign also shifts the line, say."""
    hidden = {n for n, (a, b) in enumerate(_both(source), 1) if a != b}
    codes: dict[int, set[str]] = {}
    lines = [source.position(each.span.start)[0] for each in found]
    for each, line in zip(found, lines, strict=True):
        codes.setdefault(line, set()).add(each.code)
    return [
        each
        for each, line in zip(found, lines, strict=True)
        if not (line in hidden and each.code in {"E103", *_MISREAD})
        and not (each.code == "E103" and codes[line] & _MISREAD)
        and not (each.code == "E107" and "E103" in codes[line])
    ]


def _both(source: Source) -> Iterator[tuple[str, str]]:
    """Each line as it is stored and as it looks."""
    return zip(source.text.split("\n"), visible(source).text.split("\n"), strict=False)


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
        self.uses: list[tree.Name] = []
        self.scales: list[tree.Scale] = []
        self.indices: list[tree.Level] = []
        self.strays: list[tree.Level | tree.Question] = []  # misplaced; the level around takes them

    def error(self, code: str, message: str, span: Span, help: str = "", *notes: Note) -> None:
        self.found.append(Diagnostic(code, message, span, help, notes))

    # ---- files and blocks

    def file(self, outline: list[Entry], stem: str) -> tree.File:
        for each in self.block(outline, "a file"):
            self.declaration(each)
            self.take_in_strays()
        self.take_in_strays()
        return tree.File(
            stem, tuple(self.uses), tuple(self.scales), tuple(self.indices), Span(self.name, 0, 0)
        )

    def declaration(self, statement: _Statement) -> None:
        if statement.kind == "use":
            self.uses += [self.plain_name(statement, t) for t in _tokens(statement.body, "FILE")]
            if statement.damaged:  # files after a comma
                for found in re.finditer(r", *([a-z][\w-]*)", statement.entry.text):
                    start = statement.entry.start + found.start(1)
                    span = Span(self.name, start, start + len(found[1]))
                    self.uses.append(tree.Name(found[1], span))
        elif statement.kind == "scale":
            self.scales.append(self.scale(statement))
        else:
            self.indices.append(self.level(statement))

    def take_in_strays(self) -> None:
        """What stands outside any index is counted to the one before it, so that its id exists."""
        if self.indices and self.strays:
            last = self.indices[-1]
            self.indices[-1] = replace(last, children=(*last.children, *self.strays))
            self.strays.clear()

    def block(
        self, entries: list[Entry], parent: str, owner: Entry | None = None
    ) -> Iterator[_Statement]:
        """The statements of one block that may stand there, in order.

        What may not is reported, and read where it was most likely meant. The `owner` of the block
        is told when something of it was lost.
        """
        prose = misplaced = False
        for entry in entries:
            statement = self.statement(entry, parent, prose)
            prose = statement is None
            if statement is None:
                if owner is not None:
                    owner.lost = True
                continue
            if statement.kind in _STANDS_UNDER[parent]:
                misplaced = False
                yield statement
            else:
                if not misplaced and not entry.slipped:  # a run of them is one slip
                    self.misplaced(statement, parent)
                misplaced = True
                self.rehome(statement, owner)
            if entry.children and statement.kind not in _OPENS_A_BLOCK:
                yield from self.under_no_block(statement, parent, owner)

    def under_no_block(
        self, statement: _Statement, parent: str, owner: Entry | None
    ) -> Iterator[_Statement]:
        """What is indented under a line that opens no block: read as if it stood beside it."""
        children = statement.entry.children
        help = "indent it like the line above"
        if parent == "a file":  # an index has lost its first line
            help = "indent it like the line above, or put the line `index …` between them"
        message = f"nothing can stand under {_titled(statement.kind)}"
        self.error("E107", message, _first_word(children[0]), help)
        if parent != "a file":
            yield from self.block(children, parent, owner)
            return
        lost = Entry(f"index unnamed.{children[0].start}", children[0].start, self.name, children)
        read = self.line(lost, lost.text, lost.start, STATEMENT)
        if read is not None and isinstance(read[0].children[0], Tree):
            yield _Statement("index", read[0].children[0], lost, lost.start, True)

    def misplaced(self, statement: _Statement, parent: str) -> None:
        homes = [home for home, kinds in _STANDS_UNDER.items() if statement.kind in kinds]
        if homes == ["a file"]:
            help = "start it at the left edge"
        elif parent == "a file":
            help = f"indent it under {_either(homes)}"
        else:
            help = f"it stands under {_either(homes)}"
        here = "at the left edge of a file" if parent == "a file" else f"under {parent}"
        self.error(
            "E107",
            f"{_titled(statement.kind)} cannot stand {here}",
            _first_word(statement.entry),
            help,
        )

    def rehome(self, statement: _Statement, owner: Entry | None) -> None:
        """Read a misplaced line all the same: its faults are its own, and its id may be needed."""
        statement = replace(statement, damaged=True)
        match statement.kind:
            case "use" | "scale" | "index":
                outer, self.strays = self.strays, []
                self.declaration(statement)
                self.strays = outer + self.strays
            case "category" | "indicator":
                self.strays.append(self.level(statement))
            case "question":
                self.strays.append(self.question(statement))
            case _:
                if owner is not None:
                    owner.lost = True

    # ---- one line

    def statement(self, entry: Entry, parent: str, after_prose: bool) -> _Statement | None:
        text, base = entry.text, entry.start
        first = re.match(r"""[^\s"':=,“”„«»‘’`]+""", text)
        word = first[0] if first else ""
        known = not word or word in _FIRST_WORDS
        stands_in = False
        if not known:
            instead = self.unknown_word(entry, word, parent, after_prose)
            rest = text[len(word) :].lstrip()
            if instead is None and rest.split(" ")[0] in _FIRST_WORDS:  # something before the line
                base += len(text) - len(rest)
                text = rest
            elif instead is None and not (entry.children and parent in _STAND_INS):
                return None
            else:
                stands_in = instead is None
                instead = instead or _STAND_INS[parent]
                text = instead + text[len(word) :]
                base += len(word) - len(instead)
        read = self.line(entry, text, base, STATEMENT, silent=not known)
        if read is None and stands_in:
            read = self.line(entry, f"{_STAND_INS[parent]} unnamed.{entry.start}", base, STATEMENT)
        if read is None:
            return None
        body, damaged = read
        inner = body.children[0]
        assert isinstance(inner, Tree)
        rule = str(inner.data)
        kind = str(inner.children[0]) if rule == "level" else _KINDS.get(rule, rule)
        return _Statement(kind, inner, entry, base, damaged or stands_in or entry.slipped)

    def unknown_word(self, entry: Entry, word: str, parent: str, after_prose: bool) -> str | None:
        """Report a first word that starts no line; the word that was meant, if clear."""
        here = [each for each in _FIRST_WORDS if each in _first_words(parent)]
        span = _first_word(entry)
        if word in _PART_WORDS:
            owner = parent.split()[-1]
            home = f"the line of the {owner} itself" if parent != "a file" else "a line"
            self.error(
                "E107", f"`{word}` cannot start a line", span, f"it stands on {home}, after the id"
            )
            return None
        near = nearest(word, here) or nearest(word, _FIRST_WORDS)
        if parent == "a question" and (near is None or len(entry.text.split()) > 3):
            if not after_prose:
                message = "the text of a question stands in quotes"
                self.error("E101", message, entry.span, in_quotes(entry.text))
            return None
        if near is None and entry.text[len(word) :].split()[:1] in [[each] for each in here]:
            help = "take it out"
        elif near is None:
            known = listing([phrase(each) for each in here], most=12)
            help = f"{'in' if parent == 'a file' else 'under'} {parent} stand {known}"
        elif near == word.lower():
            help = f"`{near}`, in small letters"
        else:
            help = f"`{near}`"
        self.error("E101", f"no line of the language starts with {quote(word)}", span, help)
        return near

    def line(
        self, entry: Entry, text: str, base: int, kind: str, silent: bool = False
    ) -> tuple[Tree[Token], bool] | None:
        """The parse tree of a line, and whether part of it was lost; None if nothing is left.

        A line whose first word was at fault is read silently: one line, one message.
        """
        open_quote = unclosed_quote(text)
        if open_quote is not None:
            if not silent:
                self.open_quote(Span(self.name, base + open_quote, base + len(text)), entry)
            return self.salvage(text[:open_quote], kind)
        read = read_line(text, kind)
        if not isinstance(read, SyntaxFault):
            return read, False
        at = self.id_missing_at(text, read)
        if at is not None:
            return self.without_id(entry, text, base, at, kind, silent)
        if not silent:
            span = Span(self.name, max(entry.start, base + read.start), base + read.end)
            self.error(read.code, read.message, span, read.help)
        plain = plain_signs(text)
        if plain != text:
            again = read_line(plain, kind)
            if not isinstance(again, SyntaxFault):
                return again, False
        return self.salvage(text[: read.start], kind)

    def open_quote(self, span: Span, entry: Entry) -> None:
        before = entry.text[: span.start - entry.start]
        if before and before[-1] not in " =":
            message = "this quote closes a text that no quote opens"
            self.error("E105", message, Span(span.file, span.start, span.start + 1),
                       'put `"` before the text as well')  # fmt: skip
            return
        self.error(
            "E105",
            "this quoted text is not closed on its line",
            span,
            'end it with `"`; a quote inside a text is doubled, `""`',
        )

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

    def id_missing_at(self, text: str, fault: SyntaxFault) -> int | None:
        """Where a header line lacks its id; None where that is not what is wrong."""
        header = re.match(r"(index|category|indicator|question|scale)( +|$|(?=:))", text)
        if header is None:
            return None
        rest = text[header.end() :]
        if not rest or (fault.start == header.end() and rest[0] in '":'):
            return header.end()
        part = re.match(r'(on|weight|code|same) +[^\s"]|(best|worst) +first\b|reverse +of\b', rest)
        return header.end() if part and fault.start > header.end() else None

    def without_id(
        self, entry: Entry, text: str, base: int, at: int, kind: str, silent: bool
    ) -> tuple[Tree[Token], bool] | None:
        """Report a header without an id, and read it with the one that was meant, or a stand-in."""
        word = text.split()[0].rstrip(":")
        quoted = re.match(r'"([^"]*)"', text[at:])
        is_id = quoted is not None and (
            bool(_ID.fullmatch(quoted[1])) or text[at + quoted.end() :].lstrip().startswith('"')
        )
        found = quoted[0] if quoted else (text[at:].split() or [word])[0]
        start = base + (at if text[at:] else 0)
        if quoted is not None and is_id:
            message = "an id stands without quotes"
            help = f"`{word} {_slug(quoted[1])}`"
        else:
            message = f"{_titled(word)} needs an id after the word `{word}`"
            help = f"`{word} {_slug(quoted[1]) if quoted else f'my_{word}'}`"
            if quoted is not None:
                help += f" and then the title, {quote(quoted[0])}"
        if not silent:
            span = Span(self.name, max(entry.start, start), start + len(found))
            self.error("E109", message, span, help)
        rest = text[at:]
        id = f"unnamed.{entry.start}"  # nobody can have written that
        if quoted is not None and is_id:
            id, rest = _slug(quoted[1]).ljust(len(quoted[0])), rest[quoted.end() :]
        for each in (f"{text[:at].rstrip()} {id} {rest}", f"{text[:at].rstrip()} {id}"):
            read = read_line(each, kind)
            if not isinstance(read, SyntaxFault):
                return read, True
        return None

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
                f"`{_slug(text)}`" + (f' with `code "{text}"` after it' if "." in text else ""),
            )
        elif len(text) > MAX_ID:
            self.error(
                "E109",
                f"this id has {len(text)} characters; an id has at most {MAX_ID}",
                span,
                "shorten it; the title may say more",
            )
        return name

    def text(self, statement: _Statement, token: Token, most: int = MAX_NOTE) -> tree.Text:
        text = str(token)[1:-1].replace('""', '"')
        span = statement.at(token)
        if len(text) > most:
            self.error(
                "E113",
                f"this text has {len(text):,} characters; there may be {most:,}",
                span,
                "shorten it, or break it into several texts, one a line",
            )
        if not text.strip():
            self.error(
                "E113", "this quoted text is empty", span, "write it, or take the quotes out"
            )
        return tree.Text(text, span)

    def number(self, statement: _Statement, token: Token) -> tree.Number | None:
        read = read_number(str(token))
        span = statement.at(token)
        if isinstance(read, NotANumber):
            help = number_meant(str(token)) or read.reason
            self.error("E110", f"{quote(str(token))} is not a number", span, help)
            return None
        return tree.Number(read, span)

    # ---- scales and options

    def scale(self, statement: _Statement) -> tree.Scale:
        name = self.id(statement)
        body = self.scale_body(statement)
        return tree.Scale(name, replace(body, span=name.span), statement.span)

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
                    labels = self.without_decimal_commas(statement, labels)
        self.take_out_declarations(statement.entry)
        if (labels or reverse_of) and statement.entry.children:
            self.error(
                "E107",
                "the labels of this scale stand on its first line; nothing can stand under it",
                _first_word(statement.entry.children[0]),
                "write all labels on one line, or each on a line of its own",
            )
        else:
            for entry in statement.entry.children:
                options = self.option(entry)
                damaged |= not options
                labels += options
        damaged |= len(self.found) > before
        span = _first_word(statement.entry)
        return tree.ScaleBody(order, out_of, reverse_of, tuple(labels), damaged, span)

    def take_out_declarations(self, entry: Entry) -> None:
        """A scale or an index that is indented under a scale is not one of its labels."""
        for each in list(entry.children):
            if _DECLARATION.match(each.text):
                entry.children.remove(each)
                for _ in self.block([each], "a scale"):
                    pass

    def without_decimal_commas(
        self, statement: _Statement, labels: list[tree.Label]
    ) -> list[tree.Label]:
        """Report `62,5` where labels are listed by commas; the second part is not a label."""
        text, kept = statement.entry.text, list[tree.Label]()
        for label in labels:
            at = label.span.start - statement.entry.start
            number = re.search(r"([0-9]+),$", text[: max(at, 0)])
            after = re.match(r"[0-9]+", text[at:])
            if number is None or after is None:
                kept.append(label)
                continue
            found = number[0] + after[0]
            start = statement.entry.start + number.start()
            points = "=" in text[text.rfind(",", 0, number.start()) + 1 : number.start()]
            self.error(
                "E110",
                f"{quote(found)} is not a number"
                if points
                else f"the comma in {quote(found)} ends the label",
                Span(self.name, start, start + len(found)),
                number_meant(found) if points else 'quote a label that holds a comma, `"…"`',
            )
        return kept

    def option(self, entry: Entry) -> list[tree.Label]:
        """The label on one line, and any on lines that are wrongly indented below it."""
        labels: list[tree.Label] = []
        read = self.line(entry, entry.text, entry.start, OPTION)
        if read is not None:
            body, damaged = read
            statement = _Statement("label", body, entry, entry.start, damaged)
            labels.append(self.label(statement, body, inline=False))
        if entry.children:
            self.error(
                "E107",
                "nothing can stand under a label",
                _first_word(entry.children[0]),
                "indent it like the labels",
            )
            labels += [label for each in entry.children for label in self.option(each)]
        return labels

    def label(self, statement: _Statement, part: Tree[Token], inline: bool) -> tree.Label:
        token = part.children[0]
        assert isinstance(token, Token)
        text, code = str(token).rstrip(), None
        if part.data == "coded_label":
            code, _, text = text.partition(" ")
        if text.lstrip().startswith('"'):
            text = text.strip()[1:-1].replace('""', '"')
        elif inline and not statement.damaged:
            self.words_in_label(text, statement.at(token))
        if not text.strip():
            self.error(
                "E113",
                "this label is empty",
                statement.at(token),
                "write what is answered; a blank answer is a missing one",
            )
        if len(text) > MAX_LABEL:
            self.error(
                "E113",
                f"this label has {len(text):,} characters; there may be {MAX_LABEL:,}",
                statement.at(token),
                "shorten it",
            )
        start = statement.at(token).start
        span = Span(self.name, start, start + len(str(token).rstrip()))
        return tree.Label(text, code, self.points(statement, part), span)

    def words_in_label(self, text: str, span: Span) -> None:
        reserved = [word for word in text.split() if word in WORDS]
        if reserved:
            self.error(
                "E108",
                f"{quote(text)} holds {listing(reserved)}, "
                + ("words of the language" if reserved[1:] else "a word of the language"),
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
        for part, message, help in (
            ("on_scale", "has no scale", "questions are answered on a scale; put one under it"),
            (
                "weight",
                "has no weight",
                "take it out: an index is the whole, nothing stands beside",
            ),
            ("same_as", "is never the same as another", "let an indicator under it be `same as`"),
        ):
            if part in parts and (part == "on_scale" or kind is tree.LevelKind.INDEX):
                named = _article(statement.kind)
                self.error("E107", f"{named} {message}", parts[part].span, help)
        settings: dict[str, tree.Setting] = {}
        children: list[tree.Level | tree.Question] = []
        notes: list[tree.Text] = []
        givens: list[tree.Given] = []
        outer, self.strays = self.strays, []
        entry = statement.entry
        for each in self.block(entry.children, _article(statement.kind), entry):
            children += self.strays
            self.strays.clear()
            match each.kind:
                case "note":
                    notes.append(self.remark(each))
                case "question":
                    children.append(self.question(each))
                case "category" | "indicator":
                    children.append(self.level(each))
                case "given":
                    givens.append(tree.Given(each.span))
                case _:
                    self.once(settings, each.kind, self.setting(each))
        children += self.strays
        self.strays = outer
        if entry.lost and children:  # one of them may have been lost, and its weight with it
            children[0] = replace(children[0], damaged=True)
        if givens[1:] and not children:  # with children, a whole block may have slipped in
            note = Note("it first stands here", givens[0].span)
            message = "`given` stands twice in one block"
            self.error("E112", message, givens[1].span, "keep one", note)
        return tree.Level(
            kind=kind,
            name=name,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            weight=self.weight(statement, parts.get("weight")),
            same_as=self.path(statement, parts.get("same_as")),
            given=givens[0] if givens else None,
            settings=tuple(settings.values()),
            notes=tuple(notes),
            children=tuple(children),
            damaged=statement.damaged or (entry.lost and not children),
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
        for each in self.block(statement.entry.children, "a question", statement.entry):
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
            damaged=statement.damaged or statement.entry.lost or "same_as" in parts,
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
                "write a whole number, as in `publish 1 decimal`",
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
    return kind if kind.startswith("a ") else f"`{phrase(kind)}`"


def _either(texts: list[str]) -> str:
    return " or ".join(([", ".join(texts[:-1])] if texts[1:] else []) + texts[-1:])


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _named(statement: _Statement) -> str:
    return f"{statement.kind} `{next(_tokens(statement.body, 'NAME'))}`"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    slug = "_".join(words[:6]) or "my_id"
    return slug if slug[0].isalpha() and slug not in WORDS else f"q_{slug}"
