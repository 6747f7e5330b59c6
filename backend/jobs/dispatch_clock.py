"""The clock of rescues: the next rung of one, or all whose clock nobody has looked at."""

from __future__ import annotations

from uuid import UUID

import structlog
from msgspec import Struct

from backend.dispatch import ringing
from backend.jobs.job import Job


class DispatchClock(Struct, frozen=True, forbid_unknown_fields=True):
    """Which rescue; None looks at all."""

    dispatch: UUID | None = None


log = structlog.get_logger("backend.jobs")


async def run(payload: DispatchClock) -> None:
    """Do what is due; safe to repeat."""
    if payload.dispatch is not None:
        await ringing.step(payload.dispatch)
    elif taken_up := await ringing.watch():
        log.warning("rescues whose clock stood still", rescues=taken_up)


JOB = Job(name="dispatch_clock", payload=DispatchClock, run=run, quick=True)
