"""Messages of foreign formats: read by their adapter, taken like records of ours, and kept as they came if they are not.

What is counted is what a message states: each set of values with a time of its own is a record, and `accepted + duplicates +
len(rejected)` is the number of records and of parts that could not be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from backend import clock, database
from backend.errors import NotFound, NotSignedIn
from backend.scope import Scope
from backend.telemetry import dialect_queries, queries
from backend.telemetry.adapters.dialect import Context
from backend.telemetry.adapters.reading import ADAPTERS, ReadMessages, messages_of, read_messages
from backend.telemetry.ingest import Batch, DeviceSource, ingest_inside
from backend.telemetry.mqtt_topics import route_of, take_key, with_hint
from backend.telemetry.rejected import Refused, keep_inside
from backend.telemetry.views import IngestResult, Rejection


class ForeignBatch(Struct, frozen=True, kw_only=True):
    """Messages of one device that were read."""

    read: ReadMessages
    messages: Sequence[object]
    batch: Batch

    def refused(self) -> list[Refused]:
        """Return what is to be kept of messages that could not be read."""
        return [
            Refused(
                device=None if self.batch.device is None else self.batch.device.id, field=problem.field,
                template=problem.template, params=problem.params, body=self.messages[index], adapter=self.batch.adapter,
                topic=self.batch.topic,
            )
            for index, problem in self.read.refused
        ]  # fmt: skip

    def answer(self, result: IngestResult) -> IngestResult:
        """Return what became of the messages, from what became of their records."""
        unread = [
            Rejection(index=index, field=problem.field, template=problem.template, params=problem.params)
            for index, problem in self.read.refused
        ]
        rejected = [
            msgspec.structs.replace(
                one, index=self.read.indexes[one.index], field=self.read.field_of(one.index, one.field),
                also=[msgspec.structs.replace(other, field=self.read.field_of(one.index, other.field)) for other in one.also],
            )
            for one in result.rejected
        ]  # fmt: skip
        return IngestResult(
            accepted=result.accepted,
            duplicates=result.duplicates,
            rejected=sorted(unread + rejected, key=lambda one: one.index),
        )


async def ingest_foreign(scope: Scope, adapter: str, body: bytes, *, source: str = "http") -> IngestResult:
    """Take a foreign format's message, or a list of them, in one transaction.

    Parameters
    ----------
    scope
        A device.
    adapter
        A name of `ADAPTERS`.
    body
        UTF-8 JSON.
    source
        The way it came, kept with what is rejected.

    Raises
    ------
    NotFound
        If there is no such adapter.
    InvalidInput
        If the body is no JSON, or holds too many messages.
    NotSignedIn
        If the device was switched off meanwhile.
    """
    require_adapter(adapter)
    firm, now = scope.require_firm(), clock.now()
    messages = messages_of(body)
    async with database.tx(scope):
        device = None if scope.device is None else await queries.active_device(scope.device)
        if device is None:
            raise NotSignedIn("this device is switched off")
        return await take_inside(firm, device, adapter, messages, source=source, received_at=now, now=now)


def require_adapter(adapter: str) -> None:
    """Refuse the name of an adapter that there is not.

    Raises
    ------
    NotFound
        With the names that there are.
    """
    if adapter not in ADAPTERS:
        known = ", ".join(sorted(ADAPTERS))
        raise NotFound("there is no adapter {adapter}; there are {known}", adapter=adapter[:40], known=known)


async def take_inside(
    firm: UUID,
    device: DeviceSource,
    adapter: str,
    messages: Sequence[object],
    *,
    source: str,
    received_at: datetime,
    now: datetime,
    topic: str = "",
    keep: bool = True,
) -> IngestResult:
    """Take messages of a device inside the caller's transaction; also for messages that are replayed.

    Parameters
    ----------
    firm, device
        Whose.
    adapter
        The messages' format.
    messages
        Each as parsed JSON.
    source
        The way they came.
    received_at
        When they arrived: the time of what has none.
    now
        The present instant.
    topic
        Where they were published, over MQTT.
    keep
        Whether what is rejected is kept; not where it is kept already.
    """
    route = route_of(topic)
    context = await context_of(device, received_at, "" if route is None else route.hint)
    told = messages if route is None else [with_hint(message, route) for message in messages]
    made = read_batch(adapter, told, context, device, topic)
    [result] = await ingest_inside(firm, [made.batch], source=source, now=now, keep=keep)
    if keep:
        await keep_inside(firm, made.refused(), source=source, now=now)
    return made.answer(result)


def read_batch(
    adapter: str, messages: Sequence[object], context: Context, device: DeviceSource, topic: str = ""
) -> ForeignBatch:
    """Read messages of one device; a key in one of them is no value."""
    for message in messages:
        take_key(message)
    read = read_messages(adapter, messages, context)
    originals = [messages[index] for index in read.indexes]
    batch = Batch(records=read.records, device=device, adapter=adapter, originals=originals, topic=topic)
    return ForeignBatch(read=read, messages=messages, batch=batch)


async def context_of(device: DeviceSource, received_at: datetime, hint: str = "") -> Context:
    """Return what an adapter must know beside a message of a device, inside the caller's transaction."""
    [found] = await dialect_queries.contexts([device.id])
    return context_from(found, received_at, hint)


def context_from(known: dialect_queries.KnownDevice, received_at: datetime, hint: str = "") -> Context:
    """Return what an adapter must know, from what is stored of the device."""
    zone = ZoneInfo(known.dialect.time_zone or known.time_zone)
    return Context(received_at=received_at, zone=zone, elevator=known.registration_code, dialect=known.dialect, topic=hint)
