"""`bareme whatif --to` and `--largest`: held against trying every answer there is."""

from __future__ import annotations

import itertools
import json
import random
from fractions import Fraction
from math import prod
from pathlib import Path

import pytest

from bareme.audit import sharing
from bareme.audit.bounds import Bounds
from bareme.audit.scopes import costs_of, places, scope_of
from bareme.audit.search import Goal, search
from bareme.audit.standing import up_to
from bareme.audit.varied import varied, with_changes
from bareme.cli import run
from bareme.diagnostics import has_errors
from bareme.plan import plan_index
from bareme.project import NoSuchName, load, read_rules
from bareme.reports.reaching import LARGEST_COLUMNS, REACH_COLUMNS
from bareme.scoring.cohort import score_cohort
from bareme.scoring.exact import score
from bareme.scoring.surroundings import Surroundings
from sound_programs import EDITIONS, Writer
from sound_scores import some_profile
from test_cli import make
from test_conformance import CASES, _write
from test_sound_programs import framework_of

ROOT = Path(__file__).parent.parent
ENOUGH = 10**6  # choices: no search here is given up


# ---- every choice of answers, scored


def tried(plan, profile, around, answers):
    """The score of every choice, with how many answers it changes."""
    ways = [[None, *(answer for _, answer in each.others)] for each in answers]
    for choice in itertools.product(*ways):
        changes = {each.asked: a for each, a in zip(answers, choice, strict=True) if a is not None}
        yield score(plan, with_changes(profile, changes), around).score, len(changes)


def choices(answers):
    return prod(1 + len(each.others) for each in answers)


def goals(scores, chance, many):
    """Some scores that can be had, to be reached from below and from above, and one that cannot."""
    for limit in chance.sample(scores, min(many, len(scores))):
        for up in (True, False):
            yield Goal(limit, up, exclusive=False)
            yield Goal(limit, up, exclusive=True)
    yield Goal(Fraction(1000), True, exclusive=False)


def held_against_every_choice(plan, profile, around, answers, chance, many=2):
    """The fewest changes are as few as trying finds, and no bound is exceeded.

    Returns:
        How many goals were tried.
    """
    table = list(tried(plan, profile, around, answers))
    bounds_hold(plan, profile, around, answers, table)
    scores = sorted({points for points, _ in table if points is not None})
    done = 0
    for goal in goals(scores, chance, many):
        fewest = min((size for points, size in table if goal.reached(points)), default=None)
        found = search(plan, profile, around, answers, goal, ENOUGH)
        if fewest is None:
            assert found.changes is None
            assert found.impossible
        else:
            assert len(found.changes) == found.none_below == fewest
            assert found.proved
            other = with_changes(profile, found.changes)
            assert goal.reached(score(plan, other, around).score)
        done += 1
    return done


def bounds_hold(plan, profile, around, answers, table):
    scope = scope_of(plan, profile)
    moving = {each.asked: each for each in answers if each.asked in scope.rests[-1]}
    costs = costs_of(places(scope, profile))
    reach = Bounds(scope, score(plan, profile, around), moving, costs, len(moving)).reach
    for changes in range(len(moving) + 1):
        had = [points for points, size in table if size <= changes and points is not None]
        if had:
            assert reach.up[changes * costs.units][0] >= max(had)
            assert reach.down[changes * costs.units][0] <= min(had)


def of_a_case(case, folder, most):
    """Every index and entity of a conformance case that has not too many choices."""
    rules = read_rules(_write(folder, case), "norms")
    found = list(rules.diagnostics)
    if rules.readable:
        found += [each for edition in rules.editions for each in rules.read_cohort(edition)[1]]
    if has_errors(found) or not rules.editions:
        return
    for results in rules.score(rules.cohort(rules.editions[-1])).values():
        for trace in results.traces[:3]:
            answers = varied(rules.framework, results.plan, trace.profile)
            if choices(answers) <= most:
                yield results.plan, trace.profile, results.scored.around, answers


def of_a_sound_program(seed, most):
    """Every index of a program, or a figure in it, for each entity; some answers may be left."""
    chance = random.Random(seed)
    framework = framework_of(Writer(chance).files)
    cohorts = [[some_profile(framework, e, edition, chance) for e in "AB"] for edition in EDITIONS]
    for index in framework.indices:
        plan = plan_index(framework, index)
        earlier = score_cohort(plan, cohorts[-2])
        around = Surroundings(carried=earlier.carried_on())
        scored = score_cohort(plan, cohorts[-1], around)
        for profile in scored.profiles:
            figures = [each.path for each in plan.steps if each.level in ("category", "indicator")]
            figures = [path for path in figures if path not in framework.scopes]
            of = up_to(plan, chance.choice(figures)) if figures and chance.random() < 0.3 else plan
            answers = varied(framework, of, profile)
            while choices(answers) > most:
                answers.pop(chance.randrange(len(answers)))
            yield of, profile, scored.around, answers


def test_the_fewest_changes_of_the_conformance_cases(tmp_path):
    chance, done = random.Random(1), 0
    for number, (_, case) in enumerate(CASES):
        for each in of_a_case(case, tmp_path / str(number), most=40):
            done += held_against_every_choice(*each, chance, many=1)
    assert done > 700


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_the_fewest_changes_of_sound_programs(first):
    chance, done = random.Random(first), 0
    for seed in range(first, first + 20):
        for each in of_a_sound_program(seed, most=150):
            done += held_against_every_choice(*each, chance)
    assert done > 200


@pytest.mark.parametrize("first", range(100, 130, 15))
def test_the_fewest_changes_where_methods_are_bounded_and_not_tried(first, monkeypatch):
    monkeypatch.setattr(sharing, "MOST_TRIED", 0)
    chance, done = random.Random(first), 0
    for seed in range(first, first + 15):
        for each in of_a_sound_program(seed, most=150):
            done += held_against_every_choice(*each, chance)
    assert done > 100


@pytest.mark.long
def test_the_fewest_changes_of_many_sound_programs_and_cases(tmp_path):
    chance, done = random.Random(0), 0
    for number, (_, case) in enumerate(CASES):
        for each in of_a_case(case, tmp_path / str(number), most=3000):
            done += held_against_every_choice(*each, chance, many=5)
    for seed in range(1_000, 2_000):
        for each in of_a_sound_program(seed, most=1500):
            done += held_against_every_choice(*each, chance, many=5)
    assert done > 40_000


# ---- worked out by hand

PORT = """\
scale yes_no: Yes = 100, No = 0
scale coverage: Full = 100, Partial = 50, None = 0, "No such" = excluded
questions
    question open "Open at night" on yes_no
index port "Port"
    publish 1 decimal
    category law "Law" weight 60%
        question pilot on coverage
        question radio on coverage
        ask open
    category care "Care" weight 40%
        question lamp on coverage
        question crane on coverage
        ask open
        cap 50 when pilot is None
index yard "Yard"
    publish whole numbers
    indicator gates
        aggregate by median
        question north on coverage
        question south on coverage
        question west on coverage
    indicator walls
        when missing no score
        question high on yes_no
        question thick on yes_no
"""
A = "{pilot: None, radio: None, lamp: None, crane: None, open: No, north: None, south: None}"
B = "{pilot: Full, radio: Partial, lamp: Full, crane: Full, open: Yes}"
C = "{pilot: Full, radio: Full, lamp: None, crane: None, open: Yes, north: Full, south: Full}"


@pytest.fixture
def port(tmp_path):
    """Of `port` A has 0; B law 250/3, care 100, 90; C law 100, care 100/3, 60 + 40/3 = 73.3."""
    return make(
        tmp_path,
        {
            "rules/port/port.bareme": PORT,
            "profiles/port/2024/a.yaml": f"entity: A\nname: Aldwick\nanswers: {A}\n",
            "profiles/port/2024/b.yaml": f"entity: B\nanswers: {B}\n",
            "profiles/port/2024/c.yaml": f"entity: C\nanswers: {C}\n",
        },
    )


def reached(port, entity, wanted, figure="port", keep=()):
    rules = load(port)
    return rules.reach(rules.cohort("2024"), entity, wanted, figure, keep)


def changed(found):
    return {each.id: each.after for each in found.changes}


def test_an_answer_that_counts_twice_is_one_change(port):
    """Open brings 60/3 to law's share and 40/3 to care's: 33.3. Nothing else alone brings more."""
    found = reached(port, "A", "30")

    assert changed(found) == {"open": "Yes"}
    assert found.after.score == Fraction("33.3")
    assert (found.wanted, found.proved, found.after.rank) == ("at least 30.0", True, 3)


def test_a_cap_is_lifted_by_the_answer_that_it_rests_on(port):
    """Of `care` 60 needs two answers of three, and the cap of 50 that goes with `pilot` lifted."""
    found = reached(port, "A", "60", "port.care")

    assert len(found.changes) == 3
    assert "pilot" in changed(found)
    assert found.proved


def test_each_answer_is_changed_no_further_than_it_has_to_be(port):
    """From 0, 20 is law 33.3 or care 50: two answers of care, or one of law."""
    found = reached(port, "A", "20", keep=["open"])

    assert changed(found) == {"pilot": "Full"}
    assert reached(port, "A", "10", keep=["open"]).after.exact == 10
    assert changed(reached(port, "A", "10", keep=["open"])) == {"pilot": "Partial"}


def test_leaving_a_part_out_can_be_the_fewest(port):
    """Without `radio`, law of B is 100 and the index too: what is excluded counts for nothing."""
    found = reached(port, "B", "100")

    assert len(found.changes) == 1
    assert reached(port, "B", "99.9").after.score == 100


def test_a_median_moves_with_two_answers_and_a_missing_answer_can_be_given(port):
    """Of A `west` is missing: north and south are 0, so two of three have to be above."""
    rise = reached(port, "A", "50", "gates")
    assert len(rise.changes) == 1  # of two answers the median is between them
    assert len(reached(port, "A", "100", "gates").changes) == 2
    walls = reached(port, "A", "50", "walls")
    assert set(changed(walls)) == {"high", "thick"}
    assert walls.proved
    assert walls.standing.figure.score is None


def test_lower_scores_and_ranks_are_reached_as_well(port):
    """C stands second with 73.3, between 90 and 0."""
    down = reached(port, "C", "60")
    assert (down.wanted, len(down.changes)) == ("at most 60.0", 1)
    assert down.after.score <= 60
    first = reached(port, "C", "rank 1")
    assert first.wanted == "rank 1 or better"
    assert first.after.score >= 90
    assert len(first.changes) == 2  # one more answer of care gives 86.7
    last = reached(port, "C", "rank 3")  # A has 0, and nobody can have less
    assert last.changes is None
    assert last.proved


def test_what_is_there_already_takes_no_change_and_what_is_out_of_reach_is_said_to_be(port):
    now = reached(port, "B", "90")
    assert now.changes == ()
    never = reached(port, "A", "100", keep=["open"])
    assert never.changes is None
    assert never.proved
    assert never.found.impossible


@pytest.mark.parametrize(
    ("entity", "wanted", "figure", "said"),
    [
        ("A", "33.35", "port", "has no such score: it is published with 1 decimal"),
        ("A", "101", "port", "has no such score: it is published on 0 to 100"),
        ("A", "high", "port", "`high` is neither a score, as in `70`, nor a rank"),
        ("A", "rank x", "port", "`x` is no rank"),
        ("A", "rank 4", "port", "there is no rank 4: 3 have a score"),
        ("A", "50", None, "`Aldwick` is in 2 indices; name one with `--of`: `port` or `yard`"),
        ("A", "50", "pilot", "is no figure"),
        ("A", "50", "port.lew", "the nearest is `port.law`"),
        ("D", "50", "port", "there is no entity of 2024 named `D`"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(port, entity, wanted, figure, said):
    with pytest.raises(NoSuchName) as refused:
        reached(port, entity, wanted, figure)
    assert said in str(refused.value)


def test_a_search_that_is_given_up_says_what_it_knows(port):
    """Bounds alone take the cap to be lifted at no cost, so that two answers seem to do."""
    rules = load(port)
    results = rules.score(rules.cohort("2024"))["port"]
    plan, profile = up_to(results.plan, ("port", "care")), results.trace("A").profile
    answers = varied(rules.framework, plan, profile)
    goal = Goal(Fraction(60), True, exclusive=False)
    cut = search(plan, profile, results.scored.around, answers, goal, most=0)

    assert not cut.proved
    assert cut.none_below == 2
    assert len(cut.changes) == 3
    assert goal.reached(score(plan, with_changes(profile, cut.changes)).score)


def test_the_answers_that_move_a_figure_most_come_first(port):
    """Of A, each from the worst answer: open 60/3 + 40/3, then 60/3 for one of law."""
    rules = load(port)
    found = rules.largest(rules.cohort("2024"), "A", "port", 3)

    assert [(each.id, each.now, each.best.answer, each.best.by) for each in found.answers] == [
        ("open", "No", "Yes", Fraction(100, 3)),
        ("pilot", "None", "Full", 20),
        ("radio", "None", "Full", 20),
    ]
    assert [(each.worst.by, each.best.rank) for each in found.answers] == [(0, 3)] * 3
    assert found.of == 5
    best = found.answers[0].best
    assert (best.score, best.exact) == (Fraction("33.3"), Fraction(100, 3))


AVERAGED = """\
scale yes_no: Yes = 100, No = 0
index port "Port"
    publish whole numbers
    when missing average of all
    category law
        question pilot on yes_no
        question radio on yes_no
    question lamp on yes_no
"""


def test_where_scores_are_averaged_over_the_cohort_no_more_is_said_than_is_known(tmp_path, capfd):
    """A has law 0 and lamp 0. Its answers may come back to it through what others count as."""
    texts = {"rules/port/port.bareme": AVERAGED}
    for entity, answers in (("A", "{pilot: No, radio: No, lamp: No}"), ("B", "{lamp: Yes}")):
        texts[f"profiles/port/2024/{entity}.yaml"] = f"entity: {entity}\nanswers: {answers}\n"
    where = ["-C", make(tmp_path, texts), "whatif", "A"]
    found = reached(tmp_path, "A", "50")

    assert (len(found.changes), found.found.proved, found.proved) == (1, True, False)
    assert "This is not proved: the rules average what is averaged already" in said(
        capfd, *where, "--to", "50"
    )[1].replace("\n", " ")
    assert "move with averages of the cohort" in said(capfd, *where, "--to", "rank 1")[2]


# ---- the command


def said(capfd, *arguments):
    status = run(list(map(str, arguments)))
    out, err = capfd.readouterr()
    return status, out, err


def test_the_fewest_answers_are_drawn_with_what_is_proved(port, capfd):
    where = ["-C", port, "whatif", "A", "--of", "port.care", "--to", "60"]
    status, out, err = said(capfd, *where)

    assert (status, err) == (0, "")
    assert (
        out
        == """\
Aldwick · port 2024 · port.care 0.0, rank 3 of 3 → at least 60.0
  pilot: None → Partial (profiles/port/2024/a.yaml:3)
  lamp: None → Full (profiles/port/2024/a.yaml:3)
  crane: None → Full (profiles/port/2024/a.yaml:3)
port.care 0.0 → 66.7 (66.666… unrounded), rank 3 → 2
3 of 4 answers reach it; no 2 or fewer do.
Each is changed no further than the others leave it to. Other choices may do.
nothing was written
"""
    )
    never = said(capfd, *where[:-3], "port", "--keep", "open", "--to", "100")
    assert "No choice of the" in never[1]


def test_machine_formats_hold_the_same(port, capfd):
    where = ["-C", port, "whatif", "A", "--of", "port.care", "--to", "60", "--format"]
    found = json.loads(said(capfd, *where, "json")[1])
    rows = said(capfd, *where, "csv")[1].splitlines()
    pages = said(capfd, *where, "markdown")[1]

    assert found["format"] == "bareme.reach/1"
    assert [each["id"] for each in found["changes"]] == ["pilot", "lamp", "crane"]
    assert (found["exact"], found["proved"], found["none_below"]) == ("200/3", True, 3)
    assert rows[0] == ",".join(REACH_COLUMNS)
    assert len(rows) == 4
    assert "- pilot: None → Partial" in pages

    where = ["-C", port, "whatif", "A", "--of", "port", "--largest", "2", "--format"]
    found = json.loads(said(capfd, *where, "json")[1])
    assert (found["format"], found["of"], len(found["answers"])) == ("bareme.largest/1", 5, 2)
    assert said(capfd, *where, "csv")[1].splitlines()[0] == ",".join(LARGEST_COLUMNS)
    assert "| `open` | No | +33.333… → 33.3, rank 3 | Yes |" in said(capfd, *where, "markdown")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["A"], "name what is to be other, as in QUESTION=ANSWER"),
        (["A", "pilot"], "'pilot' is no QUESTION=ANSWER; a blank answer is written QUESTION="),
        (["A", "--weight", "law"], "'law' is no FIGURE=30%; write FIGURE=30%"),
        (["A", "--to", "5", "--largest", "5"], "--largest and --to are two questions"),
        (["A", "--to", "5", "pilot=Full"], "--to is about answers as they are"),
        (["A", "pilot=Full", "--of", "port"], "--of goes with --to or --largest"),
        (["A", "--largest", "5", "--of", "port", "--keep", "open"], "--keep goes with --to"),
        (["A", "--to", "5", "--of", "port", "--keep", "opn"], "the nearest is `open`"),
        (
            ["A", "--to", "50", "--of", "port", "-o", "x.doc"],
            "add --format table|json|csv|markdown",
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(port, capfd, arguments, message):
    status, out, err = said(capfd, "-C", port, "whatif", *arguments)

    assert (status, out) == (2, "")
    assert message in err


def test_a_page_is_written_by_the_ending_of_its_name(port, capfd):
    page = port / "found.md"
    status, out, _ = said(capfd, "-C", port, "whatif", "A", "pilot=Full", "-o", page)

    assert (status, out) == (0, "")
    assert page.read_text(encoding="utf-8").startswith("**Aldwick**, port 2024: what if\n")


# ---- the real case


def test_the_fewest_answers_of_the_real_case():
    """From 65.602 to 69.5: the best single answer brings 3.75, so that it takes two."""
    rules = load(ROOT, "nuclear-security")
    cohort = rules.cohort("2023")
    found = rules.reach(cohort, "KAZ", "70", "theft")
    first = rules.largest(cohort, "KAZ", "theft", 1).answers[0]

    assert first.id == "official_corruption"
    assert (first.best.by, first.worst.by) == (Fraction(15, 4), Fraction(-5, 4))
    assert (len(found.changes), found.proved, found.after.score) == (2, True, 70)
    other = rules.whatif(cohort, "KAZ", [(each.id, each.after) for each in found.changes])
    theft = next(each for each in other.figures if each.figure.figure == "theft")
    assert theft.after.score == 70
    assert rules.reach(cohort, "KAZ", "90", "theft").found.impossible
