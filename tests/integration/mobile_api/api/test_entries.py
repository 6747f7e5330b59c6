"""Over HTTP: what a phone signed without a signal becomes one visit, in whatever order and however often it is sent."""

from __future__ import annotations

import pytest

from backend import keyfile
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.signed import SignedPlace
from tests.support.visits import Workplace, value


@pytest.fixture
async def signed(factory: Factory, http: Site, settings: Settings) -> SignedPlace:
    """Two technicians with phones at an elevator."""
    return await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)


async def test_a_visit_without_a_signal_becomes_one_record(signed: SignedPlace) -> None:
    visit = signed.visit()
    results = await signed.sync()
    assert [result["state"] for result in results] == ["applied"] * 3
    assert results[-1]["outcome"]["visit"] == str(visit)
    record = (await signed.manager.get(f"/api/v1/visits/{visit}/records/1")).json()
    assert record["intact"]
    assert [scan["kind"] for scan in record["body"]["scans"]] == ["arrival", "departure"]
    assert await value("SELECT count(*) FROM visit_record") == 1
