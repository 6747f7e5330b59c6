"""SQL of one column of the register that another room changes: a stop-use hazard stops the elevator at once."""

from __future__ import annotations

from uuid import UUID

from backend import database


async def set_state(elevator: UUID, state: str, reason: str) -> None:
    """Set whether an elevator runs, and why not."""
    await database.execute("UPDATE elevator SET state = $2, state_reason = $3 WHERE id = $1", elevator, state, reason)
