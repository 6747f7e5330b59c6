"""Accounts of a firm, one's own password and sessions, the audit trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from msgspec import Struct

from backend.paging import DEFAULT_LIMIT
from backend.people import service as people
from backend.people import sessions
from backend.people.service import AccountPatch, AccountView, AuditPage
from backend.people.sessions import SessionView
from backend.scope import Role
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS, PEOPLE


class NewAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account to be made."""

    login: str
    password: str
    role: Role
    name: str
    technician: UUID | None = None
    """The person behind an account of the role technician."""

    owner: UUID | None = None
    """The owner behind an account of the role owner."""

    firm: UUID | None = None
    """For an admin: the account's firm. A manager's accounts are of their own firm."""


class NewPassword(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own password, changed."""

    old: str
    new: str


class Ended(Struct, frozen=True, kw_only=True):
    """How many sessions were ended."""

    sessions: int


@get("/api/v1/accounts", roles=OFFICE, tags=["accounts"])
async def accounts(asker: Asker) -> list[AccountView]:
    """List the accounts of the firm; for an admin all accounts."""
    return await people.list_accounts(asker)


@post("/api/v1/accounts", roles=OFFICE, tags=["accounts"])
async def add_account(asker: Asker, data: JSONBody[NewAccount]) -> AccountView:
    """Make an account."""
    return await people.create_account(
        asker, login=data.login, password=data.password, role=data.role, name=data.name, technician=data.technician,
        owner=data.owner, firm=data.firm,
    )  # fmt: skip


@patch("/api/v1/accounts/{id:uuid}", roles=OFFICE, tags=["accounts"])
async def change_account(asker: Asker, id: FromPath[UUID], data: JSONBody[AccountPatch]) -> AccountView:
    """Change an account's name, switch it on or off, or set a new password."""
    return await people.change_account(asker, id, data)


@post("/api/v1/password", roles=PEOPLE, status_code=204, tags=["accounts"])
async def change_password(request: Request[Any, Any, Any], asker: Asker, data: JSONBody[NewPassword]) -> None:
    """Change one's own password; all other sessions end."""
    await people.change_password(asker, data.old, data.new, session=request.user.session)


@get("/api/v1/sessions", roles=PEOPLE, tags=["sessions"])
async def list_sessions(request: Request[Any, Any, Any]) -> list[SessionView]:
    """List one's own sessions: browsers and apps."""
    return await sessions.list_sessions(request.user)


@delete("/api/v1/sessions", roles=PEOPLE, status_code=200, tags=["sessions"])
async def end_other_sessions(request: Request[Any, Any, Any]) -> Ended:
    """End all one's other sessions."""
    return Ended(sessions=await sessions.end_other_sessions(request.user))


@delete("/api/v1/sessions/{id:uuid}", roles=PEOPLE, tags=["sessions"])
async def end_session(request: Request[Any, Any, Any], id: FromPath[UUID]) -> None:
    """End one of one's own sessions."""
    await sessions.end_session(request.user, id)


@get("/api/v1/audit", roles=OFFICE_READERS, tags=["accounts"])
async def trail(
    asker: Asker,
    action: FromQuery[str] = "",
    subject: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> AuditPage:
    """List who did what, newest first; `action` is the beginning of an action's name, such as `label.`."""
    return await people.trail(asker, action=action, subject=subject, cursor=cursor, limit=limit)


HANDLERS: list[Any] = [
    accounts,
    add_account,
    change_account,
    change_password,
    list_sessions,
    end_other_sessions,
    end_session,
    trail,
]
