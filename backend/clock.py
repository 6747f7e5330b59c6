"""The clock: the only module that reads the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _system_now() -> datetime:
    return datetime.now(UTC)


_now: Callable[[], datetime] = _system_now


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _now()


def today(time_zone: str) -> date:
    """Return the local date in a time zone (IANA name, such as `Asia/Shanghai`)."""
    return local_date(now(), time_zone)


def local_date(at: datetime, time_zone: str) -> date:
    """Return the local date of an aware instant in a time zone."""
    return at.astimezone(ZoneInfo(time_zone)).date()


@contextmanager
def stopped_at(at: datetime) -> Iterator[None]:
    """Make `now` return one aware instant: for tests and for replaying a day."""
    global _now  # noqa: PLW0603 - the one switch of the one clock
    before, _now = _now, lambda: at.astimezone(UTC)
    try:
        yield
    finally:
        _now = before
