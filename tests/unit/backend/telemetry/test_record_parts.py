"""The rarer parts of a record in our own format: periods, states, and what is kept as it came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.telemetry.messages import NativeRecord, decode
from backend.telemetry.record_parts import MAX_PERIODS, MAX_RAW, MAX_STATES
from backend.telemetry.views import Problem
from backend.telemetry.vocabulary import vocabulary

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PERIOD: dict[str, Any] = {"from": "2026-11-25T00:00:00Z", "to": "2026-11-25T06:00:00Z", "growth": {"trips": 60}}


def decoded(**parts: Any) -> NativeRecord | list[Problem]:
    return decode({"elevator": "E1", "at": "2026-11-25T08:00:00Z", "seq": 1} | parts, vocabulary(), NOW)


def record(**parts: Any) -> NativeRecord:
    found = decoded(**parts)
    assert isinstance(found, NativeRecord), found
    return found


def field(**parts: Any) -> str:
    found = decoded(**parts)
    assert isinstance(found, list)
    [problem] = found
    assert problem.template.format(**problem.params)
    return problem.field


def test_all_parts_are_read() -> None:
    made = record(
        periods=[PERIOD], states={"es1500:Stuck": ["es1500:Stuck", "es1500:Stuck"], "b": []},
        raw={"unknown": {"x:vibe": 1.5}, "text": {"x:floor": "G"}, "unreadable": {"x:on": True}}, gauges={"floor": 3},
    )  # fmt: skip
    [period] = made.periods
    assert (period.to_at - period.from_at, period.growth) == (timedelta(hours=6), {"trips": 60})
    assert period.stated_at == made.at
    assert made.states == {"es1500:Stuck": ("es1500:Stuck",), "b": ()}
    assert made.values == {"floor": 3.0, "x:vibe": 1.5, "x:floor": "G", "x:on": True}
    assert made.gauges == {"floor": 3.0}


def test_a_record_without_them_has_the_content_it_always_had() -> None:
    assert record().digest == record(periods=[], states={}, raw={}).digest
    assert record().digest != record(states={"b": []}).digest


def test_when_a_period_was_stated_is_no_content() -> None:
    later = record(periods=[PERIOD | {"stated": "2026-11-25T09:00:00Z"}])
    assert later.digest == record(periods=[PERIOD]).digest
    assert later.digest != record(periods=[PERIOD | {"growth": {"trips": 61}}]).digest


@pytest.mark.parametrize(
    ("part", "given", "expected"),
    [
        ("periods", {}, "periods"),
        ("periods", [PERIOD] * (MAX_PERIODS + 1), "periods"),
        ("periods", [5], "periods[0]"),
        ("periods", [PERIOD | {"colour": 1}], "periods[0].colour"),
        ("periods", [PERIOD | {"from": "soon"}], "periods[0].from"),
        ("periods", [PERIOD | {"to": "2026-11-25T00:00:00Z"}], "periods[0].to"),
        ("periods", [PERIOD | {"to": "2026-11-26T00:00:00Z"}], "periods[0].to"),
        ("periods", [PERIOD | {"from": "2026-10-01T00:00:00Z"}], "periods[0].to"),
        ("periods", [PERIOD | {"stated": 1}], "periods[0].stated"),
        ("periods", [PERIOD | {"growth": 5}], "periods[0].growth"),
        ("periods", [PERIOD | {"growth": {"dreams": 5}}], "periods[0].growth.dreams"),
        ("periods", [PERIOD | {"growth": {"trips": -1}}], "periods[0].growth.trips"),
        ("periods", [PERIOD | {"growth": {"trips": 1.5}}], "periods[0].growth.trips"),
        ("periods", [PERIOD | {"growth": {"trips": 1200 * 7 + 1}}], "periods[0].growth.trips"),
        ("states", [], "states"),
        ("states", {str(n): [] for n in range(MAX_STATES + 1)}, "states"),
        ("states", {"a": "b"}, "states.a"),
        ("states", {"a": [5]}, "states.a"),
        ("raw", [], "raw"),
        ("raw", {"because": {}}, "raw"),
        ("raw", {"unknown": {f"x:{n}": 1 for n in range(MAX_RAW + 1)}}, "raw"),
        ("raw", {"unknown": {"nosource": 1}}, "raw.nosource"),
        ("raw", {"unknown": {"x:y": [1]}}, "raw.x:y"),
        ("raw", {"unknown": {"x:y": "\x00"}}, "raw.x:y"),
        ("raw", {"unknown": {"x:y": 2**70}}, "raw.x:y"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(part: str, given: Any, expected: str) -> None:
    assert field(**{part: given}) == expected


def test_the_most_that_an_elevator_can_make_is_believed() -> None:
    record(periods=[PERIOD | {"growth": {"trips": 1200 * 7}}])
