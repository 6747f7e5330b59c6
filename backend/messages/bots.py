"""The firm's bots in WeCom, DingTalk and Feishu, and webhooks: their addresses are secrets."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID, uuid4

from msgspec import Struct

from backend import clock, database, keyfile
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.messages import hosts, sealing
from backend.messages import preference_queries as queries
from backend.messages.preference_queries import BotView
from backend.people.service import audit
from backend.scope import Scope
from backend.settings import Settings

KINDS = ("wecom", "dingtalk", "feishu", "webhook")

_MOST_NAME = 60
_KEY = re.compile(r"[A-Za-z0-9_-]{8,200}")
_WAYS_OUT = {
    "wecom": "give the address that WeCom shows: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    "dingtalk": "give the address that DingTalk shows: https://oapi.dingtalk.com/robot/send?access_token=…",
    "feishu": "give the address that Feishu shows: https://open.feishu.cn/open-apis/bot/v2/hook/…",
    "webhook": "give an https address with a public host; the installation can allow others (LIFTROUNDS_OUTBOUND_HOSTS)",
}


class BotInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bot as its service shows it."""

    kind: str
    """`wecom`, `dingtalk`, `feishu` or `webhook`."""

    name: str
    """What the office calls it."""

    url: str
    """The address that its service shows; kept encrypted, never shown again."""

    secret: str = ""
    """DingTalk's signing secret (加签), where the bot has one."""

    def __repr__(self) -> str:
        return f"BotInput({self.kind!r}, {self.name!r})"


async def bots(scope: Scope) -> list[BotView]:
    """Return the firm's bots, by name."""
    async with database.tx(scope):
        return await queries.bots()


async def add_bot(scope: Scope, settings: Settings, given: BotInput) -> BotView:
    """Add a bot; its address is encrypted at once.

    Raises
    ------
    InvalidInput
        With all faults: an unknown kind, no name, an address that is none of its service.
    Conflict
        If the firm has one of this name.
    """
    firm, name = scope.require_firm(), given.name.strip()
    faults = []
    if given.kind not in KINDS:
        faults.append(Fault("kind", given.kind[:20], "use wecom, dingtalk, feishu or webhook"))
    if not 1 <= len(name) <= _MOST_NAME:
        faults.append(Fault.of("name", name[:_MOST_NAME], "give a name of up to {most} characters", most=_MOST_NAME))
    address = await _address(given, settings)
    if given.kind in KINDS and address is None:
        faults.append(Fault("url", None, _WAYS_OUT[given.kind]))
    if given.secret and (given.kind != "dingtalk" or not _KEY.fullmatch(given.secret)):
        faults.append(Fault("secret", None, "only DingTalk's bots have one: SEC and letters and digits"))
    if faults or address is None:
        raise InvalidInput("the bot cannot be added", faults=faults)
    id = uuid4()  # noqa: A001 - as in the table
    view = BotView(
        id=id, kind=given.kind, name=name, shown=masked(given.url.strip()), active=True, created_at=clock.now(),
    )  # fmt: skip
    sealed = sealing.sealed(keyfile.message_key(settings), address, str(id))
    async with database.tx(scope):
        if not await queries.insert_bot(firm, view, sealed):
            raise Conflict("there is a bot {name} already", name=name)
        await audit(firm, scope.account, "bot.added", str(id), {"kind": given.kind, "name": name})
    return view


async def switch_bot(scope: Scope, id: UUID, active: bool) -> BotView:  # noqa: A002
    """Switch a bot on or off.

    Raises
    ------
    NotFound
        If the firm has none of this id.
    """
    async with database.tx(scope):
        firm = await _firm_of(id)
        await queries.switch_bot(id, active)
        await audit(firm, scope.account, "bot.switched", str(id), {"active": active})
        found = await queries.bot(id)
    assert found is not None  # noqa: S101 - it was changed just now
    return found


async def remove_bot(scope: Scope, id: UUID) -> None:  # noqa: A002
    """Remove a bot and its address for good.

    Raises
    ------
    NotFound
        If the firm has none of this id.
    """
    async with database.tx(scope):
        firm = await _firm_of(id)
        await queries.delete_bot(id)
        await audit(firm, scope.account, "bot.removed", str(id))


async def _firm_of(id: UUID) -> UUID:  # noqa: A002
    firm = await queries.firm_of_bot(id)
    if firm is None:
        raise NotFound("no bot {id}", id=id)
    return firm


async def _address(given: BotInput, settings: Settings) -> str | None:
    """Return the Apprise address of a bot; None where its own is none of its service."""
    url = given.url.strip()
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if given.kind == "webhook":
        scheme = {"https": "jsons", "http": "json"}.get(parts.scheme)
        allowed = scheme is not None and "@" not in parts.netloc and await hosts.may_post_to(url, settings.outbound_hosts)
        if not allowed or (scheme == "json" and parts.netloc.lower() not in settings.outbound_hosts):
            return None
        return f"{scheme}://{parts.netloc}{parts.path}" + (f"?{_escaped(parts.query)}" if parts.query else "")
    key = ""
    if given.kind == "wecom" and host == "qyapi.weixin.qq.com":
        key = parse_qs(parts.query).get("key", [""])[0]
    if given.kind == "dingtalk" and host == "oapi.dingtalk.com":
        key = parse_qs(parts.query).get("access_token", [""])[0]
    if given.kind == "feishu" and host == "open.feishu.cn" and parts.path.startswith("/open-apis/bot/v2/hook/"):
        key = parts.path.rsplit("/hook/", 1)[1].strip("/")
    if parts.scheme != "https" or not _KEY.fullmatch(key):
        return None
    scheme = {"wecom": "wecombot", "dingtalk": "dingtalk", "feishu": "feishu"}[given.kind]
    user = f"{given.secret}@" if given.secret else ""
    return f"{scheme}://{user}{key}"


def _escaped(query: str) -> str:
    """Return a webhook's own query, marked so that Apprise hands it on instead of reading it."""
    return "&".join(f"-{quote(name)}={quote(value)}" for name, values in parse_qs(query).items() for value in values)


_SHOWN = 4


def masked(url: str) -> str:
    """Return an address without what opens it: the host, and the last four characters."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}/…{url[-_SHOWN:]}"
