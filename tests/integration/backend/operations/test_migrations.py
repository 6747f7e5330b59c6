"""Migrations and tables agree."""

from __future__ import annotations

import asyncpg
from piccolo.apps.migrations.commands.new import AutoMigrationManager

from backend import isolation
from backend.migrate import migrate, migration_ids, pending
from backend.piccolo_app import APP_CONFIG


async def test_the_tables_need_no_further_migration(database_url: str) -> None:
    statements = await AutoMigrationManager(auto_input="y").get_alter_statements(APP_CONFIG)
    assert [line for kind in statements for line in kind.statements] == []


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    assert await migrate(database_url) == []
    assert not await pending(database_url)
    assert migration_ids()


async def test_every_column_of_the_tables_is_in_the_database(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
    finally:
        await connection.close()
    there = {(row["table_name"], row["column_name"]) for row in rows}
    for table in APP_CONFIG.table_classes:
        for column in table._meta.columns:
            assert (table._meta.tablename, column._meta.db_column_name) in there


async def test_row_security_is_forced_on_every_table_with_a_firm(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        tables = await isolation.tenant_tables(connection)
        forced = {
            row["relname"]
            for row in await connection.fetch("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        }
    finally:
        await connection.close()
    assert len(tables) > 20
    assert set(tables) <= forced
