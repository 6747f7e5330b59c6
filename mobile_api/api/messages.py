"""The office's view of messages: the delivery log, the firm's bots, its quiet hours and digests."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get, patch, post, put
from litestar.params import QueryParameter
from msgspec import Struct

from backend.messages import bots, delivery_log, preferences
from backend.messages.bots import BotInput
from backend.messages.delivery_log import DeliveryDetail
from backend.messages.preference_queries import BotView, Rule
from backend.messages.views import Channel, DeliveryPage, DeliveryState, Kind
from backend.paging import DEFAULT_LIMIT
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

WantedState = Annotated[DeliveryState | None, QueryParameter(name="state")]


class ChannelTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which channel to try."""

    channel: Channel | None = None
    """`sms`, `email` or `bot`; left out: one's own inbox and pushes."""

    to: str = ""
    """The number or address."""


class Tried(Struct, frozen=True, kw_only=True):
    """The message that was sent."""

    message: UUID


class BotPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes of a bot."""

    active: bool


@get("/api/v1/deliveries", roles=OFFICE_READERS)
async def deliveries(
    asker: Asker,
    wanted: WantedState = None,
    channel: FromQuery[Channel | None] = None,
    kind: FromQuery[Kind | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> DeliveryPage:
    """List deliveries, newest first: what was sent, what was not, and why. Texts are not told."""
    return await delivery_log.deliveries(asker, state=wanted, channel=channel, kind=kind, cursor=cursor, limit=limit)


@get("/api/v1/deliveries/{id:uuid}", roles=OFFICE_READERS)
async def delivery(asker: Asker, id: FromPath[UUID]) -> DeliveryDetail:
    """Return a delivery with its attempts."""
    return await delivery_log.delivery(asker, id)


@post("/api/v1/deliveries/{id:uuid}/send-again", roles=OFFICE, status_code=202)
async def send_again(asker: Asker, id: FromPath[UUID]) -> DeliveryDetail:
    """Have a delivery that failed tried again; not for one-time codes, whose text is gone."""
    return await delivery_log.send_again(asker, id)


@post("/api/v1/message-tests", roles=OFFICE, status_code=202)
async def try_channel(asker: Asker, data: JSONBody[ChannelTest]) -> Tried:
    """Send a message that only tries a channel; the delivery log says what became of it."""
    return Tried(message=await delivery_log.try_channel(asker, data.channel, data.to))


@get("/api/v1/bots", roles=OFFICE_READERS)
async def list_bots(asker: Asker) -> list[BotView]:
    """List the firm's bots; their addresses are shown in part only."""
    return await bots.bots(asker)


@post("/api/v1/bots", roles=OFFICE)
async def add_bot(asker: Asker, settings: Installation, data: JSONBody[BotInput]) -> BotView:
    """Add a bot of WeCom, DingTalk or Feishu, or a webhook; its address is kept encrypted."""
    return await bots.add_bot(asker, settings, data)


@patch("/api/v1/bots/{id:uuid}", roles=OFFICE)
async def change_bot(asker: Asker, id: FromPath[UUID], data: JSONBody[BotPatch]) -> BotView:
    """Switch a bot on or off."""
    return await bots.switch_bot(asker, id, data.active)


@delete("/api/v1/bots/{id:uuid}", roles=OFFICE)
async def remove_bot(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a bot and its address for good."""
    await bots.remove_bot(asker, id)


@get("/api/v1/message-rules", roles=OFFICE)
async def rule(asker: Asker) -> Rule:
    """Return the firm's quiet hours, digest time and language."""
    return await preferences.rule(asker)


@put("/api/v1/message-rules", roles=OFFICE)
async def set_rule(asker: Asker, data: JSONBody[Rule]) -> Rule:
    """Change the firm's quiet hours, digest time and language."""
    return await preferences.set_rule(asker, data)


HANDLERS: list[Any] = [
    deliveries, delivery, send_again, try_channel, list_bots, add_bot, change_bot, remove_bot, rule, set_rule,
]  # fmt: skip
