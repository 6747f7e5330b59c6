"""An older backup is restored: the log is not forked, the alarm says so, and somebody who answers for it lets it go on."""

from __future__ import annotations

import asyncpg
import pytest

from backend import keyfile
from backend.errors import InvalidInput
from backend.jobs import log_append
from backend.jobs.job import Nothing
from backend.operations.doctor import record_log
from backend.recordlog import heads
from backend.recordlog import service as recordlog
from backend.settings import Settings
from qr.log import checkpoint
from qr.log.keys import LogKeys
from tests.support.visits import Workplace, value

TABLES = ("log_leaf", "log_entry", "log_tile", "log_checkpoint", "log_check", "log_pending")


async def grow(place: Workplace, keys: LogKeys, settings: Settings, records: int = 1) -> None:
    for _ in range(records):
        await place.finish()
    await recordlog.append(keys, settings.data_dir)


class Backup:
    """The tables of the log as they were, and how to put them back past all triggers."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def take(self) -> None:
        await self._run("CREATE TABLE kept_{0} AS TABLE {0}")

    async def restore(self) -> None:
        await self._run("DELETE FROM {0}; INSERT INTO {0} SELECT * FROM kept_{0}; DROP TABLE kept_{0}")

    async def _run(self, statements: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute("SET session_replication_role = replica")
            for table in TABLES:
                await connection.execute(statements.format(table))
        finally:
            await connection.close()


@pytest.fixture
async def restored(db: str, place: Workplace, keys: LogKeys, settings: Settings) -> None:
    """A log of two records out of a backup; three were signed."""
    await grow(place, keys, settings, 2)
    backup = Backup(db)
    await backup.take()
    await grow(place, keys, settings)
    await backup.restore()
    assert await value("SELECT count(*) FROM log_leaf") == 2
    await place.finish()


@pytest.mark.usefixtures("restored")
async def test_nothing_is_appended_behind_an_older_backup(keys: LogKeys, settings: Settings) -> None:
    with pytest.raises(recordlog.LogForked, match="signed with 3 records here and the database has 2"):
        await recordlog.append(keys, settings.data_dir)
    assert await value("SELECT count(*) FROM log_leaf") == 2
    assert await value("SELECT count(*) FROM log_pending") == 1


@pytest.mark.usefixtures("restored")
async def test_the_alarm_is_raised_once_and_the_doctor_tells_of_it(
    keys: LogKeys, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_append, "read_settings", lambda: settings)
    for _ in range(3):
        await log_append.run(Nothing())
    assert await value("SELECT count(*) FROM audit_event WHERE detail->>'kind' = 'log_forked'") == 1
    state = await recordlog.state()
    assert state.check is not None
    assert (state.check.found, state.check.detail) == (1, [{"kind": "log_forked", "index": 2}])
    told = record_log(settings, state.checkpoint, state.check, state.waiting, state.waiting_since)
    assert (told.ok, "nothing is appended" in told.told) == (False, True)


@pytest.mark.usefixtures("restored")
async def test_somebody_says_that_the_records_are_lost_and_the_log_goes_on(keys: LogKeys, settings: Settings) -> None:
    with pytest.raises(InvalidInput):
        await recordlog.accept_restore(keys, settings.data_dir, " ")
    assert await recordlog.accept_restore(keys, settings.data_dir, "disk failed") == 2
    assert await recordlog.append(keys, settings.data_dir) == 1
    assert await value("SELECT detail FROM audit_event WHERE action = 'log.restored'") == {
        "reason": "disk failed", "size": 2, "before": 3,
    }  # fmt: skip
    (aside,) = settings.data_dir.glob("log-head.before-*")
    assert checkpoint.unverified(aside.read_text()).size == 3
    assert checkpoint.unverified((settings.data_dir / heads.HEAD).read_text()).size == 3
    told = await recordlog.check(keys, settings.data_dir)
    assert [one["kind"] for one in told.detail] == ["record_unlogged"]  # this backup was of the log's tables alone


@pytest.mark.usefixtures("restored")
async def test_a_fork_that_has_grown_past_the_signed_size_is_seen_as_well(
    place: Workplace, keys: LogKeys, settings: Settings
) -> None:
    """Appended by somebody without the data directory: as long as before, or longer, and still another log."""
    await recordlog.append(keys)
    with pytest.raises(recordlog.LogForked):
        await recordlog.append(keys, settings.data_dir)
    await place.finish()
    await recordlog.append(keys)
    await place.finish()
    with pytest.raises(recordlog.LogForked):
        await recordlog.append(keys, settings.data_dir)


async def test_an_empty_database_behind_a_signed_log_is_a_fork_too(
    db: str, place: Workplace, keys: LogKeys, settings: Settings
) -> None:
    backup = Backup(db)
    await backup.take()
    await grow(place, keys, settings)
    await backup.restore()
    await place.finish()
    with pytest.raises(recordlog.LogForked):
        await recordlog.append(keys, settings.data_dir)


async def test_a_log_that_only_grew_goes_on_whatever_lies_in_the_folder(
    place: Workplace, keys: LogKeys, settings: Settings
) -> None:
    await grow(place, keys, settings, 2)
    for content in ("nonsense", "", "liftrounds-log/0123456789abcdef\n9\nAAAA\n"):  # not signed by this log's keys
        (settings.data_dir / heads.HEAD).write_text(content)
        await grow(place, keys, settings)
    (settings.data_dir / heads.HEAD).unlink()
    await grow(place, keys, settings)
    assert await value("SELECT count(*) FROM log_leaf") == 6


async def test_a_head_that_lags_behind_is_no_fork(place: Workplace, keys: LogKeys, settings: Settings) -> None:
    """Another host has appended meanwhile, or this one was killed between the commit and the file."""
    await grow(place, keys, settings, 3)
    await place.finish()
    await recordlog.append(keys)
    await grow(place, keys, settings)
    assert await value("SELECT count(*) FROM log_leaf") == 5


async def test_a_damaged_head_is_told_although_nothing_waits_and_the_next_record_mends_it(
    place: Workplace, keys: LogKeys, settings: Settings
) -> None:
    await grow(place, keys, settings)
    assert await recordlog.is_sound(keys, settings.data_dir)
    (settings.data_dir / heads.HEAD).write_text("nonsense")
    assert not await recordlog.is_sound(keys, settings.data_dir)
    for _ in range(2):
        assert await recordlog.append(keys, settings.data_dir) == 0
    assert await value("SELECT count(*) FROM audit_event WHERE detail->>'kind' = 'head_damaged'") == 1
    await grow(place, keys, settings)
    assert await recordlog.is_sound(keys, settings.data_dir)


async def test_the_doctor_tells_of_a_damaged_head(place: Workplace, settings: Settings) -> None:
    ours = keyfile.log_keys(settings)
    await grow(place, ours, settings)
    assert record_log(settings, None, None, 0, None).ok
    (settings.data_dir / heads.HEAD).write_text("")
    told = record_log(settings, None, None, 0, None)
    assert (told.ok, "log-head is damaged" in told.told) == (False, True)


@pytest.mark.usefixtures("restored")
async def test_a_forked_log_is_not_sound(keys: LogKeys, settings: Settings) -> None:
    assert not await recordlog.is_sound(keys, settings.data_dir)
