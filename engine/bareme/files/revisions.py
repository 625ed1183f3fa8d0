"""A project as it stood at a revision of its git repository; needs the library dulwich.

Only objects are read: no hook, filter or other program of the repository is run, and nothing in it
is written.
"""

from __future__ import annotations

import os
import re
import stat
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bareme.diagnostics import Diagnostic, quote
from bareme.files.stores import Entry, Store, refuse, too_long
from bareme.record import Record

if TYPE_CHECKING:
    from dulwich.objects import Commit, Tree
    from dulwich.repo import Repo

_STEPS = re.compile(r"(?:[~^][0-9]*)+$")  # back from a revision: `~2`, `^`

MISSING = "reading revisions needs the library dulwich: pip install 'bareme[git]'"


class NoRevision(LookupError):
    """There is no repository, or no such revision in it; its text is a sentence."""


class Revision(Record):
    """One revision: what names it, who made it and when, and the first line of its message."""

    id: str
    author: str
    date: str  # as `2024-03-09`, where its author was
    subject: str

    @property
    def short(self) -> str:
        return self.id[:10]


class RevisionStore(Store):
    """The files of a project at one revision."""

    def __init__(self, repository: Repository, commit: Commit) -> None:
        self.revision = _described(commit)
        self._repository = repository  # open as long as this is read
        self._repo = repository.repo
        self._trees: dict[str, Tree | None] = {"": repository.tree_of(commit)}

    def _tree(self, folder: str) -> Tree | None:
        from dulwich.objects import Tree

        if folder not in self._trees:
            mode, sha = self._at(folder)
            found = self._repo[sha] if sha and stat.S_ISDIR(mode) else None
            self._trees[folder] = found if isinstance(found, Tree) else None
        return self._trees[folder]

    def _at(self, name: str) -> tuple[int, bytes | None]:
        """The mode and the object of one name; no object where there is none."""
        above, _, last = name.rpartition("/")
        tree = self._tree(above)
        key = last.encode("utf-8", "surrogateescape")
        if tree is None or key not in tree:
            return 0, None
        return tree[key]

    def entries(self, folder: str) -> list[Entry]:
        """What stands in a folder at this revision."""
        tree = self._tree(folder)
        found = [
            Entry(os.fsdecode(item.path), stat.S_ISDIR(item.mode))
            for item in (tree.items() if tree else ())
            if item.path is not None and item.mode is not None
        ]
        return sorted((e for e in found if not e.name.startswith(".")), key=lambda e: e.name)

    def exists(self, name: str) -> bool:
        """Whether anything has this name at this revision."""
        return self._at(name)[1] is not None

    def is_link(self, name: str) -> bool:
        """Whether a file is but a link to another."""
        return stat.S_ISLNK(self._at(name)[0])

    def read(self, name: str, limit: int) -> bytes | Diagnostic:
        """The bytes of one regular file at this revision."""
        mode, sha = self._at(name)
        if sha is None:
            return refuse(name, "there is no such file", "")
        if stat.S_ISLNK(mode):
            return refuse(name, "it is a link, which a revision does not follow", "")
        if not stat.S_ISREG(mode):
            return refuse(name, "it is not a regular file", "")
        data: bytes = self._repo[sha].as_raw_string()
        return data if len(data) <= limit else too_long(name, len(data), limit)


class Repository:
    """The git repository that a project folder lies in.

    Args:
        root: the project folder.

    Raises:
        NoRevision: where it lies in none, or the library is not installed.
    """

    def __init__(self, root: Path) -> None:
        try:
            from dulwich.errors import NotGitRepository
            from dulwich.repo import Repo
        except ImportError:
            raise NoRevision(MISSING) from None
        real = os.path.realpath(root)
        try:
            self.repo: Repo = Repo.discover(real)
        except (NotGitRepository, ValueError):
            raise NoRevision("this folder is in no git repository") from None
        weakref.finalize(self, self.repo.close)
        below = os.path.relpath(real, os.path.realpath(self.repo.path))
        self._prefix = [] if below == "." else Path(below).parts

    def at(self, named: str) -> RevisionStore:
        """The project at a revision named as git names it: `HEAD~2`, a tag, a branch, an id.

        Raises:
            NoRevision: where there is no such revision.
        """
        return RevisionStore(self, self._commit(named))

    def log(self, names: Iterable[str], start: str = "HEAD") -> Iterator[Revision]:
        """The revisions that changed any of these files of the project, newest first.

        Raises:
            NoRevision: where there is no such revision to start from.
        """
        paths = ["/".join([*self._prefix, name]).encode() for name in names]
        walker = self.repo.get_walker(include=[self._commit(start).id], paths=paths)
        for entry in walker:
            yield _described(entry.commit)

    def before(self, id: str) -> RevisionStore | None:
        """The project at the first parent of a revision; None where it is the first."""
        parents = self._commit(id).parents
        return self.at(parents[0].decode()) if parents else None

    def tree_of(self, commit: Commit) -> Tree | None:
        """The folder of the project at a commit, if it was there."""
        from dulwich.objects import Tree

        found = self.repo[commit.tree]
        for part in self._prefix:
            assert isinstance(found, Tree)
            key = part.encode()
            if key not in found or not stat.S_ISDIR(found[key][0]):
                return None
            found = self.repo[found[key][1]]
        assert isinstance(found, Tree)
        return found

    def _commit(self, named: str) -> Commit:
        from dulwich.objectspec import AmbiguousShortId, parse_commit, parse_object

        base, steps = _STEPS.sub("", named), "".join(_STEPS.findall(named))
        wanted = (base if base != "@" else "HEAD").encode("utf-8", "surrogateescape")
        try:
            if not wanted or b"//" in wanted:
                raise KeyError(wanted)
            commit = parse_commit(self.repo, wanted)
            if steps:  # from this commit back
                found = parse_object(self.repo, commit.id + steps.encode())
                commit = parse_commit(self.repo, found.id)
        except AmbiguousShortId:
            raise NoRevision(f"several revisions start with {quote(named)}") from None
        except (KeyError, ValueError, AssertionError):
            raise NoRevision(f"there is no revision {quote(named)}") from None
        return commit


def _described(commit: Commit) -> Revision:
    made = (commit.author_time + commit.author_timezone) // _DAY
    author = commit.author.decode("utf-8", "replace").partition(" <")[0]
    subject = commit.message.decode("utf-8", "replace").partition("\n")[0]
    return Revision(commit.id.decode(), author, _date(made), subject)


_DAY = 24 * 60 * 60
_ERA = 146_097  # days in 400 years


def _date(days: int) -> str:
    """The day so many days after 1970-01-01; years are counted from March, the leap day last."""
    era, day = divmod(days + 719_468, _ERA)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    year += 400 * era + (month >= 10)
    return f"{year:04}-{(month + 2) % 12 + 1:02}-{day + 1:02}"
