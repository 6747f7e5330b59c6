"""SQL of calendars, levellings and target days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.levelling.views import LevellingOutline, LevellingProgress, LevellingState, TargetView
from backend.locks import Lock
from backend.rounds.facts import TargetFact

_REACH = timedelta(days=40)
"""Windows reach so far out of a horizon that their target days matter to it."""

_LIGHT = (
    "l.id, l.firm, f.time_zone, l.state, l.start_date, l.days, l.time_limit_s, l.seed, coalesce(a.name, '') AS requested_by,"
    " l.requested_at, l.finished_at, l.attempt, l.stop_requested, l.progress, l.outline, l.error"
)
_FROM = " FROM levelling_run l JOIN firm f ON f.id = l.firm LEFT JOIN account a ON a.id = l.requested_by"


class CalendarRow(Struct, frozen=True, kw_only=True):
    """A firm's stored choice."""

    source: str
    name: str
    years: list[int]
    days: list[Any]
    crews_rest: bool


class FirmRow(Struct, frozen=True, kw_only=True):
    """What a levelling needs of a firm."""

    id: UUID
    region: str
    time_zone: str


class CrewRow(Struct, frozen=True, kw_only=True):
    """An active crew."""

    id: UUID
    name: str
    area: str
    base_lat: float
    base_lon: float


class SiteRow(Struct, frozen=True, kw_only=True):
    """Where a site is."""

    id: UUID
    name: str
    district: str


class ElevatorName(Struct, frozen=True, kw_only=True):
    """What people call an elevator."""

    id: UUID
    name: str
    registration_code: str


class LevellingRow(Struct, frozen=True, kw_only=True):
    """A levelling without question and answer."""

    id: UUID
    firm: UUID
    time_zone: str
    state: LevellingState
    start_date: date
    days: int
    time_limit_s: float
    seed: int
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    attempt: int
    stop_requested: bool
    progress: LevellingProgress | None
    outline: LevellingOutline
    error: str


async def firm(id: UUID) -> FirmRow | None:  # noqa: A002 - as everywhere in this room
    """Return a firm."""
    return await database.fetch_one_as(FirmRow, "SELECT id, region, time_zone FROM firm WHERE id = $1", id)


async def firms_to_level() -> list[FirmRow]:
    """Return the firms that have crews and due windows."""
    return await database.fetch_as(
        FirmRow,
        "SELECT f.id, f.region, f.time_zone FROM firm f WHERE EXISTS (SELECT FROM crew c WHERE c.firm = f.id AND c.active)"
        " AND EXISTS (SELECT FROM due_window d WHERE d.firm = f.id) ORDER BY f.id",
    )


async def last_requested_at(firm: UUID) -> datetime | None:
    """Return when a firm's newest levelling was asked for."""
    found: datetime | None = await database.fetch_value("SELECT max(requested_at) FROM levelling_run WHERE firm = $1", firm)
    return found


async def calendar(firm: UUID) -> CalendarRow | None:
    """Return a firm's choice, None where it has made none."""
    return await database.fetch_one_as(
        CalendarRow, "SELECT source, name, years, days, crews_rest FROM work_calendar WHERE firm = $1", firm
    )


async def write_calendar(firm: UUID, row: CalendarRow, at: datetime) -> None:
    """Write a firm's choice over the one before."""
    await database.execute(
        "INSERT INTO work_calendar (id, firm, source, name, years, days, crews_rest, changed_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7) ON CONFLICT (firm) DO UPDATE SET source = excluded.source,"
        " name = excluded.name, years = excluded.years, days = excluded.days, crews_rest = excluded.crews_rest,"
        " changed_at = excluded.changed_at",
        firm, row.source, row.name, row.years, row.days, row.crews_rest, at,
    )  # fmt: skip


async def crews(firm: UUID) -> list[CrewRow]:
    """Return the active crews."""
    return await database.fetch_as(
        CrewRow, "SELECT id, name, area, base_lat, base_lon FROM crew WHERE firm = $1 AND active ORDER BY name, id", firm
    )


async def crew_names(firm: UUID) -> dict[UUID, str]:
    """Return the names of a firm's crews, those that are no longer active included."""
    rows = await database.fetch("SELECT id, name FROM crew WHERE firm = $1", firm)
    return {row["id"]: row["name"] for row in rows}


async def elevator_names(ids: Sequence[UUID]) -> dict[UUID, ElevatorName]:
    """Return what people call some elevators."""
    rows = await database.fetch_as(
        ElevatorName,
        "SELECT e.id, trim(s.name || ' ' || e.unit_name) AS name, e.registration_code"
        " FROM elevator e JOIN site s ON s.id = e.site WHERE e.id = ANY($1::uuid[])",
        list(ids),
    )
    return {row.id: row for row in rows}


async def districts(firm: UUID) -> dict[UUID, str]:
    """Return the district of each site."""
    rows = await database.fetch("SELECT id, district FROM site WHERE firm = $1", firm)
    return {row["id"]: row["district"] for row in rows}


async def insert_run(
    id: UUID,  # noqa: A002
    firm: UUID,
    requested_by: UUID | None,
    at: datetime,
    start_date: date,
    days: int,
    time_limit_s: float,
    seed: int,
) -> None:
    """Write a queued levelling."""
    await database.execute(
        "INSERT INTO levelling_run (id, firm, requested_by, requested_at, state, start_date, days, time_limit_s, seed, attempt,"
        " stop_requested, beside, outline, error) VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, 0, false, '{}', $9, '')",
        id, firm, requested_by, at, start_date, days, time_limit_s, seed, LevellingOutline(),
    )  # fmt: skip


async def run(id: UUID, *, lock: bool = False) -> LevellingRow | None:  # noqa: A002
    """Return a levelling; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(LevellingRow, f"SELECT {_LIGHT}{_FROM} WHERE l.id = $1" + " FOR UPDATE OF l" * lock, id)


async def runs(firm: UUID | None, before: tuple[datetime, UUID] | None, limit: int) -> list[LevellingRow]:
    """Return levellings, newest first, older than a key."""
    at, id_ = before or (None, None)
    return await database.fetch_as(
        LevellingRow,
        f"SELECT {_LIGHT}{_FROM} WHERE ($1::uuid IS NULL OR l.firm = $1)"
        " AND ($2::timestamptz IS NULL OR (l.requested_at, l.id) < ($2, $3::uuid))"
        " ORDER BY l.requested_at DESC, l.id DESC LIMIT $4",
        firm,
        at,
        id_,
        limit,
    )


async def newest_done(firm: UUID) -> UUID | None:
    """Return the levelling whose target days count."""
    found: UUID | None = await database.fetch_value(
        "SELECT id FROM levelling_run WHERE firm = $1 AND state = 'done' ORDER BY finished_at DESC, id LIMIT 1", firm
    )
    return found


async def unfinished(firm: UUID) -> UUID | None:
    """Return a levelling of a firm that waits or runs."""
    found: UUID | None = await database.fetch_value(
        "SELECT id FROM levelling_run WHERE firm = $1 AND state IN ('queued', 'running') ORDER BY requested_at LIMIT 1", firm
    )
    return found


async def documents(id: UUID) -> tuple[Any, Any]:  # noqa: A002
    """Return question and answer as JSON values; None where there is none yet."""
    rows = await database.fetch("SELECT problem, levels FROM levelling_run WHERE id = $1", id)
    return (rows[0]["problem"], rows[0]["levels"]) if rows else (None, None)


async def take_up(id: UUID, at: datetime) -> int | None:  # noqa: A002
    """Make a levelling this worker's own; return the number of its attempt, None if it is over."""
    found: int | None = await database.fetch_value(
        "UPDATE levelling_run SET state = 'running', started_at = $2, attempt = attempt + 1, progress = NULL"
        " WHERE id = $1 AND state IN ('queued', 'running') RETURNING attempt",
        id,
        at,
    )
    return found


async def save_problem(id: UUID, attempt: int, problem: Any, beside: Any, outline: LevellingOutline) -> None:  # noqa: A002
    """Note what is asked, and what stands beside it."""
    await database.execute(
        "UPDATE levelling_run SET problem = $3, beside = $4, outline = $5 WHERE id = $1 AND attempt = $2",
        id,
        attempt,
        problem,
        beside,
        outline,
    )


async def save_progress(id: UUID, attempt: int, progress: LevellingProgress | None) -> bool | None:  # noqa: A002
    """Note how far it is; return whether a stop is asked for, None if it is no longer this attempt's."""
    found: bool | None = await database.fetch_value(
        "UPDATE levelling_run SET progress = $3 WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING stop_requested",
        id,
        attempt,
        progress,
    )
    return found


async def give_back(id: UUID, attempt: int) -> None:  # noqa: A002
    """Let a levelling wait again that its worker could not finish."""
    await database.execute(
        "UPDATE levelling_run SET state = 'queued', progress = NULL WHERE id = $1 AND attempt = $2 AND state = 'running'",
        id,
        attempt,
    )


async def finish(
    id: UUID,  # noqa: A002
    attempt: int,
    state: LevellingState,
    at: datetime,
    *,
    levels: Any = None,
    outline: LevellingOutline | None = None,
    error: str = "",
) -> bool:
    """Write the end of an attempt; False if it is no longer this attempt's."""
    return bool(
        await database.execute(
            "UPDATE levelling_run SET state = $3, finished_at = $4, levels = $5, outline = coalesce($6, outline), error = $7"
            " WHERE id = $1 AND attempt = $2 AND state = 'running'",
            id, attempt, state.value, at, levels, outline, error,
        )
    )  # fmt: skip


async def ask_to_stop(id: UUID) -> None:  # noqa: A002
    """Leave word that a levelling is to stop; one that waits is over at once."""
    await database.execute(
        "UPDATE levelling_run SET stop_requested = true, state = CASE WHEN state = 'queued' THEN 'stopped' ELSE state END"
        " WHERE id = $1",
        id,
    )


async def replace_targets(firm: UUID, run: UUID, rows: Iterable[tuple[UUID, date, date, date, str, bool]]) -> None:
    """Put a levelling's target days in the place of all of a firm's: elevator, day, window, class, whether it has hours."""
    await database.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", Lock.LEVELLING, str(firm))
    await database.execute("DELETE FROM target_day WHERE firm = $1", firm)
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), (), ()]
    await database.execute(
        "INSERT INTO target_day (firm, run, elevator, day, first_day, last_day, maintenance_class, placed)"
        " SELECT $1, $2, u.elevator, u.day, u.first_day, u.last_day, u.class, u.placed"
        " FROM unnest($3::uuid[], $4::date[], $5::date[], $6::date[], $7::text[], $8::bool[])"
        " AS u(elevator, day, first_day, last_day, class, placed) JOIN elevator e ON e.id = u.elevator",
        firm,
        run,
        *(list(column) for column in columns),
    )


async def targets(firm: UUID, first: date, last: date) -> list[TargetFact]:
    """Return target days that may matter to a horizon, by day; those of visits that found no hours are left out."""
    return await database.fetch_as(
        TargetFact,
        "SELECT elevator, day FROM target_day WHERE firm = $1 AND placed AND day BETWEEN $2 AND $3 ORDER BY day, elevator",
        firm,
        first - _REACH,
        last + _REACH,
    )


async def targets_of(elevator: UUID, first: date) -> list[TargetView]:
    """Return an elevator's target days from a day on."""
    return await database.fetch_as(
        TargetView,
        "SELECT day, first_day, last_day, maintenance_class, placed FROM target_day WHERE elevator = $1 AND day >= $2"
        " ORDER BY day",
        elevator,
        first,
    )


async def firm_of_elevator(elevator: UUID) -> UUID | None:
    """Return whose elevator it is."""
    found: UUID | None = await database.fetch_value("SELECT firm FROM elevator WHERE id = $1", elevator)
    return found


async def delete_old(keep: int) -> int:
    """Remove all but the newest levellings of each firm; return how many."""
    return await database.execute(
        "DELETE FROM levelling_run WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER"
        " (PARTITION BY firm ORDER BY requested_at DESC, id) AS place FROM levelling_run"
        " WHERE state NOT IN ('queued', 'running')) r WHERE place > $1)",
        keep,
    )
