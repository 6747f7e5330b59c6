"""Whether an owner's number may sign at the moment: it must not belong to those who did the work, nor be brand new."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from backend.confirmations.limits import COOLING
from backend.confirmations.queries import CodeRow
from backend.confirmations.views import Bar
from backend.registry import number_queries, numbers


class Standing(Struct, frozen=True, kw_only=True):
    """The number that signs for a visit's owner, and what bars it."""

    number: str
    """Digits; empty where there is none."""

    bar: Bar | None
    from_when: datetime | None = None
    """When it may sign, if it is only new."""

    @property
    def tail(self) -> str:
        """Last digits, as they are shown."""
        return numbers.tail(self.number)


async def standing_inside(code: CodeRow, now: datetime) -> Standing:
    """Return the number that signs for a code, inside a transaction that sees every firm.

    Technicians of all firms count: somebody who maintains for one firm by day may well have a brother at another.
    """
    number = numbers.for_messages(code.owner_phone)
    if code.owner is None:
        return Standing(number="", bar=Bar.NO_OWNER)
    if number is None:
        return Standing(number="", bar=Bar.NO_NUMBER)
    staff = await number_queries.staff_with(numbers.search_tails(code.owner_phone))
    if numbers.staff_fault(code.owner_phone, staff):
        return Standing(number=number, bar=Bar.STAFF_NUMBER)
    assert code.owner_since is not None  # noqa: S101 - the owner is there
    history = await number_queries.numbers_of(code.owner)
    since = entered_at(number, history, code.owner_since)
    if since - code.elevator_since > COOLING and since + COOLING > now:
        return Standing(number=number, bar=Bar.NEW_NUMBER, from_when=since + COOLING)
    if _was_replaced(number, history) and since + COOLING > now:
        return Standing(number=number, bar=Bar.NEW_NUMBER, from_when=since + COOLING)
    return Standing(number=number, bar=None)


def entered_at(number: str, history: list[number_queries.NumberRow], owner_since: datetime) -> datetime:
    """Return since when a number stands in the register without a break; history is newest first.

    Where nothing was noted the number came with the owner.
    """
    since: datetime | None = None
    for row in history:
        if number not in numbers.numbers_of(row.number):
            break
        since = row.entered_at
    return since or owner_since


def _was_replaced(number: str, history: list[number_queries.NumberRow]) -> bool:
    """Return whether the owner had another number before."""
    return any(row.number and number not in numbers.numbers_of(row.number) for row in history)
