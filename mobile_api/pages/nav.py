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
    return [("/office/", _("Overview"))]


def is_under(request: Any, address: str) -> bool:
    """Return whether the page under way belongs to an area."""
    path = str(request.scope["path"]).rstrip("/") + "/"
    whole = address.rstrip("/") + "/"
    return path == whole if address in HOME.values() else path.startswith(whole)
