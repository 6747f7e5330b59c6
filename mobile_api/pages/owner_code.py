"""The owner's code on the technician's pages without script: made at departure, shown for a while, made anew if it was lost."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import Cookie
from msgspec import Struct

from backend.confirmations import service
from backend.scope import Role, Scope
from backend.settings import Settings
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, Installation
from mobile_api.pages.render import redirect

TECHNICIAN = (Role.TECHNICIAN,)
CODE_COOKIE = "owner_code"

SHOWN_S = 30 * 60
"""How long the page shows the code: the safety officer stands beside the technician, or is fetched."""


class OwnerCode(Struct, frozen=True, kw_only=True):
    """A code to be shown."""

    image: str
    """The QR code as a data address."""

    address: str


def owner_code_of(request: Request[Any, Any, Any], settings: Settings) -> OwnerCode | None:
    """Return the code that this browser was told for the visit it shows; the server has only its hash."""
    code = service.plain_code(request.cookies.get(CODE_COOKIE, ""))
    if code is None:
        return None
    image = b64encode(service.drawn(settings, code).encode()).decode()
    return OwnerCode(image=f"data:image/svg+xml;base64,{image}", address=service.address_of(settings, code))


async def with_owner_code(asker: Scope, settings: Settings, visit: UUID, message: str) -> Response[Any]:
    """Send the browser to the visit with a new code to show.

    Raises
    ------
    Conflict
        If the owner has decided already, or the visit was withdrawn.
    """
    answer = redirect(f"/work/visits/{visit}", message=message)
    code = await service.make_code(asker, visit)
    answer.cookies.append(
        Cookie(
            key=CODE_COOKIE, value=code, path=f"/work/visits/{visit}", httponly=True, samesite="lax", max_age=SHOWN_S,
            secure=settings.secure_cookies,
        )
    )  # fmt: skip
    return answer


@post("/work/visits/{id:uuid}/owner-code", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def new_code(asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[Any]:
    """Make a new code for the owner; the ones before open nothing any more."""
    return await with_owner_code(asker, settings, id, _("Show this code to the owner's safety officer."))


HANDLERS: list[Any] = [new_code]
