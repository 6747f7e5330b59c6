"""What on-demand maintenance would change: comparisons of policies over a firm's own elevators and crews."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from msgspec import Struct

from backend.rounds import comparisons
from backend.rounds.comparison_views import ComparisonList, ComparisonView
from mobile_api.inputs import Asker, FromPath, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

_TAGS = ["rounds"]


class ComparisonBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to compare."""

    days: int = comparisons.DEFAULT_DAYS
    """Days from tomorrow on, 14 to 120."""

    seeds: int = comparisons.DEFAULT_SEEDS
    """Searches per policy, 1 to 10: their spread tells what is chance."""


@post("/api/v1/comparisons", roles=OFFICE, status_code=202, tags=_TAGS)
async def request_comparison(asker: Asker, data: JSONBody[ComparisonBody]) -> ComparisonView:
    """Compare fixed 15-day intervals with on-demand maintenance for the firm's elevators; it goes on in the background."""
    return await comparisons.request_comparison(asker, data.days, data.seeds)


@get("/api/v1/comparisons", roles=OFFICE_READERS, tags=_TAGS)
async def listed(asker: Asker) -> ComparisonList:
    """List the latest comparisons, newest first."""
    return await comparisons.comparisons(asker)


@get("/api/v1/comparisons/{id:uuid}", roles=OFFICE_READERS, tags=_TAGS)
async def comparison(asker: Asker, id: FromPath[UUID]) -> ComparisonView:
    """Return a comparison: how far it is, and its figures once it is done."""
    return await comparisons.comparison(asker, id)


@post("/api/v1/comparisons/{id:uuid}/stop", roles=OFFICE, status_code=200, tags=_TAGS)
async def stop(asker: Asker, id: FromPath[UUID]) -> ComparisonView:
    """Stop a comparison that waits or runs."""
    return await comparisons.stop_comparison(asker, id)


HANDLERS: list[Any] = [request_comparison, listed, comparison, stop]
