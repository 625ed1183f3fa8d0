"""Statements that open no block: what follows an id, settings, and the rules of one figure."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from lark import Token, Tree

from bareme.diagnostics import Fix, Note, without
from bareme.exact import MAX_DIGITS, shorten
from bareme.language import tree
from bareme.language.conditions import read_when
from bareme.language.line import (
    MAX_LABEL,
    MAX_PLACES,
    LineReader,
    Statement,
    article,
    named,
    tokens,
)
from bareme.record import Record, replace
from bareme.source import Span

_PERCENT = re.compile(r" *%")
_GRADES = {
    "grade_from": tree.GradeKind.FROM,
    "grade_up_to": tree.GradeKind.UP_TO,
    "grade_above": tree.GradeKind.ABOVE,
}
MAX_BEST = 10_000
MAX_POWER = 100
S = TypeVar("S", bound=tree.Setting)


class Part(Record):
    """One thing on a header line: its tree, the token that holds its value, and its place."""

    body: Tree[Token]
    token: Token
    span: Span


class ClauseReader(LineReader):
    """Reads what stands on one line and belongs to the figure, question or measure around it."""

    # ---- rules of one figure

    def skip(self, statement: Statement) -> list[tree.Skip]:
        when = read_when(self, statement)
        return [tree.Skip(when, statement.span)] if when else []

    def rule(self, rules: list[tree.Rule], statement: Statement) -> None:
        kind = str(statement.body.data)
        rule = self.read_rule(kind, statement)
        if rule is None:
            statement.entry.lost = True
            return
        once = (
            tree.Require,
            tree.Range,
            tree.Rescale,
            tree.Include,
            tree.RankEntities,
            tree.ForEach,
            tree.OverIndicators,
            tree.Accepted,
        )
        first = next((each for each in rules if type(each) is type(rule)), None)
        if first is not None and isinstance(rule, once):
            self.error(
                "E112",
                f"`{kind.split('_')[0]}` stands twice in one block",
                rule.span,
                "keep one",
                Note("it first stands here", first.span),
                fix=self.second_out(first.span, rule.span),
            )
            return
        rules.append(rule)

    def read_rule(self, kind: str, statement: Statement) -> tree.Rule | None:
        span = statement.span
        if statement.damaged:
            return None
        when = read_when(self, statement)
        if when is None and next(statement.body.find_data("condition"), None) is not None:
            return None
        own = [each for each in statement.body.children if isinstance(each, Tree)]
        numbers = [
            self.number(statement, next(tokens(each, "NUMBER")))
            for each in own
            if each.data == "number"
        ]
        if not all(numbers):
            return None
        values = [each for each in numbers if each]
        match kind:
            case "cap":
                return tree.Cap(values[0], when, span)
            case "floor":
                return tree.Floor(values[0], when, span)
            case "skip" if when:
                return tree.Skip(when, span)
            case "require_share" | "require_count":
                return tree.Require(values[0], kind == "require_share", span)
            case "range":
                return tree.Range(values[0], values[1], span)
            case "rescale":
                return tree.Rescale(span)
            case "for_each":
                return tree.ForEach(self.plain_name(statement, next(tokens(own[0], "NAME"))), span)
            case "over_indicators":
                return tree.OverIndicators(span)
            case "monotone":
                return tree.Accepted(self.reason(statement), span)
            case "score_when" if when:
                return tree.ScoreWhen(values[0], when, span)
            case "score_otherwise":
                return tree.ScoreWhen(values[0], None, span)
            case "include" if when:
                return tree.Include(when, span)
            case "rank_entities" if when:
                return tree.RankEntities(when, span)
        return None

    def reason(self, statement: Statement) -> tree.Text:
        """Why a better answer may lower a figure; one that says nothing is reported."""
        token = next(tokens(statement.body, "QUOTED"))
        span = statement.at(token)
        if token[1:-1].strip():
            return self.text(statement, token)
        help = "write why a better answer may lower this figure"
        self.error("E113", "this reason is empty", span, help)
        return tree.Text("", span)

    # ---- what follows the id on a header line

    def parts(self, statement: Statement) -> dict[str, Part]:
        """What follows the id on a header line, by kind; a kind written twice is reported."""
        parts: dict[str, Part] = {}
        for each in statement.body.children:
            if not isinstance(each, Tree) or str(each.data) in (
                "name",
                "plain_label",
                "quoted_label",
            ):
                continue
            kind = "weight" if each.data == "part" else str(each.data)
            tokens = list(each.scan_values(lambda _: True))
            span = statement.at(tokens[0]).to(statement.at(tokens[-1]))
            if percent := _PERCENT.match(self.source.text, span.end):
                span = Span(span.file, span.start, percent.end())
            part = Part(each, tokens[-1], span)
            if kind in parts:
                word = kind.replace("on_scale", "scale").replace("_", " ")
                self.error(
                    "E112",
                    f"the {word} of {named(statement)} is written twice",
                    span,
                    "keep one",
                    Note("it is first written here", parts[kind].span),
                    fix=without(self.with_what_sets_it_apart(span))
                    if self.second_out(parts[kind].span, span)
                    else (),
                )
            parts.setdefault(kind, part)
        return parts

    def wrong_parts(
        self, statement: Statement, parts: dict[str, Part], **wrong: tuple[str, str]
    ) -> None:
        """Report parts that do not belong on this kind of line, each with its message and help."""
        for kind, (message, help) in wrong.items():
            if kind in parts:
                whose = article(statement.kind)
                fix: Fix = ()
                if kind != "same_as" and (kind != "on_scale" or statement.entry.children):
                    fix = without(self.with_what_sets_it_apart(parts[kind].span))
                self.error("E107", f"{whose} {message}", parts[kind].span, help, fix=fix)

    def with_what_sets_it_apart(self, part: Span) -> Span:
        """A part of a line with the spaces and the comma before it."""
        line = self.source.text[: part.start]
        return Span(part.file, len(line.rstrip(" ,")), part.end)

    def second_out(self, first: Span, second: Span) -> Fix:
        """The fix that takes a second line out which says what a first one says."""
        text = self.source.text
        if text[first.start : first.end].split() != text[second.start : second.end].split():
            return ()
        number = self.source.position(second.start)[0]
        return without(self.source.whole_lines(number, number))

    def part_text(self, statement: Statement, part: Part | None) -> tree.Text | None:
        return self.text(statement, part.token, MAX_LABEL) if part else None

    def path(self, statement: Statement, part: Part | None) -> tree.Name | None:
        return self.plain_name(statement, part.token) if part else None

    def weight(self, statement: Statement, parts: dict[str, Part]) -> tree.Weight | None:
        """The weight of a figure, question or measure, below 0 where it is subtracted."""
        weight = self.written_weight(statement, parts.get("weight"))
        subtract = parts.get("subtract")
        if subtract is None or (weight is None and "weight" in parts):
            return weight
        if weight is not None and weight.value < 0:  # reported as any weight below 0 is
            return weight
        if weight is None:
            one = tree.Weight(Fraction(-1), tree.Notation.RELATIVE, "-1", subtract.span)
            return replace(one, subtracts=True, stated=False)
        return replace(weight, value=-weight.value, written=f"-{weight.written}", subtracts=True)

    def written_weight(self, statement: Statement, part: Part | None) -> tree.Weight | None:
        if part is None:
            return None
        numbers = [self.number(statement, token) for token in tokens(part.body, "NUMBER")]
        if any(each is None for each in numbers):
            return None
        values = [each.value for each in numbers if each]
        written = " ".join(str(t) for t in tokens(part.body, "NUMBER"))
        notation = part.body.children[-1]
        if isinstance(notation, Tree) and notation.data == "percent":
            return tree.Weight(values[0] / 100, tree.Notation.PERCENT, f"{written}%", part.span)
        if len(values) == 1:
            return tree.Weight(values[0], tree.Notation.RELATIVE, written, part.span)
        if values[1] == 0:
            self.error(
                "E110", "nothing can be divided by 0", part.span, "write a share, as in `1/3`"
            )
            return None
        written = written.replace(" ", "/")
        return tree.Weight(values[0] / values[1], tree.Notation.FRACTION, written, part.span)

    # ---- settings

    def once(
        self, settings: dict[str, tree.Setting], kind: str, setting: tree.Setting | None
    ) -> None:
        if setting is None:
            return
        first = settings.setdefault(kind, setting)
        if first is not setting:
            self.error(
                "E112",
                f"`{kind}` is set twice in one block",
                setting.span,
                "keep one",
                Note("it is first set here", first.span),
                fix=self.second_out(first.span, setting.span),
            )

    def setting(self, statement: Statement) -> tree.Setting | None:
        builders: dict[str, Callable[[Statement], tree.Setting | None]] = {
            "publish": self.publish,
            "bands": self.bands,
            "band": self.band_by,
            "compare": self.compare,
            "compare by": self.compare_by,
            "levels": self.levels,
            "weights": self.weights_total,
            "aggregate": self.aggregate,
            "when missing": self.when_missing,
            "normalise": self.normalise,
            "rank": self.rank_by,
            "answer": self.answer_given,
        }
        return builders[statement.kind](statement)

    def aggregate(self, statement: Statement) -> tree.Aggregate | None:
        setting = _worded(statement, "method", tree.Aggregate)
        number = next(tokens(statement.body, "NUMBER"), None)
        if setting is None or number is None:
            return setting
        read = self.number(statement, number)
        if read is None:
            return None
        word = setting.method
        if word == "best" and (read.value.denominator != 1 or not 1 <= read.value <= MAX_BEST):
            help = f"write a whole number from 1 to {MAX_BEST:,}, as in `aggregate by best 3`"
            self.error("E110", f"the best {number} parts are no number of parts", read.span, help)
            return None
        if word == "power" and (not read.value or abs(read.value) > MAX_POWER):
            help = "write `aggregate by geometric mean`"
            if read.value:
                help = f"write a number from -{MAX_POWER} to {MAX_POWER}"
            self.error("E110", f"a mean of power {number} is not computed", read.span, help)
            return None
        return tree.Aggregate(f"{word} {shorten(read.value, MAX_DIGITS)}", setting.span)

    def when_missing(self, statement: Statement) -> tree.WhenMissing | None:
        setting = _worded(statement, "policy", tree.WhenMissing)
        named = next(tokens(statement.body, "NAME"), None)
        if setting is None or named is None:
            return setting
        of = self.plain_name(statement, named)
        return tree.WhenMissing(f"{setting.policy} {of.text}", setting.span, of)

    def normalise(self, statement: Statement) -> tree.Normalise | None:
        written = sorted(tokens(statement.body, "NUMBER"), key=lambda each: each.start_pos or 0)
        numbers = [number for each in written if (number := self.number(statement, each))]
        words = {str(each) for each in statement.body.scan_values(lambda _: True)}
        power = numbers.pop(0) if "power" in words and len(numbers) == 3 else None
        if statement.damaged or len(numbers) != 2 or len(written) != 2 + (power is not None):
            return None
        if power is not None and not 0 < power.value <= MAX_POWER:
            help = f"write a number above 0 and at most {MAX_POWER}, as in `power 0.5`"
            self.error("E110", "the way from worst to best has no such power", power.span, help)
            return None
        clamped = "unclamped" not in words
        worst, best = numbers
        return tree.Normalise("log" in words, worst, best, clamped, statement.span, power)

    def rank_by(self, statement: Statement) -> tree.RankBy | None:
        words = {str(each) for each in statement.body.children if isinstance(each, Token)}
        if statement.damaged:
            return None
        return tree.RankBy("rounded" in words, "unrounded" in words, statement.span)

    def answer_given(self, statement: Statement) -> tree.Answer | None:
        words = {str(each) for each in statement.body.children}
        return None if statement.damaged else tree.Answer("required" in words, statement.span)

    def publish(self, statement: Statement) -> tree.Publish | None:
        numbers = list(tokens(statement.body, "NUMBER"))
        printed = next(iter(statement.body.find_data("published_as")), None)
        on: tuple[tree.Number, tree.Number] | None = None
        if printed is not None:
            ends = [self.number(statement, token) for token in tokens(printed, "NUMBER")]
            if len(ends) != 2 or not ends[0] or not ends[1]:
                return None
            on = (ends[0], ends[1])
            numbers = numbers[2:]
        if not numbers:
            return tree.Publish(0, on, statement.span)
        number = self.number(statement, numbers[0])
        if number is None:
            return None
        if number.value.denominator != 1 or not 0 <= number.value <= MAX_PLACES:
            self.error(
                "E110",
                f"figures are published with 0 to {MAX_PLACES} decimals, not {numbers[0]}",
                number.span,
                "write a whole number, as in `publish 1 decimal`",
            )
            return None
        return tree.Publish(int(number.value), on, statement.span)

    def bands(self, statement: Statement) -> tree.Bands | None:
        bands: list[tree.Band] = []
        for each in statement.body.find_data("band"):
            label, *_, number = list(each.scan_values(lambda _: True))
            floor = self.number(statement, number)
            text = str(label)
            if text.startswith('"'):
                text = self.text(statement, label, MAX_LABEL).text
            if floor is None:
                return None
            span = statement.at(label).to(statement.at(number))
            bands.append(tree.Band(text, floor.value, span, floor.span))
        in_order = tuple(sorted(bands, key=lambda band: band.span.start))
        return None if statement.damaged else tree.Bands(in_order, statement.span)

    def rating(self, statement: Statement) -> tree.Rating:
        """A label for an entity, what it is read off, and its grades."""
        name = self.id(statement)
        own = [t for t in statement.body.children if isinstance(t, Tree) and t.data == "name"]
        read = [self.plain_name(statement, each) for t in own for each in tokens(t, "NAME")]
        quoted = [t for t in statement.body.children if isinstance(t, Token) and t.type == "QUOTED"]
        title = self.text(statement, quoted[0], MAX_LABEL) if quoted else None
        grades = [
            self.grade(statement, each)
            for each in statement.body.children
            if isinstance(each, Tree) and str(each.data) in _GRADES
        ]
        sound = tuple(each for each in grades if each is not None)
        damaged = statement.damaged or len(sound) < len(grades) or not sound
        return tree.Rating(name, title, tuple(read[1:]), sound, damaged, statement.span)

    def grade(self, statement: Statement, part: Tree[Token]) -> tree.Grade | None:
        kind = _GRADES[str(part.data)]
        held = list(part.scan_values(lambda each: isinstance(each, Token)))
        token = part.children[0]
        assert isinstance(token, Token)
        quoted = token.startswith('"')
        label = self.text(statement, token, MAX_LABEL).text if quoted else str(token).rstrip()
        written = next(tokens(part, "NUMBER"), None)
        number = self.number(statement, written) if written is not None else None
        if written is not None and number is None:
            return None
        span = statement.at(token).to(statement.at(held[-1]))
        return tree.Grade(kind, label, number, span)

    def compare(self, statement: Statement) -> tree.CompareWith | None:
        editions = list(tokens(statement.body, "EDITION_ID"))
        if statement.damaged:
            return None
        printed = next(statement.body.find_data("as_printed"), None) is not None
        return tree.CompareWith(str(editions[0]) if editions else None, statement.span, printed)

    def band_by(self, statement: Statement) -> tree.BandBy | None:
        words = {str(each) for each in statement.body.children}
        return None if statement.damaged else tree.BandBy("rounded" in words, statement.span)

    def compare_by(self, statement: Statement) -> tree.CompareBy | None:
        words = {str(each) for each in statement.body.children}
        return None if statement.damaged else tree.CompareBy("rounded" in words, statement.span)

    def levels(self, statement: Statement) -> tree.Levels | None:
        written = sorted(tokens(statement.body, "QUOTED", "NAME"), key=lambda t: t.start_pos or 0)
        names = tuple(
            self.text(statement, each, MAX_LABEL)
            if each.type == "QUOTED"
            else tree.Text(str(each), statement.at(each))
            for each in written
        )
        return None if statement.damaged else tree.Levels(names, statement.span)

    def weights_total(self, statement: Statement) -> tree.WeightsTotal | None:
        total = self.number(statement, next(tokens(statement.body, "NUMBER")))
        if total is None or statement.damaged:
            return None
        if total.value <= 0:
            help = "write what they add up to, as in `weights total 1`"
            self.error("E110", "weights add up to more than 0", total.span, help)
            return None
        return tree.WeightsTotal(total, statement.span)

    def asked(self, statement: Statement) -> tree.Asked | None:
        """The editions that a question is asked in."""
        editions = sorted(tokens(statement.body, "EDITION_ID"), key=lambda t: t.start_pos or 0)
        if statement.damaged or not editions:
            return None
        names = [self.plain_name(statement, each) for each in editions]
        if statement.body.data == "asked_to":
            return tree.Asked(None, names[0], statement.span)
        return tree.Asked(names[0], names[1] if names[1:] else None, statement.span)

    def remark(self, statement: Statement) -> tree.Text:
        return self.text(statement, next(tokens(statement.body, "QUOTED")))


def _worded(statement: Statement, rule: str, build: Callable[[str, Span], S]) -> S | None:
    """A setting whose value is words of the language, as in `geometric mean`."""
    words = next(iter(statement.body.find_data(rule)), None)
    if words is None or statement.damaged:
        return None
    said = " ".join(str(each) for each in words.children if isinstance(each, Token))
    return build(said, statement.span)
