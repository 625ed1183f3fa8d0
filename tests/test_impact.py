"""`bareme impact` names the edits, what they reach and what they move, to whoever asks."""

from __future__ import annotations

import json
import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from dulwich.repo import Repo

from bareme import comparing
from bareme.cli import run as run_cli
from bareme.framework import asks_alike
from bareme.reports import impact as report
from bareme.reports.lines import ASCII, plain
from test_docs import commit

ROOT = Path(__file__).parent.parent

SCALES = "scale risk: Low = 100, Moderate = 50, High = 25\nscale calm: reverse of risk\n"
RULES = """use scales
index norms "Norms"
    bands Good from 60, Poor from 0
    compare with previous edition
    category crime "Crime" weight 60%
        question theft on risk
        question fraud on risk
        cap 60 when theft is High
    category peace "Peace" weight 40%
        question strikes on calm
"""
ANSWERS = {
    "nor": ("NOR", "Norland", "High", "Low", "High"),
    "ven": ("VEN", "Vendia", "Low", "Moderate", "Moderate"),
    "ost": ("OST", "Ostmark", "Low", "Low", "Low"),
}


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "rules/norms/scales.bareme", SCALES)
    write(tmp_path, "rules/norms/norms.bareme", RULES)
    for file, (id, name, theft, fraud, strikes) in ANSWERS.items():
        text = f"entity: {id}\nname: {name}\nanswers:\n"
        text += f"  theft: {theft}\n  fraud: {fraud}\n  strikes: {strikes}\n"
        write(tmp_path, f"profiles/norms/2024/{file}.yaml", text)
    commit(tmp_path)
    return tmp_path


def edit(project: Path, name: str, old: str, new: str) -> None:
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def said(project: Path, capfd, *arguments: str, status: int = 0) -> str:
    assert run_cli(["-C", str(project), "impact", *arguments]) == status
    out = capfd.readouterr()
    return out.out + out.err


def as_json(project: Path, capfd, *arguments: str):
    (framework,) = json.loads(said(project, capfd, "--format", "json", *arguments))["frameworks"]
    return framework


def test_nothing_is_different(project, capfd):
    assert said(project, capfd, "--exit-code") == (
        "HEAD → the working tree\nNothing is different that could move a figure.\n"
        "Nothing was written.\n"
    )


def test_an_edited_label_is_named_with_all_that_it_reaches(project, capfd):
    edit(project, "rules/norms/scales.bareme", "High = 25", "High = 10")

    # Norland: crime (25 + 100) / 2 = 62.5, capped at 60; now 55. Peace 75, now 90.
    # 0.6 × 60 + 0.4 × 75 = 66; 0.6 × 55 + 0.4 × 90 = 69.
    assert (
        said(project, capfd)
        == """\
HEAD → the working tree
Edit   rules/norms/scales.bareme:1   scale risk: High 25 → 10
       also reached: scale calm (reverse of risk): High 75 → 90
Reach  1 index · 1 of 3 entities · 2 answers

norms 2024           before    after   change  rank   because
Norland                  66       69       +3  1 → 1  peace 75 → 90, × 40%; crime 60 → 55,
                                                      × 60%

1 published score changes; below them 4 published figures
Nothing was written. Undo:  git checkout rules/norms/scales.bareme
"""
    )


def test_edits_that_interact_share_what_they_move(project, capfd):
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 40")
    edit(
        project, "rules/norms/norms.bareme", 'crime "Crime" weight 60%', 'crime "Crime" weight 50%'
    )
    edit(
        project, "rules/norms/norms.bareme", 'peace "Peace" weight 40%', 'peace "Peace" weight 50%'
    )
    found = as_json(project, capfd)
    (norland,) = [f for f in found["figures"] if f["figure"] == "norms" and f["entity"] == "NOR"]

    # Crime 60 → 40, peace 75. By both weights alone 67.5, by the cap alone 54; by all 57.5.
    # Weights of 50 and 40, or of 60 and 50, are shares 5/9, 4/9 and 6/11, 5/11.
    def score(crime, weight, peace):
        return (crime * weight + 75 * peace) / (weight + peace)

    values = {
        frozenset(on): score(
            Fraction(40 if "cap" in on else 60), Fraction(50 if "crime" in on else 60),
            Fraction(50 if "peace" in on else 40),
        )
        for on in [(), ("cap",), ("crime",), ("peace",), ("cap", "crime"), ("cap", "peace"),
                   ("crime", "peace"), ("cap", "crime", "peace")]
    }  # fmt: skip

    def shapley(player, one, other):
        def adds(*before):
            return values[frozenset((*before, player))] - values[frozenset(before)]

        return (2 * adds() + adds(one) + adds(other) + 2 * adds(one, other)) / 6

    each = [Fraction(share["adds"]) for share in norland["shares"]]
    assert sorted(each) == sorted(
        [shapley("cap", "crime", "peace"), shapley("crime", "cap", "peace"),
         shapley("peace", "cap", "crime")]
    )  # fmt: skip
    assert sum(each) == Fraction(norland["difference"]) == Fraction("57.5") - 66


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Norms"', '"The norms"'),
        ('    category peace "Peace" weight 40%\n        question strikes on calm\n',
         '    # Peace\n    category peace "Peace" weight 40%\n        question strikes on calm\n'
         '            note "Strikes."\n'),
        ("        question theft on risk\n        question fraud on risk\n",
         "        question fraud on risk\n        question theft on risk\n"),
        ("weight 60%", "weight 60.0%"),
        ("        cap 60 when theft is High\n",
         "        cap 60 when theft is High\n"
         '        monotone no "A port that says where it is robbed is capped."\n'),
    ],
    ids=["title", "comment and note", "order", "spelling", "monotone no"],
)  # fmt: skip
def test_what_means_the_same_has_no_impact(project, capfd, old, new):
    edit(project, "rules/norms/norms.bareme", old, new)

    assert (
        said(project, capfd, "--exit-code")
        == """\
HEAD → the working tree
No effect: rules/norms/norms.bareme: what changed in it moves no figure

0 published scores change
Nothing was written. Undo:  git checkout rules/norms/norms.bareme
"""
    )


def test_another_reason_is_no_edit_and_profiles_are_read_once_for_both(
    project, capfd, tmp_path_factory
):
    """Beside an edit that does move something, a reason that is reworded is not one."""
    other = tmp_path_factory.mktemp("before") / "project"
    reason = '        monotone no "A reason."\n'
    edit(project, "rules/norms/norms.bareme", "        cap 60", f"{reason}        cap 60")
    shutil.copytree(project, other)
    edit(project, "rules/norms/norms.bareme", "A reason.", "A better one.")
    before, after = comparing.states(project, str(other), None)
    found = comparing.impact(before, after, "norms")
    old, new = (rules.framework for rules in found.rules if rules)

    assert [old.accepted[("norms", "crime")].reason, new.accepted[("norms", "crime")].reason] == [
        "A reason.",
        "A better one.",
    ]
    assert asks_alike(old, new)
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")
    (only,) = as_json(project, capfd, str(other))["edits"]
    assert (only["before"], only["after"]) == ("60", "50")


def test_rules_that_move_to_another_file_have_no_impact(project, capfd):
    write(project, "rules/norms/more.bareme", "scale calm: reverse of risk\n")
    edit(project, "rules/norms/more.bareme", "scale", "use scales\nscale")
    edit(project, "rules/norms/scales.bareme", "scale calm: reverse of risk\n", "")
    edit(project, "rules/norms/norms.bareme", "use scales\n", "use scales\nuse more\n")

    found = as_json(project, capfd, "--exit-code")
    assert (found["edits"], found["figures"]) == ([], [])
    assert found["no_effect"] == [
        f"rules/norms/{name}.bareme" for name in ("more", "norms", "scales")
    ]


def test_a_question_that_comes_goes_or_moves_is_named(project, capfd):
    edit(project, "rules/norms/norms.bareme", "        question fraud on risk\n", "")
    edit(
        project,
        "rules/norms/norms.bareme",
        "on calm\n",
        "on calm\n        question fraud on risk\n",
    )

    found = as_json(project, capfd)
    assert [(each["kind"], each["before"], each["after"]) for each in found["edits"]] == [
        ("moved", "norms.crime.fraud", "norms.peace.fraud")
    ]


def test_answers_are_edits_of_their_entity(project, capfd):
    edit(project, "profiles/norms/2024/ven.yaml", "theft: Low", "theft: Moderate")
    text = said(project, capfd, "--entity", "vendia", "--exit-code", status=1)

    # Crime (100 + 50) / 2 = 75, now 50; × 60 % is 15 points.
    assert "norms, Vendia: 65 → 50 (−15)" in text
    assert "−15  crime  75 → 50" in text
    assert "theft Low → Moderate" in text
    assert "Sum −15." in text


def test_a_reviewer_gets_a_table(project, capfd):
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")

    assert (
        said(project, capfd, "--format", "markdown")
        == """\
# What moves: HEAD → the working tree

## norms

- \\`norms.crime\\` cap when theft is High: 60 → 50 \
(rules/norms/norms.bareme:8)

| norms 2024 | before | after | change | rank | because |
| --- | ---: | ---: | ---: | --- | --- |
| Norland | 66 | 60 | −6 | 1 → =2 | crime 60 → 50, × 60% |
| Ostmark | 60 | 60 | 0 | 3 → =2 | others moved |
| Vendia | 65 | 65 | 0 | 2 → 1 | others moved |


1 published score changes, 3 ranks change; below them 1 published figure
"""
    )


def test_each_edit_by_itself_and_what_only_both_do(project, capfd):
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")
    edit(project, "rules/norms/scales.bareme", "High = 25", "High = 0")
    text = said(project, capfd, "--each")

    # Norland: the cap alone −6; High alone: crime 50, peace 100: 70, so +4; both: crime 50, 70: +4.
    assert "only `norms.crime` cap when theft is High: 60 → 50\n" in text
    assert "  NOR                       −6\n" in text
    assert "only scale risk: High 25 → 0\n  NOR                       +4\n" in text
    assert "only by all of them together\n  NOR                       +6\n" in text


def test_a_new_index_and_one_that_is_gone_are_shown(project, capfd):
    write(project, "rules/norms/other.bareme",
          'use scales\nindex other "Other"\n    question calm_streets on risk\n')  # fmt: skip
    text = said(project, capfd)

    assert "was not in it before" in text


def test_mistakes_name_the_state_that_they_are_in(project, capfd):
    edit(project, "rules/norms/norms.bareme", "weight 40%", "weight 45%")

    text = said(project, capfd, status=2)
    assert text.startswith("in the working tree:\nrules/norms/norms.bareme:")
    assert "E301" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("HEAD~7",), "there is no edition, folder, sealed edition or revision `HEAD~7`"),
        (
            ("2023",),
            "there is no edition, folder, sealed edition or revision `2023`; the nearest is `2024`",
        ),
        (("--entity", "norlan"), "there is no entity named `norlan`; the nearest is `Norland`"),
        (("--index", "norm"), "there is no index `norm`; the nearest is `norms`"),
        (("--edition", "2025"), "there is no edition `2025`; the nearest is `2024`"),
        (("--framework", "norm"), "there is no framework `norm`; the nearest is `norms`"),
    ],
)
def test_names_that_mean_nothing_get_the_nearest(project, capfd, arguments, message):
    assert message in said(project, capfd, *arguments, status=2)


def test_a_folder_in_no_repository_is_said(project, capfd):
    shutil.rmtree(project / ".git")

    assert "`HEAD`: this folder is in no git repository" in said(project, capfd, status=2)


def test_a_folder_stands_for_a_state(project, capfd, tmp_path_factory):
    before = tmp_path_factory.mktemp("before")
    shutil.copytree(project / "rules", before / "rules")
    shutil.copytree(project / "profiles", before / "profiles")
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")

    assert "cap when theft is High: 60 → 50" in said(project, capfd, str(before))


def test_rules_and_answers_are_told_apart_between_editions_of_two_states(project):
    answers = "answers: {theft: Low, fraud: Low, strikes: High}"
    write(project, "profiles/norms/2026/nor.yaml", f"entity: NOR\nname: Norland\n{answers}\n")
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")
    sides = comparing.states(project, "HEAD", None)
    (index,) = comparing.impact(*sides, "norms").indices
    root = ("norms",)

    # 2024 by its rules 66, by today's 60; 2026: crime 100, peace 75: 90.
    assert index.between("NOR", root) == 60
    assert sum(index.shares_of_rules("NOR", root).values()) == -6
    assert index.shares("NOR", root) == {frozenset([("answer", "theft")]): 30}


def test_the_real_case_is_split_by_indicator():
    sides = comparing.states(ROOT, "2020", "2023")
    found = {each.index: each for each in comparing.impact(*sides, "nuclear-security").indices}
    printed = {"theft": -2, "sabotage": -4}

    for id, change in printed.items():
        moved = found[id].changes("KAZ")[(id,)]
        shares = found[id].shares("KAZ", (id,))
        assert moved.after.score - moved.before.score == change
        assert sum(shares.values()) == moved.difference
    # Political Stability 55 → 30, a quarter of a fifth of the index; Illicit Activities 25 → 10.
    given = {key: share for keys, share in found["theft"].shares("KAZ", ("theft",)).items()
             for key in keys if key[0] == "given"}  # fmt: skip
    below = ("given", "theft", "risk_environment")
    assert given[(*below, "political_stability")] == Fraction(-25, 20)
    assert given[(*below, "illicit_activities")] == Fraction(-15, 20)


def test_every_column_and_key_is_documented(project, capfd):
    edit(project, "rules/norms/scales.bareme", "High = 25", "High = 10")
    edit(project, "profiles/norms/2024/ven.yaml", "theft: Low", "theft: Moderate")
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    section = text.partition("### Columns of `impact`")[2].partition("### The JSON of `explain`")[0]
    columns = said(project, capfd, "--format", "csv").splitlines()[0].split(",")
    whole = json.loads(said(project, capfd, "--format", "json"))
    (framework,) = whole["frameworks"]
    keys = {
        *whole,
        *(f"frameworks.{key}" for key in framework),
        *framework["edits"][0],
        *framework["figures"][0],
        *(f"shares.{key}" for key in framework["figures"][0]["shares"][0]),
    } - {"before", "after"}

    assert all(f"| `{name}` |" in section for name in [*columns, *keys])


def test_an_edit_that_leaves_out_a_label_moves_what_is_worst(project, capfd):
    """What is worst of a scale counts for a missing part: it follows a label that is not there."""
    edit(project, "rules/norms/norms.bareme", 'index norms "Norms"\n',
         'index norms "Norms"\n    when missing worst\n')  # fmt: skip
    edit(project, "profiles/norms/2024/ven.yaml", "  fraud: Moderate\n", "")
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "rules/norms/scales.bareme", "Moderate = 50, High = 25", "Moderate = 50")
    edit(project, "rules/norms/norms.bareme", "        cap 60 when theft is High\n", "")
    shutil.rmtree(project / "profiles/norms/2024")
    write(project, "profiles/norms/2024/ven.yaml",
          "entity: VEN\nname: Vendia\nanswers: {theft: Low, strikes: Moderate}\n")  # fmt: skip
    found = as_json(project, capfd)
    (vendia,) = [f for f in found["figures"] if f["entity"] == "VEN" and f["figure"] == "norms"]

    # Fraud is missing: 25 at worst, then 50. Half of crime's 60 %.
    assert vendia["shares"] == [{"adds": "15/2", "edits": ["labels/scale/risk"]}]


def test_a_new_index_is_an_edit_and_its_file_is_not_said_to_move_nothing(project, capfd):
    write(project, "rules/norms/other.bareme",
          'use scales\nindex other "Other"\n    question calm_streets on risk\n')  # fmt: skip
    text = said(project, capfd)

    assert "Edit   rules/norms/other.bareme:2   index `other` (new)\n" in text
    assert "No effect" not in text
    assert "In no revision, so not undone by git: rules/norms/other.bareme\n" in text


def test_rules_of_an_index_that_is_not_looked_at_are_not_said_to_move_nothing(project, capfd):
    other = 'use scales\nindex other "Other"\n    question calm_streets on risk\n'
    write(project, "rules/norms/other.bareme", other)
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "rules/norms/other.bareme", "on risk", "on calm")

    assert as_json(project, capfd, "--index", "norms")["no_effect"] == []
    assert [each["id"] for each in as_json(project, capfd)["edits"]] == ["scale of/calm_streets"]


def test_a_file_of_another_name_is_said_to_be_that(project, capfd):
    (project / "rules/norms/norms.bareme").rename(project / "rules/norms/index of norms.bareme")
    text = said(project, capfd)

    assert "No effect: rules/norms/index of norms.bareme: it was rules/norms/norms.bareme\n" in text
    assert (
        "No effect: rules/norms/norms.bareme: it is rules/norms/index of norms.bareme now" in text
    )
    assert text.endswith(
        "Nothing was written. Undo:  git checkout rules/norms/norms.bareme\n"
        "In no revision, so not undone by git: 'rules/norms/index of norms.bareme'\n"
    )


def test_many_files_are_undone_by_their_folders_alone(project, capfd, monkeypatch):
    for name in ("nor", "ven", "ost"):
        edit(project, f"profiles/norms/2024/{name}.yaml", "strikes: ", "strikes:  ")
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")

    assert "Undo:  git checkout profiles/norms/2024 rules/norms\n" in said(project, capfd)
    monkeypatch.chdir(project.parent)
    assert f"Undo:  git -C {project} checkout profiles/norms/2024 " in said(project, capfd)


def test_of_many_new_files_some_are_named_and_never_their_folder(project, capfd):
    for name in "abcde":
        text = f"entity: {name.upper()}\nname: {name}\nanswers: {{theft: Low}}\n"
        write(project, f"profiles/norms/2024/{name}.yaml", text)

    assert said(project, capfd).endswith(
        "In no revision, so not undone by git: profiles/norms/2024/a.yaml "
        "profiles/norms/2024/b.yaml profiles/norms/2024/c.yaml and 2 more\n"
    )


def test_profiles_with_mistakes_name_the_state_that_they_are_in(project, capfd):
    edit(project, "profiles/norms/2024/ven.yaml", "theft: Low", "thefts: Low")
    assert said(project, capfd, status=2).startswith(
        "in the working tree:\nprofiles/norms/2024/ven.yaml:4:3: error E221:"
    )
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "profiles/norms/2024/ven.yaml", "thefts: Low", "theft: Low")

    assert said(project, capfd, status=2).startswith("in HEAD:\nprofiles/norms/2024/ven.yaml:4:3:")


def test_a_repository_without_revisions_is_said(project, capfd):
    shutil.rmtree(project / ".git")
    Repo.init(str(project)).close()

    assert "`HEAD`: nothing is committed yet" in said(project, capfd, status=2)


@pytest.mark.parametrize(
    ("old", "new", "edited", "because"),
    [
        # Norland 66, Vendia 65, Ostmark 60, each with two answers to read.
        ('"Norms"\n', '"Norms"\n    rank entities where theft is not High\n',
         "rank: theft is not High (new)",
         {"NOR": "is ranked no longer", "VEN": "who is ranked, and by what",
          "OST": "who is ranked, and by what"}),
        ('"Norms"\n', '"Norms"\n    publish 1 decimal\n',
         "publish whole numbers → 1 decimal",
         dict.fromkeys(("NOR", "VEN", "OST"), "how it is published")),
    ],
)  # fmt: skip
def test_what_is_published_otherwise_is_not_laid_on_others(
    project, capfd, old, new, edited, because
):
    edit(project, "rules/norms/norms.bareme", old, new)
    text = said(project, capfd)

    assert edited in text
    assert "Reach" not in text  # no unrounded score can move
    for id, why in because.items():
        name = ANSWERS[id.lower()][1]
        assert re.search(rf"^{name} .*  {why}$", text, re.MULTILINE)


def test_a_tiny_difference_is_shown_in_the_digits_that_it_has(project, capfd):
    edit(project, "rules/norms/scales.bareme", "Low = 100", "Low = 99.9999")

    # Vendia: theft half of 60 %, so 0.00003 points less; strikes Moderate is 50 as before.
    assert "unrounded −0.00003;" in said(project, capfd)


def test_weights_in_another_unit_are_no_edit_where_their_proportions_are_kept(project, capfd):
    edit(project, "rules/norms/norms.bareme", '"Crime" weight 60%', '"Crime" weight 3')
    edit(project, "rules/norms/norms.bareme", '"Peace" weight 40%', '"Peace" weight 2')
    found = as_json(project, capfd)
    assert (found["edits"], found["figures"]) == ([], [])

    # 3 to 3 is another proportion: both weights are edits.
    edit(project, "rules/norms/norms.bareme", '"Peace" weight 2', '"Peace" weight 3')
    assert [(e["what"], e["before"], e["after"]) for e in as_json(project, capfd)["edits"]] == [
        ("weight of `norms.crime`", "60%", "3"),
        ("weight of `norms.peace`", "40%", "3"),
    ]


def test_weights_of_a_sum_are_edits_whatever_their_proportions(project, capfd):
    sum_of = (
        'index norms "Norms"\n    aggregate by sum\n    range 0 to 400\n    when missing zero\n'
    )
    edit(project, "rules/norms/norms.bareme", 'index norms "Norms"\n', sum_of + "    rescale\n")
    edit(project, "rules/norms/norms.bareme", " weight 60%",
         " weight 1\n        aggregate by arithmetic mean\n        range 0 to 100")  # fmt: skip
    edit(project, "rules/norms/norms.bareme", " weight 40%",
         " weight 1\n        aggregate by arithmetic mean\n        range 0 to 100")  # fmt: skip
    shutil.rmtree(project / ".git")
    commit(project)
    for name in ("Crime", "Peace"):
        edit(project, "rules/norms/norms.bareme", f'"{name}" weight 1', f'"{name}" weight 2')
    found = as_json(project, capfd, "--entity", "NOR")

    # Crime 60 and peace 75 in a range of 400: 135 / 4, then 270 / 4.
    (norland,) = [each for each in found["figures"] if each["figure"] == "norms"]
    assert (norland["exact_before"], norland["exact_after"]) == ("135/4", "135/2")
    assert {share["adds"] for share in norland["shares"]} == {"15", "75/4"}


def test_a_setting_is_named_with_the_figure_that_it_is_said_of(project, capfd):
    edit(project, "rules/norms/norms.bareme", '"Crime" weight 60%\n',
         '"Crime" weight 60%\n        aggregate by minimum\n')  # fmt: skip
    edit(project, "rules/norms/norms.bareme", '"Norms"\n', '"Norms"\n    when missing zero\n')

    assert [each["what"] for each in as_json(project, capfd)["edits"]] == [
        "`norms.crime` aggregate by",
        "3 figures: when missing",
    ]


def test_a_figure_that_takes_over_another_is_named_with_it(project, capfd):
    taken = "    indicator arms same as norms.crime\n    indicator all same as arms.guns\n"
    arms = f'use scales\nindex arms "Arms"\n    indicator guns\n        ask strikes\n{taken}'
    write(project, "rules/norms/arms.bareme", arms)
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "rules/norms/arms.bareme", "norms.crime", "norms.peace")

    assert "`arms.arms` same as `norms.crime` → same as `norms.peace`" in said(
        project, capfd, "--index", "arms"
    ).replace("\n", " ")


def test_edits_that_count_as_one_are_listed(project, capfd):
    """More than twelve edits meet in a figure: those of one indicator count as one."""
    asked = [f"q{number}" for number in range(13)]
    rules = "use scales\nindex many\n    aggregate by minimum\n" + "".join(
        f"    indicator i{at}\n        question {asked[at]} on risk\n" for at in range(1, 12)
    )
    rules += "    indicator i0\n        question q0 on risk\n        question q12 on risk\n"
    write(project, "rules/many/scales.bareme", SCALES)
    write(project, "rules/many/many.bareme", rules)
    answers = ", ".join(f"{id}: Low" for id in asked)
    write(project, "profiles/many/2024/a.yaml", f"entity: A\nname: A\nanswers: {{{answers}}}\n")
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "profiles/many/2024/a.yaml", answers, answers.replace("Low", "High"))
    text = said(project, capfd, "--framework", "many", "--entity", "A")

    # The first of 12 that is made takes the minimum from 100 to 25: on average −75 / 12 each.
    assert text.count("−6.25\n") == 12
    assert "2 edits in i0" + " " * 46 + "−6.25\n" in text
    assert "                q0 Low → High\n                q12 Low → High\n" in text


def test_a_summary_beside_one_entity_is_said_to_be_of_all(project, capfd):
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")

    assert "\nOf all entities: 1 published score changes" in said(project, capfd, "--entity", "OST")


def test_answers_that_also_count_elsewhere_are_one_with_the_given_score_that_they_replace(project):
    rules = "use scales\nindex twice\n    indicator own\n        question theft on risk\n"
    rules += "        question fraud on risk\n    indicator other\n        ask theft\n"
    rules += "    indicator third\n        question arson on risk\n"
    write(project, "rules/twice/scales.bareme", SCALES)
    write(project, "rules/twice/twice.bareme", rules)
    for edition, answers, given in (
        ("2022", "theft: Low, arson: Low", "given: {twice: {own: 80}}\n"),
        ("2024", "theft: High, fraud: Moderate, arson: High", ""),
    ):
        text = f"entity: A\nname: A\nanswers: {{{answers}}}\n{given}"
        write(project, f"profiles/twice/{edition}/a.yaml", text)
    sides = comparing.states(project, "2022", "2024")
    (index,) = comparing.impact(*sides, "twice").indices

    # Own 80, then (25 + 50) / 2; other 100, then 25; arson 100, then 25. Each is a third.
    together = frozenset([("answer", "theft"), ("answer", "fraud"), ("given", "twice", "own")])
    arson = frozenset([("answer", "arson")])
    assert index.shares("A", ("twice",)) == {together: Fraction("-117.5") / 3, arson: -25}


def test_a_file_that_only_one_side_reads_is_not_taken_for_new(project, capfd):
    write(project, "profiles/norms/2022/nor.yaml",
          "entity: NOR\nname: Norland\nanswers: {theft: Low, fraud: Low}\n")  # fmt: skip
    edit(project, "rules/norms/norms.bareme", "    compare with previous edition\n", "")
    shutil.rmtree(project / ".git")
    commit(project)
    # Now the edition before is read as well.
    edit(project, "rules/norms/norms.bareme", '"Norms"\n',
         '"Norms"\n    when missing carry forward\n')  # fmt: skip

    text = said(project, capfd)
    assert "In no revision" not in text
    assert text.endswith("Undo:  git checkout rules/norms/norms.bareme\n")


def test_editions_in_which_a_question_is_asked_are_an_edit_of_rules(project, capfd):
    edit(project, "rules/norms/norms.bareme", '"Norms"\n', '"Norms"\n    when missing zero\n')
    edit(project, "rules/norms/norms.bareme", "        question fraud on risk\n",
         "        question fraud on risk\n        question arson on risk\n")  # fmt: skip
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "rules/norms/norms.bareme", "        question arson on risk\n",
         "        question arson on risk\n            asked from 2026\n")  # fmt: skip
    text = said(project, capfd)

    # Nobody has answered: arson counted 0, and no longer counts. Vendia: crime (100 + 50) / 3 = 50,
    # now 75; × 60 %, with peace 50.
    assert (
        "Edit   rules/norms/norms.bareme:10   question `arson` asked always → from 2026\n" in text
    )
    assert "Answer" not in text
    assert re.search(r"^Vendia +50 +65 +\+15 .* crime 50 → 75, × 60%$", text, re.MULTILINE)


def test_a_part_that_is_gone_is_named_once(tmp_path, capfd):
    write(tmp_path, "rules/firms/firms.bareme",
          "scale yn: Yes = 100, No = 0\nunits service\nindex firms\n    indicator all\n"
          "        for each service\n        question open on yn\n")  # fmt: skip
    text = "entity: A\nname: A\nparts:\n  service:\n    Mail: {open: Yes}\n"
    write(tmp_path, "profiles/firms/2024/a.yaml", text + "    Search: {open: No}\n")
    commit(tmp_path)
    write(tmp_path, "profiles/firms/2024/a.yaml", text)

    assert "Answer profiles/firms/2024/a.yaml:6   service Search (gone)\n" in said(tmp_path, capfd)


def test_a_label_that_comes_into_an_evenly_spaced_scale_is_one_edit(project, capfd):
    edit(project, "rules/norms/scales.bareme", "risk: Low = 100, Moderate = 50, High = 25",
         "risk, best first: Low, Moderate, High")  # fmt: skip
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "rules/norms/scales.bareme", "Low, Moderate, High", "Low, Moderate, High, Worst")
    text = said(project, capfd)

    # 100, 50, 0 before; 100, 200/3, 100/3, 0 after.
    assert (
        """\
Edit   rules/norms/scales.bareme:1   scale risk, best first: Low, Moderate, High → \
Low, Moderate, High, Worst
       also reached: Moderate 50 → 66.666…, High 0 → 33.333…
       also reached: scale calm (reverse of risk)
Reach """
        in text
    )
    # Vendia: fraud 50 → 66.666…, strikes 50 → 33.333…: 0.3 and 0.4 of a sixth of 100.
    figures = as_json(project, capfd)["figures"]
    (vendia,) = [f for f in figures if f["entity"] == "VEN" and f["figure"] == "norms"]
    assert vendia["shares"] == [{"adds": "-5/3", "edits": ["points/scale/risk/*"]}]


def test_a_scale_of_another_name_is_no_edit(project, capfd):
    edit(project, "rules/norms/scales.bareme", "scale risk:", "scale danger:")
    edit(project, "rules/norms/scales.bareme", "of risk", "of danger")
    edit(project, "rules/norms/norms.bareme", "theft on risk", "theft on danger")
    edit(project, "rules/norms/norms.bareme", "fraud on risk", "fraud on danger")
    found = as_json(project, capfd)

    assert (found["edits"], found["figures"]) == ([], [])


def test_a_terminal_without_other_characters_gets_its_own(project):
    edit(project, "rules/norms/scales.bareme", "Moderate = 50", "Moderate = 50.0001")
    edit(project, "rules/norms/norms.bareme", "weight 60%", "weight 1")
    edit(project, "rules/norms/norms.bareme", "weight 40%", "weight 2")
    (found,) = comparing.impact(*comparing.states(project, "HEAD", None), "norms").indices
    text = plain(
        report.index_lines(found, found.entities, ("2024", "2024"), ASCII, everything=True)
        + report.entity_lines(found, "VEN", ASCII)
    )

    # Vendia: (75 + 2 × 50) / 3 = 58.333…, and 1/40000 more.
    assert text.isascii()
    assert "unrounded 65 -> 58.333...\n" in text


def test_a_bound_is_named_by_its_condition_and_in_a_table_without(project, capfd):
    long = "theft is one of (High, Moderate) and fraud is one of (Low, Moderate)"
    edit(project, "rules/norms/norms.bareme", "cap 60 when theft is High",
         f"cap 60 when {long}\n        floor 10")  # fmt: skip
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")
    edit(project, "rules/norms/norms.bareme", "floor 10", "floor 55")
    edit(project, "rules/norms/scales.bareme", "High = 25", "High = 24")
    text = said(project, capfd)

    assert f"`norms.crime` cap when {long}: 60 → 50\n" in text
    assert "`norms.crime` floor 10 → 55\n" in text
    # Norland: crime 60, then 55. The cap takes 10, or 5 once the floor is 55: −7.5 × 60 %.
    norland = next(line for line in text.splitlines() if line.startswith("Norland"))
    assert "  `crime` cap 60 → 50 −4.5; `crime`" in norland


def test_a_line_that_is_gone_is_said_to_be_of_the_state_before(project, capfd):
    edit(project, "rules/norms/norms.bareme", "        cap 60 when theft is High\n",
         "        aggregate by minimum\n")  # fmt: skip
    shutil.rmtree(project / ".git")
    commit(project)
    edit(project, "rules/norms/norms.bareme", "        aggregate by minimum\n", "")

    assert (
        "Edit   rules/norms/norms.bareme:8 (before)   "
        "`norms.crime` aggregate by minimum → arithmetic mean\n" in said(project, capfd)
    )


def test_what_the_rules_move_between_two_editions_is_said_to_be_theirs(project, capfd):
    for file, (id, name, theft, fraud, strikes) in ANSWERS.items():
        answers = f"{{theft: {theft}, fraud: {fraud}, strikes: {strikes}}}"
        text = f"entity: {id}\nname: {name}\nanswers: {answers}\n"
        write(project, f"profiles/norms/2026/{file}.yaml", text)
    edit(project, "profiles/norms/2026/ven.yaml", "theft: Low", "theft: High")
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")
    edit(project, "rules/norms/scales.bareme", "Moderate = 50", "Moderate = 60")
    text = said(project, capfd)

    # Norland: crime 60 → 50. Vendia: 75 → 80 and strikes 50 → 40 by the rules, 3 − 4 = −1; then
    # theft 25 and fraud 60 are 42.5: (42.5 − 80) × 60 % = −22.5.
    norland, vendia = (
        " ".join(next(line for line in text.splitlines() if line.startswith(name)).split())
        for name in ("Norland", "Vendia")
    )
    assert norland == "Norland 66 60 −6 1 → =1 crime 60 → 50, × 60%"
    assert vendia.startswith("Vendia 65 42 −23")
    assert "rules −1;" in text


@pytest.mark.parametrize("arguments", [("--rules",), ("--rules", "--entity", "NOR")])
def test_rules_are_told_from_answers_between_two_editions_alone(project, capfd, arguments):
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")

    assert "--rules goes with --entity, and with two editions" in said(
        project, capfd, *arguments, status=2
    )


def test_sealed_editions_are_states_with_rules_of_their_own(project, capfd):
    assert run_cli(["-C", str(project), "seal", "2024"]) == 0
    edit(project, "rules/norms/norms.bareme", "cap 60", "cap 50")
    answers = "answers: {theft: Low, fraud: Low, strikes: High}"
    write(project, "profiles/norms/2026/nor.yaml", f"entity: NOR\nname: Norland\n{answers}\n")
    assert run_cli(["-C", str(project), "seal", "2026"]) == 0
    capfd.readouterr()
    sealed = ("norms-2024.sealed", "norms-2026.sealed")
    text = said(project, capfd, *sealed, "--entity", "NOR")

    # As between the same two editions: 66 by the rules of 2024, 60 by those of 2026, then 90.
    assert "norms-2024.sealed → norms-2026.sealed" in text
    assert "unrounded 60 → 90, both by the rules of 2026" in text
    assert "move the score of 2024 by −6 (66 → 60)" in " ".join(text.split())
    assert "cap when theft is High: 60 → 50" in said(project, capfd, sealed[0])


def test_a_sealed_edition_that_is_not_whole_is_no_state(project, capfd):
    assert run_cli(["-C", str(project), "seal", "2024"]) == 0
    path = project / "norms-2024.sealed"
    path.write_bytes(path.read_bytes().replace(b"theft: High", b"theft: Low "))
    capfd.readouterr()
    text = said(project, capfd, path.name, status=2)

    assert "P601" in text
    assert "profiles/norms/2024/nor.yaml" in text


def test_edits_that_count_as_one_are_said_to(capfd):
    status = run_cli(
        [
            "-C",
            str(ROOT),
            "impact",
            "2021",
            "2024",
            "--index",
            "harbour_safety",
            "--entity",
            "Hollin",
        ]
    )
    text = capfd.readouterr().out

    assert status == 0
    assert "2 edits in storms" in text
    assert "More than 12 edits meet in one figure: those of an indicator count as one." in text
