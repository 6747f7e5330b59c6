"""Checklists for any signals: what the class asks for is always there, once, in a fixed order; what is added has a reason."""

from __future__ import annotations

import random
from datetime import date, timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.intervals.checklist import WALK, FindingFact, GaugeFact, VisitFacts, WornFact, asked_items
from planner.intervals.facts import EventFact
from planner.intervals.items import CLASSES, EQUIPMENT_TYPES, checklist
from planner.intervals.receipt import Text
from planner.intervals.signals import signal_table

TODAY = date(2027, 3, 1)
KINDS = sorted({kind for signal in signal_table().signals for kind in signal.kinds} | {"unknown", "normal_mode"})
TITLE = Text("甲", "a")

days = st.integers(-100, 40).map(lambda count: TODAY + timedelta(days=count))


@st.composite
def visits(draw: st.DrawFn) -> VisitFacts:
    """Any visit with any signals."""
    equipment = draw(st.sampled_from(EQUIPMENT_TYPES))
    codes = st.sampled_from([item.code for item in checklist(equipment, "year")])
    some = st.lists(codes, max_size=8, unique=True)
    return VisitFacts(
        equipment_type=equipment, maintenance_class=draw(st.sampled_from(CLASSES)), excluded=frozenset(draw(some)), today=TODAY,
        last_visit=draw(st.none() | days), following=draw(st.none() | days),
        events=tuple(EventFact(day=draw(days), kind=draw(st.sampled_from(KINDS))) for _ in range(draw(st.integers(0, 12)))),
        gauges=tuple(
            GaugeFact(gauge=name, value=draw(st.floats(-50, 200)), day=draw(days))
            for name in draw(st.lists(st.sampled_from(("temperature_c", "pit_water_mm", "load_kg")), max_size=3))
        ),
        findings=tuple(FindingFact(item=code, since=draw(days), title=TITLE) for code in draw(some)),
        worn=tuple(
            WornFact(items=tuple(draw(some)), share=draw(st.floats(0, 3)), due_on=draw(st.none() | days), budget=TITLE)
            for _ in range(draw(st.integers(0, 3)))
        ),
        monitor=draw(st.none() | st.just(TITLE)), risk=draw(st.none() | st.just(TITLE)),
    )  # fmt: skip


@settings(deadline=None)
@given(visits())
def test_every_item_of_the_class_is_asked_for_once_and_only_added_ones_besides(facts: VisitFacts) -> None:
    found = asked_items(facts)
    codes = [one.item.code for one in found]
    assert len(codes) == len(set(codes))
    statutory = {item.code for item in checklist(facts.equipment_type, facts.maintenance_class)} - facts.excluded
    assert {one.item.code for one in found if not one.added} == statutory
    assert all(one.reasons for one in found if one.added)
    assert not set(codes) & facts.excluded


@settings(deadline=None)
@given(visits())
def test_zones_follow_the_walk_and_reasons_come_before_none(facts: VisitFacts) -> None:
    found = asked_items(facts)
    zones = [WALK.index(one.item.zone) for one in found]
    assert zones == sorted(zones)
    for zone in set(zones):
        reasoned = [bool(one.reasons) for one in found if WALK.index(one.item.zone) == zone]
        assert reasoned == sorted(reasoned, reverse=True)


@settings(deadline=None)
@given(visits(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(facts: VisitFacts, rng: random.Random) -> None:
    def shuffled(values: tuple[object, ...]) -> tuple[object, ...]:
        copy = list(values)
        rng.shuffle(copy)
        return tuple(copy)

    other = msgspec.structs.replace(
        facts, events=shuffled(facts.events), gauges=shuffled(facts.gauges), findings=shuffled(facts.findings)
    )
    assert asked_items(other) == asked_items(facts)


@settings(deadline=None)
@given(visits(), st.sampled_from(KINDS))
def test_one_more_event_never_takes_an_item_away(facts: VisitFacts, kind: str) -> None:
    more = msgspec.structs.replace(facts, events=(*facts.events, EventFact(day=TODAY, kind=kind)))
    assert {one.item.code for one in asked_items(facts)} <= {one.item.code for one in asked_items(more)}
