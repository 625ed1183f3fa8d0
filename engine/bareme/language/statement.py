"""One line against the grammar: its parse tree, or where it stops making sense and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property

from lark import Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from bareme.diagnostics import (
    SHOWN,
    Edit,
    Fix,
    escape,
    instead,
    name_of,
    nearest,
    not_a_number,
    quote,
    without,
)
from bareme.language.table import parser
from bareme.language.words import SIGNS, WORDS, expected_kinds, expected_words, phrase
from bareme.record import Record
from bareme.source import Span

STATEMENT = "statement"
OPTION = "option"
STEP = "step"
MAX_BRACKETS = 64

_QUOTED = re.compile(r'"(?:[^"]|"")*"(?!")')
_FOUND = re.compile(r'"[^"]*"?|[^\s,:="%/()]+|\S')
_QUOTES = "“”„«»'‘’‚`´"
_NUMERALS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "hundred": "100", "half": "1/2",
}  # fmt: skip
_CLOSES = {"“": "”", "„": "“", "«": "»", "‘": "’", "‚": "‘", "»": "«"}
_LOOKS_LIKE = str.maketrans("“”„«»−–—：，＝％", '"""""---:,=%')


class SyntaxFault(Record):
    """Where a line stops making sense: offsets into the line, what is wrong, and a way out.

    The places of the fix are offsets into the line as well.
    """

    start: int
    end: int
    message: str
    help: str
    code: str = "E102"
    fix: Fix = ()


_parser = cache(parser)


def read_line(text: str, kind: str) -> Tree[Token] | SyntaxFault:
    """Parse one line without its indentation and comment, as a `STATEMENT` or an `OPTION`."""
    deep = _too_deep(text) if "(" in text else None
    if deep is not None:
        return SyntaxFault(
            deep,
            deep + 1,
            f"brackets are nested more than {MAX_BRACKETS} deep here",
            "a condition rarely needs more than two; take some out",
            "E111",
        )
    try:
        return _parser().parse(text, start=kind)
    except UnexpectedInput as fault:
        return _explain(_Stop(text, *_place(fault, text, kind), kind))


def _place(fault: UnexpectedInput, text: str, kind: str) -> tuple[int, frozenset[str]]:
    """Where the parser stopped, and the terminals that could have stood there."""
    if isinstance(fault, UnexpectedCharacters):
        at = fault.pos_in_stream or 0
    elif isinstance(fault, UnexpectedToken):
        at = len(text) if fault.token.type == "$END" else fault.token.start_pos or 0
    else:
        raise fault
    try:
        before = _parser().parse_interactive(text[:at], start=kind)
        before.exhaust_lexer()
        return at, _accepted(before)
    except UnexpectedInput:  # cut there, the line reads differently; the lexer's own guess will do
        return at, frozenset(
            getattr(fault, "accepts", None) or getattr(fault, "allowed", None) or ()
        )


_ACCEPTED: dict[tuple[int, ...], frozenset[str]] = {}
_MOST_STATES = 4_096


def _accepted(stopped: InteractiveParser) -> frozenset[str]:
    """The terminals that a parser could read on with; they follow from its states alone."""
    states = tuple(stopped.parser_state.state_stack)
    known = _ACCEPTED.get(states)
    if known is None:
        known = frozenset(stopped.accepts())  # type: ignore[no-untyped-call]
        if len(_ACCEPTED) < _MOST_STATES:  # nested brackets make ever new ones
            _ACCEPTED[states] = known
    return known


def _too_deep(text: str) -> int | None:
    """Where brackets outside of quotes are nested past the limit."""
    depth, quoted = 0, False
    for at, sign in enumerate(text):
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth > MAX_BRACKETS:
                return at
    return None


class _Stop(Record, caches=True):
    """A line, the place where the parser stopped, and what could have stood there."""

    text: str
    at: int
    terminals: frozenset[str]
    kind: str

    @cached_property
    def words(self) -> list[str]:
        return expected_words(self.terminals)

    @cached_property
    def found(self) -> str:
        """The word or sign at the place; empty at the end of the line."""
        match = _FOUND.match(self.text, self.at)
        return match[0] if match else ""

    @property
    def before(self) -> str:
        return self.text[: self.at]

    @property
    def end(self) -> int:
        return self.at + len(self.found)

    def fault(
        self, message: str, help: str, code: str = "E102", length: int = 0, fix: Fix = ()
    ) -> SyntaxFault:
        return SyntaxFault(self.at, self.at + (length or len(self.found)), message, help, code, fix)

    def not_expected(self, help: str, fix: Fix = ()) -> SyntaxFault:
        return self.fault(f"{quote(self.found)} is not expected here", help, fix=fix)

    def instead(self, text: str) -> Fix:
        """The fix that puts a text in place of the word or sign found."""
        return instead(within(self.at, self.end), text)


def within(start: int, end: int) -> Span:
    """A stretch of the line that is read."""
    return Span("", start, end)


def repaired(text: str, fix: Fix) -> str:
    """A line as a fix leaves it, where its places are offsets into the line."""
    for each in sorted(fix, key=lambda each: each.span.start, reverse=True):
        text = text[: each.span.start] + each.text + text[each.span.end :]
    return text


def _explain(stop: _Stop) -> SyntaxFault:
    for read in _READINGS:
        fault = read(stop)
        if fault is not None:
            return fault
    kinds = expected_kinds(stop.terminals)
    fix = _the_only_one(stop)
    if not stop.found:
        help = _wanted(stop.words, kinds)
        start = max(stop.at - 1, 0)
        return SyntaxFault(start, stop.at, "this line ends too early", help, fix=fix)
    if stop.found in WORDS and not stop.words:
        return stop.fault(
            f"{quote(stop.found)} is not expected here: it is a word of the language",
            _wanted([], kinds),
        )
    return stop.not_expected(_wanted(stop.words, kinds), fix)


def _the_only_one(stop: _Stop) -> Fix:
    """The one word or sign that can stand here, in place of what was found or before it."""
    if len(stop.terminals) != 1:
        return ()
    wanted = SIGNS.get(next(iter(stop.terminals))) or next(iter(stop.words), None)
    if wanted is None:
        return ()
    space = "" if wanted in ",:" else " "
    at = len(stop.before.rstrip())
    after = space if stop.found and stop.at == at else ""
    put_in = instead(within(at, at), f"{space}{wanted}{after}")
    for fix in (stop.instead(wanted), put_in) if stop.found else (put_in,):
        if isinstance(read_line(repaired(stop.text, fix), stop.kind), Tree):
            return fix
    return ()


# ---- what authors do, the likeliest reading first; each returns None where it is not that


def _colon_at_the_end(stop: _Stop) -> SyntaxFault | None:
    start = stop.text.rfind(":")
    if start < 0 or stop.text[start + 1 :].strip() or stop.at < start:
        return None
    help = "take it out; what belongs to this line is indented below it"
    fix = without(within(len(stop.text[:start].rstrip()), len(stop.text)))
    return SyntaxFault(start, start + 1, "nothing follows this colon", help, fix=fix)


def _other_quotes(stop: _Stop) -> SyntaxFault | None:
    mark = stop.found[:1]
    if not mark or mark not in _QUOTES or "QUOTED" not in stop.terminals:
        return None
    closed = re.compile(rf"[{_CLOSES.get(mark, mark)}{mark}](?=$|[ ,:])")
    ends = closed.search(stop.text, stop.at + 1)
    end = ends.end() if ends else len(stop.text)
    whole = stop.text[stop.at + 1 : end - 1 if ends else end]
    return stop.fault(
        f"a text stands in straight double quotes; this one starts with {name_of(mark)}",
        in_quotes(whole),
        "E106",
        end - stop.at,
        instead(within(stop.at, end), quoted(whole)) if ends else (),
    )


def _sign_that_looks_like_another(stop: _Stop) -> SyntaxFault | None:
    mark = stop.found[:1]
    plain = mark.translate(_LOOKS_LIKE)
    if plain == mark:
        return None
    return stop.fault(
        f"`{mark}` ({name_of(mark)}) is no sign of the language",
        f"write `{plain}` ({name_of(plain)})",
        code="E106" if plain == '"' else "E102",
        length=1,
        fix=instead(within(stop.at, stop.at + 1), plain),
    )


def _ending(pattern: str, text: str) -> re.Match[str] | None:
    """Search only near the end of a text: what is looked for is short, and a line may not be."""
    return re.compile(pattern).search(text, max(0, len(text) - 60))


def _number(start: int, end: int, text: str) -> SyntaxFault:
    found = not_a_number(text, within(start, end), "")
    return SyntaxFault(start, end, found.message, found.help, found.code, found.fix)


def _decimal_comma(stop: _Stop) -> SyntaxFault | None:
    whole = _ending(r"[0-9]+$", stop.before)
    after = re.match(r",[0-9]+", stop.text[stop.at :])
    if whole is None or after is None:
        return None
    return _number(whole.start(), stop.at + after.end(), whole[0] + after[0])


def _decimal_comma_before(stop: _Stop) -> SyntaxFault | None:
    """A comma may also stand before the next part, so the number ends at the place of the fault."""
    before = _ending(r"[0-9]+, ?$", stop.before)
    if before is None or not stop.found.isdecimal():
        return None
    return _number(before.start(), stop.end, before[0].replace(" ", "") + stop.found)


def _decimal_comma_of_a_band_or_grade(stop: _Stop) -> SyntaxFault | None:
    """The digits after the comma read like the name of the next one, which lacks its number."""
    before = _ending(r"\b(?:from|up +to) +([0-9]+,[0-9]+) *$", stop.before)
    if before is None or not {"FROM", "UP"} & set(stop.terminals):
        return None
    return _number(*before.span(1), before[1])


def _thousands(stop: _Stop) -> SyntaxFault | None:
    before = _ending(r"[0-9]{1,3} +$", stop.before)
    if before is None or not re.fullmatch(r"[0-9]{3}", stop.found):
        return None
    return _number(before.start(), stop.end, before[0] + stop.found)


def _number_in_words(stop: _Stop) -> SyntaxFault | None:
    if "NUMBER" not in stop.terminals or stop.found not in _NUMERALS:
        return None
    number = _NUMERALS[stop.found]
    return stop.not_expected(f"a number stands in digits: `{number}`", stop.instead(number))


def _percent_sign(stop: _Stop) -> SyntaxFault | None:
    number = _ending(r"[0-9.]+ *$", stop.before)
    if stop.found != "%" or number is None or "=" not in stop.before:
        return None
    every = re.compile(r"(?<=[0-9]) *%(?= *(,|$))").finditer(stop.text)
    fix = without(*(within(*each.span()) for each in every))
    return stop.not_expected(f"points are plain numbers: `{number[0].strip()}`", fix)


def _comma_before_the_order(stop: _Stop) -> SyntaxFault | None:
    if stop.found not in ("best", "worst") or "COMMA" not in stop.terminals:
        return None
    at = len(stop.before.rstrip())
    help = f"put a comma before it, `, {stop.found} first`"
    return stop.not_expected(help, instead(within(at, at), ","))


def _best_last(stop: _Stop) -> SyntaxFault | None:
    order = _ending(r"\b(best|worst) +$", stop.before)
    if stop.found != "last" or order is None:
        return None
    meant = "worst first" if order[1] == "best" else "best first"
    message = f"{quote(f'{order[1]} last')} is not expected here"
    help = f"say which end comes first, `{meant}`"
    fix = instead(within(order.start(), stop.end), meant)
    return SyntaxFault(order.start(), stop.end, message, help, fix=fix)


def _several_files(stop: _Stop) -> SyntaxFault | None:
    if stop.found != "," or not stop.text.startswith("use "):
        return None
    places = [within(*each.span()) for each in re.finditer(r" *, *(?=\w)", stop.text)]
    fix = tuple(Edit(each, "\nuse ") for each in places)
    return stop.not_expected("write one `use` a line", fix)


def _near_word(stop: _Stop) -> SyntaxFault | None:
    near = nearest(stop.found, stop.words) if stop.found else None
    if near is None or near == stop.found:
        return None
    return stop.not_expected(f"`{near}`", stop.instead(near))


def _colon_before_labels(stop: _Stop) -> SyntaxFault | None:
    if "COLON" not in stop.terminals or not re.match(r'[\w"]', stop.found) or "=" in stop.before:
        return None
    if not re.match(r"(scale|options)\b", stop.text):
        return None
    rest = stop.text[stop.at :]
    labels = f", `: {rest}`" if len(rest) <= 60 else ""
    at = len(stop.before.rstrip())
    return stop.not_expected(f"put a colon before the labels{labels}", instead(within(at, at), ":"))


def _equals_for_from(stop: _Stop) -> SyntaxFault | None:
    if stop.found != "=" or stop.terminals != {"FROM"}:
        return None
    every = re.compile(r" *= *").finditer(stop.text, len(stop.before.rstrip()))
    fix = tuple(Edit(within(*each.span()), " from ") for each in every)
    return stop.not_expected("a band starts `from` a score", fix)


def _monotone(stop: _Stop) -> SyntaxFault | None:
    """The line says `no` and why; where a figure is monotone, nothing has to be said."""
    if not stop.text.startswith("monotone") or not stop.terminals <= {"NO", "QUOTED"}:
        return None
    if not stop.found:
        help = 'say why a better answer may lower this figure, `monotone no "…"`'
        return SyntaxFault(max(stop.at - 1, 0), stop.at, "this line ends too early", help)
    if stop.terminals != {"NO"}:
        return None
    if stop.found[:1] in ('"', *_QUOTES):
        return stop.not_expected("put `no` before the reason", _the_only_one(stop))
    if not stop.found[0].isalpha():
        return stop.not_expected('write `no` and the reason, `monotone no "…"`')
    accepts = '`monotone no "…"` accepts that a better answer may lower this figure'
    proved = "whether it holds is proved by `bareme check --prove`"
    return stop.not_expected(f"take the line out: {proved}; {accepts}")


def _text_without_quotes(stop: _Stop) -> SyntaxFault | None:
    """A note, a reason, or a title after its id, that starts with a word and no quote."""
    note = stop.terminals == {"QUOTED"}
    if not note and not ("QUOTED" in stop.terminals and stop.found[:1].isupper()):
        return None
    if not stop.found or stop.found in (":", "=", ","):
        return None
    rest = stop.text[stop.at :]
    what = "a note stands in quotes" if note else "a title stands in quotes"
    if stop.text.startswith("monotone "):
        what = "a reason stands in quotes"
    else:
        rest = re.split(r" +(?:on|weight|code|same as) ", rest)[0]
    end = stop.at + len(rest)
    fix = instead(within(stop.at, end), quoted(rest))
    return SyntaxFault(stop.at, end, what, in_quotes(rest), fix=fix)


def _options_on_the_line(stop: _Stop) -> SyntaxFault | None:
    if stop.found != ":" or not stop.text.startswith("question "):
        return None
    rest = stop.text[stop.at :]
    options = f"`options{rest}`" if len(rest) <= SHOWN else "`options: …`"
    start = len(stop.before.rstrip())
    fix = instead(within(start, len(stop.text)), f"\n    options{rest}")
    return stop.not_expected(f"write {options} on a line of its own below, indented", fix)


def _id_of_two_words(stop: _Stop) -> SyntaxFault | None:
    header = re.match(
        r"(index|category|indicator|question|scale|measure|data|group) +([\w-]+) +$", stop.before
    )
    if header is None or not re.match(r"[\w-]", stop.found):
        return None
    words = re.match(
        r"[\w-]+(?: +(?!(?:on|weight|subtract|code|same|in|plausible|per)\b)[\w-]+)*",
        stop.text[header.start(2) :],
    )
    assert words is not None
    id = re.sub(r"[^a-z0-9]+", "_", words[0].lower())
    place = within(header.start(2), header.start(2) + words.end())
    whole = stop.text[place.end : place.end + 1] in ("", " ")
    return SyntaxFault(
        stop.at,
        stop.at + len(stop.found),
        f"{quote(stop.found)} is not expected here: an id is one word",
        f'`{id}` if it belongs to the id; a title is quoted, `"…"`',
        "E109",
        instead(place, id if whole else None),
    )


def _and_beside_or(stop: _Stop) -> SyntaxFault | None:
    if stop.found not in ("and", "or") or not stop.terminals & {"AND", "OR"}:
        return None
    return stop.fault(
        "`and` and `or` stand side by side here",
        "say with brackets which belong together, as in `a is Yes and (b is Yes or c is Yes)`",
    )


def _list_without_brackets(stop: _Stop) -> SyntaxFault | None:
    if stop.terminals != {"LPAR"} or not re.search(r"\bof *$", stop.before):
        return None
    listed = re.split(r" +(?:and|or) ", stop.text[stop.at :])[0]
    fix = instead(within(stop.at, stop.at + len(listed)), f"({listed})")
    return stop.not_expected("a list stands in brackets, as in `is one of (Yes, Partial)`", fix)


def _is_for_a_number(stop: _Stop) -> SyntaxFault | None:
    if "SIGN" not in stop.terminals or stop.found[:1] not in ("!", "≠"):
        return None
    subject = _ending(r"[^\s()]+ *$", stop.before)
    sign = re.compile(r"!=?|≠").match(stop.text, stop.at)
    fix: Fix = ()
    if subject and sign:
        at = within(subject.start(), subject.start())
        fix = (Edit(at, "not "), Edit(within(*sign.span()), "="))
    return stop.not_expected("write `not` before the comparison, as in `not sites = 0`", fix)


def _if_for_when(stop: _Stop) -> SyntaxFault | None:
    if "WHEN" not in stop.terminals or stop.found not in ("if", "where", "while"):
        return None
    return stop.not_expected("`when`", stop.instead("when"))


def _group_missing(stop: _Stop) -> SyntaxFault | None:
    """A missing part takes the average of the entities of one group, or of all."""
    if stop.found or not _ending(r"\bmissing +average +of *$", stop.before):
        return None
    help = "name a group, or write `all` for all entities"
    return SyntaxFault(max(stop.at - 1, 0), stop.at, "this line ends too early", help)


def _misspelt_before(stop: _Stop) -> SyntaxFault | None:
    """A misspelt word may have been read as part of a label before the place of the fault."""
    if len(stop.words) != 1 or not stop.found:
        return None
    start = stop.text.rfind(",", 0, stop.at) + 1
    for before in re.finditer(r"[^\s,:=\"]+", stop.text[start : stop.at]):
        at = start + before.start()
        if at and nearest(before[0], stop.words):
            message, end = f"{quote(before[0])} is not expected here", at + len(before[0])
            fix = instead(within(at, end), stop.words[0])
            return SyntaxFault(at, end, message, f"`{stop.words[0]}`", fix=fix)
    return None


_READINGS: tuple[Callable[[_Stop], SyntaxFault | None], ...] = (
    _other_quotes,
    _sign_that_looks_like_another,
    _decimal_comma,
    _decimal_comma_before,
    _decimal_comma_of_a_band_or_grade,
    _thousands,
    _number_in_words,
    _percent_sign,
    _comma_before_the_order,
    _best_last,
    _several_files,
    _and_beside_or,
    _list_without_brackets,
    _is_for_a_number,
    _if_for_when,
    _group_missing,
    _near_word,
    _colon_at_the_end,
    _colon_before_labels,
    _options_on_the_line,
    _equals_for_from,
    _monotone,
    _text_without_quotes,
    _id_of_two_words,
    _misspelt_before,
)


def _wanted(words: list[str], kinds: list[str]) -> str:
    numbered = {"best": "best 3", "power": "power 2"} if "median" in words else {}
    options = [f"`{numbered.get(word) or phrase(word)}`" for word in words]
    options += [kind for kind in kinds if kind != "the end of the line"]
    if not options:
        return "the line should end before it"
    if len(options) == 1:
        return f"{options[0]} is expected"
    return f"expected here: {', '.join(options[:-1])} or {options[-1]}"


def in_quotes(text: str) -> str:
    """A text as it has to be written, for a help; its place alone where it is long."""
    text = escape(text).replace('"', '""')
    return f'`"{text}"`' if len(text) <= SHOWN else '`"…"`, with the text between the quotes'


def quoted(text: str) -> str:
    """A text as it has to be written."""
    return '"' + text.replace('"', '""') + '"'


def label_in_a_line(text: str) -> str:
    """A label as it stands on a line with other words: in quotes unless it is plain words."""
    plain = all(each not in WORDS and re.fullmatch(r"[\w–-]+", each) for each in text.split(" "))
    return text if plain else quoted(text)


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
