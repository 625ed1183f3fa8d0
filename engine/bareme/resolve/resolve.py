"""The files of a framework, put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from bareme.diagnostics import (
    SUGGESTED,
    Diagnostic,
    Note,
    instead,
    listing,
    nearest,
    quote,
    without_lines,
)
from bareme.framework import (
    Figure,
    Framework,
    Group,
    Index,
    Measure,
    Question,
    RankBy,
    Scale,
    Setting,
    Settings,
)
from bareme.language import tree
from bareme.record import replace
from bareme.resolve.asks import Declared, declared, put_in
from bareme.resolve.figures import Reader, resolve_same_as
from bareme.resolve.formulas import resolve_formulas
from bareme.resolve.ratings import resolve_ratings
from bareme.resolve.rules import resolve_rules
from bareme.resolve.scales import InSight, resolve_scale, reverse, unknown_scale

S = TypeVar("S")


def resolve(name: str, files: Sequence[tree.File]) -> tuple[Framework, list[Diagnostic]]:
    """Put the files of one framework together.

    Args:
        name: the framework's name, that of its folder.
        files: every file of the folder, in the order of their names.

    Returns:
        The framework, as far as it could be put together, and what is wrong with its names.
    """
    found: list[Diagnostic] = []
    visible = {file.stem: _visible(file, files, found) for file in files}
    scales, used_from = _scales(files, visible, found)
    indices: list[Index] = []
    questions: dict[str, tree.Question | tree.Measure] = {}
    data: list[Measure] = []
    readers: list[Reader] = []
    known = declared(files)
    apart: list[Question] = []
    for file in files:
        reader = Reader(_in_sight(file, files, scales, visible), questions, found)
        reader.elsewhere = _elsewhere(file, files, visible)
        reader.known = known
        reader.groups = {g.name.text: g.name.span for f in files for g in f.groups}
        readers.append(reader)
    by_stem = {file.stem: reader for file, reader in zip(files, readers, strict=True)}
    once = _once(files, found)
    for file, reader in zip(files, readers, strict=True):
        reader.readers = by_stem
        for row in file.questions:
            apart += [reader.question(each, (), Settings()) for each in row.questions]
        data += [reader.measure(each, (), Settings()) for each in file.data]
        for level in file.indices:
            if level.name.text not in once:
                level = replace(level, damaged=True)  # one of the two may be empty
            level = put_in(level, known, found)
            indices.append(_index(level, reader.figure(level, (), Settings())))
    for file, reader in zip(files, readers, strict=True):
        used_from[file.stem] |= reader.used
    used = {name for each in readers for name in each.used & set(each.scales)}
    everywhere = Counter(name.text for each in readers for name in each.missed)
    for reader in readers:
        reader.report_missed(used, everywhere)
    groups = _groups(files, questions, found)
    framework = Framework(
        name,
        tuple(scales.values()),
        tuple(indices),
        groups,
        tuple(data),
        tuple(apart),
        _units(files, found),
    )
    framework, pointed_at = resolve_same_as(framework, found)
    written = {path: rules for reader in readers for path, rules in reader.rules.items()}
    formulas = {path: each for reader in readers for path, each in reader.formulas.items()}
    framework = resolve_formulas(framework, formulas, found)
    framework = resolve_rules(framework, written, found)
    framework = resolve_ratings(framework, files, found)
    found += _unused_files(files, used_from, scales, pointed_at, known)
    return framework, found


def _once(files: Sequence[tree.File], found: list[Diagnostic]) -> set[str]:
    """The ids that one index alone has; any other is reported."""
    first: dict[str, tree.Level] = {}
    levels = [level for file in files for level in file.indices]
    for level in levels:
        other = first.setdefault(level.name.text, level)
        if other is not level:
            found.append(_twice("index", level.name, other.name))
    return {id for id, many in Counter(level.name.text for level in levels).items() if many == 1}


def _index(level: tree.Level, root: Figure) -> Index:
    """An index with what is said of it as a whole."""
    compare = _of(level, tree.CompareWith)
    change = _of(level, tree.CompareBy)
    levels = _of(level, tree.Levels)
    return Index(
        root,
        Setting(compare.edition, compare.span) if compare else None,
        rank_by=_rank_by(level),
        as_published=bool(compare and compare.as_published),
        levels=tuple(each.text for each in levels.names) if levels else (),
        compare_by_unrounded=Setting(not change.rounded, change.span) if change else Setting(False),
    )


def _visible(
    file: tree.File, files: Sequence[tree.File], found: list[Diagnostic]
) -> frozenset[str]:
    """The stems of the files whose names may be used in this one, itself included."""
    stems = [each.stem for each in files]
    others = [stem for stem in stems if stem != file.stem]
    visible = {file.stem, *(use.text for use in file.uses)}
    for use in file.uses:
        if use.text in stems:
            continue
        stem = use.text.rpartition("/")[2].removesuffix(".bareme")
        near = nearest(stem, others)
        visible |= {near} if near else set(others)  # what it was to bring is not missed as well
        message = f"there is no file {quote(stem + '.bareme')} in this folder"
        if stem in others:
            message = "a file is used by its name alone, without folder and ending"
        help = f"the other files here are {listing(others)}" if others else "take the line out"
        fix = instead(use.span, near) if others else without_lines(use.span)
        help = f"`{near}`" if near else help
        found.append(Diagnostic("E202", message, use.span, help, fix=fix))
    return frozenset(visible)


def _scales(
    files: Sequence[tree.File],
    visible: dict[str, frozenset[str]],
    found: list[Diagnostic],
) -> tuple[dict[str, Scale], dict[str, set[str]]]:
    """Every named scale, and which scales each file refers to in its own."""
    written: dict[str, tuple[tree.Scale, tree.File]] = {}
    for file in files:
        for scale in file.scales:
            first = written.setdefault(scale.name.text, (scale, file))
            if first[0] is not scale:
                found.append(_twice("scale", scale.name, first[0].name))
                if not first[0].body.labels and first[0].body.reverse_of is None:
                    written[scale.name.text] = (scale, file)
    used: dict[str, set[str]] = {file.stem: set() for file in files}
    done: dict[str, Scale] = {}
    for name, (scale, _) in written.items():
        if scale.body.reverse_of is None:
            done[name] = resolve_scale(name, scale.body, False, found)
    for name in written:
        for each in _chain(name, written, done, visible, found):
            scale, file = written[each]
            assert scale.body.reverse_of is not None
            used[file.stem].add(scale.body.reverse_of.text)
            done[each] = reverse(done[scale.body.reverse_of.text], each, scale.span)
    return {name: done[name] for name in written if name in done}, used


def _chain(
    name: str,
    written: dict[str, tuple[tree.Scale, tree.File]],
    done: dict[str, Scale],
    visible: dict[str, frozenset[str]],
    found: list[Diagnostic],
) -> Iterator[str]:
    """The reversals that `name` still waits for, the nearest to a written scale first."""
    waiting: list[str] = []
    while name not in done:
        scale, file = written[name]
        of = scale.body.reverse_of
        assert of is not None
        waiting.append(name)
        if of.text not in written or written[of.text][1].stem not in visible[file.stem]:
            names = {n for n, (_, f) in written.items() if f.stem in visible[file.stem]}
            elsewhere = {n: f.stem for n, (_, f) in written.items() if n not in names}
            there = InSight(tuple(sorted(names - set(waiting))), elsewhere)
            near = there.nearest(of.text) if len(found) < SUGGESTED else None
            found += unknown_scale([of], there, near)
            break
        if of.text in waiting:
            circle = [*waiting[waiting.index(of.text) :], of.text]
            first, *others = [written[each][0].body.reverse_of for each in circle[:-1]]
            assert first is not None
            found.append(
                Diagnostic(
                    "E304",
                    "these scales are the reverse of one another: "
                    f"{' → '.join(quote(each) for each in circle)}"
                    if others
                    else f"scale {quote(of.text)} is the reverse of itself",
                    first.span,
                    "write the labels and points of one of them"
                    if others
                    else "write its labels and points",
                    tuple(
                        Note(f"and `{name}` is the reverse of `{each.text}` here", each.span)
                        for name, each in zip(circle[1:], others, strict=False)
                        if each
                    ),
                )
            )
            break
        name = of.text
    else:
        yield from reversed(waiting)
        return
    for each in waiting:  # a stand-in, so that one mistake is reported once
        scale = written[each][0]
        done[each] = Scale(each, (), "", None, False, False, scale.span)


def _in_sight(
    file: tree.File,
    files: Sequence[tree.File],
    scales: dict[str, Scale],
    visible: dict[str, frozenset[str]],
) -> dict[str, Scale]:
    names = [s.name.text for f in files if f.stem in visible[file.stem] for s in f.scales]
    return {name: scales[name] for name in names if name in scales}


def _elsewhere(
    file: tree.File, files: Sequence[tree.File], visible: dict[str, frozenset[str]]
) -> dict[str, str]:
    return {
        scale.name.text: other.stem
        for other in files
        if other.stem not in visible[file.stem]
        for scale in other.scales
    }


def _of(level: tree.Level, kind: type[S]) -> S | None:
    """The setting of a kind that stands under an index, if there is one."""
    return next((each for each in level.settings if isinstance(each, kind)), None)


def _rank_by(level: tree.Level) -> Setting[RankBy]:
    for each in level.settings:
        if isinstance(each, tree.RankBy):
            both = each.rounded and each.unrounded
            one = RankBy.ROUNDED if each.rounded else RankBy.UNROUNDED
            return Setting(RankBy.BOTH if both else one, each.span)
    return Setting(RankBy.ROUNDED)


def _groups(
    files: Sequence[tree.File],
    questions: Mapping[str, tree.Question | tree.Measure],
    found: list[Diagnostic],
) -> tuple[Group, ...]:
    first: dict[str, tree.Group] = {}
    for each in (group for file in files for group in file.groups):
        name = each.name.text
        other = first.setdefault(name, each)
        if other is not each:
            found.append(_twice("group", each.name, other.name))
        elif name in questions:
            found.append(_shared(each.name, questions[name].name))
        found += _repeated(each)
    return tuple(
        Group(
            id=name,
            title=each.title.text if each.title else name.replace("_", " ").capitalize(),
            labels=tuple(label.text for label in each.labels),
            span=each.span,
        )
        for name, each in first.items()
    )


def _repeated(group: tree.Group) -> Iterator[Diagnostic]:
    """Labels of a group that stand in it twice."""
    first: dict[str, tree.Label] = {}
    for label in group.labels:
        other = first.setdefault(label.text, label)
        if other is not label:
            yield Diagnostic(
                "E205",
                f"{quote(label.text)} stands twice in group `{group.name.text}`",
                label.span,
                "delete one of the two",
                (Note("it first stands here", other.span),),
            )


def _units(files: Sequence[tree.File], found: list[Diagnostic]) -> tuple[str, ...]:
    """The kinds of parts that an entity can have."""
    first: dict[str, tree.Name] = {}
    for name in (name for file in files for name in file.units):
        other = first.setdefault(name.text, name)
        if other is not name:
            found.append(_twice("unit", name, other))
    return tuple(first)


def _twice(kind: str, name: tree.Name, first: tree.Name) -> Diagnostic:
    return Diagnostic(
        "E204",
        f"{kind} {quote(name.text)} is declared twice",
        name.span,
        "rename one of them, or delete it",
        (Note("it is first declared here", first.span),),
    )


def _shared(group: tree.Name, question: tree.Name) -> Diagnostic:
    """A group and a question of one id, said of the one that stands below the other."""
    first, second = sorted((group, question), key=lambda each: (each.span.file, each.span.start))
    return Diagnostic(
        "E204",
        f"{quote(group.text)} stands twice; ids of questions, measures, data and groups are unique "
        "in a framework",
        second.span,
        "rename one of them",
        (Note("it first stands here", first.span),),
    )


def _asked(file: tree.File) -> set[str]:
    """The ids that the `ask` lines of a file name."""
    ids: set[str] = set()
    stack = list(file.indices)
    while stack:
        level = stack.pop()
        ids |= {name.text for _, ask in level.asks for pair in ask.asked for name in pair if name}
        stack += [child for child in level.children if isinstance(child, tree.Level)]
    return ids


def _unused_files(
    files: Sequence[tree.File],
    used: dict[str, set[str]],
    scales: dict[str, Scale],
    pointed_at: set[tuple[str, str]],
    known: Mapping[str, Declared],
) -> Iterator[Diagnostic]:
    """Warn of a `use` that brings nothing that is used."""
    home = {scale.name.text: file.stem for file in files for scale in file.scales}
    index_home = {level.name.text: file.stem for file in files for level in file.indices}
    for file in files:
        needed = {home[name] for name in used[file.stem] if name in home and name in scales}
        mine = {level.name.text for level in file.indices}
        needed |= {index_home[to] for frm, to in pointed_at if frm in mine and to in index_home}
        needed |= {known[id].home for id in _asked(file) if id in known}
        seen: set[str] = set()
        for use in file.uses:
            there = any(use.text == each.stem for each in files)
            if there and (use.text not in needed or use.text in seen):
                yield Diagnostic(
                    "W202",
                    f"`use {use.text}` is not needed"
                    + (": it stands here twice" if use.text in seen else ": nothing of it is used"),
                    use.span,
                    "delete the line",
                    fix=without_lines(use.span),
                )
            seen.add(use.text)
