"""`bareme impact`: what moves between two states of rules or profiles, and which edit moves it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from bareme import comparing, files
from bareme.audit.impact.edits import Edit
from bareme.audit.impact.index import IndexImpact
from bareme.audit.printed import Comparison
from bareme.cli import completion
from bareme.cli.output import emit_lines, emit_text, pen_for, say
from bareme.cli.shared import ANSWER_IS_NO, BAD_INPUT, DONE, chosen_format, cli, shared_options
from bareme.comparing import WORKING_TREE, Impact, RefusedIn, State
from bareme.diagnostics import counted
from bareme.project import NoSuchName, no_such
from bareme.reports import impact as report
from bareme.reports import machine
from bareme.reports.lines import Pen, TextLine, line

MANY_FILES = 4  # from which on their folders are named

KINDS = ("table", "json", "csv", "markdown")


@cli.command()
@click.argument("before", required=False)
@click.argument("after", required=False)
@shared_options(formats=KINDS)
@click.option(
    "--index", metavar="INDEX", help="Only this index.", shell_complete=completion.indices
)
@click.option(
    "--edition",
    metavar="EDITION",
    help="The edition looked at on both sides.  [default: the newest]",
    shell_complete=completion.editions,
)
@click.option(
    "--entity",
    metavar="ENTITY",
    help="Only this entity, with every edit that moves it.",
    shell_complete=completion.entities,
)
@click.option("--all", "everything", is_flag=True, help="Every entity and edit, however many.")
@click.option("--each", is_flag=True, help="Each edit by itself, then what only all of them do.")
@click.option("--rules", "by_rules", is_flag=True, help="Between editions: what the rules move.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 where a published figure moves.")
@click.pass_obj
def impact(
    folder: Path,
    before: str | None,
    after: str | None,
    framework: str | None,
    chosen: str | None,
    output: Path | None,
    index: str | None,
    edition: str | None,
    entity: str | None,
    everything: bool,
    each: bool,
    by_rules: bool,
    exit_code: bool,
) -> int:
    """What moves between two states of rules and answers, and which edit moves it.

    BEFORE and AFTER are editions (`2020`), revisions of the repository (`HEAD~2`, a tag), folders
    or sealed editions. Without them the working tree is held against its last revision.
    """
    how = chosen_format(chosen, output, folder, KINDS)
    try:
        sides = comparing.states(folder, before, after)
        found = _impacts(sides, framework, edition, index)
    except RefusedIn as refused:
        say(f"in {refused.state.label}:\n{refused.refused}")
        return BAD_INPUT
    if by_rules and (entity is None or not any(each.apart for each in found)):
        raise click.UsageError(
            "--rules goes with --entity, and with two editions: "
            "it tells what the rules moved from what the answers did"
        )
    wanted = _entities(found, entity)
    shown = _Shown(wanted, entity is not None, everything, each, by_rules)
    if how == "table":
        emit_lines(_lines(found, sides, shown, pen_for(output)), output)
    elif how == "json":
        emit_text(machine.json_text(_json(found, sides, shown)), output)
    elif how == "csv":
        rows = [
            report.change_record(one, each_entity, change)
            for each_impact in found
            for one in each_impact.indices
            for each_entity in one.entities
            if each_entity in wanted
            for change in one.changes(each_entity).values()
            if change.moves
        ]
        emit_text(machine.csv_text(report.COLUMNS, rows), output)
    else:
        emit_text(_markdown(found, sides, shown), output)
    moves = any(one.moves for each_impact in found for one in each_impact.indices)
    return ANSWER_IS_NO if exit_code and moves else DONE


class _Shown:
    """What was asked to be shown."""

    def __init__(
        self, entities: set[str], one: bool, everything: bool, each: bool, rules: bool
    ) -> None:
        self.entities = entities
        self.one = one
        self.everything = everything
        self.each = each
        self.rules = rules

    def of(self, impact: IndexImpact) -> list[str]:
        return [entity for entity in impact.entities if entity in self.entities]


def _impacts(
    sides: tuple[State, State], framework: str | None, edition: str | None, index: str | None
) -> list[Impact]:
    names = list(comparing.frameworks_in(*sides))
    if framework is not None and framework not in names:
        raise NoSuchName(no_such("framework", framework, names))
    if not names:
        raise NoSuchName("there are no rules here: no folder `rules/` with a framework in it")
    found: list[Impact] = []
    missed: list[NoSuchName] = []
    for name in [framework] if framework else names:
        try:
            found.append(comparing.impact(*sides, name, edition, index))
        except NoSuchName as missing:
            missed.append(missing)
    if not found:
        raise missed[0]
    return found


def _entities(found: list[Impact], named: str | None) -> set[str]:
    """The ids of the entities that are shown."""
    everyone: dict[str, str] = {}
    for each in found:
        for cohort in each.cohorts:
            everyone |= {p.entity: p.name for p in cohort.profiles} if cohort else {}
    if named is None:
        return set(everyone)
    folded = named.casefold()
    wanted = {id for id, name in everyone.items() if folded in (id.casefold(), name.casefold())}
    if not wanted:
        names = [one for pair in everyone.items() for one in reversed(pair)]
        raise NoSuchName(no_such("entity named", named, names))
    return wanted


def _place(impact: Impact) -> report.Place:
    def place(edit: Edit) -> str:
        span, side = report.span_of(edit)
        if span is None:
            return ""
        sources = impact.sources[side]
        return sources[span.file].place(span) if span.file in sources else span.file

    return place


# ---- for people


def _lines(
    found: list[Impact], sides: tuple[State, State], shown: _Shown, pen: Pen
) -> list[TextLine]:
    lines = [line((f"{sides[0].label} {pen.arrow} {sides[1].label}", "dim"))]
    quiet = True
    for each in found:
        body = _framework(each, shown, pen)
        if len(found) > 1 and body:
            lines.append(line((each.name, "bold")))
        lines += body
        quiet &= not body
    if quiet:
        lines.append(line("Nothing is different that could move a figure."))
    return [*lines, *_end(found, sides, pen)]


def _framework(impact: Impact, shown: _Shown, pen: Pen) -> list[TextLine]:
    edits = list(impact.rule_edits.values())
    most = None if shown.everything else report.MOST_EDITS
    lines = report.edit_lines(edits, _place(impact), pen, most)
    answers = report.answer_edits(impact.indices, shown.entities)
    if answers and not shown.one:
        words = report.answer_words(answers, _place(impact), pen)
        for at, text in enumerate(words):
            lines.append(line(("Answer " if at == 0 else "       ", "dim"), text))
    lines += [line(pen.text(f"No effect: {each.name}: {each.how}")) for each in impact.quiet]
    if edits and (reach := report.reach(impact.indices, pen)):
        lines.append(line(f"Reach  {reach}"))
        reached = report.reached_names(impact.indices, shown.everything)
        lines += [line(f"       {piece}") for piece in reached]
    for one in impact.indices:
        if shown.one:
            for entity in shown.of(one):
                body = report.entity_lines(one, entity, pen, rules=shown.rules)
                lines += [line(), *body] if body else []
        else:
            lines += report.index_lines(one, shown.of(one), impact.editions, pen, shown.everything)
        if shown.each:
            lines += report.each_lines(one, shown.of(one), pen)
    if lines:
        lines.append(line())
        lines += [line((text, "bold")) for text in report.summary(impact.indices, pen, shown.one)]
        lines += [line(text) for text in _printed(impact, pen, most and report.FEW)]
    return lines


def _printed(impact: Impact, pen: Pen, most: int | None) -> list[str]:
    """The printed figures that would no longer be reproduced, and how many would be from now on."""
    lost, won = impact.printed
    said: list[str] = []
    if lost:
        said.append(f"{counted(len(lost), 'printed figure')} would no longer be reproduced:")
        shown = lost if most is None else lost[:most]
        said += [
            f"  {report.printed_words(each, _printed_at(impact, each), pen)}" for each in shown
        ]
        if len(shown) < len(lost):
            said.append(f"  {pen.more} {len(lost) - len(shown)} more (`--all`)")
    if won:
        many = len(won)
        said.append(f"{counted(many, 'printed figure')} would be reproduced that {_were(many)} not")
    return said


def _printed_at(impact: Impact, compared: Comparison) -> str:
    return impact.sources[1][compared.span.file].place(compared.span)


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _end(found: list[Impact], sides: tuple[State, State], pen: Pen) -> list[TextLine]:
    texts = ["Nothing was written."]
    if sides[1].label == WORKING_TREE and sides[0].label == "HEAD":
        before, after = (files.store_of(side.place) for side in sides)
        names = sorted(
            {name for each in found for name in each.changed}
            | {n for each in found for n in each.read_once[0] if not after.exists(n)}
        )
        if names:
            texts[0] += f" Undo:  {_git(sides[1])} checkout {_listed(names)}"
        names = sorted({n for each in found for n in each.read_once[1] if not before.exists(n)})
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            names = [shlex.quote(name) for name in names[:3]]
            texts.append(f"In no revision, so not undone by git: {' '.join(names)}{more}")
    return [line((pen.text(text), "dim")) for text in texts]


def _git(state: State) -> str:
    """The command that works in the folder of the project, from wherever this was run."""
    folder = state.place
    if not isinstance(folder, Path) or folder.resolve() == Path.cwd():
        return "git"
    return f"git -C {shlex.quote(str(folder))}"


def _listed(names: list[str]) -> str:
    """Files as a shell takes them; of many, the folders that they lie in."""
    if len(names) >= MANY_FILES:
        names = sorted({name.rpartition("/")[0] for name in names})
    return " ".join(map(shlex.quote, names))


# ---- for programs and reviewers


def _json(found: list[Impact], sides: tuple[State, State], shown: _Shown) -> machine.Json:
    return {
        "format": "bareme.impact/1",
        "before": sides[0].label,
        "after": sides[1].label,
        "frameworks": [
            {
                "framework": each.name,
                "edition_before": each.editions[0] or None,
                "edition_after": each.editions[1] or None,
                "edits": [
                    report.edit_json(edit, _place(each)) for edit in each.rule_edits.values()
                ],
                "answers": [
                    report.edit_json(edit, _place(each))
                    for edits in report.answer_edits(each.indices, shown.entities).values()
                    for edit in edits
                ],
                "no_effect": [quiet.name for quiet in each.quiet],
                "printed_lost": [_printed_json(each, one) for one in each.printed[0]],
                "printed_won": [_printed_json(each, one) for one in each.printed[1]],
                "figures": [
                    report.change_json(one, entity, path, change)
                    for one in each.indices
                    for entity in shown.of(one)
                    for path, change in one.changes(entity).items()
                    if change.moves
                ],
            }
            for each in found
        ],
    }


def _printed_json(impact: Impact, compared: Comparison) -> machine.Json:
    return {
        "entity": compared.entity,
        "figure": compared.figure,
        "what": compared.what,
        "printed": compared.printed,
        "ours": compared.ours,
        "place": _printed_at(impact, compared),
    }


def _markdown(found: list[Impact], sides: tuple[State, State], shown: _Shown) -> str:
    pen = Pen()
    parts = [f"# What moves: {sides[0].label} → {sides[1].label}\n"]
    for each in found:
        if not each.rule_edits and not any(one.moves for one in each.indices) and not each.quiet:
            continue
        parts.append(f"## {each.name}\n")
        place = _place(each)
        for edit in each.rule_edits.values():
            where = place(edit)
            words = report.cell(report.edit_words(edit, pen))
            parts.append(f"- {words} ({where})" if where else f"- {words}")
            parts += [f"  - also reached: {report.cell(also)}" for also in edit.also]
        parts += [f"- no effect: {quiet.name}" for quiet in each.quiet]
        for one in each.indices:
            rows = [row for row, _ in report.index_rows(one, shown.of(one), pen)]
            if rows:
                parts.append("\n" + report.markdown(report.title(one, each.editions), rows))
        parts += ["", *report.summary(each.indices, pen), *_printed(each, pen, None), ""]
    return "\n".join(parts)
