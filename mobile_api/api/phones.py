"""Technicians' phones: invitations, enrolment, revocation, signed server times (docs/scan-events.md)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, post
from msgspec import Struct

from backend import keyfile
from backend.paging import MAX_LIMIT
from backend.phones import service
from backend.phones.views import BeaconView, EnrolInput, Enrolled, InviteView, NewInvite, PhoneView
from backend.scope import Role
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

TECHNICIAN = (Role.TECHNICIAN,)


class RevokeInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a phone is trusted no more."""

    reason: str


@get("/api/v1/beacon", roles=TECHNICIAN)
async def beacon(settings: Installation) -> BeaconView:
    """Return a signed server time, which the phone puts into its next entries."""
    return service.beacon(keyfile.beacon_keys(settings))


@post("/api/v1/technicians/{id:uuid}/phone-invites", roles=OFFICE)
async def invite(asker: Asker, settings: Installation, id: FromPath[UUID]) -> NewInvite:
    """Invite a technician to enrol one phone within 24 hours; the code is told once. Older open invitations end."""
    return await service.make_invite(asker, id, secret=keyfile.page_secret(settings))


@delete("/api/v1/technicians/{id:uuid}/phone-invites", roles=OFFICE)
async def withdraw_invites(asker: Asker, id: FromPath[UUID]) -> None:
    """Take back the open invitations of a technician."""
    await service.withdraw_invites(asker, id)


@get("/api/v1/phone-invites", roles=OFFICE)
async def open_invites(asker: Asker, limit: FromQuery[int] = MAX_LIMIT) -> list[InviteView]:
    """List the invitations that can still be used, without their codes, the newest first."""
    return await service.open_invites(asker, limit=limit)


@post("/api/v1/phones", roles=TECHNICIAN)
async def enrol(request: Request[Any, Any, Any], asker: Asker, settings: Installation, data: JSONBody[EnrolInput]) -> Enrolled:
    """Enrol the phone that signs this request, with an invitation. The same request again gives the same phone."""
    return await service.enrol(
        asker, data, secret=keyfile.page_secret(settings), beacon_keys=keyfile.beacon_keys(settings),
        handover_keys=keyfile.handover_keys(settings), session=request.user.session,
    )  # fmt: skip


@get("/api/v1/phones", roles=(*OFFICE_READERS, Role.TECHNICIAN))
async def phones(asker: Asker, technician: FromQuery[UUID | None] = None, limit: FromQuery[int] = MAX_LIMIT) -> list[PhoneView]:
    """List phones: a technician's own; for the office those of the firm, or of one technician, those in use first."""
    return await service.phones(asker, technician, limit=limit)


@get("/api/v1/phones/{id:uuid}", roles=(*OFFICE_READERS, Role.TECHNICIAN))
async def phone(asker: Asker, id: FromPath[UUID]) -> PhoneView:
    """Return a phone with the head of its chain."""
    return await service.phone(asker, id)


@post("/api/v1/phones/{id:uuid}/revoke", roles=OFFICE, status_code=200)
async def revoke(asker: Asker, id: FromPath[UUID], data: JSONBody[RevokeInput]) -> PhoneView:
    """Trust a phone no more: its sessions and passkeys end, what comes from it is kept for review. It cannot be taken back."""
    return await service.revoke(asker, id, data.reason)


HANDLERS: list[Any] = [beacon, invite, withdraw_invites, open_invites, enrol, phones, phone, revoke]
