"""What intake keeps of an elevator beside its lock: where its counters stand, so that what follows needs no looking back.

It is a function of what is stored: the last reading of each counter, the highest record number, the bases, and the latest hour
and day with what they have counted. A record that comes after all of these is taken without reading anything else.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from backend.telemetry.rollup import Growth, Reading


class ElevatorState(Struct):
    """Of one elevator, as JSON in `elevator_signal.state`."""

    top_seq: int = -1
    """Highest number of a record; -1 before any."""

    tail: dict[str, Reading] = {}
    """Counter → its last reading."""

    bases: dict[str, list[int]] = {}
    """Counter, or '' for all, → instants (µs), ascending, at which it was replaced or set."""

    hour: int = -1
    """The latest hour since the epoch with a row; -1 before any."""

    hour_growth: dict[str, Growth] = {}
    day: int = -1
    day_growth: dict[str, Growth] = {}

    def bases_of(self, counter: str) -> list[int]:
        """Return the bases of a counter, ascending."""
        return sorted([*self.bases.get(counter, ()), *self.bases.get("", ())]) if self.bases else []


_DECODER = msgspec.json.Decoder(ElevatorState)
_ENCODER = msgspec.json.Encoder()


def read_state(text: str) -> ElevatorState:
    """Read what is stored; '' is an elevator that nothing came from yet."""
    return _DECODER.decode(text) if text else ElevatorState()


def state_text(state: ElevatorState) -> str:
    """Return a state as it is stored."""
    return _ENCODER.encode(state).decode()


def kept_growth(growth: dict[str, Growth]) -> dict[str, Any]:
    """Return what a row tells beside growth and readings: counter → restarts, roll-overs, jumps, false readings."""
    return {counter: [g.restarts, g.rollovers, g.jumps, g.false_lows] for counter, g in growth.items() if g.is_odd}
