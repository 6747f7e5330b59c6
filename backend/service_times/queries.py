"""SQL of service times: the visits that are learnt from, and what was learnt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database


class FirmRow(Struct, frozen=True, kw_only=True):
    """A firm with visits, and the local day of what it learnt last."""

    id: UUID
    time_zone: str
    learnt_on: date | None


class VisitedRow(Struct, frozen=True, kw_only=True):
    """A visit with two scans that holds."""

    elevator: UUID
    site: UUID
    equipment_type: str
    stops: int | None
    maintenance_class: str
    rule_pack: str
    technician: UUID
    second_technician: UUID | None
    arrived_at: datetime
    departed_at: datetime


class ModelRow(Struct, frozen=True, kw_only=True):
    """What a firm's visits taught."""

    learnt_on: date
    visits: int
    left_out: int
    mean_of_rest: float
    spread: dict[str, float]


class FactorRow(Struct, frozen=True, kw_only=True):
    """One factor of the model, as a logarithm."""

    effect: str
    name: str
    log: float
    sd: float
    visits: float


class KindRow(Struct, frozen=True, kw_only=True):
    """What an elevator is."""

    elevator: UUID
    site: UUID
    equipment_type: str
    stops: int | None


class NameRow(Struct, frozen=True, kw_only=True):
    """The name of an elevator, site or technician."""

    id: UUID
    name: str


async def firms() -> list[FirmRow]:
    """Return the firms that have finished visits."""
    return await database.fetch_as(
        FirmRow,
        "SELECT f.id, f.time_zone, m.learnt_on FROM firm f LEFT JOIN service_time_model m ON m.firm = f.id"
        " WHERE EXISTS (SELECT FROM visit v WHERE v.firm = f.id AND v.state = 'finished') ORDER BY f.id",
    )


async def visited(firm: UUID, since: datetime) -> list[VisitedRow]:
    """Return visits since an instant that count and of whose evidence nothing failed.

    A typed code can be typed anywhere, so only scans by camera and opened links are times of arrival and departure.
    """
    return await database.fetch_as(
        VisitedRow,
        """
        SELECT v.elevator, e.site, e.equipment_type, e.stops, v.maintenance_class, v.rule_pack, v.technician,
            v.second_technician, v.arrived_at, v.departed_at
        FROM visit v JOIN elevator e ON e.id = v.elevator
        WHERE v.firm = $1 AND v.state = 'finished' AND v.withdrawn = '' AND NOT v.held_back AND v.departed_at >= $2
            AND NOT jsonb_path_exists(coalesce(v.outcome, '{}'), '$.evidence[*] ? (@.outcome == "failed")')
            AND (SELECT count(*) FROM scan s WHERE s.visit = v.id AND s.kind IN ('arrival', 'departure')
                AND s.source <> 'typed') = 2
        ORDER BY v.id
        """,
        firm,
        since,
    )


async def replace(firm: UUID, model: ModelRow, factors: Sequence[FactorRow]) -> None:
    """Put what was learnt in the place of what was learnt before."""
    await database.execute(
        "INSERT INTO service_time_model (firm, learnt_on, visits, left_out, mean_of_rest, spread, learnt_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, now()) ON CONFLICT (firm) DO UPDATE SET learnt_on = excluded.learnt_on,"
        " visits = excluded.visits, left_out = excluded.left_out, mean_of_rest = excluded.mean_of_rest,"
        " spread = excluded.spread, learnt_at = excluded.learnt_at",
        firm, model.learnt_on, model.visits, model.left_out, model.mean_of_rest, model.spread,
    )  # fmt: skip
    await database.execute("DELETE FROM service_time_factor WHERE firm = $1", firm)
    await database.execute(
        "INSERT INTO service_time_factor (firm, effect, name, log, sd, visits)"
        " SELECT $1, w.* FROM unnest($2::text[], $3::text[], $4::float8[], $5::float8[], $6::float8[]) AS w",
        firm, [each.effect for each in factors], [each.name for each in factors], [each.log for each in factors],
        [each.sd for each in factors], [each.visits for each in factors],
    )  # fmt: skip


async def model(firm: UUID) -> ModelRow | None:
    """Return what a firm's visits taught; None before the first night."""
    return await database.fetch_one_as(
        ModelRow, "SELECT learnt_on, visits, left_out, mean_of_rest, spread FROM service_time_model WHERE firm = $1", firm
    )


async def factors(firm: UUID, names: Collection[str]) -> list[FactorRow]:
    """Return the factors of these elevators and sites, and all those of anything else."""
    return await database.fetch_as(
        FactorRow,
        "SELECT effect, name, log, sd, visits FROM service_time_factor WHERE firm = $1"
        " AND (effect NOT IN ('elevator', 'site') OR name = ANY($2::text[])) ORDER BY effect, name",
        firm,
        list(names),
    )


async def kinds(elevators: Collection[UUID]) -> list[KindRow]:
    """Return what elevators are."""
    return await database.fetch_as(
        KindRow,
        "SELECT id AS elevator, site, equipment_type, stops FROM elevator WHERE id = ANY($1::uuid[]) ORDER BY id",
        list(elevators),
    )


async def strangest(firm: UUID, limit: int) -> list[FactorRow]:
    """Return the elevators that differ most from others like them."""
    return await database.fetch_as(
        FactorRow,
        "SELECT effect, name, log, sd, visits FROM service_time_factor WHERE firm = $1 AND effect = 'elevator'"
        " ORDER BY abs(log) DESC, name LIMIT $2",
        firm,
        limit,
    )


async def names(ids: Collection[UUID]) -> list[NameRow]:
    """Return names of elevators (site and number inside it) and technicians."""
    return await database.fetch_as(
        NameRow,
        "SELECT e.id, concat_ws(' ', s.name, nullif(e.unit_name, ''), e.registration_code) AS name"
        " FROM elevator e JOIN site s ON s.id = e.site WHERE e.id = ANY($1::uuid[])"
        " UNION ALL SELECT t.id, t.name FROM technician t WHERE t.id = ANY($1::uuid[])",
        list(ids),
    )
