"""A plan made from data that has changed since is refused, naming the change; a crew has one published round a day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, LiftroundsError, NotFound, OutdatedSnapshot, RoundTaken
from backend.rounds import service
from backend.rounds.views import OrderState, RunState, RunView
from backend.scope import SYSTEM, of_firm
from tests.support.factory import Factory
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, change, set_windows, shift

Meddle = Callable[[PlannedFirm, Factory], Awaitable[Any]]


def _day(number: int) -> date:
    return MONDAY + timedelta(days=number)


async def _publish(firm: PlannedFirm, run: RunView) -> None:
    await service.commit_run(firm.scope, run.id)
    await service.publish_run(firm.scope, run.id)


async def _counts() -> tuple[int, int]:
    async with database.tx(SYSTEM):
        return (
            await database.fetch_value("SELECT count(*) FROM published_round"),
            await database.fetch_value("SELECT count(*) FROM work_order"),
        )


async def _new_due(firm: PlannedFirm, factory: Factory) -> None:
    elevator = await factory.elevator(firm.firm)
    await set_windows(firm.firm, [elevator], [(_day(0), _day(2))])


async def _crew_more(firm: PlannedFirm, factory: Factory) -> None:
    crew = await factory.crew(firm.firm)
    for _ in range(2):
        technician = await factory.technician(firm.firm)
        await factory.row("crew_member", firm=firm.firm, crew=crew, technician=technician, starts_on=_day(-9))
    await shift(factory, firm.firm, crew, 2)


CHANGES: dict[str, tuple[str, Meddle]] = {
    "a due window moved": (
        "due window",
        lambda firm, _: set_windows(firm.firm, firm.elevators[:1], [(_day(0), _day(3))]),
    ),
    "a due class changed": (
        "due window",
        lambda firm, _: set_windows(firm.firm, firm.elevators[:1], [(_day(0), _day(4))], "year"),
    ),
    "an elevator was stopped": (
        "due window", lambda firm, _: change("UPDATE elevator SET state = 'stopped' WHERE id = $1", firm.elevators[0]),
    ),
    "an elevator needs a skill": (
        "needs", lambda firm, _: change("UPDATE elevator SET skills = '{hydraulic}' WHERE id = $1", firm.elevators[0]),
    ),
    "an elevator takes longer": (
        "needs", lambda firm, _: change("UPDATE elevator SET service_min = 90 WHERE id = $1", firm.elevators[0]),
    ),
    "a site moved": (
        "needs",
        lambda firm, _: change(
            "UPDATE site SET lat = lat + 0.01 WHERE id = (SELECT site FROM elevator WHERE id = $1)", firm.elevators[0]
        ),
    ),
    "a site has other hours": (
        "needs",
        lambda firm, _: change(
            """UPDATE site SET access_hours = '[{"from_s": 32400, "to_s": 61200}]'
            WHERE id = (SELECT site FROM elevator WHERE id = $1)""",
            firm.elevators[0],
        ),
    ),
    "another elevator fell due": ("due window", _new_due),
    "a crew's hours changed": (
        "hours or people",
        lambda firm, _: change("UPDATE shift SET to_s = 60000 WHERE crew = $1 AND weekday = 1", firm.crews[0]),
    ),
    "a shift was added": (
        "hours or people", _crew_more,
    ),
    "a crew was switched off": (
        "hours or people", lambda firm, _: change("UPDATE crew SET active = false WHERE id = $1", firm.crews[0]),
    ),
    "a technician is absent": (
        "hours or people",
        lambda firm, factory: factory.row(
            "absence", firm=firm.firm, technician=firm.technicians[0][0], starts_on=_day(1), ends_on=_day(1), reason="ill"
        ),
    ),
    "a certificate expires": (
        "hours or people",
        lambda firm, _: change("UPDATE certificate SET expires_on = $2 WHERE technician = $1", firm.technicians[0][0], _day(2)),
    ),
    "a technician left the crew": (
        "hours or people",
        lambda firm, _: change("UPDATE crew_member SET ends_on = $2 WHERE technician = $1", firm.technicians[0][0], _day(1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CHANGES))
async def test_a_plan_is_refused_after(name: str, firm: PlannedFirm, proposed: RunView, factory: Factory) -> None:
    told, meddle = CHANGES[name]
    await meddle(firm, factory)
    with pytest.raises(OutdatedSnapshot, match="has changed since") as refused:
        await service.commit_run(firm.scope, proposed.id)
    assert refused.value.faults
    assert all(told in fault.reason for fault in refused.value.faults)
    assert all(fault.value and " → " in fault.value for fault in refused.value.faults)
    assert refused.value.faults[0].path in str(refused.value)
    assert (await service.run(firm.scope, proposed.id)).state is RunState.PROPOSED


async def test_a_plan_that_was_committed_is_refused_when_it_is_to_be_published(firm: PlannedFirm, proposed: RunView) -> None:
    await service.commit_run(firm.scope, proposed.id)
    await set_windows(firm.firm, firm.elevators[:1], [(_day(0), _day(3))])
    with pytest.raises(OutdatedSnapshot):
        await service.publish_run(firm.scope, proposed.id)
    assert await _counts() == (0, 0)
    assert (await service.run(firm.scope, proposed.id)).state is RunState.COMMITTED


async def test_a_change_names_elevator_and_crew_as_people_do(firm: PlannedFirm, proposed: RunView) -> None:
    await change("UPDATE site SET name = '星明商厦' WHERE id = (SELECT site FROM elevator WHERE id = $1)", firm.elevators[0])
    await change("UPDATE crew SET name = '椒江一组' WHERE id = $1", firm.crews[0])
    await service.commit_run(firm.scope, proposed.id)  # other names break no plan
    await set_windows(firm.firm, firm.elevators[:1], [(_day(0), _day(3))])
    await change("DELETE FROM shift WHERE crew = $1 AND weekday = 0", firm.crews[0])
    with pytest.raises(OutdatedSnapshot) as refused:
        await service.publish_run(firm.scope, proposed.id)
    window, crew_day = refused.value.faults
    assert window.path.startswith("星明商厦 1号梯 (")
    assert window.value == "2026-11-30..2026-12-04 half_month → 2026-11-30..2026-12-03 half_month"
    assert crew_day.path == "椒江一组 2026-11-30"
    assert crew_day.value is not None
    assert crew_day.value.startswith("08:00-17:00 2 x")
    assert crew_day.value.endswith("→ –")


async def test_what_does_not_matter_to_a_plan_does_not_stop_it(firm: PlannedFirm, proposed: RunView, factory: Factory) -> None:
    later = await factory.elevator(firm.firm)
    await set_windows(firm.firm, [later], [(_day(3), _day(30))])
    await change("UPDATE due_window SET reason_en = 'other words' WHERE firm = $1", firm.firm)
    await change("UPDATE technician SET phone = '1' WHERE firm = $1", firm.firm)
    await _publish(firm, proposed)
    assert (await _counts())[1] == 9


async def test_a_plan_whose_first_day_has_passed_is_refused(firm: PlannedFirm, proposed: RunView) -> None:
    with clock.stopped_at(FRIDAY + timedelta(days=4)), pytest.raises(OutdatedSnapshot) as refused:
        await service.commit_run(firm.scope, proposed.id)
    assert "first day" in refused.value.faults[0].reason


async def test_a_plan_made_today_can_be_published_later_today(firm: PlannedFirm, solver_here: None) -> None:
    today = FRIDAY.date()
    await set_windows(firm.firm, firm.elevators, [(_day(-20), _day(-5))] * 9)
    run = await service.request_run(firm.scope, today, 5)
    await service.execute_run(run.id)
    plan = await service.run_plan(firm.scope, run.id)
    departures = [each.depart_s for each in plan.rounds if each.day == today]
    assert departures
    assert min(departures) >= 9 * 3600 + 900
    with clock.stopped_at(FRIDAY + timedelta(minutes=40)):
        await _publish(firm, run)


async def test_a_round_on_a_day_that_is_taken_is_refused_with_crew_and_day(firm: PlannedFirm, solver_here: None) -> None:
    both = [await service.request_run(firm.scope, MONDAY, 5) for _ in range(2)]
    for run in both:
        await service.execute_run(run.id)
        await service.commit_run(firm.scope, run.id)
    await service.publish_run(firm.scope, both[0].id)
    [first, *_] = (await service.run_plan(firm.scope, both[1].id)).rounds
    with pytest.raises(RoundTaken) as refused:
        await service.publish_run(firm.scope, both[1].id)
    assert refused.value.params == {"crew": first.crew_name, "day": first.day.isoformat()}
    before = await _counts()
    assert before[1] == 9


async def test_of_many_that_publish_at_the_same_time_exactly_one_succeeds(firm: PlannedFirm, solver_here: None) -> None:
    runs = [await service.request_run(firm.scope, MONDAY, 5, seed=n) for n in range(6)]
    for run in runs:
        await service.execute_run(run.id)
        await service.commit_run(firm.scope, run.id)
    outcomes = await asyncio.gather(*(service.publish_run(firm.scope, run.id) for run in runs), return_exceptions=True)
    assert sum(isinstance(each, RunView) for each in outcomes) == 1
    assert all(isinstance(each, RunView | RoundTaken) for each in outcomes)
    states = [(await service.run(firm.scope, run.id)).state for run in runs]
    assert sorted(states) == [RunState.COMMITTED] * 5 + [RunState.PUBLISHED]
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(DISTINCT elevator) = count(*) AND count(*) = 9 FROM work_order")


async def test_publishing_the_same_run_many_times_at_once_publishes_it_once(firm: PlannedFirm, proposed: RunView) -> None:
    await service.commit_run(firm.scope, proposed.id)
    outcomes = await asyncio.gather(*(service.publish_run(firm.scope, proposed.id) for _ in range(5)))
    assert {each.state for each in outcomes} == {RunState.PUBLISHED}
    assert (await _counts())[1] == 9


async def test_the_same_elevator_is_not_published_twice_even_on_other_crew_days(firm: PlannedFirm, solver_here: None) -> None:
    """Two plans that share elevators but no crew-day: the database's one round a crew and day would not notice."""
    await change("UPDATE crew SET active = false WHERE id = $1", firm.crews[1])
    one = await service.request_run(firm.scope, MONDAY, 5)
    await service.execute_run(one.id)
    await service.commit_run(firm.scope, one.id)
    await change("UPDATE crew SET active = id = $1 WHERE firm = $2", firm.crews[1], firm.firm)
    other = await service.request_run(firm.scope, MONDAY, 5)
    await service.execute_run(other.id)
    await service.commit_run(firm.scope, other.id)
    await change("UPDATE crew SET active = true WHERE firm = $1", firm.firm)
    outcomes = await asyncio.gather(
        *(service.publish_run(firm.scope, each.id) for each in (one, other)), return_exceptions=True
    )
    assert all(isinstance(each, LiftroundsError) for each in outcomes)  # each lacks the other's crew: both are outdated
    assert await _counts() == (0, 0)


async def test_a_withdrawn_round_frees_its_crew_day_and_its_elevators(firm: PlannedFirm, proposed: RunView) -> None:
    await _publish(firm, proposed)
    [first, *_] = [each for n in range(5) for each in await service.published_rounds(firm.scope, _day(n))]
    before = await service.request_run(firm.scope, MONDAY, 5)
    await service.withdraw_round(firm.scope, first.id, "班组培训")
    after = await service.request_run(firm.scope, MONDAY, 5)
    assert after.outline.visits == before.outline.visits + len(first.stops) == len(first.stops)
    assert after.outline.crew_days == before.outline.crew_days + 1
    async with database.tx(SYSTEM):
        [row] = await database.fetch("SELECT subject, detail FROM audit_event WHERE action = 'round.withdrawn'")
    assert (row["subject"], row["detail"]["reason"]) == (str(first.id), "班组培训")
    with pytest.raises(NotFound):
        await service.withdraw_round(firm.scope, first.id, "again")


async def test_withdrawing_needs_a_reason_and_a_round_of_one_s_own(
    firm: PlannedFirm, proposed: RunView, factory: Factory
) -> None:
    await _publish(firm, proposed)
    [first, *_] = [each for n in range(5) for each in await service.published_rounds(firm.scope, _day(n))]
    with pytest.raises(InvalidInput):
        await service.withdraw_round(firm.scope, first.id, "  ")
    with pytest.raises(NotFound):
        await service.withdraw_round(of_firm(await factory.firm()), first.id, "mine now")
    with pytest.raises(NotFound):
        await service.withdraw_round(firm.scope, uuid4(), "none")


async def test_a_round_that_was_started_cannot_be_withdrawn(firm: PlannedFirm, proposed: RunView) -> None:
    await _publish(firm, proposed)
    [first, *_] = [each for n in range(5) for each in await service.published_rounds(firm.scope, _day(n))]
    async with database.tx(firm.scope):
        await service.set_order_state_inside(first.stops[0].id, OrderState.IN_PROGRESS)
    with pytest.raises(Conflict, match="started"):
        await service.withdraw_round(firm.scope, first.id, "too late")


async def test_a_cancelled_stop_frees_its_elevator_and_moves_the_day_s_version(firm: PlannedFirm, proposed: RunView) -> None:
    await _publish(firm, proposed)
    [first, *_] = [each for n in range(5) for each in await service.published_rounds(firm.scope, _day(n))]
    cancelled = await service.cancel_order(firm.scope, first.stops[0].id, "大楼封闭")
    assert (cancelled.state, cancelled.state_reason) == (OrderState.CANCELLED, "大楼封闭")
    await service.cancel_order(firm.scope, first.stops[0].id, "once more")
    [now] = [each for each in await service.published_rounds(firm.scope, first.day) if each.id == first.id]
    assert now.version == first.version + 1
    assert now.etag != first.etag
    again = await service.request_run(firm.scope, MONDAY, 5)
    assert again.outline.visits == 1
    with pytest.raises(Conflict, match="大楼封闭"):
        async with database.tx(firm.scope):
            await service.set_order_state_inside(first.stops[0].id, OrderState.IN_PROGRESS)


async def test_a_stop_that_is_under_way_cannot_be_cancelled(firm: PlannedFirm, proposed: RunView, factory: Factory) -> None:
    await _publish(firm, proposed)
    [first, *_] = [each for n in range(5) for each in await service.published_rounds(firm.scope, _day(n))]
    async with database.tx(firm.scope):
        await service.set_order_state_inside(first.stops[0].id, OrderState.IN_PROGRESS)
    with pytest.raises(Conflict, match="under way"):
        await service.cancel_order(firm.scope, first.stops[0].id, "no")
    with pytest.raises(NotFound):
        await service.cancel_order(of_firm(await factory.firm()), first.stops[1].id, "no")


async def test_an_admin_who_sees_every_firm_may_cancel_and_withdraw(firm: PlannedFirm, proposed: RunView) -> None:
    await _publish(firm, proposed)
    [first, *_] = [each for n in range(5) for each in await service.published_rounds(firm.scope, _day(n))]
    assert (await service.cancel_order(SYSTEM, first.stops[0].id, "closed")).state is OrderState.CANCELLED
    await service.withdraw_round(SYSTEM, first.id, "training")
