"""The benchmarks run and compare like with like; how long they take is no test."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

import bareme

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import rows, synthetic  # noqa: E402
from benchmarks.__main__ import main  # noqa: E402


def test_the_table_is_printed_at_a_tiny_size(capsys):
    main(["--tiny"])

    lines = capsys.readouterr().out.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) > 2 + len(rows.ROWS)
    assert {line.count("|") for line in table} == {table[0].count("|")}


def test_what_stands_beside_scoring_computes_the_same_figures(tmp_path):
    entities, questions = 3, 47
    synthetic.write_project(tmp_path, entities, questions, 2)
    rules = bareme.load(tmp_path)

    for number, edition in enumerate(rules.editions):
        results = rules.score(rules.cohort(edition))["safety"]
        for entity in range(entities):
            answers = {
                f"q{q}": synthetic.LABELS[synthetic.answer(entity, q, number)]
                for q in range(questions)
            }
            expected = rows.fractions_of(answers)
            figures = results.by_entity[f"E{entity:05}"]
            ours = {each.figure.rpartition(".")[2]: each.exact for each in figures}
            assert {id: ours[id] for id in expected} == expected


def test_what_stands_beside_reading_rules_holds_the_same_lines():
    text = synthetic.rules_of_lines(200)
    content = synthetic.outline_as_json(text)

    assert yaml.load(content, Loader=yaml.CSafeLoader) == json.loads(content)
    assert content.count("{") == len(text.splitlines())
    assert abs(len(text.splitlines()) - 200) < 50
