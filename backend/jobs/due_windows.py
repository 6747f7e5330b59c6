"""Computes due windows anew: every window once a local day, and those of named elevators after an event."""

from __future__ import annotations

from uuid import UUID

import structlog
from msgspec import Struct

from backend.jobs.job import Job
from backend.scope import SYSTEM, of_firm
from backend.upkeep import service as upkeep


class DueWindows(Struct, frozen=True, forbid_unknown_fields=True):
    """Which windows."""

    firm: UUID | None = None
    """One firm's; all firms' when None."""

    elevators: list[UUID] | None = None
    """These; when None, all that were not computed on the present local day of their firm."""


log = structlog.get_logger("backend.jobs")


async def run(payload: DueWindows) -> None:
    """Compute what is asked for; safe to repeat."""
    scope = SYSTEM if payload.firm is None else of_firm(payload.firm)
    if payload.elevators is None:
        summary = await upkeep.recompute_stale(scope)
    else:
        summary = await upkeep.recompute(scope, payload.elevators)
    log.info("due windows computed", elevators=summary.elevators, moved=summary.moved, failed=len(summary.failed))
    for line in summary.failed:
        log.warning("no due window", reason=line)


JOB = Job(name="due_windows", payload=DueWindows, run=run)
