"""Figures and questions: settings inherited, scales found, `same as` followed to its figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from bareme.diagnostics import (
    SUGGESTED,
    Diagnostic,
    Fix,
    Note,
    counted,
    instead,
    listing,
    nearest,
    quote,
    without,
)
from bareme.framework import (
    FULL,
    Accepted,
    Asked,
    Figure,
    Framework,
    Measure,
    Origin,
    Part,
    Question,
    Scale,
    Setting,
    Settings,
)
from bareme.language import tree
from bareme.methods.missing import ALL
from bareme.record import Record, replace
from bareme.resolve.asks import Declared
from bareme.resolve.measures import goalposts, ordered, resolve_steps
from bareme.resolve.scales import InSight, resolve_scale, unknown_scale
from bareme.source import Span


class Reader:
    """Builds the figures of one file.

    Attributes:
        scales: the scales in sight, by name.
        elsewhere: scales of files that this one does not use, with the file's name.
        used: names of the scales that were needed.
    """

    def __init__(
        self,
        scales: dict[str, Scale],
        questions: dict[str, tree.Question | tree.Measure],
        found: list[Diagnostic],
    ) -> None:
        self.scales = scales
        self.elsewhere: dict[str, str] = {}
        self.questions = questions
        self.found = found
        self.used: set[str] = set()
        self.missed: list[tree.Name] = []
        self.rules: dict[tuple[str, ...], Sequence[tree.Rule]] = {}
        self.readers: dict[str, Reader] = {}  # of all files, by their stem
        self.groups: dict[str, Span] = {}  # every group of the framework, and where it is declared
        self.known: dict[str, Declared] = {}  # every question of the framework
        self.read_scales: dict[str, Scale | None] = {}  # of the questions of this file
        self.formulas: dict[tuple[str, ...], tree.Formula | tree.Per] = {}

    def figure(self, level: tree.Level, above: tuple[str, ...], inherited: Settings) -> Figure:
        path = (*above, level.name.text)
        settings = self.inherit(inherited, level.settings)
        self.rules[path] = level.rules
        level = self.check_siblings(level)
        level = self.check_content(level)
        children = tuple(self.part(child, path, settings) for child in level.children)
        scope = next((each for each in level.rules if isinstance(each, tree.Range)), None)
        each = next((each for each in level.rules if isinstance(each, tree.ForEach)), None)
        rescale = next((each for each in level.rules if isinstance(each, tree.Rescale)), None)
        own = ordered(scope.low, scope.high, scope.span, "a range", self.found) if scope else None
        origin, span = Origin.CHILDREN, level.span
        if level.same_as is not None:
            origin, span = Origin.SAME_AS, level.same_as.span
        elif level.given is not None:
            origin, span = Origin.GIVEN, level.given.span
        elif not children and any(isinstance(each, tree.ScoreWhen) for each in level.rules):
            origin = Origin.DECIDED
        return Figure(
            level=level.kind.value,
            path=path,
            title=level.title.text if level.title else _title(level.name.text),
            code=level.code.text if level.code else None,
            weight=level.weight,
            origin=origin,
            same_as=tuple(level.same_as.text.split(".")) if level.same_as else None,
            children=children,
            data=tuple(self.measure(each, path, settings) for each in level.data),
            range=own or FULL,
            range_span=scope.span if scope else None,
            rescale=rescale.span if rescale else None,
            adjustments=(),
            skip=(),
            require=None,
            settings=settings,
            notes=tuple(note.text for note in level.notes),
            damaged=level.damaged,
            span=level.span,
            name_span=level.name.span,
            origin_span=span,
            over=next((o.span for o in level.rules if isinstance(o, tree.OverIndicators)), None),
            each=Setting(each.unit.text, each.unit.span) if each else None,
            accepted=_accepted(level.rules),
        )

    def question(
        self, question: tree.Question, above: tuple[str, ...], settings: Settings
    ) -> Question:
        id = question.name.text
        if question.asked_by is None and not self.asked_once("question", question):
            question = replace(question, damaged=True)  # its weight may be one too many
        self.rules[(*above, id)] = question.skip
        text = " ".join(each.text for each in question.text)
        return Question(
            id=id,
            path=(*above, id),
            title=question.title.text if question.title else _title(id),
            text=text,
            code=question.code.text if question.code else None,
            scale=self.scale_read(question),
            weight=question.weight,
            skip=(),
            notes=tuple(note.text for note in question.notes),
            settings=self.inherit(settings, self.declared(question).settings),
            damaged=question.damaged,
            span=question.span,
            name_span=question.name.span,
            asked_by=question.asked_by,
            asked_in=_asked_in(self.declared(question).asked_in),
        )

    def declared(self, question: tree.Question) -> tree.Question:
        """The question where it is declared, of one that an `ask` line repeats."""
        home = self.known.get(question.name.text)
        return home.question if home and question.asked_by else question

    def scale_read(self, question: tree.Question) -> Scale | None:
        """The scale of a question, read once, in the file where it is declared."""
        id = question.name.text
        home = self.known.get(id)
        reader = self.readers[home.home] if home and question.asked_by else self
        declared = self.declared(question)
        if declared.damaged or (home is not None and home.question is not declared):
            return reader.scale_of(declared)  # a second question of that id
        if id not in reader.read_scales:
            reader.read_scales[id] = reader.scale_of(declared)
        return reader.read_scales[id]

    def asked_once(self, kind: str, written: tree.Question | tree.Measure) -> bool:
        """Whether no other question or measure has this id; report it where one has."""
        id = written.name.text
        first = self.questions.setdefault(id, written)
        if first is written:
            return True
        asked = "asked" if isinstance(first, tree.Question) else "declared"
        if kind == "question" and asked == "asked":
            message = f"question {quote(id)} is asked twice; ids of questions are unique "
            message += "in a framework"
        else:
            message = f"{quote(id)} stands twice; ids of questions and measures are unique "
            message += "in a framework"
        self.found.append(
            Diagnostic(
                "E204",
                message,
                written.name.span,
                "rename one of them, or take over the indicator that asks it with `same as`",
                (Note(f"it is first {asked} here", first.name.span),),
            )
        )
        return False

    def part(
        self,
        child: tree.Level | tree.Question | tree.Measure,
        path: tuple[str, ...],
        above: Settings,
    ) -> Part:
        match child:
            case tree.Level():
                return self.figure(child, path, above)
            case tree.Question():
                return self.question(child, path, above)
            case tree.Measure():
                return self.measure(child, path, above)

    def measure(self, written: tree.Measure, above: tuple[str, ...], settings: Settings) -> Measure:
        id = written.name.text
        damaged = written.damaged or not self.asked_once("measure", written)
        self.rules[(*above, id)] = written.skip
        worked_out = written.formula or written.per
        if worked_out is not None:
            self.formulas[(*above, id)] = worked_out
        own = [written.normalise] if written.normalise is not None else []
        settings = self.inherit(settings, [*own, *written.settings])
        steps = resolve_steps(written.steps, self.found) if written.steps else None
        if not (written.data or written.steps or settings.normalise.value or damaged):
            self.found.append(
                Diagnostic(
                    "E208",
                    f"measure `{id}` does not say how its values are scored",
                    written.name.span,
                    "write `normalise from` its worst value `to` its best under it, or `steps`",
                )
            )
        plausible = written.plausible
        return Measure(
            id=id,
            path=(*above, id),
            title=written.title.text if written.title else _title(id),
            text=" ".join(each.text for each in written.text),
            code=written.code.text if written.code else None,
            unit=written.unit.text if written.unit else "",
            plausible=ordered(*plausible, plausible[0].span.to(plausible[1].span),
                              "what is plausible", self.found) if plausible else None,
            scoring=None if written.data else steps or settings.normalise,
            weight=written.weight,
            skip=(),
            notes=tuple(note.text for note in written.notes),
            settings=settings,
            damaged=damaged or bool(written.steps and steps is None),
            span=written.span,
            name_span=written.name.span,
        )  # fmt: skip

    def inherit(self, above: Settings, written: Sequence[tree.Setting]) -> Settings:
        """The settings that hold from here on down."""
        settings = above
        for each in written:
            match each:
                case tree.Publish():
                    on = (
                        ordered(*each.on, each.span, "what is printed", self.found)
                        if each.on
                        else None
                    )
                    settings = replace(
                        settings,
                        places=Setting(each.places, each.span),
                        printed_on=Setting(on, each.span),
                    )
                case tree.Bands():
                    in_order = tuple(sorted(each.bands, key=lambda band: -band.floor))
                    settings = replace(settings, bands=Setting(in_order, each.span))
                case tree.Aggregate():
                    settings = replace(settings, aggregation=Setting(each.method, each.span))
                case tree.WhenMissing():
                    if each.of is not None:
                        self.check_group(each.of)
                    settings = replace(settings, when_missing=Setting(each.policy, each.span))
                case tree.Normalise():
                    settings = replace(settings, normalise=goalposts(each, self.found))
                case tree.WeightsTotal():
                    settings = replace(settings, weights_total=Setting(each.total.value, each.span))
                case tree.BandBy():
                    by = Setting(not each.rounded, each.span)
                    settings = replace(settings, band_by_unrounded=by)
                case tree.Answer():
                    needed = Setting(each.required, each.span)
                    settings = replace(settings, answer_required=needed)
                case tree.CompareWith() | tree.CompareBy() | tree.RankBy() | tree.Levels():
                    pass  # of the index alone
        return settings

    def check_group(self, named: tree.Name) -> None:
        """Report an average that is of no group, or could be of two."""
        if named.text == ALL and ALL in self.groups:
            message = "`all` means the whole cohort here, and a group has that name too"
            note = Note("the group is declared here", self.groups[ALL])
            self.found.append(Diagnostic("E235", message, named.span, "rename the group", (note,)))
        elif named.text != ALL and named.text not in self.groups:
            near = nearest(named.text, [*self.groups, ALL])
            help = f"declare it, `group {named.text}` at the left edge, or write `average of all`"
            message = f"there is no group {quote(named.text)}"
            self.found.append(
                Diagnostic("E216", message, named.span, f"`{near}`" if near else help)
            )

    def scale_of(self, question: tree.Question) -> Scale | None:
        id, name, options = question.name.text, question.on_scale, question.options
        if name is not None:
            self.used.add(name.text)
        if name is not None and options is not None:
            self.found.append(
                Diagnostic(
                    "E209",
                    f"question `{id}` has both a scale and options of its own",
                    options.span,
                    f"keep one: delete the options, or take `on {name.text}` out",
                    (Note("the scale is named here", name.span),),
                )
            )
        if options is not None and options.reverse_of is not None:
            self.found.append(
                Diagnostic(
                    "E209",
                    f"the options of question `{id}` are the reverse of a scale",
                    options.reverse_of.span,
                    f"write `scale {id}_scale: reverse of {options.reverse_of.text}` at the left "
                    f"edge, and here `question {id} on {id}_scale`",
                )
            )
            return None
        if options is not None:
            return resolve_scale(id, options, True, self.found)
        if name is None:
            if not question.damaged:
                self.found.append(
                    Diagnostic(
                        "E208",
                        f"question `{id}` does not say how its answers are scored",
                        question.name.span,
                        "name a scale, `on yes_no`, or list `options` under it",
                    )
                )
            return None
        scale = self.scales.get(name.text)
        if scale is None:
            self.missed.append(name)
        return scale

    def report_missed(self, used: Set[str], everywhere: Mapping[str, int]) -> None:
        """Report the scales that are not there.

        A scale that many miss and nobody has is one slip, where it should be declared; so is a
        file that is not used. Where others are on the right scale, each line has its own slip.

        Args:
            used: the scales that some question is on.
            everywhere: how often each that is not there is missed in any file.
        """
        there = InSight(tuple(sorted(self.scales)), self.elsewhere)
        texts = list(dict.fromkeys(each.text for each in self.missed))[:SUGGESTED]
        near = {text: there.nearest(text) for text in texts}
        groups: dict[tuple[str, str], list[tree.Name]] = {}
        for name in self.missed:
            home = self.elsewhere.get(name.text, "")
            alone = f"{name.span.start}" if near.get(name.text) in used and not home else ""
            groups.setdefault((home or name.text, alone), []).append(name)
        for names in groups.values():
            meant = near.get(names[0].text)
            for each in unknown_scale(names, there, meant):
                fault = each
                if names[1:]:
                    more = counted(len(names) - 1, "more question")
                    needs = "needs" if len(names) == 2 else "need"
                    text = f"{more} of this file {needs} it; the next one is here"
                    fault = replace(each, notes=(Note(text, names[1].span),))
                many = everywhere[names[0].text] > 1
                if many and meant in self.scales and meant not in used:
                    fault = _misspelt_where_declared(fault, names[0], self.scales[meant])
                self.found.append(fault)

    def check_siblings(self, level: tree.Level) -> tree.Level:
        """Report figures that stand twice; they are damaged, for one of them may be empty."""
        first: dict[str, tree.Level | tree.Question | tree.Measure] = {}
        twice: set[str] = set()
        for child in level.children:
            name = child.name
            other = first.setdefault(name.text, child)
            # Two questions of one id are reported where the second is declared.
            declared_twice = not isinstance(child, tree.Level) and not isinstance(other, tree.Level)
            asked_twice = isinstance(child, tree.Question) and child.asked_by is not None
            if asked_twice and other is not child and declared_twice:
                assert isinstance(child, tree.Question)
                assert child.asked_by is not None
                first_place = other.asked_by if isinstance(other, tree.Question) else None
                twice.add(name.text)
                again = _asked_again(level, name.text)
                self.found.append(
                    Diagnostic(
                        "E204",
                        f"question {quote(name.text)} counts twice in {level.kind} "
                        f"`{level.name.text}`",
                        again.name if again else child.asked_by,
                        "ask it once, and give it a weight if it counts for more",
                        (Note("it is first asked here", first_place or other.name.span),),
                        without(again.whole) if again else (),
                    )
                )
            elif other is not child and not declared_twice:
                twice.add(name.text)
                self.found.append(
                    Diagnostic(
                        "E204",
                        f"{_kind(child)} {quote(name.text)} stands twice under "
                        f"{level.kind} `{level.name.text}`",
                        name.span,
                        "rename one of them",
                        (Note("it first stands here", other.name.span),),
                    )
                )
        return replace(
            level,
            children=tuple(
                replace(child, damaged=True) if child.name.text in twice else child
                for child in level.children
            ),
        )

    def check_content(self, level: tree.Level) -> tree.Level:
        """A figure has exactly one origin: what stands below it, `given`, or `same as`.

        One with two is damaged, for what stands below it may have slipped there.
        """
        named = f"{level.kind} `{level.name.text}`"
        origins: list[tuple[str, Span]] = []
        if level.same_as is not None:
            origins.append((f"the same as `{level.same_as.text}`", level.same_as.span))
        if level.given is not None:
            origins.append(("`given` by profiles", level.given.span))
        decided = next((each for each in level.rules if isinstance(each, tree.ScoreWhen)), None)
        if decided is not None:
            origins.append(("decided by `score … when`", decided.span))
        sound = [each for each in level.children if not each.damaged]  # others may have slipped in
        if sound or (level.children and not origins):
            first = (sound or level.children)[0]
            origins.append((f"scored from the {_kind(first)} below it", first.name.span))
        if len(origins) > 1:
            help, fix = "keep one of the two", Fix()
            if level.given is not None and level.meant:
                help, fix = f"indent it like {named}", level.meant
            self.found.append(
                Diagnostic(
                    "E215",
                    f"{named} is {origins[0][0]} and also {origins[1][0]}",
                    origins[1][1],
                    help,
                    (Note("the other is here", origins[0][1]),),
                    fix,
                )
            )
            children = tuple(replace(each, damaged=True) for each in level.children)
            return replace(level, damaged=True, children=children)
        if not origins and not level.damaged:
            self.found.append(
                Diagnostic(
                    "E210",
                    f"{named} has nothing to score",
                    level.name.span,
                    "indent what it is made of under it, or write `given` there "
                    "if only its score is known"
                    if level.kind is not tree.LevelKind.INDEX
                    else "indent its categories, indicators or questions under it",
                    fix=level.meant,
                )
            )
        return level


class _Again(Record):
    """Where a question is asked once more: its name, and what to take out with it."""

    name: Span
    whole: Span


def _asked_again(level: tree.Level, id: str) -> _Again | None:
    """The second time that a figure asks for a question by its own name, on a line with others."""
    seen = False
    for _, ask in level.asks:
        before: tree.Name | None = None
        for first, last in ask.asked:
            if last is None and first.text == id:
                if seen and before is not None:
                    return _Again(
                        first.span, Span(first.span.file, before.span.end, first.span.end)
                    )
                seen = True
            before = last or first
    return None


def _misspelt_where_declared(fault: Diagnostic, name: tree.Name, scale: Scale) -> Diagnostic:
    """Several questions are on a scale that is not there, and none on one that is called alike."""
    if scale.reverse_of is not None or fault.code != "E201":
        return fault
    note = Note(f"scale `{scale.name}` is declared here, and no question is on it", scale.span)
    help = f"write `{name.text}` where scale `{scale.name}` is declared"
    fix = instead(scale.span, name.text)
    return replace(fault, help=help, notes=(*fault.notes, note), fix=fix)


def resolve_same_as(
    framework: Framework, found: list[Diagnostic]
) -> tuple[Framework, set[tuple[str, str]]]:
    """Replace each `same as` path by the full path of its figure.

    Returns:
        The framework, and the pairs (index, index it refers to).
    """
    pairs: set[tuple[str, str]] = set()

    def follow(figure: Figure) -> Figure:
        children = tuple(
            follow(child) if isinstance(child, Figure) else child for child in figure.children
        )
        figure = replace(figure, children=children)
        if figure.same_as is None:
            return figure
        pairs.add((figure.path[0], figure.same_as[0]))
        candidates = framework.named(figure.same_as)
        if len(candidates) != 1:
            assert figure.origin_span is not None
            written = ".".join(figure.same_as)
            unnamed = any(index.id.startswith("unnamed.") for index in framework.indices)
            if not unnamed or framework.index(figure.same_as[0]):
                many = len(found) >= SUGGESTED
                found.append(figure_not_found(framework, figure, written, candidates, many))
            return replace(figure, same_as=None)
        target = candidates[0]
        title = target.title if figure.title == _title(figure.id) else figure.title
        return replace(figure, same_as=target.path, title=title)

    indices = tuple(replace(index, root=follow(index.root)) for index in framework.indices)
    return replace(framework, indices=indices), pairs


def figure_not_found(
    framework: Framework,
    figure: Figure,
    written: str,
    candidates: Sequence[Figure],
    many: bool = False,
) -> Diagnostic:
    """A figure is the same as one that is not there, or that could be several.

    Args:
        many: whether there are so many such messages that what was meant is not looked for.
    """
    assert figure.origin_span is not None
    if candidates:
        return Diagnostic(
            "E207",
            f"{quote(written)} names {len(candidates)} figures",
            figure.origin_span,
            f"write the path in full: {listing([each.dotted for each in candidates], last='or')}",
            tuple(Note(f"`{each.dotted}` is here", each.name_span) for each in candidates[:4]),
        )
    ids = written.split(".")
    known = [index.id for index in framework.indices]
    if ids[0] in known:
        what = f"`{ids[0]}` has no figure {quote('.'.join(ids[1:]))}"
    else:
        what = f"there is no index {quote(ids[0])}"
    if many:
        return Diagnostic("E203", what, figure.origin_span, "write an index and the ids below it")
    others = [f for f in framework.figures.values() if f.path != figure.path]
    index = ids[0] if ids[0] in known else nearest(ids[0], known)
    within = [f for f in others if f.path[0] == index] if index else others
    below = {f.id: f.dotted for f in reversed(within) if f.path[1:]}
    found_at = {f.id: f.path for f in reversed(within) if f.path[1:]}
    near = nearest(ids[-1], below)
    sound = near is not None and below[near].count(".") == len(found_at[near]) - 1
    fix = instead(figure.origin_span, below[near] if near and sound else None)
    if near:
        help = f"`{below[near]}`"
    elif index and below:
        help = f"`{index}` holds {listing(list(below.values()))}"
    elif index:
        help = (
            f"`{index}` holds no other figure; put its questions under an indicator, and name that"
        )
    else:
        help = f"write an index and the ids below it; the indices here are {listing(known)}"
    return Diagnostic("E203", what, figure.origin_span, help, fix=fix)


def _kind(child: tree.Level | tree.Question | tree.Measure) -> str:
    match child:
        case tree.Level():
            return f"{child.kind}"
        case tree.Question():
            return "question"
        case tree.Measure():
            return "measure"


def _asked_in(written: tree.Asked | None) -> Asked | None:
    if written is None:
        return None
    first, last = written.first, written.last
    return Asked(
        first.text if first else None,
        last.text if last else None,
        written.span,
        first.span if first else None,
        last.span if last else None,
    )


def _accepted(rules: Sequence[tree.Rule]) -> Accepted | None:
    written = next((each for each in rules if isinstance(each, tree.Accepted)), None)
    return Accepted(written.reason.text, written.span) if written else None


def _title(id: str) -> str:
    """What an id reads like where nobody wrote a title."""
    words = id.replace("_", " ")
    return words[:1].upper() + words[1:]
