"""Messages end: what was told long ago is removed with its deliveries and their attempts."""

from __future__ import annotations

from datetime import datetime

from backend import database
from backend.messages import retention_queries
from backend.scope import SYSTEM

FORGET_AT_ONCE = 500
"""Messages that one transaction removes: short enough that nobody who reads or sends waits for it."""


async def remove_old(before: datetime) -> int:
    """Remove messages from before an instant, slice by slice; return how many.

    Rescues stay as the record of the event, and so does what rings and was not read in an inbox.
    """
    count = 0
    while True:
        async with database.tx(SYSTEM):
            messages = await retention_queries.lock_old(before, FORGET_AT_ONCE)
            if messages:
                await retention_queries.delete(messages)
        count += len(messages)
        if len(messages) < FORGET_AT_ONCE:
            return count
