"""The Human Development Index as rules: every published value, rank and group of six years."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

import bareme
from bareme.audit.printed import Outcome, compare_with_print
from bareme.cli import run

HERE = Path(__file__).parent / "reference" / "human-development-index"
PUBLISHED = Path(__file__).parents[2] / "shared/reference/human-development-index/hdi.csv"
YEARS = ("2010", "2015", "2019", "2020", "2021", "2022")
VALUES, RANKS, GROUPS = 1_218, 193, 192

if not PUBLISHED.exists() and os.environ.get("BAREME_REFERENCE") != "required":
    pytest.skip(
        f"{VALUES:,} published values, {RANKS} ranks and {GROUPS} groups not compared: "
        "the reference data are not here",
        allow_module_level=True,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project that reads the published table as it stands, a year an edition."""
    root = tmp_path_factory.mktemp("hdi")
    shutil.copytree(HERE / "rules", root / "rules" / "human-development")
    declared = (HERE / "edition.yaml").read_text(encoding="utf-8")
    for year in YEARS:
        edition = root / "profiles" / "human-development" / year
        edition.mkdir(parents=True)
        text = declared.replace("YEAR", year)
        if year != "2022":  # ranks and groups are printed for 2022 alone
            text = text.replace("{hdi: hdi, rank: rank_2022, band: group_2022}", "{hdi: hdi}")
            text += "  ignore: [group_2022]\n"
        (edition / "edition.yaml").write_text(text, encoding="utf-8")
        shutil.copy(PUBLISHED, edition / "hdi.csv")
    return root


def test_every_published_figure_is_reproduced(folder):
    rules = bareme.load(folder)
    agree: Counter[str] = Counter()
    others = []
    for year in rules.editions:
        cohort = rules.cohort(year)
        compared = compare_with_print(cohort, list(rules.score(cohort).values()))
        agree += Counter(each.what for each in compared if each.outcome is Outcome.AGREES)
        others += [each for each in compared if each.outcome is not Outcome.AGREES]

    assert others == []
    assert agree == {"score": VALUES, "rank": RANKS, "band": GROUPS}


def test_check_says_so(folder, capfd):
    status = run(["-C", str(folder), "check"])

    out, err = capfd.readouterr()
    assert (status, err) == (0, "")
    assert "193 of 193 printed ranks agree" in out
