"""SQL of one column of the register that another room changes: a stop-use hazard stops the elevator at once."""

from __future__ import annotations

from uuid import UUID

from backend import database


async def set_state(elevator: UUID, state: str, reason: str) -> None:
    """Set whether an elevator runs, and why not."""
    await database.execute("UPDATE elevator SET state = $2, state_reason = $3 WHERE id = $1", elevator, state, reason)


async def open_stop_use(elevator: UUID) -> int:
    """Return how many stop-use findings of an elevator are open: with one it must not be in use."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM finding WHERE elevator = $1 AND severity = 'stop_use' AND closed_at IS NULL", elevator
    )
    return found
