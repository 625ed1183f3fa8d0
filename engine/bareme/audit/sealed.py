"""A sealed edition as bytes: a manifest of names, lengths and hashes, then the files themselves.

There is one way to write a sealed edition down, and nothing else is read: `docs/sealed.md`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property

from bareme.audit.names import fault_of, twins
from bareme.diagnostics import Diagnostic, counted, quote
from bareme.record import Record
from bareme.source import Span

FORMAT = "bareme.sealed/1"
FIGURES_FILE = "figures.jsonl"
EVIDENCE = "evidence"
ENDING = ".sealed"

MAX_SEALED = 256 << 20
"""Bytes of a sealed edition."""
MAX_ENTRIES = 10_000
MAX_MANIFEST = 16 << 20

_MAGIC = b"bareme.sealed/"
_LAST = b"\nmanifest "
_SHA = "[0-9a-f]{64}"
_HEADS = (  # every line of a manifest above its files, in this order
    ("framework", r"[^\n]+"),
    ("edition", r"[^\n]+"),
    ("date", r"none|[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"),
    ("engine", r"bareme [0-9A-Za-z.+-]{1,64}"),
    ("language", r"[1-9][0-9]{0,3}"),
    ("settings", r"digits [1-9][0-9]{0,5}, bits [1-9][0-9]{0,8}"),
    ("previous", rf"none|{_SHA} [^\n]+"),
    ("files", r"[1-9][0-9]{0,8}"),
)
_FILE = re.compile(rf"(0|[1-9][0-9]{{0,9}}) ({_SHA}) ([^\n]+)")


class Limits(Record):
    """How much is sealed or read. Who runs the program may raise it, and no file can.

    Attributes:
        files: of a sealed edition.
        total: their bytes.
    """

    files: int = MAX_ENTRIES
    total: int = MAX_SEALED

    @property
    def file(self) -> int:
        """The most bytes of a whole sealed edition, its manifest included."""
        return self.total + MAX_MANIFEST


LIMITS = Limits()


class Link(Record):
    """The sealed edition before this one: its id, and the SHA-256 of the whole file."""

    edition: str
    sha256: str


class Entry(Record):
    """One file of a sealed edition, with the hash that the manifest has of it."""

    name: str
    data: bytes
    sha256: str

    @property
    def whole(self) -> bool:
        return hash_of(self.data) == self.sha256


class Head(Record):
    """What a manifest says above its files.

    Attributes:
        date: of the edition; empty where it has none.
        engine: the version of Barème that sealed it.
        language: the version of the language that its rules are in.
        settings: what else the numbers depend on.
    """

    framework: str
    edition: str
    date: str
    engine: str
    language: int
    settings: str
    previous: Link | None

    @property
    def order(self) -> str:
        """Editions come one after the other by this: the date, or the id, which begins alike."""
        return self.date or self.edition

    @property
    def title(self) -> str:
        return f"{self.framework} {self.edition}"


class Sealed(Record, caches=True):
    """One edition with everything that its figures follow from."""

    head: Head
    entries: tuple[Entry, ...]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The bytes of each file by its name."""
        return {each.name: each.data for each in self.entries}

    @property
    def figures(self) -> bytes:
        return self.files[FIGURES_FILE]


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def packed(head: Head, files: dict[str, bytes]) -> bytes:
    """The one way to write an edition down."""
    ordered = sorted(files.items())
    entries = [(len(data), hash_of(data), name) for name, data in ordered]
    return _manifest(head, entries) + b"".join(data for _, data in ordered)


def _manifest(head: Head, entries: Sequence[tuple[int, str, str]]) -> bytes:
    before = head.previous
    values = (
        head.framework,
        head.edition,
        head.date or "none",
        f"bareme {head.engine}",
        str(head.language),
        head.settings,
        f"{before.sha256} {before.edition}" if before else "none",
        str(len(entries)),
    )
    lines = [FORMAT, *(f"{key} {text}" for (key, _), text in zip(_HEADS, values, strict=True))]
    lines += [f"{length} {sha256} {name}" for length, sha256, name in entries]
    text = "".join(f"{line}\n" for line in lines).encode("utf-8")
    return text + f"manifest {hash_of(text)}\n".encode("ascii")


class _Refused(Exception):
    """What a reader found; it goes no further."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code, self.help = code, help


def unpack(
    file: str, data: bytes, limits: Limits = LIMITS
) -> tuple[Sealed | None, list[Diagnostic]]:
    """Read a sealed edition, and say what of it is not as it was sealed.

    Args:
        file: what messages call it.
        data: the whole file.
        limits: how much of it is read.

    Returns:
        The edition, where its files can be told apart; a file that is not what was sealed is
        reported, and is there as it is. Nothing where it cannot be read.
    """
    try:
        manifest, rest = _split(data)
        head, listed = _read(manifest, limits)
        _check_names(head, [name for _, _, name in listed])
    except _Refused as refused:
        return None, [_found(refused.code, str(refused), file, refused.help)]
    if len(rest) != sum(length for length, _, _ in listed):
        return None, [_wrong_length(file, listed, rest)]
    entries, at = list[Entry](), 0
    for length, sha256, name in listed:
        entries.append(Entry(name, rest[at : at + length], sha256))
        at += length
    found = [
        _found("P601", f"{quote(e.name)} is not what was sealed: its bytes have another hash", file)
        for e in entries
        if not e.whole
    ]
    return Sealed(head, tuple(entries)), found


def _found(code: str, said: str, file: str, help: str = "") -> Diagnostic:
    return Diagnostic(code, said, Span(file, 0, 0), help)


def place_in(file: str, entry: str) -> str:
    """How a file of a sealed edition is cited."""
    return f"{file}!{entry}"


def _split(data: bytes) -> tuple[bytes, bytes]:
    """The manifest, which has the hash that it ends in, and what comes after it."""
    first = data[:64].split(b"\n")[0]
    if not data.startswith(_MAGIC):
        raise _Refused(
            "E601",
            f"this is no sealed edition: its first line is not `{FORMAT}`",
            "`bareme seal` writes one",
        )
    if first != FORMAT.encode():
        raise _Refused(
            "E601",
            f"this is a sealed edition of format {quote(_shown(first))}; what is read is "
            f"`{FORMAT}`",
            "read it with the version of Barème that writes this format",
        )
    end = data.find(_LAST, 0, MAX_MANIFEST)
    last = data[end + 1 : end + len(_LAST) + 65]
    if end < 0 or not re.fullmatch(rf"manifest {_SHA}\n".encode(), last):
        raise _Refused("P601", "the manifest does not end as one does: it was changed, or cut off")
    if hash_of(data[: end + 1]) != last[9:-1].decode():
        raise _Refused("P601", "the manifest is not what was sealed: it has another hash")
    return data[: end + 1], data[end + 1 + len(last) :]


def _shown(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _read(manifest: bytes, limits: Limits) -> tuple[Head, list[tuple[int, str, str]]]:
    """What a manifest says; one that is written in any other way than the one is refused."""
    try:
        lines = manifest.decode("utf-8").split("\n")[1:-1]
    except UnicodeDecodeError:
        raise _Refused("E602", "the manifest is not UTF-8 text") from None
    heads: dict[str, str] = {}
    for at, (key, form) in enumerate(_HEADS):
        found = re.fullmatch(rf"{key} ({form})", lines[at] if at < len(lines) else "")
        if not found:
            raise _Refused("E602", f"line {at + 2} of the manifest is no line for `{key}`")
        heads[key] = found[1]
    listed = [_listed(number, line) for number, line in enumerate(lines[len(_HEADS) :], 10)]
    if int(heads["files"]) != len(listed):
        said = counted(int(heads["files"]), "file")
        raise _Refused("E602", f"the manifest says {said} and lists {len(listed):,}")
    if len(listed) > limits.files:
        said = f"there are {len(listed):,} files; at most {limits.files:,} are read"
        raise _Refused("E604", said, "`--max-files` raises that")
    total = sum(length for length, _, _ in listed)
    if total > limits.total:
        said = f"its files have {total:,} bytes; at most {limits.total:,} are read"
        raise _Refused("E604", said, "`--max-bytes` raises that")
    sha256, _, before = heads["previous"].partition(" ")
    head = Head(
        framework=heads["framework"],
        edition=heads["edition"],
        date="" if heads["date"] == "none" else heads["date"],
        engine=heads["engine"].removeprefix("bareme "),
        language=int(heads["language"]),
        settings=heads["settings"],
        previous=Link(before, sha256) if before else None,
    )
    return head, listed


def _listed(number: int, line: str) -> tuple[int, str, str]:
    found = _FILE.fullmatch(line)
    if not found:
        raise _Refused("E602", f"line {number} of the manifest is no length, hash and name")
    return int(found[1]), found[2], found[3]


def _check_names(head: Head, names: Sequence[str]) -> None:
    """Every name means one file, and is that of a file that a sealed edition has."""
    before = [head.previous.edition] if head.previous else []
    for what in (head.framework, head.edition, *before):
        if "/" in what or fault_of(what):
            raise _Refused("E603", f"{quote(what)} cannot be the name of a framework or an edition")
    for name in names:
        why = fault_of(name) or misplaced(head.framework, name)
        if why:
            raise _Refused("E603", f"a file cannot have the name {quote(name)}: {why}")
    for one, other in twins(names):
        raise _Refused("E603", f"{quote(one)} and {quote(other)} are one name on some systems")
    if list(names) != sorted(set(names)):
        raise _Refused("E602", "the files of the manifest are not in the order of their names")
    if FIGURES_FILE not in names:
        raise _Refused("E602", f"there is no `{FIGURES_FILE}`")


def misplaced(framework: str, name: str) -> str:
    """Why a file has no place in a sealed edition; empty where it has one."""
    top, *below = name.split("/")
    if name == FIGURES_FILE:
        return ""
    inside = below[:1] == [framework]
    if inside and top == "rules" and len(below) == 2 and name.endswith(".bareme"):
        return ""
    if inside and top == "profiles" and (len(below) == 3 or below[2:3] == [EVIDENCE] != below[2:]):
        return ""
    return "it is neither rules, nor of an edition, of this framework"


def _wrong_length(file: str, listed: Sequence[tuple[int, str, str]], rest: bytes) -> Diagnostic:
    """Where bytes are missing, or are too many, as far as can be told."""
    said = sum(length for length, _, _ in listed)
    more = len(rest) - said
    off = f"{counted(abs(more), 'byte')} {'too many' if more > 0 else 'missing'}"
    ahead = _alike(listed, rest)
    behind = _alike(listed[::-1], rest, from_the_end=True)
    if ahead == len(listed):
        return _found("P601", f"after the last file there is more: {off}", file)
    name = quote(listed[ahead][2])
    if ahead + behind >= len(listed) - 1:
        return _found("P601", f"{name} is not what was sealed: {off}", file)
    return _found("P601", f"from {name} on this is not what was sealed: {off}", file)


def _alike(listed: Sequence[tuple[int, str, str]], rest: bytes, from_the_end: bool = False) -> int:
    """How many files, from one end, are what was sealed."""
    at = len(rest) if from_the_end else 0
    for number, (length, sha256, _) in enumerate(listed):
        piece = rest[max(0, at - length) : at] if from_the_end else rest[at : at + length]
        if hash_of(piece) != sha256:
            return number
        at += -length if from_the_end else length
    return len(listed)
