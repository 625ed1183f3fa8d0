"""Frameworks, profiles and editions to try, as a small model of their own.

The model knows nothing of the engine: plain data, numbers kept as the text that is typed, and two
functions that write it out, `rule_files` in the language and `profile_files` in YAML. `naive.py`
scores the same model by hand. Layout that means nothing (quotes or none, settings before or after
the parts, evidence or none) follows from a checksum of the text itself, so that it varies without
being drawn.

A world has hundreds of choices. Hypothesis draws them as one string of bytes, a `Tape`, which is
ten times as fast as drawing each and still shrinks: a zero is the plainest choice everywhere.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import strategies as st

FRAMEWORK = "harbours"

T = TypeVar("T")

Doc = str | tuple[tuple[str, "Doc"], ...]
"""A YAML text to be: a scalar, or the entries of a mapping in order."""


@dataclass(frozen=True)
class Label:
    """One answer of a scale; `points` as typed, empty where they follow from the order."""

    text: str
    points: str = ""
    excluded: bool = False
    code: str = ""


@dataclass(frozen=True)
class Scale:
    name: str
    labels: tuple[Label, ...] = ()
    order: str = ""  # "best first", "worst first", or empty
    out_of: str = ""
    reverse_of: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Question:
    """`scale` is the name of one, or the question's own options."""

    id: str
    scale: str | Scale
    weight: str = ""
    title: str = ""
    code: str = ""


@dataclass(frozen=True)
class Figure:
    """An index, category or indicator: scored from `children`, `given`, or `same_as` another."""

    kind: str
    id: str
    children: tuple[Figure | Question, ...] = ()
    weight: str = ""
    given: bool = False
    same_as: tuple[str, ...] = ()
    title: str = ""
    places: int | None = None
    bands: tuple[tuple[str, str], ...] = ()
    compare: str = ""  # of an index: an edition, "previous edition", or empty


@dataclass(frozen=True)
class File:
    stem: str
    uses: tuple[str, ...] = ()
    scales: tuple[Scale, ...] = ()
    indices: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Profile:
    """One entity: answers by question, an empty text being blank; given scores by full path."""

    entity: str
    name: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[tuple[str, ...], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Edition:
    id: str
    profiles: tuple[Profile, ...]
    date: str = ""
    partial: bool = False


@dataclass(frozen=True)
class World:
    """One framework and the editions of its profiles."""

    files: tuple[File, ...]
    editions: tuple[Edition, ...] = ()

    @property
    def indices(self) -> list[Figure]:
        return [index for file in self.files for index in file.indices]

    @property
    def scales(self) -> dict[str, Scale]:
        return {scale.name: scale for file in self.files for scale in file.scales}

    @property
    def figures(self) -> dict[tuple[str, ...], Figure]:
        """Every figure by its full path, parents first."""
        return {
            path: each
            for path, each in walk(self.indices)
            if isinstance(each, Figure)
        }  # fmt: skip

    @property
    def questions(self) -> dict[str, Question]:
        return {each.id: each for _, each in walk(self.indices) if isinstance(each, Question)}

    def labels_of(self, question: Question) -> tuple[Label, ...]:
        """The labels a question is answered by, reversals followed."""
        scale = question.scale
        if isinstance(scale, str):
            scale = self.scales[scale]
        while scale.reverse_of:
            scale = self.scales[scale.reverse_of]
        return scale.labels

    def edited(self, change: Callable[[Figure], Figure]) -> World:
        """The world with a change made to every figure, parts before their parent."""

        def edit(each: Figure | Question) -> Figure | Question:
            if isinstance(each, Question):
                return each
            return change(replace(each, children=tuple(edit(child) for child in each.children)))

        files = tuple(
            replace(file, indices=tuple(edit(index) for index in file.indices))  # type: ignore[misc]
            for file in self.files
        )
        return replace(self, files=files)

    def answering(self, change: Callable[[Profile], Profile]) -> World:
        """The world with a change made to every profile."""
        editions = tuple(
            replace(edition, profiles=tuple(change(each) for each in edition.profiles))
            for edition in self.editions
        )
        return replace(self, editions=editions)


def walk(
    nodes: Sequence[Figure | Question], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Figure | Question]]:
    """Every figure and question below, with its full path, parents first."""
    for each in nodes:
        path = (*above, each.id)
        yield path, each
        if isinstance(each, Figure):
            yield from walk(each.children, path)


# ---- writing rules


WORDS = frozenset(
    re.findall(
        r"\w+",
        """use scale options best worst first out of reverse excluded index category indicator
        question code on weight same as publish whole numbers decimals decimal half up bands from
        compare with previous edition aggregate by arithmetic mean when missing leave given note
        rank""",
    )
)


def varied(text: str, ways: int) -> int:
    """One of several ways to write the same thing, always the same one for the same text."""
    return zlib.crc32(text.encode()) % ways


def rule_files(world: World) -> dict[str, str]:
    """The framework in the language: file name in the project to text."""
    return {
        f"rules/{FRAMEWORK}/{file.stem}.bareme": _file(world, file) for file in world.files
    }  # fmt: skip


def _file(world: World, file: File) -> str:
    lines = [f"use {stem}" for stem in file.uses]
    blocks = [_scale(scale, f"scale {scale.name}", 0) for scale in file.scales]
    blocks += [_figure(world, index, (index.id,), 0) for index in file.indices]
    if varied(file.stem, 2):
        blocks = [[*block, ""] for block in blocks]
    for block in blocks:
        lines += block
    if varied(file.stem, 3) == 0:
        lines = ["# " + file.stem, *lines, "", "# the end"]
    return "\n".join(lines) + "\n"


def _scale(scale: Scale, head: str, depth: int) -> list[str]:
    parts = f", {scale.order}" if scale.order else ""
    if scale.out_of:
        parts += f"{',' if varied(scale.name, 2) else ''} out of {scale.out_of}"
    first = "    " * depth + head + parts
    if scale.reverse_of:
        return [f"{first}: reverse of {scale.reverse_of}"]
    if scale.inline:
        return [f"{first}: {', '.join(_inline(label) for label in scale.labels)}"]
    return [first, *("    " * (depth + 1) + _line(label) for label in scale.labels)]


def _inline(label: Label) -> str:
    plain = re.fullmatch(r"[0-9A-Za-z–]+( [0-9A-Za-z–]+)*", label.text)
    if plain and not WORDS & set(label.text.split()) and varied(label.text, 3):
        return label.text + _points(label)
    return quoted(label.text) + _points(label)


def _line(label: Label) -> str:
    comment = "    # a remark" if varied(label.text, 5) == 0 else ""
    if label.code:
        return f"{label.code} {quoted(label.text)}{_points(label)}{comment}"
    plain = re.fullmatch(r'[^\s"#](?:[^"#=]*[^\s"#=])?', label.text)
    if plain and varied(label.text, 3):
        return label.text + _points(label) + comment
    return quoted(label.text) + _points(label) + comment


def _points(label: Label) -> str:
    if label.excluded:
        return " = excluded"
    return f" = {label.points}" if label.points else ""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _figure(world: World, figure: Figure, path: tuple[str, ...], depth: int) -> list[str]:
    pad = "    " * (depth + 1)
    settings: list[str] = []
    if figure.places is not None:
        settings.append(pad + _publish(figure))
    if figure.bands:
        settings.append(pad + "bands " + ", ".join(_band(*band) for band in figure.bands))
    if figure.compare:
        settings.append(f"{pad}compare with {figure.compare}")
    if varied(figure.id, 3) == 0:
        settings += [f"{pad}aggregate by arithmetic mean", f"{pad}when missing leave out"]
    parts: list[str] = []
    for child in figure.children:
        below = (*path, child.id)
        if isinstance(child, Figure):
            parts += _figure(world, child, below, depth + 1)
        else:
            parts += _question(child, depth + 1)
    if figure.given:
        parts.append(f"{pad}given")
    # A setting holds for the whole block, wherever in it the line stands.
    block = [*settings, *parts] if _way(path) else [*parts, *settings]
    return ["    " * depth + _head(world, figure, path), *block]


def _way(path: tuple[str, ...]) -> int:
    return varied(".".join(path), 4)


def _head(world: World, figure: Figure, path: tuple[str, ...]) -> str:
    title = f" {quoted(figure.title)}" if figure.title else ""
    weight = f" weight {figure.weight}" if figure.weight else ""
    same = f" same as {short_path(world, figure.same_as)}" if figure.same_as else ""
    ends = title + weight + same if _way(path) else title + same + weight
    return f"{figure.kind} {figure.id}{ends}"


def short_path(world: World, path: tuple[str, ...]) -> str:
    """The path of a figure, its middle left out at times where that names nothing else."""
    ends = (path[0], path[-1])
    alike = [each for each in world.figures if (each[0], each[-1]) == ends]
    if len(path) > 2 and len(alike) == 1 and _way(path):
        return ".".join(ends)
    return ".".join(path)


def _publish(figure: Figure) -> str:
    half_up = ", half up" if varied(figure.id, 2) else ""
    if figure.places == 0 and varied(figure.id, 3):
        return f"publish whole numbers{half_up}"
    noun = "decimal" if figure.places == 1 else "decimals"
    return f"publish {figure.places} {noun}{half_up}"


def _band(name: str, floor: str) -> str:
    plain = name.isalpha() and name not in WORDS and varied(name, 2)
    return f"{name if plain else quoted(name)} from {floor}"


def _question(question: Question, depth: int) -> list[str]:
    pad = "    " * (depth + 1)
    own = isinstance(question.scale, Scale)
    parts = [f"on {question.scale}"] if not own else []
    if question.weight:
        parts.append(f"weight {question.weight}")
    if question.code:
        parts.append(f"code {quoted(question.code)}")
    if question.title:
        parts.insert(varied(question.id, len(parts) + 1), quoted(question.title))
    lines = ["    " * depth + " ".join([f"question {question.id}", *parts])]
    if varied(question.id, 2):
        lines += [f'{pad}"What is known of {question.id},"', f'{pad}"and since when?"']
    if isinstance(question.scale, Scale):
        lines += _scale(question.scale, "options", depth + 1)
    if varied(question.id, 4) == 0:
        lines.append(f'{pad}note "Asked of every harbour."')
    return lines


# ---- writing profiles


def profile_files(world: World) -> dict[str, str]:
    """Every edition's profiles in YAML: file name in the project to text."""
    texts: dict[str, str] = {}
    for edition in world.editions:
        folder = f"profiles/{FRAMEWORK}/{edition.id}"
        about = [("title", f"Edition {edition.id}")]
        about += [("date", edition.date)] if edition.date else []
        about += [("cohort", "partial")] if edition.partial else []
        if edition.date or edition.partial or varied(edition.id, 2):
            texts[f"{folder}/edition.yaml"] = yaml_text(tuple(about))
        for profile in edition.profiles:
            text = yaml_text(profile_doc(world, profile))
            texts[f"{folder}/{profile.entity.lower()}.yaml"] = text
    return texts


def profile_doc(world: World, profile: Profile) -> tuple[tuple[str, Doc], ...]:
    """One profile as a document to be written; blank answers are written as such."""
    doc: list[tuple[str, Doc]] = [("entity", profile.entity)]
    if profile.name:
        doc.append(("name", profile.name))
    if profile.answers:
        doc.append(("answers", tuple((id, _answer(id, a)) for id, a in profile.answers.items())))
    given: dict[str, list[tuple[str, Doc]]] = {}
    for path, score in profile.given.items():
        given.setdefault(path[0], []).append((given_key(world, path), _given(path, score)))
    if given:
        doc.append(("given", tuple((index, tuple(each)) for index, each in given.items())))
    return tuple(doc)


def _answer(id: str, answer: str) -> Doc:
    if varied(id + answer, 4):
        return answer
    return (("answer", answer), ("source", "Port authority: yearbook, p. 7"), ("date", "2023-05"))


def _given(path: tuple[str, ...], score: str) -> Doc:
    if varied(score + path[-1], 3):
        return score
    return (("score", score), ("note", "read off a chart # roughly"))


def given_key(world: World, path: tuple[str, ...]) -> str:
    """How a profile names a figure of an index: by its id where that is enough, else its path."""
    alike = [each for each in world.figures if (each[0], each[-1]) == (path[0], path[-1])]
    if len(path) > 1 and path[1] != path[0] and _way(path):
        if len(alike) == 1 and path[-1] != path[0]:
            return path[-1]
        return ".".join(path[1:])
    return ".".join(path)


def yaml_text(doc: Doc) -> str:
    """A document in block style, its innermost mappings in flow style at times."""
    assert not isinstance(doc, str)
    return "\n".join(_yaml_lines(doc, 0)) + "\n"


def _yaml_lines(entries: tuple[tuple[str, Doc], ...], depth: int) -> list[str]:
    lines: list[str] = []
    for key, value in entries:
        head = "  " * depth + yaml_scalar(key, flow=False)
        if isinstance(value, str):
            comment = "  # as recorded" if varied(key + value, 6) == 0 else ""
            lines.append(f"{head}: {yaml_scalar(value, flow=False)}{comment}".rstrip())
        elif value and all(isinstance(v, str) for _, v in value) and varied(key, 2):
            inner = ", ".join(
                f"{yaml_scalar(k, True)}: {yaml_scalar(str(v), True)}" for k, v in value
            )
            lines.append(f"{head}: {{{inner}}}")
        else:
            lines += [f"{head}:", *_yaml_lines(value, depth + 1)]
    return lines


def yaml_scalar(text: str, flow: bool) -> str:
    """One text so that YAML reads it as typed: plain where it can be, else in either quotes."""
    if not text and not flow:
        return '""' if varied("blank", 2) else ""
    plain = r"[A-Za-z0-9][A-Za-z0-9 ._–-]*" if flow else r"[A-Za-z0-9][A-Za-z0-9 ,.()_=–-]*"
    if re.fullmatch(plain, text) and not text.endswith(" ") and varied(text, 3):
        return text
    if varied(text, 2):
        return "'" + text.replace("'", "''") + "'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def project_texts(world: World) -> dict[str, str]:
    """Every file of a project that holds this world."""
    return rule_files(world) | profile_files(world)


@contextmanager
def written(texts: Mapping[str, str | bytes]) -> Iterator[Path]:
    """A project folder that holds these files, for as long as it is looked at."""
    with TemporaryDirectory() as name:
        root = Path(name)
        for file, text in texts.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        yield root


# ---- drawing numbers and texts


class Tape:
    """Choices read off a string of bytes; past its end every choice is the plainest one."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def below(self, limit: int) -> int:
        """A whole number from 0, below the limit."""
        size = 1 if limit <= 256 else (limit.bit_length() + 15) // 8
        piece = self.data[self.at : self.at + size]
        self.at += size
        return int.from_bytes(piece, "big") % limit

    def pick(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def one_in(self, many: int) -> bool:
        return self.below(many) == many - 1

    def shuffled(self, items: Sequence[T]) -> list[T]:
        left, drawn = list(items), []
        while left:
            drawn.append(left.pop(self.below(len(left))))
        return drawn


def decimal_text(units: int, places: int) -> str:
    """So many units of the last decimal, as people type it: no zeros at the end."""
    whole, rest = divmod(units, 10**places)
    decimals = str(rest).rjust(places, "0").rstrip("0") if rest else ""
    return f"{whole}.{decimals}" if decimals else str(whole)


def _draw_points(tape: Tape) -> str:
    """Points as typed, from 0 to 100."""
    kind = tape.below(4)
    if kind == 0:
        return str(tape.below(101))
    if kind == 1:
        return decimal_text(tape.below(100_001), 3)
    return tape.pick(["0", "50", "100", "100.0", "00", "62.45", "62.5", "0.5", "33.335", "66.65"])


_LETTERS = "abz AZ09 éÉñøßқЖ中の –—-/()'\"%&+*?!.,:;=#<>@[]{}|\\~^`$_…°½€🙂"
_LABELS = [
    "Yes", "No", "In part", "yes", "true", "None", "null", "~", "0", "1", "1e3", "0x1F", "12:30",
    "2023-05-02", "Signed, not ratified", "20th–39th percentile", "Very low", "High", "a = b",
    "best first", "from 5", 'says "no"', "- none", "[1]", "{a}", "* any", "&c", "!tag", "# none",
    "N/A", "Қазақстан", "é", " padded ", "two  spaces", "%", "@home", "`", "|", ">", "? x", "x: y",
    "= 5", "a, b", "excluded", "reverse of x", "001", "-0", "+1", "−1", "5%", "=", ".", "'", '""',
]  # fmt: skip


def _text(tape: Tape, most: int = 8) -> str:
    """A text that is not blank, of letters and signs of many kinds."""
    found = "".join(tape.pick(_LETTERS) for _ in range(1 + tape.below(most)))
    return found if found.strip() else f"{found}x"


def _label_texts(tape: Tape, many: int) -> list[str]:
    found: list[str] = []
    for number in range(many):
        text = _text(tape) if tape.one_in(4) else tape.pick(_LABELS)
        found.append(f"{text} {number}" if text in found else text)
    return found


# ---- drawing scales


def _draw_scale(tape: Tape, name: str, own: bool = False) -> Scale:
    """A scale in any form but a reversal; a question's own options have codes at times."""
    form = tape.pick(["points", "best first", "worst first", "out of"])
    found = _label_texts(tape, 2 + tape.below(4))
    left_out = tape.below(len(found) * 2)  # a label past the end: none is excluded
    coded = own and tape.one_in(2)
    inline = tape.one_in(2) and not coded
    most = tape.pick(["4", "10", "2.5", "250", "0.001"]) if form == "out of" else ""
    spaced = form.endswith("first")
    labels: list[Label] = []
    for number, text in enumerate(found):
        label = Label(text, code=f"k{number}.{number}" if coded else "")
        if number == left_out and (not spaced or len(found) > 2):
            label = replace(label, excluded=True)
        elif form == "points":
            label = replace(label, points=_draw_points(tape))
        elif form == "out of":
            label = replace(label, points=_eighths(most, tape.below(9)))
        labels.append(label)
    return Scale(name, tuple(labels), form if spaced else "", most, "", inline)


def _eighths(most: str, many: int) -> str:
    whole, _, decimals = most.partition(".")
    return decimal_text(int(whole + decimals) * 1000 * many // 8, len(decimals) + 3)


# ---- drawing frameworks


_FIGURE_IDS = ("safety", "governance", "corruption", "outlook", "capacity", "trade", "index1")
_INDEX_IDS = ("safety", "harbour", "zone_3")
_BANDS = ("High", "Medium", "Low", "from bad to worse", "A, and above", "Très élevé")
_WEIGHTS = ("", "1", "2", "0", "0.5", "1/3", "3/7", "12.75", "1/2", "1000000.000001")
_DEPTHS = (1, 2, 2, 3, 3, 4, 7)  # levels of an index, itself included


class _Builder:
    """Draws the indices of one framework; what is complete may be taken over by `same as`."""

    def __init__(self, tape: Tape, named: Sequence[str], room: int) -> None:
        self.tape = tape
        self.named = named
        self.room = room  # figures and questions that may still be added
        self.asked = 0
        self.complete: list[tuple[str, ...]] = []

    def index(self, id: str, editions: Sequence[str]) -> Figure:
        depth = self.tape.pick(_DEPTHS)
        compare = self.tape.pick(["", "previous edition", "previous edition", *editions])
        index = Figure("index", id, self.children("index", (id,), depth), compare=compare)
        self.complete.append((id,))
        return self.settings(index)

    def children(
        self, kind: str, path: tuple[str, ...], depth: int
    ) -> tuple[Figure | Question, ...]:
        many = 1 + self.tape.below(4 if len(path) < 3 else 2)
        turn = self.tape.below(len(_FIGURE_IDS))
        children: list[Figure | Question] = []
        for number in range(many):
            id = _FIGURE_IDS[(turn + number) % len(_FIGURE_IDS)]
            what = ["question", "question"]
            if depth > 1 and self.room > 0:
                what += ["level", "given", "same as"] if self.complete else ["level", "given"]
                what = ["level"] if number == 0 else what
            chosen = self.tape.pick(what)
            self.room -= 1
            children.append(
                self.question()
                if chosen == "question"
                else self.figure(kind, (*path, id), depth - 1, chosen)
            )
        weights = self.weights(len(children))
        weighted = [replace(c, weight=w) for c, w in zip(children, weights, strict=True)]
        return tuple(reversed(weighted) if turn % 2 else weighted)

    def figure(self, parent: str, path: tuple[str, ...], depth: int, how: str) -> Figure:
        kind = self.tape.pick(["indicator"] if parent == "indicator" else ["category", "indicator"])
        figure = Figure(kind, path[-1])
        if how == "given":
            figure = replace(figure, given=True)
        elif how == "same as":
            figure = replace(figure, same_as=self.tape.pick(self.complete))
        else:
            figure = replace(figure, children=self.children(kind, path, depth))
        self.complete.append(path)
        return self.settings(figure)

    def question(self) -> Question:
        self.asked += 1
        id = f"q{self.asked}"
        scale = _draw_scale(self.tape, id, own=True) if self.tape.one_in(4) else None
        code = f"{self.asked}.1a" if self.asked % 3 == 0 else ""
        return Question(id, scale or self.tape.pick(self.named), title=self.title(), code=code)

    def title(self) -> str:
        return _text(self.tape, 12) if self.tape.one_in(6) else ""

    def settings(self, figure: Figure) -> Figure:
        chosen = self.tape.below(8)
        return replace(
            figure,
            title=self.title(),
            places=self.tape.below(4) if chosen in (1, 3) else None,
            bands=_bands(self.tape) if chosen in (2, 3) else (),
        )

    def weights(self, many: int) -> list[str]:
        how = self.tape.pick(["none", "relative", "percent"])
        if how == "percent":
            return percents(self.tape, many)
        if how == "none":
            return [""] * many
        weights = [self.tape.pick(_WEIGHTS) for _ in range(many)]
        return weights if set(weights) != {"0"} else ["2", *weights[1:]]


def percents(tape: Tape, many: int) -> list[str]:
    """So many percents that add up to exactly 100."""
    places = tape.pick([0, 1, 2, 12])
    whole = 100 * 10**places
    cuts = sorted(tape.below(whole + 1) for _ in range(many - 1))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]
    return [f"{decimal_text(part, places)}%" for part in parts]


def _bands(tape: Tape) -> tuple[tuple[str, str], ...]:
    """Named bands over the whole range, in any order."""
    floors = sorted({1 + tape.below(1000) for _ in range(tape.below(5))})
    named = zip(_BANDS[1:], (decimal_text(floor, 1) for floor in floors), strict=False)
    return tuple(tape.shuffled([*named, (_BANDS[0], "0")]))


def _draw_files(tape: Tape, room: int, editions: Sequence[str]) -> tuple[File, ...]:
    """A folder of rules: several files, some that use another's scales."""
    named = [_draw_scale(tape, f"scale_{number}") for number in range(1 + tape.below(3))]
    for number in range(tape.below(3)):
        named.append(Scale(f"turned_{number}", reverse_of=tape.pick(named).name))
    builder = _Builder(tape, [scale.name for scale in named], room)
    drawn = [builder.index(id, editions) for id in _INDEX_IDS[: 1 + tape.below(3)]]
    indices = tape.shuffled(drawn)
    if tape.one_in(3):
        return (File("all", (), tuple(named), tuple(indices)),)
    cut = tape.below(len(indices) + 1)
    files = [File("scales", (), tuple(named), ())]
    for stem, part in (("a_first", indices[:cut]), ("zz", indices[cut:])):
        if part:
            files.append(File(stem, ("scales",), (), tuple(part)))
    return tuple(sorted(files, key=lambda file: file.stem))


# ---- drawing profiles


_ENTITIES = ("KAZ", "aus", "Uru", "N1", "z-9", "0123", "yes", "Ée")
_DATES = (
    {},
    {"2017": "2017", "2020": "2020-07", "2023": "2023-07-18"},
    {"2020": "2024"},
    {"2017": "2023-01", "2020": "2019-12-31"},
)
_NAMES = ("", "Kazakhstan", "A, B & C", "Côte d'Ivoire", "No")


def _draw_profile(tape: Tape, world: World, entity: str) -> Profile:
    """One entity's answers: by label or code, blank, or not there; scores given in some places."""
    answers: dict[str, str] = {}
    for question in world.questions.values():
        labels = world.labels_of(question)
        choices = [label.text for label in labels] + [each.code for each in labels if each.code]
        if tape.one_in(10):
            answers[question.id] = ""
        elif not tape.one_in(10):
            answers[question.id] = tape.pick(choices)
    given: dict[tuple[str, ...], str] = {}
    for path, figure in world.figures.items():
        if figure.given and not tape.one_in(5):
            given[path] = _draw_points(tape)
    if tape.one_in(4):
        given[tape.pick(list(world.figures))] = _draw_points(tape)
    return Profile(entity, tape.pick(_NAMES), answers, given)


def _draw_editions(tape: Tape, world: World, most: int, ids: Sequence[str]) -> tuple[Edition, ...]:
    dates = tape.pick(_DATES)
    editions: list[Edition] = []
    for id in ids:
        entities = tape.shuffled(_ENTITIES)[: 1 + tape.below(most)]
        cohort = tuple(_draw_profile(tape, world, entity) for entity in entities)
        editions.append(Edition(id, cohort, dates.get(id, ""), tape.one_in(6)))
    return tuple(editions)


# ---- the strategies


def tapes(length: int = 1000) -> st.SearchStrategy[Tape]:
    return st.binary(min_size=length, max_size=length).map(Tape)


def draw_world(tape: Tape, most: int = 8, room: int = 14, editions: tuple[str, ...] = ()) -> World:
    """A framework, a cohort of one to `most` entities, and at times those of earlier editions."""
    world = World(_draw_files(tape, room, ("2020", "2023")))
    ids = editions or tape.pick([("2023",), ("2023", "2020"), ("2020", "2023", "2017")])
    return replace(world, editions=_draw_editions(tape, world, most, ids))


def worlds(
    most: int = 8, room: int = 14, editions: tuple[str, ...] = ()
) -> st.SearchStrategy[World]:
    """Worlds of `draw_world`."""
    return tapes().map(lambda tape: draw_world(tape, most, room, editions))


def some(items: Sequence[T]) -> st.SearchStrategy[T]:
    """One of several things that are there."""
    return st.sampled_from(list(items))
