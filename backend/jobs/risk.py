"""Fits the failure-rate models anew: one that somebody asked for, or, in the small hours, every firm's."""

from __future__ import annotations

from uuid import UUID

import structlog
from msgspec import Struct

from backend.jobs.job import Job
from backend.risk import nightly


class Risk(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose model; None looks whose night it is."""

    firm: UUID | None = None


log = structlog.get_logger("backend.jobs")


async def run(payload: Risk) -> None:
    """Fit what is asked for; safe to repeat."""
    if payload.firm is not None:
        log.info("failure rates fitted", firm=str(payload.firm), version=await nightly.fit_firm(payload.firm))
        return
    count = await nightly.fit_nightly()
    if count:
        log.info("failure rates fitted", firms=count)


JOB = Job(name="risk", payload=Risk, run=run)
