"""Lists of labels: scales, options of a question, the labels of a group."""

from __future__ import annotations

import re

from lark import Token, Tree

from bareme.diagnostics import Edit, Note, instead, not_a_number, quote, without
from bareme.language import tree
from bareme.language.blocks import BlockReader
from bareme.language.line import DECLARATION, MAX_LABEL, Statement, first_word, tokens
from bareme.language.outline import Entry, shifted
from bareme.language.statement import OPTION, in_quotes, quoted
from bareme.record import replace
from bareme.source import Span


class ScaleReader(BlockReader):
    """Reads what an answer may be, and what it earns."""

    def scale(self, statement: Statement) -> tree.Scale:
        name = self.id(statement)
        body = self.scale_body(statement)
        return tree.Scale(name, replace(body, span=name.span), statement.span)

    def scale_body(self, statement: Statement) -> tree.ScaleBody:
        before = len(self.found)
        order: tree.Order | None = None
        out_of: tree.Number | None = None
        reverse_of: tree.Name | None = None
        labels: list[tree.Label] = []
        damaged, unclear = statement.damaged, False
        places: dict[str, Span] = {}
        self.said_once(statement)
        for part in statement.body.find_pred(lambda _: True):
            held = list(part.scan_values(lambda each: isinstance(each, Token)))
            if held:
                whole = statement.at(held[0]).to(statement.at(held[-1]))
                places[str(part.data)] = self.with_what_sets_it_apart(whole)
            match str(part.data):
                case "order":
                    order = tree.Order(f"{part.children[0]} first")
                case "out_of":
                    out_of = self.number(statement, next(tokens(part, "NUMBER")))
                    unclear = out_of is None
                case "reverse":
                    reverse_of = self.plain_name(statement, next(tokens(part, "NAME")))
                case "labels":
                    labels += [
                        self.label(statement, each, inline=True)
                        for each in part.children
                        if isinstance(each, Tree)
                    ]
                    labels = self.without_decimal_commas(statement, labels)
        self.take_out_declarations(statement.entry)
        if (labels or reverse_of) and statement.entry.children:
            self.error(
                "E107",
                "the labels of this scale stand on its first line; nothing can stand under it",
                first_word(statement.entry.children[0]),
                "write all labels on one line, or each on a line of its own",
                fix=self.on_one_line(statement.entry) if labels else (),
            )
        else:
            for entry in statement.entry.children:
                options = self.option(entry)
                damaged |= not options
                labels += options
        damaged |= len(self.found) > before
        if unclear:  # what it is out of is not known, so nobody knows what the points come to
            labels = [replace(each, points=None) for each in labels]
        span = first_word(statement.entry)
        return tree.ScaleBody(
            order,
            out_of,
            reverse_of,
            tuple(labels),
            damaged,
            span,
            places.get("order"),
            places.get("out_of"),
        )

    def said_once(self, statement: Statement) -> None:
        """Report a scale that says twice how its labels are counted."""
        for kind, what in (("order", "which end comes first"), ("out_of", "the maximum")):
            places = [
                statement.at(next(part.scan_values(lambda _: True)))
                for part in statement.body.children
                if isinstance(part, Tree) and part.data == kind
            ]
            if places[1:]:
                note = Note("it is first said here", places[0])
                self.error("E112", f"{what} is said twice", places[1], "keep one", note)

    def take_out_declarations(self, entry: Entry) -> None:
        """A scale or an index that is indented under a scale is not one of its labels."""
        for each in list(entry.children):
            if DECLARATION.match(each.text):
                entry.children.remove(each)
                for _ in self.block([each], "a scale"):
                    pass

    def without_decimal_commas(
        self, statement: Statement, labels: list[tree.Label]
    ) -> list[tree.Label]:
        """Report `62,5` where labels are listed by commas; the second part is not a label."""
        text, kept = statement.entry.text, list[tree.Label]()
        for label in labels:
            at = label.span.start - statement.entry.start
            start = max(at - 40, 0)  # no number is longer
            number = re.search(r"([0-9]+),$", text[start : max(at, 0)])
            after = re.match(r"[0-9]+", text[at:])
            if number is None or after is None:
                kept.append(label)
                continue
            found = number[0] + after[0]
            start += number.start()
            begins = text.rfind(",", 0, start) + 1
            points = "=" in text[begins:start]
            span = Span(self.name, start, start + len(found))
            if points:
                self.found.append(not_a_number(found, self.moved(span, statement), "", 0))
                continue
            begins = max(begins, text.find(":") + 1, 0)
            whole = re.match(r" *([^=,]*,[^=,]*[^=, ])", text[begins:])
            place = (
                Span(self.name, begins + whole.start(1), begins + whole.end(1)) if whole else span
            )
            self.error(
                "E110",
                f"the comma in {quote(found)} ends the label",
                self.moved(span, statement),
                f"quote a label that holds a comma: {in_quotes(whole[1] if whole else found)}",
                fix=instead(self.moved(place, statement), quoted(whole[1]) if whole else None),
            )
        return kept

    def moved(self, span: Span, statement: Statement) -> Span:
        """The place in the file of a stretch of a line."""
        start = statement.entry.start
        return Span(self.name, start + span.start, start + span.end)

    def option(self, entry: Entry) -> list[tree.Label]:
        """The label on one line, and any on lines that are wrongly indented below it."""
        labels: list[tree.Label] = []
        read = self.line(entry, entry.text, entry.start, OPTION)
        if read is not None:
            body, damaged = read
            statement = Statement("label", body, entry, entry.start, damaged)
            labels.append(self.label(statement, body, inline=False))
        if entry.children:
            first = entry.children[0]
            help, by = "indent it like the labels", (entry.indent or 0) - (first.indent or 0)
            fix = shifted(entry.children, by)
            if remarks := [each for each in entry.children if each.text.startswith('"')]:
                help = "make it a comment, with `#` before it"
                spans = (Span(self.name, each.start, each.start) for each in remarks)
                fix = tuple(Edit(each, "# ") for each in spans)
            self.error("E107", "nothing can stand under a label", first_word(first), help, fix=fix)
            if remarks:
                return labels
            labels += [label for each in entry.children for label in self.option(each)]
        return labels

    def label(self, statement: Statement, part: Tree[Token], inline: bool) -> tree.Label:
        token = part.children[0]
        assert isinstance(token, Token)
        text, code = str(token).rstrip(), None
        if part.data == "coded_label":
            code, _, text = text.partition(" ")
        if text.lstrip().startswith('"'):
            text = text.strip()[1:-1].replace('""', '"')
        elif inline and not statement.damaged:
            self.words_in_label(text, statement.at(token))
        if not text.strip():
            self.error(
                "E113",
                "this label is empty",
                statement.at(token),
                "write what is answered; a blank answer is a missing one",
            )
        if len(text) > MAX_LABEL:
            self.error(
                "E113",
                f"this label has {len(text):,} characters; there may be {MAX_LABEL:,}",
                statement.at(token),
                "shorten it",
            )
        start = statement.at(token).start
        span = Span(self.name, start, start + len(str(token).rstrip()))
        others = [each for also in part.find_data("also") for each in tokens(also, "QUOTED")]
        aliases = tuple(self.text(statement, each, MAX_LABEL) for each in others)
        return tree.Label(text, code, self.points(statement, part), span, aliases)

    def group(self, statement: Statement) -> tree.Group:
        name = self.id(statement)
        parts = self.parts(statement)
        labels = [
            self.label(statement, each, inline=True)
            for each in statement.body.children
            if isinstance(each, Tree) and str(each.data) in ("plain_label", "quoted_label")
        ]
        for label in labels:
            if label.points is not None:
                self.error(
                    "E107",
                    f"{quote(label.text)} has points; a group sorts entities and scores nothing",
                    label.points.span,
                    "take them out",
                    fix=without(Span(self.name, label.span.end, label.points.span.end)),
                )
        for kind in (
            "on_scale",
            "weight",
            "subtract",
            "same_as",
            "in_unit",
            "plausible",
            "per",
            "code",
        ):
            self.wrong_parts(statement, parts, **{kind: ("has only a title", "take it out")})
        title = self.part_text(statement, parts.get("title"))
        return tree.Group(name, title, tuple(labels), statement.span)
