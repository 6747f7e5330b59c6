"""SQL of plan runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.locks import Lock
from backend.rounds.plan_views import ElevatorName
from backend.rounds.views import Outline, Progress, RunState

_LIGHT = (
    "p.id, p.firm, f.name AS firm_name, f.time_zone, p.state, p.start_date, p.days, p.time_limit_s, p.seed,"
    " coalesce(a.name, '') AS requested_by, p.requested_at, p.started_at, p.finished_at, p.decided_at, p.attempt, p.given_back,"
    " p.stop_requested, p.snapshot_hash, p.progress, p.outline, p.error"
)
_FROM = " FROM plan_run p JOIN firm f ON f.id = p.firm LEFT JOIN account a ON a.id = p.requested_by"


class RunRow(Struct, frozen=True, kw_only=True):
    """A run without its snapshot and plan."""

    id: UUID
    firm: UUID
    firm_name: str
    time_zone: str
    state: RunState
    start_date: date
    days: int
    time_limit_s: float
    seed: int
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    decided_at: datetime | None
    attempt: int
    given_back: int
    stop_requested: bool
    snapshot_hash: str
    progress: Progress | None
    outline: Outline
    error: str


class NewRun(Struct, frozen=True, kw_only=True):
    """A run to be written."""

    id: UUID
    firm: UUID
    requested_by: UUID | None
    requested_at: datetime
    start_date: date
    days: int
    time_limit_s: float
    seed: int
    snapshot_hash: str
    snapshot: dict[str, Any]
    outline: Outline


async def insert_run(run: NewRun) -> None:
    """Write a queued run."""
    await database.execute(
        "INSERT INTO plan_run (id, firm, requested_by, requested_at, state, start_date, days, time_limit_s, seed, attempt,"
        " given_back, stop_requested, snapshot_hash, snapshot, outline, error)"
        " VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, 0, 0, false, $9, $10, $11, '')",
        run.id, run.firm, run.requested_by, run.requested_at, run.start_date, run.days, run.time_limit_s, run.seed,
        run.snapshot_hash, run.snapshot, run.outline,
    )  # fmt: skip


async def run(id: UUID, *, lock: bool = False) -> RunRow | None:  # noqa: A002 - as everywhere in this room
    """Return a run; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(RunRow, f"SELECT {_LIGHT}{_FROM} WHERE p.id = $1" + " FOR UPDATE OF p" * lock, id)


async def runs(firm: UUID | None, before: tuple[datetime, UUID] | None, limit: int) -> list[RunRow]:
    """Return runs, newest first, older than a key."""
    at, id_ = before or (None, None)
    return await database.fetch_as(
        RunRow,
        f"SELECT {_LIGHT}{_FROM} WHERE ($1::uuid IS NULL OR p.firm = $1)"
        " AND ($2::timestamptz IS NULL OR (p.requested_at, p.id) < ($2, $3::uuid))"
        " ORDER BY p.requested_at DESC, p.id DESC LIMIT $4",
        firm,
        at,
        id_,
        limit,
    )


async def snapshot_of(id: UUID) -> Any:  # noqa: A002
    """Return the stored snapshot of a run as JSON values."""
    return await database.fetch_value("SELECT snapshot FROM plan_run WHERE id = $1", id)


async def save_travel(id: UUID, attempt: int, travel: Any) -> bool:  # noqa: A002
    """Write the travel times into the snapshot of a run; False if the run is no longer this attempt's."""
    return bool(
        await database.execute(
            "UPDATE plan_run SET snapshot = jsonb_set(snapshot, '{travel}', $3::jsonb)"
            " WHERE id = $1 AND attempt = $2 AND state = 'running'",
            id,
            attempt,
            travel,
        )
    )


async def plan_of(id: UUID) -> Any:  # noqa: A002
    """Return the stored plan of a run as JSON values; None where there is none yet."""
    return await database.fetch_value("SELECT plan FROM plan_run WHERE id = $1", id)


async def take_up(id: UUID, at: datetime) -> int | None:  # noqa: A002
    """Make a waiting run, or one whose worker died, this worker's own; return the number of its attempt."""
    found: int | None = await database.fetch_value(
        "UPDATE plan_run SET state = 'running', started_at = $2, attempt = attempt + 1, progress = NULL"
        " WHERE id = $1 AND state IN ('queued', 'running') RETURNING attempt",
        id,
        at,
    )
    return found


async def give_back(id: UUID, attempt: int, *, unharmed: bool) -> None:  # noqa: A002
    """Let a run wait again that its worker could not finish; `unharmed` if that was no fault of the search."""
    await database.execute(
        "UPDATE plan_run SET state = 'queued', progress = NULL, given_back = given_back + $3"
        " WHERE id = $1 AND attempt = $2 AND state = 'running'",
        id,
        attempt,
        int(unharmed),
    )


async def unfinished(firm: UUID) -> int:
    """Return how many runs of a firm wait or search."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM plan_run WHERE firm = $1 AND state IN ('queued', 'running')", firm
    )
    return found


async def save_progress(id: UUID, attempt: int, progress: Progress | None) -> bool | None:  # noqa: A002
    """Note how far a run is; return whether a stop is asked for, None if the run is no longer this attempt's."""
    found: bool | None = await database.fetch_value(
        "UPDATE plan_run SET progress = $3 WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING stop_requested",
        id,
        attempt,
        progress,
    )
    return found


async def finish(
    id: UUID,  # noqa: A002
    attempt: int,
    state: RunState,
    at: datetime,
    *,
    plan: Any = None,
    outline: Outline | None = None,
    error: str = "",
) -> bool:
    """Write the end of an attempt; False if the run is no longer this attempt's."""
    return bool(
        await database.execute(
            "UPDATE plan_run SET state = $3, finished_at = $4, plan = $5, outline = coalesce($6, outline), error = $7"
            " WHERE id = $1 AND attempt = $2 AND state = 'running'",
            id, attempt, state.value, at, plan, outline, error,
        )
    )  # fmt: skip


async def ask_to_stop(id: UUID) -> None:  # noqa: A002
    """Leave word that a run is to stop."""
    await database.execute("UPDATE plan_run SET stop_requested = true WHERE id = $1", id)


async def decide(id: UUID, state: RunState, at: datetime) -> None:  # noqa: A002
    """Note what was decided about a run."""
    await database.execute("UPDATE plan_run SET state = $2, decided_at = $3 WHERE id = $1", id, state.value, at)


async def run_before(run: RunRow) -> UUID | None:
    """Return the newest earlier run with a plan over any of the same days that nobody discarded."""
    found: UUID | None = await database.fetch_value(
        "SELECT id FROM plan_run WHERE firm = $1 AND id <> $2 AND requested_at <= $3 AND plan IS NOT NULL"
        " AND state IN ('proposed', 'committed', 'published')"
        " AND start_date <= $4::date + $5::int - 1 AND start_date + days - 1 >= $4::date"
        " ORDER BY requested_at DESC, id LIMIT 1",
        run.firm,
        run.id,
        run.requested_at,
        run.start_date,
        run.days,
    )
    return found


async def delete_dead_runs(before: datetime) -> int:
    """Remove runs that ended without a plan in use before an instant."""
    return await database.execute(
        "DELETE FROM plan_run p WHERE p.state IN ('failed', 'stopped', 'discarded')"
        " AND coalesce(p.decided_at, p.finished_at, p.requested_at) < $1"
        " AND NOT EXISTS (SELECT FROM published_round r WHERE r.run = p.id)",
        before,
    )


async def elevator_names(elevators: Sequence[UUID]) -> dict[UUID, ElevatorName]:
    """Return what people call elevators, by id."""
    found = await database.fetch_as(
        ElevatorName,
        "SELECT e.id AS elevator, e.registration_code, e.rescue_code, e.unit_name, e.site, s.name AS site_name, s.address,"
        " s.district, s.lat, s.lon FROM elevator e JOIN site s ON s.id = e.site WHERE e.id = ANY($1::uuid[])",
        list(elevators),
    )
    return {each.elevator: each for each in found}


async def crew_names(firm: UUID) -> dict[UUID, str]:
    """Return the names of a firm's crews, by id."""
    rows = await database.fetch("SELECT id, name FROM crew WHERE firm = $1", firm)
    return {row["id"]: row["name"] for row in rows}


async def lock_publishing(firm: UUID) -> None:
    """Let one at a time publish, withdraw or cancel in a firm, until the end of the transaction."""
    await database.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", Lock.PUBLISHING, str(firm))
