"""The mark on browsers that maintenance staff have signed in with: they never give the owner's word without an account.

It is set with the first answer to anybody who is signed in and no owner, by page or by token, outlives the session, and is
renewed. Whoever removes it still lacks the password that goes to the owner's number; the mark keeps an honest mistake and a
lazy trick apart from an attack.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from litestar import Request

from backend import clock
from backend.confirmations.macs import Macs, macs_of
from backend.scope import Role
from backend.settings import Settings

COOKIE = "liftrounds_staff"

LIFE = timedelta(days=400)
"""The longest that browsers keep a cookie (RFC 6265bis, section 5.5)."""

RENEWED = timedelta(days=30)
"""A mark older than this is set anew, so that it lasts for 400 days after the last use by staff."""

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
        since = self.since(present)
        if since is not None and today - since < RENEWED:
            return None
        value = f"{today:%Y%m%d}"
        secure = "; Secure" if self._secure else ""
        life_s = int(LIFE.total_seconds())
        return f"{COOKIE}={value}.{self._macs.mark(value)}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=lax{secure}"

    def since(self, present: str) -> date | None:
        """Return the day of a mark that we have made, None for anything else."""
        value, _, signature = present.partition(".")
        if not self._macs.is_mark(value, signature):
            return None
        return datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date()


def is_staff(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """Return whether a request comes from a browser or program of maintenance staff, of now or before."""
    user = request.user
    if user is not None and user.scope.role in STAFF:
        return True
    if request.headers.get("authorization"):  # programs, apps and telemetry devices: no safety officer's browser sends one
        return True
    return StaffMark(settings).since(request.cookies.get(COOKIE, "")) is not None
