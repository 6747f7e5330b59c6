"""ThingsBoard: every form of a message, alone, with its time, in lists, and of a gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backend.telemetry.adapters.dialect import Target
from tests.support.adapters import ELEVATOR, NOW, codes, context, problem, raw, read, record, records

TS = 1795500000123
AT = datetime.fromtimestamp(1795500000, UTC).replace(microsecond=123000)


def test_keys_and_values_have_the_time_of_their_arrival() -> None:
    made = record("thingsboard", {"runCount": "120", "temperature": 31.5})
    assert (made.at, made.counters, made.gauges) == (NOW, {"trips": 120}, {"temperature_c": 31.5})


@pytest.mark.parametrize(
    "message",
    [
        {"ts": TS, "values": {"trips": 5}},
        {"ts": str(TS), "values": [{"trips": 5}]},
        [{"ts": TS, "values": {"trips": 5}}],
        [[{"ts": TS, "values": {"trips": 5}}]],
        {"ts": TS, "trips": 5},
    ],
)
def test_a_time_stands_beside_its_values(message: Any) -> None:
    made = record("thingsboard", message)
    assert (made.at, made.counters) == (AT, {"trips": 5})


def test_a_gateway_names_its_elevators_or_maps_them() -> None:
    message = {"Lift A": [{"ts": TS, "values": {"trips": 5}}, {"ts": TS + 1, "values": {"trips": 6}}], "E2": [{"trips": 7}]}
    made = records("thingsboard", message, context(elevator=None, elevators={"Lift A": ELEVATOR}))
    assert [(one.elevator, one.counters["trips"]) for one in made] == [(ELEVATOR, 5), (ELEVATOR, 6), ("E2", 7)]


def test_over_the_gateway_topic_one_set_of_values_is_an_elevators_too() -> None:
    made = record("thingsboard", {"E2": {"trips": 7}}, context(elevator=None, topic="gateway"))
    assert (made.elevator, made.counters) == ("E2", {"trips": 7})


def test_a_gateways_message_without_a_name_is_nobodys() -> None:
    told = problem("thingsboard", {"trips": 5}, context(elevator=None))
    assert told.field == "elevator"


def test_a_device_of_one_elevator_never_takes_anothers_values_for_its_own() -> None:
    one = record("thingsboard", {"Lift A": [{"trips": 5}]})
    assert one.elevator == ELEVATOR
    two = records("thingsboard", {"Lift A": [{"trips": 5}], "Lift B": [{"trips": 6}]})
    assert [made.elevator for made in two] == ["Lift A", "Lift B"]
    other = record("thingsboard", {"设备代码": "31103310020000000999", "trips": 5})
    assert other.elevator == "31103310020000000999"


def test_an_elevator_may_be_named_among_the_values() -> None:
    assert record("thingsboard", {"elevator": "E2", "trips": 5}, context(elevator=None)).elevator == "E2"


@pytest.mark.parametrize("name", ["运行次数", "RunNum", "run_num", "Run-Count", "trips", "TRIPS"])
def test_a_name_is_known_however_it_is_spelt(name: str) -> None:
    assert record("thingsboard", {name: 5}).counters == {"trips": 5}


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [("累计运行时间(h)", "1.5", 5400), ("RunMins", 2, 120), ("runHours", 1, 3600), ("run_s", 7, 7), ("RunSeconds", "7.9", 7)],
)
def test_units_are_those_of_the_name(name: str, value: Any, seconds: int) -> None:
    assert record("thingsboard", {name: value}).counters == {"run_s": seconds}


def test_a_devices_own_names_go_first() -> None:
    names = {"trips": Target(to="counters.starts"), "s": Target(to="gauges.speed_mm_s", times=1000), "x": Target(to="nothing")}
    made = record("thingsboard", {"trips": 5, "s": -1.5, "x": 9}, context(names=names))
    assert (made.counters, made.gauges) == ({"starts": 5}, {"speed_mm_s": -1500.0})
    assert raw(made) == {"thingsboard:x": ("text", 9)}


def test_codes_without_a_scheme_are_unknown_unless_the_device_says_whose_they_are() -> None:
    assert record("thingsboard", {"faultCode": 8}).states == {"thingsboard:faultCode": ("thingsboard:8",)}
    local = record("thingsboard", {"faultCode": "08"}, context(codes="gbt24476-local"))
    assert local.states == {"thingsboard:faultCode": ("gbt24476-local:08",)}
    assert record("thingsboard", {"faultCode": "gbt24476:8, 0"}).states == {"thingsboard:faultCode": ("gbt24476:8",)}
    assert record("thingsboard", {"faultCode": 0}).states == {"thingsboard:faultCode": ()}


def test_flags_are_true_in_any_way_of_writing() -> None:
    for value in (True, 1, "1", "true", " ON "):
        assert record("thingsboard", {"personTrapped": value}).states == {
            "thingsboard:personTrapped": ("liftrounds:entrapment",)
        }
    for value in (False, 0, "0", "false"):
        assert record("thingsboard", {"personTrapped": value}).states == {"thingsboard:personTrapped": ()}


def test_events_have_times_of_their_own() -> None:
    made = record("thingsboard", {"ts": TS, "values": {"events": [{"code": "gbt24476:43", "time": TS - 60_000}, "90"]}})
    assert codes(made) == [("gbt24476:43", "inspection_mode"), ("thingsboard:90", "unknown")]
    assert (made.at - made.events[0].at).total_seconds() == 60


def test_what_is_unknown_unreadable_or_nested_is_kept_and_costs_nothing() -> None:
    values = {
        "trips": 5, "vibe": 1.5, "temp": "warm", "temperature": 1e9, "door_cycles": -1, "blob": {"deep": [1, {"a": None}]},
        "list": [[1, 2], "x"], "nothing": None, "empty": "", "on": True,
    }  # fmt: skip
    made = record("thingsboard", values)
    assert made.counters == {"trips": 5}
    assert raw(made) == {
        "thingsboard:vibe": ("unknown", 1.5), "thingsboard:temp": ("unknown", "warm"),
        "thingsboard:temperature": ("unreadable", 1e9), "thingsboard:door_cycles": ("unreadable", -1),
        "thingsboard:deep": ("unknown", '[1, {"a": null}]'), "thingsboard:list": ("unknown", '[[1, 2], "x"]'),
        "thingsboard:on": ("unknown", True),
    }  # fmt: skip


def test_two_names_of_one_counter_that_disagree_are_both_kept() -> None:
    made = record("thingsboard", {"trips": 5, "运行次数": 6, "runCount": 5})
    assert made.counters == {"trips": 5}
    assert raw(made) == {"thingsboard:运行次数": ("unreadable", 6)}


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (5, "message"), ({}, "message"), ([], "message"), ({"ts": TS, "values": 5}, "values"),
        ({"ts": TS, "values": {}}, "values"),
        ({"ts": "soon", "values": {"trips": 5}}, "ts"), ({"Lift": [{"ts": "x", "values": {"a": 1}}]}, "Lift[0].ts"),
        ({"events": [{"at": TS}]}, "events[0]"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused_with_its_field(broken: Any, field: str) -> None:
    assert problem("thingsboard", broken).field == field


def test_too_many_values_are_refused() -> None:
    assert read("thingsboard", {f"k{n}": n for n in range(1001)}).refused[0][1].template.startswith("send at most")
