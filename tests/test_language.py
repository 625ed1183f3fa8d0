"""The language: what each form of each statement means, read off the checked framework."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bareme.checks import check
from bareme.framework import Framework, Origin
from bareme.language.parse import parse
from bareme.resolve import resolve
from bareme.source import Source


def framework(**files: str) -> Framework:
    """A framework of several files, each given by its stem; it must be sound."""
    trees, found = [], []
    for stem, text in files.items():
        tree, faults = parse(Source(f"{stem}.bareme", text), stem)
        trees.append(tree)
        found += faults
    resolved, faults = resolve("test", trees)
    found += [*faults, *check(resolved)]
    assert [f"{each.code} {each.message}" for each in found] == []
    return resolved


def points(scale: str, asked: str = "s") -> dict[str, Fraction | None]:
    rules = framework(x=f"{scale}\nindex i\n    question q on {asked}\n")
    found = rules.questions["q"].scale
    assert found is not None
    return {label.text: label.points for label in found.labels}


# ---- scales


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("scale s: Yes = 100, No = 0", {"Yes": 100, "No": 0}),
        ("scale s: Yes = 100, Partly = 33.3, No = 0", {"Yes": 100, "Partly": "33.3", "No": 0}),
        ("scale s, best first: A, B, C, D", {"A": 100, "B": "200/3", "C": "100/3", "D": 0}),
        ("scale s, worst first: A, B, C", {"A": 0, "B": 50, "C": 100}),
        ('scale s: "A, b" = 100, "of old" = 0', {"A, b": 100, "of old": 0}),
        ("scale s out of 4: All = 4, Some = 1", {"All": 100, "Some": 25}),
        ("scale s out of 4\n    In force = 4\n    None = 0", {"In force": 100, "None": 0}),
        ("scale s\n    a = b = 100\n    No = 0", {"a = b": 100, "No": 0}),
        ("scale s\n    Yes      = 100\n    No       = 0", {"Yes": 100, "No": 0}),
        (
            "scale s, best first\n    Good; y\n    Not bad, nor good\n    n/a = excluded\n    Bad",
            {"Good; y": 100, "Not bad, nor good": 50, "n/a": None, "Bad": 0},
        ),
        ('scale s\n    y "Yes, = 1" = 100\n    n "No" = 0', {"Yes, = 1": 100, "No": 0}),
        ('scale s: "say ""no""" = 100, No = 0', {'say "no"': 100, "No": 0}),
    ],
)
def test_a_scale_gives_points(scale, expected):
    assert points(scale) == {
        label: None if each is None else Fraction(each) for label, each in expected.items()
    }


def test_a_reversed_scale_gives_100_minus_the_points():
    scales = "scale r, best first: A, B, C\nscale s: reverse of r"

    assert points(scales) == {"A": 0, "B": 50, "C": 100}
    assert points(f"{scales}\nscale t: reverse of s", "t") == {"A": 100, "B": 50, "C": 0}


def test_options_of_its_own_have_codes_and_stand_under_the_question():
    rules = framework(
        x='index i\n    question q "Pilots" code "5.1a" weight 2\n        "Must they take one,"\n'
        '        "at every hour?"\n        options\n            a "Yes, at every hour" = 100\n'
        "            No = 0\n"
    )
    question = rules.questions["q"]

    assert (question.title, question.code) == ("Pilots", "5.1a")
    assert question.text == "Must they take one, at every hour?"
    assert question.scale is not None
    assert question.scale.own
    label = question.scale.label("a")
    assert label is not None
    assert label == question.scale.label("Yes, at every hour")
    assert question.scale.label("b") is None
    assert question.scale.label("no") is None


# ---- files, lines, comments


def test_a_comment_starts_at_a_hash_after_a_space_and_never_inside_quotes():
    rules = framework(
        x="# a file\nscale s: A#1 = 100, B = 0   # two labels\n\n"
        'index i "Port # 1" # titled\n'
        '    note "See # 4."\n    question q on s\n'
    )

    assert rules.questions["q"].scale is not None
    assert [label.text for label in rules.questions["q"].scale.labels] == ["A#1", "B"]
    assert rules.indices[0].root.title == "Port # 1"
    assert rules.indices[0].root.notes == ("See # 4.",)


@pytest.mark.parametrize("step", [1, 2, 3, 8])
def test_blocks_may_step_by_any_number_of_spaces_if_always_the_same(step):
    four = "scale s: Y = 100, N = 0\nindex i\n    category c\n        question q on s\n"

    assert framework(x=four.replace("    ", " " * step)) == framework(x=four)


def test_a_framework_does_not_depend_on_blank_lines_comments_or_a_last_line_end():
    plain = "scale s: Y = 100, N = 0\nindex i\n    question q on s"
    airy = (
        "\n\n# s\nscale s:  Y = 100,  N = 0\n\nindex i   # i\n\n    # q\n    question q  on s\n\n"
    )

    assert framework(x=plain) == framework(x=airy)


def test_files_use_each_other_in_any_order():
    uses = "use b\nindex i\n    question q on s\n"
    used = "use c\nscale s: reverse of t\n"
    last = "scale t: Y = 100, N = 0\n"

    first, second = framework(a=uses, b=used, c=last), framework(c=last, b=used, a=uses)
    assert first.questions == second.questions
    assert first.indices == second.indices


@pytest.mark.parametrize(("levels", "codes"), [(64, []), (65, ["E111"])])
def test_blocks_nest_64_deep_and_no_deeper(levels, codes):
    lines = ["index a0", *(f"{'  ' * d}category a{d}" for d in range(1, levels - 1))]
    lines.append(f"{'  ' * (levels - 1)}indicator last")
    text = "\n".join(lines)
    tree, found = parse(Source("x.bareme", text), "x")
    _, faults = resolve("test", [tree])

    assert [each.code for each in found] == codes
    # The innermost level holds nothing; what was refused is not complained of a second time.
    assert [each.code for each in faults] == ([] if codes else ["E210"])


# ---- what is scored


RISK = """\
index other "Other"
    category deep
        indicator risk "Risk"
            question q on s
scale s: Y = 100, N = 0
"""


def test_a_figure_is_taken_over_by_a_path_that_may_leave_out_levels():
    rules = framework(
        a="index i\n    indicator r same as other.risk\n"
        '    indicator p "Mine" same as other.deep.risk weight 2\n',
        b=RISK,
    )
    first, second = rules.indices[0].root.children

    assert first.same_as == second.same_as == ("other", "deep", "risk")
    assert (first.title, second.title) == ("Risk", "Mine")
    assert first.origin is Origin.SAME_AS


def test_a_setting_holds_for_everything_below_until_another_is_made():
    rules = framework(
        x="scale s: Y = 100, N = 0\nindex i\n    publish 1 decimal\n"
        "    bands High from 50, Low from 0\n    category c\n        publish 2 decimals\n"
        "        indicator d\n            question q on s\n    category e\n        given\n"
    )
    places = {path[-1]: figure.settings.places for path, figure in rules.figures.items()}

    assert {id: setting.value for id, setting in places.items()} == {"i": 1, "c": 2, "d": 2, "e": 1}
    assert places["d"].span == places["c"].span != places["e"].span
    bands = rules.figures[("i", "c", "d")].settings.bands.value
    assert [(band.label, band.floor) for band in bands] == [("High", 50), ("Low", 0)]


def test_without_a_setting_the_default_is_whole_numbers_and_no_rule_line_is_claimed():
    rules = framework(x="index i\n    indicator a\n        given\n")
    settings = rules.indices[0].root.settings

    assert settings.places.value == 0
    assert settings.places.span is None
    assert (settings.aggregation.value, settings.when_missing.value) == (
        "arithmetic mean",
        "leave out",
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [("weight 20%", "1/5"), ("weight 1/3", "1/3"), ("weight 2", "2"), ("weight 0.125", "1/8")],
)
def test_weights_are_read_exactly(written, value):
    tree, found = parse(
        Source("x.bareme", f"index i\n    indicator a {written}\n        given\n"), "x"
    )

    assert found == []
    weight = tree.indices[0].children[0].weight
    assert weight is not None
    assert weight.value == Fraction(value)
    assert weight.written == written.removeprefix("weight ")


@pytest.mark.parametrize(
    ("line", "edition"),
    [("compare with 2020", "2020"), ("compare with previous edition", None)],
)
def test_an_index_compares_with_an_edition_or_the_one_before(line, edition):
    rules = framework(x=f"index i\n    {line}\n    indicator a\n        given\n")
    setting = rules.indices[0].compare_with

    assert setting is not None
    assert setting.value == edition


def test_what_an_author_accepts_of_a_figure_is_kept_with_its_reason_and_its_line():
    rules = framework(
        x='index i\n    monotone no "As of i.a."\n    indicator a\n        given\n'
        '        monotone   no "The ""plan"" # counts."  # why\n    indicator b\n        given\n'
    )
    found = {path: (each.reason, each.span.start) for path, each in rules.accepted.items()}

    assert found == {("i",): ("As of i.a.", 12), ("i", "a"): ('The "plan" # counts.', 75)}
    assert rules.figures[("i", "b")].accepted is None
