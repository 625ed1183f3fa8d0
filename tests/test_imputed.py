"""Averages and scores carried forward, against what they plainly are; and what is said of them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import bareme
import generators as g
from bareme.audit.unanswered import unanswered
from bareme.cli import run
from bareme.project import Rules
from test_cohort_at_once import assert_equal

POINTS = {"High": Fraction(100), "Mid": Fraction(100, 3), "Low": Fraction(0)}
QUESTIONS = {"clear": 2, "boats": 1, "wardens": 3}  # with their weights
REGIONS = ("North", "South")

RULES = """group region: North, South
scale three: High = 300, Mid = 100, Low = 0, None = excluded

index lakes
    when missing {policy}
    question clear on three weight 2
    question boats on three
    question wardens on three weight 3
""".replace("three:", "three out of 300:")

Answers = dict[str, str | None]
Entities = dict[str, tuple[str | None, Answers]]  # the region, the answers

ANSWER = st.sampled_from([None, None, "High", "Mid", "Low", "None"])
ENTITIES = st.dictionaries(
    st.sampled_from("ABCDEF"),
    st.tuples(
        st.sampled_from([None, *REGIONS]),
        st.fixed_dictionaries(dict.fromkeys(QUESTIONS, ANSWER)),
    ),
    min_size=1,
)


def files(policy: str, editions: dict[str, Entities]) -> dict[str, str]:
    texts = {"rules/norms/lakes.bareme": RULES.format(policy=policy)}
    for edition, entities in editions.items():
        for entity, (region, answers) in entities.items():
            body: dict[str, object] = {"entity": entity}
            body["answers"] = {key: answer for key, answer in answers.items() if answer}
            if region:
                body["groups"] = {"region": region}
            texts[f"profiles/norms/{edition}/{entity}.yaml"] = yaml.safe_dump(body)
    return texts


def scores(rules: Rules, edition: str) -> dict[str, Fraction | None]:
    results = rules.score(rules.cohort(edition))["lakes"]
    return {entity: figures[0].exact for entity, figures in results.by_entity.items()}


def mean(answers: Answers, instead: dict[str, Fraction]) -> Fraction | None:
    """The plain definition: what has points, or something in its place, by its weight."""
    counted = {
        question: POINTS.get(answer) if answer else instead.get(question)
        for question, answer in answers.items()
    }
    used = {question: points for question, points in counted.items() if points is not None}
    if not used:
        return None
    total = sum(QUESTIONS[question] for question in used)
    return (
        sum((QUESTIONS[question] * points for question, points in used.items()), Fraction(0))
        / total
    )


def averages(entities: Entities, whose: list[str]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for question in QUESTIONS:
        said = [entities[entity][1][question] for entity in whose]
        points = [POINTS[each] for each in said if each in POINTS]
        if points:
            found[question] = sum(points, Fraction(0)) / len(points)
    return found


@given(ENTITIES, st.booleans())
@settings(max_examples=60)
def test_an_average_is_that_of_the_others_of_the_group(entities, everybody):
    policy = "average of all" if everybody else "average of region"
    with g.written(files(policy, {"2020": entities})) as root:
        rules = bareme.load(root)
        found = scores(rules, "2020")
        assert_equal(rules)
    for entity, (region, answers) in entities.items():
        alike = [
            other for other, (theirs, _) in entities.items()
            if everybody or (region is not None and theirs == region)
        ]  # fmt: skip
        assert found[entity] == mean(answers, averages(entities, alike))


@given(st.lists(ENTITIES, min_size=1, max_size=4))
@settings(max_examples=60)
def test_what_is_carried_forward_is_the_last_that_is_known(cohorts):
    editions = {str(2010 + number): cohort for number, cohort in enumerate(cohorts)}
    last = max(editions)
    with g.written(files("carry forward", editions)) as root:
        rules = bareme.load(root)
        found = scores(rules, last)
        assert_equal(rules)
    for entity, (_, answers) in editions[last].items():
        known: dict[str, Fraction] = {}
        for question in QUESTIONS:
            for edition in sorted(set(editions) - {last}, reverse=True):
                said = editions[edition].get(entity, (None, {}))[1].get(question)
                if said:
                    known |= {question: POINTS[said]} if said in POINTS else {}
                    break
        assert found[entity] == mean(answers, known)


@given(ENTITIES)
@settings(max_examples=30)
def test_what_an_answer_could_be_worth_is_what_it_is_worth(entities):
    with g.written(files("average of region", {"2020": entities})) as root:
        rules = bareme.load(root)
        found = unanswered(rules.score(rules.cohort("2020"))["lakes"])
    for each in found:
        region, answers = entities[each.entity]
        for worth in (each.lowest, each.highest):
            changed = answers | {each.question: worth.answer}
            with g.written(
                files("average of region", {"2020": entities | {each.entity: (region, changed)}})
            ) as root:
                rules = bareme.load(root)
                figures = rules.score(rules.cohort("2020"))["lakes"].by_entity[each.entity]
                assert figures[0].score == worth.score


# ---- what is said of it

LAKES: dict[str, Entities] = {
    "2018": {"A": ("North", {"clear": "High", "boats": "Low", "wardens": "Low"})},
    "2020": {
        "A": ("North", {"boats": "High"}),
        "B": ("North", {"clear": "Mid", "boats": "High"}),
        "C": ("North", {"clear": "Low", "boats": "High"}),
        "D": (None, {"clear": "High"}),
    },
}


def explained(capfd, root: Path, entity: str, *more: str) -> str:
    assert run(["-C", str(root), "explain", entity, "lakes", *more]) == 0
    return " ".join(capfd.readouterr().out.replace("│", " ").split())


def test_an_explanation_names_the_average_and_how_many_it_is_of(capfd):
    with g.written(files("average of region", LAKES)) as root:
        out = explained(capfd, root, "A")
        alone = explained(capfd, root, "D")
        about = json.loads(explained(capfd, root, "A", "--format", "json"))
        place = "`when missing average of region`, rules/norms/lakes.bareme:5"
        partial = "title: Lakes\ncohort: partial\n"
        (root / "profiles/norms/2020/edition.yaml").write_text(partial, encoding="utf-8")
        partly = explained(capfd, root, "A")

    assert "missing, counted as 16.666…: average of region North, 2 entities" in out
    assert f"wardens (no entity of region North has a score of it, {place})" in out
    assert f"left out: boats, wardens (the profile names no region, {place})" in alone
    assert "average of region North, 2 entities of a partial cohort" in partly
    assert about["steps"][-1]["inputs"][0]["imputed"] == {
        "how": "average", "group": "region", "label": "North", "entities": 2, "partial": False,
    }  # fmt: skip


def test_an_explanation_names_the_edition_and_the_place_of_what_is_carried_forward(capfd):
    with g.written(files("carry forward", LAKES)) as root:
        out = explained(capfd, root, "A")
        unknown = explained(capfd, root, "B")
        about = json.loads(explained(capfd, root, "A", "--format", "json"))

    place = "profiles/norms/2018/A.yaml:3"
    assert f"missing, counted as 100: carried forward from 2018 ({place})" in out
    assert "left out: wardens (no earlier score is known, `when missing carry forward`" in unknown
    assert about["steps"][-1]["inputs"][0]["imputed"] == {
        "how": "carry forward", "edition": "2018", "profile": place,
    }  # fmt: skip


def test_what_counts_in_place_of_a_missing_part_may_rest_on_a_given_score():
    texts = {
        "rules/norms/lakes.bareme": "index lakes\n    when missing average of all\n"
        "    category water\n        indicator deep\n            given\n"
        "    measure clear in m\n        normalise from 0 to 10\n",
        "profiles/norms/2020/A.yaml": "entity: A\nanswers:\n    clear: 5\n",
        "profiles/norms/2020/B.yaml": "entity: B\ngiven:\n    lakes:\n        deep: 30\n",
    }
    with g.written(texts) as root:
        rules = bareme.load(root)
        results = rules.score(rules.cohort("2020"))["lakes"]

    first = results.by_entity["A"][0]
    assert (first.exact, first.status) == (Fraction(40), "rests on given")
    assert results.by_entity["B"][0].exact == 40


SKIPPING = """scale yes_no: Yes = 100, No = 0

index lakes
    when missing average of all
    question closed on yes_no
    category care
        when missing leave out
        question wardens on yes_no
            skip when closed is Yes
        question signs on yes_no
"""


def test_an_answer_by_which_a_part_goes_missing_takes_its_score_out_of_the_average():
    def written(of_a: str) -> dict[str, str]:
        return {
            "rules/norms/lakes.bareme": SKIPPING,
            "profiles/norms/2020/A.yaml": f"entity: A\nanswers: {{wardens: Yes{of_a}}}\n",
            "profiles/norms/2020/B.yaml": "entity: B\nanswers: {closed: No, wardens: No}\n",
        }

    with g.written(written("")) as root:
        rules = bareme.load(root)
        found = unanswered(rules.score(rules.cohort("2020"))["lakes"])
    with g.written(written(", closed: Yes")) as root:
        rules = bareme.load(root)
        closed = rules.score(rules.cohort("2020"))["lakes"].by_entity["A"][0]

    # Care of A has 100 as long as nobody says that it is closed; then it is missing, and counts as
    # the 0 of B alone, so that the index has the mean of 100 and 0.
    worth = next(each for each in found if (each.entity, each.question) == ("A", "closed"))
    assert closed.score == 50
    assert (worth.lowest.score, worth.highest.score) == (50, 50)
