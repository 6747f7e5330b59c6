"""Rules of the elevator's word that hold for any telemetry."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from qr.elevator_patterns import usual_patterns
from qr.elevator_span import Happened, Span
from qr.elevator_traffic import longest_standstill_s
from qr.elevator_word import weigh
from qr.evidence import Verdict
from tests.support.made_spans import ARRIVAL, minute, span

RANK = {Verdict.CONTRADICTED: 0, Verdict.SILENT: 1, Verdict.CORROBORATED: 2}
CLASSES = ("half_month", "quarter", "half_year", "year")
TYPES = ("traction_or_positive_drive_lift", "hydraulic_lift", "dumbwaiter", "escalator_or_moving_walk")
KINDS = ("inspection_mode", "out_of_service", "safety_chain_open", "alarm_button", "normal_mode", "mode_closed", "other_fault")

classes, types = st.sampled_from(CLASSES), st.sampled_from(TYPES)
minutes = st.floats(min_value=-60, max_value=150, allow_nan=False)
events = st.lists(st.tuples(minutes, st.sampled_from(KINDS)), max_size=6)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """A visit with any trips, events, resolution and history."""
    lasts = draw(st.sampled_from([5.0, 20.0, 40.0, 90.0]))
    trips = sorted(draw(st.lists(minutes, max_size=60)))
    usual = draw(st.lists(st.integers(0, 120), min_size=0, max_size=8))
    return span(
        trips, lasts_min=lasts, every_min=draw(st.sampled_from([1.0, 2.0, 5.0, 20.0, 60.0])), usual=usual,
        events=draw(events), clock_off_s=draw(st.sampled_from([None, 0, 40, 400, 5000])), perhaps_late=draw(st.booleans()),
    )  # fmt: skip


@settings(deadline=None)
@given(spans(), classes, types)
def test_without_data_nothing_is_contradicted(found: Span, maintenance_class: str, equipment_type: str) -> None:
    for nothing in (
        {"readings": ()}, {"readings": (), "events": ()}, {"past": ()}, {"monitored": False}, {"readings": found.readings[:1]},
        {"clock_off_s": 5000},
    ):  # fmt: skip
        bare = msgspec.structs.replace(found, **nothing)
        assert weigh(bare, maintenance_class, equipment_type).verdict is not Verdict.CONTRADICTED


@settings(deadline=None)
@given(spans(), st.data())
def test_fewer_records_never_shorten_what_may_have_been_a_standstill(found: Span, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(1, len(found.readings) - 2)))
    thinner = msgspec.structs.replace(found, readings=tuple(each for n, each in enumerate(found.readings) if n not in gone))
    assert longest_standstill_s(thinner, {"trips": 12.0}) >= longest_standstill_s(found, {"trips": 12.0}) - 1e-6


@settings(deadline=None)
@given(
    spans(),
    classes,
    types,
    st.floats(0, 40),
    st.sampled_from(["inspection_mode", "out_of_service", "safety_chain_open", "alarm_button"]),
)
def test_more_matching_evidence_never_lowers_the_word(
    found: Span, maintenance_class: str, equipment_type: str, at: float, kind: str
) -> None:
    more = sorted([*found.events, Happened(at=minute(at), kind=kind)], key=lambda event: event.at)
    richer = msgspec.structs.replace(found, events=tuple(more))
    before, after = (weigh(each, maintenance_class, equipment_type) for each in (found, richer))
    assert RANK[after.verdict] >= RANK[before.verdict]
    assert after.points >= before.points


@settings(deadline=None)
@given(spans(), classes, types, st.data())
def test_fewer_trips_between_the_scans_never_lower_the_word(
    found: Span, maintenance_class: str, equipment_type: str, data: st.DataObject
) -> None:
    """A passenger who did not ride between the scans speaks for the visit, if for anything."""
    moved = [
        n
        for n, (before, after) in enumerate(zip(found.readings, found.readings[1:], strict=False), 1)
        if before.at >= found.arrival and after.at <= found.departure and after.counters["trips"] > before.counters["trips"]
    ]
    if not moved:
        return
    place = data.draw(st.sampled_from(moved))
    readings = tuple(
        msgspec.structs.replace(each, counters={name: total - (n >= place) for name, total in each.counters.items()})
        for n, each in enumerate(found.readings)
    )
    before = weigh(found, maintenance_class, equipment_type)
    after = weigh(msgspec.structs.replace(found, readings=readings), maintenance_class, equipment_type)
    assert RANK[after.verdict] >= RANK[before.verdict]


@settings(deadline=None)
@given(spans(), classes, types)
def test_every_word_has_sentences_and_the_points_it_needs(found: Span, maintenance_class: str, equipment_type: str) -> None:
    weighed = weigh(found, maintenance_class, equipment_type)
    assert weighed.traces
    assert all(trace.text.zh and trace.text.en for trace in weighed.traces)
    assert (weighed.verdict is Verdict.CORROBORATED) == (weighed.points >= usual_patterns().limits.points_needed)
    assert weighed.verdict is not Verdict.CONTRADICTED or weighed.points == 0


@settings(deadline=None)
@given(st.lists(st.floats(0, 40), max_size=40), st.floats(0, 40), st.floats(1, 30), st.sampled_from([1.0, 3.0, 7.0, 20.0]))
def test_no_standstill_is_longer_than_the_bound(times: list[float], begin: float, lasts: float, every_min: float) -> None:
    """Whatever the readings hide: trips at least 12 s apart, none of them during the standstill."""
    end = min(40.0, begin + lasts)
    apart: list[float] = []
    for at in sorted(times):
        outside = at + 0.2 <= begin or at >= end
        if outside and (not apart or at - apart[-1] >= 0.2):
            apart.append(at)
    told = span([at + 0.2 for at in apart], every_min=every_min)  # a trip is counted when it ends
    assert longest_standstill_s(told, {"trips": 12.0}) >= (end - begin) * 60 - 1e-3


def test_the_patterns_know_every_class_of_every_equipment() -> None:
    assert all(usual_patterns().of(each, name) for each in TYPES for name in CLASSES)
    assert ARRIVAL.tzinfo is not None
