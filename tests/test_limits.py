"""What cannot be told from a plain character is refused wherever it stands (A8)."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from bareme.language.parse import MAX_FAULTS, parse
from bareme.project import read_rules
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
