"""Which names files of a sealed edition may have: ones that mean one file, on any system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bareme.diagnostics import quote
from bareme.text import hidden_in

MAX_NAME = 400
"""Characters of a name, folders included."""

_NO_SYSTEM_HAS = '\\:*?"<>|'  # in names that are to be good everywhere
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])([. ].*)?", re.I)


def fault_of(name: str) -> str:
    """Why a file of a sealed edition cannot have this name; empty where it can.

    Args:
        name: relative to the project, with `/`.
    """
    if not 0 < len(name) <= MAX_NAME:
        return f"a name has 1 to {MAX_NAME} characters"
    if hidden_in(name) is not None or "\n" in name or "\t" in name:
        return "it holds a character that cannot be seen"
    if not unicodedata.is_normalized("NFC", name):
        return "a letter and its accent are stored apart"
    odd = next((each for each in name if each in _NO_SYSTEM_HAS), None)
    if odd is not None:
        return f"some systems have no {quote(odd)} in names"
    return next((why for part in name.split("/") if (why := _fault_of_part(part))), "")


def _fault_of_part(part: str) -> str:
    if part in ("", ".", ".."):
        return "it does not lead straight down from the project"
    if part[0] in ". ~" or part[-1] in ". ":
        return f"{quote(part)} starts with a point, a space or `~`, or ends in a point or a space"
    if _RESERVED.fullmatch(part):
        return f"{quote(part)} is a device on some systems"
    return ""


def twins(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Pairs of names that some system takes for one: in case alone, or a file and a folder."""
    folded: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        first = folded.setdefault(_fold(name), name)
        if first is not name:
            yield first, name
        parts = name.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            first = folders.setdefault(_fold(folder), folder)
            if first != folder:
                yield f"{first}/", f"{folder}/"
    for file, name in folded.items():
        if file in folders:
            yield name, f"{folders[file]}/"


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
