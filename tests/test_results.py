"""Ranks, ties, bands, medians and changes: what is read off the published score, and what is not.

Small tables worked out by hand, then the same functions against counting.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bareme
import generators as g
import naive
from bareme.exact import decimal, round_half_up
from bareme.framework import Band
from bareme.reports.machine import csv_text, json_text
from bareme.reports.records import SCORE_COLUMNS, score_record
from bareme.results import band_of, competition_ranks
from bareme.results import median as median_in_units
from bareme.source import Span

many = settings(max_examples=settings.default.max_examples * 5)

# Few values, a hair apart, so that ties and near-ties abound.
near = st.builds(
    lambda tens, hairs: Fraction(tens, 10) + Fraction(hairs, 10**12),
    st.integers(0, 1000),
    st.integers(-1, 1),
) | st.sampled_from([Fraction(1, 3), Fraction(333, 1000), Fraction(0), Fraction(100)])


def project(rules: str, profiles: dict[str, str], partial: str = "") -> dict[str, str]:
    """One index's rules, and profiles by edition and entity, `2023/A`, given as score texts."""
    texts = {f"rules/{g.FRAMEWORK}/harbour.bareme": rules}
    for name, scores in profiles.items():
        edition, entity = name.split("/")
        given = scores if ":" in scores else f"depth: {scores}"
        inner = f"given:\n  harbour: {{{given}}}\n" if scores else ""
        texts[f"profiles/{g.FRAMEWORK}/{name}.yaml"] = f"entity: {entity}\n{inner}"
        if edition == partial:
            texts[f"profiles/{g.FRAMEWORK}/{edition}/edition.yaml"] = "cohort: partial\n"
    return texts


def published(rules: str, profiles: dict[str, str], partial: str = "", edition: str = "2023"):
    """The index's published figure of each entity."""
    with g.written(project(rules, profiles, partial)) as root:
        found = bareme.load(root)
        results = found.score(found.cohort(edition))["harbour"]
        return {f.entity: f for f in results.figures if f.figure == "harbour"}


DEPTH = "    indicator depth\n        given\n"


def harbour(*settings: str, below: str = DEPTH) -> str:
    return "index harbour\n" + "".join(f"    {line}\n" for line in settings) + below


# ---- ranks (C5)


@pytest.mark.parametrize(
    ("scores", "ranks"),
    [
        ([], ""),
        ([5], "1"),
        ([5, 5], "=1 =1"),
        ([9, 5, 5, 1], "1 =2 =2 4"),
        ([1, 5, 9, 5], "4 =2 1 =2"),
        ([None, 5, None], "- 1 -"),
        ([0, None, 0], "=1 - =1"),
        ([7, 7, 7, 8], "=2 =2 =2 1"),
        ([Fraction(1, 3), Fraction("0.333333333333"), Fraction(2, 6)], "=1 3 =1"),
    ],
)
def test_ranks_are_competition_ranks(scores, ranks):
    exact = [None if score is None else Fraction(score) for score in scores]
    shown = ["-" if r is None else "=" * r[1] + str(r[0]) for r in competition_ranks(exact)]

    assert " ".join(shown) == ranks


@many
@given(scores=st.lists(st.none() | near, max_size=12))
def test_ranks_agree_with_counting(scores):
    there = [score for score in scores if score is not None]
    wanted = [
        None if s is None else (1 + sum(other > s for other in there), there.count(s) > 1)
        for s in scores
    ]

    assert competition_ranks(scores) == wanted


def _near_ties(count: int) -> None:
    draw = random.Random(count)
    third = Fraction(1, 3)
    scores = [third + Fraction(draw.randrange(count // 2), 10**15) for _ in range(count)]
    alike = Counter(scores)
    above, wanted = 0, {}
    for score in sorted(alike, reverse=True):
        wanted[score] = (above + 1, alike[score] > 1)
        above += alike[score]

    assert competition_ranks(scores) == [wanted[score] for score in scores]


def test_thousands_of_scores_a_hair_apart_are_ranked_right():
    _near_ties(10_000)


@pytest.mark.long
def test_a_hundred_thousand_scores_a_hair_apart_are_ranked_right():
    _near_ties(100_000)


def test_ranks_read_the_published_score():
    figures = published(harbour(), {"2023/A": "66.4", "2023/B": "65.5", "2023/C": "65.49"})

    assert {e: (f.score, f.rank, f.tied) for e, f in figures.items()} == {
        "A": (66, 1, True),
        "B": (66, 1, True),
        "C": (65, 3, False),
    }


def test_who_has_no_score_has_no_rank_and_is_not_counted():
    figures = published(harbour(), {"2023/A": "10", "2023/B": "", "2023/C": "20"})

    assert {e: (f.rank, f.cohort, f.median) for e, f in figures.items()} == {
        "A": (2, 2, 15),
        "B": (None, 2, 15),
        "C": (1, 2, 15),
    }


def test_of_a_partial_cohort_no_ranks_and_no_medians_are_published():
    figures = published(harbour(), {"2023/A": "10", "2023/B": "20"}, partial="2023")

    assert {f.score for f in figures.values()} == {10, 20}
    for figure in figures.values():
        assert (figure.rank, figure.tied, figure.cohort, figure.median) == (None, False, None, None)
        assert score_record(figure)["tied"] is None


# ---- medians


def median(scores: list[Fraction], places: int) -> Fraction | None:
    """The engine's median, which counts in units of the last decimal, as a number."""
    found = median_in_units([round_half_up(score, places) for score in scores])
    return None if found is None else Fraction(found, 10**places)


@pytest.mark.parametrize(
    ("scores", "places", "wanted"),
    [
        ([], 0, None),
        (["7"], 0, "7"),
        (["1", "2"], 0, "2"),  # 1.5, rounded like a score
        (["1", "2"], 1, "1.5"),
        (["0", "0", "100"], 0, "0"),
        (["62.4", "62.5"], 1, "62.5"),  # 62.45
        (["3", "1", "2"], 0, "2"),
        (["4", "1", "3", "2"], 0, "3"),  # 2.5
    ],
)
def test_the_median_of_an_even_count_is_rounded_like_a_score(scores, places, wanted):
    found = median([Fraction(score) for score in scores], places)

    assert found == (None if wanted is None else Fraction(wanted))


@many
@given(scores=st.lists(near, min_size=1, max_size=9), places=st.integers(0, 3))
def test_the_median_agrees_with_leaving_out_both_ends(scores, places):
    rounded = [naive.half_up(score, places) for score in scores]

    assert median(rounded, places) == naive.median(rounded, places)
    assert median(rounded, places) == naive.half_up(statistics.median(rounded), places)
    assert median(rounded[::-1], places) == median(rounded, places)


# ---- bands (C6)

BANDS = tuple(Band(n, Fraction(f), Span("", 0, 0)) for n, f in [("A", 67), ("B", 34), ("C", 0)])


@pytest.mark.parametrize(
    ("score", "band"),
    [("100", "A"), ("67", "A"), ("66.999", "B"), ("34", "B"), ("33.9", "C"), ("0", "C")],
)
def test_a_band_starts_at_its_floor(score, band):
    assert band_of(Fraction(score), BANDS) == band


def test_without_bands_there_is_none():
    assert band_of(Fraction(50), ()) is None


@pytest.mark.parametrize("places", [0, 1, 2])
def test_bands_read_the_published_score_at_every_edge(places):
    """k/n of 100 against a band that starts exactly at the score as it is published."""
    fractions = [(k, n) for n in range(1, 41) for k in range(1, n + 1)]
    exact = [Fraction(100 * k, n) for k, n in fractions]
    for score in exact:
        floor = naive.half_up(score, places)
        over = tuple(Band(n, f, Span("", 0, 0)) for n, f in [("over", floor), ("under", 0)])
        assert band_of(naive.half_up(score, places), over) == "over"
        assert band_of(floor - Fraction(1, 10**places), over) in ("under", None)


def test_a_score_that_rounds_up_to_a_floor_is_in_that_band():
    rules = harbour("bands High from 67, Low from 0", "publish whole numbers")
    figures = published(rules, {"2023/A": "66.5", "2023/B": "66.49"})

    assert {e: (f.score, f.band) for e, f in figures.items()} == {
        "A": (67, "High"),
        "B": (66, "Low"),
    }


def test_bands_and_decimals_hold_for_everything_below_until_overridden():
    below = (
        "    category shore\n"
        "        publish 2 decimals\n"
        "        bands Fair from 0\n"
        "        indicator depth\n"
        "            given\n"
        "    indicator quay\n"
        "        given\n"
    )
    rules = harbour("publish 1 decimal", "bands High from 50, Low from 0", below=below)
    with g.written(project(rules, {"2023/A": "depth: 33.335, quay: 66.66"})) as root:
        found = bareme.load(root)
        figures = found.score(found.cohort("2023"))["harbour"].figures

    assert {f.figure: (decimal(f.score, f.places), f.band) for f in figures} == {
        "harbour": ("50.0", "High"),
        "harbour.shore": ("33.34", "Fair"),
        "harbour.shore.depth": ("33.34", "Fair"),
        "harbour.quay": ("66.7", "High"),
    }


# ---- changes


def changes(rules: str, profiles: dict[str, str], edition: str = "2023") -> dict[str, object]:
    return {e: f.change for e, f in published(rules, profiles, edition=edition).items()}


def test_a_change_is_the_difference_of_two_published_scores():
    profiles = {"2020/A": "65.6", "2023/A": "66.4", "2020/B": "65.4", "2023/B": "65.5"}
    found = changes(harbour("compare with 2020"), profiles)

    assert found == {"A": 0, "B": 1}


def test_who_has_no_earlier_score_has_no_change():
    profiles = {"2020/A": "50", "2020/B": "", "2023/A": "40", "2023/B": "40", "2023/C": "40"}

    assert changes(harbour("compare with 2020"), profiles) == {"A": -10, "B": None, "C": None}


@pytest.mark.parametrize(
    ("setting", "edition", "wanted"),
    [
        ("compare with 2017", "2023", 30),
        ("compare with 2020", "2023", 10),
        ("compare with previous edition", "2023", 10),
        ("compare with previous edition", "2020", 20),
        ("compare with previous edition", "2017", None),  # nothing before it
        ("compare with 2020", "2020", None),  # an edition is not compared with itself
        ("compare with 2023", "2020", None),  # nor with a later one
        ("compare with 2019", "2023", None),  # nor with one that is not there
        ("publish whole numbers", "2023", None),
    ],
)
def test_which_edition_changes_are_counted_from(setting, edition, wanted):
    profiles = {"2017/A": "20", "2020/A": "40", "2023/A": "50"}

    assert changes(harbour(setting), profiles, edition) == {"A": wanted}


def test_the_earlier_edition_is_restated_by_the_rules_of_today():
    profiles = {"2020/A": "depth: 0, quay: 100", "2023/A": "depth: 100, quay: 0"}
    below = "    indicator depth weight {}\n        given\n    indicator quay\n        given\n"

    assert changes(harbour("compare with 2020", below=below.format(1)), profiles) == {"A": 0}
    assert changes(harbour("compare with 2020", below=below.format(3)), profiles) == {"A": 50}


def test_editions_go_by_their_date():
    texts = project(harbour("compare with previous edition"), {"second/A": "50", "first/A": "20"})
    folder = f"profiles/{g.FRAMEWORK}"
    texts[f"{folder}/second/edition.yaml"] = "date: 2023-01\n"
    texts[f"{folder}/first/edition.yaml"] = "date: 2022-12-31\n"
    with g.written(texts) as root:
        found = bareme.load(root)
        assert found.editions == ("first", "second")
        results = found.score(found.cohort("second"))["harbour"]

    assert results.compared_with is not None
    assert results.compared_with.id == "first"
    assert results.figures[0].change == 30


# ---- records (design 6)


def test_a_record_has_the_documented_columns_and_exact_numbers():
    rules = harbour("publish 1 decimal", "bands High from 50, Low from 0", "compare with 2020")
    profiles = {"2020/A": "50.05", "2023/A": "66.65", "2023/B": "66.65"}
    record = score_record(published(rules, profiles)["A"])

    assert tuple(record) == SCORE_COLUMNS
    assert json_text([record]) == (
        "[\n"
        "  {\n"
        '    "band": "High",\n'
        '    "change": 16.6,\n'
        '    "cohort": 2,\n'
        '    "edition": "2023",\n'
        '    "entity": "A",\n'
        '    "exact": "1333/20",\n'
        '    "figure": "harbour",\n'
        '    "index": "harbour",\n'
        '    "label": "Harbour",\n'
        '    "level": "index",\n'
        '    "mean": 66.7,\n'
        '    "median": 66.7,\n'
        '    "name": "A",\n'
        '    "part": null,\n'
        '    "rank": 1,\n'
        '    "score": 66.7,\n'
        '    "status": "rests on given",\n'
        '    "tied": true,\n'
        '    "unit": null,\n'
        '    "unrounded_rank": null,\n'
        '    "unrounded_tied": null\n'
        "  }\n"
        "]\n"
    )
    assert csv_text(SCORE_COLUMNS, [record]).splitlines()[1] == (
        "A,A,2023,harbour,harbour,Harbour,index,66.7,1333/20,rests on given,High,1,true,2,66.7,"
        "16.6,66.7,,,,"
    )


# ---- one figure, and figures in their order

SITES = """units site
scale yes_no: Yes = 100, No = 0

index safety "Safety"
    publish as 1 to 11, 1 decimal
    bands High from 6, Low from 1
    category guarding "Guarding"
        for each site
        publish as 1 to 11, 2 decimals
        aggregate by arithmetic mean
        indicator guards "Guards"
            question armed on yes_no
            question awake on yes_no
        indicator gates "Gates"
            publish as 1 to 11, whole numbers
            question shut on yes_no
    indicator law "Law"
        publish as 1 to 11, 2 decimals
        given
    rating late of early: 3 from 2, 4 from 1
    rating early of law: 1 from 5, 2 from 1
"""


def sites():
    """Two entities in 2023, one of them with two sites, and one in 2020."""
    port = "entity: {}\nparts:\n  site:\n    North: {{armed: Yes, awake: No, shut: Yes}}\n"
    texts = {
        f"rules/{g.FRAMEWORK}/safety.bareme": SITES,
        f"profiles/{g.FRAMEWORK}/2023/A.yaml": port.format("A")
        + "    South: {armed: No, awake: No, shut: No}\n"
        + "given: {safety: {law: 12}}\n",
        f"profiles/{g.FRAMEWORK}/2023/B.yaml": "entity: B\nanswers: {}\n",
    }
    with g.written(texts) as root:
        found = bareme.load(root)
        return found.score(found.cohort("2023"))["safety"]


def test_figures_stand_in_the_order_of_the_rules_and_ratings_after_them():
    results = sites()
    order = ["safety", "safety.guarding", "safety.law", "safety.late", "safety.early"]

    assert [each.figure for each in results.by_entity["A"]] == order
    assert [each.figure for each in results.figures] == order * 2
    assert [each.depth for each in results.by_entity["A"]] == [0, 1, 1, 1, 1]
    assert [each.places for each in results.by_entity["A"]] == [1, 2, 2, 1, 1]
    called = ["index", "category", "indicator", "rating", "rating"]
    assert [each.called for each in results.by_entity["A"]] == called
    assert results.paths == (("safety",), ("safety", "guarding"), ("safety", "law"))
    assert list(results.by_entity) == ["A", "B"]
    assert len(results.by_entity) == 2
    assert "A" in results.by_entity
    assert "C" not in results.by_entity


def test_one_figure_is_found_by_its_entity_and_its_path():
    results = sites()
    law = results.figure("A", ("safety", "law"))

    assert law == results.by_entity["A"][2]
    assert law is not None
    assert (law.entity, law.figure, law.score) == ("A", "safety.law", Fraction("2.2"))
    assert results.figure("C", ("safety", "law")) is None
    assert results.figure("A", ("safety", "laws")) is None
    assert results.cells(("safety", "law")) == {"A": (220, (1, False)), "B": (None, None)}
    assert results.cells(("safety", "laws")) == {}


def test_what_a_rating_read_can_be_asked_for():
    rated = sites().rated("A")

    early, late = rated["safety", "early"], rated["safety", "late"]
    assert early.read == ((("safety", "law"), Fraction("2.2")),)
    assert (early.mean, early.grade.label, early.status) == (Fraction("2.2"), "2", "rests on given")
    assert late.read == ((("safety", "early"), Fraction(2)),)
    assert (late.mean, late.grade.label, late.status) == (2, "3", "rests on given")
    missing = sites().rated("B")["safety", "late"]
    assert (missing.mean, missing.grade, missing.status) == (None, None, "missing")


def test_the_figures_of_a_part_are_printed_like_any_and_not_ranked():
    """Guarding of North is 75 (50 and 100), of South 0: 37.5 for the entity."""
    results = sites()
    parts = results.parts_of("A")

    guarding, armed = "safety.guarding", "safety.guarding.guards.armed"
    assert [
        (f.part, f.figure, f.depth, f.level, f.score, f.exact, f.places, f.band)
        for f in parts
        if not f.figure.endswith(("awake", "shut"))
    ] == [
        ("North", guarding, 1, "category", Fraction("8.5"), 75, 2, "High"),
        ("North", f"{guarding}.guards", 2, "indicator", 6, 50, 2, "High"),
        ("North", armed, 3, "question", 11, 100, 2, "High"),
        ("North", f"{guarding}.gates", 2, "indicator", 11, 100, 0, "High"),
        ("South", guarding, 1, "category", 1, 0, 2, "Low"),
        ("South", f"{guarding}.guards", 2, "indicator", 1, 0, 2, "Low"),
        ("South", armed, 3, "question", 1, 0, 2, "Low"),
        ("South", f"{guarding}.gates", 2, "indicator", 1, 0, 0, "Low"),
    ]
    assert [f.figure.rpartition(".")[2] for f in parts[:6]] == [
        "guarding", "guards", "armed", "awake", "gates", "shut",
    ]  # fmt: skip
    for f in parts:
        assert (f.unit, f.entity, f.called) == ("site", "A", f.level)
        assert (f.rank, f.tied, f.cohort, f.median, f.mean) == (None, False, None, None, None)
        assert (f.unrounded_tied, f.overridden) == (False, False)
    assert results.parts_of("B") == ()
    whole = results.figure("A", ("safety", "guarding"))
    assert whole is not None
    assert (whole.score, whole.exact) == (Fraction("4.75"), Fraction("37.5"))


# ---- on another range than the score's own

OTHER = "publish as -1 to 4, 1 decimal"  # a score of 30 is printed as 0.5


def test_bands_and_ratings_by_unrounded_scores_read_them_on_the_printed_range():
    below = DEPTH + "    rating state of depth: Good from 0.5, Bad from -1\n"
    settings = (OTHER, "band by unrounded scores", "bands High from 0.5, Low from -1")
    rules = harbour(*settings, below=below)
    with g.written(project(rules, {"2023/A": "30", "2023/B": "29.9", "2023/C": ""})) as root:
        found = bareme.load(root)
        results = found.score(found.cohort("2023"))["harbour"]

    shown = {
        (entity, figure.figure): (figure.score, figure.band)
        for entity, figures in results.by_entity.items()
        for figure in figures
    }
    half = Fraction("0.5")
    assert shown == {
        ("A", "harbour"): (half, "High"),
        ("A", "harbour.depth"): (half, "High"),
        ("A", "harbour.state"): (None, "Good"),
        ("B", "harbour"): (half, "Low"),  # 0.495, printed as 0.5
        ("B", "harbour.depth"): (half, "Low"),
        ("B", "harbour.state"): (None, "Bad"),
        ("C", "harbour"): (None, None),
        ("C", "harbour.depth"): (None, None),
        ("C", "harbour.state"): (None, None),
    }


def test_ranks_medians_and_changes_are_on_the_printed_range():
    profiles = {"2020/A": "10", "2023/A": "30", "2023/B": "50"}
    figures = published(harbour(OTHER, "compare with 2020"), profiles)

    assert (figures["A"].score, figures["A"].rank) == (Fraction("0.5"), 2)
    assert (figures["B"].score, figures["B"].rank) == (Fraction("1.5"), 1)
    assert {(f.median, f.mean) for f in figures.values()} == {(1, 1)}
    assert (figures["A"].earlier, figures["A"].change) == (Fraction("-0.5"), 1)
    assert (figures["B"].earlier, figures["B"].change) == (None, None)
    assert figures["A"].earlier_status == "rests on given"
    assert figures["B"].earlier_status is None


def test_a_sum_of_less_than_nothing_is_printed_on_a_range_from_nothing():
    """From -50 to 50 is from 0 to 10: a tenth of each score, and 5."""
    rules = harbour(
        "aggregate by sum",
        "range -50 to 50",
        "when missing no score",
        "publish as 0 to 10, 1 decimal",
        "band by unrounded scores",
        "bands High from 7, Low from 0",
        below="    indicator depth\n        range -50 to 50\n        given\n",
    )
    figures = published(rules, {"2023/A": "20", "2023/B": "-50", "2023/C": "19.9"})

    assert {entity: (f.score, f.band, f.rank) for entity, f in figures.items()} == {
        "A": (7, "High", 1),
        "B": (0, "Low", 3),
        "C": (7, "Low", 1),  # 6.99
    }


def test_ranks_by_unrounded_scores_stand_beside_the_others():
    rules = harbour("rank by rounded and unrounded scores", "publish whole numbers")
    profiles = {"2023/A": "66.4", "2023/B": "65.6", "2023/C": "65.6", "2023/D": "65", "2023/E": ""}
    figures = published(rules, profiles)

    shown = {e: (f.rank, f.tied, f.unrounded_rank, f.unrounded_tied) for e, f in figures.items()}
    assert shown == {
        "A": (1, True, 1, False),
        "B": (1, True, 2, True),
        "C": (1, True, 2, True),
        "D": (4, False, 4, False),
        "E": (None, False, None, False),
    }


def test_a_given_score_is_in_place_of_another_only_where_there_would_be_one():
    profiles = {"2023/A": "harbour: 20, depth: 30", "2023/B": "30"}
    rules = harbour()
    with g.written(project(rules, profiles)) as root:
        found = bareme.load(root)
        results = found.score(found.cohort("2023"))["harbour"]

    shown = {(f.entity, f.figure): (f.score, f.overridden) for f in results.figures}
    assert shown == {
        ("A", "harbour"): (20, True),
        ("A", "harbour.depth"): (30, False),
        ("B", "harbour"): (30, False),
        ("B", "harbour.depth"): (30, False),
    }


def test_a_printed_range_may_start_at_a_fraction():
    figures = published(harbour("publish as 0.5 to 1.5, 2 decimals"), {"2023/A": "30"})

    assert (figures["A"].score, figures["A"].median) == (Fraction("0.8"), Fraction("0.8"))
