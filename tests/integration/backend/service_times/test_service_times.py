"""A firm learns from its scans how long visits take, and its rounds plan with it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend import clock, database
from backend.rounds.snapshots import snapshot_inside
from backend.scope import SYSTEM, of_firm
from backend.service_times import service
from planner.intervals.rules import load_pack
from tests.support.factory import Factory
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm

ZONE = "Asia/Shanghai"


@pytest.fixture(autouse=True)
def friday() -> Iterator[None]:
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture
async def firm(factory: Factory) -> PlannedFirm:
    return await planned_firm(factory, elevators=6, windows=((0, 4),))


async def visit(
    factory: Factory, firm: PlannedFirm, elevator: UUID, minutes: int, *, weeks_ago: int = 1, failed: bool = False,
    source: str = "camera", technicians: Sequence[UUID] | None = None,
) -> None:  # fmt: skip
    """Store a finished visit with its two scans."""
    first, second = technicians or firm.technicians[0][:2]
    arrived = FRIDAY - timedelta(weeks=weeks_ago)
    outcome = {"evidence": [{"name": "dwell", "outcome": "failed" if failed else "passed"}]}
    made = await factory.row(
        "visit", id=uuid4(), firm=firm.firm, elevator=elevator, maintenance_class="half_month", rule_pack="cn-fixed-15",
        technician=first, second_technician=second, state="finished", arrived_at=arrived,
        departed_at=arrived + timedelta(minutes=minutes), outcome=outcome,
    )  # fmt: skip
    label = await factory.row("label", id=uuid4(), firm=firm.firm, code_id=secrets.token_hex(4).upper(), epoch=1)
    for kind, after in (("arrival", 0), ("departure", minutes)):
        await factory.row(
            "scan", id=uuid4(), firm=firm.firm, visit=made, label=label, technician=first, kind=kind, source=source,
            at=arrived + timedelta(minutes=after),
        )  # fmt: skip


async def seconds(firm: PlannedFirm) -> dict[UUID, int]:
    """Return the seconds that a plan has for each elevator."""
    async with database.tx(of_firm(firm.firm)):
        problem = (await snapshot_inside(firm.firm, MONDAY, 10, FRIDAY)).problem
    return {UUID(each.id): each.service_s for each in problem.visits}


async def test_before_the_first_night_the_packs_time_is_planned(firm: PlannedFirm) -> None:
    pack_s = load_pack("cn-fixed-15").visit.service_s["half_month"]
    assert set((await seconds(firm)).values()) == {pack_s}
    assert (await service.service_times(firm.scope, firm.firm)).learnt_on is None


async def test_an_elevator_that_takes_long_gets_more_time_in_the_plan_and_the_others_a_little(
    factory: Factory, firm: PlannedFirm
) -> None:
    pack_s = load_pack("cn-fixed-15").visit.service_s["half_month"]
    slow, usual = firm.elevators[0], firm.elevators[3:]
    for week in range(1, 9):
        await visit(factory, firm, slow, round(pack_s / 60 * 2), weeks_ago=week)
        for each in usual:
            await visit(factory, firm, each, round(pack_s / 60), weeks_ago=week)
    told = await service.learn(firm.scope, firm.firm, ZONE)
    assert (told.visits, told.left_out) == (8 * (1 + len(usual)), 0)
    assert told.learnt_on == FRIDAY.date()
    planned = await seconds(firm)
    assert planned[slow] > 1.3 * pack_s
    assert planned[slow] < 2 * pack_s
    assert all(abs(planned[each] - pack_s) < 0.2 * pack_s for each in usual)
    assert told.elevators[0].id == slow
    assert told.elevators[0].from_factor < told.elevators[0].factor < told.elevators[0].to_factor


async def test_typed_codes_failed_evidence_and_forgotten_departures_teach_nothing(factory: Factory, firm: PlannedFirm) -> None:
    for week in range(1, 7):
        await visit(factory, firm, firm.elevators[0], 120, weeks_ago=week, source="typed")
        await visit(factory, firm, firm.elevators[1], 120, weeks_ago=week, failed=True)
        await visit(factory, firm, firm.elevators[2], 1400, weeks_ago=week)
    told = await service.learn(firm.scope, firm.firm, ZONE)
    assert (told.visits, told.left_out) == (0, 6)
    assert set((await seconds(firm)).values()) == {load_pack("cn-fixed-15").visit.service_s["half_month"]}


async def test_learning_twice_is_learning_once(factory: Factory, firm: PlannedFirm) -> None:
    await visit(factory, firm, firm.elevators[0], 90)
    once = await service.learn(firm.scope, firm.firm, ZONE)
    assert await service.learn(firm.scope, firm.firm, ZONE) == once


async def test_every_firm_learns_once_in_its_own_night(factory: Factory, firm: PlannedFirm) -> None:
    await visit(factory, firm, firm.elevators[0], 90)
    assert await service.learn_nightly() == 0  # it is day
    night = FRIDAY.replace(hour=18) + timedelta(days=1)  # 02:00 in China
    with clock.stopped_at(night):
        assert await service.learn_nightly() == 1
        assert await service.learn_nightly() == 0


async def test_another_firm_sees_nothing_of_it(factory: Factory, firm: PlannedFirm) -> None:
    await visit(factory, firm, firm.elevators[0], 90)
    await service.learn(firm.scope, firm.firm, ZONE)
    other = await factory.firm()
    assert (await service.service_times(of_firm(other), firm.firm)).learnt_on is None
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM service_time_factor WHERE firm = $1", firm.firm) > 0
