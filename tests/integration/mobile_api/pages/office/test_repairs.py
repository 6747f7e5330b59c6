"""The office on a day that goes another way: tell, look, apply, undo, without any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from backend import clock
from backend.errors import InvalidInput
from backend.rounds import service as rounds
from backend.rounds.repair_views import EmergencyEvent, Events
from backend.scope import Role
from planner.rounds.plan import plan_bytes
from planner.rounds.problem import parse_problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm, set_windows

NINE = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
"""Monday, nine in the morning in Taizhou."""


async def solve_here(problem: bytes, **_options: object) -> bytes:
    return plan_bytes(solve(parse_problem(problem), Stop(rounds=20)))


@pytest.fixture
async def firm(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> PlannedFirm:
    """Both crews have a published round on Monday."""
    monkeypatch.setattr("backend.rounds.execution.solve_in_process_async", solve_here)
    monkeypatch.setattr("mobile_api.pages.office.repairs.SEARCH_S", 0.0)  # the search has tests of its own
    with clock.stopped_at(FRIDAY):
        found = await planned_firm(factory)
        await set_windows(found.firm, found.elevators, [(MONDAY, MONDAY)] * 9)
        run = await rounds.request_run(found.scope, MONDAY, 1)
        await rounds.execute_run(run.id)
        await rounds.commit_run(found.scope, run.id)
        await rounds.publish_run(found.scope, run.id)
    return found


@pytest.fixture
def nine(firm: PlannedFirm) -> Iterator[None]:
    with clock.stopped_at(NINE):
        yield


@pytest.fixture
async def manager(http: Site, firm: PlannedFirm, nine: None) -> Browser:
    return await http.browser(Role.MANAGER, firm.firm, "en")


def emergency(firm: PlannedFirm) -> dict[str, str]:
    return {
        "kind": "emergency", "elevator": str(firm.elevators[0]), "within_minutes": "30", "minutes": "40", "people": "2",
        "note": "doors stuck",
    }  # fmt: skip


async def test_the_board_of_today_offers_to_tell_what_has_happened(manager: Browser) -> None:
    page = (await manager.get("/office/today")).text
    for kind in ("emergency", "out", "closed", "delay"):
        assert f'href="/office/today/repair?kind={kind}"' in page
        form = await manager.get(f"/office/today/repair?kind={kind}")
        assert form.status_code == 200
        assert "<script" not in re.sub(r"<script[^>]*src=[^>]*></script>", "", form.text)
    assert "/office/today/repair" not in (await manager.get("/office/today?day=2026-12-01")).text


async def test_an_emergency_is_told_compared_applied_and_undone(manager: Browser, firm: PlannedFirm) -> None:
    page = await manager.post_and_follow("/office/today/repair", emergency(firm))
    assert page.status_code == 200
    assert page.text.count('<svg class="bar"') >= 2
    assert "Who could go" in page.text
    address = re.search(r'action="(/office/repairs/[0-9a-f-]+)/apply"', page.text)
    assert address is not None
    applied = await manager.post_and_follow(f"{address[1]}/apply", {"option": "1"})
    assert "technicians see their new round" in applied.text
    today = (await manager.get("/office/today")).text
    assert "Emergency: doors stuck" not in today  # the reason is the technicians'
    assert address[1] in today
    undone = await manager.post_and_follow(f"{address[1]}/undo", {})
    assert "as they were before" in undone.text


@pytest.mark.parametrize("kind", ["out", "closed", "delay"])
async def test_other_events_are_told_from_lists(kind: str, manager: Browser, firm: PlannedFirm) -> None:
    published = await rounds.published_rounds(firm.scope, MONDAY)
    late = {"who": f"crew:{published[0].crew}", "minutes": "25"}
    form = {"out": {"crew": str(published[0].crew), "from_s": "10:00"}, "delay": late}.get(kind)
    form = form or {"site": str(published[0].stops[-1].site), "to_s": "23:00"}
    page = await manager.post_and_follow("/office/today/repair", {"kind": kind, **form})
    assert page.status_code == 200
    assert "What changes for whom" in page.text


async def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(manager: Browser, firm: PlannedFirm) -> None:
    wrong = emergency(firm) | {"elevator": "nowhere", "note": "kept"}
    page = await manager.post("/office/today/repair", wrong)
    assert page.status_code == 400
    assert 'value="kept"' in page.text
    assert "elevator-reason" in page.text
    past = {"kind": "out", "crew": str(firm.crews[0]), "from_s": "07:00"}
    page = await manager.post("/office/today/repair", past)
    assert page.status_code == 400
    assert "must not lie in the past" in page.text
    nobody = await manager.post("/office/today/repair", {"kind": "delay", "who": "", "minutes": "x"})
    assert nobody.status_code == 400


@pytest.mark.parametrize("time", ["²:00", "9" * 5000 + ":00", "25:99", "10:60", "ten", "99:00"])
async def test_what_is_no_time_of_day_is_refused_at_its_field(time: str, manager: Browser, firm: PlannedFirm) -> None:
    page = await manager.post("/office/today/repair", {"kind": "out", "crew": str(firm.crews[0]), "from_s": time})
    assert page.status_code == 400
    assert "from_s-reason" in page.text


async def test_one_elevator_has_one_emergency_at_a_time(firm: PlannedFirm, nine: None) -> None:
    event = EmergencyEvent(elevator=firm.elevators[0])
    with pytest.raises(InvalidInput) as refused:
        await rounds.propose_repair(firm.scope, Events(emergencies=[event, event]))
    assert [fault.path for fault in refused.value.faults] == ["emergencies[1].elevator"]


async def test_a_stale_proposal_says_so_and_can_be_asked_anew(manager: Browser, firm: PlannedFirm) -> None:
    page = await manager.post_and_follow("/office/today/repair", emergency(firm))
    address = re.search(r'action="(/office/repairs/[0-9a-f-]+)/apply"', page.text)
    assert address is not None
    assert address[1] in (await manager.get("/office/today")).text
    with clock.stopped_at(NINE.replace(hour=2)):
        page = await manager.get(address[1])
        assert "too old" in page.text
        assert "/apply" not in page.text
        assert address[1] not in (await manager.get("/office/today")).text  # it was only looked at
        refused = await manager.post(f"{address[1]}/apply", {"option": "1"})
        assert refused.status_code == 412
        assert "too old" in refused.text
        again = await manager.post_and_follow(f"{address[1]}/again", {})
        assert f'action="{address[1]}/apply"' not in again.text
        assert "/apply" in again.text
