"""What is asked of the levelling follows from what the database knows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from backend.levelling.ask import NIGHT_FROM_S, Question, ask, hours_of
from backend.rounds.crew_days import WorkDay
from backend.rounds.facts import HoursFact, OrderFact, SpecialDayFact
from planner.levelling.calendar import Calendar, SpecialDay
from planner.levelling.problem import Elevator, levelling_faults
from planner.rounds.problem import Break
from tests.support.plan_facts import day, elevator, facts, uid, window


def asked(areas: dict[int, str] | None = None, calendar: Calendar | None = None, **values: Any) -> Question:
    named = {uid(number): name for number, name in (areas or {}).items()}
    found = ask(facts(days=30, **values), calendar, named, {})
    assert levelling_faults(found.problem) == []
    return found


def only(found: Question) -> Elevator:
    [one] = found.problem.elevators
    return one


def test_a_window_and_the_rule_pack_make_a_chain() -> None:
    due = window(1, 3, 9, class_days={"quarter": day(40), "year": day(200)})
    one = only(asked(elevators=[elevator(1)], windows=[due]))
    assert (one.first_day, one.last_day, one.opens_days, one.gap_days, one.people) == (3, 9, 9, 15, 2)
    told = [(service.maintenance_class, service.gap_days, service.due_day) for service in one.services]
    assert told == [("half_month", None, None), ("quarter", 90, 40), ("half_year", 180, None), ("year", 365, 200)]


def test_longer_gaps_count_while_the_elevator_is_on_demand() -> None:
    due = window(1, 3, 9, mode_effective="on_demand")
    assert only(asked(elevators=[elevator(1, rule_pack="cn-on-demand-30")], windows=[due])).gap_days == 30
    fallen_back = window(1, 3, 9, mode_effective="fixed")
    assert only(asked(elevators=[elevator(1, rule_pack="cn-on-demand-30")], windows=[fallen_back])).gap_days == 15


def test_the_class_that_is_due_now_is_done_at_the_first_visit() -> None:
    one = only(asked(elevators=[elevator(1)], windows=[window(1, 3, 9, maintenance_class="quarter")]))
    due = {service.maintenance_class: service.due_day for service in one.services}
    assert due["quarter"] is not None
    assert due["quarter"] - one.gap_days + 1 <= 3


def test_what_is_published_counts_as_made_on_its_day() -> None:
    order = OrderFact(
        elevator=uid(1), site=uid(1001), bank="", round=uid(900), crew=uid(2), day=day(2), start_s=30_000, leave_s=33_600
    )
    due = window(1, 0, 4, maintenance_class="quarter", class_days={"quarter": day(6)})
    found = asked(elevators=[elevator(1)], windows=[due], orders=[order])
    one = only(found)
    assert (one.first_day, one.last_day, found.published) == (11, 17, 1)
    assert one.services[1].due_day == 92


def test_elevators_without_a_window_or_with_a_foreign_pack_are_named() -> None:
    found = asked(elevators=[elevator(1), elevator(2, rule_pack="mars")], windows=[window(2, 0, 4)])
    assert found.problem.elevators == ()
    assert {each.code for each in found.left_out} == {"no_window", "unknown_pack"}


def test_an_elevator_lies_in_the_area_of_the_nearest_crew_and_neighbours_help() -> None:
    found = asked({1: "north", 2: "south"}, elevators=[elevator(1)], windows=[window(1, 0, 4)])
    assert only(found).area in ("north", "south")
    by_area = {crew.areas: crew.helps_in for crew in found.problem.crews}
    assert by_area == {("north",): ("south",), ("south",): ("north",)}


def test_crews_without_areas_are_of_one() -> None:
    found = asked(elevators=[elevator(1)], windows=[window(1, 0, 4)])
    assert {crew.areas for crew in found.problem.crews} == {(only(found).area,)}


def test_crews_that_keep_the_calendar_rest_and_work_on_its_days() -> None:
    special = [SpecialDayFact(day(1), True, 0), SpecialDayFact(day(5), False, 0)]
    calendar = Calendar("x", (2026,), (SpecialDay(day(1), "holiday"), SpecialDay(day(5), "working")))
    found = asked(elevators=[elevator(1)], windows=[window(1, 0, 4)], special_days=special, calendar=calendar)
    days = {each.day for each in found.problem.crews[0].days}
    assert 1 not in days
    assert 5 in days  # a Saturday
    assert found.problem.calendar == calendar


def test_hours_are_told_apart_by_day_and_night_and_the_break_is_taken_off() -> None:
    def work(from_s: int, to_s: int, pause: Break | None = None) -> WorkDay:
        return WorkDay(crew=uid(1), day=0, people=2, skills=(), from_s=from_s, to_s=to_s, max_overtime_s=0, pause=pause)

    pause = Break(from_s=0, to_s=0, duration_s=3600)
    assert hours_of(work(28_800, 61_200, pause)) == (28_800, 0)
    assert hours_of(work(NIGHT_FROM_S, 86_400 + 6 * 3600, pause)) == (0, 8 * 3600)
    assert hours_of(work(18 * 3600, 23 * 3600)) == (3 * 3600, 2 * 3600)


def test_an_elevator_that_opens_at_night_alone_is_a_matter_of_the_night() -> None:
    at_night = elevator(1, access_hours=[HoursFact(23 * 3600, 24 * 3600), HoursFact(0, 4 * 3600)])
    assert only(asked(elevators=[at_night], windows=[window(1, 0, 4)])).hours == "night"
    by_day = elevator(1, access_hours=[HoursFact(20 * 3600, 24 * 3600)])
    assert only(asked(elevators=[by_day], windows=[window(1, 0, 4)])).hours == "day"
    assert date(2026, 11, 30) + timedelta(days=1) == day(1)
