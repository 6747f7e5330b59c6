"""The whole record in one file, and back.

A backup is a ZIP with `manifest.json`, one CSV per table as PostgreSQL writes it, the photos, and the key files: without
`label-keys.json` no printed label could be verified any more. Whoever has the file can therefore make labels and read
everything, so it is written for its owner's eyes only. Sessions stay out (everybody signs in again), and so do the queue's
statistics.

It is read from one snapshot while the service runs, and restored only into an empty database, in one transaction.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import asyncpg
import msgspec
from msgspec import Struct

from backend import clock, database, isolation, keyfile
from backend.errors import Conflict, Fault, InvalidInput, Unavailable
from backend.migrate import migration_ids
from backend.settings import Settings
from backend.visits.photos.store import PhotoStore, store_of

FORMAT = "liftrounds-backup/1"
_MANIFEST = "manifest.json"
_LEFT_OUT = ("migration", "session", "pgqueuer_log", "pgqueuer_statistics", "pgqueuer_schedules")

_TABLES = """
SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL($1)
GROUP BY c.relname ORDER BY c.relname
"""

_PHOTOS = """
SELECT DISTINCT stored_sha256 FROM photo WHERE received_at IS NOT NULL AND forgotten_at IS NULL ORDER BY stored_sha256
"""

_REFERENCES = """
SELECT DISTINCT conrelid::regclass::text AS child, confrelid::regclass::text AS parent FROM pg_constraint
WHERE contype = 'f' AND conrelid <> confrelid AND connamespace = 'public'::regnamespace
"""

_SEQUENCES = """
SELECT c.relname AS "table", a.attname AS "column", pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL
"""


class Table(Struct, frozen=True):
    """A table in the file."""

    name: str
    columns: list[str]
    rows: int


class Manifest(Struct, frozen=True, kw_only=True):
    """What the file holds."""

    format: str
    made_at: datetime
    migrations: list[str]
    tables: list[Table]
    """In the order in which they can be filled."""

    keys: list[str]
    """Names of the key files inside."""

    photos: int = 0
    """Files of photos inside."""


async def backup(
    url: str, settings: Settings, path: Path, *, with_keys: bool = True, with_photos: bool = True, replace: bool = False
) -> Manifest:
    """Write the whole record into a file, readable by its owner only.

    The file appears when it is complete; until then it has another name.

    Raises
    ------
    Conflict
        If the file is there already and shall not be replaced.
    """
    if not replace and path.exists():  # noqa: ASYNC240 - a command's own loop, in which nobody waits
        raise Conflict("{path} is there already: choose another name, or say --replace", path=str(path))
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    connection = await database.lone_connection(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("SELECT set_config('liftrounds.firm', '*', true)")
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                tables = [await _write(connection, archive, name, columns) for name, columns in await _tables(connection)]
                keys = list(_write_keys(archive, settings)) if with_keys else []
                photos = await _write_photos(connection, archive, store_of(settings)) if with_photos else 0
                manifest = Manifest(
                    format=FORMAT, made_at=clock.now(), migrations=sorted(await _applied(connection)), tables=tables,
                    keys=keys, photos=photos,
                )  # fmt: skip
                archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
        await connection.close()
    return manifest


async def _write(connection: asyncpg.Connection, archive: zipfile.ZipFile, name: str, columns: list[str]) -> Table:
    with archive.open(f"tables/{name}.csv", "w", force_zip64=True) as file:

        async def take(data: bytes) -> None:
            file.write(data)

        # From a query, because row security forbids copying a table as such.
        query = f'SELECT {_listed(columns)} FROM "{name}"'  # noqa: S608 - names from the catalogue
        status = await connection.copy_from_query(query, output=take, format="csv", header=True)
    return Table(name, columns, int(status.rsplit(" ", 1)[-1]))


def _write_keys(archive: zipfile.ZipFile, settings: Settings) -> Iterator[str]:
    for name in keyfile.KEY_FILES:
        file = settings.data_dir / name
        if file.exists():
            archive.writestr(f"keys/{name}", file.read_bytes())
            yield name


async def _write_photos(connection: asyncpg.Connection, archive: zipfile.ZipFile, store: PhotoStore) -> int:
    """Write the files that the photos of this snapshot show, as they are: they are compressed already. Return how many."""
    count = 0
    async for row in connection.cursor(_PHOTOS):
        content = store.get(row["stored_sha256"])
        if content is not None:
            archive.writestr(f"photos/{row['stored_sha256']}", content, compress_type=zipfile.ZIP_STORED)
            count += 1
    return count


def _restore_photos(archive: zipfile.ZipFile, store: PhotoStore) -> None:
    """Put the photos back; each lies where its own content says, so that no name in the file can write elsewhere."""
    for name in archive.namelist():
        if name.startswith("photos/"):
            store.put(archive.read(name))


async def restore(url: str, settings: Settings, path: Path) -> Manifest:
    """Read a backup into an empty database that has all migrations of this version, and its keys into the data directory.

    A key file that is there already and differs is kept beside it, with `.before-restore` behind its name.

    Raises
    ------
    InvalidInput
        If the file is no backup, is damaged, or comes from another version's schema.
    Conflict
        If the database is not empty.
    Unavailable
        If a table cannot be filled; nothing is written then.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _checked(archive, path)
            connection = await database.lone_connection(url)
            try:
                async with connection.transaction():
                    await _refuse_rows(connection, manifest)
                    await _fill(connection, archive, manifest)
            finally:
                await connection.close()
            _restore_keys(archive, settings, manifest.keys)
            _restore_photos(archive, store_of(settings))
    except (OSError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise _no_backup(path, str(error)) from error
    return manifest


def _no_backup(path: Path, reason: str) -> InvalidInput:
    return InvalidInput("this file cannot be restored", faults=[Fault(str(path), None, reason)])


def _checked(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """Return the manifest of a file that is complete, undamaged and of this version's schema."""
    try:
        manifest = msgspec.json.decode(archive.read(_MANIFEST), type=Manifest)
    except (KeyError, msgspec.MsgspecError) as error:
        raise _no_backup(path, "it is no backup of Liftrounds") from error
    if manifest.format != FORMAT:
        raise _no_backup(path, f"its format is {manifest.format}, this version reads {FORMAT}")
    damaged = archive.testzip()
    if damaged is not None:
        raise _no_backup(path, f"{damaged} inside is damaged: take another backup")
    ours = migration_ids()
    if set(manifest.migrations) != ours:
        raise _no_backup(path, "it was made with another version of the schema: restore it with that version, then migrate")
    return manifest


async def _refuse_rows(connection: asyncpg.Connection, manifest: Manifest) -> None:
    await connection.execute("SELECT set_config('liftrounds.firm', '*', true)")
    found = dict(await _tables(connection))
    for table in manifest.tables:
        if found.get(table.name) is None or set(found[table.name]) != set(table.columns):
            raise Unavailable("the table {table} of this database differs: run liftrounds migrate", table=table.name)
        if await connection.fetchval(f'SELECT EXISTS (SELECT FROM "{table.name}")'):  # noqa: S608 - a name from the catalogue
            raise Conflict("the database is not empty ({table} has rows): restore into a new one", table=table.name)


async def _fill(connection: asyncpg.Connection, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    for table in manifest.tables:
        await connection.execute(f'ALTER TABLE "{table.name}" NO FORCE ROW LEVEL SECURITY')  # PostgreSQL copies into no other
        with archive.open(f"tables/{table.name}.csv") as file:
            status = await connection.copy_to_table(table.name, source=file, columns=table.columns, format="csv", header=True)
        written = int(status.rsplit(" ", 1)[-1])
        if written != table.rows:
            raise Unavailable(
                "{table}: {written} of {rows} rows were written", table=table.name, written=written, rows=table.rows
            )
    for row in await connection.fetch(_SEQUENCES):
        await connection.execute(
            f'SELECT setval($1::regclass, coalesce((SELECT max("{row["column"]}") FROM "{row["table"]}"), 0) + 1, false)',  # noqa: S608
            row["sequence"],
        )
    await isolation.apply(connection)


def _restore_keys(archive: zipfile.ZipFile, settings: Settings, names: Iterable[str]) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name not in keyfile.KEY_FILES:  # a file made by somebody else must not write elsewhere
            continue
        target = settings.data_dir / name
        content = archive.read(f"keys/{name}")
        if target.exists():
            if target.read_bytes() == content:
                continue
            target.replace(target.with_name(f"{name}.before-restore"))
        target.touch(mode=0o600)
        target.write_bytes(content)


async def _applied(connection: asyncpg.Connection) -> set[str]:
    return {row["name"] for row in await connection.fetch("SELECT name FROM migration WHERE app_name = 'backend'")}


async def _tables(connection: asyncpg.Connection) -> list[tuple[str, list[str]]]:
    """Return all tables with their columns, each after those that it refers to."""
    columns = {row["name"]: list(row["columns"]) for row in await connection.fetch(_TABLES, list(_LEFT_OUT))}
    parents: dict[str, set[str]] = {name: set() for name in columns}
    for row in await connection.fetch(_REFERENCES):
        if row["child"] in parents and row["parent"] in parents:
            parents[row["child"]].add(row["parent"])
    ordered: list[str] = []
    while parents:
        ready = sorted(name for name, needed in parents.items() if needed <= set(ordered))
        if not ready:
            raise Unavailable("the tables {tables} refer to one another in a circle", tables=", ".join(sorted(parents)))
        ordered += ready
        for name in ready:
            del parents[name]
    return [(name, columns[name]) for name in ordered]


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
