"""A device's side of MQTT, quick enough for loads: publishes with quality 1, and keeps what was not answered yet."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

WINDOW = 1000
"""Messages under way before the broker acknowledges the first."""


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


async def publish_all(port: int, messages: Sequence[tuple[str, bytes]], *, per_second: float | None = None) -> int:
    """Publish messages in order; return how many from the beginning on were acknowledged, all unless the broker went away."""
    acknowledged = 0
    with suppress(OSError, asyncio.IncompleteReadError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_packet(0x10, _text("MQTT") + struct.pack(">BBH", 4, 2, 0) + _text("")))
        await reader.readexactly(4)
        loop = asyncio.get_running_loop()
        start, waiting, rest = loop.time(), deque[int](), b""
        at = 0
        while acknowledged < len(messages):
            most = len(messages) if per_second is None else int((loop.time() - start) * per_second) + 1
            chunk = []
            while at < len(messages) and at - acknowledged < WINDOW and at < most:
                topic, payload = messages[at]
                chunk.append(_packet(0x32, _text(topic) + struct.pack(">H", at % 65_535 + 1) + payload))
                waiting.append(at)
                at += 1
            if chunk:
                writer.write(b"".join(chunk))
            elif not waiting:
                await asyncio.sleep(0.001)
                continue
            with suppress(TimeoutError):
                data = await asyncio.wait_for(reader.read(65_536), 0.002 if at < len(messages) else None)
                if not data:
                    break
                rest += data
                count = len(rest) // 4  # an acknowledgement has four bytes, and comes in order
                acknowledged += count
                for _ in range(count):
                    waiting.popleft()
                rest = rest[4 * count :]
        writer.close()
    return acknowledged
