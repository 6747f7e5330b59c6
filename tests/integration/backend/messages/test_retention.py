"""Messages end: what was told long ago goes with its deliveries, slice by slice; what may still be asked for stays."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend import clock, database
from backend.messages import inbox, retention
from backend.scope import SYSTEM
from tests.support.dispatch import Station, messages
from tests.support.factory import Factory

BEFORE = timedelta(days=100)


async def told(factory: Factory, station: Station, title: str, *, days: int = 101, **values: object) -> UUID:
    given: dict[str, object] = {"account": station.manager.account, "kind": "plan"}
    return await factory.row(
        "message", firm=station.firm, title_zh=title, title_en=title, created_at=clock.now() - timedelta(days=days),
        **given | values,
    )  # fmt: skip


async def sent(factory: Factory, station: Station, message: UUID, state: str = "sent", *, days: int = 101) -> None:
    delivery = await factory.row("message_delivery", firm=station.firm, message=message, channel="sms", state=state)
    await factory.row(
        "message_attempt", firm=station.firm, delivery=delivery, outcome="sent", took_ms=1,
        at=clock.now() - timedelta(days=days),
    )  # fmt: skip


async def left(station: Station) -> set[str]:
    return {message["title_en"] for message in await messages(station.firm)}


async def test_old_messages_end_with_deliveries_attempts_and_secrets_and_newer_ones_stay(factory: Factory) -> None:
    station = await Station.open(factory)
    for days in (99, 101):
        message = await told(factory, station, f"{days} days", days=days)
        await sent(factory, station, message, days=days)
        await factory.row("message_secret", firm=station.firm, message=message, text_zh="x", text_en="x")
    assert await retention.remove_old(clock.now() - BEFORE) == 1
    assert await left(station) == {"99 days"}
    async with database.tx(SYSTEM):
        for table in ("message_delivery", "message_attempt", "message_secret"):
            assert await database.fetch_value(f"SELECT count(*) FROM {table}") == 1, table


async def test_rescues_unread_urgent_ones_and_what_still_waits_stay(factory: Factory) -> None:
    station = await Station.open(factory)
    await told(factory, station, "rescue", kind="rescue", read_at=clock.now())
    await told(factory, station, "urgent, unread", urgent=True)
    await told(factory, station, "urgent, read", urgent=True, read_at=clock.now())
    await told(factory, station, "unread")
    await told(factory, station, "urgent, by SMS", urgent=True, account=None, phone="13800000000")
    await sent(factory, station, await told(factory, station, "waits"), "waiting")
    await sent(factory, station, await told(factory, station, "tried again since"), days=1)
    assert await retention.remove_old(clock.now() - BEFORE) == 3
    assert await left(station) == {"rescue", "urgent, unread", "waits", "tried again since"}


async def test_an_inbox_goes_on_from_the_number_of_its_last_message_although_all_are_old(factory: Factory) -> None:
    station = await Station.open(factory)
    for number in (1, 2, 3):
        await told(factory, station, f"no. {number}", number=number)
    assert await retention.remove_old(clock.now() - BEFORE) == 2
    await told(factory, station, "new", days=0)
    page = await inbox.inbox(station.manager)
    assert [(item.title_en, item.number) for item in page.items] == [("new", 4), ("no. 3", 3)]


async def test_more_than_a_slice_is_removed_slice_by_slice(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "FORGET_AT_ONCE", 2)
    station = await Station.open(factory)
    for number in range(5):
        await told(factory, station, str(number), subject=str(uuid4()))
    assert await retention.remove_old(clock.now() - BEFORE) == 5
    assert await left(station) == set()


async def test_the_database_lets_no_attempt_go_before_three_months_and_none_change(factory: Factory) -> None:
    station = await Station.open(factory)
    await sent(factory, station, await told(factory, station, "a"), days=80)
    await sent(factory, station, await told(factory, station, "b"), days=100)
    for statement in ("DELETE FROM message_attempt", "UPDATE message_attempt SET outcome = 'failed'"):
        with pytest.raises(asyncpg.RestrictViolationError):
            async with database.tx(SYSTEM):
                await database.execute(statement)
