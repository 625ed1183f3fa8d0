"""The mutation run finds what it says: its faults, by hand, and that what it runs has them."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .judged import judged
from .modules import MODULES
from .mutants import mutants
from .run import _functions, _living

TESTS = Path(__file__).parent.parent


def faults(source: str) -> list[str]:
    return [each.fault for each in mutants("own", source)[1]]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a < b", ["a < b → a <= b", "a < b → a >= b"]),
        ("a <= b", ["a <= b → a < b", "a <= b → a > b"]),
        ("a == b", ["a == b → a != b"]),
        ("a not in b", ["a not in b → a in b"]),
        ("a - b", ["a - b → a + b"]),
        ("a // b", ["a // b → a * b"]),
        ("a += b", ["a += b → a -= b"]),
        ("-a", ["-a → a"]),
        ("not a", ["not a → a"]),
        ("a and b", ["a and b → a or b"]),
        ("True", ["True → False"]),
        ("7", ["7 → 8", "7 → 6"]),
        ("a[b:]", ["b: → :", "b: → b + 1:"]),
        ("a = min(b)", ["min → max"]),
        ("b = sorted(a)", ["sorted(a) → list(a)"]),
        ("a.numerator", ["a.numerator → a.denominator"]),
        ("if a:\n    b", ["if a → if not a"]),
        ("[a for a in b if a]", ["for a in b if a → for a in b if not a"]),
        ("while a:\n    continue", ["while a → while not a", "continue → break"]),
        ("def f():\n    return a", ["return a → return None"]),
        ("def f():\n    yield a", ["yield a → pass"]),
        ("a(b)", ["a(b) → pass"]),
    ],
)
def test_each_piece_has_its_faults(source, wanted):
    assert faults(source) == wanted


@pytest.mark.parametrize(
    "source",
    [
        "'text'",
        "a + 'text'",
        "assert a < b",
        "def f(a: b | c) -> d | e: ...",
        "@cache(1)\ndef f(): ...",
        "x = isinstance(a, b | c)",
        "def f():\n    return None",
        "x = int | str",
    ],
)
def test_what_guards_against_the_programmer_is_left_alone(source):
    assert faults(source) == []


def test_a_fault_says_where_it_is():
    function = "def f(a=2):\n    return lambda b: a < b\n"
    _, found = mutants("own", f"one = 1\n\n{function}\nclass C:\n    def m(self): self.n(3)\n")

    assert [(each.line, each.scope, each.outermost, each.fault) for each in found] == [
        (1, "", None, "1 → 2"),
        (1, "", None, "1 → 0"),
        (3, "", None, "2 → 3"),
        (3, "", None, "2 → 1"),
        (4, "f", 0, "return lambda b: a < b → return None"),
        (4, "f.lambda", 0, "a < b → a <= b"),
        (4, "f.lambda", 0, "a < b → a >= b"),
        (7, "C.m", 1, "self.n(3) → pass"),
        (7, "C.m", 1, "3 → 4"),
        (7, "C.m", 1, "3 → 2"),
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.name)
def test_the_functions_that_live_are_those_of_the_source(module):
    """A fault goes into the function that the tests call, and into no other."""
    importlib.import_module(module.dotted)
    tree, found = mutants(module.name, module.path.read_text(encoding="utf-8"))
    codes = _functions(compile(tree, str(module.path), "exec"))

    for mutant in found:
        if mutant.outermost is not None:
            first = mutant.scope.split(".")
            code = codes[mutant.outermost]
            assert code.co_name.strip("<>") in first
            assert code.co_firstlineno <= mutant.line
    living = _living(module, tree)
    assert len(living) == len(codes)
    missing = {code.co_name for code, live in zip(codes, living, strict=True) if not live}
    assert missing <= {"<lambda>", "decorated"}


def test_every_verdict_is_on_a_fault_of_today():
    keys = {
        each.key
        for module in MODULES
        for each in mutants(module.name, module.path.read_text(encoding="utf-8"))[1]
    }

    assert set(judged()) - keys == set()
    for verdict in judged().values():
        assert verdict.startswith(("equivalent: ", "not worth a test: "))


def test_faults_are_noticed_or_listed(tmp_path):
    """One small module, held against a file of tests that reaches some of it."""
    command = [sys.executable, "-m", "mutation", "--module", "scoring.formulas"]
    command += ["--tests", "mutation/held", "--jobs", "1"]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 1, done.stderr
    assert (
        "survived: scoring.formulas:27 work_out: total - product → total + product" in done.stdout
    )
    assert "not reached: scoring.formulas:36 _value" in done.stdout
    assert "total + product → total - product" not in done.stdout  # it is noticed
