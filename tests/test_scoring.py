"""One entity, step by step: what each kind of step comes to, and what is scored again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import bareme
import generators as g
from bareme.profiles.profile import Profile
from bareme.record import replace
from bareme.scoring import exact
from bareme.scoring.exact import TooLong, included, ranked, rescore, score
from bareme.scoring.surroundings import ALONE, Average, Known
from bareme.scoring.trace import Status

RULES = """group region: North, South
units site

scale yes_no: Yes = 100, No = 0, "Not applicable" = excluded

index port "Port"
    include entities where region is North
    rank entities where region is North and lamps is Yes
    data tonnes
    category facts
        question lamps on yes_no
        question pilots on yes_no
    category depths
        measure depth
            normalise from 0 to 20
        measure load
            formula tonnes / depth
            normalise from 0 to 10
    category rated
        given
    category decided
        score 70 when pilots is Yes
        score 30 otherwise
    category again same as port.facts
    category capped same as port.depths
        cap 40 when facts < 100
    category sites
        for each site
        question fenced on yes_no
    category limited
        cap 40 when pilots is No
        question crews on yes_no
    category skipped
        skip when lamps is No
        question signs on yes_no
"""

PROFILE = """entity: X
groups: {region: North}
answers: {lamps: Yes, pilots: No, depth: 10, tonnes: 50, crews: Yes}
parts: {site: {A: {fenced: Yes}, B: {fenced: No}}}
"""


def port(*profiles: str):
    texts = {"rules/port/port.bareme": RULES}
    for at, text in enumerate(profiles or (PROFILE,)):
        texts[f"profiles/port/2024/e{at}.yaml"] = text
    with g.written(texts) as root:
        rules = bareme.load(Path(root))
        return rules.plans["port"], rules.cohort("2024").profiles


def by_path(trace) -> dict[str, tuple[Fraction | None, str]]:
    steps = zip(trace.plan.steps, trace.values, strict=True)
    return {".".join(step.path[1:]): (value.score, value.status.value) for step, value in steps}


def test_what_each_kind_of_step_comes_to():
    plan, (profile,) = port()
    found = by_path(score(plan, profile))

    assert found == {
        "facts.lamps": (100, "answered"),
        "facts.pilots": (0, "answered"),
        "facts": (50, "computed"),
        "depths.depth": (50, "answered"),
        "depths.load": (50, "answered"),  # 50 tonnes over a depth of 10
        "depths": (50, "computed"),
        "rated": (None, "missing"),
        "decided": (30, "computed"),
        "again": (50, "computed"),
        "capped": (40, "computed"),
        "sites": (50, "computed"),
        "limited.crews": (100, "answered"),
        "limited": (40, "computed"),
        "skipped.signs": (None, "missing"),
        "skipped": (None, "missing"),
        "": (Fraction(310, 7), "computed"),  # 50 four times, 40 twice and 30
    }


def test_what_is_missing_and_what_does_not_apply():
    plan, (profile,) = port(
        "entity: X\ngroups: {region: North}\nanswers: {lamps: No, pilots: Not applicable}\n"
    )
    found = by_path(score(plan, profile))

    nothing = {key: status for key, (value, status) in found.items() if value is None}
    assert nothing == {
        "facts.pilots": "not applicable",
        "depths.depth": "missing",
        "depths.load": "missing",
        "depths": "missing",
        "rated": "missing",
        "capped": "missing",
        "sites": "not applicable",  # there is none
        "limited.crews": "missing",
        "limited": "missing",
        "skipped.signs": "missing",
        "skipped": "not applicable",
    }
    assert found["again"] == (0, "computed")
    assert found["decided"] == (30, "computed")
    assert not any(each.rests_on_given for each in score(plan, profile).values)


def test_what_was_not_asked_says_so():
    plan, (profile,) = port()
    answers = {key: each for key, each in profile.answers.items() if key != "crews"}
    unasked = replace(profile, answers=answers, unasked=frozenset({"crews"}))
    trace = score(plan, unasked)
    found = by_path(trace)

    assert not any(each.rests_on_given for each in trace.values)
    assert found["limited.crews"] == (None, "not asked")
    assert found["limited"] == (None, "not applicable")


def test_what_rests_on_a_given_score_says_so():
    plan, (profile,) = port(PROFILE + "given: {port: {rated: 20, facts: 60}}\n")
    trace = score(plan, profile)
    found = by_path(trace)

    assert found["rated"] == (20, "given")
    assert found["facts"] == (60, "given")
    assert found["again"] == (60, "rests on given")
    assert found["limited"] == (40, "computed")
    assert found[""] == (Fraction(350, 8), "rests on given")  # 60, 50, 40 twice; 20 and 30
    resting = {
        ".".join(step.path[1:])
        for step, value in zip(plan.steps, trace.values, strict=True)
        if value.rests_on_given
    }
    assert resting == {"rated", "facts", "again", ""}


def test_who_is_in_and_who_is_ranked():
    plan, entities = port(
        PROFILE,
        PROFILE.replace("entity: X", "entity: Y").replace("North", "South"),
        PROFILE.replace("entity: X", "entity: Z").replace("lamps: Yes", "lamps: No"),
        "entity: W\n",
    )
    by_name = {each.entity: each for each in entities}

    assert {name: included(plan, each) for name, each in by_name.items()} == {
        "X": True, "Y": False, "Z": True, "W": False,
    }  # fmt: skip
    assert {name: ranked(plan, each) for name, each in by_name.items()} == {
        "X": True, "Y": False, "Z": False, "W": False,
    }  # fmt: skip


# ---- scored again

ANSWERS = {
    "lamps": (None, "No"),
    "pilots": (None, "Yes"),
    "depth": (None, "0", "5"),
    "tonnes": (None, "20"),
    "crews": (None, "No"),
    "signs": ("Yes",),
}
ALWAYS = {"decided", "capped", "limited", "skipped", "sites", "sites.fenced"}
"""Steps with conditions, and of parts, which may be looked at whatever was answered otherwise."""

READS = {
    "lamps": {"facts.lamps", "facts", "again", ""},
    "pilots": {"facts.pilots", "facts", "again", ""},
    "depth": {"depths.depth", "depths.load", "depths", ""},
    "tonnes": {"depths.load", "depths", ""},
    "crews": {"limited.crews", ""},
    "signs": {"skipped.signs", ""},
}


def other(profile: Profile, asked: str, text: str | None) -> Profile:
    answers = {key: each for key, each in profile.answers.items() if key != asked}
    if text is not None:
        number = Fraction(text) if text.isdigit() else None
        like = next(iter(profile.answers.values()))
        answers[asked] = replace(like, text=text, value=number)
    return replace(profile, answers=answers)


@pytest.mark.parametrize("asked", ANSWERS)
def test_another_answer_is_scored_again_where_it_may_count(asked, monkeypatch):
    plan, (profile,) = port()
    before = score(plan, profile)
    for text in ANSWERS[asked]:
        changed = other(profile, asked, text)
        wanted = score(plan, changed)
        looked_at = []

        def evaluate(step, so_far, looked_at=looked_at, evaluate=exact.evaluate):
            looked_at.append(".".join(step.path[1:]))
            return evaluate(step, so_far)

        with monkeypatch.context() as patched:
            patched.setattr(exact, "evaluate", evaluate)
            found = rescore(before, changed, asked)
        assert by_path(found) == by_path(wanted), (asked, text)
        assert found.profile == changed
        assert set(looked_at) <= READS[asked] | ALWAYS
        assert READS[asked] - {""} <= set(looked_at)


def test_an_answer_of_a_part_is_scored_again():
    plan, (profile,) = port()
    before = score(plan, profile)
    (a, b) = profile.parts["site"]
    like = next(iter(profile.answers.values()))
    both = replace(b, answers={"fenced": replace(like, text="Yes")})
    changed = replace(profile, parts={"site": (a, both)})

    assert rescore(before, changed, "fenced").values == score(plan, changed).values
    assert by_path(score(plan, changed))["sites"] == (100, "computed")
    assert rescore(before, profile, "fenced").values == before.values


# ---- too long


def test_what_is_too_long_is_said_of_the_step_and_the_entity():
    rules = "index big\n    data n\n    measure m\n        formula " + " * ".join(["n"] * 4000)
    texts = {
        "rules/big/big.bareme": rules + "\n        normalise from 0 to 10\n",
        "profiles/big/2024/x.yaml": "entity: X\nanswers: {n: 5}\n",
    }
    with g.written(texts) as root:
        loaded = bareme.load(Path(root))
        plan, (profile,) = loaded.plans["big"], loaded.cohort("2024").profiles
    huge = replace(profile.answers["n"], value=Fraction(10**12))
    long = replace(profile, answers={"n": huge})

    with pytest.raises(TooLong) as caught:
        score(plan, long)
    assert (caught.value.step.path, caught.value.profile) == (("big", "m"), long)
    assert str(caught.value) == "big.m"
    with pytest.raises(TooLong) as again:
        rescore(score(plan, profile), long, "n")
    assert (again.value.step.path, again.value.profile) == (("big", "m"), long)


# ---- what each step rested on


def lines(profile_text: str = PROFILE, rules: str = RULES):
    with g.written(
        {"rules/port/port.bareme": rules, "profiles/port/2024/e.yaml": profile_text}
    ) as root:
        loaded = bareme.load(Path(root))
        plan, (profile,) = loaded.plans["port"], loaded.cohort("2024").profiles
    trace = score(plan, profile)
    for number, line in enumerate(trace.lines):
        assert trace.line(number) == line
        assert line.value == trace.values[number]
    return {".".join(each.step.path[1:]): each for each in trace.lines}


def text_at(span, rules: str = RULES) -> str:
    return rules.encode()[span.start : span.end].decode()


def test_a_line_of_an_answer_names_its_label_and_the_rule_of_its_points():
    found = lines()
    line = found["facts.lamps"]

    assert (line.answer.text, line.label, text_at(line.points_span)) == ("Yes", "Yes", "Yes")
    assert (found["skipped.signs"].answer, found["skipped.signs"].label) == (None, "")


def test_a_line_of_a_measure_holds_what_was_worked_out():
    found = lines()

    assert found["depths.depth"].worked_out is None
    assert found["depths.depth"].answer.text == "10"
    assert text_at(found["depths.depth"].points_span) == "normalise from 0 to 20"
    load = found["depths.load"].worked_out
    assert (load.value, [(id, each.text) for id, each in load.read]) == (
        5,
        [("tonnes", "50"), ("depth", "10")],
    )
    missing = lines(PROFILE.replace("tonnes: 50, ", ""))["depths.load"]
    assert missing.worked_out.value is None
    assert [(id, each and each.text) for id, each in missing.worked_out.read] == [
        ("tonnes", None),
        ("depth", "10"),
    ]


def test_a_line_of_steps_shows_the_step():
    rules = "index port\n    measure depth\n        steps up to 5 = 0, up to 10 = 40, above = 100\n"
    (found,) = (lines("entity: X\nanswers: {depth: 10}\n", rules)["depth"],)

    assert found.value.score == 40
    assert (found.label, text_at(found.points_span, rules)) == ("up to 10", "up to 10 = 40")


def test_lines_of_figures_hold_their_parts_and_what_became_of_them():
    found = lines()
    plan_numbers = {path: line.step.number for path, line in found.items()}

    facts = found["facts"].inputs
    assert [(i.step, i.weight, i.share, i.contribution, i.counts_as) for i in facts] == [
        (plan_numbers["facts.lamps"], 1, Fraction(1, 2), 50, 100),
        (plan_numbers["facts.pilots"], 1, Fraction(1, 2), 0, 0),
    ]
    root = found[""].inputs
    assert [i.counts_as for i in root] == [50, 50, None, 30, 50, 40, 50, 40, None]
    assert {i.share for i in root if i.counts_as is not None} == {Fraction(1, 7)}
    assert {(i.share, i.contribution) for i in root if i.counts_as is None} == {(None, None)}
    assert found["decided"].decided.points == 30
    assert found["sites"].value.units[0].plan.index == "port"
    assert found["again"].repeats == plan_numbers["facts"]
    assert (found["again"].stages, found["facts"].stages, found["sites"].stages) == ((), (), ())
    assert [(each.score, each.applies) for each in found["capped"].stages] == [
        (50, True),
        (40, True),
    ]
    assert [(each.score, each.applies) for each in found["limited"].stages] == [
        (100, True),
        (40, True),
    ]
    unknown = lines(PROFILE.replace("pilots: No, ", ""))["limited"]
    assert [(each.score, each.applies) for each in unknown.stages] == [(100, True), (100, None)]
    not_so = lines(PROFILE.replace("pilots: No", "pilots: Yes"))["limited"]
    assert [(each.score, each.applies) for each in not_so.stages] == [(100, True), (100, False)]


def test_a_line_of_a_given_score_says_whether_it_is_in_place_of_another():
    given = lines(PROFILE + "given: {port: {rated: 20, facts: 60}}\n")

    assert (given["rated"].given.score, given["rated"].overrides) == (20, False)
    assert (given["facts"].given.score, given["facts"].overrides) == (60, True)
    assert given["facts"].inputs == ()
    assert (given["depths"].given, given["depths"].overrides) == (None, False)


def test_a_line_of_what_is_skipped_shows_the_condition():
    line = lines(PROFILE.replace("lamps: Yes", "lamps: No"))["skipped"]

    assert text_at(line.skipped.span) == "lamps is No"
    assert line.value.status is Status.NOT_APPLICABLE
    assert lines()["skipped"].skipped is None


# ---- answers that are required

REQUIRING = """units site

scale yes_no: Yes = 100, No = 0, "Not applicable" = excluded

index port
    require {}
    category facts
        question lamps on yes_no
        question pilots on yes_no
    category again same as port.facts
    category rated
        given
    category sites
        for each site
        question fenced on yes_no
    category decided
        score 70 when lamps is Yes
        score 30 otherwise
"""


def required(require: str, answers: str, more: str = ""):
    line = lines(f"entity: X\nanswers: {{{answers}}}\n{more}", REQUIRING.format(require))[""]
    return line.required.there, line.required.apply, line.required.met, line.value.score is None


PARTS = "parts: {site: {A: {fenced: Yes}, B: {fenced: Not applicable}, C: {}}}\n"


def test_answers_are_counted_wherever_they_stand():
    """Two facts, twice; a given score; two sites that it applies to; and what is decided."""
    assert required("50% of answers", "lamps: Yes", PARTS) == (4, 8, True, False)
    assert required("51% of answers", "lamps: Yes", PARTS) == (4, 8, False, True)
    assert required("4 answers", "lamps: Yes", PARTS) == (4, 8, True, False)
    assert required("5 answers", "lamps: Yes", PARTS) == (4, 8, False, True)
    nothing = "lamps: Yes, pilots: Not applicable"
    assert required("50% of answers", nothing, PARTS) == (4, 6, True, False)


def test_a_figure_that_is_decided_has_the_answer_that_it_requires():
    decided = "    category decided\n        require 1 answer\n"
    rules = REQUIRING.format("1 answer").replace("    category decided\n", decided)
    line = lines("entity: X\nanswers: {lamps: Yes}\n", rules)["decided"]

    assert (line.required.there, line.required.apply, line.required.met) == (1, 1, True)
    assert line.value.score == 70


def test_a_figure_without_the_answers_that_it_requires_is_not_capped():
    def stages(require: str) -> list[Fraction]:
        rules = REQUIRING.format(f"{require}\n    cap 40 when lamps is Yes")
        line = lines("entity: X\nanswers: {lamps: Yes}\n", rules)[""]
        return [each.score for each in line.stages]

    assert stages("1 answer") == [90, 40]  # of 100, 100 and 70
    assert stages("8 answers") == []


def test_a_given_score_counts_as_one_answer():
    for figure, wanted in {
        "facts": (4, 6),
        "again": (4, 7),
        "sites": (4, 7),
        "rated": (5, 8),
    }.items():
        given = f"given: {{port: {{{figure}: 60}}}}\n"
        assert required("1 answer", "lamps: Yes", PARTS + given)[:2] == wanted, figure


# ---- the mean of others


def test_an_average_is_of_the_others_and_rests_on_any_given_score():
    _, (profile,) = port()
    known = {
        "A": Known("", Fraction(10), False),
        "B": Known("", Fraction(30), True),
        "C": Known("", Fraction(50), False),
    }
    average = Average("all", False, known)
    assert not ALONE.partial

    def of(entity: str) -> tuple[Fraction, bool, int]:
        found = average.for_entity(replace(profile, entity=entity))
        assert found is not None
        return found.score, found.rests_on_given, found.entities

    assert of("X") == (30, True, 3)
    assert of("A") == (40, True, 2)
    assert of("B") == (30, False, 2)
    assert of("X") == (30, True, 3)  # and again


def test_an_average_of_a_group_is_of_those_who_share_its_label():
    _, (profile,) = port()
    known = {
        "A": Known("North", Fraction(10), False),
        "B": Known("North", Fraction(30), False),
        "C": Known("South", Fraction(50), True),
    }
    average = Average("region", True, known)
    found = average.for_entity(replace(profile, entity="X"))

    assert (found.score, found.rests_on_given, found.entities) == (20, False, 2)
    assert (found.group, found.label, found.partial) == ("region", "North", True)
    alone = replace(profile, entity="C", groups={"region": "South"})
    assert average.for_entity(alone) is None
    assert average.for_entity(replace(profile, groups={})) is None


# ---- the parts of an entity

FENCES = """units site

scale yes_no: Yes = 100, No = 0, "Not applicable" = excluded

index port
    when missing {missing}
    for each site
    question fenced on yes_no
    question lit on yes_no weight 3
    question watched on yes_no weight 4
"""
THREE_SITES = """entity: X
parts:
  site:
    A: {fenced: Yes, lit: No, watched: No}
    B: {fenced: No, lit: Yes, watched: Yes}
    C: {}
"""


@pytest.mark.parametrize(
    ("missing", "counted", "score"),
    [
        ("leave out", [Fraction(25, 2), Fraction(175, 2), None], 50),
        ("zero", [Fraction(25, 2), Fraction(175, 2), 0], Fraction(100, 3)),
        ("no score", [Fraction(25, 2), Fraction(175, 2), None], None),
    ],
)
def test_each_part_is_scored_by_itself_and_what_is_missing_counts_as_the_rules_say(
    missing, counted, score
):
    line = lines(THREE_SITES, FENCES.format(missing=missing))[""]

    units = line.value.units
    assert [each.part.name for each in units] == ["A", "B", "C"]
    assert line.value.score == score
    assert line.value.status == ("missing" if score is None else "computed")
    assert [each.value.score for each in units[:2]] == counted[:2]
    assert [each.trace.score for each in units[:2]] == counted[:2]
    if missing != "zero":  # else nothing is missing inside the part
        assert [each.counts_as for each in units] == counted
        assert [each.blocks for each in units] == [False, False, missing == "no score"]


# ---- the order of steps

YES = "scale yes_no: Yes = 100, No = 0\n"
READS_ON = f"""{YES}index port
    category early
        question lamps on yes_no
            skip when late < 50
        question pilots on yes_no
    category late
        question signs on yes_no
"""


def test_what_a_condition_reads_is_scored_before_it():
    found = lines("entity: X\nanswers: {lamps: No, pilots: Yes, signs: No}\n", READS_ON)

    assert list(found) == [
        "late.signs", "late", "early.lamps", "early.pilots", "early", "",
    ]  # fmt: skip
    assert found["early.lamps"].value.status is Status.NOT_APPLICABLE
    assert found["early"].value.score == 100
    kept = lines("entity: X\nanswers: {lamps: No, pilots: Yes, signs: Yes}\n", READS_ON)
    assert kept["early"].value.score == 50


def test_what_is_scored_for_each_part_is_no_step_of_the_entity():
    rules = FENCES.format(missing="leave out")

    assert list(lines(THREE_SITES, rules)) == [""]
    assert [step for step in lines() if step.startswith("sites")] == ["sites"]


PART_READS_ON = f"""{YES}units site
index port
    for each site
    question fenced on yes_no
        skip when guard < 50
    indicator guard
        question watched on yes_no
        question armed on yes_no
"""


def test_a_condition_of_a_part_reads_scores_of_that_part():
    parts = "    A: {fenced: Yes, watched: No, armed: No}\n"
    parts += "    B: {fenced: No, watched: Yes, armed: Yes}\n"
    line = lines(f"entity: X\nparts:\n  site:\n{parts}", PART_READS_ON)[""]

    # of A `guard` is 0, so that nothing else applies; of B 100, and `fenced` is 0
    assert [each.value.score for each in line.value.units] == [0, 50]
    assert line.value.score == 25
    unit = line.value.units[0]
    assert unit.plan.index == "port"
    assert [".".join(step.path[1:]) for step in unit.plan.steps] == [
        "guard.watched", "guard.armed", "guard", "fenced", "",
    ]  # fmt: skip


PART_CAPS = f"""{YES}units site
index port
    for each site
    indicator gate
        question fenced on yes_no
        cap 50 when guard < 50
    indicator guard
        question watched on yes_no
"""


def test_a_cap_of_a_part_reads_scores_of_that_part_wherever_they_stand():
    parts = "    A: {fenced: Yes, watched: No}\n    B: {fenced: Yes, watched: Yes}\n"
    line = lines(f"entity: X\nparts:\n  site:\n{parts}", PART_CAPS)[""]

    assert [each.value.score for each in line.value.units] == [25, 100]  # 50 and 0; 100 and 100
    steps = [".".join(step.path[1:]) for step in line.value.units[0].plan.steps]
    assert steps == ["guard.watched", "guard", "gate.fenced", "gate", ""]


# ---- sums and methods without weights

SUMMED = f"""{YES}index port
    aggregate by sum
    range -100 to 150
    when missing worst
    question fenced on yes_no
    question lit on yes_no weight 1/2
    category fines subtract
        given
"""


def test_what_is_worst_of_a_part_that_is_subtracted_is_the_most():
    line = lines("entity: X\nanswers: {fenced: Yes}\n", SUMMED)[""]

    assert [each.counts_as for each in line.inputs] == [100, 0, 100]
    assert [each.contribution for each in line.inputs] == [100, 0, -100]
    assert line.value.score == 0
    assert {each.share for each in line.inputs} == {None}  # a sum has no shares
    assert line.required is None


def test_parts_of_a_method_without_weights_have_no_shares():
    rules = SUMMED.partition("    aggregate")[0] + "    aggregate by maximum\n"
    rules += "    question fenced on yes_no\n    question lit on yes_no\n"
    line = lines("entity: X\nanswers: {fenced: Yes, lit: No}\n", rules)[""]

    assert [(each.share, each.contribution) for each in line.inputs] == [(None, None)] * 2
    assert [each.counts_as for each in line.inputs] == [100, 0]
    assert line.value.score == 100


# ---- what levels are called

LEVELS = """index port
    levels {names}
    category outer
        category inner
            category innermost
                indicator deep
                    given
    indicator shallow
        given
"""


@pytest.mark.parametrize(
    ("names", "called"),
    [
        ("pillar, area, part, theme", ["pillar", "area", "part", "theme", "theme"]),
        ("pillar, area, theme", ["pillar", "area", "", "theme", "theme"]),
        ("theme", ["", "", "", "theme", "theme"]),
    ],
)
def test_levels_are_called_from_the_top_down_and_indicators_by_the_last_name(names, called):
    found = lines("entity: X\n", LEVELS.format(names=names))

    paths = ["outer", "outer.inner", "outer.inner.innermost"]
    paths += ["outer.inner.innermost.deep", "shallow"]
    assert [found[each].step.called for each in paths] == called
    assert found[""].step.called == ""
