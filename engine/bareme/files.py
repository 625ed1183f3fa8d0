"""The only room that opens files.

Reads stay inside the project folder: only regular files, opened by their literal name, never
through a link that leads outside, and never more than the limit. A write is whole or absent.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bareme.diagnostics import Diagnostic, counted, quote
from bareme.source import Span

MAX_FILE = 1 << 20
MAX_RULES = 8 << 20
RULES_ENDING = ".bareme"
PROFILE_ENDING = ".yaml"
EDITION_FILE = "edition.yaml"


def folders(root: Path, *below: str) -> list[str]:
    """The names of the folders in a folder of the project, sorted; hidden ones left out."""
    return [
        entry.name
        for entry in _entries(root.joinpath(*below))
        if os.path.isdir(entry.path) and _inside(root, Path(entry.path))
    ]


def rule_files(root: Path, framework: str) -> list[str]:
    """The rule files of a framework, relative to the project, sorted by name."""
    return [
        f"rules/{framework}/{entry.name}"
        for entry in _entries(root / "rules" / framework)
        if entry.name.endswith(RULES_ENDING)
    ]


def profile_files(root: Path, framework: str, edition: str) -> tuple[list[str], list[Diagnostic]]:
    """The profiles of an edition, relative to the project, sorted by name.

    Returns:
        The files, and a warning for each file that looks like data and is not read.
    """
    folder = f"profiles/{framework}/{edition}"
    names = [entry.name for entry in _entries(root / folder)]
    unread = [
        Diagnostic(
            "W405",
            f"{quote(name)} is not read: profiles end in `.yaml`",
            Span(f"{folder}/{name}", 0, 0),
            f"rename it to `{Path(name).stem}.yaml`" if name.endswith(".yml") else "",
        )
        for name in names
        if Path(name).suffix.lower() in (".yml", ".csv", ".json", ".xlsx", ".parquet", ".tsv")
        or (name.lower().endswith(".yaml") and not name.endswith(PROFILE_ENDING))
    ]
    wanted = [n for n in names if n.endswith(PROFILE_ENDING) and n != EDITION_FILE]
    return [f"{folder}/{name}" for name in wanted], unread


def exists(root: Path, name: str) -> bool:
    """Whether anything has this name in the project, a broken link included."""
    return os.path.lexists(root / name)


def read(root: Path, name: str, limit: int = MAX_FILE) -> bytes | Diagnostic:
    """The bytes of one file of the project, or why it is refused.

    Args:
        root: the project folder.
        name: relative to it, with `/`; opened literally.
        limit: the most bytes that are read.

    Raises:
        OSError: where the machine fails; a file that is not what it should be is a diagnostic.
    """
    path = root / name
    if not _inside(root, path):
        return _refuse(name, "it lies outside the project folder", "copy the file itself here")
    try:
        # Non-blocking, so that a FIFO is refused instead of waited for.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except FileNotFoundError:
        return _refuse(name, "there is no such file", "")
    except OSError as failed:
        if failed.errno == errno.ELOOP:
            return _refuse(name, "it is a link that leads back to itself", "")
        if failed.errno == errno.ENXIO:  # a socket
            return _refuse(name, "it is not a regular file", "")
        raise
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return _refuse(name, "it is not a regular file", "")
        if status.st_size > limit:
            return _refuse(
                name,
                f"it has {counted(status.st_size, 'byte')}; a file has at most {limit:,}",
                "split it: a framework may have any number of files",
                code="E008",
            )
        with os.fdopen(os.dup(handle), "rb") as file:
            return file.read(limit + 1)
    finally:
        os.close(handle)


def unwritable(root: Path, path: Path) -> str:
    """Why results are not written there; empty where they may be.

    Rules and profiles are never overwritten, and nothing but a regular file is replaced.
    """
    target = Path(os.path.realpath(path))
    for kept in ("rules", "profiles"):
        if target.is_relative_to(os.path.realpath(root / kept)):
            return f"{str(path)!r} lies in {kept}/, which holds what results are made from"
    if not target.parent.is_dir():
        return f"there is no folder {str(path.parent)!r}"
    if target.exists() and not target.is_file():
        return f"{str(path)!r} is not a regular file; without -o results are printed"
    return ""


def write(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: a synced temporary beside it, then one rename.

    Raises:
        OSError: where that fails; what stood there before still does.
    """
    path = Path(os.path.realpath(path))  # through a link, to the file that it names
    folder = path.parent
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _mode(path: Path) -> int:
    """The mode a file there would have: that of the old one, else what the umask leaves."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows has no handle on a folder to sync
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from sorted(entries, key=lambda entry: entry.name)


def _inside(root: Path, path: Path) -> bool:
    # Not Path.resolve, which fails on a link that leads back to itself.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _refuse(name: str, why: str, help: str, code: str = "E007") -> Diagnostic:
    return Diagnostic(code, f"this file is not read: {why}", Span(name, 0, 0), help)
