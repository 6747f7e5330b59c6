"""One-time passwords: made, sent to the owner's number, checked; how often, and how often wrong, is limited."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from datetime import datetime, timedelta
from uuid import uuid4

from backend.confirmations import codes, phones, queries, reading, telling
from backend.confirmations.limits import (
    COUNTED,
    MOST_SENT_OF_CLIENT,
    MOST_SENT_OF_NUMBER,
    MOST_SENT_OF_VISIT,
    MOST_WRONG,
    PASSWORD_DIGITS,
    PASSWORD_LIFE,
    RESEND_PAUSE,
)
from backend.confirmations.macs import Macs
from backend.confirmations.queries import CodeRow, Counts
from backend.confirmations.standing import Standing, standing_inside
from backend.confirmations.views import Refused, Step
from backend.people import service as people
from backend.settings import Settings


async def send_inside(settings: Settings, macs: Macs, code: str, client: str, now: datetime) -> Step:
    """Send a password, unless the code, the number or the limits forbid it."""
    row, standing = await _asked_inside(settings, code, now)
    if row is None or standing is None:
        return Step()  # the page says why
    number_mac, client_mac = macs.number(standing.number), macs.client(client)
    await queries.lock_number(number_mac)
    if (locked := await _locked(macs, row, standing, now)) is not None:
        return locked
    counts = await queries.counts(row.visit, number_mac, client_mac, now - COUNTED)
    if (refused := _too_often(counts, now)) is not None:
        return refused
    password = f"{secrets.randbelow(10**PASSWORD_DIGITS):0{PASSWORD_DIGITS}d}"
    id, until = uuid4(), now + PASSWORD_LIFE  # noqa: A001 - as in the table
    await queries.insert_password(
        id=id, code=row, number_mac=number_mac, client_mac=client_mac, password_mac=macs.password(password, str(id)), at=now,
        until=until,
    )  # fmt: skip
    visit = await reading.code_visit_inside(row)
    await telling.send_password_inside(row.firm, standing.number, password, visit, until)
    await people.audit(row.firm, None, "confirmation.password_sent", str(row.visit), {"number": f"…{standing.tail}"})
    return Step()


async def check_inside(
    settings: Settings, macs: Macs, code: str, typed: str, remember: bool, client: str, now: datetime
) -> Step:
    """Check digits; what was wrong is counted although it is refused."""
    row, standing = await _asked_inside(settings, code, now)
    if row is None or standing is None:
        return Step(refused=Refused.DEAD)
    number_mac = macs.number(standing.number)
    await queries.lock_number(number_mac)
    if (locked := await _locked(macs, row, standing, now)) is not None:
        return locked
    live = await queries.live_password(row.id, now, lock=True)
    if live is None or not hmac.compare_digest(live.number_mac, number_mac):  # the register's number has changed since
        return Step(refused=Refused.DEAD)
    if not macs.is_password(digits_of(typed), str(live.id), live.password_mac):
        left = MOST_WRONG - live.wrong - 1
        await queries.note_wrong(live.id, now if left <= 0 else None)
        await people.audit(row.firm, None, "confirmation.password_wrong", str(row.visit), {"number": f"…{standing.tail}"})
        if (locked := await _locked(macs, row, standing, now)) is not None:
            return locked
        return Step(refused=Refused.WRONG, left=left) if left > 0 else Step(refused=Refused.DEAD)
    await queries.end_password(live.id, now)
    token, until = await phones.know_inside(macs, row, standing, remember, client, now)
    return Step(token=token, token_until=until)


def digits_of(typed: str) -> str:
    """Return the digits of what was typed: full-width ones are plain ones, blanks are passed over."""
    return "".join(unicodedata.normalize("NFKC", typed).split())


async def _asked_inside(settings: Settings, code: str, now: datetime) -> tuple[CodeRow | None, Standing | None]:
    """Return the code, locked, and the number that signs; None where nothing can be sent or checked."""
    row = await queries.code(codes.sha256_of(code), lock=True)
    if row is None or not reading.can_send(settings):
        return None, None
    if reading.ended(row, await reading.code_visit_inside(row), now) is not None:
        return None, None
    standing = await standing_inside(row, now)
    return (row, standing) if standing.bar is None else (None, None)


async def _locked(macs: Macs, row: CodeRow, standing: Standing, now: datetime) -> Step | None:
    until = await reading.locked_until_inside(macs, row, standing, now)
    return None if until is None else Step(refused=Refused.LOCKED, wait_s=_seconds(until - now))


def _too_often(counts: Counts, now: datetime) -> Step | None:
    """Return the refusal of another message, None where it may be sent."""
    if counts.last_of_visit is not None and now - counts.last_of_visit < RESEND_PAUSE:
        return Step(refused=Refused.TOO_SOON, wait_s=_seconds(counts.last_of_visit + RESEND_PAUSE - now))
    sent = (counts.of_visit, counts.of_number, counts.of_client)
    most = (MOST_SENT_OF_VISIT, MOST_SENT_OF_NUMBER, MOST_SENT_OF_CLIENT)
    if any(count >= limit for count, limit in zip(sent, most, strict=True)):
        return Step(refused=Refused.TOO_MANY, wait_s=_seconds(COUNTED))
    return None


def _seconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds()) + 1)
