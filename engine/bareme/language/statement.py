"""One line against the grammar: its parse tree, or where it stops making sense and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from bareme.diagnostics import name_of, nearest, quote
from bareme.language.words import GRAMMAR, WORDS, expected_kinds, expected_words

STATEMENT = "statement"
OPTION = "option"

_QUOTED = re.compile(r'"(?:[^"]|"")*"(?!")')
_FOUND = re.compile(r'"[^"]*"?|[^\s,:="%/]+|\S')
_LOOKS_LIKE = str.maketrans("“”„«»−–—：，＝％", '"""""---:,=%')


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Where a line stops making sense: offsets into the line, what is wrong, and a way out."""

    start: int
    end: int
    message: str
    help: str


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", start=[STATEMENT, OPTION])


def read_line(text: str, kind: str) -> Tree[Token] | SyntaxFault:
    """Parse one line without its indentation and comment, as a `STATEMENT` or an `OPTION`."""
    try:
        return _parser().parse(text, start=kind)
    except UnexpectedInput as fault:
        at, expected = _place(fault, text)
        return _explain(text, at, expected)


def _place(fault: UnexpectedInput, text: str) -> tuple[int, set[str]]:
    if isinstance(fault, UnexpectedCharacters):
        return fault.pos_in_stream or 0, set(fault.allowed or ())
    if isinstance(fault, UnexpectedToken):
        at = len(text) if fault.token.type == "$END" else fault.token.start_pos
        return at or 0, set(fault.accepts or fault.expected)
    raise fault


def _explain(text: str, at: int, expected: set[str]) -> SyntaxFault:
    words, kinds = expected_words(expected), expected_kinds(expected)
    found = _FOUND.match(text, at)
    if found is None:
        return SyntaxFault(max(at - 1, 0), at, "this line ends too early", _wanted(words, kinds))
    word = found[0]
    what = SyntaxFault(at, found.end(), f"{quote(word)} is not expected here", "")
    plain = word[0].translate(_LOOKS_LIKE)
    if plain != word[0]:
        return SyntaxFault(
            at,
            at + 1,
            f"`{word[0]}` ({name_of(word[0])}) is no sign of the language",
            f"write `{plain}` ({name_of(plain)})",
        )
    if re.match(r",\s?\d", text[at:]) and re.search(r"\d$", text[:at]):
        number = re.search(r"[0-9]+$", text[:at])
        after = re.match(r",\s?([0-9]+)", text[at:])
        assert number is not None
        assert after is not None
        return SyntaxFault(
            number.start(),
            at + after.end(),
            f"{quote(number[0] + after[0])} is not a number as the language writes them",
            f"with a point for decimals: `{number[0]}.{after[1]}`",
        )
    near = nearest(word, words)
    if near and near != word:
        return SyntaxFault(what.start, what.end, what.message, f"`{near}`")
    if len(words) == 1:  # a misspelt word may have been read as part of a label before it
        for before in re.finditer(r"[^\s,:=\"]+", text[text.rfind(",", 0, at) + 1 : at]):
            start = text.rfind(",", 0, at) + 1 + before.start()
            if start and nearest(before[0], words):
                return SyntaxFault(
                    start,
                    start + len(before[0]),
                    f"{quote(before[0])} is not expected here",
                    f"`{words[0]}`",
                )
    if word in WORDS and not words:
        return SyntaxFault(
            what.start,
            what.end,
            f"{what.message}: it is a word of the language",
            _wanted([], kinds),
        )
    return SyntaxFault(what.start, what.end, what.message, _wanted(words, kinds))


def _wanted(words: list[str], kinds: list[str]) -> str:
    options = [f"`{word}`" for word in words] + [k for k in kinds if k != "the end of the line"]
    if not options:
        return "the line should end before it"
    if len(options) == 1:
        return f"{options[0]} is expected"
    return f"expected here: {', '.join(options[:-1])} or {options[-1]}"


def plain_signs(text: str) -> str:
    """The line with curly quotes, long dashes and wide punctuation as their plain twins."""
    return text.translate(_LOOKS_LIKE)


def unclosed_quote(text: str) -> int | None:
    """Where a quoted text opens that is not closed on this line."""
    at = text.find('"')
    while at >= 0:
        closed = _QUOTED.match(text, at)
        if closed is None:
            return at
        at = text.find('"', closed.end())
    return None
