"""One input against one reader: what it said, what escaped, and how long it took."""

from __future__ import annotations

import signal
import time
import traceback
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from bareme.diagnostics import Diagnostic
from bareme.project import messages

from .readers import Reader

SECONDS = 2.0  # of the processor, that any input may take
LONGEST = 500  # characters of a line of a message


class TooSlow(BaseException):
    """An input took more than SECONDS; not an Exception, so that nothing takes it for its own."""


@dataclass
class Report:
    """What many inputs came to: their number, the escapes, and the slowest of all."""

    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    slowest_input: bytes = b""
    escapes: list[tuple[bytes, str]] = field(default_factory=list)


def attack(reader: Reader, inputs: Iterable[bytes]) -> Iterator[Report]:
    """Read every input; the report so far after each."""
    report = Report()
    for data in inputs:
        start = time.process_time()
        try:
            with _no_longer_than(SECONDS):
                report.refused += bool(probe(reader, data))
        except (Exception, TooSlow) as escape:
            why = traceback.format_exc(limit=-4) if isinstance(escape, Exception) else "too slow"
            report.escapes.append((data, why))
        took = time.process_time() - start
        if took > report.slowest:
            report.slowest, report.slowest_input = took, data
        report.inputs += 1
        yield report


def probe(reader: Reader, data: bytes) -> list[Diagnostic]:
    """The messages about an input, each located in it and fit to be printed.

    Raises:
        AssertionError: where one is not.
    """
    source, found = reader.read(data)
    for each in found:
        assert 0 <= each.span.start <= len(source.text), each
        assert each.span.start <= each.span.end, each
        assert each.span.end <= len(source.text) + 1, each
        assert each.span.file == source.name, each
    drawn = messages(found, {source.name: source})
    for line in drawn.split("\n"):
        assert len(line) <= LONGEST, line
    hidden = {c for c in set(drawn) if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
    assert hidden <= {"\n"}, hidden
    return found


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Stop what runs after so much time of the processor, which other processes do not take."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
