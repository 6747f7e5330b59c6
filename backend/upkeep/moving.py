"""What would move an elevator's window: computed when somebody asks, for it takes as long as a dozen windows."""

from __future__ import annotations

from uuid import UUID

from backend import clock
from backend.upkeep.gather import known_inside
from planner.intervals.moves import moves
from planner.intervals.receipt import Move


async def moves_inside(firm: UUID, zone: str, elevator: UUID) -> tuple[Move, ...]:
    """Return what would move a window, inside the caller's transaction; nothing where the elevator's facts cannot be used."""
    today = clock.today(zone)
    for known in await known_inside(firm, zone, [elevator]):
        if known.facts is not None and known.pack is not None:
            return moves(known.facts, known.pack, today)
    return ()
