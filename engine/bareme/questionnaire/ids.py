"""Ids from codes and titles: the same for the same table, and never those of something else.

What is made is ASCII, in small letters, with `_` between words. Where two would be the same, each
takes the id of what it stands in before its own, so that a row which is added later never takes
over an id, and with it the answers, of another.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from bareme.diagnostics import Diagnostic, Note, quote
from bareme.language.line import MAX_ID
from bareme.language.words import WORDS
from bareme.questionnaire.choices import not_an_id
from bareme.questionnaire.lines import article
from bareme.questionnaire.structure import FIGURES, Node, Structure

LONGEST = 48  # characters of an id that is made, before anything is put in front of it
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i",
     "ħ": "h", "ŋ": "n", "ŧ": "t"}
)  # fmt: skip
_PREFIX = {"question": "q", "measure": "q", "data": "q"}  # of an id that would start with a digit


def give_ids(structure: Structure, prefer: str, found: list[Diagnostic]) -> None:
    """Give every figure, question and measure its id; those that have none to be made of too.

    Args:
        structure: what the table holds.
        prefer: whether questions take their ids from `code` or from `title`.
    """
    for node in (*structure.nodes, *structure.scales):
        node.id = _own(node, prefer, found)
    for roots in (structure.roots, *(node.children for node in structure.nodes)):
        _apart([each for each in roots if each.kind in FIGURES], found)
    _apart(structure.scales, found)
    _questions(structure, found)


def _own(node: Node, prefer: str, found: list[Diagnostic]) -> str:
    """The id that a row says, or that is made of what it says."""
    said = node.cells.get("id")
    if said is not None:
        wrong = not_an_id(said.flat)
        if not wrong:
            return said.flat
        instead = made_id(said.flat, node.kind)
        help = f"`{instead}`" if instead else "leave it blank, and give the row a `code`"
        found.append(Diagnostic("E427", f"{quote(said.flat)} {wrong}", said.span, help))
        return instead or f"row_{node.order}"
    first = "title" if node.kind in (*FIGURES, "scale") else prefer
    for column in dict.fromkeys((first, "title", "code", "text")):
        made = made_id(node.text(column), node.kind)
        if made:
            return made
    message = f"no id can be made for this {node.kind}"
    help = "give it an `id`, or a `code` with letters a to z or digits"
    if node.kind == "given":
        message = "no id can be made for this indicator"
    if node.kind in ("category", "indicator") and not node.declared:
        help = f"give it a code with letters a to z or digits in `{node.kind}_code`"
    found.append(Diagnostic("E427", message, node.name_span, help))
    return f"row_{node.order}"


def made_id(text: str, kind: str) -> str:
    """An id of a text; nothing where the text has neither letters a to z nor digits."""
    made = slug(text)
    if made and made[0].isdigit():
        prefix = _PREFIX.get(kind, f"{_word(kind)}_")
        made = f"{prefix}{made}"
    return f"{made}_{_word(kind)}" if made in WORDS else made


def slug(text: str, longest: int = LONGEST) -> str:
    """A text in small letters a to z, digits and `_`, cut after a word."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    words = re.findall("[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    kept = "_".join(words)
    if len(kept) <= longest:
        return kept
    return kept[: longest + 1].rpartition("_")[0] or kept[:longest]


def _word(kind: str) -> str:
    return "indicator" if kind == "given" else kind


def _apart(nodes: Sequence[Node], found: list[Diagnostic]) -> None:
    """Report figures of one parent, or scales, that would have the same id."""
    first: dict[str, Node] = {}
    for node in nodes:
        other = first.setdefault(node.id, node)
        if other is not node:
            found.append(_same(node, other))


def _questions(structure: Structure, found: list[Diagnostic]) -> None:
    """Let ids of questions, measures and data be unique in the table, and unlike any figure's."""
    asked = [node for node in structure.nodes if node.kind not in FIGURES]
    figures = {node.id for node in structure.nodes if node.kind in FIGURES}
    many = Counter(node.id for node in asked)
    codes = Counter(node.text("code") for node in asked)
    for node in asked:
        if node.text("code") and codes[node.text("code")] > 1:
            continue  # which is said of the code
        if "id" in node.cells or (many[node.id] == 1 and node.id not in figures):
            continue
        if node.parent is not None:
            node.id = f"{node.parent.id}_{node.id}"[:MAX_ID].rstrip("_")
    _coded_once(asked, found)
    first: dict[str, Node] = {}
    beside = {(node.parent, node.id): node for node in structure.nodes if node.kind in FIGURES}
    for node in asked:
        other = beside.get((node.parent, node.id)) or first.setdefault(node.id, node)
        if other is not node and not _same_code(node, other):
            found.append(_same(node, other))


def _coded_once(asked: Iterable[Node], found: list[Diagnostic]) -> None:
    """Report a code that two questions have: tables of answers could not tell them apart."""
    by_code: dict[str, list[Node]] = defaultdict(list)
    for node in asked:
        if "code" in node.cells:
            by_code[node.text("code")].append(node)
    for code, nodes in by_code.items():
        for node in nodes[1:]:
            message = f"two rows have the code {quote(code)}"
            note = Note("the first is here", nodes[0].cells["code"].span)
            help = "give each its own"
            span = node.cells["code"].span
            found.append(Diagnostic("E427", message, span, help, (note,)))


def _same_code(node: Node, other: Node) -> bool:
    return bool(node.text("code")) and node.text("code") == other.text("code")


def _same(node: Node, other: Node) -> Diagnostic:
    what = article(_word(node.kind))
    message = f"{what} would have the id {quote(node.id)}, which another row has"
    note = Note("it is here", other.name_span)
    help = "give one of them an `id`"
    if not node.declared:
        help = "write the two titles so that they differ in more than signs"
    return Diagnostic("E427", message, node.name_span, help, (note,))
