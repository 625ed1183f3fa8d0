"""Rule text to syntax tree, with every mistake of the file, none of them caused by another.

A line that can't be read is reported and what can be saved of it is kept, marked `damaged`, so that
the lines below it still have a place to stand and nobody complains that they are missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lark import Token, Tree

from bareme.diagnostics import (
    Diagnostic,
    Edit,
    Fix,
    Note,
    instead,
    not_a_number,
    quote,
    without,
)
from bareme.language import tree
from bareme.language.clauses import ClauseReader, Part
from bareme.language.formulas import read_formula
from bareme.language.line import (
    DECLARATION,
    MAX_LABEL,
    OPENS_A_BLOCK,
    STANDS_UNDER,
    Statement,
    article,
    either,
    first_word,
    titled,
    tokens,
)
from bareme.language.outline import Entry, read_outline, shifted
from bareme.language.statement import OPTION, STATEMENT, STEP, in_quotes, quoted
from bareme.record import replace
from bareme.source import Source, Span
from bareme.text import visible

MAX_FAULTS = 1_000  # in a file of rules, after which it is not read further


def parse(source: Source, stem: str) -> tuple[tree.File, list[Diagnostic]]:
    """Read one file of rules.

    Args:
        source: the text as `read_text` gave it; what is reported there is not reported again.
        stem: the name by which other files `use` this one.

    Returns:
        What could be read, and every mistake found, in no particular order.
    """
    seen = visible(source)
    outline, found = read_outline(seen)
    if not outline and not found:
        found.append(
            Diagnostic(
                "E006",
                "this file holds no rules",
                Span(source.name, 0, 0),
                'start with `index my_index "My index"`, or delete the file',
            )
        )
    file = _Reader(seen, found).file(outline, stem)
    return file, _one_a_line(found, source)


_MISREAD = {"E101", "E102", "E105", "E106", "E109"}  # the line itself makes no sense


def _one_a_line(found: list[Diagnostic], source: Source) -> list[Diagnostic]:
    """Without what one slip of a line says twice: a stray sign also shifts the line, say."""
    hidden = {n for n, (a, b) in enumerate(_both(source), 1) if a != b}
    codes: dict[int, set[str]] = {}
    lines = [source.position(each.span.start)[0] for each in found]
    for each, line in zip(found, lines, strict=True):
        codes.setdefault(line, set()).add(each.code)
    return [
        each
        for each, line in zip(found, lines, strict=True)
        if not (line in hidden and each.code in {"E103", *_MISREAD})
        and not (each.code == "E103" and codes[line] & _MISREAD)
        and not (each.code == "E107" and codes[line] & {"E101", "E103"})
    ]


def _both(source: Source) -> Iterator[tuple[str, str]]:
    """Each line as it is stored and as it looks."""
    return zip(source.text.split("\n"), visible(source).text.split("\n"), strict=False)


_SCORED = {"category", "indicator", "question", "measure"}
_FIGURES = {
    each: {parent for parent, kinds in STANDS_UNDER.items() if each in kinds} for each in _SCORED
}
_ASKS = re.compile(r"(question|measure|ask) ")
_FIGURE = re.compile(r"(category|indicator) ")
_RULES = {
    "cap", "floor", "skip", "require_share", "require_count", "range", "rescale", "include",
    "rank_entities", "score_when", "score_otherwise", "for_each",
    "over_indicators",
}  # fmt: skip


_STEPS = {
    "up_to": tree.StepKind.UP_TO,
    "at_least_from": tree.StepKind.FROM,
    "above": tree.StepKind.ABOVE,
    "below": tree.StepKind.BELOW,
}


class _Reader(ClauseReader):
    """Builds the tree of one file; what is wrong goes to `found`."""

    def __init__(self, source: Source, found: list[Diagnostic]) -> None:
        super().__init__(source, found)
        self.uses: list[tree.Name] = []
        self.scales: list[tree.Scale] = []
        self.groups: list[tree.Group] = []
        self.data: list[tree.Measure] = []
        self.indices: list[tree.Level] = []
        self.units: list[tree.Name] = []
        self.questions: list[tree.Questions] = []
        self.strays: list[
            tree.Level | tree.Question | tree.Measure
        ] = []  # misplaced; the level around takes them
        self.top = Entry("", 0, source.name)  # the line at the left edge that is read
        self.after: tuple[Sequence[Entry], int] = ((), 0)  # a block, and the line that comes next

    # ---- files and blocks

    def file(self, outline: list[Entry], stem: str) -> tree.File:
        steps = [each.children[0].indent for each in outline if each.children]
        self.indent_by = next((each for each in steps if each), 4)
        for each in self.block(outline, "a file"):
            self.top = each.entry
            self.declaration(each)
            self.take_in_strays()
        self.take_in_strays()
        return tree.File(
            stem,
            tuple(self.uses),
            tuple(self.scales),
            tuple(self.groups),
            tuple(self.data),
            tuple(self.indices),
            Span(self.name, 0, 0),
            tuple(self.units),
            tuple(self.questions),
            self.full(),
        )

    def full(self) -> bool:
        """Whether so much is wrong that the rest of the file is not read."""
        return len(self.found) >= MAX_FAULTS

    def declaration(self, statement: Statement) -> None:
        if statement.kind == "use":
            self.uses += [self.plain_name(statement, t) for t in tokens(statement.body, "FILE")]
            if statement.damaged:  # files after a comma
                for found in re.finditer(r", *([a-z][\w-]*)", statement.entry.text):
                    start = statement.entry.start + found.start(1)
                    span = Span(self.name, start, start + len(found[1]))
                    self.uses.append(tree.Name(found[1], span))
        elif statement.kind == "scale":
            self.scales.append(self.scale(statement))
        elif statement.kind == "group":
            self.groups.append(self.group(statement))
        elif statement.kind == "units":
            self.units += self.ids(statement)
        elif statement.kind == "questions":
            self.questions.append(self.list_of_questions(statement))
        elif statement.kind == "data":
            self.data.append(self.measure(statement))
        else:
            self.indices.append(self.level(statement))

    def take_in_strays(self) -> None:
        """What stands outside any index is counted to the one before it, so that its id exists."""
        if self.indices and self.strays:
            last = self.indices[-1]
            self.indices[-1] = replace(last, children=(*last.children, *self.strays))
            self.strays.clear()

    def block(
        self, entries: list[Entry], parent: str, owner: Entry | None = None
    ) -> Iterator[Statement]:
        """The statements of one block that may stand there, in order.

        What may not is reported, and read where it was most likely meant. The `owner` of the block
        is told when something of it was lost.
        """
        self.around.append((parent, owner))
        prose = False
        misplaced: list[Entry] = []
        told = -1
        for number, entry in enumerate(entries):
            if self.full():
                break
            self.after = (entries, number + 1)
            statement = self.statement(entry, parent, prose)
            prose = statement is None
            if statement is None:
                if owner is not None:
                    owner.lost = True
                continue
            if statement.kind in STANDS_UNDER[parent]:
                self.move(told, misplaced, entries)
                misplaced = []
                yield statement
            else:
                if not misplaced and not entry.slipped:  # a run of them is one slip
                    told = self.misplaced(statement, parent)
                misplaced.append(entry)
                self.rehome(statement, owner)
            if entry.children and statement.kind not in OPENS_A_BLOCK:
                yield from self.under_no_block(statement, parent, owner)
        self.move(told, misplaced, entries)
        self.around.pop()

    def move(self, told: int, run: Sequence[Entry], block: Sequence[Entry]) -> None:
        """Give the message about lines that stand in a wrong block the fix that moves them.

        Args:
            told: the number of that message.
            run: the lines, one after the other.
            block: all lines of the block.
        """
        if told < 0 or not run or run[0].slipped:
            return
        parent, owner = self.around[-1]
        beyond = self.around[-2][0] if self.around[1:] else ""
        kinds = [each.text.split()[0] for each in run]
        fix: Fix = ()
        if parent == "a file":
            below = run[0].children[0].indent if run[0].children else None
            alone = below is not None and below > self.indent_by and not run[1:]
            moved = [Entry(run[0].text, run[0].start, self.name, indent=0)] if alone else run
            fix = shifted(moved, self.indent_by) if self.indices and not run[0].indent else ()
        elif owner is None or owner.indent is None or run[0].indent is None:
            pass
        elif set(kinds) <= STANDS_UNDER["a file"]:
            last = self.lines_of(*run).end >= len(self.source.text.rstrip())
            fix = shifted(run, -run[0].indent) if last else self.put_first(run)
        elif run[-1] is block[-1] and kinds[0] in _SCORED and beyond in _FIGURES[kinds[0]]:
            fix = shifted(run, owner.indent - run[0].indent)
        self.found[told] = replace(self.found[told], fix=fix)

    def put_first(self, run: Sequence[Entry]) -> Fix:
        """The fix that puts lines which stand in an index before it."""
        if any(each.children for each in run):
            return ()
        text = "".join(f"{each.text}\n" for each in run)
        before = Span(self.name, self.top.start, self.top.start)
        return (Edit(before, text), *without(self.lines_of(*run)))

    def under_no_block(
        self, statement: Statement, parent: str, owner: Entry | None
    ) -> Iterator[Statement]:
        """What is indented under a line that opens no block: read as if it stood beside it."""
        children = statement.entry.children
        help = "indent it like the line above"
        if parent == "a file":  # an index has lost its first line
            help = "indent it like the line above, or put the line `index …` between them"
        message = f"nothing can stand under {titled(statement.kind)}"
        fix: Fix = ()
        entry = statement.entry
        sure = not entry.slipped and entry.indent is not None and children[0].indent is not None
        if parent != "a file" and sure:
            fix = shifted(children, (entry.indent or 0) - (children[0].indent or 0))
        self.error("E107", message, first_word(children[0]), help, fix=fix)
        if parent != "a file":
            yield from self.block(children, parent, owner)
            return
        first = children[0]
        word = len(first.text.split()[0])
        lost = Entry(
            f"index unnamed.{first.start}.lost", first.start, self.name, children, length=word
        )
        read = self.line(lost, lost.text, lost.start, STATEMENT)
        if read is not None and isinstance(read[0].children[0], Tree):
            yield Statement("index", read[0].children[0], lost, lost.start, True)

    def misplaced(self, statement: Statement, parent: str) -> int:
        """Report a line that stands in a block where it cannot; the number of the message."""
        homes = [home for home, kinds in STANDS_UNDER.items() if statement.kind in kinds]
        if homes == ["a file"]:
            help = "start it at the left edge"
        elif parent == "a file":
            help = f"indent it under {either(homes)}"
        else:
            help = f"it stands under {either(homes)}"
        here = "at the left edge of a file" if parent == "a file" else f"under {parent}"
        self.error(
            "E107",
            f"{titled(statement.kind)} cannot stand {here}",
            first_word(statement.entry),
            help,
        )
        return len(self.found) - 1

    def rehome(self, statement: Statement, owner: Entry | None) -> None:
        """Read a misplaced line all the same: its faults are its own, and its id may be needed."""
        statement = replace(statement, damaged=True)
        match statement.kind:
            case "use" | "scale" | "index" | "group" | "units" | "questions":
                outer, self.strays = self.strays, []
                self.declaration(statement)
                self.strays = outer + self.strays
            case "category" | "indicator":
                self.strays.append(self.level(statement))
            case "question":
                self.strays.append(self.question(statement))
            case "ask":
                self.ask(statement)
            case "measure" | "data":
                measure = self.measure(statement)
                if measure.data:
                    self.data.append(measure)
                else:
                    self.strays.append(measure)
            case _:
                if owner is not None:
                    owner.lost = True

    # ---- scales and options

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

    def on_one_line(self, entry: Entry) -> Fix:
        """The fix that lists what stands below a line on the line itself."""
        below = entry.children
        told = all(re.fullmatch(r'("[^"]*"|[^",:=]+)( = [^",:=]+)?', each.text) for each in below)
        if not told or any(each.children for each in below):
            return ()
        end = Span(self.name, entry.end, entry.end)
        text = "".join(f", {each.text}" for each in below)
        return (Edit(end, text), *without(self.lines_of(*below)))

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

    # ---- index, category, indicator, question

    def level(self, statement: Statement) -> tree.Level:
        kind = tree.LevelKind(statement.kind)
        name = self.id(statement)
        parts = self.level_parts(statement, kind)
        settings: dict[str, tree.Setting] = {}
        rules: list[tree.Rule] = []
        data: list[tree.Measure] = []
        children: list[tree.Level | tree.Question | tree.Measure] = []
        asks: list[tuple[int, tree.Ask]] = []
        ratings: list[tree.Rating] = []
        notes: list[tree.Text] = []
        givens: list[tree.Given] = []
        outer, self.strays = self.strays, []
        entry = statement.entry
        meant = self.meant_below(entry) or self.meant_beside(entry)
        for each in self.block(entry.children, article(statement.kind), entry):
            children += self.strays
            self.strays.clear()
            match each.kind:
                case "note":
                    notes.append(self.remark(each))
                case "question":
                    children.append(self.question(each))
                case "ask":
                    asks.append((len(children), self.ask(each)))
                case "category" | "indicator":
                    children.append(self.level(each))
                case "rating":
                    ratings.append(self.rating(each))
                case "given":
                    givens.append(tree.Given(each.span))
                case "measure":
                    children.append(self.measure(each))
                case "data":
                    data.append(self.measure(each))
                case _ if str(each.body.data) in _RULES:
                    self.rule(rules, each)
                case _:
                    self.once(settings, each.kind, self.setting(each))
        children += self.strays
        self.strays = outer
        if entry.lost and children:  # one of them may have been lost, and its weight with it
            children[0] = replace(children[0], damaged=True)
        if givens[1:] and not children:  # with children, a whole block may have slipped in
            note = Note("it first stands here", givens[0].span)
            message = "`given` stands twice in one block"
            fix = self.second_out(givens[0].span, givens[1].span)
            self.error("E112", message, givens[1].span, "keep one", note, fix=fix)
        weight = self.weight(statement, parts)
        return tree.Level(
            kind=kind,
            name=name,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            weight=weight,
            same_as=self.path(statement, parts.get("same_as")),
            given=givens[0] if givens else None,
            settings=tuple(settings.values()),
            rules=tuple(rules),
            notes=tuple(notes),
            children=tuple(children),
            data=tuple(data),
            damaged=statement.damaged
            or entry.unclear
            or (weight is None and "weight" in parts)
            or (entry.lost and not children),
            span=statement.span,
            asks=tuple(asks),
            meant=meant,
            ratings=tuple(replace(each, lost=entry.lost) for each in ratings),
        )

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

    def question(self, statement: Statement) -> tree.Question:
        name = self.id(statement)
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
                "take over the indicator that asks it: `indicator … same as index.indicator`",
            ),
            in_unit=("has no unit", "write `measure` in place of `question` if it is a number"),
            plausible=(
                "has no plausible values",
                "write `measure` in place of `question` if it is a number",
            ),
            per=("is divided by nothing", "write `measure` in place of `question` if it is"),
        )
        skip: list[tree.Skip] = []
        text: list[tree.Text] = []
        notes: list[tree.Text] = []
        options: list[tree.ScaleBody] = []
        asked: list[tree.Asked] = []
        for each in self.block(statement.entry.children, "a question", statement.entry):
            if each.kind == "note":
                notes.append(self.remark(each))
            elif each.kind == "skip when":
                skip += self.skip(each)
            elif each.kind == "options":
                options.append(self.scale_body(each))
            elif each.kind == "asked":
                asked += [found for found in [self.asked(each)] if found]
            else:
                text.append(self.remark(each))
        if options[1:]:
            self.error(
                "E112",
                f"question `{name.text}` has two lists of options",
                options[1].span,
                "keep one",
                Note("the first is here", options[0].span),
            )
        if asked[1:]:
            note = Note("it first stands here", asked[0].span)
            message = "`asked` stands twice in one block"
            self.error("E112", message, asked[1].span, "keep one", note)
        on_scale = parts.get("on_scale")
        weight = self.weight(statement, parts)
        return tree.Question(
            name=name,
            title=self.part_text(statement, parts.get("title")),
            code=self.part_text(statement, parts.get("code")),
            on_scale=self.plain_name(statement, on_scale.token) if on_scale else None,
            options=options[0] if options else None,
            weight=weight,
            skip=tuple(skip),
            text=tuple(text),
            notes=tuple(notes),
            damaged=statement.damaged
            or statement.entry.lost
            or (weight is None and "weight" in parts)
            or "same_as" in parts,
            span=statement.span,
            asked_in=asked[0] if asked else None,
        )

    # ---- measures, data, groups

    def measure(self, statement: Statement) -> tree.Measure:
        data = statement.kind == "data"
        name = self.id(statement)
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
        text: list[tree.Text] = []
        notes: list[tree.Text] = []
        skip: list[tree.Skip] = []
        steps: list[tree.Steps] = []
        normalise: list[tree.Normalise] = []
        formulas: list[tree.Formula] = []
        lost = False
        for each in self.block(statement.entry.children, article(statement.kind), statement.entry):
            match each.kind:
                case "note":
                    notes.append(self.remark(each))
                case "skip when":
                    skip += self.skip(each)
                case "steps":
                    steps.append(self.steps(each))
                case "formula":
                    worked_out = read_formula(self, each)
                    formulas += [worked_out] if worked_out else []
                    lost |= worked_out is None
                case "normalise":
                    found = self.normalise(each)
                    normalise += [found] if found else []
                    lost |= found is None
                case _:
                    text.append(self.remark(each))
        ways: list[tree.Steps | tree.Normalise] = [*steps, *normalise]
        for what, lines in (("it is scored", ways), ("it is worked out", formulas)):
            if lines[1:]:
                first, second, *_ = sorted((each.span for each in lines), key=lambda s: s.start)
                self.error(
                    "E112",
                    f"measure `{name.text}` says twice how {what}",
                    second,
                    "keep one",
                    Note("the first is here", first),
                )
        if formulas:
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
            steps=steps[0] if steps else None,
            normalise=normalise[0] if normalise and not steps else None,
            skip=tuple(skip),
            text=tuple(text),
            notes=tuple(notes),
            damaged=statement.damaged or statement.entry.lost or lost,
            span=statement.span,
            per=self.per(statement, parts.get("per")) if not formulas else None,
            formula=formulas[0] if formulas else None,
        )

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
