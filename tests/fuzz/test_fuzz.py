"""No input crashes a reader or stalls it (A1): kept finds, damaged files, any bytes at all.

The long run is `make fuzz`; the default run tries about a thousandth part of it, and the same
inputs every time.
"""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .attack import SECONDS, Report, attack, probe
from .mutate import inputs
from .readers import CORPUS, READERS, Reader, real

DEFAULT = {  # seconds each; others 10,000
    "rules": 1_500, "profile": 2_500, "table": 2_500, "questionnaire": 2_500, "workbook": 5_000,
    "sealed": 500,
}  # fmt: skip
LONG = 100


each_reader = pytest.mark.parametrize("name", READERS)


def report_of(name: str, many: int, seed: int) -> Report:
    *_, report = attack(READERS[name], itertools.islice(inputs(name, READERS[name], seed), many))
    return report


@each_reader
def test_what_was_found_stays_found(name):
    kept = sorted((CORPUS / name).iterdir())
    *_, report = attack(READERS[name], [path.read_bytes() for path in kept])

    assert report.inputs == len(kept)
    assert report.escapes == []


@each_reader
def test_the_corpus_has_a_file_for_each_row(name):
    rows = {int(path.name[1:3]) for path in (CORPUS / name).iterdir() if path.name[0] == "a"}

    assert rows == set(range(1, 18))


@each_reader
def test_damaged_inputs_are_read_or_refused(name):
    many = DEFAULT.get(name, 10_000)
    report = report_of(name, many, seed=0)

    assert report.escapes == []
    assert report.inputs == many
    assert report.slowest < SECONDS
    assert 0 < report.refused < many  # neither all sound nor all hopeless


@pytest.mark.long
@each_reader
def test_many_damaged_inputs_are_read_or_refused(name):
    report = report_of(name, DEFAULT.get(name, 10_000) * LONG, seed=1)

    assert report.escapes == []
    assert report.slowest < SECONDS


@each_reader
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_read_or_refused(name, data):
    probe(READERS[name], data)


@each_reader
def test_the_same_seed_gives_the_same_inputs(name):
    first, again, other = (
        list(itertools.islice(inputs(name, READERS[name], seed), 40)) for seed in (1, 1, 2)
    )

    assert first == again != other


@each_reader
def test_generated_inputs_are_not_all_refused(name):
    """Else the fuzzer would only ever see the front door."""
    reader, source = READERS[name], random.Random(0)
    found = [probe(reader, reader.generate(source)) for _ in range(20)]
    told = {code for each in found for code in (d.code for d in each)}

    assert not any(re.match("E[01]", code) for code in told - {"E107"})


def test_many_lines_below_an_open_quote_are_read_in_time():
    """Each is set aside for itself, and the quote is looked for from its start every time."""
    lines = 'title: ":\\"m:–-""\ndate: 2072' + "\n2" * 100_000

    (report,) = attack(READERS["edition"], [lines.encode()])

    assert report.escapes == []


# ---- the harness itself notices


def _fails(_: bytes) -> None:
    raise KeyError("x")


def _stalls(_: bytes) -> None:
    while True:
        pass


@pytest.mark.parametrize("read", [_fails, _stalls])
def test_an_escape_is_an_escape(read, monkeypatch):
    monkeypatch.setattr("fuzz.attack.SECONDS", 0.05)
    reader = Reader(read, list, lambda _: b"", ())

    (report,) = attack(reader, [b"a"])

    assert [data for data, _ in report.escapes] == [b"a"]


def test_the_framework_that_profiles_are_read_against_is_there():
    assert real().questions
