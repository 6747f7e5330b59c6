"""What simulated visits leave in the telemetry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from planner import simulate
from planner.simulate import SimulatedElevator, SimulatedVisit
from planner.simulate.records import counters_of
from planner.simulate.visits import Conduct, tells, work_of

ARRIVAL = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SINCE, UNTIL = ARRIVAL - timedelta(hours=10), ARRIVAL + timedelta(hours=9)


def elevator(number: int = 7, kind: str = "office") -> SimulatedElevator:
    return simulate.elevator(f"3110331099{number:010d}", kind, 5)


def visit(conduct: Conduct = "works", minutes: float = 40) -> SimulatedVisit:
    return SimulatedVisit(arrival=ARRIVAL, departure=ARRIVAL + timedelta(minutes=minutes), conduct=conduct, landings=9)


def told(one: SimulatedElevator, *visits: SimulatedVisit, every_s: int = 60) -> list[dict[str, Any]]:
    return list(simulate.records_with_visits(one, SINCE, UNTIL, visits, every_s=every_s))


def growth(records: list[dict[str, Any]], since: datetime, until: datetime, counter: str = "trips") -> int:
    inside = [
        each["counters"][counter] for each in records if since.timestamp() * 1000 <= each["at"] <= until.timestamp() * 1000
    ]
    return int(inside[-1] - inside[0])


@pytest.mark.parametrize("number", range(5))
def test_before_a_visit_nothing_is_different(number: int) -> None:
    before = (ARRIVAL - timedelta(hours=2)).timestamp() * 1000
    with_visit, without = told(elevator(number), visit()), list(simulate.records(elevator(number), SINCE, UNTIL))
    assert [each for each in with_visit if each["at"] < before] == [each for each in without if each["at"] < before]


def test_a_claim_leaves_the_counters_as_they_would_have_been() -> None:
    for number in range(5):
        assert told(elevator(number), visit("absent"))[-1] == told(elevator(number))[-1]


def test_rides_that_were_not_made_stay_missing_until_the_counters_restart() -> None:
    restless = next(one for number in range(4000) if (one := elevator(number)).restless and _restarts_once(one))
    differences = [
        after["counters"]["trips"] - before["counters"]["trips"]
        for before, after in zip(long_told(restless), long_told(restless, visit()), strict=True)
    ]
    assert len(set(differences)) == 2
    assert differences[0] != 0
    assert differences[-1] == 0


def _restarts_once(one: SimulatedElevator) -> bool:
    totals: list[int] = [each["counters"]["trips"] for each in long_told(one)]
    return sum(after < before for before, after in pairwise(totals)) == 1


def long_told(one: SimulatedElevator, *visits: SimulatedVisit) -> list[dict[str, Any]]:
    since = ARRIVAL + timedelta(hours=4)
    return sorted(
        simulate.records_with_visits(one, since, since + timedelta(weeks=6), visits), key=lambda each: int(each["at"])
    )


@pytest.mark.parametrize("number", range(5))
def test_counters_never_go_back_and_records_come_in_order_with_numbers_of_their_own(number: int) -> None:
    records = told(elevator(number), visit())
    for before, after in pairwise(records):
        assert after["at"] > before["at"]
        assert all(after["counters"][name] >= total for name, total in before["counters"].items())
    assert len({each["seq"] for each in records}) == len(records)


def test_doors_that_were_tried_stay_on_the_counter() -> None:
    one = elevator()
    tried = len(work_of(one, visit()).door_tries)
    last = told(one, visit())[-1]["counters"]
    assert tried > 0
    assert last["door_cycles"] - counters_of(one, last["trips"])["door_cycles"] == tried


def test_work_keeps_passengers_out_and_a_claim_does_not() -> None:
    share = [0.0, 0.0]
    for number in range(12):
        usual = growth(told(elevator(number, "hospital"), visit("absent")), ARRIVAL, ARRIVAL + timedelta(minutes=40))
        worked = growth(told(elevator(number, "hospital"), visit()), ARRIVAL, ARRIVAL + timedelta(minutes=40))
        share = [share[0] + usual, share[1] + worked]
    assert share[1] < 0.7 * share[0]


def test_only_monitors_that_tell_modes_tell_them_and_only_of_work() -> None:
    seen = set()
    for number in range(30):
        one = elevator(number)
        events = {code for _, code in work_of(one, visit()).events}
        assert ("gbt24476:43" in events or "gbt24476:42" in events) <= ("modes" in tells(one))
        assert ("gbt24476:1" in events) <= ("safety_chain" in tells(one))
        assert work_of(one, visit("absent")).events == ()
        assert work_of(one, visit("idles")).events == ()
        seen |= events
    assert seen == {"gbt24476:40", "gbt24476:42", "gbt24476:43", "gbt24476:1", "gbt24476:90"}


def test_every_event_of_the_work_is_told_once_at_its_time() -> None:
    one = next(elevator(number) for number in range(50) if len(work_of(elevator(number), visit()).events) >= 4)
    expected = sorted((code, int(at * 1000)) for at, code in work_of(one, visit()).events)
    for every_s in (60, 300, 3600):
        events = [event for each in told(one, visit(), every_s=every_s) for event in each.get("events", ())]
        assert sorted((each["code"], each["at"]) for each in events if (each["code"], each["at"]) in expected) == expected


def test_hourly_records_alone_are_told_where_a_visit_was_not() -> None:
    records = told(elevator(), visit(), every_s=3600)
    assert all(after["at"] - before["at"] >= 3_600_000 for before, after in pairwise(records))


def test_the_same_visit_leaves_the_same_traces() -> None:
    assert told(elevator(), visit()) == told(elevator(), visit())
