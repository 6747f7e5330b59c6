"""Photos for browsers: whoever sees a visit sees its photos."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get

from backend.visits.photos import service as photos
from backend.visits.photos.store import store_of
from mobile_api.api.photos import VIEWERS, shown
from mobile_api.inputs import Asker, FromPath, Installation


@get("/photos/{id:uuid}", roles=VIEWERS, include_in_schema=False)
async def photo(asker: Asker, settings: Installation, id: FromPath[UUID]) -> Response[bytes]:
    """Return a photo as a browser shows it."""
    return shown(await photos.content(asker, store_of(settings), id))


HANDLERS: list[Any] = [photo]
