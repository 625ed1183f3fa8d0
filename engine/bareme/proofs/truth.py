"""Conditions in one form: two that say the same, however they are written, are one.

Negation is moved to what is compared, `and` and `or` are counts, and what is left is in a fixed
order. Where few answers are read the form is the table of what holds for each of them, so that
conditions are one if and only if nothing that is answered tells them apart.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from bareme.framework import (
    AtLeast,
    Compared,
    Condition,
    Exists,
    Formula,
    Framework,
    InGroup,
    IsAnswer,
    Not,
)
from bareme.proofs.choices import Way, cut

Truth = tuple[Any, ...]
"""A condition in its form; its first item says what kind it is."""

MOST_ROWS = 4096  # of a table of what holds

TRUE: Truth = ("always", True)
FALSE: Truth = ("always", False)
UNKNOWN: Truth = ("always", None)

OPPOSITE = {"<": "≥", "≥": "<", ">": "≤", "≤": ">", "=": "≠", "≠": "="}
SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt,
    "≤": operator.le,
    "=": operator.eq,
    "≠": operator.ne,
    "≥": operator.ge,
    ">": operator.gt,
}

Read = tuple[Any, ...]
"""What a condition reads: an answer, a group, a number, the score of a form."""

FormOf = Callable[[tuple[str, ...]], int]
"""The number of the form of a figure, by its path."""


def formula_form(formula: Formula) -> Truth:
    """A formula whose terms and factors stand in a fixed order."""
    terms = [
        (term.plus, tuple(sorted(((times, _factor(of)) for times, of in term.factors), key=repr)))
        for term in formula.terms
    ]
    return ("formula", tuple(sorted(terms, key=repr)))


def _factor(factor: Fraction | str | Formula) -> object:
    return formula_form(factor) if isinstance(factor, Formula) else factor


class Conditions:
    """Puts the conditions of a framework into their form.

    Args:
        framework: without errors.
        form_of: the form of a figure whose score is read.
    """

    def __init__(self, framework: Framework, form_of: FormOf) -> None:
        self.framework = framework
        self.form_of = form_of
        self._tables: dict[tuple[Truth, bool], Truth] = {}

    def form(self, condition: Condition, holds: bool = True) -> Truth:
        """A condition with negation moved inwards; its negation where it shall not hold."""
        match condition:
            case IsAnswer():
                return self._answered(condition, holds)
            case InGroup():
                return self._grouped(condition, holds)
            case Exists():
                return ("there", self._read(condition), holds)
            case Compared():
                sign = condition.sign if holds else OPPOSITE[condition.sign]
                return ("number", self._read(condition), sign, condition.number)
            case Not():
                return self.form(condition.of, not holds)
            case AtLeast():
                items = [self.form(each, holds) for each in condition.of]
                count = condition.count if holds else len(items) - condition.count + 1
                return at_least(count, items)

    def _answered(self, condition: IsAnswer, holds: bool) -> Truth:
        scale = self.framework.questions[condition.question].scale
        labels = scale.labels if scale else ()
        texts = [
            label.text
            for label in labels
            if any(name in condition.answers for name in label.names) == holds
        ]
        return ("one of", ("answer", condition.question), True, tuple(sorted(texts)))

    def _grouped(self, condition: InGroup, holds: bool) -> Truth:
        known = self.framework.groups[condition.group].labels
        read = ("group", condition.group)
        if holds or not known:
            return ("one of", read, holds, tuple(sorted(condition.labels)))
        return ("one of", read, True, tuple(sorted(set(known) - condition.labels)))

    def _read(self, of: Exists | Compared) -> Read:
        if of.kind == "figure":
            return ("score", self.form_of(of.id))
        if of.kind == "group":
            return ("group", of.id[-1])
        if of.kind == "question":
            return ("answer", of.id[-1])
        return formula_form(of.formula) if of.formula else ("measure", of.id[-1])

    def ways(self, read: Read, conditions: Iterable[Truth]) -> tuple[Any, ...]:
        """Everything that can be read there, as far as these conditions may tell it apart.

        An answer that is required is none where it is skipped, or not asked in some edition.
        """
        kind, id = read[0], read[1]
        blank = (None,)
        if kind == "answer":
            scale = self.framework.questions[id].scale
            texts = tuple(sorted(label.text for label in scale.labels)) if scale else ()
            return (*texts, *blank)
        if kind == "group":
            known = self.framework.groups[id].labels
            if known:
                return (*sorted(known), *blank)
            named = {text for each in conditions if each[0] == "one of" for text in each[3]}
            return (*sorted(named), "", *blank)  # no label is empty: it stands for any other
        turns = {each[3] for each in conditions if each[0] == "number"}
        within = self.framework.recorded[id].plausible if kind == "measure" else None
        return (*cut(turns, within), *blank)

    def table(self, form: Truth, known: bool = False) -> Truth:
        """The form of what a condition comes to, row by row, where there are few rows.

        Args:
            form: of a condition.
            known: whether all that counts is that it is known to hold.
        """
        if (form, known) not in self._tables:
            self._tables[form, known] = self._table(form, known)
        return self._tables[form, known]

    def _table(self, form: Truth, known: bool) -> Truth:
        leaves: dict[Read, list[Truth]] = {}
        for leaf in _leaves(form):
            leaves.setdefault(leaf[1], []).append(leaf)
        reads = sorted(leaves, key=repr)
        ways = [list(self.ways(read, leaves[read])) for read in reads]
        if prod(map(len, ways)) > MOST_ROWS:
            return ("known", form) if known else form
        rows = {
            row: holds(form, dict(zip(reads, row, strict=True))) for row in product(*ways)
        }  # fmt: skip
        if known:
            rows = {row: found is True for row, found in rows.items()}
        return _short(reads, ways, rows)


def at_least(count: int, items: Sequence[Truth]) -> Truth:
    """A count of conditions that hold; one within another is taken out where that is the same."""
    if count <= 0:
        return TRUE
    if count > len(items):
        return FALSE
    if len(items) == 1:
        return items[0]
    if count in (1, len(items)):
        every = count != 1
        flat: dict[Truth, None] = {}
        for each in items:
            if each[0] == "at least" and each[1] == (len(each[2]) if every else 1):
                flat |= dict.fromkeys(each[2])
            else:
                flat[each] = None
        found = sorted(flat, key=repr)
        if len(found) == 1:
            return found[0]
        return ("at least", len(found) if every else 1, tuple(found))
    return ("at least", count, tuple(sorted(items, key=repr)))


def either(items: Sequence[Truth]) -> Truth:
    """Whether any of these holds."""
    return at_least(1, items)


def _leaves(form: Truth) -> Iterator[Truth]:
    if form[0] == "at least":
        for each in form[2]:
            yield from _leaves(each)
    elif form[0] != "always":
        yield form


def holds(form: Truth, said: Mapping[Read, Any]) -> bool | None:
    """Whether a condition holds where this is said; None where that cannot be told."""
    kind = form[0]
    if kind == "always":
        known: bool | None = form[1]
        return known
    if kind == "at least":
        found = [holds(each, said) for each in form[2]]
        if found.count(True) >= form[1]:
            return True
        return False if found.count(True) + found.count(None) < form[1] else None
    value = said[form[1]]
    if kind == "there":
        return (value is not None) is form[2]
    if value is None:
        return None
    if kind == "one of":
        return (value in form[3]) is form[2]
    assert isinstance(value, Way)
    return SIGNS[form[2]](value.number, form[3])


Rows = dict[tuple[Any, ...], bool | None]


def _short(reads: list[Read], ways: list[list[Any]], rows: Rows) -> Truth:
    """A table without what makes no difference: what is read in vain, and turns of numbers."""
    at = 0
    while at < len(reads):
        slices = [_slice(rows, at, way) for way in ways[at]]
        if all(each == slices[0] for each in slices):
            rows = slices[0]
            reads, ways = reads[:at] + reads[at + 1 :], ways[:at] + ways[at + 1 :]
            at = 0
            continue
        at += 1
    for at, read in enumerate(reads):
        if read[0] in ("answer", "group"):
            continue
        ways[at], rows = _without_turns(ways[at], at, rows)
    if not reads:
        return ("always", next(iter(rows.values())))
    listed = tuple(tuple(each) for each in ways)
    return ("table", tuple(reads), listed, tuple(rows[row] for row in product(*ways)))


def _slice(rows: Rows, at: int, way: object) -> Rows:
    return {row[:at] + row[at + 1 :]: found for row, found in rows.items() if row[at] is way}


def _without_turns(ways: list[Any], at: int, rows: Rows) -> tuple[list[Any], Rows]:
    """Numbers without the turns at which nothing turns."""
    place = 1
    while place + 1 < len(ways):
        three = ways[place - 1 : place + 2]
        stretches = [way is not None and way.stretch for way in three]
        first = _slice(rows, at, three[0])
        if stretches == [True, False, True] and all(_slice(rows, at, w) == first for w in three):
            whole = Way("", three[0].low, three[2].high, stretch=True)
            gone = {id(way) for way in three}
            rows = {row: found for row, found in rows.items() if id(row[at]) not in gone}
            rows |= {(*row[:at], whole, *row[at:]): found for row, found in first.items()}
            ways = [*ways[: place - 1], whole, *ways[place + 2 :]]
        else:
            place += 1
    return ways, rows
