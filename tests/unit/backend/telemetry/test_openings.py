"""Beginnings and ends of faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from backend.telemetry.openings import openings_of
from backend.telemetry.views import EventView

START = datetime(2026, 11, 25, tzinfo=UTC)


def minutes(*told: tuple[int, str]) -> list[tuple[str, int, int | None]]:
    events = [
        EventView(elevator=UUID(int=1), at=START + timedelta(minutes=at), raw_code=code, kind="door_close_fault")
        for at, code in told
    ]
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
