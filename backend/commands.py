"""`liftrounds serve | migrate | doctor | backup | restore`."""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import msgspec

from backend import database
from backend.cli import EXIT_FINDING
from backend.errors import Fault, InvalidInput
from backend.migrate import migrate as apply_migrations
from backend.migrate import migrate_if_pending
from backend.settings import Settings, read_settings, share_metrics, with_address

APPLICATION = "mobile_api.app:create_app"
"""Handed to the server as text: nothing here imports upward."""

_BACKLOG = 1024
_LONGEST_REQUEST_S = 20
"""How long requests under way may go on after SIGTERM."""


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on.  [default: LIFTROUNDS_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.  [default: LIFTROUNDS_PORT or 8000]")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that answer requests.")
def serve(host: str | None, port: int | None, workers: int) -> None:
    """Serve the pages and the API.

    Applies missing migrations first. SIGTERM or Ctrl-C ends it after the requests under way have been answered. Plans and
    nightly due windows need `liftrounds worker` beside it.

    \b
    Example:
      liftrounds serve --host 0.0.0.0 --port 8000 --workers 2
    """
    settings = with_address(host, port)
    _refuse_taken_port(settings)
    url = database.database_url(settings)
    try:
        asyncio.run(_prepare(settings, url))
        click.echo(f"Serving {settings.public_url} (press Ctrl-C to stop)", err=True)
        with tempfile.TemporaryDirectory(prefix="liftrounds-metrics-") as folder:
            share_metrics(Path(folder))
            _server(settings, workers).serve()
    finally:
        database.release_embedded()


async def _prepare(settings: Settings, url: str) -> None:
    """Bring the database up to date, and see that the labels can be verified."""
    from backend.operations.service import require_label_keys

    await migrate_if_pending(url)
    await database.connect(url, pool_size=1)
    try:
        await require_label_keys(settings)
    finally:
        await database.disconnect()


def _server(settings: Settings, workers: int) -> Any:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    return Granian(
        APPLICATION,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=workers,
        backlog=_BACKLOG,
        factory=True,
        websockets=False,
        workers_kill_timeout=_LONGEST_REQUEST_S,
        log_level=LogLevels.warning,
        process_name=None,
    )


def _refuse_taken_port(settings: Settings) -> None:
    """Say so before anything starts if somebody else listens there."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            fault = Fault("--port", str(settings.port), f"{error.strerror}: choose another with --port or LIFTROUNDS_PORT")
            raise InvalidInput("nothing can listen at this address", faults=[fault]) from error


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this version.

    May be repeated, and run from several hosts at once.

    \b
    Example:
      liftrounds migrate
    """

    async def work() -> None:
        applied = await apply_migrations(await asyncio.to_thread(database.database_url, read_settings()))
        for name in applied:
            click.echo(f"applied {name}")
        if not applied:
            click.echo("nothing to apply; row security and the job queue are up to date")

    try:
        asyncio.run(work())
    finally:
        database.release_embedded()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for scripts.")
def doctor(as_json: bool) -> None:
    """Say what is wrong with this installation and how to mend it.

    Ends with exit code 1 if something is wrong.

    \b
    Example:
      liftrounds doctor
    """
    from backend.operations.doctor import Check, examine

    settings = read_settings()

    async def work() -> list[Check]:
        checks = []
        async for check in examine(settings):
            checks.append(check)
            if not as_json:
                _tell(check)
        return checks

    try:
        checks = asyncio.run(work())
    finally:
        database.release_embedded()
    if as_json:
        click.echo(msgspec.json.encode(checks).decode())
    sys.exit(0 if all(check.ok for check in checks) else EXIT_FINDING)


def _tell(check: Any) -> None:
    click.secho("ok  " if check.ok else "BAD ", fg="green" if check.ok else "red", nl=False)
    click.echo(f"{check.name}: {check.told}")
    if check.way_out:
        click.echo(f"      → {check.way_out}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave the key files out; keep them yourself, or no label can be verified.")
@click.option(
    "--without-photos", is_flag=True, help="Leave the photos out; copy the folder photos of the data directory yourself."
)
@click.option("--replace", is_flag=True, help="Replace the file if it is there already.")
@click.option("--json", "as_json", is_flag=True, help="What was written as JSON, for scripts.")
def backup(file: Path, without_keys: bool, without_photos: bool, replace: bool, as_json: bool) -> None:
    """Write the whole record into one file, while the service runs.

    The file holds the keys of the labels too, so keep it where only you can read it.

    \b
    Example:
      liftrounds backup liftrounds-2026-11-30.zip
    """
    from backend.operations.backup import backup as write

    settings = read_settings()

    async def work() -> Any:
        url = await asyncio.to_thread(database.database_url, settings)
        await migrate_if_pending(url)
        return await write(url, settings, file, with_keys=not without_keys, with_photos=not without_photos, replace=replace)

    try:
        manifest = asyncio.run(work())
    finally:
        database.release_embedded()
    _tell_manifest(manifest, "written to", file, as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="What was read as JSON, for scripts.")
def restore(file: Path, as_json: bool) -> None:
    """Read a backup into an empty database, and its keys into the data directory.

    \b
    Example:
      LIFTROUNDS_DATA_DIR=/srv/liftrounds-new liftrounds restore liftrounds-2026-11-30.zip
    """
    from backend.operations.backup import restore as read

    settings = read_settings()

    async def work() -> Any:
        url = await asyncio.to_thread(database.database_url, settings)
        await migrate_if_pending(url)
        return await read(url, settings, file)

    try:
        manifest = asyncio.run(work())
    finally:
        database.release_embedded()
    _tell_manifest(manifest, "restored from", file, as_json)


def _tell_manifest(manifest: Any, done: str, file: Path, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(manifest).decode())
        return
    rows = sum(table.rows for table in manifest.tables)
    click.echo(f"{rows} rows of {len(manifest.tables)} tables {done} {file}")
    click.echo(f"keys: {', '.join(manifest.keys) or 'none'}; photos: {manifest.photos}")
