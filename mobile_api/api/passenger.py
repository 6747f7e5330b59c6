"""The public page as JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get

from backend.public.views import PublicElevator
from mobile_api.inputs import FromPath, Ring
from mobile_api.public_label import kept, opened
from mobile_api.security import PUBLIC


@get("/api/v1/elevators/{code:str}/public", roles=PUBLIC)
async def public_elevator(request: Request[Any, Any, Any], ring: Ring, code: FromPath[str]) -> Response[PublicElevator]:
    """Tell what anybody may know about the elevator of a label's code: visits, class, mode, firm, inspection, hazards."""
    body = msgspec.json.encode(await opened(request, ring, code))
    return kept(request, body, "application/json", **{"Access-Control-Allow-Origin": "*"})


HANDLERS: list[Any] = [public_elevator]
