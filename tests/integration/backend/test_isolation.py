"""Tenancy is enforced by the database."""

from __future__ import annotations

import asyncpg
import pytest

from backend import database, isolation
from backend.piccolo_app import APP_CONFIG
from backend.scope import SYSTEM, Scope, of_firm
from backend.telemetry.partitions import PARTITIONED, partitions
from tests.support.factory import Factory


async def test_every_table_with_a_firm_is_bound_by_row_security(db: str) -> None:
    """A new table with a firm column cannot be forgotten."""
    connection = await asyncpg.connect(db)
    try:
        tenants = set(await isolation.tenant_tables(connection)) | {"firm"}
        months = {name for table in PARTITIONED for name in await partitions(connection, table)}
        rows = await connection.fetch("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    finally:
        await connection.close()
    assert {row["relname"] for row in rows} >= tenants
    declared = {t._meta.tablename for t in APP_CONFIG.table_classes if any(c._meta.name == "firm" for c in t._meta.columns)}
    ours = {*PARTITIONED, "elevator_day", "counter_anchor"}  # that Piccolo does not know
    assert months <= tenants
    assert (declared | ours) - isolation.SHARED_TABLES == tenants - months - {"firm"}


async def test_a_query_without_a_firm_filter_sees_only_the_scope_s_firm(factory: Factory) -> None:
    mine, other = await factory.firm(), await factory.firm()
    await factory.elevator(mine)
    await factory.elevator(other)
    async with database.tx(of_firm(mine)):
        rows = await database.fetch("SELECT firm FROM elevator")
    assert [row["firm"] for row in rows] == [mine]


async def test_writing_into_another_firm_is_refused(factory: Factory, firm_scope: Scope) -> None:
    other = await factory.firm()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.tx(firm_scope):
            await database.execute("INSERT INTO owner (firm, name) VALUES ($1, 'x')", other)


async def test_without_a_scope_no_query_runs(db: str) -> None:
    with pytest.raises(RuntimeError, match="tx"):
        await database.fetch("SELECT 1")


async def test_audit_events_are_written_once(factory: Factory) -> None:
    firm = await factory.firm()
    await factory.row("audit_event", firm=firm, action="test.done", subject="x")
    with pytest.raises(asyncpg.RestrictViolationError):
        async with database.tx(SYSTEM):
            await database.execute("DELETE FROM audit_event")
