"""What holds for every history: more faults never lower a forecast, rows may come in any order, intervals are in order."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.risk.counts import held_randomised, intervals
from planner.risk.history import Period, build_history
from planner.risk.memory import MemoryShape, fading, remember
from planner.risk.prior import prior

MONTHS = 8
counts = st.lists(st.integers(0, 12), min_size=MONTHS, max_size=MONTHS)
exposures = st.lists(st.sampled_from([0.0, 0.3, 1.0, 2.5]), min_size=MONTHS, max_size=MONTHS)


def shapes() -> st.SearchStrategy[MemoryShape]:
    positive = st.floats(0.05, 30)
    return st.builds(
        MemoryShape, own_shape=positive, half_life_months=positive, recent_shape=positive, recent_half_life_months=positive,
        burst=st.floats(0.5, 30), spread=st.floats(0.001, 1), monthly_spread=st.floats(0.001, 1),
    )  # fmt: skip


@given(counts, exposures, st.integers(0, MONTHS - 1), st.integers(1, 5))
def test_one_more_fault_never_lowers_the_own_factor(told: list[int], expected: list[float], month: int, more: int) -> None:
    shape = prior().memory["faults"]
    one = np.array([told], dtype=np.float64)
    other = one.copy()
    other[0, month] += more
    known = np.array([expected])
    known[0, month] = max(known[0, month], 0.3)  # a fault needs a day under watch
    before, after = remember(one, known, shape), remember(other, known, shape)
    rate = before.own[0, -1] * (1 + (before.recent[0, -1] - 1) * fading(1.0, shape))
    worse = after.own[0, -1] * (1 + (after.recent[0, -1] - 1) * fading(1.0, shape))
    assert after.own[0, -1] >= before.own[0, -1] * 0.999
    assert worse >= rate * 0.9


@given(counts, exposures, shapes())
def test_a_hole_says_nothing_but_that_time_went_by(told: list[int], expected: list[float], shape: MemoryShape) -> None:
    known = np.array([expected])
    seen = np.where(known > 0, np.array([told], dtype=np.float64), 0.0)
    with_hole = remember(np.append(seen, [[0.0]], axis=1), np.append(known, [[0.0]], axis=1), shape)
    without = remember(seen, known, shape)
    # Through a hole both factors only fade towards 1.
    assert abs(np.log(with_hole.own[0, -1])) <= abs(np.log(without.own[0, -1])) + 1e-9
    assert with_hole.shape[0, -1] <= without.shape[0, -1] + 1e-9


@given(st.lists(st.tuples(st.floats(1e-6, 200), st.floats(0.05, 500)), min_size=1, max_size=20))
@settings(deadline=None)
def test_intervals_are_in_order_and_hold_about_what_they_say(cases: list[tuple[float, float]]) -> None:
    mean, index = (np.array(column) for column in zip(*cases, strict=True))
    low, high, held = intervals(mean, index)
    assert (low >= 0).all()
    assert (high >= low).all()
    assert (held <= 1 + 1e-9).all()
    assert (held >= 0.6).all()
    part = held_randomised(np.floor(mean), mean, index)
    assert ((part >= 0) & (part <= 1)).all()


@given(st.randoms(use_true_random=False), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=2, max_size=20))
def test_the_grid_is_the_same_in_any_order_of_rows(chance: object, rows: list[tuple[int, int]]) -> None:
    periods = [
        Period(elevator=f"e{who}", first_day=date(2026, 1 + number % 12, 1), days=28, exposure_days=28, faults=float(faults),
               traits={"make": f"m{who % 2}"})
        for number, (who, faults) in enumerate(rows)
    ]  # fmt: skip
    shuffled = list(periods)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = build_history(periods), build_history(shuffled)
    assert (one.faults == other.faults).all()
    assert (one.exposure == other.exposure).all()
    assert [factor.name for factor in one.factors] == [factor.name for factor in other.factors]
