"""The readers that are attacked: each takes bytes and returns what it has to say of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import generators as g
from bareme.checks import check
from bareme.diagnostics import Diagnostic, has_errors
from bareme.framework import Framework
from bareme.language.parse import parse
from bareme.plan import plan_index
from bareme.profiles.cells import read_sheet
from bareme.profiles.editions import read_edition
from bareme.profiles.layout import Layout
from bareme.profiles.read import read_profile
from bareme.profiles.tables import read_table
from bareme.project import read_rules
from bareme.resolve import resolve
from bareme.scoring.exact import score
from bareme.source import Source
from bareme.text import read_text
from programs import Writer

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
REAL = "nuclear-security"

Said = tuple[Source, list[Diagnostic]]


@dataclass(frozen=True)
class Reader:
    """One way into the product.

    Attributes:
        read: bytes to messages; scores what is sound.
        samples: sound files of the repository, for mutations to start from.
        generate: a sound input from a seed.
        tokens: what means something to this reader; mutations put it where it does not belong.
    """

    read: Callable[[bytes], Said]
    samples: Callable[[], list[bytes]]
    generate: Callable[[random.Random], bytes]
    tokens: tuple[str, ...]


def _rules(data: bytes) -> Said:
    source, found = read_text("rules/fuzz/all.bareme", data)
    if any(each.code == "E001" for each in found):
        return source, found
    tree, faults = parse(source, "all")
    found += faults
    framework, faults = resolve("fuzz", [tree])
    found += [*faults, *check(framework)]
    if has_errors(found):
        found = [each for each in found if not each.code.startswith("W2")]  # as read_rules does
    else:
        for index in framework.indices:
            plan_index(framework, index)
    return source, found


@cache
def real() -> Framework:
    return read_rules(ROOT, REAL).framework


def _profile(data: bytes) -> Said:
    source, found = read_text("profiles/fuzz/2023/a.yaml", data)
    if found:
        return source, found
    profile, found = read_profile(source, real())
    if profile is not None and not has_errors(found):
        for index in real().indices:
            score(plan_index(real(), index), profile)
    return source, found


def _edition(data: bytes) -> Said:
    source, found = read_text("profiles/fuzz/2023/edition.yaml", data)
    return (source, found) if found else (source, read_edition("2023", source)[1])


@cache
def harbours() -> tuple[Framework, Source, Layout]:
    """The rules that tables are read by, and what an edition says of its table."""
    name = "profiles/harbour-safety/2024/edition.yaml"
    source, _ = read_text(name, (ROOT / name).read_bytes())
    layout = read_edition("2024", source)[0].table
    assert layout is not None
    return read_rules(ROOT, "harbour-safety").framework, source, layout


def _table(data: bytes) -> Said:
    source, found = read_text("profiles/harbour-safety/2024/fuzz.csv", data)
    if found:
        return source, found
    framework, edition, layout = harbours()
    sheet, found = read_sheet(source)
    profiles, faults = read_table(sheet, layout, edition, framework)
    found = [each for each in [*found, *faults] if each.span.file == source.name]
    if profiles and not has_errors([*found, *faults]):
        for index in framework.indices:
            plan = plan_index(framework, index)
            for profile in profiles[:3]:
                score(plan, profile)
    return sheet, found


def _some_table(random_: random.Random) -> bytes:
    rows = (ROOT / "profiles/harbour-safety/2024/harbours.csv").read_text("utf-8").splitlines()
    return "\n".join([rows[0], *random_.sample(rows[1:], random_.randint(1, 4))]).encode()


def _files(*patterns: str) -> Callable[[], list[bytes]]:
    return lambda: [
        path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))
    ]


def _world(random_: random.Random) -> g.World:
    return g.draw_world(g.Tape(random_.randbytes(400)), most=1, room=6)


def _some_rules(random_: random.Random) -> bytes:
    if random_.random() < 0.5:
        return Writer(random_).program().encode()
    return random_.choice([*g.rule_files(_world(random_)).values()]).encode()


def _some_profile(random_: random.Random) -> bytes:
    return random_.choice([*g.profile_files(_world(random_)).values()]).encode()


def _some_edition(random_: random.Random) -> bytes:
    title = "".join(random_.choices("Norms: é–'\"#", k=random_.randrange(12)))
    return f"title: {g.yaml_scalar(title, False)}\ndate: 20{random_.randrange(100)}\n".encode()


_YAML_TOKENS = (
    "entity: ",
    "name: ",
    "answers:",
    "given:",
    "published:",
    "answer: ",
    "source: ",
    "note: ",
    "date: ",
    "rank: ",
    "score: ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "<<: *a",
    "!!int ",
    "---",
    "...",
    "%YAML 1.1",
    '"',
    "'",
    "\\u200b",
    "\\x00",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ">",
    "@",
    "`",
    "\t",
    "~",
    "Yes",
    "No",
    "theft:",
    "theft.risk_environment: ",
    "=13",
    "-0",
    "1e9",
    "0.1",
    "null",
    "",
    "",
    "<<<<<<< a",
    "=======",
    ">>>>>>> b",
)
_TABLE_TOKENS = (
    ",", '"', '""', "\n", "\r\n", ";", "\t", "=", "'", "code", "Yes", "No", "n/a", "a", "0",
    "-1", "1e9", "0.1", "1,5", "=13", "Full", "999999999999999999999", "о", " ", "",
)  # fmt: skip
_RULES_TOKENS = (
    "index ",
    "category ",
    "indicator ",
    "question ",
    "scale ",
    "options",
    "use ",
    'note "',
    "publish ",
    "bands ",
    "aggregate by ",
    "compare with ",
    "given",
    "same as ",
    "reverse of ",
    "weight 20%",
    "weight 1/3",
    "best first",
    "worst first",
    "out of 4",
    'code "5"',
    "excluded",
    "on ",
    ": ",
    " = ",
    ", ",
    '"',
    '""',
    "%",
    "/",
    "#",
    "High from 67",
    "half up",
    "whole numbers",
    "previous edition",
    "measure ",
    "data ",
    "group ",
    "in persons",
    ", plausible 0 to 9",
    "steps",
    "up to 5 = 80",
    "above = 0",
    "from 5 = 80",
    "below = excluded",
    "normalise log from 1 to 9",
    "normalise from 9 to 1 unclamped",
    "cap 50",
    "floor 20 ",
    "skip ",
    "when ",
    "when missing no score",
    "when missing average of a",
    "when missing carry forward",
    "require 60% of answers",
    "range 0 to 40",
    "rescale",
    "include entities where ",
    "rank entities where ",
    "rank by unrounded scores",
    "sum",
    "geometric mean",
    "minimum",
    " is ",
    " is not ",
    " is one of (",
    " and ",
    " or ",
    "not ",
    "at least 2 of (",
    "(",
    ")",
    "≤",
    ">=",
    "-1",
    "0.1",
    "1e9",
    "999999999999999999",
    "1234567890123456789",
    "ａ",
    "о",
    "<<<<<<< a",
    "=======",
    ">>>>>>> b",
)

READERS: dict[str, Reader] = {
    "rules": Reader(_rules, _files("rules/*/*.bareme"), _some_rules, _RULES_TOKENS),
    "profile": Reader(_profile, _files("profiles/*/*/[!e]*.yaml"), _some_profile, _YAML_TOKENS),
    "table": Reader(_table, _files("profiles/*/*/harbours.csv"), _some_table, _TABLE_TOKENS),
    "edition": Reader(_edition, _files("profiles/*/*/edition.yaml"), _some_edition, _YAML_TOKENS),
}
