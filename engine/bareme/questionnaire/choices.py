"""What somebody says about a table that the table does not say itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bareme.diagnostics import nearest, quote
from bareme.language.line import MAX_ID
from bareme.language.words import WORDS
from bareme.source import Source
from bareme.text import what_deceives

COLUMNS = (
    "kind", "parent", "index", "category", "category_code", "category_weight", "indicator",
    "indicator_code", "indicator_weight", "id", "code", "title", "text", "note", "weight",
    "scale", "options", "out_of", "option", "option_code", "points", "unit", "plausible", "steps",
    "normalise",
)  # fmt: skip
"""The columns that a table may have, by their names."""

_ID = re.compile(r"[a-z][a-z0-9_]*")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class WrongChoice(ValueError):
    """A choice that cannot be one; its text is a sentence, `option` names the choice."""

    def __init__(self, option: str, message: str) -> None:
        self.option = option
        super().__init__(message)


@dataclass(frozen=True)
class Choices:
    """How a table is read.

    Attributes:
        columns: headers by the column that they name, where the header itself does not say it.
        ignore: headers of columns that are not read.
        index: the id of the index; without it made from `title`, or from the table's file name.
        title: the title of the index.
        ids: whether ids of questions are made from `code` or from `title`, where there are both.
        uses: files of the framework whose scales the table names.

    Raises:
        WrongChoice: where one of them cannot be.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    index: str = ""
    title: str = ""
    ids: str = "code"
    uses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.columns:
            if name not in COLUMNS:
                near = nearest(name, COLUMNS)
                known = f"the nearest is `{near}`" if near else f"there is {', '.join(COLUMNS)}"
                raise WrongChoice("column", f"there is no column {quote(name)}; {known}")
        if self.index and (wrong := not_an_id(self.index)):
            raise WrongChoice("index", f"{quote(self.index)} {wrong}")
        if self.ids not in ("code", "title"):
            raise WrongChoice("ids", f"ids are made from `code` or `title`, not {quote(self.ids)}")
        for found in what_deceives(Source("title", self.title))[:1]:
            raise WrongChoice("title", f"the title cannot be written: {found.message}")
        for file in self.uses:
            if not _FILE.fullmatch(file) or file.endswith(".bareme"):
                message = f"{quote(file)} is no name of a file of rules, without its `.bareme`"
                raise WrongChoice("use", message)


def not_an_id(text: str) -> str:
    """What keeps a text from being an id, to follow it in a sentence; nothing where it is one."""
    if text in WORDS:
        return "is a word of the language and cannot be an id"
    if not _ID.fullmatch(text):
        return "is not an id: ids are small letters a to z, digits and `_`, and start with a letter"
    return f"is too long: an id has at most {MAX_ID} characters" if len(text) > MAX_ID else ""
