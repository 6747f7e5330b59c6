"""Devices: telemetry over HTTP, and for the office the devices, what they told and what was not accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, patch, post
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from msgspec import UNSET, Struct, UnsetType

from backend import clock
from backend.errors import Fault, InvalidInput
from backend.paging import DEFAULT_LIMIT
from backend.scope import Role
from backend.telemetry import service
from backend.telemetry.quick_read import records_of
from backend.telemetry.views import DayUsage, DevicePage, DeviceView, EventPage, HourUsage, tell
from mobile_api.i18n import gettext
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody, RawBody
from mobile_api.security import OFFICE, OFFICE_READERS

MAX_BATCH_BYTES = 8 * 1024 * 1024
"""10 000 records of five counters are 3 MB."""

MAX_SPAN = timedelta(days=400)
"""Usage of one answer: a year, and the same month of the year before."""

DEFAULT_SPAN = timedelta(days=30)

_NO_STORE = {"Cache-Control": "no-store"}


class RejectedRecord(Struct, frozen=True):
    """A record that was not accepted."""

    index: int
    """Its place in the batch, from 0."""

    field: str
    """Where its first fault is."""

    reason: str
    """What is wrong and the way out."""


class TelemetryAnswer(Struct, frozen=True, kw_only=True):
    """What became of a batch; the three numbers make up its records."""

    accepted: int
    duplicates: int
    rejected: list[RejectedRecord]


class NewDevice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device to be made."""

    name: str
    elevator: UUID | None = None
    """The only elevator it speaks for; None for a gateway of the firm."""

    widths: dict[str, int] = {}
    """Counter → value at which it rolls over."""


class DeviceChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of a device."""

    name: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    widths: dict[str, int] | UnsetType = UNSET


class DeviceWithKey(Struct, frozen=True, kw_only=True):
    """A device and its key, which is shown this once."""

    device: DeviceView
    key: str


class NewCounterBase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A counter was replaced or set to another total."""

    counter: str | None = None
    """None for all counters of the elevator."""

    at: datetime | None = None
    """When, with its zone; now if None."""

    note: str = ""


class CounterBase(Struct, frozen=True, kw_only=True):
    """From when on a counter counts anew."""

    at: datetime


_WHOLE = Schema(type=OpenAPIType.INTEGER)
_RECORD = Schema(
    type=OpenAPIType.OBJECT,
    required=["elevator", "at", "seq"],
    properties={
        "elevator": Schema(type=OpenAPIType.STRING, description="Registration code."),
        "at": Schema(one_of=[Schema(type=OpenAPIType.STRING), _WHOLE], description="ISO 8601 with its zone, or epoch ms."),
        "seq": Schema(type=OpenAPIType.INTEGER, description="Names the record together with the elevator."),
        "counters": Schema(type=OpenAPIType.OBJECT, additional_properties=_WHOLE, description="Totals of the device."),
        "gauges": Schema(type=OpenAPIType.OBJECT, additional_properties=Schema(type=OpenAPIType.NUMBER)),
        "events": Schema(
            type=OpenAPIType.ARRAY,
            items=Schema(
                type=OpenAPIType.OBJECT, required=["code"], properties={"code": Schema(type=OpenAPIType.STRING), "at": Schema()}
            ),
        ),
    },
)


_BATCH = Schema(
    type=OpenAPIType.OBJECT,
    required=["records"],
    properties={"records": Schema(type=OpenAPIType.ARRAY, items=_RECORD)},
)


@dataclass
class _TelemetryOperation(Operation):
    """Tells the body, which the handler reads itself so that one bad record does not cost the batch."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content={"application/json": OpenAPIMediaType(schema=_BATCH)}, required=True)


@post(
    "/api/v1/telemetry",
    roles=(Role.DEVICE,),
    status_code=200,
    request_max_body_size=MAX_BATCH_BYTES,
    operation_class=_TelemetryOperation,
)
async def telemetry(asker: Asker, body: RawBody) -> TelemetryAnswer:
    """Take a batch of records; what is wrong with one is answered for that one, the others are kept."""
    try:
        records = records_of(body)
    except InvalidInput as error:
        await service.keep_message(asker, body, error, source="http")
        raise
    result = await service.ingest(asker, records, source="http", body=body)
    rejected = [RejectedRecord(one.index, one.field, tell(one, gettext)) for one in result.rejected]
    return TelemetryAnswer(accepted=result.accepted, duplicates=result.duplicates, rejected=rejected)


@get("/api/v1/devices", roles=OFFICE_READERS)
async def devices(asker: Asker, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = DEFAULT_LIMIT) -> DevicePage:
    """List the devices by name."""
    return await service.list_devices(asker, cursor=cursor, limit=limit)


@post("/api/v1/devices", roles=OFFICE)
async def add_device(asker: Asker, data: JSONBody[NewDevice]) -> Response[DeviceWithKey]:
    """Make a device; the answer holds its key, which is never shown again."""
    device, key = await service.add_device(asker, data.elevator, data.name, data.widths)
    return Response(DeviceWithKey(device=device, key=key), status_code=201, headers=_NO_STORE)


@get("/api/v1/devices/{id:uuid}", roles=OFFICE_READERS)
async def one_device(asker: Asker, id: FromPath[UUID]) -> DeviceView:
    """Return a device."""
    return await service.device(asker, id)


@patch("/api/v1/devices/{id:uuid}", roles=OFFICE)
async def change_device(asker: Asker, id: FromPath[UUID], data: JSONBody[DeviceChange]) -> DeviceView:
    """Rename a device, switch it on or off, or tell where its counters roll over."""
    given = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    return await service.change_device(asker, id, **given)


@post("/api/v1/devices/{id:uuid}/key", roles=OFFICE)
async def rotate_key(asker: Asker, id: FromPath[UUID]) -> Response[DeviceWithKey]:
    """Give a device a new key, shown this once; the old one ends at once."""
    device, key = await service.rotate_key(asker, id)
    return Response(DeviceWithKey(device=device, key=key), status_code=201, headers=_NO_STORE)


@get("/api/v1/elevators/{id:uuid}/usage", roles=OFFICE_READERS)
async def usage(
    asker: Asker,
    id: FromPath[UUID],
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    by: FromQuery[str] = "day",
) -> list[HourUsage] | list[DayUsage]:
    """Return what an elevator's counters grew by, per `hour` (UTC) or per `day` of the firm's zone; 30 days if not told."""
    end = until or clock.now()
    begin = since or end - DEFAULT_SPAN
    faults = [
        Fault(name, given.isoformat(), "give the time with its zone")
        for name, given in (("since", begin), ("until", end))
        if given.tzinfo is None
    ]
    if not faults and not begin <= end <= begin + MAX_SPAN:
        faults.append(Fault("since", begin.isoformat(), "begin before the end, and at most 400 days before it"))
    if by not in ("hour", "day"):
        faults.append(Fault("by", by[:40], "use hour or day"))
    if faults:
        raise InvalidInput("the usage cannot be told like this", faults=faults)
    return await service.elevator_usage(asker, id, begin, end, by_day=by == "day")


@get("/api/v1/elevators/{id:uuid}/events", roles=OFFICE_READERS)
async def events(
    asker: Asker,
    id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> EventPage:
    """List what an elevator reported, the latest first."""
    return await service.elevator_events(asker, id, cursor=cursor, limit=limit)


@post("/api/v1/elevators/{id:uuid}/counter-bases", roles=OFFICE)
async def note_counter_base(asker: Asker, id: FromPath[UUID], data: JSONBody[NewCounterBase]) -> CounterBase:
    """Note that a counter was replaced or set: the step over that instant counts nothing."""
    if data.at is not None and data.at.tzinfo is None:
        raise InvalidInput("this cannot be noted", faults=[Fault("at", data.at.isoformat(), "give the time with its zone")])
    at = await service.note_counter_base(asker, id, counter=data.counter, at=data.at, note=data.note)
    return CounterBase(at=at)


HANDLERS: list[Any] = [
    telemetry, devices, add_device, one_device, change_device, rotate_key, usage, events, note_counter_base,
]  # fmt: skip
