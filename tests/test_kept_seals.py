"""Old editions stay true (D5): what a release has sealed is verified by every later one.

`tests/sealed/VERSION/` holds editions as that version of Barème sealed them; they are never sealed
anew. Their figures were worked out by hand, below.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import seals
from bareme import sealing
from bareme.audit.chain import Given, check_chain
from bareme.audit.figures import read_figures
from bareme.audit.sealed import FORMAT, hash_of

KEPT = sorted((Path(__file__).parent / "sealed").glob("*/*.sealed"))
HASHES = {
    "0.1.0/norms-2022.sealed": "8a74f0bfaf8e58516a1205792748909cd32cf08f7f3bcb05adb4b019b77d4d09",
    "0.1.0/norms-2024.sealed": "fd3ec291c0e524b23bd02482bad4744b163cbb91f39012ee5349141f3a71c16a",
}


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def test_none_was_changed():
    assert {named(path): hash_of(path.read_bytes()) for path in KEPT} == HASHES


@pytest.mark.parametrize("path", KEPT, ids=named)
def test_it_verifies_or_is_refused_by_the_name_of_its_format(path):
    data = path.read_bytes()
    checked = sealing.verify("x", data)
    language = f"\nlanguage {sealing.LANGUAGE}\n".encode()
    if data.startswith(f"{FORMAT}\n".encode()) and language in data:
        assert checked.found == ()
        assert seals.status_alone(data) == 0
        return

    assert [each.code for each in checked.found] == ["E601"]
    assert re.search("format `bareme.sealed/[0-9]+`|version [0-9]+ of the language",
                     checked.found[0].message)  # fmt: skip


def test_the_kept_editions_are_a_chain():
    checked = [sealing.verify(path.name, path.read_bytes()) for path in KEPT[:2]]
    heads = [Given(each.file, each.sha256, each.head) for each in checked if each.head]

    assert [each.head.edition for each in heads] == ["2022", "2024"]
    assert check_chain(heads) == []


BY_HAND = {
    # The cube root of 100 × 100 × 50 is 100 / ³√2, to 50 digits.
    ("NOR", "norms.guarding", ""): (
        "79370052598409973737585281963615413019574666394993/"
        "1000000000000000000000000000000000000000000000000"
    ),
    ("NOR", "norms.yards.depots", "Nord"): "100",
    ("NOR", "norms.yards.depots", "Sud"): "50",
    ("NOR", "norms.yards.depots", ""): "75",
    ("NOR", "norms.yards.density", ""): "125/2",  # 5 / 2000 × 1000 on a range from 0 to 4
    ("NOR", "norms.yards", ""): "365/6",  # (75 + 62.5 + 45) / 3: crews are carried on from 2022
    ("SUD", "norms.guarding", ""): "100",
    ("SUD", "norms.yards", ""): "90",  # (100 + 80) / 2: it has no depots
    ("SUD", "norms", ""): "96",
}


def test_the_kept_figures_are_those_worked_out_by_hand():
    text = seals.opened(KEPT[1].read_bytes()).files["figures.jsonl"]
    fields = {
        (key.entity, key.figure, key.part): said for key, (_, said) in read_figures(text)[1].items()
    }

    assert {key: fields[key]["exact"] for key in BY_HAND} == BY_HAND
    # 60 % of 79.37… and 40 % of 60.83… are 71.955…; in 2022 40 % of (50 + 50 + 45) / 3, so 66.955….
    assert [fields["NOR", "norms", ""][each] for each in ("score", "change", "rank")] == [
        "71.96",
        "5.00",
        2,
    ]
    assert (
        fields["SUD", "norms.status", ""]["band"],
        fields["NOR", "norms.status", ""]["band"],
    ) == (
        "Safe",
        "Unsafe",
    )
