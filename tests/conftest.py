"""Fixtures of all tests: a real PostgreSQL with the real migrations, emptied after each test.

`LIFT_TEST_DATABASE_URL` names a server to use; without it the embedded one starts in a fresh folder.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from backend import database
from backend.migrate import migrate
from backend.scope import Scope, of_firm
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site as HttpSite
from tests.support.http import give_keys, running

TEST_DATABASE = "liftrounds_test"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Address of a PostgreSQL server for this test run."""
    given = os.environ.get("LIFT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Directly under the temporary folder: run as root, the embedded server opens all parent folders for reading.
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-test-"))
    try:
        url = database.database_url(Settings(data_dir=folder))
        asyncio.run(_forgo_durability(url))
        yield url
    finally:
        database.release_embedded()
        shutil.rmtree(folder, ignore_errors=True)


async def _forgo_durability(url: str) -> None:
    """Let the server of the tests not wait for the disk: it dies with them, and emptying tables is many times quicker."""
    admin = await asyncpg.connect(url)
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await admin.execute(f"ALTER SYSTEM SET {setting} = off")
    await admin.execute("SELECT pg_reload_conf()")
    await admin.close()


@pytest.fixture(scope="session")
def database_url(server_url: str) -> str:
    """Address of a database with all migrations applied."""

    async def build() -> str:
        admin = await asyncpg.connect(server_url)
        await admin.execute(f"DROP DATABASE IF EXISTS {TEST_DATABASE}")
        await admin.execute(f"CREATE DATABASE {TEST_DATABASE}")
        await admin.close()
        url = database.dsn_with_database(server_url, TEST_DATABASE)
        await migrate(url)
        return url

    return asyncio.run(build())


@pytest.fixture
def settings(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings of an installation with its own data folder and the test database."""
    if "http" in request.fixturenames:
        give_keys(tmp_path)
    return Settings(data_dir=tmp_path, database_url=database_url, public_url="http://testserver.local")


@pytest.fixture
async def clean_database(database_url: str) -> AsyncIterator[str]:
    """The test database, emptied after the test; no pool is open."""
    yield database_url
    connection = await asyncpg.connect(database_url)
    try:
        names = await connection.fetchval(
            "SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename <> 'migration' AND tablename NOT LIKE 'pgqueuer_schedules%'"
        )
        filled = " UNION ALL ".join(f"SELECT '{name}' AS name WHERE EXISTS (SELECT FROM \"{name}\")" for name in names)
        await connection.execute("SET session_replication_role = replica")  # also past the write-once triggers
        # Not TRUNCATE: it makes new files for every table and index, which takes half a second where this takes 2 ms.
        for row in await connection.fetch(filled):
            await connection.execute(f'DELETE FROM "{row["name"]}"')
    finally:
        await connection.close()


@pytest.fixture
async def db(clean_database: str) -> AsyncIterator[str]:
    """An open pool on the empty test database."""
    await database.connect(clean_database)
    yield clean_database
    await database.disconnect()


@pytest.fixture
async def factory(db: str) -> Factory:
    """Makes rows for tests."""
    return Factory()


@pytest.fixture
async def firm_scope(factory: Factory) -> Scope:
    """The manager's scope of a fresh firm."""
    return of_firm(await factory.firm())


@pytest.fixture
async def http(db: str, settings: Settings) -> AsyncIterator[HttpSite]:
    """The application in this process; makes signed-in clients: `await http.api(Role.MANAGER, firm)`."""
    async with running(settings) as app:
        site = HttpSite(app)
        yield site
        await site.close()


@pytest.fixture
async def client(http: HttpSite) -> httpx.AsyncClient:
    """A client of the application that nobody is signed in to."""
    return http.anybody()
