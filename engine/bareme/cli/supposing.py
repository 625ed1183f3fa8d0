"""`bareme whatif`: what would move, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bareme.cli import completion
from bareme.cli.output import emit_lines, emit_text, pen_for
from bareme.cli.shared import (
    DONE,
    Said,
    chosen_format,
    cli,
    cohort_of,
    edition_option,
    place_in,
    rules_of,
    said_as,
    shared_options,
)
from bareme.profiles.profile import Cohort
from bareme.project import NoSuchName, Rules
from bareme.reports import machine
from bareme.reports import whatif as changed
from bareme.reports.lines import TextLine

if TYPE_CHECKING:
    from bareme.audit.reaching import Largest, Reached
    from bareme.audit.whatif import WhatIf

Found = TypeVar("Found")
Drawn = str | list[TextLine]
KINDS = ("table", "json", "csv", "markdown")


@cli.command()
@click.argument("entity", shell_complete=completion.entities)
@click.argument(
    "changes",
    metavar="[QUESTION=ANSWER]...",
    nargs=-1,
    shell_complete=completion.supposed,
)
@shared_options(formats=KINDS)
@edition_option
@click.option(
    "--weight",
    "weights",
    metavar="FIGURE=WEIGHT",
    multiple=True,
    help="A share of its parent, as in theft.response=30%; may be given several times.",
)
@click.option("--part", metavar="PART", help="The part of ENTITY that answers.")
@click.option(
    "--largest",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="List so many answers that could move --of most, each changed alone.",
)
@click.option(
    "--to",
    "wanted",
    metavar="SCORE",
    help="Find the fewest answers that bring --of to a score, or to a rank, as in --to 'rank 10'.",
)
@click.option(
    "--of",
    "figure",
    metavar="FIGURE",
    help="What --largest and --to are about.  [default: the index]",
    shell_complete=completion.figures,
)
@click.option(
    "--keep",
    metavar="QUESTION",
    multiple=True,
    help="With --to: leave this answer as it is; may be given several times.",
)
@click.pass_obj
def whatif(
    folder: Path,
    entity: str,
    changes: tuple[str, ...],
    framework: str | None,
    chosen: str | None,
    output: Path | None,
    edition: str | None,
    weights: tuple[str, ...],
    part: str | None,
    largest: int | None,
    wanted: str | None,
    figure: str | None,
    keep: tuple[str, ...],
) -> int:
    """What would move, were answers of ENTITY or weights other ones? Nothing is written.

    QUESTION=ANSWER names a question, or a measure and a number, or a figure and a given score; with
    nothing after the = it is not answered, or not given.
    """
    how = chosen_format(chosen, output, folder, KINDS)
    answers = [_pair(each) for each in changes]
    weighed = [_pair(each, "--weight", "FIGURE=30%") for each in weights]
    _fit_together(bool(answers or weighed or part), largest, wanted, figure, keep)
    named = figure or next((name for name, _ in [*answers, *weighed]), None)
    loaded = _holding(folder, framework, named)

    def supposed(rules: Rules, cohort: Cohort) -> WhatIf:
        return rules.whatif(cohort, entity, answers, weighed, part)

    def carrying(rules: Rules, cohort: Cohort) -> Largest:
        assert largest is not None
        return rules.largest(cohort, entity, figure, largest)

    def reached(rules: Rules, cohort: Cohort) -> Reached:
        assert wanted is not None
        return rules.reach(cohort, entity, wanted, figure, keep)

    with said_as(how) as said:
        if wanted is not None:
            drawn = _draw_reached(*_first(loaded, entity, reached, edition, said), how, output)
        elif largest is not None:
            drawn = _draw_largest(_first(loaded, entity, carrying, edition, said)[1], how, output)
        else:
            drawn = _draw_supposed(*_first(loaded, entity, supposed, edition, said), how, output)
    if isinstance(drawn, str):
        emit_text(drawn, output)
    else:
        emit_lines(drawn, output)
    return DONE


def _fit_together(
    supposed: bool,
    largest: int | None,
    wanted: str | None,
    figure: str | None,
    keep: tuple[str, ...],
) -> None:
    """Refuse options that do not belong together, and none at all."""
    asked = [
        name for name, value in (("--largest", largest), ("--to", wanted)) if value is not None
    ]
    if len(asked) > 1:
        raise click.UsageError("--largest and --to are two questions; ask one of them")
    if asked and supposed:
        raise click.UsageError(f"{asked[0]} is about answers as they are; leave the changes out")
    if not asked and (figure is not None or keep):
        option = "--of" if figure is not None else "--keep"
        raise click.UsageError(f"{option} goes with --to" + (" or --largest" if figure else ""))
    if keep and wanted is None:
        raise click.UsageError("--keep goes with --to")
    if not asked and not supposed:
        raise click.UsageError("name what is to be other, as in QUESTION=ANSWER")


def _first(
    loaded: Sequence[Rules],
    entity: str,
    ask: Callable[[Rules, Cohort], Found],
    edition: str | None,
    said: Said,
) -> tuple[Rules, Found]:
    """What the first framework says that has what is asked for."""
    unknown: list[str] = []
    missed: list[str] = []
    for rules in loaded:
        try:
            cohort = cohort_of(rules, edition, said)
            rules.entity(cohort, entity)
        except NoSuchName as missing:
            unknown.append(str(missing))
            continue
        try:
            return rules, ask(rules, cohort)
        except NoSuchName as missing:
            missed.append(str(missing))
    raise NoSuchName([*missed, *unknown][0])


def _draw_supposed(rules: Rules, found: WhatIf, how: str, output: Path | None) -> Drawn:
    place = place_in({**rules.sources, found.source.name: found.source})
    if how == "json":
        return machine.json_text(changed.whatif_json(found, place))
    if how == "csv":
        return machine.csv_text(changed.WHATIF_COLUMNS, changed.whatif_records(found))
    if how == "markdown":
        return changed.whatif_markdown(found, place)
    return changed.whatif_lines(found, place, pen_for(output))


def _draw_largest(found: Largest, how: str, output: Path | None) -> Drawn:
    from bareme.reports import reaching

    if how == "json":
        return machine.json_text(reaching.largest_json(found))
    if how == "csv":
        return machine.csv_text(reaching.LARGEST_COLUMNS, reaching.largest_records(found))
    if how == "markdown":
        return reaching.largest_markdown(found)
    return reaching.largest_lines(found, pen_for(output))


def _draw_reached(rules: Rules, found: Reached, how: str, output: Path | None) -> Drawn:
    from bareme.reports import reaching

    place = place_in(rules.sources)
    if how == "json":
        return machine.json_text(reaching.reach_json(found, place))
    if how == "csv":
        return machine.csv_text(reaching.REACH_COLUMNS, reaching.reach_records(found, place))
    if how == "markdown":
        return reaching.reach_markdown(found, place)
    return reaching.reach_lines(found, place, pen_for(output))


def _pair(argument: str, hint: str = "QUESTION=ANSWER", form: str = "") -> tuple[str, str]:
    """The two sides of `QUESTION=ANSWER`."""
    name, sign, value = argument.partition("=")
    if not sign or not name.strip():
        said = f"write {form}" if form else "a blank answer is written QUESTION="
        raise click.BadParameter(f"{argument!r} is no {form or hint}; {said}", param_hint=hint)
    return name.strip(), value


def _holding(folder: Path, framework: str | None, named: str | None) -> list[Rules]:
    """The frameworks that know what is named first; all where none does."""
    loaded = rules_of(folder, framework, None)
    if named is None:
        return loaded
    last = named.rpartition(".")[2]
    known = [
        rules
        for rules in loaded
        if last in rules.framework.questions
        or last in rules.framework.recorded
        or any(path[-1] == last for path in rules.framework.figures)
    ]
    return known or loaded
