"""What a counter grew by between two readings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from backend.telemetry.rollup import (
    CLOCK_SLACK_S,
    RESTART_SLACK_S,
    ImpossibleStep,
    Placement,
    Reading,
    Step,
    Track,
    hour_of,
    step_between,
)

START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
MOST = 1200
WIDTH = 65_536


def reading(minutes: float, total: int, *, seq: int | None = None, width: int = WIDTH) -> Reading:
    return Reading(
        at=START + timedelta(minutes=minutes), seq=int(minutes * 60) if seq is None else seq, total=total, width=width
    )


def step(before: Reading, after: Reading, bases: list[datetime] | None = None) -> Step | ImpossibleStep:
    return step_between(before, after, MOST, bases or [])


def grown(readings: list[Reading]) -> dict[datetime, tuple[int, int, int, int, int]]:
    """Put readings in this order into an empty track; return what its hours gained."""
    track = Track([], MOST)
    for one in readings:
        placement = track.fit(one)
        assert isinstance(placement, Placement)
        track.put(one, placement)
    return {
        hour: (g.delta, g.restarts, g.rollovers, g.jumps, g.readings) for hour, g in sorted(track.hours.items()) if g.is_any
    }


def test_a_counter_that_grows_counts_the_difference() -> None:
    assert step(reading(0, 100), reading(60, 130)) == Step("growth", 30)


def test_a_counter_that_stands_still_counts_nothing() -> None:
    assert step(reading(0, 100), reading(60, 100)) == Step("growth", 0)


def test_a_counter_that_falls_has_restarted_at_zero() -> None:
    assert step(reading(0, 5000), reading(60, 12)) == Step("restart", 12)


def test_a_counter_that_falls_just_over_its_width_has_rolled_over() -> None:
    assert step(reading(0, 65_530), reading(60, 14)) == Step("rollover", 20)


def test_a_fall_that_no_growth_over_the_top_explains_is_a_restart() -> None:
    # Over the top it would be 60 552 in an hour, and 2400 are possible (1200, and an hour of slack).
    assert step(reading(0, 5000), reading(60, 16)) == Step("restart", 16)


def test_a_total_beyond_the_width_cannot_have_rolled_over() -> None:
    assert step(reading(0, 70_000), reading(60, 10)) == Step("restart", 10)


def test_growth_up_to_the_limit_with_slack_is_possible_and_one_more_is_not() -> None:
    most = MOST * (3600 + CLOCK_SLACK_S) // 3600
    assert most == 2400
    assert step(reading(0, 0), reading(60, most)) == Step("growth", most)
    assert step(reading(0, 0), reading(60, most + 1)) == ImpossibleStep(most + 1, most, 3600.0, 0, most + 1)


def test_a_fall_to_more_than_can_have_been_made_since_was_set_and_counts_nothing() -> None:
    most = MOST * (3600 + RESTART_SLACK_S) // 3600
    assert step(reading(0, 60_000), reading(60, most)) == Step("restart", most)
    assert step(reading(0, 60_000), reading(60, most + 1)) == Step("set", 0)
    hours = grown([reading(0, 60_000), reading(60, most + 1)])
    assert hours[hour_of(START) + timedelta(hours=1)] == (0, 1, 0, 1, 1)


def test_a_step_over_a_base_counts_nothing_however_large() -> None:
    before, after = reading(0, 100), reading(60, 1_000_000)
    assert step(before, after, [START + timedelta(minutes=30)]) == Step("jump", 0)


@pytest.mark.parametrize(("minutes", "kind"), [(0, "growth"), (0.1, "jump"), (60, "jump"), (60.1, "growth")])
def test_a_base_belongs_to_the_readings_from_its_instant_on(minutes: float, kind: str) -> None:
    found = step(reading(0, 100), reading(60, 130), [START + timedelta(minutes=minutes)])
    assert isinstance(found, Step)
    assert found.kind == kind


def test_a_step_counts_whole_in_the_hour_of_the_later_reading() -> None:
    assert grown([reading(0, 100), reading(40, 140)]) == {
        hour_of(START): (0, 0, 0, 0, 1),
        hour_of(START) + timedelta(hours=1): (40, 0, 0, 0, 1),
    }


def test_a_late_reading_splits_the_step_it_falls_into() -> None:
    track = grown([reading(0, 100), reading(150, 190), reading(60, 130)])
    assert track == {
        hour_of(START): (0, 0, 0, 0, 1),
        hour_of(START) + timedelta(hours=1): (30, 0, 0, 0, 1),
        hour_of(START) + timedelta(hours=3): (60, 0, 0, 0, 1),
    }


def test_a_reading_before_all_others_becomes_the_first() -> None:
    assert grown([reading(60, 130), reading(0, 100)]) == grown([reading(0, 100), reading(60, 130)])


def test_a_late_reading_can_show_that_a_growth_was_a_restart() -> None:
    # 100 → 130 looked like growth; the reading of 5 between them shows a restart: 5, then 125.
    hours = grown([reading(0, 100), reading(120, 130), reading(60, 5)])
    assert [hours[hour][:2] for hour in sorted(hours)] == [(0, 0), (5, 1), (125, 0)]


def test_every_order_of_arrival_gives_the_same_hours() -> None:
    told = [(0, 65_000), (60, 65_400), (120, 300), (130, 310), (180, 20), (240, 60)]
    wanted = grown([reading(*one) for one in told])
    for order in permutations(told):
        assert grown([reading(*one) for one in order]) == wanted


def test_readings_of_the_same_instant_stand_in_the_order_of_their_numbers() -> None:
    one, two = reading(60, 130, seq=2), reading(60, 120, seq=1)
    assert grown([reading(0, 100, seq=0), one, two]) == grown(
        [reading(0, 100, seq=0), reading(60, 120, seq=1), reading(60, 130, seq=2)]
    )


def test_a_reading_that_makes_the_next_step_impossible_does_not_fit() -> None:
    track = Track([], MOST)
    for one in (reading(0, 100), reading(60, 1500)):
        placement = track.fit(one)
        assert isinstance(placement, Placement)
        track.put(one, placement)
    found = track.fit(reading(59, 110))
    assert isinstance(found, ImpossibleStep)
    assert (found.before, found.after) == (110, 1500)


def test_stored_readings_whose_step_changes_are_named_for_rewriting() -> None:
    stored = [reading(0, 100), reading(120, 160)]
    stored[0].id, stored[1].id = 7, 8
    stored[1].step = Step("growth", 60)
    track = Track(stored, MOST)
    late = reading(60, 130)
    placement = track.fit(late)
    assert isinstance(placement, Placement)
    track.put(late, placement)
    assert {key: value.step for key, value in track.moved.items()} == {8: Step("growth", 30)}
    assert track.added == [late]
