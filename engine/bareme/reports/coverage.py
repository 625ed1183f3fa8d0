"""What nobody reaches of the rules, for people and as flat records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from bareme.audit.coverage import SMALL, Coverage, Covered, Kind
from bareme.diagnostics import counted
from bareme.language.statement import label_in_a_line
from bareme.reports.lines import WIDTH, Pen, TextLine, fold, line, width
from bareme.reports.machine import Record
from bareme.source import Span

COVERAGE_COLUMNS = (
    "framework", "edition", "index", "kind", "of", "title", "what", "reached", "count", "counted",
    "holds", "printed", "place",
)  # fmt: skip

_HEADS = {
    Kind.LABEL: "labels",
    Kind.EXCLUDED_LABEL: "excluded labels",
    Kind.STEP: "steps",
    Kind.EXCLUDED_STEP: "excluded steps",
    Kind.GROUP: "labels of groups",
    Kind.INCLUDE: "conditions on who is in an index",
    Kind.RANK: "conditions on who is ranked",
    Kind.SKIP: "conditions to skip",
    Kind.DECISION: "decisions",
    Kind.CAP: "caps",
    Kind.FLOOR: "floors",
    Kind.BAND: "bands",
    Kind.GRADE: "grades",
}

_LISTED = (Kind.LABEL, Kind.EXCLUDED_LABEL, Kind.GROUP, Kind.BAND, Kind.GRADE)
"""Things that are named without more, so that several of one line stand together."""


def coverage_records(found: Coverage, place: Callable[[Span], str]) -> list[Record]:
    """Everything that can be reached, as docs/formats.md describes it."""
    return [
        {
            "framework": found.framework,
            "edition": found.edition.id,
            "index": each.index or None,
            "kind": str(each.kind),
            "of": each.of,
            "title": each.title,
            "what": each.what,
            "reached": each.is_reached,
            "count": each.reached,
            "counted": each.counted,
            "holds": each.holds,
            "printed": each.printed,
            "place": place(each.span),
        }
        for each in found.things
    ]


def coverage_lines(found: Coverage, place: Callable[[Span], str], pen: Pen) -> list[TextLine]:
    """One edition: of each kind how much is reached, and each thing that is not, by rule line."""
    head = pen.between.join(["What nobody reaches", f"{found.framework} {found.edition.id}"])
    lines = [line((head, "bold")), *_of_whom(found)]
    for kind, title in _HEADS.items():
        things = [each for each in found.things if each.kind is kind]
        left = [each for each in things if not each.is_reached]
        if things:
            total = f"{title}: {len(things) - len(left)} of {len(things)} reached"
            lines.append(line((f"  {total}", "bold" if left else "")))
            lines += _left(left, place, pen)
    left = [each for each in found.things if not each.is_reached]
    total = f"{len(found.things) - len(left)} of {len(found.things)} reached"
    return [*lines, line((total, "dim"))]


def _of_whom(found: Coverage) -> Iterator[TextLine]:
    """Who could have reached it, and how much that says."""
    who = [counted(found.entities, "entity", "entities")]
    who += [f"{counted(many, 'part')} ({unit})" for unit, many in sorted(found.parts.items())]
    yield line(f"  {', '.join(who)}")
    if found.edition.partial:
        yield line(("  The cohort is partial: others may reach what nobody here does.", "fair"))
    elif found.small:
        text = f"  There are fewer than {SMALL} entities: much may go unreached by chance."
        yield line((text, "fair"))
    if found.not_asked:
        verb = "is" if len(found.not_asked) == 1 else "are"
        yield line(
            f"  {counted(len(found.not_asked), 'question')} {verb} not asked in this edition, "
            "and not counted."
        )


def _left(left: Sequence[Covered], place: Callable[[Span], str], pen: Pen) -> Iterator[TextLine]:
    """What is not reached, each rule line with what it says once and for whom."""
    rows: dict[tuple[str, str], list[str]] = {}
    for _, group in groupby(left, key=lambda each: (each.of, place(each.span))):
        things = list(group)
        if things[0].kind in _LISTED:
            texts = [", ".join(label_in_a_line(each.what) for each in things)]
        else:
            texts = [f"{each.what}: {_why(each)}" for each in things]
        for text in texts:
            rows.setdefault((text, place(things[0].span)), []).append(things[0].of)
    for (text, where), owners in rows.items():
        yield from _row(pen.text(text), pen.text(f"({where})"))
        for more in fold(", ".join(owners), WIDTH - 6):
            yield line((f"      {more}", "dim"))


def _row(text: str, where: str) -> Iterator[TextLine]:
    """What is not reached, with its rule line beside it where there is room."""
    *above, last = fold(text, WIDTH - 4)
    for each in above:
        yield line(f"    {each}")
    if 4 + width(last) + 1 + width(where) <= WIDTH:
        yield line(f"    {last} ", (where, "dim"))
    else:
        yield line(f"    {last}")
        yield line((f"      {where}", "dim"))


def _why(each: Covered) -> str:
    """Why a step, a condition or what rests on one is not reached."""
    if each.kind in (Kind.STEP, Kind.EXCLUDED_STEP):
        return "no number falls in it"
    does = "decides nobody" if each.kind is Kind.DECISION else "moves no score"
    if each.holds is None:
        return does
    if not each.holds:
        return "holds for nobody"
    many = (
        counted(each.holds, "entity", "entities")
        if each.counted == "entity"
        else counted(each.holds, "part")
    )
    return f"holds for {many}, {does}"
