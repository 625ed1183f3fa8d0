"""Where a sealed edition comes from: a hash from elsewhere, or an SSH signature (F7)."""

from __future__ import annotations

import base64
import builtins
import shutil
import subprocess
from contextlib import suppress

import pytest

import seals
from bareme import sealing
from bareme.audit.signature import NoSignature, holds, read_signature, read_signers
from bareme.cli import run

pytest.importorskip("cryptography")

DATA = seals.sealed("2023")
SIGNED, KEY = seals.signature(DATA)
WHO = "publisher@norms.example"
LINE = f"{WHO} {KEY}"


@pytest.fixture
def verify(tmp_path, capfd):
    """Verify with some files beside the edition; its status and what is said."""

    def verified(*arguments: str, **files: bytes | str) -> tuple[int, str]:
        (tmp_path / "x.sealed").write_bytes(DATA)
        for name, data in files.items():
            path = tmp_path / {"sig": "x.sealed.sig"}.get(name, name)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        status = run(["-C", str(tmp_path), "verify", "x.sealed", *arguments])
        said = capfd.readouterr()
        return status, said.out + said.err

    return verified


def test_without_anything_from_elsewhere_the_origin_is_said_not_to_be_checked(verify):
    status, said = verify()
    assert status == 0
    assert "Where it comes from was not checked" in said
    assert f"sha256 {seals.hash_of(DATA)}" in said


def test_a_hash_from_elsewhere(verify):
    ours = seals.hash_of(DATA)
    for given in (ours, ours.upper()):
        status, said = verify("--hash", given)
        assert status == 0
        assert "Origin: it has the hash that was given." in said
        assert "was not checked" not in said
    assert verify("--hash", seals.hash_of(DATA + b"x"))[0] == 1
    for odd in ("", ours[:-1], ours + "0", "x" * 64, ours[:8] + "…" + ours[-2:]):
        assert verify("--hash", odd)[0] == 2


def test_a_signature_that_is_there_is_checked_and_its_key_is_shown(verify):
    status, said = verify(sig=SIGNED)
    assert status == 0
    assert "Signed by the key SHA256:" in said
    assert "whose that is was not checked" in said
    assert "Where it comes from was not checked" in said


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        f'{WHO} namespaces="bareme" {KEY} the key of 2023',
        f'{WHO}  namespaces="git,bareme"  {KEY}',
        f"# keys\n\n{LINE}\r",
        f"somebody@else.example {seals.signature(b'', b'9' * 32)[1]}\n{LINE}",
    ],
)
def test_somebody_who_may_sign(verify, line):
    status, said = verify("--signers", "signers", sig=SIGNED, signers=line.replace("\r", ""))
    assert status == 0
    assert f"Origin: signed by {WHO}, key SHA256:" in said
    assert "was not checked" not in said


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "is of nobody who may sign"),
        (f"{WHO} {seals.signature(b'', b'9' * 32)[1]}", "is of nobody who may sign"),
        (f'{WHO} namespaces="git" {KEY}', "is of nobody who may sign"),
        (f"{WHO} cert-authority {KEY}", "`cert-authority` asks for is not checked"),
        (f'{WHO} valid-before="20200101" {KEY}', "`valid-before` asks for is not checked"),
        (f"{WHO} ssh-ed25519", "it is not `WHO KIND KEY`"),
        (f"{WHO} ssh-ed25519 !!!", "it is not `WHO KIND KEY`"),
        (f"{WHO} ssh-ed25519 AAA=A", "it is not `WHO KIND KEY`"),
    ],
)
def test_somebody_who_may_not_sign(verify, line, why):
    status, said = verify("--signers", "signers", sig=SIGNED, signers=line)
    assert status == 1
    assert why in said
    assert "P605" in said


def test_a_signature_that_is_asked_for_has_to_be_there(verify):
    status, said = verify("--signers", "signers", signers=LINE)
    assert (status, "there is no signature" in said) == (1, True)
    assert verify("--signers", "nothing")[0] == 2


def test_a_signature_for_something_else_does_not_count(verify):
    other = seals.signature(DATA, namespace=b"file")[0]
    status, said = verify("--signers", "signers", sig=other, signers=LINE)
    assert status == 1
    assert "for `file`, not for `bareme`" in said


def test_a_signature_of_another_file_does_not_hold(verify):
    status, said = verify(sig=seals.signature(DATA + b" ")[0])
    assert status == 1
    assert "not a signature of the file beside it" in said


def test_every_bit_of_a_signature_that_is_flipped_is_found():
    body = base64.b64decode("".join(SIGNED.decode().split("\n")[1:-2]))
    for at in range(len(body)):
        for bit in range(8):
            changed = body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]
            with suppress(NoSignature):
                assert not holds(read_signature(seals.armoured(changed)), DATA), (at, bit)


def test_what_is_reserved_in_a_signature_is_signed_as_well():
    body = base64.b64decode("".join(SIGNED.decode().split("\n")[1:-2]))
    at = body.index(b"bareme") + len("bareme")
    changed = body[:at] + b"\0\0\0\1x" + body[at + 4 :]

    assert read_signature(seals.armoured(changed)).reserved == b"x"
    assert not holds(read_signature(seals.armoured(changed)), DATA)


def test_every_prefix_of_a_signature_is_no_signature():
    for at in range(len(SIGNED) - 1):
        with pytest.raises(NoSignature):
            read_signature(SIGNED[:at])
    body = base64.b64decode("".join(SIGNED.decode().split("\n")[1:-2]))
    for at in range(len(body)):
        with pytest.raises(NoSignature):
            read_signature(seals.armoured(body[:at]))
    with pytest.raises(NoSignature):
        read_signature(seals.armoured(body + b"\0"))


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"-----BEGIN PGP SIGNATURE-----\n",
        SIGNED.replace(b"\nU1", b"\n**", 1),
        seals.armoured(b"SSHSIG\0\0\0\2"),
        seals.armoured(b"SSHSIG\0\0\0\1" + b"\xff" * 60),
        seals.signature(DATA, digest="sha1")[0],
        b"\xff\xfe\0" * 100,
    ],
)
def test_what_is_no_signature_is_said_so(verify, odd):
    status, said = verify(sig=odd)
    assert status == 1
    assert "error" not in said
    assert "this is no signature that can be read" in said


def test_a_signature_past_the_limit_is_refused(verify):
    assert verify(sig=b"x" * 70_000)[0] == 2


def test_sha256_is_read_as_well(verify):
    assert verify(sig=seals.signature(DATA, digest="sha256")[0])[0] == 0


def test_without_the_library_a_signature_is_said_not_to_be_checked(verify, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    status, said = verify(sig=SIGNED)
    assert status == 0
    assert "Its signature was not checked: the library" in said
    status, said = verify("--signers", "signers", sig=SIGNED, signers=LINE)
    assert status == 2
    assert "error E607" in said
    assert "pip install 'bareme[sign]'" in said


def test_a_file_of_signers_is_text(verify):
    assert verify("--signers", "signers", sig=SIGNED, signers=b"\xff\xfe")[0] == 2


def test_only_the_newest_of_a_chain_has_to_be_signed(tmp_path, capfd):
    """Each edition names the hash of the one before, so that one signature stands for all."""
    before = seals.sealed("2022")
    newest = seals.sealed("2023", after=before)
    signed, key = seals.signature(newest)
    (tmp_path / "a").write_bytes(before)
    (tmp_path / "b").write_bytes(newest)
    (tmp_path / "b.sig").write_bytes(signed)
    (tmp_path / "signers").write_text(f"{WHO} {key}\n", encoding="utf-8")

    assert run(["-C", str(tmp_path), "verify", "a", "b", "--signers", "signers"]) == 0
    assert f"Origin: signed by {WHO}" in capfd.readouterr().out


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_signatures_of_ssh_keygen_hold(tmp_path, kind, capfd):
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("there is no ssh-keygen here")
    key, file = tmp_path / "key", tmp_path / "x.sealed"
    file.write_bytes(DATA)
    made = ["-q", "-t", kind, "-N", "", "-C", "made for this test", "-f", str(key)]
    subprocess.run([program, *made], check=True, capture_output=True)
    signs = ["-Y", "sign", "-q", "-n", "bareme", "-f", str(key), str(file)]
    subprocess.run([program, *signs], check=True, capture_output=True)
    (tmp_path / "signers").write_text(f"{WHO} {(tmp_path / 'key.pub').read_text()}", "utf-8")

    assert run(["-C", str(tmp_path), "verify", "x.sealed", "--signers", "signers"]) == 0
    listed = subprocess.run(
        [program, "-l", "-f", f"{key}.pub"], check=True, capture_output=True, text=True
    )
    assert f"signed by {WHO}, key {listed.stdout.split()[1]}." in capfd.readouterr().out
    file.write_bytes(DATA + b"\n")
    assert not holds(read_signature((tmp_path / "x.sealed.sig").read_bytes()), file.read_bytes())


def test_ssh_keygen_takes_our_signatures(tmp_path):
    """What the tests above sign with is what SSH means."""
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("there is no ssh-keygen here")
    (tmp_path / "signers").write_text(f"{LINE}\n", encoding="utf-8")
    (tmp_path / "sig").write_bytes(SIGNED)
    asked = ["-Y", "verify", "-n", "bareme", "-f", "signers", "-I", WHO, "-s", "sig"]
    done = subprocess.run(
        [program, *asked], cwd=tmp_path, input=DATA, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_signers_are_read_line_by_line():
    found, unread = read_signers(f'"two words" {KEY}\nodd\n{WHO} namespaces="a,b" {KEY} c\n')

    assert [(each.who, each.namespaces) for each in found] == [
        ("two words", ()),
        (WHO, ("a", "b")),
    ]
    assert unread == [(2, "it is not `WHO KIND KEY`")]
    assert sealing.verify("x", DATA).found == ()
