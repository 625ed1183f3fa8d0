"""`bareme check --prove`: what the rules can never do, whoever answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bareme import project
from bareme.cli.output import emit_lines, emit_text, pen_for, say
from bareme.cli.shared import ANSWER_IS_NO, DONE, frameworks_of, place_in
from bareme.diagnostics import Diagnostic, counted, has_errors, in_order
from bareme.project import InputRefused
from bareme.proofs.findings import findings, refuted
from bareme.proofs.prove import Say
from bareme.reports import machine, messages, proved
from bareme.reports.lines import TextLine, line
from bareme.source import Sources


def check_proofs(
    folder: Path,
    framework: str | None,
    how: str,
    output: Path | None,
    seconds: int,
    max_messages: int,
) -> int:
    """Prove every framework, or one, and print what was found."""
    found: list[Diagnostic] = []
    sources: Sources = {}
    lines: list[TextLine] = []
    rows: list[dict[str, machine.Json]] = []
    pen = pen_for(output)
    for name in frameworks_of(folder, framework):
        rules = project.read_rules(folder, name)
        sources |= rules.sources
        if has_errors(rules.diagnostics):
            raise InputRefused(list(rules.diagnostics), rules.sources)
        found += rules.diagnostics
        with _progress(name) as told:
            proof = rules.prove(seconds, told)
        found += findings(proof)
        lines += proved.proof_lines(proof, pen)
        rows += proved.proof_records(proof, place_in(sources))
    found = in_order(found, sources)
    wrong = refuted(found)
    if how == "json":
        emit_text(machine.json_text(messages.messages_json(found, sources, proofs=rows)), output)
    elif how == "csv":
        say(project.messages(found, sources, max_messages))
        emit_text(machine.csv_text(proved.PROOF_COLUMNS, proved.flat(rows)), output)
    else:
        drawn = project.messages(found, sources, max_messages).splitlines()
        emit_lines([*lines, *(line(text) for text in drawn), *_total(found)], output)
    return ANSWER_IS_NO if wrong else DONE


def _total(found: list[Diagnostic]) -> list[TextLine]:
    if not found:
        return []
    return [
        line((f"{counted(len(found), 'finding')}. `bareme help {found[0].code}` explains a code.",
              "bold"))
    ]  # fmt: skip


@contextmanager
def _progress(name: str) -> Iterator[Say]:
    """Says on a terminal how far it is; nothing is said elsewhere."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("proving {task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name)
        yield lambda what, done, many: bar.update(
            task, description=what, completed=done, total=many
        )
