"""Telemetry over MQTT: a consumer that acknowledges a message when it is stored, and not before.

The session is persistent and the subscription of quality 1: what is published while the consumer is away, or was taken and
not yet stored when it ended, comes again, and counts once all the same.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import aiomqtt
import asyncpg
import msgspec
import structlog
from msgspec import Struct

from backend import database
from backend.errors import Fault, InvalidInput, Unavailable
from backend.telemetry.mqtt_batch import Incoming, Outcome, set_aside, take
from backend.telemetry.mqtt_topics import FILTERS
from backend.telemetry.views import Problem

MAX_BATCH = 200
"""Messages of one transaction."""

QUIET_S = 0.01
"""A batch ends when nothing came for this long: a broker sends no more (20, with Mosquitto's defaults) until it is told."""

LONGEST_BATCH_S = 0.25
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
"""Between attempts to reach a broker or a database that does not answer; doubled from the first to the longest."""

DEFAULT_URL = "mqtt://127.0.0.1:1883"

_PORTS = {"mqtt": 1883, "mqtts": 8883}

log = structlog.get_logger("backend.telemetry.mqtt")


class MqttAddress(Struct, frozen=True, kw_only=True):
    """Where a broker is, and who signs in there."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool


class Intake(Struct, frozen=True, kw_only=True):
    """How messages are taken."""

    url: str = DEFAULT_URL
    share: str | None = None
    """Name of a group of consumers among whom the broker shares the messages out; None: this one takes all."""

    client_id: str | None = None
    """Name of the session at the broker; from the host's name if None. Consumers on one host need one each."""

    require_key: bool = False
    """Whether every payload must carry its device's key: for brokers that let anybody publish under any name."""

    answers: bool = True
    """Whether what became of a message is published, to `liftrounds/v1/{device}/answer` or where the format has it."""


class Counts(Struct, kw_only=True):
    """What a consumer has taken so far."""

    messages: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    bad_messages: int = 0
    """That were not taken as a whole."""


def parse_url(url: str) -> MqttAddress:
    """Read the address of a broker: `mqtt[s]://[user:password@]host[:port]`.

    Raises
    ------
    InvalidInput
        If it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or not port:
        fault = Fault("mqtt", None, "use mqtt://host:1883 or mqtts://host:8883, with user:password@ before the host if needed")
        raise InvalidInput("this is no address of an MQTT broker", faults=[fault])
    return MqttAddress(
        host=parts.hostname, port=port, tls=parts.scheme == "mqtts",
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )  # fmt: skip


def client_for(url: str, *, client_id: str | None = None, persistent: bool = False) -> aiomqtt.Client:
    """Return a client of the broker at an address, not yet connected."""
    address = parse_url(url)
    return aiomqtt.Client(
        address.host,
        address.port,
        username=address.username,
        password=address.password,
        identifier=client_id,
        clean_session=not persistent,
        tls_params=aiomqtt.TLSParameters() if address.tls else None,
        timeout=10,
    )


async def consume(intake: Intake, stop: asyncio.Event, *, counts: Counts | None = None) -> Counts:
    """Take messages until told to stop; come back after every loss of the broker or the database.

    Parameters
    ----------
    intake
        From where, and how.
    stop
        Ends it: what was received is stored and acknowledged first.
    counts
        Counted up while it goes on; a new one if None.
    """
    counts = counts or Counts()
    consumer = _Consumer(intake, stop, counts)
    wait_s = FIRST_WAIT_S
    while not stop.is_set():
        try:
            await consumer.connected_once()
        except aiomqtt.MqttError as error:
            if consumer.was_connected:
                wait_s = FIRST_WAIT_S
            log.warning("no connection to the broker", reason=str(error), again_in_s=wait_s)
            await _wait(stop, wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
    log.info("intake ended", **msgspec.structs.asdict(counts))
    return counts


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


class _Consumer:
    """One consumer; each call of `connected_once` is one connection."""

    def __init__(self, intake: Intake, stop: asyncio.Event, counts: Counts) -> None:
        self._intake = intake
        self._stop = stop
        self._counts = counts
        self._client_id = intake.client_id or f"liftrounds-ingest-{socket.gethostname()}"
        self.was_connected = False

    async def connected_once(self) -> None:
        """Connect, subscribe, and take messages until told to stop or the connection is lost (MqttError)."""
        self.was_connected = False
        client = client_for(self._intake.url, client_id=self._client_id, persistent=True)
        # aiomqtt has no word for this yet: a message is acknowledged by us, when it is stored.
        client._client.manual_ack_set(True)  # noqa: SLF001
        async with client:
            self.was_connected = True
            share = self._intake.share
            await client.subscribe([(f"$share/{share}/{one}" if share else one, 1) for one in FILTERS])
            log.info("taking telemetry", topics=FILTERS, share=share, client_id=self._client_id)
            await self._take_all(client)

    async def _take_all(self, client: aiomqtt.Client) -> None:
        incoming = _Batches(client)
        stopped = asyncio.create_task(self._stop.wait())
        try:
            while not self._stop.is_set():
                batch = await incoming.next(stopped)
                if batch and await self._store(client, batch):
                    for message in batch:
                        client._client.ack(message.mid, message.qos)  # noqa: SLF001 - see above
        finally:
            stopped.cancel()
            await incoming.close()

    async def _store(self, client: aiomqtt.Client, batch: Sequence[aiomqtt.Message]) -> bool:
        """Store a batch, waiting for the database as long as it takes; False if told to stop before."""
        messages = [Incoming(str(message.topic), _bytes(message.payload)) for message in batch]
        wait_s = FIRST_WAIT_S
        while True:
            try:
                outcomes = await self._taken(messages)
            except _ERRORS as error:
                log.warning("the database does not answer", reason=str(error) or type(error).__name__, again_in_s=wait_s)
                await _wait(self._stop, wait_s)
                if self._stop.is_set():
                    return False  # not acknowledged: it comes again
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            else:
                await self._tell(client, outcomes)
                return True

    async def _taken(self, messages: Sequence[Incoming]) -> list[Outcome]:
        """Take messages together, or one by one where one of them meets a mistake of ours."""
        try:
            return await take(messages, require_key=self._intake.require_key)
        except Exception as error:
            if _passes(error):
                raise
            if len(messages) > 1:
                return [outcome for message in messages for outcome in await self._taken([message])]
            log.exception("a message could not be taken", bytes=len(messages[0].payload))
        problem = Problem("message", "this message met a mistake of ours; it is kept, and the mistake has been noted")
        await set_aside(messages[0], problem)
        return [Outcome(device="", known=False, problem=problem)]

    async def _tell(self, client: aiomqtt.Client, outcomes: Sequence[Outcome]) -> None:
        """Count what became of messages, and answer those that have a device to read it."""
        for outcome in outcomes:
            if self._intake.answers and outcome.known and outcome.answer_topic:
                with suppress(aiomqtt.MqttError):  # an answer is a courtesy; what it tells is stored
                    await client.publish(outcome.answer_topic, answer(outcome), qos=0)
            self._counts.messages += 1
            if outcome.result is None:
                self._counts.bad_messages += 1
                log.warning("message not taken", **_shown(outcome))
            else:
                self._counts.accepted += outcome.result.accepted
                self._counts.duplicates += outcome.result.duplicates
                self._counts.rejected += len(outcome.result.rejected)


def _shown(outcome: Outcome) -> dict[str, object]:
    problem = outcome.problem
    return {} if problem is None else {"field": problem.field, "reason": problem.template.format(**problem.params)}


def answer(outcome: Outcome) -> bytes:
    """Return what became of a message as JSON: that of HTTP, with `error` where it was not taken as a whole."""
    result, problem = outcome.result, outcome.problem
    told: dict[str, object] = {
        "accepted": result.accepted if result else 0,
        "duplicates": result.duplicates if result else 0,
        "rejected": [{"index": one.index, "field": one.field, "reason": one.reason} for one in result.rejected]
        if result
        else [],
    }
    if problem is not None:
        told["error"] = {"field": problem.field, "reason": problem.template.format(**problem.params)}
    return msgspec.json.encode(told)


_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


def _passes(error: Exception) -> bool:
    """Return whether an error is the database's being away or busy, after which the same messages may be taken."""
    if isinstance(error, asyncpg.DataError):
        return False
    away = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.ObjectNotInPrerequisiteStateError)
    busy = asyncpg.exceptions.TransactionRollbackError
    return isinstance(error, (*away, busy)) or isinstance(database.refusal_of(error), Unavailable)


class _Batches:
    """The messages of one connection, in batches.

    The wait for the next message is never cut short: a message that is on its way out of the queue would be lost with it.
    """

    def __init__(self, client: aiomqtt.Client) -> None:
        self._messages = client.messages
        self._next: asyncio.Task[aiomqtt.Message] | None = None

    async def next(self, stopped: asyncio.Task[bool]) -> list[aiomqtt.Message]:
        """Return the messages that came together; none if told to stop."""
        loop = asyncio.get_running_loop()
        batch: list[aiomqtt.Message] = []
        end = float("inf")
        while len(batch) < MAX_BATCH and loop.time() < end:
            if self._next is None:
                self._next = asyncio.ensure_future(anext(self._messages))
            await asyncio.wait({self._next, stopped}, timeout=QUIET_S if batch else None, return_when=asyncio.FIRST_COMPLETED)
            if not self._next.done():
                break
            if not batch:
                end = loop.time() + LONGEST_BATCH_S
            if batch and self._next.exception() is not None:
                break  # store what came before the connection was lost
            batch.append(self._next.result())
            self._next = None
        return batch

    async def close(self) -> None:
        """Stop waiting."""
        if self._next is not None:
            self._next.cancel()
            with suppress(asyncio.CancelledError, aiomqtt.MqttError, StopAsyncIteration):
                await self._next


def _bytes(payload: object) -> bytes:
    return payload if isinstance(payload, bytes) else str(payload).encode()
