"""Lists of options that questions share become scales with a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bareme.diagnostics import Diagnostic, Note, quote
from bareme.language.words import WORDS
from bareme.questionnaire.ids import made_id, slug
from bareme.questionnaire.lines import Cell
from bareme.questionnaire.options import EXCLUDED, Answers
from bareme.questionnaire.structure import Node, Structure
from bareme.record import Record
from bareme.source import Span

_OF_A_LABEL = 20  # characters that a label gives to the name of a scale


class SharedScale(Record):
    """A scale to be declared: its name, and where the table says it."""

    name: str
    answers: Answers
    span: Span


def share(
    structure: Structure, found: list[Diagnostic]
) -> tuple[list[SharedScale], Mapping[Node, Cell]]:
    """Find the scales of a table, and which questions are on one.

    Scales with rows of their own come first, then those that questions name, then lists of options
    that are the same for two questions or more: the same labels, codes and points, in one order.

    Returns:
        The scales, and for each question on a scale its name, with where the table says it.
    """
    scales = {node.id: SharedScale(node.id, node.answers, node.name_span)
              for node in structure.scales}  # fmt: skip
    on: dict[Node, Cell] = {}
    questions = [node for node in structure.nodes if node.kind == "question"]
    for node in questions:
        named = node.cells.get("scale")
        if named is None:
            continue
        name = Cell(_name(named, found), named.span)
        on[node] = name
        if node.answers.options:
            _declare(scales, name, node.answers, found)
    keys = {node: node.answers.key for node in questions if node.answers.options}
    same = Counter(key for node, key in keys.items() if node not in on)
    by_key = {each.answers.key: each.name for each in reversed(scales.values())}
    named_so: Counter[str] = Counter()
    for node, key in keys.items():
        if node in on or (same[key] < 2 and key not in by_key):
            continue
        span = node.answers.span or node.answers.options[0].span
        if key not in by_key:
            made = _unused(name_of(node.answers), scales, named_so)
            by_key[key] = made
            scales[made] = SharedScale(made, node.answers, span)
        on[node] = Cell(by_key[key], span)
    return list(scales.values()), on


def _name(named: Cell, found: list[Diagnostic]) -> str:
    """The name of a scale as a question says it, as an id: `yes_no` for `Yes/No`."""
    name = made_id(named.flat, "scale")
    if not name:
        message = f"no name of a scale can be made of {quote(named.flat)}"
        help = "write it with letters a to z or digits"
        found.append(Diagnostic("E427", message, named.span, help))
    return name or "unnamed"


def _declare(
    scales: dict[str, SharedScale], name: Cell, answers: Answers, found: list[Diagnostic]
) -> None:
    """Declare a scale that a question names and lists; twice only in the same words."""
    first = scales.setdefault(name.text, SharedScale(name.text, answers, name.span))
    if first.answers.key != answers.key:
        message = f"scale {quote(name.text)} has other options here"
        note = Note("it is first listed here", first.answers.span or first.span)
        help = "name another scale, or leave the options to the first"
        span = answers.span or answers.options[0].span
        found.append(Diagnostic("E426", message, span, help, (note,)))


def name_of(answers: Answers) -> str:
    """A name for a list of options, made of its labels: `yes_no`, `very_low_to_very_high`."""
    counted = [each for each in answers.options if each.points != EXCLUDED] or answers.options
    words = [slug(each.label, _OF_A_LABEL) for each in counted]
    words = [each for each in words if each]
    name = "_".join(words) if len(words) <= 3 else f"{words[0]}_to_{words[-1]}"
    if not name or name in WORDS:
        return f"{name or 'answer'}_scale"
    return f"scale_{name}" if name[0].isdigit() else name


def _unused(name: str, scales: Mapping[str, object], taken: Counter[str]) -> str:
    """The name, or the next one like it with a number; `taken` counts those of each name."""
    while True:
        taken[name] += 1
        free = name if taken[name] == 1 else f"{name}_{taken[name]}"
        if free not in scales and free not in WORDS:
            return free
