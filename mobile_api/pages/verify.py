"""The page where anybody checks a record against the log, in their own browser; downloads of records with their proofs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get

from backend import keyfile
from backend.errors import LabelRefused, NotFound, TooManyAttempts
from backend.public import service as public
from backend.scope import Role
from backend.visits import service as visits
from mobile_api.api.log import as_file
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, Ring
from mobile_api.pages.render import page
from mobile_api.pages.visit_words import maintenance_class
from mobile_api.public_label import counted
from mobile_api.security import OFFICE_READERS, PUBLIC
from planner.intervals.items import CLASSES
from qr.log import bundle
from qr.log.bundle import Bundle

NO_STORE = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}


@get("/verify", roles=PUBLIC, include_in_schema=False)
async def verify_page() -> Response[Any]:
    """Take a bundle's file and check it in the browser; nothing is sent."""
    return _page(None, "")


@get("/verify/{code:path}", roles=PUBLIC, include_in_schema=False)
async def verify_elevator_page(
    request: Request[Any, Any, Any], ring: Ring, settings: Installation, code: FromPath[str]
) -> Response[Any]:
    """Check the last visit of a label's elevator: its public bundle comes with the page."""
    text = f"/e/{code.strip('/')}"
    try:
        async with counted(request, ring, text):
            found = await public.public_bundle(ring, text, keyfile.log_keys(settings).public)
    except (LabelRefused, TooManyAttempts):
        raise
    except NotFound:
        return _page(None, code.strip("/"))
    return _page(found, code.strip("/"))


def _page(given: Bundle | None, code: str) -> Response[Any]:
    # In a block of data inside the page: "<" must not end it.
    data = "" if given is None else bundle.encode(given).decode().replace("<", "\\u003c")
    classes = [(one, maintenance_class(one)) for one in CLASSES]
    answer = page("passenger/verify.html", given=data, code=code, missing=bool(code) and given is None, classes=classes)
    answer.headers.update(NO_STORE)
    return answer


@get("/office/visits/{id:uuid}/bundle", roles=OFFICE_READERS, include_in_schema=False)
async def office_bundle(
    asker: Asker, settings: Installation, id: FromPath[UUID], version: FromQuery[int | None] = None
) -> Response[Any]:
    """Save a record with its proof."""
    return await _file(asker, settings, id, version)


@get("/owner/visits/{id:uuid}/bundle", roles=(Role.OWNER,), include_in_schema=False)
async def owner_bundle(
    asker: Asker, settings: Installation, id: FromPath[UUID], version: FromQuery[int | None] = None
) -> Response[Any]:
    """Save a record of an own elevator with its proof."""
    return await _file(asker, settings, id, version)


async def _file(asker: Asker, settings: Installation, id: UUID, version: int | None) -> Response[Any]:
    found = await visits.bundle(asker, keyfile.log_keys(settings).public, id, version)
    return as_file(found, f"visit-{found.public.statement.day}-{id}-{found.public.statement.version}.json")


HANDLERS: list[Any] = [verify_page, verify_elevator_page, office_bundle, owner_bundle]
