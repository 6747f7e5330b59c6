"""Messages in the office: the delivery log with its reasons, and the firm's channels."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter

from backend.errors import Conflict, InvalidInput, LiftroundsError
from backend.messages import bots, delivery_log, preferences
from backend.messages.bots import KINDS, BotInput
from backend.messages.preference_queries import Rule
from backend.messages.views import Channel, DeliveryState
from backend.scope import Scope
from backend.settings import Settings
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation
from mobile_api.pages.clock_fields import as_seconds, as_time
from mobile_api.pages.forms import form_of, parsed
from mobile_api.pages.office.base import choose_first, office_page
from mobile_api.pages.render import redirect
from mobile_api.pages.rescue_words import channel_name, delivery_state_name, words
from mobile_api.security import OFFICE, OFFICE_READERS

LISTED = 50

WantedState = Annotated[str, QueryParameter(name="state")]


@get("/office/messages", roles=OFFICE_READERS, include_in_schema=False)
async def messages_page(
    asker: Asker,
    wanted: Annotated[str, QueryParameter(name="state")] = "",
    channel: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show what was sent, what was not, and why."""
    found = await delivery_log.deliveries(
        asker,
        state=DeliveryState(wanted) if wanted in list(DeliveryState) else None,
        channel=Channel(channel) if channel in list(Channel) else None,
        cursor=cursor,
        limit=LISTED,
    )
    states = [("", _("all")), *((each.value, delivery_state_name(each.value)) for each in DeliveryState)]
    channels = [("", _("all")), *((each.value, channel_name(each.value)) for each in Channel)]
    return await office_page(
        asker, "office/messages.html", found=found, states=states, channels=channels, state=wanted, channel=channel, **words()
    )


@get("/office/messages/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def message_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a delivery with its attempts."""
    return await _one(asker, id, None)


async def _one(asker: Scope, id: UUID, error: LiftroundsError | None) -> Response[Any]:
    return await office_page(asker, "office/message.html", found=await delivery_log.delivery(asker, id), error=error, **words())


@post("/office/messages/{id:uuid}/send-again", roles=OFFICE, include_in_schema=False, status_code=200)
async def send_again(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Have a delivery tried again."""
    try:
        await delivery_log.send_again(asker, id)
    except Conflict as error:
        return await _one(asker, id, error)
    return redirect(f"/office/messages/{id}", message=_("It is tried again."))


@get("/office/channels", roles=OFFICE, include_in_schema=False)
async def channels_page(asker: Asker, settings: Installation) -> Response[Any]:
    """Show the firm's bots, quiet hours and digest, and what the installation can send by."""
    return await _channels(asker, settings, {}, None)


async def _channels(asker: Scope, settings: Settings, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    if asker.firm is None:
        return choose_first()
    rule = await preferences.rule(asker)
    gateways = [
        (channel_name("sms"), bool(settings.sms_url), "LIFTROUNDS_SMS_URL"),
        (channel_name("email"), bool(settings.mail_url), "LIFTROUNDS_MAIL_URL"),
        (channel_name("web_push"), True, ""),
        (channel_name("fcm"), settings.fcm_account is not None, "LIFTROUNDS_FCM_ACCOUNT"),
    ]
    kind_names = {"wecom": _("WeCom"), "dingtalk": _("DingTalk"), "feishu": _("Feishu"), "webhook": _("Webhook")}
    return await office_page(
        asker, "office/channels.html", rule=rule, quiet_from=as_time(rule.quiet_from_s), quiet_to=as_time(rule.quiet_to_s),
        digest_at=as_time(rule.digest_at_s), bots=await bots.bots(asker), gateways=gateways,
        to_file=settings.message_file is not None, bot_kinds=[(kind, kind_names[kind]) for kind in KINDS],
        kind_names=kind_names,
        form=form, error=error, **words(),
    )  # fmt: skip


@post("/office/channels/rule", roles=OFFICE, include_in_schema=False, status_code=200)
async def set_rule(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Change the firm's quiet hours, digest time and language."""
    form = await form_of(request)
    digest_at_s = as_seconds(form.get("digest_at", ""))
    wanted = Rule(
        language=form.get("language", ""), quiet_from_s=as_seconds(form.get("quiet_from", "")),
        quiet_to_s=as_seconds(form.get("quiet_to", "")), digest_at_s=-1 if digest_at_s is None else digest_at_s,
    )  # fmt: skip
    try:
        await preferences.set_rule(asker, wanted)
    except InvalidInput as error:
        return await _channels(asker, settings, form, error)
    return redirect("/office/channels", message=_("Saved."))


@post("/office/channels/bots", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_bot(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Add a bot."""
    form = await form_of(request)
    try:
        await bots.add_bot(asker, settings, parsed(BotInput, form))
    except (InvalidInput, Conflict) as error:
        kept = {name: value for name, value in form.items() if name not in ("url", "secret")}  # a page must not repeat them
        return await _channels(asker, settings, kept, error)
    return redirect("/office/channels", message=_("The bot is added. Its address is kept encrypted and not shown again."))


@post("/office/bots/{id:uuid}/switch", roles=OFFICE, include_in_schema=False, status_code=200)
async def switch_bot(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Switch a bot on or off."""
    form = await form_of(request)
    await bots.switch_bot(asker, id, form.get("active") == "yes")
    return redirect("/office/channels", message=_("Saved."))


@post("/office/bots/{id:uuid}/remove", roles=OFFICE, include_in_schema=False, status_code=200)
async def remove_bot(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Remove a bot."""
    await bots.remove_bot(asker, id)
    return redirect("/office/channels", message=_("The bot and its address are removed."))


@post("/office/channels/test", roles=OFFICE, include_in_schema=False, status_code=200)
async def try_channel(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Send a message that only tries a channel."""
    form = await form_of(request)
    wanted = form.get("channel", "")
    try:
        await delivery_log.try_channel(asker, Channel(wanted) if wanted in list(Channel) else None, form.get("to", ""))
    except InvalidInput as error:
        return await _channels(asker, settings, form, error)
    return redirect("/office/messages", message=_("A test is on its way; what became of it stands here."))


HANDLERS: list[Any] = [
    messages_page, message_page, send_again, channels_page, set_rule, add_bot, switch_bot, remove_bot, try_channel,
]  # fmt: skip
