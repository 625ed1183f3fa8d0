"""Figures as profiles name them: by index, then by an id or as much of the path as it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bareme.diagnostics import Diagnostic, Edit, Note, instead, listing, nearest, quote
from bareme.framework import Figure, Framework, Rating
from bareme.profiles.fields import FieldReader, keys_of
from bareme.profiles.nodes import Mapping, Node, Text
from bareme.profiles.profile import Path
from bareme.record import replace
from bareme.source import Source, Span

OF_AN_INDEX = ("rank", "band")
"""What may be printed of an index beside its figures."""


class FigureReader(FieldReader):
    """Reads what goes by index and figure; what is wrong goes to `found`."""

    def __init__(self, source: Source, framework: Framework, found: list[Diagnostic]) -> None:
        super().__init__(source, found)
        self.framework = framework
        self.beside: set[str] = set()  # the names of the block that is read

    def by_index(self, node: Node | None, what: str) -> Iterator[tuple[str, Text, Node]]:
        known = [index.id for index in self.framework.indices]
        figures = {*OF_AN_INDEX, *(figure.id for figure in self.framework.figures.values())}
        figures |= {path[-1] for path in self.framework.ratings}
        astray = False  # a run of figures that have lost the line of their index is one slip
        for key, section in self.mapping(node, what, f"{known[0] if known else 'index'}:"):
            if astray and key.value in figures and not isinstance(section, Mapping):
                self.indent_as_well(key)
                continue
            astray = key.value not in known and key.value in figures
            if key.value not in known:
                self.unknown_index(key, section, what, keys_of(node))
                continue
            self.beside = keys_of(section)
            example = f"{key.value}: 50"
            for name, value in self.mapping(section, f"{what} of `{key.value}`", example):
                yield key.value, name, value

    def indent_as_well(self, key: Text) -> None:
        """A line that has lost the line of its index goes in with the one before it."""
        first = self.found[-1]
        if first.code == "E223" and first.fix:
            edit = Edit(Span(key.span.file, key.span.start, key.span.start), "  ")
            self.found[-1] = replace(first, fix=(*first.fix, edit))

    def unknown_index(self, key: Text, section: Node, what: str, there: set[str]) -> None:
        known = [index.id for index in self.framework.indices]
        near = nearest(key.value, known)
        homes = [f.path[0] for f in self.framework.figures.values() if f.id == key.value]
        if key.value in OF_AN_INDEX and known:
            help = f"a {key.value} is of an index; indent it under a line such as `{known[0]}:`"
        elif homes:
            help = f"it is a figure of `{homes[0]}`; indent it under a line `{homes[0]}:`"
        elif near in there:
            help = f"`{near}` stands here already; put these lines under it"
        elif near:
            help = f"`{near}`"
        else:
            help = f"{what} goes by index: {listing(known)}"
        fix = instead(key.span, near if not homes and near not in there else None)
        lines = key.span.to(section.span)
        if homes and homes[0] not in there and self.alone_on_its_lines(lines):
            at = Span(key.span.file, key.span.start, key.span.start)
            fix = instead(at, f"{homes[0]}:\n  ")
        self.error("E223", f"there is no index {quote(key.value)}", key.span, help, fix=fix)

    def figure(self, index: str, key: Text) -> Figure | None:
        """The figure of an index that a key names: its id, or a path where that is not enough."""
        ids = tuple(key.value.split("."))
        candidates = self.framework.named(ids if ids[0] == index else (index, *ids))
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            shorter = [each.dotted.removeprefix(f"{index}.") for each in candidates]
            self.error(
                "E207",
                f"{quote(key.value)} names {len(candidates)} figures of `{index}`",
                key.span,
                f"write {listing(shorter, last='or')}",
                *(Note(f"`{each.dotted}` is here", each.name_span) for each in candidates[:4]),
            )
            return None
        below = {f.id: f for f in self.framework.figures.values() if f.path[0] == index}
        near = nearest(ids[-1], below)
        question = self.framework.questions.get(key.value)
        if self.rating(index, key) is not None:
            help = "it is a rating, which is read off figures; give the score of one of them"
        elif question is not None:
            help = "it is a question; write it under `answers`"
        elif near is not None:
            help = f"`{near}`"
        else:
            help = f"`{index}` holds {listing(list(below))}"
        fix = instead(key.span, near if question is None and near not in self.beside else None)
        self.error("E224", f"`{index}` has no figure {quote(key.value)}", key.span, help, fix=fix)
        return None

    def rating(self, index: str, key: Text) -> Rating | None:
        """The rating of an index that a key names, by its id or with the index before it."""
        ids = tuple(key.value.split("."))
        return self.framework.ratings.get(ids if ids[0] == index else (index, *ids))

    def of_each_part(self, figure: Figure, key: Text, do: str) -> bool:
        """Whether a figure has a score for each part and none for the entity; report it."""
        scope = self.framework.scopes.get(figure.path)
        if scope is None:
            return False
        self.error(
            "E230",
            f"{quote(key.value)} is scored for each part, so there is no one score to {do}",
            key.span,
            f"{do} `{scope[-1]}`, the mean of the parts"
            + (", or answer for each" if do == "give" else ""),
        )
        return True

    def fresh(
        self, taken: Iterable[Path], figure: Figure | Rating, span: Span, places: dict[Path, Span]
    ) -> bool:
        if figure.path not in set(taken):
            return True
        self.error(
            "E403",
            f"`{figure.dotted}` stands twice here, under two names",
            span,
            "keep one",
            Note("it first stands here", places[figure.path]),
        )
        return False
