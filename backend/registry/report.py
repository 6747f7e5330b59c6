"""What an import did, or would do: counts, bad rows, warnings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct, field

Translate: TypeAlias = Callable[[str, dict[str, object]], str]
"""Fills in a sentence with named places, in the reader's language."""


def in_english(template: str, params: dict[str, object]) -> str:
    """Return the sentence as it is written in the code."""
    return template.format(**params) if params else template


class BadCell(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a row."""

    row: int
    """As in the spreadsheet: the first line is 1."""

    column: str
    """As it is named in the file; the field's own name where the file has no such column."""

    value: str | None
    """What was given, shortened; None where the cell is empty."""

    reason: str
    """What is wrong and the way out."""

    template: str = ""
    """The reason before its places were filled in, for other languages."""

    params: dict[str, object] = field(default_factory=dict)


class ImportNote(Struct, frozen=True, kw_only=True):
    """Something that was taken, but that somebody should look at."""

    column: str
    """As it is named in the file; empty where it concerns no column."""

    reason: str
    count: int
    """How many cells."""

    rows: list[int]
    """The first of them, at most ten."""

    template: str = ""
    params: dict[str, object] = field(default_factory=dict)


class SourceRow(Struct, frozen=True, kw_only=True):
    """A row as it stands in the file."""

    row: int
    cells: list[str]


class Counts(Struct, frozen=True, kw_only=True):
    """How many rows of one kind were made, changed, left."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did, or would do."""

    filename: str
    rows: int
    """Rows below the header that are not empty."""

    written: bool
    """False after a dry run and where bad rows stopped the import."""

    dry_run: bool
    elevators: Counts
    owners: Counts
    sites: Counts
    contracts: Counts
    firms: list[str]
    """Firms written into."""

    firms_made: list[str]
    bad: list[BadCell]
    notes: list[ImportNote]
    header: list[str]
    bad_rows: list[SourceRow]
    """The rows of `bad`, for a file that can be mended and imported again."""

    @property
    def bad_row_count(self) -> int:
        """Rows with at least one fault."""
        return len(self.bad_rows)

    @property
    def refused(self) -> bool:
        """Whether bad rows kept everything from being written."""
        return bool(self.bad) and not self.written and not self.dry_run


def bad_rows_file(report: ImportReport, kind: str, translate: Translate = in_english) -> bytes:
    """Return the bad rows as a file of their own: the file's columns, then the reasons; mend it and import it again.

    Parameters
    ----------
    report
        Of an import with bad rows.
    kind
        `csv` or `xlsx`.
    translate
        Language of the reasons.
    """
    raise NotImplementedError


def translated(report: ImportReport, translate: Translate) -> ImportReport:
    """Return the report with its reasons in another language."""
    raise NotImplementedError
