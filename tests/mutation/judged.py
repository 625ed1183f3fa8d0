"""The mutants that no test notices, with what was found when each was looked at.

`judged.txt` holds one a line: the module, the function, the line of its source, the fault, and the
verdict with its reason. An edit of the line asks for a new verdict.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "judged.txt"
BETWEEN = " | "


@cache
def judged() -> dict[str, str]:
    """By the key of a mutant the verdict, `equivalent: …` or `not worth a test: …`."""
    lines = FILE.read_text("utf-8").splitlines()
    kept = [each for each in lines if each and not each.startswith("#")]
    return {key: verdict for key, _, verdict in (each.rpartition(BETWEEN) for each in kept)}
