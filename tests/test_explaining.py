"""`bareme explain`: what a figure is due to, against another entity, what it loses; formats."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bareme.cli import run

ROOT = Path(__file__).parent.parent


def explained(capfd, *arguments: str, folder: Path = ROOT) -> str:
    """What `explain` prints."""
    assert run(["-C", str(folder), "explain", *arguments]) == 0
    return capfd.readouterr().out


def as_json(capfd, *arguments: str, folder: Path = ROOT) -> dict:
    return json.loads(explained(capfd, *arguments, "--format", "json", folder=folder))


def refused(capfd, *arguments: str, folder: Path = ROOT) -> str:
    """What `explain` says where it cannot."""
    assert run(["-C", str(folder), "explain", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    return err


RULES = """scale yes_no: Yes = 100, No = 0
scale ladder, best first: High, Middle, Low
index ports "Ports"
    category law "Law" weight 3
        question own on yes_no
        question told on yes_no weight 2
        cap 50 when own is No
        cap 40 when told is No
    category sea "Sea" weight 2
        aggregate by minimum
        question depth on ladder
        question lights on ladder
            skip when told is No
    category tax "Tax" weight 1
        given
"""
PROFILE = """entity: {id}
name: {name}
answers: {{own: {own}, told: {told}, depth: {depth}, lights: {lights}}}
given: {{ports: {{tax: {tax}}}}}
"""


@pytest.fixture
def ports(tmp_path: Path) -> Path:
    """Two ports. Aby: law 50 (raw 200/3, capped), sea 0, tax 30. Bel: law 100, sea 50, tax 90."""
    (tmp_path / "rules" / "ports").mkdir(parents=True)
    (tmp_path / "rules" / "ports" / "ports.bareme").write_text(RULES, encoding="utf-8")
    folder = tmp_path / "profiles" / "ports" / "2024"
    folder.mkdir(parents=True)
    for id, name, own, told, depth, lights, tax in (
        ("A", "Aby", "No", "Yes", "Low", "Middle", 30),
        ("B", "Bel", "Yes", "Yes", "Middle", "High", 90),
    ):
        text = PROFILE.format(
            id=id, name=name, own=own, told=told, depth=depth, lights=lights, tax=tax
        )
        (folder / f"{name.lower()}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def points(parts: list[dict]) -> dict[str, Fraction]:
    """By the last id of the figure, or by the rule."""
    return {
        each["rule"] or each["figure"].rpartition(".")[2]: Fraction(each["points"])
        for each in parts
    }


def test_weights_and_points_of_the_real_case_go_down_to_answers(capfd):
    """Theft 2023: Risk Environment counts 20%, Political Stability 25% of it, a question 20%."""
    found = as_json(capfd, "kazakhstan", "theft")
    steps = {each["figure"].rpartition(".")[2]: each for each in found["steps"]}

    assert steps["risk_environment"]["effective_weight"] == "1/5"
    assert steps["risk_environment"]["points"] == "9/2"  # 22.5 × 20%
    assert steps["social_unrest"]["effective_weight"] == "1/100"
    assert steps["social_unrest"]["points"] == "1/4"  # High is 25
    assert steps["armed_conflict"]["points"] == "3/4"  # 75
    leaves = [each for each in found["steps"] if each["divided_by"] is None]
    assert sum(Fraction(each["points"]) for each in leaves) == Fraction(found["exact"])
    assert Fraction(found["exact"]) == Fraction("65.602")
    assert {each["divided_by"] for each in found["steps"]} == {"added up", None}


def test_a_figure_that_a_better_answer_may_lower_says_why(capfd, ports):
    file = ports / "rules" / "ports" / "ports.bareme"
    held = "        cap 50 when own is No\n"
    said = '        monotone no "Ports <b>told</b> are held to it."\n'
    file.write_text(RULES.replace(held, held + said), encoding="utf-8")

    line = "monotone no: Ports <b>told</b> are held to it. (rules/ports/ports.bareme:8)"
    shown = " ".join(re.sub("[│├└─]", " ", explained(capfd, "A", "ports", folder=ports)).split())
    assert shown.count(line) == 1
    found = {each["figure"]: each for each in as_json(capfd, "A", "ports", folder=ports)["steps"]}
    assert {name: each["accepted"] for name, each in found.items() if "accepted" in each} == {
        "ports.law": {
            "reason": "Ports <b>told</b> are held to it.",
            "rule": "rules/ports/ports.bareme:8",
        }
    }
    page = explained(capfd, "A", "ports", "--format", "html", folder=ports)
    assert "monotone no: Ports &lt;b&gt;told&lt;/b&gt; are held to it." in page
    assert "<b>told" not in page


def test_what_holds_the_real_case_down_adds_up_to_100_less_the_score(capfd):
    """38 points of Quantities lack 62, at 20% × 40%; official_corruption lacks 75 at 5%."""
    found = as_json(capfd, "kazakhstan", "theft", "--lost")

    lost = points(found["parts"])
    assert lost["quantities_of_materials"] == Fraction("4.96")
    assert lost["official_corruption"] == Fraction("3.75")
    assert [*lost.values()] == sorted(lost.values(), reverse=True)
    assert sum(lost.values()) == 100 - Fraction("65.602") == Fraction(found["lost"])
    assert found["shares"] == []


def test_points_of_a_capped_figure_and_of_a_minimum_are_shared(capfd, ports):
    """Aby: Law has 50 of its 200/3, all by `told`, since `own` has 0. Sea is a minimum of 0."""
    found = as_json(capfd, "A", "ports", folder=ports)
    steps = {each["figure"].rpartition(".")[2]: each for each in found["steps"]}

    assert found["exact"] == "30"  # (3 × 50 + 2 × 0 + 30) / 6
    assert {id: step["points"] for id, step in steps.items()} == {
        "ports": "30", "law": "25", "own": "0", "told": "25", "sea": "0", "depth": "0",
        "lights": "0", "tax": "5",
    }  # fmt: skip
    assert steps["law"]["divided_by"] == steps["sea"]["divided_by"] == "Shapley shares"
    assert steps["told"]["effective_weight"] == "1/3"  # 2/3 of half, the cap aside
    assert steps["depth"]["effective_weight"] is None  # a minimum has no weights

    other = as_json(capfd, "B", "ports", folder=ports)
    steps = {each["figure"].rpartition(".")[2]: each for each in other["steps"]}
    # The minimum of 50 and 100 is 50, and nothing where either is not there: each has half.
    assert steps["depth"]["points"] == steps["lights"]["points"] == str(Fraction(25, 3))


def test_a_difference_is_divided_down_to_answers_and_rules(capfd, ports):
    """Bel has 245/3 = (300 + 100 + 90) / 6, Aby 30: a difference of 155/3.

    Law, weight 1/2, differs by 50: with `own` alone nothing is gained under the cap, without the
    cap alone 50/3, by both 50. So `own` has (0 + 50 - 50/3) / 2 = 50/3 and the cap 100/3.
    Sea, weight 1/3, differs by 50: `depth` alone lifts it from 0 to 50, `lights` never.
    """
    found = as_json(capfd, "bel", "ports", "--against", "aby", folder=ports)

    assert found["difference"] == "155/3"
    assert points(found["parts"]) == {
        "depth": Fraction(50, 3),
        "cap 50 when own is No": Fraction(50, 3),
        "tax": Fraction(10),
        "own": Fraction(25, 3),
    }
    assert sum(points(found["parts"]).values()) == Fraction(155, 3)
    cap = next(each for each in found["parts"] if each["rule"])
    assert (cap["own"]["applies"], cap["other"]["applies"]) == (False, True)
    assert [each["says"] for each in cap["own"]["because"]] == ["Yes"]
    assert [each["says"] for each in cap["other"]["because"]] == ["No"]
    assert {each["figure"] for each in found["shares"]} == {"ports.law"}

    back = as_json(capfd, "aby", "ports", "--against", "bel", folder=ports)
    assert points(back["parts"]) == {id: -each for id, each in points(found["parts"]).items()}


def test_two_that_rest_on_different_parts_are_not_divided_further(capfd, tmp_path):
    """With neither of the two answers there is no mean, so they cannot be exchanged in turn."""
    rules = "scale s: Top = 90, Low = 10\nindex port\n    question a on s\n    question b on s\n"
    profiles = {"a": "entity: A\nanswers: {a: Top}\n", "b": "entity: B\nanswers: {b: Low}\n"}
    write(tmp_path, rules, profiles)

    found = as_json(capfd, "A", "port", "--against", "B", folder=tmp_path)
    assert points(found["parts"]) == {"port": Fraction(80)}
    out = explained(capfd, "A", "port", "--against", "B", folder=tmp_path)
    assert "not divided further: they rest on different parts, which cannot be mixed" in out


def test_a_difference_in_words(capfd, ports):
    assert (
        explained(capfd, "bel", "ports", "--against", "aby", folder=ports)
        == """\
Bel, Aby · ports 2024 · ports
Bel is 51.666… points above Aby: 81.666…, published 82, against 30, published
30.
  +16.666…  `cap 50 when own is No` of Law
            Bel: does not apply, as own is Yes: rules/ports/ports.bareme:7
            Aby: applies, as own is No: rules/ports/ports.bareme:7
  +16.666…  depth
            Bel: "Middle", 50: profiles/ports/2024/bel.yaml:3
            Aby: "Low", 0: profiles/ports/2024/aby.yaml:3
       +10  Tax                                                       weight 1/6
            Bel: given 90: profiles/ports/2024/bel.yaml:4
            Aby: given 30: profiles/ports/2024/aby.yaml:4
   +8.333…  own
            Bel: "Yes", 100: profiles/ports/2024/bel.yaml:3
            Aby: "No", 0: profiles/ports/2024/aby.yaml:3
Sum +51.666…, the difference of the unrounded scores, exactly.
Divided by Shapley shares, exactly: ports.law (arithmetic mean).
1 answer or score is worth the same to both.
"""
    )


def test_what_is_lost_in_words(capfd, ports):
    """To its best Aby lacks 70: the parts of Law as above, of Sea 100 at 1/3, of Tax 70 at 1/6.

    Of the minimum of 0 and 50, `depth` alone gains 50, `lights` alone nothing, both 100: 75 and 25.
    """
    assert (
        explained(capfd, "aby", "ports", "--lost", folder=ports)
        == """\
Aby · ports 2024 · ports
Aby loses 70 points: it has 30, published 30, and 100 is the best there is.
       25  depth
           "Low", 0: profiles/ports/2024/aby.yaml:3
           100 with "High": rules/ports/ports.bareme:2
  16.666…  `cap 50 when own is No` of Law
           applies, as own is No: rules/ports/ports.bareme:7
  11.666…  Tax                                                        weight 1/6
           given 30: profiles/ports/2024/aby.yaml:4
           100 is the best
   8.333…  own
           "No", 0: profiles/ports/2024/aby.yaml:3
           100 with "Yes": rules/ports/ports.bareme:1
   8.333…  lights
           "Middle", 50: profiles/ports/2024/aby.yaml:3
           100 with "High": rules/ports/ports.bareme:2
Sum 70, exactly 100 − 30.
Divided by Shapley shares, exactly: ports.sea (minimum), ports.law (arithmetic
mean).
"""
    )


def test_rules_that_did_not_apply_are_named_with_what_they_read(capfd, ports):
    out = " ".join(re.sub("[│├└─]", " ", explained(capfd, "bel", "ports", folder=ports)).split())

    assert (
        "`cap 50 when own is No` does not apply: rules/ports/ports.bareme:7 "
        "own is Yes: profiles/ports/2024/bel.yaml:3"
    ) in out
    assert (
        "`skip when told is No` does not apply: rules/ports/ports.bareme:13 "
        "told is Yes: profiles/ports/2024/bel.yaml:3"
    ) in out
    assert (
        "3 rules not applied (cap 50 of law, cap 40 of law, skip when told is No of lights)" in out
    )


def test_a_best_that_the_rules_do_not_let_be_100_is_said(capfd, ports):
    rules = ports / "rules" / "ports" / "ports.bareme"
    rules.write_text(RULES.replace("cap 40 when told is No", "cap 80"), encoding="utf-8")

    found = as_json(capfd, "aby", "law", "--lost", folder=ports)
    assert (found["best"], found["lost"]) == ("80", "30")
    out = " ".join(explained(capfd, "aby", "law", "--lost", folder=ports).split())
    assert "80 is the best that it could have" in out
    assert (
        "Not 100: the rules allow no more of what counts now, conditions being as they are" in out
    )


def test_a_subtracted_part_is_lost_by_what_it_has(capfd, tmp_path):
    """Fines of 20 points of 50, subtracted: their best is 0, and they take 20."""
    rules = (
        "scale fines: None = 0, Some = 20, Many = 50\n"
        "scale yes_no: Yes = 100, No = 0\n"
        "index port\n    aggregate by sum\n    range -50 to 100\n    when missing zero\n"
        "    question fined on fines subtract\n    question lit on yes_no\n"
    )
    write(tmp_path, rules, {"a": "entity: A\nanswers: {fined: Some, lit: Yes}\n"})

    found = as_json(capfd, "A", "port", "--lost", folder=tmp_path)
    assert (found["best"], found["exact"]) == ("100", "80")
    assert [(e["figure"], e["points"], e["best"], e["best_answer"]) for e in found["parts"]] == [
        ("port.fined", "20", "0", "None")
    ]
    assert found["parts"][0]["effective_weight"] == "-1"


def write(folder: Path, rules: str, profiles: dict[str, str]) -> None:
    texts = {"rules/port/port.bareme": rules}
    texts |= {f"profiles/port/2024/{name}.yaml": text for name, text in profiles.items()}
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_more_than_twelve_parts_are_divided_over_two_orders_and_that_is_said(capfd, tmp_path):
    """The greatest of 13 is 90, in the middle: first to last and back it adds 90 - 10 each time."""
    names = [f"q{number}" for number in range(13)]
    rules = "scale s: Top = 90, Low = 10\nindex port\n    aggregate by maximum\n" + "".join(
        f"    question {name} on s\n" for name in names
    )
    answers = ", ".join(f"{name}: {'Top' if name == 'q6' else 'Low'}" for name in names)
    write(tmp_path, rules, {"a": f"entity: A\nanswers: {{{answers}}}\n"})

    found = as_json(capfd, "A", "port", folder=tmp_path)
    shares = {step["figure"]: step["points"] for step in found["steps"]}
    assert {id: each for id, each in shares.items() if each != "0"} == {
        "port": "90", "port.q0": "5", "port.q6": "80", "port.q12": "5",
    }  # fmt: skip
    assert found["steps"][-1]["divided_by"] == "shares by two orders"
    out = " ".join(explained(capfd, "A", "port", folder=tmp_path).replace("│", "").split())
    assert "divided by what each adds in two orders, as there are more than 12" in out


def test_what_cannot_be_explained_so_is_refused_in_one_sentence(capfd, ports):
    assert "`--against` and `--lost` do not go together" in refused(
        capfd, "aby", "ports", "--against", "bel", "--lost", folder=ports
    )
    assert "there is no entity of 2024 named `Cal`" in refused(
        capfd, "aby", "ports", "--against", "Cal", folder=ports
    )
    profile = ports / "profiles" / "ports" / "2024" / "bel.yaml"
    profile.write_text("entity: B\nname: Bel\nanswers: {own: Yes}\n", encoding="utf-8")
    for entities in (("aby", "bel"), ("bel", "aby")):
        assert "`Bel` has no score of `ports.sea`: missing" in refused(
            capfd, entities[0], "sea", "--against", entities[1], folder=ports
        )
    assert "`Bel` has no score of `ports.tax`: missing" in refused(
        capfd, "bel", "tax", "--lost", folder=ports
    )


# ---- documents


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, its text, and whether all is closed."""

    VOID = frozenset({"meta"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.texts.append(data)


@pytest.mark.parametrize(
    "arguments",
    [
        ("marsk", "harbour_safety"),
        ("marsk", "harbour_safety", "--depth", "1"),
        ("calder", "harbour_safety", "--against", "inverarn"),
        ("calder", "harbour_safety", "--lost"),
        ("kazakhstan", "social_unrest"),
    ],
)
def test_a_page_says_what_the_table_says_and_loads_nothing(capfd, arguments):
    text = explained(capfd, *arguments, "--format", "html")
    page = Page(text)

    assert page.open == []
    names = [each["id"] for _, each in page.tags if "id" in each]
    assert len(names) == len(set(names))
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "h1", "p", "ul", "li", "details",
        "summary", "strong", "span", "footer",
    }  # fmt: skip
    assert not any({"src", "href", "onclick"} & set(attributes) for _, attributes in page.tags)
    assert "http:" not in text
    assert "https:" not in text
    assert "@import" not in text
    words = " ".join(" ".join(page.texts).split())
    shown = re.sub("[│├└─]|^…", " ", explained(capfd, *arguments), flags=re.MULTILINE)
    for word in set(shown.replace("`--depth all`", "").split()) - {"what", "below", "these:"}:
        assert word in words, word


def test_a_page_and_markdown_show_hostile_text_and_do_not_run_it(capfd, tmp_path):
    hostile = '<img src=x onerror="alert(1)">&amp; [x](javascript:y) *b* `c` | # h'
    rules = "scale yes_no: Yes = 100, No = 0\nindex port\n    question lit on yes_no\n"
    evidence = f"answers:\n  lit:\n    answer: Yes\n    note: '{hostile}'\n"
    profile = f"entity: A\nname: '{hostile}'\n{evidence}"
    write(tmp_path, rules, {"a": profile})

    text = explained(capfd, "A", "port", "--format", "html", folder=tmp_path)
    page = Page(text)
    assert "img" not in {tag for tag, _ in page.tags}
    assert sum(hostile in each for each in page.texts) >= 2

    shown = explained(capfd, "A", "port", "--format", "markdown", folder=tmp_path)
    assert "<img" not in shown.replace("\\<img", "")
    assert "](javascript" not in shown.replace("\\]", "")
    assert "&amp;" not in shown.replace("\\&amp;", "")


def test_markdown_is_a_list_as_deep_as_the_tree(capfd, ports):
    shown = explained(capfd, "aby", "sea", "--format", "markdown", folder=ports)
    *tree, _, last = shown.splitlines()

    assert (
        tree
        == r"""# Aby · ports 2024 · ports.sea

- **Sea = 0, published 0 (half up)** · rules/ports/ports.bareme:9
  - minimum: of 0, 50
  - \`aggregate by minimum\` is set: rules/ports/ports.bareme:10
  - \`publish whole numbers\` is set: by default
  - **depth = 0** · rules/ports/ports.bareme:11
    - "Low": profiles/ports/2024/aby.yaml:3
    - 0 on scale ladder, best first, evenly spaced: rules/ports/ports.bareme:2
  - **lights = 50** · rules/ports/ports.bareme:12
    - "Middle": profiles/ports/2024/aby.yaml:3
    - 50 on scale ladder, best first, evenly spaced: rules/ports/ports.bareme:2
    - \`skip when told is No\` does not apply: rules/ports/ports.bareme:13
    - told is Yes: profiles/ports/2024/aby.yaml:3
""".splitlines()
    )
    assert last.startswith(
        "On this path: 1 rule not applied (skip when told is No of lights). Nothing"
    )


def test_the_ending_of_a_file_says_that_it_is_a_document(capfd, ports, tmp_path):
    for name, start in (("a.html", "<!doctype html>"), ("a.md", "# Aby")):
        assert explained(capfd, "aby", "ports", "-o", str(tmp_path / name), folder=ports) == ""
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert run(["-C", str(ports), "score", "-o", str(tmp_path / "b.html")]) == 2
    assert "the ending of 'b.html' says no format" in capfd.readouterr().err


def test_json_names_the_engine_and_every_file_with_its_digest(capfd, ports):
    from hashlib import sha256

    import bareme

    found = as_json(capfd, "aby", "ports", folder=ports)
    assert found["engine"] == bareme.__version__
    digests = {each["file"]: each["sha256"] for each in found["files"]}
    assert [*digests] == [
        "profiles/ports/2024/aby.yaml", "profiles/ports/2024/bel.yaml", "rules/ports/ports.bareme",
    ]  # fmt: skip
    for name, digest in digests.items():
        assert sha256((ports / name).read_bytes()).hexdigest() == digest
