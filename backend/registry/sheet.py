"""Reads a file that somebody sent as a table: which kind it is, in which encoding, where its header is. Pure."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.registry import workbook
from backend.registry.rules import ONE_OF
from backend.registry.values import Cell, text_of

MOST_FILE_BYTES = 30 * 1024 * 1024
MOST_ROWS = 100_000
HEADER_WITHIN = 20
"""A title and notes may stand above the header."""

LEAST_COMMON = 0.8
"""Share of the characters that are in GB 2312, the 7 445 common ones of GB 18030's 70 000, in a Chinese text."""

NO_TABLE = "this is not a table: save it as an XLSX workbook or a CSV file"
_OTHER_FILES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<")
"""How files begin that people send instead; a web page saved with the name .xls is one of them."""

_DELIMITERS = (",", ";", "\t", "，")
_ENCODINGS = ("utf-8", "gb18030", "utf-16", "cp1252", "latin-1", "big5", "shift_jis")

Recognise: TypeAlias = Callable[[Sequence[str]], int]
"""Says how many of the headers in a row are known."""


class Row(Struct, frozen=True):
    """A row with something in it."""

    number: int
    """As in the spreadsheet: its first row is 1."""

    cells: list[Cell]


class Sheet(Struct, frozen=True, kw_only=True):
    """A table with its header."""

    header: list[str]
    header_row: int
    rows: list[Row]
    kind: str
    """`csv` or `xlsx`."""

    unread: list[str]
    """Other sheets of the workbook that hold something."""


def read(data: bytes, recognise: Recognise, *, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """Return the table in a file.

    Parameters
    ----------
    data
        CSV or XLSX.
    recognise
        Finds the header among the first rows.
    encoding, delimiter
        Of a CSV; None finds them out.

    Raises
    ------
    InvalidInput
        If there is no table in it.
    """
    if not data.strip():
        raise InvalidInput("the file is empty")
    if len(data) > MOST_FILE_BYTES:
        raise InvalidInput("the file is larger than {most} MB: split it", most=MOST_FILE_BYTES // 1024 // 1024)
    if data.startswith(b"PK"):
        return _from_workbook(data, recognise)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InvalidInput("this is an old XLS file, or one with a password: save it as XLSX without a password, or as CSV")
    if data.lstrip().startswith(_OTHER_FILES):
        raise InvalidInput(NO_TABLE)
    text = decoded(data, encoding)
    if text.startswith("sep=") and len(text.partition("\n")[0].strip()) == 5:
        delimiter, text = text[4], text.partition("\n")[2]
    marks = (delimiter,) if delimiter else _DELIMITERS
    best = max(marks, key=lambda mark: _fitness(text, mark, recognise))
    return _table(_csv_rows(text, best), recognise, kind="csv")


def decoded(data: bytes, encoding: str | None) -> str:
    """Return the text of a CSV file: UTF-8 or UTF-16 by its mark, else UTF-8, else GB 18030.

    Raises
    ------
    InvalidInput
        If it is none of these, or the named encoding does not fit.
    """
    if encoding is not None:
        return _decoded_as(data, encoding)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded_as(data, "utf-16")
    for name in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "utf-8-sig" or _is_chinese(text):
            return _without_binary(text)
    raise InvalidInput(
        "the file is neither UTF-8 nor GB 18030: save it as UTF-8, or name its encoding ({names})",
        names=", ".join(_ENCODINGS[2:]),
    )


def _decoded_as(data: bytes, encoding: str) -> str:
    if encoding.lower() not in _ENCODINGS:
        fault = Fault.of("encoding", encoding[:40], ONE_OF, accepted=", ".join(_ENCODINGS))
        raise InvalidInput("this encoding is not known", faults=[fault])
    try:
        return _without_binary(data.decode("utf-8-sig" if encoding.lower() == "utf-8" else encoding))
    except UnicodeError as error:
        raise InvalidInput("the file is not {encoding}: save it as UTF-8, or name another", encoding=encoding) from error


def _is_chinese(text: str) -> bool:
    """Return whether what was decoded as GB 18030 reads as Chinese: letters of a western encoding become rare characters."""
    others = Counter(c for c in text if ord(c) > 127)
    common = sum(count for c, count in others.items() if _in_gb2312(c))
    return common >= LEAST_COMMON * others.total()


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _without_binary(text: str) -> str:
    if "\0" in text:
        raise InvalidInput(NO_TABLE)
    return text


def _fitness(text: str, delimiter: str, recognise: Recognise) -> tuple[int, int]:
    """Return how well a delimiter fits: known headers, then columns, in the best of the first rows."""
    best = (0, 0)
    try:
        for i, cells in enumerate(csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)):
            if i >= HEADER_WITHIN:
                break
            best = max(best, (recognise(cells), len(cells)))
    except csv.Error:
        pass  # the reading proper says where
    return best


def _csv_rows(text: str, delimiter: str) -> list[Row]:
    rows: list[Row] = []
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if any(cell.strip() for cell in cells):
                rows.append(Row(number, list(cells)))
            if len(rows) > MOST_ROWS + HEADER_WITHIN:
                raise _too_many_rows()
    except csv.Error as error:
        reason = "a quote is not closed, or something stands behind a closing quote: write quotes inside quoted text twice"
        fault = Fault(f"row {number + 1}", None, reason)
        raise InvalidInput("the CSV file cannot be taken apart into rows", faults=[fault]) from error
    return rows


def _too_many_rows() -> InvalidInput:
    return InvalidInput("the file has more than {most} rows: split it", most=MOST_ROWS)


def _from_workbook(data: bytes, recognise: Recognise) -> Sheet:
    best: Sheet | None = None
    best_known = -1
    names: list[str] = []
    for name, table in workbook.sheets(data):
        rows = [Row(i, list(cells)) for i, cells in enumerate(table, 1) if any(cell not in ("", None) for cell in cells)]
        if not rows:
            continue
        names.append(name)
        sheet = _table(rows, recognise, kind="xlsx")
        known = recognise(sheet.header)
        if known > best_known:
            best, best_known, chosen = sheet, known, name
    if best is None:
        raise InvalidInput("the file is empty")
    names.remove(chosen)
    return Sheet(header=best.header, header_row=best.header_row, rows=best.rows, kind="xlsx", unread=names)


def _table(rows: list[Row], recognise: Recognise, *, kind: str) -> Sheet:
    """Cut the header off: the row with most known headers among the first ones."""
    if not rows:
        raise InvalidInput("the file is empty")
    texts = [_header_texts(row) for row in rows[:HEADER_WITHIN]]
    known = [recognise(text) for text in texts]
    at = known.index(max(known))
    if len(rows) - at - 1 > MOST_ROWS:
        raise _too_many_rows()
    header = texts[at]
    while header and not header[-1] and not any(has_cell(row, len(header) - 1) for row in rows[at + 1 :]):
        header.pop()
    return Sheet(header=header, header_row=rows[at].number, rows=rows[at + 1 :], kind=kind, unread=[])


def has_cell(row: Row, position: int) -> bool:
    """Return whether a row has something at a position."""
    return position < len(row.cells) and row.cells[position] not in ("", None)


def _header_texts(row: Row) -> list[str]:
    texts = []
    for cell in row.cells:
        try:
            texts.append(" ".join(text_of(cell).split()))
        except ValueError:
            texts.append(str(cell))
    return texts
