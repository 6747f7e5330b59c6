"""What an entry says, by kind: a scan, a batch of work, a finding.

Structs are the format: a field that is missing, of another type, out of range or not named here refuses the entry. Lengths are
bounds against abuse, far above honest use; what an answer may say is the checklist's business, not the chain's.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

LARGEST_INTEGER: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 7493)."""

LONGEST_CODE: Final = 512
"""Characters of a label's code as read; its link has under 100."""

LONGEST_TEXT: Final = 4_000
"""Characters of one text that a technician wrote or dictated."""

MOST_ANSWERS: Final = 400
"""Answers of one batch: every item of the longest annex (76), changed several times."""

MOST_PHOTOS: Final = 200
"""Photos declared by one batch: two for every item of the longest annex."""

MOST_PARTS: Final = 100
"""Parts of one batch."""

MOST_CHECKS: Final = 50
"""Special checks of one item."""

Count = Annotated[int, Meta(ge=0, le=LARGEST_INTEGER)]
Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
"""32 bytes in lower-case hexadecimal."""

Hex64OrNone = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]
"""32 bytes in lower-case hexadecimal, or empty."""

UuidOrNone = Annotated[str, Meta(pattern="^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$")]
"""A UUID in its lower-case form, or empty."""

Word = Annotated[str, Meta(max_length=200)]
"""A code, a key or a name."""

Prose = Annotated[str, Meta(max_length=LONGEST_TEXT)]
"""What a person wrote."""

Decimal = Annotated[str, Meta(pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?$")]
"""A measured value as digits, because the canonical form knows no fractions."""

PositionState = Literal["given", "denied", "unavailable", "timeout"]
"""What the phone said when it was asked where it is."""

Source = Literal["camera", "typed", "link", "gallery"]
"""How the code came into the phone; gallery is a picture taken earlier."""

Zone = Literal["", "machine_room", "car_top", "pit"]
"""Where a zone's label hangs; empty for the label in the car."""

Result = Literal["ok", "adjusted", "replaced", "finding", "not_applicable"]
Severity = Literal["general", "serious", "stop_use"]
PhotoUse = Literal["item", "finding", "part_before", "part_after"]


class PositionMark(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the phone knew where it was, and the commitment to where; the place itself is never in the chain."""

    state: PositionState
    commitment: Hex64OrNone
    """Of a `Place`; empty unless the position was given."""


class ScanBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scan of a label: of a zone, or by the second technician who comes or goes."""

    scan: UUID
    """Id of the scan, made by the phone."""

    code: Annotated[str, Meta(min_length=1, max_length=LONGEST_CODE)]
    """As read."""

    source: Source
    zone: Zone
    position: PositionMark


class ArrivalBody(ScanBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scan that opens a visit."""

    work_order: UUID | None
    """The stop that the technician means to do."""

    second_technician: UUID | None
    maintenance_class: Word
    """What the phone showed; empty where it showed none."""


class DepartureBody(ScanBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scan that ends a visit."""

    owner_code_sha256: Hex64OrNone
    """Hash of the one-time code that the phone made for the owner; empty where it made none."""


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to one item of the checklist."""

    item: Word
    result: Result
    measured: Decimal | None
    unit: Word | None
    note: Prose
    special_checks: Annotated[list[Word], Meta(max_length=MOST_CHECKS)]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part that was fitted."""

    id: UUID
    item: Word
    name: Word
    quantity: Annotated[int, Meta(ge=1, le=10_000)]
    serial_removed: Word
    serial_fitted: Word
    photo_before: UUID | None
    photo_after: UUID | None


class Photo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A photo that the phone holds and sends apart: the entry signs its hash."""

    id: UUID
    sha256: Hex64
    bytes: Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
    width_px: Annotated[int, Meta(ge=1, le=100_000)]
    height_px: Annotated[int, Meta(ge=1, le=100_000)]
    item: Word
    use: PhotoUse
    subject: UuidOrNone
    """Id of the finding or part it belongs to; empty for an item's."""

    taken_at_ms: Count
    """The phone's clock."""

    source: Literal["camera", "gallery"]


class WorkBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A batch of what was done. Without the key, the second technician stays who it was."""

    answers: Annotated[list[Answer], Meta(max_length=MOST_ANSWERS)]
    second_technician: UUID | UnsetType | None = UNSET
    parts: Annotated[list[Part], Meta(max_length=MOST_PARTS)]
    photos: Annotated[list[Photo], Meta(max_length=MOST_PHOTOS)]


class Found(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something wrong with the elevator."""

    id: UUID
    item: Word
    severity: Severity
    stop_use_condition: Word
    description: Prose
    place: Word
    proposal: Prose


class FindingBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding with its photos."""

    finding: Found
    photos: Annotated[list[Photo], Meta(max_length=MOST_PHOTOS)]
