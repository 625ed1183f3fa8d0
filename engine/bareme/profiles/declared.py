"""The `table` block of an `edition.yaml`: which file, and what each of its columns is."""

from __future__ import annotations

from collections.abc import Iterator

from bareme.diagnostics import instead, nearest, quote
from bareme.profiles.fields import EVIDENCE, FieldReader, first_line
from bareme.profiles.layout import DeclaredSlip, Layout, Pair
from bareme.profiles.nodes import Node, Sequence, Text
from bareme.source import Span

_COMMON = (
    "file", "layout", "entity", "name", "groups", "rows", "missing", "published", "ties",
    "ignore", "differs",
)  # fmt: skip
_WIDE = ("columns",)
_LONG = ("question", "answer", "part", "units", "unit", *EVIDENCE)
TABLE_KEYS = (*_COMMON, *_WIDE, *_LONG)
LAYOUTS = ("wide", "long")
TIES = ("marked", "unmarked")
_MEANING = {
    "layout": "`wide` where a row is an entity, `long` where a row is an answer",
    "ties": "`marked` where tied ranks are printed `=13`, `unmarked` where they are printed `13`",
}
_TABLE = "the table of an edition"


def read_layout(reader: FieldReader, node: Node) -> Layout:
    """Read the declaration; faults go to the reader, and make it unsound."""
    before = len(reader.found)
    place = first_line(node, reader.source)
    fields = reader.fields(node, TABLE_KEYS, _TABLE)
    layout = _choice(reader, fields, "layout", LAYOUTS, place)
    for key in _WIDE if layout == "long" else _LONG:
        if layout and key in fields:
            other = "wide" if layout == "long" else "long"
            message = f"`{key}` belongs to a `{other}` table, and this one is `{layout}`"
            reader.error("E410", message, first_line(fields[key], reader.source), "take it out")
    long = layout == "long"
    needed = ("file", "entity", *(("question", "answer") if long else ()))
    blank = Text("", place)
    one = {key: _needed(reader, fields, key, place) or blank for key in needed}
    _inside(reader, one["file"])
    ties = _choice(reader, fields, "ties", TIES, place) if "ties" in fields else "marked"
    missing = _texts(reader, fields["missing"], "`missing`") if "missing" in fields else None
    name = _column(reader, fields["name"], "`name`") if "name" in fields else None
    part = _column(reader, fields["part"], "`part`") if "part" in fields else None
    unit = reader.text(fields["unit"], "`unit`") if "unit" in fields else None
    for key in ("units", "unit"):
        if key in fields and part is None:
            help = "add `part:` and the column that names the parts, or take it out"
            message = f"`{key}` says what the parts of an entity are, and no column names them"
            reader.error("E410", message, first_line(fields[key], reader.source), help)
    evidence = {key: _column(reader, fields[key], f"`{key}`") for key in EVIDENCE if key in fields}
    return Layout(
        file=one["file"],
        long=long,
        entity=one["entity"],
        name=name,
        groups=tuple(_pairs(reader, fields.get("groups"), "`groups`")),
        rows=tuple(
            (key, tuple(_texts(reader, value, "what a row must hold")))
            for key, value in reader.mapping(fields.get("rows"), "`rows`", "year: 2023")
        ),
        columns=tuple(_pairs(reader, fields.get("columns"), "`columns`")),
        missing=frozenset(("",) if missing is None else (text.value for text in missing)),
        published=fields.get("published"),
        ties=ties != "unmarked",
        ignore=tuple(_texts(reader, fields["ignore"], "`ignore`") if "ignore" in fields else ()),
        differs=tuple(_slips(reader, fields.get("differs"))),
        question=one.get("question"),
        answer=one.get("answer"),
        part=part,
        units=tuple(
            (key, tuple(_texts(reader, value, "the parts that are such a unit")))
            for key, value in reader.mapping(fields.get("units"), "`units`", "service: Mail")
        ),
        unit=unit,
        evidence=tuple((key, text) for key, text in evidence.items() if text),
        sound=len(reader.found) == before,
        span=place,
    )


def _needed(reader: FieldReader, fields: dict[str, Node], key: str, place: Span) -> Text | None:
    examples = {"file": "harbours.csv", "entity": "code", "question": "question", "answer": "value"}
    if key in fields:
        return _column(reader, fields[key], f"`{key}`")
    what = "which file it is" if key == "file" else f"which column holds the {key}"
    help = f"add `{key}: {examples[key]}`, say"
    reader.error("E410", f"this table does not say {what}", place, help)
    return None


def _column(reader: FieldReader, node: Node, what: str) -> Text | None:
    text = reader.text(node, what)
    if text is None or text.value:
        return text
    reader.error("E410", f"{what} is blank", text.span, "name the column as the header does")
    return None


def _choice(
    reader: FieldReader, fields: dict[str, Node], key: str, known: tuple[str, ...], place: Span
) -> str | None:
    either = " or ".join(f"`{each}`" for each in known)
    if key not in fields:
        reader.error("E410", f"this table does not say its `{key}`", place, _MEANING[key])
        return None
    text = reader.text(fields[key], f"`{key}`")
    if text is None or text.value in known:
        return text.value if text else None
    near = nearest(text.value, known)
    message = f"`{key}` is {either}, not {quote(text.value)}"
    help = f"`{near}`" if near else _MEANING[key]
    reader.error("E410", message, text.span, help, fix=instead(text.span, near))
    return None


def _inside(reader: FieldReader, file: Text) -> None:
    """A table is a CSV file in the edition's own folder."""
    if not file.value:
        return
    if set(file.value) & set("/\\:\0") or file.value.startswith("."):
        reader.error(
            "E410",
            f"{quote(file.value)} is not the name of a file in this folder",
            file.span,
            "put the table beside `edition.yaml`, and write its name alone",
        )
    elif not file.value.lower().endswith(".csv"):
        message = f"{quote(file.value)} is not a CSV file by its name"
        reader.error("E410", message, file.span, "save the table as CSV; its name ends in `.csv`")


def _texts(reader: FieldReader, node: Node, what: str) -> list[Text]:
    """One text, or a list of them."""
    items = node.items if isinstance(node, Sequence) else (node,)
    return [text for item in items if (text := reader.text(item, what)) is not None]


def _pairs(reader: FieldReader, node: Node | None, what: str) -> Iterator[Pair]:
    for key, value in reader.mapping(node, what, "region: region"):
        column = _column(reader, value, f"the column of `{key.value}`")
        if column is not None:
            yield key, column


def _slips(reader: FieldReader, node: Node | None) -> Iterator[DeclaredSlip]:
    if node is None:
        return
    example = "- {entity: NOR, figure: theft.security, reason: misprint}"
    for item in node.items if isinstance(node, Sequence) else (node,):
        place = first_line(item, reader.source)
        fields = reader.fields(item, ("entity", "figure", "reason"), "a known slip")
        texts = {key: reader.text(value, f"`{key}`") for key, value in fields.items()}
        entity, figure, reason = (texts.get(key) for key in ("entity", "figure", "reason"))
        if entity and figure and reason and reason.value.strip():
            yield DeclaredSlip(entity, figure, reason, place)
        else:
            message = "a known slip says whose it is, which figure, and the reason"
            reader.error("E410", message, place, f"as in `{example}`")
