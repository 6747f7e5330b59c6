"""What a counter grew by between two readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from backend.telemetry.rollup import (
    CLOCK_SLACK_S,
    CONTEXT,
    HOUR_US,
    MOST_FALSE,
    RESTART_SLACK_S,
    ImpossibleStep,
    Reading,
    Step,
    Track,
    hour_of,
    hour_start,
    step_between,
    steps_of,
)
from backend.telemetry.values import microseconds

START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
MOST = 1200
WIDTH = 65_536


def reading(minutes: float, total: int, *, seq: int | None = None, width: int = WIDTH) -> Reading:
    at = microseconds(START + timedelta(minutes=minutes))
    return Reading(at=at, seq=int(minutes * 60) if seq is None else seq, total=total, width=width)


def step(before: Reading, after: Reading, bases: list[datetime] | None = None) -> Step | ImpossibleStep:
    return step_between(before, after, MOST, [microseconds(at) for at in bases or []])


def grown(readings: list[Reading]) -> dict[datetime, tuple[int, int, int, int, int]]:
    """Put readings in this order into an empty track; return what its hours gained."""
    track = Track([], MOST)
    for one in readings:
        place = track.fit(one)
        assert isinstance(place, int), place
        track.put(one, place)
    return {
        hour_start(hour): (g.delta, g.restarts, g.rollovers, g.jumps, g.readings) for hour, g in sorted(track.changes().items())
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
        place = track.fit(one)
        assert isinstance(place, int)
        track.put(one, place)
    found = track.fit(reading(59, 110))
    assert isinstance(found, ImpossibleStep)
    assert (found.before, found.after) == (110, 1500)


def test_only_what_changes_is_told() -> None:
    track = Track([reading(0, 100), reading(120, 160)], MOST)
    late = reading(60, 130)
    place = track.fit(late)
    assert isinstance(place, int)
    track.put(late, place)
    told = {hour_start(hour): (growth.delta, growth.readings) for hour, growth in track.changes().items()}
    assert told == {hour_of(START) + timedelta(hours=1): (30, 1), hour_of(START) + timedelta(hours=2): (-30, 0)}


def kinds(told: Sequence[tuple[float, int]]) -> list[str]:
    """The kinds of step of readings that all are possible."""
    steps = steps_of([reading(*one) for one in told], MOST)
    assert all(isinstance(step, Step) for step in steps), steps
    return [step.kind for step in steps if isinstance(step, Step)]


def test_a_low_reading_after_which_the_former_total_comes_back_was_false() -> None:
    told = [(0, 100_000), (60, 0), (120, 100_030)]
    assert kinds(told) == ["first", "false", "growth"]
    assert grown([reading(*one) for one in told]) == {
        hour_of(START): (0, 0, 0, 0, 1),
        hour_of(START) + timedelta(hours=1): (0, 0, 0, 0, 1),
        hour_of(START) + timedelta(hours=2): (30, 0, 0, 0, 1),
    }


def test_a_few_low_readings_in_a_row_may_be_false_and_one_more_was_a_restart() -> None:
    low = [(float(10 * n), n) for n in range(1, MOST_FALSE + 2)]
    assert kinds([(0, 100_000), *low[:-1], (100, 100_030)]) == ["first", *["false"] * MOST_FALSE, "growth"]
    steps = steps_of([reading(*one) for one in [(0.0, 100_000), *low, (100.0, 100_030)]], MOST)
    assert isinstance(steps[-1], ImpossibleStep)
    assert steps[1] == Step("restart", 1)


def test_a_restart_from_which_the_counter_goes_on_stays_a_restart() -> None:
    assert kinds([(0, 100_000), (60, 0), (120, 30), (180, 60)]) == ["first", "restart", "growth", "growth"]


def test_a_rise_to_another_course_than_the_former_is_impossible() -> None:
    steps = steps_of([reading(0, 100_000), reading(60, 0), reading(120, 150_000)], MOST)
    assert isinstance(steps[-1], ImpossibleStep)


def test_two_false_readings_apart_are_each_recognised() -> None:
    told = [(0, 100_000), (10, 0), (20, 100_005), (30, 7), (40, 100_010)]
    assert kinds(told) == ["first", "false", "growth", "false", "growth"]


def test_a_false_reading_that_comes_late_counts_nothing() -> None:
    in_order = [(0, 100_000), (60, 0), (120, 100_030), (180, 100_040)]
    wanted = grown([reading(*one) for one in in_order])
    for place in (0, 2, 3):
        late = [one for one in in_order if one != (60, 0)]
        late.insert(place + (place > 0), (60, 0))
        if late[0] != (60, 0):
            assert grown([reading(*one) for one in late]) == wanted


def test_a_base_before_a_low_reading_leaves_it_true() -> None:
    readings = [reading(0, 100_000), reading(60, 0), reading(120, 30)]
    steps = steps_of(readings, MOST, [microseconds(START + timedelta(minutes=30))])
    assert [step.kind for step in steps if isinstance(step, Step)] == ["first", "jump", "growth"]


def test_what_lies_further_away_than_the_context_does_not_matter() -> None:
    """The surroundings that intake reads are enough: more of them changes nothing."""
    totals = [100_000 + 10 * n for n in range(3 * CONTEXT)]
    for low in (CONTEXT - 3, CONTEXT, CONTEXT + 1, 2 * CONTEXT - 2):
        told = [reading(10 * n, total if n != low else 3) for n, total in enumerate(totals)]
        new = reading(10 * (CONTEXT + 1) + 5, 4)
        whole, near = Track(told, MOST), Track(told[2 : 2 * CONTEXT + 2], MOST)
        for track in (whole, near):
            place = track.fit(new)
            assert isinstance(place, int)
            track.put(new, place)
        assert whole.changes() == near.changes()


def test_an_hour_since_the_epoch_holds_its_readings() -> None:
    assert hour_start(reading(0, 1).at // HOUR_US) == hour_of(START)
