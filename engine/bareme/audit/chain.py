"""Sealed editions as a chain: each names the one before it by the hash of that whole file."""

from __future__ import annotations

from collections.abc import Sequence

from bareme.audit.sealed import Head
from bareme.diagnostics import Diagnostic, quote
from bareme.record import Record
from bareme.source import Span


class Given(Record):
    """A sealed edition as somebody handed it over.

    Attributes:
        file: what messages call it.
        sha256: of the whole file.
    """

    file: str
    sha256: str
    head: Head


def check_chain(given: Sequence[Given]) -> list[Diagnostic]:
    """What is wrong with sealed editions that are said to follow each other, the oldest first."""
    return [each for at, this in enumerate(given) for each in check_next(given[:at], this)]


def check_next(before: Sequence[Given], this: Given) -> list[Diagnostic]:
    """Whether an edition follows those before it, the oldest first."""
    said = _fault(before, this) if before else ""
    return [Diagnostic("P603", said, Span(this.file, 0, 0))] if said else []


def _fault(before: Sequence[Given], this: Given) -> str:
    """Why an edition does not follow those before it; empty where it does."""
    last = before[-1]
    here, there = this.head, last.head
    if here.framework != there.framework:
        return (
            f"mix-and-match: this is of framework {quote(here.framework)}, the one before of "
            f"{quote(there.framework)}"
        )
    if here.previous and here.previous.sha256 == last.sha256:
        if here.previous.edition != there.edition:
            return (
                f"mix-and-match: this names {quote(here.previous.edition)} as the edition before "
                f"it, and that is {quote(there.edition)}"
            )
        return _older(this, last)
    if older := _seen(before, this):
        return older
    links = [each.head.previous.sha256 for each in before if each.head.previous]
    named = here.previous.sha256 if here.previous else None
    if named is not None and (named in links or named in [each.sha256 for each in before]):
        assert here.previous is not None
        return (
            f"fork: this and {quote(last.file)} are two successors of "
            f"{quote(here.previous.edition)}"
        )
    if older := _older(this, last):
        return older
    if here.previous is None:
        return f"gap: this names no edition before it, and {quote(last.file)} stands before it"
    return (
        f"gap: this comes after a sealed {quote(here.previous.edition)} that is not given "
        f"(sha256 {here.previous.sha256})"
    )


def _seen(before: Sequence[Given], this: Given) -> str:
    """Whether an edition was there already, as a file or as the one that a file names."""
    for each in before:
        link = each.head.previous
        if each.sha256 == this.sha256 or (link and link.sha256 == this.sha256):
            newest = before[-1].head.edition
            return f"rollback: {quote(this.head.edition)} is older than {quote(newest)}, before it"
    return ""


def _older(this: Given, last: Given) -> str:
    if this.head.order >= last.head.order:
        return ""
    return (
        f"rollback: {quote(this.head.edition)} is older than {quote(last.head.edition)}, before it"
    )
