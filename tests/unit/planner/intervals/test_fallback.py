"""The twelve triggers, each fired and not fired, and when an elevator that falls back is due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from planner.intervals.facts import EventFact, ModeHistory, PeriodFact, VisitFact
from planner.intervals.fallback import decide_mode, triggers
from planner.intervals.rules import load_pack
from tests.support.intervals import FIXED, LAST, ON_DEMAND, ORDINARY, TODAY, WATCHED, computed, days_later, last_day, with_facts

WAS_ON_DEMAND = ModeHistory(effective="on_demand")


def period(kind: Any, starts_on: date = date(2026, 11, 15), ends_on: date | None = date(2026, 11, 30)) -> PeriodFact:
    return PeriodFact(name="G20", kind=kind, starts_on=starts_on, ends_on=ends_on)


def fired(facts: Any) -> dict[str, date | None]:
    return {trigger.key: trigger.since for trigger in triggers(facts, load_pack(ON_DEMAND), TODAY)}


def faults(*days: int) -> tuple[EventFact, ...]:
    return tuple(EventFact(day=date(2026, 11, day), kind="door_close_fault") for day in days)


def test_an_eligible_elevator_gives_none_of_the_twelve_reasons() -> None:
    assert fired(WATCHED) == {}


@pytest.mark.parametrize(
    ("changes", "key", "since"),
    [
        ({"monitor__silent_h": 30.0, "monitor__seen_on": date(2026, 11, 18)}, "monitor_silent", date(2026, 11, 19)),
        ({"inspection_due_on": date(2026, 11, 15)}, "inspection", date(2026, 11, 16)),
        ({"periods": (period("inspection_failed"),)}, "inspection", date(2026, 11, 15)),
        ({"events": (EventFact(day=date(2026, 11, 3), kind="entrapment"),)}, "incident", date(2026, 11, 3)),
        ({"events": (EventFact(day=date(2026, 11, 4), kind="unintended_movement"),)}, "incident", date(2026, 11, 4)),
        ({"events": faults(2, 9, 14)}, "fault_rate", date(2026, 11, 14)),
        ({"periods": (period("major_event"),)}, "major_event", date(2026, 11, 15)),
        ({"periods": (period("incident", ends_on=None),)}, "incident", date(2026, 11, 15)),
        ({"firm__credit_class": "C"}, "credit_class", None),
        ({"firm__violation_since": date(2026, 11, 12)}, "credit_class", date(2026, 11, 12)),
        ({"firm__licence_expires_on": date(2026, 11, 18)}, "credit_class", date(2026, 11, 19)),
        ({"agreement__insurance_until": date(2026, 11, 18)}, "insurance", date(2026, 11, 19)),
        ({"agreement__withdrawn_on": date(2026, 11, 17)}, "agreement", date(2026, 11, 17)),
        ({"agreement__ends_on": date(2026, 11, 18)}, "agreement", date(2026, 11, 19)),
        ({"periods": (period("major_repair"),)}, "major_repair", date(2026, 11, 15)),
        ({"in_use_since": date(2011, 11, 1)}, "age", date(2026, 11, 2)),
        ({"periods": (period("complaint", ends_on=None),)}, "complaint", date(2026, 11, 15)),
        ({"periods": (period("authority_order"),)}, "authority_order", date(2026, 11, 15)),
    ],
)
def test_each_trigger_fires_with_the_day_since_when_it_holds(changes: dict[str, Any], key: str, since: date | None) -> None:
    facts = with_facts(WATCHED, **changes)
    assert fired(facts) == {key: since}
    window, receipt = computed(facts)
    assert (window.mode_effective, window.fallen_back) == ("fixed", True)
    assert receipt.mode.reasons
    assert receipt.mode.triggers[0].reason in receipt.mode.reasons


def test_who_complained_is_not_told_while_an_event_is_named() -> None:
    """Reasons are public."""
    for kind, told in (("complaint", False), ("major_event", True)):
        named = period(kind)
        _, receipt = computed(with_facts(WATCHED, periods=(named,)))
        reason = receipt.mode.reasons[0]
        assert (named.name in reason.en, named.name in reason.zh) == (told, told)


@pytest.mark.parametrize(
    "changes",
    [
        {"monitor__silent_h": 24.0},
        {"inspection_due_on": TODAY},
        {"events": (EventFact(day=TODAY - timedelta(days=90), kind="entrapment"),)},
        {"events": faults(2, 9)},
        {"events": (EventFact(day=date(2026, 10, 21), kind="door_close_fault"), *faults(2, 9))},
        {"periods": (period("major_event", date(2026, 11, 21)),)},
        {"periods": (period("major_event", date(2026, 11, 1), date(2026, 11, 19)),)},
        {"agreement__insurance_until": TODAY},
        {"agreement__ends_on": TODAY},
        {"in_use_since": date(2011, 11, 20)},
        {"periods": (period("major_repair", date(2026, 10, 1)),), "inspected_on": date(2026, 11, 1)},
    ],
)
def test_a_trigger_does_not_fire_on_the_last_day_on_which_all_is_well(changes: dict[str, Any]) -> None:
    facts = with_facts(WATCHED, **changes)
    assert fired(facts) == {}
    assert computed(facts)[0].mode_effective == "on_demand"


def test_falling_back_in_time_gives_seven_days_or_the_fifteenth_whichever_is_first() -> None:
    silent = with_facts(WATCHED, monitor__silent_h=30.0, history=WAS_ON_DEMAND)
    # last visit on the 10th, noticed on the 12th: 12 + 7 = 19 is before the 25th
    assert last_day(silent, date(2026, 11, 12)) == date(2026, 11, 19)
    # noticed on the 20th: the 25th is before the 27th
    assert last_day(silent, date(2026, 11, 20)) == date(2026, 11, 25)


def test_falling_back_after_the_fifteenth_day_gives_forty_eight_hours() -> None:
    silent = with_facts(WATCHED, monitor__silent_h=30.0, history=WAS_ON_DEMAND, monitor__checked_on=date(2026, 11, 27))
    window, receipt = computed(silent, date(2026, 11, 28))
    assert window.last_day == date(2026, 11, 30)
    assert window.first_day <= date(2026, 11, 28)
    assert receipt.binding.cites.rule == "fall_back.past_due"


def test_the_day_of_falling_back_stays_and_does_not_run_ahead_of_the_calendar() -> None:
    silent = with_facts(WATCHED, monitor__silent_h=30.0, history=WAS_ON_DEMAND, monitor__checked_on=date(2026, 11, 27))
    noticed = computed(silent, date(2026, 11, 28))[0].fixed_again_on
    assert noticed == date(2026, 11, 28)
    later = with_facts(silent, history=ModeHistory(effective="fixed", fixed_again_on=noticed))
    assert last_day(later, date(2026, 12, 5)) == date(2026, 11, 30)


def test_falling_back_never_moves_a_day_beyond_the_longer_gap() -> None:
    overdue = with_facts(WATCHED, monitor__silent_h=30.0, history=WAS_ON_DEMAND, monitor__checked_on=date(2026, 12, 11))
    # on demand the 30th day was 10 December; noticed on the 12th it does not become the 14th
    assert last_day(overdue, date(2026, 12, 12)) == date(2026, 12, 10)


def test_an_elevator_that_was_never_entitled_simply_counts_fifteen_days() -> None:
    unfiled = with_facts(WATCHED, filing="")
    window, _ = computed(unfiled, date(2026, 11, 28))
    assert (window.last_day, window.fallen_back, window.fixed_again_on) == (date(2026, 11, 25), True, None)


def test_an_entitled_elevator_looked_at_for_the_first_time_has_its_grace() -> None:
    silent = with_facts(WATCHED, monitor__silent_h=30.0)
    window, _ = computed(silent, date(2026, 11, 28))
    assert (window.last_day, window.fixed_again_on) == (date(2026, 11, 30), date(2026, 11, 28))


def test_after_the_visit_the_fixed_interval_counts_from_it() -> None:
    visited = with_facts(
        WATCHED,
        monitor__silent_h=80.0,
        visits=(VisitFact(day=date(2026, 11, 29), maintenance_class="year"),),
        history=ModeHistory(effective="fixed", fixed_again_on=date(2026, 11, 28)),
    )
    assert last_day(visited, date(2026, 12, 1)) == date(2026, 12, 14)


def test_on_demand_comes_back_only_once_a_visit_was_made_since() -> None:
    fallen = with_facts(WATCHED, history=ModeHistory(effective="fixed", fixed_again_on=date(2026, 11, 15)))
    mode = decide_mode(fallen, load_pack(ON_DEMAND), TODAY)
    assert mode.fallen_back
    assert "no visit since 2026-11-15" in mode.reasons[0].en
    seen = with_facts(fallen, visits=(VisitFact(day=date(2026, 11, 16), maintenance_class="year"),))
    window, _ = computed(seen)
    assert (window.mode_effective, window.fallen_back, window.fixed_again_on) == ("on_demand", False, None)
    assert window.last_day == date(2026, 12, 16)


def test_a_fixed_elevator_never_falls_back() -> None:
    window, receipt = computed(with_facts(ORDINARY, firm__credit_class="D"))
    assert (window.mode_effective, window.fallen_back, receipt.mode.conditions) == ("fixed", False, ())


def test_a_manager_who_puts_an_elevator_back_to_fixed_intervals_gets_the_same_grace() -> None:
    back = with_facts(ORDINARY, history=WAS_ON_DEMAND)
    window, _ = computed(back, date(2026, 11, 28))
    assert (window.last_day, window.fallen_back, window.fixed_again_on) == (date(2026, 11, 30), False, date(2026, 11, 28))


def test_on_demand_with_a_pack_of_fixed_intervals_counts_as_fixed_and_says_so() -> None:
    window, receipt = computed(WATCHED, pack=FIXED)
    assert (window.mode_effective, window.fallen_back, window.last_day) == ("fixed", True, days_later(15))
    assert "fixed intervals only" in receipt.mode.reasons[0].en


def test_a_fixed_elevator_under_an_on_demand_pack_counts_fifteen_days() -> None:
    assert last_day(ORDINARY, pack=ON_DEMAND) == days_later(15, LAST)
