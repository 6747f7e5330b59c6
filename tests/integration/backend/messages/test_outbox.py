"""What is told and when: the outbox, digests, quiet hours, lost jobs, and who is told of what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.messages import delivery_log, preferences, subscriptions, upkeep
from backend.messages.preference_queries import Preference, Rule
from backend.messages.service import send_inside
from backend.messages.subscriptions import SubscriptionInput
from backend.messages.telling import tell_crews_inside
from backend.messages.views import DeliveryState, Kind, Message, ToAccount, ToEmail, ToPhone
from backend.scope import SYSTEM, of_firm
from backend.settings import Settings
from tests.support.dispatch import Station, messages
from tests.support.factory import Factory


def plan(station: Station, **values: object) -> Message:
    given: dict[str, object] = {
        "to": ToAccount(station.manager.account), "kind": Kind.PLAN, "title_zh": "新路线", "title_en": "A round",  # type: ignore[arg-type]
    }  # fmt: skip
    return Message(**(given | values))  # type: ignore[arg-type]


async def send(station: Station, message: Message) -> object:
    async with database.tx(of_firm(station.firm)):
        return await send_inside(station.firm, message)


async def test_a_message_of_a_transaction_that_fails_was_never_there(factory: Factory) -> None:
    station = await Station.open(factory)

    async def fails() -> None:
        async with database.tx(of_firm(station.firm)):
            await send_inside(station.firm, plan(station))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await messages(station.firm) == []


async def test_the_same_key_is_told_once(factory: Factory) -> None:
    station = await Station.open(factory)
    first = await send(station, plan(station, dedupe_key="k"))
    assert await send(station, plan(station, dedupe_key="k")) == first
    assert len(await messages(station.firm)) == 1


async def test_another_firms_account_is_not_told_and_faults_are_all_named(factory: Factory) -> None:
    station, other = await Station.open(factory), await Station.open(factory)
    with pytest.raises(NotFound):
        await send(station, plan(other))
    with pytest.raises(InvalidInput) as refused:
        await send(station, plan(station, to=ToPhone("12"), title_zh="", text_en="x" * 3000))
    assert {fault.path for fault in refused.value.faults} == {"to.number", "title_zh", "text_en"}
    with pytest.raises(InvalidInput):
        await send(station, plan(station, to=ToEmail("a@b.cn?cc=all@b.cn")))


async def test_a_digest_is_one_message_in_the_morning_and_leaves_out_what_was_read(
    factory: Factory, settings: Settings
) -> None:
    station = await Station.open(factory)
    await subscriptions.subscribe(station.manager, settings, SubscriptionInput(fcm_token="token"))
    await preferences.set_rule(station.manager, Rule(digest_at_s=7 * 3600))
    await preferences.set_preference(station.manager, Preference(digest=True))
    evening = clock.now().replace(hour=12, minute=0)  # 20:00 in Taizhou
    with clock.stopped_at(evening):
        for n in range(3):
            await send(station, plan(station, title_en=f"round {n}"))
        assert (await upkeep.keep_up()).digests == 0
    with clock.stopped_at(evening + timedelta(hours=11, minutes=5)):
        assert (await upkeep.keep_up()).digests == 1
        assert (await upkeep.keep_up()).digests == 0
    (digest,) = [message for message in await messages(station.firm) if message["kind"] == "digest"]
    assert digest["title_en"] == "3 new messages"
    assert "round 2" in digest["text_en"]
    rows = (await delivery_log.deliveries(station.manager)).rows
    assert [row.state for row in rows if row.kind is Kind.PLAN] == [DeliveryState.SENT] * 3
    assert {row.reason for row in rows if row.kind is Kind.PLAN} == {"in_digest"}


async def test_a_delivery_whose_job_was_lost_is_taken_up_again(factory: Factory) -> None:
    station = await Station.open(factory)
    await send(station, plan(station, to=ToPhone("13800000000")))
    async with database.tx(SYSTEM):
        await database.execute("DELETE FROM pgqueuer")
    with clock.stopped_at(clock.now() + timedelta(minutes=6)):
        assert (await upkeep.keep_up()).taken_up == 1


async def test_those_whose_day_changed_are_told_and_nobody_else(factory: Factory) -> None:
    station = await Station.open(factory)
    mine, _other = await station.technician(1), await station.technician(2)
    day = clock.today("Asia/Shanghai")
    async with database.tx(of_firm(station.firm)):
        crew = await database.fetch_value("SELECT crew FROM crew_member WHERE technician = $1", mine.technician)
        await tell_crews_inside(station.firm, {crew: [day]}, "{days}有变动", "changed on {days}")
    (told,) = await messages(station.firm)
    assert (told["account"], told["title_en"]) == (mine.account, f"changed on {day.isoformat()}")
