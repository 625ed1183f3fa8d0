"""The command line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status."""
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(run(arguments))


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Leave as if it were the command's own wish, so that nothing half done stays behind."""
    raise SystemExit(TERMINATED)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status, also if interrupted while it is being loaded."""
    try:
        from bareme.cli.process import run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
