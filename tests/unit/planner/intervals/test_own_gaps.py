"""The gap that an elevator's own document gives it: a filing's 45, 60 or 90 days, a programme, the maker's instructions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from planner.intervals.eligibility import conditions
from planner.intervals.facts import ElevatorFacts, EventFact, MonitorFacts, ProgrammeFacts, VisitFact
from planner.intervals.own import promised_days
from planner.intervals.rules import load_pack
from tests.support.intervals import LAST, ORDINARY, TODAY, WATCHED, computed, days_later, last_day, used, with_facts

FILED = "cn-on-demand-filed"
MCP = ProgrammeFacts(document="MCP-7, edition 3", dated_on=date(2026, 1, 1), gap_days=60)


def filed(**changes: Any) -> ElevatorFacts:
    return with_facts(WATCHED, filed_gap_days=60, **changes)


def abroad(**changes: Any) -> ElevatorFacts:
    """An elevator abroad whose whole yearly class was done on the 10th."""
    return with_facts(ORDINARY, done={}, inspection_due_on=None, **changes)


@pytest.mark.parametrize("days", [45, 60, 90])
def test_a_filing_that_names_45_60_or_90_days_gives_that_gap(days: int) -> None:
    facts = filed()
    facts = with_facts(facts, filed_gap_days=days, monitor__checked_on=TODAY)
    window, receipt = computed(facts, pack=FILED)
    assert (window.mode_effective, window.gap_days) == ("on_demand", days)
    assert next(one for one in receipt.candidates if one.kind == "visit_gap").day == days_later(days)
    assert promised_days(load_pack(FILED), days) == days


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"filed_gap_days": None}, "the gap that filing BA-2026-7 names is not registered (45/60/90 days)"),
        ({"filed_gap_days": 75}, "filing BA-2026-7 names 75 days; the scheme knows 45/60/90"),
        ({"filed_gap_days": 365}, "names 365 days"),
        ({"filing": ""}, "no filing is registered"),
    ],
)
def test_without_the_number_or_with_another_gap_it_is_fixed_and_says_why(changes: dict[str, Any], said: str) -> None:
    window, receipt = computed(with_facts(filed(), **changes), pack=FILED)
    assert (window.mode_effective, window.fallen_back, window.gap_days) == ("fixed", True, 15)
    assert any(said in reason.en for reason in receipt.mode.reasons)
    assert window.last_day <= days_later(15)


def test_the_filed_gap_is_disclosed_only_where_the_scheme_knows_it() -> None:
    assert promised_days(load_pack(FILED), 75) == 15
    assert promised_days(load_pack(FILED), None) == 15
    assert promised_days(load_pack("cn-on-demand-30"), 60) == 30


def test_year_class_checks_and_seasons_are_where_they_were_under_a_filing_of_90_days() -> None:
    year = (VisitFact(day=date(2026, 1, 20), maintenance_class="year"), VisitFact(day=LAST, maintenance_class="half_month"))
    fixed = computed(with_facts(ORDINARY, visits=year))[1]
    long = computed(with_facts(filed(), filed_gap_days=90, visits=year, monitor__checked_on=TODAY), pack=FILED)[1]

    def kept(receipt: Any) -> dict[tuple[str, str], date]:
        return {
            (one.cites.rule, one.maintenance_class): one.day
            for one in receipt.candidates
            if one.kind in ("special_check", "season", "self_check")
            or (one.kind == "class_gap" and one.maintenance_class != "half_month")
        }

    assert kept(long) == kept(fixed)


def test_a_programme_gives_the_gap_and_stands_in_the_receipt() -> None:
    window, receipt = computed(abroad(programme=MCP), pack="asme-mcp")
    assert (window.last_day, window.gap_days) == (days_later(60), 60)
    assert any(one.value == "MCP-7, edition 3" for one in receipt.binding.inputs)


def test_without_a_programme_the_packs_own_gap_counts_and_the_receipt_says_so() -> None:
    window, receipt = computed(abroad(), pack="asme-mcp")
    assert window.last_day == days_later(30)
    assert any("no maintenance control program is registered" in text.en for text in receipt.assumptions)


@pytest.mark.parametrize(
    ("programme", "said"),
    [
        (ProgrammeFacts(document="MCP", dated_on=date(2026, 1, 1), gap_days=93), "not within 1 to 92"),
        (ProgrammeFacts(document="MCP", dated_on=date(2026, 12, 1), gap_days=60), "begins on 2026-12-01"),
    ],
)
def test_a_programme_beyond_what_the_pack_allows_or_of_later_does_not_count(programme: ProgrammeFacts, said: str) -> None:
    window, receipt = computed(abroad(programme=programme), pack="asme-mcp")
    assert window.last_day == days_later(30)
    assert any(said in text.en for text in receipt.assumptions)


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"in_use_since": date(2001, 11, 19)}, 45),
        ({"site_kind": "hospital"}, 45),
        ({"usage": (used("trips", LAST, 15_100, 1510.0),)}, 30),
        ({"events": tuple(EventFact(day=date(2026, 11, day), kind="door_open_fault") for day in (1, 2, 3, 4))}, 30),
    ],
)
def test_age_place_use_and_condition_shorten_a_programmes_gap(changes: dict[str, Any], days: int) -> None:
    receipt = computed(abroad(programme=MCP, **changes), pack="asme-mcp")[1]
    assert next(one for one in receipt.candidates if one.kind == "visit_gap").day == days_later(days)


def test_the_makers_instructions_set_the_gap_under_en_13015() -> None:
    instructions = ProgrammeFacts(document="Instructions, rev. 4", dated_on=date(2020, 5, 1), gap_days=91)
    assert last_day(abroad(programme=instructions), pack="en-13015") == days_later(91)
    assert last_day(abroad(), pack="en-13015") == days_later(30)


@pytest.mark.parametrize(
    ("seen", "due"),
    [(date(2026, 11, 10), date(2026, 12, 10)), (date(2027, 1, 31), date(2027, 2, 28)), (date(2027, 7, 1), date(2027, 8, 1))],
)
def test_a_month_is_a_calendar_month_in_hong_kong_and_singapore(seen: date, due: date) -> None:
    visits = (VisitFact(day=seen, maintenance_class="year"),)
    for pack in ("hk", "sg"):
        window, _ = computed(abroad(visits=visits), seen, pack)
        assert (window.last_day, window.gap_days) == (due, 28)


def test_hong_kong_asks_for_a_load_test_every_five_years_and_a_safety_test_every_year() -> None:
    tested = with_facts(abroad(), done={"HK-4-04:full_load": date(2024, 3, 1)})
    found = {one.kind: one for one in computed(tested, pack="hk")[1].candidates if one.maintenance_class == "year"}
    assert found["special_check"].day == date(2029, 3, 1)
    assert found["class_gap"].day == date(2027, 11, 10)
    assert load_pack("hk").records is not None


def rmd(**changes: Any) -> ElevatorFacts:
    monitor = MonitorFacts(since=date(2026, 1, 10), silent_h=1.0, seen_on=TODAY, online_share=0.99, checked_on=TODAY)
    facts = abroad(mode="on_demand", filing="BCA-7", filed_on=date(2026, 7, 10), monitor=monitor)
    return with_facts(with_facts(facts, inspection_due_on=date(2027, 8, 1)), **changes)


def test_singapore_allows_three_months_with_an_approval_after_six_months_of_trial() -> None:
    window, _ = computed(rmd(), pack="sg-rmd")
    assert (window.mode_effective, window.last_day) == ("on_demand", date(2027, 2, 10))


@pytest.mark.parametrize(
    "changes", [{"filed_on": date(2026, 7, 9)}, {"filing": ""}, {"monitor__since": None}, {"monitor__silent_h": 30.0}]
)
def test_without_the_trial_the_approval_or_the_monitor_it_is_monthly_again(changes: dict[str, Any]) -> None:
    window, _ = computed(rmd(**changes), pack="sg-rmd")
    assert (window.mode_effective, window.gap_days) == ("fixed", 28)
    assert window.last_day <= date(2026, 12, 10)


def test_what_a_regime_does_not_ask_for_is_not_asked_and_says_why() -> None:
    pack = load_pack("sg-rmd")
    assert pack.on_demand is not None
    assert {result.key for result in conditions(rmd(), pack, TODAY)} == {"E1", "E2", "E3", "E4", "E9"}
    assert "liability insurance" in pack.on_demand.not_asked["E5"].clause_en
