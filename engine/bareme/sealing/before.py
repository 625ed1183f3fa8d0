"""The sealed edition before one."""

from __future__ import annotations

from pathlib import Path

from bareme import files
from bareme.audit.chain import Given
from bareme.audit.sealed import LIMITS, Limits, Sealed, hash_of, unpack
from bareme.diagnostics import Diagnostic, quote
from bareme.project import InputRefused, Rules
from bareme.record import replace
from bareme.source import Span


def opened(path: Path, file: str, limits: Limits = LIMITS) -> tuple[Sealed, str]:
    """A sealed edition, whole as far as its own hashes say, and the SHA-256 of the whole file.

    Its files are a project in memory: `files.Held(sealed.files)`.

    Args:
        path: the file.
        file: what messages call it.
        limits: how much of it is read.

    Raises:
        InputRefused: where it is not whole.
        OSError: where the machine fails.
    """
    data = files.read_named(path, file, limits.file)
    if isinstance(data, Diagnostic):
        raise InputRefused([data], {})
    sealed, found = unpack(file, data, limits)
    if sealed is None or found:
        raise InputRefused(found, {})
    return sealed, hash_of(data)


def given(path: Path, file: str, limits: Limits = LIMITS) -> Given:
    """A sealed edition that somebody named as the one before.

    Raises:
        InputRefused: where it cannot be.
        OSError: where the machine fails.
    """
    try:
        sealed, sha256 = opened(path, file, limits)
    except InputRefused as refused:
        found = [each if each.code[0] == "E" else replace(each, code="E605")
                 for each in refused.diagnostics]  # fmt: skip
        raise InputRefused(found, {}) from None
    return Given(file, sha256, sealed.head)


def newest_before(
    folder: Path, rules: Rules, edition: str, but: str, limits: Limits = LIMITS
) -> Given | None:
    """The newest earlier sealed edition of a framework in a folder; None where there is none.

    Args:
        folder: where the new one is to stand.
        rules: the framework.
        edition: that is to be sealed.
        but: the name of the new one, which is not looked at.
        limits: how much of each is read.

    Raises:
        InputRefused: where that cannot be told.
        OSError: where the machine fails.
    """
    date = rules.cohort(edition).edition.date
    there = [
        given(folder / name, name, limits) for name in files.sealed_files(folder) if name != but
    ]
    earlier = [
        each
        for each in there
        if each.head.framework == rules.name and each.head.order < (date or edition)
    ]
    named = {each.head.previous.sha256 for each in earlier if each.head.previous}
    newest = [each for each in earlier if each.head.order == max(e.head.order for e in earlier)]
    last = [each for each in newest if each.sha256 not in named]
    if len({each.sha256 for each in last}) > 1:
        said = f"this and {quote(last[1].file)} could both be the sealed edition before"
        why = "say which it is with `--after`, or move the other elsewhere"
        raise InputRefused([Diagnostic("E605", said, Span(last[0].file, 0, 0), why)], {})
    return last[0] if last else None
