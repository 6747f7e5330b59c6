"""Where people were is kept for the pack's period; then nothing precise is left anywhere."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from asyncpg import PostgresError

from backend import clock, database
from backend.people import service as people
from backend.scope import SYSTEM
from backend.visits import service
from backend.visits.inputs import PositionInput
from backend.visits.proof import grading
from backend.visits.proof.forgetting import forget_positions
from backend.visits.proof.views import GradedWhy
from tests.support.visits import AT_SITE, Workplace, value

PERIOD = timedelta(days=90)
PLACE = PositionInput(lat=28.6764321, lon=121.4209876, accuracy_m=7.0)
AWAY = PositionInput(lat=28.6993217, lon=121.4209876, accuracy_m=7.0)
"""About two and a half kilometres north of the site."""

DIGITS = ("6764321", "4209876", "6993217")


async def visited(place: Workplace, *, departure: PositionInput = PLACE) -> None:
    opened = await service.arrive(
        place.technician, place.ring, msgspec.structs.replace(place.arrival(), scan=place.scan(position=PLACE))
    )
    await place.answer_all(opened)
    await service.depart(place.technician, place.ring, opened.summary.id, place.scan(position=departure))


async def everything() -> str:
    """All rows of all tables, as text; what the register says of places and elevators is no person's position."""
    async with database.tx(SYSTEM):
        tables = await database.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND table_name NOT IN ('site')"
        )
        found = []
        for row in tables:
            found += [str(line[0]) for line in await database.fetch(f'SELECT to_jsonb(t)::text FROM "{row["table_name"]}" t')]
    return "\n".join(found)


async def test_before_the_period_is_over_positions_are_kept(place: Workplace) -> None:
    await visited(place)
    with clock.stopped_at(clock.now() + PERIOD - timedelta(days=1)):
        assert (await forget_positions()).scans == 0
    assert await value("SELECT count(*) FROM scan WHERE lat IS NOT NULL") == 2


async def test_after_it_only_pass_or_fail_and_a_band_are_left(place: Workplace) -> None:
    await visited(place, departure=AWAY)
    before = await everything()
    assert all(digits in before for digits in DIGITS)  # the search finds them while they are there
    with clock.stopped_at(clock.now() + PERIOD + timedelta(days=1)):
        assert (await forget_positions()).scans == 2
        assert (await forget_positions()).scans == 0
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT kind, place, distance_band, lat, lon, accuracy_m FROM scan ORDER BY kind")
    assert [tuple(row.values()) for row in rows] == [
        ("arrival", "passed", "0-50", None, None, None),
        ("departure", "failed", "2000+", None, None, None),
    ]


async def test_a_clock_that_is_years_ahead_keeps_no_place_for_years(place: Workplace) -> None:
    now = clock.now()
    far = place.scan(position=PLACE, at=now + timedelta(days=3_000))
    await service.arrive(place.technician, place.ring, msgspec.structs.replace(place.arrival(), scan=far))
    with clock.stopped_at(now + PERIOD - timedelta(days=1)):
        assert (await forget_positions()).scans == 0
    with clock.stopped_at(now + PERIOD + timedelta(days=1)):
        assert (await forget_positions()).scans == 1
        assert (await forget_positions()).scans == 0
    assert await value("SELECT place || ' ' || distance_band FROM scan WHERE lat IS NULL") == "passed 0-50"


async def test_nothing_precise_is_left_anywhere(place: Workplace) -> None:
    await visited(place, departure=AWAY)
    await place.arrive()  # refused scans and open visits are no exception
    with clock.stopped_at(clock.now() + PERIOD + timedelta(days=1)):
        await forget_positions()
    left = await everything()
    for digits in DIGITS:
        assert digits not in left, left[max(0, left.index(digits) - 300) :][:600]


async def test_the_audit_trail_says_how_many_were_forgotten(place: Workplace) -> None:
    await visited(place)
    with clock.stopped_at(clock.now() + PERIOD + timedelta(days=1)):
        await forget_positions()
    line = (await people.trail(place.manager, action="positions.forgotten")).events[0]
    assert line.detail == {"scans": 2, "entries": 0}


async def test_a_grade_made_anew_keeps_what_the_forgotten_positions_had_answered(place: Workplace) -> None:
    await visited(place, departure=AWAY)
    visit = await value("SELECT id FROM visit")
    before = (await service.proof(place.manager, visit)).grades[-1]
    with clock.stopped_at(clock.now() + PERIOD + timedelta(days=1)):
        await forget_positions()
        async with database.tx(SYSTEM):
            await grading.regrade_inside(visit, GradedWhy.TELEMETRY)
    after = (await service.proof(place.manager, visit)).grades[-1]
    told = {check.name: check.outcome for check in after.checks}
    assert after.grade == before.grade
    assert (told["arrival_geofence"], told["departure_geofence"]) == ("passed", "failed")


async def test_nothing_else_of_a_scan_can_be_changed(place: Workplace) -> None:
    await visited(place)
    with pytest.raises(PostgresError, match="only the position of a scan is forgotten"):
        async with database.tx(SYSTEM):
            await database.execute(
                "UPDATE scan SET lat = NULL, lon = NULL, accuracy_m = NULL, position_forgotten_at = now(), source = 'typed'"
            )


async def test_no_reason_of_a_record_or_grade_tells_more_than_a_band(place: Workplace) -> None:
    await visited(place)
    visit = await value("SELECT id FROM visit")
    told = (await service.proof(place.manager, visit)).grades[-1].checks
    reason = next(check.reason_en for check in told if check.name == "arrival_geofence")
    assert reason.startswith("0-50 m from the site")
    assert str(AT_SITE.lat) not in reason
