"""Sound programs of every statement are accepted, and their scores never leave their ranges."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable

import pytest

from bareme.checks import check
from bareme.diagnostics import has_errors
from bareme.framework import Framework
from bareme.language.format import format_rules
from bareme.language.parse import parse
from bareme.resolve import resolve
from bareme.source import Source
from sound_programs import Writer, score_in_range

SHORT, LONG = 1_500, 1_000_000


def framework_of(text: str) -> Framework:
    tree, found = parse(Source("rules/fuzz/all.bareme", text), "all")
    framework, faults = resolve("fuzz", [tree])
    found += [*faults, *check(framework)]
    assert not has_errors(found), [f"{each.code}: {each.message}" for each in found]
    return framework


def run(seeds: Iterable[int]) -> int:
    """Read and score the program of each seed; how many scores there were.

    Raises:
        AssertionError: with the seed, where one is not as it has to be.
    """
    scores = 0
    for seed in seeds:
        chance = random.Random(seed)
        try:
            scores += score_in_range(framework_of(Writer(chance).program()), chance)
        except Exception as fault:
            raise AssertionError(f"seed {seed}: {fault!r}") from fault
    return scores


def test_scores_of_sound_programs_lie_in_their_ranges():
    assert run(range(SHORT)) > 10 * SHORT


@pytest.mark.parametrize("seed", range(100))
def test_a_sound_program_laid_out_anew_means_the_same(seed):
    text = Writer(random.Random(seed)).program()

    tidied = Source("rules/fuzz/all.bareme", format_rules(Source("rules/fuzz/all.bareme", text)))
    framework_of(tidied.text)
    assert parse(tidied, "all")[0] == parse(Source(tidied.name, text), "all")[0]


@pytest.mark.long
def test_scores_of_many_sound_programs_lie_in_their_ranges():
    assert run(range(SHORT, SHORT + LONG)) > 10 * LONG


if __name__ == "__main__":  # a part of the long run: `python tests/test_sound_programs.py 0 250000`
    first, last = (int(each) for each in sys.argv[1:3])
    print(f"{last - first:,} programs, {run(range(first, last)):,} scores in their ranges")
