"""Service times: what a firm's visits taught about how long they take."""

from __future__ import annotations

from typing import Any

from litestar import get

from backend.service_times import service
from backend.service_times.views import ServiceTimesView
from mobile_api.inputs import Asker
from mobile_api.security import OFFICE

_TAGS = ["rounds"]


@get("/api/v1/service-times", roles=OFFICE, tags=_TAGS)
async def service_times(asker: Asker) -> ServiceTimesView:
    """Return the factors learnt from arrival and departure scans, with what is not known of them."""
    return await service.service_times(asker, asker.require_firm())


HANDLERS: list[Any] = [service_times]
