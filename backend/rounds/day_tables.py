"""Tables of what technicians change of their own day: marks, stops handed back, swaps offered to a colleague.

Stops are named without a foreign key: a round that is withdrawn takes its stops with it, and what was said of them stays.
"""

from piccolo.columns import UUID, BigInt, Date, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Crew, Elevator, Firm, Technician


class DayMark(Table, tablename="day_mark"):
    """A technician began, interrupted or took up their round again, by the clock of their phone."""

    id = key()  # made by the phone, so that sending it twice is one mark
    firm = belongs_to(Firm)
    crew = belongs_to(Crew)
    technician = belongs_to(Technician)
    day = Date(null=False, index=True)
    kind = Text(null=False)
    at = Timestamptz(null=False)
    note = Text()
    recorded_at = recorded_at()
    day_mark_kind_values = Check("kind IN ('start', 'pause', 'resume')")


class StopRejection(Table, tablename="stop_rejection"):
    """A technician handed a stop back, with the reason; the stop is cancelled as long as this is not undone."""

    id = key()  # made by the phone
    firm = belongs_to(Firm)
    work_order = UUID(null=False, default=None, index=True)
    elevator = belongs_to(Elevator)
    crew = belongs_to(Crew)
    technician = belongs_to(Technician)
    day = Date(null=False, index=True)
    reason = Text(null=False)  # a code of rejection_reasons
    note = Text()
    at = Timestamptz(null=False)
    recorded_at = recorded_at()
    round_version = BigInt(null=False)  # of the round once the stop was out: undone only while nothing has followed
    undone_at = Timestamptz(null=True, default=None)
    undone_by = may_belong_to(Account)


class SwapOffer(Table, tablename="swap_offer"):
    """A stop offered to a colleague's crew, for one of theirs or for nothing."""

    id = key()  # made by the phone
    firm = belongs_to(Firm)
    day = Date(null=False, index=True)
    technician = belongs_to(Technician)
    crew = belongs_to(Crew)
    to_crew = belongs_to(Crew)
    gives = UUID(null=False, default=None, index=True)
    takes = UUID(null=True, default=None)
    state = Text(default="offered")
    note = Text()
    seen = JSONB(default="{}")  # the stops still to be made on both rounds, in order, as they were when it was offered
    figures = JSONB(default="{}")  # what it costs either side, as it was shown to both
    offered_at = recorded_at()
    expires_at = Timestamptz(null=False)
    decided_at = Timestamptz(null=True, default=None)
    decided_by = may_belong_to(Account)
    swap_offer_state_values = Check("state IN ('offered', 'accepted', 'declined', 'withdrawn')")
