"""Is it alive, can it work, how is it doing: for those who run the installation."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from mobile_api.security import PUBLIC


@get("/livez", roles=PUBLIC)
async def livez() -> dict[str, str]:
    """Say that the process answers; asks nothing of the database."""
    return {"status": "ok"}


@get("/readyz", roles=PUBLIC)
async def readyz() -> Response[Any]:
    """Say whether requests can be served."""
    return Response({"status": "ok"})


HANDLERS: list[Any] = [livez, readyz]
