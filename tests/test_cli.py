"""The command line: exit statuses, clean output, whole files, names forgiven once."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bareme.cli import run
from bareme.reports.records import PRINTED_COLUMNS, SCORE_COLUMNS, STEP_COLUMNS

ROOT = Path(__file__).parent.parent

RULES = """\
scale yes_no: Yes = 100, No = 0

index port "Port"
    publish 1 decimal
    bands High from 50, Low from 0
    question pilot on yes_no weight 2
    question radio on yes_no
"""


@pytest.fixture
def ports(tmp_path):
    """An invented cohort: three ports, two of them tied, and an earlier edition."""
    return make(
        tmp_path,
        {
            "rules/ports/port.bareme": RULES.replace(
                "    bands", "    compare with previous edition\n    bands"
            ),
            "profiles/ports/2023/a.yaml": "entity: A\nname: Aldwick\nanswers: {pilot: Yes}\n",
            "profiles/ports/2024/a.yaml": "entity: A\nname: Aldwick\n"
            "answers: {pilot: Yes, radio: No}\n",
            "profiles/ports/2024/b.yaml": "entity: B\nname: Birkhaven\n"
            "answers: {pilot: Yes, radio: No}\n",
            "profiles/ports/2024/c.yaml": "entity: C\nname: =Calder\nanswers: {pilot: No}\n",
        },
    )


def make(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a person would, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bareme", *map(str, arguments)],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    )


# ---- results


def test_a_cohort_is_a_league_table_with_ties(ports, capfd):
    assert run(["-C", str(ports), "score"]) == 0
    out, err = capfd.readouterr()
    rows = [row for row in out.splitlines() if "Aldwick" in row or "Birkhaven" in row]

    assert err == ""
    assert rows[0].split()[0] == rows[1].split()[0] == "=1"
    assert "66.7" in rows[0]
    assert "−33.3" in rows[0]  # 100 in 2023, when only the pilot was answered
    assert "    3  =Calder" in out


def test_records_have_ranks_medians_and_changes(ports, capfd):
    assert run(["-C", str(ports), "score", "--format", "json"]) == 0
    records = {each["entity"]: each for each in json.loads(capfd.readouterr().out)}

    assert records["A"] == {
        "entity": "A",
        "name": "Aldwick",
        "edition": "2024",
        "index": "port",
        "figure": "port",
        "label": "Port",
        "level": "index",
        "score": 66.7,
        "exact": "200/3",
        "status": "computed",
        "band": "High",
        "rank": 1,
        "tied": True,
        "cohort": 3,
        "median": 66.7,
        "change": -33.3,
        "mean": 44.5,
        "unrounded_rank": None,
        "unrounded_tied": None,
        "part": None,
        "unit": None,
    }
    assert (records["C"]["rank"], records["C"]["tied"], records["C"]["score"]) == (3, False, 0)


def test_csv_has_the_same_columns_and_no_formulas(ports, capfd):
    assert run(["-C", str(ports), "score", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))

    assert tuple(rows[0]) == SCORE_COLUMNS
    assert [row["name"] for row in rows] == ["Aldwick", "Birkhaven", "'=Calder"]
    assert rows[0]["change"] == "-33.3"  # a number stays one


def test_every_command_prints_every_format(ports, capfd):
    columns = {
        ("check",): PRINTED_COLUMNS,
        ("score",): SCORE_COLUMNS,
        ("explain", "a", "port"): STEP_COLUMNS,
    }
    for command, header in columns.items():
        assert run(["-C", str(ports), *command, "--format", "json"]) == 0
        json.loads(capfd.readouterr().out)
        assert run(["-C", str(ports), *command, "--format", "csv"]) == 0
        assert capfd.readouterr().out.splitlines()[0] == ",".join(header)


def test_questions_are_shown_when_asked_for(ports, capfd):
    assert run(["-C", str(ports), "score", "--entity", "=CALDER", "--level", "question"]) == 0
    out = capfd.readouterr().out

    assert "Pilot" in out
    assert "missing" in out


# ---- names


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scor"], "'score'"),
        (["score", "prot"], "there is no index `prot`; the nearest is `port`"),
        (["score", "--edition", "2042"], "there is no edition `2042`; the nearest is `2024`"),
        (["score", "--entity", "Aldwik"], "the nearest is `Aldwick`"),
        (["score", "--framework", "port"], "the nearest is `ports`"),
        (["score", "--format", "jsn"], "'jsn'"),
        (["explain", "a", "port.plot"], "there is no figure `port.plot`"),
        (["explain", "a", "pilto"], "the nearest is `pilot`"),
        (["explain", "a", "port", "--depth", "deep"], "neither a number nor `all`"),
        (["score", "-o", "out.parquet"], "says no format"),
        (["score", "-o", "nowhere/out.csv"], "there is no folder"),
        (["explain"], "Missing argument"),
        ([], "Usage"),
    ],
)
def test_bad_usage_is_said_in_one_breath_and_exits_2(ports, capfd, monkeypatch, arguments, says):
    monkeypatch.chdir(ports)
    before = sorted(ports.rglob("*"))

    assert run(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert says in err
    assert "Traceback" not in err
    assert sorted(ports.rglob("*")) == before


def test_a_folder_without_rules_says_so(tmp_path, capfd):
    assert run(["-C", str(tmp_path), "check"]) == 2
    assert "there are no rules here" in capfd.readouterr().err


def test_bad_rules_stop_score_with_their_messages(ports, capfd):
    rules = ports / "rules/ports/port.bareme"
    rules.write_text(RULES.replace("on yes_no weight", "on yesno weight"), encoding="utf-8")

    assert run(["-C", str(ports), "score", "-o", str(ports / "out.csv")]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "rules/ports/port.bareme:6:23: error E201" in err
    assert not (ports / "out.csv").exists()


# ---- output


def test_a_file_is_written_whole_and_its_ending_names_the_format(ports, capfd):
    target = ports / "out.csv"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)

    assert run(["-C", str(ports), "score", "-o", str(target)]) == 0
    assert capfd.readouterr().out == ""
    assert target.read_bytes().startswith(b"entity,name,")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert sorted(path.name for path in ports.iterdir()) == ["out.csv", "profiles", "rules"]


def test_a_file_that_cannot_be_written_exits_3_and_names_it(ports, capfd, monkeypatch):
    target = ports / "out.csv"
    target.write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(os, "fsync", full)
    assert run(["-C", str(ports), "score", "-o", str(target)]) == 3
    assert "out.csv: No space left on device" in capfd.readouterr().err
    assert target.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in ports.iterdir()) == ["out.csv", "profiles", "rules"]


@pytest.mark.parametrize("kind", ["json", "csv", "table"])
def test_output_is_the_same_bytes_under_any_locale_and_hash_seed(ports, kind):
    outputs = {
        call("-C", ports, "score", "--format", kind, **environment).stdout
        for environment in (
            {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"},
            {"PYTHONHASHSEED": "3", "LC_ALL": "POSIX", "COLUMNS": "20", "FORCE_COLOR": "1"},
        )
    }

    assert len(outputs) == 1
    assert str(ports).encode() not in outputs.pop()


def test_a_terminal_without_unicode_gets_ascii(ports):
    done = call("-C", ports, "score", PYTHONIOENCODING="ascii")

    assert done.returncode == 0
    assert done.stdout.isascii()
    assert b"-33.3" in done.stdout
    explained = call("-C", ports, "explain", "a", "port", PYTHONIOENCODING="ascii")
    assert explained.stdout.isascii()
    assert b"|- pilot = 100" in explained.stdout


def test_tables_fit_80_columns(capfd):
    assert run(["-C", str(ROOT), "score"]) == 0
    assert max(map(len, capfd.readouterr().out.splitlines())) <= 80


def test_messages_go_to_standard_error_and_data_to_standard_output(ports, capfd):
    blank = ports / "profiles/ports/2024/a.yaml"
    blank.write_text("entity: A\nanswers: {pilot: Yes, radio: }\n", encoding="utf-8")

    assert run(["-C", str(ports), "score", "--format", "json"]) == 0
    out, err = capfd.readouterr()
    json.loads(out)
    assert [each["code"] for each in json.loads(err)["messages"]] == ["W410"]
    assert run(["-C", str(ports), "score"]) == 0
    assert "warning W410" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="pipes differ")
def test_a_reader_that_has_seen_enough_is_no_fault(ports):
    script = f'{sys.executable} -m bareme -C "{ports}" score --format json | head -c 1'
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=60)

    assert done.stdout == b"["
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_device_exits_3(ports):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bareme", "-C", str(ports), "score", "--format", "json"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )

    assert done.returncode == 3
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_python_does_what_the_command_does(ports, capfd):
    import bareme

    rules = bareme.load(ports)
    results = rules.score(rules.cohort("2024"))["port"]
    assert run(["-C", str(ports), "score", "--format", "json"]) == 0
    records = json.loads(capfd.readouterr().out)

    assert [r["exact"] for r in records] == [str(f.exact) for f in results.figures if f.depth == 0]
    assert bareme.load(ports / "rules" / "ports").name == "ports"
    with pytest.raises(bareme.NoSuchName):
        rules.cohort("1999")
    with pytest.raises(bareme.NoSuchName):
        bareme.load(ports, framework="nothing")
    (ports / "rules/ports/port.bareme").write_text("index x\n", encoding="utf-8")
    with pytest.raises(bareme.InputRefused, match="E210"):
        bareme.load(ports)


# ---- found by trying to break it


@pytest.mark.parametrize("target", ["rules/ports/port.bareme", "profiles/ports/2024/a.yaml"])
def test_results_never_overwrite_what_they_are_made_from(ports, capfd, target):
    before = (ports / target).read_bytes()

    assert run(["-C", str(ports), "score", "--format", "csv", "-o", str(ports / target)]) == 2
    assert "which holds what results are made from" in capfd.readouterr().err
    assert (ports / target).read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs there")
def test_only_a_regular_file_is_replaced_and_a_link_is_written_through(ports, capfd):
    os.mkfifo(ports / "pipe.json")
    (ports / "real.json").write_text("", encoding="utf-8")
    (ports / "link.json").symlink_to("real.json")

    assert run(["-C", str(ports), "score", "-o", str(ports / "pipe.json")]) == 2
    assert "is not a regular file" in capfd.readouterr().err
    assert stat.S_ISFIFO((ports / "pipe.json").stat().st_mode)
    assert run(["-C", str(ports), "score", "-o", str(ports / "link.json")]) == 0
    assert (ports / "link.json").is_symlink()
    assert json.loads((ports / "real.json").read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="pipes differ")
@pytest.mark.parametrize("end", ["| true", ">&-"])
def test_nobody_reading_is_no_fault(ports, end):
    script = f'{sys.executable} -m bareme -C "{ports}" check {end}; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=60)

    assert done.stdout == b"0\n"
    assert done.stderr == b""


@pytest.mark.parametrize("title", ["T", "日本語の題名", "Unbreakable" * 9])
def test_the_deepest_nesting_can_be_printed(tmp_path, capfd, title):
    lines = ["scale y: Yes = 100, No = 0", "index i"]
    lines += [f'{"  " * d}category c{d} "{title}"' for d in range(1, 62)]
    lines.append(f"{'  ' * 62}question q on y")
    make(
        tmp_path,
        {
            "rules/x/x.bareme": "\n".join(lines),
            "profiles/x/1/a.yaml": "entity: A\nanswers: {q: Yes}\n",
        },
    )

    assert run(["-C", str(tmp_path), "score"]) == 0
    assert max(map(len, capfd.readouterr().out.splitlines())) <= 80
    assert run(["-C", str(tmp_path), "explain", "a", "i"]) == 0


@pytest.mark.parametrize(("answer", "status"), [("", "missing"), ("NA", "not applicable")])
def test_a_part_of_weight_0_alone_scores_nothing_and_the_explanation_agrees(
    tmp_path, capfd, answer, status
):
    make(
        tmp_path,
        {
            "rules/x/x.bareme": "scale s: Yes = 100, No = 0, NA = excluded\nindex i\n"
            "    category c\n        question a on s weight 0\n        question b on s\n",
            "profiles/x/1/a.yaml": "entity: A\nanswers:\n  a: Yes\n"
            + (f"  b: {answer}\n" if answer else ""),
        },
    )

    assert run(["-C", str(tmp_path), "explain", "a", "i.c", "--format", "json"]) == 0
    step = json.loads(capfd.readouterr().out)["steps"][-1]
    assert (step["exact"], step["status"]) == (None, status)
    assert [each["share"] for each in step["inputs"]] == [None, None]
    assert [each["contribution"] for each in step["inputs"]] == [None, None]
    assert run(["-C", str(tmp_path), "explain", "a", "i.c"]) == 0
    out = capfd.readouterr().out
    assert "no part with a weight above 0 has a score" in out
    assert "alone" not in out


def test_a_miss_and_a_mistake_are_those_of_the_framework_that_was_named(ports, capfd):
    make(ports, {"rules/zebra/z.bareme": "index stripes\n    nonsense\n"})

    assert run(["-C", str(ports), "score", "port", "--edition", "1999"]) == 2
    assert "there is no edition `1999`" in capfd.readouterr().err
    assert run(["-C", str(ports), "score", "port"]) == 0
    assert run(["-C", str(ports), "explain", "Nobody", "port"]) == 2
    assert "there is no entity of 2024 named `Nobody`" in capfd.readouterr().err
    assert run(["-C", str(ports), "score", "stripes"]) == 2
    assert "rules/zebra/z.bareme:2:5: error" in capfd.readouterr().err


def test_check_of_an_edition_also_reports_the_rules_of_a_framework_that_lacks_it(ports, capfd):
    make(ports, {"rules/zebra/z.bareme": "index stripes\n    nonsense\n"})

    assert run(["-C", str(ports), "check", "--edition", "2024"]) == 2
    assert "rules/zebra/z.bareme:2:5: error E101" in capfd.readouterr().err
    assert run(["-C", str(ports), "check", "--framework", "zebra", "--edition", "2024"]) == 2
    assert "rules/zebra/z.bareme:2:5: error E101" in capfd.readouterr().err


def test_check_tells_a_score_given_over_the_rules_from_one_declared_given(ports, capfd):
    profile = ports / "profiles/ports/2023/a.yaml"
    profile.write_text(
        "entity: A\nanswers: {pilot: Yes}\ngiven: {port: {port: 40}}\n"
        "published: {port: {port: 40}}\n",
        encoding="utf-8",
    )

    assert run(["-C", str(ports), "check"]) == 0
    out = capfd.readouterr().out
    assert "1 printed figure agrees: 0 computed, 0 given, " in out
    assert "1 given in place of what the rules derive" in out
    assert run(["-C", str(ports), "check", "--format", "json"]) == 0
    printed = json.loads(capfd.readouterr().out)["printed"]
    assert [each["basis"] for each in printed] == ["overridden"]


def test_an_edition_without_profiles_is_not_the_newest(ports, capfd):
    (ports / "profiles/ports/2030").mkdir()

    assert run(["-C", str(ports), "score", "--format", "json"]) == 0
    assert {each["edition"] for each in json.loads(capfd.readouterr().out)} == {"2024"}
    assert run(["-C", str(ports), "check"]) == 0
    assert "`2030` is no edition" in capfd.readouterr().err


def test_a_misspelt_command_is_refused_with_the_nearest(capfd):
    assert run(["chekc"]) == 2
    assert "Did you mean 'check'?" in capfd.readouterr().err


NAMED_LEVELS = {
    "rules/own/own.bareme": """scale yes_no: Yes = 100, No = 0
index forms
    levels pillar, "Sub-pillar", theme
    category old
        category paper
            indicator letters
                question stamps on yes_no
index plain
    indicator phones
        question phone on yes_no
"""
}


@pytest.mark.parametrize(
    ("level", "down"),
    [
        ("pillar", ["forms", "old", "plain"]),
        ("sub-pillar", ["forms", "old", "paper", "plain"]),
        ("Theme", ["forms", "old", "paper", "letters", "plain"]),
        ("category", ["forms", "old", "paper", "plain"]),
        ("question", ["forms", "old", "paper", "letters", "stamps", "plain", "phones", "phone"]),
    ],
)
def test_results_are_shown_down_to_a_level_that_the_rules_name(level, down, tmp_path, capfd):
    named = make(tmp_path, {**NAMED_LEVELS, "profiles/own/2024/x.yaml": "entity: X\n"})

    assert run(["-C", str(named), "score", "--level", level, "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert [row["figure"].rpartition(".")[2] for row in rows] == down

    assert run(["-C", str(named), "score", "--level", level]) == 0
    table = capfd.readouterr().out
    assert ("Letters" in table) == ("letters" in down)
    assert ("Paper" in table) == ("paper" in down)


def test_a_level_that_no_index_has_is_refused(tmp_path, capfd):
    named = make(tmp_path, {**NAMED_LEVELS, "profiles/own/2024/x.yaml": "entity: X\n"})

    assert run(["-C", str(named), "score", "--level", "pilar"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "there is no level `pilar`; the nearest is `pillar`" in err
