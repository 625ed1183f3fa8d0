"""Profiles against the rules: answers, evidence, given and printed figures, each fault located."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bareme
import generators as g
from bareme.profiles.editions import read_edition
from bareme.profiles.profile import Evidence, Profile
from bareme.profiles.read import read_profile
from bareme.project import InputRefused, read_rules
from bareme.source import Source
from test_nodes import SPELLINGS

many = settings(max_examples=settings.default.max_examples * 5)

RULES = """
scale yes_no: Yes = 100, No = 0
index harbour "Harbour"
    category rules "Rules"
        question pilotage "Pilotage"
            options
                a "Yes, at every hour" = 100
                b "Yes, but not at night" = 60
                c "No" = 0
                e "Not applicable, no such cargo" = excluded
        question inspections on yes_no code "2.1a"
    category shore "Shore"
        indicator depth
            given
        indicator rules "The same id again"
            given
    indicator quay
        given
index fishing "Fishing"
    indicator rules same as harbour.rules
"""

NAME = f"profiles/{g.FRAMEWORK}/2023/kaz.yaml"


@pytest.fixture(scope="module")
def framework():
    return _framework(RULES)


def _framework(rules: str):
    with g.written({f"rules/{g.FRAMEWORK}/all.bareme": rules}) as root:
        found = read_rules(root, g.FRAMEWORK)
    assert found.diagnostics == ()
    return found.framework


def read(framework, text: str) -> tuple[Profile | None, list[tuple[str, str]]]:
    """The profile, and each fault's code with the text from where it points."""
    profile, found = read_profile(Source(NAME, text), framework)
    return profile, [(each.code, text[each.span.start :]) for each in found]


def located(found: list[tuple[str, str]], code: str, at: str) -> bool:
    """Whether there is one fault, and it is this, at a text or at the name it stands after."""
    there = re.compile(r"([\w.]+: )?" + re.escape(at))
    return [each for each, _ in found] == [code] and bool(there.match(found[0][1]))


def sound(framework, text: str) -> Profile:
    profile, found = read(framework, text)
    assert found == []
    assert profile is not None
    return profile


def faults(framework, text: str) -> list[tuple[str, str]]:
    return read(framework, "entity: KAZ\n" + text)[1]


# ---- answers are the text that was typed (A6)


@pytest.fixture(scope="module")
def every_spelling():
    """A framework with one question, whose labels are all of YAML's special spellings."""
    labels = "".join(f"            {g.quoted(each)} = 50\n" for each in SPELLINGS)
    return _framework(f"index harbour\n    question odd\n        options\n{labels}")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_answer_is_the_label_that_was_typed(every_spelling, spelling):
    for written in (spelling, f"'{spelling}'", f'"{spelling}"'):
        profile = sound(every_spelling, f"entity: KAZ\nanswers:\n  odd: {written}\n")
        assert profile.answers["odd"].text == spelling


@pytest.mark.parametrize("spelling", [each for each in SPELLINGS if each not in ("Yes", "No")])
def test_only_yes_is_yes(framework, spelling):
    found = faults(framework, f"answers:\n  inspections: {spelling}\n")

    assert located(found, "E222", spelling)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_given_score_is_a_number_only_as_the_project_reads_numbers(framework, spelling):
    profile, found = read(framework, f"entity: KAZ\ngiven:\n  harbour: {{quay: '{spelling}'}}\n")
    plain = read(framework, f"entity: KAZ\ngiven:\n  harbour:\n    quay: {spelling}\n")
    scores = {"0": 0, "-0": 0, "00": 0, "1": 1, "10": 10, "017": 17, "0777": None, "08": 8, "09": 9}
    scores |= {"1.0": 1, "1.5": Fraction(3, 2), "0.1": Fraction(1, 10)}
    score = scores.get(spelling)

    assert profile is not None
    assert plain[0] == profile
    if score is None:
        outside = spelling in ("0777", "-1", "-1.5", "2023", "2023.10")
        assert [code for code, _ in found] == [code for code, _ in plain[1]]
        assert located(plain[1], "E225" if outside else "E110", spelling)
        assert profile.given == {}
    else:
        assert found == plain[1] == []
        assert profile.given[("harbour", "quay")].score == score


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("a", "a"),
        ("Yes, at every hour", "Yes, at every hour"),
        ("e", "e"),
        ("Not applicable, no such cargo", "Not applicable, no such cargo"),
    ],
)
def test_an_answer_is_a_label_or_its_code(framework, answer, label):
    profile = sound(framework, f"entity: KAZ\nanswers: {{pilotage: '{answer}'}}\n")

    assert profile.answers["pilotage"].text == label


@pytest.mark.parametrize(
    "answer", ["A", "yes, at every hour", "Yes, at every hour.", "d", "60", "E "]
)
def test_anything_else_is_off_the_scale(framework, answer):
    found = faults(framework, f'answers:\n  pilotage: "{answer}"\n')

    assert located(found, "E222", f'"{answer}"')


# ---- blank is missing, never zero (A12)


@pytest.mark.parametrize("blank", ["", " ''", ' ""', ' "  "', " {answer: ''}", " {answer: }"])
def test_a_blank_answer_is_missing_and_said_to_be(framework, blank):
    profile, found = read(framework, f"entity: KAZ\nanswers:\n  inspections:{blank}\n")

    assert [code for code, _ in found] == ["W410"]
    assert profile is not None
    assert "inspections" not in profile.answers


@pytest.mark.parametrize("word", ["N/A", "n/a", "null", "~", "None", "-", "missing", "0", "."])
def test_no_word_means_missing(framework, word):
    assert located(faults(framework, f"answers:\n  inspections: '{word}'\n"), "E222", f"'{word}'")


@pytest.mark.parametrize("text", ["", "answers:\n", "answers: {}\n", "given:\npublished:\n"])
def test_a_profile_may_hold_no_answers(framework, text):
    profile = sound(framework, "entity: KAZ\n" + text)

    assert (profile.answers, profile.given, profile.printed) == ({}, {}, {})


# ---- evidence


@pytest.mark.parametrize(
    ("written", "evidence"),
    [
        ("Yes", Evidence()),
        ("{answer: Yes}", Evidence()),
        ("{answer: Yes, source: Law 12}", Evidence(source="Law 12")),
        ("{source: Law 12, answer: Yes}", Evidence(source="Law 12")),
        ("{answer: Yes, date: 2023-05-02}", Evidence(date="2023-05-02")),
        ("{answer: Yes, date: 2023, note: 017}", Evidence(note="017", date="2023")),
        ("\n    answer: Yes\n    note: |\n      one\n      two\n", Evidence(note="one\ntwo")),
        ("\n    answer: Yes\n    source: >-\n      one\n      two\n", Evidence(source="one two")),
        ("{answer: Yes, source: '', note: }", Evidence()),
    ],
)
def test_evidence_is_kept_in_the_words_of_who_recorded_it(framework, written, evidence):
    answers = sound(framework, f"entity: KAZ\nanswers:\n  inspections: {written}\n").answers

    assert answers["inspections"].text == "Yes"
    assert answers["inspections"].evidence == evidence


@pytest.mark.parametrize(
    ("written", "code", "at"),
    [
        ("{source: Law 12}", "E404", "{source: Law 12}"),
        ("{answer: Yes, sources: Law 12}", "E404", "sources"),
        ("{answer: [Yes]}", "E404", "[Yes]"),
        ("{answer: {answer: Yes}}", "E404", "{answer: Yes}"),
        ("{answer: Yes, source: [a, b]}", "E404", "[a, b]"),
        ("[Yes, No]", "E404", "[Yes, No]"),
        ("{answer: Yes, answer: Yes}", "E403", "answer"),
        ("{answer: Yess, source: Law 12}", "E222", "Yess"),
    ],
)
def test_what_is_wrong_with_evidence_is_located(framework, written, code, at):
    assert located(faults(framework, f"answers:\n  inspections: {written}\n"), code, at)


# ---- unknown names


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("answer: {inspections: Yes}\n", "E404", "answer"),
        ("answers: [inspections]\n", "E404", "[inspections]"),
        ("answers: Yes\n", "E404", "Yes"),
        ("answers: {inspection: Yes}\n", "E221", "inspection"),
        ("answers: {2.1a: Yes}\n", "E221", "2.1a"),
        ("answers: {quay: 50}\n", "E221", "quay"),
        ("answers: {Inspections: Yes}\n", "E221", "Inspections"),
        ("given: {harbor: {quay: 50}}\n", "E223", "harbor"),
        ("given: {quay: 50}\n", "E223", "quay"),
        ("given: {harbour: 50}\n", "E404", "50"),
        ("given: {harbour: {kay: 50}}\n", "E224", "kay"),
        ("given: {harbour: {inspections: 50}}\n", "E224", "inspections"),
        ("given: {harbour: {rules.shore: 50}}\n", "E224", "rules.shore"),
        ("given: {harbour: {quay: [50]}}\n", "E404", "[50]"),
        ("given: {harbour: {quay: {note: x}}}\n", "E404", "quay"),
        ("given: {harbour: {quay: {score: 50, source: a, year: 2}}}\n", "E404", "year"),
        ("given: {harbour: {quay: 100.001}}\n", "E225", "100.001"),
        ("given: {harbour: {quay: -0.001}}\n", "E225", "-0.001"),
        ("given: {harbour: {quay: 50, harbour.quay: 50}}\n", "E403", "50"),
        ("given: {harbour: {quay: }}\n", "E110", ""),
        ("published: {harbour: {quay: []}}\n", "E404", "[]"),
        ("published: {harbour: {quay: [1, 2, 3]}}\n", "E404", "[1, 2, 3]"),
        ("published: {harbour: {quay: {rank: 1}}}\n", "E404", "rank: 1}"),
        ("published: {harbour: {quay: +1}}\n", "E110", "+1"),
        ("published: {harbour: {rank: 0}}\n", "E110", "0"),
        ("published: {harbour: {rank: '= 13'}}\n", "E110", "'= 13'"),
        ("published: {harbour: {rank: -1}}\n", "E110", "-1"),
        ("published: {harbour: {rank: [1]}}\n", "E404", "[1]"),
        ("published: {harbour: {quay: [50, \u22122]}}\n", "E110", "\u22122"),
    ],
)
def test_every_fault_is_located_once(framework, text, code, at):
    assert located(faults(framework, text), code, at)


def test_all_faults_of_a_file_are_reported_at_once(framework):
    text = "answers:\n  inspection: Yes\n  pilotage: x\nextra: 1\ngiven: {harbour: {kay: a}}\n"

    codes = sorted(code for code, _ in faults(framework, text))
    assert codes == ["E110", "E221", "E222", "E224", "E404"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E405"),
        ("# nothing\n", "E405"),
        ("name: Kazakhstan\n", "E405"),
        ("entity:\n", "E405"),
        ("entity: ' '\n", "E405"),
        ("entity: [KAZ]\n", "E404"),
        ("[KAZ]\n", "E404"),
        ("KAZ\n", "E404"),
        (f"entity: {'K' * 121}\n", "E408"),
    ],
)
def test_a_profile_says_whose_it_is(framework, text, code):
    assert code in [found for found, _ in read(framework, text)[1]]


@pytest.mark.parametrize(
    ("text", "name"), [("", "KAZ"), ("name: No\n", "No"), ("name: ''\n", "KAZ")]
)
def test_an_entity_goes_by_its_id_where_it_has_no_name(framework, text, name):
    assert sound(framework, f"entity: KAZ\n{text}").name == name


# ---- given scores


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("quay", ("harbour", "quay")),
        ("harbour", ("harbour",)),
        ("harbour.quay", ("harbour", "quay")),
        ("depth", ("harbour", "shore", "depth")),
        ("shore.depth", ("harbour", "shore", "depth")),
        ("rules", ("harbour", "rules")),  # a path in full, though another ends alike
        ("shore.rules", ("harbour", "shore", "rules")),
    ],
)
def test_a_given_score_names_its_figure_by_id_or_path(framework, key, path):
    given = sound(framework, f"entity: KAZ\ngiven: {{harbour: {{{key}: 62.45}}}}\n").given

    assert {p: each.score for p, each in given.items()} == {path: Fraction("62.45")}


def test_a_given_score_may_have_evidence(framework):
    text = "entity: KAZ\ngiven:\n  harbour:\n    quay: {score: 0.10, note: read off a chart}\n"
    given = sound(framework, text).given[("harbour", "quay")]

    assert (given.score, given.evidence) == (Fraction(1, 10), Evidence(note="read off a chart"))


def test_an_id_that_two_figures_share_needs_its_path():
    twins = "".join(
        f"    category {each}\n        indicator depth\n            given\n"
        for each in ("east", "west")
    )
    framework = _framework(f"index harbour\n{twins}")

    assert located(faults(framework, "given: {harbour: {depth: 50}}\n"), "E207", "depth")
    assert faults(framework, "given: {harbour: {east.depth: 50, west.depth: 50}}\n") == []


# ---- figures somebody printed


def test_printed_figures_are_kept_as_printed(framework):
    text = (
        "entity: KAZ\n"
        "published:\n"
        "  harbour:\n"
        '    rank: "=13"\n'
        "    harbour: [66, -2]\n"
        "    shore: 57.50\n"
        "    quay: [0, 0]\n"
        "  fishing:\n"
        "    rank: 4\n"
    )
    profile = sound(framework, text)

    assert {
        ".".join(path): (each.score.value, each.change and each.change.value)
        for path, each in profile.printed.items()
    } == {"harbour": (66, -2), "harbour.shore": (Fraction("57.5"), None), "harbour.quay": (0, 0)}
    assert {i: (r.rank, r.tied) for i, r in profile.printed_ranks.items()} == {
        "harbour": (13, True),
        "fishing": (4, False),
    }
    assert list(profile.printed) == [
        ("harbour",),
        ("harbour", "shore"),
        ("harbour", "quay"),
    ]


# ---- editions


def edition(text: str):
    found, diagnostics = read_edition("2023", Source("edition.yaml", text))
    return found, [each.code for each in diagnostics]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ("2023", "", False)),
        ("title: Harbours, 2023\n", ("Harbours, 2023", "", False)),
        ("title: No\ndate: 2023-07-18\ncohort: partial\n", ("No", "2023-07-18", True)),
        ("date: 2023\ncohort: complete\n", ("2023", "2023", False)),
        ("date: '2023-07'\n", ("2023", "2023-07", False)),
    ],
)
def test_an_edition_says_its_title_its_date_and_who_is_there(text, wanted):
    found, codes = edition(text)

    assert codes == []
    assert (found.title, found.date, found.partial) == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("cohort: part\n", "E407"),
        ("cohort: yes\n", "E407"),
        ("date: 18.07.2023\n", "E407"),
        ("date: 2023-7-1\n", "E407"),
        ("date: ٢٠٢٣\n", "E407"),
        ("titel: x\n", "E404"),
        ("title: [x]\n", "E404"),
        ("title: a\ntitle: b\n", "E403"),
        ("- a\n", "E404"),
    ],
)
def test_what_is_wrong_with_an_edition_is_said(text, code):
    assert edition(text)[1] == [code]


# ---- what was written is what is read


@many
@given(world=g.worlds(most=1, room=8, editions=("2023",)))
def test_a_profile_reads_back_as_it_was_meant(world):
    wanted = world.editions[0].profiles[0]
    text = g.yaml_text(g.profile_doc(world, wanted))
    with g.written(g.rule_files(world)) as root:
        framework = read_rules(root, g.FRAMEWORK).framework
    profile, found = read_profile(Source(NAME, text), framework)

    assert profile is not None
    assert {each.code for each in found} <= {"W410"}
    assert profile.entity == wanted.entity
    assert profile.name == (wanted.name or wanted.entity)
    assert _texts(profile.answers) == {q: a for q, a in wanted.answers.items() if a.strip()}
    assert {p: each.score for p, each in profile.given.items()} == {
        p: Fraction(score) for p, score in wanted.given.items()
    }
    for id, answer in profile.answers.items():
        line = Source(NAME, text).line(Source(NAME, text).position(answer.span.start)[0])
        assert id in line or "answer" in line


def _texts(answers: Mapping[str, object]) -> dict[str, str]:
    return {id: answer.text for id, answer in answers.items()}  # type: ignore[attr-defined]


@many
@given(answer=st.text(min_size=1, max_size=6).filter(str.isprintable))
def test_an_answer_off_the_scale_is_never_taken_for_one_on_it(framework, answer):
    text = f"entity: KAZ\nanswers:\n  inspections: {g.yaml_scalar(answer, flow=False)}\n"
    profile, found = read(framework, text)

    assert profile is not None
    if answer in ("Yes", "No"):
        assert profile.answers["inspections"].text == answer
    else:
        assert profile.answers == {}
        assert [code for code, _ in found] in (["E222"], ["W410"])
        assert ("W410" in {code for code, _ in found}) == (not answer.strip())


def test_a_cohort_with_any_fault_is_not_scored():
    texts = {
        f"rules/{g.FRAMEWORK}/all.bareme": RULES,
        NAME: "entity: KAZ\nanswers: {inspections: Yes}\n",
        NAME.replace("kaz", "aus"): "entity: AUS\nanswers: {inspections: Maybe}\n",
    }
    with g.written(texts) as root:
        rules = bareme.load(root)
        with pytest.raises(InputRefused) as caught:
            rules.cohort("2023")
        cohort, found = rules.read_cohort("2023")

    assert [each.code for each in caught.value.diagnostics] == ["E222"]
    assert [each.code for each in found] == ["E222"]
    assert [each.entity for each in cohort.profiles] == ["AUS", "KAZ"]
