"""Tries mutants: each in a process of its own, forked where the tests have been collected.

A fault in a function is put into the function that lives there, so that nothing is imported or
collected anew. One that the import of the module runs (a table, a value not given) is put into the
source, in a process that has not imported the engine.

A mutant is held against tests that reach its line, first those that reach the most of its module,
until one fails; after 300 it has survived.
Property tests draw few examples, always the same ones, and do not look for the least that fails.
"""

from __future__ import annotations

import ast
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import hypothesis
import pytest
from _pytest.runner import runtestprotocol

from .modules import ENGINE, SLOW, Module
from .mutants import Mutant, mutants
from .reached import Reached, reached

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = 12
"""That a property test tries."""

PATIENCE = 5
"""A mutant is out of time where a test takes so many times as long as without it, and 1 s."""

MEMORY = 4 << 30
_COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


Say = Callable[..., None]
"""Ends a process with what it found out."""


class Tried(NamedTuple):
    """What became of one mutant.

    Attributes:
        outcome: `killed`, `out of time`, `survived`, or `not reached` where no test runs its line.
        by: the test that failed.
        tests: how many were run.
        seconds: of the processor.
    """

    outcome: str
    by: str
    tests: int
    seconds: float


class Trial:
    """The mutants of some modules."""

    def __init__(self, modules: Sequence[Module], jobs: int) -> None:
        self.modules = modules
        self.paths = {each.name: each.path for each in modules}
        self.files = {each.name: each.files for each in modules}
        self.jobs = jobs
        self.trees: dict[str, ast.Module] = {}
        self.mutants: list[Mutant] = []
        for each in modules:
            self.trees[each.name], found = mutants(each.name, each.path.read_text("utf-8"))
            self.mutants += found

    def run(self, wanted: Callable[[Mutant], bool]) -> Iterator[tuple[Mutant, Tried]]:
        """Each wanted mutant with what became of it, as it is found out.

        Raises:
            RuntimeError: where a test fails without any mutant.
        """
        chosen = [at for at, each in enumerate(self.mutants) if wanted(each)]
        if not chosen:
            return
        reading, writing = Pipe(duplex=False)
        child = _fork(lambda: self._session(writing, chosen))
        writing.close()
        known_of = _heard(reading)
        while (answer := _heard(reading)) is not None:
            yield self.mutants[answer[0]], answer[1]
        rest = _heard(reading)
        os.waitpid(child, 0)

        def attempt(at: int, say: Say) -> None:
            self._afresh(at, known_of, say)

        for at, tried in _each(rest, self.jobs, attempt):
            yield self.mutants[at], tried

    # ---- in the process that has collected the tests

    def _session(self, answers: Connection, chosen: Sequence[int]) -> None:
        files = [file for each in self.modules for file in each.files]
        self._collected(files, lambda session: self._within(session, chosen, answers))

    def _within(self, session: pytest.Session, chosen: Sequence[int], answers: Connection) -> None:
        for each in self.modules:
            importlib.import_module(each.dotted)
        known_of = self._reached(session)
        answers.send(known_of)
        live = {each.name: _living(each, self.trees[each.name]) for each in self.modules}
        items = {item.nodeid: item for item in session.items}
        noticed: dict[tuple[str, str], list[str]] = {}  # by which tests, in each function
        here, elsewhere = [], []
        for at in chosen:
            mutant = self.mutants[at]
            lives = mutant.outermost is not None and live[mutant.module][mutant.outermost]
            (here if lives else elsewhere).append(at)
        forget = _forgetting()
        gc.collect()
        gc.freeze()

        def attempt(at: int, say: Say) -> None:
            mutant = self.mutants[at]
            mutant.put()
            tree, path = self.trees[mutant.module], self.paths[mutant.module]
            code = _functions(compile(tree, str(path), "exec"))[mutant.outermost]
            try:
                for function in live[mutant.module][mutant.outermost]:
                    function.__code__ = code
            except ValueError:  # it needs other names of the function around it
                say("elsewhere")
            forget()
            known = known_of[mutant.module]
            first = noticed.get((mutant.module, mutant.scope), ())
            _try([items[each] for each in known.tests(mutant, first)], known.seconds, say)

        for at, tried in _each(here, self.jobs, attempt):
            if tried.outcome == "elsewhere":
                elsewhere.append(at)
            else:
                if tried.by in items:
                    mutant = self.mutants[at]
                    before = noticed.setdefault((mutant.module, mutant.scope), [])
                    before[:] = [tried.by, *(each for each in before if each != tried.by)][:20]
                answers.send((at, tried))
        answers.send(None)
        answers.send(elsewhere)

    def _reached(self, session: pytest.Session) -> dict[str, Reached]:
        """What every test does without a mutant, found out in a process of its own."""
        reading, writing = Pipe(duplex=False)

        def look() -> None:
            _quiet(session.config, Path(folder))
            writing.send(reached(self.modules, session.items, _fails, _forgetting()))

        with tempfile.TemporaryDirectory() as folder:
            child = _fork(look)
            writing.close()
            found: dict[str, Reached] = _heard(reading)
            os.waitpid(child, 0)
        return found

    # ---- in a process that has not imported the engine

    def _afresh(self, at: int, known_of: dict[str, Reached], say: Say) -> None:
        mutant = self.mutants[at]
        known = known_of[mutant.module]
        wanted = known.tests(mutant)
        if not wanted:
            say("not reached")
        mutant.put()
        path = self.paths[mutant.module]
        sys.meta_path.insert(0, _Mutated(self.trees[mutant.module], mutant.module, path))

        def within(session: pytest.Session) -> None:
            items = {item.nodeid: item for item in session.items}
            if not set(wanted) <= set(items):
                say("killed", "its import")
            _try([items[each] for each in wanted], known.seconds, say)

        self._collected(self.files[mutant.module], within)
        say("killed", "its import")

    def _collected(self, files: Sequence[str], within: Callable[[pytest.Session], None]) -> None:
        """Do something where the tests have been collected, in place of running them."""
        plugin = _InPlaceOfTests(within)
        options = [
            "-q",
            "-s",
            "-m",
            "not long",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
        ]
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        paths = dict.fromkeys(str(ROOT / each) for each in files)
        pytest.main([*options, f"--rootdir={ROOT}", *paths], plugins=[plugin])


class _InPlaceOfTests:
    def __init__(self, within: Callable[[pytest.Session], None]) -> None:
        self.within = within

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        few = hypothesis.settings(
            hypothesis.settings.default,
            max_examples=EXAMPLES,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        )
        hypothesis.settings.register_profile("mutation", few)
        hypothesis.settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [each for each in items if not _slow(each)]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.within(session)
        return True


def _slow(item: pytest.Item) -> bool:
    return any(name in item.nodeid for name in SLOW)


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module with a fault in it."""

    def __init__(self, tree: ast.Module, name: str, path: Path) -> None:
        self.tree = tree
        self.name = f"{ENGINE}.{name}"
        self.path = path

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def exec_module(self, module: Any) -> None:
        exec(compile(self.tree, str(self.path), "exec"), module.__dict__)  # noqa: S102


# ---- the functions that a module holds


def _functions(code: CodeType) -> list[CodeType]:
    """The outermost functions of a module, in the order of its text."""
    found: list[CodeType] = []
    for each in code.co_consts:
        if isinstance(each, CodeType) and each.co_name not in _COMPREHENSIONS:
            found += [each] if each.co_flags & 1 else _functions(each)  # 1: not of a class
    return found


def _living(module: Module, tree: ast.Module) -> list[list[FunctionType]]:
    """By outermost function of a module all that run its code."""
    codes = _functions(compile(tree, str(module.path), "exec"))
    path = str(module.path)
    living = [
        each for each in gc.get_objects()
        if isinstance(each, FunctionType) and each.__code__.co_filename == path
    ]  # fmt: skip
    places = [_place(each.__code__) for each in living]
    return [
        [each for each, place in zip(living, places, strict=True) if place == _place(code)]
        for code in codes
    ]


def _place(code: CodeType) -> tuple[str, int, tuple[Any, ...]]:
    """Where code stands. Code that has been run does not always equal the same compiled anew."""
    return code.co_qualname, code.co_firstlineno, (*code.co_positions(),)


def _forgetting() -> Callable[[], None]:
    """Empties what keeps results of the engine: it may hold what came about without the mutant."""
    kept = []
    for each in gc.get_objects():
        if isinstance(each, functools._lru_cache_wrapper):
            module = getattr(each, "__module__", None) or ""
            if module.partition(".")[0] == ENGINE:
                kept.append(each)

    def forget() -> None:
        for each in kept:
            each.cache_clear()

    return forget


# ---- one process a mutant


def _heard(from_process: Connection) -> Any:
    try:
        return from_process.recv()
    except EOFError:
        raise SystemExit("without any mutant a test fails, or cannot be collected") from None


def _fork(work: Callable[[], None]) -> int:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:
            import traceback

            traceback.print_exc(file=sys.__stderr__)
            os._exit(70)
        os._exit(0)
    return child


def _each(
    todo: Sequence[int], jobs: int, attempt: Callable[[int, Say], None]
) -> Iterator[tuple[int, Tried]]:
    """Attempt each in a process of its own, a few at a time."""
    waiting, running = [*reversed(todo)], {}
    while waiting or running:
        while waiting and len(running) < jobs:
            at = waiting.pop()
            folder = Path(tempfile.mkdtemp(prefix="mutant-"))
            running[_fork(functools.partial(_apart, at, folder, attempt))] = at, folder
        child, status, used = os.wait3(0)
        if child not in running:
            continue
        at, folder = running.pop(child)
        outcome, by, tests = _said(folder, status)
        shutil.rmtree(folder, ignore_errors=True)
        yield at, Tried(outcome, by, tests, used.ru_utime + used.ru_stime)


def _said(folder: Path, status: int) -> tuple[str, str, int]:
    """What a process has found out, by what it left and how it ended."""
    said = folder / "said"
    if said.exists():
        outcome, by, tests = json.loads(said.read_text("utf-8"))
        return outcome, by, tests
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGALRM):
        return "out of time", "", 0
    return "killed", f"the end of its process, {status}", 0


def _apart(at: int, folder: Path, attempt: Callable[[int, Say], None]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    tempfile.tempdir = str(folder)
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)

    def say(outcome: str, by: str = "", tests: int = 0) -> None:
        (folder / "said").write_text(json.dumps([outcome, by, tests]), "utf-8")
        os._exit(0)

    attempt(at, say)


def _try(items: Sequence[pytest.Item], seconds: Mapping[str, float], say: Say) -> None:
    """Run tests until one fails."""
    if not items:
        say("not reached")
    _quiet(items[0].config, Path(tempfile.gettempdir()))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for at, item in enumerate(items, 1):
        limit = 1 + PATIENCE * seconds[item.nodeid]
        signal.setitimer(signal.ITIMER_PROF, limit)
        signal.setitimer(signal.ITIMER_REAL, 60 + 10 * limit)
        if _fails(item, (*items, None)[at]):
            say("killed", item.nodeid, at)
    say("survived", "", len(items))


def _fails(item: pytest.Item, following: pytest.Item | None) -> str:
    """What a test that fails says."""
    reports = runtestprotocol(item, log=False, nextitem=following)
    return "\n".join(each.longreprtext for each in reports if each.failed)


def _quiet(config: pytest.Config, folder: Path) -> None:
    """Let a process write in a folder of its own only."""
    tempfile.tempdir = str(folder)
    kept: Any = config._tmp_path_factory  # type: ignore[attr-defined]
    kept._basetemp = folder
