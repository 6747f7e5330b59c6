"""How a device speaks: what an adapter must be told beside the message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo

from msgspec import Struct

_REGISTRATION_CODE = re.compile(r"\d{20}")
"""设备代码: 20 digits in mainland China."""


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a foreign name means."""

    to: str
    """`counters.trips`, `gauges.temperature_c`, `codes` (its value is a code of a fault or an event), `flags.entrapment` (it
    is on or off), `floor`, `time`, `elevator`, or `nothing`: it is kept as it came and needs no attention."""

    times: float = 1
    """Factor from the device's unit to ours: 3600 for hours where we count seconds."""


class Dialect(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the office has told about a device; stored with it."""

    time_zone: str = ""
    """Of times without a zone, such as `Asia/Shanghai`; the firm's where it is empty."""

    codes: str = ""
    """Table of the codes that it sends without a scheme, such as `gbt24476-local`; the adapter's own where it is empty."""

    names: dict[str, Target] = {}
    """Its own names → what they mean; they go before the names that every adapter knows."""

    elevators: dict[str, str] = {}
    """What it calls an elevator → registration code, for a gateway that calls them otherwise."""


class Context(Struct, frozen=True, kw_only=True):
    """What an adapter knows beside the message."""

    received_at: datetime
    """Aware, UTC; the time of what has none."""

    zone: tzinfo
    """Of times without a zone."""

    elevator: str | None = None
    """Registration code of the only elevator that the device speaks for; None for a gateway."""

    dialect: Dialect = Dialect()
    topic: str = ""
    """What the MQTT topic tells: JTC340's event, `gateway` of ThingsBoard."""

    def elevator_called(self, name: object) -> str | None:
        """Return the registration code of what a message calls an elevator; None where it calls none and there are many.

        A device of one elevator may call it what it likes, but for another registration code: what that elevator tells
        must not be taken for this one's.
        """
        text = str(name).strip() if isinstance(name, str | int) and not isinstance(name, bool) else ""
        if text in self.dialect.elevators:
            return self.dialect.elevators[text]
        if self.elevator is None or _REGISTRATION_CODE.fullmatch(text):
            return text or None
        return self.elevator


class Draft(Struct, frozen=True, kw_only=True):
    """A native record that an adapter made of a message, or of a part of it."""

    record: dict[str, object]
    fields: Mapping[str, str] = {}
    """Field of the record → where the message says it, for reasons."""
