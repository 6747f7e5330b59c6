"""Confirmations without an account: a code opens the record, a password sent to the owner's number signs.

The asker is somebody whom nobody knows: the code says which visit it is about, and nothing here takes a scope of the firm's
people. Whether the browser is one that maintenance staff have used is the edge's question (`mobile_api.staff_mark`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend import clock, database
from backend.confirmations import codes, deciding, passwords, queries, reading
from backend.confirmations.codes import address_of, drawn, keep_inside
from backend.confirmations.codes import read as plain_code
from backend.confirmations.limits import FORGET_PASSWORDS, FORGET_PHONES
from backend.confirmations.macs import macs_of
from backend.confirmations.making import make_code
from backend.confirmations.phones import known_phones, revoke_known_phone
from backend.confirmations.telling import tell_of_replaced_number
from backend.confirmations.views import Opened, State, Step
from backend.people import service as people
from backend.scope import SYSTEM, Scope
from backend.settings import Settings
from backend.visits import service as visits

__all__ = [
    "address_of",
    "check_password",
    "decide",
    "drawn",
    "keep_inside",
    "known_phones",
    "make_code",
    "note_staff_refused",
    "note_technicians_device",
    "opened",
    "plain_code",
    "remove_old",
    "revoke_known_phone",
    "send_password",
    "tell_of_replaced_number",
]


async def opened(settings: Settings, text: str, tokens: Sequence[str]) -> Opened:
    """Return what the page behind a code shows.

    Parameters
    ----------
    settings
        Of this installation.
    text
        The code as scanned or typed.
    tokens
        What the asker's phone keeps since it proved numbers.
    """
    code = codes.read(text)
    if code is None:
        return Opened(state=State.MALFORMED)
    async with database.tx(SYSTEM):
        return await reading.opened_inside(settings, macs_of(settings), code, tokens, clock.now())


async def send_password(settings: Settings, text: str, client: str) -> Step:
    """Send a one-time password to the number that the register has for the owner.

    Parameters
    ----------
    settings, text
        This installation, and the code.
    client
        Network address of the asker, for the limits.

    Returns
    -------
    Step
        Without a refusal if the message is on its way.
    """
    code = codes.read(text)
    if code is None:
        return Step()
    async with database.tx(SYSTEM):
        return await passwords.send_inside(settings, macs_of(settings), code, client, clock.now())


async def check_password(settings: Settings, text: str, typed: str, *, remember: bool, client: str) -> Step:
    """Check the digits that were typed.

    Parameters
    ----------
    settings, text, typed
        This installation, the code, the digits.
    remember
        Whether the phone is to be known for the owner's next visits.
    client
        What the browser calls itself.

    Returns
    -------
    Step
        With the phone's token if they are right.
    """
    code = codes.read(text)
    if code is None:
        return Step()
    async with database.tx(SYSTEM):
        return await passwords.check_inside(settings, macs_of(settings), code, typed, remember, client, clock.now())


async def decide(
    settings: Settings, text: str, tokens: Sequence[str], version: int, *, confirmed: bool, reason: str = ""
) -> None:
    """Take the word of a phone that has proved the owner's number.

    Parameters
    ----------
    settings, text, tokens
        This installation, the code, what the phone keeps.
    version
        The version of the record that was shown.
    confirmed, reason
        Whether the owner confirms, and why not if they refuse.

    Raises
    ------
    NotAllowed
        If the phone has not proved the number, or not lately enough.
    NotFound
        If there is no such code.
    InvalidInput
        If they refuse without a reason.
    Conflict
        If there is a newer version, the visit was withdrawn, or they have said otherwise before.
    """
    now = clock.now()
    async with database.tx(SYSTEM):
        await deciding.decide_inside(macs_of(settings), text, tokens, version, confirmed, reason, now)


async def note_staff_refused(text: str) -> None:
    """Write down that a browser of maintenance staff tried to send a password, or to sign."""
    code = codes.read(text)
    if code is None:
        return
    async with database.tx(SYSTEM):
        row = await queries.code(codes.sha256_of(code))
        if row is not None:
            await people.audit(row.firm, None, "confirmation.staff_refused", str(row.visit))


async def note_technicians_device(scope: Scope, visit: UUID) -> None:
    """Write down that an owner's account tried to give its word in a technician's browser.

    Raises
    ------
    NotFound
        If the visit is none of the owner's.
    """
    found = await visits.owner_visit(scope, visit)
    async with database.tx(scope):
        await people.audit(scope.firm, scope.account, "confirmation.staff_refused", str(found.summary.id))


async def remove_old(now: datetime) -> int:
    """Remove passwords and phones that ended long ago; return how many."""
    async with database.tx(SYSTEM):
        return await queries.delete_before(now - FORGET_PASSWORDS, now - FORGET_PHONES)
