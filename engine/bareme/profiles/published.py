"""What somebody printed: scores and changes, ranks, bands and ratings, each exactly as printed.

A profile holds them itself; an edition's table names the columns that hold them. Both have the
same shape, which is read once (`slots`), and the same values (`read_printed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bareme.diagnostics import Diagnostic, Fix, instead, not_a_number, quote
from bareme.exact import NotANumber, read_number
from bareme.profiles import nodes
from bareme.profiles.fields import first_line
from bareme.profiles.figures import OF_AN_INDEX, FigureReader
from bareme.profiles.nodes import Node, Text
from bareme.profiles.profile import (
    Differs,
    Path,
    Printed,
    PrintedBand,
    PrintedFigure,
    PrintedRank,
    PrintedRating,
)
from bareme.record import Record
from bareme.source import Span

_RANK = re.compile(r"(=?)([0-9]{1,9})")
_FIGURE = ("score", "change", "band", "differs")


class Slot(Record):
    """A place for what is printed: a figure or rating by its path, the rank or band of an index."""

    path: Path
    what: str  # "figure", "rating", "rank" or "band"


@dataclass
class PrintedOf:
    """All that is printed of one entity."""

    figures: dict[Path, PrintedFigure] = field(default_factory=dict)
    ranks: dict[str, PrintedRank] = field(default_factory=dict)
    bands: dict[str, PrintedBand] = field(default_factory=dict)
    ratings: dict[Path, PrintedRating] = field(default_factory=dict)

    def add(
        self, slot: Slot, texts: Mapping[str, Text], ties: bool, out: Fix = ()
    ) -> list[Diagnostic]:
        """Read what is printed in one place; what is wrong with it is returned."""
        found: list[Diagnostic] = []
        read = read_printed(slot, texts, ties, found, out)
        match read:
            case PrintedFigure():
                self.figures.setdefault(slot.path, read)
            case PrintedRank():
                self.ranks.setdefault(slot.path[0], read)
            case PrintedBand():
                self.bands.setdefault(slot.path[0], read)
            case PrintedRating():
                self.ratings.setdefault(slot.path, read)
        return found


def read_printed(
    slot: Slot, texts: Mapping[str, Text], ties: bool, found: list[Diagnostic], out: Fix = ()
) -> PrintedFigure | PrintedRank | PrintedBand | PrintedRating | None:
    """The printed values of one place.

    Args:
        slot: whose they are.
        texts: as printed, under `score`, `change`, `band`, `rating`, `rank`, `differs`.
        ties: whether the print marks ties, as in `=13`.
        found: takes what is wrong.
        out: the fix that takes `differs` out.
    """
    reason = texts.get("differs")
    differs = Differs(reason.value, reason.span, out) if reason else None
    band = texts.get("band")
    printed_band = PrintedBand(band.value, band.span, differs) if band else None
    if slot.what == "band":
        return printed_band
    if slot.what == "rating":
        label = texts["rating"]
        return PrintedRating(label.value, label.span, differs)
    if slot.what == "rank":
        return _rank(texts["rank"], ties, differs, found)
    numbers = {key: _number(texts[key], found) for key in ("score", "change") if key in texts}
    score = numbers["score"]
    if score is None or None in numbers.values():
        return None
    return PrintedFigure(score, numbers.get("change"), printed_band, differs)


class PublishedReader(FigureReader):
    """Reads the shape of a `published` block."""

    out: Fix = ()  # takes the last `differs` that was read out

    def slots(self, node: Node | None) -> Iterator[tuple[Slot, dict[str, Text]]]:
        """Every place that something is printed for, with the texts that stand there."""
        taken: dict[Path, nodes.Text] = {}
        for index, key, value in self.by_index(node, "`published`"):
            rating = self.rating(index, key)
            if rating is not None:
                texts = self._label(key, value, "rating")
                if texts and self.fresh(taken, rating, key.span, _places(taken)):
                    taken[rating.path] = key
                    yield Slot(rating.path, "rating"), texts
                continue
            if key.value in OF_AN_INDEX:
                texts = self._label(key, value, key.value)
                if texts:
                    yield Slot((index,), key.value), texts
                continue
            figure = self.figure(index, key)
            parts = self._parts(key, value)
            if figure is None or parts is None or self.of_each_part(figure, key, "compare"):
                continue
            if self.fresh(taken, figure, key.span, _places(taken)):
                taken[figure.path] = key
                yield Slot(figure.path, "figure"), parts

    def _label(self, key: Text, value: Node, what: str) -> dict[str, Text]:
        """A rank, a band or a rating, or a block of it and the reason why it differs."""
        if not isinstance(value, nodes.Mapping):
            text = self.text(value, f"a {what}")
            return {what: text} if text else {}
        texts = self._texts(value, (what, "differs"), key)
        if what in texts:
            return texts
        if not self.lost_in(key, value):
            message = f"the {what} itself is missing here"
            self.error("E404", message, key.span, f"add `{what}: …`")
        return {}

    def _parts(self, key: Text, value: Node) -> dict[str, Text] | None:
        """A score; a score and a change; or a block that names what is printed."""
        if isinstance(value, nodes.Mapping):
            before = len(self.found)
            texts = self._texts(value, _FIGURE, key)
            if "score" in texts:
                return texts
            reason = texts.get("differs")
            before += reason is not None and not reason.value.strip()  # that is another fault
            if len(self.found) == before and not self.lost_in(key, value):
                self.error(
                    "E404", f"{quote(key.value)} has no printed score", key.span, "add `score: …`"
                )
            return None
        items = value.items if isinstance(value, nodes.Sequence) else (value,)
        numbers = [item for item in items if isinstance(item, Text)]
        if not 1 <= len(items) <= 2 or len(numbers) != len(items):
            number = f", not {len(items)} numbers" if len(items) > 2 else ""
            self.error(
                "E404",
                f"a printed figure is a score, or a score and a change{number}",
                first_line(value, self.source),
                f"as in `{key.value}: 66` or `{key.value}: [66, -2]`",
            )
            return None
        return dict(zip(("score", "change"), numbers, strict=False))

    def _texts(self, value: nodes.Mapping, known: tuple[str, ...], key: Text) -> dict[str, Text]:
        fields = self.fields(value, known, f"the printed {quote(key.value)}")
        texts = {name: self.text(node, f"`{name}`") for name, node in fields.items()}
        reason = texts.get("differs")
        if reason is not None:
            name = next(each for each, _ in value.entries if each.value == "differs")
            self.out = self.without_entry(value, name, reason)
        if reason is not None and not reason.value.strip():
            help = 'as in `differs: "misprint: 76 in the annex"`'
            self.error("E404", "`differs` does not say why", name.span, help)
        return {name: text for name, text in texts.items() if text is not None}


def _places(taken: Mapping[Path, nodes.Text]) -> dict[Path, Span]:
    return {path: text.span for path, text in taken.items()}


def _number(text: Text, found: list[Diagnostic]) -> Printed | None:
    value = read_number(text.value)
    if isinstance(value, NotANumber):
        found.append(not_a_number(text.value, text.span, value.reason))
        return None
    return Printed(value, text.value, text.span)


def _rank(
    text: Text, ties: bool, differs: Differs | None, found: list[Diagnostic]
) -> PrintedRank | None:
    read = _RANK.fullmatch(text.value)
    if read and int(read[2]) >= 1 and (ties or not read[1]):
        return PrintedRank(int(read[2]), bool(read[1]) if ties else None, text.span, differs)
    digits = re.search(r"[1-9][0-9]*", text.value)
    rank = digits[0] if digits else "13"
    help = f'a rank is a whole number, `{rank}`, or where it is tied `"={rank}"`'
    if read and not ties:
        help = "the edition says that ties are `unmarked`; take that out, or the `=`"
    meant = f'"={rank}"' if "=" in text.value and ties else rank
    fix = instead(
        text.span, meant if digits and len(re.findall("[0-9]+", text.value)) == 1 else None
    )
    message = f"{quote(text.value)} is not a rank"
    found.append(Diagnostic("E110", message, text.span, help, fix=fix))
    return None
