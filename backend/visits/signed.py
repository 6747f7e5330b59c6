"""What a signed entry says of its time: the phone's claim is held against what the server knows before it counts."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Signed(Struct, frozen=True, kw_only=True):
    """The time of an entry of a phone's chain, and what only such an entry says."""

    at: datetime
    """The time that counts: the phone's clock, moved into what beacons, the monotonic clock and the receipt leave possible."""

    claimed_at: datetime
    """The phone's clock."""

    received_at: datetime
    """When the server first had it."""

    maintenance_class: str = ""
    """What the phone showed at the arrival; empty where it showed none."""

    by_hand: bool = False
    """Whether a manager has it applied although the phone or its chain is not trusted."""
