"""Writing: a file or a folder is there whole, or as it was before.

What is written is made beside its place under a hidden name, synced, and renamed in one step; then
the folder is synced. A writer that was killed leaves the hidden part behind; it held a lock on it,
and the system has let go of that, so the next writer of the same place knows it for dead and
removes it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bareme.files.reading import RULES_ENDING, place_in_rules

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed: no lock is needed
    fcntl = None  # type: ignore[assignment]

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
_PART = ".part"
_LONGEST = 40  # characters of the name that the hidden one repeats


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


def unwritable_rules(root: Path, path: Path, over: bool) -> str:
    """Why a new file of rules is not written there; empty where it may be.

    Args:
        root: the project folder.
        path: the file; in `rules/` it stands right in the folder of a framework.
        over: whether a file that is there is replaced.
    """
    shown = repr(str(path))
    if not path.name.endswith(RULES_ENDING) or path.name.startswith("."):
        return f"{shown} is no name for rules, which end in {RULES_ENDING}"
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root / "profiles")):
        return f"{shown} lies in profiles/, which holds answers"
    if os.path.islink(path) or (os.path.lexists(path) and not os.path.isfile(path)):
        return f"{shown} is not a regular file"
    if os.path.lexists(path) and not over:
        return f"{shown} is there already"
    inside = place_in_rules(root, path)
    if inside and len(inside) != 2:
        return (
            f"{shown} does not stand in the folder of a framework, as in rules/ports/ports.bareme"
        )
    if not path.parent.is_dir() and not (inside and _may_begin(root, path)):
        return f"there is no folder {str(path.parent)!r}"
    return ""


def _may_begin(root: Path, path: Path) -> bool:
    """Whether the folders of a new framework are free to be created."""
    missing = _first_missing(path)
    return root.is_dir() and missing.parent.is_dir() and not os.path.lexists(missing)


def _first_missing(path: Path) -> Path:
    """The outermost of a file's folders that is not there."""
    folders = [each for each in path.absolute().parents if not each.is_dir()]
    return folders[-1]


def write_in_new_folder(path: Path, data: bytes) -> None:
    """Write a whole file or nothing, with the folders that it needs.

    Raises:
        OSError: where that fails, naming `path`; what stood there before still does.
    """
    with _naming(path):
        if path.parent.is_dir():
            write(path, data)
        else:
            folder = _first_missing(path)
            create_folder(folder, {path.absolute().relative_to(folder).as_posix(): data})


def refused_folder(path: Path) -> str:
    """Why no folder is created there; empty where one may be."""
    if os.path.lexists(path):
        return f"there is something named {str(path)!r} already"
    if not path.absolute().parent.is_dir():
        return f"there is no folder {str(path.parent)!r}"
    return ""


def write(path: Path, data: bytes) -> None:
    """Write a whole file or nothing, through a link to the file that it names.

    Raises:
        OSError: where that fails, naming `path`; what stood there before still does.
    """
    with _naming(path):
        target = Path(os.path.realpath(path))
        _remove_dead(target)
        part, handle = _new_part(target)
        try:
            with ExitStack() as open_part:
                open_part.callback(os.close, handle)
                _fill(handle, data)
                os.chmod(part, _mode(target))
                os.fsync(handle)
                if fcntl is None:
                    open_part.close()  # Windows renames no open file
                os.replace(part, target)  # still locked, so that nobody takes it for a dead one's
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(part)
            raise
        _sync_folder(target.parent)


def create_folder(path: Path, contents: Mapping[str, bytes]) -> None:
    """Create a folder with everything in it, or nothing.

    Args:
        path: where nothing stands yet.
        contents: by name relative to the folder, with `/`.

    Raises:
        OSError: where that fails, naming `path`.
    """
    with _naming(path):
        target = path.absolute()
        _remove_dead(target)
        part = target.with_name(f".{target.name[:_LONGEST]}.{os.getpid()}{_PART}")
        os.mkdir(part)
        handle = None
        try:
            handle = _locked(part)
            for name, data in contents.items():
                (part / name).parent.mkdir(parents=True, exist_ok=True)
                file = os.open(part / name, _NEW, 0o666)
                try:
                    _fill(file, data)
                    os.fsync(file)
                finally:
                    os.close(file)
            for folder in _folders_of(part, contents):
                _sync_folder(folder)
            os.rename(part, target)
        except BaseException:
            _remove_tree(part)
            raise
        finally:
            if handle is not None:
                os.close(handle)
        _sync_folder(target.parent)


def _new_part(target: Path) -> tuple[str, int]:
    """A new hidden file beside the target, locked, with its open handle."""
    for attempt in range(10_000):
        part = f"{target.parent}{os.sep}.{target.name[:_LONGEST]}.{os.getpid()}-{attempt}{_PART}"
        try:
            handle = os.open(part, _NEW, 0o600)
        except FileExistsError:
            continue
        try:
            if fcntl is None:
                return part, handle
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:  # else somebody took it for dead before it was locked
                return part, handle
        except BaseException:
            os.close(handle)
            with suppress(FileNotFoundError):
                os.unlink(part)
            raise
        os.close(handle)
    raise FileExistsError(f"too many parts of {target.name!r}")


def _fill(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def _locked(folder: Path) -> int | None:
    """A locked handle on a folder, where the system has such."""
    if fcntl is None:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _remove_dead(target: Path) -> None:
    """Remove parts of this target whose writer is no more; what cannot be removed stays."""
    start = f".{target.name[:_LONGEST]}."
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if entry.name.startswith(start) and entry.name.endswith(_PART):
                with suppress(OSError), _held_alone(entry.path):
                    if entry.is_dir(follow_symlinks=False):
                        _remove_tree(Path(entry.path))
                    else:
                        os.unlink(entry.path)


@contextmanager
def _held_alone(path: str) -> Iterator[None]:
    """Hold a part that no writer holds.

    Raises:
        OSError: where one does.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # A writer that was done in the meantime may have given the name to its next part.
        if not os.path.samestat(os.fstat(handle), os.lstat(path)):
            raise FileNotFoundError(path)
        yield
    finally:
        os.close(handle)


def _remove_tree(folder: Path) -> None:
    """Remove a folder of our own making: no links are in it."""
    for path, folders, names in os.walk(folder, topdown=False):
        for name in names:
            os.unlink(os.path.join(path, name))
        for name in folders:
            os.rmdir(os.path.join(path, name))
    with suppress(FileNotFoundError):
        os.rmdir(folder)


def _folders_of(root: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Every folder that holds one of the contents, the deepest first."""
    found = {parent for name in contents for parent in (root / name).relative_to(root).parents}
    return [root / each for each in sorted(found, key=lambda each: len(each.parts), reverse=True)]


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


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let a failure name what was to be written, and not a hidden part of it."""
    try:
        yield
    except OSError as failed:
        raise OSError(failed.errno, failed.strerror or str(failed), str(path)) from failed
