"""Which lines of the engine each test reaches, found out once and kept for the next run.

What is kept of a file of tests holds while the engine, that file and what all tests share stay the
same.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

import pytest

from .modules import MODULES, SOURCE, Module
from .mutants import Mutant

KEPT = Path("mutation-reached.json")
TESTS = Path(__file__).parent.parent
MOST = 300
"""The tests that a mutant is held against."""


class Reached(NamedTuple):
    """What the tests of a module do without a mutant.

    Attributes:
        lines: by line the tests that reach it.
        many: how many lines each test reaches.
        seconds: of the processor, by test.
    """

    lines: Mapping[int, frozenset[str]]
    many: Mapping[str, int]
    seconds: Mapping[str, float]

    def tests(self, mutant: Mutant, first: Sequence[str] = ()) -> list[str]:
        """Those that may notice a mutant: they reach its line, and the most of its module."""
        if mutant.outermost is None:
            found = frozenset[str]().union(*self.lines.values())
        else:
            found = self.lines.get(mutant.line, frozenset())
        chosen = sorted(found, key=lambda test: (-self.many[test], test))[:MOST]
        known = {*chosen}
        before = [each for each in first if each in known]
        return [*before, *(each for each in chosen if each not in before)]


class OfFile(TypedDict):
    """What is kept of one file of tests: by module and line the numbers of its tests."""

    state: str
    tests: list[str]
    seconds: list[float]
    lines: dict[str, dict[str, list[int]]]


Fails = Callable[[pytest.Item, pytest.Item | None], str]


def reached(
    modules: Sequence[Module],
    items: Sequence[pytest.Item],
    fails: Fails,
    forget: Callable[[], None],
) -> dict[str, Reached]:
    """By module what its tests reach; tests that have changed since they were last seen are run.

    What the engine keeps is forgotten before each: else only the first would reach its lines.

    Raises:
        AssertionError: where one fails.
    """
    kept = _kept()
    new = [each for each in items if kept.get(_file(each), {}).get("state") != _state(_file(each))]
    if new:
        found = _seen(new, fails, forget)
        kept = _kept() | found
        KEPT.write_text(json.dumps(kept), "utf-8")
    return {each.name: _of_module(each, kept) for each in modules}


def _kept() -> dict[str, OfFile]:
    kept: dict[str, OfFile] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    return kept


def _of_module(module: Module, kept: Mapping[str, OfFile]) -> Reached:
    lines: dict[int, frozenset[str]] = {}
    seconds: dict[str, float] = {}
    for file in module.files:
        of = kept[file]
        seconds |= zip(of["tests"], of["seconds"], strict=True)
        for line, tests in of["lines"].get(module.name, {}).items():
            named = frozenset(of["tests"][each] for each in tests)
            lines[int(line)] = lines.get(int(line), frozenset()) | named
    many = Counter(each for tests in lines.values() for each in tests)
    return Reached(lines, many, seconds)


def _seen(
    items: Sequence[pytest.Item], fails: Fails, forget: Callable[[], None]
) -> dict[str, OfFile]:
    import coverage  # a tool of the tests

    paths = {each.name: str(each.path) for each in MODULES}
    seen = coverage.Coverage(data_file=None, include=[*paths.values()], config_file=False)
    seen.set_option("run:disable_warnings", ["no-data-collected"])
    found: dict[str, OfFile] = {}
    number: dict[str, tuple[OfFile, int]] = {}
    seen.start()
    for at, item in enumerate(items):
        file = _file(item)
        of = found.setdefault(file, OfFile(state=_state(file), tests=[], seconds=[], lines={}))
        number[item.nodeid] = of, len(of["tests"])
        forget()
        seen.switch_context(item.nodeid)
        start = time.process_time()
        failed = fails(item, (*items, None)[at + 1])
        of["seconds"].append(time.process_time() - start)
        of["tests"].append(item.nodeid)
        assert not failed, f"fails without any mutant: {item.nodeid}\n{failed}"
    seen.stop()
    for name, path in paths.items():
        for line, tests in seen.get_data().contexts_by_lineno(path).items():
            for of, each in sorted((number[t] for t in tests if t), key=lambda each: each[1]):
                of["lines"].setdefault(name, {}).setdefault(str(line), []).append(each)
    return found


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@cache
def _state(file: str) -> str:
    """What stays the same while a file of tests has to reach the same lines, as the run began."""
    return hashlib.sha256(_shared() + (TESTS.parent / file).read_bytes()).hexdigest()


@cache
def _shared() -> bytes:
    """The engine, what lies beside the files of tests, and the modules that are looked at."""
    digest = hashlib.sha256(" ".join(each.name for each in MODULES).encode())
    for path in sorted([*SOURCE.rglob("*"), *TESTS.rglob("*")]):
        apart = path.name.startswith("test_") or path.parent.name in ("__pycache__", "mutation")
        if path.is_file() and not apart:
            digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.digest()
