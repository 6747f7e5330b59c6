"""What would move a window: each answer is the window of the facts with that one thing changed."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from planner.intervals.facts import EventFact, ModeHistory, MonitorFacts, PeriodFact, VisitFact
from planner.intervals.moves import moves
from planner.intervals.receipt import Move
from planner.intervals.rules import load_pack
from tests.support.intervals import FIXED, LAST, ON_DEMAND, ORDINARY, TODAY, WATCHED, last_day, used, with_facts


def found(facts: object, pack: str = ON_DEMAND) -> dict[str, Move]:
    told = moves(facts, load_pack(pack), TODAY)  # type: ignore[arg-type]
    assert len({move.key for move in told}) == len(told)
    return {move.key: move for move in told}


def test_a_visit_today_moves_it_on_by_the_whole_gap() -> None:
    assert found(ORDINARY, FIXED)["visit_today"].last_day == TODAY + timedelta(days=15)
    move = found(WATCHED)["visit_today"]
    assert (move.last_day, move.days) == (TODAY + timedelta(days=30), 10)
    assert move.last_day == last_day(
        with_facts(WATCHED, visits=(*WATCHED.visits, VisitFact(day=TODAY, maintenance_class="year")))
    )


def test_use_goes_on_after_a_visit_today() -> None:
    busy = with_facts(WATCHED, usage=(used("door_cycles", LAST, 9_000, 1_000.0),))
    # 12 000 at 1 000 a day: twelve days from today
    assert found(busy)["visit_today"].last_day == TODAY + timedelta(days=12)


def test_items_done_today_free_their_budget_only() -> None:
    busy = with_facts(WATCHED, usage=(used("door_cycles", LAST, 9_000, 1_000.0),))
    assert last_day(busy) == date(2026, 11, 23)
    move = found(busy)["done:wear.door_cycles.half_month"]
    assert (move.last_day, move.days) == (TODAY + timedelta(days=12), 9)
    assert move.because.en.startswith("0% of the wear budget")


def test_silence_and_an_entrapment_bring_back_the_fixed_gap() -> None:
    told = found(WATCHED)
    for key in ("monitor_silent", "entrapment"):
        assert (told[key].last_day, told[key].mode_effective) == (date(2026, 11, 25), "fixed")
    silent = with_facts(WATCHED, monitor__silent_h=25.0)
    assert told["monitor_silent"].last_day == last_day(silent)


def test_an_insurance_renewed_gives_longer_gaps_back_and_a_monitor_that_was_fine_is_not_mentioned() -> None:
    lapsed = with_facts(WATCHED, agreement__insurance_until=date(2026, 11, 1))
    told = found(lapsed)
    assert (told["insurance_renewed"].days, told["insurance_renewed"].mode_effective) == (15, "on_demand")
    assert "monitor_back" not in told
    assert told["all_mended"].last_day == TODAY + timedelta(days=30)


def test_one_of_two_reasons_gone_changes_nothing_and_says_so() -> None:
    both = with_facts(WATCHED, agreement__insurance_until=date(2026, 11, 1), monitor=MonitorFacts())
    told = found(both)
    assert (told["insurance_renewed"].days, told["monitor_back"].days) == (0, 0)
    assert told["all_mended"].mode_effective == "on_demand"


def test_after_a_fall_back_only_a_visit_brings_longer_gaps_back() -> None:
    history = ModeHistory(effective="fixed", fixed_again_on=date(2026, 11, 18))
    fallen = with_facts(WATCHED, history=history)
    assert found(fallen)["visit_today"].mode_effective == "on_demand"


def test_an_inspection_passed_and_a_period_over_are_told_where_they_count() -> None:
    assert "inspection_passed" not in found(WATCHED)
    overdue = with_facts(WATCHED, inspection_due_on=date(2026, 11, 1))
    assert found(overdue)["inspection_passed"].mode_effective == "on_demand"
    event = PeriodFact(name="G20", kind="major_event", starts_on=date(2026, 11, 15), ends_on=date(2026, 12, 15))
    told = found(with_facts(WATCHED, periods=(event,)))
    assert told["period:G20"].days > 0
    assert "major_event" not in told


def test_many_faults_bring_it_forward() -> None:
    move = found(ORDINARY, FIXED)["faults"]
    assert move.days < 0
    assert move.because.en.startswith("3 faults or more")


def test_everything_is_told_also_for_an_overdue_and_a_stopped_elevator_and_nothing_for_a_scrapped_one() -> None:
    old = with_facts(ORDINARY, visits=(VisitFact(day=date(2026, 9, 1), maintenance_class="year"),))
    assert found(old, FIXED)["visit_today"].last_day == TODAY + timedelta(days=15)
    assert "visit_today" in found(with_facts(ORDINARY, state="stopped"), FIXED)
    assert found(with_facts(ORDINARY, state="scrapped"), FIXED) == {}


def test_asking_changes_nothing() -> None:
    facts = with_facts(WATCHED, events=(EventFact(day=TODAY, kind="door_close_fault"),))
    before = msgspec.json.encode(facts)
    moves(facts, load_pack(ON_DEMAND), TODAY)
    assert msgspec.json.encode(facts) == before
