"""Rescues as they are read: lists, one with its ladder and nodes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend import clock, database, paging
from backend.dispatch import read_queries as queries
from backend.dispatch.views import DispatchPage, DispatchState, DispatchSummary, DispatchView
from backend.errors import NotFound
from backend.scope import Role, Scope
from planner.travel.coordinates import Datum, from_wgs84


async def dispatches(
    scope: Scope, *, open_only: bool = False, elevator: UUID | None = None, cursor: str | None = None, limit: int = 50
) -> DispatchPage:
    """Return rescues, open ones first, then the newest; a technician sees open ones, and those that they were rung for.

    Parameters
    ----------
    scope
        The asker.
    open_only
        Only those that are not closed.
    elevator
        Only those at it.
    cursor, limit
        `next_cursor` of the page before, and how many at the most.
    """
    key = paging.decode(cursor, (bool, datetime, UUID))
    after = None if key is None else msgspec.convert(key, tuple[bool, datetime, UUID])
    limit = paging.bounded(limit)
    mine = scope.account if scope.role is Role.TECHNICIAN else None
    now = clock.now()
    async with database.tx(scope):
        rows = await queries.summaries(open_only, elevator, mine, after, limit + 1)
        count = await queries.count_open(mine)
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if rows else None
    next_cursor = paging.encode([last.closed_at is None, last.raised_at, last.id]) if more and last else None
    return DispatchPage(rows=[stated(row, now) for row in rows], next_cursor=next_cursor, open=count, now=now)


async def dispatch(scope: Scope, id: UUID) -> DispatchView:  # noqa: A002 - as everywhere
    """Return a rescue with whom it rang, and its points of time.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return await view_inside(id)


async def view_inside(id: UUID) -> DispatchView:  # noqa: A002
    """Return a rescue inside the caller's transaction.

    Raises
    ------
    NotFound
        If there is none of this id in sight.
    """
    summary = await queries.summary(id)
    if summary is None:
        raise NotFound("no dispatch {id}", id=id)
    now = clock.now()
    more: dict[str, Any] = await queries.details(id)
    rule = more.pop("limit_rule")
    more |= {"gcj02": _as(Datum.GCJ02, more["lat"], more["lon"]), "bd09": _as(Datum.BD09, more["lat"], more["lon"])}
    return msgspec.convert(
        more
        | {
            "summary": msgspec.to_builtins(stated(summary, now)), "limit_zh": rule["zh"], "limit_en": rule["en"], "now": now,
            "rings": msgspec.to_builtins(await queries.rings(id)), "nodes": msgspec.to_builtins(await queries.nodes(id)),
        },
        DispatchView,
        strict=False,
    )  # fmt: skip


async def account_name_inside(account: UUID | None) -> str:
    """Return an account's name; empty for none."""
    return "" if account is None else await queries.account_name(account)


def _as(datum: Datum, lat: float | None, lon: float | None) -> tuple[float, float] | None:
    """Return a place in the coordinates of a Chinese map, to the seventh digit: a centimetre."""
    if lat is None or lon is None:
        return None
    there = from_wgs84(lat, lon, datum)
    return round(there.lat, 7), round(there.lon, 7)


def stated(row: DispatchSummary, now: datetime) -> DispatchSummary:
    """Return a rescue with how it stands, and how late it is."""
    state = (
        DispatchState.CLOSED if row.closed_at
        else DispatchState.RELEASED if row.released_at
        else DispatchState.ARRIVED if row.arrived_at
        else DispatchState.GOING if row.acknowledged_at
        else DispatchState.RINGING
    )  # fmt: skip
    there = row.arrived_at or row.released_at or row.closed_at or now
    late_s = max(0, int((there - row.due_at).total_seconds()))
    return msgspec.structs.replace(row, state=state, late_s=late_s)
