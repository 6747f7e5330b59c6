"""From the nightly fit to the receipt and the rounds: the best day, day prices, a firm's own costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend import clock, database
from backend.errors import InvalidInput
from backend.risk import nightly, service
from backend.risk.inside import day_risks_inside
from backend.risk.views import CostsInput
from backend.upkeep import service as upkeep
from tests.support.factory import Factory
from tests.support.risk import NOW, TODAY, FaultyFirm, faulty_firm
from tests.support.upkeep import told

DEAR = CostsInput(currency="CNY", visit=10, fault=9_000, entrapment=90_000, crew_hour=100, preventable_share=0.5, note="ours")


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
async def firm(factory: Factory) -> FaultyFirm:
    made = await faulty_firm(factory, elevators=9, months=9)
    for elevator in made.elevators:
        await told(made.scope, elevator, TODAY - timedelta(days=5))
    await nightly.fit_firm(made.firm)
    return made


async def test_the_receipt_names_the_best_day_and_the_window_stays(firm: FaultyFirm) -> None:
    prone = firm.elevators[0]
    await upkeep.recompute(firm.scope)
    before = await upkeep.receipt(firm.scope, prone)
    assert before.receipt.best is not None
    await service.set_costs(firm.scope, DEAR)
    await upkeep.recompute(firm.scope)
    after = await upkeep.receipt(firm.scope, prone)
    assert after.receipt.best is not None
    assert (after.window.first_day, after.window.last_day) == (before.window.first_day, before.window.last_day)
    assert after.receipt.best.day < before.receipt.best.day
    found = await service.elevator_risk(firm.scope, prone)
    assert found is not None
    assert found.until_next_visit is not None
    assert found.until_next_visit.until == after.window.last_day
    assert 0 < found.until_next_visit.faults.mean < found.line.faults_per_year


async def test_a_day_that_has_passed_is_never_the_best_one_and_is_the_receipts(firm: FaultyFirm) -> None:
    prone = firm.elevators[0]
    await service.set_costs(firm.scope, DEAR)
    await upkeep.recompute(firm.scope)
    window = (await upkeep.receipt(firm.scope, prone)).window
    assert window.last_day is not None
    with clock.stopped_at(NOW + timedelta(days=(window.last_day - TODAY).days - 1)):
        await upkeep.recompute(firm.scope)
        late = await service.elevator_risk(firm.scope, prone)
        receipt = (await upkeep.receipt(firm.scope, prone)).receipt
        assert late is not None
        assert late.best_day is not None
        assert receipt.best is not None
        assert late.best_day.day == receipt.best.day >= window.last_day - timedelta(days=1)
    with clock.stopped_at(NOW + timedelta(days=(window.last_day - TODAY).days + 3)):
        overdue = await service.elevator_risk(firm.scope, prone)
        assert overdue is not None
        assert overdue.best_day is None


async def test_rounds_are_given_prices_of_days_and_prone_elevators_are_steeper(firm: FaultyFirm) -> None:
    async with database.tx(firm.scope):
        risks = {each.elevator: each for each in await day_risks_inside(firm.firm, firm.elevators, "Asia/Shanghai")}
    assert set(risks) == set(firm.elevators)
    prone, sound = risks[firm.elevators[0]], risks[firm.elevators[-1]]
    assert prone.steep_s > sound.steep_s
    assert prone.best_gap_days < sound.best_gap_days
    assert prone.last_visit == TODAY - timedelta(days=5)


async def test_costs_are_samples_until_the_firm_sets_its_own(firm: FaultyFirm) -> None:
    samples = await service.costs(firm.scope, firm.firm)
    assert not samples.own
    assert samples.marks["fault"] == "design"
    own = await service.set_costs(firm.scope, DEAR)
    assert (own.own, own.fault, own.note, own.valid_from) == (True, 9_000, "ours", TODAY)
    assert (await service.reset_costs(firm.scope)) == samples


async def test_costs_that_cannot_be_are_refused_all_at_once(firm: FaultyFirm) -> None:
    wrong = CostsInput(currency="", visit=0, fault=-1, entrapment=float("nan"), crew_hour=1e12, preventable_share=1.0)
    with pytest.raises(InvalidInput) as caught:
        await service.set_costs(firm.scope, wrong)
    assert {fault.path for fault in caught.value.faults} == {
        "currency", "visit", "fault", "entrapment", "crew_hour", "preventable_share",
    }  # fmt: skip
