"""Sealed editions for tests: small ones, chains of them, and ones that were changed."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

from bareme import sealing
from bareme.audit.chain import Given
from bareme.audit.sealed import Sealed, hash_of, packed, unpack
from bareme.diagnostics import has_errors
from bareme.files import Held
from bareme.project import read_rules

ROOT = Path(__file__).parent.parent

RULES = """\
scale yes_no: Yes = 100, No = 0
index norms
    question guards on yes_no
    question fence on yes_no weight 2
"""


def profile(guards: str, fence: str, entity: str = "NOR") -> str:
    return f"entity: {entity}\nanswers:\n  guards: {guards}\n  fence: {fence}\n"


PROJECT = {
    "rules/norms/norms.bareme": RULES,
    "profiles/norms/2022/nor.yaml": profile("No", "No"),
    "profiles/norms/2023/nor.yaml": profile("Yes", "No"),
    "profiles/norms/2024/nor.yaml": profile("Yes", "Yes"),
}


def sealed(
    edition: str, project: dict[str, str] | None = None, after: bytes | None = None
) -> bytes:
    """One edition of a project, sealed after another."""
    held = Held({name: text.encode() for name, text in (project or PROJECT).items()})
    framework = next(iter(held.files)).split("/")[1]
    return sealing.seal(read_rules(held, framework), edition, after and given(after)).data


def opened(data: bytes) -> Sealed:
    """A sealed edition that is whole."""
    found, wrong = unpack("x", data)
    assert found is not None
    assert wrong == []
    return found


def given(data: bytes, file: str = "x") -> Given:
    return Given(file, hash_of(data), opened(data).head)


def remade(data: bytes, files: dict[str, bytes]) -> bytes:
    """A sealed edition with some files put in place of its own, and every hash redone."""
    before = opened(data)
    return packed(before.head, {**before.files, **files})


def with_manifest(data: bytes, old: str, new: str) -> bytes:
    """A sealed edition whose manifest says something else, with the hash of the manifest redone."""
    manifest, rest = data.split(b"\nmanifest ", 1)
    assert manifest.count(old.encode()) >= 1, old
    changed = manifest.replace(old.encode(), new.encode("utf-8", "surrogateescape"), 1) + b"\n"
    return changed + f"manifest {hash_of(changed)}\n".encode() + rest[65:]


@cache
def stand_alone() -> ModuleType:
    """The verifier that needs Python alone."""
    spec = importlib.util.spec_from_file_location("verify_sealed", ROOT / "docs/verify_sealed.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def status_of(data: bytes) -> int:
    """The exit status of `bareme verify` for one file, as far as its bytes tell."""
    found, wrong = unpack("x", data)
    if found is not None and not wrong:
        wrong = list(sealing.verify("x", data).found)
    return 2 if has_errors(wrong) else 1 if wrong else 0


def status_alone(data: bytes) -> int:
    """The exit status that the verifier which needs Python alone has for one file."""
    alone = stand_alone()
    try:
        alone.check_next([], data)
    except alone.Changed:
        return 1
    except alone.Refused:
        return 2
    return 0


# ---- signatures


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def signature(
    data: bytes, seed: bytes = b"\1" * 32, namespace: bytes = b"bareme", digest: str = "sha512"
) -> tuple[bytes, str]:
    """A signature of a file by a key made from a seed, and that key as SSH writes it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    private = Ed25519PrivateKey.from_private_bytes(seed)
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = _string(b"ssh-ed25519") + _string(raw)
    head = _string(namespace) + _string(b"") + _string(digest.encode())
    proof = private.sign(b"SSHSIG" + head + _string(hashlib.new(digest, data).digest()))
    body = b"SSHSIG" + (1).to_bytes(4, "big") + _string(key) + head
    body += _string(_string(b"ssh-ed25519") + _string(proof))
    return armoured(body), f"ssh-ed25519 {base64.b64encode(key).decode()}"


def armoured(body: bytes) -> bytes:
    lines = base64.encodebytes(body).decode().replace("\n", "")
    rows = [lines[at : at + 70] for at in range(0, len(lines), 70)]
    begin, end = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
    return "\n".join([begin, *rows, end, ""]).encode()
