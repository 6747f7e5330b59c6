"""Visits whose telemetry comes after they were graded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import clock, database
from backend.scope import SYSTEM, of_firm
from backend.telemetry import service as telemetry
from backend.visits.proof import grading
from backend.visits.proof.late_telemetry import look_again
from backend.visits.proof.views import GradedWhy
from tests.support.factory import Factory
from tests.support.visits import Workplace

NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
CODE = "31103310020000000779"


async def workplace(factory: Factory) -> Workplace:
    with clock.stopped_at(NOW - timedelta(minutes=50)):
        return await Workplace.open(factory, registration_code=CODE)


async def tell(place: Workplace, *records: tuple[float, int, str | None], received: datetime) -> None:
    """Records so many minutes after the departure, with trips and, where one is given, an event's code."""
    batch = []
    for at, trips, code in records:
        when = (NOW + timedelta(minutes=at)).isoformat()
        record: dict[str, Any] = {"elevator": CODE, "at": when, "seq": int(100_000 + at), "counters": {"trips": trips}}
        if code is not None:
            record["events"] = [{"code": code, "at": when}]
        batch.append(record)
    with clock.stopped_at(received):
        result = await telemetry.ingest(of_firm(place.firm), batch)
    assert not result.rejected


async def visited(place: Workplace) -> UUID:
    with clock.stopped_at(NOW):
        return await place.finish(minutes=40)


async def answers(visit: UUID) -> list[str]:
    """What the question about the elevator's word came to, version by version."""
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT checks FROM visit_grade WHERE visit = $1 ORDER BY version", visit)
    return [next(check["outcome"] for check in row["checks"] if check["name"] == "elevator") for row in rows]


async def look(at: datetime) -> int:
    with clock.stopped_at(at):
        return await look_again()


INSPECTION = ((-30, 5000, "gbt24476:43"), (-12, 5000, "gbt24476:40"))


async def test_telemetry_that_comes_late_raises_the_word_once(factory: Factory) -> None:
    place = await workplace(factory)
    visit = await visited(place)
    await tell(place, *INSPECTION, received=NOW + timedelta(hours=20))
    assert await look(NOW + timedelta(hours=21)) == 1
    assert await answers(visit) == ["skipped", "passed"]
    assert await look(NOW + timedelta(hours=21, minutes=10)) == 0
    assert await look(NOW + timedelta(hours=22)) == 0


async def test_what_was_heard_before_the_grade_is_not_looked_at_again(factory: Factory) -> None:
    place = await workplace(factory)
    await tell(place, *INSPECTION, received=NOW - timedelta(minutes=11))
    visit = await visited(place)
    assert await look(NOW + timedelta(hours=2)) == 0
    assert await answers(visit) == ["passed"]
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM visit_look") == 0


async def test_records_of_another_time_give_no_reason_to_look(factory: Factory) -> None:
    place = await workplace(factory)
    visit = await visited(place)
    await tell(place, (200, 5000, "gbt24476:43"), received=NOW + timedelta(hours=20))
    assert await look(NOW + timedelta(hours=21)) == 0
    assert await answers(visit) == ["skipped"]


async def test_a_visit_just_ended_is_left_until_most_monitors_have_told(factory: Factory) -> None:
    place = await workplace(factory)
    visit = await visited(place)
    await tell(place, *INSPECTION, received=NOW + timedelta(minutes=3))
    assert await look(NOW + timedelta(minutes=5)) == 0
    assert await look(NOW + timedelta(minutes=11)) == 1
    await tell(place, (30, 5010, None), received=NOW + timedelta(minutes=31))
    assert await look(NOW + timedelta(minutes=35)) == 0, "the time around the visit is not over yet"
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT looked_at FROM visit_look WHERE visit = $1", visit) < NOW + timedelta(
            minutes=11
        )


async def test_long_past_visits_are_left_as_they_are(factory: Factory) -> None:
    place = await workplace(factory)
    visit = await visited(place)
    await tell(place, *INSPECTION, received=NOW + timedelta(days=11))
    assert await look(NOW + timedelta(days=11, hours=1)) == 0
    assert await answers(visit) == ["skipped"]


async def test_one_visit_that_cannot_be_graded_does_not_keep_the_others_from_their_turn(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await workplace(factory)
    first, second = await visited(place), await visited(place)
    await tell(place, *INSPECTION, received=NOW + timedelta(hours=20))
    real = grading.regrade_inside

    async def failing(visit: UUID, why: GradedWhy) -> bool:
        if visit == min(first, second):
            raise RuntimeError("a mistake of ours")
        return await real(visit, why)

    monkeypatch.setattr(grading, "regrade_inside", failing)
    assert await look(NOW + timedelta(hours=21)) == 1
    assert await look(NOW + timedelta(hours=21, minutes=10)) == 0, "it is not tried for ever"


async def test_traffic_as_usual_that_comes_late_lowers_the_grade_and_asks_a_manager(factory: Factory) -> None:
    """Both ways are open: what was silent contradicts, the visit no longer counts, and a person looks at it."""
    place = await workplace(factory)
    weeks = [
        {"elevator": CODE, "at": (NOW + timedelta(minutes=at - 10_080 * week)).isoformat(), "seq": 10_000 * week + at + 240,
         "counters": {"trips": 500_000 - 20_000 * week + (at + 240) * 2}}
        for week in range(5, 0, -1)
        for at in range(-240, 120, 15)
    ]  # fmt: skip
    assert (await telemetry.load_history(place.firm, weeks)).accepted == len(weeks)
    visit = await visited(place)
    async with database.tx(of_firm(place.firm)):
        before = await database.fetch("SELECT grade, review, held_back FROM visit WHERE id = $1", visit)
    await tell(place, *((n, 500_000 + 2 * (n + 240), None) for n in range(-110, 61)), received=NOW + timedelta(hours=30))
    assert await look(NOW + timedelta(hours=31)) == 1
    assert await answers(visit) == ["skipped", "failed"]
    async with database.tx(of_firm(place.firm)):
        after = await database.fetch("SELECT grade, review, held_back FROM visit WHERE id = $1", visit)
        why = await database.fetch("SELECT why, grade FROM visit_grade WHERE visit = $1 ORDER BY version", visit)
    assert tuple(before[0]) == ("C", "none", False)
    assert tuple(after[0]) == ("D", "waiting", True)
    assert [tuple(row) for row in why] == [("departure", "C"), ("telemetry", "D")]
