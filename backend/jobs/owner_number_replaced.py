"""Tells whoever had an owner's former number, and those who answer for the register, that another one signs from now on."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from backend.confirmations import service as confirmations
from backend.jobs.job import Job


class Change(Struct, frozen=True, kw_only=True):
    """A number that was replaced."""

    firm: UUID
    owner: UUID
    number: UUID
    """The row of the new number."""


async def run(payload: Change) -> None:
    """Tell of it; repeated, it tells nobody twice."""
    await confirmations.tell_of_replaced_number(payload.firm, payload.owner, payload.number)


JOB = Job(name="owner_number_replaced", payload=Change, run=run)
