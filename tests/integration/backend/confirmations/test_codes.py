"""Codes of visits: kept as a hash, one at a time, for a week, for one decision."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend import clock, database
from backend.confirmations import codes, service
from backend.confirmations.limits import CODE_LIFE
from backend.confirmations.views import State
from backend.errors import Conflict, InvalidInput, NotAllowed
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from backend.visits import service as visits
from backend.visits.inputs import CorrectionInput, DecisionInput
from tests.support.confirming import finished_with_code, proved
from tests.support.factory import Factory
from tests.support.visits import Workplace, value


async def state_of(settings: Settings, code: str) -> State:
    return (await service.opened(settings, code, [])).state


async def test_a_code_opens_the_visit_in_short_without_any_name(settings: Settings, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    opened = await service.opened(settings, code.lower(), [])
    assert (opened.state, opened.number_tail) == (State.ASK, "123")
    shown = opened.visit
    assert shown is not None
    assert (shown.visit, shown.version, shown.sha256) == (visit, 1, await value("SELECT sha256 FROM visit_record"))
    assert shown.badges == [await value("SELECT badge FROM technician WHERE id = $1", place.technician.technician)]
    name = await value("SELECT name FROM technician WHERE id = $1", place.technician.technician)
    assert name not in repr(opened)


async def test_only_the_hash_of_a_code_is_kept(place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    assert await value("SELECT code_sha256 FROM owner_code") == codes.sha256_of(code)
    for table in ("owner_code", "audit_event"):
        assert code not in await value(f"SELECT string_agg(t::text, ' ') FROM {table} t")


async def test_a_code_that_the_phone_made_opens_the_visit_once_its_hash_has_arrived(
    settings: Settings, place: Workplace
) -> None:
    code, visit = codes.new_code(), await place.finish()
    assert await state_of(settings, code) is State.UNKNOWN
    async with database.tx(place.technician):
        assert await service.keep_inside(place.firm, visit, codes.sha256_of(code))
        assert await service.keep_inside(place.firm, visit, codes.sha256_of(code))  # the entry came twice
    assert await state_of(settings, code) is State.ASK
    assert await value("SELECT count(*) FROM owner_code") == 1


async def test_the_hash_of_one_visits_code_is_no_code_of_another(
    settings: Settings, place: Workplace, factory: Factory
) -> None:
    _visit, code = await finished_with_code(place)
    other = await Workplace.open(factory)
    theirs = await other.finish()
    async with database.tx(other.technician):  # copied into an entry of another firm
        assert not await service.keep_inside(other.firm, theirs, codes.sha256_of(code))
    opened = await service.opened(settings, code, [])
    assert opened.visit is not None
    assert opened.visit.visit == _visit


async def test_what_is_no_hash_is_refused(place: Workplace) -> None:
    visit = await place.finish()
    async with database.tx(place.technician):
        with pytest.raises(InvalidInput) as refused:
            await service.keep_inside(place.firm, visit, "0" * 63)
    assert refused.value.faults[0].path == "owner_code_sha256"


async def test_a_new_code_ends_the_one_before(settings: Settings, place: Workplace) -> None:
    visit, first = await finished_with_code(place)
    second = await service.make_code(place.technician, visit)
    assert (await state_of(settings, first), await state_of(settings, second)) == (State.REPLACED, State.ASK)


async def test_a_late_copy_of_the_phones_entry_does_not_end_a_newer_code(settings: Settings, place: Workplace) -> None:
    visit, of_phone = await place.finish(), codes.new_code()
    async with database.tx(place.technician):
        await service.keep_inside(place.firm, visit, codes.sha256_of(of_phone))
    newer = await service.make_code(place.technician, visit)
    async with database.tx(place.technician):
        await service.keep_inside(place.firm, visit, codes.sha256_of(of_phone))
    assert await state_of(settings, newer) is State.ASK


async def test_a_code_opens_nothing_to_decide_after_a_week(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    made = clock.now()
    with clock.stopped_at(made + CODE_LIFE - timedelta(minutes=1)):
        assert await state_of(settings, code) is State.ASK
    with clock.stopped_at(made + CODE_LIFE + timedelta(minutes=1)):
        assert await state_of(settings, code) is State.EXPIRED
        assert (await service.send_password(settings, code, "192.0.2.7")).refused is None
    assert await value("SELECT count(*) FROM one_time_password") == 0


async def test_a_withdrawn_visit_has_nothing_to_confirm(settings: Settings, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    token = await proved(settings, code)
    await visits.correct(place.manager, visit, CorrectionInput(version=1, reason="nobody was there", counts=False))
    assert await state_of(settings, code) is State.WITHDRAWN
    with pytest.raises(Conflict, match="withdrawn"):
        await service.decide(settings, code, [token], 2, confirmed=True)
    with pytest.raises(Conflict, match="withdrawn"):
        await service.make_code(place.technician, visit)
    assert await value("SELECT count(*) FROM owner_decision") == 0


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OWNER, Role.ADMIN])
async def test_only_the_technician_of_the_visit_shows_its_code(place: Workplace, role: Role) -> None:
    visit = await place.finish()
    with pytest.raises(NotAllowed):
        await service.make_code(await place.person(role), visit)
    with pytest.raises(NotAllowed):
        await service.make_code(place.second, visit)


async def test_there_is_no_code_for_a_visit_under_way_or_decided(place: Workplace) -> None:
    opened = await place.arrive()
    with pytest.raises(Conflict, match="no departure"):
        await service.make_code(place.technician, opened.summary.id)
    await place.answer_all(opened)
    await place.depart(opened.summary.id)
    await visits.decide(place.owner_scope, opened.summary.id, DecisionInput(version=1), confirmed=True)
    with pytest.raises(Conflict, match="decided"):
        await service.make_code(place.technician, opened.summary.id)


async def test_codes_and_passwords_of_other_firms_are_hidden_by_the_database(place: Workplace, factory: Factory) -> None:
    await finished_with_code(place)
    other = await Workplace.open(factory)
    async with database.tx(other.manager):
        assert await database.fetch_value("SELECT count(*) FROM owner_code") == 0
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM owner_code") == 1
