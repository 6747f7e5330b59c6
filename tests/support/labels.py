"""What the tests of labels ask the database."""

from __future__ import annotations

from backend import database
from backend.scope import SYSTEM


async def refused_counts() -> dict[str, int]:
    """How often codes were refused, by reason."""
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT reason, sum(times)::int AS times FROM refused_scan GROUP BY reason")
    return {row["reason"]: row["times"] for row in rows}


async def audited(subject: object) -> list[str]:
    """What the audit trail says happened to something, in its order."""
    async with database.tx(SYSTEM):
        rows = await database.fetch("SELECT action FROM audit_event WHERE subject = $1 ORDER BY at, action", str(subject))
    return [row["action"] for row in rows]
