"""Sound programs at random: every statement, used as its law has it.

`programs.py` writes what can be read and hardly ever what is sound; here what is written is sound
by construction, so that what follows the reading is tried as well. `spoiled` takes that away again,
in one place.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction

LABELS = ("Yes", "No", "Partial", "Never", "Always", "Not known")
EDITIONS = ("2018", "2019", "2020")
WEIGHED = ("arithmetic mean", "geometric mean", "harmonic mean", "power 2", "sum")
UNWEIGHED = ("minimum", "maximum", "median", "best 2")
BLOCKING = ("zero", "worst", "no score")  # what a sum may say of a missing part
IMPUTING = ("average of region", "average of all", "carry forward")
Range = tuple[Fraction, Fraction]
FULL = Fraction(0), Fraction(100)


class Writer:
    """One sound program; the same for the same source of chance.

    Attributes:
        files: its rules by the stem of their file.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.scales: dict[str, list[str]] = {}  # the labels, codes and other spellings of each
        self.listed: list[tuple[str, list[str]]] = []  # questions outside any index
        self.recorded: list[str] = []  # measures and data of the entity itself
        self.figures: list[str] = []  # paths that may be taken over
        self.read: list[str] = []  # paths of this index whose scores conditions may read
        self.rated: list[tuple[str, Range]] = []  # what ratings may read, and where it lies
        self.alone = False  # whether an index includes some entities only
        self.ids = 0
        self.files = self._files()

    @property
    def text(self) -> str:
        """All of the program as one file."""
        lines = [text for text in self.files.values() if not text.startswith("use ")]
        lines += [text.partition("\n")[2] for text in self.files.values() if text[:4] == "use "]
        return "".join(lines)

    def id(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}_{self.ids}"

    def likely(self, share: float) -> bool:
        return self.chance.random() < share

    def maybe(self, text: str, share: float) -> str:
        return text if self.chance.random() < share else ""

    def _files(self) -> Mapping[str, str]:
        lines = ["units site", "group region: North, South", *self.data("people")]
        scales: list[str] = []
        for _ in range(self.chance.randint(1, 3)):
            scales += self.scale()
        lines += self.list_of_questions()
        for _ in range(self.chance.choice((1, 1, 2))):
            lines += self.index()
        files = {"all": lines, "scales": scales}
        if self.likely(0.3):
            files["all"] = ["use scales", *lines]
        else:
            files = {"all": [*scales, *lines]}
        return {stem: "\n".join(each) + "\n" for stem, each in files.items()}

    def named(self) -> str:
        """A title and a code, or one of them, or neither."""
        return self.maybe(' "A title, ""so to say"""', 0.15) + self.maybe(' code "5.1a"', 0.1)

    def remarks(self) -> list[str]:
        lines = ['"Is it so,"', '"and why?"'] if self.likely(0.1) else []
        return lines + (['note "Not to be taken at its word."'] if self.likely(0.1) else [])

    # ---- scales and questions

    def scale(self) -> list[str]:
        name = self.id("scale")
        if self.scales and self.likely(0.2):
            other = self.chance.choice(list(self.scales))
            self.scales[name] = self.scales[other]
            return [f"scale {name}: reverse of {other}"]
        self.scales[name], (first, *below) = self.labels(f"scale {name}")
        return [first, *below]

    def labels(self, head: str) -> tuple[list[str], list[str]]:
        """What may be answered, and the lines of a scale or of a question's own options."""
        names = self.chance.sample(LABELS, self.chance.randint(2, 4))
        written = list(names)
        in_lines = self.likely(0.4)
        known = list(names)
        if self.likely(0.2):
            written[0] = f'"{names[0]}"'
        if in_lines and self.likely(0.3):
            written[1] = f'b "{names[1]}"'
            known.append("b")
        evenly = self.likely(0.4)
        most, out_of = (4, " out of 4") if not evenly and self.likely(0.3) else (100, "")
        if evenly:
            out_of = f", {self.chance.choice(('best', 'worst'))} first"
        else:
            written = [f"{label} = {self.points(most)}" for label in written]
        if self.likely(0.3):
            more = self.maybe(' or "n/a"', 0.5)
            written[-1] += f' also "N/K"{more}'
            known += ["N/K", "n/a"] if more else ["N/K"]
        if in_lines:
            return known, [f"{head}{out_of}", *indented(written)]
        return known, [f"{head}{out_of}: {', '.join(written)}"]

    def points(self, most: int) -> str:
        if self.likely(0.1):
            return "excluded"
        half = ".5" if most > 4 and self.likely(0.3) else ""
        return f"{self.chance.randint(0, most - 1)}{half}"

    def question(
        self, weight: str = "", on: str = "", *, scores: bool = False
    ) -> tuple[str, list[str], list[str]]:
        """A question: its id, what may be answered, and its lines.

        Args:
            weight: as it is written.
            on: the scale of the list that it stands in, if it stands in one.
            scores: whether its conditions may read scores.
        """
        name, scale = self.id("q"), self.chance.choice(list(self.scales))
        below = self.remarks()
        if self.likely(0.15):
            when = self.chance.choice(("to 2019", "from 2019", "from 2020", "from 2010 to 2030"))
            below.append(f"asked {when}")
        if self.likely(0.1):
            below.append(f"answer {self.chance.choice(('required', 'optional'))}")
        if self.listed and self.likely(0.1):
            below.append(f"skip when {self.condition(scores=scores)}")
        head = f"question {name}{self.named()}"
        if self.likely(0.2):
            labels, lines = self.labels("options")
            return name, labels, [f"{head}{weight}", *indented([*below, *lines])]
        if on and self.likely(0.5):
            return name, self.scales[on], [f"{head}{weight}", *indented(below)]
        return name, self.scales[scale], [f"{head} on {scale}{weight}", *indented(below)]

    def list_of_questions(self) -> list[str]:
        on = self.chance.choice(list(self.scales)) if self.likely(0.4) else ""
        lines = [f"questions on {on}" if on else "questions"]
        for _ in range(self.chance.randint(2, 3)):
            name, labels, question = self.question(on=on)
            self.listed.append((name, labels))
            lines += indented(question)
        return lines

    def data(self, name: str) -> list[str]:
        self.recorded.append(name)
        unit = self.chance.choice((" in persons", ', in "1,000 t"', ""))
        return [f"data {name}{self.named()}{unit}", *indented(self.remarks())]

    def measure(self, weight: str, *, inside: bool, scores: bool, posts: bool) -> list[str]:
        """A measure.

        Args:
            weight: as it is written.
            inside: whether it is asked of a part of an entity.
            scores: whether its conditions may read scores.
            posts: whether there are goalposts above, so that it needs none.
        """
        name, ways = self.id("m"), ["normalise from 0 to 500", "normalise from 500 to 0"]
        ways += [""] * (2 * posts)
        below = self.remarks()
        if self.likely(0.1):
            below.append(f"skip when {self.condition(scores=scores)}")
        if self.likely(0.2):
            body = f"formula people * 3 - (people + {self.chance.randint(1, 9)}) / 7"
            head = f"measure {name} in cases{weight}"
            return [head, *indented([*below, body, self.chance.choice(ways)])]
        per = self.maybe(", per 100 of people", 0.2)
        ways += ["normalise log from 1 to 900", "normalise log from 900 to 2"]
        ways += ["normalise power 0.5 from 0 to 700", "normalise power 2 from 0 to 700"]
        ways += ["steps up to 0 = 100, up to 20 = 40.5, above = 0"]
        ways += ["steps from 50 = 100, from 10 = 50, below = excluded"]
        ways += [] if per else ["normalise from 1000 to 0 unclamped"]
        way = self.chance.choice(ways)
        lines = [way]
        if way[:5] == "steps" and self.likely(0.5):
            lines = ["steps", *indented(way[6:].split(", "))]
        if not inside:
            self.recorded.append(name)
        head = f"measure {name}{self.named()} in cases, plausible 0 to 1000{per}{weight}"
        return [head, *indented([*below, *lines])]

    def condition(self, depth: int = 0, *, scores: bool) -> str:
        kind = self.chance.randrange(9)
        if kind < 4 and depth < 2:
            one, two = (self.condition(depth + 1, scores=scores) for _ in range(2))
            if kind == 3:
                return f"at least {self.chance.randint(1, 2)} of ({one}, {two})"
            return (f"({one}) and ({two})", f"({one}) or ({two})", f"not ({one})")[kind]
        if kind == 4:
            number = self.chance.choice(self.recorded)
            return f"{number} {self.chance.choice(('≥ 100', '< 7', '= 0', 'is answered'))}"
        if kind == 5:
            return f"region {self.chance.choice(('is North', 'is not South', 'is answered'))}"
        if kind == 8 and scores and self.read:
            score = self.chance.choice(self.read)
            return f"{score} {self.chance.choice(('> 50', '<= 33.3', 'is not answered'))}"
        name, labels = self.chance.choice(self.listed)
        label = f'"{self.chance.choice(labels)}"'
        if kind == 6:
            return f"{name} is one of ({label})"
        return f"{name} {self.chance.choice((f'is {label}', f'is not {label}', 'is not answered'))}"

    # ---- figures

    def index(self) -> list[str]:
        name = self.id("index")
        self.rated, self.read = [], []
        included = self.likely(0.2)
        if included or self.alone:  # its averages are of others than those of the index before
            self.figures = []
        self.alone = included
        printed = self.chance.choice(("whole numbers", "1 decimal", "as 0 to 1, 3 decimals"))
        self.printed_on = (Fraction(0), Fraction(1)) if "as" in printed else None
        body, own = self.body(name, 0, inside=False)
        low, high = self.printed_on or own
        middle = decimal((low + high) / 2)
        head = [f"publish {printed}{self.maybe(', half up', 0.2)}"]
        head += [f"bands High from {middle}, Low from {decimal(low)}"] if self.likely(0.5) else []
        head += self.some_of(
            (0.3, lambda: f"band by {self.chance.choice(('rounded', 'unrounded'))} scores"),
            (0.2, lambda: 'levels pillar, "sub-pillar", theme'),
            (0.3, lambda: f"rank by {self.maybe('rounded and ', 0.5)}unrounded scores"),
            (0.2, lambda: f"rank entities where {self.condition(scores=False)}"),
            (0.2, lambda: f"answer {self.chance.choice(('required', 'optional'))}"),
        )
        head += self.comparison() if self.likely(0.3) else []
        head += [f"include entities where {self.condition(scores=False)}"] if included else []
        self.rated.append((name, self.printed_on or own))
        ratings = self.ratings() if self.likely(0.5) else []
        self.figures += [name] if own == FULL else []
        return [f"index {name}{self.named()}", *indented([*head, *body, *ratings])]

    def comparison(self) -> list[str]:
        """What changes are counted from, and by which scores."""
        compared = f"compare with {self.chance.choice(('previous edition', '2018'))}"
        if self.likely(0.4):
            return [f"{compared} as published"]
        scores = self.chance.choice(("rounded", "unrounded"))
        return [compared, *([f"compare by {scores} scores"] if self.likely(0.4) else [])]

    def some_of(self, *makers: tuple[float, Callable[[], str]]) -> list[str]:
        return [make() for share, make in makers if self.likely(share)]

    def body(
        self,
        path: str,
        depth: int,
        *,
        inside: bool,
        totalled: bool = False,
        passed: bool = False,
        posts: bool = False,
    ) -> tuple[list[str], Range]:
        """The settings, rules and parts of a figure; and the range of its score.

        Args:
            path: of the figure.
            depth: of the figure below its index.
            inside: whether it is scored for each part of an entity.
            totalled: whether it is said above what weights add up to.
            passed: whether its parts are counted above, in its place.
            posts: whether there are goalposts above.
        """
        count = self.chance.choice((1, 1, 2, 2, 3))
        method = self.chance.choice((*WEIGHED, *WEIGHED, *UNWEIGHED))
        over = depth == 0 and self.likely(0.1)
        if over or passed:
            method = self.chance.choice(WEIGHED[:-1])
        policies = [*BLOCKING] if method == "sum" else [*BLOCKING, "leave out"]
        if method != "sum" and not inside:
            policies.append(self.chance.choice(IMPUTING))
        lines = [f"aggregate by {method}", f"when missing {self.chance.choice(policies)}"]
        own = FULL
        if method == "sum":
            weights, own = self.summed(count)
            if own != FULL:
                lines += [f"range {decimal(own[0])} to {decimal(own[1])}"]
            if own != FULL and (depth or self.likely(0.5)):
                lines, own = [*lines, "rescale"], FULL
        elif method in UNWEIGHED or over or passed:
            weights = [""] * count
        else:
            weights = self.weights(count, totalled=totalled)
        relative = any(each and "%" not in each for each in weights)
        added = total(weights)
        if relative and _plain(added) == added and (totalled or self.likely(0.3)):
            lines.append(f"weights total {decimal(added)}")
            totalled = True
        if over:
            lines.append("aggregate over indicators")
        if self.likely(0.2):
            lines.append("normalise from 0 to 250")
            posts = True
        if depth and not self.printed_on and self.likely(0.1):
            lines.append("publish 2 decimals")
        lines += ['note "One, two."'] if self.likely(0.1) else []
        lines += ["monotone no \"Capped, 'by law'.\""] if self.likely(0.1) else []
        if not inside and self.likely(0.1):
            lines += self.data(self.id("d"))
        parts: list[str] = []
        for weight in weights:
            if over:
                name = self.id("c")
                below, _ = self.body(f"{path}.{name}", 1, inside=False, passed=True, posts=posts)
                parts += [f"category {name}{self.named()}", *indented(below)]
                self.scored(f"{path}.{name}")
            else:
                parts += self.part(
                    path, depth, weight, inside=inside, totalled=totalled, posts=posts
                )
        rules = self.rules(own, scores=not inside, skipped=bool(depth) and not passed)
        return [*lines, *rules, *parts], own

    def weights(self, count: int, *, totalled: bool) -> list[str]:
        if self.likely(0.5):
            return [""] * count
        if count in (1, 2) and self.likely(0.4):
            return [f" weight {100 // count}%"] * count
        some = ("1", "2", "0.5", "0.5" if totalled else "1/3")
        return [f" weight {self.chance.choice(some)}" for _ in range(count)]

    def summed(self, count: int) -> tuple[list[str], Range]:
        """The weights of the parts of a sum, and the range that they come to."""
        low, high = Fraction(0), Fraction(0)
        weights: list[str] = []
        for at in range(count):
            written = self.chance.choice(("", "", "1/2", "2"))
            points = Fraction(written or 1) * 100
            away = at > 0 and self.likely(0.3)
            low, high = (low - points, high) if away else (low, high + points)
            weights.append(self.maybe(" subtract", away) + (written and f" weight {written}"))
        return weights, (low, high)

    def rules(self, own: Range, *, scores: bool, skipped: bool) -> list[str]:
        def points() -> str:
            return decimal(own[0] + (own[1] - own[0]) * Fraction(self.chance.randint(0, 20), 20))

        def when() -> str:
            return f" when {self.condition(scores=scores)}"

        enough = ("50% of answers", "1 answer", "2 answers")

        rules = self.some_of(
            (0.15, lambda: f"cap {points()}{when()}"),
            (0.15, lambda: f"floor {points()}{when()}"),
            (0.15, lambda: f"cap {points()}"),
            (0.05, lambda: f"floor {points()}"),
            (0.1, lambda: f"require {self.chance.choice(enough)}"),
        )  # fmt: skip
        return rules + ([f"skip{when()}"] if skipped and self.likely(0.05) else [])

    def part(
        self, path: str, depth: int, weight: str, *, inside: bool, totalled: bool, posts: bool
    ) -> list[str]:
        kind = self.chance.randrange(10)
        if depth < 2 and kind < 4:
            word = "category" if depth == 0 else "indicator"
            name = self.id("c")
            each = ["for each site"] if not inside and self.likely(0.15) else []
            body, _ = self.body(
                f"{path}.{name}",
                depth + 1,
                inside=inside or bool(each),
                totalled=totalled,
                posts=posts,
            )
            if not inside:
                self.scored(f"{path}.{name}")
            return [f"{word} {name}{self.named()}{weight}", *indented([*each, *body])]
        if kind == 4 and not inside:
            return self.indicator(path, weight, ["given"])
        if kind == 5 and self.figures and not inside:
            taken = self.chance.choice(self.figures)
            return self.indicator(path, f" same as {taken}{weight}", [])
        if kind == 6:
            decisions = [
                f"score {self.chance.randint(0, 100)} when {self.condition(scores=not inside)}",
                f"score {self.chance.randint(0, 100)} otherwise",
            ]
            return self.indicator(path, weight, decisions, inside=inside)
        if kind == 7:
            return self.measure(weight, inside=inside, scores=not inside, posts=posts)
        if kind == 8 and self.listed and not inside:
            return self.indicator(path, weight, self.asks(totalled=totalled))
        return self.question(weight, scores=not inside)[2]

    def indicator(
        self, path: str, weight: str, body: list[str], *, inside: bool = False
    ) -> list[str]:
        name = self.id("i")
        if not inside:
            self.scored(f"{path}.{name}")
        return [f"indicator {name}{self.named()}{weight}", *indented(body)]

    def scored(self, path: str) -> None:
        """From here on the score of a figure may be read and taken over."""
        self.figures.append(path)
        self.read.append(path)
        self.rated.append((path, self.printed_on or FULL))

    def asks(self, *, totalled: bool) -> list[str]:
        """Ask one or several of the listed questions, each once."""
        ids = [name for name, _ in self.listed]
        start = self.chance.randrange(len(ids))
        end = self.chance.randrange(start, len(ids))
        run = f"{ids[start]} to {ids[end]}" if end > start else ids[start]
        lines = ["aggregate by arithmetic mean"]
        if start and self.likely(0.5):
            run += f", {ids[0]}"
        elif start and not totalled and self.likely(0.5):
            lines.append(f"ask {ids[0]} weight 2")
        return [*lines, f"ask {run}"]

    # ---- ratings

    def ratings(self) -> list[str]:
        """Ratings of figures, and of ratings whose labels are numbers."""
        numbered: list[tuple[str, Range]] = []
        lines: list[str] = []
        for _ in range(self.chance.randint(1, 3)):
            known = [*self.rated, *numbered, *numbered]
            read = dict(self.chance.sample(known, min(len(known), self.chance.randint(1, 3))))
            low = sum((each[0] for each in read.values()), Fraction(0)) / len(read)
            high = sum((each[1] for each in read.values()), Fraction(0)) / len(read)
            name, many = self.id("r"), self.chance.randint(2, 4)
            numbers = self.likely(0.5)
            words = self.chance.sample(LABELS, many)
            labels = [str(at + 1) for at in range(many)] if numbers else words
            if not numbers and self.likely(0.3):
                labels[0] = '"Open, by and large"'
            if numbers:
                numbered.append((name, (Fraction(1), Fraction(many))))
            grades = ", ".join(self.grades(labels, low, high))
            of = ", ".join(read)
            title = self.maybe(' "A status"', 0.2)
            lines.append(f"rating {name}{title} of {of}: {grades}")
        return lines

    def grades(self, labels: list[str], low: Fraction, high: Fraction) -> list[str]:
        """Grades that hold for every number of a range, each for some."""
        at = sorted(self.chance.sample(range(1, 8), len(labels) - 1))
        inside = [_plain(low + (high - low) * Fraction(each, 8)) for each in at]
        if _plain(low) == low and self.likely(0.5):
            pairs = list(zip(labels, [low, *inside], strict=True))
            return [f"{label} from {decimal(number)}" for label, number in reversed(pairs)]
        grades = [
            f"{label} up to {decimal(number)}"
            for label, number in zip(labels, inside, strict=False)
        ]
        whole = _plain(high) == high and self.likely(0.3)
        return [*grades, f"{labels[-1]} {f'up to {decimal(high)}' if whole else 'above'}"]


def spoiled(files: Mapping[str, str], chance: random.Random) -> dict[str, str]:
    """The program with one line amiss: gone, twice, elsewhere, or with a word from another."""
    stem = chance.choice(list(files))
    lines = files[stem].splitlines()
    at, other = (chance.randrange(len(lines)) for _ in range(2))
    kind = chance.randrange(5)
    if kind == 0:
        lines[at : at + 1] = []
    elif kind == 1:
        lines[at:at] = [lines[other]]
    elif kind == 2:
        lines[at] = chance.choice(("    " + lines[at], lines[at].removeprefix("    ")))
    else:
        words = lines[at].split(" ")
        word = chance.choice([each for each in lines[other].split(" ") if each])
        words[chance.randrange(len(lines[at]) - len(lines[at].lstrip()), len(words))] = word
        lines[at] = " ".join(words)
    return {**files, stem: "\n".join(lines) + "\n"}


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines if line]


def total(weights: list[str]) -> Fraction:
    """What weights add up to as they are written; a part without one counts as 1."""
    written = [each.partition("weight ")[2].rstrip("%") for each in weights]
    return sum((Fraction(each or 1) for each in written), Fraction(0))


def _plain(number: Fraction) -> Fraction:
    """A number cut to six decimals."""
    return Fraction(number * 10**6 // 1, 10**6)


def decimal(number: Fraction) -> str:
    """A number of at most six decimals as it is written."""
    whole, rest = divmod(abs(number) * 10**6 // 1, 10**6)
    digits = f".{rest:06}".rstrip("0").rstrip(".")
    return f"{'-' * (number < 0)}{whole}{digits}"
