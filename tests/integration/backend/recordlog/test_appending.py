"""Every finished record becomes a leaf, in order, without a gap, once; every size is signed."""

from __future__ import annotations

import asyncio

import asyncpg
import msgspec
import pytest

from backend import database, keyfile
from backend.errors import NotFound, Unavailable
from backend.jobs import log_append
from backend.jobs.job import Nothing
from backend.recordlog import proofs
from backend.recordlog import service as recordlog
from backend.scope import SYSTEM, of_firm
from backend.settings import Settings
from backend.visits import bundles, service
from backend.visits.inputs import AnswerInput, CorrectionInput, Result
from qr.log import bundle, checkpoint, merkle
from qr.log import keys as key_file
from qr.log.keys import LogKeys
from tests.support import slow_log
from tests.support.factory import Factory
from tests.support.visits import Workplace, value


async def leaves() -> list[bytes]:
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT position, data FROM log_leaf ORDER BY position")
    assert [row["position"] for row in rows] == list(range(len(rows)))
    return [row["data"].encode() for row in rows]


async def test_a_finished_visit_enters_the_log_and_its_bundle_holds(place: Workplace, keys: LogKeys) -> None:
    visit = await place.finish()
    assert (await recordlog.state()).waiting == 1
    assert await recordlog.append(keys) == 1
    assert await recordlog.append(keys) == 0
    found = bundle.read(bundle.encode(await bundles.bundle(place.manager, keys.public, visit)))
    report = bundle.check(found, keys.public)
    assert report.valid
    assert found.record is not None
    assert found.record.body == await value("SELECT body FROM visit_record")
    assert (await recordlog.state()).waiting == 0


async def test_a_departure_calls_for_the_job_that_appends(place: Workplace) -> None:
    await place.finish()
    assert await value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'log_append'") == 1


async def test_a_correction_is_a_leaf_of_its_own(place: Workplace, keys: LogKeys) -> None:
    visit = await place.finish()
    await recordlog.append(keys)
    item = (await service.record(place.manager, visit, 1)).body.items[0].item
    changed = AnswerInput(item=item, result=Result.ADJUSTED, note="tightened")
    await service.correct(place.manager, visit, CorrectionInput(version=1, reason="forgot it", items=[changed]))
    await recordlog.append(keys)
    assert len(await leaves()) == 2
    for version in (1, 2):
        found = await bundles.bundle(place.manager, keys.public, visit, version)
        assert bundle.check(found, keys.public).valid
        assert found.public.statement.version == version
    newest = await bundles.bundle(place.manager, keys.public, visit)
    assert newest.public.statement.version == 2


async def test_the_log_has_no_names_no_badges_no_ids_and_no_codes(place: Workplace, keys: LogKeys) -> None:
    visit = await place.finish()
    await recordlog.append(keys)
    (data,) = await leaves()
    assert set(msgspec.json.decode(data)) == {"format", "public", "record"}
    sha256 = await value("SELECT sha256 FROM visit_record")
    for text in (str(visit), sha256, str(place.firm), str(place.elevator)):
        assert text.encode() not in data


async def test_signed_sizes_have_the_root_of_the_leaves(place: Workplace, keys: LogKeys) -> None:
    for _ in range(3):
        await place.finish()
        await recordlog.append(keys)
    data = await leaves()
    async with database.tx(SYSTEM):
        notes = [row["note"] for row in await database.fetch("SELECT note FROM log_checkpoint ORDER BY size")]
    signed = [checkpoint.opened(note, keys.public).checkpoint for note in notes]
    assert [(one.size, one.root) for one in signed] == [(size, slow_log.mth(data[:size])) for size in (1, 2, 3)]
    assert (await recordlog.checkpoint()).note == notes[-1]


async def test_proofs_out_of_the_database_are_those_of_the_leaves(place: Workplace, keys: LogKeys) -> None:
    for _ in range(5):
        await place.finish()
    await recordlog.append(keys)
    data = await leaves()
    for size in range(1, 6):
        for index in range(size):
            found = await recordlog.inclusion(index, size)
            assert [bytes.fromhex(one) for one in found.proof] == slow_log.path(index, data[:size])
            assert found.leaf.encode() == data[index]
        grew = await recordlog.consistency(size, None)
        assert [bytes.fromhex(one) for one in grew.proof] == slow_log.proof(size, data)
        assert (grew.first_root, grew.second_root) == (slow_log.mth(data[:size]).hex(), slow_log.mth(data).hex())


async def test_records_enter_in_the_order_in_which_they_were_written(place: Workplace, keys: LogKeys) -> None:
    visits = [await place.finish() for _ in range(4)]
    await recordlog.append(keys)
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT visit FROM log_entry ORDER BY leaf")
    assert [row["visit"] for row in rows] == visits


async def test_appends_at_the_same_time_leave_no_gap_and_log_nothing_twice(
    place: Workplace, keys: LogKeys, settings: Settings
) -> None:
    for _ in range(4):
        await place.finish()
    done = await asyncio.gather(*(recordlog.append(keys) for _ in range(4)))
    assert sum(done) == 4
    assert len(await leaves()) == 4
    assert (await recordlog.check(keys, settings.data_dir)).found == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_leaf SET data = 'x'", "DELETE FROM log_leaf", "UPDATE log_entry SET version = 2", "DELETE FROM log_entry",
        "UPDATE log_checkpoint SET note = 'x'", "DELETE FROM log_checkpoint",
    ],
)  # fmt: skip
async def test_leaves_entries_and_checkpoints_are_written_once(place: Workplace, keys: LogKeys, statement: str) -> None:
    await place.finish()
    await recordlog.append(keys)
    with pytest.raises(asyncpg.RestrictViolationError):
        async with database.tx(SYSTEM):
            await database.execute(statement)


async def test_what_opens_a_leaf_is_seen_by_its_firm_only_and_the_leaf_by_all(
    place: Workplace, factory: Factory, keys: LogKeys
) -> None:
    visit = await place.finish()
    await recordlog.append(keys)
    other = of_firm(await factory.firm())
    async with database.tx(other):
        assert await database.fetch_value("SELECT count(*) FROM log_entry") == 0
        assert await database.fetch_value("SELECT count(*) FROM log_leaf") == 1
    with pytest.raises(NotFound):
        await bundles.bundle(other, keys.public, visit)


async def test_a_record_that_waits_has_no_bundle_yet(place: Workplace, keys: LogKeys) -> None:
    visit = await place.finish()
    with pytest.raises(NotFound, match="not in the log yet"):
        await bundles.bundle(place.manager, keys.public, visit)
    await recordlog.append(keys)
    with pytest.raises(NotFound, match="not in the log yet"):
        await bundles.bundle(place.manager, keys.public, visit, 2)


async def test_nothing_is_appended_under_the_key_of_another_log(place: Workplace, keys: LogKeys) -> None:
    await place.finish()
    await recordlog.append(keys)
    await place.finish()
    with pytest.raises(Unavailable, match=r"log-keys\.json"):
        await recordlog.append(key_file.generate(lambda length: b"z" * length))
    assert len(await leaves()) == 1


async def test_nothing_is_built_on_a_tree_that_is_not_the_signed_one(place: Workplace, keys: LogKeys) -> None:
    await place.finish()
    await recordlog.append(keys)
    await place.finish()
    async with database.tx(SYSTEM):
        await database.execute("UPDATE log_tile SET hashes = $1", bytes(32))
    with pytest.raises(Unavailable, match="not the one that was signed"):
        await recordlog.append(keys)


async def test_a_rotated_key_signs_beside_the_older_one(place: Workplace, keys: LogKeys, settings: Settings) -> None:
    await place.finish()
    await recordlog.append(keys)
    rotated = key_file.rotate(keys, lambda length: b"r" * length)
    keyfile.save_log_keys(settings, rotated)
    assert keyfile.log_keys(settings).public == rotated.public
    again = await recordlog.sign_again(rotated)
    assert again is not None
    assert checkpoint.opened(again.note, keys.public).checkpoint.size == 1
    assert checkpoint.opened(again.note, rotated.public[:1]).checkpoint.size == 1
    await place.finish()
    assert await recordlog.append(rotated) == 1


async def test_the_job_appends_with_the_keys_of_the_data_directory(
    place: Workplace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))
    await place.finish()
    await log_append.run(Nothing())
    signed = await recordlog.checkpoint()
    assert checkpoint.opened(signed.note, keyfile.log_keys(settings).public).checkpoint.size == 1


async def test_an_empty_log_has_the_empty_root_and_no_checkpoint(db: str, keys: LogKeys) -> None:
    assert await recordlog.append(keys) == 0
    async with database.tx(SYSTEM):
        assert await proofs.root_inside(0) == merkle.EMPTY_ROOT
    with pytest.raises(NotFound, match="no checkpoint yet"):
        await recordlog.checkpoint()
