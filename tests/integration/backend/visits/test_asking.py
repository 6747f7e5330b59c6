"""What is asked at a visit follows what the elevator reported, is kept with the visit, and holds up no departure."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from backend import clock
from backend.scope import Role, Scope
from backend.visits import service
from backend.visits.inputs import AnswerInput, CorrectionInput, FindingInput, Result, Severity
from tests.support.upkeep import event
from tests.support.visits import Workplace, in_order, value


async def _reported(place: Workplace, kind: str, *hours_ago: int) -> None:
    firm = Scope(role=Role.MANAGER, firm=place.firm)
    code = await value("SELECT registration_code FROM elevator WHERE id = $1", place.elevator)
    for hours in hours_ago:
        await event(firm, code, clock.now() - timedelta(hours=hours), kind)


async def test_door_faults_bring_door_items_first_and_pull_others_forward_with_their_reasons(place: Workplace) -> None:
    await _reported(place, "door_close_fault", 30, 40)
    opened = await place.arrive()
    items = {item.code: item for item in opened.checklist}
    landings = [item.code for item in opened.checklist if item.zone == "LD" and not item.added]
    assert landings[:4] == ["A-1-25", "A-1-26", "A-1-28", "A-1-29"]
    assert items["A-1-29"].reasons[0].en.startswith("door faults: 2 since ")
    assert items["A-1-29"].reasons[0].zh.startswith("门系统故障2次")
    assert items["A-2-09"].added
    assert items["A-2-09"].reasons[0].key == "doors"
    assert len([item for item in opened.checklist if not item.added]) == 31
    assert not [code for code in opened.open_items if items[code].added]


async def test_the_phones_day_shows_what_the_arrival_will_ask(place: Workplace) -> None:
    await _reported(place, "leveling_fault", 30)
    await place.publish()
    [stop] = (await service.technician_day(place.technician)).stops
    opened = await place.arrive()
    assert [item.code for item in stop.checklist] == [item.code for item in opened.checklist]
    [again] = (await service.technician_day(place.technician)).stops
    assert again.checklist == opened.checklist


async def test_what_was_asked_stays_with_the_visit_whatever_is_reported_later(place: Workplace) -> None:
    await _reported(place, "door_close_fault", 30)
    opened = await place.arrive()
    await _reported(place, "brake_fault", 2)
    later = await service.visit(place.technician, opened.summary.id)
    assert later.checklist == opened.checklist


async def test_an_added_item_holds_up_no_departure_and_the_record_says_what_was_asked(place: Workplace) -> None:
    await _reported(place, "door_close_fault", 30, 40)
    opened = await place.arrive(at=clock.now() - timedelta(minutes=45))
    await place.answer_all(opened)
    await service.answer(place.technician, opened.summary.id, in_order(["A-2-09"]))
    await place.depart(opened.summary.id)
    [record] = await service.records(place.technician, opened.summary.id)
    assert len(record.body.items) == 32
    asked = {one.item: one for one in record.body.asked}
    assert (asked["A-2-09"].added, asked["A-2-09"].answered) == (True, True)
    assert (asked["A-2-10"].added, asked["A-2-10"].answered) == (True, False)
    assert (asked["A-1-29"].added, asked["A-1-29"].answered) == (False, True)
    assert asked["A-2-10"].reasons_en[0].startswith("door faults: 2 since ")
    assert record.intact
    done = await value("SELECT item FROM item_done WHERE elevator = $1", place.elevator)
    assert done == "A-2-09"  # counted on its own, since the class does not include it


async def test_a_silent_monitor_is_asked_for_by_an_item_of_its_own(place: Workplace) -> None:
    await _reported(place, "inspection_mode", 60)
    opened = await place.arrive(at=clock.now() - timedelta(minutes=45))
    monitor = next(item for item in opened.checklist if item.code == "M-1-01")
    assert monitor.added
    assert monitor.reasons[0].en.startswith("monitor faulty or silent: silent since ")
    await place.answer_all(opened)
    broken = AnswerInput(item="M-1-01", result=Result.ADJUSTED, note="plugged in again")
    await service.answer(place.technician, opened.summary.id, [broken])
    loose = FindingInput(id=uuid4(), severity=Severity.GENERAL, item="M-1-01", description="its plug is loose")
    await service.add_finding(place.technician, opened.summary.id, loose)
    await place.depart(opened.summary.id)
    corrected = CorrectionInput(
        version=1, reason="it was replaced", items=[AnswerInput(item="M-1-01", result=Result.REPLACED, note="a new one")]
    )
    record = await service.correct(place.technician, opened.summary.id, corrected)
    assert next(item for item in record.body.items if item.item == "M-1-01").result == "replaced"
    assert [one.item for one in record.body.asked] == ["M-1-01"]


async def test_an_open_finding_is_looked_at_first(place: Workplace) -> None:
    first = await place.arrive(at=clock.now() - timedelta(minutes=90))
    bent = FindingInput(id=uuid4(), severity=Severity.GENERAL, item="A-1-27", description="does not reset")
    await service.answer(place.technician, first.summary.id, [AnswerInput(item="A-1-27", result=Result.FINDING, note="x")])
    await service.add_finding(place.technician, first.summary.id, bent)
    await place.answer_all(await service.visit(place.technician, first.summary.id))
    await place.depart(first.summary.id)
    again = await place.arrive()
    landings = [item for item in again.checklist if item.zone == "LD"]
    assert landings[0].code == "A-1-27"
    assert landings[0].reasons[0].en.startswith("open finding since ")


async def test_a_visit_from_before_this_was_kept_is_in_the_order_of_the_walk_all_the_same(place: Workplace) -> None:
    opened = await place.arrive()
    await value("UPDATE visit SET asked = NULL WHERE id = $1 RETURNING id", opened.summary.id)
    found = await service.visit(place.technician, opened.summary.id)
    assert [item.code for item in found.checklist] == [item.code for item in opened.checklist]


async def test_an_elevator_among_the_fifth_with_the_most_faults_expected_says_so(place: Workplace) -> None:
    fleet = [place.elevator, *[(await place.another_elevator())[0] for _ in range(20)]]
    await value(
        "INSERT INTO risk_version (firm, number, fitted_on, thin, elevators, exposure_days, faults, entrapments)"
        " VALUES ($1, 1, '2026-11-24', false, 21, 1000, 10, 1) RETURNING id", place.firm,
    )  # fmt: skip
    for place_in_fleet, elevator in enumerate(fleet):
        await value(
            "INSERT INTO elevator_risk (firm, elevator, number, exposure_days, faults_seen, entrapments_seen, faults_per_day,"
            " entrapments_per_day, faults_low, faults_high, entrapments_low, entrapments_high)"
            " VALUES ($1, $2, 1, 100, 1, 0, $3::float8, 0.001, 0, 9, 0, 2) RETURNING elevator",
            place.firm, elevator, (30 - place_in_fleet) / 365,
        )  # fmt: skip
    opened = await place.arrive()
    doors = next(item for item in opened.checklist if item.code == "A-1-28")
    assert doors.reasons[0].en == (
        "high risk of faults: 30 faults a year are expected, among the 20% of the firm's elevators with most"
    )
    await place.publish(fleet[3:5])
    calm, risky = (await service.technician_day(place.technician)).stops[::-1]
    assert any(item.reasons for item in risky.checklist)  # the fourth of 21
    assert not any(item.reasons for item in calm.checklist)  # the fifth
