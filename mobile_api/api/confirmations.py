"""Phones that were remembered for an owner. The owner's word itself has no route here: it is given on the pages of the code."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from msgspec import Struct

from backend.confirmations import service
from backend.confirmations.views import KnownPhoneView
from backend.scope import Role
from mobile_api.inputs import Asker, FromPath, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS


class KnownPhoneList(Struct, frozen=True, kw_only=True):
    """Phones of an owner, newest first."""

    rows: list[KnownPhoneView]


class Revocation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why something ends."""

    reason: str


@get("/api/v1/owners/{id:uuid}/known-phones", roles=(*OFFICE_READERS, Role.OWNER))
async def known_phones(asker: Asker, id: FromPath[UUID]) -> KnownPhoneList:
    """List the phones that confirm the owner's visits without a password; an owner sees their own."""
    return KnownPhoneList(rows=await service.known_phones(asker, id))


@post("/api/v1/known-phones/{id:uuid}/revoke", roles=(*OFFICE, Role.OWNER), status_code=200)
async def revoke_known_phone(asker: Asker, id: FromPath[UUID], data: JSONBody[Revocation]) -> KnownPhoneView:
    """End a remembered phone: its next visit needs a password again."""
    return await service.revoke_known_phone(asker, id, data.reason)


HANDLERS = [known_phones, revoke_known_phone]
