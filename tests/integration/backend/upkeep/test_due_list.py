"""The list of what is due: order, pages, filters, counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from backend import clock
from backend.errors import InvalidInput
from backend.scope import SYSTEM, Scope
from backend.upkeep import service
from backend.upkeep.views import DueFilter, DuePage
from tests.support.factory import Factory
from tests.support.upkeep import NOW, TODAY, told


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
async def fleet(factory: Factory, firm_scope: Scope) -> dict[str, UUID]:
    """Two overdue, one due today, one later, one stopped; in two districts."""
    firm = firm_scope.require_firm()
    site = await factory.site(firm, district="Luqiao", name="Harbour Tower", address="12 Quay Road")
    given: dict[str, tuple[date, dict[str, Any]]] = {
        "E2": (date(2026, 11, 2), {}),
        "E1": (date(2026, 11, 2), {"site": site, "unit_name": "west 3"}),
        "T": (date(2026, 11, 10), {"site": site}),
        "L": (date(2026, 11, 24), {}),
        "S": (date(2026, 10, 1), {"state": "stopped"}),
    }
    found = {}
    for code, (day, values) in given.items():
        found[code] = await factory.elevator(
            firm, registration_code=code, rescue_code=f"77{len(code)}{ord(code[-1])}", **values
        )
        await told(firm_scope, found[code], day)
    await service.recompute(firm_scope)
    return found


async def codes(scope: Scope, **wanted: Any) -> list[str]:
    return [row.registration_code for row in (await service.due_list(scope, DueFilter(**wanted))).rows]


async def test_the_most_urgent_come_first_and_the_paused_last(fleet: dict[str, UUID], firm_scope: Scope) -> None:
    page = await service.due_list(firm_scope, DueFilter())
    assert [(row.registration_code, row.days_left, row.overdue) for row in page.rows] == [
        ("E1", -8, True), ("E2", -8, True), ("T", 0, False), ("L", 14, False), ("S", -40, False),
    ]  # fmt: skip
    assert (page.total, page.overdue, page.on_day, page.next_cursor) == (5, 2, TODAY, None)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"overdue": True}, ["E1", "E2"]),
        ({"until": date(2026, 11, 25)}, ["E1", "E2", "T", "S"]),
        ({"until": date(2026, 11, 16)}, ["S"]),
        ({"district": "Luqiao"}, ["E1", "T"]),
        ({"paused": True}, ["S"]),
        ({"paused": False, "district": "Jiaojiang"}, ["E2", "L"]),
        ({"mode_effective": "on_demand"}, []),
        ({"fallen_back": False}, ["E1", "E2", "T", "L", "S"]),
        ({"maintenance_class": "year"}, []),
        ({"text": "harbour"}, ["E1", "T"]),
        ({"text": "WEST 3"}, ["E1"]),
        ({"text": "%"}, []),
    ],
)
async def test_a_filter_leaves_what_fits(fleet: dict[str, UUID], firm_scope: Scope, wanted: Any, expected: list[str]) -> None:
    assert await codes(firm_scope, **wanted) == expected


async def test_pages_put_together_are_the_whole_list(fleet: dict[str, UUID], firm_scope: Scope) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page: DuePage = await service.due_list(firm_scope, DueFilter(), cursor=cursor, limit=2)
        assert (page.total, page.overdue) == (5, 2)
        seen += [row.registration_code for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["E1", "E2", "T", "L", "S"]


async def test_what_cannot_be_asked_is_named(firm_scope: Scope) -> None:
    with pytest.raises(InvalidInput) as caught:
        await service.due_list(
            firm_scope, DueFilter(maintenance_class="monthly", mode_effective="sometimes", district="\x00", text="\x00")
        )
    assert [fault.path for fault in caught.value.faults] == ["maintenance_class", "mode_effective", "district", "text"]
    with pytest.raises(InvalidInput, match="cursor"):
        await service.due_list(firm_scope, DueFilter(), cursor="bm8")
    with pytest.raises(InvalidInput):
        await service.due_list(firm_scope, DueFilter(), limit=0)


async def test_every_firm_sees_its_own_and_the_regulator_all(
    fleet: dict[str, UUID], factory: Factory, firm_scope: Scope
) -> None:
    other = await factory.firm()
    await factory.elevator(other, registration_code="X")
    await service.recompute(SYSTEM)
    assert "X" not in await codes(firm_scope)
    assert "X" in await codes(SYSTEM)
    assert len(await codes(SYSTEM)) == 6
    assert await codes(SYSTEM, firm=other) == ["X"]
    assert await codes(firm_scope, firm=other) == []
