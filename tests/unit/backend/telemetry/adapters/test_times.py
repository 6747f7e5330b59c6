"""Times as foreign devices write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend.telemetry.adapters.times import instant_of

RECEIVED = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def instant(value: Any, zone: ZoneInfo = SHANGHAI, received: datetime = RECEIVED) -> datetime | None:
    return instant_of(value, zone, received)


@pytest.mark.parametrize(
    "value",
    [
        1692174307, 1692174307.0, "1692174307", 1692174307000, "1692174307000", 1692174307000000, 1692174307000000000,
        "2023-08-16 16:25:07", "2023/8/16 16:25:07", "2023.08.16 16:25:07", "2023-08-16T16:25:07", " 2023-08-16  16:25:07 ",
        "20230816162507", 20230816162507, "2023-08-16T08:25:07Z", "2023-08-16 08:25:07+0000", "2023-08-16T10:25:07+02:00",
        "2023年8月16日 16时25分07秒", "2023-08-16 16:25:07.000",
    ],
)  # fmt: skip
def test_many_ways_of_writing_are_one_instant(value: Any) -> None:
    assert instant(value) == datetime(2023, 8, 16, 8, 25, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026/4/14", datetime(2026, 4, 13, 16, tzinfo=UTC)),
        ("2026-04-14 24:00:00", datetime(2026, 4, 14, 16, tzinfo=UTC)),
        ("2026-04-14 08:30", datetime(2026, 4, 14, 0, 30, tzinfo=UTC)),
        (1692174307123, datetime(2023, 8, 16, 8, 25, 7, 123000, tzinfo=UTC)),
        (1692174307.5, datetime(2023, 8, 16, 8, 25, 7, 500000, tzinfo=UTC)),
    ],
)
def test_parts_may_be_missing_or_finer(value: Any, expected: datetime) -> None:
    assert instant(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        None, "", "soon", True, [], {}, 0, -5, 17, "2026-13-01 00:00:00", "2026-02-30", "2026-01-01 25:00:00", float("nan"),
        float("inf"), 10**30, "２０２６-01-01 00:00:00", "2026-01-01 00:00:00+99:99", "1" * 50, "9" * 14,
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(value: Any) -> None:
    found = instant(value)
    assert found is None or found > RECEIVED


def test_a_time_that_never_was_is_read_with_the_offset_before_the_change() -> None:
    assert instant("2026-03-29 02:30:00", BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_time_that_came_twice_is_the_later_that_is_not_in_the_future() -> None:
    text = "2026-10-25 02:30:00"
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert instant(text, BERLIN, first) == first
    assert instant(text, BERLIN, second) == second
    assert instant(text, BERLIN) == second
