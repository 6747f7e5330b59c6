"""Quiet hours and mornings, in the firm's time zone. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY_S = 86_400


def quiet_until(at: datetime, from_s: int | None, to_s: int | None, time_zone: str) -> datetime | None:
    """Return when the quiet hours that an instant lies in are over; None where it lies in none.

    Parameters
    ----------
    at
        Aware.
    from_s, to_s
        Seconds after local midnight, 0..86400; the span goes over midnight where `from_s` is later. None: no quiet hours.
    time_zone
        IANA name.
    """
    if from_s is None or to_s is None or from_s == to_s:
        return None
    local = at.astimezone(ZoneInfo(time_zone))
    now_s = local.hour * 3600 + local.minute * 60 + local.second
    is_quiet = from_s <= now_s < to_s if from_s < to_s else now_s >= from_s or now_s < to_s
    if not is_quiet:
        return None
    return next_time(at, to_s, time_zone)


def next_time(at: datetime, second_of_day: int, time_zone: str) -> datetime:
    """Return the first instant after another at which the local clock shows this second of the day."""
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    for days in (0, 1):
        midnight = datetime.combine(local.date() + timedelta(days=days), datetime.min.time())
        # Wall-clock arithmetic, then the zone: on the day of a clock change the hour still means what people read.
        found = (midnight + timedelta(seconds=second_of_day)).replace(tzinfo=zone)
        if found > at:
            return found.astimezone(at.tzinfo)
    return found.astimezone(at.tzinfo)
