"""Opens an XLSX file that somebody sent: refuses what would not fit into memory before anything is built from it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence

import python_calamine

from backend.errors import InvalidInput
from backend.registry.values import Cell

MOST_BYTES = 256 * 1024 * 1024
"""Unpacked size of all parts: a register of 100 000 elevators has about 150 MB."""

MOST_PARTS = 2_000
MOST_ROWS = 200_000
MOST_CELLS = 10_000_000
"""The reader lays each sheet out as a full rectangle, so a single cell far out would take gigabytes."""

_CHUNK_BYTES = 1 << 20
_LONGEST_TAG_BYTES = 1 << 20
_MARK = re.compile(rb"""<(?:\w+:)?(row|c)(?=[\s/>])|\br\s*=\s*["']([A-Z]{0,3})(\d{1,9})["']""")
"""A row or cell begins, or says where it is. Read without regard for what stands around it, so that no spelling hides it."""

DAMAGED = "this XLSX file is damaged: open it in a spreadsheet program, save it as XLSX or CSV, and send that"
TOO_LARGE = "this XLSX file is too large or has cells far outside of its table: save the table alone as CSV and send that"


def sheets(data: bytes) -> Iterator[tuple[str, Sequence[Sequence[Cell]]]]:
    """Yield the name and the rows of each worksheet that is not hidden, from its first row and column on.

    Raises
    ------
    InvalidInput
        If the file is damaged, protected by a password, or too large.
    """
    _refuse_unsafe(data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for meta in book.sheets_metadata:
            if meta.visible is python_calamine.SheetVisibleEnum.Visible:
                yield meta.name, book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
    except InvalidInput:
        raise
    except Exception as error:
        raise InvalidInput(DAMAGED) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader, which is written in Rust
            raise InvalidInput(DAMAGED) from error
        raise


def _refuse_unsafe(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise InvalidInput(TOO_LARGE)
            if not any(part.filename.startswith("xl/") for part in parts):
                raise InvalidInput("this is not a table: save it as an XLSX workbook or a CSV file")
            if any(part.flag_bits & 1 for part in parts):
                raise InvalidInput("this file is protected by a password: save it without one")
            bytes_left, cells = MOST_BYTES, 0
            for part in parts:
                size, more = _measure(archive, part, bytes_left)
                bytes_left, cells = bytes_left - size, cells + more
                if cells > MOST_CELLS:
                    raise InvalidInput(TOO_LARGE)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise InvalidInput(DAMAGED) from error


def _measure(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> tuple[int, int]:
    """Return the true unpacked size of a part, and how many cells its rectangle has if it is a worksheet."""
    size, tail, extent = 0, b"", _Extent()
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            xml = tail + chunk
            tail = xml[xml.rfind(b"<") :] if b"<" in xml else b""
            if size > most or len(tail) > _LONGEST_TAG_BYTES:
                raise InvalidInput(TOO_LARGE)
            extent.take(xml[: len(xml) - len(tail)])
    extent.take(tail)
    return size, extent.cells


class _Extent:
    """How far out the cells of a worksheet are."""

    def __init__(self) -> None:
        self.rows = self.columns = self._in_row = 0
        self._last_row = self._last_column = 0

    def take(self, xml: bytes) -> None:
        """Look at the next part of the text."""
        for tag, letters, digits in _MARK.findall(xml):
            if tag == b"row":
                self.rows, self._in_row = self.rows + 1, 0
            elif tag:
                self._in_row += 1
                self.columns = max(self.columns, self._in_row)
            else:
                self._last_row = max(self._last_row, int(digits))
                self._last_column = max(self._last_column, _column(letters))

    @property
    def cells(self) -> int:
        """Return the size of the rectangle; a sheet with too many rows counts as endless."""
        rows = max(self.rows, self._last_row)
        return MOST_CELLS + 1 if rows > MOST_ROWS else rows * max(self.columns, self._last_column, 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
