"""Signing in with a telephone number that Firebase has verified: the technician who has it in the register.

Whoever asks is never told why it does not sign in: a stranger would learn whose number is whose. The audit trail says it.
"""

from __future__ import annotations

import asyncio
import hashlib

from backend import clock, database
from backend.errors import Conflict, NotSignedIn
from backend.people import firebase, sessions
from backend.people import phone_number_queries as queries
from backend.people.firebase import TokenRefusedError
from backend.people.queries import AccountRow, delete_attempts
from backend.people.service import audit
from backend.people.sessions import SignedIn
from backend.registry import numbers
from backend.scope import SYSTEM
from backend.settings import Settings

NOT_OFFERED = "this installation has no phone sign-in: use your password"
_NOT_SIGNED_IN = "this number does not sign in here: use your password, or ask your manager to look at your number"


async def sign_in(settings: Settings, id_token: str, *, api: bool, client: str = "") -> tuple[str, SignedIn]:
    """Open a session for the technician whose number Firebase has verified.

    Parameters
    ----------
    settings
        Of this installation.
    id_token
        What Firebase answered to the code from the SMS.
    api, client
        As of `sessions.sign_in`.

    Raises
    ------
    Conflict
        Where no project is set.
    NotSignedIn
        If the token does not hold, or the number is not that of exactly one technician who may use it.
    TooManyAttempts
        After `sessions.MAX_FAILED_ATTEMPTS` refusals in a row of one number.
    Unavailable
        If Firebase does not answer.
    """
    if settings.firebase_project is None:
        raise Conflict(NOT_OFFERED)
    now, number, refused = clock.now(), "", ""
    try:
        number = await asyncio.to_thread(firebase.verified_number, settings, id_token, now)
    except TokenRefusedError as error:
        refused = str(error)
    opened = None
    async with database.tx(SYSTEM):
        account = None
        if number:
            counted = hashlib.sha256(f"phone number {number}".encode()).hexdigest()
            attempts = await sessions.attempts_inside(counted, now)
            refused, account = await _whose(number)
            if not refused and account is not None:
                await delete_attempts(counted)
                opened = await sessions.open_inside(account, api=api, client=client, way="phone_number")
            else:
                await sessions.failed_inside(counted, attempts, now)
        if opened is None:
            firm, who = (account.firm, account.id) if account is not None else (None, None)
            detail = {"way": "phone_number", "reason": refused} | ({"number_ends": numbers.tail(number)} if number else {})
            await audit(firm, who, "sign_in.refused", str(who or ""), detail)
    if opened is None:
        raise NotSignedIn(_NOT_SIGNED_IN)
    return opened


async def _whose(number: str) -> tuple[str, AccountRow | None]:
    """Return why a number signs nobody in (empty: it does), and the account that it belongs to as far as that is clear."""
    found = [row for row in await queries.technicians_like(number[-numbers.LEAST_DIGITS :]) if _is_number(row.phone, number)]
    if len({row.technician for row in found}) > 1:
        return "the number of several technicians", None
    if not found:
        return "nobody's number", None
    if len(found) > 1:
        return "the technician has several accounts", None
    account = await queries.account_of_technician(found[0].technician)
    if found[0].lost:
        return "the phone was revoked and none was enrolled since", account
    return "", account


def _is_number(field: str, number: str) -> bool:
    """Return whether a field of the register holds a number in the international form (E.164)."""
    return number.removeprefix("+") in numbers.international(field)
