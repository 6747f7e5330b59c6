"""Rule packs and their history, the conditions of maintenance on demand, authorised deferrals, over the API."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from msgspec import Struct

from backend.scope import Role
from backend.upkeep import rulebook, service
from backend.upkeep.rulebook import Eligibility, PackRead
from backend.upkeep.views import DeferralFile, DeferralInput, DeferralOffer, DeferralView
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

READERS_AND_TECHNICIANS = (*OFFICE_READERS, Role.TECHNICIAN)


class DocumentBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The document of a deferral: PDF, JPEG or PNG, at most 10 MB."""

    name: str
    content: bytes
    """In JSON as base64."""


class DeferralBody(DeferralInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deferral to enter; either the document or its hash is needed."""

    file: DocumentBody | None = None


class WithdrawalBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a deferral does not hold any more."""

    why: str


@get("/api/v1/rule-packs/{id:str}/versions", roles=READERS_AND_TECHNICIANS)
async def rule_pack_versions(
    id: FromPath[str], version: FromQuery[date | None] = None, against: FromQuery[date | None] = None
) -> PackRead:
    """Return a version of a rule pack with every limit, all versions, and what differs from another one."""
    return rulebook.read_pack(id, version, against)


@get("/api/v1/elevators/{id:uuid}/eligibility", roles=OFFICE_READERS)
async def eligibility(asker: Asker, id: FromPath[UUID], pack: FromQuery[str | None] = None) -> Eligibility:
    """Return what each condition of maintenance on demand finds at an elevator, whatever its registered mode."""
    return await rulebook.eligibility(asker, id, pack)


@get("/api/v1/elevators/{id:uuid}/deferral-offer", roles=OFFICE_READERS)
async def deferral_offer(asker: Asker, id: FromPath[UUID]) -> DeferralOffer:
    """Return what may be deferred now, or why nothing may."""
    return await service.deferral_offer(asker, id)


@get("/api/v1/elevators/{id:uuid}/deferrals", roles=OFFICE_READERS)
async def deferrals(asker: Asker, id: FromPath[UUID]) -> list[DeferralView]:
    """List an elevator's authorised deferrals, the newest first."""
    return await service.deferrals(asker, id)


@post("/api/v1/elevators/{id:uuid}/deferrals", roles=OFFICE)
async def add_deferral(asker: Asker, id: FromPath[UUID], data: JSONBody[DeferralBody]) -> DeferralView:
    """Enter an authorised deferral: the user's consent from before the due day, with its document."""
    fields = {name: getattr(data, name) for name in DeferralInput.__struct_fields__}
    sent = data.file
    file = None if sent is None else DeferralFile(name=sent.name, content_type="", content=sent.content)
    return await service.add_deferral(asker, id, msgspec.convert(fields, DeferralInput), file)


@get("/api/v1/deferrals/{id:uuid}/file", roles=OFFICE_READERS, media_type="application/octet-stream")
async def deferral_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Download the document of a deferral."""
    return document(await service.deferral_file(asker, id), id)


def document(file: DeferralFile, deferral: UUID) -> Response[bytes]:
    """Return a document to be kept, under a name of ours: what was sent is never shown in the page's own origin."""
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}.get(file.content_type, "bin")
    headers = {"Content-Disposition": f'attachment; filename="deferral-{deferral}.{ending}"', "Cache-Control": "no-store"}
    return Response(file.content, media_type=file.content_type, headers=headers)


@post("/api/v1/deferrals/{id:uuid}/withdraw", roles=OFFICE, status_code=204)
async def withdraw_deferral(asker: Asker, id: FromPath[UUID], data: JSONBody[WithdrawalBody]) -> None:
    """Withdraw a deferral; the elevator's due window follows at once."""
    await service.withdraw_deferral(asker, id, data.why)


HANDLERS: list[Any] = [
    rule_pack_versions, eligibility, deferral_offer, deferrals, add_deferral, deferral_file, withdraw_deferral,
]  # fmt: skip
