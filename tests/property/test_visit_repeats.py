"""Any interleaving of a phone's requests, repeated at will, leaves exactly one record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import clock
from backend.errors import Conflict, InvalidInput, NotFound
from backend.visits import service
from backend.visits.inputs import FindingInput, Severity
from tests.support.factory import Factory
from tests.support.visits import Workplace, in_order, value

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
STEPS = ("arrive", "answer", "find", "depart")


async def _attempt(request: Callable[[], Awaitable[object]]) -> None:
    """Send a request that may come too early: the phone sends it again later."""
    with suppress(NotFound, InvalidInput, Conflict):
        await request()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4), max_size=8))
async def test_any_interleaving_of_repeated_requests_leaves_one_record(factory: Factory, groups: list[list[str]]) -> None:
    with clock.stopped_at(NOW):
        place = await Workplace.open(factory)
        (order,) = await place.publish()
        arrival, departure = place.arrival(at=NOW - timedelta(minutes=50)), place.scan(at=NOW - timedelta(minutes=5))
        items = [f"A-1-{n:02d}" for n in range(1, 32)]
        finding = FindingInput(id=place.factory.fresh_id(), severity=Severity.GENERAL, description="worn")
        requests: dict[str, Callable[[], Awaitable[object]]] = {
            "arrive": lambda: service.arrive(place.technician, place.ring, arrival),
            "answer": lambda: service.answer(place.technician, arrival.id, in_order(items)),
            "find": lambda: service.add_finding(place.technician, arrival.id, finding),
            "depart": lambda: service.depart(place.technician, place.ring, arrival.id, departure),
        }
        for group in groups:  # requests of a group are under way at the same time
            await asyncio.gather(*(_attempt(requests[step]) for step in group))
        for step in STEPS:  # the phone goes on until all of it is through; the finding may have come too late, then never
            await _attempt(requests[step])
        told = await requests["depart"]()
        await _leaves_one_record(place, arrival.id, order)
        assert await requests["depart"]() == told


async def _leaves_one_record(place: Workplace, visit: UUID, order: UUID) -> None:
    assert await value("SELECT count(*) FROM visit WHERE firm = $1", place.firm) == 1
    assert await value("SELECT count(*) FROM visit_record WHERE firm = $1", place.firm) == 1
    assert await value("SELECT count(*) FROM scan WHERE firm = $1", place.firm) == 2
    assert await value("SELECT count(*) FROM visit_done WHERE firm = $1", place.firm) == 1
    found = await value("SELECT count(*) FROM finding WHERE firm = $1", place.firm)
    assert found == await value("SELECT count(*) FROM notice WHERE firm = $1", place.firm) <= 1
    assert await value("SELECT state FROM work_order WHERE id = $1", order) == "done"
    record = await service.record(place.manager, visit, 1)
    assert record.intact
    assert len(record.body.findings) == found
