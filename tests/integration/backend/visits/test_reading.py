"""Lists of visits: newest first, in pages, filtered."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend import clock
from backend.errors import InvalidInput
from backend.visits import service
from backend.visits.views import Confirmation, VisitFilter, VisitState
from tests.support.visits import ZONE, Workplace


async def test_visits_are_listed_newest_first_in_pages(place: Workplace) -> None:
    made: list[UUID] = []
    for hours in (9, 6, 3):
        opened = await place.arrive(at=clock.now() - timedelta(hours=hours))
        await place.answer_all(opened)
        await place.depart(opened.summary.id, at=clock.now() - timedelta(hours=hours - 1))
        made.append(opened.summary.id)
    first = await service.visits(place.manager, VisitFilter(), limit=2)
    assert [row.id for row in first.rows] == made[:0:-1]
    rest = await service.visits(place.manager, VisitFilter(), cursor=first.next_cursor, limit=2)
    assert [row.id for row in rest.rows] == made[:1]
    assert rest.next_cursor is None


async def test_visits_can_be_filtered(place: Workplace) -> None:
    finished = await place.finish(second_technician=place.second.technician)
    still_open = (await place.arrive()).summary.id
    today = clock.today(ZONE)

    async def found(**values: object) -> set[UUID]:
        page = await service.visits(place.manager, VisitFilter(**values))  # type: ignore[arg-type]
        return {row.id for row in page.rows}

    assert await found(state=VisitState.OPEN) == {still_open}
    assert await found(state=VisitState.FINISHED) == {finished}
    assert await found(confirmation=Confirmation.CONFIRMED) == set()
    assert await found(technician=place.second.technician) == {finished}
    assert await found(elevator=place.elevator) == {finished, still_open}
    assert await found(elevator=uuid4()) == set()
    assert await found(scheduled=True) == set()
    assert await found(from_day=today + timedelta(days=1)) == set()
    assert await found(to_day=today - timedelta(days=2)) == set()
    assert await found(from_day=today - timedelta(days=1), to_day=today) == {finished, still_open}


async def test_a_cursor_of_another_list_is_refused(place: Workplace) -> None:
    with pytest.raises(InvalidInput):
        await service.visits(place.manager, VisitFilter(), cursor="nonsense")
    with pytest.raises(InvalidInput):
        await service.visits(place.manager, VisitFilter(), limit=0)
