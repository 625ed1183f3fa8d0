"""Small programs at random of the forms that are hard to prove, more of them than anybody writes.

Weights of 0, skips of what is given, required answers that may not apply, figures taken over,
decisions that cannot be told, formulas that divide, and several figures scored for each part.
"""

from __future__ import annotations

import random

METHODS = ("arithmetic mean",) * 4 + ("sum", "geometric mean", "harmonic mean", "power 2",
           "minimum", "maximum", "median", "best 2")  # fmt: skip


class Odd:
    """One program, which may not be sound; the same for the same source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.ids = 0
        self.questions: list[str] = ["l_1", "l_2"]
        self.inner: list[str] = []  # questions of parts
        self.paths: list[str] = []
        self.numbers = ["people"]
        lines = ["units site", "group region: North, South", "data people", "questions"]
        lines += [f"    question {id}\n        {self.options()}" for id in self.questions]
        self.text = "\n".join([*lines, *self.index()]) + "\n"

    def id(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}_{self.ids}"

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def options(self) -> str:
        many = self.chance.randint(2, 3)
        points = self.chance.choice(((0, 50, 100), (0, 0, 0), (50, 50, "excluded"), (40, 60, 100)))
        given = self.chance.sample(points, many)
        return "options: " + ", ".join(
            f"{name} = {each}" for name, each in zip("ABC", given, strict=False)
        )

    def condition(self, *, inside: bool = False, deep: bool = False) -> str:
        kind = self.chance.randrange(10)
        if kind < 3 and not deep:
            one, two = (self.condition(inside=inside, deep=True) for _ in range(2))
            return (f"{one} and {two}", f"{one} or {two}", f"not ({one})")[kind]
        if kind == 3:
            return f"region is {self.chance.choice(('North', 'South'))}"
        if kind == 4:
            number = self.chance.choice(self.numbers)
            return f"{number} {self.chance.choice(('> 5', '< 5', '= 20', 'is answered'))}"
        if kind < 8 and self.paths and not inside:
            said = self.chance.choice(("> 50", "< 50", "= 0", ">= 100", "is not answered"))
            return f"{self.chance.choice(self.paths)} {said}"
        name = self.chance.choice(self.inner if inside and self.inner else self.questions)
        return f"{name} {self.chance.choice(('is A', 'is B', 'is not A', 'is not answered'))}"

    def index(self) -> list[str]:
        return ["index a", *self.body("a", 0)]

    def body(self, path: str, depth: int, *, inside: bool = False) -> list[str]:
        pad = "    " * (depth + 1)
        method = self.chance.choice(METHODS)
        policies = ["zero", "worst", "no score"] + ["leave out"] * 2 * (method != "sum")
        lines = [f"aggregate by {method}", f"when missing {self.chance.choice(policies)}"]
        many = self.chance.randint(2, 3)
        weighed = method not in ("minimum", "maximum", "median", "best 2")
        if method == "sum":
            lines += [f"range 0 to {100 * many}"] + ["rescale"] * bool(depth or self.likely(0.7))
            weighed = False
        lines += ["answer required"] * self.likely(0.3)
        below: list[str] = []
        for at in range(many):
            weight = f" weight {self.chance.choice((0, 1, 3))}" if weighed and at else ""
            below += self.part(path, depth, weight, inside=inside)
        rules: list[str] = []
        for kind in ("cap", "floor", "cap"):
            if self.likely(0.25):
                when = f" when {self.condition(inside=inside)}" if self.likely(0.8) else ""
                rules.append(f"{kind} {self.chance.choice((20, 50, 80))}{when}")
        if not inside and self.likely(0.3):
            rules.append(
                f"require {self.chance.choice(('1 answer', '2 answers', '60% of answers'))}"
            )
        if depth and self.likely(0.2):
            rules.append(f"skip when {self.condition(inside=inside)}")
        return [pad + line for line in (*lines, *rules)] + below

    def part(self, path: str, depth: int, weight: str, *, inside: bool) -> list[str]:
        pad, kind = "    " * (depth + 1), self.chance.randrange(12)
        skip = f"skip when {self.condition(inside=inside)}"
        skips = [f"{pad}    {skip}"] * self.likely(0.3)
        if kind < 3 and depth < 2:
            name = self.id("c")
            each = not inside and self.likely(0.4)
            body = self.body(f"{path}.{name}", depth + 1, inside=inside or each)
            if each:
                body = [f"{pad}    for each site", *body]
            if not inside:
                self.paths.append(f"{path}.{name}")
            return [f"{pad}category {name}{weight}", *body]
        name = self.id("i")
        found: list[str]
        if kind == 3 and not inside:
            found = ["given"]
        elif kind in (4, 5) and self.paths and not inside:
            of = self.chance.choice(self.paths)
            floor = [f"{pad}    cap 60 when {self.condition()}"] * self.likely(0.3)
            self.paths.append(f"{path}.{name}")
            return [f"{pad}indicator {name} same as {of}{weight}", *floor, *skips]
        elif kind in (6, 7):
            found = [
                f"score {self.chance.choice((0, 50, 100))} when {self.condition(inside=inside)}"
                for _ in range(self.chance.randint(1, 2))
            ]
            found.append(f"score {self.chance.choice((0, 30, 100))} otherwise")
        elif kind == 8:
            found = [f"ask {self.chance.choice(('l_1', 'l_2'))}"]
        elif kind in (9, 10):
            return self.measure(pad, weight, skips, inside=inside)
        else:
            name = self.id("q")
            (self.inner if inside else self.questions).append(name)
            need = [f"{pad}    answer required"] * self.likely(0.3)
            head = f"{pad}question {name}{weight}"
            return [head, f"{pad}    {self.options()}", *need, *skips]
        if not inside:
            self.paths.append(f"{path}.{name}")
        return [f"{pad}indicator {name}{weight}", *(f"{pad}    {each}" for each in found), *skips]

    def measure(self, pad: str, weight: str, skips: list[str], *, inside: bool) -> list[str]:
        name, head = self.id("m"), ""
        ways = ["normalise from 0 to 50", "normalise from 50 to 0", "normalise log from 1 to 90"]
        ways += ["steps up to 0 = 100, up to 20 = 40, above = 0"]
        ways += ["steps from 50 = 100, from 10 = 50, below = excluded"]
        if self.likely(0.4):
            body = self.chance.choice(("people * 2", "50 - people", "100 / people"))
            head = f"{pad}measure {name} in x{weight}"
            lines = [f"formula {body}", self.chance.choice(ways)]
        else:
            head = (
                f"{pad}measure {name} in x{self.chance.choice(('', ', plausible 0 to 60'))}{weight}"
            )
            lines = [self.chance.choice(ways)]
            if not inside:
                self.numbers.append(name)
        return [head, *(f"{pad}    {line}" for line in lines), *skips]
