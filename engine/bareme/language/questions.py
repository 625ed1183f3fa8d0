"""Questions: one that stands under a figure, lists of them, and the lines that ask them."""

from __future__ import annotations

from lark import Token, Tree

from bareme.diagnostics import Note, instead
from bareme.language import tree
from bareme.language.clauses import Part
from bareme.language.line import Statement, tokens
from bareme.language.scales import ScaleReader
from bareme.record import replace


class _Below:
    """What stands below the line of a question, by kind."""

    def __init__(self) -> None:
        self.options: list[tree.ScaleBody] = []
        self.skip: list[tree.Skip] = []
        self.asked: list[tree.Asked] = []
        self.settings: dict[str, tree.Setting] = {}
        self.text: list[tree.Text] = []
        self.notes: list[tree.Text] = []


class QuestionReader(ScaleReader):
    """Reads what is asked, and where it counts."""

    def question(self, statement: Statement) -> tree.Question:
        name = self.id(statement)
        parts = self.question_parts(statement)
        below = self.under_a_question(statement, name)
        on_scale = parts.get("on_scale")
        weight = self.weight(statement, parts)
        return tree.Question(
            name=name,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            on_scale=self.plain_name(statement, on_scale.token) if on_scale else None,
            options=below.options[0] if below.options else None,
            weight=weight,
            skip=tuple(below.skip),
            text=tuple(below.text),
            notes=tuple(below.notes),
            damaged=statement.damaged
            or statement.entry.lost
            or (weight is None and "weight" in parts)
            or "same_as" in parts,
            span=statement.span,
            asked_in=below.asked[0] if below.asked else None,
            settings=tuple(below.settings.values()),
        )

    def question_parts(self, statement: Statement) -> dict[str, Part]:
        """What follows the id of a question."""
        parts = self.parts(statement)
        if "in_unit" in parts and "on_scale" not in parts:
            parts["on_scale"] = unit = parts.pop("in_unit")
            at = statement.at(next(tokens(unit.body, "IN")))
            self.error("E102", "`in` is not expected here", at, "`on`", fix=instead(at, "on"))
        self.wrong_parts(
            statement,
            parts,
            same_as=(
                "is never `same as` another",
                "let an indicator ask it, and take that over: `indicator … same as index.its_id`",
            ),
            in_unit=("has no unit", "write `measure` in place of `question` if it is a number"),
            plausible=(
                "has no plausible values",
                "write `measure` in place of `question` if it is a number",
            ),
            per=("is divided by nothing", "write `measure` in place of `question` if it is"),
        )
        return parts

    def under_a_question(self, statement: Statement, name: tree.Name) -> _Below:
        """What stands below the line of a question; a second list of options is reported."""
        below = _Below()
        for each in self.block(statement.entry.children, "a question", statement.entry):
            match each.kind:
                case "note":
                    below.notes.append(self.remark(each))
                case "answer":
                    self.once(below.settings, each.kind, self.setting(each))
                case "skip when":
                    below.skip += self.skip(each)
                case "options":
                    below.options.append(self.scale_body(each))
                case "asked":
                    below.asked += [found for found in [self.asked(each)] if found]
                case _:
                    below.text.append(self.remark(each))
        if below.options[1:]:
            first, second, *_ = (each.span for each in below.options)
            message = f"question `{name.text}` has two lists of options"
            self.error("E112", message, second, "keep one", Note("the first is here", first))
        if below.asked[1:]:
            first, second, *_ = (each.span for each in below.asked)
            note = Note("it first stands here", first)
            self.error("E112", "`asked` stands twice in one block", second, "keep one", note)
        return below

    def list_of_questions(self, statement: Statement) -> tree.Questions:
        """A block of questions; those that say no scale of their own are on the block's."""
        on = next(tokens(statement.body, "NAME"), None)
        scale = self.plain_name(statement, on) if on else None
        questions: list[tree.Question] = []
        for each in self.block(statement.entry.children, "questions", statement.entry):
            question = self.question(each)
            if question.on_scale is None and question.options is None:
                lost = scale is None and statement.damaged
                question = replace(question, on_scale=scale, damaged=question.damaged or lost)
            questions.append(question)
        if not statement.entry.children and not statement.damaged:
            self.error(
                "E210",
                "this list of questions is empty",
                statement.span,
                "indent `question` lines under it",
            )
        return tree.Questions(scale, tuple(questions), statement.span)

    def ask(self, statement: Statement) -> tree.Ask:
        """The questions that one line asks, and the weight that it gives each."""
        asked: list[tuple[tree.Name, tree.Name | None]] = []
        for each in statement.body.children:
            if isinstance(each, Tree) and each.data == "asked":
                first, *last = [self.plain_name(statement, t) for t in tokens(each, "NAME")]
                asked.append((first, last[0] if last else None))
        written = [t for t in statement.body.children if isinstance(t, Tree)][len(asked) :]
        parts: dict[str, Part] = {}
        body: Tree[Token]
        for kind, word in (("weight", "WEIGHT"), ("subtract", "SUBTRACT")):
            for token in tokens(statement.body, word):
                place = statement.at(token)
                body = Tree("part", [token, *(written if kind == "weight" else [])])
                held = [t for t in body.scan_values(lambda _: True) if isinstance(t, Token)]
                parts[kind] = Part(body, token, place.to(statement.at(held[-1])))
        weight = self.weight(statement, parts)
        return tree.Ask(tuple(asked), weight, statement.damaged, statement.span)

    def ids(self, statement: Statement) -> list[tree.Name]:
        """The ids that a line declares."""
        names = [self.plain_name(statement, token) for token in tokens(statement.body, "NAME")]
        return [self.check_id(statement, each) for each in names]
