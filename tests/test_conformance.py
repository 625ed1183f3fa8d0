"""The conformance suite: language-neutral cases, each held against the engine.

The files are described in tests/conformance/README.md. Nothing of what is expected was recorded
from the engine: a case says what its clause says.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bareme.audit.printed import Outcome, compare_with_print, differences
from bareme.diagnostics import Diagnostic, has_errors
from bareme.exact import decimal, rational
from bareme.project import Rules, read_rules
from bareme.results import IndexResults, PublishedFigure

HERE = Path(__file__).parent / "conformance"
DOCS = Path(__file__).parent.parent / "docs"

KEYS = {
    "case", "clause", "rules", "long", "encoding", "answers", "profiles", "editions", "profile",
    "edition", "table", "scores", "published", "changes", "bands", "ranks", "medians", "means",
    "slips", "messages",
}  # fmt: skip
EXPECTED = {
    "scores", "published", "changes", "bands", "ranks", "medians", "means", "slips", "messages",
}  # fmt: skip
Case = dict[str, Any]


def topics() -> Iterator[tuple[str, Case]]:
    for path in sorted(HERE.glob("*.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader):
            yield path.stem, case


CASES = list(topics())


@pytest.mark.parametrize(("topic", "case"), CASES, ids=[f"{t}: {c['case']}" for t, c in CASES])
def test_a_case(topic, case, tmp_path):  # noqa: ARG001
    project = _write(tmp_path, case)

    rules = read_rules(project, "norms")
    found, results = _run(rules)

    said = sorted(f"{each.code} {_place(each, rules)}" for each in found)
    assert said == sorted(case.get("messages", [])), "\n".join(e.message for e in found)
    for key in EXPECTED & set(case) - {"messages", "slips"}:
        _compare(key, case[key], results)
    if "slips" in case:
        compared = compare_with_print(rules.cohort(rules.editions[-1]), results)
        slips = [each for each in compared if each.outcome is Outcome.KNOWN_SLIP]
        assert len(slips) == int(case["slips"])


def _run(rules: Rules) -> tuple[list[Diagnostic], list[IndexResults]]:
    """Every message, and the results of the last edition where nothing is wrong."""
    found = list(rules.diagnostics)
    if rules.readable:
        for edition in rules.editions:
            found += rules.read_cohort(edition)[1]
        found += rules.check_editions()
    if has_errors(found) or not rules.editions:
        return found, []
    cohort = rules.cohort(rules.editions[-1])
    results = list(rules.score(cohort).values())
    return [*found, *differences(compare_with_print(cohort, results))], results


def _place(each: Diagnostic, rules: Rules) -> str:
    source = rules.sources.get(each.span.file)
    place = source.cite(each.span) if source else f"{each.span.file}:1:1"
    return re.sub(r"^.*/", "", place)


# ---- a case as a project


def _write(root: Path, case: Case) -> Path:
    rules = case["rules"]
    files = rules if isinstance(rules, dict) else {"rules.bareme": rules}
    for name, text in files.items():
        for short, (part, times) in case.get("long", {}).items():
            text = text.replace(short, part * int(times))
        _put(root / "rules" / "norms" / name, text, case.get("encoding", "utf-8"))
    editions = case.get("editions") or {"2020": case.get("profiles") or {}}
    for edition, profiles in editions.items():
        for entity, sections in profiles.items():
            body = {"entity": entity, **(sections or {})}
            _put(
                _folder(root, edition) / f"{entity}.yaml", yaml.safe_dump(body, allow_unicode=True)
            )
    last = _folder(root, list(editions)[-1])
    if "answers" in case:
        body = {"entity": "X", "answers": case["answers"]}
        _put(last / "X.yaml", yaml.safe_dump(body, allow_unicode=True))
    about = case.get("edition", {})
    for edition, text in (about if isinstance(about, dict) else {last.name: about}).items():
        _put(_folder(root, edition) / "edition.yaml", text)
    for key, name in (("profile", "X.yaml"), ("table", "table.csv")):
        if key in case:
            _put(last / name, case[key])
    return root


def _folder(root: Path, edition: str) -> Path:
    return root / "profiles" / "norms" / edition


def _put(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding, newline="\n")


# ---- what came out


def _compare(key: str, expected: Mapping[str, Any], results: list[IndexResults]) -> None:
    by_entity: dict[str, dict[str, PublishedFigure]] = {}
    for index in results:
        for entity, figures in index.by_entity.items():
            by_entity.setdefault(entity, {}).update({each.figure: each for each in figures})
    if key in ("medians", "means"):
        figures = next(iter(by_entity.values()))
        for figure, value in expected.items():
            assert _number(figures[figure], getattr(figures[figure], key[:-1])) == value, figure
        return
    nested = any(isinstance(each, dict) for each in expected.values())
    for entity, values in (expected if nested else {"X": expected}).items():
        for figure, value in values.items():
            assert _value(key, by_entity[entity][figure]) == value, f"{key} of {entity}, {figure}"


def _value(key: str, figure: PublishedFigure) -> str:
    match key:
        case "scores":
            return rational(figure.exact) if figure.exact is not None else str(figure.status)
        case "published":
            return _number(figure, figure.score)
        case "changes":
            return _number(figure, figure.change)
        case "bands":
            return figure.band or "none"
    assert key == "ranks"
    return "none" if figure.rank is None else f"{'=' if figure.tied else ''}{figure.rank}"


def _number(figure: PublishedFigure, value: Any) -> str:
    return "none" if value is None else decimal(value, figure.places)


# ---- the suite as a whole


@cache
def _headings(page: str) -> set[str]:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return {each.replace("`", "").strip().lower() for each in re.findall(r"^##+ (.+)$", text, re.M)}


def test_cases_are_well_formed():
    for topic, case in CASES:
        assert set(case) <= KEYS, f"{topic}: {case['case']}"
        assert EXPECTED & set(case), f"{topic}: {case['case']} expects nothing"
        assert case["clause"].lower() in _headings("language") | _headings("formats"), case[
            "clause"
        ]
    twice = [each for each, n in Counter((t, c["case"]) for t, c in CASES).items() if n > 1]
    assert twice == []


def test_a_third_of_the_cases_must_fail():
    failing = [c for _, c in CASES if any(m.startswith("E") for m in c.get("messages", []))]

    assert 3 * len(failing) >= len(CASES)


# ---- each clause names its cases

UNTRIED = {"scales"}  # a heading that only holds others
PAGES_OF_CLAUSES = ("language", "formats")


@pytest.mark.parametrize("page", PAGES_OF_CLAUSES)
def test_every_clause_names_its_cases(page):
    """`BAREME_RECORD=1 pytest tests/test_conformance.py` writes the lines anew."""
    path = DOCS / f"{page}.md"
    text = path.read_text(encoding="utf-8")
    named = _with_cases(text)
    if os.environ.get("BAREME_RECORD") == "1":
        path.write_text(named, encoding="utf-8", newline="\n")
    assert named == text or os.environ.get("BAREME_RECORD") == "1"


def test_every_clause_of_the_language_has_cases():
    tried = {case["clause"].lower() for _, case in CASES}

    assert _headings("language") - UNTRIED - tried == set()


def _with_cases(text: str) -> str:
    """A page with the topics of its cases at the end of each clause."""
    topics: dict[str, set[str]] = {}
    for topic, case in CASES:
        topics.setdefault(case["clause"].lower(), set()).add(topic)
    bare = re.sub(r"\nCases: .*?\n(?=\n|\Z)", "", text, flags=re.DOTALL)
    first, *rest = re.split(r"^(##+ .+)$", bare, flags=re.MULTILINE)
    pieces = [first]
    for heading, body in zip(rest[::2], rest[1::2], strict=True):
        found = sorted(topics.get(heading.lstrip("# ").replace("`", "").strip().lower(), ()))
        links = ", ".join(f"[{each}](../tests/conformance/{each}.yaml)" for each in found)
        lines = textwrap.fill(f"Cases: {links}", 118, break_on_hyphens=False)
        pieces += [heading, f"{body.rstrip()}\n\n{lines}\n\n" if found else body]
    return "".join(pieces).rstrip() + "\n"
