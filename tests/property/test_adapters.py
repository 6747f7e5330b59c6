"""Adapters: whatever a message is, it comes out as sound records or as reasons, and nothing of it is lost in silence."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import InvalidInput
from backend.telemetry.adapters.names import known_name
from backend.telemetry.adapters.reading import ADAPTERS, messages_of, read_messages
from backend.telemetry.adapters.sheet import codes_in, is_blank, is_none
from backend.telemetry.adapters.thingsboard import GATEWAY
from backend.telemetry.messages import decode
from backend.telemetry.vocabulary import vocabulary
from tests.support.adapters import NOW, context

NAMES = [
    "Params", "Value", "Time", "ErrorType", "ErrorTime", "CloseTime", "StartTime", "EndTime", "RunCount", "RunMins", "Type",
    "Parameters", "Count", "Alarm", "State", "ErrorCode", "HasAlarm", "Floor", "ts", "values", "key", "events", "code",
    "faultCode", "trips", "运行次数", "服务模式", "当前楼层", "temperature", "elevator",
    "object-identifier", "fault-signals", "car-mode",
    "car-door-status", "energy-meter", "time", "car-load", "reliability", "Event", "door_cycles",
]  # fmt: skip

scalars = (
    st.none() | st.booleans() | st.integers() | st.integers(1_700_000_000, 1_795_000_000) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["1", "0", "-2B", "2026-11-25 16:00:00", "1e400", "0101", "gbt24476:3", "\x00", "\ud800", "12.5"])
)  # fmt: skip
names = st.sampled_from(NAMES) | st.text(max_size=6)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6), max_leaves=25
)
some = st.dictionaries(names, anything, max_size=5)
few = st.dictionaries(names, scalars, max_size=6)
shaped = st.one_of(
    anything,
    st.builds(lambda value, time: {"Params": {"Value": value, "Time": time}}, some, scalars),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("Parameters", "Count", "Alarm", "State"), few)),
    st.builds(lambda ts, values: {"ts": ts, "values": values}, scalars, some),
    st.dictionaries(names, st.lists(st.dictionaries(names, anything, max_size=3), max_size=3), max_size=3),
)


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
@settings(max_examples=150, deadline=None)
@given(message=shaped, alone=st.booleans())
def test_any_message_is_read_or_refused(adapter: str, message: Any, alone: bool) -> None:
    of = context(None if not alone else "E1", topic=GATEWAY if adapter == "thingsboard" and not alone else "")
    found = read_messages(adapter, [message], of)
    assert found.records or found.refused
    assert len(found.records) == len(found.indexes) == len(found.fields)
    for record in found.records:
        made = decode(record, vocabulary(), NOW)
        if isinstance(made, list):
            for problem in made:
                assert problem.template.format(**problem.params)
        else:
            msgspec.json.encode(made.values)
    for _, problem in found.refused:
        assert problem.template.format(**problem.params)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(names.filter(lambda name: name not in ("ts", "values", "time", "Time")), scalars, min_size=1, max_size=8)
)
def test_every_value_of_a_message_is_somewhere_in_its_record(values: dict[str, Any]) -> None:
    """Each is a counter, a gauge, a state, an event, the elevator, or kept as it came."""
    [record] = read_messages("thingsboard", [values], context()).records
    for name, value in values.items():
        if is_blank(value):
            continue
        alone = read_messages("thingsboard", [{name: value}], context())
        [only] = alone.records
        parts = dict(only)  # type: ignore[call-overload]
        del parts["elevator"], parts["at"], parts["seq"]
        target = known_name(name)
        says_none = target is not None and target.to == "events" and all(is_none(f":{code}") for code in codes_in(value))
        assert parts or says_none or (target is not None and target.to == "elevator"), (name, value)
        for part in parts:
            assert part in record or "raw" in record  # type: ignore[operator]


@settings(max_examples=100, deadline=None)
@given(shaped)
def test_the_same_message_makes_the_same_records(message: Any) -> None:
    for adapter in sorted(ADAPTERS):
        first, again = (read_messages(adapter, [message], context()).records for _ in range(2))
        assert repr(first) == repr(again)


@given(st.binary(max_size=200))
def test_any_bytes_are_messages_or_refused(data: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        assert isinstance(messages_of(data), list)
