"""Is it alive, can it work, how is it doing: for those who run the installation."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from backend.errors import NotAllowed
from backend.operations import service as operations
from backend.scope import Role
from mobile_api import metrics
from mobile_api.security import PUBLIC

_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


@get("/livez", roles=PUBLIC, tags=["operations"])
async def livez() -> dict[str, str]:
    """Say that the process answers; asks nothing of the database."""
    return {"status": "ok"}


@get("/readyz", roles=PUBLIC, tags=["operations"])
async def readyz() -> Response[dict[str, Any]]:
    """Say whether requests can be served: 503 with the reasons if the database does not answer or lacks migrations."""
    reasons = await operations.reasons_not_ready()
    if reasons:
        return Response({"status": "not ready", "reasons": reasons}, status_code=503)
    return Response({"status": "ok"})


@get("/metrics", roles=PUBLIC, include_in_schema=False)
async def prometheus(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer in Prometheus' text format: to this machine itself, or to an admin's token."""
    peer = request.client.host if request.client else ""
    direct = peer in _LOOPBACK and not any(name in request.headers for name in _PROXY_HEADERS)
    is_admin = request.user is not None and request.user.scope.role is Role.ADMIN
    if not direct and not is_admin:
        raise NotAllowed("metrics are for this machine itself, or with an admin's token")
    return Response(metrics.exposition(await operations.gauges()), media_type=metrics.CONTENT_TYPE)


HANDLERS: list[Any] = [livez, readyz, prometheus]
