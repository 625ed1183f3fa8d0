"""A hundred faults in one file are all reported, each at its line, and nothing beside them.

The files are built from small blocks, each with one slip in it, so that it is known which line is
at fault. The kinds of slips take turns, so that each meets many neighbours. Then hundreds of single
slips in the real files are said once each, but for a few. A last test damages every label of the
real rules in twenty ways: none is taken for an answer, and the right label is suggested.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from bareme.cli import run
from bareme.diagnostics import Diagnostic
from bareme.framework import Framework
from bareme.profiles.read import read_profile
from bareme.project import read_rules
from bareme.source import Source, Sources

ROOT = Path(__file__).parent.parent
FAULTS = 100
NEEDED = 95  # found on the right line
SPURIOUS = 5  # messages that no fault explains

# ---- rules: what stands under an index, one slip a block; `»` marks the line at
# fault, and `#` stands for the number of the block

RULES = """\
scale yes_no: Yes = 100, No = 0
scale risk, best first: Low, Moderate, High

index theft "Theft"
    publish whole numbers
    indicator first_of_all "First of All"
        question asked_once on yes_no
"""

SLIPS = {
    "a word at the start of a line": """
    indicator i_# "Guards"
»        questoin q_# on yes_no
            "Are guards armed?"
        question r_# on yes_no
""",
    "a capital letter at the start of a line": """
»    Indicator i_# "Guards"
        question q_# on yes_no
        question r_# on risk
""",
    "a word that starts no line": """
»    subpillar i_# "Guards"
        question q_# on yes_no
        question r_# on risk
""",
    "the word `weight`": """
»    indicator i_# "Guards" wieght 2
        question q_# on yes_no
""",
    "the word `on`": """
    indicator i_# "Guards"
        question q_# on yes_no
»        question r_# onn risk
            "Is there a risk?"
""",
    "a quote that is not closed": """
»    indicator i_# "Guards weight 2
        question q_# on yes_no
            "Are guards armed?"
""",
    "a quote that is not closed, in a text": """
    indicator i_# "Guards"
        question q_# on yes_no
»            "Are guards armed?
            "At every hour?"
        question r_# on yes_no
""",
    "curly quotes": """
»    indicator i_# “Guards”
        question q_# on yes_no
""",
    "a text without quotes": """
    indicator i_# "Guards"
        question q_# on yes_no
»            Are guards armed at every hour?
        question r_# on yes_no
""",
    "a note without quotes": """
    indicator i_# "Guards"
»        note The weights are ours.
        question q_# on yes_no
""",
    "an id with a hyphen": """
»    indicator i-# "Guards"
        question q_# on yes_no
""",
    "no id": """
»    indicator "Guards"
        question q_# on yes_no
        question r_# on yes_no
""",
    "a quoted id": """
»    indicator "i_#" "Guards"
        question q_# on yes_no
""",
    "an id of two words": """
    indicator i_# "Guards"
»        question gate_# q_# on yes_no
        question r_# on yes_no
""",
    "a word of the language as an id": """
    category c_# "Guards"
»        indicator weight "Weight"
            question q_# on yes_no
""",
    "a line one space out": """
    indicator i_# "Guards"
        question q_# on yes_no
»         question r_# on yes_no
        question s_# on yes_no
""",
    "a line a step too deep": """
    indicator i_# "Guards"
»            question q_# on yes_no
            question r_# on yes_no
    indicator j_# "Gates"
        question s_# on yes_no
""",
    "a weight on a line of its own": """
    indicator i_# "Guards"
»        weight 20%
        question q_# on yes_no
""",
    "a colon at the end": """
»    indicator i_# "Guards":
        question q_# on yes_no
""",
    "something under a setting": """
    category c_# "Guards"
        aggregate by arithmetic mean
»            indicator i_# "Guards"
                question q_# on yes_no
""",
    "a question under a question": """
    indicator i_# "Guards"
        question q_# on yes_no
»            question r_# on yes_no
""",
    "a category under an indicator": """
    indicator i_# "Guards"
        question q_# on yes_no
»        category c_# "Gates"
            question r_# on yes_no
""",
    "a weight written twice": """
»    indicator i_# weight 2 "Guards" weight 3
        question q_# on yes_no
""",
    "a setting that is made twice": """
    indicator i_# "Guards"
        when missing leave out
»        when missing leave out
        question q_# on yes_no
""",
    "a method that there is not": """
    indicator i_# "Guards"
»        aggregate by arithmetical mean
        question q_# on yes_no
""",
    "a decimal comma": """
»    indicator i_# "Guards" weight 12,5
        question q_# on yes_no
""",
    "a dash in a number": """
    indicator i_# "Guards"
        question q_#
            options
                Full = 100
»                Part = 40–60
                None = 0
""",
    "a percent sign in points": """
    indicator i_# "Guards"
        question q_#
»            options: Full = 100, Part = 50%, None = 0
""",
    "a division by zero": """
»    indicator i_# "Guards" weight 1/0
        question q_# on yes_no
""",
    "a scale that is not there": """
    indicator i_# "Guards"
»        question q_# on yesno
        question r_# on yes_no
""",
    "a question that is asked twice": """
    indicator i_# "Guards"
        question q_# on yes_no
»        question asked_once on yes_no
""",
    "an indicator that stands twice": """
    category c_# "Guards"
        indicator i_# "Guards"
            question q_# on yes_no
»        indicator i_# "Guards"
            question r_# on yes_no
""",
    "a figure that is not there": """
»    indicator i_# "Guards" same as theft.first_of_al
""",
    "an indicator with nothing in it": """
»    indicator i_# "Guards"
    indicator j_# "Gates"
        question q_# on yes_no
""",
    "a question without a scale": """
    indicator i_# "Guards"
»        question q_# "Armed guards"
            "Are guards armed?"
""",
    "a scale and options": """
    indicator i_# "Guards"
        question q_# on yes_no
»            options: Full = 100, None = 0
""",
    "given, and asked": """
    indicator i_# "Guards"
        given
»        question q_# on yes_no
""",
    "a label twice": """
    indicator i_# "Guards"
        question q_#
            options
                Full = 100
                None = 50
»                None = 0
""",
    "a label without points": """
    indicator i_# "Guards"
        question q_#
            options
                Full = 100
»                Part
                None = 0
""",
    "points above 100": """
    indicator i_# "Guards"
        question q_#
            options
»                Full = 110
                None = 0
""",
    "evenly spaced, and with points": """
    indicator i_# "Guards"
        question q_#
            options, best first
                Full
»                Part = 60
                None
""",
    "105 %": """
    category c_# "Guards"
        indicator i_# "Guards" weight 60%
            question q_# on yes_no
»        indicator j_# "Gates" weight 45%
            question r_# on yes_no
""",
    "percents and no percents": """
    category c_# "Guards"
        indicator i_# "Guards" weight 60%
            question q_# on yes_no
        indicator j_# "Gates" weight 40%
            question r_# on yes_no
»        indicator k_# "Fences" weight 2
            question s_# on yes_no
""",
    "a weight below 0": """
    category c_# "Guards"
        indicator i_# "Guards" weight 2
            question q_# on yes_no
»        indicator j_# "Incidents" weight -1
            question r_# on yes_no
""",
    "weights that are all 0": """
    indicator i_# "Guards"
»        question q_# on yes_no weight 0
        question r_# on yes_no weight 0
""",
    "bands with a gap": """
    indicator i_# "Guards"
»        bands High from 67, Low from 1
        question q_# on yes_no
""",
    "an indicator that is the same as itself": """
»    indicator i_# "Guards" same as theft.i_#
""",
}

# ---- profiles: the same, for what stands under `answers`, `given` and `published`

ANSWERS = {
    "a question that is misspelt": "»  q_#x: Yes",
    "an answer in the wrong case": "»  q_#: yes",
    "an answer with a hyphen": "»  share_#: 20th-39th percentile",
    "an answer in other words": "»  q_#: in preparation",
    "an answer that is a list": "»  q_#: [Yes, No]",
    "evidence without an answer": "  q_#:\n»    source: a site visit",
    "a field of evidence": "  q_#:\n    answer: Yes\n»    sorce: a site visit",
    "a question answered twice": "  q_#: Yes\n»  q_#: No",
    "a reference": "»  q_#: *Yes",
    "a type": "»  q_#: !!bool Yes",
    "a colon in a note": "  q_#:\n    answer: Yes\n»    note: annex: page 4",
    "no space after the colon": "»  q_#:Yes",
    "no colon": "»  q_# Yes",
    "a text that starts with a sign": "»  q_#: @Yes",
    "a line that is too deep": "  q_#: Yes\n»   share_#: 20th–39th percentile",
}
GIVEN = {
    "a score above 100": "»    i_#: 108",
    "a decimal comma": "»    i_#: 62,5",
    "a plus sign": "»    i_#: +40",
    "a percent sign": "»    i_#: 80%",
    "a figure that is not there": "»    helicopters_#: 20",
    "a question": "»    q_#: 100",
    "a given score twice": "    i_#: 50\n»    theft.i_#: 60",
}
PUBLISHED = {
    "a printed figure of three numbers": "»    i_#: [66, -2, 3]",
    "a printed figure with a plus sign": "»    i_#: [66, +2]",
    "a long dash for a minus": "»    i_#: [66, −2]",
    "a printed figure that is not there": "»    helicopters_#: 20",
    "a list that is not closed": "»    i_#: [66, -2",
}


def built(head: str, slips: Iterator[str], number: int) -> tuple[str, list[int]]:
    """A file of that many slips, and the lines at fault."""
    lines, at_fault = head.splitlines(), list[int]()
    for n in range(number):
        for line in next(slips).strip("\n").replace("#", f"{n}").splitlines():
            lines.append(line.removeprefix("»"))
            if line.startswith("»"):
                at_fault.append(len(lines))
    assert len(at_fault) == number
    return "\n".join(lines) + "\n", at_fault


def weigh(found: list[Diagnostic], sources: Sources, at_fault: list[int]) -> tuple[int, list[str]]:
    """How many of the faults were found, and the messages that none of them explains.

    A second message on a line at fault is one too many as well.
    """
    wanted, spurious = set(at_fault), list[str]()
    for each in found:
        line = sources[each.span.file].position(each.span.start)[0]
        if line in wanted:
            wanted.remove(line)
        else:
            spurious.append(f"line {line}: {each.code} {each.message}")
    return len(at_fault) - len(wanted), spurious


def in_file_order(found: list[Diagnostic]) -> bool:
    places = [each.span.start for each in found]
    return places == sorted(places)


@pytest.mark.parametrize("turn", [1, -1], ids=["forwards", "backwards"])
def test_a_hundred_faults_in_rules(tmp_path, turn):
    text, at_fault = built(RULES, cycle(list(SLIPS.values())[::turn]), FAULTS)
    folder = tmp_path / "rules" / "norms"
    folder.mkdir(parents=True)
    (folder / "theft.bareme").write_text(text, encoding="utf-8")

    rules = read_rules(tmp_path, "norms")
    found = list(rules.diagnostics)

    right, spurious = weigh(found, rules.sources, at_fault)
    assert len(SLIPS) >= 12
    assert in_file_order(found)
    assert right >= NEEDED
    assert len(spurious) <= SPURIOUS, "\n".join(spurious)
    assert (right, spurious) == (FAULTS, [])  # better than was promised


@pytest.mark.parametrize("turn", [1, -1], ids=["forwards", "backwards"])
def test_a_hundred_faults_in_a_profile(tmp_path, turn):
    rules_text = rules_of_a_hundred_questions()
    text, at_fault = profile_with_a_hundred_faults(turn)
    for name, content in (
        ("rules/norms/theft.bareme", rules_text),
        ("profiles/norms/2023/norland.yaml", text),
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(content, encoding="utf-8")

    rules = read_rules(tmp_path, "norms")
    assert rules.diagnostics == ()
    found = list(rules.read_cohort("2023")[1])

    right, spurious = weigh(found, rules.sources, at_fault)
    assert len(ANSWERS) + len(GIVEN) + len(PUBLISHED) >= 12
    assert right >= NEEDED
    assert len(spurious) <= SPURIOUS, "\n".join(spurious)
    assert (right, spurious) == (FAULTS, [])


def rules_of_a_hundred_questions() -> str:
    questions = "".join(
        f"    indicator i_{n}\n        given\n"
        f"    question q_{n} on yes_no\n    question share_{n} on low_share\n"
        for n in range(FAULTS)
    )
    return (
        "scale yes_no: Yes = 100, No = 0\n"
        "scale low_share, best first\n    0th–19th percentile\n    20th–39th percentile\n"
        f"index theft\n{questions}"
    )


def profile_with_a_hundred_faults(turn: int) -> tuple[str, list[int]]:
    text, at_fault = "entity: NOR\n", list[int]()
    for head, slips, number in (
        ("answers:", ANSWERS, 60),
        ("given:\n  theft:", GIVEN, 25),
        ("published:\n  theft:", PUBLISHED, 15),
    ):
        more, lines = built(head, cycle(list(slips.values())[::turn]), number)
        at_fault += [text.count("\n") + line for line in lines]
        text += more
    return text, at_fault


def test_the_messages_of_a_profile_are_shown_in_file_order(tmp_path, capfd):
    rules = "scale yes_no: Yes = 100, No = 0\nindex theft\n    indicator i_0\n        given\n"
    rules += "    question q_0 on yes_no\n"
    profile = (
        "entity: NOR\nanswers:\n  q_0:Yes\ngiven:\n  theft:\n    i_0: 1: 2\n    i_9: 5\nx: 1\n"
    )
    for name, content in (("rules/n/a.bareme", rules), ("profiles/n/2023/a.yaml", profile)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(content, encoding="utf-8")

    assert run(["-C", str(tmp_path), "check"]) == 2
    heads = [each for each in capfd.readouterr().err.splitlines() if each.startswith("profiles/")]
    assert [int(each.split(":")[1]) for each in heads] == [3, 6, 7, 8]


# ---- one slip, one message

SIGNS = "\"“”=:,%#\t –-_0a Z.\u00a0\u200b'/()"


def slipped(text: str, chance: Random) -> str:
    """The text with one slip in it: a sign too many, too few or wrong, a line out of its place."""
    at = chance.randrange(len(text))
    lines, number = text.split("\n"), text.count("\n", 0, at)
    match chance.choice(["less", "more", "other", "word", "again", "right", "left"]):
        case "less":
            return text[:at] + text[at + 1 :]
        case "more":
            return text[:at] + chance.choice(SIGNS) + text[at:]
        case "other":
            return text[:at] + chance.choice(SIGNS) + text[at + 1 :]
        case "word":
            words = lines[number].split(" ")
            words.pop(chance.randrange(len(words)))
            lines[number] = " ".join(words)
        case "again":
            lines.insert(number, lines[number])
        case "right":
            lines[number] = " " * chance.randint(1, 4) + lines[number]
        case "left":
            lines[number] = lines[number].removeprefix(" " * chance.randint(1, 4))
    return "\n".join(lines)


def counts_of_messages(paths: list[Path], count: Callable[[], int], tries: int) -> list[int]:
    """How many errors each of so many slips brings about, those that do no harm left out."""
    chance = Random(2023)
    counts: list[int] = []
    for _ in range(tries):
        path = chance.choice(paths)
        text = path.read_text(encoding="utf-8")
        path.write_text(slipped(text, chance), encoding="utf-8")
        counts.append(count())
        path.write_text(text, encoding="utf-8")
    return [each for each in counts if each]


def errors(found: Iterable[Diagnostic]) -> int:
    return sum(each.severity == "error" for each in found)


def test_one_slip_in_the_real_rules_is_said_once(tmp_path):
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    paths = sorted((tmp_path / "rules" / "nuclear-security").glob("*.bareme"))

    counts = counts_of_messages(
        paths, lambda: errors(read_rules(tmp_path, "nuclear-security").diagnostics), 200
    )

    assert len(counts) > 100
    assert counts.count(1) / len(counts) >= 0.9
    assert max(counts) <= 6


def test_one_slip_in_the_real_profile_is_said_once(tmp_path):
    for name in ("rules", "profiles"):
        shutil.copytree(ROOT / name, tmp_path / name)
    path = tmp_path / "profiles" / "nuclear-security" / "2023" / "kazakhstan.yaml"
    rules = read_rules(tmp_path, "nuclear-security")

    def count() -> int:
        source = Source("kazakhstan.yaml", path.read_text(encoding="utf-8"))
        return errors(read_profile(source, rules.framework)[1])

    counts = counts_of_messages([path], count, 300)

    assert len(counts) > 100
    assert counts.count(1) / len(counts) >= 0.9
    assert max(counts) <= 15


# ---- close is not equal


def damages(label: str) -> list[str]:
    """Twenty ways in which a label is typed wrong."""
    middle = len(label) // 2
    first, space = label.split(" ")[0], " " if " " in label else ""
    ways = [
        label.upper(),
        label.lower(),
        label[0].swapcase() + label[1:],
        label.swapcase(),
        label.replace("–", "-") if "–" in label else label + "-",
        label.replace("–", "—") if "–" in label else f"–{label}",
        f"“{label}”",
        f"'{label}'",
        f"{label} ",
        f" {label}",
        label.replace(" ", "  ", 1) if space else f"{label}  ",
        label.replace(" ", "\u00a0", 1) if space else f"\u00a0{label}",
        label.replace(" ", "_") if space else f"{label}_",
        label[:middle] + label[middle + 1 :],
        label[:-1],
        label[:middle] + label[middle] + label[middle:],
        label[: middle - 1] + label[middle] + label[middle - 1] + label[middle + 1 :],
        label[:middle] + "x" + label[middle + 1 :],
        f"{label}.",
        f"{label} in {first.lower()}",
        f'"{label}"',
        f"{label} (see note)",
        f"{label};",
        f"{label}, 2023",
    ]
    return [way for way in dict.fromkeys(ways) if way != label][:20]  # some ways may be the same


def answered(framework: Framework, question: str, answer: str) -> tuple[bool, list[Diagnostic]]:
    """Whether an answer is taken, and what is said about it."""
    text = f"entity: NOR\nanswers:\n  {question}: {json.dumps(answer)}\n"
    profile, found = read_profile(Source("norland.yaml", text), framework)
    return profile is not None and question in profile.answers, found


def test_a_damaged_label_is_refused_and_the_right_one_suggested():
    framework = read_rules(ROOT, "nuclear-security").framework
    asked = {q.scale.name: (q.id, q.scale) for q in framework.questions.values() if q.scale}
    tried = suggested = 0
    silent: list[str] = []
    for question, scale in asked.values():
        labels = {label.text for label in scale.labels}
        for label in scale.labels:
            ways = damages(label.text)
            assert len(ways) == 20, label.text
            for damaged in ways:
                if damaged in labels:
                    continue  # another label, not a damaged one
                taken, found = answered(framework, question, damaged)
                off = [each for each in found if each.code == "E222"]
                if taken or len(off) != 1:
                    silent.append(damaged)
                tried += 1
                suggested += any(each.help.startswith(f"`{label.text}`") for each in off)

    assert silent == []
    assert tried > 500
    assert suggested / tried >= 0.95, f"{suggested} of {tried}"
