"""Statistics of periods: every second counts once, by the statement that wins it, in whatever order they arrive."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.telemetry.periods import HOUR_S, Statement, hours_of

SPAN_H = 6


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    begin = draw(st.integers(0, SPAN_H * HOUR_S - 2))
    coarse = draw(st.booleans())
    begin = begin // 900 * 900 if coarse else begin
    length = draw(st.integers(1, SPAN_H * 4)) * 900 if coarse else draw(st.integers(1, 9000))
    end = min(begin + length, SPAN_H * HOUR_S)
    return Statement(begin, end, draw(st.integers(0, 5000)), draw(st.integers(0, 3)))


def slowly(told: list[Statement]) -> dict[int, int]:
    """Second by second."""
    hours: Counter[int] = Counter()
    for second in range(SPAN_H * HOUR_S):
        covering = [one for one in told if one.from_s <= second < one.to_s]
        if covering:
            wins = max(covering, key=lambda one: (one.to_s - one.from_s, one.to_s, one.stated_us, one.growth))
            length = wins.to_s - wins.from_s
            before = wins.growth * (second - wins.from_s) // length
            hours[second // HOUR_S] += wins.growth * (second + 1 - wins.from_s) // length - before
    return dict(hours)


@settings(max_examples=40, deadline=None)
@given(st.lists(statements(), max_size=6))
def test_hours_are_those_of_counting_every_second(told: list[Statement]) -> None:
    assert hours_of(told, 0, SPAN_H * HOUR_S) == slowly(told)


@given(st.lists(statements(), max_size=12), st.randoms(use_true_random=False), st.integers(0, SPAN_H))
def test_order_repeats_and_where_one_looks_change_nothing(told: list[Statement], random: object, cut: int) -> None:
    mixed = [*told, *told[:3]]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    whole = hours_of(told, 0, SPAN_H * HOUR_S)
    assert hours_of(mixed, 0, SPAN_H * HOUR_S) == whole
    parts = hours_of(told, 0, cut * HOUR_S) | hours_of(told, cut * HOUR_S, SPAN_H * HOUR_S)
    assert parts == whole


@given(statements())
def test_the_parts_of_a_statement_make_up_its_whole(one: Statement) -> None:
    assert sum(hours_of([one], 0, SPAN_H * HOUR_S).values()) == one.growth


@given(st.lists(statements(), max_size=8))
def test_no_more_is_counted_than_the_longest_of_what_overlaps_says(told: list[Statement]) -> None:
    longest = Statement(0, SPAN_H * HOUR_S, 1000, 9)
    assert sum(hours_of([*told, longest], 0, SPAN_H * HOUR_S).values()) == 1000
