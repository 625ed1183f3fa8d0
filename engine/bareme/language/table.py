"""The grammar's parse table, prepared when the package is built and not at every start.

Working the table out takes longer than all else that a command does before it reads a rule. So
the build writes it beside the grammar (hatch_build.py), as JSON: data, which cannot run anything.
Its first line is a checksum of the grammar, of Lark's version and of the table itself. Where that
does not fit, since the grammar was edited, Lark was updated or the file was damaged, the table is
worked out from the grammar as if none had been there.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from bareme.language.words import GRAMMAR

PREPARED = Path(__file__).with_name("grammar.table")


def parser() -> Lark:
    """The parser of the language, from the prepared table where that is good."""
    try:
        prepared = PREPARED.read_bytes()
    except OSError:
        return parser_of(GRAMMAR)
    return parser_from(prepared, GRAMMAR) or parser_of(GRAMMAR)


def parser_of(grammar: str) -> Lark:
    """The parser of a grammar, worked out from its text."""
    return Lark(grammar, parser="lalr", lexer="contextual", start=["statement", "option", "step"])


def prepare(grammar: str) -> bytes:
    """The table of a grammar as the build writes it.

    Lark numbers states as it meets them in sets, so the bytes differ by run; what is read does not.
    """
    data, memo = parser_of(grammar).memo_serialize([TerminalDef, Rule])
    table = json.dumps({"data": data, "memo": memo}, separators=(",", ":")).encode()
    return _checksum(grammar, table) + b"\n" + table


def parser_from(prepared: bytes, grammar: str) -> Lark | None:
    """The parser of a grammar from its prepared table; None where that is not whole and of it."""
    checksum, _, table = prepared.partition(b"\n")
    if checksum != _checksum(grammar, table):
        return None
    # Lark itself offers this to the parsers it generates only, hence the underscore; the checksum
    # holds us to the very version of Lark that wrote the table.
    data = json.loads(table, object_hook=_with_numbers)
    made: Lark = Lark._load_from_dict(**data)  # type: ignore[no-untyped-call]
    return made


def _checksum(grammar: str, table: bytes) -> bytes:
    """Against edits and damage; `hashlib` would take a third as long to load as the table."""
    parts = (lark.__version__.encode(), grammar.encode(), table)
    return f"{zlib.crc32(bytes([0]).join(parts)):08x}".encode()


def _with_numbers(table: dict[str, Any]) -> dict[Any, Any]:
    """Put back the numbers by which Lark knows its states, which JSON makes into text."""
    return {int(key) if key.isdecimal() else key: value for key, value in table.items()}
