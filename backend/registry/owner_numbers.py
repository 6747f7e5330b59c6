"""The owner's telephone number: whoever holds it signs for the owner, so it is never one of those who did the work."""

from __future__ import annotations

from uuid import UUID

from backend import clock
from backend.errors import Fault
from backend.jobs.service import enqueue
from backend.people.service import audit
from backend.registry import number_queries, numbers


async def faults_of_owner_inside(phone: str) -> list[Fault]:
    """Check a number that is entered for an owner, inside the caller's transaction: the scope's firms count."""
    return numbers.staff_fault(phone, await number_queries.staff_with(numbers.search_tails(phone)))


async def faults_of_staff_inside(firm: UUID, phone: str, *, path: str = "phone") -> list[Fault]:
    """Check a number that is entered for a technician or the firm, inside the caller's transaction."""
    holders = await number_queries.owners_with(firm, numbers.search_tails(phone))
    return numbers.owners_fault(phone, holders, path)


async def note_standing_inside(firm: UUID, owner: UUID | None = None) -> None:
    """Write down the numbers as they stand before a change, inside the caller's transaction."""
    await number_queries.note_standing(firm, owner)


async def note_inside(firm: UUID, account: UUID | None, owner: UUID | None = None) -> None:
    """Write down which numbers have changed, inside the caller's transaction; whoever had the former number is told.

    Parameters
    ----------
    firm, owner
        Of one owner, or of all owners of the firm.
    account
        Who changed them.
    """
    for change in await number_queries.note_changed(firm, owner, account, clock.now()):
        if change.before is None:
            continue
        detail = {"before": _shown(change.before), "now": _shown(change.now)}
        await audit(firm, account, "owner.number_replaced", str(change.owner), detail)
        await enqueue("owner_number_replaced", {"firm": firm, "owner": change.owner, "number": change.id})


async def forget_inside(owner: UUID) -> None:
    """Forget the numbers of an owner that is removed, inside the caller's transaction."""
    await number_queries.delete_numbers_of(owner)


def _shown(phone: str) -> str:
    return ", ".join(f"…{end}" for end in numbers.tails(numbers.numbers_of(phone)))
