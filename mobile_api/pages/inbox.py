"""One's inbox, and how one wants to be told: for everybody with an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.response import ServerSentEvent

from backend import keyfile
from backend.errors import InvalidInput, LiftroundsError
from backend.messages import delivery_log, inbox, preferences, subscriptions
from backend.messages.channels.web_push import public_key
from backend.messages.preference_queries import Preference
from backend.messages.subscriptions import SubscriptionInput, WebPushKeys
from backend.scope import Role, Scope
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation
from mobile_api.pages.account import client_name
from mobile_api.pages.clock_fields import as_seconds, as_time
from mobile_api.pages.forms import chosen, form_of, told
from mobile_api.pages.render import STATIC, page, redirect
from mobile_api.pages.rescue_words import kind_name, words
from mobile_api.security import PEOPLE
from mobile_api.streams import page_stream

LISTED = 30
OF_FIRMS = (Role.TECHNICIAN, Role.MANAGER, Role.OWNER)
"""Who belongs to one firm, and is told things by it."""


@get("/inbox", roles=PEOPLE, include_in_schema=False)
async def inbox_page(asker: Asker, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Show what the asker was told, newest first."""
    found = await inbox.inbox(asker, cursor=cursor, limit=LISTED)
    return page("inbox/list.html", found=found, may_choose=asker.role in OF_FIRMS, **words())


@post("/inbox/{id:uuid}/open", roles=PEOPLE, include_in_schema=False, status_code=200)
async def open_item(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Mark a message as read and go to what it is about."""
    found = await inbox.read(asker, id)
    return redirect(found.link or "/inbox")


@post("/inbox/{id:uuid}/acknowledge", roles=PEOPLE, include_in_schema=False, status_code=200)
async def acknowledge(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Mark a message as read and acknowledged."""
    await inbox.read(asker, id, acknowledge=True)
    return redirect("/inbox")


@post("/inbox/read", roles=PEOPLE, include_in_schema=False, status_code=200)
async def read_all(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Mark what the page has shown as read."""
    form = await form_of(request)
    up_to = form.get("up_to", "")
    if up_to.isascii() and up_to.isdigit() and len(up_to) < 19:
        await inbox.read_up_to(asker, int(up_to))
    return redirect("/inbox", message=_("All is marked as read."))


@get("/inbox/preferences", roles=OF_FIRMS, include_in_schema=False)
async def preferences_page(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Show how the asker is told."""
    return await _preferences(request, asker, settings, None, None)


async def _preferences(
    request: Request[Any, Any, Any], asker: Scope, settings: Any, wanted: Preference | None, error: LiftroundsError | None
) -> Response[Any]:
    wanted = wanted or await preferences.preference(asker)
    return page(
        "inbox/preferences.html",
        status_code=status_of(error) if error else 200,
        error=told(error) if error else None,
        wanted=wanted,
        quiet_from=as_time(wanted.quiet_from_s),
        quiet_to=as_time(wanted.quiet_to_s),
        kinds=[(kind, kind_name(kind)) for kind in preferences.MUTABLE],
        subscriptions=await subscriptions.subscriptions(asker),
        push_key=public_key(keyfile.push_key(settings)),
        time_zone=(await inbox.inbox(asker, limit=1)).time_zone,
        client_name=client_name,
        agent=request.headers.get("user-agent", "")[:200],
        **words(),
    )


@post("/inbox/preferences", roles=OF_FIRMS, include_in_schema=False, status_code=200)
async def set_preferences(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Change how the asker is told."""
    form = await form_of(request)
    told_kinds = await chosen(request, "kinds")
    wanted = Preference(
        language=form.get("language", ""), phone=form.get("phone", ""), email=form.get("email", ""),
        by_email=form.get("by_email") == "yes", digest=form.get("digest") == "yes",
        quiet_from_s=as_seconds(form.get("quiet_from", "")), quiet_to_s=as_seconds(form.get("quiet_to", "")),
        muted=[kind for kind in preferences.MUTABLE if kind not in told_kinds],
    )  # fmt: skip
    try:
        await preferences.set_preference(asker, wanted)
    except InvalidInput as error:
        return await _preferences(request, asker, settings, wanted, error)
    return redirect("/inbox/preferences", message=_("Saved."))


@post("/inbox/subscriptions", roles=OF_FIRMS, include_in_schema=False, status_code=200)
async def subscribe(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Register this browser for pushes."""
    form = await form_of(request)
    keys = WebPushKeys(p256dh=form.get("p256dh", ""), auth=form.get("auth", ""))
    name = client_name(request.headers.get("user-agent", "")[:200])
    given = SubscriptionInput(endpoint=form.get("endpoint", ""), keys=keys, name=name)
    try:
        await subscriptions.subscribe(asker, settings, given)
    except InvalidInput as error:
        return await _preferences(request, asker, settings, None, error)
    return redirect("/inbox/preferences", message=_("This browser is told now."))


@post("/inbox/subscriptions/{id:uuid}/remove", roles=OF_FIRMS, include_in_schema=False, status_code=200)
async def unsubscribe(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Stop pushes to a browser or app."""
    await subscriptions.unsubscribe(asker, id)
    return redirect("/inbox/preferences", message=_("It is told no more."))


@post("/inbox/test", roles=OF_FIRMS, include_in_schema=False, status_code=200)
async def try_own(asker: Asker) -> Response[Any]:
    """Send the asker a test."""
    await delivery_log.try_channel(asker, None, "")
    return redirect("/inbox/preferences", message=_("A test is on its way to your inbox and your browsers."))


@get("/inbox/worker.js", roles=PEOPLE, include_in_schema=False, media_type="text/javascript")
async def worker_script() -> str:
    """Return the service worker that shows pushes; its address sets what it may stand for."""
    return (STATIC / "push-worker.js").read_text()


@get("/live", roles=PEOPLE, include_in_schema=False)
async def live(asker: Asker) -> ServerSentEvent:
    """Stream that there is news, for pages that show an inbox or rescues."""
    return page_stream(asker)


HANDLERS: list[Any] = [
    inbox_page, open_item, acknowledge, read_all, preferences_page, set_preferences, subscribe, unsubscribe, try_own,
    worker_script, live,
]  # fmt: skip
