"""`bareme check --equivalent`: whether today's rules are the same index as others."""

from __future__ import annotations

from pathlib import Path

from bareme import comparing, files
from bareme.cli.output import emit_lines, emit_text, pen_for, say
from bareme.cli.shared import ANSWER_IS_NO, BAD_INPUT, DONE
from bareme.comparing import RefusedIn, State
from bareme.project import NoSuchName, Rules, frameworks, no_such
from bareme.proofs.equivalence import Equivalence, Solved, Verdict, equivalence
from bareme.proofs.solver import available, decide_unlike
from bareme.proofs.telling import Pair as Figures
from bareme.proofs.unlike import Difference
from bareme.reports import equivalent as report
from bareme.reports import machine
from bareme.reports.lines import Pen, TextLine, line
from bareme.source import Span

Pair = tuple[Rules | None, Rules | None]


def check_equivalent(
    folder: Path, before: str, framework: str | None, how: str, output: Path | None
) -> int:
    """Hold the rules of a project against those of another state of it.

    Returns:
        The exit status: 0 only where it is proved that they are the same.
    """
    try:
        sides = comparing.states(folder, before, None)
        found = [(pair, _held(name, pair)) for name, pair in _pairs(sides, framework)]
    except RefusedIn as refused:
        say(f"in {refused.state.label}:\n{refused.refused}")
        return BAD_INPUT
    if how == "json":
        emit_text(machine.json_text(_json(found, sides)), output)
    else:
        emit_lines(_lines(found, sides, pen_for(output)), output)
    proved = all(each.verdict is Verdict.PROVED for _, each in found)
    return DONE if proved else ANSWER_IS_NO


def _pairs(sides: tuple[State, State], framework: str | None) -> list[tuple[str, Pair]]:
    """The rules on both sides of each framework that is asked for; of a sealed edition its own."""
    sealed = isinstance(sides[0].place, files.Held)
    names = frameworks(sides[0].place) if sealed else [*comparing.frameworks_in(*sides)]
    if framework is not None and framework not in names:
        raise NoSuchName(no_such("framework", framework, names))
    if not names:
        raise NoSuchName("there are no rules here: no folder `rules/` with a framework in it")
    wanted = [framework] if framework else names
    return [(name, comparing.rules_of_both(*sides, name)) for name in wanted]


def _held(name: str, pair: Pair) -> Equivalence:
    before, after = pair
    if before is None or after is None:
        one, other = ("its rules" if each else "" for each in pair)
        gone = Difference("figure", f"framework `{name}`", one, other)
        return Equivalence(name, (gone,), None, 0, 0, (), (), (), 0)
    editions = after.editions or before.editions
    return equivalence(before.framework, after.framework, editions, _solve)


def _solve(pair: Figures) -> Solved:
    """Ask the solver, if it is installed, where neither parts nor other entities are read."""
    if not available() or pair.units or pair.imputing or pair.let_off:
        return Solved(None)
    one, other = pair.sides
    steps = one.plan.root.number, other.plan.root.number
    unasked = [(each, each) for each in pair.unasked]
    found = decide_unlike(one, steps[0], other, steps[1], unasked=unasked or None)
    return Solved(found.impossible or None, found.chosen)


def _place(pair: Pair) -> report.Place:
    def place(span: Span | None, side: int) -> str:
        rules = pair[side]
        if span is None or rules is None or span.file not in rules.sources:
            return ""
        return rules.sources[span.file].place(span)

    return place


Found = list[tuple[Pair, Equivalence]]


def _lines(found: Found, sides: tuple[State, State], pen: Pen) -> list[TextLine]:
    labels = sides[0].label, sides[1].label
    drawn = [line((f"{labels[0]} {pen.arrow} {labels[1]}", "dim"))]
    for at, (pair, each) in enumerate(found):
        drawn += [line()] if at and drawn[-1] else []
        drawn += report.lines(each, labels, _place(pair), pen)
    return drawn


def _json(found: Found, sides: tuple[State, State]) -> machine.Json:
    return {
        "format": "bareme.equivalent/1",
        "before": sides[0].label,
        "after": sides[1].label,
        "frameworks": [report.equivalent_json(each, _place(pair)) for pair, each in found],
    }
