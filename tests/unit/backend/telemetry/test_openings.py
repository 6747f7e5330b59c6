"""Beginnings and ends of faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.telemetry.openings import openings_of
from backend.telemetry.views import EventView

START = datetime(2026, 11, 25, tzinfo=UTC)


def minutes(*told: tuple[int, str], kind: str = "door_close_fault") -> list[tuple[str, int, int | None]]:
    events = [EventView(elevator=UUID(int=1), at=START + timedelta(minutes=at), raw_code=code, kind=kind) for at, code in told]
    minute = timedelta(minutes=1)
    return [
        (one.raw_code, (one.opened_at - START) // minute, None if one.closed_at is None else (one.closed_at - START) // minute)
        for one in openings_of(events)
    ]


def test_an_end_belongs_to_the_last_beginning_of_its_code() -> None:
    assert minutes((0, "a"), (5, "a:close"), (7, "b"), (8, "a"), (9, "b:close")) == [("a", 0, 5), ("b", 7, 9), ("a", 8, None)]


def test_two_beginnings_and_one_end_leave_the_first_open() -> None:
    assert minutes((0, "a"), (3, "a"), (5, "a:close")) == [("a", 0, None), ("a", 3, 5)]


def test_an_end_without_a_beginning_and_a_code_that_never_ends_are_no_openings() -> None:
    assert minutes((0, "a:close"), (1, "b"), (2, "b")) == []


def test_the_same_beginning_told_of_two_faults_keeps_both() -> None:
    assert minutes((0, "a"), (0, "a"), (1, "a:close"), (2, "a:close")) == [("a", 0, None), ("a", 0, 1)]


@pytest.mark.parametrize("code", ["jtc340:1007", "es1500:205", "bacnet:door-fault"])
def test_what_a_source_that_tells_ends_did_not_end_is_open_from_the_first_time_on(code: str) -> None:
    assert minutes((3, code)) == [(code, 3, None)]


def test_people_who_are_still_trapped_are_told() -> None:
    assert minutes((3, "jtc340:lock-1"), kind="entrapment") == [("jtc340:lock-1", 3, None)]


@pytest.mark.parametrize("kind", ["monitor_fault", "unknown", "normal_mode"])
def test_what_is_no_fault_and_no_alarm_of_the_elevator_is_no_opening_without_an_end(kind: str) -> None:
    assert minutes((3, "jtc340:3001"), kind=kind) == []
