"""A departure scan finishes a visit: record, due window, work order, all or nothing, once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, LabelRefused, NotAllowed
from backend.labels import service as labels
from backend.scope import SYSTEM, Role
from backend.upkeep import service as upkeep
from backend.upkeep.views import ToldVisit
from backend.visits import service
from backend.visits.inputs import AnswerInput, DecisionInput, FindingInput, Result, Severity, Source
from backend.visits.record import as_json_object, sha256_of
from backend.visits.views import Confirmation, Departed, VisitState, VisitView
from tests.support.factory import Factory
from tests.support.visits import ZONE, Workplace, value


@pytest.fixture
async def ready(place: Workplace) -> VisitView:
    """An open visit of 45 minutes whose checklist is answered."""
    opened = await place.arrive(at=clock.now() - timedelta(minutes=45), second_technician=place.second.technician)
    await place.answer_all(opened)
    return opened


def outcomes(departed: Departed) -> dict[str, str]:
    return {check.name: check.outcome for check in departed.evidence}


async def test_a_departure_finishes_the_visit_and_writes_its_record(place: Workplace, ready: VisitView) -> None:
    departed = await place.depart(ready.summary.id)
    seen = await service.visit(place.technician, ready.summary.id)
    assert seen.summary.state is VisitState.FINISHED
    assert seen.summary.version == 1
    assert seen.summary.confirmation is Confirmation.PENDING
    assert seen.departed == departed
    record = await service.record(place.manager, ready.summary.id, 1)
    assert record.intact
    assert record.sha256 == departed.record_sha256


async def test_the_record_holds_what_the_regulation_asks_for(place: Workplace, ready: VisitView) -> None:
    await place.depart(ready.summary.id)
    body = (await service.record(place.manager, ready.summary.id, 1)).body
    assert body.elevator.registration_code == ready.summary.registration_code
    assert body.place.owner == await value("SELECT name FROM owner WHERE id = $1", place.owner)
    assert body.place.safety_officer == "王安全"
    assert body.firm.phone_24h == "0576-88880000"
    assert [who.id for who in body.technicians] == [place.technician.technician, place.second.technician]
    assert [who.account for who in body.technicians] == [place.technician.account, None]
    assert all(who.certificate.startswith("C") for who in body.technicians)
    assert {item.item for item in body.items} == {item.code for item in ready.checklist}
    assert [scan.kind for scan in body.scans] == ["arrival", "departure"]
    assert body.counts
    assert body.correction is None


async def test_the_record_has_no_positions(place: Workplace, ready: VisitView) -> None:
    await place.depart(ready.summary.id)
    stored = await value("SELECT body::text FROM visit_record")
    assert "28.6764" not in stored
    assert "121.42" not in stored


async def test_the_hash_is_that_of_the_canonical_body(place: Workplace, ready: VisitView) -> None:
    departed = await place.depart(ready.summary.id)
    body = (await service.record(place.manager, ready.summary.id, 1)).body
    assert sha256_of(as_json_object(body)) == departed.record_sha256


async def test_items_that_the_elevator_does_not_have_stand_in_the_record_with_their_reason(factory: Factory) -> None:
    place = await Workplace.open(factory, item_exclusions={"A-1-05": "no such part"})
    visit = await place.finish()
    items = {item.item: item for item in (await service.record(place.manager, visit, 1)).body.items}
    assert (items["A-1-05"].result, items["A-1-05"].note) == ("not_applicable", "no such part")
    assert len(items) == 31


async def test_record_scans_and_the_owners_word_are_written_once(place: Workplace, ready: VisitView) -> None:
    await place.depart(ready.summary.id)
    await service.decide(place.owner_scope, ready.summary.id, DecisionInput(version=1), confirmed=True)
    for sql in (
        "UPDATE visit_record SET reason = 'x'",
        "UPDATE visit_record SET body = '{}'",
        "DELETE FROM visit_record",
        "UPDATE scan SET at = now()",
        "DELETE FROM scan",
        "UPDATE owner_decision SET decision = 'refused', reason = 'x'",
        "DELETE FROM owner_decision",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await value(sql + " RETURNING id")
    assert (await service.record(place.manager, ready.summary.id, 1)).intact


async def test_the_departure_moves_the_due_window(place: Workplace) -> None:
    last = clock.today(ZONE) - timedelta(days=14)
    async with database.tx(SYSTEM):
        await upkeep.note_told_visits_inside(
            place.firm,
            [ToldVisit(elevator=place.elevator, maintenance_class=name, on_day=last) for name in ("half_month", "year")],
        )
    await upkeep.recompute(place.manager)
    arrived = await place.arrive()
    await place.answer_all(arrived)
    departed = await place.depart(arrived.summary.id)
    assert departed.window_before is not None
    assert departed.window_after is not None
    assert departed.window_before.last_day == last + timedelta(days=15)
    assert departed.window_after.last_day == clock.today(ZONE) + timedelta(days=15)


async def test_the_departure_sets_the_work_order_done_and_moves_the_rounds_version(place: Workplace) -> None:
    (order,) = await place.publish()
    before = await value("SELECT version FROM published_round")
    await place.finish()
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "done"
    assert await value("SELECT version FROM published_round") > before


async def test_a_visit_without_a_departure_never_counts(place: Workplace, ready: VisitView) -> None:
    await upkeep.recompute(place.manager)
    assert await value("SELECT count(*) FROM visit_done") == 0
    assert await service.records(place.manager, ready.summary.id) == []
    async with database.tx(SYSTEM):
        assert (await service.public_facts_inside(place.elevator)).last_visit is None


async def test_a_departure_with_open_items_is_refused_with_the_list(place: Workplace) -> None:
    opened = await place.arrive()
    await service.answer(place.technician, opened.summary.id, [AnswerInput(item="A-1-01", result=Result.OK)])
    with pytest.raises(InvalidInput) as refusal:
        await place.depart(opened.summary.id)
    assert [fault.path for fault in refusal.value.faults] == [f"items.{code}" for code in opened.open_items[1:]]
    assert (await service.visit(place.technician, opened.summary.id)).summary.state is VisitState.OPEN
    assert await value("SELECT count(*) FROM scan WHERE kind = 'departure'") == 0


async def test_a_ticked_finding_must_be_written_down_before_the_departure(place: Workplace, ready: VisitView) -> None:
    visit = ready.summary.id
    await service.answer(place.technician, visit, [AnswerInput(item="A-1-29", result=Result.OK, measured=5.0)])
    with pytest.raises(InvalidInput) as refusal:
        await place.depart(visit)
    assert [fault.path for fault in refusal.value.faults] == ["findings.A-1-29"]
    finding = FindingInput(id=uuid4(), severity=Severity.GENERAL, item="A-1-29", description="5 mm only")
    await service.add_finding(place.technician, visit, finding)
    await place.depart(visit)
    body = (await service.record(place.manager, visit, 1)).body
    assert [found.item for found in body.findings] == ["A-1-29"]
    assert body.findings[0].notice_number.startswith("GZ-")
    measured = next(item for item in body.items if item.item == "A-1-29")
    assert (measured.measured, measured.unit, measured.result) == ("5", "mm", "finding")


async def test_the_departure_must_be_at_the_same_elevator(place: Workplace, ready: VisitView) -> None:
    _, code = await place.another_elevator()
    with pytest.raises(Conflict):
        await place.depart(ready.summary.id, code=code)
    assert (await service.visit(place.technician, ready.summary.id)).summary.state is VisitState.OPEN


async def test_the_label_that_took_the_first_one_s_place_during_the_visit_does(place: Workplace, ready: VisitView) -> None:
    label = await value("SELECT id FROM label WHERE elevator = $1", place.elevator)
    new = await labels.replace(place.manager, place.ring, label)
    await place.depart(ready.summary.id, code=new.code)


@pytest.mark.parametrize(
    ("zone", "where"), [("machine_room", "the machine room"), ("car_top", "the car top"), ("pit", "the pit")]
)
async def test_a_zone_s_label_is_no_departure_and_the_refusal_says_which_label_is(
    place: Workplace, ready: VisitView, zone: str, where: str
) -> None:
    code = await place.label_of(place.elevator, zone)
    with pytest.raises(Conflict, match=f"{where}: scan the label in the car"):
        await place.depart(ready.summary.id, code=code)


async def test_a_revoked_label_is_refused_at_the_departure_too(place: Workplace, ready: VisitView) -> None:
    label = await value("SELECT id FROM label WHERE elevator = $1", place.elevator)
    await labels.revoke(place.manager, place.ring, label, "torn off")
    with pytest.raises(LabelRefused):
        await place.depart(ready.summary.id)


async def test_the_same_departure_again_says_the_same(place: Workplace, ready: VisitView) -> None:
    scan = place.scan()
    first = await service.depart(place.technician, place.ring, ready.summary.id, scan)
    assert await service.depart(place.technician, place.ring, ready.summary.id, scan) == first
    assert await value("SELECT count(*) FROM visit_record") == 1


async def test_another_departure_is_a_conflict(place: Workplace, ready: VisitView) -> None:
    scan = place.scan()
    await service.depart(place.technician, place.ring, ready.summary.id, scan)
    for other in (place.scan(), msgspec.structs.replace(scan, at=scan.at - timedelta(seconds=1))):
        with pytest.raises(Conflict):
            await service.depart(place.technician, place.ring, ready.summary.id, other)


async def test_the_arrivals_scan_id_cannot_serve_as_departure(place: Workplace, ready: VisitView) -> None:
    scan = msgspec.structs.replace(place.scan(), id=ready.scans[0].id)
    with pytest.raises(Conflict):
        await service.depart(place.technician, place.ring, ready.summary.id, scan)


async def test_departures_at_once_write_one_record(place: Workplace, ready: VisitView) -> None:
    scans = [place.scan() for _ in range(3)]
    told = await asyncio.gather(
        *(service.depart(place.technician, place.ring, ready.summary.id, scan) for scan in scans * 3), return_exceptions=True
    )
    assert await value("SELECT count(*) FROM visit_record") == 1
    done = [one for one in told if isinstance(one, Departed)]
    assert len(done) == 3  # the first one, told to each of its three copies
    assert all(one == done[0] for one in done)
    assert all(isinstance(one, (Departed, Conflict)) for one in told)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.OWNER, Role.REGULATOR, Role.TECHNICIAN])
async def test_only_the_technician_who_arrived_departs(place: Workplace, ready: VisitView, role: Role) -> None:
    with pytest.raises(NotAllowed):
        await service.depart(await place.person(role), place.ring, ready.summary.id, place.scan())


async def test_not_even_the_second_technician_departs(place: Workplace, ready: VisitView) -> None:
    with pytest.raises(NotAllowed):
        await service.depart(place.second, place.ring, ready.summary.id, place.scan())


async def test_an_honest_visit_passes_all_checks(place: Workplace) -> None:
    await place.publish()
    opened = await place.arrive(at=clock.now() - timedelta(minutes=10), second_technician=place.second.technician)
    await place.answer_all(opened)
    now = clock.now() + timedelta(minutes=25)
    with clock.stopped_at(now):
        departed = await place.depart(opened.summary.id, at=now)
    told = outcomes(departed)
    assert "failed" not in told.values()
    assert {name for name, outcome in told.items() if outcome == "skipped"} == {
        "signed", "key", "chain", "time_bounded", "own_scans", "zones", "zones_proven", "photos_in_app", "photos_new",
        "photos_alike", "elevator",
    }  # fmt: skip


async def test_an_honest_visit_without_a_phones_signature_is_graded_c_and_counts(place: Workplace, ready: VisitView) -> None:
    departed = await place.depart(ready.summary.id)
    assert (departed.grade, departed.review) == ("C", "none")
    assert departed.window_after != departed.window_before


async def test_what_is_missing_from_a_visit_shows_in_its_evidence(place: Workplace) -> None:
    opened = await place.arrive()
    await place.answer_all(opened)
    scan = place.scan(position=None, source=Source.TYPED)
    told = outcomes(await service.depart(place.technician, place.ring, opened.summary.id, scan))
    assert told["technicians"] == "failed"  # alone
    assert told["dwell"] == "failed"  # seconds
    assert told["departure_geofence"] == "skipped"  # never counted as passed
    assert told["code_seen"] == "skipped"
    assert told["planned"] == "skipped"


async def test_work_at_two_elevators_at_once_shows_in_the_evidence(place: Workplace) -> None:
    first = await place.arrive(at=clock.now() - timedelta(minutes=50))
    other, code = await place.another_elevator()
    second = await place.arrive(code, at=clock.now() - timedelta(minutes=40))
    await place.answer_all(first)
    await place.answer_all(second)
    departed = await place.depart(first.summary.id)
    assert outcomes(departed)["one_place"] == "failed"
    code_of_other = await value("SELECT registration_code FROM elevator WHERE id = $1", other)
    assert any(code_of_other in check.reason_en for check in departed.evidence)


async def test_two_visits_in_turn_are_one_place_at_a_time(place: Workplace) -> None:
    start = clock.now() - timedelta(hours=3)
    _, code = await place.another_elevator()
    for number, label in enumerate((place.code, code)):
        opened = await place.arrive(label, at=start + timedelta(hours=number))
        await place.answer_all(opened)
        departed = await place.depart(opened.summary.id, at=start + timedelta(hours=number, minutes=55), code=label)
        assert outcomes(departed)["one_place"] == "passed"


async def test_a_clock_ahead_is_noted_in_the_record(place: Workplace, ready: VisitView) -> None:
    now = clock.now()
    with clock.stopped_at(now):
        departed = await place.depart(ready.summary.id, at=now + timedelta(hours=2))
    assert departed.departed_at == now
    assert outcomes(departed)["clock"] == "failed"
    scans = (await service.record(place.manager, ready.summary.id, 1)).body.scans
    assert scans[1].clock_ahead_s == 7200


async def test_a_late_upload_counts_for_its_own_day(place: Workplace) -> None:
    then = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    with clock.stopped_at(then + timedelta(days=2)):
        opened = await place.arrive(at=then)
        await place.answer_all(opened)
        departed = await place.depart(opened.summary.id, at=then + timedelta(minutes=50))
        assert departed.departed_at == then + timedelta(minutes=50)
        assert outcomes(departed)["clock"] == "skipped"
        assert outcomes(departed)["dwell"] == "passed"
        assert (await service.record(place.manager, opened.summary.id, 1)).body.day.isoformat() == "2026-11-20"


async def test_a_late_upload_never_moves_the_due_window_back(place: Workplace) -> None:
    older = await place.arrive(at=clock.now() - timedelta(days=5))
    await place.answer_all(older)
    async with database.tx(SYSTEM):
        told = [ToldVisit(elevator=place.elevator, maintenance_class="half_month", on_day=clock.today(ZONE))]
        await upkeep.note_told_visits_inside(place.firm, told)
    await upkeep.recompute(place.manager)
    departed = await place.depart(older.summary.id, at=clock.now() - timedelta(days=5) + timedelta(minutes=50))
    assert departed.window_before is not None
    assert departed.window_after is not None
    assert departed.window_after.last_day >= departed.window_before.last_day


async def test_a_clock_that_was_set_back_cannot_end_a_visit_before_its_beginning(place: Workplace, ready: VisitView) -> None:
    departed = await place.depart(ready.summary.id, at=ready.summary.arrived_at - timedelta(hours=1))
    assert departed.departed_at == ready.summary.arrived_at
    assert outcomes(departed)["order"] == "failed"
    assert outcomes(departed)["dwell"] == "failed"


async def test_the_office_abandons_a_visit_that_will_have_no_departure(place: Workplace) -> None:
    (order,) = await place.publish()
    opened = await place.arrive()
    with pytest.raises(InvalidInput):
        await service.abandon(place.manager, opened.summary.id, " ")
    closed = await service.abandon(place.manager, opened.summary.id, "called away to an entrapment")
    assert closed.summary.state is VisitState.ABANDONED
    assert await service.abandon(place.manager, opened.summary.id, "called away to an entrapment") == closed
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "scheduled"
    with pytest.raises(Conflict):
        await place.depart(opened.summary.id)
    with pytest.raises(Conflict):
        await service.abandon(place.manager, opened.summary.id, "another reason")
    assert await value("SELECT count(*) FROM visit_done") == 0
    assert (await place.arrive()).summary.scheduled  # the stop can be done after all


async def test_an_abandoned_visit_of_a_past_day_leaves_its_stop_missed(place: Workplace) -> None:
    yesterday = clock.now() - timedelta(days=1)
    (order,) = await place.publish(day=clock.local_date(yesterday, ZONE))
    opened = await place.arrive(at=yesterday)
    await service.abandon(place.manager, opened.summary.id, "phone lost")
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "missed"


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OWNER, Role.REGULATOR])
async def test_nobody_else_abandons(place: Workplace, ready: VisitView, role: Role) -> None:
    with pytest.raises(NotAllowed):
        await service.abandon(await place.person(role), ready.summary.id, "reason")


async def test_a_finished_visit_is_not_abandoned(place: Workplace) -> None:
    visit = await place.finish()
    with pytest.raises(Conflict):
        await service.abandon(place.manager, visit, "reason")


async def test_special_checks_reach_the_upkeep(place: Workplace) -> None:
    (order,) = await place.publish()
    await value("UPDATE work_order SET maintenance_class = 'year' WHERE id = $1 RETURNING id", order)
    opened = await place.arrive()
    made = AnswerInput(item="A-4-06", result=Result.OK, special_checks=["governor_speed"])
    await service.answer(place.technician, opened.summary.id, [made])
    await place.answer_all(await service.visit(place.technician, opened.summary.id))
    await place.depart(opened.summary.id)
    assert await value("SELECT count(*) FROM item_done WHERE item = 'A-4-06:governor_speed'") == 1
