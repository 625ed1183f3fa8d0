"""Sound indices so small that every profile of them can be tried, written as text.

`small_index(seed)` is the same for the same seed. Each has two to five questions and some of
whatever the language has for them: weights, methods, what missing parts do, caps and floors and
skips under every form of condition, decisions, `require`, `same as`, questions asked twice,
measures, given scores, groups, units, editions. They are sound by construction. Whether the rules
are any good is left to chance: answers may lower scores, caps never bind, questions be dead.

`python tests/small_indices.py 17` shows the one of seed 17.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from fractions import Fraction

from bareme.checks import check
from bareme.diagnostics import has_errors
from bareme.framework import Framework
from bareme.language.parse import parse
from bareme.record import Record
from bareme.resolve import resolve
from bareme.source import Source
from enumerated import profile_count
from sound_programs import decimal, indented

EDITIONS = ("2018", "2020")
"""The editions there are; a question may be asked in one of them alone."""

MOST = 3_000
"""So many profiles a small index has at the most."""

WEIGHED = ("arithmetic mean",) * 5 + ("geometric mean", "harmonic mean", "sum")
UNWEIGHED = ("minimum", "maximum", "median", "best 2")
POLICIES = ("leave out", "leave out", "zero", "worst", "no score")
LABELS = ("A", "B", "C")
PERCENTS = {2: ((50, 50), (30, 70), (0, 100)), 3: ((20, 30, 50), (60, 40, 0))}
FULL = Fraction(0), Fraction(100)
POINTS = (
    ("100", "0"),
    ("60", "20"),
    ("0", "100"),
    ("100", "50", "0"),
    ("100", "40", "0"),
    ("80", "30", "10"),
    ("70", "70", "20"),
    ("100", "excluded", "0"),
    ("90", "30", "excluded"),
)
"""What the labels of a scale earn; not always the first the most."""


class SmallIndex(Record):
    """The rules, by the stem of their file, and the editions that there are."""

    files: Mapping[str, str]
    editions: tuple[str, ...]
    profiles: int

    @property
    def text(self) -> str:
        return self.files["all"]


class Refused(Exception):
    """Text that was to be sound and is not."""


def loaded(files: Mapping[str, str]) -> Framework:
    """The framework of some rules.

    Raises:
        Refused: where there is anything wrong with them.
    """
    trees, found = [], []
    for stem, text in sorted(files.items()):
        tree, faults = parse(Source(f"rules/small/{stem}.bareme", text), stem)
        trees.append(tree)
        found += faults
    framework, faults = resolve("small", trees)
    found += [*faults, *check(framework)]
    if has_errors(found):
        wrong = [f"{each.code}: {each.message}" for each in found if each.severity == "error"]
        raise Refused("\n".join(wrong))
    return framework


def small_index(seed: int, most: int = MOST) -> SmallIndex:
    """The small index of a seed: drawn again until it has no more than so many profiles."""
    chance = random.Random(seed)
    while True:
        writer = _Writer(chance)
        files = {"all": writer.text}
        editions = EDITIONS if writer.asked_from else ()
        count = profile_count(loaded(files), editions)
        if count <= most:
            return SmallIndex(files, editions, count)


class _Part(Record):
    """A part of a figure: its line but for the weight, and what stands below it."""

    head: str
    below: tuple[str, ...]

    def lines(self, weight: str = "") -> list[str]:
        return [self.head + weight, *indented([*self.below])]


class _Question(_Part):
    id: str


class _Writer:
    """Draws one index; what conditions may read is known before anything that reads it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.scales: dict[str, int] = {}  # the number of labels of each
        self.asked_from = False
        self.atoms: list[str] = []  # what conditions may say of answers, numbers and groups
        self.scored: list[str] = []  # the paths of the figures whose scores may be read
        self.head: list[str] = []
        self.text = "\n".join(self._all()) + "\n"

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    # ---- what is asked

    def _all(self) -> list[str]:
        for at in range(self.chance.choice((1, 2))):
            points = self.chance.choice(POINTS)
            written = [f"{label} = {each}" for label, each in zip(LABELS, points, strict=False)]
            self.scales[f"s{at + 1}"] = len(points)
            self.head.append(f"scale s{at + 1}: {', '.join(written)}")
        if self.likely(0.15):
            self.head.append("group region: North, South")
            self.atoms += ["region is North", "region is not North", "region is answered"]
        if self.likely(0.12):
            self.head.append("data people, plausible 0 to 1000")
            self.atoms += ["people ≥ 10", "people < 10", "people is answered"]
        rows = self._index()
        return [each for each in [*self.head, *rows] if not self._unused(each, rows)]

    def _unused(self, row: str, rows: list[str]) -> bool:
        """Whether a line declares a scale that no question is on."""
        on = f" on {row.split(':')[0].removeprefix('scale ')}"
        asked = [each.split(" weight")[0].split(" subtract")[0] for each in [*self.head, *rows]]
        return row.startswith("scale") and not any(each.endswith(on) for each in asked)

    def _question(self, id: str, *, of_part: bool = False) -> _Question:
        below: list[str] = []
        scale = self.chance.choice(list(self.scales))
        count = self.scales[scale]
        own = self.likely(0.25)
        if own or (of_part and count > 2):
            own = True
            points = self.chance.choice([each for each in POINTS if len(each) == 2 or not of_part])
            count = len(points)
            written = [f"{label} = {each}" for label, each in zip(LABELS, points, strict=False)]
            below.append(f"options: {', '.join(written)}")
        if not of_part and not self.asked_from and self.likely(0.04):
            self.asked_from = True
            below.insert(0, f"asked {self.chance.choice(('from 2019', 'to 2018'))}")
        if self.likely(0.12):
            below.append("answer required")
        if not of_part and self.atoms and self.likely(0.08):
            below.append(f"skip when {self._condition()}")
        labels = LABELS[:count]
        if not of_part:
            self.atoms += self._said_of(id, labels)
        return _Question(f"question {id}{'' if own else f' on {scale}'}", tuple(below), id)

    def _said_of(self, id: str, labels: tuple[str, ...]) -> list[str]:
        two = ", ".join(labels[:2])
        said = [f"{id} is {label}" for label in labels] * 2
        return [*said, f"{id} is not {labels[0]}", f"{id} is one of ({two})",
                f"{id} is answered", f"{id} is not answered"]  # fmt: skip

    def _measure(self) -> _Part:
        ways = (
            "steps up to 0 = 100, up to 20 = 40, above = 0",
            "steps from 50 = 100, below = 20",
            "steps from 50 = 100, from 10 = 50, below = excluded",
            "steps up to 5 = 0, above = 80",
            "normalise from 0 to 100",
            "normalise from 40 to 0",
        )
        way = self.chance.choice(ways)
        plausible = self.chance.choice(("", ", plausible 0 to 60"))
        self.atoms += ["m > 30", "m ≤ 5", "m = 0", "m is answered", "m < 0"]
        below = [way, "answer required"] if self.likely(0.15) else [way]
        return _Part(f"measure m in cases{plausible}", tuple(below))

    # ---- conditions

    def _condition(self, depth: int = 0) -> str:
        kind = self.chance.randrange(10)
        if kind < 4 and depth < 2:
            parts = [self._condition(depth + 1) for _ in range(3)]
            one, two, _ = parts
            if kind == 3:
                return f"at least 2 of ({', '.join(parts)})"
            return (f"({one}) and ({two})", f"({one}) or ({two})", f"not ({one})")[kind]
        if kind == 9 and self.scored:
            score = self.chance.choice(self.scored)
            sign = self.chance.choice(("> 50", "≤ 40", "< 70", "≥ 100", "is answered", "= 0"))
            return f"{score} {sign}"
        return self.chance.choice(self.atoms)

    def _rules(self, own: tuple[Fraction, Fraction], *, skipped: bool) -> list[str]:
        """Caps, floors, `require` and a skip of a figure whose score lies in a range."""
        lines: list[str] = []
        if self.likely(0.12):
            enough = self.chance.choice(("50% of answers", "1 answer", "2 answers"))
            lines.append(f"require {enough}")
        for _ in range(self.chance.choice((0, 0, 0, 1, 1, 2))):
            low, high = own
            points = decimal(low + (high - low) * Fraction(self.chance.randint(0, 10), 10))
            kind = self.chance.choice(("cap", "floor"))
            when = f" when {self._condition()}" if self.likely(0.85) and self.atoms else ""
            lines.append(f"{kind} {points}{when}")
        if skipped and self.atoms and self.likely(0.1):
            lines.append(f"skip when {self._condition()}")
        return lines

    # ---- figures

    def _index(self) -> list[str]:
        """The index, and sometimes another that takes figures of it over."""
        many = self.chance.choice((2, 2, 3, 3, 4, 5))
        apart: list[_Question] = []
        if many > 2 and self.likely(0.3):
            apart = [self._question(f"q{at + 1}") for at in range(2)]
            self.head += ["questions", *indented([row for q in apart for row in q.lines()])]
        groups = self._dealt([f"q{at + 1}" for at in range(len(apart), many)])
        within = self.chance.randint(1, len(groups)) if self.likely(0.35) else 0
        measured = self.likely(0.3)
        parts: list[_Part] = []
        for at, ids in enumerate(groups):
            path = f"i.c.a{at + 1}" if at < within else f"i.a{at + 1}"
            parts.append(self._indicator(path, ids, apart, measured=measured and at == 0))
        if within:
            below, _ = self._put_together(parts[:within], skipped=True, rescaled=True)
            parts[:within] = [_Part("category c", tuple(below))]
            self.scored.append("i.c")
        parts += self._others()
        below, own = self._put_together(parts, skipped=False, rescaled=self.likely(0.5))
        if own == FULL:
            self.scored.append("i")
        required = ["answer required"] if self.likely(0.03) else []
        return ["index i", *indented([*required, *below]), *self._second()]

    def _second(self) -> list[str]:
        if not self.likely(0.12) or not self.scored:
            return []
        parts = [
            _Part(f"indicator k{at + 1} same as {path}", tuple(self._rules(FULL, skipped=True)))
            for at, path in enumerate(self.chance.sample(self.scored, min(2, len(self.scored))))
        ]
        below, _ = self._put_together(parts, skipped=False, rescaled=True)
        return ["index j", *indented(below)]

    def _dealt(self, ids: list[str]) -> list[list[str]]:
        """The questions by indicator, one or more in each."""
        many = self.chance.randint(1, min(3, len(ids)))
        cuts = sorted(self.chance.sample(range(1, len(ids)), many - 1))
        return [ids[a:b] for a, b in zip([0, *cuts], [*cuts, len(ids)], strict=True)]

    def _indicator(
        self, path: str, ids: list[str], apart: list[_Question], *, measured: bool
    ) -> _Part:
        asked = [self._question(id) for id in ids]
        parts = [_Part(each.head, each.below) for each in asked]
        if measured:
            parts.append(self._measure())
        again = [each for each in apart if self.likely(0.6)]
        parts += [_Part(f"ask {each.id}", ()) for each in again]
        below, _ = self._put_together(parts, skipped=True, rescaled=True)
        self.scored.append(path)
        return _Part(f"indicator {path.split('.')[-1]}", tuple(below))

    def _others(self) -> list[_Part]:
        """A question, or indicators made otherwise: decided, taken over, given, of parts."""
        parts: list[_Part] = []
        if self.likely(0.2):
            scores = self.chance.sample(range(0, 101, 20), 3)
            decided = [f"score {each} when {self._condition()}" for each in scores[1:]]
            rules = self._rules(FULL, skipped=False)
            below = (*decided, f"score {scores[0]} otherwise", *rules)
            parts.append(_Part("indicator d", below))
            self.scored.append("i.d")
        if self.likely(0.12):
            taken = self.chance.choice(self.scored)
            rules = self._rules(FULL, skipped=True)
            parts.append(_Part(f"indicator t same as {taken}", tuple(rules)))
            self.scored.append("i.t")
        if self.likely(0.12):
            skip = [f"skip when {self._condition()}"] if self.likely(0.2) else []
            parts.append(_Part("indicator g", ("given", *skip)))
            self.scored.append("i.g")
        if self.likely(0.1):
            parts.append(self._of_parts())
            self.scored.append("i.u")
        if self.likely(0.12):
            question = self._question("q0")
            parts.append(_Part(question.head, question.below))
        return parts

    def _of_parts(self) -> _Part:
        self.head.insert(0, "units site")
        asked = self._question("p1", of_part=True)
        parts = [_Part(asked.head, asked.below)]
        if self.likely(0.4):
            rule = self.chance.choice(("cap 40 when p1 is A", "skip when p1 is not A", "cap 70"))
            below = [*parts[0].lines(), rule]
            parts = [_Part("indicator v", tuple(below))]
        below, _ = self._put_together(parts, skipped=True, rescaled=True)
        return _Part("indicator u", ("for each site", *below))

    # ---- how parts are put together

    def _put_together(
        self, parts: list[_Part], *, skipped: bool, rescaled: bool
    ) -> tuple[list[str], tuple[Fraction, Fraction]]:
        """The settings, rules and parts of a figure, and the range of its score."""
        method = self.chance.choice((*WEIGHED, *UNWEIGHED) if len(parts) > 1 else WEIGHED)
        policies = POLICIES[2:] if method == "sum" else POLICIES
        lines = [f"aggregate by {method}", f"when missing {self.chance.choice(policies)}"]
        own = FULL
        weights = [""] * len(parts)
        if method == "sum":
            weights, own = self._summed(len(parts))
            if own != FULL:
                lines.append(f"range {decimal(own[0])} to {decimal(own[1])}")
            if own != FULL and rescaled:
                lines, own = [*lines, "rescale"], FULL
        elif method not in UNWEIGHED and len(parts) > 1:
            weights = self._weights(len(parts))
        lines += self._rules(own, skipped=skipped)
        for part, weight in zip(parts, weights, strict=True):
            lines += part.lines(weight)
        return lines, own

    def _weights(self, count: int) -> list[str]:
        kind = self.chance.randrange(4)
        if kind == 0 and count in PERCENTS:
            shares = self.chance.choice(PERCENTS[count])
            return [f" weight {each}%" for each in shares]
        if kind < 2:
            return [""] * count
        written = [self.chance.choice(("0", "1", "2", "1/2", "3")) for _ in range(count)]
        if set(written) == {"0"}:
            written[0] = "1"
        return [f" weight {each}" for each in written]

    def _summed(self, count: int) -> tuple[list[str], tuple[Fraction, Fraction]]:
        """The weights of the parts of a sum, and the range that they come to."""
        low, high = Fraction(0), Fraction(0)
        weights: list[str] = []
        for at in range(count):
            written = self.chance.choice(("1", "1/2", "2"))
            points = Fraction(written) * 100
            away = at > 0 and self.likely(0.4)
            low, high = (low - points, high) if away else (low, high + points)
            weights.append(f"{' subtract' if away else ''} weight {written}")
        return weights, (low, high)


if __name__ == "__main__":
    print(small_index(int(sys.argv[1])).text)
