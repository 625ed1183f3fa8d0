"""The command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status, also if interrupted while it is being loaded."""
    try:
        from bareme.cli.process import run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
