"""Known phones: listed and ended by the owner and the office, forgotten in the end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from backend import clock
from backend.confirmations import service
from backend.confirmations.limits import FORGET_PHONES, KNOWN_LIFE
from backend.confirmations.views import State
from backend.errors import InvalidInput, NotAllowed, NotFound
from backend.scope import Role
from backend.settings import Settings
from tests.support.confirming import finished_with_code, proved
from tests.support.factory import Factory
from tests.support.visits import Workplace, value


async def remembered(settings: Settings, place: Workplace) -> tuple[str, str, UUID]:
    """A code, the token of a remembered phone, and its id."""
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    return code, token, await value("SELECT id FROM known_phone")


async def test_only_the_hash_of_a_token_is_kept(settings: Settings, place: Workplace) -> None:
    _code, token, _phone = await remembered(settings, place)
    assert token not in await value("SELECT string_agg(k::text, ' ') FROM known_phone k")


async def test_owner_and_office_see_the_phones_and_nobody_else(settings: Settings, place: Workplace, factory: Factory) -> None:
    _code, _token, phone = await remembered(settings, place)
    for asker in (place.owner_scope, place.manager, await place.person(Role.REGULATOR)):
        (seen,) = await service.known_phones(asker, place.owner)
        assert (seen.id, seen.client, seen.number_tail, seen.live) == (phone, "A phone", "123", True)
    with pytest.raises(NotAllowed):
        await service.known_phones(place.technician, place.owner)
    other = await Workplace.open(factory)
    for foreign in (other.manager, other.owner_scope, await place.person(Role.OWNER)):
        with pytest.raises(NotFound):
            await service.known_phones(foreign, place.owner)


async def test_a_phone_for_one_visit_is_in_no_list(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await proved(settings, code)
    assert await service.known_phones(place.manager, place.owner) == []


@pytest.mark.parametrize("who", ["manager", "owner_scope"])
async def test_a_revoked_phone_needs_a_password_again(settings: Settings, place: Workplace, who: str) -> None:
    code, token, phone = await remembered(settings, place)
    with pytest.raises(InvalidInput):
        await service.revoke_known_phone(getattr(place, who), phone, " ")
    revoked = await service.revoke_known_phone(getattr(place, who), phone, "lost in the taxi")
    assert (revoked.live, revoked.revoked_reason) == (False, "lost in the taxi")
    assert (await service.opened(settings, code, [token])).state is State.ASK
    with pytest.raises(NotAllowed):
        await service.decide(settings, code, [token], 1, confirmed=True)
    again = await service.revoke_known_phone(getattr(place, who), phone, "another reason")
    assert again.revoked_reason == "lost in the taxi"
    assert await value("SELECT count(*) FROM audit_event WHERE action = 'known_phone.revoked'") == 1


async def test_nobody_ends_the_phone_of_another_owner(settings: Settings, place: Workplace, factory: Factory) -> None:
    _code, _token, phone = await remembered(settings, place)
    other = await Workplace.open(factory)
    for foreign in (other.manager, other.owner_scope, await place.person(Role.OWNER)):
        with pytest.raises(NotFound):
            await service.revoke_known_phone(foreign, phone, "mischief")


async def test_what_ended_long_ago_is_removed(settings: Settings, place: Workplace) -> None:
    await remembered(settings, place)
    end = clock.now() + KNOWN_LIFE + FORGET_PHONES
    assert await service.remove_old(end - timedelta(days=1)) == 1  # the password
    assert await service.remove_old(end + timedelta(days=1)) == 1
    assert await value("SELECT count(*) FROM known_phone") == 0
