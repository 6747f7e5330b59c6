"""Calendars from files: a plain list of days, or iCalendar (.ics). All faults are told at once, with line and value.

The plain list has one line per day or span, as comma-separated values or with tabs or semicolons between them::

    2027-02-06..2027-02-12, holiday, 春节
    2027-02-14, working, 春节调休

`holiday` may be written 休 or 放假, `working` may be written 班, 上班 or 调休. Empty lines, a line of headings and lines that
begin with # are skipped. A file speaks about the years of which it names a day.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from planner.levelling.calendar import Calendar, Kind, SpecialDay
from planner.rounds.faults import shown

MAX_BYTES = 2_000_000
"""Larger files are no calendar of days off."""
LONGEST_SPAN = 40
"""Days in one line; no public holiday is longer, and a wrong year would make thousands."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
VALUE_SHOWN = 120
"""Characters of a library's complaint that are passed on."""


class CalendarFault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a calendar file.

    Attributes
    ----------
    path
        Where: ``line 7``, ``event 3``, or empty for the file as a whole.
    template, params
        What is wrong and the way out; the value found is among the named places. Other languages translate the template.
    """

    path: str
    template: str
    params: dict[str, str] = {}

    def __str__(self) -> str:
        told = self.template.format(**self.params)
        return f"{self.path}: {told}" if self.path else told


class CalendarFaultsError(ValueError):
    """A calendar that cannot be used; `faults` are all of them, never none."""

    def __init__(self, faults: list[CalendarFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


_KINDS: dict[str, Kind] = {
    "holiday": "holiday", "休": "holiday", "休息": "holiday", "放假": "holiday", "节假日": "holiday", "off": "holiday",
    "working": "working", "班": "working", "上班": "working", "调休": "working", "补班": "working", "work": "working",
}  # fmt: skip
_HEADINGS = {"day", "date", "日期"}
_SEPARATORS = re.compile(r"[,;\t，；]")
_MARKED: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"[(（\[【]班[)）\]】]|补班|调休上班|working day|workday", re.IGNORECASE), "working"),
    (re.compile(r"[(（\[【]休[)）\]】]|放假"), "holiday"),
)
_APPLE: dict[str, Kind] = {"WORK-HOLIDAY": "holiday", "ALTERNATE-WORKDAY": "working"}
"""Values of X-APPLE-SPECIAL-DAY, by which Apple's holiday calendars mark days off and working weekends."""


def read_calendar(data: bytes, name: str) -> Calendar:
    """Read a calendar from the bytes of a file.

    Parameters
    ----------
    data
        A list of days (UTF-8 or GB 18030), or iCalendar, which is told by its first line.
    name
        What to call it.

    Raises
    ------
    CalendarFaultsError
        With all faults; paths are ``line 7`` or ``event 3``.
    """
    if len(data) > MAX_BYTES:
        raise CalendarFaultsError(
            [
                CalendarFault(
                    "",
                    "the file has {size} bytes, a calendar at most {most}; give the days off only",
                    {"size": str(len(data)), "most": str(MAX_BYTES)},
                )
            ]
        )
    text = _decoded(data)
    faults: list[CalendarFault] = []
    is_ical = text.lstrip().upper().startswith("BEGIN:VCALENDAR")
    found = list(_events(data, faults) if is_ical else _lines(text, faults))
    days: dict[datetime.date, tuple[str, SpecialDay]] = {}
    for path, special in found:
        before = days.setdefault(special.day, (path, special))
        if before[1].kind != special.kind:
            faults.append(
                CalendarFault(
                    path,
                    "{day} is {kind} here and {other} in {where}; keep one",
                    {"day": str(special.day), "kind": special.kind, "other": before[1].kind, "where": before[0]},
                )
            )
    if not days and not faults:
        faults.append(CalendarFault("", "the file names no day off; write lines such as 2027-01-01, holiday, New Year"))
    if faults:
        raise CalendarFaultsError(faults)
    specials = tuple(days[day][1] for day in sorted(days))
    return Calendar(name, tuple(sorted({special.day.year for special in specials})), specials)


def _decoded(data: bytes) -> str:
    """Decode a file as UTF-8, or as GB 18030, which is what Excel writes in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CalendarFaultsError([CalendarFault("", "the file is no text; save it as UTF-8 (CSV) or give an .ics file")])


def _lines(text: str, faults: list[CalendarFault]) -> Iterator[tuple[str, SpecialDay]]:
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip().strip('"').strip() for cell in _SEPARATORS.split(line)]
        if not any(cells) or cells[0].startswith("#") or (number == 1 and cells[0].lower() in _HEADINGS):
            continue
        path = f"line {number}"
        days = _days(cells[0], path, faults)
        kind = _kind(cells[1] if len(cells) > 1 else "", path, faults)
        if kind is not None:
            yield from ((path, SpecialDay(day, kind, cells[2] if len(cells) > 2 else "")) for day in days)


def _kind(text: str, path: str, faults: list[CalendarFault]) -> Kind | None:
    kind = _KINDS.get(text.lower())
    if kind is None:
        faults.append(
            CalendarFault(path, "must say holiday or working (休 or 班) after the day, says {given}", {"given": shown(text)})
        )
    return kind


def _days(text: str, path: str, faults: list[CalendarFault]) -> list[datetime.date]:
    ends = [_date(part.strip()) for part in text.split("..")]
    if len(ends) > 2 or None in ends:
        faults.append(
            CalendarFault(
                path,
                "must begin with a day such as 2027-02-06 or a span 2027-02-06..2027-02-12, is {given}",
                {"given": shown(text)},
            )
        )
        return []
    first, last = ends[0], ends[-1]
    assert first is not None  # noqa: S101 - looked for above
    assert last is not None  # noqa: S101 - looked for above
    return _span(first, last, path, faults)


def _span(first: datetime.date, last: datetime.date, path: str, faults: list[CalendarFault]) -> list[datetime.date]:
    count = (last - first).days + 1
    if not 1 <= count <= LONGEST_SPAN:
        faults.append(
            CalendarFault(
                path,
                "{first}..{last} must be 1 to {most} days, is {count}",
                {"first": str(first), "last": str(last), "most": str(LONGEST_SPAN), "count": str(count)},
            )
        )
        return []
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        faults.append(
            CalendarFault(
                path,
                "the year of {first} must be {least} to {most}",
                {"first": str(first), "least": str(FIRST_YEAR), "most": str(LAST_YEAR)},
            )
        )
        return []
    return [first + datetime.timedelta(days=number) for number in range(count)]


def _date(text: str) -> datetime.date | None:
    """Read a day; slashes, points and Chinese characters between the numbers are understood."""
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text)
    try:
        return datetime.date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _events(data: bytes, faults: list[CalendarFault]) -> Iterator[tuple[str, SpecialDay]]:
    """Give the days of an iCalendar file; where some events are marked 休 or 班, only those count."""
    from icalendar import Calendar as ICalendar

    try:
        events: list[Any] = list(ICalendar.from_ical(data).walk("VEVENT"))
    except (ValueError, KeyError, IndexError) as error:
        faults.append(CalendarFault("", "the file is not iCalendar (RFC 5545): {why}", {"why": str(error)[:VALUE_SHOWN]}))
        return
    kinds = [_marked_kind(event) for event in events]
    any_marked = any(kind is not None for kind in kinds)
    for number, (event, kind) in enumerate(zip(events, kinds, strict=True), 1):
        if kind is None and any_marked:
            continue  # a festival that is no day off
        path, name = f"event {number}", str(event.get("SUMMARY", ""))
        if "RRULE" in event:
            faults.append(
                CalendarFault(
                    path, "{name} repeats; write every year's days, for they move from year to year", {"name": shown(name)}
                )
            )
            continue
        for day in _event_days(event, path, faults):
            yield path, SpecialDay(day, kind or "holiday", _MARKED[0][0].sub("", _MARKED[1][0].sub("", name)).strip())


def _marked_kind(event: Any) -> Kind | None:
    apple = str(event.get("X-APPLE-SPECIAL-DAY", "")).upper()
    name = str(event.get("SUMMARY", ""))
    return _APPLE.get(apple) or next((kind for pattern, kind in _MARKED if pattern.search(name)), None)


def _event_days(event: Any, path: str, faults: list[CalendarFault]) -> list[datetime.date]:
    try:
        first, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
    except (KeyError, ValueError):
        faults.append(CalendarFault(path, "has no DTSTART that is a day; give one as DTSTART;VALUE=DATE:20270206"))
        return []
    if isinstance(first, datetime.datetime) or not isinstance(first, datetime.date):
        faults.append(
            CalendarFault(
                path,
                "begins at {given}, which is no day; a day off is a whole one (DTSTART;VALUE=DATE:20270206)",
                {"given": str(first)},
            )
        )
        return []
    if not isinstance(end, datetime.date) or isinstance(end, datetime.datetime) or end <= first:
        end = first + datetime.timedelta(days=1)
    return _span(first, end - datetime.timedelta(days=1), path, faults)
