"""`liftrounds demo`: load a city, serve it, say where it is."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from urllib.parse import urlsplit

import asyncpg
import click
import msgspec
from rich.console import Console
from rich.table import Table

from backend import database, logs, processes
from backend.demo import state as memory
from backend.demo.state import DemoState
from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError
from backend.keyfile import label_keys
from backend.migrate import migrate_if_pending
from backend.settings import Settings, environment_of, read_settings
from qr import code, symbol

_READY_S = 60.0
_BROKER_HOST = "127.0.0.1"


@click.command()
@click.option(
    "--city",
    type=click.Choice(["taizhou", "midtown"]),
    help="Which city: a simulated one in China, or a real register of 2015.",
)
@click.option(
    "--elevators", type=click.IntRange(min=20), metavar="N", help="How many elevators; the city's usual number if unset."
)
@click.option("--reset", is_flag=True, help="Remove everything in the demo's database and start anew.")
@click.option("--no-serve", is_flag=True, help="Load the city and end.")
def demo(city: str | None, elevators: int | None, reset: bool, no_serve: bool) -> None:
    """Load a city and serve it: everything in one command.

    The first start loads 500 simulated elevators in Taizhou, lets their crews work since yesterday morning and serves the
    pages; the next one only serves what is there. Ctrl-C ends it and keeps everything. Addresses, accounts, labels and device
    keys are written into `demo.json` in the data directory while it serves.

    \b
    Examples:
      liftrounds demo
      liftrounds demo --city midtown --reset
      LIFTROUNDS_HOST=0.0.0.0 LIFTROUNDS_PUBLIC_URL=http://192.168.1.20:8000 liftrounds demo    # for your phone
    """
    from backend.cli import EXIT_WRONG_USE, fail

    console = Console(stderr=True)
    try:
        settings = with_message_file(read_settings())
        logs.configure(_quiet(settings))  # the bars are enough
        if not no_serve:
            _require_free(settings.host, settings.port)
        # A SIGTERM while the city loads must end the database too, as Ctrl-C does.
        signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
        asyncio.run(_demo(settings, console, city, elevators, reset=reset, serve=not no_serve))
    except LiftroundsError as error:
        fail(error)
        sys.exit(EXIT_WRONG_USE)


async def _demo(
    settings: Settings, console: Console, city: str | None, elevators: int | None, *, reset: bool, serve: bool
) -> None:
    memory.withdraw(settings)
    url = await asyncio.to_thread(database.database_url, settings)
    try:
        if reset or memory.is_half_loaded(settings):
            await _remove_everything(url, settings)
        await migrate_if_pending(url)
        state = memory.load(settings)
        if state is None:
            await _require_empty(url)
            state = await _build(settings, console, city or "taizhou", elevators)
        elif (city or state.city) != state.city or (elevators or state.elevators) != state.elevators:
            raise Conflict(
                "here is the demo of {city} with {elevators} elevators: add --reset to load another one",
                city=state.city, elevators=state.elevators,
            )  # fmt: skip
        if serve:
            await _serve(settings, console, state)
    finally:
        await asyncio.to_thread(database.release_embedded)


def with_message_file(settings: Settings) -> Settings:
    """Have messages written where they can be read, unless a file is set: a demo has no gateways."""
    if settings.message_file is not None:
        return settings
    return msgspec.structs.replace(settings, message_file=settings.data_dir / "messages.jsonl")


def _quiet(settings: Settings) -> Settings:
    """Return the settings with fewer lines in the log, unless more were asked for."""
    return msgspec.structs.replace(settings, log_level="WARNING") if settings.log_level == "INFO" else settings


def _require_free(host: str, port: int) -> None:
    """Refuse to load a city that could then not be served."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = f"{error.strerror or error}; end what listens there or set another LIFTROUNDS_PORT"
            raise InvalidInput("the demo cannot be served", faults=[Fault("LIFTROUNDS_PORT", str(port), reason)]) from None


async def _require_empty(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        has_tables = await connection.fetchval("SELECT to_regclass('public.firm') IS NOT NULL")
        firms = await connection.fetchval("SELECT count(*) FROM firm") if has_tables else 0
    finally:
        await connection.close()
    if firms:
        raise Conflict("this installation has a register already, which is not the demo's: set another LIFTROUNDS_DATA_DIR")


async def _remove_everything(url: str, settings: Settings) -> None:
    """Empty the demo's database; a register that is not the demo's is never touched."""
    if not (memory.state_path(settings).exists() or memory.is_half_loaded(settings)):
        await _require_empty(url)
    connection = await asyncpg.connect(url)
    try:
        others = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'liftrounds%'"
        )
        if others:
            raise Conflict("other processes of liftrounds use this database: end them before you add --reset")
        await connection.execute("DROP SCHEMA public CASCADE")
        await connection.execute("CREATE SCHEMA public")
    finally:
        await connection.close()
    memory.forget(settings)


async def _build(settings: Settings, console: Console, city: str, elevators: int | None) -> DemoState:
    from backend.demo.build import build
    from backend.demo.cities import CITIES
    from backend.demo.progress import BarSteps

    chosen = CITIES[city]
    count = elevators or chosen.default_elevators
    if count > chosen.most_elevators:
        fault = Fault("--elevators", str(count), f"this city has {chosen.most_elevators} at the most")
        raise InvalidInput("the city cannot be loaded", faults=[fault])
    console.print(f"Loading [bold]{chosen.title}[/]: {count} elevators")
    memory.begin(settings)
    async with database.opened(settings):
        state = await build(label_keys(settings), chosen, count, BarSteps(console))
    memory.save(settings, state)
    return state


async def _serve(settings: Settings, console: Console, state: DemoState) -> None:
    commands: dict[str, list[str]] = {"serve": ["serve"], "worker": ["worker"]}
    if settings.mqtt_url is None:
        settings = msgspec.structs.replace(settings, mqtt_url=f"mqtt://{_BROKER_HOST}:{_free_port()}")
        commands["ingest"] = ["ingest", "--with-broker"]
    else:
        commands["ingest"] = ["ingest"]
    local = f"http://{'127.0.0.1' if settings.host in ('0.0.0.0', '::') else settings.host}:{settings.port}"  # noqa: S104
    try:
        async with processes.running(commands, environment_of(_quiet(settings))) as children:
            await processes.until_ready(f"{local}/readyz", children, _READY_S)
            memory.announce(settings, state)
            _tell(settings, state)
            stopped = asyncio.create_task(processes.until_signal())
            ended = [asyncio.create_task(child.process.wait()) for child in children]
            await asyncio.wait([stopped, *ended], return_when=asyncio.FIRST_COMPLETED)
            for task in (stopped, *ended):
                task.cancel()
            if not stopped.done() or stopped.cancelled():
                processes.require_alive(children)
            console.print("Ending; everything is kept.")
    finally:
        memory.withdraw(settings)


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((_BROKER_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _tell(settings: Settings, state: DemoState) -> None:
    """Print addresses, accounts and a label to scan."""
    out = Console()
    base = settings.public_url
    link = code.payload_url(code.parse(state.showpiece), base)
    click.echo("\n" + symbol.terminal_text(symbol.make_symbol(link), colour=out.is_terminal))
    out.print(f"Scan this label, or open {base}/e/{state.showpiece}")
    table = Table(title="Accounts", title_justify="left")
    for column in ("role", "login", "password", "starts at"):
        table.add_column(column)
    for account in state.accounts:
        table.add_row(account.role, account.login, account.password, base + _START.get(account.role, "/office/"))
    out.print(table)
    out.print(f"API: {base}/schema/openapi.json   MQTT: {settings.mqtt_url}   all of this: {memory.demo_path(settings)}")
    out.print(f"Text messages, so also passwords to confirm a visit: {settings.message_file}")
    if urlsplit(base).hostname in ("127.0.0.1", "localhost"):
        address = f"http://<this machine>:{settings.port}"
        out.print(f"A phone reaches this only with LIFTROUNDS_HOST=0.0.0.0 and LIFTROUNDS_PUBLIC_URL={address}")
    out.print("Ctrl-C ends it; a second start is quick and keeps the data.")


_START = {"technician": "/work/", "owner": "/owner/"}
"""Where a role begins; everybody else at the office's pages."""
