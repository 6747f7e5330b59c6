"""Published stops: the crew's day, what an arrival serves, states and versions, planned against actual."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from backend import clock, database
from backend.errors import Conflict, NotFound
from backend.rounds import service
from backend.rounds.views import CrewDay, OrderState, RunView, WorkOrderView
from backend.scope import SYSTEM, of_firm
from tests.support.factory import Factory, insert
from tests.support.planned_firm import MONDAY, PlannedFirm, change

MIDNIGHT = datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
"""The Monday's first moment in Taizhou."""


@pytest.fixture
async def published(firm: PlannedFirm, proposed: RunView) -> list[CrewDay]:
    """The rounds of the run, by day."""
    await service.commit_run(firm.scope, proposed.id)
    await service.publish_run(firm.scope, proposed.id)
    return [each for n in range(5) for each in await service.published_rounds(firm.scope, MONDAY + timedelta(days=n))]


def _technician(firm: PlannedFirm, crew: UUID, place: int = 0) -> UUID:
    return firm.technicians[firm.crews.index(crew)][place]


async def _arrival(
    firm: PlannedFirm, technician: UUID, elevator: UUID, day: date, order: UUID | None = None
) -> WorkOrderView | None:
    async with database.tx(firm.scope):
        return await service.order_for_arrival_inside(firm.firm, technician, elevator, day, order)


async def _set(firm: PlannedFirm, order: UUID, state: OrderState) -> None:
    async with database.tx(firm.scope):
        await service.set_order_state_inside(order, state)


async def _now(firm: PlannedFirm, round_: CrewDay) -> CrewDay:
    [found] = [each for each in await service.published_rounds(firm.scope, round_.day) if each.id == round_.id]
    return found


async def _visit(firm: PlannedFirm, stop: WorkOrderView, technician: UUID, at: datetime, *, linked: bool = True) -> UUID:
    return await insert(
        "visit", id=uuid4(), firm=firm.firm, elevator=stop.elevator, work_order=stop.id if linked else None,
        maintenance_class="half_month", rule_pack="cn-fixed-15", technician=technician, state="finished", arrived_at=at,
        departed_at=at + timedelta(minutes=45),
    )  # fmt: skip


async def test_both_technicians_of_a_crew_have_its_day_and_nobody_else(firm: PlannedFirm, published: list[CrewDay]) -> None:
    first = published[0]
    async with database.tx(firm.scope):
        for technician in firm.technicians[firm.crews.index(first.crew)]:
            found = await service.crew_day_inside(technician, first.day)
            assert found is not None
            assert found.id == first.id
            assert [stop.id for stop in found.stops] == [stop.id for stop in first.stops]
        assert await service.crew_day_inside(uuid4(), first.day) is None
        assert await service.crew_day_inside(_technician(firm, first.crew), first.day + timedelta(days=30)) is None


async def test_a_technician_who_changed_crews_has_the_new_crew_s_day(firm: PlannedFirm, published: list[CrewDay]) -> None:
    first = published[0]
    technician = _technician(firm, first.crew)
    await change("UPDATE crew_member SET ends_on = $2 WHERE technician = $1", technician, first.day - timedelta(days=1))
    async with database.tx(firm.scope):
        assert await service.crew_day_inside(technician, first.day) is None
    [other] = [crew for crew in firm.crews if crew != first.crew]
    await insert("crew_member", firm=firm.firm, crew=other, technician=technician, starts_on=first.day)
    async with database.tx(firm.scope):
        found = await service.crew_day_inside(technician, first.day)
    assert found is None or found.crew == other


async def test_an_absent_member_is_not_named_in_the_crew_s_day(
    firm: PlannedFirm, published: list[CrewDay], factory: Factory
) -> None:
    first = published[0]
    technician = _technician(firm, first.crew)
    await factory.row("absence", firm=firm.firm, technician=technician, starts_on=first.day, ends_on=first.day)
    assert technician not in [each.id for each in (await _now(firm, first)).members]


async def test_an_arrival_serves_the_day_s_order_of_its_elevator(firm: PlannedFirm, published: list[CrewDay]) -> None:
    first = published[0]
    stop = first.stops[-1]
    found = await _arrival(firm, _technician(firm, first.crew), stop.elevator, first.day)
    assert found is not None
    assert found.id == stop.id


async def test_a_colleague_of_another_crew_serves_it_as_well(firm: PlannedFirm, published: list[CrewDay]) -> None:
    first = published[0]
    [other] = [crew for crew in firm.crews if crew != first.crew]
    found = await _arrival(firm, _technician(firm, other), first.stops[0].elevator, first.day)
    assert found is not None
    assert found.id == first.stops[0].id


async def test_the_named_order_is_served_on_whatever_day(firm: PlannedFirm, published: list[CrewDay]) -> None:
    first = published[0]
    stop = first.stops[0]
    found = await _arrival(firm, _technician(firm, first.crew), stop.elevator, first.day - timedelta(days=2), stop.id)
    assert found is not None
    assert found.id == stop.id


async def test_a_named_order_of_another_elevator_or_firm_does_not_exist(
    firm: PlannedFirm, published: list[CrewDay], factory: Factory
) -> None:
    first = published[0]
    technician = _technician(firm, first.crew)
    with pytest.raises(NotFound):
        await _arrival(firm, technician, first.stops[1].elevator, first.day, first.stops[0].id)
    with pytest.raises(NotFound):
        await _arrival(firm, technician, first.stops[0].elevator, first.day, uuid4())
    other = await factory.firm()
    with pytest.raises(NotFound):
        async with database.tx(of_firm(other)):
            await service.order_for_arrival_inside(other, technician, first.stops[0].elevator, first.day, first.stops[0].id)


@pytest.mark.parametrize("state", [OrderState.DONE, OrderState.CANCELLED])
async def test_a_named_order_that_is_over_is_a_conflict(state: OrderState, firm: PlannedFirm, published: list[CrewDay]) -> None:
    first = published[0]
    await _set(firm, first.stops[0].id, state)
    with pytest.raises(Conflict, match=state.value):
        await _arrival(firm, _technician(firm, first.crew), first.stops[0].elevator, first.day, first.stops[0].id)
    assert await _arrival(firm, _technician(firm, first.crew), first.stops[0].elevator, first.day) is None


async def test_an_early_visit_serves_the_next_order_once_its_window_is_open(
    firm: PlannedFirm, published: list[CrewDay]
) -> None:
    last = published[-1]
    await change("UPDATE published_round SET day = $2 WHERE id = $1", last.id, MONDAY + timedelta(days=4))
    stop = last.stops[0]
    technician = _technician(firm, last.crew)
    found = await _arrival(firm, technician, stop.elevator, MONDAY)
    assert found is not None
    assert found.id == stop.id
    assert await _arrival(firm, technician, stop.elevator, MONDAY - timedelta(days=1)) is None  # it opens on Monday


async def test_a_late_visit_serves_the_missed_order_unless_somebody_was_there_since(
    firm: PlannedFirm, published: list[CrewDay]
) -> None:
    first = published[0]
    stop, technician = first.stops[0], _technician(firm, first.crew)
    late = first.day + timedelta(days=3)
    with clock.stopped_at(MIDNIGHT + timedelta(days=10)):
        found = await _arrival(firm, technician, stop.elevator, late)
        assert found is not None
        assert (found.id, found.state) == (stop.id, OrderState.MISSED)
        await _visit(firm, stop, technician, MIDNIGHT + timedelta(days=5), linked=False)
        assert await _arrival(firm, technician, stop.elevator, late) is None


async def test_every_change_of_state_moves_the_day_s_version_and_the_same_state_does_not(
    firm: PlannedFirm, published: list[CrewDay]
) -> None:
    first = published[0]
    seen = {first.etag}
    for state in (OrderState.IN_PROGRESS, OrderState.SCHEDULED, OrderState.IN_PROGRESS, OrderState.DONE):
        await _set(firm, first.stops[0].id, state)
        now = await _now(firm, first)
        assert now.etag not in seen
        assert now.stops[0].state is state
        seen.add(now.etag)
    await _set(firm, first.stops[0].id, OrderState.DONE)
    assert (await _now(firm, first)).etag in seen
    assert first.version == 1


async def test_the_state_of_a_stop_that_does_not_exist_cannot_be_set(firm: PlannedFirm) -> None:
    with pytest.raises(NotFound):
        await _set(firm, uuid4(), OrderState.DONE)


async def test_a_stop_nobody_came_to_is_missed_when_its_day_is_over(firm: PlannedFirm, published: list[CrewDay]) -> None:
    first = published[0]
    of_day = [each for each in published if each.day == first.day]
    midnight = MIDNIGHT + (first.day - MONDAY)
    await _set(firm, first.stops[0].id, OrderState.DONE)
    with clock.stopped_at(midnight + timedelta(days=1, seconds=-1)):
        assert await service.miss_past_orders() == 0
    with clock.stopped_at(midnight + timedelta(days=1)):
        read = await _now(firm, first)  # before the job has run
        assert [stop.state for stop in read.stops[1:]] == [OrderState.MISSED] * (len(read.stops) - 1)
        assert await service.miss_past_orders() == sum(len(each.stops) for each in of_day) - 1
        assert await service.miss_past_orders() == 0
        after = await _now(firm, first)
        assert after.version > read.version
        assert after.stops[0].state is OrderState.DONE


async def test_a_missed_elevator_is_planned_again(firm: PlannedFirm, published: list[CrewDay]) -> None:
    with clock.stopped_at(MIDNIGHT + timedelta(days=6)):
        run = await service.request_run(firm.scope, MONDAY + timedelta(days=7), 5)
    assert run.outline.visits == 9
    assert run.outline.kept == 0


async def test_the_day_shows_what_was_planned_against_what_came(
    firm: PlannedFirm, published: list[CrewDay], factory: Factory
) -> None:
    first = published[0]
    technician = _technician(firm, first.crew)
    midnight = MIDNIGHT + (first.day - MONDAY)
    came = midnight + timedelta(seconds=first.stops[0].arrive_s + 600)
    visit = await _visit(firm, first.stops[0], technician, came)
    await _set(firm, first.stops[0].id, OrderState.DONE)
    await _visit(firm, first.stops[1], technician, midnight + timedelta(hours=20), linked=False)  # nobody had planned it
    with clock.stopped_at(midnight + timedelta(seconds=first.stops[1].arrive_s + 120)):
        lines = await service.planned_against_actual(firm.scope, first.day)
    mine = [line for line in lines if line.order and line.order.round == first.id]
    assert [line.order.position for line in mine if line.order] == list(range(len(first.stops)))
    assert mine[0].visit is not None
    assert (mine[0].visit.id, mine[0].late_s) == (visit, 600)
    assert mine[0].departed_s == first.stops[0].arrive_s + 600 + 45 * 60
    assert (mine[1].visit, mine[1].late_s) == (None, 120)
    assert mine[-1].late_s in (0, 120)
    [unplanned] = [line for line in lines if line.order is None]
    assert (unplanned.elevator, unplanned.arrived_s) == (first.stops[1].elevator, 20 * 3600)


async def test_a_visit_that_served_another_day_s_stop_shows_on_the_day_it_was_made(
    firm: PlannedFirm, published: list[CrewDay]
) -> None:
    first = published[0]
    await _visit(firm, first.stops[0], _technician(firm, first.crew), MIDNIGHT - timedelta(hours=8))  # Sunday at 16:00
    [line] = await service.planned_against_actual(firm.scope, MONDAY - timedelta(days=1))
    assert line.order is not None
    assert (line.order.id, line.arrived_s, line.late_s) == (first.stops[0].id, 16 * 3600, None)


async def test_a_regulator_sees_the_rounds_of_every_firm_and_a_firm_only_its_own(
    firm: PlannedFirm, published: list[CrewDay], factory: Factory
) -> None:
    assert await service.published_rounds(SYSTEM, published[0].day)
    other = of_firm(await factory.firm())
    assert await service.published_rounds(other, published[0].day) == []
    assert await service.planned_against_actual(other, published[0].day) == []


async def test_without_a_day_it_is_today_s(firm: PlannedFirm, published: list[CrewDay]) -> None:
    assert await service.published_rounds(firm.scope) == []
    with clock.stopped_at(MIDNIGHT + (published[0].day - MONDAY)):
        assert (await service.published_rounds(firm.scope))[0].day == published[0].day
        assert await service.planned_against_actual(firm.scope)


async def test_a_visit_left_open_for_days_does_not_keep_its_elevator_from_being_planned(
    firm: PlannedFirm, published: list[CrewDay]
) -> None:
    first = published[0]
    await _set(firm, first.stops[0].id, OrderState.IN_PROGRESS)
    day_of = MIDNIGHT + (first.day - MONDAY)
    for days, kept in ((0, True), (1, True), (2, False)):
        with clock.stopped_at(day_of + timedelta(days=days, hours=1)):
            run = await service.request_run(firm.scope, MONDAY + timedelta(days=7), 5)
            problem = (await service.problem_file(firm.scope, run.id)).decode()
        assert (f'"id":"{first.stops[0].elevator}"' not in problem) == kept
