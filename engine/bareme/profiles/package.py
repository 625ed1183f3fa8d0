"""The parts of a workbook: a zip archive that nobody trusts, opened within limits.

Parts are read by name, as far as they are asked for, and never written to a disk. What the archive
says of their size is not relied on: bytes are counted as they come.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

from bareme.diagnostics import Diagnostic, quote
from bareme.record import Record
from bareme.source import Span

MAX_CELLS = 5_000_000
MAX_ENTRIES = 10_000
MAX_INFLATED = 256 << 20
MAX_RATIO = 100
RATIO_FROM = 1 << 20  # a part that is smaller can do no harm, however well it packs

_ENTRY = b"PK\x01\x02"  # what each entry of the archive's list starts with
_CHUNK = 1 << 16
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError,
    RuntimeError, ValueError,
)  # fmt: skip

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Said = Callable[[str], None]


class Limits(Record):
    """How much of a workbook is read. Who runs the program may raise it, and no workbook can.

    Attributes:
        cells: of the sheet, every row as wide as the header.
        unpacked: the bytes of what is in the archive.
    """

    cells: int = MAX_CELLS
    unpacked: int = MAX_INFLATED


LIMITS = Limits()


class NotRead(Exception):
    """Why a workbook is not read, as a message."""

    def __init__(self, found: Diagnostic) -> None:
        self.found = found
        super().__init__(found.message)


class Package:
    """A workbook's archive.

    Raises:
        NotRead: from every method, where the archive is no sound one or passes a limit.
    """

    def __init__(self, name: str, data: bytes, limits: Limits = LIMITS) -> None:
        self.name = name
        self.limits = limits
        self.inflated = 0
        if not data.startswith(b"PK"):
            raise self.damaged("it is no workbook", _meant(data))
        if data.count(_ENTRY) > MAX_ENTRIES:
            raise self.over(f"it holds more than {MAX_ENTRIES:,} entries")
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN:
            raise self.damaged("it is damaged: its list of parts cannot be read") from None
        self.entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self.archive.infolist():
            key = entry.filename.lstrip("/").casefold()
            if key in self.entries:
                raise self.damaged(f"it is damaged: it holds {quote(entry.filename)} twice")
            self.entries[key] = entry
        if sum(entry.file_size for entry in self.entries.values()) > limits.unpacked:
            raise self.unpacks_to_too_much()

    def damaged(self, why: str, help: str = "") -> NotRead:
        help = help or "open it in a spreadsheet program and save it again as .xlsx"
        span = Span(self.name, 0, 0)
        return NotRead(Diagnostic("E007", f"this file is not read: {why}", span, help))

    def over(self, why: str, option: str = "") -> NotRead:
        """A limit that the workbook passes, and the option that raises it, if one does."""
        span = Span(self.name, 0, 0)
        help = "keep the sheet that is read in a workbook of its own"
        help += f", or raise the limit with `{option}`" if option else ""
        return NotRead(Diagnostic("E008", f"this file is not read: {why}", span, help))

    def unpacks_to_too_much(self) -> NotRead:
        return self.over(
            f"unpacked it has more than {self.limits.unpacked:,} bytes", "--max-unpacked"
        )

    def has(self, part: str) -> bool:
        return part.casefold() in self.entries

    def related(self, part: str) -> list[tuple[str, str, str]]:
        """What a part of the archive names: the id, the kind and the part of each."""
        folder, base = posixpath.split(part)
        found: list[tuple[str, str, str]] = []

        def start(element: str, attributes: Mapping[str, str]) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                kind = attributes.get("Type", "").rpartition("/")[2]
                target = posixpath.normpath(f"/{folder}/{attributes.get('Target', '')}")
                if attributes.get("Target", "").startswith("/"):
                    target = posixpath.normpath(attributes["Target"])
                found.append((attributes.get("Id", ""), kind, target.lstrip("/")))

        relations = posixpath.join(folder, "_rels", f"{base}.rels")
        if self.has(relations):
            self.parse(relations, start)
        return found

    def parse(
        self, part: str, start: Start, end: End | None = None, said: Said | None = None
    ) -> None:
        """Read a part as XML; elements and attributes by their local names."""
        parser = expat.ParserCreate("UTF-8", " ")
        parser.buffer_text = True
        parser.buffer_size = _CHUNK

        def refuse(*_: object) -> None:
            raise self.damaged(f"{quote(part)} declares a document type, as no workbook does")

        def started(element: str, attributes: dict[str, str]) -> None:
            local = {name.rpartition(" ")[2]: value for name, value in attributes.items()}
            start(element.rpartition(" ")[2], local)

        def ended(element: str) -> None:
            assert end is not None
            end(element.rpartition(" ")[2])

        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = started
        if end is not None:
            parser.EndElementHandler = ended
        if said is not None:
            parser.CharacterDataHandler = said
        try:
            for chunk in self._chunks(part):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise self.damaged(f"{quote(part)} is no sound XML in UTF-8") from None

    def _chunks(self, part: str) -> Iterator[bytes]:
        entry = self.entries.get(part.casefold())
        if entry is None:
            raise self.damaged(f"it is damaged: {quote(part)} is not in it")
        if entry.flag_bits & 1:
            raise self.damaged("it is locked with a password", "save it without one")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self.damaged(f"{quote(part)} is packed in an unusual way")
        taken = 0
        try:
            with self.archive.open(entry) as opened:
                while chunk := opened.read(_CHUNK):
                    taken += len(chunk)
                    self.inflated += len(chunk)
                    if self.inflated > self.limits.unpacked:
                        raise self.unpacks_to_too_much()
                    if taken > RATIO_FROM and taken > MAX_RATIO * entry.compress_size:
                        raise self.over(
                            f"{quote(part)} is packed to less than 1 part in {MAX_RATIO}"
                        )
                    yield chunk
        except _BROKEN:
            raise self.damaged(f"it is damaged: {quote(part)} cannot be unpacked") from None


def _meant(data: bytes) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # an old workbook, or one with a password
        return "save it in a spreadsheet program as .xlsx, without a password"
    return ""
