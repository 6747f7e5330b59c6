"""When the demo's visits are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from backend.demo import schedule
from backend.demo.cities import CITIES
from backend.demo.schedule import PlannedVisit
from backend.rounds.views import OrderState

CITY = CITIES["taizhou"]
TODAY = date(2026, 11, 26)


def fleet(today: date) -> list[Any]:
    """The monitored elevators of the register, as far as the schedule reads them."""
    from backend.demo import taizhou
    from backend.demo.cities import SEED

    return [
        SimpleNamespace(
            id=uuid4(), registration_code=row["registration_code"], site_kind=SimpleNamespace(value=row["site_kind"]),
            stops=row["stops"], lat=row["lat"], lon=row["lon"],
        )
        for row in taizhou.register(200, today, SEED)
        if row.get("monitored_since")
    ]  # fmt: skip


def crews() -> list[Any]:
    return [SimpleNamespace(id=uuid4(), name=name, base_lat=lat, base_lon=lon) for name, lat, lon in CITY.bases[:4]]


@pytest.fixture(scope="module")
def earlier() -> list[PlannedVisit]:
    return schedule.of_weeks(CITY, 200, fleet(TODAY), crews(), TODAY)


def test_earlier_visits_lie_in_working_hours_of_the_days_that_the_register_tells(earlier: list[PlannedVisit]) -> None:
    assert 10 <= len(earlier) <= schedule.MOST_EARLIER
    for visit in earlier:
        assert schedule.LAST_DAYS_AGO <= (TODAY - visit.arrival.date()).days <= schedule.FIRST_DAYS_AGO
        assert 8 <= visit.arrival.hour <= visit.departure.hour <= 18
        assert timedelta(minutes=40) < visit.departure - visit.arrival < timedelta(hours=1)


def test_no_crew_is_at_two_elevators_at_once(earlier: list[PlannedVisit]) -> None:
    for crew in {visit.crew for visit in earlier}:
        theirs = [visit for visit in earlier if visit.crew == crew]
        for before, after in pairwise(theirs):
            assert after.arrival - before.departure >= timedelta(minutes=70)


def test_one_visit_is_invented_and_it_is_a_late_one(earlier: list[PlannedVisit]) -> None:
    [invented] = [visit for visit in earlier if visit.conduct == "absent"]
    assert (max(visit.arrival.date() for visit in earlier) - invented.arrival.date()).days <= 1


def test_the_same_day_makes_the_same_schedule() -> None:
    first, second = (schedule.of_weeks(CITY, 200, fleet(TODAY), crews(), TODAY) for _ in range(2))
    assert [(visit.registration_code, visit.arrival, visit.conduct) for visit in first] == [
        (visit.registration_code, visit.arrival, visit.conduct) for visit in second
    ]


def test_stops_of_a_round_follow_each_other_and_end_with_the_one_under_way() -> None:
    elevators = {uuid4(): SimpleNamespace(registration_code=f"{n}", stops=8) for n in range(6)}
    stops = [
        SimpleNamespace(
            elevator=elevator, arrive_s=30_000 + 3_300 * n, leave_s=33_000 + 3_300 * n, state=OrderState.SCHEDULED, lat=28.6,
            lon=121.4,
        )
        for n, elevator in enumerate(elevators)
    ]  # fmt: skip
    day: Any = SimpleNamespace(day=TODAY, crew=uuid4(), stops=stops)
    for seed in range(20):
        until = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
        found = schedule.of_day(day, until, "UTC", Random(seed), elevators)  # type: ignore[arg-type]  # noqa: S311
        assert 2 <= len(found) < len(stops)
        for before, after in pairwise(found):
            assert after.arrival - before.departure >= timedelta(seconds=150)
        assert all(visit.departure <= until for visit in found[:-1])
