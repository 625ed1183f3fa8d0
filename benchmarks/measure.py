"""CPU seconds of a call or of a process: the minimum and the median of several runs."""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU seconds, user and system together, of each run."""

    runs: tuple[float, ...]

    @property
    def least(self) -> float:
        return min(self.runs)

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


def in_turn(works: Sequence[Callable[[], float]], runs: int) -> list[Timing]:
    """Time several works turn by turn, so that a busy moment falls on all alike."""
    taken = [[work() for work in works] for _ in range(runs)]
    return [Timing(tuple(column)) for column in zip(*taken, strict=True)]


def call(work: Callable[[], object]) -> Callable[[], float]:
    """The CPU seconds of a call in this process."""

    def timed() -> float:
        gc.collect()
        start = time.process_time()
        work()
        return time.process_time() - start

    return timed


def prepared(prepare: Callable[[], Callable[[], object]]) -> Callable[[], float]:
    """The CPU seconds of a call that something has to be made ready for each time."""
    return lambda: call(prepare())()


def process(arguments: Sequence[str], folder: Path | None = None) -> Callable[[], float]:
    """The CPU seconds of a process from start to end, byte code kept as for any user."""
    unset = "PYTHONDONTWRITEBYTECODE"
    environment = {name: value for name, value in os.environ.items() if name != unset}

    def timed() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            arguments, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return timed
