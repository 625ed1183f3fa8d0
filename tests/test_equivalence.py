"""Two texts of rules are the same index, or a profile tells them apart: the engine confirms it."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import pytest

from bareme import project
from bareme.cli import run as run_cli
from bareme.exact import rational
from bareme.framework import Framework
from bareme.plan import Finished, Take, plan_index
from bareme.proofs.choices import Way
from bareme.proofs.equivalence import Equivalence, Solved, Verdict, equivalence
from bareme.reports.equivalent import profile_lines
from bareme.scoring.exact import TooLong, included, ranked, score
from edited_programs import edited, sound
from profiles_at_random import every_profile, random_profile
from sound_programs import Writer
from test_docs import commit

F = Fraction

RULES = """scale fair: Yes = 100, Partly = 50, No = 0
index ports "Ports"
    publish whole numbers
    bands Safe from 60, Weak from 0
    category plans "Plans" weight 3
        question written on fair
        question drilled on fair
        cap 40 when written is No and drilled is Yes
    category guards "Guards" weight 1
        question armed on fair
        floor 10 when armed is answered
"""
NUMBERS = """index wealth "Wealth"
    measure income in euros, plausible 0 to 1000
        normalise from 0 to 1000
    measure debt in euros, plausible 0 to 1000
        steps up to 10 = 100, up to 100 = 50, above = 0
"""
PARTS = """units site
scale fair: Yes = 100, No = 0
index ports "Ports"
    indicator sites
        for each site
        when missing worst
        question lit on fair
        question fenced on fair
        cap 80 when lit is No
"""


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def held(before: str, after: str, **more) -> tuple[Framework, Framework, Equivalence]:
    one, other = sound({"all": before}), sound({"all": after})
    assert one is not None, before
    assert other is not None, after
    found = equivalence(one, other, **more)
    assert_witness(one, other, found)
    return one, other, found


def figures(framework: Framework, profile) -> dict[object, object]:
    """What the exact engine makes of a profile: every figure, those of parts included."""
    found: dict[object, object] = {}
    for index in framework.indices:
        plan = plan_index(framework, index)
        trace = score(plan, profile)
        found[index.id, "in"] = included(plan, profile), ranked(plan, profile)
        for step, value in zip(plan.steps, trace.values, strict=True):
            if not isinstance(step, Finished | Take) or step.path[0] != index.id:
                continue
            found[step.path, ""] = value.score, value.status
            for unit in value.units:
                for inner, of_part in zip(unit.plan.steps, unit.values, strict=True):
                    if isinstance(inner, Finished | Take):
                        found[inner.path, unit.part.name] = of_part.score, of_part.status
    return found


def assert_witness(before: Framework, after: Framework, found: Equivalence) -> None:
    """The profile shows what is said of it, by the engine alone."""
    witness = found.witness
    if witness is None:
        return
    assert found.verdict is Verdict.REFUTED
    if witness.high is not None:
        return  # it takes other entities too
    one, other = figures(before, witness.profile), figures(after, witness.profile)
    if not witness.figures:
        assert one != other
    for each in witness.figures:
        key = each.path, each.part
        assert one[key] == each.before.came
        assert other[key] == each.after.came
        assert one[key] != other[key]


SAME = {
    "weights in other numbers": (RULES, changed(RULES, ("weight 3", "weight 75%"),
                                                ("weight 1", "weight 25%"))),
    "weights as fractions": (RULES, changed(RULES, ("weight 3", "weight 3/4"),
                                            ("weight 1", "weight 1/4"))),
    "titles, codes, notes and the order of labels": (RULES, changed(
        RULES, ("Yes = 100, Partly = 50, No = 0", "No = 0, Partly = 50, Yes = 100"),
        ('index ports "Ports"', 'index ports "Harbours" code "P"\n    note "New."'),
        ('category plans "Plans"', 'category plans "All plans" code "1.a"'))),
    "points that follow from even spacing": (RULES, changed(
        RULES, ("scale fair: Yes = 100, Partly = 50, No = 0",
                "scale fair, best first: Yes, Partly, No"))),
    "a scale of another name": (RULES, RULES.replace("fair", "just")),
    "a scale as options": (RULES, changed(RULES, (
        "question armed on fair",
        "question armed\n            options: Yes = 100, Partly = 50, No = 0"))),
    "a scale turned round twice": (RULES, "scale unfair: Yes = 0, Partly = 50, No = 100\n"
                                   + changed(RULES, ("scale fair: Yes = 100, Partly = 50, No = 0",
                                                     "scale fair: reverse of unfair"))),
    "siblings in another order": (
        "scale s: Y = 1, N = 0\nindex i\n    question a on s\n    question b on s weight 2\n",
        "scale s: Y = 1, N = 0\nindex i\n    question b on s weight 2\n    question a on s\n"),
    "the rule of de Morgan": (RULES, changed(RULES, (
        "written is No and drilled is Yes", "not (written is not No or drilled is not Yes)"))),
    "the labels that are left": (RULES, changed(RULES, (
        "written is No and", "not (written is one of (Yes, Partly)) and"))),
    "at least as many as there are": (RULES, changed(RULES, (
        "written is No and drilled is Yes", "at least 2 of (drilled is Yes, written is No)"))),
    "known to hold is answered": (RULES, changed(RULES, (
        "armed is answered", "armed is Yes or (armed is No or armed is Partly)"))),
    "a condition with what holds anyway": (RULES, changed(RULES, (
        "written is No and drilled is Yes",
        "(written is No and drilled is Yes) or (drilled is Yes and written is No "
        "and armed is answered)"))),
    "a cap with an end that never comes": (RULES, changed(RULES, (
        "drilled is Yes", "drilled is Yes and written is answered"))),
    "caps in another order": (
        changed(RULES, ("floor 10 when", "cap 90\n        cap 80 when armed is Yes\n"
                        "        floor 10 when")),
        changed(RULES, ("floor 10 when", "floor 10 when armed is answered\n"
                        "        cap 80 when armed is Yes\n        cap 90\n"
                        "        floor 5 when"))),
    "a cap of two conditions as two": (
        changed(RULES, ("written is No and drilled is Yes", "written is No or drilled is No")),
        changed(RULES, ("cap 40 when written is No and drilled is Yes",
                        "cap 40 when drilled is No\n        cap 40 when written is No"))),
    "a cap that nothing reaches": (RULES, changed(
        RULES, ("floor 10", "cap 100\n        floor 10"))),
    "a cap that nothing reaches, of a scale that ends below": (
        "scale s: Y = 70, N = 0\nindex i\n    question a on s\n",
        "scale s: Y = 70, N = 0\nindex i\n    question a on s\n    cap 80 when a is Y\n"),
    "another mean of one part alone": (
        "scale s: Y = 100, N = 0\nindex i\n    indicator a\n        question q on s\n",
        "scale s: Y = 100, N = 0\nindex i\n    aggregate by geometric mean\n    indicator a\n"
        "        question q on s\n"),
    "zero for worst, where the worst is zero": (
        "scale s: Y = 100, N = 0\nindex i\n    when missing zero\n    question p on s\n"
        "    question q on s\n",
        "scale s: Y = 100, N = 0\nindex i\n    when missing worst\n    question p on s\n"
        "    question q on s\n"),
    "`same as` for the question asked again": (
        "scale s: Y = 100, N = 0\nindex i\n    indicator a\n        question q on s\n"
        "index j\n    indicator b same as i.a\n",
        "scale s: Y = 100, N = 0\nquestions on s\n    question q\nindex i\n    indicator a\n"
        "        ask q\nindex j\n    indicator b\n        ask q\n"),
    "a figure that only is another": (
        "scale s: Y = 100, N = 0\nindex i\n    indicator a\n        question q on s\n"
        "        cap 60 when r is Y\n    indicator b\n        question r on s\n"
        "index j\n    indicator c same as i.a\n        cap 70\n",
        "scale s: Y = 100, N = 0\nindex i\n    indicator a\n        question q on s\n"
        "        cap 60 when r is Y\n    indicator b\n        question r on s\n"
        "index j\n    indicator c\n        ask q\n        cap 70\n        cap 60 when r is Y\n"),
    "steps from either end": (NUMBERS, changed(NUMBERS, (
        "steps up to 10 = 100, up to 100 = 50, above = 0",
        "steps up to 10 = 100, up to 50 = 50, up to 100 = 50, above = 0"))),
    "goalposts that need no clamping": (NUMBERS, changed(NUMBERS, (
        "normalise from 0 to 1000", "normalise from 0 to 1000 unclamped"))),
    "a formula with its terms turned round": (
        "data a\ndata b\nindex i\n    measure m in x\n        formula a * 2 + b\n"
        "        normalise from 0 to 9\n",
        "data a\ndata b\nindex i\n    measure m in x\n        formula b + 2 * a\n"
        "        normalise from 0 to 9\n"),
    "skipped by two conditions or by one": (
        changed(RULES, ("floor 10", "skip when written is No\n        skip when drilled is No\n"
                        "        floor 10")),
        changed(RULES, ("floor 10", "skip when drilled is No or written is No\n"
                        "        floor 10"))),
    "in a part of an entity": (PARTS, changed(PARTS, ("lit is No", "not (lit is Yes)"))),
    "who is in an index": (
        changed(RULES, ("    publish", "    include entities where armed is Yes\n    publish")),
        changed(RULES, ("    publish", "    include entities where not (armed is one of "
                        "(No, Partly))\n    publish"))),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_what_is_only_written_otherwise_is_one_form(name):
    before, after = SAME[name]
    for pair in ((before, after), (after, before), (before, before)):
        _, _, found = held(*pair)
        assert found.verdict is Verdict.PROVED, found
        assert found.tried == 0
        assert found.alike == found.figures > 0


ALIKE = {  # both, and the profiles that there are of what differs
    # written No and drilled Yes make 50, so that a cap of 40 binds; one of 50 does not, nor of 60
    "a cap at what is reached": (
        changed(RULES, ("cap 40", "cap 50")), changed(RULES, ("cap 40", "cap 60")), 4 * 4),
    "a score decided in another order": (
        "scale s: Y = 100, N = 0\nindex i\n    indicator a\n        score 10 when q is Y\n"
        "        score 20 when q is N\n        score 30 otherwise\n    indicator b\n"
        "        question q on s\n",
        "scale s: Y = 100, N = 0\nindex i\n    indicator a\n        score 20 when q is N\n"
        "        score 10 otherwise\n    indicator b\n        question q on s\n", 3),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_what_every_profile_scores_alike_is_proved_by_looking_at_each(name):
    before, after, many = ALIKE[name]
    _, _, found = held(before, after)

    assert found.verdict is Verdict.PROVED
    assert found.tried == many
    assert found.alike == found.figures - 1
    assert len(found.enumerated) == 1


# What differs, the figure of which two scores are shown, and those two, worked out by hand.
UNLIKE = {
    # written Partly is 50 or 51 of the category that it is alone in; the index is that category
    "points by 1": (changed(RULES, ("Partly = 50", "Partly = 51")), ("ports",), None),
    # one part Yes and one No: weights 3:1 and 1:3 give 75 and 25, or the other way round
    "weights": (changed(RULES, ("weight 3", "weight 1/3")), ("ports",), None),
    "a cap": (changed(RULES, ("cap 40", "cap 41")), ("ports", "plans"), (F(40), F(41))),
    "a cap that is gone": (
        changed(RULES, ("        cap 40 when written is No and drilled is Yes\n", "")),
        ("ports", "plans"), (F(40), F(50))),
    "what a cap asks": (
        changed(RULES, ("written is No and drilled is Yes", "drilled is No and written is Yes")),
        ("ports", "plans"), None),
    "and for or": (changed(RULES, ("written is No and", "written is No or")), ("ports", "plans"),
                   None),
    # nothing answered: left out, there is no score; as 0, the score is 0
    "what a missing part counts as": (
        changed(RULES, ("    publish", "    when missing zero\n    publish")), ("ports",), None),
    "a floor": (changed(RULES, ("floor 10", "floor 11")), ("ports", "guards"), (F(10), F(11))),
    "how parts are put together": (
        changed(RULES, ("    publish", "    aggregate by geometric mean\n    publish")),
        ("ports",), None),
    "what is required": (
        changed(RULES, ("        cap 40", "        require 2 answers\n        cap 40")),
        ("ports",), None),
    "what is skipped": (
        changed(RULES, ("        floor", "        skip when drilled is Yes\n        floor")),
        ("ports", "guards"), None),
}  # fmt: skip


@pytest.mark.parametrize("name", UNLIKE)
def test_an_edit_that_moves_a_figure_is_shown_by_a_profile(name):
    after, path, scores = UNLIKE[name]
    for pair in ((RULES, after), (after, RULES)):
        _, _, found = held(*pair)
        assert found.verdict is Verdict.REFUTED
        assert found.witness is not None
        shown = {each.path: each for each in found.witness.figures}
        assert path in shown
        assert found.witness.figures[0].path == min(shown)  # the index first
        sides = shown[path].before.came[0], shown[path].after.came[0]
        assert scores is None or sides == (scores if pair[0] is RULES else scores[::-1])


def test_what_is_said_of_an_order_of_caps_and_floors_is_kept():
    # No and Yes make 50: the floor first, it is 60 and then 40; the cap first, 40 and then 60.
    one = changed(RULES, ("cap 40", "floor 60\n        cap 40"))
    other = changed(RULES, ("drilled is Yes\n", "drilled is Yes\n        floor 60\n"))

    _, _, found = held(one, other)

    assert found.witness is not None
    plans = found.witness.figures[-1]
    assert plans.path == ("ports", "plans")
    assert (plans.before.came[0], plans.after.came[0]) == (F(40), F(60))


def test_a_profile_says_no_more_than_it_needs():
    after = changed(RULES, ("cap 40", "cap 41"))

    _, _, found = held(RULES, after)

    assert found.witness is not None
    assert profile_lines(found.witness.profile) == ["answers:", "  written: No", "  drilled: Yes"]
    index, plans = found.witness.figures
    assert (index.before.printed, index.after.printed) == (F(40), F(41))
    assert (plans.before.band, plans.after.band) == ("Weak", "Weak")


PRINT = {
    "decimals": (("publish whole numbers", "publish 1 decimal"),
                 "`ports` publish", "whole numbers", "1 decimal"),
    "the printed range": (("publish whole numbers\n    bands Safe from 60, Weak from 0",
                           "publish as 0 to 10, whole numbers\n    bands Safe from 6, Weak from 0"),
                          "`ports` publish", "whole numbers", "as 0 to 10, whole numbers"),
    "bands": (("Safe from 60", "Safe from 61"), "`ports` bands", "Safe from 60, Weak from 0",
              "Safe from 61, Weak from 0"),
    "what bands read": (("    category plans", "    band by unrounded scores\n    category plans"),
                        "`ports` band by", "rounded scores", "unrounded scores"),
    "what ranks read": (("    category plans", "    rank by unrounded scores\n    category plans"),
                        "index `ports` rank by", "rounded scores", "unrounded scores"),
    "what changes count from": (
        ("    category plans", "    compare with 2019\n    category plans"),
        "index `ports` compare with", "", "2019, by rounded scores"),
    "a rating": (("    category plans",
                  "    rating grade of ports: A from 50, B from 0\n    category plans"),
                 "rating `ports.grade`", "", "of ports: A from 50, B from 0"),
    "who is ranked": (("    category plans", "    rank entities where armed is Yes\n"
                       "    category plans"),
                      "index `ports` rank", "everyone", "entities where armed is Yes"),
    "who is in the index": (("    category plans", "    include entities where armed is Yes\n"
                             "    category plans"),
                            "index `ports` include", "everyone", "entities where armed is Yes"),
}  # fmt: skip


@pytest.mark.parametrize("name", PRINT)
def test_what_is_printed_otherwise_is_named_with_both_settings(name):
    edit, what, before, after = PRINT[name]
    _, _, found = held(RULES, changed(RULES, edit))

    assert found.verdict is Verdict.REFUTED
    told = {(each.what, each.before, each.after) for each in found.differences}
    assert (what, before, after) in told
    assert found.alike == found.figures


def test_who_is_in_an_index_is_told_with_a_profile():
    include = "    include entities where armed is Yes\n    category plans"
    after = changed(RULES, ("    category plans", include))
    one, other, found = held(RULES, after)

    assert found.witness is not None
    assert found.witness.what == "index `ports` include"
    plans = [plan_index(each, each.indices[0]) for each in (one, other)]
    assert [included(plan, found.witness.profile) for plan in plans] == [True, False]


ANSWERS = {
    "a label": (("No = 0", "No = 0, Never = 0"), "question `written` answered `Never`",
                "refused", "accepted"),
    "another spelling": (('No = 0', 'No = 0 also "None"'), "question `armed` answered `None`",
                         "refused", "means No"),
    "a question": (("        floor", "        question paid on fair weight 0\n        floor"),
                   "question `paid`", "refused", "asked"),
    "what has to be answered": (("    publish", "    answer required\n    publish"),
                                "question `armed` not answered", "accepted", "refused"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_what_one_accepts_and_the_other_refuses_is_named(name):
    edit, what, before, after = ANSWERS[name]
    _, _, found = held(RULES, changed(RULES, edit))

    assert found.verdict is Verdict.REFUTED
    assert (what, before, after) in {(d.what, d.before, d.after) for d in found.differences}
    assert all(each.kind == "answer" for each in found.differences)


def test_what_is_plausible_and_what_may_be_given_are_held_side_by_side():
    _, _, found = held(NUMBERS, NUMBERS.replace("debt in euros, plausible 0 to 1000",
                                                "debt in euros, plausible 0 to 900"))  # fmt: skip
    assert [(d.what, d.before, d.after) for d in found.differences] == [
        ("measure `debt`", "0 to 1000", "0 to 900")
    ]
    given = "index i\n    range 0 to 10\n    indicator a\n        range 0 to 10\n        given\n"
    _, _, found = held(given, given.replace("10", "20"))
    assert ("given `i.a`", "0 to 10", "0 to 20") in {
        (d.what, d.before, d.after) for d in found.differences
    }


def test_when_a_question_is_asked_is_a_difference_in_that_edition_alone():
    asked = changed(RULES, ("question armed on fair", "question armed on fair\n"
                            "            asked from 2020"))  # fmt: skip
    later = asked.replace("2020", "2021")

    _, _, found = held(asked, later, editions=["2019", "2020", "2021"])
    assert [(d.what, d.before, d.after) for d in found.differences] == [
        ("question `armed` in edition 2020", "refused", "not asked")
    ]
    _, _, found = held(asked, later, editions=["2019"])
    assert found.verdict is Verdict.REFUTED  # the rules themselves name 2020
    _, _, found = held(asked, asked, editions=["2019", "2020"])
    assert found.verdict is Verdict.PROVED


def test_a_figure_of_another_name_is_in_one_alone_and_the_rest_is_held_side_by_side():
    after = changed(RULES, ("category guards", "category watch"), ("weight 3", "weight 2"))
    _, _, found = held(RULES, after)

    assert [(d.what, d.before, d.after) for d in found.differences] == [
        ("`ports.guards`", "category", ""),
        ("`ports.watch`", "", "category"),
    ]
    assert found.figures == 2  # the index, and its plans
    assert found.witness is not None
    assert [each.path for each in found.witness.figures] == [("ports",)]


def test_a_question_of_a_part_is_told_by_an_entity_with_a_part():
    _, _, found = held(PARTS, changed(PARTS, ("cap 80", "cap 30")))

    # Lit No, fenced Yes: 50, which a cap of 80 leaves and one of 30 does not.
    assert found.witness is not None
    assert {(each.path, each.part) for each in found.witness.figures} >= {
        (("ports",), ""), (("ports", "sites"), "")
    }  # fmt: skip
    sites = next(e for e in found.witness.figures if e.path == ("ports", "sites"))
    assert (sites.before.came[0], sites.after.came[0]) == (F(50), F(30))


def test_what_many_parts_show_is_looked_for_with_many():
    one = changed(PARTS, ("when missing worst", "when missing leave out"))
    _, _, found = held(PARTS, one)
    assert found.witness is not None  # a part without answers counts as 0, or not at all

    six = [changed(PARTS, ("when missing worst", f"require {n} answers")) for n in (5, 6)]
    _, _, found = held(*six)
    assert found.witness is not None
    assert len(found.witness.profile.parts["site"]) * 2 in (5, 6, 10, 12)


def test_what_stands_in_for_missing_parts_is_supposed():
    base = ("scale s: Y = 100, N = 0\ngroup region: North, South\nindex i\n"
            "    when missing leave out\n    question p on s\n    question q on s\n")  # fmt: skip
    after = changed(base, ("leave out", "average of region"))

    _, _, found = held(base, after)

    assert found.witness is not None
    assert found.witness.high is not None
    assert found.witness.profile.groups == {"region": "North"}
    (index,) = found.witness.figures
    assert index.before.came != index.after.came
    assert held(after, after)[2].verdict is Verdict.PROVED


def test_numbers_along_which_a_score_rises_are_tested_and_not_proved():
    # Both come to the same: half of the income's points and half of the debt's.
    after = changed(NUMBERS, ("normalise from 0 to 1000", "normalise power 1 from 0 to 1000"))
    assert held(NUMBERS, after)[2].verdict is Verdict.PROVED

    before = "index i\n    measure m in x, plausible 0 to 10\n        normalise from 0 to 10\n"
    split = before + "    floor 0 when m < 5\n    cap 100 when m ≥ 5\n"
    assert held(before, split)[2].verdict is Verdict.PROVED

    low = before + "    cap 50 when m ≤ 5\n"  # up to 5, the score is at most 50 anyway
    _, _, found = held(before, low)
    assert found.verdict is Verdict.TESTED
    assert found.tested == ("i",)
    assert found.tried > 0
    assert held(before, before + "    cap 49 when m ≤ 5\n")[2].verdict is Verdict.REFUTED


def test_an_answer_that_is_required_may_be_missing_where_it_is_skipped():
    # With r Yes nobody has to answer q, so that `q is answered` is not always so.
    before = (
        "scale s: Yes = 100, No = 0\nindex i\n    indicator a\n        question r on s\n"
        "        question q on s\n            answer required\n            skip when r is Yes\n"
        "    indicator b\n        question p on s\n        cap 50 when q is answered\n"
    )
    _, _, found = held(before, before.replace("cap 50 when q is answered", "cap 50"))

    assert found.verdict is not Verdict.PROVED


def test_a_solver_is_asked_what_trying_leaves_open():
    before = "index i\n    measure m in x, plausible 0 to 10\n        normalise from 0 to 10\n"
    low = before + "    cap 50 when m ≤ 5\n"

    _, _, found = held(before, low, solve=lambda _: Solved(True))
    assert (found.verdict, found.solved, found.tested) == (Verdict.PROVED, ("i",), ())
    _, _, found = held(before, low, solve=lambda _: Solved(None))
    assert found.verdict is Verdict.TESTED

    # A solver that is wrong is not believed: what it shows is scored.
    def wrong(pair):
        assert [side.plan for side in pair.sides] == [*pair.plans]
        chosen = {choice: Way("", F(5), F(5)) for choice in pair.choices.ways}
        return Solved(False, chosen)

    _, _, found = held(before, low, solve=wrong)
    assert found.verdict is Verdict.TESTED


# ---- from the command line

POLL = {"rules/poll/poll.bareme": RULES, "profiles/poll/2024/nor.yaml":
        "entity: NOR\nanswers:\n  written: Yes\n  drilled: No\n  armed: No\n"}  # fmt: skip


@pytest.fixture
def poll(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in POLL.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    commit(tmp_path)
    return tmp_path


def edit(folder: Path, *pairs: tuple[str, str], name: str = "rules/poll/poll.bareme") -> None:
    path = folder / name
    path.write_text(changed(path.read_text(encoding="utf-8"), *pairs), encoding="utf-8")


def said(capfd, *arguments: str, status: int) -> str:
    assert run_cli(["check", *arguments]) == status
    out = capfd.readouterr()
    return out.out + out.err


def test_it_is_proved_of_a_revision(poll, capfd):
    edit(poll, ("weight 3", "weight 75%"), ("weight 1", "weight 25%"))

    assert said(capfd, "--equivalent", "HEAD", status=0) == (
        "HEAD → the working tree\n"
        "poll: the same for every profile. This is proved.\n"
        "3 figures: 3 of one form, however written\n"
    )


def test_a_difference_is_shown_with_a_profile_and_both_scores(poll, capfd):
    edit(poll, ("cap 40", "cap 45"))

    assert said(capfd, "--equivalent", "HEAD", "--framework", "poll", status=1) == (
        "HEAD → the working tree\n"
        "poll: not the same.\n"
        "\n"
        "A profile that tells them apart:\n"
        "  answers:\n"
        "    written: No\n"
        "    drilled: Yes\n"
        "\n"
        "             HEAD     the working tree\n"
        "ports        40 Weak  45 Weak\n"
        "ports.plans  40 Weak  45 Weak\n"
    )


def test_a_setting_is_named_with_both_lines(poll, capfd):
    edit(poll, ("    publish whole numbers\n", "\n    publish 1 decimal\n"))

    assert said(capfd, "--equivalent", "HEAD", status=1).splitlines()[1:] == [
        "poll: not the same.",
        "Print   `ports` publish: whole numbers → 1 decimal",
        "        rules/poll/poll.bareme:3 → rules/poll/poll.bareme:4",
    ]


STRETCH = "index ports\n    measure m in x, plausible 0 to 10\n        normalise from 0 to 10\n"


def test_what_a_solver_proves_is_proved(poll, capfd):
    pytest.importorskip("z3")
    (poll / "old/rules/poll").mkdir(parents=True)
    (poll / "old/rules/poll/poll.bareme").write_text(STRETCH, encoding="utf-8")
    rules = poll / "rules/poll/poll.bareme"
    rules.write_text(f"{STRETCH}    cap 50 when m ≤ 5\n", encoding="utf-8")  # it is 50 at most

    assert "1 proved by a solver: `ports`" in said(capfd, "--equivalent", "old", status=0)


def test_what_is_only_tested_says_so_and_is_not_taken_for_proved(poll, capfd, monkeypatch):
    monkeypatch.setattr("bareme.cli.equivalence.available", lambda: False)
    rules = "rules/poll/poll.bareme"
    (poll / "old/rules/poll").mkdir(parents=True)
    (poll / "old" / rules).write_text(STRETCH, encoding="utf-8")
    (poll / rules).write_text(f"{STRETCH}    cap 50 when m ≤ 5\n", encoding="utf-8")

    out = said(capfd, "--equivalent", "old", status=1)

    assert "poll: not told apart by " in out
    assert "This is tested, not proved." in out
    assert "1 not proved: `ports`" in out


def test_the_profile_that_is_printed_can_be_pasted(poll, capfd):
    edit(poll, ("cap 40", "cap 45"))
    out = said(capfd, "--equivalent", "HEAD", status=1)
    lines = out.partition("apart:\n")[2].partition("\n\n")[0]
    pasted = "entity: NOR\n" + "\n".join(line[2:] for line in lines.splitlines()) + "\n"
    (poll / "profiles/poll/2024/nor.yaml").write_text(pasted, encoding="utf-8")

    rules = project.load(".", "poll")
    (now,) = rules.score(rules.cohort("2024")).values()

    assert now.figure("NOR", ("ports",)).score == 45


def test_json_holds_all_of_it(poll, capfd):
    edit(poll, ("cap 40", "cap 45"), ("Safe from 60", "Safe from 61"))

    found = json.loads(said(capfd, "--equivalent", "HEAD", "--format", "json", status=1))

    assert (found["format"], found["before"]) == ("bareme.equivalent/1", "HEAD")
    (poll_found,) = found["frameworks"]
    assert poll_found["verdict"] == "refuted"
    assert poll_found["profile"]["answers"] == {"written": "No", "drilled": "Yes"}
    assert [each["what"] for each in poll_found["differences"]] == ["`ports` bands"]
    assert poll_found["apart"][0] == {
        "figure": "ports", "part": None,
        "exact_before": "40", "exact_after": rational(F(45)),
        "score_before": 40, "score_after": 45,
        "band_before": "Weak", "band_after": "Weak",
        "status_before": "computed", "status_after": "computed",
    }  # fmt: skip


def test_every_key_of_its_json_is_documented(poll, capfd):
    edit(poll, ("cap 40", "cap 45"), ("Safe from 60", "Safe from 61"))
    found = json.loads(said(capfd, "--equivalent", "HEAD", "--format", "json", status=1))
    page = (Path(__file__).parent.parent / "docs/equivalent.md").read_text(encoding="utf-8")
    (held_side_by_side,) = found["frameworks"]
    (difference,), apart = held_side_by_side["differences"], held_side_by_side["apart"]

    keys = {*found, *held_side_by_side, *held_side_by_side["profile"], *difference, *apart[0]}
    assert {key for key in keys if f"`{key}`" not in page} - {"after"} == set()


def test_a_sealed_edition_and_a_folder_are_states_like_any_other(poll, capfd):
    assert run_cli(["seal", "2024", "-o", "old.sealed"]) == 0
    capfd.readouterr()
    assert "proved" in said(capfd, "--equivalent", "old.sealed", status=0)

    data = (poll / "old.sealed").read_bytes()
    (poll / "broken.sealed").write_bytes(data[: len(data) // 2])
    out = said(capfd, "--equivalent", "broken.sealed", status=2)
    assert out.startswith("in broken.sealed:\n")

    (poll / "other/rules/poll").mkdir(parents=True)
    (poll / "other/rules/poll/poll.bareme").write_text(
        RULES.replace("cap 40", "cap 45"), encoding="utf-8"
    )
    assert "not the same" in said(capfd, "--equivalent", "other", status=1)
    (poll / "other/rules/poll").rename(poll / "other/rules/else")
    out = said(capfd, "--equivalent", "other", status=1)
    assert "Figure  framework `poll`: its rules (new)" in out
    assert "Figure  framework `else`: its rules (gone)" in out


def test_rules_with_mistakes_are_not_held_side_by_side(poll, capfd):
    edit(poll, ("weight 3", "weight 3%"))
    assert said(capfd, "--equivalent", "HEAD", status=2).startswith("in the working tree:\n")
    assert "HAED" in said(capfd, "--equivalent", "HAED", status=2)


@pytest.mark.parametrize("more", [["--missing"], ["--coverage"], ["--watch"], ["--prove"],
                                  ["--edition", "2024"], ["--format", "csv"]])  # fmt: skip
@pytest.mark.usefixtures("poll")
def test_it_is_of_rules_alone(capfd, more):
    assert "it is of rules alone" in said(capfd, "--equivalent", "HEAD", *more, status=2)


# ---- at random


def small(chance: random.Random) -> str:
    """A program of three questions, whose profiles are few."""
    points = [chance.choice((0, 50, 100)) for _ in range(2)]
    label = chance.choice(("Yes", "Half", "No"))
    sign = chance.choice(("is", "is not"))
    lines = [
        f"scale s: Yes = 100, Half = {points[0]}, No = {points[1]}",
        "index i",
        f"    aggregate by {chance.choice(('arithmetic mean', 'minimum', 'geometric mean'))}",
        f"    when missing {chance.choice(('leave out', 'worst', 'no score'))}",
        "    category a",
        "        aggregate by arithmetic mean",
        f"        question p on s weight {chance.choice((1, 2))}",
        f"        question q on s weight {chance.choice((1, 2))}",
        f"        cap {chance.choice((40, 50, 60, 100))} when r {sign} {label}",
        "    indicator b",
        "        question r on s",
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(150))
def test_small_programs_are_the_same_where_every_profile_says_so(seed):
    chance = random.Random(seed)
    before = small(chance)
    texts = edited({"all": before}, chance, 1) if chance.random() < 0.5 else {"all": small(chance)}
    one, other = sound({"all": before}), sound(texts)
    found = equivalence(one, other)
    assert_witness(one, other, found)
    if any(each.kind != "print" for each in found.differences):
        return  # they do not ask the same, or have other figures

    alike = all(figures(one, each) == figures(other, each) for each in every_profile(one))

    assert found.verdict in ((Verdict.PROVED,) if alike else (Verdict.REFUTED,))


@pytest.mark.parametrize("start", range(0, 240, 20))
def test_no_random_profile_tells_apart_what_is_proved(start):
    for seed in range(start, start + 20):
        chance = random.Random(f"equivalent {seed}")
        files = Writer(chance).files
        one = sound(files)
        if one is None:
            continue
        other = sound(edited(files, chance, chance.choice((0, 1, 2))))
        found = equivalence(one, other)
        assert_witness(one, other, found)
        if found.verdict is not Verdict.PROVED:
            continue
        for _ in range(25):
            profile = random_profile(other, chance)
            try:
                assert figures(one, profile) == figures(other, profile), seed
            except TooLong:
                continue
