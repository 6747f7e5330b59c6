"""Failure rates over the API: the list, an elevator's forecast, versions of the model, past forecasts, costs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import delete, get, post, put

from backend.errors import NotFound
from backend.paging import DEFAULT_LIMIT
from backend.registry.service import acting_for
from backend.risk import service
from backend.risk.views import CostsInput, CostsView, ElevatorRiskView, Overview, RiskPage, VersionLine, VersionView
from backend.scope import Role
from mobile_api.api.registry import ForFirm
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

READERS_AND_TECHNICIANS = (*OFFICE_READERS, Role.TECHNICIAN)


@get("/api/v1/risk", roles=OFFICE_READERS)
async def risk_list(
    asker: Asker,
    text: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> RiskPage:
    """List how often elevators are expected to fail within a year, the worst first."""
    return await service.risk_list(asker, text, cursor=cursor, limit=limit)


@get("/api/v1/elevators/{id:uuid}/risk", roles=READERS_AND_TECHNICIANS)
async def elevator_risk(asker: Asker, id: FromPath[UUID]) -> ElevatorRiskView:
    """Return an elevator's forecast, what is expected until the next visit, the factors, and the best day of its window."""
    found = await service.elevator_risk(asker, id)
    if found is None:
        raise NotFound("no forecast for {elevator} yet: the first is made in the night", elevator=id)
    return found


@get("/api/v1/risk/overview", roles=OFFICE_READERS)
async def overview(asker: Asker, of_firm: ForFirm = None) -> Overview:
    """Return the state of the firm's model, and past forecasts against what came."""
    scope = await acting_for(asker, of_firm)
    return await service.overview(scope, scope.require_firm())


@get("/api/v1/risk/versions", roles=OFFICE_READERS)
async def versions(asker: Asker, of_firm: ForFirm = None) -> list[VersionLine]:
    """List the fits of the firm's model, newest first."""
    scope = await acting_for(asker, of_firm)
    return await service.versions(scope, scope.require_firm())


@get("/api/v1/risk/versions/{number:int}", roles=OFFICE_READERS)
async def version(asker: Asker, number: FromPath[int], of_firm: ForFirm = None) -> VersionView:
    """Return a fit with every parameter."""
    scope = await acting_for(asker, of_firm)
    return await service.version(scope, scope.require_firm(), number)


@post("/api/v1/risk/fit", roles=OFFICE, status_code=202)
async def fit(asker: Asker, of_firm: ForFirm = None) -> None:
    """Have the model fitted now; it is every night anyway."""
    await service.request_fit(await acting_for(asker, of_firm))


@get("/api/v1/risk/costs", roles=OFFICE_READERS)
async def costs(asker: Asker, of_firm: ForFirm = None) -> CostsView:
    """Return what a visit, a fault and an entrapment cost."""
    scope = await acting_for(asker, of_firm)
    return await service.costs(scope, scope.require_firm())


@put("/api/v1/risk/costs", roles=OFFICE)
async def set_costs(asker: Asker, data: JSONBody[CostsInput], of_firm: ForFirm = None) -> CostsView:
    """Set the firm's own costs; due windows follow in the night."""
    return await service.set_costs(await acting_for(asker, of_firm), data)


@delete("/api/v1/risk/costs", roles=OFFICE, status_code=200)
async def reset_costs(asker: Asker, of_firm: ForFirm = None) -> CostsView:
    """Go back to the sample costs."""
    return await service.reset_costs(await acting_for(asker, of_firm))


HANDLERS: list[Any] = [risk_list, elevator_risk, overview, versions, version, fit, costs, set_costs, reset_costs]
