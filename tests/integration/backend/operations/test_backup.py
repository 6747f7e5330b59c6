"""A backup gives back the whole record, and only into an empty database."""

from __future__ import annotations

import asyncio
import stat
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import msgspec
import pytest

from backend import clock, database, keyfile
from backend.errors import Conflict, InvalidInput
from backend.jobs.service import enqueue
from backend.migrate import migrate
from backend.operations.backup import backup, restore
from backend.people.service import audit, create_account
from backend.scope import SYSTEM, Role, Scope
from backend.settings import Settings
from backend.visits.photos import queries as photo_queries
from backend.visits.photos import service as photos
from backend.visits.photos.store import store_of
from tests.support import pictures
from tests.support.factory import Factory
from tests.support.visits import Workplace

BLANK_DATABASE = "liftrounds_blank"
OTHER_DATABASE = "liftrounds_restored"


@pytest.fixture(scope="session")
def blank_database(server_url: str, database_url: str) -> str:
    """The name of a database with all migrations and no rows, to copy from; made before any pool is open."""

    async def build() -> None:
        admin = await asyncpg.connect(server_url)
        await admin.execute(f"DROP DATABASE IF EXISTS {BLANK_DATABASE}")
        await admin.execute(f"CREATE DATABASE {BLANK_DATABASE}")
        await admin.close()
        await migrate(database.dsn_with_database(server_url, BLANK_DATABASE))

    asyncio.run(build())
    return BLANK_DATABASE


@pytest.fixture
async def empty_database(server_url: str, blank_database: str) -> AsyncIterator[str]:
    """The address of a second database with all migrations and no rows."""
    admin = await asyncpg.connect(server_url)
    await admin.execute(f"DROP DATABASE IF EXISTS {OTHER_DATABASE} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {OTHER_DATABASE} TEMPLATE {blank_database}")
    yield database.dsn_with_database(server_url, OTHER_DATABASE)
    await admin.execute(f"DROP DATABASE {OTHER_DATABASE} WITH (FORCE)")
    await admin.close()


async def record(factory: Factory) -> None:
    """A firm with everything that is hard to copy: quotes, nulls, JSON, arrays, many lines of text, other scripts."""
    firm = await factory.firm(name='Firm "quoted", 台州,\nsecond line', phone_24h="")
    technician = await factory.technician(firm, name="王\t小'明\\N", skills=["a,b", 'c"d', ""])
    await factory.elevator(firm, extra={"a": [1, None, {"b": "ü\\n"}]}, rated_load_kg=None)
    crew = await factory.crew(firm)
    await factory.row("crew_member", firm=firm, crew=crew, technician=technician, starts_on=date(2026, 1, 5))
    await create_account(
        Scope(role=Role.MANAGER, firm=firm),
        login="wang",
        password="0123456789",
        role=Role.TECHNICIAN,
        name="王",
        technician=technician,
    )
    async with database.tx(SYSTEM):
        await audit(firm, None, "elevator.imported", "x", {"rows": 3})
        await enqueue("tidy", {}, dedupe_key="one")


async def contents(url: str) -> dict[str, list[str]]:
    """All rows of all tables but sessions and the queue's statistics, as text."""
    connection = await asyncpg.connect(url)
    try:
        names = [
            row["tablename"]
            for row in await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migration'"
                " AND tablename <> 'session' AND tablename NOT LIKE 'pgqueuer\\_%'"
            )
        ]
        return {
            name: [row[0] for row in await connection.fetch(f'SELECT t::text FROM "{name}" t ORDER BY 1')] for name in names
        }
    finally:
        await connection.close()


async def test_a_restored_record_is_the_same_record(
    db: str, empty_database: str, factory: Factory, settings: Settings, tmp_path: Path
) -> None:
    await record(factory)
    ring = keyfile.label_keys(settings)
    file = tmp_path / "backup.zip"
    written = await backup(db, settings, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    elsewhere = Settings(data_dir=tmp_path / "elsewhere", database_url=empty_database)
    read = await restore(empty_database, elsewhere, file)
    assert await contents(empty_database) == await contents(db)
    assert read == written
    assert keyfile.label_keys(elsewhere).keys == ring.keys
    assert stat.S_IMODE((elsewhere.data_dir / keyfile.LABEL_KEYS).stat().st_mode) == 0o600


async def test_after_a_restore_jobs_get_new_numbers_and_tenancy_holds(
    db: str, empty_database: str, factory: Factory, settings: Settings, tmp_path: Path
) -> None:
    await record(factory)
    await backup(db, settings, tmp_path / "b.zip")
    await restore(empty_database, Settings(data_dir=tmp_path / "e"), tmp_path / "b.zip")
    connection = await asyncpg.connect(empty_database)
    try:
        newest = await connection.fetchval("SELECT max(id) FROM pgqueuer")
        following = await connection.fetchval("SELECT nextval(pg_get_serial_sequence('pgqueuer', 'id'))")
        unforced = await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relname = 'elevator' AND NOT relforcerowsecurity"
        )
    finally:
        await connection.close()
    assert following > newest
    assert unforced == 0


async def test_a_database_with_rows_is_not_overwritten(db: str, factory: Factory, settings: Settings, tmp_path: Path) -> None:
    await record(factory)
    await backup(db, settings, tmp_path / "b.zip")
    before = await contents(db)
    with pytest.raises(Conflict, match="not empty"):
        await restore(db, settings, tmp_path / "b.zip")
    assert await contents(db) == before


async def test_keys_that_are_there_already_are_kept_beside_the_restored_ones(
    db: str, empty_database: str, factory: Factory, settings: Settings, tmp_path: Path
) -> None:
    await record(factory)
    keyfile.label_keys(settings)
    await backup(db, settings, tmp_path / "b.zip")
    elsewhere = Settings(data_dir=tmp_path / "e")
    others = keyfile.label_keys(elsewhere)
    await restore(empty_database, elsewhere, tmp_path / "b.zip")
    assert keyfile.label_keys(elsewhere).keys == keyfile.label_keys(settings).keys
    assert others.keys != keyfile.label_keys(elsewhere).keys
    assert (elsewhere.data_dir / "label-keys.json.before-restore").exists()


async def test_keys_can_be_left_out(db: str, factory: Factory, settings: Settings, tmp_path: Path) -> None:
    keyfile.label_keys(settings)
    manifest = await backup(db, settings, tmp_path / "b.zip", with_keys=False)
    assert manifest.keys == []
    assert not [name for name in zipfile.ZipFile(tmp_path / "b.zip").namelist() if name.startswith("keys/")]


async def test_a_backup_replaces_no_file_unasked(db: str, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_text("mine")
    with pytest.raises(Conflict, match="already"):
        await backup(db, settings, file)
    assert file.read_text() == "mine"
    await backup(db, settings, file, replace=True)
    assert zipfile.is_zipfile(file)


@pytest.mark.parametrize("damage", ["no zip", "empty zip", "other schema", "truncated", "flipped"])
async def test_a_file_that_cannot_be_trusted_is_refused_and_nothing_is_written(
    db: str, empty_database: str, factory: Factory, settings: Settings, tmp_path: Path, damage: str
) -> None:
    await record(factory)
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    await backup(db, settings, good)
    content = good.read_bytes()
    if damage == "no zip":
        bad.write_text("hello")
    elif damage == "empty zip":
        zipfile.ZipFile(bad, "w").close()
    elif damage == "truncated":
        bad.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        with zipfile.ZipFile(good) as archive:
            info = archive.getinfo("tables/firm.csv")
        at = info.header_offset + 30 + len(info.filename) + 30
        bad.write_bytes(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
    else:
        with zipfile.ZipFile(good) as archive, zipfile.ZipFile(bad, "w") as copy:
            for name in archive.namelist():
                data = archive.read(name)
                if name == "manifest.json":
                    manifest = msgspec.json.decode(data)
                    manifest["migrations"] = ["2020-01-01"]
                    data = msgspec.json.encode(manifest)
                copy.writestr(name, data)
    with pytest.raises(InvalidInput, match="cannot be restored"):
        await restore(empty_database, Settings(data_dir=tmp_path / "e"), bad)
    assert not any((await contents(empty_database)).values())


async def test_photos_travel_with_the_record(
    factory: Factory, settings: Settings, database_url: str, empty_database: str, tmp_path: Path
) -> None:
    place = await Workplace.open(factory)
    assert place.technician.technician is not None
    content, gone = pictures.photo_file(1), pictures.photo_file(2)
    store = store_of(settings)
    ones = [pictures.declared(content), pictures.declared(gone)]
    async with database.tx(place.technician):
        await photos.declare_inside(place.firm, place.technician.technician, None, ones, path="photos")
    for one, sent in zip(ones, (content, gone), strict=True):
        await photos.take(place.technician, store, one.id, sent)
    async with database.tx(SYSTEM):
        await photo_queries.set_forgotten([ones[1].id], clock.now())
    file = tmp_path / "with-photos.zip"
    assert (await backup(database_url, settings, file)).photos == 1
    assert (await backup(database_url, settings, tmp_path / "without.zip", with_photos=False)).photos == 0
    other = Settings(data_dir=tmp_path / "other")
    await restore(empty_database, other, file)
    assert store_of(other).get(ones[0].sha256) == content
    assert store_of(other).get(ones[1].sha256) is None
