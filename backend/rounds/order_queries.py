"""SQL of published rounds and work orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.rounds.views import ActualVisit, CrewPerson, OrderState, WorkOrderView

_ORDER = """
SELECT w.id, w.firm, w.round, r.crew, c.name AS crew_name, r.day, w.elevator, w.position, w.arrive_s, w.start_s, w.leave_s,
    w.maintenance_class, w.due_first_day, w.due_last_day, w.reason_en, w.reason_zh, w.state_reason,
    CASE WHEN w.state = 'scheduled' AND r.day < ({now}::timestamptz AT TIME ZONE f.time_zone)::date
        THEN 'missed' ELSE w.state END AS state,
    e.registration_code, e.rescue_code, e.unit_name, e.bank, e.equipment_type, e.rule_pack,
    e.site, s.name AS site_name, s.address, s.district, s.access_notes, s.lat, s.lon
FROM work_order w
JOIN published_round r ON r.id = w.round
JOIN crew c ON c.id = r.crew
JOIN firm f ON f.id = w.firm
JOIN elevator e ON e.id = w.elevator
JOIN site s ON s.id = e.site
"""
"""A stop of a past day that nobody came to is missed, whether or not the job has said so already."""


class RoundRow(Struct, frozen=True, kw_only=True):
    """A published round without its stops."""

    id: UUID
    firm: UUID
    time_zone: str
    crew: UUID
    crew_name: str
    base_lat: float
    base_lon: float
    day: date
    version: int
    run: UUID
    published_at: datetime
    depart_s: int
    return_s: int
    break_start_s: int | None
    break_duration_s: int | None


class NewRound(Struct, frozen=True, kw_only=True):
    """A round to be published."""

    id: UUID
    crew: UUID
    day: date
    depart_s: int
    return_s: int
    break_start_s: int | None
    break_duration_s: int | None


class NewOrder(Struct, frozen=True, kw_only=True):
    """A stop to be published."""

    id: UUID
    round: UUID
    elevator: UUID
    position: int
    arrive_s: int
    start_s: int
    leave_s: int
    maintenance_class: str
    due_first_day: date
    due_last_day: date
    reason_en: str
    reason_zh: str


_ROUND = (
    "SELECT r.id, r.firm, f.time_zone, r.crew, c.name AS crew_name, c.base_lat, c.base_lon, r.day, r.version, r.run,"
    " r.published_at, r.depart_s, r.return_s, r.break_start_s, r.break_duration_s"
    " FROM published_round r JOIN crew c ON c.id = r.crew JOIN firm f ON f.id = r.firm"
)


async def rounds_of_day(firm: UUID | None, day: date) -> list[RoundRow]:
    """Return the published rounds of a day, by name of firm and crew."""
    return await database.fetch_as(
        RoundRow, f"{_ROUND} WHERE ($1::uuid IS NULL OR r.firm = $1) AND r.day = $2 ORDER BY f.name, c.name, r.id", firm, day
    )


async def round_of(id: UUID, *, lock: bool = False) -> RoundRow | None:  # noqa: A002 - as everywhere in this room
    """Return a published round; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(RoundRow, f"{_ROUND} WHERE r.id = $1" + " FOR UPDATE OF r" * lock, id)


async def firm_of_round(id: UUID) -> UUID | None:  # noqa: A002
    """Return whose a published round is; None where there is none."""
    found: UUID | None = await database.fetch_value("SELECT firm FROM published_round WHERE id = $1", id)
    return found


async def firm_of_order(id: UUID) -> UUID | None:  # noqa: A002
    """Return whose a stop is; None where there is none."""
    found: UUID | None = await database.fetch_value("SELECT firm FROM work_order WHERE id = $1", id)
    return found


async def round_of_technician(technician: UUID, day: date) -> RoundRow | None:
    """Return the published round of the crew to which a technician belongs on a day."""
    return await database.fetch_one_as(
        RoundRow,
        f"{_ROUND} JOIN crew_member m ON m.crew = r.crew WHERE r.day = $2 AND m.technician = $1"
        " AND m.starts_on <= $2 AND (m.ends_on IS NULL OR m.ends_on >= $2) ORDER BY m.starts_on DESC, r.id LIMIT 1",
        technician,
        day,
    )


async def people_of_crew(crew: UUID, day: date) -> list[CrewPerson]:
    """Return who of a crew works on a day, in the order in which they joined."""
    return await database.fetch_as(
        CrewPerson,
        "SELECT t.id, t.name, t.badge FROM technician t"
        " JOIN (SELECT technician, min(starts_on) AS since FROM crew_member WHERE crew = $1 AND starts_on <= $2"
        "       AND (ends_on IS NULL OR ends_on >= $2) GROUP BY technician) m ON m.technician = t.id"
        " WHERE t.active"
        " AND NOT EXISTS (SELECT FROM absence a WHERE a.technician = t.id AND $2 BETWEEN a.starts_on AND a.ends_on)"
        " ORDER BY m.since, t.badge",
        crew,
        day,
    )


async def orders_of_rounds(rounds: Sequence[UUID], now: datetime) -> list[WorkOrderView]:
    """Return the stops of rounds, by position."""
    return await database.fetch_as(
        WorkOrderView,
        _ORDER.format(now="$2") + "WHERE w.round = ANY($1::uuid[]) ORDER BY w.round, w.position",
        list(rounds),
        now,
    )


async def orders_by_id(ids: Sequence[UUID], now: datetime) -> list[WorkOrderView]:
    """Return stops by their ids, in no order."""
    return await database.fetch_as(WorkOrderView, _ORDER.format(now="$2") + "WHERE w.id = ANY($1::uuid[])", list(ids), now)


async def order(id: UUID, now: datetime, *, lock: bool = False) -> WorkOrderView | None:  # noqa: A002
    """Return a stop; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(
        WorkOrderView, _ORDER.format(now="$2") + "WHERE w.id = $1" + " FOR UPDATE OF w" * lock, id, now
    )


async def orders_for_arrival(elevator: UUID, day: date, technician: UUID, now: datetime) -> list[WorkOrderView]:
    """Return the stops that an arrival may serve, the best first, locked.

    Those of the day, of the technician's own crew first; then later ones whose due window is open on the day, the next
    first; then missed ones, the latest first.
    """
    return await database.fetch_as(
        WorkOrderView,
        _ORDER.format(now="$4")
        + """WHERE w.elevator = $1 AND (
            w.state IN ('scheduled', 'in_progress') AND (r.day = $2 OR r.day > $2 AND w.due_first_day <= $2)
            OR w.state IN ('scheduled', 'missed') AND r.day < $2 AND NOT EXISTS (
                SELECT FROM visit v WHERE v.elevator = $1 AND v.state = 'finished' AND v.withdrawn = '' AND NOT v.held_back
                AND v.departed_at > w.created_at))
        ORDER BY r.day <> $2, r.day < $2, NOT EXISTS (
            SELECT FROM crew_member m WHERE m.crew = r.crew AND m.technician = $3 AND m.starts_on <= r.day
            AND (m.ends_on IS NULL OR m.ends_on >= r.day)), abs(r.day - $2), w.id
        LIMIT 1 FOR UPDATE OF w""",
        elevator,
        day,
        technician,
        now,
    )


async def set_state(order: UUID, state: OrderState, reason: str = "") -> None:
    """Move a stop to another state and its round to the next version."""
    await database.execute(
        "WITH moved AS (UPDATE work_order SET state = $2, state_reason = $3 WHERE id = $1 RETURNING round)"
        " UPDATE published_round r SET version = version + 1 FROM moved WHERE r.id = moved.round",
        order,
        state.value,
        reason,
    )


async def miss_orders(now: datetime) -> int:
    """Mark stops of past days that nobody came to, and move their rounds to the next version; return how many stops."""
    found: int = await database.fetch_value(
        "WITH missed AS (UPDATE work_order w SET state = 'missed' FROM published_round r, firm f"
        "   WHERE r.id = w.round AND f.id = w.firm AND w.state = 'scheduled'"
        "   AND r.day < ($1::timestamptz AT TIME ZONE f.time_zone)::date RETURNING w.round),"
        " moved AS (UPDATE published_round SET version = version + 1 WHERE id IN (SELECT round FROM missed) RETURNING id)"
        " SELECT count(*) FROM missed, (SELECT count(*) FROM moved) m",
        now,
    )
    return found


async def insert_rounds(firm: UUID, run: UUID, rounds: Sequence[NewRound], at: datetime) -> set[UUID]:
    """Publish rounds, in the order of crew and day; return which were written: not those whose crew has one on that day.

    Waits for others who publish for the same crew and day.
    """
    written = set()
    for each in sorted(rounds, key=lambda each: (each.day, each.crew)):
        found = await database.fetch_value(
            "INSERT INTO published_round (id, firm, crew, day, run, depart_s, return_s, break_start_s, break_duration_s,"
            " version, published_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10)"
            " ON CONFLICT (crew, day) DO NOTHING RETURNING id",
            each.id, firm, each.crew, each.day, run, each.depart_s, each.return_s, each.break_start_s,
            each.break_duration_s, at,
        )  # fmt: skip
        if found is not None:
            written.add(each.id)
    return written


async def insert_orders(firm: UUID, orders: Sequence[NewOrder], at: datetime) -> None:
    """Publish stops."""
    columns = [
        [getattr(each, name) for each in orders]
        for name in (
            "id", "round", "elevator", "position", "arrive_s", "start_s", "leave_s", "maintenance_class", "due_first_day",
            "due_last_day", "reason_en", "reason_zh",
        )
    ]  # fmt: skip
    await database.execute(
        "INSERT INTO work_order (id, firm, round, elevator, position, arrive_s, start_s, leave_s, maintenance_class,"
        " due_first_day, due_last_day, reason_en, reason_zh, state, state_reason, created_at)"
        " SELECT u.id, $1, u.round, u.elevator, u.position, u.arrive_s, u.start_s, u.leave_s, u.class, u.first, u.last,"
        " u.en, u.zh, 'scheduled', '', $2 FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::int[], $8::int[],"
        " $9::int[], $10::text[], $11::date[], $12::date[], $13::text[], $14::text[])"
        " AS u(id, round, elevator, position, arrive_s, start_s, leave_s, class, first, last, en, zh)",
        firm,
        at,
        *columns,
    )


async def taken(crews: Sequence[UUID], days: Sequence[date]) -> tuple[str, date] | None:
    """Return the name of a crew and the day on which it has a published round, of pairs of crew and day; None if none has."""
    rows = await database.fetch(
        "SELECT c.name, r.day FROM unnest($1::uuid[], $2::date[]) AS u(crew, day)"
        " JOIN published_round r ON r.crew = u.crew AND r.day = u.day JOIN crew c ON c.id = r.crew"
        " ORDER BY r.day, c.name LIMIT 1",
        list(crews),
        list(days),
    )
    return (rows[0]["name"], rows[0]["day"]) if rows else None


async def touched_orders(round_id: UUID) -> int:
    """Return how many stops of a round have a visit or are under way or done."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM work_order w WHERE w.round = $1"
        " AND (w.state IN ('in_progress', 'done') OR EXISTS (SELECT FROM visit v WHERE v.work_order = w.id))",
        round_id,
    )
    return found


async def delete_round(round_id: UUID) -> int:
    """Remove a round and its stops; return how many stops."""
    stops = await database.execute("DELETE FROM work_order WHERE round = $1", round_id)
    await database.execute("DELETE FROM published_round WHERE id = $1", round_id)
    return stops


class VisitOfDay(ActualVisit, frozen=True, kw_only=True):
    """A visit of a day, or one that served a stop of it."""

    work_order: UUID | None
    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    time_zone: str


async def visits_of_day(firm: UUID | None, day: date, orders: Sequence[UUID]) -> list[VisitOfDay]:
    """Return the visits that began on a local day, and those that served some stops, whenever; abandoned ones last."""
    return await database.fetch_as(
        VisitOfDay,
        "SELECT v.id, v.state, v.arrived_at, v.departed_at, t.name AS technician, t2.name AS second_technician, v.work_order,"
        " v.elevator, e.registration_code, e.unit_name, s.name AS site_name, f.time_zone"
        " FROM visit v JOIN firm f ON f.id = v.firm JOIN technician t ON t.id = v.technician"
        " LEFT JOIN technician t2 ON t2.id = v.second_technician"
        " JOIN elevator e ON e.id = v.elevator JOIN site s ON s.id = e.site"
        " WHERE ($1::uuid IS NULL OR v.firm = $1)"
        " AND ((v.arrived_at AT TIME ZONE f.time_zone)::date = $2 OR v.work_order = ANY($3::uuid[]))"
        " ORDER BY v.state = 'abandoned', v.arrived_at, v.id",
        firm,
        day,
        list(orders),
    )
