"""`liftrounds telemetry` at the terminal: what was not accepted, replaying it, and data health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner

from backend import clock, database
from backend.cli import liftrounds
from backend.scope import of_firm
from backend.settings import Settings
from backend.telemetry import service
from backend.upkeep import service as upkeep
from tests.integration.backend.telemetry.conftest import CODE, NOW, record
from tests.support.factory import Factory
from tests.support.upkeep import heard


async def _fill(settings: Settings) -> UUID:
    async with database.opened(settings):
        factory = Factory()
        firm = await factory.firm()
        await factory.elevator(firm, registration_code=CODE)
        await service.ingest(of_firm(firm), [record(1, 30, -1), record(2, 30, 5) | {"elevator": "LATER"}])
        await heard(of_firm(firm), CODE, NOW - timedelta(days=9), NOW - timedelta(days=3), hourly={"levelings": 1})
        await upkeep.recompute(of_firm(firm))
        return firm


async def _registered(settings: Settings, firm: UUID) -> None:
    async with database.opened(settings):
        await Factory().elevator(firm, registration_code="LATER")


@pytest.fixture
def firm(clean_database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[UUID]:
    """A firm with two records that were not accepted and a monitor that fell silent."""
    monkeypatch.setattr(database, "release_embedded", lambda: None)  # the tests' server lives in this process too
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIFTROUNDS_DATABASE_URL", clean_database)
    with clock.stopped_at(NOW):
        yield asyncio.run(_fill(settings))


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(liftrounds, ["telemetry", *arguments])
    assert done.exit_code == code, f"{done.exit_code}: {done.output}{done.exception!r}"
    return done.output


def test_what_was_not_accepted_is_listed_counted_and_replayed(firm: UUID, settings: Settings) -> None:
    listed = run("rejected", code=1)
    assert "counters.trips: a total is never negative (given: -1)" in listed
    assert "your firm has no elevator LATER" in listed
    assert sorted(one["records"] for one in json.loads(run("rejected", "--counts", "--json", code=1))) == [1, 1]
    asyncio.run(_registered(settings, firm))

    assert "1 accepted, 0 known already, 1 still rejected" in run("replay", "--all", code=1)
    assert "LATER" not in run("rejected", code=1)
    [taken] = json.loads(run("rejected", "--state", "taken", "--json", code=1))
    assert "0 accepted, 1 known already, 0 still rejected" in run("replay", str(taken["id"]))


def test_a_replay_asks_which(firm: UUID) -> None:
    assert "say which" in run("replay", code=2)
    assert "say which" in run("replay", "1", "--all", code=2)


def test_data_health_is_listed_the_worst_first(firm: UUID) -> None:
    said = run("health", code=1)
    assert said.startswith("0 good, 0 degraded, 1 not usable")
    assert f"{CODE}  not_usable  online" in said
    assert "监测数据缺失" in run("health", "--lang", "zh", code=1)
    assert json.loads(run("health", "--json", code=1))["counts"]["not_usable"] == 1
