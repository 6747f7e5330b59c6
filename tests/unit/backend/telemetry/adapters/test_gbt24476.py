"""GB/T 24476-2017: real-time data, statistics, codes of the standard and of two lists that grew from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.telemetry.vocabulary import vocabulary
from tests.support.adapters import ELEVATOR, codes, context, problem, record


def test_real_time_data_and_statistics_are_read_in_chinese_and_english() -> None:
    chinese = {
        "时间戳": 1795500000, "服务模式": "2", "运行状态": 1, "开锁区域": True, "当前楼层": "-2", "关门到位": "0",
        "轿厢有人": "1",
        "运行次数": "100", "开关门次数": 90, "钢丝绳折弯次数": 300, "平层触发次数": 250, "累计运行距离": 1200.4,
        "累计运行时间": "12.5",
        "往返次数": 40,
    }  # fmt: skip
    english = {
        "timestamp": 1795500000000, "realTime": {
            "serviceMode": 2, "runState": "1", "doorZone": 1, "currentFloor": -2, "doorClosed": 0, "hasPerson": True,
        }, "statistics": {
            "runCount": 100, "doorCount": "90", "ropeBendCount": 300, "levelingCount": 250, "runDistance": 1200,
            "runHours": 12.5, "roundTripCount": 40,
        },
    }  # fmt: skip
    first, second = (record("gbt24476", message) for message in (chinese, english))
    assert first.at == second.at == datetime.fromtimestamp(1795500000, UTC)
    assert first.counters == second.counters == {
        "trips": 100, "door_cycles": 90, "rope_bends": 300, "levelings": 250, "run_m": 1200, "run_s": 45000, "round_trips": 40,
    }  # fmt: skip
    assert first.gauges == second.gauges == {
        "service_mode": 2.0, "running": 1.0, "in_door_zone": 1.0, "floor": -2.0, "door_closed": 0.0, "person_in_car": 1.0,
    }  # fmt: skip
    assert first.states == second.states == {"gbt24476:service_mode": ("gbt24476:mode-2",)}
    assert not first.raw


def test_code_eight_is_that_of_the_devices_table() -> None:
    kinds = vocabulary()
    standard = record("gbt24476", {"faultCode": 8}).states["gbt24476:faultCode"][0]
    local = record("gbt24476", {"faultCode": "08"}, context(codes="gbt24476-local")).states["gbt24476:faultCode"][0]
    undeclared = record("gbt24476", {"faultCode": "08"}).states["gbt24476:faultCode"][0]
    assert [kinds.kind_of(code) for code in (standard, local, undeclared)] == [
        "restart_blocked", "door_open_running", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "kind"), [("0101", "entrapment"), ("0313", "monitor_fault"), ("0401", "out_of_service"), ("0999", "unknown")]
)
def test_four_digits_are_the_vendors(code: str, kind: str) -> None:
    made = record("gbt24476", {"code": code})
    assert codes(made) == [(f"gbt24476-vendor:{code}", kind)]


def test_a_fault_lasts_while_it_is_told_and_zero_is_none() -> None:
    assert record("gbt24476", {"故障代码": "3"}).states == {"gbt24476:故障代码": ("gbt24476:3",)}
    for none in (0, "0", "00", "000"):
        assert record("gbt24476", {"故障代码": none}).states == {"gbt24476:故障代码": ()}


def test_a_fault_with_a_time_of_its_own_is_told_once() -> None:
    message = {"faults": [{"code": 2, "time": "2026-11-25 16:00:00"}, {"faultCode": "7", "time": 1795500000}]}
    made = record("gbt24476", message)
    assert codes(made) == [("gbt24476:2", "door_close_fault"), ("gbt24476:7", "position_lost")]
    assert made.events[0].at == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert (made.states, made.raw) == ({}, {})


def test_an_event_has_its_code_and_time() -> None:
    made = record("gbt24476", {"events": [{"code": 43, "time": "2026-11-25 16:00:00"}, {"eventCode": "90"}]})
    assert codes(made) == [("gbt24476:43", "inspection_mode"), ("gbt24476:90", "alarm_button")]
    assert made.events[0].at == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert made.events[1].at == made.at


def test_a_platforms_message_names_its_elevator() -> None:
    message = {"设备代码": ELEVATOR, "运行次数": 5}
    assert record("gbt24476", message, context(elevator=None)).elevator == ELEVATOR


def test_the_unknown_mode_is_no_event() -> None:
    assert record("gbt24476", {"服务模式": 7}).states == {}


@pytest.mark.parametrize(("broken", "field"), [(5, "message"), ({}, "message"), ({"时间": "soon"}, "时间")])
def test_what_is_malformed_is_refused_with_its_field(broken: Any, field: str) -> None:
    assert problem("gbt24476", broken).field == field
