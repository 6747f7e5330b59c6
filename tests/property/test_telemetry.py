"""Telemetry over random histories: whatever the order, the batches and the repetitions, the hours come out the same."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import clock, database
from backend.errors import InvalidInput
from backend.scope import SYSTEM, Scope
from backend.telemetry import service
from backend.telemetry.messages import NativeRecord, decode, parse_body
from backend.telemetry.quick_read import Reader, records_of
from backend.telemetry.rollup import MOST_FALSE, Reading, Track, hour_of, hour_start
from backend.telemetry.state import read_state
from backend.telemetry.values import microseconds
from backend.telemetry.views import UsageQuery
from backend.telemetry.vocabulary import vocabulary
from tests.support.factory import Factory

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CODE = "31103310020000000779"
MOST = 1200
WIDTH = 4096


@st.composite
def histories(draw: st.DrawFn, most: int = MOST) -> tuple[list[tuple[int, int]], bool]:
    """Minutes and totals of a counter that grows, restarts and rolls over as real ones do; and whether it only grew."""
    steps = draw(st.lists(st.tuples(st.integers(1, 240), st.integers(0, 100), st.integers(0, 9)), min_size=1, max_size=30))
    minute, total, only_grew = 0, draw(st.integers(0, WIDTH - 1)), True
    told = [(minute, total)]
    for minutes, share, luck in steps:
        minute += minutes
        growth = most * minutes * share // 6000
        if luck == 0:  # a restart somewhere inside the step: less than all of it was counted since
            total, only_grew = growth // 2, False
        else:
            only_grew &= total + growth < WIDTH
            total = (total + growth) % WIDTH
        told.append((minute, total))
    return told, only_grew


def hours_of(told: list[tuple[int, int]]) -> dict[datetime, tuple[int, int, int, int]]:
    track = Track([], MOST)
    for minute, total in told:
        reading = Reading(microseconds(NOW + timedelta(minutes=minute)), minute, total, WIDTH)
        place = track.fit(reading)
        assert isinstance(place, int), place
        track.put(reading, place)
    return {hour_start(hour): (g.delta, g.restarts, g.rollovers, g.readings) for hour, g in sorted(track.changes().items())}


@st.composite
def histories_with_false_lows(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Minutes and totals of a counter that only grows, with low readings in between after which the former total comes back."""
    minute, total = 0, 1_000_000
    told = [(minute, total)]
    for minutes, share, lows in draw(
        st.lists(st.tuples(st.integers(5, 120), st.integers(0, 100), st.integers(0, MOST_FALSE)), min_size=1, max_size=12)
    ):
        count = min(lows, minutes - 1) if draw(st.booleans()) else 0
        told += [(minute + 1 + low, draw(st.integers(0, 3))) for low in range(count)]
        total += MOST * minutes * share // 6000
        minute += minutes
        told.append((minute, total))
    return told


def settled(told: list[tuple[int, int]], width: int = 2**32) -> dict[datetime, tuple[int, int, int]]:
    """What hours gain when all is sent in this order, and what was refused again until nothing more is taken."""
    track = Track([], MOST)
    waiting = list(told)
    while True:
        refused = []
        for minute, total in waiting:
            reading = Reading(microseconds(NOW + timedelta(minutes=minute)), minute, total, width)
            place = track.fit(reading)
            if isinstance(place, int):
                track.put(reading, place)
            else:
                refused.append((minute, total))
        if len(refused) == len(waiting):
            break
        waiting = refused
    assert waiting == []
    return {hour_start(hour): (g.delta, g.false_lows, g.readings) for hour, g in sorted(track.changes().items())}


@given(histories_with_false_lows(), st.randoms(use_true_random=False))
def test_false_low_readings_count_nothing_in_whatever_order_they_come(told: list[tuple[int, int]], chance: Any) -> None:
    in_order = settled(told)
    assert sum(hour[0] for hour in in_order.values()) == told[-1][1] - told[0][1]
    assert sum(hour[1] for hour in in_order.values()) == sum(total < 1000 for _, total in told)
    shuffled = list(told)
    chance.shuffle(shuffled)
    assert settled(shuffled) == in_order


@given(histories(), st.randoms(use_true_random=False))
def test_every_order_gives_the_same_hours(history: tuple[list[tuple[int, int]], bool], chance: Any) -> None:
    told, _ = history
    shuffled = list(told)
    chance.shuffle(shuffled)
    assert hours_of(shuffled) == hours_of(told)


@given(histories())
def test_what_only_grew_adds_up_to_the_last_less_the_first(history: tuple[list[tuple[int, int]], bool]) -> None:
    told, only_grew = history
    total = sum(hour[0] for hour in hours_of(told).values())
    if only_grew:
        assert total == told[-1][1] - told[0][1]
    assert total >= 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(), st.data())
async def test_any_batches_with_any_repetitions_store_the_same_hours(
    factory: Factory, firm_scope: Scope, history: tuple[list[tuple[int, int]], bool], data: st.DataObject
) -> None:
    told, _ = history
    async with database.tx(SYSTEM):
        for table in ("telemetry_record", "elevator_hour", "elevator_day", "elevator_signal"):
            await database.execute(f"DELETE FROM {table}")
    elevator = await _elevator(factory, firm_scope)
    start = NOW - timedelta(days=6)
    records = [
        {"elevator": CODE, "at": (start + timedelta(minutes=minute)).isoformat(), "seq": n, "counters": {"trips": total}}
        for n, (minute, total) in enumerate(told)
    ]
    sent = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records), max_size=10))))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(sent)), max_size=4)))
    batches = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    device, _key = await _device(firm_scope)
    scope = msgspec.structs.replace(firm_scope, device=device)
    with clock.stopped_at(NOW):
        results = [await service.ingest(scope, batch) for batch in batches]
    assert [one for result in results for one in result.rejected] == []
    assert sum(result.accepted for result in results) == len(records)
    assert sum(result.duplicates for result in results) == len(sent) - len(records)
    async with database.tx(SYSTEM):
        stored = await service.usage_by_hour([elevator], start - timedelta(hours=1), NOW)
        instants = [start + timedelta(hours=hours) for hours in (-30, 0, 7, 24, 40, 200)]
        sums = await service.usage_since([UsageQuery(elevator=elevator, counter="trips", since=at) for at in instants])
    for at, total in zip(instants, sums, strict=True):
        later = [row for row in stored if row.hour >= hour_of(at)]
        assert (total.total, total.restarts, total.rollovers, total.readings) == (
            sum(row.total for row in later), sum(row.restarts for row in later), sum(row.rollovers for row in later),
            sum(row.readings for row in later),
        )  # fmt: skip
    async with database.tx(SYSTEM):
        days = await database.fetch("SELECT day, delta, restarts, rollovers, readings FROM usage_day ORDER BY day")
        state = await database.fetch_value("SELECT state FROM elevator_signal WHERE elevator = $1", elevator)
    by_day: dict[date, list[int]] = {}
    for row in stored:
        day = by_day.setdefault(row.hour.date(), [0, 0, 0, 0])
        for place, found in enumerate((row.total, row.restarts, row.rollovers, row.readings)):
            day[place] += found
    assert {row["day"]: [*row][1:] for row in days} == by_day
    last = max((microseconds(start + timedelta(minutes=minute)), n, total) for n, (minute, total) in enumerate(told))
    assert tuple(read_state(state).tail["trips"])[:3] == last  # where the counter stands
    shift = start - NOW
    assert {row.hour: (row.total, row.restarts, row.rollovers, row.readings) for row in stored} == {
        hour + shift: growth for hour, growth in hours_of(told).items()
    }


async def _elevator(factory: Factory, scope: Scope) -> Any:
    async with database.tx(SYSTEM):
        found = await database.fetch_value("SELECT id FROM elevator WHERE registration_code = $1", CODE)
    return found or await factory.elevator(scope.require_firm(), registration_code=CODE)


async def _device(scope: Scope) -> tuple[Any, str]:
    page = await service.list_devices(scope)
    if page.rows:
        return page.rows[0].id, ""
    device, key = await service.add_device(scope, None, "gateway", {"trips": WIDTH})
    return device.id, key


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_records = st.fixed_dictionaries(
    {},
    optional={
        "elevator": st.just(CODE) | _json,
        "at": st.just(NOW.isoformat()) | st.integers() | _json,
        "seq": st.integers() | _json,
        "counters": st.dictionaries(st.sampled_from(["trips", "run_s", "x"]), st.integers() | _json, max_size=3) | _json,
        "gauges": st.dictionaries(st.sampled_from(["floor", "x"]), st.floats() | _json, max_size=2) | _json,
        "events": st.lists(st.fixed_dictionaries({"code": st.text(max_size=5) | _json}, optional={"at": _json}), max_size=2)
        | _json,
    },
)


@given(_json | _records)
def test_what_is_read_quickly_is_what_is_read_slowly(value: object) -> None:
    """The quick way takes a record or leaves it; it never makes another of it."""
    slow = decode(value, vocabulary(), NOW)
    assert Reader(vocabulary(), NOW).read(value) == slow
    with contextlib.suppress(ValueError, msgspec.MsgspecError, InvalidInput, UnicodeEncodeError):
        body = msgspec.json.encode({"records": [value]})
        [parsed] = parse_body(body).records
        [quick] = records_of(body)
        assert Reader(vocabulary(), NOW).read(quick) == decode(parsed, vocabulary(), NOW)


@given(_json | _records)
def test_anything_is_either_a_record_or_has_a_reason(value: object) -> None:
    found = decode(value, vocabulary(), NOW)
    if isinstance(found, list):
        assert found
        assert all(one.field and one.template.format(**one.params) for one in found)
    else:
        assert found.elevator.isprintable()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_json | _records, max_size=5))
async def test_whatever_is_sent_each_record_has_its_answer(factory: Factory, firm_scope: Scope, records: list[object]) -> None:
    await _elevator(factory, firm_scope)
    with clock.stopped_at(NOW):
        result = await service.ingest(firm_scope, records)
    assert result.accepted + result.duplicates + len(result.rejected) == len(records)
    assert [one.index for one in result.rejected] == sorted({one.index for one in result.rejected})


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 24), timezones=st.timezones()),  # noqa: DTZ001 - the zones are drawn
    st.integers(0, 2**63 - 1),
    st.dictionaries(st.sampled_from(sorted(vocabulary().counters)), st.integers(0, 2**63 - 1)),
    st.lists(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=64), max_size=3),
)
def test_a_record_survives_being_written_and_read(at: datetime, seq: int, counters: dict[str, int], codes: list[str]) -> None:
    sent = {"elevator": CODE, "at": at.isoformat(), "seq": seq, "counters": counters, "events": [{"code": c} for c in codes]}
    [value] = parse_body(msgspec.json.encode({"records": [sent]})).records
    found = decode(value, vocabulary(), NOW)
    assert isinstance(found, NativeRecord), found
    assert (found.at, found.seq, found.counters) == (at.astimezone(UTC), seq, counters)
    assert [event.raw_code for event in found.events] == codes
