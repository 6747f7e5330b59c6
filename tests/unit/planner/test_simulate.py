"""A simulated fleet tells the same whenever it is asked, and what it tells is the truth."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from planner.simulate import PROFILES, elevator, fleet, fleet_records, happened, records, truth

UNTIL = datetime(2026, 11, 25, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=28)
SHANGHAI_S = 8 * 3600
FLEET = fleet(60, 11)


def by_seq(told: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {one["seq"]: one for one in told}


def in_order(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(told, key=lambda one: int(one["seq"]))


def test_the_same_seed_tells_the_same_and_another_seed_does_not() -> None:
    assert list(fleet_records(fleet(3, 5), SINCE, UNTIL)) == list(fleet_records(fleet(3, 5), SINCE, UNTIL))
    assert list(fleet_records(fleet(3, 5), SINCE, UNTIL)) != list(fleet_records(fleet(3, 6), SINCE, UNTIL))


def test_two_simulations_of_overlapping_times_tell_the_same_totals() -> None:
    for one in FLEET[:20]:
        long = by_seq(list(records(one, SINCE, UNTIL, utc_offset_s=SHANGHAI_S)))
        middle = by_seq(list(records(one, SINCE + timedelta(days=9), UNTIL - timedelta(days=3), utc_offset_s=SHANGHAI_S)))
        assert middle
        assert {seq: long[seq] for seq in middle} == middle


def test_codes_are_unique_and_of_twenty_digits() -> None:
    codes = {one.registration_code for one in FLEET}
    assert len(codes) == len(FLEET)
    assert all(len(code) == 20 and code.isdigit() for code in codes)


def test_what_is_told_adds_up_to_the_truth() -> None:
    unbroken = 0
    for one in FLEET:
        told = in_order(list(records(one, SINCE, UNTIL)))
        if any(after["counters"]["trips"] < before["counters"]["trips"] for before, after in pairwise(told)):
            continue  # restarted
        unbroken += 1
        hours = range(told[0]["seq"] + 1, told[-1]["seq"] + 1)
        true: dict[str, int] = defaultdict(int)
        for growth in truth(one, SINCE, UNTIL):
            if int(growth.hour.timestamp()) // 3600 in hours:
                for name, value in growth.counters.items():
                    true[name] += value
        assert {name: told[-1]["counters"][name] - told[0]["counters"][name] for name in true} == true
    assert unbroken > len(FLEET) / 2


def test_no_hour_has_more_running_than_seconds() -> None:
    for one in FLEET:
        assert max(growth.counters["run_s"] for growth in truth(one, SINCE, UNTIL)) < 3600
        assert min(min(growth.counters.values()) for growth in truth(one, SINCE, UNTIL)) >= 0


def test_an_office_is_busy_on_working_mornings_and_empty_at_night() -> None:
    by_hour: dict[int, int] = defaultdict(int)
    by_weekday: dict[int, int] = defaultdict(int)
    for growth in truth(elevator("X", "office", 3), SINCE, UNTIL, utc_offset_s=SHANGHAI_S):
        local = growth.hour + timedelta(seconds=SHANGHAI_S)
        by_weekday[local.weekday()] += growth.counters["trips"]
        by_hour[local.hour] += growth.counters["trips"]
    assert by_hour[8] > 10 * by_hour[3]
    assert by_weekday[6] < by_weekday[0] / 3


def test_some_records_are_lost_some_are_late_and_some_counters_restart() -> None:
    told = [list(records(one, SINCE, UNTIL)) for one in FLEET]
    hours = 28 * 24
    assert any(len(each) < hours for each in told)
    assert sum(len(each) for each in told) > 0.95 * hours * len(FLEET)
    assert any(each != in_order(each) for each in told)
    restless = [list(records(one, UNTIL - timedelta(days=365), UNTIL)) for one in FLEET if one.restless]
    assert any(b["counters"]["trips"] < a["counters"]["trips"] for each in restless for a, b in pairwise(in_order(each)))


def test_faults_are_followed_by_a_repair_and_entrapments_by_an_alarm_before() -> None:
    year = [event.code for one in FLEET for event in happened(one, UNTIL - timedelta(days=365), UNTIL)]
    faults = sum(code.startswith("gbt24476:") and 1 <= int(code.split(":")[1]) <= 8 for code in year)
    assert 2 < faults / len(FLEET) < 15  # a few a year
    assert year.count("gbt24476:90") == year.count("liftrounds:entrapment") > 0
    assert abs(year.count("gbt24476:43") - faults) <= 5  # those at the two ends of the year


def test_frequent_visits_make_faults_rarer() -> None:
    since = UNTIL - timedelta(days=365)

    def faults(visits: list[datetime]) -> int:
        return sum(len(happened(one, since, UNTIL, visits=visits)) for one in FLEET)

    assert faults([since + timedelta(weeks=week) for week in range(53)]) < faults([since]) / 2


@pytest.mark.parametrize("kind", [*PROFILES, "palace"])
def test_every_kind_of_building_has_elevators_that_run(kind: str) -> None:
    assert any(growth.counters["trips"] for growth in truth(elevator("X", kind, 1), SINCE, UNTIL))
