"""A published day is repaired: proposals change nothing, applied ones exactly what they say, undone ones leave no trace."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, NotFound, Outdated
from backend.rounds import service
from backend.rounds.repair_views import (
    CancelEvent,
    ClosedEvent,
    CrewOutEvent,
    DelayEvent,
    EmergencyEvent,
    Events,
    RepairState,
    RepairView,
)
from backend.rounds.views import CrewDay, OrderState, RunView
from backend.scope import SYSTEM, of_firm
from tests.support.factory import Factory, insert
from tests.support.planned_firm import MONDAY, PlannedFirm, set_windows

Rows = list[dict[str, Any]]

DEPARTED = timedelta(hours=8, minutes=10)
"""After local midnight: crews begin at eight."""


class Day:
    """A published day under way."""

    def __init__(self, firm: PlannedFirm, rounds: list[CrewDay]) -> None:
        self.firm, self.rounds = firm, rounds
        self.day = rounds[0].day

    def at(self, seconds: float) -> datetime:
        """Return an instant of the day."""
        return (
            datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) - timedelta(hours=8) + timedelta(seconds=seconds)
        )

    async def tell(self, events: Events, seconds: float = DEPARTED.total_seconds()) -> RepairView:
        with clock.stopped_at(self.at(seconds)):
            return await service.propose_repair(self.firm.scope, events)

    async def apply(self, found: RepairView, number: int = 1, seconds: float = DEPARTED.total_seconds()) -> RepairView:
        with clock.stopped_at(self.at(seconds)):
            return await service.apply_repair(self.firm.scope, found.id, number)

    async def undo(self, found: RepairView, seconds: float = DEPARTED.total_seconds() + 60) -> RepairView:
        with clock.stopped_at(self.at(seconds)):
            return await service.undo_repair(self.firm.scope, found.id)

    async def now(self) -> dict[UUID, CrewDay]:
        """Return the rounds of the day by crew."""
        return {each.crew: each for each in await service.published_rounds(self.firm.scope, self.day)}


@pytest.fixture
async def day(firm: PlannedFirm, solver_here: None) -> Day:
    """Monday, on which everything is due: both crews are out."""
    await set_windows(firm.firm, firm.elevators, [(MONDAY, MONDAY + timedelta(days=n % 2)) for n in range(9)])
    run = await service.request_run(firm.scope, MONDAY, 2)
    await service.execute_run(run.id)
    await service.commit_run(firm.scope, run.id)
    await service.publish_run(firm.scope, run.id)
    rounds = await service.published_rounds(firm.scope, MONDAY)
    assert len(rounds) == 2
    return Day(firm, rounds)


async def everything() -> tuple[Rows, Rows]:
    """Return all rounds and stops, versions left aside."""
    async with database.tx(SYSTEM):
        rounds = await database.fetch(
            "SELECT id, crew, day, depart_s, return_s, break_start_s FROM published_round ORDER BY id"
        )
        stops = await database.fetch(
            "SELECT id, round, position, arrive_s, start_s, leave_s, state, state_reason FROM work_order ORDER BY id"
        )
    return [dict(row) for row in rounds], [dict(row) for row in stops]


def emergency(firm: PlannedFirm, **given: Any) -> Events:
    values: dict[str, Any] = {"elevator": firm.elevators[0], "note": "two people trapped"} | given
    return Events(emergencies=[EmergencyEvent(**values)])


async def arrive(day: Day, crew: CrewDay, seconds: float) -> UUID:
    """Make the crew arrive at its first stop."""
    stop = crew.stops[0]
    technician = day.firm.technicians[day.firm.crews.index(crew.crew)][0]
    visit = await insert(
        "visit", id=uuid4(), firm=day.firm.firm, elevator=stop.elevator, work_order=stop.id, maintenance_class="half_month",
        rule_pack="cn-fixed-15", technician=technician, state="open", arrived_at=day.at(seconds),
    )  # fmt: skip
    async with database.tx(day.firm.scope):
        await service.set_order_state_inside(stop.id, OrderState.IN_PROGRESS)
    return visit


async def test_a_proposal_names_who_could_come_when_and_changes_nothing(day: Day) -> None:
    before = await everything()
    found = await day.tell(emergency(day.firm))
    assert await everything() == before
    assert found.state is RepairState.PROPOSED
    assert {option.crew for option in found.options} == set(day.firm.crews)
    best = found.options[0]
    assert best.crew_name
    assert best.crew_name in best.en
    assert best.crew_name in best.zh
    assert best.arrive_s is not None
    assert best.arrive_s >= DEPARTED.total_seconds()
    [added] = [line for line in best.visits if line.kind == "added"]
    assert added.elevator == day.firm.elevators[0]
    assert [each.id for each in await service.repairs(day.firm.scope, day.day)] == [found.id]


async def test_an_applied_emergency_is_on_its_crew_s_round_and_no_other_round_moves(day: Day) -> None:
    found = await day.tell(emergency(day.firm))
    best = found.options[0]
    applied = await day.apply(found)
    assert applied.state is RepairState.APPLIED
    now = await day.now()
    changed = {line.crew for line in best.crews if line.day == day.day}
    for before in day.rounds:
        after = now[before.crew]
        assert (after.version > before.version) == (before.crew in changed)
    assert best.crew is not None
    [stop] = [each for each in now[best.crew].stops if each.reason_en == "Emergency: two people trapped"]
    assert stop.reason_zh == "急修：two people trapped"
    assert stop.arrive_s == best.arrive_s
    assert [each.position for each in now[best.crew].stops] == list(range(len(now[best.crew].stops)))
    assert (await day.apply(found)).decided_at == applied.decided_at


async def test_undo_leaves_no_trace(day: Day) -> None:
    before = await everything()
    for events in (
        emergency(day.firm),
        Events(crews_out=[CrewOutEvent(crew=day.firm.crews[0])]),
        Events(closed=[ClosedEvent(order=day.rounds[0].stops[-1].id)]),
        Events(cancelled=[CancelEvent(order=day.rounds[0].stops[-1].id)]),
    ):
        found = await day.tell(events)
        await day.apply(found)
        assert await everything() != before
        undone = await day.undo(found)
        assert undone.state is RepairState.UNDONE
        assert await everything() == before
        assert (await day.undo(found)).state is RepairState.UNDONE


async def test_a_crew_that_is_out_has_nothing_left_but_what_is_under_way(day: Day) -> None:
    first = day.rounds[0]
    begun_s = first.stops[0].arrive_s
    await arrive(day, first, begun_s)
    found = await day.tell(Events(crews_out=[CrewOutEvent(crew=first.crew)]), begun_s + 60)
    await day.apply(found, 1, begun_s + 120)
    now = await day.now()
    standing = [stop.id for stop in now[first.crew].stops if stop.state in (OrderState.SCHEDULED, OrderState.IN_PROGRESS)]
    assert standing == [first.stops[0].id]
    moved = {line.order for line in found.options[0].visits if line.kind == "moved"}
    lost = {line.order for line in found.options[0].visits if line.kind == "dropped"}
    assert moved | lost == {stop.id for stop in first.stops[1:]}
    for line in found.options[0].visits:
        assert line.day_after is None or line.day_after <= line.last_day


async def test_what_finds_no_place_is_listed_with_its_last_day_and_can_be_planned_again(day: Day) -> None:
    both = Events(crews_out=[CrewOutEvent(crew=crew, through=MONDAY + timedelta(days=6)) for crew in day.firm.crews])
    found = await day.tell(both, 6 * 3600)
    option = found.options[0]
    assert {line.kind for line in option.visits} == {"dropped"}
    assert all(line.last_day.isoformat() in line.en for line in option.visits)
    await day.apply(found, 1, 6 * 3600)
    async with database.tx(SYSTEM):
        states = await database.fetch(
            "SELECT DISTINCT state, state_reason <> '' AS why FROM work_order WHERE id = ANY($1::uuid[])",
            [line.order for line in option.visits],
        )
    assert [dict(row) for row in states] == [{"state": "cancelled", "why": True}]


async def test_a_delay_moves_the_rest_of_the_round_by_as_much(day: Day) -> None:
    first = day.rounds[0]
    found = await day.tell(Events(delays=[DelayEvent(crew=first.crew, minutes=20)]), first.depart_s - 600)
    later = {line.order: line.by_s for line in found.options[0].visits if line.kind == "time"}
    assert later.keys() <= {stop.id for stop in first.stops}
    assert later
    assert max(by_s or 0 for by_s in later.values()) <= 20 * 60


async def test_a_day_that_has_moved_on_refuses_the_proposal_and_a_new_one_can_be_had(day: Day) -> None:
    events = Events(crews_out=[CrewOutEvent(crew=day.rounds[0].crew)])
    found = await day.tell(events)
    await arrive(day, day.rounds[0], DEPARTED.total_seconds())
    before = await everything()
    with pytest.raises(Outdated, match=day.rounds[0].crew_name):
        await day.apply(found)
    assert await everything() == before
    again = await day.tell(events)
    await day.apply(again)
    with pytest.raises(Outdated, match="too old"):
        await day.apply(await day.tell(emergency(day.firm)), 1, DEPARTED.total_seconds() + 3600)


async def test_nothing_is_undone_once_a_changed_round_has_gone_on(day: Day) -> None:
    found = await day.tell(emergency(day.firm))
    await day.apply(found)
    crew = found.options[0].crew
    assert crew is not None
    await arrive(day, (await day.now())[crew], DEPARTED.total_seconds() + 30)
    before = await everything()
    with pytest.raises(Conflict, match="since"):
        await day.undo(found)
    assert await everything() == before


async def test_a_discarded_proposal_is_not_carried_out(day: Day) -> None:
    found = await day.tell(emergency(day.firm))
    assert (await service.discard_repair(day.firm.scope, found.id)).state is RepairState.DISCARDED
    with pytest.raises(Conflict):
        await day.apply(found)


async def test_what_was_undone_is_not_discarded_and_says_so(day: Day) -> None:
    found = await day.tell(emergency(day.firm))
    await day.apply(found)
    await day.undo(found)
    with pytest.raises(Conflict, match="undone already"):
        await service.discard_repair(day.firm.scope, found.id)


async def test_faults_are_named_together_and_other_firms_have_no_part(day: Day, factory: Factory) -> None:
    other = await factory.firm()
    foreign = await factory.elevator(other)
    told = Events(
        emergencies=[EmergencyEvent(elevator=foreign)],
        crews_out=[CrewOutEvent(crew=uuid4())],
        closed=[ClosedEvent()],
        delays=[DelayEvent(minutes=5)],
        cancelled=[CancelEvent(order=uuid4())],
    )
    with pytest.raises(InvalidInput) as refused:
        await day.tell(told)
    assert {fault.path.partition("[")[0] for fault in refused.value.faults} == {
        "emergencies", "crews_out", "closed", "delays", "cancelled",
    }  # fmt: skip
    with pytest.raises(InvalidInput):
        await day.tell(Events())
    found = await day.tell(emergency(day.firm))
    with pytest.raises(NotFound):
        await service.repair(of_firm(other), found.id)
    with pytest.raises(InvalidInput):
        await day.apply(found, 9)


async def test_without_a_published_day_there_is_nothing_to_repair(firm: PlannedFirm, proposed: RunView) -> None:
    with pytest.raises(Conflict, match="nothing to repair"):
        await service.propose_repair(firm.scope, emergency(firm))


async def test_of_two_repairs_of_one_round_at_the_same_moment_one_is_carried_out(day: Day) -> None:
    events = Events(crews_out=[CrewOutEvent(crew=day.rounds[0].crew)])
    one, two = await day.tell(events), await day.tell(events)
    with clock.stopped_at(day.at(DEPARTED.total_seconds())):
        done = await asyncio.gather(
            *(service.apply_repair(day.firm.scope, each.id) for each in (one, two)), return_exceptions=True
        )  # fmt: skip
    assert sorted(type(each).__name__ for each in done) == ["Outdated", "RepairView"]
