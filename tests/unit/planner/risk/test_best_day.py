"""The best day lies inside the window, comes sooner for those that fail more, and moves no legal day."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from planner.intervals.due import due_window
from planner.intervals.facts import ElevatorFacts, VisitFact
from planner.intervals.rules import load_pack
from planner.risk.best_day import RiskFacts, best_day, curve_of, sample_costs, seconds

VISIT = date(2026, 11, 1)
FIRST, LAST = date(2026, 11, 6), date(2026, 11, 16)


def a_year(faults: float, entrapments: float = 0.0) -> RiskFacts:
    return RiskFacts(faults_per_day=faults / 365.25, entrapments_per_day=entrapments / 365.25)


def test_the_best_gap_is_where_a_day_costs_least_on_average() -> None:
    costs = sample_costs()
    curve = curve_of(a_year(40), costs)

    def per_day(gap: float) -> float:
        return (costs.visit.value + costs.fault.value * curve.faults(gap)) / gap

    gaps = [gap / 10 for gap in range(10, 1000)]
    assert min(gaps, key=per_day) == pytest.approx(curve.best_gap_days, abs=0.1)


def test_the_mean_rate_over_the_usual_gap_is_the_rate_itself() -> None:
    curve = curve_of(a_year(10), sample_costs())
    assert curve.faults(15) == pytest.approx(10 / 365.25 * 15)
    assert curve.faults(30) > 2 * curve.faults(15)


def test_a_sound_elevator_is_best_seen_late_and_a_prone_one_soon() -> None:
    sound = best_day(a_year(2), VISIT, FIRST, LAST)
    prone = best_day(a_year(60, 3), VISIT, FIRST, LAST)
    hopeless = best_day(a_year(900), VISIT, FIRST, LAST)
    assert sound is not None
    assert prone is not None
    assert hopeless is not None
    assert sound.day == LAST
    assert FIRST < prone.day < LAST
    assert hopeless.day == FIRST
    for each in (sound, prone, hopeless):
        assert len(each.day_costs) == 11
        assert min(each.day_costs) == each.day_costs[(each.day - FIRST).days] == 0
        assert each.reason.zh
        assert each.reason.en


def test_dearer_faults_bring_the_best_day_forward_and_dearer_visits_push_it_back() -> None:
    def with_costs(name: str, value: float) -> date:
        costs = sample_costs()
        costs = msgspec.structs.replace(costs, **{name: msgspec.structs.replace(getattr(costs, name), value=value)})
        found = best_day(msgspec.structs.replace(a_year(60, 3), costs=costs), VISIT, FIRST, LAST)
        assert found is not None
        return found.day

    usual = best_day(a_year(60, 3), VISIT, FIRST, LAST)
    assert usual is not None
    assert with_costs("fault", 900.0) < usual.day < with_costs("visit", 400.0)


def test_without_a_visit_or_a_rate_there_is_no_best_day() -> None:
    assert best_day(a_year(4), None, FIRST, LAST) is None
    assert best_day(a_year(0), VISIT, FIRST, LAST) is None
    assert best_day(a_year(4), VISIT, LAST + timedelta(days=1), LAST) is None


def test_risk_moves_neither_end_of_a_window_and_the_receipt_says_why_the_day() -> None:
    pack = load_pack("cn-fixed-15", date(2026, 11, 7))
    bare = ElevatorFacts(
        equipment_type="traction_or_positive_drive_lift", registered_on=date(2026, 1, 1),
        visits=(VisitFact(day=VISIT, maintenance_class="year"),),
    )  # fmt: skip
    for faults in (0.5, 20, 200):
        found = due_window(msgspec.structs.replace(bare, risk=a_year(faults)), pack, date(2026, 11, 7))
        plain = due_window(bare, pack, date(2026, 11, 7))
        assert found is not None
        assert plain is not None
        assert (found[0].first_day, found[0].last_day) == (plain[0].first_day, plain[0].last_day)
        assert plain[0].best_day is None
        assert found[1].best is not None
        assert found[0].best_day == found[1].best.day
        assert max(found[0].first_day, date(2026, 11, 7)) <= found[0].best_day <= found[0].last_day


def test_money_becomes_seconds_of_a_crew() -> None:
    assert seconds(sample_costs().crew_hour.value, sample_costs()) == 3600


def test_every_cost_says_how_well_it_is_known() -> None:
    costs = sample_costs()
    for name in ("visit", "fault", "entrapment", "crew_hour", "preventable_share", "usual_gap_days"):
        value = getattr(costs, name)
        assert value.mark in ("verified", "expert", "design")
        assert value.source
