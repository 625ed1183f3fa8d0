"""The oracle of the proofs: its facts are those worked out by hand, and it tries every form.

Small texts have facts that follow in a line or two. What is drawn is sound, and holds everything
that there is to be proved. The flaw that is seeded is there, and nothing else.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest

import enumerated
from bareme.plan import plan_index
from bareme.profiles.profile import Profile
from bareme.profiles.read import read_profile
from bareme.record import replace
from bareme.scoring.exact import score
from bareme.source import Source
from enumerated import (
    Difference,
    Facts,
    NotEnumerable,
    Said,
    difference,
    effective_weights,
    enumerate_facts,
)
from enumerated import profile_count as counted
from flawed_indices import KINDS, flawed, flawless
from small_indices import EDITIONS, MOST, POLICIES, UNWEIGHED, WEIGHED, loaded, small_index

SCALES = "scale yes_no: Yes = 100, No = 0\nscale three: Yes = 100, Half = 50, No = 0\n"
SEEDS = range(300)


def facts(rules: str, editions: tuple[str, ...] = (), **how: bool) -> Facts:
    used = [row for row in SCALES.splitlines() if f" on {row.split()[1][:-1]}" in rules]
    return enumerate_facts(loaded({"all": "\n".join([*used, rules])}), editions, **how)


def asked(id: str, kind: str = "question", unit: str = "") -> Said:
    return Said(kind, id, unit)


def extremes(found: Facts, figure: str) -> tuple[Fraction, Fraction]:
    return found.least[figure].score, found.greatest[figure].score


def rules_in(found: frozenset) -> set[tuple[str, str, int]]:
    return {(each.figure, each.kind, each.number) for each in found}


# ---- worked out by hand


def test_a_plain_mean():
    found = facts(
        "index i\n"
        "    question a on yes_no weight 3\n"
        "    question b\n"
        "        options: Yes = 80, No = 30\n"
    )

    assert found.profiles == 3 * 3
    assert found.exact
    assert extremes(found, "i") == (0, 100)  # `a` alone is answered
    assert found.weights == {("i", asked("a")): Fraction(3, 4), ("i", asked("b")): Fraction(1, 4)}
    # 3/4 of 100 points, 1/4 of the 50 between 80 and 30
    assert found.effects == {("i", asked("a")): 75, ("i", asked("b")): Fraction(25, 2)}
    assert not found.lowered
    assert not found.inert
    assert not found.zero_weights


def test_a_cap_on_a_good_answer_lowers():
    found = facts(
        "index i\n    cap 60 when a is Yes\n    question a on three\n    question b on three\n"
    )

    assert found.profiles == 4 * 4
    assert extremes(found, "i") == (0, 100)  # `b` alone is answered
    # Only where b is Yes: 75 with Half, capped to 60 with Yes.
    assert found.lowered.keys() == {("i", asked("a"))}
    assert found.lowered["i", asked("a")].scores == (75, 60)
    # a with b at No: 0, 25, 50; b with a at No: 0, 25, 50. Nowhere more.
    assert found.effects == {("i", asked("a")): 50, ("i", asked("b")): 50}
    assert not found.never_binds


def test_what_no_answer_changes_is_dead_unless_it_is_counted():
    text = (
        "index i\n{}    question a on yes_no\n        answer required\n"
        "    question b on yes_no weight 0\n"
    )
    plain, counting = facts(text.format("")), facts(text.format("    require 1 answer\n"))

    assert plain.profiles == 2 * 3
    assert plain.dead == plain.inert == {asked("b")}
    assert plain.weights["i", asked("b")] == plain.effects["i", asked("b")] == 0
    assert counting.dead == set()
    assert counting.inert == {asked("b")}


def test_the_first_decision_that_holds_is_taken():
    found = facts(
        "questions on yes_no\n    question a\n    question b\n    question c\n"
        "index i\n    indicator d\n        score 100 when a is Yes or b is Yes\n"
        "        score 60 when a is Yes\n        score 0 otherwise\n"
        "    indicator e\n        ask c\n"
    )

    assert rules_in(found.never_taken) == {("i.d", "decision", 1)}
    assert not found.never_true
    assert extremes(found, "i.d") == (0, 100)
    assert found.weights == {("i", asked("c")): Fraction(1, 2)}
    assert found.effects["i", asked("a")] == 50  # from 0 to 100, half of the index


def test_caps_and_floors_that_meet():
    found = facts(
        "index i\n    cap 40 when a is No\n    floor 70 when b is Yes\n"
        "    cap 90 when a is Yes and a is No\n    cap 80 when a is No\n"
        "    question a on yes_no\n    question b on yes_no\n"
    )

    assert rules_in(found.never_true) == {("i", "cap", 2)}
    # Where a is No the score is 40, or 70 where b is Yes: the last cap is beyond both.
    assert rules_in(found.never_binds) == {("i", "cap", 2), ("i", "cap", 3)}
    pairs = {(cap.number, floor.number) for cap, floor in found.contradicting}
    assert pairs == {(0, 1)}
    assert not found.lowered  # a from No to Yes: from 70 to 100, from 0 to 50


def test_numbers_are_tried_at_each_turn_and_around_it():
    found = facts(
        "index i\n    cap 50 when m < 3\n"
        "    measure m, plausible 0 to 50\n        steps up to 5 = 100, above = 0\n"
    )

    assert found.profiles == 8  # none; 0, 1.5, 3, 4, 5, 27.5, 50
    assert found.exact
    assert extremes(found, "i") == (0, 100)
    assert found.effects == {("i", asked("m", "measure")): 100}
    assert not found.lowered


def test_goalposts_and_given_scores_are_tried_at_their_ends():
    found = facts(
        "index i\n    cap 30 when g >= 80\n"
        "    measure m in cases\n        normalise from 0 to 100\n"
        "    indicator g\n        given\n"
    )

    # m: none, -1, 0, 50, 100, 101; g: none, 0, 40, 80, 90, 100
    assert found.profiles == 6 * 6
    assert not found.exact
    assert not found.extremes_exact
    assert extremes(found, "i") == (0, 100)  # m alone is recorded
    # m at 100: 70 with g at 40, and 30 with g at 80
    assert found.lowered.keys() == {("i", asked("i.g", "given"))}
    assert found.lowered["i", asked("i.g", "given")].scores[1] == 30


def test_the_answer_of_one_part_is_one_answer():
    found = facts(
        "units site\nindex i\n    indicator u\n        for each site\n"
        "        indicator v\n            cap 40 when p is Yes\n            question p on three\n"
    )
    p = asked("p", unit="site")

    assert found.profiles == 5 * 5  # each part: not there, blank, or one of three labels
    assert not found.exact
    assert extremes(found, "i") == extremes(found, "i.u.v") == (0, 50)
    assert found.lowered.keys() == {("i", p), ("i.u", p), ("i.u.v", p)}
    assert found.lowered["i.u.v", p].scores == (50, 40)
    assert found.weights == {("i", p): 1}
    assert found.effects == {("i", p): 50}


def test_what_is_not_asked_is_not_answered():
    text = (
        "index i\n    question a on yes_no\n        asked from 2019\n    question b on yes_no\n{}"
    )

    assert facts(text.format(""), EDITIONS).profiles == 3 + 9
    assert facts(text.format("        answer required\n"), EDITIONS).profiles == 2 + 6
    assert facts(text.format("")).profiles == 9


def test_what_has_to_be_answered_may_lack_only_where_it_is_skipped_and_that_is_asked_for():
    text = (
        "index i\n    question a on yes_no\n    question b on yes_no\n"
        "        answer required\n        skip when a is Yes\n"
    )

    assert facts(text).profiles == 3 * 2
    assert facts(text, blank_where_not_needed=True).profiles == 3 * 2 + 1


@pytest.mark.parametrize(
    ("policy", "left"), [("leave out", {"i"}), ("zero", set()), ("no score", set())]
)
def test_weights_that_can_sum_to_zero(policy, left):
    found = facts(
        f"index i\n    when missing {policy}\n    indicator v weight 0\n"
        "        when missing leave out\n        question a on yes_no\n"
        "    indicator w\n        when missing leave out\n        question b on yes_no\n"
    )

    assert found.zero_weights == {"i"}  # `a` is answered and `b` is not
    assert found.zero_left == left
    assert not found.inert  # `a` is all of `v`


def test_a_group_is_named_or_not():
    found = facts(
        "group region: North, South\nindex i\n    question a on yes_no\n"
        "    question b on yes_no\n        skip when region is North\n"
    )

    assert found.profiles == 3 * 3 * 3
    assert found.effects["i", asked("a")] == 100  # in the north it is all that counts
    assert found.effects["i", asked("b")] == 50


def test_weights_multiply_on_the_way_and_add_up_over_ways():
    found = effective_weights(
        loaded(
            {
                "all": "scale yes_no: Yes = 100, No = 0\n"
                "questions on yes_no\n    question a\n    question b\n"
                "index i\n    indicator u weight 25%\n        ask a\n"
                "    indicator v weight 75%\n        ask a to b\n"
                "index j\n    indicator w same as i.v\n"
                "    indicator x\n        aggregate by minimum\n        ask b\n"
            }
        )
    )

    assert found == {
        ("i", asked("a")): Fraction(1, 4) + Fraction(3, 8),
        ("i", asked("b")): Fraction(3, 8),
        ("j", asked("a")): Fraction(1, 4),
        ("j", asked("b")): None,  # one of its ways is no mean
    }


@pytest.mark.parametrize(
    "rules",
    [
        "data n\nindex i\n    measure m\n        formula n * 2\n        normalise from 0 to 9\n",
        "index i\n    measure m\n        normalise log from 1 to 9\n",
        "index i\n    when missing average of all\n    question a on yes_no\n",
        "index i\n    include entities where a is Yes\n    question a on yes_no\n",
        "units site\nindex i\n    question a on yes_no\n    indicator u\n        for each site\n"
        "        question p on yes_no\n            skip when a is Yes\n",
    ],
)
def test_what_cannot_be_tried_in_full_is_refused(rules):
    with pytest.raises(NotEnumerable):
        facts(rules)


# ---- two rule texts

TWO = "    question a on yes_no\n    question b on yes_no\n"
ABOVE = "index i\n    measure m in cases\n        steps up to {} = 100, above = 0\n"


def differ(one: str, other: str) -> Difference | None:
    scale = SCALES.splitlines(keepends=True)[0]
    return difference(loaded({"all": scale + one}), loaded({"all": scale + other}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (  # only the proportion of weights counts
            "index i\n    question a on yes_no weight 2\n    question b on yes_no\n",
            "index i\n    question a on yes_no weight 6\n    question b on yes_no weight 3\n",
        ),
        (  # of two labels, a blank being neither
            f"index i\n    cap 20 when a is No\n{TWO}",
            f"index i\n    cap 20 when a is not Yes\n{TWO}",
        ),
        (f"index i\n    cap 50 when a is No\n{TWO}", f"index i\n{TWO}"),  # it never binds
        (f"index i\n{TWO}", f"index i\n    publish whole numbers, half up\n{TWO}"),
    ],
)
def test_rules_that_are_the_same_index(one, other):
    assert differ(one, other) is None


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (f"index i\n{TWO}", f"index i\n    cap 40 when a is No\n{TWO}", "i"),
        (f"index i\n{TWO}", f"index i\n    when missing no score\n{TWO}", "i"),
        (f"index i\n{TWO}", f"index j\n{TWO}", "the figures there are"),
        (f"index i\n{TWO}", f"index i\n    publish 1 decimal\n{TWO}", "how figures are published"),
        (f"index i\n{TWO}", f"index i\n{TWO}    question c on yes_no\n", "what may be said"),
    ],
)
def test_rules_that_are_not_the_same_index(one, other, what):
    found = differ(one, other)

    assert found is not None
    assert found.what == what
    assert (found.profile is not None) == (what == "i")


def test_rules_that_differ_between_two_numbers():
    one, other = (loaded({"all": ABOVE.format(limit)}) for limit in (5, 6))
    found = difference(one, other)

    assert found is not None
    assert found.profile is not None
    assert found.profile.answers["m"].value == Fraction(11, 2)  # the first above 5


# ---- profiles that are tried


def as_yaml(profile: Profile) -> str:
    """A profile as a person would write it down."""
    lines = ["entity: one", "answers:"]
    lines += [f"  {id}: {decimal_of(answer.text)}" for id, answer in profile.answers.items()]
    if not profile.answers:
        lines.pop()
    for path, each in profile.given.items():
        lines.append(
            f"given: {{{path[0]}: {{{'.'.join(path[1:])}: {decimal_of(str(each.score))}}}}}"
        )
    if profile.groups:
        lines += ["groups:", *(f"  {id}: {label}" for id, label in profile.groups.items())]
    for unit, parts in profile.parts.items():
        lines += ["parts:", f"  {unit}:"]
        for part in parts:
            answers = ", ".join(f"{id}: {answer.text}" for id, answer in part.answers.items())
            lines.append(f"    {part.name}: {{{answers}}}")
    return "\n".join(lines) + "\n"


def decimal_of(text: str) -> str:
    """A fraction whose decimals end, written with a point."""
    return str(float(Fraction(text))) if re.fullmatch(r"-?\d+(/\d+)?", text) else text


@pytest.mark.parametrize("seed", range(40))
def test_profiles_that_are_tried_are_read_and_score_the_same(seed):
    """The greatest and the least score of every figure, from a profile as text."""
    small = small_index(seed, most=300)
    framework = loaded(small.files)
    found = enumerate_facts(framework, small.editions)
    plans = [plan_index(framework, index) for index in framework.indices]

    for figure, reached in [*found.least.items(), *found.greatest.items()]:
        path = tuple(figure.split("."))
        if path in framework.scopes:
            continue
        read, faults = read_profile(Source("one.yaml", as_yaml(reached.profile)), framework)
        assert read is not None
        assert [each.message for each in faults if each.severity == "error"] == []
        unasked = reached.profile.unasked
        assert unasked.isdisjoint(read.answers)
        if not unasked:  # the reader is told of no edition
            plan = next(each for each in plans if each.index == path[0])
            assert score(plan, read).score_of(path) == reached.score
        low, high = framework.bounds[path]
        assert low <= reached.score <= high


def test_more_numbers_say_nothing_more_where_facts_are_exact(monkeypatch):
    """Neither of the facts that are called exact, nor of extremes that are."""
    with_numbers = [
        small
        for small in (small_index(seed, most=250) for seed in range(120))
        if re.search(r"^ +measure|^data|^ +given", small.text, re.MULTILINE)
    ]
    before = [enumerate_facts(loaded(small.files), small.editions) for small in with_numbers]
    around = enumerated._around

    def finer(turns: set[Fraction], within: tuple[Fraction, Fraction] | None) -> list[Fraction]:
        numbers = around(turns, within)
        return sorted({*numbers, *((3 * low + high) / 4 for low, high in pairwise(numbers))})

    monkeypatch.setattr(enumerated, "_around", finer)
    exact = extremes = more = 0
    for small, coarse in zip(with_numbers, before, strict=True):
        fine = enumerate_facts(loaded(small.files), small.editions)
        more += fine.profiles > coarse.profiles  # not where no condition reads the data
        if coarse.exact:
            exact += 1
            assert replace(fine, profiles=coarse.profiles) == coarse
        if coarse.extremes_exact:
            extremes += not coarse.exact
            assert (fine.least, fine.greatest) == (coarse.least, coarse.greatest)
        assert fine.lowered.keys() >= coarse.lowered.keys()  # what is found is there
        assert fine.never_binds <= coarse.never_binds
        assert fine.dead <= coarse.dead

    assert more > 10
    assert exact > 5
    assert extremes > 5


# ---- indices that are drawn

FORMS = {
    "own options": r"^ +options: ",
    "excluded label": r"= excluded",
    "answer required below a question": r"^        +answer required",
    "answer required for all": r"^    answer required",
    "steps upwards": r"steps up to",
    "steps downwards": r"steps from",
    "excluded step": r"below = excluded",
    "goalposts": r"normalise from 0",
    "goalposts the other way": r"normalise from 40 to 0",
    "plausible": r"measure .*plausible",
    "threshold on a measure": r"when.* m [>≤=<]",
    "threshold on data": r"when.* people [≥<]",
    "given": r"^ +given$",
    "group": r"when.*region is North",
    "category": r"^ +category c",
    "weight 0": r"weight 0( |$)",
    "weight 0%": r"weight 0%",
    "percents": r"weight 30%",
    "fraction": r"weight 1/2",
    "range below 0": r"range -",
    "rescale": r"^ +rescale$",
    "subtract": r" subtract",
    "require share": r"require 50%",
    "require count": r"require [12] answer",
    "cap always": r"cap \d+$",
    "floor always": r"floor \d+$",
    "cap on an answer": r"cap .*when q\d is [ABC]$",
    "floor on an answer": r"floor .*when q\d is [ABC]$",
    "cap on a score": r"cap .*when.*i\.[acdgt][.\w]* [>≤<≥=]",
    "floor on a score": r"floor .*when.*i\.[acdgt][.\w]* [>≤<≥=]",
    "and": r"when .*\) and \(",
    "or": r"when .*\) or \(",
    "not": r"when .*not \(",
    "at least": r"when .*at least 2 of",
    "is not": r"when .*q\d is not [ABC]",
    "one of": r"when .*is one of",
    "answered": r"when .*is answered",
    "not answered": r"when .*is not answered",
    "skip of a question": r"question .*\n( +(options|asked|answer).*\n)* +skip when",
    "skip of a figure": r"when missing .*\n( +(range|rescale|require|cap|floor).*\n)* +skip when",
    "decisions": r"score \d+ when .*\n.*\n +score \d+ otherwise",
    "same as": r"indicator t same as i\.",
    "another index": r"^index j",
    "asked twice": r"(?s)questions\n.* ask (q\d).* ask \1",
    "unit": r"for each site",
    "rule of a part": r"for each site\n(.*\n)+ +indicator v\n(.*\n)+ +(cap|skip)",
    "asked from": r"asked from",
    "asked to": r"asked to",
}


def test_small_indices_are_sound_and_small_and_hold_every_form():
    seen: dict[str, int] = dict.fromkeys(FORMS, 0)
    settings: set[str] = set()
    sizes: list[int] = []
    for seed in SEEDS:
        small = small_index(seed)
        framework = loaded(small.files)  # refuses what is not sound
        sizes.append(small.profiles)
        assert small.profiles == counted(framework, small.editions) <= MOST
        assert 2 <= len(framework.questions) <= 7
        for name, form in FORMS.items():
            seen[name] += bool(re.search(form, small.text, re.MULTILINE))
        settings |= set(re.findall(r"(?:aggregate by|when missing) (.*)", small.text))

    assert {name for name, count in seen.items() if not count} == set()
    assert settings == {*WEIGHED, *UNWEIGHED, *POLICIES}
    assert sum(sizes) / len(sizes) < 600  # so that thousands can be tried


def test_the_same_seed_draws_the_same():
    assert small_index(5) == small_index(5)
    assert small_index(5).text != small_index(6).text
    assert flawed(5, "dead question") == flawed(5, "dead question")


def test_every_verdict_comes_out_either_way_for_small_indices():
    """Else to hold a prover against them would say little."""
    every = [
        enumerate_facts(loaded(small.files), small.editions)
        for small in (small_index(seed, most=150) for seed in range(60))
    ]
    for name in ("exact", "lowered", "dead", "never_true", "never_binds", "never_taken",
                 "contradicting", "zero_weights", "zero_left"):  # fmt: skip
        share = sum(bool(getattr(each, name)) for each in every) / len(every)
        assert 0 < share < 1, f"{name}: {share}"


# ---- flaws that are seeded


def kinds_found(found: Facts) -> dict[str, set[tuple[str, str]]]:
    """The flaws in words, each with where it is: a figure and a rule or a question."""
    by_kind: dict[str, set[tuple[str, str]]] = {}

    def add(kind: str, figure: str, which: str) -> None:
        by_kind.setdefault(kind, set()).add((figure, which))

    for each in found.never_true:
        add("condition that can never hold", each.figure, each.kind)
    for each in found.never_binds:
        add(f"{each.kind} that never binds", each.figure, each.kind)
    for each in found.never_taken:
        add("decision that is never taken", each.figure, each.kind)
    for cap, _ in found.contradicting:
        add("cap and floor that contradict", cap.figure, "")
    for figure, said in found.lowered:
        add("better answer that lowers", figure, said.id)
    for said in found.dead:
        add("dead question", "", said.id)
    for figure in found.zero_weights:
        add("weights that can sum to zero", figure, "")
    return by_kind


@pytest.mark.parametrize("seed", range(15))
def test_nothing_is_amiss_where_nothing_is_seeded(seed):
    found = enumerate_facts(loaded(flawless(seed, small=True)))

    assert found.exact
    assert kinds_found(found) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_flaw_that_is_seeded_is_there_and_no_other(kind):
    written: set[str] = set()
    for seed in range(10):
        files, expected = flawed(seed, kind, small=True)
        found = kinds_found(enumerate_facts(loaded(files)))
        assert found.keys() == {kind, *expected.follows}, f"seed {seed}"
        where = {(figure, which) for figure, which in found[kind]}
        if kind == "dead question":
            assert where == {("", expected.question)}
        elif kind == "better answer that lowers":
            assert (expected.figure, expected.question) in where
            assert {which for _, which in where} == {expected.question}
        elif kind in ("cap and floor that contradict", "weights that can sum to zero"):
            assert where == {(expected.figure, "")}
        else:
            assert where == {(expected.figure, expected.rule)}
        row = files["all"].splitlines()[expected.line - 1]
        assert row.strip() == expected.written
        written.add(expected.written)
    assert len(written) > 1, "flaws of a kind are of more than one form"


@pytest.mark.parametrize("kind", KINDS)
def test_flawed_indices_are_sound_and_of_10_to_40_questions(kind):
    for seed in range(25):
        files, expected = flawed(seed, kind)
        framework = loaded(files)
        assert 10 <= len(framework.questions) + len(framework.measures) <= 40
        assert tuple(expected.figure.split(".")) in framework.figures
        assert files["all"].splitlines()[expected.line - 1].strip() == expected.written
