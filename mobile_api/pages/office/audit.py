"""The audit trail: who did what, and when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get

from backend.people import service as people
from backend.scope import Role
from mobile_api.inputs import Asker, FromQuery
from mobile_api.pages.office import deeds as office_deeds
from mobile_api.pages.office.base import LISTED, as_day, office_page, time_zone_of
from mobile_api.security import OFFICE, OFFICE_READERS


@get("/office/audit", roles=OFFICE_READERS, include_in_schema=False)
async def audit_page(
    asker: Asker,
    action: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    day: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show the audit trail, newest first."""
    chosen = as_day(day)
    since = before = None
    if chosen is not None:
        zone = ZoneInfo(await time_zone_of(asker))
        since = datetime.combine(chosen, time(), zone)
        before = datetime.combine(chosen + timedelta(days=1), time(), zone)
    found = await people.trail(
        asker, action=action.strip(), subject=subject.strip(), since=since, before=before, cursor=cursor, limit=LISTED
    )
    return await office_page(
        asker,
        "office/audit.html",
        trail=found,
        given={"action": action, "subject": subject, "day": day},
        groups=office_deeds.groups(),
        deed=office_deeds.deed,
        page_of=lambda action, subject: page_of(action, subject, asker.role),
        as_text=office_deeds.detail,
        is_filtered=bool(action or subject or day),
    )


def page_of(action: str, subject: str, role: Role) -> str | None:
    """Return the page of what was acted on; None where it has none that this role may see."""
    if action.endswith(".removed"):
        return None
    try:
        UUID(subject)
    except ValueError:
        return None
    kind, verb = action.split(".", 1)
    if (kind, verb) == ("label", "minted"):
        return f"/office/labels?batch={subject}"
    area = _AREAS.get(kind)
    if area is None or (area == "/office/accounts" and role not in OFFICE):
        return None
    return f"{area}/{subject}"


_AREAS = {
    "account": "/office/accounts", "contract": "/office/contracts", "counter": "/office/elevators", "crew": "/office/crews",
    "device": "/office/devices", "elevator": "/office/elevators", "elevators": "/office/firms", "firm": "/office/firms",
    "label": "/office/labels", "owner": "/office/owners", "plan_run": "/office/plan",
    "policy_comparison": "/office/compare", "sign_in": "/office/accounts",
    "site": "/office/sites", "technician": "/office/technicians", "visit": "/office/visits",
}  # fmt: skip
"""First part of an action → where its subject's page is."""


HANDLERS: list[Any] = [audit_page]
