"""SQL of the labels that a phone knows: those of its round's elevators, and of the elevators around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from backend import database
from backend.visits.day.views import DayLabel, KnownLabel


class _Labelled(DayLabel, frozen=True, kw_only=True):
    elevator: UUID


async def labels_of(elevators: Sequence[UUID]) -> dict[UUID, list[DayLabel]]:
    """Return the labels of elevators, those in use first."""
    rows = await database.fetch_as(
        _Labelled,
        "SELECT code_id AS id, state, zone, elevator FROM label WHERE elevator = ANY($1::uuid[])"
        " ORDER BY state <> 'active', claimed_at DESC NULLS LAST, code_id",
        list(elevators),
    )
    found: dict[UUID, list[DayLabel]] = {}
    for row in rows:
        found.setdefault(row.elevator, []).append(DayLabel(id=row.id, state=row.state, zone=row.zone))
    return found


async def skills_of(elevators: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return the skills that elevators ask of whoever works on them."""
    rows = await database.fetch("SELECT id, skills FROM elevator WHERE id = ANY($1::uuid[])", list(elevators))
    return {row["id"]: list(row["skills"]) for row in rows}


async def labels_around(
    technician: UUID, *, first_day: date, last_day: date, visited_since: datetime, margin_deg: float, limit: int
) -> list[KnownLabel]:
    """Return the labels of the elevators where a technician will be or was, and of those around; the nearest first.

    Parameters
    ----------
    technician, first_day, last_day
        Whose published rounds, of which days.
    visited_since
        Where they worked since then counts too.
    margin_deg
        How far around all of these places, in degrees.
    limit
        How many at the most.
    """
    return await database.fetch_as(
        KnownLabel,
        "WITH places AS (SELECT s.id, s.lat, s.lon FROM work_order w JOIN published_round r ON r.id = w.round"
        " JOIN crew_member m ON m.crew = r.crew AND m.starts_on <= r.day AND (m.ends_on IS NULL OR m.ends_on >= r.day)"
        " JOIN elevator e ON e.id = w.elevator JOIN site s ON s.id = e.site"
        " WHERE m.technician = $1 AND r.day BETWEEN $2 AND $3 AND w.state <> 'cancelled'"
        " UNION SELECT s.id, s.lat, s.lon FROM visit v JOIN elevator e ON e.id = v.elevator JOIN site s ON s.id = e.site"
        " WHERE $1 IN (v.technician, v.second_technician) AND v.arrived_at >= $4),"
        " box AS (SELECT min(lat) - $5 AS south, max(lat) + $5 AS north, min(lon) - $5 AS west, max(lon) + $5 AS east,"
        " avg(lat) AS lat, avg(lon) AS lon FROM places)"
        " SELECT l.code_id AS id, l.state, l.zone, e.id AS elevator, e.registration_code, e.unit_name, s.name AS site_name"
        " FROM box JOIN site s ON s.id IN (SELECT id FROM places)"
        " OR (s.lat BETWEEN box.south AND box.north AND s.lon BETWEEN box.west AND box.east)"
        " JOIN elevator e ON e.site = s.id JOIN label l ON l.elevator = e.id"
        " ORDER BY s.id IN (SELECT id FROM places) DESC, (s.lat - box.lat) ^ 2 + (s.lon - box.lon) ^ 2, s.id, e.id,"
        " l.state <> 'active', l.code_id LIMIT $6",
        technician, first_day, last_day, visited_since, margin_deg, limit,
    )  # fmt: skip
