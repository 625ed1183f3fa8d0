"""Formulas: `exports / gdp * 100`, from a line's parse tree."""

from __future__ import annotations

from lark import Token, Tree

from bareme.language import tree
from bareme.language.line import LineReader, Statement

_SIGNS = {"−": "-", "×": "*", "÷": "/"}


def read_formula(reader: LineReader, statement: Statement) -> tree.Formula | None:
    """The formula of a statement; None where it could not be read."""
    whole = next((e for e in statement.body.children if isinstance(e, Tree)), None)
    if statement.damaged or whole is None:
        return None
    found = len(reader.found)
    of = _expression(reader, statement, whole)
    if len(reader.found) > found:
        return None
    written = statement.entry.text.partition(" ")[2].strip()
    return tree.Formula(of, written, statement.span)


def _expression(reader: LineReader, statement: Statement, body: Tree[Token]) -> tree.Expression:
    """Nesting is limited where the line is read, so this may call itself."""
    products: list[tuple[str, tree.Product]] = []
    for sign, each in _signed(body, "+"):
        factors = tuple((s, _factor(reader, statement, f)) for s, f in _signed(each, "*"))
        products.append((sign, tree.Product(factors)))
    return tree.Expression(tuple(products))


def _factor(reader: LineReader, statement: Statement, body: Tree[Token]) -> tree.Factor:
    inside = body.children[0]
    if isinstance(inside, Tree):
        return _expression(reader, statement, inside)
    if inside.type == "OPERAND":
        return reader.plain_name(statement, inside)
    read = reader.number(statement, inside)
    return read if read is not None else reader.plain_name(statement, inside)


def _signed(body: Tree[Token], sign: str) -> list[tuple[str, Tree[Token]]]:
    parts: list[tuple[str, Tree[Token]]] = []
    for each in body.children:
        if isinstance(each, Tree):
            parts.append((sign, each))
        else:
            sign = _SIGNS.get(str(each), str(each))
    return parts
