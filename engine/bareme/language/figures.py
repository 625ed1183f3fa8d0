"""Figures: an index, a category or an indicator, with all that stands below it."""

from __future__ import annotations

import re

from bareme.diagnostics import Diagnostic, Fix, Note
from bareme.language import tree
from bareme.language.clauses import Part
from bareme.language.line import Statement, article
from bareme.language.measures import MeasureReader
from bareme.language.outline import Entry, shifted
from bareme.language.questions import QuestionReader
from bareme.record import replace
from bareme.source import Source

_ASKS = re.compile(r"(question|measure|ask) ")
_FIGURE = re.compile(r"(category|indicator) ")
_RULES = {
    "cap", "floor", "skip", "require_share", "require_count", "range", "rescale", "include",
    "rank_entities", "score_when", "score_otherwise", "for_each",
    "over_indicators", "monotone",
}  # fmt: skip


class _Below:
    """What stands below the line of a figure, by kind."""

    def __init__(self) -> None:
        self.children: list[tree.Level | tree.Question | tree.Measure] = []
        self.asks: list[tuple[int, tree.Ask]] = []
        self.data: list[tree.Measure] = []
        self.ratings: list[tree.Rating] = []
        self.givens: list[tree.Given] = []
        self.settings: dict[str, tree.Setting] = {}
        self.rules: list[tree.Rule] = []
        self.notes: list[tree.Text] = []


class FigureReader(QuestionReader, MeasureReader):
    """Reads what has a score."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        super().__init__(source, found)
        self.strays: list[
            tree.Level | tree.Question | tree.Measure
        ] = []  # misplaced; the level around takes them

    def level(self, statement: Statement) -> tree.Level:
        kind = tree.LevelKind(statement.kind)
        name = self.id(statement)
        parts = self.level_parts(statement, kind)
        entry = statement.entry
        meant = self.meant_below(entry) or self.meant_beside(entry)
        below = self.under_a_figure(statement)
        weight = self.weight(statement, parts)
        return tree.Level(
            kind=kind,
            name=name,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            weight=weight,
            same_as=self.path(statement, parts.get("same_as")),
            given=below.givens[0] if below.givens else None,
            settings=tuple(below.settings.values()),
            rules=tuple(below.rules),
            notes=tuple(below.notes),
            children=tuple(below.children),
            data=tuple(below.data),
            damaged=statement.damaged
            or entry.unclear
            or (weight is None and "weight" in parts)
            or (entry.lost and not below.children),
            span=statement.span,
            asks=tuple(below.asks),
            meant=meant,
            ratings=tuple(replace(each, lost=entry.lost) for each in below.ratings),
        )

    def under_a_figure(self, statement: Statement) -> _Below:
        """What stands below the line of a figure, with what is misplaced in there."""
        below, entry = _Below(), statement.entry
        outer, self.strays = self.strays, []
        for each in self.block(entry.children, article(statement.kind), entry):
            below.children += self.strays
            self.strays.clear()
            self.take_in(below, each)
        below.children += self.strays
        self.strays = outer
        if entry.lost and below.children:  # one of them may have been lost, and its weight with it
            below.children[0] = replace(below.children[0], damaged=True)
        if below.givens[1:] and not below.children:  # else a whole block may have slipped in
            first, second, *_ = (each.span for each in below.givens)
            note = Note("it first stands here", first)
            message = "`given` stands twice in one block"
            fix = self.second_out(first, second)
            self.error("E112", message, second, "keep one", note, fix=fix)
        return below

    def take_in(self, below: _Below, statement: Statement) -> None:
        """Read one statement of the block of a figure."""
        match statement.kind:
            case "note":
                below.notes.append(self.remark(statement))
            case "question":
                below.children.append(self.question(statement))
            case "ask":
                below.asks.append((len(below.children), self.ask(statement)))
            case "category" | "indicator":
                below.children.append(self.level(statement))
            case "rating":
                below.ratings.append(self.rating(statement))
            case "given":
                below.givens.append(tree.Given(statement.span))
            case "measure":
                below.children.append(self.measure(statement))
            case "data":
                below.data.append(self.measure(statement))
            case _ if str(statement.body.data) in _RULES:
                self.rule(below.rules, statement)
            case kind:
                self.once(below.settings, kind, self.setting(statement))

    def meant_below(self, entry: Entry) -> Fix:
        """Of an empty figure: the fix that indents the questions which stand beside it."""
        block, at = self.after
        run: list[Entry] = []
        for each in block[at:] if not entry.children else ():
            if not _ASKS.match(each.text) or each.slipped:
                break
            run.append(each)
        ends = at + len(run) == len(block) or _FIGURE.match(block[at + len(run)].text)
        return shifted(run, self.indent_by) if run and ends else ()

    def meant_beside(self, entry: Entry) -> Fix:
        """Of a given figure: the fix that moves out the given figure which slipped under it."""
        lines = entry.children
        texts = [each.text for each in lines]
        first = texts.index("given") if texts.count("given") > 1 else len(texts)
        slipped = lines[first + 1 : first + 2]
        if not slipped or slipped[0].children or not _FIGURE.match(slipped[0].text):
            return ()
        if entry.indent is None or slipped[0].indent is None:
            return ()
        return shifted(slipped, entry.indent - slipped[0].indent)

    def level_parts(self, statement: Statement, kind: tree.LevelKind) -> dict[str, Part]:
        """What follows the id of an index, a category or an indicator."""
        parts = self.parts(statement)
        self.wrong_parts(
            statement,
            parts,
            on_scale=("has no scale", "questions are answered on a scale; put one under it"),
            in_unit=("has no unit", "what is measured has one; put a `measure` under it"),
            plausible=("has no plausible values", "a `measure` under it may have some"),
            per=("is divided by nothing", "a `measure` under it may be"),
        )
        if kind is tree.LevelKind.INDEX:
            whole = "take it out: an index is the whole, nothing stands beside"
            self.wrong_parts(
                statement,
                parts,
                weight=("has no weight", whole),
                subtract=("is subtracted from nothing", whole),
                same_as=("is never the same as another", "let an indicator under it be `same as`"),
            )
            if statement.entry.children:  # its score is made of these, whatever else was meant
                parts.pop("same_as", None)
        return parts
