"""One line of rules, and what can be saved of a line that makes no sense.

A line that can't be read is reported; what can be read of it is kept, marked `damaged`, so that the
lines below it still have a place to stand and nobody complains that they are missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lark import Token, Tree

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
)
from bareme.exact import NotANumber, read_number
from bareme.language import tree
from bareme.language.outline import Entry
from bareme.language.statement import (
    STATEMENT,
    SyntaxFault,
    in_quotes,
    plain_signs,
    quoted,
    read_line,
    repaired,
    unclosed_quote,
    within,
)
from bareme.language.words import EVERYDAY, WORDS, phrase
from bareme.record import Record, replace
from bareme.source import Source, Span

MAX_ID = 120
MAX_LABEL = 2_000
MAX_NOTE = 20_000
MAX_PLACES = 9

DECLARATION = re.compile(r'(scale|index) +[a-z][a-z0-9_]*( *$| *[:,"]| +out of )')
_ID = re.compile(r"[a-z][a-z0-9_]*")
_HEADERS = "index|category|indicator|question|scale|measure|data|group|rating"
_HEADER = re.compile(rf"({_HEADERS}) +([^\s\":,=]+)")

_SETTINGS = {
    "publish", "bands", "band", "aggregate", "when missing", "normalise", "weights", "answer",
    "note",
}  # fmt: skip
_SCORED = {"category", "indicator", "question", "ask", "measure", "data"}
_OF_FIGURES = {
    "cap", "floor", "score", "skip when", "require", "range", "rescale", "for each", "monotone",
}  # fmt: skip
_OF_AN_INDEX = {"compare", "compare by", "include", "rank", "rating", "levels"}
STANDS_UNDER = {
    "a file": {"use", "scale", "group", "units", "questions", "data", "index"},
    "an index": {*_SCORED, *_OF_AN_INDEX, *_SETTINGS, *_OF_FIGURES},
    "a category": {*_SCORED, "given", *_SETTINGS, *_OF_FIGURES},
    "an indicator": {*_SCORED - {"category"}, "given", *_SETTINGS, *_OF_FIGURES},
    "a question": {"a quoted text", "options", "skip when", "asked", "answer", "note"},
    "a measure": {
        "a quoted text", "steps", "normalise", "formula", "skip when", "answer", "note",
    },
    "data": {"a quoted text", "note"},
    "questions": {"question"},
    "a scale": set(),
}  # fmt: skip
_KINDS = {
    "use_file": "use",
    "when_missing": "when missing",
    "skip": "skip when",
    "for_each": "for each",
    "over_indicators": "aggregate",
    "rank_by": "rank",
    "band_by": "band",
    "compare_by": "compare by",
    "asked_from": "asked",
    "asked_to": "asked",
    "rank_entities": "rank",
    "score_when": "score",
    "score_otherwise": "score",
    "require_share": "require",
    "require_count": "require",
    "text": "a quoted text",
}
OPENS_A_BLOCK = {
    "scale", "options", "questions", "index", "category", "indicator", "question", "measure",
    "data", "steps",
}  # fmt: skip
_FIRST_WORDS = (
    "use", "scale", "options", "group", "units", "questions", "index", "category", "indicator",
    "question", "ask", "asked", "measure", "data", "publish", "bands", "band", "compare",
    "rank", "include", "levels", "rating", "weights",
    "aggregate", "when", "normalise", "answer", "for", "range", "rescale", "require", "skip",
    "cap", "floor", "score", "steps", "formula", "given", "note", "monotone",
)  # fmt: skip
_STAND_INS = {  # what a block of an unknown kind is read as, so that what is in it is not lost
    "a file": "index",
    "an index": "category",
    "a category": "category",
    "an indicator": "indicator",
}
SYNONYMS = {  # what other indices call what stands at the start of a line here
    "pillar": "category", "subpillar": "category", "sub-pillar": "category",
    "dimension": "category", "subdimension": "category", "sub-dimension": "category",
    "domain": "category", "component": "category", "theme": "category", "subindex": "category",
    "sub-index": "category", "sub-category": "category", "subcategory": "category",
    "sub-indicator": "indicator", "subindicator": "indicator", "variable": "measure",
    "metric": "measure", "answers": "options", "choices": "options",
}  # fmt: skip
_PART_WORDS = ("weight", "subtract", "on", "code", "same", "in", "plausible", "per")


_OPENS_NOTHING = re.compile(r"(scale|options|steps|questions|index|category|indicator)\b[^:]*: *$")
_BEFORE_A_TEXT = re.compile(rf'(?:(?:{_HEADERS}) +[a-z_0-9]+|note|monotone +no) +(?=[^"]+$)')
_PARTS_AFTER = re.compile(
    r" +(?=(?:weight +[0-9]|on +[a-z_0-9]+$|code +\"|same +as +|= *[0-9.]+$|= *excluded$))"
)
_HOLDS_A_TEXT = re.compile(rf'(?:{_HEADERS}|note|monotone)\b|"|[^\s"]+ +"')


class Statement(Record):
    """One line that was understood, at least in part."""

    kind: str  # its first word, as `STANDS_UNDER` names it
    body: Tree[Token]
    entry: Entry
    base: int  # offset in the file of the text that was parsed
    damaged: bool

    @property
    def span(self) -> Span:
        return self.entry.span

    def at(self, token: Token) -> Span:
        """The place of a token; within the line, also where that was read with a stand-in."""
        end = min(self.entry.end, self.base + (token.end_pos or 0))
        start = max(self.entry.start, self.base + (token.start_pos or 0))
        return Span(self.entry.file, min(start, max(end - 1, self.entry.start)), end)


class LineReader:
    """Reads the lines of one file; what is wrong goes to `found`."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        self.name = source.name
        self.source = source
        self.found = found
        self.indent_by = 4  # the spaces of a block
        self.around: list[tuple[str, Entry | None]] = []  # the blocks that a line stands in

    def error(
        self, code: str, message: str, span: Span, help: str = "", *notes: Note, fix: Fix = ()
    ) -> None:
        self.found.append(Diagnostic(code, message, span, help, notes, fix))

    # ---- one line

    def statement(self, entry: Entry, parent: str, after_prose: bool) -> Statement | None:
        text, base = entry.text, entry.start
        first = re.match(r"""[^\s"':=,“”„«»‘’`]+""", text)
        word = first[0] if first else ""
        known = not word or word in _FIRST_WORDS
        stands_in = False
        told = len(self.found)
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
        if not known and (read is None or read[1]):  # more is wrong than its first word
            self.found[told:] = [replace(each, fix=()) for each in self.found[told:]]
        if read is None:
            return None
        body, damaged = read
        inner = body.children[0]
        assert isinstance(inner, Tree)
        rule = str(inner.data)
        declares = rule in ("level", "measure")
        kind = str(inner.children[0]) if declares else _KINDS.get(rule, rule)
        return Statement(kind, inner, entry, base, damaged or stands_in or entry.slipped)

    def unknown_word(self, entry: Entry, word: str, parent: str, after_prose: bool) -> str | None:
        """Report a first word that starts no line; the word that was meant, if clear."""
        here = [each for each in _FIRST_WORDS if each in _first_words(parent)]
        span = first_word(entry)
        if word in _PART_WORDS:
            owner = parent.split()[-1]
            home = f"the line of the {owner} itself" if parent != "a file" else "a line"
            help = f"it stands on {home}, after the id"
            fix = self.on_the_line_above(entry, word)
            self.error("E107", f"`{word}` cannot start a line", span, help, fix=fix)
            return None
        called = SYNONYMS.get(word.lower())
        near = called if called in here else nearest(word, here) or nearest(word, _FIRST_WORDS)
        if parent == "a question" and (near is None or len(entry.text.split()) > 3):
            if not after_prose:
                message = "the text of a question stands in quotes"
                fix = () if '"' in entry.text else instead(entry.span, quoted(entry.text))
                self.error("E101", message, entry.span, in_quotes(entry.text), fix=fix)
            return None
        fix = instead(Span(span.file, span.start, span.start + len(word)), near)
        if near is None and entry.text[len(word) :].split()[:1] in [[each] for each in here]:
            rest = entry.text[len(word) :].lstrip()
            help = "take it out"
            fix = self.without_stray(entry, len(word), len(entry.text) - len(rest))
        elif near is None:
            known = listing([phrase(each) for each in here], most=12)
            help = f"{'in' if parent == 'a file' else 'under'} {parent} stand {known}"
        elif near == called:
            help = f"`{near}`, as it is called here"
        elif near == word.lower():
            help = f"`{near}`, in small letters"
        else:
            help = f"`{near}`"
        message = f"no line of the language starts with {quote(word)}"
        self.error("E101", message, span, help, fix=fix)
        return near

    def on_the_line_above(self, entry: Entry, word: str) -> Fix:
        """The fix that puts a line at the end of the one that its block stands under."""
        owner = self.around[-1][1] if self.around else None
        if owner is not None:
            owner.unclear = True
        if owner is None or re.search(rf"\b{word}\b", owner.text) or entry.children:
            return ()
        end = Span(self.name, owner.end, owner.end)
        return (Edit(end, f" {entry.text}"), *without(self.lines_of(entry)))

    def without_stray(self, entry: Entry, sign: int, width: int) -> Fix:
        """The fix that takes out what stands before a line, or puts it to spaces.

        Args:
            entry: the line.
            sign: how long the stray sign is.
            width: how long it is with the spaces behind it.
        """
        before = entry.indent or 0
        for cut, put in ((sign, 0), (width, width), (width, 0)):
            if (before + width - cut + put) % self.indent_by == 0:
                return instead(Span(entry.file, entry.start, entry.start + cut), " " * put)
        return ()

    def lines_of(self, *entries: Entry) -> Span:
        """The whole lines of a run of entries and of all that stands below them."""
        last = entries[-1]
        while last.children:
            last = last.children[-1]
        ends = (self.source.position(each.start)[0] for each in (entries[0], last))
        return self.source.whole_lines(*ends)

    def line(
        self, entry: Entry, text: str, base: int, kind: str, silent: bool = False
    ) -> tuple[Tree[Token], bool] | None:
        """The parse tree of a line, and whether part of it was lost; None if nothing is left.

        A line whose first word was at fault is read silently: one line, one message.
        """
        tab = text.find("\t")
        if tab >= 0:  # it looks like spaces, and in a label it would not be the same text
            if not silent:
                span = Span(self.name, base + tab, base + tab + 1)
                self.error("E102", "a tab stands here", span, "write a space")
            return self.line(entry, text.replace("\t", " "), base, kind, silent=True)
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
            empty = not entry.children and _OPENS_NOTHING.match(text)
            help = (
                "write what belongs to it behind it, or on lines below it" if empty else read.help
            )
            fix = () if empty or not _mends(read, text, kind) else self.in_the_file(read.fix, base)
            self.error(read.code, read.message, span, help, fix=fix)
        plain = plain_signs(text)
        if plain != text:
            again = read_line(plain, kind)
            if not isinstance(again, SyntaxFault):
                return again, False
        return self.salvage(text[: read.start], kind)

    def in_the_file(self, fix: Fix, base: int) -> Fix:
        """A fix of a line, its places those in the file."""
        return tuple(
            Edit(Span(self.name, base + each.span.start, base + each.span.end), each.text)
            for each in fix
        )

    def open_quote(self, span: Span, entry: Entry) -> None:
        at = span.start - entry.start
        before = entry.text[:at]
        if before and before[-1] not in " =":
            message = "this quote closes a text that no quote opens"
            opens = _BEFORE_A_TEXT.match(before)
            fix = instead(within(opens.end(), opens.end()), '"') if opens else ()
            help, span = (
                'put `"` before the text as well',
                Span(span.file, span.start, span.start + 1),
            )
        else:
            message = "this quoted text is not closed on its line"
            help = 'end it with `"`; a quote inside a text is doubled, `""`'
            closes = at + len(_PARTS_AFTER.split(entry.text[at:])[0])
            fix = instead(within(closes, closes), '"')
            if entry.text[at + 1 : at + 2] in ("", " ") or not _HOLDS_A_TEXT.match(entry.text):
                fix = ()  # the quote itself may be what is wrong
            elif _PARTS_AFTER.match(f" {entry.text[at + 1 :]}"):
                help, fix = "take it out, or end the text with another", without(within(at, at + 1))
        if unclosed_quote(repaired(entry.text, fix)) is not None:
            fix = ()
        self.error("E105", message, span, help, fix=self.in_the_file(fix, entry.start))

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
        header = re.match(rf"({_HEADERS})( +|$|(?=:))", text)
        if header is None:
            return None
        rest = text[header.end() :]
        if not rest or (fault.start == header.end() and rest[0] in '":'):
            return header.end()
        part = re.match(
            rf'({"|".join(_PART_WORDS)}) +[^\s"]|(best|worst) +first\b|reverse +of\b',
            rest,
        )
        return header.end() if part and fault.start > header.end() else None

    def without_id(
        self, entry: Entry, text: str, base: int, at: int, kind: str, silent: bool
    ) -> tuple[Tree[Token], bool] | None:
        """Report a header without an id, and read it with the one that was meant, or a stand-in."""
        word = text.split()[0].rstrip(":")
        title = re.match(r'"([^"]*)"', text[at:])
        is_id = title is not None and (
            bool(_ID.fullmatch(title[1])) or text[at + title.end() :].lstrip().startswith('"')
        )
        found = title[0] if title else (text[at:].split() or [word])[0]
        start = base + (at if text[at:] else 0)
        span = Span(self.name, max(entry.start, start), start + len(found))
        fix: Fix = ()
        if title is not None and is_id:
            message = "an id stands without quotes"
            help = f"`{_slug(title[1])}`"
            fix = instead(span, _slug(title[1]))
        else:
            message = f"{titled(word)} needs an id after the word `{word}`"
            help = f"`{word} {_slug(title[1]) if title else f'my_{word}'}`"
            if title is not None:
                help += f" and then the title, {quote(title[0])}"
                fix = instead(Span(self.name, span.start, span.start), f"{_slug(title[1])} ")
        if not silent:
            self.error("E109", message, span, help, fix=fix)
        rest = text[at:]
        id = f"unnamed.{entry.start}"  # nobody can have written that
        if title is not None and is_id:
            id, rest = _slug(title[1]).ljust(len(title[0])), rest[title.end() :]
        for each in (f"{text[:at].rstrip()} {id} {rest}", f"{text[:at].rstrip()} {id}"):
            read = read_line(each, kind)
            if not isinstance(read, SyntaxFault):
                return read, True
        return None

    # ---- names, texts, numbers

    def plain_name(self, statement: Statement, token: Token) -> tree.Name:
        return tree.Name(str(token), statement.at(token))

    def id(self, statement: Statement) -> tree.Name:
        """The id that a header declares, checked to be one."""
        return self.check_id(
            statement, self.plain_name(statement, next(tokens(statement.body, "NAME")))
        )

    def check_id(self, statement: Statement, name: tree.Name) -> tree.Name:
        """A name that is declared; what keeps it from being an id is reported."""
        text, span = name.text, name.span
        if text.startswith("unnamed."):
            return name
        if text in WORDS:
            other = f"{text}_{statement.kind.split()[0]}"
            self.error(
                "E108",
                f"`{text}` is a word of the language and cannot be an id",
                span,
                f"`{other}`, say",
                fix=self.renamed(statement, name, other),
            )
        elif not _ID.fullmatch(text):
            slug = _slug(text)
            self.error(
                "E109",
                f"{quote(text)} is not an id: ids are small letters a to z, digits and `_`, "
                "and start with a letter",
                span,
                f"`{slug}`" + (f' with `code "{text}"` after it' if "." in text else ""),
                fix=instead(span, f'{slug} code "{text}"')
                if "." in text
                else self.renamed(statement, name, slug),
            )
        elif len(text) > MAX_ID:
            self.error(
                "E109",
                f"this id has {len(text)} characters; an id has at most {MAX_ID}",
                span,
                "shorten it; the title may say more",
            )
        return name

    def renamed(self, statement: Statement, name: tree.Name, to: str) -> Fix:
        """The fix that gives a name another text; that of a scale also where it is used."""
        spans = [name.span]
        if statement.kind == "scale":
            used = re.compile(
                rf'(?<= on )({re.escape(name.text)})(?![\w.-])(?=[^"\n]*("[^"]*")*$)', re.M
            )
            spans += [Span(self.name, *each.span(1)) for each in used.finditer(self.source.text)]
            if not spans[1:]:
                return ()  # what is on it may call it as it was meant, or stand in another file
        return tuple(Edit(each, to) for each in spans) if len(spans) <= MAX_EDITS else ()

    def text(self, statement: Statement, token: Token, most: int = MAX_NOTE) -> tree.Text:
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
                "E113",
                "this quoted text is empty",
                span,
                "write it, or take the quotes out",
                fix=without(span),
            )
        return tree.Text(text, span)

    def number(
        self, statement: Statement, token: Token, least: int | None = None
    ) -> tree.Number | None:
        read = read_number(str(token))
        span = statement.at(token)
        if isinstance(read, NotANumber):
            self.found.append(not_a_number(str(token), span, read.reason, least))
            return None
        return tree.Number(read, span)

    def words_in_label(self, text: str, span: Span) -> None:
        reserved = [word for word in text.split() if word in WORDS - EVERYDAY]
        if reserved:
            reverse = text.startswith("reverse ")
            self.error(
                "E108",
                f"{quote(text)} holds {listing(reserved)}, "
                + ("words of the language" if reserved[1:] else "a word of the language"),
                span,
                "write `reverse of` and the name of a scale"
                if reverse
                else f"quote the label: {in_quotes(text)}",
                fix=() if reverse else instead(span, quoted(text)),
            )

    def points(self, statement: Statement, part: Tree[Token]) -> tree.Number | tree.Excluded | None:
        for token in tokens(part, "EXCLUDED"):
            return tree.Excluded(statement.at(token))
        for token in tokens(part, "NUMBER"):
            return self.number(statement, token, least=0)
        return None


def _mends(fault: SyntaxFault, text: str, kind: str) -> bool:
    """Whether a line that a fault is mended in can be read, or is at fault further on."""
    again = read_line(repaired(text, fault.fix).partition("\n")[0], kind)
    grown = sum(len(each.text) - (each.span.end - each.span.start) for each in fault.fix)
    return not isinstance(again, SyntaxFault) or again.start > fault.end + grown


def tokens(body: Tree[Token], *kinds: str) -> Iterator[Token]:
    return (
        token
        for token in body.scan_values(lambda value: isinstance(value, Token))
        if token.type in kinds
    )


def first_word(entry: Entry) -> Span:
    length = len(entry.text) if entry.text.startswith('"') else len(entry.text.split()[0])
    return Span(entry.file, entry.start, entry.start + length)


def _first_words(parent: str) -> set[str]:
    return {kind.split()[0] for kind in STANDS_UNDER[parent]}


def titled(kind: str) -> str:
    if kind in _HEADERS.split("|"):
        return article(kind)
    return kind if kind.startswith("a ") else f"`{phrase(kind)}`"


def either(texts: list[str]) -> str:
    return " or ".join(([", ".join(texts[:-1])] if texts[1:] else []) + texts[-1:])


def article(kind: str) -> str:
    if kind == "data":
        return kind
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def named(statement: Statement) -> str:
    return f"{statement.kind} `{next(tokens(statement.body, 'NAME'))}`"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    slug = "_".join(words[:6]) or "my_id"
    return slug if slug[0].isalpha() and slug not in WORDS else f"q_{slug}"
