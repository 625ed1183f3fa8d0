"""The commands: read, call, write. Each returns its exit status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

import bareme
from bareme import files, project
from bareme.audit.printed import Comparison, compare_with_print, differences
from bareme.cli import completion, pages
from bareme.cli.output import FORMATS, emit_lines, emit_text, format_of, pen_for, say
from bareme.diagnostics import DEFAULT_LIMIT, Diagnostic, counted, has_errors, in_order
from bareme.profiles.profile import Cohort
from bareme.project import InputRefused, NoSuchName, Rules
from bareme.reports import checked, derivation, layout, machine, records, tables
from bareme.reports.lines import TextLine, line
from bareme.results import IndexResults
from bareme.source import Sources, Span

DONE, ANSWER_IS_NO, BAD_INPUT, MACHINE_FAILED = 0, 1, 2, 3

Decorator = Callable[[Callable[..., int]], Callable[..., int]]


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done · 1 a printed figure differs · 2 bad input · 3 the machine failed.",
)
@click.version_option(bareme.__version__, "-V", "--version", message="bareme %(version)s")
@click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Work in this folder, which holds rules/ and profiles/.  [default: the current one]",
)
@click.pass_context
def cli(context: click.Context, folder: Path) -> None:
    """Score composite indices by rules that anyone can read, exactly."""
    context.obj = folder


def _shared(formats: bool = True) -> Decorator:
    """The options that commands have in common."""

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        options = [
            click.option(
                "--framework",
                metavar="NAME",
                help="Only this framework.",
                shell_complete=completion.frameworks,
            ),
        ]
        if formats:
            options += [
                click.option(
                    "--format",
                    "chosen",
                    type=click.Choice(FORMATS),
                    help="How to print.  [default: by the ending of -o, else table]",
                ),
                click.option(
                    "-o",
                    "--output",
                    type=click.Path(path_type=Path, dir_okay=False),
                    help="Write to this file, whole or not at all, instead of printing.",
                ),
            ]
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_edition_option = click.option(
    "--edition",
    metavar="EDITION",
    help="Which edition.  [default: the newest]",
    shell_complete=completion.editions,
)


@cli.command()
@_shared()
@click.option(
    "--max-messages",
    type=click.IntRange(min=1),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="Show at most so many messages.",
)
@click.pass_obj
def check(
    folder: Path, framework: str | None, chosen: str | None, output: Path | None, max_messages: int
) -> int:
    """Check rules and profiles, and hold the figures against those printed.

    Every mistake is reported at once, with its place. Nothing is written.
    """
    how = _format(chosen, output, folder)
    lines: list[TextLine] = []
    rows: list[machine.Record] = []
    found: list[Diagnostic] = []
    differs: list[Diagnostic] = []
    sources: Sources = {}
    for name in _frameworks(folder, framework):
        rules = project.read_rules(folder, name)
        compared, faults = _check_framework(rules, lines)
        found += faults
        sources |= rules.sources
        differs += differences([each for _, each in compared])
        rows += [records.printed_record(name, each, _place(sources)) for _, each in compared]
    if framework is None:
        found += project.strays(folder)
    found = in_order(found, sources)
    say(project.messages(found, sources, max_messages))
    if has_errors(found):
        say(_summary(found))
        return BAD_INPUT
    if how == "json":
        emit_text(machine.json_text(rows), output)
    elif how == "csv":
        emit_text(machine.csv_text(records.PRINTED_COLUMNS, rows), output)
    else:
        emit_lines([*lines, *_differs(differs, sources, max_messages)], output)
    return ANSWER_IS_NO if differs else DONE


def _check_framework(
    rules: Rules, lines: list[TextLine]
) -> tuple[list[tuple[str, Comparison]], list[Diagnostic]]:
    """Check one framework and its profiles; what can be said of it goes to `lines`."""
    found = list(rules.diagnostics)
    compared: list[tuple[str, Comparison]] = []
    if not rules.readable:
        return compared, found
    lines.append(checked.framework_line(rules.framework))
    sound = not has_errors(found)
    cohorts: list[Cohort] = []
    for edition in rules.editions:
        cohort, faults = rules.read_cohort(edition)
        found += faults
        cohorts.append(cohort)
    found += rules.check_editions()
    if not sound or has_errors(found):
        return compared, found
    for cohort in cohorts:
        results = list(rules.score(cohort).values())
        comparisons = compare_with_print(cohort, results)
        compared += [(cohort.edition.id, each) for each in comparisons]
        lines += checked.edition_lines(cohort, comparisons, _place(rules.sources))
    return compared, found


def _differs(differs: list[Diagnostic], sources: Sources, max_messages: int) -> list[TextLine]:
    if not differs:
        return []
    drawn = project.messages(in_order(differs, sources), sources, max_messages).splitlines()
    total = f"{counted(len(differs), 'printed figure')} not reproduced"
    return [*(line(text) for text in drawn), line((total, "bold"))]


@cli.command()
@click.argument("index", required=False, shell_complete=completion.indices)
@_shared()
@_edition_option
@click.option(
    "--entity",
    metavar="ENTITY",
    help="Only this entity, by id or name.",
    shell_complete=completion.entities,
)
@click.option(
    "--level",
    type=click.Choice(tables.LEVELS),
    help="Down to this level.  [default: indicator for one entity, else index]",
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
    how = _format(chosen, output, folder)
    scored = _score_all(folder, framework, index, edition, entity)
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
    rows = [
        records.score_record(figure)
        for results, entities in scored
        for each in results
        for wanted in entities
        for figure in each.by_entity.get(wanted, ())
        if tables.shows(figure, level or "indicator")
    ]
    if how == "json":
        emit_text(machine.json_text(rows), output)
    else:
        emit_text(machine.csv_text(records.SCORE_COLUMNS, rows), output)
    return DONE


def _score_all(
    folder: Path,
    framework: str | None,
    index: str | None,
    edition: str | None,
    entity: str | None,
) -> list[tuple[list[IndexResults], list[str]]]:
    """The results of every framework that holds what was named, each with the entities wanted."""
    scored: list[tuple[list[IndexResults], list[str]]] = []
    missed: list[str] = []
    for rules in _rules(folder, framework, index):
        try:
            indices = [_index(rules, index)] if index else []
            cohort = _cohort(rules, edition)
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
@_shared()
@_edition_option
@click.option(
    "--depth",
    default="all",
    metavar="LEVELS",
    help="How many levels below the figure, a number or `all`.  [default: all]",
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
) -> int:
    """Explain one figure of ENTITY, down to answers, sources and rule lines.

    FIGURE is an index, or an index and ids below it: `theft`, `theft.risk_environment`,
    `theft.corruption`; or a question.
    """
    if depth != "all" and not (depth.isascii() and depth.isdecimal()):
        raise click.BadParameter(f"{depth!r} is neither a number nor `all`", param_hint="--depth")
    how = _format(chosen, output, folder)
    missed: list[str] = []
    for rules in _rules(folder, framework, figure):
        try:
            rules.path(figure)
            cohort = _cohort(rules, edition)
            explanation = rules.explain(cohort, entity, figure)
        except NoSuchName as missing:
            missed.append(str(missing))
            continue
        if how == "json":
            emit_text(machine.json_text(records.explanation_json(explanation)), output)
        elif how == "csv":
            rows = records.step_records(explanation)
            emit_text(machine.csv_text(records.STEP_COLUMNS, rows), output)
        else:
            levels = None if depth == "all" else int(depth)
            emit_lines(derivation.derivation(explanation, pen_for(output), levels), output)
        return DONE
    raise NoSuchName(missed[0])


@cli.command("format")
@_shared(formats=False)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if it would.")
@click.option("--diff", is_flag=True, help="Change nothing; print what would change.")
@click.pass_obj
def format_(folder: Path, framework: str | None, only_check: bool, diff: bool) -> int:
    """Lay rules out in the one canonical way; meaning, texts and comments stay.

    Rules that cannot be read are left as they are, with their messages.
    """
    found = [
        each for name in _frameworks(folder, framework) for each in project.tidied(folder, name)
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


# ---- what commands share


def _format(chosen: str | None, output: Path | None, folder: Path) -> str:
    how = format_of(chosen, output)
    if how is None:
        assert output is not None
        raise click.BadParameter(
            f"the ending of {output.name!r} says no format; add --format {'|'.join(FORMATS)}",
            param_hint="-o",
        )
    if output is not None:
        reason = files.unwritable(folder, output)
        if reason:
            raise click.BadParameter(reason, param_hint="-o")
    return how


def _frameworks(folder: Path, framework: str | None) -> list[str]:
    names = project.frameworks(folder)
    if not names:
        raise NoSuchName(
            "there are no rules here: no folder `rules/` with a framework in it; "
            "work in the folder that holds it, or name that folder with -C"
        )
    if framework is not None and framework not in names:
        raise NoSuchName(project.no_such("framework", framework, names))
    return [framework] if framework else names


def _rules(folder: Path, framework: str | None, named: str | None) -> list[Rules]:
    """The frameworks that hold what is named, each sound; all where none does or nothing is."""
    loaded = [project.read_rules(folder, name) for name in _frameworks(folder, framework)]
    id = named.partition(".")[0] if named else ""
    holding = [
        rules for rules in loaded if rules.framework.index(id) or id in rules.framework.questions
    ]
    for rules in holding or loaded:
        if has_errors(rules.diagnostics):
            raise InputRefused(list(rules.diagnostics), rules.sources)
    return holding or loaded


def _cohort(rules: Rules, edition: str | None) -> Cohort:
    if not rules.editions:
        raise NoSuchName(f"there are no profiles of `{rules.name}` in profiles/{rules.name}/")
    cohort = rules.cohort(edition or rules.editions[-1])
    say(project.messages(rules.warnings(cohort), rules.sources))
    return cohort


def _index(rules: Rules, named: str) -> str:
    known = [index.id for index in rules.framework.indices]
    if named not in known:
        raise NoSuchName(project.no_such("index", named, known))
    return named


def _place(sources: Sources) -> Callable[[Span], str]:
    return lambda span: sources[span.file].place(span)


def _summary(found: list[Diagnostic]) -> str:
    errors = [each for each in found if each.severity == "error"]
    files = {each.span.file for each in errors}
    return f"{counted(len(errors), 'error')} in {counted(len(files), 'file')}"
