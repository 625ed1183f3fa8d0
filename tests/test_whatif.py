"""`bareme whatif`: what would move is what scoring the edited files gives."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import generators as g
import naive
from bareme.cli import run
from bareme.exact import written
from bareme.project import InputRefused, NoSuchName, load
from test_cli import make
from test_properties import at_path, with_profile

ROOT = Path(__file__).parent.parent
HARBOURS = load(ROOT, "harbour-safety")
REAL = load(ROOT, "nuclear-security")


def asked(rules, entity, answers=(), weights=(), part=None, edition=None):
    cohort = rules.cohort(edition or rules.editions[-1])
    return rules.whatif(cohort, entity, list(answers), list(weights), part)


def published(rules, edition):
    """Every figure of every entity, by entity, figure and part."""
    return {
        (each.entity, each.figure, each.part): each
        for results in rules.score(rules.cohort(edition)).values()
        for entity in results.by_entity
        for each in (*results.by_entity[entity], *results.parts_of(entity))
        if each.level not in ("question", "measure")
    }


def seen(figure):
    return (
        figure.score, figure.exact, figure.status, figure.band, figure.rank, figure.tied,
        figure.change, figure.unrounded_rank, figure.unrounded_tied,
    )  # fmt: skip


def held_against(found, before, after):
    """What is said to move is what moves from one scoring to another, and nothing else does."""
    moves = {key for key in after if seen(before[key]) != seen(after[key])}
    own = {key for key in moves if key[0] == found.entity}
    others = {key for key in moves - own if after[key].level in ("index", "rating")}
    for said, meant in ((found.figures, own), (found.others, others)):
        keys = [(m.figure.entity, m.figure.figure, m.figure.part) for m in said]
        assert set(keys) == meant
        assert len(keys) == len(meant)
        for moved, key in zip(said, keys, strict=True):
            assert seen(moved.before) == seen(before[key])
            assert seen(moved.after) == seen(after[key])


# ---- the same as editing the files


@given(g.worlds(most=4), st.data())
def test_other_answers_are_what_edited_profiles_give(world, data):
    edition = world.editions[0]
    profile = data.draw(g.some(edition.profiles))
    questions = data.draw(
        st.lists(g.some(list(world.questions.values())), min_size=1, max_size=3, unique=True)
    )
    new = {
        each.id: data.draw(st.sampled_from(["", *(x.text for x in world.labels_of(each))]))
        for each in questions
    }
    edited = with_profile(world, profile, replace(profile, answers={**profile.answers, **new}))
    with loaded(world) as rules, loaded(edited) as other:
        found = asked(rules, profile.entity, new.items(), edition=edition.id)
        held_against(found, published(rules, edition.id), published(other, edition.id))
        assert {each.id: each.after for each in found.changes} == new


@given(g.worlds(most=3), st.data())
def test_other_given_scores_are_what_edited_profiles_give(world, data):
    edition = world.editions[0]
    profile = data.draw(g.some(edition.profiles))
    path = data.draw(g.some(list(world.figures)))
    score = data.draw(st.sampled_from(["", "0", "12.5", "100"]))
    given = {key: value for key, value in profile.given.items() if key != path}
    new = replace(profile, given={**given, **({path: score} if score else {})})
    edited = with_profile(world, profile, new)
    with loaded(world) as rules, loaded(edited) as other:
        found = asked(rules, profile.entity, [(".".join(path), score)], edition=edition.id)
        held_against(found, published(rules, edition.id), published(other, edition.id))


@given(g.worlds(most=3), st.data())
def test_other_weights_are_what_edited_rules_give(world, data):
    path = data.draw(g.some([path for path, f in world.figures.items() if f.children]))
    children = world.figures[path].children
    weights = {each.id: naive.weight(each.weight) for each in children}
    named = data.draw(st.lists(g.some(list(weights)), min_size=1, max_size=2, unique=True))
    shares = {id: Fraction(data.draw(st.integers(0, 50)), 100) for id in named}
    rest = sum(weights.values()) - sum(weights[id] for id in named)
    left = 1 - sum(shares.values())
    assume(rest > 0)
    wanted = {id: shares.get(id, left * weight / rest) for id, weight in weights.items()}
    edited = at_path(world, path, lambda figure: replace(figure, children=tuple(
        replace(each, weight=f"{wanted[each.id].numerator}/{wanted[each.id].denominator}")
        for each in figure.children
    )))  # fmt: skip
    edition, entity = world.editions[0].id, world.editions[0].profiles[0].entity
    said = [(".".join((*path, id)), f"{written(share * 100)}%") for id, share in shares.items()]
    with loaded(world) as rules, loaded(edited) as other:
        found = asked(rules, entity, (), said, edition=edition)
        held_against(found, published(rules, edition), published(other, edition))


@contextmanager
def loaded(world):
    with g.written(g.project_texts(world)) as root:
        yield load(root)


# ---- the real case


def test_one_answer_of_the_real_case():
    """Worked out by hand: one of 4 indicators of a fifth of the index, from 25 points to 50."""
    found = asked(REAL, "kazakhstan", [("official_corruption", "Moderate")])
    root = next(each for each in found.figures if each.figure.figure == "theft")

    assert root.difference == Fraction(25, 4) / 5
    assert (root.before.score, root.after.score, root.before.change) == (66, 67, -2)
    assert (root.before.band, root.after.band) == ("Medium", "High")
    assert [(c.id, c.before, c.after) for c in found.changes] == [
        ("official_corruption", "High", "Moderate")
    ]
    assert found.others == ()


# ---- what is refused, as in a profile

PORT = """\
scale coverage: Full = 100, Partial = 50, None = 0
units berth
index port "Port"
    publish 1 decimal
    bands High from 50, Low from 0
    category law "Law" weight 60%
        question pilot on coverage
        question radio on coverage
    category care "Care" weight 40%
        measure ships in ships, plausible 0 to 2000
            normalise from 100 to 0
        indicator audit
            given
        indicator berths
            for each berth
            question lamp on coverage
    rating grade "Grade" of port: A from 60, B from 0
"""
ANSWERS = """\
answers: {pilot: Full, radio: None, ships: 50}
given: {port: {audit: 80}}
parts: {berth: {North: {lamp: Full}, South: {lamp: None}}}
"""


@pytest.fixture
def port(tmp_path):
    """A: law 50, care (50 + 80 + 50) / 3 = 60, port 54; B has 40 of care alone."""
    return make(
        tmp_path,
        {
            "rules/port/port.bareme": PORT,
            "profiles/port/2024/a.yaml": f"entity: A\nname: Aldwick\n{ANSWERS}",
            "profiles/port/2024/b.yaml": "entity: B\nanswers: {ships: 45}\n",
        },
    )


@pytest.mark.parametrize(
    ("answers", "weights", "part", "code", "at", "message", "help"),
    [
        ([("pilot", "Ful")], [], None, "E222", "1:7", "`Ful` is not on scale", "`Full`"),
        ([("pilot", "n/a")], [], None, "E222", "1:7", "`n/a` is not on", "not answered, write `pi"),
        ([("pilt", "Full")], [], None, "E221", "1:1", "no question `pilt`", "`pilot`"),
        ([("port.lew", "50")], [], None, "E221", "1:1", "`port.lew`", "`port.law`, a figure"),
        ([("grade", "A")], [], None, "E221", "1:1", "`grade`", "it is a rating"),
        ([("radio", ""), ("ships", "3000")], [], None, "E226", "2:7", "not plausible", "plausible"),
        ([("ships", "many")], [], None, "E110", "1:7", "`many` is not a number", ""),
        ([("audit", "101")], [], None, "E225", "1:7", "101 is outside 0 to 100", "0 to 100"),
        ([("audit", "a")], [], None, "E110", "1:7", "`a` is not a number", ""),
        ([("pilot", "Full"), ("pilot", "None")], [], None, "E403", "2:1", "twice", "keep one"),
        ([("lamp", "Full")], [], None, "E230", "1:1", "for each berth", "`North` and `South`"),
        ([("lamp", "Full")], [], "East", "E230", "1:1", "no part `East`", "`North` and `South`"),
        (
            [("pilot", "Full")],
            [],
            "North",
            "E230",
            "1:1",
            "not answered for each",
            "leave `--part`",
        ),
        ([("law", "5")], [], "North", "E230", "1:1", "for the entity", "leave `--part` out"),
        ([("port.law.pilot", "Ful")], [], None, "E222", "1:16", "`Ful`", "`Full`"),
        ([], [("law", "x")], None, "E110", "1:5", "`x` is not a number", "`2`, `30%`, `1/5`"),
        ([], [("law", "-2")], None, "E303", "1:5", "is -2; a weight is 0 or more", ""),
        ([], [("law", "101%")], None, "E301", "1:5", "to 101%, more than 100%", ""),
        ([], [("law", "50%"), ("care", "40%")], None, "E301", "2:6", "to 90%, not 100%", ""),
        ([], [("law", "50%"), ("care", "2")], None, "E302", "2:6", "some have shares", "percents"),
        ([], [("law", "2")], None, "E302", "1:5", "while its siblings have percents", "percents"),
        ([], [("port", "2")], None, "E307", "1:1", "no figure counts it", "below it"),
        ([], [("law", "50%"), ("port.law", "5%")], None, "E403", "2:1", "twice", "keep one"),
        ([("pilot", "None")], [("law", "x")], None, "E110", "2:5", "`x`", ""),
    ],
)
def test_what_a_profile_would_refuse_is_refused_where_it_was_typed(
    port, answers, weights, part, code, at, message, help
):
    with pytest.raises(InputRefused) as refused:
        asked(load(port), "A", answers, weights, part)

    found = refused.value.diagnostics
    assert [each.code for each in found] == [code]
    assert message in found[0].message
    assert help in found[0].help
    assert f"arguments:{at}: error {code}: " in str(refused.value)


def test_an_answer_that_is_required_cannot_be_left_out(port):
    rules = port / "rules" / "port" / "port.bareme"
    required = "        question pilot on coverage\n            answer required\n"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("        question pilot on coverage\n", required), "utf-8")
    (port / "profiles" / "port" / "2024" / "b.yaml").unlink()

    with pytest.raises(InputRefused, match=r"arguments:2:1: error E432: `pilot` has to be"):
        asked(load(port), "A", [("radio", "Full"), ("pilot", "")])
    assert asked(load(port), "A", [("pilot", "None")]).figures


def test_names_of_entities_and_of_weighed_figures_are_forgiven_as_elsewhere(port):
    rules = load(port)

    assert asked(rules, "aldwick", [("pilot", "None")]).entity == "A"
    with pytest.raises(NoSuchName, match="the nearest is `Aldwick`"):
        asked(rules, "Aldwik", [("pilot", "None")])
    with pytest.raises(NoSuchName, match=r"the nearest is `port\.law`"):
        asked(rules, "A", [], [("port.lew", "30%")])


# ---- what is said


def test_an_answer_a_number_a_score_and_a_part(port):
    """Law 100; care (100 + 0 + 100) / 3, port 60 + 80 / 3; each worked out by hand."""
    rules = load(port)
    found = asked(rules, "A", [("radio", "Full"), ("ships", "0"), ("audit", "0")])
    after = {each.figure.figure: each.after.exact for each in found.figures if each.after.exact}

    assert after == {
        "port": 60 + Fraction(40, 100) * 50,
        "port.law": 100,
        "port.care": 50,
    }
    south = asked(rules, "A", [("lamp", "Full")], part="South")
    moved = {(m.figure.figure, m.figure.part): m.difference for m in south.figures}
    assert moved == {
        ("port", ""): Fraction(40, 100) * Fraction(50, 3),
        ("port.care", ""): Fraction(50, 3),
        ("port.care.berths", ""): 50,
        ("port.care.berths", "South"): 100,
        ("port.grade", ""): None,
    }
    assert [(c.part, c.before, c.after) for c in south.changes] == [("South", "None", "Full")]


def test_what_stands_below_a_given_score_counts_for_nothing(port, capfd):
    said = ["-C", str(port), "whatif", "A", "law=10", "pilot=Partial"]
    assert run(said) == 0
    out = capfd.readouterr().out

    assert "pilot counts for nothing there: `port.law` is given by the profile" in out


def test_an_answer_can_bring_an_entity_into_the_index_or_out_of_it(port, capfd):
    rules = port / "rules" / "port" / "port.bareme"
    text = rules.read_text(encoding="utf-8")
    include = "    publish 1 decimal\n    include entities where pilot is answered\n"
    rules.write_text(text.replace("    publish 1 decimal\n", include), encoding="utf-8")

    into = asked(load(port), "B", [("pilot", "Full")])
    index = next(each for each in into.figures if each.figure.figure == "port")
    assert (index.before, index.after.rank) == (None, 1)
    assert [(m.figure.entity, m.before.rank, m.after.rank) for m in into.others] == [("A", 1, 2)]

    assert run(["-C", str(port), "whatif", "A", "pilot="]) == 0
    assert "54 → not in the index" in capfd.readouterr().out


def test_it_is_drawn_with_what_moves_beside_the_score(port, capfd):
    """Law of A falls to 0, and A to the 24 that care gives."""
    assert run(["-C", str(port), "whatif", "aldwick", "pilot=None"]) == 0

    assert (
        capfd.readouterr().out
        == """\
Aldwick · port 2024 · what if
  pilot: Full → None (profiles/port/2024/a.yaml:3)

                                  before   after change   unrounded
Port                                54.0    24.0  −30.0   54 → 24
  High → Low
  Law                               50.0     0.0  −50.0   50 → 0
    High → Low

2 figures of Aldwick move · nothing was written
"""
    )


def test_other_weights_are_drawn_with_what_their_siblings_share(port, capfd):
    """A: a fifth of 50 and four of 60, 58, beside 55 of care alone that B has."""
    where = ["-C", str(port), "whatif", "A", "--weight", "law=20%"]
    assert run(where) == 0
    out = capfd.readouterr().out

    assert "  port.law: 60% → 20% (rules/port/port.bareme:6)\n" in out
    assert "  1 sibling shares the rest as before\n" in out
    assert "Port                                54.0    58.0   +4.0   54 → 58\n" in out
    assert "B                                   55.0    55.0    0.0   1 → 2\n" in out
    assert run([*where, "--format", "json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert [(c["what"], c["id"], c["after"]) for c in found["changes"]] == [
        ("weight", "port.law", "20%"),
        ("sibling", "port.care", "80%"),
    ]
    assert run([*where, "--format", "markdown"]) == 0
    assert "| `port` | 54.0 | 58.0 | +4.0 | 54 → 58 | 2 → 1 |" in capfd.readouterr().out
