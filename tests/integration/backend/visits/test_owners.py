"""The owner's word: an act of its own identity, once for each version."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound
from backend.scope import Role
from backend.visits import service
from backend.visits.inputs import AnswerInput, CorrectionInput, DecisionInput, Result
from backend.visits.views import Confirmation, VisitFilter
from tests.support.factory import Factory
from tests.support.visits import Workplace, value


@pytest.fixture
async def visit(place: Workplace) -> UUID:
    """A finished visit."""
    return await place.finish()


ONE = DecisionInput(version=1)


async def test_a_finished_visit_waits_for_its_owner(place: Workplace, visit: UUID) -> None:
    pending = await service.owner_visits(place.owner_scope, VisitFilter(confirmation=Confirmation.PENDING))
    assert [row.id for row in pending.rows] == [visit]


async def test_an_open_visit_is_not_shown_to_the_owner(place: Workplace) -> None:
    opened = await place.arrive()
    assert (await service.owner_visits(place.owner_scope, VisitFilter())).rows == []
    with pytest.raises(NotFound):
        await service.owner_visit(place.owner_scope, opened.summary.id)
    with pytest.raises(NotFound):
        await service.decide(place.owner_scope, opened.summary.id, ONE, confirmed=True)


async def test_the_owner_confirms(place: Workplace, visit: UUID) -> None:
    seen = await service.decide(place.owner_scope, visit, ONE, confirmed=True)
    assert seen.summary.confirmation is Confirmation.CONFIRMED
    assert seen.records[0].decision is Confirmation.CONFIRMED
    assert seen.records[0].decided_at is not None
    assert await value("SELECT decided_by FROM owner_decision") == place.owner_scope.account
    assert (await service.owner_visits(place.owner_scope, VisitFilter(confirmation=Confirmation.PENDING))).rows == []


async def test_the_owner_refuses_with_a_reason(place: Workplace, visit: UUID) -> None:
    with pytest.raises(InvalidInput):
        await service.decide(place.owner_scope, visit, ONE, confirmed=False)
    refused = await service.decide(place.owner_scope, visit, DecisionInput(version=1, reason="nobody came"), confirmed=False)
    assert refused.summary.confirmation is Confirmation.REFUSED
    assert refused.records[0].decision_reason == "nobody came"


async def test_a_refusal_does_not_stop_the_count_of_days(place: Workplace, visit: UUID) -> None:
    await service.decide(place.owner_scope, visit, DecisionInput(version=1, reason="nobody came"), confirmed=False)
    assert await value("SELECT count(*) FROM visit_done WHERE visit = $1", visit) == 1


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MANAGER, Role.ADMIN, Role.REGULATOR])
async def test_nobody_signs_in_the_owners_name(place: Workplace, visit: UUID, role: Role) -> None:
    technician = place.technician.technician if role is Role.TECHNICIAN else None
    scope = await place.person(role, technician=technician)
    for confirmed in (True, False):
        with pytest.raises(NotAllowed):
            await service.decide(scope, visit, DecisionInput(version=1, reason="it is fine"), confirmed=confirmed)
    with pytest.raises(NotAllowed):
        await service.owner_visit(scope, visit)
    with pytest.raises(NotAllowed):
        await service.owner_visits(scope, VisitFilter())
    assert await value("SELECT count(*) FROM owner_decision") == 0


async def test_another_owners_visit_does_not_exist(place: Workplace, visit: UUID) -> None:
    other = await place.person(Role.OWNER)
    assert (await service.owner_visits(other, VisitFilter())).rows == []
    with pytest.raises(NotFound):
        await service.decide(other, visit, ONE, confirmed=True)
    with pytest.raises(NotFound):
        await service.visit(other, visit)
    with pytest.raises(NotFound):
        await service.records(other, visit)


async def test_an_owner_of_another_firm_sees_nothing(place: Workplace, visit: UUID, factory: Factory) -> None:
    elsewhere = await Workplace.open(factory, place.ring)
    with pytest.raises(NotFound):
        await service.decide(elsewhere.owner_scope, visit, ONE, confirmed=True)


async def test_saying_the_same_again_is_harmless_and_the_opposite_a_conflict(place: Workplace, visit: UUID) -> None:
    told = await asyncio.gather(*(service.decide(place.owner_scope, visit, ONE, confirmed=True) for _ in range(4)))
    assert all(one == told[0] for one in told)
    assert await value("SELECT count(*) FROM owner_decision") == 1
    with pytest.raises(Conflict):
        await service.decide(place.owner_scope, visit, DecisionInput(version=1, reason="changed my mind"), confirmed=False)


async def test_the_word_is_about_the_version_that_was_read(place: Workplace, visit: UUID) -> None:
    item = AnswerInput(item="A-1-01", result=Result.ADJUSTED, note="cleaned")
    await service.correct(place.manager, visit, CorrectionInput(version=1, reason="forgotten", items=[item]))
    with pytest.raises(Conflict):
        await service.decide(place.owner_scope, visit, ONE, confirmed=True)
    seen = await service.decide(place.owner_scope, visit, DecisionInput(version=2), confirmed=True)
    assert [record.decision for record in seen.records] == [Confirmation.PENDING, Confirmation.CONFIRMED]


async def test_the_owner_sees_findings_of_their_own_elevators_only(place: Workplace, visit: UUID) -> None:
    assert await service.findings(place.owner_scope) == []
    assert [row.id for row in (await service.visits(place.owner_scope, VisitFilter())).rows] == [visit]
    assert (await service.visits(await place.person(Role.OWNER), VisitFilter())).rows == []
