"""What was not accepted: listed with reasons, counted by reason, replayed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.paging import DEFAULT_LIMIT
from backend.telemetry import service
from backend.telemetry.views import RejectedFilter, RejectedView
from mobile_api.i18n import gettext
from mobile_api.inputs import Asker, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS

MOST_IDS = 1000
"""Records that one request may name one by one; all of a reason are not limited so."""


class RejectedRow(Struct, frozen=True, kw_only=True):
    """What was not accepted, as it is kept."""

    id: int
    device: UUID | None
    device_name: str | None
    source: str
    """The way it came: `http`, `mqtt`, `file`, `history`."""

    adapter: str
    """The message's format; empty for ours."""

    topic: str
    whole: bool
    """Whether it is a message as it came, not one of its records."""

    field: str
    reason: str
    template: str
    """Names the reason in `reason=` of this list and of a replay."""

    times: int
    first_received_at: datetime
    received_at: datetime
    body: Any
    state: str
    """`open`, or `taken` by a replay."""

    replays: int
    replayed_at: datetime | None
    reason_then: str | None
    """Why it was first rejected, where a replay found another reason or took it."""


class RejectedRows(Struct, frozen=True, kw_only=True):
    """A part of the list of rejected records, the latest first."""

    rows: list[RejectedRow]
    next_cursor: str | None


class ReasonRow(Struct, frozen=True, kw_only=True):
    """How much was not accepted for one reason."""

    template: str
    reason: str
    """With the values of the latest."""

    records: int
    times: int
    received_at: datetime


class Replay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to replay: these, or everything open that fits."""

    ids: list[int] | None = None
    reason: str | None = None
    """A `template` of the list of reasons."""

    device: UUID | None = None
    adapter: str | None = None
    source: str | None = None
    everything: bool = False
    """Must be true where nothing else is given, so that nobody replays all by leaving something out."""


class ReplayRow(Struct, frozen=True, kw_only=True):
    """What became of one."""

    id: int
    outcome: str
    """`accepted`, `duplicate` or `rejected`."""

    field: str | None
    reason: str | None
    """Why it is still rejected."""


class ReplayAnswer(Struct, frozen=True, kw_only=True):
    """What became of what was replayed."""

    accepted: int
    duplicates: int
    rejected: int
    left: int
    """How many more fit and were not reached; ask again."""

    rows: list[ReplayRow]


def told(template: str, params: dict[str, str]) -> str:
    """Return a reason in the language of the request."""
    return gettext(template).format(**params)


def _row(row: RejectedView) -> RejectedRow:
    first = told(row.template, row.params)
    now = told(row.now_template, row.now_params) if row.now_template else first
    return RejectedRow(
        id=row.id, device=row.device, device_name=row.device_name, source=row.source, adapter=row.adapter, topic=row.topic,
        whole=row.whole, field=row.now_field or row.field, reason=now, template=row.now_template or row.template,
        times=row.times, first_received_at=row.first_received_at, received_at=row.received_at, body=row.body, state=row.state,
        replays=row.replays, replayed_at=row.replayed_at, reason_then=first if now != first else None,
    )  # fmt: skip


@get("/api/v1/devices/rejected", roles=OFFICE_READERS)
async def rejected(
    asker: Asker,
    device: FromQuery[UUID | None] = None,
    adapter: FromQuery[str | None] = None,
    source: FromQuery[str | None] = None,
    reason: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    status: FromQuery[str] = "open",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> RejectedRows:
    """List what was not accepted, the latest first, with the reasons; `status` is `open`, `taken` or `all`."""
    wanted = RejectedFilter(
        device=device, adapter=adapter, source=source, template=reason, text=text, state=None if status == "all" else status
    )
    page = await service.rejected_records(asker, wanted, cursor=cursor, limit=limit)
    return RejectedRows(rows=[_row(row) for row in page.rows], next_cursor=page.next_cursor)


@get("/api/v1/devices/rejected/reasons", roles=OFFICE_READERS)
async def reasons(
    asker: Asker,
    device: FromQuery[UUID | None] = None,
    adapter: FromQuery[str | None] = None,
    source: FromQuery[str | None] = None,
) -> list[ReasonRow]:
    """Count what is open by reason, the most first."""
    found = await service.reason_counts(asker, RejectedFilter(device=device, adapter=adapter, source=source))
    return [
        ReasonRow(
            template=one.template, reason=told(one.template, one.params), records=one.records, times=one.times,
            received_at=one.received_at,
        )
        for one in found
    ]  # fmt: skip


@post("/api/v1/devices/rejected/replay", roles=OFFICE, status_code=200)
async def replay(asker: Asker, data: JSONBody[Replay]) -> ReplayAnswer:
    """Take in again what was not accepted, after what stood in its way was put right. Nothing counts twice."""
    chosen = RejectedFilter(device=data.device, adapter=data.adapter, source=data.source, template=data.reason)
    faults = []
    if data.ids is not None and (chosen != RejectedFilter() or data.everything):
        faults.append(Fault("ids", None, "give ids, or what else they must fit, not both"))
    if data.ids is not None and len(data.ids) > MOST_IDS:
        faults.append(Fault.of("ids", str(len(data.ids)), "give at most {most} ids at once", most=MOST_IDS))
    if data.ids is None and chosen == RejectedFilter() and not data.everything:
        faults.append(Fault("ids", None, "say which: ids, a reason, a device, an adapter, or everything: true"))
    if any(not 0 <= one < 2**63 for one in data.ids or ()):
        faults.append(Fault("ids", None, "these are ids of the list of rejected records"))
    if faults:
        raise InvalidInput("this cannot be replayed", faults=faults)
    done = await service.replay(asker, chosen if data.ids is None else data.ids)
    rows = [
        ReplayRow(
            id=line.id, outcome=line.outcome, field=line.field or None,
            reason=told(line.template, line.params) if line.template else None,
        )
        for line in done.lines
    ]  # fmt: skip
    return ReplayAnswer(accepted=done.accepted, duplicates=done.duplicates, rejected=done.rejected, left=done.left, rows=rows)


HANDLERS: list[Any] = [rejected, reasons, replay]
