"""A monitor says that somebody is trapped."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.dispatch import heard
from backend.jobs.job import Job


class Entrapment(Struct, frozen=True, forbid_unknown_fields=True):
    """What was heard."""

    elevator: UUID
    at: datetime
    raw_code: str


async def run(payload: Entrapment) -> None:
    """Raise a dispatch, or merge it into the open one; safe to repeat."""
    await heard.entrapment_heard(payload.elevator, payload.at, payload.raw_code)


JOB = Job(name="entrapment", payload=Entrapment, run=run, quick=True)
