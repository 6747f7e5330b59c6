"""What tests of confirmations without an account need: an owner with a number, codes, the password that was sent."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

from backend import clock, database
from backend.confirmations import service
from backend.confirmations.limits import RESEND_PAUSE
from backend.scope import SYSTEM
from backend.settings import Settings
from tests.support.http import Browser, Site
from tests.support.visits import Workplace, value

NUMBER = "138 0013 8123"
TAIL = "123"
GATEWAY = "json://127.0.0.1:9/{phone}"
"""Where messages would go; no worker runs in these tests, so that none leaves."""


async def give_number(place: Workplace, number: str = NUMBER) -> None:
    """Have the owner's number stand in the register as if it had come with the owner."""
    async with database.tx(SYSTEM):
        await database.execute("UPDATE owner SET phone = $2 WHERE id = $1", place.owner, number)


async def finished_with_code(place: Workplace) -> tuple[UUID, str]:
    """A finished visit with a code that the server made."""
    visit = await place.finish()
    return visit, await service.make_code(place.technician, visit)


async def sent_password() -> str:
    """The digits of the newest message: only the gateway gets to see them."""
    text = await value(
        "SELECT s.text_en FROM message_secret s JOIN message m ON m.id = s.message ORDER BY m.created_at DESC, m.id LIMIT 1"
    )
    found = re.match(r"\d{6}", text)
    assert found is not None
    return found[0]


def another_than(password: str) -> str:
    """Six digits that are not the password."""
    return f"{(int(password) + 1) % 10**6:06d}"


async def proved(settings: Settings, code: str, *, remember: bool = False) -> str:
    """The token of a phone that has just typed the right password."""
    step = await service.send_password(settings, code, "192.0.2.7")
    assert step.refused is None, step
    step = await service.check_password(settings, code, await sent_password(), remember=remember, client="A phone")
    assert step.token, step
    return step.token


async def proved_in(http: Site, code: str) -> Browser:
    """The safety officer's browser after the right password."""
    browser = http.browser_of_anybody()
    await browser.get(f"/C/{code}")
    await browser.post(f"/c/{code}/password")
    answer = await browser.post(f"/c/{code}/check", {"password": await sent_password()})
    assert answer.status_code == 303, answer.text
    return browser


def after_a_pause(times: int = 1) -> timedelta:
    """How long until another message may be sent."""
    return RESEND_PAUSE * times + timedelta(seconds=1)


def now_and(span: timedelta) -> object:
    """The clock stopped a span from now."""
    return clock.stopped_at(clock.now() + span)
