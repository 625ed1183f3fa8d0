"""Sound programs of every statement are accepted, and what they score is as it has to be.

The long run, a million programs: `make sound`, or a part of it,
`python tests/test_sound_programs.py 0 250000`. It says every thousand programs how far it is, and
names the seed of a fault at once. `python tests/test_sound_programs.py 17` shows program 17.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable, Mapping

import pytest
from lark import Token, Tree

from bareme.checks import check
from bareme.diagnostics import Diagnostic, has_errors
from bareme.framework import Framework
from bareme.language import outline
from bareme.language.format import format_rules
from bareme.language.parse import parse
from bareme.language.statement import OPTION, STATEMENT, STEP, SyntaxFault, _parser, read_line
from bareme.language.words import BY_TERMINAL
from bareme.resolve import resolve
from bareme.source import Source
from sound_programs import BLOCKING, IMPUTING, UNWEIGHED, WEIGHED, Writer, spoiled
from sound_scores import score_in_range

SHORT, LONG = 1_000, 1_000_000
SPOILED = 4
"""Of so many programs one is also read with a line amiss."""


def read(files: Mapping[str, str]) -> tuple[Framework, list[Diagnostic]]:
    trees, found = [], []
    for stem, text in sorted(files.items()):
        tree, faults = parse(Source(f"rules/fuzz/{stem}.bareme", text), stem)
        trees.append(tree)
        found += faults
    framework, faults = resolve("fuzz", trees)
    return framework, [*found, *faults, *check(framework)]


def framework_of(files: Mapping[str, str]) -> Framework:
    framework, found = read(files)
    assert not has_errors(found), [f"{each.code}: {each.message}" for each in found]
    return framework


def tried(seed: int) -> int:
    """Read and score one program, and a spoiled one now and then; how many scores there were.

    Raises:
        AssertionError: with the seed, where anything is not as it has to be.
    """
    chance = random.Random(seed)
    files = Writer(chance).files
    try:
        scores = score_in_range(framework_of(files), chance)
    except Exception as fault:
        raise AssertionError(f"seed {seed}: {type(fault).__name__}: {fault}") from fault
    if seed % SPOILED == 0:
        try:
            framework, found = read(spoiled(files, chance))
            if not has_errors(found):
                score_in_range(framework, chance)
        except Exception as fault:
            raise AssertionError(
                f"seed {seed}, spoiled: {type(fault).__name__}: {fault}"
            ) from fault
    return scores


def test_scores_of_sound_programs_are_as_they_have_to_be():
    assert sum(map(tried, range(SHORT))) > 10 * SHORT


def test_most_spoiled_programs_are_refused():
    """Else to spoil them would try little; what is accepted is scored like any other."""
    refused = 0
    for seed in range(100):
        chance = random.Random(seed)
        refused += has_errors(read(spoiled(Writer(chance).files, chance))[1])

    assert 40 < refused < 100


def test_sound_programs_hold_every_form_and_word_of_the_grammar():
    """Else the properties of them would say little."""
    forms = {str(each.alias or each.origin.name) for each in _parser().rules}
    shown, words, settings = set(), set(), set()
    for seed in range(300):
        for text in Writer(random.Random(seed)).files.values():
            for node in nodes_of(text):
                shown.add(str(node.data))
                words |= {each.type for each in node.children if isinstance(each, Token)}
                if node.data in ("method", "policy"):
                    settings.add(written(node))

    assert {each for each in forms if each[0] != "_"} - shown <= {STATEMENT, OPTION, STEP}
    assert BY_TERMINAL.keys() - words == set()
    assert settings == {*WEIGHED, *UNWEIGHED, *BLOCKING, *IMPUTING, "leave out"}


def nodes_of(text: str) -> Iterable[Tree[Token]]:
    """What every line of a program reads as, and each of its parts."""
    for row in text.splitlines():
        line = outline.strip_comment(row.strip())
        for kind in (STATEMENT, OPTION, STEP):
            read = read_line(line, kind)
            if not isinstance(read, SyntaxFault):
                yield from read.iter_subtrees()


def written(node: Tree[Token]) -> str:
    return " ".join(node.scan_values(lambda each: isinstance(each, Token)))


@pytest.mark.parametrize("seed", range(100))
def test_a_sound_program_laid_out_anew_means_the_same(seed):
    files = Writer(random.Random(seed)).files
    tidied = {
        stem: format_rules(Source(f"rules/fuzz/{stem}.bareme", text))
        for stem, text in files.items()
    }

    framework_of(tidied)
    for stem, text in files.items():
        name = f"rules/fuzz/{stem}.bareme"
        assert parse(Source(name, tidied[stem]), stem)[0] == parse(Source(name, text), stem)[0]


@pytest.mark.long
def test_scores_of_many_sound_programs_are_as_they_have_to_be():
    assert sum(map(tried, range(SHORT, SHORT + LONG))) > 10 * LONG


def long_run(first: int, last: int) -> int:
    """Try programs and go on after faults, so that a run that is cut off still says something."""
    start, scores, faults = time.monotonic(), 0, 0
    for seed in range(first, last):
        try:
            scores += tried(seed)
        except AssertionError as fault:
            faults += 1
            print(f"FAULT {fault}", flush=True)
        done = seed + 1 - first
        if done % 1000 == 0 or seed + 1 == last:
            took = time.monotonic() - start
            print(
                f"{done:,} of {last - first:,} programs, every {SPOILED}th also spoiled: "
                f"{scores:,} scores, {faults} faults, {took:,.0f} s",
                flush=True,
            )
    return 1 if faults else 0


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    if len(numbers) == 1:
        for stem, text in Writer(random.Random(numbers[0])).files.items():
            print(f"# {stem}.bareme\n{text}")
    else:
        sys.exit(long_run(*numbers))
