"""`bareme check`: everything that is amiss at once, once or on every save."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import click

from bareme import project
from bareme.audit.coverage import coverage
from bareme.audit.printed import Comparison, compare_with_print, differences
from bareme.audit.unanswered import unanswered
from bareme.cli import completion, watching
from bareme.cli.output import emit_lines, emit_text, pen_for, say
from bareme.cli.shared import (
    ANSWER_IS_NO,
    BAD_INPUT,
    DONE,
    chosen_format,
    cli,
    frameworks_of,
    place_in,
    shared_options,
)
from bareme.diagnostics import DEFAULT_LIMIT, Diagnostic, counted, has_errors, in_order
from bareme.profiles.profile import Cohort
from bareme.project import NoSuchName, Rules
from bareme.reports import checked, machine, messages, records
from bareme.reports import coverage as reached
from bareme.reports import unanswered as blanks
from bareme.reports.lines import Pen, TextLine, line
from bareme.results import IndexResults
from bareme.source import Sources

_COLUMNS = {
    "printed": records.PRINTED_COLUMNS,
    "missing": blanks.UNANSWERED_COLUMNS,
    "coverage": reached.COVERAGE_COLUMNS,
}
"""What is listed of a sound edition, and the columns of it: by default, with an option each."""


@dataclass
class _Report:
    """What checking came to: what is wrong, and what there is to say where nothing is."""

    found: list[Diagnostic] = field(default_factory=list)
    differs: list[Diagnostic] = field(default_factory=list)
    sources: Sources = field(default_factory=dict)
    lines: list[TextLine] = field(default_factory=list)
    rows: list[machine.Record] = field(default_factory=list)

    @property
    def status(self) -> int:
        if has_errors(self.found):
            return BAD_INPUT
        return ANSWER_IS_NO if self.differs else DONE


@cli.command()
@shared_options()
@click.option(
    "--edition",
    metavar="EDITION",
    help="Only the profiles of this edition.  "
    "[default: all; with --missing or --coverage the newest]",
    shell_complete=completion.editions,
)
@click.option("--missing", is_flag=True, help="List what was not answered, and what it is worth.")
@click.option("--prove", is_flag=True, help="Prove what the rules can never do, whoever answers.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="With --prove, what the solver may take for one claim.",
)
@click.option(
    "--equivalent",
    metavar="OLD",
    help="Are the rules the same index as those of OLD, for every profile? A revision, a folder.",
)
@click.option(
    "--coverage",
    "covered",
    is_flag=True,
    help="List what of the rules no entity reaches, and no printed figure.",
)
@click.option("--watch", is_flag=True, help="Check again on every save, until interrupted.")
@click.option(
    "--max-messages",
    type=click.IntRange(min=1),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="Show at most so many messages; JSON holds all.",
)
@click.pass_obj
def check(
    folder: Path,
    framework: str | None,
    chosen: str | None,
    output: Path | None,
    edition: str | None,
    missing: bool,
    prove: bool,
    limit: int,
    equivalent: str | None,
    covered: bool,
    watch: bool,
    max_messages: int,
) -> int:
    """Check rules and profiles, and hold the figures against those printed.

    Every mistake is reported at once, with its place. JSON holds all of it. No input is changed.
    """
    how = chosen_format(chosen, output, folder)
    if equivalent is not None:
        if how == "csv" or edition or missing or covered or watch or prove:
            raise click.BadParameter(
                "it is of rules alone: it goes with --framework, -o and --format table or json",
                param_hint="--equivalent",
            )
        from bareme.cli.equivalence import check_equivalent  # only for two states of rules

        return check_equivalent(folder, equivalent, framework, how, output)
    if prove:
        if edition or missing or covered or watch:
            raise click.BadParameter(
                "it is of rules alone: it goes with --framework, --limit, --format and -o",
                param_hint="--prove",
            )
        from bareme.cli.proving import check_proofs  # only where it is asked for

        return check_proofs(folder, framework, how, output, limit, max_messages)
    if watch and (output is not None or how != "table"):
        raise click.BadParameter(
            "it prints for people; leave out -o and --format", param_hint="--watch"
        )

    if missing and covered:
        raise click.BadParameter("it lists something else; leave out one", param_hint="--coverage")
    listed = "missing" if missing else "coverage" if covered else "printed"

    def once() -> _Report:
        report = _check(folder, framework, edition, listed, pen_for(output))
        if how == "json":
            emit_text(_json(report, listed), output)
            return report
        say(project.messages(report.found, report.sources, max_messages))
        if report.status == BAD_INPUT:
            return report
        if how == "csv":
            emit_text(machine.csv_text(_COLUMNS[listed], report.rows), output)
        else:
            emit_lines([*report.lines, *_differs(report, max_messages)], output)
        return report

    if watch:
        return watching.repeat(folder, lambda: _in_one_line(once()))
    report = once()
    if report.status == BAD_INPUT and how != "json":
        say(_summary(report.found))
    return report.status


def _check(
    folder: Path, framework: str | None, edition: str | None, listed: str, pen: Pen
) -> _Report:
    report = _Report()
    missed: list[str] = []
    names = frameworks_of(folder, framework)
    for name in names:
        rules = project.read_rules(folder, name)
        try:
            wanted = _editions(rules, edition, listed)
        except NoSuchName as no_edition:
            missed.append(str(no_edition))
            report.sources |= rules.sources
            report.found += rules.diagnostics
            continue
        report.sources |= rules.sources
        scored = _check_framework(rules, wanted, report)
        report.sources |= rules.sources
        for cohort, results in scored:
            if listed == "missing":
                _list_missing(name, results, pen, report)
            elif listed == "coverage":
                _list_coverage(rules, cohort, results, pen, report)
            else:
                _compare(name, cohort, results, report)
    if len(missed) == len(names) and not has_errors(report.found):
        raise NoSuchName(missed[0])
    if framework is None:
        report.found += project.strays(folder)
    report.found = in_order(report.found, report.sources)
    return report


def _editions(rules: Rules, edition: str | None, listed: str) -> tuple[str, ...]:
    if edition is None:
        return rules.editions if listed == "printed" else rules.editions[-1:]
    if edition not in rules.editions:
        raise NoSuchName(project.no_such("edition", edition, rules.editions))
    return (edition,)


def _check_framework(
    rules: Rules, editions: tuple[str, ...], report: _Report
) -> list[tuple[Cohort, list[IndexResults]]]:
    """Check one framework and its profiles; the results of each edition where all is sound."""
    found = list(rules.diagnostics)
    cohorts: list[Cohort] = []
    if rules.readable:
        report.lines.append(checked.framework_line(rules.framework))
        for edition in editions:
            cohort, faults = rules.read_cohort(edition)
            found += faults
            cohorts.append(cohort)
        found += rules.check_editions()
    report.found += project.without_echoes(found)
    if not rules.readable or has_errors(found):
        return []
    return [(cohort, list(rules.score(cohort).values())) for cohort in cohorts]


def _compare(name: str, cohort: Cohort, results: list[IndexResults], report: _Report) -> None:
    comparisons: list[Comparison] = compare_with_print(cohort, results)
    place = place_in(report.sources)
    report.lines += checked.edition_lines(cohort, comparisons, place)
    report.rows += [records.printed_record(name, each, place) for each in comparisons]
    report.differs += differences(comparisons)


def _list_missing(name: str, results: list[IndexResults], pen: Pen, report: _Report) -> None:
    for each in results:
        found = unanswered(each)
        report.lines += [line(), *blanks.unanswered_lines(each, found, pen)]
        report.rows += [blanks.unanswered_record(name, one) for one in found]


def _list_coverage(
    rules: Rules, cohort: Cohort, results: list[IndexResults], pen: Pen, report: _Report
) -> None:
    found = coverage(rules.framework, cohort, results)
    place = place_in(report.sources)
    report.lines += [line(), *reached.coverage_lines(found, place, pen)]
    report.rows += reached.coverage_records(found, place)


def _json(report: _Report, listed: str) -> str:
    """Every message and every record as one object; what differs is among the messages too."""
    said = in_order([*report.found, *report.differs], report.sources)
    return machine.json_text(messages.messages_json(said, report.sources, **{listed: report.rows}))


def _differs(report: _Report, max_messages: int) -> list[TextLine]:
    if not report.differs:
        return []
    ordered = in_order(report.differs, report.sources)
    drawn = project.messages(ordered, report.sources, max_messages).splitlines()
    total = f"{_not_reproduced(report)}. `bareme help {ordered[0].code}` explains a code."
    return [*(line(text) for text in drawn), line((total, "bold"))]


def _not_reproduced(report: _Report) -> str:
    return f"{counted(len(report.differs), 'printed figure')} not reproduced"


def _summary(found: list[Diagnostic]) -> str:
    errors = [each for each in found if each.severity == "error"]
    files = {each.span.file for each in errors}
    total = f"{counted(len(errors), 'error')} in {counted(len(files), 'file')}"
    return f"{total}. `bareme help {errors[0].code}` explains a code."


def _in_one_line(report: _Report) -> tuple[bool, str]:
    """Whether all is well, and how it stands."""
    errors = [each for each in report.found if each.severity == "error"]
    parts = [counted(len(errors), "error")]
    warnings = len(report.found) - len(errors)
    if warnings:
        parts.append(counted(warnings, "warning"))
    if report.differs:
        parts.append(_not_reproduced(report))
    return report.status == DONE, pen_for(None).between.join(parts)
