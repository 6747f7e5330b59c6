"""Parts wear in their own counters, visits of the right class restore them, and more visits never mean more wear."""

from __future__ import annotations

from datetime import date

import pytest

from planner.simulate.ageing import Ageing, done_before, effect
from planner.simulate.known_truth import Truth, usual_truth, with_numbers
from planner.simulate.lives import LEAD_DAYS, Life, codes_of, life

TRUTH = usual_truth()
DAYS = 730


def elevators(count: int) -> list[Life]:
    return [life(code, 5, TRUTH, date(2027, 1, 1), DAYS) for code in codes_of(count)]


def maintained(one: Life, every: int, maintenance_class: str = "year", truth: Truth = TRUTH) -> tuple[int, float]:
    """Faults of wear with a visit every so many days, and those to be expected."""
    ageing = Ageing(one, truth, done_before(one, LEAD_DAYS))
    faults = 0
    for day in range(LEAD_DAYS, one.days):
        while ageing.next_day <= day:
            ageing.fail()
            faults += 1
        if (day - LEAD_DAYS) % every == every - 1:
            ageing.visit(day, maintenance_class, 35)
    ageing.close(one.days)
    return faults, ageing.expected()


def test_more_visits_never_mean_more_wear_to_be_expected() -> None:
    for one in elevators(30):
        expected = [maintained(one, every)[1] for every in (5, 10, 20, 40)]
        assert expected == sorted(expected)


def test_with_the_same_luck_more_visits_mean_fewer_faults_of_a_fleet() -> None:
    fleet = elevators(80)
    faults = [sum(maintained(one, every)[0] for one in fleet) for every in (7, 15, 30, 60)]
    assert faults == sorted(faults)
    assert faults[-1] > 1.5 * faults[0]


def test_faults_are_as_many_as_the_rates_add_up_to() -> None:
    found = [maintained(one, 15) for one in elevators(150)]
    faults, expected = sum(one for one, _ in found), sum(one for _, one in found)
    assert abs(faults - expected) < 4 * expected**0.5


def test_a_lower_class_leaves_what_only_a_higher_one_restores() -> None:
    fleet = elevators(30)
    low = sum(maintained(one, 15, "half_month")[1] for one in fleet)
    high = sum(maintained(one, 15, "year")[1] for one in fleet)
    assert high < low


def test_items_done_beside_their_class_count_too() -> None:
    one = elevators(1)[0]
    done = done_before(one, LEAD_DAYS)
    plain, pulled = Ageing(one, TRUTH, done), Ageing(one, TRUTH, done)
    plain.visit(LEAD_DAYS, "half_month", 35)
    pulled.visit(LEAD_DAYS, "half_month", 35, frozenset({"A-2-08"}))
    for ageing in (plain, pulled):
        while ageing.next_day < LEAD_DAYS + 100:
            ageing.fail()
        ageing.close(LEAD_DAYS + 100)
    assert pulled.expected() < plain.expected()


def test_work_that_restores_nothing_changes_nothing() -> None:
    idle = with_numbers(TRUTH, {"visit.restores": 0.0, "visit.longer_restores": 0.0})
    for one in elevators(5):
        assert maintained(one, 5, truth=idle)[1] == pytest.approx(maintained(one, 300, truth=idle)[1])


def test_a_longer_visit_restores_more_only_as_far_as_the_truth_says() -> None:
    assert effect(TRUTH.visit, "half_month", 35) == TRUTH.visit.restores.value
    assert effect(TRUTH.visit, "half_month", 60) == pytest.approx(0.8 + 0.2 * TRUTH.visit.longer_restores.value)
    assert effect(TRUTH.visit, "year", 100) == TRUTH.visit.restores.value
    alike = with_numbers(TRUTH, {"visit.longer_restores": 0.0})
    assert effect(alike.visit, "half_month", 60) == alike.visit.restores.value
