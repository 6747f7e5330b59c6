"""Accounts of the firm: made with a role and a person, switched off, given a new password."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotAllowed, NotFound
from backend.people import service as people
from backend.people.service import NO_FIRM, AccountPatch, AccountView
from backend.registry import service as registry
from backend.scope import Role, Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.base import is_id, office_page
from mobile_api.pages.office.parts import beside, of_part
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE

OF_FIRM = (Role.TECHNICIAN, Role.OWNER, Role.MANAGER)
CHOICES = 1_000
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No sign that is taken for another when it is read out or copied from paper."""


def fresh_password() -> str:
    """Return a password to be handed over: four groups of four, 78 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _sign in range(4)) for _group in range(4))


@get("/office/accounts", roles=OFFICE, include_in_schema=False)
async def accounts_page(
    asker: Asker,
    text: FromQuery[str] = "",
    role: FromQuery[str] = "",
    technician: FromQuery[str] = "",
    owner: FromQuery[str] = "",
) -> Response[Any]:
    """Show the accounts; a technician or owner named in the address is put into the form."""
    form = {"technician": technician, "owner": owner}
    if technician or owner:
        form["role"] = Role.TECHNICIAN.value if technician else Role.OWNER.value
        form["name"] = await _name_of(asker, form)
    return await _accounts(asker, {"text": text.strip(), "role": role}, form=form)


async def _name_of(asker: Scope, form: Mapping[str, str]) -> str:
    technician, owner = is_id(form["technician"]), is_id(form["owner"])
    try:
        if technician:
            return (await registry.technician(asker, technician)).name
        if owner:
            found = await registry.owner(asker, owner)
            return found.safety_officer or found.name
    except NotFound:
        pass  # a stale address: the form is then empty
    return ""


async def _accounts(
    asker: Scope, query: dict[str, str], *, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    everyone = await people.list_accounts(asker)
    in_firm = asker.firm is not None
    technicians = (await registry.technicians(asker, active=True, limit=CHOICES)).rows if in_firm else []
    owners = (await registry.owners(asker, limit=CHOICES)).rows if in_firm else []
    roles = [*(OF_FIRM if in_firm else ()), *(NO_FIRM if asker.role is Role.ADMIN else ())]
    return await office_page(
        asker,
        "office/accounts.html",
        accounts=[one for one in everyone if _fits(one, query)],
        total=len(everyone),
        technicians=technicians,
        owners=owners,
        roles=[role.value for role in roles],
        with_account={one.technician or one.owner for one in everyone if one.active},
        query=query,
        form=form,
        error=error,
    )


def _fits(account: AccountView, query: Mapping[str, str]) -> bool:
    wanted = query.get("text", "").casefold()
    role = query.get("role", "")
    return (not role or account.role.value == role) and wanted in f"{account.name} {account.login}".casefold()


@post("/office/accounts", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_account(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Make an account; a password that is made here is shown once."""
    form = await form_of(request)
    typed = str((await request.form()).get("password", ""))  # as typed: spaces may be part of it
    password = typed or fresh_password()
    try:
        role = _role(form.get("role", ""))
        made = await people.create_account(
            asker,
            login=form.get("login", ""),
            password=password,
            role=role,
            name=form.get("name", ""),
            technician=is_id(form.get("technician", "")) if role is Role.TECHNICIAN else None,
            owner=is_id(form.get("owner", "")) if role is Role.OWNER else None,
        )
    except Conflict as error:
        return await _accounts(asker, {}, form=form, error=beside(error, "login"))
    except (InvalidInput, NotAllowed, NotFound) as error:
        return await _accounts(asker, {}, form=form, error=error)
    if typed:
        return redirect("/office/accounts", message=_("The account %(login)s is made.") % {"login": made.login})
    return await _handed_over(asker, made, password)


def _role(text: str) -> Role:
    if text in set(Role):
        return Role(text)
    raise InvalidInput("please check the marked fields", faults=[Fault("role", text[:20], "please fill this in")])


async def _handed_over(asker: Scope, account: AccountView, password: str) -> Response[Any]:
    answer = await office_page(asker, "office/account_password.html", account=account, password=password)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@get("/office/accounts/{id:uuid}", roles=OFFICE, include_in_schema=False)
async def account_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show an account."""
    return await _account(asker, id)


async def _account(
    asker: Scope, id: UUID, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    account = await _found(asker, id)
    events = (await people.trail(asker, subject=str(id), limit=20)).events
    return await office_page(asker, "office/account.html", account=account, events=events, form=form, error=error)


async def _found(asker: Scope, id: UUID) -> AccountView:
    for account in await people.list_accounts(asker):
        if account.id == id:
            return account
    raise NotFound("no account {account}", account=id)


@post("/office/accounts/{id:uuid}", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_account(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Change an account's name."""
    form = await form_of(request)
    try:
        await people.change_account(asker, id, AccountPatch(name=form.get("name", "")))
    except InvalidInput as error:
        return await _account(asker, id, form, error)
    return redirect(f"/office/accounts/{id}", message=_("Saved."))


@post("/office/accounts/{id:uuid}/switch", roles=OFFICE, include_in_schema=False, status_code=200)
async def switch_account(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Switch an account on or off."""
    active = (await form_of(request)).get("active") == "yes"
    try:
        await people.change_account(asker, id, AccountPatch(active=active))
    except Conflict as error:
        return await _account(asker, id, error=error)
    said = _("The account is switched on.") if active else _("The account is switched off, its sessions have ended.")
    return redirect(f"/office/accounts/{id}", message=said)


@post("/office/accounts/{id:uuid}/password", roles=OFFICE, include_in_schema=False, status_code=200)
async def set_password(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Set a new password; one that is made here is shown once."""
    prefix = "new-"
    typed = str((await request.form()).get(f"{prefix}password", ""))
    password = typed or fresh_password()
    try:
        changed = await people.change_account(asker, id, AccountPatch(password=password))
    except InvalidInput as error:
        return await _account(asker, id, error=of_part(error, prefix))
    if typed:
        return redirect(f"/office/accounts/{id}", message=_("The new password holds from now on; all sessions have ended."))
    return await _handed_over(asker, changed, password)


HANDLERS: list[Any] = [
    accounts_page, add_account, account_page, change_account, switch_account, set_password,
]  # fmt: skip
