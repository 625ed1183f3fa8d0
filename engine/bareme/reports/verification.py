"""What came of verifying sealed editions, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from bareme.audit.verified import Verified
from bareme.diagnostics import counted, escape, listing, quote
from bareme.reports.lines import TextLine, line
from bareme.reports.machine import Json


def verification_lines(checked: Sequence[Verified], engine: str, verified: bool) -> list[TextLine]:
    """One line an edition that says whether it is what was sealed, then what was checked.

    Args:
        checked: the editions, the oldest first.
        engine: the version that recomputed them.
        verified: whether nothing at all is amiss, the chain included.
    """
    lines: list[TextLine] = []
    for each in checked:
        lead = f"{escape(each.file)}: " if len(checked) > 1 else ""
        lines.append(line(lead, _outcome(each, engine)))
    if verified:
        lines += [line(text) for text in _of_chain(checked, engine)]
        lines += [line(text) for text in _of_origin(checked[-1])]
    return lines


def _outcome(checked: Verified, engine: str) -> tuple[str, str]:
    if not checked.found:
        return (
            f"Seal intact. Recomputed {counted(checked.entities, 'entity', 'entities')}, "
            f"{counted(checked.figures, 'figure')} with bareme {engine}: 0 differ.",
            "good",
        )
    if checked.differ:
        differ = f"{checked.differ:,} of {counted(checked.figures, 'figure')}"
        said = f"Not verified. Recomputed with bareme {engine}, {differ} differ: "
        return said + listing(checked.depend), "poor"
    if checked.recomputed:
        figures = counted(checked.figures, "figure")
        return f"Not verified. Recomputed {figures} with bareme {engine}: 0 differ.", "poor"
    return "Not verified. Nothing was recomputed.", "poor"


def _of_chain(checked: Sequence[Verified], engine: str) -> list[str]:
    """How the editions hang together, and what the first of them names that was not given."""
    heads = [each.head for each in checked if each.head]
    others = sorted({head.engine for head in heads} - {engine})
    lines = [f"Sealed with bareme {', '.join(others)}."] if others else []
    if len(checked) > 1:
        editions = ", ".join(each.head.edition for each in checked if each.head)
        lines.append(f"Chain intact: {editions}, each sealed after the one before.")
    first = checked[0].head
    if first and first.previous:
        before = first.previous
        lines.append(f"Sealed after {before.edition}, sha256 {before.sha256}: not given, not read.")
    return lines


def _of_origin(newest: Verified) -> list[str]:
    """Where the newest edition comes from, as far as that was checked; and what was not."""
    origin = newest.origin
    lines = [f"sha256 {newest.sha256}"]
    if newest.against:
        lines.append(f"Every line is as in {quote(newest.against)}.")
    if origin.by_hash:
        lines.append("Origin: it has the hash that was given.")
    if origin.signed_by:
        lines.append(f"Origin: signed by {origin.signed_by}, key {origin.key}.")
    elif origin.key:
        lines.append(f"Signed by the key {origin.key}; whose that is was not checked (--signers).")
    elif origin.unchecked:
        lines.append(f"Its signature was not checked: {origin.unchecked}.")
    if not origin.proved:
        lines.append("Where it comes from was not checked: anyone can seal (--hash, --signers).")
    if newest.evidence:
        lines.append(f"{counted(newest.evidence, 'file')} of evidence as sealed.")
    if newest.links:
        said = f"{counted(newest.links, 'source')} named and not in the seal"
        lines.append(f"{said}: not verified.")
    return lines


def verification_json(checked: Verified, engine: str) -> Json:
    """One edition as JSON; its messages stand beside it."""
    head, origin = checked.head, checked.origin
    before = head.previous if head else None
    return {
        "file": checked.file,
        "sha256": checked.sha256,
        "verified": not checked.found,
        "framework": head.framework if head else None,
        "edition": head.edition if head else None,
        "date": (head.date or None) if head else None,
        "sealed_with": head.engine if head else None,
        "previous": {"edition": before.edition, "sha256": before.sha256} if before else None,
        "recomputed_with": engine if checked.recomputed else None,
        "entities": checked.entities,
        "figures": checked.figures,
        "differ": checked.differ,
        "figures_that_differ": list(checked.depend),
        "evidence": checked.evidence,
        "links_not_verified": checked.links,
        "by_hash": origin.by_hash,
        "signed_by": origin.signed_by or None,
        "key": origin.key or None,
    }
