"""What anybody may know: badge numbers, no names, nothing that somebody typed."""

from __future__ import annotations

from uuid import uuid4

import msgspec

from backend import clock, database
from backend.scope import SYSTEM
from backend.visits import service
from backend.visits.inputs import DecisionInput, FindingInput, Severity
from backend.visits.public_views import PublicFacts
from backend.visits.views import Confirmation
from tests.support.visits import ZONE, Workplace, value


async def facts(place: Workplace) -> PublicFacts:
    async with database.tx(SYSTEM):
        return await service.public_facts_inside(place.elevator)


async def test_an_elevator_without_visits_says_so(place: Workplace) -> None:
    told = await facts(place)
    assert (told.state, told.last_visit, told.hazards) == ("in_use", None, [])


async def test_the_last_visit_is_shown_with_badges(place: Workplace) -> None:
    visit = await place.finish(second_technician=place.second.technician)
    last = (await facts(place)).last_visit
    assert last is not None
    assert (last.id, last.day, last.maintenance_class) == (visit, clock.today(ZONE), "half_month")
    assert len(last.badges) == 2
    assert last.confirmation is Confirmation.PENDING


async def test_the_owners_word_is_shown(place: Workplace) -> None:
    visit = await place.finish()
    await service.decide(place.owner_scope, visit, DecisionInput(version=1), confirmed=True)
    last = (await facts(place)).last_visit
    assert last is not None
    assert last.confirmation is Confirmation.CONFIRMED


async def test_open_hazards_are_shown_until_they_are_closed(place: Workplace) -> None:
    opened = await place.arrive()
    finding = FindingInput(id=uuid4(), severity=Severity.STOP_USE, stop_use_condition="door_lock_circuit_shorted")
    await service.add_finding(place.technician, opened.summary.id, finding)
    told = await facts(place)
    assert told.state == "stopped"
    (hazard,) = told.hazards
    assert (hazard.severity, hazard.title_zh, hazard.since) == (Severity.STOP_USE, "门锁安全回路被短接", clock.today(ZONE))
    await service.close_finding(place.manager, finding.id, "bridge removed")
    assert (await facts(place)).hazards == []


async def test_no_name_and_nothing_typed_is_public(place: Workplace) -> None:
    opened = await place.arrive(second_technician=place.second.technician)
    finding = FindingInput(
        id=uuid4(), severity=Severity.GENERAL, item="A-1-09", description="Mr Wang kicked it", place="flat 3", proposal="new"
    )
    await service.add_finding(place.technician, opened.summary.id, finding)
    await place.answer_all(await service.visit(place.technician, opened.summary.id))
    await place.depart(opened.summary.id)
    told = msgspec.json.encode(await facts(place)).decode()
    names = [
        await value("SELECT name FROM technician WHERE id = $1", who.technician) for who in (place.technician, place.second)
    ]
    for secret in ("Mr Wang", "flat 3", *names):
        assert secret not in told


async def test_a_visit_whose_evidence_does_not_hold_is_told_apart(place: Workplace) -> None:
    """One technician where two are asked for: the visit is recorded, and nobody is told that it was verified."""
    visit = await place.finish()
    (record,) = await service.records(place.manager, visit)
    assert "technicians" in {check.name for check in record.body.evidence if check.outcome == "failed"}
    last = (await facts(place)).last_visit
    assert last is not None
    assert not last.evidence_holds
