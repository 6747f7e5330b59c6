"""A fleet maintained week after week under several policies: what the rules give, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import pytest

from planner.intervals.facts import (
    AgreementFacts,
    ElevatorFacts,
    EventFact,
    FirmFacts,
    ModeHistory,
    MonitorFacts,
    UsageFact,
    VisitFact,
)
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned
from planner.rounds.problem import Problem
from planner.whatif.co2 import co2_factor
from planner.whatif.driving import Driving
from planner.whatif.policies import FIXED, ON_DEMAND, ON_DEMAND_FILED, USUAL, Policy, facts_under
from planner.whatif.result import Counted, result_of
from planner.whatif.rolling import Due, roll
from tests.support.rounds import parsed

START = date(2026, 11, 30)


def elevator(**fields: object) -> ElevatorFacts:
    """Everything that on-demand maintenance asks for; last visited on the day before."""
    given: dict[str, object] = {
        "equipment_type": "traction_or_positive_drive_lift", "registered_on": date(2026, 1, 1), "site_kind": "office",
        "in_use_since": date(2020, 1, 1), "inspection_due_on": date(2027, 12, 1), "mode": "on_demand", "filing": "F-1",
        "filed_on": date(2026, 6, 1), "visits": (VisitFact(day=START - timedelta(days=1), maintenance_class="year"),),
        "firm": FirmFacts(licence_number="TS1", licence_expires_on=date(2028, 1, 1), credit_class="A"),
        "agreement": AgreementFacts(
            starts_on=date(2026, 1, 1), consent_on=date(2026, 5, 1), insurance_until=date(2028, 1, 1)
        ),
        "monitor": MonitorFacts(since=date(2026, 1, 1), silent_h=0.1, seen_on=START, online_share=1.0, checked_on=START),
    }  # fmt: skip
    return msgspec.convert(given | fields, ElevatorFacts)


class OneCrew:
    """A crew of two that can do everything on every day; 10 minutes there and back, 4 km each way."""

    def __init__(self) -> None:
        self.asked: list[tuple[date, list[Due]]] = []

    def problem(self, start: date, days: int, due: Sequence[Due]) -> Problem:
        self.asked.append((start, list(due)))
        end = start + timedelta(days=days - 1)
        visits = [
            {"id": one.elevator, "location": "b", "service_s": 1800, "people": 2}
            | {
                "first_day": max(0, (one.first_day - start).days),
                "last_day": max(0, (min(one.last_day, end) - start).days),
                "mandatory": one.last_day <= end,
            }
            for one in due
        ]
        shifts = [
            {"day": day, "from_s": 28800, "to_s": 61200, "start_location": "a", "end_location": "a"} for day in range(days)
        ]
        return parsed(
            {
                "schema": "liftrounds/problem/1", "start_date": start.isoformat(), "days": days, "time_zone": "Asia/Shanghai",
                "locations": [{"id": "a"}, {"id": "b"}], "travel": {"durations_s": [[0, 600], [600, 0]]}, "visits": visits,
                "crews": [{"id": "c1", "people": 2, "shifts": shifts}],
                "costs": {"travel_per_s": 1, "shift_used": 0, "overtime_per_s": 2, "missed_mandatory": 9999, "change": 0},
            }
        )  # fmt: skip

    def metres(self, problem: Problem, plan: Plan) -> int:
        return 8000 * len(plan.routes)


def on_the_last_day(problem: Problem, seed: int) -> Plan:
    """Make every visit that must be made, each on its last day."""
    del seed
    by_day: dict[int, list[str]] = {}
    for visit in problem.visits:
        if visit.mandatory:
            by_day.setdefault(visit.last_day, []).append(visit.id)
    routes = tuple(
        Route("c1", day, 28800, 40000, tuple(Stop(name, 29400, 29400, 31200) for name in names))
        for day, names in sorted(by_day.items())
    )
    return Plan(SCHEMA, routes, tuple(Unplanned(visit.id) for visit in problem.visits if not visit.mandatory))


def nothing(problem: Problem, seed: int) -> Plan:
    """Nobody goes anywhere."""
    del seed
    return Plan(SCHEMA, (), tuple(Unplanned(visit.id) for visit in problem.visits))


def rolled(policy: Policy, *fleet: ElevatorFacts, days: int = 60) -> Counted:
    named = {f"e{number}": each for number, each in enumerate(fleet)}
    return roll(policy, named, OneCrew(), on_the_last_day, start=START, days=days, seed=1)


def test_fixed_intervals_give_a_visit_every_fifteen_days() -> None:
    found = rolled(FIXED, elevator())
    # last done on 29 November: 14 and 29 December, 13 and 28 January
    assert (found.visits, found.crew_days, found.on_demand_days, found.overdue_days) == (4, 4, 0, 0)


def test_on_demand_gives_half_as_many() -> None:
    found = rolled(ON_DEMAND, elevator())
    assert (found.visits, found.on_demand_days, found.elevator_days) == (2, 60, 60)


def test_hours_count_every_technician_and_kilometres_every_route() -> None:
    found = rolled(FIXED, elevator(), elevator())
    assert (found.visits, found.crew_days) == (8, 4)
    assert found.on_site_s == 8 * 1800 * 2
    assert found.driving_s == 4 * 1200 * 2
    assert found.metres == 4 * 8000


@pytest.mark.parametrize(
    "lacking",
    [
        {"monitor": MonitorFacts()},
        {"site_kind": "hospital"},
        {"in_use_since": date(2005, 1, 1)},
        {"inspection_due_on": date(2026, 1, 1)},
        {"agreement": AgreementFacts(starts_on=date(2026, 1, 1), consent_on=date(2026, 5, 1))},
        {"events": [EventFact(day=START - timedelta(days=3), kind="entrapment")]},
    ],
)
def test_an_elevator_that_is_not_entitled_stays_at_fixed_intervals_whatever_the_paperwork(lacking: dict[str, object]) -> None:
    found = rolled(ON_DEMAND_FILED, elevator(mode="fixed", **lacking), days=28)
    assert found.on_demand_days == 0
    assert found.visits == rolled(FIXED, elevator(mode="fixed", **lacking), days=28).visits


def test_paperwork_is_all_that_is_taken_for_granted() -> None:
    bare = elevator(mode="fixed", filing="", filed_on=None, agreement=AgreementFacts(
        starts_on=date(2026, 1, 1), insurance_until=date(2028, 1, 1)))  # fmt: skip
    assert rolled(ON_DEMAND, bare).on_demand_days == 0
    assert rolled(ON_DEMAND_FILED, bare).on_demand_days == 60
    under = facts_under(ON_DEMAND_FILED, bare, START)
    assert (under.agreement.consent_on, under.filed_on, under.mode) == (START, START, "on_demand")
    assert (under.monitor, under.agreement.insurance_until) == (bare.monitor, bare.agreement.insurance_until)


def test_wear_goes_on_at_its_rate_and_begins_anew_with_every_visit() -> None:
    since = START - timedelta(days=1)
    busy = UsageFact(counter="door_cycles", since=since, used=0, per_day=1400.0, known_until=since)
    found = rolled(ON_DEMAND, elevator(usage=[busy]))
    # the sample budget of 12 000 door cycles is used up after every eighth day: seven visits in sixty days
    assert found.visits == 7
    assert found.on_demand_days == 60


def test_what_nobody_visits_is_overdue_every_day() -> None:
    weeks = OneCrew()
    found = roll(FIXED, {"e": elevator()}, weeks, nothing, start=START, days=30, seed=1)
    assert (found.visits, found.late_visits) == (0, 0)
    assert found.overdue_days == 15  # due by 14 December, still open on the 29th
    assert [len(due) for _, due in weeks.asked][-1] == 1


def test_a_visit_after_its_last_day_counts_as_late() -> None:
    late = elevator(visits=[VisitFact(day=START - timedelta(days=20), maintenance_class="year")])
    found = rolled(FIXED, late, days=14)
    assert (found.visits, found.late_visits, found.overdue_days) == (1, 1, 5)


def test_an_elevator_that_comes_back_from_longer_gaps_has_the_grace_of_the_rules() -> None:
    visits = [VisitFact(day=START - timedelta(days=12), maintenance_class="year")]
    back = elevator(visits=visits, history=ModeHistory(effective="on_demand"))
    found = rolled(FIXED, back, days=7)
    assert (found.visits, found.overdue_days) == (1, 0)
    assert facts_under(FIXED, back, START).history.effective == "on_demand"
    assert facts_under(ON_DEMAND, elevator(mode="fixed"), START).history.effective == "fixed"


def test_elevators_that_are_not_in_use_are_left_aside() -> None:
    assert rolled(FIXED, elevator(state="stopped"), elevator(state="scrapped")).elevators == 0


def test_weeks_are_told_and_the_last_may_be_short() -> None:
    told: list[int] = []
    weeks = OneCrew()
    roll(FIXED, {"e": elevator()}, weeks, nothing, start=START, days=16, seed=1, on_week=told.append)
    assert told == [7, 14, 16]
    assert [start for start, _ in weeks.asked] == [START, START + timedelta(days=7), START + timedelta(days=14)]


def test_figures_are_means_with_their_spread() -> None:
    runs = [Counted(elevator_days=100, on_demand_days=25, visits=10, on_site_s=3600, driving_s=3600, metres=1000)]
    runs.append(msgspec.structs.replace(runs[0], visits=20, metres=3000))
    found = result_of(ON_DEMAND, runs, co2_factor())
    assert (found.visits.mean, found.visits.least, found.visits.most) == (15, 10, 20)
    assert (found.technician_hours.mean, found.on_site_hours.mean, found.on_demand_share) == (2, 1, 0.25)
    assert (found.kilometres.mean, found.co2_kg.mean) == (2, round(2 * co2_factor().kg_per_km, 2))


def test_the_co2_factor_says_where_it_comes_from() -> None:
    factor = co2_factor()
    assert factor.kg_per_km == pytest.approx(0.4 / 1.609344, abs=1e-4)
    assert factor.source
    assert factor.url.startswith("https://")
    assert factor.dated < START


def test_policies_have_names_of_their_own() -> None:
    assert [policy.id for policy in USUAL] == ["cn-fixed-15", "cn-on-demand-30", "cn-on-demand-30+paperwork"]


def test_driving_is_read_from_the_matrix() -> None:
    weeks = OneCrew()
    problem = weeks.problem(
        START, 2, [Due(elevator="e", first_day=START, last_day=START, maintenance_class="half_month", mode="fixed")]
    )
    assert Driving(problem).of(on_the_last_day(problem, 1)) == {("c1", 0): 1200}
