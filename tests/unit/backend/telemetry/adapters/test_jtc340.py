"""JTC340: every event, and every quirk of the box."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.adapters import NOW, codes, context, problem, raw, record, records

LOCAL = "2026-11-25 16:25:07"
INSTANT = datetime(2026, 11, 25, 8, 25, 7, tzinfo=UTC)


def message(value: Any, time: Any = None, **more: Any) -> dict[str, Any]:
    return {"Version": 1.0, "Params": {"Value": value} | ({} if time is None else {"Time": time})} | more


def test_live_data_has_the_time_of_its_arrival_and_a_floor_in_text() -> None:
    value = {"DoorState": 1, "PersonState": 1, "CurrentFloor": "-2B", "RunDirection": 1, "RunState": 1}
    made = record("jtc340", message(value))
    assert made.at == NOW
    assert made.gauges == {"floor": -2.0, "person_in_car": 1.0, "running": 1.0}
    assert raw(made) == {
        "jtc340:CurrentFloor": ("text", "-2B"), "jtc340:DoorState": ("unknown", 1), "jtc340:RunDirection": ("unknown", 1),
    }  # fmt: skip


def test_statistics_are_growth_of_a_period_in_local_time() -> None:
    value = {
        "StartTime": "2021/4/14 00:00:00", "EndTime": "2021/4/15 00:00:00", "DoorToggleCount": 100, "RunMins": 100,
        "RunMileage": 100, "RunCount": "100", "RunMeters": 300,
    }  # fmt: skip
    made = record("jtc340", message(value, 1524448722000))
    [period] = made.periods
    assert period.from_at == datetime(2021, 4, 13, 16, tzinfo=UTC)
    assert period.to_at == made.at == datetime(2021, 4, 14, 16, tzinfo=UTC)
    assert period.growth == {"trips": 100, "door_cycles": 100, "run_m": 300, "run_s": 6000}
    assert made.counters == {}
    assert raw(made) == {"jtc340:RunMileage": ("unknown", 100)}


def test_the_same_statistics_sent_again_later_are_the_same_record() -> None:
    value = {"StartTime": "2026/11/24 00:00:00", "EndTime": "2026/11/25 00:00:00", "RunCount": 100}
    first, again = (record("jtc340", message(value, time)) for time in (1795500000, 1795590000))
    corrected = record("jtc340", message(value | {"RunCount": 101}, 1795590000))
    assert (first.seq, first.digest) == (again.seq, again.digest)
    assert corrected.seq != first.seq


@pytest.mark.parametrize("time", [1795566307, 1795566307000, "1795566307", LOCAL, "2026/11/25 8:25:07+00:00"])
def test_seconds_milliseconds_and_text_are_the_same_instant(time: Any) -> None:
    expected = INSTANT - timedelta(seconds=0) if not str(time).startswith("1795566307") else None
    made = record("jtc340", message({"ErrorType": 1001, "ErrorTime": time}))
    assert made.at == (expected or datetime.fromtimestamp(1795566307, UTC))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1001, "unintended_movement"), (1002, "door_open_running"), (1003, "stopped_outside_zone"), (1004, "overtravel_top"),
        (1005, "overtravel_pit"), (1006, "door_open_fault"), ("1007", "door_close_fault"), (1008, "door_close_fault"),
        (1009, "power_off"), (1010, "unknown"),
    ],
)  # fmt: skip
def test_every_error_type_keeps_its_raw_code(code: Any, kind: str) -> None:
    made = record("jtc340", message({"ErrorType": code, "ErrorTime": LOCAL}, 1795566307))
    assert codes(made) == [(f"jtc340:{code}", kind)]
    assert made.at == INSTANT


def test_a_close_tells_of_both_ends_so_that_a_lost_beginning_is_known() -> None:
    value = {"ErrorType": 1007, "ErrorTime": LOCAL, "CloseTime": "2026-11-25 16:45:07"}
    made = record("jtc340", message(value), context(topic="ErrorClose"))
    assert [(event.raw_code, event.kind, event.at) for event in made.events] == [
        ("jtc340:1007", "door_close_fault", INSTANT),
        ("jtc340:1007:close", "fault_closed", INSTANT + timedelta(minutes=20)),
    ]


@pytest.mark.parametrize(
    ("event", "value", "expected"),
    [
        ("AlarmEvent", {"AlarmType": 2003, "AlarmTime": LOCAL}, [("jtc340:2003", "passenger_alarm")]),
        ("AlarmClose", {"AlarmType": 2003, "CloseTime": LOCAL}, [("jtc340:2003:close", "alarm_closed")]),
        ("LockEvent", {"Type": 0, "LockTime": LOCAL}, [("jtc340:lock-0", "entrapment")]),
        ("LockEvent", {"Type": "2"}, [("jtc340:lock-2", "entrapment")]),
        ("LockEvent", {}, [("jtc340:lock", "entrapment")]),
        ("LockClose", {"Type": 1, "CloseTime": LOCAL}, [("jtc340:lock-1:close", "entrapment_released")]),
        ("SelfError", {"ErrorType": 3001, "ErrorTime": LOCAL}, [("jtc340:3001", "monitor_fault")]),
        ("SelfError", {"ErrorType": 1001, "ErrorTime": LOCAL}, [("jtc340:self-1001", "monitor_fault")]),
        ("Surprise", {"a": 1}, [("jtc340:event-Surprise", "unknown")]),
        ("ntp", {}, []),
        ("property", {"Ver": "2.1"}, []),
    ],
)  # fmt: skip
def test_the_topic_names_the_event(event: str, value: Any, expected: list[tuple[str, str]]) -> None:
    assert codes(record("jtc340", message(value), context(topic=event))) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"AlarmType": 2003, "AlarmTime": LOCAL}, [("jtc340:2003", "passenger_alarm")]),
        ({"Type": 1, "LockTime": LOCAL}, [("jtc340:lock-1", "entrapment")]),
        ({"Type": 1, "CloseTime": LOCAL}, [("jtc340:lock-1:close", "entrapment_released")]),
        ({"ErrorType": 3002, "ErrorTime": LOCAL}, [("jtc340:3002", "monitor_fault")]),
        ({"ErrorType": 1006, "CloseTime": LOCAL}, [("jtc340:1006:close", "fault_closed")]),
        ({"ErrorType": [1006, [1007]]}, [("jtc340:1006", "door_open_fault"), ("jtc340:1007", "door_close_fault")]),
    ],
)  # fmt: skip
def test_without_its_topic_an_event_is_known_by_its_fields(value: Any, expected: list[tuple[str, str]]) -> None:
    assert codes(record("jtc340", message(value))) == expected


def test_the_event_may_stand_in_the_message() -> None:
    assert codes(record("jtc340", message({"Type": 1}, Event="LockClose"))) == [("jtc340:lock-1:close", "entrapment_released")]


def test_a_list_of_values_is_a_record_each() -> None:
    both = [{"ErrorType": 1006, "ErrorTime": LOCAL}, {"ErrorType": 1007, "ErrorTime": LOCAL}]
    assert [codes(one)[0][0] for one in records("jtc340", message(both))] == ["jtc340:1006", "jtc340:1007"]


def test_a_number_that_cannot_be_read_costs_itself_only() -> None:
    value = {"StartTime": "2026/11/24 00:00:00", "EndTime": "2026/11/25 00:00:00", "RunCount": "many", "RunMeters": 5.9}
    made = record("jtc340", message(value))
    assert made.periods[0].growth == {"run_m": 5}
    assert raw(made) == {"jtc340:RunCount": ("unreadable", "many")}


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (5, "message"),
        ({}, "Params"),
        ({"Params": []}, "Params"),
        ({"Params": {"Value": "x"}}, "Params.Value"),
        ({"Params": {}}, "Params.Value"),
        (message({}), "Params.Value"),
        (message({"ErrorType": 1001, "ErrorTime": "soon"}), "Params.Value.ErrorTime"),
        (message({"ErrorTime": LOCAL}), "Params.Value.ErrorType"),
        (message({"ErrorType": 1001}, "soon"), "Params.Time"),
        (message({"StartTime": LOCAL, "RunCount": 5}), "Params.Value.EndTime"),
        (message({"StartTime": LOCAL, "EndTime": LOCAL, "RunMileage": 5}), "Params.Value"),
    ],
)
def test_what_is_malformed_is_refused_with_its_field(broken: Any, field: str) -> None:
    assert problem("jtc340", broken).field == field


@pytest.mark.parametrize("body", [{}, {"Params": None}, {"Version": 1.0, "Params": {}}])
@pytest.mark.parametrize("event", ["ntp", "property"])
def test_a_sign_of_life_may_come_without_params(event: str, body: dict[str, Any]) -> None:
    made = record("jtc340", body, context(topic=event))
    assert made.at == NOW
    assert not made.events
    assert not made.counters


def test_a_fault_without_params_is_told_what_it_lacks() -> None:
    assert problem("jtc340", {}, context(topic="ErrorEvent")).field == "Params.Value.ErrorType"
    assert problem("jtc340", {}).field == "Params"


@pytest.mark.parametrize("count", [-3, "-3", "many", True, [1]])
def test_statistics_of_which_no_count_can_be_read_name_the_count(count: Any) -> None:
    value = {"StartTime": "2026/11/24 00:00:00", "EndTime": "2026/11/25 00:00:00", "RunCount": count}
    assert problem("jtc340", message(value)).field == "Params.Value.RunCount"
