"""Who gives the owner's word on a record, and by what it is known that they may."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class How(StrEnum):
    """By what the owner is known."""

    ACCOUNT = "account"
    """Signed in with a login and a password."""

    ONE_TIME_PASSWORD = "one_time_password"  # noqa: S105 - a word of the record, not a secret
    """Digits that were sent to the number the register has for the owner."""

    KNOWN_PHONE = "known_phone"
    """A phone that had proved that number before."""


class Decider(Struct, frozen=True, kw_only=True):
    """Who decides."""

    how: How
    owner: UUID
    account: UUID | None = None
    """With an account."""

    number_tail: str = ""
    """Last digits of the number, without an account."""

    known_phone: UUID | None = None
    """The phone, without an account."""
