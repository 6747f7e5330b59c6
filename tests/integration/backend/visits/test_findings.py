"""Findings: each gives its notice; a stop-use hazard stops the elevator at once; only the office closes them."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest

from backend import clock
from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.notices import service as notices
from backend.registry import service as registry
from backend.registry.inputs import ElevatorUpdate
from backend.registry.views import State
from backend.scope import Role
from backend.visits import service
from backend.visits.inputs import FindingInput, Result, Severity
from backend.visits.views import VisitView
from tests.support.factory import Factory
from tests.support.visits import ZONE, Workplace, value

SHORTED = "door_lock_circuit_shorted"


@pytest.fixture
async def opened(place: Workplace) -> VisitView:
    """An open visit."""
    return await place.arrive()


def general(**values: object) -> FindingInput:
    given = {"id": uuid4(), "severity": Severity.GENERAL, "description": "the guide shoe is worn"}
    return FindingInput(**(given | values))  # type: ignore[arg-type]


def stop_use(**values: object) -> FindingInput:
    given = {"id": uuid4(), "severity": Severity.STOP_USE, "stop_use_condition": SHORTED}
    return FindingInput(**(given | values))  # type: ignore[arg-type]


async def state_of(elevator: UUID) -> str:
    found: str = await value("SELECT state FROM elevator WHERE id = $1", elevator)
    return found


async def test_a_finding_gives_a_numbered_notice_to_the_owner(place: Workplace, opened: VisitView) -> None:
    kept = await service.add_finding(place.technician, opened.summary.id, general(item="A-1-09", proposal="replace it"))
    year = clock.today(ZONE).year
    assert kept.notice_number == f"GZ-{year}-0001"
    (notice,) = (await notices.notices(place.manager)).rows
    assert notice.owner == place.owner
    assert notice.read_at is None
    for text in (notice.text_zh, notice.text_en):
        assert "the guide shoe is worn" in text
        assert "replace it" in text
        assert notice.registration_code in text
    assert notice.report_zh == ""


async def test_a_notices_title_is_never_what_somebody_typed(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    await service.add_finding(place.technician, visit, general(description="Mr Wang of flat 3 kicked the door"))
    (notice,) = (await notices.notices(place.manager)).rows
    assert (notice.title_zh, notice.title_en) == ("设备隐患", "Hazard")


async def test_the_place_of_a_finding_is_the_items_zone_unless_said(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    by_item = await service.add_finding(place.technician, visit, general(item="A-1-01"))
    said = await service.add_finding(place.technician, visit, general(item="A-1-02", place="floor 7"))
    assert "机房" in by_item.place
    assert said.place == "floor 7"


async def test_a_finding_ticks_its_item(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    await service.add_finding(place.technician, visit, general(item="A-1-01"))
    (answer,) = (await service.visit(place.technician, visit)).answers
    assert (answer.item, answer.result) == ("A-1-01", Result.FINDING)


async def test_a_general_finding_leaves_the_elevator_in_use(place: Workplace, opened: VisitView) -> None:
    await service.add_finding(place.technician, opened.summary.id, general())
    assert await state_of(place.elevator) == "in_use"


async def test_a_serious_finding_is_drafted_as_a_report_to_the_authority(place: Workplace, opened: VisitView) -> None:
    await service.add_finding(place.technician, opened.summary.id, general(severity=Severity.SERIOUS))
    (notice,) = (await notices.notices(place.manager)).rows
    assert "the guide shoe is worn" in notice.report_zh
    assert notice.number in notice.report_en
    assert await state_of(place.elevator) == "in_use"


async def test_a_stop_use_condition_stops_the_elevator_at_once(place: Workplace, opened: VisitView) -> None:
    kept = await service.add_finding(place.technician, opened.summary.id, stop_use())
    assert await state_of(place.elevator) == "stopped"
    assert kept.notice_number in await value("SELECT state_reason FROM elevator WHERE id = $1", place.elevator)
    (notice,) = (await notices.notices(place.manager)).rows
    assert notice.title_zh == "门锁安全回路被短接"
    assert "GB 45067-2024" in notice.text_zh
    assert "停止使用" in notice.report_zh
    assert await value("SELECT paused FROM due_window WHERE elevator = $1", place.elevator)


async def test_stop_use_needs_a_condition_of_the_pack_and_nothing_else_has_one(place: Workplace, opened: VisitView) -> None:
    for finding in (
        stop_use(stop_use_condition=""),
        stop_use(stop_use_condition="too_old"),
        general(stop_use_condition=SHORTED),
    ):
        with pytest.raises(InvalidInput) as refusal:
            await service.add_finding(place.technician, opened.summary.id, finding)
        assert [fault.path for fault in refusal.value.faults] == ["stop_use_condition"]
    assert await state_of(place.elevator) == "in_use"


async def test_all_faults_of_a_finding_are_told_at_once(place: Workplace, opened: VisitView) -> None:
    finding = general(item="D-1-01", description=" ", place="x" * 2001, proposal="\x00", stop_use_condition=SHORTED)
    with pytest.raises(InvalidInput) as refusal:
        await service.add_finding(place.technician, opened.summary.id, finding)
    assert [f.path for f in refusal.value.faults] == ["item", "stop_use_condition", "description", "place", "proposal"]


async def test_a_stop_use_condition_says_enough(place: Workplace, opened: VisitView) -> None:
    kept = await service.add_finding(place.technician, opened.summary.id, stop_use())
    assert (kept.description, kept.title_zh) == ("", "门锁安全回路被短接")


async def test_the_same_finding_again_is_the_same(place: Workplace, opened: VisitView) -> None:
    finding = general()
    visit = opened.summary.id
    told = await asyncio.gather(*(service.add_finding(place.technician, visit, finding) for _ in range(5)))
    assert all(one == told[0] for one in told)
    assert await value("SELECT count(*) FROM notice") == 1


async def test_the_same_id_with_other_content_is_a_conflict(place: Workplace, opened: VisitView) -> None:
    finding = general()
    await service.add_finding(place.technician, opened.summary.id, finding)
    changed = msgspec.structs.replace(finding, description="another thing")
    with pytest.raises(Conflict):
        await service.add_finding(place.technician, opened.summary.id, changed)


async def test_an_ended_visit_takes_no_findings_but_repeats_them(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    finding = general()
    first = await service.add_finding(place.technician, visit, finding)
    await place.answer_all(opened)
    await place.depart(visit)
    assert await service.add_finding(place.technician, visit, finding) == first
    with pytest.raises(Conflict):
        await service.add_finding(place.technician, visit, general())


async def test_numbers_are_without_gaps_even_for_findings_at_once(place: Workplace, opened: VisitView) -> None:
    second, code = await place.another_elevator()
    other = await service.arrive(place.second, place.ring, place.arrival(code))
    await asyncio.gather(
        *(service.add_finding(place.technician, opened.summary.id, general()) for _ in range(4)),
        *(service.add_finding(place.second, other.summary.id, general()) for _ in range(4)),
    )
    with pytest.raises(InvalidInput):
        await service.add_finding(place.second, other.summary.id, general(description=""))
    await service.add_finding(place.second, other.summary.id, general())
    numbers = sorted(notice.number[-4:] for notice in (await notices.notices(place.manager)).rows)
    assert numbers == [f"{n:04d}" for n in range(1, 10)]
    assert await state_of(second) == "in_use"


async def test_each_firm_counts_its_own_notices(place: Workplace, opened: VisitView, factory: Factory) -> None:
    await service.add_finding(place.technician, opened.summary.id, general())
    elsewhere = await Workplace.open(factory, place.ring)
    kept = await service.add_finding(elsewhere.technician, (await elsewhere.arrive()).summary.id, general())
    assert kept.notice_number is not None
    assert kept.notice_number.endswith("-0001")


async def test_findings_are_listed_worst_first(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    for finding in (general(), stop_use(), general(severity=Severity.SERIOUS)):
        await service.add_finding(place.technician, visit, finding)
    listed = [finding.severity.value for finding in await service.findings(place.manager)]
    assert listed == ["stop_use", "serious", "general"]


async def test_the_office_closes_a_finding_with_a_reason(place: Workplace, opened: VisitView) -> None:
    kept = await service.add_finding(place.technician, opened.summary.id, general())
    with pytest.raises(InvalidInput):
        await service.close_finding(place.manager, kept.id, "  ")
    closed = await service.close_finding(place.manager, kept.id, "shoe replaced")
    assert closed.closed_reason == "shoe replaced"
    assert await service.close_finding(place.manager, kept.id, "shoe replaced") == closed
    with pytest.raises(Conflict):
        await service.close_finding(place.manager, kept.id, "something else")
    assert await service.findings(place.manager) == []
    assert await service.findings(place.manager, open_only=False) == [closed]


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OWNER, Role.REGULATOR])
async def test_nobody_else_closes_findings_or_puts_elevators_back(place: Workplace, opened: VisitView, role: Role) -> None:
    kept = await service.add_finding(place.technician, opened.summary.id, stop_use())
    scope = await place.person(role)
    with pytest.raises(NotAllowed):
        await service.close_finding(scope, kept.id, "reason")
    with pytest.raises(NotAllowed):
        await service.return_to_use(scope, place.elevator, "reason")
    assert await state_of(place.elevator) == "stopped"


async def test_an_elevator_returns_to_use_once_its_last_stop_use_finding_is_closed(place: Workplace, opened: VisitView) -> None:
    visit = opened.summary.id
    first = await service.add_finding(place.technician, visit, stop_use())
    second = await service.add_finding(place.technician, visit, stop_use(stop_use_condition="inspection_failed"))
    await service.close_finding(place.manager, first.id, "bridge removed")
    with pytest.raises(Conflict):
        await service.return_to_use(place.manager, place.elevator, "repaired")
    await service.close_finding(place.manager, second.id, "inspected again")
    assert await state_of(place.elevator) == "stopped"  # closing alone does not put it back: that is an act of its own
    with pytest.raises(InvalidInput):
        await service.return_to_use(place.manager, place.elevator, "")
    await service.return_to_use(place.manager, place.elevator, "repaired")
    assert await state_of(place.elevator) == "in_use"
    assert await value("SELECT state_reason FROM elevator WHERE id = $1", place.elevator) == ""
    assert not await value("SELECT paused FROM due_window WHERE elevator = $1", place.elevator)


async def test_the_register_does_not_put_it_back_either(place: Workplace, opened: VisitView) -> None:
    kept = await service.add_finding(place.technician, opened.summary.id, stop_use())
    with pytest.raises(Conflict):
        await registry.change_elevator(place.manager, place.elevator, ElevatorUpdate(state=State.IN_USE, state_reason=""))
    await registry.change_elevator(place.manager, place.elevator, ElevatorUpdate(model="M2"))
    assert await state_of(place.elevator) == "stopped"
    await service.close_finding(place.manager, kept.id, "bridge removed")
    await registry.change_elevator(place.manager, place.elevator, ElevatorUpdate(state=State.IN_USE, state_reason=""))
    assert await state_of(place.elevator) == "in_use"


async def test_an_elevator_in_use_cannot_be_put_back(place: Workplace) -> None:
    with pytest.raises(Conflict):
        await service.return_to_use(place.manager, place.elevator, "reason")


async def test_another_firms_finding_does_not_exist(place: Workplace, opened: VisitView, factory: Factory) -> None:
    kept = await service.add_finding(place.technician, opened.summary.id, stop_use())
    elsewhere = await Workplace.open(factory, place.ring)
    with pytest.raises(NotFound):
        await service.close_finding(elsewhere.manager, kept.id, "reason")
    with pytest.raises(NotFound):
        await service.return_to_use(elsewhere.manager, place.elevator, "reason")
    assert await service.findings(elsewhere.manager) == []
