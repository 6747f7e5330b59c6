"""What telemetry tells of the time of a visit, read from the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from backend import database
from backend.errors import NotFound
from backend.scope import SYSTEM, Scope, of_firm
from backend.telemetry import service
from qr.elevator_span import Span
from qr.elevator_word import listen
from qr.evidence import Verdict
from tests.integration.backend.telemetry.conftest import NOW, record
from tests.support.factory import Factory

MIDNIGHT = NOW.replace(hour=0)
LIFT = "traction_or_positive_drive_lift"


def minute(of_day: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=of_day)


async def read(scope: Scope, elevator: UUID, since: float, until: float) -> Span:
    async with database.tx(scope):
        return await service.visit_span_inside(elevator, minute(since), minute(until))


async def weeks_told(scope: Scope, per_hour: int, *, weeks: int = 6, gap_week: int | None = None) -> None:
    """Four records an hour of hours 4 to 12 on the same weekday of earlier weeks; one week lacks hour 7."""
    batch = []
    for week in range(1, weeks + 1):
        for quarter in range(4 * 4, 12 * 4):
            if week == gap_week and quarter // 4 == 7:
                continue
            at = quarter * 15 + 10 - week * 7 * 24 * 60
            batch.append(record(10_000 - week * 100 + quarter, at, 1_000_000 - week * 20_000 + quarter * per_hour // 4))
    assert (await service.ingest(scope, batch)).accepted == len(batch)


async def today_told(scope: Scope, trips_per_min: float, since: int, until: int, **more: object) -> None:
    batch = [record(20_000 + n, n, 1_010_000 + int(n * trips_per_min), **more) for n in range(since, until + 1)]
    assert (await service.ingest(scope, batch)).accepted == len(batch)


async def test_an_elevator_without_a_monitor_is_not_monitored(firm_scope: Scope, elevator: UUID) -> None:
    found = await read(firm_scope, elevator, 480, 520)
    assert not found.monitored
    assert listen(found, "half_month", LIFT).verdict is Verdict.SILENT


async def test_readings_and_events_reach_from_an_hour_before_to_an_hour_after(firm_scope: Scope, elevator: UUID) -> None:
    await today_told(firm_scope, 0.5, 300, 640)
    events = [{"code": "gbt24476:43", "at": minute(n).isoformat()} for n in (400, 450, 500, 600)]
    await service.ingest(firm_scope, [record(30_000, 641, None, events=events)])
    found = await read(firm_scope, elevator, 480, 520)
    assert [found.readings[0].at, found.readings[-1].at] == [minute(420), minute(580)]
    assert len(found.readings) == 161
    assert [event.at for event in found.events] == [minute(400), minute(450), minute(500)]  # the first tells a mode from before
    assert {event.kind for event in found.events} == {"inspection_mode"}


async def test_earlier_weeks_stand_beside_the_hours_of_the_visit(firm_scope: Scope, elevator: UUID) -> None:
    await weeks_told(firm_scope, 40)
    await today_told(firm_scope, 0.5, 430, 570)
    found = await read(firm_scope, elevator, 480, 520)
    assert {(each.hour, each.weeks_ago) for each in found.past} == {
        (minute(60 * hour), week) for hour in (7, 8, 9) for week in range(1, 7)
    }
    assert {(each.growth["trips"], each.readings) for each in found.past} == {(40, 4)}


async def test_an_hour_after_a_gap_is_not_known(firm_scope: Scope, elevator: UUID) -> None:
    await weeks_told(firm_scope, 40, gap_week=2)
    await today_told(firm_scope, 0.5, 430, 570)
    found = await read(firm_scope, elevator, 480, 520)
    assert {each.weeks_ago for each in found.past if each.hour == minute(480)} == {1, 3, 4, 5, 6}


async def test_local_times_are_quoted_and_local_weeks_compared(firm_scope: Scope, factory: Factory) -> None:
    """A week before a change of the clocks the same local hour is another one in UTC."""
    firm = await factory.firm(time_zone="America/New_York")
    elevator = await factory.elevator(firm, registration_code="31103310020000000778")
    arrival = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)  # 10:00 in New York, where the clocks changed on 1 November
    batch = [
        record(n, 0, 100 + n) | {"elevator": "31103310020000000778", "at": (arrival + timedelta(minutes=at)).isoformat()}
        for n, at in enumerate([*(-7 * 24 * 60 - 60 + 15 * q - 55 for q in range(12)), *range(-30, 60, 5)])
    ]
    assert not (await service.ingest(of_firm(firm), batch)).rejected
    async with database.tx(of_firm(firm)):
        found = await service.visit_span_inside(elevator, arrival, arrival + timedelta(minutes=40))
    assert found.arrival.strftime("%H:%M %z") == "10:00 -0500"
    week_ago = [each for each in found.past if each.hour == arrival and each.weeks_ago == 1]
    assert [each.readings for each in week_ago] == [4]


async def test_a_monitor_that_tells_every_second_is_read_thinner(firm_scope: Scope, elevator: UUID) -> None:
    batch = [record(n, 480 + n / 60, 1000 + n // 30) for n in range(1200)]
    assert (await service.ingest(firm_scope, batch)).accepted == 1200
    found = await read(firm_scope, elevator, 480, 500)
    assert 100 <= len(found.readings) <= 130
    assert all(later.at > earlier.at for earlier, later in zip(found.readings, found.readings[1:], strict=False))


async def test_what_the_tables_tell_is_what_the_elevator_says(firm_scope: Scope, elevator: UUID) -> None:
    await weeks_told(firm_scope, 40)
    await today_told(firm_scope, 40 / 60, 400, 600)
    usual = listen(await read(firm_scope, elevator, 480, 520), "half_month", LIFT)
    assert usual.verdict is Verdict.CONTRADICTED
    events = [{"code": "gbt24476:43", "at": minute(490).isoformat()}, {"code": "gbt24476:40", "at": minute(505).isoformat()}]
    await service.ingest(firm_scope, [record(30_000, 601, None, events=events)])
    said = listen(await read(firm_scope, elevator, 480, 520), "half_month", LIFT)
    assert said.verdict is Verdict.CORROBORATED
    assert said.seen[0].en == "From 16:10 until 16:25: inspection mode."


async def test_another_firms_elevator_is_not_found(firm_scope: Scope, elevator: UUID) -> None:
    with pytest.raises(NotFound):
        await read(of_firm(uuid4()), elevator, 480, 520)
    assert not (await read(SYSTEM, elevator, 480, 520)).monitored
