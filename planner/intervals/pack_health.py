"""When a monitor's data can be relied on: the limits of data health, a part of a pack of maintenance on demand."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from planner.intervals.pack_rule import Count, Days, Rule, Share

Hours = Annotated[int, Meta(ge=1, le=24 * 366)]
Seconds = Annotated[int, Meta(ge=1, le=366 * 86_400)]


class DataHealth(Rule, frozen=True, kw_only=True):
    """What a monitor's data must be like for longer gaps to lean on it; whatever goes beyond ends them, as silence does."""

    within_days: Days
    """The monitor vouches for the elevator over so many days back, and from the last visit on where that is longer."""

    gap_hours: Hours
    """No gap of so many whole hours or more without a record lies in that time, ended or not."""

    least_online: Share
    """With a smaller share of the hours with a record the data is degraded …"""

    worst_online: Share
    """… and with a smaller share than this it cannot be used."""

    counters: tuple[str, ...]
    """Counters that grow with every use of the elevator, and so with each other."""

    stuck_days: Days
    """A counter is stuck that stood still for so many whole days …"""

    stuck_beside: Count
    """… while another grew by this much or more, or the elevator reported a fault …"""

    zero_chance: Annotated[float, Meta(gt=0, lt=1)]
    """… or, where all stand still, if days without use are as improbable as this on those days of the week."""

    frozen_hours: Hours
    """A gauge is frozen that showed the same to the last digit for so many hours or more, and in as many records."""

    ahead_s: Seconds
    """A device's clock is ahead by more than this (median) …"""

    behind_s: Seconds
    """… or behind by more, the time on the way included: its days and hours cannot be trusted."""

    drift_s_per_day: Seconds
    """A clock that gains or loses more in a day is degraded: it will be beyond the limits soon."""

    least_samples: Count
    """Nothing is said of a clock by fewer arrivals than this."""
