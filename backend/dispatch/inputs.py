"""What the room of dispatch takes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.dispatch.views import Answer, Cause, Outcome, Source
from planner.intervals.pack_rescue import Rung


class RaiseInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody calls for help."""

    call: str
    """Its id, made by the sender: the same call twice is one."""

    elevator: str
    """Its id, its registration code, or its rescue code (救援识别码) where only one of the firm's has it."""

    source: Source = Source.OFFICE
    caller: str = ""
    """Name or number of whoever called."""

    words: str = ""
    """What they said."""

    people: int | None = None
    """How many are inside; None = not known."""

    at: datetime | None = None
    """When the call came; None = now. The clock of the rescue starts then."""


class AnswerInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody who was rung answers."""

    answer: Answer
    reason: str = ""
    technician: UUID | None = None
    """For the office: who answered by telephone."""


class ArriveInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody is there."""

    code: str = ""
    """The label in the car as scanned or typed; empty: by the button only."""

    technician: UUID | None = None
    """For the office: who told so by telephone."""


class CloseInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a rescue ended."""

    outcome: Outcome
    cause: Cause = Cause.UNKNOWN
    reason: str
    """What happened, for the record of the rescue."""


class LadderInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A firm's own ladder; an empty one takes the rule pack's."""

    rungs: list[Rung]


class DutyTurnInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A turn on the duty roster."""

    technician: UUID
    starts_at: datetime
    ends_at: datetime
