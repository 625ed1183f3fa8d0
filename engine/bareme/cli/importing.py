"""`bareme import`: rules from a table."""

from __future__ import annotations

from pathlib import Path

import click

from bareme import files, importing, project
from bareme.cli.output import emit_lines, emit_text, say
from bareme.cli.shared import DONE, Group, cli
from bareme.questionnaire import Choices, WrongChoice
from bareme.questionnaire.choices import COLUMNS
from bareme.reports.lines import line


@cli.group("import", cls=Group)
def import_() -> None:
    """Write rules from a table: `bareme import questionnaire TABLE`."""


@import_.command(
    epilog="Columns: " + ", ".join(COLUMNS) + ". In any case, spaces or hyphens for `_`."
    " docs/import.md has examples."
)
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar='NAME="HEADER"',
    help='The column of that header is NAME, as in title="Indicator name"; as often as needed.',
)
@click.option(
    "--ignore", multiple=True, metavar="HEADER", help="Do not read the column of that header."
)
@click.option("--sheet", metavar="SHEET", help="Which sheet of a workbook that has several.")
@click.option(
    "--max-cells",
    type=click.IntRange(min=1),
    default=importing.LIMITS.cells,
    show_default=True,
    help="Read at most so many cells of a workbook's sheet.",
)
@click.option(
    "--max-unpacked",
    type=click.IntRange(min=1),
    default=importing.LIMITS.unpacked,
    show_default=True,
    help="Read a workbook that unpacks to at most so many bytes.",
)
@click.option("--title", metavar="TITLE", default="", help="The title of the index.")
@click.option(
    "--index",
    metavar="ID",
    default="",
    help="The id of the index.  [default: made from --title, else from the name of TABLE]",
)
@click.option(
    "--ids",
    type=click.Choice(["code", "title"]),
    default="code",
    help="What ids of questions are made from, where a row has both.  [default: code]",
)
@click.option(
    "--use",
    "uses",
    multiple=True,
    metavar="FILE",
    help="TABLE names scales of this file of the same framework, as in --use scales.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, rules/FRAMEWORK/FILE.bareme say, whole or not at all.",
)
@click.option("--force", is_flag=True, help="Replace the file of -o if it is there already.")
@click.pass_obj
def questionnaire(
    folder: Path,
    table: Path,
    columns: tuple[str, ...],
    ignore: tuple[str, ...],
    sheet: str | None,
    max_cells: int,
    max_unpacked: int,
    title: str,
    index: str,
    ids: str,
    uses: tuple[str, ...],
    output: Path | None,
    force: bool,
) -> int:
    """Write the rules of a questionnaire from TABLE, a .csv or .xlsx file.

    A row is a question, and the rows below it are its options; or one cell lists them all, as in
    `a) Yes = 100; b) No = 0`. Columns are known by their header, and nothing is guessed. The rules
    are printed, or written to a file with -o.
    """
    to = folder / output if output is not None else None
    if to is not None:
        refused = files.unwritable_rules(folder, to, force)
        if refused:
            already = "; --force replaces it" if refused.endswith("already") else ""
            raise click.BadParameter(f"{refused}{already}", param_hint="-o")
    try:
        choices = Choices(_pairs(columns), ignore, index, title, ids, uses)
        limits = importing.Limits(max_cells, max_unpacked)
        imported = importing.import_questionnaire(
            folder / table, choices, sheet, folder, to, limits
        )
    except WrongChoice as wrong:
        raise click.BadParameter(str(wrong), param_hint=f"--{wrong.option}") from None
    say(project.messages(imported.warnings, imported.sources))
    if to is None:
        emit_text(imported.text, None)
        return DONE
    importing.write_imported(imported, to)
    wrote = [line(f"Wrote {output}: {imported.holds}")]
    if files.place_in_rules(folder, to):
        wrote.append(line("Next:  bareme check"))
    emit_lines(wrote, None)
    return DONE


def _pairs(columns: tuple[str, ...]) -> dict[str, str]:
    """The headers of `--column`, by the names of the columns."""
    pairs: dict[str, str] = {}
    for each in columns:
        name, sign, header = each.partition("=")
        if not sign or not header.strip():
            raise WrongChoice("column", f'{each!r} is not like title="Indicator name"')
        if pairs.setdefault(name.strip(), header.strip()) != header.strip():
            raise WrongChoice("column", f"two headers are given for {name.strip()!r}")
    return pairs
