"""`bareme check --coverage`: what of the rules no entity of an edition reaches."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from bareme.audit.coverage import Coverage, Kind, coverage
from bareme.cli import run
from bareme.project import load
from bareme.reports.coverage import COVERAGE_COLUMNS
from test_cli import make

ROOT = Path(__file__).parent.parent

RULES = """\
units site
group region "Region": North, South, "East, and overseas"
scale yes_no: Yes = 100, No = 0

index port "Port"
    publish whole numbers, half up
    bands High from 70, Medium from 40, Low from 0
    include entities where region is answered
    rank entities where ships > 1000
    indicator law "Law"
        question pilot "Pilots" on yes_no
            skip when radio is None
        question radio "Radio"
            options
                f "Full" = 100
                "Partial" = 50
                None = 0
                "Not applicable" = excluded
        cap 60 when pilot is No
        cap 80
        floor 5 when radio is None
        floor 10
    indicator traffic "Traffic"
        measure ships in ships, plausible 0 to 2000
            steps up to 20 = 100, up to 80 = 50, up to 500 = excluded, above = 0
    indicator made "Made"
        score 100 when pilot is Yes and radio is Full
        score 50 when radio is Full
        score 70 when radio is None
        score 0 otherwise
    indicator sites "Sites"
        for each site
        question fence "Fence" on yes_no
        indicator watch "Watch"
            question guard "Guard" on yes_no
            question gate "Gate" on yes_no
                skip when guard is No
            cap 50 when fence is No
            floor 20 when fence is No and guard is No
    rating grade "Grade" of port: A from 70, B from 40, C from 0
    rating class "Class" of port: One from 50, Two from 20, Three from 0

index short "Short"
    include entities where region is North
    indicator law same as port.law
        cap 10
"""

PROFILES = {
    "a": """\
entity: A
groups: {region: North}
answers: {pilot: Yes, radio: f, ships: 10}
parts:
  site:
    Upper: {fence: Yes, guard: Yes}
    Lower: {fence: No, guard: No}
published:
  port:
    traffic: {score: 100, band: Low}
""",
    "b": """\
entity: B
groups: {region: South}
answers: {pilot: No, radio: Partial, ships: 50}
parts:
  site:
    Main: {fence: No}
published:
  port:
    law: {score: 45, differs: "misprint: 25 in the annex"}
    grade: B
""",
    # In no index: its answers count, and what is printed of it; conditions do not.
    "c": """\
entity: C
answers: {pilot: Yes, radio: None, ships: 600}
published:
  port:
    port: 55
    class: {rating: Two, differs: "misprint"}
""",
}

FILES = {
    "rules/port/port.bareme": RULES,
    **{f"profiles/port/2024/{name}.yaml": text for name, text in PROFILES.items()},
}

WORKED_OUT = [  # kind, of, what, counted, reached, holds, printed
    ("group label", "region", "North", "entity", 1, None, 0),
    ("group label", "region", "South", "entity", 1, None, 0),
    ("group label", "region", "East, and overseas", "entity", 0, None, 0),
    ("include", "port", "include entities where region is answered", "entity", 2, 2, 0),
    ("rank", "port", "rank entities where ships > 1000", "entity", 0, 0, 0),
    # A: (80 + 100 + 100 + 55) / 4 = 83.75; B: (25 + 50 + 0 + 0) / 4 = 18.75; 55 of C is printed
    ("band", "port", "High", "entity", 1, None, 0),
    ("band", "port", "Medium", "entity", 0, None, 1),
    ("band", "port", "Low", "entity", 1, None, 0),
    # A: (100 + 100) / 2, capped at 80; B: (0 + 50) / 2 = 25, below 60; 45 is a slip
    ("cap", "port.law", "cap 60 when pilot is No", "entity", 0, 1, 0),
    ("cap", "port.law", "cap 80", "entity", 1, None, 0),
    ("floor", "port.law", "floor 5 when radio is None", "entity", 0, 0, 0),
    ("floor", "port.law", "floor 10", "entity", 0, None, 0),
    ("band", "port.law", "High", "entity", 1, None, 0),
    ("band", "port.law", "Medium", "entity", 0, None, 0),
    ("band", "port.law", "Low", "entity", 1, None, 0),
    ("label", "pilot", "Yes", "entity", 2, None, 0),
    ("label", "pilot", "No", "entity", 1, None, 0),
    ("skip", "pilot", "skip when radio is None", "entity", 0, 0, 0),
    ("label", "radio", "Full", "entity", 1, None, 0),
    ("label", "radio", "Partial", "entity", 1, None, 0),
    ("label", "radio", "None", "entity", 1, None, 0),
    ("excluded label", "radio", "Not applicable", "entity", 0, None, 0),
    # A: 100, B: 50; that A's is Low is printed beside 100, which is High
    ("band", "port.traffic", "High", "entity", 1, None, 1),
    ("band", "port.traffic", "Medium", "entity", 1, None, 0),
    ("band", "port.traffic", "Low", "entity", 0, None, 1),
    ("step", "ships", "up to 20", "entity", 1, None, 0),
    ("step", "ships", "up to 80", "entity", 1, None, 0),
    ("excluded step", "ships", "up to 500", "entity", 0, None, 0),
    ("step", "ships", "above that", "entity", 1, None, 0),
    # A: 100, though the second holds as well; B: 0
    ("decision", "port.made", "score 100 when pilot is Yes and radio is Full", "entity", 1, 1, 0),
    ("decision", "port.made", "score 50 when radio is Full", "entity", 0, 1, 0),
    ("decision", "port.made", "score 70 when radio is None", "entity", 0, 0, 0),
    ("decision", "port.made", "score 0 otherwise", "entity", 1, None, 0),
    ("band", "port.made", "High", "entity", 1, None, 0),
    ("band", "port.made", "Medium", "entity", 0, None, 0),
    ("band", "port.made", "Low", "entity", 1, None, 0),
    # Upper: 100; Lower: (0 + 20) / 2 = 10, so A: 55; Main: 0, so B: 0
    ("band", "port.sites", "High", "entity", 0, None, 0),
    ("band", "port.sites", "Medium", "entity", 1, None, 0),
    ("band", "port.sites", "Low", "entity", 1, None, 0),
    ("label", "fence", "Yes", "site", 1, None, 0),
    ("label", "fence", "No", "site", 2, None, 0),
    # Upper: 100; Lower: 0, floored at 20; Main: nothing to score
    ("cap", "port.sites.watch", "cap 50 when fence is No", "site", 0, 2, 0),
    ("floor", "port.sites.watch", "floor 20 when fence is No and guard is No", "site", 1, 1, 0),
    ("band", "port.sites.watch", "High", "site", 1, None, 0),
    ("band", "port.sites.watch", "Medium", "site", 0, None, 0),
    ("band", "port.sites.watch", "Low", "site", 1, None, 0),
    ("label", "guard", "Yes", "site", 1, None, 0),
    ("label", "guard", "No", "site", 1, None, 0),
    ("label", "gate", "Yes", "site", 0, None, 0),
    ("label", "gate", "No", "site", 0, None, 0),
    ("skip", "gate", "skip when guard is No", "site", 1, 1, 0),
    # 84 and 19; that B has a B is printed, that C is Two is a slip
    ("grade", "port.grade", "A", "entity", 1, None, 0),
    ("grade", "port.grade", "B", "entity", 0, None, 1),
    ("grade", "port.grade", "C", "entity", 1, None, 0),
    ("grade", "port.class", "One", "entity", 1, None, 0),
    ("grade", "port.class", "Two", "entity", 0, None, 0),
    ("grade", "port.class", "Three", "entity", 1, None, 0),
    ("include", "short", "include entities where region is North", "entity", 1, 1, 0),
    # A alone: 80, capped at 10
    ("cap", "short.law", "cap 10", "entity", 1, None, 0),
]

SCREEN = """\
port: 2 indices, 8 figures, 5 questions, 1 scale; every score lies in 0 to 100

What nobody reaches · port 2024
  3 entities, 3 parts (site)
  There are fewer than 10 entities: much may go unreached by chance.
  labels: 9 of 11 reached
    Yes, No (rules/port/port.bareme:3)
      gate
  excluded labels: 0 of 1 reached
    Not applicable (rules/port/port.bareme:18)
      radio
  steps: 3 of 3 reached
  excluded steps: 0 of 1 reached
    up to 500: no number falls in it (rules/port/port.bareme:25)
      ships
  labels of groups: 2 of 3 reached
    "East, and overseas" (rules/port/port.bareme:2)
      region
  conditions on who is in an index: 2 of 2 reached
  conditions on who is ranked: 0 of 1 reached
    rank entities where ships > 1000: holds for nobody
      (rules/port/port.bareme:9)
      port
  conditions to skip: 1 of 2 reached
    skip when radio is None: holds for nobody (rules/port/port.bareme:12)
      pilot
  decisions: 2 of 4 reached
    score 50 when radio is Full: holds for 1 entity, decides nobody
      (rules/port/port.bareme:28)
      port.made
    score 70 when radio is None: holds for nobody (rules/port/port.bareme:29)
      port.made
  caps: 2 of 4 reached
    cap 60 when pilot is No: holds for 1 entity, moves no score
      (rules/port/port.bareme:19)
      port.law
    cap 50 when fence is No: holds for 2 parts, moves no score
      (rules/port/port.bareme:38)
      port.sites.watch
  floors: 1 of 3 reached
    floor 5 when radio is None: holds for nobody (rules/port/port.bareme:21)
      port.law
    floor 10: moves no score (rules/port/port.bareme:22)
      port.law
  bands: 14 of 18 reached
    Medium (rules/port/port.bareme:7)
      port.law, port.made, port.sites.watch
    High (rules/port/port.bareme:7)
      port.sites
  grades: 5 of 6 reached
    Two (rules/port/port.bareme:41)
      port.class
41 of 59 reached
"""


@pytest.fixture
def port(tmp_path):
    return make(tmp_path, FILES)


def covered(folder: Path, framework: str = "port", edition: str = "") -> Coverage:
    rules = load(folder, framework) if framework != "port" else load(folder)
    cohort = rules.cohort(edition or rules.editions[-1])
    return coverage(rules.framework, cohort, list(rules.score(cohort).values()))


def test_each_kind_is_as_worked_out_by_hand(port):
    found = covered(port)
    assert [
        (str(t.kind), t.of, t.what, t.counted, t.reached, t.holds, t.printed) for t in found.things
    ] == WORKED_OUT
    assert {t.kind for t in found.things if t.is_reached} >= {*Kind} - {
        Kind.EXCLUDED_LABEL, Kind.EXCLUDED_STEP, Kind.RANK
    }  # fmt: skip
    assert {t.kind for t in found.things if not t.is_reached} >= {*Kind} - {
        Kind.INCLUDE, Kind.STEP
    }  # fmt: skip


def test_it_is_drawn_by_kind_and_rule_line(port, capfd):
    assert run(["-C", str(port), "check", "--coverage"]) == 0
    assert capfd.readouterr().out == SCREEN


def test_machine_formats_have_a_record_of_everything(port, capfd):
    assert run(["-C", str(port), "check", "--coverage", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert tuple(rows[0]) == COVERAGE_COLUMNS
    assert [(r["kind"], r["of"], r["what"]) for r in rows] == [row[:3] for row in WORKED_OUT]
    assert run(["-C", str(port), "check", "--coverage", "--format", "json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["messages"] == []
    assert len(told["coverage"]) == len(rows)
    assert told["coverage"][8] == {
        "framework": "port", "edition": "2024", "index": "port", "kind": "cap", "of": "port.law",
        "title": "Law", "what": "cap 60 when pilot is No", "reached": False, "count": 0,
        "counted": "entity", "holds": 1, "printed": 0, "place": "rules/port/port.bareme:19",
    }  # fmt: skip
    assert told["coverage"][0]["index"] is None
    assert told["coverage"][0]["holds"] is None


def test_what_is_not_reached_never_changes_the_exit_status(port, capfd):
    """Nor do the printed figures, which are not looked at: `check` alone finds two wrong."""
    assert run(["-C", str(port), "check"]) == 1
    assert run(["-C", str(port), "check", "--coverage"]) == 0
    make(port, {"profiles/port/2024/d.yaml": "entity: D\nanswers: {pilot: Maybe}\n"})
    assert run(["-C", str(port), "check", "--coverage"]) == 2
    out, err = capfd.readouterr()
    assert "E222" in err
    assert out.count("What nobody reaches") == 1  # where there are mistakes, nothing is listed


def test_one_list_at_a_time(port, capfd):
    assert run(["-C", str(port), "check", "--coverage", "--missing"]) == 2
    assert "leave out one" in capfd.readouterr().err


def test_the_newest_edition_unless_another_is_named(port, capfd):
    make(port, {"profiles/port/2019/z.yaml": "entity: Z\nanswers: {radio: Not applicable}\n"})
    assert "2024" in printed(port, capfd)
    old = printed(port, capfd, "--edition", "2019")
    assert "excluded labels: 1 of 1 reached" in old
    assert "1 entity\n" in old
    assert run(["-C", str(port), "check", "--coverage", "--edition", "2042"]) == 2


def printed(folder: Path, capfd: pytest.CaptureFixture[str], *more: str) -> str:
    capfd.readouterr()
    assert run(["-C", str(folder), "check", "--coverage", *more]) == 0
    return capfd.readouterr().out


def test_a_partial_cohort_is_said_to_be_one(port, capfd):
    make(port, {"profiles/port/2024/edition.yaml": "title: First\ncohort: partial\n"})
    out = printed(port, capfd)
    assert "  The cohort is partial: others may reach what nobody here does.\n" in out
    assert "by chance" not in out


def test_a_cohort_of_ten_is_not_said_to_be_small(port, capfd):
    more = {f"profiles/port/2024/e{n}.yaml": f"entity: E{n}\n" for n in range(7)}
    assert "by chance" not in printed(make(port, more), capfd)


def small(folder: Path, rules: str, **profiles: str) -> dict[tuple[str, str, str], tuple]:
    """How many reach each thing, and for how many its condition holds."""
    texts = {f"profiles/port/2024/{name}.yaml": text for name, text in profiles.items()}
    make(folder, {"rules/port/port.bareme": rules, **texts})
    found = covered(folder).things
    return {(str(t.kind), t.of, t.what): (t.reached, t.holds) for t in found}


ASKED = """\
scale yes_no: Yes = 100 also "Aye", No = 0

questions on yes_no
    question spare "Spare"
        options
            a "One" = 100
            b "Two" = 0

data berths in berths
data cranes in cranes

index port "Port"
    indicator law
        question old "Old" on yes_no
            skip when fast >= 2
            asked to 2017
        question new "New" on yes_no
            skip when spare is Two
        measure fast "Cranes a berth"
            formula cranes / berths
            steps up to 1 = 0, up to 2 = 50, above = 100
        cap 40 when fast > 1
"""


def test_codes_and_spellings_mean_their_label_and_formulas_are_worked_out(tmp_path):
    found = small(
        tmp_path,
        ASKED,
        a="entity: A\nanswers: {new: Aye, spare: b, cranes: 3, berths: 2}\n",
        b="entity: B\nanswers: {cranes: 3, berths: 0}\n",  # no number: it would divide by 0
    )
    assert found == {
        ("label", "new", "Yes"): (1, None),
        ("label", "new", "No"): (0, None),
        ("skip", "new", "skip when spare is Two"): (1, 1),
        ("step", "fast", "up to 1"): (0, None),
        ("step", "fast", "up to 2"): (1, None),
        ("step", "fast", "above that"): (0, None),
        # A: `new` is skipped, `fast` is 50
        ("cap", "port.law", "cap 40 when fast > 1"): (1, 1),
        ("label", "spare", "One"): (0, None),
        ("label", "spare", "Two"): (1, None),
    }


def test_a_question_that_is_not_asked_is_not_counted_and_said_to_be(tmp_path, capfd):
    small(tmp_path, ASKED, a="entity: A\nanswers: {new: No}\n")
    assert "  1 question is not asked in this edition, and not counted.\n" in printed(
        tmp_path, capfd
    )
    make(tmp_path, {"profiles/port/2017/a.yaml": "entity: A\nanswers: {old: No}\n"})
    out = printed(tmp_path, capfd, "--edition", "2017")
    assert "not asked" not in out
    assert "labels: 1 of 6 reached" in out


def test_a_given_score_is_not_moved_though_the_condition_holds(tmp_path):
    found = small(
        tmp_path,
        """\
scale yes_no: Yes = 100, No = 0
index port
    indicator law
        question pilot on yes_no
        cap 50 when pilot is Yes
    indicator made
        score 70 when pilot is Yes
        score 0 otherwise
""",
        a="entity: A\nanswers: {pilot: Yes}\ngiven: {port: {law: 80, made: 60}}\n",
    )
    assert found == {
        ("label", "pilot", "Yes"): (1, None),
        ("label", "pilot", "No"): (0, None),
        ("cap", "port.law", "cap 50 when pilot is Yes"): (0, 1),
        ("decision", "port.made", "score 70 when pilot is Yes"): (0, 1),
        ("decision", "port.made", "score 0 otherwise"): (0, None),
    }


def test_a_cap_behind_another_acts_only_on_what_that_leaves(tmp_path):
    found = small(
        tmp_path,
        """\
index port
    indicator law
        measure ships in ships, plausible 0 to 100
            normalise from 0 to 100
        cap 50 when ships > 10
        cap 60 when ships > 20
        floor 50 when ships > 30
""",
        a="entity: A\nanswers: {ships: 90}\n",
    )
    assert found == {
        ("cap", "port.law", "cap 50 when ships > 10"): (1, 1),
        ("cap", "port.law", "cap 60 when ships > 20"): (0, 1),
        ("floor", "port.law", "floor 50 when ships > 30"): (0, 1),
    }


def test_bands_read_what_the_rules_let_them_read(tmp_path):
    """69.5 is published as 70; bands by unrounded scores leave it Low."""
    rules = """\
index port
    bands High from 70, Low from 0
    measure ships in ships, plausible 0 to 100
        normalise from 0 to 100
"""
    profile = "entity: A\nanswers: {ships: 69.5}\n"
    assert small(tmp_path, rules, a=profile)["band", "port", "High"] == (1, None)
    rules = rules.replace("    measure", "    band by unrounded scores\n    measure", 1)
    found = small(tmp_path, rules, a=profile)
    assert found["band", "port", "High"] == (0, None)
    assert found["band", "port", "Low"] == (1, None)


def test_rules_without_profiles_have_nothing_to_hold_them_against(tmp_path, capfd):
    make(tmp_path, {"rules/port/port.bareme": RULES})
    assert "reached" not in printed(tmp_path, capfd)


@pytest.mark.parametrize("framework", ["harbour-safety", "nuclear-security"])
def test_bands_are_those_that_score_prints_and_labels_those_that_profiles_hold(framework):
    rules = load(ROOT, framework)
    for edition in rules.editions:
        cohort = rules.cohort(edition)
        results = rules.score(cohort)
        found = coverage(rules.framework, cohort, list(results.values()))
        published = Counter(
            (row.figure, row.band) for each in results.values() for row in each.figures
        )
        for band in [each for each in found.things if each.kind is Kind.BAND]:
            assert band.reached == published[band.of, band.what]
        answered = Counter(
            (id, answer.text)
            for profile in cohort.profiles
            for id, answer in profile.answers.items()
        )
        for label in [each for each in found.things if each.kind is Kind.LABEL]:
            question = rules.framework.questions[label.of]
            assert question.scale is not None
            names = question.scale.label(label.what).names
            assert label.reached == sum(answered[label.of, name] for name in names)


def test_the_real_profile(capfd):
    """Of 30 questions one country gives 30 labels, of 71 figures it reaches 71 bands."""
    out = printed(ROOT, capfd, "--framework", "nuclear-security")
    assert "labels: 30 of 99 reached" in out
    assert "bands: 71 of 213 reached" in out
    assert "The cohort is partial" in out
    assert "    Medium, Low (rules/nuclear-security/theft.bareme:9)\n" in out
