"""The prepared parse table: reads as the grammar does, and can do no harm where it is not good."""

from __future__ import annotations

from pathlib import Path

import pytest
from lark.exceptions import UnexpectedInput

from bareme.language import table
from bareme.language.statement import OPTION, STATEMENT
from bareme.language.table import GRAMMAR, parser_from, parser_of, prepare

ROOT = Path(__file__).parent.parent
PREPARED = prepare(GRAMMAR)  # its bytes differ by run: not for a name of a test


def _lines():
    """Every line of the rules in this repository, and of every diagnostic's rules."""
    files = [*ROOT.glob("rules/**/*.bareme"), *ROOT.glob("tests/diagnostics/*.case")]
    return sorted({line.strip() for file in files for line in file.read_text("utf-8").splitlines()})


def _read(parser, line, kind):
    try:
        return parser.parse(line, start=kind)
    except UnexpectedInput as fault:
        at = getattr(fault, "pos_in_stream", None)
        return type(fault), at, frozenset(getattr(fault, "allowed", None) or fault.accepts or ())


def test_the_prepared_table_reads_every_line_as_the_grammar_does():
    worked_out, prepared = parser_of(GRAMMAR), parser_from(PREPARED, GRAMMAR)

    assert prepared is not None
    for line in _lines():
        for kind in (STATEMENT, OPTION):
            assert _read(prepared, line, kind) == _read(worked_out, line, kind), line


@pytest.mark.parametrize("at", [0, 5, 64, 65, 1000, -1000, -1])
def test_a_damaged_table_is_not_read(at):
    damaged = bytearray(PREPARED)
    damaged[at] ^= 1

    assert parser_from(bytes(damaged), GRAMMAR) is None
    assert parser_from(PREPARED[:at], GRAMMAR) is None


def test_the_table_of_another_grammar_is_not_read():
    assert parser_from(PREPARED, GRAMMAR.replace("weight", "poids")) is None


def test_the_table_of_another_lark_is_not_read(monkeypatch):
    monkeypatch.setattr("lark.__version__", "1.2.999")

    assert parser_from(PREPARED, GRAMMAR) is None


@pytest.mark.parametrize("found", [b"", b"\n", b"{}", PREPARED[:100], None], ids=range(5))
def test_without_a_good_table_the_grammar_is_used(found, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "PREPARED", tmp_path / "grammar.table")
    if found is not None:
        table.PREPARED.write_bytes(found)

    assert table.parser().parse("use scales", start=STATEMENT).data == STATEMENT
    assert [file.name for file in tmp_path.iterdir()] == (
        ["grammar.table"] if found is not None else []
    )
