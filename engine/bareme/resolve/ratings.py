"""Ratings: the figures and ratings that they read, found by name in their own index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bareme.diagnostics import Diagnostic, Note, listing, nearest, quote
from bareme.exact import NotANumber, read_number, shorten
from bareme.framework import Framework, Grade, Index, Rating
from bareme.language import tree
from bareme.record import replace
from bareme.source import Span

Path = tuple[str, ...]


def resolve_ratings(
    framework: Framework, files: Sequence[tree.File], found: list[Diagnostic]
) -> Framework:
    """Give every index its ratings, each after those that it reads."""
    levels = [level for file in files for level in file.indices]
    indices = []
    for index, level in zip(framework.indices, levels, strict=True):
        written = list(_of_their_own(index, level, found))
        names = {each.name.text for each in written}
        ratings = [_rating(framework, index, each, names, found) for each in written]
        indices.append(replace(index, ratings=_in_order(ratings, found)))
    return replace(framework, indices=tuple(indices))


def _of_their_own(
    index: Index, level: tree.Level, found: list[Diagnostic]
) -> Iterator[tree.Rating]:
    """The ratings whose id nothing else of the index has."""
    first: dict[str, tuple[str, Span]] = {}
    for figure in index.root.figures():
        first.setdefault(figure.id, (figure.level, figure.name_span))
    for question in index.root.questions():
        first.setdefault(question.id, ("question", question.name_span))
    for measure in index.root.measures():
        first.setdefault(measure.id, ("measure", measure.name_span))
    for rating in level.ratings:
        id = rating.name.text
        if id not in first:
            first[id] = "rating", rating.name.span
            yield rating
            continue
        kind, place = first[id]
        message = f"rating {quote(id)} has the id of another {kind} of `{index.id}`"
        if kind != "rating":
            message = f"rating {quote(id)} has the id of {_article(kind)} {kind} of `{index.id}`"
        notes = (Note(f"that {kind} is here", place),)
        found.append(Diagnostic("E204", message, rating.name.span, "rename one of them", notes))


def _article(kind: str) -> str:
    return "an" if kind[0] in "aeiou" else "a"


def _rating(
    framework: Framework,
    index: Index,
    written: tree.Rating,
    names: set[str],
    found: list[Diagnostic],
) -> Rating:
    read: dict[Path, Span] = {}
    damaged = written.damaged
    for name in written.of:
        path = _source(framework, index, written, name, names, found)
        if path in read:
            message = f"rating `{written.name.text}` reads `{'.'.join(path)}` twice"
            notes = (Note("it is first named here", read[path]),)
            found.append(Diagnostic("E204", message, name.span, "name it once", notes))
        damaged |= not path
        if path:
            read.setdefault(path, name.span)
    kinds = [each.kind for each in written.grades]
    title = written.name.text.replace("_", " ")
    return Rating(
        path=(index.id, written.name.text),
        title=written.title.text if written.title else title[:1].upper() + title[1:],
        of=tuple(read),
        ascending=bool(kinds) and kinds[0] is not tree.GradeKind.FROM,
        grades=tuple(_grade(each) for each in written.grades),
        by_unrounded=index.root.settings.band_by_unrounded,
        damaged=damaged | _mixed(written, found),
        span=written.span,
        name_span=written.name.span,
        of_spans=tuple(read.values()),
    )


def _grade(written: tree.Grade) -> Grade:
    value = read_number(written.label)
    return Grade(
        written.label,
        written.number.value if written.number else None,
        None if isinstance(value, NotANumber) else value,
        written.span,
        written.number.span if written.number else None,
    )


def _mixed(written: tree.Rating, found: list[Diagnostic]) -> bool:
    """Whether some grades say from which number they hold and others up to which; report it."""
    from_ = [each for each in written.grades if each.kind is tree.GradeKind.FROM]
    other = [each for each in written.grades if each.kind is not tree.GradeKind.FROM]
    if not from_ or not other:
        return False
    first, odd = sorted((from_[0], other[0]), key=lambda each: each.span.start)
    message = (
        f"grade {quote(odd.label)} holds `{odd.kind}`, and {quote(first.label)} `{first.kind}`"
        f"{_between(from_, other)}"
    )
    help = "let all grades hold `from` a number, or all `up to` one and the last `above`"
    notes = (Note("the other way is first written here", first.span),)
    found.append(Diagnostic("E313", message, odd.span, help, notes))
    return True


def _between(from_: list[tree.Grade], up_to: list[tree.Grade]) -> str:
    """What two grades that count from opposite sides hold twice, or leave out."""
    if len(from_) > 1 or len(up_to) > 1 or from_[0].number is None or up_to[0].number is None:
        return ""
    low, high = from_[0].number.value, up_to[0].number.value
    if low == high:
        return f"; both hold at {shorten(low)}"
    if low < high:
        return f"; both hold from {shorten(low)} to {shorten(high)}"
    return f"; none holds above {shorten(high)} and below {shorten(low)}"


def _source(
    framework: Framework,
    index: Index,
    rating: tree.Rating,
    name: tree.Name,
    names: set[str],
    found: list[Diagnostic],
) -> Path:
    """The path of what a rating reads; empty where it is not there or cannot be read."""
    ids = tuple(name.text.split("."))
    ids = ids if ids[0] == index.id else (index.id, *ids)
    if ids[1:] and len(ids) == 2 and ids[1] in names:
        return ids
    figures = framework.named(ids)
    if len(figures) == 1:
        scope = framework.scopes.get(figures[0].path)
        if scope is None:
            return figures[0].path
        message = f"`{figures[0].dotted}` is scored for each part, so there is no one score to rate"
        help = f"rate `{scope[-1]}`, the mean of the parts"
        found.append(Diagnostic("E230", message, name.span, help))
    elif figures:
        message = f"{quote(name.text)} names {len(figures)} figures of `{index.id}`"
        paths = [each.dotted.removeprefix(f"{index.id}.") for each in figures]
        help = f"write {listing(paths, last='or')}"
        found.append(Diagnostic("E207", message, name.span, help))
    elif not rating.damaged and not rating.lost:
        found.append(_not_there(index, name, names - {rating.name.text}))
    return ()


def _not_there(index: Index, name: tree.Name, names: set[str]) -> Diagnostic:
    below = [figure.id for figure in index.root.figures()]
    known = list(dict.fromkeys([*below[1:], *sorted(names), below[0]]))
    near = nearest(name.text.rpartition(".")[2], known)
    asked = {each.id for each in index.root.questions()}
    asked |= {each.id for each in index.root.measures()}
    help = f"`{near}`" if near else f"`{index.id}` holds {listing(known)}"
    if name.text in asked:
        help = "a rating reads figures and other ratings; put it under an indicator, and name that"
    message = f"`{index.id}` has no figure or rating {quote(name.text)}"
    return Diagnostic("E203", message, name.span, help)


def _in_order(ratings: Sequence[Rating], found: list[Diagnostic]) -> tuple[Rating, ...]:
    """Each after those that it reads; a circle is reported, and its ratings are left out."""
    paths = {each.path for each in ratings}
    placed: dict[Path, Rating] = {}
    left = list(ratings)
    waiting = {each.path: [path for path in each.of if path in paths] for each in ratings}
    readers: dict[Path, list[Path]] = {}
    for path, of in waiting.items():
        for source in of:
            readers.setdefault(source, []).append(path)
    by_path = {each.path: each for each in ratings}
    ready = [each.path for each in ratings if not waiting[each.path]]
    while ready:
        path = ready.pop(0)
        placed[path] = by_path[path]
        for reader in readers.get(path, ()):
            waiting[reader].remove(path)
            if not waiting[reader]:
                ready.append(reader)
    left = [each for each in ratings if each.path not in placed]
    found += _circles(left, by_path)
    return tuple(placed.values())


def _circles(left: Sequence[Rating], by_path: dict[Path, Rating]) -> Iterator[Diagnostic]:
    """Each circle once; what only reads one is passed over."""
    waits = {each.path for each in left}
    seen: set[Path] = set()
    for start in left:
        way: list[Path] = []
        at = start.path
        while at not in seen:
            seen.add(at)
            way.append(at)
            at = next(path for path in by_path[at].of if path in waits)
        if at not in way:
            continue
        circle = [by_path[path] for path in way[way.index(at) :]]
        first = min(circle, key=lambda each: each.span.start)
        turned = circle[circle.index(first) :] + circle[: circle.index(first)]
        shown = " → ".join(quote(each.dotted) for each in [*turned, first])
        following = turned[1 % len(turned)]
        place = first.of_spans[first.of.index(following.path)]
        message = f"rating `{first.dotted}` depends on itself: {shown}"
        yield Diagnostic("E304", message, place, "let one of them read a figure")


__all__ = ["resolve_ratings"]
