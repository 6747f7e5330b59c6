"""What a body and a record say by themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.errors import InvalidInput
from backend.telemetry.messages import MAX_EVENTS, MAX_RECORDS, NativeRecord, decode, parse_body
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import vocabulary

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
RECORD: dict[str, Any] = {
    "elevator": "31103310020000000001", "at": "2026-11-25T10:00:00+08:00", "seq": 17,
    "counters": {"trips": 120345, "door_cycles": 98001, "run_s": 5001234}, "gauges": {"temperature_c": 31.5},
    "events": [{"code": "gbt24476:43", "at": 1764036000000}],
}  # fmt: skip


def record(**changes: Any) -> NativeRecord:
    found = decode(RECORD | changes, vocabulary(), NOW)
    assert isinstance(found, NativeRecord), found
    return found


def problems(value: object) -> list[Problem]:
    found = decode(value, vocabulary(), NOW)
    assert isinstance(found, list), found
    return found


def problem(**changes: Any) -> Problem:
    [found] = problems(RECORD | changes)
    found.template.format(**found.params)  # every place has its value
    return found


def test_the_body_of_the_design_is_read() -> None:
    body = parse_body(json.dumps({"records": [RECORD]}).encode())
    found = decode(body.records[0], vocabulary(), NOW)
    assert isinstance(found, NativeRecord)
    assert found.at == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    assert found.counters == {"trips": 120345, "door_cycles": 98001, "run_s": 5001234}
    assert found.gauges == {"temperature_c": 31.5}
    [event] = found.events
    assert (event.raw_code, event.kind) == ("gbt24476:43", "inspection_mode")
    assert event.at == datetime(2025, 11, 25, 2, 0, tzinfo=UTC)


def test_an_empty_list_of_records_is_a_body() -> None:
    assert parse_body(b'{"records": []}').records == []


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"", ""), (b"not json", ""), (b"\xff\xfe", ""), (b"[" * 100_000, ""), (b"[]", ""), (b"7", ""), (b"null", ""),
        (b"{}", "records"), (b'{"records": {}}', "records"), (b'{"records": null}', "records"),
        (b'{"records": [], "more": 1}', "more"), (b'{"records": [], "key": "lrd_x"}', "key"),
        (b'{"records": [' + b"0," * MAX_RECORDS + b"0]}", "records"),
        (b'{"records": [' + b"1" * 5000 + b"]}", ""),
    ],
)  # fmt: skip
def test_what_is_no_batch_is_refused_as_a_whole(data: bytes, path: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_body(data)
    assert [fault.path for fault in refused.value.faults] == [path]
    assert all(fault.reason for fault in refused.value.faults)


def test_nan_costs_the_record_and_not_the_body() -> None:
    body = parse_body(b'{"records": [{"counters": {"trips": NaN}}, {"gauges": {"floor": -Infinity}}]}')
    assert len(body.records) == 2


def test_the_key_may_stand_in_a_message() -> None:
    assert parse_body(b'{"records": [], "key": "lrd_x"}', with_key=True).key == "lrd_x"
    with pytest.raises(InvalidInput):
        parse_body(b'{"records": [], "key": 7}', with_key=True)


@pytest.mark.parametrize("value", [None, 7, "x", [], True])
def test_what_is_no_object_is_no_record(value: object) -> None:
    assert problems(value)[0].field == "record"


@pytest.mark.parametrize("field", ["elevator", "at", "seq"])
def test_a_record_without_a_needed_field_is_refused(field: str) -> None:
    [found] = problems({name: value for name, value in RECORD.items() if name != field})
    assert found.field == field


@pytest.mark.parametrize("value", [None, 7, "", " \x00", "\ud800", "x" * 65, ["x"], "a\nb"])
def test_an_elevator_is_named_by_printable_text(value: object) -> None:
    assert problem(elevator=value).field == "elevator"


@pytest.mark.parametrize("value", [None, "17", -1, 2**63, 1.5, True, [], 10**400])
def test_a_number_of_a_record_is_whole_and_fits(value: object) -> None:
    assert problem(seq=value).field == "seq"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2026-11-25T10:00:00+08:00", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("2026-11-25T02:00:00Z", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("2026-11-25 02:00:00.123456+00:00", datetime(2026, 11, 25, 2, 0, 0, 123456, tzinfo=UTC)),
        (1764036000000, datetime(2025, 11, 25, 2, tzinfo=UTC)),
        (1764036000000.0, datetime(2025, 11, 25, 2, tzinfo=UTC)),
    ],
)
def test_a_time_is_iso_with_its_zone_or_epoch_milliseconds(value: object, wanted: datetime) -> None:
    assert record(at=value).at == wanted


@pytest.mark.parametrize(
    "value",
    ["2026-11-25T10:00:00", "yesterday", "", True, None, 1.5, [], "2026-13-01T00:00:00Z", 10**400, "0001-01-01T00:00:00+14:00"],
)
def test_what_is_no_instant_is_refused(value: object) -> None:
    assert problem(at=value).field == "at"


def test_a_time_in_the_future_is_refused_beyond_the_tolerance() -> None:
    assert record(at=(NOW + timedelta(minutes=5)).isoformat()).at == NOW + timedelta(minutes=5)
    found = problem(at=(NOW + timedelta(minutes=5, seconds=1)).isoformat())
    assert found.field == "at"
    assert "future" in found.template


@pytest.mark.parametrize("value", [0, 1764036000, "1970-01-01T00:00:00Z", "2000-01-01T00:00:00+08:00"])
def test_a_time_of_a_clock_that_was_never_set_is_refused(value: object) -> None:
    assert "back" in problem(at=value).template


def test_a_history_of_years_is_taken() -> None:
    assert record(at=(NOW - timedelta(days=4 * 365)).isoformat()).at.year == 2022


@pytest.mark.parametrize("value", [-1, 1.5, "12", None, True, False, float("nan"), float("inf"), [], {}, 2**63, 10**400])
def test_a_total_is_a_whole_number_from_zero(value: object) -> None:
    assert problem(counters={"trips": value, "run_s": 5}).field == "counters.trips"


def test_a_total_may_be_written_with_a_point() -> None:
    assert record(counters={"trips": 12.0}).counters == {"trips": 12}


@pytest.mark.parametrize(("field", "value"), [("counters", {"tirps": 1}), ("gauges", {"colour": 1})])
def test_an_unknown_name_is_told_with_those_that_are_known(field: str, value: object) -> None:
    found = problem(**{field: value})
    assert found.field.startswith(f"{field}.")
    assert "trips" in found.params["known"] or "temperature_c" in found.params["known"]


@pytest.mark.parametrize("value", ["31", None, True, float("nan"), float("-inf"), [], 131, -61, 10**400])
def test_a_gauge_is_a_number_that_can_be_measured(value: object) -> None:
    assert problem(gauges={"temperature_c": value}).field == "gauges.temperature_c"


def test_a_gauge_may_be_below_zero() -> None:
    assert record(gauges={"temperature_c": -20}).gauges == {"temperature_c": -20.0}


@pytest.mark.parametrize(("field", "value"), [("counters", []), ("gauges", 7), ("events", {}), ("counters", None)])
def test_a_part_of_the_wrong_shape_is_refused(field: str, value: object) -> None:
    assert problem(**{field: value}).field == field


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ("gbt24476:43", "events[0]"), ({}, "events[0].code"), ({"code": 43}, "events[0].code"),
        ({"code": ""}, "events[0].code"),
        ({"code": "a\x00b"}, "events[0].code"), ({"code": "x" * 65}, "events[0].code"),
        ({"code": "x", "at": "no"}, "events[0].at"), ({"code": "x", "at": "2030-01-01T00:00:00Z"}, "events[0].at"),
        ({"code": "x", "severity": 3}, "events[0].severity"),
    ],
)  # fmt: skip
def test_an_event_of_the_wrong_shape_is_refused(event: object, field: str) -> None:
    assert problem(events=[event]).field == field


def test_too_many_events_are_refused() -> None:
    assert problem(events=[{"code": "x"}] * (MAX_EVENTS + 1)).field == "events"


def test_an_event_without_a_time_has_that_of_its_record() -> None:
    found = record(events=[{"code": "gbt24476:90"}])
    assert [(event.at, event.kind) for event in found.events] == [(found.at, "alarm_button")]


@pytest.mark.parametrize("code", ["gbt24476:11", "gbt24476:08", "vendor:0101", "43", "困人"])
def test_a_code_that_no_table_has_is_kept_raw(code: str) -> None:
    [event] = record(events=[{"code": code}]).events
    assert (event.raw_code, event.kind) == (code, "unknown")


def test_an_unknown_field_of_a_record_is_refused() -> None:
    assert problem(colour="red").field == "colour"


def test_all_faults_of_a_record_are_found_at_once() -> None:
    found = problems({"elevator": 7, "at": "no", "seq": "x", "counters": {"trips": -1, "x": 1}, "gauges": {"y": 1}, "z": 1})
    assert [one.field for one in found] == ["z", "elevator", "at", "seq", "counters.trips", "counters.x", "gauges.y"]


def test_a_record_without_counters_is_a_sign_of_life() -> None:
    found = decode({"elevator": "E", "at": "2026-11-25T10:00:00Z", "seq": 0}, vocabulary(), NOW)
    assert isinstance(found, NativeRecord)


def test_the_digest_is_of_what_is_said_and_not_of_how() -> None:
    one = record()
    same = record(at=1795572000000, counters=dict(reversed(RECORD["counters"].items())), gauges={"temperature_c": 31.50})
    assert same.at == one.at
    assert same.digest == one.digest
    changes: tuple[dict[str, Any], ...] = (
        {"at": "2026-11-25T10:00:01+08:00"},
        {"counters": {}},
        {"gauges": {}},
        {"events": []},
    )
    for change in changes:
        assert record(**change).digest != one.digest
