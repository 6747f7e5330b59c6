"""Records count once, in their own hour, in whatever order and however often they come; what is wrong is told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import database
from backend.errors import InvalidInput, NotSignedIn
from backend.scope import SYSTEM, Scope, of_firm
from backend.telemetry import service
from backend.telemetry.views import IngestResult
from tests.integration.backend.telemetry.conftest import CODE, NOW, device_scope, hours, record, value
from tests.support.factory import Factory


def outcome(result: IngestResult) -> tuple[int, int, list[tuple[int, str]]]:
    return result.accepted, result.duplicates, [(one.index, one.field) for one in result.rejected]


async def test_growth_counts_in_the_hour_of_the_later_reading(firm_scope: Scope, elevator: UUID) -> None:
    result = await service.ingest(firm_scope, [record(1, 30, 1000), record(2, 90, 1040), record(3, 150, 1100)])
    assert outcome(result) == (3, 0, [])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1), (2, 60, 0, 0, 0, 1)]


async def test_sent_twice_counts_once(firm_scope: Scope, elevator: UUID) -> None:
    batch = [record(1, 30, 1000), record(2, 90, 1040)]
    await service.ingest(firm_scope, batch)
    assert outcome(await service.ingest(firm_scope, batch)) == (0, 2, [])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1)]


async def test_twice_in_one_batch_counts_once(firm_scope: Scope, elevator: UUID) -> None:
    batch = [record(1, 30, 1000), record(2, 90, 1040), record(2, 90, 1040), record(1, 30, 1000)]
    assert outcome(await service.ingest(firm_scope, batch)) == (2, 2, [])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1)]


async def test_the_same_number_with_other_content_is_a_conflict(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 1000)])
    result = await service.ingest(firm_scope, [record(1, 30, 1001), record(2, 90, 1040), record(2, 90, 1041)])
    assert outcome(result) == (1, 0, [(0, "seq"), (2, "seq")])
    assert "other content" in result.rejected[0].reason
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1)]


async def test_a_late_record_splits_the_step_in_a_later_batch(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 1000), record(4, 210, 1100)])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (3, 100, 0, 0, 0, 1)]
    assert outcome(await service.ingest(firm_scope, [record(2, 90, 1040)])) == (1, 0, [])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1), (3, 60, 0, 0, 0, 1)]
    assert await value("SELECT sum(delta) FROM usage_day WHERE elevator = $1", elevator) == 100


async def test_a_record_before_all_others_takes_the_place_of_the_first(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(2, 90, 1040)])
    await service.ingest(firm_scope, [record(1, 30, 1000)])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1)]


async def test_a_counter_that_falls_is_kept_as_a_restart(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 90_000), record(2, 90, 12), record(3, 100, 20)])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 20, 1, 0, 0, 2)]


async def test_a_counter_of_a_declared_width_rolls_over(firm_scope: Scope, elevator: UUID) -> None:
    device, _ = await service.add_device(firm_scope, elevator, "narrow", {"trips": 65_536})
    scope = device_scope(firm_scope.require_firm(), device.id)
    result = await service.ingest(scope, [record(1, 30, 65_530), record(2, 90, 14)])
    assert outcome(result) == (2, 0, [])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 20, 0, 1, 0, 1)]


async def test_a_counter_of_32_bits_rolls_over_without_a_word(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 2**32 - 6), record(2, 90, 14)])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 20, 0, 1, 0, 1)]


async def test_a_total_beyond_the_declared_width_is_refused(firm_scope: Scope, elevator: UUID) -> None:
    device, _ = await service.add_device(firm_scope, elevator, "narrow", {"trips": 65_536})
    scope = device_scope(firm_scope.require_firm(), device.id)
    assert outcome(await service.ingest(scope, [record(1, 30, 65_536)])) == (0, 0, [(0, "counters.trips")])


async def test_an_impossible_jump_is_refused_and_the_rest_is_kept(firm_scope: Scope, elevator: UUID) -> None:
    batch = [record(1, 30, 1000), record(2, 90, 1_000_000), record(3, 150, 1060)]
    result = await service.ingest(firm_scope, batch)
    assert outcome(result) == (2, 0, [(1, "counters.trips")])
    assert "impossible jump" in result.rejected[0].reason
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (2, 60, 0, 0, 0, 1)]


async def test_a_jump_against_what_is_stored_is_refused_too(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 1000)])
    assert outcome(await service.ingest(firm_scope, [record(2, 90, 1_000_000)])) == (0, 0, [(0, "counters.trips")])


async def test_one_impossible_counter_keeps_none_of_its_record(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, counters={"trips": 1000, "run_s": 5000})])
    result = await service.ingest(firm_scope, [record(2, 90, counters={"trips": 1010, "run_s": 99_000})])
    assert outcome(result) == (0, 0, [(0, "counters.run_s")])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1)]


async def test_a_repetition_shares_the_fate_of_its_first(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 1000)])
    result = await service.ingest(firm_scope, [record(2, 90, 1_000_000), record(2, 90, 1_000_000)])
    assert outcome(result) == (0, 0, [(0, "counters.trips"), (1, "counters.trips")])


async def test_a_refused_number_may_be_used_for_the_corrected_record(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 1000), record(2, 90, -4)])
    assert outcome(await service.ingest(firm_scope, [record(2, 90, 1004)])) == (1, 0, [])


async def test_a_replaced_counter_goes_on_after_it_was_noted(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 1000)])
    jumped = record(2, 90, 700_000)
    assert outcome(await service.ingest(firm_scope, [jumped])) == (0, 0, [(0, "counters.trips")])
    at = NOW.replace(hour=1)
    assert await service.note_counter_base(firm_scope, elevator, counter="trips", at=at, note="new controller") == at
    assert outcome(await service.ingest(firm_scope, [jumped, record(3, 150, 700_030)])) == (2, 0, [])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 0, 0, 0, 1, 1), (2, 30, 0, 0, 0, 1)]


async def test_a_replacement_noted_afterwards_takes_back_what_was_counted(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, 1000), record(2, 90, 400), record(3, 150, 430)])
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 400, 1, 0, 0, 1), (2, 30, 0, 0, 0, 1)]
    await service.note_counter_base(firm_scope, elevator, at=NOW.replace(hour=1))
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 0, 0, 0, 1, 1), (2, 30, 0, 0, 0, 1)]


async def test_a_replacement_is_noted_for_a_known_counter_in_the_past(firm_scope: Scope, elevator: UUID) -> None:
    with pytest.raises(InvalidInput):
        await service.note_counter_base(firm_scope, elevator, counter="tirps")
    with pytest.raises(InvalidInput):
        await service.note_counter_base(firm_scope, elevator, at=NOW + timedelta(hours=1))


async def test_an_elevator_of_another_firm_is_unknown(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    other = of_firm(await factory.firm())
    result = await service.ingest(other, [record(1, 30, 1000), record(2, 30, 1000, elevator="9" * 20)])
    assert outcome(result) == (0, 0, [(0, "elevator"), (1, "elevator")])
    told = {one.template for one in result.rejected}
    assert len(told) == 1  # the two cannot be told apart
    assert await hours(elevator) == []


async def test_two_firms_may_have_the_same_code(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    other = await factory.firm()
    theirs = await factory.elevator(other, registration_code=CODE)
    await service.ingest(firm_scope, [record(1, 30, 1000)])
    assert outcome(await service.ingest(of_firm(other), [record(1, 30, 2000)])) == (1, 0, [])
    assert len(await hours(elevator)) == len(await hours(theirs)) == 1


async def test_a_device_speaks_for_its_own_elevator_only(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    firm = firm_scope.require_firm()
    await factory.elevator(firm, registration_code="31103310020000000888")
    device, _ = await service.add_device(firm_scope, elevator, "own")
    batch = [record(1, 30, 5), record(1, 30, 5, elevator="31103310020000000888")]
    result = await service.ingest(device_scope(firm, device.id), batch)
    assert outcome(result) == (1, 0, [(1, "elevator")])


async def test_a_gateway_speaks_for_all_of_its_firm(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    firm = firm_scope.require_firm()
    await factory.elevator(firm, registration_code="31103310020000000888")
    device, _ = await service.add_device(firm_scope, None, "gateway")
    batch = [record(1, 30, 5), record(1, 30, 5, elevator="31103310020000000888")]
    assert outcome(await service.ingest(device_scope(firm, device.id), batch)) == (2, 0, [])


async def test_a_device_that_was_switched_off_meanwhile_is_refused(firm_scope: Scope, elevator: UUID) -> None:
    device, key = await service.add_device(firm_scope, elevator, "own")
    await service.switch_device(firm_scope, device.id, active=False)
    with pytest.raises(NotSignedIn):
        await service.ingest(device_scope(firm_scope.require_firm(), device.id), [record(1, 30, 5)])
    assert await service.authenticate_device(key) is None


async def test_nobody_takes_records_for_all_firms(elevator: UUID) -> None:
    with pytest.raises(InvalidInput):
        await service.ingest(SYSTEM, [record(1, 30, 5)])


async def test_answers_stand_in_the_order_of_the_batch(firm_scope: Scope, elevator: UUID) -> None:
    batch = [
        record(9, 540, 9_000_000), 7, record(1, 30, 1000), record(2, 90, 1040, elevator="nobody"), record(3, 150, -1),
        record(4, 0, 5, at="2027-01-01T00:00:00Z"), record(1, 30, 1000), record(5, 210, counters={"tirps": 1}),
    ]  # fmt: skip
    result = await service.ingest(firm_scope, batch)
    assert outcome(result) == (
        1, 1,
        [(0, "counters.trips"), (1, "record"), (3, "elevator"), (4, "counters.trips"), (5, "at"), (7, "counters.tirps")],
    )  # fmt: skip


async def test_a_record_with_several_faults_tells_all_of_them(firm_scope: Scope, elevator: UUID) -> None:
    result = await service.ingest(firm_scope, [record(1, 30, counters={"trips": -1, "tirps": 1})])
    [rejection] = result.rejected
    assert rejection.field == "counters.trips"
    assert "counters.tirps: there is no such counter" in rejection.reason


async def test_an_empty_batch_is_no_fault(firm_scope: Scope, elevator: UUID) -> None:
    assert outcome(await service.ingest(firm_scope, [])) == (0, 0, [])


async def test_what_cannot_be_stored_as_json_is_kept_all_the_same(firm_scope: Scope, elevator: UUID) -> None:
    batch: list[object] = [
        {"elevator": "a\x00b"}, {"x": "\ud800"}, {"counters": {"trips": float("nan")}}, {"a": "y" * 100_000}, 10**400,
        "\\u0000",
    ]  # fmt: skip
    result = await service.ingest(firm_scope, batch)
    assert len(result.rejected) == len(batch)
    page = await service.rejected_records(firm_scope)
    assert len(page.rows) == len(batch)
    assert all(len(str(row.body)) <= 4100 for row in page.rows)


async def test_a_rejected_record_sent_again_is_counted_and_not_kept_again(firm_scope: Scope, elevator: UUID) -> None:
    for _ in range(3):
        await service.ingest(firm_scope, [record(1, 30, -1), record(1, 30, -1), record(2, 30, -1)])
    page = await service.rejected_records(firm_scope)
    kept = {row.times: row for row in page.rows}
    assert sorted(kept) == [3, 6]
    assert kept[3].body == record(2, 30, -1)
    assert kept[3].source == "http"


async def test_rejected_records_come_in_pages_and_only_to_their_firm(
    factory: Factory, firm_scope: Scope, elevator: UUID
) -> None:
    await service.ingest(firm_scope, [record(n, 30, -1) for n in range(5)])
    first = await service.rejected_records(firm_scope, limit=3)
    second = await service.rejected_records(firm_scope, limit=3, cursor=first.next_cursor)
    assert (len(first.rows), len(second.rows), second.next_cursor) == (3, 2, None)
    assert {row.id for row in first.rows}.isdisjoint({row.id for row in second.rows})
    assert (await service.rejected_records(of_firm(await factory.firm()))).rows == []


async def test_a_history_that_cannot_be_loaded_says_why(firm_scope: Scope, elevator: UUID) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield record(1, 30, 5)
        raise LookupError("the history ends")

    with pytest.raises(LookupError):
        await service.load_history(firm_scope.require_firm(), broken())


async def test_old_rejected_records_are_removed(firm_scope: Scope, elevator: UUID) -> None:
    await service.ingest(firm_scope, [record(1, 30, -1), record(2, 30, -1)])
    async with database.tx(SYSTEM):
        await database.execute("UPDATE rejected_record SET received_at = $1 WHERE body->>'seq' = '1'", NOW - timedelta(days=91))
    assert await service.remove_old_rejected() == 1


async def test_events_keep_the_raw_code_beside_the_meaning(firm_scope: Scope, elevator: UUID) -> None:
    at = NOW.replace(hour=1).isoformat()
    events = [{"code": "gbt24476:43", "at": at}, {"code": "gbt24476:11"}, {"code": "liftrounds:entrapment"}]
    await service.ingest(firm_scope, [record(1, 90, 5, events=events)])
    async with database.tx(firm_scope):
        found = await service.events_since([elevator], NOW - timedelta(days=1))
    assert [(event.raw_code, event.kind) for event in found] == [
        ("gbt24476:43", "inspection_mode"), ("gbt24476:11", "unknown"), ("liftrounds:entrapment", "entrapment"),
    ]  # fmt: skip
    assert found[0].at == NOW.replace(hour=1)


async def test_an_event_told_by_two_records_counts_once(firm_scope: Scope, elevator: UUID) -> None:
    event = {"code": "gbt24476:2", "at": NOW.replace(hour=1).isoformat()}
    await service.ingest(firm_scope, [record(1, 90, 5, events=[event, event]), record(2, 100, 6, events=[event])])
    assert await value("SELECT count(*) FROM telemetry_event") == 1


async def test_a_fault_has_the_due_window_computed_anew_once(firm_scope: Scope, elevator: UUID) -> None:
    async def told() -> int:
        found: int = await value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'due_windows'")
        return found

    await service.ingest(firm_scope, [record(1, 30, 5, events=[{"code": "gbt24476:43"}])])
    assert await told() == 0
    faults = [{"code": "gbt24476:2"}, {"code": "liftrounds:entrapment"}]
    await service.ingest(firm_scope, [record(2, 90, 6, events=faults)])
    assert await told() == 1
    await service.ingest(firm_scope, [record(3, 150, 7, events=[{"code": "gbt24476:3"}])])
    assert await told() == 1  # the one that waits will see it


async def test_parallel_batches_of_the_same_elevators_count_each_step_once(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    codes = [f"3110331002{n:010d}" for n in range(900_000, 900_006)]
    ids = [await factory.elevator(firm, registration_code=code) for code in codes]
    records = [
        record(n, n * 10, 1000 + n * 7 + shift, elevator=code) for shift, code in enumerate(codes) for n in range(60)
    ]  # fmt: skip
    # Each batch holds every ninth record, backwards or forwards, so that all batches meet at all elevators.
    batches: list[list[Any]] = [records[n::9][:: -1 if n % 2 else 1] for n in range(9)]
    results = await asyncio.gather(*(service.ingest(firm_scope, batch) for batch in [*batches, *batches]))
    assert sum(result.accepted for result in results) == sum(result.duplicates for result in results) == len(records)
    for elevator in ids:
        counted = await hours(elevator)
        assert sum(hour[1] for hour in counted) == 59 * 7
        assert sum(hour[5] for hour in counted) == 60
        assert [hour[1] for hour in counted] == [35, *[42] * 9]


async def test_history_gives_what_intake_gives(factory: Factory, firm_scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    other = await factory.firm()
    codes = [f"3110331002{n:010d}" for n in range(910_000, 910_004)]
    for code in codes:
        await factory.elevator(firm_scope.require_firm(), registration_code=code)
        await factory.elevator(other, registration_code=code)
    records = [
        record(
            n, n * 17, 5 * n if n < 20 else 5 * (n - 20), elevator=code, gauges={"floor": n}, events=[{"code": "gbt24476:2"}]
        )
        for code in codes
        for n in range(40)
    ]
    records[7] = record(7, 7 * 17, -1, elevator=codes[0])
    async with database.tx(SYSTEM):
        first = await database.fetch_value(
            "SELECT id FROM elevator WHERE firm = $1 AND registration_code = $2", other, codes[0]
        )
    monitor, _ = await service.add_device(of_firm(other), first, "monitor-1")
    monkeypatch.setattr(service, "HISTORY_CHUNK", 50)
    told: list[int] = []
    loaded = await service.load_history(other, iter(records), progress=told.append)
    taken = await service.ingest(firm_scope, records)
    assert outcome(loaded) == outcome(taken) == (159, 0, [(7, "counters.trips")])
    assert sum(told) == len(records)
    last = NOW.replace(hour=0) + timedelta(minutes=39 * 17)
    assert (await service.device(of_firm(other), monitor.id)).last_seen_at == last  # the office sees that it spoke
    for table, columns in (
        ("usage_hour", "counter, hour, delta, restarts, rollovers, jumps, readings"),
        ("usage_day", "counter, day, delta, restarts, rollovers, jumps, readings"),
        ("telemetry_record", "seq, at, counters, totals, widths, digest, gauges"),
        ("telemetry_event", "at, raw_code, kind"),
        ("signal_day", "day, hours"),
        ("elevator_signal", "t.at, t.state"),
    ):
        async with database.tx(SYSTEM):
            rows = await database.fetch(
                f"SELECT e.firm, e.registration_code, {columns} FROM {table} t JOIN elevator e ON e.id = t.elevator"
            )
        by_firm = {
            firm: sorted(repr(tuple(row)[1:]) for row in rows if row["firm"] == firm) for firm in (other, firm_scope.firm)
        }
        assert by_firm[other] == by_firm[firm_scope.firm], table
        assert by_firm[other]
