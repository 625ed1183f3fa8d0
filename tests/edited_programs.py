"""Sound programs with a few edits at random, for what compares two states of rules."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from bareme.checks import check
from bareme.diagnostics import has_errors
from bareme.framework import Framework
from bareme.language.parse import parse
from bareme.resolve import resolve
from bareme.source import Source

NUMBER = re.compile(r"(?<![\w.\"–-])\d+(?:\.\d+)?(?![\w.\"–])")


Files = Mapping[str, str]
"""The texts of a program's files, by their names without the ending."""


def sound(files: Files) -> Framework | None:
    """The framework of a program; None where it has errors."""
    read = [parse(Source(f"rules/fuzz/{name}.bareme", text), name) for name, text in files.items()]
    framework, faults = resolve("fuzz", [tree for tree, _ in read])
    found = [each for _, own in read for each in own]
    found += [*faults, *check(framework)]
    return None if has_errors(found) else framework


def edited(files: Files, chance: random.Random, edits: int) -> Files:
    """The program with up to so many edits, each of which leaves it sound."""
    for _ in range(edits):
        for _ in range(8):
            name = chance.choice(sorted(files))
            tried = {**files, name: _edit(files[name].split("\n"), chance)}
            if tried != files and sound(tried) is not None:
                files = tried
                break
    return files


def _edit(lines: list[str], chance: random.Random) -> str:
    at = chance.randrange(len(lines))
    numbers = [*NUMBER.finditer(lines[at])]
    way = chance.random()
    if numbers and way < 0.7:
        found = chance.choice(numbers)
        number = str(chance.choice((0, 1, 2, 3, 10, 20, 40, 50, 75, 90, 100)))
        lines[at] = lines[at][: found.start()] + number + lines[at][found.end() :]
    elif way < 0.8:
        one, other = chance.sample(("arithmetic mean", "geometric mean", "minimum", "sum"), 2)
        lines[at] = lines[at].replace(f"aggregate by {one}", f"aggregate by {other}")
    elif way < 0.9 and at + 1 < len(lines):  # swap two lines of one depth
        lines[at : at + 2] = lines[at + 1], lines[at]
    else:
        del lines[at]
    return "\n".join(lines)
