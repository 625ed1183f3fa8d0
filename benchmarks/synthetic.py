"""An invented project of any size: rules, and YAML profiles of several editions."""

from __future__ import annotations

import json
from pathlib import Path

LABELS = ("Very low", "Low", "Moderate", "High", "Very high")
FRAMEWORK = "invented"
PER_INDICATOR, PER_CATEGORY = 5, 20


def answer(entity: int, question: int, edition: int) -> int:
    """Which label an entity gives: mixed, and the same in every run."""
    return (entity * 7 + question * (entity % 11 + 3) + edition * (question % 3)) % len(LABELS)


def weight(question: int) -> int:
    return question % 4 + 1


def rules(questions: int, index: str = "safety", prefix: str = "") -> str:
    """One index of categories of four indicators of five questions."""
    lines = [
        "use scales",
        f'index {index} "Safety"',
        "    publish 1 decimal, half up",
        "    compare with previous edition",
    ]
    for q in range(questions):
        if q % PER_CATEGORY == 0:
            lines.append(f'    category c{q} "Category {q}" weight {weight(q)}')
        if q % PER_INDICATOR == 0:
            lines.append(f'        indicator i{q} "Indicator {q}" weight {weight(q)}')
        lines.append(f'            question {prefix}q{q} "Question {q}" on risk weight {weight(q)}')
        lines.append(f'                "How high is the risk of kind {q}?"')
    return "\n".join(lines) + "\n"


def rules_of_lines(lines: int, index: str = "safety", prefix: str = "") -> str:
    """Rules of as many lines, to within a few."""
    per_category = 1 + PER_CATEGORY // PER_INDICATOR + 2 * PER_CATEGORY
    return rules(lines * PER_CATEGORY // per_category, index, prefix)


def write_rules(root: Path, *texts: str) -> None:
    """Write the scales and some files of rules below a folder."""
    folder = root / "rules" / FRAMEWORK
    folder.mkdir(parents=True)
    scales = f"scale risk, best first: {', '.join(LABELS)}\n"
    for name, text in [("scales", scales), *((f"part{at}", text) for at, text in enumerate(texts))]:
        (folder / f"{name}.bareme").write_text(text, encoding="utf-8")


def outline_as_json(text: str) -> str:
    """The same content as nested lists, which are YAML too: every line with those below it."""
    top: list[object] = []
    open_at: list[tuple[int, list[object]]] = [(-1, top)]
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(" "))
        while open_at[-1][0] >= depth:
            open_at.pop()
        below: list[object] = []
        open_at[-1][1].append({line.strip(): below})
        open_at.append((depth, below))
    return json.dumps(top, ensure_ascii=False, indent=1)


def profile(entity: int, questions: int, edition: int) -> str:
    lines = [f"entity: E{entity:05}", f"name: Entity {entity}", "answers:"]
    lines += [f"  q{q}: {LABELS[answer(entity, q, edition)]}" for q in range(questions)]
    return "\n".join(lines) + "\n"


def write_project(root: Path, entities: int, questions: int, editions: int) -> None:
    """Write the rules and every profile below a folder."""
    write_rules(root, rules(questions))
    for edition in range(editions):
        folder = root / "profiles" / FRAMEWORK / str(2019 + edition)
        folder.mkdir(parents=True)
        for entity in range(entities):
            text = profile(entity, questions, edition)
            (folder / f"e{entity:05}.yaml").write_text(text, encoding="utf-8")


def questionnaire(size: int) -> str:
    """A table of questions, a row each, of so many bytes to within one row."""
    points = [100 * at // (len(LABELS) - 1) for at in range(len(LABELS) - 1, -1, -1)]
    options = "; ".join(
        f"{label} risk here = {each}" for label, each in zip(LABELS, points, strict=True)
    )
    rows = ["category,indicator,code,title,text,weight,options"]
    left, q = size - len(rows[0]) - 1, 0
    while left > 0:
        category = f"Category {q}" if q % PER_CATEGORY == 0 else ""
        indicator = f"Indicator {q}" if q % PER_INDICATOR == 0 else ""
        asked = f"{q},Question {q},How high is the risk of kind {q}?,{weight(q)},{options}"
        rows.append(f"{category},{indicator},{asked}")
        left, q = left - len(rows[-1]) - 1, q + 1
    return "\n".join(rows) + "\n"


def ruled(questions: int, indicators: int) -> str:
    """Rules of an index with a cap, a floor or a skip at every indicator, half of them on scores.

    Args:
        questions: shared out among the indicators.
        indicators: six a category.
    """
    rows = [
        "use scales",
        "scale yes_no: Yes = 100, No = 0",
        'index safety "Safety"',
    ]
    number = 0
    for each in range(indicators):
        if each % 6 == 0:
            rows.append(f"    category c{each // 6} weight {each // 6 % 3 + 1}")
        rows.append(f"        indicator i{each} weight {each % 2 + 1}")
        first = number
        while number * indicators < questions * (each + 1):
            scale = "yes_no" if number % 3 == 0 else "risk"
            rows.append(f"            question q{number} on {scale} weight {number % 3 + 1}")
            number += 1
        asked = [(f"q{n}", "Yes" if n % 3 == 0 else LABELS[1]) for n in range(first, number)]
        rows.append(f"            {_ruling(each, asked)}")
    return "\n".join(rows) + "\n"


def _ruling(number: int, asked: list[tuple[str, str]]) -> str:
    """One rule on an indicator, of six kinds in turn; the first of a category reads no other."""
    first, last = asked[0], asked[-1]
    kinds = (
        f"cap 50 when {first[0]} is not {first[1]}",
        f"floor 25 when {first[0]} is {first[1]}",
        f"cap 60 when i{number - 1} < 40",
        f"cap 70 when i{number - 1} < 50 and {last[0]} is not {last[1]}",
        f"skip when {last[0]} is {last[1]} and i{number - 1} < 30",
        f"cap 80 when at least 2 of ({', '.join(f'{id} is not {best}' for id, best in asked)})",
    )
    return kinds[number % 6]
