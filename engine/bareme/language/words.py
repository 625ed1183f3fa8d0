"""The words of the language, and how a message names what the grammar expects."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

GRAMMAR = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")

_TERMINAL = re.compile(r"^([A-Z_]+)(?:\.\d+)?: /([a-z]+)(?:\\b|\(\?.*)/$", re.MULTILINE)

BY_TERMINAL: dict[str, tuple[str, ...]] = {
    name: (word,) for name, word in _TERMINAL.findall(GRAMMAR)
}
"""The words that each terminal of the grammar stands for."""

WORDS = frozenset(word for words in BY_TERMINAL.values() for word in words)
"""Words of the language: none may be an id."""

EVERYDAY = frozenset({
    "above", "also", "and", "answer", "answers", "at", "average", "below", "carry", "data", "each",
    "for", "forward", "group", "in", "is", "least", "median", "monotone", "no", "not", "one",
    "optional", "or", "otherwise", "over", "per", "power", "questions", "range", "rating",
    "required", "score", "scores", "sum", "to", "units", "where", "zero",
})  # fmt: skip
"""Words of the language that labels are full of too; in a label they mean nothing else."""

SIGNS = {"COMMA": ",", "COLON": ":", "EQUAL": "=", "PERCENT": "%"}
"""The signs that stand for themselves, by their terminal."""

_KINDS = {
    "QUOTED": 'a quoted text, `"…"`',
    "CODE_AND_QUOTED": 'a quoted text, `"…"`',
    "NAME": "an id",
    "FILE": "the name of a file",
    "PATH": "the path of a figure, as in `index.indicator`",
    "NUMBER": "a number",
    "SUBJECT": "the id of a question, a measure, a figure or a group",
    "OPERAND": "the id of a measure or of data",
    "OPERAND_NUMBER": "a number",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "TIMES": "`*`",
    "DIVIDED": "`/`",
    "SIGN": "a sign, `<`, `≤`, `=`, `≥` or `>`",
    "CONDITION_LABEL": "an answer",
    "LPAR": "a bracket `(`",
    "RPAR": "a closing bracket `)`",
    "INLINE_LABEL": "a label",
    "INLINE_LABEL_BEFORE_FROM": "the name of a band",
    "GRADE_LABEL": "the name of a grade",
    "LINE_LABEL": "a label",
    "EDITION_ID": "the name of an edition, as in `2020`",
    "COMMA": "a comma",
    "COLON": "a colon `:`",
    "EQUAL": "`=`",
    "PERCENT": "`%`",
    "SLASH": "`/`",
    "$END": "the end of the line",
}


_GO_TOGETHER = (
    "best first", "worst first", "out of", "reverse of", "same as", "whole numbers", "half up",
    "previous edition", "compare with", "aggregate by", "arithmetic mean", "geometric mean",
    "harmonic mean", "when missing", "leave out", "no score", "up to", "at least", "one of",
    "skip when", "include entities", "weights total", "for each", "over indicators", "average of",
    "carry forward", "monotone no",
)  # fmt: skip


def phrase(word: str) -> str:
    """A word with the one that always follows it, as in `best first`."""
    return next((each for each in _GO_TOGETHER if each.startswith(f"{word} ")), word)


def expected_words(terminals: Iterable[str]) -> list[str]:
    """The words of the language among the terminals that could have stood here."""
    return sorted(word for name in terminals for word in BY_TERMINAL.get(name, ()))


def expected_kinds(terminals: Collection[str]) -> list[str]:
    """What else could have stood here, in words, always in the same order."""
    return list(dict.fromkeys(text for name, text in _KINDS.items() if name in terminals))
