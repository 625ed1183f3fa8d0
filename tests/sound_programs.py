"""Sound programs at random: every statement, used as its law has it, and answers to score them by.

`programs.py` writes what can be read and hardly ever what is sound; here what is written is sound
by construction but for rare slips of ranges, so that what follows the reading is tried as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction

from bareme.framework import Framework
from bareme.plan import plan_index
from bareme.profiles.profile import Answer, Evidence, PartOf, Profile
from bareme.scoring.cohort import score_cohort
from bareme.source import Span

LABELS = ("Yes", "No", "Partial", "Never", "Always", "Not known")
WEIGHED = ("arithmetic mean", "geometric mean", "harmonic mean", "power 2", "sum")
UNWEIGHED = ("minimum", "maximum", "median", "best 2")
HERE = Span("profiles/fuzz/2020/x.yaml", 0, 0)
EDITION = "2020"


class Writer:
    """One sound program; the same for the same source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.scales: dict[str, list[str]] = {}
        self.listed: list[tuple[str, list[str]]] = []  # questions outside any index
        self.data: list[str] = []
        self.figures: list[str] = []  # paths that may be taken over
        self.ids = 0

    def id(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}_{self.ids}"

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def program(self) -> str:
        lines = ["units site", "group region: North, South", "data people in persons"]
        self.data.append("people")
        for _ in range(self.chance.randint(1, 3)):
            lines += self.scale()
        lines += self.list_of_questions()
        for _ in range(self.chance.randint(1, 2)):
            lines += self.index()
        return "\n".join(lines) + "\n"

    # ---- scales and questions

    def scale(self) -> list[str]:
        name = self.id("scale")
        labels = self.chance.sample(LABELS, self.chance.randint(2, 4))
        if self.scales and self.likely(0.2):
            other = self.chance.choice(list(self.scales))
            self.scales[name] = self.scales[other]
            return [f"scale {name}: reverse of {other}"]
        self.scales[name] = labels
        also = ' also "N/K"' if self.likely(0.3) else ""
        if also:
            self.scales[name] = [*labels, "N/K"]
        if self.likely(0.4):
            order = self.chance.choice(("best", "worst"))
            return [f"scale {name}, {order} first: {', '.join(labels)}{also}"]
        most, out_of = (4, " out of 4") if self.likely(0.3) else (100, "")
        points = [f"{label} = {self.points(most)}" for label in labels]
        points[-1] += also
        return [f"scale {name}{out_of}", *indented(points)]

    def points(self, most: int) -> str:
        if self.likely(0.1):
            return "excluded"
        half = ".5" if most > 4 and self.likely(0.3) else ""
        return f"{self.chance.randint(0, most - 1)}{half}"

    def question(self, weight: str) -> tuple[str, list[str], list[str]]:
        name, scale = self.id("q"), self.chance.choice(list(self.scales))
        below = []
        if self.likely(0.1):
            when = self.chance.choice(("to 2019", "from 2019", "from 2010 to 2030"))
            below.append(f"asked {when}")
        if self.listed and self.likely(0.1):
            below.append(f"skip when {self.condition()}")
        if self.likely(0.2):
            head = f"question {name}{weight}"
            below.append("options, best first: Yes, Partial, No")
            return name, ["Yes", "Partial", "No"], [head, *indented(below)]
        return name, self.scales[scale], [f"question {name} on {scale}{weight}", *indented(below)]

    def list_of_questions(self) -> list[str]:
        lines = ["questions"]
        for _ in range(self.chance.randint(2, 4)):
            name, labels, question = self.question("")
            self.listed.append((name, labels))
            lines += indented(question)
        return lines

    def measure(self, weight: str) -> list[str]:
        name = self.id("m")
        if self.likely(0.2):
            formula = f"    formula people * 3 - (people + {self.chance.randint(1, 9)}) / 7"
            return [f"measure {name} in cases{weight}", formula, "    normalise from 0 to 500"]
        per = ", per 100 of people" if self.likely(0.2) else ""
        lines = [f"measure {name} in cases, plausible 0 to 1000{per}{weight}"]
        kind = self.chance.randrange(5)
        if kind == 0:
            return [*lines, "    steps up to 0 = 100, up to 20 = 40.5, above = 0"]
        if kind == 1:
            return [*lines, "    steps from 50 = 100, from 10 = 50, below = excluded"]
        if kind == 2:
            posts = self.chance.choice(("1 to 900", "900 to 2"))
            return [*lines, f"    normalise log from {posts}"]
        if kind == 3:
            return [*lines, f"    normalise power {self.chance.choice(('0.5', '2'))} from 0 to 700"]
        return [*lines, f"    normalise from {self.chance.choice(('0 to 500', '500 to 0'))}"]

    def condition(self, depth: int = 0) -> str:
        kind = self.chance.randrange(8)
        if kind < 3 and depth < 2:
            one, two = self.condition(depth + 1), self.condition(depth + 1)
            return (f"({one}) and ({two})", f"({one}) or ({two})", f"not ({one})")[kind]
        if kind == 3 and depth < 2:
            return f"at least 1 of ({self.condition(depth + 1)}, {self.condition(depth + 1)})"
        if kind == 4:
            return "people " + self.chance.choice(("≥ 100", "< 7", "= 0", "is answered"))
        if kind == 5:
            return f"region {self.chance.choice(('is North', 'is not South', 'is answered'))}"
        name, labels = self.chance.choice(self.listed)
        label = f'"{self.chance.choice(labels)}"'
        if kind == 6:
            return f"{name} is one of ({label})"
        return f"{name} {self.chance.choice((f'is {label}', f'is not {label}', 'is not answered'))}"

    # ---- figures

    def index(self) -> list[str]:
        name = self.id("index")
        printed = self.chance.choice(("whole numbers", "1 decimal", "as 0 to 1, 3 decimals"))
        head = [f"publish {printed}"]
        floor = "0.5" if "as" in printed else "50"
        head += [f"bands High from {floor}, Low from 0"] if self.likely(0.5) else []
        head += ["band by unrounded scores"] if self.likely(0.2) else []
        head += ["levels pillar, theme"] if self.likely(0.2) else []
        head += ["rank by unrounded scores"] if self.likely(0.3) else []
        head += [f"include entities where {self.condition()}"] if self.likely(0.2) else []
        return [f"index {name}", *indented(head), *indented(self.body(name, 0, inside=False))]

    def body(self, path: str, depth: int, *, inside: bool) -> list[str]:
        """The settings, rules and parts of a figure."""
        count = self.chance.randint(1, 3)
        method = self.chance.choice((*WEIGHED, *WEIGHED, *UNWEIGHED))
        weighed = method in WEIGHED
        weights = self.weights(count) if weighed and method != "sum" else [""] * count
        policies = ["zero", "worst", "no score"] + (["leave out"] if method != "sum" else [])
        lines = [f"aggregate by {method}", f"when missing {self.chance.choice(policies)}"]
        if method == "sum":
            lines += [f"range 0 to {100 * count}", "rescale"] if count > 1 else []
        parts: list[list[str]] = []
        for weight in weights:
            parts.append(self.part(path, depth, weight, inside=inside))
        rules = self.rules()
        return [*lines, *rules, *(line for part in parts for line in part)]

    def weights(self, count: int) -> list[str]:
        if self.likely(0.5):
            return [""] * count
        if count in (1, 2) and self.likely(0.4):
            return [f" weight {100 // count}%"] * count
        return [f" weight {self.chance.choice(('1', '2', '1/3', '0.5'))}" for _ in range(count)]

    def rules(self) -> list[str]:
        makers: list[Callable[[], str]] = [
            lambda: f"cap {self.chance.randint(0, 100)} when {self.condition()}",
            lambda: f"floor {self.chance.randint(0, 100)} when {self.condition()}",
            lambda: f"cap {self.chance.randint(50, 100)}",
        ]
        lines = [make() for make in makers if self.likely(0.15)]
        if self.likely(0.1):
            lines.append(f"require {self.chance.choice(('50% of answers', '1 answer'))}")
        return lines

    def part(self, path: str, depth: int, weight: str, *, inside: bool) -> list[str]:
        kind = self.chance.randrange(10)
        if depth < 2 and kind < 4:
            word = "category" if depth == 0 else "indicator"
            name = self.id("c")
            each = ["for each site"] if not inside and self.likely(0.15) else []
            body = self.body(f"{path}.{name}", depth + 1, inside=inside or bool(each))
            lines = [f"{word} {name}{weight}", *indented([*each, *body])]
            if not inside and not each:
                self.figures.append(f"{path}.{name}")
            return lines
        if kind == 4 and not inside:
            return [f"indicator {self.id('g')}{weight}", "    given"]
        if kind == 5 and self.figures and not inside:
            return [f"indicator {self.id('s')} same as {self.chance.choice(self.figures)}{weight}"]
        if kind == 6:
            decisions = [f"score {self.chance.randint(0, 100)} when {self.condition()}"]
            decisions.append(f"score {self.chance.randint(0, 100)} otherwise")
            return [f"indicator {self.id('d')}{weight}", *indented(decisions)]
        if kind == 7:
            return self.measure(weight)
        if kind == 8 and self.listed and not inside:
            asked = self.chance.choice(self.listed)[0]
            return [f"indicator {self.id('a')}{weight}", f"    ask {asked}"]
        return self.question(weight)[2]


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


# ---- answers


def some_profile(framework: Framework, entity: str, chance: random.Random) -> Profile:
    """Answers to some of the questions, numbers for some of the measures, and parts."""
    unasked = {
        q.id
        for q in framework.questions.values()
        if q.asked_in and not q.asked_in.in_edition(EDITION)
    }
    answers: dict[str, Answer] = {}
    for id, question in framework.questions.items():
        if question.scale and question.scale.labels and id not in unasked and chance.random() < 0.8:
            label = chance.choice(question.scale.labels)
            answers[id] = Answer(chance.choice(label.names), Evidence("", "", ""), HERE, None)
    for id in framework.recorded:
        if chance.random() < 0.8:
            value = Fraction(chance.choice((0, 1, 7, 20, 50, 333, 1000)), chance.choice((1, 2, 3)))
            answers[id] = Answer(str(value), Evidence("", "", ""), HERE, value)
    groups = {"region": chance.choice(("North", "South"))} if chance.random() < 0.8 else {}
    parts = [
        PartOf(f"site {n}", {k: v for k, v in answers.items() if chance.random() < 0.7}, {}, HERE)
        for n in range(chance.randint(0, 2))
    ]
    return Profile(
        entity, entity, answers, {}, {}, {}, {}, HERE, groups, {}, {"site": parts}, edition=EDITION
    )


def score_in_range(framework: Framework, chance: random.Random) -> int:
    """Score a sound framework for three entities; every score lies in its figure's range.

    Returns:
        How many scores there were.

    Raises:
        AssertionError: where one does not.
    """
    profiles = [some_profile(framework, f"E{number}", chance) for number in range(3)]
    scores = 0
    for index in framework.indices:
        plan = plan_index(framework, index)
        scored = score_cohort(plan, profiles)
        for step, column in zip(plan.steps, scored.columns, strict=True):
            low, high = step.publication.own
            for at in range(len(scored.profiles)):
                score = column.score(at)
                assert score is None or low <= score <= high, f"{step.figure}: {score}"
                scores += score is not None
    return scores
