"""The technician's day: all of it in one answer, whose ETag changes when anything shown changes."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from backend import clock
from backend.errors import NotAllowed
from backend.scope import Role
from backend.visits import service
from backend.visits.inputs import FindingInput, Severity
from tests.support.visits import ZONE, Workplace, value


async def test_the_day_has_all_that_the_phone_needs(place: Workplace) -> None:
    other, _ = await place.another_elevator(equipment_type="hydraulic_lift")
    orders = await place.publish([other, place.elevator])
    day = await service.technician_day(place.technician)
    assert [stop.work_order for stop in day.stops] == orders
    assert [stop.position for stop in day.stops] == [0, 1]
    stop = day.stops[1]
    assert (stop.arrive_s, stop.start_s, stop.leave_s) == (34_000, 34_000, 37_600)
    assert (stop.why_zh, stop.why_en) == ("距上次维保 15 天", "15 days since the last visit")
    assert stop.elevator.address == "1 Shifu Road"
    assert stop.elevator.access_notes == "key at the gate"
    assert len(stop.elevator.rescue_code) == 6
    assert [len(stop.checklist) for stop in day.stops] == [30, 31]  # annexes B and A, half-month
    assert (day.depart_s, day.return_s) == (28_800, 61_200)
    assert day.minimum_technicians == 2
    assert [choice.key for choice in day.stop_use_conditions[stop.rule_pack]][:2] == [
        "inspection_failed", "door_lock_circuit_shorted",
    ]  # fmt: skip


async def test_a_day_without_a_round_is_empty_and_still_an_answer(place: Workplace) -> None:
    day = await service.technician_day(place.technician)
    assert (day.stops, day.crew_name, day.open_visits) == ([], None, [])
    assert day.day == clock.today(ZONE)


async def test_another_crews_round_is_not_shown(place: Workplace) -> None:
    await place.publish(members=[place.second])
    assert (await service.technician_day(place.technician)).stops == []
    assert len((await service.technician_day(place.second)).stops) == 1


async def test_other_days_can_be_asked_for(place: Workplace) -> None:
    tomorrow = clock.today(ZONE) + timedelta(days=1)
    await place.publish(day=tomorrow)
    assert (await service.technician_day(place.technician)).stops == []
    assert len((await service.technician_day(place.technician, tomorrow)).stops) == 1


async def test_open_visits_are_shown_until_the_departure(place: Workplace) -> None:
    (order,) = await place.publish()
    opened = await place.arrive(second_technician=place.second.technician)
    for scope in (place.technician, place.second):
        day = await service.technician_day(scope)
        assert [visit.id for visit in day.open_visits] == [opened.summary.id]
        assert (day.stops[0].work_order, day.stops[0].visit, day.stops[0].state) == (order, opened.summary.id, "in_progress")
    await place.answer_all(opened)
    await place.depart(opened.summary.id)
    day = await service.technician_day(place.technician)
    assert (day.open_visits, day.stops[0].state) == ([], "done")


async def test_colleagues_are_certified_present_and_crew_mates_first(place: Workplace) -> None:
    today = clock.today(ZONE)
    names = {}
    for name in ("Aa mate of no crew", "absent", "uncertified", "inactive"):
        names[name] = (await place.person(Role.TECHNICIAN)).technician
        await value("UPDATE technician SET name = $2 WHERE id = $1 RETURNING id", names[name], name)
    await value("UPDATE technician SET name = 'Zz mate' WHERE id = $1 RETURNING id", place.second.technician)
    await place.factory.row("absence", firm=place.firm, technician=names["absent"], starts_on=today, ends_on=today)
    await value("UPDATE certificate SET code = 'A' WHERE technician = $1 RETURNING id", names["uncertified"])
    await value("UPDATE technician SET active = false WHERE id = $1 RETURNING id", names["inactive"])
    await place.publish()
    day = await service.technician_day(place.technician)
    assert [person.name for person in day.second_technicians] == ["Zz mate", "Aa mate of no crew"]


async def test_the_etag_stays_while_nothing_changes(place: Workplace) -> None:
    await place.publish()
    first = await service.technician_day(place.technician)
    assert (await service.technician_day(place.technician)).etag == first.etag
    assert first.etag.startswith('"')
    assert first.etag.endswith('"')


@pytest.mark.parametrize(
    "change",
    [
        "state of the order",
        "access notes",
        "elevator stopped",
        "exclusion",
        "colleague",
        "time",
        "finding",
        "cancelled",
        "visit",
    ],
)
async def test_the_etag_changes_with_anything_that_is_shown(place: Workplace, change: str) -> None:
    (order,) = await place.publish()
    if change == "finding":
        opened = await place.arrive()
    before = (await service.technician_day(place.technician)).etag
    if change == "state of the order":
        await value("UPDATE work_order SET state = 'missed' WHERE id = $1 RETURNING id", order)
    if change == "access notes":
        await value("UPDATE site SET access_notes = 'ask the guard' WHERE id = $1 RETURNING id", place.site)
    if change == "elevator stopped":
        await value("UPDATE elevator SET state = 'stopped' WHERE id = $1 RETURNING id", place.elevator)
    if change == "exclusion":
        await value("""UPDATE elevator SET item_exclusions = '{"A-1-05": "none"}' WHERE id = $1 RETURNING id""", place.elevator)
    if change == "colleague":
        await place.person(Role.TECHNICIAN)
    if change == "time":
        await value("UPDATE work_order SET start_s = start_s + 60 WHERE id = $1 RETURNING id", order)
    if change == "finding":
        finding = FindingInput(id=uuid4(), severity=Severity.GENERAL, description="worn")
        await service.add_finding(place.technician, opened.summary.id, finding)
    if change == "cancelled":
        await value("UPDATE work_order SET state = 'cancelled' WHERE id = $1 RETURNING id", order)
    if change == "visit":
        await place.arrive()
    assert (await service.technician_day(place.technician)).etag != before


async def test_a_cancelled_stop_is_not_shown(place: Workplace) -> None:
    (order,) = await place.publish()
    await value("UPDATE work_order SET state = 'cancelled' WHERE id = $1 RETURNING id", order)
    assert (await service.technician_day(place.technician)).stops == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.OWNER, Role.REGULATOR])
async def test_only_technicians_have_a_day(place: Workplace, role: Role) -> None:
    with pytest.raises(NotAllowed):
        await service.technician_day(await place.person(role))
