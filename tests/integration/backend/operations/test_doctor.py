"""The doctor names what is wrong, with a way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from backend import clock, database, keyfile
from backend.operations import doctor, queries
from backend.operations.doctor import Check, examine
from backend.people.service import create_account
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from backend.travel import http
from tests.support.factory import Factory
from tests.support.routing import routing_server


async def examined(settings: Settings) -> dict[str, Check]:
    await database.disconnect()  # the doctor opens its own pool
    found = {check.name: check async for check in examine(settings)}
    assert settings.database_url is not None
    await database.connect(settings.database_url)
    return found


async def test_a_sound_installation_has_no_finding(db: str, factory: Factory, settings: Settings) -> None:
    await create_account(SYSTEM, login="admin", password="0123456789", role=Role.ADMIN, name="Admin")
    keyfile.label_keys(settings)
    found = await examined(settings)
    assert [check for check in found.values() if not check.ok] == []
    assert {"database", "migrations", "tenancy", "clocks", "accounts", "jobs"} <= set(found)


async def test_without_an_admin_the_way_to_make_one_is_told(db: str, settings: Settings) -> None:
    check = (await examined(settings))["accounts"]
    assert not check.ok
    assert "liftrounds account add" in check.way_out


async def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://u:hunter2@127.0.0.1:1/x")
    found = [check async for check in examine(settings)]
    assert found[-1].name == "database"
    assert not found[-1].ok
    assert "hunter2" not in msgspec.json.encode(found).decode()


def test_keys_that_others_can_read_are_told(settings: Settings) -> None:
    keyfile.label_keys(settings)
    (settings.data_dir / keyfile.LABEL_KEYS).chmod(0o644)
    check = next(check for check in doctor.key_files(settings) if check.name == keyfile.LABEL_KEYS)
    assert not check.ok
    assert "chmod 600" in check.way_out


def test_a_key_file_that_is_none_is_told(settings: Settings) -> None:
    path = settings.data_dir / keyfile.LABEL_KEYS
    path.touch(mode=0o600)
    path.write_text("{}")
    check = next(check for check in doctor.key_files(settings) if check.name == keyfile.LABEL_KEYS)
    assert not check.ok


def test_labels_whose_keys_are_missing_are_told(settings: Settings) -> None:
    assert not doctor.printed_labels(settings, [0]).ok
    keyfile.label_keys(settings)
    assert doctor.printed_labels(settings, [0]).ok
    assert not doctor.printed_labels(settings, [0, 7]).ok


def test_an_address_that_phones_cannot_open_is_told() -> None:
    local = Settings(data_dir=Path("/x"))
    assert doctor.public_address(local).ok
    assert not doctor.public_address(msgspec.structs.replace(local, host="0.0.0.0")).ok  # noqa: S104


def test_a_broker_that_does_not_answer_is_told() -> None:
    assert not doctor.broker("mqtt://127.0.0.1:1").ok


def gauges(**values: object) -> queries.Gauges:
    given = {"elevators": 1, "overdue": 0, "jobs_waiting": 1, "jobs_running": 0, "jobs_failed": 0, "visits_open": 0,
             "oldest_waiting_job": None}  # fmt: skip
    return msgspec.convert(given | values, queries.Gauges)


def test_jobs_that_nobody_takes_are_told() -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with clock.stopped_at(now):
        assert doctor.waiting_jobs(gauges(oldest_waiting_job=now - timedelta(minutes=1))).ok
        late = doctor.waiting_jobs(gauges(oldest_waiting_job=now - timedelta(hours=1)))
    assert not late.ok
    assert "liftrounds worker" in late.way_out


def test_jobs_that_were_set_aside_are_told() -> None:
    assert doctor.failed_jobs(gauges()).ok
    assert not doctor.failed_jobs(gauges(jobs_failed=2)).ok


@pytest.mark.parametrize(("version", "ok"), [(150_000, True), (180_004, True), (140_009, False)])
def test_an_old_postgresql_is_told(version: int, ok: bool) -> None:
    server = queries.Server(version=version, at=clock.now(), bound_by_row_security=True)
    assert doctor.server_version(server).ok is ok


def test_a_login_that_row_security_does_not_bind_is_told() -> None:
    server = queries.Server(version=180_004, at=clock.now(), bound_by_row_security=False)
    assert not doctor.row_security(server, []).ok
    assert not doctor.row_security(msgspec.structs.replace(server, bound_by_row_security=True), ["visit"]).ok


def test_clocks_that_differ_are_told() -> None:
    now = clock.now()
    server = queries.Server(version=180_004, at=now - timedelta(minutes=2), bound_by_row_security=True)
    assert not doctor.clocks(server).ok


def test_due_windows_that_nobody_computes_are_told() -> None:
    assert not doctor.due_windows(None).ok
    assert doctor.due_windows(clock.now()).ok
    assert not doctor.due_windows(clock.now() - timedelta(days=3)).ok


async def test_an_engine_of_travel_times_is_asked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http.Client.__init__, "__defaults__", ((0.0,),))
    assert (await doctor.travel_times(settings)).told == "they are estimated from coordinates"
    async with routing_server() as server:
        there = msgspec.structs.replace(settings, travel=f"osrm:{server.url.replace('//', '//me:hunter2@')}")
        check = await doctor.travel_times(there)
        assert (check.ok, check.told) == (True, f"OSRM answers ({server.url})")
        server.says = b"<html>"
        check = await doctor.travel_times(there)
        assert not check.ok
        assert "until then plans are estimated" in check.way_out
        assert "hunter2" not in check.told


async def test_road_data_that_cannot_be_read_are_told(settings: Settings, tmp_path: Path) -> None:
    check = await doctor.travel_times(msgspec.structs.replace(settings, travel=f"roads:{tmp_path}/none.osm.pbf"))
    assert not check.ok
    assert "none.osm.pbf cannot be read" in check.told
    assert "mend LIFTROUNDS_TRAVEL" in check.way_out
