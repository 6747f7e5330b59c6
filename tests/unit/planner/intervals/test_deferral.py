"""Authorised deferrals: with the user's consent from before the due day they move the gap, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from planner.intervals.deferral import deferral_faults
from planner.intervals.facts import DeferralFact, ElevatorFacts, EventFact, ModeHistory, PeriodFact, VisitFact
from planner.intervals.gap import running_gap
from planner.intervals.rules import load_pack
from tests.support.intervals import FIXED, LAST, ORDINARY, TODAY, WATCHED, computed, days_later, last_day, with_facts

DUE = days_later(15)
GIVEN = DeferralFact(
    counted_from=LAST, days=5, reason="no_access", document="函〔2026〕7号", issuer="阳光花园", dated_on=date(2026, 11, 18),
    consent_on=date(2026, 11, 18), entered_on=date(2026, 11, 19),
)  # fmt: skip


def deferred(*deferrals: DeferralFact, **changes: Any) -> ElevatorFacts:
    return with_facts(ORDINARY, deferrals=deferrals, **changes)


def given(**changes: Any) -> DeferralFact:
    return msgspec.structs.replace(GIVEN, **changes)


def refused(deferral: DeferralFact, *others: DeferralFact) -> set[str]:
    return {one.field for one in deferral_faults(deferral, load_pack(FIXED), DUE, others)}


def test_a_deferral_moves_the_last_day_and_its_document_stands_in_the_receipt() -> None:
    window, receipt = computed(deferred(GIVEN))
    assert window.last_day == days_later(20)
    assert receipt.binding.cites.rule == "deferral"
    assert "deferred from 2026-11-25 to 2026-11-30 by consent given before: 函〔2026〕7号" in receipt.sentence.en
    assert "函〔2026〕7号" in receipt.sentence.zh


def test_two_deferrals_of_one_gap_add_up_to_no_more_than_the_pack_allows() -> None:
    assert last_day(deferred(GIVEN, given(days=10, document="2"))) == days_later(30)
    assert last_day(deferred(GIVEN, given(days=11, document="2", entered_on=TODAY))) == days_later(20)


def test_a_visit_ends_the_gap_and_its_deferral() -> None:
    later = VisitFact(day=date(2026, 11, 27), maintenance_class="half_month")
    assert last_day(deferred(GIVEN, visits=(*ORDINARY.visits, later)), date(2026, 11, 28)) == date(2026, 12, 12)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"consent_on": DUE}, "consent_on"),
        ({"dated_on": DUE}, "dated_on"),
        ({"consent_on": date(2026, 11, 20)}, "consent_on"),
        ({"dated_on": date(2026, 11, 20)}, "dated_on"),
        ({"entered_on": date(2026, 11, 26)}, "entered_on"),
        ({"document": " "}, "document"),
        ({"issuer": ""}, "issuer"),
        ({"days": 0}, "days"),
        ({"days": 16}, "days"),
        ({"reason": "other"}, "words"),
    ],
)
def test_a_deferral_with_this_fault_is_refused_and_moves_nothing(changes: dict[str, Any], field: str) -> None:
    assert field in refused(given(**changes))
    assert last_day(deferred(given(**changes))) == DUE


def test_a_deferral_that_keeps_all_rules_is_taken() -> None:
    assert refused(GIVEN) == set()
    assert refused(given(days=15)) == set()
    assert refused(given(reason="other", words="台风")) == set()
    assert refused(given(entered_on=DUE)) == set()


def test_only_so_many_gaps_a_year_are_deferred() -> None:
    before = [given(counted_from=date(2026, month, 1), entered_on=date(2026, month, 10)) for month in (3, 6)]
    assert refused(GIVEN, *before) == {"counted_from"}
    assert refused(GIVEN, before[0], given(counted_from=date(2025, 11, 1), entered_on=date(2025, 11, 18))) == set()


def test_orders_faults_and_higher_classes_are_not_deferred() -> None:
    order = PeriodFact(name="order", kind="authority_order", starts_on=date(2026, 11, 1), ends_on=None, gap_days=8)
    assert last_day(deferred(GIVEN, periods=(order,))) == days_later(8)
    faults = tuple(EventFact(day=date(2026, 11, day), kind="door_close_fault") for day in (9, 12, 14))
    assert last_day(deferred(GIVEN, events=faults)) == days_later(10)
    quarter = (VisitFact(day=date(2026, 8, 28), maintenance_class="year"), VisitFact(day=LAST, maintenance_class="half_month"))
    assert last_day(deferred(GIVEN, visits=quarter)) == date(2026, 11, 26)


def test_on_demand_and_on_the_way_back_from_it_nothing_is_deferred() -> None:
    assert last_day(with_facts(WATCHED, deferrals=(GIVEN,))) == last_day(WATCHED)
    gap = running_gap(WATCHED, load_pack("cn-on-demand-30"), TODAY)
    assert gap.fixed is not None
    assert (gap.most_days, gap.limits.deferral) == (0, None)
    back = with_facts(
        WATCHED, agreement__insurance_until=None, history=ModeHistory(effective="on_demand"), visits=(
            VisitFact(day=date(2026, 10, 28), maintenance_class="year"),
        ),
    )  # fmt: skip
    late = given(counted_from=date(2026, 10, 28), consent_on=date(2026, 11, 1), dated_on=date(2026, 11, 1),
                 entered_on=date(2026, 11, 1))  # fmt: skip
    assert last_day(with_facts(back, deferrals=(late,))) == last_day(back)
    assert running_gap(back, load_pack("cn-on-demand-30"), TODAY).fixed is not None


def test_the_running_gap_says_what_may_still_be_added() -> None:
    gap = running_gap(deferred(GIVEN), load_pack(FIXED), TODAY)
    assert (gap.counted_from, gap.due, gap.most_days, gap.fixed) == (LAST, DUE, 10, None)
    past = running_gap(ORDINARY, load_pack(FIXED), date(2026, 11, 26))
    assert past.fixed is not None
    assert "has passed" in past.fixed.why.en
    abroad = running_gap(with_facts(ORDINARY, done={}), load_pack("hk"), TODAY)
    assert abroad.fixed is not None
    assert abroad.fixed.why.zh == "规则包hk不允许延期"
