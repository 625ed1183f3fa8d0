"""What the laws of the field say of small rules: each fault once, at its line, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import generators as g
from bareme.diagnostics import Diagnostic
from bareme.project import read_rules

YES_NO = "scale yes_no: Yes = 100, No = 0\n"


def found(rules: str) -> list[Diagnostic]:
    """All that is said of rules."""
    with g.written({"rules/norms/norms.bareme": rules}) as root:
        return list(read_rules(Path(root), "norms").diagnostics)


def said(rules: str) -> list[str]:
    """The code of each message, and the text that it stands at."""
    texts = rules.encode()
    return [
        f"{each.code} {texts[each.span.start : each.span.end].decode()}" for each in found(rules)
    ]


# ---- bands

FINES = """        category fines{0} subtract
            aggregate by sum
            range -50 to 0
            category fined{0}
                range -50 to 0
                given
"""
SUMS = """index law
    bands High from 50, Low from 0
    category ports
        aggregate by sum
        range 0 to 100
        when missing no score
"""


def test_bands_that_leave_scores_of_another_range_are_said_once_a_range():
    rules = SUMS + FINES.format(1) + FINES.format(2)
    lowest = [each for each in found(rules) if each.code == "E306"]

    assert [each.message for each in lowest] == [
        "these bands hold for category `fines1` too, and its scores from -50 to below 0 "
        "belong to none"
    ]
    assert [note.message for note in lowest[0].notes] == ["its range is declared here"]


def test_a_lowest_band_may_be_the_highest_score_and_leaves_the_rest():
    index = "index law\n    bands Best from 100\n    indicator ports\n        given\n"

    assert [each.message for each in found(index)] == [
        "scores from 0 to below 100 belong to no band"
    ]
    assert found(index.replace("100", "0")) == []


# ---- changes


def test_each_index_is_looked_at_for_unrounded_changes_from_print():
    one = "index {}\n    compare with 2020{}\n    compare by unrounded scores\n"
    below = "    indicator ports\n        given\n"
    fine, wrong = one.format("law", "") + below, one.format("sea", " as published") + below

    assert said(fine + wrong) == ["E232 compare by unrounded scores"]
    assert said(fine + fine.replace("law", "sea")) == []


# ---- circles


def circles(rules: str) -> list[str]:
    return [each.message for each in found(YES_NO + rules) if each.code == "E304"]


def test_a_circle_is_shown_without_what_hangs_on_it():
    rules = """index cyber
    category law
        indicator courts
            question fair on yes_no
        indicator practice same as cyber.law
"""
    assert circles(rules) == [
        "`cyber.law.practice` depends on itself: "
        "`cyber.law.practice` → `cyber.law` → `cyber.law.practice`"
    ]


def test_a_circle_is_said_once_whatever_else_rests_on_it():
    rules = """index before
    indicator first same as cyber.law
index cyber
    indicator law same as trade.law
index trade
    indicator law same as docks.law
index docks
    indicator law same as cyber.law
index after
    indicator last same as trade.law
"""
    around = ["`cyber.law`", "`trade.law`", "`docks.law`", "`cyber.law`"]
    assert circles(rules) == [f"`cyber.law` depends on itself: {' → '.join(around)}"]


def test_each_figure_on_a_circle_is_noted_once():
    rules = """index cyber
    category law
        cap 50 when practice > 60
        indicator practice same as cyber.law
"""
    (circle,) = [each for each in found(rules) if "`cyber.law` →" in each.message]

    assert [note.message for note in circle.notes].count("and `cyber.law` reads that") == 1


def test_of_several_conditions_the_one_on_the_circle_is_shown():
    rules = """index cyber
    indicator law
        cap 60 when apart < 20
        cap 50 when practice > 60
        question fair on yes_no
    indicator practice
        floor 20 when apart > 60
        floor 10 when law > 60
        question trained on yes_no
    indicator apart
        question kept on yes_no
"""
    assert said(YES_NO + rules) == ["E304 practice > 60"]
    (circle,) = found(YES_NO + rules)
    (note,) = circle.notes
    assert (YES_NO + rules)[note.span.start : note.span.end] == "law > 60"


# ---- what stands in for missing parts


def test_an_average_over_parts_is_said_once_and_where_to_mend_it():
    rules = """units site
scale yes_no: Yes = 100, No = 0
index theft
    category inner
        when missing average of all
        category fences
            for each site
            indicator high
                question fenced on yes_no
            indicator bright
                question lit on yes_no
"""
    (one,) = found(rules)

    assert one.code == "E235"
    assert one.help == "write `when missing leave out`, say, under `fences`"
    mended = rules.replace(
        "            for", "            when missing average of all\n            for"
    )
    (own,) = found(
        mended.replace("        when missing average of all\n        category", "        category")
    )
    assert own.help == "write `when missing leave out`, say, in its place"


def taking(first: str, second: str, more: str = "") -> str:
    return f"""group region: North, South
scale yes_no: Yes = 100, No = 0
index theft
{first}    category guards
        category posts
            when missing average of all
            question armed on yes_no
    category gates
        question shut on yes_no
index sabotage
{second}{more}    category own
        question awake on yes_no
    category guards same as theft.guards
"""


NORTH = "    include entities where region is North\n"


def test_a_score_with_averages_in_it_is_taken_from_an_index_of_the_same_entities_only():
    assert said(taking("", "")) == []
    assert said(taking(NORTH, NORTH)) == []
    assert said(taking(NORTH, "")) == ["E235 theft.guards"]
    assert said(taking("", NORTH)) == ["E235 theft.guards"]
    (one,) = found(taking(NORTH, ""))
    assert [note.message for note in one.notes] == ["`when missing average of all` is set here"]
    assert said(taking(NORTH, "").replace("same as theft.guards", "same as theft.gates")) == []


def test_all_that_a_figure_takes_is_looked_at():
    cap = "    category guards same as theft.guards\n        cap 50 when own > 60\n"
    rules = taking(NORTH, "").replace("    category guards same as theft.guards\n", cap)

    assert said(rules) == ["E235 theft.guards"]


def test_averages_are_looked_for_in_a_circle_too():
    rules = taking(NORTH, "").replace(
        "    category gates\n        question shut on yes_no\n",
        "    category gates same as theft.more\n    category more same as theft.other\n"
        "    category other same as theft.more\n",
    )

    assert said(rules.replace("same as theft.guards", "same as theft.gates")) == [
        "E304 theft.other"
    ]


# ---- levels


def chain(many: int) -> list[str]:
    """Indices whose figure is the same as that of the one before, so many levels in all."""
    first = "index i1\n    indicator law\n        given\n"
    return [
        first,
        *(f"index i{n}\n    indicator law same as i{n - 1}.law\n" for n in range(2, many + 1)),
    ]


def test_figures_rest_on_others_through_128_levels_and_no_more():
    assert said("".join(chain(128))) == []
    assert said("".join(chain(129))) == ["E111 i128.law"]
    assert said("".join(chain(131))) == ["E111 i128.law"]  # once


def test_levels_are_counted_whatever_the_order_of_the_rules():
    assert said("".join(reversed(chain(128)))) == []
    assert said("".join(reversed(chain(129)))) == ["E111 i128.law"]


def test_the_longest_of_several_ways_counts():
    """A figure that rests on a long chain, and on figures that rest on nothing."""
    around = "index all\n    category c\n        indicator a\n            given\n{}"
    long = "        indicator law same as i{}.law\n        indicator b\n            given\n"
    last = "    indicator last same as all.c\n"

    def rules(many: int) -> str:
        return "".join(chain(many)) + around.format(long.format(many) + last)

    assert said(rules(125)) == []  # and three: `law`, `c` and `last`
    assert said(rules(126)) == ["E111 all.c"]
    twice = rules(125).replace(
        "        indicator b", "        indicator b2 same as i3.law\n        indicator b"
    )
    assert said(twice) == []


def test_a_circle_counts_as_nothing_and_ends_the_count():
    rules = "index a\n    indicator x same as b.x\nindex b\n    indicator x same as a.x\n"

    assert said(rules) == ["E304 b.x"]
    assert said(rules + "index c\n    indicator x same as a.x\n") == ["E304 b.x"]

    def after_a_circle(many: int) -> str:  # two levels, and so many
        chained = (
            "".join(chain(many))
            .replace("        given\n", "")
            .replace("indicator law\n", "indicator law same as a.x\n", 1)
        )
        return rules + chained

    assert said(after_a_circle(126)) == ["E304 b.x"]
    assert said(after_a_circle(127)) == ["E304 b.x", "E111 i126.law"]


def test_a_figure_that_reads_scores_twice_is_looked_at_too():
    caps = "".join(f"        cap {at} when apart.{id} > {at}\n" for id in "abc" for at in (40, 50))
    top = f"index top\n    indicator law same as i128.law\n{caps}"
    apart = "".join(f"    indicator {id}\n        given\n" for id in "abc")

    assert said(f"{top}{''.join(chain(128))}index apart\n{apart}") == ["E111 i128.law"]


# ---- ranges


def messages(rules: str) -> list[str]:
    return [each.message for each in found(rules)]


def measured(head: str, posts: str, more: str = "") -> str:
    return f"index port\n    measure depth{head}\n        normalise {posts}{more}\n"


OUT = "a profile with {} for `depth` would leave 0 to 100: its goalposts are `unclamped`"


@pytest.mark.parametrize("posts", ["from 10 to 20", "from 20 to 10"])
@pytest.mark.parametrize(
    ("plausible", "beyond"),
    [
        (", plausible 10 to 20", None),
        (", plausible 12 to 18", None),
        (", plausible 10 to 20.5", "20.5"),
        (", plausible 9 to 20", "9"),
        (", plausible 20 to 30", "30"),  # 20 is within
        (", plausible 5 to 10", "5"),
        (", plausible 9 to 21", "9"),
        ("", "21"),
    ],
)
def test_goalposts_are_unclamped_where_what_is_plausible_lies_between_them(
    posts, plausible, beyond
):
    rules = measured(plausible, posts, " unclamped")

    assert messages(rules) == ([] if beyond is None else [OUT.format(beyond)])
    for each in found(rules):
        assert "`plausible 10 to 20`" in each.help
        assert each.notes == ()
        assert after(rules, each) == measured(plausible, posts)
    assert found(measured(plausible, posts)) == []


def after(rules: str, each: Diagnostic) -> str:
    """The rules once the fix of a message is made."""
    for edit in sorted(each.fix, key=lambda edit: -edit.span.start):
        rules = rules[: edit.span.start] + edit.text + rules[edit.span.end :]
    return rules


def test_what_is_worked_out_is_never_unclamped():
    head = "index port\n    data draught\n    measure depth\n        formula draught * 2\n"
    rules = f"{head}        normalise from 0 to 40 unclamped\n"

    assert messages(rules) == [
        "what `depth` is worked out to may lie beyond its goalposts, and they are `unclamped`"
    ]
    assert after(rules, found(rules)[0]) == f"{head}        normalise from 0 to 40\n"


def test_goalposts_that_are_set_further_up_are_shown_with_their_measure():
    rules = """index port
    normalise from 0 to 20 unclamped
    indicator wharf
        measure depth
"""
    (one,) = found(rules)

    assert one.message == OUT.format(21)


def test_points_of_labels_and_steps_lie_from_0_to_100():
    def of_label(points: str) -> list[str]:
        return messages(f"scale s: Yes = {points}, No = 50\nindex law\n    question q on s\n")

    def of_step(points: str) -> list[str]:
        steps = f"        steps up to 10 = 50, above = {points}\n"
        return messages(f"index law\n    measure m\n{steps}")

    assert [of_label(each) for each in ("0", "100")] == [[], []]
    assert of_label("100.5") == ["a profile that answers `Yes` to `q` would score 100.5, above 100"]
    assert of_label("-0.5") == ["a profile that answers `Yes` to `q` would score -0.5, below 0"]
    assert [of_step(each) for each in ("0", "100")] == [[], []]
    assert of_step("100.5") == ["`m` above that would score 100.5, above 100"]
    assert of_step("-0.5") == ["`m` above that would score -0.5, below 0"]


@pytest.mark.parametrize(
    ("line", "amiss"),
    [
        ("cap {} when fair is No", "cap"),
        ("floor {} when fair is Yes", "floor"),
    ],
)
def test_a_cap_or_a_floor_is_a_score_of_the_figure(line, amiss):
    def of(points: str, range: str = "") -> list[str]:
        below = f"        {line.format(points)}\n        question fair on yes_no\n"
        return messages(f"{YES_NO}index cyber\n    indicator law\n{range}{below}")

    assert [of(each) for each in ("0", "100", "50")] == [[], [], []]
    for points in ("100.5", "-0.5"):
        assert of(points) == [
            f"`{amiss} {points}` lies outside 0 to 100, where the scores of indicator `law` are"
        ]


def test_a_decided_score_is_of_the_figure():
    def of(points: str) -> list[str]:
        decided = f"        score {points} when fair is Yes\n        score 50 otherwise\n"
        question = "    indicator facts\n        question fair on yes_no\n"
        return messages(f"{YES_NO}index cyber\n{question}    indicator law\n{decided}")

    assert [of(each) for each in ("0", "100", "50")] == [[], [], []]
    for points in ("100.5", "-0.5"):
        assert of(points) == [
            f"`score {points}` lies outside 0 to 100, where the scores of indicator `law` are"
        ]


def test_a_given_figure_has_neither_caps_nor_floors():
    rules = "index law\n    category a\n        given\n        cap 50\n        floor 10\n"

    assert said(rules) == ["E215 cap 50"]
    assert messages(rules) == ["category `a` is `given` by profiles and also has a cap"]


# ---- sums, and means of one range


def summed(scores: str, *parts: str, missing: str = "no score", more: str = "") -> str:
    below = "".join(
        f"    category {'abc'[at]} {weight}\n        given\n" for at, weight in enumerate(parts)
    )
    head = f"index law\n    aggregate by sum\n    when missing {missing}\n"
    return f"{head}    range {scores}\n{more}{below}"


def test_a_sum_keeps_to_its_range_at_both_ends():
    assert messages(summed("0 to 300", "", "weight 2")) == []
    assert messages(summed("0 to 299", "", "weight 2")) == [
        "the best answers to everything below it would give index `law` 300, outside 0 to 299"
    ]
    assert messages(summed("-100 to 100", "", "subtract")) == []
    assert messages(summed("-99 to 100", "", "subtract")) == [
        "the worst answers to everything below it, or none would give index `law` -100, outside "
        "-99 to 100"
    ]
    mended = after(rules := summed("0 to 299", "", "weight 2"), found(rules)[0])
    assert mended == summed("0 to 300", "", "weight 2")


def test_a_sum_says_what_a_missing_part_does():
    assert messages(summed("0 to 200", "", "", missing="zero")) == []
    assert messages(summed("0 to 200", "", "", missing="worst")) == []
    assert messages(summed("0 to 200", "", "", missing="leave out")) == [
        "index `law` is a sum, and to leave a missing part out of it would count it as 0"
    ]
    assert messages(summed("0 to 200", "", "", missing="carry forward")) == [
        "index `law` is a sum, and to leave a missing part out of it, where no score stands for "
        "it, would count it as 0"
    ]


def test_a_mean_is_of_parts_on_one_range():
    def mean(first: str, second: str, more: str = "") -> str:
        return (
            f"index law\n    range 0 to 10\n{more}    category a\n        range {first}\n"
            f"        given\n    category b\n        range {second}\n        given\n"
        )

    assert messages(mean("0 to 10", "0 to 10")) == []
    assert messages(mean("0 to 10", "0 to 11")) == [
        "index `law` is on 0 to 10, and `b`, which it is made of, on 0 to 11"
    ]
    assert messages(mean("0 to 9", "0 to 11")) == [
        "index `law` is on 0 to 10, and `a`, which it is made of, on 0 to 9"
    ]
    zero = "    when missing zero\n"
    assert messages(mean("0 to 10", "0 to 10", zero)) == []
    above = mean("2 to 10", "2 to 10", zero).replace("range 0", "range 2")
    assert messages(above) == [
        "a missing part that counts as 0 would give index `law` 0, outside 2 to 10"
    ]


def test_a_geometric_mean_is_of_scores_of_0_or_more():
    def mean(low: int, method: str) -> str:
        return (
            f"index law\n    range {low} to 10\n    aggregate by {method}\n    category a\n"
            f"        range {low} to 10\n        given\n"
        )

    assert messages(mean(0, "geometric mean")) == []
    assert messages(mean(-1, "arithmetic mean")) == []
    assert messages(mean(-1, "geometric mean")) == [
        "a geometric mean is of scores of 0 or more, and those of index `law` are on -1 to 10"
    ]


# ---- ratings


def rated(*ratings: str) -> list[str]:
    figures = "    category a\n        given\n    category b\n        given\n"
    return messages("index law\n" + figures + "".join(f"    rating {each}\n" for each in ratings))


def test_grades_from_a_number_hold_for_all_that_is_read():
    assert rated("r of a: Good from 50, Bad from 0") == []
    assert rated("r of a: Good from 100, Bad from 0") == []
    assert rated("r of a: Good from 100.5, Bad from 0") == [
        "grade `Good` starts at 100.5, and what it reads lies in 0 to 100"
    ]
    assert rated("r of a: Good from 50, Bad from -0.5") == [
        "grade `Bad` starts at -0.5, and what it reads lies in 0 to 100"
    ]
    assert rated("r of a: Good from 50, Bad from 1") == ["from 0 to below 1 no grade holds"]
    assert rated("r of a: Good from 100") == ["from 0 to below 100 no grade holds"]


def test_grades_up_to_a_number_hold_for_all_that_is_read():
    assert rated("r of a: Bad up to 50, Good up to 100") == []
    assert rated("r of a: Bad up to 50, Good above") == []
    assert rated("r of a: Bad up to 0, Good above") == []
    assert rated("r of a: Bad up to 50, Good up to 99") == ["above 99 and up to 100 no grade holds"]
    assert rated("r of a: Bad up to 0, Good up to 0.5") == [
        "above 0.5 and up to 100 no grade holds"
    ]
    assert rated("r of a: Bad up to 0") == ["above 0 and up to 100 no grade holds"]
    assert rated("r of a: Bad up to 50, Good up to 100, Best above") == [
        "grade `Best` never holds: nothing that is read lies above 100"
    ]
    assert rated("r of a: Bad up to 50, Good up to 100.5") == [
        "grade `Good` holds up to 100.5, and what it reads lies in 0 to 100"
    ]
    assert rated("r of a: Good up to 50, Bad up to 20, Best above") == [
        "grade `Bad` never holds: `Good` before it holds up to 50 already"
    ]
    assert rated("r of a: Bad above, Good up to 50") == [
        "grade `Good` never holds: `above` stands before it"
    ]


def test_grades_differ_in_name_and_number():
    assert rated("r of a: Good from 50, Good from 20, Bad from 0") == [
        "grade `Good` is named twice"
    ]
    assert rated("r of a: Good from 50, Fine from 50, Bad from 0") == [
        "grades `Good` and `Fine` both hold from 50 to 100"
    ]
    assert rated("r of a: Bad up to 50, Poor up to 50, Good above") == [
        "grades `Bad` and `Poor` both hold up to 50"
    ]


def test_a_rating_of_ratings_reads_the_mean_of_their_numbers():
    """Of 1 to 4 and 3 to 8 the mean lies from 2 to 6."""
    first, second = "x of a: 4 from 50, 1 from 0", "y of b: 3 from 50, 8 from 0"

    assert rated(first, second, "z of x, y: Low from 2, High from 6") == []
    assert rated(first, second, "z of x, y: Low from 1.5, High from 6") == [
        "grade `Low` starts at 1.5, and what it reads lies in 2 to 6"
    ]
    assert rated(first, second, "z of x, y: Low from 2, High from 6.5") == [
        "grade `High` starts at 6.5, and what it reads lies in 2 to 6"
    ]
    assert rated(first, "z of x, b: Low from 0.5, High from 52") == []
    assert rated(first, "z of x, b: Low from 0.5, High from 52.5") == [
        "grade `High` starts at 52.5, and what it reads lies in 0.5 to 52"
    ]


def test_a_rating_of_words_is_not_read_as_a_number():
    words = "x of a: Good from 50, 1 from 0"

    assert rated(words, "z of x: Low from 2") == [
        "rating `z` reads the labels of `x`, and `Good` is not a number"
    ]
    assert rated(words, "z of b, x: Low from 0.5") == [
        "rating `z` reads the labels of `x`, and `Good` is not a number"
    ]
    assert rated("z of x: 2 from 5", words, "y of z: Low from 2") == [
        "rating `z` reads the labels of `x`, and `Good` is not a number"
    ]


# ---- weights


def weighed(*weights: str, more: str = "") -> str:
    parts = "".join(
        f"    category {'abcdefghijk'[at]} {f'weight {each}' if each else ''}\n        given\n"
        for at, each in enumerate(weights)
    )
    return f"index law\n{more}{parts}"


def helped(rules: str) -> tuple[str, str]:
    (one,) = found(rules)
    return one.message, one.help


def test_percents_add_up_to_100():
    assert messages(weighed("40%", "60%")) == []
    assert helped(weighed("40%", "50%")) == (
        "the weights under index `law` add up to 90%, not 100%",
        "raise them by 10% in all; if this one is wrong, `weight 60%`",
    )
    assert helped(weighed("45%", "60%")) == (
        "the weights under index `law` add up to 105%, not 100%",
        "lower them by 5% in all; if this one is wrong, `weight 55%`",
    )
    assert helped(weighed("30%", "30%", "30%")) == (
        "the weights under index `law` add up to 90%, not 100%",
        "for equal weights write none at all, or `weight 1/3` for each",
    )
    assert helped(weighed("45%", "45%")) == (
        "the weights under index `law` add up to 90%, not 100%",
        "for equal weights write none at all, or `weight 1/2` for each",
    )
    assert helped(weighed("90%")) == (
        "the weights under index `law` add up to 90%, not 100%",
        "raise them by 10% in all; if this one is wrong, `weight 100%`",
    )
    assert helped(weighed("100%", "20%")) == (
        "the weights under index `law` add up to 120%, not 100%",
        "lower them by 20% in all; if this one is wrong, `weight 80%`",
    )


def test_the_fix_of_percents_makes_them_right():
    for rules in (
        weighed("40%", "50%"),
        weighed("30%", "30%", "30%"),
        weighed("100%", "20%"),
        weighed("25%", "", "50%"),
        weighed("1/4", "1/4", "1/4", more="    weights total 1\n"),
    ):
        (one,) = found(rules)
        assert found(after(rules, one)) == []


def test_weights_are_all_percents_or_none():
    assert helped(weighed("25%", "", "50%")) == (
        "`b` has no weight while its siblings have percents",
        "under index `law` write percents for all, or for none; what is left is `weight 25%`",
    )
    assert helped(weighed("25%", "2", "75%")) == (
        "`b` has weight 2 while its siblings have percents",
        "under index `law` write percents for all, or for none",
    )
    assert helped(weighed("2", "3", "50%")) == (
        "`c` has weight 50% while its siblings have no percents",
        "under index `law` write percents for all, or for none",
    )
    assert helped(weighed("25%", "2", "3", "50%")) == (
        "`b` has weight 2 while its siblings have percents",
        "under index `law` write percents for all, or for none",
    )


def test_relative_weights_come_to_the_total_that_is_said():
    total = "    weights total {}\n"

    assert messages(weighed("2", "3", more=total.format(5))) == []
    assert messages(weighed("2", "", more=total.format(3))) == []  # no weight is 1
    assert helped(weighed("2", "3", more=total.format(6))) == (
        "the weights under index `law` add up to 5, not 6",
        "raise them by 1 in all; if this one is wrong, `weight 4`",
    )
    assert helped(weighed("2", "5", more=total.format(6))) == (
        "the weights under index `law` add up to 7, not 6",
        "lower them by 1 in all; if this one is wrong, `weight 4`",
    )
    assert messages(weighed("1/3", "1/3", more=total.format(1))) == [
        "the weights under index `law` add up to 2/3, not 1"
    ]


def test_of_equal_weights_nothing_is_left_behind():
    rules = weighed("30%", "30%", "30%")

    assert after(rules, found(rules)[0]) == rules.replace(" weight 30%", "")


def test_a_weight_of_a_question_that_is_asked_elsewhere_is_not_guessed():
    rules = (
        YES_NO
        + """questions on yes_no
    question fair weight 40%
    question lit weight 50%
index law
    ask fair, lit
"""
    )
    (one,) = found(rules)

    assert one.message == "the weights under index `law` add up to 90%, not 100%"
    assert (one.help, one.fix) == ("raise them by 10% in all", ())
    own = rules.replace(
        "    ask fair, lit\n", "    ask fair, lit\n    question kept on yes_no weight 20%\n"
    )
    (other,) = found(own)
    assert other.help == "lower them by 10% in all; if this one is wrong, `weight 10%`"


def test_weights_too_large_for_their_total_are_shown_at_the_last():
    rules = weighed("5", "6", "7", more="    weights total 1\n")
    (one,) = found(rules)

    assert said(rules) == ["E312 weight 7"]
    assert (one.help, one.fix) == ("lower them by 17 in all", ())
    percents = weighed("250%", "250%", "300%")
    (other,) = found(percents)
    assert said(percents) == ["E301 weight 300%"]
    assert (other.help, other.fix) == ("lower them by 700% in all", ())


def test_what_is_subtracted_counts_towards_the_total_as_well():
    more = "    aggregate by sum\n    when missing no score\n    range -100 to 200\n"
    more += "    weights total {}\n"
    rules = weighed("2", "", more=more).replace("category b ", "category b subtract")

    assert messages(rules.format(3)) == []
    assert messages(rules.format(1)) == ["the weights under index `law` add up to 3, not 1"]


def test_many_weights_are_not_all_listed():
    eight, nine = ["10%"] * 8, ["10%"] * 9

    def notes(weights: list[str]) -> str:
        (one,) = found(weighed(*weights))
        return one.notes[0].message

    assert notes(["90%"]) == "they are `a` 90% alone"
    assert notes(["40%", "50%"]) == "they are `a` 40% and `b` 50%"
    listed = ", ".join(f"`{name}` 10%" for name in "abcdefg")
    assert notes(eight) == f"they are {listed} and `h` 10%"
    assert notes(nine) == f"they are {listed}, `h` 10% and 1 more"


def test_a_long_id_is_cut_where_weights_are_listed():
    long = "a" * 41
    rules = weighed("40%", "50%").replace("category a", f"category {long}")
    (one,) = found(rules)

    assert one.notes[0].message == f"they are `{'a' * 40}` 40% and `b` 50%"


def test_weights_are_not_all_0_and_none_is_below():
    assert messages(weighed("0", "1")) == []
    assert messages(weighed("0", "")) == []
    assert messages(weighed("0", "0")) == [
        "the weights under index `law` are all 0, so nothing counts"
    ]
    assert messages(weighed("-1", "2")) == ["the weight of `a` is -1; a weight is 0 or more"]
    assert messages(weighed("0%", "60%")) == [
        "the weights under index `law` add up to 60%, not 100%"
    ]
    assert messages(weighed("-10%", "60%")) == ["the weight of `a` is -10%; a weight is 0 or more"]


def test_parts_are_named_by_their_own_ids_wherever_they_stand():
    def inner(*weights: str, more: str = "") -> list[str]:
        rules = weighed(*weights, more=more).removeprefix("index law\n")
        below = "".join(f"    {line}\n" for line in rules.splitlines())
        return messages(f"index law\n    category outer\n{below}")

    assert inner("-1", "2") == ["the weight of `a` is -1; a weight is 0 or more"]
    assert inner("25%", "", "75%") == ["`b` has no weight while its siblings have percents"]
    assert inner("", "2", more="    aggregate by minimum\n") == [
        "`b` has weight 2, and a minimum knows no weights"
    ]
    sub = "index law\n    category outer\n        category a subtract\n            given\n"
    assert messages(sub + "        category b\n            given\n") == [
        "`a` is subtracted, and category `outer` is no sum: it aggregates by arithmetic mean"
    ]


def test_a_method_without_weights_has_none():
    more = "    aggregate by minimum\n"

    assert messages(weighed("", "", more=more)) == []
    rules = weighed("", "2", more=more)
    assert messages(rules) == ["`b` has weight 2, and a minimum knows no weights"]
    assert found(after(rules, found(rules)[0])) == []


# ---- how a range is mended


def test_the_range_of_a_sum_is_mended_where_it_is_declared():
    rules = summed("-5 to 299", "", "weight 2", missing="worst")
    assert after(rules, found(rules)[0]) == summed("-5 to 300", "", "weight 2", missing="worst")
    rules = summed("10 to 299", "", "weight 2", missing="worst")
    assert after(rules, found(rules)[0]) == summed("0 to 300", "", "weight 2", missing="worst")
    low = summed("-99 to 100", "", "subtract")
    assert found(low)[0].fix == ()


SUM = """index law
    category outer
        {outer}
        when missing no score
        category inner
            aggregate by sum
            category a
                given
            category b
                given
"""


def test_a_sum_without_a_range_gets_one_and_is_rescaled_where_it_is_averaged():
    averaged = SUM.format(outer="aggregate by arithmetic mean")
    (one,) = found(averaged)
    assert one.message == (
        "the best answers to everything below it would give category `inner` 200, outside 0 to 100"
    )
    assert [edit.text for edit in one.fix] == ["range 0 to 200\nrescale\n"]
    summed_up = SUM.format(outer="range 0 to 200\n        rescale\n        aggregate by sum")
    first = found(summed_up)[0]
    assert [edit.text for edit in first.fix] == ["range 0 to 200\n"]


def test_what_is_on_another_range_is_rescaled_under_what_is_on_0_to_100_alone():
    rules = """index law
    {range}
    category outer
        {range}
        category part
            range 0 to 11
            aggregate by sum
            when missing no score
            category a
                range 0 to 11
                given
"""
    (one,) = found(rules.format(range="range 0 to 100"))
    assert one.message == (
        "category `outer` is on 0 to 100, and `part`, which it is made of, on 0 to 11"
    )
    assert [note.message for note in one.notes] == ["the range of `part` is declared here"]
    assert [edit.text for edit in one.fix] == ["rescale\n"]
    (other,) = found(rules.format(range="range 0 to 10"))
    assert other.fix == ()


def test_nothing_more_is_said_of_what_is_made_of_a_line_that_could_not_be_read():
    amiss = summed("0 to 100", "", "weight x", "")

    assert [each.code for each in found(amiss)] == ["E102"]


def test_a_missing_part_that_counts_as_0_is_on_the_range():
    def mean(low: int, high: int) -> str:
        range = f"range {low} to {high}"
        return (
            f"index law\n    {range}\n    when missing zero\n"
            f"    category a\n        {range}\n        given\n"
        )

    assert messages(mean(-5, 10)) == []
    assert messages(mean(-10, 0)) == []
    assert messages(mean(0, 10)) == []
    assert messages(mean(-10, -5)) == [
        "a missing part that counts as 0 would give index `law` 0, outside -10 to -5"
    ]


def test_a_power_mean_is_of_scores_of_0_or_more():
    rules = (
        "index law\n    range -1 to 10\n    aggregate by power 2\n    category a\n"
        "        range -1 to 10\n        given\n"
    )
    (one,) = found(rules)

    assert one.message == (
        "a mean of power 2 is of scores of 0 or more, and those of index `law` are on -1 to 10"
    )
    assert [note.message for note in one.notes] == ["`aggregate by power 2` is set here"]


# ---- parts of entities


SITES = (
    YES_NO
    + """units site
index cyber
    category law
        for each site
        indicator own
            question fair on yes_no
{inside}    category facts
        question public on yes_no
{outside}"""
)


def sites(inside: str = "", outside: str = "") -> str:
    return SITES.format(inside=inside, outside=outside)


def test_a_score_of_a_part_is_not_one_of_the_entity():
    take_out = "    indicator taken same as cyber.law.own\n"
    take_in = "        indicator taken same as cyber.facts\n"

    assert said(sites()) == []
    assert said(sites(outside=take_out)) == ["E230 cyber.law.own"]
    assert said(sites(inside=take_in)) == ["E230 cyber.facts"]
    assert said(sites(inside="        indicator taken same as cyber.law.own\n")) == []
    assert said(sites(outside="    indicator taken same as cyber.law\n")) == []
    (one,) = found(sites(outside=take_out))
    assert one.message == (
        "`cyber.law.own` cannot be taken over here: one of the two is scored for each site"
    )
    assert [note.message for note in one.notes] == ["`cyber.law` is scored for each site here"]


def test_a_part_that_takes_over_the_whole_is_no_circle_too():
    assert said(sites(inside="        indicator taken same as cyber.law\n")) == ["E230 cyber.law"]


def test_a_condition_reads_scores_of_its_own_part():
    more = "        indicator more\n            question lit on yes_no\n"
    inside = more + "            cap 50 when {} < 50\n"
    outside = "    category more\n        question lit on yes_no\n        cap 50 when {} < 50\n"

    assert said(sites(inside=inside.format("own"))) == []
    assert said(sites(inside=inside.format("facts"))) == ["E230 facts < 50"]
    assert said(sites(outside=outside.format("law"))) == []
    assert said(sites(outside=outside.format("own"))) == ["E230 own < 50"]
    skip = "        question lit on yes_no\n            skip when {} < 50\n"
    assert said(sites(outside="    category more\n" + skip.format("facts"))) == []
    assert said(sites(outside="    category more\n" + skip.format("own"))) == ["E230 own < 50"]


def test_parts_have_no_parts_and_are_not_given():
    nested = (
        "        indicator more\n            for each site\n            question lit on yes_no\n"
    )
    given = "        indicator more\n            given\n"

    assert said(sites(inside=nested)) == ["E230 site"]
    assert said(sites(inside=given)) == ["E230 given"]
    assert messages(sites(inside=given)) == [
        "indicator `more` is given, and stands in a figure that is scored for each site"
    ]


def test_a_unit_is_declared():
    rules = sites().replace("units site", "units sites")
    (one,) = found(rules)

    assert (one.code, one.message, one.help) == ("E230", "there is no unit `site`", "`sites`")
    assert after(rules, one) == rules.replace("each site", "each sites")
    without = sites().replace("units site\n", "")
    (none,) = found(without)
    assert none.help == "declare it, `units site` at the left edge"
    assert after(without, none) == f"units site\n{without}"
    assert found(after(without, none)) == []


def test_a_condition_on_an_entity_reads_what_the_entity_is_asked():
    outside = "    category more\n        question lit on yes_no\n        cap 50 when {} is No\n"

    assert said(sites(outside=outside.format("public"))) == []
    assert said(sites(outside=outside.format("lit"))) == []
    assert said(sites(outside=outside.format("fair"))) == ["W205 fair is No"]
    skip = "    category more\n        question lit on yes_no\n            skip when {} is No\n"
    assert said(sites(outside=skip.format("fair"))) == ["W205 fair is No"]
    inside = "        indicator more\n            question lit on yes_no\n"
    inside += "            cap 50 when fair is No\n"
    assert said(sites(inside=inside)) == []
    ranked = sites().replace("index cyber\n", "index cyber\n    rank entities where fair is Yes\n")
    assert said(ranked) == ["W205 fair is Yes"]
    (one,) = found(ranked)
    assert one.message == (
        "`fair` is asked of each site, and this condition is about the entity, which is not asked"
    )
    assert [note.message for note in one.notes] == ["`cyber.law` is scored for each site here"]


def test_what_the_entity_is_asked_too_is_known():
    rules = (
        YES_NO
        + """units site
questions on yes_no
    question fair
index cyber
    category law
        for each site
        ask fair
    category facts
        ask fair
        cap 50 when fair is No
"""
    )
    assert said(rules) == []
    alone = rules.replace(
        "    category facts\n        ask fair\n",
        "    category facts\n        question lit on yes_no\n",
    )
    assert said(alone) == ["W205 fair is No"]


# ---- what nothing refers to


def test_a_scale_that_no_question_is_on_is_said():
    used = "index law\n    question fair on yes_no\n"

    assert said(YES_NO + used) == []
    assert said(YES_NO + "scale other: High = 100, Low = 0\n" + used) == ["W201 other"]
    turned = "scale turned: reverse of yes_no\n"
    assert said(YES_NO + turned + "index law\n    question fair on turned\n") == []


def test_a_listed_question_that_nothing_asks_or_reads_is_said():
    listed = "questions on yes_no\n    question fair\n    question old\n"
    index = "index law\n    indicator a\n        ask fair\n{}"

    assert said(YES_NO + listed + index.format("")) == ["W204 old"]
    assert said(YES_NO + listed + index.format("        ask old\n")) == []
    assert said(YES_NO + listed + index.format("        cap 50 when old is No\n")) == []
    ranked = index.format("").replace("law\n", "law\n    rank entities where old is Yes\n", 1)
    assert said(YES_NO + listed + ranked) == []


# ---- indicators that count in place of their categories

OVER = """units site
index safety
    aggregate over indicators
    category ports
{}        indicator gates
{}            question locked on yes_no
"""
EACH = "for each site\n"


def test_a_category_that_is_scored_for_each_part_cannot_be_passed_over():
    """Its indicators are scored for a part, and the index counts what the entity has."""
    (fault,) = found(YES_NO + OVER.format(" " * 8 + EACH, ""))

    assert (fault.code, fault.message) == (
        "E311",
        "category `ports` is scored for each site, and index `safety` counts its indicators",
    )
    assert found(YES_NO + OVER.format("", " " * 12 + EACH)) == []
