"""What counts, what waits, and what a manager's word changes."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from asyncpg import PostgresError

from backend import clock, database
from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.people import service as people
from backend.scope import SYSTEM, Role
from backend.upkeep import service as upkeep
from backend.upkeep.views import ToldVisit
from backend.visits import service
from backend.visits.inputs import AnswerInput, CorrectionInput, PositionInput, Result
from backend.visits.proof.views import GradedWhy
from backend.visits.views import Departed, Review, VisitFilter
from tests.support.visits import ZONE, Workplace, value

FAR = PositionInput(lat=28.9001234, lon=121.4208123, accuracy_m=9.0)
FARTHER = PositionInput(lat=28.9011234, lon=121.4218123, accuracy_m=9.0)


async def demand(place: Workplace, grade: str) -> None:
    """Let the contract of the elevator demand a grade."""
    async with database.tx(SYSTEM):
        contract = await database.fetch_value(
            "INSERT INTO contract (id, firm, owner, number, starts_on, demanded_grade)"
            " VALUES (gen_random_uuid(), $1, $2, 'C-1', $3, $4) RETURNING id",
            place.firm, place.owner, date(2020, 1, 1), grade,
        )  # fmt: skip
        await database.execute("UPDATE elevator SET contract = $2 WHERE id = $1", place.elevator, contract)


async def away(place: Workplace) -> tuple[UUID, Departed]:
    """A visit whose two scans were both made elsewhere: graded D."""
    start = clock.now() - timedelta(minutes=50)
    scan = place.scan(at=start, position=FAR)
    opened = await place.arrive(scan=scan, second_technician=place.second.technician)
    await place.answer_all(opened)
    departed = await service.depart(place.technician, place.ring, opened.summary.id, place.scan(position=FARTHER))
    return opened.summary.id, departed


async def last_day(place: Workplace) -> date | None:
    async with database.tx(place.manager):
        window = await upkeep.window_inside(place.elevator)
    return None if window is None else window.last_day


async def due(place: Workplace) -> date | None:
    """The last day of the due window after a visit ten days ago."""
    async with database.tx(SYSTEM):
        ago = clock.today(ZONE) - timedelta(days=10)
        told = [ToldVisit(elevator=place.elevator, maintenance_class="year", on_day=ago)]
        await upkeep.note_told_visits_inside(place.firm, told)
    await upkeep.recompute(place.manager)
    return await last_day(place)


async def test_a_visit_graded_d_does_not_move_the_due_window(place: Workplace) -> None:
    await place.publish()
    before = await due(place)
    visit, departed = await away(place)
    assert (departed.grade, departed.review) == ("D", Review.WAITING)
    assert departed.window_after == departed.window_before
    assert await last_day(place) == before
    proof = await service.proof(place.manager, visit)
    assert not proof.counts
    assert [step.state for step in proof.steps] == [Review.WAITING]
    assert proof.grades[-1].reasons[0].name == "place"


async def test_what_does_not_count_is_not_the_last_visit_and_its_stop_is_to_be_done_again(place: Workplace) -> None:
    await place.publish()
    await away(place)
    assert await value("SELECT state FROM work_order") == "scheduled"
    async with database.tx(place.manager):
        assert (await service.public_facts_inside(place.elevator)).last_visit is None


async def test_accepted_it_counts_and_its_stop_is_done(place: Workplace) -> None:
    await place.publish()
    before = await due(place)
    visit, _ = await away(place)
    proof = await service.accept(place.manager, visit, "  saw them on the camera in the hall ")
    assert (proof.review, proof.counts) == (Review.ACCEPTED, True)
    assert proof.steps[-1].note == "saw them on the camera in the hall"
    assert await last_day(place) != before
    assert await value("SELECT state FROM work_order") == "done"
    async with database.tx(place.manager):
        last = (await service.public_facts_inside(place.elevator)).last_visit
    assert last is not None
    assert last.grade == "D"
    assert ("place", "failed") in [(reason.name, reason.outcome) for reason in last.reasons]


async def test_an_earlier_visit_that_is_accepted_late_does_not_move_the_due_day_back(place: Workplace) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=6)):
        before = await due(place)
        earlier, _ = await away(place)
    assert await last_day(place) == before
    with clock.stopped_at(clock.now() - timedelta(days=2)):
        opened = await place.arrive(scan=place.scan(at=clock.now() - timedelta(minutes=50)))
        await place.answer_all(opened)
        later = (await service.depart(place.technician, place.ring, opened.summary.id, place.scan())).window_after
    assert later is not None
    assert later.last_day != before
    await service.accept(place.manager, earlier, "the caretaker was there")
    assert await last_day(place) == later.last_day
    record = CorrectionInput(version=1, reason="it was the elevator beside", counts=False)
    await service.correct(place.manager, opened.summary.id, record)
    of_the_earlier = await last_day(place)
    assert of_the_earlier is not None
    assert before is not None
    assert before < of_the_earlier < later.last_day


async def test_an_acceptance_can_be_taken_back(place: Workplace) -> None:
    await place.publish()
    before = await due(place)
    visit, _ = await away(place)
    await service.accept(place.manager, visit, "looked fine")
    proof = await service.reopen(place.manager, visit, "it was another day's film")
    assert (proof.review, proof.counts) == (Review.WAITING, False)
    assert await last_day(place) == before
    assert await value("SELECT state FROM work_order") == "scheduled"
    assert [step.state for step in proof.steps] == [Review.WAITING, Review.ACCEPTED, Review.WAITING]


async def test_disputed_it_is_withdrawn_by_a_correction_with_the_note_as_its_reason(place: Workplace) -> None:
    visit, _ = await away(place)
    proof = await service.dispute(place.manager, visit, "nobody was let in that day")
    assert (proof.review, proof.counts) == (Review.DISPUTED, False)
    newest = (await service.records(place.manager, visit))[-1]
    assert (newest.version, newest.reason, newest.body.counts) == (2, "nobody was let in that day", False)
    assert await value("SELECT withdrawn FROM visit") == "nobody was let in that day"


async def test_a_dispute_is_undone_by_a_correction(place: Workplace) -> None:
    before = await due(place)
    visit, _ = await away(place)
    await service.dispute(place.manager, visit, "nobody was let in")
    await service.correct(place.manager, visit, CorrectionInput(version=2, reason="they were", items=[], counts=True))
    proof = await service.proof(place.manager, visit)
    assert (proof.review, proof.counts) == (Review.ACCEPTED, True)
    assert await last_day(place) != before


async def test_a_correction_of_answers_lets_a_waiting_visit_wait(place: Workplace) -> None:
    before = await due(place)
    visit, _ = await away(place)
    await service.correct(
        place.technician, visit,
        CorrectionInput(version=1, reason="a note", items=[AnswerInput(item="A-1-01", result=Result.OK, note="dusty")]),
    )  # fmt: skip
    assert await last_day(place) == before
    assert (await service.proof(place.manager, visit)).review is Review.WAITING


async def test_below_the_contracts_demand_it_counts_but_waits(place: Workplace) -> None:
    await demand(place, "B")
    before = await due(place)
    visit = await place.finish(second_technician=place.second.technician)
    proof = await service.proof(place.manager, visit)
    assert (proof.grades[-1].grade, proof.grades[-1].demanded) == ("C", "B")
    assert (proof.review, proof.counts) == (Review.WAITING, True)
    assert await last_day(place) != before
    await service.accept(place.manager, visit, "the phone was being repaired")
    assert (await service.proof(place.manager, visit)).review is Review.ACCEPTED


async def test_what_the_contract_takes_waits_for_nobody(place: Workplace) -> None:
    await demand(place, "C")
    visit = await place.finish(second_technician=place.second.technician)
    assert (await service.proof(place.manager, visit)).review is Review.NONE


async def test_a_disputed_visit_that_counted_gives_the_due_window_back(place: Workplace) -> None:
    await demand(place, "A")
    before = await due(place)
    visit = await place.finish(second_technician=place.second.technician)
    await service.dispute(place.manager, visit, "the hall was locked")
    assert await last_day(place) == before


async def test_the_queue_lists_what_waits_with_its_reasons(place: Workplace) -> None:
    visit, _ = await away(place)
    assert await service.waiting_reviews(place.manager) == 1
    line = (await service.reviews(place.manager)).rows[0]
    assert (line.summary.id, line.summary.held_back) == (visit, True)
    assert line.grade is not None
    assert line.grade.reasons[0].caps == "D"
    assert (await service.reviews(place.manager, grade="C")).rows == []
    await service.accept(place.manager, visit, "fine")
    assert await service.waiting_reviews(place.manager) == 0
    assert [one.summary.id for one in (await service.reviews(place.manager, review=Review.ACCEPTED)).rows] == [visit]


async def test_visits_are_found_by_grade_and_review(place: Workplace) -> None:
    visit, _ = await away(place)
    found = await service.visits(place.manager, VisitFilter(grade="D", review=Review.WAITING))
    assert [row.id for row in found.rows] == [visit]
    assert (await service.visits(place.manager, VisitFilter(grade="A"))).rows == []


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OWNER, Role.REGULATOR])
async def test_only_the_office_decides(place: Workplace, role: Role) -> None:
    visit, _ = await away(place)
    scope = await place.person(role)
    for decide in (service.accept, service.dispute, service.reopen):
        with pytest.raises(NotAllowed):
            await decide(scope, visit, "because")


async def test_the_technician_of_the_visit_cannot_accept_it(place: Workplace) -> None:
    visit, _ = await away(place)
    with pytest.raises(NotAllowed):
        await service.accept(place.technician, visit, "it was me")


async def test_a_note_is_needed_and_another_firms_visit_is_not_there(place: Workplace) -> None:
    visit, _ = await away(place)
    for decide in (service.accept, service.dispute):
        with pytest.raises(InvalidInput):
            await decide(place.manager, visit, " ")
    foreign = await Workplace.open(place.factory)
    with pytest.raises(NotFound):
        await service.accept(foreign.manager, visit, "because")


async def test_said_twice_it_is_said_once_and_the_other_word_is_a_conflict(place: Workplace) -> None:
    visit, _ = await away(place)
    told = await asyncio.gather(*(service.accept(place.manager, visit, "fine") for _ in range(3)))
    assert {len(proof.steps) for proof in told} == {2}
    with pytest.raises(Conflict):
        await service.dispute(place.manager, visit, "not fine")


async def test_a_visit_that_nothing_asks_to_review_has_none(place: Workplace) -> None:
    visit = await place.finish(second_technician=place.second.technician)
    with pytest.raises(Conflict):
        await service.accept(place.manager, visit, "fine")
    with pytest.raises(Conflict):
        await service.reopen(place.manager, visit, "hm")
    opened = await place.arrive()
    with pytest.raises(Conflict):
        await service.accept(place.manager, opened.summary.id, "fine")


async def test_graded_anew_without_news_there_is_no_new_version(place: Workplace) -> None:
    visit = await place.finish(second_technician=place.second.technician)
    async with database.tx(SYSTEM):
        assert not await service.regrade_inside(visit, GradedWhy.TELEMETRY)
    assert len((await service.proof(place.manager, visit)).grades) == 1


async def test_a_new_demand_is_known_to_the_next_grade(place: Workplace) -> None:
    visit = await place.finish(second_technician=place.second.technician)
    await demand(place, "A")
    async with database.tx(SYSTEM):
        assert await service.regrade_inside(visit, GradedWhy.LATE_ENTRIES)
    proof = await service.proof(place.manager, visit)
    assert [grade.version for grade in proof.grades] == [1, 2]
    assert (proof.grades[-1].why, proof.review) == (GradedWhy.LATE_ENTRIES, Review.WAITING)


async def test_an_acceptance_stands_while_the_grade_is_no_worse(place: Workplace) -> None:
    await demand(place, "A")
    visit = await place.finish(second_technician=place.second.technician)
    await service.accept(place.manager, visit, "fine")
    await value("UPDATE contract SET demanded_grade = 'B' RETURNING 1")
    async with database.tx(SYSTEM):
        assert await service.regrade_inside(visit, GradedWhy.LATE_ENTRIES)
    assert (await service.proof(place.manager, visit)).review is Review.ACCEPTED


async def test_a_later_scan_elsewhere_that_nobody_can_have_reached_asks_the_manager_anew(place: Workplace) -> None:
    before = await due(place)
    visit = await place.finish(second_technician=place.second.technician)
    assert await last_day(place) != before
    async with database.tx(SYSTEM):
        departed = await database.fetch_value("SELECT departed_at FROM visit WHERE id = $1", visit)
    other, code = await place.another_elevator()
    await value("UPDATE site SET lat = lat + 3 WHERE id = (SELECT site FROM elevator WHERE id = $1) RETURNING 1", other)
    with clock.stopped_at(departed + timedelta(minutes=5)):
        await place.arrive(code, at=departed + timedelta(minutes=5))
        async with database.tx(SYSTEM):
            assert await service.regrade_inside(visit, GradedWhy.LATE_ENTRIES)
    proof = await service.proof(place.manager, visit)
    assert (proof.grades[-1].grade, proof.review, proof.counts) == ("D", Review.WAITING, False)
    assert await last_day(place) == before
    assert (await people.trail(place.manager, action="visit.graded")).events[0].detail["grade"] == "D"


async def test_every_word_is_in_the_audit_trail(place: Workplace) -> None:
    visit, _ = await away(place)
    await service.accept(place.manager, visit, "fine")
    await service.reopen(place.manager, visit, "not so sure")
    await service.dispute(place.manager, visit, "no")
    told = [event.action for event in (await people.trail(place.manager, subject=str(visit))).events]
    assert set(told) >= {"visit.accepted", "visit.reopened", "visit.disputed", "visit.corrected"}


async def test_grades_and_steps_are_written_once(place: Workplace) -> None:
    await away(place)
    for change in ("UPDATE visit_grade SET grade = 'A' RETURNING 1", "DELETE FROM visit_review RETURNING 1"):
        with pytest.raises(PostgresError, match="written once"):
            await value(change)
