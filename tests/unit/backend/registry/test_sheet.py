"""Files become tables, whatever wrote them; what is no table gets one clear error."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence

import pytest
import xlsxwriter

from backend.errors import InvalidInput
from backend.registry import sheet, workbook
from backend.registry.rows import recogniser
from backend.registry.sheet import Sheet

HEAD = "注册代码,使用单位,安装地点\n"
ROW = "31103310022018050001,物业,花园\n"


def read(data: bytes, **how: str) -> Sheet:
    return sheet.read(data, recogniser(None), **how)


def xlsx(*sheets: tuple[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, rows in sheets:
            tab = book.add_worksheet(name)
            for number, row in enumerate(rows):
                tab.write_row(number, 0, row)
            if name in hidden:
                tab.hide()
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_every_usual_encoding_and_separator(encoding: str, delimiter: str) -> None:
    found = read((HEAD + ROW).replace(",", delimiter).encode(encoding))
    assert found.header == ["注册代码", "使用单位", "安装地点"]
    assert found.rows[0].cells == ["31103310022018050001", "物业", "花园"]
    assert (found.header_row, found.rows[0].number, found.kind) == (1, 2, "csv")


def test_a_western_csv_is_not_taken_for_chinese() -> None:
    text = "registration code,site\n1,Köln Süd für Größen\n2,Münchner Straße\n"
    with pytest.raises(InvalidInput, match="name its encoding"):
        read(text.encode("cp1252"))
    assert read(text.encode("cp1252"), encoding="cp1252").rows[1].cells == ["2", "Münchner Straße"]


def test_a_named_encoding_that_does_not_fit_or_exist_is_refused() -> None:
    with pytest.raises(InvalidInput, match="is not utf-8"):
        read("Köln".encode("cp1252"), encoding="utf-8")
    with pytest.raises(InvalidInput, match="not known"):
        read(b"a,b", encoding="rot13")


def test_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    text = '电梯台账,,\n\n注册代码,使用单位,安装地点\n1,"多行\n单位",x\n\n,,\n2,y,z\n'
    found = read(text.encode())
    assert found.header_row == 3
    assert [(row.number, row.cells[0]) for row in found.rows] == [(4, "1"), (7, "2")]
    assert found.rows[0].cells[1] == "多行\n单位"


def test_excel_s_line_with_the_separator_is_passed_over() -> None:
    found = read(b"sep=;\r\nregistration code;site\r\n1;a,b\r\n")
    assert (found.header, found.rows[0].cells) == (["registration code", "site"], ["1", "a,b"])


@pytest.mark.parametrize("text", ['注册代码,x\n1,"never closed\n2,y\n', '注册代码,x\n1,"a"b\n'])
def test_a_quote_that_swallows_rows_is_refused_with_its_row(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(text.encode())
    assert refused.value.faults[0].path == "row 2"


def test_a_workbook_is_read_from_the_sheet_with_the_known_header() -> None:
    data = xlsx(
        ("说明", [["请填写下一页"]]),
        ("台账", [["电梯台账"], ["注册代码", "使用单位"], ["1", "物业"], [], [2, "医院"]]),
        ("旧", [["注册代码"], ["9"]]),
        hidden=["旧"],
    )
    found = read(data)
    assert found.header == ["注册代码", "使用单位"]
    assert [(row.number, row.cells[0]) for row in found.rows] == [(3, "1"), (5, 2.0)]
    assert (found.kind, found.unread) == ("xlsx", ["说明"])


def test_an_empty_file_is_told_from_a_damaged_one() -> None:
    for data in (b"", b" \n\n", xlsx(("x", []))):
        with pytest.raises(InvalidInput, match="empty"):
            read(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old XLS"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"a\0b,c\n", "not a table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "not a table"),
        (b"%PDF-1.7\n" + b"\xe2\xe3\xcf\xd3" * 100, "not a table"),
        (b"  <html><table><tr><td>1", "not a table"),
        (bytes(range(1, 256)) * 4, "neither UTF-8 nor GB 18030"),
    ],
)
def test_what_is_no_table_gets_one_clear_error(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(data)


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a table"):
        read(archive(**{"readme.txt": b"hello"}))
    with pytest.raises(InvalidInput, match="damaged"):
        read(archive(xl__workbook=b"hello"))


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive(**{"xl/worksheets/sheet1.xml": b"\x20" * 5_000_000})
    monkeypatch.setattr(workbook, "MOST_BYTES", 1_000_000)
    with pytest.raises(InvalidInput, match="too large"):
        read(bomb)
    name = b"xl/worksheets/sheet1.xml"
    central = bomb.index(name, bomb.index(name) + 1) - 46
    lying = bomb[: central + 24] + struct.pack("<I", 10) + bomb[central + 28 :]  # the directory says: ten bytes
    with pytest.raises(InvalidInput, match=r"damaged|too large"):
        read(lying)


def with_cells(inner: str) -> bytes:
    """A workbook whose only sheet has these rows."""
    data = xlsx(("x", [["注册代码"], ["1"]]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                start, end = content.index(b"<sheetData>"), content.index(b"</sheetData>")
                content = content[: start + len("<sheetData>")] + inner.encode() + content[end:]
            new.writestr(part.filename, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "inner",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        """<row r='1'><c r='A1'><v>1</v></c></row><row r='190000'><c x=">" r = 'XFD190000'><v>1</v></c></row>""",
        """<row r="1"><c r="A1"><v>1</v></c></row><row r="190000"><c r="ZZZ190000" x=' r="A1"'><v>1</v></c></row>""",
        "<row/>" * 200_001 + "<row><c><v>1</v></c></row>",
        "<row>" + "<c><v>1</v></c>" * 9_000 + "</row>" + "<row/>" * 9_000 + "<row><c><v>1</v></c></row>",
    ],
)
def test_cells_far_out_are_refused_before_memory_is_taken(inner: str) -> None:
    with pytest.raises(InvalidInput, match="too large"):
        read(with_cells(inner))


def test_a_table_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 3)
    for data in ((HEAD + ROW * 30).encode(), xlsx(("x", [["注册代码"], *[["1"]] * 4]))):
        with pytest.raises(InvalidInput, match="more than 3 rows"):
            read(data)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_FILE_BYTES", 1024 * 1024)
    with pytest.raises(InvalidInput, match="larger than 1 MB"):
        read(b"x" * (1024 * 1024 + 1))


def test_a_huge_field_is_refused() -> None:
    with pytest.raises(InvalidInput, match="taken apart"):
        read(("注册代码,x\n1," + "y" * 200_000).encode())
