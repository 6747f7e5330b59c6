"""Telemetry in foreign formats, and how devices speak."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post, put

from backend import clock
from backend.errors import Fault, InvalidInput
from backend.scope import Role
from backend.telemetry import service
from backend.telemetry.adapters.dialect import Dialect
from backend.telemetry.openings import Opening
from backend.telemetry.views import ForeignNameView, tell
from mobile_api.api.devices import DEFAULT_SPAN, MAX_BATCH_BYTES, MAX_SPAN, RejectedRecord, TelemetryAnswer
from mobile_api.i18n import gettext
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody, RawBody
from mobile_api.security import OFFICE, OFFICE_READERS


@post("/api/v1/telemetry/{adapter:str}", roles=(Role.DEVICE,), status_code=200, request_max_body_size=MAX_BATCH_BYTES)
async def foreign_telemetry(asker: Asker, adapter: FromPath[str], body: RawBody) -> TelemetryAnswer:
    """Take a message of another format, or a list of them: `thingsboard`, `jtc340`, `es1500`, `bacnet`, `gbt24476`."""
    service.require_adapter(adapter)
    try:
        result = await service.ingest_foreign(asker, adapter, body, source="http")
    except InvalidInput as error:
        await service.keep_message(asker, body, error, source="http", adapter=adapter)
        raise
    rejected = [RejectedRecord(one.index, one.field, tell(one, gettext)) for one in result.rejected]
    return TelemetryAnswer(accepted=result.accepted, duplicates=result.duplicates, rejected=rejected)


@get("/api/v1/devices/{id:uuid}/dialect", roles=OFFICE_READERS)
async def dialect(asker: Asker, id: FromPath[UUID]) -> Dialect:
    """Return how a device speaks: its zone, its table of codes, its own names, its names of elevators."""
    return await service.dialect(asker, id)


@put("/api/v1/devices/{id:uuid}/dialect", roles=OFFICE)
async def set_dialect(asker: Asker, id: FromPath[UUID], data: JSONBody[Dialect]) -> Dialect:
    """Tell how a device speaks; holds for the messages to come."""
    return await service.set_dialect(asker, id, data)


@get("/api/v1/devices/{id:uuid}/foreign-names", roles=OFFICE_READERS)
async def foreign_names(asker: Asker, id: FromPath[UUID]) -> list[ForeignNameView]:
    """List what a device says that no table knows: names, codes, values that cannot be read; how often, and an example."""
    return await service.foreign_names(asker, id)


@get("/api/v1/elevators/{id:uuid}/openings", roles=OFFICE_READERS)
async def openings(
    asker: Asker,
    id: FromPath[UUID],
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
) -> list[Opening]:
    """List faults, alarms and entrapments with their beginning and end; those of 30 days if not told."""
    end = until or clock.now()
    begin = since or end - DEFAULT_SPAN
    faults = [
        Fault(name, given.isoformat(), "give the time with its zone")
        for name, given in (("since", begin), ("until", end))
        if given.tzinfo is None
    ]
    if not faults and not begin <= end <= begin + MAX_SPAN:
        faults.append(Fault("since", begin.isoformat(), "begin before the end, and at most 400 days before it"))
    if faults:
        raise InvalidInput("the openings cannot be told like this", faults=faults)
    return await service.elevator_openings(asker, id, begin, end)


HANDLERS: list[Any] = [foreign_telemetry, dialect, set_dialect, foreign_names, openings]
