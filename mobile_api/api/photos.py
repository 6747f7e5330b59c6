"""Photos: their content, sent by phones and read by those who may see the visit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, put

from backend.scope import Role
from backend.visits.photos import picture
from backend.visits.photos import service as photos
from backend.visits.photos.service import PhotoView
from backend.visits.photos.store import store_of
from mobile_api.inputs import Asker, FromPath, Installation

SENDERS = (Role.TECHNICIAN, Role.MANAGER)
VIEWERS = (Role.TECHNICIAN, Role.MANAGER, Role.ADMIN, Role.REGULATOR, Role.OWNER)
_TAGS = ["photos"]

KEPT_FOR = "private, max-age=86400, immutable"
"""A photo never changes; a browser that has it need not ask again for a day."""


@put("/api/v1/photos/{id:uuid}", roles=SENDERS, tags=_TAGS, request_max_body_size=picture.MOST_BYTES + 1024)
async def take(asker: Asker, settings: Installation, request: Request[Any, Any, Any], id: FromPath[UUID]) -> PhotoView:
    """Keep the content of a photo that an entry has declared: the raw JPEG, WebP or PNG file. Sent again it changes nothing."""
    return await photos.take(asker, store_of(settings), id, await request.body())


@get("/api/v1/photos/{id:uuid}", roles=VIEWERS, tags=_TAGS)
async def content(asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[bytes]:
    """Return a photo without its metadata, to those who may see its visit."""
    return shown(await photos.content(asker, store_of(settings), id))


def shown(found: photos.PhotoContent) -> Response[bytes]:
    """Return a photo's file so that a browser shows it and does nothing else with it."""
    headers = {
        "ETag": f'"{found.sha256[:32]}"', "Cache-Control": KEPT_FOR, "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "inline",
    }  # fmt: skip
    return Response(found.content, media_type=found.media_type, headers=headers)


HANDLERS: list[Any] = [take, content]
