"""SQL that gathers what due windows depend on, for many elevators at once: no query per elevator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.locks import Lock
from planner.intervals.facts import PeriodKind


class ElevatorRow(Struct, frozen=True, kw_only=True):
    """An elevator with its site, contract and firm."""

    id: UUID
    registration_code: str
    equipment_type: str
    state: str
    state_reason: str
    mode: str
    rule_pack: str
    created_at: datetime
    in_use_since: date | None
    inspection_due_on: date | None
    inspected_on: date | None
    monitored_since: date | None
    on_demand_filing: str
    on_demand_filed_on: date | None
    excluded: list[str]
    site_kind: str
    district: str
    starts_on: date | None
    ends_on: date | None
    on_demand_consent_on: date | None
    on_demand_withdrawn_on: date | None
    insurance_until: date | None
    licence_number: str
    licence_expires_on: date | None
    credit_class: str


class VisitRow(Struct, frozen=True, kw_only=True):
    """The latest visit of a class."""

    elevator: UUID
    maintenance_class: str
    departed_at: datetime
    left_out: list[str]


class ItemRow(Struct, frozen=True, kw_only=True):
    """An item or special check that was done on its own."""

    elevator: UUID
    item: str
    done_at: datetime


class PeriodRow(Struct, frozen=True, kw_only=True):
    """A special period of the firm."""

    name: str
    kind: PeriodKind
    district: str
    elevator: UUID | None
    starts_on: date
    ends_on: date | None
    gap_days: int | None
    created_at: datetime


class HazardRow(Struct, frozen=True, kw_only=True):
    """The oldest open hazard of an elevator that is serious or forbids use."""

    elevator: UUID
    since: datetime


class FirstSeenRow(Struct, frozen=True, kw_only=True):
    """The first hours of a span in which an elevator gave a sign of life."""

    elevator: UUID
    day: date
    """UTC."""

    hours: int
    """Bit h stands for the hour that begins at h."""


async def lock_firm(firm: UUID) -> None:
    """Wait until nobody else computes windows of the firm; held until the end of the transaction."""
    await database.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", Lock.UPKEEP, str(firm))


async def time_zone_of(firm: UUID) -> str | None:
    """Return a firm's time zone, None where the scope sees no such firm."""
    zone: str | None = await database.fetch_value("SELECT time_zone FROM firm WHERE id = $1", firm)
    return zone


async def elevators(firm: UUID, ids: Collection[UUID]) -> list[ElevatorRow]:
    """Return those of the elevators that belong to the firm."""
    return await database.fetch_as(
        ElevatorRow,
        "SELECT e.id, e.registration_code, e.equipment_type, e.state, e.state_reason, e.mode, e.rule_pack, e.created_at,"
        " e.in_use_since, e.inspection_due_on, e.inspected_on, e.monitored_since, e.on_demand_filing, e.on_demand_filed_on,"
        " ARRAY(SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(e.item_exclusions) WHEN 'object' THEN e.item_exclusions"
        " ELSE '{}' END) k) AS excluded, s.kind AS site_kind, s.district, c.starts_on,"
        " c.ends_on, c.on_demand_consent_on, c.on_demand_withdrawn_on, c.insurance_until, f.licence_number,"
        " f.licence_expires_on, f.credit_class"
        " FROM elevator e JOIN site s ON s.id = e.site JOIN firm f ON f.id = e.firm LEFT JOIN contract c ON c.id = e.contract"
        " WHERE e.firm = $1 AND e.id = ANY($2::uuid[]) ORDER BY e.id",
        firm,
        list(ids),
    )


async def latest_visits(ids: Collection[UUID]) -> list[VisitRow]:
    """Return the latest visit of each class of each elevator."""
    return await database.fetch_as(
        VisitRow,
        "SELECT DISTINCT ON (elevator, maintenance_class) elevator, maintenance_class, departed_at, left_out FROM visit_done"
        " WHERE elevator = ANY($1::uuid[]) ORDER BY elevator, maintenance_class, departed_at DESC, told, visit",
        list(ids),
    )


async def items_done(ids: Collection[UUID]) -> list[ItemRow]:
    """Return the items and special checks that were done on their own."""
    return await database.fetch_as(
        ItemRow,
        "SELECT elevator, item, done_at FROM item_done WHERE elevator = ANY($1::uuid[]) ORDER BY elevator, item",
        list(ids),
    )


async def periods(firm: UUID, not_before: date) -> list[PeriodRow]:
    """Return a firm's special periods that have not ended before a day."""
    return await database.fetch_as(
        PeriodRow,
        "SELECT name, kind, district, elevator, starts_on, ends_on, gap_days, created_at FROM special_period"
        " WHERE firm = $1 AND (ends_on IS NULL OR ends_on >= $2) ORDER BY starts_on, id",
        firm,
        not_before,
    )


async def hazards(ids: Collection[UUID]) -> list[HazardRow]:
    """Return for each elevator with an open serious hazard the time of the oldest one."""
    return await database.fetch_as(
        HazardRow,
        "SELECT elevator, min(found_at) AS since FROM finding WHERE elevator = ANY($1::uuid[]) AND closed_at IS NULL"
        " AND severity IN ('serious', 'stop_use') GROUP BY elevator",
        list(ids),
    )


async def first_seen(ids: Collection[UUID], since: date) -> list[FirstSeenRow]:
    """Return the first day (UTC) from a day on with a sign of life, per elevator."""
    return await database.fetch_as(
        FirstSeenRow,
        "SELECT DISTINCT ON (elevator) elevator, day, hours FROM signal_day WHERE elevator = ANY($1::uuid[]) AND day >= $2"
        " AND hours > 0 ORDER BY elevator, day",
        list(ids),
        since,
    )


async def reached_at(wanted: Sequence[tuple[UUID, str, datetime, int]]) -> list[datetime | None]:
    """Return for each (elevator, counter, since, total) the hour in which the counter's growth reached the total.

    In the same order; None where it has not.
    """
    elevators, counters, since, totals = (list(column) for column in zip(*wanted, strict=True))
    rows = await database.fetch(
        "SELECT (SELECT min(g.hour) FROM ("
        " SELECT u.hour, sum(u.delta) OVER (ORDER BY u.hour) AS grown FROM usage_hour u WHERE u.elevator = w.elevator"
        " AND u.counter = w.counter AND u.hour >= date_trunc('hour', w.since, 'UTC')) g WHERE g.grown >= w.total) AS hour"
        " FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bigint[])"
        " WITH ORDINALITY AS w (elevator, counter, since, total, n) ORDER BY w.n",
        elevators, counters, since, totals,
    )  # fmt: skip
    return [row["hour"] for row in rows]
