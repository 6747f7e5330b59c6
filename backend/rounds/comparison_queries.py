"""SQL of comparisons of policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend import database
from backend.rounds.comparison_views import ComparisonState, ComparisonView

_COLUMNS = (
    "p.id, p.firm, p.state, p.start_date, p.days, p.seeds, coalesce(a.name, '') AS requested_by, p.requested_at,"
    " p.finished_at, p.progress, p.error, p.result"
)
_FROM = " FROM policy_comparison p LEFT JOIN account a ON a.id = p.requested_by"


async def insert(id: UUID, firm: UUID, by: UUID | None, at: datetime, start: date, days: int, seeds: int) -> None:  # noqa: A002
    """Write a queued comparison."""
    await database.execute(
        "INSERT INTO policy_comparison (id, firm, requested_by, requested_at, state, start_date, days, seeds, attempt,"
        " progress, error) VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, 0, 0, '')",
        id, firm, by, at, start, days, seeds,
    )  # fmt: skip


async def one(id: UUID, *, lock: bool = False) -> ComparisonView | None:  # noqa: A002
    """Return a comparison; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(
        ComparisonView, f"SELECT {_COLUMNS}{_FROM} WHERE p.id = $1" + " FOR UPDATE OF p" * lock, id
    )


async def latest(firm: UUID | None, limit: int) -> list[ComparisonView]:
    """Return the latest comparisons, newest first."""
    return await database.fetch_as(
        ComparisonView,
        f"SELECT {_COLUMNS}{_FROM} WHERE ($1::uuid IS NULL OR p.firm = $1) ORDER BY p.requested_at DESC, p.id LIMIT $2",
        firm,
        limit,
    )


async def unfinished(firm: UUID) -> int:
    """Count a firm's comparisons that wait or run."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM policy_comparison WHERE firm = $1 AND state IN ('queued', 'running')", firm
    )
    return found


async def take_up(id: UUID) -> int | None:  # noqa: A002
    """Mark a comparison as running and return the attempt; None where it is over."""
    found: int | None = await database.fetch_value(
        "UPDATE policy_comparison SET state = 'running', attempt = attempt + 1, progress = 0"
        " WHERE id = $1 AND state IN ('queued', 'running') RETURNING attempt",
        id,
    )
    return found


async def save_progress(id: UUID, attempt: int, share: float) -> bool:  # noqa: A002
    """Write how far it is; False where nobody wants this attempt any more."""
    return bool(
        await database.fetch_value(
            "UPDATE policy_comparison SET progress = $3 WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING true",
            id,
            attempt,
            share,
        )
    )


async def finish(
    id: UUID,  # noqa: A002
    attempt: int,
    state: ComparisonState,
    at: datetime,
    result: Any = None,
    error: str = "",
) -> bool:
    """Write the end of an attempt; False where it is no longer the latest or was stopped."""
    return bool(
        await database.fetch_value(
            "UPDATE policy_comparison SET state = $3, finished_at = $4, result = $5, error = $6, progress = 1"
            " WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING true",
            id, attempt, state.value, at, result, error,
        )
    )  # fmt: skip


async def stop(id: UUID, at: datetime) -> None:  # noqa: A002
    """Mark a comparison as stopped; a worker that has it notices at its next report."""
    await database.execute("UPDATE policy_comparison SET state = 'stopped', finished_at = $2 WHERE id = $1", id, at)


async def firms_by_name(name: str | None) -> list[UUID]:
    """Return the firms of a name; all firms that have crews where none is given."""
    rows = await database.fetch(
        "SELECT f.id FROM firm f WHERE CASE WHEN $1::text IS NULL"
        " THEN EXISTS (SELECT FROM crew c WHERE c.firm = f.id AND c.active) ELSE f.name = $1 END ORDER BY f.id",
        name,
    )
    return [row["id"] for row in rows]


async def firm_names() -> list[str]:
    """Return the names of all firms."""
    return [row["name"] for row in await database.fetch("SELECT name FROM firm ORDER BY name")]
