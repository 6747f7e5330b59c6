"""An arrival scan opens the visit of exactly the elevator whose label was scanned, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from backend import clock
from backend.errors import Conflict, InvalidInput, LabelRefused, NotAllowed, NotFound
from backend.labels import service as labels
from backend.scope import Role
from backend.visits import service
from backend.visits.inputs import ArrivalInput, PositionInput
from backend.visits.views import Planned, VisitState
from tests.support.factory import Factory
from tests.support.labels import refused_counts
from tests.support.visits import ZONE, Workplace, value


async def test_the_visit_opens_on_the_scanned_elevator(place: Workplace) -> None:
    other, code = await place.another_elevator()
    opened = await place.arrive(code)
    assert opened.summary.elevator == other
    assert opened.summary.state is VisitState.OPEN


async def test_the_checklist_is_that_of_the_class_and_equipment(place: Workplace) -> None:
    opened = await place.arrive()
    assert opened.summary.maintenance_class == "half_month"
    assert len(opened.checklist) == 31  # TSG T5002-2017, annex A, half-month
    assert opened.open_items == [item.code for item in opened.checklist]


async def test_an_escalator_has_its_own_checklist(factory: Factory) -> None:
    place = await Workplace.open(factory, equipment_type="escalator_or_moving_walk")
    checklist = (await place.arrive()).checklist
    assert len([item for item in checklist if not item.added]) == 33  # annex D
    [heating] = [item for item in checklist if item.added]
    assert heating.code == "D-3-12"
    assert heating.reasons[0].en.startswith("due by 2026-11-30")  # before winter


async def test_items_that_the_elevator_does_not_have_are_left_out_with_their_reason(factory: Factory) -> None:
    place = await Workplace.open(factory, item_exclusions={"A-1-05": "no such part"})
    opened = await place.arrive()
    assert "A-1-05" not in opened.open_items
    assert opened.excluded == {"A-1-05": "no such part"}


async def test_the_class_of_a_stop_is_the_class_of_the_visit(place: Workplace) -> None:
    (order,) = await place.publish()
    await value("UPDATE work_order SET maintenance_class = 'year' WHERE id = $1 RETURNING id", order)
    opened = await place.arrive()
    assert opened.summary.maintenance_class == "year"
    assert len(opened.checklist) == 76  # the classes accumulate


async def test_a_stop_of_the_own_round_is_in_progress_from_the_arrival_on(place: Workplace) -> None:
    (order,) = await place.publish()
    opened = await place.arrive()
    assert opened.summary.planned is Planned.OWN_ROUND
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "in_progress"


async def test_a_visit_that_nobody_planned_is_allowed_and_marked(place: Workplace) -> None:
    opened = await place.arrive()
    assert (opened.summary.scheduled, opened.summary.planned) == (False, Planned.UNPLANNED)


async def test_another_crews_stop_is_allowed_and_marked(place: Workplace) -> None:
    await place.publish(members=[place.second])
    assert (await place.arrive()).summary.planned is Planned.OTHER_CREW


async def test_another_days_stop_is_allowed_and_marked(place: Workplace) -> None:
    await place.publish(day=clock.today(ZONE) + timedelta(days=1))
    assert (await place.arrive()).summary.planned is Planned.OTHER_DAY


async def test_naming_the_stop_of_another_elevator_is_refused(place: Workplace) -> None:
    other, _ = await place.another_elevator()
    (order,) = await place.publish([other])
    with pytest.raises(NotFound):
        await place.arrive(work_order=order)
    assert await value("SELECT count(*) FROM visit") == 0


async def test_work_at_a_stop_that_is_done_already_is_kept_as_unplanned(place: Workplace) -> None:
    (order,) = await place.publish()
    await place.finish()
    assert (await place.arrive(work_order=order)).summary.planned is Planned.UNPLANNED


async def test_the_same_request_again_is_the_same_visit(place: Workplace) -> None:
    arrival = place.arrival()
    first = await service.arrive(place.technician, place.ring, arrival)
    again = await service.arrive(place.technician, place.ring, arrival)
    assert again == first
    assert await value("SELECT count(*) FROM visit") == 1


async def test_the_same_instant_in_another_zone_is_the_same_request(place: Workplace) -> None:
    at = clock.now() - timedelta(minutes=5)
    arrival = place.arrival(at=at)
    first = await service.arrive(place.technician, place.ring, arrival)
    moved = msgspec.structs.replace(arrival.scan, at=at.astimezone(timezone(timedelta(hours=8))))
    assert await service.arrive(place.technician, place.ring, msgspec.structs.replace(arrival, scan=moved)) == first


async def test_the_same_request_after_the_label_was_revoked_is_still_the_same_visit(place: Workplace) -> None:
    arrival = place.arrival()
    first = await service.arrive(place.technician, place.ring, arrival)
    label = await value("SELECT label FROM scan WHERE visit = $1", arrival.id)
    await labels.revoke(place.manager, place.ring, label, "torn off")
    assert (await service.arrive(place.technician, place.ring, arrival)).summary.id == first.summary.id


async def test_twenty_equal_requests_at_once_open_one_visit(place: Workplace) -> None:
    arrival = place.arrival()
    opened = await asyncio.gather(*(service.arrive(place.technician, place.ring, arrival) for _ in range(20)))
    assert {visit.summary.id for visit in opened} == {arrival.id}
    assert await value("SELECT count(*) FROM visit") == 1
    assert await value("SELECT count(*) FROM scan") == 1


@pytest.mark.parametrize("what", ["time", "code", "second", "position"])
async def test_the_same_id_with_other_content_is_a_conflict(place: Workplace, what: str) -> None:
    arrival = place.arrival()
    await service.arrive(place.technician, place.ring, arrival)
    _, other_code = await place.another_elevator()
    cases: dict[str, dict[str, Any]] = {
        "time": {"scan": msgspec.structs.replace(arrival.scan, at=arrival.scan.at - timedelta(seconds=1))},
        "code": {"scan": msgspec.structs.replace(arrival.scan, code=other_code)},
        "second": {"second_technician": place.second.technician},
        "position": {"scan": msgspec.structs.replace(arrival.scan, position=None)},
    }
    changed = cases[what]
    with pytest.raises(Conflict):
        await service.arrive(place.technician, place.ring, msgspec.structs.replace(arrival, **changed))


async def test_another_technician_cannot_take_over_a_visit_by_its_id(place: Workplace) -> None:
    arrival = place.arrival()
    await service.arrive(place.technician, place.ring, arrival)
    with pytest.raises(Conflict):
        await service.arrive(place.second, place.ring, arrival)


async def test_a_scan_id_serves_one_visit(place: Workplace) -> None:
    first = place.arrival()
    await service.arrive(place.technician, place.ring, first)
    _, code = await place.another_elevator()
    scan = msgspec.structs.replace(first.scan, code=code)
    with pytest.raises(Conflict):
        await service.arrive(place.technician, place.ring, ArrivalInput(id=uuid4(), scan=scan))
    assert await value("SELECT count(*) FROM visit") == 1


async def test_an_id_that_another_firm_has_is_a_conflict_and_tells_nothing(place: Workplace, factory: Factory) -> None:
    elsewhere = await Workplace.open(factory, place.ring)
    taken = await elsewhere.arrive()
    with pytest.raises(Conflict) as refusal:
        await place.arrive(id=taken.summary.id)
    assert str(elsewhere.firm) not in str(refusal.value)


async def test_an_elevator_has_one_open_visit(place: Workplace) -> None:
    await place.arrive()
    with pytest.raises(Conflict) as refusal:
        await service.arrive(place.second, place.ring, place.arrival())
    assert "open visit" in str(refusal.value)


async def test_two_technicians_at_once_open_one_visit_of_an_elevator(place: Workplace) -> None:
    outcomes = await asyncio.gather(
        service.arrive(place.technician, place.ring, place.arrival()),
        service.arrive(place.second, place.ring, place.arrival()),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "VisitView"]


async def test_who_forgot_to_scan_out_can_still_work_elsewhere(place: Workplace) -> None:
    await place.arrive()
    _, code = await place.another_elevator()
    assert (await place.arrive(code)).summary.state is VisitState.OPEN


async def test_a_revoked_label_is_refused_and_counted(place: Workplace) -> None:
    label = await value("SELECT id FROM label WHERE elevator = $1", place.elevator)
    await labels.revoke(place.manager, place.ring, label, "torn off")
    with pytest.raises(LabelRefused) as refusal:
        await place.arrive()
    assert refusal.value.reason == "revoked"
    assert await refused_counts() == {"revoked": 1}


async def test_another_firms_label_is_refused_and_counted(place: Workplace, factory: Factory) -> None:
    elsewhere = await Workplace.open(factory, place.ring)
    with pytest.raises(LabelRefused) as refusal:
        await place.arrive(elsewhere.code)
    assert refusal.value.reason == "foreign"
    assert await refused_counts() == {"foreign": 1}
    assert await value("SELECT count(*) FROM visit") == 0


async def test_nonsense_instead_of_a_code_is_refused(place: Workplace) -> None:
    with pytest.raises(LabelRefused):
        await place.arrive("what is this")


async def test_a_scrapped_elevator_is_refused(place: Workplace) -> None:
    await value("UPDATE elevator SET state = 'scrapped' WHERE id = $1 RETURNING id", place.elevator)
    with pytest.raises(Conflict):
        await place.arrive()


async def test_a_stopped_elevator_can_be_worked_on(place: Workplace) -> None:
    await value("UPDATE elevator SET state = 'stopped' WHERE id = $1 RETURNING id", place.elevator)
    assert (await place.arrive()).elevator_state == "stopped"


async def test_a_technician_without_a_valid_certificate_is_refused(place: Workplace) -> None:
    yesterday = clock.today(ZONE) - timedelta(days=1)
    await value(
        "UPDATE certificate SET expires_on = $2 WHERE technician = $1 RETURNING id", place.technician.technician, yesterday
    )
    with pytest.raises(NotAllowed):
        await place.arrive()


async def test_a_certificate_is_valid_on_its_last_day(place: Workplace) -> None:
    await value(
        "UPDATE certificate SET expires_on = $2 WHERE technician = $1 RETURNING id",
        place.technician.technician, clock.today(ZONE),
    )  # fmt: skip
    assert (await place.arrive()).summary.state is VisitState.OPEN


async def test_work_of_a_day_on_which_the_certificate_was_valid_can_be_sent_in_later(place: Workplace) -> None:
    two_days_ago = clock.now() - timedelta(days=2)
    day = clock.local_date(two_days_ago, ZONE)
    await value("UPDATE certificate SET expires_on = $2 WHERE technician = $1 RETURNING id", place.technician.technician, day)
    assert (await place.arrive(at=two_days_ago)).summary.state is VisitState.OPEN


async def test_a_certificate_of_another_kind_does_not_do(place: Workplace) -> None:
    await value("UPDATE certificate SET code = 'A' WHERE technician = $1 RETURNING id", place.technician.technician)
    with pytest.raises(NotAllowed):
        await place.arrive()


async def test_a_technician_who_left_the_firm_is_refused(place: Workplace) -> None:
    await value("UPDATE technician SET active = false WHERE id = $1 RETURNING id", place.technician.technician)
    with pytest.raises(NotAllowed):
        await place.arrive()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.OWNER, Role.REGULATOR])
async def test_only_technicians_arrive(place: Workplace, role: Role) -> None:
    scope = await place.person(role)
    with pytest.raises(NotAllowed):
        await service.arrive(scope, place.ring, place.arrival())


async def test_a_second_technician_of_the_firm_is_taken(place: Workplace) -> None:
    opened = await place.arrive(second_technician=place.second.technician)
    assert opened.summary.second_technician is not None
    assert opened.summary.second_technician.id == place.second.technician


@pytest.mark.parametrize("who", ["oneself", "nobody", "another firm's", "inactive", "uncertified"])
async def test_a_second_technician_who_cannot_work_here_is_refused(place: Workplace, factory: Factory, who: str) -> None:
    elsewhere = await factory.technician(await factory.firm())
    second = {"oneself": place.technician.technician, "nobody": uuid4(), "another firm's": elsewhere}.get(
        who, place.second.technician
    )
    if who == "inactive":
        await value("UPDATE technician SET active = false WHERE id = $1 RETURNING id", second)
    if who == "uncertified":
        await value("UPDATE certificate SET expires_on = $2 WHERE technician = $1 RETURNING id", second, date(2020, 1, 1))
    with pytest.raises(InvalidInput) as refusal:
        await place.arrive(second_technician=second)
    assert [fault.path for fault in refusal.value.faults] == ["second_technician"]


async def test_the_second_technician_can_be_named_until_the_departure(place: Workplace) -> None:
    opened = await place.arrive()
    named = await service.set_second_technician(place.technician, opened.summary.id, place.second.technician)
    assert named.summary.second_technician is not None
    again = await service.set_second_technician(place.technician, opened.summary.id, place.second.technician)
    assert again == named
    await place.answer_all(opened)
    await place.depart(opened.summary.id)
    with pytest.raises(Conflict):
        await service.set_second_technician(place.technician, opened.summary.id, None)


async def test_a_phone_whose_clock_is_ahead_counts_from_the_receipt(place: Workplace) -> None:
    now = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    with clock.stopped_at(now):
        opened = await place.arrive(at=now + timedelta(hours=1))
    assert opened.summary.arrived_at == now
    assert opened.scans[0].clock_ahead_s == 3600
    assert opened.scans[0].at == now + timedelta(hours=1)


async def test_a_scan_kept_offline_counts_from_its_own_time(place: Workplace) -> None:
    at = clock.now() - timedelta(days=3)
    opened = await place.arrive(at=at)
    assert opened.summary.arrived_at == at
    assert opened.scans[0].clock_ahead_s == 0


async def test_a_scan_of_long_ago_is_a_wrong_clock(place: Workplace) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await place.arrive(at=clock.now() - timedelta(days=31))
    assert [fault.path for fault in refusal.value.faults] == ["scan.at"]


async def test_all_faults_of_a_scan_are_told_at_once(place: Workplace) -> None:
    position = PositionInput(lat=91.0, lon=-181.0, accuracy_m=-1.0)
    scan = place.scan(position=position, at=clock.now() - timedelta(days=99))
    scan = msgspec.structs.replace(scan, code=" ")
    with pytest.raises(InvalidInput) as refusal:
        await place.arrive(scan=scan)
    assert [fault.path for fault in refusal.value.faults] == [
        "scan.position.lat", "scan.position.lon", "scan.position.accuracy_m", "scan.code", "scan.at",
    ]  # fmt: skip


async def test_equipment_that_the_regulation_has_no_annex_for_is_refused_with_the_way_out(place: Workplace) -> None:
    await value("UPDATE elevator SET equipment_type = 'ski_lift' WHERE id = $1 RETURNING id", place.elevator)
    with pytest.raises(Conflict) as refusal:
        await place.arrive()
    assert "ski_lift" in str(refusal.value)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "1970-01-01T00:00:00+00:00"])
async def test_times_that_no_clock_shows_are_refused(place: Workplace, at: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await place.arrive(at=datetime.fromisoformat(at))
    assert [fault.path for fault in refusal.value.faults] == ["scan.at"]


async def test_a_clock_that_is_years_ahead_is_still_a_clock(place: Workplace) -> None:
    opened = await place.arrive(at=clock.now() + timedelta(days=3650))
    assert opened.scans[0].clock_ahead_s > 3649 * 86_400
