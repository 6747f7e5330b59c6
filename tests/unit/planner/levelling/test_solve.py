"""The levelling keeps its rules, prefers what it should, and says what it cannot do."""

from __future__ import annotations

from datetime import date

import pytest

from planner.levelling.calendar import Calendar, SpecialDay
from planner.levelling.evaluate import evaluate
from planner.levelling.fleet import compile_fleet
from planner.levelling.latest import latest_days, loads_of
from planner.levelling.levels import Levels
from planner.levelling.problem import Absence, CrewDay, LevellingProblem, Service, Weights, levelling_faults
from planner.levelling.solve import Limit, Progress, level
from tests.support.levelling import NATIONAL_DAY, crew, elevator, fleet, problem


def solved(given: LevellingProblem, **limits: float) -> Levels:
    """An answer that the independent checker has nothing against."""
    assert levelling_faults(given) == []
    found = level(given, Limit(work=limits.get("work", 0.3)), seed=1)
    assert evaluate(given, found).violations == ()
    return found


def days_of(found: Levels, number: int = 0) -> list[int]:
    return [visit.day for visit in found.chains[number].visits]


def test_the_next_visit_counts_from_the_planned_day_of_the_one_before() -> None:
    found = solved(problem([elevator(1, 4, 4)], [crew(1, week_s=(28_800,) * 7)], days=60))
    windows = [(visit.first_day, visit.last_day) for visit in found.chains[0].visits]
    assert windows == [(4, 4)] + [(day + 9, day + 15) for day in days_of(found)[:-1]]
    assert days_of(found)[-1] + 15 >= 60


def test_visits_are_as_late_as_they_may_but_not_on_their_last_day() -> None:
    given = problem([elevator(1)], [crew(1, week_s=(28_800,) * 7)], weights=Weights(weekend_percent=0))
    assert days_of(solved(given))[:2] == [5, 19]  # the last day is dearer than a day given away


def test_load_is_spread_though_each_visit_alone_would_be_later() -> None:
    found = solved(problem([elevator(n, 0, 4) for n in range(20)], [crew(1)], days=5))
    per_day = [load.visits for load in found.loads]
    assert per_day == [4] * 5


def test_nobody_is_sent_on_a_public_holiday_and_no_wall_stands_behind_it() -> None:
    given = problem(
        [elevator(n, n % 15 - 6, n % 15) for n in range(60)], [crew(n) for n in range(2)],
        start_date=date(2026, 9, 14), days=42, calendar=NATIONAL_DAY, stop_s=900,
    )  # fmt: skip
    found = solved(given)
    assert found.unplaced == ()
    assert not [load for load in found.loads if load.kind == "holiday"]
    after = max(load.load_s for load in found.loads if 24 <= load.day <= 28)
    fleet_ = compile_fleet(given)
    wall = max(seconds for (_, day), seconds in loads_of(fleet_, latest_days(fleet_)).items() if 16 <= day <= 28)
    assert after < 0.6 * wall  # as late as possible: all that falls due in the holiday stands before it or behind it


def test_duty_crews_keep_public_holidays_as_free_as_the_gaps_allow() -> None:
    given = problem(
        [elevator(n, n % 15 - 6, n % 15) for n in range(30)], [crew(1, keeps_calendar=False, week_s=(28_800,) * 7)],
        start_date=date(2026, 9, 14), days=42, calendar=NATIONAL_DAY,
    )  # fmt: skip
    found = solved(given)
    on_holidays = sum(load.visits for load in found.loads if load.kind == "holiday")
    visits = sum(load.visits for load in found.loads)
    assert on_holidays < visits * 7 / 42 / 2


def test_a_working_weekend_has_the_hours_of_a_weekday_and_is_no_weekend() -> None:
    saturday = Calendar("cn", (2026,), (SpecialDay(date(2026, 9, 5), "working", "调休", 4),))
    found = solved(problem([elevator(1, 5, 5)], [crew(1, week_s=(0, 0, 0, 0, 7200, 0, 0))], calendar=saturday, days=7))
    [load] = [load for load in found.loads if load.day == 5]
    assert (load.capacity_s, load.kind, load.visits) == (7200, "ordinary", 1)


def test_years_of_which_the_calendar_says_nothing_are_named() -> None:
    found = solved(problem([elevator(1)], [crew(1)], start_date=date(2026, 12, 20), calendar=NATIONAL_DAY))
    assert found.unknown_years == (2027,)


def test_a_visit_does_the_class_that_would_run_out_before_the_next_one() -> None:
    services = (Service("half_month", 3600), Service("quarter", 5400, 90, 24), Service("year", 7200, 365, 200))
    found = solved(problem([elevator(1, 4, 4, services=services)], [crew(1, week_s=(28_800,) * 7)]))
    told = [(visit.maintenance_class, visit.service_s) for visit in found.chains[0].visits]
    quarter = next(n for n, (name, _) in enumerate(told) if name == "quarter")
    assert found.chains[0].visits[quarter].day <= 24 < found.chains[0].visits[quarter].day + 15
    assert [name for name, _ in told].count("quarter") == 1
    assert {"half_month": 3600, "quarter": 5400}.items() >= dict(told).items()


def test_absences_and_single_days_change_the_hours() -> None:
    crews = [crew(1, absences=(Absence(0, 2),), days=(CrewDay(1, 5000), CrewDay(4, 0)))]
    found = solved(problem([elevator(1, 0, 4)], crews, days=5))
    assert {load.day: load.capacity_s for load in found.loads} == {1: 5000, 3: 28_800}


def test_a_night_elevator_takes_hours_of_the_night_alone() -> None:
    given = problem([elevator(1, hours="night")], [crew(1, night_week_s=(7200,) * 7)])
    assert all(visit.night for visit in solved(given).chains[0].visits)


def test_skills_people_areas_and_weekdays_are_kept() -> None:
    asked = elevator(1, skills=("hydraulic",), people=2, weekdays=(2,))
    crews = [crew(1), crew(2, skills=("hydraulic",), people=1), crew(3, areas=("b",), skills=("hydraulic",)),
             crew(4, skills=("hydraulic",))]  # fmt: skip
    found = solved(problem([asked], crews))
    teams = {team.id: team.crews for team in found.teams}
    assert {teams[visit.team] for visit in found.chains[0].visits if visit.team} == {("c4",)}
    assert {day % 7 for day in days_of(found)} == {2}


@pytest.mark.parametrize(
    ("asked", "crews", "code", "words"),
    [
        (elevator(1, area="b"), [crew(1)], "no_crew", "area b"),
        (elevator(1, people=3), [crew(1)], "no_crew", "has 3 people"),
        (elevator(1, 5, 6), [crew(1)], "no_day", "2026-09-05 to 2026-09-06"),
        (elevator(1, 0, 4), [crew(1, week_s=(3000,) * 7)], "full", "the longest day"),
    ],
)
def test_what_finds_no_day_says_why(asked: object, crews: list[object], code: str, words: str) -> None:
    found = solved(problem([asked], crews, days=7))  # type: ignore[list-item,arg-type]
    [missing] = found.unplaced
    assert missing.code == code
    assert words in missing.detail
    assert found.cost.unplaced == 100 * Weights().unplaced_s


def test_hours_that_are_used_up_are_named_with_their_days() -> None:
    found = solved(problem([elevator(n, 0, 0, site="s") for n in range(9)], [crew(1)], days=5, stop_s=0))
    assert len(found.unplaced) == 1  # eight hours, nine visits
    assert (found.unplaced[0].days, found.unplaced[0].code) == ((0,), "full")


def test_what_is_overdue_comes_first_and_within_a_week() -> None:
    found = solved(problem([elevator(1, -30, -10)], [crew(1)]))
    assert days_of(found)[0] == 0
    assert found.cost.late == 100 * 10 * Weights().late_per_day_s


def test_elevators_of_a_site_are_visited_together() -> None:
    found = solved(problem([elevator(n, 0, 6, site="s") for n in range(3)], [crew(1)]))
    assert days_of(found, 0) == days_of(found, 1) == days_of(found, 2)


def test_weekends_and_nights_are_shared_out_in_proportion_to_what_each_crew_could_work() -> None:
    week = (0, 0, 0, 0, 0, 28_800, 28_800)
    crews = [crew(1, week_s=week), crew(2, week_s=week), crew(3, week_s=(0,) * 5 + (28_800, 0))]
    found = solved(problem([elevator(n, 4 + n % 2, 10) for n in range(24)], crews, days=28, stop_s=0))
    shares = [share.off_days_s / share.off_days_available_s for share in found.shares]
    assert max(shares) - min(shares) < 0.05
    named = [visit.crew for chain in found.chains for visit in chain.visits]
    assert None not in named


def test_whoever_works_at_night_works_less_by_day() -> None:
    crews = [crew(1, night_week_s=(14_400,) * 5 + (0, 0)), crew(2)]
    elevators = [elevator(n, hours="night" if n < 10 else "day") for n in range(40)]
    found = solved(problem(elevators, crews))
    night, day = found.shares
    assert night.night_s > 0
    assert night.work_s - night.night_s < day.work_s


def test_the_same_seed_gives_the_same_answer() -> None:
    given = fleet(40, 3, area_size=20, use=0.75)
    answers = [level(given, Limit(work=0.2), seed=4) for _ in range(2)]
    assert answers[0].chains == answers[1].chains
    assert answers[0].cost == answers[1].cost


def test_no_time_at_all_still_gives_a_valid_answer() -> None:
    given = fleet(80, 1)
    found = level(given, Limit(time_limit_s=0.0))
    assert evaluate(given, found).violations == ()
    assert 0 <= found.bound <= found.cost.total


def test_a_stop_is_heard_and_progress_never_falls() -> None:
    told: list[Progress] = []
    given = fleet(60, 2)
    found = level(given, Limit(requested=lambda: len(told) > 1), progress=told.append)
    assert evaluate(given, found).valid
    assert [progress.share for progress in told] == sorted(progress.share for progress in told)
    assert told[-1].phase == "done"


def test_no_elevators_and_no_crews_are_fine() -> None:
    assert solved(problem([], [crew(1)])).chains == ()
    assert len(solved(problem([elevator(1)], [])).unplaced) >= 1


def test_the_horizon_ends_where_it_says() -> None:
    assert solved(problem([elevator(1, 40, 46)], [crew(1)])).chains[0].visits == ()
