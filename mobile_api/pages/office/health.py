"""Data health in the office: which monitors can be relied on, and the data of one elevator."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get

from backend.errors import NotFound
from backend.registry import service as registry
from backend.telemetry import service as telemetry
from backend.telemetry.health_views import ElevatorHealth, HealthFilter
from backend.upkeep import service as upkeep
from backend.upkeep.health import limits_of
from mobile_api.i18n import gettext as _
from mobile_api.i18n import language
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.office.base import LISTED, office_page
from mobile_api.security import OFFICE_READERS
from planner.intervals.rules import UnknownPackError, load_pack

MODES = ("fixed", "on_demand")

STATES = ("good", "degraded", "not_usable")


def state_name(code: str) -> str:
    """Return the name of a state of the data."""
    return {"good": _("good"), "degraded": _("degraded"), "not_usable": _("not usable")}.get(code, code)


def state_kind(code: str) -> str:
    """Return the badge of a state of the data."""
    return {"good": "ok", "degraded": "warn", "not_usable": "bad"}.get(code, "mute")


def reason_name(key: str) -> str:
    """Return the name of a kind of reason."""
    names = {
        "gap": _("gap"), "online": _("often offline"), "stuck": _("counter stands still"), "frozen": _("gauge frozen"),
        "clock": _("clock off"), "drift": _("clock drifts"), "monitor_fault": _("fault of the monitor"),
    }  # fmt: skip
    return names.get(key, key)


REASONS = ("gap", "online", "stuck", "frozen", "clock", "drift", "monitor_fault")


def said(text: Any) -> str:
    """Return a text of the planner in the language of the request."""
    return str(text.zh if language.get() == "zh" else text.en)


def skew_text(skew_s: int | None) -> str:
    """Return how a clock goes: `4 s behind`, `2 min ahead`."""
    if skew_s is None:
        return "–"
    number = abs(skew_s)
    amount = f"{number} s" if number < 120 else f"{round(number / 60)} min" if number < 7200 else f"{number / 3600:.1f} h"
    return (_("%(amount)s ahead") if skew_s < 0 else _("%(amount)s behind")) % {"amount": amount}


def hour_text(at: datetime | None) -> str:
    """Return a local hour; nothing for one that has not come."""
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M")


_WORDS: dict[str, Any] = {
    "state_name": state_name, "state_kind": state_kind, "reason_name": reason_name, "said": said, "skew_text": skew_text,
    "hour_text": hour_text,
}  # fmt: skip


@get("/office/data-health", roles=OFFICE_READERS, include_in_schema=False)
async def health_page(
    asker: Asker,
    status: FromQuery[str] = "",
    reason: FromQuery[str] = "",
    mode: FromQuery[str] = "",
    text: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show the data health of elevators with a monitor, the worst first."""
    query = {
        "status": status if status in STATES else "", "reason": reason if reason in REASONS else "",
        "mode": mode if mode in MODES else "", "text": text.strip(),
    }  # fmt: skip
    wanted = HealthFilter(
        state=query["status"] or None, reason=query["reason"] or None, mode=query["mode"] or None, text=query["text"] or None
    )
    return await office_page(
        asker,
        "office/data_health.html",
        health=await telemetry.health_list(asker, wanted, cursor=cursor, limit=LISTED),
        query=query,
        with_state=lambda chosen: _address(query | {"status": chosen}),
        is_filtered=any(query.values()),
        reasons=REASONS,
        **_WORDS,
    )


def _address(query: dict[str, str]) -> str:
    given = {key: value for key, value in query.items() if value}
    return "/office/data-health" + (f"?{urlencode(given)}" if given else "")


@get("/office/elevators/{id:uuid}/data", roles=OFFICE_READERS, include_in_schema=False)
async def elevator_health_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show the data of an elevator's monitor: its hours, counters and clock, and what that does to the window."""
    elevator = await registry.elevator(asker, id)
    found: ElevatorHealth | None
    try:
        found = await telemetry.health_detail(asker, id)
    except NotFound:
        found = None
    try:
        limits = limits_of(load_pack(elevator.rule_pack))
    except UnknownPackError:
        limits = limits_of(None)
    window = None
    if found is not None:
        try:
            window = await upkeep.receipt(asker, id)
        except NotFound:
            window = None
    return await office_page(
        asker, "office/elevator_data.html", elevator=elevator, health=found, limits=limits, window=window, **_WORDS
    )


HANDLERS: list[Any] = [health_page, elevator_health_page]
