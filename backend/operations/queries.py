"""SQL about the installation as a whole."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from backend import database
from backend.database import APP_ROLE
from backend.telemetry.partitions import PARTITIONED


class Gauges(Struct, frozen=True, kw_only=True):
    """What is counted in the database."""

    elevators: int
    overdue: int
    jobs_waiting: int
    jobs_running: int
    jobs_failed: int
    visits_open: int
    oldest_waiting_job: datetime | None
    """Since when the longest waiting job could have run."""

    codes_refused: int = 0
    """Scanned or typed codes that opened nothing, ever."""


async def count_labels() -> int:
    """Return how many labels there are, of all firms."""
    return int(await database.fetch_value("SELECT count(*) FROM label"))


async def applied_migrations() -> set[str]:
    """Return the ids of the applied migrations."""
    if not await database.fetch_value("SELECT to_regclass('migration') IS NOT NULL"):
        return set()
    return {row["name"] for row in await database.fetch("SELECT name FROM migration WHERE app_name = 'backend'")}


async def gauges() -> Gauges:
    """Return what is counted; overdue against each firm's own day."""
    found = await database.fetch_one_as(
        Gauges,
        "SELECT (SELECT count(*) FROM elevator WHERE state = 'in_use') AS elevators,"
        " (SELECT count(*) FROM due_window w JOIN firm f ON f.id = w.firm"
        "   WHERE w.last_day < (now() AT TIME ZONE f.time_zone)::date) AS overdue,"
        " (SELECT count(*) FROM pgqueuer WHERE status = 'queued') AS jobs_waiting,"
        " (SELECT count(*) FROM pgqueuer WHERE status = 'picked') AS jobs_running,"
        " (SELECT count(*) FROM pgqueuer WHERE status = 'failed') AS jobs_failed,"
        " (SELECT count(*) FROM visit WHERE state = 'open') AS visits_open,"
        " (SELECT coalesce(sum(times), 0)::bigint FROM refused_scan) AS codes_refused,"
        " (SELECT min(execute_after) FROM pgqueuer WHERE status = 'queued' AND execute_after <= now()) AS oldest_waiting_job",
    )
    assert found is not None  # noqa: S101 - a query without FROM has a row
    return found


class Server(Struct, frozen=True, kw_only=True):
    """The database server as the asker sees it."""

    version: int
    """Such as 180004."""

    at: datetime
    bound_by_row_security: bool
    """Whether row security binds the role that queries run as."""


async def server() -> Server:
    """Return what the server is."""
    found = await database.fetch_one_as(
        Server,
        "SELECT current_setting('server_version_num')::int AS version, clock_timestamp() AS at,"
        " (SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user) AS bound_by_row_security",
    )
    assert found is not None  # noqa: S101 - a query without FROM has a row
    return found


async def open_tables() -> list[str]:
    """Return the tables with a firm on which row security is not forced."""
    rows = await database.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'firm'"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'account'"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1"
    )
    return [row["relname"] for row in rows]


async def counts() -> dict[str, int]:
    """Return how many accounts, admins, firms, elevators and labels there are."""
    rows = await database.fetch(
        "SELECT 'accounts' AS what, count(*) AS n FROM account UNION ALL"
        " SELECT 'admins', count(*) FROM account WHERE role = 'admin' AND active UNION ALL"
        " SELECT 'firms', count(*) FROM firm UNION ALL SELECT 'elevators', count(*) FROM elevator UNION ALL"
        " SELECT 'labels', count(*) FROM label"
    )
    return {row["what"]: row["n"] for row in rows}


async def label_epochs() -> list[int]:
    """Return the epochs of the keys that labels were made with."""
    return [row["epoch"] for row in await database.fetch("SELECT DISTINCT epoch FROM label ORDER BY 1")]


async def newest_window() -> datetime | None:
    """Return when a due window was last computed, None where there is none."""
    found: datetime | None = await database.fetch_value("SELECT max(computed_at) FROM due_window")
    return found


async def role_exists() -> bool:
    """Return whether the role of queries exists."""
    return bool(await database.fetch_value("SELECT count(*) FROM pg_roles WHERE rolname = $1", APP_ROLE))


async def partitions() -> list[str]:
    """Return the names of all partitions."""
    rows = await database.fetch("SELECT inhrelid::regclass::text AS name FROM pg_inherits ORDER BY 1")
    return [row["name"] for row in rows]


async def rows_outside_months() -> list[str]:
    """Return the tables of telemetry with rows that lie in no month of their own."""
    return [table for table in PARTITIONED if await database.fetch_value(f"SELECT EXISTS (SELECT FROM {table}_default)")]
