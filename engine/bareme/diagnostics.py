"""Diagnostics as values, and the one renderer that gives them their look.

A pass says what is wrong and where; only `render` knows how a message is drawn. What an author
wrote is quoted with `quote`, so that nothing hostile reaches a terminal.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from functools import lru_cache

from bareme.exact import read_number, shorten
from bareme.record import Record
from bareme.source import Source, Sources, Span

SHOWN = 80  # characters of a found text that a message repeats
WIDEST = 200  # characters of a source line drawn under a message
LONGEST_FOLDED = 200  # characters that are compared in search of the nearest text
LONGEST = 480  # characters of any line of a message
DEFAULT_LIMIT = 50  # messages shown before "and N more"
MAX_EDITS = 1_000  # places that one fix changes; one that would change more is not offered
MAX_MENDED = 6  # lines shown of what a fix leaves

_HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}


class Note(Record):
    """A second place that belongs to a message: the other of two that conflict."""

    message: str
    span: Span | None = None


class Edit(Record):
    """A text to stand in place of a stretch of a file; in an empty stretch it is put in.

    A line of the text after its first is indented like the line that the stretch starts on, and by
    the spaces that it starts with. Where `lines` is set, the stretch is all of the lines that it
    touches, their line ends included.
    """

    span: Span
    text: str
    lines: bool = False


Fix = tuple[Edit, ...]
"""The one right repair of what a message is about: edits that belong together, or none."""


class Diagnostic(Record):
    """One thing wrong at one place, in the author's words, with the next step.

    `code` is stable and has a page in docs/messages and a case in tests/diagnostics. A code that
    starts with `W` is a warning and never changes an exit status. `help` is for people; the `fix`
    is what it comes to where there is one right repair.
    """

    code: str
    message: str
    span: Span
    help: str = ""
    notes: tuple[Note, ...] = ()
    fix: Fix = ()

    @property
    def severity(self) -> str:
        """`error`, `warning`, `differs` for a printed figure that is not reproduced, or `refuted`
        for what rules were to keep to and do not.
        """
        if self.code.startswith("P7"):
            return "refuted"
        return {"E": "error", "W": "warning", "P": "differs"}[self.code[0]]


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether anything stands in the way of scoring."""
    return any(each.severity == "error" for each in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic], sources: Sources) -> list[Diagnostic]:
    """In the order of files as they were read, then of places; each said once."""
    rank = {name: number for number, name in enumerate(sources)}
    return sorted(
        dict.fromkeys(diagnostics),
        key=lambda d: (rank.get(d.span.file, len(rank)), d.span.start, d.code, d.message),
    )


def escape(text: str) -> str:
    """The text with every character that could hide or act written as its code point."""
    return "".join(
        f"\\u{{{ord(each):x}}}" if unicodedata.category(each) in _HIDDEN else each for each in text
    )


def quote(text: str) -> str:
    """What was found, in backticks, escaped and cut to what a line can hold."""
    shown = escape(text[: SHOWN + 1])
    return f"`{shown[:SHOWN]}…`" if len(shown) > SHOWN else f"`{shown}`"


def listing(texts: Sequence[str], last: str = "and", most: int = 8) -> str:
    """`a`, `b` and `c`, each quoted; a long list is cut and says how many more there are."""
    quoted = [quote(each) for each in texts[:most]]
    if len(texts) > most:
        return f"{', '.join(quoted)} {last} {len(texts) - most} more"
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


SUGGESTED = 200
"""Messages of one pass for which the name that was meant is looked for, among all there are."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 error`, `2 errors`, `3 indices`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def nearest(found: str, allowed: Iterable[str]) -> str | None:
    """The allowed text that was most likely meant, or None where none is near.

    Spelling is compared after folding case, dashes, quotes and spaces; then, without quotes around
    it, by edit distance, within about a third of the length; then a text that was cut short, or
    has words too many at its end, is taken for the one that it starts like. Of equally near ones
    the first wins.
    """
    return _nearest(found, tuple(dict.fromkeys(allowed)))


@lru_cache(maxsize=4096)  # a cohort makes the same slip in every profile
def _nearest(found: str, options: tuple[str, ...]) -> str | None:
    folded = _fold(found)
    for each in options:
        if _fold(each) == folded:
            return each
    folded = (folded.strip("\"' ") or folded)[:LONGEST_FOLDED]
    within = max(1, min(len(folded), 60) // 3) if len(folded) > 1 else 0
    best: str | None = None
    letters = Counter(folded)
    for each in options:
        other = _fold(each)[:LONGEST_FOLDED]
        if abs(len(folded) - len(other)) > within or _apart(letters, len(folded), other) > within:
            continue
        far = _distance(folded, other, within)
        if far <= within:
            best, within = each, far - 1
    return best or _starts_alike(folded, options)


def _starts_alike(folded: str, options: Sequence[str]) -> str | None:
    longer = [each for each in options if folded and _fold(each).startswith(folded)]
    if len(longer) == 1:
        return longer[0]
    shorter = [each for each in options if _starts_with_word(folded, _fold(each))]
    return max(shorter, key=len, default=None)


def _starts_with_word(text: str, word: str) -> bool:
    after = text[len(word) : len(word) + 1]
    return bool(word) and text.startswith(word) and (after + word[-1]).isalnum() is False


def _apart(letters: Counter[str], length: int, other: str) -> int:
    """The least that the edit distance can be: letters of either text that the other lacks."""
    shared = (letters & _letters(other)).total()
    return max(length, len(other)) - shared


@lru_cache(maxsize=1 << 14)
def _letters(text: str) -> Counter[str]:
    return Counter(text)


def difference(found: str, allowed: str) -> str:
    """Where two texts look alike but are not: the first code points that differ, by name."""
    if _fold(found) != _fold(allowed):
        return ""
    if found.casefold() == allowed.casefold():
        return "upper and lower case differ"
    if found.split() == allowed.split():
        return "there is a space too many or too few"
    ours, theirs = (" ".join(text.split()).casefold() for text in (found, allowed))
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            return f"written with {name_of(other)}, not {name_of(one)}"
    return ""


def not_a_number(text: str, span: Span, why: str, least: int | None = None) -> Diagnostic:
    """The message for a text where a number is wanted, with the number that was meant.

    Args:
        text: what stands there.
        span: where.
        why: why it is no number, for where that cannot be guessed.
        least: below which no number can stand there either, so that none is put in.
    """
    help, meant = number_meant(text)
    value = read_number(meant) if meant else None
    if isinstance(value, Fraction) and least is not None and value < least:
        meant = None
    message = f"{quote(text)} is not a number"
    return Diagnostic("E110", message, span, help or why, fix=instead(span, meant))


def number_meant(text: str) -> tuple[str, str | None]:
    """What to write in place of a text that is no number, as a help and, if it is clear, itself."""
    plain = text.strip().translate(_FOLDS)
    if re.search(r"[0-9] *-", plain):
        return "write one number, not a range", None
    if re.fullmatch(r"-?[0-9]{1,3},[0-9]{3}", plain):
        whole, decimals = plain.replace(",", ""), plain.replace(",", ".")
        return f"`{whole}`, or with a point for decimals `{decimals}`", None
    for pattern, how, spell in _MEANT:
        if found := re.fullmatch(pattern, plain):
            number = spell(found)
            return how.format(number), number
    return "", None


def _without_exponent(found: re.Match[str]) -> str:
    return shorten(Fraction(f"{found['n']}e{found['e']}"))


_MEANT: tuple[tuple[str, str, Callable[[re.Match[str]], str]], ...] = (
    (
        r"-?[0-9]+,[0-9]+",
        "with a point for decimals: `{}`",
        lambda found: found[0].replace(",", "."),
    ),
    (
        r"-?[0-9]{1,3}([, '][0-9]{3})+",
        "without signs between the thousands: `{}`",
        lambda found: re.sub("[^-0-9]", "", found[0]),
    ),
    (r"\+(?P<n>[0-9]+(\.[0-9]+)?)", "without the plus sign: `{}`", lambda found: found["n"]),
    (r"(?P<n>-?[0-9]+(\.[0-9]+)?) ?%", "without the percent sign: `{}`", lambda found: found["n"]),
    (r"(?P<n>-?[0-9]+)\.", "without the full stop: `{}`", lambda found: found["n"]),
    (r"\.[0-9]+", "with a digit before the point: `{}`", lambda found: f"0{found[0]}"),
    (r"-[0-9]+(\.[0-9]+)?", "with a plain minus sign (U+002D): `{}`", lambda found: found[0]),
    (r"(?P<n>-?[0-9]{1,9})[eE]\+?(?P<e>[0-9])", "without an exponent: `{}`", _without_exponent),
)


def name_of(character: str) -> str:
    """A character by its code point and Unicode name, as in `U+2013 EN DASH`."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"


_FOLDS = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict.fromkeys("‘’‚‛′´`", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("\u00a0\u2007\u202f\u2009\u2002\u2003_", " ")
)


@lru_cache(maxsize=1 << 14)
def _fold(text: str) -> str:
    return " ".join(text.casefold().translate(_FOLDS).split())


def _distance(a: str, b: str, limit: int) -> int:
    """Edit distance (insert, delete, replace, swap of neighbours), or limit + 1 once beyond it."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def instead(span: Span, text: str | None) -> Fix:
    """The fix that puts a text in place of a stretch; none where there is no text."""
    return () if text is None else (Edit(span, text),)


def without(*spans: Span) -> Fix:
    """The fix that takes stretches out."""
    return tuple(Edit(span, "") for span in spans)


def without_lines(*spans: Span) -> Fix:
    """The fix that takes the lines of stretches out."""
    return tuple(Edit(span, "", lines=True) for span in spans)


def as_written(fix: Fix, sources: Sources) -> list[Edit]:
    """The edits of a fix in order of files and places, each text just as it will stand there."""
    known = [each for each in fix if each.span.file in sources]
    known.sort(key=lambda each: (each.span.file, each.span.start))
    return [
        Edit(_whole(each, source), _indented(each, source))
        for each in known
        for source in [sources[each.span.file]]
    ]


def _whole(edit: Edit, source: Source) -> Span:
    if not edit.lines:
        return edit.span
    first, last = (source.position(at)[0] for at in (edit.span.start, edit.span.end))
    return source.whole_lines(first, last)


def _indented(edit: Edit, source: Source) -> str:
    if "\n" not in edit.text or edit.text in ("\n", "\r\n"):  # a line end alone is meant as it is
        return edit.text
    line = source.line(source.position(edit.span.start)[0])
    indent = line[: len(line) - len(line.lstrip(" "))]
    return edit.text.replace("\n", ("\r\n" if "\r\n" in source.text else "\n") + indent)


def mend(source: Source, edits: Sequence[Edit]) -> str:
    """The text of one file as its edits leave it, which are `as_written` and do not overlap."""
    parts, at = list[str](), 0
    for each in edits:
        parts += [source.text[at : each.span.start], each.text]
        at = each.span.end
    return "".join([*parts, source.text[at:]])


def render(diagnostic: Diagnostic, sources: Sources) -> str:
    """Draw one diagnostic under the line it is about, for a terminal or a test.

    Where the help alone does not show what to write, the lines follow as the fix leaves them.
    """
    source = sources.get(diagnostic.span.file)
    head = f"{diagnostic.severity} {diagnostic.code}: {escape(diagnostic.message)}"
    help = escape(diagnostic.help)
    if source is None:
        rows = [f"{escape(diagnostic.span.file)}:1:1: {head}"]
        rows += [f"  help: {help}"] if help else []
    else:
        rows = _under_the_line(diagnostic.span, source, head, help)
    rows += _mended(diagnostic, sources)
    for note in diagnostic.notes:
        at = sources.get(note.span.file) if note.span else None
        place = f" ({at.place(note.span)})" if at and note.span else ""
        rows.append(f"  note: {escape(note.message)}{place}")
    return "\n".join(row if len(row) <= LONGEST else f"{row[: LONGEST - 1]}…" for row in rows)


def _mended(diagnostic: Diagnostic, sources: Sources) -> list[str]:
    edits = as_written(diagnostic.fix, sources)
    if not edits or _is_told(diagnostic):
        return []
    shown: list[str] = []
    for file in dict.fromkeys(each.span.file for each in edits):
        here = [each for each in edits if each.span.file == file]
        where = "" if file == diagnostic.span.file else f"{escape(file)}:"
        changed = _changed_lines(sources[file], here)
        shown += [f"  {where}{number} {sign} {_cut(text)}" for number, sign, text in changed]
    if len(shown) > MAX_MENDED:
        more = counted(len(shown) - MAX_MENDED, "more line")
        shown = [*shown[:MAX_MENDED], f"    + {more}"]
    return shown


def _is_told(diagnostic: Diagnostic) -> bool:
    """Whether the help says in so many words what to write, and the mark where."""
    mark, first = diagnostic.span, diagnostic.fix[0]
    whole = {each.text.strip() for each in diagnostic.fix} - {""}
    held = first.span.start <= mark.start and mark.end <= first.span.end
    marked = held and first.span.file == mark.file
    at_the_top = first.span.end == 0 and first.text.endswith("\n")
    return not whole or (
        (marked or at_the_top) and all(quote(text) in diagnostic.help for text in whole)
    )


def _changed_lines(source: Source, edits: Sequence[Edit]) -> list[tuple[int, str, str]]:
    """The lines that the edits change, each with its number and a sign.

    A line after `+` stands in place of the one of its number. Only where the number of lines is
    another, that would not be clear: there the lines that go stand after `-`, and what comes in
    between two lines is followed by the second of them, after `|`.
    """
    first = source.position(edits[0].span.start)[0]
    last = source.position(edits[-1].span.end)[0]
    start = source.line_start(first)
    end = source.line_start(last) + len(source.line(last))
    whole = mend(source, edits)
    old = source.text[start:end].replace("\r", "").split("\n")
    new = whole[start : len(whole) - (len(source.text) - end)].replace("\r", "").split("\n")
    if len(old) == len(new):
        lines = zip(old, enumerate(new, first), strict=True)
        return [(number, "+", text) for was, (number, text) in lines if text != was]
    rows: list[tuple[int, str, str]] = []
    after = source.line(last + 1) if last < source.lines else ""
    for tag, i, to_i, j, to_j in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            continue
        rows += [(first + at, "-", old[at]) for at in range(i, to_i)]
        rows += [(first + at, "+", new[at]) for at in range(j, to_j)]
        below = new[to_j] if to_j < len(new) else after
        rows += [(first + to_j, "|", below)] if tag == "insert" and below.strip() else []
    return rows


def _cut(text: str) -> str:
    shown = escape(text[: WIDEST + 1].replace("\t", " "))
    return f"{shown[:WIDEST]}…" if len(shown) > WIDEST else shown


def _under_the_line(span: Span, source: Source, head: str, help: str) -> list[str]:
    line, column = source.position(span.start)
    rows = [f"{escape(source.cite(span))}: {head}"]
    text = source.line(line).replace("\t", " ")
    if not text.strip():
        return rows + ([f"  help: {help}"] if help else [])
    width = max(1, min(span.end - span.start, len(text) - column + 1))
    first = max(0, column - 1 - WIDEST // 2) if len(text) > WIDEST else 0
    cut = text[first : first + WIDEST]
    lead = ("…" if first else "") + escape(text[first : column - 1])
    marked = escape(text[column - 1 : min(column - 1 + width, first + WIDEST)])
    shown = ("…" if first else "") + escape(cut) + ("…" if first + WIDEST < len(text) else "")
    margin = " " * len(str(line))
    rows.append(f"  {line} | {shown}")
    pointer = f"  {margin} | {' ' * len(lead)}{'^' * max(1, len(marked))}"
    if not help:
        return [*rows, pointer]
    if len(pointer) + len(help) > WIDEST:  # too far to the right to be read there
        return [*rows, pointer, f"  help: {help}"]
    return [*rows, f"{pointer} help: {help}"]
