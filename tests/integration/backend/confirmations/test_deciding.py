"""The decision of a phone that has proved the owner's number: once, on the version that was shown, by nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from backend import clock, database
from backend.confirmations import service
from backend.confirmations.limits import CODE_LIFE, KNOWN_LIFE, ONE_VISIT
from backend.confirmations.views import State
from backend.errors import Conflict, InvalidInput, LiftroundsError, NotAllowed, NotFound
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from backend.visits import service as visits
from backend.visits.decider import How
from backend.visits.inputs import AnswerInput, CorrectionInput, DecisionInput, Result
from backend.visits.views import Confirmation, VisitFilter
from tests.support.confirming import finished_with_code, give_number, proved
from tests.support.factory import Factory
from tests.support.http import account
from tests.support.visits import Workplace, value


async def another_visit(place: Workplace) -> str:
    """A finished visit of another elevator of the same owner; its code."""
    _elevator, label = await place.another_elevator()
    arrived = await place.arrive(label)
    await place.answer_all(arrived)
    await place.depart(arrived.summary.id, code=label)
    return await service.make_code(place.technician, arrived.summary.id)


async def test_a_phone_confirms_and_the_record_says_by_what_it_was_known(settings: Settings, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    await service.decide(settings, code, [await proved(settings, code)], 1, confirmed=True)
    opened = await service.opened(settings, code, [])
    assert (opened.state, opened.visit and opened.visit.decision) == (State.DECIDED, "confirmed")
    (record,) = await visits.records(place.manager, visit)
    assert (record.decision, record.decision_how) == (Confirmation.CONFIRMED, How.ONE_TIME_PASSWORD)
    assert (record.number_tail, record.decided_by) == ("123", "")
    assert await value("SELECT decided_by IS NULL AND owner = $1 FROM owner_decision", place.owner)
    assert (await visits.visit(place.technician, visit)).summary.confirmation is Confirmation.CONFIRMED
    async with database.tx(SYSTEM):
        (event,) = await database.fetch("SELECT account, detail FROM audit_event WHERE action = 'visit.confirmed'")
    expected = {"version": 1, "how": "one_time_password", "number": "…123"}
    assert (event["account"], event["detail"]) == (None, expected)


async def test_a_phone_refuses_with_a_reason_that_lists_show(settings: Settings, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    token = await proved(settings, code)
    with pytest.raises(InvalidInput):
        await service.decide(settings, code, [token], 1, confirmed=False, reason="  ")
    await service.decide(settings, code, [token], 1, confirmed=False, reason="the pit was not cleaned")
    (line,) = (await visits.visits(place.manager, VisitFilter())).rows
    assert (line.id, line.confirmation, line.confirmation_reason) == (
        visit,
        Confirmation.REFUSED,
        "the pit was not cleaned",
    )


async def test_the_owners_account_still_signs_and_says_so(place: Workplace) -> None:
    visit = await place.finish()
    decided = await visits.decide(place.owner_scope, visit, DecisionInput(version=1), confirmed=True)
    assert (decided.records[-1].decision_how, decided.records[-1].decided_by) == (How.ACCOUNT, "owner of the test")


async def test_without_a_proved_number_nobody_decides(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    for tokens in ([], [""], ["made up"], [str(uuid4())]):
        with pytest.raises(NotAllowed):
            await service.decide(settings, code, tokens, 1, confirmed=True)
    with pytest.raises(NotFound):
        await service.decide(settings, "0" * 26, [await proved(settings, code)], 1, confirmed=True)
    assert await value("SELECT count(*) FROM owner_decision") == 0


async def test_a_phone_that_was_not_remembered_decides_only_about_its_visit_and_soon(
    settings: Settings, place: Workplace
) -> None:
    _visit, code = await finished_with_code(place)
    other = await another_visit(place)
    token = await proved(settings, code)
    with pytest.raises(NotAllowed):
        await service.decide(settings, other, [token], 1, confirmed=True)
    with clock.stopped_at(clock.now() + ONE_VISIT + timedelta(seconds=1)), pytest.raises(NotAllowed):
        await service.decide(settings, code, [token], 1, confirmed=True)


async def test_a_remembered_phone_confirms_the_next_visit_without_a_password(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    await service.decide(settings, code, [token], 1, confirmed=True)
    other = await another_visit(place)
    opened = await service.opened(settings, other, [token])
    assert (opened.state, opened.remembered) == (State.SIGN, True)
    await service.decide(settings, other, [token], 1, confirmed=True)
    hows = await value("SELECT array_agg(how ORDER BY decided_at) FROM owner_decision")
    assert hows == ["one_time_password", "known_phone"]


async def test_a_remembered_phone_is_forgotten_after_its_time(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    later = clock.now() + KNOWN_LIFE + timedelta(minutes=1)
    with clock.stopped_at(later):
        assert (await service.opened(settings, code, [token])).state is State.EXPIRED
        visit = await place.finish()
        code = await service.make_code(place.technician, visit)
        assert (await service.opened(settings, code, [token])).state is State.ASK


async def test_a_phone_of_one_owner_is_nobody_to_another(settings: Settings, place: Workplace, factory: Factory) -> None:
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    other = await Workplace.open(factory)
    await give_number(other, "13500135555")
    _theirs, foreign = await finished_with_code(other)
    assert (await service.opened(settings, foreign, [token])).state is State.ASK
    with pytest.raises(NotAllowed):
        await service.decide(settings, foreign, [token], 1, confirmed=True)


async def test_one_phone_may_be_known_to_several_owners(settings: Settings, place: Workplace, factory: Factory) -> None:
    _visit, code = await finished_with_code(place)
    first = await proved(settings, code, remember=True)
    other = await Workplace.open(factory)
    await give_number(other, "13500135555")
    _theirs, foreign = await finished_with_code(other)
    second = await proved(settings, foreign, remember=True)
    for each in (code, foreign):
        assert (await service.opened(settings, each, [second, first])).state is State.SIGN


async def test_a_version_corrected_meanwhile_must_be_read_first(settings: Settings, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    token = await proved(settings, code)
    await correct(place, visit, 1)
    with pytest.raises(Conflict, match="version 2"):
        await service.decide(settings, code, [token], 1, confirmed=True)
    assert await value("SELECT count(*) FROM owner_decision") == 0
    opened = await service.opened(settings, code, [token])
    assert (opened.state, opened.visit and opened.visit.version) == (State.SIGN, 2)
    await service.decide(settings, code, [token], 2, confirmed=True)


async def test_the_code_of_a_refusal_asks_about_the_correction_and_brings_one_decision_a_version(
    settings: Settings, place: Workplace
) -> None:
    visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    await service.decide(settings, code, [token], 1, confirmed=False, reason="wrong door")
    await correct(place, visit, 1)
    opened = await service.opened(settings, code, [token])
    assert (opened.state, opened.visit and opened.visit.asked_again) == (State.SIGN, True)
    with pytest.raises(Conflict, match="version 2"):
        await service.decide(settings, code, [token], 1, confirmed=True)
    await service.decide(settings, code, [token], 2, confirmed=True)
    assert await value("SELECT array_agg(decision ORDER BY version) FROM owner_decision") == ["refused", "confirmed"]
    with pytest.raises(Conflict, match="decided"):
        await service.decide(settings, code, [token], 2, confirmed=False, reason="changed my mind")


async def test_a_phone_that_was_not_remembered_proves_itself_again_for_the_correction(
    settings: Settings, place: Workplace
) -> None:
    visit, code = await finished_with_code(place)
    token = await proved(settings, code)
    await service.decide(settings, code, [token], 1, confirmed=False, reason="wrong door")
    await correct(place, visit, 1)
    assert (await service.opened(settings, code, [token])).state is State.ASK
    with pytest.raises(NotAllowed):
        await service.decide(settings, code, [token], 2, confirmed=True)


async def test_a_correction_late_in_the_week_opens_the_code_for_another_one(settings: Settings, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    await service.decide(settings, code, [token], 1, confirmed=False, reason="wrong door")
    with clock.stopped_at(clock.now() + CODE_LIFE - timedelta(hours=1)):
        await correct(place, visit, 1)
    with clock.stopped_at(clock.now() + CODE_LIFE * 2 - timedelta(hours=2)):
        assert (await service.opened(settings, code, [token])).state is State.SIGN
    with clock.stopped_at(clock.now() + CODE_LIFE * 2):
        assert (await service.opened(settings, code, [token])).state is State.EXPIRED


async def correct(place: Workplace, visit: object, version: int) -> None:
    item = await value("SELECT body->'items'->0->>'item' FROM visit_record WHERE version = $1", version)
    answer = AnswerInput(item=item, result=Result.ADJUSTED, note="adjusted after all")
    correction = CorrectionInput(version=version, reason="forgotten", items=[answer])
    await visits.correct(place.manager, visit, correction)  # type: ignore[arg-type]


async def test_the_same_word_twice_is_one_decision_and_another_word_is_refused(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    for _ in range(2):
        await service.decide(settings, code, [token], 1, confirmed=True)
    with pytest.raises(Conflict, match="decided"):
        await service.decide(settings, code, [token], 1, confirmed=False, reason="changed my mind")
    assert await value("SELECT count(*) FROM owner_decision") == 1


async def test_words_at_the_same_time_make_one_decision(settings: Settings, place: Workplace) -> None:
    """Phone and account, yes and no, all at once: one is kept, the others hear that it has been decided."""
    visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)

    async def phone(confirmed: bool) -> object:
        reason = "" if confirmed else "no"
        try:
            await service.decide(settings, code, [token], 1, confirmed=confirmed, reason=reason)
        except LiftroundsError as error:
            return type(error)
        return None

    async def account(confirmed: bool) -> object:
        decision = DecisionInput(version=1, reason="" if confirmed else "no")
        try:
            await visits.decide(place.owner_scope, visit, decision, confirmed=confirmed)
        except LiftroundsError as error:
            return type(error)
        return None

    answers = await asyncio.gather(*(each(word) for each in (phone, account) for word in (True, False) for _ in range(2)))
    assert set(answers) == {None, Conflict}
    assert await value("SELECT count(*) FROM owner_decision") == 1
    assert await value("SELECT confirmation = (SELECT decision FROM owner_decision) FROM visit")


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MANAGER, Role.ADMIN, Role.REGULATOR])
async def test_no_account_but_the_owners_gives_the_word(place: Workplace, role: Role) -> None:
    visit = await place.finish()
    asker = place.technician if role is Role.TECHNICIAN else await place.person(role)
    with pytest.raises(NotAllowed):
        await visits.decide(asker, visit, DecisionInput(version=1), confirmed=True)


async def test_the_database_knows_who_decided(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await service.decide(settings, code, [await proved(settings, code)], 1, confirmed=True)
    for change in ("how = 'account'", "number_tail = ''", "decision = 'refused'"):
        with pytest.raises(Exception, match="written once"):
            await value(f"UPDATE owner_decision SET {change} RETURNING id")


@pytest.mark.parametrize("confirmed", [True, False])
async def test_managers_and_the_technician_are_told_of_a_refusal_with_its_reason(
    settings: Settings, place: Workplace, confirmed: bool
) -> None:
    technician = place.technician.technician
    accounts = [await account(place.firm, Role.MANAGER), await account(place.firm, Role.TECHNICIAN, technician=technician)]  # type: ignore[arg-type]
    visit, code = await finished_with_code(place)
    token = await proved(settings, code)
    await service.decide(settings, code, [token], 1, confirmed=confirmed, reason="" if confirmed else "the pit is wet")
    told = await value(
        "SELECT count(*) FROM message m JOIN account a ON a.id = m.account"
        f" WHERE a.login = ANY(ARRAY['{accounts[0]}', '{accounts[1]}']) AND m.title_en LIKE '%the pit is wet%'"
        f" AND m.link LIKE '%/visits/{visit}'"
    )
    assert told == (0 if confirmed else 2)


@pytest.mark.parametrize("answered", [True, False])
async def test_an_owner_who_has_answered_is_told_of_the_correction(
    settings: Settings, place: Workplace, answered: bool
) -> None:
    login = await account(place.firm, Role.OWNER, owner=place.owner)
    visit, code = await finished_with_code(place)
    if answered:
        await service.decide(settings, code, [await proved(settings, code)], 1, confirmed=False, reason="the pit is wet")
    await correct(place, visit, 1)
    told = await value(
        "SELECT count(*) FROM message m JOIN account a ON a.id = m.account"
        f" WHERE a.login = '{login}' AND m.title_en LIKE '%was corrected: forgotten' AND m.link = '/owner/visits/{visit}'"
    )
    assert told == int(answered)
    texts = "SELECT count(*) FROM message WHERE phone LIKE '+86%' AND text_en LIKE '%open the page of its code again%'"
    assert await value(texts) == int(answered)
