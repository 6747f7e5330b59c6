"""BACnet: properties by name, enumerations by name or number, elevators by object identifier."""

from __future__ import annotations

from typing import Any

import pytest

from backend.telemetry.adapters.bacnet_words import ESCALATOR_FAULTS, LIFT_FAULTS
from backend.telemetry.vocabulary import vocabulary
from tests.support.adapters import ELEVATOR, context, problem, raw, record, records

OBJECT: dict[str, Any] = {
    "object-identifier": "lift,1", "object-name": "Lift 1", "object-type": "lift", "car-position": 3, "floor-text": "3F",
    "car-moving-direction": "down", "car-door-status": ["closed", 0], "car-mode": "inspection", "car-load": 40.0,
    "car-load-units": "percent", "energy-meter": 12.5, "passenger-alarm": False, "car-drive-status": 5,
    "fault-signals": ["door-closing-fault", 14], "car-door-zone": "1", "group-id": 2,
}  # fmt: skip


def test_an_object_is_one_record() -> None:
    made = record("bacnet", OBJECT)
    assert made.counters == {"energy_wh": 12500}
    assert made.gauges == {
        "floor": 3.0, "direction": -1.0, "running": 1.0, "service_mode": 2.0, "door_closed": 1.0, "load_pct": 40.0,
        "in_door_zone": 1.0,
    }  # fmt: skip
    assert made.states == {
        "bacnet:fault-signals": ("bacnet:door-closing-fault", "bacnet:position-lost"), "bacnet:passenger-alarm": (),
        "bacnet:car-mode": ("bacnet:mode-inspection",), "bacnet:car-door-status": (),
    }  # fmt: skip
    assert raw(made) == {
        "bacnet:floor-text": ("text", "3F"), "bacnet:car-mode": ("text", "inspection"), "bacnet:group-id": ("unknown", 2),
    }  # fmt: skip


def test_names_of_properties_are_folded_and_numbers_are_names() -> None:
    made = record("bacnet", {"objectIdentifier": [59, 1], "CarMode": 8, "car_door_status": [3], "fault_signals": 1044})
    assert made.gauges == {"service_mode": 2.0}
    assert made.states == {
        "bacnet:car-mode": ("bacnet:mode-inspection",), "bacnet:car-door-status": ("bacnet:door-fault",),
        "bacnet:fault-signals": ("bacnet:1044",),
    }  # fmt: skip


@pytest.mark.parametrize("fault", ["door-closing-fault", "DOOR_CLOSING_FAULT", "doorClosingFault", "Door closing fault", "6"])
def test_an_enumeration_is_known_however_it_is_spelt(fault: Any) -> None:
    assert record("bacnet", {"fault-signals": [fault]}).states == {"bacnet:fault-signals": ("bacnet:door-closing-fault",)}


def test_properties_may_stand_in_an_object_or_a_list_of_their_own() -> None:
    inner = {"car-position": 3, "fault-signals": [6]}
    listed = [{"property": name, "value": value} for name, value in inner.items()]
    for properties in (inner, listed):
        made = record("bacnet", {"object-identifier": "lift,1", "properties": properties})
        assert made.gauges == {"floor": 3.0}
        assert made.states == {"bacnet:fault-signals": ("bacnet:door-closing-fault",)}


def test_every_fault_of_the_standard_has_a_kind_and_a_proprietary_one_has_none() -> None:
    kinds = vocabulary()
    for fault in {*LIFT_FAULTS, *ESCALATOR_FAULTS}:
        assert kinds.kinds[kinds.kind_of(f"bacnet:{fault}")].category == "fault", fault
    assert kinds.kind_of("bacnet:1044") == "unknown"


def test_an_escalators_numbers_are_of_its_own_table() -> None:
    lift = record("bacnet", {"object-identifier": "lift,1", "fault-signals": [3]})
    escalator = record("bacnet", {"object-identifier": "escalator,1", "fault-signals": [3]})
    assert lift.states["bacnet:fault-signals"] == ("bacnet:lift-shaft-device-fault",)
    assert escalator.states["bacnet:fault-signals"] == ("bacnet:overspeed-fault",)


@pytest.mark.parametrize("identifier", ["lift,1", "lift:1", [59, 1], ["lift", "1"], {"type": "lift", "instance": 1}])
def test_an_object_is_an_elevator_by_its_identifier(identifier: Any) -> None:
    made = record("bacnet", {"object-identifier": identifier}, context(elevator=None, elevators={"lift,1": ELEVATOR}))
    assert made.elevator == ELEVATOR


def test_without_a_mapping_the_objects_name_is_the_registration_code() -> None:
    assert record("bacnet", {"object-identifier": "lift,1", "object-name": "E9"}, context(elevator=None)).elevator == "E9"


def test_a_list_of_objects_is_a_record_each() -> None:
    assert len(records("bacnet", [OBJECT, OBJECT | {"car-position": 4}])) == 2


def test_an_object_out_of_service_says_nothing_of_the_car() -> None:
    made = record("bacnet", {"out-of-service": True, "object-identifier": "lift,1", "x": 5, "fault-signals": [6]})
    assert (made.states, made.gauges) == ({}, {})
    assert raw(made)["bacnet:out-of-service"] == ("text", True)


def test_what_an_object_says_of_itself_is_the_monitors() -> None:
    assert record("bacnet", {"reliability": "communication-failure"}).states == {"bacnet:reliability": ("bacnet:reliability",)}
    assert record("bacnet", {"reliability": 0}).states == {"bacnet:reliability": ()}
    assert vocabulary().kind_of("bacnet:reliability") == "monitor_fault"


def test_a_meter_that_stands_elsewhere_is_no_total() -> None:
    made = record("bacnet", {"energy-meter": 0.0, "energy-meter-ref": {"device": 1, "object": "accumulator,1"}})
    assert made.counters == {}


@pytest.mark.parametrize(("broken", "field"), [(5, "message"), ({}, "message"), ({"time": "soon"}, "time")])
def test_what_is_malformed_is_refused_with_its_field(broken: Any, field: str) -> None:
    assert problem("bacnet", broken).field == field
