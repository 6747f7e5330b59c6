"""Data health: what counts as a gap, a stuck value, a clock that is off, and what each makes of the data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec
import pytest

from planner.intervals.health import Health, assess
from planner.intervals.health_evidence import (
    ClockFact,
    ClockSample,
    CounterDays,
    FrozenGauge,
    GaugeDay,
    HealthFacts,
    observe_clock,
    observe_counters,
    observe_gauges,
    observe_hours,
)
from planner.intervals.pack_health import DataHealth
from planner.intervals.rules import load_pack
from tests.support.intervals import ON_DEMAND, TODAY, WATCHED, computed, days_later, with_facts

BEGIN = datetime.fromisoformat("2026-11-05")
HOURS = 360
ALL = (1 << HOURS) - 1
TOGETHER = ("trips", "door_cycles", "run_s")


def at(text: str) -> datetime:
    """A local time, which has no zone."""
    return datetime.fromisoformat(text)


def limits() -> DataHealth:
    rules = load_pack(ON_DEMAND).on_demand
    assert rules is not None
    assert rules.data_health is not None
    return rules.data_health


def without(first: int, hours: int) -> int:
    return ALL & ~(((1 << hours) - 1) << first)


def judged(facts: HealthFacts) -> Health:
    return assess(facts, limits())


def keys(health: Health) -> list[tuple[str, str]]:
    return [(reason.key, reason.state) for reason in health.reasons]


def day(back: int) -> date:
    return TODAY - timedelta(days=back)


def growth(counter: str, values: Iterable[int]) -> CounterDays:
    """Growth of the days before today, the oldest first."""
    told = list(values)
    return CounterDays(counter=counter, growth={day(len(told) - i): value for i, value in enumerate(told)})


# ------------------------------------------------------------------------------------------------ hours


def test_a_gap_is_told_with_its_local_begin_and_end() -> None:
    facts = observe_hours(BEGIN, without(100, 30), HOURS)

    [gap] = facts.gaps
    assert (gap.begins_at, gap.ends_at, gap.hours) == (at("2026-11-09 04:00"), at("2026-11-10 10:00"), 30)
    assert facts.online_share == pytest.approx(330 / 360)


def test_a_gap_that_lasts_has_no_end() -> None:
    [gap] = observe_hours(BEGIN, without(HOURS - 30, 30), HOURS).gaps

    assert gap.ends_at is None


def test_one_missing_hour_is_no_gap_but_counts_in_the_share() -> None:
    facts = observe_hours(BEGIN, without(7, 1), HOURS)

    assert facts.gaps == ()
    assert facts.hours_seen == 359


def test_hours_beyond_the_time_do_not_count() -> None:
    assert observe_hours(BEGIN, ALL << 5 | 31, HOURS) == observe_hours(BEGIN, ALL, HOURS)


def test_clocks_that_are_put_back_move_a_gaps_local_time() -> None:
    facts = observe_hours(BEGIN, without(100, 30), HOURS, lambda hour: BEGIN + timedelta(hours=hour - 1))

    assert facts.gaps[0].begins_at == at("2026-11-09 03:00")


def test_no_hour_at_all_says_nothing() -> None:
    assert observe_hours(BEGIN, 0, 0).online_share is None


@pytest.mark.parametrize(("hours", "found"), [(23, []), (24, [("gap", "not_usable")]), (25, [("gap", "not_usable")])])
def test_a_gap_of_the_packs_hours_ends_the_use_of_the_data(hours: int, found: list[tuple[str, str]]) -> None:
    health = judged(observe_hours(BEGIN, without(10, hours), HOURS))

    assert [key for key in keys(health) if key[0] == "gap"] == found


def test_many_short_gaps_end_it_as_a_long_one_does() -> None:
    seen = ALL
    for first in range(0, HOURS, 24):
        seen &= without(first, 6)

    assert keys(judged(observe_hours(BEGIN, seen, HOURS))) == [("online", "not_usable")]


def test_a_share_just_under_the_limit_is_degraded() -> None:
    health = judged(observe_hours(BEGIN, without(0, 10) & without(100, 10), HOURS))

    assert (health.state, keys(health)) == ("degraded", [("online", "degraded")])


def test_everything_there_is_good() -> None:
    assert judged(observe_hours(BEGIN, ALL, HOURS)) == Health(state="good", reasons=())


# ------------------------------------------------------------------------------------------------ counters


def stuck_keys(*counters: CounterDays, faults: dict[date, int] | None = None) -> list[tuple[str, str]]:
    found = observe_counters(counters, TOGETHER, faults or {}, TODAY)
    return keys(judged(HealthFacts(stuck=found)))


def test_a_counter_that_stands_still_while_another_moves_is_stuck() -> None:
    moving, still = growth("trips", [200] * 30), growth("door_cycles", [300] * 28 + [0, 0])

    assert stuck_keys(moving, still) == [("stuck", "not_usable")]


def test_a_counter_that_stands_still_for_a_day_only_may_have_had_a_quiet_day() -> None:
    moving, still = growth("trips", [5] * 30), growth("door_cycles", [6] * 29 + [0])

    assert stuck_keys(moving, still) == []


def test_all_counters_at_zero_on_days_that_are_always_busy_are_stuck() -> None:
    assert stuck_keys(growth("trips", [200] * 28 + [0, 0])) == [("stuck", "not_usable")]


def test_zero_on_days_of_the_week_that_are_always_quiet_is_no_fault() -> None:
    # TODAY is a Friday: the fifth and sixth day before it are a weekend.
    office = [0 if day(35 - i).weekday() >= 5 else 300 for i in range(35)]
    until_sunday = {told: count for told, count in growth("trips", office).growth.items() if told < date(2026, 11, 16)}

    assert stuck_keys(CounterDays(counter="trips", growth=until_sunday)) == []


def test_a_little_used_elevator_may_rest_for_days() -> None:
    assert stuck_keys(growth("trips", [3] * 26 + [0, 0, 0, 0])) == []


def test_a_counter_that_stands_still_while_the_elevator_reports_faults_is_stuck() -> None:
    still = growth("trips", [3] * 28 + [0, 0])

    assert stuck_keys(still, faults={day(1): 2}) == [("stuck", "not_usable")]


def test_an_elevator_that_never_moved_has_no_stuck_counter() -> None:
    assert stuck_keys(growth("trips", [0] * 30), growth("door_cycles", [0] * 30)) == []


def test_the_day_under_way_does_not_count() -> None:
    still = CounterDays(counter="trips", growth={day(1): 200, TODAY: 0})

    assert observe_counters([still], TOGETHER, {}, TODAY) == ()


def test_counters_that_do_not_move_with_use_prove_nothing() -> None:
    still = growth("trips", [3] * 28 + [0, 0])

    assert stuck_keys(still, growth("power_on_s", [86_400] * 30)) == []


# ------------------------------------------------------------------------------------------------ gauges


def gauge_days(*values: tuple[float, float]) -> dict[date, dict[str, GaugeDay]]:
    return {day(len(values) - i): {"temperature_c": GaugeDay(low, high, 24)} for i, (low, high) in enumerate(values)}


def test_a_gauge_that_is_the_same_to_the_last_digit_for_days_is_frozen() -> None:
    frozen = observe_gauges(gauge_days((30.1, 33.2), (31.57, 31.57), (31.57, 31.57), (31.57, 31.57)))

    assert frozen == (FrozenGauge(gauge="temperature_c", value=31.57, since=day(3), hours=72, records=72),)
    assert keys(judged(HealthFacts(frozen=frozen))) == [("frozen", "not_usable")]


def test_a_whole_number_that_stays_is_a_coarse_sensor_or_a_broken_one() -> None:
    frozen = observe_gauges(gauge_days(*[(26.0, 26.0)] * 4))

    assert keys(judged(HealthFacts(frozen=frozen))) == [("frozen", "degraded")]


@pytest.mark.parametrize(
    "values", [[(31.5, 31.5), (31.5, 31.6), (31.5, 31.5)], [(31.5, 31.5), (31.5, 31.5)], [(31.5, 31.5), (31.6, 31.6)]]
)
def test_a_gauge_that_moved_lately_or_is_known_for_a_short_time_is_not(values: list[tuple[float, float]]) -> None:
    assert judged(HealthFacts(frozen=observe_gauges(gauge_days(*values)))).state == "good"


# ------------------------------------------------------------------------------------------------ clocks


def arrivals(*by_day: list[int]) -> ClockFact | None:
    return observe_clock([ClockSample(day(len(by_day) - i), delay) for i, told in enumerate(by_day) for delay in told])


@pytest.mark.parametrize(
    ("delay_s", "found"),
    [(-121, [("clock", "not_usable")]), (-120, []), (4, []), (7200, []), (7201, [("clock", "not_usable")])],
)
def test_a_clock_is_judged_by_the_median_of_arrivals(delay_s: int, found: list[tuple[str, str]]) -> None:
    assert keys(judged(HealthFacts(clock=arrivals([delay_s] * 24)))) == found


def test_a_few_late_arrivals_do_not_make_a_clock_slow() -> None:
    clock = arrivals([3] * 20 + [90_000] * 4)

    assert clock is not None
    assert clock.median_s == 3
    assert judged(HealthFacts(clock=clock)).state == "good"


def test_a_clock_that_went_wrong_is_judged_by_its_latest_days() -> None:
    assert keys(judged(HealthFacts(clock=arrivals(*[[3] * 24] * 12, *[[9000] * 24] * 3)))) == [("clock", "not_usable")]


def test_too_few_arrivals_say_nothing() -> None:
    assert judged(HealthFacts(clock=arrivals([9000] * 5))).state == "good"


def test_a_drift_is_seen_before_the_clock_is_off() -> None:
    clock = arrivals(*[[100 * number] * 24 for number in range(10)])

    assert clock is not None
    assert clock.drift_s_per_day == 100
    assert keys(judged(HealthFacts(clock=clock))) == [("drift", "degraded")]


def test_without_arrivals_nothing_is_known_of_a_clock() -> None:
    assert observe_clock([]) is None


# ------------------------------------------------------------------------------------------------ the monitor itself


@pytest.mark.parametrize(("count", "state"), [(0, "good"), (1, "degraded"), (3, "degraded"), (99, "degraded")])
def test_faults_of_the_monitor_itself_are_a_warning_however_many(count: int, state: str) -> None:
    assert judged(HealthFacts(monitor_faults=count)).state == state


def test_the_worst_reason_comes_first_and_sets_the_state() -> None:
    clock = ClockFact(median_s=-900, spread_s=2, drift_s_per_day=None, samples=72)
    facts = msgspec.structs.replace(observe_hours(BEGIN, without(0, 19), HOURS), clock=clock)

    assert keys(judged(facts)) == [("clock", "not_usable"), ("online", "degraded")]


# ------------------------------------------------------------------------------------------------ what it does to the window


def test_a_gap_that_has_ended_brings_the_fixed_gap_back_and_the_receipt_says_why() -> None:
    facts = with_facts(WATCHED, monitor__health=observe_hours(BEGIN, without(100, 30), HOURS))
    window, receipt = computed(facts)

    assert (window.mode_effective, window.fallen_back, window.last_day) == ("fixed", True, days_later(15))
    [trigger] = receipt.mode.triggers
    assert (trigger.key, trigger.cites.rule) == ("monitor_silent", "on_demand.data_health")
    assert "2026-11-09 04:00 to 2026-11-10 10:00" in trigger.reason.en
    assert "2026-11-09 04:00至2026-11-10 10:00" in trigger.reason.zh
    assert [given.value for given in trigger.inputs] == ["2026-11-09 04:00", "2026-11-10 10:00", "91.7% (360 h)"]
    assert receipt.mode.reasons == (trigger.reason,)
    assert {found.key: found.outcome for found in receipt.mode.conditions}["E4"] == "not_met"


def test_sound_data_leaves_the_longer_gap() -> None:
    facts = with_facts(WATCHED, monitor__health=observe_hours(BEGIN, ALL, HOURS))

    assert computed(facts)[0].last_day == days_later(30)


@pytest.mark.parametrize("count", [1, 3, 99])
def test_faults_of_the_monitor_itself_leave_the_longer_gap_however_many(count: int) -> None:
    window, receipt = computed(with_facts(WATCHED, monitor__health=HealthFacts(monitor_faults=count)))

    assert (window.last_day, window.mode_effective) == (days_later(30), "on_demand")
    assert receipt.mode.triggers == ()


@pytest.mark.parametrize(
    "health",
    [
        HealthFacts(clock=ClockFact(median_s=-900, spread_s=2, drift_s_per_day=None, samples=72)),
        HealthFacts(stuck=observe_counters([growth("trips", [200] * 28 + [0, 0])], TOGETHER, {}, TODAY)),
    ],
    ids=["clock", "stuck"],
)
def test_what_cannot_be_trusted_ends_the_longer_gap(health: HealthFacts) -> None:
    window, receipt = computed(with_facts(WATCHED, monitor__health=health))

    assert window.last_day == days_later(15)
    assert receipt.mode.triggers[0].cites.rule == "on_demand.data_health"


def test_a_silence_that_lasts_is_told_once() -> None:
    facts = with_facts(WATCHED, monitor__silent_h=31.0, monitor__health=observe_hours(BEGIN, without(HOURS - 30, 30), HOURS))
    _, receipt = computed(facts)

    assert [trigger.cites.rule for trigger in receipt.mode.triggers] == ["on_demand.monitor_silent"]


def test_an_elevator_at_fixed_intervals_does_not_care() -> None:
    bad = observe_hours(BEGIN, 0, HOURS)
    facts = with_facts(WATCHED, mode="fixed", monitor__health=bad)

    assert computed(facts)[0] == computed(with_facts(facts, monitor__health=None))[0]


def test_a_few_lost_hours_of_a_new_monitor_do_not_count_against_it() -> None:
    assert judged(observe_hours(BEGIN, 0b0110_0110, 8)).state == "good"
