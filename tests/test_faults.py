"""Nothing is lost (E1 to E4, E6): killed writers, failing disks, signals, several at once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from test_cli import RULES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and signals")

HARNESS = Path(__file__).with_name("faults.py")

PROJECT = {
    "rules/ports/port.bareme": RULES,
    "rules/ports/more.bareme": RULES.replace("port", "more").replace("scale yes_no: Yes = 100, "
    "No = 0\n", "use port\n").replace("pilot", "pier").replace("radio", "rail"),
    "profiles/ports/2024/a.yaml": "entity: A\nanswers: {pilot: Yes, pier: No}\n",
}  # fmt: skip
UNTIDY = PROJECT | {name: text.replace("weight 2", "weight   2") for name, text in PROJECT.items()}
TABLE = {"q.csv": "id,title,options\nberths,Berths,Yes = 100; No = 0\n", "readme.txt": "kept"}
IMPORT = ["import", "questionnaire", "q.csv", "-o"]
WRITERS = {
    "a new file": (PROJECT, ["score", "-o", "out.json"], "out.json"),
    "an old file": (PROJECT | {"out.csv": "old"}, ["score", "-o", "out.csv"], "out.csv"),
    "format": (UNTIDY, ["format"], "rules/ports/"),
    "import": (
        PROJECT | TABLE | {"rules/ports/q.bareme": "# old\n"},
        [*IMPORT, "rules/ports/q.bareme", "--force"],
        "rules/ports/q.bareme",
    ),
    "import into a new folder": (TABLE, [*IMPORT, "rules/ports/q.bareme"], "rules"),
    "seal": (PROJECT, ["seal", "2024"], "ports-2024.sealed"),
    "seal over an older one": (
        PROJECT | {"ports-2024.sealed": "old"},
        ["seal", "2024", "--force"],
        "ports-2024.sealed",
    ),
    "new": ({"readme.txt": "kept"}, ["new", "ports", "--example"], "ports"),
}
each_writer = pytest.mark.parametrize("writer", WRITERS)


def faults(writer, kinds, every=1):
    template, command, _ = WRITERS[writer]
    asked = {"template": template, "command": command, "faults": kinds, "every": every}
    done = subprocess.run(
        [sys.executable, str(HARNESS), json.dumps(asked)],
        capture_output=True,
        check=True,
        timeout=600,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    found = json.loads(done.stdout)
    assert found["plain"]["status"] == 0
    assert found["runs"]
    return template, found


def without_parts(state):
    return {name: text for name, text in state.items() if ".part" not in name}


def assert_whole(before, after, state):
    """Every file is as it was or as it should be; a new folder is there in full or not at all."""
    for name in {*before, *after}:
        assert state.get(name) in (before.get(name), after.get(name)), name
    if not set(after) - {"readme.txt", "q.csv"} & set(before):
        assert state in (before, after)
    assert set(state) <= {*before, *after}


@each_writer
def test_a_writer_killed_at_any_file_call_leaves_the_old_or_the_new(writer):
    kinds = [["kill before", False], ["kill after", False], ["kill within", False]]
    template, found = faults(writer, kinds)

    for one in found["runs"]:
        assert one["status"] == -signal.SIGKILL, one
        assert_whole(template, found["done"], without_parts(one["state"]))
        assert one["after"] == found["done"], one  # and the next run cleans up
        assert one["again"] in (0, 2)  # a folder that is there already is not created again


@each_writer
@pytest.mark.parametrize("for_good", [False, True])
def test_a_full_disk_is_survived_at_any_file_call(writer, for_good):
    assert_survived(writer, [["ENOSPC", for_good]])


@pytest.mark.long
@each_writer
@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("fault", ["EIO", "EDQUOT", "EROFS", "EACCES"])
def test_any_failure_of_the_disk_is_survived_at_any_file_call(writer, for_good, fault):
    assert_survived(writer, [[fault, for_good]])


def assert_survived(writer, kinds):
    template, found = faults(writer, kinds)
    place = WRITERS[writer][2]
    for one in found["runs"]:
        assert_whole(template, found["done"], without_parts(one["state"]))
        assert one["status"] in (0, 3), one
        if one["status"] == 3:
            assert one["said"].startswith("error: "), one
            assert place in one["said"], one
            assert ".part" not in one["said"], one
        else:
            assert without_parts(one["state"]) == found["done"], one
        if not one["for_good"] and one["call"] not in ("unlink", "rmdir"):
            assert one["state"] == without_parts(one["state"]), one
        assert one["after"] == found["done"], one


@each_writer
def test_success_means_on_disk(writer):
    """The file is synced before it is renamed, and the folder after (E3)."""
    calls = faults(writer, [["kill before", False]], every=1_000)[1]["plain"]["calls"]
    renamed = [at for at, name in enumerate(calls) if name in ("replace", "rename")]

    assert renamed
    for at, until in zip(renamed, [*renamed[1:], len(calls)], strict=True):
        before, after = calls[:at], calls[at:until]
        written = max(at for at, name in enumerate(before) if name == "write")
        assert "fsync" in before[written:]
        assert "fsync" in after


# ---- several writers, and signals


def bareme(folder, *arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "bareme", "-C", str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


@pytest.fixture
def project(tmp_path):
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


WRITE = """
import sys
from pathlib import Path
from bareme import files
for n in range(int(sys.argv[3])):
    files.write(Path(sys.argv[1]), sys.argv[2].encode() * 10_000)
"""


def test_writers_of_one_file_do_not_collide(tmp_path):
    target = tmp_path / "out.json"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(target), str(who), "25"])
        for who in range(8)
    ]
    seen = set()
    while any(each.poll() is None for each in writers):
        if target.exists():
            seen.add(target.read_bytes())
        time.sleep(0.005)

    assert [each.returncode for each in writers] == [0] * 8
    assert seen <= {str(who).encode() * 10_000 for who in range(8)}
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def seal_at_once(project, processes, times):
    """Every one of several processes seals the same edition, again and again."""
    for _ in range(times):
        running = [bareme(project, "seal", "2024") for _ in range(processes)]
        said = {each.communicate(timeout=120) for each in running}
        assert [each.returncode for each in running] == [0] * processes, said
        assert len(said) == 1
    assert sorted(each.name for each in project.iterdir()) == [
        "ports-2024.sealed", "profiles", "rules",
    ]  # fmt: skip
    checked = bareme(project, "verify", "ports-2024.sealed")
    checked.communicate(timeout=60)
    assert checked.returncode == 0


def test_an_edition_sealed_by_several_at_once_is_sealed_once(project):
    seal_at_once(project, 4, 1)


@pytest.mark.long
def test_an_edition_sealed_by_many_at_once_is_sealed_once(project):
    seal_at_once(project, 8, 20)


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_is_clean_at_any_moment(project, sent, status):
    """Ten moments of a run of which each starts some later; the long run takes a hundred."""
    interrupt_at_moments(project, sent, status, 10)


@pytest.mark.long
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_is_clean_at_any_of_many_moments(project, sent, status):
    interrupt_at_moments(project, sent, status, 100)


IN_A_CALLBACK = """
import os, signal, time
import bareme.cli.process

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.{sent})
        for _ in range(1000):
            pass

def run_command(_):
    Dropped()
    time.sleep(60)
    return 0

bareme.cli.process.run_command = run_command
bareme.cli.main()
"""


@pytest.mark.parametrize(("sent", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupt_is_not_lost_where_python_drops_what_is_raised(sent, status):
    ended = subprocess.run(
        [sys.executable, "-c", IN_A_CALLBACK.format(sent=sent)], capture_output=True, timeout=30
    )

    assert (ended.returncode, ended.stderr) == (status, b"")


def interrupt_at_moments(project, sent, status, many):
    chance = random.Random(0)
    target = project / "out.json"
    start = time.monotonic()
    running = bareme(project, "score", "-o", "out.json", cwd=project)
    running.communicate()
    whole, took = target.read_bytes(), time.monotonic() - start
    for _ in range(many):
        target.write_text("old", encoding="utf-8")
        running = bareme(project, "score", "-o", "out.json", cwd=project)
        time.sleep(chance.uniform(0.4, 1.1) * took)  # before, Python itself is starting
        running.send_signal(sent)
        out, err = running.communicate(timeout=60)

        assert running.returncode in (status, 0, -sent), (err, took)
        assert out == b""
        assert b"Traceback" not in err
        assert target.read_bytes() in (b"old", whole)
        assert sorted(each.name for each in project.iterdir()) == ["out.json", "profiles", "rules"]
