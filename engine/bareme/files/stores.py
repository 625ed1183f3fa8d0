"""Where the files of a project are read from: a folder, or files that are held by name.

A store is read and never written. Names are relative to the project, with `/`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from bareme.diagnostics import Diagnostic, counted
from bareme.record import Record
from bareme.source import Span


class Entry(Record):
    """One name in a folder of a store.

    Attributes:
        name: its own, not its path.
        folder: whether it is a folder that lies inside the project.
        leads_out: whether it is a folder, but a link that leads outside.
    """

    name: str
    folder: bool
    leads_out: bool = False


class Store:
    """Where the files of one project are read from."""

    def entries(self, folder: str) -> list[Entry]:
        """What stands in a folder, sorted by name, hidden names left out; nothing if there is none.

        Args:
            folder: relative to the project; empty for the project itself.
        """
        raise NotImplementedError

    def exists(self, name: str) -> bool:
        """Whether anything has this name, a broken link included."""
        raise NotImplementedError

    def is_link(self, name: str) -> bool:
        """Whether a file is but a link to another."""
        raise NotImplementedError

    def read(self, name: str, limit: int) -> bytes | Diagnostic:
        """The bytes of one file, or why it is refused.

        Args:
            name: opened literally.
            limit: the most bytes that are read.

        Raises:
            OSError: where the machine fails; a file that is not what it should be is a diagnostic.
        """
        raise NotImplementedError


class Folder(Store):
    """A project folder on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def entries(self, folder: str) -> list[Entry]:
        """What stands in a folder on disk."""
        try:
            with os.scandir(self.root / folder) as found:
                entries = [
                    (entry.name, entry.path, os.path.isdir(entry.path))
                    for entry in found
                    if not entry.name.startswith(".")
                ]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [
            Entry(name, inside, is_folder and not inside)
            for name, path, is_folder in sorted(entries)
            for inside in [is_folder and self._inside(Path(path))]
        ]

    def exists(self, name: str) -> bool:
        """Whether anything has this name, a broken link included."""
        return os.path.lexists(self.root / name)

    def is_link(self, name: str) -> bool:
        """Whether a file is but a link to another."""
        return os.path.islink(self.root / name)

    def read(self, name: str, limit: int) -> bytes | Diagnostic:
        """The bytes of one regular file inside the project."""
        path = self.root / name
        if not self._inside(path):
            return refuse(name, "it lies outside the project folder", "copy the file itself here")
        try:
            # Non-blocking, so that a FIFO is refused instead of waited for.
            handle = os.open(
                path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            )
        except FileNotFoundError:
            return refuse(name, "there is no such file", "")
        except OSError as failed:
            if failed.errno == errno.ELOOP:
                return refuse(name, "it is a link that leads back to itself", "")
            if failed.errno == errno.ENXIO:  # a socket
                return refuse(name, "it is not a regular file", "")
            raise
        try:
            status = os.fstat(handle)
            if stat.S_ISDIR(status.st_mode):
                return refuse(
                    name, "it is a folder", "give the folder another name, or take it away"
                )
            if not stat.S_ISREG(status.st_mode):
                return refuse(name, "it is not a regular file", "")
            if status.st_size > limit:
                return too_long(name, status.st_size, limit)
            with os.fdopen(os.dup(handle), "rb") as file:
                return file.read(limit + 1)
        finally:
            os.close(handle)

    def _inside(self, path: Path) -> bool:
        # Not Path.resolve, which fails on a link that leads back to itself.
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))


class Held(Store):
    """Files held by name, as those of a sealed edition are."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    @cached_property
    def _below(self) -> Mapping[str, list[Entry]]:
        return entries_by_folder(self.files)

    def entries(self, folder: str) -> list[Entry]:
        """What stands in a folder, as the names of the files tell."""
        return self._below.get(folder, [])

    def exists(self, name: str) -> bool:
        """Whether there is such a file or folder."""
        return name in self.files or name in self._below

    def is_link(self, name: str) -> bool:
        """Whether a file is but a link to another; none is."""
        del name
        return False

    def read(self, name: str, limit: int) -> bytes | Diagnostic:
        """The bytes of one file."""
        data = self.files.get(name)
        if data is None:
            return refuse(name, "there is no such file", "")
        return data if len(data) <= limit else too_long(name, len(data), limit)


Place = Path | Store
"""A project folder, or whatever else a project is read from."""


def store_of(place: Place) -> Store:
    return Folder(place) if isinstance(place, Path) else place


def entries_by_folder(names: Iterable[str]) -> dict[str, list[Entry]]:
    """What stands in each folder, hidden names left out, as paths tell."""
    found: dict[str, dict[str, bool]] = {}
    for name in names:
        parts = name.split("/")
        for depth, part in enumerate(parts):
            is_folder = depth < len(parts) - 1
            below = found.setdefault("/".join(parts[:depth]), {})
            below[part] = below.get(part, False) or is_folder
    return {
        folder: [
            Entry(name, is_folder)
            for name, is_folder in sorted(below.items())
            if not name.startswith(".")
        ]
        for folder, below in found.items()
    }


def refuse(name: str, why: str, help: str, code: str = "E007") -> Diagnostic:
    """A file that is not read."""
    return Diagnostic(code, f"this file is not read: {why}", Span(name, 0, 0), help)


def too_long(name: str, size: int, limit: int) -> Diagnostic:
    """A file that is longer than the limit."""
    return refuse(
        name,
        f"it has {counted(size, 'byte')}; a file has at most {limit:,}",
        "split it: a framework may have any number of files",
        code="E008",
    )
