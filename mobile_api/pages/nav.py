"""Where each role starts, and the areas it has."""

from __future__ import annotations

from typing import Any, NamedTuple

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


class Area(NamedTuple):
    """A line of the navigation."""

    address: str
    name: str
    parts: tuple[Area, ...] = ()
    """Shown below it while one of them is open."""


def nav_of(role: Role) -> list[Area]:
    """Return the areas of a role, named in the language of the request."""
    if role is Role.TECHNICIAN:
        return [
            Area(HOME[role], _("My round")), Area("/work/visits", _("My visits")), Area("/work/dispatches", _("Rescues")),
            Area("/inbox", _("Inbox")),
        ]  # fmt: skip
    if role is Role.OWNER:
        return [
            Area(HOME[role], _("To confirm")), Area("/owner/visits", _("All visits")), Area("/owner/notices", _("Notices")),
            Area("/owner/known-phones", _("Known phones")), Area("/inbox", _("Inbox")),
        ]  # fmt: skip
    return _office(role)


def _office(role: Role) -> list[Area]:
    register = (
        Area("/office/elevators", _("Elevators")), Area("/office/sites", _("Sites")), Area("/office/owners", _("Owners")),
        Area("/office/contracts", _("Contracts")), Area("/office/import", _("Import and export")),
    )  # fmt: skip
    people = (Area("/office/crews", _("Crews and hours")), Area("/office/technicians", _("Technicians")),
              Area("/office/phones", _("Technicians' phones")))  # fmt: skip
    service_times = () if role is Role.REGULATOR else (Area("/office/service-times", _("Service times")),)
    accounts = () if role is Role.REGULATOR else (Area("/office/accounts", _("Accounts")),)
    messages: tuple[Area, ...] = (Area("/office/messages", _("Delivery log")),)
    rescue: tuple[Area, ...] = (Area("/office/dispatches", _("Rescues")),)
    if role is not Role.REGULATOR:
        messages += (Area("/office/channels", _("Channels")),)
        rescue += (Area("/office/rescue", _("Ladder and duty roster")),)
    firm = Area("/office/firms", _("Our firm") if role is Role.MANAGER else _("Firms"))
    return [
        Area("/office/", _("Overview")),
        Area("/office/today", _("Today")),
        Area("/office/dispatches", _("Rescues"), rescue),
        Area("/inbox", _("Inbox")),
        Area("/office/due", _("What is due")),
        Area("/office/risk", _("Failure risk")),
        Area(
            "/office/plan",
            _("Rounds"),
            (
                Area("/office/plan", _("Plans")),
                Area("/office/levelling", _("Levelling")),
                Area("/office/compare", _("On demand compared")),
                *service_times,
            ),
        ),
        Area(
            "/office/visits",
            _("Visits"),
            (
                Area("/office/visits", _("All visits")),
                Area("/office/reviews", _("Reviews of visits")),
                Area("/office/entries", _("Held entries")),
            ),
        ),
        Area("/office/hazards", _("Hazards and notices")),
        Area("/office/elevators", _("Register"), register),
        Area("/office/crews", _("Crews and technicians"), people),
        Area("/office/labels", _("Labels")),
        Area(
            "/office/devices",
            _("Telemetry devices"),
            (
                Area("/office/devices", _("Devices")),
                Area("/office/data-health", _("Data health")),
                Area("/office/devices/rejected", _("Not accepted")),
            ),
        ),
        Area(
            "/office/rules", _("Rules"), (Area("/office/rules", _("Rule packs")), Area("/office/periods", _("Special periods")))
        ),
        Area(firm.address, _("Firm and accounts"), (firm, *accounts, *messages, Area("/office/audit", _("Audit trail")))),
    ]


def is_under(request: Any, address: str) -> bool:
    """Return whether the page under way belongs to an area."""
    path = str(request.scope["path"]).rstrip("/") + "/"
    whole = address.rstrip("/") + "/"
    return path == whole if address in HOME.values() else path.startswith(whole)
