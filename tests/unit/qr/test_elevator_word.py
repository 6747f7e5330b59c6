"""What an elevator says of a visit."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from qr.elevator_patterns import usual_patterns
from qr.elevator_span import Reading, Span
from qr.elevator_word import Weighed, listen, weigh
from qr.evidence import Verdict
from tests.support.made_spans import ARRIVAL, minute, past, poisson, span, steady

LIFT = "traction_or_positive_drive_lift"


def word(found: Span, maintenance_class: str = "half_month", equipment_type: str = LIFT) -> Weighed:
    return weigh(found, maintenance_class, equipment_type)


def said(found: Weighed) -> str:
    return " ".join(trace.text.en for trace in found.traces)


def test_inspection_mode_between_the_scans_corroborates() -> None:
    found = word(span(steady(30, 40), events=[(8, "inspection_mode"), (22, "normal_mode")]))
    assert found.verdict is Verdict.CORROBORATED
    assert found.traces[0].text.en == "From 10:08 until 10:22: inspection mode."
    assert found.traces[0].text.zh == "10:08至10:22：检修运行。"


def test_inspection_mode_that_flickers_is_no_trace() -> None:
    found = word(span(steady(30, 40), events=[(8, "inspection_mode"), (8.5, "normal_mode")]))
    assert found.points == 0


def test_inspection_mode_of_another_time_is_no_trace() -> None:
    found = word(span(steady(30, 40), events=[(-50, "inspection_mode"), (-20, "normal_mode")]))
    assert found.points == 0


def test_a_mode_that_began_before_and_ended_with_the_visit_is_a_trace() -> None:
    found = word(span(steady(30, 40), events=[(-20, "inspection_mode"), (30, "normal_mode")]))
    assert found.verdict is Verdict.CORROBORATED


def test_a_mode_that_lasted_all_through_may_be_a_breakdowns() -> None:
    found = word(span(steady(3, 40), usual=(3,) * 8, events=[(-55, "inspection_mode"), (55, "normal_mode")]))
    assert (found.verdict, found.points) == (Verdict.SILENT, 1)


def test_the_end_of_another_code_does_not_end_a_mode() -> None:
    bare = span(steady(30, 40), events=[(8, "inspection_mode"), (8.2, "mode_closed"), (30, "normal_mode")])
    events = [
        msgspec.structs.replace(each, code=code) for each, code in zip(bare.events, ("x:43", "x:44:close", "x:40"), strict=True)
    ]
    assert word(msgspec.structs.replace(bare, events=tuple(events))).verdict is Verdict.CORROBORATED


@pytest.mark.parametrize("kind", ["out_of_service", "safety_chain_open", "alarm_button", "passenger_alarm"])
def test_one_weak_trace_is_not_enough_but_prevents_a_contradiction(kind: str) -> None:
    assert word(span(steady(30, 40))).verdict is Verdict.CONTRADICTED
    assert word(span(steady(30, 40), events=[(8, kind)])).verdict is Verdict.SILENT


def test_two_weak_traces_corroborate() -> None:
    events = [(8.0, "safety_chain_open"), (30.0, "alarm_button")]
    assert word(span(steady(30, 40), events=events)).verdict is Verdict.CORROBORATED


def test_stop_switches_of_car_top_and_pit_corroborate() -> None:
    found = word(span(steady(30, 40), events=[(8, "safety_chain_open"), (25, "safety_chain_open")]))
    assert found.verdict is Verdict.CORROBORATED
    assert found.traces[0].text.en == "Safety chain opened 2 × (10:08, 10:25)."


def test_a_pause_of_normal_trips_corroborates() -> None:
    found = word(span(steady(30, 40, pause=(1, 38))))
    assert found.verdict is Verdict.CORROBORATED
    assert said(found).startswith("Normal trips paused: 1 trips in 40 min; about 20 are usual at this hour")


def test_a_quiet_night_hour_without_trips_proves_nothing() -> None:
    found = word(span([-50, 75], usual=(1, 0, 2, 0, 1, 0, 0, 1)))
    assert found.verdict is Verdict.SILENT
    assert "that shows no pause" in said(found)


def test_counters_that_stand_still_all_the_time_are_no_pause() -> None:
    found = word(span([]))
    assert found.verdict is Verdict.SILENT
    assert "whether" in said(found) or "counter works" in said(found)


def test_a_pause_needs_what_comes_after_the_visit() -> None:
    whole = span(steady(30, 40, pause=(1, 38)))
    now = msgspec.structs.replace(whole, readings=tuple(each for each in whole.readings if each.at <= whole.departure))
    assert word(now).verdict is Verdict.SILENT


def test_a_holiday_is_no_pause() -> None:
    few = [at for number, at in enumerate(steady(30, 40)) if number % 8 == 0]
    found = word(span(few))
    assert found.verdict is Verdict.SILENT


def test_normal_traffic_all_through_contradicts_and_says_what_was_seen() -> None:
    found = listen(span(steady(30, 40)), "half_month", LIFT)
    assert found.verdict is Verdict.CONTRADICTED
    assert found.seen[0].en == (
        "Normal traffic all through: 20 trips in 40 min; about 20 are usual at this hour; it never stood still for more than "
        "3 min, and work of this class needs 8 min at the least."
    )
    assert found.seen[0].zh.startswith("正常运行未见中断：40 分钟内运行 20 次，同一时段平时约 20 次；")


def test_a_pause_as_long_as_the_work_needs_is_never_contradicted() -> None:
    for begin in range(31):
        found = word(span(steady(30, 40, pause=(begin, begin + 8.01))))
        assert found.verdict is not Verdict.CONTRADICTED


def test_a_busy_elevator_is_contradicted_by_records_five_minutes_apart() -> None:
    assert word(span(steady(90, 40), usual=(90,) * 8, every_min=5)).verdict is Verdict.CONTRADICTED


@pytest.mark.parametrize("every_min", [20, 60])
def test_coarse_records_are_silent(every_min: float) -> None:
    found = word(span(steady(90, 40), usual=(90,) * 8, every_min=every_min))
    assert found.verdict is Verdict.SILENT


def test_hourly_records_say_so() -> None:
    assert "too coarse" in said(word(span(steady(30, 40), every_min=60)))


def test_inspection_runs_without_doors_are_no_traffic() -> None:
    traffic = span(steady(30, 40))
    readings = tuple(
        msgspec.structs.replace(each, counters=dict(each.counters) | {"door_cycles": 900})
        if minute(10) < each.at <= minute(25)
        else each
        for each in traffic.readings
    )
    assert word(msgspec.structs.replace(traffic, readings=readings)).verdict is not Verdict.CONTRADICTED


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"monitored": False}, "no monitor"),
        ({"readings": ()}, "no telemetry of the time"),
        ({"readings": (), "last_heard_at": ARRIVAL - timedelta(days=3)}, "last heard at 2026-11-21 10:00"),
        ({"clock_off_s": 1500}, "off by about 25 min"),
        ({"past": ()}, "Fewer than 4 weeks"),
        ({"departure": ARRIVAL}, "not after arrival"),
        ({"departure": ARRIVAL + timedelta(minutes=9)}, "Less than 15 min"),
    ],
)
def test_what_cannot_be_known_is_silent_with_its_reason(values: dict[str, Any], sentence: str) -> None:
    found = word(span(steady(30, 40), **values))
    assert found.verdict is Verdict.SILENT
    assert sentence in said(found)


def test_three_weeks_are_no_history() -> None:
    assert word(span(steady(30, 40), usual=(30, 30, 30))).verdict is Verdict.SILENT


def test_counters_that_restart_during_the_visit_are_silent() -> None:
    whole = span(steady(30, 40))
    readings = tuple(
        msgspec.structs.replace(each, counters={name: total - 900 for name, total in each.counters.items()})
        if each.at > minute(20)
        else each
        for each in whole.readings
    )
    assert word(msgspec.structs.replace(whole, readings=readings)).verdict is Verdict.SILENT


def test_a_clock_that_may_be_off_leaves_room_at_both_ends() -> None:
    """Pauses from 5 min before the arrival on, of which 3.5 min lie within the scans: another clock may say all of it does."""
    trips = steady(30, 40, pause=(-4.9, 3.3))
    assert word(span(trips)).verdict is Verdict.CONTRADICTED
    assert word(span(trips, clock_off_s=None)).verdict is Verdict.SILENT


def test_records_that_come_late_corroborate_but_never_contradict() -> None:
    """An hour's delay looks like a clock an hour behind; a clock that is ahead is surely wrong."""
    late: dict[str, Any] = {"clock_off_s": 3000, "perhaps_late": True}
    found = word(span(steady(30, 40), **late))
    assert found.verdict is Verdict.SILENT
    assert "its data comes late" in said(found)
    work = [(8.0, "inspection_mode"), (20.0, "normal_mode")]
    assert word(span(steady(30, 40), events=work, **late)).verdict is Verdict.CORROBORATED
    assert word(span(steady(30, 40), events=work, clock_off_s=3000)).verdict is Verdict.SILENT


def test_higher_classes_ask_for_longer_pauses() -> None:
    trips = steady(30, 100, pause=(40, 52))
    usual: dict[str, Any] = {"lasts_min": 100.0}
    assert word(span(trips, **usual), "half_month").verdict is not Verdict.CONTRADICTED
    assert word(span(trips, **usual), "year").verdict is Verdict.CONTRADICTED


def test_doors_tried_beyond_the_trips_are_a_trace() -> None:
    whole = span(steady(30, 40))
    readings = tuple(
        msgspec.structs.replace(
            each, counters=dict(each.counters) | {"door_cycles": each.counters["door_cycles"] + max(0, min(16, _minutes(each)))}
        )
        for each in whole.readings
    )
    found = word(msgspec.structs.replace(whole, readings=readings))
    assert found.points == 1
    assert "16 door cycles beyond one a trip; about 0 are usual." in said(found)


def _minutes(reading: Reading) -> int:
    return int((reading.at - minute(10)).total_seconds() / 60)


def swept(floors: list[int]) -> Span:
    """One landing a minute from 10:05 on, with a door cycle at each."""
    whole = span([], usual=(0,) * 8)
    readings = []
    for number, each in enumerate(whole.readings):
        place = number - 65
        served = max(0, min(place + 1, len(floors)))
        floor = floors[min(max(place, 0), len(floors) - 1)]
        readings.append(Reading(at=each.at, counters={"trips": 5 + served, "door_cycles": 900 + served}, floor=floor))
    return msgspec.structs.replace(whole, readings=tuple(readings))


def test_landings_served_one_after_the_other_are_a_trace() -> None:
    found = word(swept([8, 7, 6, 5, 4, 4, 3, 2, 1]))
    assert found.points == 1
    assert "Doors opened at 8 landings one after the other (of 8)." in said(found)


def test_landings_served_as_passengers_ask_are_no_trace() -> None:
    assert word(swept([1, 5, 1, 2, 8, 3, 4, 1, 7])).points == 0


def test_an_escalator_that_ran_all_the_time_is_contradicted_and_one_that_stood_is_corroborated() -> None:
    def escalator(stood: tuple[float, float]) -> Span:
        bare = span([], landings=None)
        readings = []
        for each in bare.readings:
            minutes = (each.at - ARRIVAL).total_seconds() / 60
            rested = max(0.0, min(minutes, stood[1]) - stood[0])
            readings.append(Reading(at=each.at, counters={"run_s": 500_000 + int(60 * (minutes - rested))}))
        hours = tuple(msgspec.structs.replace(each, growth={"run_s": 3600}) for each in past((0,) * 8, 40))
        return msgspec.structs.replace(bare, readings=tuple(readings), past=hours)

    kind = "escalator_or_moving_walk"
    assert word(escalator((0, 0)), "half_month", kind).verdict is Verdict.CONTRADICTED
    stood = word(escalator((2, 37)), "half_month", kind)
    assert stood.verdict is Verdict.CORROBORATED
    assert "5 min of running in 40 min; about 40 are usual" in said(stood)


def test_equipment_without_a_pattern_is_judged_by_its_events_alone() -> None:
    assert word(span(steady(30, 40)), equipment_type="rope_tow").verdict is Verdict.SILENT
    assert word(span([], events=[(5, "inspection_mode")]), equipment_type="rope_tow").verdict is Verdict.CORROBORATED


def test_real_visits_are_contradicted_less_often_than_stated() -> None:
    """Random traffic that pauses for as long as the pattern asks at the least, and for the share of time that it asks for."""
    chance, limits = Random(3), usual_patterns().limits  # noqa: S311 - a simulation
    work = usual_patterns().of(LIFT, "half_month")
    assert work is not None
    pause_min = max(work[1].standstill_s / 60, work[1].out_share * 40)
    wrong = 0
    for number in range(600):
        per_hour = (15, 40, 90)[number % 3]
        begin = chance.uniform(0, 40 - pause_min)
        trips = [at for at in poisson(chance, per_hour, 40) if not begin <= at < begin + pause_min]
        usual = [sum(1 for at in poisson(chance, per_hour, 0) if at < 0) for _ in range(8)]
        wrong += word(span(trips, usual=usual, every_min=(1, 5)[number % 2])).verdict is Verdict.CONTRADICTED
    assert wrong <= 600 * limits.most_wrong + 3


def test_usual_traffic_is_called_a_pause_less_often_than_stated() -> None:
    chance, limits = Random(4), usual_patterns().limits  # noqa: S311 - a simulation
    wrong = 0
    for number in range(600):
        per_hour = (15, 40, 90)[number % 3]
        usual = [sum(1 for at in poisson(chance, per_hour, 0) if at < 0) for _ in range(8)]
        wrong += word(span(poisson(chance, per_hour, 40), usual=usual)).verdict is Verdict.CORROBORATED
    assert wrong <= 600 * limits.rare_pause


def test_every_sentence_has_both_languages_and_ends() -> None:
    spans = [
        span(steady(30, 40)), span(steady(30, 40, pause=(1, 38))), span([]), span(steady(30, 40), every_min=60),
        span(steady(30, 40), events=[(5, "inspection_mode"), (9, "alarm_button")]), span([], monitored=False),
    ]  # fmt: skip
    for each in spans:
        for text in listen(each, "half_month", LIFT).seen:
            assert text.en.endswith(".")
            assert text.zh.endswith("。")
            assert re.search(r"[一-鿿]", text.zh)
