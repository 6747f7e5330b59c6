"""Telemetry sources and their keys, and counters that were replaced: what managers look after."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from backend import clock, database, paging
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.people.service import audit
from backend.scope import Scope
from backend.telemetry import intake_queries, queries
from backend.telemetry.late import count_anew
from backend.telemetry.mqtt_topics import KEY_PREFIX
from backend.telemetry.values import FUTURE_TOLERANCE
from backend.telemetry.views import DevicePage, DeviceView
from backend.telemetry.vocabulary import vocabulary

MAX_WIDTH = 2**63 - 1

_NAME = re.compile(r"[^\s/+#$\x00-\x1f\x7f]{1,64}")
"""One level of an MQTT topic: no space, no slash, no wildcard, and no $, with which a broker's own topics begin."""

_NAME_HELP = "use 1 to 64 characters without spaces, /, +, # and $: the name is a part of the MQTT topic"


def hash_key(key: str) -> str:
    """Return what is stored of a device key: its SHA-256, hexadecimal (a key has 256 random bits, so no salt is needed)."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


async def add_device(
    scope: Scope, elevator: UUID | None, name: str, widths: Mapping[str, int] | None = None
) -> tuple[DeviceView, str]:
    """Make a device of the asker's firm.

    Parameters
    ----------
    scope
        The asker; needs a firm.
    elevator
        The only elevator that it speaks for; None for a gateway of the firm.
    name
        Names it in MQTT topics; unique in the firm.
    widths
        Counter → value at which it rolls over to zero, for counters narrower than 32 bits.

    Returns
    -------
    tuple of DeviceView and str
        The device, and its key, which is shown this once.

    Raises
    ------
    InvalidInput
        With all faults of name and widths.
    NotFound
        If the firm has no such elevator.
    Conflict
        If the firm has a device of that name.
    """
    firm = scope.require_firm()
    name, given = name.strip(), dict(widths or {})
    _require_sound(name, given)
    key = _new_key()
    async with database.tx(scope):
        if elevator is not None and not await queries.elevator_exists(elevator):
            raise NotFound("no elevator {elevator}", elevator=elevator)
        made = await queries.insert_device(
            firm=firm, elevator=elevator, name=name, key_hash=hash_key(key), widths=given, created_at=clock.now()
        )
        if made is None:
            raise Conflict("a device is called {name} already", name=name)
        await audit(firm, scope.account, "device.added", str(made), {"name": name})
        return await _device_inside(made), key


def _require_sound(name: str | None, widths: Mapping[str, int] | None) -> None:
    faults = []
    if name is not None and not _NAME.fullmatch(name):
        faults.append(Fault("name", name[:80], _NAME_HELP))
    counters = vocabulary().counters
    for counter, width in (widths or {}).items():
        if counter not in counters:
            faults.append(Fault(f"widths.{counter[:40]}", None, "there is no such counter"))
        elif not 2 <= width <= MAX_WIDTH:
            faults.append(Fault(f"widths.{counter}", str(width), "give the value at which it rolls over, such as 65536"))
    if faults:
        raise InvalidInput("the device cannot be kept like this", faults=faults)


async def _device_inside(device: UUID) -> DeviceView:
    found = await queries.device(device)
    if found is None:
        raise NotFound("no device {device}", device=device)
    return found


async def list_devices(
    scope: Scope,
    *,
    text: str | None = None,
    silent_since: datetime | None = None,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> DevicePage:
    """Return devices by name.

    Parameters
    ----------
    scope
        Whose.
    text
        Part of the name or of the elevator's registration code.
    silent_since
        Only active ones without a sign of life since.
    cursor, limit
        Of the page.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list or the limit is not in 1..1000.
    """
    after = paging.decode(cursor, (str, UUID))
    limit = paging.bounded(limit)
    async with database.tx(scope):
        rows = await queries.devices(after, limit + 1, text, silent_since)
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return DevicePage(rows=rows[:limit], next_cursor=None if last is None else paging.encode((last.name, last.id)))


async def device(scope: Scope, device: UUID) -> DeviceView:
    """Return a device.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return await _device_inside(device)


async def change_device(
    scope: Scope,
    device: UUID,
    *,
    name: str | None = None,
    active: bool | None = None,
    widths: Mapping[str, int] | None = None,
) -> DeviceView:
    """Change what is given; other widths hold for the readings to come.

    Raises
    ------
    InvalidInput, NotFound, Conflict
        As `add_device`.
    """
    name = None if name is None else name.strip()
    given = None if widths is None else dict(widths)
    _require_sound(name, given)
    async with database.tx(scope):
        await _device_inside(device)
        if name is not None and await queries.name_is_taken(name, device):
            raise Conflict("a device is called {name} already", name=name)
        await queries.update_device(device, name=name, active=active, widths=given)
        detail = {"name": name, "active": active, "widths": given}
        told = {field: value for field, value in detail.items() if value is not None}
        await audit(scope.firm, scope.account, "device.changed", str(device), told)
        return await _device_inside(device)


async def switch_device(scope: Scope, device: UUID, *, active: bool) -> DeviceView:
    """Switch a device on or off; off ends its intake at once.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    return await change_device(scope, device, active=active)


async def rotate_key(scope: Scope, device: UUID) -> tuple[DeviceView, str]:
    """Give a device a new key, which is shown this once; the old one ends at once.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    key = _new_key()
    async with database.tx(scope):
        if not await queries.set_key_hash(device, hash_key(key)):
            raise NotFound("no device {device}", device=device)
        await audit(scope.firm, scope.account, "device.key_rotated", str(device))
        return await _device_inside(device), key


async def note_counter_base(
    scope: Scope, elevator: UUID, *, counter: str | None = None, at: datetime | None = None, note: str = ""
) -> datetime:
    """Note that a counter was replaced or set to another total: the step over that instant counts nothing.

    Without it a counter that jumps up, or starts anew at more than can have been made since, is refused for good.

    Parameters
    ----------
    scope, elevator
        Who, and which.
    counter
        None for all counters of the elevator.
    at
        When, aware; now if None. Readings from this instant on are of the new counter.
    note
        Why, for people.

    Returns
    -------
    datetime
        The instant.

    Raises
    ------
    InvalidInput
        If there is no such counter or the instant lies in the future.
    NotFound
        If the asker's firm has no such elevator.
    """
    now = clock.now()
    at = now if at is None else at
    counters = vocabulary().counters
    if counter is not None and counter not in counters:
        raise InvalidInput("this cannot be noted", faults=[Fault("counter", counter[:80], "there is no such counter")])
    if at > now + FUTURE_TOLERANCE:
        raise InvalidInput("this cannot be noted", faults=[Fault("at", at.isoformat(), "give an instant in the past")])
    async with database.tx(scope):
        place = await queries.place_of(elevator)
        if place is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        await intake_queries.lock_elevators(place.firm, [elevator])
        await queries.insert_base(
            firm=place.firm, elevator=elevator, counter=counter or "", at=at, note=note, recorded_by=scope.account,
            recorded_at=now,
        )  # fmt: skip
        names = [counter] if counter else await queries.counters_of(elevator)
        await count_anew(place.firm, elevator, names, at, for_all=counter is None)
        await audit(place.firm, scope.account, "counter.replaced", str(elevator), {"counter": counter, "at": at})
    return at
