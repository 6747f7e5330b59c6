"""SQL that gathers what due windows depend on, for many elevators at once: no query per elevator."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.locks import Lock
from backend.upkeep.areas import Area, Place
from planner.intervals.facts import DeferralReason, PeriodKind


class ElevatorRow(Place, frozen=True, kw_only=True):
    """An elevator with its site, contract and firm."""

    site: UUID
    contract: UUID | None
    unit_name: str
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
    on_demand_gap_days: int | None
    on_demand_declared_on: date | None
    programme_document: str
    programme_dated_on: date | None
    programme_gap_days: int | None
    special_kind: str
    watch_list: str
    excluded: list[str]
    starts_on: date | None
    ends_on: date | None
    on_demand_consent_on: date | None
    on_demand_withdrawn_on: date | None
    insurance_until: date | None
    licence_number: str
    licence_expires_on: date | None
    credit_class: str
    serious_violation_on: date | None


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


class PeriodRow(Area, frozen=True, kw_only=True):
    """A special period of the firm."""

    name: str
    kind: PeriodKind
    starts_on: date
    ends_on: date | None
    gap_days: int | None
    created_at: datetime


class DeferralRow(Struct, frozen=True, kw_only=True):
    """An authorised deferral that was not withdrawn."""

    elevator: UUID
    counted_from: date
    days: int
    reason: DeferralReason
    words: str
    document: str
    issuer: str
    dated_on: date
    consent_on: date
    entered_on: date


class HazardRow(Struct, frozen=True, kw_only=True):
    """The oldest open hazard of an elevator that is serious or forbids use."""

    elevator: UUID
    since: datetime


class GaugeRow(Struct, frozen=True, kw_only=True):
    """The highest value of a gauge."""

    elevator: UUID
    gauge: str
    value: float
    day: date
    """UTC, of that value."""


class RiskyRow(Struct, frozen=True, kw_only=True):
    """An elevator of high risk."""

    elevator: UUID
    faults_per_year: float


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
        "SELECT e.id, e.site, e.contract, e.unit_name, e.registration_code, e.equipment_type, e.state,"
        " e.state_reason, e.mode, e.rule_pack, e.created_at,"
        " e.in_use_since, e.inspection_due_on, e.inspected_on, e.monitored_since, e.on_demand_filing, e.on_demand_filed_on,"
        " e.on_demand_gap_days, e.on_demand_declared_on, e.programme_document, e.programme_dated_on, e.programme_gap_days,"
        " e.special_kind, e.watch_list,"
        " ARRAY(SELECT k FROM jsonb_object_keys(CASE jsonb_typeof(e.item_exclusions) WHEN 'object' THEN e.item_exclusions"
        " ELSE '{}' END) k) AS excluded, s.kind AS site_kind, s.district, s.sector, s.lat, s.lon, c.starts_on,"
        " c.ends_on, c.on_demand_consent_on, c.on_demand_withdrawn_on, c.insurance_until, f.licence_number,"
        " f.licence_expires_on, f.credit_class, f.serious_violation_on"
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
        "SELECT name, kind, district, site_kind, sector, lat, lon, radius_m, elevator, starts_on, ends_on, gap_days, created_at"
        " FROM special_period"
        " WHERE firm = $1 AND (ends_on IS NULL OR ends_on >= $2) ORDER BY starts_on, id",
        firm,
        not_before,
    )


async def deferrals(ids: Collection[UUID]) -> list[DeferralRow]:
    """Return the deferrals of elevators that were not withdrawn, in the order in which they were entered."""
    return await database.fetch_as(
        DeferralRow,
        "SELECT elevator, counted_from, days, reason, words, document, issuer, dated_on, consent_on, entered_on FROM deferral"
        " WHERE elevator = ANY($1::uuid[]) AND withdrawn_at IS NULL ORDER BY created_at, id",
        list(ids),
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


async def highest_gauges(since: Mapping[UUID, date], gauges: Collection[str]) -> list[GaugeRow]:
    """Return the highest value of each gauge from a day (UTC) on, with the latest day on which it was shown."""
    return await database.fetch_as(
        GaugeRow,
        "SELECT DISTINCT ON (s.elevator, g.name) s.elevator, g.name AS gauge, (g.told ->> 1)::float8 AS value, s.day"
        " FROM unnest($1::uuid[], $2::date[]) AS w (elevator, since)"
        " JOIN signal_day s ON s.elevator = w.elevator AND s.day >= w.since"
        " CROSS JOIN LATERAL jsonb_each(s.gauges) AS g (name, told) WHERE g.name = ANY($3::text[])"
        " ORDER BY s.elevator, g.name, value DESC, s.day DESC",
        list(since), list(since.values()), sorted(gauges),
    )  # fmt: skip


async def risky(firm: UUID, ids: Collection[UUID], share: float, least_fleet: int) -> list[RiskyRow]:
    """Return those elevators that are among a share of the firm's with the most faults expected; none of a thin history."""
    return await database.fetch_as(
        RiskyRow,
        "SELECT r.elevator, r.faults_per_day * 365 AS faults_per_year FROM ("
        " SELECT r.elevator, r.faults_per_day, rank() OVER (ORDER BY r.faults_per_day DESC) AS place, count(*) OVER () AS fleet"
        " FROM elevator_risk r JOIN risk_version v ON v.firm = r.firm AND v.number = r.number AND NOT v.thin WHERE r.firm = $1"
        " ) r WHERE r.elevator = ANY($2::uuid[]) AND r.fleet >= $4 AND r.place <= r.fleet * $3::float8",
        firm, list(ids), share, least_fleet,
    )  # fmt: skip


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
