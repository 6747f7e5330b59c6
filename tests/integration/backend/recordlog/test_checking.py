"""Whoever changes what is stored is found by the daily check, also past the triggers of the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from backend import clock
from backend.jobs import log_check
from backend.jobs.job import Nothing
from backend.operations.doctor import record_log
from backend.recordlog import checking
from backend.recordlog import service as recordlog
from backend.recordlog.checking import PATIENCE
from backend.recordlog.heads import REMEMBERED
from backend.settings import Settings
from qr.log import checkpoint, merkle, tiles
from qr.log import keys as key_file
from qr.log.checkpoint import Checkpoint
from qr.log.keys import LogKeys
from tests.support.visits import Workplace, value

pytestmark = pytest.mark.usefixtures("logged")


@pytest.fixture
async def logged(place: Workplace, keys: LogKeys, settings: Settings) -> None:
    """Three records in the log, two checkpoints, one good check."""
    await place.finish()
    await recordlog.append(keys)
    for _ in range(2):
        await place.finish()
    await recordlog.append(keys)
    assert (await recordlog.check(keys, settings.data_dir)).found == 0


@asynccontextmanager
async def intruder(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who owns the database: no trigger and no row security stops them."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        yield connection
    finally:
        await connection.close()


async def found(keys: LogKeys, settings: Settings) -> list[tuple[str, int | None]]:
    told = await recordlog.check(keys, settings.data_dir)
    assert told.found == len(told.detail)
    return [(one["kind"], one["index"]) for one in told.detail]


CHANGES: list[tuple[str, list[tuple[str, int | None]]]] = [
    ("UPDATE visit_record SET body = jsonb_set(body, '{day}', '\"2020-01-01\"') WHERE id = {second}", [("record_changed", 1)]),
    ("UPDATE visit_record SET body = body - 'items' WHERE id = {second}", [("record_changed", 1)]),
    ("UPDATE visit_record SET sha256 = repeat('0', 64) WHERE id = {second}", [("record_changed", 1)]),
    ("UPDATE visit_record SET sha256 = 'x' WHERE id = {second}", [("record_changed", 1)]),
    ("DELETE FROM visit_record WHERE id = {second}", [("leaf_unopened", 1)]),
    ("DELETE FROM log_entry WHERE leaf = 1", [("leaf_unopened", 1), ("record_unlogged", None)]),
    ("UPDATE log_entry SET record_salt = public_salt WHERE leaf = 1", [("record_changed", 1)]),
    (
        "UPDATE log_entry SET statement = jsonb_set(statement, '{day}', '\"2020-01-01\"') WHERE leaf = 1",
        [("statement_changed", 1)],
    ),
    ("UPDATE log_entry SET statement = '{}' WHERE leaf = 1", [("statement_changed", 1)]),
    ("UPDATE log_leaf SET data = 'x' WHERE position = 1", [("leaf_changed", 1), ("leaf_changed", 1), ("checkpoint_wrong", 3)]),
    ("DELETE FROM log_leaf WHERE position = 1", [("leaf_missing", 1)]),
    ("DELETE FROM log_leaf WHERE position = 2", [("log_shrunk", 2)]),
    ("DELETE FROM log_checkpoint WHERE size = 3", [("checkpoint_missing", 3), ("log_shrunk", 3)]),
    ("UPDATE log_checkpoint SET note = replace(note, E'\\n3\\n', E'\\n4\\n') WHERE size = 3", [("signature_wrong", 3)]),
    ("UPDATE log_tile SET hashes = substr(hashes, 1, 64)", [("leaf_changed", 2)]),
]


@pytest.mark.parametrize(("statement", "expected"), CHANGES)
async def test_a_change_behind_our_back_is_found(
    db: str, keys: LogKeys, settings: Settings, statement: str, expected: list[tuple[str, int | None]]
) -> None:
    second = await value("SELECT record FROM log_entry WHERE leaf = 1")
    async with intruder(db) as connection:
        await connection.execute(statement.replace("{second}", f"'{second}'"))
    told = await found(keys, settings)
    assert set(expected) <= set(told)
    assert {kind for kind, _ in told} <= {kind for kind, _ in expected} | {"checkpoint_missing", "history_rewritten"}


async def test_a_log_rewritten_whole_with_a_key_of_its_own_is_found(db: str, keys: LogKeys, settings: Settings) -> None:
    """Somebody who owns the database can make everything fit, but they do not have the key."""
    leaf = await value("SELECT data FROM log_leaf WHERE position = 0")
    hashes = [merkle.leaf_hash(leaf.encode())] * 3
    held: dict[tiles.TileId, bytearray] = {}
    tiles.add_leaves(held, 0, hashes)
    root = merkle.root(3, tiles.node_from({tile: bytes(one) for tile, one in held.items()}))
    theirs = key_file.LogKeys(keys.origin, (key_file.LogKey(0, b"t" * 32),))
    note = checkpoint.sign(Checkpoint(keys.origin, 3, root), theirs.signing)
    async with intruder(db) as connection:
        await connection.execute("UPDATE log_leaf SET data = $1", leaf)
        await connection.execute("UPDATE log_tile SET hashes = $1", bytes(held[(0, 0)]))
        await connection.execute("UPDATE log_checkpoint SET note = $1, root = $2 WHERE size = 3", note, root)
    assert {"signature_wrong", "history_rewritten"} <= {kind for kind, _ in await found(keys, settings)}


async def test_a_database_put_back_to_yesterday_is_found_by_the_remembered_checkpoint(
    db: str, keys: LogKeys, settings: Settings
) -> None:
    async with intruder(db) as connection:
        for table, column in (("log_entry", "leaf"), ("log_leaf", "position")):
            await connection.execute(f"DELETE FROM {table} WHERE {column} > 0")
        await connection.execute("DELETE FROM log_checkpoint WHERE size > 1")
        await connection.execute("UPDATE log_tile SET hashes = substr(hashes, 1, 32)")
        await connection.execute("DELETE FROM visit_record WHERE id NOT IN (SELECT record FROM log_entry)")
    assert await found(keys, settings) == [("log_shrunk", 3)]


async def test_a_contradiction_is_loud(db: str, place: Workplace, keys: LogKeys, settings: Settings) -> None:
    async with intruder(db) as connection:
        await connection.execute("UPDATE visit_record SET body = body - 'items' WHERE version = 1")
    await found(keys, settings)
    assert await value("SELECT count(*) FROM audit_event WHERE action = 'log.contradiction' AND firm = $1", place.firm) == 3
    state = await recordlog.state()
    told = record_log(settings, state.checkpoint, state.check, state.waiting, state.waiting_since)
    assert not told.ok
    assert "3 contradictions" in told.told


async def test_a_check_that_found_something_does_not_move_the_remembered_checkpoint(
    db: str, place: Workplace, keys: LogKeys, settings: Settings
) -> None:
    before = (settings.data_dir / REMEMBERED).read_text()
    await place.finish()
    await recordlog.append(keys)
    async with intruder(db) as connection:
        await connection.execute("UPDATE visit_record SET body = body - 'items' WHERE version = 1")
    assert await found(keys, settings)
    assert (settings.data_dir / REMEMBERED).read_text() == before


async def test_a_log_that_grows_is_consistent_with_the_day_before(place: Workplace, keys: LogKeys, settings: Settings) -> None:
    for _ in range(3):
        await place.finish()
        await recordlog.append(keys)
        assert await found(keys, settings) == []


async def test_a_record_that_waits_too_long_is_a_finding(place: Workplace, keys: LogKeys, settings: Settings) -> None:
    await place.finish()
    assert await found(keys, settings) == []
    with clock.stopped_at(clock.now() + PATIENCE + timedelta(minutes=1)):
        assert await found(keys, settings) == [("record_waiting", None)]
        state = await recordlog.state()
        assert not record_log(settings, state.checkpoint, state.check, state.waiting, state.waiting_since).ok


async def test_the_daily_job_checks_once_a_day(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))

    async def checks() -> Any:
        return await value("SELECT count(*) FROM log_check")

    before = await checks()
    await log_check.run(Nothing())
    assert await checks() == before
    with clock.stopped_at(clock.now() + timedelta(days=1)):
        await log_check.run(Nothing())
        assert await checks() == before + 1


async def test_doctor_misses_the_key_of_a_log_that_was_signed(settings: Settings) -> None:
    state = await recordlog.state()
    assert record_log(settings, state.checkpoint, state.check, 0, None).ok
    (settings.data_dir / "log-keys.json").unlink()
    assert not record_log(settings, state.checkpoint, state.check, 0, None).ok


async def in_slices(keys: LogKeys, settings: Settings) -> tuple[int, list[tuple[str, int | None]]]:
    """A check that is put down after every step; how often, and what it found."""
    for slices in range(1, 50):
        told = await recordlog.check_for(keys, settings.data_dir, 0)
        if told is not None:
            return slices, [(one["kind"], one["index"]) for one in told.detail]
        assert recordlog.check_under_way(settings.data_dir) is not None
    raise AssertionError("the check does not end")


async def test_a_check_in_slices_reads_everything_and_finds_nothing_in_a_sound_log(
    keys: LogKeys, settings: Settings, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_BATCH", 1)
    assert await recordlog.check_for(keys, settings.data_dir, 0) is None
    await place.finish()  # the log grows while the check is put down
    await recordlog.append(keys)
    assert await in_slices(keys, settings) == (2, [])
    state = await recordlog.state()
    assert state.check is not None
    assert state.check.size == 3
    assert recordlog.check_under_way(settings.data_dir) is None
    assert await in_slices(keys, settings) == (4, [])


@pytest.mark.parametrize(("change", "expected"), CHANGES)
async def test_what_was_changed_is_found_in_slices_as_well(
    db: str,
    keys: LogKeys,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    expected: list[tuple[str, int | None]],
) -> None:
    monkeypatch.setattr(checking, "_BATCH", 1)
    second = await value("SELECT record FROM log_entry WHERE leaf = 1")
    async with intruder(db) as connection:
        await connection.execute(change.replace("{second}", f"'{second}'"))
    assert set(expected) <= set((await in_slices(keys, settings))[1])


async def test_a_walk_that_was_damaged_begins_anew(keys: LogKeys, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_BATCH", 1)
    for content in (
        b"",
        b"{}",
        b'{"size":3,"at":2,"whole":[],"edge":[],"root_is_wrong":false,"found":[],"count":0,"took_s":0}',
    ):
        (settings.data_dir / "log-check-walk.json").write_bytes(content)
        assert await in_slices(keys, settings) == (3, [])


async def test_the_daily_job_goes_on_until_the_check_is_through(
    keys: LogKeys, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_BATCH", 1)
    monkeypatch.setattr(log_check, "SLICE_S", 0)
    monkeypatch.setattr(log_check, "read_settings", lambda: settings)
    with clock.stopped_at(clock.now() + timedelta(hours=21)):
        for _ in range(2):
            await log_check.run(Nothing())
            assert await value("SELECT count(*) FROM log_check") == 1
        assert await value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'log_check'") == 2
        await log_check.run(Nothing())
        assert await value("SELECT count(*) FROM log_check") == 2
        await log_check.run(Nothing())  # done for today
        assert await value("SELECT count(*) FROM log_check") == 2
