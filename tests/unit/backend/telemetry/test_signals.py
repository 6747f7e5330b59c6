"""Signals that are told again as long as they last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.telemetry.signals import HOLD, Run, Runs

START = datetime(2026, 11, 25, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def told(*readings: tuple[float, str]) -> list[tuple[str, float]]:
    """Events, with their minutes, of readings: minutes and the letters that are on."""
    runs = Runs()
    events = [event for minutes, on in readings for event in runs.tell(at(minutes), on)]
    return sorted((code, (when - START) / timedelta(minutes=1)) for code, when in events)


def test_what_is_told_again_began_once() -> None:
    assert told((0, "a"), (1, "a"), (2, "a")) == [("a", 0)]


def test_off_ends_it_and_on_begins_it_anew() -> None:
    assert told((0, "a"), (1, "a"), (2, ""), (3, ""), (4, "a")) == [("a", 0), ("a", 4), ("a:close", 2)]


def test_what_never_was_on_leaves_nothing() -> None:
    runs = Runs()
    assert runs.tell(at(0), "") == []
    assert runs.runs == []


def test_codes_of_a_group_begin_and_end_by_themselves() -> None:
    assert told((0, "a"), (1, "ab"), (2, "b")) == [("a", 0), ("a:close", 2), ("b", 1)]


def test_what_was_not_told_for_long_begins_anew() -> None:
    hours = HOLD / timedelta(minutes=1)
    assert told((0, "a"), (hours + 1, "a")) == [("a", 0), ("a", hours + 1)]
    assert told((0, "a"), (hours, "a")) == [("a", 0)]


def test_the_same_told_twice_changes_nothing() -> None:
    runs = Runs()
    runs.tell(at(0), "a")
    runs.tell(at(5), "a")
    assert runs.tell(at(5), "a") == runs.tell(at(0), "a") == []


def test_a_late_off_between_parts_a_fault_in_two() -> None:
    assert told((0, "a"), (9, "a"), (5, "")) == [("a", 0), ("a", 9), ("a:close", 5)]


def test_a_late_on_before_an_off_is_part_of_what_was() -> None:
    assert told((0, "a"), (9, ""), (5, "a")) == [("a", 0), ("a:close", 9)]


def test_runs_that_touch_again_are_joined() -> None:
    far = HOLD / timedelta(minutes=1)
    runs = Runs([Run(first_at=at(0), last_at=at(0), codes=frozenset("a"), id=1)])
    runs.tell(at(far + 60), "a")
    runs.runs[1].id = 2
    assert runs.tell(at(far / 2), "a") == []
    assert [(run.first_at, run.last_at) for run in runs.runs] == [(at(0), at(far + 60))]
    assert runs.removed == [2]


@given(st.lists(st.sets(st.sampled_from("abc")), max_size=30))
def test_in_order_every_edge_is_an_event_and_nothing_else(readings: list[set[str]]) -> None:
    expected = []
    before: set[str] = set()
    for minutes, on in enumerate(readings):
        expected += [(code, minutes) for code in on - before] + [(f"{code}:close", minutes) for code in before - on]
        before = on
    assert told(*((minutes, "".join(on)) for minutes, on in enumerate(readings))) == sorted(expected)
