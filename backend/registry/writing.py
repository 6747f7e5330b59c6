"""Writes a table as CSV (UTF-8 with BOM, which spreadsheets need) or XLSX; the same table gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import xlsxwriter

from backend.errors import Fault, InvalidInput

Written: TypeAlias = str | int | float
KINDS = ("csv", "xlsx")
LONGEST_CELL = 32_767
"""Characters that an XLSX cell can hold."""

_WIDEST_COLUMN = 48
_LOOKED_AT_FOR_WIDTH = 200


def check_kind(kind: str) -> None:
    """Refuse a kind of file that is not written.

    Raises
    ------
    InvalidInput
        If it is neither `csv` nor `xlsx`.
    """
    if kind not in KINDS:
        raise InvalidInput("this kind of file is not written", faults=[Fault("format", kind[:20], "use csv or xlsx")])


def file(table: Sequence[Sequence[Written]], kind: str, protect: Callable[[str, bool], str]) -> bytes:
    """Return a table as a file.

    Parameters
    ----------
    table
        The header first.
    kind
        `csv` or `xlsx`.
    protect
        Makes a text safe to open in a spreadsheet, told whether it goes into a CSV.
    """
    check_kind(kind)
    return _csv(table, protect) if kind == "csv" else _xlsx(table, protect)


def _csv(table: Sequence[Sequence[Written]], protect: Callable[[str, bool], str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in table:
        writer.writerow([protect(cell, True) if isinstance(cell, str) else _plain(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _plain(number: float) -> str:
    """Return a number without an exponent, which not every reader knows."""
    return format(Decimal(repr(number)), "f")


def _xlsx(table: Sequence[Sequence[Written]], protect: Callable[[str, bool], str]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a fixed day: equal tables give equal files
    sheet = book.add_worksheet("elevators")
    bold = book.add_format({"bold": True})
    for column, width in enumerate(_widths(table)):
        sheet.set_column(column, column, width)
    for number, row in enumerate(table):
        for column, cell in enumerate(row):
            if not isinstance(cell, str):
                sheet.write_number(number, column, cell)
            elif cell:
                text = protect(cell, False)[:LONGEST_CELL]
                sheet.write_string(number, column, text, bold if number == 0 else None)
    sheet.freeze_panes(1, 1)
    if table and table[0]:
        sheet.autofilter(0, 0, len(table) - 1, len(table[0]) - 1)
    book.close()
    return out.getvalue()


def _widths(table: Sequence[Sequence[Written]]) -> list[int]:
    widths: list[int] = []
    for row in table[:_LOOKED_AT_FOR_WIDTH]:
        widths += [8] * (len(row) - len(widths))
        for column, cell in enumerate(row):
            text = str(cell)
            wide = sum(2 if ord(c) > 0x2E80 else 1 for c in text[:_WIDEST_COLUMN])
            widths[column] = min(max(widths[column], wide + 2), _WIDEST_COLUMN)
    return widths
