"""Measures, aggregations, caps, conditions, missing policies: each held against a plain definition.

The definitions here share no code with the engine. Random rules are written as text, so that the
whole way from text to figure is tried.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bareme.checks import check
from bareme.cli import run
from bareme.exact import MAX_BITS, TooManyBits
from bareme.language.parse import parse
from bareme.methods.aggregation import (
    METHODS,
    arithmetic_mean,
    geometric_mean,
    harmonic_mean,
    method_named,
)
from bareme.methods.normalisation import between_goalposts, logarithmic, step_of
from bareme.plan import plan_index
from bareme.profiles.read import read_profile
from bareme.project import read_rules
from bareme.resolve import resolve
from bareme.scoring.exact import score
from bareme.scoring.trace import Status, Trace
from bareme.source import Source

SCALE = "scale yes_no: Yes = 100, Half = 40, No = 0, None = excluded\n"


def scored(rules: str, profile: str = "") -> Trace:
    """The trace of the one index of some rules, for a profile's body."""
    tree, wrong = parse(Source("all.bareme", SCALE + rules), "all")
    framework, unresolved = resolve("norms", [tree])
    found = [*wrong, *unresolved, *check(framework)]
    errors = [f"{each.code} {each.message}" for each in found if each.severity == "error"]
    assert errors == [], errors
    read, faults = read_profile(Source("n.yaml", f"entity: N\n{profile}"), framework)
    assert read is not None
    assert [each.message for each in faults if each.severity == "error"] == []
    return score(plan_index(framework, framework.indices[0]), read)


def codes(rules: str) -> list[str]:
    tree, wrong = parse(Source("all.bareme", SCALE + rules), "all")
    framework, unresolved = resolve("norms", [tree])
    found = [*wrong, *unresolved, *check(framework)]
    return [each.code for each in found if each.severity == "error"]


def two(*lines: str) -> str:
    """An index of two questions with some lines above them."""
    head = "".join(f"    {line}\n" for line in lines)
    return f"index norms\n{head}    question a on yes_no\n    question b on yes_no weight 3\n"


BOTH = "answers: {a: Yes, b: Half}\n"


# ---- how parts are put together


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("arithmetic mean", Fraction(100 + 3 * 40, 4)),
        ("harmonic mean", 4 / (Fraction(1, 100) + Fraction(3, 40))),
    ],
)
def test_a_mean_is_what_its_name_says(method, expected):
    assert scored(two(f"aggregate by {method}"), BOTH).score == expected


@pytest.mark.parametrize(("method", "expected"), [("minimum", 40), ("maximum", 100)])
def test_a_minimum_and_a_maximum_are_of_the_parts(method, expected):
    rules = two(f"aggregate by {method}").replace(" weight 3", "")

    assert scored(rules, BOTH).score == expected


def test_a_sum_counts_a_part_as_often_as_its_weight_says():
    rules = two("aggregate by sum", "range 0 to 400", "when missing zero")

    assert scored(rules, BOTH).score == 220
    assert scored(rules.replace("range 0 to 400", "range 0 to 400\n    rescale"), BOTH).score == 55
    assert scored(rules, "answers: {b: Half}\n").score == 120


positive = st.fractions(min_value=Fraction(1, 100), max_value=100, max_denominator=1000)
parts = st.lists(st.tuples(positive, st.integers(1, 9)), min_size=1, max_size=6)


@given(parts)
def test_a_geometric_mean_is_correctly_rounded_to_fifty_digits(parts):
    scores = [each for each, _ in parts]
    weights = [Fraction(each) for _, each in parts]
    found = geometric_mean(scores, weights)

    assert min(scores) <= found <= max(scores)
    power = sum(each for _, each in parts)
    product = math.prod(each**weight for each, weight in parts)
    assert abs(found**power - product) <= product * power * Fraction(1, 10**49)
    if found**power != product:  # no other number of 50 digits is nearer
        with localcontext() as context:
            context.prec = 50
            written = Decimal(found.numerator) / Decimal(found.denominator)
            assert Fraction(written) == found
            unit = Fraction(Decimal(10) ** (written.adjusted() - 49))
        assert (found - unit / 2) ** power <= product <= (found + unit / 2) ** power


@given(parts)
def test_means_are_in_order(parts):
    scores = [each for each, _ in parts]
    weights = [Fraction(each) for _, each in parts]
    harmonic, geometric, arithmetic = (
        method(scores, weights) for method in (harmonic_mean, geometric_mean, arithmetic_mean)
    )
    rounding = arithmetic / 10**49

    assert min(scores) <= harmonic <= geometric + rounding
    assert geometric <= arithmetic + rounding <= max(scores) + rounding


@pytest.mark.parametrize("method", ["geometric mean", "harmonic mean"])
def test_a_part_of_0_makes_it_0(method):
    assert METHODS[method].score([Fraction(0), Fraction(50)], [Fraction(1), Fraction(1)]) == 0


@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_part_of_weight_0_does_not_count(method):
    whole = [Fraction(30), Fraction(0), Fraction(70)]
    weights = [Fraction(2), Fraction(0), Fraction(1)]
    without = METHODS[method].score(whole[::2], weights[::2])

    assert METHODS[method].score(whole, weights) == without


def test_a_rational_geometric_mean_is_exact():
    third = Fraction(100, 3)

    assert geometric_mean([third, third], [Fraction(1), Fraction(1)]) == third
    assert geometric_mean([Fraction(20), Fraction(45)], [Fraction(1), Fraction(1)]) == 30
    assert geometric_mean([Fraction(8), Fraction(64)], [Fraction(2), Fraction(1)]) == 16


def test_an_exact_value_is_refused_before_it_gets_too_long():
    primes = [Fraction(10**17 + 2 * each + 1, 10**18) * 100 for each in range(3000)]

    with pytest.raises(TooManyBits):
        harmonic_mean(primes, [Fraction(1)] * len(primes))
    assert MAX_BITS == 65_536


def test_a_score_too_long_to_be_exact_is_refused_by_name(tmp_path, capfd):
    rules = tmp_path / "rules" / "norms" / "theft.bareme"
    profile = tmp_path / "profiles" / "norms" / "2023" / "norland.yaml"
    for path in (rules, profile):
        path.parent.mkdir(parents=True)
    ids = [f"part_{n}" for n in range(1500)]
    parts = "".join(f"    indicator {id}\n        given\n" for id in ids)
    rules.write_text(f'index theft "Theft"\n    aggregate by harmonic mean\n{parts}')
    given = "".join(f"    {id}: 9.{10**17 + 2 * n + 1}\n" for n, id in enumerate(ids))
    profile.write_text(f"entity: NOR\nname: Norland\ngiven:\n  theft:\n{given}")

    assert run(["-C", str(tmp_path), "score"]) == 2
    page = (Path(__file__).parents[1] / "docs" / "messages" / "E310.md").read_text("utf-8")
    assert capfd.readouterr().err.strip() in page


@pytest.mark.parametrize("who", ["include", "rank"])
def test_a_condition_on_entities_too_long_to_be_exact_is_refused_by_name(tmp_path, capfd, who):
    rules = tmp_path / "rules" / "norms" / "theft.bareme"
    profile = tmp_path / "profiles" / "norms" / "2023" / "norland.yaml"
    for path in (rules, profile):
        path.parent.mkdir(parents=True)
    factors = " * ".join(["losses"] * 2000)  # of 121 bits each, so 242,000 together
    rules.write_text(f"""data losses
index theft
    {who} entities where weighed > 5
    indicator guards
        given
index other
    measure weighed
        formula {factors}
        steps up to 1 = 0, above = 100
""")
    profile.write_text(f"entity: NOR\nanswers: {{losses: {'9' * 18}.{'7' * 18}}}\n")

    for command in (["score", "theft"], ["explain", "NOR", "theft"]):
        assert run(["-C", str(tmp_path), *command]) == 2
        assert "error E310: the score of `theft` for `NOR`" in capfd.readouterr().err


# ---- measures


@given(
    st.fractions(min_value=-50, max_value=150, max_denominator=50),
    st.sampled_from([(0, 100), (100, 0), (-20, 30), (85, 20)]),
)
def test_goalposts_are_a_straight_line_that_ends_at_both(value, posts):
    worst, best = (Fraction(each) for each in posts)
    found = between_goalposts(value, worst, best, log=False, clamped=True)

    share = (value - worst) / (best - worst)
    assert found == max(Fraction(0), min(Fraction(1), share)) * 100


@given(st.decimals(min_value=101, max_value=74999, places=3))
def test_a_logarithm_is_correctly_rounded_to_fifty_digits(value):
    found = logarithmic(Fraction(value), Fraction(100), Fraction(75000))

    with localcontext() as context:
        context.prec = 120
        log = (value / 100).ln() / Decimal(750).ln() * 100
        context.prec = 50
        assert found == Fraction(+log)


def test_what_is_not_above_0_is_clamped_before_its_logarithm_is_asked_for():
    posts = {"log": True, "clamped": True}

    assert between_goalposts(Fraction(-5), Fraction(100), Fraction(1000), **posts) == 0
    assert between_goalposts(Fraction(-5), Fraction(1000), Fraction(100), **posts) == 100


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5, unique=True), st.integers(-10, 10))
def test_a_step_holds_what_no_step_before_it_does(limits, value):
    rising, falling = sorted(limits), sorted(limits, reverse=True)
    first_up = next((n for n, each in enumerate(rising) if value <= each), len(rising))
    first_down = next((n for n, each in enumerate(falling) if value >= each), len(falling))

    assert step_of(Fraction(value), [Fraction(x) for x in rising], ascending=True) == first_up
    assert step_of(Fraction(value), [Fraction(x) for x in falling], ascending=False) == first_down


STEPS = """\
index norms
    measure ships in ships
        steps
            up to 0 = 100
            up to 5 = 80
            above = excluded
    measure berths in berths
        normalise from 10 to 0
"""


@pytest.mark.parametrize(
    ("ships", "expected"), [("0", 75), ("0.01", 65), ("5", 65), ("5.01", 50), ("-1", 75)]
)
def test_steps_and_goalposts_score_measures(ships, expected):
    assert scored(STEPS, f"answers: {{ships: {ships}, berths: 5}}\n").score == expected


def test_goalposts_above_hold_for_the_measures_below():
    rules = "index norms\n    normalise from 0 to 10\n    measure berths in berths\n"

    assert scored(rules, "answers: {berths: 4}\n").score == 40
    assert codes("index norms\n    measure berths in berths\n") == ["E208"]


# ---- what is missing


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("leave out", 40), ("zero", 30), ("worst", 30), ("no score", None)],
)
def test_a_missing_part_does_what_the_rules_say(policy, expected):
    assert scored(two(f"when missing {policy}"), "answers: {b: Half}\n").score == expected


def test_the_worst_is_the_least_that_the_rules_let_a_part_have():
    rules = """\
index norms
    when missing worst
    indicator part
        question a
            options: Good = 90, Bad = 20
    question b on yes_no
"""
    assert scored(rules, "answers: {b: Yes}\n").score == 60


@pytest.mark.parametrize("policy", ["leave out", "zero", "worst", "no score"])
def test_what_does_not_apply_is_left_out_under_every_policy(policy):
    assert scored(two(f"when missing {policy}"), "answers: {a: None, b: Half}\n").score == 40


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ("require 50% of answers", "{b: Half}", 40),
        ("require 51% of answers", "{b: Half}", None),
        ("require 51% of answers", "{a: None, b: Half}", 40),  # of those that apply
        ("require 2 answers", "{b: Half}", None),
        ("require 2 answers", "{a: Yes, b: Half}", 55),
    ],
)
def test_a_figure_has_the_answers_it_requires_or_no_score(rule, answers, expected):
    trace = scored(two(rule), f"answers: {answers}\n")

    assert trace.score == expected
    if expected is None:
        assert trace.values[-1].status is Status.MISSING


@pytest.mark.parametrize(("score", "wrong"), [("240", 0), ("400", 0), ("401", 1), ("-1", 1)])
def test_a_given_score_lies_in_the_range_of_its_figure(score, wrong):
    rules = SCALE + two("aggregate by sum", "range 0 to 400", "when missing zero")
    framework, _ = resolve("norms", [parse(Source("all.bareme", rules), "all")[0]])
    text = f"entity: N\ngiven: {{norms: {{norms: {score}}}}}\n"
    _, found = read_profile(Source("n.yaml", text), framework)

    assert [each.code for each in found] == ["E225"] * wrong
    assert all("outside 0 to 400" in each.message for each in found)


def test_a_given_part_cannot_take_a_sum_out_of_its_range():
    rules = """\
index norms
    aggregate by sum
    range 0 to 50
    when missing zero
    indicator part
        question a
            options: Good = 50, Bad = 0
"""
    framework, _ = resolve("norms", [parse(Source("all.bareme", rules), "all")[0]])
    text = "entity: N\ngiven: {norms: {part: 60}}\n"
    _, found = read_profile(Source("n.yaml", text), framework)

    assert [each.message for each in found] == ["a score of 60 is outside 0 to 50"]


# ---- caps, floors, skips, conditions


def test_caps_and_floors_apply_in_the_order_written():
    assert scored(two("cap 20", "floor 30"), BOTH).score == 30
    assert scored(two("floor 30", "cap 20"), BOTH).score == 20
    assert scored(two("cap 20 when a is No"), BOTH).score == 55


def test_what_is_skipped_does_not_apply():
    rules = two().replace("question b on yes_no weight 3", "question b on yes_no weight 3\n"
                          "        skip when a is Yes")  # fmt: skip

    assert scored(rules, BOTH).score == 100
    assert scored(rules, "answers: {a: No, b: Half}\n").score == 30


def test_a_condition_may_read_the_score_of_a_figure_written_later():
    rules = """\
index norms
    indicator early
        question a on yes_no
        cap 10 when late < 50
    indicator late
        question b on yes_no
"""
    assert scored(rules, BOTH).score == 25
    assert codes(rules.replace("late < 50", "norms < 50")) == ["E304"]


def test_a_circle_is_placed_at_the_condition_that_closes_it(tmp_path):
    rules = """scale yes_no: Yes = 100, No = 0
index norms "Norms"
    skip when late = 65
    indicator late "Late"
        question q1 on yes_no
    indicator early "Early"
        question q2 on yes_no
        cap 39 when norms is not answered
"""
    (tmp_path / "rules" / "own").mkdir(parents=True)
    (tmp_path / "rules" / "own" / "norms.bareme").write_text(rules)
    found = [each for each in read_rules(tmp_path, "own").diagnostics if each.code == "E304"]

    assert [(each.message, rules[each.span.start : each.span.end]) for each in found] == [
        (
            "`norms.early` depends on itself: `norms.early` → `norms` → `norms.early`",
            "norms is not answered",
        )
    ]


def on(id, holds):
    """A comparison that is unknown where its subject is missing."""
    return lambda x: None if x[id] is None else holds(x[id])


ATOMS = {
    "a is Yes": on("a", lambda a: a == "Yes"),
    "a is not Yes": on("a", lambda a: a != "Yes"),
    "b is one of (Half, No)": on("b", lambda b: b in ("Half", "No")),
    "a is answered": lambda x: x["a"] is not None,
    "n is not answered": lambda x: x["n"] is None,
    "n < 5": on("n", lambda n: n < 5),
    "n ≤ 5": on("n", lambda n: n <= 5),
    "n = 5": on("n", lambda n: n == 5),
    "n >= 5": on("n", lambda n: n >= 5),
    "n > 5": on("n", lambda n: n > 5),
}


def negated(value):
    return None if value is None else not value


def at_least(count, values):
    if sum(value is True for value in values) >= count:
        return True
    return None if sum(value is not False for value in values) >= count else False


@st.composite
def conditions(draw, depth=3):
    """The text of a condition, and what it comes to for answers a, b and a number n."""
    kind = draw(st.sampled_from(["atom"] if depth == 0 else ["atom", "not", "and", "or", "of"]))
    if kind == "atom":
        return draw(st.sampled_from(sorted(ATOMS.items())))
    inner = draw(st.lists(conditions(depth - 1), min_size=2, max_size=3))
    texts = [f"({text})" for text, _ in inner]
    tests = [test for _, test in inner]
    if kind == "not":
        return f"not {texts[0]}", lambda x: negated(tests[0](x))
    count = {"and": len(inner), "or": 1, "of": draw(st.integers(1, len(inner)))}[kind]
    if kind == "of":
        text = f"at least {count} of ({', '.join(text for text, _ in inner)})"
    else:
        text = f" {kind} ".join(texts)
    return text, lambda x: at_least(count, [test(x) for test in tests])


@settings(max_examples=300)
@given(
    conditions(),
    st.sampled_from([None, "Yes", "No"]),
    st.sampled_from([None, "Half", "Yes"]),
    st.sampled_from([None, 4, 5, 6]),
)
def test_a_condition_holds_where_its_definition_does(condition, a, b, n):
    text, test = condition
    answers = {"a": a, "b": b, "n": n}
    said = ", ".join(f"{id}: {value}" for id, value in answers.items() if value is not None)
    rules = (
        f"data n in items\n{two(f'cap 1 when {text}', 'floor 1')}    indicator c\n        given\n"
    )
    profile = f"answers: {{{said}}}\ngiven: {{norms: {{c: 100}}}}\n"
    trace = scored(rules, profile)

    stage = trace.lines[-1].stages[1]
    assert stage.applies is test(answers)
    assert (trace.score == 1) is (test(answers) is True)
    assert stage.what is not None
    assert stage.what.when is not None
    assert stage.what.when.written == text


# ---- laws


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (two("aggregate by sum", "when missing zero"), ["E305"]),
        (two("aggregate by sum", "range 0 to 400"), ["E308"]),
        (two("aggregate by minimum"), ["E307"]),
        (two("range 0 to 50"), ["E309"]),
        (two("rescale"), ["E309"]),
        (two("cap 101"), ["E305"]),
        (two("cap 50 when c is Yes"), ["E216"]),
        (two("cap 50 when a < 5"), ["E217"]),
        (two("cap 50 when a is Maybe"), ["E218"]),
        (two("cap 50 when a is Yes or b is Yes and a is No"), ["E102"]),
        (two("include entities where norms > 5"), ["E217"]),
        (two("publish as 0 to 1, 2 decimals", "bands Good from 2, Bad from 0"), ["E306"]),
        (two("publish as 1 to 0, 2 decimals"), ["E220"]),
        (
            "index norms\n    measure n in x\n        normalise from 0 to 5 unclamped\n",
            ["E305"],
        ),
        (
            "index norms\n    measure n in x, plausible 0 to 5\n"
            "        normalise from 0 to 5 unclamped\n",
            [],
        ),
        ("index norms\n    measure n in x\n        normalise log from 0 to 5\n", ["E220"]),
        ("index norms\n    measure n in x\n        steps up to 5 = 0, up to 3 = 9\n", ["E219"]),
        ("index norms\n    measure n in x\n        steps up to 5 = 0\n", ["E219"]),
    ],
)
def test_a_law_that_is_broken_is_named(rules, expected):
    assert codes(rules) == expected


@settings(max_examples=200)
@given(st.data())
def test_every_score_lies_within_the_bounds_that_the_rules_alone_give(data):
    methods = ["arithmetic mean", "geometric mean", "harmonic mean"]
    policies = ["leave out", "zero", "worst", "no score"]
    draw = data.draw
    lines = [
        f"aggregate by {draw(st.sampled_from(methods))}",
        f"when missing {draw(st.sampled_from(policies))}",
    ]
    lines += draw(st.lists(st.sampled_from(["cap 60", "floor 20", "cap 35 when a is No"])))
    said = draw(st.dictionaries(st.sampled_from("ab"), st.sampled_from(["Yes", "Half", "No"])))
    profile = "answers:\n" + "".join(f"  {id}: {text}\n" for id, text in said.items())
    rules = two(*lines)
    tree, _ = parse(Source("all.bareme", SCALE + rules), "all")
    framework, _ = resolve("norms", [tree])
    low, high = framework.bounds[("norms",)]
    found = scored(rules, profile).score

    assert found is None or low <= found <= high


# ---- power means, medians, the best of several, curves


@settings(max_examples=100)
@given(
    scores=st.lists(st.fractions(0, 100, max_denominator=60), min_size=1, max_size=6),
    powers=st.lists(
        st.sampled_from(["-8", "-2", "-1", "-0.5", "0.25", "1", "2", "3.5", "12"]),
        min_size=2,
        max_size=2,
        unique=True,
    ),
)
def test_power_means_rise_with_the_power_and_stay_between_the_parts(scores, powers):
    weights = [Fraction(n % 3 + 1) for n in range(len(scores))]
    low, high = sorted(powers, key=Fraction)
    less, more = (method_named(f"power {p}").score(scores, weights) for p in (low, high))
    rounding = Fraction(1, 10**40)

    assert less <= more + rounding
    assert (0 if min(scores) == 0 else min(scores)) <= more <= max(scores)


@given(scores=st.lists(st.integers(0, 100).map(Fraction), min_size=1, max_size=7))
def test_the_named_power_means_are_those_of_their_power(scores):
    weights = [Fraction(n + 1) for n in range(len(scores))]

    assert method_named("power 1").score(scores, weights) == arithmetic_mean(scores, weights)
    assert method_named("power -1").score(scores, weights) == harmonic_mean(scores, weights)


@given(
    scores=st.lists(st.integers(0, 100).map(Fraction), min_size=1, max_size=9),
    count=st.integers(1, 12),
)
def test_the_median_and_the_best_are_those_of_a_plain_definition(scores, count):
    weights = [Fraction(1)] * len(scores)
    ordered = sorted(scores)
    n = len(ordered)
    best = ordered[-min(count, n) :]

    middle = method_named("median").score(scores, weights)
    assert middle == (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    assert method_named(f"best {count}").score(scores, weights) == sum(best) / len(best)


@given(
    value=st.fractions(0, 50, max_denominator=20),
    power=st.sampled_from(["0.5", "2", "3", "0.1"]),
)
def test_a_curve_agrees_with_its_definition_and_keeps_the_ends(value, power):
    read = Fraction(power)

    def points(x: Fraction) -> Fraction:
        return between_goalposts(x, Fraction(50), Fraction(0), log=False, clamped=True, power=read)

    assert (points(Fraction(60)), points(Fraction(0))) == (0, 100)
    assert math.isclose(points(value), 100 * float((50 - value) / 50) ** float(read), rel_tol=1e-9)
