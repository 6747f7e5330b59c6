"""ES1500: totals, flags that last, and codes of the box's own sensors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.telemetry.vocabulary import vocabulary
from tests.support.adapters import ELEVATOR, NOW, context, problem, raw, record

MESSAGE: dict[str, Any] = {
    "Parameters": {"Id": "6001", "Time": "2026-11-25 16:00:00", "Version": "V2.2A"},
    "Count": {
        "EbikeInCnt": 2, "BuckleCnt": "300", "DoorOpenedCnt": 90, "Grade": "88", "RunNum": "120", "RunDistance": 1500.7,
        "RunTime": 4000,
    },
    "Alarm": {"HasAlarm": "1", "ErrorCode": [101, 205], "PersonTrapped": "1", "Speed": "0", "Stuck": 0},
    "State": {"Floor": "B1", "Temp": "25.5", "Hum": "", "Door": "0", "Speed": "1.2", "AccX": "", "People": "3"},
}  # fmt: skip
OWN = {1, 101, 102, 103, 105, 106, 201, 202, 203, 204, 301, 401, 501, 601, 701}


def test_a_whole_message_is_one_record() -> None:
    made = record("es1500", MESSAGE)
    assert made.at == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    assert made.counters == {
        "trips": 120, "door_cycles": 90, "rope_bends": 300, "run_m": 1500, "run_s": 4000, "ebikes": 2,
    }  # fmt: skip
    assert made.gauges == {"health_score": 88.0, "floor": -1.0, "car_temperature_c": 25.5, "people_in_car": 3.0}
    assert made.states == {
        "es1500:ErrorCode": ("es1500:101", "es1500:205"), "es1500:PersonTrapped": ("es1500:PersonTrapped",),
        "es1500:Speed": (), "es1500:Stuck": (),
    }  # fmt: skip
    assert raw(made) == {
        "es1500:State.Floor": ("text", "B1"), "es1500:State.Door": ("unknown", "0"), "es1500:State.Speed": ("unknown", "1.2"),
    }  # fmt: skip


@pytest.mark.parametrize("missing", ["Parameters", "Count", "Alarm", "State"])
def test_any_part_may_be_missing(missing: str) -> None:
    made = record("es1500", {name: part for name, part in MESSAGE.items() if name != missing})
    assert (made.at == NOW) == (missing == "Parameters")


def test_codes_of_sensors_are_the_monitors_own_but_for_three() -> None:
    kinds = vocabulary()
    assert {kinds.kind_of(f"es1500:{code}") for code in OWN} == {"monitor_fault"}
    for code in (104, 205, 206):
        assert kinds.kinds[kinds.kind_of(f"es1500:{code}")].category == "fault"


def test_every_alarm_that_the_box_documents_has_a_kind() -> None:
    flags = [
        "DownAlarm", "UpAlarm", "Ebike", "ManualAlarm", "Paused", "PersonTrapped", "RunDoor", "SlantFb", "SlantLr", "Speed",
        "StpDoorRepeat", "StpDoorUnClose", "StpDoorUnOpen", "Stuck", "SafeLoop",
    ]  # fmt: skip
    assert "unknown" not in {vocabulary().kind_of(f"es1500:{flag}") for flag in flags}


@pytest.mark.parametrize("codes", ["101,205", ["101", [205]], [101, 205, 0], "101 205"])
def test_error_codes_come_in_any_form(codes: Any) -> None:
    assert record("es1500", {"Alarm": {"ErrorCode": codes}}).states == {"es1500:ErrorCode": ("es1500:101", "es1500:205")}


@pytest.mark.parametrize("codes", [[], "", "0", 0, None, [0]])
def test_no_error_code_means_that_none_is_on(codes: Any) -> None:
    assert record("es1500", {"Alarm": {"ErrorCode": codes}}).states == {"es1500:ErrorCode": ()}


def test_a_flag_that_nobody_knows_is_kept_as_an_unknown_signal() -> None:
    made = record("es1500", {"Alarm": {"Amplitude": "1", "Quake": "1", "Tilt": "0.3"}})
    assert made.states == {"es1500:Amplitude": ("es1500:Amplitude",), "es1500:Quake": ("es1500:Quake",)}
    assert raw(made) == {"es1500:Alarm.Tilt": ("unreadable", "0.3")}


def test_an_alarm_that_only_the_summary_tells_is_not_lost() -> None:
    assert record("es1500", {"Alarm": {"HasAlarm": "1", "Speed": "0"}}).states["es1500:HasAlarm"] == ("es1500:HasAlarm",)
    assert "es1500:HasAlarm" not in record("es1500", {"Alarm": {"HasAlarm": "1", "Speed": "1"}}).states


def test_a_gateways_box_is_known_by_its_id() -> None:
    assert record("es1500", MESSAGE, context(elevator=None, elevators={"6001": ELEVATOR})).elevator == ELEVATOR
    assert record("es1500", MESSAGE, context(elevator=None)).elevator == "6001"


@pytest.mark.parametrize(
    ("broken", "field"),
    [(5, "message"), ({}, "message"), ({"Count": 5}, "Count"), ({"Parameters": {"Time": "soon"}}, "Parameters.Time")],
)
def test_what_is_malformed_is_refused_with_its_field(broken: Any, field: str) -> None:
    assert problem("es1500", broken).field == field
