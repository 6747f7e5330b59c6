"""A correction is a new version with a reason; the one before stays as it was."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.notices import service as notices
from backend.scope import SYSTEM, Role, Scope
from backend.upkeep import service as upkeep
from backend.visits import service
from backend.visits.inputs import AnswerInput, CorrectionInput, DecisionInput, Result
from backend.visits.record import as_json_object, sha256_of
from backend.visits.views import Confirmation, RecordVersion
from tests.support.factory import Factory
from tests.support.visits import ZONE, Workplace, value


@pytest.fixture
async def visit(place: Workplace) -> UUID:
    """A finished visit."""
    return await place.finish(second_technician=place.second.technician)


def adjusted(version: int = 1, **values: object) -> CorrectionInput:
    given: dict[str, object] = {
        "version": version,
        "reason": "the brake was adjusted, not only looked at",
        "items": [AnswerInput(item="A-1-01", result=Result.ADJUSTED, note="0.2 mm")],
    }
    return CorrectionInput(**(given | values))  # type: ignore[arg-type]


async def correct(place: Workplace, visit: UUID, correction: CorrectionInput, scope: Scope | None = None) -> RecordVersion:
    return await service.correct(scope or place.manager, visit, correction)


async def test_a_correction_is_the_next_version_with_its_reason(place: Workplace, visit: UUID) -> None:
    first = await service.record(place.manager, visit, 1)
    second = await correct(place, visit, adjusted())
    assert (second.version, second.reason, second.intact) == (2, "the brake was adjusted, not only looked at", True)
    item = next(item for item in second.body.items if item.item == "A-1-01")
    assert (item.result, item.note) == ("adjusted", "0.2 mm")
    assert await service.record(place.manager, visit, 1) == first


async def test_a_correction_names_who_made_it_and_the_hash_before(place: Workplace, visit: UUID) -> None:
    first = await service.record(place.manager, visit, 1)
    made = (await correct(place, visit, adjusted())).body.correction
    assert made is not None
    assert (made.account, made.role, made.previous_sha256) == (place.manager.account, "manager", first.sha256)


async def test_versions_are_a_chain_of_hashes(place: Workplace, visit: UUID) -> None:
    for version in (1, 2, 3):
        note = f"note {version}"
        await correct(place, visit, adjusted(version, items=[AnswerInput(item="A-1-01", result=Result.OK, note=note)]))
    chain = await service.records(place.manager, visit)
    assert [record.version for record in chain] == [1, 2, 3, 4]
    for before, after in pairwise(chain):
        assert after.body.correction is not None
        assert after.body.correction.previous_sha256 == before.sha256 == sha256_of(as_json_object(before.body))


async def test_the_owner_is_asked_anew(place: Workplace, visit: UUID) -> None:
    await service.decide(place.owner_scope, visit, DecisionInput(version=1), confirmed=True)
    await correct(place, visit, adjusted())
    seen = await service.owner_visit(place.owner_scope, visit)
    assert seen.summary.confirmation is Confirmation.PENDING
    assert [record.decision for record in seen.records] == [Confirmation.CONFIRMED, Confirmation.PENDING]


async def test_the_technician_of_the_visit_corrects_it_too(place: Workplace, visit: UUID) -> None:
    made = (await correct(place, visit, adjusted(), place.technician)).body.correction
    assert made is not None
    assert made.role == "technician"


async def test_a_colleague_does_not_correct_it(place: Workplace, visit: UUID) -> None:
    for scope in (place.second, await place.person(Role.TECHNICIAN), place.owner_scope, await place.person(Role.REGULATOR)):
        with pytest.raises(NotAllowed):
            await correct(place, visit, adjusted(), scope)
    assert await value("SELECT count(*) FROM visit_record") == 1


async def test_the_same_correction_again_is_the_same_version(place: Workplace, visit: UUID) -> None:
    told = await asyncio.gather(*(correct(place, visit, adjusted()) for _ in range(4)))
    assert all(one == told[0] for one in told)
    assert await value("SELECT count(*) FROM visit_record") == 2


async def test_a_correction_of_an_older_version_is_a_conflict(place: Workplace, visit: UUID) -> None:
    await correct(place, visit, adjusted())
    with pytest.raises(Conflict):
        await correct(place, visit, adjusted(reason="another"))
    with pytest.raises(Conflict):
        await correct(place, visit, adjusted(version=7))


async def test_corrections_at_once_are_never_lost(place: Workplace, visit: UUID) -> None:
    told = await asyncio.gather(
        *(correct(place, visit, adjusted(reason=f"reason {n}")) for n in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in told) == ["Conflict", "Conflict", "Conflict", "RecordVersion"]


async def test_a_reason_is_needed(place: Workplace, visit: UUID) -> None:
    with pytest.raises(InvalidInput):
        await correct(place, visit, adjusted(reason="  "))


async def test_a_correction_that_changes_nothing_is_refused(place: Workplace, visit: UUID) -> None:
    for items in ([], [AnswerInput(item="A-1-01", result=Result.OK)]):
        with pytest.raises(InvalidInput):
            await correct(place, visit, adjusted(items=items))
    with pytest.raises(InvalidInput):
        await correct(place, visit, adjusted(items=[], counts=True))


async def test_all_faults_of_a_correction_are_told_and_nothing_is_written(place: Workplace, visit: UUID) -> None:
    items = [
        AnswerInput(item="A-4-01", result=Result.OK),  # not an item of this record
        AnswerInput(item="A-1-02", result=Result.NOT_APPLICABLE),
        AnswerInput(item="A-1-03", result=Result.FINDING),
        AnswerInput(item="A-1-01", result=Result.ADJUSTED),
    ]
    with pytest.raises(InvalidInput) as refusal:
        await correct(place, visit, adjusted(items=items))
    assert [fault.path for fault in refusal.value.faults] == ["items[0].item", "items[1].note", "items[2].note"]
    assert await value("SELECT count(*) FROM visit_record") == 1


async def test_a_finding_that_a_correction_brings_to_light_gives_its_notice(place: Workplace, visit: UUID) -> None:
    item = AnswerInput(item="A-1-29", result=Result.OK, measured=5.5)
    second = await correct(place, visit, adjusted(items=[item]))
    (finding,) = second.body.findings
    assert finding.item == "A-1-29"
    assert "5.5 mm" in finding.description
    (notice,) = (await notices.notices(place.manager)).rows
    assert notice.number == finding.notice_number


async def test_a_visit_without_a_departure_has_nothing_to_correct(place: Workplace) -> None:
    opened = await place.arrive()
    with pytest.raises(Conflict):
        await correct(place, opened.summary.id, adjusted())


async def test_another_firms_record_does_not_exist(place: Workplace, visit: UUID, factory: Factory) -> None:
    elsewhere = await Workplace.open(factory, place.ring)
    with pytest.raises(NotFound):
        await correct(place, visit, adjusted(), elsewhere.manager)
    with pytest.raises(NotFound):
        await service.record(elsewhere.manager, visit, 1)
    with pytest.raises(NotFound):
        await service.records(elsewhere.technician, visit)


async def last_day(elevator: UUID) -> object:
    return await value("SELECT last_day FROM due_window WHERE elevator = $1", elevator)


async def test_a_withdrawn_visit_does_not_count_and_gives_the_window_back(place: Workplace) -> None:
    (order,) = await place.publish()
    first_at = clock.now() - timedelta(days=9)
    first = await place.arrive(at=first_at)
    await place.answer_all(first)
    await place.depart(first.summary.id, at=first_at + timedelta(minutes=50))
    before = await last_day(place.elevator)
    await value("UPDATE work_order SET state = 'scheduled' WHERE id = $1 RETURNING id", order)
    visit = await place.finish()
    assert await last_day(place.elevator) == clock.today(ZONE) + timedelta(days=15)
    withdrawn = await correct(place, visit, adjusted(items=[], counts=False, reason="nobody was there"))
    assert not withdrawn.body.counts
    assert await last_day(place.elevator) == before
    async with database.tx(SYSTEM):
        last = (await service.public_facts_inside(place.elevator)).last_visit
    assert last is not None
    assert last.id == first.summary.id
    restored = await correct(place, visit, adjusted(2, items=[], counts=True, reason="he was there after all"))
    assert restored.body.counts
    assert await last_day(place.elevator) == clock.today(ZONE) + timedelta(days=15)


async def test_a_withdrawn_visit_gives_its_stop_back(place: Workplace) -> None:
    (order,) = await place.publish()
    visit = await place.finish()
    await correct(place, visit, adjusted(items=[], counts=False))
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "scheduled"
    (stop,) = (await service.technician_day(place.technician)).stops
    assert (stop.visit, stop.state) == (None, "scheduled")  # to be done again
    await correct(place, visit, adjusted(2, items=[], counts=True))
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "done"


async def test_a_stop_that_somebody_else_has_done_meanwhile_stays_theirs(place: Workplace) -> None:
    (order,) = await place.publish()
    visit = await place.finish()
    await correct(place, visit, adjusted(items=[], counts=False))
    again = await place.arrive()
    assert again.summary.scheduled
    await correct(place, visit, adjusted(2, items=[], counts=True))
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "in_progress"


async def test_only_a_manager_says_whether_a_visit_counts(place: Workplace, visit: UUID) -> None:
    with pytest.raises(NotAllowed):
        await correct(place, visit, adjusted(items=[], counts=False), place.technician)


async def test_an_item_corrected_to_not_applicable_is_no_longer_done(place: Workplace, visit: UUID) -> None:
    item = AnswerInput(item="A-1-05", result=Result.NOT_APPLICABLE, note="this type has none")
    await correct(place, visit, adjusted(items=[item]))
    assert await value("SELECT left_out FROM visit_done WHERE visit = $1", visit) == ["A-1-05"]
    assert (await upkeep.receipt(place.manager, place.elevator)) is not None
