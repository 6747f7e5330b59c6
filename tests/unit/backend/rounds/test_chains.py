"""From a planned day to the window and class of the visit after it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backend.rounds.chains import after, chain_rule
from backend.rounds.facts import ElevatorFact
from planner.intervals.rules import load_pack

DAY = date(2026, 11, 30)


def elevator(**given: Any) -> ElevatorFact:
    known: dict[str, Any] = {
        "id": UUID(int=1), "site": UUID(int=2), "bank": "", "rule_pack": "cn-fixed-15", "service_min": None, "skills": [],
        "lat": None, "lon": None, "access_hours": [],
    }  # fmt: skip
    return ElevatorFact(**(known | given))


def test_the_next_window_counts_from_the_planned_day() -> None:
    rule = chain_rule(load_pack("cn-fixed-15"), "fixed", {}, elevator())
    assert after(rule, DAY) == (DAY + timedelta(days=9), DAY + timedelta(days=15), "half_month")


def test_on_demand_gaps_hold_only_while_the_mode_counts() -> None:
    pack = load_pack("cn-on-demand-30")
    assert chain_rule(pack, "on_demand", {}, elevator()).gap_days == 30
    assert chain_rule(pack, "fixed", {}, elevator()).gap_days == 15


def test_a_class_that_runs_out_before_the_visit_after_the_next_is_due_at_the_next() -> None:
    pack = load_pack("cn-fixed-15")
    for days, expected in ((14, "half_month"), (15, "quarter"), (29, "quarter"), (30, "half_month")):
        rule = chain_rule(pack, "fixed", {"quarter": DAY + timedelta(days=days)}, elevator())
        assert after(rule, DAY)[2] == expected, days  # up to the 14th day the planned visit itself does it


def test_minutes_of_the_register_count_for_every_class() -> None:
    assert {each.service_s for each in chain_rule(load_pack("cn-fixed-15"), "fixed", {}, elevator(service_min=20)).classes} == {
        1200
    }


def test_learnt_times_count_for_their_class_and_the_register_before_them() -> None:
    pack = load_pack("cn-fixed-15")
    learnt = {"half_month": 2400, "quarter": 6000}
    told = {each.maintenance_class: each.service_s for each in chain_rule(pack, "fixed", {}, elevator(learnt_s=learnt)).classes}
    assert told["half_month"] == 2400
    assert told["quarter"] == 6000
    assert told["year"] == max(6000, pack.visit.service_s["year"])
    assert elevator(learnt_s=learnt, service_min=20).service_s(pack.visit, "quarter") == 1200


def test_the_gap_of_an_elevators_own_document_counts_in_its_chain() -> None:
    filed = chain_rule(load_pack("cn-on-demand-filed"), "on_demand", {}, elevator(), 60)
    assert (filed.gap_days, filed.opens_days) == (60, 48)
    monthly = chain_rule(load_pack("hk"), "fixed", {}, elevator())
    assert monthly.gap_days == 28  # a month may be as short
