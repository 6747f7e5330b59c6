"""SQL of the snapshot: one read per kind of fact, of one firm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend import database
from backend.rounds.facts import (
    AbsenceFact,
    CrewFact,
    ElevatorFact,
    LastCrewFact,
    MemberFact,
    OrderFact,
    RoundFact,
    ShiftFact,
)

CERTIFICATE = "T"
"""Code of the certificate without which nobody maintains elevators (特种设备作业人员证, item T)."""


async def elevators(firm: UUID, due: Sequence[UUID]) -> list[ElevatorFact]:
    """Return elevators in use: those named, and those that have no window at all."""
    return await database.fetch_as(
        ElevatorFact,
        "SELECT e.id, e.site, e.bank, e.rule_pack, e.service_min, e.skills, s.lat, s.lon, s.access_hours"
        " FROM elevator e JOIN site s ON s.id = e.site"
        " WHERE e.firm = $1 AND e.state = 'in_use'"
        " AND (e.id = ANY($2::uuid[]) OR NOT EXISTS (SELECT FROM due_window d WHERE d.elevator = e.id))"
        " ORDER BY e.id",
        firm,
        list(due),
    )


async def orders(firm: UUID, today: date) -> list[OrderFact]:
    """Return the stops from today on that are still to be made or under way, and yesterday's that are under way.

    A visit that somebody left open days ago does not keep its elevator from being planned.
    """
    return await database.fetch_as(
        OrderFact,
        "SELECT w.elevator, e.site, e.bank, w.round, r.crew, r.day, w.start_s, w.leave_s"
        " FROM work_order w JOIN published_round r ON r.id = w.round JOIN elevator e ON e.id = w.elevator"
        " WHERE w.firm = $1 AND (w.state IN ('scheduled', 'in_progress') AND r.day >= $2"
        " OR w.state = 'in_progress' AND r.day = $2 - 1)"
        " ORDER BY r.day DESC, w.elevator",
        firm,
        today,
    )


async def rounds(firm: UUID, first: date, last: date) -> list[RoundFact]:
    """Return the published rounds of some days."""
    return await database.fetch_as(
        RoundFact,
        "SELECT r.id, r.crew, r.day, (SELECT count(*) FROM work_order w WHERE w.round = r.id) AS stops"
        " FROM published_round r WHERE r.firm = $1 AND r.day BETWEEN $2 AND $3 ORDER BY r.day, r.crew",
        firm,
        first,
        last,
    )


async def crews(firm: UUID) -> list[CrewFact]:
    """Return the active crews."""
    return await database.fetch_as(
        CrewFact, "SELECT id, base_lat, base_lon FROM crew WHERE firm = $1 AND active ORDER BY id", firm
    )


async def shifts(firm: UUID) -> list[ShiftFact]:
    """Return all weekly hours."""
    return await database.fetch_as(
        ShiftFact,
        "SELECT crew, weekday, from_s, to_s, max_overtime_s, break_from_s, break_to_s, break_duration_s"
        " FROM shift WHERE firm = $1 ORDER BY crew, weekday",
        firm,
    )


async def members(firm: UUID, first: date, last: date) -> list[MemberFact]:
    """Return the active technicians' times in crews that touch some days."""
    return await database.fetch_as(
        MemberFact,
        "SELECT m.crew, m.technician, m.starts_on, m.ends_on, t.skills,"
        " (SELECT max(c.expires_on) FROM certificate c WHERE c.technician = t.id AND c.code = $4) AS certified_until"
        " FROM crew_member m JOIN technician t ON t.id = m.technician"
        " WHERE m.firm = $1 AND t.active AND m.starts_on <= $3 AND (m.ends_on IS NULL OR m.ends_on >= $2)"
        " ORDER BY m.crew, m.technician, m.starts_on",
        firm,
        first,
        last,
        CERTIFICATE,
    )


async def absences(firm: UUID, first: date, last: date) -> list[AbsenceFact]:
    """Return the absences that touch some days."""
    return await database.fetch_as(
        AbsenceFact,
        "SELECT technician, starts_on, ends_on FROM absence WHERE firm = $1 AND starts_on <= $3 AND ends_on >= $2"
        " ORDER BY technician, starts_on",
        firm,
        first,
        last,
    )


async def last_crews(firm: UUID) -> list[LastCrewFact]:
    """Return the crew that did each elevator's last planned visit."""
    return await database.fetch_as(
        LastCrewFact,
        "SELECT DISTINCT ON (w.elevator) w.elevator, r.crew FROM work_order w JOIN published_round r ON r.id = w.round"
        " WHERE w.firm = $1 AND w.state = 'done' ORDER BY w.elevator, r.day DESC, w.id",
        firm,
    )


async def time_zone(firm: UUID) -> str:
    """Return the firm's time zone (IANA name)."""
    return str(await database.fetch_value("SELECT time_zone FROM firm WHERE id = $1", firm))
