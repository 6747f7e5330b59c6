"""Delivers one message by one channel; what fails is tried again later."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from backend.jobs.job import Job
from backend.messages import delivering
from backend.settings import read_settings


class Deliver(Struct, frozen=True, forbid_unknown_fields=True):
    """Which delivery."""

    delivery: UUID


async def run(payload: Deliver) -> None:
    """Deliver, unless it was done or is not its turn; safe to repeat."""
    await delivering.deliver(read_settings(), payload.delivery)


JOB = Job(name="deliver", payload=Deliver, run=run, quick=True)
