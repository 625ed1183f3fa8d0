"""An edition's table to profiles: every cell read by the rules, every fault in its cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bareme.diagnostics import (
    MAX_EDITS,
    Diagnostic,
    Fix,
    Note,
    counted,
    instead,
    listing,
    nearest,
    quote,
)
from bareme.framework import Framework
from bareme.profiles.answers import (
    NO_ANSWER,
    Asked,
    Refused,
    all_asked,
    find_asked,
    read_answer,
)
from bareme.profiles.cells import MAX_FAULTS, Row, Sheet, as_cell, check_header
from bareme.profiles.columns import Columns, resolve_columns
from bareme.profiles.fields import respelt
from bareme.profiles.groups import check_label
from bareme.profiles.layout import Layout
from bareme.profiles.nodes import Text
from bareme.profiles.profile import Answer, Evidence, PartOf, Profile
from bareme.profiles.published import PrintedOf, Slot
from bareme.profiles.slips import as_yaml
from bareme.profiles.tabled_slips import mark_slips
from bareme.record import replace
from bareme.source import Source, Span

MAX_ENTITY = 120
_NONE = Evidence()


def read_table(
    sheet: Sheet, layout: Layout, edition: Source, framework: Framework
) -> tuple[list[Profile], list[Diagnostic]]:
    """Read the profiles that an edition's table holds, and every fault found.

    Args:
        sheet: the table's cells.
        layout: what `edition.yaml` says of its columns.
        edition: `edition.yaml` itself.
        framework: the rules.
    """
    found = check_header(sheet, layout.entity.value)
    if any(each.code in ("E414", "E419") for each in found):
        return [], found
    columns = resolve_columns(layout, sheet, edition, framework, found)
    if columns is None:
        return [], found
    return _Table(sheet, layout, framework, columns, found).profiles(), found


@dataclass(slots=True)
class _Entity:
    """What the rows say of one entity so far."""

    span: Span
    cells: dict[int, Text] = field(default_factory=dict)  # name, groups, what is printed
    answers: dict[str, Answer] = field(default_factory=dict)
    off_scale: dict[str, Answer] = field(default_factory=dict)
    blank: dict[str, Span] = field(default_factory=dict)  # of what has to be answered
    seen: dict[str, Span] = field(default_factory=dict)  # questions of a long table
    unit: str = ""  # of a part
    parts: dict[str, _Entity] = field(default_factory=dict)


@dataclass(slots=True)
class _Repeated:
    """A fault and how many more cells have it."""

    at: int
    column: int
    more: list[Span] = field(default_factory=list)


class _Table:
    def __init__(
        self,
        sheet: Sheet,
        layout: Layout,
        framework: Framework,
        columns: Columns,
        found: list[Diagnostic],
    ) -> None:
        self.sheet = sheet
        self.layout = layout
        self.framework = framework
        self.columns = columns
        self.found = found
        self.known: dict[tuple[str, str], Answer | Refused] = {}
        self.repeated: dict[tuple[str, str], _Repeated] = {}
        of_entity = {columns.name, *(column for _, column in columns.groups)}
        of_entity |= {column for _, places in columns.printed for column in places.values()}
        self.of_entity = sorted(each for each in of_entity if each is not None)

    def profiles(self) -> list[Profile]:
        entities = self.entities()
        if not entities and len(self.sheet.sound) == len(self.sheet.rows) - 1:
            self.no_rows()
        profiles = [self.profile(id, entity) for id, entity in entities.items()]
        for each in self.repeated.values():
            if each.more:
                more = len(each.more)
                column = self.sheet.column_name(each.column)
                cells = f"{counted(more, 'more cell')} of column {column}"
                has = "has the same fault, here" if more == 1 else (
                    "have the same fault; the next one is here"
                )  # fmt: skip
                note = Note(f"{cells} {has}", each.more[0])
                fault = self.found[each.at]
                fix = fault.fix
                if fix and fix[0].span == fault.span:  # else one edit elsewhere mends them all
                    fix = (*fix, *(replace(fix[0], span=span) for span in each.more))
                fix = fix if len(fix) <= MAX_EDITS else ()
                self.found[each.at] = replace(fault, notes=(*fault.notes, note), fix=fix)
        return mark_slips(profiles, self.layout, self.framework, self.found)

    # ---- rows

    def entities(self) -> dict[str, _Entity]:
        entities: dict[str, _Entity] = {}
        for row in self.rows():
            if len(self.found) >= MAX_FAULTS:
                break
            id = row.texts[self.columns.entity]
            span = self.sheet.span(row, self.columns.entity)
            if not self.is_id(id, span):
                continue
            entity = entities.get(id)
            if entity is None:
                entity = entities[id] = _Entity(span)
            elif not self.layout.long:
                note = Note("the first is here", entity.span)
                message = f"entity {quote(id)} has two rows"
                self.found.append(Diagnostic("E406", message, span, "keep one", (note,)))
                continue
            self.keep(entity, row)
            if self.layout.long:
                self.answer_of_row(entity, row)
            else:
                self.answers_of_row(entity, row)
        return entities

    def rows(self) -> Iterator[Row]:
        wanted = self.columns.rows
        for row in self.sheet.sound:
            if all(row.texts[column] in texts for column, texts in wanted):
                yield row

    def no_rows(self) -> None:
        if self.found:
            return  # why there are none is said
        if self.layout.rows and len(self.sheet.rows) > 1:
            key, _ = self.layout.rows[0]
            column = self.columns.rows[0][0]
            held = dict.fromkeys(row.texts[column] for row in self.sheet.sound)
            message = f"no row of {quote(self.layout.file.value)} is left by `rows`"
            help = f"{quote(key.value)} holds {listing(list(held))}" if held else ""
            self.found.append(Diagnostic("E419", message, key.span, help))
            return
        span = Span(self.sheet.name, 0, 0)
        message = "this table has a header and no rows"
        self.found.append(Diagnostic("E419", message, span, "add a row"))

    def is_id(self, id: str, span: Span) -> bool:
        if not id.strip():
            message, help = "this row does not say whose it is", "write the entity's id"
            self.found.append(Diagnostic("E405", message, span, help))
        elif id != id.strip() or "\n" in id:
            message, help = f"a space stands around the id {quote(id)}", "take it out"
            fix = instead(span, as_cell(id.strip()) if "\n" not in id.strip() else None)
            self.found.append(Diagnostic("E405", message, span, help, fix=fix))
        elif len(id) > MAX_ENTITY:
            message = f"this id has {len(id):,} characters; there may be {MAX_ENTITY}"
            help = "take a short one; the column `name` may say more"
            self.found.append(Diagnostic("E408", message, span, help))
        else:
            return True
        return False

    def keep(self, entity: _Entity, row: Row) -> None:
        """Keep what a row says of its entity as a whole; rows of a long table must agree."""
        for column in self.of_entity:
            text = row.texts[column]
            if not text.strip() or text in self.layout.missing:
                continue
            cell = Text(text, self.sheet.span(row, column))
            first = entity.cells.setdefault(column, cell)
            if first.value != text:
                message = f"{quote(text)} stands here, and {quote(first.value)} in another row"
                note = Note("the first is here", first.span)
                help = "write the same in every row of an entity, or only in one"
                self.found.append(Diagnostic("E418", message, cell.span, help, (note,)))

    # ---- answers

    def answers_of_row(self, entity: _Entity, row: Row) -> None:
        missing, known = self.layout.missing, self.known
        required = self.framework.required
        name, texts, starts = self.sheet.name, row.texts, row.starts
        for column, asked in self.columns.asked:
            text = texts[column]
            if text in missing:
                if asked.id in required:
                    entity.blank[asked.id] = self.sheet.span(row, column)
                continue
            span = Span(name, starts[column], starts[column + 1] - 1)
            like = known.get((asked.id, text))
            if isinstance(like, Answer):
                entity.answers[asked.id] = Answer(text, _NONE, span, like.value)
            else:
                self.answer(entity, asked, text, _NONE, span, column)

    def answer_of_row(self, entity: _Entity, row: Row) -> None:
        assert self.columns.question is not None
        assert self.columns.answer is not None
        id = row.texts[self.columns.question]
        at = self.sheet.span(row, self.columns.question)
        asked = self.question(id, at)
        if asked is None:
            return
        of = self.part(entity, row)
        if of is None:
            return
        entity = of
        first = entity.seen.setdefault(asked.id, at)
        if first != at:
            message = f"`{asked.id}` is answered twice for {quote(row.texts[self.columns.entity])}"
            note = Note("the first answer is here", first)
            self.found.append(Diagnostic("E418", message, at, "keep one", (note,)))
            return
        text = row.texts[self.columns.answer]
        if text in self.layout.missing:
            entity.blank[asked.id] = self.sheet.span(row, self.columns.answer)
            return
        parts = {key: row.texts[column].strip() for key, column in self.columns.evidence}
        evidence = Evidence(**parts) if any(parts.values()) else _NONE
        span = self.sheet.span(row, self.columns.answer)
        self.answer(entity, asked, text, evidence, span, self.columns.answer)

    def part(self, entity: _Entity, row: Row) -> _Entity | None:
        """Who answers in a row of a long table: the entity, or one of its parts."""
        if self.columns.part is None or not row.texts[self.columns.part].strip():
            return entity
        name = row.texts[self.columns.part]
        if name in entity.parts:
            return entity.parts[name]
        unit = self.columns.units.get(name, self.columns.unit)
        span = self.sheet.span(row, self.columns.part)
        if name != name.strip() or "\n" in name:
            if self.repeat("", name, self.columns.part, span):
                message = f"{quote(name)} is no name of a part"
                help = "write a name on one line, without spaces around it"
                plain = as_cell(name.strip()) if "\n" not in name.strip() else None
                self.found.append(Diagnostic("E230", message, span, help, fix=instead(span, plain)))
            return None
        if unit is None:
            if self.repeat("", name, self.columns.part, span):
                message = f"the edition does not say what unit the part {quote(name)} is"
                help = "list it under `units`, or say with `unit` what all other parts are"
                self.found.append(Diagnostic("E230", message, span, help))
            return None
        entity.parts[name] = _Entity(span, unit=unit)
        return entity.parts[name]

    def question(self, id: str, span: Span) -> Asked | None:
        """What a row of a long table answers, by id or by code."""
        asked = find_asked(self.framework, id)
        if asked is not None:
            return asked
        every = all_asked(self.framework)
        coded = [each for each in every.values() if id and each.code == id]
        if len(coded) == 1:
            return coded[0]
        near = nearest(id, [*every, *(each.code for each in every.values() if each.code)])
        message = f"there is no question {quote(id)}"
        if coded:
            message = f"{quote(id)} is the code of {len(coded)} questions"
        if self.repeat("", id, self.columns.question or 0, span):
            help = f"`{near}`" if near and not coded else "write the id of a question"
            fix = instead(span, as_cell(near) if near and not coded else None)
            self.found.append(Diagnostic("E221", message, span, help, fix=fix))
        return None

    def answer(
        self, entity: _Entity, asked: Asked, text: str, evidence: Evidence, span: Span, column: int
    ) -> None:
        read = read_answer(asked, text, evidence, span)
        self.known.setdefault((asked.id, text), read)
        if isinstance(read, Answer):
            entity.answers[asked.id] = read
            return
        if read.off_scale is not None:
            entity.off_scale[asked.id] = read.off_scale
        if read.fault is not None and self.repeat(asked.id, text, column, span):
            fault = respelt(read.fault, as_cell)
            if read.remark and not self.layout.long:
                label = quote(read.remark[0])
                fault = replace(fault, help=f"{label}; a wide table has no notes beside answers")
            if text.strip().lower() in NO_ANSWER:
                help = "if it means: not answered, list it under `missing`"
                fault = replace(fault, help=help, fix=self.missing(text))
            self.found.append(fault)

    def missing(self, text: str) -> Fix:
        """The fix that declares a text to mean: not answered."""
        if self.layout.missing != {""}:
            return ()  # where the list stands is not kept
        first = self.layout.span
        line = f'missing: ["", {as_yaml(text)}]\n'
        return instead(Span(first.file, first.start, first.start), line)

    def repeat(self, id: str, text: str, column: int, span: Span) -> bool:
        """Whether a fault is new, and is to be said; one that is not is counted."""
        before = self.repeated.get((id, text))
        if before is not None:
            before.more.append(span)
            return False
        self.repeated[id, text] = _Repeated(len(self.found), column)
        return True

    # ---- what a row says of its entity

    def profile(self, id: str, entity: _Entity) -> Profile:
        cells = entity.cells
        name = cells.get(self.columns.name) if self.columns.name is not None else None
        groups: dict[str, str] = {}
        for group, column in self.columns.groups:
            if column in cells:
                text = cells[column]
                fault = check_label(group, text.value, text.span)
                if fault is None:
                    groups[group.id] = text.value
                elif self.repeat(group.id, text.value, column, text.span):
                    self.found.append(respelt(fault, as_cell))
        printed = PrintedOf()
        for slot, places in self.columns.printed:
            texts = {part: cells[column] for part, column in places.items() if column in cells}
            if _first(slot) in texts:
                self.found += printed.add(slot, texts, self.layout.ties)
        return Profile(
            entity=id,
            name=name.value if name else id,
            answers=entity.answers,
            off_scale=entity.off_scale,
            given={},
            printed=printed.figures,
            printed_ranks=printed.ranks,
            printed_bands=printed.bands,
            printed_ratings=printed.ratings,
            groups=groups,
            span=entity.span,
            parts=_parts(entity),
            blank=entity.blank,
        )


def _parts(entity: _Entity) -> dict[str, tuple[PartOf, ...]]:
    """The parts of an entity by their unit."""
    parts: dict[str, list[PartOf]] = {}
    for name, each in entity.parts.items():
        part = PartOf(name, each.answers, each.off_scale, each.span, each.blank)
        parts.setdefault(each.unit, []).append(part)
    return {unit: tuple(of_it) for unit, of_it in parts.items()}


def _first(slot: Slot) -> str:
    """The part without which nothing is printed in a place."""
    return "score" if slot.what == "figure" else slot.what
