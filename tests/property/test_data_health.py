"""Data health for any monitor: more silence never improves the state, nor lengthens a window."""

from __future__ import annotations

from datetime import datetime

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planner.intervals.health import Health, assess
from planner.intervals.health_evidence import ClockFact, HealthFacts, observe_hours
from planner.intervals.rules import load_pack
from tests.support.intervals import ON_DEMAND, WATCHED, last_day, with_facts

BEGIN = datetime.fromisoformat("2026-11-05")
ORDER = ("good", "degraded", "not_usable")

hours = st.integers(1, 24 * 30)
other_evidence = st.builds(
    HealthFacts,
    monitor_faults=st.integers(0, 5),
    clock=st.none()
    | st.builds(
        ClockFact,
        median_s=st.integers(-10_000, 100_000),
        spread_s=st.integers(0, 10_000),
        drift_s_per_day=st.none() | st.floats(-1e4, 1e4),
        samples=st.integers(0, 100),
    ),
)


@st.composite
def silences(draw: st.DrawFn) -> tuple[int, int, int]:
    """Hours of a time, those with a record, and those of them that are left when there is more silence."""
    whole = draw(hours)
    seen = draw(st.integers(0, (1 << whole) - 1))
    if draw(st.booleans()):  # a monitor that is mostly there
        seen |= draw(st.integers(0, (1 << whole) - 1))
        seen |= draw(st.integers(0, (1 << whole) - 1))
    first, count = draw(st.integers(0, whole)), draw(st.integers(0, whole))
    return whole, seen, seen & ~(((1 << count) - 1) << first)


def judged(facts: HealthFacts) -> Health:
    rules = load_pack(ON_DEMAND).on_demand
    assert rules is not None
    assert rules.data_health is not None
    return assess(facts, rules.data_health)


def together(other: HealthFacts, seen: int, whole: int) -> HealthFacts:
    return msgspec.structs.replace(observe_hours(BEGIN, seen, whole), monitor_faults=other.monitor_faults, clock=other.clock)


@given(silences(), other_evidence)
@example((360, (1 << 360) - 1, (1 << 336) - 1), HealthFacts())
@example((360, (1 << 360) - 1, 0), HealthFacts())
def test_more_silence_never_improves_the_state(silence: tuple[int, int, int], other: HealthFacts) -> None:
    whole, more, less = silence

    before, after = judged(together(other, more, whole)), judged(together(other, less, whole))

    assert ORDER.index(after.state) >= ORDER.index(before.state)


@settings(max_examples=60)
@given(silences(), other_evidence)
@example((360, (1 << 360) - 1, (1 << 336) - 1), HealthFacts())
def test_more_silence_never_lengthens_a_window(silence: tuple[int, int, int], other: HealthFacts) -> None:
    whole, more, less = silence

    before = last_day(with_facts(WATCHED, monitor__health=together(other, more, whole)))
    after = last_day(with_facts(WATCHED, monitor__health=together(other, less, whole)))

    assert after <= before


@given(silences())
def test_every_hour_is_in_the_share_and_every_long_gap_is_told(silence: tuple[int, int, int]) -> None:
    whole, seen, _ = silence

    facts = observe_hours(BEGIN, seen, whole)

    assert facts.hours_seen == (seen & (1 << whole) - 1).bit_count()
    assert sum(gap.hours for gap in facts.gaps) <= whole - facts.hours_seen
    for gap in facts.gaps:
        first = int((gap.begins_at - BEGIN).total_seconds()) // 3600
        assert not seen >> first & (1 << gap.hours) - 1
        assert (gap.ends_at is None) == (first + gap.hours == whole)
