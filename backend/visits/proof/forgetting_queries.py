"""SQL of forgetting where people were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database


class KnownScan(Struct, frozen=True, kw_only=True):
    """A scan whose position is still known, with where its elevator is."""

    id: UUID
    firm: UUID
    at: datetime
    """By the phone's clock."""

    received_at: datetime
    rule_pack: str
    time_zone: str
    lat: float
    lon: float
    accuracy_m: float
    site_lat: float | None
    site_lon: float | None


class Forgotten(Struct, frozen=True, kw_only=True):
    """What stays of a scan's position."""

    id: UUID
    place: str
    band: str


_KNOWN = (
    "SELECT s.id, s.firm, s.at, s.received_at, v.rule_pack, f.time_zone, s.lat, s.lon,"
    " coalesce(s.accuracy_m, 0) AS accuracy_m, p.lat AS site_lat, p.lon AS site_lon"
    " FROM scan s JOIN visit v ON v.id = s.visit JOIN firm f ON f.id = s.firm JOIN elevator e ON e.id = v.elevator"
    " JOIN site p ON p.id = e.site WHERE s.lat IS NOT NULL"
)


async def known(before: datetime, after: tuple[datetime, UUID] | None, limit: int) -> list[KnownScan]:
    """Return scans made before an instant whose position is known, oldest first, after the one seen last."""
    return await database.fetch_as(
        KnownScan,
        _KNOWN + " AND s.at < $1 AND ($2::timestamptz IS NULL OR (s.at, s.id) > ($2, $3::uuid)) ORDER BY s.at, s.id LIMIT $4",
        before, *(after or (None, None)), limit,
    )  # fmt: skip


async def ahead(before: datetime, limit: int) -> list[KnownScan]:
    """Return scans received before an instant whose phone's clock said a later one: they are due by their receipt."""
    return await database.fetch_as(
        KnownScan, _KNOWN + " AND s.received_at < $1 AND s.at >= $1 ORDER BY s.id LIMIT $2", before, limit
    )


async def forget(rows: Sequence[Forgotten], at: datetime) -> None:
    """Leave of the positions of scans what is to stay."""
    await database.execute(
        "UPDATE scan s SET lat = NULL, lon = NULL, accuracy_m = NULL, place = t.place, distance_band = t.band,"
        " position_forgotten_at = $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t (id, place, band)"
        " WHERE s.id = t.id AND s.position_forgotten_at IS NULL",
        [row.id for row in rows], [row.place for row in rows], [row.band for row in rows], at,
    )  # fmt: skip


async def packs_by_firm() -> dict[UUID, list[str]]:
    """Return which rule packs the elevators of each firm have."""
    rows = await database.fetch(
        "SELECT f.id, array_remove(array_agg(DISTINCT e.rule_pack), NULL) AS packs FROM firm f"
        " LEFT JOIN elevator e ON e.firm = f.id GROUP BY f.id"
    )
    return {row["id"]: row["packs"] for row in rows}
