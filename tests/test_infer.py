"""`bareme infer weights`: what the print of a project says of its weights."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from fractions import Fraction
from pathlib import Path

import pytest

from bareme.audit.inferred import Inferred
from bareme.cli import run
from bareme.project import InputRefused, NoSuchName, load
from bareme.reports.inferred_records import WEIGHT_COLUMNS, letter
from test_cli import make
from test_docs import DOCS, first_column, section

ROOT = Path(__file__).parent.parent
F = Fraction
NUCLEAR = load(ROOT, "nuclear-security")
PRINT = NUCLEAR.cohort("2023")


def inferred(figure: str, **options) -> Inferred:
    return NUCLEAR.infer_weights(PRINT, figure, **options)


def range_of(found: Inferred, part: str) -> tuple[Fraction, bool, Fraction, bool]:
    """The lower end, whether it is left out, the upper end, whether it is left out."""
    assert found.ranges is not None
    at = [each.path[-1] for each in found.parts].index(part)
    each = found.ranges[at]
    return each.low.value, each.low.open, each.high.value, each.high.open


# ---- the real case; each end is worked out by hand beside it


def test_quantities_of_materials_weigh_between_30_and_46_percent():
    found = inferred("theft.quantities")

    # Down to below 72.5, the rest on the part of 87.5: 37.5 w + 87.5 (1 - w) < 72.5.
    # Up to above 71.5, the rest on the part of 100: 38.5 w + 100 (1 - w) > 71.5.
    assert range_of(found, "quantities_of_materials") == (
        F(15, 50), True, F(285, 615), True
    )  # fmt: skip
    assert found.simple == (F(2, 5), F(3, 10), F(3, 10))


def test_international_assurances_weigh_between_25_and_28_percent():
    found = inferred("theft.global_norms", changes=False)

    # 32.5 w + 99.5 (1 - w) < 82.5 and 33.5 w + 100 (1 - w) ≥ 81.5; at the latter end the mean
    # stays below 81.5, as 33.5 itself is not one of the scores.
    assert range_of(found, "assurances") == (F(17, 67), True, F(185, 665), True)


def test_the_changes_narrow_international_assurances_down():
    found = inferred("theft.global_norms")

    # In 2020 it was 39 of 84: 39.5 w + 100 (1 - w) > 83.5 for the part of the others at 100. The
    # part of w at 39.5 is not one of its scores, and that of 100 is.
    assert range_of(found, "assurances")[2:] == (F(165, 605), True)


def test_both_pages_narrow_international_assurances_down_further():
    found = inferred("theft.global_norms", alongside=["sabotage.global_norms"])

    # In 2020 sabotage has 42 of 84: 41.5 w + 99.5 (1 - w) < 84.5.
    assert range_of(found, "assurances") == (F(15, 58), True, F(165, 605), True)


def test_parts_as_they_are_scored_leave_what_the_page_on_the_real_case_says():
    found = inferred("theft.global_norms", alongside=["sabotage.global_norms"], as_scored=True)

    # 42 w + 100 (1 - w) < 84.5, and 39 w + 100 (1 - w) ≥ 83.5, which 39 and 100 do reach.
    assert range_of(found, "assurances") == (F(155, 580), True, F(165, 610), False)
    said = section(DOCS / "real-case.md", "Weights: consistent with the print, not the publisher's")
    assert "above 26.72% and at most 27.05%" in said
    assert F(2672, 10000) < F(155, 580) < F(2673, 10000)
    assert F(2704, 10000) < F(165, 610) < F(2705, 10000)


@pytest.mark.parametrize("index", ["theft", "sabotage"])
def test_unscr_1540_weighs_between_20_and_28_percent(index):
    # 79.5 w + 99.5 (1 - w) < 95.5 and 80.5 w + 100 (1 - w) > 94.5.
    found = inferred(f"{index}.domestic")

    assert range_of(found, "unscr_1540") == (F(4, 20), True, F(55, 195), True)


def test_equal_fifths_fit_theft_and_cannot_fit_sabotage():
    for changes in (True, False):
        theft, sabotage = (inferred(each, changes=changes) for each in ("theft", "sabotage"))
        fits = {each.name: each.fits for each in theft.tried}
        assert fits == {"rules": True, "equal": True}
        assert theft.simple == (F(1, 5),) * 5
        equal = next(each for each in sabotage.tried if each.name == "equal")
        # (80 + 53 + 82 + 95 + 23) / 5 = 66.6, and the parts can be half a point off at most.
        assert (equal.against[0].least, equal.against[0].most) == (F(661, 10), F(671, 10))
        assert not equal.fits
        assert sabotage.ranges is not None


@pytest.mark.parametrize(
    "figure",
    [f"{index}{below}" for index in ("theft", "sabotage") for below in (
        "", ".security", ".global_norms", ".domestic", ".risk_environment"
    )],
)  # fmt: skip
def test_the_rules_fit_everywhere_and_lie_in_every_range(figure):
    found = inferred(figure)
    rules = found.tried[0]

    assert rules.fits
    assert found.ranges is not None
    assert all(each.holds(w) for each, w in zip(found.ranges, rules.weights, strict=True))


def with_weights(rules: str, figure, weights) -> str:
    """The text of an index with these weights at the parts of one of its figures."""
    lines = rules.splitlines()
    start = next(at for at, row in enumerate(lines) if f" {figure.id} " in row)
    for part, weight in zip(figure.children, weights, strict=True):
        head = f' {part.path[-1]} "'
        at = next(n for n in range(start, len(lines)) if head in lines[n])
        lines[at] = re.sub(r" weight \S+", "", lines[at]) + f" weight {weight}"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("index", ["theft", "sabotage"])
def test_the_simple_weights_can_be_put_into_the_rules(index, tmp_path, capfd):
    """Every simple set of an index, typed into its rules: `check` finds nothing that differs."""
    text = (ROOT / "rules" / "nuclear-security" / f"{index}.bareme").read_text(encoding="utf-8")
    for figure in NUCLEAR.framework.index(index).root.figures():
        if len(figure.children) > 1:
            found = inferred(figure.dotted)
            assert found.off_score == ()
            text = with_weights(text, figure, found.simple)
    for file in (ROOT / "rules" / "nuclear-security").glob("*.bareme"):
        make(tmp_path, {f"rules/nuclear-security/{file.name}": file.read_text(encoding="utf-8")})
    make(tmp_path, {f"rules/nuclear-security/{index}.bareme": text})
    for file in (ROOT / "profiles" / "nuclear-security").glob("*/*.yaml"):
        edition = f"profiles/nuclear-security/{file.parent.name}/{file.name}"
        make(tmp_path, {edition: file.read_text(encoding="utf-8")})

    assert run(["-C", str(tmp_path), "check"]) == 0
    assert "102 printed figures agree" in capfd.readouterr().out


# ---- a publisher that says how its totals are made

RIGHTS = Path(__file__).parents[2] / "shared/reference/ranking-digital-rights/published_totals.csv"
CATEGORIES = ("governance", "freedom", "privacy")


@pytest.mark.skipif(
    not RIGHTS.exists() and os.environ.get("BAREME_REFERENCE") != "required",
    reason="the reference data are not here",
)
def test_no_weights_of_the_three_categories_give_the_printed_totals_of_digital_rights(tmp_path):
    """The publisher's total is the mean of all indicators that apply, not of the categories.

    How many apply differs from company to company, and with it what each category counts for.
    """
    with RIGHTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rules = 'index rdr "Rights"\n' + "".join(
        f"    category {each}\n        given\n" for each in CATEGORIES
    )
    make(tmp_path, {"rules/rdr/rdr.bareme": rules})
    for number, row in enumerate(rows):
        parts = ", ".join(f"{each}: {row[each]}" for each in CATEGORIES)
        text = f"entity: {row['company']}\ngiven:\n  rdr: {{{parts}}}\npublished:\n"
        text += f"  rdr: {{rdr: {row['total']}, {parts}}}\n"
        make(tmp_path, {f"profiles/rdr/2022/{number}.yaml": text})
    loaded = load(tmp_path)
    found = loaded.infer_weights(loaded.cohort("2022"), "rdr")

    assert len(found.lines) == 14
    assert found.contradiction is not None
    # By hand, of three lines: Alibaba has 26 of 8, 18, 37; Apple 44 of 50, 21, 55; Yahoo 54 of
    # 59, 31, 59. The first and the last have to reach up, that of Apple has to reach down.
    proof = {
        (found.lines[found.conditions[number].line].name, found.conditions[number].up): times
        for number, times in found.contradiction.items()
    }
    assert proof == {("Alibaba", True): 1, ("Apple", False): 3, ("Yahoo", True): 3}
    up, down, last = (8.5, 18.5, 37.5), (49.5, 20.5, 54.5), (59.5, 31.5, 59.5)
    sums = [
        a - 25.5 + 3 * (44.5 - b) + 3 * (c - 53.5) for a, b, c in zip(up, down, last, strict=True)
    ]
    assert sums == [-14, -1, 0]


# ---- what is read of a print, and what is not

RULES = """\
index norms "Norms"
    publish whole numbers, half up
    compare with previous edition
    category law "Law"
        indicator treaties
            given
        indicator courts
            given
    category other "Other"
        indicator ships
            given
"""
PROFILE = "entity: A\ngiven:\n  norms: {treaties: 20, courts: 60, ships: 50}\n"


def project(tmp_path: Path, published: str, rules: str = RULES, more: str = "") -> Path:
    return make(
        tmp_path,
        {
            "rules/norms/norms.bareme": rules,
            "profiles/norms/2023/a.yaml": f"{PROFILE}{more}published:\n  norms: {published}\n",
        },
    )


def law(root: Path, **options) -> Inferred:
    rules = load(root)
    return rules.infer_weights(rules.cohort("2023"), "norms.law", **options)


def test_a_part_that_is_not_printed_can_be_anything(tmp_path):
    found = law(project(tmp_path, "{law: 80, treaties: 20}"))

    # 20.5 w + 100 (1 - w) > 79.5, with courts at 100; at 0 it would reach down to anything.
    assert found.lines[0].parts == (20, None)
    assert range_of(found, "treaties") == (F(0), False, F(205, 795), True)


def test_a_part_that_is_marked_as_differing_can_be_anything(tmp_path):
    slip = "{score: 90, differs: a slip}"
    found = law(project(tmp_path, f"{{law: 30, treaties: 20, courts: {slip}}}"))

    assert found.lines[0].parts == (20, None)


@pytest.mark.parametrize(
    ("published", "more", "rules", "reason"),
    [
        ("{law: {score: 30, differs: a slip}, treaties: 20}", "", RULES, "differing: a slip"),
        ("{law: 30}", "", RULES, "no score is printed of any of its parts"),
        ("{law: 30.5, treaties: 20}", "", RULES, "30.5 is printed with more decimals than"),
        ("{law: 30, treaties: 20.5}", "", RULES, "of `treaties`, 20.5 is printed with more"),
        ("{law: [30, -90], treaties: [20, 0]}", "", RULES, "the score would be 120, outside"),
        ("{law: [30, 0], treaties: [20, 30]}", "", RULES, "of `treaties`, the score would be -10"),
        ("{law: 30, treaties: 20}", "  norms.law: 30\n", RULES, "the profile gives it in place"),
        (
            "{law: [30, 0], treaties: [20, 0]}",
            "",
            RULES.replace("    compare with previous edition\n", ""),
            "the rules do not say what its change is counted from",
        ),
        (
            "{law: [30, 0], treaties: [20, 0]}",
            "",
            RULES.replace("previous edition", "previous edition as published"),
            "its change is counted from what was published then",
        ),
    ],
)
def test_what_is_not_used_is_named_with_its_reason(tmp_path, published, more, rules, reason):
    root = project(tmp_path, published, rules)
    if more:
        path = root / "profiles/norms/2023/a.yaml"
        text = path.read_text(encoding="utf-8").replace("{treaties", "{law: 30, treaties")
        path.write_text(text, encoding="utf-8")
    found = law(root)

    assert [reason in each.reason for each in found.left_out] == [True]


def test_a_change_is_a_line_of_its_own(tmp_path):
    found = law(project(tmp_path, "{law: [30, -5], treaties: [20, 0], courts: [60, -20]}"))

    assert [(each.score, each.parts, each.then) for each in found.lines] == [
        (30, (20, 60), False),
        (35, (20, 80), True),
    ]
    assert len(law(tmp_path, changes=False).lines) == 1


def test_decimals_and_the_range_of_the_print_are_those_of_the_rules(tmp_path):
    rules = RULES.replace("publish whole numbers, half up", "publish as 0 to 1, 2 decimals")
    found = law(project(tmp_path, "{law: 0.30, treaties: 0.20, courts: 0.60}", rules))

    # A printed 0.30 is 29.5 to 30.5 of 100: 60.5 w + 20.5 (1 - w) > 29.5 and 59.5 w + ... < 30.5.
    assert range_of(found, "courts") == (F(90, 400), True, F(110, 400), True)


def test_a_rescaled_mean_is_taken_back_to_the_range_of_its_parts(tmp_path):
    rules = RULES.replace(
        'category law "Law"\n', 'category law "Law"\n        range 0 to 10\n        rescale\n'
    ).replace("            given\n", "            range 0 to 10\n            given\n", 2)
    root = make(
        tmp_path,
        {
            "rules/norms/norms.bareme": rules,
            "profiles/norms/2023/a.yaml": "entity: A\ngiven:\n  norms: {treaties: 2, courts: 6, "
            "ships: 50}\npublished:\n  norms: {law: 30, treaties: 2, courts: 6}\n",
        },
    )
    found = law(root)

    # The mean of 2 and 6 on 0 to 10 is 2.95 up to 3.05, printed 30 on 0 to 100.
    assert found.lines[0].line.mean.low == F(295, 100)
    assert range_of(found, "courts") == (F(45, 400), True, F(155, 400), True)


def test_indicators_that_count_over_categories_are_the_parts(tmp_path):
    rules = RULES.replace("    compare", "    aggregate over indicators\n    compare")
    root = project(tmp_path, "{norms: 40, treaties: 20, courts: 60, ships: 50}", rules)
    loaded = load(root)
    found = loaded.infer_weights(loaded.cohort("2023"), "norms")

    assert [each.path[-1] for each in found.parts] == ["treaties", "courts", "ships"]
    assert found.lines[0].parts == (20, 60, 50)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (RULES.replace('"Law"', '"Law"\n        aggregate by median'), "which has no weights"),
        (
            RULES.replace('"Law"', '"Law"\n        aggregate by harmonic mean'),
            "it is the harmonic mean",
        ),
        (RULES.replace('"Law"', '"Law"\n        aggregate by power 2'), "a mean of power 2"),
        (RULES.replace('"Law"', '"Law"\n        cap 50'), "a cap or a floor is put on its mean"),
        (
            "index norms\n    category law same as norms.other\n    category other\n"
            "        given\n",
            "the same as `norms.other`",
        ),
        (
            "index norms\n    indicator law\n        score 50 when sea is answered\n"
            "        score 0 otherwise\n    indicator sea_law\n        question sea\n"
            "            options: Yes = 100, No = 0\n",
            "decided by conditions",
        ),
        (
            "index norms\n    indicator law\n        question sea\n"
            "            options: Yes = 100, No = 0\n",
            "its parts are questions",
        ),
        ("index norms\n    indicator law\n        given\n", "its score is given"),
        (
            "index norms\n    category law\n"
            + "".join(f"        indicator i{each}\n            given\n" for each in range(101)),
            "it has more than 100 parts",
        ),
        (
            "units port\nindex norms\n    category law\n        for each port\n"
            "        indicator quays\n            question sea\n"
            "                options: Yes = 100, No = 0\n",
            "scored for each part",
        ),
    ],
)
def test_of_what_no_print_could_tell_it_says_so_with_the_line(tmp_path, rules, reason):
    root = make(
        tmp_path,
        {"rules/norms/norms.bareme": rules, "profiles/norms/2023/a.yaml": "entity: A\n"},
    )
    with pytest.raises(InputRefused) as refused:
        law(root)

    (found,) = refused.value.diagnostics
    assert found.code == "E471"
    assert reason in found.help
    assert found.span.file == "rules/norms/norms.bareme"


def test_figures_with_other_parts_cannot_have_the_same_weights():
    with pytest.raises(NoSuchName, match="`sabotage` has other parts than `theft`"):
        inferred("theft", alongside=["sabotage"])


def test_parts_in_another_order_are_matched_by_their_ids(tmp_path):
    rules = RULES + (
        "index again\n    publish whole numbers, half up\n    category law\n"
        "        indicator courts\n            given\n"
        "        indicator treaties\n            given\n"
    )
    root = project(tmp_path, "{law: 30, treaties: 20, courts: 60}", rules)
    path = root / "profiles/norms/2023/a.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "published:\n",
            "  again: {treaties: 0, courts: 100}\n"
            "published:\n  again: {law: 25, courts: 100, treaties: 0}\n",
        ),
        encoding="utf-8",
    )  # fmt: skip
    found = law(root, alongside=["again.law"])

    assert found.lines[1].parts == (0, 100)
    assert range_of(found, "courts")[2] <= F(255, 995)


def test_simple_weights_that_miss_the_scores_of_the_parts_say_which_line(tmp_path, capfd):
    # Given are 20 and 60, printed 21 and 61 of a mean of 61: that takes a mean of 60.5 or more.
    root = project(tmp_path, "{law: 61, treaties: 21, courts: 61}")
    found = law(root)

    assert found.simple is not None
    assert [each.line for each in found.off_score] == [0]
    assert run(["-C", str(root), "infer", "weights", "norms.law"]) == 0
    said = capfd.readouterr().out
    assert "The simple weights fit the print, but not the parts as the rules score them:" in said


# ---- the command


def infer(*arguments: str, at: Path = ROOT) -> int:
    return run(["-C", str(at), "infer", "weights", *arguments])


@pytest.mark.parametrize(
    ("tried", "status"),
    [
        ("equal", 1),
        ("15%, 25%, 20%, 20%, 20%", 0),
        ("3,5,4,4,4", 0),
        ("3/20, 1/4, 1/5, 1/5, 1/5", 0),
        ("20%, 20%, 20%, 20%, 20%", 1),
    ],
)
def test_weights_to_try_fit_or_exit_with_1(tried, status, capfd):
    assert infer("sabotage", "--try", tried) == status
    out = capfd.readouterr().out
    assert ("do not fit:" in out.split("printed, with")[0].split("Equal weights")[-1]) or not status


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sabotage", "--try", "1, 2"], "`sabotage` takes 5 weights, in this order: `sites`"),
        (["sabotage", "--try", "a lot"], "'a lot' is no weight"),
        (["sabotage", "--try", "1, 1/0, 1, 1, 1"], "'1/0' is no weight"),
        (["sabotage", "--try", "20%, 1, 1, 1, 1"], "some are percents and others are not"),
        (["sabotage", "--try", "20%, 20%, 20%, 20%, 15%"], "add up to 95%, not 100%"),
        (["sabotage", "--try", "2, -1, 1, 1, 1"], "a weight is below 0, or all are 0"),
        (["sabotage", "--try", "0, 0, 0, 0, 0"], "a weight is below 0, or all are 0"),
        (["sabotage.quantities"], "there is no figure `sabotage.quantities`"),
        (["theft", "--with", "sabotage"], "has other parts"),
        (["social_unrest"], "is a question, which has no weighed parts"),
        (["harbour_safety.works"], "E471"),
        (["theft", "--edition", "1999"], "there is no edition `1999`"),
    ],
)
def test_what_cannot_be_asked_is_said_and_exits_with_2(arguments, says, capfd):
    assert infer(*arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err


def test_what_cannot_be_inferred_is_a_message_for_programs_as_well(capfd):
    assert infer("harbour_safety.works", "--format", "json") == 2
    out, err = capfd.readouterr()

    assert out == ""
    (told,) = json.loads(err)["messages"]
    assert (told["code"], told["file"]) == ("E471", "rules/harbour-safety/harbour_safety.bareme")


def test_an_index_is_gone_through_with_all_below_it(capfd):
    assert infer("theft", "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))

    assert tuple(rows[0]) == WEIGHT_COLUMNS
    assert [*dict.fromkeys(row["figure"] for row in rows)] == [
        "theft", "theft.quantities", "theft.security", "theft.global_norms", "theft.domestic",
        "theft.risk_environment",
    ]  # fmt: skip
    materials = next(row for row in rows if row["part"] == "quantities_of_materials")
    assert (materials["low"], materials["low_open"], materials["low_lines"]) == (
        "3/10",
        "true",
        "A",
    )
    assert (materials["rules"], materials["simple"]) == ("2/5", "2/5")

    assert infer("theft", "--only", "--format", "csv") == 0
    assert {row["figure"] for row in csv.DictReader(io.StringIO(capfd.readouterr().out))} == {
        "theft"
    }


def test_figures_below_of_which_nothing_is_said_are_named(capfd):
    assert infer("harbour_safety") == 0
    out = " ".join(capfd.readouterr().out.split())

    assert "`harbour_safety.works` is left out: it is the geometric mean" in out
    assert "Nothing printed bears on these weights." in out


def proofs_of(found: dict) -> None:
    """Multiply out every proof of the JSON of one figure, from its printed lines up."""
    conditions = []
    for each in found["conditions"]:
        line = next(one for one in found["lines"] if one["line"] == each["line"])
        mean = F(line["score"])
        ends = []
        for score in map(F, line["parts"]):
            if each["says"] == "reaches up":
                ends.append(min(score + F(1, 2), F(100)) - (mean - F(1, 2)))
            else:
                ends.append(min(mean + F(1, 2), F(100)) - max(score - F(1, 2), F(0)))
        assert list(map(F, each["coefficients"])) == ends
        conditions.append(ends)

    def added(proof, at):
        return sum((F(one["times"]) * conditions[one["condition"]][at] for one in proof), F(0))

    size = len(found["parts"])
    if found["contradiction"] is not None:
        assert max(added(found["contradiction"], at) for at in range(size)) < 0
    for number, part in enumerate(found["parts"]):
        if found["fits"]:
            high, low = part["high"], part["low"]
            for at in range(size):
                assert (at == number) + added(high["proof"], at) <= F(high["value"])
                assert (at == number) - added(low["proof"], at) >= F(low["value"])


def test_the_json_proves_every_end_by_itself(capfd):
    for index in ("theft", "sabotage"):
        assert infer(index, "--format", "json") == 0
        for found in json.loads(capfd.readouterr().out):
            assert found["fits"]
            proofs_of(found)


def test_where_nothing_fits_the_json_proves_that(tmp_path, capfd):
    root = project(tmp_path, "{law: [30, -50], treaties: [20, 0], courts: [60, 0]}")

    assert infer("norms.law", "--format", "json", at=root) == 1
    (found,) = json.loads(capfd.readouterr().out)
    assert not found["fits"]
    assert {each["line"] for each in found["lines"]} == {"A", "B"}
    assert all(part["simple"] is part["low"] is part["high"] is None for part in found["parts"])
    proofs_of(found)

    assert infer("norms.law", "--format", "csv", at=root) == 1
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert {(row["low"], row["high"], row["simple"]) for row in rows} == {("", "", "")}

    assert infer("norms.law", at=root) == 1
    out = " ".join(capfd.readouterr().out.split())
    # 80 of 20 and 60: with 60.5 at the most it is above both, so that one line is enough.
    assert "No weights fit: line B alone leaves none." in out


def test_every_key_and_column_is_documented(capfd):
    text = section(DOCS / "infer.md", "Machine formats")
    said = {name for cell in re.findall(r"`(\w+)`", text) for name in [cell]}

    def keys(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from keys(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from keys(inner)

    assert infer("sabotage", "--try", "equal", "--format", "json") == 1
    shown = set(keys(json.loads(capfd.readouterr().out)))
    assert shown - said == set()
    assert set(WEIGHT_COLUMNS) - said == set()
    top = set(json.loads(_json_of(capfd))[0])
    in_tables = {each for cell in first_column(text) for each in re.findall(r"\w+", cell)}
    assert top - in_tables == set()


def _json_of(capfd) -> str:
    assert infer("theft.domestic", "--format", "json") == 0
    return capfd.readouterr().out


def test_lines_fit_80_columns(capfd):
    for arguments in (["theft"], ["sabotage"], ["harbour_safety"]):
        infer(*arguments)
        assert max(map(len, capfd.readouterr().out.splitlines())) <= 80


def test_many_printed_lines_are_cut_to_those_that_are_spoken_of(tmp_path, capfd):
    root = make(tmp_path, {"rules/norms/norms.bareme": RULES})
    for number in range(30):
        treaties, courts = number, 100 - 2 * number
        mean = (3 * treaties + courts + 2) // 4
        make(
            root,
            {
                f"profiles/norms/2023/e{number}.yaml": f"entity: E{number}\ngiven:\n  norms: "
                f"{{treaties: {treaties}, courts: {courts}, ships: 50}}\npublished:\n  norms: "
                f"{{law: {mean}, treaties: {treaties}, courts: {courts}}}\n"
            },
        )

    assert infer("norms.law", at=root) == 0
    out = capfd.readouterr().out
    assert re.search(r"and \d\d more lines, which nothing above rests on", out)
    found = law(root)
    assert range_of(found, "treaties")[0] < F(3, 4) < range_of(found, "treaties")[2]
    assert found.simple == (F(3, 4), F(1, 4))


def test_a_proof_that_is_too_wide_for_a_terminal_is_left_to_the_json(tmp_path, capfd):
    # Each of twelve parts is 100 once, the others 0, and the mean is printed 10 each time. Then
    # 100 w + 0.5 (1 - w) > 9.5, so each weight is above 9%: 12 are too much, and 11 are not.
    ids = [f"part_{each}" for each in "abcdefghijkl"]
    rules = 'index norms "Norms"\n    publish whole numbers, half up\n' + "".join(
        f"    category {each}\n        given\n" for each in ids
    )
    make(tmp_path, {"rules/norms/norms.bareme": rules})
    for number in range(12):
        parts = ", ".join(f"{each}: {100 * (at == number)}" for at, each in enumerate(ids))
        text = f"entity: E{number}\ngiven:\n  norms: {{{parts}}}\n"
        text += f"published:\n  norms: {{norms: 10, {parts}}}\n"
        make(tmp_path, {f"profiles/norms/2023/e{number}.yaml": text})

    assert infer("norms", at=tmp_path) == 1
    out = capfd.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "too wide to be shown here" in out
    assert infer("norms", "--format", "json", at=tmp_path) == 1
    (found,) = json.loads(capfd.readouterr().out)
    assert len(found["contradiction"]) == 12
    proofs_of(found)


def test_letters_go_on_after_z():
    assert [letter(each) for each in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
