"""A firm's own weeks: the problem of a run of the planner, under the pack that counts for every elevator."""

from __future__ import annotations

from datetime import date
from typing import Any

from backend.rounds.comparing import Asked, FirmWeeks, compared, run_one
from planner.intervals.facts import ElevatorFacts, VisitFact
from planner.intervals.receipt import Mode
from planner.intervals.rules import RulePack, load_pack
from planner.whatif.policies import USUAL
from planner.whatif.rolling import Due
from tests.support.plan_facts import MONDAY, day, elevator, facts, uid


def due(number: int, first: int = 0, last: int = 6, mode: Mode = "fixed") -> Due:
    return Due(elevator=str(uid(number)), first_day=day(first), last_day=day(last), maintenance_class="half_month", mode=mode)


def weeks(**values: Any) -> FirmWeeks:
    return FirmWeeks(facts(elevators=[elevator(1), elevator(2, service_min=77)], **values), "cn-on-demand-30")


def test_only_what_is_due_is_asked_for_with_the_crews_of_the_week() -> None:
    problem = weeks().problem(MONDAY, 7, [due(1)])
    assert [visit.id for visit in problem.visits] == [str(uid(1))]
    assert {shift.day for crew in problem.crews for shift in crew.shifts} == {0, 1, 2, 3, 4}
    assert weeks().problem(date(2026, 12, 5), 2, [due(1)]).crews == ()  # a weekend


def test_an_elevator_at_fixed_intervals_takes_as_long_as_the_fixed_pack_says() -> None:
    on_demand, fixed = load_pack("cn-on-demand-30"), load_pack("cn-fixed-15")
    assert on_demand.visit.service_s["half_month"] != fixed.visit.service_s["half_month"]
    packs: dict[Mode, RulePack] = {"on_demand": on_demand, "fixed": fixed}
    for mode, pack in packs.items():
        (visit,) = weeks().problem(MONDAY, 7, [due(1, mode=mode)]).visits
        assert visit.service_s == pack.visit.service_s["half_month"]


def test_what_the_register_says_of_an_elevator_counts_under_every_policy() -> None:
    modes: tuple[Mode, ...] = ("on_demand", "fixed")
    for mode in modes:
        (visit,) = weeks().problem(MONDAY, 7, [due(2, mode=mode)]).visits
        assert visit.service_s == 77 * 60


def test_policies_are_compared_over_the_same_elevators_and_days() -> None:
    known = {
        str(uid(n)): ElevatorFacts(
            equipment_type="traction_or_positive_drive_lift",
            registered_on=date(2026, 1, 1),
            visits=(VisitFact(day=day(-10), maintenance_class="year"),),
        )
        for n in (1, 2, 3)
    }
    asked = Asked(
        facts=facts(elevators=[elevator(1), elevator(2)], days=21), fleet=known, policies=USUAL, seeds=2, week_s=1, rounds=5
    )
    found = compared(asked, {(policy.id, seed): run_one(asked, policy, seed) for policy, seed in asked.runs})
    assert (found.elevators, found.days, found.seeds) == (2, 21, 2)  # the third is not in the register
    fixed, on_demand, filed = found.policies
    assert fixed.visits.mean == 4
    assert fixed.kilometres.mean > 0
    assert fixed.co2_kg.mean == round(fixed.kilometres.mean * found.co2.kg_per_km, 2)
    assert on_demand.on_demand_share == filed.on_demand_share == 0  # nobody watches them
    assert on_demand.visits == fixed.visits
