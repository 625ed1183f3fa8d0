"""What no input gets past: characters that hide, ids that look alike, depth, endless mistakes."""

from __future__ import annotations

import itertools
import random
import sys
import threading
import unicodedata

import pytest

from bareme.diagnostics import SUGGESTED
from bareme.language.parse import MAX_FAULTS, parse
from bareme.profiles.nodes import read_nodes
from bareme.project import read_rules
from bareme.resolve import resolve, scales
from bareme.text import read_text

HIDING = [
    chr(point)
    for point in range(sys.maxunicode + 1)
    if unicodedata.category(chr(point)) in ("Cc", "Cf", "Zl", "Zp", "Zs")
    and chr(point) not in " \t\n\r"
]
PLACES = (
    " {}index a\n",
    "# {}\nindex a\n",
    'index a "b{}c"\n',
    "index a{}\n",
    "scale s: a{}b = 1\n",
)


@pytest.mark.parametrize("place", PLACES)
def test_every_character_that_hides_is_refused_and_named(place):
    for each in HIDING:
        text = place.format(each)
        _, found = read_text("a.bareme", text.encode())

        hidden = [d for d in found if d.code == "E003"]
        told = [(f"U+{ord(each):04X}" in d.message, d.span.start) for d in hidden]
        assert told == [(True, text.index(each))], f"U+{ord(each):04X}"


@pytest.mark.parametrize("space", ["\u1680", "\u205f", "\u3000", "\u00a0"])
def test_a_line_of_nothing_but_a_wide_space_is_read_as_blank(space):
    source, found = read_text("a.bareme", f"index a\n  {space}\n   {space}x\n".encode())
    _, faults = parse(source, "a")

    assert [each.code for each in found] == ["E003"]
    assert all(each.span.start <= len(source.text) for each in faults)


def test_after_many_mistakes_a_file_is_not_read_to_its_end(tmp_path):
    rules = tmp_path / "rules" / "ports"
    rules.mkdir(parents=True)
    head = "use scales\nindex port\n    question pilot on yes_no\n"
    (rules / "port.bareme").write_text(head + "s\n" * 100_000, encoding="utf-8")
    (rules / "scales.bareme").write_text("s\n" * 2_000 + "scale yes_no: A = 1\n", encoding="utf-8")

    found = read_rules(tmp_path, "ports").diagnostics

    assert len(found) == 2 * MAX_FAULTS
    assert {each.code for each in found} == {"E101"}  # and not that `yes_no` is unknown


# ---- ids are unmistakable (A9)

LOOKALIKES = {
    "a": "аɑα", "c": "сϲ", "e": "еҽ", "i": "іıι", "o": "оοօ", "p": "рρ", "s": "ѕ", "x": "хχ",
    "y": "уγ", "j": "ј", "h": "һ", "l": "ⅼӏ", "d": "ԁ", "g": "ɡ", "n": "ո", "u": "υս", "v": "ѵν",
    "w": "ԝ",
}  # fmt: skip


def confusable_pairs():
    chance = random.Random(0)
    letters = sorted(LOOKALIKES)
    while True:
        id = "".join(chance.choices(letters, k=chance.randint(2, 9)))
        at = chance.randrange(len(id))
        each = id[at]
        wide, composed = chr(ord(each) + 0xFEE0), each + "\u0301"
        other = chance.choice([*LOOKALIKES[each], wide, composed, each.upper(), "\u200b" + each])
        yield id, id[:at] + other + id[at + 1 :]


def test_of_a_thousand_pairs_that_look_alike_none_is_two_ids():
    for one, other in itertools.islice(confusable_pairs(), 1_000):
        text = f"""\
scale yes_no: Yes = 100, No = 0
index index_1
    question q_{one} on yes_no
    question q_{other} on yes_no
"""
        source, found = read_text("a.bareme", text.encode())
        tree, faults = parse(source, "a")
        _, more = resolve("a", [tree])
        errors = [each for each in (*found, *faults, *more) if each.severity == "error"]

        assert errors, (one, other)


# ---- depth is counted, never left to the stack (A3)

DEEP = 100_000
SCALE_AND_INDEX = "scale s: A = 1, B = 0\nindex i\n    indicator c\n        question q on s\n"
DEEP_RULES = {
    "brackets": f"{SCALE_AND_INDEX}        cap 5 when {'(' * DEEP}q is A\n",
    "brackets on a short line": f"{SCALE_AND_INDEX}        cap 5 when {'(' * 9_000}q is A\n",
    "not": f"{SCALE_AND_INDEX}        cap 5 when {'not ' * DEEP}q is A\n",
    "not and brackets": f"{SCALE_AND_INDEX}        cap 5 when {'not (' * 3_000}q is A\n",
    "at least": f"{SCALE_AND_INDEX}        cap 5 when {'at least 1 of (' * 900}q is A\n",
    "minus": f"{SCALE_AND_INDEX}        cap {'-' * DEEP}5\n",
    "blocks": "index i\n" + "".join(f"{' ' * n}category c{n}\n" for n in range(1, 1_000)),
    "a flat chain": f"{SCALE_AND_INDEX}        cap 5 when {' and '.join(['q is A'] * 10_000)}\n",
}
DEEP_PROFILES = {
    "[": "[" * DEEP,
    "{": "answers: " + "{a: " * DEEP,
    "- ": "- " * DEEP,
    "? ": "? " * DEEP,
    "blocks": "".join(f"{' ' * n}a:\n" for n in range(1_000)),
    "- [": "- [" * DEEP,
}


def in_a_small_stack(read):
    """Read in a thread that has but 512 KiB of stack."""
    got = []

    def keep():
        try:
            got.append(read())
        except BaseException as fault:
            got.append(fault)

    before = threading.stack_size(512 << 10)
    try:
        thread = threading.Thread(target=keep)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert not isinstance(got[0], BaseException), got[0]
    return got[0]


@pytest.mark.parametrize("shape", DEEP_RULES)
def test_deep_rules_are_refused_in_a_small_stack(shape):
    def read():
        source, found = read_text("a.bareme", DEEP_RULES[shape].encode())
        tree, faults = parse(source, "a")
        return [*found, *faults, *resolve("a", [tree])[1]]

    found = in_a_small_stack(read)
    codes = {each.code for each in found}
    assert codes & {"E102", "E110", "E111", "E114"}, codes
    assert len(found) < 10 or shape == "blocks"


def test_a_flat_chain_is_not_depth():
    chain = " and ".join(["q is A"] * 2_000)
    source, _ = read_text("a.bareme", f"{SCALE_AND_INDEX}        cap 5 when {chain}\n".encode())

    found = in_a_small_stack(lambda: resolve("a", [parse(source, "a")[0]])[1])
    assert [each for each in found if each.severity == "error"] == []


@pytest.mark.parametrize("shape", DEEP_PROFILES)
def test_deep_profiles_are_refused_in_a_small_stack(shape):
    source, _ = read_text("a.yaml", DEEP_PROFILES[shape].encode())

    root, found = in_a_small_stack(lambda: read_nodes(source))
    assert root is None or found
    assert found
    assert {each.severity for each in found} == {"error"}


def wrong_same_as(many: int) -> str:
    return "index a\n" + "".join(f"    category c{at} same as w{at}\n" for at in range(many))


def wrong_conditions(many: int) -> str:
    asked = (f"    question q{at}\n        options: Yes = 100, No = 0\n" for at in range(many))
    skips = (f"        skip when w{at} is No\n" for at in range(many))
    return "index a\n" + "".join(a + b for a, b in zip(asked, skips, strict=True))


@pytest.mark.parametrize(("rules", "code"), [(wrong_same_as, "E203"), (wrong_conditions, "E216")])
def test_what_was_meant_is_looked_for_in_the_first_messages_only(
    tmp_path, rules, code, monkeypatch
):
    """Every name is held against every other, so a thousand slips would take a million looks."""
    (tmp_path / "rules" / "own").mkdir(parents=True)
    (tmp_path / "rules" / "own" / "a.bareme").write_text(rules(600))
    asked = []
    for room in ("figures", "rules"):
        monkeypatch.setattr(f"bareme.resolve.{room}.nearest", lambda *text: asked.append(text))
    found = [each for each in read_rules(tmp_path, "own").diagnostics if each.code == code]

    assert len(found) == 600
    assert SUGGESTED <= len(asked) <= 2 * SUGGESTED
    assert all(each.help for each in found)


def test_what_was_meant_is_looked_for_a_limited_number_of_times(tmp_path, monkeypatch):
    looked: list[str] = []

    def nearest(name, _):
        looked.append(name)

    monkeypatch.setattr(scales, "nearest", nearest)
    number = 3 * SUGGESTED
    lines = [f"scale of_{n}: Yes = 100, No = 0" for n in range(number)]
    lines += ["index theft", *(f"    question q_{n} on off_{n}" for n in range(number))]
    folder = tmp_path / "rules" / "norms"
    folder.mkdir(parents=True)
    (folder / "theft.bareme").write_text("\n".join(lines) + "\n", encoding="utf-8")

    found = read_rules(tmp_path, "norms").diagnostics

    assert [each.code for each in found] == ["E201"] * number
    assert 0 < len(looked) <= 2 * SUGGESTED
