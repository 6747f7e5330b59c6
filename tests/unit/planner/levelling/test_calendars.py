"""Calendars from lists, from iCalendar, and as announced in China."""

from __future__ import annotations

from datetime import date

import pytest

from planner.levelling.calendar import SpecialDay, kind_of, unknown_years
from planner.levelling.calendar_files import CalendarFaultsError, read_calendar
from planner.levelling.china import china, known_years

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n"


def event(name: str, first: str, end: str = "", more: str = "") -> str:
    end_line = f"DTEND;VALUE=DATE:{end}\r\n" if end else ""
    return f"BEGIN:VEVENT\r\nSUMMARY:{name}\r\nDTSTART;VALUE=DATE:{first}\r\n{end_line}{more}END:VEVENT\r\n"


def faults(text: str) -> list[str]:
    with pytest.raises(CalendarFaultsError) as refused:
        read_calendar(text.encode(), "test")
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_of_days_and_spans(encoding: str) -> None:
    text = "日期,类型,名称\n# 春节\n2027-02-06..2027-02-07, 休, 春节\n2027/2/14;班;春节调休\n\n"
    found = read_calendar(text.encode(encoding), "own")
    assert found.years == (2027,)
    assert [(special.day.isoformat(), special.kind, special.name) for special in found.days] == [
        ("2027-02-06", "holiday", "春节"), ("2027-02-07", "holiday", "春节"), ("2027-02-14", "working", "春节调休"),
    ]  # fmt: skip


def test_every_faulty_line_is_named_with_its_value() -> None:
    told = faults(
        "2027-13-01, holiday\n2027-01-01, party\n2027-01-02, holiday\n2027-01-02, working\n2027-01-01..2028-01-01, 休\n"
    )
    assert [line.partition(":")[0] for line in told] == ["line 1", "line 2", "line 5", "line 4"]
    assert '"2027-13-01"' in told[0]
    assert '"party"' in told[1]
    assert "366" in told[2]
    assert "line 3" in told[3]


def test_a_file_without_days_or_without_text_is_refused() -> None:
    assert "names no day off" in faults("# nothing\n")[0]
    with pytest.raises(CalendarFaultsError, match="no text"):
        read_calendar(b"\xff\xff\xff", "x")
    with pytest.raises(CalendarFaultsError, match="bytes"):
        read_calendar(b"#" * 3_000_000, "x")


def test_icalendar_counts_whole_days_and_only_marked_events_where_any_are() -> None:
    text = (
        HEAD
        + event("春节（休）", "20270206", "20270208")
        + event("情人节", "20270214")
        + event("春节（班）", "20270220")
        + "END:VCALENDAR"
    )
    found = read_calendar(text.encode(), "ics")
    assert [(special.day.day, special.kind, special.name) for special in found.days] == [
        (6, "holiday", "春节"), (7, "holiday", "春节"), (20, "working", "春节"),
    ]  # fmt: skip
    plain = read_calendar((HEAD + event("New Year", "20270101") + "END:VCALENDAR").encode(), "ics")
    assert plain.days == (SpecialDay(date(2027, 1, 1), "holiday", "New Year"),)


def test_marks_of_apples_calendars_are_understood() -> None:
    marked = event("国庆", "20271001", more="X-APPLE-SPECIAL-DAY:WORK-HOLIDAY\r\n")
    marked += event("国庆", "20271009", more="X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY\r\n")
    found = read_calendar((HEAD + marked + event("中秋", "20270915") + "END:VCALENDAR").encode(), "ics")
    assert [special.kind for special in found.days] == ["holiday", "working"]


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (event("x", "20270101", more="RRULE:FREQ=YEARLY\r\n"), 'event 1: "x" repeats'),
        ("BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20270101T080000Z\r\nEND:VEVENT\r\n", "event 1: begins at 2027-01-01 08:00"),
        ("BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n", "event 1: has no DTSTART"),
        ("nonsense\r\n", "the file is not iCalendar"),
    ],
)
def test_faults_of_icalendar(inside: str, told: str) -> None:
    assert faults(HEAD + inside + "END:VCALENDAR")[0].startswith(told)


def test_china_has_its_working_weekends_and_says_which_years_it_knows() -> None:
    found = china([2025, 2026, 2199])
    assert found.years == (2025, 2026)
    by_day = {special.day: special for special in found.days}
    assert by_day[date(2026, 2, 17)].kind == "holiday"
    assert (by_day[date(2026, 2, 28)].kind, by_day[date(2026, 2, 28)].name) == ("working", "春节")
    assert 2199 not in known_years()
    assert unknown_years(found, date(2026, 12, 20), 30) == (2027,)
    assert unknown_years(None, date(2026, 12, 20), 30) == ()


def test_kinds_of_days() -> None:
    saturday = date(2026, 9, 5)
    assert kind_of(saturday, None) == "weekend"
    assert kind_of(saturday, SpecialDay(saturday, "working")) == "ordinary"
    assert kind_of(saturday, SpecialDay(saturday, "holiday")) == "holiday"
    assert kind_of(date(2026, 9, 4), None) == "ordinary"
