"""Makes the months of telemetry ahead, cuts out those that lie in the default partitions, and drops what is kept no longer."""

from __future__ import annotations

import structlog

from backend import clock, database
from backend.jobs.job import Job, Nothing
from backend.piccolo_conf import DB
from backend.settings import read_settings
from backend.telemetry.partitions import keep_months

log = structlog.get_logger("backend.jobs")


async def run(_payload: Nothing) -> None:
    """Keep the months; safe to repeat."""
    settings = read_settings()
    connection = await database.lone_connection(DB.config["dsn"])  # of the login that owns the tables
    try:
        months = await keep_months(connection, clock.now(), settings.kept_months)
    finally:
        await connection.close()
    if months.made or months.dropped:
        log.info("months of telemetry", made=months.made, dropped=months.dropped)


JOB = Job(name="partitions", payload=Nothing, run=run)
