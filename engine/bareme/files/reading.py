"""Reading the files of a project, wherever it is kept.

Reads stay inside the project: only regular files, opened by their literal name, never through a
link that leads outside, and never more than the limit.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

from bareme.diagnostics import Diagnostic, quote
from bareme.files.stores import Entry, Place, Store, store_of
from bareme.record import replace
from bareme.source import Source, Sources, Span
from bareme.text import hidden_in, read_text

MAX_FILE = 1 << 20
MAX_RULES = 8 << 20
MAX_TABLE = 64 << 20
RULES_ENDING = ".bareme"
PROFILE_ENDING = ".yaml"
_ENDINGS = {RULES_ENDING: (RULES_ENDING,), PROFILE_ENDING: (PROFILE_ENDING, ".yml")}
"""How each is also spelt, in any case, by people and by other programs."""
_MESSAGE_PAGE = re.compile(r"[EWP][0-9]{3}\.md")
EDITION_FILE = "edition.yaml"
EVIDENCE = "evidence"
SEALED_ENDING = ".sealed"


def folders(root: Place, *below: str) -> list[str]:
    """The names of the folders in a folder of the project, sorted; hidden ones left out."""
    entries = store_of(root).entries("/".join(below))
    return [entry.name for entry in entries if entry.folder and _can_be_said(entry.name)]


def rule_files(root: Place, framework: str) -> list[str]:
    """The rule files of a framework, relative to the project, sorted by name."""
    return [
        f"rules/{framework}/{entry.name}"
        for entry in store_of(root).entries(f"rules/{framework}")
        if entry.name.endswith(RULES_ENDING) and _can_be_said(entry.name)
    ]


def profile_files(root: Place, framework: str, edition: str) -> list[str]:
    """The profiles of an edition, relative to the project, sorted by name."""
    folder = f"profiles/{framework}/{edition}"
    return [
        f"{folder}/{entry.name}"
        for entry in store_of(root).entries(folder)
        if entry.name.endswith(PROFILE_ENDING)
        and entry.name != EDITION_FILE
        and _can_be_said(entry.name)
    ]


def tables(root: Place, framework: str, edition: str) -> list[str]:
    """The names of the CSV files of an edition, sorted."""
    entries = store_of(root).entries(f"profiles/{framework}/{edition}")
    return [e.name for e in entries if e.name.lower().endswith(".csv") and _can_be_said(e.name)]


def evidence_files(root: Place, framework: str, edition: str) -> list[str]:
    """The files of evidence of an edition, relative to the project, sorted; in folders as well."""
    if EVIDENCE not in folders(root, "profiles", framework, edition):
        return []  # or it leads outside
    return sorted(_files_below(store_of(root), f"profiles/{framework}/{edition}/{EVIDENCE}"))


def _files_below(store: Store, folder: str) -> Iterator[str]:
    for entry in store.entries(folder):
        if entry.folder:
            yield from _files_below(store, f"{folder}/{entry.name}")
        else:
            yield f"{folder}/{entry.name}"


def sealed_files(folder: Path) -> list[str]:
    """The names of the sealed editions in a folder, sorted."""
    entries = store_of(folder).entries("")
    return [e.name for e in entries if e.name.endswith(SEALED_ENDING) and not e.folder]


def unread_profiles(
    root: Place, framework: str, edition: str, table: str | None = None
) -> list[Diagnostic]:
    """A warning for everything in an edition's folder that is not read; notes in `.md` may be.

    Args:
        table: the name of the table that the edition declares.
    """
    folder = f"profiles/{framework}/{edition}"
    read = {*profile_files(root, framework, edition), f"{folder}/{EDITION_FILE}"}
    read |= {f"{folder}/{each}" for each in folders(root, folder) if each == EVIDENCE}
    why = "profiles are files that end in `.yaml`"
    if table:
        read.add(f"{folder}/{table}")
        why += f", and the table is {quote(table)}"
    return _unread(root, folder, read, why, PROFILE_ENDING)


def unread_rules(root: Place, framework: str) -> list[Diagnostic]:
    """A warning for everything in a framework's folder that is not read; notes in `.md` may be."""
    read = set(rule_files(root, framework))
    why = "rules are files that end in `.bareme`"
    return _unread(root, f"rules/{framework}", read, why, RULES_ENDING)


def unread_folders(root: Place, *below: str) -> list[Diagnostic]:
    """A warning for everything that stands where only folders are read."""
    folder = "/".join(below)
    read = {f"{folder}/{name}" for name in folders(root, *below)}
    what = "an edition" if below[1:] else "a framework"
    return _unread(root, folder, read, f"here stands a folder for each {what.split()[1]}", "")


def _unread(root: Place, folder: str, read: set[str], why: str, ending: str) -> list[Diagnostic]:
    return [
        Diagnostic(
            "W405",
            f"{quote(entry.name)} is not read: "
            + (why if _can_be_said(entry.name) else "its name cannot be written in a message"),
            Span(f"{folder}/{entry.name}", 0, 0),
            _mend(entry, ending),
        )
        for entry in store_of(root).entries(folder)
        if f"{folder}/{entry.name}" not in read and not entry.name.lower().endswith(".md")
    ]


def _mend(entry: Entry, ending: str) -> str:
    stem, dot, last = entry.name.rpartition(".")
    if _any_folder(entry) and ending:
        return "move what is in it up into this folder"
    if ending and dot and _can_be_said(entry.name):
        if f".{last.lower()}" in _ENDINGS[ending]:
            return f"rename it to `{stem}{ending}`"
        if stem.endswith(ending):  # an editor has put its own ending behind
            return f"rename it to `{stem}`"
    if ending == PROFILE_ENDING and last.lower() == "csv":
        return "declare it in `edition.yaml` under `table:`, or move it elsewhere"
    if not ending and last.lower() in (RULES_ENDING[1:], PROFILE_ENDING[1:]):
        return "move it into one of these folders"
    return "move it elsewhere, or into the folder where it belongs"


def _any_folder(entry: Entry) -> bool:
    return entry.folder or entry.leads_out


def _can_be_said(name: str) -> bool:
    """Whether a name is visible text on one line, so that places in it can be cited."""
    return hidden_in(name) is None and "\n" not in name and "\t" not in name


def message_pages() -> dict[str, str]:
    """The pages of the messages by file name: those of the package, or of the checkout it is in."""
    package = Path(__file__).parent.parent
    for folder in (package / "messages", package.parent.parent / "docs" / "messages"):
        if folder.is_dir():
            return {
                entry.name: Path(entry.path).read_text(encoding="utf-8")
                for entry in _entries(folder)
                if _MESSAGE_PAGE.fullmatch(entry.name)
            }
    return {}


def stand_alone_verifier() -> str:
    """The text of the verifier of sealed editions that needs Python alone."""
    package = Path(__file__).parent.parent
    name = "verify_sealed.py"
    for folder in (package / "stand_alone", package.parent.parent / "docs"):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8")
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def starter(kind: str) -> dict[str, str]:
    """The files of a project to start from, by name relative to it, with `/`.

    Args:
        kind: the name of a folder in `starters/` of the package.
    """
    return dict(_texts_below(Path(__file__).parent.parent / "starters" / kind, ""))


def _texts_below(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    for entry in _entries(folder):
        if entry.is_dir():
            yield from _texts_below(Path(entry.path), f"{name}{entry.name}/")
        else:
            yield f"{name}{entry.name}", Path(entry.path).read_text(encoding="utf-8")


def state(root: Path) -> dict[str, tuple[int, int]]:
    """Every file of a project's rules and profiles with its size and time of change.

    Two states that are equal hold the same texts, as far as the machine's clock can tell.
    """
    found: dict[str, tuple[int, int]] = {}
    folders = [root / "rules", root / "profiles"]
    while folders:
        for entry in _entries(folders.pop()):
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                status = entry.stat()
            except OSError:  # it went away meanwhile, or is a link that leads nowhere
                continue
            found[entry.path] = (status.st_size, status.st_mtime_ns)
    return found


def is_link(root: Place, name: str) -> bool:
    """Whether a file of the project is but a link to another."""
    return store_of(root).is_link(name)


def exists(root: Place, name: str) -> bool:
    """Whether anything has this name in the project, a broken link included."""
    return store_of(root).exists(name)


def read(root: Place, name: str, limit: int = MAX_FILE) -> bytes | Diagnostic:
    """The bytes of one file of the project, or why it is refused.

    Args:
        root: the project folder, or whatever else the project is read from.
        name: relative to it, with `/`; opened literally.
        limit: the most bytes that are read.

    Raises:
        OSError: where the machine fails; a file that is not what it should be is a diagnostic.
    """
    return store_of(root).read(name, limit)


def read_named(path: Path, name: str, limit: int = MAX_TABLE) -> bytes | Diagnostic:
    """The bytes of a file that somebody named on the command line, wherever it lies.

    Args:
        path: the file.
        name: what messages call it.
        limit: the most bytes that are read.

    Raises:
        OSError: where the machine fails.
    """
    real = Path(os.path.realpath(path))
    data = read(real.parent, real.name, limit)
    if isinstance(data, Diagnostic):
        help = "keep what is to be read in a file of its own" if data.code == "E008" else data.help
        return replace(data, span=Span(name, 0, 0), help=help)
    return data


def place_in_rules(root: Path, path: Path) -> tuple[str, ...]:
    """Where in `rules/` of a project a file lies: its folders there and its name; else nothing."""
    rules, target = Path(os.path.realpath(root / "rules")), Path(os.path.realpath(path))
    return target.relative_to(rules).parts if target.is_relative_to(rules) else ()


def same(one: Place, other: Place, folder: str, sources: Sources) -> bool:
    """Whether a folder holds the same files in two places.

    Args:
        one, other: projects.
        folder: relative to either.
        sources: the files in it that were read from the other place.
    """
    here, there = (store_of(each).entries(folder.rstrip("/")) for each in (one, other))
    if here != there:
        return False
    return all(
        not isinstance(data, Diagnostic) and read_text(name, data)[0].text == source.text
        for name, source in sources.items()
        for data in [read(one, name, MAX_TABLE)]
    )


def read_source(
    root: Place, name: str, sources: Sources, limit: int = MAX_FILE
) -> tuple[Source | None, list[Diagnostic]]:
    """The text of one file of the project, kept in `sources`, and what is wrong with it."""
    data = read(root, name, limit)
    if isinstance(data, Diagnostic):
        return None, [data]
    source, found = read_text(name, data)
    sources[name] = source
    return source, found


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from sorted(entries, key=lambda entry: entry.name)
