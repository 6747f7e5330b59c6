"""Files of counts: the documented long shape, monthly tables and daily tables as transport authorities publish them.

A row tells what one elevator did in some days. Where a file has no counts but daily minutes of standing still, the first such
day after a day without is a fault. Files may be compressed (`.gz`); headers are found by `columns.toml`.
"""

from __future__ import annotations

import csv
import gzip
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from msgspec import Struct

from planner.risk.history import DAYS_PER_MONTH, History, HistoryError, Period, build_history

_FAULTS_SHOWN = 50
_DAY_ZERO = date(2001, 1, 1)
"""Where days are numbers: any date; no season is taken from it."""

_YEAR_DIGITS = 4


class Source(Struct, frozen=True, kw_only=True):
    """What was read."""

    history: History
    rows: int
    columns: dict[str, str]
    """Meaning → header that was taken for it."""

    holes: int
    """Rows without a day under watch."""


@cache
def _known_headers() -> dict[str, dict[str, list[str]]]:
    with (Path(__file__).parent / "columns.toml").open("rb") as file:
        return tomllib.load(file)


def read_counts(
    path: Path, columns: Mapping[str, str] | None = None, attributes: Path | None = None, until: date | None = None
) -> Source:
    """Read a file of counts.

    Parameters
    ----------
    path
        CSV with a header, UTF-8, perhaps compressed.
    columns
        Meaning → header, before what is found by itself.
    attributes
        A file with a row per elevator that tells its make, year and so on.
    until
        The grid of months reaches at least to this day.

    Raises
    ------
    HistoryError
        With the faults and their lines.
    OSError
        If a file cannot be read.
    """
    with _opened(path) as lines:
        reader = csv.DictReader(lines)
        found = _mapping(reader.fieldnames or [], columns or {})
        if faults := _missing(found, path):
            raise HistoryError(faults)
        rows = list(enumerate(reader, start=2))
    beside = {} if attributes is None else _attributes(attributes)
    reading = _Reading(found, beside)
    periods = list(reading.daily(rows) if "inactive" in found else reading.counted(rows))
    try:
        history = build_history(periods, calendar=reading.calendar, until=until)
    except HistoryError as error:
        raise HistoryError([*reading.faults, *error.faults] if periods else reading.faults or error.faults) from None
    if reading.faults:
        raise HistoryError(reading.faults)
    return Source(
        history=history, rows=len(rows), columns=dict(sorted(found.items())),
        holes=sum(period.exposure_days == 0 for period in periods),
    )  # fmt: skip


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    """Open a text file, compressed or not."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as packed:
            yield iter(packed)
    else:
        with path.open("rt", encoding="utf-8-sig", newline="") as file:
            yield iter(file)


def _plain(header: str) -> str:
    return header.strip().lower().replace(" ", "").replace("_", "")


def _mapping(headers: Iterable[str], told: Mapping[str, str]) -> dict[str, str]:
    """Return meaning → header: what was told, else the first known header that is there."""
    there = {_plain(header): header for header in headers}
    if absent := [(meaning, f"no column {name!r}") for meaning, name in told.items() if _plain(name) not in there]:
        raise HistoryError(absent)
    known = _known_headers()
    found: dict[str, str] = {}
    for meaning, names in {**known["columns"], **known["traits"]}.items():
        wanted = [told[meaning]] if meaning in told else names
        header = next((there[_plain(name)] for name in wanted if _plain(name) in there), None)
        if header is not None and header not in found.values():
            found[meaning] = header
    for meaning, name in told.items():
        if meaning not in found:
            found[meaning] = there[_plain(name)]  # a trait of the caller's own
    return found


def _missing(found: Mapping[str, str], path: Path) -> list[tuple[str, str]]:
    faults = [
        (f"{path.name}: {meaning}", "no such column: name its header with --column")
        for meaning in ("elevator", "from")
        if meaning not in found
    ]
    if "faults" not in found and "inactive" not in found:
        faults.append((f"{path.name}: faults", "neither counts of faults nor daily times of standing still"))
    return faults


def _attributes(path: Path) -> dict[str, dict[str, str]]:
    """Return elevator → header → value of a file with a row per elevator."""
    with _opened(path) as lines:
        reader = csv.DictReader(lines)
        found = _mapping(reader.fieldnames or [], {})
        if "elevator" not in found:
            raise HistoryError([(f"{path.name}: elevator", "no such column")])
        return {
            row[found["elevator"]].strip(): {
                meaning: (row[header] or "").strip() for meaning, header in found.items() if meaning != "elevator"
            }
            for row in reader
        }


class _Reading:
    """Reads rows one by one; collects faults."""

    def __init__(self, found: Mapping[str, str], beside: Mapping[str, Mapping[str, str]]) -> None:
        self.found, self.beside = found, beside
        self.traits = [name for name in found if name in _known_headers()["traits"] or name not in _known_headers()["columns"]]
        self.faults: list[tuple[str, str]] = []
        self.calendar = True

    def counted(self, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Period]:
        """Read rows with counts."""
        lines: dict[tuple[str, date, float], int] = {}
        for line, row in rows:
            first, elevator = self._day(row, "from", line), self._elevator(row, line)
            hole = not self._told(row, "faults")
            faults = 0.0 if hole else self._number(row, "faults", line)
            if first is None or faults is None:
                continue
            days = self._length(row, first, line)
            if (before := lines.setdefault((elevator, first, days), line)) != line:
                self._fault(line, "from", f"the same days of {elevator or 'no elevator'} as line {before}: keep one")
            exposure = 0.0 if hole else self._exposure(row, days, line)
            if exposure is None:
                continue
            yield Period(
                elevator=elevator, first_day=first, days=days, exposure_days=exposure, faults=faults,
                entrapments=self._entrapments(row, hole, line),
                traits=self._traits(row, elevator), renewed_on=self._renewed(row, elevator, first), where=f"line {line}",
            )  # fmt: skip

    def daily(self, rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Period]:
        """Read rows of one day each; the first day of a spell of standing still is a fault."""
        days: dict[str, dict[date, float]] = {}
        for line, row in rows:
            day, inactive = self._day(row, "from", line), self._number(row, "inactive", line)
            if day is not None and inactive is not None:
                days.setdefault(self._elevator(row, line), {})[day] = inactive
        for elevator, of in days.items():
            months: dict[date, list[float]] = {}
            for day, inactive in of.items():
                begins = inactive > 0 and not of.get(day - timedelta(days=1), 0.0) > 0
                counted = months.setdefault(self._month(day), [0.0, 0.0])
                counted[0] += 1
                counted[1] += begins
            traits, renewed = self._traits({}, elevator), self._renewed({}, elevator, min(of))
            for month, (exposure, faults) in months.items():
                yield Period(
                    elevator=elevator, first_day=month, days=31, exposure_days=exposure, faults=faults, traits=traits,
                    renewed_on=renewed, where=elevator,
                )  # fmt: skip

    def _elevator(self, row: Mapping[str, str], line: int) -> str:
        name = (row.get(self.found["elevator"]) or "").strip()
        if not name:
            self._fault(line, "elevator", "is empty: tell which elevator it is")
        return name

    def _month(self, day: date) -> date:
        return day.replace(day=1)

    def _text(self, row: Mapping[str, str], elevator: str, meaning: str) -> str:
        header = self.found.get(meaning)
        value = (row.get(header) or "").strip() if header is not None else ""
        return value or self.beside.get(elevator, {}).get(meaning, "")

    def _traits(self, row: Mapping[str, str], elevator: str) -> dict[str, str]:
        names = {*self.traits, *(n for n in self.beside.get(elevator, {}) if n in _known_headers()["traits"])}
        return {name: value for name in sorted(names) if (value := self._text(row, elevator, name))}

    def _entrapments(self, row: Mapping[str, str], hole: bool, line: int) -> float | None:
        """Return the count; None where nobody counts any. In one row of many it has to be told: no word is no zero."""
        if "entrapments" not in self.found:
            return None
        return 0.0 if hole and not self._told(row, "entrapments") else self._number(row, "entrapments", line)

    def _told(self, row: Mapping[str, str], meaning: str) -> bool:
        return bool((row.get(self.found[meaning]) or "").strip())

    def _number(self, row: Mapping[str, str], meaning: str, line: int) -> float | None:
        text = (row.get(self.found[meaning]) or "").strip()
        try:
            return float(text.replace(",", ""))
        except ValueError:
            self._fault(line, meaning, f"{text!r} is no number")
            return None

    def _day(self, row: Mapping[str, str], meaning: str, line: int) -> date | None:
        text = (row.get(self.found[meaning]) or "").strip()
        day = _day_of(text)
        if day is None:
            self._fault(line, meaning, f"{text!r} is no day: use 2026-11-01")
        elif text.isdigit() and len(text) < _YEAR_DIGITS + 2:
            self.calendar = False
        return day

    def _length(self, row: Mapping[str, str], first: date, line: int) -> float:
        if "to" in self.found:
            last = self._day(row, "to", line)
            if last is not None and last < first:
                self._fault(line, "to", f"{last} lies before {first}")
            return float(max(1, (last - first).days + 1)) if last is not None else 1.0
        # A row that names its first day only stands for the month.
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return float((following - first).days) if first.day == 1 else DAYS_PER_MONTH

    def _exposure(self, row: Mapping[str, str], days: float, line: int) -> float | None:
        if "exposure_days" in self.found and self._told(row, "exposure_days"):
            return self._number(row, "exposure_days", line)
        if "exposure_hours" in self.found and self._told(row, "exposure_hours"):
            hours = self._number(row, "exposure_hours", line)
            return None if hours is None else min(days, hours / 24)
        return days

    def _renewed(self, row: Mapping[str, str], elevator: str, on_day: date) -> date | None:
        months = self._text(row, elevator, "improved_months")
        if months:
            try:
                return on_day - timedelta(days=round(float(months) * DAYS_PER_MONTH))
            except (ValueError, OverflowError):
                return None
        return _day_of(self._text(row, elevator, "built_on"), first_of_year=True)

    def _fault(self, line: int, meaning: str, what: str) -> None:
        if len(self.faults) < _FAULTS_SHOWN:
            self.faults.append((f"line {line}.{self.found[meaning]}", what))


def _day_of(text: str, *, first_of_year: bool = False) -> date | None:
    """Return a day that is written as ISO 8601, as 11/01/2026, as a month 2026-11, as a year, or as a running number."""
    digits = text.partition(".")[0]
    if first_of_year and digits.isdigit():
        year = int(digits)
        return date(year, 7, 1) if 1850 < year < 2200 else None
    if text.isdigit() and len(text) < _YEAR_DIGITS + 2:
        return _DAY_ZERO + timedelta(days=int(text))
    for form in (None, "%m/%d/%Y", "%Y-%m", "%Y/%m/%d", "%d.%m.%Y"):
        try:
            return datetime.fromisoformat(text).date() if form is None else datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None
