"""Rules in the register and over time: facts that conditions read, dated versions, areas of periods, holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from importlib import resources
from typing import Any
from uuid import UUID

import pytest

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.scope import SYSTEM, Scope, of_firm
from backend.upkeep import rulebook, service
from backend.upkeep.views import PeriodKind, SpecialPeriodInput
from planner.intervals.rules import Library, parse_pack
from tests.support.factory import Factory
from tests.support.upkeep import NOW, TODAY, heard, on_demand_elevator, told, window


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def _from_december_on_ten_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fixed pack gets a version that asks for ten days from 1 December on."""
    folder = resources.files("planner.intervals").joinpath("packs")
    texts = {file.name.removesuffix(".toml"): file.read_text("utf-8") for file in folder.iterdir()}
    head, _, tail = texts["cn-fixed-15"].partition("effective_from = 2017-08-01")
    texts["cn-fixed-15@2026-12-01"] = f"{head}effective_from = 2026-12-01{tail}".replace("days = 15", "days = 10", 1)
    library = Library(texts, parse_pack)
    monkeypatch.setattr("planner.intervals.rules._shipped", lambda: library)


async def eligible(factory: Factory, scope: Scope, **values: Any) -> UUID:
    """An elevator on demand that lacks nothing, seen five days ago."""
    elevator = await on_demand_elevator(factory, scope, **values)
    await told(scope, elevator, TODAY - timedelta(days=5))
    await heard(scope, "R-OD", NOW - timedelta(days=16), NOW)
    return elevator


async def outcomes(scope: Scope, elevator: UUID, pack: str | None = None) -> dict[str, str]:
    return {one.key: one.outcome for one in (await rulebook.eligibility(scope, elevator, pack)).conditions}


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"watch_list": "three_without"}, "E7"),
        ({"watch_list": "listed_hazard"}, "E7"),
        ({"special_kind": "firefighter"}, "E8"),
        ({"on_demand_declared_on": TODAY + timedelta(days=1)}, "E6"),
        ({"on_demand_filed_on": TODAY + timedelta(days=1)}, "E9"),
    ],
)
async def test_what_the_register_says_of_an_elevator_ends_longer_gaps(
    factory: Factory, firm_scope: Scope, values: dict[str, Any], key: str
) -> None:
    elevator = await eligible(factory, firm_scope, **values)
    await service.recompute(firm_scope)
    assert (await outcomes(firm_scope, elevator))[key] == "not_met"
    assert (await window(firm_scope, elevator)).mode_effective == "fixed"


async def test_an_elevator_that_lacks_nothing_is_on_demand_and_a_firm_with_a_violation_is_not(
    factory: Factory, firm_scope: Scope
) -> None:
    elevator = await eligible(factory, firm_scope)
    await service.recompute(firm_scope)
    assert set((await outcomes(firm_scope, elevator)).values()) == {"met"}
    assert (await window(firm_scope, elevator)).mode_effective == "on_demand"
    async with database.tx(SYSTEM):
        await database.execute("UPDATE firm SET serious_violation_on = $1", TODAY)
    await service.recompute(firm_scope)
    assert (await outcomes(firm_scope, elevator))["E1"] == "not_met"
    assert (await window(firm_scope, elevator)).mode_effective == "fixed"


@pytest.mark.parametrize(("days", "mode", "gap"), [(60, "on_demand", 60), (None, "fixed", 15), (50, "fixed", 15)])
async def test_the_filings_gap_is_the_elevators_own(
    factory: Factory, firm_scope: Scope, days: int | None, mode: str, gap: int
) -> None:
    elevator = await eligible(factory, firm_scope, rule_pack="cn-on-demand-filed", on_demand_gap_days=days)
    await service.recompute(firm_scope)
    assert (await window(firm_scope, elevator)).mode_effective == mode
    async with database.tx(firm_scope):
        assert await database.fetch_value("SELECT gap_days FROM due_window WHERE elevator = $1", elevator) == gap


async def test_the_makers_instructions_in_the_register_set_the_gap_abroad(factory: Factory, firm_scope: Scope) -> None:
    given = {"programme_document": "Instructions", "programme_dated_on": date(2020, 1, 1), "programme_gap_days": 60}
    elevator = await factory.elevator(firm_scope.require_firm(), rule_pack="en-13015", **given)
    await told(firm_scope, elevator, TODAY)
    await service.recompute(firm_scope)
    assert (await window(firm_scope, elevator)).last_day == TODAY + timedelta(days=60)


async def test_an_elevator_abroad_has_the_checklist_and_the_checks_of_its_regime(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm(), rule_pack="hk")
    checks = await service.special_checks(firm_scope, elevator)
    assert [one.check for one in checks] == ["HK-4-04:full_load"]
    async with database.tx(firm_scope):
        change = await service.note_visit(
            firm=firm_scope.require_firm(), elevator=elevator, visit=elevator, maintenance_class="half_month",
            departed_at=NOW, items=["HK-1-01"],
        )  # fmt: skip
        left_out = await database.fetch_value("SELECT left_out FROM visit_done WHERE elevator = $1", elevator)
    assert change.after is not None
    assert change.after.last_day == date(2026, 12, 25)
    assert {code.partition("-")[0] for code in left_out} == {"HK"}


@pytest.mark.usefixtures("_from_december_on_ten_days")
async def test_a_stored_receipt_keeps_its_version_and_a_new_one_binds_from_its_day_on(
    factory: Factory, firm_scope: Scope
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, elevator, date(2026, 11, 19))
    await service.recompute(firm_scope)
    before = await service.receipt(firm_scope, elevator)
    assert before.receipt.pack_version == date(2017, 8, 1)
    assert before.window.last_day == date(2026, 11, 30)  # the day before ten days bind; the fifteenth is 4 December
    assert before.receipt.binding.cites.version == date(2026, 12, 1)
    await told(firm_scope, elevator, date(2026, 11, 25))
    await service.recompute(firm_scope)
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 5)
    with clock.stopped_at(NOW + timedelta(days=6)):
        await service.recompute(firm_scope)
        after = await service.receipt(firm_scope, elevator)
    assert (after.receipt.pack_version, after.window.last_day) == (date(2026, 12, 1), date(2026, 12, 5))


@pytest.mark.usefixtures("_from_december_on_ten_days")
def test_a_pack_is_read_with_its_versions_and_what_differs() -> None:
    read = rulebook.read_pack("cn-fixed-15", date(2026, 12, 1), date(2026, 11, 30))
    assert [(one.version, one.until, one.current) for one in read.versions] == [
        (date(2026, 12, 1), None, False), (date(2017, 8, 1), date(2026, 11, 30), True),
    ]  # fmt: skip
    assert ("visit_gap.days", "15", "10") in [(one.path, one.before, one.after) for one in read.changes]
    assert all(one.path.startswith(("visit_gap.days", "effective_from")) for one in read.changes)
    with pytest.raises(NotFound):
        rulebook.read_pack("cn-weekly")


def order(**changes: Any) -> SpecialPeriodInput:
    given: dict[str, Any] = {
        "name": "Order 12", "kind": PeriodKind.AUTHORITY_ORDER, "starts_on": TODAY, "ends_on": date(2027, 1, 31), "gap_days": 5,
    }  # fmt: skip
    return SpecialPeriodInput(**(given | changes))


@pytest.mark.parametrize(
    ("site", "area"),
    [
        ({"kind": "mall"}, {"site_kind": "mall"}),
        ({"sector": "health"}, {"sector": "health"}),
        ({"lat": 28.6800, "lon": 121.4200}, {"lat": 28.6764, "lon": 121.4208, "radius_m": 1000}),
        ({"kind": "mall", "district": "Yuhuan"}, {"site_kind": "mall", "district": "Yuhuan"}),
    ],
)
async def test_a_period_holds_where_all_of_its_area_fits(
    factory: Factory, firm_scope: Scope, site: dict[str, Any], area: dict[str, Any]
) -> None:
    firm = firm_scope.require_firm()
    inside = await factory.elevator(firm, site=await factory.site(firm, **site))
    elsewhere = {"kind": "office", "sector": "education", "district": "Linhai", "lat": 28.85, "lon": 121.14}
    outside = await factory.elevator(firm, registration_code="OUT", site=await factory.site(firm, **elsewhere))
    for elevator in (inside, outside):
        await told(firm_scope, elevator, date(2026, 11, 24))
    await service.add_special_period(firm_scope, order(**area))
    await service.recompute(firm_scope)
    assert (await window(firm_scope, inside)).last_day == date(2026, 11, 29)
    assert (await window(firm_scope, outside)).last_day == date(2026, 12, 9)


async def test_a_period_is_changed_and_the_windows_of_both_areas_follow(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    one = await factory.elevator(firm, site=await factory.site(firm, district="Linhai"))
    other = await factory.elevator(firm, registration_code="OTHER", site=await factory.site(firm, district="Yuhuan"))
    for elevator in (one, other):
        await told(firm_scope, elevator, date(2026, 11, 24))
    added = await service.add_special_period(firm_scope, order(district="Linhai"))
    async with database.tx(SYSTEM):
        await database.execute("DELETE FROM pgqueuer WHERE entrypoint = 'due_windows'")
    changed = await service.change_special_period(firm_scope, added.id, order(district="Yuhuan", gap_days=6))
    assert (changed.id, changed.district, changed.gap_days) == (added.id, "Yuhuan", 6)
    async with database.tx(SYSTEM):
        payloads = await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'due_windows'")
    assert {str(one), str(other)} <= {
        name for row in payloads for name in (str(one), str(other)) if name in row["payload"].decode()
    }
    await service.recompute(firm_scope)
    assert (await window(firm_scope, one)).last_day == date(2026, 12, 9)
    assert (await window(firm_scope, other)).last_day == date(2026, 11, 30)
    with pytest.raises(NotFound):
        await service.change_special_period(of_firm(await factory.firm()), added.id, order())


async def test_an_area_that_cannot_be_is_refused_with_all_reasons(firm_scope: Scope) -> None:
    wrong = order(site_kind="castle", sector="magic", lat=99.0, radius_m=0, kind=PeriodKind.INCIDENT)
    with pytest.raises(InvalidInput) as caught:
        await service.add_special_period(firm_scope, wrong)
    assert {fault.path for fault in caught.value.faults} == {"site_kind", "sector", "lat", "lon", "radius_m", "elevator"}


async def test_an_incident_that_no_monitor_told_of_ends_longer_gaps_for_a_time(factory: Factory, firm_scope: Scope) -> None:
    elevator = await eligible(factory, firm_scope)
    day = TODAY - timedelta(days=3)
    await service.add_special_period(
        firm_scope, order(kind=PeriodKind.INCIDENT, elevator=elevator, starts_on=day, ends_on=None, gap_days=None)
    )
    await service.recompute(firm_scope)
    found = await rulebook.eligibility(firm_scope, elevator)
    assert [(one.key, one.since) for one in found.triggers] == [("incident", day)]
    assert next(one.outcome for one in found.conditions if one.key == "E7") == "not_met"


async def test_a_long_holiday_of_the_firms_own_calendar_brings_a_visit_before_it(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    elevator = await factory.elevator(firm, site=await factory.site(firm, kind="mall"))
    await told(firm_scope, elevator, date(2026, 11, 24))
    days = [{"day": f"2026-12-{day:02d}", "kind": "holiday", "name": "Games"} for day in range(7, 12)]
    await factory.row("work_calendar", firm=firm, source="own", name="Own", years=[2026], days=days)
    await service.recompute(firm_scope)
    found = await service.receipt(firm_scope, elevator)
    assert (found.receipt.binding.kind, found.window.last_day) == ("holiday", date(2026, 12, 4))
