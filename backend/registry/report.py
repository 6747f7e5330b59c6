"""What an import did, or would do: counts, bad rows, notes; and the bad rows as a file that can be mended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from backend.registry import cells, writing

Translate: TypeAlias = Callable[[str, dict[str, object]], str]
"""Fills in a sentence with named places, in the reader's language."""

REASON_HEADERS = frozenset({"reason (liftrounds)", "原因 (liftrounds)"})
"""Last column of a file of bad rows; the import passes over it."""

NOTED_ROWS = 10


def in_english(template: str, params: dict[str, object]) -> str:
    """Return the sentence as it is written in the code."""
    return template.format(**params) if params else template


class BadCell(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a row."""

    row: int
    """As in the spreadsheet: its first row is 1."""

    column: str
    """As it is named in the file; our own name where the file has no such column."""

    value: str | None
    """What was given, shortened; None where the cell is empty."""

    reason: str
    """What is wrong and the way out."""

    template: str
    """The reason before its places were filled in, for other languages."""

    params: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, row: int, column: str, value: str | None, template: str, **params: object) -> BadCell:
        """Return a fault with its reason in English."""
        reason = in_english(template, params)
        return cls(row=row, column=column, value=value, reason=reason, template=template, params=params)


class ImportNote(Struct, frozen=True, kw_only=True):
    """Something that was taken, but that somebody should look at."""

    column: str
    """As it is named in the file; empty where it concerns no column."""

    count: int
    """How many rows; 0 where it concerns the whole column or file."""

    rows: list[int]
    """The first of them, at most ten."""

    template: str
    params: dict[str, object] = field(default_factory=dict)
    because: str = ""
    """Template of a second sentence that says why, with the same places."""


def note_text(note: ImportNote, translate: Translate) -> str:
    """Return what a note says."""
    text = translate(note.template, note.params)
    return f"{text}: {translate(note.because, note.params)}" if note.because else text


class Notes:
    """Collects notes; the same note of many rows is one."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], tuple[dict[str, object], list[int]]] = {}

    def add(self, column: str, template: str, row: int | None = None, **params: object) -> None:
        """Note something about a column, or about a row of it; the places are those of the first row."""
        self._add(column, template, "", row, params)

    def add_unusable(self, column: str, row: int, because: str, params: dict[str, object]) -> None:
        """Note that a cell was not used, and why."""
        self._add(column, "this cannot be used and is kept in extra", because, row, params)

    def _add(self, column: str, template: str, because: str, row: int | None, params: dict[str, object]) -> None:
        _params, rows = self._found.setdefault((column, template, because), (params, []))
        if row is not None:
            rows.append(row)

    def listed(self) -> list[ImportNote]:
        """Return the notes in the order of their first row."""
        return [
            ImportNote(
                column=column, count=len(rows), rows=rows[:NOTED_ROWS], template=template, params=params, because=because
            )
            for (column, template, because), (params, rows) in self._found.items()
        ]


class SourceRow(Struct, frozen=True, kw_only=True):
    """A row as it stands in the file."""

    row: int
    cells: list[str | int | float]


class Counts(Struct, frozen=True, kw_only=True):
    """How many things of one kind were made, changed, left."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did, or would do."""

    filename: str
    rows: int
    """Rows below the header that are not empty."""

    written: bool
    """False after a dry run, and where bad rows stopped the import."""

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
    def refused(self) -> bool:
        """Whether bad rows kept everything from being written."""
        return bool(self.bad) and not self.written and not self.dry_run


def bad_rows_file(report: ImportReport, kind: str, translate: Translate = in_english, *, language: str = "en") -> bytes:
    """Return the bad rows as a file of their own: the file's columns, then the reasons; mend it and import it again.

    Parameters
    ----------
    report
        Of an import with bad rows.
    kind
        `csv` or `xlsx`.
    translate, language
        Of the reasons.
    """
    reasons: dict[int, list[str]] = {}
    for bad in report.bad:
        text = translate(bad.template, bad.params)
        reasons.setdefault(bad.row, []).append(f"{bad.column}: {text}" if bad.column else text)
    last = "原因 (liftrounds)" if language == "zh" else "reason (liftrounds)"
    width = max([len(report.header), *(len(row.cells) for row in report.bad_rows)])
    table: list[list[writing.Written]] = [[*_padded(report.header, width), last]]
    table += [[*_padded(row.cells, width), "; ".join(reasons.get(row.row, []))] for row in report.bad_rows]
    return writing.file(table, kind, lambda text, is_csv: cells.protected_source(text) if is_csv else text)


def _padded(row: Sequence[writing.Written], width: int) -> list[writing.Written]:
    return [*row, *[""] * (width - len(row))]


class ToldBadCell(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a row."""

    row: int
    """As in the spreadsheet: its first row is 1."""

    column: str
    value: str | None
    reason: str


class ToldNote(Struct, frozen=True, kw_only=True):
    """Something that was taken, but that somebody should look at."""

    column: str
    reason: str
    count: int
    rows: list[int]
    """The first of them, at most ten."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What an import did, or would do, in the reader's language."""

    filename: str
    rows: int
    written: bool
    dry_run: bool
    elevators: Counts
    owners: Counts
    sites: Counts
    contracts: Counts
    firms: list[str]
    firms_made: list[str]
    bad_rows: int
    bad: list[ToldBadCell]
    notes: list[ToldNote]


def outcome(report: ImportReport, translate: Translate = in_english) -> Outcome:
    """Return what is told of a report: its reasons filled in, without the rows of the file."""
    return Outcome(
        filename=report.filename, rows=report.rows, written=report.written, dry_run=report.dry_run,
        elevators=report.elevators, owners=report.owners, sites=report.sites, contracts=report.contracts,
        firms=report.firms, firms_made=report.firms_made, bad_rows=len(report.bad_rows),
        bad=[
            ToldBadCell(row=bad.row, column=bad.column, value=bad.value, reason=translate(bad.template, bad.params))
            for bad in report.bad
        ],
        notes=[
            ToldNote(column=note.column, reason=note_text(note, translate), count=note.count, rows=note.rows)
            for note in report.notes
        ],
    )  # fmt: skip
