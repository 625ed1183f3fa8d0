"""`bareme help` and what a shell completes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from bareme.cli import pages, run
from bareme.cli.commands import cli

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.stem for path in (ROOT / "docs" / "messages").glob("[EWP]*.md"))


def test_a_code_is_explained_in_any_case(capfd):
    assert run(["help", "e307"]) == 0
    out, err = capfd.readouterr()

    assert err == ""
    assert out.startswith("E307: these weights have no effect\n\nA minimum is the worst part")
    assert "\n    index theft" in out
    assert "](" not in out
    assert "```" not in out


@pytest.mark.parametrize("code", PAGES)
def test_every_page_fits_a_terminal(code):
    lines = pages.page(code)

    assert lines is not None
    assert all(len(line) < 80 for line in lines if not line.startswith(("    ", "|", "- ")))


def test_every_code_is_listed(capfd):
    assert run(["help"]) == 0
    listed = capfd.readouterr().out.splitlines()

    assert [line[:4] for line in listed] == PAGES
    assert "E301: the weights do not add up to 100%" in listed


def test_a_command_is_explained_as_by_its_own_help(capfd):
    assert run(["help", "score"]) == 0
    ours = capfd.readouterr().out
    assert run(["score", "--help"]) == 0

    assert ours == capfd.readouterr().out


def test_an_unknown_code_is_a_located_no(capfd):
    assert run(["help", "E3O1"]) == 2
    assert capfd.readouterr().err == ("error: there is no message `E3O1`; the nearest is `E301`\n")


# ---- completion


def completed(words: list[str], typed: str) -> list[str]:
    shell = ShellComplete(cli, {}, "bareme", "_BAREME_COMPLETE")
    return [item.value for item in shell.get_completions(["-C", str(ROOT), *words], typed)]


@pytest.mark.parametrize(
    ("words", "typed", "expected"),
    [
        (["score"], "th", ["theft"]),
        (["score", "--framework", "nuclear-security", "--edition"], "20", ["2020", "2023"]),
        (["score", "--entity"], "kaz", ["KAZ", "Kazakhstan"]),
        (["explain"], "Kaz", ["KAZ", "Kazakhstan"]),
        (["explain", "KAZ"], "theft.risk_environment.c", ["theft.risk_environment.corruption"]),
        (["explain", "KAZ"], "social", ["social_unrest"]),
        (["whatif"], "kaz", ["KAZ", "Kazakhstan"]),
        (["whatif", "KAZ"], "social", ["social_unrest="]),
        (
            ["whatif", "KAZ"],
            "social_unrest=V",
            ["social_unrest=Very low", "social_unrest=Very high"],
        ),
        (
            ["whatif", "KAZ", "--of"],
            "theft.risk_environment.c",
            ["theft.risk_environment.corruption"],
        ),
        (["score", "--framework"], "nuc", ["nuclear-security"]),
        (["score", "--level"], "ind", ["index", "indicator"]),
        (["help"], "e30", [f"E30{n}" for n in range(1, 10)]),
        (["help"], "sc", ["score"]),
        ([], "fo", ["format"]),
    ],
)
def test_a_shell_completes_what_is_there(words, typed, expected, capfd):
    assert completed(words, typed) == expected
    assert capfd.readouterr() == ("", "")


def test_completing_is_quiet_where_nothing_can_be_read(tmp_path, capfd):
    folder = tmp_path / "rules" / "norms"
    folder.mkdir(parents=True)
    (folder / "a.bareme").write_bytes(b"index \xff\n   what\n")
    shell = ShellComplete(cli, {}, "bareme", "_BAREME_COMPLETE")

    for words in (["score"], ["score", "--entity"], ["explain", "x"]):
        assert shell.get_completions(["-C", str(tmp_path), *words], "") == []
    assert capfd.readouterr() == ("", "")
