"""Run every benchmark and print one table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rows import ROWS, TINY, Row, Size

HEADINGS = ("What", "CPU s", "median", "Beside it", "CPU s", "ratio", "at most", "met")


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    options.add_argument("--tiny", action="store_true", help="a tiny size: does it all run?")
    size = TINY if options.parse_args(arguments).tiny else Size()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores; CPU seconds, least of runs\n"
    )
    for cells in (HEADINGS, ("---",) * len(HEADINGS)):
        print(f"| {' | '.join(cells)} |")
    for rows in ROWS:
        with tempfile.TemporaryDirectory() as folder:
            for row in rows(size, Path(folder)):
                print(f"| {' | '.join(_cells(row))} |", flush=True)


def _cells(row: Row) -> tuple[str, ...]:
    beside, theirs = row.beside or ("", None)
    return (
        row.what,
        f"{row.timing.least:.3f}",
        f"{row.timing.median:.3f}",
        beside,
        f"{theirs.least:.3f}" if theirs else "",
        f"{row.ratio:.2f}" if row.ratio is not None else "",
        f"{row.target:g} {row.unit}" if row.target else "",
        {True: "yes", False: "no", None: ""}[row.met],
    )


if __name__ == "__main__":
    sys.exit(main())
