"""What speaks for where a sealed edition comes from: a hash from elsewhere, a signature."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bareme.audit.signature import (
    NAMESPACE,
    NoLibrary,
    NoSignature,
    Signature,
    Signer,
    holds,
    read_signature,
    read_signers,
    signer_of,
)
from bareme.audit.verified import Verified
from bareme.diagnostics import Diagnostic, quote
from bareme.record import replace
from bareme.source import Source, Span

SIGNATURE_ENDING = ".sig"
_HASH = re.compile("[0-9a-f]{64}")


def is_hash(text: str) -> bool:
    """Whether a text is a SHA-256 as programs print it."""
    return _HASH.fullmatch(text.lower()) is not None


def held_to_hash(checked: Verified, sha256: str) -> Verified:
    """Hold a sealed edition against a hash of it that somebody has from elsewhere."""
    if checked.sha256 == sha256.lower():
        return replace(checked, origin=replace(checked.origin, by_hash=True))
    said = f"the hash of this file is {checked.sha256}, not {sha256.lower()}"
    help = "this is not the file that the hash is of"
    found = Diagnostic("P604", said, Span(checked.file, 0, 0), help)
    return replace(checked, found=(*checked.found, found))


def allowed_signers(source: Source) -> tuple[list[Signer], list[Diagnostic]]:
    """The signers that a file of them allows, and its lines that are not read."""
    signers, unread = read_signers(source.text)
    found = []
    for number, why in unread:
        start = source.line_start(number)
        span = Span(source.name, start, start + len(source.line(number)))
        found.append(Diagnostic("W601", f"this signer is not read: {why}", span))
    return signers, found


def held_to_signature(
    checked: Verified, data: bytes, signed: bytes | None, signers: Sequence[Signer] | None
) -> Verified:
    """Check the signature of a sealed edition, where there is one.

    Args:
        checked: the edition.
        data: the whole file.
        signed: the file beside it whose name ends in `.sig`; None where there is none.
        signers: who may sign; None where nobody has said.
    """
    place = Span(f"{checked.file}{SIGNATURE_ENDING}", 0, 0)

    def no(said: str, help: str = "") -> Verified:
        return replace(checked, found=(*checked.found, Diagnostic("P605", said, place, help)))

    if signed is None:
        if signers is None:
            return checked
        return no("there is no signature", f"`ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE` signs")
    try:
        signature = read_signature(signed)
        if not holds(signature, data):
            return no("this is not a signature of the file beside it: one of them was changed")
    except NoSignature as odd:
        return no(f"this is no signature that can be read: {odd}")
    except NoLibrary:
        return _unchecked(checked, place, asked=signers is not None)
    if signature.namespace != NAMESPACE:
        said = f"this signature is for {quote(signature.namespace)}, not for `{NAMESPACE}`"
        return no(said, f"`ssh-keygen -Y sign -n {NAMESPACE} -f KEY FILE` signs for it")
    return _by(checked, signature, signers, place)


def _by(
    checked: Verified, signature: Signature, signers: Sequence[Signer] | None, place: Span
) -> Verified:
    origin = replace(checked.origin, key=signature.fingerprint)
    if signers is None:
        return replace(checked, origin=origin)
    signer = signer_of(signature, signers)
    if signer is None:
        said = f"the key that signed this, {signature.fingerprint}, is of nobody who may sign"
        found = Diagnostic("P605", said, place, "is the file of `--signers` the right one?")
        return replace(checked, origin=origin, found=(*checked.found, found))
    return replace(checked, origin=replace(origin, signed_by=signer.who))


def _unchecked(checked: Verified, place: Span, asked: bool) -> Verified:
    why = "the library that checks signatures is not installed"
    if asked:
        help = "`pip install 'bareme[sign]'` brings it"
        found = Diagnostic("E607", f"this signature cannot be checked: {why}", place, help)
        return replace(checked, found=(*checked.found, found))
    return replace(checked, origin=replace(checked.origin, unchecked=why))
