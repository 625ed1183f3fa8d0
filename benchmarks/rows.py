"""The rows of the table: each one thing that Barème does, beside what one would use in its place.

Only the Python interface and the command line are used, so rows keep their meaning while the
engine changes. A new row is one function more in `ROWS`.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import yaml

import bareme
from bareme import comparing
from bareme.importing import import_questionnaire
from bareme.profiles.profile import Cohort
from bareme.project import Rules, read_rules
from bareme.proofs.choices import choices_of
from bareme.reports import impact as report
from bareme.reports.lines import Pen
from bareme.results import IndexResults
from bareme.scoring.exact import score
from benchmarks import synthetic
from benchmarks.measure import Timing, call, in_turn, prepared, process

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything: as the targets say, or tiny for a test that it all runs."""

    entities: int = 200
    questions: int = 100
    editions: int = 5
    lines: tuple[int, ...] = (1_625, 3_250, 6_500, 13_000, 26_000)
    main_lines: int = 13_000
    tables: tuple[int, ...] = (64, 128, 256, 512, 1_024)  # KiB
    runs: int = 7
    ruled: tuple[int, int] = (140, 30)  # questions and rules
    tried: int = 10_000  # profiles at random


TINY = Size(3, 5, 2, (50, 100), 100, (2, 4), 1, (12, 6), 20)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        target: what `value` should not exceed; None where nothing was promised.
        beside: what stands in the next column, and its timing; None where nothing does.
        unit: `s` for the CPU seconds of `timing`, `×` for how many times those of `beside`.
    """

    what: str
    timing: Timing
    beside: tuple[str, Timing] | None
    target: float | None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        return self.timing.least / self.beside[1].least if self.beside else None

    @property
    def met(self) -> bool | None:
        value = self.timing.least if self.unit == "s" else self.ratio
        return None if self.target is None or value is None else value <= self.target


def cold_start(size: Size, root: Path) -> Iterator[Row]:  # noqa: ARG001
    score = process(
        [sys.executable, "-m", "bareme", "score", "--framework", "nuclear-security"], ROOT
    )
    imports = process([sys.executable, "-c", "import lark, yaml, click"])
    score(), imports()  # byte code is written the first time
    ours, theirs = in_turn([score, imports], size.runs * 3)
    yield Row(
        "`bareme score` of the real case, cold", ours,
        ("`import lark, yaml, click`", theirs), 2.5, "×",
    )  # fmt: skip


def explaining(size: Size, root: Path) -> Iterator[Row]:  # noqa: ARG001
    bareme_of = [sys.executable, "-m", "bareme"]
    narrowed = ["--framework", "nuclear-security"]
    score = process([*bareme_of, "score", *narrowed], ROOT)
    explain = [*bareme_of, "explain", "KAZ", "theft", *narrowed]
    works = [process(explain, ROOT), process([*explain, "--lost"], ROOT), score]
    for each in works:  # byte code is written the first time
        each()
    ours, lost, plain = in_turn(works, size.runs * 3)
    beside = ("`bareme score` of it, cold", plain)
    yield Row("`bareme explain` of the real case, cold", ours, beside, 1.5, "×")
    yield Row("the same with `--lost`", lost, beside, 1.5, "×")


def what_if(size: Size, root: Path) -> Iterator[Row]:  # noqa: ARG001
    bareme_ = [sys.executable, "-m", "bareme"]
    framework = ["--framework", "nuclear-security"]
    answer = ["kazakhstan", "official_corruption=Moderate"]
    works = [
        process([*bareme_, "whatif", *framework, *answer], ROOT),
        process([*bareme_, "whatif", *framework, "kazakhstan", "--of=theft", "--to=70"], ROOT),
        process([*bareme_, "score", *framework], ROOT),
    ]
    for work in works:  # byte code is written the first time
        work()
    ours, fewest, score = in_turn(works, size.runs * 3)
    beside = ("`bareme score` of the same", score)
    yield Row("`bareme whatif` of one answer of the real case, cold", ours, beside, 1.5, "×")
    yield Row("the fewest answers to a score, cold", fewest, beside, 1.5, "×")


def scoring(size: Size, root: Path) -> Iterator[Row]:
    synthetic.write_project(root, size.entities, size.questions, size.editions)

    def ready() -> tuple[Rules, list[Cohort]]:
        rules = bareme.load(root)  # anew each time: what was scored once is kept
        return rules, [rules.cohort(edition) for edition in rules.editions]

    def ready_to_score() -> Callable[[], object]:
        rules, cohorts = ready()
        return lambda: [rules.score(cohort) for cohort in cohorts]

    def scored() -> list[IndexResults]:
        rules, cohorts = ready()
        return [rules.score(cohort)["safety"] for cohort in cohorts]

    def ready_for_rows() -> Callable[[], object]:
        results = scored()
        return lambda: [each.figures for each in results]

    def ready_for_traces() -> Callable[[], object]:
        results = scored()
        return lambda: [list(trace.values) for each in results for trace in each.traces]

    def ready_for_lines() -> Callable[[], object]:
        results = scored()
        return lambda: [list(trace.lines) for each in results for trace in each.traces]

    answers = [
        [
            {
                f"q{q}": synthetic.LABELS[synthetic.answer(entity, q, edition)]
                for q in range(size.questions)
            }
            for entity in range(size.entities)
        ]
        for edition in range(size.editions)
    ]
    direct = call(lambda: [[fractions_of(each) for each in edition] for edition in answers])
    steps = [ready_to_score, ready_for_rows, ready_for_traces, ready_for_lines]
    ours, rows, values, lines, theirs = in_turn([*map(prepared, steps), direct], size.runs)
    sizes = f"{size.entities} entities × {size.questions} questions × {size.editions} editions"
    beside = ("the same means by `Fraction`", theirs)
    yield Row(f"{sizes} to published figures, ranks and changes", ours, beside, 0.3)
    yield Row("every published figure of that read, one by one", rows, beside, None)
    yield Row("every value of every trace of that read", values, beside, 1.5)
    yield Row("every line of those traces, with what it rests on", lines, beside, None)


def fractions_of(answers: dict[str, str]) -> dict[str, Fraction]:
    """One entity's figures by weighted means, as one would write them for this index alone."""
    step = Fraction(100, len(synthetic.LABELS) - 1)
    points = {label: 100 - step * at for at, label in enumerate(synthetic.LABELS)}
    figures: dict[str, Fraction] = {}

    def mean(children: list[tuple[int, Fraction]]) -> Fraction:
        return sum((w * x for w, x in children), Fraction(0)) / sum(w for w, _ in children)

    top = []
    for c in range(0, len(answers), synthetic.PER_CATEGORY):
        category = []
        end = min(c + synthetic.PER_CATEGORY, len(answers))
        for i in range(c, end, synthetic.PER_INDICATOR):
            below = range(i, min(i + synthetic.PER_INDICATOR, end))
            figures[f"i{i}"] = mean(
                [(synthetic.weight(q), points[answers[f"q{q}"]]) for q in below]
            )
            category.append((synthetic.weight(i), figures[f"i{i}"]))
        figures[f"c{c}"] = mean(category)
        top.append((synthetic.weight(c), figures[f"c{c}"]))
    figures["safety"] = mean(top)
    return figures


def reading_rules(size: Size, root: Path) -> Iterator[Row]:
    """Rules parsed and checked, and what twice as many lines cost."""
    timed: dict[int, Callable[[], float]] = {}
    for lines in size.lines:
        top = root / str(lines)
        files = -(-lines // 13_000)  # a file has at most 1 MiB
        synthetic.write_rules(
            top,
            *(
                synthetic.rules_of_lines(lines // files, f"part{at}", f"p{at}_")
                for at in range(files)
            ),
        )
        timed[lines] = call(lambda top=top: bareme.load(top))  # type: ignore[misc]
    content = synthetic.outline_as_json(synthetic.rules_of_lines(size.main_lines))
    fast = call(lambda: yaml.load(content, Loader=yaml.CSafeLoader))
    plain = call(lambda: json.loads(content))
    timed[size.lines[0]]()  # the parser is made the first time
    *ours, as_yaml, as_json = in_turn([*timed.values(), fast, plain], size.runs)
    took = dict(zip(size.lines, ours, strict=True))
    main = took[size.main_lines]
    what = f"{size.main_lines:,} lines of rules parsed and checked"
    yield Row(what, main, ("as YAML by PyYAML's C loader", as_yaml), 1.5)
    yield Row("the same", main, ("as JSON by `json`", as_json), 1.5)
    for half, full in zip(size.lines, size.lines[1:], strict=False):
        beside = (f"{half:,} lines", took[half])
        yield Row(f"{full:,} lines of rules", took[full], beside, 2.2, "×")


def reading_profiles(size: Size, root: Path) -> Iterator[Row]:
    synthetic.write_project(root, size.entities, size.questions, 1)
    files = sorted((root / "profiles").rglob("*.yaml"))

    def ready() -> Callable[[], object]:
        rules = bareme.load(root)
        return lambda: rules.cohort(rules.editions[-1])

    def by_yaml() -> list[object]:
        return [yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader) for file in files]

    ours, theirs = in_turn([prepared(ready), call(by_yaml)], size.runs)
    what = f"{size.entities} × {size.questions} YAML profiles read and checked"
    yield Row(what, ours, ("PyYAML's C loader, unchecked", theirs), None)


def importing(size: Size, root: Path) -> Iterator[Row]:
    """Rules written from a table of questions, and what twice as large a table costs."""
    timed: dict[int, Callable[[], float]] = {}
    for kib in size.tables:
        table = root / f"table{kib}.csv"
        table.write_text(synthetic.questionnaire(kib << 10), encoding="utf-8")
        timed[kib] = call(lambda table=table: import_questionnaire(table))  # type: ignore[misc]
    timed[size.tables[0]]()  # the parser is made the first time
    ours = in_turn([*timed.values()], size.runs)
    took = dict(zip(size.tables, ours, strict=True))
    for half, full in zip(size.tables, size.tables[1:], strict=False):
        what = f"{full:,} KiB of questions imported as rules"
        yield Row(what, took[full], (f"{half:,} KiB", took[half]), 2.2, "×")


def moving(size: Size, root: Path) -> Iterator[Row]:
    """What one edit moves: the edited rules read, both states scored, compared and drawn."""
    folders = root / "before", root / "after"
    for folder in folders:
        synthetic.write_project(folder, size.entities, size.questions, 2)
    scales = folders[1] / "rules" / synthetic.FRAMEWORK / "scales.bareme"
    points = zip(synthetic.LABELS, (100, 75, 50, 20, 0), strict=True)
    scales.write_text(f"scale risk: {', '.join(f'{label} = {at}' for label, at in points)}\n")

    def ready() -> Callable[[], object]:
        before = read_rules(folders[0], synthetic.FRAMEWORK)
        for edition in before.editions:
            before.cohort(edition)

        def work() -> object:
            after = read_rules(folders[1], synthetic.FRAMEWORK)
            both = before.editions[-1], before.editions[-1]
            found = comparing.impact_of(synthetic.FRAMEWORK, (before, after), both)
            index = found.indices[0]
            lines = report.index_lines(index, index.entities, both, Pen(), everything=False)
            return lines, report.reach(found.indices, Pen()), report.summary(found.indices, Pen())

        return work

    def read_and_score() -> object:
        rules = read_rules(folders[1], synthetic.FRAMEWORK)
        return rules.score(rules.cohort(rules.editions[-1]))

    ours, theirs = in_turn([prepared(ready), call(read_and_score)], size.runs)
    what = f"what one edit moves, {size.entities} entities × {size.questions} questions"
    yield Row(what, ours, ("reading and scoring the state after", theirs), 0.5)


def sealed_editions(size: Size, root: Path) -> Iterator[Row]:
    """An edition sealed, and recomputed from what was sealed."""
    synthetic.write_project(root, size.entities, size.questions, 2)
    command = [sys.executable, "-m", "bareme", "-C", str(root)]
    edition = bareme.load(root).editions[-1]
    file = f"{synthetic.FRAMEWORK}-{edition}.sealed"
    seal = process([*command, "seal", edition])
    verify = process([*command, "verify", file])
    score = process([*command, "score", "--edition", edition])
    seal(), verify(), score()  # byte code is written the first time
    sealing, verifying, scoring = in_turn([seal, verify, score], size.runs)
    beside = ("`bareme score` of the same", scoring)
    what = f"an edition of {size.entities} × {size.questions}, compared with the one before"
    yield Row(f"`bareme seal` of {what}", sealing, beside, None)
    yield Row("`bareme verify` of that", verifying, beside, 2)


def proving(size: Size, root: Path) -> Iterator[Row]:
    """What rules can never do, beside trying profiles at random, which proves nothing."""
    synthetic.write_rules(root, synthetic.ruled(*size.ruled))
    large = read_rules(root, synthetic.FRAMEWORK)
    assert not large.diagnostics, large.diagnostics
    beside: tuple[str, Timing] | None = None
    for what, rules, target in (
        ("the real case proved", read_rules(ROOT, "nuclear-security"), 5),
        ("the invented case proved", read_rules(ROOT, "harbour-safety"), 5),
        ("{} questions with {} caps and conditions proved".format(*size.ruled), large, 60),
    ):
        works = [call(lambda rules=rules: rules.prove(SECONDS))]  # type: ignore[misc]
        if rules is large:
            works.append(call(lambda: _at_random(large, size.tried)))
        took = in_turn(works, 1)
        if rules is large:
            beside = f"{size.tried:,} profiles of it scored at random", took[1]
        yield Row(what, took[0], beside, target)


def _at_random(rules: Rules, many: int) -> list[Fraction | None]:
    """The index of profiles that answer everything at random."""
    (plan,) = rules.plans.values()
    chance = random.Random(1)
    choices = choices_of(rules.framework, plan)
    scores: list[Fraction | None] = []
    for _ in range(many):
        chosen = {choice: chance.choice(ways) for choice, ways in choices.ways.items()}
        scores.append(score(plan, choices.profile(chosen)).score)
    return scores


SECONDS = 10  # for one claim, as the command has it


ROWS = (
    cold_start,
    explaining,
    what_if,
    scoring,
    reading_rules,
    reading_profiles,
    importing,
    moving,
    sealed_editions,
    proving,
)
