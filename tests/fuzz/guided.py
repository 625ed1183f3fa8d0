"""The long run, guided: atheris (libFuzzer) keeps the inputs that reach new lines of the reader."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bareme"], enable_loader_override=False):
    from .attack import SECONDS, probe
    from .readers import CORPUS, READERS


def main() -> None:
    options = argparse.ArgumentParser(prog="fuzz.guided", description=__doc__)
    options.add_argument("--reader", choices=READERS, required=True)
    options.add_argument("--inputs", type=int, default=1_000_000)
    options.add_argument("--seconds", type=int, default=0, help="at most; 0 for no limit")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, required=True, help="a folder for what is found")
    chosen = options.parse_args()
    reader = READERS[chosen.reader]

    def one(data: bytes) -> None:
        probe(reader, data)

    found = chosen.keep / "found"  # libFuzzer ends the process itself, and goes on from here
    found.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(reader.samples()):
        (found / f"sample{number}").write_bytes(sample)
    words = chosen.keep / "words.dict"
    words.write_text("".join(_entry(each) for each in reader.tokens if each), encoding="ascii")
    arguments = [
        sys.argv[0],
        str(found),
        str(CORPUS / chosen.reader),
        f"-dict={words}",
        f"-runs={chosen.inputs}",
        f"-max_total_time={chosen.seconds}",
        f"-seed={chosen.seed}",
        f"-timeout={int(SECONDS)}",  # the instrumented reader is some times slower
        f"-artifact_prefix={chosen.keep}/",
        "-max_len=65536",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, one)
    atheris.Fuzz()


def _entry(token: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in token.encode()) + '"\n'


if __name__ == "__main__":
    main()
