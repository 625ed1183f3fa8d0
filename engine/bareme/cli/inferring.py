"""`bareme infer`: what a print says of the rules behind it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from bareme.audit.inferred import Inferred
from bareme.audit.printed_lines import NotInferred
from bareme.cli import completion
from bareme.cli.output import emit_lines, emit_text, pen_for
from bareme.cli.shared import (
    ANSWER_IS_NO,
    DONE,
    Group,
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
from bareme.exact import percent, read_number
from bareme.project import NoSuchName, Rules
from bareme.reports import inferred, inferred_records, machine
from bareme.reports.lines import TextLine, line

Found = list[Inferred | NotInferred]


@cli.group("infer", cls=Group)
def infer() -> None:
    """Infer from printed figures: `bareme infer weights FIGURE`."""


@infer.command()
@click.argument("figure", shell_complete=completion.figures)
@shared_options()
@edition_option
@click.option("--only", is_flag=True, help="FIGURE alone, and none of those below it.")
@click.option(
    "--with",
    "alongside",
    multiple=True,
    metavar="FIGURE",
    help="Take this figure to have the same weights; as often as needed. Implies --only.",
    shell_complete=completion.figures,
)
@click.option(
    "--try",
    "tried",
    metavar="WEIGHTS",
    help="Do these fit? `equal`, or one a part: `20%, 80%`, `1/5, 4/5`, `1, 4`. Implies --only.",
)
@click.option("--without-changes", is_flag=True, help="Do not use printed changes.")
@click.option(
    "--as-scored",
    is_flag=True,
    help="Take parts exactly as the rules score them, given scores included.",
)
@click.pass_obj
def weights(
    folder: Path,
    figure: str,
    framework: str | None,
    chosen: str | None,
    output: Path | None,
    edition: str | None,
    only: bool,
    alongside: tuple[str, ...],
    tried: str | None,
    without_changes: bool,
    as_scored: bool,
) -> int:
    """Which weights do the printed figures allow, in FIGURE and below it?

    FIGURE is an index, or an index and ids below it: `theft`, `theft.security`. Printed scores and
    changes are used, each known to its rounding, and neither answers nor the weights of the rules.
    Exits 1 where no weights fit, or those of --try do not.
    """
    how = chosen_format(chosen, output, folder)
    typed = None if tried is None or tried.strip() == "equal" else _typed(tried)
    alone = only or bool(alongside) or tried is not None
    with said_as(how) as said:
        rules, cohort_id = _rules(folder, framework, figure, edition, said)
        cohort = rules.cohort(cohort_id)
        found: Found = []
        for each in [None] if alone else [None, *rules.weighed_below(figure)]:
            if isinstance(each, NotInferred):
                found.append(each)
                continue
            named = figure if each is None else each.dotted
            found.append(
                rules.infer_weights(
                    cohort,
                    named,
                    alongside=alongside,
                    changes=not without_changes,
                    weights=typed,
                    as_scored=as_scored,
                )
            )
    _print(rules, found, how, output)
    all_fit = all(each.ranges is not None for each in found if isinstance(each, Inferred))
    asked = {"tried" if typed else "equal"} if tried is not None else set()
    fits = all(
        one.fits
        for each in found
        if isinstance(each, Inferred)
        for one in each.tried
        if one.name in asked
    )
    return DONE if all_fit and fits else ANSWER_IS_NO


def _rules(
    folder: Path, framework: str | None, figure: str, edition: str | None, said: Said
) -> tuple[Rules, str]:
    """The first framework that has the figure, and the edition wanted of it."""
    missed: list[str] = []
    for rules in rules_of(folder, framework, figure):
        try:
            rules.path(figure)
            return rules, cohort_of(rules, edition, said).edition.id
        except NoSuchName as missing:
            missed.append(str(missing))
    raise NoSuchName(missed[0])


def _print(rules: Rules, found: Found, how: str, output: Path | None) -> None:
    place = place_in(rules.sources)
    whole = [each for each in found if isinstance(each, Inferred)]
    if how == "json":
        rows = [inferred_records.inferred_json(rules.name, each, place) for each in whole]
        emit_text(machine.json_text(rows), output)
        return
    if how == "csv":
        records = [
            row for each in whole for row in inferred_records.weight_records(rules.name, each)
        ]
        emit_text(machine.csv_text(inferred_records.WEIGHT_COLUMNS, records), output)
        return
    pen = pen_for(output)
    lines: list[TextLine] = []
    for each in whole:
        drawn = inferred.inferred_lines(rules.name, each, pen, place)
        lines += [line(), *drawn] if lines else drawn
    apart = [each for each in found if isinstance(each, NotInferred)]
    if apart:
        lines += [line(), *inferred.not_inferred_lines(apart, pen, place)]
    emit_lines(lines, output)


def _typed(text: str) -> tuple[Fraction, ...]:
    """Weights as typed: percents that add up to 100, or relative numbers."""
    texts = [each.strip() for each in text.split(",")]
    values = [_weight(each) for each in texts]
    percents = [each.endswith("%") for each in texts]
    total = sum(values, Fraction(0))
    if any(percents) and not all(percents):
        reason = "some are percents and others are not"
    elif all(percents) and total != 1:
        reason = f"the percents add up to {percent(total)}, not 100%"
    elif min(values) < 0 or total == 0:
        reason = "a weight is below 0, or all are 0"
    else:
        return tuple(values)
    raise click.BadParameter(reason, param_hint="--try")


def _weight(text: str) -> Fraction:
    above, slash, below = text.removesuffix("%").partition("/")
    number = read_number(above.strip())
    under = read_number(below.strip()) if slash else Fraction(1)
    if not isinstance(number, Fraction) or not isinstance(under, Fraction) or under <= 0:
        raise click.BadParameter(
            f"{text!r} is no weight; write it as 20%, 1/5 or 2, with commas between",
            param_hint="--try",
        )
    return number / under / (100 if text.endswith("%") else 1)
