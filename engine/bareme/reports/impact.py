"""What moves between two states, for people: the edits, their reach, and what each figure does."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from fractions import Fraction

from bareme.audit.impact.answers import NOT_GIVEN
from bareme.audit.impact.edits import Edit, Key
from bareme.audit.impact.index import Change, IndexImpact
from bareme.audit.printed import Comparison
from bareme.diagnostics import counted
from bareme.exact import decimal, percent, rational, shorten
from bareme.methods.attribution import MOST
from bareme.plan import Aggregate, Ask, Path
from bareme.record import Record
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, pad, right
from bareme.reports.machine import Json, Value
from bareme.results import PublishedFigure
from bareme.source import Span

NAME = 18
MOST_ROWS = 12
MOST_EDITS = 20
BRIEF = 44  # characters of an edit in a table
FEW = 8  # answers that are shown one by one

_PATH = re.compile(r"`[\w.]*\.(\w+)`")

Place = Callable[[Edit], str]
"""Where an edit is said, in the state after or else before."""


class Row(Record):
    """One line of the table: an entity, or a figure of it."""

    name: str
    before: str
    after: str
    change: str
    rank: str
    because: str


def signed(value: Fraction, pen: Pen) -> str:
    """A difference with its sign; what is 0 has none."""
    if value == 0:
        return "0"
    text, places = _short(abs(value), pen), 3
    while not text.strip(f"0.{pen.more}"):  # so small that nothing of it shows
        places += 3
        text = _short(abs(value), pen, places)
    return f"{'+' if value > 0 else pen.minus}{text}"


def _short(value: Fraction, pen: Pen, places: int = 3) -> str:
    """A score for the eye, in the characters that the terminal has."""
    return shorten(value, places).replace("…", pen.more)


def edit_words(edit: Edit, pen: Pen) -> str:
    """One edit in a line: what it is of, what was and what is."""
    what, old, new = (pen.text(each) for each in (edit.what, edit.before, edit.after))
    if edit.kind == "moved":
        return f"{what} moved: {old} {pen.arrow} {new}"
    if old and new:
        return f"{what} {old} {pen.arrow} {new}"
    if new:
        return f"{what}: {new} (new)" if new.strip("`") != edit.what.strip("`") else f"{what} (new)"
    if old:
        return (
            f"{what}: {old} (gone)" if old.strip("`") != edit.what.strip("`") else f"{what} (gone)"
        )
    return what


# ---- the edits


def edit_lines(
    edits: Sequence[Edit], place: Place, pen: Pen, most: int | None = MOST_EDITS
) -> list[TextLine]:
    """The edits of rules, each with its place and what follows from it elsewhere."""
    lines: list[TextLine] = []
    shown = edits if most is None else edits[:most]
    for at, edit in enumerate(shown):
        lead = "Edit   " if at == 0 else "       "
        where = place(edit)
        if where and edit.span_after is None and edit.after:  # nothing else says that it is gone
            where += " (before)"
        gap = "   " if where else ""
        lines.append(line((lead, "dim"), f"{where}{gap}{edit_words(edit, pen)}"))
        for also in edit.also:
            lines.append(line(("       ", ""), f"also reached: {pen.text(also)}"))
    if len(shown) < len(edits):
        lines.append(
            line((f"       {pen.more} {len(edits) - len(shown)} more edits (`--all`)", "dim"))
        )
    return lines


# ---- the table of an index


def index_rows(impact: IndexImpact, entities: Sequence[str], pen: Pen) -> list[tuple[Row, Change]]:
    """A row an entity whose score, rank or band moves; what is published first, then the rest."""
    root = impact.results.plan.root.path
    rows: list[tuple[Row, Change]] = []
    for entity in entities:
        change = impact.change(entity, root)
        if change is not None and change.moves:
            rows.append((_row(impact, entity, root, change, pen), change))
    return sorted(rows, key=lambda each: not each[1].published)


def _row(impact: IndexImpact, entity: str, path: Path, change: Change, pen: Pen) -> Row:
    before, after = change.before, change.after
    return Row(
        pen.text(change.figure.name),
        _score(before, pen),
        _score(after, pen),
        _difference(change, pen),
        _ranks(before, after, pen),
        because(impact, entity, path, change, pen),
    )


def _score(figure: PublishedFigure | None, pen: Pen) -> str:
    if figure is None or figure.score is None:
        return pen.dash
    return decimal(figure.score, figure.places)


def _difference(change: Change, pen: Pen) -> str:
    before, after = change.before, change.after
    if before is None or after is None or before.score is None or after.score is None:
        return ""
    moved = after.score - before.score
    places = max(before.places, after.places)
    if moved == 0:
        return "0"
    return f"{'+' if moved > 0 else pen.minus}{decimal(abs(moved), places)}"


def rank_words(figure: PublishedFigure | None) -> str:
    if figure is None or figure.rank is None:
        return ""
    return f"{'=' if figure.tied else ''}{figure.rank}"


def _ranks(before: PublishedFigure | None, after: PublishedFigure | None, pen: Pen) -> str:
    old, new = rank_words(before), rank_words(after)
    if not old and not new:
        return ""
    return f"{old or pen.dash} {pen.arrow} {new or pen.dash}"


def because(impact: IndexImpact, entity: str, path: Path, change: Change, pen: Pen) -> str:
    """Why a figure moves, in a few words: the part that moved, or the edits that did most."""
    if change.before is None or change.after is None:
        return "is not in it after" if change.after is None else "was not in it before"
    difference = change.difference
    if difference is None:
        return "has no score" if change.after.exact is None else "had no score"
    shares = impact.shares(entity, path) or {}
    total = sum(shares.values(), Fraction(0))
    moved = sorted(shares.items(), key=lambda each: (-abs(each[1]), sorted(each[0])))
    if not difference and not moved:
        return _as_published(impact, change) if change.published else ""
    lead = ""
    published = change.before.score != change.after.score
    if not published:
        lead = f"unrounded {signed(difference, pen)}; " if difference else "in balance: "
    if total != difference and moved:  # two editions: the rest is of the rules
        lead += f"rules {signed(difference - total, pen)}; "
    elif total != difference:
        by_rules = impact.shares_of_rules(entity, path) or {}
        moved = sorted(by_rules.items(), key=lambda each: (-abs(each[1]), sorted(each[0])))
    if len(moved) == 1:
        part = _parts_that_moved(impact, entity, path, pen)
        return lead + part if part else lead + _brief_words(impact, entity, moved[0][0], pen)
    words = [
        f"{_brief_words(impact, entity, keys, pen)} {signed(share, pen)}"
        for keys, share in moved[:2]
    ]
    more = f"; {len(moved) - 2} more" if len(moved) > 2 else ""
    return lead + "; ".join(words) + more


def _as_published(impact: IndexImpact, change: Change) -> str:
    """Why what is published of a figure moves though its unrounded score does not."""
    old, new = change.before, change.after
    assert old is not None
    assert new is not None
    if (old.score, old.places, old.band) != (new.score, new.places, new.band):
        return "how it is published"
    if (old.rank is None) != (new.rank is None):
        return "is ranked no longer" if new.rank is None else "is ranked now"
    by_rule = {edit.kind for edit in impact.publication_edits} & {"rank", "rank by", "include"}
    return "who is ranked, and by what" if by_rule else "others moved"


def _key_words(impact: IndexImpact, entity: str, keys: frozenset[Key], pen: Pen) -> str:
    given = [key for key in keys if key[0] == "given"]
    if len(keys) > 1 and len(given) == 1:
        edit = impact.edit(entity, given[0])
        if edit.before != NOT_GIVEN:
            return f"given {edit.before} {pen.arrow} from its answers"
        return f"from its answers {pen.arrow} given {edit.after}"
    if len(keys) > 1:
        where = _indicators(impact)
        paths = {where[said] for key in keys if (said := _said_of(key)) in where}
        named = f" in {next(iter(paths))[-1]}" if len(paths) == 1 else " together"
        return f"{len(keys)} edits{named}"
    return edit_words(impact.edit(entity, next(iter(keys))), pen)


def _brief_words(impact: IndexImpact, entity: str, keys: frozenset[Key], pen: Pen) -> str:
    """Edits in a few words, as they are named in full elsewhere: paths by their ends alone."""
    words = _PATH.sub(r"`\1`", _key_words(impact, entity, keys, pen))
    if len(words) <= BRIEF or len(keys) > 1:
        return words
    edit = impact.edit(entity, next(iter(keys)))
    what, said = edit.what.rstrip(":"), ""
    if edit.kind in ("adjustment", "decision"):  # without the condition
        what = what.partition(" when ")[0]
        points = edit.before and edit.after and " " not in edit.after
        said = f" {edit.before} → {edit.after}" if points else f" {edit.after or edit.before}"
    return _PATH.sub(r"`\1`", pen.text(what + said.partition(" when ")[0]))


def _parts_that_moved(impact: IndexImpact, entity: str, path: Path, pen: Pen) -> str:
    """The parts that moved most, with their shares: `risk_environment 22.5 → 20, × 20%`."""
    after = impact.after
    if after is None:
        return ""
    plan = after.plan
    step = plan.steps[plan.numbers[path]]
    if not isinstance(step, Aggregate):
        return ""
    parts = [plan.steps[number].path for number in step.below]
    changes = [(part, impact.change(entity, part)) for part in parts]
    found = [(part, change) for part, change in changes if change and change.difference]
    inputs = after.trace(entity).line(step.number).inputs
    shares = {plan.steps[each.step].path: each.share for each in inputs}
    weighed = [
        (change.difference or Fraction(0)) * (shares.get(part) or 1) for part, change in found
    ]
    order = sorted(range(len(found)), key=lambda at: (-abs(weighed[at]), at))
    words = [_part_words(*found[at], shares.get(found[at][0]), pen) for at in order[:2]]
    more = [f"{len(found) - 2} more"] if len(found) > 2 else []
    return "; ".join([*words, *more])


def _part_words(part: Path, change: Change, share: Fraction | None, pen: Pen) -> str:
    assert change.before is not None
    assert change.after is not None
    assert change.before.exact is not None
    assert change.after.exact is not None
    old, new = _short(change.before.exact, pen), _short(change.after.exact, pen)
    words = f"{part[-1]} {old} {pen.arrow} {new}"
    return (
        f"{words}, {pen.times} {percent(share).replace('…', pen.more)}"
        if share is not None
        else words
    )


def table_lines(title: str, rows: Sequence[Row]) -> list[TextLine]:
    """Rows under their heads; what moves it folds under itself where it is long."""
    widths = [max(7, *(len(getattr(row, name)) for row in rows)) if rows else 7
              for name in ("before", "after", "change")]  # fmt: skip
    ranks = max([4, *(len(row.rank) for row in rows)]) if any(row.rank for row in rows) else 0
    names = max(NAME, len(title), *(len(row.name) for row in rows)) if rows else NAME
    names = min(names, 34)
    heads = ("before", "after", "change")
    head = pad(title, names) + "".join(
        "  " + right(each, cells) for each, cells in zip(heads, widths, strict=True)
    )
    head += "  " + pad("rank", ranks) if ranks else ""
    lines = [line((f"{head}  because", "bold"))]
    for row in rows:
        cells = [row.before, row.after, row.change]
        first = pad(fold(row.name, names)[0], names) + "".join(
            "  " + right(each, width) for each, width in zip(cells, widths, strict=True)
        )
        first += "  " + pad(row.rank, ranks) if ranks else ""
        room = max(WIDTH - len(first) - 2, 36)
        pieces = fold(row.because, room) or [""]
        lines.append(line(f"{first}  {pieces[0]}".rstrip()))
        lines += [line(" " * (len(first) + 2) + piece) for piece in pieces[1:]]
    return lines


# ---- one entity in full: every part that moved, with the edits that moved it


def entity_lines(
    impact: IndexImpact, entity: str, pen: Pen, *, rules: bool = False
) -> list[TextLine]:
    """What moved one index for one entity, by indicator; the parts add up to the whole.

    Args:
        rules: between editions, what the rules moved and not the answers.
    """
    path = impact.results.plan.root.path
    changes = impact.changes(entity)
    change = changes.get(path)
    if change is None:
        return []
    figure = change.figure
    name = pen.text(figure.name)
    head = f"{figure.index}, {name}: {_score(change.before, pen)} {pen.arrow} "
    head += f"{_score(change.after, pen)}"
    moved = _difference(change, pen)
    head += f" ({moved})" if moved else ""
    lines = [line((head, "bold")), *_unrounded(impact, entity, path, change, pen, rules)]
    shares = (impact.shares_of_rules if rules else impact.shares)(entity, path)
    if shares is None:
        return [*lines, line("There is no score on one side, so no parts add up to a change.")]
    lines += _blocks(impact, entity, shares, changes, pen)
    total = sum(shares.values(), Fraction(0))
    rest = f"Sum {signed(total, pen)}."
    if not shares:
        rest = "No edit moves it."
    lines.append(line((rest, "bold")))
    if any(len(keys) > 1 and not any(key[0] == "given" for key in keys) for keys in shares):
        text = f"More than {MOST} edits meet in one figure: those of an indicator count as one."
        lines.append(line(text))
    return lines if rules else lines + _rules_apart(impact, entity, path, change, total, pen)


def _unrounded(
    impact: IndexImpact, entity: str, path: Path, change: Change, pen: Pen, rules: bool
) -> list[TextLine]:
    """The unrounded scores that the parts add up to the difference of."""
    if change.before is None or change.after is None:
        return []
    start, end, by = change.before.exact, change.after.exact, ""
    if impact.apart and impact.after and impact.before:
        edition = impact.after.edition.id
        between = impact.between(entity, path)
        if rules:
            end, by = between, f", the answers of {impact.before.edition.id} by either rules"
        else:
            start, by = between, f", both by the rules of {edition}"
    if start is None or end is None:
        return []
    return [line(f"  unrounded {_short(start, pen)} {pen.arrow} {_short(end, pen)}{by}")]


def _rules_apart(
    impact: IndexImpact, entity: str, path: Path, change: Change, total: Fraction, pen: Pen
) -> list[TextLine]:
    """What the rules moved between two editions, which is not what the answers did."""
    between = impact.between(entity, path)
    if not impact.apart or change.difference in (None, total) or between is None:
        return []
    assert impact.before is not None
    assert impact.after is not None
    assert change.before is not None
    assert change.before.exact is not None
    text = (
        f"Not counted here: the rules of {impact.after.edition.id} move the score of "
        f"{impact.before.edition.id} by {signed(between - change.before.exact, pen)} "
        f"({_short(change.before.exact, pen)} {pen.arrow} {_short(between, pen)}); see `--rules`"
    )
    return [line(piece) for piece in fold(text, WIDTH - 1)]


def _blocks(
    impact: IndexImpact,
    entity: str,
    shares: Mapping[frozenset[Key], Fraction],
    changes: Mapping[Path, Change],
    pen: Pen,
) -> Iterator[TextLine]:
    """The edits by the indicator that they are made in, those that did most first."""
    blocks: dict[Path, list[tuple[frozenset[Key], Fraction]]] = {}
    where = _indicators(impact)
    for keys, share in shares.items():
        said = [key for key in keys if key[0] == "given"] if len(keys) > 1 else keys
        paths = {where.get(_said_of(key), ()) for key in said or keys}
        blocks.setdefault(paths.pop() if len(paths) == 1 else (), []).append((keys, share))
    sums = {path: sum((share for _, share in each), Fraction(0)) for path, each in blocks.items()}
    for path in sorted(blocks, key=lambda each: (-abs(sums[each]), each)):
        change = changes.get(path)
        label = path[-1] if path else "rules" if len(blocks) > 1 else ""
        if change is not None and change.difference:
            assert change.before is not None
            assert change.after is not None
            assert change.before.exact is not None
            assert change.after.exact is not None
            old, new = _short(change.before.exact, pen), _short(change.after.exact, pen)
            label += f"  {old} {pen.arrow} {new}"
        yield line((f"  {right(signed(sums[path], pen), 8)}  {label}".rstrip(), ""))
        for keys, share in sorted(blocks[path], key=lambda each: (-abs(each[1]), sorted(each[0]))):
            for number, piece in enumerate(fold(_key_words(impact, entity, keys, pen), 54)):
                amount = right(signed(share, pen), 10) if number == 0 else ""
                yield line(f"              {pad(piece, 54)}{amount}".rstrip())
            for piece in _counted_as_one(impact, entity, keys, pen):
                yield line(f"                {piece}")


def _counted_as_one(
    impact: IndexImpact, entity: str, keys: frozenset[Key], pen: Pen
) -> Iterator[str]:
    """The edits that share one amount, since more meet than can be told apart."""
    if len(keys) > 1 and not any(key[0] == "given" for key in keys):
        for key in sorted(keys):
            yield from fold(edit_words(impact.edit(entity, key), pen), 52)


def _said_of(key: Key) -> str:
    """The question that an answer or an edit of options is of; empty for any other edit."""
    if key[0] == "answer":
        return key[-1]
    if key[0] == "given":
        return ".".join(key[1:])
    return key[2] if key[:2] == ("points", "options") else ""


def _indicators(impact: IndexImpact) -> dict[str, Path]:
    """The figure that each question or measure of an index stands in, and each that is given."""
    found: dict[str, Path] = {}
    for side in (impact.before, impact.after):
        if side is None:
            continue
        for step in side.plan.steps:
            if isinstance(step, Ask):
                found[step.question] = step.path[:-1]
            elif step.level == "measure":
                found[step.path[-1]] = step.path[:-1]
            else:
                found[step.figure] = step.path
    return found


# ---- the answers, how far edits reach, and each by itself


def answer_edits(impacts: Sequence[IndexImpact], entities: Container[str]) -> dict[str, list[Edit]]:
    """What each entity answers differently, once for all indices."""
    found: dict[str, dict[Key, Edit]] = {}
    for each in impacts:
        for entity, answered in each.answered.items():
            if entity in entities and answered.edits:
                found.setdefault(entity, {}).update(answered.edits)
    return {entity: list(edits.values()) for entity, edits in sorted(found.items())}


def answer_words(answers: Mapping[str, Sequence[Edit]], place: Place, pen: Pen) -> list[str]:
    """The answers that are different; of many, how many there are, and whose."""
    said = ((id, [each for each in edits if _answered(each)]) for id, edits in answers.items())
    answers = {id: edits for id, edits in said if edits}
    many = sum(len(edits) for edits in answers.values())
    if many <= FEW:
        return [
            f"{place(edit)}   {edit_words(edit, pen)}"
            for edits in answers.values()
            for edit in edits
        ]
    names = list(answers)
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return [f"{counted(many, 'answer')} of {counted(len(names), 'entity', 'entities')}: {shown}"]


def _answered(edit: Edit) -> bool:
    """Whether a profile says it, and not the rules, by what is asked in an edition."""
    return edit.span_before is not None or edit.span_after is not None


def reach(impacts: Sequence[IndexImpact], pen: Pen) -> str:
    """How far edits of rules reach: indicators, indices, entities, answers; empty: no score."""
    indicators: set[Path] = set()
    indices: list[str] = []
    reached: set[str] = set()
    everyone: set[str] = set()
    answers: set[tuple[str, str]] = set()
    for each in impacts:
        everyone.update(each.entities)
        union = each.union
        if union is None:
            continue
        touched = [v.start for at, v in enumerate(union.steps) if union.below[at]]
        if touched:
            indices.append(each.index)
        indicators |= {step.path for step in touched if step.level == "indicator"}
        for entity in each.answered:
            keys = each.reaches(entity, union.steps[-1].start.path) & union.keys
            if keys:
                reached.add(entity)
            for question in each.answers_reached(entity, keys):
                answers.add((entity, question))
    if not indices:
        return ""
    told = [counted(len(indices), "index", "indices")]
    if indicators:
        told = [f"{counted(len(indicators), 'indicator')} in {told[0]}"]
    told.append(f"{len(reached)} of {counted(len(everyone), 'entity', 'entities')}")
    if answers:
        told.append(counted(len(answers), "answer"))
    return pen.between.join(told)


def reached_names(impacts: Sequence[IndexImpact], everything: bool) -> list[str]:
    """The ids of the indicators that edits of rules reach, folded; a few of many."""
    found: dict[str, None] = {}
    for each in impacts:
        steps = each.union.steps if each.union else ()
        for number, one in enumerate(steps):
            if one.start.level == "indicator" and each.union and each.union.below[number]:
                found.setdefault(one.start.path[-1])
    names = list(found)
    shown = names if everything or len(names) <= FEW + 4 else names[:FEW]
    more = f" and {len(names) - len(shown)} more (`--all`)" if len(shown) < len(names) else ""
    return fold(", ".join(shown) + more, WIDTH - 8) if names else []


def printed_words(compared: Comparison, place: str, pen: Pen) -> str:
    """A printed figure that the rules do not give: what is printed, what would be, and where."""
    what = "" if compared.what == "score" else f" {compared.what}"
    name = pen.text(compared.name)
    ours = compared.ours or pen.dash
    return f"{compared.figure}{what}, {name}: printed {compared.printed}, would be {ours} ({place})"


def title(impact: IndexImpact, editions: tuple[str, str]) -> str:
    """An index and the edition, or both."""
    old, new = editions
    return f"{impact.index} {new}" if old == new or not old else f"{impact.index} {old} → {new}"


def index_lines(
    impact: IndexImpact,
    entities: Sequence[str],
    editions: tuple[str, str],
    pen: Pen,
    everything: bool,
) -> list[TextLine]:
    """The table of one index: whoever moves in it."""
    rows = index_rows(impact, entities, pen)
    if not rows:
        return []
    published = sum(change.published for _, change in rows)
    most = len(rows) if everything else max(min(published, MOST_ROWS), min(len(rows), 4))
    heading = title(impact, editions).replace("→", pen.arrow)
    lines = [line(), *table_lines(heading, [row for row, _ in rows[:most]])]
    if most < len(rows):
        lines.append(line((f"{pen.more} {len(rows) - most} more (`--all`)", "dim")))
    return lines


def each_lines(impact: IndexImpact, entities: Sequence[str], pen: Pen) -> list[TextLine]:
    """What every edit would move by itself, and what only all of them together do."""
    if not impact.rule_edits and not any(each.edits for each in impact.answered.values()):
        return []
    if impact.before is None or impact.after is None:
        return []
    root = impact.results.plan.root.path
    together: dict[str, Fraction] = {}
    alone: dict[Key, dict[str, Fraction]] = {}
    words: dict[Key, str] = {}
    for entity in entities:
        difference = impact.difference(entity, root)
        if difference is None:
            continue
        together[entity] = difference
        for key in sorted(impact.reaches(entity, root)):
            moved = impact.alone(entity, root, key)
            edit = impact.edit(entity, key)
            named = key if not edit.entity else (*key, entity)
            words[named] = edit_words(edit, pen) + (f" ({entity})" if edit.entity else "")
            alone.setdefault(named, {})[entity] = moved or Fraction(0)
    lines: list[TextLine] = []
    for key, moves in alone.items():
        lines += [line(), line((f"{impact.index}, only {words[key]}", "bold"))]
        lines += _moves(moves, pen)
    rest = {
        entity: total - sum((each.get(entity, Fraction(0)) for each in alone.values()), Fraction(0))
        for entity, total in together.items()
    }
    lines += [line(), line((f"{impact.index}, only by all of them together", "bold"))]
    return lines + _moves(rest, pen)


def _moves(moves: Mapping[str, Fraction], pen: Pen) -> list[TextLine]:
    moved = [(entity, by) for entity, by in moves.items() if by]
    if not moved:
        return [line("  nothing moves")]
    moved.sort(key=lambda each: (-abs(each[1]), each[0]))
    return [line(f"  {pad(entity, NAME)}{right(signed(by, pen), 10)}") for entity, by in moved]


# ---- the end


def summary(impacts: Sequence[IndexImpact], pen: Pen, one: bool = False) -> list[str]:
    """How much of what is published moves: scores, ranks, bands; first of indices, then below.

    Args:
        one: whether but one entity was shown, and this is of all.
    """
    scores = ranks = bands = below = 0
    named: list[str] = []
    for each in impacts:
        root = each.results.plan.root.path
        below += sum(len(entities) for path, entities in each.differing.items() if path != root)
        for entity in each.differing.get(root, ()):
            change = each.change(entity, root)
            assert change is not None
            old, new = change.before, change.after
            scores += (old.score if old else None) != (new.score if new else None)
            ranks += rank_words(old) != rank_words(new)
            if (old.band if old else None) != (new.band if new else None):
                bands += 1
                named.append(_band_words(change, each.index if len(impacts) > 1 else "", pen))
        for _, change in each.rated:
            named.append(_band_words(change, change.figure.label, pen))
            bands += 1
    told = [f"{counted(scores, 'published score')} {_verb(scores)}"]
    if ranks:
        told.append(f"{counted(ranks, 'rank')} {_verb(ranks)}")
    if bands:
        shown = "; ".join(named[:3]) + (f"; {pen.more}" if len(named) > 3 else "")
        told.append(f"{counted(bands, 'band')} {_verb(bands)} ({shown})")
    text = ", ".join(told)
    if below:
        text += f"; below them {counted(below, 'published figure')}"
    if one and len({entity for each in impacts for entity in each.entities}) > 1:
        text = f"Of all entities: {text}"
    if below and not (scores or ranks or bands):
        text += " (see `--format csv`)"
    return fold(text, WIDTH - 1)


def _band_words(change: Change, of: str, pen: Pen) -> str:
    old, new = change.before, change.after
    name = pen.text(change.figure.name) + (f", {pen.text(of)}" if of else "")
    bands = [side.band if side and side.band else pen.dash for side in (old, new)]
    return f"{name}: {bands[0]} {pen.arrow} {bands[1]}"


def _verb(number: int) -> str:
    return "changes" if number == 1 else "change"


def span_of(edit: Edit) -> tuple[Span | None, int]:
    """Where an edit is said: in the state after, 1, or else before, 0."""
    return (edit.span_after, 1) if edit.span_after is not None else (edit.span_before, 0)


# ---- for programs, and for reviewers who run nothing


COLUMNS = (
    "entity", "name", "index", "figure", "edition_before", "edition_after", "score_before",
    "score_after", "exact_before", "exact_after", "difference", "rank_before", "rank_after",
    "band_before", "band_after",
)  # fmt: skip


def change_record(impact: IndexImpact, entity: str, change: Change) -> dict[str, Value]:
    """One figure of one entity in both states."""
    before, after, figure = change.before, change.after, change.figure
    difference = change.difference
    return {
        "entity": entity,
        "name": figure.name,
        "index": impact.index,
        "figure": figure.figure,
        "edition_before": before.edition if before else None,
        "edition_after": after.edition if after else None,
        "score_before": before.score if before else None,
        "score_after": after.score if after else None,
        "exact_before": _exact(before),
        "exact_after": _exact(after),
        "difference": None if difference is None else rational(difference),
        "rank_before": rank_words(before) or None,
        "rank_after": rank_words(after) or None,
        "band_before": before.band if before else None,
        "band_after": after.band if after else None,
    }


def _exact(figure: PublishedFigure | None) -> str | None:
    return None if figure is None or figure.exact is None else rational(figure.exact)


def edit_json(edit: Edit, place: Place) -> dict[str, Json]:
    """One edit, as docs/formats.md describes it."""
    return {
        "id": "/".join(edit.key),
        "kind": edit.kind,
        "what": edit.what,
        "before": edit.before or None,
        "after": edit.after or None,
        "place": place(edit) or None,
        "entity": edit.entity or None,
        "also": list(edit.also),
    }


def change_json(impact: IndexImpact, entity: str, path: Path, change: Change) -> dict[str, Json]:
    """One figure that moves, with what each edit adds to it; the shares add up exactly."""
    record: dict[str, Json] = dict(change_record(impact, entity, change))
    shares = impact.shares(entity, path) if change.difference is not None else None
    record["shares"] = None if shares is None else _shares_json(shares)
    if impact.apart:
        rules = impact.shares_of_rules(entity, path)
        record["shares_of_rules"] = None if rules is None else _shares_json(rules)
    return record


def _shares_json(shares: Mapping[frozenset[Key], Fraction]) -> Json:
    ordered = sorted(
        (sorted("/".join(key) for key in keys), share) for keys, share in shares.items()
    )
    return [{"edits": keys, "adds": rational(share)} for keys, share in ordered]


def markdown(title: str, rows: Sequence[Row]) -> str:
    """A table for a review."""
    lines = [
        f"| {title} | before | after | change | rank | because |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    for row in rows:
        cells = (row.name, row.before, row.after, row.change, row.rank, row.because)
        lines.append(f"| {' | '.join(cell(each) for each in cells)} |")
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    for sign in "\\`|*_<>[]&":
        text = text.replace(sign, f"\\{sign}")
    return text
