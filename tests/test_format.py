"""`bareme format`: the same meaning and the same comments, in one layout, once and for all."""

from __future__ import annotations

import itertools
import random
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import generators as g
from bareme.cli import run
from bareme.language.format import format_line, format_rules
from bareme.language.outline import read_outline, strip_comment
from bareme.language.parse import parse
from bareme.language.statement import OPTION, STATEMENT, STEP, _parser
from bareme.source import Source
from programs import programs
from test_docs import forms_of, of_language, whole

ROOT = Path(__file__).parent.parent


def formatted(text: str) -> str:
    return format_rules(Source("all.bareme", text))


def tree(text: str):
    file, found = parse(Source("all.bareme", text), "all")
    assert [each.message for each in found] == []
    return file


def comments(text: str) -> list[str]:
    lines = [each.strip() for each in text.split("\n")]
    return [found for each in lines if (found := each[len(strip_comment(each)) :].strip())]


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ('question  a "A  b"  on  yes_no   weight  20 %', 'question a "A  b" on yes_no weight 20%'),
        ("scale s :Yes=100,  Not  now = 0", "scale s: Yes = 100, Not  now = 0"),
        ("scale s ,best first:A,B", "scale s, best first: A, B"),
        ("scale s out of 4", "scale s out of 4"),
        ("weight", None),
        ("cap 50 when a<=5 and ( b is No or not( c is one of( A,B ) ) )",
         "cap 50 when a ≤ 5 and (b is No or not (c is one of (A, B)))"),
        ("cap 5 when at least 2 of( a is A,b is B )", "cap 5 when at least 2 of (a is A, b is B)"),
        ("measure n in x,plausible 0 to 10 weight 1 / 3",
         "measure n in x, plausible 0 to 10 weight 1/3"),
        ("steps up to 5=0,above=excluded", "steps up to 5 = 0, above = excluded"),
        ("publish as 0 to 1 ,3 decimals ,half up", "publish as 0 to 1, 3 decimals, half up"),
        ("require 60 % of answers", "require 60% of answers"),
        ('bands "a, b"from 5,c from 0', 'bands "a, b" from 5, c from 0'),
        ('group r"R":A,  "B,C"', 'group r "R": A, "B,C"'),
    ],
)  # fmt: skip
def test_a_line_is_spaced_as_the_documentation_is(written, tidy):
    if tidy is None:
        with pytest.raises(ValueError, match=r"too early|not expected|cannot start"):
            format_line(written, STATEMENT)
        return
    assert format_line(written, STATEMENT) == tidy
    assert format_line(tidy, STATEMENT) == tidy


def test_a_label_on_a_line_of_its_own_keeps_its_spaces():
    assert format_line('a   "Yes,  at once"=100', OPTION) == 'a "Yes,  at once" = 100'
    assert format_line("Yes,  at : once  = 50", OPTION) == "Yes,  at : once = 50"
    assert format_line("up   to 5=80", STEP) == "up to 5 = 80"


UNTIDY = """\


# scales
scale  yes_no: Yes=100,No = 0   # both
scale risk, best first   # one a line
  Low   # fine
  High, or so
# the index
index a "A"


  # first
  question q on yes_no   # asked
  indicator b   # and

    question r on risk weight 1 / 2
    # gone: question s
index c
  indicator d same as a.b



"""
TIDY = """\
# scales
scale yes_no: Yes = 100, No = 0  # both
scale risk, best first           # one a line
    Low                          # fine
    High, or so

# the index
index a "A"

    # first
    question q on yes_no  # asked
    indicator b           # and

        question r on risk weight 1/2
        # gone: question s

index c
    indicator d same as a.b
"""


def test_a_file_is_laid_out_whole():
    assert formatted(UNTIDY) == TIDY
    assert formatted(TIDY) == TIDY
    assert tree(UNTIDY) == tree(TIDY)


def test_line_ends_stay_as_they_are():
    assert formatted(UNTIDY.replace("\n", "\r\n")) == TIDY.replace("\n", "\r\n")


def spoilt(text: str, chance: random.Random) -> str:
    """Rules that mean the same, laid out at random."""
    step = chance.choice([1, 2, 3, 4, 8])
    lines: list[str] = []
    for line in text.split("\n"):
        depth = (len(line) - len(line.lstrip())) // 4
        body = line.strip()
        if body:
            outside = re.split(r'("(?:[^"]|"")*")', body)
            if len(outside) > 1 and chance.random() < 0.5:  # spaces around quoted texts
                body = "".join(
                    f"  {part} " if n % 2 else part for n, part in enumerate(outside)
                ).strip()
            body = " " * (step * depth) + body
            if chance.random() < 0.3:
                said = chance.choice(["why", 'a "quote', "x = 1, y"])
                body += f"  # {said} {len(lines)}"
        lines.append(body)
        if chance.random() < 0.2:
            blank = chance.choice(["", "", " " * (step * depth) + f"# alone {len(lines)}"])
            lines.append(blank)
    return "\n".join(lines) + "\n" * chance.randint(0, 3)


def hold_against(text: str, chance: random.Random) -> None:
    untidy = spoilt(text, chance)
    once = formatted(untidy)

    assert tree(once) == tree(untidy) == tree(text)
    assert formatted(once) == once
    assert sorted(comments(once)) == sorted(comments(untidy))


@given(g.worlds(), st.integers(0, 2**32))
def test_meaning_and_comments_stay(world, seed):
    for text in g.rule_files(world).values():
        hold_against(text, random.Random(seed))


@pytest.mark.long
@settings(max_examples=10_000)
@given(g.worlds(), st.integers(0, 2**32))
def test_meaning_and_comments_stay_for_ten_thousand_programs(world, seed):
    for text in g.rule_files(world).values():
        hold_against(text, random.Random(seed))


def hold_programs_against(seed: int, many: int) -> None:
    chance = random.Random(seed)
    for text in itertools.islice(programs(seed), many):
        hold_against(text, chance)


def test_programs_hold_every_form_of_the_grammar():
    """Else the properties of them would say little."""
    forms = {str(each.alias or each.origin.name) for each in _parser().rules}
    seen: set[str] = set()
    for text in itertools.islice(programs(0), 300):
        for entry in _entries(read_outline(Source("all.bareme", text))[0]):
            for start in (STATEMENT, OPTION, STEP):
                seen |= forms_of(entry.text, start)

    assert {each for each in forms if not each.startswith("_")} - seen <= {STATEMENT, OPTION, STEP}


def _entries(outline):
    for each in outline:
        yield each
        yield from _entries(each.children)


def test_meaning_and_comments_stay_for_every_statement():
    hold_programs_against(seed=0, many=150)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 11))
def test_meaning_and_comments_stay_for_every_statement_ten_thousand_times(seed):
    hold_programs_against(seed, many=1_000)


EXAMPLES = [
    whole(block, block.value("under") or None)
    for block in of_language("bareme", ROOT / "docs" / "language.md")
    if not block.value("wrong")
]
FILES = sorted([*ROOT.glob("rules/*/*.bareme"), *ROOT.glob("tests/reference/*/rules/*.bareme")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_rules_of_this_project_are_tidy(path):
    text = path.read_text(encoding="utf-8")

    assert formatted(text) == text


@pytest.mark.parametrize("seed", range(20))
def test_every_form_of_the_documentation_keeps_its_meaning(seed):
    sound = 0
    for text in EXAMPLES:
        if not parse(Source("all.bareme", text), "all")[1]:
            hold_against(text, random.Random(seed))
            sound += 1
    assert sound >= 35


# ---- the command


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "rules" / "norms"
    folder.mkdir(parents=True)
    (folder / "a.bareme").write_text(UNTIDY.replace("  indicator d same as a.b", "    given"))
    (folder / "b.bareme").write_text("scale s, best first: A, B\n")
    return tmp_path


def test_rules_are_tidied_in_place(project, capfd):
    source = project / "rules" / "norms" / "a.bareme"
    source.write_text(UNTIDY)

    assert run(["-C", str(project), "format"]) == 0
    assert capfd.readouterr() == ("1 file tidied, 1 already tidy\n", "")
    assert source.read_text() == TIDY
    assert run(["-C", str(project), "format"]) == 0
    assert capfd.readouterr().out == "0 files tidied, 2 already tidy\n"
    assert sorted(each.name for each in source.parent.iterdir()) == ["a.bareme", "b.bareme"]


def test_check_and_diff_change_nothing(project, capfd):
    source = project / "rules" / "norms" / "a.bareme"
    source.write_text(UNTIDY)

    assert run(["-C", str(project), "format", "--check"]) == 1
    assert capfd.readouterr() == (
        "1 file not tidy, 1 already tidy\n",
        "rules/norms/a.bareme is not tidy\n",
    )
    assert run(["-C", str(project), "format", "--diff"]) == 0
    out = capfd.readouterr().out
    assert "\n-scale  yes_no: Yes=100,No = 0   # both\n" in out
    assert "\n+scale yes_no: Yes = 100, No = 0  # both\n" in out
    assert source.read_text() == UNTIDY


def test_rules_that_cannot_be_read_are_left_as_they_are(project, capfd):
    source = project / "rules" / "norms" / "a.bareme"
    source.write_text("index  a\n   questoin b on c\n")

    assert run(["-C", str(project), "format"]) == 2
    assert "E101" in capfd.readouterr().err
    assert source.read_text() == "index  a\n   questoin b on c\n"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_file_that_is_but_a_link_is_left_as_it_is(project, capfd):
    (project / "rules" / "norms" / "a.bareme").write_text(UNTIDY)
    elsewhere = project / "profiles" / "kept.txt"
    elsewhere.parent.mkdir()
    elsewhere.write_text("scale   more: A = 1\n")
    (project / "rules" / "norms" / "more.bareme").symlink_to("../../profiles/kept.txt")

    assert run(["-C", str(project), "format"]) == 0
    assert capfd.readouterr().out == "1 file tidied, 1 already tidy\n"
    assert elsewhere.read_text() == "scale   more: A = 1\n"


def test_brackets_in_brackets_stand_close():
    text = 'index a "A"\n    question q "Q" on s\n    cap 5 when ( ( q is Yes ) and (q is No) )\n'

    tidied = format_rules(Source("a.bareme", text))

    assert "cap 5 when ((q is Yes) and (q is No))\n" in tidied
