"""What the figures of a world must be, worked out slowly and plainly from the model alone.

This is the definition that the engine is held against. It shares no code with it: trees are walked
by recursion, nothing is remembered, ranks are found by counting, and rounding divides by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from generators import Edition, Figure, Label, Profile, Question, Scale, World

Path = tuple[str, ...]
Row = dict[str, object]


@dataclass(frozen=True)
class Outcome:
    """A score or None, the status it is published with, and whether a given score is in it."""

    score: Fraction | None
    status: str
    rests_on_given: bool = False


MISSING = Outcome(None, "missing")
NOT_APPLICABLE = Outcome(None, "not applicable")


# ---- numbers


def number(text: str) -> Fraction:
    """A number as typed: digits, perhaps a point and decimals."""
    whole, _, decimals = text.partition(".")
    units = 0
    for digit in whole + decimals:
        units = units * 10 + int(digit)
    return Fraction(units, 10 ** len(decimals))


def half_up(value: Fraction, places: int) -> Fraction:
    """Rounded by long division: a remainder of half or more takes the next step up."""
    step = 10**places
    whole, rest = divmod(value.numerator * step, value.denominator)
    if rest + rest >= value.denominator:
        whole += 1
    return Fraction(whole, step)


def weight(text: str) -> Fraction:
    """A weight as a relative number; percents are, all siblings being percents."""
    if not text:
        return Fraction(1)
    if text.endswith("%"):
        return number(text[:-1])
    top, _, bottom = text.partition("/")
    return number(top) / number(bottom) if bottom else number(top)


# ---- one entity


def label_points(world: World, question: Question) -> list[tuple[Label, Fraction | None]]:
    """Each label of a question with its points, None where it is excluded."""
    scale = question.scale
    turns = 0
    if isinstance(scale, str):
        scale = world.scales[scale]
    while scale.reverse_of:
        scale = world.scales[scale.reverse_of]
        turns += 1
    scored = [label for label in scale.labels if not label.excluded]
    found: list[tuple[Label, Fraction | None]] = []
    for label in scale.labels:
        points = None if label.excluded else written_points(scale, label, scored)
        for _ in range(turns):
            points = None if points is None else 100 - points
        found.append((label, points))
    return found


def written_points(scale: Scale, label: Label, scored: list[Label]) -> Fraction:
    if scale.order:
        better_than = len(scored) - 1 - scored.index(label)
        if scale.order == "worst first":
            better_than = scored.index(label)
        return Fraction(100 * better_than, len(scored) - 1)
    points = number(label.points)
    return points * 100 / number(scale.out_of) if scale.out_of else points


def outcome(world: World, profile: Profile, path: Path) -> Outcome:
    """What one figure or question of one entity comes to."""
    if path in profile.given:
        return Outcome(number(profile.given[path]), "given", True)
    node = at(world, path)
    if isinstance(node, Question):
        answer = profile.answers.get(node.id, "")
        if not answer.strip():
            return MISSING
        for label, points in label_points(world, node):
            if answer in (label.text, label.code):
                return NOT_APPLICABLE if points is None else Outcome(points, "answered")
        raise AssertionError(f"{answer!r} is not on the scale of {node.id}")
    if node.given:
        return MISSING
    if node.same_as:
        other = outcome(world, profile, node.same_as)
        if other.score is None:
            return other
        return Outcome(other.score, computed(other.rests_on_given), other.rests_on_given)
    parts = [(outcome(world, profile, (*path, c.id)), weight(c.weight)) for c in node.children]
    return mean(parts)


def mean(parts: list[tuple[Outcome, Fraction]]) -> Outcome:
    """The weighted mean of the parts that have a score; weights of the others go to these."""
    total = Fraction(0)
    points = Fraction(0)
    given = False
    for part, share in parts:
        if part.score is not None:
            total += share
            points += share * part.score
            given = given or (part.rests_on_given and share > 0)
    if total == 0:
        every_part_is = {part.status for part, share in parts if share > 0}
        return MISSING if "missing" in every_part_is else NOT_APPLICABLE
    return Outcome(points / total, computed(given), given)


def computed(rests_on_given: bool) -> str:
    return "rests on given" if rests_on_given else "computed"


def at(world: World, path: Path) -> Figure | Question:
    here: Figure | Question = next(index for index in world.indices if index.id == path[0])
    for id in path[1:]:
        assert isinstance(here, Figure)
        here = next(child for child in here.children if child.id == id)
    return here


# ---- a cohort


def results(world: World, edition: Edition) -> list[Row]:
    """Every published figure of one edition: entities by id, figures from the index down."""
    rows: list[Row] = []
    for index in world.indices:
        earlier = compared_with(world, index, edition)
        for path in paths(index, (index.id,)):
            rows += column(world, edition, earlier, index, path)
    return rows


def paths(node: Figure | Question, path: Path) -> list[Path]:
    found = [path]
    if isinstance(node, Figure):
        for child in node.children:
            found += paths(child, (*path, child.id))
    return found


def column(
    world: World, edition: Edition, earlier: Edition | None, index: Figure, path: Path
) -> list[Row]:
    """One figure over the cohort: ranks by counting, the median by leaving out both ends."""
    places = setting(world, path, "places", 0)
    bands = setting(world, path, "bands", ())
    exact = {p.entity: outcome(world, p, path) for p in edition.profiles}
    shown = {
        entity: half_up(each.score, places)
        for entity, each in exact.items()
        if each.score is not None
    }
    before: dict[str, Fraction] = {}
    for profile in earlier.profiles if earlier else ():
        past = outcome(world, profile, path).score
        if past is not None:
            before[profile.entity] = half_up(past, places)
    rows: list[Row] = []
    for entity in sorted(exact):
        score = shown.get(entity)
        then = before.get(entity)
        counted = score is not None and not edition.partial
        alike = sum(1 for other in shown.values() if other == score)
        above = sum(1 for other in shown.values() if score is not None and other > score)
        rows.append(
            {
                "entity": entity,
                "index": index.id,
                "figure": ".".join(path),
                "score": score,
                "exact": exact[entity].score,
                "status": exact[entity].status,
                "band": None if score is None else band(score, bands),
                "rank": above + 1 if counted else None,
                "tied": alike > 1 if counted else None,
                "cohort": None if edition.partial else len(shown),
                "median": None if edition.partial else median(list(shown.values()), places),
                "change": None if score is None or then is None else score - then,
            }
        )
    return rows


def setting(world: World, path: Path, name: str, otherwise: object):
    """What holds for a figure: the nearest line above it that says so."""
    for length in range(len(path), 0, -1):
        node = at(world, path[:length])
        if isinstance(node, Figure) and getattr(node, name) not in (None, ()):
            return getattr(node, name)
    return otherwise


def band(score: Fraction, bands: tuple[tuple[str, str], ...]) -> str | None:
    """The name whose floor is the highest of those reached."""
    reached = [(number(floor), name) for name, floor in bands if number(floor) <= score]
    return max(reached)[1] if reached else None


def median(scores: list[Fraction], places: int) -> Fraction | None:
    left = list(scores)
    while len(left) > 2:
        left.remove(max(left))
        left.remove(min(left))
    if len(left) == 2:
        return half_up((left[0] + left[1]) / 2, places)
    return left[0] if left else None


def compared_with(world: World, index: Figure, edition: Edition) -> Edition | None:
    """The edition that changes are counted from: the one named, or the last before this one."""
    before = [other for other in world.editions if age(other) < age(edition)]
    if index.compare == "previous edition":
        return max(before, key=age) if before else None
    return next((other for other in before if other.id == index.compare), None)


def age(edition: Edition) -> tuple[str, str]:
    return (edition.date or edition.id, edition.id)
