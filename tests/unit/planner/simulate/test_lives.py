"""Lives are the same for the same seed and code, and what a monitor tells adds up to what happened unless it hides it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from planner.simulate.holidays import holidays
from planner.simulate.known_truth import usual_truth, with_numbers
from planner.simulate.lives import LEAD_DAYS, OTHER_KINDS, Life, codes_of, life
from planner.simulate.monitors import monitor

START = date(2027, 1, 1)
TRUTH = usual_truth()
QUIET = with_numbers(
    TRUTH, {"monitor.stuck_per_year": 0.0, "monitor.restless": 0.0, "monitor.skewed": 0.0, "monitor.outages_per_year": 0.0}
)


def lives(count: int, days: int = 365, *, whole_fleet: bool = False) -> list[Life]:
    return [life(code, 3, TRUTH, START, days, whole_fleet=whole_fleet) for code in codes_of(count)]


def test_the_same_seed_and_code_live_the_same_life_whatever_the_fleet() -> None:
    assert lives(3) == lives(9)[:3]
    assert life(codes_of(1)[0], 4, TRUTH, START, 365) != lives(1)[0]


def test_a_longer_life_begins_as_the_shorter_one_does() -> None:
    short, long = lives(1, 200)[0], lives(1, 500)[0]
    assert long.trips[: len(short.trips)] == short.trips
    assert long.faults[: len(short.faults)] == short.faults


def test_use_adds_up_and_follows_the_week_and_holidays() -> None:
    office = next(one for one in lives(60) if one.kind == "office")
    daily = [after - before for before, after in pairwise(office.trips)]
    assert office.trips[-1] == sum(daily)
    assert min(daily) >= 0
    by_kind: dict[str, list[float]] = {"work": [], "weekend": [], "holiday": []}
    for number, trips in enumerate(daily):
        day = office.date_of(number)
        kind = "holiday" if day in holidays(day.year) else "weekend" if day.weekday() >= 5 else "work"
        by_kind[kind].append(trips)
    work, weekend, holiday = (sum(some) / len(some) for some in by_kind.values())
    assert work > 3 * weekend > 0
    assert work > 3 * holiday


def test_only_a_whole_fleet_has_what_schemes_leave_out() -> None:
    assert not {one.kind for one in lives(80)} & OTHER_KINDS
    whole = lives(80, whole_fleet=True)
    assert {one.kind for one in whole} & OTHER_KINDS
    assert any(not one.monitored for one in whole)
    assert all(one.monitored for one in lives(80))


def test_faults_of_chance_are_spread_unevenly_over_elevators() -> None:
    counts = [len(one.faults) for one in lives(300, 1460)]
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / len(counts)
    years = (LEAD_DAYS + 1460) / 365.25
    assert mean / years == pytest.approx(TRUTH.random_faults.per_year.value, rel=0.2)
    assert variance > 2 * mean, "Gamma frailty makes counts spread wider than chance alone"


def test_a_monitor_without_failures_tells_the_truth() -> None:
    one = lives(1)[0]
    told = monitor(one, QUIET)
    assert told.told == one.trips
    assert told.silences == ()
    assert told.told_on(10) == 11


def test_what_a_stuck_counter_hides_is_never_more_than_what_happened() -> None:
    often = with_numbers(TRUTH, {"monitor.stuck_per_year": 6.0, "monitor.skewed": 0.0})
    hidden = 0
    for one in lives(20):
        told = monitor(one, often)
        assert all(after >= before for before, after in pairwise(told.told))
        assert all(known <= true for known, true in zip(told.told, one.trips, strict=True))
        hidden += told.told[-1] < one.trips[-1]
        for begin, end in told.stuck:
            assert told.told[begin + 1] == told.told[begin]
            assert end > begin
    assert hidden


def test_shares_and_silences_agree() -> None:
    for one in lives(20):
        told = monitor(one, TRUTH)
        for silence in told.silences:
            middle = (silence.from_h + silence.until_h) / 2
            assert told.at(middle) == silence
            share = told.online_share(silence.until_h, 15)
            assert share <= 1 - min(1.0, (silence.until_h - silence.from_h) / 360) + 1e-9
