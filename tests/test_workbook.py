"""Workbooks are not trusted (A16): every cell is what was typed, or is refused where it stands."""

from __future__ import annotations

import datetime
import io
import math
import struct
import time
import tracemalloc
import zipfile
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbooks as w
from bareme.exact import _float, as_typed, read_number
from bareme.profiles import package
from bareme.profiles import workbook as reading
from bareme.profiles.cells import MAX_CELL, read_sheet
from bareme.profiles.package import LIMITS, Limits
from bareme.profiles.stored import plain_number, read_stored
from bareme.profiles.workbook import WorkbookSheet, read_workbook
from bareme.project import messages
from bareme.source import Source

TABLE = [["code", "title", "points"], ["1.1", "Pilots", "100"], ["1.2", "Lights", "37.5"]]


def read(
    data: bytes, sheet: str | None = None, limits: Limits = LIMITS
) -> tuple[WorkbookSheet, list[str]]:
    """The sheet of a workbook, and of each fault its code and its place."""
    found, faults = read_workbook("q.xlsx", data, sheet, limits)
    return found, [f"{each.code} {found.cite(each.span)}" for each in faults]


def said(data: bytes, sheet: str | None = None, limits: Limits = LIMITS) -> str:
    """All that is said of a workbook, word for word."""
    found, faults = read_workbook("q.xlsx", data, sheet, limits)
    return messages(faults, {"q.xlsx": found})


def texts(sheet: WorkbookSheet) -> list[list[str]]:
    return [row.texts for row in sheet.rows]


# ---- what is read


def test_a_sheet_is_the_one_that_a_csv_table_of_the_same_cells_is():
    sheet, found = read(w.workbook(w.rows(TABLE)))
    csv, _ = read_sheet(Source("q.csv", "\n".join(map(",".join, TABLE)) + "\n"))

    assert found == []
    assert texts(sheet) == [row.texts for row in csv.rows] == TABLE
    assert [row.number for row in sheet.rows] == [1, 2, 3]
    assert len(sheet.sound) == 2
    assert sheet.header == csv.header
    for row in sheet.rows:
        for column, cell in enumerate(row.texts):
            span = sheet.span(row, column)
            assert sheet.text[span.start : span.end] == cell
            assert sheet.cite(span) == f"q.xlsx!Questions!{w.name(column)}{row.number}"
            assert sheet.position(span.start)[0] == row.number


_CELL = st.text(
    st.characters(codec="utf-8", min_codepoint=32, exclude_categories=("C", "Z"))
    | st.sampled_from(list(' ,"\n<&>|_x')),
    max_size=8,
).filter(lambda each: not each or each.strip(" \n") != "")


@given(st.lists(st.lists(_CELL, min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_a_spreadsheet_library_writes_is_read_back(table):
    book = openpyxl.Workbook()
    sheet = book.active
    for at, row in enumerate(table, 1):
        for column, cell in enumerate(row, 1):
            if cell:
                sheet.cell(at, column).value = cell
                sheet.cell(at, column).data_type = "s"  # never a formula
    out = io.BytesIO()
    book.save(out)
    found, _ = read(out.getvalue())

    wanted = {
        (at, column): cell
        for at, row in enumerate(table, 1)
        for column, cell in enumerate(row)
        if cell
    }
    read_back = {
        (row.number, found.columns[at]): cell
        for row in found.rows
        for at, cell in enumerate(row.texts)
        if cell
    }
    assert read_back == wanted


def test_texts_are_read_wherever_the_file_keeps_them():
    cells = [
        '<c r="A1" t="s"><v>0</v></c>',
        '<c r="B1" t="s"><v>1</v></c>',
        '<c r="C1" t="inlineStr"><is><r><t>in </t></r><r><rPr><b/></rPr><t>line</t></r></is></c>',
        '<c r="D1" t="str"><v>kept</v></c>',
    ]
    shared = [
        "<t>one</t>",
        "<r><t>two </t></r><r><t>runs</t></r><rPh sb='0' eb='1'><t>spoken</t></rPh>",
    ]
    data = w.packed(w.parts({"Questions": w.sheet(w.row(1, cells))}, shared=shared))

    assert texts(read(data)[0]) == [["one", "two runs", "in line", "kept"]]


def test_places_that_a_file_leaves_out_are_counted():
    data = "<row><c><v>1</v></c><c><v>2</v></c></row><row r='4'><c r='B4'><v>3</v></c></row>"
    sheet, found = read(w.workbook(data))

    assert found == []
    assert texts(sheet) == [["1", "2"], ["", "3"]]
    assert [row.number for row in sheet.rows] == [1, 4]


def test_line_breaks_and_escapes_are_resolved():
    cells = [w.text("A1", "two_x000D_\nlines"), w.text("B1", "_x005F_x0041_"), w.text("C1", "a_xb")]
    sheet, _ = read(w.workbook(w.row(1, cells)))

    assert texts(sheet) == [["two\nlines", "_x0041_", "a_xb"]]
    assert sheet.line(1) == "two lines | _x0041_ | a_xb"


def test_another_namespace_and_another_place_of_the_parts_are_the_same_workbook():
    strict = {
        name: xml.replace(w.MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        .replace("<c ", "<x:c ").replace("</c>", "</x:c>")
        .replace("<worksheet ", '<worksheet xmlns:x="http://purl.oclc.org/ooxml/x" ')
        for name, xml in w.parts({"Questions": w.sheet(w.rows(TABLE))}).items()
    }  # fmt: skip
    moved = {name.replace("xl/", "book/"): xml.replace("xl/", "book/")
             for name, xml in strict.items()}  # fmt: skip

    assert texts(read(w.packed(strict))[0]) == texts(read(w.packed(moved))[0]) == TABLE


def test_blank_rows_and_columns_are_passed_over_and_places_stay_true():
    cells = w.row(3, [w.text("B3", "title"), w.text("E3", "points")]) + w.row(
        7, [w.text("B7", "Pilots"), '<c r="C7" s="1"/>', w.text("D7", "  "), w.number("E7", "5")]
    )
    sheet, found = read(w.workbook(cells))

    assert found == []
    assert texts(sheet) == [["title", "points"], ["Pilots", "5"]]
    assert sheet.cite(sheet.span(sheet.rows[1], 1)) == "q.xlsx!Questions!E7"
    assert [sheet.column_name(each) for each in (0, 1)] == ["B", "E"]
    assert sheet.line(7) == "Pilots | 5"
    assert sheet.line(5) == ""


# ---- numbers: the decimal that was typed, never a float

_DIGITS = st.tuples(
    st.booleans(), st.integers(min_value=1, max_value=10**15 - 1), st.integers(-12, 12)
)


@given(_DIGITS)
def test_a_number_that_somebody_typed_is_read_as_typed_however_it_is_spelt(drawn):
    """Fifteen digits survive a float; a spreadsheet writes 17 of it, a library the shortest."""
    negative, digits, shift = drawn
    typed = Fraction(digits) * Fraction(10) ** shift * (-1 if negative else 1)
    kept = float(typed)
    for spelt in (f"{kept:.17g}", f"{kept:.16e}", repr(kept), f"{kept:.17G}"):
        assert read_stored(spelt) == (typed, typed), spelt


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-12, max_value=1e12))
def test_a_number_that_was_computed_is_known_by_its_digits(kept):
    typed, stored = read_stored(f"{kept:.17g}")

    assert typed == Fraction(f"{kept:.15g}")
    assert (typed == stored) == (float(f"{kept:.15g}") == kept)


@pytest.mark.parametrize(
    ("spelt", "text"),
    [
        ("0.1", "0.1"),
        ("37.5", "37.5"),
        ("1.1000000000000001", "1.1"),  # as a spreadsheet keeps a typed 1.1
        ("5.0000000000000001E-3", "0.005"),
        ("100", "100"),
        ("100.0", "100"),
        ("1E3", "1000"),
        ("-0", "0"),
        ("-0.5", "-0.5"),
        ("-0.05E1", "-0.5"),
        ("0.99999999999999989", None),  # 1 less the least that a float can be less
        ("0.30000000000000004", None),  # 0.1 + 0.2
        ("12345678901234567", None),
        ("66.666666666666671", None),
    ],
)
def test_numbers_of_a_file(spelt, text):
    sheet, found = read(w.workbook(w.row(1, [w.number("A1", spelt)])))

    if text is None:
        assert found == ["E429 q.xlsx!Questions!A1"]
        assert sheet.refused == {sheet.span(sheet.rows[0], 0)}
    else:
        assert (texts(sheet), found) == ([[text]], [])
        assert not isinstance(read_number(text), str)


@pytest.mark.parametrize("spelt", ["", "x", "NaN", "INF", "1,5", "1e999", "0x1F", "1_000", "٣"])
def test_what_is_no_number_is_refused(spelt):
    _, found = read(w.workbook(w.row(1, [w.number("A1", spelt)])))

    assert found == (["E429 q.xlsx!Questions!A1"] if spelt else [])


@given(st.fractions(min_value=Fraction(1, 10**9), max_value=10**9), st.integers(1, 17))
def test_rounding_to_digits_is_that_of_the_standard_library(value, digits):
    value = Fraction(math.floor(value * 10**20), 10**20) or value  # few enough digits to be exact
    wide = Context(prec=200)
    exact = wide.divide(Decimal(value.numerator), Decimal(value.denominator))

    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).plus(exact)
    assert as_typed(value, digits)[0] == Fraction(rounded)


@given(st.fractions(min_value=Fraction(1, 10**30), max_value=10**30))
def test_what_a_float_holds_is_what_it_holds(value):
    assert _float(value) == Fraction(float(value))


def test_percents_are_read_as_they_are_shown():
    cells = [
        w.number("A1", "0.25", w.PERCENT),
        w.number("B1", "0.33300000000000002", w.OWN_PERCENT),
        w.number("C1", "7", w.RED),
        w.number("D1", "1.1000000000000001", w.TWO_PLACES),
    ]
    sheet, found = read(w.workbook(w.row(1, cells)))

    assert (texts(sheet), found) == ([["25%", "33.3%", "7", "1.1"]], [])
    assert plain_number(Fraction(1, 8), percent=True) == "12.5%"


# ---- what is refused, by cell


def test_formulas_truths_errors_and_dates_are_refused_where_they_stand():
    cells = [
        w.text("A1", "code"), w.text("B1", "title"), w.text("C1", "points"),
    ]  # fmt: skip
    below = w.row(2, [w.number("A2", "45323", w.DATE), w.boolean("B2", "1"),
                      w.formula("C2", "SUM(D1:D9)", "37.5")])  # fmt: skip
    below += w.row(3, [w.number("A3", "0.5", w.HOURS), w.error("B3", "#N/A"),
                       w.formula("C3", "SUM(E1:E9)")])  # fmt: skip
    below += w.row(4, ['<c r="A4" t="d"><v>2024-02-01</v></c>', w.boolean("B4", "0"),
                       '<c r="C4"><f t="shared" si="0"/><v>4</v></c>'])  # fmt: skip

    assert said(w.workbook(w.row(1, cells) + below)) == (
        "q.xlsx!Questions!A2: error E429: this cell holds a date or a time, kept as `45323`; "
        "what was typed is lost\n"
        "  2 | 45323 | TRUE | 37.5\n"
        "    | ^^^^^ help: format the column as text, then type it again\n"
        "  note: 2 more cells of column A have the same fault; the next one is here "
        "(q.xlsx!Questions!A3)\n"
        "q.xlsx!Questions!B2: error E429: this cell holds the truth value TRUE, which is neither "
        "a text nor a number\n"
        "  2 | 45323 | TRUE | 37.5\n"
        "    |         ^^^^ help: format the column as text, then type it again\n"
        "  note: 1 more cell of column B has the same fault, here (q.xlsx!Questions!B4)\n"
        "q.xlsx!Questions!C2: error E429: this cell holds a formula, `=SUM(D1:D9)`; only what "
        "was typed is read\n"
        "  2 | 45323 | TRUE | 37.5\n"
        "    |                ^^^^ help: copy the column, and paste it back as values\n"
        "  note: 2 more cells of column C have the same fault; the next one is here "
        "(q.xlsx!Questions!C3)\n"
        "q.xlsx!Questions!B3: error E429: this cell holds the error `#N/A`\n"
        "  3 | 0.5 | #N/A | =SUM(E1:E9)\n"
        "    |       ^^^^ help: mend the cell"
    )


def test_cells_that_an_array_formula_fills_hold_a_formula_too():
    data = w.row(1, ['<c r="A1"><f t="array" ref="A1:A2">B1:B2*2</f><v>4</v></c>'])
    data += w.row(2, [w.number("A2", "6"), w.number("B2", "3")])
    sheet, found = read(w.workbook(data))

    assert found == ["E429 q.xlsx!Questions!A1"]
    assert {sheet.cite(span) for span in sheet.refused} == {
        "q.xlsx!Questions!A1", "q.xlsx!Questions!A2"
    }  # fmt: skip


def test_a_cached_value_is_never_taken_even_where_a_library_has_written_it():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Questions"
    sheet.append(["title", "points"])
    sheet.append(["Pilots", "=40+60"])
    sheet.append([datetime.date(2024, 2, 1), True])
    out = io.BytesIO()
    book.save(out)

    assert read(out.getvalue())[1] == [
        "E429 q.xlsx!Questions!B2",
        "E429 q.xlsx!Questions!A3",
        "E429 q.xlsx!Questions!B3",
    ]


def test_hidden_rows_columns_and_sheets_are_said():
    data = w.rows([["title", "points", "note"]])
    for at, how in ((2, {"hidden": "1"}), (3, {}), (4, {"ht": "0"})):
        data += w.row(at, [w.text(f"A{at}", "x"), w.text(f"C{at}", "y")], **how)
    data += w.row(9, [], hidden="1")
    before = '<cols><col min="2" max="3" hidden="1"/><col min="9" max="16384" hidden="1"/></cols>'
    book = w.parts(
        {"Questions": w.sheet(data, before), "Old": w.sheet(""), "Older": w.sheet("")},
        {"Old": "hidden", "Older": "veryHidden"},
    )

    assert said(w.packed(book)) == (
        "q.xlsx!Questions!A1: warning W421: 2 hidden sheets are not read: `Old` and `Older`\n"
        "  1 | title | points | note\n"
        "    | ^ help: unhide what should be read\n"
        "q.xlsx!Questions!B1: warning W421: columns B, C are hidden, and are read all the same\n"
        "  1 | title | points | note\n"
        "    |         ^^^^^^ help: show them, to see what is read\n"
        "q.xlsx!Questions!A2: warning W421: rows 2, 4 are hidden, and are read all the same\n"
        "  2 | x |  | y\n"
        "    | ^ help: show them, to see what is read"
    )
    assert read(w.packed(book), "Old")[1] == ["W421 q.xlsx:1:1"]


def test_rows_that_the_sheet_hides_unless_it_says_otherwise_are_hidden():
    data = w.workbook(w.rows(TABLE), '<sheetFormatPr zeroHeight="1"/>')

    assert "rows 1, 2, 3 are hidden" in said(data)


def test_what_deceives_is_refused_by_cell():
    data = w.workbook(w.row(1, [w.text("A1", "Yes\u200b"), w.text("B1", "e\u0301"),
                                w.text("C1", "_x202E_"), w.text("D1", "_xD800_")]))  # fmt: skip

    assert read(data)[1] == [f"{code} q.xlsx!Questions!{cell}"
                             for code, cell in (("E003", "A1"), ("E004", "B1"), ("E003", "C1"),
                                                ("E003", "D1"))]  # fmt: skip


def test_a_text_that_is_too_long_is_refused():
    data = w.workbook(w.row(1, [w.text("A1", "x" * (MAX_CELL + 1))]))

    assert "E429: this cell has 65,537 characters; there may be 65,536" in said(data)


# ---- which sheet


def test_of_several_sheets_one_is_named():
    book = w.packed(w.parts({"Questions": w.sheet(w.rows(TABLE)), "Lists": w.sheet("")}))

    assert said(book) == (
        "q.xlsx:1:1: error E428: this workbook has 2 sheets; one of them is read\n"
        "  help: say which, with `--sheet`: `Questions` or `Lists`"
    )
    assert said(book, "Qestions") == (
        "q.xlsx:1:1: error E428: there is no sheet `Qestions`\n  help: `Questions`"
    )
    assert texts(read(book, "Questions")[0]) == TABLE


def test_a_chart_is_no_sheet():
    book = w.parts({"Questions": w.sheet(w.rows(TABLE)), "Chart": "<chartsheet/>"})
    relations = "xl/_rels/workbook.xml.rels"
    book[relations] = book[relations].replace('worksheet" Target="worksheets/sheet2', 'chartsheet" '
                                              'Target="worksheets/sheet2')  # fmt: skip

    assert texts(read(w.packed(book))[0]) == TABLE


# ---- no size is believed


def test_a_false_dimension_loses_no_rows():
    """A reader that trusts it gives 3 rows of a million (A16: 0 rows lost in 58)."""
    table = [["code"], *([f"q{n}"] for n in range(57))]
    for ref in ("A1:A3", "A1", "A1:XFD1048576", "nonsense", ""):
        sheet, found = read(w.workbook(w.rows(table), f'<dimension ref="{ref}"/>'))
        assert found == []
        assert texts(sheet) == table


def test_a_far_cell_costs_neither_time_nor_memory():
    far = w.row(1_048_576, [w.text("XFD1048576", "far away")])
    data = w.workbook(w.rows(TABLE) + far)
    tracemalloc.start()
    start = time.process_time()
    sheet, found = read(data)
    took = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found == []
    assert len(sheet.rows) == 4
    assert sheet.rows[-1].texts == ["", "", "", "far away"]
    assert sheet.cite(sheet.span(sheet.rows[-1], 3)) == "q.xlsx!Questions!XFD1048576"
    assert took < 5
    assert peak < 200 << 20


def test_a_wide_header_over_many_rows_is_refused_before_it_is_filled():
    wide = [[f"c{n}" for n in range(100)], *([["x"]] * 10)]

    assert said(w.workbook(w.rows(wide)), limits=Limits(cells=1_000)) == (
        "q.xlsx:1:1: error E008: this file is not read: the sheet has 11 rows and 100 columns; "
        "1,000 cells are read at most\n"
        "  help: keep the sheet that is read in a workbook of its own, or raise the limit with "
        "`--max-cells`"
    )
    assert read(w.workbook(w.rows(wide)), limits=Limits(cells=1_100))[1] == []


def test_too_many_cells_are_refused_as_they_come():
    data = "".join(w.row(at, [f'<c r="A{at}" s="0"/>']) for at in range(1, 7))

    assert "error E008: this file is not read: the sheet has more than 5 cells" in said(
        w.workbook(data), limits=Limits(cells=5)
    )


def test_endless_faults_are_not_all_looked_for(monkeypatch):
    monkeypatch.setattr(reading, "MAX_FAULTS", 10)
    data = "".join(w.row(at, [w.boolean(f"A{at}", "1")]) for at in range(1, 40))

    assert "note: 9 more cells of column A have the same fault" in said(w.workbook(data))


# ---- the archive


def test_a_zip_that_unpacks_to_too_much_is_refused():
    heavy = w.parts({"Questions": w.sheet(w.rows(TABLE))}) | {"media/x.bin": b"\0" * 200_000}

    assert "error E008: this file is not read: unpacked it has more than 100,000 bytes" in said(
        w.packed(heavy), limits=Limits(unpacked=100_000)
    )


def test_the_bytes_are_counted_as_they_come():
    """Each part that is read counts, whatever the archive says of its size."""
    data = w.workbook(w.rows([["x" * 999]] * 20))
    limits = Limits(unpacked=21_000)
    entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    small = bytearray(data)
    for each in entries:
        at = small.rfind(each.filename.encode(), 0) - 46
        if each.filename.startswith("xl/worksheets"):
            assert small[at : at + 4] == b"PK\x01\x02"
            small[at + 24 : at + 28] = struct.pack("<I", 10)

    assert read(bytes(small), limits=limits)[1] in (["E007 q.xlsx:1:1"], ["E008 q.xlsx:1:1"])
    assert read(data, limits=limits)[1] == ["E008 q.xlsx:1:1"]


def test_a_part_that_packs_too_well_is_refused():
    data = w.workbook(w.rows([["x" * 60_000]] * 20))
    assert said(data) == (
        "q.xlsx:1:1: error E008: this file is not read: `xl/worksheets/sheet1.xml` is packed to "
        "less than 1 part in 100\n"
        "  help: keep the sheet that is read in a workbook of its own"
    )


def test_too_many_entries_are_refused_before_they_are_listed(monkeypatch):
    monkeypatch.setattr(package, "MAX_ENTRIES", 50)
    many = w.parts({"Questions": w.sheet(w.rows(TABLE))}) | {f"m/{n}": "" for n in range(50)}

    assert "E008: this file is not read: it holds more than 50 entries" in said(w.packed(many))


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "_rels/.rels"]
)
def test_a_document_type_is_refused(part):
    book = w.parts({"Questions": w.sheet(w.rows(TABLE))})
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    head, _, rest = book[part].partition("\n")
    book[part] = f'{head}\n<!DOCTYPE x [<!ENTITY a0 "ha">{bomb}]>\n{rest}'

    start = time.process_time()
    assert said(w.packed(book)) == (
        f"q.xlsx:1:1: error E007: this file is not read: `{part}` declares a document type, as no "
        "workbook does\n"
        "  help: open it in a spreadsheet program and save it again as .xlsx"
    )
    assert time.process_time() - start < 1


def _changed(part: str, old: str, new: str) -> bytes:
    book = w.parts({"Questions": w.sheet(w.rows(TABLE))}, shared=["<t>x</t>"])
    assert old in book[part]
    return w.packed(book | {part: book[part].replace(old, new, 1)})


SHEET = "xl/worksheets/sheet1.xml"
DAMAGED = {
    "not XML": _changed(SHEET, "</row>", ""),
    "not UTF-8": w.packed(
        w.parts({"Questions": ""}) | {SHEET: w.sheet(w.rows([["é"]])).encode("latin-1")}
    ),
    "an entity": _changed(SHEET, "Pilots", "&pilots;"),
    "rows twice": _changed(SHEET, '<row r="2"', '<row r="1"'),
    "rows out of order": _changed(SHEET, '<row r="2"', '<row r="9"'),
    "cells twice": _changed(SHEET, 'r="B2"', 'r="A2"'),
    "a cell of another row": _changed(SHEET, 'r="B2"', 'r="B3"'),
    "a cell off the sheet": _changed(SHEET, 'r="C2"', 'r="XFE2"'),
    "a row off the sheet": _changed(SHEET, '<row r="3"', '<row r="1048577"'),
    "no place": _changed(SHEET, 'r="B2"', 'r="b2"'),
    "a text that is not there": _changed(
        SHEET, 't="inlineStr"><is><t xml:space="preserve">Pilots</t></is>', 't="s"><v>7</v>'
    ),
    "no number of a text": _changed(
        SHEET, 't="inlineStr"><is><t xml:space="preserve">Pilots</t></is>', 't="s"><v>x</v>'
    ),
    "a style that is not there": _changed(
        SHEET, 't="inlineStr"><is><t xml:space="preserve">100</t></is>', 's="99"><v>100</v>'
    ),
    "no such part": _changed("xl/_rels/workbook.xml.rels", "sheet1.xml", "sheet9.xml"),
    "no sheets": _changed("xl/workbook.xml", "r:id", "r:no"),
    "sheets of one name": w.packed(
        w.parts({"Questions": w.sheet(w.rows(TABLE)), "Others": w.sheet("")})
        | {
            "xl/workbook.xml": w.parts({"Questions": "", "Others": ""})["xl/workbook.xml"].replace(
                "Others", "Questions"
            )
        }
    ),
    "no format": _changed("xl/styles.xml", 'numFmtId="14"', 'numFmtId="x"'),
    "twice": b"",
    "no zip": b"PK\x03\x04 and nothing else",
    "a text file": b"code,title\n",
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "empty": b"",
}


def _twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, xml in w.parts({"Questions": w.sheet(w.rows(TABLE))}).items():
            archive.writestr(name, xml)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/workbook.xml", "<workbook/>")
    return out.getvalue()


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_workbook_is_refused_as_a_file(how):
    sheet, found = read(_twice() if how == "twice" else DAMAGED[how])

    assert found == ["E007 q.xlsx:1:1"]
    assert sheet.rows == ()


def test_a_workbook_cut_anywhere_or_with_any_byte_changed_is_refused_or_read_whole():
    data = w.workbook(w.rows(TABLE))
    sound = texts(read(data)[0])
    for at in range(0, len(data), 7):
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]):
            sheet, found = read(damaged)
            assert found or texts(sheet) == sound, at


def test_a_password_is_said():
    data = bytearray(w.workbook(w.rows(TABLE)))
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 4)

    assert "it is locked with a password" in said(bytes(data))


def test_macros_and_links_are_neither_read_nor_followed(tmp_path):
    """Only parts that hold the sheet are opened; a target outside the archive names nothing."""
    book = w.parts({"Questions": w.sheet(w.rows(TABLE))})
    book["xl/vbaProject.bin"] = "macro"
    book["xl/_rels/workbook.xml.rels"] = book["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>",
        f'<Relationship Id="rId8" Type="x/worksheet" Target="file://{tmp_path}/x" '
        'TargetMode="External"/></Relationships>',
    )
    data = w.packed(book)
    opened: list[str] = []

    class Watched(zipfile.ZipFile):
        def open(self, name, *rest, **named):  # type: ignore[no-untyped-def,override]
            opened.append(name.filename)
            return super().open(name, *rest, **named)

    original = zipfile.ZipFile
    zipfile.ZipFile = Watched  # type: ignore[misc]
    try:
        assert texts(read(data)[0]) == TABLE
    finally:
        zipfile.ZipFile = original  # type: ignore[misc]
    assert "xl/vbaProject.bin" not in opened
    assert set(opened) == {"_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
                           "xl/styles.xml", SHEET}  # fmt: skip


def test_a_path_out_of_the_archive_names_nothing():
    data = _changed("xl/_rels/workbook.xml.rels", "worksheets/sheet1.xml", "../../../etc/passwd")

    assert read(data)[1] == ["E007 q.xlsx:1:1"]
