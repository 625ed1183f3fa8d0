"""Where what was sealed and what stands elsewhere differ, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from bareme import files
from bareme.audit.sealed import (
    FIGURES_FILE,
    LIMITS,
    Entry,
    Limits,
    Sealed,
    hash_of,
    place_in,
    unpack,
)
from bareme.audit.verified import Verified
from bareme.diagnostics import Diagnostic, counted, quote
from bareme.project import InputRefused
from bareme.record import replace
from bareme.source import Source, Sources, Span

MOST_COMPARED = 1_000_000
"""Pairs of lines that are compared to find which moved; above that a stretch is said to differ."""


def held_against(
    checked: Verified, folder: Path, path: Path, place: Path, limits: Limits = LIMITS
) -> Verified:
    """Hold a sealed edition against a project folder, or against another sealed edition.

    Args:
        checked: what came of verifying it.
        folder: that the two others are relative to.
        path: its file.
        place: the folder, or the file of the other.
        limits: how much is read.

    Raises:
        InputRefused: where the place is neither.
        OSError: where the machine fails.
    """
    data = files.read_named(folder / path, checked.file, limits.file)
    sealed = unpack(checked.file, data, limits)[0] if isinstance(data, bytes) else None
    if sealed is None:
        return checked
    there = held_elsewhere(folder / place, str(place), sealed, limits)
    found, sources = differing(checked.file, sealed, there, str(place))
    lines = {each.span for each in found}
    kept = [each for each in checked.found if each.span not in lines or each.code == "P601"]
    return replace(
        checked, found=(*kept, *found), sources={**sources, **checked.sources}, against=str(place)
    )


def held_elsewhere(
    path: Path, file: str, sealed: Sealed, limits: Limits = LIMITS
) -> Mapping[str, bytes]:
    """The rules, profiles and evidence of another sealed edition, or of a project folder.

    Args:
        path: the folder or the file.
        file: what messages call it.
        sealed: the edition that it is held against.
        limits: how much is read.

    Raises:
        InputRefused: where it can be neither.
        OSError: where the machine fails.
    """
    if path.is_dir():
        return _held_in(path, sealed)
    data = files.read_named(path, file, limits.file)
    if isinstance(data, Diagnostic):
        raise InputRefused([data], {})
    other, found = unpack(file, data, limits)
    if other is None:
        raise InputRefused(found, {})
    return {each.name: each.data for each in other.entries if each.whole}


def _held_in(root: Path, sealed: Sealed) -> dict[str, bytes]:
    framework = sealed.head.framework
    names = {*sealed.files, *files.rule_files(root, framework)} - {FIGURES_FILE}
    for edition in {each.split("/")[2] for each in names if each.startswith("profiles/")}:
        names |= {*files.profile_files(root, framework, edition)}
        names |= {*files.evidence_files(root, framework, edition)}
    read = {name: files.read(root, name, files.MAX_TABLE) for name in names}
    return {name: data for name, data in read.items() if isinstance(data, bytes)}


def differing(
    file: str, sealed: Sealed, there: Mapping[str, bytes], where: str
) -> tuple[list[Diagnostic], Sources]:
    """What of a sealed edition is otherwise elsewhere.

    Args:
        file: what messages call the sealed edition.
        sealed: it.
        there: the files there, by name.
        where: what messages call that place.
    """
    found: list[Diagnostic] = []
    sources: Sources = {}
    folders = {name.rpartition("/")[0] for name in there}
    here = {each.name: each for each in sealed.entries if each.name != FIGURES_FILE}
    for name, entry in here.items():
        place = Span(place_in(file, name), 0, 0)
        if name in there and there[name] != entry.data:
            more, source = _lines(place.file, entry, there[name], where)
            found += more
            sources |= {source.name: source} if source else {}
        elif name not in there and name.rpartition("/")[0] in folders:
            found.append(Diagnostic("P607", f"this file is not in {quote(where)}", place))
    ours = {name.rpartition("/")[0] for name in here}
    for name in sorted(set(there) - set(here) - {FIGURES_FILE}):
        if name.rpartition("/")[0] in ours:
            said = f"{quote(name)} is in {quote(where)} and was not sealed"
            found.append(Diagnostic("P607", said, Span(file, 0, 0)))
    return found, sources


def _lines(
    place: str, entry: Entry, there: bytes, where: str
) -> tuple[list[Diagnostic], Source | None]:
    """The lines of one file that are otherwise elsewhere."""
    try:
        source, other = Source(place, entry.data.decode("utf-8")), there.decode("utf-8")
    except UnicodeDecodeError:
        said = f"this file is another in {quote(where)}"
        return [Diagnostic("P607", said, Span(place, 0, 0))], None
    was_sealed = not entry.whole and hash_of(there) == entry.sha256
    ours, theirs = source.text.split("\n"), other.split("\n")
    return [
        Diagnostic("P607", said, _span(source, at))
        for at, said in _said(ours, theirs, quote(where), was_sealed)
    ], source


def _span(source: Source, at: int) -> Span:
    start = source.line_start(min(at + 1, max(1, source.lines)))
    line = source.line(source.position(start)[0])
    lead = len(line) - len(line.lstrip(" "))
    return Span(source.name, start + lead, start + len(line.rstrip()))


def _said(
    ours: Sequence[str], theirs: Sequence[str], where: str, was_sealed: bool
) -> Iterator[tuple[int, str]]:
    """What to say of each stretch of lines that differs, with the line it is said at."""
    for at, end, start, stop in _stretches(ours, theirs):
        here, there = ours[at:end], theirs[start:stop]
        if len(here) == len(there):
            for number, (one, other) in enumerate(zip(here, there, strict=True), at):
                if one == other:
                    continue
                if was_sealed:
                    yield number, f"{quote(one.strip())} was sealed as {quote(other.strip())}"
                else:
                    yield number, f"{quote(one.strip())} is {quote(other.strip())} in {where}"
        elif not there:
            yield at, f"{counted(len(here), 'line')} from here on: not in {where}"
        elif not here:
            more = "" if len(there) == 1 else f" and {counted(len(there) - 1, 'more line')}"
            yield at, f"before this line {where} has {quote(there[0].strip())}{more}"
        else:
            yield at, f"{counted(len(here), 'line')} from here on: {len(there):,} in {where}"


def _stretches(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where two texts differ: lines from and to in the one, from and to in the other."""
    least = min(len(ours), len(theirs))
    head = next((n for n in range(least) if ours[n] != theirs[n]), least)
    rest = least - head
    tail = next((n for n in range(rest) if ours[-1 - n] != theirs[-1 - n]), rest)
    middle, others = ours[head : len(ours) - tail], theirs[head : len(theirs) - tail]
    if len(middle) == len(others) or len(middle) * len(others) > MOST_COMPARED:
        yield head, head + len(middle), head, head + len(others)
        return
    matched = SequenceMatcher(None, middle, others)  # lines that are everywhere do not hold it up
    for tag, at, end, start, stop in matched.get_opcodes():
        if tag != "equal":
            yield at + head, end + head, start + head, stop + head
