"""Measures and data: numbers, and the steps by which they earn points."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token, Tree

from bareme.diagnostics import Note
from bareme.language import tree
from bareme.language.blocks import BlockReader
from bareme.language.clauses import Part
from bareme.language.formulas import read_formula
from bareme.language.line import MAX_LABEL, Statement, article, first_word, tokens
from bareme.language.statement import STEP

_STEPS = {
    "up_to": tree.StepKind.UP_TO,
    "at_least_from": tree.StepKind.FROM,
    "above": tree.StepKind.ABOVE,
    "below": tree.StepKind.BELOW,
}


class _Below:
    """What stands below the line of a measure, by kind; `lost` where some could not be read."""

    def __init__(self) -> None:
        self.steps: list[tree.Steps] = []
        self.normalise: list[tree.Normalise] = []
        self.formulas: list[tree.Formula] = []
        self.skip: list[tree.Skip] = []
        self.settings: dict[str, tree.Setting] = {}
        self.text: list[tree.Text] = []
        self.notes: list[tree.Text] = []
        self.lost = False


class MeasureReader(BlockReader):
    """Reads what is measured in place of asked."""

    def measure(self, statement: Statement) -> tree.Measure:
        data = statement.kind == "data"
        name = self.id(statement)
        parts = self.measure_parts(statement, data)
        below = self.under_a_measure(statement, name)
        if below.formulas:
            instead = ("is worked out by a formula", "take one of the two out")
            self.wrong_parts(statement, parts, plausible=instead, per=instead)
        unit = parts.get("in_unit")
        return tree.Measure(
            name=name,
            data=data,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            unit=self.unit(statement, unit.token) if unit else None,
            plausible=self.pair(statement, parts.get("plausible")),
            weight=self.weight(statement, parts),
            steps=below.steps[0] if below.steps else None,
            normalise=below.normalise[0] if below.normalise and not below.steps else None,
            skip=tuple(below.skip),
            text=tuple(below.text),
            notes=tuple(below.notes),
            damaged=statement.damaged or statement.entry.lost or below.lost,
            span=statement.span,
            per=self.per(statement, parts.get("per")) if not below.formulas else None,
            formula=below.formulas[0] if below.formulas else None,
            settings=tuple(below.settings.values()),
        )

    def measure_parts(self, statement: Statement, data: bool) -> dict[str, Part]:
        """What follows the id of a measure or of data."""
        parts = self.parts(statement)
        self.wrong_parts(
            statement,
            parts,
            on_scale=("is not on a scale", "a number earns points by `steps` or `normalise`"),
            same_as=("is never `same as` another", "take over the indicator that measures it"),
        )
        if data:
            unscored = ("has no weight", "take it out: data is not scored")
            self.wrong_parts(statement, parts, weight=unscored, subtract=unscored, per=unscored)
        return parts

    def under_a_measure(self, statement: Statement, name: tree.Name) -> _Below:
        """What stands below the line of a measure; a second way to count it is reported."""
        below = _Below()
        for each in self.block(statement.entry.children, article(statement.kind), statement.entry):
            match each.kind:
                case "note":
                    below.notes.append(self.remark(each))
                case "answer":
                    self.once(below.settings, each.kind, self.setting(each))
                case "skip when":
                    below.skip += self.skip(each)
                case "steps":
                    below.steps.append(self.steps(each))
                case "formula":
                    worked_out = read_formula(self, each)
                    below.formulas += [worked_out] if worked_out else []
                    below.lost |= worked_out is None
                case "normalise":
                    found = self.normalise(each)
                    below.normalise += [found] if found else []
                    below.lost |= found is None
                case _:
                    below.text.append(self.remark(each))
        self.one_way(name, "it is scored", [*below.steps, *below.normalise])
        self.one_way(name, "it is worked out", below.formulas)
        return below

    def one_way(
        self,
        name: tree.Name,
        what: str,
        lines: Sequence[tree.Steps | tree.Normalise | tree.Formula],
    ) -> None:
        """Report the second of several lines that say the same of a measure."""
        if not lines[1:]:
            return
        first, second, *_ = sorted((each.span for each in lines), key=lambda s: s.start)
        message = f"measure `{name.text}` says twice how {what}"
        self.error("E112", message, second, "keep one", Note("the first is here", first))

    def unit(self, statement: Statement, token: Token) -> tree.Text:
        if token.startswith('"'):
            return self.text(statement, token, MAX_LABEL)
        return tree.Text(str(token), statement.at(token))

    def pair(
        self, statement: Statement, part: Part | None
    ) -> tuple[tree.Number, tree.Number] | None:
        """The two numbers of `… 0 to 100`."""
        if part is None:
            return None
        numbers = [self.number(statement, token) for token in tokens(part.body, "NUMBER")]
        low, high = numbers[0], numbers[1]
        return (low, high) if low and high else None

    def per(self, statement: Statement, part: Part | None) -> tree.Per | None:
        """The divisor of `… per 100000 of population`."""
        if part is None:
            return None
        number = self.number(statement, next(tokens(part.body, "NUMBER")))
        of = self.plain_name(statement, next(tokens(part.body, "NAME")))
        return tree.Per(number, of, part.span) if number else None

    def steps(self, statement: Statement) -> tree.Steps:
        read: list[tree.Step] = []
        damaged = statement.damaged
        for part in statement.body.children:
            if isinstance(part, Tree):
                read += self.step(statement, part)
        if read and statement.entry.children:
            self.error(
                "E107",
                "these steps stand on the first line; nothing can stand under it",
                first_word(statement.entry.children[0]),
                "write all steps on one line, or each on a line of its own",
                fix=self.on_one_line(statement.entry),
            )
        elif not read:
            for entry in statement.entry.children:
                line = self.line(entry, entry.text, entry.start, STEP)
                damaged |= line is None or line[1]
                if line is not None:
                    read += self.step(
                        Statement("step", line[0], entry, entry.start, line[1]), line[0]
                    )
        if not read and not damaged:
            self.error(
                "E210",
                "these steps are empty",
                statement.span,
                "as in `steps up to 0 = 100, up to 5 = 80, above = 0`",
            )
            damaged = True
        return tree.Steps(tuple(read), damaged, statement.span)

    def step(self, statement: Statement, part: Tree[Token]) -> list[tree.Step]:
        kind = _STEPS[str(part.data)]
        limits = [
            each for each in part.children if isinstance(each, Tree) and each.data == "number"
        ]
        found = [self.number(statement, next(tokens(each, "NUMBER"))) for each in limits]
        earned = part.children[-1]
        points = self.points(statement, earned) if isinstance(earned, Tree) else None
        if points is None or not all(found):
            return []
        inside = list(part.scan_values(lambda each: isinstance(each, Token)))
        span = statement.at(inside[0]).to(statement.at(inside[-1]))
        return [tree.Step(kind, found[0] if found else None, points, span)]
