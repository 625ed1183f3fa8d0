"""What came of verifying one sealed edition: what was checked, and what is not as it was."""

from __future__ import annotations

from bareme.audit.sealed import Head
from bareme.diagnostics import Diagnostic
from bareme.record import Record
from bareme.source import Sources


class Origin(Record):
    """What speaks for where a sealed edition comes from.

    Attributes:
        by_hash: it has the hash that was given.
        signed_by: who signed it, by an `allowed_signers` file; empty where nobody is known to.
        key: the fingerprint of the key that signed it; empty where there is no signature.
        unchecked: why a signature that is there was not checked.
    """

    by_hash: bool = False
    signed_by: str = ""
    key: str = ""
    unchecked: str = ""

    @property
    def proved(self) -> bool:
        return self.by_hash or bool(self.signed_by)


class Verified(Record):
    """One sealed edition, checked and recomputed.

    Attributes:
        file: what messages call it.
        sha256: of the whole file.
        head: what its manifest says; None where it cannot be read.
        found: everything that is not as it was sealed, or not as it is recomputed.
        recomputed: whether there are figures to compare with.
        entities, figures: how many were recomputed.
        differ: how many of the figures differ.
        depend: the figures that differ, of whatever entity, in the order of the rules.
        links: how many answers and given scores name a source that is not in the seal.
        evidence: how many files of evidence are in it.
        against: what it was held against, line by line; empty where that was not asked.
    """

    file: str
    sha256: str
    head: Head | None
    found: tuple[Diagnostic, ...]
    sources: Sources
    recomputed: bool = False
    entities: int = 0
    figures: int = 0
    differ: int = 0
    depend: tuple[str, ...] = ()
    links: int = 0
    evidence: int = 0
    origin: Origin = Origin()
    against: str = ""
