"""Messages as JSON: the same diagnostics that are drawn for people, byte for byte as documented."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest

from bareme.cli import run
from test_diagnostics import CASES as RECORDED
from test_diagnostics import read_case, write

OTHER = ("import_", "infer_", "seal_", "verify_")
CASES = [path for path in RECORDED if not path.stem.startswith(OTHER)]
"""What `check` says, and not another command."""


RULES = """\
scale yes_no: Yes = 100, No = 0

index theft "Theft"
    question armed_guards on yes_no
    question double_fence on yes_no
"""
EDITION = """\
table:
  file: norms.csv
  layout: wide
  entity: country
"""


def project(root, **texts: str) -> None:
    names = {
        "rules": "rules/norms/theft.bareme",
        "profile": "profiles/norms/2023/norland.yaml",
        "edition": "profiles/norms/2023/edition.yaml",
        "table": "profiles/norms/2023/norms.csv",
    }
    write(root, {names[each]: text.encode() for each, text in texts.items()})


def checked(root, capfd, status: int) -> str:
    """What `check --format json` prints; it says nothing beside it."""
    assert run(["-C", str(root), "check", "--format", "json"]) == status
    out, err = capfd.readouterr()
    assert err == ""
    return out


IN_RULES = """\
{
  "format": "bareme.messages/1",
  "messages": [
    {
      "cell": null,
      "code": "E204",
      "column": 7,
      "end_column": 13,
      "end_line": 2,
      "file": "rules/norms/theft.bareme",
      "fix": null,
      "help": "rename one of them, or delete it",
      "line": 2,
      "message": "scale `yes_no` is declared twice",
      "notes": [
        {
          "cell": null,
          "column": 7,
          "end_column": 13,
          "end_line": 1,
          "file": "rules/norms/theft.bareme",
          "line": 1,
          "message": "it is first declared here"
        }
      ],
      "severity": "error"
    },
    {
      "cell": null,
      "code": "E201",
      "column": 30,
      "end_column": 35,
      "end_line": 6,
      "file": "rules/norms/theft.bareme",
      "fix": [
        {
          "cell": null,
          "column": 30,
          "end_column": 35,
          "end_line": 6,
          "file": "rules/norms/theft.bareme",
          "line": 6,
          "text": "yes_no"
        }
      ],
      "help": "`yes_no`",
      "line": 6,
      "message": "there is no scale `yesno`",
      "notes": [],
      "severity": "error"
    }
  ],
  "printed": []
}
"""
IN_A_TABLE = """\
{
  "format": "bareme.messages/1",
  "messages": [
    {
      "cell": "C2",
      "code": "E222",
      "column": 9,
      "end_column": 11,
      "end_line": 2,
      "file": "profiles/norms/2023/norms.csv",
      "fix": [
        {
          "cell": "C2",
          "column": 9,
          "end_column": 11,
          "end_line": 2,
          "file": "profiles/norms/2023/norms.csv",
          "line": 2,
          "text": "No"
        }
      ],
      "help": "`No`: upper and lower case differ",
      "line": 2,
      "message": "`no` is not on scale `yes_no`",
      "notes": [],
      "severity": "error"
    },
    {
      "cell": null,
      "code": "W405",
      "column": null,
      "end_column": null,
      "end_line": null,
      "file": "rules/norms/more",
      "fix": null,
      "help": "move what is in it up into this folder",
      "line": null,
      "message": "`more` is not read: rules are files that end in `.bareme`",
      "notes": [],
      "severity": "warning"
    }
  ],
  "printed": []
}
"""


def test_a_message_has_its_place_its_words_and_its_fix(tmp_path, capfd):
    twice = "scale yes_no: Yes = 1, No = 0\n"
    rules = RULES.replace("\n\n", f"\n{twice}\n").replace("fence on yes_no", "fence on yesno")
    project(tmp_path, rules=rules)

    assert checked(tmp_path, capfd, 2) == IN_RULES


def test_a_message_about_a_table_names_its_cell_and_one_about_a_folder_no_line(tmp_path, capfd):
    table = "country,armed_guards,double_fence\nNOR,Yes,no\n"
    project(tmp_path, rules=RULES, edition=EDITION, table=table)
    (tmp_path / "rules/norms/more").mkdir()

    assert checked(tmp_path, capfd, 2) == IN_A_TABLE


def test_what_differs_is_a_message_and_a_record(tmp_path, capfd):
    profile = "entity: NOR\nanswers: {armed_guards: Yes, double_fence: No}\n"
    project(tmp_path, rules=RULES, profile=profile + "published: {theft: {theft: 49}}\n")

    told = json.loads(checked(tmp_path, capfd, 1))

    assert [(each["code"], each["severity"]) for each in told["messages"]] == [("P501", "differs")]
    assert [(each["printed"], each["ours"]) for each in told["printed"]] == [("49", "50")]


def test_a_sound_project_says_nothing(tmp_path, capfd):
    project(tmp_path, rules=RULES)

    sound = '{\n  "format": "bareme.messages/1",\n  "messages": [],\n  "printed": []\n}\n'
    assert checked(tmp_path, capfd, 0) == sound
    assert run(["-C", str(tmp_path), "check", "--missing", "--format", "json"]) == 0
    assert capfd.readouterr().out == sound.replace("printed", "missing")
    assert run(["-C", str(tmp_path), "check", "--coverage", "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out).keys() == {"format", "messages", "coverage"}


def test_json_is_written_to_a_file_also_where_something_is_wrong(tmp_path, capfd):
    project(tmp_path, rules=RULES.replace("double_fence on yes_no", "double_fence on yesno"))
    told = checked(tmp_path, capfd, 2)

    assert run(["-C", str(tmp_path), "check", "-o", str(tmp_path / "told.json")]) == 2
    assert capfd.readouterr() == ("", "")
    assert (tmp_path / "told.json").read_text(encoding="utf-8") == told


@pytest.mark.parametrize("command", [["score"], ["explain", "NOR", "theft"]])
def test_what_is_refused_is_said_in_the_form_that_was_asked_for(tmp_path, capfd, command):
    project(tmp_path, rules=RULES.replace("double_fence on yes_no", "double_fence on yesno"))

    assert run(["-C", str(tmp_path), *command, "--format", "json"]) == 2
    out, err = capfd.readouterr()

    assert out == ""
    assert [each["code"] for each in json.loads(err)["messages"]] == ["E201"]
    assert run(["-C", str(tmp_path), *command, "--format", "csv"]) == 2
    assert capfd.readouterr().err.startswith("rules/norms/theft.bareme:5:30: error E201: ")


def test_no_character_that_hides_or_acts_is_printed(tmp_path, capfd):
    text = RULES.replace('"Theft"', '"Th\u202eeft\u200b"')
    profile = 'entity: NOR\nname: "\\e[31mNorland"\nanswers: {armed_guards: "\\u202eseY"}\n'
    project(tmp_path, rules=text.replace("\u202e", "").replace("\u200b", ""), profile=profile)
    out = checked(tmp_path, capfd, 2)
    project(tmp_path, rules=text)
    out += checked(tmp_path, capfd, 2)

    assert "U+001B" in out
    assert "U+202E" in out
    hiding = {c for c in out if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
    assert hiding == {"\n"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_json_says_what_is_drawn(path, tmp_path, capfd):
    case = read_case(path)
    write(tmp_path, case.files)

    run(["-C", str(tmp_path), *case.command.split(), "--format", "json"])
    out = capfd.readouterr().out
    if not out:
        assert case.says.startswith("error: ")  # a usage error is no message
        return
    told = json.loads(out)["messages"]

    heads = re.findall(
        r"^(\S.*): (error|warning|differs|refuted) ([EWP]\d{3}): (.*)$", case.says, re.M
    )
    said = [
        (
            f"{each['file']}!{each['cell']}"
            if each["cell"]
            else f"{each['file']}:{each['line'] or 1}:{each['column'] or 1}",
            each["severity"],
            each["code"],
            each["message"],
        )
        for each in told
    ]
    # For people the differences come last, below the report that they belong to.
    assert sorted(said, key=lambda each: each[1] == "differs") == heads


def test_every_key_is_documented_and_none_beside(tmp_path, capfd):
    project(tmp_path, rules=RULES.replace("fence on yes_no", "guards on yesno"), edition=EDITION)
    told = json.loads(checked(tmp_path, capfd, 2))
    formats = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
    section = formats.split("### The JSON of messages\n")[1].split("\n### ")[0]

    documented = re.findall(r"^\| `([a-z_.]+)` \|", section, re.M)

    assert sorted({*keys(told), "missing", "coverage", "proofs"}) == sorted(documented)


def keys(value: object, path: str = "") -> set[str]:
    """The keys of a JSON value, those below another with a point between."""
    match value:
        case dict():
            below = (keys(each, f"{path}.{key}".strip(".")) for key, each in value.items())
            here = {f"{path}.{key}".strip(".") for key in value}
            return here.union(*below)
        case list():
            return set().union(*(keys(each, path) for each in value))
    return set()
