"""Figures and questions: settings inherited, scales found, `same as` followed to its figure."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from bareme.diagnostics import Diagnostic, Note, counted, listing, nearest, quote
from bareme.framework import (
    Figure,
    Framework,
    Index,
    Origin,
    Question,
    Scale,
    Setting,
    Settings,
)
from bareme.language import tree
from bareme.resolve.scales import nearest_scale, resolve_scale, unknown_scale
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
        questions: dict[str, tree.Question],
        found: list[Diagnostic],
    ) -> None:
        self.scales = scales
        self.elsewhere: dict[str, str] = {}
        self.questions = questions
        self.found = found
        self.used: set[str] = set()
        self.missed: list[tree.Name] = []

    def figure(self, level: tree.Level, above: tuple[str, ...], inherited: Settings) -> Figure:
        path = (*above, level.name.text)
        settings = _inherit(inherited, level.settings)
        level = self.check_siblings(level)
        level = self.check_content(level)
        children = tuple(
            self.figure(child, path, settings)
            if isinstance(child, tree.Level)
            else self.question(child, path, settings)
            for child in level.children
        )
        origin, span = Origin.CHILDREN, level.span
        if level.same_as is not None:
            origin, span = Origin.SAME_AS, level.same_as.span
        elif level.given is not None:
            origin, span = Origin.GIVEN, level.given.span
        return Figure(
            level=level.kind.value,
            path=path,
            title=level.title.text if level.title else _title(level.name.text),
            code=level.code.text if level.code else None,
            weight=level.weight,
            origin=origin,
            same_as=tuple(level.same_as.text.split(".")) if level.same_as else None,
            children=children,
            settings=settings,
            notes=tuple(note.text for note in level.notes),
            damaged=level.damaged,
            span=level.span,
            name_span=level.name.span,
            origin_span=span,
        )

    def question(
        self, question: tree.Question, above: tuple[str, ...], settings: Settings
    ) -> Question:
        id = question.name.text
        first = self.questions.setdefault(id, question)
        if first is not question:
            question = replace(question, damaged=True)  # its weight may be one too many
            self.found.append(
                Diagnostic(
                    "E204",
                    f"question {quote(id)} is asked twice; ids of questions are unique "
                    "in a framework",
                    question.name.span,
                    "rename one of them, or take over the indicator that asks it with `same as`",
                    (Note("it is first asked here", first.name.span),),
                )
            )
        text = " ".join(each.text for each in question.text)
        return Question(
            id=id,
            path=(*above, id),
            title=question.title.text if question.title else _title(id),
            text=text,
            code=question.code.text if question.code else None,
            scale=self.scale_of(question),
            weight=question.weight,
            notes=tuple(note.text for note in question.notes),
            settings=settings,
            damaged=question.damaged,
            span=question.span,
            name_span=question.name.span,
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

    def report_missed(self, used: Set[str]) -> None:
        """Report the scales that are not there; `used` are those that some question is on.

        A scale that many miss and nobody has is one slip, where it should be declared; so is a
        file that is not used. Where others are on the right scale, each line has its own slip.
        """
        groups: dict[tuple[str, str], list[tree.Name]] = {}
        for name in self.missed:
            home = self.elsewhere.get(name.text, "")
            near = nearest_scale(name.text, self.scales, self.elsewhere)
            alone = f"{name.span.start}" if near in used and not home else ""
            groups.setdefault((home or name.text, alone), []).append(name)
        for names in groups.values():
            for each in unknown_scale(names[0], self.scales, self.elsewhere):
                notes: list[Note] = []
                if names[1:]:
                    more = counted(len(names) - 1, "more question")
                    needs = "needs" if len(names) == 2 else "need"
                    text = f"{more} of this file {needs} it; the next one is here"
                    notes.append(Note(text, names[1].span))
                near = nearest_scale(names[0].text, self.scales, {})
                if names[1:] and near and near not in used and each.code == "E201":
                    text = f"scale `{near}` is declared here, and no question is on it"
                    notes.append(Note(text, self.scales[near].span))
                self.found.append(replace(each, notes=tuple(notes)))

    def check_siblings(self, level: tree.Level) -> tree.Level:
        """Report figures that stand twice; they are damaged, for one of them may be empty."""
        first: dict[str, tree.Level | tree.Question] = {}
        twice: set[str] = set()
        for child in level.children:
            name = child.name
            other = first.setdefault(name.text, child)
            # Two questions of one id are reported where the second is asked.
            asked_twice = isinstance(child, tree.Question) and isinstance(other, tree.Question)
            if other is not child and not asked_twice:
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
        sound = [each for each in level.children if not each.damaged]  # others may have slipped in
        if sound or (level.children and not origins):
            first = (sound or level.children)[0]
            origins.append((f"scored from the {_kind(first)} below it", first.name.span))
        if len(origins) > 1:
            self.found.append(
                Diagnostic(
                    "E215",
                    f"{named} is {origins[0][0]} and also {origins[1][0]}",
                    origins[1][1],
                    "keep one of the two",
                    (Note("the other is here", origins[0][1]),),
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
                )
            )
        return level


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
                found.append(figure_not_found(framework, figure, written, candidates))
            return replace(figure, same_as=None)
        target = candidates[0]
        title = target.title if figure.title == _title(figure.id) else figure.title
        return replace(figure, same_as=target.path, title=title)

    indices = tuple(Index(follow(index.root), index.compare_with) for index in framework.indices)
    return Framework(framework.name, framework.scales, indices), pairs


def figure_not_found(
    framework: Framework, figure: Figure, written: str, candidates: Sequence[Figure]
) -> Diagnostic:
    """A figure is the same as one that is not there, or that could be several."""
    assert figure.origin_span is not None
    if candidates:
        return Diagnostic(
            "E207",
            f"{quote(written)} names {len(candidates)} figures",
            figure.origin_span,
            f"write the path in full: {listing([each.dotted for each in candidates], last='or')}",
        )
    ids = written.split(".")
    known = [index.id for index in framework.indices]
    others = [f for f in framework.figures.values() if f.path != figure.path]
    if ids[0] in known:
        what = f"`{ids[0]}` has no figure {quote('.'.join(ids[1:]))}"
    else:
        what = f"there is no index {quote(ids[0])}"
    index = ids[0] if ids[0] in known else nearest(ids[0], known)
    within = [f for f in others if f.path[0] == index] if index else others
    below = {f.id: f.dotted for f in reversed(within) if f.path[1:]}
    near = nearest(ids[-1], below)
    if near:
        help = f"`{below[near]}`"
    elif index and below:
        help = f"`{index}` holds {listing(list(below.values()))}"
    elif index:
        help = f"`{index}` holds no other figure; questions are not taken over"
    else:
        help = f"write an index and the ids below it; the indices here are {listing(known)}"
    return Diagnostic("E203", what, figure.origin_span, help)


def _inherit(above: Settings, written: Sequence[tree.Setting]) -> Settings:
    settings = above
    for each in written:
        match each:
            case tree.Publish():
                settings = replace(settings, places=Setting(each.places, each.span))
            case tree.Bands():
                ordered = tuple(sorted(each.bands, key=lambda band: -band.floor))
                settings = replace(settings, bands=Setting(ordered, each.span))
            case tree.Aggregate():
                settings = replace(settings, aggregation=Setting(each.method, each.span))
            case tree.WhenMissing():
                settings = replace(settings, when_missing=Setting(each.policy, each.span))
            case tree.CompareWith():
                pass  # of the index alone
    return settings


def _kind(child: tree.Level | tree.Question) -> str:
    return f"{child.kind}" if isinstance(child, tree.Level) else "question"


def _title(id: str) -> str:
    """What an id reads like where nobody wrote a title."""
    words = id.replace("_", " ")
    return words[:1].upper() + words[1:]
