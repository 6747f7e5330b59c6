"""Facts of a small firm for tests of snapshots: a Monday, two crews of two, elevators as wanted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backend.rounds.facts import CrewFact, ElevatorFact, Facts, MemberFact, ShiftFact, WindowFact

MONDAY = date(2026, 11, 30)
FAR = date(2099, 1, 1)


def uid(number: int) -> UUID:
    """An id that a person can read."""
    return UUID(int=number)


def day(number: int) -> date:
    """A day after the Monday; negative before it."""
    return MONDAY + timedelta(days=number)


def elevator(number: int, **values: Any) -> ElevatorFact:
    """An elevator at a site of its own."""
    given: dict[str, Any] = {
        "id": uid(number), "site": uid(1000 + number), "bank": "", "rule_pack": "cn-fixed-15", "service_min": None,
        "skills": [], "lat": 28.6 + number / 1000, "lon": 121.4, "access_hours": [],
    }  # fmt: skip
    return ElevatorFact(**(given | values))


def window(number: int, first: int, last: int, **values: Any) -> WindowFact:
    """A due window from day to day."""
    given: dict[str, Any] = {
        "elevator": uid(number), "first_day": day(first), "last_day": day(last), "maintenance_class": "half_month",
        "reason_en": "15 days after the last visit", "reason_zh": "距上次维保 15 天",
    }  # fmt: skip
    return WindowFact(**(given | values))


def crew(number: int) -> CrewFact:
    """A crew with its base."""
    return CrewFact(id=uid(number), base_lat=28.65, base_lon=121.42)


def shift(crew_number: int, weekday: int, **values: Any) -> ShiftFact:
    """Eight to five, an hour's break."""
    given: dict[str, Any] = {
        "crew": uid(crew_number), "weekday": weekday, "from_s": 28_800, "to_s": 61_200, "max_overtime_s": 3600,
        "break_from_s": 41_400, "break_to_s": 46_800, "break_duration_s": 3600,
    }  # fmt: skip
    return ShiftFact(**(given | values))


def member(crew_number: int, technician: int, **values: Any) -> MemberFact:
    """A technician who has long been in the crew."""
    given: dict[str, Any] = {
        "crew": uid(crew_number), "technician": uid(technician), "starts_on": date(2020, 1, 1), "ends_on": None,
        "skills": ["traction"], "certified_until": FAR,
    }  # fmt: skip
    return MemberFact(**(given | values))


def facts(**values: Any) -> Facts:
    """Ten days from the Monday; crew 1 with technicians 11 and 12, crew 2 with 21 and 22, Monday to Friday."""
    given: dict[str, Any] = {
        "time_zone": "Asia/Shanghai", "today": day(-1), "start_date": MONDAY, "days": 10, "not_before_s": 0,
        "elevators": [], "windows": [], "orders": [], "rounds": [], "crews": [crew(1), crew(2)],
        "shifts": [shift(number, weekday) for number in (1, 2) for weekday in range(5)],
        "members": [member(1, 11), member(1, 12), member(2, 21), member(2, 22)], "absences": [], "last_crews": [],
    }  # fmt: skip
    return Facts(**(given | values))
