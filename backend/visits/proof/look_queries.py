"""SQL of visits whose telemetry came, or went on, after they were graded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend import database


class Look(Struct, frozen=True, kw_only=True):
    """A visit that telemetry has something new about."""

    visit: UUID
    firm: UUID


_WAITING = """
SELECT v.id AS visit, v.firm
FROM visit v
LEFT JOIN visit_look l ON l.visit = v.id
JOIN elevator_signal s ON s.elevator = v.elevator
CROSS JOIN LATERAL (
    SELECT coalesce(l.looked_at, min(g.made_at) - make_interval(secs => $5)) AS at FROM visit_grade g WHERE g.visit = v.id
) last
WHERE v.state = 'finished' AND v.departed_at >= $1 AND v.departed_at < $2
    AND (v.departed_at < $3 OR l.looked_at IS NULL)
    AND s.received_at > last.at
    AND EXISTS (
        SELECT FROM telemetry_record r
        WHERE r.elevator = v.elevator AND r.received_at > last.at
            AND r.at BETWEEN v.arrived_at - make_interval(secs => $4) AND v.departed_at + make_interval(secs => $4)
    )
ORDER BY l.looked_at NULLS FIRST, v.departed_at, v.id
LIMIT $6
"""


async def waiting(
    *, since: datetime, until: datetime, whole_before: datetime, margin_s: int, overlap_s: int, limit: int
) -> list[Look]:
    """Return graded visits with records of their time that came after the last look at them.

    Parameters
    ----------
    since, until
        Of their departure: until is excluded.
    whole_before
        A visit that departed later was looked at once at the most: the time around it is not over yet.
    margin_s
        Around a visit whose records count as of its time.
    overlap_s
        Records that came so shortly before the grade are new as well: they may have been committed after it.
    limit
        Of visits.
    """
    return await database.fetch_as(Look, _WAITING, since, until, whole_before, margin_s, overlap_s, limit)


async def note(look: Look, looked_at: datetime) -> None:
    """Note that what came before an instant was looked at."""
    await database.execute(
        "INSERT INTO visit_look AS l (id, firm, visit, looked_at) VALUES (gen_random_uuid(), $1, $2, $3)"
        " ON CONFLICT (visit) DO UPDATE SET looked_at = greatest(l.looked_at, excluded.looked_at)",
        look.firm, look.visit, looked_at,
    )  # fmt: skip
