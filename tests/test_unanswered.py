"""`bareme check --missing`: what was not answered, and what each answer could be worth."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bareme.audit.unanswered import how_many, unanswered
from bareme.cli import run
from bareme.profiles.profile import Answer, Evidence
from bareme.project import load
from bareme.record import replace
from bareme.reports.unanswered import UNANSWERED_COLUMNS
from bareme.results import published
from bareme.scoring.exact import rescore, score
from bareme.source import Span
from test_cli import make

ROOT = Path(__file__).parent.parent
HARBOURS = load(ROOT, "harbour-safety")

RULES = """\
scale coverage: Full = 100, Partial = 50, None = 0, "Not applicable" = excluded
index port "Port"
    publish whole numbers, half up
    indicator law
        question pilot "Pilots" on coverage
        question radio on coverage
    indicator traffic
        measure ships in ships, plausible 0 to 2000
            steps up to 20 = 100, up to 80 = 30, above = 60
        skip when radio is None
    indicator audit
        given
"""


@pytest.fixture
def port(tmp_path):
    return make(
        tmp_path,
        {
            "rules/port/port.bareme": RULES,
            "profiles/port/2024/a.yaml": "entity: A\nanswers: {radio: Full}\n",
            "profiles/port/2024/b.yaml": "entity: B\nanswers: {pilot: Full, radio: None}\n",
            "profiles/port/2024/c.yaml": "entity: C\nanswers: {pilot: Full}\n"
            "given: {port: {law: 10, audit: 20}}\n",
        },
    )


def test_each_missing_answer_has_its_least_and_its_most(port):
    rules = load(port)
    found = unanswered(rules.score(rules.cohort("2024"))["port"])

    assert [
        (u.question, u.entity, u.now, u.lowest.score, u.lowest.answer, u.highest.score,
         u.highest.answer)
        for u in found
    ] == [
        ("pilot", "A", 100, 50, "None", 100, "Full"),
        ("ships", "A", 100, 65, "50 ships", 100, "0 ships"),
        # B skips traffic; of C, `law` is given, so that `radio` counts for nothing
        ("ships", "C", 15, 20, "50 ships", 43, "0 ships"),
    ]  # fmt: skip


def test_it_is_drawn_by_question_and_entity(port, capfd):
    assert run(["-C", str(port), "check", "--missing"]) == 0
    assert (
        capfd.readouterr().out
        == """\
port: 1 index, 4 figures, 2 questions, 1 scale; every score lies in 0 to 100

Port · port 2024
    entity                         now   with an answer
  pilot "Pilots"
    A                              100   50 (None) to 100 (Full)
  ships "Ships"
    A                              100   65 (50 ships) to 100 (0 ships)
    C                               15   20 (50 ships) to 43 (0 ships)
3 answers missing · 2 entities · scores of port, all other answers kept
"""
    )


def test_machine_formats_have_a_record_each(port, capfd):
    assert run(["-C", str(port), "check", "--missing", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert tuple(rows[0]) == UNANSWERED_COLUMNS
    assert len(rows) == 3
    assert run(["-C", str(port), "check", "--missing", "--format", "json"]) == 0
    records = json.loads(capfd.readouterr().out)["missing"]
    assert records[2] == {
        "framework": "port", "edition": "2024", "index": "port", "question": "ships",
        "title": "Ships", "entity": "C", "name": "C", "score": 15, "lowest": 20,
        "lowest_with": "50 ships", "highest": 43, "highest_with": "0 ships",
        "part": None,
    }  # fmt: skip


def test_an_edition_may_be_named_and_must_exist(port, capfd):
    assert run(["-C", str(port), "check", "--missing", "--edition", "2024"]) == 0
    assert run(["-C", str(port), "check", "--edition", "2042"]) == 2
    assert "there is no edition `2042`" in capfd.readouterr().err


@pytest.mark.parametrize("edition", HARBOURS.editions)
def test_no_answer_of_a_label_lies_outside(edition):
    """Every label in turn, scored from the start: the least and the most are those."""
    results = HARBOURS.score(HARBOURS.cohort(edition))
    for index in results.values():
        plan = index.plan
        for each in unanswered(index):
            question = HARBOURS.framework.questions.get(each.question)
            if question is None or question.scale is None:
                continue
            profile = index.trace(each.entity).profile
            worths = [
                published(score(plan, _with(profile, each.question, label.text)).score, plan.root)
                for label in question.scale.labels
            ]
            scores = [worth for worth in worths if worth is not None]
            assert each.lowest.score == min(scores, default=None)
            assert each.highest.score == max(scores, default=None)


@given(data=st.data())
def test_scoring_again_equals_scoring_from_the_start(data):
    cohort = HARBOURS.cohort(data.draw(st.sampled_from(HARBOURS.editions)))
    profile = data.draw(st.sampled_from(cohort.profiles))
    plan = data.draw(st.sampled_from(sorted(HARBOURS.plans.items())))[1]
    labels = {id: [x.text for x in q.scale.labels] for id, q in HARBOURS.framework.questions.items()
              if q.scale is not None}  # fmt: skip
    asked = data.draw(st.sampled_from([*sorted(labels), "ships", "depth_kept", "near_misses"]))
    if asked in labels:
        other = _with(profile, asked, data.draw(st.sampled_from(labels[asked])))
    else:
        other = _with(profile, asked, "x", Fraction(data.draw(st.integers(0, 2_000))))

    again = rescore(score(plan, profile), other, asked)

    assert again.values == score(plan, other).values


def _with(profile, asked, text, value=None):
    answer = Answer(text, Evidence(), Span("x", 0, 0), value)
    return replace(profile, answers={**profile.answers, asked: answer})


def test_score_counts_each_once_and_says_how_to_list_them(capfd):
    edition = "2024"
    results = list(HARBOURS.score(HARBOURS.cohort(edition)).values())
    everyone = [profile.entity for profile in HARBOURS.cohort(edition).profiles]
    listed = {(each.entity, each.question) for index in results for each in unanswered(index)}

    assert how_many(results, everyone) == len(listed) > 0
    assert how_many(results, ["no such"]) == 0
    project = ["-C", str(ROOT), "score", "--framework", "harbour-safety", "--edition", edition]
    assert run(project) == 0
    said = capfd.readouterr().out.replace("\n", " ")
    assert f"{len(listed)} answers missing (`bareme check --missing --edition {edition}`)" in said
