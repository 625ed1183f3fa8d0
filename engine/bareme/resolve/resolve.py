"""The files of a framework, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bareme.diagnostics import Diagnostic, Note, listing, nearest, quote
from bareme.framework import Framework, Index, Scale, Setting, Settings
from bareme.language import tree
from bareme.resolve.figures import Reader, resolve_same_as
from bareme.resolve.scales import resolve_scale, reverse, unknown_scale


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
    seen: dict[str, tree.Level] = {}
    questions: dict[str, tree.Question] = {}
    for file in files:
        for level in file.indices:
            first = seen.setdefault(level.name.text, level)
            if first is not level:
                found.append(_twice("index", level.name, first.name))
            reader = Reader(_in_sight(file, files, scales, visible), questions, found)
            reader.elsewhere = _elsewhere(file, files, visible)
            root = reader.figure(level, (), Settings())
            used_from[file.stem] |= reader.used
            indices.append(Index(root, _compare_with(level)))
    framework = Framework(name, tuple(scales.values()), tuple(indices))
    framework, pointed_at = resolve_same_as(framework, found)
    found += _unused_files(files, used_from, scales, pointed_at)
    return framework, found


def _visible(
    file: tree.File, files: Sequence[tree.File], found: list[Diagnostic]
) -> frozenset[str]:
    """The stems of the files whose names may be used in this one, itself included."""
    stems = [each.stem for each in files]
    for use in file.uses:
        if use.text not in stems:
            near = nearest(use.text, [stem for stem in stems if stem != file.stem])
            others = [stem for stem in stems if stem != file.stem]
            found.append(
                Diagnostic(
                    "E202",
                    f"there is no file {quote(use.text + '.bareme')} in this folder",
                    use.span,
                    f"`{near}`" if near else f"the other files here are {listing(others)}",
                )
            )
    return frozenset({file.stem, *(use.text for use in file.uses)})


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
            found.append(unknown_scale(of, names - set(waiting), elsewhere))
            break
        if of.text in waiting:
            circle = [*waiting[waiting.index(of.text) :], of.text]
            found.append(
                Diagnostic(
                    "E304",
                    f"these scales are the reverse of one another: {' → '.join(circle)}",
                    of.span,
                    "write the labels and points of one of them",
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


def _compare_with(level: tree.Level) -> Setting[str | None] | None:
    for setting in level.settings:
        if isinstance(setting, tree.CompareWith):
            return Setting(setting.edition, setting.span)
    return None


def _twice(kind: str, name: tree.Name, first: tree.Name) -> Diagnostic:
    return Diagnostic(
        "E204",
        f"{kind} {quote(name.text)} is declared twice",
        name.span,
        "rename one of them",
        (Note("it is first declared here", first.span),),
    )


def _unused_files(
    files: Sequence[tree.File],
    used: dict[str, set[str]],
    scales: dict[str, Scale],
    pointed_at: set[tuple[str, str]],
) -> Iterator[Diagnostic]:
    """Warn of a `use` that brings nothing that is used."""
    home = {scale.name.text: file.stem for file in files for scale in file.scales}
    index_home = {level.name.text: file.stem for file in files for level in file.indices}
    for file in files:
        needed = {home[name] for name in used[file.stem] if name in home and name in scales}
        mine = {level.name.text for level in file.indices}
        needed |= {index_home[to] for frm, to in pointed_at if frm in mine and to in index_home}
        seen: set[str] = set()
        for use in file.uses:
            known = any(use.text == each.stem for each in files)
            if known and (use.text not in needed or use.text in seen):
                yield Diagnostic(
                    "W202",
                    f"`use {use.text}` is not needed"
                    + (": it stands here twice" if use.text in seen else ": nothing of it is used"),
                    use.span,
                    "delete the line",
                )
            seen.add(use.text)
