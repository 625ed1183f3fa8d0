"""The long run, guided: atheris (libFuzzer) keeps the inputs that reach new lines of the reader."""

from __future__ import annotations

import argparse
import sys
import tempfile
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
    options.add_argument("--keep", type=Path, default=Path("."), help="a folder for an escape")
    chosen = options.parse_args()
    reader = READERS[chosen.reader]

    def one(data: bytes) -> None:
        probe(reader, data)

    with tempfile.TemporaryDirectory() as found:
        for number, sample in enumerate(reader.samples()):
            Path(found, f"sample{number}").write_bytes(sample)
        words = Path(found).with_suffix(".dict")
        words.write_text("".join(_entry(each) for each in reader.tokens if each), encoding="ascii")
        chosen.keep.mkdir(parents=True, exist_ok=True)
        arguments = [
            sys.argv[0],
            found,
            f"-dict={words}",
            f"-runs={chosen.inputs}",
            f"-max_total_time={chosen.seconds}",
            f"-seed={chosen.seed}",
            f"-timeout={int(SECONDS)}",  # the instrumented reader is some times slower
            f"-artifact_prefix={chosen.keep}/",
            "-max_len=65536",
            "-print_final_stats=1",
        ]
        if (CORPUS / chosen.reader).is_dir():
            arguments.insert(2, str(CORPUS / chosen.reader))
        atheris.Setup(arguments, one)
        atheris.Fuzz()


def _entry(token: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in token.encode()) + '"\n'


if __name__ == "__main__":
    main()
