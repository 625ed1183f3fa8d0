"""Runs a command again and again, with a fault at each of its file calls in turn.

A process of its own: it forks for every run, which wants a single thread. Takes JSON from the
command line (see `main`), gives JSON on standard output.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bareme import files, starting
from bareme.cli import commands, importing, process, run, sealing

LOADED = (commands, importing, process, sealing, starting)  # once, and not in every run
CALLS = ("open", "write", "fsync", "close", "chmod", "replace", "rename", "unlink", "rmdir",
         "mkdir", "scandir", "stat", "lstat", "fstat")  # fmt: skip


class Faults:
    """Counts the file calls of whatever writes, and lets one or all from it on go wrong."""

    def __init__(self, fault: str, at: int, for_good: bool) -> None:
        self.fault, self.at, self.for_good = fault, at, for_good
        self.names: list[str] = []
        self.writing = False

    def install(self) -> None:
        for name in CALLS:
            setattr(os, name, self._wrapped(name, getattr(os, name)))
        fcntl.flock = self._wrapped("flock", fcntl.flock)
        for name in ("write", "create_folder", "write_in_new_folder"):
            setattr(files, name, self._watched(getattr(files, name)))

    def _watched(self, write: Callable[..., None]) -> Callable[..., None]:
        def writes(*arguments: object) -> None:
            self.writing = True
            try:
                write(*arguments)
            finally:
                self.writing = False

        return writes

    def _wrapped(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        def called(*arguments: object, **named: object) -> object:
            if not self.writing:
                return call(*arguments, **named)
            self.names.append(name)
            here = len(self.names) == self.at or (self.for_good and len(self.names) > self.at)
            if not here:
                return call(*arguments, **named)
            if self.fault == "kill before":
                os.kill(os.getpid(), signal.SIGKILL)
            if self.fault == "kill within":
                call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            if self.fault == "kill after":
                try:
                    call(*arguments, **named)
                finally:
                    os.kill(os.getpid(), signal.SIGKILL)
            if name == "close":  # it is closed all the same, as on Linux
                call(*arguments, **named)
            number = getattr(errno, self.fault)
            raise OSError(number, os.strerror(number))

        return called


def snapshot(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") if path.is_file() else "/"
        for path in sorted(folder.rglob("*"))
    }


@contextmanager
def copied(template: dict[str, str]) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    try:
        for name, text in template.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        yield folder
    finally:
        shutil.rmtree(folder)


def ran(folder: Path, command: list[str], faults: Faults) -> dict[str, object]:
    """One run in a process of its own: its status, its file calls, what it said."""
    told, said = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(said.fileno(), 2)
        faults.install()
        status = 70
        try:
            status = run(command)
        finally:
            faults.writing = False
            told.write(json.dumps(faults.names).encode())
            told.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    told.seek(0)
    said.seek(0)
    names, words = told.read().decode() or "[]", said.read().decode()
    told.close()
    said.close()
    return {"status": os.waitstatus_to_exitcode(status), "calls": json.loads(names), "said": words}


def main() -> None:
    """`{"template": {name: text}, "command": […], "faults": [[fault, for good]…], "every": n}`."""
    asked = json.loads(sys.argv[1])
    template, command = asked["template"], asked["command"]
    with copied(template) as folder:
        plain = ran(folder, command, Faults("none", 0, False))
        done = snapshot(folder)
    runs = []
    for fault, for_good in asked["faults"]:
        for at in range(1, 1 + len(plain["calls"]), asked["every"]):
            if fault == "kill within" and plain["calls"][at - 1] != "write":
                continue
            with copied(template) as folder:
                one = ran(folder, command, Faults(fault, at, for_good))
                state = snapshot(folder)
                again = ran(folder, command, Faults("none", 0, False))
                runs.append(
                    {
                        "fault": fault, "at": at, "call": plain["calls"][at - 1],
                        "for_good": for_good, "status": one["status"], "said": one["said"],
                        "state": state, "again": again["status"], "after": snapshot(folder),
                    }
                )  # fmt: skip
    print(json.dumps({"plain": plain, "done": done, "runs": runs}))


if __name__ == "__main__":
    main()
