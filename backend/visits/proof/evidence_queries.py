"""SQL of what surrounds a visit: where its technicians were before and after, and who else scanned the same label."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct

from backend import database

NEAR = timedelta(days=1)
"""Scans of the same label further away in time than this cannot be of the same moment, however far the phone was."""

RECENT = timedelta(days=30)
"""Positions of other visits are looked through so far back: an app that feigns them repeats one place for weeks."""


class NeighbourRow(Struct, frozen=True, kw_only=True):
    """A scan elsewhere."""

    elevator: str
    at: datetime
    lat: float | None
    lon: float | None


class ElsewhereRow(Struct, frozen=True, kw_only=True):
    """Work at another elevator at the same time."""

    elevator: str
    other_site: bool
    """Whether a scan made in between shows them at another site."""


class PlaceRow(Struct, frozen=True, kw_only=True):
    """Where a phone was, and when."""

    at: datetime
    lat: float
    lon: float
    accuracy_m: float


_ELSEWHERE = (
    "SELECT e.registration_code AS elevator, least(s.at, s.received_at) AS at, p.lat, p.lon FROM scan s"
    " JOIN visit v ON v.id = s.visit JOIN elevator e ON e.id = v.elevator JOIN site p ON p.id = e.site"
    " WHERE s.technician = ANY($1::uuid[]) AND s.visit <> $2 AND v.elevator <> $3"
)


async def before(technicians: Sequence[UUID], visit: UUID, elevator: UUID, at: datetime) -> list[NeighbourRow]:
    """Return the last scans elsewhere of technicians before an instant, the last one first."""
    return await database.fetch_as(
        NeighbourRow,
        _ELSEWHERE + " AND s.at <= $4 AND s.at > $4 - interval '1 day' ORDER BY least(s.at, s.received_at) DESC LIMIT 4",
        list(technicians), visit, elevator, at,
    )  # fmt: skip


async def after(technicians: Sequence[UUID], visit: UUID, elevator: UUID, at: datetime) -> list[NeighbourRow]:
    """Return the first scans elsewhere of technicians after an instant, the first one first."""
    return await database.fetch_as(
        NeighbourRow,
        _ELSEWHERE + " AND s.at >= $4 AND s.at < $4 + interval '1 day' ORDER BY least(s.at, s.received_at) LIMIT 4",
        list(technicians), visit, elevator, at,
    )  # fmt: skip


async def overlapping(
    *, visit: UUID, elevator: UUID, people: Sequence[UUID], scanning: Sequence[UUID], since: datetime, until: datetime
) -> list[ElsewhereRow]:
    """Return other elevators where one of a visit's people was at work between two instants.

    Parameters
    ----------
    visit, elevator
        The visit that is looked at.
    people, scanning
        All who are named, and those who scanned with their own phones: only a scan shows where somebody was.
    since, until
        Arrival and departure.
    """
    return await database.fetch_as(
        ElsewhereRow,
        "SELECT e.registration_code AS elevator,"
        " bool_or(e.site <> here.site AND EXISTS (SELECT FROM scan s WHERE s.visit = o.id"
        " AND s.technician = ANY($4::uuid[]) AND s.at > $5 AND s.at < $6)) AS other_site"
        " FROM visit o JOIN elevator e ON e.id = o.elevator JOIN elevator here ON here.id = $2"
        " WHERE o.id <> $1 AND o.state <> 'abandoned' AND o.elevator <> $2"
        " AND ARRAY[o.technician, o.second_technician] && $3::uuid[]"
        " AND o.arrived_at < $6 AND coalesce(o.departed_at, 'infinity') > $5 GROUP BY 1 ORDER BY 1",
        visit, elevator, list(people), list(scanning), since, until,
    )  # fmt: skip


async def sightings(*, labels: Sequence[UUID], technicians: Sequence[UUID], since: datetime, until: datetime) -> list[PlaceRow]:
    """Return where others scanned the same labels between two instants, as far as their phones told."""
    return await database.fetch_as(
        PlaceRow,
        "SELECT least(at, received_at) AS at, lat, lon, coalesce(accuracy_m, 0) AS accuracy_m FROM scan"
        " WHERE label = ANY($1::uuid[]) AND technician <> ALL($2::uuid[]) AND lat IS NOT NULL AND at BETWEEN $3 AND $4"
        " ORDER BY at LIMIT 100",
        list(labels), list(technicians), since - NEAR, until + NEAR,
    )  # fmt: skip


async def earlier_positions(technician: UUID, visit: UUID, before: datetime) -> list[PlaceRow]:
    """Return the positions that a technician's phone gave at other visits not long before."""
    return await database.fetch_as(
        PlaceRow,
        "SELECT at, lat, lon, coalesce(accuracy_m, 0) AS accuracy_m FROM scan WHERE technician = $1 AND visit <> $2"
        " AND lat IS NOT NULL AND at < $3 AND at > $4 ORDER BY at DESC LIMIT 200",
        technician, visit, before, before - RECENT,
    )  # fmt: skip


class LabelRow(Struct, frozen=True, kw_only=True):
    """A label that was scanned."""

    id: UUID
    state: str
    ended_at: datetime | None


async def labels_of(labels: Collection[UUID]) -> dict[UUID, LabelRow]:
    """Return labels by their ids."""
    rows = await database.fetch_as(LabelRow, "SELECT id, state, ended_at FROM label WHERE id = ANY($1::uuid[])", list(labels))
    return {row.id: row for row in rows}


async def zone_labels(elevator: UUID, since: datetime, until: datetime) -> list[str]:
    """Return the zones of an elevator in which a label hung all the time between two instants."""
    rows = await database.fetch(
        "SELECT DISTINCT zone FROM label WHERE elevator = $1 AND zone <> '' AND greatest(claimed_at, zoned_at) <= $2"
        " AND (ended_at IS NULL OR ended_at >= $3) ORDER BY zone",
        elevator, since, until,
    )  # fmt: skip
    return [row["zone"] for row in rows]


async def demanded_grade(elevator: UUID, day: date) -> str:
    """Return the lowest grade that an elevator's contract takes without a review on a day; empty where it demands none."""
    found: str | None = await database.fetch_value(
        "SELECT c.demanded_grade FROM elevator e JOIN contract c ON c.id = e.contract"
        " WHERE e.id = $1 AND c.starts_on <= $2 AND (c.ends_on IS NULL OR c.ends_on >= $2)",
        elevator, day,
    )  # fmt: skip
    return found or ""
