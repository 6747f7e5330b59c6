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
from backend.telemetry.mqtt_wire import Connection, ConnectionLost, Delivery, MqttAddress, connect
from backend.telemetry.views import Problem

MAX_BATCH = 1000
"""Messages of one transaction."""

AT_ONCE = 2
"""Transactions under way: one is read and placed here while the database writes the other."""

LINGER_S = 0.005
"""How long a message waits for others to share its transaction."""

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
"""Between attempts to reach a broker or a database that does not answer; doubled from the first to the longest."""

DEFAULT_URL = "mqtt://127.0.0.1:1883"

_PORTS = {"mqtt": 1883, "mqtts": 8883}

log = structlog.get_logger("backend.telemetry.mqtt")


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
        except ConnectionLost as error:
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
        """Connect, subscribe, and take messages until told to stop or the connection is lost (ConnectionLost)."""
        self.was_connected = False
        connection = await connect(parse_url(self._intake.url), self._client_id)
        try:
            share = self._intake.share
            await connection.subscribe([f"$share/{share}/{one}" if share else one for one in FILTERS])
            self.was_connected = True
            log.info("taking telemetry", topics=FILTERS, share=share, client_id=self._client_id)
            takers = [self._take_all(connection) for _ in range(AT_ONCE)]
            # Each ends by itself: what one has received is stored although another has found the connection lost.
            for ended in await asyncio.gather(*takers, return_exceptions=True):
                if isinstance(ended, BaseException):
                    raise ended
        finally:
            await connection.close()

    async def _take_all(self, connection: Connection) -> None:
        while not self._stop.is_set():
            batch = await connection.take(MAX_BATCH, self._stop, LINGER_S)
            if batch and await self._store(connection, batch):
                connection.acknowledge(batch)

    async def _store(self, connection: Connection, batch: Sequence[Delivery]) -> bool:
        """Store a batch, waiting for the database as long as it takes; False if told to stop before."""
        messages = [Incoming(one.topic, one.payload) for one in batch]
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
                self._tell(connection, outcomes)
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

    def _tell(self, connection: Connection, outcomes: Sequence[Outcome]) -> None:
        """Count what became of messages, and answer those that have a device to read it."""
        if self._intake.answers:  # an answer is a courtesy; what it tells is stored
            connection.publish([(one.answer_topic, answer(one)) for one in outcomes if one.known and one.answer_topic])
        for outcome in outcomes:
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
