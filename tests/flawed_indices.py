"""Sound indices of 10 to 40 questions with one flaw of a kind that is named, written as text.

`flawed(seed, kind)` gives the rules and what has to be said of them: the kind, the figure, and the
question or the line. `flawless(seed)` is such an index without a flaw: no better answer lowers a
score, every question is alive, every condition can hold, every cap and floor bind, every decision
be taken, no cap is below a floor of its figure, and no weights can sum to zero. With `small=True`
both are so small that every profile can be tried, which is how these promises are kept.

`python tests/flawed_indices.py 17 "weights that can sum to zero"` shows one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping

from bareme.record import Record
from sound_programs import indented

Lines = list[str]


class Expectation(Record):
    """What has to be found in a flawed index.

    Attributes:
        kind: one of `KINDS`.
        figure: the dotted path of the figure that the flaw is in.
        question: the id of the question or measure that is dead, or lowers; else empty.
        line: the number, from 1, of the line at fault in the one file: the condition, the cap or
            floor, the decision, the question; of a contradiction the second of the two, of weights
            that can sum to zero the figure.
        written: that line, without its indentation.
        rule: "skip", "cap", "floor" or "decision" where the line is one, else empty.
        follows: the kinds of flaws that may be found of the same line with it, since they follow
            from it: a cap whose condition cannot hold never binds.
    """

    kind: str
    figure: str
    question: str
    line: int
    written: str
    rule: str = ""
    follows: frozenset[str] = frozenset()


class _Flaw(Record):
    """A flawed indicator.

    Attributes:
        below: what stands below its line.
        at: the line at fault, or the first words of it; empty for the indicator itself.
        head: lines of the file itself that it needs.
    """

    below: tuple[str, ...]
    at: str
    question: str = ""
    rule: str = ""
    head: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()


def flawless(seed: int, *, small: bool = False) -> dict[str, str]:
    """The rules of a sound index in which nothing is amiss, by the stem of their file."""
    return {"all": "\n".join(_Writer(random.Random(seed), small=small).rows([])) + "\n"}


def flawed(seed: int, kind: str, *, small: bool = False) -> tuple[dict[str, str], Expectation]:
    """The rules of a sound index with one flaw, and what has to be found.

    Args:
        seed: the same gives the same.
        kind: one of `KINDS`.
        small: so small that every profile can be tried.
    """
    chance = random.Random(seed)
    writer = _Writer(chance, small=small)
    flaw = chance.choice(KINDS[kind])
    rows = writer.rows([f"indicator amiss{writer.weight()}", *indented([*flaw.below])], flaw.head)
    start = next(at for at, row in enumerate(rows) if row.strip().startswith("indicator amiss"))
    line = next(
        at for at, row in enumerate(rows) if at >= start and row.strip().startswith(flaw.at)
    )
    expected = Expectation(
        kind,
        f"{writer.amiss_in}.amiss",
        flaw.question,
        line + 1,
        rows[line].strip(),
        flaw.rule,
        frozenset(flaw.follows),
    )
    return {"all": "\n".join(rows) + "\n"}, expected


class _Writer:
    """Draws an index in which nothing is amiss, with room for an indicator of another's."""

    def __init__(self, chance: random.Random, *, small: bool) -> None:
        self.chance = chance
        self.small = small
        self.questions = 0
        self.measures = 0
        self.budget = 1 if small else chance.randint(8, 22)
        self.labels: dict[int, tuple[str, ...]] = {}  # of each question, the best first
        self.amiss_in = ""

    def weight(self) -> str:
        return self.chance.choice(("", "", " weight 2", " weight 1/2"))

    def rows(self, amiss: Lines, head: tuple[str, ...] = ()) -> Lines:
        """The lines of the file, those of one more indicator among them."""
        categories: list[tuple[str, Lines]] = []
        while self.questions < self.budget:
            id = f"c{len(categories) + 1}"
            categories.append((id, self._category(id)))
        at = self.chance.randrange(len(categories))
        self.amiss_in = f"i.{categories[at][0]}"
        lines = ["group region: North, South", *head]
        lines += ["scale yes_no: Yes = 100, No = 0", "scale grade: High = 100, Mid = 60, Low = 10"]
        lines.append("index i")
        for number, (id, below) in enumerate(categories):
            with_amiss = [*below, *amiss] if number == at else below
            lines += indented([f"category {id}{self.weight()}", *indented(with_amiss)])
        text = "\n".join(lines)
        return [
            row for row in lines
            if row[:6] not in ("scale ", "group ")
            or (f" on {row.split()[1].rstrip(':')}" in text if row[:5] == "scale"
                else "region is" in text)
        ]  # fmt: skip

    def _category(self, id: str) -> Lines:
        """Indicators, and now and then a rule of them that cannot do harm."""
        lines: Lines = []
        count = 1 if self.small else self.chance.randint(2, 4)
        first = self.questions + 1
        for at in range(count):
            lines += self._indicator(f"{id}_{at + 1}")
        kind = self.chance.randrange(4)
        if kind == 0:
            lines.insert(0, f"skip when region is {self.chance.choice(('North', 'South'))}")
        if kind == 1:
            lines += [f"indicator {id}_decided{self.weight()}", *indented(self._decided(first))]
        return lines

    def _indicator(self, name: str) -> Lines:
        count = 2 if self.small else self.chance.randint(2, 4)
        first = self.questions + 1
        asked = [row for _ in range(count) for row in self._question()]
        if not self.small and self.measures < 2 and self.likely(0.15):
            asked += self._measure()
        rule = self.chance.randrange(5)
        # What the first question weighs leaves so much to the others that either rule binds.
        if rule == 0:
            asked.insert(0, f"cap 20 when q{first} is {self.labels[first][-1]}")
        if rule == 1:
            asked.insert(0, f"floor 90 when q{first} is {self.labels[first][0]}")
        return [f"indicator {name}{self.weight()}", *indented(asked)]

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def _question(self) -> Lines:
        self.questions += 1
        scale, labels = self.chance.choice((("yes_no", ("Yes", "No")), ("grade", GRADES)))
        self.labels[self.questions] = labels
        weight = self.chance.choice(("", "", " weight 2"))
        return [f"question q{self.questions} on {scale}{weight}"]

    def _measure(self) -> Lines:
        self.measures += 1
        posts = self.chance.choice(("from 0 to 100", "from 50 to 0"))
        return [f"measure m{self.measures} in cases", f"    normalise {posts}"]

    def _decided(self, first: int) -> Lines:
        """Decisions by the first two questions of a category: better answers, greater scores."""
        one, two = (f"q{at} is {self.labels[at][0]}" for at in (first, first + 1))
        return [f"score 100 when {one} and {two}", f"score 40 when {one}", "score 0 otherwise"]


GRADES = ("High", "Mid", "Low")

# ---- flaws: each an indicator of its own questions, with nothing else amiss

TWO = ("question z1 on yes_no", "question z2 on yes_no")
THREE = (*TWO, "question z3 on yes_no")
LISTED = ("questions on yes_no", "    question z1", "    question z2")
NO_CAP, NO_FLOOR, NO_DECISION = (
    "cap that never binds",
    "floor that never binds",
    "decision that is never taken",
)


def _amiss(
    *below: str,
    at: str = "",
    question: str = "",
    head: tuple[str, ...] = (),
    follows: str = "",
) -> _Flaw:
    """A flawed indicator; what kind of rule the line at fault is can be seen from it."""
    word = at.split(" ")[0]
    rule = {"score": "decision"}.get(word, word) if word in RULES else ""
    return _Flaw(below, at, question, rule, head, (follows,) if follows else ())


RULES = ("cap", "floor", "skip", "score")

KINDS: Mapping[str, tuple[_Flaw, ...]] = {
    "condition that can never hold": (
        _amiss("cap 40 when z1 is Yes and z1 is No", *TWO, at="cap 40", follows=NO_CAP),
        _amiss("floor 60 when z1 is not answered", TWO[0], "    answer required", TWO[1],
               at="floor 60", follows=NO_FLOOR),
        _amiss("cap 40 when zm > 60", "measure zm in cases, plausible 0 to 50",
               "    normalise from 0 to 50", TWO[0], at="cap 40", follows=NO_CAP),
        _amiss("skip when z1 is Yes and not z1 is answered", *THREE, at="skip"),
        _amiss("cap 30 when v > 100", "indicator v", *indented([*TWO]), THREE[2],
               at="cap 30", follows=NO_CAP),
        _amiss("cap 30 when at least 2 of (z1 is Yes, z1 is No)", *TWO, at="cap 30",
               follows=NO_CAP),
        _amiss("score 100 when z1 is Yes and z2 is Yes", "score 80 when z2 is Yes and z2 is No",
               "score 0 otherwise", at="score 80", head=LISTED, follows=NO_DECISION),
    ),
    NO_CAP: (
        _amiss("cap 100 when z1 is Yes", *TWO, at="cap"),
        _amiss("cap 80 when z1 is No", *TWO, at="cap"),
        _amiss("cap 40", "cap 50 when z1 is No", *THREE, at="cap 50"),
        _amiss("cap 60 when v is answered", "indicator v", "    question z1",
               "        options: A = 50, B = 0", "question z2", "    options: A = 60, B = 0",
               at="cap 60"),
    ),
    NO_FLOOR: (
        _amiss("floor 0 when z1 is No", *TWO, at="floor"),
        _amiss("floor 30 when z1 is Yes", *TWO, at="floor"),
        _amiss("floor 60", "floor 40 when z1 is Yes", *THREE, at="floor 40"),
        _amiss("floor 20 when zm > 40", "measure zm in cases", "    normalise from 0 to 100",
               TWO[0], at="floor 20"),
    ),
    NO_DECISION: (
        _amiss("score 100 when z1 is Yes or z2 is Yes", "score 60 when z1 is Yes",
               "score 0 otherwise", at="score 60", head=LISTED),
        _amiss("score 100 when z1 is Yes and z2 is Yes", "score 70 when z1 is Yes or z2 is Yes",
               "score 10 when z1 is No", "score 30 otherwise", at="score 30", head=LISTED),
    ),
    "cap and floor that contradict": (
        _amiss("cap 30 when z1 is No", "floor 60 when z2 is Yes", *THREE, at="floor"),
        _amiss("floor 70 when z2 is Yes", "cap 40 when z1 is No", *THREE, at="cap"),
        _amiss("cap 40", "floor 60 when z1 is Yes", *TWO, at="floor"),
    ),
    "better answer that lowers": (
        _amiss("cap 30 when z1 is Yes", *TWO, at="cap", question="z1"),
        _amiss("aggregate by sum", "when missing zero", "range -50 to 100", "rescale", TWO[0],
               "question z2 on yes_no subtract weight 1/2", at="question z2", question="z2"),
        _amiss(TWO[0], "question z2 on yes_no weight 3", "    skip when z1 is Yes", THREE[2],
               at="skip", question="z1"),
        _amiss("score 20 when z1 is Yes and z2 is Yes", "score 70 when z2 is Yes",
               "score 0 otherwise", at="score 20", question="z1", head=LISTED),
        _amiss("cap 40 when zm > 80", "measure zm in cases", "    normalise from 0 to 100", TWO[0],
               at="cap", question="zm"),
    ),
    "dead question": (
        _amiss(TWO[0], "    answer required", "question z2 on yes_no weight 0",
               at="question z2", question="z2"),
        _amiss("aggregate by maximum", "question z1", "    answer required",
               "    options: A = 100, B = 80", "question z2", "    options: A = 70, B = 0",
               at="question z2", question="z2"),
        _amiss("aggregate by minimum", "question z1", "    answer required",
               "    options: A = 40, B = 0", "question z2", "    options: A = 100, B = 50",
               at="question z2", question="z2"),
    ),
    "weights that can sum to zero": (
        _amiss("indicator v weight 0", "    question z1 on yes_no", "indicator w",
               "    question z2 on yes_no"),
        _amiss("cap 40 when z1 is No", "question z1 on yes_no weight 0", TWO[1]),
    ),
}  # fmt: skip
"""The flaws of each kind. Nothing but the one is amiss in any, save for what `follows`."""


if __name__ == "__main__":
    text, expected = flawed(int(sys.argv[1]), sys.argv[2])
    print(text["all"])
    print(expected)
