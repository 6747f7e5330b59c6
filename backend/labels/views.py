"""What leaves the room of labels: labels, what a code resolved to, counts of refused codes, facts for the public page."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class LabelState(StrEnum):
    """Where a label stands."""

    BLANK = "blank"
    """Printed, or to be printed, without an elevator; waits to be claimed on site."""

    ACTIVE = "active"
    """Opens its elevator."""

    REVOKED = "revoked"
    """Ended with a reason; opens nothing."""

    REPLACED = "replaced"
    """Ended because another label took its place; opens nothing."""


class LabelZone(StrEnum):
    """Where in its elevator a label hangs."""

    CAR = ""
    """In the car, for everybody: the only label that arrival and departure are scanned from."""

    MACHINE_ROOM = "machine_room"
    CAR_TOP = "car_top"
    PIT = "pit"


class Refusal(StrEnum):
    """Why a code opens no elevator."""

    MALFORMED = "malformed"
    """No label code at all: wrong length, a wrong character, a link that is none of ours."""

    CHECK_FAILED = "check_failed"
    """The check character does not fit: a slip in typing."""

    WRONG_MAC = "wrong_mac"
    """Well formed, but not made with a key of this installation: invented, or from elsewhere."""

    UNKNOWN = "unknown"
    """Made with our key, but no such label is in the record."""

    FOREIGN = "foreign"
    """A label of another firm; only for those who are signed in for a firm."""

    RETIRED = "retired"
    """Made with a key that was retired, and not on the list of labels that stay valid."""

    BLANK = "blank"
    REVOKED = "revoked"
    REPLACED = "replaced"


class ResolvedLabel(Struct, frozen=True, kw_only=True):
    """What a genuine code of an active label stands for."""

    label: UUID
    firm: UUID
    elevator: UUID
    state: LabelState
    code: str
    """`{id}-{mac}`, as in the link."""

    zone: LabelZone = LabelZone.CAR


class LabelView(Struct, frozen=True, kw_only=True):
    """A label as the office sees it."""

    id: UUID
    code: str | None
    """`{id}-{mac}`, as in the link; None where the key that made it was retired, so that it can no longer be printed."""

    short_code: str | None
    """The form to type by hand."""

    state: LabelState
    state_reason: str
    """Why it was revoked; empty otherwise."""

    zone: LabelZone
    """Where it hangs, or is made to hang; empty for the car."""

    batch: UUID
    """Labels minted together."""

    number: int
    """Place in the batch, from 1."""

    elevator: UUID | None
    registration_code: str | None
    rescue_code: str | None
    unit_name: str | None
    site_name: str | None
    created_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    replaced_by: UUID | None
    """The label that took its place."""

    epoch: int
    """Of the key that made its code."""

    kept_at: datetime | None
    """Since when it stays valid although its key is retired."""


class LabelFilter(Struct, frozen=True, kw_only=True):
    """Which labels are wanted; None leaves a question open."""

    state: LabelState | None = None
    elevator: UUID | None = None
    batch: UUID | None = None
    text: str | None = None
    """Part of a code, of the elevator's registration or rescue code, or of the site's or unit's name."""

    zone: LabelZone | None = None


class LabelPage(Struct, frozen=True, kw_only=True):
    """A part of the list of labels, newest first."""

    rows: list[LabelView]
    next_cursor: str | None
    """What to ask for the part after this one; None at the end."""

    total: int
    """Labels that fit the filter, on all pages."""


class RefusedCount(Struct, frozen=True, kw_only=True):
    """How often codes were refused on one day (UTC) for one reason."""

    day: date
    reason: Refusal
    label: UUID | None
    """The label, where the code was once one of ours."""

    code_id: str
    """First half of the code; empty where it is none of ours."""

    times: int


class EpochState(StrEnum):
    """What a key does."""

    MINTING = "minting"
    """The newest: makes new labels."""

    VERIFYING = "verifying"
    """Older: its labels are valid."""

    RETIRED = "retired"
    """Its labels are invalid, but for those on the allow-list."""

    MISSING = "missing"
    """There are labels, but the key file lacks the key."""


class EpochView(Struct, frozen=True, kw_only=True):
    """A key epoch with its labels; never the key."""

    epoch: int
    state: EpochState
    blank: int
    active: int
    kept: int
    """Of the active ones, those on the allow-list."""

    ended: int


class BatchView(Struct, frozen=True, kw_only=True):
    """Labels minted together."""

    batch: UUID
    created_at: datetime
    labels: int
    blank: int
    active: int
    ended: int


class EndedBatch(Struct, frozen=True, kw_only=True):
    """What ending a batch did."""

    batch: UUID
    ended: int
    """Labels that were ended now."""

    left: int
    """Labels that hang in cars and were left."""


class PrinterView(Struct, frozen=True, kw_only=True):
    """How far a printer is off."""

    name: str
    offset_x_mm: float
    """To the right, in tenths of a millimetre."""

    offset_y_mm: float
    """Down, in tenths of a millimetre."""


class StockView(Struct, frozen=True, kw_only=True):
    """A kind of sheet or roll, and how the code comes out on it with this installation's address."""

    name: str
    title: str
    per_sheet: int
    label_width_mm: float
    label_height_mm: float
    module_mm: float
    """Side of a module of the QR code."""

    code_mm: float
    """Side of the QR code, quiet zone excluded."""

    level: str
    """Error correction: H, Q or M."""

    recovers_percent: int
    """Share of the code that may be unreadable."""

    warning_zh: str
    warning_en: str
    """What is too small; empty where all is well."""
