"""Verification recomputes (F7, F9): a forgery with every hash right is caught by its own rules."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seals
from bareme import sealing
from bareme.audit.figures import FORMAT, NotCanonical, _written, read_figures
from bareme.audit.verified import Verified
from bareme.cli import run

RULES = """\
scale yes_no: Yes = 100, No = 0
scale risk, best first: Low, Moderate, High
index norms
    publish 1 decimal
    bands Good from 50, Poor from 0
    compare with previous edition
    category guarding weight 60%
        question guards on yes_no weight 2
        question fence on risk
        cap 90 when fence is High
    category yards weight 40%
        measure locks in locks
            steps up to 3 = 0, up to 8 = 75, above = 100
        indicator crews
            given
"""
PROFILE = """\
entity: {id}
name: {name}
answers:
  guards: {guards}
  fence: {fence}
  locks: {locks}
given:
  norms: {{crews: {crews}}}
"""


def profile(id: str, name: str, guards: str, fence: str, locks: int, crews: int) -> str:
    return PROFILE.format(id=id, name=name, guards=guards, fence=fence, locks=locks, crews=crews)


PROJECT = {
    "rules/norms/norms.bareme": RULES,
    "profiles/norms/2022/nor.yaml": profile("NOR", "Norland", "No", "Moderate", 2, 45),
    "profiles/norms/2024/nor.yaml": profile("NOR", "Norland", "Yes", "High", 7, 55),
    "profiles/norms/2024/sud.yaml": profile("SUD", "Sudmark", "Yes", "Low", 9, 80),
    "profiles/norms/2024/ven.yaml": profile("VEN", "Vendia", "No", "Low", 3, 20),
}
SEALED = seals.sealed("2024", PROJECT)
FIGURES = seals.opened(SEALED).files["figures.jsonl"]
NOR, RULE_FILE = "profiles/norms/2024/nor.yaml", "rules/norms/norms.bareme"


def verified(changed: dict[str, str | bytes]) -> Verified:
    """What comes of verifying the edition with some files changed, and every hash redone."""
    files = {n: each.encode() if isinstance(each, str) else each for n, each in changed.items()}
    return sealing.verify("x", seals.remade(SEALED, files))


def messages(checked: Verified) -> list[str]:
    return [f"{each.code} {each.message}" for each in checked.found]


def test_the_edition_is_sound():
    checked = sealing.verify("x", SEALED)

    assert messages(checked) == []
    assert (checked.entities, checked.differ) == (3, 0)
    assert checked.figures == FIGURES.count(b"\n") - 1 == 3 * 7


def test_the_figures_are_those_worked_out_by_hand():
    """Guarding is (2 × 100 + 0) / 3 and below its cap, yards (75 + 55) / 2: 66.6… × 60 % + 26."""
    said = read_figures(FIGURES)[1]
    of = {key.figure: fields for key, (_, fields) in said.items() if key.entity == "NOR"}

    assert of["norms.guarding"]["exact"] == "200/3"
    assert of["norms.yards"]["exact"] == "65"
    assert (of["norms"]["exact"], of["norms"]["score"], of["norms"]["band"]) == (
        "66",
        "66.0",
        "Good",
    )
    assert of["norms.guarding.fence"]["answer"] == "High"
    assert of["norms.yards.locks"]["answer"] == "7"
    # In 2022: (0 + 50) / 3 × 60 % + (0 + 45) / 2 × 40 % = 10 + 9.
    assert of["norms"]["change"] == "47.0"
    # Sudmark: 100 × 60 % + 90 × 40 % = 96; Vendia: 100 / 3 × 60 % + 10 × 40 % = 24.
    assert (of["norms"]["rank"], of["norms"]["median"], of["norms"]["mean"]) == (2, "66.0", "62.0")


def forged_numbers(text: str) -> list[tuple[int, str]]:
    """Each number of a text with another in its place, and where it stands."""
    return [
        (found.start(), text[: found.start()] + other + text[found.end() :])
        for found in re.finditer(r"(?<![\w.])[0-9]+(?:\.[0-9]+)?", text)
        for other in [
            str(int(found[0].partition(".")[0]) + 7) + found[0][len(found[0].partition(".")[0]) :]
        ]
    ]


def test_every_number_of_the_figures_that_is_forged_is_caught():
    text = FIGURES.decode()
    forged = [each for each in forged_numbers(text) if each[0] > text.index("\n")]

    assert len(forged) > 130
    for at, changed in forged:
        checked = verified({"figures.jsonl": changed})
        assert checked.found, text[at : at + 20]
        assert {each.code for each in checked.found} <= {"P602"}
        if "was sealed as" in checked.found[0].message:
            continue  # the answer to a measure, which is said where it stands in the profile
        line = text.count("\n", 0, at) + 1
        assert [checked.sources[e.span.file].position(e.span.start)[0] for e in checked.found] == [
            line
        ]


def test_every_word_of_the_figures_that_is_forged_is_caught():
    text = FIGURES.decode()
    for found in re.finditer(r'(?<=":")[A-Za-z][^"]*(?=")', text):
        changed = f"{text[: found.start()]}Xx{text[found.end() :]}"
        assert verified({"figures.jsonl": changed}).found, found[0]


def test_every_line_of_the_figures_taken_out_doubled_or_swapped_is_caught():
    lines = FIGURES.decode().splitlines(keepends=True)
    for at in range(len(lines)):
        for changed in (lines[:at] + lines[at + 1 :], lines[: at + 1] + lines[at:]):
            assert verified({"figures.jsonl": "".join(changed)}).found
        for other in range(at):
            swapped = list(lines)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            assert verified({"figures.jsonl": "".join(swapped)}).found


@pytest.mark.parametrize("name", [name for name in PROJECT if "2022" not in name])
def test_every_number_of_rules_and_profiles_that_is_forged_is_caught(name):
    forged = forged_numbers(PROJECT[name])

    assert forged
    for at, changed in forged:
        if "90 when" in PROJECT[name][at : at + 7]:
            continue  # a cap that no entity reaches moves no figure
        assert verified({name: changed}).found, PROJECT[name][at : at + 20]


def test_an_answer_of_the_earlier_edition_that_is_forged_shows_in_the_change():
    checked = verified({"profiles/norms/2022/nor.yaml": PROJECT["profiles/norms/2022/nor.yaml"]
                        .replace("locks: 2", "locks: 9")})  # fmt: skip

    # (100 + 45) / 2 × 40 % + 10 = 39 in 2022.
    assert (
        "P602 `Norland`, `norms.yards.locks`: sealed change `75.0`; recomputed change `-25.0`"
        in (messages(checked))
    )
    assert set(checked.depend) == {"norms", "norms.yards", "norms.yards.locks"}


ANSWERS = {"guards": ("Yes", "No"), "fence": ("Low", "Moderate", "High"), "locks": ("2", "7", "9")}


@pytest.mark.parametrize(("entity", "question"), list(product(("nor", "sud", "ven"), ANSWERS)))
def test_a_forged_answer_is_named_in_its_line(entity, question):
    name = f"profiles/norms/2024/{entity}.yaml"
    old = re.search(rf"  {question}: (\w+)\n", PROJECT[name])[1]
    for new in ANSWERS[question]:
        if new in (old, "9" if old == "9" else old) or (question, old, new) == ("locks", "3", "2"):
            continue
        checked = verified(
            {name: PROJECT[name].replace(f"{question}: {old}", f"{question}: {new}")}
        )
        first = checked.found[0]

        assert first.span.file == f"x!{name}"
        assert first.message == f"`{question}: {new}` was sealed as `{old}`"
        source = checked.sources[first.span.file]
        assert source.line(source.position(first.span.start)[0]) == f"  {question}: {new}"
        assert "norms" in checked.depend


def test_an_answer_that_was_taken_out_or_put_in_is_named():
    out = verified({NOR: PROJECT[NOR].replace("  fence: High\n", "")})
    assert messages(out)[0] == "P602 `fence` is not answered here, and was sealed as `High`"

    without = seals.sealed("2024", PROJECT | {NOR: PROJECT[NOR].replace("  fence: High\n", "")})
    put_in = sealing.verify("x", seals.remade(without, {NOR: PROJECT[NOR].encode()}))
    assert messages(put_in)[0] == "P602 `fence: High` was sealed as not answered"


def test_an_answer_that_scores_the_same_is_caught_as_well():
    """Both are above 8 locks: no score moves, and the figures say another answer."""
    sud = "profiles/norms/2024/sud.yaml"
    checked = verified({sud: PROJECT[sud].replace("locks: 9", "locks: 12")})

    assert messages(checked) == ["P602 `locks: 12` was sealed as `9`"]


def test_rules_that_were_forged_are_named_beside_the_figures():
    checked = verified({RULE_FILE: RULES.replace("up to 8 = 75", "up to 8 = 85")})
    first = checked.found[0]

    assert first.message.startswith("`Norland`, `norms.yards.locks`: sealed score `75.0`")
    assert first.message.endswith("recomputed score `85.0`, band `Good`") or "85.0" in first.message
    note = first.notes[0]
    assert checked.sources[note.span.file].place(note.span) == f"x!{RULE_FILE}:13"


def test_all_that_differs_is_counted_and_only_what_it_starts_with_is_said():
    checked = verified({NOR: PROJECT[NOR].replace("guards: Yes", "guards: No")})

    assert messages(checked) == ["P602 `guards: No` was sealed as `Yes`"]
    assert set(checked.depend) >= {"norms", "norms.guarding", "norms.guarding.guards"}
    assert checked.differ > 3  # ranks, medians and means of the others as well


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("scale risk", "scale rusk"),
        ("weight 60%", "weight 70%"),
        ("index norms", "index forms"),
        ("    bands", "   bands"),
        ("Low, Moderate", "Low, Low"),
    ],
)
def test_rules_that_cannot_be_scored_any_more_are_said_so(old, new):
    checked = verified({RULE_FILE: RULES.replace(old, new)})

    assert checked.found
    assert not checked.recomputed or checked.differ


def test_a_file_that_does_not_belong_is_named():
    data = seals.opened(SEALED)
    for name in ("profiles/norms/2031/nor.yaml", "profiles/norms/2024/notes.txt",
                 "profiles/norms/2022/evidence/a.txt"):  # fmt: skip
        extra = {**data.files, name: PROJECT[NOR].encode()}
        checked = sealing.verify("x", seals.packed(data.head, extra))

        assert "P602 nothing of the sealed edition is computed from this file" in messages(checked)
        assert f"x!{name}" in {each.span.file for each in checked.found}


def test_an_entity_that_was_put_in_is_named():
    data = seals.opened(SEALED)
    more = {
        **data.files,
        "profiles/norms/2024/ost.yaml": profile("OST", "Ostmark", "Yes", "Low", 9, 9).encode(),
    }
    checked = sealing.verify("x", seals.packed(data.head, more))

    assert messages(checked) == [
        "P602 `Ostmark` is in the edition, and not among its sealed figures"
    ]


def test_an_entity_that_was_taken_out_is_named():
    data = seals.opened(SEALED)
    less = {name: each for name, each in data.files.items() if not name.endswith("ven.yaml")}
    checked = sealing.verify("x", seals.packed(data.head, less))

    assert messages(checked) == ["P602 there are sealed figures of `VEN`, and no such entity"]


def test_the_date_of_the_manifest_is_that_of_the_edition():
    dated = PROJECT | {"profiles/norms/2024/edition.yaml": "date: 2024-05-01\n"}
    data = seals.sealed("2024", dated)
    assert seals.status_of(data) == 0
    checked = sealing.verify("x", seals.with_manifest(data, "date 2024-05-01", "date 2030-05-01"))

    assert messages(checked) == [
        "P602 the date of the edition is 2024-05-01 here, and 2030-05-01 in the manifest"
    ]


def test_a_consistent_edition_of_somebody_else_is_sound_and_only_its_origin_is_not(capfd, tmp_path):
    """Whoever computes everything anew has a sound file: a hash from elsewhere tells."""
    other = seals.sealed("2024", PROJECT | {NOR: PROJECT[NOR].replace("High", "Low")})
    (tmp_path / "x.sealed").write_bytes(other)

    assert run(["-C", str(tmp_path), "verify", "x.sealed"]) == 0
    assert "Where it comes from was not checked" in capfd.readouterr().out
    ours = seals.hash_of(SEALED)
    assert run(["-C", str(tmp_path), "verify", "x.sealed", "--hash", ours]) == 1
    assert "differs P604" in capfd.readouterr().out


# ---- lines of figures that are not in their one form


ODD = [
    ('"level":"index"', '"level": "index"'),
    ('{"band":"Good","change"', '{"change":"1.0","band":"Good","change"'),
    ('"rank":2', '"rank":2.0'),
    ('"rank":2', '"rank":02'),
    ('"rank":2', '"rank":2e0'),
    ('"tied":false', '"tied":null'),
    ('"tied":false', '"tied":[]'),
    ('"tied":false', '"tied":' + "[" * 100_000 + "]" * 100_000),
    ('"rank":2', '"rank":' + "9" * 5_000),
    ('"Good"', '"G\\u006fod"'),
    ('"Good"', '"G\\/ood"'),
    ('"Good"', '"G\\ud800"'),
    ("\n", "\r\n"),
    ("\n", "\n\n"),
]


@pytest.mark.parametrize("change", ODD, ids=lambda each: each[1][:24])
def test_figures_are_written_in_one_way(change):
    text = FIGURES.decode()
    old, new = change
    assert old in text
    data = seals.remade(SEALED, {"figures.jsonl": text.replace(old, new, 2).encode()})

    assert sealing.verify("x", data).found
    alone = seals.status_alone(data)
    assert alone == (0 if new == '"G\\ud800"' else 1)  # the form is right, and the band is not


KEYS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
VALUES = st.text(max_size=12) | st.integers(-999_999_999, 999_999_999) | st.booleans()


@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=6), max_size=4))
def test_there_is_one_spelling_for_each_figure(lines):
    """Written, read and written again: the same bytes, whatever is in them (D3)."""
    head = {"edition": "2024", "format": FORMAT, "framework": "norms"}
    marked = [{**each, "figure": f"f{number}"} for number, each in enumerate(lines)]
    text = "".join(f"{_written(each)}\n" for each in [head, *marked])
    said, found = read_figures(text.encode("ascii"))

    assert said == head
    assert [fields for _, fields in found.values()] == marked
    seals.stand_alone().check_figures(
        {"figures": text.encode(), "framework": "norms", "edition": "2024"}
    )


@pytest.mark.parametrize(
    "text", [b"", b"{}\n", b"\xff\n", b"[]\n", b'{"format":"other"}\n', b'{"a":1}']
)
def test_a_text_that_is_no_figures_is_said_so(text):
    with pytest.raises(NotCanonical):
        read_figures(text)
    data = seals.remade(SEALED, {"figures.jsonl": text})
    assert seals.status_of(data) == seals.status_alone(data) == 1


# ---- evidence (F9)

EVIDENCE = PROJECT | {
    NOR: PROJECT[NOR]
    .replace("guards: Yes", "guards: {answer: Yes, source: 'evidence/acts/12.txt, article 3'}")
    .replace("fence: High", "fence: {answer: High, source: 'https://norms.example/13'}")
    .replace("locks: 7", "locks: {answer: 7, source: a letter}"),
    "profiles/norms/2024/evidence/acts/12.txt": "Every store has a guard.\n",
    "profiles/norms/2024/evidence/plan.svg": "<svg/>\n",
}
WITH_EVIDENCE = seals.sealed("2024", EVIDENCE)
ACT = "profiles/norms/2024/evidence/acts/12.txt"


def test_evidence_is_sealed_and_links_are_said_not_to_be_verified(tmp_path, capfd):
    checked = sealing.verify("x", WITH_EVIDENCE)
    assert (messages(checked), checked.evidence, checked.links) == ([], 2, 2)

    (tmp_path / "x.sealed").write_bytes(WITH_EVIDENCE)
    assert run(["-C", str(tmp_path), "verify", "x.sealed"]) == 0
    said = capfd.readouterr().out.splitlines()
    assert "2 files of evidence as sealed." in said
    assert "2 sources named and not in the seal: not verified." in said


def test_evidence_that_was_changed_is_named():
    data = WITH_EVIDENCE.replace(b"Every store", b"Some stores")
    assert messages(sealing.verify("x", data)) == [
        f"P601 `{ACT}` is not what was sealed: its bytes have another hash"
    ]


def test_evidence_that_is_missing_or_renamed_is_named():
    data = seals.opened(WITH_EVIDENCE)
    missing = {name: each for name, each in data.files.items() if name != ACT}
    renamed = {**missing, ACT.replace("12", "13"): data.files[ACT]}
    for files in (missing, renamed):
        checked = sealing.verify("x", seals.packed(data.head, files))
        assert messages(checked) == [
            "P606 the source of this is the file `evidence/acts/12.txt`, which is not there"
        ]


def test_evidence_in_the_folder_is_no_stray(tmp_path, capfd):
    for name, text in EVIDENCE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert run(["-C", str(tmp_path), "check"]) == 0
    assert "W405" not in capfd.readouterr().err


# ---- parts, entities that are left out, ranks of both kinds, ratings

KINDS = {
    "rules/norms/norms.bareme": """\
scale yes_no: Yes = 100, No = 0
units depot
data people in persons
index norms
    publish whole numbers
    rank by rounded and unrounded scores
    include entities where people >= 1000
    indicator depots
        for each depot
        question lit on yes_no
        question kept on yes_no weight 2
    question guards on yes_no
    rating status of norms: Safe from 50, Unsafe from 0
""",
    **{
        f"profiles/norms/2024/{id}.yaml": f"""\
entity: {id.upper()}
answers: {{guards: {guards}, people: {people}}}
parts:
  depot:
    North:
      lit: Yes
      kept: {kept}
    South:
      lit: Yes
"""
        for id, guards, people, kept in (("nor", "Yes", 4000, "No"), ("sud", "No", 2000, "Yes"),
                                         ("ost", "Yes", 10, "Yes"))
    },
}  # fmt: skip
OF_KINDS = seals.sealed("2024", KINDS)


def kinds(name: str, old: str, new: str) -> list[str]:
    """What is said where one text of that edition is another, and every hash is redone."""
    data = seals.opened(OF_KINDS).files[name]
    assert old.encode() in data
    changed = seals.remade(OF_KINDS, {name: data.replace(old.encode(), new.encode(), 1)})
    return messages(sealing.verify("x", changed))


def test_figures_of_parts_ranks_of_both_kinds_and_ratings_are_sealed():
    """North is (100 + 0) / 3, South 100 for what it answers; depots their mean, 66.6…."""
    found = read_figures(seals.opened(OF_KINDS).files["figures.jsonl"])[1]
    of = {(key.entity, key.figure, key.part): fields for key, (_, fields) in found.items()}

    left = {key.question: key for key in found if key.entity == "OST"}
    assert sorted(left) == ["guards", "kept", "lit", "people"]  # too few people to be included
    assert {key.figure for key in left.values()} == {""}
    assert of["NOR", "norms.depots", "North"]["exact"] == "100/3"
    assert of["NOR", "norms.depots.kept", "North"]["answer"] == "No"
    assert "answer" not in of["NOR", "norms.depots.kept", "South"]
    assert of["NOR", "norms", ""]["exact"] == "250/3"
    assert of["SUD", "norms", ""]["exact"] == "50"
    ranks = [of["NOR", "norms", ""][each] for each in ("rank", "unrounded_rank", "unrounded_tied")]
    assert ranks == [1, 1, False]
    assert of["SUD", "norms.status", ""]["band"] == "Safe"


def test_an_answer_of_a_part_that_is_forged_is_named_in_its_line():
    name = "profiles/norms/2024/nor.yaml"
    assert kinds(name, "kept: No", "kept: Yes")[0] == "P602 `kept: Yes` was sealed as `No`"
    assert kinds(name, "      kept: No\n", "")[0] == (
        "P602 `kept` is not answered here, and was sealed as `No`"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"unrounded_rank":1', '"unrounded_rank":2', "sealed unrounded_rank `2`; "),
        ('"band":"Safe"', '"band":"Unsafe"', "`norms.status`: sealed band `Unsafe`"),
        (
            '"exact":"100/3","figure":"norms.depots","level":"indicator","part":"North"',
            '"exact":"100/7","figure":"norms.depots","level":"indicator","part":"North"',
            "`norms.depots`, `North`: sealed exact `100/7`; recomputed exact `100/3`",
        ),
        (
            '"figure":"norms.guards","level"', '"figure":"norms.gourds","level"',
            "`norms.gourds`: sealed, and there is no such figure",
        ),
        ('"status":"computed"', '"state":"computed"', "sealed no status; recomputed status"),
    ],
)  # fmt: skip
def test_each_kind_of_figure_that_is_forged_is_said(old, new, said):
    assert any(said in each for each in kinds("figures.jsonl", old, new))


def test_a_figure_that_was_taken_out_of_the_rules_or_put_in_is_said():
    rules = "rules/norms/norms.bareme"
    gone = kinds(rules, "    question guards on yes_no\n", "")
    assert any("cannot be recomputed" in each for each in gone)  # the answer to it is left
    more = kinds(
        rules, "    question guards", "    indicator own\n        given\n    question guards"
    )
    assert "P602 `NOR`, `norms.own`: not sealed, and there is such a figure" in more


def test_an_entity_that_is_included_by_a_forged_number_is_named():
    said = kinds("profiles/norms/2024/ost.yaml", "people: 10}", "people: 1000}")
    assert "P602 `people: 1000` was sealed as `10`" in said
    assert "P602 `OST`, `norms.guards`: not sealed, and there is such a figure" in said
    assert not any("`kept: " in each for each in said)  # no answer but that one was changed


def test_an_answer_that_is_sealed_twice_is_caught():
    """A line more, of an answer that a figure shows already."""
    line = b'{"answer":"Yes","entity":"NOR","question":"guards"}\n'
    text = seals.opened(OF_KINDS).files["figures.jsonl"]
    checked = sealing.verify("x", seals.remade(OF_KINDS, {"figures.jsonl": text + line}))

    assert messages(checked) == ["P602 the figures are not in their order, or say something twice"]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("nor", "people: 4000", "people: 4001", "`people: 4001` was sealed as `4000`"),
        ("ost", "guards: Yes", "guards: No", "`guards: No` was sealed as `Yes`"),
        ("ost", ", people: 10}", "}", "`people` is not answered here, and was sealed as `10`"),
        ("ost", "kept: Yes", "kept: No", "`kept: No` was sealed as `Yes`"),
    ],
)
def test_an_answer_that_no_figure_shows_is_caught_as_well(name, old, new, said):
    """Data that are large enough as they are, and the answers of an entity that is left out."""
    assert kinds(f"profiles/norms/2024/{name}.yaml", old, new) == [f"P602 {said}"]


def test_points_that_were_forged_are_said_once_for_all_answers():
    said = kinds("rules/norms/norms.bareme", "Yes = 100", "Yes = 90")
    first = next(each for each in said if "guards" in each)

    assert first == "P602 `NOR`, `norms.guards`: sealed score `100`; recomputed score `90`"
    assert len([each for each in said if "guards" in each]) == 1


def test_an_edition_without_profiles_cannot_be_recomputed():
    data = seals.opened(SEALED)
    only = {
        name: each
        for name, each in data.files.items()
        if not name.startswith("profiles/norms/2024/")
    }
    checked = sealing.verify("x", seals.packed(data.head, only))

    assert messages(checked) == [
        "P602 this cannot be recomputed: there is no edition `2024`; the nearest is `2022`"
    ]


def test_numbers_computed_to_other_settings_are_not_recomputed():
    data = seals.with_manifest(SEALED, "settings digits 50", "settings digits 60")
    checked = sealing.verify("x", data)

    assert [each.code for each in checked.found] == ["E601"]
    assert "`digits 60, bits 65536`" in checked.found[0].message
