"""What becomes of MQTT messages: from topic and payload to an answer each, several messages in one transaction.

The topic names the device (by its name, its id, or the registration code of its elevator) and the format: see `mqtt_topics`.
Who may publish under a name is for the broker to say (user and access list, docs/operations.md); on top of that a payload
may carry the device's key beside its records, and an intake may require it. Whoever published: a message is taken only for
a device that is switched on, and only for the elevators which that device speaks for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from backend import clock, database
from backend.errors import InvalidInput
from backend.scope import SYSTEM, of_firm
from backend.telemetry import dialect_queries, queries
from backend.telemetry.adapters.reading import ADAPTERS, messages_of
from backend.telemetry.devices import hash_key
from backend.telemetry.foreign import ForeignBatch, context_from, read_batch
from backend.telemetry.ingest import NATIVE, Batch, DeviceSource, ingest_inside
from backend.telemetry.messages import Body, parse_body
from backend.telemetry.mqtt_topics import KEY_PREFIX, Route, route_of, take_key, unknown_adapter, with_hint
from backend.telemetry.rejected import MASK, Refused, keep_inside
from backend.telemetry.views import IngestResult, Problem

MAX_MESSAGE_BYTES = 8 * 1024 * 1024

SOURCE = "mqtt"


class Incoming(NamedTuple):
    """A message as it came."""

    topic: str
    payload: bytes


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one message."""

    device: str
    """As the topic names it; empty where the topic is none of ours."""

    known: bool
    """Whether there is such a device, so that an answer has somebody to read it."""

    answer_topic: str | None = None
    """Where the answer goes; None where nobody listens for it."""

    result: IngestResult | None = None
    """Of its records; None where the message as a whole was not taken."""

    problem: Problem | None = None
    """Why it was not taken."""


class _Message(Struct, kw_only=True):
    """A message on its way."""

    incoming: Incoming
    route: Route | None = None
    device: str = ""
    known: bool = False
    body: Body | None = None
    """Records, or messages of another format."""

    source: DeviceSource | None = None
    problem: Problem | None = None
    result: IngestResult | None = None


async def take(incoming: Sequence[Incoming], *, require_key: bool) -> list[Outcome]:
    """Take messages: one transaction per firm among them, and one for those that nobody is known to have sent.

    Parameters
    ----------
    incoming
        In the order of arrival.
    require_key
        Whether a payload without the device's key is refused.

    Returns
    -------
    list of Outcome
        One per message, in the same order; everything is stored when this returns.
    """
    now = clock.now()
    messages = [_read(one) for one in incoming]
    await _find_devices(messages, require_key=require_key)
    by_firm: dict[UUID | None, list[_Message]] = {}
    for message in messages:
        by_firm.setdefault(None if message.source is None else message.source.firm, []).append(message)
    for firm, theirs in by_firm.items():
        await _store(firm, theirs, now)
    return [
        Outcome(
            device=message.device, known=message.known, result=message.result, problem=message.problem,
            answer_topic=None if message.route is None else message.route.answer,
        )
        for message in messages
    ]  # fmt: skip


async def set_aside(incoming: Incoming, reason: Problem) -> None:
    """Keep a message that could not be taken for a mistake of ours."""
    async with database.tx(SYSTEM):
        refused = Refused(
            device=None, field=reason.field, template=reason.template, params=reason.params, body=incoming.payload,
            topic=incoming.topic, adapter=_format_of(route_of(incoming.topic)),
        )  # fmt: skip
        await keep_inside(None, [refused], source=SOURCE, now=clock.now())


def _format_of(route: Route | None) -> str:
    """Return the format of a message as it is kept; ours has no name."""
    return "" if route is None or route.adapter == NATIVE else route.adapter


async def resolve(incoming: Sequence[Incoming]) -> list[tuple[DeviceSource | None, Problem | None]]:
    """Return the device that each message would be laid to now, or why there is none; opens a transaction of its own."""
    messages = [_read(one) for one in incoming]
    for message in messages:
        if message.body is not None and message.body.key == MASK:  # keys are not kept with what was not accepted
            message.body = Body(records=message.body.records)
    await _find_devices(messages, require_key=False)
    return [(message.source, message.problem) for message in messages]


def _read(incoming: Incoming) -> _Message:
    """Read topic and payload, each fault noted."""
    message = _Message(incoming=incoming)
    route = message.route = route_of(incoming.topic)
    if route is None:
        message.problem = Problem("topic", "publish to liftrounds/v1/…/telemetry, with the device's name in between")
        unknown = unknown_adapter(incoming.topic)
        if unknown is not None:  # whose it is is known, so its firm sees it
            message.device, adapter = unknown
            params = {"adapter": adapter[:40], "known": ", ".join(sorted(ADAPTERS))}
            message.problem = Problem("topic", "there is no adapter {adapter}; there are {known}", params)
        return message
    message.device = route.device
    if len(incoming.payload) > MAX_MESSAGE_BYTES:
        reason = "the message is too large: send at most {most} bytes; split the batch"
        message.problem = Problem("message", reason, {"most": str(MAX_MESSAGE_BYTES)})
        return message
    try:
        message.body = _body(incoming.payload, route)
        message.device = message.device or message.body.key or ""
        if not message.device:
            reason = (
                "this topic names no device: send the device's key as key in the body, or let the broker put its name before"
            )
            message.problem = Problem("device", reason)
    except InvalidInput as error:
        fault = error.faults[0]
        message.problem = Problem(fault.path or "message", fault.reason.replace("{", "{{").replace("}", "}}"))
    return message


def _body(payload: bytes, route: Route) -> Body:
    """Read a payload: records, or messages of another format, each as it can be read without its topic."""
    if route.adapter == NATIVE:
        return parse_body(payload, with_key=True)
    messages = messages_of(payload)
    keys = [key for message in messages if (key := take_key(message)) is not None]
    return Body(records=[with_hint(message, route) for message in messages], key=keys[0] if keys else None)


async def _find_devices(messages: Sequence[_Message], *, require_key: bool) -> None:
    """Find the device that each topic names; a message without one has a problem."""
    names = {message.device for message in messages if message.device}
    async with database.tx(SYSTEM):
        named = await queries.devices_called(names, {hash_key(name) for name in names if name.startswith(KEY_PREFIX)})
    hashes = {name: hash_key(name) for name in names}
    meant = _meant(names, hashes, named)
    for message in messages:
        if not message.device:
            continue
        hashed, candidates = hashes[message.device], meant[message.device]
        message.known = bool(candidates)
        key = None if message.body is None else message.body.key
        proven = [one for one in candidates if one.key_hash in (hashed, None if key is None else hash_key(key))]
        problem = _doubt(message.device, candidates, proven, given=key is not None, require_key=require_key)
        if problem is not None:
            message.problem = problem
        else:
            message.source = (proven or candidates)[0].source


def _meant(
    names: Collection[str], hashes: Mapping[str, str], named: Sequence[queries.NamedDevice]
) -> dict[str, list[queries.NamedDevice]]:
    """Return the devices that topics may mean: that of the key or id if there is one, else by name, else by elevator.

    Where devices of several firms answer to a name, in whatever way, they are all returned: who names a device like another
    firm's elevator must not get what that elevator tells.
    """
    by_key: dict[str, list[queries.NamedDevice]] = {}
    by_id: dict[str, list[queries.NamedDevice]] = {}
    by_name: dict[str, list[queries.NamedDevice]] = {}
    by_elevator: dict[str, list[queries.NamedDevice]] = {}
    for one in named:
        by_key.setdefault(one.key_hash, []).append(one)
        by_id.setdefault(str(one.source.id), []).append(one)
        by_name.setdefault(one.source.name, []).append(one)
        by_elevator.setdefault(one.registration_code or "", []).append(one)
    return {
        name: by_key.get(hashes[name]) or by_id.get(name) or by_name.get(name, []) + by_elevator.get(name, []) for name in names
    }


def _doubt(
    name: str,
    candidates: Sequence[queries.NamedDevice],
    proven: Sequence[queries.NamedDevice],
    *,
    given: bool,
    require_key: bool,
) -> Problem | None:
    """Return why a message cannot be laid to one device."""
    shown = {"device": "lrd_…" if name.startswith(KEY_PREFIX) else name[:64]}
    if not candidates:
        return Problem("device", "no active device is called {device}", shown)
    if given and not proven:
        return Problem("key", "the key is not that of the device {device}", shown)
    if require_key and not proven:
        return Problem("key", "send the device's key in the body: this intake requires it")
    if len({one.source.firm for one in candidates}) > 1 and not proven:
        reason = "several devices are called {device}; use the device's id in the topic, or send its key in the body"
        return Problem("device", reason, shown)
    return None


async def _store(firm: UUID | None, messages: Sequence[_Message], now: datetime) -> None:
    """Store what one firm's messages say, and keep those that say nothing that can be taken."""
    async with database.tx(SYSTEM if firm is None else of_firm(firm)):
        sound = [message for message in messages if message.problem is None and message.body is not None]
        refused: list[Refused] = []
        if firm is not None and sound:
            refused = await _ingest(firm, sound, now)
        refused += [
            Refused(
                device=None if message.source is None else message.source.id, field=message.problem.field,
                template=message.problem.template, params=message.problem.params, body=message.incoming.payload,
                topic=message.incoming.topic, adapter=_format_of(message.route),
            )
            for message in messages
            if message.problem is not None
        ]  # fmt: skip
        await keep_inside(firm, refused, source=SOURCE, now=now)


async def _ingest(firm: UUID, sound: Sequence[_Message], now: datetime) -> list[Refused]:
    """Take in what one firm's messages say; return what their adapters could not read."""
    foreign = {message.source.id for message in sound if message.source and message.route and message.route.adapter != NATIVE}
    known = {one.id: one for one in await dialect_queries.contexts(foreign)} if foreign else {}
    batches: list[Batch] = []
    read: list[ForeignBatch | None] = []
    for message in sound:
        device, route, body = message.source, message.route, message.body
        if device is None or route is None or body is None:
            continue  # such a message has a problem, and is not sound
        one = None
        if route.adapter != NATIVE:
            context = context_from(known[device.id], now, route.hint)
            one = read_batch(route.adapter, body.records, context, device, message.incoming.topic)
        read.append(one)
        batches.append(Batch(records=body.records, device=device) if one is None else one.batch)
    results = await ingest_inside(firm, batches, source=SOURCE, now=now)
    for message, one, result in zip(sound, read, results, strict=True):
        message.result = result if one is None else one.answer(result)
    return [refused for one in read if one is not None for refused in one.refused()]
