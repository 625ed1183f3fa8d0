"""The same input gives the same bytes (D1): whatever the hash seed, locale, time zone, folder.

Each run is a process of its own that prints what every command printed and wrote. The default run
takes eight combinations, the long run sixty-four; other versions of Python are tried where they are
at hand.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bareme
import workbooks
from test_cli import make

ROOT = Path(__file__).resolve().parent.parent
ENGINE = Path(bareme.__file__).resolve().parent.parent

RUNS = """
import hashlib, json, os, sys

project, commands, reverse = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3] == "reversed"
scandir = os.scandir

class Listed:
    def __init__(self, path):
        with scandir(path) as found:
            self.entries = sorted(found, key=lambda each: each.name, reverse=reverse)
    def __enter__(self): return iter(self.entries)
    def __exit__(self, *_): pass
    def __iter__(self): return iter(self.entries)

os.scandir = Listed
from bareme.cli import run

def taken(command):
    kept = os.dup(1), os.dup(2)
    for at in (1, 2):
        os.dup2(os.open(f"{at}.out", os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), at)
    status = run(["-C", project, *command])
    sys.stdout.flush(), sys.stderr.flush()
    for at, handle in zip((1, 2), kept):
        os.dup2(handle, at)
    names = ["1.out", "2.out", *(each for each in ("out.json", "out.csv") if os.path.exists(each))]
    found = [hashlib.sha256(open(name, "rb").read()).hexdigest() for name in names]
    for name in names:
        os.remove(name)
    return [status, *found]

print(json.dumps([taken(command) for command in commands]))
"""

COMMANDS = [
    ["check"],
    ["check", "--missing", "--framework", "harbour-safety"],
    ["check", "--coverage", "--framework", "harbour-safety"],
    ["check", "--coverage", "--framework", "nuclear-security", "--format", "json"],
    ["check", "--format", "json", "--framework", "nuclear-security"],
    ["check", "--framework", "broken"],
    ["check", "--prove", "--framework", "small"],
    ["check", "--prove", "--framework", "small", "--format", "json"],
    ["score"],
    ["score", "harbour_safety", "--level", "question", "--format", "csv"],
    ["score", "--framework", "nuclear-security", "-o", "out.json"],
    ["score", "--framework", "harbour-safety", "-o", "out.csv"],
    ["explain", "kaz", "theft"],
    ["infer", "weights", "sabotage"],
    ["infer", "weights", "theft", "--format", "json"],
    ["explain", "selby-on-sea", "harbour_safety", "--format", "json"],
    ["impact", "2021", "2024", "--framework", "harbour-safety"],
    ["impact", "2020", "2023", "--framework", "nuclear-security", "--format", "json"],
    ["score", "--entity", "nobody"],
    ["format", "--diff", "--framework", "harbour-safety"],
    ["help", "E301"],
    ["import", "questionnaire", "lighthouses.csv", "--column", "text=Question"],
    ["import", "questionnaire", "lighthouses.xlsx", "--ignore", "Question"],
    ["import", "questionnaire", "slips.csv"],
    ["seal", "2020"],
    ["seal", "2023", "--framework", "nuclear-security"],
    ["seal", "2024", "--framework", "harbour-safety", "-o", "harbours.sealed"],
    ["verify", "nuclear-security-2020.sealed", "nuclear-security-2023.sealed"],
    ["verify", "harbours.sealed", "--format", "json", "--against", "nuclear-security-2023.sealed"],
    ["verify", "harbours.sealed", "nuclear-security-2023.sealed"],
]
REFUSED = {  # by the mistakes that are in their way
    "check",
    "check --framework broken",
    "score",
    "score --entity nobody",
    "import questionnaire slips.csv",
}
NO = {
    "verify harbours.sealed nuclear-security-2023.sealed",  # they are no chain
    "check --prove --framework small",
    "check --prove --framework small --format json",
}
SMALL = """group region: North, South
units site
scale yes_no: Yes = 100, No = 0
index small
    indicator sites
        for each site
        question lit on yes_no
        question fenced on yes_no
    indicator plans
        question plan on yes_no
        question drilled on yes_no
        question shown on yes_no
        cap 25 when plan is Yes and drilled is No
        cap 60 when plan is No and drilled is No
    indicator height
        measure tall, plausible 0 to 20
            steps up to 5 = 0, up to 10 = 50, above = 100
    floor 10 when region is North and height > 60
    cap 5 when region is not South
"""
SEEDS = ("0", "1", "4242", "random")
LOCALES = ("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8")
ZONES = ("UTC", "Asia/Kathmandu")
ORDERS = ("sorted", "reversed")
MATRIX = list(itertools.product(SEEDS, LOCALES, ZONES, ORDERS))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The frameworks of the repository, and one with mistakes of every sort of message."""
    folder = tmp_path_factory.mktemp("project")
    table = (ROOT / "tests" / "questionnaires" / "lighthouses.csv").read_text(encoding="utf-8")
    (folder / "lighthouses.xlsx").write_bytes(workbooks.of_text(table))
    for name in ("rules", "profiles"):
        shutil.copytree(ROOT / name, folder / name)
    return make(
        folder,
        {
            "rules/broken/b.bareme": "use nowhere\nscale s: A = 1, A = 2\nindex i\n  question q on "
            "t\n    qestion r on s\n",
            "rules/broken/a.bareme": "index j\n    category c weight 2%\n        question q on t\n",
            "profiles/broken/2024/x.yaml": "entity: X\nanswers: {qq: Yes\n",
            "rules/small/small.bareme": SMALL,
            "lighthouses.csv": table,
            "slips.csv": table.replace("Kind", "Kid").replace("100", "1OO").replace("1.2", "1.1"),
        },
    )


def output(project, folder, python, seed, locale, zone, order):
    folder.mkdir()
    libraries = sorted({str(Path(each)) for each in sys.path if each.endswith("site-packages")})
    done = subprocess.run(
        [python, "-c", RUNS, str(project), json.dumps(COMMANDS), order],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=120,
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join([str(ENGINE), *libraries]),
            "PYTHONHASHSEED": seed,
            "PYTHONIOENCODING": "utf-8",
            "LC_ALL": locale,
            "TZ": zone,
            "USER": f"user-{seed}",
            "COLUMNS": "40" if zone == "UTC" else "200",
        },
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def assert_same(project, tmp_path, combinations):
    found = [
        output(project, tmp_path / str(at), sys.executable, *each)
        for at, each in enumerate(combinations)
    ]
    assert [each[0] for each in found[0]] == [
        2 if " ".join(each) in REFUSED else 1 if " ".join(each) in NO else 0 for each in COMMANDS
    ]
    for each, combination in zip(found, combinations, strict=True):
        assert each == found[0], combination


def test_the_bytes_are_the_same_in_eight_surroundings(project, tmp_path):
    assert_same(project, tmp_path, MATRIX[::9])


@pytest.mark.long
def test_the_bytes_are_the_same_in_all_surroundings(project, tmp_path):
    assert len(MATRIX) == 64
    assert_same(project, tmp_path, MATRIX)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_bytes_are_the_same_under_every_python_at_hand(project, tmp_path, version):
    python = shutil.which(f"python{version}")
    works = python and subprocess.run([python, "-V"], capture_output=True, check=False)
    if not works or works.returncode:
        pytest.skip(f"there is no Python {version} here")

    ours = output(project, tmp_path / "ours", sys.executable, *MATRIX[0])
    assert output(project, tmp_path / "other", python, *MATRIX[-1]) == ours
