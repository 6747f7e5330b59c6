"""A firm's failure rates: fitted at night on its own history, versioned, and held against what came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend import clock
from backend.jobs import registry
from backend.risk import nightly, service
from backend.scope import of_firm
from tests.support.factory import Factory
from tests.support.risk import NOW, TODAY, WHOLE_DAY, FaultyFirm, faulty_firm, happened, watched


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
async def firm(factory: Factory) -> FaultyFirm:
    return await faulty_firm(factory)


async def test_the_nightly_job_fits_each_firm_once_a_night_and_lists_the_worst_first(firm: FaultyFirm) -> None:
    job = registry.load()["risk"]
    await job.run(job.payload())
    await job.run(job.payload())
    versions = await service.versions(firm.scope, firm.firm)
    assert [(each.number, each.fitted_on, each.thin) for each in versions] == [(1, TODAY, False)]
    listed = (await service.risk_list(firm.scope)).rows
    assert len(listed) == 12
    assert {line.manufacturer for line in listed[:4]} == {"Prone"}
    prone, sound = listed[1].faults_per_year, listed[-2].faults_per_year
    assert prone > 2 * sound
    for line in listed:
        assert line.faults_low <= line.faults_per_year <= line.faults_high + 1
        assert line.exposure_days == pytest.approx(240, abs=1)


async def test_a_fault_that_is_told_twice_within_the_hour_counts_once_and_a_monitors_own_never(firm: FaultyFirm) -> None:
    await nightly.fit_firm(firm.firm)
    before = (await service.versions(firm.scope, firm.firm))[0]
    quiet = firm.elevators[-1]
    at = NOW - timedelta(days=3)
    again = [(firm.firm, quiet, at + timedelta(minutes=10 * n), f"x:{n}", "brake_fault") for n in range(5)]
    monitor = [(firm.firm, quiet, at - timedelta(days=n), f"m:{n}", "monitor_offline") for n in range(5)]
    await happened([*again, *monitor])
    await nightly.fit_firm(firm.firm)
    after = (await service.versions(firm.scope, firm.firm))[0]
    assert after.faults == before.faults + 1


async def test_a_firm_without_history_says_so_and_has_the_rates_of_any(factory: Factory) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm)
    await nightly.fit_firm(firm)
    found = await service.elevator_risk(of_firm(firm), elevator)
    assert found is not None
    assert found.thin
    assert found.line.faults_per_year == pytest.approx(4.0, rel=0.05)
    assert (await service.overview(of_firm(firm), firm)).calibrations == []


async def test_a_new_elevator_has_the_rate_of_its_make(firm: FaultyFirm, factory: Factory) -> None:
    prone = await factory.elevator(firm.firm, manufacturer="Prone")
    sound = await factory.elevator(firm.firm, manufacturer="Sound")
    await nightly.fit_firm(firm.firm)
    rates = {line.elevator: line for line in (await service.risk_list(firm.scope)).rows}
    assert rates[prone].exposure_days == 0
    assert rates[prone].faults_per_year > 1.5 * rates[sound].faults_per_year
    found = await service.elevator_risk(firm.scope, prone)
    assert found is not None
    assert found.factors["make"] > 1.2
    assert "Prone" in found.line.because_en


async def test_what_was_forecast_is_held_against_what_came(firm: FaultyFirm) -> None:
    await nightly.fit_firm(firm.firm)
    first = await service.overview(firm.scope, firm.firm)
    assert [each.hindsight for each in first.calibrations] == [36, 36]  # three months of twelve elevators, each afterwards
    assert first.due_on == TODAY + timedelta(days=30)
    days = [(firm.firm, each, TODAY + timedelta(days=n), WHOLE_DAY) for each in firm.elevators for n in range(30)]
    await watched(days)
    await happened([(firm.firm, firm.elevators[0], NOW + timedelta(days=5), "x:1", "brake_fault")])
    with clock.stopped_at(NOW + timedelta(days=30)):
        await nightly.fit_firm(firm.firm)
        then = await service.overview(firm.scope, firm.firm)
    faults = then.calibrations[0]
    assert (faults.forecasts, faults.hindsight) == (48, 36)
    assert faults.came == first.calibrations[0].came + 1
    assert sum(each.forecasts for each in faults.bins) == 48


async def test_a_forecast_stays_as_it_was_made(firm: FaultyFirm) -> None:
    await nightly.fit_firm(firm.firm)
    before = await service.overview(firm.scope, firm.firm)
    await nightly.fit_firm(firm.firm)
    assert (await service.overview(firm.scope, firm.firm)).calibrations == before.calibrations


async def test_a_version_keeps_every_parameter(firm: FaultyFirm) -> None:
    await nightly.fit_firm(firm.firm)
    found = await service.version(firm.scope, firm.firm, 1)
    assert found.model.fitted_on == TODAY.isoformat()
    assert found.model.faults.groups.effects["make"]["Prone"] > found.model.faults.groups.effects["make"]["Sound"]
    assert found.model.faults.memory.own_shape > 0
