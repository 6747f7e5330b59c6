"""Bring a database to the schema of this version: migrations, then row security, then the job queue's own tables."""

from __future__ import annotations

import contextlib
import functools
import io

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.apps.migrations.tables import Migration

from backend import clock, database, isolation
from backend.errors import Unavailable
from backend.locks import Lock
from backend.piccolo_app import APP_CONFIG
from backend.piccolo_conf import DB
from backend.telemetry.partitions import keep_months


async def migrate(url: str) -> list[str]:
    """Apply all pending migrations; return their names, oldest first.

    Safe to repeat and to run from several hosts at once.

    Raises
    ------
    Unavailable
        If a migration fails; the message carries its output.
    """
    if DB.pool is not None:
        raise RuntimeError("migrate before the pool is opened: Piccolo would migrate the pool's database")
    DB.config = {"dsn": url}
    connection = await database.lone_connection(url)
    try:
        await connection.execute("SET lock_timeout = '30s'")
        await connection.execute("SELECT pg_advisory_lock($1)", Lock.MIGRATIONS)
        before = await _applied(connection)
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                await run_forwards(app_name="backend")
        except SystemExit as error:
            raise Unavailable("a migration failed: {output}", output=output.getvalue().strip()) from error
        queue = Queries(AsyncpgDriver(connection))
        if await connection.fetchval("SELECT to_regclass('pgqueuer') IS NULL"):
            await queue.install()
        else:
            await queue.upgrade()
        await isolation.apply(connection)
        await keep_months(connection, clock.now())
        return [name for name in await _applied(connection) if name not in before]
    finally:
        await connection.close()


@functools.cache
def migration_ids() -> frozenset[str]:
    """Return the ids of the migrations that this version has."""
    modules = BaseMigrationManager().get_migration_modules(APP_CONFIG.resolved_migrations_folder_path)
    return frozenset(module.ID for module in modules.values())


async def pending(url: str) -> bool:
    """Return whether the database lacks a migration that this version has."""
    connection = await database.lone_connection(url)
    try:
        return bool(migration_ids() - set(await _applied(connection)))
    finally:
        await connection.close()


async def migrate_if_pending(url: str) -> None:
    """Apply migrations only where one is missing: commands at the terminal work on a fresh machine, and start quickly."""
    if await pending(url):
        await migrate(url)


async def _applied(connection: asyncpg.Connection) -> list[str]:
    if await connection.fetchval("SELECT to_regclass($1) IS NULL", Migration._meta.tablename):  # noqa: SLF001 - Piccolo has no other way
        return []
    rows = await connection.fetch("SELECT name FROM migration WHERE app_name = 'backend' ORDER BY ran_on")
    return [row["name"] for row in rows]
