"""YAML as typed text: every scalar is what was typed, and nothing else of YAML is let in.

The table holds every spelling that YAML 1.1 reads as something other than text.
"""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import generators as g
from bareme.profiles import nodes
from bareme.profiles.nodes import MAX_NESTING, Mapping, Sequence, Text, read_nodes
from bareme.source import Source

many = settings(max_examples=settings.default.max_examples * 5)

# Everything that a YAML 1.1 loader reads as a boolean, null, integer, float, date or more.
IMPLICIT = re.findall(
    r"\S+",
    """
    y Y yes Yes YES n N no No NO true True TRUE false False FALSE on On ON off Off OFF
    ~ null Null NULL
    0 -0 +0 00 1 +1 -1 10 017 0o17 0777 08 09 +12 1_000 1__0 0x1F 0X1F 0xff_ff -0x1 0b1010 0b1_0
    12:30 1:2 190:20:30 -190:20:30 1:60 23:59:59 0:0
    1.0 1. 1.5 -1.5 +1.5 .5 -.5 0.1 1_0.5 2023.10 685_230.15 6.8523015e+5 685.230_15e+03
    1e3 1E3 1e+3 1.5e-7 1e-30000000 .1e1 190:20:30.15 1:2.5
    .inf .Inf .INF -.inf -.Inf -.INF +.inf .nan .NaN .NAN nan NaN inf Infinity
    2023-05-02 2023-5-2 2001-12-14t21:59:43.10-05:00 2001-12-15T02:59:43.1Z 2023-05 2023
    << =
    """,
)
SPACED = ["2001-12-14 21:59:43.10 -5", "2001-12-15 2:59:43.10", "1 000", "Not applicable"]
SPELLINGS = [*IMPLICIT, *SPACED]


def source(text: str) -> Source:
    return Source("profiles/f/2023/kaz.yaml", text)


def value(text: str) -> object:
    """What a document that is one mapping with one key says of it."""
    root, found = read_nodes(source(text))
    assert found == []
    assert isinstance(root, Mapping)
    node = root.entries[0][1]
    return node.value if isinstance(node, Text) else node


def codes(text: str) -> list[str]:
    return [each.code for each in read_nodes(source(text))[1]]


# ---- text stays text (A6)


def test_the_table_holds_at_least_a_hundred_spellings():
    assert len(set(SPELLINGS)) == len(SPELLINGS) >= 100


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_plain_scalar_is_the_text_that_was_typed(spelling):
    assert value(f"answer: {spelling}\n") == spelling
    assert value(f"answer:   {spelling}   # a remark\n") == spelling


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("quote", ["'", '"'])
def test_plain_and_quoted_agree(spelling, quote):
    plain, quoted = f"answer: {spelling}\n", f"answer: {quote}{spelling}{quote}\n"

    assert value(plain) == value(quoted) == spelling
    assert value(f"answer: [{quote}{spelling}{quote}]\n") == value(f"answer: [{spelling}]\n")


@pytest.mark.parametrize("spelling", [each for each in SPELLINGS if each != "<<"])
def test_a_key_is_the_text_that_was_typed(spelling):
    for written in (spelling, f"'{spelling}'", f'"{spelling}"'):
        root, found = read_nodes(source(f"{written}: 1\n"))
        assert found == []
        assert isinstance(root, Mapping)
        assert root.entries[0][0].value == spelling


def test_the_table_is_what_stock_yaml_gets_wrong():
    """Most of the table would lose its text in a stock loader; so the table tests something."""
    spoilt = []
    for spelling in SPELLINGS:
        try:
            spoilt.append(str(yaml.safe_load(f"answer: {spelling}")["answer"]) != spelling)
        except (yaml.YAMLError, ValueError, OverflowError):
            spoilt.append(True)
    assert sum(spoilt) > 60


@pytest.mark.parametrize(
    ("one", "other"),
    [("1", "1.0"), ("1", "01"), ("1", "+1"), ("true", "True"), ("yes", "Yes"), ("~", "null")],
)
def test_keys_that_stock_yaml_holds_equal_are_different_texts(one, other):
    assert codes(f"{one}: a\n{other}: b\n") == []


# ---- duplicate keys (A5)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: 1\n'a': 1\n",
        'a: 1\n"a": 1\n',
        "a: 1\nb: 2\na: 1\n",
        "a: {b: 1, c: 2, b: 3}\n",
        "a:\n  b: 1\n  b: 1\n",
        "a: [{b: 1, b: 2}]\n",
        '{"a": 1, "a": 1}\n',
        "a: {}\na: []\n",
        "'': 1\n'': 2\n",
        '"é": 1\n"\\u00e9": 2\n',
        "? a\n: 1\n? a\n: 2\n",
    ],
)
def test_duplicate_keys_are_refused_at_both_places(text):
    found = read_nodes(source(text))[1]

    assert [each.code for each in found] == ["E403"]
    assert found[0].notes[0].span is not None
    assert found[0].notes[0].span.start < found[0].span.start


def test_every_duplicate_of_a_file_is_reported():
    assert codes("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3\n") == ["E403"] * 3


# ---- what a profile has no use for


@pytest.mark.parametrize(
    "text",
    [
        "a: &anchor 1\n",
        "a: &x [1]\n",
        "&x a: 1\n",
        "a: &x {b: 1}\n",
        "a: &x 1\nb: *x\n",
        "a: *nothing\n",
        "a: !!str 1\n",
        "a: !!python/object/apply:os.system [echo]\n",
        "a: !custom 1\n",
        "a: ! 1\n",
        "!!map {a: 1}\n",
        "a: !!binary aGVsbG8=\n",
        "a: !<tag:yaml.org,2002:int> 1\n",
        "base: {b: 1}\na:\n  <<: {b: 2}\n",
        "<<: {b: 2}\n",
        "'<<': {b: 2}\n",
        "a: 1\n---\nb: 2\n",
        "---\na: 1\n...\n---\nb: 1\n",
        "%YAML 1.1\n---\na: 1\n",
        "%TAG ! tag:example.org,2023:\n---\na: 1\n",
        "[a]: 1\n",
        "{a: 1}: 2\n",
        "? [a, b]\n: 1\n",
    ],
)
def test_references_tags_merges_directives_and_second_documents_are_refused(text):
    assert set(codes(text)) == {"E402"}


@pytest.mark.parametrize(
    "text",
    [
        "a: 'b\n", 'a: "b\n', "a: [1, 2\n", "a: {b: 1\n", "a: b: c\n", "a\nb: 1\n", "\ta: 1\n",
        "a: 1\n b: 2\n", "a: @b\n", "a: `b`\n", "a: %b\n", "a: - b\n", "- a\nb: 1\n", "a: }\n",
        "a: \x01\n", '"\\q": 1\n', "a: |\n\tb\n c\n", "a: *\n", "a: &\n", ": :\n:", "%\n",
    ],
)  # fmt: skip
def test_what_is_no_yaml_is_located(text):
    found = read_nodes(source(text))[1]

    assert found[0].code == "E401"
    assert all(0 <= each.span.start <= len(text) for each in found)


@pytest.mark.parametrize("text", ["", "\n", "# nothing here\n", "---\n", "---\n...\n"])
def test_an_empty_document_has_no_value(text):
    root, found = read_nodes(source(text))

    assert found == []
    assert root is None or root == Text("", root.span)


def test_an_unfinished_merge_is_reported_as_such():
    text = "a: 1\n<<<<<<< ours\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n"
    assert codes(text) == ["E005"]


# ---- nesting is counted, never left to the stack


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("[", "]"), ("{a: ", "}"), ("[{a: ", "}]")],
    ids=["list", "map", "both"],
)
def test_64_levels_are_read_and_65_refused(opening, closing):
    levels = opening.count("[") + opening.count("{")
    fits = MAX_NESTING // levels

    assert MAX_NESTING == 64
    assert codes(opening * fits + "x" + closing * fits) == []
    assert codes(opening * (fits + 1) + "x" + closing * (fits + 1)) == ["E402"]


def test_64_blocks_are_read_and_65_refused():
    assert codes("".join(f"{' ' * n}a:\n" for n in range(64))) == []
    assert codes("".join(f"{' ' * n}a:\n" for n in range(65))) == ["E402"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "[{a: ", "- "])
def test_a_hundred_thousand_brackets_are_refused_at_once(opening):
    _, found = read_nodes(source(opening * 100_000))

    assert [(each.code, each.span.start) for each in found] == [("E402", DEEPEST[opening])]


DEEPEST = {"[": 64, "{a: ": 256, "[{a: ": 160, "- ": 128}  # where the 65th opens


# Anything quadratic would take minutes over these.
HOSTILE = {
    "a lattice of references": "a: &x [1]\nb: &y [*x, *x]\nc: [*y, *y]\n",
    "100,000 quotes": "a: " + "'" * 100_001,
    "50,000 question marks": "? " * 50_000,
    "a word of half a million letters": "a" * 500_000,
    "50,000 keys": "".join(f"k{n}: 1\n" for n in range(50_000)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_are_read_or_refused(text):
    root, found = read_nodes(source(text))

    assert found or root is not None


# ---- places, and both of PyYAML's parsers


@many
@given(tape=g.tapes(200))
def test_a_written_document_reads_back_with_every_text_at_its_place(tape):
    doc = _doc(tape, 3)
    text = g.yaml_text(doc)
    root, found = read_nodes(source(text))

    assert found == []
    assert _plain(root) == _as_read(doc)
    for node in _texts(root):
        there = text[node.span.start : node.span.end]
        assert there == node.value or there[:1] in ("'", '"')


@many
@given(tape=g.tapes(200))
def test_both_parsers_read_the_same_texts_at_the_same_places(tape):
    text = g.yaml_text(_doc(tape, 3))
    fast, slow = read_nodes(source(text)), _slowly(text)

    assert fast == slow
    assert [n.span for n in _texts(fast[0])] == [n.span for n in _texts(slow[0])]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_both_parsers_agree_on_the_table(spelling):
    text = f"answer: {spelling}\n'{spelling}x': [\"{spelling}\"]\n"

    assert read_nodes(source(text)) == _slowly(text)


@many
@given(text=st.text("ab:-?#&*!|>'\"%@`{}[],\n ~<=0é", max_size=30))
def test_any_text_is_read_or_refused_and_never_read_in_two_ways(text):
    (one, found), (other, too) = read_nodes(source(text)), _slowly(text)

    assert all(0 <= each.span.start <= len(text) for each in [*found, *too])
    # The two are not equally strict about stray signs (`a: |#`), but never disagree on a text.
    assert found or too or one == other


def _slowly(text: str):
    """The same by the parser written in Python, for machines that have no other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "_Loader", yaml.SafeLoader)
        return read_nodes(source(text))


_TEXTS = ("a: b", "a #b", "- a", "it's", 'a "b"', "back\\slash", "é", "🙂", " a ", "x,y")
_VALUES = (*SPELLINGS, *_TEXTS)


def _doc(tape: g.Tape, depth: int) -> g.Doc:
    entries: list[tuple[str, g.Doc]] = []
    for number in range(1 + tape.below(4)):
        nested = depth > 0 and tape.one_in(3)
        value = _doc(tape, depth - 1) if nested else tape.pick(_VALUES)
        entries.append((f"{tape.pick(['k', 'K é', 'a: b', '1'])}{number}", value))
    return tuple(entries)


def _as_read(doc: g.Doc) -> object:
    return doc if isinstance(doc, str) else [(key, _as_read(value)) for key, value in doc]


def _plain(node: nodes.Node | None) -> object:
    match node:
        case Mapping():
            return [(key.value, _plain(value)) for key, value in node.entries]
        case Sequence():
            return [_plain(each) for each in node.items]
        case Text():
            return node.value
    return None


def _texts(node: nodes.Node | None) -> list[Text]:
    match node:
        case Mapping():
            return [each for key, value in node.entries for each in (key, *_texts(value))]
        case Sequence():
            return [each for item in node.items for each in _texts(item)]
        case Text():
            return [node]
    return []
