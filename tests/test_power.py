"""Rules and profiles have no power over the machine: nothing of them is run, only their files read.

Three ways to look: the source of the engine, every event that Python's audit hook reports while a
framework is scored, and files that try to lead elsewhere.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bareme
import generators as g
from bareme.cli import run
from bareme.project import InputRefused, NoSuchName, read_rules

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "engine" / "bareme"
MODULES = sorted(ENGINE.rglob("*.py"))

each_module = pytest.mark.parametrize(
    "module", MODULES, ids=lambda path: str(path.relative_to(ENGINE))
)


# ---- the source (B4)

FORBIDDEN_MODULES = {
    "code": "runs text", "codeop": "runs text", "runpy": "runs files", "ast": "reads code",
    "importlib.import_module": "imports by name", "imp": "imports by name", "pkgutil": "imports",
    "pickle": "builds objects", "marshal": "builds objects", "shelve": "builds objects",
    "copyreg": "builds objects", "dbm": "opens files", "ctypes": "has no bounds",
    "subprocess": "starts programs", "multiprocessing": "starts programs", "pty": "starts programs",
    "socket": "network", "ssl": "network", "http": "network", "urllib": "network",
    "ftplib": "network", "smtplib": "network", "asyncio": "network", "xmlrpc": "network",
    "socketserver": "network", "webbrowser": "starts programs", "glob": "opens by pattern",
    "fnmatch": "opens by pattern", "time": "a clock", "datetime": "a clock", "random": "chance",
    "secrets": "chance", "uuid": "chance", "platform": "the host", "getpass": "the user",
    "locale": "the host",
}  # fmt: skip
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "input", "globals", "breakpoint"}
FORBIDDEN_METHODS = {
    "import_module", "gettempdir", "gettempprefix", "mktemp", "mkdtemp", "NamedTemporaryFile",
    "TemporaryFile", "TemporaryDirectory", "mkstemp", "system", "popen", "glob", "rglob", "iglob",
    "load_module", "exec_module", "spec_from_file_location", "expanduser", "expandvars",
    "fork", "execv", "execve", "spawnv", "posix_spawn", "unsafe_load", "full_load", "safe_load",
    "load_all", "safe_load_all", "urlopen",
}  # fmt: skip
OPENING = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "scandir",
           "listdir", "iterdir", "FileIO"}  # fmt: skip
MAY_OPEN = {
    "files/reading.py": {"read_text", "scandir"},
    "files/stores.py": {"open", "fdopen", "scandir"},
    "files/writing.py": {"open", "scandir"},
    "profiles/package.py": {"open"},  # an entry of a package that was read already
    "language/words.py": {"read_text"},  # the grammar, a resource
    "language/table.py": {"read_bytes"},  # its prepared table, a resource
}


def calls(module: Path) -> Iterator[tuple[ast.Call, str, bool]]:
    """Each call with the last part of its name, and whether that stands alone."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node, node.func.id, True
            elif isinstance(node.func, ast.Attribute):
                yield node, node.func.attr, False


@each_module
def test_nothing_is_imported_that_could_run_reach_out_or_tell_the_time(module):
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name == "time" and module.name == "watching.py":
                continue  # says when it last looked, to whoever is watching
            if name == "random" and module.name == "telling.py":
                continue  # draws profiles to try, the same every time
            why = FORBIDDEN_MODULES.get(name) or FORBIDDEN_MODULES.get(name.split(".")[0])
            assert why is None, f"{name} is imported: {why}"


@each_module
def test_nothing_is_called_that_turns_text_into_code(module):
    for node, name, alone in calls(module):
        if name == "exec" and module.name == "record.py":
            continue  # as `dataclasses` does: the names of a class of the engine, never of input
        assert not (alone and name in FORBIDDEN_CALLS), f"line {node.lineno}: {name}"
        assert name not in FORBIDDEN_METHODS, f"line {node.lineno}: {name}"


@each_module
def test_files_are_opened_in_one_room(module):
    allowed = MAY_OPEN.get(str(module.relative_to(ENGINE)), set())
    for node, name, alone in calls(module):
        if [ast.unparse(each) for each in node.args[:1]] == ["os.devnull"]:
            continue  # where output goes that nobody reads
        opens = name == "open" if alone else name in OPENING  # `read_text` alone decodes bytes
        assert not opens or name in allowed, f"line {node.lineno} opens files: {name}"


@each_module
def test_parse_tables_are_never_kept_in_a_file(module):
    for node, name, _ in calls(module):
        if name == "Lark":
            given = {keyword.arg for keyword in node.keywords}
            assert given.isdisjoint({"cache", "import_paths", "source_path", "transformer", None})
        assert name not in {"open_from_package", "load_grammar", "save"}, f"line {node.lineno}"


def test_yaml_is_used_for_its_events_alone():
    used = {
        node.attr
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "yaml"
    }
    assert {each for each in used if "oad" in each} <= {"SafeLoader"}
    assert {each for each in used if each not in ("SafeLoader",)} <= {
        each for each in used if each.endswith(("Event", "Error"))
    }


# ---- what Python reports while a framework is scored

WATCH = """
import json, os, sys

events = []
watching = True

def hook(event, args):
    if watching:
        shown = [a if isinstance(a, (str, int, type(None))) else
                 os.fsdecode(a) if isinstance(a, (bytes, os.PathLike)) else type(a).__name__
                 for a in args]
        events.append([event, shown])

sys.addaudithook(hook)
from bareme.cli import run

runs = json.loads(sys.argv[1])
phases = []
sys.stdout = open(os.devnull, "w", encoding="utf-8")
for commands in runs:
    codes = [run(command) for command in commands]
    phases.append({"events": list(events), "codes": codes})
    events.clear()
watching = False
sys.stdout = sys.__stdout__
own = {os.path.realpath(each) for each in [sys.prefix, sys.base_prefix, *sys.path] if each}
print(json.dumps({"phases": phases, "own": sorted(own)}))
"""

MARK = "quetzalcoatl"  # in every text of the project below, and nowhere else
HOSTILE = {
    f"rules/{MARK}/{MARK}.bareme": f"""
scale {MARK}_scale: "__import__('os').system('echo {MARK}')" = 100, "{MARK} No" = 0
index {MARK}_index "eval('{MARK}')"
    note "import os; os.system('{MARK}')"
    compare with previous edition
    question {MARK}_question on {MARK}_scale
        "exec(open('/etc/passwd').read())  {MARK}"
""",
    f"profiles/{MARK}/2020/{MARK}.yaml": f"""
entity: {MARK}
answers: {{{MARK}_question: {MARK} No}}
""",
    f"profiles/{MARK}/2023/{MARK}.yaml": f"""
entity: {MARK}
name: "{{0.__class__}} %s $(touch {MARK}) {MARK}"
answers:
  {MARK}_question:
    answer: "__import__('os').system('echo {MARK}')"
    source: file:///etc/{MARK}
    note: https://{MARK}.example/
""",
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> dict[str, object]:
    """Every audit event of the commands on the real case and a hostile one, cold and then warm."""
    real, hostile = tmp_path_factory.mktemp("real"), tmp_path_factory.mktemp("hostile")
    for folder in ("rules", "profiles"):
        shutil.copytree(ROOT / folder, real / folder)
    for name, text in HOSTILE.items():
        (hostile / name).parent.mkdir(parents=True, exist_ok=True)
        (hostile / name).write_text(text, encoding="utf-8")
    commands = [
        ["-C", str(real), "check"],
        ["-C", str(real), "score", "--format", "json"],
        ["-C", str(real), "explain", "KAZ", "theft"],
        ["-C", str(hostile), "check"],
        ["-C", str(hostile), "score", "--format", "csv"],
        ["-C", str(hostile), "explain", MARK, f"{MARK}_index", "--format", "json"],
    ]
    found = subprocess.run(
        [sys.executable, "-c", WATCH, json.dumps([commands, commands])],
        capture_output=True,
        check=True,
        cwd=hostile,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"},
    )
    projects = [os.path.realpath(real), os.path.realpath(hostile)]
    return json.loads(found.stdout) | {"projects": projects}


def opened(events: list[tuple[str, list[object]]]) -> list[str]:
    """The real paths of files opened by name, the sink for standard output left out."""
    return [
        os.path.realpath(str(args[0]))
        for event, args in events
        if event == "open" and isinstance(args[0], str) and args[0] != os.devnull
    ]


def test_the_watched_commands_did_what_they_are_for(watched):
    for phase in watched["phases"]:
        assert phase["codes"] == [0] * 6
        read = {os.path.basename(path) for path in opened(phase["events"])}
        assert {"theft.bareme", "kazakhstan.yaml", f"{MARK}.bareme", f"{MARK}.yaml"} <= read


def test_only_rules_profiles_and_the_interpreters_own_files_are_opened(watched):
    cold, warm = (phase["events"] for phase in watched["phases"])
    inputs = tuple(
        f"{root}{os.sep}{folder}{os.sep}"
        for root in watched["projects"]
        for folder in ("rules", "profiles")
    )
    own = tuple(each.rstrip(os.sep) + os.sep for each in watched["own"] if each != os.sep)

    assert [path for path in opened(cold) if not path.startswith((*inputs, *own))] == []
    assert [path for path in opened(warm) if not path.startswith(inputs)] == []
    listed = [os.path.realpath(str(args[0])) for event, args in warm if event == "os.scandir"]
    assert [path for path in listed if not f"{path}{os.sep}".startswith(inputs)] == []


def test_nothing_is_written(watched):
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    for phase in watched["phases"]:
        for event, args in phase["events"]:
            if event == "open" and args[0] != os.devnull:
                assert not set(str(args[1] or "")) & set("wax+"), args
                assert not int(args[2] or 0) & writing, args
            assert event not in {"os.remove", "os.rename", "os.mkdir", "os.chmod", "os.link",
                                 "os.symlink", "os.truncate", "shutil.copyfile"}, args  # fmt: skip


def test_no_network_no_programs_and_no_native_code(watched):
    for phase in watched["phases"]:
        families = {event.split(".")[0] for event, _ in phase["events"]}
        found = {event for event, _ in phase["events"]}

        assert families.isdisjoint(
            {"socket", "subprocess", "ctypes", "urllib", "http", "ftplib", "smtplib", "pty",
             "webbrowser", "glob", "pathlib", "sqlite3", "ssl", "tempfile", "pickle"}
        )  # fmt: skip
        assert not {event for event in found if event.startswith(
            ("os.exec", "os.fork", "os.spawn", "os.system", "os.posix_spawn", "os.startfile")
        )}  # fmt: skip


def test_once_warm_nothing_is_compiled_imported_or_run(watched):
    warm = {event for event, _ in watched["phases"][1]["events"]}

    assert warm.isdisjoint({"compile", "exec", "import", "marshal.loads", "marshal.load",
                            "code.__new__", "function.__new__"})  # fmt: skip


def test_no_text_of_the_input_ever_becomes_code(watched):
    for phase in watched["phases"]:
        for event, args in phase["events"]:
            if event in ("compile", "exec", "import", "marshal.loads"):
                assert not any(MARK in str(each) for each in args), (event, args)


# ---- files that lead elsewhere (A17)

SECRET = "index secret\n    indicator loot\n        given\n"
RULES = "index harbour\n    indicator quay\n        given\n"
PLAIN = {
    f"rules/{g.FRAMEWORK}/harbour.bareme": RULES,
    f"profiles/{g.FRAMEWORK}/2023/kaz.yaml": "entity: KAZ\ngiven: {harbour: {quay: 50}}\n",
}


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names, links or FIFOs")


@pytest.fixture
def place(tmp_path):
    """A sound project, and beside it a file and a folder that are none of its business."""
    project, outside = tmp_path / "project", tmp_path / "outside"
    for name, text in PLAIN.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    outside.mkdir()
    (outside / "secret.bareme").write_text(SECRET, encoding="utf-8")
    (outside / "loot.yaml").write_text("entity: LOOT\n", encoding="utf-8")
    return project


def rule_codes(project: Path) -> list[str]:
    return [each.code for each in read_rules(project, g.FRAMEWORK).diagnostics]


def profile_codes(project: Path, edition: str = "2023") -> list[str]:
    return [each.code for each in bareme.load(project).read_cohort(edition)[1]]


def rules_of(project: Path) -> Path:
    return project / "rules" / g.FRAMEWORK


def profiles_of(project: Path) -> Path:
    return project / "profiles" / g.FRAMEWORK / "2023"


def test_the_plain_project_is_sound(place):
    assert rule_codes(place) == profile_codes(place) == []


@posix
def test_a_link_that_leads_outside_is_refused(place):
    (rules_of(place) / "secret.bareme").symlink_to("../../../outside/secret.bareme")
    (profiles_of(place) / "edition.yaml").symlink_to("/etc/hostname")

    assert rule_codes(place) == ["E007"]
    assert "secret" not in [each.id for each in read_rules(place, g.FRAMEWORK).framework.indices]
    (rules_of(place) / "secret.bareme").unlink()
    (profiles_of(place) / "loot.yaml").symlink_to(place.parent / "outside" / "loot.yaml")
    (profiles_of(place) / "zero.yaml").symlink_to("/dev/zero")
    assert profile_codes(place) == ["E007"] * 3


@posix
def test_a_link_that_stays_inside_is_followed(place):
    (rules_of(place) / "harbour.bareme").rename(rules_of(place) / "harbour.md")
    (rules_of(place) / "harbour.bareme").symlink_to("harbour.md")

    assert rule_codes(place) == []


@posix
def test_a_link_that_leads_nowhere_or_round_is_refused(place):
    (rules_of(place) / "gone.bareme").symlink_to("nowhere.bareme")
    (rules_of(place) / "self.bareme").symlink_to("self.bareme")
    assert rule_codes(place) == ["E007", "E007"]

    shutil.rmtree(place / "rules")
    shutil.copytree(place.parent / "outside", rules_of(place))
    (place / "rules" / "ring").symlink_to("ring")
    (profiles_of(place) / "kaz.yaml").unlink()
    (profiles_of(place) / "one.yaml").symlink_to("other.yaml")
    (profiles_of(place) / "other.yaml").symlink_to("one.yaml")
    assert bareme.project.frameworks(place) == [g.FRAMEWORK]
    assert profile_codes(place) == ["E007", "E007"]


@posix
def test_a_socket_is_refused(place, monkeypatch):
    monkeypatch.chdir(profiles_of(place))  # the whole path would be too long for a socket
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        assert profile_codes(place) == ["E007"]


@posix
def test_folders_that_lead_outside_are_not_there(place):
    (place / "rules" / "linked").symlink_to(place.parent / "outside", target_is_directory=True)
    (place / "profiles" / g.FRAMEWORK / "2030").symlink_to(
        place.parent / "outside", target_is_directory=True
    )

    assert bareme.project.frameworks(place) == [g.FRAMEWORK]
    assert bareme.load(place).editions == ("2023",)
    with pytest.raises(NoSuchName):
        bareme.load(place, framework="linked")


@pytest.mark.parametrize(
    "name", ["../outside", "..", ".", "", "/etc", "~", "C:", "file:///etc", "*", g.FRAMEWORK + "/."]
)
def test_a_framework_or_edition_is_a_name_and_never_a_path(place, name):
    with pytest.raises(NoSuchName):
        bareme.load(place, framework=name)
    with pytest.raises(NoSuchName):
        bareme.load(place).cohort(name)


@pytest.mark.parametrize("name", ["../../../outside/secret", "/etc/passwd", "*", "harbour.bareme"])
def test_use_names_a_file_of_the_folder_and_never_a_path(place, name):
    file = rules_of(place) / "harbour.bareme"
    file.write_text(f"use {name}\n{RULES}", encoding="utf-8")

    assert rule_codes(place) == ["E202"]


@posix
def test_a_fifo_is_refused_and_not_waited_for(place):
    os.mkfifo(rules_of(place) / "pipe.bareme")
    assert rule_codes(place) == ["E007"]
    (rules_of(place) / "pipe.bareme").unlink()
    os.mkfifo(profiles_of(place) / "pipe.yaml")
    os.mkfifo(profiles_of(place) / "edition.yaml")
    assert profile_codes(place) == ["E007", "E007"]


def test_a_folder_with_the_name_of_a_file_is_refused(place):
    (rules_of(place) / "x.bareme").mkdir()
    assert rule_codes(place) == ["E007"]
    (rules_of(place) / "x.bareme").rmdir()
    (profiles_of(place) / "x.yaml").mkdir()
    assert profile_codes(place) == ["E007"]


def test_a_file_past_the_limit_is_refused(place):
    (profiles_of(place) / "huge.yaml").write_bytes(b"#" * ((1 << 20) + 1))
    assert profile_codes(place) == ["E008"]


@posix
def test_names_are_literal_and_never_patterns(place):
    folder = profiles_of(place)
    (folder / "kaz.yaml").unlink()
    for name, entity in {"g[1].yaml": "BRACKET", "*.yaml": "STAR", "?.yaml": "MARK"}.items():
        (folder / name).write_text(f"entity: {entity}\n", encoding="utf-8")
    (folder / "{a,b}.yaml").write_text("entity: BRACES\n", encoding="utf-8")
    (folder / "-rf ~ $HOME.yaml").write_text("entity: DASH\n", encoding="utf-8")
    cohort = bareme.load(place).cohort("2023")
    assert [p.entity for p in cohort.profiles] == ["BRACES", "BRACKET", "DASH", "MARK", "STAR"]
    assert {p.span.file.rpartition("/")[2]: p.entity for p in cohort.profiles}["*.yaml"] == "STAR"

    (folder / "g[1].yaml").unlink()
    (folder / "g1.yaml").write_text("entity: G1\n", encoding="utf-8")
    again = bareme.load(place).cohort("2023")
    assert {p.span.file.rpartition("/")[2]: p.entity for p in again.profiles}["g1.yaml"] == "G1"
    assert "BRACKET" not in [p.entity for p in again.profiles]


def test_hidden_files_are_not_read(place):
    (rules_of(place) / ".hidden.bareme").write_text("not rules", encoding="utf-8")
    (profiles_of(place) / ".kaz.yaml.swp").write_text("not yaml: [", encoding="utf-8")
    (profiles_of(place) / ".hidden.yaml").write_text("not yaml: [", encoding="utf-8")

    assert rule_codes(place) == profile_codes(place) == []


def test_what_is_refused_stops_the_command_with_a_message(place, capfd):
    (profiles_of(place) / "x.yaml").mkdir()
    with pytest.raises(InputRefused):
        bareme.load(place).cohort("2023")

    assert run(["-C", str(place), "score"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "E007" in err
    assert str(place) not in err
