"""Questionnaires as a small model of their own, and the tables that people lay them out in.

The model knows nothing of the engine: plain data, numbers kept as the text that is typed. Each of
`LAYOUTS` writes the same questionnaire as another table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bareme.questionnaire.choices import COLUMNS


@dataclass(frozen=True)
class Option:
    label: str
    code: str
    points: str  # a number, `excluded`, or nothing


@dataclass(frozen=True)
class Asked:
    code: str
    title: str
    text: str = ""
    note: str = ""
    weight: str = ""
    options: tuple[Option, ...] = ()
    order: str = ""
    out_of: str = ""
    goalposts: tuple[str, str] | None = None  # of a measure
    unit: str = ""


@dataclass(frozen=True)
class Part:
    kind: str
    code: str
    title: str
    weight: str = ""
    parts: tuple[Part, ...] = ()
    asked: tuple[Asked, ...] = field(default=())


Table = list[list[str]]


def by_kind(parts: list[Part], in_cells: bool) -> Table:
    """A row for everything, of a kind that it says; options in rows of their own, or in a cell."""
    rows: list[dict[str, str]] = []

    def put(part: Part) -> None:
        rows.append({"kind": part.kind, "code": part.code, "title": part.title,
                     "weight": part.weight})  # fmt: skip
        for each in part.parts:
            put(each)
        for each in part.asked:
            rows.extend(_question_rows(each, in_cells))

    for each in parts:
        put(each)
    return table_of(rows)


def _question_rows(asked: Asked, in_cells: bool) -> Iterator[dict[str, str]]:
    row = {"kind": "measure" if asked.goalposts else "question", "code": asked.code,
           "title": asked.title, "text": asked.text, "note": asked.note, "weight": asked.weight,
           "unit": asked.unit, "out_of": asked.out_of}  # fmt: skip
    if asked.goalposts:
        row["normalise"] = f"from {asked.goalposts[0]} to {asked.goalposts[1]}"
    row["options"] = asked.order
    if in_cells and asked.options:
        listed = "; ".join(map(_in_a_cell, asked.options))
        row["options"] = f"{asked.order}: {listed}" if asked.order else listed
    yield row
    if not in_cells:
        for each in asked.options:
            yield {"kind": "option", "code": each.code, "title": each.label,
                   "points": each.points}  # fmt: skip


def _in_a_cell(option: Option) -> str:
    label = '"' + option.label.replace('"', '""') + '"'
    code = f"{option.code}) " if option.code else ""
    return f"{code}{label}" + (f" = {option.points}" if option.points else "")


def _by_parent(parts: list[Part]) -> Table:
    """Every row names its parent; figures first, then all that is asked."""
    figures: list[dict[str, str]] = []
    asked: list[dict[str, str]] = []

    def put(part: Part, parent: str) -> None:
        figures.append({"kind": part.kind, "parent": parent, "code": part.code,
                        "title": part.title, "weight": part.weight})  # fmt: skip
        for each in part.parts:
            put(each, part.code)
        for each in part.asked:
            first, *rest = _question_rows(each, in_cells=False)
            asked.extend([first | {"parent": part.code}, *rest])

    for each in parts:
        put(each, "")
    return table_of([*asked, *figures])


def _by_levels(parts: list[Part], repeat: bool) -> Table:
    """Where a question stands is said in columns: on each row, or where it changes."""
    rows: list[dict[str, str]] = []
    for category in parts:
        for indicator in category.parts:
            for asked in indicator.asked:
                first, *rest = _question_rows(asked, in_cells=False)
                levels = {
                    "category": category.title, "category_code": category.code,
                    "category_weight": category.weight, "indicator": indicator.title,
                    "indicator_code": indicator.code,
                }  # fmt: skip
                above = rows[-1] if rows and not repeat else {}
                said = {k: v for k, v in levels.items() if v != above.get(f"in {k}")}
                below = [{"option_code": each["code"], "option": each["title"],
                          "points": each["points"]} for each in rest]  # fmt: skip
                if said.get("category") and levels["indicator"] == above.get("in indicator"):
                    said["indicator"] = levels["indicator"]  # of the same name, elsewhere
                own = {k: v for k, v in first.items() if k != "kind"} | said
                if repeat and below:
                    same = {k: v for k, v in own.items() if k in ("code", "title", *said)}
                    new = [own | below[0], *(same | each for each in below[1:])]
                else:
                    new = [own, *below]
                new[-1] |= {f"in {k}": v for k, v in levels.items()}
                rows += new
    return table_of(rows)


def table_of(rows: list[dict[str, str]]) -> Table:
    header = [each for each in COLUMNS if any(row.get(each) for row in rows)]
    return [header, *([row.get(each, "") for each in header] for row in rows)]


LAYOUTS: dict[str, Callable[[list[Part]], Table]] = {
    "rows": lambda parts: by_kind(parts, in_cells=False),
    "cells": lambda parts: by_kind(parts, in_cells=True),
    "parents": _by_parent,
    "levels": lambda parts: _by_levels(parts, repeat=False),
    "levels on each row": lambda parts: _by_levels(parts, repeat=True),
}
