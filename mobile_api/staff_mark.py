"""The mark on browsers that maintenance staff have signed in with: they never give the owner's word without an account.

It is set with the first answer to anybody who is signed in and no owner, by page or by token, outlives the session, and is
renewed. Whoever removes it still lacks the password that goes to the owner's number; the mark keeps an honest mistake and a
lazy trick apart from an attack.

A technician's mark says so, because the owner's account does not give its word on a technician's device either. Those of the
office do not: a small owner may well share a computer with the firm that looks after it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request

from backend import clock
from backend.confirmations import service
from backend.confirmations.macs import Macs, macs_of
from backend.errors import NotAllowed
from backend.scope import Role, Scope
from backend.settings import Settings

COOKIE = "liftrounds_staff"

LIFE = timedelta(days=400)
"""The longest that browsers keep a cookie (RFC 6265bis, section 5.5)."""

RENEWED = timedelta(days=30)
"""A mark older than this is set anew, so that it lasts for 400 days after the last use by staff."""

_TECHNICIANS = "t"
"""Ends the value of a mark that a technician's session has left."""

STAFF = (Role.TECHNICIAN, Role.MANAGER, Role.ADMIN, Role.REGULATOR)
"""Everybody with an account but owners."""


class StaffMark:
    """Makes and reads marks."""

    def __init__(self, settings: Settings) -> None:
        self._macs: Macs = macs_of(settings)
        self._secure = settings.secure_cookies

    def cookie_for(self, user: Any, present: str) -> str | None:
        """Return the Set-Cookie line that an answer needs, None where it needs none.

        Parameters
        ----------
        user
            Who is signed in, if anybody is.
        present
            The mark that the browser has sent; empty without one.
        """
        if user is None or user.scope.role not in STAFF:
            return None
        today = clock.now().date()
        since, was_technicians = self.since(present), self.is_technicians(present)
        technicians = was_technicians or user.scope.role is Role.TECHNICIAN
        if since is not None and today - since < RENEWED and technicians == was_technicians:
            return None
        value = f"{today:%Y%m%d}{_TECHNICIANS if technicians else ''}"
        secure = "; Secure" if self._secure else ""
        life_s = int(LIFE.total_seconds())
        return f"{COOKIE}={value}.{self._macs.mark(value)}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=lax{secure}"

    def since(self, present: str) -> date | None:
        """Return the day of a mark that we have made, None for anything else."""
        value, _, signature = present.partition(".")
        if not self._macs.is_mark(value, signature):
            return None
        return datetime.strptime(value.removesuffix(_TECHNICIANS), "%Y%m%d").replace(tzinfo=UTC).date()

    def is_technicians(self, present: str) -> bool:
        """Return whether a mark is ours and a technician was signed in."""
        return self.since(present) is not None and present.partition(".")[0].endswith(_TECHNICIANS)


def is_staff(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Return whether a request comes from a browser or program of maintenance staff, of now or before."""
    user = request.user
    if user is not None and user.scope.role in STAFF:
        return True
    if request.headers.get("authorization"):  # programs, apps and telemetry devices: no safety officer's browser sends one
        return True
    return StaffMark(settings).since(request.cookies.get(COOKIE, "")) is not None


async def refuse_technicians_device(request: Request[Any, Any, Any], settings: Settings, asker: Scope, visit: UUID) -> None:
    """Refuse the owner's word, although an owner is signed in, in a browser that a technician has used.

    Raises
    ------
    NotAllowed
        If it is one; the trail says so.
    NotFound
        If it is, and the visit is none of the owner's.
    """
    if not is_technicians(request, settings):
        return
    await service.note_technicians_device(asker, visit)
    raise NotAllowed("a technician is or was signed in with this browser: give the owner's word on another device")


def is_technicians(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Return whether a technician is or was signed in with the browser of a request."""
    return StaffMark(settings).is_technicians(request.cookies.get(COOKIE, ""))
