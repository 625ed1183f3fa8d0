"""A table to rules: its rows read, the rules written, and held against the laws of the field.

What is wrong with the rules is said at the cell that says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from bareme.checks import check
from bareme.diagnostics import Diagnostic, Note, counted, has_errors
from bareme.language import tree
from bareme.language.format import format_rules
from bareme.language.parse import parse
from bareme.profiles.cells import Sheet, check_header
from bareme.questionnaire.choices import Choices
from bareme.questionnaire.columns import first_known, header_below, resolve_columns
from bareme.questionnaire.ids import give_ids, made_id
from bareme.questionnaire.lines import Cell, Line, read_lines
from bareme.questionnaire.sharing import share
from bareme.questionnaire.structure import Node, Structure, build
from bareme.questionnaire.text import RuleText, write_text
from bareme.record import Record, replace
from bareme.resolve import resolve
from bareme.source import Source, Span

_AFTER_ROWS = {"E210", "E301", "E302"}  # what follows where a row is not as it should be
_AFTER_LOSS = {"E211", "E212", "E213"}  # and where rows or columns are not read at all
_LOST = {"E411", "E412", "E413", "E429"}  # rows or cells of a table could not be read
_ROWS = {"E423", "E424", "E426"}

_IN_A_CELL = {"write `, best first` after it": "write `best first:` before them"}
"""Helps that say how a line of rules is mended, and how the cell is that it is from."""

MAX_RULES = 1 << 20  # bytes: longer ones would not be read again


class Written(Record, caches=True):
    """The rules of a table.

    Attributes:
        text: as `bareme format` lays rules out; empty where anything is wrong.
        holds: what is in them, in a line.
    """

    text: str
    holds: str = ""


def write_rules(
    sheet: Sheet,
    choices: Choices,
    stem: str = "",
    others: Sequence[tree.File] = (),
    before: Sequence[Diagnostic] = (),
    most: int = MAX_RULES,
) -> tuple[Written, list[Diagnostic]]:
    """Write the rules of a questionnaire's table.

    Args:
        sheet: the table.
        choices: what the table does not say.
        stem: by which other files would `use` the rules.
        others: the other files of the framework that the rules are to stand in.
        before: what is wrong with the table as such; it is not said again, and nothing that follows
            from it is.
        most: how many bytes a file of rules may have.

    Returns:
        The rules, and what is wrong with the table; where anything is, there are none.
    """
    written, found = _write(sheet, choices, stem, others, before, most)
    said = {each.span for each in before} | sheet.refused
    return written, [each for each in found if each.span not in said]


def _write(
    sheet: Sheet,
    choices: Choices,
    stem: str,
    others: Sequence[tree.File],
    before: Sequence[Diagnostic],
    most: int,
) -> tuple[Written, list[Diagnostic]]:
    lost = any(each.code in _LOST for each in before)
    if (below := header_below(sheet, choices)) is not None:
        return Written(""), [below]
    found = check_header(sheet, first_known(sheet.header, choices))
    if any(each.code in ("E414", "E419") for each in found):
        return Written(""), found
    columns = resolve_columns(sheet, choices, found)
    if columns is None:
        return Written(""), found
    lines = read_lines(sheet, columns.by_name, found)
    if not lines and not has_errors(found):
        whole = Span(sheet.name, 0, 0)
        message = "this table has a header and no rows"
        return Written(""), [*found, Diagnostic("E419", message, whole, "add a row")]
    named = _names_indices(lines)
    if named is not None and (choices.index or choices.title):
        message = "the table names its own index here"
        help = "leave `--index` and `--title` out"
        found.append(Diagnostic("E426", message, named.span, help))
    structure = build(
        lines, named is not None, _whole(sheet, choices), lost or not columns.whole, found
    )
    give_ids(structure, choices.ids, found)
    scales, on = share(structure, found)
    out = write_text(choices.uses, scales, structure.roots, on, found)
    size = len(out.text.encode("utf-8"))
    if size > most:
        message = f"its rules would have {size:,} bytes; a file of rules has at most {most:,}"
        whole = Span(sheet.name, 0, 0)
        return Written(""), [*found, Diagnostic("E008", message, whole, "split the table")]
    faults = _checked(out, stem or "imported", others)
    said = {each.span for each in found}
    follows = {"E208"}  # said of the table itself
    if has_errors(found):
        follows |= {"W201"}  # what looks unused may be used where something could not be read
    lost = lost or not columns.whole
    weights = {node.cells["weight"].span for node in structure.nodes if "weight" in node.cells}
    if lost or any(each.code in _ROWS or each.span in weights for each in found):
        follows |= _AFTER_ROWS
    if lost:
        follows |= _AFTER_LOSS
    found += [each for each in faults if each.span not in said and each.code not in follows]
    text = "" if has_errors([*before, *found]) else format_rules(Source(sheet.name, out.text))
    return Written(text, _held(structure, len(scales))), found


def _names_indices(lines: Sequence[Line]) -> Line | None:
    """The first row that is an index, or says which it stands in."""
    return next((each for each in lines if each.kind == "index" or "index" in each.cells), None)


def _whole(sheet: Sheet, choices: Choices) -> Node:
    """The index of a table that names none: by choice, or after the table's file."""
    header = sheet.span(sheet.rows[0], 0)
    cells = (
        {"title": Cell(" ".join(choices.title.split()), header)} if choices.title.split() else {}
    )
    stem = PurePath(sheet.name).stem
    id = choices.index or made_id(choices.title, "index") or made_id(stem, "index")
    cells["id"] = Cell(id or "questionnaire", header)
    return Node("index", cells, header, declared=False)


def _checked(out: RuleText, stem: str, others: Sequence[tree.File]) -> list[Diagnostic]:
    """What the engine says of the rules, at the cells they are from."""
    name = f"{stem} as imported"  # as no file of the framework is named
    source = Source(name, out.text)
    own, found = parse(source, stem)
    files = sorted([*others, own], key=lambda file: file.stem)
    framework, faults = resolve("imported", files)
    found += [*faults, *check(framework)]

    def moved(span: Span) -> Span:
        return out.cell(span.start) if span.file == name else span

    placed: list[Diagnostic] = []
    for each in found:
        ours = [note.span for note in each.notes if note.span and note.span.file == name]
        if each.span.file == name:
            notes = tuple(
                Note(note.message, moved(note.span)) if note.span else note for note in each.notes
            )
            help = each.help
            for of_a_line, of_a_cell in _IN_A_CELL.items():
                help = help.replace(of_a_line, of_a_cell)
            placed.append(replace(each, span=moved(each.span), help=help, notes=notes))
        elif ours:  # another file comes second, and is the one that is at fault
            other = Note("the other is here", each.span)
            placed.append(replace(each, span=moved(ours[0]), notes=(other,)))
    return list(dict.fromkeys(placed))


def _held(structure: Structure, scales: int) -> str:
    """What rules hold, in a line."""
    kinds = Counter("indicator" if each.kind == "given" else each.kind for each in structure.nodes)
    parts = [
        counted(kinds["index"], "index", "indices"),
        counted(kinds["category"], "category", "categories"),
        counted(kinds["indicator"], "indicator"),
        counted(kinds["question"], "question"),
        counted(kinds["measure"], "measure"),
        counted(scales, "scale"),
    ]
    return ", ".join(each for each in parts if not each.startswith("0 "))
