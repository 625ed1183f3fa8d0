"""The mutation run: how many faults the tests notice, and those that they do not."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .judged import judged
from .modules import MODULES
from .mutants import Mutant
from .run import Trial

OUTCOMES = ("killed", "out of time", "survived", "not reached")
UNNOTICED = ("survived", "not reached")
KEPT = Path("mutation-last.json")


def main() -> int:
    options = argparse.ArgumentParser(prog="mutation", description=__doc__)
    names = [each.name for each in MODULES]
    options.add_argument("--module", choices=names, action="append", help="default: all")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    options.add_argument("--again", action="store_true", help="only what the last run left")
    options.add_argument("--tests", action="append", help="files; default: those of the module")
    options.add_argument("--list", action="store_true", help="print the mutants, and try none")
    chosen = options.parse_args()
    modules = [each for each in MODULES if not chosen.module or each.name in chosen.module]
    if chosen.tests:
        modules = [each._replace(tests=tuple(chosen.tests)) for each in modules]
    trial = Trial(modules, chosen.jobs)
    if chosen.list:
        for mutant in trial.mutants:
            print(shown(mutant))
        return 0
    last = _last()
    wanted = {each.key for each in trial.mutants}
    if chosen.again:
        wanted = {each for each in wanted if last.get(each, "survived") in UNNOTICED}
    seconds = 0.0
    for mutant, what in trial.run(lambda each: each.key in wanted):
        seconds += what.seconds
        last[mutant.key] = what.outcome
        if what.outcome in UNNOTICED and mutant.key not in judged():
            print(f"{what.outcome}: {shown(mutant)} ({what.tests} tests)", flush=True)
        if len(last) % 10 == 0:
            _keep(last, trial)
    _keep(last, trial)
    print(f"{len(wanted)} mutants tried in {seconds:.0f} s of the processor")
    return report([(each, last[each.key]) for each in trial.mutants])


def _last() -> dict[str, str]:
    """What became of every mutant when it was last tried."""
    last: dict[str, str] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    return last


def _keep(last: dict[str, str], trial: Trial) -> None:
    """Write down what became of the mutants of this run, beside those of others."""
    own = {each.key: last[each.key] for each in trial.mutants if each.key in last}
    KEPT.write_text(json.dumps(_last() | own, indent=0, sort_keys=True), "utf-8")


def shown(mutant: Mutant) -> str:
    return (
        f"{mutant.module}:{mutant.line} {mutant.scope or 'module'}: {mutant.fault} ({mutant.kind})"
    )


def report(tried: Sequence[tuple[Mutant, str]]) -> int:
    """Print the table and what is left; 1 where a mutant is left that nobody has judged."""
    heads = "".join(f"{each:>13}" for each in OUTCOMES)
    print(f"{'module':24}{'mutants':>9}{heads}  noticed")
    for name in [*dict.fromkeys(mutant.module for mutant, _ in tried), ""]:
        of = [outcome for mutant, outcome in tried if name in ("", mutant.module)]
        cells = "".join(f"{of.count(each):>13}" for each in OUTCOMES)
        noticed = 100 - 100 * sum(of.count(each) for each in UNNOTICED) / max(len(of), 1)
        print(f"{name or 'all':24}{len(of):>9}{cells}{noticed:>8.1f}%")
    kinds = Counter((mutant.kind, outcome in UNNOTICED) for mutant, outcome in tried)
    for kind in sorted({kind for kind, _ in kinds}):
        print(f"{kind}: {kinds[kind, False]} noticed, {kinds[kind, True]} not")
    verdicts = judged()
    left = 0
    for mutant, outcome in tried:
        verdict = verdicts.get(mutant.key)
        if outcome in UNNOTICED:
            left += verdict is None
            print(f"{outcome}: {shown(mutant)}: {verdict or 'not judged'}")
        elif verdict is not None:
            left += 1
            print(f"{outcome}, though judged: {shown(mutant)}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
