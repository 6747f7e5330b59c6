"""Who asks, and whether they may: every handler names its roles, everything else is refused.

Pages know a browser by its session cookie (with CSRF tokens), the API knows clients by bearer tokens and devices by their
keys; neither takes the other's. What belongs to another firm does not exist for the asker: `backend.isolation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from msgspec import structs

from backend.errors import NotAllowed, NotSignedIn
from backend.people import sessions as people
from backend.scope import Role, Scope
from backend.telemetry.service import authenticate_device

PUBLIC: Sequence[Role] = ()
"""`roles=PUBLIC`: anybody, without an account."""

OFFICE = (Role.MANAGER, Role.ADMIN)
"""Those who plan and change."""

OFFICE_READERS = (Role.MANAGER, Role.ADMIN, Role.REGULATOR)
"""Those who see the office's pages."""

TOKEN_PATHS = ("/api/", "/metrics")
"""Addresses that know clients by tokens; all others know browsers by their cookie."""

PEOPLE = (Role.TECHNICIAN, Role.MANAGER, Role.OWNER, Role.REGULATOR, Role.ADMIN)
"""Everybody with an account; devices have keys."""

SESSION_COOKIE = "liftrounds_session"
FIRM_COOKIE = "liftrounds_firm"
DEVICE_KEY_PREFIX = "lrd_"


class Authentication(AbstractAuthenticationMiddleware):
    """Finds out who asks; refuses nobody (the guard does)."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Return the signed-in person or device as the user, None for anybody else."""
        return AuthenticationResult(user=await _signed_in(connection), auth=None)


async def _signed_in(connection: ASGIConnection[Any, Any, Any, Any]) -> people.SignedIn | None:
    if not connection.url.path.startswith(TOKEN_PATHS):
        cookie = connection.cookies.get(SESSION_COOKIE)
        return await people.session_of(cookie, api=False) if cookie else None
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    if not token.startswith(DEVICE_KEY_PREFIX):
        return await people.session_of(token, api=True)
    scope = await authenticate_device(token)
    return None if scope is None else people.SignedIn(scope=scope, name="device", expires_at=None)


def require_role(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request pass if its asker has one of the handler's roles.

    Raises
    ------
    NotSignedIn
        If nobody is signed in.
    NotAllowed
        If the role is another.
    """
    roles = handler.opt.get("roles", PUBLIC)  # the framework's own answers to OPTIONS name none
    if not roles:
        return
    user: people.SignedIn | None = connection.user
    if user is None:
        raise NotSignedIn("sign in first")
    if user.scope.role not in roles:
        raise NotAllowed("this is not open to your role ({role})", role=user.scope.role.value)


def provide_asker(request: Request[Any, Any, Any]) -> Scope:
    """Return the asker's scope, for handlers that need it.

    Raises
    ------
    NotSignedIn
        In a public handler that nobody signed in for.
    """
    if request.user is None:
        raise NotSignedIn("sign in first")
    scope: Scope = request.user.scope
    chosen = chosen_firm(request)
    return scope if chosen is None else structs.replace(scope, firm=chosen)


def chosen_firm(request: Request[Any, Any, Any]) -> UUID | None:
    """Return the firm that somebody who sees every firm works in, in their browser; None where they chose none.

    It only ever narrows what is seen: of somebody with a firm it is not read.
    """
    if request.user is None or request.user.scope.firm is not None or request.url.path.startswith(TOKEN_PATHS):
        return None
    try:
        return UUID(request.cookies.get(FIRM_COOKIE, ""))
    except ValueError:
        return None


def handlers_of(app: Litestar) -> Iterator[tuple[str, BaseRouteHandler]]:
    """Yield every path of the app with its handlers, less the framework's own answers to OPTIONS."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[union-attr]
            if getattr(handler, "http_methods", None) != {"OPTIONS"}:
                yield route.path, handler


def refuse_handlers_without_roles(app: Litestar) -> None:
    """Stop the start if a handler does not say whom it serves.

    Raises
    ------
    ImproperlyConfiguredException
        Naming the handlers.
    """
    silent = [f"{path} ({handler})" for path, handler in handlers_of(app) if "roles" not in handler.opt]
    if silent:
        raise ImproperlyConfiguredException(f"handlers without roles=…: {', '.join(silent)}")
