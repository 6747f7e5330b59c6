"""What stops a rescue's clock, what a monitor raises, and how a rescue ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from backend import clock, database
from backend.dispatch import service
from backend.dispatch.heard import entrapment_heard
from backend.dispatch.inputs import AnswerInput, ArriveInput, CloseInput, RaiseInput
from backend.dispatch.views import Answer, Cause, DispatchState, DispatchView, Outcome
from backend.errors import Conflict, InvalidInput
from backend.people import service as people
from backend.scope import SYSTEM
from backend.telemetry import service as telemetry
from tests.support.factory import Factory
from tests.support.visits import Workplace


async def raised(place: Workplace) -> DispatchView:
    return await service.raise_dispatch(place.manager, RaiseInput(call="call", elevator=str(place.elevator)))


async def queued(entrypoint: str) -> list[bytes]:
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id", entrypoint)
    return [row["payload"] for row in rows]


async def test_the_arrival_scan_of_a_visit_stops_the_clock(factory: Factory) -> None:
    place = await Workplace.open(factory)
    rescue = (await raised(place)).summary.id
    await place.arrive()
    view = await service.dispatch(place.manager, rescue)
    assert view.summary.state is DispatchState.ARRIVED
    assert view.arrived_how == "scan"
    assert view.summary.acknowledged_at is not None
    assert view.next_rung_at is None


async def test_the_label_in_the_car_stops_the_clock_and_another_elevators_label_says_whose_it_is(factory: Factory) -> None:
    place = await Workplace.open(factory)
    _elevator, other = await place.another_elevator(unit_name="9#")
    rescue = (await raised(place)).summary.id
    with pytest.raises(Conflict, match="9#"):
        await service.arrive(place.technician, place.ring, rescue, ArriveInput(code=other))
    there = await service.arrive(place.technician, place.ring, rescue, ArriveInput(code=place.code))
    again = await service.arrive(place.technician, place.ring, rescue, ArriveInput())
    assert (again.summary.arrived_at, again.arrived_how) == (there.summary.arrived_at, "scan")


async def test_a_scan_before_the_call_does_not_count_and_one_that_came_late_does(factory: Factory) -> None:
    place = await Workplace.open(factory)
    await place.arrive(at=clock.now() - timedelta(minutes=20))
    rescue = (await raised(place)).summary.id
    assert (await service.dispatch(place.manager, rescue)).summary.arrived_at is None
    at = clock.now() + timedelta(minutes=9)
    with clock.stopped_at(clock.now() + timedelta(minutes=12)):
        await service.arrive(place.manager, place.ring, rescue, ArriveInput())
        await service.close(place.manager, rescue, CloseInput(outcome=Outcome.RELEASED, reason="door unlocked by hand"))
    assert place.technician.technician is not None
    async with database.tx(place.manager):
        await service.arrived_inside(place.elevator, place.technician.account, place.technician.technician, at)
    view = await service.dispatch(place.manager, rescue)
    assert (view.summary.arrived_at, view.arrived_how) == (at, "scan")


async def test_a_rescue_is_closed_once_with_what_happened_and_stays_as_a_record(factory: Factory) -> None:
    place = await Workplace.open(factory)
    rescue = (await raised(place)).summary.id
    with pytest.raises(InvalidInput):
        await service.close(place.manager, rescue, CloseInput(outcome=Outcome.RELEASED, reason="  "))
    close = CloseInput(outcome=Outcome.RELEASED, cause=Cause.DOOR, reason="landing door, floor 7")
    closed = await service.close(place.manager, rescue, close)
    assert (closed.summary.state, closed.cause, closed.close_reason) == (DispatchState.CLOSED, "door", "landing door, floor 7")
    assert [node.what for node in closed.nodes][-1] == "closed"
    with pytest.raises(Conflict):
        await service.close(place.manager, rescue, close)
    with pytest.raises(Conflict):
        await service.answer(place.technician, rescue, AnswerInput(answer=Answer.GOING))
    again = await service.raise_dispatch(place.manager, RaiseInput(call="next", elevator=str(place.elevator)))
    assert again.summary.id != rescue
    trail = await people.trail(place.manager, action="dispatch.")
    assert {event.action for event in trail.events} >= {"dispatch.raised", "dispatch.closed"}


async def test_a_close_and_a_raise_at_once_lose_no_call(factory: Factory) -> None:
    place = await Workplace.open(factory)
    rescue = (await raised(place)).summary.id
    close = CloseInput(outcome=Outcome.RELEASED, reason="out")
    _closed, view = await asyncio.gather(
        service.close(place.manager, rescue, close),
        service.raise_dispatch(place.manager, RaiseInput(call="second", elevator=str(place.elevator))),
    )
    assert view.summary.id != rescue or "merged" in [
        node.what for node in (await service.dispatch(place.manager, rescue)).nodes
    ]


async def test_an_entrapment_of_a_monitor_raises_one_rescue_however_often_it_is_told(factory: Factory) -> None:
    place = await Workplace.open(factory)
    code = await _registration_code(place.elevator)
    record = {
        "elevator": code, "at": clock.now().isoformat(), "seq": 1,
        "events": [{"code": "liftrounds:entrapment", "at": clock.now().isoformat()}],
    }  # fmt: skip
    for _ in range(2):
        result = await telemetry.ingest(place.manager, [record])
    assert not result.rejected
    assert len(await queued("entrapment")) == 1
    at = clock.now()
    for _ in range(3):
        await entrapment_heard(place.elevator, at, "liftrounds:entrapment")
    found = await service.dispatches(place.manager)
    assert len(found.rows) == 1
    assert found.rows[0].source.value == "telemetry"


async def test_an_entrapment_of_yesterday_rings_nobody(factory: Factory) -> None:
    place = await Workplace.open(factory)
    await entrapment_heard(place.elevator, clock.now() - timedelta(days=1), "liftrounds:entrapment")
    assert (await service.dispatches(place.manager)).rows == []


async def _registration_code(elevator: UUID) -> str:
    async with database.tx(SYSTEM):
        return str(await database.fetch_value("SELECT registration_code FROM elevator WHERE id = $1", elevator))
