"""Messages reach real servers by every channel, and the log says what became of each."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from structlog.testing import capture_logs

from backend import clock, database
from backend.messages import bots, delivering, delivery_log, subscriptions
from backend.messages.bots import BotInput
from backend.messages.channels import bot_answers
from backend.messages.service import send_inside
from backend.messages.subscriptions import SubscriptionInput, WebPushKeys
from backend.messages.views import DeliveryState, Kind, Message, Recipient, ToAccount, ToBots, ToEmail, ToPhone
from backend.scope import SYSTEM, Scope, of_firm
from backend.settings import Settings
from tests.support.dispatch import Station
from tests.support.factory import Factory
from tests.support.gateways import PushBrowser, Served, fcm_error, fcm_server, http_server, mail_server, vapid_claims

SECRET = "246810"


@pytest.fixture
async def place(factory: Factory) -> Station:
    return await Station.open(factory)


@pytest.fixture
def gateway() -> Iterator[Served]:
    with http_server() as served:
        yield served


def message(to: Recipient, **values: Any) -> Message:
    given: dict[str, Any] = {"kind": Kind.NOTICE, "title_zh": "标题", "title_en": "Title", "text_zh": "正文", "text_en": "Text"}
    return Message(to=to, **(given | values))


async def send(firm: UUID, told: Message) -> list[UUID]:
    """Write a message and return its deliveries."""
    async with database.tx(of_firm(firm)):
        written = await send_inside(firm, told)
        rows = await database.fetch("SELECT id FROM message_delivery WHERE message = $1 ORDER BY channel", written)
    return [row["id"] for row in rows]


async def stands(scope: Scope, delivery: UUID) -> tuple[DeliveryState, str, int]:
    found = (await delivery_log.delivery(scope, delivery)).delivery
    return found.state, found.reason, found.attempts


async def everything_stored() -> str:
    """All that the tables of messages hold, as text."""
    async with database.tx(SYSTEM):
        parts = [
            str([dict(row) for row in await database.fetch(f"SELECT * FROM {table}")])
            for table in ("message", "message_secret", "message_delivery", "message_attempt", "audit_event", "pgqueuer")
        ]
    return "\n".join(parts)


async def test_an_sms_is_posted_to_the_gateway_with_its_number(place: Station, settings: Settings, gateway: Served) -> None:
    using = msgspec.structs.replace(settings, sms_url=f"json://{gateway.url}/sms?:to={{phone}}")
    (delivery,) = await send(place.firm, message(ToPhone("+86 138-0000-0000"), link="/office/"))
    await delivering.deliver(using, delivery)
    assert await stands(place.manager, delivery) == (DeliveryState.SENT, "", 1)
    (body,) = gateway.bodies
    assert body["title"] == "标题"
    assert "正文" in body["message"]
    assert "http://testserver.local/office/" in body["message"]
    assert body["to"] == "+86 138-0000-0000"


async def test_a_gateway_without_a_place_for_the_number_gets_it_too(
    place: Station, settings: Settings, gateway: Served
) -> None:
    using = msgspec.structs.replace(settings, sms_url=f"json://{gateway.url}")
    (delivery,) = await send(place.firm, message(ToPhone("13800000000")))
    await delivering.deliver(using, delivery)
    assert gateway.bodies[0]["to"] == "13800000000"


async def test_a_mail_goes_through_a_mail_server(place: Station, settings: Settings) -> None:
    with mail_server() as (box, address):
        using = msgspec.structs.replace(settings, mail_url=f"mailto://{address}?from=lift@example.com&to={{email}}")
        (delivery,) = await send(place.firm, message(ToEmail("wang@example.com")))
        await delivering.deliver(using, delivery)
    assert (await stands(place.manager, delivery))[0] is DeliveryState.SENT
    assert box.mails[0][0] == ["wang@example.com"]


async def test_without_a_gateway_it_is_told_as_not_sent_with_the_way_out(place: Station, settings: Settings) -> None:
    (delivery,) = await send(place.firm, message(ToPhone("13800000000")))
    await delivering.deliver(settings, delivery)
    found = (await delivery_log.delivery(place.manager, delivery)).delivery
    assert found.state is DeliveryState.NOT_SENT
    assert "LIFTROUNDS_SMS_URL" in found.reason_en
    assert found.shown == "138****0000"


async def test_a_gateway_that_fails_is_tried_again_later_and_then_set_aside(
    place: Station, settings: Settings, gateway: Served
) -> None:
    using = msgspec.structs.replace(settings, sms_url=f"json://{gateway.url}")
    (delivery,) = await send(place.firm, message(ToPhone("13800000000")))
    start = clock.now()
    for n, wait_s in enumerate((0.0, *delivering.RETRIES_S)):
        gateway.will_answer(503)
        start += timedelta(seconds=wait_s)
        with clock.stopped_at(start):
            await delivering.deliver(using, delivery)
            await delivering.deliver(using, delivery)  # before its time: nothing happens
        state, reason, attempts = await stands(place.manager, delivery)
        assert attempts == n + 1
    assert (state, reason) == (DeliveryState.FAILED, "unreachable")
    assert len(gateway.requests) == len(delivering.RETRIES_S) + 1
    await delivery_log.send_again(place.manager, delivery)
    await delivering.deliver(using, delivery)
    assert (await stands(place.manager, delivery))[0] is DeliveryState.SENT


async def test_a_gateway_that_refuses_is_not_asked_again(place: Station, settings: Settings, gateway: Served) -> None:
    using = msgspec.structs.replace(settings, sms_url=f"json://{gateway.url}")
    (delivery,) = await send(place.firm, message(ToPhone("13800000000")))
    gateway.will_answer(401)
    await delivering.deliver(using, delivery)
    assert await stands(place.manager, delivery) == (DeliveryState.FAILED, "refused", 1)


async def test_a_worker_that_died_in_the_attempt_is_followed_by_another_after_the_lease(
    place: Station, settings: Settings, gateway: Served
) -> None:
    from backend.messages import delivery_queries

    using = msgspec.structs.replace(settings, sms_url=f"json://{gateway.url}")
    (delivery,) = await send(place.firm, message(ToPhone("13800000000")))
    now = clock.now()
    async with database.tx(SYSTEM):
        assert await delivery_queries.take(delivery, now, now + delivering.LEASE)
    await delivering.deliver(using, delivery)
    assert gateway.requests == []
    with clock.stopped_at(now + delivering.LEASE):
        await delivering.deliver(using, delivery)
    assert len(gateway.requests) == 1


async def test_a_secret_is_sent_and_then_nowhere_to_be_found(
    place: Station, settings: Settings, gateway: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    using = msgspec.structs.replace(settings, sms_url=f"json://{gateway.url}")
    told = message(ToPhone("13800000000"), kind=Kind.CODE, text_zh=f"验证码{SECRET}", text_en=f"Code {SECRET}", secret=True)
    (delivery,) = await send(place.firm, told)
    with capture_logs() as logs:
        gateway.will_answer(503, {"echo": SECRET})
        await delivering.deliver(using, delivery)
        with clock.stopped_at(clock.now() + timedelta(seconds=11)):
            await delivering.deliver(using, delivery)
    assert SECRET in gateway.bodies[-1]["message"]
    assert SECRET not in await everything_stored()
    assert SECRET not in str(logs) + "".join(capfd.readouterr())
    assert SECRET not in msgspec.json.encode(await delivery_log.delivery(place.manager, delivery)).decode()


async def test_a_secret_that_cannot_be_sent_or_is_too_late_is_forgotten(
    place: Station, settings: Settings, gateway: Served
) -> None:
    told = message(ToPhone("13800000000"), text_zh=SECRET, text_en=SECRET, secret=True)
    (delivery,) = await send(place.firm, told)
    await delivering.deliver(settings, delivery)
    assert SECRET not in await everything_stored()
    late = msgspec.structs.replace(told, expires_at=clock.now() + timedelta(minutes=5))
    (delivery,) = await send(place.firm, late)
    using = msgspec.structs.replace(settings, sms_url=f"json://{gateway.url}")
    with clock.stopped_at(clock.now() + timedelta(minutes=6)):
        await delivering.deliver(using, delivery)
    assert (await stands(place.manager, delivery))[0] is DeliveryState.EXPIRED
    assert gateway.requests == []
    assert SECRET not in await everything_stored()


async def test_the_message_file_takes_what_has_no_gateway_and_only_its_owner_reads_it(
    place: Station, settings: Settings
) -> None:
    file = settings.data_dir / "messages.jsonl"
    using = msgspec.structs.replace(settings, message_file=file)
    for delivery in await send(place.firm, message(ToPhone("13800000000"), text_zh=SECRET, secret=True)):
        await delivering.deliver(using, delivery)
    line = json.loads(file.read_text())
    assert (line["to"], line["text"], line["channel"]) == ("13800000000", SECRET, "sms")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_push_is_encrypted_for_the_browser_and_signed_by_the_installation(
    place: Station, settings: Settings, gateway: Served
) -> None:
    using = msgspec.structs.replace(settings, outbound_hosts=(gateway.url,))
    browser = PushBrowser(gateway)
    given = SubscriptionInput(endpoint=browser.endpoint, keys=WebPushKeys(**browser.keys), name="Chrome")
    await subscriptions.subscribe(place.manager, using, given)
    assert place.manager.account is not None
    (delivery,) = await send(place.firm, message(ToAccount(place.manager.account), urgent=True, link="/office/dispatches"))
    gateway.will_answer(201)
    await delivering.deliver(using, delivery)
    assert (await stands(place.manager, delivery))[0] is DeliveryState.SENT
    ((path, headers, body),) = gateway.requests
    read = browser.read(body)
    assert (path, read["title"], read["link"], read["urgent"]) == (
        "/push/1", "标题", "http://testserver.local/office/dispatches", True,
    )  # fmt: skip
    assert "标题".encode() not in body
    assert headers["urgency"] == "high"
    assert headers["content-encoding"] == "aes128gcm"
    assert vapid_claims(headers["authorization"])["aud"] == f"http://{gateway.url}"


async def test_a_browser_that_is_gone_loses_its_subscription(place: Station, settings: Settings, gateway: Served) -> None:
    using = msgspec.structs.replace(settings, outbound_hosts=(gateway.url,))
    browser = PushBrowser(gateway)
    given = SubscriptionInput(endpoint=browser.endpoint, keys=WebPushKeys(**browser.keys))
    await subscriptions.subscribe(place.manager, using, given)
    assert place.manager.account is not None
    (delivery,) = await send(place.firm, message(ToAccount(place.manager.account)))
    gateway.will_answer(410)
    await delivering.deliver(using, delivery)
    assert await stands(place.manager, delivery) == (DeliveryState.FAILED, "gone", 1)
    assert await subscriptions.subscriptions(place.manager) == []


async def test_fcm_takes_a_push_after_the_token_exchange(place: Station, settings: Settings, tmp_path: Path) -> None:
    with fcm_server(tmp_path) as (served, account):
        using = msgspec.structs.replace(settings, fcm_account=account, fcm_url=f"http://{served.url}")
        await subscriptions.subscribe(place.manager, using, SubscriptionInput(fcm_token="token-1", name="app"))
        assert place.manager.account is not None
        served.will_answer(200, {"name": "projects/lift/messages/1"})
        (delivery,) = await send(place.firm, message(ToAccount(place.manager.account), urgent=True, link="/work/dispatches/1"))
        assert [entry.name for entry in await subscriptions.subscriptions(place.manager)] == ["app"]
        urgent = (await delivery_log.delivery(place.manager, delivery)).delivery
        assert urgent.urgent
        await delivering.deliver(using, delivery)
    assert (await stands(place.manager, delivery))[0] is DeliveryState.SENT
    sent = served.bodies[0]["message"]
    assert (sent["token"], sent["notification"]["title"], sent["android"]["priority"]) == ("token-1", "标题", "high")
    assert sent["data"]["link"] == "http://testserver.local/work/dispatches/1"


async def test_fcm_says_unregistered_and_the_token_is_removed_says_quota_and_it_is_tried_again(
    place: Station, settings: Settings, tmp_path: Path
) -> None:
    assert place.manager.account is not None
    with fcm_server(tmp_path) as (served, account):
        using = msgspec.structs.replace(settings, fcm_account=account, fcm_url=f"http://{served.url}")
        await subscriptions.subscribe(place.manager, using, SubscriptionInput(fcm_token="token-1"))
        (delivery,) = await send(place.firm, message(ToAccount(place.manager.account)))
        served.will_answer(429, fcm_error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), retry_after="40")
        now = clock.now()
        with clock.stopped_at(now):
            await delivering.deliver(using, delivery)
        found = (await delivery_log.delivery(place.manager, delivery)).delivery
        assert (found.state, found.reason, found.due_at) == (DeliveryState.WAITING, "busy", now + timedelta(seconds=40))
        served.will_answer(404, fcm_error("NOT_FOUND", "UNREGISTERED"))
        with clock.stopped_at(now + timedelta(seconds=41)):
            await delivering.deliver(using, delivery)
    assert await stands(place.manager, delivery) == (DeliveryState.FAILED, "gone", 2)
    assert await subscriptions.subscriptions(place.manager) == []


@pytest.mark.parametrize(
    ("kind", "url", "plugin"),
    [
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a-91f6-7xxx-4bc4", "wecombot"),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=abcdefabcdef1234", "dingtalk"),
        ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/abcdef-1234-5678", "feishu"),
    ],
)
async def test_a_bot_is_told_and_what_it_refuses_with_http_200_is_heard(
    place: Station, settings: Settings, gateway: Served, monkeypatch: pytest.MonkeyPatch, kind: str, url: str, plugin: str
) -> None:
    import importlib

    with bot_answers.heard():
        pass
    module = importlib.import_module(f"apprise.plugins.{plugin}")
    service = next(found for name, found in vars(module).items() if name.lower() == f"notify{plugin}")
    monkeypatch.setattr(service, "notify_url", f"http://{gateway.url}/{kind}")
    await bots.add_bot(place.manager, settings, BotInput(kind=kind, name="dispatchers", url=url))
    (delivery,) = await send(place.firm, message(ToBots(), urgent=True))
    gateway.will_answer(200, {"errcode": 0, "code": 0})
    await delivering.deliver(settings, delivery)
    assert (await stands(place.manager, delivery))[0] is DeliveryState.SENT
    assert "正文" in gateway.requests[0][2].decode("unicode_escape", "replace") or "正文" in gateway.requests[0][2].decode()
    (delivery,) = await send(place.firm, message(ToBots(), urgent=True))
    gateway.will_answer(200, {"errcode": 93000, "code": 19001, "errmsg": "invalid webhook", "msg": "invalid webhook"})
    await delivering.deliver(settings, delivery)
    found = (await delivery_log.delivery(place.manager, delivery)).delivery
    assert (found.state, found.reason) == (DeliveryState.FAILED, "refused")
    assert "invalid webhook" in found.detail


async def test_a_bots_address_lies_encrypted_and_is_shown_in_part_only(place: Station, settings: Settings) -> None:
    url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a-91f6-7xxx-4bc4"
    added = await bots.add_bot(place.manager, settings, BotInput(kind="wecom", name="b", url=url))
    assert added.shown == "qyapi.weixin.qq.com/…4bc4"
    async with database.tx(SYSTEM):
        rows = str([dict(row) for row in await database.fetch("SELECT * FROM message_bot")])
    assert "693a-91f6" not in rows + await everything_stored()


async def test_a_webhook_may_not_go_inside_of_the_network_unless_the_operator_says_so(
    place: Station, settings: Settings, gateway: Served
) -> None:
    from backend.errors import InvalidInput

    inside = BotInput(kind="webhook", name="w", url=f"http://{gateway.url}/hook")
    with pytest.raises(InvalidInput):
        await bots.add_bot(place.manager, settings, inside)
    allowed = msgspec.structs.replace(settings, outbound_hosts=(gateway.url,))
    await bots.add_bot(place.manager, allowed, inside)
    (delivery,) = await send(place.firm, message(ToBots()))
    await delivering.deliver(settings, delivery)
    assert (await stands(place.manager, delivery))[1] == "host_not_allowed"
    (delivery,) = await send(place.firm, message(ToBots()))
    await delivering.deliver(allowed, delivery)
    assert gateway.bodies[0]["title"] == "标题"
