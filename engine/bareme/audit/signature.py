"""SSH signatures of whole files, as `ssh-keygen -Y sign` writes them (OpenSSH, PROTOCOL.sshsig)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

from bareme.record import Record

NAMESPACE = "bareme"
"""What a signature of a sealed edition says it is for: `ssh-keygen -Y sign -n bareme`."""

MAX_SIGNATURE = 64 << 10

_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_SIGNER = re.compile(
    r'(?P<who>"[^"]*"|\S+)[ \t]+(?:(?P<options>(?!ssh-|ecdsa-|sk-)(?:[^\s"]|"[^"]*")+)[ \t]+)?'
    r"(?P<kind>[a-z0-9@.-]+)[ \t]+(?P<key>[A-Za-z0-9+/=]+)(?:[ \t].*)?"
)


class NoLibrary(Exception):
    """Signatures cannot be checked: the library for it is not installed."""


class NoSignature(Exception):
    """What cannot be read as a signature, in a few words."""


class Signature(Record):
    """A signature, and the public key that it is by.

    Attributes:
        key: as SSH spells it out.
        kind: of the key.
        algorithm: of the signature, and `proof` is the signature itself.
        reserved: for later versions of SSH, and signed as well.
        digest: the hash that is signed in place of the file.
    """

    key: bytes
    kind: str
    namespace: str
    reserved: bytes
    digest: bytes
    algorithm: str
    proof: bytes

    @property
    def fingerprint(self) -> str:
        """The key as `ssh-keygen -l` shows it."""
        found = base64.b64encode(hashlib.sha256(self.key).digest()).decode("ascii")
        return f"SHA256:{found.rstrip('=')}"


class Signer(Record):
    """One line of an `allowed_signers` file."""

    who: str
    key: bytes
    namespaces: tuple[str, ...]  # empty for any

    def may_sign(self, signature: Signature) -> bool:
        allowed = not self.namespaces or signature.namespace in self.namespaces
        return allowed and self.key == signature.key


def read_signature(data: bytes) -> Signature:
    """Read a `.sig` file.

    Raises:
        NoSignature: where it is none.
    """
    lines = data.decode("latin-1").replace("\r\n", "\n").strip().split("\n")
    if lines[0] != _BEGIN or lines[-1] != _END:
        raise NoSignature(f"its first line is not `{_BEGIN}`, or its last not `{_END}`")
    try:
        body = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error:
        raise NoSignature("what stands between its first and its last line is not base64") from None
    if body[:10] != b"SSHSIG\x00\x00\x00\x01":
        raise NoSignature("it is not of version 1 of SSHSIG")
    key, namespace, reserved, digest, proof = _strings(body[10:], 5)
    algorithm, signed = _strings(proof, 2)
    if digest not in _HASHES:
        raise NoSignature("it signs neither SHA-256 nor SHA-512")
    kind = _strings(key, 1, more=True)[0]
    return Signature(
        key,
        _text(kind),
        _text(namespace),
        reserved,
        digest,
        algorithm=_text(algorithm),
        proof=signed,
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _strings(data: bytes, many: int, more: bool = False) -> list[bytes]:
    """The strings of SSH's wire format: each its length in four bytes, then itself."""
    found: list[bytes] = []
    at = 0
    for _ in range(many):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 4 + length
        if len(data) < at + 4 or len(data) < end:
            raise NoSignature("it ends too early")
        found.append(data[at + 4 : end])
        at = end
    if at != len(data) and not more:
        raise NoSignature("it goes on after its end")
    return found


def read_signers(text: str) -> tuple[list[Signer], list[tuple[int, str]]]:
    """Read an `allowed_signers` file.

    Returns:
        The signers, and the lines that are not read, each with why.
    """
    signers: list[Signer] = []
    unread: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _SIGNER.fullmatch(line.strip())
        try:
            key = base64.b64decode(found["key"], validate=True) if found else b""
        except binascii.Error:
            found = None
        if found is None:
            unread.append((number, "it is not `WHO KIND KEY`"))
            continue
        options = re.findall(r'(?:[^,"]|"[^"]*")+', found["options"] or "")
        namespaces = [each[len('namespaces="') : -1] for each in options if _of_space(each)]
        other = [each for each in options if not _of_space(each)]
        if other:
            name = other[0].partition("=")[0]
            unread.append((number, f"what its option `{name}` asks for is not checked here"))
            continue
        spaces = tuple(space for each in namespaces for space in each.split(","))
        signers.append(Signer(found["who"].strip('"'), key, spaces))
    return signers, unread


def _of_space(option: str) -> bool:
    return option.lower().startswith('namespaces="') and option.endswith('"')


def signer_of(signature: Signature, signers: Sequence[Signer]) -> Signer | None:
    """Whose key it is."""
    return next((each for each in signers if each.may_sign(signature)), None)


def holds(signature: Signature, data: bytes) -> bool:
    """Whether a signature is one of these bytes, by its own key.

    Raises:
        NoLibrary: where the library that knows is not installed.
        NoSignature: where its key is of a kind that is not read.
    """
    digest = _HASHES[signature.digest](data).digest()
    parts = [signature.namespace.encode(), signature.reserved, signature.digest, digest]
    signed = b"SSHSIG" + b"".join(len(each).to_bytes(4, "big") + each for each in parts)
    try:
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_ssh_public_key
    except ImportError:
        raise NoLibrary from None
    spelt = f"{signature.kind} {base64.b64encode(signature.key).decode('ascii')}"
    try:
        key = load_ssh_public_key(spelt.encode())
        _verify(key, signature, signed)
    except InvalidSignature:
        return False
    except (ValueError, UnsupportedAlgorithm):
        raise NoSignature("its key is of a kind that is not read") from None
    return True


def _verify(key: object, signature: Signature, signed: bytes) -> None:
    """Check by one of the algorithms that OpenSSH signs files with."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

    if isinstance(key, ed25519.Ed25519PublicKey) and signature.algorithm == "ssh-ed25519":
        key.verify(signature.proof, signed)
        return
    sizes: dict[str, hashes.HashAlgorithm] = {
        "rsa-sha2-256": hashes.SHA256(),
        "rsa-sha2-512": hashes.SHA512(),
        "ecdsa-sha2-nistp256": hashes.SHA256(),
        "ecdsa-sha2-nistp384": hashes.SHA384(),
        "ecdsa-sha2-nistp521": hashes.SHA512(),
    }
    digest = sizes.get(signature.algorithm)
    if isinstance(key, rsa.RSAPublicKey) and digest and signature.algorithm.startswith("rsa"):
        key.verify(signature.proof, signed, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey) and digest and signature.algorithm[0] == "e":
        r, s = (int.from_bytes(each, "big") for each in _strings(signature.proof, 2))
        key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(digest))
    else:
        raise ValueError(signature.algorithm)
