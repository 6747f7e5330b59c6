"""What is wrong with an installation, and how to mend it: one function per check."""

from __future__ import annotations

import asyncio
import shutil
import socket
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from backend import clock, database, keyfile
from backend.errors import LiftroundsError
from backend.migrate import pending
from backend.operations import queries
from backend.recordlog import heads
from backend.recordlog import queries as log_queries
from backend.recordlog.checking import PATIENCE
from backend.recordlog.views import CheckpointView, CheckView
from backend.rounds.preferences import TRAVEL
from backend.scope import SYSTEM
from backend.settings import Settings
from backend.telemetry.partitions import missing_months
from backend.travel.down import EngineDown
from backend.travel.engines import opened
from backend.travel.spec import ESTIMATE, parse_spec
from planner.travel.interface import Kind
from qr.log import checkpoint

OLDEST_POSTGRESQL = 15
_LEAST_FREE_BYTES = 1024**3
_CLOCKS_APART = timedelta(seconds=5)
_WAITING_TOO_LONG = timedelta(minutes=10)
_WINDOWS_TOO_OLD = timedelta(hours=36)
_CHECK_TOO_OLD = timedelta(hours=50)
"""Two daily checks were missed."""

_CONNECT_S = 3.0
_KEEP_MONTHS = "run: liftrounds worker (its job partitions makes them), or liftrounds migrate"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Check(Struct, frozen=True, kw_only=True):
    """The outcome of one check."""

    name: str
    ok: bool
    told: str
    """What was found, as a sentence without a full stop."""

    way_out: str = ""
    """What to do; for a check that is ok, a hint, or nothing."""


def _good(name: str, told: str, hint: str = "") -> Check:
    return Check(name=name, ok=True, told=told, way_out=hint)


def _bad(name: str, told: str, way_out: str) -> Check:
    return Check(name=name, ok=False, told=told, way_out=way_out)


async def examine(settings: Settings) -> AsyncIterator[Check]:
    """Yield the outcome of every check; those that need the database end with the first that it does not pass."""
    yield data_directory(settings)
    yield free_space(settings)
    for check in key_files(settings):
        yield check
    yield public_address(settings)
    if settings.mqtt_url:
        yield await asyncio.to_thread(broker, settings.mqtt_url)
    yield await travel_times(settings)
    try:
        url = await asyncio.to_thread(database.database_url, settings)
        late = await pending(url)
        await database.connect(url)
    except (LiftroundsError, OSError, RuntimeError) as error:
        where = "LIFTROUNDS_DATABASE_URL" if settings.database_url else f"the log {settings.data_dir / 'postgres' / 'log'}"
        yield _bad("database", f"it does not answer: {error}", f"see {where}")
        return
    try:
        if late:
            yield _bad("migrations", "some are missing", "run: liftrounds migrate")
            return
        async for check in _in_database(settings):
            yield check
    finally:
        await database.disconnect()


async def _in_database(settings: Settings) -> AsyncIterator[Check]:
    async with database.tx(SYSTEM):
        server = await queries.server()
        yield server_version(server)
        yield _good("migrations", "all are applied")
        yield clocks(server)
        yield row_security(server, await queries.open_tables())
        counted = await queries.counts()
        yield people(counted)
        yield printed_labels(settings, await queries.label_epochs())
        gauges = await queries.gauges()
        newest = await queries.newest_window()
        waiting, waiting_since = await log_queries.waiting()
        signed = await log_queries.newest_checkpoint()
        checked = await log_queries.newest_check()
        yield months_of_telemetry(await queries.partitions(), clock.now().date(), await queries.rows_outside_months())
    yield record_log(settings, signed, checked, waiting, waiting_since)
    yield waiting_jobs(gauges)
    yield failed_jobs(gauges)
    if gauges.elevators:
        yield due_windows(newest)


def data_directory(settings: Settings) -> Check:
    """Check that the data directory can be written."""
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return _bad("data directory", f"{folder} cannot be written: {error.strerror}", "set LIFTROUNDS_DATA_DIR, or its owner")
    return _good("data directory", str(folder))


def free_space(settings: Settings) -> Check:
    """Check that a day's telemetry has room."""
    folder = next((path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists()), Path("/"))
    free = shutil.disk_usage(folder).free
    told = f"{free / 1024**3:.1f} GiB are free"
    return _good("disk", told) if free >= _LEAST_FREE_BYTES else _bad("disk", told, "free at least 1 GiB, or move the data")


def key_files(settings: Settings) -> Iterator[Check]:
    """Check that the key files can be read, by their owner only."""
    for name in keyfile.KEY_FILES:
        path = settings.data_dir / name
        if not path.exists():
            yield _good(name, "there is none yet; it is made on the first use")
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield _bad(name, f"others can read it (mode {mode:o})", f"run: chmod 600 {path}")
            continue
        try:
            if name == keyfile.LABEL_KEYS:
                keyfile.label_keys(settings)
            if name == keyfile.LOG_KEYS:
                keyfile.log_keys(settings)
            if name == keyfile.BEACON_KEYS:
                keyfile.beacon_keys(settings)
            if name == keyfile.HANDOVER_KEYS:
                keyfile.handover_keys(settings)
            if name == keyfile.MESSAGE_KEY:
                keyfile.message_key(settings)
            if name == keyfile.PUSH_KEY:
                keyfile.push_key(settings)
        except (ValueError, OSError) as error:
            yield _bad(name, f"it cannot be used: {error}", "put back the file from the backup")
            continue
        yield _good(name, "it can be read by its owner only")


def public_address(settings: Settings) -> Check:
    """Say whether phones can open what labels carry."""
    host = urlsplit(settings.public_url).hostname or ""
    if host in _LOOPBACK:
        hint = "labels would open on this machine only: set LIFTROUNDS_PUBLIC_URL before you print any"
        if settings.host not in _LOOPBACK:
            return _bad("public address", f"{settings.public_url} while listening on {settings.host}", hint)
        return _good("public address", settings.public_url, hint)
    return _good("public address", settings.public_url)


def broker(url: str) -> Check:
    """Check that the MQTT broker takes connections."""
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    try:
        socket.create_connection((host, port), _CONNECT_S).close()
    except OSError as error:
        return _bad("MQTT broker", f"{host}:{port} does not answer: {error}", "start it, or mend LIFTROUNDS_MQTT_URL")
    return _good("MQTT broker", f"{host}:{port} answers")


async def travel_times(settings: Settings) -> Check:
    """Check that the engine of travel times can be asked."""
    spec = parse_spec(settings.travel) or ESTIMATE
    if spec.kind is Kind.ESTIMATE:
        hint = "set LIFTROUNDS_TRAVEL to OSRM, Valhalla or an OpenStreetMap extract for the times of real roads"
        return _good("travel times", "they are estimated from coordinates", hint)
    try:
        async with opened(spec, TRAVEL, settings.data_dir / "travel") as engine:
            return _good("travel times", f"{await engine.probe()} ({spec.name})")
    except EngineDown as error:
        way_out = "start it, or mend LIFTROUNDS_TRAVEL" if spec.url else "mend LIFTROUNDS_TRAVEL"
        return _bad("travel times", f"{spec.told} cannot be asked: {error.why}", f"{way_out}; until then plans are estimated")


def server_version(server: queries.Server) -> Check:
    """Check that PostgreSQL is recent enough."""
    major = server.version // 10_000
    told = f"PostgreSQL {major} answers"
    if major >= OLDEST_POSTGRESQL:
        return _good("database", told)
    return _bad("database", told, f"use PostgreSQL {OLDEST_POSTGRESQL} or later")


def clocks(server: queries.Server) -> Check:
    """Check that this machine and the database agree about the time."""
    apart = abs(server.at - clock.now())
    told = f"this machine and the database are {apart.total_seconds():.1f} s apart"
    return _good("clocks", told) if apart <= _CLOCKS_APART else _bad("clocks", told, "let both follow the same time server")


def row_security(server: queries.Server, open_tables: list[str]) -> Check:
    """Check that no query can see another firm's rows."""
    if open_tables:
        return _bad("tenancy", f"row security is not forced on {', '.join(open_tables)}", "run: liftrounds migrate")
    if not server.bound_by_row_security:
        return _bad("tenancy", "row security does not bind the database login", "run: liftrounds migrate")
    return _good("tenancy", "row security binds every query")


def people(counted: dict[str, int]) -> Check:
    """Check that somebody can sign in who makes accounts."""
    told = f"{counted['firms']} firms, {counted['elevators']} elevators, {counted['accounts']} accounts"
    if not counted["admins"]:
        return _bad("accounts", f"{told}; no admin", "run: liftrounds account add --role admin --login NAME")
    return _good("accounts", told)


def printed_labels(settings: Settings, epochs: list[int]) -> Check:
    """Check that the keys of all labels are there."""
    if not epochs:
        return _good("labels", "none are printed yet")
    if not (settings.data_dir / keyfile.LABEL_KEYS).exists():
        return _bad("labels", "their keys are missing", f"put {keyfile.LABEL_KEYS} back from the backup, before anything else")
    try:
        missing = set(epochs) - {key.epoch for key in keyfile.label_keys(settings).keys}
    except (ValueError, OSError) as error:
        return _bad("labels", f"their keys cannot be read: {error}", f"put {keyfile.LABEL_KEYS} back from the backup")
    if missing:
        told = f"the keys of epochs {', '.join(map(str, sorted(missing)))} are missing"
        return _bad("labels", told, f"put {keyfile.LABEL_KEYS} back from the backup")
    return _good("labels", "the keys of all of them are there")


def months_of_telemetry(there: Sequence[str], today: date, outside: Sequence[str]) -> Check:
    """Check that the months that telemetry is written into are there."""
    missing = missing_months(there, today)
    if missing:
        return _bad("telemetry", f"partitions are missing: {', '.join(missing)}", _KEEP_MONTHS)
    if outside:
        hint = f"rows of {', '.join(outside)} lie outside of the months; the job partitions moves them within a day"
        return _good("telemetry", "the months to come are there", hint)
    return _good("telemetry", "the months to come are there")


def record_log(
    settings: Settings, signed: CheckpointView | None, checked: CheckView | None, waiting: int, since: datetime | None
) -> Check:
    """Check that the tamper-evident log goes on under its own key, and that its last check found nothing."""
    name = "log of records"
    if checked is not None and checked.is_alarm:
        told = "the database holds an older log than the one that was signed here: nothing is appended"
        return _bad(name, told, "put the newer database back; if it is lost: liftrounds log accept-restore, then log check")
    if _head_is_damaged(settings):
        told = f"the file {heads.HEAD} is damaged: that an older backup was restored would not be noticed"
        return _bad(name, told, "see that the database is the newest, then: liftrounds log accept-restore, log append")
    if checked is not None and checked.found:
        told = f"the check of {checked.at:%Y-%m-%d %H:%M} UTC found {checked.found} contradictions"
        return _bad(name, told, "see the audit trail (log.contradiction); run: liftrounds log check")
    if signed is not None and not (settings.data_dir / keyfile.LOG_KEYS).exists():
        return _bad(name, "its key is missing", f"put {keyfile.LOG_KEYS} back from the backup, before anything else")
    if signed is not None:
        try:
            ours = keyfile.log_keys(settings).origin
        except (ValueError, OSError) as error:
            return _bad(name, f"its key cannot be used: {error}", f"put {keyfile.LOG_KEYS} back from the backup")
        if ours != checkpoint.unverified(signed.note).origin:
            return _bad(name, "its key is another log's", f"put {keyfile.LOG_KEYS} back from the backup")
    if since is not None and clock.now() - since > PATIENCE:
        told = f"{waiting} records wait since {since:%Y-%m-%d %H:%M} UTC"
        return _bad(name, told, "start: liftrounds worker, or run: liftrounds log append")
    if signed is None:
        return _good(name, "it begins with the first finished visit")
    told = f"{signed.size} records, signed {signed.signed_at:%Y-%m-%d %H:%M} UTC"
    if checked is None or clock.now() - checked.at > _CHECK_TOO_OLD:
        return _good(name, f"{told}; not checked for two days", "run: liftrounds log check; the worker does it daily")
    return _good(name, f"{told}; the last check found nothing")


def _head_is_damaged(settings: Settings) -> bool:
    """Return whether what was signed last cannot be read; of a missing or broken key file another line tells."""
    if not (settings.data_dir / keyfile.LOG_KEYS).exists():
        return False
    with suppress(ValueError, OSError):
        return heads.is_damaged(settings.data_dir, keyfile.log_keys(settings))
    return False


def waiting_jobs(gauges: queries.Gauges) -> Check:
    """Check that somebody takes the jobs."""
    told = f"{gauges.jobs_waiting} wait, {gauges.jobs_running} run"
    since = gauges.oldest_waiting_job
    if since is not None and clock.now() - since > _WAITING_TOO_LONG:
        return _bad("jobs", f"{told}; the oldest waits since {since:%Y-%m-%d %H:%M} UTC", "start: liftrounds worker")
    return _good("jobs", told)


def failed_jobs(gauges: queries.Gauges) -> Check:
    """Check that no job was set aside."""
    if gauges.jobs_failed:
        told = f"{gauges.jobs_failed} were set aside after their last attempt"
        return _bad("failed jobs", told, "see the worker's log, then start: liftrounds worker --retry-failed")
    return _good("failed jobs", "none")


def due_windows(newest: datetime | None) -> Check:
    """Check that due windows are computed daily."""
    if newest is None:
        return _bad("due windows", "none are computed yet", "start: liftrounds worker")
    told = f"last computed {newest:%Y-%m-%d %H:%M} UTC"
    if clock.now() - newest > _WINDOWS_TOO_OLD:
        return _bad("due windows", told, "start: liftrounds worker; it computes them every night")
    return _good("due windows", told)
