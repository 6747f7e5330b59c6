"""Whether requests can be served, and what there is to count."""

from __future__ import annotations

import asyncio

import asyncpg

from backend import database, keyfile
from backend.migrate import migration_ids
from backend.operations import queries
from backend.operations.queries import Gauges
from backend.scope import SYSTEM
from backend.settings import Settings

_PATIENCE_S = 5.0
"""Whoever asks whether we are ready wants an answer soon, also where the database hangs."""


async def reasons_not_ready() -> list[str]:
    """Return why requests cannot be served now; empty when they can."""
    try:
        async with asyncio.timeout(_PATIENCE_S), database.tx(SYSTEM):
            missing = migration_ids() - await queries.applied_migrations()
    except TimeoutError:
        return [f"the database did not answer within {_PATIENCE_S:.0f} s"]
    except (*database.CONNECTION_ERRORS, asyncpg.PostgresError, RuntimeError) as error:
        return [f"the database does not answer: {error or type(error).__name__}"]
    return [f"{len(missing)} migrations are missing: run liftrounds migrate"] if missing else []


async def require_label_keys(settings: Settings) -> None:
    """Refuse to go on without the keys of the labels that were made.

    Raises
    ------
    Unavailable
        If the key file is missing although there are labels.
    """
    async with database.tx(SYSTEM):
        keyfile.refuse_lost_label_keys(settings, await queries.count_labels())


async def gauges() -> Gauges:
    """Return what is counted in the database."""
    async with database.tx(SYSTEM):
        return await queries.gauges()
