"""What is asked at a visit, in which order, and why."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from planner.intervals.checklist import (
    WALK,
    Asked,
    FindingFact,
    GaugeFact,
    VisitFacts,
    WornFact,
    asked_items,
    in_order,
)
from planner.intervals.facts import EventFact
from planner.intervals.items import EQUIPMENT_TYPES, all_items, checklist
from planner.intervals.receipt import Text
from planner.intervals.signals import item_of, own_items, parse_signals, signal_table
from planner.rounds.faults import FaultyInputError
from tests.support.intervals import ORDINARY, TODAY, TRACTION, computed, with_facts

CALM = VisitFacts(
    equipment_type=TRACTION, maintenance_class="half_month", today=TODAY, last_visit=date(2026, 11, 10),
    following=date(2026, 12, 5),
)  # fmt: skip
"""A half-month visit of which nothing is to be said."""


def asked(**changes: object) -> list[Asked]:
    return list(asked_items(msgspec.structs.replace(CALM, **changes)))


def codes(found: list[Asked], zone: str = "") -> list[str]:
    return [one.item.code for one in found if zone in ("", one.item.zone)]


def one(found: list[Asked], code: str) -> Asked:
    return next(each for each in found if each.item.code == code)


def events(kind: str, *days_ago: int) -> tuple[EventFact, ...]:
    return tuple(EventFact(day=TODAY - timedelta(days=days), kind=kind) for days in days_ago)


def test_without_signals_it_is_the_class_in_the_order_of_the_walk() -> None:
    found = asked()
    assert sorted(codes(found)) == sorted(item.code for item in checklist(TRACTION, "half_month"))
    zones = [each.item.zone for each in found]
    assert zones == sorted(zones, key=WALK.index)
    assert list(dict.fromkeys(zones)) == ["MR", "CT", "SH", "CAR", "LD", "PIT"]
    assert codes(found, "MR") == [f"A-1-{number:02d}" for number in range(1, 11)]
    assert not any(each.added or each.reasons for each in found)


def test_door_faults_bring_the_door_items_first_with_count_and_date() -> None:
    found = asked(events=events("door_close_fault", 1, 3, 4))
    assert codes(found, "LD")[:4] == ["A-1-25", "A-1-26", "A-1-28", "A-1-29"]
    [why] = one(found, "A-1-29").reasons
    assert (why.key, why.text.en) == ("doors", "door faults: 3 since 2026-11-10, the last on 2026-11-19")
    assert why.text.zh == "门系统故障3次（自2026-11-10，最近2026-11-19）"
    assert one(found, "A-1-23").reasons == ()


def test_repeated_faults_pull_items_of_a_higher_class_forward_and_one_does_not() -> None:
    once, twice = asked(events=events("door_open_fault", 2)), asked(events=events("door_open_fault", 2, 5))
    assert not [each for each in once if each.added]
    added = [each for each in twice if each.added]
    assert {each.item.code for each in added} == {
        item.code for item in checklist(TRACTION, "year") if item.wear_driver == "door_cycles" and item.period != "half_month"
    }
    assert all(each.reasons for each in added)


def test_faults_before_the_last_visit_were_seen_by_it() -> None:
    assert not any(each.reasons for each in asked(events=events("door_close_fault", 11, 20, 30)))
    told = asked(events=events("door_close_fault", 11, 20, 70), last_visit=None)
    assert one(told, "A-1-29").reasons[0].text.en == "door faults: 2 since 2026-09-21, the last on 2026-11-09"


def test_an_item_that_the_elevator_does_not_have_is_not_asked_for_by_a_signal_either() -> None:
    found = asked(events=events("door_close_fault", 1, 2), excluded=frozenset({"A-1-20", "A-2-09"}))
    assert not {"A-1-20", "A-2-09"} & set(codes(found))


def test_leveling_faults_ask_for_brake_and_leveling() -> None:
    found = asked(events=events("leveling_fault", 1))
    first = [each.item.code for each in found if each.reasons]
    assert {"A-1-04", "A-1-05", "A-1-23"} <= set(first)
    assert codes(found, "LD")[0] == "A-1-23"


def test_a_monitor_that_is_silent_is_looked_at() -> None:
    silent = Text("离线30小时", "silent for 30 h")
    [added] = [each for each in asked(monitor=silent) if each.added]
    assert (added.item.code, added.item.name_en) == ("M-1-01", "Remote monitor")
    assert added.reasons[0].text.en == "monitor faulty or silent: silent for 30 h"
    assert [each.item.code for each in asked(events=events("monitor_fault", 1)) if each.added] == ["M-1-01"]
    for equipment in EQUIPMENT_TYPES:
        assert "M-1-01" in codes(asked(equipment_type=equipment, monitor=silent))


def test_a_worn_budget_comes_first_and_one_that_ends_before_the_following_visit_is_pulled_forward() -> None:
    doors = Text("75,000次开关门", "75,000 door cycles")
    worn = WornFact(items=("A-1-20", "A-1-29"), share=0.85, due_on=date(2026, 12, 20), budget=doors)
    found = asked(worn=(worn,))
    assert one(found, "A-1-29").reasons[0].text.en == "85% of the wear budget of 75,000 door cycles is used"
    assert codes(found, "LD")[0] == "A-1-29"
    higher = msgspec.structs.replace(worn, items=("A-2-09",), share=0.6, due_on=date(2026, 12, 4))
    [added] = [each for each in asked(worn=(higher,)) if each.added]
    assert added.item.code == "A-2-09"
    assert added.reasons[0].text.en == "60% of the wear budget of 75,000 door cycles is used; due by 2026-12-04"
    assert not any(each.added for each in asked(worn=(msgspec.structs.replace(higher, due_on=date(2026, 12, 5)),)))


def test_gauges_findings_and_risk_are_reasons() -> None:
    hot = GaugeFact(gauge="temperature_c", value=43.5, day=date(2026, 11, 18))
    assert one(asked(gauges=(hot,)), "A-1-01").reasons[0].text.en == "machine room temperature: 44 on 2026-11-18 (over 40)"
    assert not any(each.reasons for each in asked(gauges=(msgspec.structs.replace(hot, value=40.0),)))
    finding = FindingFact(item="A-3-11", since=date(2026, 10, 2), title=Text("门扇变形", "door panel bent"))
    [added] = [each for each in asked(findings=(finding,)) if each.added]
    assert (added.item.code, added.reasons[0].text.en) == ("A-3-11", "open finding since 2026-10-02: door panel bent")
    risky = asked(risk=Text("属于故障最多的五分之一", "among the fifth with the most faults expected"))
    assert {"A-1-20", "A-1-28"} <= {each.item.code for each in risky if each.reasons}


def test_the_weightiest_reason_decides_the_order() -> None:
    finding = FindingFact(item="A-1-27", since=date(2026, 10, 2), title=Text("不复位", "does not reset"))
    found = asked(findings=(finding,), events=(*events("leveling_fault", 1), *events("door_close_fault", 1)))
    assert codes(found, "LD") == ["A-1-27", "A-1-25", "A-1-26", "A-1-28", "A-1-29", "A-1-23", "A-1-24"]


def test_a_check_that_is_due_before_the_following_visit_is_told_with_its_day() -> None:
    _, receipt = computed(with_facts(ORDINARY, done={"A-4-06:governor_speed": date(2024, 12, 1)}))
    found = asked(candidates=receipt.candidates)
    [added] = [each for each in found if each.added]
    assert added.item.code == "A-4-06"
    assert added.reasons[0].text.en.startswith("due by 2026-12-01: governor tripping speed check")


def test_a_stored_order_is_kept_and_new_items_come_at_the_end_of_their_zone() -> None:
    items = {item.code: item for item in checklist(TRACTION, "half_month")}
    stored = [code for code in codes(asked(events=events("door_close_fault", 1))) if code != "A-1-28"]
    found = in_order(stored, items)
    assert set(found) == set(items)
    assert [code for code in found if code != "A-1-28"] == stored
    landings = [code for code in found if items[code].zone == "LD"]
    assert landings[-1] == "A-1-28"


def test_every_kind_driver_and_evidence_of_the_table_is_known() -> None:
    table = signal_table()
    items = all_items()
    assert {driver for signal in table.signals for driver in signal.drivers} <= {item.wear_driver for item in items}
    assert {one for signal in table.signals for one in signal.evidence} <= {item.remote_evidence for item in items}
    assert item_of("M-1-01") == own_items()["M-1-01"]
    assert item_of("A-1-01") is not None
    assert item_of("Z-9-99") is None


def test_all_faults_of_a_table_are_named() -> None:
    text = """
within_days = 60
silent_h = 24
risk_share = 0.2
risk_fleet = 20
worn_share = 0.8
source_zh = "甲"
source_en = "a"
mark = "design"
[[signals]]
id = "one"
kinds = ["overspeed"]
extend_from = 1
zh = "甲"
en = "a"
[[signals]]
id = "one"
items = ["A-9-99"]
gauge = "temperature_c"
extend_from = 1
zh = "甲"
en = "a"
"""
    with pytest.raises(FaultyInputError) as raised:
        parse_signals(text)
    assert [fault.path for fault in raised.value.faults] == ["signals[0]", "signals[1].items", "signals[1].above", "signals"]
