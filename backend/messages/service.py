"""Telling people things: what is to be told is written down in the same transaction as what calls for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from backend import clock
from backend.errors import Fault, InvalidInput, NotFound
from backend.jobs.service import enqueue
from backend.messages import queries
from backend.messages.queries import ReachRow
from backend.messages.routing import Reach, Target, routes
from backend.messages.views import DeliveryState, Message, Recipient, ToAccount, ToBots, ToEmail, ToPhone

MAX_TITLE = 120
"""Characters; longer ones are cut by every lock screen."""

MAX_TEXT = 2_000
"""Characters; WeCom's bots take 2 048 bytes and cut the rest, an SMS gateway sends 2 000 as some thirty parts."""


async def send_inside(firm: UUID, message: Message) -> UUID:
    """Write a message inside the caller's transaction: it is sent if, and only if, that commits.

    For an account it is in the inbox at once; the other channels are tried by the workers, again after failures, and the
    delivery log says what became of each. A channel that is not configured is shown as not sent, with the reason.

    Parameters
    ----------
    firm
        Whose message; the recipient is one of its accounts, or a number, an address, its bots.
    message
        What is told.

    Returns
    -------
    UUID
        The message; with a dedupe key that was used before, the first one's.

    Raises
    ------
    InvalidInput
        With all faults: an empty or long title or text, a number or address that is none.
    NotFound
        If the firm has no such account, or it is switched off.
    """
    faults = _faults(message)
    if faults:
        raise InvalidInput("the message cannot be sent", faults=faults)
    now, id = clock.now(), uuid4()  # noqa: A001 - as in the table
    reach = await _reach(firm, message.to)
    if not await queries.insert_message(firm, id, message, now):
        return await queries.message_with_key(firm, message.dedupe_key)
    for route in routes(message, reach, now):
        delivery = await queries.insert_delivery(firm, id, route, now)
        if route.state is DeliveryState.WAITING:
            await enqueue_delivery(delivery, route.due_at, now)
    if isinstance(message.to, ToAccount) and not message.secret:
        await queries.tell_live(inbox_topic(message.to.account))
    return id


def inbox_topic(account: UUID) -> str:
    """Return the topic under which an account's inbox is live."""
    return f"inbox:{account}"


async def enqueue_delivery(delivery: UUID, due_at: datetime, now: datetime) -> None:
    """Have a delivery tried at an instant, inside the caller's transaction."""
    await enqueue("deliver", {"delivery": delivery}, delay=max(due_at - now, timedelta(0)))


async def _reach(firm: UUID, to: Recipient) -> Reach:
    targets: list[Target] = []
    row: ReachRow | None
    if isinstance(to, ToAccount):
        row = await queries.reach_of_account(firm, to.account)
        targets += await queries.subscriptions_of(to.account)
    else:
        row = await queries.reach_of_firm(firm)
        targets += await queries.bots_of(firm) if isinstance(to, ToBots) else []
    if row is None:
        raise NotFound("no active account to send this to")
    return Reach(**msgspec.structs.asdict(row), targets=targets)


def _faults(message: Message) -> list[Fault]:
    faults: list[Fault] = []
    for name in ("title_zh", "title_en"):
        given = getattr(message, name)
        if not 1 <= len(given.strip()) <= MAX_TITLE:
            faults.append(Fault.of(name, given[:60], "give a title of up to {most} characters", most=MAX_TITLE))
    faults += [
        Fault.of(name, None, "give a text of up to {most} characters", most=MAX_TEXT)
        for name in ("text_zh", "text_en")
        if len(getattr(message, name)) > MAX_TEXT
    ]
    match message.to:
        case ToPhone(number) if not is_phone(number):
            faults.append(
                Fault("to.number", number[:40], "give a phone number of 5 to 20 digits, with + and dashes at the most")
            )
        case ToEmail(address) if not is_email(address):
            faults.append(Fault("to.address", address[:80], "give an e-mail address"))
        case _:
            pass
    return faults


_PHONE_DIGITS = range(5, 21)
_MOST_EMAIL = 254
"""RFC 5321 section 4.5.3.1.3: a path of 256 characters with its brackets."""


def is_phone(number: str) -> bool:
    """Return whether a text can be a phone number."""
    bare = number.replace("-", "").replace(" ", "").removeprefix("+")
    return bare.isascii() and bare.isdigit() and len(bare) in _PHONE_DIGITS


def is_email(address: str) -> bool:
    """Return whether a text can be an e-mail address; what it is not is found out by sending."""
    name, _, host = address.partition("@")
    plain = address.isascii() and address.isprintable() and not any(sign in address for sign in " ,;<>\"'()[]\\?&#%/:")
    return plain and bool(name) and "." in host and "@" not in host and len(address) <= _MOST_EMAIL
