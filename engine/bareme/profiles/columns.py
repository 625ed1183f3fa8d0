"""A table's header and the edition's declaration, brought together: what each column is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bareme.diagnostics import Diagnostic, Fix, Note, instead, listing, nearest, quote
from bareme.framework import Framework, Group, Question
from bareme.profiles.answers import Asked, all_asked, find_asked
from bareme.profiles.cells import Sheet, as_cell
from bareme.profiles.groups import find_group
from bareme.profiles.layout import Layout
from bareme.profiles.nodes import Mapping, Node, Text
from bareme.profiles.published import PublishedReader, Slot
from bareme.profiles.slips import as_yaml
from bareme.record import Record, replace
from bareme.source import Source, Span


class Columns(Record):
    """Columns by their role, each as its number counted from 0.

    Attributes:
        asked: what is answered in a column; in a wide table only.
        question, answer, evidence: in a long table only.
        part: in a long table with parts, which one answers; `units` what each part is, and `unit`
            what every other is.
        printed: a place for what is printed, and the columns that hold it.
    """

    entity: int
    name: int | None
    groups: tuple[tuple[Group, int], ...]
    rows: tuple[tuple[int, frozenset[str]], ...]
    asked: tuple[tuple[int, Asked], ...]
    question: int | None
    answer: int | None
    part: int | None
    units: dict[str, str]
    unit: str | None
    evidence: tuple[tuple[str, int], ...]
    printed: tuple[tuple[Slot, dict[str, int]], ...]


def resolve_columns(
    layout: Layout, sheet: Sheet, edition: Source, framework: Framework, found: list[Diagnostic]
) -> Columns | None:
    """Find every column; None where the table cannot be read without one that is not there."""
    return _Resolver(layout, sheet, edition, framework, found).columns()


class _Resolver:
    def __init__(
        self,
        layout: Layout,
        sheet: Sheet,
        edition: Source,
        framework: Framework,
        found: list[Diagnostic],
    ) -> None:
        self.layout = layout
        self.sheet = sheet
        self.edition = edition
        self.framework = framework
        self.found = found
        self.header: dict[str, int] = {}
        for column, text in enumerate(sheet.header):
            self.header.setdefault(text, column)
        self.taken: set[int] = set()  # columns whose role is declared

    def columns(self) -> Columns | None:
        layout = self.layout
        entity = self.place(layout.entity, role="entity")
        name = self.place(layout.name, role="name") if layout.name else None
        groups = tuple(self.groups())
        rows = tuple(
            (column, frozenset(each.value for each in texts))
            for key, texts in layout.rows
            if (column := self.place(key, takes=self.named(key.value) is None)) is not None
        )
        printed = tuple(self.printed())
        question = self.place(layout.question) if layout.question else None
        answer = self.place(layout.answer) if layout.answer else None
        part = self.place(layout.part) if layout.part else None
        units = {
            text.value: key.value
            for key, texts in layout.units
            for text in texts
            if self.is_unit(key)
        }
        unit = layout.unit.value if layout.unit and self.is_unit(layout.unit) else None
        evidence = tuple(
            (key, column)
            for key, text in layout.evidence
            if (column := self.place(text)) is not None
        )
        for text in layout.ignore:
            self.place(text)
        asked = self.asked()
        lost = len(rows) < len(layout.rows) or (
            layout.long and (question is None or answer is None)
        )
        if entity is None or lost:
            return None
        if layout.long:
            self.not_missing(self.framework.questions.values())
        return Columns(
            entity, name, groups, rows, () if layout.long else asked, question, answer, part,
            units, unit, evidence, printed,
        )  # fmt: skip

    def place(self, text: Text, takes: bool = True, role: str = "") -> int | None:
        """The number of a column that the edition names, perhaps as that of a role."""
        column = self.header.get(text.value)
        if column is None:
            near = nearest(text.value, self.header)
            if near is None and role:  # a column that is called what it is declared to be
                near = next((each for each in self.header if each.lower() == role), None)
            if near is not None:
                self.taken.add(self.header[near])  # so that it is not unknown as well
            help = f"`{near}`" if near else f"its columns are {listing(list(self.header))}"
            self.found.append(
                Diagnostic(
                    "E416",
                    f"{quote(self.layout.file.value)} has no column {quote(text.value)}",
                    text.span,
                    help,
                    fix=instead(text.span, as_yaml(near) if near else None),
                )
            )
        elif takes:
            self.taken.add(column)
        return column

    def is_unit(self, unit: Text) -> bool:
        """Whether the rules declare a unit; report it where they do not."""
        known = self.framework.units
        if unit.value in known:
            return True
        near = nearest(unit.value, known)
        help = f"`{near}`" if near else (
            f"the units are {listing(known)}" if known else "declare it in the rules, `units …`"
        )  # fmt: skip
        message = f"there is no unit {quote(unit.value)}"
        self.found.append(
            Diagnostic("E230", message, unit.span, help, fix=instead(unit.span, near))
        )
        return False

    def groups(self) -> list[tuple[Group, int]]:
        groups: list[tuple[Group, int]] = []
        for key, text in self.layout.groups:
            group = find_group(self.framework, key.value, key.span)
            column = self.place(text)
            if isinstance(group, Diagnostic):
                self.found.append(group)
            elif column is not None:
                groups.append((group, column))
        return groups

    def printed(self) -> list[tuple[Slot, dict[str, int]]]:
        reader = PublishedReader(self.edition, self.framework, self.found)
        printed: list[tuple[Slot, dict[str, int]]] = []
        for slot, texts in reader.slots(self.layout.published):
            places = {part: self.place(text) for part, text in texts.items() if part != "differs"}
            if "differs" in texts:
                message = "a known slip is of one entity, not of a column"
                help = "list it under `differs` of the table"
                self.found.append(Diagnostic("E410", message, texts["differs"].span, help))
            printed.append((slot, {k: v for k, v in places.items() if v is not None}))
        for text in _texts(self.layout.published):  # what was refused is not unknown as well
            if text.value in self.header:
                self.taken.add(self.header[text.value])
        return [(slot, places) for slot, places in printed if places]

    def named(self, header: str) -> Asked | None:
        """What a header asks: by id, or by a code that only one has."""
        asked = find_asked(self.framework, header)
        if asked is not None:
            return asked
        coded = [each for each in all_asked(self.framework).values() if each.code == header]
        return coded[0] if len(coded) == 1 else None

    def asked(self) -> tuple[tuple[int, Asked], ...]:
        """The columns of answers; every other column is an error unless its role is declared."""
        chosen: dict[int, Asked] = {}
        first: dict[str, Span] = {}
        strange: list[tuple[int, str]] = []
        for key, text in self.layout.columns:
            asked = find_asked(self.framework, key.value)
            column = self.place(text)
            if asked is None:
                near = nearest(key.value, all_asked(self.framework))
                message = f"there is no question {quote(key.value)}"
                help = f"`{near}`" if near else "the ids of questions stand in the rules"
                fix = instead(key.span, near)
                self.found.append(Diagnostic("E221", message, key.span, help, fix=fix))
            elif column is not None:
                chosen[column] = asked
                first.setdefault(asked.id, key.span)
        row = self.sheet.rows[0]
        for column, header in enumerate(self.sheet.header):
            if column in self.taken or self.header[header] != column or not header.strip():
                continue
            span = self.sheet.span(row, column)
            asked = None if self.layout.long else self.named(header)
            if asked is None:
                if not any(header == key.value for key, _ in self.layout.rows):
                    self.found.append(self.unknown(header, span))
                    if self.found[-1].fix and self.found[-1].fix[0].span != span:
                        strange.append((len(self.found) - 1, header))
            elif first.setdefault(asked.id, span) != span:
                message = f"two columns hold the answers to `{asked.id}`"
                note = Note("the other is named here", first[asked.id])
                help = "keep one, and list the other under `ignore`"
                self.found.append(Diagnostic("E417", message, span, help, (note,)))
            else:
                chosen[column] = asked
        self.ignore_together(strange)
        self.not_missing(chosen.values())
        return tuple(sorted(chosen.items(), key=lambda each: each[0]))

    def not_missing(self, asked: Iterable[Asked]) -> None:
        """Report a text that would be read as no answer, and is one."""
        for text in sorted(self.layout.missing):
            for each in asked:
                if isinstance(each, Question) and each.scale and each.scale.label(text):
                    message = (
                        f"{quote(text)} stands under `missing` and is an answer to `{each.id}`"
                    )
                    help = "take it out of `missing`, or rename the label"
                    self.found.append(Diagnostic("E410", message, self.layout.span, help))
                    break

    def unknown(self, text: str, span: Span) -> Diagnostic:
        known = all_asked(self.framework)
        coded = [each.id for each in known.values() if each.code == text]
        if self.layout.long:
            message, near = f"column {quote(text)} has no role in a long table", None
        elif coded:
            message = f"{quote(text)} is the code of {len(coded)} questions"
            help = f"say under `columns` which of {listing(coded)} it is"
            return Diagnostic("E417", message, span, help)
        else:
            message = f"column {quote(text)} is neither a question nor declared"
            codes = {each.code: each.id for each in known.values() if each.code}
            near = nearest(text, [each for each in (*known, *codes) if each not in self.header])
        help = f"`{near}`, or list it under `ignore`" if near else "list it under `ignore`"
        fix = instead(span, as_cell(near)) if near else ()
        return Diagnostic("E417", message, span, help, fix=fix or self.ignored(text))

    def ignore_together(self, strange: Sequence[tuple[int, str]]) -> None:
        """Let the first of several strange columns have the fix that lists them all."""
        fix = self.ignored(*(text for _, text in strange)) if strange else ()
        for at, _ in strange:
            self.found[at] = replace(self.found[at], fix=fix)
            fix = ()

    def ignored(self, *columns: str) -> Fix:
        """The fix that lists columns under `ignore` of the edition."""
        listed = self.layout.ignore
        if listed:
            last = listed[-1].span
            before = self.edition.text[
                self.edition.text.rfind("\n", 0, last.start) + 1 : last.start
            ]
            between = "\n- " if before.strip() == "-" else ", "
            more = "".join(f"{between}{as_yaml(each)}" for each in columns)
            return instead(Span(last.file, last.end, last.end), more)
        first = Span(self.layout.span.file, self.layout.span.start, self.layout.span.start)
        return instead(first, f"ignore: [{', '.join(map(as_yaml, columns))}]\n")


def _texts(node: Node | None) -> Iterator[Text]:
    """Every text in a node but the keys, however deep."""
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, Text):
            yield each
        elif isinstance(each, Mapping):
            stack += [value for _, value in each.entries]
        elif each is not None:
            stack += each.items
