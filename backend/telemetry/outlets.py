"""Where simulated telemetry goes: a file, the API of an installation, or an MQTT broker."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby, islice
from typing import IO, Any
from urllib.parse import urlsplit

import aiomqtt
from msgspec import Struct

from backend.errors import Fault, InvalidInput, NotAllowed, Unavailable
from backend.telemetry.mqtt import client_for

Record = dict[str, Any]

_TIMEOUT_S = 60
_ANSWER_S = 5.0
"""How long an answer over MQTT is waited for before the next message."""


class Sent(Struct, kw_only=True):
    """What became of what was sent."""

    records: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    first_reasons: list[str] = []

    def add(self, count: int, answer: dict[str, Any]) -> None:
        """Count one answer."""
        self.records += count
        self.accepted += answer["accepted"]
        self.duplicates += answer["duplicates"]
        self.rejected += len(answer["rejected"])
        for one in answer["rejected"][: 5 - len(self.first_reasons)]:
            self.first_reasons.append(f"{one['field']}: {one['reason']}")
        if "error" in answer:
            self.rejected += count
            self.first_reasons.append(f"{answer['error']['field']}: {answer['error']['reason']}")


def write(records: Iterable[Record], file: IO[str], done: Callable[[int], None]) -> int:
    """Write one record a line; return how many."""
    count = 0
    for record in records:
        file.write(json.dumps(record, separators=(",", ":")) + "\n")
        count += 1
        if count % 1000 == 0:
            done(1000)
    done(count % 1000)
    return count


def post(records: Iterable[Record], url: str, keys: dict[str, str], size: int, done: Callable[[int], None]) -> Sent:
    """Send records to the API in batches.

    Parameters
    ----------
    records
        Those of one elevator follow each other.
    url
        Of the installation, such as `http://127.0.0.1:8000`.
    keys
        Registration code → device key; '' for all others (a gateway's).
    size
        Records of one batch.
    done
        Told how many records were sent since the last call.

    Raises
    ------
    InvalidInput
        If the address is none, or the installation does not take a batch.
    NotAllowed
        If it does not know the key.
    Unavailable
        If it does not answer.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise InvalidInput("this is no address to post to", faults=[Fault("--post", url, "use http://host:port")])
    target = url.rstrip("/") + "/api/v1/telemetry"
    sent = Sent()
    for code, batch in _batches(records, keys, size):
        sent.add(len(batch), _post(target, keys.get(code, keys.get("", "")), batch))
        done(len(batch))
    return sent


def _batches(records: Iterable[Record], keys: dict[str, str], size: int) -> Iterator[tuple[str, list[Record]]]:
    """Yield batches of one key each, with the code that the key is found by."""
    for code, group in groupby(records, key=lambda record: record["elevator"] if record["elevator"] in keys else ""):
        while batch := list(islice(group, size)):
            yield code, batch


def _post(target: str, key: str, batch: Sequence[Record]) -> dict[str, Any]:
    body = json.dumps({"records": batch}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}", "Accept-Language": "en"}
    request = urllib.request.Request(target, body, headers)  # noqa: S310 - the scheme is checked above
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - see above
            told: dict[str, Any] = json.load(answer)
            return told
    except urllib.error.HTTPError as error:
        detail = error.read(2000).decode(errors="replace")
        if error.code in (401, 403):
            raise NotAllowed("the installation does not know this device key ({code})", code=error.code) from error
        raise InvalidInput(
            "the installation answered {code}: {detail}", code=error.code, detail=_detail(detail), faults=[]
        ) from error
    except (OSError, ValueError) as error:
        raise Unavailable("nothing answers at {url}: {reason}", url=target, reason=str(error)) from error


def _detail(text: str) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(text)["detail"])
    return text[:200]


async def publish(
    records: Iterable[Record], url: str, keys: dict[str, str], device: str | None, size: int, done: Callable[[int], None]
) -> Sent:
    """Publish records to a broker in messages, and read the answers where somebody gives them.

    Parameters
    ----------
    records, keys, size, done
        As for `post`; a key, if there is one, goes into the message.
    url
        `mqtt://host:port`.
    device
        Name of the device in the topic; each elevator's own registration code if None.

    Raises
    ------
    InvalidInput
        If the address is none.
    Unavailable
        If no broker answers there.
    """
    sent = Sent()
    client = client_for(url)
    try:
        async with client:
            await client.subscribe("liftrounds/v1/+/answer", qos=0)
            for code, batch in _by_elevator(records, device, size):
                key = keys.get(code, keys.get(""))
                body: dict[str, Any] = {"records": batch} if key is None else {"records": batch, "key": key}
                name = device or code
                await client.publish(f"liftrounds/v1/{name}/telemetry", json.dumps(body), qos=1)
                answer = await _answer(client, name)
                if answer is None:
                    sent.records += len(batch)  # nobody answers; the broker has it
                else:
                    sent.add(len(batch), answer)
                done(len(batch))
    except aiomqtt.MqttError as error:
        raise Unavailable("no broker answers: {reason}", reason=str(error)) from error
    return sent


async def _answer(client: aiomqtt.Client, name: str) -> dict[str, Any] | None:
    """Return what a device is answered; None where nobody answers in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_ANSWER_S):
            async for message in client.messages:
                if str(message.topic) == f"liftrounds/v1/{name}/answer":
                    told: dict[str, Any] = json.loads(bytes(message.payload))
                    return told
    return None


def _by_elevator(records: Iterable[Record], device: str | None, size: int) -> Iterator[tuple[str, list[Record]]]:
    for code, group in groupby(records, key=lambda record: "" if device else record["elevator"]):
        while batch := list(islice(group, size)):
            yield code, batch
