"""Where each role starts, and the areas it has."""

from __future__ import annotations

from typing import Any

from backend.scope import Role
from mobile_api.i18n import gettext as _

HOME = {
    Role.TECHNICIAN: "/work/",
    Role.MANAGER: "/office/",
    Role.ADMIN: "/office/",
    Role.REGULATOR: "/office/",
    Role.OWNER: "/owner/",
}
"""Role → the page after signing in."""


def nav_of(role: Role) -> list[tuple[str, str]]:
    """Return the areas of a role: address and name, in the language of the request."""
    if role is Role.TECHNICIAN:
        return [(HOME[role], _("My round")), ("/work/visits", _("My visits"))]
    if role is Role.OWNER:
        return [(HOME[role], _("To confirm")), ("/owner/visits", _("All visits")), ("/owner/notices", _("Notices"))]
    areas = [
        ("/office/", _("Overview")), ("/office/today", _("Today")), ("/office/due", _("What is due")),
        ("/office/plan", _("Rounds")), ("/office/visits", _("Visits")), ("/office/hazards", _("Hazards and notices")),
        ("/office/elevators", _("Elevators")), ("/office/sites", _("Sites")), ("/office/owners", _("Owners")),
        ("/office/contracts", _("Contracts")), ("/office/crews", _("Crews and hours")),
        ("/office/technicians", _("Technicians")), ("/office/periods", _("Special periods")),
        ("/office/labels", _("Labels")), ("/office/devices", _("Telemetry devices")),
        ("/office/import", _("Import and export")), ("/office/audit", _("Audit trail")),
    ]  # fmt: skip
    if role is not Role.REGULATOR:
        areas.append(("/office/accounts", _("Accounts")))
    areas.append(("/office/firms", _("Firms") if role is not Role.MANAGER else _("Our firm")))
    return areas


def is_under(request: Any, address: str) -> bool:
    """Return whether the page under way belongs to an area."""
    path = str(request.scope["path"]).rstrip("/") + "/"
    whole = address.rstrip("/") + "/"
    return path == whole if address in HOME.values() else path.startswith(whole)
