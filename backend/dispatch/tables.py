"""Tables of entrapment dispatch (困人救援)."""

from piccolo.columns import UUID, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Elevator, Firm, Technician


class Dispatch(Table, tablename="dispatch"):
    """A rescue from the first call to its close; kept as the record of the event."""

    id = key()
    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    open_elevator = UUID(null=True, default=None, unique=True)  # the elevator while open: one open dispatch each
    source = Text(null=False)
    caller = Text()
    words = Text()  # what the caller said
    people = SmallInt(null=True, default=None)
    raised_at = recorded_at()
    raised_by = may_belong_to(Account)
    ladder = JSONB(null=False)  # the rungs as they were when it was raised
    rung = SmallInt(default=-1)  # index of the rung that rings; -1 = none yet
    next_rung_at = Timestamptz(null=True, default=None)
    limit_s = Integer(null=False)
    limit_rule = JSONB(null=False)  # clause, source and area that fixed it
    due_at = Timestamptz(null=False)
    rung_at = Timestamptz(null=True, default=None)
    acknowledged_at = Timestamptz(null=True, default=None)
    acknowledged_by = may_belong_to(Account)
    arrived_at = Timestamptz(null=True, default=None)
    arrived_by = may_belong_to(Account)
    arrived_how = Text()
    released_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    closed_by = may_belong_to(Account)
    outcome = Text()
    cause = Text()
    close_reason = Text()
    dispatch_sources = Check("source IN ('telemetry', 'office', 'phone', 'import')")
    dispatch_open = Check("(closed_at IS NULL) = (open_elevator IS NOT NULL)")
    dispatch_arrivals = Check("arrived_how IN ('', 'scan', 'button')")


class DispatchCall(Table, tablename="dispatch_call"):
    """What raised a dispatch: the first, and each that was merged into it."""

    id = key()
    firm = belongs_to(Firm)
    dispatch = belongs_to(Dispatch)
    source = Text(null=False)
    call = Text(null=False)  # its id, made by the sender: the same call twice is one
    at = recorded_at()
    dispatch_call_once = Unique([firm, source, call])


class DispatchRing(Table, tablename="dispatch_ring"):
    """Somebody who was rung, why, and what they answered."""

    id = key()
    firm = belongs_to(Firm)
    dispatch = belongs_to(Dispatch)
    rung = SmallInt(null=False)
    who = Text(null=False)  # the account, or the number
    account = may_belong_to(Account)
    technician = may_belong_to(Technician)
    name = Text(null=False)
    phone = Text()
    why_zh = Text(null=False)
    why_en = Text(null=False)
    travel_s = Integer(null=True, default=None)
    rung_at = recorded_at()
    answer = Text()
    answered_at = Timestamptz(null=True, default=None)
    answer_reason = Text()
    dispatch_ring_once = Unique([dispatch, rung, who])
    dispatch_ring_answers = Check("answer IN ('', 'going', 'cannot')")


class DispatchNode(Table, tablename="dispatch_node"):
    """A point of time in a rescue: raised, rung, acknowledged, arrived, released, closed; written once."""

    id = key()
    firm = belongs_to(Firm)
    dispatch = belongs_to(Dispatch)
    at = recorded_at()
    what = Text(null=False)
    account = may_belong_to(Account)
    detail = JSONB(default="{}")


class RescueLadder(Table, tablename="rescue_ladder"):
    """A firm's own ladder: whom to ring, for how long, before the next."""

    id = key()
    firm = belongs_to(Firm, index=False)
    rungs = JSONB(null=False)
    changed_at = recorded_at()
    rescue_ladder_one = Unique([firm])


class DutyTurn(Table, tablename="duty_turn"):
    """A technician's turn on the duty roster (值班表)."""

    id = key()
    firm = belongs_to(Firm)
    technician = belongs_to(Technician)
    starts_at = Timestamptz(null=False)
    ends_at = Timestamptz(null=False)
    created_at = recorded_at()
    duty_turn_order = Check("starts_at < ends_at")
