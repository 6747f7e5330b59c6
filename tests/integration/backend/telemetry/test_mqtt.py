"""Telemetry over MQTT, with a real Mosquitto: stored, then acknowledged; answered; never lost, never counted twice."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend.errors import Conflict, InvalidInput
from backend.scope import SYSTEM, Scope, of_firm
from backend.telemetry import broker as small_broker
from backend.telemetry import mqtt, mqtt_batch, service
from backend.telemetry.ingest import ingest_inside
from backend.telemetry.mqtt import Counts, Intake, client_for, consume
from backend.telemetry.views import Problem
from tests.conftest import TEST_DATABASE
from tests.integration.backend.telemetry.conftest import CODE, hours, record, value
from tests.support.factory import Factory
from tests.support.mosquitto import Mosquitto, free_port
from tests.support.waiting import until

DEVICE = "monitor-1"


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


@asynccontextmanager
async def consuming(url: str, **options: Any) -> AsyncIterator[Counts]:
    """A consumer that has subscribed, for the length of a block."""
    stop, counts = asyncio.Event(), Counts()
    options.setdefault("client_id", f"test-{uuid4().hex[:8]}")
    going = asyncio.create_task(consume(Intake(url=url, **options), stop, counts=counts))
    try:
        probe = f"probe-{uuid4().hex[:8]}"
        before = counts.messages
        async with client_for(url) as client:  # a message to nobody tells that it listens
            async with asyncio.timeout(20):
                while counts.messages == before:
                    await client.publish(f"liftrounds/v1/{probe}/telemetry", b"{}", qos=1)
                    await asyncio.sleep(0.05)
        await _settled(counts)
        counts.messages = counts.bad_messages = 0
        yield counts
    finally:
        stop.set()
        await going


async def _settled(counts: Counts) -> None:
    """Wait until the probes that were published meanwhile have been taken too."""
    while True:
        before = counts.messages
        await asyncio.sleep(0.15)
        if counts.messages == before:
            return


async def exchange(url: str, name: str, payload: bytes | dict[str, Any]) -> dict[str, Any]:
    """Publish as a device; return the answer."""
    async with client_for(url) as client:
        await client.subscribe(f"liftrounds/v1/{name}/answer")
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        await client.publish(f"liftrounds/v1/{name}/telemetry", body, qos=1)
        async with asyncio.timeout(10):
            message = await anext(client.messages)
    told: dict[str, Any] = json.loads(bytes(message.payload))
    return told


async def publish(url: str, topic: str, payload: bytes | dict[str, Any], qos: int = 1) -> None:
    async with client_for(url) as client:
        await client.publish(topic, payload if isinstance(payload, bytes) else json.dumps(payload).encode(), qos=qos)


def batch(*records: Any, **more: Any) -> dict[str, Any]:
    return {"records": list(records)} | more


async def test_the_native_body_is_taken_and_answered_as_over_http(
    mosquitto: Mosquitto, device: tuple[UUID, str], elevator: UUID
) -> None:
    async with consuming(mosquitto.url) as counts:
        told = await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 1000), record(2, 90, 1040), record(3, 100, -1)))
        assert (told["accepted"], told["duplicates"]) == (2, 0)
        [rejected] = told["rejected"]
        assert (rejected["index"], rejected["field"]) == (2, "counters.trips")
        assert await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 1000))) == {
            "accepted": 0, "duplicates": 1, "rejected": [],
        }  # fmt: skip
    assert (counts.messages, counts.accepted, counts.duplicates, counts.rejected) == (2, 2, 1, 1)
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1)]


async def test_a_device_is_named_by_id_key_or_elevator_too(mosquitto: Mosquitto, device: tuple[UUID, str]) -> None:
    async with consuming(mosquitto.url):
        for number, name in enumerate((str(device[0]), CODE, device[1])):
            assert (await exchange(mosquitto.url, name, batch(record(number, 30 + number, 5))))["accepted"] == 1, name


async def test_what_cannot_be_laid_to_a_device_is_counted_and_kept(
    mosquitto: Mosquitto, firm_scope: Scope, device: tuple[UUID, str]
) -> None:
    off, _ = await service.add_device(firm_scope, None, "off")
    await service.switch_device(firm_scope, off.id, active=False)
    async with consuming(mosquitto.url) as counts:
        await publish(mosquitto.url, "liftrounds/v1/nobody/telemetry", batch(record(1, 30, 5)))
        await publish(mosquitto.url, "liftrounds/v1/off/telemetry", batch(record(1, 30, 5)))
        assert "error" in await exchange(mosquitto.url, DEVICE, b"\xff\x00 no json")
        assert "error" in await exchange(mosquitto.url, DEVICE, b"[]")
        assert (await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 5))))["accepted"] == 1
    assert (counts.messages, counts.bad_messages, counts.accepted) == (5, 4, 1)
    mine = (await service.rejected_records(firm_scope)).rows
    assert {row.field for row in mine} == {"message"}
    assert {row.device_name for row in mine} == {DEVICE}
    everything = (await service.rejected_records(SYSTEM)).rows
    assert {row.params.get("device") for row in everything if row.field == "device"} >= {"nobody", "off"}


async def test_an_adapter_that_there_is_not_is_told_to_the_firm_of_the_device(
    mosquitto: Mosquitto, firm_scope: Scope, device: tuple[UUID, str]
) -> None:
    async with consuming(mosquitto.url) as counts:
        await publish(mosquitto.url, f"liftrounds/v1/{DEVICE}/telemetry/ES1500", b'{"Count": {"RunNum": 8}}')
        await publish(mosquitto.url, "liftrounds/v1/nobody/telemetry/ES1500", b"{}")
        await until(lambda: counts.bad_messages == 2)

    [kept] = (await service.rejected_records(firm_scope)).rows
    assert (kept.device_name, kept.field, kept.params["adapter"]) == (DEVICE, "topic", "ES1500")
    assert "es1500" in kept.params["known"]


async def test_an_answer_tells_a_message_that_was_not_taken(mosquitto: Mosquitto, device: tuple[UUID, str]) -> None:
    async with consuming(mosquitto.url):
        told = await exchange(mosquitto.url, DEVICE, b"no json")
    assert told["accepted"] == 0
    assert told["error"]["field"] == "message"
    assert "JSON" in told["error"]["reason"]


async def test_a_device_speaks_for_its_elevators_only(
    mosquitto: Mosquitto, factory: Factory, firm_scope: Scope, device: tuple[UUID, str]
) -> None:
    await factory.elevator(firm_scope.require_firm(), registration_code="31103310020000000888")
    other = await factory.firm()
    await factory.elevator(other, registration_code="31103310020000000999")
    async with consuming(mosquitto.url):
        told = await exchange(
            mosquitto.url, DEVICE,
            batch(record(1, 30, 5, elevator="31103310020000000888"), record(1, 30, 5, elevator="31103310020000000999")),
        )  # fmt: skip
    assert [(one["index"], one["field"]) for one in told["rejected"]] == [(0, "elevator"), (1, "elevator")]


async def test_a_key_in_the_message_must_be_the_device_s(mosquitto: Mosquitto, device: tuple[UUID, str]) -> None:
    async with consuming(mosquitto.url):
        told = await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 5), key="lrd_wrong"))
        assert told["error"]["field"] == "key"
        assert (await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 5), key=device[1])))["accepted"] == 1


async def test_an_intake_may_require_the_key(mosquitto: Mosquitto, device: tuple[UUID, str]) -> None:
    async with consuming(mosquitto.url, require_key=True):
        assert (await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 5))))["error"]["field"] == "key"
        assert (await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 5), key=device[1])))["accepted"] == 1


async def test_a_name_of_two_firms_needs_the_key(
    mosquitto: Mosquitto, factory: Factory, device: tuple[UUID, str], elevator: UUID
) -> None:
    await service.add_device(of_firm(await factory.firm()), None, DEVICE)
    async with consuming(mosquitto.url):
        assert (await exchange(mosquitto.url, DEVICE, batch(record(1, 30, 5))))["error"]["field"] == "device"
        assert (await exchange(mosquitto.url, DEVICE, batch(record(2, 40, 6), key=device[1])))["accepted"] == 1
        assert (await exchange(mosquitto.url, str(device[0]), batch(record(3, 50, 7))))["accepted"] == 1
    assert await value("SELECT count(*) FROM telemetry_record") == 2


async def test_who_names_a_device_like_another_firm_s_elevator_learns_nothing(
    mosquitto: Mosquitto, factory: Factory, firm_scope: Scope, device: tuple[UUID, str]
) -> None:
    spy = of_firm(await factory.firm())
    await service.add_device(spy, None, CODE)
    async with consuming(mosquitto.url):
        assert (await exchange(mosquitto.url, CODE, batch(record(1, 30, 5))))["error"]["field"] == "device"
        assert (await exchange(mosquitto.url, CODE, batch(record(1, 30, 5), key=device[1])))["accepted"] == 1
    assert (await service.rejected_records(spy)).rows == []
    assert (await service.rejected_records(firm_scope)).rows == []


async def test_no_key_is_kept_with_what_was_refused(mosquitto: Mosquitto, device: tuple[UUID, str]) -> None:
    async with consuming(mosquitto.url):
        for payload in (batch(record(1, 30, -5), key=device[1]), f'{{"key": "{device[1]}", "records": 7}}'.encode()):
            await exchange(mosquitto.url, DEVICE, payload)
        await publish(mosquitto.url, f"liftrounds/v1/{device[1][:-1]}/telemetry", batch(record(1, 30, 5), key=device[1]))
        await exchange(mosquitto.url, DEVICE, batch())
    assert await value("SELECT count(*) FROM rejected_record r WHERE strpos(r::text, $1) > 0", device[1][:20]) == 0
    assert await value("SELECT count(*) FROM rejected_record") >= 3


async def test_what_is_published_while_nobody_listens_comes_later(
    mosquitto: Mosquitto, device: tuple[UUID, str], elevator: UUID
) -> None:
    async with consuming(mosquitto.url, client_id="steady"):
        pass
    await publish(mosquitto.url, f"liftrounds/v1/{DEVICE}/telemetry", batch(record(1, 30, 1000)))
    await mosquitto.stop()
    await mosquitto.start()
    await publish(mosquitto.url, f"liftrounds/v1/{DEVICE}/telemetry", batch(record(2, 90, 1040)))
    async with consuming(mosquitto.url, client_id="steady"):
        pass
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1)]


async def test_a_broker_that_went_away_is_found_again(mosquitto: Mosquitto, device: tuple[UUID, str]) -> None:
    async with consuming(mosquitto.url) as counts:
        await mosquitto.stop()
        await mosquitto.start()
        counts.accepted = 0
        async with asyncio.timeout(20):
            number = 0
            while not counts.accepted:
                number += 1
                await publish(mosquitto.url, f"liftrounds/v1/{DEVICE}/telemetry", batch(record(number, number, 5)))
                await asyncio.sleep(0.1)


@asynccontextmanager
async def closed_database(server_url: str) -> AsyncIterator[None]:
    """The test database takes no connections for the length of a block."""
    admin = await asyncpg.connect(server_url)
    try:
        await admin.execute(f"ALTER DATABASE {TEST_DATABASE} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", TEST_DATABASE)
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {TEST_DATABASE} ALLOW_CONNECTIONS true")
        await admin.close()


async def test_a_database_that_was_away_loses_nothing(
    mosquitto: Mosquitto, device: tuple[UUID, str], elevator: UUID, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "FIRST_WAIT_S", 0.05)
    async with consuming(mosquitto.url) as counts:
        async with closed_database(server_url):
            await publish(mosquitto.url, f"liftrounds/v1/{DEVICE}/telemetry", batch(record(1, 30, 1000)))
            await asyncio.sleep(0.3)
            assert counts.messages == 0
        await until(lambda: counts.accepted == 1)
    assert (counts.messages, counts.bad_messages) == (1, 0)
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1)]


async def test_one_message_that_meets_a_mistake_of_ours_does_not_hold_up_the_others(
    mosquitto: Mosquitto, firm_scope: Scope, device: tuple[UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ingest_inside

    async def mistaken(firm: UUID, batches: Any, **options: Any) -> Any:
        if any(one.records and one.records[0]["seq"] == 13 for one in batches):
            raise LookupError("a mistake of ours")
        return await real(firm, batches, **options)

    monkeypatch.setattr(mqtt_batch, "ingest_inside", mistaken)
    async with consuming(mosquitto.url) as counts, client_for(mosquitto.url) as client:
        for number in range(10, 20):
            await client.publish(f"liftrounds/v1/{DEVICE}/telemetry", json.dumps(batch(record(number, number, 5))), qos=1)
        await until(lambda: counts.messages == 10)
    assert (counts.accepted, counts.bad_messages) == (9, 1)
    kept = [row for row in (await service.rejected_records(SYSTEM)).rows if "mistake" in row.template]
    assert len(kept) == 1


@pytest.mark.parametrize("mb", [9, 17])
async def test_a_message_larger_than_any_that_is_taken_is_refused_and_holds_up_none_after_it(
    mosquitto: Mosquitto, device: tuple[UUID, str], mb: int
) -> None:
    async with consuming(mosquitto.url) as counts, client_for(mosquitto.url) as client:
        for payload in (b" " * (mb * 2**20), json.dumps({"records": [record(0, 0, trips=5)]}).encode()):
            await client.publish(f"liftrounds/v1/{DEVICE}/telemetry", payload, qos=1)
        await until(lambda: counts.accepted == 1)

    assert (counts.messages, counts.bad_messages, counts.accepted) == (2, 1, 1)
    assert await value("SELECT params ->> 'most' FROM rejected_record WHERE device = $1", device[0]) == str(8 * 2**20)


async def test_a_group_of_consumers_shares_the_messages_out(
    mosquitto: Mosquitto, device: tuple[UUID, str], elevator: UUID
) -> None:
    async with (
        consuming(mosquitto.url, share="g") as one,
        consuming(mosquitto.url, share="g") as two,
        client_for(mosquitto.url) as client,
    ):
        before = one.messages + two.messages
        for number in range(60):
            await client.publish(
                f"liftrounds/v1/{DEVICE}/telemetry", json.dumps(batch(record(number, number, 1000 + number))), qos=1
            )
        await until(lambda: one.accepted + two.accepted == 60)
        assert one.messages + two.messages - before == 60
        assert one.accepted > 0
        assert two.accepted > 0
    assert sum(hour[1] for hour in await hours(elevator)) == 59


async def test_a_consumer_that_is_killed_loses_nothing_and_counts_nothing_twice(
    mosquitto: Mosquitto, device: tuple[UUID, str], elevator: UUID, db: str
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    total = 400

    def told(number: int) -> str:
        at = now - timedelta(minutes=total - number)
        return json.dumps(batch({"elevator": CODE, "at": at.isoformat(), "seq": number, "counters": {"trips": 3 * number}}))

    async def stored() -> int:
        found: int = await value("SELECT count(*) FROM telemetry_record")
        return found

    first = await _ingest_process(mosquitto.url, db)
    async with client_for(mosquitto.url) as client:
        for number in range(total):
            await client.publish(f"liftrounds/v1/{DEVICE}/telemetry", told(number), qos=1)
            if number == total // 2:
                await until(lambda: stored_at_least(stored, 1))
                first.kill()
                await first.wait()
    second = await _ingest_process(mosquitto.url, db)
    await until(lambda: stored_at_least(stored, total))
    second.terminate()
    _, errors = await second.communicate()
    assert second.returncode == 0, errors
    assert b"messages not taken" in errors
    assert sum(hour[1] for hour in await hours(elevator)) == 3 * (total - 1)


async def stored_at_least(stored: Any, count: int) -> bool:
    return int(await stored()) >= count


async def _ingest_process(url: str, db: str) -> asyncio.subprocess.Process:
    """`liftrounds ingest` in a process of its own, subscribed."""
    environment = os.environ | {"LIFTROUNDS_DATABASE_URL": db, "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", "ingest", "--mqtt", url, "--client-id", "killed",
        stderr=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while line := await process.stderr.readline():
            if b"taking telemetry" in line:
                return process
    raise AssertionError("it ended")


async def test_the_demo_s_broker_carries_telemetry_too(device: tuple[UUID, str], elevator: UUID) -> None:
    port = free_port()
    url = f"mqtt://127.0.0.1:{port}"
    async with small_broker.broker("127.0.0.1", port), consuming(url):
        told = await exchange(url, DEVICE, batch(record(1, 30, 1000), record(2, 90, 1040)))
        assert told == {"accepted": 2, "duplicates": 0, "rejected": []}
        with pytest.raises(Conflict):
            async with small_broker.broker("127.0.0.1", port):
                pass
    assert await hours(elevator) == [(0, 0, 0, 0, 0, 1), (1, 40, 0, 0, 0, 1)]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104 - refused, not bound
async def test_the_demo_s_broker_listens_on_this_machine_only(host: str) -> None:
    with pytest.raises(InvalidInput):
        async with small_broker.broker(host, free_port()):
            pass


@pytest.mark.parametrize("url", ["", "http://x", "mqtt://", "mqtt://x:99999", "mqtt://x/path", "x:1883", "mqtt://[x"])
def test_what_is_no_address_of_a_broker_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        mqtt.parse_url(url)


def test_an_address_has_defaults_and_decodes_its_user() -> None:
    address = mqtt.parse_url("mqtts://us%40er:p%3Aw@broker")
    assert (address.host, address.port, address.username, address.password, address.tls) == (
        "broker",
        8883,
        "us@er",
        "p:w",
        True,
    )
    assert mqtt.parse_url("mqtt://broker:1884").port == 1884


def test_an_answer_holds_no_more_than_is_known() -> None:
    told = json.loads(mqtt.answer(mqtt_batch.Outcome(device="x", known=True, problem=Problem("key", "no {x}", {"x": "1"}))))
    assert told == {"accepted": 0, "duplicates": 0, "rejected": [], "error": {"field": "key", "reason": "no 1"}}
