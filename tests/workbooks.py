"""Workbooks for tests, written part by part: sound ones, and ones that no program would write."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

STYLES = f"""{_HEAD}<styleSheet xmlns="{MAIN}">
<numFmts count="3"><numFmt numFmtId="164" formatCode="0.0%"/>
<numFmt numFmtId="165" formatCode="[Red]&quot;day&quot;0.00"/>
<numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts>
<cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="164"/>
<xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="2"/></cellXfs></styleSheet>
"""
PLAIN, DATE, PERCENT, OWN_PERCENT, RED, HOURS, TWO_PLACES = range(7)


def name(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text(place: str, value: str) -> str:
    """The XML of a cell that holds a text."""
    held = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
    return f'<c r="{place}" t="inlineStr">{held}</c>'


def number(place: str, value: str, style: int = PLAIN) -> str:
    """The XML of a cell that holds a number, as the file spells it."""
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def formula(place: str, written: str, cached: str = "") -> str:
    value = f"<v>{escape(cached)}</v>" if cached else ""
    return f'<c r="{place}" t="str"><f>{escape(written)}</f>{value}</c>'


def boolean(place: str, value: str) -> str:
    return f'<c r="{place}" t="b"><v>{value}</v></c>'


def error(place: str, value: str) -> str:
    return f'<c r="{place}" t="e"><v>{value}</v></c>'


def row(number: int, cells: Sequence[str], **attributes: str) -> str:
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<row r="{number}"{said}>{"".join(cells)}</row>'


def rows(table: Sequence[Sequence[str]]) -> str:
    """The XML of rows of texts; one that is blank is no cell."""
    return "".join(
        row(at, [text(f"{name(c)}{at}", each) for c, each in enumerate(texts) if each])
        for at, texts in enumerate(table, 1)
    )


def sheet(data: str, before: str = "", after: str = "") -> str:
    """A worksheet, with what stands before and after its cells."""
    body = f"{before}<sheetData>{data}</sheetData>{after}"
    return f'{_HEAD}<worksheet xmlns="{MAIN}">{body}</worksheet>'


def parts(
    sheets: Mapping[str, str], states: Mapping[str, str] | None = None, shared: Sequence[str] = ()
) -> dict[str, str]:
    """The parts of a workbook by name: sheets by title, each as the XML of a worksheet."""
    listed, related = [], []
    found: dict[str, str] = {}
    for at, (title, xml) in enumerate(sheets.items(), 1):
        state = f' state="{states[title]}"' if states and title in states else ""
        listed.append(f'<sheet name={quoteattr(title)} sheetId="{at}"{state} r:id="rId{at}"/>')
        related.append(_relation(f"rId{at}", "worksheet", f"worksheets/sheet{at}.xml"))
        found[f"xl/worksheets/sheet{at}.xml"] = xml
    related.append(_relation("rId900", "styles", "styles.xml"))
    found["xl/styles.xml"] = STYLES
    if shared:
        related.append(_relation("rId901", "sharedStrings", "/xl/sharedStrings.xml"))
        items = "".join(f"<si>{each}</si>" for each in shared)
        found["xl/sharedStrings.xml"] = f'{_HEAD}<sst xmlns="{MAIN}">{items}</sst>'
    found["xl/workbook.xml"] = (
        f'{_HEAD}<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{''.join(listed)}</sheets></workbook>"
    )
    found["xl/_rels/workbook.xml.rels"] = _relations(related)
    found["_rels/.rels"] = _relations([_relation("rId1", "officeDocument", "xl/workbook.xml")])
    return found


def _relation(id: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{id}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _relations(related: Sequence[str]) -> str:
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{"".join(related)}</Relationships>'


def packed(found: Mapping[str, str | bytes]) -> bytes:
    """A workbook of parts; the same bytes for the same parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in found.items():
            archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def workbook(data: str, before: str = "", after: str = "", title: str = "Questions") -> bytes:
    """A workbook of one sheet, from the XML of its rows."""
    return packed(parts({title: sheet(data, before, after)}))


def of_csv(table: Sequence[Sequence[str]]) -> bytes:
    """A workbook as its texts say: `=A1` is a formula, `TRUE`, `#N/A` and digits what they are.

    `day 45323` is a date, and `25%` a number shown so.
    """
    return packed(parts({"Questions": sheet(_said(table))}))


def of_text(text: str) -> bytes:
    """A workbook of CSV tables, each below a line `[Title]` or `[Title] hidden`, or one alone."""
    pieces = re.split(r"^\[(.+?)\]( hidden)?$\n?", text, flags=re.MULTILINE)
    if len(pieces) == 1:
        return of_csv(list(csv.reader(io.StringIO(text))))
    titles, hidden, tables = pieces[1::3], pieces[2::3], pieces[3::3]
    sheets = {
        title: sheet(_said(list(csv.reader(io.StringIO(table)))))
        for title, table in zip(titles, tables, strict=True)
    }
    states = {title: "hidden" for title, how in zip(titles, hidden, strict=True) if how}
    return packed(parts(sheets, states))


def _said(table: Sequence[Sequence[str]]) -> str:
    return "".join(
        row(at, [_typed(f"{name(c)}{at}", each) for c, each in enumerate(texts) if each])
        for at, texts in enumerate(table, 1)
    )


def _typed(place: str, value: str) -> str:
    if value.startswith("="):
        return formula(place, value[1:], "1")
    if value in ("TRUE", "FALSE"):
        return boolean(place, str(int(value == "TRUE")))
    if value.startswith("#"):
        return error(place, value)
    if value.startswith("day "):
        return number(place, value[4:], DATE)
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?%", value):
        return number(place, f"{value[:-1]}E-2", PERCENT)
    plain = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value)
    return number(place, value) if plain else text(place, value)
