"""The commands: read, call, write. Each returns its exit status."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bareme import project
from bareme.cli import completion, pages
from bareme.cli.output import DOCUMENTS, emit_lines, emit_text, pen_for, say
from bareme.cli.shared import (
    ANSWER_IS_NO,
    BAD_INPUT,
    DONE,
    MACHINE_FAILED,
    Said,
    chosen_format,
    cli,
    cohort_of,
    edition_option,
    frameworks_of,
    index_of,
    rules_of,
    said_as,
    shared_options,
)
from bareme.diagnostics import counted
from bareme.plan import Plan
from bareme.profiles.profile import Cohort
from bareme.project import NoSuchName, Rules
from bareme.reports import machine, tables
from bareme.reports.levels import down_to, level_names
from bareme.reports.lines import TextLine, line
from bareme.results import IndexResults

if TYPE_CHECKING:
    from bareme.cli.explaining import Explained

__all__ = ["ANSWER_IS_NO", "BAD_INPUT", "DONE", "MACHINE_FAILED", "cli"]


@cli.command()
@click.argument("index", required=False, shell_complete=completion.indices)
@shared_options()
@edition_option
@click.option(
    "--entity",
    metavar="ENTITY",
    help="Only this entity, by id or name.",
    shell_complete=completion.entities,
)
@click.option(
    "--level",
    metavar="LEVEL",
    help="Down to this level: index, category, indicator, question, or as the rules name it.  "
    "[default: indicator for one entity, else index]",
    shell_complete=completion.levels,
)
@click.pass_obj
def score(
    folder: Path,
    index: str | None,
    framework: str | None,
    chosen: str | None,
    output: Path | None,
    edition: str | None,
    entity: str | None,
    level: str | None,
) -> int:
    """Score an edition and print the results table; INDEX narrows it to one index.

    Machine formats hold one flat record a figure.
    """
    how = chosen_format(chosen, output, folder)
    with said_as(how) as said:
        scored = _score_all(folder, framework, index, edition, entity, said)
        if level is not None:
            _check_level(level, [each.plan for results, _ in scored for each in results])
    if how == "table":
        lines: list[TextLine] = []
        for results, entities in scored:
            one = len(entities) == 1 or level is not None
            drawn = tables.score_tables(
                results, entities, level or "indicator", pen_for(output), trees=one
            )
            lines += [line(), *drawn] if lines else drawn
        emit_lines(lines, output)
        return DONE
    from bareme.reports import records  # only for machine formats

    rows = [
        records.score_record(figure)
        for results, entities in scored
        for each in results
        for down in [down_to(each.plan, level or "indicator")]
        for wanted in entities
        if wanted in each.by_entity
        for figure in (*each.by_entity[wanted], *each.parts_of(wanted))
        if down.shows(figure)
    ]
    if how == "json":
        emit_text(machine.json_text(rows), output)
    else:
        emit_text(machine.csv_text(records.SCORE_COLUMNS, rows), output)
    return DONE


def _check_level(named: str, plans: Sequence[Plan]) -> None:
    """Refuse a level that no index has."""
    known = level_names(plans)
    if named.casefold() not in (each.casefold() for each in known):
        raise NoSuchName(project.no_such("level", named, known))


def _score_all(
    folder: Path,
    framework: str | None,
    index: str | None,
    edition: str | None,
    entity: str | None,
    said: Said,
) -> list[tuple[list[IndexResults], list[str]]]:
    """The results of every framework that holds what was named, each with the entities wanted."""
    scored: list[tuple[list[IndexResults], list[str]]] = []
    missed: list[str] = []
    for rules in rules_of(folder, framework, index):
        try:
            indices = [index_of(rules, index)] if index else []
            cohort = cohort_of(rules, edition, said)
            wanted = [rules.entity(cohort, entity).entity] if entity else [
                profile.entity for profile in cohort.profiles
            ]  # fmt: skip
        except NoSuchName as missing:
            missed.append(str(missing))
            continue
        scored.append((list(rules.score(cohort, indices).values()), wanted))
    if not scored:
        raise NoSuchName(missed[0])
    return scored


@cli.command()
@click.argument("entity", shell_complete=completion.entities)
@click.argument("figure", shell_complete=completion.figures)
@shared_options(formats=DOCUMENTS)
@edition_option
@click.option(
    "--depth",
    default="all",
    metavar="LEVELS",
    help="How many levels below the figure, a number or `all`.  [default: all]",
)
@click.option("--part", metavar="PART", help="The part of ENTITY, where each is scored by itself.")
@click.option(
    "--against",
    metavar="ENTITY",
    help="Why the figure is not that of this other entity, largest difference first.",
    shell_complete=completion.entities,
)
@click.option("--lost", is_flag=True, help="What holds the figure down, largest loss first.")
@click.option(
    "--history",
    "past",
    is_flag=True,
    help="Which revisions of the git repository touched a line that the figure rests on.",
)
@click.pass_obj
def explain(
    folder: Path,
    entity: str,
    figure: str,
    framework: str | None,
    chosen: str | None,
    output: Path | None,
    edition: str | None,
    depth: str,
    part: str | None,
    against: str | None,
    lost: bool,
    past: bool,
) -> int:
    """Explain one figure of ENTITY, down to answers, sources and rule lines.

    FIGURE is an index, or an index and ids below it: `theft`, `theft.risk_environment`,
    `theft.corruption`; or a question.
    """
    if depth != "all" and not (depth.isascii() and depth.isdecimal()):
        raise click.BadParameter(f"{depth!r} is neither a number nor `all`", param_hint="--depth")
    from bareme.cli import explaining  # no other command needs it

    asked = {"--against": against, "--lost": lost or None, "--history": past or None}
    together = [option for option, value in asked.items() if value is not None]
    together += ["--part"] if part is not None and not past else []
    if together[1:]:
        raise click.UsageError(f"`{together[0]}` and `{together[1]}` do not go together")
    how = chosen_format(chosen, output, folder, DOCUMENTS)

    def find(rules: Rules, cohort: Cohort) -> Explained:
        if against is not None:
            return rules.explain_difference(cohort, entity, against, figure)
        if lost:
            return rules.explain_loss(cohort, entity, figure)
        if rules.path(figure) in rules.framework.ratings and part is None:
            if past:
                raise NoSuchName(f"`{figure}` is a rating; name a figure that it reads")
            return rules.explain_rating(cohort, entity, figure)
        explanation = rules.explain(cohort, entity, figure, part)
        return rules.history(explanation) if past else explanation

    with said_as(how) as said:
        found = _in_first_that_has_it(folder, framework, figure, edition, said, find)
    explaining.emit(found, how, output, None if depth == "all" else int(depth))
    return DONE


def _in_first_that_has_it(
    folder: Path,
    framework: str | None,
    figure: str,
    edition: str | None,
    said: Said,
    find: Callable[[Rules, Cohort], Explained],
) -> Explained:
    """What is found of a figure in the first framework that has it, for that entity."""
    missed: list[str] = []
    for rules in rules_of(folder, framework, figure):
        try:
            rules.path(figure)
            return find(rules, cohort_of(rules, edition, said))
        except NoSuchName as missing:
            missed.append(str(missing))
    raise NoSuchName(missed[0])


@cli.command("format")
@shared_options(formats=())
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if it would.")
@click.option("--diff", is_flag=True, help="Change nothing; print what would change.")
@click.pass_obj
def format_(folder: Path, framework: str | None, only_check: bool, diff: bool) -> int:
    """Lay rules out in the one canonical way; meaning, texts and comments stay.

    Rules that cannot be read are left as they are, with their messages.
    """
    from bareme.reports import layout  # only `format` needs it

    found = [
        each for name in frameworks_of(folder, framework) for each in project.tidied(folder, name)
    ]
    untidy = [each for each in found if not each.tidy]
    for each in untidy:
        if diff:
            emit_lines(layout.diff_lines(each.name, each.before, each.after), None)
        elif only_check:
            say(f"{each.name} is not tidy")
        else:
            project.write_tidied(folder, each)
    kept = len(found) - len(untidy)
    done = "not tidy" if only_check or diff else "tidied"
    emit_lines([line(f"{counted(len(untidy), 'file')} {done}, {kept} already tidy")], None)
    return ANSWER_IS_NO if untidy and only_check else DONE


@cli.command("help")
@click.argument("code", required=False, shell_complete=completion.codes)
@click.pass_context
def help_(context: click.Context, code: str | None) -> int:
    """Explain a message by its CODE, as in `bareme help E301`; or a command, as in `help score`."""
    if code is None:
        emit_lines([line(text) for text in pages.listing()], None)
        return DONE
    assert context.parent is not None
    command = cli.get_command(context.parent, code)
    if command is not None:
        with click.Context(command, info_name=code, parent=context.parent) as its:
            emit_lines([line(text) for text in command.get_help(its).splitlines()], None)
        return DONE
    found = pages.page(code)
    if found is None:
        raise NoSuchName(project.no_such("message", code.upper(), pages.codes()))
    emit_lines([line(text) for text in found], None)
    return DONE


@cli.command()
@click.argument("name", type=click.Path(path_type=Path))
@click.option("--example", is_flag=True, help="With three invented entities in two editions.")
@click.pass_obj
def new(folder: Path, name: Path, example: bool) -> int:
    """Create a folder NAME with rules and profiles to start from, which score as they are."""
    from bareme.starting import NotStarted, start

    try:
        started = start(folder / name, example)
    except NotStarted as refused:
        raise click.BadParameter(str(refused), param_hint="NAME") from None
    dot = pen_for(None).between
    held = [
        counted(started.rule_files, "rule file"),
        counted(started.entities, "entity", "entities"),
        counted(started.editions, "edition"),
    ]
    if started.printed:
        held.append(f"{counted(started.printed, 'printed figure')} to check against")
    shown = str(name) if folder == Path() else str(started.folder)
    steps = [
        f"cd {shown}",
        "bareme check",
        "bareme score",
        f"bareme explain {started.entity} {started.index}",
    ]
    emit_lines(
        [line(f"Created {shown}/  {dot.join(held)}"), line("Next:  " + "   ".join(steps))], None
    )
    return DONE
