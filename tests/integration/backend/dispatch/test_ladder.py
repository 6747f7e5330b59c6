"""Whom a rescue rings, in which order, and by which clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from backend import clock, database
from backend.dispatch import ringing, service
from backend.dispatch.inputs import AnswerInput, RaiseInput
from backend.dispatch.views import Answer, DispatchState, Source
from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.scope import SYSTEM
from tests.support.dispatch import Station, messages
from tests.support.factory import Factory


async def test_the_nearest_on_duty_is_rung_first_then_the_next_then_the_office_then_the_24_hour_phone(factory: Factory) -> None:
    place = await Station.open(factory)
    far = await place.technician(9)
    near = await place.technician(1)
    on_duty = await place.technician(6)
    start = clock.now()
    await place.on_duty(on_duty, start)
    with clock.stopped_at(start):
        raised = await place.call()
    assert [ring.technician for ring in raised.rings] == [on_duty.technician]
    assert "on duty" in raised.rings[0].why_en
    assert raised.summary.limit_s == 1800
    assert "T5002" in raised.limit_en
    rescue = raised.summary.id
    with clock.stopped_at(start + timedelta(seconds=61)):
        second = await place.clock_ticks(rescue)
    assert [ring.technician for ring in second.rings if ring.rung == 1] == [near.technician, far.technician]
    with clock.stopped_at(start + timedelta(seconds=130)):
        third = await place.clock_ticks(rescue)
    assert [ring.account for ring in third.rings if ring.rung == 2] == [place.manager.account]
    with clock.stopped_at(start + timedelta(seconds=230)):
        fourth = await place.clock_ticks(rescue)
    assert [ring.phone for ring in fourth.rings if ring.rung == 3] == ["0576-88880000"]
    told = [message for message in await messages(place.firm) if message["phone"]]
    assert [message["channels"] for message in told] == [["sms"]]


async def test_a_firms_mobile_number_is_dialled_with_its_country(factory: Factory) -> None:
    place = await Station.open(factory)
    async with database.tx(SYSTEM):
        await database.execute("UPDATE firm SET phone_24h = '139 0000 1111' WHERE id = $1", place.firm)
    start = clock.now()
    with clock.stopped_at(start):
        raised = await place.call()
    for seconds in (61, 130, 230):
        with clock.stopped_at(start + timedelta(seconds=seconds)):
            await place.clock_ticks(raised.summary.id)
    assert {message["phone"] for message in await messages(place.firm)} >= {"+8613900001111"}


async def test_the_ladder_stands_still_before_its_time_and_rings_nobody_twice(factory: Factory) -> None:
    place = await Station.open(factory)
    await place.technician(1)
    await place.technician(2)
    start = clock.now()
    with clock.stopped_at(start):
        raised = await place.call()
    with clock.stopped_at(start + timedelta(seconds=30)):
        assert len((await place.clock_ticks(raised.summary.id)).rings) == 1
    with clock.stopped_at(start + timedelta(seconds=61)):
        await asyncio.gather(*[ringing.step(raised.summary.id) for _ in range(5)])
        assert len((await place.look(raised.summary.id)).rings) == 2


async def test_whoever_goes_stops_the_ladder_and_the_office_is_told(factory: Factory) -> None:
    place = await Station.open(factory)
    near = await place.technician(1)
    start = clock.now()
    with clock.stopped_at(start):
        raised = await place.call()
        going = await service.answer(near, raised.summary.id, AnswerInput(answer=Answer.GOING))
    assert going.summary.state is DispatchState.GOING
    assert going.next_rung_at is None
    with clock.stopped_at(start + timedelta(minutes=10)):
        assert len((await place.clock_ticks(raised.summary.id)).rings) == 1
    told = [message for message in await messages(place.firm) if message["account"] == place.manager.account]
    assert any("is going" in message["title_en"] for message in told)


async def test_i_cannot_rings_the_next_at_once_also_after_i_am_going(factory: Factory) -> None:
    place = await Station.open(factory)
    near = await place.technician(1)
    next_one = await place.technician(2)
    raised = await place.call()
    refused = await service.answer(near, raised.summary.id, AnswerInput(answer=Answer.CANNOT, reason="in a shaft"))
    assert [ring.technician for ring in refused.rings if ring.rung == 1] == [next_one.technician]
    going = await service.answer(next_one, raised.summary.id, AnswerInput(answer=Answer.GOING))
    assert going.next_rung_at is None
    withdrawn = await service.answer(next_one, raised.summary.id, AnswerInput(answer=Answer.CANNOT))
    assert withdrawn.summary.acknowledged_at is None
    assert [ring.account for ring in withdrawn.rings if ring.rung == 2] == [place.manager.account]


async def test_a_firm_without_technicians_rings_the_office_at_once(factory: Factory) -> None:
    place = await Station.open(factory)
    raised = await place.call()
    assert [ring.account for ring in raised.rings] == [place.manager.account]
    assert [node.what for node in raised.nodes].count("nobody") == 2


async def test_the_ladder_at_its_end_rings_everybody_again_but_those_who_cannot(factory: Factory) -> None:
    place = await Station.open(factory)
    near = await place.technician(1)
    start = clock.now()
    with clock.stopped_at(start):
        rescue = (await place.call()).summary.id
        await service.answer(near, rescue, AnswerInput(answer=Answer.CANNOT))
    for minutes in (3, 6, 9):
        with clock.stopped_at(start + timedelta(minutes=minutes)):
            view = await place.clock_ticks(rescue)
    again = [ring.name for ring in view.rings if ring.rung == 4]
    assert len(again) == 2
    assert not any(ring.technician == near.technician for ring in view.rings if ring.rung >= 4)


async def test_nobody_there_in_time_is_told_once_and_shown(factory: Factory) -> None:
    place = await Station.open(factory)
    near = await place.technician(1)
    start = clock.now()
    with clock.stopped_at(start):
        rescue = (await place.call()).summary.id
        await service.answer(near, rescue, AnswerInput(answer=Answer.GOING))
    with clock.stopped_at(start + timedelta(minutes=31)):
        for _ in range(2):
            view = await place.clock_ticks(rescue)
    assert [node.what for node in view.nodes].count("late") == 1
    assert view.summary.late_s == 60
    late = [message for message in await messages(place.firm) if message["title_en"].startswith("Late")]
    assert len(late) == 1


async def test_one_hour_is_given_where_the_pack_says_so_and_half_an_hour_in_a_city(factory: Factory) -> None:
    city = await Station.open(factory, firm={"region": "CN-ZJ-TZ"})
    prefecture = await Station.open(factory, firm={"region": "CN-XZ-AL"})
    assert (await city.call()).summary.limit_s == 1800
    assert (await prefecture.call()).summary.limit_s == 3600


async def test_two_calls_at_once_are_one_rescue_and_the_same_call_again_changes_nothing(factory: Factory) -> None:
    place = await Station.open(factory)
    await place.technician(1)
    views = await asyncio.gather(*[place.call(f"call-{n % 5}") for n in range(10)])
    assert len({view.summary.id for view in views}) == 1
    view = await place.look(views[0].summary.id)
    assert [node.what for node in view.nodes].count("merged") == 4
    assert len(view.rings) == 1


async def test_a_call_is_refused_with_all_its_faults(factory: Factory) -> None:
    place = await Station.open(factory)
    with pytest.raises(InvalidInput) as refused:
        await service.raise_dispatch(
            place.manager,
            RaiseInput(call="", elevator=" ", people=-1, at=clock.now() - timedelta(hours=3), source=Source.TELEMETRY),
        )
    assert {fault.path for fault in refused.value.faults} == {"call", "elevator", "people", "at", "source"}


async def test_an_elevator_is_found_by_its_rescue_code_unless_two_have_it(factory: Factory) -> None:
    place = await Station.open(factory, rescue_code="314159")
    raised = await service.raise_dispatch(place.manager, RaiseInput(call="a", elevator="314159"))
    assert raised.summary.elevator == place.elevator
    await factory.elevator(place.firm, rescue_code="314159")
    with pytest.raises(InvalidInput, match="cannot be taken"):
        await service.raise_dispatch(place.manager, RaiseInput(call="b", elevator="314159"))


async def test_another_firms_rescue_does_not_exist(factory: Factory) -> None:
    place, other = await Station.open(factory), await Station.open(factory)
    rescue = (await place.call()).summary.id
    with pytest.raises(NotFound):
        await service.dispatch(other.manager, rescue)
    with pytest.raises(NotFound):
        await service.answer(other.manager, rescue, AnswerInput(answer=Answer.GOING))
    assert (await service.dispatches(other.manager)).rows == []


async def test_the_same_call_for_another_elevator_is_refused(factory: Factory) -> None:
    place = await Station.open(factory)
    await place.call("a")
    other = await factory.elevator(place.firm)
    with pytest.raises(Conflict):
        await service.raise_dispatch(place.manager, RaiseInput(call="a", elevator=str(other)))


async def test_a_technician_who_was_not_rung_may_go_but_has_nothing_to_refuse(factory: Factory) -> None:
    place = await Station.open(factory)
    await place.technician(1)
    far = await place.technician(9)
    rescue = (await place.call()).summary.id
    with pytest.raises(NotAllowed):
        await service.answer(far, rescue, AnswerInput(answer=Answer.CANNOT))
    assert (await service.answer(far, rescue, AnswerInput(answer=Answer.GOING))).summary.acknowledged_by


async def test_points_of_time_are_written_once(factory: Factory) -> None:
    place = await Station.open(factory)
    await place.call()
    with pytest.raises(Exception, match="written once"):
        async with database.tx(SYSTEM):
            await database.execute("UPDATE dispatch_node SET at = now()")


async def test_a_rescue_whose_job_was_lost_is_taken_up_and_rings_on(factory: Factory) -> None:
    place = await Station.open(factory)
    await place.technician(1)
    start = clock.now()
    with clock.stopped_at(start):
        rescue = (await place.call()).summary.id
    async with database.tx(SYSTEM):
        await database.execute("DELETE FROM pgqueuer")
    with clock.stopped_at(start + timedelta(minutes=5)):
        assert await ringing.watch() == 1
        assert len((await place.clock_ticks(rescue)).rings) == 2
        assert await ringing.watch() == 0
