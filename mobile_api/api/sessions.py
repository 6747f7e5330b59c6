"""Bearer tokens of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from msgspec import Struct

from backend.people import sessions as people
from backend.scope import Role
from mobile_api.inputs import JSONBody
from mobile_api.security import PEOPLE, PUBLIC


class SignInBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A login and its password."""

    login: str
    password: str


class Session(Struct, frozen=True, kw_only=True):
    """Who is signed in, as what, until when."""

    name: str
    role: Role
    firm: UUID | None
    account: UUID | None
    technician: UUID | None
    owner: UUID | None
    expires_at: datetime | None


class NewSession(Session, frozen=True, kw_only=True):
    """A session and its token, which is told only here."""

    token: str


def _told(signed_in: people.SignedIn) -> dict[str, Any]:
    scope = signed_in.scope
    return {
        "name": signed_in.name, "role": scope.role, "firm": scope.firm, "account": scope.account,
        "technician": scope.technician, "owner": scope.owner, "expires_at": signed_in.expires_at,
    }  # fmt: skip


def new_session(request: Request[Any, Any, Any], opened: tuple[str, people.SignedIn]) -> NewSession:
    """Answer any way of signing in."""
    token, signed_in = opened
    request.scope["user"] = signed_in  # so that the answer marks a browser of maintenance staff
    return NewSession(token=token, **_told(signed_in))


@post("/api/v1/sessions", roles=PUBLIC, tags=["sessions"])
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignInBody]) -> NewSession:
    """Sign in: send the token of the answer as `Authorization: Bearer …`."""
    client = request.headers.get("user-agent", "")
    return new_session(request, await people.sign_in(data.login, data.password, api=True, client=client))


@get("/api/v1/sessions/current", roles=PEOPLE, tags=["sessions"])
async def current(request: Request[Any, Any, Any]) -> Session:
    """Say who is signed in with the token."""
    return Session(**_told(request.user))


@delete("/api/v1/sessions/current", roles=PEOPLE, tags=["sessions"])
async def sign_out(request: Request[Any, Any, Any]) -> None:
    """Sign out: the token is worth nothing from now on."""
    await people.sign_out(request.headers["authorization"].partition(" ")[2])


HANDLERS: list[Any] = [sign_in, current, sign_out]
