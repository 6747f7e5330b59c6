"""Phones that were remembered for an owner, ended by the office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, post

from backend.confirmations import service as confirmations
from backend.errors import InvalidInput
from backend.registry import service as registry
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.kinds import shown
from mobile_api.pages.office.register import OWNERS
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE


@post("/office/owners/{id:uuid}/known-phones/{phone:uuid}/revoke", roles=OFFICE, include_in_schema=False, status_code=200)
async def revoke_phone(
    request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID], phone: FromPath[UUID]
) -> Response[Any]:
    """End a phone that was remembered for the owner."""
    try:
        await confirmations.revoke_known_phone(asker, phone, (await form_of(request)).get("reason", ""))
    except InvalidInput as error:
        return await shown(OWNERS, asker, await registry.owner(asker, id), error=error)
    return redirect(f"/office/owners/{id}", message=_("The phone is known no more: its next visit needs a password."))


HANDLERS: list[Any] = [revoke_phone]
