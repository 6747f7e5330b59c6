"""SQL of rescues as they are read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from backend import database
from backend.dispatch.views import DispatchSummary, NodeView, RingView

_GOES = (
    "coalesce((SELECT a.name FROM account a WHERE a.id = d.acknowledged_by), (SELECT g.name FROM dispatch_ring g"
    " WHERE g.dispatch = d.id AND g.answer = 'going' ORDER BY g.answered_at LIMIT 1), '')"
)

_SUMMARY = (
    "SELECT d.id, d.elevator, e.registration_code, e.unit_name, s.name AS site_name, d.source, d.raised_at, d.rung_at,"
    f" d.acknowledged_at, CASE WHEN d.acknowledged_at IS NULL THEN '' ELSE {_GOES} END AS acknowledged_by, d.arrived_at,"
    " d.released_at, d.closed_at, d.outcome, d.due_at, d.limit_s, f.time_zone"
    " FROM dispatch d JOIN elevator e ON e.id = d.elevator JOIN site s ON s.id = e.site JOIN firm f ON f.id = d.firm"
)

_MINE = (
    "($3::uuid IS NULL OR d.closed_at IS NULL OR d.acknowledged_by = $3 OR d.arrived_by = $3"
    " OR EXISTS (SELECT FROM dispatch_ring r WHERE r.dispatch = d.id AND r.account = $3))"
)


async def summaries(
    open_only: bool, elevator: UUID | None, mine: UUID | None, after: tuple[bool, datetime, UUID] | None, limit: int
) -> list[DispatchSummary]:
    """Return rescues, open ones first, then the newest."""
    return await database.fetch_as(
        DispatchSummary,
        _SUMMARY + " WHERE (NOT $1 OR d.closed_at IS NULL) AND ($2::uuid IS NULL OR d.elevator = $2) AND " + _MINE
        + " AND ($4::bool IS NULL OR (d.closed_at IS NULL, d.raised_at, d.id) < ($4, $5::timestamptz, $6::uuid))"
        " ORDER BY (d.closed_at IS NULL) DESC, d.raised_at DESC, d.id DESC LIMIT $7",
        open_only, elevator, mine, *(after or (None, None, None)), limit,
    )  # fmt: skip


async def count_open(mine: UUID | None) -> int:
    """Return how many rescues are open."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM dispatch d WHERE d.closed_at IS NULL AND " + _MINE.replace("$3", "$1"), mine
    )
    return found


async def summary(id: UUID) -> DispatchSummary | None:  # noqa: A002
    """Return one rescue as in a list."""
    return await database.fetch_one_as(DispatchSummary, _SUMMARY + " WHERE d.id = $1", id)


async def details(id: UUID) -> dict[str, Any]:  # noqa: A002
    """Return what else is told of a rescue."""
    (row,) = await database.fetch(
        "SELECT e.rescue_code, s.address, s.district, s.access_notes, s.lat, s.lon, d.caller, d.words, d.people,"
        " coalesce(r.name, '') AS raised_by, coalesce(a.name, '') AS arrived_by, d.arrived_how,"
        " coalesce(c.name, '') AS closed_by, d.cause, d.close_reason, d.limit_rule, d.ladder, d.rung, d.next_rung_at,"
        " f.rescue_phone"
        " FROM dispatch d JOIN elevator e ON e.id = d.elevator JOIN site s ON s.id = e.site JOIN firm f ON f.id = d.firm"
        " LEFT JOIN account r ON r.id = d.raised_by LEFT JOIN account a ON a.id = d.arrived_by"
        " LEFT JOIN account c ON c.id = d.closed_by WHERE d.id = $1",
        id,
    )
    return dict(row)


async def rings(id: UUID) -> list[RingView]:  # noqa: A002
    """Return whom a rescue rang, in the order of ringing."""
    return await database.fetch_as(
        RingView,
        "SELECT rung, account, technician, name, phone, why_zh, why_en, travel_s, rung_at, answer, answered_at, answer_reason"
        " FROM dispatch_ring WHERE dispatch = $1 ORDER BY rung, travel_s NULLS LAST, name",
        id,
    )


async def nodes(id: UUID) -> list[NodeView]:  # noqa: A002
    """Return a rescue's points of time, oldest first."""
    return await database.fetch_as(
        NodeView,
        "SELECT n.at, n.what, coalesce(a.name, '') AS by, n.detail FROM dispatch_node n LEFT JOIN account a ON a.id = n.account"
        " WHERE n.dispatch = $1 ORDER BY n.at, n.what = 'closed', n.what <> 'raised', n.id",
        id,
    )


async def account_name(account: UUID) -> str:
    """Return an account's name."""
    found: str | None = await database.fetch_value("SELECT name FROM account WHERE id = $1", account)
    return found or ""
