"""SQL of the public page: facts of one elevator that anybody may know."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database


class ElevatorRow(Struct, frozen=True, kw_only=True):
    """An elevator with its place, owner and firm; nothing about people."""

    registration_code: str
    rescue_code: str
    unit_name: str
    equipment_type: str
    state: str
    mode: str
    rule_pack: str
    on_demand_filing: str
    on_demand_filed_on: date | None
    on_demand_gap_days: int | None
    on_demand_declared_on: date | None
    on_demand_target: str
    monitored: bool
    inspection_due_on: date | None
    inspected_on: date | None
    site_name: str
    address: str
    owner_name: str | None
    firm_name: str
    firm_phone: str
    rescue_phone: str
    time_zone: str


class DoneRow(Struct, frozen=True, kw_only=True):
    """The last completed visit as upkeep knows it."""

    maintenance_class: str
    departed_at: datetime
    told: bool


class FulfilmentRow(Struct, frozen=True, kw_only=True):
    """What became of a promise, over some time back."""

    visits: int
    longest_gap_days: int | None
    entrapments: int


async def elevator(elevator_id: UUID) -> ElevatorRow:
    """Return an elevator that is known to be there."""
    row = await database.fetch_one_as(
        ElevatorRow,
        """
        SELECT e.registration_code, e.rescue_code, e.unit_name, e.equipment_type, e.state, e.mode, e.rule_pack,
               e.on_demand_filing, e.on_demand_filed_on, e.on_demand_gap_days, e.on_demand_declared_on, e.on_demand_target,
               e.inspection_due_on, e.inspected_on,
               e.monitored_since IS NOT NULL OR EXISTS (SELECT 1 FROM device d WHERE d.elevator = e.id AND d.active)
                   AS monitored,
               s.name AS site_name, s.address, o.name AS owner_name, f.name AS firm_name, f.phone_24h AS firm_phone,
               f.rescue_phone, f.time_zone
        FROM elevator e JOIN site s ON s.id = e.site JOIN firm f ON f.id = e.firm LEFT JOIN owner o ON o.id = s.owner
        WHERE e.id = $1
        """,
        elevator_id,
    )
    assert row is not None  # noqa: S101 - a label's foreign key holds it
    return row


async def last_done(elevator_id: UUID) -> DoneRow | None:
    """Return the last completed visit, recorded or told at import."""
    return await database.fetch_one_as(
        DoneRow,
        "SELECT maintenance_class, departed_at, told FROM visit_done WHERE elevator = $1 ORDER BY departed_at DESC LIMIT 1",
        elevator_id,
    )


async def planned_day(elevator_id: UUID, today: date) -> date | None:
    """Return the first day from today on for which a visit is published."""
    found = await database.fetch_value(
        """
        SELECT min(r.day) FROM work_order w JOIN published_round r ON r.id = w.round
        WHERE w.elevator = $1 AND r.day >= $2 AND w.state IN ('scheduled', 'in_progress')
        """,
        elevator_id,
        today,
    )
    return found if isinstance(found, date) else None


async def fulfilment(elevator_id: UUID, since: datetime, now: datetime, time_zone: str) -> FulfilmentRow:
    """Return how the visits and the entrapments since an instant were; the gap that is still open counts too.

    An import tells the last visit of each class and none between them, so that what lies before the latest told one is no
    history of gaps.
    """
    row = await database.fetch_one_as(
        FulfilmentRow,
        """
        WITH known AS (
            SELECT departed_at FROM visit_done WHERE elevator = $1 AND departed_at <= $3 AND departed_at >=
                coalesce((SELECT max(departed_at) FROM visit_done WHERE elevator = $1 AND told), '-infinity')
        ), days AS (
            SELECT departed_at, (departed_at AT TIME ZONE $4)::date AS day FROM known
            UNION ALL SELECT $3, ($3 AT TIME ZONE $4)::date
        ), gaps AS (SELECT departed_at, day - lag(day) OVER (ORDER BY departed_at) AS days FROM days)
        SELECT (SELECT count(*) FROM known WHERE departed_at >= $2) AS visits,
               (SELECT max(days) FROM gaps WHERE departed_at >= $2) AS longest_gap_days,
               (SELECT count(*) FROM telemetry_event WHERE elevator = $1 AND kind = 'entrapment' AND at BETWEEN $2 AND $3)
                   AS entrapments
        """,
        elevator_id,
        since,
        now,
        time_zone,
    )
    assert row is not None  # noqa: S101 - an aggregate always has a row
    return row


async def rescue_phone(code_id: str | None) -> str | None:
    """Return the rescue number to show beside a refused code: that of the label's firm, else the most usual one."""
    found = await database.fetch_value(
        """
        SELECT f.rescue_phone FROM firm f WHERE f.rescue_phone <> ''
        GROUP BY f.rescue_phone
        ORDER BY max((f.id = (SELECT firm FROM label WHERE code_id = $1))::int) DESC NULLS LAST, count(*) DESC, 1 LIMIT 1
        """,
        code_id,
    )
    return None if found is None else str(found)
