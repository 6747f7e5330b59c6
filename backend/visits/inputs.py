"""What a phone, a page or the office sends about a visit. Ids are made by the sender, so that sending twice is harmless."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]
"""A time with its zone."""


class Source(StrEnum):
    """How a label's code came into the phone."""

    CAMERA = "camera"
    TYPED = "typed"
    LINK = "link"
    GALLERY = "gallery"
    """A picture taken earlier."""


class Result(StrEnum):
    """The answer to a checklist item."""

    OK = "ok"
    ADJUSTED = "adjusted"
    REPLACED = "replaced"
    FINDING = "finding"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How bad a finding is."""

    GENERAL = "general"
    SERIOUS = "serious"
    """Also reported to the authority."""

    STOP_USE = "stop_use"
    """One of the major-accident hazards of GB 45067-2024: the elevator must not be used."""


class PositionInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the phone believed to be, WGS-84."""

    lat: float
    """-90 to 90."""

    lon: float
    """-180 to 180."""

    accuracy_m: float
    """Radius in which the phone believes itself; not negative."""


class ScanInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scan of a label."""

    id: UUID
    code: str
    """The code as scanned (the whole link) or typed."""

    at: Instant
    """The phone's clock."""

    source: Source = Source.CAMERA
    position: PositionInput | None = None


class ArrivalInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An arrival scan: opens the work on the scanned elevator."""

    id: UUID
    """Of the visit."""

    scan: ScanInput
    work_order: UUID | None = None
    """The stop that the technician means to do; None takes the day's stop of the scanned elevator, if there is one."""

    second_technician: UUID | None = None


class AnswerInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to one item of the checklist."""

    item: str
    result: Result
    measured: float | None = None
    unit: str | None = None
    """Unit of the measured value; None means the item's own."""

    note: str = ""
    special_checks: list[str] = []
    """Keys of the item's special checks (those with an interval of their own) that were made."""


class FindingInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something wrong with the elevator."""

    id: UUID
    severity: Severity
    description: str = ""
    """What is wrong; may be empty where a stop-use condition says it."""

    item: str = ""
    """Code of the checklist item, where it belongs to one."""

    stop_use_condition: str = ""
    """Key of the rule pack's list; only with severity `stop_use`, and needed there."""

    place: str = ""
    """Where in the elevator; empty takes the item's access zone."""

    proposal: str = ""
    """What the firm proposes to do about it."""


class CorrectionInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed in a finished record, and why."""

    version: int
    """The version that the sender has seen; another one is refused."""

    reason: str
    items: list[AnswerInput] = []
    """Answers that replace the ones in the record."""

    counts: bool | None = None
    """False withdraws the visit: it no longer counts as maintenance; True restores it; None leaves it."""


class DecisionInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The owner's word on a record."""

    version: int
    """The version that the owner has read."""

    reason: str = ""
    """Needed to refuse."""
