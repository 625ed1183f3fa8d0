"""Doing something again whenever rules or profiles are saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from bareme import files
from bareme.cli.output import emit_lines, pen_for
from bareme.diagnostics import escape
from bareme.project import NoSuchName
from bareme.reports.lines import line

EVERY = 0.3  # seconds between two looks


def repeat(folder: Path, once: Callable[[], tuple[bool, str]]) -> int:
    """Run now and after every change, each time ending in one line; an interrupt ends it.

    Args:
        folder: the project.
        once: what is repeated; gives whether all is well and how it stands.

    Raises:
        NoSuchName: where there is nothing to watch to begin with.
    """
    seen = files.state(folder)
    _say(*once())
    while True:
        seen = _changed(folder, seen)
        emit_lines([line()], None)
        try:
            _say(*once())
        except (NoSuchName, OSError) as failed:  # moved away for a moment, perhaps
            _say(False, escape(str(failed)))


def _changed(folder: Path, seen: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Wait for a change, and until a whole interval brings no other: editors save in pieces."""
    now = seen
    while now == seen:
        time.sleep(EVERY)
        now = files.state(folder)
    before = seen
    while now != before:
        time.sleep(EVERY)
        before, now = now, files.state(folder)
    return now


def _say(well: bool, how: str) -> None:
    said = "ok" if well else "no"
    told = pen_for(None).between.join([time.strftime("%H:%M:%S"), how])
    emit_lines([line((said, "good" if well else "poor"), f" {told}")], None)
