"""The command line."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Sequence
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143
SELDOM = 100_000
"""Objects that come to be between two searches for rubbish: a run makes many and drops few."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit status, also where a signal ends it."""
    gc.set_threshold(SELDOM)
    told: list[int] = []

    def leave(number: int, _frame: FrameType | None) -> None:
        # Raised like any other end, so that nothing half done stays behind.
        told.append(INTERRUPTED if number == signal.SIGINT else TERMINATED)
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(TERMINATED)

    def again(lost: sys.UnraisableHookArgs) -> None:
        # Raised where Python drops it, in a callback of its own: tell it once more, a little later.
        if told and isinstance(lost.exc_value, KeyboardInterrupt | SystemExit):
            number = signal.SIGINT if told[-1] == INTERRUPTED else signal.SIGTERM
            signal.signal(signal.SIGALRM, lambda _number, frame: leave(number, frame))
            # And once a second from then on, should this be dropped as well.
            signal.setitimer(signal.ITIMER_REAL, 0.002, 1.0)
        else:
            sys.__unraisablehook__(lost)

    if hasattr(signal, "setitimer"):  # not on Windows
        sys.unraisablehook = again
    for each in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, leave)
    try:
        status = run(arguments)
    except Exception:
        # Python 3.11 says RuntimeError of an interrupt that comes while a class is being made.
        if not told:
            raise
        status = told[0]
    sys.exit(status)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status, also if interrupted while it is being loaded."""
    try:
        from bareme.cli.process import run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
