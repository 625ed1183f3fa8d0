"""Importing: the rules of a table, held against the framework that they go to.

>>> from pathlib import Path
>>> from bareme.importing import Choices, import_questionnaire
>>> table = Path("tests/questionnaires/lighthouses.csv")
>>> imported = import_questionnaire(table, Choices(columns={"text": "Question"}))
>>> imported.holds
'1 index, 3 categories, 4 indicators, 9 questions, 2 scales'
"""

from __future__ import annotations

from pathlib import Path

from bareme import files
from bareme.diagnostics import Diagnostic, has_errors, in_order
from bareme.language import tree
from bareme.language.parse import parse
from bareme.profiles.cells import Sheet, read_sheet
from bareme.profiles.package import LIMITS, Limits
from bareme.profiles.workbook import read_workbook
from bareme.project import InputRefused
from bareme.questionnaire import Choices, WrongChoice, write_rules
from bareme.record import Record
from bareme.source import Sources, Span
from bareme.text import read_text

__all__ = [
    "LIMITS",
    "Choices",
    "Imported",
    "Limits",
    "WrongChoice",
    "import_questionnaire",
    "write_imported",
]

TABLES = (".csv",)
WORKBOOKS = (".xlsx", ".xlsm")
_UNREADABLE = {"E001", "E002"}  # the text of a table is not what was saved


class Imported(Record, caches=True):
    """The rules of a table.

    Attributes:
        text: the rules, as `bareme format` lays them out.
        holds: what is in them, in a line.
        sources: the table and the rules it was held against, by name.
        warnings: what is odd about the table, but sound.
    """

    text: str
    holds: str
    sources: Sources
    warnings: tuple[Diagnostic, ...]


def import_questionnaire(
    table: Path,
    choices: Choices | None = None,
    sheet: str | None = None,
    root: Path = Path(),
    to: Path | None = None,
    limits: Limits = LIMITS,
) -> Imported:
    """Write the rules of a table of questions, options, points and weights.

    Args:
        table: a CSV file or a workbook.
        choices: what the table does not say.
        sheet: which sheet of a workbook, where several can be seen.
        root: the project folder.
        to: the file that the rules are meant for; in the folder of a framework they are held
            against its other files as well.
        limits: how much of a workbook is read.

    Raises:
        InputRefused: where the table holds mistakes; its text is every one of them.
        WrongChoice: where a choice fits neither the table nor the place.
        OSError: where the machine fails.
    """
    choices = choices or Choices()
    if sheet is not None and table.suffix.lower() in TABLES:
        raise WrongChoice("sheet", "a CSV table has no sheets")
    place = files.place_in_rules(root, to) if to is not None else ()
    if choices.uses and len(place) != 2:
        raise WrongChoice(
            "use", "other files are used where rules are written to rules/FRAMEWORK/FILE.bareme"
        )
    sources: Sources = {}
    read, found = _read(table, _named(table, root), sheet, limits, sources)
    if read is not None:
        others = _others(root, place, sources)
        stem = (to or table).name.removesuffix(files.RULES_ENDING)
        written, faults = write_rules(read, choices, stem, others, found, files.MAX_FILE)
        found += faults
    if read is None or has_errors(found):
        raise InputRefused(in_order(found, sources), sources)
    return Imported(written.text, written.holds, sources, tuple(in_order(found, sources)))


def write_imported(imported: Imported, to: Path) -> None:
    """Write rules to a file, whole or not at all, and the folder of a new framework with it.

    Raises:
        OSError: where that fails; what stood there before still does.
    """
    files.write_in_new_folder(to, imported.text.encode("utf-8"))


def _named(table: Path, root: Path) -> str:
    """A table's name in messages: relative to the project where it lies in it."""
    return (table.relative_to(root) if table.is_relative_to(root) else table).as_posix()


def _read(
    table: Path, name: str, sheet: str | None, limits: Limits, sources: Sources
) -> tuple[Sheet | None, list[Diagnostic]]:
    """The cells of a table, kept in `sources`, and what is wrong with it as a file."""
    ending = table.suffix.lower()
    if ending not in (*TABLES, *WORKBOOKS):
        message = "this file is not read: a table is a file that ends in `.csv` or `.xlsx`"
        help = "save it as one of these in a spreadsheet program"
        return None, [Diagnostic("E007", message, Span(name, 0, 0), help)]
    data = files.read_named(table, name)
    if isinstance(data, Diagnostic):
        return None, [data]
    if ending in WORKBOOKS:
        read, found = read_workbook(name, data, sheet, limits)
        sources[name] = read
        return (read if read.rows or not has_errors(found) else None), found
    source, found = read_text(name, data)
    sources[name] = source
    if any(each.code in _UNREADABLE for each in found):
        return None, found
    cells, faults = read_sheet(source)
    sources[name] = cells
    return cells, [*found, *faults]


def _others(root: Path, place: tuple[str, ...], sources: Sources) -> list[tree.File]:
    """The other files of the framework that rules are meant for, as far as they can be read."""
    if len(place) != 2:
        return []
    framework, own = place
    trees: list[tree.File] = []
    for name in files.rule_files(root, framework):
        if name == f"rules/{framework}/{own}":
            continue
        source, _ = files.read_source(root, name, sources)
        if source is not None:
            stem = Path(name).name.removesuffix(files.RULES_ENDING)
            trees.append(parse(source, stem)[0])
    return trees
