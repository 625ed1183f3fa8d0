"""Inputs that are nearly right: samples, generated programs and kept finds, damaged a few times."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from .readers import CORPUS, Reader

LARGEST = 4_000  # bytes of a usual input; one in RARELY may grow to GROWN
GROWN = 60_000
RARELY = 500

_HOSTILE = (
    "\x00",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\xa0",
    "\xad",
    "\u200b",
    "\u202e",
    "\u2028",
    "\u3000",
    "\ufeff",
    "\ufffe",
    "é",
    "\r",
    "\r\n",
    "\n",
    "\n\n",
    "\t",
    "    ",
    "        ",
    "😀",
    "\U000e0041",
    "–",
    "−",
    "“",
    "٣",
    "%s",
    "{0}",
    "${x}",
    "'",
    '"',
    ":",
    "#",
    "-",
    "(",
    "[",
    "{",
    "",
)
_BYTES = (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff\xfe", b"\xef\xbb\xbf")


def inputs(name: str, reader: Reader, seed: int) -> Iterator[bytes]:
    """Endless inputs; the same for the same seed."""
    source = random.Random(f"{name} {seed}")
    kept = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    samples = reader.samples()
    while True:
        kind = source.randrange(10)
        if kind < 3:
            data = reader.generate(source)
        elif kind < 5 and kept:
            data = source.choice(kept)
        else:
            data = _piece(source, source.choice(samples))
        tokens = [each.encode() for each in (*reader.tokens, *_HOSTILE)] + list(_BYTES)
        for _ in range(source.choice((0, 1, 1, 2, 3, 5, 12))):
            data = source.choice(_WAYS)(source, data, source.choice(tokens))
        if source.randrange(RARELY) == 0:
            yield _grown(source, data)[:GROWN]
        else:
            yield data[:LARGEST]


def _piece(source: random.Random, data: bytes) -> bytes:
    """Some lines in a row, as a text of its own."""
    lines = data.splitlines(keepends=True)
    start = source.choice((0, source.randrange(len(lines) + 1)))
    return b"".join(lines[start : start + source.choice((3, 8, 20, 40))])


def _grown(source: random.Random, data: bytes) -> bytes:
    start, end = _stretch(source, data)
    return data[:start] + data[start:end] * (GROWN // max(1, end - start)) + data[end:]


def _stretch(source: random.Random, data: bytes) -> tuple[int, int]:
    start = source.randrange(len(data) + 1)
    return start, min(len(data), start + source.choice((1, 2, 5, 20, 80)))


def _insert(source: random.Random, data: bytes, token: bytes) -> bytes:
    at = source.randrange(len(data) + 1)
    return data[:at] + token + data[at:]


def _insert_many(source: random.Random, data: bytes, token: bytes) -> bytes:
    return _insert(source, data, token * source.choice((2, 3, 70, 130)))


def _replace(source: random.Random, data: bytes, token: bytes) -> bytes:
    start, end = _stretch(source, data)
    return data[:start] + token + data[end:]


def _delete(source: random.Random, data: bytes, _: bytes) -> bytes:
    return _replace(source, data, b"")


def _repeat(source: random.Random, data: bytes, _: bytes) -> bytes:
    start, end = _stretch(source, data)
    return data[:end] + data[start:end] * source.choice((1, 2, 40)) + data[end:]


def _move(source: random.Random, data: bytes, _: bytes) -> bytes:
    start, end = _stretch(source, data)
    return _insert(source, data[:start] + data[end:], data[start:end])


def _flip(source: random.Random, data: bytes, _: bytes) -> bytes:
    if not data:
        return data
    at = source.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << source.randrange(8)]) + data[at + 1 :]


def _cut(source: random.Random, data: bytes, _: bytes) -> bytes:
    return data[: source.randrange(len(data) + 1)]


def _lines(
    change: Callable[[random.Random, list[bytes]], None],
) -> Callable[[random.Random, bytes, bytes], bytes]:
    def changed(source: random.Random, data: bytes, _: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        if lines:
            change(source, lines)
        return b"".join(lines)

    return changed


def _indent(source: random.Random, lines: list[bytes]) -> None:
    at = source.randrange(len(lines))
    lines[at] = b" " * source.choice((0, 1, 2, 4, 8, 12)) + lines[at].lstrip(b" ")


def _swap(source: random.Random, lines: list[bytes]) -> None:
    one, other = source.randrange(len(lines)), source.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def _twice(source: random.Random, lines: list[bytes]) -> None:
    lines.insert(source.randrange(len(lines)), source.choice(lines))


_WAYS: tuple[Callable[[random.Random, bytes, bytes], bytes], ...] = (
    _insert, _insert, _insert_many, _replace, _replace, _delete, _repeat, _move, _flip, _cut,
    _lines(_indent), _lines(_swap), _lines(_twice),
)  # fmt: skip
