"""Foreign formats over a real Mosquitto: the topic tells the device and the format; answered where the format has answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import clock
from backend.scope import Role, Scope
from backend.telemetry import service
from backend.telemetry.mqtt import client_for
from backend.telemetry.mqtt_topics import FILTERS, Route, route_of
from tests.integration.backend.telemetry.conftest import CODE, value
from tests.integration.backend.telemetry.test_mqtt import consuming, publish
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import until

DEVICE = "box-7"


@pytest.fixture
async def mosquitto() -> AsyncIterator[Mosquitto]:
    broker = Mosquitto()
    await broker.start()
    yield broker
    await broker.stop()
    broker.remove()


@pytest.fixture
async def device(firm_scope: Scope, elevator: UUID) -> tuple[UUID, str]:
    made, key = await service.add_device(firm_scope, elevator, DEVICE)
    return made.id, key


def ts(minutes_ago: float) -> int:
    return int((clock.now() - timedelta(minutes=minutes_ago)).timestamp() * 1000)


async def exchange(url: str, topic: str, answered_on: str, body: Any) -> dict[str, Any]:
    """Publish as a device; return the answer."""
    async with client_for(url) as client:
        await client.subscribe(answered_on)
        await client.publish(topic, json.dumps(body).encode(), qos=1)
        async with asyncio.timeout(10):
            message = await anext(client.messages)
    told: dict[str, Any] = json.loads(bytes(message.payload))
    return told


async def events(elevator: UUID) -> list[str]:
    found: list[str] = await value(
        "SELECT coalesce(array_agg(raw_code ORDER BY at, raw_code), '{}') FROM telemetry_event WHERE elevator = $1", elevator
    )
    return found


async def test_the_topic_of_a_jtc340_names_device_and_event(
    mosquitto: Mosquitto, device: tuple[UUID, str], elevator: UUID
) -> None:
    trapped = {"Version": 1.0, "Params": {"Value": {"Type": 1}, "Time": ts(30) // 1000}}
    released = {"Version": 1.0, "Params": {"Value": {"Type": "1", "CloseTime": ts(10)}, "Time": ts(10)}}
    async with consuming(mosquitto.url) as counts:
        for event, body in (("LockEvent", trapped), ("LockClose", released), ("LockEvent", trapped)):
            paths = f"jtc/{DEVICE}/thing/event/{event}"
            told = await exchange(mosquitto.url, f"/device/{paths}/post/", f"/server/{paths}/post_reply/", body)
            assert told["rejected"] == []
        broken = await exchange(
            mosquitto.url, f"/device/jtc/{CODE}/thing/event/ErrorEvent/post", "/server/#", {"Params": {"Value": {}}}
        )
        assert broken["rejected"][0]["field"] == "Params.Value.ErrorType"
    assert (counts.accepted, counts.duplicates, counts.rejected) == (2, 1, 1)
    assert await events(elevator) == ["jtc340:lock-1", "jtc340:lock-1:close"]
    [kept] = (await service.rejected_records(Scope(role=Role.MANAGER, firm=await firm_of(elevator)))).rows
    assert (kept.adapter, kept.body) == ("jtc340", {"Event": "ErrorEvent", "Params": {"Value": {}}})


async def firm_of(elevator: UUID) -> UUID:
    found: UUID = await value("SELECT firm FROM elevator WHERE id = $1", elevator)
    return found


async def test_every_other_format_has_a_topic_of_its_own(
    mosquitto: Mosquitto, device: tuple[UUID, str], elevator: UUID
) -> None:
    messages = {
        "es1500": {"Parameters": {"Time": str(ts(30))}, "Alarm": {"ErrorCode": [205]}},
        "bacnet": {"time": ts(29), "fault-signals": ["position-lost"]},
        "gbt24476": {"time": ts(28), "code": 43},
        "thingsboard": {"ts": ts(27), "values": {"faultCode": "gbt24476:3"}},
    }
    async with consuming(mosquitto.url):
        for adapter, body in messages.items():
            topic = f"liftrounds/v1/{DEVICE}/telemetry/{adapter}"
            told = await exchange(mosquitto.url, topic, f"liftrounds/v1/{DEVICE}/answer", body)
            assert told == {"accepted": 1, "duplicates": 0, "rejected": []}, adapter
    assert await events(elevator) == ["es1500:205", "bacnet:position-lost", "gbt24476:43", "gbt24476:3"]


async def test_thingsboards_own_topics_know_the_device_by_its_key_or_by_what_the_broker_puts_before(
    mosquitto: Mosquitto, firm_scope: Scope, device: tuple[UUID, str], elevator: UUID
) -> None:
    _, key = await service.add_device(firm_scope, None, "gateway-7")
    async with consuming(mosquitto.url) as counts:
        await publish(mosquitto.url, "v1/devices/me/telemetry", {"ts": ts(30), "values": {"trips": 5, "key": device[1]}})
        await publish(mosquitto.url, "v1/devices/me/telemetry", {"trips": 6, "key": device[1]})
        await publish(mosquitto.url, "v1/gateway/telemetry", {CODE: [{"ts": ts(20), "values": {"trips": 7}}], "key": key})
        await publish(mosquitto.url, f"liftrounds/v1/{DEVICE}/v1/devices/me/telemetry", {"ts": ts(10), "values": {"trips": 8}})
        await publish(
            mosquitto.url, "liftrounds/v1/gateway-7/v1/gateway/telemetry", {CODE: [{"ts": ts(9), "values": {"trips": 9}}]}
        )
        await publish(mosquitto.url, "v1/devices/me/telemetry", {"trips": 10})
        await until(lambda: counts.messages == 6)
    assert (counts.accepted, counts.bad_messages) == (5, 1)
    assert await value("SELECT count(*) FROM telemetry_record WHERE gauges::text LIKE '%lrd_%'") == 0


async def test_a_foreign_message_delivered_twice_counts_once(mosquitto: Mosquitto, device: tuple[UUID, str]) -> None:
    topic = f"liftrounds/v1/{DEVICE}/telemetry/thingsboard"
    async with consuming(mosquitto.url) as counts:
        both = [{"ts": ts(30), "values": {"trips": 5}}, {"ts": ts(29), "values": {"trips": 6}}]
        for _ in range(3):
            await publish(mosquitto.url, topic, json.dumps(both).encode())
        await until(lambda: counts.messages == 3)
    assert (counts.accepted, counts.duplicates) == (2, 4)


def test_no_two_subscriptions_match_the_same_topic() -> None:
    topics = [
        "liftrounds/v1/d/telemetry", "liftrounds/v1/d/telemetry/es1500", "liftrounds/v1/d/v1/devices/me/telemetry",
        "liftrounds/v1/d/v1/gateway/telemetry", "v1/devices/me/telemetry", "v1/gateway/telemetry",
        "/device/p/d/thing/event/E/post/", "/device/p/d/thing/event/E/post",
        "/device/p/d/thing/service/property/post/", "/device/p/d/thing/service/property/post",
    ]  # fmt: skip
    for topic in topics:
        assert sum(matches(one, topic) for one in FILTERS) == 1, topic
        assert isinstance(route_of(topic), Route), topic


def matches(wanted: str, topic: str) -> bool:
    parts, levels = wanted.split("/"), topic.split("/")
    return len(parts) == len(levels) and all(part in ("+", level) for part, level in zip(parts, levels, strict=True))


def test_properties_and_services_of_a_jtc340_are_answered_in_their_own_place() -> None:
    route = route_of("/device/p/d/thing/service/property/post/")
    assert route is not None
    assert (route.device, route.hint) == ("d", "property")
    assert route.answer == "/server/p/d/thing/service/property/post_reply/"


@pytest.mark.parametrize("topic", ["liftrounds/v1/d/telemetry/modbus", "liftrounds/v2/d/telemetry", "device/p/d", "", "v1/x"])
def test_other_topics_are_nobodys(topic: str) -> None:
    assert route_of(topic) is None
