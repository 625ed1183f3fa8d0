"""Tables: nothing is guessed, nothing is lost, and every fault stands in its cell (A5, A6, A15)."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bareme.framework import Framework
from bareme.language.parse import parse
from bareme.profiles.cells import MAX_CELL, letters, read_sheet
from bareme.profiles.editions import read_edition
from bareme.profiles.profile import Profile
from bareme.profiles.read import read_profile
from bareme.profiles.tables import read_table
from bareme.project import read_rules
from bareme.resolve import resolve
from bareme.source import Source
from bareme.text import read_text

RULES = """\
scale yes_no: Yes = 100, No = 0
scale risk, best first: Low, Medium, High

index safety "Safety"
    bands High from 67, Medium from 34, Low from 0
    category rules "Rules"
        question pilotage on yes_no code "1a"
        question drills on yes_no
    category water "Water"
        question storms on risk

group region "Region": North, South
group owner "Owner"
data shipments "Shipments" code "9" in "a year", plausible 0 to 1000
"""
WIDE = "table:\n  file: harbours.csv\n  layout: wide\n  entity: code\n"
LONG = (
    "table:\n  file: harbours.csv\n  layout: long\n  entity: code\n"
    "  question: question\n  answer: answer\n  source: source\n"
)


@pytest.fixture(scope="module")
def framework() -> Framework:
    tree, found = parse(Source("rules/harbours/all.bareme", RULES), "all")
    plain, wrong = resolve("harbours", [tree])
    assert [*found, *wrong] == []
    return plain


def read(framework: Framework, edition: str, table: str) -> tuple[list[Profile], list[str]]:
    """The profiles of a table, and of each fault its code and its cell."""
    about = Source("edition.yaml", edition)
    declared, found = read_edition("2023", about)
    assert found == []
    assert declared.table is not None
    source, found = read_text("harbours.csv", table.encode("utf-8"))
    assert found == []
    sheet, found = read_sheet(source)
    profiles, faults = read_table(sheet, declared.table, about, framework)
    places = {"edition.yaml": about, "harbours.csv": sheet}
    return profiles, [f"{d.code} {places[d.span.file].cite(d.span)}" for d in [*found, *faults]]


def sound(framework: Framework, edition: str, table: str) -> list[Profile]:
    profiles, found = read(framework, edition, table)
    assert found == []
    return profiles


def written(rows: list[list[str]], end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end, strict=True).writerows(rows)
    return out.getvalue()


# ---- what is written is read back (A6, A15)

_VISIBLE = st.text(
    st.characters(codec="utf-8", min_codepoint=32, exclude_categories=("C", "Z"))
    | st.sampled_from(list(' ,"\n')),
    max_size=8,
)


@given(st.lists(st.lists(_VISIBLE, min_size=2, max_size=5), min_size=1, max_size=6), st.booleans())
def test_what_a_strict_writer_writes_is_read_back(rows, windows):
    width = len(rows[0])
    rows = [(row + [""] * width)[:width] for row in rows]
    end = "\r\n" if windows else "\n"
    text = written(rows, end)
    if windows:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    sheet, found = read_sheet(Source("t.csv", text))

    assert found == []
    assert [row.texts for row in sheet.rows] == rows
    for row in sheet.rows:
        for column, cell in enumerate(row.texts):
            span = sheet.span(row, column)
            raw = text[span.start : span.end].replace("\r\n", "\n")
            assert raw in (cell, '"' + cell.replace('"', '""') + '"')
            assert sheet.cite(span) == f"t.csv!{letters(column)}{row.number}"


@given(st.text(st.sampled_from(list('a,"\n;')), max_size=40))
def test_the_reader_agrees_with_a_strict_one_on_every_text(text):
    sheet, found = read_sheet(Source("t.csv", text))
    quotes = [each for each in found if each.code in ("E412", "E413")]
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        assert quotes
        return
    if not quotes:
        assert [row.texts if row.texts != [""] else [] for row in sheet.rows if row.texts] == [
            row if row != [""] else [] for row in rows
        ]


def test_ids_and_answers_stay_the_text_that_was_typed(framework):
    table = "code,pilotage\n007,Yes\nNA,No\n1e3,Yes\n2023-05-02,No\n"
    profiles = sound(framework, WIDE, table)

    assert [each.entity for each in profiles] == ["007", "NA", "1e3", "2023-05-02"]
    assert [each.answers["pilotage"].text for each in profiles] == ["Yes", "No", "Yes", "No"]


def test_columns_are_named_as_spreadsheets_do():
    named = [letters(each) for each in (0, 25, 26, 51, 52, 701, 702)]

    assert named == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


# ---- wide, long and YAML say the same

_ANSWERS = st.fixed_dictionaries(
    {
        "pilotage": st.sampled_from(["", "Yes", "No"]),
        "drills": st.sampled_from(["", "Yes", "No"]),
        "storms": st.sampled_from(["", "Low", "Medium", "High"]),
        "shipments": st.sampled_from(["", "0", "12", "7.5", "1000"]),
    }
)


@given(st.dictionaries(st.sampled_from("ABCDEF"), _ANSWERS, min_size=1))
def test_wide_long_and_yaml_give_the_same_cohort(cohort):
    rules = _rules()
    ids = ["pilotage", "drills", "storms", "shipments"]
    wide = written([["code", *ids], *([e, *(a[id] for id in ids)] for e, a in cohort.items())])
    rows = [[e, id, a[id], ""] for id in ids for e, a in cohort.items()]
    long = written([["code", "question", "answer", "source"], *rows])
    yaml = []
    for entity, answers in cohort.items():
        lines = "".join(f"  {id}: {text}\n" for id, text in answers.items() if text)
        text = f"entity: {entity}\nanswers:\n{lines}"
        profile, found = read_profile(Source("p.yaml", text), rules)
        assert found == []
        yaml.append(profile)

    assert sound(rules, WIDE, wide) == yaml
    assert sound(rules, LONG, long) == yaml


def _rules() -> Framework:
    tree, _ = parse(Source("rules/harbours/all.bareme", RULES), "all")
    plain, _ = resolve("harbours", [tree])
    return plain


# ---- measures and groups


def test_a_measure_is_a_number_in_a_table_and_in_a_profile(framework):
    profile, found = read_profile(
        Source("p.yaml", "entity: A\ngroups: {region: North}\nanswers: {shipments: 12.5}\n"),
        framework,
    )
    table = "code,9,area\nA,12.5,North\n"
    (row,) = sound(framework, WIDE + "  groups: {region: area}\n", table)

    assert found == []
    assert row == profile
    assert row.answers["shipments"].value == Fraction(25, 2)
    assert row.groups == {"region": "North"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("answers: {shipments: 1001}", "E226"),
        ("answers: {shipments: -1}", "E226"),
        ("answers: {shipments: '12,5'}", "E110"),
        ("answers: {shipments: many}", "E110"),
        ("answers: {shipments: }", "W410"),
        ("groups: {regoin: North}", "E216"),
        ("groups: {region: Nord}", "E228"),
        ("groups: {owner: anyone}", ""),
    ],
)
def test_measures_and_groups_of_a_profile_are_checked(framework, text, code):
    found = read_profile(Source("p.yaml", f"entity: A\n{text}\n"), framework)[1]

    assert [each.code for each in found] == ([code] if code else [])


# ---- every refusal, in its place

HEAD = "code,pilotage,drills\n"


@pytest.mark.parametrize(
    ("edition", "table", "found"),
    [
        ("", HEAD + "A,Yes\n", ["E411 harbours.csv!B2"]),
        ("", HEAD + "A,Yes,No,No\n", ["E411 harbours.csv!D2"]),
        ("", HEAD + "\nA,Yes,No\n", ["E411 harbours.csv!A2"]),
        ("", HEAD + 'A,"Yes,No\n', ["E412 harbours.csv!B2"]),
        ("", HEAD + 'A,"Yes" ,No\n', ["E413 harbours.csv!B2"]),
        ("", HEAD + 'A, "Yes",No\n', ["E413 harbours.csv!B2"]),
        ("", "code;pilotage\nA;Yes\n", ["E414 harbours.csv!A1"]),
        ("", "code\tpilotage\nA\tYes\n", ["E414 harbours.csv!A1"]),
        ("", "code,pilotage,pilotage\nA,Yes,No\n", ["E415 harbours.csv!C1"]),
        ("", "code,,pilotage\nA,,Yes\n", ["E415 harbours.csv!B1"]),
        ("  name: nome\n", HEAD + "A,Yes,No\n", ["E416 edition.yaml:5:9"]),
        ("", "code,pilotaeg\nA,Yes\n", ["E417 harbours.csv!B1"]),
        ("", "code,1a,pilotage\nA,Yes,Yes\n", ["E417 harbours.csv!C1"]),
        ("", HEAD + "A,Yes,No\nA,Yes,No\n", ["E406 harbours.csv!A3"]),
        ("", HEAD + ",Yes,No\n", ["E405 harbours.csv!A2"]),
        ("", HEAD + "A,yes,No\nB,yes,No\n", ["E222 harbours.csv!B2"]),
        ("", HEAD + f"A,{'x' * (MAX_CELL + 1)},No\n", ["E408 harbours.csv!B2"]),
        ('  missing: ["", No]\n', HEAD + "A,Yes,No\n", ["E410 edition.yaml:2:3"]),
        ("", HEAD, ["E419 harbours.csv!A1"]),
        ("", "", ["E419 harbours.csv:1:1"]),
        ("  rows: {drills: Maybe}\n", HEAD + "A,Yes,No\n", ["E419 edition.yaml:5:10"]),
        ("  groups: {regoin: drills}\n", HEAD + "A,Yes,No\n", ["E216 edition.yaml:5:12"]),
        ("  groups: {region: g}\n", "code,g\nA,Nord\n", ["E228 harbours.csv!B2"]),
        ("", "code,shipments\nA,5000\n", ["E226 harbours.csv!B2"]),
        ("", 'code,shipments\nA,"12,5"\n', ["E110 harbours.csv!B2"]),
        ("  published: {safety: {rank: r}}\n", "code,r\nA,first\n", ["E110 harbours.csv!B2"]),
        (
            "  ties: unmarked\n  published: {safety: {rank: r}}\n",
            "code,r\nA,=1\n",
            ["E110 harbours.csv!B2"],
        ),
    ],
)
def test_every_fault_stands_in_its_cell(framework, edition, table, found):
    assert read(framework, WIDE + edition, table)[1] == found


def test_all_faults_are_found_in_one_reading(framework):
    rows = "".join(f"E{n},{'Yes' if n % 2 else 'No'},off{n}\n" for n in range(100))
    found = read(framework, WIDE, HEAD + rows)[1]

    assert found == [f"E222 harbours.csv!C{n}" for n in range(2, 102)]


def test_a_blank_cell_and_what_the_edition_lists_are_no_answers(framework):
    edition = WIDE + '  missing: ["", n/a]\n'
    (row,) = sound(framework, edition, HEAD + "A,n/a,\n")

    assert dict(row.answers) == {}


def test_only_the_rows_asked_for_are_read(framework):
    edition = WIDE + "  rows: {year: [2022, 2023]}\n"
    table = "code,year,drills\nA,2023,Yes\nA,2021,No\nB,2022,No\nC, 2022,No\n"

    assert [each.entity for each in sound(framework, edition, table)] == ["A", "B"]


def test_a_long_table_keeps_evidence(framework):
    table = "code,question,answer,source\nA,1a,Yes,law of 2019\nA,drills,No,\n"
    (row,) = sound(framework, LONG, table)

    assert row.answers["pilotage"].evidence.source == "law of 2019"
    assert {id: each.text for id, each in row.answers.items()} == {
        "pilotage": "Yes",
        "drills": "No",
    }


def test_a_question_stands_once_for_an_entity_in_a_long_table(framework):
    table = "code,question,answer,source\nA,1a,Yes,\nA,pilotage,No,\n"

    assert read(framework, LONG, table)[1] == ["E418 harbours.csv!B3"]


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_row_inserted_twice_is_never_lost_in_silence(at, again):
    rows = [[f"E{n}", "Yes", "No"] for n in range(10)]
    rows.insert(again, rows[at])
    found = read(_rules(), WIDE, HEAD + written(rows))[1]

    assert len(found) == 1
    assert found[0].startswith("E406 harbours.csv!A")


def test_rows_in_are_entities_read(framework):
    rows = [[f"E{n:04}", "Yes", ""] for n in range(2_000)]

    assert len(sound(framework, WIDE, HEAD + written(rows))) == 2_000


# ---- in a project


def project(root: Path, edition: str, files: dict[str, str]) -> list[str]:
    for name, text in {
        "rules/harbours/all.bareme": RULES,
        "profiles/harbours/2023/edition.yaml": edition,
        **{f"profiles/harbours/2023/{name}": text for name, text in files.items()},
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    rules = read_rules(root, "harbours")
    cohort, found = rules.read_cohort("2023")
    return [*(each.entity for each in cohort.profiles), *(each.code for each in found)]


def test_a_table_and_profiles_stand_side_by_side(tmp_path):
    files = {"harbours.csv": HEAD + "B,Yes,No\n", "a.yaml": "entity: A\n"}

    assert project(tmp_path, WIDE, files) == ["A", "B"]


def test_a_table_is_opened_by_its_own_name_only(tmp_path):
    edition = WIDE.replace("harbours.csv", '"g[1].csv"')

    assert project(tmp_path, edition, {"g1.csv": HEAD + "A,Yes,No\n"}) == ["E007"]


@pytest.mark.parametrize("name", ["../harbours.csv", "/etc/x.csv", "a/b.csv", "C:x.csv", ".x.csv"])
def test_a_table_stands_in_the_editions_own_folder(name):
    edition = WIDE.replace("harbours.csv", f'"{name}"')
    declared, found = read_edition("2023", Source("edition.yaml", edition))

    assert [each.code for each in found] == ["E410"]
    assert declared.table is not None
    assert not declared.table.sound


def test_a_second_row_of_one_entity_is_an_error_with_profiles_too(tmp_path):
    files = {"harbours.csv": HEAD + "A,Yes,No\n", "a.yaml": "entity: A\n"}

    assert project(tmp_path, WIDE, files) == ["A", "E406"]


def test_entities_whose_ids_differ_in_case_alone_are_refused(tmp_path):
    files = {"harbours.csv": HEAD + "A,Yes,No\na,Yes,No\n"}

    assert project(tmp_path, WIDE, files) == ["A", "E406"]
