"""What was not accepted, in the office: why, how often, as it was sent, and replayed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post

from backend.scope import Role, Scope
from backend.telemetry import service as telemetry
from backend.telemetry.views import RejectedFilter, RejectedView, ReplayResult
from mobile_api.i18n import gettext as _
from mobile_api.i18n import ngettext
from mobile_api.inputs import Asker, FromQuery
from mobile_api.pages.forms import chosen, form_of
from mobile_api.pages.office.base import LISTED, is_id, office_page
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS

ADDRESS = "/office/devices/rejected"

STATES = ("open", "taken", "all")

_LONGEST_ID = 18
"""Digits of an id, which a 64-bit number holds."""


def filled(template: str, params: dict[str, str]) -> str:
    """Return a kept reason in the language of the request; its braces are doubled where it has no places."""
    return _(template).format(**params)


def why(row: RejectedView) -> str:
    """Return why something is not accepted, by the reason of now, in the language of the request."""
    if row.now_template:
        return filled(row.now_template, row.now_params)
    return filled(row.template, row.params)


def why_then(row: RejectedView) -> str:
    """Return why it was not accepted at first, where that is not the reason of now; empty otherwise."""
    then = filled(row.template, row.params)
    return then if row.now_template and then != why(row) else ""


def way_name(source: str, adapter: str) -> str:
    """Return the name of the way on which something came."""
    names = {"http": "HTTP", "mqtt": "MQTT", "file": _("file"), "history": _("history"), "replay": _("replay")}
    return f"{names.get(source, source)} · {adapter}" if adapter else names.get(source, source)


@get(ADDRESS, roles=OFFICE_READERS, include_in_schema=False)
async def rejected_page(
    asker: Asker,
    device: FromQuery[str] = "",
    text: FromQuery[str] = "",
    way: FromQuery[str] = "",
    reason: FromQuery[str] = "",
    status: FromQuery[str] = "open",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show what was not accepted, the latest first."""
    query = {"device": device, "text": text.strip(), "way": way, "reason": reason, "status": status}
    wanted = _wanted(query)
    every = RejectedFilter(device=wanted.device, adapter=wanted.adapter, source=wanted.source, text=wanted.text)
    return await office_page(
        asker,
        "office/rejected.html",
        rejected=await telemetry.rejected_records(asker, wanted, cursor=cursor, limit=LISTED),
        reasons=await telemetry.reason_counts(asker, every),
        device=await telemetry.device(asker, wanted.device) if wanted.device else None,
        ways=await telemetry.rejected_ways(asker),
        query=query,
        here=f"{ADDRESS}?{urlencode({key: value for key, value in query.items() if value})}",
        is_filtered=any(value for key, value in query.items() if (key, value) != ("status", "open")),
        may_replay=_may_replay(asker),
        why=why,
        why_then=why_then,
        way_name=way_name,
        reason_of=filled,
    )


def _may_replay(asker: Scope) -> bool:
    """Return whether the asker may replay: managers what is their firm's, admins all, what belongs to nobody too."""
    return asker.role in OFFICE and (asker.firm is not None or asker.role is Role.ADMIN)


def _wanted(query: dict[str, str]) -> RejectedFilter:
    source, _dot, adapter = query.get("way", "").partition(".")
    state = query.get("status") or "open"
    return RejectedFilter(
        device=is_id(query.get("device", "")), text=query.get("text") or None, source=source or None,
        adapter=adapter if source else None, template=query.get("reason") or None,
        state=None if state == "all" or state not in STATES else state,
    )  # fmt: skip


@post(f"{ADDRESS}/replay", roles=OFFICE, include_in_schema=False, status_code=200)
async def replay(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Take in again what is chosen, or all of one reason, and say what became of it."""
    form = await form_of(request)
    back = {key: form[key] for key in ("device", "text", "way", "reason", "status") if form.get(key)}
    address = f"{ADDRESS}?{urlencode(back)}" if back else ADDRESS
    if form.get("all_of"):
        done = await telemetry.replay(asker, RejectedFilter(template=form["all_of"], device=is_id(form.get("device", ""))))
    else:
        told = {form["one"]} if form.get("one") else set(await chosen(request, "ids"))
        ids = [int(one) for one in told if one.isascii() and one.isdigit() and len(one) <= _LONGEST_ID]
        if not ids:
            return redirect(address, message=_("Nothing was chosen: mark lines first."), kind="error")
        done = await telemetry.replay(asker, ids)
    return redirect(address, message=_outcome(done), kind="error" if done.rejected else "ok")


def _outcome(done: ReplayResult) -> str:
    """Return in a sentence what became of a replay, with the first reason of what is still not accepted."""
    parts = [
        ngettext("%(num)s accepted", "%(num)s accepted", done.accepted) % {"num": done.accepted},
        ngettext("%(num)s known already", "%(num)s known already", done.duplicates) % {"num": done.duplicates},
        ngettext("%(num)s still not accepted", "%(num)s still not accepted", done.rejected) % {"num": done.rejected},
    ]
    said = _("Replayed: %(what)s.") % {"what": _(", ").join(parts)}
    first = next((line for line in done.lines if line.outcome == "rejected"), None)
    if first is not None and first.template:
        said += " " + _("First reason: %(reason)s.") % {"reason": filled(first.template, first.params)}
    if done.left:
        said += " " + ngettext("%(num)s is left: replay again.", "%(num)s are left: replay again.", done.left) % {
            "num": done.left
        }
    return said


HANDLERS: list[Any] = [rejected_page, replay]
