"""The conditions E1 to E9: each broken alone, and kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from planner.intervals.eligibility import conditions
from planner.intervals.facts import EventFact, ModeHistory, PeriodFact, VisitFact
from planner.intervals.rules import load_pack
from tests.support.intervals import FIXED, ON_DEMAND, ORDINARY, TODAY, WATCHED, with_facts

INCIDENT = PeriodFact(name="96333-7", kind="incident", starts_on=date(2026, 8, 23), ends_on=None)


def seen(day: date) -> VisitFact:
    return VisitFact(day=day, maintenance_class="year")


def outcomes(facts: Any) -> dict[str, str]:
    return {result.key: result.outcome for result in conditions(facts, load_pack(ON_DEMAND), TODAY)}


def test_an_elevator_that_has_everything_meets_all_nine() -> None:
    assert outcomes(WATCHED) == {f"E{n}": "met" for n in range(1, 10)}


def test_a_pack_of_fixed_intervals_has_no_conditions() -> None:
    assert conditions(ORDINARY, load_pack(FIXED), TODAY) == ()


@pytest.mark.parametrize(
    ("key", "outcome", "changes"),
    [
        ("E1", "not_met", {"firm__licence_number": ""}),
        ("E1", "unknown", {"firm__licence_expires_on": None}),
        ("E1", "not_met", {"firm__licence_expires_on": date(2026, 11, 19)}),
        ("E1", "met", {"firm__licence_expires_on": TODAY}),
        ("E1", "met", {"firm__credit_class": "B"}),
        ("E1", "not_met", {"firm__credit_class": "C"}),
        ("E1", "not_met", {"firm__credit_class": "D"}),
        ("E1", "unknown", {"firm__credit_class": "AAA"}),
        ("E1", "met", {"firm__credit_class": ""}),
        ("E1", "not_met", {"firm__violation_since": TODAY}),
        ("E1", "met", {"firm__violation_since": date(2026, 11, 21)}),
        ("E2", "not_met", {"agreement__starts_on": None}),
        ("E2", "not_met", {"agreement__starts_on": date(2026, 11, 21)}),
        ("E2", "not_met", {"agreement__ends_on": date(2026, 11, 19)}),
        ("E2", "met", {"agreement__ends_on": TODAY}),
        ("E2", "not_met", {"agreement__consent_on": None}),
        ("E2", "not_met", {"agreement__withdrawn_on": TODAY}),
        ("E2", "met", {"agreement__withdrawn_on": date(2026, 11, 21)}),
        ("E3", "not_met", {"state": "stopped"}),
        ("E3", "unknown", {"inspection_due_on": None}),
        ("E3", "not_met", {"inspection_due_on": date(2026, 11, 19)}),
        ("E3", "met", {"inspection_due_on": TODAY}),
        ("E4", "not_met", {"monitor__since": None}),
        ("E4", "not_met", {"monitor__silent_h": None}),
        ("E4", "not_met", {"monitor__silent_h": 24.5}),
        ("E4", "met", {"monitor__silent_h": 24.0}),
        ("E5", "not_met", {"agreement__insurance_until": None}),
        ("E5", "not_met", {"agreement__insurance_until": date(2026, 11, 19)}),
        ("E5", "met", {"agreement__insurance_until": TODAY}),
        ("E6", "not_met", {"filing": ""}),
        ("E6", "met", {"filing": "", "declared_on": TODAY}),
        ("E6", "not_met", {"declared_on": date(2026, 11, 21)}),
        ("E7", "unknown", {"in_use_since": None}),
        ("E7", "not_met", {"watch": "three_without"}),
        ("E7", "not_met", {"watch": "listed_hazard"}),
        ("E7", "not_met", {"periods": (INCIDENT,)}),
        ("E7", "met", {"periods": (msgspec.structs.replace(INCIDENT, starts_on=date(2026, 8, 22)),)}),
        ("E7", "met", {"in_use_since": date(2011, 11, 20)}),
        ("E7", "not_met", {"in_use_since": date(2011, 11, 19)}),
        ("E7", "not_met", {"hazard_since": date(2026, 11, 1)}),
        ("E7", "not_met", {"events": (EventFact(day=date(2026, 8, 23), kind="entrapment"),)}),
        ("E7", "met", {"events": (EventFact(day=date(2026, 8, 22), kind="entrapment"),)}),
        ("E7", "met", {"events": (EventFact(day=TODAY, kind="door_close_fault"),)}),
        ("E8", "unknown", {"site_kind": ""}),
        ("E8", "not_met", {"site_kind": "hospital"}),
        ("E8", "not_met", {"special_kind": "firefighter"}),
        ("E8", "not_met", {"special_kind": "explosion_proof"}),
        ("E8", "not_met", {"equipment_type": "escalator_or_moving_walk", "site_kind": "station"}),
        ("E8", "met", {"equipment_type": "escalator_or_moving_walk", "site_kind": "mall"}),
        ("E9", "not_met", {"filing": ""}),
        ("E9", "unknown", {"filed_on": None}),
        ("E9", "not_met", {"filed_on": date(2026, 11, 21)}),
        ("E9", "met", {"filed_on": TODAY}),
        ("E9", "met", {"filed_on": TODAY, "visits": (seen(date(2026, 11, 5)),)}),
        ("E9", "not_met", {"filed_on": TODAY, "visits": (seen(date(2026, 11, 4)),)}),
        ("E9", "met", {"filed_on": TODAY, "visits": ()}),
    ],
)
def test_a_condition_is_judged_by_its_facts_and_days_are_included(key: str, outcome: str, changes: dict[str, Any]) -> None:
    assert outcomes(with_facts(WATCHED, **changes))[key] == outcome


def test_a_failed_inspection_counts_until_a_later_one() -> None:
    failed = PeriodFact(name="report 7", kind="inspection_failed", starts_on=date(2026, 11, 2), ends_on=None)
    assert outcomes(with_facts(WATCHED, periods=(failed,)))["E3"] == "not_met"
    assert outcomes(with_facts(WATCHED, periods=(failed,), inspected_on=date(2026, 11, 9)))["E3"] == "met"


def test_after_a_fall_back_the_monitor_must_have_been_online_before_it_counts_again() -> None:
    fallen = with_facts(WATCHED, history=ModeHistory(effective="fixed", fixed_again_on=date(2026, 11, 5)))
    assert outcomes(fallen)["E4"] == "met"
    assert outcomes(with_facts(fallen, monitor__online_share=0.94))["E4"] == "not_met"
    assert outcomes(with_facts(fallen, monitor__online_share=None))["E4"] == "not_met"
    assert outcomes(with_facts(WATCHED, monitor__online_share=0.94))["E4"] == "met"


def test_every_outcome_gives_its_reason_in_both_languages_and_cites_its_rule() -> None:
    for result in conditions(with_facts(WATCHED, filing="", site_kind=""), load_pack(ON_DEMAND), TODAY):
        assert result.reason.zh
        assert result.reason.en
        assert result.cites.rule == f"on_demand.{result.key}"
