"""Programs at random, with every statement of the language in every form of the grammar.

They can be read; what they name need not be there, and their points and ranges may break any law.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

TEXTS = ("A", "B b", 'say ""so""', "a = 1, b", "# no comment", "é – ‘x’", "from 5", "is not")
LABELS = ("Yes", "No", "Very low", "Not clear, yet", "up to 5", "12", "1/2", "High", "a-b", "Æ")
PLAIN = ("Yes", "No", "Very low", "High", "a-b", "Æ", "12", "Not now")
UNITS = ("ships", "percent", '"2017 PPP $"', '"for each 100, yearly"')


class Writer:
    """One program; the same for the same source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.ids = 0

    # ---- chance

    def one(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def maybe(self, text: str, often: float = 0.5) -> str:
        return text if self.chance.random() < often else ""

    def some(self, make: Callable[[], str], most: int = 3) -> list[str]:
        return [make() for _ in range(self.chance.randint(1, most))]

    def new_id(self) -> str:
        self.ids += 1
        return f"{self.one('a', 'pilot', 'x_y')}_{self.ids}"

    def id(self) -> str:
        return f"{self.one('a', 'pilot', 'x_y')}_{self.chance.randint(1, self.ids + 1)}"

    def number(self, least: int = 0, most: int = 100) -> str:
        whole = self.chance.randint(least, most)
        return f"{whole}{self.maybe(self.one('.5', '.25', '.00', '.125'), 0.3)}"

    def text(self) -> str:
        return f'"{self.chance.choice(TEXTS)}"'

    # ---- files

    def program(self) -> str:
        kinds = [
            self.use,
            self.scale,
            self.group,
            self.data,
            self.questions,
            self.units,
            self.index,
        ]
        lines: list[str] = []
        for _ in range(self.chance.randint(1, 6)):
            lines += self.chance.choice(kinds)()
        return "\n".join([*lines, *self.index()]) + "\n"

    def use(self) -> list[str]:
        return [f"use {self.one('scales', 'labels', 'more-1')}"]

    def scale(self) -> list[str]:
        head = f"scale {self.new_id()}"
        parts = self.one("", ", best first", ", worst first", " out of 4", ", out of 10")
        kind = self.chance.randrange(3)
        if kind == 0:
            return [f"{head}: reverse of {self.id()}"]
        if kind == 1:
            return [f"{head}{parts}: {', '.join(self.some(self.inline_label, 4))}"]
        return [head + parts, *indented(self.label_lines())]

    def points(self) -> str:
        return self.maybe(f" = {self.one('excluded', self.number(), self.number())}")

    def inline_label(self) -> str:
        label = self.one(*PLAIN) if self.chance.random() < 0.6 else self.text()
        return f"{label}{self.points()}{self.also()}"

    def also(self) -> str:
        return self.maybe(f" also {' or '.join(self.some(self.text, 2))}", 0.2)

    def label_lines(self) -> list[str]:
        def line() -> str:
            kind = self.chance.randrange(3)
            if kind == 0:
                return f"{self.one(*LABELS)}{self.points()}{self.also()}"
            code = self.maybe(self.one("a ", "b2 ", "1.c "))
            return f"{code}{self.text()}{self.points()}{self.also()}"

        return self.some(line, 4)

    def group(self) -> list[str]:
        labels = ", ".join(self.one(*PLAIN) for _ in range(self.chance.randint(1, 3)))
        return [f"group {self.new_id()}{self.maybe(f' {self.text()}')}{self.maybe(f': {labels}')}"]

    def data(self) -> list[str]:
        return [self.measured("data"), *indented(self.remarks())]

    def units(self) -> list[str]:
        return [f"units {', '.join(self.some(self.new_id))}"]

    def questions(self) -> list[str]:
        lines = [f"questions{self.maybe(f' on {self.id()}')}"]
        for _ in range(self.chance.randint(1, 3)):
            lines += indented(self.question())
        return lines

    def ask(self) -> list[str]:
        runs = self.some(lambda: f"{self.id()}{self.maybe(f' to {self.id()}', 0.3)}")
        return [f"ask {', '.join(runs)}{self.weight()}"]

    def measured(self, kind: str) -> str:
        title = self.maybe(f" {self.text()}")
        plausible = self.maybe(f", plausible {self.number(0, 9)} to {self.number(10, 99)}")
        per = self.maybe(f", per {self.number(1)} of {self.id()}", 0.2) if kind != "data" else ""
        return f"{kind} {self.new_id()}{title} in {self.one(*UNITS)}{plausible}{per}"

    def remarks(self) -> list[str]:
        lines = self.some(self.text, 2) if self.chance.random() < 0.5 else []
        return lines + ([f"note {self.text()}"] if self.chance.random() < 0.3 else [])

    # ---- what is scored

    def weight(self) -> str:
        a, b = self.chance.randint(1, 9), self.chance.randint(1, 9)
        weight = self.one(f"{self.number(1)}%", f"{a}/{b}", self.number(1))
        return self.maybe(" subtract", 0.1) + self.maybe(f" weight {weight}")

    def titled(self, kind: str) -> str:
        code = self.maybe(f' code "{self.one("5.1.1a", "1")}"', 0.3)
        return f"{kind} {self.new_id()}{self.maybe(f' {self.text()}')}{code}"

    def index(self) -> list[str]:
        lines = [self.titled("index")]
        body = [*self.settings(), *self.of_an_index(), *self.rules()]
        for _ in range(self.chance.randint(1, 3)):
            body += self.chance.choice([self.category, self.indicator, self.question])()
        if self.chance.random() < 0.4:
            body += self.some(self.rating)
        return lines + indented(body)

    def rating(self) -> str:
        def label() -> str:
            return self.one(*PLAIN, self.text())

        if self.chance.random() < 0.5:
            grades = self.some(lambda: f"{label()} from {self.number()}")
        else:
            grades = self.some(lambda: f"{label()} up to {self.number()}")
            grades += [f"{label()} above"] if self.chance.random() < 0.7 else []
        title = self.maybe(f" {self.text()}")
        read = ", ".join(self.some(self.id, 2))
        return f"rating {self.new_id()}{title} of {read}: {', '.join(grades)}"

    def of_an_index(self) -> list[str]:
        found = []
        if self.chance.random() < 0.4:
            printed = self.maybe(" as published", 0.3)
            found.append(f"compare with {self.one('previous edition', '2020', '2021-b')}{printed}")
        if self.chance.random() < 0.3:
            names = self.some(lambda: self.one("pillar", "indicator", self.text()))
            found.append(f"levels {', '.join(names)}")
        if self.chance.random() < 0.4:
            by = self.one("rounded", "unrounded", "rounded and unrounded")
            found.append(f"rank by {by} scores")
        if self.chance.random() < 0.2:
            found.append(f"compare by {self.one('rounded', 'unrounded')} scores")
        if self.chance.random() < 0.4:
            found.append(f"include entities where {self.condition()}")
        if self.chance.random() < 0.4:
            found.append(f"rank entities where {self.condition()}")
        return found

    def category(self) -> list[str]:
        return self.level("category", [self.indicator, self.question, self.measure, self.ask])

    def indicator(self) -> list[str]:
        return self.level("indicator", [self.question, self.measure, self.question])

    def level(self, kind: str, below: list[Callable[[], list[str]]]) -> list[str]:
        head = f"{self.titled(kind)}"
        way = self.chance.random()
        if way < 0.1:
            return [f"{head} same as {self.id()}.{self.id()}{self.weight()}"]
        if way < 0.2:
            return [f"{head}{self.weight()}", *indented(["given"])]
        body = [*self.settings(), *self.rules()]
        if way < 0.3:
            decided = [f"score {self.number()}{self.when()}" for _ in range(2)]
            return [f"{head}{self.weight()}", *indented([*body, *decided, "score 0 otherwise"])]
        for _ in range(self.chance.randint(1, 3)):
            body += self.chance.choice(below)()
        return [f"{head}{self.weight()}", *indented(body)]

    def question(self) -> list[str]:
        on = self.chance.random() < 0.6
        body = self.remarks()
        if not on:
            if self.chance.random() < 0.7:
                body += ["options", *indented(self.label_lines())]
            else:
                parts = self.one("", ", best first", " out of 4")
                body.append(f"options{parts}: {', '.join(self.some(self.inline_label))}")
        if self.chance.random() < 0.3:
            body.append(f"skip{self.when()}")
        if self.chance.random() < 0.2:
            body.append(f"asked {self.one('from 2013 to 2017', 'from 2020', 'to 2021-b')}")
        if self.chance.random() < 0.1:
            body.append(f"answer {self.one('required', 'optional')}")
        scale = f" on {self.id()}" if on else ""
        return [f"{self.titled('question')}{scale}{self.weight()}", *indented(body)]

    def measure(self) -> list[str]:
        body = self.remarks()
        if self.chance.random() < 0.5:
            curve = self.one("", " log", f" power {self.number(1, 3)}")
            loose = self.maybe(" unclamped")
            body.append(f"normalise{curve} from {self.number()} to {self.number()}{loose}")
        else:
            body += self.steps()
        if self.chance.random() < 0.3:
            body.append(f"skip{self.when()}")
        if self.chance.random() < 0.2:
            body.append(f"formula {self.formula()}")
            return [f"measure {self.new_id()}{self.weight()}", *indented(body)]
        return [f"{self.measured('measure')}{self.weight()}", *indented(body)]

    def steps(self) -> list[str]:
        limit, rest = self.chance.choice([("up to", "above"), ("from", "below")])

        def points() -> str:
            return f" = {self.one('excluded', self.number(), self.number())}"

        steps = [f"{limit} {self.number()}{points()}" for _ in range(self.chance.randint(1, 3))]
        steps.append(f"{rest}{points()}")
        if self.chance.random() < 0.5:
            return [f"steps {', '.join(steps)}"]
        return ["steps", *indented(steps)]

    def formula(self, depth: int = 2) -> str:
        def factor() -> str:
            if depth and self.chance.random() < 0.3:
                return f"({self.formula(depth - 1)})"
            return self.one(self.id(), self.id(), self.number())

        parts = [factor()]
        for _ in range(self.chance.randint(0, 3)):
            parts += [self.one("+", "-", "*", "/", "−", "×", "÷"), factor()]
        return self.one(" ", "").join(parts)

    # ---- settings and rules

    def settings(self) -> list[str]:
        bands = ", ".join(
            f"{self.one(*PLAIN, self.text())} from {self.number()}"
            for _ in range(self.chance.randint(1, 3))
        )
        published = self.maybe(f"as {self.number(0, 1)} to {self.number(2)}, ")
        places = self.one("whole numbers", "1 decimal", "3 decimals")
        mean = f"{self.one('arithmetic', 'geometric', 'harmonic')} mean"
        numbered = (f"power {self.number(1, 3)}", f"best {self.chance.randint(1, 9)}", "maximum")
        policy = self.one("leave out", "zero", "worst", "no score", "carry forward")
        policy = self.one(policy, policy, "average of all", f"average of {self.id()}")
        every = [
            f"publish {published}{places}{self.maybe(', half up')}",
            f"bands {bands}",
            f"band by {self.one('rounded', 'unrounded')} scores",
            f"answer {self.one('required', 'optional')}",
            f"weights total {self.number(1)}",
            f"aggregate by {self.one(mean, mean, 'minimum', 'median', 'sum', *numbered)}",
            f"when missing {policy}",
            f"normalise from {self.number()} to {self.number()}",
        ]
        return [each for each in every if self.chance.random() < 0.3]

    def rules(self) -> list[str]:
        every = [
            f"cap {self.number()}{self.maybe(self.when())}",
            f"floor {self.number()}{self.maybe(self.when())}",
            f"skip{self.when()}",
            f"require {self.one(f'{self.number(1)}% of answers', '3 answers', '1 answer')}",
            f"for each {self.id()}",
            "aggregate over indicators",
            f"range {self.number(0, 9)} to {self.number(10)}",
            "rescale",
            f"note {self.text()}",
            f"monotone no {self.text()}",
        ]
        return [each for each in every if self.chance.random() < 0.2]

    def when(self) -> str:
        return f" when {self.condition()}"

    def condition(self, depth: int = 2) -> str:
        kind = self.chance.randrange(4) if depth else 0
        if kind == 0:
            return self.comparison()
        if kind == 1:
            word = self.one(" and ", " or ")
            return word.join(self.operand(depth) for _ in range(self.chance.randint(2, 3)))
        if kind == 2:
            return f"not {self.operand(depth)}"
        several = [self.condition(depth - 1) for _ in range(self.chance.randint(1, 3))]
        return f"at least {self.chance.randint(1, len(several))} of ({', '.join(several)})"

    def operand(self, depth: int) -> str:
        if self.chance.random() < 0.5:
            return self.comparison()
        return f"({self.condition(depth - 1)})"

    def comparison(self) -> str:
        label = self.one("Yes", "Very low", "High", self.text())
        several = ", ".join(self.one("Yes", "High", self.text()) for _ in range(2))
        said = self.one(
            f"is {label}", f"is not {label}", f"is one of ({several})", "is answered",
            "is not answered", f"{self.one('<', '≤', '=', '≥', '>', '<=', '>=')} {self.number()}",
        )  # fmt: skip
        return f"{self.id()} {said}"


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def programs(seed: int) -> Iterator[str]:
    """Endless programs; the same for the same seed."""
    chance = random.Random(f"programs {seed}")
    while True:
        yield Writer(chance).program()
