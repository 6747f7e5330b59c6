"""What leaves the room of confirmations. Instants are UTC."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class State(StrEnum):
    """Where a code stands, as the page behind it says it."""

    MALFORMED = "malformed"
    """What was scanned is no code."""

    UNKNOWN = "unknown"
    """No visit with this code has arrived yet, or there is none."""

    REPLACED = "replaced"
    """The technician has shown a newer code of the same visit."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The firm has said that the visit does not count: there is nothing to confirm."""

    DECIDED = "decided"
    """The owner has confirmed or refused the present version."""

    BARRED = "barred"
    """No password can be sent: see `Bar`."""

    ASK = "ask"
    """A password can be sent."""

    SENT = "sent"
    """A password was sent and lives."""

    SIGN = "sign"
    """This phone has proved the number: it may decide."""


class Bar(StrEnum):
    """Why no password can be sent."""

    NO_OWNER = "no_owner"
    NO_NUMBER = "no_number"
    STAFF_NUMBER = "staff_number"
    """The number belongs to somebody who maintains elevators."""

    NEW_NUMBER = "new_number"
    """It stands in the register for less than a day."""

    NO_GATEWAY = "no_gateway"
    """The installation cannot send text messages."""

    LOCKED = "locked"
    """Too many wrong passwords today."""


class FoundItem(Struct, frozen=True, kw_only=True):
    """Something that was found, in a line: nothing that somebody typed."""

    severity: str
    title_zh: str
    title_en: str


class CodeVisit(Struct, frozen=True, kw_only=True):
    """What a code shows of its visit: badge numbers and no names, because whoever holds the code sees it."""

    visit: UUID
    version: int
    sha256: str
    site_name: str
    unit_name: str
    address: str
    registration_code: str
    rescue_code: str
    owner_name: str
    firm_name: str
    maintenance_class: str
    day: date
    arrived_at: datetime
    departed_at: datetime
    time_zone: str
    badges: list[str]
    items: int
    adjusted: int
    replaced: int
    findings: list[FoundItem]
    corrected: bool
    """Whether it is not the first version."""

    written_at: datetime
    """When this version was written."""

    asked_again: bool = False
    """Whether the code has brought an answer to an earlier version, and this one waits for another."""

    decision: str
    """`pending`, `confirmed` or `refused`: the owner's word on this version."""

    decision_reason: str
    decided_at: datetime | None


class Opened(Struct, frozen=True, kw_only=True):
    """What the page behind a code shows."""

    state: State
    visit: CodeVisit | None = None
    bar: Bar | None = None
    number_tail: str = ""
    """Last digits of the number that a password goes to."""

    from_when: datetime | None = None
    """With `new_number` and `locked`: when it ends."""

    password_until: datetime | None = None
    """With `sent`: how long the password lives."""

    remembered: bool = False
    """With `sign`: whether this phone was known before."""


class Refused(StrEnum):
    """Why a step on the page did not go on."""

    TOO_SOON = "too_soon"
    """Another message only after a pause."""

    TOO_MANY = "too_many"
    """No more messages for this visit, number or address today."""

    WRONG = "wrong"
    DEAD = "dead"
    """The password has expired or was guessed at too often: a new one is needed."""

    LOCKED = "locked"


class Step(Struct, frozen=True, kw_only=True):
    """What became of asking for a password, or of typing one."""

    refused: Refused | None = None
    wait_s: int = 0
    """With `too_soon`, `too_many` and `locked`: seconds to wait."""

    left: int = 0
    """With `wrong`: how often digits may still be typed."""

    token: str = ""
    """After the right password: what this phone keeps."""

    token_until: datetime | None = None

    def __repr__(self) -> str:
        return f"Step({self.refused})"


class KnownPhoneView(Struct, frozen=True, kw_only=True):
    """A phone that was remembered for an owner."""

    id: UUID
    owner: UUID
    client: str
    """What its browser calls itself."""

    number_tail: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    live: bool
    """Whether it may still decide without a password."""
