"""By which channels a message goes, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.messages.quiet import quiet_until
from backend.messages.views import Channel, DeliveryState, Kind, Message, ToAccount, ToBots, ToEmail, ToPhone
from backend.registry.numbers import dialled


class Target(Struct, frozen=True, kw_only=True):
    """A bot or a subscription."""

    id: UUID
    channel: Channel
    name: str


class Reach(Struct, frozen=True, kw_only=True):
    """What is known of how to reach a recipient, and when."""

    time_zone: str
    quiet_from_s: int | None = None
    quiet_to_s: int | None = None
    phone: str = ""
    email: str = ""
    by_email: bool = False
    digest: bool = False
    muted: Sequence[str] = ()
    targets: Sequence[Target] = ()


class Route(Struct, frozen=True, kw_only=True):
    """One delivery that is to be made."""

    channel: Channel
    target: str
    shown: str
    state: DeliveryState
    due_at: datetime


_SHOWN_END = 4


def masked_phone(number: str) -> str:
    """Return a number with its middle hidden, as people know their own: `138****0000`."""
    if len(number) <= _SHOWN_END:
        return "*" * len(number)
    head = number[: max(0, min(3, len(number) - _SHOWN_END - 2))]
    return f"{head}****{number[-_SHOWN_END:]}"


def masked_email(address: str) -> str:
    """Return an address with its name hidden: `w***@example.com`."""
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}"


def routes(message: Message, reach: Reach, now: datetime) -> list[Route]:
    """Return the deliveries of a message.

    Urgent and secret messages go at once. Others wait for the end of quiet hours, or for the morning's digest where the
    account wants one; what is muted is only in the inbox.
    """
    at_once = message.urgent or message.secret
    if not at_once and isinstance(message.to, ToAccount) and message.kind in reach.muted:
        return []
    state, due_at = DeliveryState.WAITING, now
    if not at_once:
        due_at = quiet_until(now, reach.quiet_from_s, reach.quiet_to_s, reach.time_zone) or now
        if reach.digest and message.kind not in (Kind.DIGEST, Kind.TEST):
            state = DeliveryState.DIGEST
    return [
        Route(channel=channel, target=target, shown=shown, state=state, due_at=due_at)
        for channel, target, shown in _ways(message, reach)
    ]


def _ways(message: Message, reach: Reach) -> Iterator[tuple[Channel, str, str]]:
    """Yield the channel, the target and what is shown of it."""
    match message.to:
        case ToPhone(number):
            yield Channel.SMS, number, masked_phone(number)
        case ToEmail(address):
            yield Channel.EMAIL, address, masked_email(address)
        case ToBots():
            yield from _pushes(reach)
        case ToAccount():
            yield from _ways_to_account(message, reach)


def _ways_to_account(message: Message, reach: Reach) -> Iterator[tuple[Channel, str, str]]:
    if message.secret:  # by one way only, and never to a lock screen
        if reach.phone:
            yield _sms(reach.phone)
        elif reach.email:
            yield Channel.EMAIL, reach.email, masked_email(reach.email)
        return
    yield from _pushes(reach)
    if message.urgent and reach.phone:
        yield _sms(reach.phone)
    if reach.email and (message.urgent or reach.by_email):
        yield Channel.EMAIL, reach.email, masked_email(reach.email)


def _sms(number: str) -> tuple[Channel, str, str]:
    """Return the way to an account's phone: dialled as gateways take it, and shown as its owner has written it."""
    return Channel.SMS, dialled(number), masked_phone(number)


def _pushes(reach: Reach) -> Iterator[tuple[Channel, str, str]]:
    for target in reach.targets:
        yield target.channel, str(target.id), target.name
