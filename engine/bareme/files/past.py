"""What each revision of a project's repository made of its files, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from bareme.audit.history import Edit
from bareme.diagnostics import Diagnostic
from bareme.files.reading import MAX_TABLE
from bareme.files.revisions import NoRevision, Repository
from bareme.files.stores import Place, Store


class Past:
    """The past of some files of a project.

    Args:
        root: the project folder.
        texts: the files as they stand now.

    Raises:
        NoRevision: where the folder is in no repository, or there is no revision yet.
    """

    def __init__(self, root: Place, texts: Mapping[str, str]) -> None:
        if not isinstance(root, Path):
            raise NoRevision("only a project folder has a history")
        self._repository = Repository(root)
        self._texts = texts
        self.cut = ""  # the revision that a shallow copy goes no further back than
        head = self._repository.at("HEAD")
        self._head = {name: _text(head, name) for name in texts}

    @property
    def untracked(self) -> tuple[str, ...]:
        """The files that the newest revision does not have."""
        return tuple(name for name, text in self._head.items() if text is None)

    def edits(self) -> Iterator[Edit]:
        """What is not committed, then what every revision made of the files that it changed."""
        for name, now in self._texts.items():
            committed = self._head[name]
            if committed is not None and committed != now:
                yield Edit("", "", "", "", name, committed, now)
        tracked = [name for name, text in self._head.items() if text is not None]
        for revision in self._repository.log(tracked) if tracked else ():
            after = self._repository.at(revision.id)
            try:
                before = self._repository.before(revision.id)
            except NoRevision:
                self.cut = revision.id
                continue
            made = revision.id, revision.date, revision.author, revision.subject
            for name in tracked:
                then = _text(after, name)
                was = _text(before, name) if before else None
                if then != was:
                    yield Edit(*made, name, was, then)


def _text(store: Store, name: str) -> str | None:
    """A file at a revision; None where it is not there."""
    data = store.read(name, MAX_TABLE)
    if isinstance(data, Diagnostic):
        return None
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
