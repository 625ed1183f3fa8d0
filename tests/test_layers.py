"""The house has one-way stairs: a room imports only from rooms above it (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ENGINE = Path(__file__).parent.parent / "engine" / "bareme"

ROOMS = (
    "record",
    "source",
    "exact",
    "diagnostics",
    "text",
    "methods",
    "language",
    "framework",
    "resolve",
    "checks",
    "profiles",
    "questionnaire",
    "plan",
    "scoring",
    "results",
    "audit",
    "proofs",
    "analysis",
    "reports",
    "files",
    "cohorts",
    "project",
    "starting",
    "importing",
    "sealing",
    "comparing",
    "cli",
    "workbench",
)

DOORS = {  # a library, and the only rooms that know it
    "lark": {"language"},
    "yaml": {"profiles"},
    "zipfile": {"profiles"},
    "xml": {"profiles"},
    "click": {"cli"},
    "rich": {"cli"},
    "os": {"files", "cli"},
    "tempfile": set(),
    "dulwich": {"files"},
    "z3": {"proofs"},
    "cryptography": {"audit"},
    "fcntl": {"files"},
    "sys": {"cli"},
}

MODULES = sorted(ENGINE.rglob("*.py"))
INSIDE = [path for path in MODULES if path.parent != ENGINE or path.stem in ROOMS]


def _room(path: Path) -> str:
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


def _imports(path: Path) -> list[str]:
    """Dotted names that a module imports; those for type checking alone count as well."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports by a relative path"
            module = node.module or ""
            names += [
                f"bareme.{alias.name}" if module == "bareme" else module for alias in node.names
            ]
    return names


def test_every_module_stands_in_a_room_of_the_house():
    outside = {path.name for path in MODULES if path not in INSIDE}

    assert outside == {"__init__.py", "__main__.py"}
    assert {_room(path) for path in INSIDE} <= set(ROOMS)


@pytest.mark.parametrize("path", INSIDE, ids=lambda path: str(path.relative_to(ENGINE)))
def test_a_room_imports_only_from_rooms_above_it(path):
    here = ROOMS.index(_room(path))
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "bareme" and len(parts) > 1 and parts[1] in ROOMS:
            assert ROOMS.index(parts[1]) <= here, f"{_room(path)} imports {name}, from below"


@pytest.mark.parametrize("path", INSIDE, ids=lambda path: str(path.relative_to(ENGINE)))
def test_a_library_is_known_only_where_it_belongs(path):
    for name in _imports(path):
        rooms = DOORS.get(name.split(".")[0])
        assert rooms is None or _room(path) in rooms, f"{_room(path)} knows {name}"


def test_rounding_has_one_place():
    for path in MODULES:
        names = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert "round" not in names, f"{path.name} rounds by itself"
        assert "float" not in names, f"{path.name} leaves exact numbers"
