"""Conditions: `cyber_tests is No and not sites = 0`, from a line's parse tree."""

from __future__ import annotations

from lark import Token, Tree

from bareme.language import tree
from bareme.language.line import LineReader, Statement, tokens
from bareme.source import Span

_SIGNS = {"<=": "≤", ">=": "≥"}


def read_when(reader: LineReader, statement: Statement) -> tree.When | None:
    """The condition of a statement; None where it has none, or one that could not be read."""
    own = [each for each in statement.body.children if isinstance(each, Tree)]
    held = [part for each in own for part in (each.children if each.data == "when" else [each])]
    whole = next((p for p in held if isinstance(p, Tree) and p.data == "condition"), None)
    if whole is None or statement.damaged:
        return None
    condition = _condition(reader, statement, whole)
    if condition is None:
        return None
    word = next(each for each in tokens(statement.body, "WHEN", "WHERE"))
    rest = statement.entry.text[statement.at(word).end - statement.entry.start :]
    written = rest.strip()
    start = statement.entry.end - len(written)
    return tree.When(condition, written, Span(statement.entry.file, start, statement.entry.end))


def _condition(
    reader: LineReader, statement: Statement, body: Tree[Token]
) -> tree.Condition | None:
    """Nesting is limited where the line is read, so this may call itself."""
    parts = [each for each in body.children if isinstance(each, Tree)]
    span = _span(statement, body)
    match str(body.data):
        case "condition":
            return _condition(reader, statement, parts[0])
        case "all_of" | "any_of":
            read = [_condition(reader, statement, each) for each in parts]
            sound = tuple(each for each in read if each is not None)
            count = len(sound) if body.data == "all_of" else 1
            return tree.AtLeast(count, sound, span) if len(sound) == len(read) else None
        case "at_least":
            return _at_least(reader, statement, parts, span)
        case "negation":
            of = _condition(reader, statement, parts[0])
            return None if of is None else tree.Not(of, span)
        case kind:
            return _comparison(reader, statement, kind, body, span)


def _at_least(
    reader: LineReader, statement: Statement, parts: list[Tree[Token]], span: Span
) -> tree.Condition | None:
    token = next(tokens(parts[0], "NUMBER"))
    number = reader.number(statement, token)
    read = [_condition(reader, statement, each) for each in parts[1:]]
    sound = tuple(each for each in read if each is not None)
    if number is None or len(sound) < len(read):
        return None
    if number.value.denominator != 1 or not 1 <= number.value <= len(sound):
        reader.error(
            "E110",
            f"at least {token} of {len(sound)} is no condition",
            number.span,
            f"write a whole number from 1 to {len(sound)}",
        )
        return None
    return tree.AtLeast(int(number.value), sound, span)


def _comparison(
    reader: LineReader, statement: Statement, kind: str, body: Tree[Token], span: Span
) -> tree.Condition | None:
    subject = reader.plain_name(statement, next(tokens(body, "SUBJECT")))
    if kind == "compare":
        number = reader.number(statement, next(tokens(body, "NUMBER")))
        sign = str(next(tokens(body, "SIGN")))
        if number is None:
            return None
        return tree.Compare(subject, _SIGNS.get(sign, sign), number, span)
    if kind in ("is_answered", "is_not_answered"):
        answered = tree.Answered(subject, span)
        return tree.Not(answered, span) if kind == "is_not_answered" else answered
    labels = tuple(_label(reader, statement, each) for each in body.find_data("clabel"))
    in_order = tuple(sorted(labels, key=lambda label: label.span.start))
    condition = tree.Is(subject, in_order, span)
    return tree.Not(condition, span) if kind == "is_not" else condition


def _label(reader: LineReader, statement: Statement, body: Tree[Token]) -> tree.Text:
    token = body.children[0]
    assert isinstance(token, Token)
    text, span = str(token).rstrip(), statement.at(token)
    if text.startswith('"'):
        return tree.Text(text[1:-1].replace('""', '"'), span)
    reader.words_in_label(text, span)
    return tree.Text(text, Span(span.file, span.start, span.start + len(text)))


def _span(statement: Statement, body: Tree[Token]) -> Span:
    inside = list(body.scan_values(lambda each: isinstance(each, Token)))
    return statement.at(inside[0]).to(statement.at(inside[-1]))
