"""A connection to an MQTT broker that only takes messages: packets read many at a time, acknowledged many at a time.

Client libraries for Python hand on one message after the other, with several calls to the system for each; that alone takes a
core at 5 000 messages a second. A consumer needs little of the protocol: connect with a persistent session, subscribe, take
what is published, acknowledge it when it is stored, answer without a promise (quality 0), and stay alive.

MQTT 5 is spoken where the broker knows it, because a consumer can say there how many messages it takes before it acknowledges
(`RECEIVE_MAXIMUM`, whatever the broker's own setting), else MQTT 3.1.1. Specifications: OASIS, MQTT Version 5.0 (2019) and
MQTT Version 3.1.1 (2014).
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from msgspec import Struct

RECEIVE_MAXIMUM = 10_000
"""Messages that the broker may send before the first of them is acknowledged: two seconds of the busiest consumer."""

KEEP_ALIVE_S = 30
CONNECT_S = 10.0
"""How long a broker may take to answer a connection or a subscription."""

_MOST_WAITING = 2 * RECEIVE_MAXIMUM
"""From so many messages that wait on, nothing more is read: without promise (quality 0), a broker sends without limit."""

_READ_BYTES = 256 * 1024
_LARGEST_PACKET = 16 * 1024 * 1024
"""So much of a packet is read: more than the largest message that is taken, so that one cut here is seen to be too large."""


_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE, _SUBACK, _PINGREQ, _DISCONNECT = (
    0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xC0, 0xE0,
)  # fmt: skip
_NEWEST, _OLDER = 5, 4
"""Protocol levels: MQTT 5, and 3.1.1."""

_BAD_VERSION = frozenset({0x01, 0x84})
_REFUSAL = 0x80
"""From this reason on, an answer is a refusal."""


class ConnectionLost(Exception):
    """The broker is away, refused us or broke the protocol."""


class MqttAddress(Struct, frozen=True, kw_only=True):
    """Where a broker is, and who signs in there."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool


class Delivery(NamedTuple):
    """A message as it was delivered."""

    topic: str
    payload: bytes
    packet_id: int
    """To acknowledge it by; 0 where there is nothing to acknowledge."""


class Connection:
    """An open connection; make one with `connect`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, level: int) -> None:
        self._reader = reader
        self._writer = writer
        self._level = level
        self._waiting: deque[Delivery] = deque()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._answers: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue()
        self._lost: ConnectionLost | None = None
        self._to_pass = 0
        """Bytes still to come of a message that is larger than what is read of it."""
        self._held: Delivery | None = None
        """That message, until all of it came."""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._stay_alive())]

    async def subscribe(self, filters: Iterable[str]) -> None:
        """Subscribe with quality 1.

        Raises
        ------
        ConnectionLost
            If the broker refuses, or does not answer.
        """
        body = struct.pack(">H", 1) + (b"\0" if self._level == _NEWEST else b"")
        body += b"".join(_text(one) + b"\x01" for one in filters)
        self._writer.write(_packet(_SUBSCRIBE, body))
        kind, answer = await self._answer()
        begin, size = (_length(answer, 1, len(answer)) or (2, 0)) if self._level == _NEWEST else (2, 0)
        reasons = answer[begin + size :]
        if kind != _SUBACK or any(reason >= _REFUSAL for reason in reasons):
            raise ConnectionLost("the broker refuses the subscription: see its access list")

    async def take(self, most: int, stopped: asyncio.Event, linger_s: float) -> list[Delivery]:
        """Return messages that came, in their order, as soon as there is one and a moment later.

        None where told to stop. What was received before the connection was lost is still returned; only then:

        Raises
        ------
        ConnectionLost
            If the connection is lost.
        """
        if not self._waiting and self._lost is None and not stopped.is_set():
            self._news.clear()
            stop = asyncio.ensure_future(stopped.wait())
            news = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait({stop, news}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stop.cancel()
                news.cancel()
        if self._waiting and len(self._waiting) < most and self._lost is None and not stopped.is_set():
            await asyncio.sleep(linger_s)
        taken = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._room.set()
        if not taken and self._lost is not None:
            raise self._lost
        return taken

    def acknowledge(self, deliveries: Iterable[Delivery]) -> None:
        """Tell the broker that messages are stored; one that is lost meanwhile sends them again."""
        ids = [one.packet_id for one in deliveries if one.packet_id]
        if ids and self._lost is None:
            self._writer.write(b"".join([struct.pack(">BBH", _PUBACK, 2, packet_id) for packet_id in ids]))

    def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Publish with quality 0: sent if the broker is there."""
        if messages and self._lost is None:
            properties = b"\0" if self._level == _NEWEST else b""
            self._writer.write(b"".join([_packet(_PUBLISH, _text(topic) + properties + body) for topic, body in messages]))

    @property
    def is_lost(self) -> bool:
        """Whether the connection is lost."""
        return self._lost is not None

    async def close(self) -> None:
        """Take leave, so that the broker keeps the session and sends no will."""
        if self._lost is None:
            with suppress(OSError):
                self._writer.write(_packet(_DISCONNECT, b""))
                await asyncio.wait_for(self._writer.drain(), CONNECT_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), CONNECT_S)

    async def _answer(self) -> tuple[int, bytes]:
        try:
            kind, body = await asyncio.wait_for(self._answers.get(), CONNECT_S)
        except TimeoutError as error:
            raise self._lost or ConnectionLost("the broker does not answer") from error
        if kind == _DISCONNECT:
            raise self._lost or ConnectionLost("the broker hung up")
        return kind, body

    async def greet(self, hello: bytes) -> int:
        """Send the first packet; return the reason in the broker's answer, 0 for yes."""
        self._writer.write(_packet(_CONNECT, hello))
        kind, answer = await self._answer()
        if kind != _CONNACK or len(answer) < 2:
            raise ConnectionLost("this is no MQTT broker")
        return answer[1]

    async def _read(self) -> None:
        pending = bytearray()
        try:
            while True:
                data = await asyncio.wait_for(self._reader.read(_READ_BYTES), 2 * KEEP_ALIVE_S)
                if not data:
                    self._lose(ConnectionLost("the broker hung up"))
                    return
                pending += data
                del pending[: self._parse(pending)]
                while len(self._waiting) > _MOST_WAITING:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            self._lose(ConnectionLost("the broker is silent"))
        except (OSError, struct.error, IndexError, UnicodeDecodeError) as error:
            self._lose(ConnectionLost(str(error) or type(error).__name__))
        except ConnectionLost as error:
            self._lose(error)

    def _lose(self, error: ConnectionLost) -> None:
        self._lost = self._lost or error
        self._news.set()
        self._answers.put_nowait((_DISCONNECT, b""))

    def _parse(self, data: bytearray) -> int:
        """Take the whole packets out of what came; return how many bytes they were.

        Of a message larger than any that is taken the beginning is read, and the rest passed over: whoever hung up on it would
        be sent it anew by every connection to come, and nothing after it.
        """
        end = len(data)
        at = self._pass_over(0, end)
        while not self._to_pass:
            found = _length(data, at, end)
            if found is None:
                break
            begin, size = found
            read = min(size, _LARGEST_PACKET)
            if begin + read > end:
                break
            self._took(data[at], bytes(data[begin : begin + read]), size - read)
            at = self._pass_over(begin + read, end)
        if self._waiting:
            self._news.set()
        return at

    def _took(self, first: int, body: bytes, more: int) -> None:
        """Take a packet, of which so many bytes more are still to come."""
        kind = first & 0xF0
        if more and kind != _PUBLISH:
            raise ConnectionLost("a packet is larger than any can be")
        if more:
            self._held, self._to_pass = _delivery(body, first, self._level), more
        elif kind == _PUBLISH:
            self._waiting.append(_delivery(body, first, self._level))
        elif kind in (_CONNACK, _SUBACK):
            self._answers.put_nowait((kind, body))
        elif kind == _DISCONNECT:
            raise ConnectionLost(f"the broker ends the connection (reason {body[0] if body else 0})")

    def _pass_over(self, at: int, end: int) -> int:
        """Pass over what came of the rest of a message that is too large; return the place behind it."""
        passed = min(self._to_pass, end - at)
        self._to_pass -= passed
        if self._held is not None and not self._to_pass:
            self._waiting.append(self._held)
            self._held = None
        return at + passed

    async def _stay_alive(self) -> None:
        while self._lost is None:
            await asyncio.sleep(KEEP_ALIVE_S / 2)
            self._writer.write(_packet(_PINGREQ, b""))


async def connect(address: MqttAddress, client_id: str) -> Connection:
    """Connect with a persistent session.

    Raises
    ------
    ConnectionLost
        If the broker is away or refuses us.
    """
    for level in (_NEWEST, _OLDER):
        connection = await _open(address, level)
        reason = None
        try:
            reason = await connection.greet(_hello(address, client_id, level))
            if reason == 0:
                return connection
        except ConnectionLost:
            if level == _OLDER:  # some hang up on a version that they do not know
                raise
        finally:
            if reason != 0:
                await connection.close()
        if reason is not None and reason not in _BAD_VERSION:
            raise ConnectionLost(f"the broker refuses us (reason {reason}): check user, password and client id")
    raise ConnectionLost("the broker speaks neither MQTT 5 nor 3.1.1")


async def _open(address: MqttAddress, level: int) -> Connection:
    context = ssl.create_default_context() if address.tls else None
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context, limit=_READ_BYTES)
    except (OSError, TimeoutError) as error:
        raise ConnectionLost(str(error) or "the broker does not answer") from error
    return Connection(reader, writer, level)


def _hello(address: MqttAddress, client_id: str, level: int) -> bytes:
    flags = (0x80 if address.username is not None else 0) | (0x40 if address.password is not None else 0)
    body = _text("MQTT") + struct.pack(">BBH", level, flags, KEEP_ALIVE_S)
    if level == _NEWEST:  # a session that never ends, and how much may be under way
        properties = struct.pack(">BIBH", 0x11, 0xFFFFFFFF, 0x21, RECEIVE_MAXIMUM)
        body += bytes([len(properties)]) + properties
    body += _text(client_id)
    for text in (address.username, address.password):
        body += b"" if text is None else _text(text)
    return body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data


def _packet(kind: int, body: bytes) -> bytes:
    length, size = bytearray(), len(body)
    while True:
        size, low = divmod(size, 128)
        length.append(low | (0x80 if size else 0))
        if not size:
            return bytes([kind]) + length + body


def _length(data: bytes | bytearray, at: int, end: int) -> tuple[int, int] | None:
    """Return where the body of the packet at a place begins and how long it is; None where that has not come yet."""
    size = shift = 0
    for place in range(at + 1, min(at + 5, end)):
        byte = data[place]
        size |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return place + 1, size
        shift += 7
    if end > at + 5:
        raise ConnectionLost("this is no MQTT")
    return None


def _delivery(body: bytes, first: int, level: int) -> Delivery:
    end = 2 + int.from_bytes(body[:2], "big")
    topic = body[2:end].decode(errors="replace")
    packet_id = 0
    if first & 0x06:
        packet_id = int.from_bytes(body[end : end + 2], "big")
        end += 2
    if level == _NEWEST:
        found = _length(body, end - 1, len(body))
        if found is None:
            raise ConnectionLost("this is no MQTT")
        end = found[0] + found[1]
    return Delivery(topic, body[end:], packet_id)
