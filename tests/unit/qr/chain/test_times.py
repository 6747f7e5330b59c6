"""What the clocks of an entry prove, in the cases that people will ask about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from qr.chain.bodies import LARGEST_INTEGER
from qr.chain.times import ClockSign, Reading, elapsed, instant, milliseconds, time_bounds

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
NINE = 1_795_654_800_000
MORNING, LATER = UUID(int=1), UUID(int=2)


def reading(seq: int, minute: int, **changes: Any) -> Reading:
    """An entry so many minutes after nine, sent at noon; the server was heard at nine."""
    given: dict[str, Any] = {
        "seq": seq, "at_ms": NINE + minute * MINUTE_MS, "session": MORNING, "mono_ms": minute * MINUTE_MS, "beacon_at_ms": NINE,
        "beacon_session": MORNING, "beacon_mono_ms": 0, "received_ms": NINE + 3 * HOUR_MS,
    }  # fmt: skip
    return Reading(**(given | changes))


def minutes_past_nine(at_ms: int | None) -> float:
    assert at_ms is not None
    return round((at_ms - NINE) / MINUTE_MS, 1)


def test_the_monotonic_clock_carries_the_servers_time_on() -> None:
    (bounds,) = time_bounds([reading(1, 40)])
    assert minutes_past_nine(bounds.earliest_ms) == 40.0
    assert minutes_past_nine(bounds.latest_ms) == 180
    assert bounds.reason.en == "Its time lies between a server time and its receipt."


def test_in_another_session_only_the_servers_time_itself_bounds() -> None:
    (bounds,) = time_bounds([reading(1, 40, session=LATER, mono_ms=5)])
    assert minutes_past_nine(bounds.earliest_ms) == 0


def test_a_later_entry_of_the_same_session_pulls_the_latest_time_forward() -> None:
    first, second = time_bounds([reading(1, 10), reading(2, 70)])
    assert minutes_past_nine(first.latest_ms) == 120.0
    assert minutes_past_nine(second.latest_ms) == 180


def test_a_later_entry_that_came_earlier_bounds_the_one_before_it() -> None:
    late = reading(1, 10, received_ms=NINE + 9 * HOUR_MS)
    first, _second = time_bounds([late, reading(2, 20, session=LATER)])
    assert minutes_past_nine(first.latest_ms) == 180


def test_a_phone_a_day_behind_is_said_to_be_and_its_time_is_the_monotonic_one() -> None:
    (bounds,) = time_bounds([reading(1, 40, at_ms=NINE - 24 * HOUR_MS)])
    assert bounds.sign is ClockSign.BACK
    assert minutes_past_nine(bounds.at_ms) == 40.0
    assert "behind by at least 88798 s" in bounds.reason.en
    assert "慢至少 88798 秒" in bounds.reason.zh


def test_a_phone_ahead_counts_at_its_receipt_at_the_latest() -> None:
    (bounds,) = time_bounds([reading(1, 40, at_ms=NINE + 5 * HOUR_MS)])
    assert (bounds.sign, minutes_past_nine(bounds.at_ms)) == (ClockSign.AHEAD, 180)
    assert "ahead by at least 7200 s" in bounds.reason.en


def test_a_minute_off_is_called_right() -> None:
    (bounds,) = time_bounds([reading(1, 0, at_ms=NINE - MINUTE_MS)])
    assert (bounds.sign, bounds.off_ms) == (ClockSign.RIGHT, 0)


@pytest.mark.parametrize(("forgiven_s", "sign"), [(60, ClockSign.BACK), (120, ClockSign.RIGHT), (300, ClockSign.RIGHT)])
def test_a_rule_packs_own_tolerance_decides_what_is_called_right(forgiven_s: int, sign: ClockSign) -> None:
    (bounds,) = time_bounds([reading(1, 0, at_ms=NINE - 100_000)], tolerance_ms=forgiven_s * 1000)
    assert (bounds.sign, bounds.off_ms) == (sign, 100_000 if sign is ClockSign.BACK else 0)
    assert bounds.at_ms == NINE, "the time that counts is the same for every pack"


@pytest.mark.parametrize(("forgiven_s", "set_back_ms"), [(120, 200_000), (300, 0)])
def test_a_rule_packs_own_tolerance_decides_what_is_called_set_back_and_contradicted(forgiven_s: int, set_back_ms: int) -> None:
    silent = {"beacon_at_ms": None, "beacon_session": None}
    before, after = reading(1, 30, **silent), reading(2, 50, at_ms=NINE + 50 * MINUTE_MS - 200_000, **silent)
    assert time_bounds([before, after], tolerance_ms=forgiven_s * 1000)[1].set_back_ms == set_back_ms
    early = reading(1, 0, received_ms=NINE - 200_000)
    assert time_bounds([early], tolerance_ms=forgiven_s * 1000)[0].contradicted is (set_back_ms > 0)


def test_a_clock_set_back_between_two_scans_shows_although_both_times_are_possible() -> None:
    """Without any server time: the monotonic clock alone gives it away."""
    silent = {"beacon_at_ms": None, "beacon_session": None}
    arrival, departure = time_bounds([reading(1, 30, **silent), reading(2, 50, at_ms=NINE + 35 * MINUTE_MS, **silent)])
    assert departure.sign is ClockSign.RIGHT
    assert departure.set_back_ms == 15 * MINUTE_MS
    assert "behind by at least 900 s" in departure.reason.en
    assert arrival.set_back_ms == 0


def test_a_clock_set_ahead_between_two_scans_cannot_be_told_from_sleep_and_both_are_said() -> None:
    first, second = [reading(1, 30), reading(2, 35, at_ms=NINE + 75 * MINUTE_MS)]
    arrival, departure = time_bounds([first, second])
    told = elapsed(arrival, first, departure, second)
    assert (told.claimed_s, told.least_s) == (45 * 60, 299)
    assert departure.jump_ms == 40 * MINUTE_MS
    assert "slept, or its clock was set ahead, for 2400 s" in departure.reason.en


def test_the_time_between_two_scans_is_proven_by_the_session_they_share() -> None:
    first, second = [reading(1, 30), reading(2, 75)]
    arrival, departure = time_bounds([first, second])
    told = elapsed(arrival, first, departure, second)
    assert (told.claimed_s, told.least_s) == (45 * 60, 45 * 60 - 2)
    assert told.most_s is not None
    assert told.most_s >= told.claimed_s


def test_the_time_between_two_scans_of_different_sessions_is_proven_only_by_server_times() -> None:
    first = reading(1, 30, received_ms=NINE + 40 * MINUTE_MS)
    second = reading(
        2, 75, session=LATER, mono_ms=1, beacon_at_ms=NINE + 70 * MINUTE_MS, beacon_session=LATER, beacon_mono_ms=0
    )
    bounds = time_bounds([first, second])
    assert elapsed(bounds[0], first, bounds[1], second).least_s == 30 * 60
    unheard = replace(second, beacon_at_ms=None)
    bounds = time_bounds([first, unheard])
    assert elapsed(bounds[0], first, bounds[1], unheard).least_s == 0


def test_a_clock_that_contradicts_the_server_is_said_to() -> None:
    (bounds,) = time_bounds([reading(1, 300)])
    assert bounds.contradicted
    assert "contradict each other" in bounds.reason.en


def test_without_any_server_time_that_is_said() -> None:
    (bounds,) = time_bounds([reading(1, 30, beacon_at_ms=None, beacon_session=None)])
    assert bounds.earliest is None
    assert "No server time" in bounds.reason.en


def test_departure_never_counts_before_the_arrival_it_follows() -> None:
    silent = {"beacon_at_ms": None, "beacon_session": None}
    arrival, departure = time_bounds([reading(1, 30, **silent), reading(2, 50, session=LATER, at_ms=NINE, **silent)])
    assert departure.at_ms == arrival.at_ms


def test_a_monotonic_clock_that_claims_millennia_leaves_times_that_a_calendar_has() -> None:
    first, second = time_bounds([reading(1, 10), reading(2, 20, mono_ms=LARGEST_INTEGER)])
    assert first.contradicted
    for bounds in (first, second):
        assert bounds.latest <= datetime(2026, 11, 27, tzinfo=UTC)
        assert min(bounds.at, bounds.latest, bounds.earliest or bounds.at) >= datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("at_ms", [0, 1, NINE, LARGEST_INTEGER])
def test_every_time_that_an_entry_can_hold_is_a_time(at_ms: int) -> None:
    assert instant(at_ms) <= datetime(9999, 12, 31, tzinfo=UTC)
    if at_ms < LARGEST_INTEGER:
        assert milliseconds(instant(at_ms)) == at_ms
