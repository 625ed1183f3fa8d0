"""The long run: so many inputs, or so many seconds, a reader; what escapes is kept as a file."""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
import time
from pathlib import Path

from .attack import SECONDS, Report, attack
from .mutate import inputs
from .readers import READERS


def main() -> int:
    options = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    options.add_argument("--reader", choices=READERS, action="append", help="default: all")
    options.add_argument("--inputs", type=int, default=1_000_000, help="inputs a reader")
    options.add_argument("--seconds", type=float, default=float("inf"), help="at most, a reader")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--keep", type=Path, help="a folder for inputs that escape")
    chosen = options.parse_args()
    escaped = 0
    for name in chosen.reader or READERS:
        start = time.monotonic()
        report = Report()
        stream = itertools.islice(inputs(name, READERS[name], chosen.seed), chosen.inputs)
        for report in attack(READERS[name], stream):
            if len(report.escapes) > escaped and chosen.keep:
                _keep(chosen.keep / name, *report.escapes[-1])
            if time.monotonic() - start > chosen.seconds:
                break
        took = time.monotonic() - start
        for why in sorted({why for _, why in report.escapes}):
            print(why, file=sys.stderr)
        print(
            f"{name}: {report.inputs:,} inputs in {took:.0f} s, {report.refused:,} with messages, "
            f"{len(report.escapes)} escapes (limit {SECONDS:.0f} s), "
            f"slowest {report.slowest:.3f} s for {len(report.slowest_input):,} bytes",
            flush=True,
        )
        if chosen.keep and report.slowest > SECONDS / 4:
            _keep(chosen.keep / name, report.slowest_input, f"slowest: {report.slowest:.3f} s")
        escaped += len(report.escapes)
    return 1 if escaped else 0


def _keep(folder: Path, data: bytes, why: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(data).hexdigest()[:12]
    (folder / name).write_bytes(data)
    (folder / f"{name}.why").write_text(why, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
